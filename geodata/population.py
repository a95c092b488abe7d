"""Residents per LSOA: Census TS001, or a mid-year population estimate."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from geodata.errors import InputError, listed, quoted
from geodata.tables import find_column, read_table, require_column, whole_numbers


@dataclass(frozen=True)
class Population:
    """``residents``: persons, Int64 on lsoa_code; ``kind``: what was counted and when, in words; ``vintage`` where
    stated.
    """

    residents: pd.Series
    kind: str
    vintage: int | None


def read_population(paths: Sequence[Path]) -> Population:
    """Read Census TS001 or a mid-year estimate by LSOA; several files of one kind (one per area) are put together.

    Raises InputError for another table, files of two kinds or vintages, a code with two values, or a number that is none.
    """
    parts = [_read_one(path) for path in sorted(paths)]
    kinds = sorted({part.kind for part in parts})
    if len(kinds) > 1:
        raise InputError(f"The population files count different things ({'; '.join(kinds)}): give files of one kind.")
    vintages = {
        part.vintage: quoted(path.name) for part, path in zip(parts, sorted(paths), strict=True) if part.vintage
    }
    if len(vintages) > 1:
        raise InputError(
            f"The population files mix vintages: {vintages[2011]} is on 2011 LSOAs and {vintages[2021]} on 2021 ones; "
            "give files of one vintage."
        )
    residents = pd.concat([part.residents for part in parts])
    residents = residents.reset_index().drop_duplicates().set_index("lsoa_code")["residents"]
    twice = residents.index[residents.index.duplicated()].unique()
    if len(twice):
        raise InputError(f"The population files give two numbers for {listed(twice)}: give one row per LSOA.")
    return Population(residents.sort_index(), kinds[0], next(iter(vintages), None))


def _read_one(path: Path) -> Population:
    table, where = read_table(path), quoted(path.name)
    code = find_column(table, r"geography code|LSOA (\d{4} )?code|LSOA(11|21)CD|lsoa_code")
    if code is None:
        raise InputError(
            f"{where} has no column of LSOA codes ('geography code' in Census TS001, 'LSOA 2021 Code' in a mid-year "
            f"estimate): it has {listed(table.columns, 6)}."
        )
    count = require_column(
        table,
        r"Residence type: Total; measures: Value|All Ages|Total|residents",
        "the number of residents",
        where,
    )
    residents = whole_numbers(table[count], "a number of residents", where)
    residents.index = pd.Index(table[code], name="lsoa_code")
    year = re.search(r"20(11|21)|(?<=LSOA)(11|21)", code, re.IGNORECASE)
    vintage = 2000 + int(year.group()[-2:]) if year else None
    return Population(residents[residents.index.notna()].rename("residents"), _kind(count, path.name), vintage)


def _kind(column: str, file_name: str) -> str:
    if column.lower().startswith("residence type"):
        return "Census 2021 usual residents"
    year = re.search(r"mid[-_ ]?(20\d\d)", file_name, re.IGNORECASE)
    return f"mid-{year.group(1)} population estimate" if year else "population estimate, year not stated"
