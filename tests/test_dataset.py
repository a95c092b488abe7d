"""A dataset folder: whole or not at all, on writing and on reading."""

import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from geodata import dataset as module
from geodata.build import build
from geodata.columns import COUNTS
from geodata.dataset import FORMAT_VERSION, TABLES, open_dataset, read_manifest, written_whole
from geodata.errors import InputError
from tests.conftest import Built
from tests.fixtures import CODES, assert_plain, county, hashes, incident, write


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.time, "sleep", lambda _seconds: None)


@pytest.fixture
def folder(built: Built, tmp_path: Path) -> Path:
    """A copy of the built county, free to be damaged."""
    return Path(shutil.copytree(built.out, tmp_path / "county"))


def sentence(path: Path | str) -> str:
    with pytest.raises(InputError) as caught:
        open_dataset(path)
    return assert_plain(str(caught.value))


def change(folder: Path, **said: Any) -> None:
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    write(folder / "manifest.json", json.dumps(manifest | said))


# --- reading ---------------------------------------------------------------------------------------------------------


def test_an_opened_dataset_holds_what_was_built(built: Built) -> None:
    dataset = built.dataset
    assert dataset.manifest == built.manifest
    assert dataset.hash == built.manifest["dataset_hash"]
    assert dataset.sources == ["police.uk"]
    assert dataset.areas["lsoa_code"].to_list() == list(CODES)
    assert dataset.areas.index.equals(pd.RangeIndex(9))
    assert dataset.areas.crs.to_epsg() == 27700
    assert len(dataset.incidents()) == 8
    assert len(dataset.rejects()) == 4
    assert dataset.accounting()["rows"].sum() == 12


def test_a_path_may_be_text(built: Built) -> None:
    assert open_dataset(str(built.out)).hash == built.dataset.hash


def test_the_display_files_are_there(built: Built) -> None:
    files = built.dataset.display
    assert set(files) == {"areas", "districts", "places"}
    assert all(path.is_file() and path.parent == built.out / "display" for path in files.values())


def test_nothing_but_the_dataset_is_in_the_folder(built: Built) -> None:
    assert {path.name for path in built.out.iterdir()} == {
        "manifest.json",
        "display",
        *(f"{name}.parquet" for name in TABLES),
    }
    assert {path.name for path in built.out.parent.iterdir()} == {"in", "out"}


def test_presence_by_force_and_month(built: Built) -> None:
    presence = built.dataset.presence()
    assert presence.to_dict("index") == {"norfolk": {"2025-01": True, "2025-02": True}}


def test_an_unknown_source_is_named(built: Built) -> None:
    with pytest.raises(InputError, match=r"This dataset has no source 'radio': it has police\.uk\."):
        built.dataset.counts("radio")


@pytest.fixture(scope="module")
def gapped(tmp_path_factory: pytest.TempPathFactory) -> module.Dataset:
    """Norfolk supplied January and March, British Transport Police February; Robbery and ASB."""
    folder = tmp_path_factory.mktemp("gapped")
    rows = [
        incident(500, 500, Month="2025-01", Crime_ID="a"),
        incident(500, 500, Month="2025-03", Crime_type="Anti-social behaviour"),
        incident(500, 500, Month="2025-02", Reported_by="British Transport Police", Crime_ID="b"),
        incident(500, 500, Month="2025-01", Reported_by="British Transport Police", Crime_ID="c"),
        incident(500, 500, Month="2025-01", Crime_ID="d"),
    ]
    build(county(folder / "in", rows), folder / "out")
    return open_dataset(folder / "out")


def test_zero_where_the_own_force_supplied_the_month_and_null_where_it_did_not(gapped: module.Dataset) -> None:
    counts = gapped.counts()
    assert tuple(counts.columns) == COUNTS
    assert counts["count"].dtype == "Int64"
    assert len(counts) == 9 * 3 * 2 + 2  # every area, month and type, and two cells of another force
    own = counts[counts["force"] == "norfolk"].set_index(["lsoa_code", "month", "crime_type"])["count"]
    assert own[CODES[0], "2025-01", "Robbery"] == 2
    assert own[CODES[0], "2025-01", "Anti-social behaviour"] == 0
    assert own[CODES[0], "2025-03", "Anti-social behaviour"] == 1
    assert own[CODES[8], "2025-03", "Robbery"] == 0
    assert own.xs("2025-02", level="month").isna().all()
    assert own.drop("2025-02", level="month").notna().all()
    assert own.sum() == 3


def test_another_force_s_cells_stand_beside_and_fill_nothing(gapped: module.Dataset) -> None:
    counts = gapped.counts()
    other = counts[counts["force"] == "btp"]
    assert other[["lsoa_code", "month", "crime_type", "count"]].to_numpy().tolist() == [
        [CODES[0], "2025-01", "Robbery", 1],
        [CODES[0], "2025-02", "Robbery", 1],
    ]
    assert gapped.presence().loc["btp"].to_list() == [True, True, False]


def test_counts_come_in_one_order_and_hold_every_cell_once(gapped: module.Dataset) -> None:
    counts = gapped.counts()
    keys = list(COUNTS[:-1])
    assert not counts.duplicated(keys).any()
    assert counts[keys].equals(counts[keys].sort_values(keys, ignore_index=True))


def test_a_folder_that_is_none_is_named(tmp_path: Path) -> None:
    assert "'nowhere' is no dataset folder (it has no manifest.json)" in sentence(tmp_path / "nowhere")
    assert "is no dataset folder" in sentence(tmp_path)
    assert "cannot be read" in sentence(write(tmp_path / "file.txt", "hello"))


@pytest.mark.parametrize("version", [FORMAT_VERSION + 1, 0, None, "1", "{{7*7}}"])
def test_another_format_version_is_refused(folder: Path, version: object) -> None:
    change(folder, format_version=version)
    assert sentence(folder) == (
        f"The dataset 'county' is of format '{version}', and this version reads format {FORMAT_VERSION}: build it again."
    )


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "7", '{"name": "an app"}', b"\xff\xfe", "{{7*7}}"])
def test_a_manifest_that_is_none_is_refused(folder: Path, text: str | bytes) -> None:
    write(folder / "manifest.json", text)
    said = sentence(folder)
    assert said.startswith("The manifest of 'county' ")
    assert said.endswith("build the dataset again.")


@pytest.mark.parametrize("name", ["areas", "counts"])
@pytest.mark.parametrize("damage", ["gone", "cut", "other"])
def test_a_damaged_table_is_refused(folder: Path, name: str, damage: str) -> None:
    path = folder / f"{name}.parquet"
    if damage == "gone":
        path.unlink()
    else:
        write(path, path.read_bytes()[:100] if damage == "cut" else b"hello")
    assert sentence(folder) == (
        "The dataset 'county' is damaged: build it again, or run 'python -m geodata check' on it."
    )


@pytest.mark.parametrize("table", ["incidents", "rejects", "accounting"])
def test_a_table_that_is_gone_later_is_said_in_words(folder: Path, table: str) -> None:
    dataset = open_dataset(folder)
    (folder / f"{table}.parquet").unlink()
    with pytest.raises(InputError, match=r"'county' was changed while it was open: open it again\."):
        getattr(dataset, table)()


def test_a_dataset_rebuilt_while_it_is_open_is_not_mixed_with_the_new_one(folder: Path, tmp_path: Path) -> None:
    dataset = open_dataset(folder)
    build(county(tmp_path / "in", [incident(500, 500)]), folder)
    with pytest.raises(InputError, match="was changed while it was open"):
        dataset.incidents()
    assert len(open_dataset(folder).incidents()) == 1


def test_a_rebuild_between_two_reads_is_noticed(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The new dataset is renamed into place after the areas were read: old areas never meet new counts."""
    small = county(tmp_path / "in", [incident(500, 500, Crime_type="Burglary")])
    read = pd.read_parquet
    done: list[dict[str, Any]] = []

    def rebuilding(path: Path) -> pd.DataFrame:
        if not done:
            done.append(build(small, folder))
        return read(path)

    monkeypatch.setattr(module.pd, "read_parquet", rebuilding)
    found = open_dataset(folder)
    assert found.hash == done[0]["dataset_hash"]
    assert found.cells["crime_type"].to_list() == ["Burglary"]


# --- writing ---------------------------------------------------------------------------------------------------------


def refusal(out: Path) -> str:
    def writing() -> None:
        with written_whole(out) as scratch:
            write(scratch / "manifest.json", "{}")

    with pytest.raises(InputError) as caught:
        writing()
    return assert_plain(str(caught.value))


def test_a_new_folder_and_those_above_it_are_made(tmp_path: Path) -> None:
    with written_whole(tmp_path / "a" / "b" / "out") as scratch:
        write(scratch / "x.txt", "new")
        assert not (tmp_path / "a" / "b" / "out").exists()
    assert hashes(tmp_path).keys() == {"a/b/out/x.txt"}


@pytest.mark.parametrize("fault", [RuntimeError("boom"), KeyboardInterrupt(), OSError(28, "No space left on device")])
def test_a_failure_leaves_what_was_there(folder: Path, fault: BaseException) -> None:
    before = hashes(folder.parent)

    def writing() -> None:
        with written_whole(folder) as scratch:
            write(scratch / "half.parquet", "half")
            raise fault

    with pytest.raises(InputError if isinstance(fault, OSError) else type(fault)) as caught:
        writing()
    assert hashes(folder.parent) == before
    if isinstance(fault, OSError):
        assert assert_plain(str(caught.value)) == (
            "The dataset cannot be written to 'county' (No space left on device): close what has it open, "
            "or name another folder."
        )


@pytest.mark.parametrize("fault", [PermissionError(13, "Permission denied"), KeyboardInterrupt()])
@pytest.mark.parametrize("step", [1, 2])
def test_a_failure_between_the_two_renames_puts_the_old_one_back(
    folder: Path, monkeypatch: pytest.MonkeyPatch, fault: BaseException, step: int
) -> None:
    before, rename, calls = hashes(folder.parent), Path.rename, []

    def failing(self: Path, target: Path) -> Path:
        calls.append(target)
        if len(calls) == step:
            raise fault
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)

    def writing() -> None:
        with written_whole(folder) as scratch:
            write(scratch / "manifest.json", "{}")

    with pytest.raises((InputError, KeyboardInterrupt)):
        writing()
    assert hashes(folder.parent) == before


@pytest.mark.parametrize(
    "content",
    [
        {"notes.txt": "mine"},
        {"manifest.json": '{"name": "my app", "icons": []}', "index.html": "<html>"},
        {"manifest.json": '{"name": "my app", "icons": []}'},
        {"manifest.json": "[]"},
        {"sub/notes.txt": "mine"},
        {".git/config": "mine"},
    ],
    ids=["a file", "a web app", "its manifest alone", "a list", "a folder", "a hidden folder"],
)
def test_a_folder_of_somebody_s_is_never_touched(tmp_path: Path, content: dict[str, str]) -> None:
    for name, text in content.items():
        write(tmp_path / "mine" / name, text)
    before = hashes(tmp_path)
    assert refusal(tmp_path / "mine") == "'mine' exists and is no dataset folder: name a new folder for --out."
    assert hashes(tmp_path) == before


def test_a_file_of_somebody_s_in_a_dataset_is_never_touched(folder: Path) -> None:
    write(folder / "my notes.xlsx", "mine")
    before = hashes(folder)
    assert "exists and is no dataset folder" in refusal(folder)
    assert hashes(folder) == before


def test_a_file_in_the_way_is_never_touched(tmp_path: Path) -> None:
    write(tmp_path / "out", "mine")
    assert refusal(tmp_path / "out") == "'out' exists and is no dataset folder: name a new folder for --out."
    assert (tmp_path / "out").read_text() == "mine"


@pytest.mark.parametrize("out", ["file.txt/out", "x" * 300])
def test_an_impossible_place_is_said_in_words(tmp_path: Path, out: str) -> None:
    write(tmp_path / "file.txt", "mine")
    said = refusal(tmp_path / out)
    assert said.startswith("The dataset cannot be written to '")
    assert said.endswith("close what has it open, or name another folder.")


def test_a_read_only_place_is_said_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def read_only(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(Path, "mkdir", read_only)
    assert refusal(tmp_path / "out") == (
        "The dataset cannot be written to 'out' (Read-only file system): close what has it open, or name another folder."
    )


def test_the_root_of_the_disk_is_refused() -> None:
    assert "exists and is no dataset folder" in refusal(Path(Path.cwd().anchor))


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with written_whole(tmp_path / "out") as scratch:
        write(scratch / "x.txt", "new")
    assert hashes(tmp_path).keys() == {"out/x.txt"}


@pytest.mark.parametrize("damage", ["manifest.json", "counts.parquet"])
def test_a_damaged_dataset_can_be_built_again(folder: Path, tmp_path: Path, damage: str) -> None:
    write(folder / damage, "hello")
    (folder / "areas.parquet").unlink()
    write(folder / ".DS_Store", "of the file manager")
    build(county(tmp_path / "in"), folder)
    assert len(open_dataset(folder).incidents()) == 8


def test_a_link_to_a_dataset_stays_a_link(folder: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    try:
        link.symlink_to(folder, target_is_directory=True)
    except OSError:  # Windows without the right to make links
        return
    build(county(tmp_path / "in", [incident(500, 500)]), link)
    assert link.is_symlink()
    assert len(open_dataset(folder).incidents()) == 1
    assert {path.name for path in tmp_path.iterdir()} == {"link", "county", "in"}


def test_the_manifest_on_disk_is_the_one_returned(built: Built) -> None:
    assert read_manifest(built.out) == built.manifest
