"""The only cache: which dataset is open, and what was computed from it.

Everything is kept by the dataset's content hash and the frozen selection, never by a frame. Kept frames are shared by all
users: pages read them and change none.
"""

import gc
import os
import tempfile
import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from pathlib import Path
from types import FunctionType
from typing import Any

import pandas as pd
import streamlit as st
from threadpoolctl import threadpool_limits

import sample_data
from geodata.build import TOOL_VERSION, Inputs, build
from geodata.columns import ASB, CRIME_TYPES, EXTRACT, WGS84
from geodata.dataset import Dataset, open_dataset, read_manifest, sha256_of
from geodata.errors import InputError
from geodata.layer_tables import places_of
from geodata.layers import Layer
from geodata.place import count_cells
from geodata.postcodes import read_postcodes
from hotspots.code_form import code_statement, matches
from hotspots.controls import Geography
from hotspots.controls import geography as geography_of
from hotspots.counts import monthly_counts, monthly_total, select_incidents
from hotspots.definitions import Definition, crime_types_of, load_definitions
from hotspots.location_figures import is_here
from hotspots.location_figures import location_months as location_months_of
from hotspots.locations import Location
from hotspots.register import Register, default_path
from hotspots.selection import RESIDENTS, Period, Selection
from hotspots.selection import latest_run as latest_run_of
from hotspots.severity import severity as severity_of
from hotspots.table import Certainty, areas_in, hotspot_table
from hotspots.table import certainty as certainty_of
from pages.shared.tables import by, short_labels
from pages.shared.tables import ranked_rows as ranked_rows_of

DATASET = "PLACES_DATA"
_ROOT = Path(__file__).resolve().parent.parent.parent
_KEPT = 1024
# Of an extract, whose points may be addresses, a drawn shape shows no count below this.
FEWEST_IN_SHAPE = 20

Progress = Callable[[str, float], None]

# The threads of one sum of matrices wait for each other busily: beside other sessions that took up to minutes for what
# one thread does in 0.1 s. Sessions share the cores already.
threadpool_limits(limits=1, user_api="blas")


@dataclass(frozen=True)
class Severity:
    """Severity by lsoa_code (areas with an offence), or why it is refused, in words."""

    of_areas: pd.Series | None
    refusal: str = ""


def dataset_folder() -> Path | None:
    """The folder that ``PLACES_DATA`` names, else ``data/`` where there is one, else None: the sample.

    While ``data/`` is being replaced it is gone for a moment, and its successor stands beside it.
    """
    named = os.environ.get(DATASET, "").strip()
    if named:
        return Path(named)
    usual = _ROOT / "data"
    there = usual.is_dir() and any(usual.iterdir())
    return usual if there or any(_ROOT.glob(".data.*-*")) else None


def current_dataset(progress: Progress) -> Dataset:
    """The dataset of this server, opened once for each content; the sample is built at the first start.

    Everything that a page reads is in memory when this returns, so that a rebuild cannot reach into a page.
    Raises InputError where it cannot be opened.
    """
    folder = dataset_folder()
    if folder is not None:
        try:
            return _open(folder)
        except InputError:  # replaced between two reads, or really unusable: the second try tells
            return _open(folder)
    try:
        return _open(_sample(progress))
    except InputError:
        return _open(_sample(progress, anew=True))


@st.cache_resource(show_spinner=False)
def definitions() -> dict[str, Definition]:
    """Every definition of serious violence by its id."""
    return load_definitions()


def kept(compute: Callable[..., Any], dataset: Dataset, *asked: Hashable) -> Any:
    """``compute(dataset, *asked)``, worked out once for each content of the dataset and each question, mostly a selection.

    ``compute`` is a function of a module, known by its name; what it returns is shared by all users and changed by none.
    """
    return _kept(compute, str(dataset.path), dataset.hash, asked)


def table(dataset: Dataset, selection: Selection) -> pd.DataFrame:
    """The ranked table of ``hotspots.table`` for the selection."""
    return kept(_table, dataset, selection)


def ranked_rows(dataset: Dataset, selection: Selection) -> pd.DataFrame:
    """``table`` as the screen shows it."""
    return kept(_ranked_rows, dataset, selection)


def labels(dataset: Dataset, districts: tuple[str, ...] = ()) -> dict[str, str]:
    """The label of every LSOA of the districts (none: of all) by its code; text from data."""
    return kept(_labels, dataset, districts)


def places(dataset: Dataset) -> pd.Series:
    """The label of every LSOA by its code, short enough for a table; text from data."""
    return kept(_places, dataset)


def districts(dataset: Dataset) -> list[str]:
    """The names of the districts, in alphabetical order; text from data."""
    return kept(_districts, dataset)


def geography(dataset: Dataset) -> Geography:
    """What lies where among all areas of the dataset."""
    return kept(_geography, dataset)


def register() -> Register:
    """The register of priority locations; its file is made by the first call. Raises RegisterError."""
    return _register(str(default_path()))


def locations(dataset: Dataset) -> tuple[Location, ...]:
    """The priority locations that lie in this dataset, by name. Raises RegisterError; no register yet: none."""
    path = default_path()
    if str(path) not in _registers():  # one that was opened and is gone is not one that was never made
        try:
            path.stat()
        except FileNotFoundError:
            return ()
        except OSError:
            pass  # the register says in words what is wrong with its place
    return kept(_locations_here, dataset, str(path), register().revision())


def location_months(
    dataset: Dataset, selection: Selection, location: Location, crime_types: tuple[str, ...]
) -> pd.Series:
    """Counts by month in a location over every month of the dataset; NaN = missing."""
    return kept(_location_months, dataset, selection, location, crime_types)


def latest_run(dataset: Dataset, selection: Selection) -> tuple[str, ...]:
    """The latest unbroken months that every territorial force supplied, from which trends are read."""
    presence = dataset.presence(selection.source)
    own = presence.reindex(index=dataset.manifest["territorial_forces"], fill_value=False)
    present = [str(month) for month in own.columns[own.all(axis=0)]]
    return latest_run_of(present or [str(presence.columns[-1])]).months


def withheld(selection: Selection, location: Location, count: float) -> str:
    """Why a count is not shown: a small shape on an extract would tell what was recorded at one address; else empty."""
    if selection.source == EXTRACT and location.is_shape and count < FEWEST_IN_SHAPE:
        return f"fewer than {FEWEST_IN_SHAPE}, not shown: points of a force's own extract may be addresses"
    return ""


def all_months(dataset: Dataset, selection: Selection, crime_types: tuple[str, ...]) -> pd.DataFrame:
    """Counts of every area of the dataset (whatever districts are chosen) by month; NaN = missing."""
    return kept(_all_months, dataset, replace(selection, districts=(), measure="count"), crime_types)


def severity(dataset: Dataset, selection: Selection) -> Severity:
    """The severity of what the selection counts, by the weights that the dataset was built with."""
    return kept(_severity, dataset, replace(selection, measure="severity", per=RESIDENTS))


def certainty(dataset: Dataset, selection: Selection) -> Certainty:
    """How sure the order of ``table`` is."""
    return kept(_certainty, dataset, selection)


def monthly(dataset: Dataset, selection: Selection, crime_types: tuple[str, ...], lsoa_code: str | None) -> pd.Series:
    """Counts by month over every month of the dataset, of one area or of all that are selected; NaN = missing."""
    return kept(_monthly, dataset, selection, crime_types, lsoa_code)


def counted_incidents(dataset: Dataset, selection: Selection) -> pd.DataFrame:
    """The incidents that the selection counts."""
    return kept(_counted, dataset, selection)


def recorded(dataset: Dataset, selection: Selection) -> pd.DataFrame:
    """Every incident of the selection's source that it could count in some month, whatever its type and place."""
    return _counted_by(dataset, selection)


def published(dataset: Dataset, selection: Selection) -> pd.DataFrame:
    """Every incident of the selection's source and months, of whatever type: its map points."""
    return kept(_published_in, dataset, selection)


def postcodes(path: str) -> pd.DataFrame:
    """The file of postcodes. Raises InputError."""
    file = Path(path)
    return _postcodes(path, file.stat().st_mtime if file.is_file() else 0)


def has_codes(dataset: Dataset, source: str) -> bool:
    """Whether incidents of the source carry offence codes, so that a definition's offence-code form applies."""
    recorded = dataset.manifest.get("recorded")
    return source == EXTRACT and recorded is not None and recorded["offence_code"] > 0


def shows_points(selection: Selection) -> bool:
    """Whether points of the source may be shown: those of an extract may be addresses."""
    return selection.source != EXTRACT


def cells(dataset: Dataset, selection: Selection) -> pd.DataFrame:
    """The non-zero cells in which the selection's ``crime_types`` are counted, over all months and areas.

    By the offence-code form they hold the offences that the definition includes, and ASB beside them.
    """
    if selection.reading is None:
        return dataset.source_cells(selection.source)
    months = dataset.presence(selection.source).columns
    every = Period(str(months[0]), str(months[-1]))
    return kept(_coded_cells, dataset, replace(selection, period=every, districts=(), measure="count", per=RESIDENTS))


def code_notes(dataset: Dataset, selection: Selection) -> tuple[str, ...]:
    """What the offence-code form counts and cannot tell in the chosen months and districts."""
    return kept(_code_notes, dataset, selection)


def crime_types(selection: Selection) -> tuple[str, ...]:
    """The crime types that the selection counts; by the offence-code form any, since the codes decide."""
    if selection.reading is not None:
        return tuple(kind for kind in CRIME_TYPES if kind != ASB)
    return crime_types_of(selection, definitions())


def bounds(dataset: Dataset, selection: Selection) -> tuple[float, float, float, float] | None:
    """West, south, east and north of the chosen districts in degrees; None for the whole area."""
    return kept(_bounds, dataset, selection) if selection.districts else None


def layers(dataset: Dataset) -> tuple[Layer, ...]:
    """What lies over the map, by id."""
    return _layers(str(dataset.path), dataset.hash)


def level_names(dataset: Dataset, level: str) -> pd.Series:
    """What the places of a level are called, by their code there; text from data."""
    return kept(_level_names, dataset, level)


def accounting(dataset: Dataset) -> pd.DataFrame:
    """Rows by source, force, month, crime_type and what became of them."""
    return _accounting(str(dataset.path), dataset.hash)


@st.cache_resource(show_spinner=False)
def _build_lock() -> threading.Lock:
    return threading.Lock()


def _sample(progress: Progress, anew: bool = False) -> Path:
    """The fictional county's dataset, built by the ordinary build when it is not there or its files have changed."""
    with _build_lock():
        folder = _sample_place()
        if anew or not _is_current(folder):
            given = {kind: tuple(paths) for kind, paths in sample_data.inputs().items()}
            build(Inputs(**given), folder, sample_data.AREA_NAME, progress)
    return folder


@st.cache_resource(show_spinner=False)
def _sample_place() -> Path:
    """Beside its files, or in the user's own cache where those may not be written to."""
    beside = _ROOT / "sample_data"
    try:
        with tempfile.TemporaryFile(dir=beside):  # asking for permission is not answered truly on Windows
            return beside / "dataset"
    except OSError:
        own = os.environ.get("LOCALAPPDATA") or os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        return Path(own) / "places-and-spaces" / "sample"


def _is_current(folder: Path) -> bool:
    try:
        manifest = read_manifest(folder)
    except InputError:
        return False
    built_from = {entry["file"]: entry["sha256"] for entry in manifest["inputs"]}
    return manifest["tool_version"] == TOOL_VERSION and built_from == _published()


@st.cache_resource(show_spinner=False)
def _published() -> dict[str, str]:
    return {path.name: sha256_of(path) for paths in sample_data.inputs().values() for path in paths}


def _open(folder: Path) -> Dataset:
    key = str(folder), str(read_manifest(folder)["dataset_hash"])
    dataset = _opened(*key)
    _incidents(*key)
    _accounting(*key)
    return dataset


@st.cache_resource(show_spinner=False, max_entries=4)
def _opened(path: str, dataset_hash: str) -> Dataset:
    dataset = open_dataset(path)
    if dataset.hash != dataset_hash:  # what is not what was asked for is not kept under its name
        raise InputError("The dataset was replaced while it was being opened: reload the page.")
    return dataset


@st.cache_resource(show_spinner=False, max_entries=4)
def _accounting(path: str, dataset_hash: str) -> pd.DataFrame:
    return _opened(path, dataset_hash).accounting()


@st.cache_resource(show_spinner=False, max_entries=4)
def _layers(path: str, dataset_hash: str) -> tuple[Layer, ...]:
    return _opened(path, dataset_hash).layers()


@st.cache_resource(show_spinner=False, max_entries=4)
def _incidents(path: str, dataset_hash: str) -> pd.DataFrame:
    incidents = _opened(path, dataset_hash).incidents()
    # What is loaded now stays: without this, every rerun's garbage collection would walk through all of it.
    gc.collect()
    gc.freeze()
    return incidents


# Written out, a selection or a location is its own key; Streamlit would copy it field by field at every call.
@st.cache_resource(
    show_spinner=False,
    max_entries=_KEPT,
    hash_funcs={FunctionType: lambda f: f"{f.__module__}.{f.__qualname__}", Selection: repr, Location: repr},
)
def _kept(compute: Callable[..., Any], path: str, dataset_hash: str, asked: tuple[Hashable, ...]) -> Any:
    return compute(_opened(path, dataset_hash), *asked)


def _table(dataset: Dataset, selection: Selection) -> pd.DataFrame:
    incidents = _incidents_of(dataset, selection)
    return hotspot_table(
        areas_in(dataset.areas, selection.districts),
        cells(dataset, selection),
        # Incidents are only there for their points; of an extract none is named, not even by its share.
        incidents if shows_points(selection) else incidents[:0],
        dataset.presence(selection.source),
        months=selection.period.months,
        crime_types=crime_types(selection),
        order=selection.measure,
        per=selection.per,
        severity=severity(dataset, selection).of_areas if selection.measure == "severity" else None,
    )


def _severity(dataset: Dataset, selection: Selection) -> Severity:
    if selection.crime_types == (ASB,):
        return Severity(None, "ASB has no offence code, and so no severity. Choose offences, or another measure.")
    if not has_codes(dataset, selection.source):
        return Severity(
            None,
            "Severity cannot be worked out: these incidents carry no offence codes, and on police.uk's broad categories it says "
            "nothing. It needs a force's own extract with Home Office offence codes.",
        )
    weights = dataset.manifest.get("weights")
    if not weights:
        return Severity(
            None,
            "Severity cannot be worked out: this dataset has no weights. Build it with --weights, a table of a weight for each "
            "offence code.",
        )
    try:
        return Severity(severity_of(counted_incidents(dataset, selection), weights["by_code"]))
    except ValueError as error:
        return Severity(None, str(error))


def _ranked_rows(dataset: Dataset, selection: Selection) -> pd.DataFrame:
    return ranked_rows_of(table(dataset, selection), places(dataset), by(selection))


def _labels(dataset: Dataset, districts: tuple[str, ...]) -> dict[str, str]:
    areas = areas_in(dataset.areas, districts)
    return dict(zip(areas["lsoa_code"], areas["label"], strict=True))


def _places(dataset: Dataset) -> pd.Series:
    areas = dataset.areas.set_index("lsoa_code")
    return short_labels(areas["label"].astype("str").fillna(areas["lsoa_name"]))


def _level_names(dataset: Dataset, level: str) -> pd.Series:
    if level == "lsoa":
        return _places(dataset)
    codes = places_of(dataset.areas, level)
    column = dataset.areas.set_index("lsoa_code")[level] if level in dataset.areas else codes
    names = pd.Series(column.to_numpy(), codes.to_numpy(), dtype="str")
    return names[~names.index.duplicated()].dropna().sort_index()


def _districts(dataset: Dataset) -> list[str]:
    return sorted(dataset.areas["district"].dropna().unique())


def _geography(dataset: Dataset) -> Geography:
    return geography_of(dataset.areas)


@st.cache_resource(show_spinner="Reading the file of postcodes …", max_entries=1)
def _postcodes(path: str, changed: float) -> pd.DataFrame:
    return read_postcodes(Path(path))


@st.cache_resource(show_spinner=False)
def _registers() -> dict[str, Register]:
    """Those that this server has opened, by path."""
    return {}


def _register(path: str) -> Register:
    opened = _registers()
    if path not in opened:
        opened[path] = Register(path)
    return opened[path]


def _locations_here(dataset: Dataset, path: str, revision: str) -> tuple[Location, ...]:
    return tuple(one for one in _register(path).locations() if is_here(one, dataset.areas))


def _location_months(dataset: Dataset, selection: Selection, location: Location, kinds: tuple[str, ...]) -> pd.Series:
    presence = dataset.presence(selection.source)
    return location_months_of(
        location,
        _counted_by(dataset, selection),
        cells(dataset, selection),
        dataset.areas,
        presence,
        tuple(presence.columns),
        kinds,
    )


def _published_in(dataset: Dataset, selection: Selection) -> pd.DataFrame:
    incidents = _incidents_of(dataset, selection)
    return incidents[incidents["month"].isin(selection.period.months).to_numpy()]


def _all_months(dataset: Dataset, selection: Selection, kinds: tuple[str, ...]) -> pd.DataFrame:
    presence = dataset.presence(selection.source)
    return monthly_counts(cells(dataset, selection), dataset.areas, presence, tuple(presence.columns), kinds)


def _certainty(dataset: Dataset, selection: Selection) -> Certainty:
    months = monthly_counts(
        cells(dataset, selection),
        areas_in(dataset.areas, selection.districts),
        dataset.presence(selection.source),
        selection.period.months,
        crime_types(selection),
    )
    return certainty_of(table(dataset, selection), months, selection.measure)


def _counted(dataset: Dataset, selection: Selection) -> pd.DataFrame:
    return select_incidents(
        _counted_by(dataset, selection),
        areas_in(dataset.areas, selection.districts),
        dataset.presence(selection.source),
        selection.period.months,
        crime_types(selection),
    )


def _monthly(dataset: Dataset, selection: Selection, kinds: tuple[str, ...], lsoa_code: str | None) -> pd.Series:
    areas = areas_in(dataset.areas, selection.districts)
    if lsoa_code is not None:
        areas = dataset.areas[dataset.areas["lsoa_code"] == lsoa_code]
    presence = dataset.presence(selection.source)
    return monthly_total(monthly_counts(cells(dataset, selection), areas, presence, tuple(presence.columns), kinds))


def _counted_by(dataset: Dataset, selection: Selection) -> pd.DataFrame:
    """The source's incidents; by offence code, where that is how the definition is read."""
    return _incidents_of(dataset, selection) if selection.reading is None else _coded(dataset, selection)


def _coded(dataset: Dataset, selection: Selection) -> pd.DataFrame:
    """The source's incidents that the definition includes by code, and its ASB."""
    incidents = _incidents_of(dataset, selection)
    definition, reading = _read(selection)
    return incidents[matches(definition, incidents, reading) | (incidents["crime_type"] == ASB)]


def _coded_cells(dataset: Dataset, selection: Selection) -> pd.DataFrame:
    return count_cells(_coded(dataset, selection))


def _code_notes(dataset: Dataset, selection: Selection) -> tuple[str, ...]:
    offences = select_incidents(
        _incidents_of(dataset, selection),
        areas_in(dataset.areas, selection.districts),
        dataset.presence(selection.source),
        selection.period.months,
        crime_types(selection),
    )
    definition, reading = _read(selection)
    return code_statement(definition, offences, reading)


def _read(selection: Selection) -> tuple[Definition, dict[str, str]]:
    """The definition and its reading; what was chosen for another definition's switches is left out."""
    definition = definitions()[str(selection.definition)]
    own = {switch.id for switch in definition.switches}
    return definition, {switch: option for switch, option in selection.reading or () if switch in own}


def _bounds(dataset: Dataset, selection: Selection) -> tuple[float, float, float, float]:
    chosen = areas_in(dataset.areas, selection.districts)
    west, south, east, north = chosen.geometry.to_crs(WGS84).total_bounds
    return float(west), float(south), float(east), float(north)


def _incidents_of(dataset: Dataset, selection: Selection) -> pd.DataFrame:
    incidents = _incidents(str(dataset.path), dataset.hash)
    here = (incidents["source"] == selection.source).to_numpy()
    return incidents if here.all() else incidents[here]
