"""Shapes on the 3 x 3 grid of a kilometre each, whose answers can be checked by hand."""

import math
import time
from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from hotspots.shapes import FEWEST_POINTS, MOST_CORNERS, Snapping, circle, drawn, inside, snapping, touched, uploaded
from tests.fixtures import CODES, EAST, NORTH, areas, assert_plain, at, incident, metres

AREAS = areas()


def corners(*places: Sequence[float]) -> list[tuple[float, float]]:
    """Corners so many metres into the grid, as (longitude, latitude)."""
    return [(float(x), float(y)) for x, y in (at(east, north) for east, north in places)]


def points(*places: Sequence[float]) -> pd.DataFrame:
    rows = [incident(east, north) for east, north in places]
    frame = pd.DataFrame(
        {"longitude": [row["Longitude"] for row in rows], "latitude": [row["Latitude"] for row in rows]}
    )
    return frame.astype("float64")


def box(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    return shapely.box(EAST + west, NORTH + south, EAST + east, NORTH + north)


def refusal(*places: Sequence[float]) -> str:
    with pytest.raises(ValueError, match=r"\.$") as error:
        drawn(corners(*places), AREAS)
    return assert_plain(str(error.value))


def test_a_drawn_square_is_in_metres_and_knows_what_it_touches() -> None:
    shape = drawn(corners((500, 500), (1500, 500), (1500, 900), (500, 900)), AREAS)
    assert shape.polygon.area == pytest.approx(400_000, rel=1e-3)
    assert shape.lsoa_codes == CODES[:2]
    assert shape.notes == ()
    assert touched(shape.polygon, AREAS).tolist() == pytest.approx([200_000, 200_000], rel=1e-3)
    west, south, *_ = shape.polygon.bounds
    assert (west, south) == pytest.approx(metres(*at(500, 500)), abs=0.01)


def test_a_closed_ring_and_one_left_open_are_the_same() -> None:
    ring = corners((100, 100), (900, 100), (900, 900))
    assert drawn(ring, AREAS).polygon.equals(drawn([*ring, ring[0]], AREAS).polygon)


def test_what_is_checked_is_what_is_kept_to_the_centimetre() -> None:
    xy = shapely.get_coordinates(drawn(corners((100, 100), (900, 133), (901, 907)), AREAS).polygon)
    assert (xy == np.round(xy, 2)).all()


def test_a_circle() -> None:
    longitude, latitude = map(float, at(500, 500))
    shape = circle(longitude, latitude, 400, AREAS)
    assert shape.polygon.area == pytest.approx(math.pi * 400**2, rel=0.01)
    assert shape.lsoa_codes == CODES[:1]


@pytest.mark.parametrize("radius", [0, -5, math.nan, math.inf, 50_001])
def test_a_radius_that_is_none(radius: float) -> None:
    longitude, latitude = map(float, at(500, 500))
    with pytest.raises(ValueError, match="The radius is"):
        circle(longitude, latitude, radius, AREAS)


@pytest.mark.parametrize("place", [(math.nan, 52.0), (math.inf, 52.0), (1.0, 95.0)])
def test_a_centre_that_is_none(place: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match=r"outside Great Britain\. Give longitude"):
        circle(*place, 100, AREAS)


def test_only_shared_ground_counts_as_touching() -> None:
    # exactly square 1: it shares edges with 2 and 4 and a corner with 5
    assert touched(AREAS.geometry.iloc[0], AREAS).index.tolist() == [CODES[0]]


# -- refusals ----------------------------------------------------------------------------------------------------------


def test_sides_that_cross() -> None:
    said = refusal((100, 100), (900, 900), (900, 100), (100, 800))
    assert said.startswith("The lines of the shape cross each other near its corner")
    assert "Move or take back a corner" in said


@pytest.mark.parametrize("places", [[], [(1, 1)], [(1, 1), (2, 2)], [(1, 1), (2, 2), (1, 1), (2, 2)]])
def test_fewer_than_three_corners(places: list[tuple[float, float]]) -> None:
    assert "fewer than 3 different corners" in refusal(*places)


def test_corners_on_one_line() -> None:
    with pytest.raises(ValueError, match="encloses nothing"):
        uploaded(gpd.GeoSeries([shapely.Polygon([(0, 0), (1, 1), (2, 2)])], crs=27700), AREAS)


def test_too_many_corners() -> None:
    turn = np.linspace(0, 2 * np.pi, MOST_CORNERS + 1, endpoint=False)
    many = corners(*zip(500 + 400 * np.cos(turn), 500 + 400 * np.sin(turn), strict=True))
    with pytest.raises(ValueError, match=r"The shape has 10,001 corners\. Simplify it to 10,000"):
        drawn(many, AREAS)
    with pytest.raises(ValueError, match="Simplify it to 10,000"):
        uploaded(gpd.GeoSeries([shapely.Polygon(many)], crs=4326), AREAS)
    # 10,000 are taken: six decimals of a degree are enough to keep them from crossing
    assert drawn(many[:-1], AREAS).lsoa_codes == CODES[:1]


def test_ten_thousand_corners_of_nonsense_are_refused_in_a_moment() -> None:
    rng = np.random.default_rng(1)
    started = time.perf_counter()
    assert "cross each other" in refusal(*rng.uniform(100, 900, (MOST_CORNERS, 2)))
    assert time.perf_counter() - started < 5


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_corner_that_is_no_number(bad: float) -> None:
    with pytest.raises(ValueError, match="A corner of the shape is not a number"):
        drawn([*corners((100, 100), (900, 100)), (bad, 52.5)], AREAS)


@pytest.mark.parametrize("bad", ["here", None, (1,), (1, 2, 3), "ab"])
def test_a_corner_that_is_no_pair(bad: object) -> None:
    with pytest.raises(ValueError, match="not a longitude and a latitude"):
        drawn([*corners((100, 100), (900, 100)), bad], AREAS)  # type: ignore[list-item]


def test_swapped_coordinates_are_named() -> None:
    swapped = [(latitude, longitude) for longitude, latitude in corners((100, 100), (900, 100), (900, 900))]
    with pytest.raises(ValueError, match=r"latitude and longitude swapped\. Give longitude first"):
        drawn(swapped, AREAS)


def test_outside_the_area_and_partly_outside() -> None:
    assert "outside the area of this dataset" in refusal((9000, 100), (9900, 100), (9900, 900))
    half = drawn(corners((500, 100), (500, 900), (-500, 900), (-500, 100)), AREAS)
    assert half.notes == ("50 % of the shape lies outside the area of this dataset, where nothing is counted.",)


def test_one_that_covers_everything() -> None:
    assert "covers the whole area" in refusal((-100, -100), (3200, -100), (3200, 3200), (-100, 3200))
    # all but the last square is fine
    most = drawn(corners((-100, -100), (3200, -100), (3200, 1990), (-100, 1990)), AREAS)
    assert len(most.lsoa_codes) == 6


# -- uploads -----------------------------------------------------------------------------------------------------------


def test_several_polygons_are_one_shape() -> None:
    several = gpd.GeoSeries([box(100, 100, 500, 500), box(400, 100, 800, 500), box(2100, 100, 2200, 200)], crs=27700)
    shape = uploaded(several, AREAS)
    assert shape.polygon.geom_type == "MultiPolygon"
    assert shape.polygon.area == pytest.approx(700 * 400 + 100 * 100)
    assert shape.lsoa_codes == (CODES[0], CODES[2])
    assert uploaded(several.to_crs(4326), AREAS).polygon.area == pytest.approx(shape.polygon.area, rel=1e-4)


def test_a_line_that_meets_itself_is_repaired_and_said() -> None:
    # two squares that meet in one corner, as one ring: nothing crosses
    places = [(100, 100), (200, 100), (200, 200), (300, 200), (300, 300), (200, 300), (200, 200), (100, 200)]
    shape = uploaded(gpd.GeoSeries([shapely.Polygon([(EAST + x, NORTH + y) for x, y in places])], crs=27700), AREAS)
    assert shape.polygon.is_valid
    assert shape.polygon.area == 20_000
    assert shape.notes == ("A line of the shape that met itself was repaired: look at it on the map.",)


def test_heights_and_nothing_are_left_out() -> None:
    flat = uploaded(
        gpd.GeoSeries([None, shapely.Polygon(), shapely.force_3d(box(100, 100, 200, 200))], crs=27700), AREAS
    )
    assert not flat.polygon.has_z
    with pytest.raises(ValueError, match="The shape is empty"):
        uploaded(gpd.GeoSeries([None, shapely.Polygon()], crs=27700), AREAS)


def test_points_are_no_shape() -> None:
    with pytest.raises(ValueError, match="points or lines where a polygon was expected"):
        uploaded(gpd.GeoSeries([shapely.Point(EAST, NORTH)], crs=27700), AREAS)


# -- what lies inside --------------------------------------------------------------------------------------------------


def test_a_point_on_the_border_is_inside() -> None:
    west, east = metres(*at(1000, 0))[0], metres(*at(1000, 1000))[0]
    shape = AREAS.geometry.iloc[0]  # its corners lie on coordinates that six decimals express
    there = points((500, 500), (1000, 500), (1000, 1000), (1001, 500), (-1, 500))
    assert inside(shape, there).tolist() == [True, True, True, False, False]
    assert west != east  # the grid of degrees is not the grid of metres, so that this can fail


def test_inside_agrees_with_a_plain_join_and_changes_nothing() -> None:
    rng = np.random.default_rng(2)
    there = points(*rng.uniform(-500, 3500, (400, 2)))
    there.loc[7, "longitude"] = np.nan
    before = there.copy()
    shape = circle(*corners((1500, 1500))[0], 900, AREAS).polygon
    plain = gpd.GeoSeries(gpd.points_from_xy(there.longitude, there.latitude), crs=4326).to_crs(27700).intersects(shape)
    assert inside(shape, there).tolist() == plain.tolist()
    assert plain.any()
    pd.testing.assert_frame_equal(there, before)
    assert inside(shape, there[:0]).tolist() == []


# -- snapping ----------------------------------------------------------------------------------------------------------


def lattice(step: float) -> pd.DataFrame:
    """Map points every ``step`` metres over the grid's first four squares and around."""
    steps = np.arange(-600 + step / 2, 2600, step)
    return points(*((x, y) for x in steps for y in steps))


def test_the_distance_is_half_the_side_of_what_a_point_stands_for() -> None:
    known = lattice(100)
    found = snapping(box(0, 0, 2000, 2000), pd.concat([known, known]), known)
    assert found.distance_m == pytest.approx(50, rel=0.02)
    assert found.points == 400
    assert found.incidents == 800


def test_what_the_border_cuts_through_is_counted_on_both_sides() -> None:
    known = lattice(100)
    # rows of points lie at 50, 150, ...: this border runs 10 metres beyond the outermost row
    found = snapping(box(40, 40, 1960, 1960), known, known)
    assert found.distance_m == pytest.approx(50, rel=0.05)
    assert (found.points, found.points_near, found.incidents_near) == (400, 76, 76)
    assert found.incidents_beyond == 0
    assert found.carries
    outside = snapping(box(60, 60, 1940, 1940), known, known)
    assert (outside.points, outside.points_near) == (324, 0)
    assert outside.incidents_beyond == 76
    assert outside.lines == [
        "Of 324 incidents counted inside, 0 may have happened outside, and 76 counted outside may have happened inside: "
        f"their map points lie within {outside.distance_m:.0f} metres of the border (0 of 324 map points inside)."
    ]


def test_a_shape_smaller_than_the_points_can_carry_is_warned_of() -> None:
    known = lattice(100)
    found = snapping(box(0, 0, 300, 300), known, known)
    assert found.points == 9 < FEWEST_POINTS
    assert not found.carries
    assert found.lines[0].startswith("This shape is smaller than anonymised points can carry: 9 map points lie inside")
    # many points, but most near the border: a strip
    strip = snapping(box(0, 40, 2000, 160), known, known)
    assert strip.points >= FEWEST_POINTS
    assert not strip.carries


def test_no_points_at_all() -> None:
    nothing = lattice(100)[:0]
    found = snapping(box(0, 0, 500, 500), nothing, nothing)
    assert found == Snapping(None, 0, 0, 0, 0, 0)
    assert found.lines == [
        "This shape is smaller than anonymised points can carry: no map points lie inside. "
        "Take a larger shape, or whole LSOAs."
    ]


def test_a_share_is_given_from_twenty_only() -> None:
    assert "30 (30 %) may" in Snapping(50, 20, 100, 5, 30, 4).lines[0]
    assert "19 may" in Snapping(50, 20, 100, 5, 19, 4).lines[0]
