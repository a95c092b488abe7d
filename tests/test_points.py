from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspots.points import busiest_points, flag_points, on_or_near, place_name, points_of
from hotspots.ranking import rank_areas

A, B, C = "E01000001", "E01000002", "E01000003"
Row = tuple[str, float | None, float | None, str | None]


def incidents(rows: Sequence[Row], categorical: bool = False) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["lsoa_code", "longitude", "latitude", "location"])
    frame = frame.astype({"longitude": "float64", "latitude": "float64"})
    return frame.astype({"lsoa_code": "category", "location": "category"}) if categorical else frame


POINTS: list[Row] = [
    *[(A, 1.1, 52.1, "On or near Police Station")] * 3,
    *[(A, 1.2, 52.1, "On or near High Street")] * 2,
    (B, 1.3, 52.2, "On or near Mill Lane"),
    (B, 1.4, 52.2, "On or near Abbey Road"),
    *[(C, 1.5, 52.3, "On or near Park Road"), (C, 1.5, 52.3, "On or near Zoo"), (C, 1.5, 52.3, "On or near Zoo")],
]


@pytest.mark.parametrize("categorical", [False, True])
def test_busiest_point_of_each_area(categorical: bool) -> None:
    result = busiest_points(incidents(POINTS, categorical))
    assert result.index.tolist() == [A, B, C]
    assert result.index.name == "lsoa_code"
    # equally busy: the first by name; several names at one point: the commonest
    assert result["top_point"].tolist() == [
        "On or near Police Station",
        "On or near Abbey Road",
        "On or near Zoo",
    ]
    assert result["top_longitude"].tolist() == [1.1, 1.4, 1.5]
    assert result["top_latitude"].tolist() == [52.1, 52.2, 52.3]
    assert result["top_point_count"].tolist() == [3, 1, 3]
    assert result["top_point_share"].tolist() == [0.6, 0.5, 1.0]


def test_one_name_at_two_points_is_two_points() -> None:
    rows: list[Row] = [(A, 1.1, 52.1, "On or near Parking Area"), (A, 1.2, 52.1, "On or near Parking Area")]
    result = points_of(incidents(rows), A)
    assert result["count"].tolist() == [1, 1]
    assert result["longitude"].tolist() == [1.1, 1.2]


def test_an_incident_without_a_point_counts_in_the_share_only() -> None:
    rows: list[Row] = [(A, 1.1, 52.1, "On or near Mill Lane"), (A, None, None, "No location"), (B, None, 52.0, None)]
    result = busiest_points(incidents(rows))
    assert result.index.tolist() == [A]
    assert result["top_point_share"].tolist() == [0.5]
    assert points_of(incidents(rows), B).empty


def test_a_point_without_a_name() -> None:
    rows: list[Row] = [(A, 1.1, 52.1, None), (A, 1.1, 52.1, None), (A, 1.1, 52.1, "On or near ")]
    for categorical in (False, True):
        assert busiest_points(incidents(rows, categorical))["top_point"].tolist() == ["On or near an unnamed point"]


def test_points_of_one_area() -> None:
    result = points_of(incidents(POINTS), A)
    assert result.columns.tolist() == ["point", "longitude", "latitude", "count", "share"]
    assert result["point"].tolist() == ["On or near Police Station", "On or near High Street"]
    assert result["share"].tolist() == [0.6, 0.4]
    assert len(points_of(incidents(POINTS), A, n=1)) == 1
    assert points_of(incidents(POINTS, categorical=True), "E01999999").empty


def test_no_incidents_at_all() -> None:
    for categorical in (False, True):
        assert busiest_points(incidents([], categorical)).empty


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("On or near Police Station", "On or near Police Station"),
        ("on or near  Police Station ", "On or near Police Station"),
        ("Police Station", "On or near Police Station"),
        ("", "On or near an unnamed point"),
        (None, "On or near an unnamed point"),
        (float("nan"), "On or near an unnamed point"),
    ],
)
def test_a_place_is_always_on_or_near(text: object, shown: str) -> None:
    assert on_or_near(text) == shown
    assert place_name(shown) == shown.removeprefix("On or near ")


def ranked_with_points(counts: dict[str, int], top: dict[str, tuple[str, int]]) -> pd.DataFrame:
    index = pd.Index(list(counts), name="lsoa_code")
    areas = pd.DataFrame({"count": pd.array(list(counts.values()), dtype="Int64")}, index=index)
    busiest = pd.DataFrame(
        {
            "top_point": [f"On or near {name}" for name, _ in top.values()],
            "top_longitude": 1.0,
            "top_latitude": 52.0,
            "top_point_count": [n for _, n in top.values()],
            "top_point_share": [n / counts[code] for code, (_, n) in top.items()],
        },
        index=pd.Index(list(top), name="lsoa_code"),
    )
    return flag_points(rank_areas(areas), busiest)


def test_flags_and_the_rank_without_the_point() -> None:
    result = ranked_with_points(
        {"A": 100, "B": 80, "C": 80, "D": 40, "E": 40, "F": 0},
        {
            "A": ("Police Station", 20),  # 80 left: still no other is higher
            "B": ("High Street", 20),  # exactly 25 %: not over
            "C": ("Mill Lane", 41),  # 39 left: behind A, B, D and E
            "D": ("Hospital", 1),  # 39 left: behind E too
            "E": ("Hospital Road", 10),
        },
    )
    assert result["point_flag"].fillna("").to_dict() == {
        "A": "police-station", "B": "", "C": "share", "D": "hospital", "E": "", "F": "",
    }  # fmt: skip
    assert result["rank_without_point"].fillna(0).to_dict() == {"A": 1, "B": 0, "C": 5, "D": 5, "E": 0, "F": 0}
    assert result["rank_without_point"].dtype == "Int64"
    assert result.index.tolist() == ["A", "B", "C", "D", "E", "F"]


@pytest.mark.parametrize(
    ("name", "flag"),
    [
        ("Police Station", "police-station"),
        ("Bethel Street Police Station", "police-station"),
        ("Police Station Road", None),
        ("HOSPITAL", "hospital"),
        ("Queen Elizabeth Hospital", "hospital"),
        ("Hospital Lane", None),
        ("Prison", "prison"),
        ("HMP Norwich", "prison"),
        ("HM Prison Norwich", "prison"),
        ("Prison Lane", None),
        ("Imprison", None),
        ("High Street", None),
    ],
)
def test_names_that_are_flagged(name: str, flag: str | None) -> None:
    result = ranked_with_points({"A": 100}, {"A": (name, 1)})["point_flag"].iloc[0]
    assert (None if pd.isna(result) else result) == flag


def test_rank_without_the_point_by_rate() -> None:
    areas = pd.DataFrame(
        {"count": pd.array([10, 10, 10], dtype="Int64"), "rate_per_1000_year": [30.0, 20.0, None]},
        index=pd.Index([A, B, C], name="lsoa_code"),
    )
    busiest = busiest_points(
        incidents([(code, 1.0, 52.0, "On or near X") for code in (A, B, C) for _ in range(10)][:25])
    ).assign(top_point_count=5, top_point_share=0.5)
    result = flag_points(rank_areas(areas, "rate"), busiest, "rate")
    # 30 falls to 15, behind 20; without a rate there is no rank
    assert result.loc[[A, B], "rank_without_point"].tolist() == [2, 2]
    assert pd.isna(result.loc[C, "rank_without_point"])


place = st.tuples(
    st.sampled_from([A, B, C]),
    st.sampled_from([1.0, 1.000001, -0.5]),
    st.sampled_from([52.0, 52.5]),
    st.sampled_from(["On or near X", "On or near Y", "On or near Police Station", None]),
)


@given(st.lists(place, min_size=1, max_size=40), st.randoms(use_true_random=False))
def test_invariants(rows: list[Row], random: object) -> None:
    frame = incidents(rows)
    before = frame.copy(deep=True)
    result = busiest_points(frame)
    for code in result.index:
        inside = frame[frame["lsoa_code"] == code]
        sizes = inside.groupby(["longitude", "latitude"]).size()
        top = result.loc[code]
        assert top["top_point_count"] == sizes.max() == sizes[(top["top_longitude"], top["top_latitude"])]
        listed = points_of(frame, code, n=99)
        assert listed["count"].sum() == len(inside)
        assert listed["count"].is_monotonic_decreasing
        assert listed.iloc[0].tolist() == top[
            ["top_point", "top_longitude", "top_latitude", "top_point_count", "top_point_share"]
        ].tolist()  # fmt: skip
    pd.testing.assert_frame_equal(frame, before)
    shuffled = frame.sample(frac=1, random_state=random.randint(0, 99))  # type: ignore[attr-defined]
    pd.testing.assert_frame_equal(busiest_points(shuffled), result)
    pd.testing.assert_frame_equal(busiest_points(incidents(rows, categorical=True)), result)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=12))
def test_rank_without_the_point_is_a_recount(pairs: list[tuple[int, int]]) -> None:
    counts = {f"E{i:02d}": max(n, top) for i, (n, top) in enumerate(pairs)}
    tops = {f"E{i:02d}": ("Hospital", top) for i, (n, top) in enumerate(pairs) if top}
    result = ranked_with_points(counts, tops)
    for code, (_, top) in tops.items():
        others = np.array([n for other, n in counts.items() if other != code])
        assert result.loc[code, "rank_without_point"] == 1 + (others > counts[code] - top).sum()
