"""The charts of displacement: differences, placebos, groups by month, and the strip of space and time.

Each is worked out once for what it shows: to write a chart takes longer than all the rest of a page. ``_dataset`` is what
kept functions get first.
"""

from typing import Any, Final

import altair as alt
import numpy as np
import pandas as pd

from geodata.dataset import Dataset
from geodata.summary import runs
from hotspots.evaluation import Evaluation
from pages.shared import charts, data
from pages.shared.classes import OUTLINES, THEMES, ThemeName, ramp
from pages.shared.displacement_views.case import PARTS, RECORDING, Case, limits, marks

NO_DATA: Final = "No data"
_HALF_MONTH: Final = pd.DateOffset(days=15)
_SECOND: Final = "#d55e00"


def differences(case: Case, found: Evaluation) -> None:
    """Here, next door and both together: the difference as a dot, its limits as a line, zero marked."""
    rows = pd.DataFrame(
        [
            {"part": name, "estimate": one.estimate, "low": one.lower, "high": one.upper, "words": limits(one)}
            for part, name in PARTS.items()
            if (one := getattr(found, part)) is not None and one.lower is not None
        ]
    )
    if len(rows):
        large = case.frame.large
        title = (f"{found.noun[0].upper()}{found.noun[1:]}s fewer (left) or more (right)", "than expected, 95 % limits")
        asked = rows, title if large else (" ".join(title),), case.frame.theme, large
        charts.show(data.kept(_differences, case.frame.dataset, *asked), large=large)


def placebos(case: Case, found: Evaluation) -> None:
    """Each untreated place a dot, by how far it lay from what was expected; this place a diamond among them."""
    tried = found.placebos.draws["local_z"].dropna()
    if len(tried) and found.local.z is not None:
        own = found.local.z * found.dispersion["local"] ** 0.5
        charts.show(data.kept(_placebos, case.frame.dataset, tried, own, case.frame.theme))


def by_month(case: Case, found: Evaluation, series: pd.DataFrame, *, small: float | None = None) -> None:
    """Counts of one or two groups by month (columns by name, NaN = missing: a gap), the two windows, and what happened when.

    ``small``: the top of a small chart without words, of which several stand together.
    """
    asked = series, found.windows.before, found.windows.after, marks(case), case.frame.theme, small
    charts.show(data.kept(_by_month, case.frame.dataset, *asked))


def strip(case: Case, cells: pd.DataFrame, order: list[str], labels: tuple[str, ...]) -> None:
    """LSOAs down, the nearest first, months across. ``cells``: row, month, label of the class or ``NO_DATA``, count."""
    asked = cells, tuple(order), labels, marks(case), case.frame.theme
    charts.show(data.kept(_strip, case.frame.dataset, *asked))


def _differences(
    _dataset: Dataset, rows: pd.DataFrame, title: tuple[str, ...], theme: ThemeName, large: bool
) -> dict[str, Any]:
    chosen, other, _, words = charts.INKS[theme]
    axis = alt.Axis(ticks=False, domain=False, labelLimit=220, labelPadding=8)
    base = alt.Chart(rows).encode(y=alt.Y("part:N", sort=None, title=None, axis=axis))
    x = alt.X("low:Q", title=list(title), axis=alt.Axis(tickCount=5 if large else 7, format=",d", tickMinStep=1))
    zero = alt.Chart(pd.DataFrame({"zero": [0]})).mark_rule(color=words, strokeDash=[4, 3], strokeWidth=2)
    figures = base.mark_text(dy=-30 if large else -14, color=words)
    layers = [
        zero.encode(x="zero:Q"),
        base.mark_rule(strokeWidth=8 if large else 4, color=other).encode(x=x, x2="high:Q"),
        base.mark_point(filled=True, opacity=1, color=chosen, size=420 if large else 110).encode(x="estimate:Q"),
        figures.encode(x="estimate:Q", text="words:N"),
    ]
    return charts.finished(alt.layer(*layers), theme, 230, large=large)


def _placebos(_dataset: Dataset, tried: pd.Series, own: float, theme: ThemeName) -> dict[str, Any]:
    words = charts.INKS[theme][3]
    step = 0.25
    at = (tried / step).round() * step
    dots = pd.DataFrame({"z": at, "height": at.groupby(at).cumcount()})
    title = "Fewer than expected (left) or more (right), in standard errors of chance counts"
    x = alt.X("z:Q", title=title, axis=alt.Axis(tickCount=9))
    place = alt.Chart(pd.DataFrame({"z": [own], "height": [0.0]})).encode(x="z:Q", y="height:Q")
    diamond = place.mark_point(shape="diamond", filled=True, size=170, color=_mark(theme), opacity=1)
    layers = [
        alt.Chart(dots).mark_circle(size=20, color=words, opacity=0.9).encode(x=x, y=alt.Y("height:Q", axis=None)),
        diamond,
        place.mark_text(text="this place", dy=-14, color=words),
    ]
    return charts.finished(alt.layer(*layers), theme, 170)


def _by_month(
    _dataset: Dataset,
    series: pd.DataFrame,
    before: tuple[str, ...],
    after: tuple[str, ...],
    marked: pd.DataFrame,
    theme: ThemeName,
    small: float | None,
) -> dict[str, Any]:
    chosen, _, ground, words = charts.INKS[theme]
    names, colours = list(series.columns), [chosen, _SECOND]
    month = pd.to_datetime(pd.Series(series.index.astype("str")))
    rows = pd.concat(
        [pd.DataFrame({"month": month, "count": series[name].to_numpy(), "group": name}) for name in names]
    )
    highest = small or float(np.nanmax(series.to_numpy(), initial=1.0))
    several = alt.Legend(orient="top", symbolType="stroke", symbolSize=400) if len(names) > 1 else None
    lines = alt.Chart(rows).encode(
        x=alt.X("month:T", title=None, axis=alt.Axis(format="%Y", grid=False, tickCount="year", labelOverlap=True)),
        y=alt.Y(
            "count:Q", title=None, scale=alt.Scale(domain=[0, 1.18 * highest]),
            axis=alt.Axis(tickCount=4, tickMinStep=1, format=",d"),
        ),
        color=alt.Color(
            "group:N", title=None, scale=alt.Scale(domain=names, range=colours[: len(names)]), legend=several
        ),
        strokeDash=alt.StrokeDash(
            "group:N", scale=alt.Scale(domain=names, range=[[1, 0], [5, 3]][: len(names)]), legend=None
        ),
    )  # fmt: skip
    layers = [
        *charts.gaps(series.sum(axis=1, skipna=False), ground, words),
        *_windows(before, after, [str(m) for m in series.index], chosen, words)[: 1 if small else 2],
        lines.mark_line(strokeWidth=2, invalid="break-paths-show-domains"),
        lines.mark_point(filled=True, size=16, opacity=1, invalid="filter"),
    ]
    if len(marked):
        at = alt.Chart(marked.assign(at=pd.to_datetime(marked["month"]) - _HALF_MONTH)).encode(x="at:T")
        layers += _lines(at, theme, words, top=2, baseline="top")[: 1 if small else 2]
    return charts.finished(alt.layer(*layers), theme, 150 if small else 210)


def _windows(before: tuple[str, ...], after: tuple[str, ...], months: list[str], ink: str, words: str) -> list[Any]:
    bands = pd.DataFrame(
        [
            (pd.Timestamp(first) - _HALF_MONTH, pd.Timestamp(last) + _HALF_MONTH, name)
            for name, window in (("before", before), ("after", after))
            for first, last in runs(list(window), months)
        ],
        columns=["start", "end", "name"],
    )
    base = alt.Chart(bands)
    named = base.mark_text(align="left", dx=3, baseline="bottom", dy=-3, color=words)
    return [
        base.mark_rect(color=ink, opacity=0.18).encode(x="start:T", x2="end:T"),
        named.encode(x="start:T", y=alt.value("height"), text="name:N"),
    ]


def _lines(at: Any, theme: ThemeName, words: str, *, top: int, baseline: str) -> list[Any]:
    """What is begun or ended as a line, a change in recording as a dashed one, each with its word."""
    dash = alt.condition(alt.datum["what"] == RECORDING, alt.value([4, 4]), alt.value([1, 0]))
    named = at.mark_text(align="left", baseline=baseline, dx=4, color=words)
    return [
        at.mark_rule(strokeWidth=2, color=_mark(theme)).encode(strokeDash=dash),
        named.encode(y=alt.value(top), text="what:N"),
    ]


def _strip(
    _dataset: Dataset,
    cells: pd.DataFrame,
    order: tuple[str, ...],
    labels: tuple[str, ...],
    marked: pd.DataFrame,
    theme: ThemeName,
) -> dict[str, Any]:
    gaps = [NO_DATA] if (cells["label"] == NO_DATA).any() else []
    names, words = [*labels, *gaps], charts.INKS[theme][3]
    years = [month for month in sorted(set(cells["month"])) if month.endswith("-01")]
    axis = alt.Axis(values=years, labelExpr="slice(datum.value, 0, 4)", labelAngle=0, labelAlign="left", ticks=True)
    plain = alt.Axis(labelLimit=260, labelOverlap=False, labelFlush=False, ticks=False, domain=False)
    ground = charts.INKS[theme][2]
    lined = alt.condition(alt.datum["label"] == NO_DATA, alt.value(ground), alt.value(THEMES[theme].border))
    rects = alt.Chart(cells).mark_rect(strokeWidth=0.4).encode(
        stroke=lined,
        x=alt.X("month:O", title=None, axis=axis),
        y=alt.Y("row:N", sort=list(order), title=None, axis=plain),
        color=alt.Color(
            "label:N", title=None, sort=names, legend=alt.Legend(orient="top", columns=9),
            scale=alt.Scale(domain=names, range=[*ramp(theme, len(labels)), ground][: len(names)]),
        ),
        tooltip=[
            alt.Tooltip("row:N", title="LSOA"), alt.Tooltip("month:O", title="Month"), alt.Tooltip("count:Q", title="Number"),
        ],
    )  # fmt: skip
    layers = [rects]
    months = sorted(set(cells["month"]))
    blank = cells.groupby("month")["label"].agg(lambda label: (label == NO_DATA).all())
    for first, last in runs([month for month in months if blank[month]], months):
        if months.index(last) - months.index(first) >= len(months) / 12:  # room for the words
            middle = months[(months.index(first) + months.index(last)) // 2]
            named = alt.Chart(pd.DataFrame({"month": [middle], "row": [order[len(order) // 2]]}))
            layers.append(
                named.mark_text(text="no data", color=words).encode(x="month:O", y=alt.Y("row:N", sort=list(order)))
            )
    if len(marked):
        at = alt.Chart(marked).encode(x=alt.X("month:O", bandPosition=0))
        layers += _lines(at, theme, words, top=-2, baseline="bottom")
    return charts.finished(alt.layer(*layers), theme, 60 + 17 * len(order))


def _mark(theme: ThemeName) -> str:
    return OUTLINES[theme]["target"].colour
