"""Before and after: which months stand on either side of an intervention, and what to mind when they are compared."""

import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

from hotspots.narrative import months_in_words
from hotspots.selection import Period, month_name, year_before
from hotspots.stability import LEAST_MONTHS

# Months in each window, to choose from.
LENGTHS: Final = (3, 6, 12, 24)


@dataclass(frozen=True)
class RecordingChange:
    """A change in how the police record: from ``month`` on, in the crime types it touches."""

    month: str
    crime_types: tuple[str, ...]
    says: str
    source: str


@dataclass(frozen=True)
class BeforeAfter:
    """Two windows, the months ``between`` them (in neither), a label and warnings in words."""

    before: tuple[str, ...]
    after: tuple[str, ...]
    between: tuple[str, ...]
    label: str
    warnings: tuple[str, ...]

    @property
    def time_weights(self) -> tuple[float, float]:
        """For ``displacement``: the result is per length of the after window."""
        return len(self.before) / len(self.after), 1.0

    @property
    def months(self) -> tuple[str, ...]:
        """The months of both windows, in order."""
        return self.before + self.after


@cache
def recording_changes() -> tuple[RecordingChange, ...]:
    """The national changes that ``recording_changes.toml`` lists, earliest first."""
    text = (resources.files("hotspots") / "recording_changes.toml").read_text(encoding="utf-8")
    changes = [
        RecordingChange(one["month"], tuple(one["crime_types"]), one["says"], one["source"])
        for one in tomllib.loads(text)["change"]
    ]
    return tuple(sorted(changes, key=lambda change: change.month))


def preset_windows(
    first_month: str,
    months_present: Iterable[str],
    length: int = 12,
    last_month: str | None = None,
    *,
    same_months: bool = True,
    crime_types: Sequence[str] = (),
) -> BeforeAfter:
    """The windows of up to ``length`` months around an intervention, as far as the data go.

    By default a month enters only with the same calendar month before the intervention (one year earlier, or two for
    24 months), so that the season is the same on both sides. Otherwise the months directly before and after.

    Parameters
    ----------
    first_month, last_month
        Of the intervention, "YYYY-MM"; without a last month it goes on.
    months_present
        Those that every force of the areas supplied.
    length
        3, 6, 12 or 24 (any number from 3 works).
    same_months
        Whether both windows hold the same calendar months.
    crime_types
        What is counted: only changes in recording that touch it are warned of.

    Raises
    ------
    ValueError
        In words: as ``chosen_windows``, or an intervention that ends before it begins.
    """
    present = _present(months_present)
    if length < LEAST_MONTHS:
        raise ValueError(f"The windows are of {_months(length)}. Give at least {LEAST_MONTHS}.")
    _check_within(first_month, present)
    if last_month is not None and last_month < first_month:
        raise ValueError(
            f"The intervention ends in {month_name(last_month)}, before it begins in {month_name(first_month)}. Correct the dates."
        )
    after = asked = list(Period(first_month, last_month or present[-1]).months[:length])
    if same_months:
        pairs = [(_years_before(m, -(-len(after) // 12)), m) for m in after]
        kept = [(b, a) for b, a in pairs if b in present and a in present]
        before, after = [b for b, _ in kept], [a for _, a in kept]
    else:
        earlier = Period(_years_before(first_month, length), first_month).months[:-1]
        before = [m for m in earlier[-length:] if m in present]
        after = [m for m in after if m in present]
    _check_long_enough(before, after, same_months, last_month)
    windows = chosen_windows(before, after, present, first_month=first_month, crime_types=crime_types)
    if min(len(before), len(after)) == length:
        return windows
    short = f"Of the {_months(length)} asked for, {_short(before, after)} can be compared"
    unmatched = [m for m in present if after[-1] < m <= asked[-1]]
    if unmatched:
        short += f"; {months_in_words(unmatched)} {'is' if len(unmatched) == 1 else 'are'} left out, without the same months before"
    return BeforeAfter(windows.before, windows.after, windows.between, windows.label, (short, *windows.warnings))


def chosen_windows(
    before: Iterable[str],
    after: Iterable[str],
    months_present: Iterable[str],
    *,
    first_month: str | None = None,
    crime_types: Sequence[str] = (),
) -> BeforeAfter:
    """Two windows as chosen by hand, checked, with what to mind in words.

    Raises
    ------
    ValueError
        In words: windows that overlap, are out of order, have fewer than 3 months or months that are not in the data; an
        intervention that begins inside or before the before window, or after the after window began.
    """
    present = _present(months_present)
    first, later = tuple(sorted(set(before))), tuple(sorted(set(after)))
    for window, name in ((first, "before"), (later, "after")):
        if len(window) < LEAST_MONTHS:
            raise ValueError(
                f"The {name} window has {_months(len(window))}. Give at least {LEAST_MONTHS}: fewer say more of the weather than of the place."
            )
        absent = [m for m in window if m not in present]
        if absent:
            raise ValueError(
                f"The {name} window runs past the data: {months_in_words(absent)} {'is' if len(absent) == 1 else 'are'} missing. "
                "Choose months that are present."
            )
    both = sorted(set(first) & set(later))
    if both:
        raise ValueError(f"The two windows overlap in {months_in_words(both)}. Choose months that stand in one only.")
    if first[-1] > later[0]:
        raise ValueError(
            f"The before window ends in {month_name(first[-1])}, after the after window begins in {month_name(later[0])}. "
            "Put all months before first."
        )
    if first_month is not None:
        _check_within(first_month, present)
        if first[-1] >= first_month:
            raise ValueError(
                f"The before window ends in {month_name(first[-1])}, when the intervention of {month_name(first_month)} had begun. "
                "End it earlier."
            )
        if later[0] < first_month:
            raise ValueError(
                f"The after window begins in {month_name(later[0])}, before the intervention of {month_name(first_month)}. "
                "Begin it later."
            )
    span = Period(first[0], later[-1]).months
    between = tuple(m for m in span if m not in {*first, *later})
    label = f"{months_in_words(first)} against {months_in_words(later)}"
    return BeforeAfter(first, later, between, label, tuple(_warnings(first, later, between, present, crime_types)))


def chosen_at_peak(chosen_window: Iterable[str] | None, before: Iterable[str]) -> bool:
    """Whether a place was chosen from months that stand in the before window: it may have been chosen for a chance peak,
    and would then have fallen back by itself.

    ``chosen_window`` are the months it was chosen from; None (not chosen from counts, or not known) is no overlap.
    """
    return bool(set(chosen_window or ()) & set(before))


def _warnings(
    before: tuple[str, ...],
    after: tuple[str, ...],
    between: tuple[str, ...],
    present: tuple[str, ...],
    crime_types: Sequence[str],
) -> Iterable[str]:
    if len(before) != len(after):
        yield (
            f"The windows differ in length ({_months(len(before))} against {_months(len(after))}): counts before are "
            f"scaled to {_months(len(after))}"
        )
    first, later = (Counter(m[5:] for m in window) for window in (before, after))
    if any(first[m] * len(after) != later[m] * len(before) for m in first | later):
        yield "The windows hold different months of the year, so that the season alone can move the counts"
    missing, left_out = ([m for m in between if (m in present) == there] for there in (False, True))
    if missing:
        yield f"A gap in the data lies between the months compared: {months_in_words(missing)}"
    if left_out:
        yield f"Present but in neither window: {months_in_words(left_out)}"
    for change in recording_changes():
        touched = not crime_types or set(crime_types) & set(change.crime_types)
        if touched and before[0] < change.month <= after[-1]:
            yield (
                f"Recording changed in {month_name(change.month)} ({', '.join(change.crime_types)}): {change.says}. "
                "Target and control were recorded alike, but counts before and after are not"
            )


def _present(months: Iterable[str]) -> tuple[str, ...]:
    present = tuple(sorted(set(months)))
    if not present:
        raise ValueError("No month is present in the data. Load at least one month of incidents.")
    return present


def _check_within(first_month: str, present: tuple[str, ...]) -> None:
    name = month_name(first_month)
    if first_month <= present[0]:
        raise ValueError(
            f"The intervention of {name} begins no later than the data, which start in {month_name(present[0])}: there is no before. "
            "Load earlier months."
        )
    if first_month > present[-1]:
        raise ValueError(
            f"The data end in {month_name(present[-1])}, and the intervention begins in {name}: there is no month after. Load later months."
        )


def _check_long_enough(before: Sequence[str], after: Sequence[str], same_months: bool, last_month: str | None) -> None:
    if min(len(before), len(after)) >= LEAST_MONTHS:
        return
    if same_months:
        found = f"only {months_in_words(after)} can be" if after else "none can be"
        what = f"it takes {LEAST_MONTHS} months present before and after in the same months of the year, and {found}"
    else:
        what = (
            f"it takes {LEAST_MONTHS} months on either side, and there are {len(before)} before and {len(after)} after"
        )
    advice = "Leave the last month open to judge the months that followed too." if last_month else "Load more months."
    raise ValueError(f"Before and after cannot be compared: {what}. {advice}")


def _short(before: Sequence[str], after: Sequence[str]) -> str:
    if len(before) == len(after):
        return str(len(before))
    return f"{len(before)} before and {len(after)} after"


def _years_before(month: str, years: int) -> str:
    for _ in range(years):
        month = year_before(month)
    return month


def _months(n: int) -> str:
    return f"{n} month{'' if n == 1 else 's'}"
