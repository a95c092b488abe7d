"""Numbers as publishers of health data give them: a mark in place of a small number hides it, and is never zero."""

import re
from typing import Final

import pandas as pd

from geodata.errors import InputError, quoted
from geodata.tables import row_of, to_numbers

COUNT: Final = "count"
SUPPRESSED: Final = "suppressed"
MISSING: Final = "missing"

_HIDDEN = re.compile(r"\*+|\[?c\]?|suppressed", re.IGNORECASE)
_BELOW = re.compile(r"(<=?|≤)\s*(\d{1,3})")
_BETWEEN = re.compile(r"(\d{1,3})\s*(?:-|–|to)\s*(\d{1,3})")
_ABSENT = re.compile(r"\[?[xz]\]?|\.\.|n/?a|null", re.IGNORECASE)
_LARGEST = 1e12
_MARKS = "'<5', '1-7', '*', 'c' or '[c]' for a suppressed number, nothing or '[x]' for a missing one"
_Mark = tuple[str, int | None, int | None]
_MISSING: _Mark = (MISSING, None, None)


def read_marked(column: pd.Series, meaning: str, where: str, up_to: int = 0) -> pd.DataFrame:
    """Text cells as numbers and marks.

    Parameters
    ----------
    column
        Text, null where the cell is empty; thousands separators allowed.
    up_to
        The highest number that a mark without one of its own ("*") may hide; 0 = not known.

    Returns
    -------
    DataFrame
        On the index of ``column``: ``state`` ("count", "suppressed", "missing"), ``low`` and ``high`` (Float64), between which the
        number lies. Equal for a count; a suppressed one begins at 0 unless its mark says otherwise (also where zeros are stated: a cell
        hidden to protect another may be one), and its ``high`` is null where not known; both null where missing.

    Raises
    ------
    InputError
        A cell that is neither number nor known mark, with its row.
    """
    numbers = to_numbers(column).astype("Float64")
    numbers = numbers.where(numbers.abs() < _LARGEST)
    marks = {cell: _mark(cell, up_to) for cell in column[numbers.isna() & column.notna()].unique()}
    unknown = next((cell for cell, mark in marks.items() if mark is None), None)
    if unknown is not None:
        row = row_of(column == unknown)
        raise InputError(
            f"{where} has {quoted(unknown)} as {meaning} in row {row:,}: a number was expected, or {_MARKS}."
        )
    said = [marks.get(cell) or _MISSING for cell in column.where(numbers.isna())]
    is_number = numbers.notna()
    state, low, high = (pd.Series([mark[part] for mark in said], column.index) for part in range(3))
    return pd.DataFrame(
        {
            "state": state.where(~is_number, COUNT).astype("str"),
            "low": numbers.where(is_number, low.astype("Float64")),
            "high": numbers.where(is_number, high.astype("Float64")),
        }
    )


def _mark(cell: str, up_to: int) -> _Mark | None:
    if below := _BELOW.fullmatch(cell):
        high = int(below[2]) - (below[1] == "<")
        return (SUPPRESSED, 0, high) if high >= 0 else None
    if between := _BETWEEN.fullmatch(cell):
        low, high = int(between[1]), int(between[2])
        return (SUPPRESSED, low, high) if low <= high else None
    if _HIDDEN.fullmatch(cell):
        return SUPPRESSED, 0, up_to or None
    return _MISSING if _ABSENT.fullmatch(cell) else None
