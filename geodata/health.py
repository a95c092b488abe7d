"""Monthly counts by place, as health services give them: a suppressed month stays suppressed, a missing one missing."""

from pathlib import Path

import geopandas as gpd
import pandas as pd

from geodata.columns import MONTH
from geodata.errors import InputError, quoted
from geodata.layer_accounting import Content, account
from geodata.layer_description import Description
from geodata.layer_tables import NOUNS, named_column, place_rows
from geodata.lookups import Lookups
from geodata.suppression import COUNT, MISSING, SUPPRESSED, read_marked
from geodata.tables import row_of
from geodata.workbooks import read_sheet_or_csv

_FIRST_DAY = r"^(\d{4}-\d{2})-01$"  # how a workbook writes a month
MONTHLY = ("place", "month", "count", "low", "high", "state")


def read_monthly(
    path: Path, about: Description, areas: gpd.GeoDataFrame, vintage: int, lookups: Lookups | None = None
) -> Content:
    """Counts by place and month, in the columns that the description names.

    Returns
    -------
    Content
        ``frame``: place, month ("YYYY-MM"), count (Int64, null where not known), low and high (Int64, between which the count lies;
        high null where the mark does not say), state ("count", "suppressed" or "missing"). One row for each place that the
        table names and each month from its first to its last: a month without a row is missing.

    Raises
    ------
    InputError
        A missing column, codes of no place here, a month that is none, a place and month twice, or a count that is no whole
        number or known mark.
    """
    table, where = read_sheet_or_csv(path, about.sheet), quoted(path.name)
    placed = place_rows(table, about, areas, vintage, where, lookups)
    month = table.loc[placed.rows.index, named_column(table, about.month, "the month", where)]
    month = month.str.replace(_FIRST_DAY, r"\1", regex=True)
    wrong = ~month.str.fullmatch(MONTH.pattern).fillna(False).astype(bool)
    if wrong.any():
        said = "an empty cell" if pd.isna(month[wrong].iloc[0]) else quoted(month[wrong].iloc[0])
        raise InputError(f"{where} has {said} as month in row {row_of(wrong):,}: write it as 2025-01.")
    counts = table.loc[placed.rows.index, named_column(table, about.count, "the count", where)]
    cells = read_marked(counts, "a count", where, about.suppressed_up_to)
    odd = ((cells["low"] < 0) | (cells["low"] % 1 != 0)).fillna(False).astype(bool)
    if odd.any():
        raise InputError(
            f"{where} has {quoted(counts[odd].iloc[0])} as a count in row {row_of(odd):,}: a whole number from 0 up was expected."
        )
    rows = cells.assign(place=placed.rows["place"], month=month.astype("str"))
    twice = rows[rows.duplicated(["place", "month"])]
    if len(twice):
        first = twice.iloc[0]
        raise InputError(
            f"{where} has more than one row for {quoted(first['place'])} in {first['month']}: give one row for each "
            f"{NOUNS[about.level]} and month."
        )
    frame = _every_month(rows)
    states = frame["state"].value_counts()
    notes = [
        f"{int(states[state]):,} of {len(frame):,} {NOUNS[about.level]} months are {state}."
        for state in (SUPPRESSED, MISSING)
        if state in states
    ]
    reasons = account([None if pd.isna(one) else one for one in placed.reason])
    return Content(frame, reasons, (*placed.notes, *notes))


def _every_month(rows: pd.DataFrame) -> pd.DataFrame:
    months = pd.period_range(rows["month"].min(), rows["month"].max(), freq="M").astype("str")
    grid = pd.MultiIndex.from_product([sorted(rows["place"].unique()), months], names=["place", "month"])
    full = rows.set_index(["place", "month"]).reindex(grid).reset_index()
    full["state"] = full["state"].fillna(MISSING)
    full[["low", "high"]] = full[["low", "high"]].astype("Int64")
    full["count"] = full["low"].where(full["state"] == COUNT)
    return full[list(MONTHLY)].astype({"place": "str", "month": "str", "state": "str"})
