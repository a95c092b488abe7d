"""The three measures of the Serious Violence Duty as series: admissions after assault with a sharp object, knife-enabled serious
violence, homicide.

Months are frames of place, month, count, low, high and state: "count" (low = high = count), "suppressed" (the count lies between low and
high; high null where not known) or "missing". Suppressed months make a year a range, and missing ones leave it incomplete;
neither is ever taken for zero.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import pandas as pd

from hotspots.change import FEWEST_FOR_PERCENT
from hotspots.narrative import capital, counted, number, percent
from hotspots.offence_codes import covers, normalise
from hotspots.rates import compare_counts, poisson_interval
from hotspots.significance import LEVEL
from hotspots.windows import RecordingChange, recording_changes

COUNT: Final = "count"
SUPPRESSED: Final = "suppressed"
MISSING: Final = "missing"
WHOLE: Final = "whole area"

HOMICIDE: Final = frozenset({"1/4.1/4.10/4.2"})
# What the Home Office counts where a knife or sharp instrument was used: homicide, attempted murder, threats to kill, assault with
# injury or intent to cause serious harm, robbery, rape, sexual assault.
KNIFE: Final = HOMICIDE | {
    "2", "3B", "5D", "8N", "8P", "8S", "34A", "34B", "17A", "17B", "19C", "19D", "19E", "19F", "19G", "19H", "20A", "20B",
}  # fmt: skip


@dataclass(frozen=True)
class StatutoryMeasure:
    """One measure. ``crime_types``: police.uk types through which a change in recording touches it; ``codes``: the classes of
    offences it counts, and ``flag``, which they must carry; ``needs``: the file to load, in words.
    """

    id: str
    title: str
    noun: str
    crime_types: tuple[str, ...]
    codes: frozenset[str]
    flag: str
    needs: str


_MONTHLY = (
    'a monthly table by district (place, month, count) with kind = "monthly" and measure = "{}" in its description'
)
STATUTORY: Final = {
    measure.id: measure
    for measure in (
        StatutoryMeasure(
            "knife-admissions",
            "Hospital admissions after assault with a knife or sharp object",
            "admission",
            (),
            frozenset(),
            "",
            f"{_MONTHLY.format('knife-admissions')}, from NHS England or the hospital trusts",
        ),
        StatutoryMeasure(
            "knife-offences",
            "Knife-enabled serious violence recorded by the police",
            "offence",
            ("Violence and sexual offences", "Robbery"),
            KNIFE,
            "flag_knife",
            f"the force's own extract with offence codes and flag_knife, or {_MONTHLY.format('knife-offences')}",
        ),
        StatutoryMeasure(
            "homicide",
            "Homicide recorded by the police",
            "homicide",
            (),
            HOMICIDE,
            "",
            f"the force's own extract with offence codes, or {_MONTHLY.format('homicide')}",
        ),
    )
}


class FromExtract(NamedTuple):
    """``months`` as the module describes them, and what the extract does not record, a sentence each."""

    months: pd.DataFrame
    statements: tuple[str, ...]


@dataclass(frozen=True)
class Change:
    """A year against the baseline, over the ``months`` (1 to 12) present in both: each as (low, high), high None where not
    known; ``p`` of the exact test, None where a suppressed month or no month leaves nothing to test.
    """

    before: tuple[int, int | None]
    now: tuple[int, int | None]
    months: int
    baseline: str
    year: str
    p: float | None


def not_loaded_sentence(measure: StatutoryMeasure) -> str:
    """Which file is needed: "... is not loaded: it needs ..."."""
    return f"{measure.title} is not loaded: it needs {measure.needs}"


def from_extract(
    measure: StatutoryMeasure, incidents: pd.DataFrame, areas: pd.DataFrame, presence: pd.DataFrame
) -> FromExtract:
    """Months of a measure by district code, counted in a force's own extract.

    Parameters
    ----------
    incidents
        lsoa_code, month, offence_code, and flag_knife where the measure needs it (true, false, null = not recorded).
    areas
        lsoa_code, district_code and force.
    presence
        True where a force (index) supplied a month (columns).

    Returns
    -------
    FromExtract
        A district's month is missing where a force of its LSOAs did not supply it. A flag that is not recorded is not taken as
        true, which is said.

    Raises
    ------
    ValueError
        A measure that no extract holds, or one whose columns the incidents lack.
    """
    lacking = [name for name in ("offence_code", measure.flag) if name and name not in incidents]
    if not measure.codes or lacking:
        what = f"no {' and no '.join(lacking)}" if measure.codes else "no hospital admissions"
        raise ValueError(f"The incidents have {what}. {measure.title} needs {measure.needs}.")
    listed = {code for code in incidents["offence_code"].dropna().unique() if covers(measure.codes, normalise(code))}
    of_code = incidents[incidents["offence_code"].isin(listed)]
    statements = []
    if measure.flag:
        flag = of_code[measure.flag].astype("boolean")
        unknown = int(flag.isna().sum())
        if unknown:
            statements.append(
                f"Whether a knife was used is not recorded for {number(unknown)} of {counted(len(of_code), 'offence')} of the kinds meant; "
                "they are not counted"
            )
        of_code = of_code[flag.fillna(False).to_numpy(dtype=bool)]
    district = areas.set_index(areas["lsoa_code"].astype("str"))["district_code"]
    place = of_code["lsoa_code"].astype("str").map(district)
    months = pd.Index(presence.columns, name="month")
    counts = pd.crosstab(place, of_code["month"].astype("str"))
    forces = areas.dropna(subset="district_code").groupby("district_code")["force"].unique()
    counts = counts.reindex(index=forces.index, columns=months, fill_value=0)
    there = pd.DataFrame(
        [presence.reindex(of_place, fill_value=False).all() for of_place in forces], forces.index, months
    )
    frame = (
        counts.where(there).rename_axis("place").stack(future_stack=True).rename("count").astype("Int64").reset_index()
    )
    state = frame["count"].notna().map({True: COUNT, False: MISSING}).astype("str")
    return FromExtract(frame.assign(low=frame["count"], high=frame["count"], state=state), tuple(statements))


def with_whole_area(months: pd.DataFrame, places: Collection[str]) -> pd.DataFrame:
    """``months`` of the ``places`` (every district of the area), and of all of them together as "whole area".

    Suppressed months add up as ranges. A month that one district lacks is missing for the whole.
    """
    own = months[months["place"].isin(list(places))]
    parts = own.groupby("month", sort=True)
    there = own["state"] != MISSING
    whole = pd.DataFrame(
        {
            "low": parts["low"].sum(),
            "high": parts["high"].agg(lambda high: high.sum(skipna=False)),
            "missing": there.groupby(own["month"]).sum() < len(set(places)),
            "suppressed": (own["state"] == SUPPRESSED).groupby(own["month"]).any(),
        }
    )
    whole.loc[whole["missing"], ["low", "high"]] = pd.NA
    whole["state"] = (
        whole["suppressed"].map({True: SUPPRESSED, False: COUNT}).mask(whole["missing"], MISSING).astype("str")
    )
    whole["count"] = whole["low"].where(whole["state"] == COUNT)
    whole = whole.reset_index().assign(place=WHOLE)
    return pd.concat([own, whole[list(own.columns)]], ignore_index=True)


def year_of(month: str, starts: int = 1) -> str:
    """The year that a month lies in: "2025", or "2024/25" where years start in another month than January."""
    first = int(month[:4]) - (int(month[5:]) < starts)
    return str(first) if starts == 1 else f"{first}/{(first + 1) % 100:02d}"


def yearly(months: pd.DataFrame, starts: int = 1) -> pd.DataFrame:
    """Each place's years, with 95 % limits.

    Parameters
    ----------
    starts
        The month that years start in: 1, or 4 for April to March.

    Returns
    -------
    DataFrame
        By place and year: ``count`` (Int64, null where a month is suppressed), ``low`` and ``high`` between which it lies, ``lower`` and
        ``upper`` 95 % limits (from the lower limit of the lowest to the upper limit of the highest), ``suppressed`` and ``missing``
        months. With missing months all are of the others, and null where all twelve are missing.
    """
    there = months[months["state"] != MISSING]
    keys = [there["place"], there["month"].map(lambda month: year_of(month, starts)).rename("year")]
    every = [months["place"], months["month"].map(lambda month: year_of(month, starts)).rename("year")]
    index = pd.MultiIndex.from_frame(pd.concat(every, axis=1).drop_duplicates().sort_values(["place", "year"]))
    table = pd.DataFrame(
        {
            "low": there["low"].groupby(keys).sum(),
            "high": there["high"].groupby(keys).agg(lambda high: high.sum(skipna=False)),
            "suppressed": (there["state"] == SUPPRESSED).groupby(keys).sum(),
            "missing": 12 - there["month"].groupby(keys).nunique(),
        }
    ).reindex(index)
    table = table.fillna({"suppressed": 0, "missing": 12}).astype({"suppressed": "int64", "missing": "int64"})
    table.insert(0, "count", table["low"].where(table["suppressed"] == 0))
    table["lower"], table["upper"] = poisson_interval(table["low"])[0], poisson_interval(table["high"])[1]
    return table


def compare_years(months: pd.DataFrame, place: str, year: str, baseline: str, starts: int = 1) -> Change:
    """One place's year against the baseline year, over the calendar months that are there in both.

    Raises
    ------
    ValueError
        In words, where no month is there in both.

    References
    ----------
    Przyborowski & Wilenski 1940, Biometrika 31 (the exact C-test).
    """
    own = months[(months["place"] == place) & (months["state"] != MISSING)]
    of_year = own["month"].map(lambda month: year_of(month, starts))
    sides = [own[of_year == one] for one in (baseline, year)]
    sides = [side.set_index(side["month"].str[5:]) for side in sides]
    both = sides[0].index.intersection(sides[1].index)
    if both.empty:
        raise ValueError(
            f"No month is there in both {baseline} and {year}, so no change can be given. Choose another baseline year."
        )
    before, now = (_between(side.loc[both]) for side in sides)
    exact = before[0] == before[1] and now[0] == now[1]
    return Change(before, now, len(both), baseline, year, compare_counts(now[0], 1, before[0], 1) if exact else None)


def markers(measure: StatutoryMeasure, months: Sequence[str]) -> tuple[RecordingChange, ...]:
    """The national changes in recording within a series that touch a measure, earliest first."""
    first, last = min(months), max(months)
    return tuple(
        change
        for change in recording_changes()
        if first < change.month <= last and set(change.crime_types) & set(measure.crime_types)
    )


def year_sentence(row: pd.Series, year: str, noun: str) -> str:
    """ "57 admissions in 2025 (95 % interval 43 to 74)"; a range where months are suppressed; how many months are missing.

    ``row`` as of ``yearly``.
    """
    if pd.isna(row["low"]):
        return f"No {noun}s are known for {year}: all its months are missing"
    if row["suppressed"]:
        between = capital(_range((int(row["low"]), _whole(row["high"]))))
        said = f"{between} {noun}s in {year}: {_months(row['suppressed'])} suppressed, so that no figure can be given"
    else:
        limits = f"{number(round(row['lower']))} to {number(round(row['upper']))}"
        said = f"{capital(counted(int(row['count']), noun))} in {year} (95 % interval {limits})"
    return said + (f"; {_months(row['missing'])} missing, so that it is no full year" if row["missing"] else "")


def change_sentence(change: Change, noun: str) -> str:
    """ "57 admissions in 2025, 80 in 2023: fewer than chance alone would make of it (down 29 %)".

    Where months are suppressed both as ranges, and that the change cannot be tested.
    """
    over = "" if change.months == 12 else f"in the {change.months} months present in both: "
    if change.p is None:
        return capital(
            f"{over}{_range(change.now)} {noun}s in {change.year}, {_range(change.before)} in {change.baseline}: months are "
            "suppressed, so that the change cannot be tested"
        )
    now, before = change.now[0], change.before[0]
    start = capital(
        f"{over}{counted(now, noun)} in {change.year}, {number(before) if before else 'none'} in {change.baseline}"
    )
    if change.p > LEVEL:
        return f"{start}: no more of a change than chance makes"
    share = ""
    if min(now, before) >= FEWEST_FOR_PERCENT:
        share = f" ({'up' if now > before else 'down'} {percent(abs(now - before) / before)})"
    return f"{start}: {'more' if now > before else 'fewer'} than chance alone would make of it{share}"


def _between(rows: pd.DataFrame) -> tuple[int, int | None]:
    return int(rows["low"].sum()), _whole(rows["high"].sum(skipna=False))


def _whole(value: object) -> int | None:
    return None if pd.isna(value) else int(value)  # type: ignore[call-overload]


def _range(limits: tuple[int, int | None]) -> str:
    low, high = limits
    if high is None:
        return f"at least {number(low)}"
    return number(low) if low == high else f"between {number(low)} and {number(high)}"


def _months(n: float) -> str:
    return "1 month is" if n == 1 else f"{n:.0f} months are"
