"""What the browser may fetch: three GeoJSON files, named by their content, that hold no incident."""

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely

from geodata.display import write_display
from tests.fixtures import CODES, NAMES, areas


def described(**columns: Any) -> gpd.GeoDataFrame:
    district = [name.split()[0] for name in NAMES]
    place = ["Quay", "Quay", None, *[f"Place {n}" for n in range(4, 10)]]
    return areas().assign(**({"label": NAMES, "district": district, "place": place} | columns))


def read(folder: Path, files: dict[str, str], kind: str) -> dict[str, Any]:
    return json.loads((folder / files[kind]).read_text(encoding="utf-8"))


def test_areas_keep_their_order_with_code_and_label_only(tmp_path: Path) -> None:
    features = read(tmp_path, write_display(described(), tmp_path), "areas")["features"]
    assert [feature["properties"] for feature in features] == [
        {"code": code, "label": name} for code, name in zip(CODES, NAMES, strict=True)
    ]
    for feature, shape in zip(features, areas().to_crs(4326).geometry, strict=True):
        drawn = shapely.geometry.shape(feature["geometry"])
        assert drawn.is_valid
        assert shapely.symmetric_difference(drawn, shape).area < 0.01 * shape.area


def test_coordinates_have_five_decimals(tmp_path: Path) -> None:
    found = read(tmp_path, write_display(described(), tmp_path), "areas")
    corners = shapely.get_coordinates([shapely.geometry.shape(f["geometry"]) for f in found["features"]])
    assert (corners.round(5) == corners).all()


def test_neighbours_still_share_their_edges(tmp_path: Path) -> None:
    found = read(tmp_path, write_display(described(), tmp_path), "areas")
    shapes = [shapely.geometry.shape(feature["geometry"]) for feature in found["features"]]
    assert shapely.coverage_is_valid(shapes)
    assert shapes[0].intersection(shapes[1]).length > 0


def test_a_ragged_edge_is_smoothed_alike_on_both_sides(tmp_path: Path) -> None:
    south = [(1_000 + (5 if step % 2 else -5), 50 * step) for step in range(10)]
    north = [(x, 1_000 - y) for x, y in reversed(south)]
    meeting = (988, 500)  # where all three meet: a corner of two of them, a point on the third one's edge
    shapes = [
        shapely.Polygon([*south, meeting, *north, (0, 1_000), (0, 0)]),
        shapely.Polygon([*south, meeting, (2_000, 500), (2_000, 0)]),
        shapely.Polygon([meeting, *north, (2_000, 1_000), (2_000, 500)]),
    ]
    ragged = gpd.GeoSeries(shapes, crs=27700).translate(600_000, 300_000)
    three = described().iloc[:3].set_geometry(ragged.to_numpy(), crs=27700)
    found = read(tmp_path, write_display(three, tmp_path), "areas")
    drawn = [shapely.geometry.shape(feature["geometry"]) for feature in found["features"]]
    assert shapely.coverage_is_valid(drawn)
    assert max(shapely.get_num_coordinates(drawn)) <= 10


def test_districts_are_dissolved_and_places_lie_inside_their_own(tmp_path: Path) -> None:
    files = write_display(described(), tmp_path)
    districts = read(tmp_path, files, "districts")["features"]
    assert [feature["properties"] for feature in districts] == [{"name": "Eastham"}, {"name": "Westham"}]
    places = read(tmp_path, files, "places")["features"]
    kinds = [(feature["properties"]["kind"], feature["properties"]["name"]) for feature in places]
    assert kinds[:2] == [("district", "Eastham"), ("district", "Westham")]
    assert kinds[2:] == [("place", f"Place {n}") for n in range(4, 10)] + [("place", "Quay")]
    quay = shapely.geometry.shape(places[-1]["geometry"])
    assert areas().to_crs(4326).geometry.iloc[:2].union_all().contains(quay)


def test_names_carry_the_hash_of_their_content(tmp_path: Path) -> None:
    one, two = write_display(described(), tmp_path / "1"), write_display(described(), tmp_path / "2")
    assert one == two
    assert all(name.startswith(f"{kind}-") and name.endswith(".geojson") for kind, name in one.items())
    other = write_display(described(label="x"), tmp_path / "3")
    assert other["areas"] != one["areas"]
    assert other["districts"] == one["districts"]


@pytest.mark.parametrize("text", ['"}]<script>{{7*7}}', "=1+1\x1b[31m\n", "Ynys Môn"])
def test_any_text_is_carried_as_data(tmp_path: Path, text: str) -> None:
    files = write_display(described(label=text, district=text, place=text), tmp_path)
    assert read(tmp_path, files, "areas")["features"][0]["properties"]["label"] == text
    assert {f["properties"]["name"] for f in read(tmp_path, files, "places")["features"]} == {text}


def test_without_districts_and_places_there_is_nothing_to_name(tmp_path: Path) -> None:
    nothing = areas().assign(label=NAMES, district=None, place=None)
    files = write_display(nothing.astype({"district": "str", "place": "str"}), tmp_path)
    assert read(tmp_path, files, "districts")["features"] == []
    assert read(tmp_path, files, "places")["features"] == []
    assert len(read(tmp_path, files, "areas")["features"]) == 9
