from typing import Literal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from hotspots.rates import (
    compare_counts,
    density,
    empirical_bayes_rate,
    overall_rate_per_1000_year,
    poisson_interval,
    rate_per_1000_year,
    ratio_interval,
)


@pytest.mark.parametrize(
    ("count", "lower", "upper"),
    [
        # statsmodels 0.15.0, rates.confint_poisson(method="exact-c")
        (0, 0.0, 3.6888794541139363),
        (1, 0.025317807984289876, 5.571643390938898),
        (5, 1.6234863901184207, 11.66833207932267),
        (9, 4.115373097378334, 17.08480345141917),
    ],
)
def test_exact_limits_below_10(count: int, lower: float, upper: float) -> None:
    assert poisson_interval(count) == pytest.approx((lower, upper), rel=1e-12)


def test_published_exact_interval() -> None:
    # Henschler et al. 1995: 5 renal cancers, SIR 7.97 (95 % CI 2.59 to 18.59)
    lower, upper = poisson_interval(5)
    assert round(lower / (5 / 7.97), 2) == 2.59
    assert upper / (5 / 7.97) == pytest.approx(18.59, abs=0.015)  # the expected number is known to 3 digits


def test_published_table_of_exact_limits_against_byar() -> None:
    # Biological Effects of Low Level Exposures (1992), table 7.5, exact Poisson limits: 30 events, 20.24 to 42.83
    assert poisson_interval(30) == pytest.approx((20.24, 42.83), rel=0.002)


def test_byar_by_hand_at_the_switch() -> None:
    # 10 (1 - 1/90 - 1.959964/9.486833)^3 and 11 (1 - 1/99 + 1.959964/9.949874)^3
    lower, upper = poisson_interval(10)
    assert lower == pytest.approx(10 * (1 - 0.011111111 - 0.206598) ** 3, rel=1e-5)
    assert upper == pytest.approx(11 * (1 - 0.010101010 + 0.196984) ** 3, rel=1e-5)
    exact = stats.chi2.ppf(0.025, 20) / 2
    assert lower != pytest.approx(exact, rel=1e-6)


@given(st.integers(10, 100_000))
def test_byar_is_as_near_the_exact_limits_as_published(count: int) -> None:
    # PHE 2018, Technical Guide: within 0.2 % of the exact value for numerators of 10 or more at 95 %
    exact = stats.chi2.ppf(0.025, 2 * count) / 2, stats.chi2.isf(0.025, 2 * count + 2) / 2
    assert poisson_interval(count) == pytest.approx(exact, rel=0.002)


@given(st.integers(0, 9), st.sampled_from([0.9, 0.95, 0.998]))
def test_exact_limits_are_the_poisson_tails(count: int, confidence: float) -> None:
    lower, upper = poisson_interval(count, confidence)
    assert stats.poisson.cdf(count, upper) == pytest.approx((1 - confidence) / 2)
    if count:
        assert stats.poisson.sf(count - 1, lower) == pytest.approx((1 - confidence) / 2)


@given(st.lists(st.integers(0, 5000), min_size=2), st.sampled_from([0.8, 0.95, 0.998]))
def test_limits_enclose_the_count_and_grow_with_it(counts: list[int], confidence: float) -> None:
    ordered = np.sort(counts)
    lower, upper = poisson_interval(ordered, confidence)
    assert (lower <= ordered).all()
    assert (upper > ordered).all()
    assert (np.diff(lower) >= 0).all()
    assert (np.diff(upper) >= 0).all()


def test_every_kind_of_input_comes_back_in_kind() -> None:
    series = pd.Series([0, 12, None], index=["a", "b", "c"], dtype="Int64")
    lower, upper = poisson_interval(series)
    assert lower.index.tolist() == upper.index.tolist() == ["a", "b", "c"]
    assert lower.isna().tolist() == [False, False, True]
    assert series.tolist()[:2] == [0, 12]
    for values in ([0, 12], np.array([0, 12]), (0, 12)):
        np.testing.assert_allclose(poisson_interval(values)[0], lower[:2])
    assert isinstance(poisson_interval(12)[0], float)
    assert poisson_interval(np.int64(12)) == poisson_interval(12)


def test_bad_counts_and_confidence_are_refused_in_words() -> None:
    with pytest.raises(ValueError, match="count is negative"):
        poisson_interval([1, -1])
    for confidence in (0, 1, 95):
        with pytest.raises(ValueError, match="between 0 and 1"):
            poisson_interval(1, confidence)


def test_rate_by_hand() -> None:
    # 30 events among 2,000 residents in 6 months are 30 per 1,000 per year
    result = rate_per_1000_year([30, 9], [2000, 3000], [6, 12])
    assert result["rate"].tolist() == pytest.approx([30, 3])
    assert result["rate_low"].tolist() == pytest.approx([poisson_interval(30)[0], poisson_interval(9)[0] / 3])
    assert result["rate_high"].tolist() == pytest.approx([poisson_interval(30)[1], poisson_interval(9)[1] / 3])


def test_rate_is_null_where_it_cannot_be_known() -> None:
    index = list("abcde")
    count = pd.Series([1, 1, None, 1, 0], index=index, dtype="Int64")
    residents = pd.Series([0, None, 1000, 1000, 1000], index=index, dtype="Int64")
    months = pd.Series([12, 12, 12, 0, 12], index=index)
    result = rate_per_1000_year(count, residents, months)
    assert result.index.tolist() == index
    assert result.isna().all(axis=1).tolist() == [True, True, True, True, False]
    assert result.loc["e", "rate"] == 0
    assert np.isfinite(result.loc["e"].to_numpy(dtype=float)).all()


def test_series_on_other_indexes_are_refused_rather_than_mixed_up() -> None:
    count = pd.Series([1, 2], index=["a", "b"])
    with pytest.raises(ValueError, match="not on the same index"):
        rate_per_1000_year(count, pd.Series([10, 20]), 12)
    with pytest.raises(ValueError, match="2 and 3 rows"):
        rate_per_1000_year(count, [1, 2, 3], 12)
    with pytest.raises(ValueError, match="number of residents is negative"):
        rate_per_1000_year(count, [1, -2], 12)


def test_overall_rate_leaves_out_what_is_not_known_on_both_sides() -> None:
    result = overall_rate_per_1000_year([10, 20, None, 5], [1000, 1000, 1000, None], [12, 6, 12, 12])
    assert result["rate"].tolist() == pytest.approx([1000 * 30 / 1500])
    assert overall_rate_per_1000_year([None], [1000], 12).isna().all(axis=None)


def test_density_by_hand() -> None:
    result = density(pd.Series([6, 6, 6], index=list("abc")), pd.Series([2.0, 0.0, None], index=list("abc")), 6)
    assert result["a"] == pytest.approx(6)
    assert result.isna().tolist() == [False, True, True]


def test_empirical_bayes_against_esda() -> None:
    # esda 2.9.0, smoothing.Empirical_Bayes
    events, population = [12, 0, 3, 45, 7, 20], [1500, 1620, 1380, 1710, 1445, 1593]
    expected = [
        0.008108142806332553,
        0.0006731230817122662,
        0.002774033040643378,
        0.025165302290599132,
        0.005207191256684279,
        0.012326178362595154,
    ]
    np.testing.assert_allclose(empirical_bayes_rate(events, population), expected, rtol=1e-12)


def test_empirical_bayes_without_spread_gives_all_the_common_rate() -> None:
    # Marshall sets a negative variance to 0
    np.testing.assert_allclose(empirical_bayes_rate([3, 2, 3, 2], [1000] * 4), [0.0025] * 4)
    np.testing.assert_array_equal(empirical_bayes_rate([0, 0], [10, 20]), [0, 0])


def test_empirical_bayes_passes_over_the_unknown() -> None:
    events = pd.Series([12, None, 3, 45, 1], index=list("vwxyz"), dtype="Int64")
    population = pd.Series([1500, 1000, 1380, 1710, 0], index=list("vwxyz"))
    result = empirical_bayes_rate(events, population)
    assert result.isna().tolist() == [False, True, False, False, True]
    np.testing.assert_allclose(result.dropna(), empirical_bayes_rate([12, 3, 45], [1500, 1380, 1710]))


@given(st.lists(st.tuples(st.integers(0, 200), st.integers(1, 5000)), min_size=1, max_size=30))
def test_empirical_bayes_lies_between_own_and_common_rate(rows: list[tuple[int, int]]) -> None:
    events, population = (np.array(column) for column in zip(*rows, strict=True))
    shrunk, own, mean = empirical_bayes_rate(events, population), events / population, events.sum() / population.sum()
    assert (shrunk >= np.minimum(own, mean) - 1e-12).all()
    assert (shrunk <= np.maximum(own, mean) + 1e-12).all()
    np.testing.assert_allclose(empirical_bayes_rate(events[::-1], population[::-1])[::-1], shrunk)


# statsmodels 0.15.0, rates.test_poisson_2indep: method="exact-cond", and "etest-wald", whose statistic is the paper's
# (its plain "etest" takes the score statistic instead)
@pytest.mark.parametrize(
    ("counts", "c_test", "e_test"),
    [
        ((0, 100, 3, 100), 0.25, 0.08837900945483523),  # Krishnamoorthy & Thomson's example: 0.0884
        ((207, 1.0, 110, 1.0), 5.539228869716027e-08, 4.093661258950448e-08),
        ((60, 51477.5, 30, 54308.7), 0.0006751826586863219, 0.000643144612489779),
        ((5, 12, 14, 10.5), 0.021113273902896558, 0.023118421361187882),
        ((1, 0.5, 0, 2.0), 0.2, 0.5411722584954478),
        ((41, 28010, 15, 19017), 0.04085202628650178, 0.02904335854726319),
        ((300, 12, 250, 12), 0.036578745549102676, 0.033010220268294935),
    ],
)
def test_comparison_of_counts(counts: tuple[int, float, int, float], c_test: float, e_test: float) -> None:
    assert compare_counts(*counts) == pytest.approx(c_test, rel=1e-9)
    assert compare_counts(*counts, method="c") == pytest.approx(c_test, rel=1e-9)
    # tails below 1e-9 are cut off differently
    assert compare_counts(*counts, method="e") == pytest.approx(e_test, rel=1e-6, abs=1e-9)


def test_comparison_of_nothing_with_nothing() -> None:
    assert compare_counts(0, 10, 0, 20) == compare_counts(0, 10, 0, 20, method="e") == 1


@given(st.integers(0, 60), st.integers(0, 60), st.floats(0.1, 100), st.floats(0.1, 100))
def test_comparison_does_not_depend_on_which_comes_first(a: int, b: int, x: float, y: float) -> None:
    methods: tuple[Literal["c"], Literal["e"]] = ("c", "e")
    for method in methods:
        p = compare_counts(a, x, b, y, method=method)
        assert 0 <= p <= 1 + 1e-9
        assert p == pytest.approx(compare_counts(b, y, a, x, method=method), abs=1e-6)


def test_bad_comparisons_are_refused_in_words() -> None:
    for arguments in ((-1, 1, 1, 1), (1.5, 1, 1, 1)):
        with pytest.raises(ValueError, match="whole numbers"):
            compare_counts(*arguments)
    for exposure in (0, -1, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="exposure"):
            compare_counts(1, exposure, 1, 1)
    with pytest.raises(ValueError, match='Choose "c" or "e"'):
        compare_counts(1, 1, 1, 1, method="z")  # type: ignore[arg-type]


# -- the ratio of two counts


def test_published_ratio_of_two_counts() -> None:
    # R, ?poisson.test: c(11, 6+8+7) deaths over c(800, 1083+1050+878) person-years, 95 percent confidence interval
    low, high = ratio_interval(11, 21)
    assert low * 3011 / 800 == pytest.approx(0.8584264, abs=1e-6)
    assert high * 3011 / 800 == pytest.approx(4.2772659, abs=1e-6)


def test_the_ratio_has_no_end_where_nothing_was_counted() -> None:
    assert ratio_interval(0, 5)[0] == 0
    assert ratio_interval(5, 0)[1] == np.inf
    assert ratio_interval(0, 0) == (0, np.inf)


@given(st.integers(0, 500), st.integers(0, 500), st.floats(1, 5))
def test_a_wider_scatter_widens_the_ratio_both_ways(a: int, b: int, dispersion: float) -> None:
    low, high = ratio_interval(a, b)
    wide_low, wide_high = ratio_interval(a, b, dispersion)
    assert wide_low <= low * (1 + 1e-9)
    assert wide_high >= high * (1 - 1e-9)
    turned = ratio_interval(b, a, dispersion)
    assert turned[0] == pytest.approx(1 / wide_high if np.isfinite(wide_high) else 0, rel=1e-6)


@pytest.mark.parametrize("said", [(-1, 2), (1, 2, 0.5), (1, 2, 1, 1.0)])
def test_a_ratio_of_what_cannot_be_is_refused(said: tuple) -> None:
    with pytest.raises(ValueError, match="Give"):
        ratio_interval(*said)


def test_the_ratio_holds_the_truth_as_often_as_it_says_where_counts_scatter() -> None:
    rng = np.random.default_rng(7)
    dispersion, mean = 3.0, 400
    pairs = rng.negative_binomial(mean / (dispersion - 1), 1 / dispersion, size=(2000, 2))
    held = [low <= 1 <= high for low, high in (ratio_interval(int(a), int(b), dispersion) for a, b in pairs)]
    assert 0.935 <= np.mean(held) <= 0.97
    plain = [low <= 1 <= high for low, high in (ratio_interval(int(a), int(b)) for a, b in pairs)]
    assert np.mean(plain) < 0.85, "without the dispersion it claims too much"
