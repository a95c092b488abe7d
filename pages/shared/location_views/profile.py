"""One location, in the order in which a meeting asks about it; one screen, one link."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import streamlit as st

from geodata.columns import ASB, EXTRACT
from geodata.dataset import Dataset
from hotspots.controls import candidates, suggest_controls
from hotspots.counts import by_type
from hotspots.groups import CRIME_GROUPS
from hotspots.location_figures import areas_of, location_incidents, overlaps, rank_locations
from hotspots.locations import MADE_WORDS, Location
from hotspots.narrative import counted, number, percent, rank_range
from hotspots.profile import again_sentence, against_sentence, by_hour, compare_years, year_sentence
from hotspots.selection import Selection, year_before
from hotspots.shapes import snapping
from hotspots.stability import rolling_hotspots
from hotspots.verdict import first_sentence, missed_sentence
from hotspots.windows import chosen_windows
from pages.shared import charts, data, locations, subject, text
from pages.shared.classes import OutlineKind
from pages.shared.evaluations import evaluate_location
from pages.shared.frame import Frame
from pages.shared.views import parts, where


@dataclass(frozen=True)
class Profile:
    """What is counted in one location: its row of the list (as of ``rank_locations``), crime groups, the year before."""

    row: pd.Series
    groups: pd.DataFrame
    years: pd.DataFrame | None
    years_reading: str
    again: str


def show(frame: Frame) -> None:
    """Everything about the chosen location."""
    location = frame.location
    if location is None:
        st.title("Choose a location", anchor=False)
        text.paragraph("Choose a priority location in the sidebar, or make one under “New”.")
        return
    found = data.kept(profile, frame.dataset, _everywhere(frame.selection), location)
    reason = data.withheld(frame.selection, location, float(found.row["count"]) if pd.notna(found.row["count"]) else 0)
    if reason:
        locations.heading(location)
        st.title("Too few to show for this shape", anchor=False)
        text.caption(subject.caption(frame), _made(location))
        text.paragraph(
            f"Its counts are {reason}. Choose a longer period, police.uk as the source, or a location of whole LSOAs."
        )
        _map(frame, location)
        return
    locations.heading(location)
    st.title(_title(frame, found.row) if _carries(frame, location) else _TOO_SMALL, anchor=False)
    text.caption(subject.caption(frame), _made(location))
    subject.notes(frame, data.table(frame.dataset, frame.selection), *_shape_notes(frame, location))
    left, right = st.columns(2, gap="small")
    with left:
        _map(frame, location)
    with right:
        _concentrated(frame, location, found)
        _kinds(frame, found)
    left, right = st.columns(2, gap="small")
    with left:
        _better_or_worse(frame, location, found)
    with right:
        _done(frame, location)
        _hours(frame, location)
    parts.worked_out("locations", "rate", "rank-interval", "stability", "compare-years", "trend")


def profile(dataset: Dataset, selection: Selection, location: Location) -> Profile:
    """All figures of one location, of the whole dataset's area."""
    kinds, source = data.crime_types(selection), selection.source
    presence = dataset.presence(source)
    run = data.latest_run(dataset, selection)
    row = rank_locations(
        [location], data.recorded(dataset, selection),
        data.cells(dataset, selection), dataset.areas, presence, selection.period.months, kinds, run,
    ).iloc[0]  # fmt: skip
    every_month = data.all_months(dataset, selection, kinds)
    try:
        years, reading = _years(dataset, selection, location, every_month), ""
    except ValueError as error:
        years, reading = None, str(error)
    try:
        again = again_sentence(rolling_hotspots(every_month), tuple(areas_of(location, dataset.areas)["lsoa_code"]))
    except ValueError as error:
        again = str(error)
    return Profile(row, _groups(dataset, selection, location), years, reading, again)


def _years(dataset: Dataset, selection: Selection, location: Location, every_month: pd.DataFrame) -> pd.DataFrame:
    """The location's change on the year before, beside that of its district, the whole area and matched places."""
    own = data.location_months(dataset, selection, location, data.crime_types(selection))
    inside = areas_of(location, dataset.areas)
    outside = every_month.drop(index=inside["lsoa_code"])
    series = {"the location": own}
    district = inside["district"].dropna().unique()
    if len(district) == 1:
        there = dataset.areas.loc[dataset.areas["district"].eq(district[0]).to_numpy(), "lsoa_code"]
        series["the rest of its district"] = outside.reindex(there).dropna(how="all").sum(axis=0, min_count=1)
    series["the rest of the area"] = outside.dropna(how="all").sum(axis=0, min_count=1)
    matched = _matched(dataset, location, every_month, own, selection)
    if matched:
        series["matched places"] = every_month.loc[list(matched)].sum(axis=0, skipna=False)
    return compare_years(series, selection.period.months)


def _matched(
    dataset: Dataset, location: Location, every_month: pd.DataFrame, own: pd.Series, selection: Selection
) -> tuple[str, ...]:
    """LSOAs as busy in the same months of the year before as those of the location; none where there are none."""
    now = [m for m in selection.period.months if pd.notna(own.get(m)) and pd.notna(own.get(year_before(m)))]
    before = [year_before(m) for m in now]
    if set(now) & set(before):
        return ()
    try:
        windows = chosen_windows(before, now, [str(m) for m in own.index[own.notna()]])
        places = data.geography(dataset)
        codes = tuple(areas_of(location, dataset.areas)["lsoa_code"])
        level = float(own[before].sum()) if location.is_shape else None
        return suggest_controls(codes, places, candidates(every_month, places, windows), drawn_before=level).codes
    except ValueError:
        return ()


def _groups(dataset: Dataset, selection: Selection, location: Location) -> pd.DataFrame:
    """Counts by crime group in the location and in the whole area; ASB among them, never added."""
    presence, months = dataset.presence(selection.source), selection.period.months
    types = dataset.manifest["crime_types"]
    inside = areas_of(location, dataset.areas)
    if location.is_shape:
        rows = location_incidents(location, data.recorded(dataset, replace(selection, reading=None)))
        codes = {*inside["lsoa_code"], *rows["lsoa_code"].unique()}
        inside = dataset.areas[dataset.areas["lsoa_code"].isin(codes).to_numpy()]
        own = by_type(rows, inside, presence, months, types)
    else:
        own = by_type(dataset.source_cells(selection.source), inside, presence, months, types)
    whole = by_type(dataset.source_cells(selection.source), dataset.areas, presence, months, types)
    table = {
        group: [frame[[k for k in kinds if k in frame]].sum().sum() for frame in (own, whole)]
        for group, kinds in CRIME_GROUPS.items()
        if any(k in own for k in kinds)
    }
    return pd.DataFrame.from_dict(table, orient="index", columns=["here", "everywhere"])


def _everywhere(selection: Selection) -> Selection:
    """A location is set against the whole area, whichever districts are chosen."""
    return replace(selection, districts=(), measure="count")


_TOO_SMALL = "This shape is too small to tell what happens in it"


def _carries(frame: Frame, location: Location) -> bool:
    """Whether anonymised points can tell what lies inside."""
    if not (location.is_shape and data.shows_points(frame.selection)):
        return True
    chosen = _everywhere(frame.selection)
    return snapping(
        location.polygon, data.counted_incidents(frame.dataset, chosen), data.published(frame.dataset, chosen)
    ).carries


def _title(frame: Frame, row: pd.Series) -> str:
    if pd.isna(row["count"]):
        return "No data for this location in this period"
    what = subject.subject(frame.selection)
    if pd.isna(row["share"]):
        return f"None recorded: no {what} in the whole area in this period"
    home = ""
    if pd.notna(row["residents_share"]):
        home = f" and {'at most ' if row['shape'] else ''}{percent(row['residents_share'])} of residents"
    return f"This location holds {percent(row['share'])} of {what}{home}"


def _made(location: Location) -> str:
    window = f"; chosen for what was counted in {location.window.label}" if location.window else ""
    return f"{MADE_WORDS[location.made]} by {location.origin.by}, {location.origin.at:%d %B %Y}{window}, version {location.version}"


def _shape_notes(frame: Frame, location: Location) -> list[str]:
    dataset, chosen = frame.dataset, _everywhere(frame.selection)
    lines = [
        one.reading for one in overlaps(frame.locations, dataset.areas) if location.id in (one.first.id, one.second.id)
    ]
    if location.is_shape:
        lines.append(
            "A shape has no rank among LSOAs; its residents are those of every LSOA that it touches, so only approximate"
        )
        if data.shows_points(chosen):
            lines += snapping(
                location.polygon, data.counted_incidents(dataset, chosen), data.published(dataset, chosen)
            ).lines
    return lines


def _map(frame: Frame, location: Location) -> None:
    others = [one for one in frame.locations if one.id != location.id]
    kinds: list[OutlineKind] = ["other"] * len(others)
    outlines, shapes = locations.drawn(frame.dataset, [*others, location], [*kinds, "target"])
    where.show_map(
        frame,
        outlines=outlines,
        shapes=shapes,
        bounds=data.kept(locations.surroundings, frame.dataset, location),
    )


def _concentrated(frame: Frame, location: Location, found: Profile) -> None:
    row = found.row
    noun = subject.noun(frame.selection)
    st.subheader("How concentrated", anchor=False)
    lines = [
        "No data" if pd.isna(row["count"]) else f"{counted(int(row['count']), noun)} in {frame.selection.period.label}"
    ]
    rate = row["rate_per_1000_year"]
    if pd.notna(rate) and row["shape"]:
        lines.append(
            f"Rate: at least {rate:.1f} per 1,000 residents a year, whose number is that of every LSOA it touches"
        )
    elif pd.notna(rate):
        lines.append(
            f"Rate: {rate:.1f} per 1,000 residents a year (95 % interval {row['rate_low']:.1f} to {row['rate_high']:.1f})"
        )
    lines.append(text.sentence(found.again))
    text.paragraph("\n".join(lines))
    if location.is_shape:
        return
    table = data.table(frame.dataset, frame.selection).join(data.certainty(frame.dataset, frame.selection).ranks)
    own = table[table.index.isin(list(location.lsoa_codes))]
    st.dataframe(
        pd.DataFrame(
            {
                "LSOA": data.places(frame.dataset).reindex(own.index),
                subject.nouns(frame.selection): own["count"],
                "Rank": own["rank"],
                "Rank between": [rank_range(low, high) for low, high in zip(own["rank_low"], own["rank_high"], strict=True)],
                "Decile": own["imd_decile"],
            }
        ),
        hide_index=True, row_height=28, height=min(36 * (len(own) + 1), 190), placeholder="",
        column_config={
            "Rank": st.column_config.NumberColumn(format="%d", width=50),
            "Rank between": st.column_config.TextColumn(help="95 % interval of the rank"),
            "Decile": st.column_config.NumberColumn(width=60, help="Deprivation, national: 1 is the most deprived tenth"),
        },
    )  # fmt: skip


def _kinds(frame: Frame, found: Profile) -> None:
    st.subheader("What kind, and what else is there", anchor=False)
    table = found.groups.sort_values("here", ascending=False, kind="stable")
    if frame.selection.source == EXTRACT and found.row["shape"]:  # see data.withheld
        table = table[table["here"] >= data.FEWEST_IN_SHAPE]
    share = table["here"].astype("float64") / table["everywhere"].astype("float64").replace(0, np.nan)
    # a share of so few that a single incident would move it by a twentieth is left out
    shown = pd.DataFrame(
        {
            "Crime group": table.index,
            "Number": table["here"].to_numpy(),
            "Share of the area's": (100 * share.where(table["here"] >= 20)).to_numpy(),
        }
    )
    st.dataframe(
        shown, hide_index=True, row_height=28, height=215, placeholder="",
        column_config={
            "Number": st.column_config.NumberColumn(format="localized", width=70),
            "Share of the area's": st.column_config.NumberColumn(format="%.1f %%", help="Given from 20 incidents up"),
        },
    )  # fmt: skip


def _better_or_worse(frame: Frame, location: Location, found: Profile) -> None:
    chosen = frame.selection
    noun = subject.noun(chosen)
    st.subheader("Getting better or worse", anchor=False)
    counts = data.location_months(frame.dataset, chosen, location, data.crime_types(chosen))
    charts.monthly_series(counts, chosen.period, subject.nouns(chosen), frame.theme)
    if found.years is None:
        lines = [text.sentence(found.years_reading)]
    else:
        lines = [text.sentence(f"{year_sentence(found.years, noun)}. {against_sentence(found.years)}")]
    lines.append(_trend(found.row))
    text.paragraph("\n".join(lines))
    if found.years is not None:
        table = found.years
        st.dataframe(
            pd.DataFrame({"": [name[0].upper() + name[1:] for name in table.index], "Year before": table["before"], "Now": table["now"]}),
            hide_index=True, row_height=28,
        )  # fmt: skip
    if not subject.is_asb(chosen):
        st.subheader("Anti-social behaviour by month", anchor=False)
        asb = data.location_months(frame.dataset, chosen, location, (ASB,))
        charts.monthly_series(asb, chosen.period, "ASB reports", frame.theme, height=140)
    charts.key(counts, "note_series")


def _trend(row: pd.Series) -> str:
    if pd.isna(row["trend"]):
        return text.sentence(f"No trend can be given: {row['trend_reading']}")
    if row["trend"] == "none":
        return "No steady trend over the latest unbroken months, which is not the same as no change."
    return f"Steadily {row['trend']} over the latest unbroken months, by about {abs(row['slope']):.1f} a month."


def _done(frame: Frame, location: Location) -> None:
    st.subheader("What was done", anchor=False)
    done = [one.label for one in location.interventions]
    text.paragraph("\n".join(done) if done else "Nothing is recorded yet. Record it under “Change”.")
    if location.actions:
        st.subheader("Actions", anchor=False)
        text.paragraph("\n".join(one.label for one in location.actions))
    if location.notes:
        st.subheader("Notes", anchor=False)
        text.paragraph(location.notes)
    st.subheader("Did it move?", anchor=False)
    try:
        with st.spinner("Trying untreated places …"):
            found = evaluate_location(frame.dataset, frame.selection, location, noun=subject.noun(frame.selection))
        lines = [text.sentence(line) for line in (first_sentence(found), missed_sentence(found)) if line]
        text.paragraph("\n".join([*lines, f"{found.windows.label}. More on the page Displacement."]))
    except ValueError as error:
        text.paragraph(str(error))


def _hours(frame: Frame, location: Location) -> None:
    st.subheader("By hour and weekday", anchor=False)
    if location.is_shape and frame.selection.source == EXTRACT:
        text.paragraph("Not shown for a drawn shape: points of a force's own extract may be addresses.")
        return
    here = location_incidents(location, data.counted_incidents(frame.dataset, _everywhere(frame.selection)))
    table = by_hour(here)
    if table.empty:
        text.paragraph("Open data gives months only: neither day nor hour. A force's own extract has both.")
        return
    st.dataframe(table, row_height=26)
    text.caption(f"{number(int(table.to_numpy().sum()))} incidents with a day and an hour.", key="note_hours")
