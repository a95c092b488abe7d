import numpy as np
import pandas as pd
import pymannkendall
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from hotspots.selection import Period
from hotspots.trend import MannKendall, mann_kendall, monthly_trends

numbers = st.one_of(st.none(), st.integers(0, 12))
YEAR = list(Period("2025-01", "2025-12").months)


def fields(result: MannKendall) -> list[float | None]:
    return [result.s, result.var_s, result.z, result.p, result.slope]


def known(values: list[int | None]) -> int:
    return sum(value is not None for value in values)


def test_published_example() -> None:
    # Gilbert 1987, Statistical Methods for Environmental Pollution Monitoring, p. 209: 10, 15, 14, 20 has S = 4
    result = mann_kendall([10, 15, 14, 20])
    assert result.s == 4
    assert result.var_s == pytest.approx(4 * 3 * 13 / 18)
    assert result.reading == ""


def test_ties_and_slope_by_hand() -> None:
    # one group of three ties: (5 x 4 x 15 - 3 x 2 x 11) / 18; of ten slopes the middle two are 3/4 and 1
    result = mann_kendall([1, 1, 1, 3, 4])
    assert result.s == 7
    assert result.var_s == pytest.approx((300 - 66) / 18)
    assert result.z == pytest.approx(6 / np.sqrt(13))
    assert result.slope == pytest.approx((3 / 4 + 1) / 2)


@settings(deadline=None)
@given(st.lists(numbers, min_size=4, max_size=40).filter(lambda v: known(v) >= 4))
def test_against_pymannkendall(values: list[int | None]) -> None:
    expected = pymannkendall.original_test(np.array(values, dtype=float))
    assert fields(mann_kendall(values)) == pytest.approx(
        [expected.s, expected.var_s, expected.z, expected.p, expected.slope], abs=1e-12
    )


@settings(deadline=None)
@given(st.lists(st.integers(0, 12), min_size=36, max_size=60), st.sets(st.integers(0, 59), max_size=12))
def test_seasonal_against_pymannkendall(values: list[int], missing: set[int]) -> None:
    x = np.array([np.nan if i in missing else v for i, v in enumerate(values)])
    result = mann_kendall(x, period=12)
    if min((~np.isnan(x[month::12])).sum() for month in range(12)) < 3:
        assert fields(result) == [None] * 5
        assert "3 complete years" in result.reading
        return
    expected = pymannkendall.seasonal_test(x, period=12)
    assert fields(result) == pytest.approx(
        [expected.s, expected.var_s, expected.z, expected.p, expected.slope], abs=1e-12
    )


@settings(deadline=None)
@given(st.lists(st.integers(-50, 50), min_size=4, max_size=30, unique=True))
def test_against_scipy(values: list[int]) -> None:
    n = len(values)
    result = mann_kendall(values)
    assert result.s == pytest.approx(stats.kendalltau(range(n), values).statistic * n * (n - 1) / 2)
    assert result.slope == pytest.approx(stats.theilslopes(values).slope)


@settings(deadline=None)
@given(st.lists(st.integers(0, 20), min_size=4, max_size=30), st.floats(0.1, 50), st.integers(-9, 9))
def test_scaling_reversing_and_shifting(values: list[int], scale: float, shift: int) -> None:
    x = np.array(values)
    result, scaled, reversed_ = mann_kendall(x), mann_kendall(x * scale + shift), mann_kendall(x[::-1])
    assert result.slope is not None
    assert result.s is not None
    assert fields(scaled)[:4] == pytest.approx(fields(result)[:4])
    assert scaled.slope == pytest.approx(result.slope * scale)
    assert reversed_.s == -result.s
    assert reversed_.slope == pytest.approx(-result.slope)
    assert reversed_.p == pytest.approx(result.p)


def test_no_change_is_no_trend() -> None:
    for values in ([0] * 12, [7] * 12):
        assert fields(mann_kendall(values)) == [0, 0, 0, 1, 0]


def test_the_season_is_taken_out() -> None:
    summer = 10 + 8 * np.sin(np.arange(36) * np.pi / 6).round(6)
    yearly = np.repeat([0, 1, 2], 12)
    result = mann_kendall(summer + yearly, period=12)
    assert result.slope == pytest.approx(1)
    assert result.s == 36
    assert result.p is not None
    assert result.p < 0.001


def test_every_kind_of_input() -> None:
    expected = mann_kendall([1, 2, 3, None, 5])
    for values in (
        (1, 2, 3, None, 5),
        np.array([1, 2, 3, np.nan, 5]),
        pd.Series([1, 2, 3, None, 5], index=list("abcde"), dtype="Int64"),
    ):
        assert mann_kendall(values) == expected


@pytest.mark.parametrize("values", [[], [3], [1, 2, 3], [1, None, 2, None, 3], [None] * 20])
def test_too_few_values(values: list[int | None]) -> None:
    result = mann_kendall(values)
    assert fields(result) == [None] * 5
    assert "at least 4 values" in result.reading


def test_too_few_years() -> None:
    result = mann_kendall(range(35), period=12)
    assert fields(result) == [None] * 5
    assert result.reading == (
        "a seasonal trend needs 3 complete years of 12 months; here a season is seen 2 times only"
    )
    assert mann_kendall(range(36), period=12).s == 36


def test_bad_input_is_refused_in_words() -> None:
    for period in (0, 1, -12, 2.5):
        with pytest.raises(ValueError, match="whole number of steps"):
            mann_kendall(range(40), period=period)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="infinite"):
        mann_kendall([1, 2, 3, float("inf")])


def test_trends_of_areas() -> None:
    rng = np.random.default_rng(0)
    monthly = pd.DataFrame(rng.poisson(5, (20, 12)).astype(float), columns=YEAR, index=[f"a{n}" for n in range(20)])
    monthly.iloc[0], monthly.iloc[1], monthly.iloc[2] = np.arange(12), -np.arange(12), 0
    monthly.iloc[3, 5] = monthly.iloc[4, 0] = np.nan
    monthly.iloc[5] = np.nan
    trends = monthly_trends(monthly)
    assert trends.index.equals(monthly.index)
    assert trends["trend"].tolist()[:3] == ["up", "down", "none"]
    assert trends.iloc[3:6].drop(columns="reading").isna().all(axis=None)
    assert trends["reading"].tolist()[:6] == [
        *[""] * 3,
        *["1 of 12 months is missing, and a trend is not read across a gap"] * 2,
        "no month is present",
    ]
    for area in ("a0", "a2", "a9"):
        one = mann_kendall(monthly.loc[area])
        assert trends.loc[area, ["s", "var_s", "z", "p", "slope"]].tolist() == pytest.approx(fields(one))
    adjusted = stats.false_discovery_control(trends["p"].dropna())
    np.testing.assert_allclose(trends["p_adjusted"].dropna(), adjusted)
    assert monthly.iloc[3].isna().sum() == 1


def test_trends_are_refused_on_few_months_and_across_gaps() -> None:
    months = list(Period("2025-01", "2025-09").months)
    short = monthly_trends(pd.DataFrame([range(9)], columns=months))
    assert short["reading"].tolist() == ["a trend needs at least 10 consecutive months; there are 9"]
    assert short["p"].isna().all()
    assert short["trend"].isna().all()
    seasonal = monthly_trends(pd.DataFrame([range(12)], columns=YEAR), period=12)
    assert "3 complete years" in seasonal["reading"].iloc[0]
    for columns in (["2024-12", *YEAR[1:]], YEAR[::-1]):
        with pytest.raises(ValueError, match="not consecutive"):
            monthly_trends(pd.DataFrame([range(12)], columns=columns))
    with pytest.raises(ValueError, match="YYYY-MM"):
        monthly_trends(pd.DataFrame([range(12)]))


def test_trends_of_one_area_and_of_none_moving() -> None:
    one = monthly_trends(pd.DataFrame([range(12)], columns=YEAR))
    assert one["trend"].tolist() == ["up"]
    zero = monthly_trends(pd.DataFrame(np.zeros((3, 12)), columns=YEAR))
    assert zero["trend"].tolist() == ["none"] * 3
    assert zero["p"].tolist() == [1] * 3
