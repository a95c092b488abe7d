"""The polygons of a file that a user uploads, read from its bytes alone by the rules of ``boundary_files``."""

import json
import warnings

import geopandas as gpd
import pyogrio
import pyproj

from geodata.boundary_files import (
    _SHAPE_FAULTS,
    GRID_NAMES,
    _mapping,
    _refuse_virtual_tables,
    _shape,
    _shapefile,
    _stated_crs,
    _unreadable,
)
from geodata.columns import BRITISH_GRID, WGS84
from geodata.errors import InputError, quoted
from geodata.sources import small_archive

MAX_SHAPE_BYTES = 20 * 1024**2
_GIVE = "give GeoJSON, GeoPackage or a zipped Shapefile with the polygons of the place"


def read_shape_file(name: str, data: bytes) -> gpd.GeoSeries:
    """Every polygon of a GeoJSON, GeoPackage or zipped Shapefile, in EPSG:27700 or EPSG:4326 as the file states.

    ``name`` is only said in messages and never opened. Raises InputError for another format, a damaged or large file, no or
    another coordinate system, several layers, or a file that holds no polygon or something else beside.
    """
    where = quoted(name)
    if len(data) > MAX_SHAPE_BYTES:
        raise InputError(f"{where} is larger than {MAX_SHAPE_BYTES // 1024**2} MB: {_GIVE} only.")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what GDAL and GEOS say of a file is said here in words, or does not matter
        if data.startswith(b"PK\x03\x04"):
            shapes = _from_gdal(_shapefile(small_archive(data, where, MAX_SHAPE_BYTES, f"{_GIVE} only"), where), where)
        elif data.startswith(b"SQLite format 3\x00"):
            _refuse_virtual_tables(data, where)
            shapes = _from_gdal(data, where)
        elif data.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
            shapes = _from_geojson(data, where)
        else:
            raise InputError(f"{where} is of another format: {_GIVE}.")
    shapes = shapes[~(shapes.isna() | shapes.is_empty)].reset_index(drop=True)
    if shapes.empty:
        raise InputError(f"{where} holds no polygon: {_GIVE}.")
    if not shapes.geom_type.isin(["Polygon", "MultiPolygon"]).all():
        raise InputError(f"{where} has points or lines where a polygon was expected: {_GIVE} and nothing else.")
    return _of_two_systems(shapes, where)


def _from_geojson(data: bytes, where: str) -> gpd.GeoSeries:
    try:
        said = json.loads(data)
    except (ValueError, RecursionError):
        raise InputError(f"{where} cannot be read as GeoJSON: export it again.") from None
    features = said.get("features") if said.get("type") == "FeatureCollection" else [said]
    if not isinstance(features, list):
        raise InputError(f"{where} is a GeoJSON FeatureCollection without features: export it again.")
    members = [_mapping(feature) for feature in features]
    shapes = [_shape(member.get("geometry", member), where) for member in members]
    return gpd.GeoSeries(shapes, crs=_stated_crs(said, where))


def _from_gdal(data: bytes, where: str) -> gpd.GeoSeries:
    try:
        layers = [str(name) for name, kind in pyogrio.list_layers(data) if kind]
        if len(layers) != 1:
            raise InputError(f"{where} holds {len(layers)} layers of shapes: give a file with exactly one.")
        return pyogrio.read_dataframe(data, layer=layers[0], columns=[]).geometry
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, pyogrio.errors.CRSError):
        raise InputError(f"{where} cannot be read as GeoPackage or zipped Shapefile: export it again.") from None
    except InputError:
        raise
    except (pyogrio.errors.FeatureError, *_SHAPE_FAULTS) as error:
        raise _unreadable(error, where) from None


def _of_two_systems(shapes: gpd.GeoSeries, where: str) -> gpd.GeoSeries:
    if shapes.crs is None or shapes.crs.name.startswith("Undefined"):
        raise InputError(f"{where} does not state its coordinate system: export it with {GRID_NAMES}.")
    for known in (BRITISH_GRID, WGS84):
        if shapes.crs.equals(pyproj.CRS(known), ignore_axis_order=True) or shapes.crs.to_epsg(40) == known:
            return shapes.set_crs(known, allow_override=True)
    raise InputError(f"{where} states the coordinate system {quoted(shapes.crs.name)}: export it with {GRID_NAMES}.")
