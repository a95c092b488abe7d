import csv
import io
import json
import math
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import example, given
from hypothesis import strategies as st
from shapely import box

from hotspots.export import (
    COLUMNS,
    PER_COLUMNS,
    SEVERITY_COLUMNS,
    file_name,
    hotspot_list,
    to_csv_bytes,
    to_geojson_bytes,
)
from hotspots.selection import Period

YEAR = Period("2025-01", "2025-12")
CODES = ["E01000001", "E01000002", "E01000003"]
STARTS = ("=", "+", "-", "@", "\t", "\r")


def read(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


@pytest.fixture
def table() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "label": ["Mill (A)", "=cmd", None],
            "ward": "Mill",
            "district": "Gridshire",
            "residents": pd.array([1000, 2000, None], dtype="Int64"),
            "imd_decile": pd.array([1, 10, None], dtype="Int64"),
            "count": pd.array([2, 1, None], dtype="Int64"),
            "asb_count": pd.array([0, 7, None], dtype="Int64"),
            "rate_per_1000_year": [2.0, 0.5, np.nan],
            "rate_low": [0.24220928, 0.0126589, np.nan],
            "rate_high": [7.2246, 2.7858, np.nan],
            "rank": pd.array([1, 2, None], dtype="Int64"),
            "rank_low": pd.array([1, 1, None], dtype="Int64"),
            "rank_without_point": pd.array([None, 3, None], dtype="Int64"),
            "rank_high": pd.array([2, 2, None], dtype="Int64"),
            "share": [2 / 3, 1 / 3, np.nan],
            "cumulative_share": [2 / 3, 1.0, np.nan],
            "hotspot": [True, False, False],
            "top_point": pd.Series(["On or near Mill Lane", "On or near Zoo", None], dtype="str").to_numpy(),
            "top_point_share": [0.5, 1.0, np.nan],
            "density": 1.0,
        },
        index=pd.Index(CODES, name="lsoa_code"),
    )


@pytest.fixture
def listed(table: pd.DataFrame) -> pd.DataFrame:
    return hotspot_list(
        table, definition="Norfolk", period=YEAR, source="police.uk", marking="Open data", dataset_hash="ab12",
        share_of="Breckland, Norwich",
    )  # fmt: skip


@pytest.fixture
def areas() -> gpd.GeoDataFrame:
    squares = [box(600_000 + x, 300_000, 601_000 + x, 301_000) for x in (0, 1000, 2000)]
    return gpd.GeoDataFrame({"lsoa_code": CODES[::-1]}, geometry=squares[::-1], crs=27700)


def test_the_list_has_exactly_the_agreed_columns(listed: pd.DataFrame) -> None:
    assert listed.columns.tolist() == [
        "rank", "lsoa_code", "label", "ward", "district", "count", "share", "cumulative_share", "residents",
        "rate_per_1000_year", "rate_low", "rate_high", "asb_count", "imd_decile", "top_point_share", "top_point",
        "hotspot", "definition", "period", "source", "marking", "dataset_hash", "rank_low", "rank_high",
        "rank_without_point", "ranked_by", "share_of", "residents_source", "imd_year", "rate_interval", "rank_interval",
        "hotspot_rule",
    ]  # fmt: skip
    assert listed["period"].unique().tolist() == ["2025-01 to 2025-12"]
    assert listed["share"].tolist()[:2] == [0.6667, 0.3333]
    assert set(listed["share_of"]) == {"Breckland, Norwich"}


def test_a_row_says_what_its_figures_are(table: pd.DataFrame) -> None:
    said: dict[str, Any] = {"definition": "", "period": YEAR, "source": "", "marking": "", "dataset_hash": ""}
    row = hotspot_list(table, **said, residents_source="Mid-2022 estimate", imd_year="2025", dispersion=1.53).iloc[0]
    assert (row["residents_source"], row["imd_year"]) == ("Mid-2022 estimate", "2025")
    assert row["rate_interval"] == "95 %, of chance in the count alone"
    assert row["rank_interval"] == "95 %, counts taken to scatter with 1.5 times the variance of chance"
    assert row["hotspot_rule"].startswith("one of the fewest LSOAs that hold 25 % of the count, ties in")
    assert set(hotspot_list(table, **said)["rank_interval"]) == {""}, "no dispersion, no interval of ranks"


def test_csv_reads_back(listed: pd.DataFrame) -> None:
    header, *rows = read(to_csv_bytes(listed))
    assert tuple(header) == COLUMNS
    first, second, third = (dict(zip(header, row, strict=True)) for row in rows)
    assert (first["rank"], first["share"], first["rate_low"]) == ("1", "0.6667", "0.24")
    assert (first["hotspot"], second["hotspot"]) == ("true", "false")
    assert second["label"] == "'=cmd"
    # missing is empty, zero is 0
    assert first["asb_count"] == "0"
    assert [third[c] for c in ("rank", "label", "count", "share", "rate_low", "asb_count", "top_point")] == [""] * 7


def test_csv_is_marked_as_utf_8_with_crlf_lines(listed: pd.DataFrame) -> None:
    data = to_csv_bytes(listed)
    assert data.startswith(b"\xef\xbb\xbfrank,")
    assert data.count(b"\r\n") == 4
    frame = pd.read_csv(io.BytesIO(data))
    assert frame["lsoa_code"].tolist() == CODES
    assert frame["hotspot"].tolist() == [True, False, False]


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\tx",
        "\rx",
        "\nx",
        "  =1",
        "\u00a0=1",
        "\u200b=1",
        "\ufeff@x",
        "\uff1d1",
        "\ufe63x",
    ],
)
def test_text_like_a_formula_gets_an_apostrophe(text: str) -> None:
    rows = read(to_csv_bytes(pd.DataFrame({text: [text]})))
    assert rows == [["'" + text], ["'" + text]]


@pytest.mark.parametrize("text", ["Mancroft (Norwich 007C)", "A=B", "1-2", "'quoted'", "", "Ynys Môn"])
def test_other_text_is_left_alone(text: str) -> None:
    assert read(to_csv_bytes(pd.DataFrame({"a": [text], "b": [1]})))[1] == [text, "1"]


def test_numbers_are_left_alone() -> None:
    frame = pd.DataFrame({"a": [-1, 2], "b": [-0.5, np.inf], "c": pd.array([-3, None], dtype="Int64"), "d": [-4, "-4"]})
    assert read(to_csv_bytes(frame))[1:] == [["-1", "-0.5", "-3", "-4"], ["2", "", "", "'-4"]]


cell = st.one_of(st.none(), st.booleans(), st.integers(-(10**12), 10**12), st.floats(), st.text(max_size=12)) | st.text(
    alphabet="=+-@\t\r\n \"',;\u00a0\u200b\uff1da", max_size=6
)


@given(st.lists(st.tuples(cell, cell), min_size=1, max_size=8), st.text(min_size=1, max_size=5))
@example([("\u200b\r", None)], "0")
@example([("=1", "\r\n=1"), (None, -1.5)], "=A")
@example([("\ud800", 'a",=1\r\n=2'), (math.nan, math.inf)], "\ufeff=")
def test_every_csv_reads_back_without_a_formula(rows: list[tuple[Any, Any]], name: str) -> None:
    frame = pd.DataFrame({name: [r[0] for r in rows], name + "2": [r[1] for r in rows]}, dtype=object)
    header, *cells = read(to_csv_bytes(frame))
    assert len(cells) == len(rows)
    assert not any(text.startswith(STARTS) for text in header)
    for original, written in zip((v for row in rows for v in row), (c for row in cells for c in row), strict=True):
        if isinstance(original, str):
            plain = original.encode("utf-8", errors="replace").decode("utf-8")
            assert written in (plain, "'" + plain)
            assert not written.lstrip(" \u00a0\u200b").startswith((*STARTS, "\uff1d"))
        elif original is None or (isinstance(original, float) and not math.isfinite(original)):
            assert written == ""
        elif not isinstance(original, bool):
            assert float(written) == original


def test_geojson_is_rfc_7946(listed: pd.DataFrame, areas: gpd.GeoDataFrame) -> None:
    collection = json.loads(to_geojson_bytes(listed, areas), parse_constant=lambda c: pytest.fail(f"{c} in JSON"))
    assert set(collection) == {"type", "features"}
    assert [f["properties"]["lsoa_code"] for f in collection["features"]] == CODES
    for feature in collection["features"]:
        assert tuple(feature["properties"]) == COLUMNS
        shape = shapely.geometry.shape(feature["geometry"])
        assert shape.exterior.is_ccw
        for longitude, latitude in shape.exterior.coords:
            assert 0 < longitude < 3
            assert 52 < latitude < 53
            assert (round(longitude, 6), round(latitude, 6)) == (longitude, latitude)
    last = collection["features"][-1]["properties"]
    assert (last["rank"], last["share"], last["label"], last["hotspot"]) == (None, None, None, False)
    assert collection["features"][1]["properties"]["label"] == "=cmd"


def test_geojson_shows_each_row_on_its_own_area(listed: pd.DataFrame, areas: gpd.GeoDataFrame) -> None:
    shown = gpd.read_file(to_geojson_bytes(listed.iloc[::-1], areas)).to_crs(27700)
    assert shown["lsoa_code"].tolist() == CODES[::-1]
    distance = shown.geometry.centroid.distance(areas.geometry.centroid, align=False)
    assert distance.max() < 0.2  # six decimals


def test_what_a_list_goes_by_follows_the_agreed_columns(table: pd.DataFrame) -> None:
    """The rate by residents keeps its name whatever the list is ranked by."""
    said: dict[str, Any] = {"definition": "", "period": YEAR, "source": "", "marking": "", "dataset_hash": ""}
    usual = table["rate_per_1000_year"]
    beside = {
        "residents_rate": usual,
        "residents_rate_low": table["rate_low"],
        "residents_rate_high": table["rate_high"],
    }
    per = table.assign(
        **beside, denominator=[8000, 500, None], rate_per_1000_year=[0.25, 2.0, None], rate_low=0.1, rate_high=3.0
    )
    listed = hotspot_list(per, **said, denominator="Workday population")
    assert tuple(listed.columns) == (*COLUMNS, *PER_COLUMNS)
    assert listed["rate_per_1000_year"].tolist()[:2] == [2.0, 0.5]
    assert listed["rate_high"].tolist()[:2] == [7.22, 2.79]
    assert listed.loc[0, list(PER_COLUMNS)].tolist() == ["Workday population", 8000, 0.25, 0.1, 3.0]
    severe = hotspot_list(table.assign(severity=[10.555, 20.0, None]), **said, weights="=Ours")
    assert tuple(severe.columns) == (*COLUMNS, *SEVERITY_COLUMNS)
    assert severe.loc[1, "severity"] == 20
    assert "'=Ours" in read(to_csv_bytes(severe))[1]


def test_geojson_without_an_outline_is_null(listed: pd.DataFrame, areas: gpd.GeoDataFrame) -> None:
    collection = json.loads(to_geojson_bytes(listed, areas.iloc[1:]))
    assert [feature["geometry"] is None for feature in collection["features"]] == [False, False, True]
    with pytest.raises(ValueError, match="no coordinate reference system"):
        to_geojson_bytes(listed, areas.set_crs(None, allow_override=True))


def test_the_same_values_in_both_files(listed: pd.DataFrame, areas: gpd.GeoDataFrame) -> None:
    collection = json.loads(to_geojson_bytes(listed, areas))
    for row, feature in zip(read(to_csv_bytes(listed))[1:], collection["features"], strict=True):
        for text, value in zip(row, feature["properties"].values(), strict=True):
            written = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
            assert text.removeprefix("'") == written


def test_inputs_stay(table: pd.DataFrame, listed: pd.DataFrame, areas: gpd.GeoDataFrame) -> None:
    before = table.copy(deep=True), listed.copy(deep=True), areas.copy(deep=True)
    hotspot_list(table, definition="", period=YEAR, source="", marking="", dataset_hash="")
    to_csv_bytes(listed)
    to_geojson_bytes(listed, areas)
    for old, new in zip(before, (table, listed, areas), strict=True):
        pd.testing.assert_frame_equal(pd.DataFrame(old), pd.DataFrame(new))


@pytest.mark.parametrize(
    ("area", "name"),
    [
        ("Norfolk", "norfolk-hotspots-2025-01-to-2025-12.csv"),
        ("King's Lynn & West Norfolk", "king-s-lynn-west-norfolk-hotspots-2025-01-to-2025-12.csv"),
        ("../../etc/passwd", "etc-passwd-hotspots-2025-01-to-2025-12.csv"),
        ("Ynys Môn", "ynys-mon-hotspots-2025-01-to-2025-12.csv"),
        ("CON", "con-hotspots-2025-01-to-2025-12.csv"),
        ("???", "area-hotspots-2025-01-to-2025-12.csv"),
    ],
)
def test_file_name(area: str, name: str) -> None:
    assert file_name(area, "hotspots", YEAR, ".csv") == name


def test_a_file_name_tells_lists_apart() -> None:
    names = {
        file_name("Norfolk", "ranked-lsoas", YEAR, "csv", counted=counted, measure=measure)
        for counted in ("norfolk-definition", "ASB", "Robbery")
        for measure in ("number", "rate", "rate per Workday population")
    }
    assert len(names) == 9
    assert "norfolk-ranked-lsoas-norfolk-definition-by-rate-2025-01-to-2025-12.csv" in names


@given(st.text(), st.text(), st.text())
def test_longer_file_names_are_safe_everywhere(area: str, counted: str, measure: str) -> None:
    name = file_name(area, "ranked-lsoas", YEAR, "geojson", counted=counted, measure=measure)
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-.")
    assert len(name) < 250
    assert "--" not in name


@given(st.text(), st.text(), st.text(max_size=10))
def test_file_names_are_safe_everywhere(area: str, kind: str, ext: str) -> None:
    name = file_name(area, kind, YEAR, ext)
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-.")
    assert len(name) < 200
    assert name.split("-")[0].split(".")[0]
