"""``check`` finds what was changed, and what does not agree with itself."""

import dataclasses
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from geodata.build import build
from geodata.checks import check_dataset
from geodata.dataset import content_hash, sha256_of
from geodata.errors import InputError
from tests.conftest import Built
from tests.fixtures import CODES, extract_csv, recorded, write


@pytest.fixture
def folder(built: Built, tmp_path: Path) -> Path:
    """A copy of the built county, free to be damaged."""
    return Path(shutil.copytree(built.out, tmp_path / "county"))


def sealed(folder: Path, change: Callable[[dict[str, Any]], None] = lambda _: None) -> None:
    """Change the manifest and make its hashes agree again, as somebody would who knows how."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    change(manifest)
    manifest["files"] = {name: sha256_of(folder / name) for name in manifest["files"]}
    manifest["dataset_hash"] = content_hash(manifest)
    write(folder / "manifest.json", json.dumps(manifest))


def altered(folder: Path, name: str, change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    path = folder / f"{name}.parquet"
    change(pd.read_parquet(path)).to_parquet(path, index=False)
    sealed(folder)


def test_a_sound_dataset_has_no_faults(built: Built) -> None:
    assert check_dataset(built.out) == []
    assert check_dataset(str(built.out)) == []


def test_every_file_of_the_folder_is_watched(folder: Path) -> None:
    watched = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != "manifest.json"]
    assert len(watched) == 8
    for path in watched:
        kept = path.read_bytes()
        name = path.relative_to(folder).as_posix()
        write(path, kept + b" ")
        assert check_dataset(folder) == [f"{name} was changed after it was built."]
        path.unlink()
        assert check_dataset(folder) == [f"{name} is missing."]
        write(path, kept)
    assert check_dataset(folder) == []


@pytest.mark.parametrize("key", ["area", "accounting", "coverage", "files", "display"])
def test_every_word_of_the_manifest_is_watched(folder: Path, key: str) -> None:
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    write(folder / "manifest.json", json.dumps(manifest | {key: {}}))
    assert check_dataset(folder) == ["manifest.json was changed after it was built."]


@pytest.mark.parametrize("key", ["built_at", "tool_version"])
def test_when_and_by_what_it_was_built_does_not_matter(folder: Path, key: str) -> None:
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    write(folder / "manifest.json", json.dumps(manifest | {key: "another"}))
    assert check_dataset(folder) == []


def test_accounting_that_does_not_add_up(folder: Path) -> None:
    sealed(folder, lambda manifest: manifest["accounting"].update(rows_read=13))
    assert check_dataset(folder) == [
        "The accounting does not add up to the rows read.",
        "accounting.parquet does not add up to the rows read.",
    ]


def test_a_reason_that_is_miscounted(folder: Path) -> None:
    sealed(folder, lambda manifest: manifest["accounting"]["rejected"].update(no_location=2, outside_area=0))
    assert check_dataset(folder) == [
        "rejects.parquet does not hold as many rows of each reason as the accounting says."
    ]


def first_twice(frame: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([frame.iloc[:1], frame.iloc[:1], frame.iloc[2:]])


FAULTS: dict[str, tuple[str, Callable[[pd.DataFrame], pd.DataFrame], list[str]]] = {
    "an incident is gone": (
        "incidents",
        lambda frame: frame.iloc[1:],
        [
            "incidents.parquet does not hold as many rows as the accounting says.",
            "counts.parquet does not hold the counts of incidents.parquet.",
        ],
    ),
    "an incident twice": ("incidents", first_twice, ["incidents.parquet holds an incident twice."]),
    "a nearest join called a polygon": (
        "incidents",
        lambda frame: frame.assign(joined_by="polygon"),
        ["incidents.parquet does not hold as many rows as the accounting says."],
    ),
    "an incident in no area": (
        "incidents",
        lambda frame: frame.assign(lsoa_code="E01999999"),
        [
            "incidents.parquet holds a code that is no area of this dataset.",
            "counts.parquet does not hold the counts of incidents.parquet.",
        ],
    ),
    "another column": (
        "incidents",
        lambda frame: frame.assign(victim="x"),
        [
            "incidents.parquet has the columns incident_id, crime_id, force, source, month, crime_type, lsoa_code, "
            "joined_by, recorded_lsoa_code, longitude, latitude, location, outcome, victim."
        ],
    ),
    "a reject is gone": (
        "rejects",
        lambda frame: frame.iloc[1:],
        ["rejects.parquet does not hold as many rows of each reason as the accounting says."],
    ),
    "a count is off by one": (
        "counts",
        lambda frame: frame.assign(count=frame["count"] + (frame.index == 0)),
        ["counts.parquet does not hold the counts of incidents.parquet."],
    ),
    "a cell is gone": (
        "counts",
        lambda frame: frame.iloc[1:],
        ["counts.parquet does not hold the counts of incidents.parquet."],
    ),
    "a column of the counts": (
        "counts",
        lambda frame: frame.rename(columns={"count": "n"}),
        ["counts.parquet has the columns lsoa_code, month, crime_type, force, source, n."],
    ),
    "rows by outcome are off": (
        "accounting",
        lambda frame: frame.iloc[1:],
        ["accounting.parquet does not add up to the rows read."],
    ),
}


@pytest.mark.parametrize(("name", "change", "says"), FAULTS.values(), ids=FAULTS)
def test_tables_that_do_not_agree(
    folder: Path, name: str, change: Callable[[pd.DataFrame], pd.DataFrame], says: list[str]
) -> None:
    altered(folder, name, change)
    found = check_dataset(folder)
    assert set(says) <= set(found)


def test_areas_out_of_order_with_another_code_in_another_crs(built: Built, folder: Path) -> None:
    areas = built.dataset.areas
    odd = areas.iloc[::-1].replace({"lsoa_code": {CODES[0]: "{{7*7}}"}}).to_crs(4326)
    odd.to_parquet(folder / "areas.parquet")
    sealed(folder)
    assert {
        "areas.parquet does not hold each LSOA once, in the order of the codes.",
        "areas.parquet holds a code that is no LSOA code.",
        "areas.parquet is not in EPSG:27700.",
    } <= set(check_dataset(folder))


def test_denominators_are_those_that_the_manifest_names(built: Built, folder: Path) -> None:
    def of(number: float) -> Callable[[Any], Any]:
        return lambda areas: areas.assign(per_footfall=number)

    path = folder / "areas.parquet"
    of(5)(built.dataset.areas).to_parquet(path, index=False)
    sealed(folder)
    assert check_dataset(folder) == ["areas.parquet does not hold the denominators that the manifest names."]
    named = [{"id": "footfall", "title": "Footfall"}]
    sealed(folder, lambda manifest: manifest.update(denominators=named))
    assert check_dataset(folder) == []
    of(-1)(built.dataset.areas).to_parquet(path, index=False)
    sealed(folder)
    assert check_dataset(folder) == ["areas.parquet holds a denominator below zero."]


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is no dataset folder"):
        check_dataset(tmp_path)


@pytest.fixture
def with_extract(built: Built, tmp_path: Path) -> Path:
    """The county with an extract of its force."""
    own = write(tmp_path / "own.csv", extract_csv([recorded(500, 500), recorded(1500, 500, hour="")]))
    build(dataclasses.replace(built.inputs, incidents=(own,)), tmp_path / "both")
    return tmp_path / "both"


@pytest.mark.parametrize(
    ("change", "part"),
    [
        (lambda frame: frame.drop(columns="hour"), "incidents.parquet has the columns"),
        (lambda frame: frame.assign(hour=frame["hour"].fillna(3)), "a row that is of no extract"),
        (lambda frame: frame.assign(hour=frame["hour"] + 1), "an hour that is none"),
        (lambda frame: frame.assign(date=frame["date"].astype("str").str.replace("01-", "02-")), "not in its month"),
        (lambda frame: frame.assign(flag_knife=frame["flag_knife"].mask(frame["flag_knife"])), "the manifest says"),
    ],
)
def test_what_an_extract_adds_is_checked(
    with_extract: Path, change: Callable[[pd.DataFrame], pd.DataFrame], part: str
) -> None:
    assert check_dataset(with_extract) == []
    altered(with_extract, "incidents", change)
    assert any(part in fault for fault in check_dataset(with_extract))
