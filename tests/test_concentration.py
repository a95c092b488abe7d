import itertools

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspots.concentration import ShareHeld, areas_for_share, residents_share, share_held

COUNTS = [1, 2, 10, 3, 4]


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
