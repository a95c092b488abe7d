"""What a meeting asks of one location: is it a hotspot again and again, did it change, and as other places did; when."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd
from scipy import stats

from hotspots.controls import size_weight
from hotspots.displacement import weighted_displacement_difference
from hotspots.narrative import capital, counted, lsoas, months_in_words, number, percent
from hotspots.rates import compare_counts
from hotspots.selection import year_before
from hotspots.significance import LEVEL
from hotspots.verdict import chosen_words
from hotspots.windows import chosen_at_peak

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


# Of fewer, a busiest day and hour are chance as a rule, and a single hour may be one person's.
FEWEST_WITH_HOURS: Final = 50


def compare_years(series: Mapping[str, pd.Series], months: Sequence[str], dispersion: float = 1.0) -> pd.DataFrame:
    """Each place's months against the same months of the year before, and the first place's change against the others'.

    Only months that every place has in both years are compared. A change against another place is judged as
    ``evaluation.evaluate`` does, so that one place never gets two verdicts.

    Parameters
    ----------
    series
        Counts by month ("YYYY-MM", NaN = missing) by name, the place in question first; no other may hold it.
    months
        The later year's.
    dispersion
        Variance over what Poisson counts would have, from placebos; below 1 counts as 1.

    Returns
    -------
    DataFrame
        By name: ``before``, ``now``, ``p`` (two-sided C-test of the two counts, its standard score over the root of the
        dispersion) and ``p_against`` (the first place's change against what this one's leads to expect, widened as much; NaN
        for the first, and where either had none before). ``attrs["months"]``: the months compared, of those ``attrs["asked"]``.

    Raises
    ------
    ValueError
        In words, where no month is there in both years.

    References
    ----------
    Przyborowski & Wilenski 1940, Biometrika 31; Wheeler & Ratcliffe 2018, Crime Science 7; McCullagh & Nelder 1989, section
    4.5, for the dispersion.
    """
    there = [
        month
        for month in months
        if all(pd.notna(one.get(when)) for one in series.values() for when in (month, year_before(month)))
    ]
    if not there:
        raise ValueError("No month of this period is there in the year before as well, so no change can be given.")
    rows = {}
    first: tuple[int, int] | None = None
    for name, one in series.items():
        now, before = int(one[there].sum()), int(one[[year_before(month) for month in there]].sum())
        against = np.nan if first is None else _against(first, (before, now), dispersion)
        own = _widened(compare_counts(now, 1, before, 1), dispersion)
        rows[name] = {"before": before, "now": now, "p": own, "p_against": against}
        first = first or (before, now)
    table = pd.DataFrame.from_dict(rows, orient="index")
    table.attrs |= {"months": tuple(there), "asked": tuple(months)}
    return table


def _against(first: tuple[int, int], other: tuple[int, int], dispersion: float) -> float:
    if not (first[0] and other[0]):
        return float("nan")
    size = {"control": size_weight(other[0], first[0], 1, 1)}
    found = weighted_displacement_difference(first, other, area_weights=size, dispersion=dispersion).local
    return float("nan") if found.z is None else float(2 * stats.norm.sf(abs(found.z)))


def _widened(p: float, dispersion: float) -> float:
    """A two-sided p of counts that scatter more than Poisson's."""
    return float(2 * stats.norm.sf(stats.norm.isf(p / 2) / max(1.0, dispersion) ** 0.5)) if dispersion > 1 else p


def year_sentence(compared: pd.DataFrame, noun: str = "offence", chosen_from: Iterable[str] | None = None) -> str:
    """The first place's change in words, as far as chance allows: "45 offences against 57 in the same months of the year before, no
    more of a change than chance makes". Says which months where not all of the period could be compared.

    ``chosen_from``: the months it was chosen from; where they are among those compared, that is said first.
    """
    row, months = compared.iloc[0], compared.attrs["months"]
    now, before = int(row["now"]), int(row["before"])
    change = 0 if row["p"] > LEVEL else 1 if now > before else -1
    window = set(chosen_from or ())
    peak = chosen_at_peak(window, [year_before(month) for month in months])
    chosen = chosen_words(at_peak=peak, after=bool(window & set(months)), change=change)
    some = len(months) < len(compared.attrs["asked"])
    when = f"in {months_in_words(months)}, all that can be compared, " if some else ""
    said = f"{chosen}: {when}" if chosen else capital(when)
    start = f"{said}{counted(now, noun)} against {number(before) if before else 'none'} in the same months of the year before"
    if not change:
        return f"{start}, no more of a change than chance makes"
    return f"{start}, {'more' if change > 0 else 'fewer'} than chance alone would make of it"


def against_sentence(compared: pd.DataFrame) -> str:
    """Whether the first place changed otherwise than the others, by name: "Its change differs from that in the rest of the area, not
    clearly from that in matched places"."""
    others = compared.iloc[1:]
    if others.empty:
        return ""
    differs = [str(name) for name in others.index[others["p_against"] <= LEVEL]]
    alike = [str(name) for name in others.index[~(others["p_against"] <= LEVEL)]]
    if not differs:
        return f"Its change is not told apart from that in {_and(alike)}"
    rest = f", not clearly from that in {_and(alike)}" if alike else ""
    return f"Its change differs from that in {_and(differs)}{rest}"


def again_sentence(rolling: pd.DataFrame, codes: Collection[str]) -> str:
    """In how many of the past windows of 12 months its LSOAs were hotspots.

    ``rolling`` as from ``stability.rolling_hotspots``.
    """
    own = rolling.reindex(list(codes)).dropna()
    if own.empty:
        return "Whether it was a hotspot before is not known: months are missing"
    windows = int(own["windows"].iloc[0])
    always, ever = int((own["hotspot_in"] == windows).sum()), int((own["hotspot_in"] > 0).sum())
    past = f"the {number(windows)} past windows of 12 months"
    if not ever:
        return (
            f"None of its {lsoas(len(own))} was a hotspot in any of {past}"
            if len(own) > 1
            else f"It was a hotspot in none of {past}"
        )
    if len(own) == 1:
        times = int(own["hotspot_in"].iloc[0])
        return f"It was a hotspot in {'all' if times == windows else number(times)} of {past}"
    if always == len(own):
        return f"{'Both' if always == 2 else f'All {number(always)}'} of its LSOAs were hotspots in all of {past}"
    were = "were hotspots" if always > 1 else "was a hotspot"
    return f"Of its {lsoas(len(own))}, {number(always) if always else 'none'} {were} in all of {past}, {number(ever)} in at least one"


def by_hour(incidents: pd.DataFrame) -> pd.DataFrame:
    """Incidents by weekday (rows) and hour (columns 0 to 23); empty where no date with an hour is recorded."""
    if "hour" not in incidents or "date" not in incidents:
        return pd.DataFrame()
    known = incidents[incidents["hour"].notna().to_numpy() & incidents["date"].notna().to_numpy()]
    if known.empty:
        return pd.DataFrame()
    day = pd.to_datetime(known["date"].astype("str")).dt.day_of_week.to_numpy()
    table = np.zeros((7, 24), dtype="int64")
    np.add.at(table, (day, known["hour"].to_numpy(dtype="int64")), 1)
    return pd.DataFrame(table, index=pd.Index(WEEKDAYS, name="weekday"), columns=range(24))


def hours_sentence(hours: pd.DataFrame) -> str:
    """The busiest weekday and the busiest three hours of a table as of ``by_hour``, in words; empty where it holds too few.

    "Of 120 with a day and an hour, 31 were on a Saturday and 28 from 21:00 to 24:00".
    """
    if hours.empty or hours.to_numpy().sum() < FEWEST_WITH_HOURS:
        return ""
    days, spells = hours.sum(axis=1), hours.T.groupby(np.arange(24) // 3).sum().sum(axis=1)
    start = 3 * int(spells.idxmax())
    return (
        f"Of {number(int(days.sum()))} with a day and an hour, {number(int(days.max()))} were on a {days.idxmax()} and "
        f"{number(int(spells.max()))} from {start}:00 to {start + 3}:00"
    )


def withheld_groups(here: pd.Series, fewest: int) -> tuple[str, ...]:
    """The crime groups of which no number may be shown: those below ``fewest``, and further ones, the smallest first, until
    what they hold together is no fewer (or nothing), since all offences less those shown would tell it.

    ``here``: counts by crime group, called as in ``groups.CRIME_GROUPS``; ASB is not among the offences.
    """
    offences = here.drop("ASB", errors="ignore").sort_values(kind="stable")
    smaller = offences.cumsum().shift(fill_value=0)
    hidden = [str(name) for name in offences.index[(offences < fewest) | ((smaller > 0) & (smaller < fewest))]]
    return (*hidden, "ASB") if here.get("ASB", fewest) < fewest else tuple(hidden)


def kinds_sentence(groups: pd.DataFrame, fewest: int = 0) -> str:
    """The largest crime group of what was recorded, beside all offences; ASB is no offence and not among them.

    ``groups``: ``here`` by crime group, called as in ``groups.CRIME_GROUPS``; without those of ``withheld_groups``, of which
    ``fewest`` is then given: what is left is not all, and no sum or share is made of it.
    """
    offences = groups["here"].drop("ASB", errors="ignore").dropna()
    if fewest:
        hidden = f"groups of fewer than {fewest}, or that would give those away, are not shown"
        if offences.empty:
            return f"No crime group can be shown here: {hidden}"
        return f"{offences.idxmax()} is the largest crime group here, with {counted(int(offences.max()), 'offence')}; {hidden}"
    if not offences.sum():
        return "No offence of any kind was recorded here"
    most, of = int(offences.max()), int(offences.sum())
    return f"{offences.idxmax()} is the largest crime group here: {number(most)} of {counted(of, 'offence')} of every kind ({percent(most / of)})"


def deciles_sentence(deciles: pd.Series, *, touched: bool) -> str:
    """The national deciles of its LSOAs: "Deprivation: its 4 LSOAs lie in national deciles 1, 3 (2 LSOAs) and 6; decile 1 is
    the most deprived tenth".

    ``touched``: they are those that a drawn shape touches, and tell only nearly of who lives in it.
    """
    known = deciles.dropna().astype("int64").value_counts().sort_index()
    if known.empty:
        return "Its deprivation is not known"
    each = [f"{decile} ({lsoas(int(n))})" if n > 1 and len(known) > 1 else str(decile) for decile, n in known.items()]
    missing = len(deciles) - int(known.sum())
    rest = f" ({number(missing)} not known)" if missing else ""
    of = f"the {lsoas(len(deciles))} that it touches" if touched else f"its {lsoas(len(deciles))}"
    lie = f"lie{'s' if len(deciles) == 1 else ''} in national decile{'s' if len(known) > 1 else ''}"
    rough = "; approximate, since more live there than in the shape" if touched else ""
    scale = ", the" if each == ["1"] else "; decile 1 is the"
    return f"Deprivation: {of}{rest} {lie} {_and(each)}{scale} most deprived tenth{rough}"


def _and(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
