"""Two measures on one map: each area's third in the one and in the other, nine classes in all."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hotspots.arrays import floats


@dataclass(frozen=True)
class Thirds:
    """Each area's third among those shown: 0 low, 1 middle, 2 high (Int64); null where its value is.

    ``low_to`` is the highest value of the low third, ``high_from`` the lowest of the high one; None where that third
    is empty.
    """

    third: pd.Series
    low_to: float | None
    high_from: float | None


def thirds(values: pd.Series) -> Thirds:
    """Local terciles. Equal values are never parted, so that ties can leave one third larger and another empty.

    Low is what lies no higher than the value a third of the way up, high what lies above the value two thirds up.
    """
    numbers = floats(values)
    known = ~np.isnan(numbers)
    third = np.full(len(numbers), np.nan)
    if known.any():
        # values that occur, not halfway between two
        limits = np.quantile(numbers[known], [1 / 3, 2 / 3], method="inverted_cdf")
        third[known] = np.searchsorted(limits, numbers[known])
    low, high = numbers[third == 0], numbers[third == 2]
    return Thirds(
        third=pd.Series(third, index=values.index, name="third").astype("Int64"),
        low_to=float(low.max()) if len(low) else None,
        high_from=float(high.min()) if len(high) else None,
    )


def no_thirds(values: pd.DataFrame, words: Mapping[str, str]) -> str:
    """Why the columns named in ``words`` cannot both be parted in thirds, in words; empty where they can."""
    known = values[list(words)].dropna()
    if len(known) < 3:
        there = "one has" if len(known) == 1 else f"{len(known) or 'none'} have"
        return f"Thirds need at least three LSOAs with both numbers; {there}. Choose more districts."
    for column, of in words.items():
        if known[column].min() == known[column].max():
            return (
                f"Every LSOA has the same number {of} ({known[column].iloc[0]:g}), so that none is higher than another."
            )
    return ""


def bivariate_classes(first: pd.Series, second: pd.Series) -> pd.Series:
    """Nine classes from the thirds of two measures: 3 x the first's + the second's (Int64, null where either is).

    References
    ----------
    Stevens 2015, Bivariate choropleth maps: a how-to guide.
    """
    return (3 * first + second).rename("class")
