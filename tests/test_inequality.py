"""Groups, rates, ratios and slopes of inequality, against figures worked by hand and statsmodels."""

import math

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

from benchmarks.groups import covered
from hotspots.inequality import (
    LOCAL,
    NATIONAL,
    Inequality,
    RateRatio,
    decile_sentence,
    group_rates,
    inequality,
    local_groups,
    rate_ratio,
    ratio_sentence,
    slopes_sentence,
    times,
)
from hotspots.rates import poisson_interval

CODES = list("abcdefghij")


def table(count: list[float | None], residents: list[int | None], months: int = 12) -> pd.DataFrame:
    frame = pd.DataFrame({"count": count, "residents": residents, "months": months}, index=CODES[: len(count)])
    return frame.astype({"count": "Int64", "residents": "Int64"})


# -- groups


def test_group_one_is_the_most_deprived() -> None:
    found = local_groups(pd.Series([1, 9, 5, 7, 3], index=CODES[:5]), 5)
    assert found.tolist() == [5, 1, 3, 2, 4]
    assert list(found.index) == CODES[:5]


def test_groups_are_as_even_as_can_be_and_never_part_ties() -> None:
    assert local_groups(pd.Series(range(552)), 5).value_counts().sort_index().tolist() == [111, 110, 111, 110, 110]
    tied = local_groups(pd.Series([3, 3, 3, 1, 1]), 5)
    assert tied.groupby([3, 3, 3, 1, 1]).nunique().tolist() == [1, 1]


def test_what_is_not_known_is_in_no_group() -> None:
    found = local_groups(pd.Series([2.0, None, 1.0]), 2)
    assert found[0] == 1
    assert found[2] == 2
    assert pd.isna(found[1])
    assert local_groups(pd.Series([None, None], dtype="Float64"), 5).isna().all()


# -- rates


def alike(counts: list[int], residents: list[int]) -> tuple[pd.DataFrame, pd.Series]:
    """Groups of five areas that are all alike, so that their limits are those of chance; and the group of each."""
    frame = pd.DataFrame({"count": np.repeat(counts, 5) // 5, "residents": np.repeat(residents, 5) // 5, "months": 12})
    assert frame["count"].sum() == sum(counts)
    return frame, pd.Series(np.repeat(np.arange(1, len(counts) + 1), 5))


def rates_of(counts: list[int], residents: list[int], dispersion: float = 1.0) -> pd.DataFrame:
    frame, of = alike(counts, residents)
    return group_rates(frame, of, len(counts), dispersion)


def test_rates_of_groups_with_an_empty_one() -> None:
    frame, of = alike([30, 5], [2000, 500])
    found = group_rates(frame.assign(months=6), of.replace(2, 3), 3)
    assert found["areas"].tolist() == found["known"].tolist() == [5, 0, 5]
    assert found["residents"].tolist() == [2000, 0, 500]
    assert found["count"].tolist() == [30, 0, 5]
    assert found["rate"][1] == pytest.approx(30 / (2000 * 0.5) * 1000)
    assert math.isnan(found["rate"][2])
    low, high = poisson_interval(30)
    assert (found["rate_low"][1], found["rate_high"][1]) == (pytest.approx(low), pytest.approx(high))


def test_totals_over_groups_are_the_whole() -> None:
    of = pd.Series([1, 2, None, 1, 2], CODES[:5], dtype="Int64")
    every = table([1, 2, 3, 4, 5], [100, 200, 300, 400, 500])
    one = pd.Series(1, every.index)
    parts = [group_rates(every, of, 2), group_rates(every, one.where(of.isna()), 1)]
    whole = group_rates(every, one, 1)
    for column in ("areas", "residents", "count"):
        assert sum(part[column].sum() for part in parts) == whole[column].iloc[0]


def test_a_place_without_residents_or_count_is_counted_but_makes_no_rate() -> None:
    found = group_rates(table([10, 90, None], [1000, None, 1000]), pd.Series(1, CODES[:3]), 1)
    assert found["areas"][1] == 3
    assert found["known"][1] == 1
    assert found["rate"][1] == pytest.approx(10)


def test_a_dispersion_widens_the_limits_by_its_root() -> None:
    plain, wide = (rates_of([10_000], [1000], phi) for phi in (1.0, 4.0))
    assert wide["rate"][1] == plain["rate"][1]
    ratio = (wide["rate_high"] - wide["rate_low"]) / (plain["rate_high"] - plain["rate_low"])
    assert ratio[1] == pytest.approx(2, rel=0.01)


UNLIKE = table([2, 9, 31, 14, 60, 25, 8, 40], [900, 1500, 1600, 1100, 2000, 1700, 800, 1900])


def test_limits_are_as_wide_as_the_areas_of_a_group_are_unlike() -> None:
    """The error is that of a Poisson regression on a constant in statsmodels, robust to each area being a cluster of its own."""
    found = group_rates(UNLIKE, pd.Series(1, UNLIKE.index), 1).loc[1]
    counts, residents = UNLIKE["count"].to_numpy(float), UNLIKE["residents"].to_numpy(float)
    model = sm.GLM(counts, np.ones(8), family=sm.families.Poisson(), offset=np.log(residents)).fit(
        cov_type="cluster", cov_kwds={"groups": np.arange(8)}
    )
    assert found["rate"] == pytest.approx(1000 * math.exp(model.params[0]))
    reach = math.exp(stats.t.isf(0.025, 7) * model.bse[0])
    assert (found["rate_low"], found["rate_high"]) == (
        pytest.approx(found["rate"] / reach), pytest.approx(found["rate"] * reach),
    )  # fmt: skip
    low, high = poisson_interval(counts.sum())
    assert found["rate_high"] - found["rate_low"] > 2 * (high - low) / residents.sum() * 1000


def test_a_group_of_too_few_areas_has_a_rate_and_no_limits() -> None:
    found = group_rates(UNLIKE, pd.Series([1] * 4 + [2] * 4, UNLIKE.index), 2)
    assert found["rate"].notna().all()
    assert found[["rate_low", "rate_high"]].isna().all(axis=None)
    reading = "the most deprived group has only 4 LSOAs, too few to see how unlike such LSOAs are (it takes 5)"
    assert rate_ratio(found) == RateRatio(None, None, None, reading)
    assert decile_sentence(found, rate_ratio(found), "robbery", "fifth").endswith(f"cannot be said: {reading}")
    assert (
        inequality(found).reading == "a group has only 4 LSOAs, too few to see how unlike such LSOAs are (it takes 5)"
    )


def test_a_group_with_nothing_recorded_has_the_limits_of_chance() -> None:
    found = rates_of([0], [5000]).loc[1]
    assert (found["rate"], found["rate_low"], found["rate_high"]) == (0, 0, pytest.approx(poisson_interval(0)[1] / 5))


# -- the ratio of two groups


def test_the_ratio_is_that_of_statsmodels() -> None:
    counts, residents = [50_000, 15_000], [500_000, 500_000]
    found = rate_ratio(rates_of(counts, residents))
    # a Poisson regression on the group is the same model
    frame, of = alike(counts, residents)
    terms = sm.add_constant((of == 1).to_numpy(float))
    model = sm.GLM(
        frame["count"], terms, family=sm.families.Poisson(), offset=np.log(frame["residents"].to_numpy())
    ).fit()
    assert found.ratio == pytest.approx(math.exp(model.params.iloc[1])) == pytest.approx(10 / 3)
    assert (found.lower, found.upper) == tuple(
        pytest.approx(limit, rel=0.001) for limit in np.exp(model.conf_int().iloc[1])
    )
    wide = rate_ratio(rates_of(counts, residents, 4))
    assert math.log(wide.upper / wide.lower) == pytest.approx(2 * math.log(found.upper / found.lower), rel=0.01)  # type: ignore[operator]


def test_the_limits_of_a_ratio_come_from_those_of_both() -> None:
    """The worked form of Zou & Donner on the logarithms."""
    rates = pd.DataFrame(
        {"areas": 9, "known": 9, "rate": [40.0, 10.0], "rate_low": [30.0, 8.0], "rate_high": [60.0, 13.0]}
    )
    found = rate_ratio(rates)
    assert found.ratio == 4
    assert found.lower == pytest.approx(4 * math.exp(-math.sqrt(math.log(40 / 30) ** 2 + math.log(13 / 10) ** 2)))
    assert found.upper == pytest.approx(4 * math.exp(math.sqrt(math.log(60 / 40) ** 2 + math.log(10 / 8) ** 2)))


@pytest.mark.parametrize("size", [10, 55])
def test_intervals_of_groups_cover(size: int) -> None:
    """As ``benchmarks/simulation.md`` records at length; chance alone holds about a third."""
    found = covered("lognormal", size, counties=150)
    assert found["rate"] >= 0.88
    assert min(found["ratio"], found["relative index"]) >= 0.91
    assert found["rate, chance only"] < 0.5


@pytest.mark.parametrize(
    ("counts", "residents", "reading"),
    [
        ([5, 0], [10, 10], "nothing was recorded in the least deprived group"),
        ([0, 5], [10, 10], "nothing was recorded in the most deprived group"),
        ([5, 5], [10, 0], "no rate is known in the least deprived group"),
    ],
)
def test_a_ratio_that_cannot_be_given_says_why(counts: list[int], residents: list[int], reading: str) -> None:
    assert rate_ratio(rates_of(counts, residents)) == RateRatio(None, None, None, reading)


def test_an_empty_group_has_no_ratio() -> None:
    frame, of = alike([5], [10])
    assert rate_ratio(group_rates(frame, of, 2)).reading == "no LSOA lies in the least deprived group"


# -- slope and relative index

COUNTS = [300, 260, 200, 210, 160, 150, 120, 100, 90, 60]
PEOPLE = [9000, 11000, 10000, 12000, 8000, 10000, 10000, 9500, 10500, 10000]


def test_slope_and_index_are_those_of_statsmodels() -> None:
    found = inequality(rates_of(COUNTS, PEOPLE))
    people = np.array(PEOPLE[::-1])
    place = (people.cumsum() - people / 2) / people.sum()
    logs = np.log(1000 * np.array(COUNTS[::-1]) / people)
    fit = sm.WLS(logs, sm.add_constant(place), weights=people).fit()
    low_end, high_end = np.exp(fit.params[0]), np.exp(fit.params.sum())
    assert found.sii == pytest.approx(high_end - low_end)
    assert found.rii == pytest.approx(high_end / low_end)
    assert found.rii is not None
    # the logarithm of the index is linear in those of the rates, so that its limits have a closed form
    x = sm.add_constant(place)
    pull = (np.linalg.inv(x.T @ (people[:, None] * x)) @ (x.T * people))[1]
    low, high = poisson_interval(np.array(COUNTS[::-1]))
    error = math.sqrt((pull**2 * (np.log(high / low) / (2 * stats.norm.isf(0.025))) ** 2).sum())
    spread = math.exp(stats.norm.isf(0.025) * error)
    assert (found.rii_low, found.rii_high) == (
        pytest.approx(found.rii / spread, rel=0.01), pytest.approx(found.rii * spread, rel=0.01),
    )  # fmt: skip
    assert found.sii_low < found.sii < found.sii_high  # type: ignore[operator]


def test_no_gradient_is_no_gradient() -> None:
    found = inequality(rates_of([100] * 10, [1000] * 10))
    assert found.sii == pytest.approx(0, abs=1e-9)
    assert found.rii == pytest.approx(1)
    assert found.sii_low < 0 < found.sii_high  # type: ignore[operator]


def test_the_other_way_round_is_the_inverse() -> None:
    up, down = (inequality(rates_of(counts, [1000] * 10)) for counts in (COUNTS, COUNTS[::-1]))
    assert up.rii == pytest.approx(1 / down.rii)  # type: ignore[operator]
    assert up.sii == pytest.approx(-down.sii)  # type: ignore[operator]


def test_the_same_seed_gives_the_same_limits() -> None:
    assert inequality(rates_of(COUNTS, PEOPLE)) == inequality(rates_of(COUNTS, PEOPLE))


def test_what_has_no_slope_says_why() -> None:
    assert inequality(rates_of([0, *COUNTS[1:]], PEOPLE)).reading == "a group holds none of what is counted"
    assert inequality(rates_of(COUNTS, [0, *PEOPLE[1:]])).reading == "a group holds no LSOA with a rate"
    assert inequality(rates_of([0, *COUNTS[1:]], PEOPLE)).sii is None


# -- sentences


def test_the_ratio_in_words() -> None:
    assert ratio_sentence(RateRatio(3.34, 3.2, 3.5), "serious violence") == (
        "The most deprived local fifth of LSOAs has 3.3 times the rate of serious violence of the least deprived (95 % interval 3.2 to 3.5)"
    )
    assert ratio_sentence(RateRatio(0.43, 0.41, 0.46), "robbery", "in income").startswith(
        "The local fifth of LSOAs most deprived in income has 0.4 times the rate of robbery of the least deprived"
    )


def test_a_ratio_whose_interval_holds_one_claims_nothing() -> None:
    said = ratio_sentence(RateRatio(1.1, 0.9, 1.3), "robbery")
    assert said.startswith("No difference in the rate of robbery beyond chance can be shown")
    assert "1.1 times (95 % interval 0.9 to 1.3)" in said


def test_no_ratio_in_words() -> None:
    said = ratio_sentence(RateRatio(None, None, None, "nothing was recorded in the least deprived group"), "robbery")
    assert (
        said
        == "How far robbery follows deprivation cannot be said here: nothing was recorded in the least deprived group"
    )


def test_deciles_in_words() -> None:
    rates = rates_of([90, 10, 30], [1000, 500, 1000])
    said = decile_sentence(rates, rate_ratio(rates), "robbery", "national tenth")
    assert said == (
        "Per 1,000 residents a year, robbery is 90.0 in the LSOAs here in England's most deprived tenth and 30.0 in its least: 3.0 times (95 % interval 2.0 to 4.7)"
    )
    same = rates_of([90, 10, 95], [1000, 500, 1000])
    assert decile_sentence(same, rate_ratio(same), "robbery", "national tenth").endswith(
        "a difference that could be chance"
    )


def test_deciles_in_words_by_local_fifths_and_domains() -> None:
    rates = rates_of([90, 10, 30], [1000, 500, 1000])
    assert decile_sentence(rates, rate_ratio(rates), "robbery", LOCAL).startswith(
        "Per 1,000 residents a year, robbery is 90.0 in the LSOAs here in the most deprived fifth and 30.0 in the least: "
    )
    assert "in England's tenth most deprived in income and" in decile_sentence(
        rates, rate_ratio(rates), "robbery", NATIONAL, "in income"
    )


def test_a_tenth_without_a_rate_is_not_one_that_does_not_occur() -> None:
    some = table([None, 90, 30], [1000, 1000, 1000])
    rates = group_rates(some, pd.Series([1, 2, 3], CODES[:3]), 4)
    assert decile_sentence(rates, rate_ratio(rates), "robbery", NATIONAL).endswith(
        "national tenth 3, the most and least deprived for which a rate is known"
    )
    only = group_rates(some[:2], pd.Series([1, 2], CODES[:2]), 4)
    assert decile_sentence(only, rate_ratio(only), "robbery", NATIONAL) == (
        "Per 1,000 residents a year, robbery is 90.0 in national tenth 2, the only one for which a rate is known"
    )


def test_deciles_in_words_where_some_are_empty() -> None:
    rates = group_rates(table([90, 30], [1000, 1000]), pd.Series([2, 3], CODES[:2]), 4)
    assert decile_sentence(rates, rate_ratio(rates), "robbery", "national tenth") == (
        "Per 1,000 residents a year, robbery is 90.0 in national tenth 2 and 30.0 in national tenth 3, the most and least deprived that "
        "occur here"
    )
    one = group_rates(table([90], [1000]), pd.Series([2], CODES[:1]), 4)
    assert decile_sentence(one, rate_ratio(one), "robbery", "national tenth") == (
        "All LSOAs shown lie in one national tenth (2): robbery is 90.0 per 1,000 residents a year"
    )
    none = group_rates(table([90], [None]), pd.Series([2], CODES[:1]), 4)
    assert (
        decile_sentence(none, rate_ratio(none), "robbery", "national tenth")
        == "No rate of robbery can be given for any national tenth"
    )


def slope(low: float, high: float) -> Inequality:
    return Inequality((low + high) / 2, low, high, 1, 1, 1)


def test_slopes_in_words() -> None:
    up, down, level = slope(1, 2), slope(-2, -1), slope(-1, 1)
    assert (
        slopes_sentence({"a": up, "b": up}, "robbery") == "The rate of robbery rises with deprivation in 2 of 2 domains"
    )
    assert slopes_sentence({"a": up, "Housing": down, "c": level}, "robbery") == (
        "The rate of robbery rises with deprivation in 1 of 3 domains, falls in 1 (housing) and shows no clear slope in 1 (c)"
    )
    assert "in none of 1 domains and shows no clear slope" in slopes_sentence({"c": level}, "robbery")
    assert slopes_sentence({"a": up, "b": down}, "robbery", {"a": level, "b": down}) == (
        "The rate of robbery rises with deprivation in none of 2 domains, falls in 1 (b) and shows no clear slope in 1 (a)"
    ), "what hangs on the busiest LSOAs is not clear"
    assert slopes_sentence({}, "robbery") == "No slope of robbery over deprivation can be given here"


def test_times_as_a_person_writes_them() -> None:
    assert [times(n) for n in (0.012, 0.43, 3.34, 9.96, 1234.4)] == ["0.012", "0.4", "3.3", "10", "1,234"]
