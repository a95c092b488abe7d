"""Where a rate per resident misleads: worked by hand on three areas."""

import pandas as pd
import pytest

from hotspots.denominators import MISLEADS_FROM, Standing, standing
from hotspots.narrative import per_thousand, standing_sentence

CODES = ["E01000001", "E01000002", "E01000003"]


def frame(count: list[int | None], residents: list[int]) -> pd.DataFrame:
    return pd.DataFrame(
        {"count": pd.array(count, "Int64"), "residents": pd.array(residents, "Int64"), "months": 12}, index=CODES
    )


WORKDAY = pd.Series([9000, 500, 500], index=CODES)


def test_a_town_centre_is_far_higher_by_residents_than_by_who_is_there() -> None:
    """60 of 100 offences among 1,000 of 5,000 residents, 9,000 of 10,000 on a workday: 60/20 = 3 times and 60/90."""
    found = standing(frame([60, 30, 10], [1000, 2000, 2000]), CODES[0], WORKDAY)
    assert found is not None
    assert found.by_residents == pytest.approx(3)
    assert found.by_other == pytest.approx(60 / 90)
    assert found.misleads
    assert standing_sentence(found, "Workday population") == (
        "Per 1,000 residents its rate is 3.0 times that of the area shown, per 1,000 workday population 0.7 times: it has far "
        "more workday population to a resident than that area, so the order by residents misleads"
    )


def test_elsewhere_nothing_is_said() -> None:
    found = standing(frame([60, 30, 10], [1000, 2000, 2000]), CODES[1], WORKDAY)
    assert found is not None
    assert not found.misleads
    assert standing_sentence(found, "Workday population") == ""
    assert standing_sentence(None, "Workday population") == ""


def test_the_ratio_does_not_depend_on_the_count() -> None:
    ratios = []
    for count in ([60, 30, 10], [1, 900, 4]):
        found = standing(frame(list(count), [1000, 2000, 2000]), CODES[0], WORKDAY)
        assert found is not None
        ratios.append(found.by_residents / found.by_other)
    assert ratios == pytest.approx([(9000 / 10000) / (1000 / 5000)] * 2)


@pytest.mark.parametrize(
    ("count", "residents"),
    [([0, 30, 10], [1000, 2000, 2000]), ([None, 30, 10], [1000, 2000, 2000]), ([60, 30, 10], [0, 2000, 2000]), ([0, 0, 0], [1, 1, 1])],
)  # fmt: skip
def test_without_a_rate_there_is_no_standing(count: list[int | None], residents: list[int]) -> None:
    assert standing(frame(count, residents), CODES[0], WORKDAY) is None


def test_the_limit_itself_misleads() -> None:
    assert Standing(MISLEADS_FROM, 1).misleads
    assert not Standing(MISLEADS_FROM - 0.01, 1).misleads


@pytest.mark.parametrize(
    ("title", "says"),
    [("residents", "residents"), ("Workday population", "workday population"), ("NTE footfall", "NTE footfall")],
)
def test_a_rate_names_what_it_is_per(title: str, says: str) -> None:
    assert per_thousand(title) == f"per 1,000 {says} a year"
