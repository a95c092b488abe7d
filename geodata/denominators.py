"""What incidents can be set against beside residents: workday population, footfall, households, under 25s."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from geodata.columns import DENOMINATOR_PREFIX
from geodata.errors import InputError, listed, quoted
from geodata.sources import file_name
from geodata.tables import find_column, numbers, plain_title, read_table, to_numbers

CODES = r"geography code|LSOA (\d{4} )?code|LSOA(11|21)CD|lsoa_code"
MOST = 12  # in one dataset: more could not be told apart in a select box
UNDER = 25
# Columns that say where, when or which row, even where they hold numbers.
_ABOUT = r"(date|year|time|fid|objectid|id|index|.*\b(code|name)|LSOA\d\d(CD|NM)|geography.*|(LAD|UTLA|MSOA|WD)\d\d\w*)"
# What a table calls all it counts; who they are then stands in the name of the file only.
_ANYBODY = r"(total|all|value|values|count|number|observation|persons|people|all (persons|people|usual residents|categories.*))"
# Words of a file's name that say when, or on which areas, not what.
_NOT_WHAT = r"\b(census|by|lsoas?(11|21)?|mid|19\d\d|20\d\d|(ts|wd|wp)\d+(ew)?|e?w)\b"


@dataclass(frozen=True)
class Denominator:
    """``numbers``: Float64 on lsoa_code, 0 or more; ``kind``: who and when in words; ``vintage`` where stated."""

    id: str
    title: str
    kind: str
    numbers: pd.Series
    files: tuple[str, ...]
    vintage: int | None

    @property
    def column(self) -> str:
        """Its column in areas.parquet."""
        return DENOMINATOR_PREFIX + self.id


def read_denominators(paths: Sequence[Path]) -> list[Denominator]:
    """Every number column of the CSV files by LSOA, by id; a table of single years of age gives the under 25s.

    Files that count the same (one per area) are put together. Raises InputError for a file without LSOA codes or
    numbers, a number that is none, an LSOA with two numbers, files of two years or vintages, or too many columns.
    """
    found: dict[str, list[Denominator]] = {}
    for path in sorted(paths):
        for one in _read_one(path):
            found.setdefault(one.id, []).append(one)
    if len(found) > MOST:
        titles = listed(parts[0].title for parts in found.values())
        raise InputError(
            f"The denominators are {len(found):,} ({titles}), more than {MOST}: keep the columns that rates are to be per."
        )
    return [_together(parts) for _, parts in sorted(found.items())]


def _read_one(path: Path) -> list[Denominator]:
    table, where = read_table(path), quoted(path.name)
    code = find_column(table, CODES)
    if code is None:
        raise InputError(
            f"{where} has no column of LSOA codes ('geography code' or 'LSOA21CD'): it has {listed(table.columns, 6)}."
        )
    year = re.search(r"20(11|21)|(?<=LSOA)(11|21)", code, re.IGNORECASE)
    vintage = 2000 + int(year.group()[-2:]) if year else None
    columns = _under_25s(table, where)
    if columns is None:
        columns = {name: numbers(table[name], quoted(name), where) for name in _number_columns(table)}
    if not columns:
        raise InputError(f"{where} has no column of numbers by LSOA: it has {listed(table.columns, 6)}.")
    made = []
    for header, values in columns.items():
        values.index = pd.Index(table[code], name="lsoa_code")
        title = _title(header, path.stem, where)
        kind = f"{title}, {_when(table, header, path.name)}"
        known = values[values.index.notna()]
        slug = re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")
        made.append(Denominator(slug, title, kind, known, (file_name(path),), vintage))
    if len({one.id for one in made}) < len(made):
        raise InputError(
            f"{where} has two columns that would both be called {quoted(made[0].title)}: give each a heading of its own."
        )
    return made


def _under_25s(table: pd.DataFrame, where: str) -> dict[str, pd.Series] | None:
    """The sum of the ages 0 to 24, of both sexes; None where these are no single years of age."""
    for sexes in (("",), ("F", "M")):
        ages = [f"{sex}{age}" for sex in sexes for age in range(UNDER)]
        if {*ages, f"{sexes[0]}{UNDER}"} <= {*table.columns}:
            of_ages = [numbers(table[age], f"the number aged {age.lstrip('FM')}", where) for age in ages]
            # a sum without one of its ages would be too small
            return {f"Under {UNDER}s": pd.concat(of_ages, axis=1).sum(axis=1, skipna=False).astype("Float64")}
    return None


def _number_columns(table: pd.DataFrame) -> list[str]:
    """Columns whose cells are mostly numbers; a cell of theirs that is none is a fault, not a text."""
    found = []
    for name in table.columns:
        cells = table[name].dropna()
        if re.fullmatch(_ABOUT, name, re.IGNORECASE) or cells.empty:
            continue
        if to_numbers(cells).notna().mean() > 0.5:
            found.append(name)
    return found


def _title(header: str, stem: str, where: str) -> str:
    """'Tenure: All households; measures: Value' is 'All households'; 'Sex: All persons; measures: Value' has no name of its
    own and takes that of its file."""
    said = re.sub(r";\s*measures:.*$", "", header, flags=re.IGNORECASE).split(":")[-1].strip()
    if not said or re.fullmatch(_ANYBODY, said, re.IGNORECASE):
        words = re.sub(r"[-_.]+", " ", re.sub(r"(?i)census(?=\d)", "", stem))
        said = re.sub(_NOT_WHAT, " ", words, flags=re.IGNORECASE)
    title = plain_title(said)
    if not re.search(r"[a-z]", title, re.IGNORECASE):
        raise InputError(
            f"{where} does not say what it counts: give the column a heading such as 'Workday population', or the file "
            "such a name."
        )
    if title.lower() == "residents":
        raise InputError(
            f"{where} counts residents, whom every rate is per already: give them with --population instead."
        )
    return title


def _when(table: pd.DataFrame, header: str, name: str) -> str:
    date = find_column(table, "date|year")
    dates = table[date].dropna().unique() if date else []
    for text in (*(dates if len(dates) == 1 else ()), header, name):
        year = re.search(r"(mid[-_ ]?)?((?:19|20)\d\d)", text, re.IGNORECASE)
        if year:
            return f"mid-{year[2]} population estimate" if year[1] else year[2]
    return "year not stated"


def _together(parts: Sequence[Denominator]) -> Denominator:
    first = parts[0]
    if len({part.kind for part in parts}) > 1:
        raise InputError(
            f"The files of one denominator count different things ({'; '.join(sorted({part.kind for part in parts}))}): give "
            "files of one year, or columns of different names."
        )
    if len({part.vintage for part in parts if part.vintage}) > 1:
        raise InputError(
            f"The files of {quoted(first.title)} are on 2011 and on 2021 LSOAs: give files of one vintage."
        )
    values = pd.concat([part.numbers for part in parts])
    values = values.reset_index(name="number").drop_duplicates().set_index("lsoa_code")["number"].sort_index()
    twice = values.index[values.index.duplicated()].unique()
    if len(twice):
        raise InputError(f"{_files(parts)} give two numbers of {quoted(first.title)} for {listed(twice)}: give one.")
    vintage = next((part.vintage for part in parts if part.vintage), None)
    return Denominator(first.id, first.title, first.kind, values, _named(parts), vintage)


def _named(parts: Iterable[Denominator]) -> tuple[str, ...]:
    return tuple(sorted({name for part in parts for name in part.files}))


def _files(parts: Iterable[Denominator]) -> str:
    return listed(_named(parts))
