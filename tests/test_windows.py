import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.columns import ASB
from hotspots.selection import Period
from hotspots.windows import BeforeAfter, chosen_at_peak, chosen_windows, preset_windows, recording_changes

VIOLENCE = "Violence and sexual offences"
NORFOLK = [
    *Period("2018-10", "2019-02").months,
    *Period("2024-01", "2024-04").months,
    *Period("2025-01", "2025-12").months,
]
THREE_YEARS = list(Period("2023-01", "2025-12").months)


def test_norfolk_compares_the_months_that_both_years_have() -> None:
    windows = preset_windows("2025-01", NORFOLK)
    assert windows.before == Period("2024-01", "2024-04").months
    assert windows.after == Period("2025-01", "2025-04").months
    assert windows.between == Period("2024-05", "2024-12").months
    assert windows.label == "January to April 2024 against January to April 2025"
    assert windows.time_weights == (1, 1)
    assert windows.warnings == (
        "Of the 12 months asked for, 4 can be compared; May to December 2025 are left out, without the same months before",
        "A gap in the data lies between the months compared: May to December 2024",
    )
    # with 24 months asked for, one year is all there is
    assert preset_windows("2025-01", NORFOLK, 24).before == windows.before


@pytest.mark.parametrize("length", [3, 6, 12])
def test_presets_hold_the_same_calendar_months(length: int) -> None:
    windows = preset_windows("2024-09", THREE_YEARS, length)
    assert windows.after == Period("2024-09", "2025-12").months[:length]
    assert windows.before == Period("2023-09", "2024-12").months[:length]
    assert len(windows.between) == 12 - length
    months = [f"Present but in neither window: {'December 2023' if length == 3 else 'March'} to August 2024"]
    assert list(windows.warnings) == ([] if length == 12 else months)


def test_two_years_reach_two_years_back() -> None:
    months = Period("2021-01", "2024-12").months
    windows = preset_windows("2023-01", months, 24, crime_types=[ASB])
    assert (windows.before, windows.after) == (months[:24], months[24:])
    assert windows.label == "January 2021 to December 2022 against January 2023 to December 2024"
    assert windows.warnings == ()


def test_the_months_directly_before_and_after() -> None:
    windows = preset_windows("2025-01", THREE_YEARS, 6, same_months=False)
    assert windows.label == "July to December 2024 against January to June 2025"
    assert windows.warnings == (
        "The windows hold different months of the year, so that the season alone can move the counts",
    )


def test_an_intervention_that_ended() -> None:
    windows = preset_windows("2025-02", THREE_YEARS, 12, last_month="2025-06")
    assert windows.after == Period("2025-02", "2025-06").months
    assert windows.warnings[0] == "Of the 12 months asked for, 5 can be compared"


def test_unequal_windows_are_weighed() -> None:
    windows = chosen_windows(THREE_YEARS[:24], THREE_YEARS[24:], THREE_YEARS, crime_types=[ASB])
    assert windows.time_weights == (2, 1)
    assert windows.warnings == (
        "The windows differ in length (24 months against 12 months): counts before are scaled to 12 months",
    )


def test_changes_in_recording_inside_or_between() -> None:
    def warned(first: str, crime_types: list[str]) -> bool:
        months = Period("2021-01", "2024-12").months
        return any(
            "Recording changed" in line for line in preset_windows(first, months, 6, crime_types=crime_types).warnings
        )

    assert warned("2023-03", [VIOLENCE])
    assert warned("2023-03", [])
    # wholly after the change, and a kind that it does not touch
    assert not warned("2024-05", [VIOLENCE])
    assert not warned("2023-03", [ASB])
    assert all(change.says and change.source and change.crime_types for change in recording_changes())
    assert [change.month for change in recording_changes()] == ["2020-04", "2023-05"]


@pytest.mark.parametrize(
    ("first", "last", "length", "words"),
    [
        ("2018-10", None, 12, "there is no before"),
        ("2018-03", None, 12, "there is no before"),
        ("2026-02", None, 12, "no month after"),
        ("2025-11", None, 12, "3 months present before and after in the same months of the year, and none can be"),
        ("2025-03", None, 12, r"only March to April 2025 can be"),
        ("2025-03", "2025-04", 12, "Leave the last month open"),
        ("2025-03", "2025-01", 12, "before it begins"),
        ("2025-01", None, 2, "Give at least 3"),
        ("2025-1", None, 12, "not written as YYYY-MM"),
    ],
)
def test_presets_refused_in_words(first: str, last: str | None, length: int, words: str) -> None:
    with pytest.raises(ValueError, match=words) as refusal:
        preset_windows(first, NORFOLK, length, last)
    assert str(refusal.value).endswith(".")


@pytest.mark.parametrize(
    ("before", "after", "first", "words"),
    [
        (THREE_YEARS[:12], THREE_YEARS[11:20], None, "overlap in December 2023"),
        (THREE_YEARS[12:24], THREE_YEARS[:12], None, "Put all months before first"),
        (THREE_YEARS[:2], THREE_YEARS[12:15], None, "before window has 2 months"),
        (THREE_YEARS[:3], ["2025-12"], None, "after window has 1 month"),
        (THREE_YEARS[:3], ["2025-11", "2025-12", "2026-01"], None, "runs past the data: January 2026 is missing"),
        (THREE_YEARS[:12], THREE_YEARS[12:24], "2023-06", "when the intervention of June 2023 had begun"),
        (THREE_YEARS[:12], THREE_YEARS[12:24], "2024-06", "before the intervention of June 2024"),
    ],
)
def test_windows_chosen_by_hand_refused_in_words(
    before: list[str], after: list[str], first: str | None, words: str
) -> None:
    with pytest.raises(ValueError, match=words) as refusal:
        chosen_windows(before, after, THREE_YEARS, first_month=first)
    assert str(refusal.value).endswith(".")
    with pytest.raises(ValueError, match="No month is present"):
        chosen_windows(before, after, [])


def test_chosen_at_its_peak() -> None:
    before = Period("2024-01", "2024-12").months
    assert chosen_at_peak(["2024-12", "2025-01"], before)
    assert not chosen_at_peak(Period("2023-01", "2023-12").months, before)
    # not chosen from counts, or not known from which
    assert not chosen_at_peak(None, before)


@given(
    st.sets(st.sampled_from(Period("2021-01", "2025-12").months), min_size=1),
    st.sampled_from(Period("2021-01", "2025-12").months),
    st.sampled_from([3, 6, 12, 24]),
    st.booleans(),
)
def test_windows_keep_their_promises(present: set[str], first: str, length: int, same: bool) -> None:
    try:
        windows = preset_windows(first, present, length, same_months=same)
    except ValueError:
        return
    assert isinstance(windows, BeforeAfter)
    assert set(windows.months) <= present
    assert windows.before[-1] < first <= windows.after[0]
    assert 3 <= min(len(windows.before), len(windows.after)) <= length
    if same:
        assert [m[5:] for m in windows.before] == [m[5:] for m in windows.after]
        assert windows.time_weights == (1, 1)
