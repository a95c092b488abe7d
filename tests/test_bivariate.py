import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspots.bivariate import bivariate_classes, thirds


def test_thirds_of_nine() -> None:
    values = pd.Series([10, 90, 20, 80, 30, 70, 40, 60, 50], index=list("abcdefghi"))
    found = thirds(values)
    assert list(found.third) == [0, 2, 0, 2, 0, 2, 1, 1, 1]
    assert list(found.third.index) == list("abcdefghi")
    assert (found.low_to, found.high_from) == (30, 70)


@pytest.mark.parametrize(
    ("values", "third", "low_to", "high_from"),
    [
        ([0, 0, 0, 0, 5, 9], [0, 0, 0, 0, 2, 2], 0, 5),  # mostly none: no middle
        ([3, 3, 3], [0, 0, 0], 3, None),
        ([None, 1, 2, 3], [pd.NA, 0, 1, 2], 1, 3),
        ([7], [0], 7, None),
        ([None], [pd.NA], None, None),
        ([], [], None, None),
    ],
)
def test_ties_and_nulls(
    values: list[float | None], third: list[int], low_to: float | None, high_from: float | None
) -> None:
    found = thirds(pd.Series(values, dtype="Float64"))
    assert found.third.equals(pd.Series(third, dtype="Int64", name="third"))
    assert (found.low_to, found.high_from) == (low_to, high_from)


@given(st.lists(st.integers(0, 10_000), min_size=3, max_size=60, unique=True))
def test_without_ties_thirds_are_cut_by_position(values: list[int]) -> None:
    """Sorted, the low third ends at the value n/3 along, the middle at 2n/3, both rounded up."""
    n, series = len(values), pd.Series(values)
    order = series.rank(method="first").to_numpy()
    expected = np.where(order <= -(-n // 3), 0, np.where(order <= -(-2 * n // 3), 1, 2))
    assert list(thirds(series).third) == list(expected)


@given(st.lists(st.integers(0, 5), min_size=1, max_size=40), st.integers(1, 9))
def test_equal_values_stay_together_and_scale_does_not_matter(values: list[int], scale: int) -> None:
    series = pd.Series(values)
    third = thirds(series).third
    assert third.groupby(series).agg(lambda own: own.max() - own.min()).eq(0).all()
    assert third.equals(thirds(series * scale).third)
    assert third.sort_index().iloc[np.argsort(values, kind="stable")].is_monotonic_increasing


def test_nine_classes() -> None:
    pairs = [(row, column) for row in range(3) for column in range(3)]
    first, second = (pd.Series([pair[n] for pair in pairs] + [pd.NA], dtype="Int64") for n in (0, 1))
    assert list(bivariate_classes(first, second))[:9] == list(range(9))
    assert pd.isna(bivariate_classes(first, second).iloc[9])
