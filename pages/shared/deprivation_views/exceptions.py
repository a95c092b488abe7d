"""Exceptions: places with more than their deprivation would suggest, deprived places with little, town centres apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
import streamlit as st

from geodata.columns import ASB, CRIME_TYPES, DENOMINATOR_PREFIX
from geodata.dataset import Dataset
from hotspots.counts import area_counts
from hotspots.exceptions import DENSEST, Exceptions, exceptions_sentence, town_centres
from hotspots.exceptions import exceptions as exceptions_of
from hotspots.inequality import FIFTHS, local_groups
from hotspots.narrative import lsoas, number, percent
from hotspots.points import place_name
from hotspots.rates import density
from hotspots.selection import Selection
from hotspots.table import areas_in
from pages.shared import data, large, locations, subject, text
from pages.shared.classes import BIVARIATE, CLUSTERS, LegendEntry
from pages.shared.deprivation_views import index
from pages.shared.frame import Frame
from pages.shared.views import parts

_NO_CAUSE: Final = "A description, not a cause: an exception is where to look, not what is wrong"
LISTS: Final = ("More than expected", "Deprived, with little", "Not tested")
POINT: Final = "Busiest: on or near"
FEWEST_SHOWN: Final = 10
_SAID: Final = 5  # LSOAs that fit beside the map
_WORKDAY: Final = "workday"


@dataclass(frozen=True)
class Places:
    """``found``: observed and expected by lsoa_code; ``deprived``: in the most deprived local fifth, by the index without crime;
    ``by_day``: the title of the denominator by which town centres are told, empty where it is the density."""

    found: Exceptions
    deprived: pd.Series
    by_day: str


def show(frame: Frame, _: str) -> None:
    """Title, the map of the two kinds of exception, and the three lists."""
    result = data.kept(places, frame.dataset, frame.selection)
    name = subject.subject(frame.selection)
    st.title(exceptions_sentence(result.found, name, _on_points(frame, result)), anchor=False)
    compared = [index.vintage(frame), f"local comparison: what the {lsoas(len(result.deprived))} shown would suggest"]
    by = index.NAMES[index.WITHOUT_CRIME]
    text.caption(subject.caption(frame, by_number=True), by, *([] if frame.large else compared))
    index.notes(
        frame, _NO_CAUSE, *_said(frame, result),
        locations.narrowing(frame, but="what is expected comes from all LSOAs shown"),
    )  # fmt: skip
    if result.found.model is None:
        text.paragraph(text.sentence(f"No expectation can be given: {result.found.reading}"))
    elif frame.large:
        picture, beside = large.finding()
        with picture:
            _map(frame, result)
        with beside:
            large.say([*_in_words(frame, result), _told(result), _NO_CAUSE])
        return
    elif frame.location is not None:
        left, right = st.columns([5, 7], gap="small")
        with left:
            _map(frame, result)
        with right:
            _own(frame, result)
    else:
        left, right = st.columns([5, 7], gap="small")
        with left:
            _map(frame, result)
            index.say_selected(frame, _in_words(frame, result))
        with right:
            _table(frame, result)
    parts.worked_out("exceptions", "town-centres", "composite", "busiest-point")


def places(dataset: Dataset, selection: Selection) -> Places:
    """What each place has against what its residents, its deprivation and town or country would suggest."""
    table = index.table(dataset, selection)
    areas = areas_in(dataset.areas, selection.districts).set_index("lsoa_code")
    depth = data.kept(index.index, dataset, selection, index.WITHOUT_CRIME).depth
    urban = areas["rural_urban"].astype("object").map(lambda name: name.startswith("Urban"), na_action="ignore")
    centres, by_day = data.kept(_centres, dataset, selection)
    found = exceptions_of(
        table["count"],
        table["residents"].astype("Float64") * table["months"] / 12,
        depth,
        urban.astype("boolean"),
        centres.reindex(table.index),
    )
    return Places(found, local_groups(depth, FIFTHS) == 1, by_day)


def _centres(dataset: Dataset, selection: Selection) -> tuple[pd.Series, str]:
    """Town centres among all LSOAs of the dataset, and by what they are told."""
    areas = dataset.areas.set_index("lsoa_code")
    named = {key: title for key, title in dataset.denominators.items() if _WORKDAY in title.lower()}
    by_day = areas[DENOMINATOR_PREFIX + next(iter(named))] if named else None
    every = [kind for kind in CRIME_TYPES if kind != ASB]
    counts = area_counts(
        dataset.source_cells(selection.source), dataset.areas, dataset.presence(selection.source), selection.period.months, every
    )  # fmt: skip
    dense = density(counts["count"], areas["area_km2"], counts["months"])
    return town_centres(areas["residents"].astype("Float64"), by_day, dense), next(iter(named.values()), "")


def _said(frame: Frame, result: Places) -> list[str]:
    """What the expectation is made of, and how many are expected by chance; holds no name but a denominator's title."""
    tested = int(result.found.places["p"].notna().sum()) if result.found.model else 0
    said = [_told(result)]
    if tested:
        unlike = "" if result.found.urban else "; town and country could not be told apart"
        said.append(
            f"{lsoas(tested)} tested, so about {round(0.05 * tested)} would lie outside their own 95 % prediction interval by chance: "
            f"only those marked “clear” passed with the false discovery rate held at 5 %{unlike}"
        )
    return said


def _told(result: Places) -> str:
    """Which LSOAs are taken for town centres, and how many."""
    apart = int((result.found.places["kind"] == "apart").sum())
    by = (
        f"with twice as many people by day as residents ({result.by_day})"
        if result.by_day
        else f"among the {percent(DENSEST)} of all LSOAs densest in offences of every kind"
    )
    return f"{lsoas(apart)} {by} {'is' if apart == 1 else 'are'} taken for town centres and not tested"


def _on_points(frame: Frame, result: Places) -> int:
    """How many of those that are clearly more have over a quarter on one map point, or lean on a police station, hospital or prison."""
    more = result.found.places.index[result.found.places["kind"] == "more"]
    return int(data.table(frame.dataset, frame.selection)["point_flag"].reindex(more).notna().sum())


def _map(frame: Frame, result: Places) -> None:
    kind = result.found.places["kind"].astype("object").copy()
    kind[(kind == "as expected") & _outside(result.found.places)] = "outside"
    words = {
        "as expected": "As expected",
        "outside": "Unsure: outside its interval, could be chance",
        "less": "Clearly less",
        "more": "Clearly more",
        "apart": "Taken for a town centre, not tested",
    }
    colours = CLUSTERS[frame.theme]
    palette = {
        "as expected": colours["none"], "outside": BIVARIATE[frame.theme][3], "less": colours["cold"], "more": colours["hot"],
        "apart": BIVARIATE[frame.theme][4],
    }  # fmt: skip
    on_map = parts.on_every_area(frame, kind)
    inside = on_map.index.isin(result.found.places.index)
    codes = parts.outside(parts.class_codes(on_map, list(words)), inside)
    there = set(on_map.dropna())
    entries = [LegendEntry(palette[name], words[name], "class") for name in words if name in there]
    rates = parts.on_every_area(frame, data.table(frame.dataset, frame.selection)["rate_per_1000_year"])
    parts.draw_map(
        frame, codes, list(palette.values()), rates, subject.value_kind(frame.selection), "", entries,
        missing="No index, or no rate",
    )  # fmt: skip


def _outside(found: pd.DataFrame) -> pd.Series:
    return (found["observed"] > found["high"]) | (found["observed"] < found["low"])


def _table(frame: Frame, result: Places) -> None:
    found = result.found.places
    above, apart = found["observed"] > found["high"], found["kind"] == "apart"
    deprived = result.deprived.fillna(False).astype(bool) & ~apart & found["expected"].notna()
    below = deprived & (found["observed"] < found["low"])
    fewest = below | (deprived & (found["ratio"].where(deprived).rank(method="first") <= FEWEST_SHOWN))
    lists = {LISTS[0]: above & ~apart, LISTS[1]: fewest, LISTS[2]: apart & found["expected"].notna()}
    chosen = st.segmented_control(
        "Listed", list(lists), default=LISTS[0], required=True, key="exceptions_list", bind="query-params",
        label_visibility="collapsed",
    )  # fmt: skip
    chosen = str(chosen) if chosen in lists else LISTS[0]
    rows = found[lists[chosen]].sort_values("ratio", ascending=chosen == LISTS[1], kind="stable")
    _list(frame, rows, ("Interval", "Reading") if chosen == LISTS[2] else ())
    text.caption(_below(chosen, len(rows), int(below.sum()), int(deprived.sum())), key="note_table")


def _list(frame: Frame, rows: pd.DataFrame, without: Sequence[str] = ()) -> None:
    st.dataframe(
        _shown(frame, rows).drop(columns=list(without)), hide_index=True, row_height=30, height="stretch", placeholder="", column_config=_columns(frame)
    )  # fmt: skip


def _own(frame: Frame, result: Places) -> None:
    """The chosen location's LSOAs, those most above what is expected first."""
    every = locations.narrowed(frame, result.found.places)
    rows = every.dropna(subset=["expected"]).sort_values("ratio", ascending=False, kind="stable")
    _list(frame, rows)
    gone = f" For {lsoas(len(every) - len(rows))} no expectation can be given." if len(rows) < len(every) else ""
    text.caption(f"Apart: a town centre, whose expectation is untested.{gone}", key="note_table")


def _in_words(frame: Frame, result: Places) -> list[str]:
    """The location's LSOAs, or the selected one; on a large screen without either those that are clearly more, the furthest from what is
    expected first."""
    found = result.found.places.dropna(subset=["expected"])
    rows = found[found["kind"] == "more"]
    if frame.location is not None or frame.selected is not None:
        rows = index.chosen(frame, found)
    rows = rows.sort_values("ratio", ascending=False, kind="stable").head(_SAID)
    names, table = data.places(frame.dataset), data.table(frame.dataset, frame.selection)
    point = table["top_point_share"].where(table["point_flag"].notna())
    return [
        f"{names[row.Index]}: {number(int(row.observed))}, {row.expected:,.0f} expected "
        + ("(taken for a town centre, not tested)" if row.kind == "apart" else f"({row.low:,.0f} to {row.high:,.0f})")
        + (f"; {percent(point[row.Index])} of them on one map point" if pd.notna(point[row.Index]) else "")
        for row in rows.itertuples()
    ]


def _below(chosen: str, listed: int, below: int, deprived: int) -> str:
    if chosen == LISTS[0]:
        return (
            f"{lsoas(listed)} above {'its' if listed == 1 else 'their'} own 95 % prediction interval. A police station, hospital or prison among the map "
            "points often explains it. Map points are approximate; where none is named, under a quarter lies on one."
        )
    if chosen == LISTS[2]:
        return (
            f"{lsoas(listed)} taken for {'a town centre' if listed == 1 else 'town centres'}: residents explain little of what happens there, so the "
            "expectation stands beside it, untested."
        )
    some = f"{below:,} lie" if below > 1 else "One lies" if below else "None lies"
    return f"Of {lsoas(deprived)} in the most deprived local fifth. {some} below the 95 % prediction interval; those lowest against expectation are listed."


def _shown(frame: Frame, rows: pd.DataFrame) -> pd.DataFrame:
    table = data.table(frame.dataset, frame.selection)
    point = [
        f"{percent(row.top_point_share)} {place_name(row.top_point)}" if pd.notna(row.point_flag) else ""
        for row in table.reindex(rows.index)[["top_point_share", "top_point", "point_flag"]].itertuples()
    ]
    verdict = rows["kind"].map({"more": "clear", "less": "clear", "apart": "apart"}).fillna("unsure")
    inside = ~_outside(rows) & (rows["kind"] == "as expected")
    return pd.DataFrame(
        {
            "LSOA": data.places(frame.dataset).reindex(rows.index),
            subject.nouns(frame.selection): rows["observed"],
            "Expected": rows["expected"],
            "Interval": [f"{low:,.0f} to {high:,.0f}" for low, high in zip(rows["low"], rows["high"], strict=True)],
            "Times": rows["ratio"],
            "Reading": verdict.mask(inside, "within"),
            POINT: point,
        }
    )


def _columns(frame: Frame) -> dict[str, Any]:
    figures = st.column_config.NumberColumn
    return {
        subject.nouns(frame.selection): figures(format="localized", width=62),
        "Expected": figures(
            format="%.0f",
            width=62,
            help="Of its residents, its deprivation without the crime domain, and town or country",
        ),
        "LSOA": st.column_config.TextColumn(width=190),
        "Reading": st.column_config.TextColumn(
            width=54,
            help="clear: passed the test; unsure: outside its interval, but could be chance; within: inside its interval; apart: a town centre, not tested",
        ),
        "Interval": st.column_config.TextColumn(width=74, help="95 % prediction interval of the number"),
        "Times": figures(format="%.1f", width=44, help="Observed over expected"),
        POINT: st.column_config.TextColumn(
            help="Given where one map point holds over 25 % of the count, or is a police station, hospital or prison; police.uk moves each offence to the nearest of its map points"
        ),
    }
