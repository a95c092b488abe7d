import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from esda import G_Local
from hypothesis import given, settings
from hypothesis import strategies as st
from libpysal.graph import Graph
from statsmodels.stats.multitest import multipletests

from hotspots.significance import (
    clusters,
    false_discovery,
    getis_ord_gi_star,
    neighbours,
    neighbours_reading,
    two_sided_p,
)
from tests.fixtures import CODES, grid

NORFOLK = Path(__file__).parents[1].parent / "shared" / "data" / "norfolk"
UNSNAPPED = NORFOLK / "LSOA_2011_boundaries_WGS84_UNSNAPPED.geojson"
needs_norfolk = pytest.mark.skipif(not UNSNAPPED.exists(), reason=f"real Norfolk boundaries not found at {NORFOLK}")


def squares(side: int, kilometre: float = 1000.0) -> gpd.GeoDataFrame:
    shapes = [
        shapely.box(x * kilometre, y * kilometre, (x + 1) * kilometre, (y + 1) * kilometre)
        for y in range(side)
        for x in range(side)
    ]
    return gpd.GeoDataFrame(geometry=shapes, index=[f"a{n:03d}" for n in range(side * side)], crs=27700)


GRAPH = neighbours(squares(5))


def esda_z(values: np.ndarray, graph: Graph) -> np.ndarray:
    return G_Local(values, graph, star=True, transform="B", permutations=0).Zs


def links(graph: Graph) -> set[tuple[str, str]]:
    return {pair for pair, weight in graph.adjacency.items() if weight}


def test_queen_contiguity_of_a_grid() -> None:
    graph = neighbours(squares(3))
    assert links(graph) == links(Graph.build_contiguity(squares(3), rook=False))
    assert graph.cardinalities.tolist() == [3, 5, 3, 5, 8, 5, 3, 5, 3]
    assert neighbours_reading(graph) == "9 areas all connected; every one has a neighbour"


def test_tolerance_bridges_a_sliver() -> None:
    frame = grid()
    apart, joined = neighbours(frame), neighbours(frame.assign(lsoa_code=CODES), tolerance=25)
    assert apart.n_components == 2
    assert joined.n_components == 1
    assert joined[CODES[1]].index.tolist() == [CODES[i] for i in (0, 2, 3, 4, 5)]
    assert neighbours(frame.to_crs(4326)).n_components == 2
    assert links(neighbours(frame.to_crs(4326), tolerance=25)) == links(neighbours(frame, tolerance=25))


def test_labels_are_codes_where_there_are_any_and_keep_their_order() -> None:
    frame = squares(3).iloc[::-1]
    assert neighbours(frame).unique_ids.tolist() == frame.index.tolist()
    coded = frame.assign(lsoa_code=list(CODES)).reset_index(drop=True)
    assert neighbours(coded).unique_ids.tolist() == list(CODES)


def test_islands_stand_alone_and_are_reported() -> None:
    far = squares(2)
    far.loc["a003", "geometry"] = shapely.box(9e4, 9e4, 9.1e4, 9.1e4)
    graph = neighbours(far)
    assert graph.isolates.tolist() == ["a003"]
    assert neighbours_reading(graph) == (
        "4 areas in 2 separate parts; 1 has no neighbour within reach and is judged alone"
    )
    assert neighbours_reading(neighbours(squares(1))) == "1 area, without a neighbour"
    empty = squares(2)
    empty.loc["a000", "geometry"] = None
    assert neighbours(empty).isolates.tolist() == ["a000"]


def test_bad_areas_are_refused_in_words() -> None:
    with pytest.raises(ValueError, match="no area"):
        neighbours(squares(2).iloc[:0])
    with pytest.raises(ValueError, match="a000 is listed twice"):
        neighbours(squares(2).iloc[[0, 0, 1]])
    for tolerance in (-1, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="tolerance"):
            neighbours(squares(2), tolerance)


@needs_norfolk
def test_unsnapped_norfolk_has_the_neighbours_of_the_snapped() -> None:
    snapped = gpd.read_file(NORFOLK / "LSOA_2011_boundaries_BNG.gpkg").set_index("LSOA11CD")
    unsnapped = gpd.read_file(UNSNAPPED).set_index("LSOA11CD")
    queen = Graph.build_contiguity(snapped, rook=False)
    graph = neighbours(unsnapped)
    assert len(graph.isolates) == 0
    assert neighbours(snapped).n_components == graph.n_components == 2
    assert links(neighbours(snapped)) == links(queen)
    assert len(links(graph) ^ links(queen)) <= 0.01 * len(links(queen))


@needs_norfolk
def test_norfolk_is_fast_enough() -> None:
    areas = gpd.read_file(NORFOLK / "LSOA_2021_boundaries_BNG.gpkg")
    start = time.process_time()
    graph = neighbours(areas)
    middle = time.process_time()
    getis_ord_gi_star(np.random.default_rng(0).poisson(4, (552, 12)), graph)
    end = time.process_time()
    assert middle - start < 0.6  # 0.05 s on an idle machine
    assert end - middle < 0.5  # 0.005 s


def test_gi_star_against_the_published_example() -> None:
    # esda, documentation of G_Local: points of Getis & Ord within 15 of each other, star=True, transform="B"
    points = [(10, 10), (20, 10), (40, 10), (15, 20), (30, 20), (30, 30)]
    graph = Graph.build_distance_band(gpd.GeoSeries([shapely.Point(p) for p in points]), 15, binary=True)
    z = getis_ord_gi_star([2, 3, 3.2, 5, 8, 7], graph)
    expected = [-1.39727626, -0.28917762, 0.65064964, -0.28917762, 1.23452088, 2.02424331]
    np.testing.assert_allclose(z, expected, atol=5e-9)


def test_gi_star_by_hand() -> None:
    # 4 squares in a row, values 0 0 0 4: mean 1, S sqrt 3; the last with its neighbour: (4 - 2) / (sqrt 3 sqrt(4/3))
    row = squares(4).iloc[:4]
    z = getis_ord_gi_star([0, 0, 0, 4], neighbours(row))
    assert z.tolist() == pytest.approx([-1, -np.sqrt(3), 1 / np.sqrt(3), 1])


@settings(deadline=None)
@given(st.lists(st.integers(0, 30), min_size=25, max_size=25).filter(lambda v: len(set(v)) > 1))
def test_gi_star_against_esda(values: list[int]) -> None:
    np.testing.assert_allclose(getis_ord_gi_star(values, GRAPH), esda_z(np.array(values), GRAPH), atol=1e-9)


def test_gi_star_against_esda_with_islands_zeros_and_labels_out_of_order() -> None:
    rng = np.random.default_rng(1)
    frame = squares(6).sample(frac=1, random_state=1)
    frame = frame[~frame.index.isin(["a001", "a006", "a007"])]  # a000 is an island
    graph = neighbours(frame)
    values = pd.Series(rng.poisson(1, len(frame)) * rng.integers(0, 2, len(frame)), index=frame.index)
    expected = pd.Series(esda_z(values.to_numpy(), graph), index=frame.index)
    assert "a000" in graph.isolates
    pd.testing.assert_series_equal(getis_ord_gi_star(values, graph), expected)
    shuffled = values.sample(frac=1, random_state=2)
    pd.testing.assert_series_equal(getis_ord_gi_star(shuffled, graph), expected[shuffled.index])


def test_values_without_labels_are_in_the_order_of_the_graph() -> None:
    frame = squares(3).set_axis([4, 0, 3, 1, 2, 5, 8, 6, 7])
    values = [5, 1, 0, 2, 0, 0, 0, 1, 3]
    graph = neighbours(frame)
    expected = getis_ord_gi_star(values, neighbours(squares(3)))
    np.testing.assert_array_equal(getis_ord_gi_star(values, graph), expected)
    np.testing.assert_array_equal(getis_ord_gi_star(pd.Series(values, index=frame.index), graph), expected)
    np.testing.assert_array_equal(getis_ord_gi_star(pd.Series(values), neighbours(squares(3))), expected)


@pytest.mark.parametrize("change", ["self", "row-standardised", "distances"])
def test_weights_are_binary_and_self_is_included_however_the_graph_came(change: str) -> None:
    graph = {
        "self": GRAPH.assign_self_weight(1),
        "row-standardised": GRAPH.transform("R"),
        "distances": Graph(GRAPH.adjacency * 7.5),
    }[change]
    values = np.arange(25) ** 2
    np.testing.assert_allclose(getis_ord_gi_star(values, graph), getis_ord_gi_star(values, GRAPH))
    # neither the graph nor the values were changed
    assert graph.equals(graph.copy())
    assert (GRAPH.sparse.diagonal() == 0).all()


def test_a_frame_is_judged_month_by_month() -> None:
    months = pd.DataFrame(
        np.random.default_rng(0).poisson(3, (25, 4)), index=GRAPH.unique_ids, columns=["a", "b", "c", "d"]
    ).assign(c=0)
    z = getis_ord_gi_star(months, GRAPH)
    assert z.columns.tolist() == ["a", "b", "c", "d"]
    for month in "abd":
        pd.testing.assert_series_equal(z[month], getis_ord_gi_star(months[month], GRAPH), check_names=False)
    assert z["c"].isna().all()
    np.testing.assert_array_equal(getis_ord_gi_star(months.to_numpy(), GRAPH), z.to_numpy())


def test_an_area_without_a_value_is_no_ones_neighbour() -> None:
    frame = squares(4)
    values = pd.Series(np.arange(16.0), index=frame.index, dtype="Float64")
    values.iloc[5] = None
    z = getis_ord_gi_star(values, neighbours(frame))
    rest = frame.drop(index="a005")
    expected = getis_ord_gi_star(values.dropna(), neighbours(rest))
    assert np.isnan(z["a005"])
    pd.testing.assert_series_equal(z.drop("a005"), expected)


def test_an_area_next_to_all_others_cannot_stand_out() -> None:
    for values in ([0, 0, 0, 0, 9, 0, 0, 0, 0], [0.1, 0.7, 0.3, 1.1, 0.2, 0.6, 3.3, 0.9, 0.7]):
        z = getis_ord_gi_star(values, neighbours(squares(3)))
        assert np.isnan(z).tolist() == [False] * 4 + [True] + [False] * 4


def test_nothing_to_tell_is_refused_in_words() -> None:
    for values in ([0] * 25, [0.1] * 25):
        with pytest.raises(ValueError, match="same value"):
            getis_ord_gi_star(values, GRAPH)
    with pytest.raises(ValueError, match="two or more areas"):
        getis_ord_gi_star([3], neighbours(squares(1)))
    with pytest.raises(ValueError, match="there are 0"):
        getis_ord_gi_star([None] * 25, GRAPH)
    with pytest.raises(ValueError, match="24 values for 25 areas"):
        getis_ord_gi_star(range(24), GRAPH)
    with pytest.raises(ValueError, match="labels"):
        getis_ord_gi_star(pd.Series(range(25), index=[f"b{n}" for n in range(25)]), GRAPH)
    with pytest.raises(ValueError, match="infinite"):
        getis_ord_gi_star([float("inf"), *range(24)], GRAPH)


counts = st.lists(st.integers(0, 50), min_size=25, max_size=25).filter(lambda v: len(set(v)) > 1)


@settings(deadline=None)
@given(counts, st.floats(0.01, 1000), st.floats(-100, 100))
def test_scaling_and_shifting_change_nothing(values: list[int], scale: float, shift: float) -> None:
    z = getis_ord_gi_star(values, GRAPH)
    np.testing.assert_allclose(getis_ord_gi_star(np.array(values) * scale + shift, GRAPH), z, atol=1e-8)
    np.testing.assert_allclose(getis_ord_gi_star(-np.array(values), GRAPH), -z, atol=1e-9)


@settings(deadline=None)
@given(counts, st.permutations(range(25)))
def test_the_order_of_areas_changes_nothing(values: list[int], order: list[int]) -> None:
    frame = squares(5)
    z = getis_ord_gi_star(pd.Series(values, index=frame.index), GRAPH)
    turned = frame.iloc[order]
    again = getis_ord_gi_star(np.array(values)[order], neighbours(turned))
    np.testing.assert_allclose(again, z[turned.index], atol=1e-9)


# Benjamini & Hochberg 1995, section 4: thrombolysis, 15 comparisons; at 5 % the four smallest are called
THROMBOLYSIS = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1,
]  # fmt: skip


def test_false_discovery_against_the_published_example() -> None:
    assert (false_discovery(THROMBOLYSIS) <= 0.05).tolist() == [True] * 4 + [False] * 11


@settings(deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_false_discovery_against_statsmodels(p: list[float]) -> None:
    np.testing.assert_allclose(false_discovery(p), multipletests(p, method="fdr_bh")[1], atol=1e-12)
    np.testing.assert_allclose(false_discovery(p, "by"), multipletests(p, method="fdr_by")[1], atol=1e-12)
    assert (false_discovery(p, "by") >= false_discovery(p) - 1e-12).all()
    np.testing.assert_allclose(false_discovery(p[::-1])[::-1], false_discovery(p))


def test_false_discovery_keeps_shape_and_leaves_out_what_was_not_tested() -> None:
    p = pd.Series([0.01, None, 0.03], index=list("xyz"), dtype="Float64")
    adjusted = false_discovery(p)
    assert adjusted.index.tolist() == list("xyz")
    assert adjusted.isna().tolist() == [False, True, False]
    assert adjusted.dropna().tolist() == pytest.approx([0.02, 0.03])
    frame = pd.DataFrame({"a": [0.01, 0.5], "b": [0.02, 0.9]}, index=["x", "y"])
    flat = false_discovery(frame.to_numpy().ravel())
    np.testing.assert_array_equal(false_discovery(frame).to_numpy().ravel(), flat)
    assert false_discovery([]).tolist() == []
    assert false_discovery(0.04) == 0.04


def test_bad_p_values_are_refused_in_words() -> None:
    for bad in ([0.1, 1.2], [-0.1]):
        with pytest.raises(ValueError, match="from 0 to 1"):
            false_discovery(bad)
    with pytest.raises(ValueError, match='"bh" or "by"'):
        false_discovery([0.1], "holm")  # type: ignore[arg-type]


def test_two_sided_p() -> None:
    assert two_sided_p([1.959964, -1.959964, 0]).tolist() == pytest.approx([0.05, 0.05, 1], abs=1e-7)
    assert two_sided_p(pd.Series([3.0, None], index=["a", "b"])).isna().tolist() == [False, True]
    assert two_sided_p(-2.575829) == pytest.approx(0.01, abs=1e-7)


def test_clusters_are_labelled_after_the_correction() -> None:
    frame = squares(10)
    x, y = np.meshgrid(range(10), range(10))
    values = pd.Series(np.where((x < 3) & (y < 3), 20, 5).ravel() + (x.ravel() % 2), index=frame.index)
    values.iloc[99] = np.nan
    graph = neighbours(frame)
    result = clusters(values, graph)
    assert result.columns.tolist() == ["z", "p", "p_adjusted", "cluster"]
    assert result.index.equals(values.index)
    assert result.loc["a000", "cluster"] == "hot"
    assert result.loc["a055", "cluster"] == "none"
    assert result.loc["a099"].isna().all()
    assert (result["p_adjusted"].dropna() >= result["p"].dropna()).all()
    assert clusters(-values, graph).loc["a000", "cluster"] == "cold"
    hot = {method: (clusters(values, graph, method)["cluster"] == "hot").sum() for method in (None, "bh", "by")}
    assert hot[None] >= hot["bh"] >= hot["by"] > 0
    assert clusters(values.to_numpy(), graph).index.equals(frame.index)


def test_even_counts_seldom_make_a_cluster() -> None:
    # under independence false discovery at 5 % is any discovery in about 5 % of maps; at plain 5 % it is nearly all
    rng = np.random.default_rng(7)
    graph = neighbours(squares(10))
    maps = [rng.poisson(10, 100) for _ in range(200)]
    assert np.mean([(clusters(m, graph)["cluster"] != "none").any() for m in maps]) < 0.1
    assert np.mean([(clusters(m, graph, None)["cluster"] != "none").any() for m in maps[:50]]) > 0.9


def test_bad_levels_and_frames_are_refused_in_words() -> None:
    with pytest.raises(ValueError, match="level"):
        clusters(range(25), GRAPH, level=5)
    with pytest.raises(ValueError, match="several columns"):
        clusters(np.arange(50).reshape(25, 2), GRAPH)
