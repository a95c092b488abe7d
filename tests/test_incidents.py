"""A force's own extract: read from CSV and Parquet alike, refused in words, placed by the same join."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata import incidents as module
from geodata.columns import CRIME_TYPES, EXTRACT, FLAGS, INCIDENTS, OF_EXTRACT, REJECT_REASONS
from geodata.errors import InputError
from geodata.incidents import ExtractRows, read_incidents
from geodata.place import account, account_by, place_rows, side_by_side
from geodata.police_uk import read_street
from geodata.sources import members
from tests.fixtures import (
    CODES,
    EXTRACT_HEADER,
    ODD_TEXT,
    areas,
    assert_plain,
    at,
    extract_csv,
    incident,
    recorded,
    street_csv,
    write,
    write_zip,
)

FORCE = ("norfolk",)


def read(folder: Path, *rows: Mapping[str, str], name: str = "own.csv", forces: tuple[str, ...] = FORCE) -> ExtractRows:
    return read_incidents([write(folder / name, extract_csv(rows))], forces)


def refused(*paths: Path, forces: tuple[str, ...] = FORCE) -> str:
    with pytest.raises(InputError) as error:
        read_incidents(paths, forces)
    return assert_plain(str(error.value))


def parquet(path: Path, columns: Mapping[str, Any]) -> Path:
    pq.write_table(pa.table(dict(columns)), path)
    return path


# -- what is read


def test_a_row_is_read_as_it_stands(tmp_path: Path) -> None:
    row = read(tmp_path, recorded(500, 500)).rows.iloc[0]
    assert row["month"] == "2025-01"
    assert row["date"] == "2025-01-07"
    assert row["hour"] == 23
    assert row["force"] == "norfolk"
    assert row["crime_type"] == "Robbery"
    assert row["offence_code"] == "34B"
    assert (row["longitude_text"], row["latitude_text"]) == tuple(repr(float(text)) for text in at(500, 500))
    assert row["flag_knife"] is True or bool(row["flag_knife"])
    assert not row["flag_hate"]
    for name in ("crime_id", "recorded_lsoa_code", "location", "outcome", *set(FLAGS) - {"flag_knife", "flag_hate"}):
        assert pd.isna(row[name]), name


def test_empty_is_not_recorded_and_not_false(tmp_path: Path) -> None:
    rows = read(tmp_path, recorded(500, 500, hour="", offence_code=" ", flag_knife="")).rows
    assert rows[["hour", "offence_code", "flag_knife"]].isna().all(axis=None)
    assert rows["flag_knife"].dtype == "boolean"
    assert rows["hour"].dtype == "Int8"


def test_space_and_letter_case_do_not_matter_where_they_mean_nothing(tmp_path: Path) -> None:
    header = [name.upper() + " " for name in EXTRACT_HEADER]
    row = recorded(500, 500, crime_type=" robbery ", flag_knife="TRUE", flag_hate=" False")
    text = extract_csv([dict(zip(header, row.values(), strict=True))], header)
    rows = read_incidents([write(tmp_path / "own.csv", "\ufeff" + text.replace("\n", "\r\n"))], FORCE).rows
    assert rows[["crime_type", "flag_knife", "flag_hate"]].to_numpy().tolist() == [["Robbery", True, False]]


def test_parquet_is_read_like_csv_whatever_its_types(tmp_path: Path) -> None:
    rows = [
        recorded(500, 500),
        recorded(1500, 500, hour="", flag_knife="", offence_code="104", crime_type=CRIME_TYPES[-1]),
        recorded(None, None, date="2025-02-28", crime_type="Anti-social behaviour", offence_code=""),
    ]
    of_csv = read(tmp_path, *rows).rows
    frame = pd.DataFrame(rows).replace("", None)
    numbers = {name: pd.to_numeric(frame[name]) for name in ("hour", "longitude", "latitude")}
    truths = {name: frame[name].map({"true": True, "false": False}).astype("boolean") for name in FLAGS}
    typed = frame.assign(**numbers, **truths)
    kinds: dict[str, Callable[[pd.Series], Any]] = {
        "text": lambda days: days,
        "dates": lambda days: days.map(date.fromisoformat),
        "times": pd.to_datetime,
        "times in summer time": lambda days: pd.to_datetime(days).dt.tz_localize("Europe/London"),
        "categories": lambda days: days.astype("category"),
    }
    for name, as_kind in kinds.items():
        path = tmp_path / f"{name}.parquet"
        typed.assign(date=as_kind(typed["date"])).to_parquet(path)
        of_parquet = read_incidents([path], FORCE).rows
        pd.testing.assert_frame_equal(of_parquet.drop(columns="file"), of_csv.drop(columns="file"), obj=name)


@pytest.mark.parametrize("other", ["parquet", "csv", "zip", "folder"])
def test_a_copy_of_the_same_rows_counts_once(other: str, tmp_path: Path) -> None:
    rows = [recorded(500, 500), recorded(500, 500), recorded(1500, 500, date="2025-02-01"), recorded(5, 5, date="?")]
    text = extract_csv(rows)
    first = write(tmp_path / "own.csv", text)
    if other == "parquet":
        second = parquet(tmp_path / "copy.parquet", {n: [row[n] or None for row in rows] for n in EXTRACT_HEADER})
    elif other == "zip":
        second = write_zip(tmp_path / "copy.zip", {"a/own.csv": text, "a/readme.txt": "no rows"})
    elif other == "folder":
        second = write(tmp_path / "copy" / "own.csv", text).parent
        write(second / ".DS_Store", "no rows")
    else:
        second = write(tmp_path / "copy.csv", extract_csv(reversed(rows)))
    found = read_incidents([first, second], FORCE)
    assert len(found.rows) == len(rows), "equal rows of one file are as many incidents, a copy is none"
    assert found.passed_over["a copy of rows already read"] == 1
    assert found.files["rows"].tolist() == [len(rows)] * 2


def test_parts_of_one_month_are_put_together_and_a_newer_version_is_refused(tmp_path: Path) -> None:
    old = [recorded(10 * n, 500) for n in range(20)]
    others = [recorded(10 * n, 700) for n in range(20)]
    first = write(tmp_path / "a.csv", extract_csv(old))
    part = write(tmp_path / "b.csv", extract_csv([*others, old[0]]))
    assert len(read_incidents([first, part], FORCE).rows) == 41, "one equal row may be chance"
    newer = write(tmp_path / "c.csv", extract_csv([*old[3:], *others]))
    said = refused(first, newer)
    assert "'c.csv' and 'a.csv' both hold incidents of 'norfolk' for '2025-01'" in said
    assert "17 of 37 are the same: give only the newer one" in said


def test_the_order_of_files_and_rows_leaves_no_trace(tmp_path: Path) -> None:
    rows = [recorded(10 * n, 500, date=f"2025-0{1 + n % 3}-1{n % 7}") for n in range(30)]
    one = read(tmp_path, *rows).rows
    files = [write(tmp_path / f"{n}.csv", extract_csv(rows[n::3][::-1])) for n in range(3)]
    three = read_incidents(files[::-1], FORCE).rows
    pd.testing.assert_frame_equal(one.drop(columns=["file", "row"]), three.drop(columns=["file", "row"]))


def test_the_force_is_a_slug_a_name_or_the_only_one_of_the_area(tmp_path: Path) -> None:
    header = (*EXTRACT_HEADER, "force")
    names = ("suffolk", "Suffolk Constabulary", "", ODD_TEXT)
    rows = [recorded(500 + n, 500) | {"force": name} for n, name in enumerate(names)]
    path = write(tmp_path / "own.csv", extract_csv(rows, header))
    forces = read_incidents([path], FORCE).rows.sort_values("row")["force"].tolist()
    assert forces[:3] == ["suffolk", "suffolk", "norfolk"]
    assert re.fullmatch(r"[a-z0-9-]+", forces[3])
    assert "row 4" in refused(path, forces=("norfolk", "suffolk"))
    assert "the area has 2: add a column 'force'" in refused(path, forces=("norfolk", "suffolk"))
    assert "the area's own is not known" in refused(path, forces=())


def test_what_a_file_lacks_or_has_besides_is_said(tmp_path: Path) -> None:
    header = [name for name in EXTRACT_HEADER if name not in ("hour", "flag_drugs")] + ["victim"]
    row = {name: value for name, value in recorded(500, 500).items() if name in header} | {"victim": "A. Person"}
    found = read_incidents([write(tmp_path / "own.csv", extract_csv([row], header))], FORCE)
    assert found.warnings == [
        "'own.csv' has no column 'hour', 'flag_drugs': not recorded for its rows.",
        "Columns of 'own.csv' that were not read: 'victim'.",
    ]
    assert found.rows[["hour", "flag_drugs"]].isna().all(axis=None)
    assert "A. Person" not in found.rows.astype("str").to_numpy()


def test_a_month_with_few_rows_is_said(tmp_path: Path) -> None:
    months = [recorded(n, 500, date=f"2025-0{m}-03") for m in (1, 2, 3) for n in range(30)]
    found = read(tmp_path, *months, *(recorded(n, 500, date="2025-04-01") for n in range(2)))
    assert found.units == {("norfolk", f"2025-0{m}"): n for m, n in ((1, 30), (2, 30), (3, 30), (4, 2))}
    (said,) = found.warnings
    assert "2 rows for 2025-04, where a usual month has 30" in said
    assert read(tmp_path, *months).warnings == []


# -- what is refused


CASES: dict[str, tuple[Callable[[Path], Path], tuple[str, ...]]] = {
    "a missing column": (
        lambda f: write(f / "x.csv", "date,hour,longitude,crime_type\n2025-01-01,1,1.0,Robbery\n"),
        ("'x.csv'", "no column 'latitude'", "canonical columns"),
    ),
    "another file": (
        lambda f: write(f / "x.csv", street_csv([incident(5, 5)])),
        ("no column 'date', 'crime_type'", "it has 'Crime ID'", "canonical"),
    ),
    "an unknown flag": (
        lambda f: write(
            f / "x.csv", extract_csv([recorded(5, 5) | {"flag_gun": "true"}], (*EXTRACT_HEADER, "flag_gun"))
        ),
        ("the flag 'flag_gun'", "'flag_knife'"),
    ),
    "an unknown crime type": (
        lambda f: write(f / "x.csv", extract_csv([recorded(5, 5), recorded(5, 5, crime_type="Affray")])),
        ("'Affray' in row 3", *CRIME_TYPES),
    ),
    "an hour that is none": (
        lambda f: write(f / "x.csv", extract_csv([recorded(5, 5), recorded(5, 5, hour="24")])),
        ("'24' as the hour in row 3", "from 0 to 23"),
    ),
    "an hour as time": (
        lambda f: write(f / "x.csv", extract_csv([recorded(5, 5, hour="23:15")])),
        ("'23:15' as the hour in row 2", "whole number"),
    ),
    "a flag that is neither": (
        lambda f: write(f / "x.csv", extract_csv([recorded(5, 5, flag_hate="Y")])),
        ("'Y' as flag_hate in row 2", "true or false"),
    ),
    "a ragged row": (
        lambda f: write(f / "x.csv", extract_csv([recorded(5, 5)]) + "2025-01-01,1\n"),
        ("'x.csv' cannot be read", "2 cells where its header has 14", "write it again"),
    ),
    "a header alone": (lambda f: write(f / "x.csv", extract_csv([])), ("'x.csv' has no rows", "at least one")),
    "a header alone as Parquet": (
        lambda f: parquet(f / "x.parquet", {name: pa.array([], pa.string()) for name in EXTRACT_HEADER}),
        ("'x.parquet' has no rows",),
    ),
    "an empty file": (lambda f: write(f / "x.csv", ""), ("'x.csv' is empty",)),
    "a column twice": (
        lambda f: write(f / "x.csv", "date,longitude,latitude,crime_type,Date\na,b,c,d,e\n"),
        ("the column 'date' more than once",),
    ),
    "UTF-16": (lambda f: write(f / "x.csv", extract_csv([recorded(5, 5)]).encode("utf-16")), ("not UTF-8",)),
    "Windows-1252": (
        lambda f: write(f / "x.csv", extract_csv([recorded(5, 5, offence_code="café")]).encode("cp1252")),
        ("not UTF-8 text (line 2)", "CSV UTF-8"),
    ),
    "a workbook": (
        lambda f: write_zip(f / "x.xlsx", {"[Content_Types].xml": "", "xl/sheet.xml": ""}),
        ("'x.xlsx' is a workbook", "save the sheet"),
    ),
    "a damaged Parquet file": (
        lambda f: write(f / "x.parquet", b"PAR1" + b"\0" * 50),
        ("'x.parquet' is a damaged Parquet file",),
    ),
    "a Parquet file of lists": (
        lambda f: parquet(f / "x.parquet", {n: [["a"]] if n == "hour" else ["a"] for n in EXTRACT_HEADER}),
        ("'x.parquet' cannot be read as an extract", "write its columns as text"),
    ),
    "nothing there": (lambda f: f / "x.csv", ("'x.csv' was not found",)),
    "an archive without tables": (
        lambda f: write_zip(f / "x.zip", {"readme.txt": "hello"}),
        ("No rows were found", "CSV or Parquet"),
    ),
    "hostile text": (
        lambda f: write(f / "x.csv", extract_csv([recorded(5, 5, crime_type="=cmd()\x1b[31m{{7*7}}\n<b>")])),
        ("'=cmd()\\x1b[31m{{7*7}}\\n<b>'",),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_cannot_be_used_is_refused_in_a_sentence(name: str, tmp_path: Path) -> None:
    make, parts = CASES[name]
    said = refused(make(tmp_path))
    for part in parts:
        assert part in said


def test_a_parquet_file_beyond_the_caps_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = parquet(tmp_path / "x.parquet", {name: [str(n) for n in range(3_000)] for name in EXTRACT_HEADER})
    monkeypatch.setattr(module, "MAX_ROWS", 2_999)
    assert "3,000 rows" in refused(path)
    monkeypatch.setattr(module, "MAX_ROWS", 10_000)
    monkeypatch.setattr(module, "MAX_MEMBER_BYTES", 1_000)
    assert "give the incidents of this area only" in refused(path)


def test_text_that_repeats_is_never_unpacked(tmp_path: Path) -> None:
    row = recorded(500, 500, offence_code="x" * 10_000)
    path = parquet(tmp_path / "x.parquet", {name: [row[name]] * 2_000 for name in EXTRACT_HEADER})
    table, _ = module._table(next(members([path])))
    assert table.num_rows == 2_000
    assert table.nbytes < 1_000_000, "20 MB of text, were it written out"


def test_swapped_and_metric_coordinates_are_refused(tmp_path: Path) -> None:
    longitude, latitude = at(500, 500)
    for coordinates, part in (
        ({"longitude": latitude, "latitude": longitude}, "swap the two columns"),
        ({"longitude": "600500", "latitude": "300500"}, "EPSG:4326"),
    ):
        rows = read(tmp_path, recorded(500, 500, **coordinates)).rows
        with pytest.raises(InputError, match=part):
            place_rows(rows, areas(), EXTRACT)


# -- what becomes of each row


@pytest.mark.parametrize(
    ("row", "fate"),
    [
        (recorded(500, 500), CODES[0]),
        (recorded(1000, 500), CODES[0]),
        (recorded(2005, 500), CODES[1]),
        (recorded(2500, 3020), CODES[8]),
        (recorded(2500, 3030), "outside_area"),
        (recorded(None, None), "no_location"),
        (recorded(500, 500, longitude="east"), "invalid_coordinates"),
        (recorded(500, 500, crime_type=""), "no_crime_type"),
        *(
            (recorded(500, 500, date=text), "invalid_month")
            for text in (
                "", "2025-02-29", "2025-13-01", "07/01/2025", "2025-01", "2025-1-7", "20250107", "1999-12-31", "2025-01-07 10:00",
                "２０２５-01-07",
            )
        ),
    ],
)  # fmt: skip
def test_each_row_ends_in_one_place(row: dict[str, str], fate: str, tmp_path: Path) -> None:
    rows = read(tmp_path, row, recorded(700, 700, hour="1", offence_code="")).rows
    placed = place_rows(rows, areas(), EXTRACT)
    where = [*placed.incidents.query("offence_code == '34B'")["lsoa_code"], *placed.rejects["reason"]]
    assert where == [fate]
    assert list(placed.incidents.columns) == [*INCIDENTS, *OF_EXTRACT]
    assert set(placed.incidents["source"]) == {EXTRACT}


def test_dates_that_are_none_at_all_are_refused_together(tmp_path: Path) -> None:
    rows = read(tmp_path, recorded(500, 500, date="07/01/2025")).rows
    with pytest.raises(
        InputError, match=r"None of the 1 rows of the files of the extract.*YYYY-MM-DD.*canonical columns"
    ):
        place_rows(rows, areas(), EXTRACT)


anywhere = st.sampled_from([None, -500.0, 0.0, 500.0, 1000.0, 2005.0, 2500.0, 3020.0, 3100.0])
own = st.builds(
    recorded, anywhere, anywhere,
    date=st.sampled_from(["2025-01-01", "2025-02-28", "2025-02-30", "", "2025-03"]),
    crime_type=st.sampled_from(["Robbery", "Anti-social behaviour", ""]),
    hour=st.sampled_from(["", "0", "23"]), flag_knife=st.sampled_from(["", "true", "false"]),
)  # fmt: skip
published = st.builds(
    incident, anywhere, anywhere,
    Month=st.sampled_from(["2025-01", "2025-02", "2025"]), Crime_ID=st.sampled_from(["", "a", "b"]),
    Crime_type=st.sampled_from(["Robbery", "Anti-social behaviour", ""]),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(own=st.lists(own, max_size=8), published=st.lists(published, max_size=8))
def test_every_row_of_both_sources_is_accounted_for(
    own: list[dict[str, str]], published: list[dict[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("both")
    good = incident(700, 700, Crime_ID="z", Crime_type="Robbery")
    street = read_street([write(folder / "street.csv", street_csv([*published, good]))]).rows
    mine = read(folder, *own, recorded(700, 700)).rows
    parts = [place_rows(street, areas()), place_rows(mine, areas(), EXTRACT)]
    both = side_by_side(parts)
    total = account(both)
    each: list[Any] = [account(part) for part in parts]
    for key in ("rows_read", "joined", "joined_nearest"):
        assert total[key] == sum(one[key] for one in each), key
    rejected = {reason: sum(one["rejected"].get(reason, 0) for one in each) for reason in REJECT_REASONS}
    assert total["rejected"] == {reason: n for reason, n in rejected.items() if n}
    assert total["rows_read"] == len(own) + len(published) + 2
    by = account_by(both).groupby("source")["rows"].sum()
    assert by.to_dict() == {"police.uk": len(published) + 1, EXTRACT: len(own) + 1}
    assert both.incidents["incident_id"].is_unique
    of_police = both.incidents[both.incidents["source"] != EXTRACT]
    assert of_police[list(OF_EXTRACT)].isna().all(axis=None)
