"""Placebos: the same calculation on matched places where nothing was done, which shows how far chance alone moves it.

A placebo has as many LSOAs as the target, in as many separate pieces. Each piece had a count before within 20 % of that of
the target's piece, which matters twice: a place that was busy by chance falls back, and neighbouring LSOAs rise and fall
together, so that four scattered ones scatter less than a block of four. Its ring and controls are suggested as the target's.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from hotspots.controls import ALIKE, CONTROLS_EACH, Candidates, Geography, RingRule, joined, reaches, size_weight
from hotspots.narrative import counted

PLACEBOS: Final = 400
# Fewer cannot say how far chance goes.
LEAST_PLACEBOS: Final = 20
# Blocks without a common LSOA that a placebo's pieces are drawn from, at least.
DISTINCT: Final = 30
SEED: Final = 2026

# Drawing stops after so many times the placebos wanted; blocks are grown from each LSOA so many times, at most so many in all.
TRIES: Final = 3
BLOCKS_EACH: Final = 4
MOST_BLOCKS: Final = 4_000

PARTS: Final = ("local", "displacement", "total")


@dataclass(frozen=True)
class Placebos:
    """What chance alone does: ``draws``, one row per placebo, with the estimate and z (as for Poisson counts) of each part.

    ``reading`` says where they are few, or less like the target than asked.
    """

    draws: pd.DataFrame
    reading: str

    def dispersion(self, part: str = "total") -> float | None:
        """The mean square of the placebos' z, at least 1; None where there are fewer than 20."""
        z = self._z(part)
        return max(1.0, float((z**2).mean())) if len(z) >= LEAST_PLACEBOS else None

    def coverage(self, part: str = "total", widened: bool = True, reach: float = 1.96) -> float | None:
        """The share of placebos whose limits hold no change: with the dispersion, or as if Poisson."""
        dispersion = self.dispersion(part)
        if dispersion is None:
            return None
        return float((np.abs(self._z(part)) <= reach * np.sqrt(dispersion if widened else 1.0)).mean())

    def as_extreme(self, z: float | None, part: str = "total") -> float | None:
        """The share of placebos whose z (as for Poisson counts) is at least as far from 0, the place itself among them."""
        draws = self._z(part)
        if z is None or len(draws) < LEAST_PLACEBOS:
            return None
        return float((1 + (np.abs(draws) >= abs(z) - 1e-12).sum()) / (1 + len(draws)))

    def _z(self, part: str) -> np.ndarray:
        return self.draws[f"{part}_z"].dropna().to_numpy()


def placebos(
    target: Collection[str],
    places: Geography,
    among: Candidates,
    *,
    rule: RingRule | None = None,
    apart_from: Collection[str] = (),
    time_weight: float = 1.0,
    each: int = CONTROLS_EACH,
    drawn_before: float | None = None,
    draws: int = PLACEBOS,
    seed: int = SEED,
) -> Placebos:
    """The weighted displacement difference of up to ``draws`` places where nothing was done.

    Parameters
    ----------
    target
        LSOA codes; for a drawn shape those that it touches, with its ``drawn_before``.
    among
        From ``controls.candidates``.
    rule
        Of their rings; without one, no rings.
    apart_from
        Codes (ring, gap, other targets) that no placebo and none of its controls may be or touch; the target is among them.
    time_weight
        Months before over months after.
    each
        Controls per LSOA.
    draws, seed
        How many at most; the same seed gives the same.

    Returns
    -------
    Placebos
        With fewer rows, down to none, where there are not so many places, said in its reading.
    """
    rng = np.random.default_rng(seed)
    at = places.positions(target, "target")
    away = places.touching(np.union1d(at, places.positions(apart_from, "areas to keep away from")))
    level = among.before[at] if drawn_before is None else np.full(len(at), drawn_before / len(at))
    free = among.known & ~away
    pools, alike = [], True
    for piece in pieces(at, places):
        pool, like_it = _pool(len(piece), level[np.isin(at, piece)].sum(), places, among.before, free, rng)
        pools.append(pool)
        alike &= like_it
    near, gap = reaches(places, rule) if rule else ((), ())
    rows: list[list[float]] = []
    seen: set[bytes] = set()
    for _ in range(TRIES * draws if all(pools) else 0):
        chosen = np.unique(np.concatenate([pool[rng.integers(len(pool))] for pool in pools]))
        # two pieces may have come to lie on each other, or the place may have been drawn before
        if len(chosen) < len(at) or chosen.tobytes() in seen:
            continue
        seen.add(chosen.tobytes())
        ring = np.setdiff1d(joined(near, chosen), np.union1d(joined(gap, chosen), chosen)) if rule else None
        counts = _counts(chosen, ring, places, among, away, each)
        if counts is not None:
            rows.append(counts)
        if len(rows) == draws:
            break
    return Placebos(_z_scores(rows, time_weight), _reading(len(rows), alike))


def pieces(at: np.ndarray, places: Geography) -> list[np.ndarray]:
    """The parts of a set of LSOAs that hang together, as positions."""
    left, found = set(at.tolist()), []
    while left:
        piece, edge = [], [min(left)]
        while edge:
            one = edge.pop()
            if one in left:
                left.remove(one)
                piece.append(one)
                edge.extend(places.next_to[one].tolist())
        found.append(np.sort(np.array(piece)))
    return found


def _pool(
    size: int, level: float, places: Geography, before: np.ndarray, free: np.ndarray, rng: np.random.Generator
) -> tuple[list[np.ndarray], bool]:
    """Untreated blocks of so many LSOAs whose count before is within 20 % of ``level``.

    Where these do not hold 30 without a common LSOA, the nearest in count until they do: a few busy LSOAs, met again and
    again, would speak for all. Second, whether the blocks within 20 % sufficed.
    """
    starts = np.flatnonzero(free)
    if size == 1:
        blocks = list(starts[:, None])
    else:
        starts = rng.permutation(np.repeat(starts, BLOCKS_EACH))[:MOST_BLOCKS]
        grown = {tuple(block) for start in starts if (block := _grown(int(start), size, places, free, rng))}
        blocks = [np.array(block) for block in sorted(grown)]
    if not blocks:
        return [], False
    apart = np.abs(np.array([before[block].sum() for block in blocks]) - level)
    reach = max(ALIKE * level, _reach_of_distinct(blocks, apart))
    return [blocks[i] for i in np.flatnonzero(apart <= reach)], reach <= ALIKE * level


def _reach_of_distinct(blocks: list[np.ndarray], apart: np.ndarray) -> float:
    """How far from the count one must go to meet 30 blocks without a common LSOA (to the farthest where there are fewer)."""
    used: set[int] = set()
    met = 0
    for i in np.argsort(apart, kind="stable"):
        if used.isdisjoint(blocks[i].tolist()):
            used.update(blocks[i].tolist())
            met += 1
            if met == DISTINCT:
                return float(apart[i])
    return float(apart.max())


def _grown(start: int, size: int, places: Geography, free: np.ndarray, rng: np.random.Generator) -> list[int]:
    """A block of neighbouring free LSOAs around ``start``, sorted; empty where there is no room."""
    block, edge = {start}, set(places.next_to[start][free[places.next_to[start]]].tolist())
    while edge and len(block) < size:
        one = sorted(edge)[int(rng.integers(len(edge)))]
        block.add(one)
        edge |= {i for i in places.next_to[one].tolist() if free[i]}
        edge -= block
    return sorted(block) if len(block) == size else []


def _counts(
    chosen: np.ndarray, ring: np.ndarray | None, places: Geography, among: Candidates, away: np.ndarray, each: int
) -> list[float] | None:
    """Before, after and weight of the place, its control, its ring and the ring's; None where one cannot be had."""
    groups = [chosen] if ring is None else [chosen, ring[among.known[ring] & ~away[ring]]]
    free = ~away & ~places.touching(np.concatenate(groups))
    counts: list[float] = []
    for group in groups:
        if not len(group):
            return None
        before = among.before[group]
        control, _ = among.choose(group, before, free, each)
        if not len(control):
            return None
        free[control] = False
        weight = size_weight(among.before[control].sum(), before.sum(), len(control), len(group))
        counts += [before.sum(), among.after[group].sum(), 1.0]
        counts += [among.before[control].sum(), among.after[control].sum(), weight]
    return counts


def _z_scores(rows: list[list[float]], time_weight: float) -> pd.DataFrame:
    """Estimate and z of each part, as ``displacement.weighted_displacement_difference`` has them."""
    table = np.array(rows, dtype="float64").reshape(len(rows), len(rows[0]) // 3 if rows else 0, 3)
    counts = table[:, :, :2] / (table[:, :, 2:] * [time_weight, 1.0])
    signs = np.array([1.0, -1.0, 1.0, -1.0])[: table.shape[1]]
    change = (counts[:, :, 1] - counts[:, :, 0]) * signs
    variance = (counts / (table[:, :, 2:] * [time_weight, 1.0])).sum(axis=2)
    columns = {}
    for part, areas in zip(PARTS, (slice(0, 2), slice(2, 4), slice(None)), strict=True):
        estimate, spread = change[:, areas].sum(axis=1), np.sqrt(variance[:, areas].sum(axis=1))
        columns[part] = estimate
        columns[f"{part}_z"] = np.divide(estimate, spread, out=np.full(len(rows), np.nan), where=spread > 0)
    return pd.DataFrame(columns)


def _reading(n: int, alike: bool) -> str:
    if n < LEAST_PLACEBOS:
        return f"{counted(n, 'untreated place')} of this size can be tried, too few to say how far chance alone goes"
    return "" if alike else "few untreated places were as busy before: those nearest in count stand in"
