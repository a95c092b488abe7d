"""Do the intervals contain the truth? Counties whose rates are known, counted by chance, and asked.

Run from the project's folder: ``python -m benchmarks.simulation``. Seeded; results in ``benchmarks/simulation.md``.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd

from hotspots.concentration import concentration_interval, gini
from hotspots.uncertainty import By, overdispersion, rank_interval

SEED = 552
COUNTIES = 2000
DRAWS = 1000

Rates = Callable[[np.random.Generator, int], np.ndarray]


def gamma(rng: np.random.Generator, areas: int) -> np.ndarray:
    """As scattered as Norfolk's serious violence in 2025: shape 1.6 by maximum likelihood."""
    return rng.gamma(1.6, 1 / 1.6, areas)


def lognormal(rng: np.random.Generator, areas: int) -> np.ndarray:
    """The standard deviation of the logarithms of the same counts, 0.8."""
    return rng.lognormal(-0.32, 0.8, areas)


def town_centres(rng: np.random.Generator, areas: int) -> np.ndarray:
    """A calmer county in which one area in fifty is five times busier: Norfolk's top has 13 times the mean."""
    return rng.lognormal(-0.245, 0.7, areas) * np.where(rng.random(areas) < 0.02, 5, 1)


def rare(rng: np.random.Generator, areas: int) -> np.ndarray:
    """As scattered as Norfolk's robberies in 2025: shape 0.2."""
    return rng.gamma(0.2, 5, areas)


def rare_lognormal(rng: np.random.Generator, areas: int) -> np.ndarray:
    """As scattered, but with the longer tail of a lognormal."""
    return rng.lognormal(-1.125, 1.5, areas)


@dataclass(frozen=True)
class Scenario:
    """One kind of county: how its rates scatter, how many events an area has on average, how it is ranked."""

    name: str
    rates: Rates
    mean: float = 52
    areas: int = 552
    by: By = "count"
    dispersion: float = 1.0  # variance over mean of the monthly counts
    corrected: bool = False  # whether the intervals are given the dispersion found in the months


@dataclass(frozen=True)
class Coverage:
    """How often the intervals held the truth: ranks of all areas, by third of the ranking as observed, of the top
    twentieth; the Gini by the posterior and, to compare, by the two bootstraps; its misses either way."""

    rank: float
    top_third: float
    middle_third: float
    bottom_third: float
    top_twentieth: float
    gini: float
    truth_below: float
    truth_above: float
    percentile_bootstrap: float
    basic_bootstrap: float


MAIN = (
    Scenario("gamma, by count", gamma),
    Scenario("gamma, by rate", gamma, by="rate"),
    Scenario("lognormal, by count", lognormal),
    Scenario("lognormal, by rate", lognormal, by="rate"),
    Scenario("town centres, by count", town_centres),
)
STRESS = (
    Scenario("one month, gamma", gamma, mean=4.3),
    Scenario("one month, lognormal", lognormal, mean=4.3),
    Scenario("rare crime, gamma", rare, mean=0.8),
    Scenario("rare crime, lognormal", rare_lognormal, mean=0.8),
    Scenario("a district of 40", lognormal, areas=40),
    Scenario("15 areas", lognormal, areas=15),
    Scenario("overdispersed 1.65, taken as Poisson", lognormal, dispersion=1.65),
    Scenario("overdispersed 1.65, dispersion given", lognormal, dispersion=1.65, corrected=True),
    Scenario("a rarer crime, lognormal", lognormal, mean=1.5),
)


def simulate(scenario: Scenario, counties: int, seed: int = SEED, draws: int = DRAWS) -> Coverage:
    """Coverage over as many counties of one kind."""
    found = np.array(list(_counties(scenario, counties, seed, draws)))
    return Coverage(*np.nanmean(found, axis=0))


def _counties(scenario: Scenario, counties: int, seed: int, draws: int) -> Iterator[list[float]]:
    rng = np.random.default_rng(seed)
    n = scenario.areas
    for _ in range(counties):
        rates = scenario.rates(rng, n)
        # LSOAs differ in residents by about a fifth
        size = rng.lognormal(-0.02, 0.2, n) if scenario.by == "rate" else np.ones(n)
        expected = scenario.mean * rates * size
        monthly = _months(rng, expected, scenario.dispersion)
        count = monthly.sum(axis=1)
        if not count.sum():
            continue
        dispersion = _found(monthly) if scenario.corrected else 1.0
        limits = rank_interval(count, size, draws, by=scenario.by, dispersion=dispersion)
        held = limits["rank_low"].to_numpy(int), limits["rank_high"].to_numpy(int)
        true = _rank(rates)
        inside = (held[0] <= true) & (true <= held[1])
        # places in the list as shown, ties in random order
        place = _rank(count / size + 1e-9 * rng.random(n))
        thirds = [inside[(3 * (place - 1)) // n == third].mean() for third in range(3)]
        truth = gini(expected)
        interval = concentration_interval(count, draws, dispersion=dispersion, even_of_few=True)
        assert interval.low is not None  # a promise of even_of_few
        assert interval.high is not None
        resampled = rng.multinomial(int(count.sum()), count / count.sum(), size=200)
        low, high = np.quantile([gini(row) for row in resampled], [0.025, 0.975])
        observed = gini(count)
        yield [
            inside.mean(),
            *thirds,
            inside[place <= max(1, n // 20)].mean(),
            interval.low <= truth <= interval.high,
            truth < interval.low,
            truth > interval.high,
            low <= truth <= high,
            2 * observed - high <= truth <= 2 * observed - low,
        ]


def _months(rng: np.random.Generator, expected: np.ndarray, dispersion: float) -> np.ndarray:
    """Twelve months of counts whose variance is ``dispersion`` times their mean."""
    mean = np.repeat(expected[:, None] / 12, 12, axis=1)
    if dispersion == 1:
        return rng.poisson(mean)
    return rng.poisson(rng.gamma(mean / (dispersion - 1), dispersion - 1))


def _found(monthly: np.ndarray) -> float:
    return overdispersion(pd.DataFrame(monthly))


def _rank(values: np.ndarray) -> np.ndarray:
    rank = np.empty(len(values), dtype=int)
    rank[np.argsort(-values, kind="stable")] = np.arange(1, len(values) + 1)
    return rank


def main() -> None:
    """Print one table for counties like Norfolk, 2,000 in all, and one for harder cases, 300 each."""
    started = time.perf_counter()
    columns = [field.name.replace("_", " ") for field in fields(Coverage)]
    for title, scenarios, each in (
        (f"Counties like Norfolk, {COUNTIES:,} in all", MAIN, COUNTIES // len(MAIN)),
        ("Harder cases, 300 counties each", STRESS, 300),
    ):
        print(f"\n## {title}\n\n| county | {' | '.join(columns)} |\n|---|{'---|' * len(columns)}", flush=True)
        results = []
        for number, scenario in enumerate(scenarios):
            coverage = simulate(scenario, each, SEED + number)
            results.append([getattr(coverage, field.name) for field in fields(Coverage)])
            _print_row(scenario.name, results[-1])
        if scenarios is MAIN:
            _print_row("**all**", list(np.mean(results, axis=0)))
    print(f"\n{time.perf_counter() - started:.0f} s")


def _print_row(name: str, figures: list[float]) -> None:
    print(f"| {name} | {' | '.join(f'{100 * figure:.1f}' for figure in figures)} |", flush=True)


if __name__ == "__main__":
    main()
