"""The parts of the Concentration page: heading, map with legend, ranked table, one LSOA in detail."""

from html import escape
from typing import Final

import pandas as pd
import streamlit as st

from geodata.columns import ASB
from hotspots.concentration import share_held
from hotspots.counts import by_type
from hotspots.narrative import flag_sentence, hotspot_title, number, percent, rank_phrase, unequal_months_sentence
from hotspots.points import points_of
from hotspots.ranking import HOTSPOT_SHARE, MEASURE_COLUMNS
from pages.shared import charts, data, maps, subject, tables, text
from pages.shared.classes import OUTSIDE, LegendEntry, classify, legend_entries, ramp
from pages.shared.frame import Frame

MAP: Final = "map"
TABLE: Final = "ranked"
HEIGHT: Final = 408


def ranked(frame: Frame) -> pd.DataFrame:
    """The ranked table of the selection, indexed by lsoa_code."""
    return data.table(frame.dataset, frame.selection)


def heading(frame: Frame, table: pd.DataFrame) -> None:
    """The finding as the title, then what it is made of and what it cannot see."""
    held = share_held(table["count"], table["residents"], HOTSPOT_SHARE, ties_in=True)
    st.title(hotspot_title(held, subject.subject(frame.selection)), anchor=False)
    text.caption(subject.caption(frame))
    notes = [subject.coverage(frame.selection), subject.gaps(frame), unequal_months_sentence(table["months"])]
    text.caption(*(text.sentence(note) for note in notes if note), key="note_coverage")


def has_something(frame: Frame, table: pd.DataFrame) -> bool:
    """Whether there is anything to rank; says in words why not."""
    if table["count"].isna().all():
        text.paragraph(
            "No data: the police force of this area supplied none of these months. This is not zero. Choose another period."
        )
        return False
    if not table["count"].sum():
        text.paragraph(
            "None recorded: the months are there, and hold nothing of what is counted. Choose other crime types or a longer period."
        )
        return False
    if table[MEASURE_COLUMNS[frame.selection.measure]].isna().all():
        text.paragraph(
            "No rate can be given: this dataset has no residents. Build it with --population, or choose another measure."
        )
        return False
    return True


def show_map(frame: Frame, table: pd.DataFrame) -> None:
    """The map, and its legend in words below."""
    codes = pd.Index(frame.dataset.areas["lsoa_code"])
    on_map = table.reindex(codes)
    values = on_map[MEASURE_COLUMNS[frame.selection.measure]]
    breaks = classify(values, outside=~codes.isin(table.index))
    view = maps.MapView(
        areas=frame.served.areas,
        districts=frame.served.districts,
        places=frame.served.places,
        classes=breaks.codes,
        colours=ramp(frame.theme, len(breaks.labels)),
        values=maps.tooltip_values(values),
        kind=subject.value_kind(frame.selection),
        hotspots=tuple(codes.get_indexer(table.index[table["hotspot"]])),
        selected=int(codes.get_loc(frame.selected)) if frame.selected in codes else None,
        points=_numbered_points(frame),
        bounds=data.bounds(frame.dataset, frame.selection),
        theme=frame.theme,
        credit=maps.Credit.FICTIONAL if data.is_sample() else maps.Credit.OPEN_DATA,
    )
    maps.area_map(view, key=MAP, height=HEIGHT, on_change=_select_on_map)
    entries = legend_entries(breaks, frame.theme, hotspots=True)
    _legend(subject.measure(frame.selection), entries, outside=OUTSIDE in breaks.codes)


def show_table(frame: Frame, table: pd.DataFrame) -> None:
    """The first rows of the ranked table, all of them on demand."""
    everything = st.session_state.get("all_rows", False)
    shown = table if everything else table.head(tables.FIRST_ROWS)
    tables.ranked_table(
        shown, subject.nouns(frame.selection), frame.selected, key=TABLE, height="stretch",
        on_select=lambda: _select_in_table(shown),
    )  # fmt: skip
    text.caption(
        "Rank*: the rank without the LSOA's busiest map point, given where that point holds over 25 % of its incidents or is a "
        "police station, hospital or prison.",
        key="note_table",
    )
    st.toggle(f"Show all {number(len(table))} LSOAs", key="all_rows")


def show_detail(frame: Frame, table: pd.DataFrame) -> None:
    """Everything known of the selected LSOA; without one, how to select it."""
    if frame.selected not in table.index:
        text.caption(
            "Select an LSOA on the map, in the table or in the sidebar to see it in detail.", key="note_detail"
        )
        return
    row = table.loc[frame.selected]
    with st.container(key="detail_title"):
        st.text(str(row["label"]))
    facts, series, points = st.columns([5, 6, 5], gap="medium")
    with facts:
        _facts(frame, table, row)
    with series:
        _series(frame)
    with points:
        _points(frame, row)


def _facts(frame: Frame, table: pd.DataFrame, row: pd.Series) -> None:
    known = int(table["rank"].notna().sum())
    lines = [f"Rank by {_order(frame)}: {rank_phrase(row['rank'], row['tied'], known)}"]
    if pd.notna(row["count"]):
        lines.append(f"{subject.nouns(frame.selection)}: {number(row['count'])}")
    if pd.notna(row["rate_per_1000_year"]):
        lines.append(
            f"Rate: {row['rate_per_1000_year']:.1f} per 1,000 residents a year "
            f"(95 % interval {row['rate_low']:.1f} to {row['rate_high']:.1f})"
        )
    lines.append(f"Residents: {number(row['residents'])}" if pd.notna(row["residents"]) else "Residents: not known")
    decile = row["imd_decile"]
    lines.append(
        f"Deprivation: decile {decile} of 10 nationally (1 = most deprived)"
        if pd.notna(decile)
        else "Deprivation: not known"
    )
    if pd.notna(row["point_flag"]):
        lines.append(
            text.sentence(
                flag_sentence(
                    row["count"], row["top_point_count"], row["top_point"], row["rank"], row["rank_without_point"]
                )
            )
        )
    text.paragraph("\n".join(lines))
    area = frame.dataset.areas[frame.dataset.areas["lsoa_code"] == frame.selected]
    kinds = by_type(
        frame.dataset.source_cells(frame.selection.source), area, frame.dataset.presence(frame.selection.source),
        frame.selection.period.months, frame.dataset.manifest["crime_types"],
    ).iloc[0]  # fmt: skip
    offences = kinds.drop(ASB, errors="ignore").sort_values(ascending=False, kind="stable")
    st.dataframe(
        pd.DataFrame({"Crime type": offences.index, "Number": offences.to_numpy()}),
        hide_index=True,
        height=215,
        row_height=28,
    )
    if ASB in kinds:
        text.caption(f"Anti-social behaviour, beside the offences: {number(kinds[ASB])}.", key="note_asb")


def _order(frame: Frame) -> str:
    return {"count": "number", "rate": "rate", "density": "density"}[frame.selection.measure]


def _series(frame: Frame) -> None:
    chosen = frame.selection
    kinds = data.crime_types(chosen)
    counts = data.monthly(frame.dataset, chosen, kinds, frame.selected)
    st.subheader(f"{subject.nouns(chosen)} by month", anchor=False)
    charts.monthly_series(counts, chosen.period, subject.nouns(chosen), frame.theme)
    if not subject.is_asb(chosen):
        st.subheader("Anti-social behaviour by month", anchor=False)
        asb = data.monthly(frame.dataset, chosen, (ASB,), frame.selected)
        charts.monthly_series(asb, chosen.period, "ASB reports", frame.theme, height=140)
    text.caption(
        "Dark points: the chosen period. Grey ground: no data for the month, which is not zero.", key="note_series"
    )


def _points(frame: Frame, row: pd.Series) -> None:
    st.subheader("Busiest map points", anchor=False)
    points = _points_of(frame)
    if points.empty:
        text.paragraph("None recorded in this period.")
        return
    shown = pd.DataFrame(
        {
            "No.": range(1, len(points) + 1),
            "Map point": points["point"],
            "Number": points["count"],
            "Share": points["share"],
        }
    )
    st.dataframe(
        shown, hide_index=True, height=340, row_height=28,
        column_config={
            "No.": st.column_config.NumberColumn(width=40),
            "Map point": st.column_config.TextColumn(width=190),
            "Number": st.column_config.NumberColumn(width=64),
            "Share": st.column_config.NumberColumn(width=60, format="percent"),
        },
    )  # fmt: skip
    text.caption(
        f"The ten busiest hold {percent(points['count'].sum() / row['count'])} of the LSOA's incidents and are numbered on the map. "
        "Published points are anonymised: “on or near”, never an address.",
        key="note_points",
    )


def _points_of(frame: Frame) -> pd.DataFrame:
    return points_of(data.counted_incidents(frame.dataset, frame.selection), str(frame.selected))


def _numbered_points(frame: Frame) -> tuple[tuple[float, float, int, int], ...]:
    if frame.selected is None:
        return ()
    points = _points_of(frame)
    return tuple(
        (float(point.longitude), float(point.latitude), int(point.count), place)
        for place, point in enumerate(
            points[["longitude", "latitude", "count"]].itertuples(index=False, name="Point"), 1
        )
    )


def _legend(title: str, entries: list[LegendEntry], *, outside: bool) -> None:
    """Every word and colour in it is ours: class limits, fixed labels, registered colours."""
    parts = [
        f'<span><i style="background:{escape(entry.colour)}" class="{entry.kind}"></i>{escape(entry.label)}</span>'
        if entry.kind != "hotspot"
        else f'<span><i style="border-color:{escape(entry.colour)}" class="hotspot"></i>Hotspot (the fewest LSOAs that hold 25 %)</span>'
        for entry in entries
    ]
    if outside:
        parts.append("<span>No colour: outside the chosen districts</span>")
    st.html(f'<div class="legend"><b>{escape(title)}</b>{"".join(parts)}</div>')


def _select_on_map() -> None:
    code = maps.clicked_area(MAP)
    if code is not None:
        st.session_state["area"] = code


def _select_in_table(shown: pd.DataFrame) -> None:
    st.session_state["area"] = tables.picked_row(shown, TABLE)
