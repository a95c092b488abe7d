"""How sure a ranking is: the posterior of every area's rate, and what it says of ranks and of neighbours in a list.

One model stands behind all of it. Events are Poisson about ``rate x exposure``; the areas' rates come from one gamma
distribution, itself estimated from all areas (its shape and mean are drawn along with the rates, so few areas or
few events give wide answers).

``by`` says what is ranked and what the exposure is. "rate": the areas' rates, exposure residents (times years).
"count": the number to expect, ``rate x exposure``, exposure months. A ranking by count then depends on counts
alone: an area without residents has its place, and an area's interval does not move with its residents. Sharing out
by residents first would shrink a town centre's count towards what its few residents explain. The data do not decide
between the two (serious violence 2025, log likelihood by count and by rate: Norfolk -2705 and -2656, Suffolk -2142
and -2181); ``benchmarks/simulation.md`` records that both cover.

References
----------
Clayton & Kaldor 1987, Biometrics 43 (gamma-Poisson); Christiansen & Morris 1997, JASA 92 (uniform prior of the
shrinkage); Goldstein & Spiegelhalter 1996, JRSS A 159 (intervals of ranks).
"""

from collections.abc import Sequence
from typing import Any, Final, Literal

import numpy as np
import pandas as pd
from scipy import special

from hotspots.arrays import Numbers, check_aligned, check_not_negative, floats

By = Literal["rate", "count"]

DRAWS: Final = 2000
SEED: Final = 2026

# Two areas cannot be told apart where neither is above the other with more than this probability.
TOLD_APART: Final = 0.95


def posterior_draws(
    count: Numbers,
    exposure: Numbers,
    draws: int = DRAWS,
    seed: int = SEED,
    by: By = "rate",
    dispersion: float = 1.0,
) -> pd.DataFrame:
    """Draws of every area's rate (or expected count), given the counts of all areas.

    Parameters
    ----------
    count, exposure
        Per area, aligned; exposure may be one number. An area without a count or without exposure is not known.
    draws, seed
        How many draws; the same seed gives the same draws.
    by
        "rate" or "count": see the module.
    dispersion
        Variance over mean of a count about its expectation, 1 for Poisson. Above 1 the counts carry that much
        less information (quasi-likelihood: counts and exposure are divided by it).

    Returns
    -------
    DataFrame
        One row per area on the index of ``count``, one column per draw; a row of NaN where not known.

    Raises
    ------
    ValueError
        Negative counts or exposures, an unknown ``by``, fewer than 100 draws, a dispersion below 1.
    """
    if by not in ("rate", "count"):
        raise ValueError(f'The ranking is by {by!r}. Choose "rate" or "count".')
    if draws < 100:
        raise ValueError(f"{draws} draws cannot carry an interval. Give at least 100.")
    if not 1 <= dispersion < np.inf:
        raise ValueError(f"The dispersion is {dispersion}. Give 1 (Poisson) or more.")
    check_aligned(count, exposure)
    k, e = np.broadcast_arrays(floats(count), floats(exposure))
    check_not_negative(k, "count")
    check_not_negative(e, "number for the exposure")
    known = ~np.isnan(k) & (e > 0)
    drawn = np.full((len(k), draws), np.nan)
    if known.any():
        k, e = k[known] / dispersion, e[known]
        # in units of the mean exposure, so that nothing depends on the unit in which it came
        unit = e.mean() * dispersion
        rng = np.random.default_rng(seed)
        shape, scale = _priors(k, e / unit, draws, rng)
        rates = rng.standard_gamma(k[:, None] + shape) / (1 / scale + (e / unit)[:, None])
        drawn[known] = rates / unit if by == "rate" else rates * (e / unit)[:, None] * dispersion
    return pd.DataFrame(drawn, index=count.index if isinstance(count, pd.Series) else None)


def rank_interval(
    count: Numbers,
    exposure: Numbers,
    draws: int = DRAWS,
    seed: int = SEED,
    by: By = "rate",
    confidence: float = 0.95,
    dispersion: float = 1.0,
) -> pd.DataFrame:
    """Between which ranks each area truly lies, 1 being the highest: "1st to 4th".

    The ranks of all areas in every draw, and of each area's ranks the 2.5 and 97.5 percentile (for 95 %). An area
    that leads by luck may have an interval that begins below its own rank. Parameters as of ``posterior_draws``.

    Returns
    -------
    DataFrame
        ``rank_low`` (the better) and ``rank_high``, Int64 on the index of ``count``, null where not known.
    """
    if not 0 < confidence < 1:
        raise ValueError(f"The confidence is {confidence}. Give one between 0 and 1, such as 0.95.")
    drawn = posterior_draws(count, exposure, draws, seed, by, dispersion)
    values = drawn.to_numpy()
    known = ~np.isnan(values[:, 0])
    limits = pd.DataFrame({"rank_low": pd.NA, "rank_high": pd.NA}, index=drawn.index, dtype="Int64")
    if known.any():
        tail = (draws - 1) * (1 - confidence) / 2
        at = int(np.floor(tail)), int(np.ceil(draws - 1 - tail))
        ranks = np.partition(_ranks(values[known]), at, axis=1)
        limits.loc[known, "rank_low"] = ranks[:, at[0]]
        limits.loc[known, "rank_high"] = ranks[:, at[1]]
    return limits


def probability_above(drawn: pd.DataFrame, above: Any, below: Any) -> Any:
    """The probability that one area's rate (or expected count) lies above another's.

    Parameters
    ----------
    drawn
        From ``posterior_draws``.
    above, below
        A label of its index, or two lists of labels to pair.

    Returns
    -------
    float for two labels, array for two lists; None (or NaN in the array) where an area is not known.
    """
    alone = pd.api.types.is_scalar(above)
    values = drawn.to_numpy()
    first, second = (values[drawn.index.get_indexer([labels] if alone else list(labels))] for labels in (above, below))
    p = _share_above(first, second)
    if alone:
        return None if np.isnan(p[0]) else float(p[0])
    return p


def not_told_apart(
    count: Numbers,
    exposure: Numbers,
    draws: int = DRAWS,
    seed: int = SEED,
    by: By = "rate",
    dispersion: float = 1.0,
) -> pd.DataFrame:
    """For each place of a ranked list, the run of neighbours in the list that cannot be told apart from it.

    Two places cannot be told apart where the probability that one lies above the other is between 5 and 95 %. The
    run ends at the first neighbour that can be told apart, in either direction. Give the areas in the order of the list,
    best first. Parameters as of ``posterior_draws``.

    Returns
    -------
    DataFrame
        ``before`` and ``after`` (Int64: how many places directly above and below in the list) and ``reading`` in
        words, on the index of ``count``; null and "" where the area is not known, which also ends a run.
    """
    drawn = posterior_draws(count, exposure, draws, seed, by, dispersion)
    unknown = drawn[0].isna().to_numpy() if len(drawn) else np.zeros(0, dtype=bool)
    before, after = _runs(drawn.to_numpy(), unknown)
    runs = pd.DataFrame({"before": before, "after": after}, index=drawn.index).astype("Int64")
    runs[unknown] = pd.NA
    runs["reading"] = ["" if missing else _reading(b, a) for b, a, missing in zip(before, after, unknown, strict=True)]
    return runs


def overdispersion(monthly: pd.DataFrame) -> float:
    """Variance over mean of the monthly counts about what area and month together explain; at least 1.

    Pearson's statistic of the table of areas by months over its degrees of freedom, ``sum (O - E)^2 / E`` with
    ``E = area total x month total / total``. It sees what varies within the period, not what lasts longer.

    Parameters
    ----------
    monthly
        As from ``counts.monthly_counts``: areas by months. Areas that lack a month are left out.

    Raises
    ------
    ValueError
        Fewer than two areas with events or two months with events.

    References
    ----------
    McCullagh & Nelder 1989, Generalized Linear Models, section 6.2.
    """
    table = monthly.dropna().to_numpy(dtype="float64")
    check_not_negative(table.ravel(), "count")
    table = table[:, table.sum(axis=0) > 0]
    table = table[table.sum(axis=1) > 0]
    if min(table.shape) < 2:
        raise ValueError("How far the counts scatter cannot be said: it takes two areas and two months with events.")
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / table.sum()
    pearson = ((table - expected) ** 2 / expected).sum()
    return max(1.0, float(pearson / ((table.shape[0] - 1) * (table.shape[1] - 1))))


def _priors(k: np.ndarray, e: np.ndarray, draws: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draws of the gamma prior's shape and scale, given counts and exposures (mean exposure about 1).

    From a grid over shape and mean. The prior of the shrinkage ``B = shape / (shape + mean count)`` is uniform, which is
    proper; that of the logarithm of the mean is flat. The grid is laid out around the data: first wide, over the
    shape with the mean at its estimate, then fine over both where the likelihood is.
    """
    # without a single event the mean is put where half an event would put it
    mean = max(k.sum(), 0.5) / e.sum()
    typical = mean * e.mean()
    wide = np.linspace(-14, 14, 113)  # logit of B
    weight = _log_posterior(k, e, typical * np.exp(wide), np.full(len(wide), mean), wide)
    likely = wide[weight > weight.max() - 14]
    logit = np.linspace(likely[0] - 0.25, likely[-1] + 0.25, 41)
    shape = typical * np.exp(logit)
    # standard error of the log mean; with next to no data it has no end, and is given one
    spread = np.minimum(np.sqrt((1 / shape + 1 / typical) / len(k)), 2.0)
    means = mean * np.exp(np.outer(spread, np.linspace(-4.5, 4.5, 21)))
    shape, logit, cell = (np.repeat(column, means.shape[1]) for column in (shape, logit, spread))
    log_weight = _log_posterior(k, e, shape, means.ravel(), logit) + np.log(cell)
    weights = np.exp(log_weight - log_weight.max())
    at = rng.choice(len(weights), draws, p=weights / weights.sum())
    return shape[at], means.ravel()[at] / shape[at]


def _log_posterior(k: np.ndarray, e: np.ndarray, shape: np.ndarray, mean: np.ndarray, logit: np.ndarray) -> np.ndarray:
    """Of shape and mean, but for a constant: negative binomial likelihood times the density of logit B."""
    distinct, times = np.unique(k, return_counts=True)
    rate = shape / mean
    log_gammas = special.gammaln(distinct + shape[:, None]) @ times - len(k) * special.gammaln(shape)
    events = len(k) * shape * np.log(rate) - (
        np.log(rate[:, None] + e) @ k + shape * np.log(rate[:, None] + e).sum(axis=1)
    )
    return log_gammas + events - logit - 2 * np.logaddexp(0, -logit)


def _ranks(values: np.ndarray) -> np.ndarray:
    """Rank of each area (row) in each draw (column), 1 for the highest."""
    order = np.argsort(-values.T, axis=1)
    ranks = np.empty(order.shape, dtype="int32")
    np.put_along_axis(ranks, order, np.arange(1, len(values) + 1, dtype="int32")[None, :], axis=1)
    return ranks.T


def _share_above(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    share = (first > second).mean(axis=1)
    return np.where(np.isnan(first[:, 0]) | np.isnan(second[:, 0]), np.nan, share)


def _runs(values: np.ndarray, unknown: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How many rows directly before and directly after each cannot be told apart from it."""
    n, draws = values.shape
    before, after = np.zeros(n, dtype="int64"), np.zeros(n, dtype="int64")
    # one rank is above another where one value is, and small whole numbers are compared several times faster
    ranks = np.ascontiguousarray(_ranks(values), dtype="int16" if n < 2**15 else "int32")
    limits = (1 - TOLD_APART) * draws, TOLD_APART * draws
    for step in range(1, n):
        # row i and row i + step are compared while either's run has come this far
        upper = np.flatnonzero((after[: n - step] == step - 1) | (before[step:] == step - 1))
        lower = upper + step
        above = np.count_nonzero(ranks[upper] < ranks[lower], axis=1)
        alike = (limits[0] <= above) & (above <= limits[1]) & ~unknown[upper] & ~unknown[lower]
        upper, lower = upper[alike], lower[alike]
        if not len(upper):
            break
        after[upper[after[upper] == step - 1]] = step
        before[lower[before[lower] == step - 1]] = step
    return before, after


def _reading(before: int, after: int) -> str:
    neighbours: Sequence[str] = [
        f"the {word} {n}" if n > 1 else f"the one {where}"
        for n, word, where in ((before, "previous", "before"), (after, "next", "after"))
        if n
    ]
    if not neighbours:
        return "can be told apart from its neighbours in the list"
    return f"cannot be told apart from {' and '.join(neighbours)}"
