"""What an evaluation says, in words that its intervals carry: one sentence first, a few words for a table."""

from collections.abc import Mapping
from typing import Final

import pandas as pd

from hotspots.displacement import Difference
from hotspots.evaluation import Evaluation
from hotspots.narrative import counted, number

PEAK: Final = "The place was chosen at its peak, so part of any fall would have come by itself"


# Chosen from the after window, the place may have been picked for a chance peak there.
CHOSEN_AFTER: Final = "The place was chosen by what was counted after, so part of any rise is that choice"
FEW_LIKE_IT: Final = "Few places are like it, so this rests on weak controls"


def first_sentence(evaluation: Evaluation) -> str:
    """The finding: the place, then next door; what may have bent it (the months it was chosen from, weak controls) goes before both."""
    local = _local_words(evaluation.local, f"{evaluation.noun}s")
    sentence = f"{local}; {_ring_words(evaluation)}"
    if evaluation.weak:
        sentence = f"{FEW_LIKE_IT}: {_inside(sentence)}"
    bias = PEAK if evaluation.at_peak else CHOSEN_AFTER if evaluation.chosen_after else ""
    return f"{bias}: {_inside(sentence)}" if bias else sentence


def _inside(sentence: str) -> str:
    return f"{sentence[0].lower()}{sentence[1:]}"


def missed_sentence(evaluation: Evaluation) -> str:
    """What could have been missed in the place itself."""
    if evaluation.local.z is None:
        return ""
    return (
        f"A true change smaller than {_whole(evaluation.minimum_detectable)} {evaluation.noun}s would be missed "
        "more than one time in five"
    )


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
    return f"Of {counted(tried, 'untreated place')} like it, {moved}{wider if widened >= 1.05 else ''}"


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
        return "more, but chosen by these months"
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
        return f"No sign of a change in {noun}: {_anything(local)}"
    return f"About {_beyond(local, noun)} than expected {_limits(local)}"


def _ring_words(evaluation: Evaluation) -> str:
    ring = evaluation.displacement
    if ring is None:
        return "without a ring, nothing can be said of the places next door"
    if ring.lower is None or ring.upper is None:
        return "nothing was counted next door, so nothing can be said of it"
    if not ring.called:
        if evaluation.local.called >= 0:
            return f"no sign of a change next door: {_anything(ring)}"
        if _may_have_moved(evaluation.local, ring):
            return f"whether they moved next door cannot be told: {_anything(ring)}"
        return f"no sign that they moved next door: {_anything(ring)}"
    return f"next door about {_beyond(ring)} than expected {_limits(ring)}"


def _may_have_moved(fall: Difference, ring: Difference) -> bool:
    """Whether there were more next door, and the limits hold as many as went missing here."""
    return ring.estimate > 0 and ring.upper is not None and ring.upper >= -fall.estimate


def _beyond(difference: Difference, noun: str = "") -> str:
    direction = "fewer" if difference.estimate < 0 else "more"
    return f"{_whole(abs(difference.estimate))} {direction} {noun}".rstrip()


def _limits(difference: Difference) -> str:
    assert difference.lower is not None
    assert difference.upper is not None
    near, far = sorted((abs(difference.lower), abs(difference.upper)))
    return f"(could be {_whole(near)} to {_whole(far)})"


def _anything(difference: Difference) -> str:
    assert difference.lower is not None
    assert difference.upper is not None
    return f"{_whole(difference.estimate)}, could be anything from {_whole(difference.lower)} to {_whole(difference.upper)}"


def _whole(value: float) -> str:
    """Whole numbers; one decimal below 1, where a whole number would say none."""
    if 0.05 <= abs(value) < 0.95:
        return f"{value:.1f}"
    return number(round(value))
