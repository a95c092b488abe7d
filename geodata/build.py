"""From the files that publishers offer to one dataset folder."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata import deprivation as iod
from geodata import layer_store
from geodata.boundaries import Boundaries, read_boundaries
from geodata.columns import CRIME_TYPES, EXTRACT, MONTH, OF_EXTRACT, POLICE_UK
from geodata.dataset import sha256_of, write_dataset, written_whole
from geodata.denominators import Denominator, read_denominators
from geodata.display import write_display
from geodata.errors import InputError, listed, quoted
from geodata.forces import absent_along_border, name_of, slug_of
from geodata.incidents import ExtractRows, read_incidents
from geodata.layer_tables import places_of
from geodata.layers import layer_files, read_layers
from geodata.lookups import Lookups, read_lookups, read_names
from geodata.place import Placed, account, account_by, agreement, count_cells, place_rows, side_by_side
from geodata.police_uk import StreetRows, read_street
from geodata.population import read_population
from geodata.sources import file_name
from geodata.vintages import looks_like_other
from geodata.weights import read_weights

TOOL_VERSION = "0.1.0"
MAX_OVERLAP = 0.001  # of the ground covered; generalised boundaries of ONS overlap by less than a millionth
KINDS = (
    "boundaries", "police", "incidents", "deprivation", "population", "denominator", "weights", "lookup", "names", "layers",
)  # fmt: skip
Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Inputs:
    """The files of one build, by what they are; the order within a kind does not matter."""

    boundaries: tuple[Path, ...]
    police: tuple[Path, ...] = ()
    deprivation: tuple[Path, ...] = ()
    population: tuple[Path, ...] = ()
    lookup: tuple[Path, ...] = ()
    names: tuple[Path, ...] = ()
    incidents: tuple[Path, ...] = ()
    denominator: tuple[Path, ...] = ()
    weights: tuple[Path, ...] = ()
    layers: tuple[Path, ...] = ()

    def files(self) -> list[tuple[str, Path]]:
        """Every input file as (kind, path), the files of a folder one by one."""
        return [
            (kind, inner)
            for kind in KINDS
            for given in (layer_files(self.layers) if kind == "layers" else getattr(self, kind))
            for inner in ([given] if given.is_file() else sorted(p for p in given.rglob("*") if p.is_file()))
        ]


def build(inputs: Inputs, out: Path, area: str | None = None, progress: Progress | None = None) -> dict[str, Any]:
    """Read, check, join and write the dataset folder ``out``; returns its manifest.

    Raises InputError, in one sentence, for any input that cannot be used; what stood at ``out`` is then untouched.
    """
    say: Progress = progress or (lambda _stage, _done: None)
    if not (inputs.police or inputs.incidents):
        raise InputError(
            "No incidents were given: give street files of data.police.uk with --police, a force's own extract with "
            "--incidents, or both."
        )
    say("Reading boundaries", 0.02)
    boundaries = read_boundaries(inputs.boundaries)
    say("Reading lookups", 0.08)
    lookups = read_lookups(inputs.lookup)
    areas, notes = _describe(boundaries, lookups, inputs)
    notes |= _weights(inputs.weights)
    say("Reading layers", 0.09)
    layers = read_layers(inputs.layers, areas, boundaries.vintage, lookups)
    sources = _read_and_place(inputs, areas, say)
    placed = side_by_side([source.placed for source in sources])
    say("Counting", 0.72)
    cells = count_cells(placed.incidents)
    areas = areas.assign(force=_territorial_force(areas, _cells_of(sources[0], cells)))
    territorial = sorted(areas["force"].dropna().unique())
    coverage = {source.name: _coverage(source.read.units, territorial) for source in sources}
    facts = {
        "area": (area or _area_name(areas)).encode("utf-8", "replace").decode("utf-8"),
        "vintage": boundaries.vintage,
        "coverage": coverage,
        "crime_types": sorted(_crime_types(sources)),
        "territorial_forces": territorial,
        "forces_absent": absent_along_border(territorial, coverage[sources[0].name]),
        "accounting": account(placed),
        "agreement": agreement(placed.incidents, areas["lsoa_code"], lookups.exact_fit),
        "recorded": _recorded(placed.incidents),
        "passed_over": _passed_over(sources),
        **notes,
        **layer_store.facts(layers),
        "repaired_polygons": boundaries.repaired,
        "warnings": [said for source in sources for said in _warnings(source, coverage[source.name], cells, areas)]
        + _of_boundaries(boundaries),
        "inputs": _inputs(inputs, sources),
        "tool_version": TOOL_VERSION,
    }
    with written_whole(out) as folder:
        say("Drawing the display boundaries", 0.78)
        levels = {level: places_of(areas, level) for level in layer_store.levels(layers)}
        display = write_display(areas, folder / "display", levels)
        display |= layer_store.write_layer_display(layers, folder / "display")
        say("Writing", 0.88)
        tables = {
            "incidents": placed.incidents,
            "counts": cells,
            "areas": areas.drop(columns="place"),
            "rejects": placed.rejects,
            "accounting": account_by(placed),
            **layer_store.tables(layers),
        }
        manifest = write_dataset(folder, tables, display, facts, datetime.now(UTC).isoformat(timespec="seconds"))
    say("Done", 1.0)
    return manifest


@dataclass(frozen=True)
class _Source:
    """One source of incidents: what was read of it and where it lies."""

    name: str
    read: StreetRows | ExtractRows
    placed: Placed


def _read_and_place(inputs: Inputs, areas: gpd.GeoDataFrame, say: Progress) -> list[_Source]:
    """police.uk first where there are both: an extract whose rows name no force is of the area's own, if that is one."""
    sources: list[_Source] = []
    if inputs.police:
        street = read_street(inputs.police, lambda stage, done: say(stage, 0.10 + 0.4 * done))
        say("Joining incidents to areas", 0.50)
        sources.append(_Source(POLICE_UK, street, place_rows(street.rows, areas)))
    if inputs.incidents:
        cells = count_cells(sources[0].placed.incidents) if sources else None
        forces = sorted(_territorial_force(areas, cells).dropna().unique())
        extract = read_incidents(inputs.incidents, forces, lambda stage, done: say(stage, 0.55 + 0.05 * done))
        say("Joining the extract to areas", 0.62)
        sources.append(_Source(EXTRACT, extract, place_rows(extract.rows, areas, EXTRACT)))
    return sources


def _cells_of(source: _Source, cells: pd.DataFrame) -> pd.DataFrame:
    return cells[cells["source"] == source.name]


def _describe(boundaries: Boundaries, lookups: Lookups, inputs: Inputs) -> tuple[gpd.GeoDataFrame, dict[str, Any]]:
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


def _weights(paths: Sequence[Path]) -> dict[str, Any]:
    if not paths:
        return {}
    weights = read_weights(paths)
    return {"weights": {"title": weights.title, "file": weights.file, "by_code": weights.by_code}}


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


def _territorial_force(areas: gpd.GeoDataFrame, cells: pd.DataFrame | None) -> pd.Series:
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


def _coverage(units: Mapping[tuple[str, str], int], territorial: Iterable[str]) -> dict[str, dict[str, str]]:
    """{force: {month: present or missing}} over every month from the first to the last that any force supplied."""
    supplied = [month for (_, month), rows in units.items() if rows]
    months = [str(month) for month in pd.period_range(min(supplied), max(supplied), freq="M")]
    forces = sorted({force for force, _ in units} | set(territorial))
    return {
        force: {month: "present" if units.get((force, month)) else "missing" for month in months} for force in forces
    }


def _crime_types(sources: Sequence[_Source]) -> set[str]:
    return {name for source in sources for name in source.read.rows["crime_type"].cat.categories if name.strip()}


def _recorded(incidents: pd.DataFrame) -> dict[str, int] | None:
    """How many joined incidents of the extract there are, and of how many of them each detail is recorded."""
    if OF_EXTRACT[0] not in incidents:
        return None
    own = incidents[incidents["source"] == EXTRACT]
    return {"incidents": len(own)} | {name: int(own[name].notna().sum()) for name in OF_EXTRACT}


def _passed_over(sources: Sequence[_Source]) -> dict[str, int]:
    total: dict[str, int] = {}
    for source in sources:
        for kind, files in source.read.passed_over.items():
            total[kind] = total.get(kind, 0) + files
    return dict(sorted(total.items()))


def _area_name(areas: gpd.GeoDataFrame) -> str:
    for column in ("police_force_area", "district"):
        names = sorted(areas[column].dropna().unique())
        if names:
            return " and ".join(names) if len(names) <= 2 else f"{names[0]} and {len(names) - 1} more"
    return "Area without a name"


def _warnings(
    source: _Source, coverage: dict[str, dict[str, str]], cells: pd.DataFrame, areas: gpd.GeoDataFrame
) -> list[str]:
    """What an analyst should know before trusting the figures, one sentence each."""
    said = [
        f"The file of {name_of(force)} for {month} has no rows of that month; it counts as missing, not as zero."
        for (force, month), rows in sorted(source.read.units.items())
        if rows == 0
    ]
    said += _uncounted(source.read.rows)
    said += source.read.warnings if isinstance(source.read, ExtractRows) else []
    cells = _cells_of(source, cells)
    whose = " (extract)" if source.name == EXTRACT else ""
    for force in sorted(set(areas["force"].dropna())):
        if not any(status == "present" for status in coverage[force].values()):
            said.append(
                f"No file of {name_of(force)}{whose}, whose area this is in part, was given; its areas show no data."
            )
            continue
        own = cells[cells["force"] == force]
        by_type = own.groupby(["crime_type", "month"], observed=True)["count"].sum().unstack(fill_value=0)
        present = [month for month, status in coverage[force].items() if status == "present"]
        by_type = by_type.reindex(columns=present, fill_value=0)
        # A type that is common in most months and absent from one was most likely not supplied.
        for kind, row in by_type.iterrows():
            none = [month for month in present if row[month] == 0]
            if none and np.median(row.to_numpy()) >= 50:
                said.append(
                    f"{name_of(force)}{whose} has no {quoted(kind)} in {', '.join(none)}; it may not have been supplied."
                )
    return said


def _uncounted(rows: pd.DataFrame) -> list[str]:
    """Crime types that are none of the published ones, so that no measure holds their rows."""
    said = []
    for name in rows["crime_type"].cat.categories:
        if name in CRIME_TYPES or not name.strip():
            continue
        months = rows["month"][rows["crime_type"] == name].astype("str")
        known = sorted({month for month in months.dropna() if MONTH.fullmatch(month)})
        when = f" in {known[0]}" if known else ""
        if len(known) > 1:
            when = f" in {len(known)} months, {known[0]} to {known[-1]},"
        number = f"{len(months):,} row{'' if len(months) == 1 else 's'}"
        said.append(
            f"{quoted(name)} is no crime type of police.uk: it has {number}{when} and is counted in no measure; check its spelling."
        )
    return said


def _of_boundaries(boundaries: Boundaries) -> list[str]:
    said = []
    if boundaries.repaired:
        said.append(
            f"Polygons whose outline crosses itself were repaired: {boundaries.repaired:,}; look at them on the map."
        )
    if boundaries.overlap > MAX_OVERLAP:
        said.append(
            f"The boundaries overlap: the areas together are {boundaries.overlap:.1%} larger than the ground they cover "
            f"(more than {MAX_OVERLAP:.1%}); an incident in two areas counts in the one whose code comes first."
        )
    return said


def _inputs(inputs: Inputs, sources: Sequence[_Source]) -> list[dict[str, Any]]:
    rows = {
        ("police" if source.name == POLICE_UK else "incidents", path): int(n)
        for source in sources
        for path, n in source.read.files.groupby("given")["rows"].sum().items()
    }
    files = [
        {"kind": kind, "file": file_name(path), "sha256": sha256_of(path)}
        | ({"rows": rows[kind, path]} if (kind, path) in rows else {})
        for kind, path in inputs.files()
    ]
    # Files of several areas may share a name: their content decides, so that the order given leaves no trace.
    return sorted(files, key=lambda file: (file["kind"], file["file"], file["sha256"]))
