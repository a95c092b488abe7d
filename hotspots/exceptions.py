"""Places with more than their deprivation would suggest, and deprived places with little. A description, not a cause.

Counts are negative binomial about ``residents x years x exp(b0 + b1 urban + b2 deprivation)``. What the model leaves open is
kept in the prediction interval: chance in a count, how much places of one kind differ (the dispersion), and that model's own
uncertainty.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from scipy import optimize, special

from hotspots.arrays import Numbers, check_aligned, check_not_negative, floats
from hotspots.narrative import lsoas
from hotspots.significance import LEVEL, false_discovery

# Below this the model has too few places to learn from.
FEWEST_AREAS: Final = 30
# A town centre has so many times more people by day than residents; where that is not known, it is in the top tenth by density.
DAY_OVER_RESIDENTS: Final = 2.0
DENSEST: Final = 0.1
# A coefficient this unsure (of a logarithm) says nothing: too little was recorded at one end.
MOST_UNSURE: Final = 2.0
DRAWS: Final = 100
SEED: Final = 2026

_STEADY = -12.0  # log of a dispersion that cannot be told from none


@dataclass(frozen=True)
class NegativeBinomial:
    """``log(mean / exposure) = terms @ coefficients``, variance ``mean + dispersion mean^2``.

    ``covariance`` is that of the coefficients and, last, of the logarithm of the dispersion.
    """

    coefficients: np.ndarray
    dispersion: float
    covariance: np.ndarray
    log_likelihood: float


@dataclass(frozen=True)
class Exceptions:
    """``places`` on the index of the counts: ``observed``, ``expected``, ``ratio``, ``low``, ``high`` (95 % prediction interval of the
    count), ``p``, ``adjusted`` (false discovery rate over all that were tested), ``kind`` "more", "less" or "as expected" at 5 % of
    ``adjusted``, "apart" for a town centre, null where something is not known.

    ``urban`` is whether the model has its urban term. Without a model ``places`` has no row and ``reading`` says why.
    """

    places: pd.DataFrame
    model: NegativeBinomial | None
    urban: bool
    reading: str = ""


def exceptions(
    count: pd.Series, exposure: pd.Series, deprivation: pd.Series, urban: pd.Series, apart: pd.Series
) -> Exceptions:
    """Observed against expected for every place.

    Town centres are left out of the fit and not tested, since what happens there is not their residents' doing; they get an
    expectation all the same. P values are two-sided, twice the smaller tail of the prediction; the interval and the tails
    are those of the negative binomial averaged over 100 draws of the parameters from their normal approximation.

    Parameters
    ----------
    count, exposure
        Events, and residents times years, on one index.
    deprivation
        Higher is more deprived; here the index without its crime domain.
    urban
        True, False or null. The term is left out where not both kinds are there with something recorded.
    apart
        True for a town centre.

    References
    ----------
    Hilbe 2011, Negative Binomial Regression (NB2); Benjamini & Hochberg 1995, J. Royal Statistical Society B 57.
    """
    check_aligned(count, exposure, deprivation, urban, apart)
    k, e, depth, town = floats(count), floats(exposure), floats(deprivation), floats(urban)
    known = ~np.isnan(k) & (e > 0) & ~np.isnan(depth)
    centre = apart.fillna(False).to_numpy(dtype=bool)
    some = known & ~centre & (k > 0)
    with_urban = len(np.unique(town[some & ~np.isnan(town)])) > 1
    if with_urban:
        known &= ~np.isnan(town)
    fitted = known & ~centre
    if fitted.sum() < FEWEST_AREAS:
        return Exceptions(
            _NONE,
            None,
            with_urban,
            f"it takes {FEWEST_AREAS} LSOAs beside town centres to learn from, and there are {fitted.sum():,}",
        )
    if len(np.unique(depth[fitted])) < 2 or not k[fitted].any():
        same = "all have the same deprivation" if k[fitted].any() else "nothing was recorded outside town centres"
        return Exceptions(_NONE, None, with_urban, same)
    scaled = (depth - depth[fitted].mean()) / depth[fitted].std()
    terms = np.column_stack([np.ones(len(k)), scaled, *([town] if with_urban else [])])
    model = fit_negative_binomial(k[fitted], e[fitted], terms[fitted])
    if model is None:
        return Exceptions(_NONE, None, with_urban, "too little was recorded to tell how it goes with deprivation")
    places = pd.DataFrame(index=count.index, columns=_NONE.columns, dtype="float64").assign(observed=k)
    places.loc[known, ["expected", "low", "high", "p"]] = _predicted(model, k[known], e[known], terms[known])
    places["ratio"] = places["observed"] / places["expected"]
    places["p"] = places["p"].where(fitted)
    places["adjusted"] = false_discovery(places["p"])
    found = places["adjusted"] <= LEVEL
    kind = np.where(found, np.where(places["ratio"] > 1, "more", "less"), "as expected")
    places["kind"] = pd.Series(np.where(centre, "apart", kind), places.index).where(known)
    return Exceptions(places, model, with_urban)


def fit_negative_binomial(count: Numbers, exposure: Numbers, terms: np.ndarray) -> NegativeBinomial | None:
    """Maximum likelihood of a negative binomial regression with an offset (NB2, log link); None where the counts do not settle it: where
    a standard error exceeds ``MOST_UNSURE`` or the curvature at the maximum is not one of a maximum.

    Parameters
    ----------
    count, exposure
        Per area, exposure above 0.
    terms
        One row per area, one column per term, the constant included.

    References
    ----------
    Hilbe 2011, Negative Binomial Regression, section 8.2.
    """
    k, offset = floats(count), np.log(floats(exposure))
    check_not_negative(k, "count")
    start = np.zeros(terms.shape[1] + 1)
    start[0] = np.log(k.sum() / np.exp(offset).sum())
    # steps of one size suit all parameters, since the terms are about one in size
    found = optimize.minimize(
        _deviance, start, args=(k, offset, terms), jac=True, method="L-BFGS-B",
        bounds=[(None, None)] * terms.shape[1] + [(_STEADY, 5.0)], options={"ftol": 1e-14, "gtol": 1e-9, "maxiter": 2000},
    )  # fmt: skip
    covariance = np.zeros((len(start), len(start)))
    free = len(start) - int(found.x[-1] <= _STEADY + 1e-6)  # at the bound there is no dispersion to be unsure of
    curvature = _curvature(found.x, k, offset, terms)[:free, :free]
    if not np.isfinite(curvature).all() or np.linalg.eigvalsh(curvature).min() <= 0:
        return None
    covariance[:free, :free] = np.linalg.inv(curvature)
    if np.sqrt(np.diag(covariance)[:-1].max()) > MOST_UNSURE:
        return None
    return NegativeBinomial(found.x[:-1], float(np.exp(found.x[-1])), covariance, -float(found.fun))


def town_centres(residents: pd.Series, by_day: pd.Series | None, density: pd.Series) -> pd.Series:
    """Which places are taken for town centres: at least twice as many people by day as residents; without such a number, the top
    tenth of all LSOAs by offences of every kind per square kilometre (ASB is not among them).

    Parameters
    ----------
    residents, by_day, density
        On one index; ``by_day`` the workday population, None where the dataset has none.
    """
    if by_day is not None and by_day.notna().any():
        return (by_day >= DAY_OVER_RESIDENTS * residents).fillna(False).astype(bool)
    rank = density.astype("float64").rank(pct=True)
    return rank > 1 - DENSEST


def exceptions_sentence(found: Exceptions, subject: str, on_one_point: int = 0) -> str:
    """ "3 of 496 LSOAs have clearly more serious violence than their deprivation would suggest, all 3 with over a quarter on one map
    point; none has clearly less". Claims what passed the tests.

    ``on_one_point``: of those that have more, how many rest on one such point.
    """
    if found.model is None:
        return f"What {subject} to expect of a place's deprivation cannot be said here"
    kinds = found.places["kind"].value_counts()
    more, less = int(kinds.get("more", 0)), int(kinds.get("less", 0))
    if not more and not less:
        tested = int(found.places["p"].notna().sum())
        return (
            f"None of the {lsoas(tested)} tested has clearly more or less {subject} than its deprivation would suggest"
        )
    tested = int(found.places["p"].notna().sum())
    start = f"{more:,} of {lsoas(tested)} {'has' if more == 1 else 'have'}" if more else f"None of {lsoas(tested)} has"
    end = f"{less:,} {'has' if less == 1 else 'have'} clearly less" if less else "none has clearly less"
    some = f"all {more:,}" if on_one_point == more else f"{on_one_point:,} of them"
    point = f", {'' if more == 1 else f'{some} '}with over a quarter on one map point" if on_one_point else ""
    return (
        f"{start} clearly more {subject} than {'its' if more < 2 else 'their'} deprivation would suggest{point}; {end}"
    )


_NONE: Final = pd.DataFrame(
    columns=["observed", "expected", "ratio", "low", "high", "p", "adjusted", "kind"], dtype="float64"
)


def _deviance(at: np.ndarray, k: np.ndarray, offset: np.ndarray, terms: np.ndarray) -> tuple[float, np.ndarray]:
    """Minus the log likelihood and its gradient, at the coefficients and the log of the dispersion."""
    mean = np.exp(np.clip(terms @ at[:-1] + offset, -50, 50))
    r = np.exp(-at[-1])
    likelihood = (
        special.gammaln(k + r) - special.gammaln(r) - special.gammaln(k + 1)
        - r * np.log1p(mean / r) + special.xlogy(k, mean) - k * np.log(r + mean)
    )  # fmt: skip
    by_mean = (k - mean) * r / (r + mean)
    by_r = special.digamma(k + r) - special.digamma(r) - np.log1p(mean / r) + (mean - k) / (r + mean)
    return -float(likelihood.sum()), -np.append(terms.T @ by_mean, -r * by_r.sum())


def _curvature(at: np.ndarray, k: np.ndarray, offset: np.ndarray, terms: np.ndarray) -> np.ndarray:
    """Second derivatives of minus the log likelihood, by central differences of its gradient."""
    step = 1e-5
    rows = [
        (_deviance(at + step * unit, k, offset, terms)[1] - _deviance(at - step * unit, k, offset, terms)[1])
        / (2 * step)
        for unit in np.eye(len(at))
    ]
    return (np.array(rows) + np.array(rows).T) / 2


def _predicted(model: NegativeBinomial, k: np.ndarray, e: np.ndarray, terms: np.ndarray) -> np.ndarray:
    """Expected count, 95 % prediction interval and two-sided p of each place, as columns."""
    centre = np.append(model.coefficients, np.log(model.dispersion))
    drawn = np.random.default_rng(SEED).multivariate_normal(centre, model.covariance, DRAWS)
    means = np.exp(terms @ drawn[:, :-1].T) * e[:, None]
    r = np.exp(-drawn[:, -1])

    def below(x: np.ndarray) -> np.ndarray:
        """Chance of at most ``x``, averaged over the draws."""
        return np.where(x < 0, 0.0, special.betainc(r, np.maximum(x, 0)[:, None] + 1, r / (r + means)).mean(axis=1))

    expected = np.exp(terms @ model.coefficients) * e
    most = np.maximum(k, 100 * expected + 100)
    limits = [_lowest(below, tail, most) for tail in (0.025, 0.975)]
    p = np.minimum(1.0, 2 * np.minimum(below(k), 1 - below(k - 1)))
    return np.column_stack([expected, *limits, p])


def _lowest(below: Callable[[np.ndarray], np.ndarray], tail: float, most: np.ndarray) -> np.ndarray:
    """The lowest count of which the chance of at most that is ``tail`` or more, by halving."""
    low, high = np.full(len(most), -1.0), np.ceil(most)
    while (high - low > 1).any():
        middle = np.floor((low + high) / 2)
        enough = below(middle) >= tail
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return high
