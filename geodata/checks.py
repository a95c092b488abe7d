"""Re-verify a dataset folder: hashes, schema, accounting, and that the counts are those of the incidents."""

from pathlib import Path

import pandas as pd

from geodata.columns import COUNTS, DENOMINATOR_PREFIX, EXTRACT, INCIDENTS, LSOA_CODE, OF_EXTRACT
from geodata.dataset import Dataset, content_hash, open_dataset, read_manifest, sha256_of
from geodata.layer_description import SPATIAL
from geodata.layer_store import FOLDER
from geodata.layer_tables import places_of
from geodata.place import REJECTS, count_cells


def check_dataset(path: str | Path) -> list[str]:
    """Every fault found, one sentence each; an empty list is a sound dataset.

    Raises InputError where the folder cannot be opened at all.
    """
    folder = Path(path)
    faults = _hashes(folder)
    if faults:
        return faults
    dataset = open_dataset(folder)
    return _areas(dataset) + _accounting(dataset) + _extract(dataset) + _layers(dataset) + _counts(dataset)


def _hashes(folder: Path) -> list[str]:
    manifest = read_manifest(folder)
    if content_hash(manifest) != manifest["dataset_hash"]:
        return ["manifest.json was changed after it was built."]
    faults = []
    for name, expected in manifest["files"].items():
        file = folder / name
        if not file.is_file():
            faults.append(f"{name} is missing.")
        elif sha256_of(file) != expected:
            faults.append(f"{name} was changed after it was built.")
    return faults


def _areas(dataset: Dataset) -> list[str]:
    faults = []
    codes = dataset.areas["lsoa_code"]
    if not codes.is_unique or not codes.is_monotonic_increasing:
        faults.append("areas.parquet does not hold each LSOA once, in the order of the codes.")
    if not codes.str.fullmatch(LSOA_CODE.pattern).all():
        faults.append("areas.parquet holds a code that is no LSOA code.")
    said = [DENOMINATOR_PREFIX + one for one in dataset.denominators]
    held = [name for name in dataset.areas.columns if name.startswith(DENOMINATOR_PREFIX)]
    if held != said:
        faults.append("areas.parquet does not hold the denominators that the manifest names.")
    elif (dataset.areas[held] < 0).any(axis=None):
        faults.append("areas.parquet holds a denominator below zero.")
    if dataset.areas.crs is None or dataset.areas.crs.to_epsg() != 27700:
        faults.append("areas.parquet is not in EPSG:27700.")
    return faults


def _accounting(dataset: Dataset) -> list[str]:
    faults = []
    said = dataset.manifest["accounting"]
    incidents, rejects, by = dataset.incidents(), dataset.rejects(), dataset.accounting()
    of_incidents = (*INCIDENTS, *OF_EXTRACT) if EXTRACT in dataset.sources else INCIDENTS
    for name, frame, columns in (("incidents", incidents, of_incidents), ("rejects", rejects, REJECTS)):
        if tuple(frame.columns) != columns:
            faults.append(f"{name}.parquet has the columns {', '.join(frame.columns)}.")
    if said["rows_read"] != said["joined"] + sum(said["rejected"].values()):
        faults.append("The accounting does not add up to the rows read.")
    if len(incidents) != said["joined"] or int((incidents["joined_by"] == "nearest").sum()) != said["joined_nearest"]:
        faults.append("incidents.parquet does not hold as many rows as the accounting says.")
    found = rejects["reason"].value_counts()
    if {str(k): int(v) for k, v in found.items() if v} != said["rejected"]:
        faults.append("rejects.parquet does not hold as many rows of each reason as the accounting says.")
    if int(by["rows"].sum()) != said["rows_read"]:
        faults.append("accounting.parquet does not add up to the rows read.")
    if incidents["incident_id"].duplicated().any():
        faults.append("incidents.parquet holds an incident twice.")
    if not incidents["lsoa_code"].astype("str").isin(dataset.areas["lsoa_code"]).all():
        faults.append("incidents.parquet holds a code that is no area of this dataset.")
    return faults


def _extract(dataset: Dataset) -> list[str]:
    """What only an extract may hold, and what its rows must."""
    incidents = dataset.incidents()
    if EXTRACT not in dataset.sources or not {*OF_EXTRACT} <= {*incidents.columns}:
        return []
    faults = []
    own = (incidents["source"] == EXTRACT).to_numpy()
    if incidents.loc[~own, list(OF_EXTRACT)].notna().to_numpy().any():
        faults.append("incidents.parquet holds details of an extract in a row that is of no extract.")
    if (incidents.loc[own, "date"].astype("str").str[:7] != incidents.loc[own, "month"].astype("str")).any():
        faults.append("incidents.parquet holds a date that is not in its month.")
    if not incidents.loc[own, "hour"].dropna().between(0, 23).all():
        faults.append("incidents.parquet holds an hour that is none.")
    said = dataset.manifest["recorded"]
    found = {"incidents": int(own.sum())} | {name: int(incidents[name].notna().sum()) for name in OF_EXTRACT}
    if said != found:
        faults.append("incidents.parquet does not record as much of the extract as the manifest says.")
    return faults


def _layers(dataset: Dataset) -> list[str]:
    faults = []
    for layer in dataset.layers():
        said, where = layer.accounting, f"{FOLDER}/{layer.id}.parquet"
        if said.read != said.kept + sum(said.left_out.values()):
            faults.append(f"The accounting of {where} does not add up to the rows read.")
        if layer.about.kind in SPATIAL and len(layer.frame) != said.kept:
            faults.append(f"{where} does not hold as many features as its accounting says.")
        if "lsoa_code" in layer.frame and not layer.frame["lsoa_code"].dropna().isin(dataset.areas["lsoa_code"]).all():
            faults.append(f"{where} holds a code that is no area of this dataset.")
        if layer.about.level:
            places = places_of(dataset.areas, layer.about.level)
            if not layer.frame["place"].isin(places).all():
                faults.append(f"{where} holds a place that is none of this dataset.")
    return faults


def _counts(dataset: Dataset) -> list[str]:
    if tuple(dataset.cells.columns) != COUNTS:
        return [f"counts.parquet has the columns {', '.join(dataset.cells.columns)}."]
    keys = list(COUNTS[:-1])
    again = count_cells(dataset.incidents()).astype(dict.fromkeys(keys, "str"))
    kept = dataset.cells.astype(dict.fromkeys(keys, "str"))
    both = pd.merge(again, kept, on=keys, how="outer", suffixes=("_again", "_kept"))
    if (both["count_again"] != both["count_kept"]).any():
        return ["counts.parquet does not hold the counts of incidents.parquet."]
    return []
