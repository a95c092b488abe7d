import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from hotspots.stability import (
    comparable_windows,
    rank_biased_overlap,
    rolling_hotspots,
    stability,
)

pairs = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=2, max_size=20)


def _months(year: int, first: int = 1, last: int = 12) -> list[str]:
    return [f"{year}-{month:02d}" for month in range(first, last + 1)]


def test_norfolks_months() -> None:
    windows = comparable_windows([*_months(2018, 10), *_months(2019, 1, 2), *_months(2024, 1, 4), *_months(2025)])
    assert windows.label == "January to April 2024 against January to April 2025"
    assert windows.earlier == tuple(_months(2024, 1, 4))
    assert windows.later == tuple(_months(2025, 1, 4))


def test_the_latest_12_months_against_the_12_before() -> None:
    windows = comparable_windows([*_months(2023), *_months(2024), *_months(2025, 1, 5)])
    assert windows.later == (*_months(2024, 6), *_months(2025, 1, 5))
    assert windows.earlier == (*_months(2023, 6), *_months(2024, 1, 5))
    assert windows.label == "June 2023 to May 2024 against June 2024 to May 2025"


def test_the_most_months_go_before_the_latest() -> None:
    months = [*_months(2020, 1, 6), *_months(2021, 1, 6), *_months(2024, 1, 3), *_months(2025, 1, 3)]
    assert comparable_windows(months).later == tuple(_months(2021, 1, 6))


def test_gaps_and_windows_over_new_year_are_named() -> None:
    months = ["2023-11", "2023-12", "2024-01", "2024-04", "2024-11", "2024-12", "2025-01", "2025-04"]
    assert comparable_windows(months).label == (
        "November 2023 to January 2024 and April 2024 against November 2024 to January 2025 and April 2025"
    )


def test_too_few_months_are_refused_in_words() -> None:
    with pytest.raises(ValueError, match="and none is"):
        comparable_windows(_months(2025))
    with pytest.raises(ValueError, match="none is"):
        comparable_windows([])
    with pytest.raises(ValueError, match="only January to February 2025 are"):
        comparable_windows([*_months(2024, 1, 2), *_months(2025)])
    with pytest.raises(ValueError, match="only March 2025 is"):
        comparable_windows(["2024-03", "2025-03"])


def test_stability_by_hand() -> None:
    # a quarter of 40 is held by the first area alone, which later has 12 of 30
    result = stability([10, 9, 8, 7, 6], [12, 3, 13, 1, 1], residents=[100, 100, 200, 300, 300])
    assert (result.hotspots, result.of_areas, result.still_hotspots) == (1, 5, 0)
    assert result.earlier_share == pytest.approx(10 / 40)
    assert result.caught == pytest.approx(12 / 30)
    assert result.best == pytest.approx(13 / 30)
    assert result.chance == pytest.approx(1 / 5)
    assert result.pai == pytest.approx(2)
    assert result.pei == pytest.approx(12 / 13)
    # by residents: a tenth of them, who at best hold what the first area holds
    assert result.residents == pytest.approx(0.1)
    assert result.best_by_residents == pytest.approx(12 / 30)
    assert result.pai_by_residents == pytest.approx(4)
    assert result.pei_by_residents == pytest.approx(1)
    assert result.spearman == pytest.approx(stats.spearmanr([10, 9, 8, 7, 6], [12, 3, 13, 1, 1])[0])
    assert result.overlap == rank_biased_overlap([10, 9, 8, 7, 6], [12, 3, 13, 1, 1])


def test_tied_hotspots_are_all_in() -> None:
    result = stability([4, 4, 4, 0], [1, 2, 3, 4], share=0.3)
    assert result.hotspots == 3
    assert result.earlier_share == 1
    assert result.caught == pytest.approx(0.6)


def test_a_list_that_lasts_and_one_that_does_not() -> None:
    lasting = stability([100, 5, 5, 5], [100, 5, 5, 5])
    assert lasting.caught == lasting.best
    assert lasting.pei == lasting.overlap == lasting.spearman == 1
    gone = stability([100, 5, 5, 5], [0, 5, 5, 50])
    assert gone.caught == gone.pai == gone.pei == 0


def test_areas_missing_in_either_window_and_residents_not_known() -> None:
    index = list("abcd")
    earlier = pd.Series([10, None, 5, 5], index, dtype="Int64")
    later = pd.Series([10, 100, 5, None], index, dtype="Int64")
    result = stability(earlier, later, residents=pd.Series([1, 1, None, 1], index))
    assert result.of_areas == 2
    assert result.residents is result.pai_by_residents is result.pei_by_residents is None
    assert stability([3, 3], [3, 3]).spearman is None
    # the hotspot is a business park, so nobody lives in it
    assert stability([30, 3], [30, 3], residents=[0, 50]).pai_by_residents is None


def test_windows_of_which_nothing_can_be_said_are_refused_in_words() -> None:
    with pytest.raises(ValueError, match="earlier window has no offence"):
        stability([0, 0], [1, 2])
    with pytest.raises(ValueError, match="later window has no offence"):
        stability([1, 2], [0, 0])
    with pytest.raises(ValueError, match="there is one"):
        stability([1], [2])
    with pytest.raises(ValueError, match="there is none"):
        stability([1, None], [None, 2])
    with pytest.raises(ValueError, match="above 0 and at most 1"):
        stability([1, 2], [1, 2], share=25)


@settings(deadline=None)
@given(pairs, st.integers(2, 9), st.sampled_from([0.1, 0.25, 0.5, 1.0]))
def test_stability_keeps_its_promises(rows: list[tuple[int, int]], times: int, share: float) -> None:
    earlier, later = (list(column) for column in zip(*rows, strict=True))
    if not (sum(earlier) and sum(later)):
        return
    residents = [1 + x % 5 for x in later]
    result = stability(earlier, later, share, residents)
    assert 0 <= result.caught <= result.best <= 1
    assert result.pei_by_residents is not None
    assert result.pei_by_residents <= 1 + 1e-9
    assert result.earlier_share >= share - 1e-9
    for same in (
        stability([times * x for x in earlier], [times * x for x in later], share, residents),
        stability(earlier[::-1], later[::-1], share, residents[::-1]),
    ):
        assert (same.caught, same.pai, same.pei) == pytest.approx((result.caught, result.pai, result.pei))
        assert same.overlap == pytest.approx(result.overlap)


def test_overlap_against_the_rbo_package() -> None:
    # rbo 0.1.3, RankingSimilarity.rbo_ext of "cfgabdeh" and "fcgbahde"
    first = [-"cfgabdeh".index(area) for area in "abcdefgh"]
    second = [-"fcgbahde".index(area) for area in "abcdefgh"]
    assert rank_biased_overlap(first, second, 0.5) == pytest.approx(0.48065476190476186, rel=1e-12)
    assert rank_biased_overlap(first, second, 0.9) == pytest.approx(0.8643414857142857, rel=1e-12)
    assert rank_biased_overlap(first, second) == pytest.approx(0.9697499924462933, rel=1e-12)


def test_published_overlap() -> None:
    # README of github.com/b4ny4n/rankmeasures: 1 2 3 4 5 against 2 3 4 1 5 at p = 0.9 is 0.828
    assert rank_biased_overlap([5, 4, 3, 2, 1], [2, 5, 4, 3, 1], 0.9) == pytest.approx(0.828)


def test_overlap_by_hand() -> None:
    # a b c against b a c at p = 0.5: agreement 0, 1, 1, then 1 for ever
    assert rank_biased_overlap([3, 2, 1], [2, 3, 1], 0.5) == pytest.approx(0.5 * (0 + 0.5 + 0.25) + 0.125)
    # a and b tied first, then c, against a b c: agreement 2/3, 1, 1
    assert rank_biased_overlap([3, 3, 1], [3, 2, 1], 0.5) == pytest.approx(0.5 * (2 / 3 + 0.5 + 0.25) + 0.125)


def test_published_weight_of_the_first_places() -> None:
    # Webber et al. 2010, section 4.2: with p = 0.9 the first 10 places carry 86 % of the weight. So much is left where
    # two rankings share those and, as far as it weighs, nothing below; with 0.98, of the first 50 by their equation 21
    first = np.arange(2000, 0, -1)
    for p, top, weight in ((0.9, 10, 0.86), (0.98, 50, 0.85)):
        reversed_below = np.concatenate([first[:top], first[top:][::-1]])
        assert round(rank_biased_overlap(first, reversed_below, p), 2) == weight
        harmonic = sum(p**i / i for i in range(1, top))
        equation_21 = 1 - p ** (top - 1) + (1 - p) / p * top * (np.log(1 / (1 - p)) - harmonic)
        assert rank_biased_overlap(first, reversed_below, p) == pytest.approx(equation_21, abs=1e-6)


@settings(deadline=None)
@given(pairs, st.sampled_from([0.5, 0.9, 0.98]))
def test_overlap_is_that_of_the_sets(rows: list[tuple[int, int]], p: float) -> None:
    first, second = (list(column) for column in zip(*rows, strict=True))

    def down_to(counts: list[int], depth: int) -> set[int]:
        return {i for i, x in enumerate(counts) if sum(other > x for other in counts) < depth}

    expected = 0.0
    for depth in range(1, 2000):
        s, t = down_to(first, min(depth, len(first))), down_to(second, min(depth, len(first)))
        weight = p ** (depth - 1)
        expected += (1 - p) * weight * 2 * len(s & t) / (len(s) + len(t))
        if weight < 1e-9:
            break
    overlap = rank_biased_overlap(first, second, p)
    assert overlap == pytest.approx(expected, abs=1e-8)
    assert overlap == pytest.approx(rank_biased_overlap(second, first, p))
    assert rank_biased_overlap(first, first, p) == pytest.approx(1)


def test_overlap_refusals() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        rank_biased_overlap([1, 2], [1, 2], 1)
    with pytest.raises(ValueError, match="no area is in both"):
        rank_biased_overlap([1, None], [None, 1])


def test_rolling_hotspots_by_hand() -> None:
    months = [*_months(2024), *_months(2025, 1, 2)]
    monthly = pd.DataFrame(1.0, index=["steady", "rising", "new", "partly"], columns=months)
    monthly.loc["steady"] = 10.0
    monthly.loc["rising"] = [0.0] * 12 + [60.0, 60.0]
    monthly.loc["partly", "2024-05"] = np.nan
    result = rolling_hotspots(monthly)
    # windows to December, January and February: the steady 120, 120, 120, the rising 0, 60, 120
    assert result["windows"].tolist() == [3] * 4
    assert result["hotspot_in"].tolist()[:3] == [3, 1, 0]
    assert result["hotspot_share"].tolist()[:3] == pytest.approx([1, 1 / 3, 0])
    assert result.loc["partly", ["hotspot_in", "hotspot_share"]].isna().all()


def test_rolling_windows_do_not_cross_a_gap() -> None:
    months = [*_months(2023), *_months(2024, 3), *_months(2025, 1, 3)]
    monthly = pd.DataFrame(1.0, index=["a", "b"], columns=[*_months(2023), *_months(2024), *_months(2025, 1, 3)])
    monthly[["2024-01", "2024-02"]] = np.nan
    # one to December 2023, two to February and March 2025
    assert rolling_hotspots(monthly)["windows"].tolist() == [3, 3]
    assert rolling_hotspots(monthly[months])["windows"].tolist() == [3, 3]
    assert rolling_hotspots(0 * monthly)["hotspot_in"].tolist() == [0, 0]
    with pytest.raises(ValueError, match=r"at least 13. One window is present"):
        rolling_hotspots(monthly[_months(2023)])
    with pytest.raises(ValueError, match="None is present"):
        rolling_hotspots(monthly[_months(2025, 1, 3)])
