import math
import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.displacement import NOTHING, SOMETHING, four_counts
from hotspots.displacement import (
    Difference,
    DisplacementQuotient,
    RateRatio,
    harm_weighted_difference,
    minimum_detectable_change,
    rate_ratio,
    smallest_called_change,
    weighted_displacement_difference,
    weighted_displacement_quotient,
)

# Wheeler & Ratcliffe 2018, Crime Science 7, table 1: target, control, ring, control of the ring
TARGET, CONTROL, RING, RING_CONTROL = (207, 110), (308, 318), (178, 157), (150, 140)

areas = st.tuples(st.integers(0, 500), st.integers(0, 500))
weights = st.floats(0.1, 10)


def shown(difference: Difference) -> tuple[float, float | None, float | None, float | None, float | None]:
    return difference.estimate, difference.se, difference.z, difference.lower, difference.upper


# Published figures


def test_wheeler_and_ratcliffe_2018() -> None:
    result = weighted_displacement_difference(TARGET, CONTROL, RING, RING_CONTROL)
    total = result.total
    assert total.lower is not None
    assert total.upper is not None
    assert total.z is not None
    assert (total.estimate, round(total.se, 1), round(total.z, 2)) == (-118, 39.6, -2.98)
    assert (round(total.lower), round(total.upper)) == (-196, -40)
    assert total.se == pytest.approx(math.sqrt(1568))
    assert (result.local.estimate, result.reading) == (-107, "")
    assert result.displacement is not None
    assert result.displacement.estimate == -11


def test_wheeler_2021_different_periods_and_area_sizes() -> None:
    # andrewpwheeler.com/2021/01/09 and /2021/02/23, as in the tests of his R package ptools
    two_years = weighted_displacement_difference((80, 20), (100, 50), time_weights=(2, 1)).total
    assert (two_years.estimate, two_years.se) == (-20, pytest.approx(math.sqrt(115)))
    sizes = {"control": 0.9, "target": 1.2, "ring_control": 1.6, "ring": 1.5}
    by_area = weighted_displacement_difference(TARGET, CONTROL, RING, RING_CONTROL, area_weights=sizes)
    assert shown(by_area.total) == pytest.approx((-99.69444444, 35.4280755, -2.813995483, -169.1321965, -30.25669241))
    assert (round(by_area.local.estimate, 1), round(by_area.local.se, 1)) == (-91.9, 31.5)


def test_other_published_differences() -> None:
    # crimede-coder.com, "Some extensions to the WDD statistic": 100 to 80 against 100 to 90, standard error 19
    plain = weighted_displacement_difference((100, 80), (100, 90)).total
    assert (plain.estimate, round(plain.se)) == (-10, 19)
    # README of ptools, at 90 %
    ninety = weighted_displacement_difference((20, 10), (20, 20), confidence=0.9).total
    assert shown(ninety) == pytest.approx((-10, 8.3666, -1.195229, -23.761833, 3.761833), rel=1e-5)
    # andrewpwheeler.com/2021/03/18
    assert weighted_displacement_difference((50, 30), (60, 55)).local.estimate == -15


def test_wheeler_2020_harm_weights() -> None:
    # andrewpwheeler.com/2020/11/19, from Worrall & Wheeler 2019, as in the tests of ptools
    targets = {
        "vehicle": (130, 74),
        "theft": (327, 202),
        "burglary": (398, 190),
        "robbery": (144, 92),
        "assault": (183, 96),
    }
    controls = {
        "vehicle": (133, 91),
        "theft": (388, 305),
        "burglary": (148, 97),
        "robbery": (86, 64),
        "assault": (94, 67),
    }
    harm = {"vehicle": 3, "theft": 2, "burglary": 5, "robbery": 7, "assault": 10, "homicide": 100}
    published = -1721, 304.10360077, -5.65925558, -2317.03210507, -1124.96789493
    assert shown(harm_weighted_difference(targets, controls, harm)) == pytest.approx(published)


def test_wilson_2022_rate_ratio() -> None:
    # the worked table of andrewpwheeler.com/2021/03/18, "Comparing the WDD vs the Wilson log IRR estimator"
    result = rate_ratio((50, 30), (60, 55))
    assert result.ratio is not None
    assert result.ratio == pytest.approx(0.6545455, abs=1e-7)
    assert math.log(result.ratio) == pytest.approx(-0.4238142, abs=1e-7)


@given(*[st.tuples(st.integers(1, 500), st.integers(1, 500))] * 2)
def test_rate_ratio_is_that_of_a_poisson_regression(target: tuple[int, int], control: tuple[int, int]) -> None:
    post, treated = np.array([0, 1, 0, 1]), np.array([1, 1, 0, 0])
    design = np.column_stack([np.ones(4), post, treated, post * treated])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # four counts, four parameters: nothing is left to fit
        fit = sm.GLM([*target, *control], design, family=sm.families.Poisson()).fit()
    result = rate_ratio(target, control)
    assert result.ratio is not None
    assert math.log(result.ratio) == pytest.approx(fit.params[3], abs=1e-6)
    assert result.se == pytest.approx(fit.bse[3], rel=1e-4)
    assert (result.lower, result.upper) == pytest.approx(tuple(np.exp(fit.conf_int()[3])), rel=1e-3)


def test_difference_is_that_of_a_poisson_regression_with_identity_link() -> None:
    # Wheeler, "Using weights in regression examples": the interaction of the identity link
    post, treated = np.array([0, 1, 0, 1]), np.array([1, 1, 0, 0])
    design = np.column_stack([np.ones(4), post, treated, post * treated])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        family = sm.families.Poisson(sm.families.links.Identity())
        fit = sm.GLM([*TARGET, *CONTROL], design, family=family).fit(start_params=[300, 10, -100, -100])
    local = weighted_displacement_difference(TARGET, CONTROL).local
    assert (local.estimate, local.se) == pytest.approx((fit.params[3], fit.bse[3]), rel=1e-5)


# What has no published number


def test_the_quotient_by_hand() -> None:
    # Guerette 2009, appendix B, on the counts above: 110/318 - 207/308 and 157/318 - 178/308
    result = weighted_displacement_quotient(TARGET, RING, CONTROL)
    assert result.success == pytest.approx(-0.326166, abs=1e-6)
    assert result.quotient == pytest.approx(-0.084211 / -0.326166, abs=1e-5)
    assert result.total_net_effect == pytest.approx((207 * 318 / 308 - 110) + (178 * 318 / 308 - 157))
    assert result.reading == "the ring fell too"


@pytest.mark.parametrize(
    ("ring", "quotient", "reading"),
    [
        ((100, 20), 1.6, "the ring fell too, by more than the target"),
        ((100, 75), 0.5, "the ring fell too"),
        ((100, 100), 0, "the ring changed as the control did"),
        ((100, 125), -0.5, "the ring rose, by less than the target fell"),
        ((100, 150), -1, "the ring rose, by as much as the target fell"),
        ((100, 200), -2, "the ring rose by more than the target fell"),
    ],
)
def test_readings_of_the_quotient(ring: tuple[int, int], quotient: float, reading: str) -> None:
    result = weighted_displacement_quotient((100, 50), ring, (100, 100))
    assert (result.quotient, result.success, result.reading) == (quotient, -0.5, reading)


def test_what_cannot_be_estimated_says_so() -> None:
    none = DisplacementQuotient(None, None, None, "not estimable: the control had none before")
    assert weighted_displacement_quotient((5, 3), (4, 4), (0, 9)) == none
    assert weighted_displacement_quotient((5, 3), (4, 4), (9, 0)) == replace(
        none, reading="not estimable: the control had none after"
    )
    same = weighted_displacement_quotient((10, 20), (4, 4), (5, 10))
    assert (same.quotient, same.success) == (None, 0)
    assert same.reading == "not estimable: the target changed exactly as its control did"
    rose = weighted_displacement_quotient((10, 30), (4, 4), (5, 10))
    assert rose.reading == "not to be read: the target did not fall against its control"
    assert rate_ratio((0, 3), (4, 4)) == RateRatio(
        None, None, None, None, "not estimable: one of the four counts is zero"
    )
    nothing = weighted_displacement_difference((0, 0), (0, 0)).total
    assert shown(nothing) == (0, 0, None, None, None)
    assert nothing.reading == "nothing was counted here before or after, so nothing can be said"
    assert nothing.called == 0


def test_without_a_ring() -> None:
    result = weighted_displacement_difference(pd.Series(TARGET), np.array(CONTROL))
    assert result.displacement is None
    assert result.total == result.local
    assert result.reading == "Without a ring, nothing can be said of the places next door."


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"ring": RING}, "The ring has no control of its own"),
        ({"ring_control": RING}, "no ring"),
        ({"target": (1, -2)}, r"counts of the target are \(1, -2\)"),
        ({"control": (1, float("nan"))}, "counts of the control"),
        ({"control": (1, 2, 3)}, "Give two numbers"),
        ({"time_weights": (0, 1)}, "time weights are 0"),
        ({"time_weights": (1,)}, "1 time weights"),
        ({"area_weights": {"ring": 0}}, "area weight of the ring is 0"),
        ({"area_weights": {"buffer": 1}}, "'buffer'"),
        ({"dispersion": float("nan")}, "dispersion is nan"),
        ({"dispersion": 0}, "dispersion is 0"),
        ({"confidence": 95}, "confidence is 95"),
    ],
)
def test_refusals_in_words(arguments: dict[str, Any], words: str) -> None:
    given: dict[str, Any] = {"target": TARGET, "control": CONTROL, **arguments}
    with pytest.raises(ValueError, match=words) as refusal:
        weighted_displacement_difference(**given)
    assert str(refusal.value).endswith(".")


def test_refusals_of_harm_weights_and_powers() -> None:
    with pytest.raises(ValueError, match="the same crime types"):
        harm_weighted_difference({"a": (1, 2)}, {"b": (1, 2)}, {"a": 1})
    with pytest.raises(ValueError, match="the same crime types"):
        harm_weighted_difference({}, {}, {})
    with pytest.raises(ValueError, match="a has no harm weight"):
        harm_weighted_difference({"a": (1, 2)}, {"a": (1, 2)}, {})
    with pytest.raises(ValueError, match="harm weight of a is -1"):
        harm_weighted_difference({"a": (1, 2)}, {"a": (1, 2)}, {"a": -1})
    with pytest.raises(ValueError, match="power is 80"):
        minimum_detectable_change(1, power=80)
    with pytest.raises(ValueError, match="standard error is nan"):
        smallest_called_change(float("nan"))


def test_what_could_be_missed() -> None:
    # four counts of 30: 31
    se = weighted_displacement_difference((30, 30), (30, 30)).total.se
    assert round(minimum_detectable_change(se)) == 31
    assert smallest_called_change(se) == pytest.approx(1.96 * se, rel=1e-4)
    assert minimum_detectable_change(1) == pytest.approx(2.80, abs=0.005)
    assert minimum_detectable_change(1, power=0.5) == pytest.approx(smallest_called_change(1))


@given(areas, areas, areas, areas, st.floats(1, 9), weights, weights)
def test_differences_keep_their_promises(
    target: tuple[int, int],
    control: tuple[int, int],
    ring: tuple[int, int],
    other: tuple[int, int],
    dispersion: float,
    time: float,
    size: float,
) -> None:
    arguments: dict[str, Any] = {"time_weights": (time, 1), "area_weights": {"control": size}}
    result = weighted_displacement_difference(target, control, ring, other, **arguments)
    assert result.displacement is not None
    parts = result.local, result.displacement, result.total
    assert result.total.estimate == pytest.approx(parts[0].estimate + parts[1].estimate)
    assert result.total.se == pytest.approx(math.hypot(parts[0].se, parts[1].se))
    wide = weighted_displacement_difference(target, control, ring, other, dispersion=dispersion, **arguments)
    assert wide.total.estimate == result.total.estimate
    assert wide.total.se == pytest.approx(result.total.se * math.sqrt(dispersion))
    # dispersion below 1 narrows nothing
    assert weighted_displacement_difference(target, control, ring, other, dispersion=0.2, **arguments) == result
    # target and control change places
    swapped = weighted_displacement_difference(control, target, time_weights=(time, 1), area_weights={"target": size})
    assert swapped.local.estimate == pytest.approx(-parts[0].estimate)
    assert swapped.local.se == pytest.approx(parts[0].se)
    for part in parts:
        assert all(value is None or math.isfinite(value) for value in shown(part))
        assert part.called in (-1, 0, 1)
    one_kind = harm_weighted_difference({"a": target}, {"a": control}, {"a": 2}, **arguments)
    assert one_kind.estimate == pytest.approx(2 * parts[0].estimate)
    assert one_kind.se == pytest.approx(2 * parts[0].se)


@pytest.mark.parametrize("dispersion", [1.0, 1.7])
def test_the_limits_hold_the_truth(dispersion: float) -> None:
    for plan in (NOTHING, SOMETHING):
        held, called = four_counts(dispersion, 2000, plan=plan)
        assert 0.935 <= held <= 0.965, plan
        if plan is NOTHING:
            assert called <= 0.065
