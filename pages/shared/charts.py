"""Charts: a month without data is a gap in the line, and says so."""

from collections.abc import Mapping
from typing import Any, Final

import altair as alt
import pandas as pd
import pyarrow as pa
import streamlit as st

from geodata.summary import runs
from hotspots.selection import Period
from pages.shared import text
from pages.shared.classes import ThemeName

SMALL_TYPE: Final = 12  # pixels, of words within a chart
LARGE_TYPE: Final = 22  # on a large screen
# Chosen months, other months, ground of months without data, words on it.
INKS: Final = {
    "light": ("#1d5a8c", "#8aa3b8", "#eceff2", "#5b6472"),
    "dark": ("#9ccbf0", "#5d7488", "#262d37", "#a7b0bd"),
}


def on_wall(pixels: float) -> Any:
    """So many pixels on a large screen, and more on a larger wall, as in large.css; the browser itself knows which it is."""
    return alt.ExprRef(f"{pixels} * (windowSize()[0] >= 1800 && windowSize()[1] >= 1000 ? 1.37 : 1)")


def monthly_series(
    counts: pd.Series, period: Period, noun: str, theme: ThemeName, *, height: int = 190, large: bool = False
) -> None:
    """Counts by month (NaN = missing), dark in the period; months without data are a grey ground that says so."""
    chosen, other, ground, words = INKS[theme]
    month = pd.to_datetime(pd.Series(counts.index.astype("str")))
    within = counts.index.isin(period.months)
    frame = pd.DataFrame({"month": month, "count": counts.to_numpy(), "chosen": within})
    # Of a run of months without data its first is enough to break the line.
    frame = frame[frame["count"].notna() | frame["count"].notna().shift(fill_value=False)].reset_index(drop=True)
    x = alt.X("month:T", title=None, axis=alt.Axis(format="%b %Y", labelOverlap=True, grid=False, tickCount="year"))
    y = alt.Y("count:Q", title=None, axis=alt.Axis(tickMinStep=1, tickCount=4, format=",d"))
    base = alt.Chart(light(frame)).encode(x=x, y=y)
    line = base.mark_line(color=other, strokeWidth=1.5, invalid="break-paths-show-domains")
    points = base.mark_point(size=110 if large else 34, opacity=1, strokeWidth=1.5).encode(
        stroke=alt.condition("datum.chosen", alt.value(chosen), alt.value(other)),
        fill=alt.condition("datum.chosen", alt.value(chosen), alt.value("transparent")),
        tooltip=[
            alt.Tooltip("month:T", format="%B %Y", title="Month"),
            alt.Tooltip("count:Q", title=noun, format=",d"),
        ],
    )
    draw(alt.layer(*gaps(counts, ground, words), line, points), theme, height, large=large)


def key(counts: pd.Series, name: str) -> None:
    """What the points and the ground of a monthly series mean."""
    gap = "Grey ground: no data for the month, which is not zero." if counts.isna().any() else ""
    text.caption(f"Filled points: the chosen period. {gap}".strip(), key=name)


def light(frame: pd.DataFrame) -> pa.Table:
    """The columns without what pandas writes beside them, which weighs as much as a short series itself."""
    return pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)


def gaps(counts: pd.Series, ground: str, words: str) -> list[Any]:
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
    bands["wide"] = (bands["end"] - bands["start"]).dt.days > 30 * max(len(names) / 7, 4)
    base = alt.Chart(light(bands))
    words_on = base.transform_filter("datum.wide").mark_text(text="no data", color=words)
    return [
        base.mark_rect(color=ground).encode(x="start:T", x2="end:T"),
        words_on.encode(x="middle:T"),
    ]


def rank_intervals(ranked: pd.DataFrame, theme: ThemeName, *, height: int = 460, large: bool = False) -> None:
    """A caterpillar plot: each place's rank interval, its own rank as a dot. Needs label, rank, rank_low, rank_high."""
    chosen, other, _, _ = INKS[theme]
    frame = ranked[["label", "rank", "rank_low", "rank_high"]].dropna().reset_index(drop=True)
    frame = frame.astype({"rank": "int64", "rank_low": "int64", "rank_high": "int64"})
    y = alt.Y(
        "label:N",
        sort=None,
        title=None,
        axis=alt.Axis(
            labelLimit=on_wall(360) if large else 210,
            labelOverlap=False,
            labelFlush=False,
            labelFontSize=on_wall(LARGE_TYPE) if large else 11,
            ticks=False,
            domain=False,
        ),
    )
    x = alt.X(
        "rank_low:Q",
        title="Rank (95 % interval)" if large else "Rank (95 % interval, dot: rank in the list)",
        scale=alt.Scale(domainMin=1, nice=False),
        axis=alt.Axis(format=",d", tickMinStep=1),
    )
    base = alt.Chart(frame).encode(y=y)
    bars = base.mark_bar(size=12 if large else 6, color=other, cornerRadius=3).encode(x=x, x2="rank_high:Q")
    dots = base.mark_point(filled=True, size=220 if large else 38, color=chosen, opacity=1).encode(
        x="rank:Q",
        tooltip=[
            alt.Tooltip("label:N", title="LSOA"), alt.Tooltip("rank:Q", title="Rank"),
            alt.Tooltip("rank_low:Q", title="from"), alt.Tooltip("rank_high:Q", title="to"),
        ],
    )  # fmt: skip
    draw(alt.layer(bars, dots), theme, height, large=large)


def lorenz(
    by_areas: pd.DataFrame,
    by_residents: pd.DataFrame | None,
    theme: ThemeName,
    *,
    height: int = 380,
    large: bool = False,
) -> None:
    """Lorenz curves against LSOAs and against residents, beside the line of equal shares."""
    chosen, other, _, _ = INKS[theme]
    curves = [("against LSOAs", by_areas)] + ([("against residents", by_residents)] if by_residents is not None else [])
    equal = pd.DataFrame({"share_of_weight": [0.0, 1.0], "share_of_events": [0.0, 1.0]})
    frame = pd.concat([curve.assign(curve=name) for name, curve in [*curves, ("equal shares", equal)]])
    names = ["against LSOAs", "against residents", "equal shares"]
    chart = (
        alt.Chart(frame)
        .mark_line(strokeWidth=4 if large else 2)
        .encode(
            x=alt.X("share_of_weight:Q", title="Share of LSOAs or of residents, quietest first", axis=alt.Axis(format="%")),
            y=alt.Y("share_of_events:Q", title="Share of what is counted", axis=alt.Axis(format="%")),
            color=alt.Color(
                "curve:N", title=None, scale=alt.Scale(domain=names, range=[chosen, "#d55e00", other]),
                legend=alt.Legend(orient="top"),
            ),
            strokeDash=alt.StrokeDash(
                "curve:N", title=None, scale=alt.Scale(domain=names, range=[[1, 0], [6, 3], [2, 3]]), legend=None
            ),
        )
    )  # fmt: skip
    draw(chart, theme, height, large=large)


def shares(named: Mapping[str, float], theme: ThemeName, *, height: int = 150, large: bool = False) -> None:
    """A few shares as bars with their figures, in the order given; the first is the one that is spoken of."""
    _bars(named, theme, "%", ".1%", height, large)


def numbers(named: Mapping[str, float], theme: ThemeName, *, height: int = 150, large: bool = False) -> None:
    """A few numbers as bars with their figures, in the order given; the first is the one that is spoken of."""
    _bars(named, theme, ",d", ",d", height, large)


def _bars(named: Mapping[str, float], theme: ThemeName, axis: str, figure: str, height: int, large: bool) -> None:
    if not named:
        return  # the page says why
    chosen, other, _, words = INKS[theme]
    frame = pd.DataFrame({"name": list(named), "value": list(named.values())})
    base = alt.Chart(frame).encode(
        y=alt.Y("name:N", sort=None, title=None, axis=alt.Axis(labelLimit=on_wall(480) if large else 260, ticks=False, domain=False)),
        x=alt.X("value:Q", title=None, axis=alt.Axis(format=axis, tickCount=5), scale=alt.Scale(domainMin=0)),
    )  # fmt: skip
    first = alt.condition(alt.datum["name"] == next(iter(named)), alt.value(chosen), alt.value(other))
    figures = base.mark_text(align="left", dx=5, color=words).encode(text=alt.Text("value:Q", format=figure))
    draw(alt.layer(base.mark_bar(size=24).encode(color=first), figures), theme, height, large=large)


def draw(chart: Any, theme: ThemeName, height: int, *, large: bool = False) -> None:
    """The chart with axes in ink that can be read: Streamlit's own grey is too pale for small print.

    On a large screen its type is large, and it takes the room that is left.
    """
    st.altair_chart(_styled(chart, theme, height, large=large), height="stretch" if large else "content")


def finished(chart: Any, theme: ThemeName, height: int, *, large: bool = False) -> dict[str, Any]:
    """A chart as it is sent, to be kept and shown again without being written anew."""
    with alt.data_transformers.enable("default", max_rows=None):
        spec: dict[str, Any] = _styled(chart, theme, height, large=large).to_dict()
    # as frames they take a tenth of the room, and are sent as they are
    return spec | {"datasets": {name: pd.DataFrame(rows) for name, rows in spec["datasets"].items()}}


def show(spec: dict[str, Any], *, large: bool = False) -> None:
    """A finished chart."""
    st.vega_lite_chart(spec, height="stretch" if large else "content")


def _styled(chart: Any, theme: ThemeName, height: int, *, large: bool) -> Any:
    words = INKS[theme][3]
    type_size = on_wall(LARGE_TYPE)
    size = {"labelFontSize": type_size, "titleFontSize": type_size} if large else {}
    styled = chart.properties(height=height).configure_axis(labelColor=words, titleColor=words, **size)
    styled = styled.configure_text(fontSize=type_size if large else SMALL_TYPE)
    room = {"labelLimit": on_wall(400), "symbolSize": 500, "symbolStrokeWidth": 4} if large else {}
    return styled.configure_legend(labelColor=words, **size, **room)
