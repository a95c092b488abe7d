"""All priority locations side by side: effect, displacement, verdict in words, and why some cannot be judged."""

from typing import Final

import pandas as pd
import streamlit as st

from hotspots.narrative import number
from hotspots.selection import month_name
from hotspots.verdict import PEAK, several_sentence, verdict
from pages.shared import evaluations, registered, subject, tables, text
from pages.shared.displacement_views.case import Case, examined, limits
from pages.shared.evaluations import Settings
from pages.shared.frame import Frame

TABLE: Final = "all_locations"
OPENS: Final = "Did it move?"


def show(frame: Frame, settings: Settings) -> None:
    """Title, one row for each location by name; a row opens it."""
    cases = [examined(frame, location, settings) for location in registered.locations(frame.dataset)]
    st.title(
        title(cases, subject.nouns(frame.selection).lower() if not subject.is_asb(frame.selection) else "ASB reports"),
        anchor=False,
    )
    more = [] if frame.large else [str(frame.dataset.manifest["area"]), subject.source(frame)]
    text.caption(subject.nouns(frame.selection), subject.counted(frame.selection), *more)
    judged = sum(case.found is not None for case in cases)
    peaks = any(case.found is not None and case.found.at_peak for case in cases)
    notes = [
        several_sentence(judged),
        f"Chosen at its peak: {PEAK[0].lower()}{PEAK[1:]}" if peaks else "",
        *([] if frame.large else subject.coverage(frame)),
    ]
    text.caption("\n".join(text.sentence(note) for note in notes if note), key="note_warnings")
    if frame.large:
        _in_large(cases)
        return
    table = rows(cases)
    st.session_state[TABLE] = {"selection": {"rows": [], "columns": [], "cells": []}}
    st.dataframe(
        table, hide_index=True, row_height=30, height="content", placeholder="", key=TABLE, selection_mode="single-row",
        on_select=lambda: _open(table),
        column_config={
            "Location": st.column_config.TextColumn(width=165),
            "In words": st.column_config.TextColumn(width=250),
            "Dispersion": st.column_config.NumberColumn(width=80, format="%.1f"),
            "When": st.column_config.TextColumn(width=175),
        },
    )  # fmt: skip
    text.caption(
        "Differences from what the controls lead to expect, with 95 % limits. Tick a row to open the location.",
        key="note_table",
    )
    refused = [case for case in cases if case.found is None]
    if refused:
        st.subheader("Cannot be judged", anchor=False)
        text.paragraph("\n".join(f"{case.location.name}: {case.refusal}" for case in refused))


def title(cases: list[Case], nouns: str) -> str:
    """How many had fewer or more than expected, of how many that can be judged."""
    found = [case.found for case in cases if case.found is not None]
    if not found:
        return "No priority location can be judged yet"
    fewer = sum(one.local.called < 0 and not one.at_peak for one in found)
    more = sum(one.local.called > 0 for one in found)
    peaked = sum(one.local.called < 0 and one.at_peak for one in found)
    of = f"{number(len(found))} priority location{'' if len(found) == 1 else 's'} that can be judged"
    fell = f", {number(peaked)} fell after being chosen at {'its' if peaked == 1 else 'their'} peak" if peaked else ""
    return f"Of {of}, {number(fewer) if fewer else 'none'} had fewer {nouns} than expected{fell}, {number(more) if more else 'none'} had more"


def rows(cases: list[Case]) -> pd.DataFrame:
    """One row for each location by its id, in the order of their names."""
    return pd.DataFrame(
        [
            {
                "Location": case.location.name,
                "In words": verdict(case.found) if case.found else "cannot be judged: see below",
                "Here": limits(case.found.local) if case.found else "",
                "Next door": limits(case.found.displacement) if case.found else "",
                "Both": limits(case.found.total) if case.found else "",
                "Dispersion": case.found.dispersion["local"] if case.found else None,
                "When": _when(case),
            }
            for case in cases
        ],
        index=pd.Index([case.location.id for case in cases]),
    )


def _when(case: Case) -> str:
    """ "January 2025, 12 months"."""
    start, _ = evaluations.span(case.location, case.settings)
    since = month_name(start) if start else ""
    if case.found is None:
        return since
    lengths = dict.fromkeys((len(case.found.windows.before), len(case.found.windows.after)))
    return f"{since}, {' and '.join(map(str, lengths))} months"


def _in_large(cases: list[Case]) -> None:
    """Names and verdicts as text: a table's type does not grow."""
    with st.container(key="note_large"):
        for case in cases:
            name, words = st.columns([2, 3])
            name.text(case.location.name)
            words.text(f"{verdict(case.found)}: {limits(case.found.local)}" if case.found else "cannot be judged")


def _open(table: pd.DataFrame) -> None:
    code = tables.picked_row(table, TABLE)
    if code is not None:
        st.session_state["location"] = code
        st.session_state["move"] = OPENS
