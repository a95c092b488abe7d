"""How few areas hold how much of what was counted, and how much of that is more than chance or residents explain."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from hotspots.arrays import Numbers, check_aligned, check_not_negative, floats
from hotspots.uncertainty import DRAWS, SEED, posterior_draws

# Sums of floats may miss a share by the last bit; counts are far apart beside this.
_TOLERANCE = 1e-12

# Each draw is ranked once for every share that is asked of it.
DRAWS_BY_RESIDENTS: Final = 500

# Below this mean count the Gini's limits cover only if rates scatter as assumed (benchmarks/simulation.md).
_LEAST_MEAN = 5


@dataclass(frozen=True)
class ShareHeld:
    """The fewest areas that together hold ``share`` of the events.

    ``held`` is the share that they do hold (at least ``share``) and ``residents`` the share of residents who live
    there; None where it cannot be known.
    """

    share: float
    areas: int
    of_areas: int
    held: float | None
    residents: float | None


@dataclass(frozen=True)
class ChosenShare:
    """What chosen areas hold of all events and of all residents; None where it cannot be known."""

    areas: int
    of_areas: int
    events: float | None
    residents: float | None


@dataclass(frozen=True)
class ConcentrationInterval:
    """The generalised Gini as ``observed``, and ``estimate`` with 95 % limits of what lies behind it.

    Chance alone adds concentration, so ``observed`` may lie above ``high``. ``reading`` is a caveat in words, empty
    where the limits hold as they stand; where there are none (None) it says why.
    """

    observed: float
    estimate: float | None
    low: float | None
    high: float | None
    reading: str


@dataclass(frozen=True)
class Expected:
    """What a statistic would be if events fell by residents alone: its mean, and where 95 % of draws lie."""

    mean: float
    low: float
    high: float


def gini(counts: Numbers) -> float:
    """The Gini coefficient of the counts: 0 where every area has the same, towards 1 where one has all.

    ``G = sum_i (2i - n - 1) x_i / (n sum x)`` with the counts in ascending order.

    Parameters
    ----------
    counts
        Events per area, 0 or more; nulls are left out.

    Raises
    ------
    ValueError
        Where no event was counted, or a count is negative.

    References
    ----------
    Gini 1912; Bernasco & Steenbeek 2017, Journal of Quantitative Criminology 33.
    """
    return float(_gini(_with_events(counts)))


def generalised_gini(counts: Numbers, unbiased: bool = False) -> float:
    """The Gini coefficient against the most equal spread that so few events allow, ``max(1, n/c) (G - 1) + 1``.

    With n areas and c events; the same as ``gini`` from as many events as areas.

    Parameters
    ----------
    counts
        Events per area, 0 or more; nulls are left out.
    unbiased
        Times ``m / (m - 1)``, ``m = min(n, c)``, so that it is 1 where one area has all.

    Raises
    ------
    ValueError
        As ``gini``; unbiased also where there is only one area or one event.

    References
    ----------
    Bernasco & Steenbeek 2017, Journal of Quantitative Criminology 33, and their R package lorenzgini.
    """
    known = _with_events(counts)
    areas, events = len(known), known.sum()
    # not below 0 by the last bit
    value = max(0.0, float(max(1.0, areas / events) * (_gini(known) - 1) + 1))
    if not unbiased:
        return value
    fewer = min(areas, events)
    if fewer <= 1:
        raise ValueError("The unbiased Gini cannot be given: it takes two areas and more than one event.")
    return float(value * fewer / (fewer - 1))


def lorenz_curve(counts: Numbers, weights: Numbers | None = None) -> pd.DataFrame:
    """The Lorenz curve: what share of areas (or of residents) has what share of events, from the quietest up.

    Parameters
    ----------
    counts
        Events per area.
    weights
        Residents per area, or another base; the areas then stand in order of their rate. By default each area
        counts the same. Areas whose count or weight is null are left out.

    Returns
    -------
    DataFrame
        ``share_of_weight`` and ``share_of_events``, cumulative, from 0, 0 to 1, 1: one row more than areas.

    Raises
    ------
    ValueError
        No event, a negative number, or no weight at all.
    """
    count, weight = _weighted(counts, weights)
    order = np.lexsort((count, _rates(count, weight)))
    return pd.DataFrame(
        {"share_of_weight": _cumulative_share(weight[order]), "share_of_events": _cumulative_share(count[order])}
    )


def concentration_interval(
    counts: Numbers, draws: int = DRAWS, seed: int = SEED, dispersion: float = 1.0, even_of_few: bool = False
) -> ConcentrationInterval:
    """The generalised Gini with 95 % limits: of the numbers to expect in each area, once chance is taken off.

    The Gini coefficient of every posterior draw of the areas' expected counts (``uncertainty.posterior_draws``); the
    generalised Gini tends to it as events accumulate. A percentile bootstrap of the counts adds the concentration
    of chance twice and excludes its own estimate; ``benchmarks/simulation.md`` has what this one covers. Fewer events
    than areas give no limits, unless ``even_of_few``: there they cover only if rates are gamma distributed.

    Raises
    ------
    ValueError
        No event, a negative count, or fewer than two areas.

    References
    ----------
    Mohler, Brantingham, Carter & Short 2019, Journal of Quantitative Criminology 35 (gamma-Poisson).
    """
    known = _with_events(counts)
    if len(known) < 2:
        raise ValueError("How concentrated the events are cannot be said of a single area. Choose at least two.")
    observed, mean, reading = generalised_gini(known), known.mean(), ""
    if mean < 1 and not even_of_few:
        reading = f"{known.sum():g} events in {len(known)} areas are too few to give limits for their concentration"
        return ConcentrationInterval(observed, None, None, None, reading)
    if mean < _LEAST_MEAN:
        reading = (
            f"With {mean:.1f} events per area on average the limits lean on how the areas' rates are assumed to scatter: "
            "they may be off by more than they say"
        )
    drawn = posterior_draws(known, 1, draws, seed, "count", dispersion).to_numpy()
    low, middle, high = np.quantile(_gini(drawn.T), [0.025, 0.5, 0.975])
    return ConcentrationInterval(observed, float(middle), float(low), float(high), reading)


def expected_by_residents(
    counts: Numbers,
    residents: Numbers,
    statistic: Callable[[np.ndarray], float] = generalised_gini,
    draws: int = DRAWS_BY_RESIDENTS,
    seed: int = SEED,
) -> Expected:
    """What a statistic of the counts would be if as many events fell by residents alone.

    Seeded multinomial draws of all events over the areas, each resident as likely as another. Compare it with
    the statistic of the counts as observed, which holds the same chance.

    Parameters
    ----------
    counts, residents
        Per area, aligned. Areas where either is null are left out.
    statistic
        A function of an array of counts, such as ``generalised_gini`` or ``areas_for_share``.

    Raises
    ------
    ValueError
        No event, no resident, or a negative number.
    """
    count, weight = _weighted(counts, residents)
    rng = np.random.default_rng(seed)
    fallen = rng.multinomial(round(count.sum()), weight / weight.sum(), size=draws)
    values = np.array([statistic(row) for row in fallen], dtype="float64")
    low, high = np.quantile(values, [0.025, 0.975])
    return Expected(float(values.mean()), float(low), float(high))


def chosen_share(counts: Numbers, residents: Numbers, chosen: Numbers) -> ChosenShare:
    """The share of events and of residents in chosen areas, of all areas that have a count.

    Parameters
    ----------
    counts, residents, chosen
        Per area, aligned; ``chosen`` True or False.
    """
    check_aligned(counts, residents, chosen)
    count, known = floats(counts), floats(residents)
    check_not_negative(count, "count")
    counted = ~np.isnan(count)
    inside = (floats(chosen) == 1)[counted]
    return ChosenShare(
        areas=int(inside.sum()),
        of_areas=int(counted.sum()),
        events=_share_inside(count[counted], inside),
        residents=_share_inside(known[counted], inside),
    )


def by_district(counts: pd.Series, residents: pd.Series, district: pd.Series, hotspot: pd.Series) -> pd.DataFrame:
    """Districts side by side, most events first.

    Parameters
    ----------
    counts, residents, district, hotspot
        Per area, on one index. An area without a district is in none; one without a count is not counted.

    Returns
    -------
    DataFrame
        Indexed by district: ``areas`` (with a count), ``events``, ``residents``, ``share_of_events`` and
        ``share_of_residents`` (of all districts), ``hotspots``, ``generalised_gini``, ``areas_for_half``. Null (NA)
        where not known: residents missing, no event, fewer than two areas for the Gini.
    """
    check_aligned(counts, residents, district, hotspot)
    areas = pd.DataFrame(
        {"count": floats(counts), "residents": floats(residents), "hotspot": floats(hotspot) == 1}, index=counts.index
    )
    areas = areas[areas["count"].notna()]
    rows = {name: _summary(of) for name, of in areas.groupby(district.reindex(areas.index).astype("str"))}
    columns = ["areas", "events", "residents", "hotspots", "generalised_gini", "areas_for_half"]
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("district")
    frame = frame.astype({name: "Float64" if name == "generalised_gini" else "Int64" for name in columns})
    for what in ("events", "residents"):
        total = frame[what].sum(skipna=False)
        share = frame[what] / total if len(frame) and pd.notna(total) and total else pd.NA
        frame.insert(frame.columns.get_loc("hotspots"), f"share_of_{what}", pd.Series(share, frame.index, "Float64"))
    return frame.sort_values("events", ascending=False, kind="stable")


def prediction_accuracy(observed: Numbers, predicted: Numbers, weights: Numbers | None = None) -> pd.DataFrame:
    """How well a ranking of areas caught what then happened, for every length of the list.

    ``pai = (events caught / all events) / (weight of the list / all weight)``; ``pei = pai / the best possible pai``
    for a list of the same weight (of which the last area may be in part); ``rri = predicted / observed``.

    Parameters
    ----------
    observed, predicted
        Events per area that happened and that were foreseen (such as those of an earlier period), aligned.
    weights
        By default every area counts the same; or residents. Areas where a number is null are left out.

    Returns
    -------
    DataFrame
        ``pai``, ``pei``, ``rri``, each of all areas down to that row, the best predicted first (ties: the one with the
        fewest events first, so that no order of the input flatters), on the index of ``observed``. Null (NaN)
        where the list has no weight, or no event was observed in it (``rri``).

    Raises
    ------
    ValueError
        No event observed, a negative number, or no weight at all.

    References
    ----------
    Chainey, Tompson & Uhlig 2008, Security Journal 21; Hunt 2016 (PEI); Wheeler & Steenbeek 2021, Journal of
    Quantitative Criminology 37.
    """
    check_aligned(observed, predicted, *(() if weights is None else (weights,)))
    index = observed.index if isinstance(observed, pd.Series) else pd.RangeIndex(len(floats(observed)))
    foreseen = floats(predicted)
    check_not_negative(foreseen, "prediction")
    whole = np.ones(len(foreseen)) if weights is None else floats(weights)
    known = ~np.isnan(floats(observed) + foreseen + whole)
    count, weight = _weighted(floats(observed)[known], whole[known])
    foreseen, index = foreseen[known], index[known]
    order = np.lexsort((-weight, _rates(count, weight), -foreseen))
    caught, held = _cumulative_share(count[order])[1:], _cumulative_share(weight[order])[1:]
    happened, expected = count[order].cumsum(), foreseen[order].cumsum()
    columns = {
        "pai": _ratio(caught, held),
        "pei": _ratio(caught, best_share(count, weight, held)),
        "rri": _ratio(expected, happened),
    }
    return pd.DataFrame(columns, index=index[order])


def best_share(counts: Numbers, weights: Numbers, held: np.ndarray | float) -> np.ndarray:
    """The most that areas of a given share of the weight could hold of all events, the last area in part."""
    curve = lorenz_curve(counts, weights)
    # areas without weight come last in the curve: they are had for nothing
    from_top = 1 - curve.to_numpy()[::-1]
    return np.interp(held, from_top[:, 0], from_top[:, 1])


def areas_for_share(counts: Numbers, share: float = 0.5) -> int:
    """The fewest areas that hold ``share`` of all events; 0 where there are no events.

    Parameters
    ----------
    counts
        Events per area; nulls are left out.
    share
        Above 0, at most 1.

    Raises
    ------
    ValueError
        A negative count, or a share outside its range.
    """
    descending = _descending(counts, share)
    if not descending.sum():
        return 0
    cumulative = descending.cumsum()
    return int(np.searchsorted(cumulative, share * cumulative[-1] * (1 - _TOLERANCE))) + 1


def residents_share(counts: Numbers, residents: Numbers, share: float = 0.5, *, ties_in: bool = False) -> float | None:
    """The share of residents who live in the fewest areas that hold ``share`` of all events.

    Where areas tie for the last place, each stands in with the mean residents of the tied (``ties_in`` False), so
    that the answer depends on no order, or all of them are in (True).

    Returns
    -------
    float or None
        None where there are no events, or residents are missing for an area that has a count.
    """
    check_aligned(counts, residents)
    count, known = floats(counts), floats(residents)
    counted = ~np.isnan(count)
    count, known = count[counted], known[counted]
    needed = areas_for_share(count, share)
    if not needed or np.isnan(known).any() or known.sum() <= 0:
        return None
    cutoff = np.sort(count)[-needed]
    above, tied = count > cutoff, count == cutoff
    weight = 1.0 if ties_in else (needed - above.sum()) / tied.sum()
    return float((known[above].sum() + weight * known[tied].sum()) / known.sum())


def share_held(counts: Numbers, residents: Numbers, share: float = 0.5, *, ties_in: bool = False) -> ShareHeld:
    """How few areas hold ``share`` of all events, what they hold and who lives there, in one value."""
    descending = _descending(counts, share)
    areas = areas_for_share(counts, share)
    if areas and ties_in:
        areas = int((descending >= descending[areas - 1]).sum())
    return ShareHeld(
        share=share,
        areas=areas,
        of_areas=len(descending),
        held=float(descending[:areas].sum() / descending.sum()) if areas else None,
        residents=residents_share(counts, residents, share, ties_in=ties_in),
    )


def _gini(values: np.ndarray) -> np.ndarray:
    """Along the last axis."""
    ascending = np.sort(values, axis=-1)
    n = ascending.shape[-1]
    return ascending @ (2 * np.arange(1, n + 1) - n - 1) / (n * ascending.sum(axis=-1))


def _with_events(counts: Numbers) -> np.ndarray:
    values = floats(counts)
    values = values[~np.isnan(values)]
    check_not_negative(values, "count")
    if not values.sum():
        raise ValueError("How concentrated the events are cannot be said: none was counted.")
    return values


def _weighted(counts: Numbers, weights: Numbers | None) -> tuple[np.ndarray, np.ndarray]:
    """Counts and weights of the areas where both are known."""
    count = floats(counts)
    weight = np.ones(len(count)) if weights is None else floats(weights)
    check_aligned(counts, *(() if weights is None else (weights,)))
    check_not_negative(weight, "weight")
    known = ~np.isnan(count + weight)
    count, weight = _with_events(count[known]), weight[known]
    if not weight.sum():
        raise ValueError("No area has residents (or another weight), so nothing can be set against them.")
    return count, weight


def _rates(count: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Events over weight; infinite for events where there is no weight, 0 for none."""
    nowhere = np.where(count > 0, np.inf, 0.0)
    return np.divide(count, weight, out=nowhere, where=weight > 0)


def _ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """NaN where nothing stands below."""
    return np.divide(above, below, out=np.full(len(below), np.nan), where=below > 0)


def _cumulative_share(values: np.ndarray) -> np.ndarray:
    """From 0 to 1."""
    return np.append(0.0, values.cumsum() / values.sum()).clip(0, 1)


def _share_inside(values: np.ndarray, inside: np.ndarray) -> float | None:
    total = values.sum()
    return float(values[inside].sum() / total) if total > 0 else None


def _summary(areas: pd.DataFrame) -> list[object]:
    """One district's row: areas, events, residents, hotspots, generalised Gini, areas for half."""
    count, residents = areas["count"].to_numpy(), areas["residents"].to_numpy()
    some = bool(count.sum())
    return [
        len(areas),
        round(count.sum()),
        None if np.isnan(residents).any() else round(residents.sum()),
        int(areas["hotspot"].sum()),
        generalised_gini(count) if some and len(areas) > 1 else None,
        areas_for_share(count) if some else None,
    ]


def _descending(counts: Numbers, share: float) -> np.ndarray:
    if not 0 < share <= 1:
        raise ValueError(f"The share is {share}. Give one above 0 and at most 1.")
    values = floats(counts)
    values = values[~np.isnan(values)]
    check_not_negative(values, "count")
    return np.sort(values)[::-1]
