"""How often the association test finds what is not there: independent patterns that merely cluster.

Run in the project's folder: ``python -m benchmarks.association``. Seeded; results in ``benchmarks/simulation.md``.
"""

import time
from collections.abc import Iterator

import geopandas as gpd
import numpy as np
from scipy import stats
from scipy.spatial import distance
from threadpoolctl import threadpool_limits

import sample_data
from geodata.boundaries import read_boundaries
from hotspots.association import association
from hotspots.significance import LEVEL

SEED = 552
PAIRS = 1000
DRAWS = 999
RANGES_KM = (1, 5, 15, 40)
LOCAL = 0.3  # of the variance is each LSOA's own


def patterns(areas: gpd.GeoDataFrame, range_km: float, pairs: int, seed: int = SEED) -> Iterator[np.ndarray]:
    """Pairs of independent skewed patterns (areas by 2), alike near by: covariance ``exp(-distance / range)``."""
    rng = np.random.default_rng(seed)
    centre = areas.geometry.centroid
    apart = distance.squareform(distance.pdist(np.column_stack([centre.x, centre.y]))) / 1000
    covariance = (1 - LOCAL) * np.exp(-apart / range_km) + LOCAL * np.eye(len(areas))
    root = np.linalg.cholesky(covariance)
    for _ in range(pairs):
        yield np.exp(root @ rng.normal(size=(len(areas), 2)))


NAMES = (
    "all areas",
    "without five of both",
    "both tests",
    "without five of one",
    "both tests again",
    "free permutation",
)


def found(areas: gpd.GeoDataFrame, range_km: float, pairs: int = PAIRS, seed: int = SEED) -> dict[str, float]:
    """Share of independent pairs called associated, by ``NAMES``: by our test, without the busiest, by both tests together (the
    five busiest being those of both patterns, as beside ASB, and again of one, as beside a layer), by a free permutation."""
    calls: list[list[bool]] = []
    for first, second in (pattern.T for pattern in patterns(areas, range_km, pairs, seed)):
        of_both, of_one = (
            association(first, second, areas, busy, draws=DRAWS, seed=len(calls)) for busy in (None, first)
        )
        tests = [one <= LEVEL for one in (of_both.p, of_both.p_without, of_one.p_without) if one is not None]
        every, without, without_one = tests
        free = stats.spearmanr(first, second).pvalue <= LEVEL
        calls.append([every, without, every and without, without_one, every and without_one, free])
    return dict(zip(NAMES, np.mean(calls, axis=0), strict=True))


def main() -> None:
    """Print the table over the fictional county's LSOAs."""
    started = time.perf_counter()
    threadpool_limits(limits=1, user_api="blas")
    areas = read_boundaries(sample_data.inputs()["boundaries"]).areas
    print(f"{len(areas)} LSOAs, {PAIRS} pairs each\n")
    for range_km in RANGES_KM:
        shares = found(areas, range_km)
        if range_km == RANGES_KM[0]:
            print(f"| alike over | {' | '.join(shares)} |\n|---|{'---|' * len(shares)}")
        print(f"| {range_km} km | {' | '.join(f'{100 * share:.1f}' for share in shares.values())} |", flush=True)
    print(f"\n{time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
