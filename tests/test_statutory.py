"""The three statutory measures: ranges where months are suppressed, gaps kept apart, the change by an exact test."""

import pandas as pd
import pytest
from scipy import stats

import sample_data
from hotspots.change import FEWEST_FOR_PERCENT
from hotspots.selection import Period
from hotspots.statutory import (
    STATUTORY,
    WHOLE,
    compare_years,
    counted_classes,
    from_extract,
    latest_year,
    markers,
    monthly,
    not_loaded_sentence,
    with_whole_area,
    withhold_part_years,
    year_of,
    yearly,
)
from hotspots.statutory_words import change_sentence, interval_words, number_words, year_sentence

YEARS = Period("2024-01", "2025-12").months
A, B = "E07000001", "E07000002"


def months(place: str, cells: dict[str, object]) -> pd.DataFrame:
    """A count of 2 in every month, but for ``cells``: a number, (low, high) for a suppressed month, None for a missing one."""
    rows = []
    for month in YEARS:
        cell = cells.get(month, 2)
        if isinstance(cell, tuple):
            rows.append((place, month, None, *cell, "suppressed"))
        else:
            rows.append((place, month, cell, cell, cell, "missing" if cell is None else "count"))
    frame = pd.DataFrame(rows, columns=["place", "month", "count", "low", "high", "state"])
    return frame.astype(dict.fromkeys(["count", "low", "high"], "Int64"))


PLAIN = months(A, {})
HIDDEN = months(A, {"2025-01": (0, 4), "2025-02": (1, 7)})
UNBOUNDED = months(A, {"2025-03": (0, None)})
GAP = months(B, {"2025-01": None, "2024-06": None})


def test_a_year_of_counts_has_exact_limits() -> None:
    row = yearly(PLAIN).loc[(A, "2025")]
    assert row[["count", "low", "high", "suppressed", "missing"]].tolist() == [24, 24, 24, 0, 0]
    # Byar's limits are within 1 % of the exact ones at 24
    assert row["lower"] == pytest.approx(stats.chi2.ppf(0.025, 48) / 2, rel=0.01)
    assert row["upper"] == pytest.approx(stats.chi2.ppf(0.975, 50) / 2, rel=0.01)
    assert year_sentence(row, "2025", "admission") == "24 admissions in 2025 (95 % interval 15 to 36)"


def test_suppressed_months_give_a_range() -> None:
    row = yearly(HIDDEN).loc[(A, "2025")]
    assert pd.isna(row["count"])
    assert row[["low", "high", "suppressed"]].tolist() == [21, 31, 2]
    assert row["lower"] < 21 < 31 < row["upper"]
    assert year_sentence(row, "2025", "admission") == (
        "Between 21 and 31 admissions in 2025: 2 months are suppressed, so that only a range can be given"
    )
    unbounded = yearly(UNBOUNDED).loc[(A, "2025")]
    assert pd.isna(unbounded["high"])
    assert pd.isna(unbounded["upper"])
    assert year_sentence(unbounded, "2025", "admission").startswith(
        "At least 22 admissions in 2025: 1 month is suppressed"
    )


def test_missing_months_are_neither_zero_nor_suppressed() -> None:
    row = yearly(GAP).loc[(B, "2025")]
    assert row[["count", "suppressed", "missing"]].tolist() == [22, 0, 1]
    assert year_sentence(row, "2025", "homicide").endswith("; 1 month is missing, so that it is no full year")
    nothing = months(B, dict.fromkeys(Period("2025-01", "2025-12").months))
    empty = yearly(nothing).loc[(B, "2025")]
    assert pd.isna(empty["count"])
    assert empty["missing"] == 12
    assert year_sentence(empty, "2025", "homicide") == "No homicides are known for 2025: all its months are missing"
    none = yearly(months(A, dict.fromkeys(YEARS, 0))).loc[(A, "2024")]
    assert year_sentence(none, "2024", "homicide") == "No homicides in 2024 (95 % interval 0 to 4)"


def test_a_year_that_lacks_months_is_not_told_of_one_place_where_data_are_not_open() -> None:
    """Ten months of a district are left in 2025: where eleven lacked, it would be one month, and maybe one person's."""
    every = with_whole_area(pd.concat([months(A, {}), GAP]), [A, B])
    told = withhold_part_years(yearly(every))
    assert told.loc[told["withheld"]].index.tolist() == [(B, "2024"), (B, "2025")]
    row = told.loc[(B, "2025")]
    assert row[["count", "low", "high", "lower", "upper"]].isna().all()
    assert number_words(row) == "not shown"
    assert interval_words(row) == ""
    assert year_sentence(row, "2025", "homicide") == (
        "Homicides of 2025 are not shown: 1 month is missing, and what is left may be one person's"
    )
    assert number_words(told.loc[(A, "2025")]) == "24"
    assert told.loc[(WHOLE, "2025"), "low"] == 44, "the whole area is no single place"
    with pytest.raises(ValueError, match="10 of 12 months are there in both 2024 and 2025, and a district's"):
        compare_years(every, B, "2025", "2024", fewest=12)
    assert compare_years(every, A, "2025", "2024", fewest=12).months == 12
    assert "In the 1 month present in both" in change_sentence(
        compare_years(every[every["month"].str.endswith("-03")], A, "2025", "2024"), "homicide"
    )


def test_months_as_years() -> None:
    table = monthly(pd.concat([HIDDEN, GAP, UNBOUNDED.assign(place="E07000003")]))
    assert table.loc[(A, "2025-02"), ["low", "high", "suppressed", "missing"]].tolist() == [1, 7, 1, 0]
    assert table.loc[(B, "2025-01"), ["suppressed", "missing"]].tolist() == [0, 1]
    assert table.loc[(A, "2024-01"), "upper"] == pytest.approx(stats.chi2.ppf(0.975, 6) / 2)
    rows = {name: table.loc[at] for name, at in {"count": (A, "2024-01"), "range": (A, "2025-02"), "gap": (B, "2025-01"), "open": ("E07000003", "2025-03")}.items()}  # fmt: skip
    assert {name: number_words(row) for name, row in rows.items()} == {
        "count": "2", "range": "1 to 7", "gap": "no data", "open": "at least 0",
    }  # fmt: skip
    assert {name: interval_words(row) for name, row in rows.items()} == {
        "count": "0 to 7", "range": "0 to 14", "gap": "", "open": "from 0",
    }  # fmt: skip


def test_the_latest_year_is_the_latest_full_one() -> None:
    assert latest_year(yearly(PLAIN).loc[A]) == "2025"
    assert latest_year(yearly(PLAIN, starts=4).loc[A]) == "2024/25"
    assert latest_year(yearly(GAP).loc[B]) == "2025", "none is full"
    assert latest_year(yearly(months(A, dict.fromkeys(YEARS))).loc[A]) is None


def test_years_from_april() -> None:
    assert [year_of(month, 4) for month in ("2025-03", "2025-04", "1999-12")] == ["2024/25", "2025/26", "1999/00"]
    table = yearly(PLAIN, starts=4)
    assert list(table.index) == [(A, "2023/24"), (A, "2024/25"), (A, "2025/26")]
    assert table["missing"].tolist() == [9, 0, 3]


def test_the_whole_area_adds_counts_and_ranges_and_keeps_gaps() -> None:
    both = with_whole_area(pd.concat([HIDDEN, GAP]), [A, B]).set_index(["place", "month"])
    whole = both.loc[WHOLE]
    assert whole.loc["2025-03", ["count", "low", "high", "state"]].tolist() == [4, 4, 4, "count"]
    assert whole.loc["2025-02", ["low", "high", "state"]].tolist() == [3, 9, "suppressed"]
    assert whole.loc["2025-01", "state"] == whole.loc["2024-06", "state"] == "missing"
    assert whole["count"].isna().sum() == 3
    # a district that was never loaded leaves no month of the whole
    alone = with_whole_area(PLAIN, [A, B])
    assert set(alone[alone["place"] == WHOLE]["state"]) == {"missing"}
    assert with_whole_area(pd.concat([PLAIN, GAP]), [A])["place"].unique().tolist() == [A, WHOLE]


def test_the_change_is_tested_over_the_months_that_both_years_have() -> None:
    change = compare_years(months(A, dict.fromkeys(Period("2024-01", "2024-12").months, 5)), A, "2025", "2024")
    assert (change.before, change.now, change.months) == ((60, 60), (24, 24), 12)
    assert change.p == pytest.approx(stats.binomtest(24, 84, 0.5).pvalue)
    assert change_sentence(change, "admission") == (
        "24 admissions in 2025, 60 in 2024: fewer than chance alone would make of it (down 60 %)"
    )
    gap = compare_years(GAP, B, "2025", "2024")
    assert (gap.before, gap.now, gap.months) == ((20, 20), (20, 20), 10)
    assert change_sentence(gap, "homicide") == (
        "In the 10 months present in both: 20 homicides in 2025, 20 in 2024: no more of a change than chance makes"
    )
    with pytest.raises(ValueError, match="No month is there in both 2019 and 2025"):
        compare_years(PLAIN, A, "2025", "2019")


def test_a_percentage_needs_twenty_on_both_sides() -> None:
    cells: dict[str, object] = dict.fromkeys(Period("2025-01", "2025-12").months, 0)
    change = compare_years(months(A, {**cells, "2025-01": FEWEST_FOR_PERCENT - 1, "2024-01": 40}), A, "2025", "2024")
    assert change.p is not None
    assert change.p < 0.05
    assert "%" not in change_sentence(change, "homicide")


def test_a_change_with_suppressed_months_is_not_tested() -> None:
    change = compare_years(HIDDEN, A, "2025", "2024")
    assert (change.before, change.now, change.p) == ((24, 24), (21, 31), None)
    assert change_sentence(change, "admission") == (
        "Between 21 and 31 admissions in 2025, 24 in 2024: months are suppressed, so that the change cannot be tested"
    )
    assert compare_years(UNBOUNDED, A, "2025", "2024").now == (22, None)


def test_markers_stand_where_recording_changed_for_what_the_police_record() -> None:
    long = Period("2019-01", "2025-12").months
    assert [change.month for change in markers(STATUTORY["knife-offences"], long)] == ["2020-04", "2023-05"]
    assert markers(STATUTORY["knife-offences"], YEARS) == ()
    assert markers(STATUTORY["knife-admissions"], long) == markers(STATUTORY["homicide"], long) == ()


@pytest.mark.parametrize("measure", STATUTORY.values(), ids=STATUTORY)
def test_what_is_not_loaded_says_which_file_is_needed(measure: object) -> None:
    said = not_loaded_sentence(measure)  # type: ignore[arg-type]
    assert "is not loaded: it needs" in said
    assert said.endswith(measure.needs)  # type: ignore[attr-defined]
    assert "monthly counts by district (place, month, count)" in said


# From a force's own extract

AREAS = pd.DataFrame(
    {"lsoa_code": ["x1", "x2", "y1"], "district_code": [A, A, B], "force": ["north", "north", "south"]}
)
PRESENCE = pd.DataFrame([[True, True], [True, False]], ["north", "south"], ["2025-01", "2025-02"])


def extract(*rows: tuple[str, str, str | None, bool | None]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["lsoa_code", "month", "offence_code", "flag_knife"])
    return frame.astype({"flag_knife": "boolean"})


def test_counts_from_an_extract() -> None:
    incidents = extract(
        ("x1", "2025-01", "8/6", True),
        ("x2", "2025-01", "008/06", True),
        ("x1", "2025-01", "8/6", False),
        ("x1", "2025-01", "8/6", None),
        ("x1", "2025-01", "4/1", True),
        ("y1", "2025-01", "46", True),  # shoplifting
        ("y1", "2025-01", None, True),
        ("y1", "2025-02", "34B", True),  # a month that its force did not supply
    )
    found, statements = from_extract(STATUTORY["knife-offences"], incidents, AREAS, PRESENCE)
    by = found.set_index(["place", "month"])
    assert by.loc[A, "count"].tolist() == [3, 0]
    assert by.loc[B, "state"].tolist() == ["count", "missing"]
    assert by.loc[(B, "2025-01"), "count"] == 0
    assert pd.isna(by.loc[(B, "2025-02"), "count"])
    assert statements == (
        "1 of 8 offences have no offence code and are not counted",
        "For 1 of 6 offences of the kinds meant it is not recorded whether a knife was used; they are not counted",
    )
    coded = incidents.dropna(subset="offence_code").drop(columns="flag_knife")
    homicides, none = from_extract(STATUTORY["homicide"], coded, AREAS, PRESENCE)
    assert homicides["count"].sum() == 1
    assert none == ()
    assert yearly(found).loc[(A, "2025"), "missing"] == 10


@pytest.mark.parametrize(
    ("code", "counted"),
    [
        *((code, True) for code in ("1/1", "4/1", "4/2", "4/10", "2", "3/1", "5/1", "8/1", "8/6", "8P", "8S", "34", "34A", "19/8", "17/13", "20/4")),
        # causing death by driving, endangering life, harassment, assault without injury, possession of a knife, burglary, exposure
        *((code, False) for code in ("4/4", "5/7", "8L", "105A", "10D", "29A", "88/9")),
    ],
)  # fmt: skip
def test_the_offences_that_may_be_knife_enabled(code: str, counted: bool) -> None:
    found, _ = from_extract(STATUTORY["knife-offences"], extract(("x1", "2025-01", code, True)), AREAS, PRESENCE)
    assert found["count"].sum() == counted


def test_every_class_that_is_counted_has_a_name_and_says_whether_it_is_confirmed() -> None:
    classes = counted_classes(STATUTORY["knife-offences"]).set_index("code")
    assert (classes["name"] != "").all()
    assert classes["kind"].nunique() == 7
    assert classes.index[~classes["confirmed"]].tolist() == ["8P", "8S"]
    assert classes.loc["8S", "name"] == "Assault with injury on a constable"
    assert counted_classes(STATUTORY["homicide"])["code"].tolist() == ["1/4.1/4.10/4.2"]
    assert counted_classes(STATUTORY["knife-admissions"]).empty


def test_what_is_counted_without_being_sure_is_said() -> None:
    incidents = extract(("x1", "2025-01", "8P", True), ("x1", "2025-01", "8N", True), ("z9", "2025-01", "2", True))
    assert from_extract(STATUTORY["knife-offences"], incidents, AREAS, PRESENCE).statements == (
        "1 of 3 offences counted are of classes of which it is not confirmed that they count",
        "1 of 3 offences lie in LSOAs of no known district and are not counted",
    )


def test_what_an_extract_cannot_say_is_refused() -> None:
    incidents = extract(("x1", "2025-01", "8/6", True))
    with pytest.raises(ValueError, match="have no hospital admissions"):
        from_extract(STATUTORY["knife-admissions"], incidents, AREAS, PRESENCE)
    with pytest.raises(ValueError, match="leave flag_knife empty"):
        from_extract(STATUTORY["knife-offences"], extract(("x1", "2025-01", "8/6", None)), AREAS, PRESENCE)
    with pytest.raises(ValueError, match="have no offence_code and no flag_knife"):
        from_extract(STATUTORY["knife-offences"], incidents[["lsoa_code", "month"]], AREAS, PRESENCE)


def test_the_sample_extract_gives_what_its_rows_hold() -> None:
    rows = pd.read_parquet(sample_data.extract()[0])
    rows = rows.assign(month=rows["date"].astype("str").str[:7], lsoa_code="x1")
    presence = pd.DataFrame(True, ["north", "south"], sorted(rows["month"].unique()))
    found, _ = from_extract(STATUTORY["homicide"], rows, AREAS, presence)
    codes = rows["offence_code"].fillna("").str.strip()
    assert found["count"].sum() == codes.str.match(r"(1/|0*1$|001|4/1$|4/2$|4/10$|004(01|02|10)$)").sum()
