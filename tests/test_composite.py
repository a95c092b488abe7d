"""The index without a domain: the published transformation, and the published score from its domains."""

import math

import pandas as pd
import pytest

from hotspots.composite import WEIGHTS, composite, transformed_rank

N = 33_755


def test_the_transformation_at_both_ends_and_at_a_tenth() -> None:
    found = transformed_rank(pd.Series([1, N, 1 + N // 10, None], dtype="Int64"), N)
    assert found[0] == pytest.approx(100)
    assert found[1] == pytest.approx(-23 * math.log(1 - (1 / N) * (1 - math.exp(-100 / 23))))
    # "the most deprived tenth is spread over half of the distribution" (technical report)
    assert found[2] == pytest.approx(50, abs=0.5)
    assert math.isnan(found[3])


@pytest.mark.parametrize("rank", [0, N + 1])
def test_a_rank_that_cannot_be_is_refused(rank: int) -> None:
    with pytest.raises(ValueError, match="Give ranks from 1 to 33,755"):
        transformed_rank(pd.Series([rank]), N)


def ranks(**of: int) -> pd.DataFrame:
    return pd.DataFrame({domain: [of.get(domain, N // 2)] * 2 for domain in WEIGHTS}, index=["a", "b"])


def test_it_is_the_weighted_mean_and_goes_by_area() -> None:
    frame = ranks(income=1)
    frame.loc["b", "health"] = 10
    x = {domain: transformed_rank(frame[domain], N) for domain in WEIGHTS}
    found = composite(frame, N)
    assert list(found.index) == ["a", "b"]
    for area in "ab":
        by_hand = (
            22.5 * (x["income"][area] + x["employment"][area]) + 13.5 * (x["education"][area] + x["health"][area])
            + 9.3 * (x["crime"][area] + x["housing"][area] + x["environment"][area])
        ) / 100  # fmt: skip
        assert found[area] == pytest.approx(by_hand)


def test_without_a_domain_nothing_of_it_is_left_and_the_scale_stays() -> None:
    calm, violent = ranks(crime=N), ranks(crime=1)
    assert composite(violent, N)["a"] > composite(calm, N)["a"]
    without = composite(violent, N, without=["crime"])
    assert without.equals(composite(calm, N, without=["crime"]))
    every = pd.DataFrame({domain: [1] for domain in WEIGHTS})
    assert composite(every, N, ["crime"])[0] == pytest.approx(composite(every, N)[0]) == pytest.approx(99.9)
    with pytest.raises(ValueError, match="No domain is left"):
        composite(every, N, without=list(WEIGHTS))


def test_an_unknown_domain_leaves_the_score_unknown_unless_it_is_left_out() -> None:
    frame = ranks().astype("Int64")
    frame.loc["a", "crime"] = pd.NA
    assert math.isnan(composite(frame, N)["a"])
    assert not math.isnan(composite(frame, N, without=["crime"])["a"])
