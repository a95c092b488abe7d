"""Definitions: two definitions of serious violence on the same data, and which LSOAs enter or leave the hotspots."""

from dataclasses import dataclass, replace
from typing import Final

import pandas as pd
import streamlit as st

from geodata.dataset import Dataset
from hotspots.comparison import Comparison, compare_hotspots
from hotspots.definition import Definition
from hotspots.definitions import DEFAULT
from hotspots.groups import pair
from hotspots.narrative import lsoas, same_form_sentence, unequal_months_sentence
from hotspots.selection import RESIDENTS, Selection
from pages.shared import data, large, maps, subject, text
from pages.shared.classes import PAIRS, LegendEntry
from pages.shared.frame import Frame, reading_of
from pages.shared.views import parts

_OPEN_FORMS: Final = "Both include offences that open data cannot separate from what is meant"
_SAID: Final = 4  # lines that fit beside the map


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
            "Hotspots by number", frame.selection.period.label, *([] if frame.large else [frame.area_names, subject.source(frame)]),
            _OPEN_FORMS if frame.large and not by_code else "",
            *(text.sentence(note) for note in (subject.gaps(frame), unequal_months_sentence(found.first["months"])) if note),
        )  # fmt: skip
    if frame.large:
        if differ:
            _in_large(frame, found)
        return
    if differ:
        _table(frame, found, first, second)
    parts.worked_out("definitions-compared", "ranking", *(("code-form",) if by_code else ()))


def compared(dataset: Dataset, first: Selection, second: Selection) -> Compared:
    """The ranked tables of two definitions for the same months and districts, and what changes between them."""
    tables = [data.table(dataset, selection) for selection in (first, second)]
    return Compared(compare_hotspots(*tables), *tables)


def _in_large(frame: Frame, found: Compared) -> None:
    """The map of the hotspots by one definition, the other and both; how many stay, and which do not."""
    names, change = data.places(frame.dataset), found.change
    hotspots = pd.DataFrame({"first": found.first["hotspot"], "second": found.second["hotspot"]})
    state = parts.on_every_area(frame, pair(hotspots, "first", "second"))
    words = {
        "neither": "Neither",
        "first": "First only: leaves",
        "second": "Second only: enters",
        "both": "Both: stays",
    }
    colours = list(PAIRS[frame.theme].values())
    codes = parts.outside(parts.class_codes(state, list(words)), state.index.isin(found.first.index))
    entries = [LegendEntry(colour, label, "class") for colour, label in zip(colours, words.values(), strict=True)]
    counts = parts.on_every_area(frame, found.second["count"])
    picture, beside = large.finding()
    with picture:
        parts.draw_map(frame, codes, colours, counts, maps.ValueKind.OFFENCES, "Hotspot of", entries)
    with beside:
        moved = [f"{names[code]} enters" for code in change.enter] + [f"{names[code]} leaves" for code in change.leave]
        large.say([f"{lsoas(len(change.stay))} stay a hotspot by both", *moved[:_SAID]])


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
        said, statement = "Counted by offence code.", data.code_notes(frame.dataset, selection)
    else:
        said, statement = f"Counted in open data: {', '.join(definition.crime_types)}.", definition.statement
    text.paragraph(said)
    if not frame.large:
        text.caption("\n\n".join(statement), key=key)


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
