import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspots.comparison import compare_hotspots
from hotspots.ranking import rank_areas


def ranked(**hotspots: bool) -> pd.DataFrame:
    return pd.DataFrame({"hotspot": list(hotspots.values()), "months": 12}, index=list(hotspots))


def test_which_enter_leave_and_stay_in_rank_order() -> None:
    before = ranked(a=True, b=True, c=True, d=False, e=False)
    after = ranked(e=True, c=True, d=True, a=False, b=False)
    change = compare_hotspots(before, after)
    assert change.enter == ("e", "d")
    assert change.leave == ("a", "b")
    assert change.stay == ("c",)
    assert change.areas == 5
    assert change.sentence("A", "B") == "Of 3 hotspots by A, 1 stays by B, 2 leave and 2 enter"


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ({"a": False, "b": False}, {"a": False, "b": False}, "Neither A nor B finds a hotspot"),
        ({"a": True, "b": True}, {"a": True, "b": True}, "The 2 hotspots are the same by A and by B"),
        ({"a": True, "b": False}, {"a": True, "b": False}, "The one hotspot is the same by A and by B"),
        ({"a": False, "b": False}, {"a": True, "b": False}, "No hotspot by A, 1 LSOA by B"),
        ({"a": True, "b": False}, {"a": False, "b": True}, "Of 1 hotspot by A, none stays by B, 1 leaves and 1 enters"),
        ({"a": True, "b": True}, {"a": True, "b": False}, "Of 2 hotspots by A, 1 stays by B, 1 leaves and none enters"),
    ],
)
def test_the_sentence(before: dict[str, bool], after: dict[str, bool], sentence: str) -> None:
    assert compare_hotspots(ranked(**before), ranked(**after)).sentence("A", "B") == sentence


def test_tables_that_do_not_belong_together_are_refused() -> None:
    with pytest.raises(ValueError, match="not of the same LSOAs: 2 stand in one only, such as b"):
        compare_hotspots(ranked(a=True, b=True), ranked(a=True, c=True))
    with pytest.raises(ValueError, match="different months"):
        compare_hotspots(ranked(a=True), ranked(a=True).assign(months=11))
    with pytest.raises(ValueError, match="no column 'hotspot'"):
        compare_hotspots(ranked(a=True), pd.DataFrame(index=["a"]))
    twice = pd.concat([ranked(a=True), ranked(a=True)])
    with pytest.raises(ValueError, match="names an LSOA twice"):
        compare_hotspots(twice, twice)


COUNTS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=20)


@given(COUNTS)
def test_every_hotspot_is_in_one_place_and_the_way_back_mirrors(counts: list[tuple[int, int]]) -> None:
    index = [f"E{n:08d}" for n in range(len(counts))]
    first, second = (rank_areas(pd.DataFrame({"count": [pair[n] for pair in counts]}, index=index)) for n in (0, 1))
    there, back = compare_hotspots(first, second), compare_hotspots(second, first)
    assert sorted(there.leave + there.stay) == sorted(first.index[first["hotspot"]])
    assert sorted(there.enter + there.stay) == sorted(second.index[second["hotspot"]])
    assert there.enter == back.leave
    assert there.leave == back.enter
    assert set(there.stay) == set(back.stay)
