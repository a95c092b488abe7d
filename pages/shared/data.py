"""What is computed from the open dataset, once for each question.

Everything is kept by the dataset's content hash and the frozen selection, never by a frame. Kept frames are shared by all
users: pages read them and change none.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from types import FunctionType
from typing import Any

import pandas as pd
import streamlit as st
from threadpoolctl import threadpool_limits

from geodata.columns import ASB, CRIME_TYPES, EXTRACT, WGS84
from geodata.dataset import Dataset
from geodata.layer_tables import places_of
from geodata.place import count_cells
from hotspots.code_form import code_statement, matches
from hotspots.controls import Geography
from hotspots.controls import geography as geography_of
from hotspots.counts import monthly_counts, monthly_total, select_incidents
from hotspots.definitions import Definition, crime_types_of, load_definitions
from hotspots.locations import Location
from hotspots.selection import RESIDENTS, Period, Selection
from hotspots.selection import latest_run as latest_run_of
from hotspots.severity import severity as severity_of
from hotspots.table import Certainty, areas_in, hotspot_table
from hotspots.table import certainty as certainty_of
from pages.shared import opening
from pages.shared.tables import by, short_labels
from pages.shared.tables import ranked_rows as ranked_rows_of

_KEPT = 1024

# The threads of one sum of matrices wait for each other busily: beside other sessions that took up to minutes for what
# one thread does in 0.1 s. Sessions share the cores already.
threadpool_limits(limits=1, user_api="blas")


@dataclass(frozen=True)
class Severity:
    """Severity by lsoa_code (areas with an offence), or why it is refused, in words."""

    of_areas: pd.Series | None
    refusal: str = ""


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


def latest_run(dataset: Dataset, selection: Selection) -> tuple[str, ...]:
    """The latest unbroken months that every territorial force supplied, from which trends are read."""
    presence = dataset.presence(selection.source)
    own = presence.reindex(index=dataset.manifest["territorial_forces"], fill_value=False)
    present = [str(month) for month in own.columns[own.all(axis=0)]]
    return latest_run_of(present or [str(presence.columns[-1])]).months


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


def level_names(dataset: Dataset, level: str) -> pd.Series:
    """What the places of a level are called, by their code there; text from data."""
    return kept(_level_names, dataset, level)


# Written out, a selection or a location is its own key; Streamlit would copy it field by field at every call.
@st.cache_resource(
    show_spinner=False,
    max_entries=_KEPT,
    hash_funcs={FunctionType: lambda f: f"{f.__module__}.{f.__qualname__}", Selection: repr, Location: repr},
)
def _kept(compute: Callable[..., Any], path: str, dataset_hash: str, asked: tuple[Hashable, ...]) -> Any:
    return compute(opening.opened(path, dataset_hash), *asked)


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
    incidents = opening.incidents(dataset)
    here = (incidents["source"] == selection.source).to_numpy()
    return incidents if here.all() else incidents[here]
