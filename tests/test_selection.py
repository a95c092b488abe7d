import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.columns import ASB
from hotspots.selection import PRESET_NAMES, Period, Selection, default_period, presets, year_before

YEAR_2025 = Period("2025-01", "2025-12")
months = st.integers(2010 * 12, 2030 * 12).map(lambda n: f"{n // 12}-{n % 12 + 1:02d}")


def test_months_include_both_ends_and_cross_the_year() -> None:
    assert Period("2024-11", "2025-02").months == ("2024-11", "2024-12", "2025-01", "2025-02")
    assert Period("2025-01", "2025-01").months == ("2025-01",)


@pytest.mark.parametrize(
    ("start", "end", "label"),
    [
        ("2025-01", "2025-12", "January to December 2025"),
        ("2025-01", "2025-01", "January 2025"),
        ("2024-11", "2025-03", "November 2024 to March 2025"),
    ],
)
def test_label(start: str, end: str, label: str) -> None:
    assert Period(start, end).label == label


def test_year_earlier_is_the_same_months() -> None:
    assert Period("2025-01", "2025-04").year_earlier == Period("2024-01", "2024-04")
    assert year_before("2025-12") == "2024-12"


@pytest.mark.parametrize("month", ["2025-13", "2025-00", "2025-1", "Jan 2025", "", None, "2025-01\n"])
def test_what_is_not_a_month_is_refused_in_words(month: str) -> None:
    with pytest.raises(ValueError, match="is not written as YYYY-MM"):
        Period(month, "2025-12")


def test_a_period_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(ValueError, match="ends in December 2024, before it starts in January 2025"):
        Period("2025-01", "2024-12")


def test_default_is_the_latest_12_consecutive_months() -> None:
    gap = ("2018-10", *Period("2024-01", "2024-04").months, *YEAR_2025.months)
    assert default_period(gap) == YEAR_2025
    # 12 months in a row, although a shorter run is later
    assert default_period([*YEAR_2025.months, "2026-02"]) == YEAR_2025


def test_default_without_12_consecutive_is_the_latest_run() -> None:
    assert default_period(["2024-01", "2024-02", "2024-03", "2025-02", "2025-01"]) == Period("2025-01", "2025-02")


def test_no_month_present() -> None:
    assert presets([]) == {}
    with pytest.raises(ValueError, match="No month is present"):
        default_period([])


def test_presets_are_offered_only_where_complete() -> None:
    present = Period("2024-02", "2025-04").months
    assert presets(present) == {
        "latest-12-months": Period("2024-05", "2025-04"),
        "latest-quarter": Period("2025-02", "2025-04"),
        "year-to-march": Period("2024-04", "2025-03"),
        "all": Period("2024-02", "2025-04"),
    }
    assert presets(["2025-01", "2025-02"]) == {"all": Period("2025-01", "2025-02")}
    assert presets(YEAR_2025.months)["calendar-year"] == YEAR_2025


def test_presets_never_cross_a_gap_except_all() -> None:
    present = [m for m in Period("2023-01", "2025-12").months if m != "2025-11"]
    offered = presets(present)
    assert offered["latest-12-months"] == Period("2024-11", "2025-10")
    assert offered["latest-quarter"] == Period("2025-08", "2025-10")
    assert offered["calendar-year"] == Period("2024-01", "2024-12")
    assert offered["all"] == Period("2023-01", "2025-12")


@given(st.sets(months, min_size=1, max_size=60))
def test_every_preset_is_present_in_full(present: set[str]) -> None:
    offered = presets(present)
    assert set(offered) <= set(PRESET_NAMES)
    for code, period in offered.items():
        assert code == "all" or set(period.months) <= present
    assert set(default_period(present).months) <= present
    assert len(default_period(present).months) <= 12


def test_selection_takes_a_definition_or_crime_types() -> None:
    assert Selection(YEAR_2025, definition="norfolk").measure == "count"
    assert Selection(YEAR_2025, crime_types=(ASB,)).crime_types == (ASB,)
    for wrong in ({}, {"definition": "norfolk", "crime_types": ("Robbery",)}):
        with pytest.raises(ValueError, match="either a definition or at least one crime type"):
            Selection(YEAR_2025, **wrong)  # type: ignore[arg-type]


def test_asb_is_never_selected_with_offences() -> None:
    with pytest.raises(ValueError, match="never added up"):
        Selection(YEAR_2025, crime_types=(ASB, "Robbery"))


def test_unknown_measure_and_missing_source_are_refused() -> None:
    with pytest.raises(ValueError, match="Choose one of count, rate, density, severity"):
        Selection(YEAR_2025, definition="norfolk", measure="harm")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="no source"):
        Selection(YEAR_2025, definition="norfolk", source="")


def test_only_a_definition_can_be_read() -> None:
    period = Period("2025-01", "2025-01")
    assert Selection(period, "norfolk").reading is None
    with pytest.raises(ValueError, match="Crime types have no readings"):
        Selection(period, None, ("Robbery",), reading=())
