"""The map points that incidents are snapped to: streets, car parks, a police station, the seafront."""

from typing import Final

import numpy as np
import pandas as pd
import shapely

from sample_data import names
from sample_data.geography import ORIGIN, County, Floats, Ints, to_degrees

# Kind of point: how often it is one of an LSOA's points in town and country, and which crime types it draws.
KINDS: Final[dict[str, tuple[float, float, dict[str, float]]]] = {
    "Parking Area": (0.60, 0.35, {"Vehicle crime": 3.0, "Anti-social behaviour": 1.6}),
    "Supermarket": (0.20, 0.05, {"Shoplifting": 60.0, "Anti-social behaviour": 1.8, "Public order": 1.8}),
    "Shopping Area": (0.14, 0.02, {"Shoplifting": 40.0, "Theft from the person": 5.0, "Other theft": 2.5}),
    "Petrol Station": (0.12, 0.10, {"Shoplifting": 14.0, "Other theft": 6.0}),
    "Sports/Recreation Area": (0.30, 0.30, {"Anti-social behaviour": 2.0}),
    "Park/Open Space": (0.30, 0.15, {"Anti-social behaviour": 2.4, "Drugs": 1.6}),
    "Further/Higher Educational Building": (0.05, 0.01, {"Bicycle theft": 6.0, "Other theft": 1.5}),
}
CENTRE_KINDS: Final[dict[str, dict[str, float]]] = {
    "Nightclub": {"Violence and sexual offences": 4.0, "Robbery": 4.0, "Theft from the person": 9.0,
                  "Public order": 3.0, "Drugs": 3.0, "Anti-social behaviour": 1.6},
    "Theatre/Concert Hall": {"Theft from the person": 3.0, "Bicycle theft": 3.0},
    "Bus/Coach Station": {"Anti-social behaviour": 3.0, "Public order": 2.0, "Violence and sexual offences": 1.4},
    "Shopping Area": {"Shoplifting": 40.0, "Theft from the person": 5.0, "Other theft": 2.5},
}  # fmt: skip
VERTEX_SHARE = 0.016  # of the points: exactly on a corner of the boundaries
ACROSS_SHARE = 0.06  # of the points: just over the boundary, so that recorded and drawn codes disagree
SLIVER_METRES = 1.8


def map_points(county: County, central: Floats, settled: set[int], rng: np.random.Generator) -> pd.DataFrame:
    """All map points: lsoa (row of the LSOA that the police record), kind, location, base weight, x, y.

    Points of the LSOAs in ``settled`` and of their neighbours never leave them, so that what is planted there
    can be counted exactly.
    """
    rows = []
    for i, polygon in enumerate(county.polygons):
        town = county.lsoas["settlement"].iloc[i] != ""
        kinds = [k for k, (urban, rural, _) in KINDS.items() if rng.random() < (urban if town else rural)]
        if central[i] > 1.9:
            kinds += list(CENTRE_KINDS)
        streets = int(np.clip(rng.poisson(15 + 4 * max(0.0, central[i])), 5, 45))
        kinds += ["street"] * streets
        xy = _inside(polygon, len(kinds), rng)
        name = [names.street_name(rng, town) for _ in range(max(3, round(0.85 * streets)))]
        for kind, (x, y) in zip(kinds, xy, strict=True):
            place = name[rng.integers(len(name))] if kind == "street" else kind
            rows.append((i, kind, f"On or near {place}", x, y))
    points = pd.DataFrame(rows, columns=["lsoa", "kind", "location", "x", "y"])
    points["weight"] = rng.lognormal(0, 0.92, len(points))
    return _unsettle(points, county, settled, rng)


def _inside(polygon: shapely.Polygon, number: int, rng: np.random.Generator) -> Floats:
    """Points in the polygon, denser towards its middle."""
    middle = np.array(shapely.point_on_surface(polygon).coords[0])
    spread = 0.33 * np.sqrt(shapely.area(polygon))
    xy = middle + rng.normal(0, spread, (40 * number + 40, 2))
    found = xy[shapely.contains_xy(polygon, xy)]
    return np.vstack([found, np.repeat(middle[None], number, axis=0)])[:number]


def _unsettle(points: pd.DataFrame, county: County, settled: set[int], rng: np.random.Generator) -> pd.DataFrame:
    """Move some street points onto a corner of the boundaries, and some over the boundary into the next LSOA."""
    tree = shapely.STRtree(county.polygons)
    street = np.flatnonzero(points["kind"] == "street")
    chosen = rng.permutation(street)[: round((VERTEX_SHARE + ACROSS_SHARE) * len(points))]
    for k, at in enumerate(chosen):
        polygon = county.polygons[points["lsoa"].iloc[at]]
        if k < VERTEX_SHARE * len(points):
            corners = np.array(polygon.exterior.coords)
            xy = corners[rng.integers(len(corners))]
        else:
            edge = polygon.exterior.interpolate(rng.random(), normalized=True)
            xy = np.array(edge.coords[0]) + rng.uniform(-25, 25, 2)
        touched = {int(points["lsoa"].iloc[at])} | set(
            tree.query(shapely.buffer(shapely.Point(xy), 2.0), predicate="intersects").tolist()
        )
        if not touched & settled and shapely.distance(county.outline.exterior, shapely.Point(xy)) > 60:
            points.loc[at, ["x", "y"]] = xy
    return points


def seafront(county: County, towns: tuple[str, ...], each: int, rng: np.random.Generator) -> pd.DataFrame:
    """Promenade points a few metres seaward of the coast, within 25 m, and a pier head that is farther out."""
    rows = []
    for town in towns:
        lsoas = np.flatnonzero(county.lsoas["settlement"] == town)
        coast = lsoas[shapely.distance(county.polygons[lsoas], county.outline.exterior) == 0]
        for n in range(each + (town == towns[0])):
            pier = n == each
            while True:
                i = int(coast[rng.integers(len(coast))])
                shore = shapely.intersection(county.polygons[i].exterior, county.outline.exterior)
                if shapely.length(shore) < 50:
                    continue
                spot = shapely.point_on_surface(shore) if pier else _along(shore, rng)
                angle = rng.uniform(0, 2 * np.pi)
                away = 70.0 if pier else rng.uniform(4, 18)
                xy = np.array(spot.coords[0]) + away * np.array([np.cos(angle), np.sin(angle)])
                apart = shapely.distance(shapely.Point(xy), county.polygons)
                first, second = np.sort(apart)[:2]
                if (first > 45) if pier else (apart[i] == first and 2 < first < 20 and second > first + 1):
                    break
            place = "Pier" if pier else ("Marine Parade", "Promenade", "Beach Road", "South Parade")[n % 4]
            rows.append((i, "pier" if pier else "seafront", f"On or near {place}", *xy, 0.8 if pier else 0.9))
    return pd.DataFrame(rows, columns=["lsoa", "kind", "location", "x", "y", "weight"])


def _along(line: shapely.Geometry, rng: np.random.Generator) -> shapely.Point:
    parts = shapely.get_parts(line)
    longest = parts[int(np.argmax(shapely.length(parts)))]
    return longest.interpolate(rng.random(), normalized=True)


def cut_slivers(county: County, lsoas: list[int]) -> tuple[County, pd.DataFrame]:
    """Open a gap of under two metres beside each LSOA, as files drawn by different tools have, with a point in it.

    The two corners of the gap stay shared, so the polygons remain a coverage without overlaps.
    """
    polygons, rows = county.polygons.copy(), []
    for i in lsoas:
        ring = np.array(shapely.orient_polygons(polygons[i]).exterior.coords)
        length = np.hypot(*np.diff(ring, axis=0).T)
        at = int(np.argmax(np.where(length < 150, length, 0)))
        a, b = ring[at], ring[at + 1]
        inward = np.array([a[1] - b[1], b[0] - a[0]]) / length[at]
        middle = (a + b) / 2
        dent = np.round(middle + SLIVER_METRES * inward, 1)
        polygons[i] = shapely.Polygon(np.insert(ring, at + 1, dent, axis=0))
        rows.append((i, "sliver", "On or near Minster Row", *(middle + 0.8 * SLIVER_METRES * inward), 2.5))
    points = pd.DataFrame(rows, columns=["lsoa", "kind", "location", "x", "y", "weight"])
    return County(county.lsoas, polygons, county.outline), points


def published_points(points: pd.DataFrame) -> pd.DataFrame:
    """The points with their longitude and latitude as published, sorted by LSOA."""
    degrees = to_degrees(points[["x", "y"]].to_numpy())
    points = points.assign(longitude=degrees[:, 0], latitude=degrees[:, 1], share=points["share"].fillna(0.0))
    return points.sort_values(["lsoa", "location", "longitude", "latitude"]).reset_index(drop=True)


def pulls(points: pd.DataFrame, crime_type: str, swallowed: bool) -> Floats:
    """How strongly each point draws incidents of a crime type.

    Where ``swallowed``, a point with a stated share draws that share of its LSOA's incidents.
    """
    of_kind = {kind: draws.get(crime_type, 1.0) for kind, (_, _, draws) in KINDS.items()}
    of_kind |= {kind: draws.get(crime_type, 1.0) for kind, draws in CENTRE_KINDS.items()}
    pull = points["weight"] * points["kind"].map(of_kind).fillna(1.0)
    if swallowed:
        others = pull.where(points["share"] == 0, 0).groupby(points["lsoa"]).transform("sum")
        pull = pull.where(points["share"] == 0, points["share"] / (1 - points["share"]) * others)
    return pull.to_numpy()


def beyond_the_border(county: County, number: int, rng: np.random.Generator) -> Floats:
    """Points in the county next door, west and south of the land border, from 60 m to some kilometres out."""
    xy = ORIGIN + rng.uniform([-7_000, -7_000], [60_000, 44_000], (80 * number, 2))
    local = xy - ORIGIN
    landward = (local[:, 0] < 10_000) | (local[:, 1] < 6_000)
    apart = shapely.distance(shapely.points(xy), county.outline)
    xy = xy[landward & (apart > 60) & (apart < rng.exponential(3_000, len(xy)) + 60)]
    return to_degrees(xy[:number])


def neighbours(polygons: np.ndarray, lsoas: set[int]) -> set[int]:
    """LSOAs that touch any of the given ones, without them."""
    tree = shapely.STRtree(polygons)
    found: Ints = tree.query(polygons[sorted(lsoas)], predicate="dwithin", distance=2.0)[1]
    return set(found.tolist()) - lsoas
