"""The large screen: one switch, in the link. No sidebar, large type, one finding for each view."""

from collections.abc import Iterable, Sequence
from math import ceil
from pathlib import Path
from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from geodata.dataset import Dataset
from hotspots.register import RegisterError
from pages.shared import registered, text

KEY: Final = "large"
_STYLE: Final = text.style(Path(__file__).with_name("large.css"))
# What has room beside the picture on the smallest of large screens, in lines of so many letters, and what the title takes.
_ROWS: Final = 20
_ACROSS: Final = 42
_BETWEEN: Final = 0.4  # of a line, between two sentences
_TITLE: Final = 1.7
_TITLE_ACROSS: Final = 60
_BUTTONS: Final = 2


def is_on() -> bool:
    """Whether the page is for a large screen; to be asked on every run, since the link alone says so on the first."""
    return bool(st.session_state.get(KEY, st.query_params.get(KEY) == "true"))


def switch() -> None:
    """The switch, in the sidebar."""
    st.toggle("Large screen", key=KEY, bind="query-params", help="For a wall: large type, one finding, no filters.")


def style() -> None:
    """Large type and no sidebar, which is still there and keeps the filters."""
    if is_on():
        st.html(_STYLE)


def controls(dataset: Dataset) -> None:
    """The next and the previous location, and the way back; each has a key of its own and is reached by Tab."""
    if not is_on():
        return
    if _locations(dataset):
        st.button("Previous location", on_click=_go, args=(dataset, -1), shortcut="PageUp")
        st.button("Next location", on_click=_go, args=(dataset, 1), shortcut="PageDown")
    st.button("Leave large screen", on_click=_leave)


def finding() -> tuple[DeltaGenerator, DeltaGenerator]:
    """Where the one picture goes, and beside it what matters: on a wall nobody points at anything."""
    with st.container(key="finding"):
        picture, beside = st.columns([8, 5], gap="medium")
    return picture, beside


def fitting(lines: Sequence[str], title: str, *, below_questions: bool = False) -> list[str]:
    """The lines that have room beside the picture, the first before the others, and how many more there are: what lies below
    the edge of a wall is not seen, and nobody scrolls there.

    ``below_questions``: a second row of buttons stands above the title.
    """
    room = _ROWS - _TITLE * ceil(len(title) / _TITLE_ACROSS) - (_BUTTONS if below_questions else 0)
    said = [line for line in lines if line]
    rows = [ceil(len(line) / _ACROSS) + _BETWEEN for line in said]
    if sum(rows) <= room:
        return said
    room -= 1 + _BETWEEN
    shown = []
    for line, row in zip(said, rows, strict=True):
        if row <= room:
            shown.append(line)
            room -= row
    return [*shown, f"{len(said) - len(shown)} more to mind: leave the large screen"]


def say(lines: Iterable[str]) -> None:
    """What matters, a sentence each; may hold text from data."""
    for line in lines:
        if line:
            text.paragraph(text.sentence(line))


def _locations(dataset: Dataset) -> list[str]:
    try:
        return [one.id for one in registered.locations(dataset)]
    except RegisterError:
        return []  # the sidebar says why, and there is nothing to step through


def _go(dataset: Dataset, by: int) -> None:
    known = _locations(dataset)
    if known:
        at = known.index(st.session_state["location"]) if st.session_state.get("location") in known else min(-by, 0)
        st.session_state["location"] = known[(at + by) % len(known)]


def _leave() -> None:
    st.session_state[KEY] = False
