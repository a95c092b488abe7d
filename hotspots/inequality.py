"""How unequally what is counted falls on more and less deprived places: rates by group, fifths compared, slope and relative
index of inequality.

Group 1 is always the most deprived. Limits are for how unlike the areas of a group are, and never narrower than for chance in
the counts; nothing here says anything of the people in a place.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from scipy import stats

from hotspots.arrays import floats
from hotspots.narrative import lsoas
from hotspots.rates import poisson_interval

NATIONAL: Final = "national tenth"
LOCAL: Final = "local fifth"
FIFTHS: Final = 5
TENTHS: Final = 10
# Below this a group is too small to show how unlike its areas are.
FEWEST_AREAS: Final = 5
DRAWS: Final = 10_000
SEED: Final = 2026

_Z = float(stats.norm.isf(0.025))
_NAMED = 2  # domains that a title has room for


@dataclass(frozen=True)
class RateRatio:
    """The rate of the most deprived group over that of the least, with 95 % limits; None with a ``reading`` where it has none."""

    ratio: float | None
    lower: float | None
    upper: float | None
    reading: str = ""


@dataclass(frozen=True)
class Inequality:
    """Slope (rate at the most deprived end less that at the least) and relative index (their ratio), with 95 % limits.

    All None, with a ``reading`` in words, where they cannot be given.
    """

    sii: float | None = None
    sii_low: float | None = None
    sii_high: float | None = None
    rii: float | None = None
    rii_low: float | None = None
    rii_high: float | None = None
    reading: str = ""


def local_groups(deprivation: pd.Series, groups: int) -> pd.Series:
    """Groups with about as many areas each, 1 the most deprived (Int64, null where not known). Equal values are never parted.

    Parameters
    ----------
    deprivation
        Higher is more deprived.
    """
    depth = -floats(deprivation)
    known = ~np.isnan(depth)
    group = np.full(len(depth), np.nan)
    if known.any():
        limits = np.quantile(depth[known], np.arange(1, groups) / groups, method="inverted_cdf")
        group[known] = 1 + np.searchsorted(limits, depth[known])
    return pd.Series(group, index=deprivation.index, name="group").astype("Int64")


def group_rates(table: pd.DataFrame, group: pd.Series, groups: int, dispersion: float = 1.0) -> pd.DataFrame:
    """What lies in each group and its rate.

    The areas of a group differ by more than chance, so its limits are those of a ratio of totals over its areas:
    ``exp(log r +- t error)``, ``error^2 = n/(n-1) sum (y - r e)^2 / (sum y)^2`` for counts y, exposures e and ``r = sum y / sum e``, t with
    n - 1 degrees of freedom; where those of chance in the counts are wider, those.

    Parameters
    ----------
    table
        With ``count``, ``residents`` and ``months``, as of ``hotspot_table``.
    group
        1 to ``groups`` on the same index; areas where it is null are in none.
    dispersion
        Variance over mean of the counts: the limits of chance are those of count / dispersion, times dispersion.

    Returns
    -------
    DataFrame
        A row for each of 1 to ``groups``, empty ones too: ``areas``, ``residents``, ``count``, ``known`` (areas with a rate), ``rate``
        (per 1,000 residents a year), ``rate_low``, ``rate_high``. Areas without a count or residents are in the first three columns
        only; a group without any has no rate, one of fewer than ``FEWEST_AREAS`` no limits.

    References
    ----------
    Cochran 1977, Sampling Techniques, section 6.4 (variance of a ratio); the same as the sandwich variance of a Poisson regression
    (White 1982, Econometrica 50). Coverage: ``benchmarks/simulation.md``.
    """
    of = group.reindex(table.index)
    rows = table[["residents", "count", "months"]].astype("Float64")
    exposure = rows["residents"] * rows["months"] / 12
    with_rate = rows["count"].notna() & (exposure > 0).fillna(False)
    every = pd.RangeIndex(1, groups + 1, name="group")

    def summed(values: pd.Series) -> pd.Series:
        return values.groupby(of).sum().reindex(every, fill_value=0)

    found = pd.DataFrame({"areas": summed(of.notna()), **{name: summed(rows[name]) for name in ("residents", "count")}})
    found = found.assign(known=summed(with_rate)).astype("int64")
    exposure, count = (values.where(with_rate).astype("float64") for values in (exposure, rows["count"]))
    years, events = summed(exposure), summed(count)
    years, n = years.where(years > 0), found["known"].where(found["known"] >= FEWEST_AREAS).astype("float64")
    rate = events / years
    residual = count - exposure * of.map(rate).astype("float64")
    scatter = np.sqrt(n / (n - 1) * summed(residual**2)) / events.where(events > 0)
    reach = np.exp(stats.t.isf(0.025, n - 1) * scatter)
    lower, upper = (limit * dispersion / years for limit in poisson_interval(events / dispersion))
    return found.assign(
        rate=1000 * rate,
        rate_low=1000 * np.fmin(lower, rate / reach).where(n.notna()),
        rate_high=1000 * np.fmax(upper, rate * reach).where(n.notna()),
    )


def rate_ratio(rates: pd.DataFrame) -> RateRatio:
    """The first group of ``group_rates`` over the last, with limits from those of both:
    ``exp(log ratio - sqrt((log r1 - log l1)^2 + (log u2 - log r2)^2))`` and the upper one in the same way.

    References
    ----------
    Zou & Donner 2008, Construction of confidence limits about effect measures: a general approach, Statistics in Medicine 27.
    """
    most, least = rates.iloc[0], rates.iloc[-1]
    for row, which in ((most, "most"), (least, "least")):
        if not row["areas"]:
            return RateRatio(None, None, None, f"no LSOA lies in the {which} deprived group")
        if math.isnan(row["rate"]):
            return RateRatio(None, None, None, f"no rate is known in the {which} deprived group")
        if row["known"] < FEWEST_AREAS:
            return RateRatio(None, None, None, f"the {which} deprived group has {too_few(int(row['known']))}")
        if not row["rate"]:
            return RateRatio(None, None, None, f"nothing was recorded in the {which} deprived group")
    limits = np.log(rates.iloc[[0, -1]][["rate_low", "rate", "rate_high"]].to_numpy(dtype="float64"))
    below, above = np.diff(limits, axis=1).T
    ratio = float(most["rate"] / least["rate"])
    return RateRatio(
        ratio, ratio * math.exp(-math.hypot(below[0], above[1])), ratio * math.exp(math.hypot(above[0], below[1]))
    )


def too_few(areas: int) -> str:
    """Why a group of so many areas has no interval."""
    return f"only {lsoas(areas)}, too few to see how unlike such LSOAs are (it takes {FEWEST_AREAS})"


def inequality(rates: pd.DataFrame, draws: int = DRAWS, seed: int = SEED) -> Inequality:
    """Slope and relative index of inequality over the groups of ``group_rates``.

    Each group has its place from 0 (least deprived) to 1 (most), the midpoint of its range of cumulative residents. The
    logarithms of the rates are regressed on it, weighted by residents, and the line is read at both ends:
    ``SII = exp(y1) - exp(y0)``, ``RII = exp(y1 - y0)``. Logarithms because rates rise towards the deprived end ever more
    steeply: a straight line through them would fall below zero at the other. The limits are the 2.5 and 97.5 percentile of the same
    over draws of the rates, log-normal with the standard error that their limits imply.

    References
    ----------
    Low & Low 2004, Journal of Public Health 26; Office for Health Improvement and Disparities, Fingertips technical guide;
    UKHSA PHEindicatormethods, phe_sii (rates, transform = TRUE).
    """
    table = rates.iloc[::-1]
    if (table["areas"] == 0).any() or table["rate"].isna().any():
        return Inequality(reading="a group holds no LSOA with a rate")
    if (table["count"] == 0).any():
        return Inequality(reading="a group holds none of what is counted")
    if (table["known"] < FEWEST_AREAS).any():
        return Inequality(reading=f"a group has {too_few(int(table['known'].min()))}")
    share = table["residents"].to_numpy(dtype="float64") / table["residents"].sum()
    place = share.cumsum() - share / 2
    logs = np.log(table[["rate", "rate_low", "rate_high"]].to_numpy(dtype="float64"))
    errors = (logs[:, 2] - logs[:, 1]) / (2 * _Z)
    drawn = np.random.default_rng(seed).normal(logs[:, [0]], errors[:, None], (len(logs), draws))
    root = np.sqrt(share)[:, None]
    lines, *_ = np.linalg.lstsq(
        root * np.column_stack([np.ones(len(place)), place]), root * np.column_stack([logs[:, 0], drawn])
    )
    low_end, high_end = np.exp(lines[0]), np.exp(lines.sum(axis=0))
    slopes, ratios = high_end - low_end, high_end / low_end
    sii_low, sii_high = np.quantile(slopes[1:], [0.025, 0.975])
    rii_low, rii_high = np.quantile(ratios[1:], [0.025, 0.975])
    return Inequality(
        float(slopes[0]), float(sii_low), float(sii_high), float(ratios[0]), float(rii_low), float(rii_high)
    )  # fmt: skip


def ratio_sentence(found: RateRatio, subject: str, in_what: str = "", noun: str = LOCAL) -> str:
    """ "The most deprived local fifth of LSOAs has 3.3 times the rate of serious violence of the least deprived (95 % interval 3.2 to 3.5)".

    ``in_what``: the domain, as in "in income"; empty for the index. Claims a difference only where the interval excludes 1.
    """
    fifth = f"{noun} of LSOAs most deprived {in_what}" if in_what else f"most deprived {noun} of LSOAs"
    if found.ratio is None or found.lower is None or found.upper is None:
        return f"How far {subject} follows deprivation{f' {in_what}' if in_what else ''} cannot be said here: {found.reading}"
    limits = f"(95 % interval {times(found.lower)} to {times(found.upper)})"
    if found.lower <= 1 <= found.upper:
        return (
            f"No difference in the rate of {subject} beyond chance can be shown between the {fifth} and the least: "
            f"{times(found.ratio)} times {limits}"
        )
    return f"The {fifth} has {times(found.ratio)} times the rate of {subject} of the least deprived {limits}"


def decile_sentence(rates: pd.DataFrame, found: RateRatio, subject: str, noun: str, in_what: str = "") -> str:
    """ "Per 1,000 residents a year, serious violence is 88.0 in the LSOAs here in England's most deprived tenth and 11.3 in its
    least: 7.8 times (95 % interval 5.5 to 11)".

    ``rates`` and ``found`` as of ``group_rates`` and ``rate_ratio``; ``noun``: ``NATIONAL`` or ``LOCAL``. Where an end has no rate it speaks
    of those that have.
    """
    known, there = rates[rates["rate"].notna()], rates[rates["areas"] > 0]
    if known.empty:
        return f"No rate of {subject} can be given for any {noun}"
    first, last = known.index[0], known.index[-1]
    start = f"Per 1,000 residents a year, {subject} is {known['rate'].iloc[0]:.1f}"
    if first == last and len(there) == 1:
        return f"All LSOAs shown lie in one {noun} ({first}): {subject} is {known['rate'].iloc[0]:.1f} per 1,000 residents a year"
    if first == last:
        return f"{start} in {noun} {first}, the only one for which a rate is known"
    if (first, last) == (1, len(rates)):
        group = noun.split()[-1]
        most = f"{group} most deprived {in_what}" if in_what else f"most deprived {group}"
        where = ("England's", "its") if noun == NATIONAL else ("the", "the")
        ends = f"the LSOAs here in {where[0]} {most} and {known['rate'].iloc[-1]:.1f} in {where[1]} least"
        return f"{start} in {ends}{_apart(found)}"
    complete = (first, last) == (there.index[0], there.index[-1])
    which = "that occur here" if complete else "for which a rate is known"
    deprived = f"deprived {in_what} {which}" if in_what else f"deprived {which}"
    return f"{start} in {noun} {first} and {known['rate'].iloc[-1]:.1f} in {noun} {last}, the most and least {deprived}"


def slopes_sentence(
    found: dict[str, Inequality], subject: str, without_busiest: dict[str, Inequality] | None = None
) -> str:
    """ "The rate of serious violence rises with deprivation in 4 of 6 domains, falls in 1 (housing) and shows no clear slope in 1 (living
    environment)": what the intervals of the slopes carry, with the busiest LSOAs and without. ``found`` by the name of the domain.
    """
    rest = found if without_busiest is None else without_busiest

    def way(name: str) -> int:
        signs = {_sign(one) for one in (found[name], rest[name])}
        return signs.pop() if len(signs) == 1 else 0

    ways = {name: way(name) for name, one in found.items() if one.sii is not None}
    if not ways:
        return f"No slope of {subject} over deprivation can be given here"
    said = []
    for sign, words in ((1, "rises with deprivation"), (-1, "falls"), (0, "shows no clear slope")):
        names = [name[:1].lower() + name[1:] for name, one in ways.items() if one == sign]
        if sign == 1:
            said.append(f"{words} in {len(names) or 'none'} of {len(ways)} domains")
        elif names:
            named = f" ({' and '.join(names)})" if len(names) <= _NAMED else ""
            said.append(f"{words} in {len(names)}{named}")
    return f"The rate of {subject} {' and '.join([', '.join(said[:-1]), said[-1]] if len(said) > 1 else said)}"


def _sign(found: Inequality) -> int:
    """1 where the interval of the slope lies above 0, -1 below; else 0."""
    if found.sii_low is None or found.sii_high is None:
        return 0
    return int(found.sii_low > 0) - int(found.sii_high < 0)


def times(ratio: float) -> str:
    """A ratio as a person writes it: two figures below 10, whole from there, never "0.0"."""
    if ratio < 0.095:
        return f"{ratio:.2g}"
    return f"{ratio:.1f}" if ratio < 9.95 else f"{ratio:,.0f}"


def _apart(found: RateRatio) -> str:
    if found.ratio is None or found.lower is None or found.upper is None:
        return f"; how sure a comparison is cannot be said: {found.reading}"
    if found.lower <= 1 <= found.upper:
        return ", a difference that could be chance"
    return f": {times(found.ratio)} times (95 % interval {times(found.lower)} to {times(found.upper)})"
