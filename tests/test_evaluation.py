"""Whole evaluations: the fictional county, whose truth is known, and a county of squares."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import sample_data
from benchmarks.displacement import MONTHS, NOTHING, SOMETHING, WINDOWS, counties, grid
from geodata.build import build
from geodata.columns import ASB
from geodata.dataset import Dataset, open_dataset
from geodata.inputs import Inputs
from hotspots.controls import Geography, Ring, RingRule, geography, ring_around
from hotspots.counts import monthly_counts
from hotspots.displacement import Difference, weighted_displacement_difference
from hotspots.evaluation import Evaluation, evaluate, group_series
from hotspots.verdict import PEAK, cautions, first_sentence, verdict
from hotspots.windows import BeforeAfter, chosen_windows, preset_windows


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    out = tmp_path_factory.mktemp("county") / "out"
    build(Inputs(**{kind: tuple(files) for kind, files in sample_data.inputs().items()}), out)
    return open_dataset(out)


@pytest.fixture(scope="module")
def truth() -> dict[str, Any]:
    return json.loads(Path(sample_data.TRUTH).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def places(county: Dataset) -> Geography:
    return geography(county.areas)


@pytest.fixture(scope="module")
def monthly(county: Dataset, truth: dict[str, Any]) -> pd.DataFrame:
    presence = county.presence()
    return monthly_counts(county.source_cells(), county.areas, presence, list(presence.columns), truth["definition"])


@pytest.fixture(scope="module")
def windows(county: Dataset) -> BeforeAfter:
    return preset_windows("2025-01", county.presence().columns)


@pytest.fixture(scope="module")
def planted(truth: dict[str, Any], monthly: pd.DataFrame, places: Geography, windows: BeforeAfter) -> Evaluation:
    target = truth["intervention"]["target"]
    return evaluate(target, monthly, places, windows, ring=ring_around(target, places), chosen_from=["2023-12"])


def holds(difference: Difference | None, value: float) -> bool:
    assert difference is not None
    assert difference.lower is not None
    assert difference.upper is not None
    return difference.lower <= value <= difference.upper


# The fictional county


def test_the_planted_intervention_is_found(planted: Evaluation, truth: dict[str, Any]) -> None:
    said = truth["intervention"]
    assert set(planted.groups["ring"]) == set(said["ring"])
    drawn = said["drawn_counts"]
    assert planted.counts.loc["target", ["before", "after"]].tolist() == [
        drawn["target"]["2024"],
        drawn["target"]["2025"],
    ]
    assert planted.counts.loc["ring", ["before", "after"]].tolist() == [drawn["ring"]["2024"], drawn["ring"]["2025"]]
    for expected in (said["expected_offences"], said["drawn_offences"]):
        assert holds(planted.local, -expected["cut_in_target"])
        assert holds(planted.displacement, expected["displaced_into_ring"])
        assert holds(planted.total, -expected["avoided_net"])
    assert planted.local.called == -1
    assert not holds(planted.local, 0)
    assert not planted.at_peak
    assert first_sentence(planted).startswith("About 144 fewer offences than expected (could be 66 to 221); ")
    assert verdict(planted) == "fewer, may have moved"
    assert planted.as_extreme() == pytest.approx(1 / 401)


def test_a_place_where_nothing_was_done_shows_nothing(
    truth: dict[str, Any], monthly: pd.DataFrame, places: Geography, windows: BeforeAfter
) -> None:
    done = [*truth["intervention"]["target"], *truth["intervention"]["ring"]]
    changed = [row["lsoa"] for way in truth["trends"].values() for row in way] + [truth["peak"]["lsoa"]]
    away = places.touching(places.positions([*done, *changed], "planted"))
    level = monthly[list(windows.before)].sum(axis=1).to_numpy()
    busy = [str(code) for code in places.codes[np.argsort(-np.where(away, -1, level))][10:60:10]]
    assert len(busy) == 5
    for code in busy:
        result = evaluate([code], monthly, places, windows, ring=ring_around([code], places, others=done), others=done)
        assert result.local.called == 0, code
        assert result.total.called == 0, code
        assert first_sentence(result).startswith("No clear change in offences (")


def test_a_pure_peak_is_flagged_and_not_called_an_effect(
    truth: dict[str, Any], monthly: pd.DataFrame, places: Geography, windows: BeforeAfter
) -> None:
    target = [truth["peak"]["lsoa"]]
    ring = ring_around(target, places)
    result = evaluate(target, monthly, places, windows, ring=ring, chosen_from=windows.before)
    assert result.counts.loc["target", ["before", "after"]].tolist() == [74, 29]
    # it fell, beyond its controls, as a chance peak does
    assert result.at_peak
    assert first_sentence(result).startswith("Chosen at its peak, which makes part of the fall: about ")
    assert cautions(result)[0] == PEAK
    assert verdict(result) == "fewer, but chosen at its peak"
    # judged from months from which it was not chosen, nothing happened
    others = chosen_windows([f"2023-{m:02d}" for m in range(1, 13)], windows.after, monthly.columns)
    fair = evaluate(target, monthly, places, others, ring=ring, chosen_from=windows.before)
    assert not fair.at_peak
    assert fair.local.called == 0
    assert verdict(fair) == "no clear change"


def test_asb_has_its_own_evaluation(
    county: Dataset, truth: dict[str, Any], places: Geography, windows: BeforeAfter
) -> None:
    target = truth["intervention"]["target"]
    asb = monthly_counts(county.source_cells(), county.areas, county.presence(), windows.months, [ASB])
    result = evaluate(target, asb, places, windows, ring=ring_around(target, places), noun="ASB report")
    assert result.counts.loc["target", "before"] == asb.loc[target, list(windows.before)].sum().sum()
    assert "ASB reports" in first_sentence(result)
    assert "offence" not in first_sentence(result)


def test_series_for_the_picture_of_parallel_trends(planted: Evaluation, monthly: pd.DataFrame) -> None:
    series = group_series(planted, monthly)
    assert list(series) == ["target", "control", "ring", "ring_control"]
    assert series.index.tolist() == monthly.columns.tolist()
    assert series["target"].tolist() == monthly.loc[list(planted.groups["target"])].sum().tolist()
    control = monthly.loc[list(planted.groups["control"])].sum() / planted.counts.loc["control", "weight"]
    assert series["control"].tolist() == pytest.approx(control.tolist())
    # both of a pair stand at the same level before
    assert series.loc[list(planted.windows.before)].sum()[["control", "ring_control"]].tolist() == pytest.approx(
        planted.counts.loc[["target", "ring"], "before"].tolist()
    )


# A county of squares


@pytest.fixture(scope="module")
def squares() -> Geography:
    return geography(grid())


@pytest.fixture(scope="module")
def table(squares: Geography) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    level = rng.gamma(1.6, 30, (len(squares.codes), 1)) / 12
    return pd.DataFrame(rng.poisson(level, (len(level), 24)).astype(float), squares.codes, MONTHS)


def test_the_figures_are_those_of_the_public_function(squares: Geography, table: pd.DataFrame) -> None:
    target = [squares.codes[125], squares.codes[126]]
    ring = ring_around(target, squares, RingRule(2, gap=1))
    result = evaluate(target, table, squares, WINDOWS, ring=ring, rule=RingRule(2, gap=1), confidence=0.9)
    plain = {
        name: (int(rows[MONTHS[:12]].sum().sum()), int(rows[MONTHS[12:]].sum().sum()))
        for name, codes in result.groups.items()
        for rows in [table.loc[list(codes)]]
    }
    weights = {
        "control": plain["control"][0] / plain["target"][0],
        "ring_control": plain["ring_control"][0] / plain["ring"][0],
    }
    for part in ("local", "displacement", "total"):
        expected = weighted_displacement_difference(
            plain["target"],
            plain["control"],
            plain["ring"],
            plain["ring_control"],
            area_weights=weights,
            dispersion=result.dispersion[part],
            confidence=0.9,
        )
        assert getattr(result, part) == getattr(expected, part)
    assert result.minimum_detectable == pytest.approx((1.6449 + 0.8416) * result.local.se, rel=1e-4)
    assert result.quotient is not None
    assert result.expected == pytest.approx(plain["target"][1] - result.local.estimate)


def test_controls_and_placebos_touch_nothing_that_was_done(squares: Geography, table: pd.DataFrame) -> None:
    target, other = [squares.codes[125]], [squares.codes[300]]
    ring = ring_around(target, squares, others=other)
    result = evaluate(target, table, squares, WINDOWS, ring=ring, others=other)
    near = squares.codes[squares.touching(squares.positions([*target, *ring.codes, *other], "x"))]
    assert not set(near) & {*result.groups["control"], *result.groups["ring_control"]}
    assert not set(result.groups["control"]) & set(result.groups["ring_control"])


def test_controls_chosen_by_hand(squares: Geography, table: pd.DataFrame) -> None:
    target = [squares.codes[125]]
    ring = ring_around(target, squares)
    mine, theirs = [str(code) for code in squares.codes[400:404]], [str(code) for code in squares.codes[440:448]]
    result = evaluate(target, table, squares, WINDOWS, ring=ring, controls=mine, ring_controls=theirs)
    assert (result.groups["control"], result.groups["ring_control"]) == (tuple(mine), tuple(theirs))
    assert result.matches == {}
    assert not any("touch" in line for line in result.warnings)
    near = evaluate(target, table, squares, WINDOWS, controls=[squares.codes[126], *mine])
    assert near.warnings[0].startswith("1 LSOA of the control touches the target, the ring or another target")
    only = evaluate(target, table, squares, WINDOWS, controls=mine)
    assert only.displacement is None
    assert only.total == only.local
    assert only.quotient is None
    assert only.as_extreme("displacement") is None
    kept = evaluate(target, table, squares, WINDOWS, ring=ring, ring_controls=theirs)
    assert not set(kept.groups["control"]) & set(theirs)


def test_a_control_that_itself_changed_is_said(squares: Geography, table: pd.DataFrame) -> None:
    target, mine = [squares.codes[125]], [str(code) for code in squares.codes[400:404]]
    steady, moved = table.copy(), table.copy()
    steady.loc[mine] = 5.0
    moved.loc[mine] = 5.0
    moved.loc[mine[0], MONTHS[12:]] = 12.0  # 60 before, 144 after
    assert not any("bends" in line for line in evaluate(target, steady, squares, WINDOWS, controls=mine).warnings)
    said = evaluate(target, moved, squares, WINDOWS, controls=mine).warnings
    assert "Of the 4 LSOAs of the control, 1 rose itself by more than chance makes: look at what happened there, since it bends what is expected here" in said  # fmt: skip
    moved.loc[mine[1], MONTHS[12:]] = 1.0
    said = evaluate(target, moved, squares, WINDOWS, controls=mine).warnings
    assert any("1 rose and 1 fell themselves" in line for line in said)


def test_a_drawn_target_brings_its_own_counts(squares: Geography, table: pd.DataFrame) -> None:
    target = [str(squares.codes[125]), str(squares.codes[126])]
    with_shape = pd.concat([table, (table.loc[target].sum() // 2).to_frame("the square").T])
    result = evaluate(target, with_shape, squares, WINDOWS, ring=ring_around(target, squares), drawn="the square")
    assert result.counts.loc["target", "before"] == with_shape.loc["the square", MONTHS[:12]].sum()
    assert result.groups["target"] == tuple(target)
    assert not set(target) & {*result.groups["control"], *result.groups["ring"], *result.groups["ring_control"]}
    assert group_series(result, with_shape, "the square")["target"].tolist() == with_shape.loc["the square"].tolist()
    with pytest.raises(ValueError, match="no counts of its own"):
        evaluate(target, table, squares, WINDOWS, drawn="the square")


def test_missing_is_not_zero(squares: Geography, table: pd.DataFrame) -> None:
    target = [str(squares.codes[125])]
    ring = ring_around(target, squares)
    gap = table.copy()
    gap.loc[[ring.codes[0], str(squares.codes[401])], "2024-05"] = np.nan
    result = evaluate(target, gap, squares, WINDOWS, ring=ring, controls=squares.codes[400:404])
    assert result.groups["ring"] == ring.codes[1:]
    assert len(result.groups["control"]) == 3
    assert "1 LSOA of the ring left out: months of the windows are missing there" in result.warnings
    gap.loc[target[0], "2025-05"] = np.nan
    with pytest.raises(ValueError, match="The target lacks a month"):
        evaluate(target, gap, squares, WINDOWS, ring=ring)


def test_refusals_in_words(squares: Geography, table: pd.DataFrame) -> None:
    target = [str(squares.codes[125])]
    ring = ring_around(target, squares)
    refused: list[tuple[dict[str, Any], str]] = [
        ({"controls": []}, "control holds no LSOA"),
        ({"controls": target}, "in the control and in the target"),
        ({"controls": ring.codes[:1], "ring": ring}, "in the (control|ring)"),
        (
            {"ring": ring, "controls": [squares.codes[400]], "ring_controls": [squares.codes[400]]},
            "control of the ring and in",
        ),
        ({"ring": Ring(())}, "ring holds no LSOA"),
    ]
    for arguments, words in refused:
        with pytest.raises(ValueError, match=words) as refusal:
            evaluate(target, table, squares, WINDOWS, **arguments)
        assert str(refusal.value).endswith(".")
    with pytest.raises(ValueError, match="covers all"):
        evaluate(squares.codes, table, squares, WINDOWS)
    busy = table.copy()
    busy.loc[target] = 500.0
    with pytest.raises(ValueError, match="There is no control: no untreated LSOA had a count before within 20 %"):
        evaluate(target, busy, squares, WINDOWS, ring=ring)


def test_a_ring_without_incidents(squares: Geography, table: pd.DataFrame) -> None:
    target = [str(squares.codes[125])]
    ring = ring_around(target, squares)
    quiet = table.copy()
    quiet.loc[list(ring.codes)] = 0.0
    quiet.loc[squares.codes[500:520]] = 0.0
    result = evaluate(target, quiet, squares, WINDOWS, ring=ring)
    assert result.displacement is not None
    assert result.displacement.z is None
    assert first_sentence(result).endswith("nothing was counted next door, so nothing can be said of it")


def test_few_placebos_take_the_scatter_of_the_months(squares: Geography, table: pd.DataFrame) -> None:
    row = [str(code) for code in squares.codes[:480]]
    result = evaluate(row, table, squares, WINDOWS, controls=squares.codes[510:540])
    assert len(result.placebos.draws) < 20
    assert 1 <= result.dispersion["local"] < 1.3  # these counts are Poisson
    assert result.as_extreme() is None
    assert any("too few" in line for line in result.warnings)


@pytest.mark.parametrize("dispersion", [1.0, 1.7])
def test_the_limits_hold_the_truth(dispersion: float) -> None:
    """A small version of ``benchmarks.displacement``: 60 counties each, so that three misses in a hundred more would show."""
    for plan in (NOTHING, SOMETHING):
        coverage = counties(dispersion, plan, 60, size=1, draws=60)
        assert coverage.sets > 50
        assert coverage.held["total"] >= 0.87, plan
        if plan is NOTHING:
            assert coverage.called["total"] <= 0.13
