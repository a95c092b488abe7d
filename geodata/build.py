"""From the files that publishers offer to one dataset folder."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata import layer_store
from geodata.areas import describe, territorial_force
from geodata.boundaries import Boundaries, read_boundaries
from geodata.columns import CRIME_TYPES, EXTRACT, MONTH, OF_EXTRACT, POLICE_UK
from geodata.dataset import sha256_of, write_dataset, written_whole
from geodata.display import write_display
from geodata.errors import InputError, quoted
from geodata.forces import absent_along_border, name_of
from geodata.incidents import ExtractRows, read_incidents
from geodata.inputs import Inputs
from geodata.layer_tables import places_of
from geodata.layers import read_layers
from geodata.lookups import read_lookups
from geodata.place import Placed, account, account_by, agreement, count_cells, place_rows, side_by_side
from geodata.police_uk import StreetRows, read_street
from geodata.sources import file_name
from geodata.weights import read_weights

TOOL_VERSION = "0.1.0"
MAX_OVERLAP = 0.001  # of the ground covered; generalised boundaries of ONS overlap by less than a millionth
Progress = Callable[[str, float], None]


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
    areas, notes = describe(boundaries, lookups, inputs)
    notes |= _weights(inputs.weights)
    say("Reading layers", 0.09)
    layers = read_layers(inputs.layers, areas, boundaries.vintage, lookups)
    sources = _read_and_place(inputs, areas, say)
    placed = side_by_side([source.placed for source in sources])
    say("Counting", 0.72)
    cells = count_cells(placed.incidents)
    areas = areas.assign(force=territorial_force(areas, _cells_of(sources[0], cells)))
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
        forces = sorted(territorial_force(areas, cells).dropna().unique())
        extract = read_incidents(inputs.incidents, forces, lambda stage, done: say(stage, 0.55 + 0.05 * done))
        say("Joining the extract to areas", 0.62)
        sources.append(_Source(EXTRACT, extract, place_rows(extract.rows, areas, EXTRACT)))
    return sources


def _cells_of(source: _Source, cells: pd.DataFrame) -> pd.DataFrame:
    return cells[cells["source"] == source.name]


def _weights(paths: Sequence[Path]) -> dict[str, Any]:
    if not paths:
        return {}
    weights = read_weights(paths)
    return {"weights": {"title": weights.title, "file": weights.file, "by_code": weights.by_code}}


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
