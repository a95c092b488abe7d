"""Choices whose names stand in no link: a hidden field carries their codes, the names are chosen beside it.

Streamlit writes what a bound widget shows into the address. What partners call their layers goes neither into a browser's history
nor into a log.
"""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from pages.shared import text

PARTS = ","  # between the codes of several


def one(label: str, key: str, names: Mapping[str, str], **more: Any) -> str:
    """The code of what is chosen of ``names`` by code; without a choice the first. ``more`` as of ``st.selectbox``."""
    asked = _carried(label, key)
    if asked and asked not in names:
        _say_gone(label, key)
    st.session_state[_shown(key)] = code = asked if asked in names else next(iter(names))
    st.selectbox(
        label, list(names), format_func=lambda one: names.get(one, str(one)), key=_shown(key), on_change=_take_one, args=(key,),
        filter_mode=None, **more,
    )  # fmt: skip
    return code


def several(label: str, key: str, names: Mapping[str, str], **more: Any) -> tuple[str, ...]:
    """The codes of what is chosen of ``names`` by code, any number. ``more`` as of ``st.multiselect``."""
    asked = [code for code in _carried(label, key).split(PARTS) if code]
    codes = [code for code in asked if code in names]
    if len(codes) < len(asked):
        _say_gone(label, key)
    st.session_state[_shown(key)] = codes
    st.multiselect(
        label, list(names), format_func=lambda one: names.get(one, str(one)), key=_shown(key), on_change=_take_several,
        args=(key,), **more,
    )  # fmt: skip
    return tuple(codes)


def _carried(label: str, key: str) -> str:
    return st.text_input(f"{label}, by code", key=key, bind="query-params", label_visibility="collapsed") or ""


def _shown(key: str) -> str:
    return f"{key}_shown"


def _take_one(key: str) -> None:
    st.session_state[key] = st.session_state[_shown(key)] or ""


def _take_several(key: str) -> None:
    st.session_state[key] = PARTS.join(st.session_state[_shown(key)])


def _say_gone(label: str, key: str) -> None:
    text.caption(f"{label}: not all that the link asked for is in this dataset.", key=f"note_gone_{key}")
