"""Each branch of the sentences, from evaluations made up for it."""

import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.displacement import WINDOWS
from hotspots.controls import Match
from hotspots.displacement import Difference, RateRatio
from hotspots.evaluation import Evaluation
from hotspots.placebos import Placebos
from hotspots.verdict import (
    CHOSEN_AFTER,
    FEW_LIKE_IT,
    PEAK,
    against_expected,
    cautions,
    first_sentence,
    locations_table,
    missed_sentence,
    placebo_sentence,
    several_sentence,
    turned_sentence,
    verdict,
    whole,
)

NOTHING = Difference(0, 0, None, None, None, "nothing")


def difference(estimate: float, reach: float) -> Difference:
    se = reach / 1.96
    return Difference(estimate, se, estimate / se, estimate - reach, estimate + reach)


def evaluation(
    local: Difference,
    ring: Difference | None = None,
    *,
    noun: str = "offence",
    at_peak: bool = False,
    detectable: float = 31,
) -> Evaluation:
    counts = pd.DataFrame({"lsoas": [1], "before": [100], "after": [80], "weight": [1.0]}, index=["target"])
    tried = Placebos(pd.DataFrame({"local_z": np.linspace(-3, 3, 99), "total_z": np.linspace(-3, 3, 99)}), "")
    return Evaluation(
        windows=WINDOWS,
        noun=noun,
        local=local,
        displacement=ring,
        total=local,
        dispersion={"local": 1.44, "displacement": 1.0, "total": 1.0},
        smallest_called=20,
        minimum_detectable=detectable,
        at_peak=at_peak,
        groups={"target": ("E01000001",)},
        counts=counts,
        matches={},
        placebos=tried,
        quotient=None,
        ratio=RateRatio(None, None, None, None),
        warnings=(),
    )


FELL, SAME, ROSE = difference(-20, 15), difference(-6, 19), difference(30, 12)


HERE = "About 20 fewer offences than expected (could be 5 to 35)"
CALM = "6 fewer, could be 25 fewer to 13 more"
UNCLEAR = "No clear change in offences (6 fewer than expected, could be 25 fewer to 13 more)"
MORE = "next door about 30 more (could be 18 to 42)"


@pytest.mark.parametrize(
    ("local", "ring", "sentence", "words"),
    [
        (FELL, SAME, f"{HERE}; no sign that they moved next door ({CALM})", "fewer, no sign that they moved"),
        (
            FELL,
            difference(5, 10),
            f"{HERE}; no sign that they moved next door (5 more, could be 5 fewer to 15 more)",
            "fewer, no sign that they moved",
        ),
        (
            FELL,
            difference(8, 13),
            f"{HERE}; whether they moved next door cannot be told (8 more, could be 5 fewer to 21 more)",
            "fewer, may have moved",
        ),
        (FELL, ROSE, f"{HERE}; {MORE}", "fewer here, more next door"),
        (FELL, FELL, f"{HERE}; next door about 20 fewer (could be 5 to 35)", "fewer here and next door"),
        (FELL, None, f"{HERE}; without a ring, nothing can be said of the places next door", "fewer"),
        (SAME, SAME, f"{UNCLEAR}; nor next door ({CALM})", "no clear change"),
        (SAME, ROSE, f"{UNCLEAR}; {MORE}", "no clear change here, more next door"),
        (
            ROSE,
            SAME,
            f"About 30 more offences than expected (could be 18 to 42); next door unclear ({CALM})",
            "more",
        ),
        (ROSE, ROSE, f"About 30 more offences than expected (could be 18 to 42); {MORE}", "more here and next door"),
        (
            NOTHING,
            NOTHING,
            "No offences were counted here or in the control, so nothing can be said; nothing was counted next door, so nothing "
            "can be said of it",
            "nothing counted",
        ),
        (
            difference(-2.4, 2.2),
            difference(-1_234.4, 2_000),
            "About 2 fewer offences than expected (could be 0.2 to 5); no sign that they moved next door (1,234 fewer, could be "
            "3,234 fewer to 766 more)",
            "fewer, no sign that they moved",
        ),
        (
            difference(0.01, 19),
            difference(-0.01, 0.02),
            "No clear change in offences (as many as expected, could be 19 fewer to 19 more); nor next door (as many, could be "
            "none to none)",
            "no clear change",
        ),
    ],
)
def test_each_branch(local: Difference, ring: Difference | None, sentence: str, words: str) -> None:
    assert first_sentence(evaluation(local, ring)) == sentence
    assert verdict(evaluation(local, ring)) == words
    asb = first_sentence(evaluation(local, ring, noun="ASB report"))
    assert asb == sentence.replace("offences", "ASB reports")
    assert "offence" not in asb


def test_chosen_at_its_peak_comes_first_and_is_not_called_an_effect() -> None:
    assert first_sentence(evaluation(FELL, SAME, at_peak=True)) == (
        "Chosen at its peak, which makes part of the fall: about 20 fewer offences than expected (could be 5 to 35); no "
        f"sign that they moved next door ({CALM})"
    )
    assert first_sentence(evaluation(SAME, None, at_peak=True)).startswith(
        "Chosen at its peak: no clear change in offences ("
    )
    assert cautions(evaluation(SAME, None, at_peak=True)) == (PEAK,)
    assert verdict(evaluation(FELL, SAME, at_peak=True)) == "fewer, but chosen at its peak"
    assert verdict(evaluation(FELL, ROSE, at_peak=True)) == "fewer, but chosen at its peak: more next door"
    assert verdict(evaluation(SAME, SAME, at_peak=True)) == "no clear change"
    assert verdict(evaluation(ROSE, None, at_peak=True)) == "more"


def test_chosen_by_what_was_counted_after_is_said_and_a_rise_is_no_finding() -> None:
    rose = replace(evaluation(ROSE), chosen_after=True)
    assert first_sentence(rose).startswith("Chosen by this very count, which makes part of the rise: about 30 more")
    assert cautions(rose) == (CHOSEN_AFTER,)
    assert verdict(rose) == "more, but chosen by this very count"
    assert first_sentence(replace(rose, at_peak=True)).startswith("Chosen at its peak: about 30 more")
    calm = replace(evaluation(SAME), chosen_after=True)
    assert first_sentence(calm).startswith("Chosen by this very count: no clear change in offences (")
    assert verdict(replace(evaluation(FELL), chosen_after=True)) == verdict(evaluation(FELL))


def test_weak_controls_are_said_before_the_finding() -> None:
    def match(found: int) -> Match:
        return Match((), 1.0, 42, found, pd.DataFrame(), (), "")

    weak = replace(evaluation(FELL), matches={"control": match(15)})
    assert first_sentence(weak).startswith("With weak controls: about ")
    peak = replace(weak, at_peak=True)
    assert first_sentence(peak).startswith(
        "Chosen at its peak, which makes part of the fall, with weak controls: about "
    )
    assert cautions(peak) == (PEAK, FEW_LIKE_IT)
    strong = replace(weak, matches={"control": match(21)})
    assert first_sentence(strong) == first_sentence(evaluation(FELL))
    assert cautions(strong) == ()


def test_what_could_be_missed() -> None:
    assert missed_sentence(evaluation(SAME)) == (
        "A true change smaller than 31 offences would be missed more than one time in five"
    )
    assert "31 ASB reports" in missed_sentence(evaluation(SAME, noun="ASB report"))
    assert missed_sentence(evaluation(NOTHING)) == ""
    # more than the 86 expected: even if all of them went, it might be missed
    assert verdict(evaluation(SAME, detectable=87)) == "too few to tell"
    assert verdict(evaluation(SAME, detectable=85)) == "no clear change"


def test_where_it_falls_among_the_placebos() -> None:
    half = evaluation(difference(-6, 19))
    assert half.local.z is not None
    plain = half.local.z * 1.2
    as_far = int((np.abs(np.linspace(-3, 3, 99)) >= abs(plain)).sum())
    assert placebo_sentence(half) == (
        f"Of 99 untreated places tried in the same way, {as_far} lay as far from what was expected; they scatter so much that the limits are "
        "1.2 times as wide as for chance counts"
    )
    assert placebo_sentence(evaluation(difference(-60, 19)), "total") == (
        "Of 99 untreated places tried in the same way, none lay as far from what was expected in all"
    )
    # placebos in which nothing was counted have no z, and are none of those that lay as far
    some = replace(half, placebos=Placebos(pd.DataFrame({"local_z": [3.0] * 20 + [0.0] * 20 + [np.nan] * 60}), ""))
    assert placebo_sentence(some).startswith("Of 40 untreated places tried in the same way, 20 lay as far")
    few = replace(half, placebos=Placebos(pd.DataFrame({"local_z": [0.1] * 7}), "few"))
    assert placebo_sentence(few) == "Too few untreated places could be tried to say how far chance alone goes (7)"


@pytest.mark.parametrize(
    ("offences", "asb", "words"),
    [
        (FELL, ROSE, "Offences fell and ASB reports rose: one may have turned into the other, or been recorded as it"),
        (ROSE, FELL, "Offences rose and ASB reports fell: one may have turned into the other, or been recorded as it"),
        (FELL, SAME, "No sign that offences and ASB reports turned into one another"),
        (FELL, FELL, "No sign that offences and ASB reports turned into one another"),
        (SAME, ROSE, "No sign that offences and ASB reports turned into one another"),
    ],
)
def test_did_one_turn_into_the_other(offences: Difference, asb: Difference, words: str) -> None:
    assert turned_sentence(evaluation(offences), evaluation(asb, noun="ASB report")) == words


def test_several_places_in_one_table() -> None:
    table = locations_table(
        {"Market": evaluation(FELL, SAME), "Quay": evaluation(SAME, at_peak=True), "Moor": evaluation(NOTHING)}
    )
    assert table["location"].tolist() == ["Market", "Quay", "Moor"]
    assert table["effect"].tolist() == [-20, -6, 0]
    assert table["effect_low"].tolist()[:2] == [-35, -25]
    assert table["displacement"].isna().tolist() == [False, True, True]
    assert table.loc[2, ["effect_low", "effect_high"]].isna().all()
    assert table["verdict"].tolist() == ["fewer, no sign that they moved", "no clear change", "nothing counted"]
    assert table["at_peak"].tolist() == [False, True, False]
    assert list(locations_table({})) == list(table)
    assert (
        several_sentence(10) == "Of 20 places where nothing changed, about one is called changed by chance; here are 10"
    )
    assert several_sentence(1) == ""


def test_a_difference_in_words_and_a_number_with_its_sign() -> None:
    assert against_expected(SAME) == "6 fewer than expected, could be 25 fewer to 13 more"
    assert against_expected(FELL) == "20 fewer than expected, could be 5 to 35 fewer"
    assert against_expected(ROSE) == "30 more than expected, could be 18 to 42 more"
    assert against_expected(NOTHING) == "nothing counted"
    assert [whole(value) for value in (-1234.4, -0.3, -0.04, 0.04, 0.96)] == ["−1,234", "−0.3", "0", "0", "1"]


finite = st.floats(-500, 500)
reach = st.floats(0.5, 400)


@given(finite, reach, st.none() | st.tuples(finite, reach), st.booleans())
def test_no_sentence_claims_more_than_the_limits_carry(
    estimate: float, width: float, ring: tuple[float, float] | None, at_peak: bool
) -> None:
    made: Callable[..., Evaluation] = evaluation
    one = made(difference(estimate, width), difference(*ring) if ring else None, at_peak=at_peak)
    said = " ".join([first_sentence(one), verdict(one), missed_sentence(one), placebo_sentence(one)]).lower()
    assert "signific" not in said
    assert "quotient" not in said
    assert "nan" not in said.split()
    assert (" fewer offences than expected" in said) == (one.local.called < 0)
    assert (" more offences than expected" in said) == (one.local.called > 0)
    assert said.startswith("chosen at its peak") == at_peak
    assert not re.search(r"[-−]\d", said), "a minus sign is read past"
    if at_peak and one.local.called < 0:
        assert "but chosen at its peak" in verdict(one)
