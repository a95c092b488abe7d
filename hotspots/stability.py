"""Will it last? What a list of hotspots is worth later: two windows of the same months, one against the other."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from scipy import stats

from hotspots.arrays import Numbers, check_aligned, check_not_negative, floats
from hotspots.concentration import areas_for_share, best_share
from hotspots.selection import Period, month_name, year_before

# A shorter window says more of the weather than of the place.
LEAST_MONTHS: Final = 3

# Of the weight the first 50 places then carry 85 % (Webber et al. 2010, equation 21).
PERSISTENCE: Final = 0.98


@dataclass(frozen=True)
class Windows:
    """Two windows of the same calendar months, one year apart; ``label`` in words."""

    earlier: tuple[str, ...]
    later: tuple[str, ...]
    label: str


@dataclass(frozen=True)
class Stability:
    """What the earlier window's hotspots caught of the later window.

    Shares run from 0 to 1. ``best`` is what as many areas could have caught at most, ``chance`` what they would
    catch if every area had the same. Those by residents are None where residents are not known, ``spearman`` where all
    areas have the same count.
    """

    share: float  # of the earlier window's offences that makes a hotspot
    hotspots: int
    of_areas: int
    still_hotspots: int
    earlier_share: float
    caught: float
    best: float
    chance: float
    pai: float
    pei: float
    residents: float | None
    best_by_residents: float | None
    pai_by_residents: float | None
    pei_by_residents: float | None
    spearman: float | None
    overlap: float


def comparable_windows(months_present: Iterable[str]) -> Windows:
    """The two windows to compare: the latest 12 months against the 12 before, else the most months that allow it.

    Only months present in consecutive years count. Of all spans of 12 months the one with the most such months is taken,
    the latest of several.

    Parameters
    ----------
    months_present
        "YYYY-MM", those that every force of the areas supplied.

    Raises
    ------
    ValueError
        Fewer than 3 months of one year are present in the next: says how many there are.
    """
    present = set(months_present)
    repeated = sorted(month for month in present if year_before(month) in present)
    spans = [tuple(m for m in repeated if year_before(last) < m <= last) for last in repeated]
    later = max(spans, key=lambda span: (len(span), span), default=())
    if len(later) < LEAST_MONTHS:
        found = "none is" if not later else f"only {_in_words(later)} {'is' if len(later) == 1 else 'are'}"
        raise ValueError(
            f"Whether the hotspots last cannot be said: it takes {LEAST_MONTHS} months that are present in the year before "
            f"as well, and {found}. Load more months."
        )
    earlier = tuple(year_before(month) for month in later)
    return Windows(earlier, later, f"{_in_words(earlier)} against {_in_words(later)}")


def stability(
    earlier_counts: Numbers, later_counts: Numbers, share: float = 0.25, residents: Numbers | None = None
) -> Stability:
    """The share of the later window's offences that the earlier window's hotspots caught.

    The hotspots of a window are the fewest areas that hold ``share`` of its offences, ties in.
    ``pai = caught / chance``, ``pei = caught / best``; by residents the same with the share of residents for chance
    and the best that areas with as many residents could catch, the last of them in part.

    Parameters
    ----------
    earlier_counts, later_counts
        Per area, aligned, of windows of equal length and the same months. An area null in either is left out.
    share
        Above 0, at most 1.
    residents
        Per area.

    Raises
    ------
    ValueError
        Fewer than two areas, or no offence in one of the windows.

    References
    ----------
    Chainey, Tompson & Uhlig 2008, Security Journal 21; Hunt 2016; Webber, Moffat & Zobel 2010, ACM Transactions on
    Information Systems 28.
    """
    check_aligned(earlier_counts, later_counts, *(() if residents is None else (residents,)))
    before, after = floats(earlier_counts), floats(later_counts)
    known = ~np.isnan(before + after)
    before, after = before[known], after[known]
    _check_windows(before, after)
    hot, still = _hotspots(before, share), _hotspots(after, share)
    caught = float(after[hot].sum() / after.sum())
    best = float(np.sort(after)[::-1][: hot.sum()].sum() / after.sum())
    home = best_home = None
    if residents is not None:
        home, best_home = _by_residents(floats(residents)[known], after, hot)
    return Stability(
        share=share,
        hotspots=int(hot.sum()),
        of_areas=len(after),
        still_hotspots=int((hot & still).sum()),
        earlier_share=float(before[hot].sum() / before.sum()),
        caught=caught,
        best=best,
        chance=float(hot.mean()),
        pai=caught / float(hot.mean()),
        pei=caught / best,
        residents=home,
        best_by_residents=best_home,
        pai_by_residents=caught / home if home else None,
        pei_by_residents=caught / best_home if best_home else None,
        spearman=_spearman(before, after),
        overlap=rank_biased_overlap(before, after),
    )


def rank_biased_overlap(first: Numbers, second: Numbers, p: float = PERSISTENCE) -> float:
    """How far two rankings of the same areas agree, the top counting most: 1 the same, towards 0 nothing shared.

    ``(1 - p) sum_d p^(d-1) A_d`` over the depths, with ``A_d = 2 |S_d and T_d| / (|S_d| + |T_d|)``, where areas tied
    at a rank enter together; beyond the last area the two agree.

    Parameters
    ----------
    first, second
        Counts (or rates) per area, aligned, the highest ranked first. An area null in either is left out.
    p
        Between 0 and 1: how likely a reader of the list is to go on to the next place.

    Raises
    ------
    ValueError
        No area, or ``p`` outside its range.

    References
    ----------
    Webber, Moffat & Zobel 2010, ACM Transactions on Information Systems 28, equations 7 and 28.
    """
    if not 0 < p < 1:
        raise ValueError(f"The persistence p is {p}. Give one between 0 and 1, such as {PERSISTENCE}.")
    check_aligned(first, second)
    values = np.vstack([floats(first), floats(second)])
    values = values[:, ~np.isnan(values).any(axis=0)]
    n = values.shape[1]
    if not n:
        raise ValueError("Two rankings cannot be compared: no area is in both.")
    ranks = stats.rankdata(-values, method="min", axis=1).astype("int64")
    entered = [np.bincount(rank, minlength=n + 1)[1:].cumsum() for rank in (*ranks, ranks.max(axis=0))]
    agreement = 2 * entered[2] / (entered[0] + entered[1])
    return float((1 - p) * (p ** np.arange(n) @ agreement) + p**n)


def rolling_hotspots(monthly: pd.DataFrame, share: float = 0.25, window: int = 12) -> pd.DataFrame:
    """In how many of the past windows of 12 months each area was a hotspot.

    Parameters
    ----------
    monthly
        As from ``counts.monthly_counts``: areas by months in order, NaN where the month was not present. Areas that
        lack a month that another has are left out.
    share, window
        Of the offences, that makes a hotspot; months in a window.

    Returns
    -------
    DataFrame
        On the index of ``monthly``: ``windows`` (how many unbroken ones there are), ``hotspot_in`` (Int64, how many of
        them the area was a hotspot in) and ``hotspot_share``; null where the area was left out. A window without an
        offence has no hotspot.

    Raises
    ------
    ValueError
        Fewer than two windows.
    """
    supplied = monthly.notna()
    months = [m for m in monthly.columns if supplied[m].any()]
    complete = supplied[months].all(axis=1) & bool(months)
    ends = [m for m in months if all(before in months for before in _last_months(m, window))]
    if len(ends) < 2:
        raise ValueError(
            f"Whether an area is a hotspot again and again cannot be said: it takes two windows of {window} months in a row, "
            f"so at least {window + 1}. {'One window is' if ends else 'None is'} present. Load more months."
        )
    table = monthly.loc[complete, months]
    times = sum(_hotspots(table[_last_months(m, window)].sum(axis=1).to_numpy(), share).astype("int64") for m in ends)
    hotspot_in = pd.Series(times, index=table.index).astype("Int64").reindex(monthly.index)
    return pd.DataFrame(
        {"windows": len(ends), "hotspot_in": hotspot_in, "hotspot_share": hotspot_in / len(ends)}, index=monthly.index
    )


def _check_windows(before: np.ndarray, after: np.ndarray) -> None:
    for counts, name in ((before, "earlier"), (after, "later")):
        check_not_negative(counts, "count")
        if len(counts) < 2:
            raise ValueError(
                "Whether the hotspots last cannot be said: it takes two areas with a count in both windows, and there "
                f"{'is one' if len(counts) else 'is none'}."
            )
        if not counts.sum():
            raise ValueError(f"Whether the hotspots last cannot be said: the {name} window has no offence.")


def _hotspots(counts: np.ndarray, share: float) -> np.ndarray:
    needed = areas_for_share(counts, share)
    return counts >= np.sort(counts)[-needed] if needed else np.zeros(len(counts), dtype=bool)


def _by_residents(residents: np.ndarray, after: np.ndarray, hot: np.ndarray) -> tuple[float | None, float | None]:
    """The hotspots' share of residents and the most that areas with as many residents could have caught."""
    check_not_negative(residents, "number of residents")
    if np.isnan(residents).any() or not residents[hot].sum():
        return None, None
    home = float(residents[hot].sum() / residents.sum())
    return home, float(best_share(after, residents, home))


def _spearman(before: np.ndarray, after: np.ndarray) -> float | None:
    if np.ptp(before) == 0 or np.ptp(after) == 0:
        return None
    return float(stats.spearmanr(before, after).statistic)


def _last_months(last: str, window: int) -> list[str]:
    """The ``window`` months that end in ``last``."""
    ends = [last]
    while len(ends) < window:
        ends.append(_month_before(ends[-1]))
    return ends


def _month_before(month: str) -> str:
    year, number = int(month[:4]), int(month[5:])
    return f"{year - (number == 1):04d}-{(number - 2) % 12 + 1:02d}"


def _in_words(months: tuple[str, ...]) -> str:
    """Unbroken runs of months: "January to April 2025 and June 2025"."""
    runs: list[list[str]] = []
    for month in months:
        if runs and runs[-1][-1] == _month_before(month):
            runs[-1].append(month)
        else:
            runs.append([month])
    labels = [Period(run[0], run[-1]).label if len(run) > 1 else month_name(run[0]) for run in runs]
    return " and ".join([", ".join(labels[:-1]), labels[-1]]) if len(labels) > 1 else labels[0]
