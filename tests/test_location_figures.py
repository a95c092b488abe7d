"""What locations count, by hand on the 3 x 3 grid and against plain pandas on the small county."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from hotspots.location_figures import (
    areas_of,
    geometry_of,
    is_here,
    location_incidents,
    location_months,
    overlaps,
    rank_locations,
    residents_of,
)
from hotspots.locations import Location, Origin, from_circle, from_drawn, from_lsoas
from hotspots.rates import rate_per_1000_year
from hotspots.selection import Period
from tests.fixtures import CODES, areas, assert_plain, at, incident

ORIGIN = Origin("Ann", "0123456789abcdef", "Testshire", 2021)
MONTHS = Period("2025-01", "2025-12").months
TYPES = ("Robbery", "Possession of weapons")


@pytest.fixture(scope="module")
def places() -> gpd.GeoDataFrame:
    """Each square with 1,000, 1,100, ... residents; the last three belong to another force."""
    return areas().assign(residents=pd.array([1_000 + 100 * n for n in range(9)], "Int64"), force=["a"] * 6 + ["b"] * 3)


@pytest.fixture(scope="module")
def presence() -> pd.DataFrame:
    table = pd.DataFrame(True, index=["a", "b"], columns=list(MONTHS))
    table.loc["b", ["2025-03"]] = False
    return table


def rows(*said: tuple[float, float, str, str, str]) -> pd.DataFrame:
    """Incidents: metres east and north, month, crime type, LSOA that they were joined to."""
    points = [incident(east, north) for east, north, *_ in said]
    return pd.DataFrame(
        {
            "longitude": [float(point["Longitude"]) for point in points],
            "latitude": [float(point["Latitude"]) for point in points],
            "month": [month for *_, month, _, _ in said],
            "crime_type": [kind for *_, kind, _ in said],
            "lsoa_code": [code for *_, code in said],
            "source": "police.uk",
        }
    )


def cells_of(incidents: pd.DataFrame) -> pd.DataFrame:
    return incidents.groupby(["lsoa_code", "month", "crime_type", "source"]).size().rename("count").reset_index()


INCIDENTS = rows(
    (500, 500, "2025-01", "Robbery", CODES[0]),
    (600, 500, "2025-01", "Possession of weapons", CODES[0]),
    (600, 500, "2025-01", "Anti-social behaviour", CODES[0]),
    (1000, 500, "2025-02", "Robbery", CODES[0]),  # on the border of squares 1 and 2
    (1500, 500, "2025-02", "Robbery", CODES[1]),
    (2005, 500, "2025-03", "Robbery", CODES[1]),  # in the sliver between 2 and 3
    (500, 2500, "2025-04", "Robbery", CODES[6]),
)
CELLS = cells_of(INCIDENTS)


def lsoas(name: str, *squares: int, at: gpd.GeoDataFrame) -> Location:
    return from_lsoas(name, [CODES[n - 1] for n in squares], at, ORIGIN)


def drawn(name: str, west: float, south: float, east: float, north: float, at_: gpd.GeoDataFrame) -> Location:
    corners = [(west, south), (east, south), (east, north), (west, north)]
    return from_drawn(name, [tuple(map(float, at(*corner))) for corner in corners], at_, ORIGIN)


def months(location: Location, places: gpd.GeoDataFrame, presence: pd.DataFrame) -> list[float]:
    return location_months(location, INCIDENTS, CELLS, places, presence, MONTHS[:4], TYPES).tolist()


def test_counts_of_lsoas(places: gpd.GeoDataFrame, presence: pd.DataFrame) -> None:
    assert months(lsoas("A", 1, at=places), places, presence) == [2, 1, 0, 0]
    assert months(lsoas("B", 1, 2, at=places), places, presence) == [2, 2, 1, 0]
    assert months(lsoas("C", 9, at=places), places, presence)[0] == 0


def test_a_month_that_one_force_did_not_supply_is_missing(places: gpd.GeoDataFrame, presence: pd.DataFrame) -> None:
    series = location_months(lsoas("D", 4, 7, at=places), INCIDENTS, CELLS, places, presence, MONTHS[:4], TYPES)
    assert series.index.tolist() == list(MONTHS[:4])
    assert series.isna().tolist() == [False, False, True, False]
    assert series["2025-04"] == 1
    shape = drawn("E", 200, 1500, 800, 2800, places)
    assert np.isnan(months(shape, places, presence)[2])
    assert months(shape, places, presence)[3] == 1


def test_a_shape_counts_points_whatever_they_were_joined_to(places: gpd.GeoDataFrame, presence: pd.DataFrame) -> None:
    assert months(drawn("F", 550, 400, 1600, 600, places), places, presence) == [1, 2, 0, 0]
    # the point in the sliver was joined to square 2, which this shape does not touch
    sliver = drawn("G", 2001, 400, 2500, 600, places)
    assert sliver.lsoa_codes == (CODES[2],)
    assert months(sliver, places, presence) == [0, 0, 1, 0]


def test_two_shapes_that_share_a_border_both_count_what_lies_on_it(
    places: gpd.GeoDataFrame, presence: pd.DataFrame
) -> None:
    frame = places.iloc[[0, 1]]
    shapes = [Location("x", "uploaded", ORIGIN, (code,), shape=shape.wkt) for code, shape in zip(frame.lsoa_code, frame.geometry, strict=True)]  # fmt: skip
    assert [months(shape, places, presence)[1] for shape in shapes] == [1, 2]


def test_location_incidents_are_the_rows_counted(places: gpd.GeoDataFrame) -> None:
    assert location_incidents(lsoas("A", 1, at=places), INCIDENTS).index.tolist() == [0, 1, 2, 3]
    assert location_incidents(drawn("F", 550, 400, 1600, 600, places), INCIDENTS).index.tolist() == [1, 2, 3, 4]


def test_residents(places: gpd.GeoDataFrame) -> None:
    assert residents_of(lsoas("A", 1, 2, at=places), places) == (2_100, False)
    assert residents_of(drawn("F", 900, 400, 1100, 600, places), places) == (2_100, True)
    unknown = places.assign(residents=places["residents"].mask(places["lsoa_code"] == CODES[0]))
    assert residents_of(lsoas("A", 1, 2, at=places), unknown) == (None, False)


# -- overlap -----------------------------------------------------------------------------------------------------------


def test_overlaps(places: gpd.GeoDataFrame) -> None:
    a, b, c = lsoas("A", 1, 2, at=places), lsoas("B", 2, 3, at=places), lsoas("C", 3, at=places)
    shape = drawn("{{7*7}}", 100, 100, 600, 500, places)
    small = drawn("S", 650, 100, 690, 120, places)
    found = overlaps([a, b, c, shape, small], places)
    assert [(one.first.name, one.second.name) for one in found] == [
        ("A", "B"),
        ("A", "{{7*7}}"),
        ("A", "S"),
        ("B", "C"),
    ]
    assert [one.lsoa_codes for one in found] == [(CODES[1],), (), (), (CODES[2],)]
    assert [one.reading for one in found[:3]] == [
        "'A' and 'B' share 1 LSOA; what happens there counts in both.",
        "'A' and '{{7*7}}' share 0.20 square kilometres; what happens there counts in both.",
        "'A' and 'S' share 802 square metres; what happens there counts in both.",
    ]
    assert found[1].shared_m2 == pytest.approx(200_000, rel=1e-3)
    assert overlaps([], places) == []


def test_neighbours_do_not_overlap(places: gpd.GeoDataFrame) -> None:
    assert overlaps([lsoas("A", 1, at=places), lsoas("B", 2, at=places)], places) == []
    # rounded to the centimetre, the shape of square 2 has a sliver of square 1
    second = Location("x", "uploaded", ORIGIN, CODES[1:2], shape=places.geometry.iloc[1].buffer(0.004).wkt)
    assert overlaps([lsoas("A", 1, at=places), second], places) == []


def test_geometry(places: gpd.GeoDataFrame) -> None:
    assert geometry_of(lsoas("A", 1, 2, at=places), places).area == pytest.approx(2e6, rel=1e-3)
    shape = drawn("F", 100, 100, 600, 500, places)
    assert geometry_of(shape, places).equals(shape.polygon)


# -- other datasets ----------------------------------------------------------------------------------------------------


def test_a_location_of_another_dataset_is_refused_in_words(places: gpd.GeoDataFrame, presence: pd.DataFrame) -> None:
    elsewhere = Location("A", "clicked", ORIGIN, ("E01999999", CODES[0]))
    circle = Location("B", "circle", ORIGIN, ("E01999999",), shape="POLYGON ((0 0, 9 0, 9 9, 0 0))")
    assert [is_here(one, places) for one in (elsewhere, circle, lsoas("C", 1, at=places))] == [False, False, True]
    for one in (elsewhere, circle):
        with pytest.raises(ValueError, match="lies elsewhere") as error:
            location_months(one, INCIDENTS, CELLS, places, presence, MONTHS, TYPES)
        assert "made with 'Testshire', LSOAs of 2021" in assert_plain(str(error.value))


def test_a_shape_finds_its_lsoas_on_any_boundaries(places: gpd.GeoDataFrame) -> None:
    shape = drawn("F", 900, 400, 1100, 600, places)
    other = places.assign(lsoa_code=[f"W0100000{n}" for n in range(1, 10)])
    assert areas_of(shape, other)["lsoa_code"].tolist() == ["W01000001", "W01000002"]


# -- the list ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ranked(places: gpd.GeoDataFrame, presence: pd.DataFrame) -> pd.DataFrame:
    made = [
        lsoas("Quiet", 5, at=places), lsoas("Busy", 1, 2, at=places), lsoas("Half", 7, at=places),
        drawn("Shape", 550, 400, 1600, 600, places), lsoas("Also quiet", 4, at=places),
    ]  # fmt: skip
    return rank_locations(made, INCIDENTS, CELLS, places, presence, MONTHS, TYPES).set_index("name")


def test_the_list_is_in_order(ranked: pd.DataFrame) -> None:
    assert ranked.index.tolist() == ["Busy", "Shape", "Half", "Also quiet", "Quiet"]
    assert ranked["rank"].tolist() == [1, 2, 3, 4, 4]
    assert ranked["count"].tolist() == [5, 3, 1, 0, 0]
    assert ranked["share"].tolist() == pytest.approx([5 / 6, 3 / 6, 1 / 6, 0, 0])
    assert ranked["residents"].tolist() == [2_100, 2_100, 1_600, 1_300, 1_400]
    assert ranked["residents_share"].tolist()[0] == pytest.approx(2_100 / 12_600)
    assert ranked["shape"].tolist() == [False, True, False, False, False]


def test_rates_are_per_month_present(ranked: pd.DataFrame) -> None:
    assert ranked["months"].tolist() == [12, 12, 11, 12, 12]
    plain = rate_per_1000_year([5, 1], [2_100, 1_600], [12, 11])
    for name, row in (("Busy", plain.iloc[0]), ("Half", plain.iloc[1])):
        assert ranked.loc[name, ["rate_per_1000_year", "rate_low", "rate_high"]].tolist() == pytest.approx(row.tolist())


def test_trends_are_refused_across_gaps(ranked: pd.DataFrame) -> None:
    assert ranked.loc["Busy", "trend"] in ("up", "down", "none")
    assert pd.isna(ranked.loc["Half", "trend"])
    assert "across a gap" in ranked.loc["Half", "trend_reading"]


def test_the_same_counts_one_by_one_and_in_the_list(
    places: gpd.GeoDataFrame, presence: pd.DataFrame, ranked: pd.DataFrame
) -> None:
    for location in (lsoas("Busy", 1, 2, at=places), drawn("Shape", 550, 400, 1600, 600, places)):
        series = location_months(location, INCIDENTS, CELLS, places, presence, MONTHS, TYPES)
        assert series.sum() == ranked.loc[location.name, "count"]


def test_trends_may_be_read_from_more_months(places: gpd.GeoDataFrame, presence: pd.DataFrame) -> None:
    def table(**said: Any) -> pd.Series:
        one = [lsoas("Busy", 1, 2, at=places)]
        return rank_locations(one, INCIDENTS, CELLS, places, presence, MONTHS[:3], TYPES, **said).iloc[0]

    assert table()["trend_reading"].startswith("a trend needs at least 10")
    longer = table(trend_months=MONTHS)
    assert (longer["trend_reading"], longer["count"], longer["months"]) == ("", 5, 3)


def test_an_empty_list_and_an_area_without_offences(places: gpd.GeoDataFrame, presence: pd.DataFrame) -> None:
    columns = rank_locations([lsoas("A", 1, at=places)], INCIDENTS, CELLS, places, presence, MONTHS, TYPES).columns
    assert rank_locations([], INCIDENTS, CELLS, places, presence, MONTHS, TYPES).columns.tolist() == list(columns)
    nothing = rank_locations([lsoas("A", 1, at=places)], INCIDENTS[:0], CELLS[:0], places, presence, MONTHS, TYPES)
    assert nothing["count"].tolist() == [0]
    assert nothing["share"].isna().all()
    late = rank_locations([lsoas("A", 1, at=places)], INCIDENTS, CELLS, places, presence, ["2030-01"], TYPES)
    assert late[["rank", "count", "rate_per_1000_year"]].isna().all(axis=None)


def test_asb_and_offences_are_not_added_up(places: gpd.GeoDataFrame, presence: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match="never added up"):
        rank_locations([], INCIDENTS, CELLS, places, presence, MONTHS, ["Anti-social behaviour", "Robbery"])


def test_nothing_is_changed(places: gpd.GeoDataFrame, presence: pd.DataFrame) -> None:
    given = [INCIDENTS, CELLS, places, presence]
    before = [frame.copy() for frame in given]
    longitude, latitude = map(float, at(1000, 500))
    made = from_circle("C", longitude, latitude, 300, places, ORIGIN)
    rank_locations([made], INCIDENTS, CELLS, places, presence, MONTHS, TYPES)
    for now, then in zip(given, before, strict=True):
        pd.testing.assert_frame_equal(pd.DataFrame(now), pd.DataFrame(then))
