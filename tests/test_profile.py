"""What a meeting asks of one location, against counts made by hand and an independent library."""

import numpy as np
import pandas as pd
import pytest
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
    # By hand: hypergeometric probabilities of the table, no larger than that observed.
    from scipy.stats import hypergeom

    table = hypergeom(36 + 60 + 612 + 600, 36 + 612, 36 + 60)
    all_p = table.pmf(np.arange(97))
    by_hand = all_p[all_p <= table.pmf(36) * (1 + 1e-9)].sum()
    assert found.loc["the rest", "p_against"] == pytest.approx(by_hand, rel=1e-6)
    assert np.isnan(found.loc["the location", "p_against"])


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
        "60 offences, 60 in the same months of the year before: no more of a change than chance makes"
    )
    assert against_sentence(same) == "That is not told apart from the change in the rest"
    fell = compare_years({"the location": series(10, 4), "district": series(50, 50), "matched": series(10, 5)}, NOW)
    assert year_sentence(fell, "ASB report").startswith(
        "48 ASB reports, 120 in the same months of the year before: fewer"
    )
    assert against_sentence(fell) == "That differs from the change in district, not from that in matched"
    assert against_sentence(fell.iloc[:1]) == ""


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
    assert kinds_sentence(groups) == "Theft is the largest crime group here: 30 of 40 offences (75 %)"
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
        ([6, 1, 3, 3], False, "its 4 LSOAs lie in national deciles 1, 3 (2 LSOAs) and 6, 1 the most deprived"),
        ([2], False, "its 1 LSOA lies in national decile 2, 1 the most deprived"),
        ([2, None, 4], True, "the 3 LSOAs that it touches (1 not known) lie in national deciles 2 and 4, 1 the most deprived; approximate, since more live there than in the shape"),
    ],
)  # fmt: skip
def test_deprivation_is_told_by_national_deciles(deciles: list[int | None], touched: bool, said: str) -> None:
    assert deciles_sentence(pd.Series(deciles, dtype="Int64"), touched=touched) == f"Deprivation: {said}"


def test_deprivation_that_is_not_known_is_said() -> None:
    assert deciles_sentence(pd.Series([None], dtype="Int64"), touched=False) == "Its deprivation is not known"
