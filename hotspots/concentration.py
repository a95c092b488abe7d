"""How few areas hold how much of what was counted."""

from dataclasses import dataclass

import numpy as np

from hotspots.arrays import Numbers, check_aligned, check_not_negative, floats

# Sums of floats may miss a share by the last bit; counts are far apart beside this.
_TOLERANCE = 1e-12


@dataclass(frozen=True)
class ShareHeld:
    """The fewest areas that together hold ``share`` of the events.

    ``held`` is the share that they do hold (at least ``share``) and ``residents`` the share of residents who live
    there; None where it cannot be known.
    """

    share: float
    areas: int
    of_areas: int
    held: float | None
    residents: float | None


def areas_for_share(counts: Numbers, share: float = 0.5) -> int:
    """The fewest areas that hold ``share`` of all events; 0 where there are no events.

    Parameters
    ----------
    counts
        Events per area; nulls are left out.
    share
        Above 0, at most 1.

    Raises
    ------
    ValueError
        A negative count, or a share outside its range.
    """
    descending = _descending(counts, share)
    if not descending.sum():
        return 0
    cumulative = descending.cumsum()
    return int(np.searchsorted(cumulative, share * cumulative[-1] * (1 - _TOLERANCE))) + 1


def residents_share(counts: Numbers, residents: Numbers, share: float = 0.5, *, ties_in: bool = False) -> float | None:
    """The share of residents who live in the fewest areas that hold ``share`` of all events.

    Where areas tie for the last place, each stands in with the mean residents of the tied (``ties_in`` False), so
    that the answer depends on no order, or all of them are in (True).

    Returns
    -------
    float or None
        None where there are no events, or residents are missing for an area that has a count.
    """
    check_aligned(counts, residents)
    count, known = floats(counts), floats(residents)
    counted = ~np.isnan(count)
    count, known = count[counted], known[counted]
    needed = areas_for_share(count, share)
    if not needed or np.isnan(known).any() or known.sum() <= 0:
        return None
    cutoff = np.sort(count)[-needed]
    above, tied = count > cutoff, count == cutoff
    weight = 1.0 if ties_in else (needed - above.sum()) / tied.sum()
    return float((known[above].sum() + weight * known[tied].sum()) / known.sum())


def share_held(counts: Numbers, residents: Numbers, share: float = 0.5, *, ties_in: bool = False) -> ShareHeld:
    """How few areas hold ``share`` of all events, what they hold and who lives there, in one value."""
    descending = _descending(counts, share)
    areas = areas_for_share(counts, share)
    if areas and ties_in:
        areas = int((descending >= descending[areas - 1]).sum())
    return ShareHeld(
        share=share,
        areas=areas,
        of_areas=len(descending),
        held=float(descending[:areas].sum() / descending.sum()) if areas else None,
        residents=residents_share(counts, residents, share, ties_in=ties_in),
    )


def _descending(counts: Numbers, share: float) -> np.ndarray:
    if not 0 < share <= 1:
        raise ValueError(f"The share is {share}. Give one above 0 and at most 1.")
    values = floats(counts)
    values = values[~np.isnan(values)]
    check_not_negative(values, "count")
    return np.sort(values)[::-1]
