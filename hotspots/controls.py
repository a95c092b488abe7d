"""What to compare a place with: the ring around it, untreated LSOAs that match it, and placebos, which are the same
calculation where nothing was done.

A target is a set of LSOAs. A drawn shape is one too, namely those that it touches; its own counts are then one more row of
``monthly``, named by ``drawn``, and shared out evenly over them where LSOA is matched with LSOA.

Frames: ``areas`` one row per LSOA (lsoa_code, geometry; imd_score, rural_urban and residents where known); ``monthly`` as
from ``counts.monthly_counts``, one kind of incident, LSOAs by months.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from libpysal.graph import Graph

from hotspots.narrative import lsoas, number
from hotspots.significance import in_metres, labels, neighbours
from hotspots.windows import BeforeAfter

# Two counts before are alike where they differ by at most this share of the target's.
ALIKE: Final = 0.2
# Controls for each LSOA of the target or ring.
CONTROLS_EACH: Final = 3


@dataclass(frozen=True)
class Geography:
    """What lies where, worked out once per set of areas: codes, shapes (metres), a point inside each, neighbours by position,
    and what is known of each that matching looks at (deprivation score, urban, residents; NaN where not known).
    """

    codes: pd.Index
    shapes: np.ndarray
    points: np.ndarray
    next_to: tuple[np.ndarray, ...]
    known: pd.DataFrame

    def positions(self, codes: Iterable[str], what: str) -> np.ndarray:
        """Where ``codes`` stand among the areas, sorted; refuses those that do not."""
        wanted = list(dict.fromkeys(codes))
        at = self.codes.get_indexer(pd.Index(wanted, dtype=object))
        if (at < 0).any():
            unknown = wanted[int(np.argmin(at))]
            raise ValueError(
                f"{lsoas(int((at < 0).sum()))} of the {what} ({unknown} first) not among the areas. Choose others."
            )
        return np.sort(at)

    def touching(self, at: np.ndarray) -> np.ndarray:
        """Whether each area is one of ``at`` or next to one."""
        reached = np.zeros(len(self.codes), dtype=bool)
        reached[at] = True
        reached[joined(self.next_to, at)] = True
        return reached


@dataclass(frozen=True)
class RingRule:
    """How far the ring reaches, in steps from LSOA to neighbouring LSOA or in metres to a point inside each, and how much of
    that, next to the target, is a gap against contamination that belongs to neither.
    """

    reach: float = 1
    gap: float = 0
    in_metres: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.gap < self.reach < np.inf:
            unit = "m" if self.in_metres else "LSOAs"
            raise ValueError(
                f"The ring reaches {self.reach:g} {unit} and its gap {self.gap:g}. Give a ring that is wider than its gap."
            )

    @property
    def label(self) -> str:
        """In words: "next to the target", "within 1,000 m of the target, beyond 200 m"."""
        if self.in_metres:
            within = f"within {number(round(self.reach))} m of the target"
            return f"{within}, beyond {number(round(self.gap))} m" if self.gap else within
        if self.reach == 1:
            return "next to the target"
        first = f"{self.gap + 1:g} to " if self.gap + 1 < self.reach else ""
        return f"{first}{self.reach:g} LSOAs from the target"


@dataclass(frozen=True)
class Ring:
    """The LSOAs around a target, those of the gap between, and how it was made, in words."""

    codes: tuple[str, ...]
    gap: tuple[str, ...] = ()
    label: str = ""


@dataclass(frozen=True)
class Match:
    """Controls suggested for a target or a ring.

    ``codes`` in the order of the areas; ``weight`` how many times the target's size they are; ``wanted`` and ``found`` how
    many; ``balance`` per measure: target, controls, all areas, and how many of all lack it; ``nearest`` those nearest in count
    for the LSOAs that nothing matches, to be taken by hand or not; ``reading`` what could not be matched, else empty.
    """

    codes: tuple[str, ...]
    weight: float
    wanted: int
    found: int
    balance: pd.DataFrame
    nearest: tuple[str, ...]
    reading: str


@dataclass(frozen=True)
class Candidates:
    """What matching looks at, in the order of the areas: counts before and after, and features in standard deviations.

    ``known``: has a count in every month of both windows.
    """

    before: np.ndarray
    after: np.ndarray
    known: np.ndarray
    features: np.ndarray
    measures: pd.DataFrame

    def choose(self, at: np.ndarray, level: np.ndarray, free: np.ndarray, each: int) -> tuple[np.ndarray, np.ndarray]:
        """Controls (positions) for areas ``at`` with these counts before, and how many each found; the busiest chooses first."""
        free = free & self.known
        found = np.zeros(len(at), dtype=int)
        chosen = []
        for i in np.argsort(-level, kind="stable"):
            alike = np.flatnonzero(free & (np.abs(self.before - level[i]) <= ALIKE * level[i]))
            if len(alike) > each:
                # one that is not known counts as for two areas picked by chance
                apart = np.nan_to_num((self.features[alike] - self.features[at[i]]) ** 2, nan=2.0).sum(axis=1)
                alike = alike[np.argsort(apart, kind="stable")[:each]]
            free[alike] = False
            found[i] = len(alike)
            chosen.append(alike)
        return np.sort(np.concatenate(chosen)), found

    def nearest(self, level: np.ndarray, free: np.ndarray, each: int) -> np.ndarray:
        """For each level the ``each`` free areas (positions) whose count before is nearest, alike or not."""
        left, chosen = np.flatnonzero(free & self.known), []
        for one in -np.sort(-level):
            order = np.argsort(np.abs(self.before[left] - one), kind="stable")
            chosen.append(left[order[:each]])
            left = left[np.sort(order[each:])]
        return np.sort(np.concatenate([*chosen, left[:0]]))


def geography(areas: gpd.GeoDataFrame, graph: Graph | None = None) -> Geography:
    """The geography of the areas; neighbours as of ``significance.neighbours`` unless a graph of the same areas is given."""
    codes = labels(areas)
    linked = graph or neighbours(areas)
    adjacency = linked.adjacency[linked.adjacency != 0]
    focal, other = (codes.get_indexer(adjacency.index.get_level_values(name)) for name in ("focal", "neighbor"))
    two = focal != other
    shapes = in_metres(areas).to_numpy()
    inside = shapely.point_on_surface(shapes)
    return Geography(codes, shapes, inside, tuple(_lists(focal[two], other[two], len(codes))), _described(areas, codes))


def ring_around(
    target: Collection[str],
    places: Geography,
    rule: RingRule | None = None,
    *,
    others: Collection[str] = (),
    shape: shapely.Geometry | None = None,
) -> Ring:
    """The ring around a target.

    Parameters
    ----------
    target
        LSOA codes; for a drawn shape those that it touches.
    rule
        How far it reaches; without one, the LSOAs next to the target.
    others
        Codes of other targets, which no ring may hold.
    shape
        The drawn shape in EPSG:27700: metres are then measured from it.

    Raises
    ------
    ValueError
        In words: no target, one that covers everything, an empty ring, codes that are not among the areas.
    """
    rule = rule or RingRule()
    at = target_positions(target, places)
    near, gap = (joined(reached, at) for reached in reaches(places, rule))
    if shape is not None and rule.in_metres:
        away = shapely.distance(places.points, shape)
        near, gap = np.flatnonzero(away <= rule.reach), np.flatnonzero((away <= rule.gap) & (rule.gap > 0))
    taken = np.union1d(at, places.positions(others, "other targets"))
    between = np.setdiff1d(gap, taken)
    ring = np.setdiff1d(np.setdiff1d(near, gap), taken)
    if not len(ring):
        raise ValueError(
            f"The ring is empty: no LSOA {rule.label} is free of targets. Choose a wider ring or a smaller gap."
        )
    return Ring(tuple(places.codes[ring]), tuple(places.codes[between]), rule.label)


def reaches(places: Geography, rule: RingRule) -> tuple[tuple[np.ndarray, ...], tuple[np.ndarray, ...]]:
    """For each area the positions that a ring around it reaches, and those of its gap."""
    return _reach(places, rule.reach, rule.in_metres), _reach(places, rule.gap, rule.in_metres)


def candidates(monthly: pd.DataFrame, places: Geography, windows: BeforeAfter) -> Candidates:
    """What there is to match by: counts, the trend of the before months, deprivation, urban or rural, residents.

    Raises
    ------
    ValueError
        A month of the windows that ``monthly`` does not hold.
    """
    lacking = [m for m in windows.months if m not in monthly.columns]
    if lacking:
        raise ValueError(
            f"The counts do not hold {lacking[0]}, a month of the windows. Give the counts of all their months."
        )
    table = monthly.reindex(places.codes)
    first = table[list(windows.before)].to_numpy(dtype="float64")
    before = first.sum(axis=1)
    after = table[list(windows.after)].to_numpy(dtype="float64").sum(axis=1)
    measures = places.known.assign(**{"count before": before, "trend before": _trend(first)})
    compared = measures.drop(columns="count before")
    features = (compared - compared.mean()) / compared.std(ddof=0).replace(0, 1)
    return Candidates(before, after, ~np.isnan(before + after), features.to_numpy(), measures)


def suggest_controls(
    group: Collection[str],
    places: Geography,
    among: Candidates,
    *,
    apart_from: Collection[str] = (),
    not_these: Collection[str] = (),
    each: int = CONTROLS_EACH,
    drawn_before: float | None = None,
) -> Match:
    """Untreated LSOAs to compare a target or a ring with.

    For each LSOA of the group, ``each`` others whose count before is within 20 % of its own and that are nearest to it in
    the trend of the before months, deprivation, urban or rural, and residents: squared differences in standard deviations,
    2 where one is not known. The busiest chooses first; none is chosen twice.

    Parameters
    ----------
    group
        LSOA codes of the target or the ring.
    among
        From ``candidates``.
    apart_from
        Codes (target, ring, gap, other targets) that no control may be or touch; the group is among them.
    not_these
        Codes that no control may be: the controls already taken.
    drawn_before
        Count before of a drawn target.

    References
    ----------
    Rosenbaum & Rubin 1985, Constructing a control group using multivariate matched sampling methods, American Statistician 39.
    """
    if each < 1:
        raise ValueError(f"The number of controls for each LSOA is {each}. Give 1 or more.")
    at = target_positions(group, places)
    level = among.before[at] if drawn_before is None else np.full(len(at), drawn_before / len(at))
    if np.isnan(level).any():
        missing = places.codes[at[np.isnan(level)][0]]
        raise ValueError(
            f"{missing} lacks a month of the before window, so that nothing can match it. Choose other months."
        )
    free = among.known & ~places.touching(np.union1d(at, places.positions(apart_from, "areas to keep away from")))
    free[places.positions(not_these, "controls already taken")] = False
    chosen, found = among.choose(at, level, free, each)
    free[chosen] = False
    nearest = among.nearest(level[found == 0], free, each)
    return Match(
        tuple(places.codes[chosen]),
        size_weight(among.before[chosen].sum(), level.sum(), len(chosen), len(at)),
        each * len(at),
        len(chosen),
        _balance(among.measures, at, chosen, level),
        tuple(places.codes[nearest]),
        _match_reading(level, found, each, among.before[nearest]),
    )


def size_weight(control_before: float, before: float, controls: int, lsoas_compared: int) -> float:
    """How many times a group's size its controls are: by their counts before, by their number where either had none."""
    return control_before / before if control_before and before else controls / lsoas_compared


def target_positions(target: Collection[str], places: Geography) -> np.ndarray:
    """Where a target's LSOAs stand among the areas; refuses none, and all."""
    at = places.positions(target, "target")
    if not len(at):
        raise ValueError("The target holds no LSOA. Choose at least one.")
    if len(at) == len(places.codes):
        raise ValueError(
            f"The target covers all {number(len(at))} areas: nothing is left to compare it with. Choose a smaller one."
        )
    return at


def _reach(places: Geography, far: float, metres: bool) -> tuple[np.ndarray, ...]:
    n = len(places.codes)
    if metres:
        if not far:
            return tuple(np.empty(0, dtype=int) for _ in range(n))
        area, point = shapely.STRtree(places.points).query(places.shapes, predicate="dwithin", distance=far)
        return tuple(_lists(area, point, n))
    reached = [np.empty(0, dtype=int)] * n
    for _ in range(int(far)):
        reached = [np.union1d(row, joined(places.next_to, np.append(row, i))) for i, row in enumerate(reached)]
    return tuple(reached)


def joined(lists: tuple[np.ndarray, ...], at: np.ndarray) -> np.ndarray:
    """All that the lists of these areas hold, sorted, once."""
    return np.unique(np.concatenate([lists[i] for i in at])) if len(at) else np.empty(0, dtype=int)


def _lists(focal: np.ndarray, other: np.ndarray, n: int) -> list[np.ndarray]:
    """The ``other`` of each ``focal``, in order."""
    order = np.lexsort((other, focal))
    return np.split(other[order], np.searchsorted(focal[order], np.arange(1, n)))


def _described(areas: gpd.GeoDataFrame, codes: pd.Index) -> pd.DataFrame:
    """What is known of the areas, NaN where it is not."""
    said = areas.set_axis(codes).reindex(columns=["imd_score", "rural_urban", "residents"])
    kind = said["rural_urban"].astype(object)
    return pd.DataFrame(
        {
            "deprivation score": said["imd_score"].astype("float64"),
            "urban": kind.map(lambda name: float(name.startswith("Urban")), na_action="ignore").astype("float64"),
            "residents": said["residents"].astype("float64"),
        }
    )


def _trend(table: np.ndarray) -> np.ndarray:
    """Least squares slope per month over the mean, 0 where there is nothing."""
    steps = np.arange(table.shape[1]) - (table.shape[1] - 1) / 2
    mean = table.mean(axis=1)
    return (table @ steps) / (steps @ steps) / np.where(mean > 0, mean, 1)


def _balance(measures: pd.DataFrame, at: np.ndarray, chosen: np.ndarray, level: np.ndarray) -> pd.DataFrame:
    """Means over the LSOAs of the group, of its controls and of all."""
    group = measures.iloc[at].assign(**{"count before": level})
    return pd.DataFrame(
        {
            "target": group.mean(),
            "controls": measures.iloc[chosen].mean(),
            "all areas": measures.mean(),
            "not known": measures.isna().sum(),
        }
    )


def _match_reading(level: np.ndarray, found: np.ndarray, each: int, nearest: np.ndarray) -> str:
    if (found == each).all():
        return ""
    alone = level[found == 0]
    if not len(alone):
        wanted = number(each * len(level))
        return f"{number(int(found.sum()))} of {wanted} controls wanted had counts before within {100 * ALIKE:.0f} %"
    many = f"{lsoas(len(alone))} of {number(len(level))}" if len(level) > 1 else "the LSOA"
    said = f"nothing untreated is within {100 * ALIKE:.0f} % of {many}, with {_range(alone)} before"
    return f"{said}; the nearest had {_range(nearest)}" if len(nearest) else said


def _range(counts: np.ndarray) -> str:
    low, high = number(round(counts.min())), number(round(counts.max()))
    return low if low == high else f"{low} to {high}"
