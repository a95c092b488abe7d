"""File 7 of the Indices of Deprivation, and the bridge between vintages against figures worked by hand."""

from pathlib import Path

import pandas as pd
import pytest

from geodata.deprivation import AREA_COLUMNS, DOMAINS, NATIONAL_LSOAS, Deprivation, bridge, read_deprivation
from geodata.errors import InputError
from geodata.lookups import read_lookups
from tests.fixtures import CODES, assert_plain, deprivation_csv, exact_fit_csv, write

RANKS = {CODES[0]: 1, CODES[1]: 3_376, CODES[2]: 32_844}


def sentence(*paths: Path) -> str:
    with pytest.raises(InputError) as caught:
        read_deprivation(paths)
    return assert_plain(str(caught.value))


@pytest.mark.parametrize(("year", "vintage"), [(2019, 2011), (2025, 2021)])
def test_both_years_are_known_by_their_headers(tmp_path: Path, year: int, vintage: int) -> None:
    index = read_deprivation([write(tmp_path / "f.csv", deprivation_csv(year, RANKS))])
    assert (index.year, index.vintage) == (year, vintage)
    for name in DOMAINS:
        assert index.table[f"{name}_rank"].to_dict() == RANKS
        assert index.table[f"{name}_rank"].dtype == index.table[f"{name}_decile"].dtype == "Int64"
        assert f"{name}_score" not in index.table
    assert index.table["imd_decile"].to_list() == [1, 2, 10]


def test_scores_are_read_where_they_are_published(tmp_path: Path) -> None:
    index = read_deprivation([write(tmp_path / "f.csv", deprivation_csv(2025, RANKS, scores=True))])
    assert [f"{name}_score" in index.table for name in DOMAINS] == [True] * 8
    assert index.table.loc[CODES[0], "income_score"] == pytest.approx(99.998)


def test_the_domains_are_told_apart(tmp_path: Path) -> None:
    header, row = deprivation_csv(2025, {CODES[0]: 1}).splitlines()
    cells = row.split(",")
    for place, domain in enumerate(DOMAINS):
        cells[4 + 2 * place] = str(100 + place)
        assert domain
    index = read_deprivation([write(tmp_path / "f.csv", f"{header}\n{','.join(cells)}\n")])
    assert [index.table.loc[CODES[0], f"{name}_rank"] for name in DOMAINS] == list(range(100, 108))


def test_files_of_two_areas_are_put_together_and_a_copy_is_harmless(tmp_path: Path) -> None:
    one = write(tmp_path / "1.csv", deprivation_csv(2025, {CODES[0]: 5, CODES[1]: 6}))
    two = write(tmp_path / "2.csv", deprivation_csv(2025, {CODES[1]: 6, CODES[2]: 7}))
    assert read_deprivation([two, one]).table["imd_rank"].to_dict() == {CODES[0]: 5, CODES[1]: 6, CODES[2]: 7}


def test_the_columns_of_an_area_cover_every_domain() -> None:
    assert len(AREA_COLUMNS) == 2 + 3 * 8
    assert NATIONAL_LSOAS == {2019: 32_844, 2025: 33_755}


BAD = {
    "another table": ("a,b\n1,2\n", "has no column 'LSOA code (2021)' or 'LSOA code (2011)': give File 7"),
    "the index of 2015": (
        deprivation_csv(2019, RANKS).replace("District code (2019)", "District code (2013)"),
        "is of the Indices of Deprivation 2015: give those of 2019 or 2025",
    ),
    "a domain is missing": (
        deprivation_csv(2025, RANKS).replace("Crime Rank", "Offences Rank"),
        "has no column for the rank of 'Crime': it has 'LSOA code (2021)'",
    ),
    "a rank beyond the country": (
        deprivation_csv(2025, {CODES[0]: 33_756}),
        "has '33756' as a rank in row 2: a whole number from 1 to 33,755 was expected",
    ),
    "a rank of 2025 in the file of 2019": (deprivation_csv(2019, {CODES[0]: 32_845}), "has '32845' as a rank in row 2"),
    "a rank that is a formula": (deprivation_csv(2025, {CODES[0]: 7}).replace(",7,", ",=1+1,"), "has '=1+1' as a rank"),
    "a header alone": (deprivation_csv(2025, RANKS).splitlines()[0] + "\n", "has no rows"),
}


@pytest.mark.parametrize(("text", "says"), BAD.values(), ids=BAD)
def test_a_file_that_cannot_be_used(tmp_path: Path, text: str, says: str) -> None:
    said = sentence(write(tmp_path / "f.csv", text))
    assert said.startswith("'f.csv' ")
    assert says in said


def test_two_years_at_once_are_refused(tmp_path: Path) -> None:
    one = write(tmp_path / "1.csv", deprivation_csv(2025, RANKS | {CODES[2]: 9}))
    two = write(tmp_path / "2.csv", deprivation_csv(2019, RANKS))
    assert sentence(one, two) == "The deprivation files are of 2019 and 2025: give files of one year."


def test_two_rows_for_one_area_are_refused(tmp_path: Path) -> None:
    one = write(tmp_path / "1.csv", deprivation_csv(2025, {CODES[0]: 5}))
    two = write(tmp_path / "2.csv", deprivation_csv(2025, {CODES[0]: 6}))
    assert sentence(one, two) == f"The deprivation files '1.csv' and '2.csv' give two rows for '{CODES[0]}'."


# --- the bridge: R = 1 - (rank - 1)/N, X = -23 ln(1 - R(1 - exp(-100/23))) -------------------------------------------

LINKS = [
    ("E01000401", "E01000401", "U"),
    ("E01000402", "E01034001", "S"),
    ("E01000402", "E01034002", "S"),
    ("E01000403", "E01034003", "M"),
    ("E01000404", "E01034003", "M"),
    ("E01000405", "E01034004", "X"),
    ("E01000406", "E01034004", "X"),
    ("E01000407", "E01034005", "M"),
    ("E01000408", "E01034005", "M"),
]
# N = 32,844. Rank 1: R = 1, X = 100. Rank 16,423: R = 0.5, X = 15.6468. Their mean, X = 57.8234, is that of rank
# 2,263.79; with weights 1 and 3, X = 36.7351 is that of rank 6,307.57.
OF_2019 = {
    "E01000401": 11, "E01000402": 20_000, "E01000403": 1, "E01000404": 16_423, "E01000405": 5, "E01000406": 6,
    "E01000407": 30_000,
}  # fmt: skip


def bridged(
    folder: Path, year: int, ranks: dict[str, int], to: int, people: dict[str, int] | None = None
) -> pd.DataFrame:
    index = read_deprivation([write(folder / "f.csv", deprivation_csv(year, ranks, people=people))])
    return bridge(index, read_lookups([write(folder / "fit.csv", exact_fit_csv(LINKS))]).exact_fit, to)


def test_2019_on_the_areas_of_2021(tmp_path: Path) -> None:
    table = bridged(tmp_path, 2019, OF_2019, 2021)
    assert table["imd_rank"].to_dict() == {
        "E01000401": 11,  # unchanged: as it is
        "E01034001": 20_000,  # both parts of a split inherit
        "E01034002": 20_000,
        "E01034003": 2_264,  # merged: the mean of X
        # E01034004 is an irregular fit, and of E01034005 one of two sources has no rank: none
    }
    assert table["imd_decile"].to_dict() == {"E01000401": 1, "E01034001": 7, "E01034002": 7, "E01034003": 1}
    assert table["imd_estimated"].to_dict() == {
        "E01000401": False,
        "E01034001": False,
        "E01034002": False,
        "E01034003": True,
    }
    assert table["crime_rank"].to_list() == table["imd_rank"].to_list()


def test_a_rank_that_is_not_known_is_not_the_lowest(tmp_path: Path) -> None:
    full = read_deprivation([write(tmp_path / "f.csv", deprivation_csv(2019, OF_2019))])
    ranks = [name for name in full.table if name.endswith(("_rank", "_decile"))]
    gone = full.table.copy()
    gone.loc[["E01000401", "E01000404"], ranks] = pd.NA
    links = read_lookups([write(tmp_path / "fit.csv", exact_fit_csv(LINKS))]).exact_fit
    table = bridge(Deprivation(gone, 2019), links, 2021)
    for area in ("E01000401", "E01034003"):  # unchanged, and merged from one that is known and one that is not
        assert table.loc[area, ["imd_rank", "imd_decile", "crime_rank"]].isna().all()
    assert table.loc["E01034001", "imd_rank"] == 20_000


def test_a_merger_weighs_by_the_population_that_file_7_states(tmp_path: Path) -> None:
    people = dict.fromkeys(OF_2019, 1_000) | {"E01000404": 3_000}
    table = bridged(tmp_path, 2019, OF_2019, 2021, people)
    assert table.loc["E01034003", "imd_rank"] == 6_308
    assert table.loc["E01034003", "imd_decile"] == 2
    assert table.loc["E01000401", "imd_rank"] == 11


def test_2025_on_the_areas_of_2011(tmp_path: Path) -> None:
    # N = 33,755. Ranks 100 and 20,000: X = 95.3547 and 11.8355, mean 53.5951, rank 2,885.18 of 33,755: decile 1.
    ranks = {"E01000401": 11, "E01034001": 100, "E01034002": 20_000, "E01034003": 700, "E01034004": 5}
    table = bridged(tmp_path, 2025, ranks, 2011)
    assert table["imd_rank"].to_dict() == {
        "E01000401": 11,
        "E01000402": 2_885,  # what was split is put together again
        "E01000403": 700,  # what was merged inherits
        "E01000404": 700,
    }
    assert table["imd_estimated"].to_dict() == {
        "E01000401": False,
        "E01000402": True,
        "E01000403": False,
        "E01000404": False,
    }


def test_the_published_decile_is_kept_where_nothing_was_estimated(tmp_path: Path) -> None:
    text = deprivation_csv(2019, {"E01000401": 11}).replace(",11,1", ",11,3")
    index = read_deprivation([write(tmp_path / "f.csv", text)])
    table = bridge(index, read_lookups([write(tmp_path / "fit.csv", exact_fit_csv(LINKS))]).exact_fit, 2021)
    assert table.loc["E01000401", "imd_decile"] == 3


def test_scores_and_population_are_not_carried_over(tmp_path: Path) -> None:
    text = deprivation_csv(2019, OF_2019, scores=True, people=dict.fromkeys(OF_2019, 9))
    index = read_deprivation([write(tmp_path / "f.csv", text)])
    table = bridge(index, read_lookups([write(tmp_path / "fit.csv", exact_fit_csv(LINKS))]).exact_fit, 2021)
    assert not [name for name in table if name.endswith("_score") or name == "population"]


def test_a_lookup_of_another_area_carries_nothing(tmp_path: Path) -> None:
    index = Deprivation(
        read_deprivation([write(tmp_path / "f.csv", deprivation_csv(2019, {"E01000999": 5}))]).table, 2019
    )
    assert bridge(index, read_lookups([write(tmp_path / "fit.csv", exact_fit_csv(LINKS))]).exact_fit, 2021).empty


@pytest.mark.parametrize(
    "text",
    [
        "LSOA code,LSOA name (Eng),Local Authority name (Eng),WIMD 2019\nW01000001,Isle of Anglesey 007A,Isle of Anglesey,1053\n",
        "Data_Zone,Intermediate_Zone,Council_area,SIMD2020v2_Rank\nS01006506,S02001236,Aberdeen City,4691\n",
    ],
    ids=["Wales", "Scotland"],
)
def test_the_index_of_another_nation_is_refused(tmp_path: Path, text: str) -> None:
    said = sentence(write(tmp_path / "index.csv", text))
    assert "give File 7 of the English Indices of Deprivation" in said
