"""What a meeting asks of one location: is it a hotspot again and again, did it change, and as other places did; when."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd
from scipy import stats

from hotspots.narrative import counted, lsoas, number, percent
from hotspots.rates import compare_counts
from hotspots.selection import year_before
from hotspots.significance import LEVEL

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


# Of fewer, a busiest day and hour are chance as a rule, and a single hour may be one person's.
FEWEST_WITH_HOURS: Final = 50


def compare_years(series: Mapping[str, pd.Series], months: Sequence[str]) -> pd.DataFrame:
    """Each place's months against the same months of the year before, and the first place's change against the others'.

    Only months that every place has in both years are compared.

    Parameters
    ----------
    series
        Counts by month ("YYYY-MM", NaN = missing) by name, the place in question first; no other may hold it.
    months
        The later year's.

    Returns
    -------
    DataFrame
        By name: ``before``, ``now``, ``p`` (two-sided C-test of the two counts) and ``p_against`` (Fisher's exact test of the
        first place's two counts against this one's; NaN for the first). ``attrs["months"]``: the months compared.

    Raises
    ------
    ValueError
        In words, where no month is there in both years.

    References
    ----------
    Przyborowski & Wilenski 1940, Biometrika 31; Fisher 1935, The design of experiments.
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
        against = np.nan if first is None else float(stats.fisher_exact([first, (now, before)]).pvalue)
        rows[name] = {"before": before, "now": now, "p": compare_counts(now, 1, before, 1), "p_against": against}
        first = first or (now, before)
    table = pd.DataFrame.from_dict(rows, orient="index")
    table.attrs["months"] = tuple(there)
    return table


def year_sentence(compared: pd.DataFrame, noun: str = "offence") -> str:
    """The first place's change in words, as far as chance allows: "45 offences, 57 in the same months of the year before: no more
    of a change than chance makes"."""
    row = compared.iloc[0]
    now, before = int(row["now"]), int(row["before"])
    start = f"{counted(now, noun)}, {number(before) if before else 'none'} in the same months of the year before"
    if row["p"] > LEVEL:
        return f"{start}: no more of a change than chance makes"
    return f"{start}: {'more' if now > before else 'fewer'} than chance alone would make of it"


def against_sentence(compared: pd.DataFrame) -> str:
    """Whether the first place changed otherwise than the others, by name: "Its change differs from that of the whole area, not from that of
    matched places"."""
    others = compared.iloc[1:]
    if others.empty:
        return ""
    differs = [str(name) for name in others.index[others["p_against"] <= LEVEL]]
    alike = [str(name) for name in others.index[~(others["p_against"] <= LEVEL)]]
    if not differs:
        return f"That is not told apart from the change in {_and(alike)}"
    rest = f", not from that in {_and(alike)}" if alike else ""
    return f"That differs from the change in {_and(differs)}{rest}"


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
    return f"Of its {lsoas(len(own))}, {number(always) if always else 'none'} was a hotspot in all of {past}, {number(ever)} in at least one"


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
    return f"{offences.idxmax()} is the largest crime group here: {number(most)} of {counted(of, 'offence')} ({percent(most / of)})"


def deciles_sentence(deciles: pd.Series, *, touched: bool) -> str:
    """The national deciles of its LSOAs: "Deprivation: its 4 LSOAs lie in national deciles 1, 3 (2 LSOAs) and 6, 1 the most deprived".

    ``touched``: they are those that a drawn shape touches, and tell only nearly of who lives in it.
    """
    known = deciles.dropna().astype("int64").value_counts().sort_index()
    if known.empty:
        return "Its deprivation is not known"
    each = [f"{decile} ({lsoas(int(n))})" if n > 1 and len(deciles) > 2 else str(decile) for decile, n in known.items()]
    missing = len(deciles) - int(known.sum())
    rest = f" ({number(missing)} not known)" if missing else ""
    of = f"the {lsoas(len(deciles))} that it touches" if touched else f"its {lsoas(len(deciles))}"
    lie = f"lie{'s' if len(deciles) == 1 else ''} in national decile{'s' if len(known) > 1 else ''}"
    rough = "; approximate, since more live there than in the shape" if touched else ""
    return f"Deprivation: {of}{rest} {lie} {_and(each)}, 1 the most deprived{rough}"


def _and(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
