"""Definitions of serious violence: data in ``definitions/*.toml``, read and checked here.

A definition is what a partnership agreed. Its open-data form is the nearest that police.uk's crime types come to it; its
offence-code form (``hotspots.code_form``) applies where incidents carry Home Office codes. ``definitions/README.md``
says how to write one.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from importlib import resources
from importlib.resources.abc import Traversable
from itertools import product
from pathlib import Path
from typing import Any, Final

from geodata.columns import ASB, CRIME_TYPES
from hotspots.definition import FLAGS, Definition, Offences, Only, Switch, shown_as
from hotspots.offence_codes import is_listed, normalise
from hotspots.selection import Selection
from hotspots.toml_lines import line_of

__all__ = ["DEFAULT", "Definition", "crime_types_of", "load_definitions"]

DEFAULT: Final = "norfolk"

_ID: Final = re.compile(r"[a-z0-9]+([_-][a-z0-9]+)*")
_TOP: Final = {
    "id": str, "name": str, "subject": str, "version": str, "date": date,
    "published": str, "published_is": str, "published_by": str, "open_data": dict,
}  # fmt: skip
_LISTS: Final = {"switch": list, "offences": list, "only": list}
_OPEN_DATA: Final = {
    "crime_types": list, "includes": str, "misses": str, "cannot_tell": str, "part": str, "measured_on": str,
}  # fmt: skip
_SWITCH: Final = {
    "id": str, "question": str, "depends_on": str, "default": str, "left_open": bool, "options": dict,
}  # fmt: skip
_OFFENCES: Final = {
    "codes": list, "crime_types": list, "any_flag": list, "all_flags": list, "recorded": int, "when": dict,
}  # fmt: skip
_KINDS: Final = {
    str: "a text", date: "a date", dict: "a table", list: "a list", bool: "true or false", int: "a whole number",
}  # fmt: skip


def load_definitions(*folders: Path) -> dict[str, Definition]:
    """Every definition by its id: the default first, then in the order of their file names, folder by folder.

    Parameters
    ----------
    folders
        Where a partnership keeps ``.toml`` files of its own; those that come with the package are always read.

    Raises
    ------
    ValueError
        Where a file is not a usable definition: names the file, the line and the reason.
    """
    definitions: dict[str, Definition] = {}
    places: tuple[Traversable, ...] = (resources.files("hotspots") / "definitions", *folders)
    for place in places:
        if not place.is_dir():
            raise ValueError(f"The folder of definitions {place} is not there. Give a folder that holds .toml files.")
        files = sorted((f for f in place.iterdir() if f.name.endswith(".toml")), key=lambda f: f.name)
        if not files:
            raise ValueError(f"No definition (.toml file) was found in {place}.")
        for file in files:
            source = _File(file)
            definition = source.definition()
            if definition.id in definitions:
                raise source.refusal(f"the id {definition.id!r} is already used by another file", key="id")
            definitions[definition.id] = definition
    return {DEFAULT: definitions[DEFAULT], **definitions}


def crime_types_of(selection: Selection, definitions: Mapping[str, Definition]) -> tuple[str, ...]:
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


class _File:
    """One file of a definition: read, checked from the top down, refused with the line."""

    def __init__(self, file: Traversable) -> None:
        self.name = file.name
        self.text = ""
        try:
            self.text = file.read_text(encoding="utf-8")
            self.data = tomllib.loads(self.text)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ValueError(
                f"The definition {self.name} cannot be used: it is not readable TOML ({error}). "
                "Correct or remove the file."
            ) from error

    def refusal(self, reason: str, table: str = "", number: int = 0, key: str = "", value: str = "") -> ValueError:
        line = line_of(self.text, table, number, key, value)
        return ValueError(
            f"The definition {self.name} cannot be used: line {line}: {reason}. Correct or remove the file."
        )

    def definition(self) -> Definition:
        self._check_keys("", 0, self.data, _TOP, _LISTS)
        data = self.data
        if not _ID.fullmatch(data["id"]):
            raise self.refusal('"id" is not in small letters and digits, joined by - or _', key="id")
        if data["published_is"] not in ("quotation", "paraphrase"):
            raise self.refusal('"published_is" is neither "quotation" nor "paraphrase"', key="published_is")
        open_data = data["open_data"]
        self._check_keys("open_data", 0, open_data, _OPEN_DATA, {"force_recorded": dict})
        self._check_crime_types("open_data", 0, open_data["crime_types"])
        switches = tuple(self._switch(n, table) for n, table in enumerate(self._tables("switch")))
        ids = [switch.id for switch in switches]
        for n, switch_id in enumerate(ids):
            if switch_id in ids[:n]:
                raise self.refusal(f"two switches have the id {switch_id!r}", "switch", n, "id")
        definition = Definition(
            **{key: data[key] for key in _TOP if key != "open_data"},
            **{key: open_data[key] for key in _OPEN_DATA if key != "crime_types"},
            crime_types=tuple(open_data["crime_types"]),
            force_recorded=self._force_recorded(open_data.get("force_recorded", {})),
            switches=switches,
        )
        definition = replace(
            definition,
            offences=tuple(self._offences(definition, n, table) for n, table in enumerate(self._tables("offences"))),
            only=tuple(self._only(definition, n, table) for n, table in enumerate(self._tables("only"))),
        )
        self._check_no_code_twice(definition)
        self._check_measured(definition)
        return definition

    def _tables(self, key: str) -> list[dict[str, Any]]:
        tables = self.data.get(key, [])
        if not all(isinstance(table, dict) for table in tables):
            raise self.refusal(f'"{key}" is not a list of tables, each headed [[{key}]]', key=key)
        return list(tables)

    def _switch(self, n: int, table: dict[str, Any]) -> Switch:
        self._check_keys("switch", n, table, _SWITCH)
        options = table["options"]
        for option, words in options.items():
            if not (isinstance(words, str) and words):
                raise self.refusal(f'the option "{option}" is not a text', "switch", n, option)
        if table["default"] not in options:
            raise self.refusal(f'"default" is {table["default"]!r}, which is not an option', "switch", n, "default")
        if len(options) < 2:
            raise self.refusal('"options" gives fewer than two to switch between', "switch", n, "options")
        return Switch(**(table | {"options": tuple(options.items())}))

    def _offences(self, definition: Definition, n: int, table: dict[str, Any]) -> Offences:
        self._check_keys("offences", n, table, {"name": str}, _OFFENCES)
        if not any(key in table for key in ("codes", "crime_types", "any_flag", "all_flags")):
            raise self.refusal('"codes", "crime_types", "any_flag" and "all_flags" are all missing', "offences", n)
        for code in table.get("codes", []):
            if not (isinstance(code, str) and is_listed(normalise(code))):
                raise self.refusal(
                    f"{code!r} is not an offence code of the Home Office's list", "offences", n, "codes", str(code)
                )
        if "crime_types" in table:
            self._check_crime_types("offences", n, table["crime_types"])
        for key in ("any_flag", "all_flags"):
            self._check_flags("offences", n, key, table.get(key, []))
        offences = Offences(
            name=table["name"],
            codes=frozenset(normalise(code) for code in table.get("codes", [])),
            crime_types=tuple(table.get("crime_types", ())),
            any_flag=tuple(table.get("any_flag", ())),
            all_flags=tuple(table.get("all_flags", ())),
            recorded=table.get("recorded"),
            when=self._when(definition, "offences", n, table),
        )
        if offences.recorded is not None:
            if offences.recorded < 0:
                raise self.refusal('"recorded" is less than nothing', "offences", n, "recorded")
            if not offences.by_code or shown_as(offences) is None:
                raise self.refusal(
                    '"recorded" is given for offences that need a flag or lie in more than one police.uk category; '
                    "divide them",
                    "offences", n, "recorded",
                )  # fmt: skip
        return offences

    def _only(self, definition: Definition, n: int, table: dict[str, Any]) -> Only:
        self._check_keys("only", n, table, {"name": str, "flags": list}, {"when": dict})
        self._check_flags("only", n, "flags", table["flags"])
        return Only(table["name"], tuple(table["flags"]), self._when(definition, "only", n, table))

    def _when(self, definition: Definition, kind: str, n: int, table: dict[str, Any]) -> tuple[tuple[str, str], ...]:
        options = {switch.id: dict(switch.options) for switch in definition.switches}
        when = table.get("when", {})
        for switch, option in when.items():
            if switch not in options:
                raise self.refusal(f'"when" names {switch!r}, which is not the id of a switch', kind, n, "when", switch)
            if option not in options[switch]:
                raise self.refusal(
                    f'"when" names {option!r}, which is not an option of the switch {switch!r}', kind, n, "when", switch
                )
        return tuple(when.items())

    def _force_recorded(self, table: dict[str, Any]) -> tuple[tuple[str, int], ...]:
        for crime_type, count in table.items():
            if crime_type not in CRIME_TYPES:
                reason = f"{crime_type!r} is not a crime type that police.uk publishes"
            elif type(count) is not int or count < 0:
                reason = f'the count of "{crime_type}" is not a whole number from 0 up'
            else:
                continue
            raise self.refusal(reason, "open_data", 0, "force_recorded", crime_type)
        return tuple(table.items())

    def _check_keys(
        self, table: str, n: int, data: dict[str, Any], needed: Mapping[str, type],
        possible: Mapping[str, type] | None = None,
    ) -> None:  # fmt: skip
        known = {**needed, **(possible or {})}
        prefix = f"{table}." if table else ""
        for key in needed:
            if key not in data:
                raise self.refusal(f'"{prefix}{key}" is missing', table, n)
        for key, value in data.items():
            if key not in known:
                raise self.refusal(f'"{prefix}{key}" is not a known key', table, n, key)
            # type(), since a TOML date and time is also a Python date, and true a whole number
            if type(value) is not known[key]:
                raise self.refusal(f'"{prefix}{key}" is not {_KINDS[known[key]]}', table, n, key)
            if value in ("", [], {}):
                raise self.refusal(f'"{prefix}{key}" is empty', table, n, key)

    def _check_crime_types(self, table: str, n: int, crime_types: list[Any]) -> None:
        for crime_type in crime_types:
            if crime_type == ASB:
                reason = f"it counts {ASB}, which is never part of a definition of serious violence"
            elif crime_type not in CRIME_TYPES:
                reason = f"{crime_type!r} is not a crime type that police.uk publishes"
            elif crime_types.count(crime_type) > 1:
                reason = f"the crime type {crime_type!r} is listed twice"
            else:
                continue
            raise self.refusal(reason, table, n, "crime_types", str(crime_type))

    def _check_flags(self, table: str, n: int, key: str, flags: list[Any]) -> None:
        for flag in flags:
            if flag not in FLAGS:
                raise self.refusal(f"{flag!r} is not a flag: {', '.join(FLAGS)}", table, n, key, str(flag))

    def _check_no_code_twice(self, definition: Definition) -> None:
        """An offence is counted once: a code stands in one table of those that apply together."""
        for chosen in product(*([(one.id, option) for option, _ in one.options] for one in definition.switches)):
            seen: set[str] = set()
            for offences in definition.counted(dict(chosen)):
                if not offences.by_code:
                    continue
                if twice := sorted(seen & offences.listed):
                    n = definition.offences.index(offences)
                    raise self.refusal(f"the offence code {twice[0]!r} already counts above", "offences", n)
                seen |= offences.listed

    def _check_measured(self, definition: Definition) -> None:
        totals = dict(definition.force_recorded)
        for n, offences in enumerate(definition.offences):
            total = totals.get(shown_as(offences) or "", offences.recorded)
            if offences.recorded is not None and total is not None and offences.recorded > total:
                raise self.refusal(
                    f'"recorded" is more than the {total} that the force recorded of the whole category',
                    "offences", n, "recorded",
                )  # fmt: skip
