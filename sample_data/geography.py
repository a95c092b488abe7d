"""The land of the county: coast, towns and villages, and the polygons of its LSOAs."""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import Transformer
from scipy.spatial import Voronoi, cKDTree

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# South-west corner of the county on the British National Grid, in metres: open sea.
ORIGIN = np.array([566_000.0, 374_000.0])
LSOAS = 550
SEEDS_PER_LSOA = 7

# The outline in kilometres from the corner, anticlockwise from the south-west: land border, coast, estuary, coast.
_SOUTH_BORDER = [(4, 6), (14, 2), (26, 5), (40, 1), (52, 4), (61, 2.5)]
_EAST_COAST = [(64.5, 6), (67, 11), (68.8, 16), (70.2, 21.3), (69.3, 20.4)]
_ESTUARY = [(66.5, 20.3), (63.4, 21.6), (60, 20.9), (57, 22.6), (53, 23.3), (50, 25.6), (47.6, 25.4), (50.2, 26.5),
            (53.4, 25.2), (56, 25.9), (57.4, 24.7), (61.5, 24.4), (62.4, 26.8), (63.4, 24.2), (66.4, 23.3)]  # fmt: skip
_NORTH_COAST = [(69.6, 23.4), (72, 29), (73.5, 35), (70, 41), (65.5, 46), (63, 44.6), (62.5, 47), (56, 48.6),
                (49, 47.2), (44, 49.2), (36, 50.4), (30, 48.6), (28.6, 45.2), (26.6, 49), (20, 46.6), (14, 48.5),
                (8, 45)]  # fmt: skip
_WEST_BORDER = [(6, 38), (9, 30), (3, 22), (6, 14)]


class Settlement(NamedTuple):
    """A town: centre and radius in kilometres, its number of LSOAs, how deprived it is (0 as the county)."""

    name: str
    x: float
    y: float
    lsoas: int
    radius: float
    deprivation: float


SETTLEMENTS = (
    Settlement("Wendminster", 38.0, 25.5, 86, 4.6, 0.25),
    Settlement("Sallowmouth", 66.3, 17.0, 62, 3.7, 0.70),
    Settlement("Haverstow", 13.0, 33.0, 36, 2.8, 0.5),
    Settlement("Quillbury", 43.0, 9.5, 24, 2.5, 0.1),
    Settlement("Merehaven", 44.0, 46.8, 16, 2.0, 0.3),
    Settlement("Dunnowby", 16.5, 12.5, 17, 2.1, 0.35),
    Settlement("Market Orsby", 28.5, 39.0, 13, 1.7, -0.1),
    Settlement("Wexmere", 60.0, 37.0, 12, 1.7, -0.3),
    Settlement("Sandlewick", 71.0, 33.5, 11, 1.6, 0.6),
    Settlement("Kettlestow", 27.0, 20.5, 9, 1.4, -0.35),
    Settlement("Ravelstow", 54.5, 15.0, 9, 1.4, -0.4),
)


@dataclass(frozen=True)
class County:
    """The land: one row per LSOA, sorted by code, and their polygons on the British National Grid, in metres.

    ``lsoas`` has code, name, ward and district with their codes, place (the name people use), settlement
    ("" in the countryside), x, y (centre, metres), distance (from the settlement's centre, in its radii).
    """

    lsoas: pd.DataFrame
    polygons: npt.NDArray[np.object_]
    outline: shapely.Polygon


# The seven-parameter formula is named outright, so that an installed grid file cannot change the output.
_TO_DEGREES: Final = Transformer.from_pipeline(
    "+proj=pipeline +step +inv +proj=tmerc +lat_0=49 +lon_0=-2 +k=0.9996012717 +x_0=400000 +y_0=-100000 "
    "+ellps=airy +step +proj=push +v_3 +step +proj=cart +ellps=airy +step +proj=helmert +x=446.448 "
    "+y=-125.157 +z=542.06 +rx=0.15 +ry=0.247 +rz=0.842 +s=-20.489 +convention=position_vector "
    "+step +inv +proj=cart +ellps=WGS84 +step +proj=pop +v_3 +step +proj=unitconvert +xy_in=rad +xy_out=deg"
)


def to_degrees(xy: Floats) -> Floats:
    """Eastings and northings to longitudes and latitudes, rounded to the six decimals that are published."""
    longitude, latitude = _TO_DEGREES.transform(xy[:, 0], xy[:, 1])
    return np.round(np.column_stack([longitude, latitude]), 6)


def to_metres(degrees: Floats) -> Floats:
    """Longitudes and latitudes to eastings and northings."""
    return np.column_stack(_TO_DEGREES.transform(degrees[:, 0], degrees[:, 1], direction="INVERSE"))


class Land(NamedTuple):
    """What was drawn before anything has a name: polygons, centres (metres), settlement numbers (-1: none)."""

    polygons: npt.NDArray[np.object_]
    centre: Floats
    settlement: Ints
    outline: shapely.Polygon


def draw_land(rng: np.random.Generator) -> Land:
    """Draw coast, towns and villages, then LSOAs grown around them as a valid coverage."""
    outline = _outline(rng)
    seeds, groups = _seeds(outline, rng)
    label = _cluster(seeds, groups)
    polygons = _polygons(seeds, label, outline, rng)
    centre = np.column_stack([np.bincount(label, seeds[:, i]) for i in (0, 1)]) / np.bincount(label)[:, None]
    settlement = groups[np.unique(label, return_index=True)[1]]
    return Land(polygons, centre, settlement, outline)


def _fractal(a: Floats, b: Floats, step: float, roughness: float, rng: np.random.Generator) -> Floats:
    """Points from a to b (without b) by midpoint displacement, until steps are shorter than ``step`` metres."""
    length = float(np.hypot(*(b - a)))
    if length < step:
        return a[None, :]
    across = np.array([a[1] - b[1], b[0] - a[0]])
    middle = (a + b) / 2 + across * roughness * np.clip(rng.normal(), -1.8, 1.8)
    return np.vstack([_fractal(a, middle, step, roughness, rng), _fractal(middle, b, step, roughness, rng)])


def _outline(rng: np.random.Generator) -> shapely.Polygon:
    coast: list[tuple[tuple[float, float], float]] = [(p, 0.10) for p in _SOUTH_BORDER]
    coast += [(p, 0.07) for p in _EAST_COAST] + [(p, 0.04) for p in _ESTUARY]
    coast += [(p, 0.12) for p in _NORTH_COAST] + [(p, 0.11) for p in _WEST_BORDER]
    corners = ORIGIN + 1000 * np.array([p for p, _ in coast])
    parts = [_fractal(corners[i], corners[(i + 1) % len(corners)], 220, coast[i][1], rng) for i in range(len(corners))]
    return shapely.Polygon(np.round(np.vstack(parts), 1))


def _seeds(outline: shapely.Polygon, rng: np.random.Generator) -> tuple[Floats, Ints]:
    """Small places to live, dense in towns and villages; the settlement's number of each, -1 in the country."""
    points, groups = [], []
    shapely.prepare(outline)

    def keep(xy: Floats, number: int, group: int) -> None:
        inside = xy[shapely.contains_xy(outline, xy)][:number]
        points.append(inside)
        groups.append(np.full(len(inside), group))

    for i, town in enumerate(SETTLEMENTS):
        wanted = town.lsoas * SEEDS_PER_LSOA
        angle, wobble = rng.uniform(0, 2 * np.pi, 6 * wanted), rng.uniform(0, 2 * np.pi, 3)
        # Towns grow along their roads: the radius varies with the direction.
        reach = 1 + 0.16 * np.cos(3 * angle + wobble[0]) + 0.10 * np.cos(5 * angle + wobble[1])
        radius = 1000 * town.radius * reach * rng.random(6 * wanted) ** 0.75
        centre = ORIGIN + 1000 * np.array([town.x, town.y])
        keep(centre + np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]), wanted, i)

    centres = ORIGIN + 1000 * np.array([[t.x, t.y] for t in SETTLEMENTS])
    reach_of = 1000 * np.array([t.radius for t in SETTLEMENTS])

    def countryside(number: int) -> Floats:
        xy = ORIGIN + rng.random((6 * number, 2)) * [75_000, 53_000]
        away = (np.hypot(*(xy[:, None] - centres).transpose(2, 0, 1)) > 1.25 * reach_of).all(axis=1)
        return xy[away & shapely.contains_xy(outline, xy)][:number]

    wanted = LSOAS * SEEDS_PER_LSOA - sum(map(len, points))
    villages = countryside(150)
    size = rng.lognormal(0, 0.7, len(villages))
    at = rng.choice(len(villages), size=wanted, p=size / size.sum())
    near = villages[at] + rng.normal(0, 380, (wanted, 2)) * np.sqrt(size[at])[:, None]
    open_land = countryside(wanted)
    both = np.where((rng.random(wanted) < 0.62)[:, None], near, open_land)
    outside = ~shapely.contains_xy(outline, both)
    both[outside] = open_land[outside]
    keep(both, wanted, -1)
    return np.round(np.vstack(points), 1), np.concatenate(groups)


def _kmeans(points: Floats, k: int, rounds: int = 12) -> Ints:
    """Cluster number of each point: Lloyd's algorithm, started from points spread over the list."""
    order = np.lexsort((points[:, 0], points[:, 1]))
    centres = points[order[np.linspace(0, len(points) - 1, k).astype(int)]]
    for _ in range(rounds):
        label = cKDTree(centres).query(points)[1].astype(np.int64)
        size = np.bincount(label, minlength=k)
        total = np.column_stack([np.bincount(label, points[:, i], k) for i in (0, 1)])
        centres = np.where(size[:, None] > 0, total / np.maximum(size, 1)[:, None], centres)
    return cKDTree(centres).query(points)[1].astype(np.int64)


def _cluster(seeds: Floats, groups: Ints) -> Ints:
    """LSOA number of each seed: so many clusters in each town, the rest over the countryside."""
    label, first = np.empty(len(seeds), dtype=np.int64), 0
    for i in range(-1, len(SETTLEMENTS)):
        inside = groups == i
        k = SETTLEMENTS[i].lsoas if i >= 0 else LSOAS - sum(t.lsoas for t in SETTLEMENTS)
        numbers = np.unique(_kmeans(seeds[inside], k), return_inverse=True)[1]
        label[inside] = first + numbers
        first = int(label[inside].max()) + 1
    return label


def _ridge(a: Floats, b: Floats, p: Floats, q: Floats, step: float, rng: np.random.Generator) -> shapely.LineString:
    """The edge a-b between the seeds p and q, made crooked but kept inside the kite a-p-b-q, so none cross."""
    length = float(np.hypot(*(b - a)))
    if length < step:
        return shapely.LineString([a, b])
    along = (b - a) / length
    across = np.array([-along[1], along[0]])
    height = min(abs((p - a) @ across), abs((q - a) @ across))
    line = _fractal(np.array([0.0, 0.0]), np.array([length, 0.0]), step, 0.16, rng)[1:]
    t = np.clip(line[:, 0] / length, 0.02, 0.98)
    t = np.sort(t)
    limit = 0.45 * height * np.minimum(t, 1 - t)
    offset = np.clip(line[:, 1], -limit, limit)
    middle = a + np.outer(t * length, along) + np.outer(offset, across)
    return shapely.LineString(np.vstack([a, np.round(middle, 1), b]))


def _polygons(
    seeds: Floats, label: Ints, outline: shapely.Polygon, rng: np.random.Generator
) -> npt.NDArray[np.object_]:
    """One polygon per label: Voronoi cells of the seeds, merged; edges crooked; one coverage of the outline."""
    angle = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    far = ORIGIN + [37_000, 26_000] + 250_000 * np.column_stack([np.cos(angle), np.sin(angle)])
    cells = Voronoi(np.vstack([seeds, far]))
    corners = np.round(cells.vertices, 1)
    lines = []
    for (i, j), (a, b) in zip(cells.ridge_points, cells.ridge_vertices, strict=True):
        if a < 0 or max(i, j) >= len(seeds) or label[i] == label[j]:
            continue
        apart = float(np.hypot(*(seeds[i] - seeds[j])))
        lines.append(_ridge(corners[a], corners[b], seeds[i], seeds[j], max(60.0, apart / 4), rng))
    noded = shapely.union_all([*lines, outline.exterior], grid_size=0.1)
    faces = np.array(shapely.get_parts(shapely.polygonize(shapely.get_parts(noded).tolist())))
    faces = faces[shapely.contains(outline.buffer(0.5), shapely.point_on_surface(faces))]

    # A face belongs to the label most of whose seeds it holds; crumbs cut off by the coast have none.
    tree = shapely.STRtree(faces)
    seed_of, face_of = tree.query(shapely.points(seeds), predicate="intersects")
    votes = np.zeros((len(faces), label.max() + 1), dtype=np.int64)
    np.add.at(votes, (face_of, label[seed_of]), 1)
    owner = np.where(votes.max(axis=1) > 0, votes.argmax(axis=1), -1)
    for number in range(label.max() + 1):
        parts = np.flatnonzero(owner == number)
        owner[parts[np.argsort(votes[parts, number])][:-1]] = -1
    while (owner < 0).any():
        for i in np.flatnonzero(owner < 0):
            beside = [j for j in tree.query(faces[i]) if owner[j] >= 0]
            shared = shapely.length(shapely.intersection(faces[i].boundary, shapely.boundary(faces[beside])))
            if len(beside) and shared.max() > 0:
                owner[i] = owner[beside[int(np.argmax(shared))]]
    merged = [shapely.coverage_union_all(faces[owner == n]) for n in range(label.max() + 1)]
    return np.array(shapely.orient_polygons(shapely.normalize(shapely.get_parts(merged))))
