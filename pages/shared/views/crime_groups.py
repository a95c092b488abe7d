"""Crime groups: whether the same places are hotspots of many groups, which they are, and any two groups together."""

from dataclasses import dataclass
from typing import Final

import pandas as pd
import streamlit as st

from geodata.dataset import Dataset
from hotspots.counts import by_type
from hotspots.groups import (
    CRIME_GROUPS,
    expected_if_independent,
    group_counts,
    group_hotspots,
    group_pairs,
    groups_per_area,
    pair,
)  # fmt: skip
from hotspots.narrative import about, capital, groups_title, lsoas, pair_sentence, unequal_months_sentence
from hotspots.selection import Selection
from hotspots.table import areas_in
from pages.shared import data, large, locations, maps, subject, tables, text
from pages.shared.classes import CLUSTERS, PAIRS, LegendEntry, classify, ramp
from pages.shared.frame import Frame
from pages.shared.views import parts

_NOT_WHY: Final = "More than expected says that the same places are hit, not why: where more people live or gather there is more of everything"
_SAID: Final = 4  # lines that fit beside the map
VIEWS: Final = ("Number of groups", "LSOA by group", "Two groups together")
# Above the columns of the matrix, which are narrow.
_SHORT: Final = {
    "Violence and sexual": "Violence",
    "Criminal damage": "Damage",
    "Public order": "Pub. order",
    "Vehicle crime": "Vehicle",
    "Other crime": "Other",
}


@dataclass(frozen=True)
class Groups:
    """By lsoa_code whether each is a hotspot of each group, and of how many; against independent groups, also by pairs."""

    hotspots: pd.DataFrame
    number: pd.Series
    by_number: pd.DataFrame
    pairs: pd.DataFrame


def show(frame: Frame) -> None:
    """Title; the number of groups on the map, the matrix of LSOAs and groups, or two groups on the map."""
    found = data.kept(crime_groups, frame.dataset, frame.selection)
    st.title(groups_title(found.by_number), anchor=False)
    text.caption(
        "Hotspots of each group by number: the fewest LSOAs that hold 25 % of it", frame.selection.period.label,
        *([] if frame.large else [frame.area_names, subject.source(frame)]),
    )  # fmt: skip
    months = data.table(frame.dataset, frame.selection)["months"]
    notes = [subject.gaps(frame), unequal_months_sentence(months)]
    if not frame.large:
        notes.insert(
            0, "All crime types in groups, whatever “What is counted” says; ASB is a group of its own, never added up"
        )
    locations.say([note for note in notes if note], "note_groups")
    if frame.large:
        picture, beside = large.finding()
        with picture:
            _number_map(frame, found)
        with beside:
            large.say([*_in_words(found), _NOT_WHY])
        return
    which = parts.choice("Shown", VIEWS, key="groups_view")
    {VIEWS[0]: _number, VIEWS[1]: _matrix, VIEWS[2]: _pair}[which](frame, found)
    parts.worked_out("groups", "ranking")


def crime_groups(dataset: Dataset, selection: Selection) -> Groups:
    """The hotspots of every crime group in the chosen months and districts, whatever is counted."""
    areas = areas_in(dataset.areas, selection.districts)
    presence = dataset.presence(selection.source)
    counts = by_type(dataset.source_cells(selection.source), areas, presence, selection.period.months)
    hotspots = group_hotspots(group_counts(counts))
    # one draw: its range is not shown, since shuffles make it too narrow
    by_number = expected_if_independent(hotspots, draws=1)
    return Groups(hotspots, groups_per_area(hotspots), by_number, group_pairs(hotspots))


def _number(frame: Frame, found: Groups) -> None:
    left, right = st.columns(2, gap="small")
    with left:
        _number_map(frame, found)
    with right:
        rows = _rows(found)
        st.dataframe(
            pd.DataFrame(
                {
                    "Hotspot of": [_or_more(n, len(found.hotspots.columns)) for n in rows.index],
                    "LSOAs": rows["areas_or_more"].to_numpy(),
                    "Expected if independent": [_expected(number) for number in rows["expected_or_more"]],
                }
            ),
            hide_index=True, row_height=30,
        )  # fmt: skip
        text.caption(text.sentence(_NOT_WHY), key="note_expected")


def _number_map(frame: Frame, found: Groups) -> None:
    values = parts.on_every_area(frame, found.number)
    breaks = classify(values, k=6, outside=~values.index.isin(found.number.index))
    # no hotspot is no finding: the ground of other maps of findings, not the ramp's first step
    none = (CLUSTERS[frame.theme]["none"],) if breaks.labels[:1] == ("0",) else ()
    colours = (*none, *ramp(frame.theme, len(breaks.labels) - len(none)))
    entries = [LegendEntry(colour, label, "class") for colour, label in zip(colours, breaks.labels, strict=True)]
    parts.draw_map(frame, breaks.codes, colours, values, maps.ValueKind.GROUPS, "Groups with a hotspot", entries)


def _rows(found: Groups) -> pd.DataFrame:
    """Of one group or more, of two or more, and so on to the most there are, three at least."""
    return found.by_number.loc[1 : max(3, int(found.by_number.index[found.by_number["areas"] > 0].max()))]


def _in_words(found: Groups) -> list[str]:
    """How many LSOAs are hotspots of how many groups, and how many if the groups had nothing to do with each other."""
    rows, of = _rows(found).head(_SAID), len(found.hotspots.columns)
    return [
        capital(f"{_or_more(n, of)}: {lsoas(int(there))}, {about(expected)} if independent")
        for n, there, expected in zip(rows.index, rows["areas_or_more"], rows["expected_or_more"], strict=True)
    ]


def _matrix(frame: Frame, found: Groups) -> None:
    names = data.places(frame.dataset)
    ordered = found.number[found.number > 0].sort_values(ascending=False, kind="stable")
    shown = ordered if st.session_state.get("all_groups") else ordered.head(tables.FIRST_ROWS)
    marks = found.hotspots.reindex(shown.index).astype("boolean")
    columns = {
        _SHORT.get(group, group): ["hotspot" if mark else "" for mark in marks[group].fillna(False)] for group in marks
    }
    settings = {
        _SHORT.get(group, group): st.column_config.TextColumn(width=72, help=", ".join(CRIME_GROUPS[group]))
        for group in marks
    }
    st.dataframe(
        pd.DataFrame({"LSOA": names.reindex(shown.index).to_numpy(), "Groups": shown.to_numpy(), **columns}),
        hide_index=True, row_height=30, height=parts.HEIGHT, placeholder="",
        column_config={
            "LSOA": st.column_config.TextColumn(width=190), "Groups": st.column_config.NumberColumn(width=58), **settings,
        },
    )  # fmt: skip
    st.toggle(f"Show all {lsoas(len(ordered))} that are a hotspot of any group", key="all_groups")


def _pair(frame: Frame, found: Groups) -> None:
    left, right = st.columns(2, gap="small")
    with right:
        one, other = st.columns(2, gap="small")
        names = list(found.hotspots)
        first = str(one.selectbox("First group", names, key="group_first", filter_mode=None))
        second = str(
            other.selectbox("Second group", names, index=names.index("ASB"), key="group_second", filter_mode=None)
        )
        if first == second:
            text.paragraph(f"{first} is chosen twice. Choose two crime groups.")
        else:
            row = found.pairs.loc[(first, second) if (first, second) in found.pairs.index else (second, first)]
            text.paragraph(text.sentence(pair_sentence(first, second, int(row["both"]), float(row["expected"]))))
        pairs = found.pairs.reset_index()
        st.dataframe(
            pd.DataFrame(
                {
                    "Hotspots of both": pairs["first"] + " + " + pairs["second"],
                    "LSOAs": pairs["both"],
                    "Expected if independent": [_expected(number) for number in pairs["expected"]],
                }
            ),
            hide_index=True, row_height=30, height="stretch",
        )  # fmt: skip
    with left:
        if first != second:
            _pair_map(frame, found, first, second)


def _pair_map(frame: Frame, found: Groups, first: str, second: str) -> None:
    words = {"neither": "Neither", first: f"{first} only", second: f"{second} only", "both": "Both"}
    state = parts.on_every_area(frame, pair(found.hotspots, first, second))
    colours = list(PAIRS[frame.theme].values())
    codes = parts.outside(parts.class_codes(state, list(words)), state.index.isin(found.number.index))
    entries = [LegendEntry(colour, label, "class") for colour, label in zip(colours, words.values(), strict=True)]
    number = parts.on_every_area(frame, found.number)
    parts.draw_map(frame, codes, colours, number, maps.ValueKind.GROUPS, "Hotspot of", entries)


def _or_more(n: int, of: int) -> str:
    return f"all {n} groups" if n == of else f"{n} or more groups" if n > 1 else "1 group or more"


def _expected(number: float) -> str:
    """For a column of figures: whole from 10, where a decimal says nothing."""
    return "under 0.1" if number < 0.05 else f"{number:.1f}" if number < 9.95 else f"{number:,.0f}"
