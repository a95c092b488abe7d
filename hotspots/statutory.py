"""The three measures of the Serious Violence Duty as series: admissions after assault with a sharp object, knife-enabled serious
violence, homicide.

Months are frames of place, month, count, low, high and state: "count" (low = high = count), "suppressed" (the count lies between low and
high; high null where not known) or "missing". Suppressed months make a year a range, and missing ones leave it incomplete;
neither is ever taken for zero.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final, NamedTuple

import pandas as pd

from hotspots.narrative import counted, number
from hotspots.offence_codes import covers, name_of, normalise
from hotspots.rates import compare_counts, poisson_interval
from hotspots.windows import RecordingChange, recording_changes

COUNT: Final = "count"
SUPPRESSED: Final = "suppressed"
MISSING: Final = "missing"
WHOLE: Final = "whole area"

# Murder (1), manslaughter (4.1), corporate manslaughter (4.10) and infanticide (4.2): one class in the Home Office's tables, and what
# its counting rules list under homicide (April 2018 and 2021).
HOMICIDE: Final = {"Homicide": ("1/4.1/4.10/4.2",)}
# The seven kinds of offence in which the Home Office collects whether a knife or sharp instrument was used, as its answer to
# Parliament on Merseyside (figures to 2012/13) and the Office for National Statistics ("Focus on violent crime and sexual offences 2013/14", chapter 3) name them.
KNIFE: Final = HOMICIDE | {
    "Attempted murder": ("2",),
    "Threats to kill": ("3B",),
    "Assault with injury, or with intent to cause serious harm": ("5D", "8N", "8P", "8S"),
    "Robbery": ("34A", "34B"),
    "Rape": ("19C", "19D", "19E", "19F", "19G", "19H"),
    "Sexual assault": ("17A", "17B", "20A", "20B"),
}
# Assaults with injury by their own names; no published list that was read says whether the collection counts them.
UNCONFIRMED: Final = frozenset({"8P", "8S"})


@dataclass(frozen=True)
class StatutoryMeasure:
    """One measure. ``crime_types``: police.uk types through which a change in recording touches it; ``kinds``: the kinds of
    offences it counts with their classes, and ``flag``, which they must carry; ``needs``: the file to load, in words.
    """

    id: str
    title: str
    noun: str
    crime_types: tuple[str, ...]
    kinds: Mapping[str, tuple[str, ...]]
    flag: str
    needs: str

    @property
    def codes(self) -> frozenset[str]:
        """The classes of offences that are counted; none where it is not one of offences."""
        return frozenset(chain.from_iterable(self.kinds.values()))


_MONTHLY = "monthly counts by district (place, month, count)"
STATUTORY: Final = {
    measure.id: measure
    for measure in (
        StatutoryMeasure(
            "knife-admissions",
            "Hospital admissions after assault with a knife or sharp object",
            "knife-assault admission",
            (),
            {},
            "",
            f"{_MONTHLY} from NHS England or the hospital trusts",
        ),
        StatutoryMeasure(
            "knife-offences",
            "Knife-enabled serious violence recorded by the police",
            "knife-enabled offence",
            ("Violence and sexual offences", "Robbery"),
            KNIFE,
            "flag_knife",
            f"the force's own extract with offence codes and whether a knife was used, or {_MONTHLY}",
        ),
        StatutoryMeasure(
            "homicide",
            "Homicide recorded by the police",
            "homicide",
            (),
            HOMICIDE,
            "",
            f"the force's own extract with offence codes, or {_MONTHLY}",
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


def counted_classes(measure: StatutoryMeasure) -> pd.DataFrame:
    """The classes of offences a measure counts: ``code``, ``name``, ``kind`` and whether that is ``confirmed``."""
    rows = [
        (code, name_of(code), kind, code not in UNCONFIRMED) for kind, codes in measure.kinds.items() for code in codes
    ]
    return pd.DataFrame(rows, columns=["code", "name", "kind", "confirmed"])


def from_extract(
    measure: StatutoryMeasure, incidents: pd.DataFrame, areas: pd.DataFrame, presence: pd.DataFrame
) -> FromExtract:
    """Months of a measure by district code, counted in a force's own extract.

    Parameters
    ----------
    incidents
        Offences: lsoa_code, month, offence_code (null = not recorded), and flag_knife where the measure needs it (true, false, null =
        not recorded).
    areas
        lsoa_code, district_code and force.
    presence
        True where a force (index) supplied a month (columns).

    Returns
    -------
    FromExtract
        A district's month is missing where a force of its LSOAs did not supply it. A code or flag that is not recorded is not taken
        for one that counts, which is said, as are classes that are not confirmed and LSOAs of no known district.

    Raises
    ------
    ValueError
        A measure that no extract holds, or one whose columns the incidents lack or leave empty.
    """
    lacking = [name for name in ("offence_code", measure.flag) if name and name not in incidents]
    if not measure.codes or lacking:
        what = f"no {' and no '.join(lacking)}" if measure.codes else "no hospital admissions"
        raise ValueError(f"The incidents have {what}. {measure.title} needs {measure.needs}.")
    uncoded = int(incidents["offence_code"].isna().sum())
    statements = (
        [f"{_of(uncoded, len(incidents), 'offence')} have no offence code and are not counted"] if uncoded else []
    )
    of_code = _of_classes(incidents, measure.codes)
    if measure.flag:
        flag = of_code[measure.flag].astype("boolean")
        unknown = int(flag.isna().sum())
        if unknown and unknown == len(of_code):
            raise ValueError(f"The incidents leave {measure.flag} empty. {measure.title} needs {measure.needs}.")
        if unknown:
            statements.append(
                f"For {_of(unknown, len(of_code), 'offence')} of the kinds meant it is not recorded whether a knife was used; they are not counted"
            )
        of_code = of_code[flag.fillna(False).to_numpy(dtype=bool)]
    unsure = _of_classes(of_code, measure.codes & UNCONFIRMED)
    if len(unsure):
        statements.append(
            f"{_of(len(unsure), len(of_code), 'offence')} counted are of classes of which it is not confirmed that they count"
        )
    district = areas.set_index(areas["lsoa_code"].astype("str"))["district_code"]
    place = of_code["lsoa_code"].astype("str").map(district)
    nowhere = int(place.isna().sum())
    if nowhere:
        statements.append(
            f"{_of(nowhere, len(of_code), 'offence')} lie in LSOAs of no known district and are not counted"
        )
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
    return _with_limits(table)


def withhold_part_years(years: pd.DataFrame) -> pd.DataFrame:
    """``years`` as of ``yearly`` in which no single place's year that lacks months is told, for data that are not open: what is left
    of it may be one month, and that one person's. ``withheld`` says which.
    """
    withheld = years["missing"].between(1, 11) & (years.index.get_level_values("place") != WHOLE)
    told = years.assign(withheld=withheld)
    told.loc[withheld, ["count", "low", "high", "lower", "upper"]] = pd.NA
    return told


def monthly(months: pd.DataFrame) -> pd.DataFrame:
    """Each place's months as ``yearly`` gives years: ``suppressed`` and ``missing`` are 0 or 1."""
    table = months.set_index(["place", "month"])[["count", "low", "high", "state"]].sort_index()
    table["suppressed"] = (table["state"] == SUPPRESSED).astype("int64")
    table["missing"] = (table["state"] == MISSING).astype("int64")
    return _with_limits(table.drop(columns="state"))


def latest_year(years: pd.DataFrame) -> str | None:
    """The latest year with all its months, else the latest with any; None where there is none. ``years`` of one place, by year."""
    full, known = years.index[years["missing"] == 0], years.index[years["missing"] < 12]
    return max(full, default=max(known, default=None))


def compare_years(
    months: pd.DataFrame, place: str, year: str, baseline: str, starts: int = 1, *, fewest: int = 1
) -> Change:
    """One place's year against the baseline year, over the calendar months that are there in both.

    Raises
    ------
    ValueError
        In words, where fewer than ``fewest`` months are there in both.

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
    if len(both) < fewest:
        raise ValueError(
            f"{len(both)} of 12 months are there in both {baseline} and {year}, and a district's are compared over all twelve only: what is "
            "counted in a few may be one person's"
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


def _of_classes(incidents: pd.DataFrame, classes: Collection[str]) -> pd.DataFrame:
    codes = incidents["offence_code"]
    return incidents[codes.isin([code for code in codes.dropna().unique() if covers(classes, normalise(code))])]


def _of(part: int, whole: int, noun: str) -> str:
    return f"{number(part)} of {counted(whole, noun)}"


def _with_limits(table: pd.DataFrame) -> pd.DataFrame:
    table["lower"], table["upper"] = poisson_interval(table["low"])[0], poisson_interval(table["high"])[1]
    return table


def _between(rows: pd.DataFrame) -> tuple[int, int | None]:
    return int(rows["low"].sum()), _whole(rows["high"].sum(skipna=False))


def _whole(value: object) -> int | None:
    return None if pd.isna(value) else int(value)  # type: ignore[call-overload]
