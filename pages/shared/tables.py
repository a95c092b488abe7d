"""Tables for people: few columns, numbers aligned and with units, the same frame as the export."""

from collections.abc import Callable
from typing import Any, Final, Literal

import pandas as pd
import streamlit as st

from hotspots.narrative import capital, per_thousand
from hotspots.selection import RESIDENTS, Selection
from pages.shared import text

FIRST_ROWS: Final = 25

_NUMBER = st.column_config.NumberColumn
_TEXT = st.column_config.TextColumn


# Which number stands beside the count: the rate by residents, that by another denominator and both, density, severity.
By = Literal["rate", "other", "density", "severity"]


def by(selection: Selection) -> By:
    """What the ranked table shows beside the count."""
    if selection.measure == "rate" and selection.per != RESIDENTS:
        return "other"
    return selection.measure if selection.measure in ("density", "severity") else "rate"


def _beside(shown: By, of: str) -> dict[str, Any]:
    """Two numbers at most, since more would push the others out of sight."""
    share = _NUMBER("Share", width=52, format="%.1f %%", help="Share of all that is counted in the chosen area")
    per = text.escaped(capital(per_thousand(of)))
    if shown == "severity":
        weights = text.escaped(f"Weights: {of}")
        return {"severity": _NUMBER("Severity", width=70, format="localized", help=weights)}
    if shown == "density":
        density = _NUMBER("Density", width=60, format="%.0f", help="Per square kilometre a year")
        return {"share": share, "density": density}
    rate = _NUMBER("Rate", width=50, format="%.1f", help=per)
    if shown == "other":
        residents = _NUMBER("By res.", width=54, format="%.1f", help=capital(per_thousand()))
        return {"rate_per_1000_year": rate, "residents_rate": residents}
    return {"share": share, "rate_per_1000_year": rate}


def ranked_columns(noun: str, shown: By = "rate", of: str = RESIDENTS) -> dict[str, Any]:
    """Column settings of the ranked table; a dict, so that the order of the columns is the order here.

    ``of``: what rates are per, or whose severity weights they are; may be text from data.
    """
    return {
        "rank": _NUMBER("Rank", width=44, format="%d"),
        "rank_without_point": _NUMBER("Rank*", width=48, format="%d", help="Without the busiest map point"),
        "place": _TEXT("LSOA", width=188),
        "count": _NUMBER(noun, width=66, format="localized"),
        **_beside(shown, of),
        "asb_count": _NUMBER(
            "ASB", width=46, format="localized", help="Anti-social behaviour reports, never in the count"
        ),
        "district": _TEXT("District", width=150),
        "imd_decile": _NUMBER(
            "Decile", width=58, format="%d", help="Deprivation, national: 1 is the most deprived tenth"
        ),
    }


def ranked_rows(table: pd.DataFrame, places: pd.Series, shown: By = "rate") -> pd.DataFrame:
    """What the ranked table shows of every LSOA, called as in ``places``."""
    named = table.assign(share=100 * table["share"], place=places.reindex(table.index))
    rows = named[list(ranked_columns("", shown))]
    # they are sent anew with every choice, and half as wide they weigh half
    return rows.astype(dict.fromkeys(rows.columns[rows.dtypes == "Int64"], "Int32"))


def ranked_table(
    rows: pd.DataFrame,
    noun: str,
    selected: str | None,
    *,
    key: str,
    height: int | Literal["stretch"],
    on_select: Callable[[], None],
    shown: By = "rate",
    of: str = RESIDENTS,
) -> None:
    """The ranked rows; one can be picked. The tick is set from ``selected`` on every run, so that it cannot drift."""
    picked = [rows.index.get_loc(selected)] if selected in rows.index else []
    st.session_state[key] = {"selection": {"rows": picked, "columns": [], "cells": []}}
    st.dataframe(
        rows,
        hide_index=True,
        column_config=ranked_columns(noun, shown, of),
        height=height,
        row_height=30,
        placeholder="",
        key=key,
        selection_mode="single-row",
        on_select=on_select,
    )


def short_labels(labels: pd.Series) -> pd.Series:
    """Labels for a narrow column: "Mancroft 017B" for "Mancroft (Norwich 017B)".

    With the district, "Nelson 006E, Great Yarmouth", where the place's name occurs in more than one, since it would not say which;
    after the code, which a narrow column then still shows. In full where two would be the same.
    """
    parts = labels.str.extract(r"^(?P<place>.*)\s\((?:(?P<within>.*)\s)?(?P<code>\S+)\)$")
    short = (parts["place"] + " " + parts["code"]).fillna(labels)
    ambiguous = parts.groupby("place")["within"].transform("nunique") > 1
    short = short.where(~ambiguous, short + ", " + parts["within"].fillna(""))
    return short.where(~short.duplicated(keep=False), labels)


def picked_row(table: pd.DataFrame, key: str) -> str | None:
    """The code in the row that was just picked in the table with this key; for use in its ``on_select``."""
    rows = st.session_state[key]["selection"]["rows"]
    return str(table.index[rows[0]]) if rows else None
