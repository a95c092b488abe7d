"""One definition of serious violence: what it counts, how it can be read, how much of it open data can show.

How much is measured force-wide: recorded crime by offence code, against the police.uk categories that the open-data
form counts. ``caught`` is the share of the definition's offences that the form counts (recall), ``precision`` the
share of what the form counts that is in the definition.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product
from typing import Final, Literal

from hotspots.offence_codes import classes_in, crime_type_of

Wording = Literal["quotation", "paraphrase"]
Reading = Mapping[str, str]  # the option chosen of each switch

# The flags that an extract may carry, and how a sentence speaks of them.
FLAGS: Final[Mapping[str, str]] = {
    "flag_domestic_abuse": "domestic abuse",
    "flag_hate": "hate",
    "flag_knife": "knife",
    "flag_alcohol": "alcohol",
    "flag_drugs": "drugs",
    "flag_county_lines": "county lines",
    "flag_under_25": "under 25",
    "flag_public_space": "public space",
}


@dataclass(frozen=True)
class Switch:
    """A place where the published words can be read in more than one way."""

    id: str
    question: str
    depends_on: str  # ends a sentence: "depending on ..."
    default: str
    left_open: bool  # nobody has published the answer: the statement gives the range over all options
    options: tuple[tuple[str, str], ...]  # id and words


@dataclass(frozen=True)
class Offences:
    """Offences that a definition counts, under the readings ``when`` names (all of them; none = always).

    By code, by every code of a police.uk category, by flags, or both: then an offence needs the code and a flag.
    """

    name: str
    codes: frozenset[str]
    crime_types: tuple[str, ...]
    any_flag: tuple[str, ...]
    all_flags: tuple[str, ...]
    recorded: int | None  # how many the force recorded in the year measured
    when: tuple[tuple[str, str], ...]

    @property
    def listed(self) -> frozenset[str]:
        """Every code that counts, normalised; none where any code does."""
        return self.codes.union(*(classes_in(crime_type) for crime_type in self.crime_types))

    @property
    def by_code(self) -> bool:
        """Whether the code alone decides."""
        return not (self.any_flag or self.all_flags)


@dataclass(frozen=True)
class Only:
    """Flags that every counted offence must carry under the readings ``when`` names."""

    name: str
    flags: tuple[str, ...]
    when: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Definition:
    """One definition of serious violence, and what of it open data can show."""

    id: str
    name: str
    subject: str  # how a sentence speaks of what it counts: "serious violence"
    version: str
    date: date
    published: str
    published_is: Wording  # whether ``published`` is the partnership's words or ours
    published_by: str
    crime_types: tuple[str, ...]
    includes: str
    misses: str
    cannot_tell: str
    part: str  # of what ``caught`` is a share: "the definition"
    measured_on: str
    force_recorded: tuple[tuple[str, int], ...]  # crime type and its count, in the year measured
    offences: tuple[Offences, ...] = ()
    switches: tuple[Switch, ...] = ()
    only: tuple[Only, ...] = ()

    def settled(self, reading: Reading | None = None) -> dict[str, str]:
        """An option for every switch: the one chosen, else the default.

        Raises
        ------
        ValueError
            Where there is no such switch or option.
        """
        self._check(reading or {})
        return {switch.id: switch.default for switch in self.switches} | dict(reading or {})

    def counted(self, reading: Reading | None = None) -> tuple[Offences, ...]:
        """The offences that count under a reading."""
        settled = self.settled(reading)
        return tuple(one for one in self.offences if _applies(one.when, settled))

    def required(self, reading: Reading | None = None) -> tuple[str, ...]:
        """The flags that every counted offence must carry under a reading."""
        settled = self.settled(reading)
        return tuple(flag for one in self.only if _applies(one.when, settled) for flag in one.flags)

    def measured(
        self, reading: Reading | None = None, crime_types: Sequence[str] | None = None
    ) -> tuple[float, float] | None:
        """Caught and precision of the open-data form (or of other crime types) under one reading.

        None where it was not measured. Offences that need a flag are in no published table, and in neither share.
        """
        form = self.crime_types if crime_types is None else crime_types
        totals = dict(self.force_recorded)
        by_code = [one for one in self.counted(reading) if one.by_code]
        if not by_code or self.required(reading) or not all(one in totals for one in form):
            return None
        inside = every = 0
        for one in by_code:
            if one.recorded is None:
                return None
            every += one.recorded
            if shown_as(one) in form:
                inside += one.recorded
        counted = sum(totals[one] for one in form)
        return (inside / every, inside / counted) if every and counted else None

    @property
    def caught(self) -> tuple[float, float] | None:
        """The least and the most of the definition that the crime types catch, over the readings left open."""
        return self.caught_range()

    def caught_range(self, reading: Reading | None = None) -> tuple[float, float] | None:
        """``caught`` under a reading: a range over what it leaves open; None where not measured."""
        return self._range(0, reading)

    def precision_range(self, reading: Reading | None = None) -> tuple[float, float] | None:
        """The least and the most of what the crime types count that is in the definition; None where not measured."""
        return self._range(1, reading)

    @property
    def coverage_sentence(self) -> str:
        """What the open-data form includes and catches, and on what that was measured."""
        return self.coverage()

    def coverage(self, reading: Reading | None = None) -> str:
        """``coverage_sentence`` under a reading; switches left open and not in it give a range."""
        shares = self._shares(reading)
        if not shares:
            return f"The open-data form includes {self.includes}; how much of {self.part} it catches has not been measured."
        return f"The open-data form includes {self.includes}; {shares} (measured {self.measured_on})."

    @property
    def includes_sentence(self) -> str:
        """What the open-data form counts beside what is meant, in one line of a large screen."""
        return f"Includes {self.includes.rpartition(' from ')[0] or self.includes}."

    @property
    def missed_sentence(self) -> str:
        """What the open-data form misses, and what it cannot tell."""
        return f"It misses {self.misses}; it cannot tell {self.cannot_tell}."

    @property
    def statement(self) -> tuple[str, ...]:
        """All that stands beside results of the open-data form: coverage, what is missed, and other readings."""
        return (self.coverage_sentence, self.missed_sentence, *self._other_readings())

    def reading_sentence(self, reading: Reading | None = None) -> str:
        """How the definition is read: each question with the option in force. Empty without switches."""
        settled = self.settled(reading)
        answers = [f"{one.question}: {dict(one.options)[settled[one.id]]}" for one in self.switches]
        return f"Read as: {'; '.join(answers)}." if answers else ""

    def _other_readings(self) -> Iterator[str]:
        usual = self._shares(None)
        for switch in self.switches:
            for option, words in switch.options:
                shares = self._shares({switch.id: option})
                if not switch.left_open and option != switch.default and shares and shares != usual:
                    yield f"With the reading “{words}”, it {shares}."

    def _shares(self, reading: Reading | None) -> str:
        caught, precision = self.caught_range(reading), self.precision_range(reading)
        if caught is None or precision is None:
            return ""
        open_ones = [one for one in self.switches if one.left_open and one.id not in (reading or {})]
        depending = f", depending on {' and '.join(one.depends_on for one in open_ones)}" if open_ones else ""
        parts = [f"catches {_span(caught)} of {self.part}{depending if _differ(caught) else ''}"]
        if precision[0] < 1:
            parts.append(
                f"of what it counts, {_span(precision)} is in the definition{depending if _differ(precision) else ''}"
            )
        return "; ".join(parts)

    def _range(self, which: int, reading: Reading | None) -> tuple[float, float] | None:
        given = dict(reading or {})
        self._check(given)
        free = [one for one in self.switches if one.left_open and one.id not in given]
        found = []
        for chosen in product(*([option for option, _ in one.options] for one in free)):
            measured = self.measured(given | {one.id: option for one, option in zip(free, chosen, strict=True)})
            if measured is None:
                return None
            found.append(measured[which])
        return min(found), max(found)

    def _check(self, reading: Reading) -> None:
        known = {switch.id: dict(switch.options) for switch in self.switches}
        for switch, option in reading.items():
            if switch not in known:
                raise ValueError(f"{self.name} has no reading {switch!r} to choose. {_choose(known)}")
            if option not in known[switch]:
                raise ValueError(f"{self.name} cannot be read with {switch} = {option!r}. {_choose(known[switch])}")


def shown_as(offences: Offences) -> str | None:
    """The one police.uk category that shows offences given by code; None where it is not one."""
    categories = {crime_type_of(code) for code in offences.codes} | set(offences.crime_types)
    return categories.pop() if len(categories) == 1 else None


def _applies(when: Iterable[tuple[str, str]], settled: Reading) -> bool:
    return all(settled.get(switch) == option for switch, option in when)


def _differ(shares: tuple[float, float]) -> bool:
    return _per_cent(shares[0]) != _per_cent(shares[1])


def _span(shares: tuple[float, float]) -> str:
    """ "77 to 99 %", "77 %", "all" only where it is all."""
    low, high = (_per_cent(share) for share in shares)
    if low == high:
        return "all" if low == "100" else f"{low} %"
    return f"{low} to {high} %"


def _per_cent(share: float) -> str:
    """Whole per cent; never 0 or 100 where it is not."""
    per_cent = 100 * share
    if 0 < per_cent < 0.5:
        return "under 1"
    if 99.5 <= per_cent < 100:
        return "99"
    return str(math.floor(per_cent + 0.5))


def _choose(options: Iterable[str]) -> str:
    names = ", ".join(options)
    return f"Choose one of {names}." if names else "It has no readings to choose from."
