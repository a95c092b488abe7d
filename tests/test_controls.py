"""Ring, matching and placebos on a county of squares, 24 to a row, numbered from the south-west."""

import time

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point, box

from benchmarks.displacement import MONTHS, WINDOWS, grid
from hotspots.controls import (
    Candidates,
    Geography,
    RingRule,
    candidates,
    geography,
    ring_around,
    size_weight,
    suggest_controls,
)
from hotspots.displacement import weighted_displacement_difference
from hotspots.placebos import LEAST_PLACEBOS, Placebos, pieces, placebos
from hotspots.significance import neighbours


def code(row: int, column: int) -> str:
    return f"E01{24 * row + column:06d}"


def numbers(codes: tuple[str, ...]) -> list[tuple[int, int]]:
    return [divmod(int(one[3:]), 24) for one in codes]


@pytest.fixture(scope="module")
def areas() -> gpd.GeoDataFrame:
    return grid()


@pytest.fixture(scope="module")
def places(areas: gpd.GeoDataFrame) -> Geography:
    return geography(areas)


@pytest.fixture(scope="module")
def monthly(places: Geography) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    level = rng.gamma(1.6, 30, len(places.codes))
    return pd.DataFrame(rng.poisson(level[:, None] / 12, (len(level), 24)).astype(float), places.codes, MONTHS)


@pytest.fixture(scope="module")
def among(monthly: pd.DataFrame, places: Geography) -> Candidates:
    return candidates(monthly, places, WINDOWS)


# Ring


def test_the_ring_is_what_lies_next_to_the_target(places: Geography) -> None:
    ring = ring_around([code(5, 5), code(5, 6)], places)
    around = [(r, c) for r in (4, 5, 6) for c in (4, 5, 6, 7) if (r, c) not in [(5, 5), (5, 6)]]
    assert numbers(ring.codes) == around
    assert (ring.gap, ring.label) == ((), "next to the target")


def test_two_steps_with_a_gap_and_without_other_targets(places: Geography) -> None:
    ring = ring_around([code(5, 5)], places, RingRule(2, gap=1), others=[code(3, 3)])
    outer = [(r, c) for r in range(3, 8) for c in range(3, 8) if max(abs(r - 5), abs(c - 5)) == 2]
    assert numbers(ring.codes) == [at for at in outer if at != (3, 3)]
    assert len(ring.gap) == 8
    assert ring.label == "2 LSOAs from the target"


def test_the_ring_by_distance(places: Geography, areas: gpd.GeoDataFrame) -> None:
    # squares of 1 km with a point in the middle: 600 m reach the four sides, 800 m the corners too
    assert numbers(ring_around([code(5, 5)], places, RingRule(600, in_metres=True)).codes) == [
        (4, 5),
        (5, 4),
        (5, 6),
        (6, 5),
    ]
    ring = ring_around([code(5, 5)], places, RingRule(1600, 800, in_metres=True))
    assert ring.label == "within 1,600 m of the target, beyond 800 m"
    assert set(numbers(ring.gap)) == {(4, 5), (5, 4), (5, 6), (6, 5), (4, 4), (4, 6), (6, 4), (6, 6)}
    assert (3, 5) in numbers(ring.codes)
    # as plain geopandas has it
    middle = areas.set_index("lsoa_code").geometry.centroid
    away = middle.distance(areas.geometry[24 * 5 + 5])
    assert set(ring.codes) == set(away[(away > 800) & (away <= 1600)].index)


def test_distance_from_a_drawn_shape(places: Geography) -> None:
    shape = Point(5500, 5500).buffer(100)
    ring = ring_around([code(5, 5)], places, RingRule(950, in_metres=True), shape=shape)
    assert numbers(ring.codes) == [(4, 5), (5, 4), (5, 6), (6, 5)]


def test_rings_refused_in_words(places: Geography) -> None:
    with pytest.raises(ValueError, match="covers all 552 areas"):
        ring_around(places.codes, places)
    with pytest.raises(ValueError, match="holds no LSOA"):
        ring_around([], places)
    with pytest.raises(ValueError, match=r"E01999999 first\) not among the areas"):
        ring_around(["E01999999"], places)
    with pytest.raises(ValueError, match="The ring is empty"):
        ring_around([code(0, 0)], places, others=[code(0, 1), code(1, 0), code(1, 1)])
    for reach, gap in ((1, 1), (0, 0), (float("nan"), 0)):
        with pytest.raises(ValueError, match="wider than its gap"):
            RingRule(reach, gap)


def test_a_graph_in_another_order_gives_the_same_geography(areas: gpd.GeoDataFrame, places: Geography) -> None:
    shuffled = geography(areas, neighbours(areas.sample(frac=1, random_state=1)))
    assert all((a == b).all() for a, b in zip(shuffled.next_to, places.next_to, strict=True))


# Matching


def test_controls_are_alike_apart_and_three_each(places: Geography, among: Candidates) -> None:
    target = [code(5, 5), code(5, 6)]
    ring = ring_around(target, places)
    match = suggest_controls(target, places, among, apart_from=ring.codes)
    assert (match.wanted, match.found, len(match.codes), match.reading, match.nearest) == (6, 6, 6, "", ())
    assert match.weight == pytest.approx(3, rel=0.2)
    before = pd.Series(among.before, places.codes)
    for one in match.codes:
        assert any(abs(before[one] - before[unit]) <= 0.2 * before[unit] for unit in target)
    for row, column in numbers(match.codes):
        assert max(abs(row - 5), abs(column - 5)) > 2 or column > 8
    kept = [(r, c) for r in range(3, 8) for c in range(3, 9)]
    assert not set(numbers(match.codes)) & set(kept)
    assert suggest_controls(target, places, among, apart_from=ring.codes).codes == match.codes
    other = suggest_controls(ring.codes, places, among, apart_from=target, not_these=match.codes)
    assert not set(other.codes) & set(match.codes)


def test_the_nearest_in_features_is_taken() -> None:
    areas = gpd.GeoDataFrame(
        {
            "lsoa_code": list("abcdef"),
            "imd_score": [40, 41, 10, None, 40, 40],
            "rural_urban": ["Urban: x", "Urban: y", "Smaller rural: x", None, "Urban: x", "Urban: x"],
            "residents": pd.array([1500, 1500, 1500, None, 1500, 1500], dtype="Int64"),
        },
        geometry=[box(3 * i, 0, 3 * i + 1, 1) for i in range(6)],
        crs=27700,
    )
    places = geography(areas, neighbours(areas, 0))
    table = pd.DataFrame(10.0, index=list("abcdef"), columns=MONTHS)
    table.loc["e"] = 20.0
    table.loc["f", "2024-03"] = np.nan
    among = candidates(table, places, WINDOWS)
    # e is busier, f lacks a month, c is unlike a, and of d nothing is known
    match = suggest_controls("a", places, among, each=1)
    assert match.codes == ("b",)
    assert suggest_controls("a", places, among, each=2, not_these="b").codes == ("c", "d")
    balance = match.balance
    assert list(balance.columns) == ["target", "controls", "all areas", "not known"]
    assert balance.loc["deprivation score"].tolist() == pytest.approx([40, 41, 171 / 5, 1])
    assert balance.loc["urban"].tolist() == pytest.approx([1, 1, 0.8, 1])
    assert balance.loc["count before", "not known"] == 1
    # without deprivation, rural or urban, and residents it works too
    bare = geography(areas[["lsoa_code", "geometry"]], neighbours(areas, 0))
    plain = suggest_controls("a", bare, candidates(table, bare, WINDOWS), each=1)
    assert plain.codes == ("b",)
    assert plain.balance.loc["residents", "not known"] == 6


def test_matching_follows_the_trend(places: Geography) -> None:
    table = pd.DataFrame(10.0, places.codes, MONTHS)
    rising = np.repeat(np.linspace(5, 15, 12), 1)
    busy = [code(5, 5), code(15, 15), code(20, 20)]
    table.loc[busy, MONTHS[:12]] = rising
    match = suggest_controls([busy[0]], places, candidates(table, places, WINDOWS), each=2)
    assert match.codes == (busy[1], busy[2])


def test_what_nothing_matches_is_said(places: Geography, monthly: pd.DataFrame) -> None:
    table = monthly.copy()
    table.loc[code(5, 5)] = 100.0
    among = candidates(table, places, WINDOWS)
    match = suggest_controls([code(5, 5)], places, among)
    assert (match.codes, match.found, match.wanted) == ((), 0, 3)
    highest = np.sort(among.before)[::-1][1:4].astype(int)
    assert match.reading == (
        f"nothing untreated is within 20 % of the LSOA, with 1,200 before; the nearest had {highest[2]} to {highest[0]}"
    )
    assert sorted(pd.Series(among.before, places.codes)[list(match.nearest)]) == sorted(highest)
    both = suggest_controls([code(5, 5), code(5, 6)], places, among)
    assert both.found == 3
    assert both.reading.startswith("nothing untreated is within 20 % of 1 LSOA of 2, with 1,200 before")


def test_a_drawn_target_is_shared_out_over_its_lsoas(places: Geography, among: Candidates) -> None:
    match = suggest_controls([code(5, 5), code(5, 6)], places, among, drawn_before=60)
    assert (np.abs(pd.Series(among.before, places.codes)[list(match.codes)] - 30) <= 6).all()
    assert match.weight == pytest.approx(3, rel=0.2)


def test_matching_refused_in_words(places: Geography, among: Candidates, monthly: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match="Give 1 or more"):
        suggest_controls([code(5, 5)], places, among, each=0)
    with pytest.raises(ValueError, match="do not hold 2025-12"):
        candidates(monthly[MONTHS[:-1]], places, WINDOWS)
    gap = monthly.copy()
    gap.loc[code(5, 5), "2024-02"] = np.nan
    with pytest.raises(ValueError, match="lacks a month of the before window"):
        suggest_controls([code(5, 5)], places, candidates(gap, places, WINDOWS))


def test_size_of_a_control() -> None:
    assert size_weight(300, 100, 5, 1) == 3
    assert size_weight(0, 100, 6, 2) == size_weight(300, 0, 6, 2) == 3


# Placebos


def test_pieces(places: Geography) -> None:
    at = places.positions([code(1, 1), code(1, 2), code(5, 5)], "target")
    assert [piece.tolist() for piece in pieces(at, places)] == [[25, 26], [125]]


def test_placebos_are_the_same_calculation_elsewhere(places: Geography, among: Candidates) -> None:
    target = [code(5, 5)]
    ring = ring_around(target, places)
    tried = placebos(target, places, among, rule=RingRule(), apart_from=ring.codes)
    assert len(tried.draws) >= LEAST_PLACEBOS
    # the first of them by the public functions
    before = pd.Series(among.before, places.codes)
    like_it = before[(before - before[target[0]]).abs() <= 0.2 * before[target[0]]].index
    away = {str(one) for one in places.codes[places.touching(places.positions([*target, *ring.codes], "x"))]}
    estimates = {}
    for one in like_it:
        if one in away:
            continue
        own = ring_around([one], places, others=sorted(away - {one}))
        control = suggest_controls([one], places, among, apart_from={*own.codes, *target, *ring.codes})
        other = suggest_controls(
            own.codes, places, among, apart_from={one, *target, *ring.codes}, not_these=control.codes
        )
        counts = [
            (among.before[at].sum(), among.after[at].sum())
            for at in (places.positions(codes, "x") for codes in ([one], control.codes, own.codes, other.codes))
        ]
        plain = weighted_displacement_difference(
            counts[0],
            counts[1],
            counts[2],
            counts[3],
            area_weights={"control": control.weight, "ring_control": other.weight},
        )
        estimates[round(plain.total.estimate, 6)] = plain.total.z
    found = dict(zip(tried.draws["total"].round(6), tried.draws["total_z"], strict=True))
    assert found == pytest.approx(estimates)


def test_placebos_are_seeded_few_where_there_are_few_and_fast(places: Geography, among: Candidates) -> None:
    target = [code(5, 5), code(5, 6), code(6, 5), code(6, 6)]
    ring = ring_around(target, places)
    started = time.perf_counter()
    tried = placebos(target, places, among, rule=RingRule(), apart_from=ring.codes)
    assert time.perf_counter() - started < 5  # about 0.3 s; a busy machine is no fault
    assert tried.draws.equals(placebos(target, places, among, rule=RingRule(), apart_from=ring.codes).draws)
    assert not tried.draws.equals(placebos(target, places, among, rule=RingRule(), apart_from=ring.codes, seed=1).draws)
    nearly_all = [one for one in places.codes if one not in {code(22, c) for c in range(24)}]
    none = placebos(nearly_all, places, among)
    assert none.draws.empty
    assert none.reading == "no untreated places of this size can be tried, too few to say how far chance alone goes"
    assert none.dispersion() is none.coverage() is none.as_extreme(1.0) is None


def test_where_a_place_falls_among_its_placebos() -> None:
    z = np.array([-3.0, -1.0, 0.0, 1.0, 2.0] * 4)
    tried = Placebos(pd.DataFrame({"local_z": z, "total_z": z / 10}), "")
    assert tried.dispersion("local") == pytest.approx(3)
    assert tried.dispersion() == 1  # never narrower than chance counts
    assert tried.coverage("local", widened=False) == pytest.approx(0.6)
    assert tried.coverage("local") == 1
    assert tried.as_extreme(2.0, "local") == pytest.approx(9 / 21)
    assert tried.as_extreme(9.0, "local") == pytest.approx(1 / 21)
    assert tried.as_extreme(None, "local") is None


def test_the_dispersion_of_the_counts_is_found(places: Geography) -> None:
    rng = np.random.default_rng(5)
    mean = rng.gamma(1.6, 30, (len(places.codes), 1)).repeat(24, axis=1) / 12
    found = []
    for extra in (0.0, 1.0):
        rates = rng.gamma(mean / extra, extra) if extra else mean
        table = pd.DataFrame(rng.poisson(rates).astype(float), places.codes, MONTHS)
        tried = placebos([code(5, 5), code(5, 6)], places, candidates(table, places, WINDOWS))
        found.append(tried.dispersion("local"))
    assert found[0] == pytest.approx(1, abs=0.3)
    assert found[1] == pytest.approx(2, abs=0.6)
