"""Which LSOA a point lies in: one stated rule, once per distinct point.

A point on a border belongs to the touching area with the lowest code. A point in no area but within 25 m of one
belongs to the nearest (the lowest code of equals): boundaries are generalised, and map points lie in slivers and on
seafronts. Beyond 25 m it is outside.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from geodata.columns import BRITISH_GRID, WGS84

NEAREST_WITHIN_M = 25.0


def to_grid(longitude: np.ndarray, latitude: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Degrees (EPSG:4326) to metres (EPSG:27700); a place that the grid cannot express becomes infinite."""
    transform = pyproj.Transformer.from_crs(WGS84, BRITISH_GRID, always_xy=True)
    return transform.transform(longitude, latitude)


def join_points(longitude: np.ndarray, latitude: np.ndarray, areas: gpd.GeoDataFrame) -> pd.DataFrame:
    """The area of each distinct point.

    Parameters
    ----------
    longitude, latitude : finite degrees, one per distinct point
    areas : lsoa_code and geometry in EPSG:27700, sorted by lsoa_code

    Returns
    -------
    Frame in the order of the points: ``area`` (position in ``areas``, -1 = outside) and ``joined_by``
    ("polygon", "nearest" or null).
    """
    east, north = to_grid(np.asarray(longitude, "float64"), np.asarray(latitude, "float64"))
    area = np.full(len(east), -1, dtype="int64")
    by = np.full(len(east), None, dtype=object)
    polygons = areas.geometry.to_numpy()
    west, south, east_end, north_end = shapely.total_bounds(polygons)
    margin = NEAREST_WITHIN_M
    near = np.flatnonzero(
        (east >= west - margin)
        & (east <= east_end + margin)
        & (north >= south - margin)
        & (north <= north_end + margin)
    )
    points = shapely.points(east[near], north[near])

    shapely.prepare(polygons)
    which_area, which_point = shapely.STRtree(points).query(polygons, predicate="intersects")
    _lowest(area, near[which_point], which_area)
    by[area >= 0] = "polygon"

    left = area[near] < 0
    which_point, which_area = shapely.STRtree(polygons).query_nearest(points[left], max_distance=margin)
    _lowest(area, near[left][which_point], which_area)
    by[(area >= 0) & (by == None)] = "nearest"  # noqa: E711 - elementwise
    return pd.DataFrame({"area": area, "joined_by": by})


def _lowest(area: np.ndarray, point: np.ndarray, candidate: np.ndarray) -> None:
    """Write each point's lowest candidate; areas are sorted by code, so the lowest position is the lowest code."""
    order = np.lexsort((candidate, point))
    first = np.r_[True, point[order][1:] != point[order][:-1]][: len(order)]
    area[point[order][first]] = candidate[order][first]
