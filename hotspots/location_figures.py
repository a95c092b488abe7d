"""What is counted in priority locations, how many live there, and the list of them set side by side.

A location of LSOAs counts what was joined to them; a shape counts the incidents whose published point lies in it or on its
border. Locations may overlap: what two of them share counts in both, so shares need not add up to anything.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hotspots.counts import monthly_counts, monthly_total
from hotspots.locations import Location
from hotspots.narrative import lsoas, number
from hotspots.rates import rate_per_1000_year
from hotspots.shapes import inside, touched
from hotspots.trend import monthly_trends


@dataclass(frozen=True)
class Overlap:
    """Two locations that share ground: ``lsoa_codes`` that both consist of, ``shared_m2``, and a sentence."""

    first: Location
    second: Location
    lsoa_codes: tuple[str, ...]
    shared_m2: float
    reading: str


def is_here(location: Location, areas: gpd.GeoDataFrame) -> bool:
    """Whether a location is of these areas: the register may hold those of several datasets."""
    return bool((_found(location, areas) >= 0).all())


def areas_of(location: Location, areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The rows of ``areas`` that a location consists of, or that its shape shares ground with.

    Raises
    ------
    ValueError
        Where it is not of these areas.
    """
    return areas.iloc[_positions(location, areas)]


def geometry_of(location: Location, areas: gpd.GeoDataFrame) -> shapely.Geometry:
    """Its ground in metres (EPSG:27700): the shape, or its LSOAs together. Raises as ``areas_of``."""
    return location.polygon if location.is_shape else shapely.union_all(areas_of(location, areas).geometry.to_numpy())


def overlaps(locations: Sequence[Location], areas: gpd.GeoDataFrame) -> list[Overlap]:
    """Every pair of locations that share LSOAs, or ground where one is a shape. Raises as ``areas_of``."""
    ground = [geometry_of(location, areas) for location in locations]
    found = []
    for i, j in combinations(range(len(locations)), 2):
        first, second = locations[i], locations[j]
        both_lsoas = not (first.is_shape or second.is_shape)
        codes = tuple(sorted(set(first.lsoa_codes) & set(second.lsoa_codes))) if both_lsoas else ()
        # LSOAs that only meet share no ground, but for what drawn boundaries overlap by
        shared = ground[i].intersection(ground[j]).area if codes or not both_lsoas else 0.0
        if shared > 0.01 * min(ground[i].length, ground[j].length):  # as in ``shapes.touched``
            what = lsoas(len(codes)) if codes else _ground(shared)
            reading = f"{first.name!r} and {second.name!r} share {what}; what happens there counts in both."
            found.append(Overlap(first, second, codes, shared, reading))
    return found


def residents_of(location: Location, areas: gpd.GeoDataFrame) -> tuple[int | None, bool]:
    """How many live in a location, and whether that is only approximate.

    A shape's residents are those of every LSOA that it touches: more than live in it. None where an LSOA's residents are
    not known. Raises as ``areas_of``.
    """
    residents = areas["residents"].iloc[_positions(location, areas)]
    return None if residents.isna().any() else int(residents.sum()), location.is_shape


def location_incidents(location: Location, incidents: pd.DataFrame) -> pd.DataFrame:
    """The rows of ``incidents`` in a location: joined to its LSOAs, or with their point in the shape or on its border."""
    if location.is_shape:
        return incidents[inside(location.polygon, incidents)]
    return incidents[incidents["lsoa_code"].isin(location.lsoa_codes).to_numpy()]


def location_months(
    location: Location,
    incidents: pd.DataFrame,
    cells: pd.DataFrame,
    areas: gpd.GeoDataFrame,
    presence: pd.DataFrame,
    months: Sequence[str],
    crime_types: Sequence[str],
) -> pd.Series:
    """Counts by month in a location, NaN in a month that the force of any of its LSOAs did not supply.

    Parameters
    ----------
    incidents, cells, areas, presence
        As a dataset holds them, of one source; only a shape needs the incidents, which by an offence-code form are those
        that it counts. None is changed.

    Raises
    ------
    ValueError
        As ``areas_of`` and ``counts.monthly_counts``.
    """
    if location.is_shape:
        return _months_in_shape(location, incidents, areas, presence, months, crime_types)
    return monthly_total(monthly_counts(cells, areas_of(location, areas), presence, months, crime_types))


def rank_locations(
    locations: Sequence[Location],
    incidents: pd.DataFrame,
    cells: pd.DataFrame,
    areas: gpd.GeoDataFrame,
    presence: pd.DataFrame,
    months: Sequence[str],
    crime_types: Sequence[str],
    trend_months: Sequence[str] | None = None,
    period: int | None = None,
) -> pd.DataFrame:
    """The list of locations in order of their counts.

    Parameters
    ----------
    incidents, cells, areas, presence
        As for ``location_months``; ``areas`` are all, of which shares are taken.
    trend_months, period
        Consecutive months to read trends from (``months`` if not given), and 12 for a seasonal test: as for
        ``trend.monthly_trends``, with the false discovery rate held over the locations.

    Returns
    -------
    DataFrame
        Indexed by location id, the highest count first: ``name``, ``shape``, ``rank`` among the locations (ties share the
        best; no rank among LSOAs), ``count`` and ``months`` present, ``share`` of all that is counted, ``residents``,
        ``residents_share``, ``rate_per_1000_year`` with ``rate_low`` and ``rate_high`` (of a ``shape`` all approximate),
        ``trend``, ``slope``, ``trend_reading``. Null where not known.

    Raises
    ------
    ValueError
        As ``areas_of``, ``counts.monthly_counts`` and ``trend.monthly_trends``.
    """
    trend_months = months if trend_months is None else trend_months
    every_month = sorted({*months, *trend_months})
    index = pd.Index([location.id for location in locations], name="id")
    by_area = monthly_counts(cells, areas, presence, every_month, crime_types)
    series = [
        _months_in_shape(location, incidents, areas, presence, every_month, crime_types)
        if location.is_shape
        else monthly_total(by_area.iloc[_positions(location, areas)])
        for location in locations
    ]
    monthly = pd.DataFrame(np.array(series).reshape(-1, len(every_month)), index, every_month, dtype="float64")
    known = monthly[list(months)]
    present = known.notna().sum(axis=1)
    count = known.sum(axis=1).where(present > 0).astype("Int64")
    residents = pd.Series([residents_of(location, areas)[0] for location in locations], index, dtype="Int64")
    all_counted = by_area[list(months)].sum().sum()
    trends = monthly_trends(monthly[list(trend_months)], period)
    table = pd.DataFrame(
        {
            "name": [location.name for location in locations],
            "shape": [location.is_shape for location in locations],
            "rank": count.rank(method="min", ascending=False).astype("Int64"),
            "count": count,
            "months": present,
            "share": count.astype("Float64") / all_counted if all_counted else pd.NA,
            "residents": residents,
            "residents_share": residents.astype("Float64") / areas["residents"].sum(),
        },
        index,
    )
    rates = rate_per_1000_year(count, residents, present).rename(columns={"rate": "rate_per_1000_year"})
    said = trends[["trend", "slope", "reading"]].rename(columns={"reading": "trend_reading"})
    return table.join(rates).join(said).sort_values(["rank", "name"], na_position="last")


def _months_in_shape(
    location: Location,
    incidents: pd.DataFrame,
    areas: gpd.GeoDataFrame,
    presence: pd.DataFrame,
    months: Sequence[str],
    crime_types: Sequence[str],
) -> pd.Series:
    rows = location_incidents(location, incidents)
    # a point on the border or in a sliver may be joined to an LSOA that the shape does not share ground with
    codes = {*areas_of(location, areas)["lsoa_code"], *rows["lsoa_code"].unique()}
    own = areas[areas["lsoa_code"].isin(codes).to_numpy()]
    return monthly_total(monthly_counts(rows, own, presence, months, crime_types))


def _positions(location: Location, areas: gpd.GeoDataFrame) -> np.ndarray:
    at = _found(location, areas)
    if (at < 0).any():
        raise ValueError(
            f"{location.name!r} lies elsewhere: {lsoas(int((at < 0).sum()))} of its {number(len(at))} not in this dataset. It was "
            f"made with {location.origin.area!r}, LSOAs of {location.origin.vintage}. Open that dataset, or make it anew."
        )
    return np.sort(at)


def _found(location: Location, areas: gpd.GeoDataFrame) -> np.ndarray:
    """The position of each of its LSOAs among the areas, -1 = not there; a shape takes the LSOAs that it finds, if any."""
    codes = touched(location.polygon, areas).index if location.is_shape else ()
    return pd.Index(areas["lsoa_code"].to_numpy(dtype=object)).get_indexer(codes if len(codes) else location.lsoa_codes)


def _ground(m2: float) -> str:
    return f"{m2 / 1e6:.2f} square kilometres" if m2 >= 10_000 else f"{m2:,.0f} square metres"
