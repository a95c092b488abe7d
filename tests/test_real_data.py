"""Real open data of two police force areas, where it is at hand: what is known of it, and an independent join."""

from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from geodata.build import build
from geodata.checks import check_dataset
from geodata.dataset import Dataset, open_dataset
from geodata.inputs import Inputs

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"the real data are not at {DATA}")

Built = Callable[[str], Dataset]
FORCES = {
    "norfolk": ("norfolk",),
    "suffolk": ("suffolk",),
    "both": ("norfolk", "suffolk"),
    "norfolk 2011": ("norfolk",),
}


def inputs(name: str) -> Inputs:
    """The files of one of ``FORCES``, in the order of neither name nor kind."""
    folders = [DATA / force for force in FORCES[name]]

    def files(*names: str) -> tuple[Path, ...]:
        return tuple(path for one in names for folder in folders for path in sorted(folder.glob(one)))

    old = name.endswith("2011")
    return Inputs(
        boundaries=files("LSOA_2011_boundaries_BNG.gpkg" if old else "LSOA_2021_boundaries_WGS84.geojson"),
        police=files("police-*.zip"),
        deprivation=files("IoD2019*.csv" if old else "IoD2025*.csv"),
        population=files("mid-2020*.csv" if old else "census2021*.csv"),
        lookup=files("*_lookup.csv", *(() if old else ("Rural_Urban*.csv",))),
    )


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Each dataset, built once."""
    folder, known = tmp_path_factory.mktemp("real"), dict[str, Dataset]()

    def get(name: str) -> Dataset:
        if name not in known:
            build(inputs(name), folder / name)
            known[name] = open_dataset(folder / name)
        return known[name]

    return get


@pytest.fixture(params=FORCES)
def each(request: pytest.FixtureRequest, dataset: Built) -> tuple[str, Dataset]:
    """Every dataset in turn, with its name."""
    return request.param, dataset(request.param)


def read(force: str) -> pd.DataFrame:
    """The published rows, read plainly."""
    (path,) = (DATA / force).glob("police-*.zip")
    with ZipFile(path) as archive:
        return pd.concat([pd.read_csv(archive.open(name)) for name in archive.namelist()], ignore_index=True)


def independent(forces: tuple[str, ...], areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Every located row with the LSOA that geopandas finds for it, and how."""
    rows = pd.concat([read(force) for force in forces], ignore_index=True)
    rows = rows.dropna(subset=["Longitude", "Latitude"])
    points = gpd.GeoDataFrame(rows, geometry=gpd.points_from_xy(rows.Longitude, rows.Latitude, crs=4326)).to_crs(27700)
    polygons = areas[["lsoa_code", "geometry"]]
    inside = gpd.sjoin(points, polygons, predicate="intersects").groupby(level=0)["lsoa_code"].min()
    left = points[~points.index.isin(inside.index)]
    near = gpd.sjoin_nearest(left, polygons, max_distance=25).groupby(level=0)["lsoa_code"].min()
    return points.assign(lsoa_code=pd.concat([inside, near]), nearest=points.index.isin(near.index))


def test_counts_equal_an_independent_join(each: tuple[str, Dataset]) -> None:
    name, dataset = each
    joined = independent(FORCES[name], dataset.areas)
    keys = ["lsoa_code", "Month", "Crime type"]
    expected = joined.dropna(subset="lsoa_code").groupby(keys).size()
    cells = dataset.cells.astype({"lsoa_code": "str", "month": "str", "crime_type": "str"})
    found = cells.groupby(["lsoa_code", "month", "crime_type"])["count"].sum().rename_axis(keys)
    pd.testing.assert_series_equal(found, expected, check_dtype=False, check_names=False)
    assert dataset.manifest["accounting"]["joined_nearest"] == joined["nearest"].sum()
    assert dataset.manifest["accounting"]["rejected"]["outside_area"] == joined["lsoa_code"].isna().sum()


def test_every_row_is_accounted_for_and_the_folder_is_sound(each: tuple[str, Dataset]) -> None:
    name, dataset = each
    counted = dataset.manifest["accounting"]
    rows = {"norfolk": 120_264, "suffolk": 89_748}
    assert counted["rows_read"] == sum(rows[force] for force in FORCES[name])
    assert counted["rows_read"] == counted["joined"] + sum(counted["rejected"].values())
    assert check_dataset(dataset.path) == []


def test_asb_rows_are_all_kept(each: tuple[str, Dataset]) -> None:
    name, dataset = each
    asb = dataset.accounting().query("crime_type == 'Anti-social behaviour'")
    assert asb["rows"].sum() == sum({"norfolk": 16_714, "suffolk": 8_223}[force] for force in FORCES[name])
    assert "repeated_crime_id" not in set(asb["outcome"])


def test_what_is_known_of_norfolk(dataset: Built) -> None:
    manifest = dataset("norfolk").manifest
    # 1,018 located rows match no polygon: 78 of Norfolk and 11 of a neighbour lie within 25 m of one.
    assert manifest["accounting"] == {
        "rows_read": 120_264,
        "joined": 116_932,
        "joined_nearest": 89,
        "rejected": {"no_location": 2_403, "outside_area": 929},
    }
    months = list(manifest["coverage"]["police.uk"]["norfolk"].items())
    assert (months[0][0], months[-1][0], len(months)) == ("2018-10", "2025-12", 87)
    assert sum(status == "present" for _, status in months) == 21
    assert manifest["vintage"] == 2021
    assert manifest["deprivation"] == {"year": 2025, "areas_without": 0, "estimated": 0, "bridged": False}
    assert manifest["population"] == {"kind": "Census 2021 usual residents", "areas_without": 0}
    assert manifest["forces_absent"] == ["btp", "cambridgeshire", "lincolnshire", "suffolk"]


def test_nothing_is_said_of_spelling_months_or_overlaps(each: tuple[str, Dataset]) -> None:
    _, dataset = each
    said = " ".join(dataset.manifest["warnings"])
    assert not any(words in said for words in ("no crime type", "of that month", "overlap"))
    assert "invalid_month" not in dataset.manifest["accounting"]["rejected"]


def test_rows_joined_to_the_nearest_area_mostly_carry_a_code_of_the_county(dataset: Built) -> None:
    norfolk = dataset("norfolk")
    nearest = norfolk.incidents().query("joined_by == 'nearest'")
    old = gpd.read_file(DATA / "norfolk" / "LSOA_2011_boundaries_BNG.gpkg")["LSOA11CD"]
    assert nearest["recorded_lsoa_code"].isin({*norfolk.areas["lsoa_code"], *old}).sum() == 78


def test_areas_are_described_in_full(each: tuple[str, Dataset]) -> None:
    name, dataset = each
    areas = dataset.areas
    counts = {"norfolk": 552, "suffolk": 449, "both": 1_001, "norfolk 2011": 538}
    assert len(areas) == counts[name]
    assert areas[["district", "label", "residents", "imd_rank", "imd_decile", "force"]].notna().all(axis=None)
    assert set(areas["force"]) == set(FORCES[name])
    if name != "norfolk 2011":
        assert areas[["ward", "csp", "police_force_area", "rural_urban", "imd_score"]].notna().all(axis=None)


def test_a_ward_lookup_of_2021_reaches_the_unchanged_areas_of_2011(dataset: Built) -> None:
    areas = dataset("norfolk 2011").areas
    changed = pd.read_csv(DATA / "norfolk" / "LSOA_2011_to_LSOA_2021_exact_fit_lookup.csv").query("CHGIND != 'U'")
    assert areas["ward"].isna().sum() == changed["LSOA11CD"].nunique()
    assert areas["csp"].notna().all()


def test_two_partnerships_of_one_district_are_both_named(dataset: Built) -> None:
    areas = dataset("suffolk").areas
    assert set(areas.loc[areas["district"] == "East Suffolk", "csp"]) == {"Suffolk Coastal or Waveney"}
    assert set(areas.loc[areas["district"] == "Ipswich", "csp"]) == {"Ipswich"}


def test_recorded_codes_agree_with_the_join(dataset: Built) -> None:
    for name in FORCES:
        agreement = dataset(name).manifest["agreement"]
        assert sum(agreement.values()) == dataset(name).manifest["accounting"]["joined"]
        same = agreement["same"] + agreement["same_by_lookup"]
        assert same / (same + agreement["different"]) > 0.95


def test_neighbours_together_hold_what_each_holds_alone(dataset: Built) -> None:
    def joined(name: str) -> int:
        return int(dataset(name).manifest["accounting"]["joined"])

    both = dataset("both").manifest
    assert joined("both") >= joined("norfolk") + joined("suffolk")
    assert both["forces_absent"] == ["btp", "cambridgeshire", "essex", "lincolnshire"]
    assert both["area"] == "Norfolk and Suffolk"
    inside = dataset("both").cells.merge(
        dataset("both").areas[["lsoa_code", "force"]], on="lsoa_code", suffixes=("", "_own")
    )
    assert (inside["force"].astype("str") != inside["force_own"]).any(), (
        "some rows of one force lie in the other's area"
    )


def test_zero_is_only_where_the_month_was_supplied(dataset: Built) -> None:
    norfolk = dataset("norfolk")
    counts = norfolk.counts()
    present = norfolk.presence().loc["norfolk"]
    missing = counts["count"].isna()
    assert (missing == ~counts["month"].map(present)).all()
    assert len(counts) == 552 * 87 * 14
    assert counts["count"].sum() == norfolk.manifest["accounting"]["joined"]


def test_the_index_of_2019_is_that_of_its_file(dataset: Built) -> None:
    areas = dataset("norfolk 2011").areas.set_index("lsoa_code")
    published = pd.read_csv(DATA / "norfolk" / "IoD2019_File_7_all_ranks_deciles_scores.csv").set_index(
        "LSOA code (2011)"
    )
    ranks = published["Index of Multiple Deprivation (IMD) Rank (where 1 is most deprived)"]
    assert areas["imd_rank"].equals(ranks.reindex(areas.index).astype("Int64"))
    assert set(areas["imd_year"]) == {2019}
    assert areas["imd_score"].isna().all()


def test_the_index_of_2019_carried_to_2021(tmp_path: Path) -> None:
    plain = inputs("norfolk")
    carried = Inputs(plain.boundaries, plain.police, (DATA / "norfolk" / "IoD2019_File_7_all_ranks_deciles_scores.csv",),
                     lookup=plain.lookup)  # fmt: skip
    build(carried, tmp_path / "out")
    areas = open_dataset(tmp_path / "out").areas.set_index("lsoa_code")
    fit = pd.read_csv(DATA / "norfolk" / "LSOA_2011_to_LSOA_2021_exact_fit_lookup.csv")
    ranks = pd.read_csv(carried.deprivation[0]).set_index("LSOA code (2011)").iloc[:, 3]
    single = fit[fit["CHGIND"].isin(["U", "S"])]
    assert areas.loc[single["LSOA21CD"], "imd_rank"].to_list() == ranks[single["LSOA11CD"]].to_list()
    merged = fit[fit["CHGIND"] == "M"]
    assert set(areas.index[areas["imd_estimated"]]) == set(merged["LSOA21CD"])
    for code, parts in merged.groupby("LSOA21CD"):
        own = ranks[parts["LSOA11CD"]]
        assert own.min() <= areas.loc[code, "imd_rank"] <= own.max()


def test_the_order_of_two_areas_leaves_no_trace(dataset: Built, tmp_path: Path) -> None:
    turned = Inputs(**{kind: tuple(reversed(getattr(inputs("both"), kind))) for kind in Inputs.__dataclass_fields__})
    manifest = build(turned, tmp_path / "out")
    expected = dataset("both").manifest
    assert manifest | {"built_at": ""} == expected | {"built_at": ""}


def test_the_display_files_are_small_and_hold_no_incident(dataset: Built) -> None:
    for kind, path in dataset("norfolk").display.items():
        text = path.read_text(encoding="utf-8")
        assert len(text) < {"areas": 1_000_000, "districts": 300_000, "places": 100_000}[kind]
        assert "On or near" not in text
    assert np.isfinite(dataset("norfolk").areas.total_bounds).all()
