"""ONS lookups and tables of names, each known by its headers."""

from pathlib import Path

import pandas as pd
import pytest

from geodata.errors import InputError
from geodata.lookups import read_lookups, read_names
from tests.fixtures import (
    CODES,
    assert_plain,
    districts_csv,
    exact_fit_csv,
    rural_urban_csv,
    table,
    wards_csv,
    write,
)


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    links = [("E01000301", "E01000301", "U"), ("E01000302", "E01034001", "S"), ("E01000302", "E01034002", "S")]
    return [
        write(tmp_path / "fit.csv", exact_fit_csv(links)),
        write(tmp_path / "wards.csv", wards_csv()),
        write(tmp_path / "districts.csv", districts_csv(("Coast", "Heath"))),
        write(tmp_path / "ruc.csv", rural_urban_csv()),
    ]


def sentence(*paths: Path, names: bool = False) -> str:
    with pytest.raises(InputError) as caught:
        (read_names if names else read_lookups)(paths)
    return assert_plain(str(caught.value))


def test_every_lookup_is_known_by_its_headers(files: list[Path]) -> None:
    found = read_lookups(files)
    assert found.exact_fit.to_numpy().tolist() == [
        ["E01000301", "E01000301", "U"],
        ["E01000302", "E01034001", "S"],
        ["E01000302", "E01034002", "S"],
    ]
    assert found.places.loc[CODES[4]].to_list() == ["E05000001", "Market", "E07000901", "Eastham"]
    assert found.rural_urban.loc[CODES[0], "rural_urban"] == "Urban: Nearer to a major town or city"
    assert found.partnerships.loc["E07000902"].to_list() == ["Westham", "Norfolk"]


def test_msoas_come_with_areas_or_alone_and_wards_are_not_lost(files: list[Path], tmp_path: Path) -> None:
    """ONS's lookup of output areas has MSOAs and districts but no wards, and a row for each output area."""
    row = {
        "LSOA21CD": CODES[4],
        "MSOA21CD": "E02000001",
        "MSOA21NM": "Eastham 001",
        "LAD22CD": "E07000901",
        "LAD22NM": "East Ham",
    }
    rows = [{"OA21CD": f"E0000000{n}"} | row for n in range(3)]
    other = rows[0] | {"LSOA21CD": "E01999999"}
    every = read_lookups([*files, write(tmp_path / "oa.csv", table([*rows, other]))])
    assert every.msoas.to_numpy().tolist() == [["E02000001", "Eastham 001"]]
    assert every.places.loc[CODES[4]].to_list() == ["E05000001", "Market", "E07000901", "Eastham"]
    assert every.places.loc["E01999999", "district"] == "East Ham"
    alone = read_lookups([write(tmp_path / "m.csv", table([{"msoa21cd": "E02000001", "msoa21nm": "Eastham 001"}]))])
    assert alone.msoas.equals(every.msoas)
    assert alone.places.empty
    # both vintages of one table, in which a district has another name
    both = {"MSOA11CD": "E02000001", "MSOA11NM": "Oldham 001", "MSOA21CD": "E02000009", "MSOA21NM": "Eastham 002"}
    vintages = read_lookups([write(tmp_path / "both.csv", table([both, both | {"MSOA11NM": ""}]))])
    assert vintages.msoas.to_numpy().tolist() == [["E02000001", "Oldham 001"], ["E02000009", "Eastham 002"]]


def test_a_district_with_two_partnerships_names_both(files: list[Path]) -> None:
    assert read_lookups(files).partnerships.loc["E07000901"].to_list() == ["Coast or Heath", "Norfolk"]


def test_the_order_of_the_files_does_not_matter(files: list[Path]) -> None:
    one, two = read_lookups(files), read_lookups(files[::-1])
    for kind in ("exact_fit", "places", "partnerships", "rural_urban", "msoas"):
        pd.testing.assert_frame_equal(getattr(one, kind), getattr(two, kind))


def test_lookups_of_two_areas_are_put_together_and_a_copy_is_harmless(tmp_path: Path, files: list[Path]) -> None:
    text = wards_csv().splitlines()
    parts = [
        write(tmp_path / f"{n}.csv", "\n".join([text[0], *lines])) for n, lines in enumerate((text[1:5], text[3:]))
    ]
    pd.testing.assert_frame_equal(read_lookups(parts).places, read_lookups([files[1]]).places)


def test_no_lookup_gives_empty_frames() -> None:
    found = read_lookups([])
    assert found.exact_fit.empty
    assert found.places.empty
    assert found.partnerships.empty
    assert found.rural_urban.empty
    assert read_names([]).empty


def test_other_vintages_and_lower_case_headers_are_known(tmp_path: Path) -> None:
    text = wards_csv().replace("LSOA21CD", "lsoa11cd").replace("WD24", "wd19").replace("LAD24", "lad19")
    assert read_lookups([write(tmp_path / "w.csv", text)]).places.loc[CODES[0], "ward"] == "Harbour"


def test_a_lookup_of_districts_without_wards_leaves_the_ward_empty(tmp_path: Path) -> None:
    rows = [{"LSOA21CD": CODES[0], "LAD24CD": "E07000901", "LAD24NM": "Eastham"}]
    place = read_lookups([write(tmp_path / "w.csv", table(rows))]).places.loc[CODES[0]]
    assert place[["ward", "ward_code"]].isna().all()
    assert place["district"] == "Eastham"


def test_two_answers_for_one_area_are_refused(tmp_path: Path, files: list[Path]) -> None:
    other = write(tmp_path / "other.csv", wards_csv().replace("Harbour", "Docks"))
    assert sentence(files[1], other) == (
        f"The places tables give two answers for '{CODES[0]}', '{CODES[1]}', '{CODES[2]}': give one row for each."
    )


def test_an_unknown_table_is_named_with_what_it_has(tmp_path: Path) -> None:
    said = sentence(write(tmp_path / "odd.csv", "{{7*7}},=1+1\n1,2\n"))
    assert said.startswith("'odd.csv' is no lookup that is known here: it has '{{7*7}}', '=1+1'; known are exact fit")


def test_names_by_lsoa_code(tmp_path: Path) -> None:
    path = write(tmp_path / "names.csv", table([{"LSOA21CD": CODES[0], "name": "The Quay"}, {"LSOA21CD": CODES[1]}]))
    assert read_names([path]).to_dict("records") == [{"key": CODES[0], "name": "The Quay"}]


def test_names_of_the_house_of_commons_library(tmp_path: Path) -> None:
    rows = [
        {
            "msoa21cd": "E02000001",
            "msoa21nm": "Eastham 001",
            "msoa21nmw": "",
            "msoa21hclnm": "Harbour & Quay",
            "msoa21hclnmw": "",
            "localauthorityname": "Eastham",
        }
    ]
    assert read_names([write(tmp_path / "hoc.csv", table(rows))]).to_dict("records") == [
        {"key": "Eastham 001", "name": "Harbour & Quay"}
    ]


def test_hostile_names_are_kept_as_they_stand(tmp_path: Path) -> None:
    hostile = "=1+1<img src=x>{{7*7}}"
    path = write(tmp_path / "names.csv", table([{"LSOA21CD": CODES[0], "name": hostile}]))
    assert read_names([path])["name"].to_list() == [hostile]


def test_two_names_for_one_area_are_refused(tmp_path: Path) -> None:
    rows = [{"LSOA21CD": CODES[0], "name": name} for name in ("The Quay", "{{7*7}}")]
    assert f"The names tables give two answers for '{CODES[0]}'" in sentence(
        write(tmp_path / "names.csv", table(rows)), names=True
    )


def test_a_table_that_names_nothing_is_refused(tmp_path: Path) -> None:
    said = sentence(write(tmp_path / "n.csv", "LSOA21CD,colour\nE01000101,red\n"), names=True)
    assert said == (
        "'n.csv' is no table of names: it needs LSOA21CD and name (or msoa21nm and msoa21hclnm), "
        "and it has 'LSOA21CD', 'colour'."
    )
