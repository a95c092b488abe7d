"""Home Office offence codes: how they are written, which class each belongs to, which police.uk category shows it.

Police systems write the code of one offence ("8/6", "008/06", "00806"); the Home Office's tables of recorded crime
write the class that holds several ("8N"). Both are read, and told apart by ``offence_codes.csv``. Its classes and their
names are those of the Home Office's tables of police recorded crime; the category of each is that of data.police.uk's list
of offences by category (2022), with which every code of that list agrees. Which offences make up a lettered class is
placed here by their title and sub-class in that list. Two classes with "|" between: the offence code does not say which.
"""

import csv
import re
from collections.abc import Collection
from functools import cache
from pathlib import Path
from typing import NamedTuple

_ONE_CODE = re.compile(r"0*(\d{1,3})([A-Z]?)(?:[/.]0*(\d{1,3}))?")
_FIVE_DIGITS = re.compile(r"(\d{3})(\d{2})")


class _Entry(NamedTuple):
    classes: frozenset[str]
    crime_type: str
    name: str


def normalise(code: object) -> str:
    """A code in one way of writing: "008/06", "00806" and "8/6" are "8/6"; "4.10" is "4/10"; "8n" is "8N".

    What is not a code comes back as it is, without space around it.
    """
    text = str(code).strip().upper()
    if five := _FIVE_DIGITS.fullmatch(text):
        text = f"{five[1]}/{five[2]}"
    one = _ONE_CODE.fullmatch(text)
    if not one:
        return text
    number, letter, part = one.groups()
    return f"{number}{letter}" + (f"/{part}" if part and part != "0" else "")


def classes_of(code: str) -> frozenset[str]:
    """The classes that a normalised code may belong to (a class belongs to itself); none where it is not listed."""
    entry = _entry(code)
    return entry.classes if entry else frozenset()


def crime_type_of(code: str) -> str | None:
    """The police.uk category that shows a normalised code; None where it is not listed."""
    entry = _entry(code)
    return entry.crime_type if entry else None


def name_of(code: str) -> str:
    """The name of a normalised code's class in the Home Office's tables; empty where it is not listed."""
    entry = _entry(code)
    return entry.name if entry else ""


def is_listed(code: str) -> bool:
    """Whether a normalised code is on the list."""
    return _entry(code) is not None


def classes_in(crime_type: str) -> frozenset[str]:
    """Every class that a police.uk category shows."""
    single, wild = _list()
    entries = [*single.values(), *wild.values()]
    return frozenset[str]().union(*(entry.classes for entry in entries if entry.crime_type == crime_type))


def covers(listed: Collection[str], code: str) -> bool:
    """Whether a list of codes (classes or single offences) surely includes a code."""
    classes = classes_of(code)
    return code in listed or (bool(classes) and all(one in listed for one in classes))


def touches(listed: Collection[str], code: str) -> bool:
    """Whether the list includes part of what the code may mean: "8N" where only "8/1" is listed."""
    if covers(listed, code):
        return False
    return any(one in listed for one in classes_of(code)) or any(code in classes_of(one) for one in listed)


def _entry(code: str) -> _Entry | None:
    single, wild = _list()
    return single.get(code) or (wild.get(code.split("/")[0]) if "/" in code else None)


@cache
def _list() -> tuple[dict[str, _Entry], dict[str, _Entry]]:
    """The entries of single codes, and of every other code of a number ("5/*")."""
    single: dict[str, _Entry] = {}
    wild: dict[str, _Entry] = {}
    with Path(__file__).with_name("offence_codes.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            classes = [normalise(one) for one in row["code"].split("|")]
            entry = _Entry(frozenset(classes), row["crime_type"], row["name"])
            if len(classes) == 1:
                single[classes[0]] = entry
            for member in row["includes"].split():
                if member.endswith("/*"):
                    wild[member.removesuffix("/*")] = entry
                else:
                    single[normalise(member)] = entry
    return single, wild
