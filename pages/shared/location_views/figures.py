"""What a profile of one location is made of: its counts, its crime groups, its change, its deprivation; no widget."""

from dataclasses import dataclass, replace

import pandas as pd

from geodata.dataset import Dataset
from hotspots.counts import by_type
from hotspots.evaluation import Evaluation
from hotspots.groups import CRIME_GROUPS
from hotspots.location_figures import areas_of, location_incidents, rank_locations
from hotspots.locations import Location
from hotspots.profile import again_sentence, by_hour, compare_years, withheld_groups
from hotspots.selection import Selection, year_before
from hotspots.stability import rolling_hotspots
from hotspots.uncertainty import overdispersion
from hotspots.windows import chosen_windows
from pages.shared import data, evaluations, registered
from pages.shared.evaluations import Settings


@dataclass(frozen=True)
class Profile:
    """What is counted in one location.

    ``row`` of the list, as of ``rank_locations``; ``groups``: ``here`` and ``everywhere`` by crime group, the most frequent first,
    without those that are ``withheld`` (see ``registered.withheld``);
    ``years`` as of ``compare_years``, or None and ``years_reading`` says why; ``again``: whether it was a hotspot before;
    ``deciles``: national, by the LSOAs that it consists of or touches; ``hours`` by weekday and hour, empty where not recorded or
    not to be shown.
    """

    row: pd.Series
    groups: pd.DataFrame
    withheld: tuple[str, ...]
    years: pd.DataFrame | None
    years_reading: str
    again: str
    deciles: pd.Series
    hours: pd.DataFrame


def everywhere(selection: Selection) -> Selection:
    """A location is set against the whole area, whichever districts are chosen."""
    return replace(selection, districts=(), measure="count")


def profile(dataset: Dataset, selection: Selection, location: Location, _others: tuple[str, ...]) -> Profile:
    """All figures of one location, of the whole dataset's area; ``_others``: as of ``evaluations.others_of``, on which its
    controls depend.
    """
    kinds, source = data.crime_types(selection), selection.source
    presence = dataset.presence(source)
    run = data.latest_run(dataset, selection)
    row = rank_locations(
        [location], data.recorded(dataset, selection),
        data.cells(dataset, selection), dataset.areas, presence, selection.period.months, kinds, run,
    ).iloc[0]  # fmt: skip
    every_month, inside = data.all_months(dataset, selection, kinds), areas_of(location, dataset.areas)
    try:
        years, reading = _years(dataset, selection, location, every_month), ""
    except ValueError as error:
        years, reading = None, str(error)
    try:
        again = again_sentence(rolling_hotspots(every_month), tuple(inside["lsoa_code"]))
    except ValueError as error:
        again = str(error)
    groups, addresses = _groups(dataset, selection, location), location.is_shape and not data.shows_points(selection)
    withheld = withheld_groups(groups["here"], registered.FEWEST_IN_SHAPE) if addresses else ()
    here = location_incidents(location, data.counted_incidents(dataset, selection))
    return Profile(
        row,
        groups.drop(index=list(withheld)),
        withheld,
        years,
        reading,
        again,
        inside.set_index("lsoa_code")["imd_decile"],
        pd.DataFrame() if addresses else by_hour(here),
    )


def _years(dataset: Dataset, selection: Selection, location: Location, every_month: pd.DataFrame) -> pd.DataFrame:
    """The location's change on the year before, beside that of its district, the whole area and its controls."""
    own = registered.location_months(dataset, selection, location, data.crime_types(selection))
    inside = areas_of(location, dataset.areas)
    outside = every_month.drop(index=inside["lsoa_code"])
    series = {"the location": own}
    district = inside["district"].dropna().unique()
    if len(district) == 1:
        there = dataset.areas.loc[dataset.areas["district"].eq(district[0]).to_numpy(), "lsoa_code"]
        series["the rest of its district"] = outside.reindex(there).dropna(how="all").sum(axis=0, min_count=1)
    series["the rest of the area"] = outside.dropna(how="all").sum(axis=0, min_count=1)
    judged = _judged(dataset, selection, location, own)
    if judged:
        series["matched places"] = every_month.loc[list(judged.groups["control"])].sum(axis=0, skipna=False)
    scatter = judged.dispersion["local"] if judged else _scatter(every_month, own, selection)
    return compare_years(series, selection.period.months, scatter)


def _both_years(own: pd.Series, selection: Selection) -> tuple[list[str], list[str]]:
    """The months of the year before and those of the period that the location has in both."""
    now = [m for m in selection.period.months if pd.notna(own.get(m)) and pd.notna(own.get(year_before(m)))]
    return [year_before(m) for m in now], now


def _judged(dataset: Dataset, selection: Selection, location: Location, own: pd.Series) -> Evaluation | None:
    """The months of the period against the year before as the page Displacement judges them; None where it cannot."""
    before, now = _both_years(own, selection)
    try:
        windows = chosen_windows(before, now, evaluations.months_present(dataset, selection.source))
        return evaluations.evaluate_location(dataset, selection, location, Settings(windows=windows))
    except ValueError:
        return None


def _scatter(every_month: pd.DataFrame, own: pd.Series, selection: Selection) -> float:
    before, now = _both_years(own, selection)
    try:
        return overdispersion(every_month[sorted({*before, *now})])
    except ValueError:
        return 1.0


def _groups(dataset: Dataset, selection: Selection, location: Location) -> pd.DataFrame:
    """Counts by crime group in the location and in the whole area; ASB among them, never added."""
    presence, months = dataset.presence(selection.source), selection.period.months
    types = dataset.manifest["crime_types"]
    inside = areas_of(location, dataset.areas)
    if location.is_shape:
        rows = location_incidents(location, data.recorded(dataset, replace(selection, reading=None)))
        codes = {*inside["lsoa_code"], *rows["lsoa_code"].unique()}
        inside = dataset.areas[dataset.areas["lsoa_code"].isin(codes).to_numpy()]
        own = by_type(rows, inside, presence, months, types)
    else:
        own = by_type(dataset.source_cells(selection.source), inside, presence, months, types)
    whole = by_type(dataset.source_cells(selection.source), dataset.areas, presence, months, types)
    table = {
        group: [frame[[k for k in kinds if k in frame]].sum().sum() for frame in (own, whole)]
        for group, kinds in CRIME_GROUPS.items()
        if any(k in own for k in kinds)
    }
    groups = pd.DataFrame.from_dict(table, orient="index", columns=["here", "everywhere"])
    return groups.sort_values("here", ascending=False, kind="stable")
