"""What lies in and around a place, on squares whose answers can be worked out by hand."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geodata.layer_accounting import MARGIN_M
from hotspots.association import Association, association
from hotspots.context import (
    WALK_M,
    busiest_sentence,
    co_occurrence_sentence,
    covered_by_area,
    covered_sentence,
    in_pieces,
    lengths_by_area,
    line_length,
    line_sentence,
    point_sentence,
    points_by_area,
    points_in_place,
    rates_at,
    share_covered,
    table_sentence,
    table_values,
)

# Three squares of one kilometre in a row.
CODES = ["E01000001", "E01000002", "E01000003"]
SQUARES = [shapely.box(west, 0, west + 1000, 1000) for west in (0, 1000, 2000)]
AREAS = gpd.GeoDataFrame({"lsoa_code": CODES}, geometry=SQUARES, crs=27700)
# Two in the first, one of them 300 m from the second; one in the third; one 350 m outside the first, of no area.
POINTS = gpd.GeoDataFrame(
    {"lsoa_code": [CODES[0], CODES[0], CODES[2], None]},
    geometry=gpd.points_from_xy([100, 700, 2500, -350], [500, 500, 500, 500]),
    crs=27700,
)
ROUND = np.pi * 0.4**2 + 1 + 4 * 0.4  # square kilometres of a square and 400 m around it


def test_points_by_area() -> None:
    found = points_by_area(POINTS, AREAS)
    assert list(found.index) == CODES
    assert found["inside"].tolist() == [2, 0, 1]
    assert found["nearby"].tolist() == [3, 1, 1]
    assert found["inside_per_km2"].tolist() == [2, 0, 1]
    # the corners of a buffer are polygons too
    assert found["nearby_per_km2"].tolist() == pytest.approx([3 / ROUND, 1 / ROUND, 1 / ROUND], rel=0.01)


def test_points_in_a_place_of_lsoas_and_in_a_shape() -> None:
    by_area = points_by_area(POINTS, AREAS)
    of_lsoas = points_in_place(POINTS, shapely.union_all(SQUARES[:2]), by_area, CODES[:2])
    assert (of_lsoas.inside, of_lsoas.nearby, of_lsoas.inside_per_km2) == (2, 3, 1)
    assert of_lsoas.median_inside == 1
    assert of_lsoas.median_nearby == pytest.approx(1 / ROUND, rel=0.01)
    shape = points_in_place(POINTS, shapely.box(600, 400, 700, 600), by_area)
    assert (shape.inside, shape.nearby) == (1, 1), "a point on its border is in a shape"
    assert shape.inside_per_km2 == pytest.approx(1 / 0.02)
    one = points_in_place(POINTS, SQUARES[0], by_area, CODES[:1])
    assert (one.inside, one.nearby) == tuple(by_area.loc[CODES[0], ["inside", "nearby"]])


def test_a_layer_is_kept_as_far_out_as_a_walk_goes() -> None:
    assert MARGIN_M == WALK_M


def test_point_sentence() -> None:
    by_area = points_by_area(POINTS, AREAS)
    said = point_sentence(points_in_place(POINTS, SQUARES[1], by_area, CODES[1:2]), "Pubs {{7*7}}")
    assert said == (
        "Pubs {{7*7}}: none inside, 1 inside or within 400 metres of it, 0.3 per square kilometre there; the median of 3 LSOAs "
        "is 0.3 per square kilometre"
    )
    nothing = points_in_place(POINTS.iloc[:0], SQUARES[1], points_by_area(POINTS.iloc[:0], AREAS), CODES[1:2])
    assert point_sentence(nothing, "Pubs").endswith("; the median of 3 LSOAs is none")


def test_ground_covered_counts_once_where_polygons_overlap() -> None:
    zones = gpd.GeoSeries([shapely.box(0, 0, 500, 1000), shapely.box(250, 0, 1000, 500)], crs=27700)
    assert share_covered(zones, SQUARES[0]) == pytest.approx(0.75)
    assert covered_by_area(zones, AREAS).tolist() == pytest.approx([0.75, 0, 0])
    every = covered_by_area(zones, AREAS)
    assert covered_sentence(0.75, every, "Orders") == "Orders: 75 % of its ground; 1 of 3 LSOAs have any"
    assert covered_sentence(0.0004, every, "Orders").startswith("Orders: under 0.1 % of its ground")
    assert covered_sentence(0, every, "Orders").startswith("Orders: none of its ground")


def test_line_length() -> None:
    route = gpd.GeoSeries([shapely.LineString([(-500, 500), (1500, 500)])], crs=27700)
    assert line_length(route, SQUARES[0]) == 1000
    every = lengths_by_area(route, AREAS)
    assert every["metres"].tolist() == [1000, 500, 0]
    assert every["km_per_km2"].tolist() == [1, 0.5, 0]
    said = line_sentence(1000, 1.0, every, "Routes")
    assert said == "Routes: 1 km, 1 km per square kilometre; the median of 3 LSOAs is 0.5"
    assert line_sentence(0, 0.0, every, "Routes").startswith("Routes: none")


def test_a_line_along_a_border_lies_in_the_lsoa_whose_code_comes_first() -> None:
    route = gpd.GeoSeries([shapely.LineString([(500, 500), (1000, 500), (1000, 900), (1500, 900)])], crs=27700)
    assert lengths_by_area(route, AREAS)["metres"].tolist() == [900, 500, 0]
    turned = AREAS.iloc[[2, 1, 0]].reset_index(drop=True)
    assert lengths_by_area(route, turned)["metres"].tolist() == [0, 500, 900], "whatever the order of the areas"


def test_pieces_are_together_the_same() -> None:
    ring = shapely.Point(1500, 500).buffer(1200, quad_segs=2000)
    hole = ring.difference(shapely.Point(1500, 500).buffer(300, quad_segs=500))
    polygons = gpd.GeoSeries([hole, shapely.box(0, 0, 10, 10)], crs=27700)
    cut = in_pieces(polygons)
    assert len(cut) > 10
    assert shapely.get_num_coordinates(cut.to_numpy()).max() <= 500
    assert cut.area.sum() == pytest.approx(polygons.area.sum())
    assert shapely.union_all(cut.to_numpy()).symmetric_difference(shapely.union_all(polygons.to_numpy())).area < 1e-3
    assert covered_by_area(cut, AREAS).tolist() == pytest.approx(covered_by_area(polygons, AREAS).tolist())
    lines = gpd.GeoSeries(
        [shapely.LineString(np.column_stack([np.linspace(0, 3000, 5000), np.full(5000, 500.0)]))], crs=27700
    )
    assert in_pieces(lines).length.sum() == pytest.approx(3000)
    assert lengths_by_area(in_pieces(lines), AREAS)["metres"].tolist() == pytest.approx([1000, 1000, 1000])
    same = gpd.GeoSeries([shapely.LineString([(0, 0), (1, 1)])], crs=27700)
    assert in_pieces(same).geom_equals(same).all()


def test_rates_of_coarser_places_add_up_counts_and_residents() -> None:
    table = pd.DataFrame({"count": [4, 6, None], "residents": [1000, 4000, 500]}, pd.Index(CODES, name="lsoa_code"))
    rates = rates_at(table, PLACES)
    assert rates.to_dict() == {"Town 001": 10 / 5000}, "an LSOA without a count is in no place"


PLACES = pd.Series(["Town 001", "Town 001", "Town 002"], pd.Index(CODES, name="lsoa_code"))
TABLE = pd.DataFrame(
    {
        "place": ["Town 001", "Town 002", "Town 003"],
        "column": "rate",
        "value": pd.array([12.34, None, 99.0], "Float64"),
        "suppressed": [False, True, False],
    }
)


def test_values_of_a_table_stay_at_its_level() -> None:
    found = table_values(TABLE, PLACES, CODES[1:], "rate")
    assert found.index.tolist() == ["Town 001", "Town 002"]
    assert found["lsoas"].tolist() == [1, 1]
    assert found["of_lsoas"].tolist() == [2, 1]
    assert found["known"].tolist() == [1, 1], "a place that is not of this area is not in the median"
    said = [table_sentence(place, row, "msoa", "In treatment", "per 1,000") for place, row in found.iterrows()]
    assert said == [
        "In treatment: 12.3 per 1,000 in the MSOA Town 001; the median of 1 MSOAs is 12.3. It is for the whole MSOA of 2 LSOAs, 1 of "
        "which lies here",
        "In treatment: suppressed in the MSOA Town 002",
    ]
    absent = table_values(TABLE.iloc[:1], PLACES, CODES[2:], "rate").iloc[0]
    assert (
        table_sentence("Town 002", absent, "msoa", "In treatment", "%")
        == "In treatment: not known in the MSOA Town 002"
    )


def result(
    rho: float | None, p: float | None, rho_without: float | None = None, p_without: float | None = None
) -> Association:
    return Association(rho, p, rho_without, p_without, 500, (), "an association needs at least 20 areas")


def test_co_occurrence_is_association_only() -> None:
    said = co_occurrence_sentence(result(0.45, 0.01, 0.41, 0.02), "serious violence")
    assert said == (
        "LSOAs with more serious violence have more “the layer” per square kilometre in and around them: rank correlation 0.45"
    )
    assert (
        busiest_sentence(result(0.45, 0.01, 0.41, 0.02)) == "Without the 5 busiest places the rank correlation is 0.41"
    )
    assert busiest_sentence(result(0.45, 0.01)) == ""
    held = {of: co_occurrence_sentence(result(0.45, 0.01, 0.41, 0.02), "ASB", held=of) for of in (0.4, 0.07, -0.2)}
    assert held[0.4].endswith(
        "around them, also where people live equally close together: rank correlation 0.45, and 0.40 with residents per km² held"
    )
    for of in (0.07, -0.2):
        assert (
            "around them, but hardly where people live equally close together: rank correlation 0.45, and " in held[of]
        )
    opposed = co_occurrence_sentence(result(-0.45, 0.01, -0.4, 0.02), "ASB", "polygons")
    assert opposed.startswith("LSOAs with more ASB have less of their ground in “the layer”: rank correlation −0.45")
    of_table = co_occurrence_sentence(result(0.45, 0.01, 0.41, 0.02), "ASB", "areas", "msoa", "this table")
    assert of_table.startswith("MSOAs with more ASB have higher values of “this table”")
    assert "without the 5 busiest it could be chance" in co_occurrence_sentence(result(0.4, 0.01, 0.1, 0.4), "ASB")
    assert "without the 5 busiest it cannot be said" in co_occurrence_sentence(result(0.4, 0.01), "ASB")
    assert co_occurrence_sentence(result(0.4, 0.06), "serious violence").startswith(
        "Serious violence and “the layer” go together no more than clustered patterns do by chance"
    )
    assert "cannot be said here: an association needs" in co_occurrence_sentence(result(None, None), "ASB")


def test_a_planted_association_is_found_and_a_made_up_one_is_not() -> None:
    rng = np.random.default_rng(3)
    squares = [shapely.box(x, y, x + 500, y + 500) for y in range(0, 6000, 500) for x in range(0, 6000, 500)]
    codes = [f"E010{n:05d}" for n in range(144)]
    areas = gpd.GeoDataFrame({"lsoa_code": codes}, geometry=squares, crs=27700)
    near = rng.integers(0, 144, 120)
    points = gpd.GeoDataFrame({"lsoa_code": np.array(codes)[near]}, geometry=areas.centroid.to_numpy()[near], crs=27700)
    density = points_by_area(points, areas)["nearby_per_km2"]
    labelled = areas.set_index("lsoa_code")
    violence = pd.Series(rng.poisson(5 * density + 1), density.index)
    assert "have more “the layer” per square" in co_occurrence_sentence(
        association(violence, density, labelled), "violence"
    )
    other = pd.Series(rng.poisson(5, 144), density.index)
    assert "no more than" in co_occurrence_sentence(association(other, density, labelled), "violence")
