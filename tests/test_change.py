import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from hotspots.change import change_map, change_sentence
from hotspots.rates import compare_counts
from hotspots.windows import chosen_windows

MONTHS = [f"{year}-0{month}" for year in (2024, 2025) for month in range(1, 5)]
WINDOWS = chosen_windows(MONTHS[:4], MONTHS[4:], MONTHS)


def monthly(rows: dict[str, tuple[int, int]]) -> pd.DataFrame:
    """All of a window's incidents in its first month."""
    table = np.zeros((len(rows), len(MONTHS)))
    table[:, [0, 4]] = list(rows.values())
    return pd.DataFrame(table, index=list(rows), columns=MONTHS)


def test_difference_interval_test_and_percentage() -> None:
    changes = change_map(monthly({"a": (100, 40), "b": (30, 33), "c": (4, 1), "d": (0, 0), "e": (20, 60)}), WINDOWS)
    assert changes["difference"].tolist() == [-60, 3, -3, 0, 40]
    assert changes["change"].tolist() == ["fell", "none", "none", "none", "rose"]
    # no percentage of tiny counts
    assert changes["percent"].isna().tolist() == [False, False, True, True, False]
    assert changes["percent"].dropna().tolist() == [-60, 10, 200]
    plain = [
        stats.binomtest(a, a + b, 0.5).pvalue if a + b else 1.0
        for b, a in ((100, 40), (30, 33), (4, 1), (0, 0), (20, 60))
    ]
    assert changes["p"].tolist() == pytest.approx(plain)
    assert changes["p_adjusted"].tolist() == pytest.approx(stats.false_discovery_control(plain))
    assert changes["lower"]["a"] < -60 < changes["upper"]["a"] < 0
    # nothing was counted in either window, and up to 3.7 may have been to be expected
    assert changes.loc["d", ["lower", "upper"]].tolist() == pytest.approx([-3.689, 3.689], abs=0.001)


def test_windows_of_other_lengths_are_scaled() -> None:
    changes = change_map(monthly({"a": (80, 60)}), chosen_windows(MONTHS[:4], MONTHS[4:7], MONTHS))
    assert changes["difference"].tolist() == [0]
    assert changes["p"].tolist() == pytest.approx([compare_counts(60, 3, 80, 4)])


def test_missing_is_not_zero() -> None:
    table = monthly({"a": (100, 40), "b": (100, 40)})
    table.loc["b", "2025-02"] = np.nan
    changes = change_map(table, WINDOWS)
    assert changes.loc["b"].isna().all()
    assert changes.index.tolist() == ["a", "b"]
    with pytest.raises(ValueError, match="do not hold 2025-04"):
        change_map(table[MONTHS[:-1]], WINDOWS)


def test_sentence() -> None:
    rows = {"a": (100, 40), "b": (30, 33), "e": (20, 60)}
    assert (
        change_sentence(change_map(monthly(rows), WINDOWS), "ASB report")
        == "1 of 3 LSOAs had more ASB reports than chance explains, 1 had fewer"
    )
    assert change_sentence(change_map(monthly({"b": (30, 33)}), WINDOWS)) == (
        "In none of 1 LSOAs did offences change by more than chance explains"
    )
    nothing = monthly({"a": (1, 1)}) * np.nan
    assert change_sentence(change_map(nothing, WINDOWS)) == "No LSOA has counts in all months of both windows"


def test_limits_hold_the_truth() -> None:
    rng = np.random.default_rng(7)
    mean = rng.uniform(2, 60, (2, 4000))
    b, a = rng.poisson(mean)
    table = monthly(dict(zip(map(str, range(4000)), zip(b, a, strict=True), strict=True)))
    changes = change_map(table, WINDOWS)
    truth = mean[1] - mean[0]
    held = ((changes["lower"] <= truth) & (truth <= changes["upper"])).mean()
    assert 0.935 < held < 0.975


def test_false_discoveries_where_nothing_changed() -> None:
    rng = np.random.default_rng(8)
    mean = rng.gamma(1.6, 20, 552)
    called = []
    for _ in range(60):
        rows = zip(rng.poisson(mean), rng.poisson(mean), strict=True)
        changes = change_map(monthly(dict(zip(map(str, range(552)), rows, strict=True))), WINDOWS)
        called.append((changes["change"] != "none").any())
    assert np.mean(called) <= 0.1


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300)), min_size=1, max_size=20))
def test_it_keeps_its_promises(rows: list[tuple[int, int]]) -> None:
    forward = change_map(monthly({str(i): row for i, row in enumerate(rows)}), WINDOWS)
    back = change_map(monthly({str(i): row[::-1] for i, row in enumerate(rows)}), WINDOWS)
    assert (forward["lower"] <= forward["difference"]).all()
    assert (forward["difference"] <= forward["upper"]).all()
    assert forward["lower"].tolist() == pytest.approx((-back["upper"]).tolist())
    assert forward["p"].tolist() == pytest.approx(back["p"].tolist())
    assert np.isfinite(forward.drop(columns=["change", "percent"]).astype(float)).all(axis=None)
