"""The register of priority locations: a SQLite file in which every version of every location is kept.

Each version is one JSON document, so what is known of a location can grow without new tables. The schema's version is
SQLite's own ``user_version``; a file of an earlier one is brought up to date step by step when it is opened, in one
transaction. (A migration tool would bring a folder of scripts and a second way of saying what version a file has.)

Journal: SQLite's default, with which a reader waits a few milliseconds for a writer. A write-ahead log needs memory that all
readers share and does not work on a network drive (sqlite.org/wal.html, "Overview"), where a partnership may well keep
the register. Each call opens the file anew, so that threads share no connection and a file that is gone is noticed.
"""

import json
import os
import secrets
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import sqlalchemy as sa

from hotspots.controls import RingRule
from hotspots.locations import Action, Intervention, Location, Origin, differences, name_key
from hotspots.selection import Period, Selection

ENVIRONMENT: Final = "PLACES_REGISTER"
APPLICATION_ID: Final = 0x50415350  # tells a register from any other SQLite file

# Step n takes a file from version n to n + 1; the first makes it. A step that was released is never changed.
MIGRATIONS: Final = (
    (
        f"PRAGMA application_id = {APPLICATION_ID}",
        "CREATE TABLE state (identity TEXT NOT NULL, revision INTEGER NOT NULL)",
        "INSERT INTO state VALUES (lower(hex(randomblob(8))), 0)",
        "CREATE TABLE location (id TEXT PRIMARY KEY, name_key TEXT NOT NULL UNIQUE, version INTEGER NOT NULL, "
        "archived BOOLEAN NOT NULL)",
        "CREATE TABLE version (location_id TEXT NOT NULL REFERENCES location (id), version INTEGER NOT NULL, "
        "archived BOOLEAN NOT NULL, saved_by TEXT NOT NULL, saved_at TEXT NOT NULL, document TEXT NOT NULL, "
        "PRIMARY KEY (location_id, version))",
    ),
    (  # numbers come round again where a copy from before is put back, tokens do not
        "ALTER TABLE state ADD COLUMN token TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE version ADD COLUMN token TEXT NOT NULL DEFAULT ''",
        "UPDATE version SET token = lower(hex(randomblob(8)))",
    ),
)  # fmt: skip

_LOCATION = sa.table("location", *map(sa.column, ("id", "name_key", "version", "archived")))
_VERSION = sa.table(
    "version", *map(sa.column, ("location_id", "version", "archived", "saved_by", "saved_at", "document", "token"))
)
_STATE = sa.table("state", *map(sa.column, ("identity", "revision", "token")))
_CURRENT = sa.select(_VERSION).join_from(
    _VERSION, _LOCATION, (_LOCATION.c.id == _VERSION.c.location_id) & (_LOCATION.c.version == _VERSION.c.version)
)


class RegisterError(Exception):
    """The register cannot do what was asked; ``str(error)`` is the sentence for the user. Nothing was changed."""


class Conflict(RegisterError):  # noqa: N818 - what it is to the user, who errs in nothing
    """Somebody saved the location in the meantime.

    ``base``: the version that the user had opened, None where it was a new one or is not in the register any more;
    ``theirs``: the one in the register, saved ``by``; ``mine``: the one that was not saved. To save it after all, save it
    over ``theirs.version``.
    """

    def __init__(self, base: Location | None, theirs: Location, mine: Location, by: str) -> None:
        self.base, self.theirs, self.mine, self.by = base, theirs, mine, by
        super().__init__(f"{theirs.name!r} was saved by {by!r} while you were changing it. Nothing was overwritten.")

    @property
    def differences(self) -> tuple[str, ...]:
        """What saving mine over theirs would change, a sentence for each field."""
        return differences(self.theirs, self.mine)


@dataclass(frozen=True)
class Saved:
    """One version of a location, by whom it was saved (as typed) and when (UTC)."""

    location: Location
    by: str
    at: datetime


class _Version(int):
    """The number of a version that was read or saved, and the token of the save that made it.

    The number carries the token because it is what a caller hands back to say what the user had before them: so ``save``,
    ``archive`` and ``restore`` all tell that very version from another of the same number. A token in the location itself
    would reach only ``save``, and would belong to the wrong version where one is saved over somebody else's.
    """

    token: str

    def __new__(cls, number: int, token: str = "") -> "_Version":
        version = super().__new__(cls, number)
        version.token = token
        return version


def default_path() -> Path:
    """The file that ``PLACES_REGISTER`` names, else one in the user's own data folder.

    Raises
    ------
    RegisterError
        Where the user has no such folder.
    """
    named = os.environ.get(ENVIRONMENT, "").strip()
    if named:
        return Path(named)
    own = os.environ.get("LOCALAPPDATA") or os.environ.get("XDG_DATA_HOME")
    try:
        folder = Path(own) if own else Path.home() / ".local" / "share"
    except RuntimeError:
        raise RegisterError(
            f"This account has no folder of its own for the register. Name a file for it in {ENVIRONMENT}."
        ) from None
    return folder / "places-and-spaces" / "register.sqlite"


class Register:
    """The register in a file, which is created if there is none, readable by its owner only where the system has that.

    ``wait_s``: how long to wait for another writer. May be used from several threads. Every method raises RegisterError in
    one sentence where the file is locked, read-only, gone, damaged, or of a newer version.
    """

    def __init__(self, path: str | Path, wait_s: float = 5.0) -> None:
        self.path = Path(path).absolute()
        self._wait_s = wait_s
        self._engine = self._engine_of(self.path)
        with self._in_words():
            if (self.path.parent / "manifest.json").exists():
                raise RegisterError(
                    f"The folder {self.path.parent.name!r} holds a dataset, which is replaced whole when it is built again. "
                    f"Keep the register elsewhere, and name it in {ENVIRONMENT}."
                )
            if not self.path.exists():
                self._create()
            with self._engine.begin() as database:
                version = self._version(database)
            if version < len(MIGRATIONS):
                self._migrate(self._engine)

    def revision(self) -> str:
        """Changes whenever anything was saved, or another register or a copy from before took this one's place.

        Never comes round again for another content, and costs next to nothing.
        """
        with self._open() as database:
            return "{}-{}-{}".format(*database.execute(sa.select(_STATE)).one())

    def locations(self, *, archived: bool = False) -> tuple[Location, ...]:
        """The current version of every location (or of every archived one), by name."""
        with self._open() as database:
            wanted = _CURRENT.where(_LOCATION.c.archived == archived).order_by(_LOCATION.c.name_key)
            return tuple(self._saved(row).location for row in database.execute(wanted).mappings())

    def get(self, location_id: str) -> Location:
        """The current version of one location, archived or not."""
        with self._open() as database:
            saved = self._current(database, location_id)
        if saved is None:
            raise RegisterError("This location is not in the register. Choose one of the list.")
        return saved.location

    def history(self, location_id: str) -> tuple[Saved, ...]:
        """Every version of one location, the latest first."""
        with self._open() as database:
            every = sa.select(_VERSION).where(_VERSION.c.location_id == location_id).order_by(_VERSION.c.version.desc())
            return tuple(self._saved(row) for row in database.execute(every).mappings())

    def save(self, location: Location, expected_version: int, by: str) -> Location:
        """Keep the location as its next version, and return that.

        ``expected_version`` is the ``version`` of the location that the user had before them, 0 for a new one; ``by`` their
        name. A plain number is compared as a number; the one of a location from the register stands for that very version.

        Raises
        ------
        Conflict
            Where the register holds another version by now.
        RegisterError
            Where another location has the name, or the location is not in the register any more.
        """
        author = replace(location.origin, by=by).by  # cleaned and bounded like any name
        with self._open("BEGIN IMMEDIATE") as database:
            current = self._current(database, location.id)
            base = self._saved_as(database, location.id, expected_version)
            if current and current != base:
                raise Conflict(base.location if base else None, current.location, location, current.by)
            if not current and expected_version:
                raise RegisterError(
                    f"{location.name!r} is not in the register any more: another file took its place. Put the register back, "
                    "or save the location as a new one."
                )
            self._refuse_used_name(database, location)
            token = secrets.token_hex(8)
            kept = replace(location, version=_Version(expected_version + 1, token))
            about = {"version": int(kept.version), "archived": kept.archived}
            values = {"name_key": name_key(kept.name), **about}
            if current:
                database.execute(sa.update(_LOCATION).where(_LOCATION.c.id == kept.id).values(values))
            else:
                database.execute(sa.insert(_LOCATION).values(id=kept.id, **values))
            now = datetime.now(UTC).isoformat(timespec="seconds")
            row = {"location_id": kept.id, "saved_by": author, "saved_at": now, "document": _document(kept)}
            database.execute(sa.insert(_VERSION).values({**row, **about, "token": token}))
            database.execute(sa.update(_STATE).values(revision=_STATE.c.revision + 1, token=token))
        return kept

    def archive(self, location_id: str, expected_version: int, by: str) -> Location:
        """Take a location off the list. It keeps its name and its history, and can be restored. Raises as ``save``."""
        return self.save(replace(self.get(location_id), archived=True), expected_version, by)

    def restore(self, location_id: str, expected_version: int, by: str) -> Location:
        """Put an archived location back on the list. Raises as ``save``."""
        return self.save(replace(self.get(location_id), archived=False), expected_version, by)

    def _refuse_used_name(self, database: sa.Connection, location: Location) -> None:
        same = sa.select(_LOCATION.c.archived).where(
            _LOCATION.c.name_key == name_key(location.name), _LOCATION.c.id != location.id
        )
        other = database.execute(same).first()
        if other is not None:
            instead = "Restore it, or give another name" if other.archived else "Give another name"
            which = "An archived location" if other.archived else "Another location"
            raise RegisterError(f"{which} is already called {location.name!r}. {instead}.")

    def _current(self, database: sa.Connection, location_id: str) -> Saved | None:
        row = database.execute(_CURRENT.where(_LOCATION.c.id == location_id)).mappings().first()
        return self._saved(row) if row else None

    def _saved_as(self, database: sa.Connection, location_id: str, version: int) -> Saved | None:
        one = sa.select(_VERSION).where(_VERSION.c.location_id == location_id, _VERSION.c.version == int(version))
        if isinstance(version, _Version):
            one = one.where(_VERSION.c.token == version.token)
        row = database.execute(one).mappings().first()
        return self._saved(row) if row else None

    def _saved(self, row: Mapping[Any, Any]) -> Saved:
        try:
            location = _location(row["document"], _Version(row["version"], row["token"]), bool(row["archived"]))
            return Saved(location, row["saved_by"], datetime.fromisoformat(row["saved_at"]))
        except (ValueError, TypeError, KeyError, AttributeError):
            raise RegisterError(f"{self._called} is damaged: one of its locations cannot be read. {_RESTORE}") from None

    @contextmanager
    def _open(self, begin: str = "BEGIN") -> Iterator[sa.Connection]:
        """One transaction on a register of this version."""
        with self._in_words(), self._engine.execution_options(begin=begin).begin() as database:
            if self._version(database) < len(MIGRATIONS):
                raise RegisterError(f"{self._called} was replaced by an older one. Start Places and Spaces again.")
            yield database

    def _version(self, database: sa.Connection) -> int:
        if database.exec_driver_sql("PRAGMA application_id").scalar_one() != APPLICATION_ID:
            raise RegisterError(f"{self._called} is empty, or a database of another kind. {_RESTORE}")
        version = int(database.exec_driver_sql("PRAGMA user_version").scalar_one())
        if version > len(MIGRATIONS):
            raise RegisterError(f"{self._called} was written by a newer version of Places and Spaces. Update this one.")
        return version

    def _migrate(self, engine: sa.Engine) -> None:
        with engine.execution_options(begin="BEGIN IMMEDIATE").begin() as database:
            done = int(database.exec_driver_sql("PRAGMA user_version").scalar_one())
            for statement in (statement for step in MIGRATIONS[done:] for statement in step):
                database.exec_driver_sql(statement)
            database.exec_driver_sql(f"PRAGMA user_version = {len(MIGRATIONS)}")

    def _create(self) -> None:
        """Made beside its place and moved there whole; where two do so at once, the first one stays."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{self.path.name}.", dir=self.path.parent)  # of mode 0600
        os.close(handle)
        scratch = Path(name)
        try:
            self._migrate(self._engine_of(scratch))
            try:
                os.link(scratch, self.path)
            except FileExistsError:
                pass
            except OSError:  # a file system without links
                if not self.path.exists():
                    scratch.rename(self.path)
        finally:
            with suppress(FileNotFoundError):
                scratch.unlink()

    def _engine_of(self, path: Path) -> sa.Engine:
        posix = path.as_posix()
        # The empty host before the path lets C:/... and the //server/... of a network share stand in an address alike;
        # mode=rw creates nothing in the place of a file that is gone.
        address = f"file://{quote(posix if posix.startswith('/') else f'/{posix}', errors='surrogateescape')}?mode=rw"

        def connect() -> sqlite3.Connection:
            connection = sqlite3.connect(address, uri=True, timeout=self._wait_s, isolation_level=None)
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA trusted_schema = OFF")
            return connection

        engine = sa.create_engine("sqlite://", creator=connect, poolclass=sa.NullPool)
        # sqlite3 would begin a transaction only at the first change, and then without the lock that a reader needs
        sa.event.listen(engine, "begin", lambda c: c.exec_driver_sql(c.get_execution_options().get("begin", "BEGIN")))
        return engine

    @property
    def _called(self) -> str:
        return f"The register of priority locations {self.path.name!r}"

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        try:
            yield
        except sa.exc.DBAPIError as error:
            raise RegisterError(self._sentence(error.orig)) from None
        except (sqlite3.Error, OSError) as error:
            raise RegisterError(self._sentence(error)) from None

    def _sentence(self, error: BaseException | None) -> str:
        code = getattr(error, "sqlite_errorcode", 0)
        if code == sqlite3.SQLITE_READONLY_DBMOVED or (code and not os.path.exists(self.path)):
            return f"{self._called} is no longer in its place, and nothing was made in its stead. Put it back."
        why = {
            sqlite3.SQLITE_BUSY: f"is in use by somebody else, for more than {self._wait_s:g} seconds. Try again",
            sqlite3.SQLITE_LOCKED: "is in use by somebody else. Try again",
            sqlite3.SQLITE_READONLY: "may only be read. Ask for the right to write to it and to its folder",
            sqlite3.SQLITE_CANTOPEN: "cannot be opened. Check that you may read it, and write to its folder",
            sqlite3.SQLITE_NOTADB: f"is damaged, or is no register. {_RESTORE}",
            sqlite3.SQLITE_CORRUPT: f"is damaged. {_RESTORE}",
            sqlite3.SQLITE_FULL: "cannot grow: the disk is full. Make room on it",
        }.get(
            code & 0xFF,
            f"cannot be used ({getattr(error, 'strerror', None) or 'input or output failed'}). Check its folder",
        )
        return f"{self._called} {why.rstrip('.')}. Nothing was changed."


_RESTORE: Final = "Put a copy of it from before in its place."


def _document(location: Location) -> str:
    """What the register does not keep in columns of its own; ASCII, so that any text comes back as it was."""
    said = asdict(location)
    del said["version"], said["archived"]
    return json.dumps(said, default=lambda when: when.isoformat())


def _location(document: str, version: int, archived: bool) -> Location:
    said: dict[str, Any] = json.loads(document)
    said |= {name: tuple(value) for name, value in said.items() if isinstance(value, list)}
    origin = said["origin"]
    origin["at"] = datetime.fromisoformat(origin["at"])
    origin["chosen"] = origin["chosen"] and _selection(origin["chosen"])
    for action in said["actions"]:
        action["review"] = action["review"] and date.fromisoformat(action["review"])
    said["origin"] = Origin(**origin)
    said["ring"] = RingRule(**said["ring"])
    said["interventions"] = tuple(Intervention(**one) for one in said["interventions"])
    said["actions"] = tuple(Action(**one) for one in said["actions"])
    return Location(**said, version=version, archived=archived)


def _selection(said: dict[str, Any]) -> Selection:
    said["period"] = Period(**said["period"])
    said["crime_types"], said["districts"] = tuple(said["crime_types"]), tuple(said["districts"])
    if said["reading"] is not None:
        said["reading"] = tuple((key, option) for key, option in said["reading"])
    return Selection(**said)
