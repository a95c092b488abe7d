"""Where has it changed? Two windows LSOA by LSOA: the difference with its interval, and which differences chance would seldom make."""

from typing import Final

import numpy as np
import pandas as pd
from scipy import stats

from hotspots.displacement import CONFIDENCE
from hotspots.rates import compare_counts, poisson_interval
from hotspots.significance import LEVEL, Correction, false_discovery
from hotspots.windows import BeforeAfter

# A percentage is given only where both counts are at least this.
FEWEST_FOR_PERCENT: Final = 20

ROSE: Final = "rose"
FELL: Final = "fell"
NO_CHANGE: Final = "none"


def change_map(
    monthly: pd.DataFrame,
    windows: BeforeAfter,
    method: Correction | None = "bh",
    level: float = LEVEL,
    confidence: float = CONFIDENCE,
) -> pd.DataFrame:
    """What changed from one window to the other in each LSOA.

    The difference is ``after - before x months after / months before``. Its limits join those of the two counts
    (MOVER: ``d - sqrt((a - la)^2 + (ub - b)^2)`` and ``d + sqrt((ua - a)^2 + (b - lb)^2)``); p is the exact C-test's.

    Parameters
    ----------
    monthly
        As from ``counts.monthly_counts``, one kind of incident.
    windows
        From ``windows``.
    method, level
        As of ``significance.false_discovery`` over all LSOAs tested; None leaves p as it is.
    confidence
        Of the limits, each by itself.

    Returns
    -------
    DataFrame
        On the index of ``monthly``: ``before``, ``after`` (Int64), ``difference``, ``lower``, ``upper``, ``p``,
        ``p_adjusted``, ``change`` ("rose", "fell" where the adjusted p is at most ``level``, else "none") and ``percent``,
        null where either count is under 20. All null where a month is missing.

    Raises
    ------
    ValueError
        A month of the windows that ``monthly`` does not hold.

    References
    ----------
    Zou & Donner 2008, Construction of confidence limits about effect measures, Statistics in Medicine 27; Przyborowski &
    Wilenski 1940, Biometrika 31; Benjamini & Hochberg 1995.
    """
    lacking = [m for m in windows.months if m not in monthly.columns]
    if lacking:
        raise ValueError(
            f"The counts do not hold {lacking[0]}, a month of the windows. Give the counts of all their months."
        )
    before, after = (monthly[list(months)].sum(axis=1, skipna=False) for months in (windows.before, windows.after))
    known = before.notna() & after.notna()
    b, a = before[known].to_numpy(), after[known].to_numpy()
    times = len(windows.after) / len(windows.before)
    (low_b, high_b), (low_a, high_a) = poisson_interval(b, confidence), poisson_interval(a, confidence)
    difference = a - b * times
    p = _exact_p(a, len(windows.after), b, len(windows.before))
    adjusted = false_discovery(p, method) if method else p
    change = np.where(adjusted > level, NO_CHANGE, np.where(difference > 0, ROSE, FELL))
    enough = np.minimum(a, b) >= FEWEST_FOR_PERCENT
    columns = {
        "before": pd.array(b.astype("int64"), dtype="Int64"),
        "after": pd.array(a.astype("int64"), dtype="Int64"),
        "difference": difference,
        "lower": difference - np.hypot(a - low_a, (high_b - b) * times),
        "upper": difference + np.hypot(high_a - a, (b - low_b) * times),
        "p": p,
        "p_adjusted": adjusted,
        "change": change,
        "percent": np.where(enough, 100 * difference / np.where(enough, b * times, 1), np.nan),
    }
    return pd.DataFrame(columns, index=monthly.index[known]).reindex(monthly.index)


def change_sentence(changes: pd.DataFrame, noun: str = "offence") -> str:
    """How many LSOAs changed beyond chance: "3 of 552 LSOAs had more offences than chance explains, 5 had fewer"."""
    tested = int(changes["before"].notna().sum())
    if not tested:
        return "No LSOA has counts in all months of both windows"
    rose, fell = (int((changes["change"] == way).sum()) for way in (ROSE, FELL))
    if not rose + fell:
        return f"In none of {tested:,} LSOAs did {noun}s change by more than chance explains"
    return f"{rose:,} of {tested:,} LSOAs had more {noun}s than chance explains, {fell:,} had fewer"


def _exact_p(after: np.ndarray, months_after: int, before: np.ndarray, months_before: int) -> np.ndarray:
    """The C-test of each LSOA, as ``rates.compare_counts`` has it."""
    if months_after == months_before:
        # with windows of equal length both tails are the same, which is a hundred times faster
        return np.minimum(1.0, 2 * stats.binom.cdf(np.minimum(after, before), after + before, 0.5))
    pairs, place = np.unique(np.column_stack([after, before]), axis=0, return_inverse=True)
    p = [compare_counts(int(a), months_after, int(b), months_before) for a, b in pairs]
    return np.array(p, dtype="float64")[place.ravel()]
