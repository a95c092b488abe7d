"""Layers on their way through a build: into the dataset folder, to the browser, and back out as they were."""

import dataclasses
import json
import shutil
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from geodata.__main__ import BAD_INPUT, main
from geodata.build import build
from geodata.checks import check_dataset
from geodata.dataset import OPEN_DATA, PARTNER_USE, Dataset, open_dataset
from geodata.errors import InputError
from geodata.inputs import Inputs
from geodata.layers import layer_files, read_layers
from tests.fixtures import CODES, areas, arguments, at, county, table, write
from tests.test_checks import sealed

HOSTILE = "{{7*7}}<b>=1+1"
HEAD = """\
title = "{title}"
source = "Register"
date = "2025-09"
licence = "OGL"
marking = "{marking}"
kind = "{kind}"
"""


def pubs(folder: Path, marking: str = "open") -> Path:
    """Two premises of the county, one of an unexplained class, and one far away."""
    rows = [
        {"name": HOSTILE, "type": "on", "longitude": at(500, 500)[0], "latitude": at(500, 500)[1]},
        {"name": "Bell", "type": "club", "longitude": at(1500, 500)[0], "latitude": at(1500, 500)[1]},
        {"name": "Crown", "type": "on", "longitude": "-3.0", "latitude": "51.0"},
    ]
    write(
        folder / "pubs.toml",
        HEAD.format(title=HOSTILE.replace('"', ""), marking=marking, kind="points")
        + 'name = "name"\nclass = "type"\n[[classes]]\nvalue = "on"\nmeans = "drunk there"\ncolour = "#d55e00"\n',
    )
    return write(folder / "pubs.csv", table(rows))


def wards(folder: Path) -> Path:
    """A value for each ward of the county, one of them suppressed."""
    write(
        folder / "treatment.toml",
        HEAD.format(title="Treatment", marking="open", kind="areas")
        + 'level = "ward"\nvintage = 2024\ncode = "WD24CD"\n[[values]]\ncolumn = "n"\ntitle = "Adults"\nunit = "per 1,000"\ncounts = "adults"\n',
    )
    return write(
        folder / "treatment.csv", table([{"WD24CD": "E05000001", "n": "4.5"}, {"WD24CD": "E05000002", "n": "*"}])
    )


def built_with(tmp_path: Path, *layers: Path) -> Dataset:
    inputs = dataclasses.replace(county(tmp_path / "files"), layers=layers)
    build(inputs, tmp_path / "out")
    return open_dataset(tmp_path / "out")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "layers"
    path.mkdir()
    return path


def test_a_layer_comes_back_as_it_was_read(tmp_path: Path, folder: Path) -> None:
    pubs(folder)
    wards(folder)
    dataset = built_with(tmp_path, folder)
    assert check_dataset(dataset.path) == []
    points, places = dataset.layers()
    assert (points.id, points.about.classes[0].means, points.file) == ("pubs", "drunk there", "pubs.csv")
    assert isinstance(points.frame, gpd.GeoDataFrame)
    assert points.frame.crs.to_epsg() == 27700
    assert points.accounting.left_out == {"outside_area": 1}
    assert set(points.frame["lsoa_code"]) <= set(CODES)
    assert places.frame[["place", "suppressed"]].to_numpy().tolist() == [["E05000001", False], ["E05000002", True]]
    assert places.frame["value"].isna().tolist() == [False, True], "what is suppressed has no number"
    kinds = [one["kind"] for one in dataset.manifest["inputs"] if one["kind"] == "layers"]
    assert len(kinds) == 4, "each file and its description is among the inputs"


def test_the_browser_gets_names_and_classes_in_the_file_and_nothing_that_was_left_out(
    tmp_path: Path, folder: Path
) -> None:
    dataset = built_with(tmp_path, pubs(folder), wards(folder))
    drawn = json.loads(dataset.display["layer-pubs"].read_text(encoding="utf-8"))
    assert drawn["title"] == HOSTILE
    assert (drawn["source"], drawn["date"], drawn["kind"]) == ("Register", "2025-09", "points")
    assert [one["means"] for one in drawn["classes"]] == ["drunk there", "not said, or another"]
    assert [one["properties"] for one in drawn["features"]] == [{"n": HOSTILE, "c": 0}, {"n": "Bell", "c": 1}]
    assert drawn["features"][0]["geometry"]["coordinates"] == pytest.approx(
        [float(one) for one in at(500, 500)], abs=1e-5
    )
    level = json.loads(dataset.display["level-ward"].read_text(encoding="utf-8"))
    assert [one["properties"]["code"] for one in level["features"]] == [f"E0500000{n}" for n in range(3)]
    assert "layer-treatment" not in dataset.display, "a table has no features of its own"


def test_without_layers_nothing_of_them_is_in_the_folder(tmp_path: Path) -> None:
    dataset = built_with(tmp_path)
    assert dataset.layers() == ()
    assert "layers" not in dataset.manifest
    assert not (dataset.path / "layers").exists()
    assert set(dataset.display) == {"areas", "districts", "places"}


@pytest.mark.parametrize(("marking", "stands"), [("open", OPEN_DATA), ("partner", PARTNER_USE)])
def test_a_layer_that_is_not_open_marks_the_dataset(tmp_path: Path, folder: Path, marking: str, stands: str) -> None:
    dataset = built_with(tmp_path, pubs(folder, marking))
    assert dataset.marking.startswith(stands)
    assert dataset.is_open == (marking == "open")


def test_a_folder_with_layers_is_replaced_by_one_without(tmp_path: Path, folder: Path) -> None:
    built_with(tmp_path, pubs(folder))
    assert built_with(tmp_path).layers() == ()


def test_what_was_changed_afterwards_is_found(tmp_path: Path, folder: Path) -> None:
    dataset = built_with(tmp_path, pubs(folder))
    file = dataset.path / "layers" / "pubs.parquet"
    frame = gpd.read_parquet(file)
    frame.iloc[:1].assign(lsoa_code="E01999999").to_parquet(file, index=False)
    sealed(dataset.path)
    assert check_dataset(dataset.path) == [
        "layers/pubs.parquet does not hold as many features as its accounting says.",
        "layers/pubs.parquet holds a code that is no area of this dataset.",
    ]
    shutil.rmtree(dataset.path / "layers")
    with pytest.raises(InputError, match="was changed while it was open"):
        dataset.layers()


def test_a_layer_that_cannot_be_used_leaves_the_earlier_dataset(
    tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = built_with(tmp_path, pubs(folder)).hash
    write(folder / "pubs.csv", table([{"name": "Far", "type": "on", "longitude": "-3.0", "latitude": "51.0"}]))
    inputs = dataclasses.replace(county(tmp_path / "files"), layers=(folder / "pubs.csv",))
    assert main(arguments(inputs, tmp_path / "out")) == BAD_INPUT
    assert "None of the 1 features of 'pubs.csv' lies in this area" in capsys.readouterr().err
    assert open_dataset(tmp_path / "out").hash == before


def test_files_that_are_not_there_or_alone_are_named(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(InputError, match=r"'gone\.csv' was not found"):
        layer_files([folder / "gone.csv"])
    for stem in ("é" * 3, "a" * 61):
        with pytest.raises(InputError, match="give the layer's file a short name"):
            read_layers([write(folder / f"{stem}.csv", "")], areas(), 2021)
        (folder / f"{stem}.csv").unlink()
    write(folder / "alone.toml", "")
    with pytest.raises(InputError, match=r"'alone\.toml' describes a layer whose file is not beside it"):
        layer_files([folder])


def test_what_file_managers_and_open_workbooks_leave_is_no_layer(folder: Path) -> None:
    pubs(folder)
    for name in (".DS_Store", "Thumbs.db", "desktop.ini", "~$treatment.xlsx", ".hidden.csv"):
        write(folder / name, b"\0")
    (folder / "old").mkdir()
    assert [path.name for path in layer_files([folder])] == ["pubs.csv", "pubs.toml"]
    with pytest.raises(InputError, match="'~\\$gone' was not found"):
        layer_files([folder / "~$gone"])
    write(folder / "old.toml", "")
    with pytest.raises(InputError, match=r"'old\.toml' describes a layer whose file is not beside it"):
        layer_files([folder])


def test_the_inputs_name_a_description_that_was_not_given_itself(folder: Path) -> None:
    given = Inputs(boundaries=(), layers=(pubs(folder),))
    assert [(kind, path.name) for kind, path in given.files()] == [("layers", "pubs.csv"), ("layers", "pubs.toml")]


def test_frames_of_both_kinds_are_kept_as_tables(tmp_path: Path, folder: Path) -> None:
    dataset = built_with(tmp_path, wards(folder))
    assert list(pd.read_parquet(dataset.path / "layers" / "treatment.parquet").columns) == [
        "place", "column", "value", "suppressed",
    ]  # fmt: skip
