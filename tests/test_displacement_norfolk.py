"""Did it move, on real Norfolk: the centre of Great Yarmouth, January to April 2024 against the same months of 2025.

Nothing is known to have been done there in January 2025: the figures show that the sums are right, not that something worked.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from benchmarks.displacement import norfolk as norfolk_coverage
from hotspots.change import change_map
from hotspots.controls import Geography, geography, ring_around
from hotspots.counts import monthly_counts
from hotspots.evaluation import Evaluation, evaluate
from hotspots.verdict import PEAK, cautions, first_sentence, missed_sentence, verdict
from hotspots.windows import BeforeAfter, preset_windows
from tests.test_norfolk_figures import NORFOLK, POLICE, Norfolk, norfolk  # noqa: F401 - the fixture

pytestmark = pytest.mark.skipif(
    not POLICE.exists(), reason=f"real Norfolk data not found at {NORFOLK}: displacement cannot be checked on it"
)

# "Great Yarmouth 005C" and "005D" (Central and Northgate), "006C" and "006E" (Nelson)
CENTRE = ("E01026597", "E01026598", "E01026624", "E01026626")

FINDING = (
    "Chosen at its peak: no clear change in offences (77 more than expected, could be 43 fewer to 197 more); next door about 90 "
    "more (could be 7 to 174)"
)
VERDICT = "no clear change here, more next door"


@pytest.fixture(scope="module")
def areas(norfolk: Norfolk) -> gpd.GeoDataFrame:  # noqa: F811
    codes = norfolk.areas["lsoa_code"]
    deprivation = pd.read_csv(NORFOLK / "IoD2025_File_7_all_ranks_deciles_scores.csv").set_index("LSOA code (2021)")
    rural_urban = pd.read_csv(NORFOLK / "Rural_Urban_Classification_2021_LSOA.csv").set_index("LSOA21CD")
    return norfolk.areas.assign(
        imd_score=codes.map(deprivation.filter(like="(IMD) Score").iloc[:, 0]),
        rural_urban=codes.map(rural_urban["RUC21NM"]),
    )


@pytest.fixture(scope="module")
def places(areas: gpd.GeoDataFrame) -> Geography:
    return geography(areas)


@pytest.fixture(scope="module")
def windows(norfolk: Norfolk) -> BeforeAfter:  # noqa: F811
    return preset_windows("2025-01", norfolk.presence.columns)


@pytest.fixture(scope="module")
def monthly(norfolk: Norfolk, windows: BeforeAfter) -> pd.DataFrame:  # noqa: F811
    return monthly_counts(norfolk.cells, norfolk.areas, norfolk.presence, windows.months, norfolk.crime_types)


@pytest.fixture(scope="module")
def plain(norfolk: Norfolk) -> pd.DataFrame:  # noqa: F811
    """Offences by LSOA, before and after, by pandas alone."""
    rows = norfolk.incidents[norfolk.incidents["crime_type"].isin(norfolk.crime_types)]
    months = rows["month"].astype(str)
    chosen = rows[months.str[5:].isin(["01", "02", "03", "04"])].assign(year=months.str[:4])
    table = chosen.groupby(["lsoa_code", "year"], observed=False).size().unstack()
    return table.reindex(norfolk.areas["lsoa_code"]).fillna(0).set_axis(["before", "after"], axis=1)


@pytest.fixture(scope="module")
def result(monthly: pd.DataFrame, places: Geography, windows: BeforeAfter) -> Evaluation:
    return evaluate(CENTRE, monthly, places, windows, ring=ring_around(CENTRE, places), chosen_from=windows.before)


def sums(plain: pd.DataFrame, codes: tuple[str, ...]) -> tuple[int, int]:
    before, after = plain.loc[list(codes)].sum()
    return int(before), int(after)


def test_windows_ring_and_controls_by_plain_geopandas(
    result: Evaluation, areas: gpd.GeoDataFrame, plain: pd.DataFrame, windows: BeforeAfter
) -> None:
    assert windows.label == "January to April 2024 against January to April 2025"
    shapes = areas.set_index("lsoa_code").geometry
    target = shapes[list(CENTRE)].union_all()
    next_to = shapes.index[(shapes.distance(target) <= 1) & ~shapes.index.isin(CENTRE)]
    assert set(result.groups["ring"]) == set(next_to)
    done = shapes[[*CENTRE, *next_to]].union_all()
    for name, of in (("control", CENTRE), ("ring_control", result.groups["ring"])):
        codes = list(result.groups[name])
        assert (shapes[codes].distance(done) > 1).all()
        level = plain.loc[list(of), "before"].to_numpy()
        alike = np.abs(plain.loc[codes, "before"].to_numpy()[:, None] - level) <= 0.2 * level
        assert alike.any(axis=1).all()
    assert not set(result.groups["control"]) & set(result.groups["ring_control"])


def test_every_number_by_plain_pandas(result: Evaluation, plain: pd.DataFrame) -> None:
    (tb, ta), (cb, ca), (db, da), (eb, ea) = (
        sums(plain, result.groups[name]) for name in ("target", "control", "ring", "ring_control")
    )
    assert result.counts[["before", "after"]].to_numpy().tolist() == [[tb, ta], [cb, ca], [db, da], [eb, ea]]
    k, j = cb / tb, eb / db
    assert result.counts["weight"].tolist() == pytest.approx([1, k, 1, j])
    local = (ta - tb) - (ca - cb) / k
    moved = (da - db) - (ea - eb) / j
    variance = ta + tb + (ca + cb) / k**2, da + db + (ea + eb) / j**2
    assert result.displacement is not None
    for part, difference, estimate, poisson in (
        ("local", result.local, local, variance[0]),
        ("displacement", result.displacement, moved, variance[1]),
        ("total", result.total, local + moved, sum(variance)),
    ):
        z = result.placebos.draws[f"{part}_z"]
        dispersion = max(1.0, (z**2).mean())
        se = np.sqrt(poisson * dispersion)
        assert difference.estimate == pytest.approx(estimate)
        assert difference.se == pytest.approx(se)
        assert difference.z == pytest.approx(estimate / se)
        assert (difference.lower, difference.upper) == pytest.approx(
            (estimate - 1.959964 * se, estimate + 1.959964 * se)
        )
        as_far = (z.abs() >= abs(estimate) / np.sqrt(poisson)).sum()
        assert result.as_extreme(part) == pytest.approx((1 + as_far) / (1 + len(z)))
    assert result.smallest_called == pytest.approx(1.959964 * result.local.se)
    assert result.minimum_detectable == pytest.approx((1.959964 + 0.841621) * result.local.se)
    assert result.ratio.ratio == pytest.approx((ta / tb) / (ca / cb))
    log_se = np.sqrt(result.dispersion["local"] * (1 / ta + 1 / tb + 1 / ca + 1 / cb))
    assert result.ratio.se == pytest.approx(log_se)
    assert result.quotient is not None
    assert result.quotient.success == pytest.approx(ta / ca - tb / cb)
    assert result.quotient.quotient == pytest.approx((da / ca - db / cb) / (ta / ca - tb / cb))
    assert result.quotient.total_net_effect == pytest.approx((tb * ca / cb - ta) + (db * ca / cb - da))
    assert result.at_peak


def test_the_finding_in_words(result: Evaluation) -> None:
    assert (len(result.placebos.draws) >= 100, result.counts.loc["target", "before"]) == (True, 438)
    assert 1.5 < result.dispersion["total"] < 4
    words = first_sentence(result)
    assert cautions(result)[0] == PEAK
    assert verdict(result) == VERDICT
    assert words == FINDING
    assert missed_sentence(result).startswith("A true change smaller than ")


def test_the_change_map(monthly: pd.DataFrame, windows: BeforeAfter, plain: pd.DataFrame) -> None:
    changes = change_map(monthly, windows)
    assert changes["difference"].tolist() == (plain["after"] - plain["before"]).tolist()
    few = plain.min(axis=1) < 20
    assert changes.loc[few, "percent"].isna().all()
    assert changes.loc[~few, "percent"].tolist() == pytest.approx(
        (100 * (plain["after"] - plain["before"]) / plain["before"])[~few].tolist()
    )


def test_the_dispersion_is_what_makes_the_limits_hold(
    monthly: pd.DataFrame, places: Geography, windows: BeforeAfter
) -> None:
    """Small version of what ``benchmarks/displacement.md`` records: places where nothing is known to have been done."""
    found = norfolk_coverage(places, monthly, windows, 200, size=1, busy=False)
    for part in ("local", "displacement", "total"):
        assert found.held[part] >= 0.91, part
        assert found.held[f"{part}, as if Poisson"] <= 0.88, part
