"""The join, in metres: squares whose borders are whole numbers, so that each answer can be checked in the head."""

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geodata import join
from geodata.join import NEAREST_WITHIN_M, join_points, to_grid
from tests.fixtures import CODES, SLIVER, at, metres

KM = 1_000
X3 = 2 * KM + SLIVER  # where the third column begins


@pytest.fixture(autouse=True)
def in_metres(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take coordinates as they are, so that a point can lie exactly on a border."""
    monkeypatch.setattr(join, "to_grid", lambda east, north: (np.asarray(east), np.asarray(north)))


def squares() -> gpd.GeoDataFrame:
    shapes = [
        shapely.box(west, south, west + KM, south + KM) for south in (0, KM, 2 * KM) for west in (0, KM, X3)
    ]  # fmt: skip
    return gpd.GeoDataFrame({"lsoa_code": CODES}, geometry=shapes, crs=27700)


def where(*points: tuple[float, float], areas: gpd.GeoDataFrame | None = None) -> list[tuple[int, str | None]]:
    """(number of the square, 0 = outside; how it was joined) of each point."""
    east, north = np.array(points, dtype="float64").T
    found = join_points(east, north, squares() if areas is None else areas)
    assert list(found.columns) == ["area", "joined_by"]
    assert list(found.index) == list(range(len(points)))
    how = found["joined_by"].astype("object").where(found["joined_by"].notna(), None)
    return [(area + 1, by) for area, by in zip(found["area"], how, strict=True)]


PLACES = {
    "inside the first square": ((500, 500), 1, "polygon"),
    "inside the last square": ((2_520, 2_500), 9, "polygon"),
    "on the border of 1 and 2": ((KM, 500), 1, "polygon"),
    "on the border of 2 and 5": ((1_500, KM), 2, "polygon"),
    "on the corner of 1, 2, 4 and 5": ((KM, KM), 1, "polygon"),
    "on the corner of 4, 5, 7 and 8": ((KM, 2 * KM), 4, "polygon"),
    "on the outer border": ((0, 1_500), 4, "polygon"),
    "on the outer corner": ((X3 + KM, 3 * KM), 9, "polygon"),
    "in the sliver, nearer to 2": ((2_009, 500), 2, "nearest"),
    "in the sliver, nearer to 3": ((2_011, 500), 3, "nearest"),
    "in the sliver, as near to 2 as to 3": ((2_010, 500), 2, "nearest"),
    "in the sliver, as near to 2, 3, 5 and 6": ((2_010, KM), 2, "nearest"),
    "in the sliver, as near to 8 as to 9": ((2_010, 2_999), 8, "nearest"),
    "24 m beyond the border": ((-24, 500), 1, "nearest"),
    "25 m beyond the border": ((-25, 500), 1, "nearest"),
    "a hair more than 25 m beyond the border": ((-25.0000001, 500), 0, None),
    "26 m beyond the border": ((500, -26), 0, None),
    "25 m from a corner, in its box but not its circle": ((-20, -20), 0, None),
    "25 m from a corner by 15 and 20": ((-15, -20), 1, "nearest"),
    "beyond, as near to 1 as to 2": ((KM, -20), 1, "nearest"),
    "far away": ((900_000, 5), 0, None),
}


@pytest.mark.parametrize(("point", "number", "by"), PLACES.values(), ids=PLACES)
def test_each_place_has_one_answer(point: tuple[float, float], number: int, by: str | None) -> None:
    assert where(point) == [(number, by)]


def test_all_places_at_once_in_any_order() -> None:
    points = [point for point, _, _ in PLACES.values()]
    answers = [(number, by) for _, number, by in PLACES.values()]
    assert where(*points) == answers
    assert where(*points[::-1]) == answers[::-1]


def test_duplicates_have_the_same_answer() -> None:
    assert where(*[(KM, KM)] * 3, *[(2_010, 500)] * 2) == [(1, "polygon")] * 3 + [(2, "nearest")] * 2


def test_a_point_in_two_overlapping_polygons_is_counted_once() -> None:
    both = gpd.GeoDataFrame(
        {"lsoa_code": CODES[:2]}, geometry=[shapely.box(0, 0, 100, 100), shapely.box(50, 0, 150, 100)], crs=27700
    )
    assert where((75, 50), (125, 50), areas=both) == [(1, "polygon"), (2, "polygon")]


def test_a_hole_belongs_to_no_one_beyond_25_metres() -> None:
    ring = shapely.box(0, 0, KM, KM).difference(shapely.box(400, 400, 500, 500))
    lake = gpd.GeoDataFrame({"lsoa_code": CODES[:1]}, geometry=[ring], crs=27700)
    assert where((450, 450), (410, 450), (400, 450), areas=lake) == [(0, None), (1, "nearest"), (1, "polygon")]


def test_a_place_that_the_grid_cannot_express_is_outside() -> None:
    assert where((np.inf, np.inf), (500, 500), (-np.inf, 500)) == [(0, None), (1, "polygon"), (0, None)]


def test_no_point_gives_an_empty_frame() -> None:
    assert join_points(np.empty(0), np.empty(0), squares()).empty


def test_no_point_near_any_area() -> None:
    assert where((9e5, 9e5)) == [(0, None)]


def test_the_distance_is_the_stated_one() -> None:
    assert NEAREST_WITHIN_M == 25.0


def test_degrees_become_metres_of_the_national_grid() -> None:
    # Ordnance Survey's worked example of OSGB36 in "A guide to coordinate systems": Caister Water Tower. Its ETRS89
    # position gives E 651,410 N 313,177; the transformation without the national grid shifts is good to some metres.
    east, north = to_grid(np.array([1.716073973]), np.array([52.658007833]))
    assert east[0] == pytest.approx(651_409.8, abs=5)
    assert north[0] == pytest.approx(313_177.4, abs=5)


def test_the_fixture_s_corners_lie_on_the_border_to_the_last_bit() -> None:
    east, north = to_grid(*np.array([at(KM, KM)], dtype="float64").T)
    assert (east[0], north[0]) == metres(*at(KM, KM))
