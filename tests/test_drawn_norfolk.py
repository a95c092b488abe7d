"""A location drawn round a town centre, on real Norfolk: every count again by plain pandas and geopandas.

January to April 2024 against the same months of 2025, round Norwich's market place.
"""

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from hotspots.controls import geography, ring_around
from hotspots.counts import monthly_counts
from hotspots.evaluation import Evaluation, evaluate
from hotspots.location_figures import areas_of, location_months, rank_locations, residents_of
from hotspots.locations import Location, Origin, from_drawn
from hotspots.selection import Period
from hotspots.windows import BeforeAfter, preset_windows
from tests.test_norfolk_figures import NORFOLK, POLICE, Norfolk, norfolk  # noqa: F401 - the fixture

pytestmark = pytest.mark.skipif(
    not POLICE.exists(), reason=f"real Norfolk data not found at {NORFOLK}: drawing cannot be checked on it"
)

CORNERS = ((1.2860, 52.6250), (1.2990, 52.6245), (1.3000, 52.6320), (1.2870, 52.6325))
MONTHS = Period("2024-01", "2024-04").months + Period("2025-01", "2025-04").months


@pytest.fixture(scope="module")
def location(norfolk: Norfolk) -> Location:  # noqa: F811
    return from_drawn("Market", CORNERS, norfolk.areas, Origin("Ana", "hash", "Norfolk", 2021))


@pytest.fixture(scope="module")
def inside(norfolk: Norfolk) -> pd.DataFrame:  # noqa: F811
    """Offences whose point lies within the corners, by geopandas alone."""
    rows = norfolk.incidents[norfolk.incidents["crime_type"].isin(norfolk.crime_types)]
    points = gpd.GeoSeries.from_xy(rows["longitude"], rows["latitude"], crs=4326).to_crs(27700)
    drawn = gpd.GeoSeries([shapely.Polygon(CORNERS)], crs=4326).to_crs(27700).iloc[0]
    return rows[points.intersects(drawn).to_numpy()]


@pytest.fixture(scope="module")
def months(norfolk: Norfolk, location: Location) -> pd.Series:  # noqa: F811
    return location_months(
        location, norfolk.incidents, norfolk.cells, norfolk.areas, norfolk.presence, MONTHS, norfolk.crime_types
    )


def test_each_month_is_counted(months: pd.Series, inside: pd.DataFrame) -> None:
    by_hand = inside.groupby(inside["month"].astype("str")).size()
    assert months.tolist() == [by_hand[month] for month in MONTHS]
    assert months.sum() > 400


def test_residents_are_those_of_what_it_touches(norfolk: Norfolk, location: Location) -> None:  # noqa: F811
    drawn = gpd.GeoSeries([shapely.Polygon(CORNERS)], crs=4326).to_crs(27700).iloc[0]
    ground = norfolk.areas.geometry.intersection(drawn).area
    touched = norfolk.areas[(ground > 10).to_numpy()]
    assert set(areas_of(location, norfolk.areas)["lsoa_code"]) == set(touched["lsoa_code"])
    assert residents_of(location, norfolk.areas) == (touched["residents"].sum(), True)


def test_the_list_gives_share_and_rate(norfolk: Norfolk, location: Location, inside: pd.DataFrame) -> None:  # noqa: F811
    year = Period("2025-01", "2025-12").months
    row = rank_locations(
        [location], norfolk.incidents, norfolk.cells, norfolk.areas, norfolk.presence, year, norfolk.crime_types
    ).iloc[0]
    count = int(inside["month"].astype("str").isin(year).sum())
    rows = norfolk.incidents
    whole = (rows["crime_type"].isin(norfolk.crime_types) & rows["month"].astype("str").isin(year)).sum()
    assert row["count"] == count
    assert row["share"] == pytest.approx(count / whole)
    assert row["rate_per_1000_year"] == pytest.approx(1000 * count / residents_of(location, norfolk.areas)[0])  # type: ignore[operator]


@pytest.fixture(scope="module")
def windows(norfolk: Norfolk) -> BeforeAfter:  # noqa: F811
    return preset_windows("2025-01", norfolk.presence.columns)


@pytest.fixture(scope="module")
def result(norfolk: Norfolk, location: Location, months: pd.Series, windows: BeforeAfter) -> Evaluation:  # noqa: F811
    every = monthly_counts(norfolk.cells, norfolk.areas, norfolk.presence, MONTHS, norfolk.crime_types)
    every = pd.concat([every, months.to_frame("drawn").T])
    places = geography(norfolk.areas)
    ring = ring_around(location.lsoa_codes, places, shape=location.polygon)
    return evaluate(location.lsoa_codes, every, places, windows, ring=ring, drawn="drawn")


def test_every_number_of_the_page(
    result: Evaluation,
    norfolk: Norfolk,  # noqa: F811
    location: Location,
    inside: pd.DataFrame,
) -> None:
    assert result.windows.before == MONTHS[:4]
    assert result.windows.after == MONTHS[4:]
    counts = result.counts
    own = [int(inside["month"].astype("str").isin(window).sum()) for window in (MONTHS[:4], MONTHS[4:])]
    assert [counts.loc["target", "before"], counts.loc["target", "after"]] == own
    rows = norfolk.incidents[norfolk.incidents["crime_type"].isin(norfolk.crime_types)]
    change, variance = {"target": own[1] - own[0]}, {"target": sum(own)}
    for name in ("control", "ring", "ring_control"):
        codes = result.groups[name]
        assert not set(codes) & set(location.lsoa_codes)
        of_group = rows[rows["lsoa_code"].isin(codes)]["month"].astype("str")
        before, after = (int(of_group.isin(window).sum()) for window in (MONTHS[:4], MONTHS[4:]))
        assert [counts.loc[name, "before"], counts.loc[name, "after"]] == [before, after]
        weight = counts.loc[name, "weight"]
        change[name], variance[name] = (after - before) / weight, (after + before) / weight**2
    local = change["target"] - change["control"]
    moved = change["ring"] - change["ring_control"]
    assert result.local.estimate == pytest.approx(local)
    assert result.displacement is not None
    assert result.displacement.estimate == pytest.approx(moved)
    assert result.total.estimate == pytest.approx(local + moved)
    spread = (variance["target"] + variance["control"]) * result.dispersion["local"]
    assert result.local.se == pytest.approx(spread**0.5)
    assert result.local.lower == pytest.approx(local - 1.959964 * spread**0.5)
    assert result.minimum_detectable == pytest.approx((1.959964 + 0.841621) * spread**0.5, rel=1e-5)
    assert result.dispersion["local"] >= 1
