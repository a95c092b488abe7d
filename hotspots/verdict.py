"""What an evaluation says, in words that its intervals carry: one sentence first, a few words for a table."""

from collections.abc import Mapping
from typing import Final

import pandas as pd

from hotspots.displacement import Difference
from hotspots.evaluation import Evaluation
from hotspots.narrative import capital, counted, number

_AT_PEAK: Final = "Chosen at its peak"
_BY_THIS_COUNT: Final = "Chosen by this very count"
_WEAK: Final = "with weak controls"

PEAK: Final = f"{_AT_PEAK}: part of any fall would have come by itself"
# Chosen from the after window, the place may have been picked for a chance peak there.
CHOSEN_AFTER: Final = f"{_BY_THIS_COUNT}: part of any rise is that choice"
FEW_LIKE_IT: Final = "Weak controls: few places were as busy before"


def chosen_words(*, at_peak: bool, after: bool, change: int = 0) -> str:
    """What goes before a finding of a place that was chosen from the months compared, empty for any other.

    ``change``: -1 where fewer, 1 where more are called, which that choice alone may make in part.
    """
    if at_peak:
        return _AT_PEAK + (", which makes part of the fall" if change < 0 else "")
    if after:
        return _BY_THIS_COUNT + (", which makes part of the rise" if change > 0 else "")
    return ""


def first_sentence(evaluation: Evaluation) -> str:
    """The finding: the place, then next door; what may have bent it (the months it was chosen from, weak controls) goes before both.

    ``cautions`` say the latter in full.
    """
    local = evaluation.local
    sentence = f"{_local_words(local, f'{evaluation.noun}s')}; {_ring_words(evaluation)}"
    chosen = chosen_words(at_peak=evaluation.at_peak, after=evaluation.chosen_after, change=local.called)
    before = ", ".join(part for part in (chosen, _WEAK if evaluation.weak else "") if part)
    return f"{capital(before)}: {sentence[0].lower()}{sentence[1:]}" if before else sentence


def cautions(evaluation: Evaluation) -> tuple[str, ...]:
    """What may have bent the finding, a sentence each; none where nothing did."""
    chosen = PEAK if evaluation.at_peak else CHOSEN_AFTER if evaluation.chosen_after else ""
    return tuple(said for said in (chosen, FEW_LIKE_IT if evaluation.weak else "") if said)


def against_expected(difference: Difference) -> str:
    """ "6 fewer than expected, could be 25 fewer to 13 more"; "nothing counted"."""
    if difference.lower is None or difference.upper is None:
        return "nothing counted"
    estimate = _way(difference.estimate)
    return f"{'as many as' if estimate == 'none' else f'{estimate} than'} expected, {_could_be(difference)}"


def whole(value: float) -> str:
    """Whole numbers; one decimal below 1, where a whole number would say none; below nothing with a minus sign."""
    size = abs(value)
    digits = f"{size:.1f}" if 0.05 <= size < 0.95 else number(round(size))
    return f"−{digits}" if value < 0 and digits != "0" else digits


def missed_sentence(evaluation: Evaluation) -> str:
    """What could have been missed in the place itself."""
    if evaluation.local.z is None:
        return ""
    return (
        f"A true change smaller than {missed_words(evaluation)} {evaluation.noun}s would be missed "
        "more than one time in five"
    )


def missed_words(evaluation: Evaluation) -> str:
    """The smallest change that would be seen four times in five, as a number in words."""
    return whole(evaluation.minimum_detectable)


def placebo_sentence(evaluation: Evaluation, part: str = "local") -> str:
    """Where the place falls among the placebos, and by how much these widened its limits."""
    share = evaluation.as_extreme(part)
    # one in which nothing was counted has no z, and says nothing of chance
    tried = int(evaluation.placebos.draws[f"{part}_z"].notna().sum())
    where = {"local": "", "displacement": " next door", "total": " in all"}[part]
    if share is None:
        return f"Too few untreated places could be tried to say how far chance alone goes ({number(tried)})"
    as_far = round(share * (tried + 1)) - 1
    moved = f"{number(as_far) if as_far else 'none'} lay as far from what was expected{where}"
    widened = evaluation.dispersion[part] ** 0.5
    wider = f"; they scatter so much that the limits are {widened:.1f} times as wide as for chance counts"
    return f"Of {counted(tried, 'untreated place')} tried in the same way, {moved}{wider if widened >= 1.05 else ''}"


def verdict(evaluation: Evaluation) -> str:
    """A few words for a table; a fall in a place chosen at its peak is not called an effect."""
    local, ring = evaluation.local, evaluation.displacement
    next_door = ring.called if ring else 0
    if local.z is None:
        return "nothing counted"
    if local.called < 0 and evaluation.at_peak:
        return "fewer, but chosen at its peak" + (": more next door" if next_door > 0 else "")
    if not local.called and not next_door:
        return "too few to tell" if evaluation.minimum_detectable >= evaluation.expected else "no clear change"
    if local.called > 0 and evaluation.chosen_after and not evaluation.at_peak:
        return "more, but chosen by this very count"
    here = {-1: "fewer", 0: "no clear change", 1: "more"}[local.called]
    if not next_door:
        if ring is None or local.called >= 0:
            return here
        return f"{here}, {'may have moved' if _may_have_moved(local, ring) else 'no sign that they moved'}"
    there = "more" if next_door > 0 else "fewer"
    return f"{here} here and next door" if here == there else f"{here} here, {there} next door"


def turned_sentence(offences: Evaluation, asb: Evaluation) -> str:
    """Did one turn into the other? Only where both changes are beyond chance, and in opposite directions."""
    pair = offences.local.called, asb.local.called
    if pair == (-1, 1):
        return "Offences fell and ASB reports rose: one may have turned into the other, or been recorded as it"
    if pair == (1, -1):
        return "Offences rose and ASB reports fell: one may have turned into the other, or been recorded as it"
    return "No sign that offences and ASB reports turned into one another"


def locations_table(evaluations: Mapping[str, Evaluation]) -> pd.DataFrame:
    """Several places side by side, by name: effect and displacement with their limits, verdict, whether chosen at its peak."""
    rows = [
        {
            "location": name,
            "effect": one.local.estimate,
            "effect_low": one.local.lower,
            "effect_high": one.local.upper,
            "displacement": one.displacement.estimate if one.displacement else None,
            "displacement_low": one.displacement.lower if one.displacement else None,
            "displacement_high": one.displacement.upper if one.displacement else None,
            "verdict": verdict(one),
            "at_peak": one.at_peak,
        }
        for name, one in evaluations.items()
    ]
    columns = [
        "location",
        "effect",
        "effect_low",
        "effect_high",
        "displacement",
        "displacement_low",
        "displacement_high",
    ]
    table = pd.DataFrame(rows, columns=[*columns, "verdict", "at_peak"])
    return table.astype(dict.fromkeys(columns[1:], "Float64"))


def several_sentence(places: int) -> str:
    """What to mind where several places are read together; empty for one."""
    if places < 2:
        return ""
    return f"Of 20 places where nothing changed, about one is called changed by chance; here are {number(places)}"


def _local_words(local: Difference, noun: str) -> str:
    if local.lower is None or local.upper is None:
        return f"No {noun} were counted here or in the control, so nothing can be said"
    if not local.called:
        return f"No clear change in {noun} ({against_expected(local)})"
    return f"About {_beyond(local, noun)} than expected {_limits(local)}"


def _ring_words(evaluation: Evaluation) -> str:
    ring, local = evaluation.displacement, evaluation.local
    if ring is None:
        return "without a ring, nothing can be said of the places next door"
    if ring.lower is None or ring.upper is None:
        return "nothing was counted next door, so nothing can be said of it"
    if ring.called:
        return f"next door about {_beyond(ring)} {_limits(ring)}"
    estimate = _way(ring.estimate)
    figures = f"({'as many' if estimate == 'none' else estimate}, {_could_be(ring)})"
    if local.called < 0:
        if _may_have_moved(local, ring):
            return f"whether they moved next door cannot be told {figures}"
        return f"no sign that they moved next door {figures}"
    if local.called or local.lower is None:
        return f"next door unclear {figures}"
    return f"nor next door {figures}"


def _may_have_moved(fall: Difference, ring: Difference) -> bool:
    """Whether there were more next door, and the limits hold as many as went missing here."""
    return ring.estimate > 0 and ring.upper is not None and ring.upper >= -fall.estimate


def _beyond(difference: Difference, noun: str = "") -> str:
    direction = "fewer" if difference.estimate < 0 else "more"
    return f"{whole(abs(difference.estimate))} {direction} {noun}".rstrip()


def _limits(difference: Difference) -> str:
    assert difference.lower is not None
    assert difference.upper is not None
    near, far = sorted((abs(difference.lower), abs(difference.upper)))
    return f"(could be {whole(near)} to {whole(far)})"


def _could_be(difference: Difference) -> str:
    """ "could be 25 fewer to 13 more": in words, since a minus sign is read past."""
    assert difference.lower is not None
    assert difference.upper is not None
    if difference.called:
        near, far = sorted((difference.lower, difference.upper), key=abs)
        return f"could be {whole(abs(near))} to {_way(far)}"
    return f"could be {_way(difference.lower)} to {_way(difference.upper)}"


def _way(value: float) -> str:
    digits = whole(abs(value))
    return "none" if digits == "0" else f"{digits} {'fewer' if value < 0 else 'more'}"
