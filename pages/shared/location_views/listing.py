"""All priority locations side by side, in order of what is counted in them."""

from dataclasses import replace

import pandas as pd
import streamlit as st

from geodata.dataset import Dataset
from hotspots.location_figures import overlaps, rank_locations
from hotspots.locations import Location
from hotspots.narrative import counted, percent
from hotspots.register import RegisterError
from hotspots.selection import Selection
from hotspots.verdict import verdict
from pages.shared import data, large, locations, opening, registered, subject, text
from pages.shared.classes import OutlineKind
from pages.shared.evaluations import evaluate_location
from pages.shared.frame import Frame
from pages.shared.views import parts, where

_TABLE = "locations"
_SAID = 7  # locations that fit beside the map


def show(frame: Frame) -> None:
    """The map with every location numbered, the ranked list, what two of them share."""
    every = frame.locations
    st.title(_title(len(every)), anchor=False)
    text.caption(subject.caption(frame))
    if not every:
        text.paragraph(locations.NONE_YET)
    else:
        table = data.kept(ranked, frame.dataset, replace(frame.selection, measure="count"), every)
        table = _without_small_shapes(frame, table)
        if frame.large:
            picture, beside = large.finding()
            with picture:
                _map(frame, table)
            with beside:
                large.say(_in_words(frame, table))
            return
        left, right = st.columns(2, gap="small")
        with left:
            _map(frame, table)
        with right:
            _table(frame, table)
        locations.say([one.reading for one in overlaps(every, frame.dataset.areas)], "note_overlaps")
        parts.worked_out("locations", "rate", "trend")
    _archived()


def ranked(dataset: Dataset, selection: Selection, every: tuple[Location, ...]) -> pd.DataFrame:
    """The list as of ``hotspots.location_figures.rank_locations``, trends over the latest unbroken months."""
    incidents = data.recorded(dataset, selection)
    return rank_locations(
        every, incidents, data.cells(dataset, selection), dataset.areas, dataset.presence(selection.source),
        selection.period.months, data.crime_types(selection), data.latest_run(dataset, selection),
    )  # fmt: skip


def _without_small_shapes(frame: Frame, table: pd.DataFrame) -> pd.DataFrame:
    """Of an extract, the counts of a small shape would tell of single addresses: left out, and the row stays."""
    by_id = {one.id: one for one in frame.locations}
    small = [
        bool(registered.withheld(frame.selection, by_id[code], row["count"]))
        for code, row in table.fillna({"count": 0}).iterrows()
    ]
    shown = table.copy()
    shown.loc[small, ["rank", "count", "share", "rate_per_1000_year", "rate_low", "rate_high", "trend", "slope"]] = (
        pd.NA
    )
    return shown


def _title(n: int) -> str:
    return f"{counted(n, 'priority location')[0].upper()}{counted(n, 'priority location')[1:]}"


def _map(frame: Frame, table: pd.DataFrame) -> None:
    by_id = {one.id: one for one in frame.locations}
    kinds: list[OutlineKind] = [
        "target" if frame.location and frame.location.id == code else "other" for code in table.index
    ]
    outlines, shapes = locations.drawn(frame.dataset, [by_id[code] for code in table.index], kinds, numbered=True)
    where.show_map(
        frame,
        outlines=outlines,
        shapes=shapes,
    )


def _in_words(frame: Frame, table: pd.DataFrame) -> list[str]:
    """The first of the list, numbered as on the map, with what is counted and what became of it; names are text from users."""
    first = table.head(_SAID)
    said = []
    for place, (row, became) in enumerate(zip(first.itertuples(), _verdicts(frame, list(first.index)), strict=True), 1):
        count = "not shown" if pd.isna(row.count) else counted(int(row.count), subject.noun(frame.selection))
        share = "" if pd.isna(row.share) else f", {percent(row.share)}"
        said.append(f"{place}. {row.name}: {count}{share}{f'; {became}' if became else ''}")
    more = len(table) - len(first)
    return [*said, *([f"{more:,} more are on the map"] if more else [])]


def _table(frame: Frame, table: pd.DataFrame) -> None:
    number, words = st.column_config.NumberColumn, st.column_config.TextColumn
    picked = [list(table.index).index(frame.location.id)] if frame.location and frame.location.id in table.index else []
    st.session_state[_TABLE] = {"selection": {"rows": picked, "columns": [], "cells": []}}
    noun = subject.nouns(frame.selection)
    st.dataframe(
        pd.DataFrame(
            {
                "No.": range(1, len(table) + 1),
                "Location": table["name"],
                noun: table["count"],
                "Share": 100 * table["share"].astype("Float64"),
                "What became of it": _verdicts(frame, list(table.index)),
                "Of residents": 100 * table["residents_share"],
                "Rate": table["rate_per_1000_year"],
                "low": table["rate_low"].where(~table["shape"]),
                "high": table["rate_high"].where(~table["shape"]),
                "Trend": [_trend(row) for _, row in table.iterrows()],
                "Shape": ["rate at least" if shape else "" for shape in table["shape"]],
            }
        ),
        hide_index=True, height="stretch", row_height=30, placeholder="", key=_TABLE, selection_mode="single-row",
        on_select=lambda: _open(list(table.index)),
        column_config={
            "No.": number(width=40, help="As on the map"), "Location": words(width=150), noun: number(width=66, format="localized"),
            "Share": number(width=60, format="%.1f %%", help="Share of all that is counted in the whole area"),
            "Of residents": number(width=84, format="%.1f %%", help="Share of the area's residents"),
            "Rate": number(width=52, format="%.1f", help="Per 1,000 residents a year"),
            "low": number(width=52, format="%.1f", help="Lower limit of the rate's 95 % interval"),
            "high": number(width=52, format="%.1f", help="Upper limit of the rate's 95 % interval"),
            "What became of it": words(width=190, help="12 months before and after the first intervention; see Displacement"),
            "Trend": words(width=90, help="Over the latest unbroken months, by Mann-Kendall, held over all locations"),
            "Shape": words(width=90, help="A drawn shape: residents are those of every LSOA that it touches, so its rate is at least that, its share of residents at most"),
        },
    )  # fmt: skip
    text.caption("Tick a row to open its profile. A drawn shape has no rank among LSOAs.", key="note_locations")


def _verdicts(frame: Frame, codes: list[str]) -> list[str]:
    """A few words each; those without an intervention, or that cannot be evaluated, stay empty."""
    by_id = {one.id: one for one in frame.locations}
    with st.spinner("Trying untreated places …"):
        return [_verdict(frame, by_id[code]) for code in codes]


def _verdict(frame: Frame, location: Location) -> str:
    if not location.interventions:
        return ""
    try:
        return verdict(evaluate_location(frame.dataset, frame.selection, location, noun=subject.noun(frame.selection)))
    except ValueError:
        return "cannot be said"


def _trend(row: pd.Series) -> str:
    return "not known" if pd.isna(row["trend"]) else {"up": "up", "down": "down", "none": "none found"}[row["trend"]]


def _open(codes: list[str]) -> None:
    rows = st.session_state[_TABLE]["selection"]["rows"]
    st.session_state["location"] = codes[rows[0]] if rows else ""
    if rows:
        st.session_state["places"] = "Profile"


def _archived() -> None:
    section = st.expander("Taken off the list", key="archived", on_change="rerun")
    if not section.open:
        return
    with section:
        try:
            gone = opening.register().locations(archived=True)
            if not gone:
                text.paragraph("None.")
            for one in gone:
                line = st.container(horizontal=True)
                line.text(one.name)
                if line.button("Put it back", key=f"restore-{one.id}"):
                    opening.register().restore(
                        one.id, one.version, st.session_state.get("by", "").strip() or "not named"
                    )
                    st.rerun()
        except (RegisterError, ValueError) as error:
            text.paragraph(str(error))
