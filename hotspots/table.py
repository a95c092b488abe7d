"""The ranked hotspot table: put together once, for the page and the export alike, so that they cannot differ."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from geodata.columns import ASB, DENOMINATOR_PREFIX
from hotspots.counts import area_counts, select_incidents
from hotspots.points import busiest_points, flag_points
from hotspots.ranking import rank_areas
from hotspots.rates import density, empirical_bayes_rate, rate_per_1000_year
from hotspots.selection import RESIDENTS, Measure
from hotspots.uncertainty import By, not_told_apart, overdispersion, rank_interval

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
    per: str = RESIDENTS,
    severity: pd.Series | None = None,
) -> pd.DataFrame:
    """Every area with all that is known about it, best rank first.

    Parameters
    ----------
    areas, cells, incidents, presence
        As a dataset holds them, areas and source already chosen. None is changed.
    months, crime_types, order
        What to count and by which measure to rank.
    per
        What rates are set against: residents, or the id of another denominator (the column ``per_ID`` of ``areas``).
    severity
        For the order "severity": of every area with an offence, as from ``severity.severity``; None where it is not known.

    Returns
    -------
    DataFrame
        Indexed by lsoa_code: ``label``, ``ward``, ``district``, ``residents``, ``area_km2``, ``imd_decile``, ``count``,
        ``months`` (present), ``asb_count``, ``denominator`` (what the rates are set against: residents, unless
        ``per`` says otherwise), ``rate_per_1000_year``, ``rate_low``, ``rate_high``, ``density`` (per square kilometre per
        year), and the columns of ``rank_areas`` and ``flag_points``. Per another denominator the rate by residents stands
        beside: ``residents_rate``, ``residents_rate_low``, ``residents_rate_high``. By severity: ``severity``.

    Raises
    ------
    ValueError
        Where the areas have no such denominator.
    """
    about = areas.set_index("lsoa_code")
    table = pd.DataFrame(about[_FROM_AREAS])
    table.insert(0, "label", about["label"].astype("str").fillna(about["lsoa_name"]))
    counts = area_counts(cells, areas, presence, months, crime_types)
    table["denominator"] = table["residents"] if per == RESIDENTS else _denominator(about, per)
    rates = rate_per_1000_year(counts["count"], table["denominator"], counts["months"])
    table = table.join(counts).assign(
        asb_count=area_counts(cells, areas, presence, months, [ASB])["count"],
        rate_per_1000_year=rates["rate"],
        rate_low=rates["rate_low"],
        rate_high=rates["rate_high"],
        density=density(counts["count"], table["area_km2"], counts["months"]),
    )
    if per != RESIDENTS:
        beside = rate_per_1000_year(table["count"], table["residents"], table["months"])
        table = table.assign(**{name.replace("rate", "residents_rate"): beside[name] for name in beside})
    if order == "severity":
        table["severity"] = _severity(severity, table["count"])
    counted = select_incidents(incidents[_OF_INCIDENTS], areas, presence, months, crime_types)
    return flag_points(rank_areas(table, order), busiest_points(counted), order)


def _denominator(about: pd.DataFrame, per: str) -> pd.Series:
    known = [name.removeprefix(DENOMINATOR_PREFIX) for name in about if str(name).startswith(DENOMINATOR_PREFIX)]
    if per not in known:
        raise ValueError(
            f"There is no denominator {per!r} in this dataset. Choose one of {', '.join([RESIDENTS, *known])}."
        )
    return about[DENOMINATOR_PREFIX + per]


def _severity(of_areas: pd.Series | None, count: pd.Series) -> pd.Series:
    """Null where it is not known or no month was present; 0 where nothing was counted."""
    if of_areas is None:
        return pd.Series(float("nan"), count.index)
    return of_areas.reindex(count.index).fillna(0.0).where(count.notna())


@dataclass(frozen=True)
class Certainty:
    """How sure a ranked table is.

    ``ranks`` on the table's index and in its order: ``rank_low``, ``rank_high`` (95 % interval), ``before``, ``after``,
    ``reading`` (which places of the list cannot be told apart) and ``empirical_bayes_rate`` (per 1,000 a year of the table's
    ``denominator``). By severity no rank interval is given, since few grave offences decide it: all null.
    ``dispersion``: variance over mean of the months, by which the intervals are widened.
    """

    ranks: pd.DataFrame
    dispersion: float


def certainty(table: pd.DataFrame, monthly: pd.DataFrame, order: Measure = "count") -> Certainty:
    """How sure the order of a ``hotspot_table`` is, from its counts and their ``monthly_counts``."""
    months = monthly.loc[:, monthly.notna().any()]
    try:
        dispersion = overdispersion(months)
    except ValueError:  # too few months to see how far they scatter
        dispersion = 1.0
    years = table["months"] / 12
    if order == "severity":
        unknown = dict.fromkeys(("rank_low", "rank_high", "before", "after"), pd.NA)
        ranks = pd.DataFrame(unknown, table.index, dtype="Int64")
        return Certainty(_with_shrunk(ranks.assign(reading=""), table), dispersion)
    exposure = {"count": years, "rate": table["denominator"] * years, "density": table["area_km2"] * years}[order]
    by: By = "count" if order == "count" else "rate"
    ranks = rank_interval(table["count"], exposure, by=by, dispersion=dispersion)
    runs = not_told_apart(table["count"], exposure, by=by, dispersion=dispersion)
    return Certainty(_with_shrunk(ranks.join(runs), table), dispersion)


def _with_shrunk(ranks: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    shrunk = 1000 * empirical_bayes_rate(table["count"], table["denominator"] * table["months"] / 12)
    return ranks.assign(empirical_bayes_rate=shrunk)
