"""Each row in exactly one place: by hand, and against an oracle of geopandas over generated rows."""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from geodata import join
from geodata.columns import INCIDENTS, REJECT_REASONS
from geodata.errors import InputError
from geodata.place import REJECTS, Placed, account, account_by, agreement, count_cells, place_rows
from geodata.police_uk import COLUMNS, _row_hash, read_street
from geodata.rows import canonical_order
from tests.fixtures import CODES, COUNTY_ROWS, ODD_NAME, ODD_SHOWN, areas, assert_plain, at, incident, street_csv, write

AREAS = areas()


def place(folder: Path, rows: Sequence[dict[str, str]], name: str = "a.csv") -> Placed:
    return place_rows(read_street([write(folder / name, street_csv(rows))]).rows, AREAS)


def fate(folder: Path, *rows: dict[str, str]) -> list[str]:
    """What became of each row, in order: a code, a code with '~' where it was joined to the nearest, or a reason."""
    marked = [row | {"Location": str(number)} for number, row in enumerate(rows)]
    anchor = incident(500, 500, Location="anchor", Month="2020-01")  # so that something is joined
    placed = place(folder, [*marked, anchor])
    found = {
        location: f"{code}~" if by == "nearest" else code
        for location, code, by in placed.incidents[["location", "lsoa_code", "joined_by"]].itertuples(index=False)
    }
    found |= dict(zip(placed.rejects["location"], placed.rejects["reason"], strict=True))
    assert found.pop("anchor") == CODES[0]
    return [found[str(number)] for number in range(len(rows))]


def test_the_county_by_hand(tmp_path: Path) -> None:
    placed = place(tmp_path, COUNTY_ROWS)
    joined = placed.incidents.set_index("crime_id")[["lsoa_code", "joined_by"]].astype("str")
    asb = joined[joined.index.isna()]
    assert asb.to_numpy().tolist() == [[CODES[0], "polygon"]] * 2
    assert joined[joined.index.notna()].sort_index().to_numpy().tolist() == [
        [CODES[0], "polygon"],
        [CODES[0], "polygon"],
        [CODES[0], "polygon"],
        [CODES[1], "nearest"],
        [CODES[8], "polygon"],
        [CODES[8], "nearest"],
    ]
    assert placed.rejects[["crime_id", "month", "reason"]].astype("str").sort_values(
        "crime_id"
    ).to_numpy().tolist() == [
        ["a1", "2025-02", "repeated_crime_id"],
        ["a7", "2025-02", "outside_area"],
        ["a8", "2025-02", "no_location"],
        ["a9", "2025-02", "no_crime_type"],
    ]
    assert account(placed) == {
        "rows_read": 12,
        "joined": 8,
        "joined_nearest": 2,
        "rejected": {"repeated_crime_id": 1, "no_crime_type": 1, "no_location": 1, "outside_area": 1},
    }


def test_frames_have_the_agreed_columns_and_a_plain_index(tmp_path: Path) -> None:
    placed = place(tmp_path, COUNTY_ROWS)
    assert tuple(placed.incidents.columns) == INCIDENTS
    assert tuple(placed.rejects.columns) == REJECTS
    for frame in (placed.incidents, placed.rejects):
        assert frame.index.equals(pd.RangeIndex(len(frame)))
        assert set(frame["source"]) == {"police.uk"}
    assert placed.incidents["longitude"].dtype == placed.incidents["latitude"].dtype == "float64"


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (incident(2520, 2500), CODES[8]),
        (incident(1000, 1000), CODES[0]),
        (incident(2009, 1500), f"{CODES[4]}~"),
        (incident(2011, 1500), f"{CODES[5]}~"),
        (incident(-24, 500), f"{CODES[0]}~"),
        (incident(-26, 500), "outside_area"),
        (incident(-50_000, 500), "outside_area"),
        (incident(500, 500, Longitude="179.9", Latitude="89.9"), "outside_area"),
        (incident(500, 500, Longitude="181"), "invalid_coordinates"),
        (incident(500, 500, Latitude="-90.1"), "invalid_coordinates"),
        (incident(500, 500, Latitude="inf"), "invalid_coordinates"),
        (incident(500, 500, Latitude="NaN"), "invalid_coordinates"),
        (incident(500, 500, Latitude="north"), "invalid_coordinates"),
        (incident(500, 500, Latitude="=1+1"), "invalid_coordinates"),
        (incident(500, 500, Latitude="52,6"), "invalid_coordinates"),
        (incident(500, 500, Latitude=""), "no_location"),
        (incident(500, 500, Latitude=" "), "no_location"),
        (incident(None, None), "no_location"),
        (incident(500, 500, Crime_type=""), "no_crime_type"),
        (incident(500, 500, Crime_type="  "), "no_crime_type"),
        (incident(500, 500, Month=""), "invalid_month"),
        (incident(500, 500, Month="2025-13"), "invalid_month"),
        (incident(500, 500, Month="2025-1"), "invalid_month"),
        (incident(500, 500, Month="2025-01-07"), "invalid_month"),
        (incident(500, 500, Month="0025-01"), "invalid_month"),
        (incident(500, 500, Month="２０２５-01"), "invalid_month"),
        (incident(500, 500, Month="Jan 2025"), "invalid_month"),
        (incident(None, None, Month="", Crime_type=""), "invalid_month"),
        (incident(None, None, Crime_type=""), "no_crime_type"),
        (incident(500, 500, Crime_type="{{7*7}}"), CODES[0]),
    ],
)
def test_each_row_has_one_fate(tmp_path: Path, row: dict[str, str], expected: str) -> None:
    assert fate(tmp_path, row) == [expected]


def test_a_crime_id_counts_in_its_first_month_whatever_else_its_rows_say(tmp_path: Path) -> None:
    rows = [
        incident(1500, 500, Crime_ID="x", Month="2025-03"),
        incident(500, 500, Crime_ID="x", Month="2025-01", Crime_type="Burglary"),
        incident(500, 500, Crime_ID="x", Month="2025-02"),
        incident(None, None, Crime_ID="x", Month="2025-04"),
    ]
    assert fate(tmp_path, *rows) == ["repeated_crime_id", CODES[0], "repeated_crime_id", "repeated_crime_id"]


def test_a_row_without_a_month_takes_no_other_row_s_place(tmp_path: Path) -> None:
    rows = [incident(500, 500, Crime_ID="x", Month=""), incident(500, 500, Crime_ID="x")]
    assert fate(tmp_path, *rows) == ["invalid_month", CODES[0]]


def test_rows_without_a_crime_id_are_never_taken_for_one(tmp_path: Path) -> None:
    rows = [incident(500, 500, Crime_type="Anti-social behaviour")] * 4
    placed = place(tmp_path, rows)
    assert len(placed.incidents) == 4
    assert placed.incidents["incident_id"].is_unique


def test_the_answer_is_the_same_in_any_order_of_rows(tmp_path: Path) -> None:
    one, two = place(tmp_path, COUNTY_ROWS), place(tmp_path, COUNTY_ROWS[::-1])
    pd.testing.assert_frame_equal(one.incidents, two.incidents)
    pd.testing.assert_frame_equal(one.rejects.drop(columns="row"), two.rejects.drop(columns="row"))


def test_incident_ids_stay_when_other_rows_are_added(tmp_path: Path) -> None:
    few = place(tmp_path, COUNTY_ROWS[:3])
    many = place(tmp_path, COUNTY_ROWS)
    assert set(few.incidents["incident_id"]) <= set(many.incidents["incident_id"])


def test_accounting_by_force_month_and_type_adds_up(tmp_path: Path) -> None:
    placed = place(tmp_path, [*COUNTY_ROWS, incident(500, 500, Month="", Reported_by="Suffolk Constabulary")])
    by = account_by(placed)
    assert list(by.columns) == ["source", "force", "month", "crime_type", "outcome", "rows"]
    assert by["rows"].sum() == 13
    outcomes = by.groupby("outcome")["rows"].sum()
    assert outcomes.to_dict() == {
        "joined": 6,
        "joined_nearest": 2,
        "invalid_month": 1,
        "no_crime_type": 1,
        "no_location": 1,
        "outside_area": 1,
        "repeated_crime_id": 1,
    }
    assert by[by["month"].isna()]["force"].to_list() == ["suffolk"]
    assert not by.duplicated(["source", "force", "month", "crime_type", "outcome"]).any()


def test_counts_are_the_non_zero_cells(tmp_path: Path) -> None:
    cells = count_cells(place(tmp_path, COUNTY_ROWS).incidents)
    assert list(cells.columns) == ["lsoa_code", "month", "crime_type", "force", "source", "count"]
    assert cells.drop(columns=["force", "source"]).astype({"lsoa_code": "str"}).to_numpy().tolist() == [
        [CODES[0], "2025-01", "Anti-social behaviour", 2],
        [CODES[0], "2025-01", "Robbery", 3],
        [CODES[1], "2025-01", "Robbery", 1],
        [CODES[8], "2025-02", "Robbery", 2],
    ]


def test_agreement_of_recorded_and_joined_codes(tmp_path: Path) -> None:
    recorded = {
        "same": CODES[0],
        "different": CODES[1],
        "became": "E01000900",  # a 2011 code that became the joined one
        "unknown": "E01999999",
        "none": "",
        "html": "<b>",
    }
    placed = place(tmp_path, [incident(500, 500, LSOA_code=code, Location=key) for key, code in recorded.items()])
    fit = pd.DataFrame({"lsoa11": ["E01000900"], "lsoa21": [CODES[0]], "change": ["S"]})
    boundary_codes = pd.Series(CODES)
    assert agreement(placed.incidents, boundary_codes, fit) == {
        "same": 1,
        "same_by_lookup": 1,
        "different": 1,
        "unknown_code": 2,
        "none_recorded": 1,
    }
    without = agreement(placed.incidents, boundary_codes, pd.DataFrame())
    assert (without["same_by_lookup"], without["unknown_code"]) == (0, 3)
    turned = pd.DataFrame({"lsoa11": [CODES[0]], "lsoa21": ["E01000900"], "change": ["S"]})
    assert agreement(placed.incidents, boundary_codes, turned)["same_by_lookup"] == 1


def sentence(folder: Path, rows: Sequence[dict[str, str]], name: str = "a.csv") -> str:
    with pytest.raises(InputError) as caught:
        place(folder, rows, name)
    return assert_plain(str(caught.value))


def swapped(row: dict[str, str]) -> dict[str, str]:
    return row | {"Longitude": row["Latitude"], "Latitude": row["Longitude"]}


def test_swapped_columns_are_named(tmp_path: Path) -> None:
    rows = [swapped(incident(500, 500)), swapped(incident(900, 500)), incident(500, 500), incident(None, None)]
    assert sentence(tmp_path, rows) == (
        "'a.csv' has latitudes in the Longitude column and longitudes in the Latitude column in 2 of 3 rows: "
        "swap the two columns and build again."
    )


def test_one_swapped_row_among_many_is_only_outside(tmp_path: Path) -> None:
    assert fate(tmp_path, swapped(incident(500, 500)), incident(500, 500)) == ["outside_area", CODES[0]]


@pytest.mark.parametrize("both", [True, False], ids=["both columns", "the longitude alone"])
def test_eastings_in_the_longitude_column_are_named(tmp_path: Path, both: bool) -> None:
    row = incident(500, 500, Longitude="600500", Latitude="300500" if both else at(500, 500)[1])
    said = sentence(tmp_path, [row] * 3)
    assert said.startswith(
        "'a.csv' has numbers too large for degrees (they look like eastings and northings in metres)"
    )
    assert said.endswith("in 3 of 3 rows: convert them to longitude and latitude (EPSG:4326) and build again.")


def test_a_swapped_file_is_named_among_sound_ones(tmp_path: Path) -> None:
    write(tmp_path / "good.csv", street_csv([incident(500, 500)] * 9))
    write(tmp_path / "bad.csv", street_csv([swapped(incident(500, 500, Month="2025-02"))]))
    rows = read_street([tmp_path]).rows
    with pytest.raises(InputError, match=r"^'bad\.csv' has latitudes"):
        place_rows(rows, AREAS)


def test_a_hostile_file_name_stays_on_one_line(tmp_path: Path) -> None:
    said = sentence(tmp_path, [swapped(incident(500, 500))], f"{ODD_NAME}.csv")
    assert said.startswith(f"'{ODD_SHOWN}.csv' has latitudes")


def test_no_overlap_at_all_is_said(tmp_path: Path) -> None:
    assert sentence(tmp_path, [incident(50_000, 500), incident(60_000, 500), incident(None, None)]) == (
        "None of the 3 rows lies within the boundaries: check that the police files and the boundaries are of the same area."
    )


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (incident(None, None), "no coordinates were published for it"),
        (incident(500, 500, Month="1/2025"), "the month is missing or is not written as YYYY-MM"),
        (incident(500, 500, Crime_type=""), "the crime type is empty"),
        (incident(500, 500, Latitude="x"), "the coordinates are not numbers"),
    ],
)
def test_nothing_joined_for_another_reason_says_which(tmp_path: Path, row: dict[str, str], why: str) -> None:
    said = sentence(tmp_path, [row, row, incident(50_000, 500)])
    assert said.startswith(f"None of the 3 rows of the police files can be joined; most often because {why}")


# --- generated rows against an oracle -------------------------------------------------------------------------------

SPECIAL = [
    *[at(east, north) for east in (0, 500, 1000, 1500, 2000, 2020, 3020) for north in (0, 500, 1000, 1500, 3000)],
    *[at(2001 + step, 700) for step in range(0, 20, 3)],
    *[at(-edge, 1500) for edge in (1, 20, 24.9, 25.1, 30)],
    *[at(3020 + 17, 3000 + 17), at(3020 + 18, 3000 + 18)],
]
# Anywhere in and around the grid, and close to its borders, where the answers are hard.
ANYWHERE = [at(*place) for place in np.random.default_rng(7).uniform(-300, 3_400, (1_500, 2))]
CLOSE = [
    at(1000 * n + x, y) for n in range(4) for x, y in np.random.default_rng(n).uniform((-60, 0), (60, 3_000), (300, 2))
]
TEXTS = [
    "",
    " ",
    "nan",
    "NaN",
    "inf",
    "-inf",
    "Infinity",
    "abc",
    "1e400",
    "181",
    "-91",
    "0",
    "1.0",
    "52.5",
    "{{7*7}}",
    "1,5",
]
POINTS = st.one_of(
    st.sampled_from(SPECIAL),
    st.sampled_from(ANYWHERE + CLOSE),
    st.tuples(st.sampled_from(TEXTS), st.sampled_from(TEXTS)),
)
ROWS = st.builds(
    lambda point, crime_id, month, kind, force: incident(
        **{
            "Longitude": point[0],
            "Latitude": point[1],
            "Location": f"{point[0]}|{point[1]}",
            "Crime_ID": crime_id,
            "Month": month,
            "Crime_type": kind,
            "Reported_by": force,
        }
    ),
    POINTS,
    st.sampled_from(["", "", "", "a", "b", "c"]),
    st.sampled_from(["2025-01", "2025-01", "2025-02", "2024-12", "", "2025-13", "January"]),
    st.sampled_from(["Robbery", "Robbery", "Anti-social behaviour", "", " "]),
    st.sampled_from(["Norfolk Constabulary", "Norfolk Constabulary", "British Transport Police"]),
)
Key = tuple[str, str, str, str, str]


def as_read(rows: Sequence[dict[str, str]]) -> pd.DataFrame:
    """The rows as ``read_street`` gives them, without a file between: a thousand examples take a third of the time."""
    columns = {
        name: [row[published] or None for row in rows] for published, name in COLUMNS.items() if name != "reported_by"
    }
    columns["force"] = ["btp" if row["Reported by"].startswith("British") else "norfolk" for row in rows]
    columns["file"] = ["a.csv"] * len(rows)
    frame = pd.DataFrame({name: pd.Categorical(values) for name, values in columns.items()})
    frame["crime_id"] = pd.Series(columns["crime_id"], dtype="str")
    frame["row"] = np.arange(2, len(rows) + 2, dtype="int32")
    frame["row_hash"] = _row_hash(frame)
    return canonical_order(frame)


def test_rows_made_here_are_those_that_are_read(tmp_path: Path) -> None:
    rows = [*COUNTY_ROWS, incident(500, 500, Reported_by="British Transport Police", Latitude="x", Month="")]
    read = read_street([write(tmp_path / "a.csv", street_csv(rows))]).rows
    made = as_read(rows)
    assert set(made.columns) == set(read.columns)
    pd.testing.assert_frame_equal(made[read.columns].astype("object"), read.astype("object"), check_dtype=False)


@pytest.fixture
def one_transformer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Making a transformer takes longer than placing a few rows; the tests above make one each."""
    one = pyproj.Transformer.from_crs(4326, 27700, always_xy=True)
    monkeypatch.setattr(join, "to_grid", one.transform)


def number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


@cache
def oracle() -> dict[str, tuple[str, str]]:
    """(fate, joined_by) of each 'longitude|latitude', by geopandas.sjoin and sjoin_nearest."""
    texts = {f"{x}|{y}" for x, y in [*SPECIAL, *ANYWHERE, *CLOSE, *product(TEXTS, TEXTS)]}
    fates: dict[str, tuple[str, str]] = {}
    degrees: dict[str, tuple[float, float]] = {}
    for text in texts:
        parts = text.split("|")
        values = [number(part) for part in parts]
        if not all(part.strip() for part in parts):
            fates[text] = ("no_location", "")
        elif (
            any(value is None or not math.isfinite(value) for value in values)
            or abs(values[0] or 0) > 180
            or abs(values[1] or 0) > 90
        ):
            fates[text] = ("invalid_coordinates", "")
        else:
            fates[text] = ("outside_area", "")
            degrees[text] = (values[0] or 0.0, values[1] or 0.0)
    east, north = np.array(list(degrees.values())).T
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(east, north, crs=4326), index=list(degrees)).to_crs(27700)
    points = points[np.isfinite(points.geometry.x) & np.isfinite(points.geometry.y)]
    inside = gpd.sjoin(points, AREAS, predicate="intersects").groupby(level=0)["lsoa_code"].min()
    fates |= {text: (code, "polygon") for text, code in inside.items()}
    left = points[~points.index.isin(inside.index)]
    near = gpd.sjoin_nearest(left, AREAS, max_distance=25).groupby(level=0)["lsoa_code"].min()
    return fates | {text: (code, "nearest") for text, code in near.items()}


def oracle_faults(rows: Sequence[dict[str, str]]) -> bool:
    """Whether most of the located rows hold swapped or metric coordinates, or nothing could be joined."""
    located = [row for row in rows if row["Longitude"] and row["Latitude"]]
    both = [(number(row["Longitude"]), number(row["Latitude"])) for row in located]
    pairs = [(x, y) for x, y in both if x is not None and y is not None]
    turned = sum(49 <= x <= 61 and -9 <= y <= 3 for x, y in pairs)
    metric = sum(math.isfinite(x) and math.isfinite(y) and (abs(x) > 180 or abs(y) > 90) for x, y in pairs)
    return 2 * turned > len(located) or 2 * metric > len(located)


def key_of(row: dict[str, str]) -> Key:
    force = "btp" if row["Reported by"].startswith("British") else "norfolk"
    return (row["Crime ID"], row["Month"], row["Crime type"], force, row["Location"])


def outcomes(placed: Placed) -> list[tuple[Key, str, str]]:
    """(row, fate, joined_by) of every row of both frames."""
    found = []
    for frame, fate_column, how in ((placed.incidents, "lsoa_code", "joined_by"), (placed.rejects, "reason", None)):
        text = frame[["crime_id", "month", "crime_type", "force", "location"]].astype("object").fillna("")
        by = frame[how].astype("object") if how else [""] * len(frame)
        found += [
            (tuple(key), fate, how) for key, fate, how in zip(text.to_numpy(), frame[fate_column], by, strict=True)
        ]
    return found


ANCHORS = [incident(500, 500, Month="2024-12", Location="|".join(at(500, 500)))] * 3  # so that something is joined
SOME_ROWS = st.lists(ROWS, min_size=1, max_size=14)
DATED = ("2024-12", "2025-01", "2025-02")


@pytest.mark.usefixtures("one_transformer")
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=SOME_ROWS)
def test_rows_are_refused_together_only_for_a_reason(rows: list[dict[str, str]]) -> None:
    joinable = [
        row for row in rows if row["Month"] in DATED and row["Crime type"].strip() and oracle()[row["Location"]][1]
    ]
    try:
        place_rows(as_read(rows), AREAS)
    except InputError as error:
        assert_plain(str(error))
        assert oracle_faults(rows) or not [row for row in joinable if not row["Crime ID"]]
    else:
        assert joinable
        assert not oracle_faults(rows)


@pytest.mark.usefixtures("one_transformer")
@settings(
    max_examples=1000,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much],
)
@given(rows=SOME_ROWS, copies=st.integers(0, 3))
def test_every_generated_row_is_accounted_for(rows: list[dict[str, str]], copies: int) -> None:
    rows = rows + rows[:copies] + ANCHORS
    assume(not oracle_faults(rows))
    placed = place_rows(as_read(rows), AREAS)
    counted = account(placed)
    rejected: dict[str, int] = counted["rejected"]  # type: ignore[assignment]
    assert counted["rows_read"] == len(rows) == counted["joined"] + sum(rejected.values())  # type: ignore[operator]
    assert set(rejected) <= set(REJECT_REASONS)
    assert account_by(placed)["rows"].sum() == len(rows)
    assert count_cells(placed.incidents)["count"].sum() == counted["joined"]
    ids = pd.concat([placed.incidents["incident_id"], placed.rejects["incident_id"]])
    assert ids.is_unique

    found = outcomes(placed)
    assert Counter(key for key, _, _ in found) == Counter(key_of(row) for row in rows)
    fates = oracle()
    kept: dict[str, list[str]] = defaultdict(list)
    repeated: dict[str, list[str]] = defaultdict(list)
    for (crime_id, month, kind, _, location), what, how in found:
        dated = month in DATED
        if crime_id and dated:
            (repeated if what == "repeated_crime_id" else kept)[crime_id].append(month)
        if what == "repeated_crime_id":
            assert crime_id
            assert dated
            continue
        expected: tuple[Any, str] = (
            ("invalid_month", "") if not dated else ("no_crime_type", "") if not kind.strip() else fates[location]
        )
        assert (what, how) == expected
    for crime_id, months in repeated.items():
        assert len(kept[crime_id]) == 1
        assert kept[crime_id][0] <= min(months)
    assert all(len(months) == 1 for months in kept.values())
