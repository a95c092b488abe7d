"""Definitions: two definitions of serious violence on the same data, and which LSOAs enter or leave the hotspots."""

from dataclasses import dataclass, replace

import pandas as pd
import streamlit as st

from geodata.dataset import Dataset
from hotspots.comparison import Comparison, compare_hotspots
from hotspots.definition import Definition
from hotspots.definitions import DEFAULT
from hotspots.narrative import same_form_sentence, unequal_months_sentence
from hotspots.selection import Selection
from pages.shared import data, subject, text
from pages.shared.frame import Frame
from pages.shared.views import parts


@dataclass(frozen=True)
class Compared:
    """What changes from the first definition to the second, and the ranked table of each."""

    change: Comparison
    first: pd.DataFrame
    second: pd.DataFrame


def show(frame: Frame) -> None:
    """Title, what each definition counts and cannot see side by side, the LSOAs that enter, leave and stay."""
    known = data.definitions()
    codes, usual = list(known), frame.selection.definition or DEFAULT
    heading = st.container()
    left, right = st.columns(2, gap="medium")
    with left:
        first = known[_choose("First definition", codes, usual, "definition_first")]
        _statement(first, "note_first")
    with right:
        other = next((code for code in codes if code != usual), usual)
        second = known[_choose("Second definition", codes, other, "definition_second")]
        _statement(second, "note_second")
    found = data.kept(compared, frame.dataset, frame.selection, first.id, second.id)
    differ = set(first.crime_types) != set(second.crime_types)
    with heading:
        st.title(_title(found, first, second, differ), anchor=False)
        text.caption(
            "Hotspots by number", frame.selection.period.label, frame.area_names, subject.source(frame),
            *(text.sentence(note) for note in (subject.gaps(frame), unequal_months_sentence(found.first["months"])) if note),
        )  # fmt: skip
    if differ:
        _table(frame, found, first, second)
    parts.worked_out("definitions-compared", "ranking")


def compared(dataset: Dataset, selection: Selection, first: str, second: str) -> Compared:
    """The ranked tables of two definitions for the same months, districts and measure, and what changes between them."""
    tables = [
        data.table(dataset, replace(selection, definition=code, crime_types=(), reading=None))
        for code in (first, second)
    ]
    return Compared(compare_hotspots(*tables), *tables)


def _choose(label: str, codes: list[str], usual: str, key: str) -> str:
    return str(st.selectbox(label, codes, index=codes.index(usual), format_func=_called, key=key, filter_mode=None))


def _called(code: str) -> str:
    return " ".join(word if word == "and" else word.capitalize() for word in code.split("-"))


def _statement(definition: Definition, key: str) -> None:
    text.paragraph(f"Counted in open data: {', '.join(definition.crime_types)}.")
    text.caption("\n\n".join(definition.statement), key=key)


def _title(found: Compared, first: Definition, second: Definition, differ: bool) -> str:
    names = (f"“{text.escaped(_called(first.id))}”", f"“{text.escaped(_called(second.id))}”")
    if first == second:
        return f"{names[0]} is chosen twice: choose two definitions to compare"
    return found.change.sentence(*names) if differ else same_form_sentence(*names)


def _table(frame: Frame, found: Compared, first: Definition, second: Definition) -> None:
    change = found.change
    codes = [*change.enter, *change.leave, *change.stay]
    if not codes:
        return
    words = ["enters"] * len(change.enter) + ["leaves"] * len(change.leave) + ["stays"] * len(change.stay)
    columns = {"LSOA": data.places(frame.dataset).reindex(codes).to_numpy(), f"By {_called(second.id)}": words}
    for definition, table in ((first, found.first), (second, found.second)):
        name, rows = _called(definition.id), table.reindex(codes)
        columns |= {f"Rank, {name}": rows["rank"].to_numpy(), f"Offences, {name}": rows["count"].to_numpy()}
    st.dataframe(pd.DataFrame(columns), hide_index=True, row_height=30, height=330, placeholder="")
