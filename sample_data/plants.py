"""What is planted in the county, so that analyses have something to find and tests know the truth."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sample_data import places
from sample_data.geography import County, Floats, Ints
from sample_data.incidents import MONTHS, SERIOUS, TYPES, draw

INTERVENTION_TOWN = "Haverstow"
INTERVENTION_MONTH = "2025-01"
CUT = 0.50  # of the target's serious violence, from that month on
DISPLACED = 0.50  # of what was cut moved into the ring
PEAK_TOWN = "Sallowmouth"
PEAK_MONTHS = ("2024-01", "2024-12")
PEAK_OVER_EXPECTED = 1.6  # reached by chance: the first such of many draws from the unchanged level
TREND = 0.70  # log change from the middle to either end of the 36 months
# Point that swallows a share of an LSOA's serious violence: kind, town, the LSOA's other such offences, share.
BUSY_POINTS = (
    ("Police Station", "Wendminster", 85.0, 0.38),
    ("Hospital", "Sallowmouth", 19.0, 0.64),
    ("Hospital", "Wendminster", 42.0, 0.47),
    ("Barrack Fields Road", "Dunnowby", 13.0, 0.85),
)

_SERIOUS = [TYPES.index(t) for t in SERIOUS]


@dataclass(frozen=True)
class Plan:
    """Where things are planted: rows of LSOAs."""

    target: tuple[int, ...]
    ring: tuple[int, ...]
    peak: int
    rising: tuple[int, ...]
    falling: tuple[int, ...]
    busy: tuple[int, ...]

    @property
    def settled(self) -> set[int]:
        """LSOAs in which nothing else may change."""
        return {*self.target, *self.ring, self.peak, *self.rising, *self.falling}


def choose(county: County, yearly: pd.DataFrame) -> Plan:
    """Pick the places, by rule: none of them is chosen twice, none is the county's busiest."""
    serious = yearly[list(SERIOUS)].sum(axis=1)
    town, distance = county.lsoas["settlement"], county.lsoas["distance"]
    core = int(distance[town == INTERVENTION_TOWN].idxmin())
    beside = sorted(places.neighbours(county.polygons, {core}), key=lambda i: -serious[i])
    target = {core, *beside[:3]}
    ring = places.neighbours(county.polygons, target)
    taken = {*target, *ring, int(serious.idxmax())}

    def nearest(expected: float, among: pd.Series) -> int:
        free = among & ~serious.index.isin(sorted(taken))
        chosen = int((serious[free] - expected).abs().idxmin())
        taken.add(chosen)
        return chosen

    busy = tuple(nearest(expected, town == where) for _, where, expected, _ in BUSY_POINTS)
    peak = nearest(45.0, town == PEAK_TOWN)
    rising = tuple(nearest(60.0, town == where) for where in ("Wendminster", "Quillbury", "Merehaven"))
    falling = tuple(nearest(70.0, town == where) for where in ("Wendminster", "Sallowmouth", "Dunnowby"))
    return Plan(tuple(sorted(target)), tuple(sorted(ring)), peak, rising, falling, busy)


def with_busy_points(yearly: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Yearly counts with what the police station and the hospitals add to their LSOAs."""
    out = yearly.copy()
    for i, (_, _, _, share) in zip(plan.busy, BUSY_POINTS, strict=True):
        out.loc[i, list(SERIOUS)] /= 1 - share
    return out


def busy_points(county: County, plan: Plan) -> pd.DataFrame:
    """Map points of the police station, the hospitals and the one busy street."""
    rows = []
    for i, (kind, _, _, share) in zip(plan.busy, BUSY_POINTS, strict=True):
        middle = county.polygons[i].representative_point()
        rows.append((i, "busy", f"On or near {kind}", middle.x, middle.y, 2.0, share))
    return pd.DataFrame(rows, columns=["lsoa", "kind", "location", "x", "y", "weight", "share"])


def with_trends(expected: Floats, plan: Plan) -> Floats:
    """Expected counts with the planted trends."""
    out = expected.copy()
    slope = np.exp(np.linspace(-TREND, TREND, len(MONTHS)))
    for t in _SERIOUS:
        out[t, list(plan.rising)] *= slope
        out[t, list(plan.falling)] *= slope[::-1]
    return out


def with_peak(counts: Ints, expected: Floats, plan: Plan, rng: np.random.Generator) -> Ints:
    """Counts in which the peak's months are a draw that came out high; the level behind them stays what it was."""
    first, last = (MONTHS.index(m) for m in PEAK_MONTHS)
    cells = np.ix_(np.array(_SERIOUS), np.array([plan.peak]), np.arange(first, last + 1))
    level = expected[cells]
    draws = draw(np.repeat(level, 50_000, axis=1), rng, SERIOUS)
    high = np.flatnonzero(draws.sum(axis=(0, 2)) >= PEAK_OVER_EXPECTED * level.sum())
    out = counts.copy()
    out[cells] = draws[:, high[:1]]
    return out


def intervene(counts: Ints, expected: Floats, plan: Plan, rng: np.random.Generator) -> tuple[Ints, dict[str, Any]]:
    """Counts after the intervention, and its account: expected and drawn offences avoided and displaced."""
    out, start = counts.copy(), MONTHS.index(INTERVENTION_MONTH)
    target, ring = list(plan.target), list(plan.ring)
    ring_share = expected[_SERIOUS][:, ring].sum(axis=(0, 2))
    ring_share = ring_share / ring_share.sum()
    removed = moved = 0
    for t in _SERIOUS:
        for month in range(start, len(MONTHS)):
            cut = rng.binomial(out[t, target, month], CUT)
            over = int(rng.binomial(cut.sum(), DISPLACED))
            out[t, target, month] -= cut
            out[t, ring, month] += rng.multinomial(over, ring_share)
            removed, moved = removed + int(cut.sum()), moved + over

    def without(lsoas: list[int]) -> dict[str, float]:
        months = expected[_SERIOUS][:, lsoas].sum(axis=(0, 1))
        return {"before": round(float(months[:start].sum()), 1), "after": round(float(months[start:].sum()), 1)}

    avoided = CUT * without(target)["after"]
    return out, {
        "expected_without_intervention": {"target": without(target), "ring": without(ring)},
        "expected_offences": {
            "cut_in_target": round(avoided, 1),
            "displaced_into_ring": round(DISPLACED * avoided, 1),
            "avoided_net": round((1 - DISPLACED) * avoided, 1),
        },
        "drawn_offences": {
            "cut_in_target": removed,
            "displaced_into_ring": moved,
            "avoided_net": removed - moved,
        },
    }


def truth(county: County, plan: Plan, expected: Floats, counts: Ints, intervention: dict[str, Any]) -> dict[str, Any]:
    """What was planted, in words and numbers, as ``truth.json`` holds it."""
    code = county.lsoas["code"].tolist()
    serious = counts[_SERIOUS].sum(axis=0)
    level = expected[_SERIOUS].sum(axis=0)

    def by_year(lsoas: list[int], values: Ints | Floats) -> dict[str, float]:
        total = values[lsoas].sum(axis=0)
        return {MONTHS[m][:4]: round(float(total[m : m + 12].sum()), 1) for m in range(0, len(MONTHS), 12)}

    def series(lsoas: tuple[int, ...]) -> list[dict[str, Any]]:
        return [{"lsoa": code[i], "expected": by_year([i], level), "drawn": by_year([i], serious)} for i in lsoas]

    start = MONTHS.index(INTERVENTION_MONTH)
    return {
        "definition": list(SERIOUS),
        "months": [MONTHS[0], MONTHS[-1]],
        "intervention": {
            "town": INTERVENTION_TOWN,
            "target": [code[i] for i in plan.target],
            "ring": [code[i] for i in plan.ring],
            "first_month": INTERVENTION_MONTH,
            "months_before": start,
            "months_after": len(MONTHS) - start,
            "share_cut": CUT,
            "share_of_cut_displaced": DISPLACED,
            **intervention,
            "drawn_counts": {
                "target": by_year(list(plan.target), serious),
                "ring": by_year(list(plan.ring), serious),
            },
        },
        "peak": {
            "reading": "high in these months by chance alone; the level never changed",
            "months": list(PEAK_MONTHS),
            **series((plan.peak,))[0],
        },
        "trends": {"rising": series(plan.rising), "falling": series(plan.falling)},
        "busy_points": [
            {"lsoa": code[i], "location": f"On or near {kind}", "share_of_serious_violence": share}
            for i, (kind, _, _, share) in zip(plan.busy, BUSY_POINTS, strict=True)
        ],
    }
