"""Observed against expected: the fit against statsmodels, the prediction's level by simulation, and the words."""

import math

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats
from statsmodels.discrete.discrete_model import NegativeBinomial as Oracle

from hotspots.exceptions import exceptions, exceptions_sentence, fit_negative_binomial, town_centres

AREAS = 400


def county(seed: int, dispersion: float = 0.25, areas: int = AREAS) -> pd.DataFrame:
    """Counts that the model describes: nothing in it is an exception."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"exposure": rng.uniform(1000, 2500, areas), "depth": rng.gamma(4, 5, areas)})
    frame["urban"] = rng.random(areas) < 0.5
    mean = frame["exposure"] * np.exp(-4.2 + 0.03 * (frame["depth"] - 20) + 0.5 * frame["urban"])
    r = 1 / dispersion if dispersion else 1e9
    return frame.assign(count=rng.negative_binomial(r, r / (r + mean)).astype(float), apart=False)


def judged(frame: pd.DataFrame):  # type: ignore[no-untyped-def]
    return exceptions(
        frame["count"], frame["exposure"], frame["depth"], frame["urban"].astype("boolean"), frame["apart"]
    )


def test_the_fit_is_that_of_statsmodels() -> None:
    frame = county(1)
    terms = sm.add_constant(np.column_stack([(frame["depth"] - 20) / 10, frame["urban"]]).astype(float))
    found = fit_negative_binomial(frame["count"], frame["exposure"], terms)
    assert found is not None
    oracle = Oracle(frame["count"], terms, offset=np.log(frame["exposure"])).fit(disp=0, maxiter=500)
    assert found.coefficients == pytest.approx(oracle.params.to_numpy()[:3], abs=1e-4)
    assert found.dispersion == pytest.approx(oracle.params.iloc[3], rel=1e-3)
    assert found.log_likelihood == pytest.approx(oracle.llf, abs=1e-4)
    covariance = oracle.cov_params().to_numpy()
    assert found.covariance[:3, :3] == pytest.approx(covariance[:3, :3], rel=0.01, abs=1e-6)
    # statsmodels has the dispersion itself: delta method
    assert found.covariance[3, 3] == pytest.approx(covariance[3, 3] / found.dispersion**2, rel=0.02)


def test_counts_that_scatter_no_more_than_poisson_still_fit() -> None:
    frame = county(2, dispersion=0)
    terms = sm.add_constant(np.column_stack([(frame["depth"] - 20) / 10, frame["urban"]]).astype(float))
    found = fit_negative_binomial(frame["count"], frame["exposure"], terms)
    assert found is not None
    poisson = sm.GLM(frame["count"], terms, family=sm.families.Poisson(), offset=np.log(frame["exposure"])).fit()
    assert found.dispersion < 0.02
    assert found.coefficients == pytest.approx(poisson.params.to_numpy(), abs=0.02)
    assert np.isfinite(judged(frame).places["p"]).all()


def test_the_interval_holds_the_count_as_often_as_it_says() -> None:
    """Over 40 counties of 60 areas without an exception: 95 % or a little more (counts are whole), and few false alarms."""
    outside, alarms = [], 0
    for seed in range(40):
        places = judged(county(seed, areas=60)).places
        outside.append(((places["observed"] < places["low"]) | (places["observed"] > places["high"])).mean())
        alarms += places["kind"].isin(["more", "less"]).any()
    assert 0.03 <= np.mean(outside) <= 0.055
    assert alarms <= 5, "at a false discovery rate of 5 %, about 2 of 40"


def test_the_interval_is_wider_than_the_plug_in_one_with_few_places() -> None:
    frame = county(3, areas=40)
    found = judged(frame)
    assert found.model is not None
    r = 1 / found.model.dispersion
    plug_in = stats.nbinom.ppf([[0.025], [0.975]], r, r / (r + found.places["expected"].to_numpy()))
    width = found.places["high"] - found.places["low"]
    assert width.mean() > (plug_in[1] - plug_in[0]).mean()


def test_a_place_with_far_more_and_a_deprived_one_with_little_are_found() -> None:
    frame = county(4, dispersion=0.05)
    deprived = frame["depth"].idxmax()
    frame.loc[7, "count"] = 900.0
    frame.loc[deprived, "count"] = 0.0
    found = judged(frame)
    assert found.places.loc[7, "kind"] == "more"
    assert found.places.loc[deprived, "kind"] == "less"
    row = found.places.loc[7]
    assert row["ratio"] == pytest.approx(900 / row["expected"])
    assert row["observed"] > row["high"]
    assert exceptions_sentence(found, "robbery").startswith(
        "1 of 400 LSOAs has clearly more robbery than its deprivation would suggest; 1 has clearly less"
    )
    assert exceptions_sentence(found, "robbery", on_one_point=1).startswith(
        "1 of 400 LSOAs has clearly more robbery than its deprivation would suggest, with over a quarter on one map point; 1"
    )


def test_town_centres_are_neither_fitted_nor_tested() -> None:
    frame = county(5)
    frame.loc[:9, ["count", "apart"]] = [500.0, True]
    found = judged(frame)
    assert (found.places.loc[:9, "kind"] == "apart").all()
    assert found.places.loc[:9, "p"].isna().all()
    assert found.places.loc[:9, "expected"].notna().all()
    rest = judged(frame.iloc[10:])
    assert found.places.loc[10:, "expected"].to_numpy() == pytest.approx(rest.places["expected"].to_numpy(), rel=1e-4)


def test_what_is_not_known_has_no_expectation() -> None:
    frame = county(6)
    frame.loc[0, "exposure"] = 0.0
    frame.loc[1, "depth"] = math.nan
    frame.loc[2, "count"] = math.nan
    frame["urban"] = frame["urban"].astype("boolean")
    frame.loc[3, "urban"] = pd.NA
    found = judged(frame)
    assert found.places.loc[:3, ["expected", "p", "kind"]].isna().all().all()
    assert found.places.loc[4:, "kind"].notna().all()
    assert found.urban


def test_without_town_and_country_the_model_does_without() -> None:
    frame = county(7).assign(urban=pd.NA)
    found = judged(frame)
    assert not found.urban
    assert found.model is not None
    assert len(found.model.coefficients) == 2
    assert found.places["expected"].notna().all()


@pytest.mark.parametrize(
    ("change", "reading"),
    [
        (lambda frame: frame.head(29), "it takes 30 LSOAs beside town centres to learn from, and there are 29"),
        (lambda frame: frame.assign(depth=1.0), "all have the same deprivation"),
        (lambda frame: frame.assign(count=0.0), "nothing was recorded outside town centres"),
    ],
)
def test_where_nothing_can_be_expected_it_says_why(change, reading: str) -> None:  # type: ignore[no-untyped-def]
    found = judged(change(county(8)))
    assert found.model is None
    assert found.reading == reading
    assert "cannot be said here" in exceptions_sentence(found, "robbery")


def test_a_kind_of_place_without_any_event_has_no_term_of_its_own() -> None:
    """Its coefficient would run away, and its places would be expected to hold anything from nothing to the end of the search."""
    frame = county(8)
    found = judged(frame.assign(count=frame["count"].where(frame["urban"], 0.0)))
    assert found.model is not None
    assert not found.urban
    assert np.sqrt(np.diag(found.model.covariance)[:-1]).max() < 1
    assert (found.places["high"] < 20 * found.places["expected"] + 20).all()


def test_counts_that_do_not_settle_the_model_say_so() -> None:
    frame = county(8)
    alone = frame["depth"].where(frame.index == frame["depth"].idxmax(), 0.0)
    found = judged(frame.assign(depth=alone, count=frame["count"].where(alone == 0, 0.0)))
    assert found.model is None
    assert found.reading == "too little was recorded to tell how it goes with deprivation"


def test_nothing_beyond_chance_claims_nothing() -> None:
    assert exceptions_sentence(judged(county(9)), "robbery") == (
        "None of the 400 LSOAs tested has clearly more or less robbery than its deprivation would suggest"
    )


def test_town_centres_by_day_and_by_density() -> None:
    residents, density = pd.Series([100.0] * 20), pd.Series(range(20), dtype="float64")
    by_day = pd.Series([200.0, 199.0, None, *[50.0] * 17])
    assert town_centres(residents, by_day, density).tolist() == [True] + [False] * 19
    assert town_centres(residents, None, density).tolist() == [False] * 18 + [True] * 2
    nobody = pd.Series([math.nan] * 20)
    assert town_centres(residents, nobody, density).sum() == 2
