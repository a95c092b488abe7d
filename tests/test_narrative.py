import pandas as pd
import pytest

from hotspots.association import Association
from hotspots.concentration import ConcentrationInterval, Expected, ShareHeld
from hotspots.counts import YearChange
from hotspots.narrative import (
    association_title,
    certainty_title,
    change_sentence,
    cluster_sentence,
    concentration_headline,
    counted,
    expected_sentence,
    expected_title,
    flag_sentence,
    gap_sentence,
    gini_sentence,
    groups_title,
    hotspot_title,
    lasting_title,
    lsoas,
    months_in_words,
    not_placed_sentence,
    ordinal,
    pair_sentence,
    percent,
    point_note,
    rank_phrase,
    rank_range,
    same_form_sentence,
    sentence_of_dispersion,
    trend_title,
    unequal_months_sentence,
)
from hotspots.selection import Measure, Period
from hotspots.stability import Stability

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


def test_change_over_some_of_the_months_says_which_and_of_how_many() -> None:
    assert change_sentence(YearChange(50, 40, YEAR[:4], YEAR, ""), "ASB report") == (
        "Over the 4 of 12 months that can be compared (January to April 2025), "
        "50 ASB reports, 40 in the same months of the year before: up 10 (25 %)"
    )
    assert change_sentence(YearChange(5, 4, YEAR[:1], YEAR, "")) == (
        "Over the 1 of 12 months that can be compared (January 2025), 5 offences, 4 in the same month of the year before: up 1"
    )


@pytest.mark.parametrize(
    ("now", "before", "low", "high", "outcome"),
    [
        (95, 100, 0.9158, 0.9838, "down 5 (5 %; 95 % interval 1.6 to 8.4 % down), more than chance usually makes"),
        (106, 100, 1.02, 1.13, "up 6 (6 %; 95 % interval 2 to 13 % up), more than chance usually makes"),
        (106, 100, 0.98, 1.13, "up 6 (6 %; 95 % interval 2 % down to 13 % up), which may be chance"),
        (100, 100, 0.9, 1.12, "no change (95 % interval 10 % down to 12 % up)"),
        (40, 19, 1.2, 3.8, "up 21, more than chance usually makes"),
        (2, 1, 0.1, 118, "up 1, which may be chance"),
        (1, 0, 0.03, float("inf"), "up 1, which may be chance"),
        (0, 0, 0, float("inf"), "no change"),
    ],
)
def test_a_change_says_whether_chance_may_make_it(now: int, before: int, low: float, high: float, outcome: str) -> None:
    assert change_sentence(YearChange(now, before, YEAR, YEAR, "", low, high)).endswith(
        f" of the year before: {outcome}"
    )


def test_a_change_in_brief_still_says_over_which_months() -> None:
    change = YearChange(95, 100, YEAR[:4], YEAR, "", 0.9158, 0.9838)
    assert change_sentence(change, brief=True) == (
        "Against the year before, over 4 of 12 months (January to April 2025): down 5 (5 %; 95 % interval 1.6 to 8.4 % down), more "
        "than chance usually makes"
    )
    whole = YearChange(95, 100, YEAR, YEAR, "")
    assert change_sentence(whole, brief=True) == "Against the year before: down 5 (5 %)"


def test_what_a_count_leaves_out() -> None:
    assert not_placed_sentence(pd.Series({"no_location": 1344, "outside_area": 428})) == (
        "Not counted: 1,344 recorded without a location and 428 outside the area"
    )
    assert not_placed_sentence(pd.Series({"no_location": 0, "outside_area": 1})) == "Not counted: 1 outside the area"
    assert not_placed_sentence(pd.Series({"no_location": 0, "outside_area": 0})) == ""


@pytest.mark.parametrize("measure", ["rate", "density", "severity"])
def test_a_title_by_number_over_a_list_by_another_measure_says_both(measure: Measure) -> None:
    held = ShareHeld(0.25, 32, 552, 0.26, 0.067)
    assert hotspot_title(held, SUBJECT, "", measure) == (
        f"By number, 32 of 552 LSOAs hold 26 % of serious violence and 6.7 % of residents; listed here by {measure}"
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
    assert unequal_months_sentence(pd.Series([12, 12])) == ""
    assert unequal_months_sentence(pd.Series([12, 12, 0])) == (
        "1 of 3 LSOAs has no data in this period, which is not zero: no month of it was supplied there"
    )
    assert unequal_months_sentence(pd.Series([12, 1, 0, 0])).startswith("2 of 4 LSOAs have no data in this period")
    assert unequal_months_sentence(pd.Series([12, 1, 0, 0])).endswith(
        ". Counts cover 1 month in some LSOAs and 12 months in others: compare rates, not counts"
    )
    assert unequal_months_sentence(pd.Series([0])) == ""
    assert unequal_months_sentence(pd.Series([1, 12])) == (
        "Counts cover 1 month in some LSOAs and 12 months in others: compare rates, not counts"
    )


# -- how sure


def test_rank_range() -> None:
    assert rank_range(1, 4) == "1st to 4th"
    assert rank_range(2, 2) == "2nd"
    assert rank_range(None, 4) == rank_range(pd.NA, pd.NA) == ""


def ranked(*rows: tuple[int | None, int, int | None, int | None]) -> pd.DataFrame:
    """Rows of rank, tied, rank_low, rank_high."""
    return pd.DataFrame(rows, columns=["rank", "tied", "rank_low", "rank_high"]).astype("Int64")


def test_certainty_of_the_first_and_the_tenth() -> None:
    rows = [(n, 1, max(1, n - 3), n + 4) for n in range(1, 13)]
    assert (
        certainty_title(ranked(*rows))
        == "Of 12 LSOAs, the 1st could be anything from 1st to 5th, the 10th could be anything from 7th to 14th"
    )


def test_certainty_of_few_of_the_last() -> None:
    assert certainty_title(ranked((1, 1, 1, 1), (2, 1, 2, 3), (3, 1, 2, 3), (None, 0, None, None))) == (
        "Of 3 LSOAs, the 1st holds its rank, the 3rd could be 2nd or 3rd"
    )


def test_certainty_of_places_that_share_a_rank() -> None:
    assert certainty_title(ranked((1, 2, 1, 2), (1, 2, 1, 2))) == ("Of 2 LSOAs, one at joint 1st could be 1st or 2nd")
    assert certainty_title(ranked((1, 1, 1, 1), (2, 2, 2, 3), (2, 2, 2, 3))) == (
        "Of 3 LSOAs, the 1st holds its rank, one at joint 2nd could be 2nd or 3rd"
    )


def test_certainty_of_one_and_of_none() -> None:
    assert certainty_title(ranked((1, 1, 1, 1))) == "One LSOA alone has no order to be sure of"
    assert certainty_title(ranked((None, 0, None, None))) == "How sure the ranking is cannot be said: nothing is ranked"


@pytest.mark.parametrize(
    ("dispersion", "words"),
    [
        (1, "no wider than chance alone makes them"),
        (1.04, "hardly wider than chance alone makes them"),
        (1.06, "widened, since months scatter with 1.1 times the variance of chance"),
        (1.65, "widened, since months scatter with 1.6 times the variance of chance"),
    ],
)
def test_dispersion(dispersion: float, words: str) -> None:
    assert sentence_of_dispersion(dispersion) == words


@pytest.mark.parametrize(
    ("hot", "cold", "rest", "sentence"),
    [
        (41, 12, 499, "41 of 552 LSOAs lie in clusters of high values, 12 in clusters of low ones"),
        (1, 0, 8, "1 of 9 LSOAs lies in clusters of high values"),
        (0, 2, 7, "None of 9 LSOAs lies in clusters of high values, 2 in clusters of low ones"),
        (0, 0, 9, "None of 9 LSOAs lies in a cluster of high or low values"),
        (0, 0, 1, "None of 1 LSOA lies in a cluster of high or low values"),
        (0, 0, 0, "No LSOA could be tested for clusters"),
    ],
)
def test_clusters(hot: int, cold: int, rest: int, sentence: str) -> None:
    cluster = pd.Series(["hot"] * hot + ["cold"] * cold + ["none"] * rest + [None] * 3, dtype="str")
    assert cluster_sentence(cluster) == sentence


# -- how concentrated


def test_expected_by_residents() -> None:
    half = ShareHeld(0.5, 108, 552, 0.5, 0.22)
    assert expected_title(half, Expected(216.7, 214, 219), SUBJECT) == (
        "Half of serious violence happened in 108 of 552 LSOAs; by residents alone it would be 217"
    )
    assert expected_title(half, None, SUBJECT) == "Half of serious violence happened in 108 of 552 LSOAs"
    for low, high in ((108, 120), (100, 108)):  # chance alone can do it, so that no difference is claimed
        assert expected_title(half, Expected(110, low, high), SUBJECT).endswith(
            "; by residents alone it could be as many"
        )
    nothing = ShareHeld(0.5, 0, 9, None, None)
    assert expected_title(nothing, Expected(1, 1, 1), SUBJECT) == "No serious violence was recorded in this period"


def test_gini() -> None:
    assert gini_sentence(ConcentrationInterval(0.453, 0.444, 0.437, 0.451, "")) == (
        "Generalised Gini 0.44 (95 % interval 0.44 to 0.45) once chance is taken off, 0.45 as observed"
    )
    assert gini_sentence(ConcentrationInterval(0.4, 0.3, 0.2, 0.5, "few offences")).endswith("(few offences)")
    assert gini_sentence(ConcentrationInterval(0.4, None, None, None, "one offence")) == (
        "Generalised Gini 0.40 as observed; no interval: one offence"
    )


def test_what_the_gini_compares_with() -> None:
    assert expected_sentence(Expected(0.154, 0.148, 0.161)) == (
        "If the same number of incidents fell by residents alone it would be 0.15 as observed (0.15 to 0.16)"
    )


# -- will it last


@pytest.mark.parametrize(
    ("hotspots", "caught", "start"),
    [(33, 0.247, "33 earlier hotspots caught 25 % of"), (1, 0.0, "1 earlier hotspot caught 0 % of")],
)
def test_lasting(hotspots: int, caught: float, start: str) -> None:
    result = Stability(
        share=0.25, hotspots=hotspots, of_areas=552, still_hotspots=0, earlier_share=0.25, caught=caught, best=0.268,
        chance=0.0598, pai=4.1, pei=0.92, residents=None, best_by_residents=None, pai_by_residents=None,
        pei_by_residents=None, spearman=None, overlap=0.5,
    )  # fmt: skip
    assert lasting_title(result, SUBJECT) == f"{start} later serious violence (at best 27 %, by chance 6 %)"


# -- better or worse


@pytest.mark.parametrize(
    ("up", "down", "none", "title"),
    [
        (3, 5, 542, "Serious violence rises steadily in 3 of 550 LSOAs and falls in 5"),
        (3, 0, 547, "Serious violence rises steadily in 3 of 550 LSOAs and falls in none"),
        (0, 5, 545, "Serious violence falls steadily in 5 of 550 LSOAs and rises in none"),
        (0, 0, 550, "No steady rise or fall in serious violence could be shown in any of 550 LSOAs"),
        (1, 0, 0, "Serious violence rises steadily in 1 of 1 LSOA and falls in none"),
        (0, 0, 0, "Whether serious violence gets better or worse cannot be said from these months"),
    ],
)
def test_trends(up: int, down: int, none: int, title: str) -> None:
    refused = pd.DataFrame({"trend": [None], "reading": ["a trend needs at least 10 months; there are 2"]})
    tested = pd.DataFrame({"trend": ["up"] * up + ["down"] * down + ["none"] * none}).assign(reading="")
    assert trend_title(pd.concat([tested, refused]), SUBJECT) == title


# -- with ASB


def associated(
    rho: float | None = 0.78, p: float | None = 0.0002, without: float | None = 0.77, p_without: float | None = 0.0002
) -> Association:
    return Association(rho, p, without, p_without, 552, (), "a reading")


@pytest.mark.parametrize(
    ("result", "measure", "title"),
    [
        (
            associated(),
            "count",
            "LSOAs with more serious violence have more ASB: rank correlation 0.78, and 0.77 without the five busiest",
        ),
        (
            associated(0.73, without=0.73),
            "rate",
            "LSOAs with a higher rate of serious violence have a higher rate of ASB: rank correlation 0.73, and 0.73 without "
            "the five busiest",
        ),
        (
            associated(-0.4, without=-0.35),
            "count",
            "LSOAs with more serious violence have less ASB: rank correlation −0.40, and −0.35 without the five busiest",
        ),
        (
            associated(p_without=0.2),
            "count",
            "LSOAs with more serious violence have more ASB: rank correlation 0.78, but without the five busiest it could be "
            "chance",
        ),
        (
            associated(without=-0.5),  # found again, the other way round: nothing that both carry
            "count",
            "LSOAs with more serious violence have more ASB: rank correlation 0.78, but without the five busiest it could be "
            "chance",
        ),
        (
            associated(without=None, p_without=None),
            "density",
            "LSOAs with a higher density of serious violence have a higher density of ASB: rank correlation 0.78; without the "
            "five busiest it cannot be said",
        ),
        (
            associated(0.2, 0.06, 0.3, 0.01),
            "count",
            "No association of serious violence with ASB beyond chance can be shown (rank correlation 0.20)",
        ),
        (
            associated(None, None, None, None),
            "count",
            "Whether serious violence and ASB go together cannot be said here",
        ),
    ],
)
def test_association(result: Association, measure: Measure, title: str) -> None:
    assert association_title(result, SUBJECT, measure) == title


# -- crime groups


def by_number(areas: list[int], expected: list[float]) -> pd.DataFrame:
    """From how many areas there are with at least 0, 1, 2, ... groups."""
    exactly = [a - b for a, b in zip(areas, [*areas[1:], 0], strict=True)]
    frame = pd.DataFrame({"areas": exactly, "areas_or_more": areas, "expected_or_more": expected})
    return frame.rename_axis("groups")


@pytest.mark.parametrize(
    ("areas", "expected", "title"),
    [
        (
            [552, 89, 37, 28],
            [552, 199, 37, 4.19],
            "28 LSOAs are hotspots of three or more of 3 crime groups; about 4 would",
        ),
        ([9, 3, 1, 1], [9, 3, 1, 0.26], "1 LSOA is a hotspot of three or more of 3 crime groups; 0.3 would"),
        ([9, 3, 1, 0], [9, 3, 1, 0.01], "No LSOA is a hotspot of three or more of 3 crime groups; under 0.1 would"),
        ([9, 3, 1, 0], [9, 3, 1, 0.97], "No LSOA is a hotspot of three or more of 3 crime groups; about 1 would"),
    ],
)
def test_groups(areas: list[int], expected: list[float], title: str) -> None:
    assert groups_title(by_number(areas, expected)) == f"{title} be expected if the groups were independent"


def test_groups_of_one_area() -> None:
    assert groups_title(by_number([1, 1, 1, 1], [1, 1, 1, 1])) == (
        "One LSOA alone is a hotspot of all that it holds: there is nothing to compare it with"
    )


def test_a_pair_of_groups() -> None:
    end = "would be expected if the two were independent"
    assert pair_sentence("Robbery", "ASB", 7, 0.27) == f"7 LSOAs are hotspots of both Robbery and ASB; 0.3 {end}"
    assert pair_sentence("Robbery", "ASB", 1, 2.6) == f"1 LSOA is a hotspot of both Robbery and ASB; about 3 {end}"
    assert pair_sentence("Robbery", "ASB", 0, 0.0) == f"No LSOA is a hotspot of both Robbery and ASB; under 0.1 {end}"


# -- definitions


def test_definitions_of_the_same_form() -> None:
    assert same_form_sentence("“A”", "“B”") == (
        "In open data “A” and “B” count the same crime types, so that their hotspots cannot differ"
    )


def test_lsoas() -> None:
    assert [lsoas(n) for n in (0, 1, 2, 1200)] == ["0 LSOAs", "1 LSOA", "2 LSOAs", "1,200 LSOAs"]


def test_hotspots_that_rest_on_one_point_are_counted() -> None:
    flags = pd.Series(["share", None, "hospital", "share"], dtype="str")
    table = pd.DataFrame({"hotspot": [True, True, True, False], "point_flag": flags})
    assert point_note(table).startswith("2 of the 3 hotspots have over a quarter of their count on one map point")
    assert point_note(table.head(2)).startswith("1 of the 2 hotspots has over a quarter of its count")
    assert point_note(table.iloc[[1]]) == ""
    assert point_note(table.iloc[[0]]).startswith("The one hotspot has over a quarter of its count")
    assert point_note(table).endswith("hospital or prison: see Rank*")
    assert point_note(table, see="").endswith("hospital or prison"), "a large screen has no such column"
