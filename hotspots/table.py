"""The ranked hotspot table: put together once, for the page and the export alike, so that they cannot differ."""

from collections.abc import Sequence

import pandas as pd

from geodata.columns import ASB
from hotspots.counts import area_counts, select_incidents
from hotspots.points import busiest_points, flag_points
from hotspots.ranking import rank_areas
from hotspots.rates import density, rate_per_1000_year
from hotspots.selection import Measure

_FROM_AREAS = ["ward", "district", "residents", "area_km2", "imd_decile"]
# the other columns, many of them text, would be copied for nothing
_OF_INCIDENTS = ["lsoa_code", "month", "crime_type", "source", "longitude", "latitude", "location"]


def areas_in(areas: pd.DataFrame, districts: Sequence[str]) -> pd.DataFrame:
    """The areas of the named districts; all of them where none is named.

    Raises
    ------
    ValueError
        Where a district is not there.
    """
    if not districts:
        return areas
    known = set(areas["district"].dropna())
    for district in districts:
        if district not in known:
            raise ValueError(
                f"There is no district {district!r} in this dataset. Choose one of {', '.join(sorted(known))}."
            )
    return areas[areas["district"].isin(list(districts)).to_numpy()]


def hotspot_table(
    areas: pd.DataFrame,
    cells: pd.DataFrame,
    incidents: pd.DataFrame,
    presence: pd.DataFrame,
    *,
    months: Sequence[str],
    crime_types: Sequence[str],
    order: Measure = "count",
) -> pd.DataFrame:
    """Every area with all that is known about it, best rank first.

    Parameters
    ----------
    areas, cells, incidents, presence
        As a dataset holds them, areas and source already chosen. None is changed.
    months, crime_types, order
        What to count and by which measure to rank.

    Returns
    -------
    DataFrame
        Indexed by lsoa_code: ``label``, ``ward``, ``district``, ``residents``, ``area_km2``, ``imd_decile``, ``count``,
        ``months`` (present), ``asb_count``, ``rate_per_1000_year``, ``rate_low``, ``rate_high``, ``density`` (per
        square kilometre per year), and the columns of ``rank_areas`` and ``flag_points``.
    """
    about = areas.set_index("lsoa_code")
    table = pd.DataFrame(about[_FROM_AREAS])
    table.insert(0, "label", about["label"].astype("str").fillna(about["lsoa_name"]))
    counts = area_counts(cells, areas, presence, months, crime_types)
    rates = rate_per_1000_year(counts["count"], table["residents"], counts["months"])
    table = table.join(counts).assign(
        asb_count=area_counts(cells, areas, presence, months, [ASB])["count"],
        rate_per_1000_year=rates["rate"],
        rate_low=rates["rate_low"],
        rate_high=rates["rate_high"],
        density=density(counts["count"], table["area_km2"], counts["months"]),
    )
    counted = select_incidents(incidents[_OF_INCIDENTS], areas, presence, months, crime_types)
    return flag_points(rank_areas(table, order), busiest_points(counted), order)
