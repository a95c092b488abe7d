"""The register's priority locations, and what is counted in them."""

import pandas as pd

from geodata.columns import EXTRACT
from geodata.dataset import Dataset
from hotspots.location_figures import is_here
from hotspots.location_figures import location_months as location_months_of
from hotspots.locations import Location
from hotspots.selection import Selection
from pages.shared import data, opening

# Of an extract, whose points may be addresses, a drawn shape shows no count below this.
FEWEST_IN_SHAPE = 20


def locations(dataset: Dataset) -> tuple[Location, ...]:
    """The priority locations that lie in this dataset, by name. Raises RegisterError; no register yet: none."""
    if not opening.has_register():
        return ()
    register = opening.register()
    return data.kept(_here, dataset, str(register.path), register.revision())


def location_months(
    dataset: Dataset, selection: Selection, location: Location, crime_types: tuple[str, ...]
) -> pd.Series:
    """Counts by month in a location over every month of the dataset; NaN = missing."""
    return data.kept(_months, dataset, selection, location, crime_types)


def withheld(selection: Selection, location: Location, count: float) -> str:
    """Why a count is not shown: a small shape on an extract would tell what was recorded at one address; else empty."""
    if selection.source == EXTRACT and location.is_shape and count < FEWEST_IN_SHAPE:
        return f"fewer than {FEWEST_IN_SHAPE}, not shown: points of a force's own extract may be addresses"
    return ""


def _here(dataset: Dataset, path: str, revision: str) -> tuple[Location, ...]:
    """By the path and the revision of the register, which are what it is kept by."""
    return tuple(one for one in opening.register().locations() if is_here(one, dataset.areas))


def _months(dataset: Dataset, selection: Selection, location: Location, kinds: tuple[str, ...]) -> pd.Series:
    presence = dataset.presence(selection.source)
    return location_months_of(
        location,
        data.recorded(dataset, selection),
        data.cells(dataset, selection),
        dataset.areas,
        presence,
        tuple(presence.columns),
        kinds,
    )
