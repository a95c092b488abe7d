"""Sentences built from numbers: what the numbers carry and no more. Plain text, without a final full stop.

A sentence may hold a name from the data (a map point): show it as text, never as markdown or HTML.
"""

from collections.abc import Sequence

import pandas as pd

from hotspots.association import BUSIEST, Association
from hotspots.concentration import ConcentrationInterval, Expected, ShareHeld
from hotspots.counts import YearChange
from hotspots.denominators import Standing
from hotspots.points import place_name
from hotspots.selection import Measure, Period
from hotspots.significance import LEVEL
from hotspots.stability import Stability

# Below this count a percentage promises more than there is.
_PERCENT_FROM = 20

_SHARES = {0.25: "a quarter", 0.5: "half", 0.75: "three quarters"}


def number(n: int) -> str:
    """28557 is "28,557"."""
    return f"{int(n):,}"


def counted(n: int, noun: str) -> str:
    """A count and its noun: "1 offence", "2 offences", "no offences"."""
    plural = noun if n == 1 else f"{noun}s"
    return f"{number(n) if n else 'no'} {plural}"


def percent(share: float) -> str:
    """A share in words: whole per cent from 10 %, one decimal below; never 0 or 100 % where it is not."""
    per_cent = 100 * share
    if 0 < per_cent < 0.1:
        return "under 0.1 %"
    if 99.5 <= per_cent < 100:
        return "over 99 %"
    # 9.95 and more would round to two digits before the point
    digits = f"{per_cent:.0f}" if per_cent >= 9.95 else f"{per_cent:.1f}".removesuffix(".0")
    return f"{digits} %"


def ordinal(n: int) -> str:
    """1 is "1st", 112 is "112th"."""
    ending = "th" if 10 <= n % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{number(n)}{ending}"


def per_thousand(title: str = "residents") -> str:
    """ "per 1,000 residents a year", "per 1,000 workday population a year"; ``title`` may be text from data."""
    return f"per 1,000 {_inside(title)} a year"


def capital(text: str) -> str:
    """The first letter as a capital, the rest as it is."""
    return text[:1].upper() + text[1:]


def about(expected: float) -> str:
    """An expected number as a person says it: whole from 1, one decimal below."""
    if expected >= 0.95:  # below, one decimal would be "1.0"
        return f"about {number(round(expected))}"
    return "under 0.1" if expected < 0.05 else f"{expected:.1f}"


def rank_phrase(rank: int | None, tied: int | None, of: int) -> str:
    """ "4th of 552", "joint 4th of 552"; without a rank "not ranked"."""
    if rank is None or pd.isna(rank):
        return "not ranked"
    joint = "joint " if tied is not None and tied > 1 else ""
    return f"{joint}{ordinal(rank)} of {number(of)}"


def concentration_headline(held: ShareHeld, subject: str, where: str = "") -> str:
    """ "Half of serious violence happened in 108 of 552 LSOAs, home to 22 % of residents"."""
    if held.held is None:
        return _nothing(held, subject)
    share = _SHARES.get(held.share, percent(held.share))
    least = "at least " if held.held - held.share >= 0.01 else ""
    start = f"{least}{share} of {subject}"
    home = f", home to {percent(held.residents)} of residents" if held.residents is not None else ""
    return f"{start[0].upper()}{start[1:]} happened in {_of_areas(held, where)}{home}"


def hotspot_title(held: ShareHeld, subject: str, where: str = "", measure: Measure = "count") -> str:
    """ "31 of 552 LSOAs hold 25 % of serious violence and 6.5 % of residents".

    Hotspots go by number; where the list beside the title goes by another measure, the title says both: "By number, 31 of ...;
    listed here by rate".
    """
    if held.held is None:
        return _nothing(held, subject)
    hold = "holds" if held.areas == 1 else "hold"
    residents = f" and {percent(held.residents)} of residents" if held.residents is not None else ""
    said = f"{_of_areas(held, where)} {hold} {percent(held.held)} of {subject}{residents}"
    return said if measure == "count" else f"By number, {said}; listed here by {measure}"


def change_sentence(change: YearChange, noun: str = "offence", *, brief: bool = False) -> str:
    """The change on the year before with both counts, and whether chance alone may explain it; ``brief`` without the counts.

    A percentage with its interval only where both counts are 20 or more. Where not every month could be compared, says which
    were, and of how many.
    """
    if change.now is None or change.before is None:
        return f"No comparison with the year before: {change.reading}"
    moved = _moved(change, change.now, change.before)
    some = len(change.months) < len(change.asked)
    these, them = f"{len(change.months)} of {len(change.asked)} months", f"({months_in_words(change.months)})"
    if brief:
        return f"Against the year before{f', over {these} {them}' if some else ''}: {moved}"
    when = f"over the {these} that can be compared {them}, " if some else ""
    earlier = f"{number(change.before) if change.before else 'none'} in the same month{'' if len(change.months) == 1 else 's'}"
    return capital(f"{when}{counted(change.now, noun)}, {earlier} of the year before: {moved}")


def _moved(change: YearChange, now: int, before: int) -> str:
    """ "up 2, which may be chance", "down 472 (5.1 %; 95 % interval 1.7 to 8.4 % down), more than chance usually makes"."""
    said = "no change" if now == before else f"{'up' if now > before else 'down'} {number(abs(now - before))}"
    limits = None if change.low is None or change.high is None else (change.low, change.high)
    if min(now, before) >= _PERCENT_FROM:
        share = [percent(abs(now - before) / before)] if now != before else []
        between = [f"95 % interval {_between(*limits)}"] if limits else []
        said += f" ({'; '.join([*share, *between])})" if share or between else ""
    if limits is None or now == before:
        return said
    within = limits[0] <= 1 <= limits[1]
    return f"{said}, {'which may be chance' if within else 'more than chance usually makes'}"


def _between(low: float, high: float) -> str:
    """Limits of a ratio as changes: "1.7 to 8.4 % down", "1 % down to 13 % up"."""
    ways = [("up" if ratio >= 1 else "down", abs(ratio - 1)) for ratio in (low, high)]
    if ways[0][0] != ways[1][0]:
        return " to ".join(f"{percent(by)} {way}" for way, by in ways)
    least, most = sorted(by for _, by in ways)
    return f"{percent(least).removesuffix(' %')} to {percent(most)} {ways[0][0]}"


def flag_sentence(
    count: int, top_point_count: int, top_point: str, rank: int | None = None, rank_without_point: int | None = None
) -> str:
    """ "105 of 273 (38 %) on or near Police Station; without that point it would rank 20th"."""
    share = f" ({percent(top_point_count / count)})" if count >= _PERCENT_FROM else ""
    start = f"{number(top_point_count)} of {number(count)}{share}"
    if top_point_count == count:
        start = f"all {number(count)}" if count > 1 else "the only one"
    sentence = f"{start} on or near {place_name(top_point) or 'an unnamed point'}"
    if rank_without_point is not None and pd.notna(rank_without_point):
        still = "still " if rank is not None and rank == rank_without_point else ""
        sentence += f"; without that point it would {still}rank {ordinal(rank_without_point)}"
    return sentence[0].upper() + sentence[1:]


def point_note(table: pd.DataFrame, see: str = "Rank*") -> str:
    """How many hotspots rest on a single map point; empty where none does. ``table`` as of ``flag_points``.

    ``see``: the column that has the rank without that point; none where there is no such column.
    """
    spots = table[table["hotspot"]]
    flagged = int(spots["point_flag"].notna().sum())
    if not flagged:
        return ""
    has = "has" if flagged == 1 else "have"
    which = f"{number(flagged)} of the {number(len(spots))} hotspots" if len(spots) > 1 else "The one hotspot"
    return (
        f"{which} {has} over a quarter of {'its' if flagged == 1 else 'their'} "
        f"count on one map point, or on a police station, hospital or prison{f': see {see}' if see else ''}"
    )


def gap_sentence(asked: Sequence[str], missing: Sequence[str]) -> str:
    """Which months of a period are missing; empty where none is."""
    if not missing:
        return ""
    if len(missing) == len(asked):
        return f"No data for {months_in_words(asked)}"
    be = "is" if len(missing) == 1 else "are"
    return f"{len(missing)} of {len(asked)} months {be} missing: {months_in_words(missing)}"


def unequal_months_sentence(months: pd.Series) -> str:
    """A warning where areas were counted over different numbers of months present, or over none; empty where they were not."""
    present = months[months > 0]
    if present.empty:
        return ""
    said = []
    if len(present) < len(months):
        without = len(months) - len(present)
        said.append(
            f"{number(without)} of {lsoas(len(months))} {'has' if without == 1 else 'have'} no data in this period, which is not "
            "zero: no month of it was supplied there"
        )
    if present.min() != present.max():
        said.append(
            f"Counts cover {_months(int(present.min()))} in some LSOAs and {_months(int(present.max()))} in others: "
            "compare rates, not counts"
        )
    return ". ".join(said)


def not_placed_sentence(rows: pd.Series) -> str:
    """What a count leaves out, as of ``counts.not_placed``: "Left out: 344 without a location, 428 outside the area"; empty where
    nothing."""
    named = {"no_location": "recorded without a location", "outside_area": "outside the area"}
    said = [f"{number(rows[why])} {words}" for why, words in named.items() if rows[why]]
    return f"Not counted: {' and '.join(said)}" if said else ""


def months_in_words(months: Sequence[str]) -> str:
    """Months as unbroken runs: "January to April 2025 and June 2025"."""
    runs: list[Period] = []
    for month in sorted(set(months)):
        if runs and Period(runs[-1].end, month).months == (runs[-1].end, month):
            runs[-1] = Period(runs[-1].start, month)
        else:
            runs.append(Period(month, month))
    labels = [run.label for run in runs]
    return " and ".join([", ".join(labels[:-1]), labels[-1]]) if len(labels) > 1 else "".join(labels)


def rank_range(low: int | None, high: int | None) -> str:
    """ "1st to 4th", "1st"; empty where not known."""
    if low is None or high is None or pd.isna(low) or pd.isna(high):
        return ""
    return ordinal(low) if low == high else f"{ordinal(low)} to {ordinal(high)}"


def certainty_title(ranked: pd.DataFrame) -> str:
    """ "Of 552 LSOAs, the 1st could be 1st or 2nd, the 10th could be anything from 7th to 14th": what the rank intervals carry.

    ``ranked`` in rank order with rank, tied, rank_low, rank_high.
    """
    known = ranked[ranked["rank_low"].notna()]
    if known.empty:
        return "How sure the ranking is cannot be said: nothing is ranked"
    if len(known) == 1:
        return "One LSOA alone has no order to be sure of"
    first, last = known.iloc[0], known.iloc[min(len(known), 10) - 1]
    said = f"Of {number(len(known))} LSOAs, {_lies(first)}"
    return said if last["rank"] == first["rank"] else f"{said}, {_lies(last)}"


def standing_sentence(found: Standing | None, title: str) -> str:
    """That a rate per resident misleads in a place where few live and many are; empty where it does not."""
    if found is None or not found.misleads:
        return ""
    return (
        f"Per 1,000 residents its rate is {_times(found.by_residents)} that of the area shown, per 1,000 {_inside(title)} "
        f"{_times(found.by_other)}: it has far more {_inside(title)} to a resident than that area, so the order by residents misleads"
    )


def sentence_of_dispersion(dispersion: float) -> str:
    """How far the months scatter, which widens the intervals."""
    times = f"{dispersion:.1f}"
    if dispersion <= 1:
        return "no wider than chance alone makes them"
    if times == "1.0":
        return "hardly wider than chance alone makes them"
    return f"widened, since months scatter with {times} times the variance of chance"


def cluster_sentence(cluster: pd.Series) -> str:
    """How many areas stand in clusters: "41 of 552 LSOAs lie in clusters of high values, 12 in clusters of low ones"."""
    tested = int(cluster.notna().sum())
    hot, cold = (int((cluster == kind).sum()) for kind in ("hot", "cold"))
    if not tested:
        return "No LSOA could be tested for clusters"
    if not hot and not cold:
        return f"None of {lsoas(tested)} lies in a cluster of high or low values"
    verb = "lie" if hot > 1 else "lies"
    low = f", {number(cold)} in clusters of low ones" if cold else ""
    return f"{number(hot) if hot else 'None'} of {lsoas(tested)} {verb} in clusters of high values{low}"


def expected_title(held: ShareHeld, expected: Expected | None, subject: str) -> str:
    """ "Half of serious violence happened in 108 of 552 LSOAs; by residents alone it would be 217"."""
    start = concentration_headline(ShareHeld(held.share, held.areas, held.of_areas, held.held, None), subject)
    if held.held is None or expected is None:
        return start
    if expected.low <= held.areas <= expected.high:
        return f"{start}; by residents alone it could be as many"
    return f"{start}; by residents alone it would be {number(round(expected.mean))}"


def gini_sentence(interval: ConcentrationInterval) -> str:
    """The generalised Gini with its limits, chance taken off; its reading where it cannot be given."""
    if interval.estimate is None or interval.low is None or interval.high is None:
        return f"Generalised Gini {interval.observed:.2f} as observed; no interval: {interval.reading}"
    caveat = f" ({interval.reading})" if interval.reading else ""
    return (
        f"Generalised Gini {interval.estimate:.2f} (95 % interval {interval.low:.2f} to {interval.high:.2f}) once chance is "
        f"taken off, {interval.observed:.2f} as observed{caveat}"
    )


def expected_sentence(expected: Expected) -> str:
    """What the observed Gini compares with."""
    return (
        f"If the same number of incidents fell by residents alone it would be {expected.mean:.2f} as observed "
        f"({expected.low:.2f} to {expected.high:.2f})"
    )


def lasting_title(result: Stability, subject: str) -> str:
    """ "33 earlier hotspots caught 25 % of later serious violence (at best 27 %, by chance 6 %)"."""
    spots = "hotspot" if result.hotspots == 1 else "hotspots"
    return (
        f"{number(result.hotspots)} earlier {spots} caught {percent(result.caught)} of later {subject} (at best "
        f"{percent(result.best)}, by chance {percent(result.chance)})"
    )


def trend_title(trends: pd.DataFrame, subject: str) -> str:
    """ "Serious violence rises steadily in 3 of 550 LSOAs and falls in 5"; says where nothing was tested or found."""
    tested = int((trends["reading"] == "").sum())
    if not tested:
        return f"Whether {subject} gets better or worse cannot be said from these months"
    up, down = (int((trends["trend"] == way).sum()) for way in ("up", "down"))
    start = subject[0].upper() + subject[1:]
    if not up and not down:
        return f"No steady rise or fall in {subject} could be shown in any of {lsoas(tested)}"
    if not up:
        return f"{start} falls steadily in {number(down)} of {lsoas(tested)} and rises in none"
    return f"{start} rises steadily in {number(up)} of {lsoas(tested)} and falls in {number(down) if down else 'none'}"


_MORE = {"count": "more", "rate": "a higher rate of", "density": "a higher density of"}
_LESS = {"count": "less", "rate": "a lower rate of", "density": "a lower density of"}


def association_title(result: Association, subject: str, measure: Measure = "count") -> str:
    """ "LSOAs with more serious violence have more ASB: rank correlation 0.78, and 0.77 without the five busiest".

    Claims what both tests carry. Where there is no number the reader needs ``result.reading`` beside it.
    """
    if result.rho is None or result.p is None:
        return f"Whether {subject} and ASB go together cannot be said here"
    if result.p > LEVEL:
        return f"No association of {subject} with ASB beyond chance can be shown (rank correlation {_correlation(result.rho)})"
    other = _MORE if result.rho > 0 else _LESS
    start = (
        f"LSOAs with {_MORE[measure]} {subject} have {other[measure]} ASB: rank correlation {_correlation(result.rho)}"
    )
    if result.rho_without is None or result.p_without is None:
        return f"{start}; without the {_BUSIEST} busiest it cannot be said"
    if result.p_without > LEVEL or result.rho * result.rho_without <= 0:
        return f"{start}, but without the {_BUSIEST} busiest it could be chance"
    return f"{start}, and {_correlation(result.rho_without)} without the {_BUSIEST} busiest"


def groups_title(by_number: pd.DataFrame, at_least: int = 3) -> str:
    """ "28 LSOAs are hotspots of three or more of 11 crime groups; 4 would be expected if the groups were independent".

    ``by_number`` as of ``groups.expected_if_independent``; only its expectation is claimed, not its range.
    """
    groups, areas = int(by_number.index.max()), int(by_number["areas"].sum())
    if areas == 1:
        return "One LSOA alone is a hotspot of all that it holds: there is nothing to compare it with"
    row = by_number.loc[at_least]
    here = int(row["areas_or_more"])
    some = f"{lsoas(here)} {'is a hotspot' if here == 1 else 'are hotspots'}" if here else "No LSOA is a hotspot"
    return (
        f"{some} of {_SMALL[at_least]} or more of {groups} crime groups; {about(row['expected_or_more'])} would be expected if "
        "the groups were independent"
    )


def pair_sentence(first: str, second: str, both: int, expected: float) -> str:
    """ "7 LSOAs are hotspots of both Robbery and ASB; 0.3 would be expected if the two were independent"."""
    some = f"{lsoas(both)} {'is a hotspot' if both == 1 else 'are hotspots'}" if both else "No LSOA is a hotspot"
    return f"{some} of both {first} and {second}; {about(expected)} would be expected if the two were independent"


def same_form_sentence(first: str, second: str) -> str:
    """Why the lists of two definitions with the same open-data form cannot differ."""
    return f"In open data {first} and {second} count the same crime types, so that their hotspots cannot differ"


def lsoas(n: int) -> str:
    """ "1 LSOA", "552 LSOAs"."""
    return f"{number(n)} LSOA{'' if n == 1 else 's'}"


_SMALL = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_BUSIEST = _SMALL[BUSIEST]


def _correlation(rho: float) -> str:
    return f"{rho:.2f}".replace("-", "−")


def _lies(row: pd.Series) -> str:
    """ "the 1st could be 1st or 2nd"; "the 1st holds its rank" where the interval is that rank alone."""
    low, high, tied = int(row["rank_low"]), int(row["rank_high"]), int(row["tied"])
    who = f"one at joint {ordinal(row['rank'])}" if tied > 1 else f"the {ordinal(row['rank'])}"
    if low == high:
        return f"{who} holds its rank" if low == row["rank"] else f"{who} could be {ordinal(low)}"
    if high == low + 1:
        return f"{who} could be {ordinal(low)} or {ordinal(high)}"
    return f"{who} could be anything from {ordinal(low)} to {ordinal(high)}"


def _inside(title: str) -> str:
    """A title inside a sentence: "Workday population" is "workday population", "NTE footfall" stays."""
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]


def _times(ratio: float) -> str:
    return f"{ratio:.1f} times" if ratio < 9.95 else f"{number(round(ratio))} times"


def _nothing(held: ShareHeld, subject: str) -> str:
    if not held.of_areas:
        return f"No data on {subject} for this period"
    return f"No {subject} was recorded in this period"


def _of_areas(held: ShareHeld, where: str) -> str:
    there = f" {where}" if where else ""
    return f"{number(held.areas)} of {lsoas(held.of_areas)}{there}"


def _months(n: int) -> str:
    return "1 month" if n == 1 else f"{n} months"
