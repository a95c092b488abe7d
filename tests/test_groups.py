import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from geodata.columns import ASB, CRIME_TYPES
from hotspots.groups import (
    CRIME_GROUPS,
    expected_if_independent,
    group_counts,
    group_hotspots,
    group_pairs,
    groups_per_area,
    pair,
)
from hotspots.ranking import rank_areas

AREAS = list("abcdefgh")


def marks(table: list[list[int]] | np.ndarray, columns: list[str] | None = None) -> pd.DataFrame:
    frame = pd.DataFrame(table, columns=columns, dtype="boolean")
    return frame.set_axis([f"a{n}" for n in range(len(frame))])


def test_groups_hold_every_crime_type_once_and_asb_by_itself() -> None:
    types = [crime_type for group in CRIME_GROUPS.values() for crime_type in group]
    assert sorted(types) == sorted(CRIME_TYPES)
    assert CRIME_GROUPS["ASB"] == (ASB,)


def test_group_counts() -> None:
    by_type = pd.DataFrame({t: [i, 2 * i] for i, t in enumerate(CRIME_TYPES)}, index=["a", "b"], dtype="Int64")
    by_type.loc["b", "Shoplifting"] = None
    result = group_counts(by_type)
    assert result.columns.tolist() == list(CRIME_GROUPS)
    assert result.index.tolist() == ["a", "b"]
    theft = ["Bicycle theft", "Other theft", "Shoplifting", "Theft from the person"]
    assert result.loc["a", "Theft"] == by_type.loc["a", theft].sum()
    assert pd.isna(result.loc["b", "Theft"])
    assert result.loc["b", "Drugs"] == by_type.loc["b", "Drugs"]
    assert str(result["Theft"].dtype) == "Int64"


def test_groups_never_add_asb_to_offences() -> None:
    by_type = pd.DataFrame({ASB: [1], "Robbery": [1]})
    with pytest.raises(ValueError, match="never added up"):
        group_counts(by_type, {"Both": [ASB, "Robbery"]})
    with pytest.raises(ValueError, match="'Drugs', which is not among"):
        group_counts(by_type, {"Drugs": ["Drugs"]})


def test_hotspots_are_those_of_the_stated_rule_on_their_own_index() -> None:
    counts = pd.DataFrame(
        {"Drugs": [1, 9, 0, 5, 5, 0, 0, 0], "Robbery": [0] * 8, "ASB": [1, None, 1, 1, 1, 1, 1, 1]},
        index=AREAS[::-1],
        dtype="Int64",
    )
    hotspots = group_hotspots(counts)
    assert hotspots.index.tolist() == AREAS[::-1]
    assert hotspots["Drugs"].tolist() == [False, True, False, False, False, False, False, False]
    assert not hotspots["Robbery"].any()
    assert hotspots["ASB"].isna().tolist() == [False, True] + [False] * 6
    assert hotspots["ASB"].dropna().all()  # all tie
    per_area = groups_per_area(hotspots)
    assert per_area["g"] is pd.NA
    assert per_area.drop("g").tolist() == [1] * 7


@settings(deadline=None)
@given(st.lists(st.integers(0, 9), min_size=2, max_size=12), st.integers(1, 50))
def test_hotspots_against_the_ranked_table(values: list[int], scale: int) -> None:
    counts = pd.DataFrame({"Drugs": values}, index=[f"a{n:02d}" for n in range(len(values))])
    hotspots = group_hotspots(counts)["Drugs"]
    expected = rank_areas(counts.rename(columns={"Drugs": "count"}))["hotspot"].sort_index()
    assert hotspots.tolist() == expected.tolist()
    assert group_hotspots(counts * scale)["Drugs"].tolist() == hotspots.tolist()
    turned = group_hotspots(counts.iloc[::-1])["Drugs"]
    assert turned.sort_index().tolist() == hotspots.tolist()


def test_expected_by_hand() -> None:
    # two groups, half and a quarter of 8 areas: none 8 x 3/8, one 8 x 4/8, both 8 x 1/8
    hotspots = marks([[1, 1], [1, 1], [1, 0], [1, 0], [0, 0], [0, 0], [0, 0], [0, 0]])
    result = expected_if_independent(hotspots)
    assert result.index.tolist() == [0, 1, 2]
    assert result["areas"].tolist() == [4, 2, 2]
    assert result["expected"].tolist() == pytest.approx([3, 4, 1])
    assert result["areas_or_more"].tolist() == [8, 4, 2]
    assert result["expected_or_more"].tolist() == pytest.approx([8, 5, 1])
    # the overlap is hypergeometric: 0 with 6/28, 1 with 16/28, 2 with 6/28
    assert result[["low", "high"]].loc[2].tolist() == [0, 2]
    assert result[["low", "high"]].loc[0].tolist() == [8, 8]


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 6), st.integers(1, 30), st.integers(0, 10_000))
def test_expected_against_scipys_poisson_binomial(groups: int, areas: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    table = rng.random((areas, groups)) < rng.random(groups)
    result = expected_if_independent(marks(table), draws=20)
    oracle = stats.poisson_binom(table.mean(axis=0))
    np.testing.assert_allclose(result["expected"], areas * oracle.pmf(range(groups + 1)), atol=1e-9)
    np.testing.assert_allclose(result["expected_or_more"], areas * oracle.sf(np.arange(groups + 1) - 1), atol=1e-9)
    # independent or not, the groups add up to the same
    times = np.arange(groups + 1)
    assert (result["areas"] * times).sum() == table.sum()
    assert (result["expected"] * times).sum() == pytest.approx(table.sum())
    pd.testing.assert_frame_equal(
        expected_if_independent(marks(table[::-1, ::-1]), draws=20)[["areas", "expected"]],
        result[["areas", "expected"]],
    )


def test_the_range_holds_independent_groups_and_not_the_same_places_again() -> None:
    rng = np.random.default_rng(1)
    within = []
    for _ in range(60):
        result = expected_if_independent(marks(rng.permuted(np.tile(np.arange(200) < 30, (6, 1)), axis=1).T), draws=300)
        within.append(result["areas_or_more"].between(result["low"], result["high"]).loc[2])
    assert np.mean(within) >= 0.88
    same = expected_if_independent(marks(np.tile(np.arange(200) < 30, (6, 1)).T))
    assert same.loc[6, "areas"] == 30
    assert same.loc[6, "areas_or_more"] > 100 * same.loc[6, "high"]
    again = expected_if_independent(marks(np.tile(np.arange(200) < 30, (6, 1)).T))
    pd.testing.assert_frame_equal(same, again)


def test_areas_that_are_not_known_are_left_out() -> None:
    hotspots = marks([[1, 1], [1, 0], [0, 0]])
    hotspots.loc["a9"] = [True, pd.NA]
    expected = expected_if_independent(hotspots.drop(index="a9"))
    pd.testing.assert_frame_equal(expected_if_independent(hotspots), expected)


def test_pairs() -> None:
    hotspots = marks([[1, 1, 0], [1, 1, 0], [0, 0, 1], [0, 0, 0]], ["Drugs", "Robbery", "ASB"])
    pairs = group_pairs(hotspots)
    assert pairs.index.tolist() == [("Drugs", "Robbery"), ("Drugs", "ASB"), ("Robbery", "ASB")]
    assert pairs["both"].tolist() == [2, 0, 0]
    assert pairs["expected"].tolist() == [1, 0.5, 0.5]
    assert pairs["expected"].iloc[0] == stats.hypergeom(4, 2, 2).mean()
    together = pair(hotspots, "Drugs", "ASB")
    assert together.tolist() == ["Drugs", "Drugs", "ASB", "neither"]
    assert pair(hotspots, "Drugs", "Robbery").tolist() == ["both", "both", "neither", "neither"]
    hotspots.loc["a0", "ASB"] = pd.NA
    assert pd.isna(pair(hotspots, "Drugs", "ASB")["a0"])


def test_one_area_and_no_events() -> None:
    one = expected_if_independent(group_hotspots(pd.DataFrame({"Drugs": [3], "ASB": [0]})))
    assert one["areas"].tolist() == [0, 1, 0]
    assert one["expected"].tolist() == [0, 1, 0]
    none = expected_if_independent(group_hotspots(pd.DataFrame({"Drugs": [0, 0], "ASB": [0, 0]})))
    assert none["areas"].tolist() == none["expected"].tolist() == [2, 0, 0]


def test_bad_input_is_refused_in_words() -> None:
    hotspots = marks([[1, 1]], ["Drugs", "ASB"])
    with pytest.raises(ValueError, match="No crime group"):
        expected_if_independent(hotspots[[]])
    with pytest.raises(ValueError, match="No area has data"):
        group_pairs(marks([[None, 1]], ["Drugs", "ASB"]))  # type: ignore[list-item]
    with pytest.raises(ValueError, match=r"no crime group 'Theft'\. Choose two of Drugs, ASB"):
        pair(hotspots, "Drugs", "Theft")
    with pytest.raises(ValueError, match="chosen twice"):
        pair(hotspots, "Drugs", "Drugs")
    with pytest.raises(ValueError, match="negative"):
        group_hotspots(pd.DataFrame({"Drugs": [-1, 2]}))
