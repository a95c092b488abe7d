"""Residents: Census TS001 and mid-year estimates, told by their headers."""

from pathlib import Path

import pytest

from geodata.errors import InputError
from geodata.population import read_population
from tests.fixtures import CODES, assert_plain, mid_year_csv, ts001_csv, write

RESIDENTS = {CODES[0]: 1_500, CODES[1]: 0, CODES[2]: 12_345}


def sentence(*paths: Path) -> str:
    with pytest.raises(InputError) as caught:
        read_population(paths)
    return assert_plain(str(caught.value))


def test_census_ts001(tmp_path: Path) -> None:
    found = read_population([write(tmp_path / "census2021-ts001-lsoa.csv", ts001_csv(RESIDENTS))])
    assert found.residents.to_dict() == RESIDENTS
    assert found.residents.dtype == "Int64"
    assert (found.kind, found.vintage) == ("Census 2021 usual residents", None)


@pytest.mark.parametrize(
    ("code", "total", "vintage"),
    [
        ("LSOA 2021 Code", "Total", 2021),
        ("LSOA Code", "All Ages", None),
        ("LSOA11CD", "All Ages", 2011),
        ("lsoa_code", "residents", None),
    ],
)
def test_a_mid_year_estimate(tmp_path: Path, code: str, total: str, vintage: int | None) -> None:
    path = write(tmp_path / "sapelsoa-mid-2022.csv", mid_year_csv(RESIDENTS, code, total))
    found = read_population([path])
    assert found.residents.to_dict() == RESIDENTS
    assert (found.kind, found.vintage) == ("mid-2022 population estimate", vintage)


def test_a_year_that_nobody_states_is_not_invented(tmp_path: Path) -> None:
    assert read_population([write(tmp_path / "p.csv", mid_year_csv(RESIDENTS))]).kind == (
        "population estimate, year not stated"
    )


def test_a_missing_number_is_null_not_zero(tmp_path: Path) -> None:
    text = ts001_csv(RESIDENTS).replace(",1500\n", ",\n")
    residents = read_population([write(tmp_path / "p.csv", text)]).residents
    assert residents.isna().to_dict() == {CODES[0]: True, CODES[1]: False, CODES[2]: False}


def test_files_of_two_areas_are_put_together_and_a_copy_is_harmless(tmp_path: Path) -> None:
    one = write(tmp_path / "1.csv", ts001_csv({CODES[0]: 5, CODES[1]: 6}))
    two = write(tmp_path / "2.csv", ts001_csv({CODES[1]: 6, CODES[2]: 7}))
    assert read_population([two, one]).residents.to_dict() == {CODES[0]: 5, CODES[1]: 6, CODES[2]: 7}


BAD = {
    "another table": ("a,b\n1,2\n", "'p.csv' has no column of LSOA codes"),
    "no count": ("geography code,men\nE01000101,3\n", "'p.csv' has no column for the number of residents"),
    "a negative number": (ts001_csv({CODES[0]: -1}), "'p.csv' has '-1' as a number of residents in row 2"),
    "half a person": (ts001_csv({CODES[0]: 1}).replace(",1\n", ",1.5\n"), "'p.csv' has '1.5' as a number of residents"),
    "text": (ts001_csv({CODES[0]: 1}).replace(",1\n", ",{{7*7}}\n"), "'p.csv' has '{{7*7}}' as a number of residents"),
}


@pytest.mark.parametrize(("text", "says"), BAD.values(), ids=BAD)
def test_a_file_that_cannot_be_used(tmp_path: Path, text: str, says: str) -> None:
    assert says in sentence(write(tmp_path / "p.csv", text))


def test_two_kinds_at_once_are_refused(tmp_path: Path) -> None:
    one = write(tmp_path / "1.csv", ts001_csv(RESIDENTS))
    two = write(tmp_path / "mid2020.csv", mid_year_csv(RESIDENTS))
    assert sentence(one, two) == (
        "The population files count different things (Census 2021 usual residents; mid-2020 population estimate): "
        "give files of one kind."
    )


@pytest.mark.parametrize("names", ["12", "21"])
def test_two_vintages_at_once_are_refused(tmp_path: Path, names: str) -> None:
    old = write(tmp_path / names[0] / "old-mid2022.csv", mid_year_csv({CODES[0]: 5}, "LSOA 2011 Code"))
    new = write(tmp_path / names[1] / "new-mid2022.csv", mid_year_csv({CODES[1]: 5}, "LSOA 2021 Code"))
    assert sentence(old, new) == (
        "The population files mix vintages: 'old-mid2022.csv' is on 2011 LSOAs and 'new-mid2022.csv' on 2021 ones; give "
        "files of one vintage."
    )


def test_the_vintage_that_one_file_states_holds_for_all(tmp_path: Path) -> None:
    untold = write(tmp_path / "1-mid2022.csv", mid_year_csv({CODES[0]: 5}, "LSOA Code"))
    told = write(tmp_path / "2-mid2022.csv", mid_year_csv({CODES[1]: 5}, "LSOA 2011 Code"))
    assert read_population([untold, told]).vintage == 2011


def test_two_numbers_for_one_area_are_refused(tmp_path: Path) -> None:
    one = write(tmp_path / "1.csv", ts001_csv({CODES[0]: 5}))
    two = write(tmp_path / "2.csv", ts001_csv({CODES[0]: 6}))
    assert sentence(one, two) == f"The population files give two numbers for '{CODES[0]}': give one row per LSOA."
