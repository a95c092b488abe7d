"""Definitions: two definitions of serious violence on the same data, and which LSOAs enter or leave the hotspots."""

from dataclasses import dataclass, replace

import pandas as pd
import streamlit as st

from geodata.dataset import Dataset
from hotspots.comparison import Comparison, compare_hotspots
from hotspots.definition import Definition
from hotspots.definitions import DEFAULT
from hotspots.narrative import same_form_sentence, unequal_months_sentence
from hotspots.selection import RESIDENTS, Selection
from pages.shared import data, subject, text
from pages.shared.frame import Frame, reading_of
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
    with right:
        other = next((code for code in codes if code != usual), usual)
        second = known[_choose("Second definition", codes, other, "definition_second")]
    asked = _asked(frame, first), _asked(frame, second)
    for place, definition, selection, key in (
        (left, first, asked[0], "note_first"),
        (right, second, asked[1], "note_second"),
    ):
        with place:
            _statement(frame, definition, selection, key)
    found = data.kept(compared, frame.dataset, *asked)
    by_code = any(selection.reading is not None for selection in asked)
    differ = first != second and (by_code or set(first.crime_types) != set(second.crime_types))
    with heading:
        st.title(_title(found, first, second, differ), anchor=False)
        text.caption(
            "Hotspots by number", frame.selection.period.label, frame.area_names, subject.source(frame),
            *(text.sentence(note) for note in (subject.gaps(frame), unequal_months_sentence(found.first["months"])) if note),
        )  # fmt: skip
    if differ:
        _table(frame, found, first, second)
    parts.worked_out("definitions-compared", "ranking", *(("code-form",) if by_code else ()))


def compared(dataset: Dataset, first: Selection, second: Selection) -> Compared:
    """The ranked tables of two definitions for the same months and districts, and what changes between them."""
    tables = [data.table(dataset, selection) for selection in (first, second)]
    return Compared(compare_hotspots(*tables), *tables)


def _asked(frame: Frame, definition: Definition) -> Selection:
    """The definition by number: by offence code and as it is read, where the source carries codes; else by its open-data form."""
    by_code = data.has_codes(frame.dataset, frame.selection.source)
    return replace(
        frame.selection,
        definition=definition.id,
        crime_types=(),
        reading=reading_of(definition) if by_code else None,
        measure="count",
        per=RESIDENTS,
    )


def _choose(label: str, codes: list[str], usual: str, key: str) -> str:
    return str(st.selectbox(label, codes, index=codes.index(usual), format_func=_called, key=key, filter_mode=None))


def _called(code: str) -> str:
    return " ".join(word if word == "and" else word.capitalize() for word in code.split("-"))


def _statement(frame: Frame, definition: Definition, selection: Selection, key: str) -> None:
    if selection.reading is not None:
        text.paragraph("Counted by offence code.")
        text.caption("\n\n".join(data.code_notes(frame.dataset, selection)), key=key)
        return
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
