"""How a location is compared: the choices that stand in the link, and controls that are tried without saving them."""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from hotspots.evaluation import Evaluation
from hotspots.locations import Location
from hotspots.selection import Period, month_name
from hotspots.windows import LENGTHS
from pages.shared import data, evaluations, text
from pages.shared.evaluations import Settings
from pages.shared.frame import Frame

SAME: Final = "same-months"
DIRECTLY: Final = "directly"
BY_HAND: Final = "by-hand"
_COMPARED: Final = {
    SAME: "Same months of the year",
    DIRECTLY: "Months directly before and after",
    BY_HAND: "Months chosen by hand",
}
_DEFAULT: Final = 12


def ask(frame: Frame, location: Location | None) -> Settings:
    """The settings for a location, or (None) those that all locations share."""
    with st.container(key="settings"), st.expander("How it is compared", expanded=_must_ask(location)):
        first, second = st.columns(2, gap="medium")
        with first:
            intervention, month = _when(frame, location) if location else (0, None)
        with second:
            length = st.selectbox(
                "Months on each side", LENGTHS, index=LENGTHS.index(_DEFAULT), key="length", bind="query-params",
                format_func=lambda n: f"{n} months", filter_mode=None,
            )  # fmt: skip
            compared = st.radio(
                "Compared", list(_COMPARED), format_func=_COMPARED.__getitem__, key="compare", bind="query-params"
            )
        before, after = _by_hand(frame, location, intervention) if compared == BY_HAND else (None, None)
        controls = _try_others(frame, location) if location else ((), ())
    return Settings(intervention, month, int(length or _DEFAULT), compared != DIRECTLY, before, after, *controls)


def _must_ask(location: Location | None) -> bool:
    return location is not None and not location.interventions


def _when(frame: Frame, location: Location) -> tuple[int, str | None]:
    """Which intervention, or from which month where none is recorded."""
    if not location.interventions:
        months = evaluations.months_present(frame.dataset, frame.selection.source)
        month = st.selectbox(
            "Month from which something was done", months, index=None, key="since", bind="query-params",
            format_func=month_name, placeholder="Choose a month", filter_mode=None,
        )  # fmt: skip
        text.caption(
            "No intervention is recorded for this location: record one under Priority locations.", key="note_since"
        )
        return 0, month
    numbers = [str(n) for n in range(1, len(location.interventions) + 1)]
    if st.session_state.get("intervention") not in numbers:
        st.session_state.pop("intervention", None)
    chosen = st.selectbox(
        "What was done", numbers, key="intervention", bind="query-params", filter_mode=None,
        format_func=lambda n: f"{n}, from {month_name(location.interventions[int(n) - 1].start)}",
    )  # fmt: skip
    at = int(chosen) - 1
    text.caption(location.interventions[at].label, key="note_done")
    return at, None


def _by_hand(frame: Frame, location: Location | None, intervention: int) -> tuple[Period, Period]:
    """Two windows; those offered first meet where something was done."""
    months = evaluations.months_present(frame.dataset, frame.selection.source)
    start, _ = evaluations.span(location, Settings(intervention)) if location else (None, None)
    half = max(len(months) - _DEFAULT, len(months) // 2)
    at = min(next((i for i, month in enumerate(months) if start and month >= start), half), len(months) - 1)
    first, second = st.columns(2, gap="medium")
    with first:
        before = _window("before", months, max(at - _DEFAULT, 0), max(at - 1, 0))
    with second:
        after = _window("after", months, at, min(at + _DEFAULT, len(months)) - 1)
    return before, after


def _window(name: str, months: Sequence[str], first: int, last: int) -> Period:
    start, end = (
        str(
            st.selectbox(
                f"{name.capitalize()}: {word}", months, index=at, key=f"{name}_{word}", bind="query-params",
                format_func=month_name, filter_mode=None,
            )
        )
        for word, at in (("from", first), ("to", last))
    )  # fmt: skip
    if end < start:
        text.caption(f"“To” lies before “from”, so {month_name(start)} alone is taken.", key=f"note_{name}")
    return Period(start, max(start, end))


def _try_others(frame: Frame, location: Location) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Other controls, for this visit only."""
    st.toggle("Try other controls", key="try_others")
    if not st.session_state["try_others"]:
        return (), ()
    text.caption(
        "For a look only: what is chosen here is not in the link and not saved. To keep controls, set them under Priority "
        "locations. Empty: as they are.",
        key="note_try",
    )
    label = data.labels(frame.dataset)
    options = [code for code in label if code not in location.lsoa_codes]
    return tuple(
        tuple(
            st.multiselect(
                words, options, key=f"{key}_{location.id}", format_func=lambda code: label.get(code, code),
                placeholder="As they are",
            )
        )
        for words, key in (("Controls", "try_controls"), ("Ring controls", "try_ring_controls"))
    )  # type: ignore[return-value]  # fmt: skip


def said(found: Evaluation, location: Location) -> str:
    """By what rules the places compared were chosen."""
    ring = "chosen by hand" if location.ring_codes else location.ring.label
    own = "chosen by hand" if "control" not in found.matches else "suggested by matching"
    ring = ring if "ring" in found.groups else "none"
    return f"Ring: {ring}. Controls: {own}, none of them touching target or ring."
