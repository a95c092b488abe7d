"""Street files in every published shape: CSV, folder, archive, several forces, copies, gaps."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest

from geodata.errors import InputError
from geodata.police_uk import StreetRows, read_street
from tests.fixtures import ODD_NAME, ODD_TEXT, STREET_HEADER, assert_plain, incident, street_csv, write, write_zip

NORFOLK = [incident(500, 500, Crime_ID="n1"), incident(500, 500, Crime_ID="n2", Location="On or near Pier")]
SUFFOLK = [incident(500, 500, Crime_ID="s1", Reported_by="Suffolk Constabulary", Month="2025-02")]
BTP = [incident(1500, 500, Crime_ID="b1", Reported_by="British Transport Police")]


def sentence(*paths: Path) -> str:
    with pytest.raises(InputError) as caught:
        read_street(paths)
    return assert_plain(str(caught.value))


def crime_ids(street: StreetRows) -> list[str]:
    return sorted(street.rows["crime_id"])


def same_rows(one: StreetRows, other: StreetRows) -> bool:
    plain = [street.rows.drop(columns=["file", "row"]).astype("object") for street in (one, other)]
    return plain[0].equals(plain[1])


def test_columns_are_the_published_ones_as_text(tmp_path: Path) -> None:
    row = incident(500, 500, Crime_ID="n1", LSOA_code="E01000101")
    street = read_street([write(tmp_path / "2025-01-norfolk-street.csv", street_csv([row]))])
    assert list(street.rows.columns) == [
        "crime_id", "month", "longitude_text", "latitude_text", "location", "recorded_lsoa_code", "crime_type",
        "outcome", "force", "file", "row", "row_hash",
    ]  # fmt: skip
    read = street.rows.iloc[0]
    assert (read["longitude_text"], read["latitude_text"]) == (row["Longitude"], row["Latitude"])
    assert (read["crime_id"], read["month"], read["force"]) == ("n1", "2025-01", "norfolk")
    assert (read["recorded_lsoa_code"], read["location"]) == ("E01000101", "On or near Test Street")
    assert (read["file"], read["row"]) == ("2025-01-norfolk-street.csv", 2)


def test_an_empty_cell_is_null_and_other_text_is_kept_as_it_stands(tmp_path: Path) -> None:
    rows = [incident(None, None, Location="NA"), incident(None, None, Location="", Crime_ID="nan")]
    read = read_street([write(tmp_path / "a.csv", street_csv(rows))]).rows.set_index("row")
    assert read["longitude_text"].isna().all()
    assert read.loc[2, "location"] == "NA"
    assert pd.isna(read.loc[3, "location"])
    assert read.loc[3, "crime_id"] == "nan"
    assert pd.isna(read.loc[2, "crime_id"])


@pytest.mark.parametrize("name", ["2025-01-norfolk-street.csv", "my extract.csv", "STREET.CSV"])
def test_a_single_csv_of_any_name(tmp_path: Path, name: str) -> None:
    street = read_street([write(tmp_path / name, street_csv(NORFOLK))])
    assert crime_ids(street) == ["n1", "n2"]
    assert street.units == {("norfolk", "2025-01"): 2}


def test_one_csv_holds_several_forces_and_months(tmp_path: Path) -> None:
    street = read_street([write(tmp_path / "all.csv", street_csv(NORFOLK + SUFFOLK + BTP))])
    assert street.units == {("norfolk", "2025-01"): 2, ("suffolk", "2025-02"): 1, ("btp", "2025-01"): 1}
    assert sorted(street.rows["force"]) == ["btp", "norfolk", "norfolk", "suffolk"]


def test_a_published_name_says_which_force_it_is(tmp_path: Path) -> None:
    rows = [incident(500, 500, Reported_by="Suffolk Constabulary")]
    street = read_street([write(tmp_path / "2025-01-BTP-street.csv", street_csv(rows))])
    assert street.units == {("btp", "2025-01"): 1}


def test_a_row_that_names_no_force_is_of_an_unknown_one(tmp_path: Path) -> None:
    rows = [*NORFOLK, incident(500, 500, Reported_by="", Crime_ID="x")]
    assert read_street([write(tmp_path / "a.csv", street_csv(rows))]).units[("unknown", "2025-01")] == 1


def published(*forces: tuple[str, Sequence[dict[str, str]]]) -> dict[str, str]:
    members = {}
    for force, rows in forces:
        for month in sorted({row["Month"] for row in rows}):
            text = street_csv([row for row in rows if row["Month"] == month])
            members[f"{month}/{month}-{force}-street.csv"] = text
    return members


def test_csv_folder_and_archive_hold_the_same_rows(tmp_path: Path) -> None:
    members = published(("norfolk", NORFOLK), ("suffolk", SUFFOLK), ("btp", BTP))
    for name, text in members.items():
        write(tmp_path / "folder" / name, text)
    ways = [
        [write(tmp_path / "all.csv", street_csv(BTP + SUFFOLK + NORFOLK))],
        [tmp_path / "folder"],
        [write_zip(tmp_path / "one.zip", members)],
        [write_zip(tmp_path / f"{n}.zip", {name: text}) for n, (name, text) in enumerate(members.items())],
        [write_zip(tmp_path / "two" / "a.zip", published(("norfolk", NORFOLK))), *[
            write(tmp_path / "three" / name, text) for name, text in published(("suffolk", SUFFOLK), ("btp", BTP)).items()
        ]],
    ]  # fmt: skip
    first, *others = [read_street(way) for way in ways]
    assert len(first.rows) == 4
    assert all(same_rows(first, other) for other in others)
    assert all(other.units == first.units for other in others)


def test_rows_come_in_one_order_whatever_the_order_of_files_and_rows(tmp_path: Path) -> None:
    one = write(tmp_path / "2025-01-norfolk-street.csv", street_csv(NORFOLK))
    two = write(tmp_path / "2025-02-suffolk-street.csv", street_csv(SUFFOLK))
    forwards, backwards = read_street([one, two]), read_street([two, one])
    pd.testing.assert_frame_equal(forwards.rows, backwards.rows)
    turned = write(tmp_path / "turned" / "2025-01-norfolk-street.csv", street_csv(NORFOLK[::-1]))
    assert same_rows(forwards, read_street([two, turned]))


def test_other_files_of_an_archive_are_passed_over_and_counted(tmp_path: Path) -> None:
    archive = write_zip(
        tmp_path / "a.zip",
        published(("norfolk", NORFOLK))
        | {
            "2025-01/2025-01-norfolk-outcomes.csv": "Crime ID,Outcome\n",
            "2025-02/2025-02-norfolk-outcomes.csv": "not even CSV \xff",
            "2025-01/2025-01-norfolk-stop-and-search.csv": "Type,Date\n",
            "README.txt": "hello",
            "2025-01/notes.csv": "a,b\n",
        },
    )
    street = read_street([archive])
    assert len(street.rows) == 2
    assert street.passed_over == {"outcomes files": 2, "stop-and-search files": 1, "other files": 2}


def test_notes_that_macos_leaves_in_a_folder_are_passed_over(tmp_path: Path) -> None:
    write(tmp_path / "2025-01-norfolk-street.csv", street_csv(NORFOLK))
    write(tmp_path / "._2025-01-norfolk-street.csv", b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X")
    assert read_street([tmp_path]).passed_over == {"other files": 1}


def test_a_copy_of_a_month_is_passed_over(tmp_path: Path) -> None:
    named = write(tmp_path / "2025-01-norfolk-street.csv", street_csv(NORFOLK))
    whole = write(tmp_path / "whole.csv", street_csv(SUFFOLK + NORFOLK[::-1]))
    street = read_street([named, whole])
    assert crime_ids(street) == ["n1", "n2", "s1"]
    assert street.passed_over == {"a copy of rows already read": 1}
    assert dict(zip(street.files["file"], street.files["rows"], strict=True)) == {named.name: 2, whole.name: 3}


def test_another_spelling_of_a_crime_type_leaves_the_hash_of_the_published_text(tmp_path: Path) -> None:
    texts = ("Anti-Social  Behaviour", "anti-social behaviour ", "Anti-social behaviour", "Antisocial", " ")
    rows = [incident(500, 500, Crime_type=text) for text in texts]
    read = read_street([write(tmp_path / "a.csv", street_csv(rows))]).rows.sort_values("row")
    assert read["crime_type"].to_list() == ["Anti-social behaviour"] * 3 + ["Antisocial", " "]
    assert read["row_hash"].nunique() == 5


def test_a_row_of_another_month_is_no_unit_of_a_published_file(tmp_path: Path) -> None:
    rows = [*NORFOLK, incident(500, 500, Month="2025-02"), incident(500, 500, Month="?")]
    named = read_street([write(tmp_path / "2025-01-norfolk-street.csv", street_csv(rows))])
    assert named.units == {("norfolk", "2025-01"): 2}
    assert len(named.rows) == 4
    other = read_street([write(tmp_path / "any.csv", street_csv(rows))])
    assert other.units == {("norfolk", "2025-01"): 2, ("norfolk", "2025-02"): 1}
    assert sorted(named.rows["row_hash"]) == sorted(other.rows["row_hash"])


def test_equal_rows_within_one_file_are_all_kept(tmp_path: Path) -> None:
    rows = [incident(500, 500, Crime_type="Anti-social behaviour")] * 3
    street = read_street([write(tmp_path / "a.csv", street_csv(rows))])
    assert len(street.rows) == 3
    assert len(set(street.rows["row_hash"])) == 1


def test_the_same_force_and_month_with_different_rows_is_refused(tmp_path: Path) -> None:
    one = write(tmp_path / "old" / "2025-01-norfolk-street.csv", street_csv(NORFOLK))
    two = write_zip(tmp_path / "new.zip", published(("norfolk", [*NORFOLK, incident(1, 1, Crime_ID="n3")])))
    said = sentence(one, two)
    assert "'2025-01-norfolk-street.csv' in 'new.zip'" in said
    assert "both hold 'norfolk' for 2025-01, with different rows (" in said
    assert said.endswith("give only the newer one.")
    assert sentence(two, one) == said


def test_as_many_rows_but_one_cell_changed_is_refused(tmp_path: Path) -> None:
    changed = [NORFOLK[0] | {"Last outcome category": "Charged"}, NORFOLK[1]]
    one = write(tmp_path / "a.csv", street_csv(NORFOLK))
    assert "different rows (2 and 2)" in sentence(one, write(tmp_path / "b.csv", street_csv(changed)))


def test_a_month_without_rows_is_no_month_that_was_supplied(tmp_path: Path) -> None:
    write(tmp_path / "2025-01-norfolk-street.csv", street_csv(NORFOLK))
    write(tmp_path / "2025-02-norfolk-street.csv", street_csv([]))
    write(tmp_path / "2025-03-norfolk-street.csv", street_csv([]).rstrip("\n"))
    assert read_street([tmp_path]).units == {
        ("norfolk", "2025-01"): 2,
        ("norfolk", "2025-02"): 0,
        ("norfolk", "2025-03"): 0,
    }


@pytest.mark.parametrize("empty_first", [True, False])
def test_an_empty_file_gives_way_to_one_with_rows(tmp_path: Path, empty_first: bool) -> None:
    folders = ("a", "b") if empty_first else ("b", "a")
    write(tmp_path / folders[0] / "2025-01-norfolk-street.csv", street_csv([]))
    write(tmp_path / folders[1] / "2025-01-norfolk-street.csv", street_csv(NORFOLK))
    assert read_street([tmp_path]).units == {("norfolk", "2025-01"): 2}


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.rstrip("\n"),
        lambda text: "\n".join(f'"{line}"'.replace(",", '","') for line in text.splitlines()) + "\n",
        lambda text: "\n".join(",".join(line.split(",")[::-1]) for line in text.splitlines()) + "\n",
    ],
    ids=["byte order mark", "Windows line ends", "no last line end", "every cell quoted", "columns in another order"],
)
def test_plain_ways_to_write_the_same_csv(tmp_path: Path, change) -> None:  # type: ignore[no-untyped-def]
    plain = read_street([write(tmp_path / "a.csv", street_csv(NORFOLK))])
    assert same_rows(plain, read_street([write(tmp_path / "b.csv", change(street_csv(NORFOLK)))]))


def test_the_outcome_column_may_be_absent(tmp_path: Path) -> None:
    header = [name for name in STREET_HEADER if name not in ("Last outcome category", "Context", "LSOA name")]
    text = "\n".join([",".join(header), ",".join(NORFOLK[0][name] for name in header)]) + "\n"
    assert read_street([write(tmp_path / "a.csv", text)]).rows["outcome"].isna().all()


def test_hostile_text_is_read_as_it_stands(tmp_path: Path) -> None:
    texts = ['=HYPERLINK("http://x")', "<script>alert(1)</script>", "{{7*7}}", "a\x1b[31mb\x00", "“quoted”, comma"]
    rows = [incident(500, 500, Location=text, Crime_ID=str(n)) for n, text in enumerate(texts)]
    read = read_street([write(tmp_path / "a.csv", street_csv(rows))]).rows
    assert list(read.set_index("crime_id").sort_index()["location"]) == texts


def test_a_hostile_file_name_is_no_force(tmp_path: Path) -> None:
    street = read_street([write(tmp_path / f"2025-01-{ODD_NAME}-street.csv", street_csv(NORFOLK))])
    assert set(street.units) == {("norfolk", "2025-01")}
    assert set(street.rows["file"]) == {f"2025-01-{ODD_TEXT}-street.csv"}


def test_progress_tells_each_file(tmp_path: Path) -> None:
    said: list[tuple[str, float]] = []
    write(tmp_path / "2025-01-norfolk-street.csv", street_csv(NORFOLK))
    write(tmp_path / "2025-02-suffolk-street.csv", street_csv(SUFFOLK))
    read_street([tmp_path], lambda stage, done: said.append((stage, done)))
    assert said == [("Reading 2025-01-norfolk-street.csv", 0.0), ("Reading 2025-02-suffolk-street.csv", 0.5)]


BAD = {
    "a missing column": (
        street_csv(NORFOLK).replace("Latitude", "Lat"),
        "'a.csv' has no column 'Latitude': it has 'Crime ID', 'Month'",
    ),
    "semicolons": (street_csv(NORFOLK).replace(",", ";"), "'a.csv' has no column 'Crime ID', 'Month', 'Reported by'"),
    "one column twice": (street_csv(NORFOLK).replace("Context", "Month"), "has the column 'Month' more than once"),
    "an empty file": ("", "'a.csv' is empty"),
    "a byte order mark alone": ("\ufeff", "'a.csv' is empty"),
    "a header alone": (street_csv([]), "No street-level rows were found in the police files"),
    "a header without a line end": (street_csv([]).rstrip("\n"), "No street-level rows were found"),
    "a ragged row": (street_csv(NORFOLK) + "a,b,c\n", "'a.csv' cannot be read: row 4 has 3 cells where its header has 12"),
    "UTF-16": (street_csv(NORFOLK).encode("utf-16"), "'a.csv' is not UTF-8 text (line 1)"),
    "Windows-1252": (
        street_csv([NORFOLK[0], NORFOLK[1] | {"Location": "Café"}]).encode("cp1252"),
        "'a.csv' is not UTF-8 text (line 3): open it in a spreadsheet and save it as 'CSV UTF-8'",
    ),
    "an old Excel workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "'a.csv' is a workbook or an archive, not a CSV file"),
    "hostile headers": ("{{7*7}},=1+1,\x1b[31m\n1,2,3\n", "it has '{{7*7}}', '=1+1', '\\x1b[31m'"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "says"), BAD.values(), ids=BAD)
def test_a_file_that_cannot_be_used(tmp_path: Path, text: str | bytes, says: str) -> None:
    assert says in sentence(write(tmp_path / "a.csv", text))


def test_a_folder_without_street_files_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "readme.txt", "hello")
    assert "No street-level rows were found in the police files: give the CSV or ZIP" in sentence(tmp_path)


def test_a_fault_in_an_archive_names_the_member_and_the_archive(tmp_path: Path) -> None:
    archive = write_zip(tmp_path / "a.zip", {"2025-01/2025-01-norfolk-street.csv": "Month\n2025-01\n"})
    assert sentence(archive).startswith("'2025-01-norfolk-street.csv' in 'a.zip' has no column")
