"""Whether a series goes up or down, whatever the shape: Mann-Kendall's test and Sen's slope."""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd
from scipy import stats

from geodata.columns import MONTH
from hotspots.arrays import Numbers, floats
from hotspots.selection import Period
from hotspots.significance import LEVEL, false_discovery

Trend = Literal["up", "down", "none"]

# Below 4 values the test cannot be made; from 10 its normal approximation holds (Gilbert 1987, pp. 208-211).
FEWEST_VALUES: Final = 4
FEWEST_MONTHS: Final = 10
# Hirsch, Slack & Smith 1982
FEWEST_YEARS: Final = 3


@dataclass(frozen=True)
class MannKendall:
    """A Mann-Kendall test.

    ``s`` pairs that rise minus pairs that fall, ``var_s`` its variance, ``z`` and two-sided ``p``, ``slope`` Sen's,
    per step, or per cycle (year) where seasonal. All None where the test cannot be made: ``reading`` says why.
    """

    s: float | None
    var_s: float | None
    z: float | None
    p: float | None
    slope: float | None
    reading: str = ""


def mann_kendall(values: Numbers, period: int | None = None) -> MannKendall:
    """Test a series for a trend that need not be a straight line.

    ``S = sum sign(later - earlier)``, ``Var S = (n (n-1) (2n+5) - sum t (t-1) (2t+5)) / 18`` over ties of ``t``,
    ``z = (S - sign S) / sqrt(Var S)``; slope the median of ``(later - earlier) / steps between``.

    Parameters
    ----------
    values
        In order, one per step; nulls are passed over and keep their place in time.
    period
        Steps to a cycle, such as 12 months: each season is compared with itself only, S and its variance are summed
        over the seasons (as if these were independent), and the slope is per cycle.

    Returns
    -------
    MannKendall
        None throughout, with a ``reading``, below 4 values, or seasonal with a season seen less than 3 times.

    Raises
    ------
    ValueError
        An infinite value, or a period that is not a whole number of 2 or more.

    References
    ----------
    Mann 1945, Econometrica 13; Kendall 1975, Rank Correlation Methods; Sen 1968, J. American Statistical
    Association 63; Hirsch, Slack & Smith 1982, Water Resources Research 18.
    """
    x = floats(values)
    if np.isinf(x).any():
        raise ValueError("A value is infinite. Give numbers, and null where a value is not known.")
    if period is not None and not (period >= 2 and float(period).is_integer()):
        raise ValueError(f"The period is {period}. Give a whole number of steps, 2 or more, such as 12.")
    reading = _refusal(x, period)
    if reading:
        return MannKendall(None, None, None, None, None, reading)
    s, var_s, z, p, slope = (float(column[0]) for column in score(x[np.newaxis], period))
    return MannKendall(s, var_s, z, p, slope)


def monthly_trends(monthly: pd.DataFrame, period: int | None = None, level: float = LEVEL) -> pd.DataFrame:
    """Each area's trend over the months, refused across gaps and on fewer than 10 months.

    Parameters
    ----------
    monthly
        Areas (rows) by consecutive months (columns), null where a month is missing, as of ``monthly_counts``.
    period
        12 to take the season out, from 3 complete years; without it, a year that is busy in summer only may look
        like a trend.
    level
        A trend is called "up" or "down" where p, after Benjamini-Hochberg over all areas tested, is at most this.

    Returns
    -------
    DataFrame
        On the index of ``monthly``: ``s``, ``var_s``, ``z``, ``p``, ``slope`` (per month, or per year where
        seasonal), ``p_adjusted``, ``trend`` ("up", "down", "none"), ``reading``. Where refused all are null but the
        reading.

    Raises
    ------
    ValueError
        Columns that are not consecutive months.
    """
    check_consecutive(monthly.columns)
    x = monthly.to_numpy(dtype="float64", na_value=np.nan)
    columns = ["s", "var_s", "z", "p", "slope"]
    result = pd.DataFrame(np.nan, index=monthly.index, columns=columns)
    reading = pd.Series([months_refusal(row, period) for row in ~np.isnan(x)], index=monthly.index, dtype="str")
    tested = (reading == "").to_numpy()
    if tested.any():
        result[tested] = np.column_stack(score(x[tested], period))
    adjusted = false_discovery(result["p"])
    trend = pd.Series(direction(result["z"].to_numpy(), adjusted.to_numpy() <= level), index=monthly.index)
    return result.assign(p_adjusted=adjusted, trend=trend.where(tested), reading=reading)


def direction(z: np.ndarray, called: np.ndarray) -> np.ndarray:
    """ "up" or "down" by the sign of z where a trend is called, else "none"."""
    return np.select([called & (z > 0), called & (z < 0)], ["up", "down"], "none").astype(object)


def score(x: np.ndarray, period: int | None = None) -> tuple[np.ndarray, ...]:
    """S, its variance, z, p and Sen's slope of each row of series by steps; NaN in it is passed over."""
    seasons = [x] if period is None else [x[:, season::period] for season in range(period)]
    s, var_s = np.zeros(len(x)), np.zeros(len(x))
    slopes = []
    for values in seasons:
        n = (~np.isnan(values)).sum(axis=1)
        tied = np.zeros(values.shape)  # how many others equal each value
        for step in range(1, values.shape[1]):
            difference = values[:, step:] - values[:, :-step]
            s += np.nansum(np.sign(difference), axis=1)
            tied[:, step:] += difference == 0
            tied[:, :-step] += difference == 0
            slopes.append(difference / step)
        # summed over each of t tied values, (t - 1)(2 t + 5) is t (t - 1)(2 t + 5)
        var_s += (n * (n - 1) * (2 * n + 5) - (tied * (2 * tied + 7)).sum(axis=1)) / 18
    z = np.divide(s - np.sign(s), np.sqrt(var_s), out=np.zeros(len(x)), where=var_s > 0)
    return s, var_s, z, 2 * stats.norm.sf(np.abs(z)), np.nanmedian(np.hstack(slopes), axis=1)


def check_consecutive(months: pd.Index) -> None:
    """Refuse columns that are months but not each the next of the one before: a gap would go unseen.

    Raises
    ------
    ValueError
    """
    names = [str(month) for month in months]
    if not names or not all(MONTH.fullmatch(name) for name in names):
        raise ValueError("The columns are not months written as YYYY-MM, such as 2025-01. Give one column per month.")
    if names != list(Period(min(names), max(names)).months):
        raise ValueError(
            f"The columns {names[0]} to {names[-1]} are not consecutive months. Give every month once, in order, "
            "and null where it is missing."
        )


def months_refusal(present: np.ndarray, period: int | None = None) -> str:
    """Why a series of months cannot be tested for a trend; empty where it can."""
    if not present.any():
        return "no month is present"
    if not present.all():
        missing = int((~present).sum())
        be = "is" if missing == 1 else "are"
        return f"{missing} of {len(present)} months {be} missing, and a trend is not read across a gap"
    if len(present) < FEWEST_MONTHS:
        return f"a trend needs at least {FEWEST_MONTHS} consecutive months; there are {len(present)}"
    return _refusal(np.where(present, 0.0, np.nan), period)


def _refusal(x: np.ndarray, period: int | None) -> str:
    known = ~np.isnan(x)
    if known.sum() < FEWEST_VALUES:
        return f"a trend needs at least {FEWEST_VALUES} values; there are {known.sum()}"
    if period is not None:
        fewest = min(int(known[season::period].sum()) for season in range(period))
        if fewest < FEWEST_YEARS:
            cycle = "years of 12 months" if period == 12 else f"cycles of {period} steps"
            return (
                f"a seasonal trend needs {FEWEST_YEARS} complete {cycle}; here a season is seen "
                f"{'once' if fewest == 1 else f'{fewest} times'} only"
            )
    return ""
