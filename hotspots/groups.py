"""Crime groups side by side: which areas are hotspots of many, against what independent groups would give."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd

from geodata.columns import ASB
from hotspots.ranking import rank_areas
from hotspots.selection import check_crime_types

# police.uk's crime types, drawn together where a strategy speaks of one group. ASB stands by itself: its incidents
# are never added to offences.
CRIME_GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "Violence and sexual": ("Violence and sexual offences",),
    "Robbery": ("Robbery",),
    "Weapons": ("Possession of weapons",),
    "ASB": (ASB,),
    "Drugs": ("Drugs",),
    "Criminal damage": ("Criminal damage and arson",),
    "Public order": ("Public order",),
    "Burglary": ("Burglary",),
    "Theft": ("Bicycle theft", "Other theft", "Shoplifting", "Theft from the person"),
    "Vehicle crime": ("Vehicle crime",),
    "Other crime": ("Other crime",),
}


def group_counts(by_type: pd.DataFrame, groups: Mapping[str, Sequence[str]] = CRIME_GROUPS) -> pd.DataFrame:
    """Counts of areas by crime group, from counts by crime type (as of ``counts.by_type``); null where one is null.

    Raises
    ------
    ValueError
        A crime type that is not there, or ASB in one group with offences.
    """
    columns = {}
    for group, crime_types in groups.items():
        check_crime_types(crime_types)
        missing = [crime_type for crime_type in crime_types if crime_type not in by_type]
        if missing:
            raise ValueError(f"The group {group!r} needs {missing[0]!r}, which is not among the counts by crime type.")
        columns[group] = by_type[list(crime_types)].sum(axis=1, skipna=False)
    return pd.DataFrame(columns, index=by_type.index)


def group_hotspots(counts: pd.DataFrame) -> pd.DataFrame:
    """Whether each area (row) is a hotspot of each group (column) by the stated rule.

    The rule is that of ``rank_areas``: the fewest areas that together hold 25 % of the group, ties in. Nullable
    booleans, null where the count is.
    """
    # by position, since the rank orders by label
    plain = counts.reset_index(drop=True)
    hotspots = {
        group: rank_areas(pd.DataFrame({"count": plain[group]}))["hotspot"].sort_index().astype("boolean")
        for group in counts
    }
    return pd.DataFrame(hotspots).where(plain.notna()).set_axis(counts.index)


def groups_per_area(hotspots: pd.DataFrame) -> pd.Series:
    """In how many groups each area is a hotspot (Int64); null where any group is null."""
    return hotspots.astype("Int64").sum(axis=1, skipna=False).astype("Int64").rename("groups")


def expected_if_independent(hotspots: pd.DataFrame, draws: int = 1_000, seed: int = 0) -> pd.DataFrame:
    """How many areas are hotspots of so many groups, against the number expected if the groups were independent.

    If each group's hotspots lay anywhere, whatever the other groups', the number of groups of an area would be
    Poisson-binomial over the groups' shares of areas that are hotspots; expected = areas x its probability, exactly.
    The range is of shuffles of each group. A shuffle also loosens each group's clustering, which leaves the expected
    number as it is but makes the range narrower than it should be; and areas with more people or a town centre have
    more of everything: an excess says that the same places are hit, not why.

    Parameters
    ----------
    hotspots
        As of ``group_hotspots``; areas with a null are left out.
    draws, seed
        Of the range.

    Returns
    -------
    DataFrame
        One row per number of groups from 0 to all: ``areas`` and ``expected`` with exactly so many, ``areas_or_more``
        and ``expected_or_more`` with at least so many, ``low``, ``high`` the central 95 % of the latter.

    Raises
    ------
    ValueError
        No group, or no area known in all of them.

    References
    ----------
    Wang 1993, On the number of successes in independent trials, Statistica Sinica 3.
    """
    known = _known(hotspots)
    n, groups = known.shape
    observed = np.bincount(known.sum(axis=1), minlength=groups + 1)
    probability = np.array([1.0])
    for share in known.mean(axis=0):
        probability = np.convolve(probability, [1 - share, share])
    rng = np.random.default_rng(seed)
    at_least = np.empty((draws, groups + 1))
    for draw in range(draws):
        times = rng.permuted(known, axis=0).sum(axis=1)
        at_least[draw] = _or_more(np.bincount(times, minlength=groups + 1))
    low, high = np.quantile(at_least, [0.025, 0.975], axis=0, method="inverted_cdf")
    return pd.DataFrame(
        {
            "areas": observed,
            "expected": n * probability,
            "areas_or_more": _or_more(observed),
            "expected_or_more": n * _or_more(probability),
            "low": low.astype(int),
            "high": high.astype(int),
        },
        index=pd.RangeIndex(groups + 1, name="groups"),
    )


def group_pairs(hotspots: pd.DataFrame) -> pd.DataFrame:
    """Each two groups: how many areas are hotspots of ``both``, and the number ``expected`` if independent.

    Indexed by ``first`` and ``second``, most above expectation first; areas with a null are left out.
    """
    known = _known(hotspots).astype(int)
    both, times = known.T @ known, known.sum(axis=0)
    first, second = np.triu_indices(len(times), k=1)
    names = hotspots.columns.to_numpy()
    pairs = pd.DataFrame(
        {"both": both[first, second], "expected": times[first] * times[second] / len(known)},
        index=pd.MultiIndex.from_arrays([names[first], names[second]], names=["first", "second"]),
    )
    return pairs.iloc[np.argsort(pairs["expected"] - pairs["both"], kind="stable")]


def pair(hotspots: pd.DataFrame, first: str, second: str) -> pd.Series:
    """Per area "both", one group's name or "neither", to be mapped together; null where either is null.

    Raises
    ------
    ValueError
        An unknown group, or one group twice.
    """
    for group in (first, second):
        if group not in hotspots:
            raise ValueError(f"There is no crime group {group!r}. Choose two of {', '.join(hotspots)}.")
    if first == second:
        raise ValueError(f"{first} is chosen twice. Choose two crime groups.")
    a, b = hotspots[first], hotspots[second]
    names = np.array(["neither", first, second, "both"], dtype=object)
    known = a.notna() & b.notna()
    state = a.fillna(False).astype(int) + 2 * b.fillna(False).astype(int)
    return pd.Series(names[state.to_numpy()], index=hotspots.index, dtype="str").where(known)


def _known(hotspots: pd.DataFrame) -> np.ndarray:
    if not hotspots.shape[1]:
        raise ValueError("No crime group is chosen. Choose at least one.")
    known = hotspots.dropna().to_numpy(dtype=bool)
    if not len(known):
        raise ValueError("No area has data for these crime groups in this period.")
    return known


def _or_more(by_number: np.ndarray) -> np.ndarray:
    return by_number[::-1].cumsum()[::-1]
