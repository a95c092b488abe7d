"""Where the statutory measures come from: monthly tables that were loaded as layers, else a force's own extract; never both added up."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from geodata.columns import ASB, EXTRACT
from geodata.dataset import Dataset
from geodata.layer_tables import NOUNS, places_of
from geodata.layers import Layer
from hotspots.selection import Period, Selection
from hotspots.statutory import MISSING, STATUTORY, WHOLE, StatutoryMeasure, from_extract, with_whole_area
from pages.shared import data, opening

DISTRICT: Final = "district"


@dataclass(frozen=True)
class Series:
    """A measure as it was loaded. ``months``: as ``hotspots.statutory`` has them, of each district and the whole area, or of the whole
    area alone where the places of the table are not ``districts``; None where nothing was loaded. ``source`` and ``notes`` may hold text
    from data."""

    months: pd.DataFrame | None
    source: str
    notes: tuple[str, ...]
    districts: bool = True


def measures(dataset: Dataset) -> dict[str, StatutoryMeasure]:
    """The three of the Duty by id, then every other monthly table, such as of ambulance calls, by ``layer-ID``; its title is text from
    data."""
    others = {
        f"layer-{one.id}": StatutoryMeasure(f"layer-{one.id}", one.about.title, "case", (), {}, "", "")
        for one in opening.layers(dataset)
        if one.about.kind == "monthly" and not one.about.measure
    }
    return STATUTORY | others


def series(dataset: Dataset, name: str) -> Series:
    """The months of one of the ``measures``; where there are none, ``notes`` say why an extract does not do."""
    layers = [
        one
        for one in opening.layers(dataset)
        if one.about.kind == "monthly" and name in (one.about.measure, f"layer-{one.id}")
    ]
    return _of_layers(dataset, layers) if layers else _of_extract(dataset, STATUTORY[name])


def _of_layers(dataset: Dataset, layers: Sequence[Layer]) -> Series:
    about, notes = layers[0].about, list(layers[0].notes)
    months = with_whole_area(layers[0].frame, places_of(dataset.areas, about.level).dropna().unique())
    if about.level != DISTRICT:
        months = months[months["place"] == WHOLE]
        notes.append(f"It was given by {NOUNS[about.level]}, so only the whole area is shown")
    if (months.loc[months["place"] == WHOLE, "state"] == MISSING).all():
        notes.append(f"No month is there for every {NOUNS[about.level]}, so no figure can be given for the whole area")
    if len(layers) > 1:
        more = ", ".join(one.about.title for one in layers[1:])
        notes.append(f"Also loaded for this measure, and not added to it: {more}")
    return Series(months, f"{about.title} ({about.source}, {about.date})", tuple(notes), about.level == DISTRICT)


def _of_extract(dataset: Dataset, measure: StatutoryMeasure) -> Series:
    if not measure.kinds or EXTRACT not in dataset.sources or not data.has_codes(dataset, EXTRACT):
        return Series(None, "", ())
    districts = dataset.areas["district_code"].dropna().unique()
    if not len(districts):
        return Series(None, "", ("The districts of this dataset are not known: build it with --lookup",))
    presence = dataset.presence(EXTRACT)
    every = Selection(Period(presence.columns[0], presence.columns[-1]), crime_types=(ASB,), source=EXTRACT)
    incidents = data.recorded(dataset, every)
    try:
        found = from_extract(measure, incidents[(incidents["crime_type"] != ASB).to_numpy()], dataset.areas, presence)
    except ValueError as error:
        return Series(None, "", (str(error),))
    return Series(
        with_whole_area(found.months, districts), "the force's own extract, by offence code", found.statements
    )
