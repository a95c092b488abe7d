"""ONS lookups: which ward, district, CSP and police force area an LSOA lies in, what became of it in 2021, and MSOAs by code."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from geodata.errors import InputError, listed, quoted
from geodata.tables import find_column, read_table

_KNOWN = (
    "exact fit (LSOA11CD, LSOA21CD, CHGIND), ward and district (LSOA21CD, WD24CD, LAD24CD), "
    "CSP and police force area (LAD24CD, CSP24CD, PFA24CD), rural-urban class (LSOA21CD, RUC21CD), MSOA (MSOA21CD, MSOA21NM)"
)
_EMPTY = pd.DataFrame()


@dataclass(frozen=True)
class Lookups:
    """The lookups that were given, each on its own key; an empty frame where none was.

    ``exact_fit``: lsoa11, lsoa21, change (U, S, M or X). ``places``: index LSOA code; ward_code, ward, district_code,
    district. ``partnerships``: index district code; csp, police_force_area. ``rural_urban``: index LSOA code;
    rural_urban. ``msoas``: msoa_code and msoa, its name; a code may have another name in another vintage.
    """

    exact_fit: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    places: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    partnerships: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    rural_urban: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    msoas: pd.DataFrame = field(default_factory=lambda: _EMPTY)


def read_lookups(paths: Sequence[Path]) -> Lookups:
    """Read lookups in any order; each is known by its headers, several of a kind are put together.

    Raises InputError for a table of no known kind, or one key with two different answers.
    """
    kinds: dict[str, list[pd.DataFrame]] = {}
    for path in sorted(paths):
        for kind, frame in _recognise(read_table(path), quoted(path.name)).items():
            kinds.setdefault(kind, []).append(frame)
    return Lookups(**{kind: _together(frames, kind) for kind, frames in kinds.items()})


def read_names(paths: Sequence[Path]) -> pd.DataFrame:
    """The names people use for areas: columns ``key`` (an LSOA code, or an MSOA name such as 'Norwich 007') and
    ``name``.

    Accepts a table with an LSOA code column and a name column, or the House of Commons Library's MSOA names
    (msoa21nm, msoa21hclnm). Raises InputError for another table.
    """
    frames = []
    for path in sorted(paths):
        table, where = read_table(path), quoted(path.name)
        key = find_column(table, r"LSOA(11|21)CD|lsoa_code") or find_column(table, r"MSOA(11|21)NM")
        name = find_column(table, r"name|local_name|place|MSOA(11|21)HCLNM")
        if key is None or name is None:
            raise InputError(
                f"{where} is no table of names: it needs LSOA21CD and name (or msoa21nm and msoa21hclnm), "
                f"and it has {listed(table.columns, 8)}."
            )
        frames.append(table[[key, name]].set_axis(["key", "name"], axis=1).dropna())
    return _together([frame.set_index("key") for frame in frames], "names").reset_index() if frames else _EMPTY


def _recognise(table: pd.DataFrame, where: str) -> dict[str, pd.DataFrame]:
    """What a table tells, by kind."""
    column = {
        name: find_column(table, pattern)
        for name, pattern in {
            "lsoa11": "LSOA11CD", "lsoa21": "LSOA21CD", "change": "CHGIND", "ward_code": r"WD\d\dCD", "ward": r"WD\d\dNM",
            "district_code": r"LAD\d\dCD", "district": r"LAD\d\dNM", "csp": r"CSP\d\dNM", "police_force_area": r"PFA\d\dNM",
            "rural_urban": r"RUC\d\dNM",
        }.items()
    }  # fmt: skip
    lsoa = column["lsoa21"] or column["lsoa11"]
    if column["lsoa11"] and column["lsoa21"] and column["change"]:
        return {"exact_fit": _renamed(table, column, ["lsoa11", "lsoa21", "change"])}
    if lsoa and column["rural_urban"]:
        return {"rural_urban": _renamed(table, column | {"key": lsoa}, ["key", "rural_urban"]).set_index("key")}
    found = _msoas(table)
    if lsoa and column["district_code"] and column["district"]:
        wanted = ["key", "ward_code", "ward", "district_code", "district"]
        found["places"] = _renamed(table, column | {"key": lsoa}, wanted).set_index("key")
    elif column["district_code"] and column["police_force_area"]:
        wanted = ["district_code", "csp", "police_force_area"]
        found["partnerships"] = _renamed(table, column, wanted).set_index("district_code")
    if not found:
        raise InputError(
            f"{where} is no lookup that is known here: it has {listed(table.columns, 8)}; known are {_KNOWN}."
        )
    return found


def _msoas(table: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The MSOAs that a table names, of whichever vintages; nothing where it names none."""
    pairs = [(find_column(table, f"MSOA{year}CD"), find_column(table, f"MSOA{year}NM")) for year in ("11", "21")]
    named = [table[[code, name]].set_axis(["msoa_code", "msoa"], axis=1) for code, name in pairs if code and name]
    return {"msoas": pd.concat(named).dropna()} if named else {}


def _renamed(table: pd.DataFrame, column: dict[str, str | None], wanted: list[str]) -> pd.DataFrame:
    return pd.DataFrame(
        {name: table[source] if (source := column[name]) else pd.Series(pd.NA, table.index, "str") for name in wanted}
    )


def _together(frames: list[pd.DataFrame], kind: str) -> pd.DataFrame:
    if kind == "exact_fit":
        return (
            pd.concat(frames, ignore_index=True).drop_duplicates().sort_values(["lsoa11", "lsoa21"], ignore_index=True)
        )
    if kind == "msoas":
        return pd.concat(frames).drop_duplicates().sort_values(["msoa_code", "msoa"], ignore_index=True)
    whole = pd.concat(frames).reset_index().drop_duplicates()
    if kind == "partnerships":
        # A district may hold two partnerships (East Suffolk does), and the lookup does not say which LSOA is in which.
        whole = whole.groupby("district_code", sort=True).agg(_either).reset_index()
    key = whole.columns[0]
    whole = whole[whole[key].notna()]
    if kind == "places":  # a table that knows wards says more than one of districts alone
        whole = whole[whole["ward_code"].notna() | ~whole[key].isin(whole.loc[whole["ward_code"].notna(), key])]
    twice = whole[key][whole[key].duplicated()].unique()
    if len(twice):
        raise InputError(
            f"The {kind.replace('_', ' ')} tables give two answers for {listed(twice)}: give one row for each."
        )
    return whole.set_index(key).sort_index()


def _either(names: pd.Series) -> str | None:
    return " or ".join(sorted(set(names.dropna()))) or None
