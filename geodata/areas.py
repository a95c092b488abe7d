"""The LSOAs with everything that is known of each: names, wards, districts, forces, residents, deprivation."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from geodata import deprivation as iod
from geodata.boundaries import Boundaries
from geodata.denominators import Denominator, read_denominators
from geodata.errors import InputError, listed, quoted
from geodata.forces import slug_of
from geodata.inputs import Inputs
from geodata.lookups import Lookups, read_names
from geodata.population import read_population
from geodata.sources import file_name
from geodata.vintages import looks_like_other


def describe(boundaries: Boundaries, lookups: Lookups, inputs: Inputs) -> tuple[gpd.GeoDataFrame, dict[str, Any]]:
    """Areas with everything known of them, and the manifest's notes on population and deprivation."""
    _refuse_foreign_lookups(boundaries, lookups)
    areas = _with_places(boundaries.areas, lookups, read_names(inputs.names))
    notes: dict[str, Any] = {"population": None, "deprivation": None}
    if inputs.population:
        population = read_population(inputs.population)
        _refuse_other_vintage("population", "residents", population.residents.index, population.vintage, boundaries)
        areas["residents"] = areas["lsoa_code"].map(population.residents).astype("Int64")
        _require_overlap(areas["residents"], "population", inputs.population)
        notes["population"] = {"kind": population.kind, "areas_without": int(areas["residents"].isna().sum())}
    else:
        areas["residents"] = pd.array([pd.NA] * len(areas), "Int64")
    notes |= _with_denominators(areas, boundaries, inputs.denominator)
    areas["area_km2"] = areas.area / 1e6
    areas["rural_urban"] = _mapped(areas["lsoa_code"], _column(lookups.rural_urban, "rural_urban"))
    if inputs.deprivation:
        areas, notes["deprivation"] = _with_deprivation(areas, boundaries, lookups, inputs.deprivation)
    for column, kind in iod.AREA_COLUMNS.items():
        areas[column] = areas[column].astype(kind) if column in areas else pd.array([pd.NA] * len(areas), kind)
    others = [column for column in areas.columns if column not in iod.AREA_COLUMNS]
    return areas[[*others, *iod.AREA_COLUMNS]], notes


def _refuse_foreign_lookups(boundaries: Boundaries, lookups: Lookups) -> None:
    codes = boundaries.areas["lsoa_code"]
    for what, keys in (
        ("exact fit", _column(lookups.exact_fit, f"lsoa{boundaries.vintage % 100}")),
        ("wards and districts", lookups.places.index),
        ("rural-urban classes", lookups.rural_urban.index),
    ):
        if len(keys) and not codes.isin(keys).any():
            raise InputError(
                f"None of the LSOA codes of the lookup of {what} is in the boundaries: check that both are of the same area."
            )


def _with_places(areas: gpd.GeoDataFrame, lookups: Lookups, names: pd.DataFrame) -> gpd.GeoDataFrame:
    code = areas["lsoa_code"]
    out = areas.copy()
    # A lookup on the other vintage still holds for the LSOAs that did not change and so kept their code.
    for column in ("ward_code", "ward", "district_code", "district"):
        out[column] = _mapped(code, _column(lookups.places, column))
    # ONS names an LSOA after its district, then MSOA number and letter: "Breckland 010A".
    named = areas["lsoa_name"].str.extract(r"^(.*\S)\s+\d{3}[A-Z]$")[0]
    out["district"] = out["district"].fillna(named)
    code_of = out.dropna(subset="district_code").groupby("district")["district_code"].first()
    out["district_code"] = out["district_code"].fillna(_mapped(out["district"], code_of))
    for column in ("csp", "police_force_area"):
        out[column] = _mapped(out["district_code"], _column(lookups.partnerships, column))
    if len(lookups.partnerships) and not out["district_code"].isin(lookups.partnerships.index).any():
        raise InputError(
            "The lookup of districts to partnerships and police force areas has no district of the boundaries: add ONS's "
            "lookup of LSOAs to wards and districts, of the same area."
        )
    known = names.set_index("key")["name"] if len(names) else pd.Series(dtype="str")
    msoa = areas["lsoa_name"].str.extract(r"^(.*\S\s+\d{3})[A-Z]$")[0]
    people = _mapped(code, known).fillna(_mapped(msoa, known))
    if len(names) and people.isna().all():
        raise InputError(
            "The table of names has no name for any area of the boundaries: check that it is of this area and vintage."
        )
    out["place"] = people.fillna(out["ward"])
    named_label = out["place"] + " (" + out["lsoa_name"] + ")"
    out["label"] = named_label.fillna(out["lsoa_name"])
    return out


def _mapped(keys: pd.Series, texts: pd.Series) -> pd.Series:
    """As ``Series.map``, but text even where nothing is found: an all-null column of numbers cannot be filled with text."""
    return keys.map(texts).astype("str")


def _column(frame: pd.DataFrame, name: str) -> pd.Series:
    return frame[name] if name in frame else pd.Series(dtype="str")


def _refuse_other_vintage(what: str, who: str, table: pd.Index, vintage: int | None, boundaries: Boundaries) -> None:
    """Numbers of people are never carried from one vintage of LSOAs to the other."""
    codes = pd.Index(boundaries.areas["lsoa_code"])
    other = vintage is not None and vintage != boundaries.vintage
    if (other and not codes.isin(table).all()) or looks_like_other(table, codes, boundaries.vintage):
        wrong = 2011 if boundaries.vintage == 2021 else 2021
        raise InputError(
            f"The {what} is on {wrong} LSOAs and the boundaries on {boundaries.vintage} ones, and {who} cannot be carried from one "
            f"to the other: give a {what.split()[0]} table on {boundaries.vintage} LSOAs."
        )


def _with_denominators(areas: gpd.GeoDataFrame, boundaries: Boundaries, paths: Sequence[Path]) -> dict[str, Any]:
    """Add a column for each denominator to ``areas``; what is to be said of them, nothing where none was given."""
    if not paths:
        return {}
    said = []
    for one in read_denominators(paths):
        what = f"denominator {quoted(one.title)}"
        _refuse_other_vintage(what, "its numbers", one.numbers.index, one.vintage, boundaries)
        areas[one.column] = areas["lsoa_code"].map(one.numbers).astype("Float64")
        _require_overlap(areas[one.column], what, (path for path in paths if file_name(path) in one.files))
        said.append(_said_of(one, areas))
    return {"denominators": said}


def _said_of(one: Denominator, areas: gpd.GeoDataFrame) -> dict[str, Any]:
    known, unknown = areas[one.column], one.numbers.index.difference(areas["lsoa_code"])
    return {
        "id": one.id,
        "title": one.title,
        "kind": one.kind,
        "files": list(one.files),
        "areas_with": int(known.notna().sum()),
        "areas_without": int(known.isna().sum()),
        "areas_with_zero": int((known == 0).sum()),
        "unknown_codes": len(unknown),
        "unknown_named": listed(unknown, 3),
    }


def _require_overlap(found: pd.Series, what: str, paths: Iterable[Path]) -> None:
    if found.isna().all():
        raise InputError(
            f"None of the LSOA codes of the {what} table {listed(path.name for path in paths)} is in the boundaries: "
            "check that both are of the same area."
        )


def _with_deprivation(
    areas: gpd.GeoDataFrame, boundaries: Boundaries, lookups: Lookups, paths: Sequence[Path]
) -> tuple[gpd.GeoDataFrame, dict[str, Any]]:
    index = iod.read_deprivation(paths)
    if index.vintage == boundaries.vintage:
        table = index.table.drop(columns="population", errors="ignore").assign(imd_estimated=False)
    elif len(lookups.exact_fit):
        table = iod.bridge(index, lookups.exact_fit, boundaries.vintage)
    else:
        raise InputError(
            f"The deprivation table is on {index.vintage} LSOAs and the boundaries on {boundaries.vintage} ones: add ONS's exact-fit "
            f"lookup of 2011 to 2021 LSOAs with --lookup, or give the index of the boundaries' vintage."
        )
    joined = areas.join(table, on="lsoa_code")
    _require_overlap(joined["imd_rank"], "deprivation", paths)
    joined["imd_year"] = pd.Series(index.year, joined.index, dtype="Int64").where(joined["imd_rank"].notna())
    note = {
        "year": index.year,
        "areas_without": int(joined["imd_rank"].isna().sum()),
        "estimated": int(joined["imd_estimated"].sum()),
        "bridged": index.vintage != boundaries.vintage,
    }
    return gpd.GeoDataFrame(joined, crs=areas.crs), note


def territorial_force(areas: gpd.GeoDataFrame, cells: pd.DataFrame | None) -> pd.Series:
    """Slug of each area's own force: by the lookup; without one, the force with the most joined incidents in the
    district, if there are ``cells`` of one source to tell.
    """
    by_lookup = areas["police_force_area"].map(slug_of, na_action="ignore").astype("str")
    if cells is None:
        return by_lookup
    district = _mapped(cells["lsoa_code"], areas.set_index("lsoa_code")["district"]).fillna("")
    by_force = cells.groupby([district.rename("district"), cells["force"].astype("str")])["count"].sum()
    busiest = by_force.sort_index().groupby("district").idxmax().map(lambda key: key[1])
    guessed = _mapped(areas["district"].fillna(""), busiest).fillna(by_force.groupby("force").sum().idxmax())
    return by_lookup.fillna(guessed)
