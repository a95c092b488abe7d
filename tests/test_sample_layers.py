"""The fictional county's context layers: generated again byte for byte, small, and read by the readers of layers."""

import json
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

import sample_data
from geodata.boundaries import read_boundaries
from geodata.layer_store import write_layer_display
from geodata.layers import Layer, read_layers
from hotspots.context import covered_by_area, points_by_area
from hotspots.statutory import STATUTORY, with_whole_area, yearly
from sample_data import LAYERS
from sample_data.layers import generate
from tests.test_sample_data import contents


@pytest.fixture(scope="module")
def areas() -> gpd.GeoDataFrame:
    found = read_boundaries(sample_data.inputs()["boundaries"]).areas
    wards = pd.read_csv(sample_data.inputs()["lookup"][0]).set_index("LSOA21CD").loc[found["lsoa_code"]]
    return found.assign(
        ward_code=wards["WD24CD"].to_numpy(dtype="str"), district_code=wards["LAD24CD"].to_numpy(dtype="str")
    )


@pytest.fixture(scope="module")
def layers(areas: gpd.GeoDataFrame) -> dict[str, Layer]:
    return {layer.id: layer for layer in read_layers([LAYERS], areas, 2021)}


def test_the_committed_files_are_generated_again(tmp_path: Path) -> None:
    generate(tmp_path)
    again, committed = ({p.name: contents(p) for p in folder.iterdir()} for folder in (tmp_path, LAYERS))
    assert again == committed
    assert sum(path.stat().st_size for path in LAYERS.iterdir()) < 100_000


def test_every_kind_of_layer_is_there_and_nothing_is_left_out(layers: dict[str, Layer]) -> None:
    assert {name: layer.about.kind for name, layer in layers.items()} == {
        "bus-stops": "points",
        "knife-admissions-monthly": "monthly",
        "licensed-premises": "points",
        "mental-health-lsoa": "areas",
        "public-space-protection-orders": "polygons",
        "schools": "points",
        "substance-misuse-msoa": "areas",
    }
    for layer in layers.values():
        assert layer.accounting.left_out == {}
        assert layer.accounting.read == layer.accounting.kept > 0
        assert "fictional" in layer.about.source
    assert all(layer.is_open for layer in layers.values())


def test_levels_and_marks_are_kept(layers: dict[str, Layer]) -> None:
    misuse = layers["substance-misuse-msoa"].frame
    assert len(misuse) < 200, "one row for an MSOA, not for an LSOA"
    assert 0 < misuse["suppressed"].sum() == misuse["value"].isna().sum() < 10
    assert layers["mental-health-lsoa"].frame["value"].between(1, 100).all()
    monthly = layers["knife-admissions-monthly"]
    states = monthly.frame["state"].value_counts()
    assert states["suppressed"] > 20
    assert states["missing"] == 3
    assert (monthly.frame.loc[monthly.frame["state"] == "suppressed", "high"] == 4).all()


def test_the_series_is_one_of_the_statutory_measures(layers: dict[str, Layer], areas: gpd.GeoDataFrame) -> None:
    monthly = layers["knife-admissions-monthly"]
    assert monthly.about.measure in STATUTORY
    table = yearly(with_whole_area(monthly.frame, areas["district_code"].unique()))
    assert len(table) == 6 * 3
    assert (table["low"] <= table["high"]).all()
    assert table.loc[("whole area", "2024"), "missing"] == 3


def test_the_county_has_premises_in_its_centres_and_orders_around_them(
    layers: dict[str, Layer], areas: gpd.GeoDataFrame
) -> None:
    premises = points_by_area(layers["licensed-premises"].frame, areas)
    assert premises["inside"].sum() == layers["licensed-premises"].accounting.kept
    covered = covered_by_area(layers["public-space-protection-orders"].frame.geometry, areas)
    inside = covered > 0.5
    assert 1 < inside.sum() < 20
    assert premises.loc[inside, "inside"].mean() > 3 * premises["inside"].mean()


def test_what_the_browser_gets_is_strict_json(layers: dict[str, Layer], tmp_path: Path) -> None:
    def refused(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON, and the browser refuses the whole file")

    for kind, name in write_layer_display(list(layers.values()), tmp_path).items():
        drawn = json.loads((tmp_path / name).read_text(encoding="utf-8"), parse_constant=refused)
        assert len(drawn["features"]) == layers[kind.removeprefix("layer-")].accounting.kept
