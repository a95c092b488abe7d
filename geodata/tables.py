"""Read a CSV table as text, exactly as it stands: what a column means is for the module that asks."""

import csv
import io
import math
import re
from pathlib import Path

import pandas as pd

from geodata.errors import InputError, listed, quoted
from geodata.sources import content

MAX_BYTES = 512 * 1024**2
TITLE_LENGTH = 60


def decode(data: bytes, where: str) -> str:
    """The text of a UTF-8 file, with or without a byte order mark.

    Raises InputError for an empty file, a workbook, an archive, or another encoding.
    """
    if not data.removeprefix(b"\xef\xbb\xbf").strip():
        raise InputError(f"{where} is empty: give the file as it was downloaded.")
    if data[:2] == b"PK" or data[:4] == b"\xd0\xcf\x11\xe0":
        raise InputError(
            f"{where} is a workbook or an archive, not a CSV file: save the sheet as 'CSV UTF-8' and give that."
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise InputError(
            f"{where} is not UTF-8 text (line {line:,}): open it in a spreadsheet and save it as 'CSV UTF-8'."
        ) from None


def read_table(path: Path) -> pd.DataFrame:
    """All columns of the CSV at ``path`` as text; an empty cell is null, headers are stripped. Its index is the row of the file less 2.

    Raises InputError where the file is missing, too large, not CSV, has no rows, ragged rows or one column twice.
    """
    where = quoted(path.name)
    data = content(path, MAX_BYTES, "give the table for this area only")
    rows = csv.reader(io.StringIO(decode(data, where)), strict=False)
    try:
        header = [name.strip() for name in next(rows)]
        body = {at: row for at, row in enumerate(rows) if row}
    except csv.Error as error:
        raise InputError(f"{where} cannot be read as CSV ({error}): give the file as it was downloaded.") from None
    if not body:
        raise InputError(f"{where} has no rows: give the file as it was downloaded.")
    refuse_repeated(header, where)
    for at, row in body.items():
        if len(row) != len(header):
            raise InputError(
                f"{where} has {len(row)} cells in row {at + 2:,} where its header has {len(header)}: "
                "give the file as it was downloaded."
            )
    table = pd.DataFrame(list(body.values()), list(body), columns=header, dtype="str")
    table = table.apply(lambda column: column.str.strip())
    return table.mask(table == "")


def refuse_repeated(header: list[str], where: str) -> None:
    """Raises InputError where a column stands in the ``header`` twice, so that nobody can tell which is meant."""
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice:
        raise InputError(f"{where} has the column {listed(twice)} more than once: give the file as it was downloaded.")


def find_column(table: pd.DataFrame, pattern: str) -> str | None:
    """The first column whose whole name matches ``pattern``, letter case aside."""
    return next((name for name in table.columns if re.fullmatch(pattern, name, re.IGNORECASE)), None)


def require_column(table: pd.DataFrame, pattern: str, meaning: str, where: str) -> str:
    """As ``find_column``, but a missing one raises InputError that names ``meaning`` and what was found."""
    name = find_column(table, pattern)
    if name is None:
        raise InputError(f"{where} has no column for {meaning}: it has {listed(table.columns, 8)}.")
    return name


def row_of(wrong: pd.Series) -> int:
    """The first row of the file, its header being the first of all, for which ``wrong`` is true."""
    return int(wrong.index[wrong.fillna(False).to_numpy(dtype=bool)][0]) + 2


def to_numbers(column: pd.Series) -> pd.Series:
    """``column`` of text as numbers, NaN where a cell is none. A comma counts only where it parts thousands: "7,5" is no number."""
    parted = column.str.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?").fillna(False).astype(bool)
    return pd.to_numeric(column.mask(parted, column.str.replace(",", "")), errors="coerce")


def whole_numbers(column: pd.Series, meaning: str, where: str, low: int = 0, high: int = 10**9) -> pd.Series:
    """``column`` of text as nullable whole numbers; thousands separators allowed.

    Raises InputError that names the first row that is no whole number in ``low`` to ``high``.
    """
    numbers = to_numbers(column)
    wrong = column.notna() & ~((numbers >= low) & (numbers <= high) & (numbers % 1 == 0))
    if wrong.any():
        raise InputError(
            f"{where} has {quoted(column[wrong].iloc[0])} as {meaning} in row {row_of(wrong):,}: "
            f"a whole number from {low:,} to {high:,} was expected."
        )
    return numbers.astype("Int64")


def numbers(column: pd.Series, meaning: str, where: str) -> pd.Series:
    """``column`` of text as nullable numbers (Float64), 0 or more; thousands separators allowed.

    Raises InputError that names the first row that is no such number.
    """
    found = to_numbers(column)
    wrong = column.notna() & ~((found >= 0) & (found < math.inf))
    if wrong.any():
        raise InputError(
            f"{where} has {quoted(column[wrong].iloc[0])} as {meaning} in row {row_of(wrong):,}: a number from 0 up was expected."
        )
    return found.astype("Float64")


def plain_title(text: str) -> str:
    """A heading or the name of a file as words: 'workday_population' is 'Workday population'.

    Letters, digits and a few signs are left, so that it means nothing to any program that shows it.
    """
    words = " ".join(re.sub(r"[^\w ,()'’/&%-]|_", " ", text).split()).lstrip("-%' ")
    return (words[:1].upper() + words[1:])[:TITLE_LENGTH].strip()
