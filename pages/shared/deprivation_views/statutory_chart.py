"""The chart of one statutory measure: counts with their limits, ranges where months are suppressed, grounds where none are known.

Years or months stand on one axis, in years since the first, so that a change in recording falls where it belongs.
"""

import json
import math
from collections.abc import Sequence
from typing import Any, Final, Literal

import altair as alt
import pandas as pd

from geodata.dataset import Dataset
from hotspots.statutory import year_of
from pages.shared import charts
from pages.shared.classes import OUTLINES, ThemeName

Size = Literal["small", "plain", "large"]

_HEIGHT: Final[dict[Size, int]] = {"small": 150, "plain": 220, "large": 680}
_SMALL_TYPE: Final = 12
_BAND: Final = ["start", "end", "lacks"]


def chart(
    _dataset: Dataset,
    rows: pd.DataFrame,
    starts: int,
    baseline: str,
    changes: tuple[str, ...],
    top: float,
    theme: ThemeName,
    size: Size,
) -> dict[str, Any]:
    """The finished chart of one place.

    Parameters
    ----------
    rows
        ``statutory.yearly`` or ``monthly`` of the place, by ``year`` or ``month``, with ``says``, the row in words, and ``shown``, its
        figure (empty where it has no room).
    starts
        The month that years start in.
    baseline
        The year that others are set against.
    changes
        Months from which recording changed.
    top
        The highest number on the axis, the same for all charts that stand together.
    size
        "small" (one of several), "plain" or "large" (on a wall).
    """
    of_months = rows.index.name == "month"
    first = int(str(rows.index[0])[:4]) - (of_months and int(str(rows.index[0])[5:]) < starts)
    placed = _placed(rows, first, starts, top)
    last = first + math.ceil(placed["end"].max() - 0.01)  # of twelfths, which do not add up to the last bit
    years = [year_of(f"{year}-{starts:02d}", starts) for year in range(first, last)]
    labels = alt.Axis(
        values=[place + (0 if of_months else 0.5) for place in range(len(years))],
        labelExpr=f"{json.dumps(years)}[floor(datum.value)]",
        labelAlign="left" if of_months else "center",
        labelOverlap=True,
        ticks=of_months,
        tickSize=8,
        grid=False,
    )
    chosen, other, ground, words = charts.INKS[theme]
    mark = OUTLINES[theme]["target"].colour
    type_size = charts.LARGE_TYPE if size == "large" else _SMALL_TYPE
    x = alt.X("middle:Q", title=None, scale=alt.Scale(domain=[0, len(years)], nice=False), axis=labels)
    y = alt.Y("low:Q", title=None, scale=alt.Scale(domain=[0, top], nice=False), axis=alt.Axis(tickCount=4, tickMinStep=1, format=",d"))  # fmt: skip
    known = placed[placed["state"] != "missing"]
    base = alt.Chart(known).encode(x=x, y=y, tooltip=alt.Tooltip("says:N", title=" "))
    exact, hidden = (
        base.transform_filter("datum.state == 'count'"),
        base.transform_filter("datum.state == 'suppressed'"),
    )
    layers = [
        *_gaps(placed, len(years), ground, words, type_size, narrow=size == "small"),
        *_baseline(years, baseline, chosen, words, type_size),
        base.mark_rule(strokeWidth=2, color=other if of_months else words).encode(y="lower:Q", y2="upper:Q"),
        hidden.mark_bar(size=4 if of_months else 22, color=ground, stroke=chosen, strokeWidth=2).encode(y2="high:Q"),
        exact.mark_point(size=22 if of_months else 90, opacity=1, strokeWidth=2, stroke=chosen, fill=chosen),
    ]
    if of_months:  # a month that is not known breaks the line
        line = alt.Chart(placed.assign(count=placed["count"].astype("float64"))).encode(x=x, y="count:Q")
        layers.insert(2, line.mark_line(strokeWidth=1.5, color=other, invalid="break-paths-show-domains"))
    else:
        layers.append(base.mark_text(align="left", dx=14, color=words, fontSize=type_size).encode(text="shown:N"))
    layers += _changes(changes, first, starts, mark, words, type_size, named=size != "small")
    return charts.finished(alt.layer(*layers), theme, _HEIGHT[size], large=size == "large")


def _placed(rows: pd.DataFrame, first: int, starts: int, top: float) -> pd.DataFrame:
    """Rows with where they stand on the axis and their state; what is not known upwards is drawn to the top."""
    if rows.index.name == "month":
        start = [_years(str(month), first, starts) for month in rows.index]
        length = 1 / 12
    else:
        start = [int(str(year)[:4]) - first for year in rows.index]
        length = 1
    # a year that lacks months would stand beside full ones as if it had fallen
    partial = rows["missing"].gt(0) & rows["low"].notna() & (rows.index.name == "year")
    state = pd.Series("count", rows.index).mask(rows["suppressed"] > 0, "suppressed")
    state = state.mask(rows["low"].isna() | partial, "missing")
    lacks = partial.map({True: "not a full year", False: "no data"})
    if "withheld" in rows:
        lacks = lacks.mask(rows["withheld"], "not shown")
    return pd.DataFrame(
        {
            "start": start, "end": [one + length for one in start], "middle": [one + length / 2 for one in start],
            "state": state, "lacks": lacks, "count": rows["count"], "says": rows["says"], "shown": rows["shown"],
            "low": rows["low"], "high": rows["high"].fillna(int(top)), "lower": rows["lower"], "upper": rows["upper"].fillna(top),
        }
    ).reset_index(drop=True)  # fmt: skip


def _years(month: str, first: int, starts: int) -> float:
    return int(month[:4]) - first + (int(month[5:]) - starts) / 12


def _gaps(placed: pd.DataFrame, years: int, ground: str, words: str, size: int, narrow: bool) -> list[Any]:
    """A grey ground from end to end of what is not known, and in words why, where they fit."""
    ends = [(0.0, placed["start"].min()), (placed["end"].max(), float(years))]
    beyond = pd.DataFrame([(start, end, "no data") for start, end in ends if end - start > 1e-9], columns=_BAND)
    missing = placed["state"] == "missing"
    lacks = placed["lacks"].where(missing, "")
    run = (lacks != lacks.shift()).cumsum()[missing]
    bands = placed[missing].groupby(run).agg(start=("start", "first"), end=("end", "last"), lacks=("lacks", "first"))
    bands = pd.concat([part for part in (bands, beyond) if len(part)] or [bands])
    if bands.empty:
        return []
    bands["middle"] = (bands["start"] + bands["end"]) / 2
    base = alt.Chart(bands)
    wide = alt.Chart(bands[bands["end"] - bands["start"] > years / (3 if narrow else 8)])
    return [
        base.mark_rect(color=ground).encode(x="start:Q", x2="end:Q"),
        wide.mark_text(color=words, fontSize=size).encode(x="middle:Q", text="lacks:N"),
    ]


def _baseline(years: Sequence[str], baseline: str, ink: str, words: str, size: int) -> list[Any]:
    if baseline not in years:
        return []
    at = years.index(baseline)
    base = alt.Chart(pd.DataFrame([{"start": at, "end": at + 1, "name": "baseline"}]))
    named = base.mark_text(align="left", baseline="top", dx=4, dy=4, color=words, fontSize=size)
    return [
        base.mark_rect(color=ink, opacity=0.14).encode(x="start:Q", x2="end:Q"),
        named.encode(x="start:Q", y=alt.value(0), text="name:N"),
    ]


def _changes(
    changes: Sequence[str], first: int, starts: int, mark: str, words: str, size: int, *, named: bool
) -> list[Any]:
    """A dashed line where recording changed, at the start of the month."""
    if not changes:
        return []
    base = alt.Chart(pd.DataFrame({"at": [_years(month, first, starts) for month in changes]})).encode(x="at:Q")
    lines = base.mark_rule(strokeWidth=2, strokeDash=[4, 4], color=mark)
    name = base.mark_text(
        text="recording changed", align="left", baseline="top", dx=4, dy=20, color=words, fontSize=size
    )
    return [lines, name.encode(y=alt.value(0))] if named else [lines]
