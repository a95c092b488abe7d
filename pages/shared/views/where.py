"""Where it is: the ranked map and table, and one LSOA in detail."""

from typing import Any, Final

import pandas as pd
import streamlit as st

from geodata.columns import ASB, DENOMINATOR_PREFIX
from geodata.dataset import Dataset
from hotspots.concentration import share_held
from hotspots.counts import by_type
from hotspots.denominators import standing
from hotspots.narrative import (
    flag_sentence,
    hotspot_title,
    number,
    ordinal,
    per_thousand,
    percent,
    point_note,
    rank_phrase,
    standing_sentence,
)
from hotspots.points import points_of
from hotspots.ranking import HOTSPOT_SHARE, MEASURE_COLUMNS
from hotspots.selection import RESIDENTS, Selection
from pages.shared import charts, context, data, large, locations, subject, tables, text
from pages.shared.classes import Breaks, classify, legend_entries, ramp
from pages.shared.frame import Frame
from pages.shared.views import parts

TABLE: Final = "ranked"
_SAID: Final = 8  # places beside the map of a large screen, or as many as fit
_LINE: Final = 46  # letters that fit a line there
_ROOM: Final = 12  # lines that fit there beside what else is said
_NO_POINTS: Final = "Points of a force's own extract may be addresses: they are not shown, and no LSOA's rank is given without its busiest one."


def show(frame: Frame) -> None:
    """Title, map and ranked table that select each other, the selected LSOA in detail."""
    table = data.table(frame.dataset, frame.selection)
    heading(frame, table)
    if frame.large:
        picture, beside = large.finding()
        with picture:
            show_map(frame)
        with beside:
            narrowing = locations.narrowing(frame, "Narrowed to", "ranks are those of the whole list")
            large.say([narrowing, *_that_fit(_first(frame), _ROOM - _lines(narrowing))])
            large.say([point_note(table, see="")])
        return
    left, right = st.columns(2, gap="small")
    with left:
        show_map(frame)
    with right:
        show_table(frame)
    show_detail(frame, table)
    chosen = frame.selection
    more = ("severity",) if chosen.measure == "severity" else ("denominators",) if chosen.per != RESIDENTS else ()
    parts.worked_out("ranking", "counts", "rate", *more, "busiest-point", "join")


def _first(frame: Frame) -> list[str]:
    """The first places of the list, of a location's if one is chosen, with their numbers: the first with its unit, each that rests
    on one map point with the rank that it would have without it."""
    table = data.table(frame.dataset, frame.selection)
    rows = locations.narrowed(frame, table).dropna(subset=["rank"]).head(_SAID)
    places, value = data.places(frame.dataset), rows[MEASURE_COLUMNS[frame.selection.measure]]
    decimals = 1 if frame.selection.measure in ("rate", "density") else 0
    return [
        f"{ordinal(int(rank))}{_without_point(rows.loc[code])}: {places[code]}, {value[code]:,.{decimals}f}"
        f"{'' if place else f' {_unit(frame)}'}"
        for place, (code, rank) in enumerate(rows["rank"].items())
    ]


def _that_fit(said: list[str], room: float) -> list[str]:
    """The first of the sentences, two at least, that fit so many lines."""
    taken = pd.Series([_lines(one) for one in said], dtype="float64").cumsum()
    return said[: max(2, int((taken <= room).sum()))]


def _lines(said: str) -> float:
    """How many lines a paragraph takes, and a third for its distance to the next."""
    return -(-len(said) // _LINE) + 1 / 3 if said else 0


def _without_point(row: pd.Series) -> str:
    """ " (21st without its busiest point)"; empty where the place does not rest on one."""
    rank = row["rank_without_point"]
    if pd.isna(rank):
        return ""
    return f" ({'still ' if rank == row['rank'] else ''}{ordinal(int(rank))} without its busiest point)"


def _unit(frame: Frame) -> str:
    """What the numbers of the list are: "offences", "per 1,000 residents a year", "per km² a year", "by severity"."""
    chosen = frame.selection
    if chosen.measure == "rate":
        return per_thousand(subject.denominator(frame))
    return {"density": "per km² a year", "severity": "by severity"}.get(chosen.measure, f"{subject.noun(chosen)}s")


def heading(frame: Frame, table: pd.DataFrame) -> None:
    """The finding as the title, then what it is made of and what it cannot see."""
    title, note = data.kept(finding, frame.dataset, frame.selection)
    st.title(title, anchor=False)
    text.caption(subject.caption(frame))
    subject.notes(frame, table, note, locations.narrowing(frame))


def finding(dataset: Dataset, selection: Selection) -> tuple[str, str]:
    """The title, and how many hotspots rest on one map point."""
    table = data.table(dataset, selection)
    held = share_held(table["count"], table["residents"], HOTSPOT_SHARE, ties_in=True)
    title = hotspot_title(held, subject.subject(selection), subject.where(selection), selection.measure)
    return title, point_note(table)


def show_map(frame: Frame, **more: Any) -> None:
    """The map of what is counted, and its legend in words below; ``more`` as of ``parts.draw_map``."""
    breaks, values, hotspots = data.kept(classes, frame.dataset, frame.selection)
    parts.draw_map(
        frame,
        breaks.codes,
        ramp(frame.theme, len(breaks.labels)),
        values,
        subject.value_kind(frame.selection),
        subject.measure(frame),
        legend_entries(breaks, frame.theme, hotspots=True),
        hotspots=hotspots,
        points=_numbered_points(frame),
        **more,
    )


def classes(dataset: Dataset, selection: Selection) -> tuple[Breaks, pd.Series, tuple[int, ...]]:
    """Each area's class and value on the map, and which areas are hotspots, in the order of the dataset's areas."""
    table = data.table(dataset, selection)
    codes = pd.Index(dataset.areas["lsoa_code"])
    values = table[MEASURE_COLUMNS[selection.measure]].reindex(codes)
    breaks = classify(values, outside=table.index.get_indexer(codes) < 0)
    hotspots = codes.get_indexer(table.index[table["hotspot"]])
    return breaks, values.astype("float64"), tuple(int(place) for place in hotspots)


def show_table(frame: Frame) -> None:
    """The first rows of the ranked table, all of them on demand."""
    rows = locations.narrowed(frame, data.ranked_rows(frame.dataset, frame.selection))
    shown = rows if st.session_state.get("all_rows", False) else rows.head(tables.FIRST_ROWS)
    tables.ranked_table(
        shown, subject.nouns(frame.selection), frame.selected, key=TABLE, height="stretch",
        on_select=lambda: _select_in_table(shown), **subject.table_columns(frame),
    )  # fmt: skip
    text.caption(
        _NO_POINTS
        if not data.shows_points(frame.selection)
        else "Rank*: the rank without the LSOA's busiest map point, given where that point holds over 25 % of its incidents or is a "
        "police station, hospital or prison.",
        key="note_table",
    )
    if frame.location is None or len(rows) > tables.FIRST_ROWS:
        st.toggle(f"Show all {number(len(rows))} LSOAs", key="all_rows")


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
    _surroundings(frame)


def _facts(frame: Frame, table: pd.DataFrame, row: pd.Series) -> None:
    known = int(table["rank"].notna().sum())
    lines = [f"Rank by {_order(frame)}: {rank_phrase(row['rank'], row['tied'], known)}"]
    if pd.notna(row["count"]):
        lines.append(f"{subject.nouns(frame.selection)}: {number(row['count'])}")
    if frame.selection.measure == "severity":
        lines.append(f"Severity: {row['severity']:,.0f} (weights: {subject.weights(frame)})")
    lines += _rates(frame, row)
    lines.append(f"Residents: {number(row['residents'])}" if pd.notna(row["residents"]) else "Residents: not known")
    if frame.selection.per != RESIDENTS:
        there = row["denominator"]
        lines.append(f"{subject.denominator(frame)}: {f'{there:,.0f}' if pd.notna(there) else 'not known'}")
    lines += _misleading(frame, table)
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
        charts.light(pd.DataFrame({"Crime type": offences.index, "Number": offences.to_numpy()})),
        hide_index=True,
        height=215,
        row_height=28,
    )
    if ASB in kinds:
        text.caption(f"Anti-social behaviour, beside the offences: {number(kinds[ASB])}.", key="note_asb")


def _rates(frame: Frame, row: pd.Series) -> list[str]:
    """The rate with its interval, and that by residents beside it where it is per something else."""
    found = [("rate_per_1000_year", "rate_low", "rate_high", subject.denominator(frame))]
    if "residents_rate" in row:
        found.append(("residents_rate", "residents_rate_low", "residents_rate_high", RESIDENTS))
    return [
        f"Rate: {row[rate]:.1f} {per_thousand(title)} (95 % interval {row[low]:.1f} to {row[high]:.1f})"
        for rate, low, high, title in found
        if pd.notna(row[rate])
    ]


def _misleading(frame: Frame, table: pd.DataFrame) -> list[str]:
    """Where the order by residents misleads: by the denominator chosen, or by each while the rate is by residents."""
    chosen, areas = frame.selection, frame.dataset.areas.set_index("lsoa_code")
    if chosen.measure != "rate":
        return []
    others = {key: title for key, title in frame.dataset.denominators.items() if chosen.per in (RESIDENTS, key)}
    found = [
        standing_sentence(standing(table, str(frame.selected), areas[DENOMINATOR_PREFIX + key]), title)
        for key, title in others.items()
    ]
    return [text.sentence(said) for said in found if said]


def _order(frame: Frame) -> str:
    chosen = frame.selection
    if chosen.measure == "rate" and chosen.per != RESIDENTS:
        return f"rate {per_thousand(subject.denominator(frame))}"
    return {"count": "number", "rate": "rate", "density": "density", "severity": "severity"}[chosen.measure]


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
    charts.key(counts, "note_series")


def _points(frame: Frame, row: pd.Series) -> None:
    st.subheader("Busiest map points", anchor=False)
    if not data.shows_points(frame.selection):
        text.paragraph(_NO_POINTS)
        return
    points = _points_of(frame)
    if points.empty:
        text.paragraph("None recorded in this period.")
        return
    shown = pd.DataFrame(
        {
            "No.": range(1, len(points) + 1),
            "Map point": points["point"],
            "Number": points["count"],
            "Share": 100 * points["share"],
        }
    )
    st.dataframe(
        charts.light(shown), hide_index=True, height=32 + 28 * len(points) + 8, row_height=28,
        column_config={
            "No.": st.column_config.NumberColumn(width=34),
            "Map point": st.column_config.TextColumn(width=156),
            "Number": st.column_config.NumberColumn(width=60),
            "Share": st.column_config.NumberColumn(width=52, format="%.0f %%"),
        },
    )  # fmt: skip
    text.caption(
        f"The ten busiest hold {percent(points['count'].sum() / row['count'])} of the LSOA's incidents and are numbered on the map. "
        "Published points are anonymised: “on or near”, never an address.",
        key="note_points",
    )


def _surroundings(frame: Frame) -> None:
    """What the layers say of the selected LSOA; nothing where there is none."""
    lines = data.kept(context.around_area, frame.dataset, str(frame.selected))
    if lines:
        st.subheader("What lies there", anchor=False)
        text.paragraph("\n".join(lines))


def _points_of(frame: Frame) -> pd.DataFrame:
    return points_of(data.counted_incidents(frame.dataset, frame.selection), str(frame.selected))


def _numbered_points(frame: Frame) -> tuple[tuple[float, float, int, int], ...]:
    if frame.selected is None or not data.shows_points(frame.selection):
        return ()
    points = _points_of(frame)
    return tuple(
        (float(point.longitude), float(point.latitude), int(point.count), place)
        for place, point in enumerate(
            points[["longitude", "latitude", "count"]].itertuples(index=False, name="Point"), 1
        )
    )


def _select_in_table(shown: pd.DataFrame) -> None:
    st.session_state["area"] = tables.picked_row(shown, TABLE)
