"""What a meeting asks of one location, against counts made by hand and an independent library."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm
from statsmodels.stats.rates import test_poisson_2indep as poisson_test

from hotspots.profile import (
    again_sentence,
    against_sentence,
    by_hour,
    compare_years,
    deciles_sentence,
    hours_sentence,
    kinds_sentence,
    withheld_groups,
    year_sentence,
)
from hotspots.selection import Period

MONTHS = Period("2024-01", "2025-12").months
NOW = Period("2025-01", "2025-12").months


def series(before: float, now: float) -> pd.Series:
    return pd.Series([before] * 12 + [now] * 12, index=list(MONTHS), dtype="float64")


def test_counts_are_the_same_months_of_both_years() -> None:
    found = compare_years({"the location": series(5, 3), "the rest": series(50, 50)}, NOW)
    assert found["before"].tolist() == [60, 600]
    assert found["now"].tolist() == [36, 600]
    assert found.attrs["months"] == NOW


def test_p_is_that_of_an_independent_library() -> None:
    found = compare_years({"the location": series(5, 3), "the rest": series(50, 51)}, NOW)
    expected = poisson_test(36, 1, 60, 1, method="exact-cond", compare="ratio").pvalue
    assert found.loc["the location", "p"] == pytest.approx(expected, rel=1e-9)
    # By hand: 61.2 expected of a place ten times the size; variance 36 + 60 + (612 + 600) / 100.
    z = (36 - 61.2) / math.sqrt(108.12)
    assert found.loc["the rest", "p_against"] == pytest.approx(math.erfc(abs(z) / math.sqrt(2)), rel=1e-9)
    assert np.isnan(found.loc["the location", "p_against"])


def test_both_tests_are_widened_by_the_dispersion() -> None:
    places = {"the location": series(5, 3), "the rest": series(50, 51)}
    plain, wide = compare_years(places, NOW), compare_years(places, NOW, 2.25)
    for name, column in (("the location", "p"), ("the rest", "p_against")):
        scores = [norm.isf(one.loc[name, column] / 2) for one in (plain, wide)]
        assert scores[0] == pytest.approx(1.5 * scores[1]), column
    assert plain.loc["the location", "p"] < 0.05 < wide.loc["the location", "p"]
    assert compare_years(places, NOW, 0.5).equals(plain), "never narrower"
    assert year_sentence(wide).endswith("no more of a change than chance makes")
    assert against_sentence(plain) == "Its change differs from that in the rest"
    assert against_sentence(wide) == "Its change is not told apart from that in the rest"


def test_against_a_place_that_had_none_before_nothing_is_claimed() -> None:
    found = compare_years({"the location": series(5, 3), "the rest": series(0, 50)}, NOW)
    assert np.isnan(found.loc["the rest", "p_against"])
    assert against_sentence(found) == "Its change is not told apart from that in the rest"


def test_a_month_that_one_place_lacks_is_compared_nowhere() -> None:
    gap = series(5, 3)
    gap["2024-06"] = np.nan
    found = compare_years({"the location": series(5, 3), "the rest": gap}, NOW)
    assert found["before"].tolist() == [55, 55]
    assert "2025-06" not in found.attrs["months"]


def test_without_a_month_in_both_years_it_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match="year before"):
        compare_years({"the location": series(5, 3)[list(NOW)]}, NOW)


def test_sentences_claim_no_more_than_the_tests() -> None:
    same = compare_years({"the location": series(5, 5), "the rest": series(50, 50)}, NOW)
    assert year_sentence(same) == (
        "60 offences against 60 in the same months of the year before, no more of a change than chance makes"
    )
    assert against_sentence(same) == "Its change is not told apart from that in the rest"
    fell = compare_years({"the location": series(10, 4), "district": series(50, 50), "matched": series(10, 5)}, NOW)
    assert year_sentence(fell, "ASB report").startswith(
        "48 ASB reports against 120 in the same months of the year before, fewer than chance"
    )
    assert against_sentence(fell) == "Its change differs from that in district, not clearly from that in matched"
    assert against_sentence(fell.iloc[:1]) == ""


def test_a_place_chosen_from_the_months_compared_says_so_first() -> None:
    fell = compare_years({"the location": series(10, 4)}, NOW)
    assert year_sentence(fell, chosen_from=["2024-03"]).startswith(
        "Chosen at its peak, which makes part of the fall: 48 offences against 120 "
    )
    assert year_sentence(fell, chosen_from=NOW).startswith("Chosen by this very count: 48 offences against ")
    assert year_sentence(fell, chosen_from=["2022-03"]) == year_sentence(fell)


def test_the_months_compared_are_said_where_they_are_not_all() -> None:
    gap = series(5, 5)
    gap["2024-06":"2024-12"] = np.nan
    some = compare_years({"the location": gap}, NOW)
    said = "anuary to May 2025, all that can be compared, 25 offences against 25 in the same months of the year before"
    assert year_sentence(some).startswith(f"In J{said}")
    assert year_sentence(some, chosen_from=NOW).startswith(f"Chosen by this very count: in J{said}")


def rolling(windows: int, times: list[int | None]) -> pd.DataFrame:
    codes = [f"E0100000{i}" for i in range(len(times))]
    return pd.DataFrame({"windows": windows, "hotspot_in": pd.array(times, dtype="Int64")}, index=codes)


def test_how_often_it_was_a_hotspot() -> None:
    table = rolling(5, [5, 2, 0, None])
    assert again_sentence(table, ["E01000000"]) == "It was a hotspot in all of the 5 past windows of 12 months"
    assert again_sentence(table, ["E01000001"]) == "It was a hotspot in 2 of the 5 past windows of 12 months"
    assert again_sentence(table, ["E01000002"]) == "It was a hotspot in none of the 5 past windows of 12 months"
    assert again_sentence(table, list(table.index)) == (
        "Of its 3 LSOAs, 1 was a hotspot in all of the 5 past windows of 12 months, 2 in at least one"
    )
    assert "not known" in again_sentence(table, ["E01000003"])
    past = "in all of the 5 past windows of 12 months"
    three = rolling(5, [5, 5, 5, 0])
    assert again_sentence(three, three.index[:3]) == f"All 3 of its LSOAs were hotspots {past}"
    assert again_sentence(three, three.index[:2]) == f"Both of its LSOAs were hotspots {past}"
    assert again_sentence(three, three.index) == f"Of its 4 LSOAs, 3 were hotspots {past}, 3 in at least one"


def test_hours_and_weekdays_are_counted_where_recorded() -> None:
    incidents = pd.DataFrame(
        {"date": ["2025-01-06", "2025-01-06", None, "2025-01-12"], "hour": pd.array([23, None, 4, 0], dtype="Int8")}
    )
    table = by_hour(incidents)
    assert table.to_numpy().sum() == 2
    assert table.loc["Monday", 23] == 1
    assert table.loc["Sunday", 0] == 1
    assert by_hour(incidents.drop(columns="hour")).empty
    assert by_hour(incidents.assign(hour=pd.NA)).empty


def test_the_busiest_day_and_hours_in_words() -> None:
    hours = pd.DataFrame(0, index=pd.Index(["Friday", "Saturday"], name="weekday"), columns=range(24))
    hours.loc["Saturday", [0, 21, 23]] = [2, 3, 4]
    hours.loc["Friday", 22] = 1
    assert hours_sentence(hours) == "", "of so few no day stands out"
    said = hours_sentence(hours * 5)
    assert said == "Of 50 with a day and an hour, 45 were on a Saturday and 40 from 21:00 to 24:00"
    assert hours_sentence(pd.DataFrame()) == ""


def test_the_largest_group_is_one_of_offences_and_asb_is_not_added() -> None:
    groups = pd.DataFrame({"here": [90, 30, 10]}, index=["ASB", "Theft", "Drugs"])
    assert kinds_sentence(groups) == "Theft is the largest crime group here: 30 of 40 offences of every kind (75 %)"
    assert kinds_sentence(groups.loc[["ASB"]]) == "No offence of any kind was recorded here"


@pytest.mark.parametrize(
    ("here", "hidden"),
    [
        ({"Theft": 51, "Robbery": 20}, ()),
        ({"ASB": 3, "Theft": 51, "Robbery": 20}, ("ASB",)),
        ({"Theft": 51, "Robbery": 30, "Drugs": 7}, ("Drugs", "Robbery")),  # 88 less 81 would tell
        ({"Theft": 51, "Robbery": 30, "Drugs": 7, "Weapons": 2}, ("Weapons", "Drugs", "Robbery")),
        ({"Theft": 51, "Robbery": 30, "Drugs": 12, "Weapons": 8}, ("Weapons", "Drugs")),
        ({"Theft": 51, "Robbery": 30, "Drugs": 0}, ("Drugs",)),
        ({"Theft": 51, "Drugs": 7}, ("Drugs", "Theft")),
    ],
)
def test_no_small_group_is_shown_nor_told_by_the_others(here: dict[str, int], hidden: tuple[str, ...]) -> None:
    assert withheld_groups(pd.Series(here), 20) == hidden


def test_groups_that_are_not_shown_are_neither_zero_nor_left_out_of_a_share() -> None:
    groups = pd.DataFrame({"here": [90, 51, 37]}, index=["ASB", "Theft", "Drugs"])
    hidden = "groups of fewer than 20, or that would give those away, are not shown"
    assert kinds_sentence(groups, 20) == f"Theft is the largest crime group here, with 51 offences; {hidden}"
    assert kinds_sentence(groups.loc[["ASB"]], 20) == f"No crime group can be shown here: {hidden}"


@pytest.mark.parametrize(
    ("deciles", "touched", "said"),
    [
        ([6, 1, 3, 3], False, "its 4 LSOAs lie in national deciles 1, 3 (2 LSOAs) and 6; decile 1 is the most deprived tenth"),
        ([2], False, "its 1 LSOA lies in national decile 2; decile 1 is the most deprived tenth"),
        ([1, 1, 1], False, "its 3 LSOAs lie in national decile 1, the most deprived tenth"),
        ([2, None, 4], True, "the 3 LSOAs that it touches (1 not known) lie in national deciles 2 and 4; decile 1 is the most deprived tenth; approximate, since more live there than in the shape"),
    ],
)  # fmt: skip
def test_deprivation_is_told_by_national_deciles(deciles: list[int | None], touched: bool, said: str) -> None:
    assert deciles_sentence(pd.Series(deciles, dtype="Int64"), touched=touched) == f"Deprivation: {said}"


def test_deprivation_that_is_not_known_is_said() -> None:
    assert deciles_sentence(pd.Series([None], dtype="Int64"), touched=False) == "Its deprivation is not known"
