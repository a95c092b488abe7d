"""A 3 x 3 county of unit kilometre squares, in British National Grid, with known counts."""

import geopandas as gpd
import pandas as pd
import pytest
from shapely import box

from geodata.columns import ASB, POLICE_UK
from hotspots.counts import monthly_counts
from hotspots.table import areas_in, certainty, hotspot_table

CODES = [f"E0100000{i}" for i in range(1, 10)]
VIOLENCE = "Violence and sexual offences"
MONTHS = ["2025-01", "2025-02"]
COUNTS = [6, 0, 1, 0, 2, 2, 0, 0, 1]


@pytest.fixture
def areas() -> gpd.GeoDataFrame:
    squares = [box(x, y, x + 1000, y + 1000) for y in range(0, 3000, 1000) for x in range(0, 3000, 1000)]
    return gpd.GeoDataFrame(
        {
            "lsoa_code": CODES,
            "lsoa_name": [f"Gridshire {i}" for i in range(1, 10)],
            "label": pd.Series([None, *[f"Ward ({i})" for i in range(2, 10)]], dtype="str"),
            "ward": "Ward",
            "district": ["West"] * 6 + ["East"] * 2 + [None],
            "force": "gridshire",
            "residents": pd.array([1000] * 7 + [0, None], dtype="Int64"),
            "area_km2": 1.0,
            "imd_decile": pd.array([1, *[None] * 8], dtype="Int64"),
        },
        geometry=squares,
        crs=27700,
    )


@pytest.fixture
def incidents() -> pd.DataFrame:
    rows = [
        (code, MONTHS[i % 2], VIOLENCE, "On or near Police Station" if i < 4 else "On or near Mill Lane", i < 4)
        for code, count in zip(CODES, COUNTS, strict=True)
        for i in range(count)
    ]
    rows += [(CODES[1], "2025-01", ASB, "On or near Mill Lane", False)] * 3
    frame = pd.DataFrame(rows, columns=["lsoa_code", "month", "crime_type", "location", "station"])
    return frame.assign(
        source=POLICE_UK, force="gridshire", longitude=frame["station"].astype(float), latitude=52.0
    ).drop(columns="station")


@pytest.fixture
def cells(incidents: pd.DataFrame) -> pd.DataFrame:
    by = ["lsoa_code", "month", "crime_type", "force", "source"]
    return incidents.groupby(by).size().rename("count").reset_index()


@pytest.fixture
def presence() -> pd.DataFrame:
    return pd.DataFrame(True, index=["gridshire"], columns=MONTHS)


def build(
    areas: pd.DataFrame, cells: pd.DataFrame, incidents: pd.DataFrame, presence: pd.DataFrame, **choices: object
) -> pd.DataFrame:
    return hotspot_table(areas, cells, incidents, presence, **({"months": MONTHS, "crime_types": [VIOLENCE]} | choices))  # type: ignore[arg-type]


def test_every_area_once_best_first(
    areas: gpd.GeoDataFrame, cells: pd.DataFrame, incidents: pd.DataFrame, presence: pd.DataFrame
) -> None:
    table = build(areas, cells, incidents, presence)
    assert sorted(table.index) == CODES
    assert table["count"].tolist() == sorted(COUNTS, reverse=True)
    assert table["rank"].tolist() == [1, 2, 2, 4, 4, 6, 6, 6, 6]
    assert table["hotspot"].tolist() == [True] + [False] * 8
    top = table.iloc[0]
    assert top["label"] == "Gridshire 1"
    assert top["rate_per_1000_year"] == pytest.approx(36)
    assert top["density"] == pytest.approx(36)
    assert (top["top_point_count"], top["point_flag"], top["rank_without_point"]) == (4, "police-station", 1)
    assert table.loc[CODES[1], ["count", "asb_count"]].tolist() == [0, 3]
    assert table["asb_count"].sum() == 3
    assert table.loc[[CODES[7], CODES[8]], "rate_per_1000_year"].isna().all()


def test_by_rate_areas_without_residents_are_unranked(
    areas: gpd.GeoDataFrame, cells: pd.DataFrame, incidents: pd.DataFrame, presence: pd.DataFrame
) -> None:
    table = build(areas, cells, incidents, presence, order="rate")
    assert table.index[-2:].tolist() == CODES[7:]
    assert table["rank"].isna().sum() == 2


def test_a_district_is_ranked_by_itself(
    areas: gpd.GeoDataFrame, cells: pd.DataFrame, incidents: pd.DataFrame, presence: pd.DataFrame
) -> None:
    east = areas_in(areas, ["East"])
    assert east["lsoa_code"].tolist() == CODES[6:8]
    assert len(build(east, cells, incidents, presence)) == 2
    assert areas_in(areas, ()) is areas
    with pytest.raises(ValueError, match=r"no district 'North' in this dataset\. Choose one of East, West"):
        areas_in(areas, ["North"])


def test_missing_months_leave_no_number(
    areas: gpd.GeoDataFrame, cells: pd.DataFrame, incidents: pd.DataFrame, presence: pd.DataFrame
) -> None:
    table = build(areas, cells, incidents, presence, months=["2026-01"])
    assert table[["count", "asb_count", "rank", "share", "rate_per_1000_year", "top_point"]].isna().all(axis=None)
    assert not table["hotspot"].any()


def test_categories_change_nothing_and_inputs_stay(
    areas: gpd.GeoDataFrame, cells: pd.DataFrame, incidents: pd.DataFrame, presence: pd.DataFrame
) -> None:
    before = [frame.copy(deep=True) for frame in (areas, cells, incidents, presence)]
    plain = build(areas, cells, incidents, presence)
    text = ["lsoa_code", "month", "crime_type", "force", "source"]
    coded = build(
        areas,
        cells.astype(dict.fromkeys(text, "category")),
        incidents.astype(dict.fromkeys([*text, "location"], "category")),
        presence,
    )
    pd.testing.assert_frame_equal(plain, coded)
    for old, new in zip(before, (areas, cells, incidents, presence), strict=True):
        pd.testing.assert_frame_equal(pd.DataFrame(old), pd.DataFrame(new))


@pytest.fixture
def peopled(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """A town centre of 1,000 residents and 9,000 at work; a third as many elsewhere as live there; one with nobody."""
    return areas.assign(per_workday=pd.array([9000, *[300] * 6, 0, None], dtype="Float64"))


def test_a_rate_per_another_denominator_stands_beside_that_of_residents(
    peopled: gpd.GeoDataFrame, cells: pd.DataFrame, incidents: pd.DataFrame, presence: pd.DataFrame
) -> None:
    table = build(peopled, cells, incidents, presence, order="rate", per="workday")
    usual = build(peopled, cells, incidents, presence, order="rate")
    assert table.index[0] == CODES[4], "2 offences for 300 people"
    assert usual.index[0] == CODES[0]
    assert table.loc[CODES[0], "rate_per_1000_year"] == pytest.approx(6 / 9000 * 6 * 1000)
    assert table.loc[CODES[0], "denominator"] == 9000
    assert table.loc[CODES[7:], "rate_per_1000_year"].isna().all(), "nobody there is no rate"
    assert table["rank"].isna().sum() == 2
    for name in ("rate_per_1000_year", "rate_low", "rate_high"):
        beside = table[name.replace("rate", "residents_rate").replace("_per_1000_year", "")]
        pd.testing.assert_series_equal(beside, usual[name].reindex(table.index), check_names=False)
    assert "residents_rate" not in usual
    assert usual["denominator"].equals(usual["residents"])


def test_a_denominator_that_is_not_there_is_refused(
    peopled: gpd.GeoDataFrame, cells: pd.DataFrame, incidents: pd.DataFrame, presence: pd.DataFrame
) -> None:
    with pytest.raises(
        ValueError, match=r"no denominator 'footfall' in this dataset\. Choose one of residents, workday"
    ):
        build(peopled, cells, incidents, presence, order="rate", per="footfall")


def test_how_sure_goes_by_the_chosen_denominator(
    peopled: gpd.GeoDataFrame, cells: pd.DataFrame, incidents: pd.DataFrame, presence: pd.DataFrame
) -> None:
    monthly = monthly_counts(cells, peopled, presence, MONTHS, [VIOLENCE])
    by_workday, by_residents = (
        certainty(build(peopled, cells, incidents, presence, order="rate", per=per), monthly, "rate").ranks
        for per in ("workday", "residents")
    )
    assert by_residents.loc[CODES[0], "rank_low"] == 1
    assert by_workday.loc[CODES[0], "rank_low"] > 1
    assert by_workday.loc[CODES[0], "empirical_bayes_rate"] < by_residents.loc[CODES[0], "empirical_bayes_rate"]
    assert by_workday.loc[CODES[7], "rank_low"] is pd.NA


def test_by_severity_the_gravest_comes_first_and_no_interval_is_claimed(
    areas: gpd.GeoDataFrame, cells: pd.DataFrame, incidents: pd.DataFrame, presence: pd.DataFrame
) -> None:
    severity = pd.Series({CODES[0]: 60.0, CODES[2]: 900.0, CODES[4]: 20.0, CODES[8]: 10.0})
    table = build(areas, cells, incidents, presence, order="severity", severity=severity)
    assert table.index[:2].tolist() == [CODES[2], CODES[0]]
    assert table.loc[CODES[1], "severity"] == 0, "nothing counted is nothing severe"
    assert table["rank"].notna().all()
    assert table["rank_without_point"].isna().all()
    assert table.index[table["hotspot"]].tolist() == [CODES[0]], "hotspots go by number"
    sure = certainty(table, monthly_counts(cells, areas, presence, MONTHS, [VIOLENCE]), "severity").ranks
    assert sure[["rank_low", "rank_high", "before", "after"]].isna().all(axis=None)
    assert sure["empirical_bayes_rate"].notna().sum() == 7
    unknown = build(areas, cells, incidents, presence, order="severity")
    assert unknown[["rank", "severity"]].isna().all(axis=None)
    missing = build(areas, cells, incidents, presence, order="severity", severity=severity, months=["2026-01"])
    assert missing["severity"].isna().all()
