"""The fictional county: published formats, sound geography, resemblance to a real county, and what is planted."""

import hashlib
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import sample_data
from geodata.columns import FLAGS
from hotspots.offence_codes import crime_type_of, normalise

PROJECT = Path(__file__).resolve().parent.parent
NORFOLK_DATA = PROJECT.parent / "shared" / "data" / "norfolk"
SERIOUS = ["Violence and sexual offences", "Robbery", "Possession of weapons"]
ASB = "Anti-social behaviour"
YEAR = "2025"

# Norfolk 2025 (data.police.uk, joined to 2021 LSOAs), and how far the fictional county may lie from it.
NORFOLK: dict[str, tuple[float, float]] = {
    "Serious violence in the top 1 % of LSOAs, %": (9.7, 1.5),
    "Serious violence in the top 5 % of LSOAs, %": (24.0, 2.0),
    "Serious violence in the top 10 % of LSOAs, %": (34.4, 2.0),
    "All offences in the top 1 % of LSOAs, %": (10.9, 1.5),
    "All offences in the top 5 % of LSOAs, %": (27.0, 2.0),
    "All offences in the top 10 % of LSOAs, %": (37.8, 2.0),
    "ASB in the top 1 % of LSOAs, %": (13.4, 2.0),
    "ASB in the top 5 % of LSOAs, %": (29.9, 2.5),
    "ASB in the top 10 % of LSOAs, %": (41.2, 2.5),
    "LSOAs that hold half of serious violence, %": (19.6, 2.0),
    "Variance/mean of an LSOA's months, serious violence": (1.66, 0.15),
    "Variance/mean of an LSOA's months, all offences": (1.81, 0.15),
    "Variance/mean of an LSOA's months, ASB": (1.36, 0.15),
    "Busiest month over the mean, serious violence": (1.16, 0.12),
    "Quietest month over the mean, serious violence": (0.85, 0.08),
    "Busiest month over the mean, ASB": (1.20, 0.12),
    "Quietest month over the mean, ASB": (0.73, 0.10),
    "Rows without location, %": (1.67, 0.4),
    "Rows outside, %": (0.88, 0.3),
    "Recorded and drawn LSOA the same, %": (97.0, 0.7),
    "Busiest map point's share of an LSOA, median, %": (20.5, 3.0),
    "Busiest map point's share of an LSOA, 9th decile, %": (38.8, 4.0),
    "Rank correlation of serious violence and ASB": (0.78, 0.08),
    "Rank correlation of serious violence and IMD rank": (-0.55, 0.08),
    "Share of violence and sexual offences, %": (41.7, 1.5),
    "Share of anti-social behaviour, %": (12.9, 1.0),
    "Share of criminal damage and arson, %": (9.0, 0.7),
    "Share of shoplifting, %": (8.8, 0.7),
    "Share of public order, %": (6.9, 0.7),
    "Share of other theft, %": (6.2, 0.6),
    "Share of other crime, %": (3.0, 0.4),
    "Share of burglary, %": (2.9, 0.4),
    "Share of drugs, %": (2.6, 0.4),
    "Share of vehicle crime, %": (2.4, 0.4),
    "Share of possession of weapons, %": (1.2, 0.3),
    "Share of bicycle theft, %": (1.2, 0.3),
    "Share of robbery, %": (0.7, 0.2),
    "Share of theft from the person, %": (0.6, 0.2),
}
NORFOLK_ROWS = 67_367

STREET = [
    "Crime ID", "Month", "Reported by", "Falls within", "Longitude", "Latitude", "Location", "LSOA code",
    "LSOA name", "Crime type", "Last outcome category", "Context",
]  # fmt: skip
RANK, DECILE = " Rank (where 1 is most deprived)", " Decile (where 1 is most deprived 10% of LSOAs)"
IMD = "Index of Multiple Deprivation (IMD)"
# Weight in the IMD of each domain, per cent (technical report of the Indices of Deprivation).
DOMAINS = {
    "Income": 22.5,
    "Employment": 22.5,
    "Education, Skills and Training": 13.5,
    "Health Deprivation and Disability": 13.5,
    "Crime": 9.3,
    "Barriers to Housing and Services": 9.3,
    "Living Environment": 9.3,
}
NATIONAL_LSOAS = 33_755


def street_rows(archive: Path, force: str) -> pd.DataFrame:
    """All street rows of one force, as text where the file has text."""
    with zipfile.ZipFile(archive) as packed:
        names = sorted(n for n in packed.namelist() if n.endswith(f"-{force}-street.csv"))
        parts = [pd.read_csv(packed.open(n)).assign(file=n) for n in names]
    return pd.concat(parts, ignore_index=True)


def join(rows: pd.DataFrame, areas: gpd.GeoDataFrame) -> pd.DataFrame:
    """The rows with ``code`` (of the first polygon that holds the point, else the nearest within 25 m) and ``near``."""
    points = rows[["Longitude", "Latitude"]].dropna().drop_duplicates()
    xy = gpd.GeoSeries.from_xy(points["Longitude"], points["Latitude"], crs=4326).to_crs(27700).to_numpy()
    tree = shapely.STRtree(areas.geometry.to_numpy())
    point, area = tree.query(xy, predicate="intersects")
    held = pd.Series(area).groupby(point).agg(["min", "size"])
    at = np.full(len(points), -1)
    at[held.index] = held["min"]
    touching = np.zeros(len(points), dtype=int)
    touching[held.index] = held["size"]
    alone = np.flatnonzero(at < 0)
    found, nearest = tree.query_nearest(xy[alone], max_distance=25, all_matches=False)
    at[alone[found]] = nearest
    code = np.array([*areas["LSOA21CD"], None], dtype=object)[at]
    points = points.assign(code=code, near=(touching == 0) & (at >= 0), touching=touching)
    return rows.merge(points, how="left", on=["Longitude", "Latitude"])


def figures(rows: pd.DataFrame, codes: pd.Series, imd_rank: pd.Series) -> dict[str, float]:
    """The measures of ``NORFOLK`` for the joined rows of one year."""
    inside = rows[rows["code"].notna()]
    of_kind = {
        "serious violence": inside["Crime type"].isin(SERIOUS),
        "all offences": inside["Crime type"] != ASB,
        "ASB": inside["Crime type"] == ASB,
    }
    out: dict[str, float] = {}
    total = {}
    for name, chosen in of_kind.items():
        monthly = inside[chosen].groupby(["code", "Month"]).size().unstack(fill_value=0)
        monthly = monthly.reindex(codes, fill_value=0)
        total[name] = monthly.sum(axis=1)
        largest = total[name].sort_values(ascending=False).to_numpy()
        title = name[0].upper() + name[1:]
        for share in (1, 5, 10):
            top = largest[: round(len(codes) * share / 100)].sum() / largest.sum()
            out[f"{title} in the top {share} % of LSOAs, %"] = 100 * top
        by_month = monthly.sum() / monthly.sum().mean()
        spread = monthly.var(axis=1, ddof=1).sum() / monthly.mean(axis=1).sum()
        out[f"Variance/mean of an LSOA's months, {name}"] = spread
        out[f"Busiest month over the mean, {name}"] = by_month.max()
        out[f"Quietest month over the mean, {name}"] = by_month.min()
        if name == "serious violence":
            half = np.searchsorted(np.cumsum(largest), largest.sum() / 2) + 1
            out["LSOAs that hold half of serious violence, %"] = 100 * half / len(codes)
    located = rows["Longitude"].notna()
    out["Rows without location, %"] = 100 * (1 - located.mean())
    out["Rows outside, %"] = 100 * (located & rows["code"].isna()).mean()
    out["Recorded and drawn LSOA the same, %"] = 100 * (inside["code"] == inside["LSOA code"]).mean()
    offences = inside[of_kind["all offences"]]
    by_point = offences.groupby(["code", "Longitude", "Latitude"]).size().groupby("code").agg(["max", "sum"])
    busiest = (by_point["max"] / by_point["sum"])[by_point["sum"] >= 20]
    out["Busiest map point's share of an LSOA, median, %"] = 100 * busiest.quantile(0.5)
    out["Busiest map point's share of an LSOA, 9th decile, %"] = 100 * busiest.quantile(0.9)
    serious = total["serious violence"]
    out["Rank correlation of serious violence and ASB"] = serious.corr(total["ASB"], method="spearman")
    out["Rank correlation of serious violence and IMD rank"] = serious.corr(
        imd_rank.reindex(serious.index), method="spearman"
    )
    for crime_type, share in rows["Crime type"].value_counts(normalize=True).items():
        out[f"Share of {str(crime_type).lower()}, %"] = 100 * share
    return {name: out[name] for name in NORFOLK}


def contents(path: Path) -> dict[str, str]:
    """SHA-256 of a file, or of each member of a ZIP: another zlib may pack the same bytes differently."""
    if path.suffix == ".parquet":  # another pyarrow may pack the same rows differently
        rows = pd.read_parquet(path).to_csv(index=False)
        return {path.name: hashlib.sha256(rows.encode()).hexdigest()}
    if path.suffix != ".zip":
        text = path.read_bytes().replace(b"\r\n", b"\n")
        return {path.name: hashlib.sha256(text).hexdigest()}
    with zipfile.ZipFile(path) as packed:
        return {f"{m.filename} {m.date_time}": hashlib.sha256(packed.read(m)).hexdigest() for m in packed.infolist()}


@pytest.fixture(scope="module")
def truth() -> dict[str, Any]:
    return json.loads(sample_data.TRUTH.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def published() -> gpd.GeoDataFrame:
    return gpd.read_file(sample_data.inputs()["boundaries"][0])


@pytest.fixture(scope="module")
def areas(published: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return published.to_crs(27700)


@pytest.fixture(scope="module")
def street() -> pd.DataFrame:
    return street_rows(sample_data.inputs()["police"][0], "wendshire")


@pytest.fixture(scope="module")
def joined(street: pd.DataFrame, areas: gpd.GeoDataFrame) -> pd.DataFrame:
    return join(street, areas)


@pytest.fixture(scope="module")
def railway() -> pd.DataFrame:
    return street_rows(sample_data.inputs()["police"][0], "btp")


@pytest.fixture(scope="module")
def deprivation() -> pd.DataFrame:
    return pd.read_csv(sample_data.inputs()["deprivation"][0]).set_index("LSOA code (2021)")


@pytest.fixture(scope="module")
def measured(joined: pd.DataFrame, areas: gpd.GeoDataFrame, deprivation: pd.DataFrame) -> dict[str, float]:
    year = joined[joined["Month"].str.startswith(YEAR)]
    return figures(year, areas["LSOA21CD"], deprivation[IMD + RANK])


@pytest.fixture(scope="module")
def serious(joined: pd.DataFrame) -> pd.DataFrame:
    """Serious violence by LSOA and year."""
    chosen = joined[joined["Crime type"].isin(SERIOUS) & joined["code"].notna()]
    return chosen.groupby(["code", chosen["Month"].str[:4]]).size().unstack(fill_value=0)


# The generator and its output


def test_the_command_line_writes_the_committed_files_again(tmp_path: Path) -> None:
    out = tmp_path / "published"
    command = [sys.executable, "-m", "sample_data.generate", "--out", str(out)]
    subprocess.run(command, cwd=PROJECT, check=True, capture_output=True)
    again = {k: v for path in sorted(out.iterdir()) for k, v in contents(path).items()}
    committed = {k: v for path in sorted(sample_data.PUBLISHED.iterdir()) for k, v in contents(path).items()}
    assert again == committed
    assert contents(tmp_path / "truth.json") == contents(sample_data.TRUTH)


def test_another_seed_gives_another_county(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from sample_data import generate

    monkeypatch.setattr(generate, "SEED", generate.SEED + 1)
    generate.generate(tmp_path / "published", tmp_path / "truth.json")
    boundaries = sample_data.inputs(tmp_path / "published")["boundaries"][0]
    assert contents(boundaries) != contents(sample_data.inputs()["boundaries"][0])
    assert gpd.read_file(boundaries).is_valid.all()


def test_committed_files_are_small_and_all_of_them_are_named() -> None:
    files = sorted([*sample_data.PUBLISHED.iterdir(), *sample_data.LAYERS.iterdir()])
    named = [path for paths in sample_data.inputs().values() for path in paths]
    named += sample_data.extract() + sample_data.weights()
    assert sorted(named) == files
    assert sum(path.stat().st_size for path in files) < 10_000_000


def test_importing_the_package_loads_no_library() -> None:
    code = "import sys, sample_data; sys.exit(int(bool({'numpy', 'pandas', 'shapely', 'scipy'} & set(sys.modules))))"
    assert subprocess.run([sys.executable, "-c", code], cwd=PROJECT, check=False).returncode == 0


def test_archive_layout_and_fixed_dates() -> None:
    with zipfile.ZipFile(sample_data.inputs()["police"][0]) as packed:
        members = packed.infolist()
    names = [m.filename for m in members]
    months = [str(m) for m in pd.period_range("2023-01", "2025-12", freq="M")]
    assert [f"{m}/{m}-wendshire-street.csv" for m in months] == [n for n in names if "wendshire-street" in n]
    assert [f"{m}/{m}-btp-street.csv" for m in months] == [n for n in names if "btp-street" in n]
    assert sum(n.endswith("-outcomes.csv") for n in names) == 2
    assert sum(n.endswith("-stop-and-search.csv") for n in names) == 1
    assert {m.date_time for m in members} == {(2026, 1, 15, 12, 0, 0)}


# Formats


@pytest.fixture(scope="module")
def residents() -> pd.Series:
    published = pd.read_csv(sample_data.inputs()["population"][0]).set_index("geography code")
    return published["Residence type: Total; measures: Value"]


def test_who_is_there_is_in_the_published_formats(residents: pd.Series) -> None:
    workday, ages = (pd.read_csv(path) for path in sample_data.inputs()["denominator"])
    assert list(workday) == ["date", "geography", "geography code", "Sex: All persons; measures: Value"]
    assert list(ages)[:5] == ["LAD 2021 Code", "LAD 2021 Name", "LSOA 2021 Code", "LSOA 2021 Name", "Total"]
    assert list(ages)[5:] == [f"{sex}{age}" for sex in "FM" for age in range(91)]
    assert (ages.iloc[:, 5:].sum(axis=1) == ages["Total"]).all()
    for frame, code in ((workday, "geography code"), (ages, "LSOA 2021 Code")):
        assert list(frame[code]) == list(residents.index)
    assert ages["Total"].to_numpy() / residents.to_numpy() == pytest.approx(1.0, abs=0.06)


def test_many_are_in_the_town_centres_where_few_live(residents: pd.Series) -> None:
    workday = pd.read_csv(sample_data.inputs()["denominator"][0]).iloc[:, 3].to_numpy()
    there = pd.Series(workday / residents.to_numpy(), residents.index)
    assert there.median() < 0.9
    assert 15 < there.max() < 30
    assert 0.9 < workday.sum() / residents.sum() < 1.1, "as many work there as leave for work"
    assert 10 < (there > 4).sum() < 40


def test_every_code_of_the_extract_has_a_weight_and_they_are_named_as_made_up() -> None:
    (path,) = sample_data.weights()
    weights = pd.read_csv(path, dtype={"offence_code": str}).set_index("offence_code")["weight"]
    codes = pd.read_parquet(sample_data.extract()[0], columns=["offence_code"])["offence_code"].dropna()
    assert set(codes) <= set(weights.index)
    assert (weights > 0).all()
    assert path.name.startswith("made-up")


def test_headers_are_the_published_ones(street: pd.DataFrame, published: gpd.GeoDataFrame) -> None:
    files = sample_data.inputs()
    wards, districts, rural_urban = (list(pd.read_csv(path)) for path in files["lookup"])
    assert list(street)[:-1] == STREET
    assert list(published) == ["LSOA21CD", "LSOA21NM", "geometry"]
    assert published.crs is not None
    assert published.crs.to_epsg() == 4326
    assert wards == ["LSOA21NM", "LSOA21CD", "WD24NM", "WD24CD", "LAD24NM", "LAD24CD"]
    assert districts == ["LAD24CD", "LAD24NM", "CSP24CD", "CSP24NM", "PFA24CD", "PFA24NM"]
    assert rural_urban == ["LSOA21CD", "RUC21CD", "RUC21NM", "Urban_rural_flag"]
    assert list(pd.read_csv(files["names"][0])) == ["LSOA21CD", "name"]
    assert list(pd.read_csv(files["population"][0])) == [
        "date", "geography", "geography code", "Residence type: Total; measures: Value",
    ]  # fmt: skip


@pytest.mark.skipif(not NORFOLK_DATA.is_dir(), reason="the real data folder shared/data/norfolk is not here")
@pytest.mark.parametrize("option", ["deprivation", "population", "lookup"])
def test_headers_and_kinds_equal_those_of_a_real_download(option: str) -> None:
    for ours in sample_data.inputs()[option]:
        real = pd.read_csv(NORFOLK_DATA / ours.name)
        mine = pd.read_csv(ours)
        assert list(mine) == list(real)
        assert [t.kind for t in mine.dtypes] == [t.kind for t in real.dtypes]


def test_street_rows_are_as_published(street: pd.DataFrame, railway: pd.DataFrame) -> None:
    for rows, force in ((street, "Wendshire Constabulary (fictional)"), (railway, "British Transport Police")):
        asb = rows["Crime type"] == ASB
        assert rows.loc[asb, ["Crime ID", "Last outcome category"]].isna().all(axis=None)
        assert rows.loc[~asb, "Crime ID"].str.fullmatch("[0-9a-f]{64}").all()
        assert rows.loc[~asb, "Last outcome category"].notna().all()
        assert rows["Context"].isna().all()
        assert set(rows["Reported by"]) == set(rows["Falls within"]) == {force}
        assert (rows["Month"] == rows["file"].str[:7]).all()
        nowhere = rows["Location"] == "No Location"
        assert rows.loc[nowhere, ["Longitude", "Latitude", "LSOA code", "LSOA name"]].isna().all(axis=None)
        assert rows.loc[~nowhere, "Location"].str.startswith("On or near ").all()
        assert rows.loc[~nowhere, ["Longitude", "Latitude", "LSOA code", "LSOA name"]].notna().all(axis=None)
    assert pd.concat([street["Crime ID"], railway["Crime ID"]]).dropna().is_unique
    per_year = street.groupby(street["Month"].str[:4]).size()
    assert per_year.between(0.48 * NORFOLK_ROWS, 0.55 * NORFOLK_ROWS).all()


def test_no_spreadsheet_formula_or_markup_in_any_name(street: pd.DataFrame) -> None:
    names = pd.read_csv(sample_data.inputs()["names"][0])["name"]
    wards = pd.read_csv(sample_data.inputs()["lookup"][0])["WD24NM"]
    for text in (names, wards, street["Location"]):
        assert text.str.fullmatch(r"[A-Za-z][A-Za-z '&/().-]*").all()


# Names, codes, geography


def test_the_county_says_that_it_is_fictional() -> None:
    assert "fictional" in sample_data.AREA_NAME
    districts = pd.read_csv(sample_data.inputs()["lookup"][1])
    assert districts["PFA24NM"].str.contains("fictional").all()
    assert "fictional" in (sample_data.PUBLISHED.parent / "README.md").read_text(encoding="utf-8")[:300]


def test_codes_look_valid_and_every_table_has_the_same_lsoas(published: gpd.GeoDataFrame) -> None:
    files = sample_data.inputs()
    codes = published["LSOA21CD"]
    assert list(codes) == [f"E019{n:05d}" for n in range(1, 551)]
    assert published["LSOA21NM"].str.fullmatch(r"[A-Z][A-Za-z ]+ \d{3}[A-Z]").all()
    assert published["LSOA21NM"].is_unique
    wards, districts, rural_urban = (pd.read_csv(path) for path in files["lookup"])
    for table, column in (
        (wards, "LSOA21CD"),
        (rural_urban, "LSOA21CD"),
        (pd.read_csv(files["deprivation"][0]), "LSOA code (2021)"),
        (pd.read_csv(files["population"][0]), "geography code"),
        (pd.read_csv(files["names"][0]), "LSOA21CD"),
    ):
        assert set(table[column]) == set(codes)
        assert table[column].is_unique
    assert districts["LAD24NM"].nunique() == len(districts) == 5
    assert set(districts["LAD24CD"]) == set(wards["LAD24CD"])
    for column, start in (("LAD24CD", "E079"), ("CSP24CD", "E229"), ("PFA24CD", "E239")):
        assert districts[column].str.fullmatch(start + r"\d{5}").all()
    assert wards["WD24CD"].str.fullmatch(r"E059\d{5}").all()
    assert len(wards[["WD24CD", "WD24NM", "LAD24CD"]].drop_duplicates()) == wards["WD24CD"].nunique()
    assert 80 <= wards["WD24CD"].nunique() <= 140
    assert all(re.sub(r" \d{3}[A-Z]$", "", n) == d for n, d in zip(wards["LSOA21NM"], wards["LAD24NM"], strict=True))


def test_names_of_areas_are_shared_by_neighbours(areas: gpd.GeoDataFrame) -> None:
    names = pd.read_csv(sample_data.inputs()["names"][0])
    named = areas.merge(names, on="LSOA21CD")
    assert 150 < named["name"].nunique() < 400
    shared = named[named.duplicated("name", keep=False)]
    assert len(shared) > 200
    assert (shared.groupby("name")["LSOA21CD"].size() <= 6).all()
    spread = shared.dissolve("name").geometry
    assert (spread.geom_type == "Polygon").mean() > 0.85


def test_polygons_are_one_coverage_with_shared_corners(published: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> None:
    for frame in (published, areas):
        assert set(frame.geom_type) == {"Polygon"}
        assert frame.is_valid.all()
        assert shapely.coverage_is_valid(frame.geometry.to_numpy())
    longest = max(len(str(c).partition(".")[2]) for c in shapely.get_coordinates(published.geometry).ravel())
    assert longest == 6
    contiguity = shapely.STRtree(areas.geometry.to_numpy()).query(areas.geometry, predicate="touches")
    per_area = np.bincount(contiguity[0], minlength=len(areas))
    assert per_area.min() >= 1
    assert 5 < per_area.mean() < 6.5


def test_the_county_lies_in_the_open_sea(published: gpd.GeoDataFrame) -> None:
    """From 53.1 N, east of 0.45 E, the next land is the Netherlands; EPSG:27700 ends at 2.01 E."""
    west, south, east, north = published.total_bounds
    assert west > 0.45
    assert south > 53.1
    assert east < 2.0
    assert north < 54.0


def test_towns_are_dense_and_the_countryside_is_not(areas: gpd.GeoDataFrame) -> None:
    km2 = areas.area / 1e6
    assert km2.quantile(0.05) < 0.6
    assert km2.quantile(0.95) > 8
    residents = pd.read_csv(sample_data.inputs()["population"][0])["Residence type: Total; measures: Value"]
    assert residents.min() >= 1000
    assert residents.quantile(0.97) <= 2400
    assert residents.max() < 4000
    rural_urban = pd.read_csv(sample_data.inputs()["lookup"][2])["Urban_rural_flag"].value_counts(normalize=True)
    assert 0.4 < rural_urban["Urban"] < 0.6


# Deprivation


def test_deciles_follow_ranks_and_ranks_follow_scores(deprivation: pd.DataFrame) -> None:
    for name in (IMD, *DOMAINS):
        rank = deprivation[name + RANK]
        assert rank.is_unique
        assert rank.between(1, NATIONAL_LSOAS).all()
        assert (np.ceil(10 * rank / NATIONAL_LSOAS) == deprivation[name + DECILE]).all()
        score = next(c for c in deprivation if c.startswith(f"{name} Score"))
        assert deprivation.sort_values(name + RANK)[score].is_monotonic_decreasing


def test_the_imd_score_is_made_of_its_domains(deprivation: pd.DataFrame) -> None:
    """IoD technical report: X = -23 ln(1 - R(1 - exp(-100/23))), weighted."""
    score = 0.0
    for name, weight in DOMAINS.items():
        r = 1 - (deprivation[name + RANK] - 1) / NATIONAL_LSOAS
        score = score + weight / 100 * -23 * np.log(1 - r * (1 - np.exp(-100 / 23)))
    assert (score - deprivation[f"{IMD} Score"]).abs().max() < 0.001


def test_domains_hang_together_but_are_not_the_same(deprivation: pd.DataFrame) -> None:
    ranks = deprivation[[name + RANK for name in DOMAINS]].corr(method="spearman").to_numpy()
    apart = ranks[~np.eye(len(DOMAINS), dtype=bool)]
    assert apart.max() < 0.96
    assert ranks[:4, :4].min() > 0.6  # income, employment, education, health
    assert abs(ranks[0, 5]) < 0.4  # housing and services go their own way


def test_deprivation_clusters_in_space(areas: gpd.GeoDataFrame, deprivation: pd.DataFrame) -> None:
    """Moran's I of the IMD rank over touching LSOAs: Norfolk's is 0.43."""
    z = deprivation[IMD + RANK].reindex(areas["LSOA21CD"]).to_numpy(dtype=float)
    z = (z - z.mean()) / z.std()
    one, other = shapely.STRtree(areas.geometry.to_numpy()).query(areas.geometry, predicate="touches")
    assert 0.3 < (z[one] * z[other]).mean() < 0.8


def test_deprivation_has_exceptions(serious: pd.DataFrame, deprivation: pd.DataFrame) -> None:
    decile = deprivation[IMD + DECILE]
    count = serious[YEAR].reindex(decile.index, fill_value=0)
    mean = count.groupby(decile <= 3).mean()
    assert mean[True] > 1.5 * mean[False]
    assert (count[decile <= 2] < count.median()).sum() >= 5
    assert (count[decile >= 7] > count.quantile(0.8)).sum() >= 5


# Resemblance to a real county


@pytest.mark.parametrize("measure", NORFOLK)
def test_the_county_resembles_norfolk(measure: str, measured: dict[str, float]) -> None:
    real, tolerance = NORFOLK[measure]
    assert measured[measure] == pytest.approx(real, abs=tolerance)


@pytest.mark.skipif(not NORFOLK_DATA.is_dir(), reason="the real data folder shared/data/norfolk is not here")
def test_the_recorded_figures_are_norfolks() -> None:
    boundaries = gpd.read_file(NORFOLK_DATA / "LSOA_2021_boundaries_BNG.gpkg")
    rows = street_rows(NORFOLK_DATA / "police-norfolk-2018-10_2025-12.zip", "norfolk")
    rows = join(rows[rows["Month"].str.startswith(YEAR)], boundaries)
    imd = pd.read_csv(NORFOLK_DATA / sample_data.DEPRIVATION).set_index("LSOA code (2021)")[IMD + RANK]
    assert len(rows) == NORFOLK_ROWS
    for measure, value in figures(rows, boundaries["LSOA21CD"], imd).items():
        assert NORFOLK[measure][0] == pytest.approx(value, abs=0.06 if measure.endswith("%") else 0.006), measure


def test_the_readme_states_these_figures(measured: dict[str, float]) -> None:
    text = (sample_data.PUBLISHED.parent / "README.md").read_text(encoding="utf-8")
    table = {
        cells[0]: (float(cells[1]), float(cells[2]))
        for line in text.splitlines()
        if len(cells := [c.strip() for c in line.strip("|").split("|")]) == 3 and cells[0] in NORFOLK
    }
    assert set(table) == set(NORFOLK)
    for measure, (real, ours) in table.items():
        assert real == NORFOLK[measure][0], measure
        assert ours == pytest.approx(measured[measure], abs=0.051 if measure.endswith("%") else 0.0051), measure


# What is planted


def test_every_row_is_accounted_for(joined: pd.DataFrame, railway: pd.DataFrame, truth: dict[str, Any]) -> None:
    outside = joined["Longitude"].notna() & joined["code"].isna()
    assert truth["rows"] == {
        "street": len(joined),
        "british_transport_police": len(railway),
        "no_location": int(joined["Longitude"].isna().sum()),
        "outside_area": int(outside.sum()),
        "within_25_metres": int((joined["near"] == True).sum()),  # noqa: E712 (missing is not near)
    }
    assert set(joined.loc[outside, "LSOA name"].str.split().str[0]) == {"Marlshire", "Sallowmouth"}


def test_some_points_lie_exactly_on_a_boundary(joined: pd.DataFrame) -> None:
    on_boundary = joined["touching"] >= 2
    assert 0.005 < on_boundary.mean() < 0.05


def test_the_railway_stations_lie_inside(railway: pd.DataFrame, areas: gpd.GeoDataFrame) -> None:
    at_stations = join(railway, areas)
    assert at_stations["code"].notna().all()
    assert at_stations["Location"].str.contains("Station").all()
    assert (railway.groupby("Month").size() < 30).all()


def test_the_intervention_is_where_and_what_the_truth_says(
    areas: gpd.GeoDataFrame, serious: pd.DataFrame, truth: dict[str, Any]
) -> None:
    planted = truth["intervention"]
    target, ring = set(planted["target"]), set(planted["ring"])
    assert planted["months_before"] >= 12
    assert planted["months_after"] >= 12
    polygons = areas.set_index("LSOA21CD").geometry
    assert shapely.union_all(polygons[list(target)].to_numpy()).geom_type == "Polygon"
    touching = polygons[polygons.distance(polygons[list(target)].union_all()) < 1].index
    assert ring == set(touching) - target
    assert serious.sum(axis=1).idxmax() not in target | ring
    for name in ("target", "ring"):
        drawn = {year: float(n) for year, n in serious.loc[planted[name]].sum().items()}
        assert drawn == planted["drawn_counts"][name]


def test_the_intervention_cut_and_displaced_what_was_planned(truth: dict[str, Any]) -> None:
    planted = truth["intervention"]
    expected, drawn = planted["expected_offences"], planted["drawn_offences"]
    without = planted["expected_without_intervention"]
    cut = planted["share_cut"] * without["target"]["after"]
    assert expected["cut_in_target"] == pytest.approx(cut, abs=0.1)
    assert expected["displaced_into_ring"] == pytest.approx(planted["share_of_cut_displaced"] * cut, abs=0.1)
    for name in expected:
        # Two standard errors of a count with variance 1.7 times its mean.
        assert abs(drawn[name] - expected[name]) < 2 * np.sqrt(1.7 * expected[name])
    assert drawn["avoided_net"] == drawn["cut_in_target"] - drawn["displaced_into_ring"]
    after, before = (planted["drawn_counts"]["target"][y] for y in ("2025", "2024"))
    assert after < 0.7 * before


def test_the_peak_and_the_trends_are_in_the_rows(serious: pd.DataFrame, truth: dict[str, Any]) -> None:
    trends = truth["trends"]
    assert len(trends["rising"]) == len(trends["falling"]) == 3
    for place in (truth["peak"], *trends["rising"], *trends["falling"]):
        assert {year: float(n) for year, n in serious.loc[place["lsoa"]].items()} == place["drawn"]
    peak = truth["peak"]["drawn"]
    assert peak["2024"] > 1.4 * peak["2023"]
    assert peak["2024"] > 1.4 * peak["2025"]
    level = truth["peak"]["expected"]
    assert max(level.values()) < 1.07 * min(level.values())
    assert all(p["drawn"]["2025"] > 1.5 * p["drawn"]["2023"] for p in trends["rising"])
    assert all(p["drawn"]["2023"] > 1.5 * p["drawn"]["2025"] for p in trends["falling"])
    planted = truth["intervention"]
    apart = {truth["peak"]["lsoa"], *(p["lsoa"] for kind in trends.values() for p in kind)}
    assert len(apart) == 7
    assert not apart & {*planted["target"], *planted["ring"]}


def test_a_police_station_and_a_hospital_swallow_their_share(joined: pd.DataFrame, truth: dict[str, Any]) -> None:
    chosen = joined[joined["Crime type"].isin(SERIOUS)]
    names = [place["location"] for place in truth["busy_points"]]
    assert "On or near Police Station" in names
    assert "On or near Hospital" in names
    for place in truth["busy_points"]:
        rows = chosen[chosen["LSOA code"] == place["lsoa"]]
        share = (rows["Location"] == place["location"]).mean()
        assert share == pytest.approx(place["share_of_serious_violence"], abs=0.08)


# The force's own extract


@pytest.fixture(scope="module")
def extract() -> pd.DataFrame:
    return pd.read_parquet(sample_data.extract()[0])


def test_the_extract_is_not_among_the_open_data() -> None:
    assert not {*sample_data.extract()} & {path for paths in sample_data.inputs().values() for path in paths}


def test_the_extract_holds_the_street_rows_of_the_year(extract: pd.DataFrame, street: pd.DataFrame) -> None:
    year = street[street["Month"].str.startswith(YEAR)]
    counts = year.groupby(["Month", "Crime type"]).size()
    months = extract["date"].astype("str").str[:7]
    assert extract.groupby([months, "crime_type"]).size().tolist() == counts.tolist()
    nowhere = year["Longitude"].replace("", None).isna().sum()
    assert extract["longitude"].isna().sum() == extract["latitude"].isna().sum() == nowhere


def test_its_points_are_not_map_points_but_lie_in_the_recorded_area(
    extract: pd.DataFrame, street: pd.DataFrame, areas: gpd.GeoDataFrame
) -> None:
    year = street[street["Month"].str.startswith(YEAR)]
    located = extract.dropna(subset="longitude")
    assert located.duplicated(["longitude", "latitude"]).mean() < 0.01
    points = gpd.GeoSeries.from_xy(located["longitude"], located["latitude"], crs=4326).to_crs(27700)
    inside = gpd.GeoDataFrame(geometry=points).sjoin(areas[["LSOA21CD", "geometry"]], how="inner")
    mine = inside["LSOA21CD"].value_counts()
    of_police = year["LSOA code"].value_counts().reindex(areas["LSOA21CD"], fill_value=0)
    # what lies on the pier, 70 m out, is in no polygon
    assert (mine.reindex(of_police.index, fill_value=0) - of_police).abs().sum() <= 60


def test_its_codes_are_of_the_crime_type_and_asb_has_none(extract: pd.DataFrame) -> None:
    pairs = extract[["crime_type", "offence_code"]].dropna().drop_duplicates()
    assert [crime_type_of(normalise(code)) for code in pairs["offence_code"]] == pairs["crime_type"].tolist()
    is_asb = extract["crime_type"] == ASB
    assert extract.loc[is_asb, "offence_code"].isna().all()
    assert 0.02 < extract.loc[~is_asb, "offence_code"].isna().mean() < 0.04


def test_violence_happens_at_night_and_shoplifting_by_day(extract: pd.DataFrame) -> None:
    timed = extract.dropna(subset="hour")
    night = timed["hour"].isin([22, 23, 0, 1, 2, 3])
    by_type = night.groupby(timed["crime_type"]).mean()
    assert by_type["Violence and sexual offences"] > 0.3
    assert by_type["Shoplifting"] < 0.05
    assert 0.05 < extract["hour"].isna().mean() < 0.07


def test_the_truth_tells_what_is_in_the_extract(extract: pd.DataFrame, truth: dict[str, Any]) -> None:
    said = truth["extract"]
    assert said["file"] == sample_data.extract()[0].name
    assert said["rows"] == len(extract)
    assert said["by_crime_type"] == extract["crime_type"].value_counts().sort_index().to_dict()
    assert said["by_offence_code"] == extract["offence_code"].value_counts().sort_index().to_dict()
    assert said["no_hour"] == extract["hour"].isna().sum()
    for flag in FLAGS:
        assert said["flags"][flag] == {"true": extract[flag].sum(), "not_recorded": extract[flag].isna().sum()}, flag
        assert extract[flag].any()
