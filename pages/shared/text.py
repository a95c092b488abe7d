"""Text on the screen. What comes from data is shown as plain text, never as markdown, which may hold links and images."""

import re
from collections.abc import Iterable
from pathlib import Path

import streamlit as st

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")


def style(path: Path) -> str:
    """A style sheet of ours as an element, without its comments and what is only laid out: it is sent with every run."""
    rules = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    short = re.sub(r" ?([{};,]) ?", r"\1", " ".join(rules.split()))
    return f"<style>{short}</style>"


def paragraph(text: str) -> None:
    """Plain text at body size; safe for text from data."""
    st.text(text)


def caption(*parts: str, key: str = "caption") -> None:
    """Small plain text, the parts set off by dots; safe for text from data. ``key`` starts with caption or note."""
    with st.container(key=key):
        st.text("  ·  ".join(part for part in parts if part))


def escaped(text: str) -> str:
    """``text`` for the few places that only take markdown: every sign that could mean something stands for itself."""
    return _PUNCTUATION.sub(r"\\\1", " ".join(text.split()))


def sentence(text: str) -> str:
    """``text`` with a full stop where it has no end of its own."""
    return text if text.endswith((".", "!", "?")) else f"{text}."


def joined(items: Iterable[str]) -> str:
    """'a', 'a and b', 'a, b and c'."""
    every = list(items)
    return " and ".join([", ".join(every[:-1]), every[-1]]) if len(every) > 1 else "".join(every)
