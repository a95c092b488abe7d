"""Area tables at their own level, and monthly counts: what is kept, what a mark means, what is refused."""

from pathlib import Path

import pandas as pd
import pytest

from geodata.boundaries import read_boundaries
from geodata.errors import InputError
from geodata.layer_tables import places_of
from geodata.layers import Layer, read_layer
from geodata.lookups import Lookups, read_lookups
from geodata.suppression import read_marked
from tests.fixtures import CODES, NAMES, areas, assert_plain, table, write

NORFOLK = Path(__file__).resolve().parents[2] / "shared" / "data" / "norfolk"
HEAD = 'title = "T"\nsource = "S"\ndate = "2025"\nlicence = "L"\nmarking = "partner"\n'
LEVEL = 'level = "{}"\nvintage = {}\ncode = "code"\n'
VALUE = '[[values]]\ncolumn = "share"\ntitle = "Share"\nunit = "{}"\ncounts = "adults"\n'
WARDS = ["E05000000", "E05000001", "E05000002"]
DISTRICTS = ["E07000901", "E07000902"]
AREAS = areas().assign(
    ward_code=[WARDS[n // 3] for n in range(9)],
    district_code=[DISTRICTS[name.startswith("West")] for name in NAMES],
)


def layer(
    folder: Path,
    rows: dict[str, object],
    level: str = "lsoa",
    vintage: int = 2021,
    unit: str = "per cent",
    lookups: Lookups | None = None,
) -> Layer:
    text = table({"code": code, "share": value} for code, value in rows.items())
    return of_text(folder, text, HEAD + 'kind = "areas"\n' + LEVEL.format(level, vintage) + VALUE.format(unit), lookups)


def of_text(folder: Path, text: str, about: str, lookups: Lookups | None = None) -> Layer:
    write(folder / "l.toml", about)
    return read_layer(write(folder / "l.csv", text), AREAS, 2021, lookups)


def refused(folder: Path, *args: object, **named: object) -> str:
    with pytest.raises(InputError) as error:
        layer(folder, *args, **named)  # type: ignore[arg-type]
    return assert_plain(str(error.value))


def test_a_table_by_lsoa(tmp_path: Path) -> None:
    found = layer(tmp_path, {CODES[1]: "12.5", CODES[0]: "", "E01999999": 3, "": 4, CODES[2]: "[c]"})
    assert found.frame["place"].tolist() == [CODES[1], CODES[0], CODES[2]]
    assert found.frame["value"].tolist() == [12.5, pd.NA, pd.NA]
    assert found.frame["suppressed"].tolist() == [False, False, True]
    assert (found.accounting.read, found.accounting.kept) == (5, 3)
    assert found.accounting.left_out == {"unknown_code": 1, "no_code": 1}
    assert found.notes[0] == "1 code is of no LSOA in this area: 'E01999999'."
    assert found.notes[1].startswith("6 of 9 LSOAs of this area have no row: 'E01000104'")
    assert not found.is_open


@pytest.mark.parametrize(
    ("level", "places"),
    [("msoa", ["Eastham 001", "Eastham 002", "Westham 001"]), ("ward", WARDS), ("district", DISTRICTS)],
)
def test_a_table_stays_at_its_level(tmp_path: Path, level: str, places: list[str]) -> None:
    found = layer(tmp_path, dict.fromkeys(places, 5), level, 2021)
    assert found.frame["place"].tolist() == places, "one row for a place, however many LSOAs it has"
    assert sorted(set(places_of(AREAS, level))) == places
    assert list(places_of(AREAS, level).index) == list(CODES)


def test_msoas_by_code_where_a_lookup_names_them(tmp_path: Path) -> None:
    names = {"E02000001": "Eastham 001", "E02000002": "Eastham 002"}
    # a name of another vintage, which no MSOA has here, is no second answer
    pairs = [*names.items(), ("E02000001", "Oldham 001")]
    lookups = Lookups(msoas=pd.DataFrame(pairs, columns=["msoa_code", "msoa"]))
    found = layer(tmp_path, {"E02000001": 4, "E02000002": 5, "E02000009": 6}, "msoa", lookups=lookups)
    assert found.frame["place"].tolist() == ["Eastham 001", "Eastham 002"]
    assert found.accounting.left_out == {"unknown_code": 1}
    assert found.notes[0] == "1 code is of no MSOA in this area: 'E02000009'."
    by_name = layer(tmp_path, {"Eastham 001": 4, "Eastham 002": 5}, "msoa", lookups=lookups)
    assert by_name.frame.equals(found.frame)
    two = Lookups(msoas=pd.DataFrame([*pairs, ("E02000001", "Eastham 002")], columns=["msoa_code", "msoa"]))
    assert "'E02000001', which the lookups give two names of this area" in refused(
        tmp_path, {"E02000001": 4}, "msoa", lookups=two
    )


def test_percentages_are_0_to_100_and_other_units_are_not(tmp_path: Path) -> None:
    assert refused(tmp_path, {CODES[0]: 100, CODES[1]: "100.1"}).startswith(
        "'l.csv' has '100.1' as 'share' in row 3, which is no percentage"
    )
    assert "no percentage" in refused(tmp_path, {CODES[0]: -1})
    assert layer(tmp_path, {CODES[0]: "1,250"}, unit="per 1,000").frame["value"].tolist() == [1250]
    assert layer(tmp_path, {CODES[0]: -0.7}, unit="score").frame["value"].tolist() == [-0.7]


FIT = Lookups(
    exact_fit=pd.DataFrame(
        {
            "lsoa11": [*CODES[:8], "E01000200"],
            "lsoa21": [*CODES[:8], "E01034000"],
            "change": [*"UUUUUUUU", "S"],
        }
    )
)


def test_codes_of_both_vintages(tmp_path: Path) -> None:
    both = {CODES[0]: 1, "E01000200": 2, "E01034000": 3}
    assert "codes of both vintages ('E01000200' of 2011, 'E01034000' of 2021)" in refused(tmp_path, both, lookups=FIT)
    # without a lookup, what cannot be of the stated vintage is still told
    assert "has codes of 2021 only ('E01034000'), and its description says vintage 2011" in refused(
        tmp_path, both, vintage=2011
    )
    one = {CODES[0]: 1, "E01000200": 2}
    assert "has codes of 2011 only ('E01000200'), and its description says vintage 2021" in refused(
        tmp_path, one, lookups=FIT
    )


def test_a_table_of_the_other_vintage_speaks_of_unchanged_lsoas_only(tmp_path: Path) -> None:
    found = layer(tmp_path, {CODES[0]: 1, "E01000200": 2}, vintage=2011, lookups=FIT)
    assert found.frame["place"].tolist() == [CODES[0]]
    assert "only LSOAs that did not change have a value" in found.notes[-1]
    assert "is on MSOAs of 2011 and the boundaries are of 2021" in refused(tmp_path, {"Eastham 001": 1}, "msoa", 2011)


@pytest.mark.skipif(not NORFOLK.is_dir(), reason="the real data folder shared/data/norfolk is not here")
def test_real_codes_of_both_vintages(tmp_path: Path) -> None:
    norfolk = read_boundaries([NORFOLK / "LSOA_2021_boundaries_BNG.gpkg"]).areas
    fit = read_lookups([NORFOLK / "LSOA_2011_to_LSOA_2021_exact_fit_lookup.csv"])
    own = fit.exact_fit[fit.exact_fit["lsoa21"].isin(norfolk["lsoa_code"])]
    old, new = own["lsoa11"].unique(), own["lsoa21"].unique()

    def read(codes: list[str], vintage: int) -> Layer:
        about = HEAD + 'kind = "areas"\n' + LEVEL.format("lsoa", vintage) + VALUE.format("score")
        write(tmp_path / "l.toml", about)
        text = table({"code": code, "share": 1} for code in codes)
        return read_layer(write(tmp_path / "l.csv", text), norfolk, 2021, fit)

    assert read([*new], 2021).accounting.kept == len(norfolk) == 552
    # exactly the LSOAs that ONS says did not change
    assert set(read([*old], 2011).frame["place"]) == set(own.loc[own["change"] == "U", "lsoa21"])
    with pytest.raises(InputError, match="codes of both vintages"):
        read([*{*old, *new}], 2021)


def test_a_row_of_no_place_here_may_hold_anything(tmp_path: Path) -> None:
    assert layer(tmp_path, {CODES[0]: 12, "": 130, "Total": "n.k."}).frame["value"].tolist() == [12]
    found = monthly(tmp_path, (DISTRICTS[0], "2025-01", 7), ("Total", "", "all"))
    assert found.accounting.left_out == {"unknown_code": 1}
    with pytest.raises(InputError, match="has an empty cell as month in row 3: write it as 2025-01"):
        monthly(tmp_path, (DISTRICTS[0], "2025-01", 7), (DISTRICTS[0], "", 8))


def test_a_column_is_meant_as_it_is_written(tmp_path: Path) -> None:
    text = table([{"code": CODES[0], "Share": 9, "share": 1}])
    about = HEAD + 'kind = "areas"\n' + LEVEL.format("lsoa", 2021) + VALUE.format("score")
    assert of_text(tmp_path, text, about).frame["value"].tolist() == [1]
    assert of_text(tmp_path, text.replace("share", "other"), about).frame["value"].tolist() == [9]
    with pytest.raises(InputError, match="has the columns 'Share', 'SHARE', and its description gives 'share'"):
        of_text(tmp_path, text.replace("share", "SHARE"), about)


BAD = {
    "no code at all": ([("", 1), ("", 2)], "msoa", "has no code in any row of 'code'"),
    "a decimal comma": ([(CODES[0], "7,5")], "lsoa", "has '7,5' as 'share' in row 2: a number was expected"),
    "a place twice": ([(CODES[0], 1), (CODES[0], 1)], "lsoa", "more than one row for 'E01000101'"),
    "another area": ([("E01999999", 1)], "lsoa", "None of the 1 rows of 'l.csv' has a code of this area's LSOAs"),
    "wards as LSOAs": (
        [(WARDS[0], 1)],
        "lsoa",
        "'E05000000' in row 2, where codes of LSOAs were expected: correct the level",
    ),
    "LSOAs as districts": ([(CODES[0], 1)], "district", "where codes of districts were expected"),
    "codes of MSOAs": (
        [("E02000001", 1)],
        "msoa",
        "has codes of MSOAs ('E02000001' in row 2), and their names are not known: give",
    ),
    "a dash": ([(CODES[0], "-")], "lsoa", "has '-' as 'share' in row 2: a number was expected, or '<5'"),
    "a formula": ([(CODES[0], "=1+1")], "lsoa", "has '=1+1' as 'share' in row 2"),
    "infinity": ([(CODES[0], "inf")], "lsoa", "has 'inf' as 'share'"),
}


@pytest.mark.parametrize(("rows", "level", "says"), BAD.values(), ids=BAD)
def test_what_cannot_be_used(tmp_path: Path, rows: list[tuple[str, object]], level: str, says: str) -> None:
    text = table({"code": code, "share": value} for code, value in rows)
    about = HEAD + 'kind = "areas"\n' + LEVEL.format(level, 2021) + VALUE.format("per cent")
    with pytest.raises(InputError) as error:
        of_text(tmp_path, text, about)
    assert says in assert_plain(str(error.value))


def test_a_workbook_that_is_none(tmp_path: Path) -> None:
    write(tmp_path / "l.toml", HEAD + 'kind = "areas"\n' + LEVEL.format("lsoa", 2021) + VALUE.format("per cent"))
    with pytest.raises(InputError, match="is a damaged or encrypted ZIP file"):
        read_layer(write(tmp_path / "l.xlsx", b"PK\x03\x04workbook"), AREAS, 2021)


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    about = HEAD + 'kind = "areas"\n' + LEVEL.format("lsoa", 2021) + VALUE.format("per cent")
    with pytest.raises(InputError, match="has no column 'share', which its description gives as a column of values"):
        of_text(tmp_path, f"code,x\n{CODES[0]},1\n", about)


# Marks


@pytest.mark.parametrize(
    ("cell", "state", "low", "high"),
    [
        ("0", "count", 0, 0),
        ("1,204", "count", 1204, 1204),
        ("<5", "suppressed", 0, 4),
        ("< 5", "suppressed", 0, 4),
        ("<=5", "suppressed", 0, 5),
        ("1-7", "suppressed", 1, 7),
        ("1 to 7", "suppressed", 1, 7),
        ("*", "suppressed", 0, None),
        ("c", "suppressed", 0, None),
        ("[c]", "suppressed", 0, None),
        ("[x]", "missing", None, None),
        ("..", "missing", None, None),
        (None, "missing", None, None),
    ],
)
def test_a_mark_is_never_zero(cell: str | None, state: str, low: int | None, high: int | None) -> None:
    row = read_marked(pd.Series(["3", cell], dtype="str"), "a count", "'l.csv'").iloc[1]
    assert row["state"] == state
    for side, expected in (("low", low), ("high", high)):
        assert row[side] == expected if expected is not None else pd.isna(row[side])


def test_what_a_star_may_hide_is_stated_elsewhere() -> None:
    rows = read_marked(pd.Series(["*", "<3"], dtype="str"), "a count", "'l.csv'", up_to=7)
    assert rows["high"].tolist() == [7, 2], "a mark that says its own bound keeps it"


# Monthly counts

MONTHLY = (
    HEAD
    + 'kind = "monthly"\n'
    + LEVEL.format("district", 2024)
    + 'month = "month"\ncount = "n"\nsuppressed_up_to = 4\n'
)


def monthly(folder: Path, *rows: tuple[str, str, object]) -> Layer:
    return of_text(folder, table(dict(zip(("code", "month", "n"), row, strict=True)) for row in rows), MONTHLY)


def test_monthly_counts_keep_suppressed_and_missing_apart(tmp_path: Path) -> None:
    found = monthly(
        tmp_path,
        (DISTRICTS[0], "2025-01", 7),
        (DISTRICTS[0], "2025-02", "*"),
        (DISTRICTS[0], "2025-04", 0),
        (DISTRICTS[1], "2025-02", ""),
        ("E07000999", "2025-01", 5),
    )
    frame = found.frame.set_index(["place", "month"])
    assert frame.loc[DISTRICTS[0], "state"].tolist() == ["count", "suppressed", "missing", "count"]
    assert frame.loc[DISTRICTS[0], "count"].tolist() == [7, pd.NA, pd.NA, 0]
    assert frame.loc[DISTRICTS[0], "low"].tolist() == [7, 0, pd.NA, 0]
    assert frame.loc[DISTRICTS[0], "high"].tolist() == [7, 4, pd.NA, 0]
    assert frame.loc[DISTRICTS[1], "state"].tolist() == ["missing"] * 4
    assert (found.accounting.read, found.accounting.kept, found.accounting.left_out) == (5, 4, {"unknown_code": 1})
    assert found.notes == (
        "1 code is of no district in this area: 'E07000999'.",
        "1 of 8 district months are suppressed.",
        "5 of 8 district months are missing.",
    )


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([("2025-13", 1)], "has '2025-13' as month in row 2: write it as 2025-01"),
        ([("Jan 2025", 1)], "has 'Jan 2025' as month"),
        ([("2025-01", 1), ("2025-01", "*")], "more than one row for 'E07000901' in 2025-01"),
        ([("2025-01", 1.5)], "has '1.5' as a count in row 2: a whole number from 0 up"),
        ([("2025-01", -1)], "has '-1' as a count in row 2"),
        ([("2025-01", "few")], "has 'few' as a count in row 2: a number was expected"),
    ],
)
def test_monthly_counts_that_cannot_be_used(tmp_path: Path, rows: list[tuple[str, object]], says: str) -> None:
    with pytest.raises(InputError) as error:
        monthly(tmp_path, *((DISTRICTS[0], month, count) for month, count in rows))
    assert says in assert_plain(str(error.value))
