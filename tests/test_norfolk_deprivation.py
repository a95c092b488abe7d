"""Every figure of the Deprivation page on real Norfolk 2025 with the Indices of Deprivation 2025, worked out again apart.

Hand-made tables by plain pandas on the published File 7, models by statsmodels; counts from a join that shares no code with
the build (tests/test_norfolk_figures.py).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats
from statsmodels.discrete.discrete_model import NegativeBinomial as Oracle

from geodata.columns import ASB
from hotspots.composite import WEIGHTS, composite
from hotspots.counts import area_counts, monthly_counts
from hotspots.exceptions import exceptions, exceptions_sentence, town_centres
from hotspots.inequality import (
    FIFTHS,
    TENTHS,
    Inequality,
    decile_sentence,
    group_rates,
    inequality,
    local_groups,
    rate_ratio,
    ratio_sentence,
    slopes_sentence,
)
from hotspots.rates import density
from hotspots.uncertainty import overdispersion
from tests.test_norfolk_figures import NORFOLK, POLICE, YEAR, Norfolk, norfolk  # noqa: F401 - the fixture

FILE_7 = NORFOLK / "IoD2025_File_7_all_ranks_deciles_scores.csv"

pytestmark = pytest.mark.skipif(
    not (POLICE.exists() and FILE_7.exists()),
    reason=f"real Norfolk data not found at {NORFOLK}: its deprivation cannot be checked",
)

N = 33_755
TITLES = {
    "imd": "Index of Multiple Deprivation (IMD)",
    "income": "Income",
    "employment": "Employment",
    "education": "Education, Skills and Training",
    "health": "Health Deprivation and Disability",
    "crime": "Crime",
    "housing": "Barriers to Housing and Services",
    "environment": "Living Environment",
}


@dataclass(frozen=True)
class County:
    """``table`` with count, residents, months; ``file`` 7 by short names; both by lsoa_code. ``spread``: the dispersion."""

    table: pd.DataFrame
    file: pd.DataFrame
    without_crime: pd.Series
    spread: float
    urban: pd.Series
    dense: pd.Series


@pytest.fixture(scope="module")
def county(norfolk: Norfolk) -> County:  # noqa: F811
    published = pd.read_csv(FILE_7).set_index("LSOA code (2021)")
    file = pd.DataFrame(
        {
            f"{name}_{part.lower()}": published[next(c for c in published if c.startswith(f"{title} {part}"))]
            for name, title in TITLES.items()
            for part in ("Score", "Rank", "Decile")
        }
    )
    areas = norfolk.areas.set_index("lsoa_code")
    file = file.reindex(areas.index)
    of = (norfolk.cells, norfolk.areas, norfolk.presence, YEAR.months)
    every = [kind for kind in norfolk.cells["crime_type"].cat.categories if kind != ASB]
    rural = pd.read_csv(NORFOLK / "Rural_Urban_Classification_2021_LSOA.csv").set_index("LSOA21CD")["RUC21NM"]
    counts = area_counts(*of, every)
    return County(
        table=area_counts(*of, norfolk.crime_types).assign(residents=areas["residents"]),
        file=file,
        without_crime=composite(file[[f"{d}_rank" for d in WEIGHTS]].rename(columns=lambda c: c[:-5]), N, ["crime"]),
        spread=overdispersion(monthly_counts(*of, norfolk.crime_types)),
        urban=rural.reindex(areas.index).str.startswith("Urban").astype("boolean"),
        dense=density(counts["count"], areas["area_km2"], counts["months"]),
    )


# -- the index from its own domains


def test_the_published_index_is_reproduced_from_its_domains(county: County) -> None:
    """To half of the score's last decimal; its order exactly. The 2025 weights add up to 99.9, and the score is not rescaled."""
    made = composite(county.file[[f"{d}_rank" for d in WEIGHTS]].rename(columns=lambda c: c[:-5]), N)
    assert (made - county.file["imd_score"]).abs().max() <= 0.0005 + 1e-9
    # the published rank orders all of England; within the county it is the same order
    assert made.rank(ascending=False).tolist() == county.file["imd_rank"].rank().tolist()
    assert (made.sort_values().index == county.file["imd_rank"].sort_values(ascending=False).index).all()


def test_without_crime_the_order_is_another(county: County) -> None:
    before = local_groups(-county.file["imd_rank"], FIFTHS)
    moved = (before != local_groups(county.without_crime, FIFTHS)).sum()
    assert moved == 50
    x = {d: -23 * np.log(1 - (1 - (county.file[f"{d}_rank"] - 1) / N) * (1 - np.exp(-100 / 23))) for d in WEIGHTS}
    rest = {d: w for d, w in WEIGHTS.items() if d != "crime"}
    by_hand = sum(w * x[d] for d, w in rest.items()) / sum(rest.values()) * 0.999
    assert county.without_crime.to_numpy() == pytest.approx(by_hand.to_numpy())


# -- deciles and fifths, by hand

BY_DECILE = {  # LSOAs, residents, offences: a plain group by of File 7
    1: (31, 53_749, 4_730), 2: (42, 68_727, 3_729), 3: (49, 82_543, 3_175), 4: (97, 162_460, 4_979), 5: (83, 143_799, 3_875),
    6: (77, 125_294, 2_727), 7: (64, 103_569, 2_196), 8: (49, 76_351, 1_211), 9: (41, 71_058, 1_614), 10: (19, 28_609, 323),
}  # fmt: skip


def test_the_table_of_deciles(county: County) -> None:
    found = group_rates(county.table, county.file["imd_decile"].astype("Int64"), TENTHS, county.spread)
    own = county.table.groupby(county.file["imd_decile"])
    for decile, (lsoas, residents, offences) in BY_DECILE.items():
        row = found.loc[decile]
        assert (row["areas"], row["residents"], row["count"]) == (lsoas, residents, offences)
        assert (len(own.get_group(decile)), own["residents"].sum()[decile], own["count"].sum()[decile]) == (
            lsoas,
            residents,
            offences,
        )
        assert row["rate"] == pytest.approx(1000 * offences / residents)
        assert (row["rate_low"], row["rate_high"]) == pytest.approx(limits(own.get_group(decile)))
    assert tuple(found[["areas", "residents", "count"]].sum()) == (552, 916_159, 28_559)
    assert decile_sentence(found, rate_ratio(found), "serious violence", "national tenth") == (
        "Per 1,000 residents a year, serious violence is 88.0 in the LSOAs here in England's most deprived tenth and 11.3 "
        "in its least: 7.8 times (95 % interval 5.5 to 11)"
    )


def limits(group: pd.DataFrame) -> tuple[float, float]:
    """Of the rate of some LSOAs, by the sandwich variance of a Poisson regression in statsmodels."""
    counts, people = (group[name].to_numpy(dtype=float) for name in ("count", "residents"))
    model = sm.GLM(counts, np.ones(len(counts)), family=sm.families.Poisson(), offset=np.log(people))
    fit = model.fit(cov_type="cluster", cov_kwds={"groups": np.arange(len(counts))})
    reach = stats.t.isf(0.025, len(counts) - 1) * fit.bse[0]
    return tuple(1000 * np.exp(fit.params[0] + np.array([-1, 1]) * reach))


def test_the_most_against_the_least_deprived_fifth(county: County) -> None:
    groups = local_groups(-county.file["imd_rank"], FIFTHS)
    order = county.file["imd_rank"].sort_values().index
    most, least = county.table.loc[order[:111]], county.table.loc[order[-110:]]
    assert groups[order[:111]].eq(1).all()
    assert groups[order[-110:]].eq(5).all()
    found = rate_ratio(group_rates(county.table, groups, FIFTHS, county.spread))
    a, b = (1000 * part["count"].sum() / part["residents"].sum() for part in (most, least))
    (a_low, a_high), (b_low, b_high) = limits(most), limits(least)
    assert (found.ratio, found.lower, found.upper) == pytest.approx(
        (
            a / b,
            a / b * np.exp(-np.hypot(np.log(a / a_low), np.log(b_high / b))),
            a / b * np.exp(np.hypot(np.log(a_high / a), np.log(b / b_low))),
        )
    )
    # resampling the LSOAs of both, which assumes none of this, finds the same
    rng, drawn = np.random.default_rng(1), []
    for part in (most, least):
        counts, people = (part[name].to_numpy(dtype=float) for name in ("count", "residents"))
        again = rng.integers(0, len(part), (5000, len(part)))
        drawn.append(counts[again].sum(axis=1) / people[again].sum(axis=1))
    assert (found.lower, found.upper) == pytest.approx(np.quantile(drawn[0] / drawn[1], [0.025, 0.975]), rel=0.03)
    assert county.spread == pytest.approx(1.488, abs=0.001)
    assert ratio_sentence(found, "serious violence") == (
        "The most deprived local fifth of LSOAs has 3.3 times the rate of serious violence of the least deprived (95 % interval 2.7 to 4.1)"
    )


def test_without_the_busiest_and_without_crime(county: County) -> None:
    busiest = county.table["count"].nlargest(5).index
    groups = local_groups(-county.file["imd_rank"].drop(busiest), FIFTHS)
    rest = rate_ratio(group_rates(county.table.drop(busiest), groups, FIFTHS, county.spread))
    assert (round(rest.ratio, 1), round(rest.lower, 1), round(rest.upper, 1)) == (3.0, 2.5, 3.7)  # type: ignore[arg-type]
    own = rate_ratio(group_rates(county.table, local_groups(county.without_crime, FIFTHS), FIFTHS, county.spread))
    assert ratio_sentence(own, "serious violence").endswith(
        "3.0 times the rate of serious violence of the least deprived (95 % interval 2.4 to 3.8)"
    )


# -- slopes

# Slope and relative index; the regression itself is done again by statsmodels below.
SLOPES = {
    "imd": (40.9, 3.89), "without_crime": (33.4, 3.04), "income": (46.5, 4.63), "employment": (45.5, 4.46), "education": (27.5, 2.51),
    "health": (45.6, 4.52), "housing": (-35.4, 0.32), "environment": (10.0, 1.39), "crime": (55.6, 6.46),
}  # fmt: skip


@pytest.mark.parametrize("name", SLOPES)
def test_slopes_are_those_of_statsmodels(name: str, county: County) -> None:
    depth = county.without_crime if name == "without_crime" else -county.file[f"{name}_rank"]
    order = depth.sort_values(kind="stable").index  # least deprived first
    # tenths of 552: 1 + (i x 10 - 1) // 552 from the most deprived
    place = pd.Series(np.arange(552, 0, -1), order)
    tenth = ((place - 1) * 10 // 552 + 1).reindex(county.table.index)
    sums = county.table.groupby(tenth)[["count", "residents"]].sum().astype(float).iloc[::-1]
    ridit = (sums["residents"].cumsum() - sums["residents"] / 2) / sums["residents"].sum()
    fit = sm.WLS(
        np.log(1000 * sums["count"] / sums["residents"]), sm.add_constant(ridit.to_numpy()), weights=sums["residents"]
    ).fit()
    low_end, high_end = np.exp(fit.params.iloc[0]), np.exp(fit.params.sum())
    found = inequality(group_rates(county.table, local_groups(depth, TENTHS), TENTHS, county.spread))
    assert (found.sii, found.rii) == (pytest.approx(high_end - low_end), pytest.approx(high_end / low_end))
    assert (round(found.sii, 1), round(found.rii, 2)) == SLOPES[name]  # type: ignore[arg-type]
    x = sm.add_constant(ridit.to_numpy())
    weights = sums["residents"].to_numpy()
    pull = (np.linalg.inv(x.T @ (weights[:, None] * x)) @ (x.T * weights))[1]
    widths = [np.log(high / low) for low, high in (limits(own) for _, own in county.table.groupby(tenth))][::-1]
    spread = np.exp(np.sqrt((pull**2 * (np.array(widths) / 2) ** 2).sum()))
    assert (found.rii_low, found.rii_high) == (
        pytest.approx(found.rii / spread, rel=0.01),
        pytest.approx(found.rii * spread, rel=0.01),
    )


def test_the_domains_in_words(county: County) -> None:
    """Living environment has an interval above 0 with the five busiest LSOAs, and none without: it is not claimed."""
    busiest = county.table["count"].nlargest(5).index

    def slopes(table: pd.DataFrame) -> dict[str, Inequality]:
        names = [name for name in TITLES if name not in ("imd", "crime")]
        depth = -county.file.loc[table.index, [f"{name}_rank" for name in names]]
        groups = {name: local_groups(depth[f"{name}_rank"], TENTHS) for name in names}
        return {TITLES[name]: inequality(group_rates(table, groups[name], TENTHS, county.spread)) for name in names}

    with_all, rest = slopes(county.table), slopes(county.table.drop(busiest))
    assert with_all["Living Environment"].sii_low > 0 > rest["Living Environment"].sii_low  # type: ignore[operator]
    assert slopes_sentence(with_all, "serious violence", rest) == (
        "The rate of serious violence rises with deprivation in 4 of 6 domains, falls in 1 (barriers to Housing and Services) and shows no clear "
        "slope in 1 (living Environment)"
    )


# -- exceptions


def test_the_exceptions_are_those_of_statsmodels(county: County) -> None:
    residents = county.table["residents"].astype(float)
    centres = town_centres(residents, None, county.dense)
    assert centres.sum() == 56
    found = exceptions(county.table["count"], residents, county.without_crime, county.urban, centres)
    fitted = ~centres.to_numpy()
    depth = (county.without_crime - county.without_crime[fitted].mean()) / county.without_crime[fitted].std(ddof=0)
    terms = sm.add_constant(np.column_stack([depth, county.urban.astype(float)]))
    oracle = Oracle(county.table["count"][fitted].astype(float), terms[fitted], offset=np.log(residents[fitted])).fit(
        disp=0, maxiter=500
    )
    b, dispersion = oracle.params.to_numpy()[:-1], oracle.params.iloc[-1]
    assert found.model is not None
    assert found.model.coefficients == pytest.approx(b, abs=1e-3)
    assert found.model.dispersion == pytest.approx(dispersion, rel=1e-3)
    mean = np.exp(terms @ b) * residents
    assert found.places["expected"].to_numpy() == pytest.approx(mean.to_numpy(), rel=1e-3)
    # the plug-in prediction of scipy: ours is a little wider, since the parameters are not known exactly
    r = 1 / dispersion
    low, high = stats.nbinom.ppf([[0.025], [0.975]], r, r / (r + mean.to_numpy()))
    assert (found.places["high"] - high).between(-1, 0.1 * high + 2).all()
    assert (found.places["low"] - low).abs().max() <= 3
    tails = 2 * np.minimum(
        stats.nbinom.sf(county.table["count"] - 1, r, r / (r + mean)),
        stats.nbinom.cdf(county.table["count"], r, r / (r + mean)),
    )
    adjusted = stats.false_discovery_control(np.minimum(tails, 1)[fitted])
    called = county.table.index[fitted][adjusted <= 0.05]
    assert set(found.places.index[found.places["kind"].isin(["more", "less"])]) == set(called)
    assert exceptions_sentence(found, "serious violence") == (
        "3 of 496 LSOAs have clearly more serious violence than their deprivation would suggest; none has clearly less"
    )
    assert found.places.loc[called].sort_values("ratio")["observed"].tolist() == [273, 172, 169]
