"""Did it move? How often the intervals of the displacement page hold the truth, on counties made for it and on real Norfolk.

Run from the project's folder: ``python -m benchmarks.displacement``. Seeded; results in ``benchmarks/displacement.md``.
"""

import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import box

from benchmarks.setting import ROOT, build_command, missing
from geodata.dataset import Dataset, open_dataset
from hotspots.controls import Geography, Ring, geography, joined, ring_around
from hotspots.counts import monthly_counts
from hotspots.definitions import load_definitions
from hotspots.displacement import weighted_displacement_difference
from hotspots.evaluation import Evaluation, evaluate
from hotspots.placebos import PARTS
from hotspots.windows import BeforeAfter, chosen_windows, preset_windows

SEED = 552
SETS = 2000
DISPERSIONS = (1.0, 1.7)
MONTHS = [f"{year}-{month:02d}" for year in (2024, 2025) for month in range(1, 13)]
WINDOWS = chosen_windows(MONTHS[:12], MONTHS[12:], MONTHS)


@dataclass(frozen=True)
class Plan:
    """What is done in a county: the share cut in the target, and the share of that which moves into the ring."""

    cut: float = 0.0
    moved: float = 0.5


NOTHING, SOMETHING = Plan(), Plan(cut=0.3)


@dataclass(frozen=True)
class Coverage:
    """Shares of sets: limits that held the truth, limits that did not hold zero, and the mean dispersion found."""

    held: dict[str, float]
    called: dict[str, float]
    dispersion: float
    sets: int


def grid(rows: int = 23, columns: int = 24, side: float = 1000.0) -> gpd.GeoDataFrame:
    """A county of squares."""
    squares = [box(x * side, y * side, (x + 1) * side, (y + 1) * side) for y in range(rows) for x in range(columns)]
    codes = [f"E01{number:06d}" for number in range(len(squares))]
    return gpd.GeoDataFrame({"lsoa_code": codes}, geometry=squares, crs=27700)


def scattered(rng: np.random.Generator, mean: np.ndarray, dispersion: float) -> np.ndarray:
    """Counts whose variance is ``dispersion`` times their mean."""
    if dispersion == 1:
        return rng.poisson(mean)
    return rng.poisson(rng.gamma(mean / (dispersion - 1), dispersion - 1))


def block(places: Geography, rng: np.random.Generator, size: int, weight: np.ndarray | None = None) -> list[str]:
    """A target: so many LSOAs that hang together, begun anywhere, or rather where ``weight`` is high."""
    chance = None if weight is None else weight / weight.sum()
    at = np.array([rng.choice(len(places.codes), p=chance)])
    while len(at) < size:
        edge = np.setdiff1d(joined(places.next_to, at), at)
        if not len(edge):
            break
        at = np.append(at, rng.choice(edge))
    return [str(code) for code in places.codes[at]]


def four_counts(dispersion: float, sets: int = SETS, seed: int = SEED, plan: Plan = NOTHING) -> tuple[float, float]:
    """Sets of four areas alone, the dispersion known: how often the total's limits hold the truth, and are called a change."""
    rng = np.random.default_rng(seed)
    held = called = 0
    for _ in range(sets):
        level = rng.uniform(20, 200, 2)
        cut = plan.cut * level[0]
        mean = np.array([[level[0], level[0] - cut], [level[1], level[1] + plan.moved * cut]]).repeat(2, axis=0)
        mean[1], mean[3] = level[0], level[1]
        target, control, ring, other = scattered(rng, mean, dispersion)
        total = weighted_displacement_difference(target, control, ring, other, dispersion=dispersion).total
        assert total.lower is not None
        assert total.upper is not None
        held += total.lower <= -cut * (1 - plan.moved) <= total.upper
        called += bool(total.called)
    return held / sets, called / sets


def counties(
    dispersion: float, plan: Plan, sets: int, *, size: int = 4, draws: int = 120, seed: int = SEED
) -> Coverage:
    """Whole evaluations of counties like Norfolk: controls suggested, the dispersion found by placebos."""
    rng = np.random.default_rng(seed)
    places = geography(grid())
    truths = {
        "local": -plan.cut,
        "displacement": plan.cut * plan.moved,
        "total": -plan.cut * (1 - plan.moved),
    }
    found = []
    for _ in range(sets):
        rates = 50 * rng.gamma(1.6, 1 / 1.6, len(places.codes))
        target = block(places, rng, size)
        ring = ring_around(target, places)
        cut, monthly = _county(rng, rates, target, ring, places, plan, dispersion)
        try:
            evaluation = evaluate(target, monthly, places, WINDOWS, ring=ring, draws=draws)
        except ValueError:  # nothing matches: no answer is given
            continue
        found.append(_answers(evaluation, {part: share * cut for part, share in truths.items()}))
    return _coverage(found)


def _county(
    rng: np.random.Generator,
    rates: np.ndarray,
    target: list[str],
    ring: Ring,
    places: Geography,
    plan: Plan,
    dispersion: float,
) -> tuple[float, pd.DataFrame]:
    """What the target would have had without the cut, and monthly counts with it; the county as a whole rises or falls too."""
    trend = rng.uniform(0.85, 1.15)
    at, around = places.positions(target, "target"), places.positions(ring.codes, "ring")
    after = rates * trend
    expected = float(after[at].sum())
    after[at] *= 1 - plan.cut
    after[around] += plan.cut * plan.moved * expected / len(around)
    mean = np.column_stack([rates, after]).repeat(12, axis=1) / 12
    return expected, pd.DataFrame(scattered(rng, mean, dispersion).astype(float), places.codes, MONTHS)


def norfolk(
    places: Geography,
    monthly: pd.DataFrame,
    windows: BeforeAfter,
    sets: int,
    *,
    size: int,
    busy: bool,
    seed: int = SEED,
) -> Coverage:
    """Blocks of real LSOAs in which nothing was done: how often the limits hold no change. ``busy``: begun where there is much."""
    rng = np.random.default_rng(seed)
    before = monthly.reindex(places.codes)[list(windows.before)].sum(axis=1).to_numpy()
    found = []
    for _ in range(sets):
        target = block(places, rng, size, before if busy else None)
        try:
            evaluation = evaluate(target, monthly, places, windows, ring=ring_around(target, places), draws=200)
        except ValueError:
            continue
        found.append(_answers(evaluation, dict.fromkeys(PARTS, 0.0)))
    return _coverage(found)


def _answers(evaluation: Evaluation, truth: dict[str, float]) -> dict[str, float]:
    answers: dict[str, float] = {"dispersion": evaluation.dispersion["total"]}
    for part in PARTS:
        difference = getattr(evaluation, part)
        if difference is None or difference.z is None:
            continue
        reach = 1.96 * difference.se
        answers[f"{part} held"] = abs(difference.estimate - truth[part]) <= reach
        answers[f"{part} called"] = abs(difference.estimate) > reach
        answers[f"{part} as if Poisson"] = (
            abs(difference.estimate - truth[part]) <= reach / evaluation.dispersion[part] ** 0.5
        )
    return answers


def _coverage(found: list[dict[str, float]]) -> Coverage:
    mean = pd.DataFrame(found).astype(float).mean()
    return Coverage(
        {
            **{part: mean[f"{part} held"] for part in PARTS},
            **{f"{part}, as if Poisson": mean[f"{part} as if Poisson"] for part in PARTS},
        },
        {part: mean[f"{part} called"] for part in PARTS},
        mean["dispersion"],
        len(found),
    )


def main() -> None:
    """Print the tables of ``displacement.md``: made-up counties, then real Norfolk where its files are there."""
    started = time.perf_counter()
    for dispersion in DISPERSIONS:
        for plan, what in ((NOTHING, "nothing done"), (SOMETHING, "30 % cut, half of it moved")):
            held, called = four_counts(dispersion, plan=plan)
            print(
                f"| four counts, {what}, dispersion {dispersion} | {100 * held:.1f} | {100 * called:.1f} |", flush=True
            )
            _print_row(f"counties, {what}, dispersion {dispersion}", counties(dispersion, plan, SETS))
    if gone := missing():
        print(f"The real files of Norfolk are not there ({gone[0].name} first): nothing is measured on them.")
    else:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            subprocess.run(build_command(Path(folder) / "norfolk"), check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
            _real(open_dataset(Path(folder) / "norfolk"))
    print(f"\n{time.perf_counter() - started:.0f} s")


def _real(county: Dataset) -> None:
    presence = county.presence()
    windows = preset_windows("2025-01", [month for month in presence.columns if presence[month].all()])
    crime_types = load_definitions()["norfolk"].crime_types
    monthly = monthly_counts(county.source_cells(), county.areas, presence, windows.months, crime_types)
    places = geography(county.areas)
    for size, busy, sets in ((1, False, 500), (4, False, 300), (1, True, 300), (4, True, 300)):
        name = f"Norfolk, {size} LSOA{'s' if size > 1 else ''}, {'begun where there is much' if busy else 'anywhere'}"
        _print_row(name, norfolk(places, monthly, windows, sets, size=size, busy=busy))


def _print_row(name: str, found: Coverage) -> None:
    figures = [*found.held.values(), *found.called.values()]
    shown = " | ".join(f"{100 * figure:.1f}" for figure in figures)
    print(f"| {name} | {found.sets:,} | {shown} | {found.dispersion:.2f} |", flush=True)


if __name__ == "__main__":
    main()
