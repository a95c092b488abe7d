"""The small TOML beside the file of a layer: what it is, whose it is, who may see it, what its columns and classes mean.

Texts are kept as they are written and never interpreted.
"""

import datetime
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geodata.errors import InputError, quoted
from geodata.sources import content

OPEN, PARTNER = "open", "partner"
SPATIAL = ("points", "lines", "polygons")
KINDS = (*SPATIAL, "areas", "monthly")
LEVELS = ("lsoa", "msoa", "ward", "district")
MEASURES = ("knife-admissions", "knife-offences", "homicide")
COLOUR = "#0072b2"

_MAX_BYTES = 1024**2
_LONGEST = 300
_LARGEST = 10**9
_DATE = re.compile(r"(19|20)\d\d(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_OF_ALL = {"title": True, "source": True, "date": True, "licence": True, "marking": True, "kind": True, "colour": False}
_OF_SPATIAL = {"name": False, "class": False, "classes": False}
_OF_PLACES = {"level": True, "vintage": True, "code": True, "sheet": False}
# Per kind, each key and whether it is needed.
_KEYS = {
    **dict.fromkeys(SPATIAL, _OF_ALL | _OF_SPATIAL),
    "areas": _OF_ALL | _OF_PLACES | {"values": True},
    "monthly": _OF_ALL | _OF_PLACES | {"month": True, "count": True, "measure": False, "suppressed_up_to": False},
}
_OF_CLASS = {"value": True, "means": True, "colour": False}
_OF_VALUE = {"column": True, "title": True, "unit": True, "counts": True}
_CHOICES = {"marking": (OPEN, PARTNER), "kind": KINDS, "level": LEVELS, "measure": MEASURES}
_HEADS = ("not shown", "offence rate", "asb rate")  # of columns that the page's table has itself
_NUMBERS = {"vintage": (2001, 2099), "suppressed_up_to": (1, 100)}


@dataclass(frozen=True)
class Class:
    """One class of a layer: how the file writes it, what it means, its colour."""

    value: str
    means: str
    colour: str


@dataclass(frozen=True)
class Value:
    """One column of an area table: its header, title, unit ("per cent", "per 1,000 adults") and what it counts."""

    column: str
    title: str
    unit: str
    counts: str

    @property
    def is_percentage(self) -> bool:
        """Whether no value can be above 100."""
        return self.unit.lower().startswith(("per cent", "percent", "%"))


@dataclass(frozen=True)
class Description:
    """A layer in words. ``marking``: "open" or "partner"; ``kind``: one of ``KINDS``; empty what its kind does not have.

    ``name`` and ``class_column``: columns of the features' names and classes. ``level``, ``vintage``, ``code``: which places the
    rows of a table are of, and the column of their codes; ``sheet``: of a workbook. ``month``, ``count``, ``measure`` (one of ``MEASURES``, or ""),
    ``suppressed_up_to`` (the highest number that a mark such as "*" may hide; 0 = not stated): of monthly counts.
    """

    title: str
    source: str
    date: str
    licence: str
    marking: str
    kind: str
    colour: str = COLOUR
    name: str = ""
    class_column: str = ""
    classes: tuple[Class, ...] = ()
    level: str = ""
    vintage: int = 0
    code: str = ""
    sheet: str = ""
    value_columns: tuple[Value, ...] = ()
    month: str = ""
    count: str = ""
    measure: str = ""
    suppressed_up_to: int = 0


def read_description(path: Path) -> Description:
    """The description at ``path``; InputError names the line and what is wrong with it."""
    where = quoted(path.name)
    if not path.is_file():
        raise InputError(
            f"{where} was not found: a layer needs this description beside its file (title, source, date, licence, marking, kind)."
        )
    text = _text(content(path, _MAX_BYTES, "a description is a few lines"), where)
    try:
        said = tomllib.loads(text)
    except ValueError as error:  # TOMLDecodeError is one; so is a number of too many digits
        raise InputError(f"{where} cannot be read as TOML: {error}; correct that line.") from None
    except RecursionError:
        raise InputError(f"{where} cannot be read as TOML: it is nested too deeply.") from None
    # the kind first: it says which keys there are
    kind = _checked("kind", said.get("kind"), f"{where} (line {_line(text, 'kind')})")
    _check_keys(said, _KEYS[kind], where, text, f"a layer of {kind}" if kind != "areas" else "an area table")
    plain = {
        key: _checked(key, value, f"{where} (line {_line(text, key)})")
        for key, value in said.items()
        if key not in ("class", "classes", "values")
    }
    if ("class" in said) != ("classes" in said):
        raise InputError(
            f"{where} has only one of 'class' (a column) and [[classes]] (what its values mean): give both or neither."
        )
    if "class" in said:
        plain["class_column"] = _checked("class", said["class"], f"{where} (line {_line(text, 'class')})")
    rows = _tables(said, "classes", _OF_CLASS, where, text)
    plain["classes"] = tuple(Class(**({"colour": plain.get("colour", COLOUR)} | row)) for row in rows)
    plain["value_columns"] = tuple(Value(**row) for row in _tables(said, "values", _OF_VALUE, where, text))
    for one, names in (
        ("classes", [c.value for c in plain["classes"]]),
        ("values", [v.column for v in plain["value_columns"]]),
        ("values", [v.title for v in plain["value_columns"]]),
    ):
        if len(set(names)) < len(names):
            raise InputError(f"{where} describes the same thing twice in [[{one}]]: keep one of each.")
    for value in plain["value_columns"]:
        if value.title.lower() in (*_HEADS, plain["level"]):
            raise InputError(
                f"{where} has {quoted(value.title)} as a title in [[values]], which the table of the page has as a column of its own: "
                "give another title."
            )
    return Description(**plain)


def _text(data: bytes, where: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise InputError(f"{where} is not UTF-8 text (line {line:,}): save it as UTF-8.") from None


def _tables(said: dict[str, Any], name: str, keys: dict[str, bool], where: str, text: str) -> list[dict[str, str]]:
    rows = said.get(name, [])
    if not isinstance(rows, list) or (name in said and not rows) or not all(isinstance(row, dict) for row in rows):
        raise InputError(f"{where} (line {_line(text, name)}) has '{name}' as no table: write [[{name}]] above each.")
    lines = [text[: found.start()].count("\n") + 1 for found in re.finditer(rf"(?m)^[ \t]*\[\[\s*{name}\s*\]\]", text)]
    made = []
    for number, row in enumerate(rows):
        here = f"{where} ([[{name}]] in line {lines[number] if number < len(lines) else _line(text, name)})"
        _check_keys(row, keys, here, "", f"[[{name}]]")
        made.append({key: _checked(key, value, here) for key, value in row.items()})
    return made


def _check_keys(said: dict[str, Any], keys: dict[str, bool], where: str, text: str, what: str) -> None:
    for key in said:
        if key not in keys:
            line = f" (line {_line(text, key)})" if text else ""
            raise InputError(
                f"{where}{line} has {quoted(key)}, which {what} does not have: known are {', '.join(keys)}."
            )
    lacking = [key for key, needed in keys.items() if needed and key not in said]
    if lacking:
        raise InputError(
            f"{where} lacks {' and '.join(lacking)}: {what} needs {'it' if len(lacking) == 1 else 'them'}."
        )


def _checked(key: str, value: Any, where: str) -> Any:
    """The value of one key; InputError where it is not of its kind."""
    if isinstance(value, int) and abs(value) > _LARGEST:
        value = "a very large number"  # that cannot be shown
    if key in _NUMBERS:
        low, high = _NUMBERS[key]
        if type(value) is not int or not low <= value <= high:
            raise InputError(f"{where} has {quoted(value)} as {key}: a whole number from {low} to {high} was expected.")
        return value
    if key == "date":
        value = value.isoformat() if isinstance(value, datetime.date) else str(value)
        if not _DATE.fullmatch(value):
            raise InputError(f"{where} has {quoted(value)} as date: write it as 2025, 2025-09 or 2025-09-30.")
        return value
    if not isinstance(value, str) or not value.strip():
        raise InputError(f"{where} has no text as {key}: write it in quotation marks.")
    plain = " ".join(value.split())
    if not plain.isprintable() or len(plain) > _LONGEST:
        raise InputError(f"{where} has a {key} with control characters or of more than {_LONGEST} letters: shorten it.")
    if key in _CHOICES and plain not in _CHOICES[key]:
        raise InputError(f"{where} has {quoted(plain)} as {key}: choose one of {', '.join(_CHOICES[key])}.")
    if key == "colour" and not _COLOUR.fullmatch(plain):
        raise InputError(f"{where} has {quoted(plain)} as colour: write it as #0072b2.")
    return plain


def _line(text: str, key: str) -> int:
    """The line where a key stands; 1 where it is not found, as under a name in quotation marks."""
    found = re.search(rf"(?m)^[ \t]*\[*[ \t]*[\"']?{re.escape(key)}[\"']?[ \t]*[=\].]", text)
    return text[: found.start()].count("\n") + 1 if found else 1
