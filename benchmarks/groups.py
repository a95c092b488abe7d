"""Do the intervals of groups of LSOAs hold the truth? Groups are drawn whose LSOAs differ, counted by chance, and asked.

Run in the project's folder: ``python -m benchmarks.groups``. Seeded; results in ``benchmarks/simulation.md``.
"""

import time

import numpy as np
import pandas as pd

from benchmarks.simulation import SEED, Rates, gamma, lognormal, town_centres
from hotspots.inequality import TENTHS, group_rates, inequality, rate_ratio
from hotspots.rates import poisson_interval

COUNTIES = 1000
SIZES = (5, 10, 20, 55, 110)
# How the rates of a group's LSOAs scatter, and their mean.
KINDS: dict[str, tuple[Rates, float]] = {
    "gamma": (gamma, 1),
    "lognormal": (lognormal, 1),
    "town centres": (town_centres, 1 + 0.02 * (5 - 1)),
}
RESIDENTS = 1660
LEAST, INDEX = 0.015, 4.0  # a rate per resident at the least deprived end, and how many times that at the most
NAMES = ("rate", "ratio", "relative index", "rate, chance only")


def covered(kind: str, size: int, counties: int = COUNTIES, seed: int = SEED) -> dict[str, float]:
    """Share of intervals that held the truth, by ``NAMES``: rates of ten groups of ``size`` LSOAs, the ratio of their ends, the
    relative index over all ten, and the rates by an interval for chance in the counts alone."""
    (rates_of, mean), rng = KINDS[kind], np.random.default_rng(seed)
    group = pd.Series(np.repeat(np.arange(1, TENTHS + 1), size))
    # its logarithm is even along the places of equal groups, so that the truth of the relative index is INDEX
    true = LEAST * INDEX ** (1 - (np.arange(1, TENTHS + 1) - 0.5) / TENTHS)
    held: list[list[float]] = []
    for _ in range(counties):
        residents = np.round(RESIDENTS * rng.lognormal(-0.02, 0.2, len(group))).astype(int)
        expected = np.repeat(true, size) * rates_of(rng, len(group)) / mean * residents
        table = pd.DataFrame({"count": rng.poisson(expected), "residents": residents, "months": 12})
        rates = group_rates(table, group, TENTHS)
        ratio, index = rate_ratio(rates), inequality(rates, draws=500)
        low, high = (1000 * limit / rates["residents"] for limit in poisson_interval(rates["count"]))
        held.append(
            [
                rates["rate_low"].le(1000 * true).mul(rates["rate_high"].ge(1000 * true)).mean(),
                _holds(ratio.lower, true[0] / true[-1], ratio.upper),
                _holds(index.rii_low, INDEX, index.rii_high),
                low.le(1000 * true).mul(high.ge(1000 * true)).mean(),
            ]
        )
    return dict(zip(NAMES, np.mean(held, axis=0), strict=True))


def _holds(low: float | None, truth: float, high: float | None) -> bool:
    return low is not None and high is not None and low <= truth <= high


def main() -> None:
    """Print the table, a row for each kind of LSOAs and size of group."""
    started = time.perf_counter()
    print(f"| LSOAs | in a group | {' | '.join(NAMES)} |\n|---|---|{'---|' * len(NAMES)}")
    for kind in KINDS:
        for size in SIZES:
            shares = covered(kind, size)
            print(f"| {kind} | {size} | {' | '.join(f'{100 * share:.1f}' for share in shares.values())} |", flush=True)
    print(f"\n{time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
