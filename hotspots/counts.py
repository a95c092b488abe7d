"""Counts of incidents by area, month and crime type, where zero is a count and missing is not.

A month counts for an area only where the area's territorial force supplied it (``presence``). What other
forces recorded there in a month that is missing is left out too, so that counts and months present match.

Frames: ``cells`` the non-zero cells of one source (lsoa_code, month, crime_type, source, count); ``areas`` one row
per LSOA (lsoa_code, force); ``presence`` True where a force (index) supplied a month (columns). None is changed.
Text columns may be categorical, which is several times faster.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from geodata.columns import CRIME_TYPES
from hotspots.rates import ratio_interval
from hotspots.selection import Period, check_crime_types, month_name, year_before
from hotspots.uncertainty import overdispersion


@dataclass(frozen=True)
class YearChange:
    """Two counts over the same months, one year apart.

    ``now`` and ``before`` are None where no month can be compared; ``reading`` then says why. ``months`` are those
    of the later year that were compared, ``asked`` those that the period holds. ``low`` and ``high``: 95 % limits of
    ``now / before``, widened by how far the months scatter; None where not worked out.
    """

    now: int | None
    before: int | None
    months: tuple[str, ...]
    asked: tuple[str, ...]
    reading: str
    low: float | None = None
    high: float | None = None


def area_counts(
    cells: pd.DataFrame,
    areas: pd.DataFrame,
    presence: pd.DataFrame,
    months: Sequence[str],
    crime_types: Sequence[str],
) -> pd.DataFrame:
    """Incidents per area over the months present.

    Returns
    -------
    DataFrame
        Indexed by lsoa_code in the order of ``areas``: ``count`` (Int64, null where no month was present) and
        ``months`` (how many of the given months were present).

    Raises
    ------
    ValueError
        Several sources, an LSOA twice, no month, or ASB together with offences.
    """
    check_crime_types(crime_types)
    months = _distinct(months)
    present = _present(areas, presence, months)
    table = _tally(cells, areas, months, crime_types, present).sum(axis=1)
    months_present = present.sum(axis=1)
    return pd.DataFrame({"count": _nullable(table, months_present == 0), "months": months_present}, index=_codes(areas))


def by_type(
    cells: pd.DataFrame,
    areas: pd.DataFrame,
    presence: pd.DataFrame,
    months: Sequence[str],
    crime_types: Sequence[str] = CRIME_TYPES,
) -> pd.DataFrame:
    """Incidents per area, one column (Int64) per crime type, null where no month was present.

    ASB may stand beside offences here, since nothing is added up.
    """
    months, types = _distinct(months), pd.Index(crime_types).unique()
    present = _present(areas, presence, months)
    rows = _locate(cells, areas, months, types, present)
    table = _sum(rows.area * len(types) + rows.crime_type, rows.weight, (len(areas), len(types)))
    missing = ~present.any(axis=1)
    columns = {crime_type: _nullable(table[:, i], missing) for i, crime_type in enumerate(types)}
    return pd.DataFrame(columns, index=_codes(areas))


def monthly_counts(
    cells: pd.DataFrame,
    areas: pd.DataFrame,
    presence: pd.DataFrame,
    months: Sequence[str],
    crime_types: Sequence[str],
) -> pd.DataFrame:
    """Incidents per area (rows) and month (columns), as floats: NaN where the month was not present.

    One area's row is the series for a chart with gaps.
    """
    check_crime_types(crime_types)
    months = _distinct(months)
    present = _present(areas, presence, months)
    table = _tally(cells, areas, months, crime_types, present)
    return pd.DataFrame(np.where(present, table, np.nan), index=_codes(areas), columns=pd.Index(months, name="month"))


def monthly_total(monthly: pd.DataFrame) -> pd.Series:
    """The whole area's count per month, from ``monthly_counts``.

    NaN in a month that any area lacks, since a sum without it would look like a fall. Areas without a single
    month present are left out, as they are of every other total.
    """
    with_data = monthly[monthly.notna().any(axis=1)]
    return with_data.sum(axis=0, min_count=1).where(with_data.notna().all(axis=0))


def total(count: pd.Series) -> int | None:
    """The sum of the counts that are known; None where none is."""
    known = count.dropna()
    return int(known.sum()) if len(known) else None


def change_on_year_before(
    cells: pd.DataFrame,
    areas: pd.DataFrame,
    presence: pd.DataFrame,
    period: Period,
    crime_types: Sequence[str],
) -> YearChange:
    """Compare a period with the same months of the year before.

    Only months that every territorial force of the areas supplied in both years are compared. The limits are widened by the
    larger of two dispersions: of LSOAs by months, and, since a whole area has good and bad months too, of the two years by months.
    """
    asked = period.months
    present = _force_presence(presence, asked, areas) & _force_presence(
        presence, tuple(year_before(m) for m in asked), areas
    )
    months = tuple(m for m, both in zip(asked, present.all(axis=0), strict=True) if both and len(present))
    if not months:
        earlier = period.year_earlier.label
        return YearChange(
            None, None, (), asked, f"no month of {period.label} can be compared with {earlier}: data are missing"
        )
    earlier_months = tuple(year_before(m) for m in months)
    monthly = monthly_counts(cells, areas, presence, (*earlier_months, *months), crime_types)
    now, before = (total(monthly[list(of)].sum(axis=1, min_count=1)) for of in (months, earlier_months))
    if now is None or before is None:
        return YearChange(now, before, months, asked, "")
    years = pd.DataFrame([monthly[list(of)].sum().to_numpy() for of in (earlier_months, months)])
    low, high = ratio_interval(now, before, max(_dispersion(monthly), _dispersion(years)))
    return YearChange(now, before, months, asked, "", low, high)


def not_placed(
    accounting: pd.DataFrame, forces: Sequence[str], source: str, months: Sequence[str], crime_types: Sequence[str]
) -> pd.Series:
    """How many recorded rows lie in no LSOA, by why: what a count of the same months and crime types leaves out.

    Parameters
    ----------
    accounting
        Rows by source, force, month, crime type and outcome, as a dataset holds them.
    forces
        The area's own; of another force's rows most lie elsewhere by right.

    Returns
    -------
    Series
        ``no_location`` (none was published, or none that is a place) and ``outside_area``.
    """
    inside = (accounting["source"] == source) & accounting["force"].isin(list(forces))
    inside &= accounting["month"].isin(list(months)) & accounting["crime_type"].isin(list(crime_types))
    rows = accounting[inside].groupby("outcome")["rows"].sum()
    known = {
        "no_location": rows.get("no_location", 0) + rows.get("invalid_coordinates", 0),
        "outside_area": rows.get("outside_area", 0),
    }
    return pd.Series(known, dtype="int64")


def _dispersion(table: pd.DataFrame) -> float:
    try:
        return overdispersion(table)
    except ValueError:  # too little to see how far the months scatter
        return 1.0


def select_incidents(
    incidents: pd.DataFrame,
    areas: pd.DataFrame,
    presence: pd.DataFrame,
    months: Sequence[str],
    crime_types: Sequence[str],
) -> pd.DataFrame:
    """The rows of ``incidents`` that ``area_counts`` counts, as a new frame: same months, same rule of presence."""
    check_crime_types(crime_types)
    months = _distinct(months)
    rows = _locate(incidents, areas, months, crime_types, _present(areas, presence, months))
    return incidents[rows.inside]


@dataclass(frozen=True)
class _Rows:
    """The rows of a frame that count: where they are, and their area, month and crime type as positions."""

    inside: np.ndarray
    area: np.ndarray
    month: np.ndarray
    crime_type: np.ndarray
    weight: np.ndarray


def _locate(
    frame: pd.DataFrame,
    areas: pd.DataFrame,
    months: tuple[str, ...],
    crime_types: Iterable[str],
    present: np.ndarray,
) -> _Rows:
    _check_one_source(frame)
    area = _positions(frame["lsoa_code"], _codes(areas))
    month = _positions(frame["month"], pd.Index(months))
    crime_type = _positions(frame["crime_type"], pd.Index(crime_types).unique())
    # -1 (not found) reads the last row or column of ``present``, and is already outside
    inside = (area >= 0) & (month >= 0) & (crime_type >= 0) & present[area, month]
    weight = frame["count"].to_numpy(dtype="int64") if "count" in frame else np.ones(len(frame), dtype="int64")
    return _Rows(inside, area[inside], month[inside], crime_type[inside], weight[inside])


def _tally(
    cells: pd.DataFrame,
    areas: pd.DataFrame,
    months: tuple[str, ...],
    crime_types: Iterable[str],
    present: np.ndarray,
) -> np.ndarray:
    """Counts as integers, areas by months."""
    rows = _locate(cells, areas, months, crime_types, present)
    return _sum(rows.area * len(months) + rows.month, rows.weight, (len(areas), len(months)))


def _sum(cell: np.ndarray, weight: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    flat = np.bincount(cell, weights=weight, minlength=shape[0] * shape[1])
    return np.rint(flat).astype("int64").reshape(shape)


def _positions(values: pd.Series, of: pd.Index) -> np.ndarray:
    """Each value's position in ``of``, -1 where it is not there."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        of_category = of.get_indexer(values.cat.categories)
        # the appended -1 answers a null, whose code is -1
        return np.append(of_category, -1)[values.cat.codes.to_numpy()]
    return of.get_indexer(pd.Index(values))


def _present(areas: pd.DataFrame, presence: pd.DataFrame, months: tuple[str, ...]) -> np.ndarray:
    """Whether each area's territorial force supplied each month; never where the force is not known."""
    table = presence.reindex(columns=list(months), fill_value=False).to_numpy(dtype=bool)
    force = _positions(areas["force"], presence.index)
    unknown = np.zeros((1, len(months)), dtype=bool)
    return np.vstack([table, unknown])[force]


def _force_presence(presence: pd.DataFrame, months: tuple[str, ...], areas: pd.DataFrame) -> np.ndarray:
    """Forces of the areas by months."""
    forces = pd.unique(areas["force"].dropna())
    return presence.reindex(index=forces, columns=list(months), fill_value=False).to_numpy(dtype=bool)


def _codes(areas: pd.DataFrame) -> pd.Index:
    codes = pd.Index(areas["lsoa_code"], name="lsoa_code")
    if codes.empty:
        raise ValueError("No area is chosen. Choose at least one.")
    if not codes.is_unique:
        raise ValueError(f"LSOA {codes[codes.duplicated()][0]} is listed twice among the areas. Keep it once.")
    return codes


def _distinct(months: Sequence[str]) -> tuple[str, ...]:
    distinct = tuple(dict.fromkeys(months))
    if not distinct:
        raise ValueError("No month is chosen. Choose at least one.")
    for month in distinct:
        month_name(month)  # refuses what is not a month
    return distinct


def _check_one_source(frame: pd.DataFrame) -> None:
    source = frame["source"]
    if isinstance(source.dtype, pd.CategoricalDtype):
        # a category need not be in use
        codes = source.cat.codes.to_numpy()
        sources = list(source.cat.categories[np.flatnonzero(np.bincount(codes + 1)[1:])])
    else:
        sources = list(pd.unique(source.dropna()))
    if len(sources) > 1:
        raise ValueError(
            f"The data hold {len(sources)} sources ({', '.join(sorted(sources))}), whose counts are never added up. "
            "Choose one."
        )


def _nullable(values: np.ndarray, missing: ArrayLike) -> pd.arrays.IntegerArray:
    return pd.arrays.IntegerArray(values.astype("int64"), np.asarray(missing, dtype=bool).copy())
