"""Shapes that a user draws or uploads: checked, in metres, and how far anonymised points can tell what lies inside.

One rule counts: an incident is inside where its published point lies inside the shape or on its border. Shapes that
overlap both count it.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from geodata.columns import BRITISH_GRID, WGS84
from hotspots.narrative import counted, number, percent

MOST_CORNERS: Final = 10_000
MOST_RADIUS_M: Final = 50_000

# Fewer map points than this inside, and one more or less decides what is counted.
FEWEST_POINTS: Final = 10
# The map points in a shape and within this distance of it say how far apart they lie there.
AROUND_M: Final = 500

# Of all ground, that a shape may cover at most: the rest is for rounding along the coast.
_EVERYTHING: Final = 0.999
_WORTH_SAYING: Final = 0.01
# What lies where in England and Wales; used only to tell swapped coordinates.
_LONGITUDES, _LATITUDES = (-9.0, 3.0), (49.0, 61.0)


@dataclass(frozen=True)
class Shape:
    """``polygon``: valid, EPSG:27700, to the centimetre; ``lsoa_codes``: which it shares ground with; ``notes``: what
    was repaired and what lies outside the area, a sentence each.
    """

    polygon: shapely.Geometry
    lsoa_codes: tuple[str, ...]
    notes: tuple[str, ...] = ()


def circle(longitude: float, latitude: float, radius_m: float, areas: gpd.GeoDataFrame) -> Shape:
    """All within ``radius_m`` metres of a point in degrees.

    ``areas`` here and below: lsoa_code and geometry in EPSG:27700.

    Raises
    ------
    ValueError
        In words: a place or radius that is none, or (as below) a shape outside the area or one that covers it all.
    """
    if not 0 < radius_m <= MOST_RADIUS_M:
        raise ValueError(f"The radius is {radius_m:g} metres. Give more than 0 and at most {MOST_RADIUS_M:,}.")
    centre = _in_metres(np.array([shapely.Point(longitude, latitude)]))[0]
    return _placed(_to_centimetres(centre.buffer(radius_m)), areas)


def drawn(corners: Sequence[Sequence[float]], areas: gpd.GeoDataFrame) -> Shape:
    """The polygon of a ring of corners, each (longitude, latitude) in degrees, closed or not.

    Raises
    ------
    ValueError
        In words: fewer than 3 corners or more than 10,000, a corner that is no pair of numbers, swapped coordinates, sides
        that cross, no inside, outside the area, or all of it.
    """
    if len(corners) > MOST_CORNERS:
        raise ValueError(_too_many(len(corners)))
    try:
        pairs = np.array([(float(x), float(y)) for x, y in corners]).reshape(-1, 2)
    except (TypeError, ValueError):
        raise ValueError("A corner of the shape is not a longitude and a latitude. Draw it again.") from None
    _check_finite(pairs)
    if len(np.unique(pairs, axis=0)) < 3:
        raise ValueError("The shape has fewer than 3 different corners. Add corners until it encloses something.")
    return uploaded(gpd.GeoSeries([shapely.Polygon(pairs)], crs=WGS84), areas)


def uploaded(polygons: gpd.GeoSeries, areas: gpd.GeoDataFrame) -> Shape:
    """All polygons together as one shape; they state a CRS, EPSG:4326 or EPSG:27700. Raises as ``drawn``."""
    shapes = shapely.force_2d(polygons[~(polygons.isna() | polygons.is_empty)].to_numpy())
    if not len(shapes):
        raise ValueError("The shape is empty. Draw or upload one that encloses something.")
    if any(kind not in ("Polygon", "MultiPolygon") for kind in (shape.geom_type for shape in shapes)):
        raise ValueError("The shape has points or lines where a polygon was expected. Give polygons.")
    corners = shapely.get_coordinates(shapes)
    if len(corners) > MOST_CORNERS + len(shapes):  # a closed ring says its first corner twice
        raise ValueError(_too_many(len(corners)))
    _check_finite(corners)
    if polygons.crs is not None and polygons.crs.is_geographic:
        if _within(corners[:, 0], _LATITUDES) and _within(corners[:, 1], _LONGITUDES):
            raise ValueError("The shape has latitude and longitude swapped. Give longitude first, then latitude.")
        shapes = _in_metres(shapes)
    mended = [_mended(_to_centimetres(shape)) for shape in shapes]
    notes = dict.fromkeys(note for _, note in mended if note)
    return _placed(shapely.union_all([shape for shape, _ in mended]), areas, tuple(notes))


def touched(polygon: shapely.Geometry, areas: gpd.GeoDataFrame) -> pd.Series:
    """Square metres that the polygon shares with each LSOA that it shares ground with, by lsoa_code.

    A centimetre along its border is rounding, not ground.
    """
    near = np.sort(areas.sindex.query(polygon, predicate="intersects"))
    shared = shapely.area(shapely.intersection(areas.geometry.to_numpy()[near], polygon))
    codes = pd.Index(areas["lsoa_code"].to_numpy()[near], name="lsoa_code")
    return pd.Series(shared, codes, name="shared_m2")[shared > 0.01 * polygon.length]


def inside(polygon: shapely.Geometry, incidents: pd.DataFrame) -> np.ndarray:
    """Which rows (longitude, latitude) lie inside the polygon (EPSG:27700) or on its border."""
    longitude, latitude = (incidents[name].to_numpy(dtype="float64") for name in ("longitude", "latitude"))
    west, south, east, north = _degrees_around(polygon)
    near = np.flatnonzero((longitude >= west) & (longitude <= east) & (latitude >= south) & (latitude <= north))
    shapely.prepare(polygon)
    found = np.zeros(len(incidents), dtype=bool)
    found[near[shapely.intersects_xy(polygon, *_grid(longitude[near], latitude[near]))]] = True
    return found


@dataclass(frozen=True)
class Snapping:
    """How much of what a shape counts lies so close to its border that it may have happened on the other side.

    ``distance_m``: what counts as close, None where there are too few points to tell; ``points`` and ``incidents`` inside,
    ``points_near`` and ``incidents_near`` those of them near the border, ``incidents_beyond`` those near it outside.
    """

    distance_m: float | None
    points: int
    incidents: int
    points_near: int
    incidents_near: int
    incidents_beyond: int

    @property
    def carries(self) -> bool:
        """Whether the shape is large enough for points that stand for their surroundings."""
        return self.distance_m is not None and self.points >= FEWEST_POINTS and 2 * self.points_near <= self.points

    @property
    def lines(self) -> list[str]:
        """In sentences, the warning first."""
        few = (
            f"This shape is smaller than anonymised points can carry: {counted(self.points, 'map point')} "
            f"{'lies' if self.points == 1 else 'lie'} inside"
            f"{f', {number(self.points_near)} of them near its border' if self.points else ''}. Take a larger shape, or whole LSOAs."
        )
        cut = (
            f"Of {counted(self.incidents, 'incident')} counted inside, {_share(self.incidents_near, self.incidents)} may have "
            f"happened outside, and {number(self.incidents_beyond)} counted outside may have happened inside: their map "
            f"points lie within {self.distance_m or 0:.0f} metres of the border ({number(self.points_near)} of "
            f"{counted(self.points, 'map point')} inside)."
        )
        return [*([] if self.carries else [few]), *([cut] if self.incidents else [])]


def _share(part: int, whole: int) -> str:
    per_cent = f" ({percent(part / whole)})" if part >= 20 else ""  # the whole is at least as large
    return f"{number(part)}{per_cent}"


def snapping(polygon: shapely.Geometry, incidents: pd.DataFrame, published: pd.DataFrame) -> Snapping:
    """How far anonymised points can tell what lies inside a shape.

    An incident is published at the nearest of about 750,000 map points. Were they spread evenly, each would stand for a
    square with its place in the middle, so that what happened lies up to about half the square's side away:
    ``sqrt(ground / points) / 2``, over the shape and 500 metres around it. That is what counts as close to the border.
    (In Norwich it is 52 metres; half of all places there lie within 47 metres of their nearest point.)

    Parameters
    ----------
    polygon
        EPSG:27700.
    incidents
        Those that are counted (longitude, latitude), inside and outside.
    published
        All published incidents of the same months, of whatever kind: where map points are known to be. (The list of points is
        renewed over the years, and those of many years together would look closer than they are.) Never an extract, whose
        points are not anonymised.

    References
    ----------
    data.police.uk, About, Location anonymisation: the nearest map point, whose catchment has eight or more postal
    addresses or none.
    """
    known, _ = _map_points(published, polygon)
    counted_at, count = _map_points(incidents, polygon)
    distance = math.sqrt(polygon.buffer(AROUND_M).area / len(known)) / 2 if len(known) else None
    points_in, points_near = _beside(known, polygon, distance)
    counted_in, counted_near = _beside(counted_at, polygon, distance)
    return Snapping(
        distance_m=distance,
        points=int(points_in.sum()),
        incidents=int(count[counted_in].sum()),
        points_near=int((points_in & points_near).sum()),
        incidents_near=int(count[counted_in & counted_near].sum()),
        incidents_beyond=int(count[~counted_in & counted_near].sum()),
    )


def _map_points(incidents: pd.DataFrame, polygon: shapely.Geometry) -> tuple[np.ndarray, np.ndarray]:
    """The distinct points in and within 500 m of the polygon, in metres (n x 2), and how many incidents each has."""
    around = polygon.buffer(AROUND_M)
    places = incidents.loc[inside(around, incidents), ["longitude", "latitude"]].to_numpy(dtype="float64")
    distinct, count = np.unique(places, axis=0, return_counts=True)
    return np.column_stack(_grid(distinct[:, 0], distinct[:, 1])), count


def _beside(points: np.ndarray, polygon: shapely.Geometry, distance: float | None) -> tuple[np.ndarray, np.ndarray]:
    """Which points lie in the polygon, and which within the distance of its border."""
    shown = shapely.points(points)
    near = shapely.distance(shown, polygon.boundary) <= (0 if distance is None else distance)
    return shapely.intersects(polygon, shown), near


def _placed(polygon: shapely.Geometry, areas: gpd.GeoDataFrame, notes: tuple[str, ...] = ()) -> Shape:
    shared = touched(polygon, areas)
    if shared.empty:
        raise ValueError("The shape lies outside the area of this dataset. Draw it where there are LSOAs.")
    if len(areas) > 1 and shared.sum() >= _EVERYTHING * areas.geometry.area.sum():
        raise ValueError("The shape covers the whole area, so that nothing is left to compare it with. Draw less.")
    outside = 1 - shared.sum() / polygon.area
    if outside >= _WORTH_SAYING:
        notes += (f"{percent(outside)} of the shape lies outside the area of this dataset, where nothing is counted.",)
    return Shape(polygon, tuple(sorted(shared.index)), notes)


def _mended(shape: shapely.Geometry) -> tuple[shapely.Geometry, str]:
    """The shape, valid, and what was repaired; sides that cross are the user's to put right."""
    if shape.is_empty or not shape.area:
        raise ValueError("The shape encloses nothing: its corners lie on one line. Add corners beside that line.")
    reason = shapely.is_valid_reason(shape)
    if reason == "Valid Geometry":
        return shape, ""
    crossing = re.fullmatch(r"Self-intersection\[(\S+) (\S+)\]", reason)
    if crossing:
        raise ValueError(_crosses(shape, float(crossing[1]), float(crossing[2])))
    # the default method takes minutes and gigabytes on a hostile ring
    parts = shapely.get_parts(shapely.make_valid(shape, method="structure", keep_collapsed=False))
    whole = shapely.union_all([part for part in parts if part.geom_type == "Polygon"])
    return whole, "A line of the shape that met itself was repaired: look at it on the map."


def _crosses(shape: shapely.Geometry, east: float, north: float) -> str:
    corners = shapely.get_coordinates(shape)
    nearest = int(np.hypot(corners[:, 0] - east, corners[:, 1] - north).argmin())
    longitude, latitude = _transformer(BRITISH_GRID, WGS84).transform(east, north)
    return (
        f"The lines of the shape cross each other near its corner {nearest + 1:,} (longitude {longitude:.5f}, latitude "
        f"{latitude:.5f}). Move or take back a corner so that no two lines cross."
    )


def _check_finite(corners: np.ndarray) -> None:
    if not np.isfinite(corners).all():
        raise ValueError("A corner of the shape is not a number. Draw or export it again.")


def _too_many(corners: int) -> str:
    return f"The shape has {corners:,} corners. Simplify it to {MOST_CORNERS:,} at most."


def _within(values: np.ndarray, limits: tuple[float, float]) -> bool:
    return bool(((values >= limits[0]) & (values <= limits[1])).all())


def _to_centimetres(shape: shapely.Geometry) -> shapely.Geometry:
    """As it is kept, so that what is checked is what is stored."""
    return shapely.transform(shape, lambda xy: np.round(xy, 2))


@cache
def _transformer(come: int, go: int) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(come, go, always_xy=True)


def _grid(longitude: np.ndarray, latitude: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return _transformer(WGS84, BRITISH_GRID).transform(longitude, latitude)


def _in_metres(shapes: np.ndarray) -> np.ndarray:
    metres = shapely.transform(shapes, lambda xy: np.column_stack(_grid(xy[:, 0], xy[:, 1])))
    if not np.isfinite(shapely.get_coordinates(metres)).all():
        raise ValueError("The shape lies outside Great Britain. Give longitude and latitude in degrees.")
    return metres


def _degrees_around(polygon: shapely.Geometry) -> tuple[float, float, float, float]:
    """West, south, east and north of the polygon in degrees, a little wider than it."""
    west, south, east, north = _transformer(BRITISH_GRID, WGS84).transform_bounds(*polygon.bounds)
    return west - 0.001, south - 0.001, east + 0.001, north + 0.001
