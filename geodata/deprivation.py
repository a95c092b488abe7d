"""English Indices of Deprivation, File 7, 2019 and 2025: national ranks and deciles, 1 = most deprived."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from geodata.errors import InputError, listed, quoted
from geodata.tables import find_column, read_table, require_column, whole_numbers

DOMAINS = {
    "imd": r"Index of Multiple Deprivation \(IMD\)",
    "income": r"Income",
    "employment": r"Employment",
    "education": r"Education, Skills and Training",
    "health": r"Health Deprivation and Disability",
    "crime": r"Crime",
    "housing": r"Barriers to Housing and Services",
    "environment": r"Living Environment",
}
# Number of LSOAs ranked: IoD 2019 and IoD 2025 technical reports.
NATIONAL_LSOAS = {2019: 32_844, 2025: 33_755}
_VINTAGE = {2019: 2011, 2025: 2021}
_EXPONENT = 23
# What an area carries of the index; each column is there whatever was given, and null where nothing was.
AREA_COLUMNS = {
    "imd_year": "Int64",
    "imd_estimated": "boolean",
    **{
        f"{name}_{part}": kind
        for name in DOMAINS
        for part, kind in (("score", "Float64"), ("rank", "Int64"), ("decile", "Int64"))
    },
}


@dataclass(frozen=True)
class Deprivation:
    """``table``: index lsoa_code; for each of ``DOMAINS`` NAME_rank and NAME_decile (Int64), NAME_score where
    published; ``population`` (of the index, not of today) where published.
    """

    table: pd.DataFrame
    year: int

    @property
    def vintage(self) -> int:
        """The LSOA vintage that the index is published on."""
        return _VINTAGE[self.year]


def read_deprivation(paths: Sequence[Path]) -> Deprivation:
    """Read File 7 of one year, by its published headers; several files (one per area) are put together.

    Raises InputError for another table, another year, or a rank or decile that cannot be one.
    """
    parts = [(_read_one(path), quoted(path.name)) for path in sorted(paths)]
    years = {year for (_, year), _ in parts}
    if len(years) > 1:
        raise InputError(
            f"The deprivation files are of {' and '.join(map(str, sorted(years)))}: give files of one year."
        )
    table = pd.concat([table for (table, _), _ in parts]).reset_index().drop_duplicates().set_index("lsoa_code")
    twice = table.index[table.index.duplicated()].unique()
    if len(twice):
        raise InputError(
            f"The deprivation files {' and '.join(w for _, w in parts)} give two rows for {listed(twice)}."
        )
    return Deprivation(table.sort_index(), years.pop())


def _read_one(path: Path) -> tuple[pd.DataFrame, int]:
    table, where = read_table(path), quoted(path.name)
    code = find_column(table, r"LSOA code \((2011|2021)\)")
    if code is None:
        raise InputError(
            f"{where} has no column 'LSOA code (2021)' or 'LSOA code (2011)': give File 7 of the English Indices of "
            f"Deprivation; it has {listed(table.columns, 4)}."
        )
    vintage = re.search(r"\d{4}", code)
    district = find_column(table, r"Local Authority District code \(\d{4}\)")
    if district and district.endswith("(2013)"):
        raise InputError(f"{where} is of the Indices of Deprivation 2015: give those of 2019 or 2025.")
    year = 2025 if vintage and vintage.group() == "2021" else 2019
    columns: dict[str, pd.Series] = {"lsoa_code": table[code]}
    for name, title in DOMAINS.items():
        rank = require_column(table, title + r" Rank \(.*\)", f"the rank of '{title}'".replace("\\", ""), where)
        decile = require_column(table, title + r" Decile \(.*\)", f"the decile of '{title}'".replace("\\", ""), where)
        columns[f"{name}_rank"] = whole_numbers(table[rank], "a rank", where, 1, NATIONAL_LSOAS[year])
        columns[f"{name}_decile"] = whole_numbers(table[decile], "a decile", where, 1, 10)
        score = find_column(table, title + r" Score( \(.*\))?")
        if score:
            columns[f"{name}_score"] = pd.to_numeric(table[score], errors="coerce").astype("Float64")
    people = find_column(table, r"Total population: mid[- ]\d{4}.*")
    if people:
        columns["population"] = whole_numbers(table[people], "a population", where)
    return pd.DataFrame(columns).dropna(subset="lsoa_code").set_index("lsoa_code"), year


def bridge(deprivation: Deprivation, exact_fit: pd.DataFrame, to_vintage: int) -> pd.DataFrame:
    """The index on the other vintage of LSOAs, by ONS's exact-fit lookup.

    An area with one source keeps its rank (unchanged, or part of a split). One made of several gets the mean of the
    exponentially transformed ranks, ``X = -23 ln(1 - R(1 - exp(-100/23)))`` with ``R = 1 - (rank - 1)/N``, weighted by
    the population that File 7 states (equally where it states none), turned back into a rank and decile and marked in
    ``imd_estimated``. An irregular fit (X) gets none. Scores are not carried over.

    Source: IoD technical report (exponential transformation); ONS LSOA (2011) to LSOA (2021) exact fit lookup.
    """
    source, target = ("lsoa11", "lsoa21") if to_vintage == 2021 else ("lsoa21", "lsoa11")
    links = exact_fit[[source, target, "change"]].dropna().drop_duplicates()
    irregular = links.loc[links.change == "X", target].unique()
    links = links[~links[target].isin(irregular) & links[source].isin(deprivation.table.index)]
    national = NATIONAL_LSOAS[deprivation.year]
    joined = links.join(deprivation.table, on=source)
    sources = joined.groupby(target)[source].nunique()
    expected = exact_fit[[source, target]].drop_duplicates().groupby(target)[source].nunique()
    whole = sources.index[sources == expected.reindex(sources.index)]
    result = pd.DataFrame(index=pd.Index(sorted(whole), name="lsoa_code"))
    result["imd_estimated"] = (sources.reindex(result.index) > 1).to_numpy()
    weight = joined["population"].astype("float64") if "population" in joined else pd.Series(np.nan, joined.index)
    weight = weight.where(weight.notna().groupby(joined[target]).transform("all"), 1.0)
    shrink = 1 - np.exp(-100 / _EXPONENT)
    for name in DOMAINS:
        ranks = joined[f"{name}_rank"].astype("float64")
        transformed = -_EXPONENT * np.log(1 - (1 - (ranks - 1) / national) * shrink)
        total = (transformed * weight).groupby(joined[target]).sum() / weight.groupby(joined[target]).sum()
        total = total.mask(ranks.isna().groupby(joined[target]).any())  # a rank that is not known is not the lowest
        mean = total.reindex(result.index)
        share = (1 - np.exp(-mean / _EXPONENT)) / shrink
        rank = (1 + (1 - share) * national).round().clip(1, national)
        result[f"{name}_rank"] = rank.astype("Int64")
        deciles = joined.groupby(target)[f"{name}_decile"].first().reindex(result.index)
        estimated = np.ceil(rank * 10 / national).clip(1, 10).astype("Int64")
        result[f"{name}_decile"] = deciles.where(~result.imd_estimated, estimated)
    return result
