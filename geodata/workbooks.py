"""Read one sheet of an Excel workbook as text, as ``tables`` reads a CSV file. Formulas are never run: their stored results are read."""

import datetime
import io
from pathlib import Path

import pandas as pd
from python_calamine import CalamineError, CalamineWorkbook

from geodata.errors import InputError, listed, quoted
from geodata.sources import content, small_archive
from geodata.tables import read_table, refuse_repeated

ENDING = ".xlsx"
MAX_BYTES = 64 * 1024**2


def read_sheet_or_csv(path: Path, sheet: str = "") -> pd.DataFrame:
    """All columns of the CSV file or of one sheet of the workbook (.xlsx) at ``path`` as text, null where a cell is empty.

    ``sheet`` names the sheet of a workbook that has several. Raises InputError in words.
    """
    return read_sheet(path, sheet) if path.suffix.lower() == ENDING else read_table(path)


def read_sheet(path: Path, sheet: str = "") -> pd.DataFrame:
    """One sheet, whose first row holds the headers; a date is written as 2025-01-31, a whole number without decimals.

    Raises InputError for a damaged or large workbook, for several sheets of which none is named, and for one without rows.
    """
    where = quoted(path.name)
    data = content(path, MAX_BYTES, "give the table for this area only")
    if not data.startswith(b"PK"):
        raise InputError(f"{where} is no workbook of Excel: save the sheet as 'CSV UTF-8' and give that.")
    small_archive(data, where, MAX_BYTES, "give the table for this area only")
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            sheets = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}
    except CalamineError:
        raise InputError(
            f"{where} cannot be read as a workbook: save the sheet as 'CSV UTF-8' and give that."
        ) from None
    rows = [[_text(cell) for cell in row] for row in sheets[_chosen(sheets, sheet, where)]]
    rows = [row for row in rows if any(row)]
    if len(rows) < 2:
        raise InputError(f"{where} has no rows below its headers: give the sheet with the table.")
    header, *body = rows
    refuse_repeated(header, where)
    table = pd.DataFrame(body, columns=header, dtype="str")
    table = table.loc[:, [name != "" for name in header]]
    return table.mask(table == "")


def _chosen(sheets: dict[str, list], sheet: str, where: str) -> str:
    full = [name for name, rows in sheets.items() if any(any(cell != "" for cell in row) for row in rows)]
    if sheet in sheets:
        return sheet
    if sheet:
        raise InputError(f"{where} has no sheet {quoted(sheet)}, which its description names: it has {listed(sheets)}.")
    if len(full) != 1:
        raise InputError(
            f"{where} has {len(full)} sheets with content ({listed(full)}): name the one to read as 'sheet' in its description."
        )
    return full[0]


def _text(cell: object) -> str:
    if isinstance(cell, datetime.datetime):
        cell = cell.date()
    if isinstance(cell, datetime.date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return " ".join(str(cell).split())
