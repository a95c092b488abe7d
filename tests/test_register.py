"""The register keeps everything, overwrites nothing unseen, and says in a sentence what it cannot do."""

import copy
import json
import os
import pickle
import shutil
import sqlite3
import stat
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hotspots import register as module
from hotspots.controls import RingRule
from hotspots.locations import MADE_WORDS, Action, Intervention, Location, Origin
from hotspots.register import APPLICATION_ID, Conflict, Register, RegisterError, default_path
from hotspots.selection import MEASURES, Measure, Period, Selection
from pages.shared import opening, registered
from tests.fixtures import CODES, assert_plain

CHOSEN = Selection(
    Period("2024-01", "2024-04"), definition="open", districts=("Eastham",), measure="rate", reading=(("a", "b"),)
)
ORIGIN = Origin("Ann", "0123456789abcdef", "Testshire", 2021, CHOSEN, datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))


def location(name: str = "Market Place", **said: Any) -> Location:
    return Location(**{"name": name, "made": "clicked", "origin": ORIGIN, "lsoa_codes": CODES[:2], **said})


@pytest.fixture
def register(tmp_path: Path) -> Register:
    return Register(tmp_path / "register.sqlite", wait_s=0.1)


def refusal(call: Any, *words: Any) -> str:
    with pytest.raises(RegisterError) as error:
        call(*words)
    return assert_plain(str(error.value))


def content(path: Path) -> list[Any]:
    with sqlite3.connect(path) as database:
        return database.execute("SELECT * FROM version ORDER BY location_id, version").fetchall()


# -- saving and reading ------------------------------------------------------------------------------------------------


def test_what_is_saved_is_read_back(register: Register) -> None:
    saved = register.save(location(), 0, "Ann")
    assert saved.version == 1
    assert register.locations() == (saved,)
    assert register.get(saved.id) == saved
    assert Register(register.path).locations() == (saved,)


def test_locations_are_in_the_order_of_their_names(register: Register) -> None:
    for name in ("beach", "Abbey", "Castle"):
        register.save(location(name), 0, "Ann")
    assert [one.name for one in register.locations()] == ["Abbey", "beach", "Castle"]


def test_every_version_is_kept(register: Register) -> None:
    first = register.save(location(), 0, "Ann")
    second = register.save(replace(first, notes="More lights"), 1, "Bob <b>{{7*7}}</b>")
    assert (second.version, register.get(first.id)) == (2, second)
    history = register.history(first.id)
    assert [(saved.location, saved.by) for saved in history] == [(second, "Bob <b>{{7*7}}</b>"), (first, "Ann")]
    assert all(abs(datetime.now(UTC) - saved.at) < timedelta(minutes=1) for saved in history)
    assert register.history("0" * 10) == ()


def test_deleting_is_archiving(register: Register) -> None:
    saved = register.save(location(), 0, "Ann")
    gone = register.archive(saved.id, 1, "Bob")
    assert (gone.archived, gone.version) == (True, 2)
    assert register.locations() == ()
    assert register.locations(archived=True) == (gone,)
    assert register.get(saved.id) == gone
    back = register.restore(saved.id, 2, "Bob")
    assert register.locations() == (back,)
    assert replace(back, version=1) == saved
    assert len(register.history(saved.id)) == 3


def test_the_revision_tells_of_every_change_and_of_nothing_else(register: Register, tmp_path: Path) -> None:
    before = register.revision()
    saved = register.save(location(), 0, "Ann")
    after = register.revision()
    assert after != before
    register.locations()
    assert Register(register.path).revision() == after
    with pytest.raises(Conflict):
        register.save(saved, 0, "Ann")
    assert register.revision() == after
    register.archive(saved.id, 1, "Ann")
    assert register.revision() != after
    assert Register(tmp_path / "other.sqlite").revision() != before  # as young, but another register


def test_an_author_is_needed(register: Register) -> None:
    with pytest.raises(ValueError, match="is missing"):
        register.save(location(), 0, " ")
    assert register.locations() == ()


# -- names -------------------------------------------------------------------------------------------------------------


def test_a_name_is_there_once(register: Register) -> None:
    saved = register.save(location("Market Place"), 0, "Ann")
    other = register.save(location("Castle"), 0, "Ann")
    for name in ("castle", " CASTLE", "Ｃastle"):
        assert "Another location is already called" in refusal(register.save, location(name), 0, "Bob")
        assert "Give another name" in refusal(register.save, replace(saved, name=name), 1, "Bob")
    register.archive(saved.id, 1, "Ann")
    said = refusal(register.save, location(), 0, "Bob")
    assert said == "An archived location is already called 'Market Place'. Restore it, or give another name."
    # its own name is no obstacle
    assert register.save(replace(other, name="CASTLE"), 1, "Bob").name == "CASTLE"


# -- two people --------------------------------------------------------------------------------------------------------


def test_the_second_saver_sees_the_difference_and_overwrites_nothing(register: Register) -> None:
    opened = register.save(location(), 0, "Ann")
    theirs = register.save(replace(opened, notes="Theirs", name="High Street"), 1, "Bob")
    mine = replace(opened, notes="Mine")
    with pytest.raises(Conflict) as caught:
        register.save(mine, 1, "Ann")
    conflict = caught.value
    assert (conflict.base, conflict.theirs, conflict.mine, conflict.by) == (opened, theirs, mine, "Bob")
    assert conflict.differences == ("Name: 'High Street' became 'Market Place'.", "Notes: 'Theirs' became 'Mine'.")
    assert assert_plain(str(conflict)).startswith("'High Street' was saved by 'Bob' while you were changing it.")
    assert register.get(opened.id) == theirs
    # seen, and saved after all
    assert register.save(mine, conflict.theirs.version, "Ann").notes == "Mine"
    assert [saved.location.notes for saved in register.history(opened.id)] == ["Mine", "Theirs", ""]


def test_a_new_location_that_is_there_already(register: Register) -> None:
    saved = register.save(location(), 0, "Ann")
    with pytest.raises(Conflict) as caught:
        register.save(replace(saved, version=0), 0, "Bob")
    assert caught.value.base is None


def test_archiving_what_somebody_changed(register: Register) -> None:
    saved = register.save(location(), 0, "Ann")
    register.save(replace(saved, notes="New"), 1, "Bob")
    with pytest.raises(Conflict):
        register.archive(saved.id, 1, "Ann")
    assert not register.get(saved.id).archived


# -- a copy from before is put back ------------------------------------------------------------------------------------


@pytest.fixture
def put_back(register: Register, tmp_path: Path) -> tuple[Location, Location, str]:
    """Version 1, and the version 2 and the revision that were lost when a copy of version 1 was put back."""
    first = register.save(location(), 0, "Ann")
    before = shutil.copyfile(register.path, tmp_path / "copy.sqlite")
    lost = register.save(replace(first, notes="Lost"), first.version, "Ann")
    revision = register.revision()
    shutil.copyfile(before, register.path)
    return first, lost, revision


def test_the_revision_never_comes_round_again(register: Register, put_back: tuple[Location, Location, str]) -> None:
    first, _, revision = put_back
    register.save(replace(first, notes="Theirs"), first.version, "Bob")
    assert register.get(first.id).version == 2
    assert register.revision() != revision


def test_a_version_is_not_taken_for_a_lost_one_of_its_number(
    register: Register, put_back: tuple[Location, Location, str]
) -> None:
    first, lost, _ = put_back
    theirs = register.save(replace(first, notes="Theirs"), first.version, "Bob")
    assert lost.version == theirs.version
    mine = replace(lost, notes="Mine")
    with pytest.raises(Conflict) as caught:
        register.save(mine, lost.version, "Ann")
    for put_away in (register.archive, register.restore):
        with pytest.raises(Conflict):
            put_away(first.id, lost.version, "Ann")
    assert register.get(first.id) == theirs
    conflict = caught.value
    assert (conflict.base, conflict.theirs) == (None, theirs)
    assert conflict.differences == ("Notes: 'Theirs' became 'Mine'.",)
    # seen, and saved after all: over the one that was seen, and over no other
    shutil.copyfile(register.path.with_name("copy.sqlite"), register.path)
    register.save(replace(first, notes="Another"), first.version, "Bob")
    with pytest.raises(Conflict) as again:
        register.save(conflict.mine, conflict.theirs.version, "Ann")
    assert register.save(again.value.mine, again.value.theirs.version, "Ann").version == 3


def test_whichever_way_a_version_was_read_it_stands_for_itself(register: Register) -> None:
    saved = register.save(location(), 0, "Ann")
    for read in (
        lambda: register.get(saved.id),
        lambda: register.locations()[0],
        lambda: register.history(saved.id)[0].location,
        lambda: copy.deepcopy(pickle.loads(pickle.dumps(register.get(saved.id)))),
    ):
        had = read()
        assert register.save(had, had.version, "Ann").version == had.version + 1
    lost = copy.deepcopy(register.get(saved.id))
    with sqlite3.connect(register.path) as database:
        database.execute("UPDATE version SET token = 'another'")
    with pytest.raises(Conflict):
        register.save(lost, lost.version, "Ann")


# -- two people, and more ----------------------------------------------------------------------------------------------


def test_of_many_threads_that_save_at_once_one_wins(tmp_path: Path) -> None:
    register = Register(tmp_path / "register.sqlite", wait_s=30)
    opened = register.save(location(), 0, "Ann")
    start = threading.Barrier(8)

    def save(n: int) -> bool:
        start.wait()
        try:
            register.save(replace(opened, notes=str(n)), 1, f"user {n}")
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(save, range(8))) == 1
        made = list(pool.map(lambda n: register.save(location(f"Place {n}"), 0, "Ann"), range(24)))
    assert len(register.locations()) == 25
    assert {one.id for one in made} < {one.id for one in register.locations()}
    assert register.revision().split("-")[1] == "26"


def test_of_many_that_create_it_at_once_one_wins(tmp_path: Path) -> None:
    start = threading.Barrier(6)

    def create(n: int) -> str:
        start.wait()
        register = Register(tmp_path / "new" / "register.sqlite", wait_s=30)
        register.save(location(f"Place {n}"), 0, "Ann")
        return register.revision().split("-")[0]

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(create, range(6)))) == 1
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["register.sqlite"]
    assert len(Register(tmp_path / "new" / "register.sqlite").locations()) == 6


# -- the file ----------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such mode: the folder's own rights hold there")
def test_only_its_owner_may_read_it(register: Register) -> None:
    assert stat.S_IMODE(register.path.stat().st_mode) == 0o600


def test_no_write_ahead_log_and_foreign_keys(register: Register) -> None:
    register.save(location(), 0, "Ann")
    assert [path.name for path in register.path.parent.iterdir()] == ["register.sqlite"]
    with register._open("BEGIN IMMEDIATE") as database:
        assert database.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "delete"
        assert database.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1
    broken = "INSERT INTO version VALUES ('none', 1, 0, 'x', 'x', 'x', 'x')"
    with pytest.raises(RegisterError), register._open("BEGIN IMMEDIATE") as database:
        database.exec_driver_sql(broken)


@pytest.mark.parametrize("name", ["a b#c%20?.sqlite", "{{7*7}}.sqlite", "Ünï \U0001f693.sqlite"])
@pytest.mark.skipif(os.name == "nt", reason="Windows does not allow such names")
def test_a_file_of_any_name(tmp_path: Path, name: str) -> None:
    Register(tmp_path / name).save(location(), 0, "Ann")
    assert len(Register(tmp_path / name).locations()) == 1
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_on_a_file_system_without_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise OSError("no links here")

    monkeypatch.setattr(os, "link", refuse)
    Register(tmp_path / "register.sqlite").save(location(), 0, "Ann")
    assert [path.name for path in tmp_path.iterdir()] == ["register.sqlite"]


def test_in_a_dataset_folder_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("{}", encoding="utf-8")
    assert "holds a dataset" in refusal(Register, tmp_path / "register.sqlite")
    assert [path.name for path in tmp_path.iterdir()] == ["manifest.json"]


def test_the_default_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLACES_REGISTER", str(tmp_path / "mine.sqlite"))
    assert default_path() == tmp_path / "mine.sqlite"
    monkeypatch.setenv("PLACES_REGISTER", " ")
    monkeypatch.delenv("LOCALAPPDATA", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert default_path() == tmp_path / "places-and-spaces" / "register.sqlite"
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "windows"))
    assert default_path() == tmp_path / "windows" / "places-and-spaces" / "register.sqlite"
    monkeypatch.delenv("LOCALAPPDATA")
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "ann")
    assert default_path() == tmp_path / "ann" / ".local" / "share" / "places-and-spaces" / "register.sqlite"

    def homeless() -> Path:
        raise RuntimeError

    monkeypatch.setattr(Path, "home", homeless)
    assert "Name a file for it in PLACES_REGISTER" in refusal(default_path)


# -- what can go wrong -------------------------------------------------------------------------------------------------


def test_locked_by_somebody_else(register: Register) -> None:
    saved = register.save(location(), 0, "Ann")
    other = sqlite3.connect(register.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    said = refusal(register.save, replace(saved, notes="x"), 1, "Ann")
    assert "is in use by somebody else, for more than 0.1 seconds. Try again. Nothing was changed." in said
    assert register.locations() == (saved,)  # reading goes on
    other.execute("ROLLBACK")
    assert register.save(replace(saved, notes="x"), 1, "Ann").version == 2
    other.execute("BEGIN EXCLUSIVE")
    assert "in use by somebody else" in refusal(register.locations)
    other.close()


@pytest.fixture
def unprivileged() -> Iterator[Path]:
    """A folder for one without rights over everything: the superuser becomes nobody, since file modes do not bind it."""
    folder = Path(tempfile.mkdtemp())
    root = os.name != "nt" and os.geteuid() == 0
    if root:
        os.chown(folder, 65534, 65534)
        os.seteuid(65534)
    try:
        yield folder
    finally:
        if root:
            os.seteuid(0)
        for path in (folder, *folder.iterdir()):
            path.chmod(0o700)
        shutil.rmtree(folder)


def test_a_file_that_may_only_be_read(unprivileged: Path) -> None:
    register = Register(unprivileged / "register.sqlite")
    saved = register.save(location(), 0, "Ann")
    register.path.chmod(0o400)
    again = Register(register.path)
    assert again.locations() == (saved,)
    assert "may only be read. Ask for the right to write" in refusal(again.save, saved, 1, "Ann")
    register.path.chmod(0o600)
    assert again.save(saved, 1, "Ann").version == 2


@pytest.mark.skipif(os.name == "nt", reason="Windows folders have no such mode")
def test_a_folder_that_may_only_be_read(unprivileged: Path) -> None:
    register = Register(unprivileged / "register.sqlite")
    saved = register.save(location(), 0, "Ann")
    unprivileged.chmod(0o500)
    assert register.locations() == (saved,)
    said = refusal(register.save, saved, 1, "Ann")
    assert "to its folder. Nothing was changed." in said
    assert "Permission denied" in refusal(Register, unprivileged / "new.sqlite")
    unprivileged.chmod(0o000)
    assert "is no longer in its place" in refusal(register.locations)
    assert "Permission denied" in refusal(Register, register.path)


def test_gone_in_the_middle(register: Register) -> None:
    saved = register.save(location(), 0, "Ann")
    away = register.path.rename(register.path.with_name("away.sqlite"))
    for said in (refusal(register.locations), refusal(register.save, saved, 1, "Ann"), refusal(register.revision)):
        assert "is no longer in its place, and nothing was made in its stead. Put it back." in said
    assert not register.path.exists()
    away.rename(register.path)
    assert register.save(saved, 1, "Ann").version == 2


@pytest.mark.skipif(os.name == "nt", reason="Windows does not let an open file be deleted")
def test_gone_between_reading_and_writing(register: Register) -> None:
    saved = register.save(location(), 0, "Ann")

    def write() -> None:
        with register._open("BEGIN IMMEDIATE") as database:
            register.path.unlink()
            database.exec_driver_sql("UPDATE state SET revision = 7")

    assert "is no longer in its place" in refusal(write)
    assert not register.path.exists()
    assert saved.version == 1


# The pages ask for the locations of a dataset, which is not reached where the register refuses.
NO_DATASET: Any = None


def test_pages_say_that_it_is_gone_in_the_middle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "register.sqlite"
    monkeypatch.setenv("PLACES_REGISTER", str(path))
    assert registered.locations(NO_DATASET) == ()
    assert not path.exists()
    opening.register()
    path.unlink()
    said = refusal(registered.locations, NO_DATASET)
    assert "is no longer in its place, and nothing was made in its stead. Put it back." in said
    assert not path.exists()


@pytest.mark.parametrize("name", ["x" * 300, f"{'x' * 300}/register.sqlite", "file/register.sqlite"])
def test_pages_say_that_its_path_cannot_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    (tmp_path / "file").write_text("a file where the folder should be", encoding="utf-8")
    monkeypatch.setenv("PLACES_REGISTER", str(tmp_path / name))
    assert "cannot be used" in refusal(registered.locations, NO_DATASET)


@pytest.mark.skipif(os.name == "nt", reason="Windows folders have no such mode")
def test_pages_say_that_its_folder_may_not_be_entered(unprivileged: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLACES_REGISTER", str(unprivileged / "register.sqlite"))
    unprivileged.chmod(0o000)
    assert "Permission denied" in refusal(registered.locations, NO_DATASET)


def test_replaced_by_another_register(register: Register, tmp_path: Path) -> None:
    saved = register.save(location(), 0, "Ann")
    other = Register(tmp_path / "other.sqlite")
    other.path.replace(register.path)
    said = refusal(register.save, replace(saved, notes="x"), 1, "Ann")
    assert "is not in the register any more: another file took its place" in said
    assert register.save(saved, 0, "Ann").version == 1
    assert "Choose one of the list" in refusal(register.get, "0" * 10)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "is empty, or a database of another kind"),
        (b"x" * 4096, "is damaged, or is no register"),
        (b"SQLite format 3\x00" + b"\xff" * 4096, "is damaged, or is no register|cannot be used"),
    ],
)
def test_a_file_of_garbage_is_left_as_it_is(tmp_path: Path, data: bytes, says: str) -> None:
    path = tmp_path / "register.sqlite"
    path.write_bytes(data)
    with pytest.raises(RegisterError, match=says) as error:
        Register(path)
    assert_plain(str(error.value))
    assert path.read_bytes() == data


def test_a_folder_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "register.sqlite").mkdir()
    assert "cannot be opened" in refusal(Register, tmp_path / "register.sqlite")


def test_a_database_of_another_kind_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "other.sqlite"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE accounts (id)")
    before = path.read_bytes()
    assert "a database of another kind" in refusal(Register, path)
    assert path.read_bytes() == before


def test_garbage_over_a_register_that_is_in_use(register: Register) -> None:
    saved = register.save(location(), 0, "Ann")
    data = bytearray(register.path.read_bytes())
    data[100:] = b"\xff" * (len(data) - 100)
    register.path.write_bytes(bytes(data))
    for said in (refusal(register.locations), refusal(register.save, saved, 1, "Ann")):
        assert "is damaged" in said
    assert register.path.read_bytes() == bytes(data)


@pytest.mark.parametrize("document", ["", "[]", "{}", "null", '{"name": "x"}', '{"origin": {"chosen": null}}'])
def test_a_location_that_cannot_be_read_is_said(register: Register, document: str) -> None:
    register.save(location(), 0, "Ann")
    with sqlite3.connect(register.path) as database:
        database.execute("UPDATE version SET document = ?", (document,))
    assert "one of its locations cannot be read" in refusal(register.locations)


def test_a_location_changed_into_nonsense_is_said(register: Register) -> None:
    saved = register.save(location(), 0, "Ann")
    with sqlite3.connect(register.path) as database:
        (text,) = database.execute("SELECT document FROM version").fetchone()
        worse = json.dumps(json.loads(text) | {"lsoa_codes": ["{{7*7}}"]})
        database.execute("UPDATE version SET document = ?", (worse,))
    assert "one of its locations cannot be read" in refusal(register.save, saved, 1, "Ann")


# -- versions of the schema --------------------------------------------------------------------------------------------

# As the first released version writes it, with one location: never change it, so that it stays readable.
VERSION_1 = f"""
PRAGMA application_id = {APPLICATION_ID};
CREATE TABLE state (identity TEXT NOT NULL, revision INTEGER NOT NULL);
INSERT INTO state VALUES ('00112233445566ff', 1);
CREATE TABLE location (id TEXT PRIMARY KEY, name_key TEXT NOT NULL UNIQUE, version INTEGER NOT NULL, archived BOOLEAN NOT NULL);
CREATE TABLE version (location_id TEXT NOT NULL REFERENCES location (id), version INTEGER NOT NULL, archived BOOLEAN NOT NULL,
  saved_by TEXT NOT NULL, saved_at TEXT NOT NULL, document TEXT NOT NULL, PRIMARY KEY (location_id, version));
INSERT INTO location VALUES ('0123456789', 'market place', 1, 0);
INSERT INTO version VALUES ('0123456789', 1, 0, 'Ann', '2026-01-02T03:04:05+00:00', '{{"name": "Market Place",
  "made": "clicked", "origin": {{"by": "Ann", "dataset": "0123456789abcdef", "area": "Testshire", "vintage": 2021, "chosen":
  {{"period": {{"start": "2024-01", "end": "2024-04"}}, "definition": "open", "crime_types": [], "districts": ["Eastham"],
  "measure": "rate", "source": "police.uk", "reading": [["a", "b"]]}}, "at": "2026-01-02T03:04:05+00:00"}},
  "lsoa_codes": ["E01000101", "E01000102"], "made_from": "", "shape": null, "ring": {{"reach": 1, "gap": 0, "in_metres":
  false}}, "ring_codes": [], "controls": [], "ring_controls": [], "interventions": [{{"what": "CCTV", "start": "2025-04", "end":
  null, "where": ""}}], "actions": [{{"text": "Mend", "owner": "", "review": "2026-03-01", "outcome": ""}}], "notes": "",
  "id": "0123456789"}}');
PRAGMA user_version = 1;
"""


@pytest.fixture
def version_1(tmp_path: Path) -> Path:
    path = tmp_path / "old.sqlite"
    with sqlite3.connect(path) as database:
        database.executescript(VERSION_1)
    return path


def test_a_file_of_version_1_is_read(version_1: Path) -> None:
    (kept,) = Register(version_1).locations()
    expected = location(id="0123456789", version=1, interventions=(Intervention("CCTV", "2025-04"),))
    assert replace(kept, actions=()) == expected
    assert kept.actions[0].label == "Mend, review on 2026-03-01"


def test_a_migration_keeps_the_data(version_1: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A step that a later version may need: a column, filled from the documents."""
    step = (
        "ALTER TABLE version ADD COLUMN area TEXT",
        "UPDATE version SET area = json_extract(document, '$.origin.area')",
    )
    before = Register(version_1).history("0123456789")
    monkeypatch.setattr(module, "MIGRATIONS", (*module.MIGRATIONS, step))
    register = Register(version_1)
    assert register.history("0123456789") == before
    with sqlite3.connect(version_1) as database:
        assert database.execute("PRAGMA user_version").fetchone() == (len(module.MIGRATIONS),)
        assert database.execute("SELECT area FROM version").fetchall() == [("Testshire",)]
    assert register.save(before[0].location, 1, "Bob").version == 2
    assert Register(version_1).locations()[0].version == 2
    assert Register(version_1.with_name("new.sqlite")).locations() == ()


def test_a_migration_that_fails_changes_nothing(version_1: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    step = ("ALTER TABLE version ADD COLUMN area TEXT", "UPDATE nothing SET x = 1")
    monkeypatch.setattr(module, "MIGRATIONS", (*module.MIGRATIONS, step))
    before = version_1.read_bytes()
    assert "Nothing was changed" in refusal(Register, version_1)
    assert version_1.read_bytes() == before


def test_a_file_of_a_newer_version_is_left_as_it_is(register: Register) -> None:
    register.save(location(), 0, "Ann")
    with sqlite3.connect(register.path) as database:
        database.execute("PRAGMA user_version = 99")
    before = register.path.read_bytes()
    for said in (
        refusal(Register, register.path),
        refusal(register.locations),
        refusal(register.save, location("x"), 0, "A"),
    ):
        assert "was written by a newer version of Places and Spaces. Update this one." in said
    assert register.path.read_bytes() == before


def test_a_file_that_became_older_under_a_running_server(register: Register) -> None:
    with sqlite3.connect(register.path) as database:
        database.execute("PRAGMA user_version = 0")
    assert "replaced by an older one" in refusal(register.locations)


def test_a_new_file_is_what_version_1_becomes(register: Register, version_1: Path) -> None:
    def tables(path: Path) -> list[Any]:
        with sqlite3.connect(path) as database:
            return [
                " ".join(sql.split()) for (sql,) in database.execute("SELECT sql FROM sqlite_master WHERE sql NOT NULL")
            ]

    Register(version_1)
    assert tables(register.path) == tables(version_1)


def test_each_version_of_a_file_of_version_1_gets_a_token_of_its_own(version_1: Path) -> None:
    with sqlite3.connect(version_1) as database:
        database.execute(
            "INSERT INTO version SELECT location_id, 2, archived, saved_by, saved_at, document FROM version"
        )
    Register(version_1)
    with sqlite3.connect(version_1) as database:
        tokens = {token for (token,) in database.execute("SELECT token FROM version")}
    assert len(tokens) == 2
    assert "" not in tokens


def _usable(text: str) -> bool:
    try:
        Action(text)
    except ValueError:
        return False
    return True


# -- whatever is saved -------------------------------------------------------------------------------------------------

TEXT = st.one_of(
    st.sampled_from(
        [
            "{{7*7}}",
            "=1+1",
            "<b>x</b>",
            "'\"`;--",
            "\U0001f693 \U0001f469\u200d\U0001f469\u200d\U0001f467",
            "a\nb",
            "ﬁ",
            "İ",
            "\u0000x",
            "\ud800y",
        ]
    ),
    st.text(max_size=60),
    st.text(st.characters(), max_size=60),
)
NAMED = TEXT.filter(_usable)
MONTHS = st.tuples(st.integers(2015, 2030), st.integers(1, 12)).map(lambda pair: f"{pair[0]}-{pair[1]:02d}")
CODE = st.sampled_from(CODES)
CODE_LISTS = st.lists(CODE, max_size=4).map(tuple)


@st.composite
def selections(draw: st.DrawFn) -> Selection:
    period = Period(*sorted((draw(MONTHS), draw(MONTHS))))
    measure: Measure = draw(st.sampled_from(MEASURES))
    districts = tuple(draw(st.lists(st.text(max_size=9), max_size=2)))
    if draw(st.booleans()):
        return Selection(period, crime_types=("Robbery", "Drugs"), districts=districts, measure=measure)
    reading = draw(st.none() | st.lists(st.tuples(st.text(max_size=5), st.text(max_size=5)), max_size=2).map(tuple))
    return Selection(period, "open", districts=districts, measure=measure, reading=reading)


ORIGINS = st.builds(
    Origin, NAMED, TEXT, TEXT, st.sampled_from([2011, 2021]), st.none() | selections(),
    st.datetimes(datetime(2000, 1, 1), timezones=st.sampled_from([UTC, timezone(timedelta(hours=5))])),
)  # fmt: skip
INTERVENTIONS = st.one_of(
    st.builds(Intervention, NAMED, MONTHS, st.none(), TEXT),
    st.tuples(MONTHS, MONTHS)
    .map(sorted)
    .flatmap(lambda ends: st.builds(Intervention, NAMED, *map(st.just, ends), TEXT)),
)
ACTIONS = st.builds(Action, NAMED, TEXT, st.none() | st.dates(), TEXT)
RINGS = st.builds(
    lambda gap, width, metres: RingRule(gap + width, gap, metres),
    st.integers(0, 500),
    st.floats(0.5, 900),
    st.booleans(),
)
SHAPES = st.sampled_from(
    [None, "POLYGON ((0 0, 1.25 0, 1 1, 0 0))", "MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)), ((5 5, 6 5, 6 6, 5 5)))"]
)
LOCATIONS = st.builds(
    Location, NAMED, st.sampled_from(list(MADE_WORDS)), ORIGINS, st.lists(CODE, min_size=1, max_size=5).map(tuple), TEXT,
    SHAPES, RINGS, CODE_LISTS, CODE_LISTS, CODE_LISTS, st.lists(INTERVENTIONS, max_size=2).map(tuple),
    st.lists(ACTIONS, max_size=2).map(tuple), TEXT,
)  # fmt: skip


@given(LOCATIONS)
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_is_saved_is_read_back_equal(made: Location) -> None:
    with tempfile.TemporaryDirectory() as folder:
        register = Register(Path(folder) / "register.sqlite")
        saved = register.save(made, 0, "Ann")
        assert replace(saved, version=0) == made
        assert register.get(made.id) == saved
        assert register.history(made.id)[0].location == saved


def test_fifty_locations_are_read_in_a_moment(register: Register) -> None:
    for n in range(50):
        register.save(location(f"Place {n}", notes="x" * 500, controls=CODES), 0, "Ann")
    assert min(_seconds(register) for _ in range(20)) < 0.01


def _seconds(register: Register) -> float:
    started = time.perf_counter()
    assert len(register.locations()) == 50
    return time.perf_counter() - started
