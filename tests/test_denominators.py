"""What rates can be per beside residents: columns of any table by LSOA, under 25s from single years of age."""

from pathlib import Path

import pandas as pd
import pytest

from geodata.denominators import MOST, read_denominators
from geodata.errors import InputError
from geodata.tables import plain_title
from tests.fixtures import CODES, assert_plain, denominator_csv, table, write

REAL = Path(__file__).parents[2] / "shared" / "data" / "norfolk"
AGES = REAL / "mid-2020-population-estimates-lsoa11-single-year-of-age.csv"
NUMBERS = {CODES[0]: "12,345", CODES[1]: 0, CODES[2]: 7.5, CODES[3]: ""}


def sentence(*paths: Path) -> str:
    with pytest.raises(InputError) as caught:
        read_denominators(paths)
    return assert_plain(str(caught.value))


def test_a_number_column_is_named_by_its_header(tmp_path: Path) -> None:
    (found,) = read_denominators([write(tmp_path / "counts-2019.csv", denominator_csv(NUMBERS))])
    assert (found.id, found.column, found.title) == (
        "workday_population", "per_workday_population", "Workday population",
    )  # fmt: skip
    assert found.kind == "Workday population, 2019"
    assert found.vintage == 2021
    assert found.numbers.dtype == "Float64"
    assert found.numbers.dropna().to_dict() == {CODES[0]: 12_345, CODES[1]: 0, CODES[2]: 7.5}
    assert found.numbers.index[found.numbers.isna()].tolist() == [CODES[3]], "an empty cell is not known, not zero"


def census(header: str, name: str, tmp_path: Path) -> str:
    rows = [{"date": 2021, "geography": "A", "geography code": CODES[0], header: 5}]
    (found,) = read_denominators([write(tmp_path / name, table(rows))])
    return f"{found.title} / {found.kind}"


@pytest.mark.parametrize(
    ("header", "name", "says"),
    [
        ("Sex: All persons; measures: Value", "workday-population-2011-lsoa.csv", "Workday population / Workday population, 2021"),
        ("Sex: All persons; measures: Value", "census2021-wd001-workday_population.csv", "Workday population / Workday population, 2021"),
        ("Tenure: Total: All households; measures: Value", "x.csv", "All households / All households, 2021"),
        ("footfall_2023", "x.csv", "Footfall 2023 / Footfall 2023, 2021"),
    ],
)  # fmt: skip
def test_a_census_table_is_named_by_its_variable_or_its_file(header: str, name: str, says: str, tmp_path: Path) -> None:
    assert census(header, name, tmp_path) == says


def test_several_columns_and_text_beside_them(tmp_path: Path) -> None:
    text = f"LSOA21CD,ward,Households,Daily footfall\n{CODES[0]},Harbour,600,40.5\n{CODES[1]},Market,700,\n"
    found = read_denominators([write(tmp_path / "a.csv", text)])
    assert [one.id for one in found] == ["daily_footfall", "households"]
    assert found[0].kind == "Daily footfall, year not stated"


def ages(sexes: tuple[str, ...], number: int = 2) -> str:
    columns = {f"{sex}{age}": number for sex in sexes for age in range(90)}
    return table([{"LSOA 2021 Code": CODES[0], "Total": 999, **columns}])


@pytest.mark.parametrize(("sexes", "sum_of_ages"), [(("",), 50), (("F", "M"), 100)])
def test_single_years_of_age_give_the_under_25s(sexes: tuple[str, ...], sum_of_ages: int, tmp_path: Path) -> None:
    (found,) = read_denominators([write(tmp_path / "sape-mid-2022.csv", ages(sexes))])
    assert (found.id, found.title, found.kind) == (
        "under_25s", "Under 25s", "Under 25s, mid-2022 population estimate",
    )  # fmt: skip
    assert found.numbers.to_dict() == {CODES[0]: sum_of_ages}


def test_a_sum_without_one_of_its_ages_is_not_known(tmp_path: Path) -> None:
    text = ages(("",)).replace("999,2,", "999,,")
    (found,) = read_denominators([write(tmp_path / "a.csv", text)])
    assert found.numbers.isna().all()


@pytest.mark.skipif(not AGES.is_file(), reason="the real mid-2020 estimate in shared/data/norfolk is not here")
def test_the_published_mid_2020_estimate() -> None:
    (found,) = read_denominators([AGES])
    published = pd.read_csv(AGES)
    assert found.numbers.sum() == published[[str(age) for age in range(25)]].to_numpy().sum() == 243_755
    assert found.kind == "Under 25s, mid-2020 population estimate"


def test_files_of_two_areas_are_put_together(tmp_path: Path) -> None:
    one = write(tmp_path / "a.csv", denominator_csv({CODES[0]: 5, CODES[1]: 6}))
    two = write(tmp_path / "b.csv", denominator_csv({CODES[1]: 6, CODES[2]: 7}))
    (found,) = read_denominators([two, one])
    assert found.numbers.to_dict() == {CODES[0]: 5, CODES[1]: 6, CODES[2]: 7}
    assert found.files == ("a.csv", "b.csv")


BAD = {
    "no codes": ("a,b\n1,2\n", "'p.csv' has no column of LSOA codes"),
    "no numbers": (f"LSOA21CD,ward\n{CODES[0]},Harbour\n", "'p.csv' has no column of numbers"),
    "below zero": (denominator_csv({CODES[0]: -1}), "'p.csv' has '-1' as 'Workday population' in row 2"),
    "not finite": (denominator_csv({CODES[0]: "inf"}), "'p.csv' has 'inf' as 'Workday population' in row 2"),
    "text among numbers": (
        denominator_csv({CODES[0]: 1, CODES[1]: 2, CODES[2]: "{{7*7}}"}),
        "'p.csv' has '{{7*7}}' as 'Workday population' in row 4",
    ),
    "two numbers": (denominator_csv({CODES[0]: 1}) + f"{CODES[0]},x,2\n", "give two numbers of 'Workday population'"),
    "residents": (denominator_csv({CODES[0]: 1}, "residents"), "give them with --population"),
    "one name twice": (
        f"LSOA21CD,Foot-fall,Foot fall\n{CODES[0]},1,2\n",
        "two columns that would both be called 'Foot-fall'",
    ),
    "too many": (
        table([{"LSOA21CD": CODES[0]} | {f"n{letter}": 1 for letter in "abcdefghijklm"}]),
        f"more than {MOST}: keep the columns",
    ),
}


@pytest.mark.parametrize(("text", "says"), BAD.values(), ids=BAD)
def test_a_file_that_cannot_be_used(tmp_path: Path, text: str, says: str) -> None:
    assert says in sentence(write(tmp_path / "p.csv", text))


def test_a_name_is_needed(tmp_path: Path) -> None:
    text = denominator_csv({CODES[0]: 1}, "Total")
    assert "does not say what it counts" in sentence(write(tmp_path / "census2021-lsoa.csv", text))


def test_two_years_or_vintages_of_one_denominator_are_refused(tmp_path: Path) -> None:
    one = write(tmp_path / "2019.csv", denominator_csv({CODES[0]: 5}))
    two = write(tmp_path / "2022.csv", denominator_csv({CODES[1]: 5}))
    assert "count different things (Workday population, 2019; Workday population, 2022)" in sentence(one, two)
    old = write(tmp_path / "old-2019.csv", denominator_csv({CODES[1]: 5}, code="LSOA11CD"))
    assert "are on 2011 and on 2021 LSOAs" in sentence(one, old)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("workday_population", "Workday population"),
        ("{{7*7}} <b>**footfall**</b> [a](http://x)", "7 7 b footfall /b a (http //x)"),
        ("=1+1", "1 1"),
        ("x" * 90, "X" + "x" * 59),
    ],
)
def test_a_title_means_nothing_to_any_program(text: str, title: str) -> None:
    assert plain_title(text) == title
