import pandas as pd
import pytest

from hotspots.concentration import ShareHeld
from hotspots.counts import YearChange
from hotspots.narrative import (
    change_sentence,
    concentration_headline,
    counted,
    flag_sentence,
    gap_sentence,
    hotspot_title,
    months_in_words,
    ordinal,
    percent,
    rank_phrase,
    unequal_months_sentence,
)
from hotspots.selection import Period

YEAR = Period("2025-01", "2025-12").months
SUBJECT = "serious violence"


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0, "0 %"),
        (0.0004, "under 0.1 %"),
        (0.065, "6.5 %"),
        (0.07, "7 %"),
        (0.0996, "10 %"),
        (0.2158, "22 %"),
        (0.996, "over 99 %"),
        (1, "100 %"),
        (1.5, "150 %"),
    ],
)
def test_percent(share: float, words: str) -> None:
    assert percent(share) == words


def test_ordinal() -> None:
    assert [ordinal(n) for n in (1, 2, 3, 4, 11, 12, 13, 21, 112, 1001)] == [
        "1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "112th", "1,001st",
    ]  # fmt: skip


def test_counted() -> None:
    assert [counted(n, "offence") for n in (0, 1, 2, 28557)] == [
        "no offences",
        "1 offence",
        "2 offences",
        "28,557 offences",
    ]


def test_rank_phrase() -> None:
    assert rank_phrase(4, 1, 552) == "4th of 552"
    assert rank_phrase(4, 2, 552) == "joint 4th of 552"
    assert rank_phrase(None, None, 552) == "not ranked"
    assert rank_phrase(pd.NA, pd.NA, 552) == "not ranked"


def test_concentration_headline() -> None:
    headline = "Half of serious violence happened in 108 of 552 LSOAs, home to 22 % of residents"
    assert concentration_headline(ShareHeld(0.5, 108, 552, 0.5004, 0.2158), SUBJECT) == headline


def test_headline_says_at_least_where_the_fewest_hold_more() -> None:
    one = ShareHeld(0.5, 1, 9, 0.9, None)
    assert concentration_headline(one, SUBJECT) == "At least half of serious violence happened in 1 of 9 LSOAs"
    other = ShareHeld(0.4, 2, 9, 0.4, 0.1)
    assert concentration_headline(other, SUBJECT).startswith("40 % of serious violence")


def test_hotspot_title() -> None:
    title = "31 of 552 LSOAs hold 25 % of serious violence and 6.5 % of residents"
    assert hotspot_title(ShareHeld(0.25, 31, 552, 0.2532, 0.065), SUBJECT) == title
    assert hotspot_title(ShareHeld(0.25, 1, 9, 0.4, None), SUBJECT) == "1 of 9 LSOAs holds 40 % of serious violence"
    assert hotspot_title(ShareHeld(0.25, 1, 1, 1.0, 1.0), SUBJECT) == (
        "1 of 1 LSOA holds 100 % of serious violence and 100 % of residents"
    )


def test_nothing_to_say_is_said() -> None:
    for sentence in (concentration_headline, hotspot_title):
        assert sentence(ShareHeld(0.5, 0, 9, None, None), SUBJECT) == "No serious violence was recorded in this period"
        assert sentence(ShareHeld(0.5, 0, 0, None, None), SUBJECT) == "No data on serious violence for this period"


@pytest.mark.parametrize(
    ("now", "before", "sentence"),
    [
        (6420, 6000, "6,420 offences, 6,000 in the same months of the year before: up 420 (7 %)"),
        (30, 40, "30 offences, 40 in the same months of the year before: down 10 (25 %)"),
        (40, 40, "40 offences, 40 in the same months of the year before: no change"),
        (40, 19, "40 offences, 19 in the same months of the year before: up 21"),
        (19, 40, "19 offences, 40 in the same months of the year before: down 21"),
        (1, 0, "1 offence, none in the same months of the year before: up 1"),
        (0, 0, "No offences, none in the same months of the year before: no change"),
    ],
)
def test_change(now: int, before: int, sentence: str) -> None:
    assert change_sentence(YearChange(now, before, YEAR, YEAR, "")) == sentence


def test_change_over_some_of_the_months_says_which() -> None:
    assert change_sentence(YearChange(50, 40, YEAR[:4], YEAR, ""), "ASB report") == (
        "In January to April 2025, the only months that can be compared, "
        "50 ASB reports, 40 in the same months of the year before: up 10 (25 %)"
    )
    assert change_sentence(YearChange(5, 4, YEAR[:1], YEAR, "")) == (
        "In January 2025, the only month that can be compared, 5 offences, 4 in the same month of the year before: up 1"
    )


def test_no_change_can_be_given() -> None:
    assert change_sentence(YearChange(None, None, (), YEAR, "data are missing")) == (
        "No comparison with the year before: data are missing"
    )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            (273, 105, "On or near Police Station", 7, 24),
            "105 of 273 (38 %) on or near Police Station; without that point it would rank 24th",
        ),
        (
            (273, 105, "On or near Police Station", 1, 1),
            "105 of 273 (38 %) on or near Police Station; without that point it would still rank 1st",
        ),
        ((273, 105, "On or near Police Station", None, None), "105 of 273 (38 %) on or near Police Station"),
        ((273, 105, "On or near Police Station", 7, pd.NA), "105 of 273 (38 %) on or near Police Station"),
        ((12, 5, "On or near Mill Lane"), "5 of 12 on or near Mill Lane"),
        ((12, 12, "On or near Mill Lane"), "All 12 on or near Mill Lane"),
        ((1, 1, "On or near Mill Lane"), "The only one on or near Mill Lane"),
        ((2, 1, "Mill Lane"), "1 of 2 on or near Mill Lane"),
        ((2, 1, ""), "1 of 2 on or near an unnamed point"),
    ],
)
def test_flag(arguments: tuple[int, int, str], sentence: str) -> None:
    assert flag_sentence(*arguments) == sentence


def test_gaps() -> None:
    assert gap_sentence(YEAR, []) == ""
    assert gap_sentence(YEAR, ["2025-03"]) == "1 of 12 months is missing: March 2025"
    assert gap_sentence(YEAR, ["2025-07", "2025-03", "2025-04"]) == (
        "3 of 12 months are missing: March to April 2025 and July 2025"
    )
    assert gap_sentence(YEAR, YEAR) == "No data for January to December 2025"


def test_months_in_words() -> None:
    assert months_in_words(["2024-12", "2025-01", "2025-03", "2025-05"]) == (
        "December 2024 to January 2025, March 2025 and May 2025"
    )
    assert months_in_words([]) == ""


def test_unequal_months() -> None:
    assert unequal_months_sentence(pd.Series([12, 12, 0])) == ""
    assert unequal_months_sentence(pd.Series([0])) == ""
    assert unequal_months_sentence(pd.Series([1, 12])) == (
        "Counts cover 1 month in some LSOAs and 12 months in others: compare rates, not counts"
    )
