"""LSOA boundaries as ONS publishes them: GeoJSON, GeoPackage or zipped Shapefile, 2011 or 2021."""

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely

from geodata.columns import BRITISH_GRID, LSOA_CODE
from geodata.errors import InputError, listed, quoted

MAX_UNZIPPED_BYTES = 4 * 1024**3
# The British National Grid ends at 700 km east and 1,300 km north; a margin for seaward boundaries.
_GRID = shapely.box(-100_000, -100_000, 800_000, 1_400_000)
_GRID_NAMES = "the British National Grid (EPSG:27700) or longitude and latitude (EPSG:4326)"


@dataclass(frozen=True)
class Boundaries:
    """``areas``: lsoa_code, lsoa_name, geometry (valid polygons, EPSG:27700), sorted by code; ``vintage``: 2011 or
    2021.
    """

    areas: gpd.GeoDataFrame
    vintage: int
    repaired: int


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
    return Boundaries(areas, next(iter(vintages)), repaired)


def _read_one(path: Path) -> tuple[gpd.GeoDataFrame, int]:
    where = quoted(path.name)
    if not path.is_file():
        raise InputError(f"The boundaries {where} were not found: check the path.")
    _check_format(path, where)
    try:
        layers = [str(name) for name, kind in pyogrio.list_layers(path.resolve()) if kind]
        found = [(name, *_lsoa_columns(path, name)) for name in layers]
    except pyogrio.errors.DataSourceError:
        raise InputError(
            f"{where} cannot be read as GeoJSON, GeoPackage or zipped Shapefile: download the boundaries again."
        ) from None
    usable = [entry for entry in found if entry[1]]
    if not usable:
        raise InputError(
            f"{where} has no LSOA21CD or LSOA11CD property: give the LSOA boundaries from the ONS Open Geography Portal."
        )
    layer, code, name, vintage = usable[0]
    try:
        frame = pyogrio.read_dataframe(path.resolve(), layer=layer, columns=[c for c in (code, name) if c])
    except (
        pyogrio.errors.DataSourceError,
        pyogrio.errors.DataLayerError,
        shapely.errors.GEOSException,
        ValueError,
    ) as error:
        raise InputError(
            f"{where} holds a geometry that cannot be read ({quoted(error)}): download it again."
        ) from None
    if frame.crs is None:
        raise InputError(f"{where} does not state its coordinate system: export it with {_GRID_NAMES}.")
    areas = gpd.GeoDataFrame(
        {
            "lsoa_code": frame[code].astype("str"),
            "lsoa_name": (frame[name] if name else frame[code]).astype("str"),
        },
        geometry=shapely.force_2d(frame.geometry.array),
        crs=frame.crs,
    )
    _check_content(areas, where)
    areas = areas.to_crs(BRITISH_GRID)
    bounds = shapely.box(*areas.total_bounds)
    if not bounds.within(_GRID):
        raise InputError(
            f"{where} says its coordinates are {quoted(frame.crs.name)}, but they lie outside Great Britain: "
            f"export it again in {_GRID_NAMES}."
        )
    return areas, vintage


def _check_format(path: Path, where: str) -> None:
    with path.open("rb") as file:
        head = file.read(4096)
        file.seek(max(0, path.stat().st_size - 4096))
        tail = file.read()
    if not head.strip():
        raise InputError(f"{where} is empty: download the boundaries again.")
    if head.startswith(b"PK\x03\x04"):
        try:
            with zipfile.ZipFile(path) as archive:
                infos = archive.infolist()
        except zipfile.BadZipFile:
            raise InputError(f"{where} is a damaged ZIP file: download the boundaries again.") from None
        if sum(info.file_size for info in infos) > MAX_UNZIPPED_BYTES:
            raise InputError(
                f"{where} unpacks to more than {MAX_UNZIPPED_BYTES // 1024**3} GB: give generalised boundaries."
            )
        shapes = [info.filename for info in infos if info.filename.lower().endswith(".shp")]
        if len(shapes) != 1:
            raise InputError(f"{where} holds {len(shapes)} Shapefiles (.shp): give a ZIP file with exactly one.")
    elif head.startswith(b"SQLite format 3\x00"):
        return
    elif head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        # Members of a JSON object come in any order, so the type may stand at either end.
        if b"FeatureCollection" not in head + tail:
            raise InputError(f"{where} is not a GeoJSON FeatureCollection: download the boundaries as GeoJSON.")
    else:
        raise InputError(
            f"{where} is not GeoJSON, GeoPackage or a zipped Shapefile: download the boundaries in one of these."
        )


def _lsoa_columns(path: Path, layer: str) -> tuple[str | None, str | None, int]:
    fields = [str(field) for field in pyogrio.read_info(path.resolve(), layer=layer)["fields"]]
    for year in (21, 11):
        code = next((f for f in fields if f.upper() == f"LSOA{year}CD"), None)
        if code:
            return code, next((f for f in fields if f.upper() == f"LSOA{year}NM"), None), 2000 + year
    return None, None, 0


def _check_content(areas: gpd.GeoDataFrame, where: str) -> None:
    if areas.empty:
        raise InputError(f"{where} holds no areas: download the boundaries again.")
    wrong = areas.lsoa_code[~areas.lsoa_code.str.fullmatch(LSOA_CODE.pattern, na=False)]
    if len(wrong):
        raise InputError(f"{where} has LSOA codes that are none: {listed(wrong)}; a code is a letter and eight digits.")
    empty = areas.lsoa_code[areas.geometry.isna() | areas.geometry.is_empty]
    if len(empty):
        raise InputError(f"{where} has no polygon for {listed(empty)}: download the boundaries again.")
    other = areas.lsoa_code[~areas.geom_type.isin(["Polygon", "MultiPolygon"])]
    if len(other):
        raise InputError(f"{where} has points or lines where a polygon was expected, for {listed(other)}.")
    finite = pd.Series(shapely.bounds(areas.geometry.array).sum(axis=1)).map(
        lambda v: v == v and abs(v) != float("inf")
    )
    if not finite.all():
        raise InputError(
            f"{where} has coordinates that are not numbers for {listed(areas.lsoa_code[~finite.to_numpy()])}."
        )


def _repaired(areas: gpd.GeoDataFrame, where: str) -> tuple[gpd.GeoDataFrame, int]:
    broken = ~areas.geometry.is_valid
    if not broken.any():
        return areas, 0
    mended = areas.geometry.to_numpy(copy=True)
    # The default method needs minutes and gigabytes on a hostile ring; "structure" does not.
    fixed = shapely.make_valid(mended[broken], method="structure", keep_collapsed=False)
    lost = areas.lsoa_code[broken][shapely.area(fixed) == 0]
    if len(lost):
        raise InputError(f"{where} has a polygon without an inside for {listed(lost)}: download the boundaries again.")
    mended[broken] = [_polygons_only(shape) for shape in fixed]
    return areas.set_geometry(gpd.GeoSeries(mended, crs=areas.crs)), int(broken.sum())


def _polygons_only(shape: shapely.Geometry) -> shapely.Geometry:
    if shape.geom_type != "GeometryCollection":
        return shape
    return shapely.union_all([part for part in shape.geoms if part.geom_type in ("Polygon", "MultiPolygon")])
