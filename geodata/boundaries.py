"""LSOA boundaries as ONS publishes them: GeoJSON, GeoPackage or zipped Shapefile, 2011 or 2021."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from geodata.boundary_files import GRID_NAMES, read_layer
from geodata.columns import BRITISH_GRID, LSOA_CODE
from geodata.errors import InputError, listed, quoted

# The British National Grid ends at 700 km east and 1,300 km north; a margin for seaward boundaries.
_GRID = shapely.box(-100_000, -100_000, 800_000, 1_400_000)
_MAX_CROSSINGS = 1_000


@dataclass(frozen=True)
class Boundaries:
    """``areas``: lsoa_code, lsoa_name, geometry (valid polygons, EPSG:27700), sorted by code; ``vintage``: 2011 or
    2021; ``repaired``: polygons; ``overlap``: by what share the areas together exceed the ground that they cover.
    """

    areas: gpd.GeoDataFrame
    vintage: int
    repaired: int
    overlap: float


def read_boundaries(paths: Sequence[Path]) -> Boundaries:
    """Read one or more boundary files of one vintage; the same area twice must be the same twice.

    Raises InputError for another format, no or a wrong CRS, no LSOA codes, mixed vintages, an empty or broken
    geometry, a repeated code.
    """
    parts = [_read_one(path) for path in sorted(paths)]
    vintages = {vintage: quoted(path.name) for (_, vintage), path in zip(parts, sorted(paths), strict=True)}
    if len(vintages) > 1:
        raise InputError(
            f"The boundaries mix vintages: {vintages[2011]} is of 2011 and {vintages[2021]} of 2021; give files of one vintage."
        )
    areas = pd.concat([part for part, _ in parts], ignore_index=True)
    where = " and ".join(quoted(path.name) for path in sorted(paths))
    areas = areas[~areas.duplicated(["lsoa_code", "geometry"])]
    repeated = areas.lsoa_code[areas.lsoa_code.duplicated()].unique()
    if len(repeated):
        raise InputError(f"{where} holds more than one polygon for {listed(repeated)}: give one row per LSOA.")
    areas = areas.sort_values("lsoa_code", ignore_index=True)
    areas, repaired = _repaired(areas, where)
    return Boundaries(areas, next(iter(vintages)), repaired, _overlap(areas.geometry.to_numpy()))


def _overlap(shapes: np.ndarray) -> float:
    # Of two that overlap at least one has an edge where none may be; only these and their neighbours are united.
    odd = shapes[~shapely.is_empty(shapely.coverage_invalid_edges(shapes))]
    some = shapes[np.unique(shapely.STRtree(shapes).query(odd)[1])]
    twice = shapely.area(some).sum() - shapely.area(shapely.union_all(some))
    return max(0.0, float(twice / (shapely.area(shapes).sum() - twice)))


def _read_one(path: Path) -> tuple[gpd.GeoDataFrame, int]:
    where = quoted(path.name)
    frame, vintage = read_layer(path)
    code = frame["lsoa_code"].astype("str")
    areas = gpd.GeoDataFrame(
        {"lsoa_code": code, "lsoa_name": frame["lsoa_name"].astype("str").fillna(code)},
        geometry=shapely.force_2d(frame.geometry.to_numpy()),
        crs=frame.crs,
    )
    _check_content(areas, where)
    try:
        areas = areas.to_crs(BRITISH_GRID)
        bounds = areas.total_bounds
    except pyproj.exceptions.ProjError:
        bounds = np.full(4, np.inf)
    if not shapely.box(*bounds).within(_GRID):
        raise InputError(
            f"{where} says its coordinates are {quoted(frame.crs.name)}, but they lie outside Great Britain: "
            f"export it again in {GRID_NAMES}."
        )
    return areas, vintage


def _check_content(areas: gpd.GeoDataFrame, where: str) -> None:
    if areas.empty:
        raise InputError(f"{where} holds no areas: download the boundaries again.")
    wrong = areas.lsoa_code[~areas.lsoa_code.str.fullmatch(LSOA_CODE.pattern, na=False)]
    if len(wrong):
        raise InputError(
            f"{where} has LSOA codes that are none: {listed(wrong)}; a code is a letter and eight digits; download the boundaries again."
        )
    empty = areas.lsoa_code[areas.geometry.isna() | areas.geometry.is_empty]
    if len(empty):
        raise InputError(f"{where} has no polygon for {listed(empty)}: download the boundaries again.")
    other = areas.lsoa_code[~areas.geom_type.isin(["Polygon", "MultiPolygon"])]
    if len(other):
        raise InputError(
            f"{where} has points or lines where a polygon was expected, for {listed(other)}: give the boundary polygons."
        )
    # Bounds and areas pass over a coordinate that is not a number, and a repair would drop its corner.
    corners, of_area = shapely.get_coordinates(areas.geometry.to_numpy(), return_index=True)
    broken = areas.lsoa_code.iloc[np.unique(of_area[~np.isfinite(corners).all(axis=1)])]
    if len(broken):
        raise InputError(
            f"{where} has coordinates that are not numbers for {listed(broken)}: download the boundaries again."
        )


def _repaired(areas: gpd.GeoDataFrame, where: str) -> tuple[gpd.GeoDataFrame, int]:
    broken = ~areas.geometry.is_valid
    if not broken.any():
        return areas, 0
    mended = areas.geometry.to_numpy(copy=True)
    tangled = areas.lsoa_code[broken][[_is_tangled(shape) for shape in mended[broken]]]
    if len(tangled):
        raise InputError(
            f"{where} has a polygon that crosses itself more than {_MAX_CROSSINGS:,} times, {listed(tangled)}: "
            "download the boundaries again."
        )
    fixed = shapely.make_valid(mended[broken], method="structure", keep_collapsed=False)
    lost = areas.lsoa_code[broken][shapely.area(fixed) == 0]
    if len(lost):
        raise InputError(f"{where} has a polygon without an inside for {listed(lost)}: download the boundaries again.")
    mended[broken] = [_polygons_only(shape) for shape in fixed]
    return areas.set_geometry(gpd.GeoSeries(mended, crs=areas.crs)), int(broken.sum())


def _is_tangled(shape: shapely.Geometry) -> bool:
    """Whether a repair would take minutes and gigabytes: its cost grows with the square of the crossings."""
    corners, of_ring = shapely.get_coordinates(shapely.get_rings(shape), return_index=True)
    sides = shapely.linestrings(np.stack([corners[:-1], corners[1:]], axis=1)[of_ring[:-1] == of_ring[1:]])
    tree, crossings = shapely.STRtree(sides), 0
    for start in range(0, len(sides), 32):
        some = sides[start : start + 32]
        # Each side touches itself and its two neighbours; each crossing is met from both sides.
        crossings += tree.query(some, predicate="intersects").shape[1] - 3 * len(some)
        if crossings > 2 * _MAX_CROSSINGS:
            return True
    return False


def _polygons_only(shape: shapely.Geometry) -> shapely.Geometry:
    if shape.geom_type != "GeometryCollection":
        return shape
    return shapely.union_all([part for part in shape.geoms if part.geom_type in ("Polygon", "MultiPolygon")])
