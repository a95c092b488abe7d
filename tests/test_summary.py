"""A manifest in words."""

import pytest

from geodata.summary import agreement_in_words, months_in_words, runs, summary
from tests.conftest import Built


def months(present: str) -> dict[str, str]:
    """January 2025 onwards, a letter each: x = present."""
    return {f"2025-{n:02}": "present" if letter == "x" else "missing" for n, letter in enumerate(present, 1)}


@pytest.mark.parametrize(
    ("present", "words"),
    [
        ("xxx", "3 of 3 months present, 2025-01 to 2025-03"),
        ("x", "1 of 1 months present, 2025-01 to 2025-01"),
        ("x.x", "2 of 3 months present, 2025-01 to 2025-03; missing 2025-02"),
        ("..x..x", "2 of 6 months present, 2025-01 to 2025-06; missing 2025-01 to 2025-02, 2025-04 to 2025-05"),
        ("..", "0 of 2 months present, 2025-01 to 2025-02; missing 2025-01 to 2025-02"),
    ],
)
def test_months_present_and_the_gaps_between(present: str, words: str) -> None:
    assert months_in_words(months(present)) == words


def test_runs_are_unbroken_in_the_order_given() -> None:
    assert runs(["b", "c", "e"], list("abcde")) == [("b", "c"), ("e", "e")]
    assert runs([], list("abc")) == []


def agreement(**said: int) -> dict[str, int]:
    return {"same": 0, "same_by_lookup": 0, "different": 0, "unknown_code": 0, "none_recorded": 0} | said


def test_agreement_says_what_it_compares() -> None:
    assert agreement_in_words(agreement(same=960, same_by_lookup=10, different=30, none_recorded=5)) == (
        "the same in 970 of 1,000 joined rows (97.0%)"
    )
    assert agreement_in_words(agreement(same=1, unknown_code=1_234)).endswith(
        "; 1,234 more carry a code that these boundaries do not have"
    )
    assert agreement_in_words(agreement(none_recorded=9)) == "no recorded code can be compared with these boundaries"


def test_the_summary_of_the_county(built: Built) -> None:
    lines = summary(built.manifest).splitlines()
    assert [" ".join(line.split()) for line in lines] == [
        f"Norfolk: {built.manifest['dataset_hash']}",
        "rows read 12",
        "joined 8 (2 of them to the nearest area within 25 m)",
        "repeated_crime_id 1 an earlier row has the same Crime ID; an offence is counted once, in its first month",
        "no_crime_type 1 the crime type is empty",
        "no_location 1 no coordinates were published for it",
        "outside_area 1 the point lies more than 25 m outside every boundary",
        "Norfolk Constabulary (police.uk): 2 of 2 months present, 2025-01 to 2025-02",
        "recorded and joined LSOA: the same in 1 of 3 joined rows (33.3%); 1 more carry a code that these boundaries do not have",
        "residents: Census 2021 usual residents",
        "deprivation: Indices of Deprivation 2025",
        "not loaded, may hold incidents inside the area: British Transport Police, Cambridgeshire Constabulary, "
        "Lincolnshire Police, Suffolk Constabulary",
    ]


def test_what_was_bridged_estimated_and_left_without_is_said(built: Built) -> None:
    manifest = built.manifest | {
        "vintage": 2021,
        "deprivation": {"year": 2019, "areas_without": 3, "estimated": 2, "bridged": True},
        "population": {"kind": "mid-2022 population estimate", "areas_without": 1},
        "passed_over": {"outcomes files": 21},
        "warnings": ["The file of X for 2025-01 has no rows; the month counts as missing, not as zero."],
    }
    text = summary(manifest)
    assert "Indices of Deprivation 2019, carried to 2021 LSOAs (2 estimated); 3 areas without a value" in text
    assert "residents: mid-2022 population estimate; 1 areas without a value" in text
    assert "passed over                21   outcomes files" in text
    assert "note: The file of X for 2025-01 has no rows" in text


def test_nothing_given_is_not_mentioned(built: Built) -> None:
    text = summary(built.manifest | {"population": None, "deprivation": None, "forces_absent": []})
    assert "residents" not in text
    assert "deprivation" not in text
    assert "not loaded" not in text


def test_a_hostile_name_stays_on_its_line(built: Built) -> None:
    text = summary(built.manifest | {"area": "=1+1\n\x1b[31m{{7*7}}"})
    assert text.startswith("=1+1\\n\\x1b[31m{{7*7}}: ")
