"""All priority locations side by side: effect, displacement, verdict in words, and why some cannot be judged."""

from typing import Final

import pandas as pd
import streamlit as st

from hotspots.evaluation import Evaluation
from hotspots.narrative import capital, counted, number
from hotspots.selection import month_name
from hotspots.verdict import CHOSEN_AFTER, PEAK, against_expected, missed_words, several_sentence, verdict
from pages.shared import evaluations, registered, subject, tables, text
from pages.shared.displacement_views.case import Case, examined, limits
from pages.shared.evaluations import Settings
from pages.shared.frame import Frame

TABLE: Final = "all_locations"
OPENS: Final = "Did it move?"
_WINDOWS: Final = "Before and after"
_IN_LARGE: Final = 7  # locations that have room
_NAMED: Final = 4  # locations in one sentence


def show(frame: Frame, settings: Settings) -> None:
    """Title, one row for each location by name; a row opens it."""
    cases = [examined(frame, location, settings) for location in registered.locations(frame.dataset)]
    st.title(
        title(cases, subject.nouns(frame.selection).lower() if not subject.is_asb(frame.selection) else "ASB reports"),
        anchor=False,
    )
    more = [] if frame.large else [str(frame.dataset.manifest["area"]), subject.source(frame)]
    text.caption(subject.nouns(frame.selection), subject.counted(frame.selection), *_shared_windows(cases), *more)
    found = [case.found for case in cases if case.found is not None]
    notes = [
        missed(cases),
        several_sentence(len(found)),
        PEAK if any(one.at_peak for one in found) else "",
        CHOSEN_AFTER if any(_by_itself(one) for one in found) else "",
        *([] if frame.large else subject.coverage(frame)),
    ]
    text.caption("\n".join(text.sentence(note) for note in notes if note), key="note_warnings")
    if frame.large:
        _in_large(cases)
        return
    table = rows(cases)
    if _shared_windows(cases):
        table = table.drop(columns=_WINDOWS)
    st.session_state[TABLE] = {"selection": {"rows": [], "columns": [], "cells": []}}
    st.dataframe(
        table, hide_index=True, row_height=30, height="content", placeholder="", key=TABLE, selection_mode="single-row",
        on_select=lambda: _open(table),
        column_config={
            "Location": st.column_config.TextColumn(width=165),
            "In words": st.column_config.TextColumn(width=250),
            "Dispersion": st.column_config.NumberColumn(width=80, format="%.1f"),
            _WINDOWS: st.column_config.TextColumn(width=330),
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
    """How many had fewer or more than expected, of how many that can be judged; that nothing was found is no finding."""
    found = [case.found for case in cases if case.found is not None]
    if not found:
        return "No priority location can be judged yet"
    peaked = sum(one.local.called < 0 and one.at_peak for one in found)
    fewer = sum(one.local.called < 0 for one in found) - peaked
    picked = sum(_by_itself(one) for one in found)
    more = sum(one.local.called > 0 for one in found) - picked
    said = [
        f"{number(fewer)} had fewer {nouns} than expected" if fewer else "",
        f"{number(peaked)} fell after being chosen at {'its' if peaked == 1 else 'their'} peak" if peaked else "",
        f"{number(more)} had more{'' if fewer else f' {nouns} than expected'}" if more else "",
        f"{number(picked)} had more, but {'was' if picked == 1 else 'were'} chosen by this very count"
        if picked
        else "",
    ]
    unclear = len(found) - fewer - peaked - more - picked
    judged = f"{counted(len(found), 'priority location')} that can be judged"
    if not any(said):
        return f"No clear change can be told in {'the' if len(found) == 1 else 'any of the'} {judged}"
    rest = f"in {number(unclear)} no clear change can be told" if unclear else ""
    return f"Of {judged}, {'; '.join(part for part in (*said, rest) if part)}"


def missed(cases: list[Case]) -> str:
    """What size of change could not have been seen where none is told; names are text from users."""
    each = [
        f"{missed_words(case.found)} in {case.location.name}"
        for case in cases
        if case.found is not None and not case.found.local.called and case.found.local.z is not None
    ]
    if not each:
        return ""
    left = len(each) - _NAMED
    shown = each if left <= 0 else [*each[:_NAMED], f"other sizes in {number(left)} more"]
    return f"Where no clear change can be told, a true change would be missed more than one time in five if smaller than {text.joined(shown)}"


def _by_itself(found: Evaluation) -> bool:
    """More than expected, in a place that was chosen by the very months that were high."""
    return found.local.called > 0 and found.chosen_after and not found.at_peak


def _shared_windows(cases: list[Case]) -> list[str]:
    """The windows, where all that can be judged have the same."""
    labels = {case.found.windows.label for case in cases if case.found is not None}
    return list(labels) if len(labels) == 1 else []


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
                _WINDOWS: _when(case),
            }
            for case in cases
        ],
        index=pd.Index([case.location.id for case in cases]),
    )


def _when(case: Case) -> str:
    """ "January to April 2024 against January to April 2025"; of one that cannot be judged when something was done."""
    if case.found is not None:
        return case.found.windows.label
    start, _ = evaluations.span(case.location, case.settings)
    return f"from {month_name(start)}" if start else ""


def _in_large(cases: list[Case]) -> None:
    """Names and verdicts as text: a table's type does not grow."""
    with st.container(key="note_large"):
        for case in cases[:_IN_LARGE]:
            name, words = st.columns([2, 5])
            name.text(case.location.name)
            words.text(_in_words(case, windows=not _shared_windows(cases)))
        if len(cases) > _IN_LARGE:
            st.text(f"{number(len(cases) - _IN_LARGE)} more: leave the large screen.")


def _in_words(case: Case, *, windows: bool) -> str:
    if case.found is None:
        return "Cannot be judged"
    when = f"; {case.found.windows.label}" if windows else ""
    return f"{capital(verdict(case.found))}: {against_expected(case.found.local)}{when}"


def _open(table: pd.DataFrame) -> None:
    code = tables.picked_row(table, TABLE)
    if code is not None:
        st.session_state["location"] = code
        st.session_state["move"] = OPENS
