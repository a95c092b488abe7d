"""Classes of a map: breaks, labels, colours."""

import itertools
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as some

from pages.shared.classes import (
    BIVARIATE,
    CLUSTERS,
    OUTLINES,
    PAIRS,
    RAMPS,
    THEMES,
    Scheme,
    ThemeName,
    classify,
    legend_entries,
    outline_entries,
    point_entry,
    ramp,
)

COUNTS = some.lists(some.one_of(some.none(), some.integers(0, 2000)), min_size=1, max_size=60)
RATES = some.lists(some.one_of(some.none(), some.floats(0, 5000)), min_size=1, max_size=60)


def series(values: Sequence[float | None]) -> pd.Series:
    return pd.Series(values, dtype="Float64")


def test_few_distinct_values_get_a_class_each_and_labels_leave_no_gap() -> None:
    breaks = classify(series([1, 1, 2, 50]))
    assert breaks.codes == "0012"
    assert breaks.labels == ("1", "2", "3 to 50")


def test_all_zero_is_one_class() -> None:
    assert classify(series([0, 0, 0])).labels == ("0",)
    assert classify(series([0, 0, 0])).codes == "000"


def test_all_missing_is_no_class_and_not_zero() -> None:
    breaks = classify(series([None, None]))
    assert (breaks.codes, breaks.labels, breaks.upper) == ("--", (), ())


def test_one_area() -> None:
    assert (classify(series([5])).codes, classify(series([5])).labels) == ("0", ("5",))


def test_no_area() -> None:
    assert classify(series([])).codes == ""


def test_zero_is_a_class_of_its_own_whatever_the_share_of_zeros() -> None:
    breaks = classify(series([0.0] * 500 + [1, 2, 3, 4, 5, 6, 7, 8]), scheme="quantiles")
    assert breaks.labels == ("0", "1 to 2", "3 to 4", "5 to 6", "7 to 8")
    assert breaks.codes[:500] == "0" * 500
    assert breaks.codes[500:] == "11223344"


def test_quantiles_put_as_many_areas_in_each_class() -> None:
    codes = classify(series(list(range(1, 101))), scheme="quantiles").codes
    assert [codes.count(c) for c in "01234"] == [20] * 5


def test_tail_halves_the_areas_from_class_to_class() -> None:
    codes = classify(series(list(range(1, 129)))).codes
    assert [codes.count(c) for c in "01234"] == [64, 32, 16, 8, 8]


def test_a_long_tail_gives_its_few_high_areas_a_class() -> None:
    breaks = classify(series([1] * 40 + [2] * 20 + [3] * 10 + [10, 11, 12, 13, 14, 90]), k=5)
    assert breaks.labels == ("1", "2", "3", "4 to 10", "11 to 90")


def test_rates_are_labelled_in_three_figures_and_a_tiny_rate_is_not_zero() -> None:
    breaks = classify(series([0, 0.004, 0.1, 1, 5, 7, 8, 9, 12.3]))
    assert breaks.labels == ("0", "up to 5.0", "5.1 to 8.0", "8.1 to 9.0", "9.1 to 12.3")
    assert breaks.codes == "011112234"


def test_large_numbers_have_a_separator() -> None:
    assert classify(series([1, 12345])).labels == ("1", "2 to 12,345")


def test_what_is_not_shown_does_not_move_the_breaks() -> None:
    values = series([1, 2, 3, 4, 9000, 9000, None, None])
    breaks = classify(
        values,
        outside=[False] * 4 + [True, False, True, False],
        suppressed=[False] * 5 + [True, True, False],
    )
    assert breaks.codes == "0123xsx-"
    assert breaks.labels == ("1", "2", "3", "4")


@pytest.mark.parametrize("value", [-1.0, np.inf])
def test_values_below_zero_or_infinite_are_refused(value: float) -> None:
    with pytest.raises(ValueError, match="finite and never below zero"):
        classify(series([1.0, value]))


def test_flags_of_another_length_are_refused() -> None:
    with pytest.raises(ValueError, match="1 flags were given for 2 areas"):
        classify(series([1, 2]), outside=[True])


@pytest.mark.parametrize("k", [1, 9])
def test_number_of_classes(k: int) -> None:
    with pytest.raises(ValueError, match="2 to 8 classes"):
        classify(series([1, 2]), k=k)


@given(values=COUNTS | RATES, k=some.integers(2, 8), scheme=some.sampled_from(["tail", "quantiles"]))
def test_classes_hold_for_any_values(values: list, k: int, scheme: Scheme) -> None:
    given_values = series(values)
    breaks = classify(given_values, k=k, scheme=scheme)
    assert classify(given_values, k=k, scheme=scheme) == breaks, "the same values give the same map"
    assert len(breaks.codes) == len(values)
    assert len(breaks.labels) == len(breaks.upper) <= k
    assert len(set(breaks.labels)) == len(breaks.labels)
    assert list(breaks.upper) == sorted(set(breaks.upper))
    assert [c == "-" for c in breaks.codes] == [v is None for v in values]
    shown = sorted((v, int(c)) for v, c in zip(values, breaks.codes, strict=True) if v is not None)
    assert [c for _, c in shown] == sorted(c for _, c in shown), "a higher value is never in a lower class"
    assert {c for _, c in shown} == set(range(len(breaks.labels))), "no class is empty"
    if any(v == 0 for v, _ in shown):
        assert all((v == 0) == (c == 0) for v, c in shown)
        assert breaks.labels[0] == "0"


@given(values=COUNTS, k=some.integers(2, 8))
def test_each_count_lies_between_the_numbers_of_its_label(values: list, k: int) -> None:
    breaks = classify(series(values), k=k)
    ranges = []
    for label in breaks.labels:
        ends = [int(part.replace(",", "")) for part in label.split(" to ")]
        ranges.append((ends[0], ends[-1]))
    assert all(b[0] == a[1] + 1 for a, b in itertools.pairwise(ranges)), "neither gap nor overlap"
    for value, code in zip(values, breaks.codes, strict=True):
        if value is not None:
            low, high = ranges[int(code)]
            assert low <= value <= high


@pytest.mark.parametrize("theme", THEMES)
def test_the_legend_of_points_names_how_many(theme: ThemeName) -> None:
    one, ten = point_entry(1, theme), point_entry(10, theme)
    assert one.label.startswith("1: ")
    assert ten.label.startswith("1 to 10: ")
    assert contrast(ten.colour, ten.ground) >= 4.5


def test_the_legend_names_only_what_the_map_shows() -> None:
    breaks = classify(series([0, 3, 9]))
    assert [(e.kind, e.label) for e in legend_entries(breaks, "light")] == [
        ("class", "0"), ("class", "1 to 3"), ("class", "4 to 9"),
    ]  # fmt: skip
    breaks = classify(series([0, 3, None]), suppressed=[False, True, False])
    entries = legend_entries(breaks, "dark", hotspots=True)
    assert [(e.kind, e.label) for e in entries] == [
        ("class", "0"), ("hotspot", "Hotspot"), ("missing", "No data"), ("suppressed", "Too few to show"),
    ]  # fmt: skip
    assert entries[1].colour == THEMES["dark"].hotspot


# Colour vision deficiency at full severity, in linear RGB: Machado, Oliveira & Fernandes 2009.
VISION = {
    "usual": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}


def linear(colour: str) -> np.ndarray:
    channels = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def lightness_and_hue(colour: str, vision: str) -> np.ndarray:
    """CIE L*a*b* (D65) of a colour as that vision sees it."""
    seen = np.clip(VISION[vision] @ linear(colour), 0, 1)
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    ratio = to_xyz @ seen / np.array([0.9505, 1.0, 1.089])
    f = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def difference(a: str, b: str, vision: str) -> float:
    return float(np.linalg.norm(lightness_and_hue(a, vision) - lightness_and_hue(b, vision)))


def contrast(a: str, b: str) -> float:
    """WCAG 2 contrast ratio."""
    light, dark = sorted((float(linear(c) @ [0.2126, 0.7152, 0.0722]) for c in (a, b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_difference_and_contrast_agree_with_known_values() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert difference("#ffffff", "#000000", "usual") == pytest.approx(100, abs=0.1)
    assert difference("#2fa84f", "#a87b2f", "deuteranopia") < difference("#2fa84f", "#a87b2f", "usual") / 2


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("theme", THEMES)
def test_classes_can_be_told_apart_and_stay_in_order(theme: ThemeName, vision: str) -> None:
    ink = THEMES[theme]
    colours = ramp(theme, 5)
    lightness = [lightness_and_hue(c, vision)[0] for c in RAMPS[theme]]
    steps = np.diff(lightness)
    assert (steps < 0).all() if theme == "light" else (steps > 0).all()
    assert all(difference(a, b, vision) >= 12 for a, b in itertools.pairwise(colours))
    assert difference(colours[0], ink.background, vision) >= 12
    assert difference(colours[0], ink.outside, vision) >= 12
    assert difference(ink.missing, ink.missing_ground, vision) >= 25, "the hatch is seen"
    assert difference(ink.suppressed, ink.suppressed_ground, vision) >= 25, "the dots are seen"
    assert all(difference(ink.hotspot, c, vision) >= 25 for c in (*colours, ink.background, ink.selected))


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("theme", THEMES)
def test_two_measures_can_be_told_apart(theme: ThemeName, vision: str) -> None:
    nine, ink = BIVARIATE[theme], THEMES[theme]
    assert len(nine) == 9
    assert min(difference(a, b, vision) for a, b in itertools.combinations(nine, 2)) >= 20
    corners = [nine[n] for n in (0, 2, 6, 8)]
    assert min(difference(a, b, vision) for a, b in itertools.combinations(corners, 2)) >= 40
    assert all(difference(colour, ground, vision) >= 10 for colour in nine for ground in (ink.background, ink.outside))
    pairs = PAIRS[theme].values()
    assert min(difference(a, b, vision) for a, b in itertools.combinations(pairs, 2)) >= 40


@pytest.mark.parametrize("theme", THEMES)
def test_in_grey_two_measures_darken_together(theme: ThemeName) -> None:
    """A grey print cannot part nine colours: it shows how high both measures are, and still parts the corners on white paper."""
    grey = {place: float(linear(colour) @ [0.2126, 0.7152, 0.0722]) for place, colour in enumerate(BIVARIATE[theme])}
    sign = -1 if theme == "light" else 1
    for place in range(9):
        assert place % 3 == 2 or sign * (grey[place + 1] - grey[place]) > 0
        assert place >= 6 or sign * (grey[place + 3] - grey[place]) > 0
    if theme == "light":
        lightness = sorted(116 * np.cbrt(grey[corner]) - 16 for corner in (0, 2, 6, 8))
        assert min(np.diff(lightness)) >= 10


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("theme", THEMES)
def test_findings_stand_out_from_no_finding(theme: ThemeName, vision: str) -> None:
    kinds, ink = CLUSTERS[theme], THEMES[theme]
    assert min(difference(a, b, vision) for a, b in itertools.combinations(kinds.values(), 2)) >= 25
    assert all(difference(kinds["none"], ground, vision) >= 8 for ground in (ink.background, ink.outside))


@pytest.mark.parametrize("theme", THEMES)
def test_text_on_the_map_is_readable(theme: ThemeName) -> None:
    ink = THEMES[theme]
    assert contrast(ink.text, ink.halo) >= 4.5
    assert contrast(ink.casing, ink.selected) >= 4.5
    assert contrast(ink.hotspot, ink.casing) >= 3


def test_outlines_are_named_in_a_fixed_order() -> None:
    entries = outline_entries(["ring_control", "target", "ring_control"], "dark")
    assert [(entry.label, entry.kind) for entry in entries] == [("Target", "target"), ("Ring control", "ring_control")]
    assert entries[0].colour == OUTLINES["dark"]["target"].colour


@pytest.mark.parametrize("theme", THEMES)
def test_outlines_are_told_apart_without_colour_and_stand_out_from_their_casing(theme: ThemeName) -> None:
    lines = OUTLINES[theme].values()
    assert len({(line.weight, line.dash) for line in lines}) == len(lines)
    assert all(a.dash != b.dash or abs(a.weight - b.weight) >= 2 for a, b in itertools.combinations(lines, 2))
    assert all(contrast(line.colour, THEMES[theme].casing) >= 4.5 for line in lines)


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("theme", THEMES)
def test_target_ring_and_controls_differ_in_colour_too(theme: ThemeName, vision: str) -> None:
    colours = [OUTLINES[theme][kind].colour for kind in ("target", "ring", "control")]
    assert min(difference(a, b, vision) for a, b in itertools.combinations(colours, 2)) >= 20


def test_ramp_spreads_over_its_whole_length() -> None:
    assert ramp("light", 0) == ()
    assert len(ramp("light", 1)) == 1
    for theme, colours in RAMPS.items():
        for k in range(2, len(colours) + 1):
            chosen = ramp(theme, k)
            assert (len(set(chosen)), chosen[0], chosen[-1]) == (k, colours[0], colours[-1])
    with pytest.raises(ValueError, match="0 to 8 classes"):
        ramp("light", 9)
