"""A sheet of an Excel workbook reads as the same table in CSV, and what cannot be read is said."""

import datetime
import io
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import xlsxwriter

from geodata import workbooks
from geodata.errors import InputError
from geodata.layers import read_layer
from geodata.tables import read_table
from geodata.workbooks import read_sheet, read_sheet_or_csv
from tests.fixtures import CODES, assert_plain, write, write_zip
from tests.test_layer_tables import AREAS, DISTRICTS, HEAD, LEVEL, VALUE


def workbook(path: Path, **sheets: Sequence[Sequence[Any]]) -> Path:
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for at, row in enumerate(rows):
                sheet.write_row(at, 0, row)
    return path


def sentence(path: Path, sheet: str = "") -> str:
    with pytest.raises(InputError) as error:
        read_sheet(path, sheet)
    return assert_plain(str(error.value))


def test_a_sheet_reads_as_the_same_table_in_csv(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["code", "share", "note"], ["E1", 12.5, " a  b "], ["E2", 7, ""], [], ["E3", "*", "=1+1"]]
    of_sheet = read_sheet_or_csv(workbook(tmp_path / "t.xlsx", One=rows))
    of_csv = read_table(write(tmp_path / "t.csv", "code,share,note\nE1,12.5,a b\nE2,7,\n\nE3,*,=1+1\n"))
    of_sheet.loc[3, "note"] = "=1+1"  # a formula gives its stored result, and nobody has worked this one out
    pd.testing.assert_frame_equal(of_sheet, of_csv)
    assert list(of_csv.index) == [0, 1, 3], "each row knows where it stands in the file, an empty one above it or not"


def test_no_formula_is_run(tmp_path: Path) -> None:
    rows = [["code", "share"], ["E1", "=1+1"]]
    assert read_sheet(workbook(tmp_path / "t.xlsx", One=rows)).loc[0, "share"] == "0", (
        "the result that stands in the file"
    )


def test_the_sheet_is_the_one_named_or_the_only_one_with_content(tmp_path: Path) -> None:
    table = [["code"], ["E1"]]
    assert read_sheet(workbook(tmp_path / "a.xlsx", Empty=[], Table=table)).loc[0, "code"] == "E1"
    path = workbook(tmp_path / "b.xlsx", Notes=[["read me"], ["now"]], Table=table)
    assert read_sheet(path, "Table").loc[0, "code"] == "E1"
    assert "has 2 sheets with content ('Notes', 'Table'): name the one" in sentence(path)
    assert "has no sheet 'Tabel'" in sentence(path, "Tabel")


def test_what_is_no_table(tmp_path: Path) -> None:
    assert "no rows below its headers" in sentence(workbook(tmp_path / "a.xlsx", One=[["code"]]))
    assert "has no sheet with content: give the workbook with the table" in sentence(
        workbook(tmp_path / "b.xlsx", One=[])
    )
    assert "more than once" in sentence(workbook(tmp_path / "c.xlsx", One=[["a", "a"], [1, 2]]))
    assert "is no workbook of Excel" in sentence(write(tmp_path / "d.xlsx", "code\nE1\n"))
    with zipfile.ZipFile(tmp_path / "e.xlsx", "w") as archive:
        archive.writestr("readme.txt", "nothing")
    assert "cannot be read as a workbook" in sentence(tmp_path / "e.xlsx")


def test_a_bomb_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "MAX_BYTES", 10_000)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 1_000_000)
    assert "unpacks to more than" in sentence(write(tmp_path / "t.xlsx", packed.getvalue()))


def stray(path: Path, row: int, column: int) -> Path:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["code", "share"])
        sheet.write_row(1, 0, ["E1", 12.5])
        sheet.write(row - 1, column - 1, "x")
    return path


def test_a_cell_far_outside_the_table_is_refused(tmp_path: Path) -> None:
    assert sentence(stray(tmp_path / "t.xlsx", 1_048_576, 16_384)) == (
        "'t.xlsx' has a cell in row 1,048,576 and column XFD, so that its sheet would hold 17,179,869,184 cells: delete what stands "
        "far outside the table."
    )
    assert "in row 1,000,001 and column B," in sentence(stray(tmp_path / "u.xlsx", 1_000_001, 2))
    assert len(read_sheet(stray(tmp_path / "v.xlsx", 70_000, 28))) == 2, "1,960,000 cells"


def resheeted(path: Path, old: str, new: str) -> Path:
    """The workbook with its first sheet's XML altered, and moved to another path in the archive."""
    with zipfile.ZipFile(path) as archive:
        parts = {info.filename: archive.read(info) for info in archive.infolist()}
    sheet = re.sub(old, new, parts.pop("xl/worksheets/sheet1.xml").decode())
    links = parts["xl/_rels/workbook.xml.rels"].replace(b"worksheets/sheet1.xml", b"other/one.xml")
    parts |= {"xl/_rels/workbook.xml.rels": links, "xl/other/one.xml": sheet.encode()}
    return write_zip(path, parts)


def test_a_sheet_is_measured_however_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "MOST_CELLS", 12)
    rows: list[list[Any]] = [["code", "share"], *(["E1", 1] for _ in range(5))]
    bare = resheeted(workbook(tmp_path / "a.xlsx", One=rows), r' r="\w+"', "")
    assert len(read_sheet(bare)) == 5, "12 cells, counted since none says where it stands"
    more = resheeted(workbook(tmp_path / "b.xlsx", One=[*rows, ["E1", 1]]), r' r="\w+"', "")
    assert "in row 7 and column B, so that its sheet would hold 14 cells" in sentence(more)
    moved = resheeted(workbook(tmp_path / "c.xlsx", One=rows), 'r="B6"', "r = 'AA9'")
    assert "in row 9 and column AA, so that its sheet would hold 243 cells" in sentence(moved)


def test_percentages_that_excel_keeps_as_fractions(tmp_path: Path) -> None:
    about = HEAD + 'kind = "areas"\n' + LEVEL.format("lsoa", 2021)

    def read(*values: float | str, unit: str = "per cent") -> list[float]:
        write(tmp_path / "l.toml", about + VALUE.format(unit))
        with xlsxwriter.Workbook(tmp_path / "l.xlsx") as book:
            sheet, percent = book.add_worksheet(), book.add_format({"num_format": "0.0%"})
            sheet.write_row(0, 0, ["code", "share"])
            for at, value in enumerate(values):
                sheet.write(at + 1, 0, CODES[at])
                sheet.write(at + 1, 1, value, percent)
        return read_layer(tmp_path / "l.xlsx", AREAS, 2021).frame["value"].dropna().tolist()

    for values in ([0.123, 1], [0.123, "1-7"]):  # what a mark may hide says nothing of how the others are kept
        with pytest.raises(InputError) as error:
            read(*values)
        assert assert_plain(str(error.value)) == (
            "'l.xlsx' has no value above 1 in 'share', a percentage: Excel keeps 12 % as 0.12; format the cells as numbers (12) or save "
            "the sheet as CSV."
        )
    assert read(0, 0) == [0, 0]
    assert read(0.5, 12.3) == [0.5, 12.3]
    assert read(0.5, 0.7, unit="per 1,000") == [0.5, 0.7]
    of_csv = write(tmp_path / "l.csv", f"code,share\n{CODES[0]},0.5\n")
    write(tmp_path / "l.toml", about + VALUE.format("per cent"))
    assert read_layer(of_csv, AREAS, 2021).frame["value"].tolist() == [0.5]


def test_layers_from_workbooks(tmp_path: Path) -> None:
    about = HEAD + 'kind = "areas"\n' + LEVEL.format("lsoa", 2021) + 'sheet = "Table"\n' + VALUE.format("per cent")
    write(tmp_path / "l.toml", about)
    rows: list[list[Any]] = [["code", "share"], [CODES[0], 12], [CODES[1], "c"]]
    layer = read_layer(workbook(tmp_path / "l.xlsx", Notes=[["x"], ["y"]], Table=rows), AREAS, 2021)
    assert layer.frame["value"].tolist()[0] == 12
    assert layer.frame["suppressed"].tolist() == [False, True]

    write(
        tmp_path / "m.toml",
        HEAD + 'kind = "monthly"\n' + LEVEL.format("district", 2024) + 'month = "Month"\ncount = "n"\n',
    )
    months: list[list[Any]] = [
        ["code", "Month", "n"],
        [DISTRICTS[0], datetime.date(2025, 1, 1), 3],
        [DISTRICTS[0], datetime.date(2025, 2, 1), 4],
    ]
    monthly = read_layer(workbook(tmp_path / "m.xlsx", One=months), AREAS, 2021)
    assert monthly.frame["month"].tolist() == ["2025-01", "2025-02"]
