"""Counts set against residents, land and time, with their uncertainty. NaN stands for "not known" in frames."""

import math
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import stats

from hotspots.arrays import Numbers, check_aligned, check_not_negative, floats, like

# Below this many events the interval is exact, from here Byar's (PHE technical guide).
_BYAR_FROM = 10


def poisson_interval(count: Any, confidence: float = 0.95) -> tuple[Any, Any]:
    """Confidence limits of a count of events.

    Exact chi-squared limits below 10 events, ``chi2(a/2; 2x)/2`` and ``chi2(1 - a/2; 2x + 2)/2``; from 10 Byar's
    approximation, ``x (1 - 1/(9x) - z/(3 sqrt x))^3`` and ``y (1 - 1/(9y) + z/(3 sqrt y))^3`` with ``y = x + 1``.

    Parameters
    ----------
    count
        A number, list, array or Series of events, 0 or more; null where not known.
    confidence
        Between 0 and 1.

    Returns
    -------
    lower, upper
        Floats for a number, Series on its own index for a Series, arrays otherwise; NaN where the count is null.

    Raises
    ------
    ValueError
        A negative count or a confidence outside its range.

    References
    ----------
    Breslow & Day 1987, Statistical Methods in Cancer Research II, p. 69; Public Health England 2018, Technical
    Guide: Confidence Intervals.
    """
    if not 0 < confidence < 1:
        raise ValueError(f"The confidence is {confidence}. Give one between 0 and 1, such as 0.95.")
    x = floats(count)
    check_not_negative(x, "count")
    tail = (1 - confidence) / 2
    z = stats.norm.isf(tail)
    y = x + 1
    with np.errstate(divide="ignore", invalid="ignore"):
        lower = x * (1 - 1 / (9 * x) - z / (3 * np.sqrt(x))) ** 3
    upper = y * (1 - 1 / (9 * y) + z / (3 * np.sqrt(y))) ** 3
    few = x < _BYAR_FROM
    # the quantile of 0 degrees of freedom is not defined; the limit is 0
    lower[few] = np.where(x[few] > 0, stats.chi2.ppf(tail, 2 * np.maximum(x[few], 0.5)) / 2, 0.0)
    upper[few] = stats.chi2.isf(tail, 2 * x[few] + 2) / 2
    return like(count, lower), like(count, upper)


def rate_per_1000_year(count: Numbers, residents: Numbers, months: Numbers) -> pd.DataFrame:
    """Events per 1,000 residents per year, ``count / (residents x months / 12) x 1,000``, with 95 % limits.

    Parameters
    ----------
    count, residents
        Per area, aligned: as a Series, list, array or number.
    months
        Months present, per area or one number for all.

    Returns
    -------
    DataFrame
        ``rate``, ``rate_low``, ``rate_high`` on the index of ``count``; NaN where the count or the residents are
        null, or residents or months are 0.
    """
    check_aligned(count, residents, months)
    per_year = 1000 / _exposure(residents, months, "number of residents")
    events = floats(count)
    lower, upper = poisson_interval(events)
    columns = {"rate": events * per_year, "rate_low": lower * per_year, "rate_high": upper * per_year}
    return pd.DataFrame(columns, index=count.index if isinstance(count, pd.Series) else None)


def overall_rate_per_1000_year(count: Numbers, residents: Numbers, months: Numbers) -> pd.DataFrame:
    """One row as of ``rate_per_1000_year`` for all areas together: events over resident-years.

    Areas without a count or without residents are left out of both.
    """
    check_aligned(count, residents, months)
    events, exposure = floats(count), _exposure(residents, months, "number of residents")
    known = ~(np.isnan(events) | np.isnan(exposure))
    return rate_per_1000_year([events[known].sum()], [exposure[known].sum()], 12)


def density(count: Numbers, area_km2: Numbers, months: Numbers) -> Any:
    """Events per square kilometre per year; NaN where the count or the area is null, or area or months are 0."""
    check_aligned(count, area_km2, months)
    return like(count, floats(count) / _exposure(area_km2, months, "area"))


def empirical_bayes_rate(events: Numbers, population: Numbers) -> Any:
    """Events per person, each area's rate shrunk towards the rate of all areas together.

    Global method of moments: ``m = sum O / sum P``; ``A = sum P (x - m)^2 / sum P - m / mean P``, 0 where negative;
    ``rate = m + (x - m) A / (A + m / P)``.

    Parameters
    ----------
    events, population
        Per area; nulls and areas without population are left out of the moments and come back as NaN.

    Returns
    -------
    Series on the index of ``events``, else array.

    References
    ----------
    Marshall 1991, Mapping disease and mortality rates using empirical Bayes estimators, Applied Statistics 40.
    """
    check_aligned(events, population)
    o, p = floats(events), floats(population)
    check_not_negative(o, "number of events")
    check_not_negative(p, "population")
    shrunk = np.full(len(o), np.nan)
    known = ~np.isnan(o) & (p > 0)
    if known.any():
        o, p = o[known], p[known]
        mean, rate = o.sum() / p.sum(), o / p
        spread = max(0.0, (p * (rate - mean) ** 2).sum() / p.sum() - mean / p.mean())
        # no spread beyond chance, or no events at all: every area has the common rate
        shrunk[known] = mean + (rate - mean) * (spread / (spread + mean / p) if spread else 0.0)
    return like(events, shrunk)


def compare_counts(
    count_a: int, exposure_a: float, count_b: int, exposure_b: float, method: Literal["c", "e"] = "c"
) -> float:
    """Two-sided p value for two Poisson counts having the same rate per exposure.

    Parameters
    ----------
    count_a, count_b
        Whole numbers of events, 0 or more.
    exposure_a, exposure_b
        What they are set against (residents, months, ...), above 0.
    method
        "c" the conditional test, binomial(a; a + b, exposure_a / (exposure_a + exposure_b)), exact; "e" the E-test,
        somewhat more powerful, whose statistic uses the variance of the two observed rates.

    Raises
    ------
    ValueError

    References
    ----------
    Przyborowski & Wilenski 1940, Biometrika 31; Krishnamoorthy & Thomson 2004, J. Statistical Planning and
    Inference 119 (their equation 3.3, as in ``scipy.stats.poisson_means_test``).
    """
    for count in (count_a, count_b):
        if not (count >= 0 and float(count).is_integer()):
            raise ValueError(f"A count is {count}. Give whole numbers, 0 or more.")
    for exposure in (exposure_a, exposure_b):
        if not (exposure > 0 and math.isfinite(exposure)):
            raise ValueError(f"An exposure is {exposure}. Give numbers above 0.")
    a, b = int(count_a), int(count_b)
    if method == "c":
        share = exposure_a / (exposure_a + exposure_b)
        return float(stats.binomtest(a, a + b, share).pvalue) if a + b else 1.0
    if method == "e":
        return float(stats.poisson_means_test(a, exposure_a, b, exposure_b).pvalue)
    raise ValueError(f'The method is {method!r}. Choose "c" or "e".')


def ratio_interval(
    count_a: float, count_b: float, dispersion: float = 1.0, confidence: float = 0.95
) -> tuple[float, float]:
    """Confidence limits of ``count_a / count_b``, two counts over the same exposure.

    Exact limits ``p`` of the share of the first in both (Clopper-Pearson), as ``p / (1 - p)``: those of the C-test. Where counts
    scatter more than Poisson, both are divided by the dispersion first, since they carry that much less information.

    Parameters
    ----------
    count_a, count_b
        Events, 0 or more.
    dispersion
        Variance over mean of a count about its expectation, 1 for Poisson.
    confidence
        Between 0 and 1.

    Returns
    -------
    lower, upper
        0 where the first count is 0, infinite where the second is.

    Raises
    ------
    ValueError

    References
    ----------
    Clopper & Pearson 1934, Biometrika 26; Przyborowski & Wilenski 1940, Biometrika 31; as R's ``poisson.test``. McCullagh & Nelder
    1989, section 4.5, for the dispersion.
    """
    if min(count_a, count_b) < 0:
        raise ValueError(f"A count is {min(count_a, count_b)}. Give numbers, 0 or more.")
    if not 1 <= dispersion < math.inf:
        raise ValueError(f"The dispersion is {dispersion}. Give 1 (Poisson) or more.")
    if not 0 < confidence < 1:
        raise ValueError(f"The confidence is {confidence}. Give one between 0 and 1, such as 0.95.")
    a, b, tail = count_a / dispersion, count_b / dispersion, (1 - confidence) / 2
    low = float(stats.beta.ppf(tail, a, b + 1)) if a else 0.0
    high = float(stats.beta.isf(tail, a + 1, b)) if b else 1.0
    return low / (1 - low), high / (1 - high) if high < 1 else math.inf


def _exposure(size: Numbers, months: Numbers, what: str) -> np.ndarray:
    """Residents (or square kilometres) times years; NaN where nothing or not known, since no rate can be given."""
    size_known, months_known = floats(size), floats(months)
    check_not_negative(size_known, what)
    check_not_negative(months_known, "number of months")
    exposure = size_known * months_known / 12
    return np.where(exposure > 0, exposure, np.nan)
