"""The published figures of real Norfolk 2025, from a plain geopandas join that shares no code with the build.

28,557 offences lie in a polygon; two more, 15 m outside Norfolk, join by the 25 m rule.
"""

import zipfile
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from geodata.columns import ASB, POLICE_UK
from hotspots.concentration import areas_for_share, residents_share, share_held
from hotspots.counts import area_counts, change_on_year_before, monthly_counts, select_incidents
from hotspots.definitions import load_definitions
from hotspots.export import hotspot_list, to_csv_bytes, to_geojson_bytes
from hotspots.narrative import concentration_headline, flag_sentence, hotspot_title
from hotspots.points import points_of
from hotspots.rates import overall_rate_per_1000_year
from hotspots.selection import Period, default_period
from hotspots.table import certainty, hotspot_table

NORFOLK = Path(__file__).parents[1].parent / "shared" / "data" / "norfolk"
POLICE = NORFOLK / "police-norfolk-2018-10_2025-12.zip"

pytestmark = pytest.mark.skipif(
    not POLICE.exists(), reason=f"real Norfolk data not found at {NORFOLK}: its figures cannot be checked"
)

YEAR = Period("2025-01", "2025-12")


@dataclass(frozen=True)
class Norfolk:
    areas: gpd.GeoDataFrame
    incidents: pd.DataFrame
    cells: pd.DataFrame
    presence: pd.DataFrame
    crime_types: tuple[str, ...]


@pytest.fixture(scope="module")
def norfolk() -> Norfolk:
    incidents, presence = _police_rows()
    areas = _areas()
    incidents = _join(incidents, areas)
    by = ["lsoa_code", "month", "crime_type", "source", "force"]
    cells = incidents.groupby(by, observed=True).size().rename("count").reset_index()
    categorical = {"lsoa_code", "month", "crime_type", "source", "force", "location"}
    return Norfolk(
        areas,
        incidents.astype(dict.fromkeys(categorical, "category")),
        cells.astype(dict.fromkeys(by, "category")),
        presence,
        load_definitions()["norfolk"].crime_types,
    )


@pytest.fixture(scope="module")
def table(norfolk: Norfolk) -> pd.DataFrame:
    return hotspot_table(
        norfolk.areas,
        norfolk.cells,
        norfolk.incidents,
        norfolk.presence,
        months=YEAR.months,
        crime_types=norfolk.crime_types,
    )


def _police_rows() -> tuple[pd.DataFrame, pd.DataFrame]:
    with zipfile.ZipFile(POLICE) as archive:
        names = sorted(name for name in archive.namelist() if name.startswith(("2024-", "2025-")))
        rows = pd.concat([pd.read_csv(archive.open(name)) for name in names], ignore_index=True)
    months = [name[:7] for name in names]
    rows = rows.rename(columns=lambda name: name.lower().replace(" ", "_"))
    return (
        rows.dropna(subset=["longitude", "latitude"]).assign(force="norfolk", source=POLICE_UK),
        pd.DataFrame(True, index=["norfolk"], columns=months),
    )


def _areas() -> gpd.GeoDataFrame:
    areas = gpd.read_file(NORFOLK / "LSOA_2021_boundaries_BNG.gpkg").rename(
        columns={"LSOA21CD": "lsoa_code", "LSOA21NM": "lsoa_name"}
    )
    residents = pd.read_csv(NORFOLK / "census2021-ts001-lsoa.csv").set_index("geography code").iloc[:, -1]
    lookup = pd.read_csv(NORFOLK / "LSOA_2021_to_ward_2024_to_LAD_2024_lookup.csv").set_index("LSOA21CD")
    deprivation = pd.read_csv(NORFOLK / "IoD2025_File_7_all_ranks_deciles_scores.csv").set_index("LSOA code (2021)")
    decile = deprivation.filter(like="(IMD) Decile").iloc[:, 0]
    areas = areas.sort_values("lsoa_code").reset_index(drop=True)
    return areas.assign(
        residents=areas["lsoa_code"].map(residents).astype("Int64"),
        ward=areas["lsoa_code"].map(lookup["WD24NM"]),
        district=areas["lsoa_code"].map(lookup["LAD24NM"]),
        imd_decile=areas["lsoa_code"].map(decile).astype("Int64"),
        label=areas["lsoa_code"].map(lookup["WD24NM"]) + " (" + areas["lsoa_name"] + ")",
        area_km2=areas.area / 1e6,
        force="norfolk",
    )


def _join(incidents: pd.DataFrame, areas: gpd.GeoDataFrame) -> pd.DataFrame:
    """Border points to the lowest LSOA code; points in no polygon to the nearest within 25 m."""
    points = incidents[["longitude", "latitude"]].drop_duplicates().reset_index(drop=True)
    at = gpd.points_from_xy(points["longitude"], points["latitude"], crs=4326)
    placed = gpd.GeoDataFrame(points, geometry=at).to_crs(27700)
    polygons = areas[["lsoa_code", "geometry"]]
    inside = gpd.sjoin(placed, polygons, predicate="intersects").sort_values("lsoa_code")
    rest = placed.loc[~placed.index.isin(inside.index)]
    near = gpd.sjoin_nearest(rest, polygons, max_distance=25).sort_values("lsoa_code")
    joined = pd.concat([inside.assign(joined_by="polygon"), near.assign(joined_by="nearest")])
    joined = joined[~joined.index.duplicated()]
    columns = ["longitude", "latitude", "lsoa_code", "joined_by"]
    return incidents.drop(columns="lsoa_code").merge(joined[columns], on=["longitude", "latitude"])


def test_offences_and_rate(norfolk: Norfolk, table: pd.DataFrame) -> None:
    counted = select_incidents(norfolk.incidents, norfolk.areas, norfolk.presence, YEAR.months, norfolk.crime_types)
    assert counted["joined_by"].value_counts().to_dict() == {"polygon": 28_557, "nearest": 2}
    assert table["count"].sum() == len(counted)
    rate = overall_rate_per_1000_year(table["count"], table["residents"], table["months"])
    assert round(rate["rate"].iloc[0], 1) == 31.2


def test_concentration(table: pd.DataFrame) -> None:
    assert len(table) == 552
    assert areas_for_share(table["count"], 0.25) == 31
    assert round(100 * (residents_share(table["count"], table["residents"], 0.25) or 0), 1) == 6.5
    # the 31st and the 32nd both have 125 offences, and the rule takes ties in
    hotspots = table[table["hotspot"]]
    assert hotspots["count"].tolist()[-3:] == [126, 125, 125]
    assert len(hotspots) == 32
    assert round(100 * hotspots["residents"].sum() / table["residents"].sum(), 1) == 6.7
    assert areas_for_share(table["count"], 0.5) == 108
    assert round(100 * (residents_share(table["count"], table["residents"], 0.5) or 0)) == 22
    assert (
        concentration_headline(share_held(table["count"], table["residents"]), "serious violence")
        == "Half of serious violence happened in 108 of 552 LSOAs, home to 22 % of residents"
    )
    assert (
        hotspot_title(share_held(table["count"], table["residents"], 0.25, ties_in=True), "serious violence")
        == "32 of 552 LSOAs hold 26 % of serious violence and 6.7 % of residents"
    )


def test_busiest_points(table: pd.DataFrame) -> None:
    both_at_rank_7 = table[table["rank"] == 7]
    assert both_at_rank_7["count"].tolist() == [273, 273]
    at_rank_7 = both_at_rank_7[both_at_rank_7["top_point_count"] == 105].iloc[0]
    assert (at_rank_7["top_point"], at_rank_7["point_flag"]) == ("On or near Police Station", "police-station")
    assert (
        flag_sentence(273, 105, at_rank_7["top_point"], 7, at_rank_7["rank_without_point"])
        == "105 of 273 (38 %) on or near Police Station; without that point it would rank 20th"
    )
    at_rank_17 = table[table["rank"] == 17]
    assert at_rank_17["tied"].tolist() == [2, 2]
    assert at_rank_17["count"].tolist() == [172, 172]
    on_one_point = at_rank_17[at_rank_17["top_point_count"] == 146].iloc[0]
    assert (on_one_point["point_flag"], on_one_point["rank_without_point"]) == ("share", 358)
    at_rank_45 = table[(table["rank"] == 45) & (table["point_flag"] == "hospital")].iloc[0]
    assert at_rank_45["top_point"] == "On or near Hospital"
    assert round(100 * at_rank_45["top_point_share"]) == 64


def test_points_of_the_busiest_area_agree_with_a_plain_groupby(norfolk: Norfolk, table: pd.DataFrame) -> None:
    counted = select_incidents(norfolk.incidents, norfolk.areas, norfolk.presence, YEAR.months, norfolk.crime_types)
    for code in table.index[:20]:
        points = points_of(counted, code)
        plain = counted[counted["lsoa_code"] == code].groupby(["longitude", "latitude"]).size()
        assert points["count"].tolist() == plain.sort_values(ascending=False).head(10).tolist()
        assert points["count"].iloc[0] == table.loc[code, "top_point_count"]
        assert points["point"].iloc[0] == table.loc[code, "top_point"]


def test_year_before_compares_only_the_months_of_both_years(norfolk: Norfolk) -> None:
    change = change_on_year_before(norfolk.cells, norfolk.areas, norfolk.presence, YEAR, norfolk.crime_types)
    assert change.months == ("2025-01", "2025-02", "2025-03", "2025-04")
    plain = norfolk.incidents[norfolk.incidents["crime_type"].isin(norfolk.crime_types)]["month"].astype(str)
    assert change.now == plain.isin(change.months).sum()
    assert change.before == plain.isin([f"2024-{m[5:]}" for m in change.months]).sum()
    assert default_period(norfolk.presence.columns) == YEAR


def test_asb_beside_offences(norfolk: Norfolk, table: pd.DataFrame) -> None:
    rows = norfolk.incidents[(norfolk.incidents["crime_type"] == ASB)]
    assert table["asb_count"].sum() == rows["month"].isin(YEAR.months).sum()
    everything = area_counts(norfolk.cells, norfolk.areas, norfolk.presence, YEAR.months, [ASB])
    assert everything["count"].sum() == table["asb_count"].sum()


def test_export_of_every_area(norfolk: Norfolk, table: pd.DataFrame) -> None:
    months = monthly_counts(norfolk.cells, norfolk.areas, norfolk.presence, YEAR.months, norfolk.crime_types)
    sure = certainty(table, months)
    assert round(sure.dispersion, 2) == 1.49
    listed = hotspot_list(
        table.join(sure.ranks),
        definition="Norfolk",
        period=YEAR,
        source=POLICE_UK,
        marking="Open data",
        dataset_hash="0" * 64,
    )
    assert len(listed) == 552
    assert listed["rank"].is_monotonic_increasing
    assert (listed["rank_low"] <= listed["rank"]).all()
    assert (listed["rank"] <= listed["rank_high"]).all()
    assert to_csv_bytes(listed).count(b"\r\n") == 553
    shown = gpd.read_file(to_geojson_bytes(listed, norfolk.areas))
    assert shown["lsoa_code"].tolist() == listed["lsoa_code"].tolist()
    original = norfolk.areas.set_index("lsoa_code").loc[shown["lsoa_code"]].reset_index()
    assert (shown.to_crs(27700).area / original.area - 1).abs().max() < 0.001
