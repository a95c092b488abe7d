import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.spatial import distance
from threadpoolctl import threadpool_limits

import sample_data
from benchmarks.association import found
from geodata.boundaries import read_boundaries
from hotspots.association import association, partial_rank_correlation, spatial_eigenvectors
from tests.test_significance import squares

AREAS = squares(8)
N = len(AREAS)
RNG = np.random.default_rng(0)


def centroids(areas: gpd.GeoDataFrame) -> np.ndarray:
    return np.column_stack([areas.centroid.x, areas.centroid.y])


def clustered(areas: gpd.GeoDataFrame, kilometres: float) -> np.ndarray:
    """A matrix that turns independent normals into a field whose correlation falls by exp(-1) over the distance."""
    apart = distance.squareform(distance.pdist(centroids(areas))) / 1000
    return np.linalg.cholesky(np.exp(-apart / kilometres))


def test_rho_is_spearmans() -> None:
    for seed in range(5):
        rng = np.random.default_rng(seed)
        x, y = rng.poisson(2, N), rng.poisson(2, N) + rng.integers(0, 3, N)
        result = association(x, y, AREAS, draws=99)
        assert result.rho == pytest.approx(stats.spearmanr(x, y).statistic)
        busy = np.argsort(-(stats.rankdata(x) + stats.rankdata(y)), kind="stable")
        assert result.left_out == tuple(AREAS.index[busy[:5]])
        assert result.rho_without == pytest.approx(stats.spearmanr(x[busy[5:]], y[busy[5:]]).statistic)
        assert result.areas == N


def test_p_against_surrogates_written_out() -> None:
    # Wagner & Dray 2015: patterns whose correlation with each eigenvector has the given size and a random sign
    x, y = stats.rankdata(RNG.normal(size=N)), stats.rankdata(RNG.normal(size=N))
    vectors = spatial_eigenvectors(centroids(AREAS))
    size = (x - x.mean()) @ vectors
    signs = np.random.default_rng(5).choice([-1, 1], (20_000, N - 1))
    surrogates = x.mean() + (signs * size) @ vectors.T
    np.testing.assert_allclose(surrogates.std(axis=1), x.std())
    null = [stats.pearsonr(surrogate, y).statistic for surrogate in surrogates[:4000]]
    rho = stats.pearsonr(x, y).statistic
    result = association(x, y, AREAS, draws=20_000)
    assert result.p == pytest.approx(np.mean(np.abs(null) >= abs(rho)), abs=0.03)


def test_eigenvectors_are_a_basis_without_the_constant_from_wide_to_narrow() -> None:
    vectors = spatial_eigenvectors(centroids(AREAS))
    assert vectors.shape == (N, N - 1)
    np.testing.assert_allclose(vectors.T @ vectors, np.eye(N - 1), atol=1e-10)
    np.testing.assert_allclose(vectors.sum(axis=0), 0, atol=1e-10)
    weights = -np.log(1 + np.hypot(*(centroids(AREAS)[:, None] - centroids(AREAS)).T) / 1000)
    centring = np.eye(N) - 1 / N
    values = vectors.T @ centring @ weights @ centring @ vectors
    np.testing.assert_allclose(values, np.diag(np.sort(np.diag(values))), atol=1e-10)
    # the last (widest) is a gradient over the whole area
    plane = np.column_stack([np.ones(N), centroids(AREAS)])
    residual = vectors[:, -1] - plane @ np.linalg.lstsq(plane, vectors[:, -1])[0]
    assert (residual**2).sum() < 0.05


def test_a_free_permutation_calls_clustered_patterns_associated_and_this_null_does_not() -> None:
    areas = squares(12)
    field = clustered(areas, 6)
    rng = np.random.default_rng(11)
    free, restricted = [], []
    for _ in range(120):
        x, y = field @ rng.normal(size=144), rng.poisson(np.exp(1 + field @ rng.normal(size=144)))
        free.append(stats.spearmanr(x, y).pvalue <= 0.05)
        p = association(x, y, areas, draws=199).p
        assert p is not None
        restricted.append(p <= 0.05)
    assert np.mean(free) > 0.3
    assert np.mean(restricted) < 0.11  # 0.05 and two standard errors are 0.09


def test_two_patterns_with_a_common_part_are_found_associated() -> None:
    field, rng = clustered(AREAS, 3), np.random.default_rng(2)
    common = field @ rng.normal(size=N)
    x, y = (common + 0.3 * field @ rng.normal(size=N) for _ in range(2))
    result = association(x - x.min(), y - y.min(), AREAS)
    assert result.p is not None
    assert result.p < 0.01
    assert result.reading == (
        "the two rise and fall together more than clustered patterns do by chance, also without the 5 busiest areas"
    )
    opposite = association(x - x.min(), y.max() - y, AREAS)
    assert result.rho is not None
    assert opposite.rho == pytest.approx(-result.rho)
    assert opposite.p == result.p  # the signs are of the same seed
    assert opposite.reading.startswith("the two move in opposite directions")


def test_an_association_that_rests_on_the_busiest_is_said_to() -> None:
    # nothing but five places have either
    areas = squares(5)
    x = np.zeros(25)
    x[[0, 7, 13, 19, 22]] = [50, 60, 70, 80, 90]
    result = association(x, x, areas)
    assert result.rho == pytest.approx(1)
    assert (result.rho_without, result.p_without) == (None, None)
    assert set(result.left_out) == {"a000", "a007", "a013", "a019", "a022"}
    assert result.reading.startswith("without the 5 busiest: all areas have the same first number (0)")
    noise = np.random.default_rng(4)
    carried = association(x + noise.random(25), x + noise.random(25), areas, draws=999)
    assert carried.p_without is not None
    assert carried.p_without > 0.05
    assert "by chance" in carried.reading or "could be chance" in carried.reading


def test_busy_may_be_given() -> None:
    busy = pd.Series(range(N), index=AREAS.index)
    x = pd.Series(RNG.normal(size=N), index=AREAS.index)
    result = association(x, -x, AREAS, busy=busy.iloc[::-1], draws=99)
    assert result.left_out == ("a063", "a062", "a061", "a060", "a059")


def test_seed_makes_it_repeatable() -> None:
    x, y = RNG.normal(size=N), RNG.normal(size=N)
    assert association(x, y, AREAS, seed=1) == association(x, y, AREAS, seed=1)
    assert association(x, y, AREAS, seed=1).p != association(x, y, AREAS, seed=2).p
    assert association(x, y, AREAS).p == pytest.approx(association(x, y, AREAS, seed=2).p, abs=0.03)


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000), st.floats(0.01, 100), st.permutations(range(25)))
def test_scale_order_and_direction_change_nothing(seed: int, scale: float, order: list[int]) -> None:
    areas, rng = squares(5), np.random.default_rng(seed)
    x, y = (pd.Series(rng.poisson(1, 25) * rng.random(25), index=areas.index) for _ in range(2))
    result = association(x, y, areas, draws=99)
    scaled = association(x * scale, y, areas, draws=99)
    assert scaled.rho == pytest.approx(result.rho)
    assert scaled.p == result.p
    swapped = association(y, x, areas, draws=99)
    assert (swapped.rho, swapped.p) == (pytest.approx(result.rho), result.p)
    turned = association(x.iloc[order], y, areas, draws=99)
    assert turned == result
    for p in (result.p, result.p_without):
        assert p is not None
        assert 0 < p <= 1


def test_areas_without_a_number_are_left_out() -> None:
    x = pd.Series(RNG.normal(size=N), index=AREAS.index, dtype="Float64")
    y = pd.Series(RNG.normal(size=N), index=AREAS.index)
    x.iloc[3] = None
    y.iloc[5] = np.nan
    result = association(x, y, AREAS, draws=99)
    rest = [code for code in AREAS.index if code not in ("a003", "a005")]
    assert result == association(x[rest], y[rest], AREAS.loc[rest], draws=99)
    assert result.areas == N - 2


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        (np.zeros(N), RNG.normal(size=N), "the same first number (0)"),
        (RNG.normal(size=N), np.full(N, 3), "the same second number (3)"),
        ([1.0] * 19 + [None] * (N - 19), RNG.normal(size=N), "at least 20 areas with both numbers; there are 19"),
        ([None] * N, [None] * N, "there are 0"),
    ],
)
def test_what_cannot_be_told_is_said_in_words(x: list, y: list, words: str) -> None:
    result = association(x, y, AREAS)
    assert (result.rho, result.p, result.rho_without, result.p_without) == (None, None, None, None)
    assert words in result.reading
    assert result.left_out == ()


def test_one_area_and_too_many() -> None:
    assert "there are 1" in association([1], [2], squares(1)).reading
    many = gpd.GeoDataFrame(geometry=[shapely.Point(n, 0).buffer(1) for n in range(2001)], crs=27700)
    result = association(range(2001), range(2001), many)
    assert "at most 2,000 areas; there are 2,001: choose fewer districts" in result.reading


def test_bad_input_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match="63 values for 64 areas"):
        association(range(63), range(N), AREAS)
    with pytest.raises(ValueError, match="draws"):
        association(range(N), range(N), AREAS, draws=10)
    with pytest.raises(ValueError, match="infinite"):
        association([float("inf"), *range(N - 1)], range(N), AREAS)
    with pytest.raises(ValueError, match="labels"):
        association(pd.Series(range(N), index=range(1, N + 1)), range(N), AREAS)


def test_the_partial_correlation_is_that_of_what_the_third_leaves() -> None:
    """Held against the correlation of the residuals of ranks, by statsmodels."""
    rng = np.random.default_rng(4)
    third = rng.normal(size=200)
    first, second = third + rng.normal(size=200), third + rng.normal(size=200)
    ranks = [stats.rankdata(values) for values in (first, second, third)]
    rest = [sm.OLS(values, sm.add_constant(ranks[2])).fit().resid for values in ranks[:2]]
    found = partial_rank_correlation(first, second, third)
    assert found is not None
    assert found == pytest.approx(np.corrcoef(*rest)[0, 1])
    assert abs(found) < 0.2 < stats.spearmanr(first, second).statistic
    assert partial_rank_correlation(first, second, first) is None
    assert partial_rank_correlation(first, np.ones(200), third) is None
    assert partial_rank_correlation(first[:10], second[:10], third[:10]) is None


def test_independent_patterns_that_cluster_are_seldom_called_associated() -> None:
    """The short form of benchmarks/association.py: a free permutation fails this by far."""
    areas = read_boundaries(sample_data.inputs()["boundaries"]).areas
    with threadpool_limits(limits=1, user_api="blas"):
        shares = found(areas, 15, pairs=40)
    assert shares["all areas"] <= 0.15
    assert max(shares["both tests"], shares["both tests again"]) <= 0.15
    assert shares["free permutation"] >= 0.35
