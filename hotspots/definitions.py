"""Definitions of serious violence: data in ``definitions/*.toml``, read and checked here.

A definition is what a partnership agreed. Its open-data form is the nearest that police.uk's crime types come to it.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final, Literal

from geodata.columns import ASB, CRIME_TYPES
from hotspots.selection import Selection

DEFAULT: Final = "norfolk"

Wording = Literal["quotation", "paraphrase"]

_KEYS: Final = {
    "id": str, "name": str, "subject": str, "version": str, "date": date,
    "published": str, "published_is": str, "published_by": str, "open_data": dict,
}  # fmt: skip
_OPEN_DATA_KEYS: Final = {"crime_types": list, "coverage": str, "caught": list, "measured_on": str}
_KINDS: Final = {str: "a text", date: "a date", dict: "a table", list: "a list"}


@dataclass(frozen=True)
class Definition:
    """One definition of serious violence, and what of it open data can show."""

    id: str
    name: str
    subject: str  # how a sentence speaks of what it counts: "serious violence"
    version: str
    date: date
    published: str
    published_is: Wording  # whether ``published`` is the partnership's words or ours
    published_by: str
    crime_types: tuple[str, ...]
    coverage: str
    caught: tuple[float, float]  # the least and the most of the definition that the crime types catch
    measured_on: str

    @property
    def coverage_sentence(self) -> str:
        """What the open-data form includes and catches, and on what that was measured."""
        return f"The open-data form {self.coverage} (measured {self.measured_on})."


def load_definitions(folder: Path | None = None) -> dict[str, Definition]:
    """Every definition by its id, in the order of their file names.

    Parameters
    ----------
    folder
        Where the ``.toml`` files are; by default those that come with the package.

    Raises
    ------
    ValueError
        Where a file is not a usable definition: names the file and the reason.
    """
    root: Traversable = folder or resources.files("hotspots") / "definitions"
    definitions: dict[str, Definition] = {}
    for file in sorted((f for f in root.iterdir() if f.name.endswith(".toml")), key=lambda f: f.name):
        definition = _read(file)
        if definition.id in definitions:
            raise _refusal(file.name, f"the id {definition.id!r} is already used by another file")
        definitions[definition.id] = definition
    if not definitions:
        raise ValueError(f"No definition (.toml file) was found in {root}.")
    return definitions


def crime_types_of(selection: Selection, definitions: dict[str, Definition]) -> tuple[str, ...]:
    """The crime types that a selection counts.

    Raises
    ------
    ValueError
        Where the selection names a definition that is not there.
    """
    if selection.definition is None:
        return selection.crime_types
    if selection.definition not in definitions:
        raise ValueError(f"There is no definition {selection.definition!r}. Choose one of {', '.join(definitions)}.")
    return definitions[selection.definition].crime_types


def _read(file: Traversable) -> Definition:
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _refusal(file.name, f"it is not readable TOML ({error})") from error
    _check_keys(file.name, "", data, _KEYS)
    open_data = data.pop("open_data")
    _check_keys(file.name, "open_data.", open_data, _OPEN_DATA_KEYS)
    if data["published_is"] not in ("quotation", "paraphrase"):
        raise _refusal(file.name, '"published_is" is neither "quotation" nor "paraphrase"')
    _check_crime_types(file.name, open_data["crime_types"])
    _check_caught(file.name, open_data["caught"])
    return Definition(
        **data,
        crime_types=tuple(open_data["crime_types"]),
        coverage=open_data["coverage"],
        caught=(float(open_data["caught"][0]), float(open_data["caught"][1])),
        measured_on=open_data["measured_on"],
    )


def _check_keys(file: str, prefix: str, table: dict[str, Any], expected: Mapping[str, type]) -> None:
    for key, kind in expected.items():
        if key not in table:
            raise _refusal(file, f'"{prefix}{key}" is missing')
        # type(), since a TOML date and time is also a Python date
        if type(table[key]) is not kind:
            raise _refusal(file, f'"{prefix}{key}" is not {_KINDS[kind]}')
        if table[key] in ("", [], {}):
            raise _refusal(file, f'"{prefix}{key}" is empty')
    for key in table:
        if key not in expected:
            raise _refusal(file, f'"{prefix}{key}" is not a known key')


def _check_crime_types(file: str, crime_types: list[Any]) -> None:
    if ASB in crime_types:
        raise _refusal(file, f"it counts {ASB}, which is never part of a definition of serious violence")
    for crime_type in crime_types:
        if crime_type not in CRIME_TYPES:
            raise _refusal(file, f"{crime_type!r} is not a crime type that police.uk publishes")
    if len(set(crime_types)) < len(crime_types):
        raise _refusal(file, "a crime type is listed twice")


def _check_caught(file: str, caught: list[Any]) -> None:
    numbers = all(type(share) in (int, float) for share in caught)
    if not (numbers and len(caught) == 2 and 0 <= caught[0] <= caught[1] <= 1):
        raise _refusal(file, '"open_data.caught" is not two shares between 0 and 1, the least first')


def _refusal(file: str, reason: str) -> ValueError:
    return ValueError(f"The definition {file} cannot be used: {reason}. Correct or remove the file.")
