"""Points, lines and polygons of a layer: every format, what is left out and why, what is refused in a sentence."""

import json
import os
import sqlite3
import subprocess
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geodata.errors import InputError
from geodata.layers import Layer, read_layer, read_layers
from tests.fixtures import (
    CODES,
    EAST,
    NORTH,
    areas,
    assert_plain,
    at,
    geojson,
    table,
    write,
    write_boundaries,
    write_zip,
)

AREAS = areas()
NAME = 'The <b onclick="x">{{7*7}}</b>\n=1+1'
ABOUT = """\
title = "Licensed premises"
source = "Register"
date = "2025-09-30"
licence = "Open Government Licence v3.0"
marking = "open"
kind = "{kind}"
"""
CLASSES = 'name = "name"\nclass = "type"\n[[classes]]\nvalue = "on"\nmeans = "drunk there"\n'


def described(path: Path, kind: str = "points", more: str = "") -> Path:
    write(path.with_suffix(".toml"), ABOUT.format(kind=kind) + more)
    return path


def point(east: float, north: float) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [float(part) for part in at(east, north)]}


def layer(path: Path) -> Layer:
    return read_layer(path, AREAS, 2021)


def sentence(path: Path) -> str:
    with pytest.raises(InputError) as error:
        layer(path)
    return assert_plain(str(error.value))


def frame(crs: int = 27700) -> gpd.GeoDataFrame:
    shapes = [shapely.Point(EAST + 500, NORTH + 500), shapely.Point(EAST + 2500, NORTH + 2500)]
    return gpd.GeoDataFrame({"name": [NAME, "Bell"], "type": ["on", "off"]}, geometry=shapes, crs=27700).to_crs(crs)


@pytest.mark.parametrize("crs", [27700, 4326])
@pytest.mark.parametrize("name", ["l.geojson", "l.gpkg", "l.zip"])
def test_every_format_and_both_coordinate_systems(tmp_path: Path, name: str, crs: int) -> None:
    found = layer(described(write_boundaries(tmp_path / name, frame(crs)), more=CLASSES))
    assert found.frame.crs.to_epsg() == 27700
    assert list(found.frame.columns) == ["name", "class", "lsoa_code", "geometry"]
    assert list(found.frame["lsoa_code"]) == [CODES[0], CODES[8]]
    assert found.frame.geometry.distance(frame().geometry).max() < 0.01
    # text of the file is kept as text, on one line
    assert found.frame["name"].iloc[0] == " ".join(NAME.split())
    assert found.notes == ("The description does not say what these classes mean: 'off'.",)
    assert (found.id, found.is_open, found.accounting.read, found.accounting.kept) == ("l", True, 2, 2)


def test_a_whole_number_beside_a_gap_is_still_that_class(tmp_path: Path) -> None:
    numbered = frame().assign(type=pd.array([1, None], dtype="Int64"))
    found = layer(described(write_boundaries(tmp_path / "l.gpkg", numbered), more=CLASSES.replace('"on"', '"1"')))
    assert found.frame["class"].iloc[0] == "1"
    assert found.frame["class"].isna().tolist() == [False, True]
    assert found.notes == ()


@pytest.mark.parametrize("columns", [("Longitude", "Latitude"), ("Easting", "Northing")])
def test_csv_with_coordinates(tmp_path: Path, columns: tuple[str, str]) -> None:
    places = [(500, 500), (2500, 2500)]
    degrees = columns[0] == "Longitude"
    rows = [dict(zip(columns, at(*p) if degrees else (f"{EAST + p[0]:,}", NORTH + p[1]), strict=True)) for p in places]
    found = layer(described(write(tmp_path / "stops.csv", table(rows))))
    assert list(found.frame["lsoa_code"]) == [CODES[0], CODES[8]]
    assert found.frame["name"].isna().all()


def test_each_feature_is_kept_or_left_out_for_one_reason(tmp_path: Path) -> None:
    nan = {"type": "Point", "coordinates": [float("nan"), 52.6]}
    features: list[tuple[dict[str, Any], Any]] = [
        ({}, point(500, 500)),
        ({}, point(-300, 500)),  # 300 m outside: still within a walk
        ({}, point(-500, 500)),
        ({}, None),
        ({}, {"type": "Point", "coordinates": []}),
        ({}, nan),
    ]
    found = layer(described(write(tmp_path / "l.geojson", geojson(features))))
    assert found.accounting.left_out == {"empty_geometry": 2, "invalid_coordinates": 1, "outside_area": 1}
    assert (found.accounting.read, found.accounting.kept) == (6, 2)
    assert found.frame["lsoa_code"].isna().tolist() == [False, True]
    assert found.accounting.sentence == (
        "6 read, 2 kept; left out: 2 with no geometry, or an empty one, 1 with coordinates that are not numbers, or no place on "
        "earth, 1 with a place more than 400 m outside the area"
    )


def test_csv_rows_without_coordinates(tmp_path: Path) -> None:
    longitude, latitude = at(500, 500)
    rows = [
        {"lon": longitude, "lat": latitude},
        {"lon": "", "lat": latitude},
        {"lon": "east", "lat": latitude},
        {"lon": "nan", "lat": latitude},
    ]
    found = layer(described(write(tmp_path / "l.csv", table(rows))))
    assert found.accounting.left_out == {"no_coordinates": 1, "invalid_coordinates": 2}


def test_lines_and_polygons(tmp_path: Path) -> None:
    corner = shapely.Point(EAST, NORTH)
    line = gpd.GeoDataFrame(geometry=[shapely.LineString([(EAST, NORTH), (EAST + 900, NORTH)])], crs=27700)
    found = layer(described(write_boundaries(tmp_path / "route.gpkg", line), "lines"))
    assert found.frame.length.sum() == pytest.approx(900)
    bow = shapely.Polygon(np.add([(0, 0), (200, 200), (200, 0), (0, 200)], (EAST, NORTH)))
    shapes = gpd.GeoDataFrame(geometry=[corner.buffer(100), bow], crs=27700)
    found = layer(described(write_boundaries(tmp_path / "zone.geojson", shapes), "polygons"))
    assert found.frame.is_valid.all()
    assert found.frame.area.iloc[1] == pytest.approx(20_000, rel=0.01)
    assert found.notes == ("1 polygon was not valid and repaired.",)
    assert "holds Polygon where its description says points" in sentence(described(tmp_path / "zone.geojson"))


def test_a_multipoint_of_one_point_is_that_point(tmp_path: Path) -> None:
    one, two = ({"type": "MultiPoint", "coordinates": [point(9, 9)["coordinates"]] * n} for n in (1, 2))
    assert len(layer(described(write(tmp_path / "l.geojson", geojson([({}, one)])))).frame) == 1
    assert "holds MultiPoint" in sentence(described(write(tmp_path / "m.geojson", geojson([({}, two)]))))


def test_a_hostile_ring_is_refused_fast(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    ring = shapely.Polygon(rng.uniform([EAST, NORTH], [EAST + 900, NORTH + 900], (400, 2)))
    path = write_boundaries(tmp_path / "l.gpkg", gpd.GeoDataFrame(geometry=[ring], crs=27700))
    start = time.perf_counter()
    assert "crosses itself more than 1,000 times" in sentence(described(path, "polygons"))
    assert time.perf_counter() - start < 5


# What cannot be used


def no_crs(path: Path) -> Path:
    with warnings.catch_warnings(action="ignore"):
        frame().set_crs(None, allow_override=True).to_file(path, driver="GPKG")
    return path


def test_a_layer_without_a_coordinate_system(tmp_path: Path) -> None:
    assert "does not state its coordinate system" in sentence(described(no_crs(tmp_path / "l.gpkg")))
    said = json.loads(geojson([({}, point(1, 1))])) | {"crs": None}
    assert "does not state" in sentence(described(write(tmp_path / "m.geojson", json.dumps(said))))
    metres = {"type": "Point", "coordinates": [EAST, NORTH]}
    assert "too large for degrees (they look like eastings" in sentence(
        described(write(tmp_path / "n.geojson", geojson([({}, metres)])))
    )
    assert "states the coordinate system" in sentence(described(write_boundaries(tmp_path / "o.gpkg", frame(3857))))


def test_a_layer_of_another_country_and_one_with_swapped_coordinates(tmp_path: Path) -> None:
    paris = geojson([({}, {"type": "Point", "coordinates": [2.35, 48.86]})] * 3)
    assert sentence(described(write(tmp_path / "l.geojson", paris))) == (
        "None of the 3 features of 'l.geojson' lies in this area (they lie around longitude 2.35, latitude 48.86): give the layer of "
        "this area."
    )
    swapped = geojson([({}, {"type": "Point", "coordinates": point(1, 1)["coordinates"][::-1]})])
    assert "swapped; give longitude first" in sentence(described(write(tmp_path / "s.geojson", swapped)))
    far = write(tmp_path / "far.csv", table([{"easting": 100, "northing": 200}]))
    assert "around easting 100, northing 200" in sentence(described(far))
    nowhere = write(tmp_path / "no.csv", table([{"easting": "", "northing": 200}]))
    assert "no feature that can be placed" in sentence(described(nowhere))


def many(path: Path, number: int) -> Path:
    longitude, latitude = at(500, 500)
    if path.suffix == ".csv":
        return write(path, "longitude,latitude\n" + f"{longitude},{latitude}\n" * number)
    if path.suffix == ".geojson":
        return write(path, geojson([({}, point(500, 500))] * number))
    points = gpd.GeoDataFrame(geometry=np.full(number, shapely.Point(EAST, NORTH)), crs=27700)
    return write_boundaries(path, points)


@pytest.mark.parametrize("name", ["l.csv", "l.geojson", "l.gpkg", "l.zip"])
def test_more_points_than_a_map_carries(tmp_path: Path, name: str) -> None:
    path = described(many(tmp_path / name, 20_001))
    assert f"'{name}' holds more than 20,000 features, the most that a map stays readable with" in sentence(path)


@pytest.mark.parametrize("name", ["l.csv", "l.geojson"])
def test_300_000_points_are_refused_fast_and_20_000_read(tmp_path: Path, name: str) -> None:
    path = described(many(tmp_path / name, 300_000))
    start = time.perf_counter()
    assert "more than 20,000 features" in sentence(path)
    assert time.perf_counter() - start < 2
    assert len(layer(described(many(tmp_path / name, 20_000))).frame) == 20_000


BAD = {
    "nothing": ("l.geojson", b"", "is not GeoJSON"),
    "a picture": ("l.geojson", b"\x89PNG", "is not GeoJSON"),
    "half a file": ("l.geojson", b'{"type": "FeatureColl', "cannot be read as GeoJSON"),
    "depth": ("l.geojson", b'{"type": ' + b"[" * 100_000, "cannot be read as GeoJSON"),
    "a bare geometry": ("l.geojson", b'{"type": "Point", "coordinates": [1, 52]}', "is not a GeoJSON Feature"),
    "a list of features that is none": ("l.geojson", b'{"type": "FeatureCollection", "features": 1}', "not a GeoJSON"),
    "no features": ("l.geojson", b'{"type": "FeatureCollection", "features": []}', "holds no features"),
    "no such geometry": ("l.geojson", geojson([({}, {"type": "Blob"})]).encode(), "geometry that cannot be read"),
    "crs elsewhere": ("l.geojson", geojson([], "http://localhost:1/x").encode(), "states the coordinate system"),
    "a cut off GeoPackage": ("l.gpkg", b"SQLite format 3\x00" + b"\x00" * 200, "cannot be read as GeoPackage"),
    "a broken archive": ("l.zip", b"PK\x03\x04 cut off", "damaged or encrypted ZIP"),
    "a workbook": ("l.xlsx", b"PK\x03\x04", "is a workbook: save the sheet as 'CSV UTF-8'"),
    "a CSV without coordinates": ("l.csv", b"name,place\nBell,here\n", "no columns of coordinates"),
    "a VRT named CSV": ("l.csv", b"<OGRVRTDataSource>\n<x/>\n", "no columns of coordinates"),
}


@pytest.mark.parametrize(("name", "data", "says"), BAD.values(), ids=BAD)
def test_what_cannot_be_used(tmp_path: Path, name: str, data: bytes, says: str) -> None:
    said = sentence(described(write(tmp_path / name, data)))
    assert says in said
    assert "download the boundaries" not in said


def test_a_bomb_is_refused_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("geodata.layer_features.MAX_BYTES", 100_000)
    path = write_zip(tmp_path / "l.zip", {"s.shp": b"\0" * 100_001})
    assert "unpacks to more than" in sentence(described(path))


def test_a_column_that_the_description_names_must_be_there(tmp_path: Path) -> None:
    path = write_boundaries(tmp_path / "l.gpkg", frame())
    assert "has no column 'nom', which its description gives as name" in sentence(
        described(path, more='name = "nom"\n')
    )


def test_text_that_points_elsewhere_is_never_followed(tmp_path: Path) -> None:
    secret = write_boundaries(tmp_path / "secret.geojson", frame(4326))
    vrt = f'<OGRVRTDataSource><OGRVRTLayer name="secret"><SrcDataSource>{secret}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'
    command = {"type": "gdal_streamed_alg", "command_line": f"gdal vector read {secret}"}
    paths = [
        described(write(tmp_path / "vrt.geojson", vrt)),
        described(write(tmp_path / "vrt.gpkg", vrt)),
        described(write(tmp_path / "gdalg.geojson", json.dumps(command))),
        described(write(tmp_path / "path.geojson", str(secret))),
    ]
    # in a fresh process, since the formats that GDAL may open are settled when pyogrio is first imported
    code = (
        "import sys, pickle; from pathlib import Path; from geodata.layers import read_layer\n"
        "from geodata.errors import InputError\n"
        "areas = pickle.load(open(sys.argv[1], 'rb'))\n"
        "for path in sys.argv[2:]:\n"
        "    try: read_layer(Path(path), areas, 2021); print('READ')\n"
        "    except InputError as error: print(error)\n"
    )
    AREAS.to_pickle(tmp_path / "areas")
    fresh = {name: value for name, value in os.environ.items() if name != "GDAL_SKIP"}
    words = [sys.executable, "-c", code, str(tmp_path / "areas"), *map(str, paths)]
    root = Path(__file__).parents[1]
    said = subprocess.run(words, cwd=root, env=fresh, capture_output=True, text=True, check=True).stdout.splitlines()
    assert len(said) == len(paths)
    assert all("GeoJSON" in one for one in said)


def test_a_geopackage_with_a_virtual_table_is_refused(tmp_path: Path) -> None:
    path = write_boundaries(tmp_path / "l.gpkg", frame())
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA writable_schema = 1")
        database.execute(
            "INSERT INTO sqlite_master VALUES ('table', 'v', 'v', 0, 'CREATE VIRTUAL TABLE v USING virtualogr(''other.csv'')')"
        )
    assert "stand for other files: export the layer again" in sentence(described(path))


# Several layers


def test_a_folder_of_layers(tmp_path: Path) -> None:
    described(write_boundaries(tmp_path / "B pubs.gpkg", frame()))
    described(write(tmp_path / "a.csv", table([dict(zip(("lon", "lat"), at(1, 1), strict=True))])))
    found = read_layers([tmp_path], AREAS, 2021)
    assert [one.id for one in found] == ["a", "b-pubs"]
    described(write(tmp_path / "b_pubs.csv", ""))
    with pytest.raises(InputError, match="Two layers have the name"):
        read_layers([tmp_path], AREAS, 2021)


def test_a_layer_needs_its_description(tmp_path: Path) -> None:
    assert "'l.toml' was not found: a layer needs this description" in sentence(write(tmp_path / "l.csv", "a\n1\n"))
