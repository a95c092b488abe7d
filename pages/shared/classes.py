"""The classes of a choropleth map: breaks, their labels, their colours and the legend's entries."""

import math
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

import mapclassify
import numpy as np
import numpy.typing as npt
import pandas as pd

Scheme = Literal["tail", "quantiles"]
ThemeName = Literal["light", "dark"]
OutlineKind = Literal["target", "ring", "gap", "control", "ring_control", "other"]

MISSING: Final = "-"
SUPPRESSED: Final = "s"
OUTSIDE: Final = "x"
MAX_CLASSES: Final = 8


@dataclass(frozen=True)
class Theme:
    """The colours of a map that are not a class, each "#rrggbb"."""

    background: str
    border: str
    district: str
    missing: str
    missing_ground: str
    suppressed: str
    suppressed_ground: str
    outside: str
    hotspot: str
    warning: str
    selected: str
    casing: str
    text: str
    halo: str


THEMES: Final[dict[ThemeName, Theme]] = {
    "light": Theme(
        background="#c9d3dc", border="#ffffff", district="#4a5568", missing="#8b93a0", missing_ground="#f4f4f2",
        suppressed="#5f6773", suppressed_ground="#c9ccd1", outside="#bac5cf", hotspot="#e8590c",
        warning="#c1121f", selected="#111827", casing="#ffffff", text="#1f2937", halo="#ffffff",
    ),
    "dark": Theme(
        background="#10151d", border="#10151d", district="#aab4c3", missing="#6b7482", missing_ground="#1d232d",
        suppressed="#9aa3b0", suppressed_ground="#3d4451", outside="#171d27", hotspot="#ff7a1a",
        warning="#ff8a80", selected="#ffffff", casing="#0b0f15", text="#f1f5f9", halo="#0b0f15",
    ),
}  # fmt: skip

# Sequential, lowest first. ColorBrewer's YlGnBu (Harrower & Brewer 2003), which stays in order for colour-blind
# eyes, without the end that would vanish into the map's background; on dark ground it runs from dark to light.
RAMPS: Final[dict[ThemeName, tuple[str, ...]]] = {
    "light": ("#edf8b1", "#c7e9b4", "#7fcdbb", "#41b6c4", "#1d91c0", "#225ea8", "#253494", "#081d58"),
    "dark": ("#2b4487", "#2a63ad", "#1d91c0", "#41b6c4", "#7fcdbb", "#c7e9b4", "#edf8b1", "#ffffe5"),
}


# Categories: what is no finding is pale ground; Okabe & Ito (2008) for those that must be told apart.
CLUSTERS: Final[dict[ThemeName, dict[str, str]]] = {
    "light": {"none": "#f4f1e6", "hot": "#b2182b", "cold": "#4393c3"},
    "dark": {"none": "#2a303a", "hot": "#f4a582", "cold": "#4393c3"},
}
TRENDS: Final[dict[ThemeName, dict[str, str]]] = {
    theme: {"none": colours["none"], "up": colours["hot"], "down": colours["cold"]}
    for theme, colours in CLUSTERS.items()
}
EMERGING: Final[dict[ThemeName, dict[str, str]]] = {
    theme: {
        "none": CLUSTERS[theme]["none"],
        "new hot spot": "#f0e442",
        "consecutive hot spot": "#e69f00",
        "intensifying hot spot": "#d55e00",
        "diminishing hot spot": "#56b4e9",
        "persistent hot spot": "#cc79a7",
        "historical hot spot": "#0072b2",
        "oscillating hot spot": "#009e73",
        "sporadic hot spot": "#8c8c8c",
    }
    for theme in ("light", "dark")
}
# Thirds of two measures, as of hotspots.bivariate: orange for the first, blue for the second, after Stevens (2015).
# Any two of the nine, and any two corners the more, stay apart for colour-blind eyes: see tests/test_classes.py.
BIVARIATE: Final[dict[ThemeName, tuple[str, ...]]] = {
    "light": (
        "#f3f2ee", "#a1bade", "#3585cc",
        "#f5bd8a", "#a08781", "#485575",
        "#e58a1f", "#8c582a", "#3a2a28",
    ),
    "dark": (
        "#343b48", "#3e6397", "#2f8fee",
        "#8b613b", "#a39092", "#acc2f1",
        "#dd8a1a", "#f6c18a", "#fffaf2",
    ),
}  # fmt: skip
# Two crime groups: the corners of the nine.
PAIRS: Final[dict[ThemeName, dict[str, str]]] = {
    theme: {"neither": CLUSTERS[theme]["none"], "first": nine[6], "second": nine[2], "both": nine[8]}
    for theme, nine in BIVARIATE.items()
}


@dataclass(frozen=True)
class Line:
    """How an outline is drawn: "#rrggbb", pixels, and the lengths of stroke and space in turn (none: unbroken)."""

    colour: str
    weight: float
    dash: tuple[int, ...] = ()


# Weight and dash alone tell them apart; the colours are for whoever sees them.
OUTLINES: Final[dict[ThemeName, dict[OutlineKind, Line]]] = {
    "light": {
        "target": Line("#a8005c", 4),
        "ring": Line("#8a5200", 3, (9, 5)),
        "gap": Line("#3d434d", 3, (2, 6)),
        "control": Line("#5b2a9d", 2),
        "ring_control": Line("#5b2a9d", 2, (10, 4, 2, 4)),
        "other": Line("#1f2937", 1.5, (4, 4)),
    },
    "dark": {
        "target": Line("#ff70b8", 4),
        "ring": Line("#ffc24d", 3, (9, 5)),
        "gap": Line("#c7ced8", 3, (2, 6)),
        "control": Line("#c3a6ff", 2),
        "ring_control": Line("#c3a6ff", 2, (10, 4, 2, 4)),
        "other": Line("#f1f5f9", 1.5, (4, 4)),
    },
}
_OUTLINE_WORDS: Final[dict[OutlineKind, str]] = {
    "target": "Target",
    "ring": "Ring",
    "gap": "Gap",
    "control": "Control",
    "ring_control": "Ring control",
    "other": "Other location",
}


def ramp(theme: ThemeName, classes: int) -> tuple[str, ...]:
    """Colours for so many classes, lowest first, spread over the theme's whole ramp."""
    if not 0 <= classes <= MAX_CLASSES:
        raise ValueError(f"a map has 0 to {MAX_CLASSES} classes, not {classes}")
    colours = RAMPS[theme]
    if classes <= 1:
        return (colours[2],) * classes
    return tuple(colours[round(i * (len(colours) - 1) / (classes - 1))] for i in range(classes))


@dataclass(frozen=True)
class Breaks:
    """Which class each area is in.

    Attributes
    ----------
    codes : one character per area, in the order given: "0" lowest class, "1", ...; "-" missing, "s" suppressed,
        "x" outside the chosen area.
    labels : one per class, lowest first, such as "1 to 4"; they neither overlap nor leave a gap.
    upper : the highest value each class holds, in the measure's unit, rounded as the labels are.
    """

    codes: str
    labels: tuple[str, ...]
    upper: tuple[float, ...]


@dataclass(frozen=True)
class LegendEntry:
    """One line of a legend. `kind` tells a class from the hatch, the dots, the numbered points and the outlines.

    `ground` is what the hatch or the dots lie on, or the ink of a point's number.
    """

    colour: str
    label: str
    kind: Literal["class", "missing", "suppressed", "hotspot", "point"] | OutlineKind
    ground: str = ""


def classify(
    values: pd.Series,
    *,
    k: int = 5,
    scheme: Scheme = "tail",
    outside: Iterable[bool] | None = None,
    suppressed: Iterable[bool] | None = None,
) -> Breaks:
    """Put areas in at most `k` classes by a measure that is never negative.

    Zero is a class of its own wherever it occurs. "tail" suits offences, which few areas hold many of: the lower half
    of the areas, the next quarter, the next eighth and so on. "quantiles" puts about as many areas in each class.
    Breaks are made from the areas that are shown: not missing, not suppressed, not outside.

    Raises
    ------
    ValueError : a value is negative or infinite, or `k` is not 2 to 8.
    """
    if not 2 <= k <= MAX_CLASSES:
        raise ValueError(f"a map has 2 to {MAX_CLASSES} classes, not {k}")
    numbers = values.astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    if np.isinf(numbers).any() or (numbers < 0).any():
        raise ValueError("a map's values are finite and never below zero")

    codes = np.full(len(numbers), MISSING, dtype="<U1")
    codes[_mask(suppressed, len(numbers))] = SUPPRESSED
    codes[_mask(outside, len(numbers))] = OUTSIDE
    shown = (codes == MISSING) & ~np.isnan(numbers)
    if not shown.any():
        return Breaks("".join(codes), (), ())

    decimals = _decimals(numbers[shown])
    steps = np.rint(numbers[shown] * 10**decimals).astype(np.int64)
    raised = (steps == 0) & (numbers[shown] > 0)
    steps[raised] = 1  # what is not zero never joins the zeros
    upper = _upper(steps, k, scheme)
    codes[shown] = np.searchsorted(upper, steps).astype("<U1")
    labels = _labels(int(steps.min()), [int(u) for u in upper], decimals, open_below=bool(raised.any()))
    return Breaks("".join(codes), labels, tuple(float(u) / 10**decimals for u in upper))


def legend_entries(breaks: Breaks, theme: ThemeName, *, hotspots: bool = False) -> list[LegendEntry]:
    """The legend, lowest class first, then only those of hotspot, missing and suppressed that the map shows."""
    colours, ink = ramp(theme, len(breaks.labels)), THEMES[theme]
    entries = [LegendEntry(c, label, "class") for c, label in zip(colours, breaks.labels, strict=True)]
    if hotspots:
        entries.append(LegendEntry(ink.hotspot, "Hotspot", "hotspot"))
    if MISSING in breaks.codes:
        entries.append(missing_entry("No data", theme))
    if SUPPRESSED in breaks.codes:
        entries.append(LegendEntry(ink.suppressed, "Too few to show", "suppressed", ink.suppressed_ground))
    return entries


def missing_entry(words: str, theme: ThemeName) -> LegendEntry:
    """The legend of the areas without a class, and why they have none."""
    return LegendEntry(THEMES[theme].missing, words, "missing", THEMES[theme].missing_ground)


def point_entry(count: int, theme: ThemeName) -> LegendEntry:
    """The legend of so many numbered points."""
    words = "1: the selected LSOA's busiest map point"
    if count > 1:
        words = f"1 to {count}: the selected LSOA's busiest map points (a dot: zoom in for its number)"
    return LegendEntry(THEMES[theme].selected, words, "point", THEMES[theme].casing)


def outline_entries(kinds: Iterable[OutlineKind], theme: ThemeName) -> list[LegendEntry]:
    """The legend of the outlines that the map shows, in a fixed order."""
    there = set(kinds)
    return [LegendEntry(line.colour, _OUTLINE_WORDS[k], k) for k, line in OUTLINES[theme].items() if k in there]


def _mask(flags: Iterable[bool] | None, length: int) -> npt.NDArray[np.bool_]:
    mask = np.zeros(length, dtype=bool) if flags is None else np.asarray(list(flags), dtype=bool)
    if len(mask) != length:
        raise ValueError(f"{len(mask)} flags were given for {length} areas")
    return mask


def _decimals(numbers: npt.NDArray[np.float64]) -> int:
    """Decimals that show the largest value in three figures; none for whole numbers."""
    if (numbers == np.rint(numbers)).all():
        return 0
    return min(max(2 - math.floor(math.log10(numbers.max())), 0), 6)


def _tail(numbers: npt.NDArray[np.float64], k: int) -> mapclassify.Percentiles:
    return mapclassify.Percentiles(numbers, [*(100 * (1 - 0.5**i) for i in range(1, k)), 100])


# Natural breaks are not offered: Jenks-Caspall never ends on some tied counts, k-means breaks differ from run to run,
# Fisher-Jenks takes a third of a second for one county (mapclassify 2.10).
_CLASSIFIERS: Final = {"tail": _tail, "quantiles": mapclassify.Quantiles}


def _upper(steps: npt.NDArray[np.int64], k: int, scheme: Scheme) -> npt.NDArray[np.int64]:
    """The classes' highest values, ascending; every class holds at least one area."""
    positive = steps[steps > 0]
    zero = np.zeros(int(len(positive) < len(steps)), dtype=np.int64)
    distinct = np.unique(positive)
    room = k - len(zero)
    if len(distinct) <= room:
        return np.concatenate([zero, distinct])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # mapclassify warns of ties, which the next lines settle
        bins = _CLASSIFIERS[scheme](positive.astype(float), room).bins if room > 1 else distinct[-1:]
    # An upper bound is moved down to the highest value really under it, so that no class is empty.
    under = np.searchsorted(distinct, np.asarray(bins, dtype=float), side="right") - 1
    return np.concatenate([zero, np.union1d(distinct[under[under >= 0]], distinct[-1:])])


def _labels(lowest: int, upper: list[int], decimals: int, *, open_below: bool) -> tuple[str, ...]:
    """Labels in steps of the last decimal; `open_below`: the lowest class above zero holds values under one step."""

    def text(step: int) -> str:
        return f"{step / 10**decimals:,.{decimals}f}" if step else "0"

    lower = [lowest, *(u + 1 for u in upper[:-1])]
    labels = [text(b) if a == b else f"{text(a)} to {text(b)}" for a, b in zip(lower, upper, strict=True)]
    if open_below:
        first = int(upper[0] == 0)
        labels[first] = f"up to {text(upper[first])}"
    return tuple(labels)
