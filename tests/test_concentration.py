import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotspots.concentration import (
    ChosenShare,
    ConcentrationInterval,
    ShareHeld,
    areas_for_share,
    best_share,
    by_district,
    chosen_share,
    concentration_interval,
    expected_by_residents,
    generalised_gini,
    gini,
    lorenz_curve,
    prediction_accuracy,
    residents_share,
    share_held,
)

COUNTS = [1, 2, 10, 3, 4]

some_counts = st.lists(st.integers(0, 60), min_size=1, max_size=30).filter(any)


def test_fewest_areas_by_hand() -> None:
    assert areas_for_share(COUNTS) == 1  # 10 of 20
    assert areas_for_share(COUNTS, 0.51) == 2
    assert areas_for_share(COUNTS, 0.7) == 2  # 14 of 20
    assert areas_for_share(COUNTS, 1) == 5
    assert areas_for_share([10, 0, 0], 1) == 1


def test_a_share_met_exactly_is_not_lost_to_floats() -> None:
    assert areas_for_share([1] * 10, 0.3) == 3
    assert areas_for_share([3] * 10, 0.7) == 7


def test_nothing_to_hold() -> None:
    assert areas_for_share([]) == 0
    assert areas_for_share([0, 0]) == 0
    assert residents_share([0, 0], [1, 1]) is None


def test_nulls_are_left_out() -> None:
    assert areas_for_share(pd.Series([None, 3, 1, 1, 1], dtype="Int64")) == 1
    assert residents_share(pd.Series([None, 3, 1], dtype="Int64"), pd.Series([500, 10, 30])) == 0.25


def test_residents_by_hand() -> None:
    assert residents_share(COUNTS, [100, 100, 100, 100, 600]) == 0.1
    assert residents_share(COUNTS, [100, 100, 100, 100, 600], 0.7) == 0.7


def test_residents_of_tied_areas_depend_on_no_order() -> None:
    # one of three tied areas is needed: their mean stands in
    for residents in itertools.permutations([100, 200, 300]):
        assert residents_share([4, 4, 4, 0], [*residents, 400], 0.3) == 0.2
    assert residents_share([4, 4, 4, 0], [100, 200, 300, 400], 0.3, ties_in=True) == 0.6


def test_residents_not_known() -> None:
    assert residents_share([1, 2], [None, 5]) is None
    assert residents_share([1, 2], [0, 0]) is None


def test_share_held() -> None:
    assert share_held(COUNTS, [1] * 5, 0.6) == ShareHeld(0.6, 2, 5, 0.7, 0.4)
    assert share_held([4, 4, 4, 0], [1] * 4, 0.3, ties_in=True) == ShareHeld(0.3, 3, 4, 1.0, 0.75)
    assert share_held([0, 0, None], [1, 1, 1]) == ShareHeld(0.5, 0, 2, None, None)


def test_bad_input_is_refused_in_words() -> None:
    for share in (0, -1, 1.1, 50):
        with pytest.raises(ValueError, match="above 0 and at most 1"):
            areas_for_share(COUNTS, share)
    with pytest.raises(ValueError, match="count is negative"):
        areas_for_share([1, -1])
    with pytest.raises(ValueError, match="same index"):
        residents_share(pd.Series([1, 2]), pd.Series([1, 2], index=["a", "b"]))


@given(st.lists(st.integers(0, 20), min_size=1, max_size=8), st.sampled_from([0.1, 0.25, 0.3, 0.5, 0.7, 0.9, 1.0]))
def test_fewest_is_the_fewest_of_all_subsets(counts: list[int], share: float) -> None:
    if not sum(counts):
        return
    fewest = next(
        size
        for size in range(1, len(counts) + 1)
        if any(sum(some) >= share * sum(counts) - 1e-9 for some in itertools.combinations(counts, size))
    )
    assert areas_for_share(counts, share) == fewest
    assert areas_for_share(counts[::-1], share) == fewest
    assert residents_share(counts, [7] * len(counts), share) == pytest.approx(fewest / len(counts))


# the worked examples of Bernasco & Steenbeek's R package lorenzgini 0.1.2
@pytest.mark.parametrize(
    ("counts", "plain", "generalised"),
    [([10, 8, 2] + [0] * 7, 0.78, 0.78), ([5, 2, 1] + [0] * 7, 0.8, 0.75)],
)
def test_published_ginis(counts: list[int], plain: float, generalised: float) -> None:
    assert gini(counts) == pytest.approx(plain)
    assert generalised_gini(counts) == pytest.approx(generalised)


def test_published_bias_of_the_gini() -> None:
    # lorenzgini 0.1.2: all in one of 10 areas 0.9, of 100 areas 0.99; unbiased 1 in both
    assert gini([10] + [0] * 9) == pytest.approx(0.9)
    assert gini([10] + [0] * 99) == pytest.approx(0.99)
    assert generalised_gini([10] + [0] * 9, unbiased=True) == pytest.approx(1)
    assert generalised_gini([10] + [0] * 99, unbiased=True) == pytest.approx(1)


def test_gini_against_inequality() -> None:
    # inequality 1.1.2, gini.Gini
    assert gini([12, 0, 3, 45, 7, 20, 0, 1, 5]) == pytest.approx(0.6356033452807647, rel=1e-14)


def test_few_events_spread_as_far_as_they_go_are_not_concentrated() -> None:
    # three events in ten areas: the plain Gini is 0.7, of which all is scarcity
    assert gini([1, 1, 1] + [0] * 7) == pytest.approx(0.7)
    assert generalised_gini([1, 1, 1] + [0] * 7) == pytest.approx(0, abs=1e-15)


def test_gini_of_one_area_and_of_nothing() -> None:
    assert gini([7]) == generalised_gini([7]) == 0
    for nothing in ([], [0, 0], [None, 0]):
        with pytest.raises(ValueError, match="none was counted"):
            gini(nothing)
        with pytest.raises(ValueError, match="none was counted"):
            generalised_gini(nothing)
    for too_few in ([7], [1, 0, 0]):
        with pytest.raises(ValueError, match="two areas and more than one event"):
            generalised_gini(too_few, unbiased=True)
    with pytest.raises(ValueError, match="count is negative"):
        gini([1, -1])


@settings(deadline=None)
@given(some_counts, st.integers(2, 9), st.randoms())
def test_gini_does_not_change_with_scale_or_order(counts: list[int], times: int, random) -> None:  # type: ignore[no-untyped-def]
    shuffled = random.sample(counts, len(counts))
    assert gini(shuffled) == pytest.approx(gini(counts), abs=1e-12)
    assert gini([times * x for x in counts]) == pytest.approx(gini(counts), abs=1e-12)
    # twice the same county is as concentrated
    assert gini(counts * 2) == pytest.approx(gini(counts), abs=1e-12)
    assert generalised_gini(shuffled) == pytest.approx(generalised_gini(counts), abs=1e-12)


@settings(deadline=None)
@given(some_counts, st.integers(1, 50))
def test_empty_areas_add_concentration_until_areas_outnumber_events(counts: list[int], zeros: int) -> None:
    longer = counts + [0] * zeros
    assert gini(longer) >= gini(counts)
    assert 0 <= generalised_gini(longer) <= gini(longer) + 1e-12
    if sum(counts) < len(counts):
        # areas in which nothing could have happened any more change nothing
        assert generalised_gini(longer) == pytest.approx(generalised_gini(counts), abs=1e-9)


@settings(deadline=None)
@given(some_counts)
def test_equal_counts_are_not_concentrated(counts: list[int]) -> None:
    assert gini([counts[0] + 1] * len(counts)) == pytest.approx(0, abs=1e-12)


def test_lorenz_curve_by_hand() -> None:
    curve = lorenz_curve([1, 4, 0, 5])
    assert curve.columns.tolist() == ["share_of_weight", "share_of_events"]
    assert curve["share_of_weight"].tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert curve["share_of_events"].tolist() == [0, 0, 0.1, 0.5, 1]


def test_lorenz_curve_against_residents_is_in_order_of_rates() -> None:
    # rates 2, 1 and 4 per 100
    curve = lorenz_curve(pd.Series([6, 5, 4]), pd.Series([300, 500, 100]))
    assert curve["share_of_weight"].tolist() == pytest.approx([0, 5 / 9, 8 / 9, 1])
    assert curve["share_of_events"].tolist() == pytest.approx([0, 5 / 15, 11 / 15, 1])


def test_events_where_nobody_lives_rise_straight_up_at_the_end() -> None:
    curve = lorenz_curve([3, 1, 0], [0, 100, 0])
    assert curve["share_of_weight"].tolist() == [0, 0, 1, 1]
    assert curve["share_of_events"].tolist() == [0, 0, 0.25, 1]
    assert lorenz_curve([3, None, 1], [1, 1, None])["share_of_events"].tolist() == [0, 1]
    with pytest.raises(ValueError, match="No area has residents"):
        lorenz_curve([1, 2], [0, 0])
    with pytest.raises(ValueError, match="none was counted"):
        lorenz_curve([0, 0])


@settings(deadline=None)
@given(some_counts)
def test_gini_is_twice_the_area_between_curve_and_diagonal(counts: list[int]) -> None:
    curve = lorenz_curve(counts)
    below = np.trapezoid(curve["share_of_events"], curve["share_of_weight"])
    assert 1 - 2 * below == pytest.approx(gini(counts), abs=1e-12)
    # each area as many times as it has residents, or residents as weights
    residents = [1 + x % 3 for x in counts]
    spread = [x / n for x, n in zip(counts, residents, strict=True) for _ in range(n)]
    weighted = lorenz_curve(counts, residents)
    assert 1 - 2 * np.trapezoid(weighted["share_of_events"], weighted["share_of_weight"]) == pytest.approx(gini(spread))


def test_published_prediction_accuracy() -> None:
    # Wheeler's R package ptools, the example of ?pai; its values by hand
    result = prediction_accuracy(
        pd.Series([6, 7, 3, 2, 1, 0], list("abcdef")), pd.Series([8, 4, 4, 2, 1, 0], list("abcdef"))
    )
    assert result.columns.tolist() == ["pai", "pei", "rri"]
    # of two predicted alike the one with fewer events first
    assert result.index.tolist() == list("acbdef")
    assert result["pai"].tolist() == pytest.approx([6 / 19 * 6, 9 / 19 * 3, 16 / 19 * 2, 18 / 19 * 1.5, 1.2, 1])
    assert result["pei"].tolist() == pytest.approx([6 / 7, 9 / 13, 1, 1, 1, 1])
    assert result["rri"].tolist() == pytest.approx([8 / 6, 12 / 9, 1, 1, 1, 1])


def test_prediction_accuracy_by_residents() -> None:
    result = prediction_accuracy([10, 6, 4], [9, 8, 1], weights=[100, 100, 200])
    assert result["pai"].tolist() == pytest.approx([0.5 / 0.25, 0.8 / 0.5, 1])
    assert result["pei"].tolist() == pytest.approx([1, 1, 1])
    worst = prediction_accuracy([10, 6, 4], [1, 1, 9], weights=[100, 100, 200])
    # half of all residents: at best 16 of 20 events
    assert worst["pei"].tolist() == pytest.approx([0.2 / 0.8, (0.2 + 0.3) / (0.8 + 0.1), 1])


def test_prediction_accuracy_where_nothing_can_be_said() -> None:
    result = prediction_accuracy([0, 5, 1], [9, 8, 0], weights=[0, 10, 10])
    assert result["pai"].isna().tolist() == [True, False, False]
    assert result["rri"].isna().tolist() == [True, False, False]
    assert not np.isinf(result.to_numpy()).any()
    assert len(prediction_accuracy([1, None, 2], [1, 1, 1])) == 2
    with pytest.raises(ValueError, match="none was counted"):
        prediction_accuracy([0, 0], [1, 2])
    with pytest.raises(ValueError, match="prediction is negative"):
        prediction_accuracy([1, 0], [-1, 2])


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20), st.integers(1, 5)), min_size=1, max_size=15))
def test_prediction_is_never_better_than_the_best(rows: list[tuple[int, int, int]]) -> None:
    observed, predicted, weights = (list(column) for column in zip(*rows, strict=True))
    if not sum(observed):
        return
    for whole in (None, weights):
        result = prediction_accuracy(observed, predicted, whole)
        assert (result["pei"].dropna() <= 1 + 1e-9).all()
        assert result["pai"].iloc[-1] == pytest.approx(1)
        assert result["pei"].iloc[-1] == pytest.approx(1)
        backwards = prediction_accuracy(observed[::-1], predicted[::-1], None if whole is None else whole[::-1])
        np.testing.assert_allclose(backwards["pai"], result["pai"])
    # foreseen exactly: nothing is better
    assert prediction_accuracy(observed, observed)["pei"].tolist() == pytest.approx([1] * len(observed))


def test_best_share_takes_the_last_area_in_part() -> None:
    assert best_share([8, 2, 0], [1, 1, 2], 0.125) == pytest.approx(0.4)
    assert best_share([8, 2, 0], [1, 1, 2], 0.5) == pytest.approx(1)


def _limits(interval: ConcentrationInterval) -> tuple[float, float, float]:
    assert interval.low is not None
    assert interval.estimate is not None
    assert interval.high is not None
    return interval.low, interval.estimate, interval.high


def test_interval_is_of_what_lies_behind_the_counts() -> None:
    rng = np.random.default_rng(1)
    rates = rng.gamma(1.6, 1 / 1.6, 552)
    many, few = rng.poisson(500 * rates), rng.poisson(2 * rates)
    wide, narrow = concentration_interval(few), concentration_interval(many)
    for interval in (wide, narrow):
        low, estimate, high = _limits(interval)
        assert low < estimate < high
        assert low <= gini(rates) <= high
    # scarcity alone looks like concentration
    assert wide.observed == generalised_gini(few) > _limits(wide)[2]
    assert narrow.observed == pytest.approx(narrow.estimate, abs=0.005)
    assert narrow.reading == ""
    assert wide.reading.startswith("With 1.9 events per area on average the limits lean on")


def test_interval_reaches_down_where_nothing_speaks_for_concentration() -> None:
    interval = concentration_interval(np.random.default_rng(2).poisson(10, 200))
    low, _, high = _limits(interval)
    assert low < 0.05
    assert high < interval.observed


def test_scatter_beyond_poisson_widens_the_interval() -> None:
    counts = np.random.default_rng(3).poisson(30 * np.random.default_rng(4).gamma(1.6, 1 / 1.6, 300))
    (low, _, high), (lower, _, higher) = (_limits(concentration_interval(counts, dispersion=d)) for d in (1.0, 3.0))
    assert 1.4 < (higher - lower) / (high - low) < 2.2


def test_fewer_events_than_areas_give_no_limits_and_the_reason() -> None:
    interval = concentration_interval([3, 1, 0, 0, 0, 0])
    assert interval.observed == generalised_gini([3, 1, 0, 0, 0, 0])
    assert interval.low is interval.estimate is interval.high is None
    assert interval.reading == "4 events in 6 areas are too few to give limits for their concentration"


@settings(max_examples=20, deadline=None)
@given(some_counts.filter(lambda counts: len(counts) > 1))
def test_interval_is_seeded_finite_and_keeps_to_its_range(counts: list[int]) -> None:
    interval = concentration_interval(counts, draws=200, even_of_few=True)
    assert interval == concentration_interval(counts, draws=200, even_of_few=True)
    low, estimate, high = _limits(interval)
    assert 0 <= low <= estimate <= high <= 1


def test_interval_of_nothing_and_of_one_area_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match="none was counted"):
        concentration_interval([0, 0])
    with pytest.raises(ValueError, match="single area"):
        concentration_interval([5])


def test_expected_by_residents_against_the_exact_mean() -> None:
    # two areas of equal residents, four events: the Gini is |2x - 4| / 8 with x binomial(4, 1/2), mean 0.1875
    expected = expected_by_residents([4, 0], [100, 100], gini, draws=4000)
    assert expected.mean == pytest.approx(0.1875, abs=0.008)
    assert (expected.low, expected.high) == (0, 0.5)


def test_expected_by_residents_follows_residents() -> None:
    residents = [100, 200, 300, 400]
    expected = expected_by_residents([40_000, 0, 0, 0], residents)
    assert expected.mean == pytest.approx(gini(residents), abs=0.002)
    assert expected == expected_by_residents([0, 40_000, 0, 0], residents)
    assert expected_by_residents([4, 3, None], [0, 10, 10], areas_for_share).mean == 1
    with pytest.raises(ValueError, match="No area has residents"):
        expected_by_residents([1, 1], [0, 0])


def test_chosen_share() -> None:
    index = list("abcd")
    counts = pd.Series([10, 5, 5, None], index, dtype="Int64")
    residents = pd.Series([100, 100, 200, 900], index, dtype="Int64")
    chosen = pd.Series([True, False, False, True], index)
    assert chosen_share(counts, residents, chosen) == ChosenShare(1, 3, 0.5, 0.25)
    assert chosen_share([0, 0], [None, 5], [True, False]) == ChosenShare(1, 2, None, None)


def test_districts_side_by_side() -> None:
    index = pd.Index([f"E0{n}" for n in range(7)])
    frame = by_district(
        pd.Series([1, 3, 9, 7, 0, 0, None], index, dtype="Int64"),
        pd.Series([100, 100, 200, 200, 100, 300, 50], index, dtype="Int64"),
        pd.Series(["Ash", "Ash", "Elm", "Elm", "Oak", "Oak", "Oak"], index),
        pd.Series([False, False, True, False, False, False, False], index),
    )
    assert frame.index.tolist() == ["Elm", "Ash", "Oak"]
    assert frame["areas"].tolist() == [2, 2, 2]
    assert frame["events"].tolist() == [16, 4, 0]
    assert frame["share_of_events"].tolist() == [0.8, 0.2, 0]
    assert frame["residents"].tolist() == [400, 200, 400]
    assert frame["share_of_residents"].tolist() == [0.4, 0.2, 0.4]
    assert frame["hotspots"].tolist() == [1, 0, 0]
    assert frame["generalised_gini"].tolist()[:2] == pytest.approx([1 / 16, 0.25])
    assert frame.loc["Oak", ["generalised_gini", "areas_for_half"]].isna().all()
    assert frame["areas_for_half"].tolist()[:2] == [1, 1]


def test_districts_without_events_residents_or_counts() -> None:
    index = pd.Index(["x", "y"])
    district, hotspot = pd.Series(["Ash", None], index), pd.Series([False, False], index)
    frame = by_district(pd.Series([0, 4], index), pd.Series([None, 3], index, dtype="Int64"), district, hotspot)
    assert frame.index.tolist() == ["Ash"]
    assert frame.loc["Ash", ["residents", "share_of_events", "share_of_residents", "generalised_gini"]].isna().all()
    nothing = pd.Series([None, None], index, dtype="Int64")
    assert by_district(nothing, nothing, district, hotspot).empty
