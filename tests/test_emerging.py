import time
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from esda import G_Local
from hypothesis import given, settings
from hypothesis import strategies as st
from libpysal.graph import Graph

from hotspots.emerging import classify, emerging_hot_spots, space_time_gi_star
from hotspots.selection import Period
from hotspots.significance import neighbours
from hotspots.trend import Trend
from tests.test_significance import squares

YEAR = list(Period("2025-01", "2025-12").months)
AREAS = squares(8)
GRAPH = neighbours(AREAS)

# The examples read from Esri's definitions of the categories, ten steps each
EXAMPLES: list[tuple[list[int], Trend, str]] = [
    ([0, 0, 0, 0, 0, 0, 0, 0, 0, 1], "none", "new hot spot"),
    ([0, -1, 0, 0, 0, 0, 0, 0, 0, 1], "up", "new hot spot"),
    ([0, 0, 0, 0, 0, 0, 0, 0, 1, 1], "up", "consecutive hot spot"),
    ([-1, 0, 1, 1, 1, 1, 1, 1, 1, 1], "up", "consecutive hot spot"),
    ([0, 1, 1, 1, 1, 1, 1, 1, 1, 1], "up", "intensifying hot spot"),
    ([1, 1, 1, 1, 0, 1, 1, 1, 1, 1], "down", "diminishing hot spot"),
    ([1, 1, 1, 1, 1, 1, 1, 1, 1, 1], "none", "persistent hot spot"),
    ([1, 1, 1, 1, 1, 1, 1, 1, 1, 0], "down", "historical hot spot"),
    ([1, 0, -1, 0, 0, 1, 0, 0, 1, 1], "none", "oscillating hot spot"),
    ([1, 0, 0, 0, 0, 1, 0, 0, 0, 1], "up", "sporadic hot spot"),
    ([1, 1, 1, 1, 1, 1, 1, 1, 0, 0], "up", "none"),
    ([0, 0, 0, 0, 0, 0, 0, 0, 0, 0], "up", "none"),
    ([1, 1, 1, 1, 1, 1, 1, 1, 1, -1], "down", "new cold spot"),
]
MIRROR: dict[Trend, Trend] = {"up": "down", "down": "up", "none": "none"}

states = st.lists(st.sampled_from([-1, 0, 1]), min_size=1, max_size=30)
hot_states = st.lists(st.sampled_from([-1, 0, 1, 1, 1, 1, 1, 1, 1, 1]), min_size=1, max_size=30)
trends = st.sampled_from(list(MIRROR))


@pytest.mark.parametrize(("state", "trend", "expected"), EXAMPLES)
def test_each_class_and_its_mirror(state: list[int], trend: Trend, expected: str) -> None:
    assert classify(state, trend) == expected
    swapped = expected.replace("hot", "*").replace("cold", "hot").replace("*", "cold")
    assert classify([-s for s in state], MIRROR[trend]) == swapped


def plainly(state: list[int], trend: Trend) -> str:
    """The rules of the method, read aloud for one place, first match wins; hot before cold within each rule."""
    for rule in (new, consecutive, moving, persistent, historical, oscillating, sporadic):
        for sign, side in ((1, "hot"), (-1, "cold")):
            turned = trend if sign == 1 else MIRROR[trend]
            name = rule([s * sign for s in state], turned)
            if name:
                return f"{name} {side} spot"
    return "none"


def mostly(state: list[int]) -> bool:
    return Fraction(state.count(1), len(state)) >= Fraction(9, 10)


def new(state: list[int], trend: Trend) -> str:
    return "new" if state[-1] == 1 and 1 not in state[:-1] else ""


def consecutive(state: list[int], trend: Trend) -> str:
    first = state.index(1) if 1 in state else len(state)
    run = state[first:]
    return "consecutive" if len(run) >= 2 and set(run) == {1} and not mostly(state) else ""


def moving(state: list[int], trend: Trend) -> str:
    return {"up": "intensifying", "down": "diminishing", "none": ""}[trend] if mostly(state) and state[-1] == 1 else ""


def persistent(state: list[int], trend: Trend) -> str:
    return "persistent" if mostly(state) and state[-1] == 1 else ""


def historical(state: list[int], trend: Trend) -> str:
    return "historical" if mostly(state) and state[-1] != 1 else ""


def oscillating(state: list[int], trend: Trend) -> str:
    return "oscillating" if state[-1] == 1 and -1 in state and not mostly(state) else ""


def sporadic(state: list[int], trend: Trend) -> str:
    return "sporadic" if state[-1] == 1 and -1 not in state and not mostly(state) else ""


@settings(deadline=None, max_examples=500)
@given(states | hot_states, trends)
def test_against_the_rules_read_aloud(state: list[int], trend: Trend) -> None:
    assert classify(state, trend) == plainly(state, trend)


@settings(deadline=None)
@given(states, trends)
def test_a_place_that_ends_hot_always_has_a_hot_class(state: list[int], trend: Trend) -> None:
    assert classify([*state, 1], trend).endswith("hot spot")


def test_bad_states_are_refused_in_words() -> None:
    with pytest.raises(ValueError, match="no steps"):
        classify([], "none")
    for state in ([0, 2], [0.5], [None]):
        with pytest.raises(ValueError, match="not -1"):
            classify(state, "none")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="trend"):
        classify([1], "increasing")  # type: ignore[arg-type]


def counts(areas: int = 64, months: list[str] = YEAR, mean: float = 4, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(rng.poisson(mean, (areas, len(months))), index=AREAS.index[:areas], columns=months)


def test_space_time_gi_star_against_esda() -> None:
    # the same neighbourhoods written out as one graph of bins: neighbours and self, now and one step before
    monthly = counts()
    near = GRAPH.assign_self_weight(1).adjacency.index
    bins = [((a, t), (b, u)) for t in range(12) for a, b in near for u in (t, t - 1) if u >= 0]
    order = [f"{t:02d} {a}" for t in range(12) for a in AREAS.index]
    links = pd.Series([f"{b[1]:02d} {b[0]}" for _, b in bins], index=[f"{a[1]:02d} {a[0]}" for a, _ in bins])
    links = links.loc[order]
    graph = Graph.from_arrays(links.index.to_numpy(), links.to_numpy(), np.ones(len(links)))
    assert graph.unique_ids.tolist() == order
    expected = G_Local(monthly.T.to_numpy().ravel(), graph, star=True, transform="B", permutations=0).Zs
    np.testing.assert_allclose(space_time_gi_star(monthly, GRAPH).T.to_numpy().ravel(), expected, atol=1e-9)


def test_places_made_hot_are_found_and_named() -> None:
    monthly = counts(mean=5)
    corner, other = ["a000", "a001", "a008", "a009"], ["a054", "a055", "a062", "a063"]
    monthly.loc[corner] += 20
    monthly.loc[other, YEAR[-1]] += 40
    result = emerging_hot_spots(monthly, GRAPH)
    assert result.classes is not None
    assert result.state is not None
    assert result.trend is not None
    assert result.z is not None
    assert result.reading == ""
    assert result.classes.index.equals(monthly.index)
    assert result.state.columns.tolist() == YEAR
    assert result.classes["a000"] in {"persistent hot spot", "intensifying hot spot", "diminishing hot spot"}
    assert result.classes["a063"] == "new hot spot"
    assert result.classes["a036"] == "none"
    for area in monthly.index:
        assert result.classes[area] == classify(result.state.loc[area].astype(int).tolist(), result.trend[area])
    turned = emerging_hot_spots(monthly.iloc[::-1], GRAPH)
    assert turned.classes is not None
    pd.testing.assert_series_equal(turned.classes.sort_index(), result.classes)


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000), st.sampled_from([0.05, 1, 10]), st.floats(0.01, 100))
def test_scale_changes_nothing_and_no_number_is_lost(seed: int, mean: float, scale: float) -> None:
    monthly = counts(seed=seed, mean=mean)
    result, scaled = emerging_hot_spots(monthly, GRAPH), emerging_hot_spots(monthly * scale, GRAPH)
    assert result.classes is not None
    assert result.z is not None
    assert scaled.z is not None
    assert np.isfinite(result.z.to_numpy()).all()
    np.testing.assert_allclose(scaled.z, result.z, atol=1e-8)


def test_refusals_are_in_words() -> None:
    monthly = counts().astype(float)
    short = emerging_hot_spots(monthly[YEAR[:9]], GRAPH)
    assert short.classes is None
    assert short.reading == "emerging hot spots need at least 10 consecutive months; there are 9"
    gap = emerging_hot_spots(monthly.assign(**{"2025-03": np.nan}), GRAPH)
    assert (gap.classes, gap.state, gap.trend, gap.z) == (None, None, None, None)
    assert gap.reading == "1 of 12 months is missing, and emerging hot spots are not read across a gap"
    zero = emerging_hot_spots(monthly * 0, GRAPH)
    assert zero.reading == "every area has the same number (0) in every month, so that none stands out"
    one = emerging_hot_spots(monthly.iloc[:1], neighbours(AREAS.iloc[:1]))
    assert "at least 2 areas" in one.reading
    with pytest.raises(ValueError, match="not consecutive"):
        emerging_hot_spots(monthly.drop(columns="2025-03"), GRAPH)
    with pytest.raises(ValueError, match="63 values for 64 areas"):
        emerging_hot_spots(monthly.iloc[1:], GRAPH)


def test_an_area_with_a_gap_is_left_out_and_no_ones_neighbour() -> None:
    monthly = counts().astype(float)
    monthly.loc["a009", "2025-05"] = np.nan
    result = emerging_hot_spots(monthly, GRAPH)
    rest = AREAS.drop(index="a009")
    expected = emerging_hot_spots(monthly.drop(index="a009"), neighbours(rest))
    assert result.classes is not None
    assert result.z is not None
    assert expected.z is not None
    assert result.reading == "1 of 64 areas is left out, since months are missing there"
    assert pd.isna(result.classes["a009"])
    assert result.z.loc["a009"].isna().all()
    pd.testing.assert_frame_equal(result.z.drop(index="a009"), expected.z)


def test_one_quiet_month_is_no_refusal() -> None:
    assert emerging_hot_spots(counts().assign(**{"2025-03": 0}), GRAPH).classes is not None


def test_552_areas_and_36_months_are_fast_enough() -> None:
    months = list(Period("2023-01", "2025-12").months)
    areas = squares(24).iloc[:552]
    graph = neighbours(areas)
    monthly = pd.DataFrame(np.random.default_rng(0).poisson(4, (552, 36)), index=areas.index, columns=months)
    start = time.process_time()
    emerging_hot_spots(monthly, graph)
    assert time.process_time() - start < 1  # 0.05 s on an idle machine
