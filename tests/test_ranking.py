import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspots.concentration import areas_for_share
from hotspots.ranking import HOTSPOT_SHARE, rank_areas


def frame(counts: list[int | None], **columns: list[float | None]) -> pd.DataFrame:
    index = pd.Index([f"E0100000{i}" for i in range(1, len(counts) + 1)], name="lsoa_code")
    return pd.DataFrame({"count": pd.array(counts, dtype="Int64"), **columns}, index=index)


def test_ties_share_the_best_rank() -> None:
    ranked = rank_areas(frame([5, 20, 10, 10, 5, 0, 5, 40, 5]))
    assert ranked["rank"].tolist() == [1, 2, 3, 3, 5, 5, 5, 5, 9]
    assert ranked["tied"].tolist() == [1, 1, 2, 2, 4, 4, 4, 4, 1]
    assert ranked.index.tolist()[:4] == ["E01000008", "E01000002", "E01000003", "E01000004"]
    assert ranked["count"].is_monotonic_decreasing


def test_shares_take_ties_in() -> None:
    ranked = rank_areas(frame([5, 20, 10, 10, 5, 0, 5, 40, 5]))
    assert ranked["share"].tolist() == [0.4, 0.2, 0.1, 0.1, 0.05, 0.05, 0.05, 0.05, 0]
    assert ranked["cumulative_share"].tolist() == pytest.approx([0.4, 0.6, 0.8, 0.8, 1, 1, 1, 1, 1])


def test_hotspots_are_the_fewest_that_hold_a_quarter() -> None:
    assert HOTSPOT_SHARE == 0.25
    assert rank_areas(frame([25, 75]))["hotspot"].tolist() == [True, False]
    # 15 and 10 are exactly a quarter of 100
    hold = rank_areas(frame([15, 10, 9, 9, 9, 9, 9, 9, 9, 9, 3]))
    assert hold["hotspot"].tolist() == [True, True] + [False] * 9


def test_hotspots_take_ties_in() -> None:
    # 12 + 10 fall short of a quarter of 92, one more 10 is enough, all four tens are in
    ranked = rank_areas(frame([12, 10, 10, 10, 10, 9, 9, 9, 9, 4]))
    assert ranked["hotspot"].tolist() == [True] * 5 + [False] * 5


def test_hotspots_and_shares_are_by_count_whatever_the_order() -> None:
    areas = frame([10, 90, 0], rate_per_1000_year=[30.0, 20.0, None], density=[1.0, 2.0, 3.0])
    by_rate = rank_areas(areas, "rate")
    assert by_rate["rank"].tolist()[:2] == [1, 2]
    assert by_rate["hotspot"].tolist() == [False, True, False]
    assert by_rate["cumulative_share"].tolist()[:2] == [0.1, 1.0]
    assert rank_areas(areas, "density").index.tolist() == ["E01000003", "E01000002", "E01000001"]


def test_nulls_stand_last_and_unranked() -> None:
    ranked = rank_areas(frame([None, 0, 3]))
    assert ranked.index.tolist() == ["E01000003", "E01000002", "E01000001"]
    last = ranked.iloc[-1]
    assert last[["rank", "tied", "share", "cumulative_share"]].isna().all()
    assert not last["hotspot"]
    # a count without a rate: no rank, but it is part of the total
    by_rate = rank_areas(frame([6, 2], rate_per_1000_year=[None, 1.0]), "rate")
    assert by_rate["share"].tolist() == [0.25, 0.75]
    assert by_rate["rank"].tolist()[0] == 1
    assert by_rate["rank"].isna().tolist() == [False, True]


@pytest.mark.parametrize("counts", [[0, 0, 0], [None, None], [0]])
def test_nothing_counted_makes_no_hotspot_and_no_share(counts: list[int | None]) -> None:
    ranked = rank_areas(frame(counts))
    assert not ranked["hotspot"].any()
    assert ranked[["share", "cumulative_share"]].isna().all(axis=None)


def test_one_area_is_everything() -> None:
    only = rank_areas(frame([7])).iloc[0]
    assert (only["rank"], only["tied"], only["share"], only["cumulative_share"]) == (1, 1, 1, 1)
    assert only["hotspot"]


def test_bad_orders_are_refused_in_words() -> None:
    with pytest.raises(ValueError, match="Choose one of count, rate, density, severity"):
        rank_areas(frame([1]), "harm")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="'density' is missing"):
        rank_areas(frame([1]), "density")


@given(st.lists(st.none() | st.integers(0, 12), min_size=1, max_size=30), st.randoms(use_true_random=False))
def test_invariants(counts: list[int | None], random: object) -> None:
    areas = frame(counts)
    before = areas.copy(deep=True)
    ranked = rank_areas(areas)
    pd.testing.assert_frame_equal(areas, before)
    # the order of the rows given does not matter
    shuffled = areas.sample(frac=1, random_state=random.randint(0, 99))  # type: ignore[attr-defined]
    pd.testing.assert_frame_equal(rank_areas(shuffled), ranked)
    known = [c for c in counts if c is not None]
    for _, row in ranked[ranked["rank"].notna()].iterrows():
        assert row["rank"] == 1 + sum(c > row["count"] for c in known)
        assert row["tied"] == sum(c == row["count"] for c in known)
        if sum(known):
            assert row["cumulative_share"] == pytest.approx(sum(c for c in known if c >= row["count"]) / sum(known))
    hotspots, others = ranked[ranked["hotspot"]], ranked[~ranked["hotspot"]]
    if sum(known):
        assert 4 * hotspots["count"].sum() >= sum(known)
        assert others["count"].dropna().lt(hotspots["count"].min()).all()
        above = hotspots[hotspots["count"] > hotspots["count"].min()]
        assert 4 * above["count"].sum() < sum(known)
        assert len(above) < areas_for_share(np.array(known), 0.25) <= len(hotspots)
