"""CSV tables as text, and the sentences for those that cannot be read."""

from pathlib import Path

import pandas as pd
import pytest

from geodata import tables
from geodata.errors import InputError
from geodata.tables import find_column, read_table, require_column, whole_numbers
from tests.fixtures import assert_plain, write


def sentence(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        read_table(path)
    return assert_plain(str(caught.value))


def test_a_table_is_text_with_empty_cells_null(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", '\ufeff code ,"name, long",n\r\n E01 ," =1+1 ",007\r\n\r\nE02,,\r\n')
    read = read_table(path)
    assert list(read.columns) == ["code", "name, long", "n"]
    assert read.to_numpy(dtype=object, na_value=None).tolist() == [["E01", "=1+1", "007"], ["E02", None, None]]


def test_empty_headers_may_repeat(tmp_path: Path) -> None:
    assert list(read_table(write(tmp_path / "t.csv", "a,,\n1,2,3\n")).columns) == ["a", "", ""]


BAD = {
    "empty": ("", "'t.csv' is empty: give the file as it was downloaded"),
    "blank": (" \r\n\n", "'t.csv' is empty"),
    "a byte order mark alone": ("\ufeff", "'t.csv' is empty"),
    "a header alone": ("a,b\n", "'t.csv' has no rows"),
    "a column twice": ("a,b,a\n1,2,3\n", "'t.csv' has the column 'a' more than once"),
    "a ragged row": ("a,b\n1,2\n1,2,3\n", "'t.csv' has 3 cells in row 3 where its header has 2"),
    "UTF-16": ("a,b\n1,2\n".encode("utf-16"), "'t.csv' is not UTF-8 text (line 1)"),
    "Windows-1252": (
        "a,b\n1,2\n1,é\n".encode("cp1252"),
        "'t.csv' is not UTF-8 text (line 3): open it in a spreadsheet",
    ),
    "an Excel workbook": (b"PK\x03\x04rest", "'t.csv' is a workbook or an archive, not a CSV file: save the sheet"),
    "an old Excel workbook": (b"\xd0\xcf\x11\xe0rest", "'t.csv' is a workbook or an archive"),
    "a cell without an end": ('a,b\n1,"' + "x" * 140_000 + "\n", "'t.csv' cannot be read as CSV (field larger"),
}


@pytest.mark.parametrize(("text", "says"), BAD.values(), ids=BAD)
def test_a_table_that_cannot_be_read(tmp_path: Path, text: str | bytes, says: str) -> None:
    assert says in sentence(write(tmp_path / "t.csv", text))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert sentence(tmp_path / "nowhere.csv") == "'nowhere.csv' was not found: check the path."
    assert sentence(tmp_path) == f"'{tmp_path.name}' was not found: check the path."


def test_a_large_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MAX_BYTES", 3)
    assert "is larger than 0 MB: give the table for this area only" in sentence(write(tmp_path / "t.csv", "a\n1\n2\n"))


def test_a_column_is_found_by_its_whole_name_in_any_case() -> None:
    table = pd.DataFrame(columns=["LSOA21CD", "LSOA21CD_old", "Total "])
    assert find_column(table, "lsoa(11|21)cd") == "LSOA21CD"
    assert find_column(table, "LSOA") is None
    assert require_column(table, "lsoa21cd_OLD", "an old code", "'t.csv'") == "LSOA21CD_old"
    with pytest.raises(InputError, match=r"'t.csv' has no column for the ward: it has 'LSOA21CD', 'LSOA21CD_old'"):
        require_column(table, "WD24CD", "the ward", "'t.csv'")


def test_whole_numbers_allow_thousands_and_gaps() -> None:
    read = whole_numbers(pd.Series(["1,234", None, "0", "7.0"], dtype="str"), "a number", "'t.csv'")
    assert read.dtype == "Int64"
    assert read.to_list() == [1234, pd.NA, 0, 7]


@pytest.mark.parametrize("text", ["-1", "1.5", "many", "inf", "nan?", "11", "=1", "{{7*7}}"])
def test_a_number_out_of_place_is_named_with_its_row(text: str) -> None:
    column = pd.Series(["1", None, text], dtype="str")
    with pytest.raises(InputError) as caught:
        whole_numbers(column, "a decile", "'t.csv'", 1, 10)
    assert assert_plain(str(caught.value)) == (
        f"'t.csv' has '{text}' as a decile in row 4: a whole number from 1 to 10 was expected."
    )
