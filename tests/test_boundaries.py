"""LSOA boundaries in every published format, and what is said of those that cannot be used."""

import http.server
import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
import shapely.affinity
from shapely.geometry import mapping

from geodata import boundary_files
from geodata.boundaries import Boundaries, read_boundaries
from geodata.errors import InputError, quoted
from tests.fixtures import (
    CODES,
    EAST,
    NAMES,
    NORTH,
    ODD_NAME,
    ODD_SHOWN,
    SIDE,
    assert_plain,
    geojson,
    grid,
    square,
    write,
    write_boundaries,
    write_zip,
)

METRIC = [mapping(shape) for shape in grid().geometry]
DEGREES = [mapping(shape) for shape in grid().to_crs(4326).geometry]


def collection(first: Any = DEGREES[0], codes: tuple[Any, ...] = CODES, crs: str | None = None, **said: Any) -> str:
    """The grid as GeoJSON in degrees, its first geometry replaced."""
    shapes = [first, *DEGREES[1:]]
    return geojson(
        [({"LSOA21CD": c, "LSOA21NM": n} | said, s) for c, n, s in zip(codes, NAMES, shapes, strict=True)], crs
    )


def polygon(*corners: Sequence[Any]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [list(map(list, corners))]}


def sentence(*paths: Path) -> str:
    with pytest.raises(InputError) as caught:
        read_boundaries(paths)
    return assert_plain(str(caught.value))


def same_places(one: Boundaries, other: Boundaries, metres: float) -> bool:
    apart = one.areas.geometry.hausdorff_distance(other.areas.geometry)
    return one.areas["lsoa_code"].equals(other.areas["lsoa_code"]) and float(apart.max()) <= metres


# --- formats ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("vintage", [2011, 2021])
@pytest.mark.parametrize("crs", [27700, 4326])
@pytest.mark.parametrize("name", ["b.geojson", "b.gpkg", "b.zip"])
def test_every_format_and_both_coordinate_systems(tmp_path: Path, name: str, crs: int, vintage: int) -> None:
    found = read_boundaries([write_boundaries(tmp_path / name, grid(vintage).sample(frac=1, random_state=1), crs)])
    assert list(found.areas.columns) == ["lsoa_code", "lsoa_name", "geometry"]
    assert found.areas["lsoa_code"].to_list() == list(CODES)
    assert found.areas["lsoa_name"].to_list() == list(NAMES)
    assert found.areas.crs.to_epsg() == 27700
    assert (found.vintage, found.repaired) == (vintage, 0)
    assert float(found.areas.geometry.hausdorff_distance(grid().geometry).max()) < 0.05


@pytest.mark.parametrize(
    "crs",
    [
        "EPSG:27700",
        "urn:ogc:def:crs:EPSG::27700",
        "urn:ogc:def:crs:EPSG:6.6:27700",
        "http://www.opengis.net/def/crs/EPSG/0/27700",
    ],
)
def test_geojson_states_metres_by_a_crs_member(tmp_path: Path, crs: str) -> None:
    text = geojson([({"LSOA21CD": code}, shape) for code, shape in zip(CODES, METRIC, strict=True)], crs)
    found = read_boundaries([write(tmp_path / "b.geojson", text)])
    assert found.areas.geometry.geom_equals(grid().geometry).all()


@pytest.mark.parametrize("crs", [None, "urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326", "urn:ogc:def:crs:EPSG::4326"])
def test_geojson_in_degrees(tmp_path: Path, crs: str | None) -> None:
    found = read_boundaries([write(tmp_path / "b.geojson", "\ufeff " + collection(crs=crs))])
    assert float(found.areas.geometry.hausdorff_distance(grid().geometry).max()) < 0.01


def test_lower_case_properties_and_no_names(tmp_path: Path) -> None:
    text = collection().replace("LSOA21CD", "lsoa21cd").replace("LSOA21NM", "other")
    found = read_boundaries([write(tmp_path / "b.geojson", text)])
    assert found.areas["lsoa_name"].to_list() == list(CODES)


@pytest.mark.parametrize("suffix", [".geojson", ".gpkg"])
def test_an_area_without_a_name_is_called_by_its_code(tmp_path: Path, suffix: str) -> None:
    frame = grid()
    frame["LSOA21NM"] = [None, *NAMES[1:]]
    found = read_boundaries([write_boundaries(tmp_path / f"b{suffix}", frame)])
    assert found.areas["lsoa_name"].to_list() == [CODES[0], *NAMES[1:]]


def test_heights_are_dropped_and_multipolygons_kept(tmp_path: Path) -> None:
    high = polygon(*[(x, y, 9.0) for x, y in DEGREES[0]["coordinates"][0]])
    both = {"type": "MultiPolygon", "coordinates": [high["coordinates"]]}
    found = read_boundaries([write(tmp_path / "b.geojson", collection(both))])
    assert found.areas.geometry.iloc[0].geom_type == "MultiPolygon"
    assert not found.areas.has_z.any()


def test_files_of_two_areas_in_two_formats_are_put_together(tmp_path: Path) -> None:
    whole = read_boundaries([write_boundaries(tmp_path / "b.gpkg", grid())])
    parts = [
        write_boundaries(tmp_path / "y.gpkg", grid().iloc[5:]),
        write_boundaries(tmp_path / "x.zip", grid().iloc[:5]),
    ]
    assert same_places(whole, read_boundaries(parts), 0.0)
    assert same_places(whole, read_boundaries(parts[::-1]), 0.0)


def test_an_area_that_two_files_hold_alike_is_taken_once(tmp_path: Path) -> None:
    one = write_boundaries(tmp_path / "1.gpkg", grid().iloc[:6])
    two = write_boundaries(tmp_path / "2.gpkg", grid().iloc[4:])
    assert read_boundaries([one, two]).areas["lsoa_code"].to_list() == list(CODES)


@pytest.mark.parametrize("name", ["a!b.gpkg", "a#b c%20.gpkg", "x.vrt.gpkg", "noextension", f"{ODD_NAME}.gpkg"])
def test_a_geopackage_of_any_name(tmp_path: Path, name: str) -> None:
    data = write_boundaries(tmp_path / "b.gpkg", grid()).read_bytes()
    assert len(read_boundaries([write(tmp_path / name, data)]).areas) == 9


@pytest.mark.parametrize("name", ["B.ZIP", "a!b.zip", "noextension", "x.zip y.zip"])
@pytest.mark.parametrize("folder", ["", "some/folder/"])
def test_a_zipped_shapefile_of_any_name_in_any_folder(tmp_path: Path, name: str, folder: str) -> None:
    parts = shapefile(tmp_path)
    others: dict[str, str | bytes] = {
        "readme.txt": "hello",
        f"__MACOSX/{folder}._b.shp": "notes",
        f"{folder}b.shp.xml": "<x/>",
    }
    archive = write_zip(tmp_path / "new" / name, others | {folder + part: data for part, data in parts.items()})
    assert len(read_boundaries([archive]).areas) == 9


def shapefile(folder: Path) -> dict[str, bytes]:
    write_boundaries(folder / "b.zip", grid())
    return {path.name: path.read_bytes() for path in (folder / "b").iterdir()}


# --- repair ----------------------------------------------------------------------------------------------------------


def test_a_polygon_that_crosses_itself_is_repaired_and_counted(tmp_path: Path) -> None:
    south_west, south_east, north_east, north_west = DEGREES[0]["coordinates"][0][0:8:2]
    bowtie = polygon(south_west, north_east, south_east, north_west, south_west)
    found = read_boundaries([write(tmp_path / "b.geojson", collection(bowtie))])
    assert found.repaired == 1
    assert found.areas.is_valid.all()
    assert found.areas.area.iloc[0] == pytest.approx(SIDE**2 / 2, rel=0.001)


def test_an_outline_that_is_not_closed_is_closed(tmp_path: Path) -> None:
    ring = polygon(*DEGREES[0]["coordinates"][0][:-1])
    found = read_boundaries([write(tmp_path / "b.geojson", collection(ring))])
    assert found.areas.geometry.iloc[0].equals(found.areas.geometry.iloc[0].buffer(0))
    assert found.areas.area.iloc[0] == pytest.approx(SIDE**2, rel=0.001)


def star(corners: int) -> dict[str, Any]:
    """A ring of which every side crosses most others."""
    angle = np.arange(0, corners) * 2.4
    return polygon(*zip(1.0 + 0.01 * np.cos(angle), 52.5 + 0.01 * np.sin(angle), strict=True))


def test_a_few_crossings_are_repaired_however_they_lie(tmp_path: Path) -> None:
    assert read_boundaries([write(tmp_path / "b.geojson", collection(star(40)))]).repaired == 1


def test_a_long_outline_is_not_taken_for_a_tangle(tmp_path: Path) -> None:
    angle = np.linspace(0, 2 * np.pi, 20_000)
    coast = [*zip(1.0 + 0.01 * np.cos(angle), 52.5 + 0.01 * np.sin(angle), strict=True), (1.02, 52.5), (1.0, 52.52)]
    assert read_boundaries([write(tmp_path / "b.geojson", collection(polygon(*coast)))]).repaired == 1


@pytest.mark.parametrize("corners", [400, 20_000])
def test_a_tangle_is_refused_in_a_moment(tmp_path: Path, corners: int) -> None:
    path = write(tmp_path / "b.geojson", collection(star(corners)))
    began = time.perf_counter()
    said = sentence(path)
    assert time.perf_counter() - began < 10
    assert said == (
        f"'b.geojson' has a polygon that crosses itself more than 1,000 times, '{CODES[0]}': download the boundaries again."
    )


# --- what cannot be used ---------------------------------------------------------------------------------------------

NAN = [[float("nan") if n == 2 else x, y] for n, (x, y) in enumerate(DEGREES[0]["coordinates"][0])]
INFINITE = [[float("inf") if n == 2 else x, y] for n, (x, y) in enumerate(DEGREES[0]["coordinates"][0])]
SWAPPED = [(y, x) for x, y in DEGREES[0]["coordinates"][0]]
OUTSIDE = (
    "says its coordinates are 'WGS 84', but they lie outside Great Britain: export it again in the British National"
)
BAD: dict[str, tuple[str | bytes, str]] = {
    "an empty file": ("", "is empty: download the boundaries again"),
    "CSV": ("LSOA21CD\nE01000101\n", "is not GeoJSON, GeoPackage or a zipped Shapefile"),
    "UTF-16": (collection().encode("utf-16"), "is not GeoJSON, GeoPackage or a zipped Shapefile"),
    "a cut-off file": (collection()[:-90], "cannot be read as GeoJSON: download the boundaries again"),
    "Windows-1252": (collection(LSOA21NM="Môn").replace("\\u00f4", "ô").encode("cp1252"), "cannot be read as GeoJSON"),
    "a million brackets": ('{"features":' + "[" * 1_000_000, "cannot be read as GeoJSON"),
    "TopoJSON": ('{"type": "Topology", "objects": {}}', "is not a GeoJSON FeatureCollection"),
    "one feature": (json.dumps({"type": "Feature", "geometry": DEGREES[0]}), "is not a GeoJSON FeatureCollection"),
    "features that are none": ('{"type": "FeatureCollection", "features": [1, null, []]}', "has no LSOA21CD or LSOA11CD"),
    "no features": (geojson([]), "has no LSOA21CD or LSOA11CD property: give the LSOA boundaries from the ONS"),
    "MSOA boundaries": (collection().replace("LSOA21", "MSOA21"), "has no LSOA21CD or LSOA11CD property"),
    "metres that claim to be degrees": (geojson([({"LSOA21CD": CODES[0]}, METRIC[0])]), OUTSIDE),
    "swapped latitude and longitude": (collection(polygon(*SWAPPED)), OUTSIDE),
    "a corner far away": (collection(polygon((1, 52), (1e308, 52), (1, 53), (1, 52))), OUTSIDE),
    "degrees that claim to be metres": (
        collection(crs="EPSG:27700").replace('"EPSG:27700"', '"EPSG:3857"'),
        "states the coordinate system 'EPSG:3857': export it with the British National Grid",
    ),
    "a crs of null": (collection().replace('{"type"', '{"crs": null, "type"', 1), "does not state its coordinate system"),
    "no polygon": (collection(None), f"has no polygon for '{CODES[0]}': download the boundaries again"),
    "an empty polygon": (collection({"type": "Polygon", "coordinates": []}), f"has no polygon for '{CODES[0]}'"),
    "a point": (collection({"type": "Point", "coordinates": [1, 52]}), "has points or lines where a polygon was expected"),
    "a line": (
        collection({"type": "LineString", "coordinates": [[1, 52], [1, 53]]}),
        f"has points or lines where a polygon was expected, for '{CODES[0]}'",
    ),
    "a collection of shapes": (
        collection({"type": "GeometryCollection", "geometries": [DEGREES[0]]}),
        "has points or lines where a polygon was expected",
    ),
    "a polygon without an inside": (
        collection(polygon((1, 52.5), (1.1, 52.5), (1, 52.5), (1, 52.5))),
        f"has a polygon without an inside for '{CODES[0]}'",
    ),
    "two corners": (collection(polygon((1, 52.5), (1.1, 52.5))), "holds a geometry that cannot be read ("),
    "text as a coordinate": (collection(polygon(("{{7*7}}", 1), (2, 3), (4, 5))), "holds a geometry that cannot be read ("),
    "a shape of no kind": (collection({"type": "Blob\x1b", "coordinates": [1]}), "holds a geometry that cannot be read ("),
    "coordinates missing": (collection({"type": "Polygon"}), "holds a geometry that cannot be read ("),
    "not a number": (collection(polygon(*NAN)), f"has coordinates that are not numbers for '{CODES[0]}'"),
    "an infinite number": (collection(polygon(*INFINITE)), f"has coordinates that are not numbers for '{CODES[0]}'"),
    "one code twice": (
        collection(codes=(CODES[1], *CODES[1:])),
        f"holds more than one polygon for '{CODES[1]}': give one row per LSOA",
    ),
    "codes that are none": (
        collection(codes=("{{7*7}}", "<b>\x1b[31m", None, 7, "E0100010", "e01000106", *CODES[6:])),
        "has LSOA codes that are none: '{{7*7}}', '<b>\\x1b[31m', 'nan', '7', 'E0100010' and 1 more",
    ),
    "a workbook": (b"PK\x03\x04", "is a damaged or encrypted ZIP file: download the boundaries again"),
    "a cut-off GeoPackage": (b"SQLite format 3\x00" + b"\x10" * 999, "cannot be read as GeoPackage"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "says"), BAD.values(), ids=BAD)
def test_a_file_that_cannot_be_used(tmp_path: Path, text: str | bytes, says: str) -> None:
    said = sentence(write(tmp_path / "b.geojson", text))
    assert said.startswith("'b.geojson' ")
    assert says in said


def test_a_missing_file_or_a_folder_is_named(tmp_path: Path) -> None:
    assert sentence(tmp_path / "nowhere.gpkg") == "'nowhere.gpkg' was not found: check the path."
    assert sentence(tmp_path) == f"'{tmp_path.name}' was not found: check the path."


@pytest.mark.parametrize(("cap", "says"), [("MAX_BYTES", "give generalised"), ("MAX_GEOJSON_BYTES", "or a GeoPackage")])
def test_each_cap_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cap: str, says: str) -> None:
    monkeypatch.setattr(boundary_files, cap, 500)
    said = sentence(write(tmp_path / "b.geojson", collection()))
    assert "'b.geojson' is larger than 0 MB: give generalised boundaries" in said
    assert says in said


def test_a_shapefile_that_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = shapefile(tmp_path)
    bomb = write_zip(tmp_path / "c.zip", parts | {"b.shp": bytes(9_000_000)})
    monkeypatch.setattr(boundary_files, "MAX_BYTES", 5_000_000)
    assert "'c.zip' unpacks to more than 4 MB: give generalised boundaries" in sentence(bomb)


def test_mixed_vintages_are_refused(tmp_path: Path) -> None:
    old = write_boundaries(tmp_path / "old.gpkg", grid(2011).iloc[:4])
    new = write_boundaries(tmp_path / "new.gpkg", grid(2021).iloc[4:])
    assert sentence(new, old) == sentence(old, new)
    assert sentence(old, new) == (
        "The boundaries mix vintages: 'old.gpkg' is of 2011 and 'new.gpkg' of 2021; give files of one vintage."
    )


def test_one_area_drawn_in_two_ways_is_refused(tmp_path: Path) -> None:
    moved = grid().iloc[:1].set_geometry([square(5, 5)])
    one, two = write_boundaries(tmp_path / "1.gpkg", grid()), write_boundaries(tmp_path / "2.gpkg", moved)
    assert sentence(one, two) == (
        f"'1.gpkg' and '2.gpkg' holds more than one polygon for '{CODES[0]}': give one row per LSOA."
    )


def gpkg_with(folder: Path, *statements: str) -> Path:
    path = write_boundaries(folder / "b.gpkg", grid())
    database = sqlite3.connect(path)
    database.executescript(";\n".join(statements))
    database.close()
    return path


@pytest.mark.parametrize("srs", [0, -1, 99999])
def test_a_geopackage_without_a_coordinate_system_is_refused(tmp_path: Path, srs: int) -> None:
    path = gpkg_with(
        tmp_path, f"UPDATE gpkg_geometry_columns SET srs_id = {srs}", f"UPDATE gpkg_contents SET srs_id = {srs}"
    )
    assert sentence(path) == (
        "'b.gpkg' does not state its coordinate system: export it with the British National Grid (EPSG:27700) or "
        "longitude and latitude (EPSG:4326)."
    )


def test_a_shapefile_without_a_coordinate_system_is_refused(tmp_path: Path) -> None:
    parts = {name: data for name, data in shapefile(tmp_path).items() if not name.endswith(".prj")}
    assert "'c.zip' does not state its coordinate system" in sentence(write_zip(tmp_path / "c.zip", parts))


def test_a_geopackage_with_two_layers_of_lsoas_is_refused(tmp_path: Path) -> None:
    path = write_boundaries(tmp_path / "b.gpkg", grid())
    grid(2011).to_file(path, driver="GPKG", layer="of 2011")
    assert sentence(path) == "'b.gpkg' holds 2 layers of LSOAs: give a file with exactly one."


def test_other_layers_of_a_geopackage_do_not_matter(tmp_path: Path) -> None:
    path = write_boundaries(tmp_path / "b.gpkg", grid())
    grid().rename(columns={"LSOA21CD": "WD24CD"}).to_file(path, driver="GPKG", layer="wards")
    assert len(read_boundaries([path]).areas) == 9


def test_a_number_that_is_none_in_a_geopackage_is_found(tmp_path: Path) -> None:
    frame = grid()
    corners = shapely.get_coordinates(frame.geometry.iloc[0])
    corners[2, 0] = np.nan
    with np.errstate(invalid="ignore"):
        frame.loc[0, "geometry"] = shapely.Polygon(corners)
        path = write_boundaries(tmp_path / "b.gpkg", frame)
        assert f"has coordinates that are not numbers for '{CODES[0]}'" in sentence(path)


@pytest.mark.parametrize("part", [".shp", ".shx", ".dbf"])
def test_an_incomplete_shapefile_is_refused(tmp_path: Path, part: str) -> None:
    parts = {name: data for name, data in shapefile(tmp_path).items() if not name.endswith(part)}
    said = sentence(write_zip(tmp_path / "c.zip", parts))
    assert said == (
        "'c.zip' holds 0 Shapefiles (.shp): give a ZIP file with exactly one."
        if part == ".shp"
        else f"'c.zip' holds a Shapefile without its {part}: download the boundaries again."
    )


def test_two_shapefiles_are_refused(tmp_path: Path) -> None:
    parts = shapefile(tmp_path)
    twice = parts | {f"other/{name}": data for name, data in parts.items()}
    assert "'c.zip' holds 2 Shapefiles (.shp)" in sentence(write_zip(tmp_path / "c.zip", twice))


@pytest.mark.parametrize(("part", "kept"), [(".shp", 140), (".dbf", 40), (".shp", 0), (".dbf", 0), (".shx", 0)])
def test_a_cut_off_shapefile_is_refused(tmp_path: Path, part: str, kept: int) -> None:
    parts = {name: data[:kept] if name.endswith(part) else data for name, data in shapefile(tmp_path).items()}
    assert sentence(write_zip(tmp_path / "c.zip", parts)).startswith("'c.zip' ")


def test_an_encrypted_zip_is_refused(tmp_path: Path) -> None:
    data = bytearray(write_zip(tmp_path / "c.zip", shapefile(tmp_path)).read_bytes())
    for at in range(len(data)):
        if data[at : at + 4] == b"PK\x03\x04":
            data[at + 6] |= 1
        elif data[at : at + 4] == b"PK\x01\x02":
            data[at + 8] |= 1
    assert "'d.zip' is a damaged or encrypted ZIP file" in sentence(write(tmp_path / "d.zip", bytes(data)))


# --- files that point elsewhere --------------------------------------------------------------------------------------


@pytest.fixture
def address() -> Iterator[tuple[str, list[str]]]:
    """A local address, and the requests that it was sent."""
    seen: list[str] = []

    class Listener(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            """Nothing on stderr."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", seen
    server.shutdown()
    server.server_close()


LINKS: dict[str, Callable[[str], dict[str, Any]]] = {
    "a link": lambda url: {"type": "link", "properties": {"href": url, "type": "proj4"}},
    "an address": lambda url: {"type": "URL", "properties": {"url": url}},
    "a name": lambda url: {"type": "name", "properties": {"name": url}},
    "a name like a known one": lambda url: {"type": "name", "properties": {"name": f"EPSG:27700+{url}"}},
}


@pytest.mark.parametrize("crs", LINKS.values(), ids=LINKS)
@pytest.mark.parametrize("place", ["the collection", "a feature", "a geometry"])
def test_geojson_calls_no_address(
    tmp_path: Path, address: tuple[str, list[str]], place: str, crs: Callable[[str], dict[str, Any]]
) -> None:
    url, seen = address
    whole = json.loads(collection())
    feature = whole["features"][0]
    {"the collection": whole, "a feature": feature, "a geometry": feature["geometry"]}[place]["crs"] = crs(f"{url}/crs")
    path = write(tmp_path / "b.geojson", json.dumps(whole))
    if place == "the collection":
        assert "coordinate system" in sentence(path)
    else:
        assert len(read_boundaries([path]).areas) == 9
    assert seen == []


@pytest.mark.parametrize("words", ["CREATE VIRTUAL TABLE", "create/**/virtual /* */ table"])
@pytest.mark.parametrize("rootpage", [0, 3])
def test_a_geopackage_whose_tables_stand_for_other_files_is_refused(tmp_path: Path, words: str, rootpage: int) -> None:
    write_boundaries(tmp_path / "secret.zip", grid())
    path = gpkg_with(
        tmp_path,
        "PRAGMA writable_schema = ON",
        "INSERT INTO sqlite_master (type, name, tbl_name, rootpage, sql) VALUES ('table', 'leak', 'leak', "
        f"{rootpage}, '{words} leak USING VirtualShape(''{tmp_path / 'secret' / 'secret'}'', ''UTF-8'', 27700)')",
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) VALUES ('leak', 'features', 'leak', 27700)",
        "INSERT INTO gpkg_geometry_columns VALUES ('leak', 'Geometry', 'POLYGON', 27700, 0, 0)",
    )
    assert sentence(path) == (
        "'b.gpkg' holds tables that stand for other files: download the boundaries from ONS again."
    )


def test_a_geopackage_is_checked_without_an_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address of a file on a Windows network share names a host, which SQLite refuses."""
    path = write_boundaries(tmp_path / "b.gpkg", grid())
    opened: list[tuple[object, ...]] = []
    connect = sqlite3.connect

    def noted(*said: str, **more: object) -> sqlite3.Connection:
        opened.append((said, more))
        return connect(said[0])

    monkeypatch.setattr(sqlite3, "connect", noted)
    assert len(read_boundaries([path]).areas) == 9
    assert opened == [((":memory:",), {})]


def test_a_geopackage_with_a_write_ahead_log_is_read(tmp_path: Path) -> None:
    path = gpkg_with(tmp_path, "PRAGMA journal_mode = WAL")
    assert path.read_bytes()[18:20] == b"\2\2"
    assert len(read_boundaries([path]).areas) == 9


@pytest.mark.parametrize(("west", "share"), [(-1_000, 0.125), (-10, 10 / 8_990), (0, 0.0)])
def test_overlap_is_the_ground_counted_twice(tmp_path: Path, west: float, share: float) -> None:
    frame = grid()
    frame.loc[1, "geometry"] = shapely.affinity.translate(frame.geometry.iloc[1], xoff=west)
    found = read_boundaries([write_boundaries(tmp_path / "b.gpkg", frame)])
    assert found.overlap == pytest.approx(share, rel=0.01)


def test_an_area_inside_another_is_an_overlap(tmp_path: Path) -> None:
    frame = grid()
    frame.loc[1, "geometry"] = frame.geometry.iloc[0].buffer(-100)
    assert read_boundaries([write_boundaries(tmp_path / "b.gpkg", frame)]).overlap == pytest.approx(0.64 / 8, rel=0.01)


def test_a_spatial_index_is_no_such_table(tmp_path: Path) -> None:
    path = tmp_path / "b.gpkg"
    grid().to_file(path, driver="GPKG", layer='LSOA (Dec 2021) "EW"', spatial_index=True)
    assert len(read_boundaries([path]).areas) == 9


def test_hostile_names_are_kept_as_they_stand(tmp_path: Path) -> None:
    hostile = '=1+1<img src=x onerror=alert(1)>{{7*7}}\x1b[31m"\n'
    for name in ("b.geojson", "b.gpkg"):
        found = read_boundaries([write_boundaries(tmp_path / name, grid().assign(LSOA21NM=hostile))])
        assert set(found.areas["lsoa_name"]) == {hostile}


def test_a_hostile_file_name_stays_on_one_line(tmp_path: Path) -> None:
    said = sentence(write(tmp_path / f"{ODD_NAME}.geojson", "{}"))
    assert said.startswith(f"'{ODD_SHOWN.replace('?', quoted(chr(0xDCFF))[1:-1])}.geojson' is not a GeoJSON")


def test_the_fixture_stands_where_it_says() -> None:
    west, south, east, north = grid().total_bounds
    assert (round(west), round(south)) == (EAST, NORTH)
    assert (round(east), round(north)) == (EAST + 3_020, NORTH + 3_000)
    assert isinstance(grid(), gpd.GeoDataFrame)
