"""From published files to a dataset: what areas carry, determinism, coverage, refusals that leave the old one."""

import dataclasses
import hashlib
import json
import random
import shutil
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import shapely.affinity

from geodata import build as module
from geodata.build import build
from geodata.checks import check_dataset
from geodata.columns import EXTRACT, FLAGS, INCIDENTS, OF_EXTRACT, POLICE_UK
from geodata.dataset import Dataset, open_dataset
from geodata.deprivation import AREA_COLUMNS
from geodata.errors import InputError
from geodata.inputs import Inputs
from geodata.summary import summary
from tests.conftest import Built
from tests.fixtures import (
    CODES,
    COUNTY_ROWS,
    NAMES,
    ODD_NAME,
    ODD_TEXT,
    assert_plain,
    at,
    county,
    denominator_csv,
    deprivation_csv,
    districts_csv,
    exact_fit_csv,
    extract_csv,
    grid,
    hashes,
    incident,
    mid_year_csv,
    recorded,
    street_csv,
    table,
    ts001_csv,
    wards_csv,
    write,
    write_boundaries,
    write_zip,
)

AREA_FIELDS = [
    "lsoa_code", "lsoa_name", "geometry", "ward_code", "ward", "district_code", "district", "csp", "police_force_area",
    "label", "residents", "area_km2", "rural_urban", *AREA_COLUMNS, "force",
]  # fmt: skip
BARE: dict[str, tuple[Path, ...]] = {"deprivation": (), "population": (), "lookup": (), "names": ()}


def made(inputs: Inputs, out: Path, **changes: Sequence[Path]) -> Dataset:
    build(dataclasses.replace(inputs, **{kind: tuple(paths) for kind, paths in changes.items()}), out)
    assert check_dataset(out) == []
    return open_dataset(out)


def sentence(inputs: Inputs, out: Path, **changes: Sequence[Path]) -> str:
    with pytest.raises(InputError) as caught:
        build(dataclasses.replace(inputs, **{kind: tuple(paths) for kind, paths in changes.items()}), out)
    assert not out.exists()
    return assert_plain(str(caught.value))


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "dataset"


# --- what areas carry ------------------------------------------------------------------------------------------------


def test_areas_carry_everything_that_was_given(built: Built) -> None:
    areas = built.dataset.areas
    assert list(areas.columns) == AREA_FIELDS
    first = areas.iloc[0]
    assert first.drop(["geometry", "area_km2", *[c for c in AREA_COLUMNS if not c.startswith("imd")]]).to_dict() == {
        "lsoa_code": CODES[0],
        "lsoa_name": "Eastham 001A",
        "ward_code": "E05000000",
        "ward": "Harbour",
        "district_code": "E07000901",
        "district": "Eastham",
        "csp": "Eastham",
        "police_force_area": "Norfolk",
        "label": "The Quay (Eastham 001A)",
        "residents": 1_000,
        "rural_urban": "Urban: Nearer to a major town or city",
        "imd_year": 2025,
        "imd_estimated": False,
        "imd_score": 99.998,
        "imd_rank": 1,
        "imd_decile": 1,
        "force": "norfolk",
    }
    assert areas["label"].to_list()[1:3] == ["Harbour (Eastham 001B)", "Harbour (Eastham 001C)"]
    assert areas["area_km2"].to_list() == pytest.approx([1.0] * 9, rel=0.001)
    assert areas["residents"].to_list() == [1_000 + 100 * n for n in range(9)]
    assert areas["imd_rank"].to_list() == [1 + 4_000 * n for n in range(9)]


def test_every_column_is_there_whatever_was_given(inputs: Inputs, out: Path) -> None:
    dataset = made(inputs, out, **BARE)
    full = made(inputs, out.with_name("full")).areas
    assert list(dataset.areas.columns) == AREA_FIELDS
    assert dataset.areas.dtypes.equals(full.dtypes)
    unknown = [
        "ward",
        "ward_code",
        "district_code",
        "csp",
        "police_force_area",
        "residents",
        "rural_urban",
        *AREA_COLUMNS,
    ]
    assert dataset.areas[unknown].isna().all(axis=None)
    assert dataset.areas["district"].to_list() == [name.split()[0] for name in NAMES]
    assert dataset.areas["label"].to_list() == list(NAMES)
    assert dataset.areas["force"].to_list() == ["norfolk"] * 9
    assert dataset.manifest["population"] is dataset.manifest["deprivation"] is None


def test_denominators_are_columns_and_accounted_for(inputs: Inputs, out: Path, tmp_path: Path) -> None:
    numbers = dict.fromkeys(CODES[:7], 500) | {CODES[0]: 0, "E01099999": 5, "E01099998": 6}
    workday = write(tmp_path / "d.csv", denominator_csv(numbers))
    more = write(tmp_path / "h-2021.csv", denominator_csv(dict.fromkeys(CODES, 2.5), "Households"))
    dataset = made(inputs, out, denominator=[workday, more])
    assert dataset.denominators == {"households": "Households", "workday_population": "Workday population"}
    assert dataset.areas["per_workday_population"].to_list() == [0] + [500] * 6 + [pd.NA] * 2
    assert dataset.areas["per_households"].to_list() == [2.5] * 9
    at = dataset.areas.columns.get_loc("residents")
    assert list(dataset.areas.columns[at + 1 : at + 3]) == ["per_households", "per_workday_population"]
    assert dataset.manifest["denominators"][1] == {
        "id": "workday_population", "title": "Workday population", "kind": "Workday population, year not stated",
        "files": ["d.csv"], "areas_with": 7, "areas_without": 2, "areas_with_zero": 1, "unknown_codes": 2,
        "unknown_named": "'E01099998', 'E01099999'",
    }  # fmt: skip
    assert (
        "  rates can be per: Workday population, year not stated (7 areas); 2 areas without a value; 1 area with none"
        in summary(dataset.manifest)
    )
    assert "2 codes of the table are no area here ('E01099998', 'E01099999')" in summary(dataset.manifest)


def test_nothing_else_changes_with_a_denominator_or_weights(
    built: Built, inputs: Inputs, out: Path, tmp_path: Path
) -> None:
    workday = write(tmp_path / "d.csv", denominator_csv(dict.fromkeys(CODES, 5)))
    weights = write(tmp_path / "our weights.csv", "code,weight\n8N,10\n34B,100\n")
    dataset = made(inputs, out, denominator=[workday], weights=[weights])
    assert dataset.manifest["weights"] == {
        "title": "Our weights", "file": "our weights.csv", "by_code": {"8N": 10.0, "34B": 100.0},
    }  # fmt: skip
    assert "severity weights: Our weights, 2 offence codes" in summary(dataset.manifest)
    pd.testing.assert_frame_equal(dataset.areas.drop(columns="per_workday_population"), built.dataset.areas)
    assert {"denominators", "weights"} & set(built.manifest) == set(), "a dataset without them holds no trace of them"
    files = {name: digest for name, digest in dataset.manifest["files"].items() if name != "areas.parquet"}
    assert files.items() <= built.manifest["files"].items()


@pytest.mark.parametrize(
    ("code", "vintage", "other"), [("LSOA11CD", 2021, 2011), ("LSOA21CD", 2011, 2021)]
)  # fmt: skip
def test_a_denominator_is_never_carried_to_another_vintage(
    code: str, vintage: int, other: int, inputs: Inputs, out: Path, tmp_path: Path
) -> None:
    shapes = write_boundaries(tmp_path / "b.gpkg", grid(vintage))
    numbers = write(tmp_path / "d.csv", denominator_csv(dict.fromkeys(CODES[:8], 5), code=code))
    assert sentence(inputs, out, boundaries=[shapes], denominator=[numbers], **BARE) == (
        f"The denominator 'Workday population' is on {other} LSOAs and the boundaries on {vintage} ones, and its numbers cannot "
        f"be carried from one to the other: give a denominator table on {vintage} LSOAs."
    )


def test_a_denominator_of_another_area_is_refused(inputs: Inputs, out: Path, tmp_path: Path) -> None:
    numbers = write(tmp_path / "d.csv", denominator_csv({"E01099999": 5}))
    assert "None of the LSOA codes of the denominator 'Workday population'" in sentence(
        inputs, out, denominator=[numbers]
    )


def test_an_area_without_a_value_is_null_and_counted(inputs: Inputs, out: Path, tmp_path: Path) -> None:
    population = write(tmp_path / "p.csv", ts001_csv(dict.fromkeys(CODES[:7], 500)))
    index = write(tmp_path / "i.csv", deprivation_csv(2025, dict.fromkeys(CODES[:8], 500)))
    dataset = made(inputs, out, population=[population], deprivation=[index])
    assert dataset.areas["residents"].isna().to_list() == [False] * 7 + [True] * 2
    assert dataset.areas["imd_rank"].isna().to_list() == [False] * 8 + [True]
    assert dataset.areas["imd_year"].isna().to_list() == dataset.areas["imd_estimated"].isna().to_list()
    assert dataset.manifest["population"]["areas_without"] == 2
    assert dataset.manifest["deprivation"] == {"year": 2025, "areas_without": 1, "estimated": 0, "bridged": False}


def test_a_district_with_two_partnerships_names_both(inputs: Inputs, out: Path, tmp_path: Path) -> None:
    split = write(tmp_path / "d.csv", districts_csv(("Waveney", "Suffolk Coastal"), "Suffolk"))
    dataset = made(inputs, out, lookup=[inputs.lookup[0], split])
    assert dataset.areas["csp"].to_list() == ["Suffolk Coastal or Waveney"] * 6 + ["Westham"] * 3
    assert set(dataset.areas["force"]) == {"suffolk"}


def test_names_by_msoa_reach_every_lsoa_of_it(inputs: Inputs, out: Path, tmp_path: Path) -> None:
    rows = [{"msoa21cd": "E02000001", "msoa21nm": "Eastham 002", "msoa21hclnm": "Cathedral & Close"}]
    dataset = made(inputs, out, names=[write(tmp_path / "hoc.csv", table(rows))])
    assert dataset.areas["label"].to_list()[2:5] == [
        "Harbour (Eastham 001C)",
        "Cathedral & Close (Eastham 002A)",
        "Cathedral & Close (Eastham 002B)",
    ]


def test_a_ward_lookup_of_2021_serves_the_areas_of_2011_that_did_not_change(
    inputs: Inputs, out: Path, tmp_path: Path
) -> None:
    old = grid(2011)
    old.loc[0, "LSOA11CD"] = "E01000900"
    boundaries = write_boundaries(tmp_path / "old.gpkg", old)
    dataset = made(inputs, out, boundaries=[boundaries], **BARE | {"lookup": inputs.lookup})
    first = dataset.areas.set_index("lsoa_code").loc["E01000900"]
    assert pd.isna(first["ward"])
    assert (first["district"], first["district_code"]) == ("Eastham", "E07000901")  # by its name
    assert dataset.areas["ward"].notna().sum() == 8


def test_the_area_is_called_by_its_force_or_districts_unless_named(inputs: Inputs, out: Path, tmp_path: Path) -> None:
    assert made(inputs, out).manifest["area"] == "Norfolk"
    assert made(inputs, out, **BARE).manifest["area"] == "Eastham and Westham"
    nameless = write_boundaries(tmp_path / "b.gpkg", grid().drop(columns="LSOA21NM"))
    assert made(inputs, out, boundaries=[nameless], **BARE).manifest["area"] == "Area without a name"
    assert build(inputs, out, "Our patch {{7*7}}\udcff")["area"] == "Our patch {{7*7}}?"
    assert check_dataset(out) == []


# --- vintages --------------------------------------------------------------------------------------------------------

OLD = ("E01000901", "E01000902", "E01000903", "E01000904")  # of 2011
NEW = ("E01034901", "E01034902", "E01034903")  # made in 2021
FIT = [
    *[(code, code, "U") for code in CODES[:6]],
    (OLD[0], NEW[0], "S"), (OLD[0], NEW[1], "S"), (OLD[1], NEW[2], "M"), (OLD[2], NEW[2], "M"),
]  # fmt: skip


def boundaries(folder: Path, vintage: int) -> Path:
    """The grid with its last three areas changed between the vintages."""
    frame = grid(vintage)
    frame[f"LSOA{vintage % 100}CD"] = [*CODES[:6], *(OLD[:3] if vintage == 2011 else NEW)]
    return write_boundaries(folder / f"LSOA_{vintage}.gpkg", frame)


def test_the_index_of_2019_on_boundaries_of_2021(inputs: Inputs, out: Path, tmp_path: Path) -> None:
    ranks = dict.fromkeys(CODES[:6], 100) | {OLD[0]: 20_000, OLD[1]: 1, OLD[2]: 16_423}
    index = write(tmp_path / "i.csv", deprivation_csv(2019, ranks))
    fit = write(tmp_path / "fit.csv", exact_fit_csv(FIT))
    given = {"boundaries": [boundaries(tmp_path, 2021)], "deprivation": [index]}
    dataset = made(inputs, out, **BARE | given | {"lookup": [fit]})
    assert dataset.areas["imd_rank"].to_list() == [100] * 6 + [20_000, 20_000, 2_264]
    assert dataset.areas["imd_estimated"].to_list() == [False] * 8 + [True]
    assert dataset.areas["imd_year"].to_list() == [2019] * 9
    assert dataset.manifest["deprivation"] == {"year": 2019, "areas_without": 0, "estimated": 1, "bridged": True}
    assert sentence(inputs, out.with_name("no"), **BARE | given) == (
        "The deprivation table is on 2011 LSOAs and the boundaries on 2021 ones: add ONS's exact-fit lookup of 2011 to "
        "2021 LSOAs with --lookup, or give the index of the boundaries' vintage."
    )


def test_the_index_of_2025_on_boundaries_of_2011(inputs: Inputs, out: Path, tmp_path: Path) -> None:
    ranks = dict.fromkeys(CODES[:6], 100) | {NEW[0]: 100, NEW[1]: 20_000, NEW[2]: 700}
    index = write(tmp_path / "i.csv", deprivation_csv(2025, ranks))
    fit = write(tmp_path / "fit.csv", exact_fit_csv(FIT))
    given = {"boundaries": [boundaries(tmp_path, 2011)], "deprivation": [index]}
    dataset = made(inputs, out, **BARE | given | {"lookup": [fit]})
    by_code = dataset.areas.set_index("lsoa_code")
    assert by_code.loc[list(OLD[:3]), "imd_rank"].to_list() == [2_885, 700, 700]
    assert by_code.loc[list(OLD[:3]), "imd_estimated"].to_list() == [True, False, False]
    assert "The deprivation table is on 2021 LSOAs and the boundaries on 2011 ones" in sentence(
        inputs, out.with_name("no"), **BARE | given
    )


@pytest.mark.parametrize(
    ("vintage", "codes", "text"),
    [
        (2021, [*CODES[:6], *OLD[:3]], mid_year_csv(dict.fromkeys([*CODES[:6], *OLD[:3]], 9), "LSOA Code", "All Ages")),
        (2021, [*CODES[:6], *OLD[:3]], mid_year_csv(dict.fromkeys([*CODES[:6], *OLD[:3]], 9), "LSOA11CD", "All Ages")),
        (2011, [*CODES[:6], *NEW], ts001_csv(dict.fromkeys([*CODES[:6], *NEW], 9))),
    ],
    ids=["2011 untold", "2011 told", "TS001"],
)
def test_residents_are_never_carried_to_another_vintage(
    inputs: Inputs, out: Path, tmp_path: Path, vintage: int, codes: list[str], text: str
) -> None:
    assert len(codes) == 9
    path, fit = write(tmp_path / "p.csv", text), write(tmp_path / "fit.csv", exact_fit_csv(FIT))
    given = {"boundaries": [boundaries(tmp_path, vintage)], "population": [path], "lookup": [fit]}
    other = 2011 if vintage == 2021 else 2021
    assert sentence(inputs, out, **BARE | given) == (
        f"The population is on {other} LSOAs and the boundaries on {vintage} ones, and residents cannot be carried from "
        f"one to the other: give a population table on {vintage} LSOAs."
    )


@pytest.mark.parametrize("vintage", [2011, 2021])
def test_a_table_without_a_stated_vintage_serves_boundaries_whose_codes_it_has(
    inputs: Inputs, out: Path, tmp_path: Path, vintage: int
) -> None:
    codes = [*CODES[:6], *(OLD[:3] if vintage == 2011 else NEW)]
    path = write(tmp_path / "p.csv", mid_year_csv(dict.fromkeys(codes, 9), "LSOA Code", "All Ages"))
    dataset = made(inputs, out, **BARE | {"boundaries": [boundaries(tmp_path, vintage)], "population": [path]})
    assert dataset.areas["residents"].to_list() == [9] * 9


# --- tables that match nothing ---------------------------------------------------------------------------------------

ELSEWHERE = tuple(f"E0100080{n}" for n in range(9))
UNMATCHED: dict[str, tuple[str, str, str]] = {
    "deprivation": (
        "deprivation",
        deprivation_csv(2025, dict.fromkeys(ELSEWHERE, 5)),
        "of the deprivation table 'x.csv'",
    ),
    "population": ("population", ts001_csv(dict.fromkeys(ELSEWHERE, 5)), "of the population table 'x.csv'"),
    "population of MSOAs": ("population", ts001_csv({"E02000001": 5}), "of the population table 'x.csv'"),
    "wards": ("lookup", wards_csv().replace("E0100010", "E0100080"), "of the lookup of wards and districts"),
    "classes": ("lookup", "LSOA21CD,RUC21NM\nE01000801,Rural\n", "of the lookup of rural-urban classes"),
    "exact fit": ("lookup", exact_fit_csv([(code, code, "U") for code in ELSEWHERE]), "of the lookup of exact fit"),
}


@pytest.mark.parametrize(("kind", "text", "says"), UNMATCHED.values(), ids=UNMATCHED)
def test_codes_that_match_no_boundary(
    inputs: Inputs, out: Path, tmp_path: Path, kind: str, text: str, says: str
) -> None:
    said = sentence(inputs, out, **BARE | {kind: [write(tmp_path / "x.csv", text)]})
    assert said == f"None of the LSOA codes {says} is in the boundaries: check that both are of the same area."


def test_names_that_match_no_boundary(inputs: Inputs, out: Path, tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv", table([{"LSOA21CD": ELSEWHERE[0], "name": "Elsewhere"}]))
    assert sentence(inputs, out, names=[path]) == (
        "The table of names has no name for any area of the boundaries: check that it is of this area and vintage."
    )


def test_districts_that_match_no_ward_lookup(inputs: Inputs, out: Path) -> None:
    assert sentence(inputs, out, lookup=[inputs.lookup[1]]) == (
        "The lookup of districts to partnerships and police force areas has no district of the boundaries: add ONS's "
        "lookup of LSOAs to wards and districts, of the same area."
    )


# --- forces and months -----------------------------------------------------------------------------------------------


def street_zip(path: Path, *files: tuple[str, str, Sequence[dict[str, str]]]) -> Path:
    return write_zip(path, {f"{m}/{m}-{force}-street.csv": street_csv(rows) for force, m, rows in files})


def test_a_month_without_rows_is_missing_with_a_warning_not_zero(inputs: Inputs, out: Path, tmp_path: Path) -> None:
    archive = street_zip(
        tmp_path / "a.zip",
        ("norfolk", "2025-01", [incident(500, 500)]),
        ("norfolk", "2025-02", []),
        ("norfolk", "2025-03", [incident(500, 500, Month="2025-03")]),
    )
    dataset = made(inputs, out, police=[archive])
    assert dataset.manifest["coverage"] == {
        "police.uk": {"norfolk": {"2025-01": "present", "2025-02": "missing", "2025-03": "present"}}
    }
    assert dataset.manifest["warnings"] == [
        "The file of Norfolk Constabulary for 2025-02 has no rows of that month; it counts as missing, not as zero."
    ]
    counts = dataset.counts().set_index(["lsoa_code", "month"])["count"]
    assert pd.isna(counts[CODES[0], "2025-02"])
    assert counts[CODES[1], "2025-03"] == 0


def test_several_forces_inside_one_area(inputs: Inputs, out: Path, tmp_path: Path) -> None:
    archive = street_zip(
        tmp_path / "a.zip",
        ("norfolk", "2025-01", [incident(500, 500), incident(500, 2500)]),
        ("suffolk", "2025-01", [incident(500, 500), incident(500, 500, Crime_type="Burglary")]),
        ("btp", "2025-02", [incident(500, 500, Month="2025-02")]),
    )
    dataset = made(inputs, out, police=[archive])
    assert set(dataset.areas["force"]) == {"norfolk"}
    assert dataset.manifest["territorial_forces"] == ["norfolk"]
    assert dataset.manifest["forces_absent"] == ["cambridgeshire", "lincolnshire"]
    assert dataset.presence().to_dict("index") == {
        "btp": {"2025-01": False, "2025-02": True},
        "norfolk": {"2025-01": True, "2025-02": False},
        "suffolk": {"2025-01": True, "2025-02": False},
    }
    assert dataset.cells.groupby("force", observed=True)["count"].sum().to_dict() == {
        "btp": 1,
        "norfolk": 2,
        "suffolk": 2,
    }


def test_without_a_lookup_the_force_is_the_busiest_of_the_district(inputs: Inputs, out: Path, tmp_path: Path) -> None:
    suffolk = {"Reported_by": "Suffolk Constabulary"}
    rows = [*[incident(500, 500)] * 5, *[incident(500, 2500, **suffolk)] * 3, *[incident(500, 500, **suffolk)] * 2]
    dataset = made(inputs, out, **BARE | {"police": [write(tmp_path / "a.csv", street_csv(rows))]})
    assert dataset.areas["force"].to_list() == ["norfolk"] * 6 + ["suffolk"] * 3
    assert dataset.manifest["territorial_forces"] == ["norfolk", "suffolk"]


def test_a_territorial_force_that_was_not_given_is_said_and_is_not_zero(
    inputs: Inputs, out: Path, tmp_path: Path
) -> None:
    rows = [incident(500, 500, Reported_by="British Transport Police")]
    dataset = made(inputs, out, police=[write(tmp_path / "a.csv", street_csv(rows))])
    assert dataset.manifest["warnings"] == [
        "No file of Norfolk Constabulary, whose area this is in part, was given; its areas show no data."
    ]
    counts = dataset.counts()
    assert counts[counts["force"] == "norfolk"]["count"].isna().all()
    assert counts["count"].sum() == 1


def test_a_common_type_that_one_month_lacks_is_said(inputs: Inputs, out: Path, tmp_path: Path) -> None:
    kinds = {"2025-01": "Dr=1{{7*7}}\x1b", "2025-02": "Robbery", "2025-03": "Dr=1{{7*7}}\x1b"}
    rows = [incident(500, 500, Month=month, Crime_type=kind) for month, kind in kinds.items() for _ in range(60)]
    dataset = made(inputs, out, police=[write(tmp_path / "a.csv", street_csv(rows))])
    assert dataset.manifest["warnings"] == [
        "'Dr=1{{7*7}}\\x1b' is no crime type of police.uk: it has 120 rows in 2 months, 2025-01 to 2025-03, and is counted "
        "in no measure; check its spelling.",
        "Norfolk Constabulary has no 'Dr=1{{7*7}}\\x1b' in 2025-02; it may not have been supplied.",
    ]


def test_a_crime_type_that_is_none_is_said_and_another_spelling_is_the_published_one(
    inputs: Inputs, out: Path, tmp_path: Path
) -> None:
    kinds = ("ROBBERY", " Robbery", "robbery\u00a0", "Robbery", "Affray")
    rows = [incident(500, 500, Crime_type=kind) for kind in kinds]
    rows.append(incident(500, 500, Crime_type="Fraud", Month="?"))
    dataset = made(inputs, out, police=[write(tmp_path / "a.csv", street_csv(rows))])
    assert dataset.manifest["crime_types"] == ["Affray", "Fraud", "Robbery"]
    assert dataset.cells.set_index("crime_type")["count"].to_dict() == {"Robbery": 4, "Affray": 1}
    assert dataset.manifest["warnings"] == [
        "'Affray' is no crime type of police.uk: it has 1 row in 2025-01 and is counted in no measure; check its spelling.",
        "'Fraud' is no crime type of police.uk: it has 1 row and is counted in no measure; check its spelling.",
    ]


def test_a_row_of_another_month_than_its_file_makes_no_month_present(inputs: Inputs, out: Path, tmp_path: Path) -> None:
    archive = street_zip(
        tmp_path / "a.zip",
        ("norfolk", "2025-01", [incident(500, 500), incident(500, 500, Month="2019-06")]),
        ("norfolk", "2025-02", [incident(500, 500, Month="2025-01", Crime_ID="x")]),
        ("norfolk", "2025-03", [incident(500, 500, Month="2025-03", Crime_ID="x")]),
    )
    dataset = made(inputs, out, police=[archive])
    assert dataset.manifest["coverage"]["police.uk"] == {
        "norfolk": {"2025-01": "present", "2025-02": "missing", "2025-03": "present"}
    }
    assert dataset.manifest["accounting"] == {
        "rows_read": 4,
        "joined": 2,
        "joined_nearest": 0,
        "rejected": {"invalid_month": 2},
    }
    assert sorted(dataset.rejects()["month"]) == [
        "2019-06 (in the file of 2025-01)",
        "2025-01 (in the file of 2025-02)",
    ]
    assert "The file of Norfolk Constabulary for 2025-02 has no rows of that month" in dataset.manifest["warnings"][0]


@pytest.mark.parametrize(("moved", "said"), [(-10, True), (0, False)])
def test_boundaries_that_overlap_are_said(inputs: Inputs, out: Path, tmp_path: Path, moved: float, said: bool) -> None:
    frame = grid()
    frame.loc[1, "geometry"] = shapely.affinity.translate(frame.geometry.iloc[1], xoff=moved)
    warnings = made(inputs, out, boundaries=[write_boundaries(tmp_path / "b.gpkg", frame)]).manifest["warnings"]
    expected = (
        "The boundaries overlap: the areas together are 0.1% larger than the ground they cover (more than 0.1%); an "
        "incident in two areas counts in the one whose code comes first."
    )
    assert warnings == ([expected] if said else [])


def test_repaired_polygons_are_said(inputs: Inputs, out: Path, tmp_path: Path) -> None:
    frame = grid()
    corners = list(frame.geometry.iloc[8].exterior.coords)
    corners[2], corners[4] = corners[4], corners[2]
    frame.loc[8, "geometry"] = type(frame.geometry.iloc[8])(corners)
    manifest = made(inputs, out, boundaries=[write_boundaries(tmp_path / "b.gpkg", frame)]).manifest
    assert manifest["repaired_polygons"] == 1
    assert manifest["warnings"] == ["Polygons whose outline crosses itself were repaired: 1; look at them on the map."]


def test_a_blank_crime_type_is_no_type_of_the_dataset(inputs: Inputs, out: Path, tmp_path: Path) -> None:
    rows = [incident(500, 500), incident(500, 500, Crime_type="  ")]
    dataset = made(inputs, out, police=[write(tmp_path / "a.csv", street_csv(rows))])
    assert dataset.manifest["crime_types"] == ["Robbery"]


# --- inputs ----------------------------------------------------------------------------------------------------------


def test_the_manifest_lists_every_input_with_its_hash_and_rows(inputs: Inputs, out: Path, tmp_path: Path) -> None:
    archive = street_zip(
        tmp_path / "p" / "a.zip",
        ("norfolk", "2025-01", [incident(500, 500)] * 3),
        ("norfolk", "2025-02", [incident(500, 500, Month="2025-02")] * 2),
    )
    write(tmp_path / "p" / "readme.txt", "hello")
    listed = made(inputs, out, police=[tmp_path / "p"], **BARE).manifest["inputs"]
    assert [(one["kind"], one["file"], one.get("rows")) for one in listed] == [
        ("boundaries", "LSOA_2021.gpkg", None),
        ("police", "a.zip", 5),
        ("police", "readme.txt", None),
    ]
    assert listed[1]["sha256"] == hashlib.sha256(archive.read_bytes()).hexdigest()


# --- determinism -----------------------------------------------------------------------------------------------------


def outcome(out: Path) -> tuple[dict[str, str], dict[str, Any]]:
    """The hash of every file but the manifest, and the manifest but for the time."""
    files = hashes(out)
    files.pop("manifest.json")
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert manifest.pop("built_at")
    return files, manifest


def split(folder: Path, name: str, text: str) -> list[Path]:
    """The rows of a table over two files of one name in two folders, as publishers name the files of two areas."""
    header, *rows = text.splitlines()
    middle = len(rows) // 2
    return [
        write(folder / place / name, "\n".join([header, *some]) + "\n")
        for place, some in (("east", rows[:middle]), ("west", rows[middle:]))
    ]


def many_files(folder: Path) -> Inputs:
    ranks = {code: 1 + 4_000 * place for place, code in enumerate(CODES)}
    return Inputs(
        boundaries=(
            write_boundaries(folder / "east" / "LSOA.gpkg", grid().iloc[:5]),
            write_boundaries(folder / "west" / "LSOA.gpkg", grid().iloc[5:]),
        ),
        police=(
            street_zip(folder / "east" / "police.zip", ("norfolk", "2025-01", COUNTY_ROWS[:6])),
            street_zip(folder / "west" / "police.zip", ("norfolk", "2025-02", COUNTY_ROWS[6:])),
            write(folder / "police.csv", street_csv([incident(500, 500, Reported_by="British Transport Police")] * 2)),
            write(folder / "odd.csv", street_csv([incident(500, 500, Month="")] * 2)),
        ),
        deprivation=tuple(split(folder, "IoD2025.csv", deprivation_csv(2025, ranks, scores=True))),
        population=tuple(split(folder, "ts001.csv", ts001_csv(dict.fromkeys(CODES, 7)))),
        lookup=(*split(folder, "wards.csv", wards_csv()), write(folder / "d.csv", districts_csv(("B", "A")))),
        names=tuple(split(folder, "names.csv", table({"LSOA21CD": c, "name": f"Place {c}"} for c in CODES[:4]))),
    )


def test_the_order_of_the_files_leaves_no_trace(tmp_path: Path) -> None:
    inputs = many_files(tmp_path / "in")
    build(inputs, tmp_path / "first")
    expected = outcome(tmp_path / "first")
    assert check_dataset(tmp_path / "first") == []
    for turn in range(4):
        shuffled = {
            kind: tuple(random.Random(turn).sample(paths, len(paths)))
            for kind, paths in dataclasses.asdict(inputs).items()
        }
        build(Inputs(**shuffled), tmp_path / f"turn-{turn}")
        assert outcome(tmp_path / f"turn-{turn}") == expected


@pytest.mark.parametrize("kind", ["csv", "zip"])
def test_the_folders_of_overlapping_files_leave_no_trace(tmp_path: Path, inputs: Inputs, kind: str) -> None:
    def month(number: int) -> list[dict[str, str]]:
        said = {"Month": f"2025-0{number}"}
        return [incident(500, 500, **said), incident(500, 500, **said), incident(None, None, **said)]

    texts = [street_csv(month(1) + month(2)), street_csv(month(2)[::-1] + month(3))]
    found = []
    for turn, folders in enumerate((("a", "b"), ("b", "a"))):
        given = [
            write(tmp_path / str(turn) / folder / "p.csv", text)
            if kind == "csv"
            else write_zip(
                tmp_path / str(turn) / folder / "p.zip",
                {
                    "2025-02-norfolk-street.csv": street_csv(month(2)),
                    f"2025-0{extra}-norfolk-street.csv": street_csv(month(extra)),
                },
            )
            for folder, text, extra in zip(folders, texts, (1, 3), strict=True)
        ]
        build(dataclasses.replace(inputs, police=tuple(given)), tmp_path / f"out-{turn}")
        found.append(outcome(tmp_path / f"out-{turn}"))
    assert found[0] == found[1]
    assert found[0][1]["accounting"]["rows_read"] == 9
    assert [file["rows"] for file in found[0][1]["inputs"] if file["kind"] == "police"] == [6, 6]


def test_a_rebuild_in_place_is_identical(inputs: Inputs, out: Path) -> None:
    build(inputs, out)
    before = outcome(out)
    build(inputs, out)
    assert outcome(out) == before


def test_the_same_files_in_another_place_give_the_same_dataset(inputs: Inputs, tmp_path: Path) -> None:
    build(inputs, tmp_path / "one")
    shutil.copytree(tmp_path / "in", tmp_path / "elsewhere" / "zzz")
    build(county(tmp_path / "elsewhere" / "aaa"), tmp_path / "two")
    there = {
        kind: tuple(tmp_path / "elsewhere" / "zzz" / path.name for path in paths)
        for kind, paths in dataclasses.asdict(inputs).items()
    }
    build(Inputs(**there), tmp_path / "three")
    assert outcome(tmp_path / "three") == outcome(tmp_path / "one")
    assert outcome(tmp_path / "two")[0] == outcome(tmp_path / "one")[0]  # a GeoPackage carries the time it was made


def test_another_input_gives_another_hash(inputs: Inputs, out: Path, tmp_path: Path) -> None:
    first = build(inputs, out)["dataset_hash"]
    rows = [*COUNTY_ROWS[:-1], COUNTY_ROWS[-1] | {"Location": "On or near Pier"}]
    changed = dataclasses.replace(inputs, police=(write(tmp_path / "police.csv", street_csv(rows)),))
    assert build(changed, out)["dataset_hash"] != first


# --- hostile text ----------------------------------------------------------------------------------------------------


def test_hostile_text_is_carried_as_data(out: Path, tmp_path: Path) -> None:
    hostile = '=HYPERLINK("http://x"){{7*7}}<img src=x>\x1b[31m'
    rows = [
        incident(500, 500, Location=hostile, Crime_type=hostile, LSOA_code=hostile),
        incident(None, None, Location=hostile),
    ]
    inputs = county(tmp_path / "in")
    given = {
        "boundaries": [
            write_boundaries(tmp_path / "b.gpkg", grid().assign(LSOA21NM=hostile)).rename(tmp_path / f"{ODD_NAME}.gpkg")
        ],
        "police": [write(tmp_path / f"{ODD_NAME}.csv", street_csv(rows))],
        "names": [write(tmp_path / f"{ODD_NAME}.names.csv", table([{"LSOA21CD": CODES[0], "name": hostile}]))],
    }
    dataset = made(inputs, out, **BARE | given)
    assert dataset.areas["lsoa_name"].to_list() == [hostile] * 9
    assert dataset.areas.loc[0, "label"] == f"{hostile} ({hostile})"
    assert dataset.incidents()["location"].to_list() == dataset.rejects()["location"].to_list() == [hostile]
    assert dataset.rejects()["file"].to_list() == [f"{ODD_TEXT}.csv"]
    assert dataset.manifest["crime_types"] == [hostile, "Robbery"]
    assert {one["file"] for one in dataset.manifest["inputs"]} == {
        f"{ODD_TEXT}{ending}" for ending in (".gpkg", ".csv", ".names.csv")
    }
    label = json.loads(dataset.display["areas"].read_text(encoding="utf-8"))["features"][0]["properties"]["label"]
    assert label == f"{hostile} ({hostile})"


# --- whole or not at all ---------------------------------------------------------------------------------------------


def test_progress_runs_from_nothing_to_the_whole(inputs: Inputs, out: Path) -> None:
    said: list[tuple[str, float]] = []
    build(inputs, out, progress=lambda stage, done: said.append((stage, done)))
    shares = [done for _, done in said]
    assert shares == sorted(shares)
    assert shares[0] < 0.1
    assert said[-1] == ("Done", 1.0)
    assert all(stage for stage, _ in said)


def test_a_reader_beside_a_rebuilding_writer_sees_one_whole_dataset_or_the_other(
    inputs: Inputs, out: Path, tmp_path: Path
) -> None:
    rows = [incident(500, 500, Crime_type="Burglary")] * 3
    two = (inputs, dataclasses.replace(inputs, police=(write(tmp_path / "p.csv", street_csv(rows)),)))
    totals = {build(one, out)["dataset_hash"]: total for one, total in zip(two, (8, 3), strict=True)}
    done, seen, faults = threading.Event(), set(), []

    def read() -> None:
        while not done.is_set():
            try:
                dataset = open_dataset(out)
                seen.add(dataset.hash)
                if int(dataset.cells["count"].sum()) != totals[dataset.hash]:
                    faults.append("cells of the other dataset")
                if len(dataset.incidents()) != totals[dataset.hash]:
                    faults.append("incidents of the other dataset")
            except InputError as error:
                if "was changed while it was open" not in str(error):
                    faults.append(str(error))

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for turn in range(8):
            build(two[turn % 2], out)
    finally:
        done.set()
        reader.join()
    assert faults == []
    assert seen == set(totals)


@pytest.mark.parametrize("step", ["write_display", "write_dataset", "account_by", "place_rows", "_warnings"])
@pytest.mark.parametrize("fault", [RuntimeError, MemoryError, KeyboardInterrupt])
def test_a_build_that_breaks_leaves_the_earlier_dataset(
    inputs: Inputs, out: Path, monkeypatch: pytest.MonkeyPatch, step: str, fault: type[BaseException]
) -> None:
    build(inputs, out)
    before = hashes(out.parent)

    def broken(*_: object, **__: object) -> None:
        raise fault

    monkeypatch.setattr(module, step, broken)
    with pytest.raises(fault):
        build(inputs, out)
    assert hashes(out.parent) == before
    assert check_dataset(out) == []


def test_a_disk_that_fills_up_while_writing_leaves_the_earlier_dataset(
    inputs: Inputs, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(inputs, out)
    before = hashes(out.parent)
    write_parquet: Callable[..., None] = pd.DataFrame.to_parquet
    written: list[object] = []

    def filling(self: pd.DataFrame, path: Path, **how: Any) -> None:
        written.append(path)
        if len(written) == 3:
            raise OSError(28, "No space left on device")
        write_parquet(self, path, **how)

    monkeypatch.setattr(pd.DataFrame, "to_parquet", filling)
    monkeypatch.setattr("geopandas.GeoDataFrame.to_parquet", filling)
    with pytest.raises(InputError, match=r"cannot be written to 'dataset' \(No space left on device\)"):
        build(inputs, out)
    assert len(written) == 3
    assert hashes(out.parent) == before


# --- a force's own extract -------------------------------------------------------------------------------------------

EXTRACT_ROWS = (
    recorded(500, 500),
    recorded(500, 500),
    recorded(1500, 500, crime_type="Violence and sexual offences", offence_code="8/6", date="2025-02-03", hour=""),
    recorded(2505, 2505, crime_type="Anti-social behaviour", offence_code="", flag_knife=""),
    recorded(2500, 3030),
    recorded(None, None, date="2025-02-31"),
    recorded(None, None),
)


@pytest.fixture
def extract(tmp_path: Path) -> Path:
    return write(tmp_path / "own.csv", extract_csv(EXTRACT_ROWS))


def test_both_sources_stand_side_by_side_and_are_never_added_up(
    inputs: Inputs, built: Built, out: Path, extract: Path
) -> None:
    both = made(inputs, out, incidents=[extract])
    assert both.sources == [POLICE_UK, EXTRACT]
    published = [dataset.source_cells(POLICE_UK).to_numpy().tolist() for dataset in (both, built.dataset)]
    assert published[0] == published[1]
    own = both.source_cells(EXTRACT).astype(dict.fromkeys(("lsoa_code", "month", "crime_type"), "str"))
    assert own[["lsoa_code", "month", "crime_type", "count"]].to_numpy().tolist() == [
        [CODES[0], "2025-01", "Robbery", 2],
        [CODES[1], "2025-02", "Violence and sexual offences", 1],
        [CODES[8], "2025-01", "Anti-social behaviour", 1],
    ]
    before, now = built.manifest["accounting"], both.manifest["accounting"]
    assert now["rows_read"] == before["rows_read"] + len(EXTRACT_ROWS)
    assert now["joined"] == before["joined"] + 4
    rejected = dict(before["rejected"])
    for reason in ("outside_area", "invalid_month", "no_location"):
        rejected[reason] = rejected.get(reason, 0) + 1
    assert now["rejected"] == rejected
    by = both.accounting().groupby("source")["rows"].sum().to_dict()
    assert by == {EXTRACT: len(EXTRACT_ROWS), POLICE_UK: before["rows_read"]}
    assert both.manifest["coverage"][POLICE_UK] == built.manifest["coverage"][POLICE_UK]
    assert both.manifest["coverage"][EXTRACT] == {"norfolk": {"2025-01": "present", "2025-02": "present"}}
    assert both.manifest["agreement"] == built.manifest["agreement"] | {
        "none_recorded": built.manifest["agreement"]["none_recorded"] + 4
    }
    (given,) = [file for file in both.manifest["inputs"] if file["kind"] == "incidents"]
    assert (given["file"], given["rows"]) == ("own.csv", len(EXTRACT_ROWS))


def test_an_extract_adds_its_columns_and_marks_the_dataset(
    inputs: Inputs, built: Built, out: Path, extract: Path
) -> None:
    assert list(built.dataset.incidents().columns) == list(INCIDENTS)
    assert (built.dataset.marking, built.manifest["recorded"]) == ("Open data", None)
    both = made(inputs, out, incidents=[extract])
    assert both.marking == "OFFICIAL-SENSITIVE: partner use only"
    incidents = both.incidents()
    assert list(incidents.columns) == [*INCIDENTS, *OF_EXTRACT]
    assert incidents.loc[incidents["source"] == POLICE_UK, list(OF_EXTRACT)].isna().all(axis=None)
    own = incidents[incidents["source"] == EXTRACT]
    assert sorted(own["date"].astype("str")) == ["2025-01-07"] * 3 + ["2025-02-03"]
    assert own["flag_knife"].value_counts(dropna=False).to_dict() == {True: 3, pd.NA: 1}
    assert both.manifest["recorded"] == {"incidents": 4, "date": 4, "hour": 3, "offence_code": 3} | {
        flag: {"flag_knife": 3, "flag_hate": 4}.get(flag, 0) for flag in FLAGS
    }


def test_an_extract_alone_is_a_dataset(inputs: Inputs, out: Path, extract: Path) -> None:
    alone = made(inputs, out, police=(), incidents=[extract])
    assert alone.sources == [EXTRACT]
    assert set(alone.areas["force"]) == {"norfolk"}
    assert alone.counts()["count"].sum() == 4
    assert alone.manifest["forces_absent"] == made(inputs, out).manifest["forces_absent"]


def test_without_any_incidents_nothing_is_built(inputs: Inputs, out: Path) -> None:
    assert "--police" in sentence(inputs, out, police=())
    assert "--incidents" in sentence(inputs, out, police=())


def test_without_a_lookup_an_extract_must_name_its_force(inputs: Inputs, out: Path, extract: Path) -> None:
    assert "add a column 'force'" in sentence(inputs, out, police=(), incidents=[extract], lookup=())
    # the street files say whose area it is
    assert set(made(inputs, out, incidents=[extract], lookup=()).presence(EXTRACT).index) == {"norfolk"}


def test_no_point_of_an_extract_reaches_the_browser(inputs: Inputs, out: Path, extract: Path) -> None:
    dataset = made(inputs, out, incidents=[extract])
    points = [text[:-1] for text in at(2505, 2505)]
    own = dataset.incidents()["longitude"].map(lambda degrees: f"{degrees:.6f}"[:-1])
    assert points[0] in set(own)
    for path in (out / "display").iterdir():
        assert not any(point in path.read_text(encoding="utf-8") for point in points), path.name


def test_an_extract_is_built_the_same_again(inputs: Inputs, out: Path, extract: Path, tmp_path: Path) -> None:
    first = made(inputs, out, incidents=[extract]).hash
    assert made(inputs, tmp_path / "again", incidents=[extract]).hash == first
