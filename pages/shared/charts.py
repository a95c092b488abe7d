"""Charts: a month without data is a gap in the line, and says so."""

from typing import Any, Final

import altair as alt
import pandas as pd
import streamlit as st

from hotspots.selection import Period
from pages.shared.classes import ThemeName

_LINE: Final = {"light": "#1d5a8c", "dark": "#9ccbf0"}
_GAP: Final = {"light": "#c9ced6", "dark": "#3d4451"}
_CHOSEN: Final = {"light": "#e8edf2", "dark": "#263140"}


def monthly_series(counts: pd.Series, period: Period, noun: str, theme: ThemeName, *, height: int = 190) -> None:
    """Counts by month (NaN = missing) with the period on a shaded ground and gaps marked along the axis."""
    month = pd.to_datetime(counts.index)
    frame = pd.DataFrame({"month": month, "count": counts.to_numpy(), "ends": month + pd.offsets.MonthBegin(1)})
    x = alt.X("month:T", title=None, axis=alt.Axis(format="%b %Y", labelOverlap=True, grid=False))
    line = (
        alt.Chart(frame)
        .mark_line(
            point=alt.OverlayMarkDef(size=22, color=_LINE[theme]),
            color=_LINE[theme],
            invalid="break-paths-show-domains",
        )
        .encode(
            x=x,
            y=alt.Y(
                "count:Q",
                title=f"{noun} a month",
                axis=alt.Axis(tickMinStep=1, tickCount=5),
                scale=alt.Scale(zero=True),
            ),
            tooltip=[alt.Tooltip("month:T", format="%B %Y", title="Month"), alt.Tooltip("count:Q", title=noun)],
        )
    )
    shown = frame[(month >= f"{period.start}-01") & (month <= f"{period.end}-01")]
    layers: list[Any] = [line]
    if len(shown):
        ground = pd.DataFrame({"month": [shown["month"].min()], "ends": [shown["ends"].max()]})
        layers.insert(0, alt.Chart(ground).mark_rect(color=_CHOSEN[theme]).encode(x="month:T", x2="ends:T"))
    missing = frame[frame["count"].isna()]
    if len(missing):
        band = (
            alt.Chart(missing)
            .mark_rect(color=_GAP[theme], height=6)
            .encode(
                x="month:T",
                x2="ends:T",
                y=alt.value(height - 36),
                tooltip=[alt.Tooltip("month:T", format="%B %Y", title="No data")],
            )
        )
        layers.append(band)
    st.altair_chart(alt.layer(*layers).properties(height=height))
