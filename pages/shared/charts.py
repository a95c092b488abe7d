"""Charts: a month without data is a gap in the line, and says so."""

from typing import Any, Final

import altair as alt
import pandas as pd
import streamlit as st

from geodata.summary import runs
from hotspots.selection import Period
from pages.shared.classes import ThemeName

# Chosen months, other months, ground of months without data, words on it.
_INKS: Final = {
    "light": ("#1d5a8c", "#8aa3b8", "#eceff2", "#5b6472"),
    "dark": ("#9ccbf0", "#5d7488", "#262d37", "#a7b0bd"),
}


def monthly_series(counts: pd.Series, period: Period, noun: str, theme: ThemeName, *, height: int = 190) -> None:
    """Counts by month (NaN = missing), dark in the period; months without data are a grey ground that says so."""
    chosen, other, ground, words = _INKS[theme]
    month = pd.to_datetime(pd.Series(counts.index.astype("str")))
    within = counts.index.isin(period.months)
    frame = pd.DataFrame({"month": month, "count": counts.to_numpy(), "chosen": within})
    x = alt.X("month:T", title=None, axis=alt.Axis(format="%b %Y", labelOverlap=True, grid=False, tickCount="year"))
    y = alt.Y("count:Q", title=None, axis=alt.Axis(tickMinStep=1, tickCount=4, format=",d"))
    base = alt.Chart(frame).encode(x=x, y=y)
    line = base.mark_line(color=other, strokeWidth=1.5, invalid="break-paths-show-domains")
    points = base.mark_point(filled=True, size=34, opacity=1).encode(
        color=alt.condition("datum.chosen", alt.value(chosen), alt.value(other)),
        tooltip=[
            alt.Tooltip("month:T", format="%B %Y", title="Month"),
            alt.Tooltip("count:Q", title=noun, format=",d"),
        ],
    )
    st.altair_chart(alt.layer(*_gaps(counts, ground, words), line, points).properties(height=height))


def _gaps(counts: pd.Series, ground: str, words: str) -> list[Any]:
    """A grey band over each run of months without data, with the words "no data" where they fit."""
    names = [str(month) for month in counts.index]
    missing = [name for name, gone in zip(names, counts.isna(), strict=True) if gone]
    if not missing:
        return []
    half = pd.DateOffset(days=15)
    bands = pd.DataFrame(
        [(pd.Timestamp(first) - half, pd.Timestamp(last) + half) for first, last in runs(missing, names)],
        columns=["start", "end"],
    )
    bands["middle"] = bands["start"] + (bands["end"] - bands["start"]) / 2
    wide = bands[(bands["end"] - bands["start"]).dt.days > 30 * max(len(names) / 12, 3)]
    layers: list[Any] = [alt.Chart(bands).mark_rect(color=ground).encode(x="start:T", x2="end:T")]
    if len(wide):
        text = alt.Chart(wide).mark_text(text="no data", color=words, fontSize=12)
        layers.append(text.encode(x="middle:T"))
    return layers
