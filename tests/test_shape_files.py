"""Uploaded polygons in each format, from bytes alone."""

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely

from geodata import shape_files
from geodata.errors import InputError
from geodata.shape_files import read_shape_file
from tests.fixtures import EAST, NORTH, assert_plain, at, geojson, write_boundaries, write_zip

TWO = [shapely.box(EAST + west, NORTH, EAST + west + 400, NORTH + 400) for west in (0, 600)]


def frame(crs: int = 27700) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"name": ["{{7*7}}", "=1+1"]}, geometry=TWO, crs=27700).to_crs(crs)


def square() -> dict[str, Any]:
    ring = [[float(part) for part in at(x, y)] for x, y in ((0, 0), (400, 0), (400, 400), (0, 400), (0, 0))]
    return {"type": "Polygon", "coordinates": [ring]}


def sentence(name: str, data: bytes) -> str:
    with pytest.raises(InputError) as error:
        read_shape_file(name, data)
    return assert_plain(str(error.value))


@pytest.mark.parametrize("crs", [27700, 4326])
@pytest.mark.parametrize("name", ["s.geojson", "s.gpkg", "s.zip"])
def test_every_format_and_both_coordinate_systems(tmp_path: Path, name: str, crs: int) -> None:
    found = read_shape_file("x", write_boundaries(tmp_path / name, frame(crs)).read_bytes())
    assert found.crs.to_epsg() == crs
    assert len(found) == 2
    assert found.to_crs(27700).union_all().symmetric_difference(shapely.union_all(TWO)).area < 10


@pytest.mark.parametrize(
    "said",
    [
        square(),
        {"type": "Feature", "properties": None, "geometry": square()},
        {"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": square()}, {"geometry": None}]},
    ],
)
def test_geojson_of_any_kind(said: dict[str, Any]) -> None:
    found = read_shape_file("drawn.json", json.dumps(said).encode())
    assert len(found) == 1
    assert found.crs.to_epsg() == 4326


@pytest.mark.parametrize("crs", [3857, 32630])
@pytest.mark.parametrize("name", ["s.gpkg", "s.zip"])
def test_another_coordinate_system(tmp_path: Path, name: str, crs: int) -> None:
    data = write_boundaries(tmp_path / name, frame(crs)).read_bytes()
    assert "states the coordinate system" in sentence("s", data)


BAD = {
    "nothing": (b"", "is of another format"),
    "a picture": (b"\x89PNG\r\n", "is of another format"),
    "a workbook": (b"PK\x03\x04 cut off", "damaged or encrypted ZIP"),
    "half a file": (b'{"type": "FeatureColl', "cannot be read as GeoJSON"),
    "no features": (b'{"type": "FeatureCollection"}', "without features"),
    "an empty collection": (b'{"type": "FeatureCollection", "features": []}', "holds no polygon"),
    "an empty polygon": (b'{"type": "Polygon", "coordinates": []}', "holds no polygon"),
    "a point": (b'{"type": "Point", "coordinates": [1.2, 52.6]}', "points or lines where a polygon"),
    "no such kind": (b'{"type": "Blob"}', "geometry that cannot be read"),
    "depth": (b'{"type": ' + b"[" * 100_000, "cannot be read as GeoJSON"),
    "a cut off GeoPackage": (b"SQLite format 3\x00" + b"\x00" * 200, "cannot be read as GeoPackage"),
    "a coordinate system elsewhere": (
        geojson([({}, square())], crs="http://localhost:1/crs").encode(),
        "states the coordinate system",
    ),
}


@pytest.mark.parametrize(("data", "says"), BAD.values(), ids=BAD)
def test_what_cannot_be_used(data: bytes, says: str) -> None:
    assert says in sentence("{{7*7}}<b>\n.geojson", data)


def test_a_geopackage_with_two_layers(tmp_path: Path) -> None:
    path = write_boundaries(tmp_path / "s.gpkg", frame())
    frame().to_file(path, layer="other", driver="GPKG")
    assert "holds 2 layers of shapes" in sentence("s", path.read_bytes())


def test_a_vrt_is_not_opened(tmp_path: Path) -> None:
    secret = write_boundaries(tmp_path / "secret.geojson", frame(4326))
    vrt = f'<OGRVRTDataSource><OGRVRTLayer name="secret"><SrcDataSource>{secret}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'
    assert "is of another format" in sentence("vrt.geojson", vrt.encode())


def test_a_large_file_is_refused_packed_or_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small = write_boundaries(tmp_path / "s.zip", frame()).read_bytes()
    monkeypatch.setattr(shape_files, "MAX_SHAPE_BYTES", 100_000)
    assert len(read_shape_file("s", small)) == 2
    bomb = write_zip(tmp_path / "bomb.zip", {"s.shp": b"\0" * 100_001}).read_bytes()
    assert len(bomb) < 1_000
    assert "unpacks to more than" in sentence("s", bomb)
    assert "is larger than" in sentence("s", b"{" + b" " * 100_000)
