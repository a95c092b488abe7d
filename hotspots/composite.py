"""The Index of Multiple Deprivation put together from its domains, so that it can be had without one of them.

Of its seven domains crime counts nearly what the incidents here count: a comparison with the whole index is partly one of
crime with itself.
"""

from collections.abc import Collection
from typing import Final

import numpy as np
import pandas as pd

from hotspots.arrays import floats

# Per cent, as published; they add up to 99.9.
WEIGHTS: Final = {
    "income": 22.5, "employment": 22.5, "education": 13.5, "health": 13.5, "crime": 9.3, "housing": 9.3, "environment": 9.3,
}  # fmt: skip
EXPONENT: Final = 23


def transformed_rank(rank: pd.Series, national: int) -> pd.Series:
    """A national rank (1 = most deprived) as the index takes it: 0 least to 100 most deprived, half of it for the worst tenth.

    ``X = -23 ln(1 - R (1 - exp(-100/23)))`` with ``R = 1 - (rank - 1) / N``. Null stays null.

    Parameters
    ----------
    rank, national
        The rank among so many LSOAs, ``N``.

    Raises
    ------
    ValueError
        A rank that is not from 1 to ``N``.

    References
    ----------
    English Indices of Deprivation 2019 and 2025, technical reports (exponential transformation).
    """
    ranks = floats(rank)
    outside = ranks[(ranks < 1) | (ranks > national)]
    if outside.size:
        raise ValueError(f"A rank is {outside[0]:g}. Give ranks from 1 to {national:,}.")
    share = 1 - (ranks - 1) / national
    return pd.Series(-EXPONENT * np.log(1 - share * (1 - np.exp(-100 / EXPONENT))), index=rank.index)


def composite(ranks: pd.DataFrame, national: int, without: Collection[str] = ()) -> pd.Series:
    """The index's score from the national ranks of its domains: the weighted mean of their transformed ranks.

    With all seven domains it is the published score, to the rounding of its third decimal; the weights are used as published,
    though they add up to 99.9. Without some domains the others are scaled to the same sum: an order of places for local
    comparison, since no county can give it a national decile.

    Parameters
    ----------
    ranks
        A column for each domain of ``WEIGHTS``, named after it, on the index of areas.
    national
        How many LSOAs were ranked.
    without
        Domains to leave out.

    Returns
    -------
    Series
        Higher is more deprived; NaN where a domain that counts is not known.

    References
    ----------
    English Indices of Deprivation 2019 and 2025, technical reports (weights).
    """
    kept = {domain: weight for domain, weight in WEIGHTS.items() if domain not in without}
    if not kept:
        raise ValueError("No domain is left to make an index of. Leave out fewer.")
    scale = sum(WEIGHTS.values()) / sum(kept.values()) / 100
    parts = [weight * scale * transformed_rank(ranks[domain], national) for domain, weight in kept.items()]
    return sum(parts[1:], parts[0]).rename("score")
