"""Read one sheet of an Excel workbook as text, as ``tables`` reads a CSV file. Formulas are never run: their stored results are read."""

import datetime
import io
import re
import zipfile
from pathlib import Path

import pandas as pd
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from geodata.errors import InputError, listed, quoted
from geodata.sources import content, small_archive
from geodata.tables import read_table, refuse_repeated

ENDING = ".xlsx"
MAX_BYTES = 64 * 1024**2
MOST_CELLS = 2_000_000  # of one sheet, the empty ones between others too: all are held at once

# Tags of a sheet, whatever their prefix, and what r="AB12" (a cell) or r="12" (a row) names.
_ROW = re.compile(rb"<(?:[^\s<>/:]+:)?row\b")
_CELL = re.compile(rb"<(?:[^\s<>/:]+:)?c[\s/>]")
_NAMED = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]{0,4})0*(\d{1,9})""")


def read_sheet_or_csv(path: Path, sheet: str = "") -> pd.DataFrame:
    """All columns of the CSV file or of one sheet of the workbook (.xlsx) at ``path`` as text, null where a cell is empty.

    ``sheet`` names the sheet of a workbook that has several. Raises InputError in words.
    """
    return read_sheet(path, sheet) if path.suffix.lower() == ENDING else read_table(path)


def read_sheet(path: Path, sheet: str = "") -> pd.DataFrame:
    """One sheet, whose first row with content holds the headers; its index is the row of the sheet less 2. A date is written as 2025-01-31, a whole number without decimals.

    Raises InputError for a damaged or large workbook, a cell far outside the table, several sheets of which none is named, and
    one without rows.
    """
    where = quoted(path.name)
    data = content(path, MAX_BYTES, "give the table for this area only")
    if not data.startswith(b"PK"):
        raise InputError(f"{where} is no workbook of Excel: save the sheet as 'CSV UTF-8' and give that.")
    small_archive(data, where, MAX_BYTES, "give the table for this area only")
    _refuse_vast(data, where)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            cells = _chosen(book, sheet, where).to_python(skip_empty_area=False)
    except CalamineError:
        raise InputError(
            f"{where} cannot be read as a workbook: save the sheet as 'CSV UTF-8' and give that."
        ) from None
    rows = {number: texts for number, row in enumerate(cells, 1) if any(texts := [_text(cell) for cell in row])}
    if len(rows) < 2:
        raise InputError(f"{where} has no rows below its headers: give the sheet with the table.")
    header, *body = rows.values()
    refuse_repeated(header, where)
    table = pd.DataFrame(body, [number - 2 for number in list(rows)[1:]], columns=header, dtype="str")
    table = table.loc[:, [name != "" for name in header]]
    return table.mask(table == "")


def _refuse_vast(data: bytes, where: str) -> None:
    """Refuses a sheet with a cell far outside its table: it would be read with all the empty cells between."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for info in archive.infolist():
            part = archive.read(info)
            if b"sheetData" not in part:  # a sheet is known by this: where it stands is for the workbook to say
                continue
            named = set(_NAMED.findall(part))
            by_row = _ROW.split(part)
            height = max([len(by_row) - 1, *(int(row) for _, row in named)])
            width = max([*(len(_CELL.findall(row)) for row in by_row), *map(_number, {column for column, _ in named})])
            if height * width > MOST_CELLS:
                raise InputError(
                    f"{where} has a cell in row {height:,} and column {_letters(width)}, so that its sheet would hold "
                    f"{height * width:,} cells: delete what stands far outside the table."
                )


def _number(letters: bytes) -> int:
    """Which column the letters name: 1 for A, 27 for AA, 0 for none."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - ord("A") + 1
    return number


def _letters(number: int) -> str:
    """The letters of a column: A for 1, AA for 27."""
    before, last = divmod(number - 1, 26)
    return (_letters(before) if before else "") + chr(ord("A") + last)


def _chosen(book: CalamineWorkbook, sheet: str, where: str) -> CalamineSheet:
    """The sheet of that name; where none is named, the only one with content."""
    if sheet in book.sheet_names:
        return book.get_sheet_by_name(sheet)
    if sheet:
        raise InputError(
            f"{where} has no sheet {quoted(sheet)}, which its description names: it has {listed(book.sheet_names)}."
        )
    full = [name for name in book.sheet_names if _has_content(book.get_sheet_by_name(name))]
    if not full:
        raise InputError(f"{where} has no sheet with content: give the workbook with the table.")
    if len(full) > 1:
        raise InputError(
            f"{where} has {len(full)} sheets with content ({listed(full)}): name the one to read as 'sheet' in its description."
        )
    return book.get_sheet_by_name(full[0])


def _has_content(sheet: CalamineSheet) -> bool:
    return any(cell != "" for row in sheet.iter_rows() for cell in row)


def _text(cell: object) -> str:
    if isinstance(cell, datetime.datetime):
        cell = cell.date()
    if isinstance(cell, datetime.date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return " ".join(str(cell).split())
