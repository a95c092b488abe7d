"""Did it move? One place, one kind of incident, two windows: all that the answer rests on, in one frozen value."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from hotspots.change import FELL, ROSE, change_map
from hotspots.controls import (
    CONTROLS_EACH,
    Candidates,
    Geography,
    Match,
    Ring,
    RingRule,
    candidates,
    size_weight,
    suggest_controls,
    target_positions,
)
from hotspots.displacement import (
    AREAS,
    CONFIDENCE,
    Difference,
    DisplacementQuotient,
    RateRatio,
    minimum_detectable_change,
    rate_ratio,
    smallest_called_change,
    weighted_displacement_difference,
    weighted_displacement_quotient,
)
from hotspots.narrative import lsoas, number
from hotspots.placebos import PARTS, PLACEBOS, SEED, Placebos, placebos
from hotspots.uncertainty import overdispersion
from hotspots.windows import BeforeAfter, chosen_at_peak

_WORDS: Final = {"target": "target", "control": "control", "ring": "ring", "ring_control": "control of the ring"}


@dataclass(frozen=True)
class Evaluation:
    """What became of a place against what its controls lead to expect.

    ``local``, ``displacement`` (None without a ring) and ``total`` are widened, each by its own ``dispersion``.
    ``smallest_called`` and ``minimum_detectable`` are of the local change. ``groups`` are the LSOAs by "target", "control",
    "ring", "ring_control"; ``counts`` the LSOAs, counts before and after and weight of each. ``matches`` are the suggestions
    that were made ("control", "ring_control"). ``quotient`` and ``ratio`` are for analysts.
    ``chosen_after``: the place was chosen from months of the after window, in which it may have been high by chance.
    """

    windows: BeforeAfter
    noun: str
    local: Difference
    displacement: Difference | None
    total: Difference
    dispersion: dict[str, float]
    smallest_called: float
    minimum_detectable: float
    at_peak: bool
    groups: dict[str, tuple[str, ...]]
    counts: pd.DataFrame
    matches: dict[str, Match]
    placebos: Placebos
    quotient: DisplacementQuotient | None
    ratio: RateRatio
    warnings: tuple[str, ...]
    chosen_after: bool = False

    @property
    def weak(self) -> bool:
        """Whether places like it are so few that less than half of the controls wanted were found."""
        match = self.matches.get("control")
        return match is not None and 2 * match.found < match.wanted

    @property
    def expected(self) -> float:
        """The target's count after that its control leads to expect."""
        return float(self.counts.loc["target", "after"]) - self.local.estimate

    def as_extreme(self, part: str = "local") -> float | None:
        """The share of placebos at least as far from what was expected as the place."""
        difference: Difference | None = getattr(self, part)
        if difference is None or difference.z is None:
            return None
        return self.placebos.as_extreme(difference.z * self.dispersion[part] ** 0.5, part)


def evaluate(
    target: Collection[str],
    monthly: pd.DataFrame,
    places: Geography,
    windows: BeforeAfter,
    *,
    ring: Ring | None = None,
    rule: RingRule | None = None,
    controls: Collection[str] | None = None,
    ring_controls: Collection[str] | None = None,
    others: Collection[str] = (),
    drawn: str | None = None,
    chosen_from: Iterable[str] | None = None,
    noun: str = "offence",
    each: int = CONTROLS_EACH,
    draws: int = PLACEBOS,
    seed: int = SEED,
    confidence: float = CONFIDENCE,
) -> Evaluation:
    """Evaluate one place for one kind of incident.

    Parameters
    ----------
    target
        LSOA codes; for a drawn shape those that it touches.
    monthly
        As from ``counts.monthly_counts``: LSOAs by months, of one crime type or definition, or of ASB.
    places
        From ``controls.geography``.
    windows
        From ``windows.preset_windows`` or ``chosen_windows``.
    ring
        From ``controls.ring_around``, or chosen by hand; without one only the local change is estimated.
    rule
        How far the rings of placebos reach; without one, the LSOAs next to them.
    controls, ring_controls
        Codes chosen by hand; None takes those of ``controls.suggest_controls``.
    others
        Codes of other targets, which are neither compared with nor placebos, nor is what touches them.
    drawn
        The row of ``monthly`` that holds a drawn target's own counts.
    chosen_from
        The months from which the place was chosen, where it was chosen from counts.
    noun
        "offence" or "ASB report".
    each, draws, seed, confidence
        Controls per LSOA; placebos at most; their seed; of the limits.

    Raises
    ------
    ValueError
        In words: a target that is empty, covers everything or lacks a month; a ring that lacks all; no control; a control
        that is also in the target or the ring.
    """
    chosen_from = tuple(chosen_from or ())
    among = candidates(monthly, places, windows)
    at = target_positions(target, places)
    own = _own_counts(at, monthly, among, places, windows, drawn)
    warnings = list(windows.warnings)
    groups = {"target": tuple(places.codes[at])}
    if ring is not None:
        groups["ring"] = _with_counts(ring.codes, "ring", among, places, warnings)
    apart = {*groups["target"], *(ring.codes + ring.gap if ring else ()), *others}
    matches: dict[str, Match] = {}
    for name, of, chosen in (("control", "target", controls), ("ring_control", "ring", ring_controls)):
        if of not in groups:
            continue
        if chosen is not None:
            groups[name] = _by_hand(chosen, _WORDS[name], apart, among, places, warnings)
        else:
            taken = {*groups.get("control", ()), *(ring_controls or ())}
            matches[name] = suggest_controls(
                groups[of],
                places,
                among,
                apart_from=apart,
                not_these=taken,
                each=each,
                drawn_before=own[0] if drawn and of == "target" else None,
            )
            groups[name] = matches[name].codes
            if matches[name].reading:
                warnings.append(f"The {_WORDS[name]}: {matches[name].reading}")
        _check_controls(name, groups)
    warnings += [
        said for name in ("control", "ring_control") if (said := _changed_itself(name, groups, monthly, windows))
    ]
    counts = _counts(groups, own, among, places)
    tried = placebos(
        groups["target"],
        places,
        among,
        rule=(rule or RingRule()) if ring else None,
        apart_from=apart,
        time_weight=windows.time_weights[0],
        each=each,
        drawn_before=own[0] if drawn else None,
        draws=draws,
        seed=seed,
    )
    dispersion = _dispersion(tried, monthly, places, windows)
    if tried.reading:
        warnings.append(f"Placebos: {tried.reading}")
    pairs = {name: (counts.loc[name, "before"], counts.loc[name, "after"]) for name in AREAS if name in counts.index}
    parts = {
        part: getattr(
            weighted_displacement_difference(
                **pairs,
                time_weights=windows.time_weights,
                area_weights=counts["weight"].to_dict(),
                dispersion=dispersion[part],
                confidence=confidence,
            ),
            part,
        )
        for part in PARTS
    }
    return Evaluation(
        windows=windows,
        noun=noun,
        **parts,
        dispersion=dispersion,
        smallest_called=smallest_called_change(parts["local"].se, confidence),
        minimum_detectable=minimum_detectable_change(parts["local"].se, confidence),
        at_peak=chosen_at_peak(chosen_from, windows.before),
        chosen_after=bool(set(chosen_from or ()) & set(windows.after)),
        groups=groups,
        counts=counts,
        matches=matches,
        placebos=tried,
        quotient=weighted_displacement_quotient(pairs["target"], pairs["ring"], pairs["control"]) if ring else None,
        ratio=rate_ratio(pairs["target"], pairs["control"], confidence, dispersion=dispersion["local"]),
        warnings=tuple(warnings),
    )


def group_series(evaluation: Evaluation, monthly: pd.DataFrame, drawn: str | None = None) -> pd.DataFrame:
    """Monthly counts of target, control, ring and its control, the controls over their weight so that lines can be compared.

    Returns
    -------
    DataFrame
        Months by group; NaN in a month that any LSOA of the group lacks.
    """
    columns = {}
    for name, codes in evaluation.groups.items():
        rows = monthly.loc[[drawn] if drawn and name == "target" else list(codes)]
        columns[name] = rows.sum(axis=0, skipna=False) / evaluation.counts.loc[name, "weight"]
    return pd.DataFrame(columns)[[name for name in AREAS if name in columns]]


def _own_counts(
    at: np.ndarray,
    monthly: pd.DataFrame,
    among: Candidates,
    places: Geography,
    windows: BeforeAfter,
    drawn: str | None,
) -> tuple[float, float]:
    """The target's counts before and after."""
    if drawn is not None:
        if drawn not in monthly.index:
            raise ValueError("The drawn target has no counts of its own. Give its monthly counts as a row.")
        before, after = (float(monthly.loc[drawn, list(w)].sum(skipna=False)) for w in (windows.before, windows.after))
    else:
        before, after = float(among.before[at].sum()), float(among.after[at].sum())
    if np.isnan(before + after):
        raise ValueError(
            "The target lacks a month of the windows, and missing is not zero. Choose months that are present for all of it."
        )
    return before, after


def _with_counts(
    codes: Collection[str], name: str, among: Candidates, places: Geography, warnings: list[str]
) -> tuple[str, ...]:
    """The codes that have all months; what was left out is added to the warnings."""
    at = places.positions(codes, name)
    known = at[among.known[at]]
    if not len(known):
        raise ValueError(f"The {name} holds no LSOA with counts in all months of the windows. Choose others.")
    if len(known) < len(at):
        warnings.append(
            f"{lsoas(len(at) - len(known))} of the {name} left out: months of the windows are missing there"
        )
    return tuple(places.codes[known])


def _by_hand(
    codes: Collection[str],
    name: str,
    apart: Collection[str],
    among: Candidates,
    places: Geography,
    warnings: list[str],
) -> tuple[str, ...]:
    chosen = _with_counts(codes, name, among, places, warnings)
    near = places.codes[places.touching(places.positions(apart, "areas to keep away from"))]
    if close := len(set(chosen) & set(near)):
        touch = "touches" if close == 1 else "touch"
        warnings.append(
            f"{lsoas(close)} of the {name} {touch} the target, the ring or another target: what moved there would hide in the "
            "comparison"
        )
    return chosen


def _changed_itself(name: str, groups: dict[str, tuple[str, ...]], monthly: pd.DataFrame, windows: BeforeAfter) -> str:
    """How many of the controls changed beyond chance (the false discovery rate held over them); empty where none did."""
    codes = list(groups.get(name, ()))
    changes = change_map(monthly.loc[codes], windows)["change"]
    rose, fell = (int((changes == way).sum()) for way in (ROSE, FELL))
    if not rose + fell:
        return ""
    ways = " and ".join(f"{number(n)} {way}" for n, way in ((rose, "rose"), (fell, "fell")) if n)
    itself = "itself" if rose + fell == 1 else "themselves"
    return (
        f"Of the {lsoas(len(codes))} of the {_WORDS[name]}, {ways} {itself} by more than chance makes: look at what happened there, "
        "since it bends what is expected here"
    )


def _check_controls(name: str, groups: dict[str, tuple[str, ...]]) -> None:
    if not groups[name]:
        raise ValueError(
            f"There is no {_WORDS[name]}: no untreated LSOA had a count before within 20 % of any of its LSOAs. "
            "Choose controls by hand, or a longer window."
        )
    for other, codes in groups.items():
        shared = set(groups[name]) & set(codes)
        if other != name and shared:
            raise ValueError(
                f"{sorted(shared)[0]} is in the {_WORDS[name]} and in the {_WORDS[other]}. Leave it in one of them."
            )


def _counts(
    groups: dict[str, tuple[str, ...]], own: tuple[float, float], among: Candidates, places: Geography
) -> pd.DataFrame:
    """By area: LSOAs, before, after, weight."""
    rows: dict[str, dict[str, float]] = {}
    for name in AREAS:
        if name in groups:
            at = places.positions(groups[name], _WORDS[name])
            before, after = own if name == "target" else (float(among.before[at].sum()), float(among.after[at].sum()))
            weight = 1.0
            if name.endswith("control"):
                of = rows["target" if name == "control" else "ring"]
                weight = size_weight(before, of["before"], len(at), int(of["lsoas"]))
            rows[name] = {"lsoas": len(at), "before": before, "after": after, "weight": weight}
    return pd.DataFrame.from_dict(rows, orient="index").astype({"lsoas": int, "before": int, "after": int})


def _dispersion(tried: Placebos, monthly: pd.DataFrame, places: Geography, windows: BeforeAfter) -> dict[str, float]:
    """Of each part, from the placebos; where they are too few, from how the monthly counts scatter."""
    found = {part: tried.dispersion(part) for part in PARTS}
    if all(found[part] is None for part in PARTS):
        try:
            scatter = overdispersion(monthly.reindex(places.codes)[list(windows.months)])
        except ValueError:
            scatter = 1.0
        return dict.fromkeys(PARTS, scatter)
    return {part: found[part] or found["local"] or 1.0 for part in PARTS}
