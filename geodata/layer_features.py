"""The features of a point, line or polygon layer, from GeoJSON, GeoPackage, zipped Shapefile or CSV, read from bytes alone.

The rules of ``boundary_files`` hold: GeoJSON is never given to GDAL, a GeoPackage only without virtual tables, and of a ZIP file
only the parts of its Shapefile.
"""

import contextlib
import csv
import io
import json
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from geodata.boundaries import _is_tangled, _polygons_only
from geodata.boundary_files import (
    _SHAPE_FAULTS,
    _mapping,
    _refuse_virtual_tables,
    _shape,
    _shapefile,
    _stated_crs,
    _unreadable,
)
from geodata.columns import BRITISH_GRID, WGS84
from geodata.errors import InputError, listed, printable, quoted
from geodata.join import join_points
from geodata.layer_accounting import MARGIN_M, Content, account
from geodata.layer_description import Description
from geodata.shape_files import _of_two_systems
from geodata.sources import content, small_archive
from geodata.tables import decode, find_column, read_table, to_numbers

MOST_FEATURES = 20_000
MOST_CORNERS = 500_000
MAX_BYTES = 64 * 1024**2

_LONGEST_NAME = 120
_TYPES = {
    "points": ("Point",),
    "lines": ("LineString", "MultiLineString"),
    "polygons": ("Polygon", "MultiPolygon"),
}
_DEGREES = (r"longitude|long|lon|lng", r"latitude|lat")
_METRES = (r"eastings?|x_?coordinate", r"northings?|y_?coordinate")
_WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".ods")
# What lies where in England and Wales; used only to tell swapped coordinates.
_LONGITUDES, _LATITUDES = (-9.0, 3.0), (49.0, 61.0)


def read_features(path: Path, about: Description, areas: gpd.GeoDataFrame) -> Content:
    """The features of a layer that lie in the area or within 400 metres of it.

    Parameters
    ----------
    areas
        lsoa_code and geometry in EPSG:27700, sorted by lsoa_code.

    Returns
    -------
    Content
        ``frame``: GeoDataFrame in EPSG:27700 with name and class (text as in the file, on one line; null where there is none)
        and, for points, lsoa_code by the rule of ``join`` (null outside). Polygons are valid.

    Raises
    ------
    InputError
        Another format, a damaged file, no or another coordinate system, more than 20,000 features, another kind of geometry, or
        nothing in the area.
    """
    where = quoted(path.name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what GDAL and GEOS say of a file is said here in words, or does not matter
        features, reason = _read(path, about, where)
    if features.empty:
        raise InputError(f"{where} holds no features: export the layer again.")
    shapes = shapely.force_2d(features.geometry.to_numpy())
    reason[reason.isna() & (shapely.is_missing(shapes) | shapely.is_empty(shapes))] = "empty_geometry"
    shapes[reason.notna().to_numpy()] = None
    shapes = _of_kind(shapes, about.kind, where)
    reason[reason.isna() & ~_finite(shapes, where)] = "invalid_coordinates"
    given = gpd.GeoSeries(shapes, features.index, features.crs)[reason.isna()]
    metres = given.to_crs(BRITISH_GRID)
    near = _near(metres.to_numpy(), areas)
    reason[given.index[~near]] = "outside_area"
    if not near.any():
        raise InputError(_elsewhere(given, reason, where))
    metres, notes = metres[near], []
    if about.kind == "polygons":
        broken = ~metres.is_valid
        metres = _valid(metres, where)
        reason[metres.index[metres.is_empty]] = "empty_geometry"
        repaired = int((broken & ~metres.is_empty).sum())
        notes += (
            [f"{repaired:,} polygon{' was' if repaired == 1 else 's were'} not valid and repaired."] if repaired else []
        )
        metres = metres[~metres.is_empty]
        if metres.empty:
            raise InputError(f"{where} holds no polygon with any ground: draw or export the layer again.")
    words = features.loc[metres.index, ["name", "class"]].astype("str")
    frame = gpd.GeoDataFrame(words, geometry=metres).reset_index(drop=True)
    if about.kind == "points":
        degrees = given[near].to_crs(WGS84)
        joined = join_points(degrees.x.to_numpy(), degrees.y.to_numpy(), areas)["area"]
        frame.insert(2, "lsoa_code", joined.map(areas["lsoa_code"].reset_index(drop=True)).astype("str"))
    undescribed = set(frame["class"].dropna()) - {one.value for one in about.classes}
    if undescribed:
        notes.append(f"The description does not say what these classes mean: {listed(sorted(undescribed))}.")
    return Content(frame, account([None if pd.isna(one) else one for one in reason]), tuple(notes))


def _read(path: Path, about: Description, where: str) -> tuple[gpd.GeoDataFrame, pd.Series]:
    """name, class, geometry as they stand in the file, and the reason why a row has no geometry (null where not known)."""
    if path.suffix.lower() in _WORKBOOKS:
        raise InputError(f"{where} is a workbook: save the sheet as 'CSV UTF-8' and give that.")
    data = content(path, MAX_BYTES, f"give at most {MOST_FEATURES:,} features")
    if path.suffix.lower() == ".csv":
        return _from_csv(path, data, about, where)
    with _reworded():
        if data.startswith(b"PK\x03\x04"):
            features = _from_gdal(
                _shapefile(small_archive(data, where, MAX_BYTES, "give the features of this area"), where), about, where
            )
        elif data.startswith(b"SQLite format 3\x00"):
            _refuse_virtual_tables(data, where)
            features = _from_gdal(data, about, where)
        elif data.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
            features = _from_geojson(data, about, where)
        else:
            raise InputError(
                f"{where} is not GeoJSON, GeoPackage, a zipped Shapefile or a .csv file: export the layer as one of these."
            )
        features.geometry = _of_two_systems(features.geometry, where)
    return features, pd.Series(None, features.index, dtype="object")


@contextlib.contextmanager
def _reworded() -> Iterator[None]:
    """What is shared with boundaries says in its refusals what to do with boundaries."""
    try:
        yield
    except InputError as error:
        advice = re.sub(r"download (the boundaries|it)( from ONS)? again", "export the layer again", str(error))
        raise InputError(advice) from None


def _from_csv(path: Path, data: bytes, about: Description, where: str) -> tuple[gpd.GeoDataFrame, pd.Series]:
    with contextlib.suppress(csv.Error):  # said by read_table
        rows = csv.reader(io.StringIO(decode(data, where)))
        _refuse_many(sum(1 for _ in islice((row for row in rows if row), MOST_FEATURES + 2)) - 1, where)
    table = read_table(path)
    _check_columns(table.columns, about, where)
    found = {
        crs: [find_column(table, one) for one in pair] for crs, pair in ((WGS84, _DEGREES), (BRITISH_GRID, _METRES))
    }
    crs = next((crs for crs, pair in found.items() if all(pair)), None)
    if crs is None:
        raise InputError(
            f"{where} has no columns of coordinates (longitude and latitude, or easting and northing): it has "
            f"{listed(table.columns, 8)}."
        )
    texts = table[found[crs]]
    xy = texts.apply(to_numbers).to_numpy("float64")
    there = np.isfinite(xy).all(axis=1)
    reason = pd.Series("invalid_coordinates", table.index, dtype="object").mask(there, None)
    reason[texts.isna().any(axis=1)] = "no_coordinates"
    points = np.where(there, shapely.points(np.nan_to_num(xy)), None)
    return gpd.GeoDataFrame(_words(about, table, len(table)), geometry=points, crs=crs), reason


def _from_geojson(data: bytes, about: Description, where: str) -> gpd.GeoDataFrame:
    # a file of twice as many need not be parsed, which takes seconds, to be refused
    marked = len(re.findall(rb'"type"\s*:\s*"Feature"', data))
    _refuse_many(marked if marked > 2 * MOST_FEATURES else 0, where)
    try:
        collection = json.loads(data)
    except (ValueError, RecursionError):
        raise InputError(f"{where} cannot be read as GeoJSON: export the layer again.") from None
    features = collection.get("features")
    if not isinstance(features, list) or collection.get("type") != "FeatureCollection":
        raise InputError(f"{where} is not a GeoJSON FeatureCollection: export the layer as GeoJSON.")
    _refuse_many(len(features), where)
    said = [_mapping(_mapping(feature).get("properties")) for feature in features]
    if said:  # of no features there are no columns to miss
        _check_columns(list(dict.fromkeys(key for one in said for key in one)), about, where)
    shapes = [_shape(_mapping(feature).get("geometry"), where) for feature in features]
    columns = {name: [one.get(name) for one in said] for name in (about.name, about.class_column) if name}
    return gpd.GeoDataFrame(_words(about, columns, len(said)), geometry=shapes, crs=_stated_crs(collection, where))


def _from_gdal(data: bytes, about: Description, where: str) -> gpd.GeoDataFrame:
    try:
        layers = [str(name) for name, kind in pyogrio.list_layers(data) if kind]
        if len(layers) != 1:
            raise InputError(f"{where} holds {len(layers)} layers of features: give a file with exactly one.")
        info = pyogrio.read_info(data, layer=layers[0])
        _refuse_many(int(info["features"]), where)
        _check_columns([str(field) for field in info["fields"]], about, where)
        wanted = [name for name in (about.name, about.class_column) if name]
        frame = pyogrio.read_dataframe(data, layer=layers[0], columns=wanted, max_features=MOST_FEATURES + 1)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, pyogrio.errors.CRSError):
        raise InputError(f"{where} cannot be read as GeoPackage or zipped Shapefile: export the layer again.") from None
    except InputError:
        raise
    except (pyogrio.errors.FeatureError, *_SHAPE_FAULTS) as error:
        raise _unreadable(error, where) from None
    _refuse_many(len(frame), where)
    return gpd.GeoDataFrame(_words(about, frame, len(frame)), geometry=frame.geometry, crs=frame.crs)


def _refuse_many(features: int, where: str) -> None:
    if features > MOST_FEATURES:
        raise InputError(
            f"{where} holds more than {MOST_FEATURES:,} features, the most that a map stays readable with: give those of this area, "
            "or of one kind."
        )


def _check_columns(columns: Sequence[str], about: Description, where: str) -> None:
    for key, column in (("name", about.name), ("class", about.class_column)):
        if column and column not in columns:
            raise InputError(
                f"{where} has no column {quoted(column)}, which its description gives as {key}: it has {listed(columns, 8)}."
            )


def _words(about: Description, columns: Mapping[str, Iterable[object]] | pd.DataFrame, rows: int) -> pd.DataFrame:
    """Names and classes as one line of text each; HTML and the like stay as they are written."""
    said = {
        key: [_one_line(value) for value in columns[column]] if column else [None] * rows
        for key, column in (("name", about.name), ("class", about.class_column))
    }
    return pd.DataFrame(said, dtype="object")


def _one_line(value: object) -> str | None:
    if value is None or (isinstance(value, float) and np.isnan(value)) or value is pd.NA:
        return None
    if isinstance(value, float) and value.is_integer():  # a column of whole numbers with a gap comes so
        value = int(value)
    return printable(" ".join(str(value).split()))[:_LONGEST_NAME] or None


def _of_kind(shapes: np.ndarray, kind: str, where: str) -> np.ndarray:
    """The shapes, if all are of the kind; a multipoint of one point as that point."""
    alone = (shapely.get_type_id(shapes) == shapely.GeometryType.MULTIPOINT) & (shapely.get_num_geometries(shapes) == 1)
    shapes[alone] = shapely.get_geometry(shapes[alone], 0)
    other = {shape.geom_type for shape in shapes if shape is not None} - set(_TYPES[kind])
    if other:
        raise InputError(
            f"{where} holds {' and '.join(sorted(other))} where its description says {kind}: correct the kind, or export only {kind}."
        )
    return shapes


def _finite(shapes: np.ndarray, where: str) -> np.ndarray:
    """Whether all coordinates of each shape are numbers."""
    corners, of_shape = shapely.get_coordinates(shapes, return_index=True)
    if len(corners) > MOST_CORNERS:
        raise InputError(f"{where} has {len(corners):,} corners: simplify it to {MOST_CORNERS:,} at most.")
    finite = np.ones(len(shapes), dtype=bool)
    finite[of_shape[~np.isfinite(corners).all(axis=1)]] = False
    return finite


def _near(shapes: np.ndarray, areas: gpd.GeoDataFrame) -> np.ndarray:
    """Which shapes (metres) lie in the area or within 400 metres of it."""
    polygons = areas.geometry.to_numpy()
    # a place that the grid cannot express has become infinite
    on_grid = np.flatnonzero(np.isfinite(shapely.bounds(shapes)).all(axis=1))
    shapely.prepare(polygons)
    found = shapely.STRtree(shapes[on_grid]).query(polygons, predicate="dwithin", distance=MARGIN_M)[1]
    near = np.zeros(len(shapes), dtype=bool)
    near[on_grid[found]] = True
    return near


def _elsewhere(given: gpd.GeoSeries, reason: pd.Series, where: str) -> str:
    """Why nothing of a file lies in the area, as far as its coordinates tell."""
    if given.empty:
        most = account(list(reason)).sentence
        return f"{where} has no feature that can be placed ({most}): export the layer again."
    x, y = (shapely.get_coordinates(given.to_numpy())[:, axis] for axis in (0, 1))
    start = f"None of the {len(given):,} features of {where} lies in this area"
    if given.crs.to_epsg() == WGS84:
        if np.median(abs(x)) > 180 or np.median(abs(y)) > 90:
            return (
                f"{where} does not state its coordinate system, and its coordinates are too large for degrees (they look like "
                "eastings and northings in metres): export it with the British National Grid (EPSG:27700) stated."
            )
        if _within(x, _LATITUDES) and _within(y, _LONGITUDES):
            return f"{start}: its longitudes and latitudes are swapped; give longitude first."
        middle = f"longitude {np.median(x):.2f}, latitude {np.median(y):.2f}"
    else:
        middle = f"easting {np.median(x):,.0f}, northing {np.median(y):,.0f}"
    return f"{start} (they lie around {middle}): give the layer of this area."


def _within(values: np.ndarray, limits: tuple[float, float]) -> bool:
    return bool(((values >= limits[0]) & (values <= limits[1])).all())


def _valid(polygons: gpd.GeoSeries, where: str) -> gpd.GeoSeries:
    """The polygons, repaired where they cross themselves; empty where nothing is enclosed."""
    broken = ~polygons.is_valid
    if any(_is_tangled(shape) for shape in polygons[broken]):
        raise InputError(f"{where} has a polygon that crosses itself more than 1,000 times: draw it again.")
    mended = polygons.copy()
    # the default method takes minutes and gigabytes on a hostile ring
    fixed = shapely.make_valid(polygons[broken].to_numpy(), method="structure", keep_collapsed=False)
    mended[broken] = [_polygons_only(shape) for shape in fixed]
    return mended
