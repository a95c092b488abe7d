"""Change what was agreed about a location; nobody's version is overwritten unseen."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

import pandas as pd
import streamlit as st

from hotspots.controls import RingRule
from hotspots.locations import Action, Intervention, Location, differences
from hotspots.narrative import lsoas
from hotspots.register import Conflict, RegisterError
from hotspots.selection import month_name
from pages.shared import data, locations, opening, text
from pages.shared.frame import Frame

_RINGS: Final = {
    "Next to it": RingRule(1),
    "Next to it, and next to those": RingRule(2),
    "The second step only, the first left out as a gap": RingRule(2, 1),
    "Within 500 metres": RingRule(500, in_metres=True),
    "Within 1,000 metres": RingRule(1000, in_metres=True),
    "Within 2,000 metres": RingRule(2000, in_metres=True),
    "From 500 to 1,500 metres": RingRule(1500, 500, in_metres=True),
}


def show(frame: Frame) -> None:
    """The form of all that was agreed, its earlier versions, and taking it off the list."""
    base = st.session_state.get("base")
    location = frame.location
    if location is None and base is not None and base.id == st.session_state.get("location"):
        location = base  # what stands in the form is not lost while the register cannot be read
        text.paragraph("The location cannot be read from the register just now; what you typed stands below.")
    if location is None:
        st.title("Choose the location to change", anchor=False)
        text.paragraph("Choose a priority location in the sidebar first.")
        return
    locations.heading(location)
    st.title("Change what was agreed about it", anchor=False)
    base = _base(location)
    said = st.session_state.pop("saved", "")
    if said:
        text.paragraph(said)
    _conflict(frame)
    if base.version != location.version:
        text.paragraph(
            "Somebody has saved another version since you opened this form. When you save, you are shown the difference first."
        )
        if st.button("Open theirs, without what I typed", key="open_theirs"):
            st.session_state["base"] = location
            st.rerun()
    locations.name_field()  # outside the form, so that it holds for every button
    with st.form("change", border=False):
        changed = _fields(frame, base)
        submitted = st.form_submit_button("Save", type="primary")
    if submitted:
        _try(lambda by: _save(changed(), base.version, by))
    _history(location)
    _put_away(base)


def _base(location: Location) -> Location:
    """The version that stood in the form when it was opened, so that a later one is never taken for it."""
    base = st.session_state.get("base")
    if base is None or base.id != location.id:
        base = st.session_state["base"] = location
    return base


def _fields(frame: Frame, base: Location) -> Callable[[], Location]:
    """The form; what it returns makes the changed location, or raises ValueError in words."""
    key = f"{base.id}-{base.version}-{getattr(base.version, 'token', '')}"
    name = st.text_input("Name", base.name, max_chars=80, key=f"name-{key}")
    st.subheader("What was done", anchor=False)
    done = st.data_editor(
        pd.DataFrame([(i.what, i.start, i.end, i.where) for i in base.interventions], columns=["what", "start", "end", "where"]).astype("str").replace("None", ""),
        num_rows="dynamic", hide_index=True, key=f"done-{key}",
        column_config={
            "what": st.column_config.TextColumn("What", width="large"),
            "start": st.column_config.TextColumn("From (YYYY-MM)", width=110),
            "end": st.column_config.TextColumn("To (empty: it goes on)", width=150),
            "where": st.column_config.TextColumn("Where"),
        },
    )  # fmt: skip
    st.subheader("Actions", anchor=False)
    actions = st.data_editor(
        pd.DataFrame([(a.text, a.owner, a.review, a.outcome) for a in base.actions], columns=["text", "owner", "review", "outcome"]).astype({"text": "str", "owner": "str", "review": "object", "outcome": "str"}),
        num_rows="dynamic", hide_index=True, key=f"actions-{key}",
        column_config={
            "text": st.column_config.TextColumn("Action", width="large"),
            "owner": st.column_config.TextColumn("Owner"),
            "review": st.column_config.DateColumn("Review", format="D MMM YYYY", width=110),
            "outcome": st.column_config.TextColumn("Judged by (outcome measure)"),
        },
    )  # fmt: skip
    notes = st.text_area("Notes", base.notes, max_chars=10_000, key=f"notes-{key}")
    with st.expander("What it is compared with"):
        rules = dict(_RINGS) if base.ring in _RINGS.values() else {f"As it is: {base.ring.label}": base.ring, **_RINGS}
        rule = st.selectbox(
            "The places next door, where it may have moved", list(rules), index=list(rules.values()).index(base.ring),
            key=f"ring-{key}", filter_mode=None,
        )  # fmt: skip
        ring_codes = _codes(
            frame, "LSOAs next door, chosen by hand (empty: by the rule above)", base.ring_codes, f"ring_codes-{key}"
        )
        controls = _codes(
            frame, "Controls, chosen by hand (empty: suggested by matching)", base.controls, f"controls-{key}"
        )
        ring_controls = _codes(frame, "Controls of the places next door (empty: suggested)", base.ring_controls, f"ring_controls-{key}")  # fmt: skip

    def changed() -> Location:
        return replace(
            base,
            name=name,
            notes=notes,
            interventions=tuple(
                Intervention(_cell(row.what), _month(row.start), _month(row.end) or None, _cell(row.where))
                for row in done.itertuples()
                if _filled(row)
            ),
            actions=tuple(
                Action(_cell(row.text), _cell(row.owner), _day(row.review), _cell(row.outcome))
                for row in actions.itertuples()
                if _filled(row)
            ),
            ring=rules[str(rule)],
            ring_codes=tuple(ring_codes),
            controls=tuple(controls),
            ring_controls=tuple(ring_controls),
        )

    return changed


def _codes(frame: Frame, label: str, chosen: Sequence[str], key: str) -> list[str]:
    """LSOAs to choose; those that are not in this dataset stay as they are."""
    labels = data.labels(frame.dataset)
    here, elsewhere = [c for c in chosen if c in labels], [c for c in chosen if c not in labels]
    picked = st.multiselect(
        label, list(labels), here, format_func=lambda code: labels.get(code, code), key=key, placeholder="None"
    )
    if elsewhere:
        text.caption(f"{lsoas(len(elsewhere))} that this dataset does not hold stay on the list.", key=f"note_{key}")
    return [*picked, *elsewhere]


def _filled(row: Any) -> bool:
    """Whether anything stands in a row; one that was only begun is not dropped, but refused in words."""
    return any(_cell(value).strip() for value in row[1:])


def _cell(value: Any) -> str:
    return "" if value is None or pd.isna(value) else str(value)


def _month(value: Any) -> str:
    month = _cell(value).strip()
    if month:
        month_name(month)  # refuses what is none, in words
    return month


def _day(value: Any) -> date | None:
    try:
        return None if value is None or pd.isna(value) else pd.Timestamp(value).date()
    except (ValueError, OverflowError):
        raise ValueError(f"The review date {value} is none that can be kept. Choose one of this century.") from None


def _try(save: Callable[[str], object]) -> None:
    """Save, or say in one sentence why not; a conflict is kept to be shown."""
    by = st.session_state.get("by", "").strip()
    try:
        if not by:
            raise ValueError("Who saves this is missing. Type your name.")
        save(by)
    except Conflict as conflict:
        st.session_state["conflict"] = conflict
    except (ValueError, RegisterError) as error:
        st.error(text.escaped(str(error)))
        return
    st.rerun()


def _save(changed: Location, expected_version: int, by: str) -> None:
    kept = st.session_state["base"] = opening.register().save(changed, expected_version, by)
    st.session_state["saved"] = f"Saved as version {kept.version}."
    st.session_state.pop("conflict", None)


def _conflict(frame: Frame) -> None:
    """Two people saved at once: what saving this one's version would change in the other's, and the choice."""
    conflict: Conflict | None = st.session_state.get("conflict")
    if conflict is None or frame.location is None or conflict.mine.id != frame.location.id:
        return
    with st.container(border=True, key="conflict"):
        text.paragraph(f"{conflict} If you save yours over it, this changes:")
        text.paragraph("\n".join(conflict.differences) or "Nothing: both are the same.")
        buttons = st.container(horizontal=True)
        if buttons.button("Save mine over it", key="mine"):
            mine, theirs = conflict.mine, conflict.theirs
            _try(lambda by: _save(mine, theirs.version, by))
        if buttons.button("Keep theirs", key="theirs"):
            st.session_state.pop("conflict")
            st.session_state["base"] = frame.location
            st.rerun()


def _archive(base: Location, by: str) -> None:
    opening.register().archive(base.id, base.version, by)
    st.session_state.pop("base", None)


def _history(location: Location) -> None:
    section = st.expander("Earlier versions", key="history", on_change="rerun")
    if not section.open:
        return
    with section:
        try:
            every = opening.register().history(location.id)
        except RegisterError as error:
            text.paragraph(str(error))
            return
        for now, before in zip(every, (*every[1:], None), strict=True):
            what = "Made." if before is None else " ".join(differences(before.location, now.location))
            text.paragraph(f"Version {now.location.version}, {now.at.day} {now.at:%B %Y, %H:%M} UTC, {now.by}. {what}")


def _put_away(base: Location) -> None:
    with st.expander("Take it off the list"):
        text.paragraph("It keeps its name and its history, and can be put back under “All locations”.")
        if st.button("Take it off the list", key="archive"):
            _try(lambda by: _archive(base, by))
