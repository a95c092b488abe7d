import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.columns import ASB
from hotspots.severity import severity

VIOLENCE = "Violence and sexual offences"


def incidents(*rows: tuple[str, str, str | None]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=["lsoa_code", "crime_type", "offence_code"])


def test_it_is_the_sum_of_count_times_weight() -> None:
    frame = incidents(("b", VIOLENCE, "8N"), ("a", VIOLENCE, "008/06"), ("a", VIOLENCE, "5D"), ("a", ASB, None))
    result = severity(frame, {"8N": 10, "5D": 500.5})
    assert result.to_dict() == {"a": 510.5, "b": 10.0}
    assert result.name == "severity"


def test_an_offence_takes_its_own_weight_before_its_classs() -> None:
    frame = incidents(("a", VIOLENCE, "8/1"), ("a", VIOLENCE, "8/6"))
    assert severity(frame, {"8N": 10, "8/1": 90})["a"] == 100


def test_of_two_possible_classes_the_weight_holds_only_where_it_is_the_same() -> None:
    frame = incidents(("a", "Robbery", "34/1"))
    assert severity(frame, {"34A": 7, "34B": 7})["a"] == 7
    with pytest.raises(ValueError, match=r"1 offence code has no weight \(1 offence\): 34/1 \(1\)"):
        severity(frame, {"34A": 7, "34B": 8})


@pytest.mark.parametrize(
    "frame", [incidents(("a", VIOLENCE, None)), incidents(("a", VIOLENCE, None))[["lsoa_code", "crime_type"]]]
)
def test_open_data_is_refused_with_the_reason(frame: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match=r"on police\.uk's broad violence category it says nothing"):
        severity(frame, {"8N": 10})


def test_an_offence_without_a_code_is_not_harmless() -> None:
    with pytest.raises(ValueError, match="1 of 2 offences have no offence code"):
        severity(incidents(("a", VIOLENCE, "8N"), ("a", VIOLENCE, None)), {"8N": 10})


def test_codes_without_a_weight_are_named_and_counted() -> None:
    frame = incidents(("a", VIOLENCE, "8N"), ("a", "Drugs", "92D"), ("b", "Drugs", "92D"), ("b", "Robbery", "34B"))
    with pytest.raises(ValueError, match=r"2 offence codes have no weight \(3 offences\): 92D \(2\), 34B \(1\)\. Add"):
        severity(frame, {"8N": 10})


@pytest.mark.parametrize(
    ("weights", "reason"),
    [
        ({"8N": -1}, "number from 0 up"),
        ({"8N": math.nan}, "number from 0 up"),
        ({"8N": "ten"}, "number from 0 up"),
        ({"8/1": 1, "008/01": 2}, "two weights"),
        ({}, "There is no weight"),
    ],
)
def test_weights_that_are_no_weights_are_refused(weights: dict[str, float], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        severity(incidents(("a", VIOLENCE, "8N")), weights)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["8N", "5D", "34B"])), min_size=1, max_size=30))
def test_scaling_the_weights_scales_the_severity_and_one_counts(rows: list[tuple[str, str]]) -> None:
    frame = incidents(*((area, VIOLENCE, code) for area, code in rows))
    ones = severity(frame, {"8N": 1, "5D": 1, "34B": 1})
    pd.testing.assert_series_equal(ones, frame.groupby("lsoa_code").size().astype(float).rename("severity"))
    weights = {"8N": 3.0, "5D": 40.0, "34B": 9.0}
    twice = severity(frame, {code: 2 * weight for code, weight in weights.items()})
    pd.testing.assert_series_equal(twice, 2 * severity(frame, weights))
