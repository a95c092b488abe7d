"""Area tables: one row for each LSOA, MSOA, ward or district, kept at that level and never spread over smaller ones."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd

from geodata.columns import LSOA_CODE
from geodata.errors import InputError, listed, quoted
from geodata.layer_accounting import Content, account
from geodata.layer_description import Description, Value
from geodata.lookups import Lookups
from geodata.suppression import COUNT, SUPPRESSED, read_marked
from geodata.tables import row_of
from geodata.vintages import made_in_2021
from geodata.workbooks import ENDING, read_sheet_or_csv

# What ONS codes begin with at each level.
_PREFIXES = {"lsoa": r"[EW]01", "msoa": r"[EW]02", "ward": r"[EW]05", "district": r"E0[6-9]|W06"}
NOUNS = {"lsoa": "LSOA", "msoa": "MSOA", "ward": "ward", "district": "district"}


@dataclass(frozen=True)
class Placed:
    """The rows of a table that are of this area, with ``place``; ``reason`` of every row, null where kept; ``notes``."""

    rows: pd.DataFrame
    reason: pd.Series
    notes: tuple[str, ...]


def places_of(areas: gpd.GeoDataFrame, level: str) -> pd.Series:
    """The place of each LSOA at a level, by lsoa_code; null where it is not known.

    An MSOA goes by its name, "Norwich 007", which its LSOAs' names begin with; in a table also by its code, where a lookup names it.
    """
    codes = pd.Index(areas["lsoa_code"].to_numpy(dtype=object), name="lsoa_code")
    of_name = level == "msoa"
    places = areas["lsoa_name"].str.extract(r"^(.+ \d{3})[A-Z]$")[0] if of_name else areas[f"{level}_code"]
    return pd.Series(places.to_numpy(dtype=object), codes, name="place", dtype="str")


def read_area_table(
    path: Path, about: Description, areas: gpd.GeoDataFrame, vintage: int, lookups: Lookups | None = None
) -> Content:
    """The values of an area table at its own level.

    Parameters
    ----------
    areas, vintage
        As a dataset holds them, and the vintage of their LSOAs.
    lookups
        With an exact fit, codes of both vintages in one table are always told; with MSOAs, their codes are known too.

    Returns
    -------
    Content
        ``frame``: place, column (its header), value (Float64) and suppressed; one row for each place and value column. A place of
        the area that the table does not name has no row.

    Raises
    ------
    InputError
        A missing column, codes of another level, of both vintages or of no place here, a place twice, a value that is no number
        or a percentage that is none, or that Excel keeps as a fraction.
    """
    table, where = read_sheet_or_csv(path, about.sheet), quoted(path.name)
    placed = place_rows(table, about, areas, vintage, where, lookups)
    twice = placed.rows["place"][placed.rows["place"].duplicated()].unique()
    if len(twice):
        raise InputError(
            f"{where} has more than one row for {listed(twice)}: give one row for each {NOUNS[about.level]}."
        )
    parts, notes = [], list(placed.notes)
    for value in about.value_columns:
        # rows of no place here, such as a total, may hold anything
        texts = table.loc[placed.rows.index, named_column(table, value.column, "a column of values", where)]
        own = read_marked(texts, quoted(value.column), where)
        _check_values(own["low"], value, texts, where)
        if value.is_percentage and path.suffix.lower() == ENDING:
            _refuse_fractions(own.loc[own["state"] == COUNT, "low"], value, where)
        hidden = own["state"] == SUPPRESSED
        parts.append(
            pd.DataFrame(
                {
                    "place": placed.rows["place"],
                    "column": value.column,
                    "value": own["low"].where(~hidden),
                    "suppressed": hidden,
                }
            )
        )
        if hidden.any():
            notes.append(f"{int(hidden.sum()):,} values of {quoted(value.title)} are suppressed.")
    frame = pd.concat(parts, ignore_index=True)
    frame["column"] = frame["column"].astype("str")
    return Content(frame, account([None if pd.isna(one) else one for one in placed.reason]), tuple(notes))


def place_rows(
    table: pd.DataFrame,
    about: Description,
    areas: gpd.GeoDataFrame,
    vintage: int,
    where: str,
    lookups: Lookups | None = None,
) -> Placed:
    """The rows whose code is of this area; the rest counted, and the unknown codes named in a note."""
    lookups = lookups or Lookups()
    codes = table[named_column(table, about.code, "the code", where)]
    if codes.isna().all():
        raise InputError(f"{where} has no code in any row of {quoted(about.code)}: give the table with its codes.")
    known = set(places_of(areas, about.level).dropna())
    if about.level == "msoa":
        codes = _by_name(codes, lookups.msoas, known, where)
    _check_level(codes, about.level, where)
    if about.level == "lsoa":
        _refuse_mixed(codes.dropna(), about.vintage, lookups.exact_fit, where)
    if about.level == "msoa" and about.vintage != vintage:
        raise InputError(
            f"{where} is on MSOAs of {about.vintage} and the boundaries are of {vintage}: give the table on MSOAs of {vintage}."
        )
    reason = pd.Series(None, table.index, dtype="object")
    reason[~codes.isin(known)] = "unknown_code"
    reason[codes.isna()] = "no_code"
    noun = NOUNS[about.level]
    unknown = codes[reason == "unknown_code"].unique()
    if reason.notna().all():
        raise InputError(
            f"None of the {len(table):,} rows of {where} has a code of this area's {noun}s (they have {listed(unknown, 3)}): give the table of "
            "this area, and check the level and the column of codes in its description."
        )
    notes = []
    if len(unknown):
        which = f"{len(unknown):,} code{' is' if len(unknown) == 1 else 's are'}"
        notes.append(f"{which} of no {noun} in this area: {listed(unknown)}.")
    rows = table[reason.isna()].assign(place=codes[reason.isna()].astype("str"))
    lacking = sorted(known - set(rows["place"]))
    if lacking:
        notes.append(f"{len(lacking):,} of {len(known):,} {noun}s of this area have no row: {listed(lacking)}.")
    if about.level == "lsoa" and about.vintage != vintage:
        notes.append(
            f"The table is on LSOAs of {about.vintage} and the boundaries are of {vintage}: only LSOAs that did not change have a value."
        )
    return Placed(rows, reason, tuple(notes))


def _by_name(codes: pd.Series, msoas: pd.DataFrame, known: set[str], where: str) -> pd.Series:
    """Codes of MSOAs as the names that they have in this area, where a lookup tells; anything else as it is."""
    if msoas.empty:
        return codes
    here = msoas[msoas["msoa"].isin(known)].set_index("msoa_code")["msoa"]
    twice = here.index[here.index.duplicated()].intersection(codes.dropna())
    if len(twice):
        raise InputError(
            f"{where} has {quoted(str(twice[0]))}, which the lookups give two names of this area: {listed(here[twice[0]])}. Give one lookup of MSOAs."
        )
    return codes.map(here[~here.index.duplicated()]).fillna(codes)


def named_column(table: pd.DataFrame, name: str, meaning: str, where: str) -> str:
    """The column of that name, letter case aside; InputError where there is none."""
    alike = [column for column in table.columns if column.lower() == name.lower()]
    column = name if name in alike else next(iter(alike), None)
    if len(alike) > 1 and column != name:
        raise InputError(
            f"{where} has the columns {listed(alike)}, and its description gives {quoted(name)} as {meaning}: write it as the column does."
        )
    if column is None:
        raise InputError(
            f"{where} has no column {quoted(name)}, which its description gives as {meaning}: it has {listed(table.columns, 8)}."
        )
    return column


def _check_level(codes: pd.Series, level: str, where: str) -> None:
    coded = codes[codes.str.fullmatch(LSOA_CODE.pattern).fillna(False).astype(bool)]
    of_msoas = coded[coded.str.match(_PREFIXES["msoa"])]
    if level == "msoa" and len(of_msoas) == len(codes.dropna()):
        raise InputError(
            f"{where} has codes of MSOAs ({listed(of_msoas.iloc[:1])} in row {of_msoas.index[0] + 2:,}), and their names are not known: give as "
            "'code' the column of names, such as 'Norwich 007', or give ONS's lookup of MSOA codes and names of this area with --lookup."
        )
    other = coded[~coded.str.match(_PREFIXES[level])]
    if len(other) == len(coded) > 0:
        raise InputError(
            f"{where} has {listed(other.iloc[:1])} in row {other.index[0] + 2:,}, where codes of {NOUNS[level]}s were expected: correct the "
            "level in its description."
        )


def _refuse_mixed(codes: pd.Series, stated: int, exact_fit: pd.DataFrame, where: str) -> None:
    """Codes that exist in one vintage only, of both in one table, or of the other than its description states."""
    index = pd.Index(codes.unique())
    new = made_in_2021(index)
    old: Collection[str] = ()
    if len(exact_fit):
        old = index[index.isin(exact_fit["lsoa11"]) & ~index.isin(exact_fit["lsoa21"])]
    if len(new) and len(old):
        raise InputError(
            f"{where} has LSOA codes of both vintages ({listed(old, 1)} of 2011, {listed(new, 1)} of 2021): give a table of one."
        )
    for found, vintage in ((new, 2021), (old, 2011)):
        if len(found) and stated != vintage:
            raise InputError(
                f"{where} has codes of {vintage} only ({listed(found, 1)}), and its description says vintage {stated}: give a table of "
                "one vintage, and correct the description."
            )


def _check_values(values: pd.Series, value: Value, cells: pd.Series, where: str) -> None:
    if value.is_percentage:
        wrong = ((values < 0) | (values > 100)).fillna(False).astype(bool)
        if wrong.any():
            raise InputError(
                f"{where} has {quoted(cells[wrong].iloc[0])} as {quoted(value.column)} in row {row_of(wrong):,}, which is no percentage: give 0 to "
                "100, or correct the unit in its description."
            )


def _refuse_fractions(values: pd.Series, value: Value, where: str) -> None:
    if (values > 0).any() and (values <= 1).all():
        raise InputError(
            f"{where} has no value above 1 in {quoted(value.column)}, a percentage: Excel keeps 12 % as 0.12; format the cells as "
            "numbers (12) or save the sheet as CSV."
        )
