"""Did it move? The weighted displacement difference and its relatives: a target against its control, a ring against its own.

An area is ``(before, after)``: the incidents of one kind in the months before and after something was done. Differences
are in incidents; negative means fewer than the control leads to expect.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

Area = ArrayLike

AREAS: Final = ("target", "control", "ring", "ring_control")

CONFIDENCE: Final = 0.95
POWER: Final = 0.8


@dataclass(frozen=True)
class Difference:
    """A difference in incidents with its standard error, z score and limits.

    Where no incident was counted at all, ``z`` and the limits are None and ``reading`` says so.
    """

    estimate: float
    se: float
    z: float | None
    lower: float | None
    upper: float | None
    reading: str = ""

    @property
    def called(self) -> int:
        """-1 where the limits lie below 0, 1 where above, else 0: no change that chance alone could not make."""
        if self.lower is None or self.upper is None:
            return 0
        return int(self.lower > 0) - int(self.upper < 0)


@dataclass(frozen=True)
class DisplacementDifference:
    """The change in the target against its control, that in the ring against its own, and their sum.

    ``displacement`` is None without a ring; ``reading`` then says so, and the total is the local change.
    """

    local: Difference
    displacement: Difference | None
    total: Difference
    reading: str = ""


@dataclass(frozen=True)
class DisplacementQuotient:
    """``quotient`` of the ring's response to the target's, ``success`` (negative = the target fell against its control),
    ``total_net_effect`` in incidents avoided. None where a zero leaves it without value; ``reading`` in words.
    """

    quotient: float | None
    success: float | None
    total_net_effect: float | None
    reading: str


@dataclass(frozen=True)
class RateRatio:
    """How the target's change compares with the control's, 1 = alike; ``se`` of its logarithm. None where a count is zero."""

    ratio: float | None
    se: float | None
    lower: float | None
    upper: float | None
    reading: str = ""


def weighted_displacement_difference(
    target: Area,
    control: Area,
    ring: Area | None = None,
    ring_control: Area | None = None,
    *,
    time_weights: Sequence[float] = (1, 1),
    area_weights: Mapping[str, float] | None = None,
    dispersion: float = 1.0,
    confidence: float = CONFIDENCE,
) -> DisplacementDifference:
    """``(Ta - Tb) - (Ca - Cb) + (Da - Db) - (Cda - Cdb)``, each count over its time weight times its area's weight.

    The variance is the sum of the counts, each over the square of its weights (Poisson), times the dispersion.

    Parameters
    ----------
    target, control, ring, ring_control
        Counts (before, after). A ring needs a control of its own.
    time_weights
        Of (before, after): 24 months against 12 are (2, 1), and the result is per 12 months.
    area_weights
        By "target", "control", "ring", "ring_control", 1 where not given: a control of k times the target's size has k.
    dispersion
        Variance over what Poisson counts would have; below 1 counts as 1.
    confidence
        Between 0 and 1.

    Raises
    ------
    ValueError
        A ring without its control (or the other way), an area that is not two counts of 0 or more, a weight or
        dispersion that is not a number above 0.

    References
    ----------
    Wheeler & Ratcliffe 2018, A simple weighted displacement difference test to evaluate place based crime
    interventions, Crime Science 7. Weights: Wheeler 2021, "The WDD test with different pre/post time periods" and
    "... with different area sizes" (andrewpwheeler.com). McCullagh & Nelder 1989, section 4.5, for the dispersion.
    """
    if (ring is None) != (ring_control is None):
        raise ValueError(
            "The ring has no control of its own, so that nothing says what would have happened there anyway. Give both or neither."
            if ring_control is None
            else "There is a control for the ring, but no ring. Give both or neither."
        )
    weights = _area_weights(area_weights)
    times = _positive_pair(time_weights, "time weights")
    scale = max(1.0, _positive(dispersion, "dispersion"))

    def change(area: Area, control: Area, names: Sequence[str]) -> tuple[float, float]:
        estimate = variance = 0.0
        for sign, counts, name in zip((1, -1), (area, control), names, strict=True):
            before, after = _pair(counts, name)
            wb, wa = (time * weights[name] for time in times)
            estimate += sign * (after / wa - before / wb)
            variance += after / wa**2 + before / wb**2
        return estimate, variance * scale

    local = change(target, control, AREAS[:2])
    if ring is None or ring_control is None:
        only = _difference(*local, confidence)
        return DisplacementDifference(only, None, only, "Without a ring, nothing can be said of the places next door.")
    moved = change(ring, ring_control, AREAS[2:])
    return DisplacementDifference(
        _difference(*local, confidence),
        _difference(*moved, confidence),
        _difference(local[0] + moved[0], local[1] + moved[1], confidence),
    )


def harm_weighted_difference(
    targets: Mapping[str, Area],
    controls: Mapping[str, Area],
    weights: Mapping[str, float],
    *,
    confidence: float = CONFIDENCE,
    time_weights: Sequence[float] = (1, 1),
    area_weights: Mapping[str, float] | None = None,
    dispersion: float = 1.0,
) -> Difference:
    """``sum w WDD`` with variance ``sum w^2 Var`` over the crime types, in units of harm.

    Parameters
    ----------
    targets, controls
        By crime type, (before, after).
    weights
        Harm by crime type, 0 or more.
    confidence, time_weights, area_weights, dispersion
        As for ``weighted_displacement_difference``.

    Raises
    ------
    ValueError
        No crime type, one without a control or without a weight, and as ``weighted_displacement_difference``.

    References
    ----------
    Wheeler 2020, "Amending the WDD test to incorporate harm weights" (andrewpwheeler.com).
    """
    if not targets or set(targets) != set(controls):
        raise ValueError("The target and its control do not hold the same crime types. Give at least one, in both.")
    lacking = sorted(set(targets) - set(weights))
    if lacking:
        raise ValueError(f"{lacking[0]} has no harm weight. Give one for each of the {len(targets)} crime types.")
    estimate = variance = 0.0
    for crime_type, target in targets.items():
        weight = weights[crime_type]
        if not (math.isfinite(weight) and weight >= 0):
            raise ValueError(f"The harm weight of {crime_type} is {weight}. Give a number, 0 or more.")
        one = weighted_displacement_difference(
            target, controls[crime_type], time_weights=time_weights, area_weights=area_weights, dispersion=dispersion
        ).local
        estimate += weight * one.estimate
        variance += weight**2 * one.se**2
    return _difference(estimate, variance, confidence)


def weighted_displacement_quotient(target: Area, ring: Area, control: Area) -> DisplacementQuotient:
    """``(Da/Ca - Db/Cb) / (Ta/Ca - Tb/Cb)``, for analysts: it has no interval, and swings where the target changed little.

    ``success = Ta/Ca - Tb/Cb``; ``total net effect = (Tb Ca/Cb - Ta) + (Db Ca/Cb - Da)``.

    Parameters
    ----------
    target, ring, control
        Counts (before, after).

    References
    ----------
    Bowers & Johnson 2003, J. Quantitative Criminology 19; Guerette 2009, Analyzing crime displacement and diffusion,
    appendices B and C.
    """
    (tb, ta), (db, da), (cb, ca) = _pair(target, "target"), _pair(ring, "ring"), _pair(control, "control")
    if not (ca and cb):
        when = "before" if not cb else "after"
        return DisplacementQuotient(None, None, None, f"not estimable: the control had none {when}")
    success = ta / ca - tb / cb
    net = (tb * ca / cb - ta) + (db * ca / cb - da)
    if math.isclose(ta * cb, tb * ca):
        return DisplacementQuotient(None, 0.0, net, "not estimable: the target changed exactly as its control did")
    quotient = (da / ca - db / cb) / success
    return DisplacementQuotient(quotient, success, net, _quotient_reading(quotient, success))


def rate_ratio(target: Area, control: Area, confidence: float = CONFIDENCE, *, dispersion: float = 1.0) -> RateRatio:
    """``(Ta/Tb) / (Ca/Cb)``; the standard error of its logarithm is ``sqrt(dispersion x sum 1/n)`` over the four counts.

    Raises
    ------
    ValueError
        An area that is not two counts of 0 or more, a confidence outside 0 to 1.

    References
    ----------
    Wilson 2022, The relative incident rate ratio effect size for count-based impact evaluations, J. Quantitative
    Criminology 38.
    """
    counts = (*_pair(target, "target"), *_pair(control, "control"))
    z = _quantile(confidence)
    if not all(counts):
        return RateRatio(None, None, None, None, "not estimable: one of the four counts is zero")
    tb, ta, cb, ca = counts
    ratio = (ta / tb) / (ca / cb)
    se = math.sqrt(max(1.0, _positive(dispersion, "dispersion")) * sum(1 / n for n in counts))
    return RateRatio(ratio, se, ratio * math.exp(-z * se), ratio * math.exp(z * se))


def smallest_called_change(se: float, confidence: float = CONFIDENCE) -> float:
    """The smallest difference that would be called a change: 1.96 standard errors at 95 %."""
    return _quantile(confidence) * _standard_error(se)


def minimum_detectable_change(se: float, confidence: float = CONFIDENCE, power: float = POWER) -> float:
    """The true change that would be called one with the given power: (1.96 + 0.84) standard errors at 95 % and 80 %.

    A smaller true change is missed more than one time in five.
    """
    if not 0 < power < 1:
        raise ValueError(f"The power is {power}. Give one between 0 and 1, such as 0.8.")
    return (_quantile(confidence) + float(stats.norm.ppf(power))) * _standard_error(se)


def _difference(estimate: float, variance: float, confidence: float) -> Difference:
    reach = _quantile(confidence)
    se = math.sqrt(variance)
    if not se:
        return Difference(
            estimate, 0.0, None, None, None, "nothing was counted here before or after, so nothing can be said"
        )
    return Difference(estimate, se, estimate / se, estimate - reach * se, estimate + reach * se)


def _quotient_reading(quotient: float, success: float) -> str:
    if success > 0:
        return "not to be read: the target did not fall against its control"
    if quotient == 0:
        return "the ring changed as the control did"
    if quotient > 0:
        return "the ring fell too" + (", by more than the target" if quotient > 1 else "")
    if quotient < -1:
        return "the ring rose by more than the target fell"
    return "the ring rose, by " + ("as much as" if quotient == -1 else "less than") + " the target fell"


def _pair(area: Area, name: str) -> tuple[float, float]:
    counts = np.asarray(area, dtype="float64").ravel()
    if len(counts) != 2 or not (np.isfinite(counts) & (counts >= 0)).all():
        shown = ", ".join(f"{n:g}" for n in counts[:5])
        raise ValueError(
            f"The counts of the {name.replace('_', ' ')} are ({shown}). Give two numbers, before and after, 0 or more."
        )
    return float(counts[0]), float(counts[1])


def _area_weights(given: Mapping[str, float] | None) -> dict[str, float]:
    weights = dict(given or {})
    unknown = sorted(set(weights) - set(AREAS))
    if unknown:
        raise ValueError(f"There is an area weight for {unknown[0]!r}. The areas are {', '.join(AREAS)}.")
    return {name: _positive(weights.get(name, 1), f"area weight of the {name.replace('_', ' ')}") for name in AREAS}


def _positive_pair(values: Sequence[float], what: str) -> tuple[float, float]:
    if len(values) != 2:
        raise ValueError(f"There are {len(values)} {what}. Give two, before and after.")
    return _positive(values[0], what), _positive(values[1], what)


def _positive(value: float, what: str) -> float:
    if not (math.isfinite(value) and value > 0):
        raise ValueError(f"The {what} {'are' if what.endswith('s') else 'is'} {value}. Give a number above 0.")
    return float(value)


def _standard_error(se: float) -> float:
    if not (math.isfinite(se) and se >= 0):
        raise ValueError(f"The standard error is {se}. Give a number, 0 or more.")
    return float(se)


def _quantile(confidence: float) -> float:
    if not 0 < confidence < 1:
        raise ValueError(f"The confidence is {confidence}. Give one between 0 and 1, such as 0.95.")
    return float(stats.norm.isf((1 - confidence) / 2))
