"""The three formats that boundaries come in, each read from its bytes alone.

Text inside a file can make GDAL open another local file or call an address: a ``crs`` of GeoJSON that links to one, a
virtual table of a GeoPackage. GeoJSON is therefore never given to GDAL, a GeoPackage only without virtual tables, and of
a ZIP file only the parts of its Shapefile.
"""

import contextlib
import io
import json
import re
import sqlite3
import warnings
import zipfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Any

import geopandas as gpd
import pyogrio
import pyproj
import shapely
import shapely.geometry

from geodata.columns import BRITISH_GRID, WGS84
from geodata.errors import InputError, quoted
from geodata.sources import DAMAGE, content

MAX_BYTES = 1024**3
MAX_GEOJSON_BYTES = 256 * 1024**2  # parsed, it needs ten times its size
GRID_NAMES = "the British National Grid (EPSG:27700) or longitude and latitude (EPSG:4326)"
_CRS = re.compile(
    r"(?:urn:ogc:def:crs:(?:EPSG|OGC):[\d.]*:|EPSG:|https?://www\.opengis\.net/def/crs/(?:EPSG|OGC)/[\d.]+/)"
    r"(27700|4326|CRS84)",
    re.IGNORECASE,
)
_SPATIAL_INDEX = re.compile(r'CREATE VIRTUAL TABLE (\w+|"(?:[^"]|"")+") USING rtree ?\([\w", ]*\)', re.IGNORECASE)
_PARTS = {".shp": True, ".shx": True, ".dbf": True, ".prj": False, ".cpg": False}  # of a Shapefile: whether needed
_SHAPE_FAULTS = (shapely.errors.ShapelyError, ValueError, TypeError, KeyError, IndexError, AttributeError)


def read_layer(path: Path) -> tuple[gpd.GeoDataFrame, int]:
    """The LSOA layer of a GeoJSON, GeoPackage or zipped Shapefile and its vintage, 2011 or 2021.

    Columns lsoa_code, lsoa_name and geometry, as they stand in the file, in the CRS that it states.
    Raises InputError for another format, a damaged file, no CRS, or no LSOA codes.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what GDAL and GEOS say of a file is said here in words, or does not matter
        return _read(path, quoted(path.name))


def _read(path: Path, where: str) -> tuple[gpd.GeoDataFrame, int]:
    data = content(path, MAX_BYTES, "give generalised boundaries")
    if not data.strip():
        raise InputError(f"{where} is empty: download the boundaries again.")
    if data.startswith(b"PK\x03\x04"):
        frame, vintage = _from_gdal(_shapefile(data, where), where)
    elif data.startswith(b"SQLite format 3\x00"):
        _refuse_virtual_tables(data, where)
        frame, vintage = _from_gdal(data, where)
    elif data.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
        frame, vintage = _from_geojson(data, where)
    else:
        raise InputError(
            f"{where} is not GeoJSON, GeoPackage or a zipped Shapefile: download the boundaries in one of these."
        )
    # GDAL calls the coordinate systems 0 and -1 of a GeoPackage, which mean "none", "Undefined ... SRS".
    if frame.crs is None or frame.crs.name.startswith("Undefined"):
        raise InputError(f"{where} does not state its coordinate system: export it with {GRID_NAMES}.")
    return frame, vintage


def _from_geojson(data: bytes, where: str) -> tuple[gpd.GeoDataFrame, int]:
    if len(data) > MAX_GEOJSON_BYTES:
        raise InputError(
            f"{where} is larger than {MAX_GEOJSON_BYTES // 1024**2} MB: give generalised boundaries, or a GeoPackage."
        )
    try:
        collection = json.loads(data)
    except (ValueError, RecursionError):
        raise InputError(f"{where} cannot be read as GeoJSON: download the boundaries again.") from None
    features = collection.get("features") if isinstance(collection, dict) else None
    if not isinstance(features, list) or collection.get("type") != "FeatureCollection":
        raise InputError(f"{where} is not a GeoJSON FeatureCollection: download the boundaries as GeoJSON.")
    said = [_mapping(_mapping(feature).get("properties")) for feature in features]
    code, name, vintage = _lsoa_columns(dict.fromkeys(field for one in said for field in one), where)
    shapes = [_shape(_mapping(feature).get("geometry"), where) for feature in features]
    rows = {
        "lsoa_code": [one.get(code) for one in said],
        "lsoa_name": [one.get(name) if name else None for one in said],
    }
    return gpd.GeoDataFrame(rows, geometry=shapes, crs=_stated_crs(collection, where)), vintage


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _shape(geometry: Any, where: str) -> shapely.Geometry | None:
    if geometry is None:
        return None
    try:
        return shapely.geometry.shape(geometry)
    except _SHAPE_FAULTS as error:
        raise _unreadable(error, where) from None


def _unreadable(error: Exception, where: str) -> InputError:
    return InputError(f"{where} holds a geometry that cannot be read ({quoted(error)}): download it again.")


def _stated_crs(collection: dict[str, Any], where: str) -> pyproj.CRS | None:
    if "crs" not in collection:
        return pyproj.CRS(WGS84)  # RFC 7946
    name = _mapping(_mapping(collection["crs"]).get("properties")).get("name")
    if name is None:
        return None
    known = _CRS.fullmatch(str(name))
    if not known:
        raise InputError(f"{where} states the coordinate system {quoted(name)}: export it with {GRID_NAMES}.")
    return pyproj.CRS(BRITISH_GRID if known.group(1) == str(BRITISH_GRID) else WGS84)


def _lsoa_columns(fields: Iterable[str], where: str) -> tuple[str, str | None, int]:
    by_name = {str(field).upper(): str(field) for field in fields}
    for year in (21, 11):
        if f"LSOA{year}CD" in by_name:
            return by_name[f"LSOA{year}CD"], by_name.get(f"LSOA{year}NM"), 2000 + year
    raise InputError(
        f"{where} has no LSOA21CD or LSOA11CD property: give the LSOA boundaries from the ONS Open Geography Portal."
    )


def _from_gdal(data: bytes, where: str) -> tuple[gpd.GeoDataFrame, int]:
    try:
        layers = [str(name) for name, kind in pyogrio.list_layers(data) if kind]
        fields = {name: [str(field) for field in pyogrio.read_info(data, layer=name)["fields"]] for name in layers}
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, pyogrio.errors.CRSError):
        raise InputError(
            f"{where} cannot be read as GeoPackage or zipped Shapefile: download the boundaries again."
        ) from None
    usable = [name for name in layers if {"LSOA21CD", "LSOA11CD"} & {field.upper() for field in fields[name]}]
    if len(usable) > 1:
        raise InputError(f"{where} holds {len(usable)} layers of LSOAs: give a file with exactly one.")
    code, name, vintage = _lsoa_columns(fields[usable[0]] if usable else [], where)
    try:
        frame = pyogrio.read_dataframe(data, layer=usable[0], columns=[c for c in (code, name) if c])
    except (pyogrio.errors.DataSourceError, pyogrio.errors.FeatureError, *_SHAPE_FAULTS) as error:
        raise _unreadable(error, where) from None
    rows = {"lsoa_code": frame[code], "lsoa_name": frame[name] if name else None}
    return gpd.GeoDataFrame(rows, geometry=frame.geometry, crs=frame.crs), vintage


def _refuse_virtual_tables(data: bytes, where: str) -> None:
    """A virtual table may stand for another local file; a GeoPackage needs none but its spatial indexes."""
    plain = data[:18] + b"\1\1" + data[20:]  # a file that was kept with a write-ahead log opens without one
    try:
        with contextlib.closing(sqlite3.connect(":memory:")) as database:
            database.deserialize(plain)  # an address of the file would not do for a Windows network share
            virtual = database.execute("SELECT sql FROM sqlite_master WHERE sql LIKE '%virtual%'").fetchall()
    except sqlite3.Error:
        raise InputError(f"{where} cannot be read as GeoPackage: download the boundaries again.") from None
    if not all(_SPATIAL_INDEX.fullmatch(str(sql)) for (sql,) in virtual):
        raise InputError(f"{where} holds tables that stand for other files: download the boundaries from ONS again.")


def _shapefile(data: bytes, where: str) -> bytes:
    """A ZIP file of nothing but the parts of the one Shapefile in ``data``, under fixed names."""
    flat = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(flat, "w") as kept:
            infos = [info for info in archive.infolist() if not PurePosixPath(info.filename).name.startswith("._")]
            stems = [info.filename[:-4] for info in infos if info.filename.lower().endswith(".shp")]
            parts = {
                info.filename[-4:].lower(): info for info in infos if len(stems) == 1 and info.filename[:-4] == stems[0]
            }
            lacking = [ending for ending, needed in _PARTS.items() if needed and ending not in parts]
            size = sum(info.file_size for info in parts.values())
            if not lacking and size <= MAX_BYTES:
                for ending in _PARTS.keys() & parts.keys():
                    kept.writestr(f"boundaries{ending}", archive.read(parts[ending]))
    except DAMAGE:
        raise InputError(f"{where} is a damaged or encrypted ZIP file: download the boundaries again.") from None
    if len(stems) != 1:
        raise InputError(f"{where} holds {len(stems)} Shapefiles (.shp): give a ZIP file with exactly one.")
    if lacking:
        raise InputError(
            f"{where} holds a Shapefile without its {' and '.join(lacking)}: download the boundaries again."
        )
    if size > MAX_BYTES:
        raise InputError(f"{where} unpacks to more than {MAX_BYTES // 1024**2} MB: give generalised boundaries.")
    return flat.getvalue()
