"""One location, in the order in which a meeting asks about it; one screen, one link.

On a large screen each question is a view of its own.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
import streamlit as st

from geodata.columns import ASB
from hotspots.location_figures import areas_of, overlaps
from hotspots.locations import MADE_WORDS, Location
from hotspots.narrative import capital, counted, number, ordinal, percent, rank_range
from hotspots.profile import (
    FEWEST_WITH_HOURS,
    against_sentence,
    deciles_sentence,
    hours_sentence,
    kinds_sentence,
    year_sentence,
)
from hotspots.shapes import snapping
from hotspots.verdict import cautions, first_sentence, missed_sentence
from pages.shared import charts, context, data, evaluations, large, locations, registered, subject, text
from pages.shared.classes import OutlineKind
from pages.shared.displacement_views import pictures
from pages.shared.displacement_views.case import Case, examined
from pages.shared.evaluations import Settings
from pages.shared.frame import Frame
from pages.shared.location_views.figures import Profile, everywhere, profile
from pages.shared.views import parts, where

_TOO_SMALL: Final = "This shape is too small to tell what happens in it"
_KINDS: Final = 5  # crime groups that are named
_FEWEST_FOR_SHARE: Final = 20  # of so few that a single incident would move it by a twentieth no share is given


def show(frame: Frame) -> None:
    """Everything about the chosen location; on a large screen the question that is chosen."""
    location = frame.location
    if location is None:
        st.title("Choose a location", anchor=False)
        text.paragraph("Choose a priority location in the sidebar, or make one under “New”.")
        return
    others = evaluations.others_of(frame.dataset, location)
    found = data.kept(profile, frame.dataset, everywhere(frame.selection), location, others)
    reason = registered.withheld(
        frame.selection, location, float(found.row["count"]) if pd.notna(found.row["count"]) else 0
    )
    if reason:
        _heading(frame, location, "Too few to show for this shape")
        text.paragraph(
            f"Its counts are {reason}. Choose a longer period, police.uk as the source, or a location of whole LSOAs."
        )
        _map(frame, location)
    elif not _carries(frame, location):
        _heading(frame, location, _TOO_SMALL)
        locations.say(_shape_notes(frame, location), "note_shape")
        _map(frame, location)
    elif frame.large:
        QUESTIONS[str(st.session_state.get("question", WHERE))](frame, location, found)
    else:
        _heading(frame, location, _title(frame, location, found))
        subject.notes(frame, data.table(frame.dataset, frame.selection))
        _panels(frame, location, found)
        parts.worked_out("locations", "rate", "rank-interval", "stability", "compare-years", "trend")


def ask() -> None:
    """Which of a meeting's questions a large screen shows; the choice is in the link."""
    st.segmented_control(
        "Question", list(QUESTIONS), default=WHERE, required=True, key="question", bind="query-params",
        label_visibility="collapsed",
    )  # fmt: skip


def _panels(frame: Frame, location: Location, found: Profile) -> None:
    """All answers on one screen, in short; what they rest on opens from a button. A further panel is one more ``_panel``."""
    with st.container(key="profile"):
        left, middle, right = st.columns(3, gap="small")
        with left:
            _map(frame, location)
            locations.say(_shape_notes(frame, location), "note_shape")
        with middle:
            _panel("How concentrated", _how_concentrated(frame, location, found))
            _panel("What kind, and what else is there", _what_kind(frame, found))
            with st.container(horizontal=True):
                _lsoas(frame, location)
                _groups(found)
                _hours(found)
                _surroundings(frame, location)
        with right:
            st.subheader("Getting better or worse", anchor=False)
            _series(frame, location, height=100)
            _say(_which_way(frame, location, found))
            _panel("What was done", _what_was_done(location))
            case = examined(frame, location, Settings())
            _panel("Did it move?", _did_it_move(case))
            with st.container(horizontal=True):
                _years(frame, location, found)
                _agreed(location)


def _panel(title: str, lines: Sequence[str]) -> None:
    """One answer in short sentences; may hold text from data."""
    st.subheader(title, anchor=False)
    _say(lines)


def _say(lines: Sequence[str]) -> None:
    text.paragraph("\n".join(text.sentence(line) for line in lines if line))


# -- a question each, on a large screen


def _where_it_is(frame: Frame, location: Location, found: Profile) -> None:
    _heading(frame, location, _title(frame, location, found))
    picture, beside = large.finding()
    with picture:
        _map(frame, location)
    with beside:
        large.say([*_how_concentrated(frame, location, found), *_shape_notes(frame, location)])


def _what_kind_it_is(frame: Frame, location: Location, found: Profile) -> None:
    _heading(frame, location, _kinds(found), "Offences of every crime type", frame.selection.period.label)
    picture, beside = large.finding()
    with picture:
        charts.numbers(found.groups["here"].drop("ASB", errors="ignore").to_dict(), frame.theme, large=True)
    with beside:
        large.say(_what_else(frame, found))


def _how_it_goes(frame: Frame, location: Location, found: Profile) -> None:
    first, *rest = _which_way(frame, location, found)
    _heading(frame, location, first.removesuffix("."))
    picture, beside = large.finding()
    with picture:
        _series(frame, location, large=True)
    with beside:
        large.say(rest)


def _whether_it_moved(frame: Frame, location: Location, found: Profile) -> None:
    case = examined(frame, location, Settings())
    if case.found is None:
        _heading(frame, location, "Whether it moved cannot be said as it stands")
        text.paragraph(case.refusal)
        return
    answer, *rest = _did_it_move(case)
    _heading(frame, location, answer, subject.counted(frame.selection), case.found.windows.label)
    picture, beside = large.finding()
    with picture:
        pictures.differences(case, case.found)
    with beside:
        said = [*_what_was_done(location), *rest, *subject.open_form(frame)]
        large.say(large.fitting(said, answer, below_questions=True))


WHERE: Final = "Where it is"
QUESTIONS: Final[dict[str, Callable[[Frame, Location, Profile], None]]] = {
    WHERE: _where_it_is,
    "What kind": _what_kind_it_is,
    "Better or worse": _how_it_goes,
    "Did it move?": _whether_it_moved,
}


# -- what is said


def _heading(frame: Frame, location: Location, title: str, *of: str) -> None:
    """``of``: what the title of a large screen is about, where that is not what is counted in the period."""
    if frame.large:
        st.title(title, anchor=False)
        text.caption(location.name, *(of or [subject.caption(frame)]))
    else:
        locations.heading(location)
        st.title(title, anchor=False)
        text.caption(subject.caption(frame), _made(location))


def _title(frame: Frame, location: Location, found: Profile) -> str:
    row = found.row
    if not _carries(frame, location):
        return _TOO_SMALL
    if pd.isna(row["count"]):
        return "No data for this location in this period"
    what = subject.subject(frame.selection)
    if pd.isna(row["share"]):
        return f"None recorded: no {what} in the whole area in this period"
    home = ""
    if pd.notna(row["residents_share"]):
        home = f" and {'at most ' if row['shape'] else ''}{percent(row['residents_share'])} of residents"
    return f"This location holds {percent(row['share'])} of {what}{home}"


def _carries(frame: Frame, location: Location) -> bool:
    """Whether anonymised points can tell what lies inside."""
    if not (location.is_shape and data.shows_points(frame.selection)):
        return True
    chosen = everywhere(frame.selection)
    return snapping(
        location.polygon, data.counted_incidents(frame.dataset, chosen), data.published(frame.dataset, chosen)
    ).carries


def _made(location: Location) -> str:
    window = f"; chosen for what was counted in {location.window.label}" if location.window else ""
    return f"{MADE_WORDS[location.made]} by {location.origin.by}, {location.origin.at:%d %B %Y}{window}, version {location.version}"


def _shape_notes(frame: Frame, location: Location) -> list[str]:
    dataset, chosen = frame.dataset, everywhere(frame.selection)
    lines = [
        one.reading for one in overlaps(frame.locations, dataset.areas) if location.id in (one.first.id, one.second.id)
    ]
    if location.is_shape and data.shows_points(chosen):
        lines += snapping(
            location.polygon, data.counted_incidents(dataset, chosen), data.published(dataset, chosen)
        ).lines
    return lines


def _how_concentrated(frame: Frame, location: Location, found: Profile) -> list[str]:
    row = found.row
    lines = [
        "No data in this period"
        if pd.isna(row["count"])
        else f"{counted(int(row['count']), subject.noun(frame.selection))} in {frame.selection.period.label}"
    ]
    rate = row["rate_per_1000_year"]
    if pd.notna(rate) and row["shape"]:
        lines.append(f"Rate: about {rate:.1f} per 1,000 residents a year, who are those of every LSOA that it touches")
    elif pd.notna(rate):
        lines.append(
            f"Rate: {rate:.1f} per 1,000 residents a year (95 % interval {row['rate_low']:.1f} to {row['rate_high']:.1f})"
        )
    return [*lines, _rank(frame, location), found.again]


def _rank(frame: Frame, location: Location) -> str:
    """The rank of its busiest LSOA; holds a name from data."""
    if location.is_shape:
        return "A shape has no rank among LSOAs"
    ranked = _ranked(frame, location).dropna(subset=["rank"])
    if ranked.empty:
        return "No rank is known"
    first, every = ranked.iloc[0], data.table(frame.dataset, everywhere(frame.selection))["rank"].notna().sum()
    between = rank_range(first["rank_low"], first["rank_high"])
    which = (
        "It" if len(location.lsoa_codes) == 1 else f"Its busiest LSOA, {data.places(frame.dataset)[ranked.index[0]]},"
    )
    return f"{which} ranks {ordinal(int(first['rank']))} of {number(int(every))} by number{f' (95 % interval {between})' if between else ''}"


def _ranked(frame: Frame, location: Location) -> pd.DataFrame:
    """Its LSOAs, ranked among those of the whole area."""
    chosen = everywhere(frame.selection)
    table = data.table(frame.dataset, chosen).join(data.certainty(frame.dataset, chosen).ranks)
    return table[table.index.isin(list(areas_of(location, frame.dataset.areas)["lsoa_code"]))]


def _what_kind(frame: Frame, found: Profile) -> list[str]:
    offences = found.groups["here"].drop("ASB", errors="ignore")
    rest = [f"{group.lower()} {number(int(n))}" for group, n in offences.iloc[1:_KINDS].items() if n]
    return [_kinds(found), *([f"Then {text.joined(rest)}"] if rest else []), *_what_else(frame, found)]


def _kinds(found: Profile) -> str:
    return kinds_sentence(found.groups, registered.FEWEST_IN_SHAPE if set(found.withheld) - {"ASB"} else 0)


def _what_else(frame: Frame, found: Profile) -> list[str]:
    lines = []
    if "ASB" in found.groups.index:
        here, everywhere_ = found.groups.loc["ASB", ["here", "everywhere"]]
        share = f", {percent(here / everywhere_)} of the area's" if here >= _FEWEST_FOR_SHARE else ""
        lines.append(f"Beside them {counted(int(here), 'report')} of anti-social behaviour{share}")
    elif "ASB" in found.withheld:
        lines.append(f"Of anti-social behaviour fewer than {registered.FEWEST_IN_SHAPE} reports, not shown")
    if frame.dataset.manifest["deprivation"]:
        lines.append(deciles_sentence(found.deciles, touched=bool(found.row["shape"])))
    else:
        lines.append("Deprivation is not loaded")
    lines.append(hours_sentence(found.hours) or _no_hours(frame, found))
    return lines


def _no_hours(frame: Frame, found: Profile) -> str:
    if found.row["shape"] and not data.shows_points(frame.selection):
        return "Hours are not shown for a drawn shape: points of a force's own extract may be addresses"
    if not found.hours.empty:
        return f"Fewer than {FEWEST_WITH_HOURS} have a day and an hour: too few to show when"
    return "Open data gives months only, neither day nor hour"


def _which_way(frame: Frame, location: Location, found: Profile) -> list[str]:
    noun, window = subject.noun(frame.selection), location.window
    if found.years is None:
        lines = [found.years_reading]
    else:
        chosen_from = window.months if window else None
        lines = [year_sentence(found.years, noun, chosen_from), against_sentence(found.years)]
    return [*lines, _trend(found.row)]


def _trend(row: pd.Series) -> str:
    if pd.isna(row["trend"]):
        return f"No trend can be given: {row['trend_reading']}"
    if row["trend"] == "none":
        return "No steady trend over the latest unbroken months, which is not the same as no change"
    return f"Steadily {row['trend']} over the latest unbroken months, by about {abs(row['slope']):.1f} a month"


def _what_was_done(location: Location) -> list[str]:
    return [one.label for one in location.interventions] or ["Nothing is recorded yet. Record it under “Change”"]


def _did_it_move(case: Case) -> list[str]:
    if case.found is None:
        return [case.refusal]
    label = "" if case.frame.large else case.found.windows.label
    lines = [first_sentence(case.found), missed_sentence(case.found), *cautions(case.found), label]
    return [line for line in lines if line]


# -- the map, the series, and what opens from a button


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


def _series(frame: Frame, location: Location, **more: Any) -> None:
    chosen = frame.selection
    counts = registered.location_months(frame.dataset, chosen, location, data.crime_types(chosen))
    charts.monthly_series(counts, chosen.period, subject.nouns(chosen), frame.theme, **more)


def _lsoas(frame: Frame, location: Location) -> None:
    own = _ranked(frame, location)
    columns = {"LSOA": data.places(frame.dataset).reindex(own.index), "Decile": own["imd_decile"]}
    if not location.is_shape:  # a shape's own count is not that of the LSOAs that it touches
        between = [rank_range(low, high) for low, high in zip(own["rank_low"], own["rank_high"], strict=True)]
        columns |= {subject.nouns(frame.selection): own["count"], "Rank": own["rank"], "Rank between": between}
    with st.popover("LSOAs that it touches" if location.is_shape else "Its LSOAs"):
        st.dataframe(
            pd.DataFrame(columns), hide_index=True, row_height=28, placeholder="",
            column_config={
                "Rank": st.column_config.NumberColumn(format="%d", width=50),
                "Rank between": st.column_config.TextColumn(help="95 % interval of the rank"),
                "Decile": st.column_config.NumberColumn(width=60, help="Deprivation, national: 1 is the most deprived tenth"),
            },
        )  # fmt: skip


def _groups(found: Profile) -> None:
    table = found.groups
    share = table["here"].astype("float64") / table["everywhere"].astype("float64").replace(0, np.nan)
    shown = pd.DataFrame(
        {
            "Crime group": table.index,
            "Number": table["here"].to_numpy(),
            "Share of the area's": (100 * share.where(table["here"] >= _FEWEST_FOR_SHARE)).to_numpy(),
        }
    )
    with st.popover("Crime groups"):
        st.dataframe(
            shown, hide_index=True, row_height=28, placeholder="",
            column_config={
                "Number": st.column_config.NumberColumn(format="localized", width=70),
                "Share of the area's": st.column_config.NumberColumn(format="%.1f %%", help=f"Given from {_FEWEST_FOR_SHARE} incidents up"),
            },
        )  # fmt: skip


def _hours(found: Profile) -> None:
    if hours_sentence(found.hours):
        with st.popover("Hours"):
            st.dataframe(found.hours, row_height=26)


def _surroundings(frame: Frame, location: Location) -> None:
    """What the layers say of the place and a walk around it; nothing where there is none."""
    lines = data.kept(context.around_location, frame.dataset, location)
    if lines:
        with st.popover("What lies there", width="content"):
            _say(lines)


def _years(frame: Frame, location: Location, found: Profile) -> None:
    """The same months of both years, beside other places', and anti-social behaviour by month."""
    chosen = frame.selection
    with st.popover("Months and years"):
        if found.years is not None:
            table = found.years
            st.dataframe(
                pd.DataFrame({"": [capital(str(name)) for name in table.index], "Year before": table["before"], "Now": table["now"]}),
                hide_index=True, row_height=28,
            )  # fmt: skip
        if not subject.is_asb(chosen):
            st.subheader("Anti-social behaviour by month", anchor=False)
            asb = registered.location_months(frame.dataset, chosen, location, (ASB,))
            reason = registered.withheld(chosen, location, float(asb[asb.index.isin(chosen.period.months)].sum()))
            if reason:
                text.paragraph(f"Its reports are {reason}.")
            else:
                charts.monthly_series(asb, chosen.period, "ASB reports", frame.theme, height=140)
        charts.key(registered.location_months(frame.dataset, chosen, location, data.crime_types(chosen)), "note_series")


def _agreed(location: Location) -> None:
    """Actions and notes, as they were typed."""
    if location.actions or location.notes:
        with st.popover("Actions and notes"):
            text.paragraph("\n".join([one.label for one in location.actions] + [location.notes]).strip())
