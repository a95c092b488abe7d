"""A 3 x 3 area: the two upper rows belong to "north", the lower to "south", the last cell to no known force."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.columns import ASB, POLICE_UK
from hotspots.counts import (
    area_counts,
    by_type,
    change_on_year_before,
    monthly_counts,
    monthly_total,
    not_placed,
    select_incidents,
    total,
)
from hotspots.rates import ratio_interval
from hotspots.selection import Period

CODES = [f"E0100000{i}" for i in range(1, 10)]
VIOLENCE, ROBBERY = "Violence and sexual offences", "Robbery"
JANUARY_TO_MARCH = Period("2025-01", "2025-03")
CELL = ["lsoa_code", "month", "crime_type", "force", "source", "count"]


@pytest.fixture
def areas() -> pd.DataFrame:
    return pd.DataFrame({"lsoa_code": CODES, "force": ["north"] * 6 + ["south"] * 2 + [None]})


@pytest.fixture
def presence() -> pd.DataFrame:
    """North supplied all but 2025-02, and January and February of 2024; south January of 2025 only."""
    return pd.DataFrame(
        {
            "2024-01": [True, False, True],
            "2024-02": [True, False, True],
            "2025-01": [True, True, True],
            "2025-02": [False, False, True],
            "2025-03": [True, False, True],
        },
        index=["north", "south", "btp"],
    )


@pytest.fixture(params=["text", "category"])
def cells(request: pytest.FixtureRequest) -> pd.DataFrame:
    frame = pd.DataFrame(
        [
            (CODES[0], "2024-01", VIOLENCE, "north", POLICE_UK, 4),
            (CODES[0], "2024-02", VIOLENCE, "north", POLICE_UK, 100),
            (CODES[0], "2025-01", VIOLENCE, "north", POLICE_UK, 5),
            (CODES[0], "2025-01", ROBBERY, "btp", POLICE_UK, 2),
            (CODES[0], "2025-02", ROBBERY, "btp", POLICE_UK, 7),  # a month that north did not supply
            (CODES[0], "2025-03", VIOLENCE, "north", POLICE_UK, 1),
            (CODES[1], "2025-01", ASB, "north", POLICE_UK, 9),
            (CODES[6], "2025-01", VIOLENCE, "south", POLICE_UK, 3),
            (CODES[8], "2025-01", VIOLENCE, "north", POLICE_UK, 6),
            ("E01999999", "2025-01", VIOLENCE, "north", POLICE_UK, 50),  # not one of the areas
        ],
        columns=CELL,
    )
    return frame.astype(dict.fromkeys(CELL[:-1], "category")) if request.param == "category" else frame


def test_zero_is_a_count_and_missing_is_not(cells: pd.DataFrame, areas: pd.DataFrame, presence: pd.DataFrame) -> None:
    result = area_counts(cells, areas, presence, JANUARY_TO_MARCH.months, [VIOLENCE, ROBBERY])
    assert result.index.tolist() == CODES
    assert result.index.name == "lsoa_code"
    assert result["count"].dtype == "Int64"
    assert result["count"].tolist()[:8] == [8, 0, 0, 0, 0, 0, 3, 0]
    assert result["count"].isna().tolist() == [False] * 8 + [True]
    assert result["months"].tolist() == [2] * 6 + [1] * 2 + [0]
    assert total(result["count"]) == 11


def test_a_force_that_supplied_nothing_leaves_null(
    cells: pd.DataFrame, areas: pd.DataFrame, presence: pd.DataFrame
) -> None:
    result = area_counts(cells, areas, presence, ["2025-03", "2026-01"], [VIOLENCE])
    assert result["count"].isna().tolist() == [False] * 6 + [True] * 3
    assert total(area_counts(cells, areas, presence, ["2026-01"], [VIOLENCE])["count"]) is None


def test_the_order_of_the_areas_is_kept(cells: pd.DataFrame, areas: pd.DataFrame, presence: pd.DataFrame) -> None:
    backwards = areas.iloc[::-1]
    result = area_counts(cells, backwards, presence, ["2025-01"], [VIOLENCE])
    assert result.index.tolist() == CODES[::-1]
    assert result.loc[CODES[6], "count"] == 3


def test_by_type_keeps_asb_apart(cells: pd.DataFrame, areas: pd.DataFrame, presence: pd.DataFrame) -> None:
    result = by_type(cells, areas, presence, JANUARY_TO_MARCH.months, [VIOLENCE, ROBBERY, ASB])
    assert result.loc[CODES[0]].tolist() == [6, 2, 0]
    assert result.loc[CODES[1]].tolist() == [0, 0, 9]
    assert result.loc[CODES[8]].isna().all()


def test_months_missing_are_gaps(cells: pd.DataFrame, areas: pd.DataFrame, presence: pd.DataFrame) -> None:
    result = monthly_counts(cells, areas, presence, JANUARY_TO_MARCH.months, [VIOLENCE, ROBBERY])
    np.testing.assert_array_equal(result.loc[CODES[0]], [7, np.nan, 1])
    np.testing.assert_array_equal(result.loc[CODES[7]], [0, np.nan, np.nan])
    assert result.columns.tolist() == list(JANUARY_TO_MARCH.months)


def test_a_total_is_a_gap_where_any_area_lacks_the_month(
    cells: pd.DataFrame, areas: pd.DataFrame, presence: pd.DataFrame
) -> None:
    monthly = monthly_counts(cells, areas, presence, JANUARY_TO_MARCH.months, [VIOLENCE, ROBBERY])
    np.testing.assert_array_equal(monthly_total(monthly), [10, np.nan, np.nan])
    np.testing.assert_array_equal(monthly_total(monthly.iloc[:6]), [7, np.nan, 1])
    assert monthly_total(monthly.iloc[8:]).isna().all()


def test_change_compares_only_months_of_both_years(
    cells: pd.DataFrame, areas: pd.DataFrame, presence: pd.DataFrame
) -> None:
    change = change_on_year_before(cells, areas.iloc[:6], presence, JANUARY_TO_MARCH, [VIOLENCE, ROBBERY])
    assert (change.now, change.before, change.months) == (7, 4, ("2025-01",))
    assert change.asked == JANUARY_TO_MARCH.months


def year_on_year(steady: bool) -> tuple[float, float, int, int]:
    """The limits of ten areas over two years: with a common good and bad month or without one."""
    rng = np.random.default_rng(3)
    months = [*Period("2024-01", "2024-12").months, *Period("2025-01", "2025-12").months]
    codes = [f"E0100001{i}" for i in range(10)]
    level = np.ones(24) if steady else rng.uniform(0.7, 1.3, 24)
    rows = [
        (code, month, VIOLENCE, "north", POLICE_UK, int(n))
        for code in codes
        for month, n in zip(months, rng.poisson(60 * level), strict=True)
    ]
    change = change_on_year_before(
        pd.DataFrame(rows, columns=CELL),
        pd.DataFrame({"lsoa_code": codes, "force": "north"}),
        pd.DataFrame(True, index=["north"], columns=months),
        Period("2025-01", "2025-12"),
        [VIOLENCE],
    )
    assert None not in (change.low, change.high, change.now, change.before)
    return change.low, change.high, change.now, change.before  # type: ignore[return-value]


def test_the_limits_of_a_change_are_those_of_chance_where_months_are_steady() -> None:
    low, high, now, before = year_on_year(steady=True)
    plain = ratio_interval(now, before)
    assert low <= now / before <= high
    assert 1 <= (high - low) / (plain[1] - plain[0]) < 1.6


def test_good_and_bad_months_of_the_whole_area_widen_its_limits() -> None:
    low, high, now, before = year_on_year(steady=False)
    plain = ratio_interval(now, before)
    assert (high - low) / (plain[1] - plain[0]) > 2


def test_a_change_without_months_in_common_has_no_limits(
    cells: pd.DataFrame, areas: pd.DataFrame, presence: pd.DataFrame
) -> None:
    change = change_on_year_before(cells, areas, presence, JANUARY_TO_MARCH, [VIOLENCE])
    assert (change.low, change.high) == (None, None)


def test_what_could_not_be_placed_is_of_the_same_months_types_and_own_forces() -> None:
    accounting = pd.DataFrame(
        [
            (POLICE_UK, "north", "2025-01", VIOLENCE, "joined", 50),
            (POLICE_UK, "north", "2025-01", VIOLENCE, "no_location", 3),
            (POLICE_UK, "north", "2025-01", VIOLENCE, "invalid_coordinates", 1),
            (POLICE_UK, "north", "2025-01", VIOLENCE, "repeated_crime_id", 9),
            (POLICE_UK, "north", "2025-01", VIOLENCE, "outside_area", 2),
            (POLICE_UK, "north", "2025-01", ASB, "no_location", 100),
            (POLICE_UK, "north", "2025-04", VIOLENCE, "no_location", 100),
            (POLICE_UK, "north", None, VIOLENCE, "no_location", 100),
            (POLICE_UK, "btp", "2025-01", VIOLENCE, "outside_area", 100),
            ("extract", "north", "2025-01", VIOLENCE, "no_location", 100),
        ],
        columns=["source", "force", "month", "crime_type", "outcome", "rows"],
    )
    said = not_placed(accounting, ["north"], POLICE_UK, JANUARY_TO_MARCH.months, [VIOLENCE, ROBBERY])
    assert said.to_dict() == {"no_location": 4, "outside_area": 2}
    nothing = not_placed(accounting, ["north"], POLICE_UK, JANUARY_TO_MARCH.months, [ROBBERY])
    assert nothing.to_dict() == {"no_location": 0, "outside_area": 0}


@pytest.mark.parametrize("rows", [slice(0, 9), slice(6, 8), slice(8, 9)])
def test_change_that_cannot_be_given_says_why(
    cells: pd.DataFrame, areas: pd.DataFrame, presence: pd.DataFrame, rows: slice
) -> None:
    change = change_on_year_before(cells, areas.iloc[rows], presence, JANUARY_TO_MARCH, [VIOLENCE])
    assert (change.now, change.before, change.months) == (None, None, ())
    assert change.reading == (
        "no month of January to March 2025 can be compared with January to March 2024: data are missing"
    )


def test_inputs_are_left_as_they_were(cells: pd.DataFrame, areas: pd.DataFrame, presence: pd.DataFrame) -> None:
    before = [frame.copy(deep=True) for frame in (cells, areas, presence)]
    counted = area_counts(cells, areas, presence, ["2025-01"], [VIOLENCE])
    counted["count"] = 0
    by_type(cells, areas, presence, ["2025-01"])
    monthly_total(monthly_counts(cells, areas, presence, ["2025-01"], [VIOLENCE]))
    change_on_year_before(cells, areas, presence, JANUARY_TO_MARCH, [VIOLENCE])
    listed = select_incidents(cells, areas, presence, ["2025-01"], [VIOLENCE])
    listed["count"] = 0
    for old, new in zip(before, (cells, areas, presence), strict=True):
        pd.testing.assert_frame_equal(old, new)


def test_several_sources_are_refused(cells: pd.DataFrame, areas: pd.DataFrame, presence: pd.DataFrame) -> None:
    two = pd.concat([cells, cells.assign(source="extract")], ignore_index=True)
    for frame in (two, two.astype({"source": "category"})):
        with pytest.raises(ValueError, match=r"2 sources \(extract, police.uk\).*never added up"):
            area_counts(frame, areas, presence, ["2025-01"], [VIOLENCE])
    # a category left over from a filter is not a source
    one = two.astype({"source": "category"}).iloc[: len(cells)]
    assert total(area_counts(one, areas, presence, ["2025-01"], [VIOLENCE])["count"]) == 8


def test_offences_and_asb_are_never_added_up(cells: pd.DataFrame, areas: pd.DataFrame, presence: pd.DataFrame) -> None:
    for measure in (area_counts, monthly_counts, select_incidents):
        with pytest.raises(ValueError, match="never added up"):
            measure(cells, areas, presence, ["2025-01"], [VIOLENCE, ASB])


def test_empty_choices_are_refused(cells: pd.DataFrame, areas: pd.DataFrame, presence: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match="No month is chosen"):
        area_counts(cells, areas, presence, [], [VIOLENCE])
    with pytest.raises(ValueError, match="No crime type is chosen"):
        area_counts(cells, areas, presence, ["2025-01"], [])
    with pytest.raises(ValueError, match="No area is chosen"):
        area_counts(cells, areas.iloc[:0], presence, ["2025-01"], [VIOLENCE])
    with pytest.raises(ValueError, match="E01000001 is listed twice"):
        area_counts(cells, pd.concat([areas, areas]), presence, ["2025-01"], [VIOLENCE])


row = st.tuples(
    st.sampled_from(CODES),
    st.sampled_from(["2024-01", "2025-01", "2025-02", "2025-03"]),
    st.sampled_from([VIOLENCE, ROBBERY, ASB]),
    st.sampled_from(["north", "south", "btp"]),
    st.just(POLICE_UK),
    st.integers(1, 50),
)


@given(st.lists(row, max_size=40), st.randoms(use_true_random=False))
def test_every_way_of_counting_agrees(rows: list[tuple[object, ...]], random: object) -> None:
    areas = pd.DataFrame({"lsoa_code": CODES, "force": ["north"] * 6 + ["south"] * 3})
    months = ["2025-01", "2025-02", "2025-03"]
    presence = pd.DataFrame([[True, False, True], [True, True, False]], index=["north", "south"], columns=months)
    cells = pd.DataFrame(rows, columns=CELL).astype({"count": "int64"})
    incidents = cells.loc[cells.index.repeat(cells["count"])].drop(columns="count")
    counts = area_counts(cells, areas, presence, months, [VIOLENCE, ROBBERY])["count"]
    listed = select_incidents(incidents, areas, presence, months, [VIOLENCE, ROBBERY])
    monthly = monthly_counts(cells, areas, presence, months, [VIOLENCE, ROBBERY])
    types = by_type(cells, areas, presence, months, [VIOLENCE, ROBBERY])
    assert counts.tolist() == listed["lsoa_code"].value_counts().reindex(CODES, fill_value=0).tolist()
    assert counts.tolist() == monthly.sum(axis=1).tolist()
    assert counts.tolist() == types.sum(axis=1).tolist()
    shuffled = cells.sample(frac=1, random_state=random.randint(0, 99))  # type: ignore[attr-defined]
    assert counts.equals(area_counts(shuffled, areas, presence, months, [ROBBERY, VIOLENCE])["count"])
