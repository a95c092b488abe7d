"""What the user asked for: a period, a measure, what is counted, where. Frozen values, checked once."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal, get_args

from geodata.columns import ASB, MONTH, POLICE_UK

Measure = Literal["count", "rate", "density", "severity"]
MEASURES: Final[tuple[Measure, ...]] = get_args(Measure)
RESIDENTS: Final = "residents"

PRESET_NAMES: Final = {
    "latest-12-months": "Latest 12 months",
    "latest-quarter": "Latest 3 months",
    "year-to-march": "Latest year, April to March",
    "calendar-year": "Latest calendar year",
    "all": "All months",
}

_MONTH_NAMES: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


@dataclass(frozen=True)
class Period:
    """Whole months from ``start`` to ``end``, both written YYYY-MM and both included.

    Raises
    ------
    ValueError
        Where a month is not written as YYYY-MM, or the period ends before it starts.
    """

    start: str
    end: str

    def __post_init__(self) -> None:
        for month in (self.start, self.end):
            _check_month(month)
        if self.end < self.start:
            raise ValueError(
                f"The period ends in {month_name(self.end)}, before it starts in {month_name(self.start)}. "
                "Choose an end month that is the start month or later."
            )

    def __str__(self) -> str:
        return f"{self.start} to {self.end}"

    @property
    def months(self) -> tuple[str, ...]:
        """Every month of the period in order, whether or not data were supplied for it."""
        return tuple(_written(n) for n in range(_number(self.start), _number(self.end) + 1))

    @property
    def label(self) -> str:
        """The period in words, such as "January to December 2025"."""
        if self.start == self.end:
            return month_name(self.start)
        if self.start[:4] == self.end[:4]:
            return f"{month_name(self.start).split()[0]} to {month_name(self.end)}"
        return f"{month_name(self.start)} to {month_name(self.end)}"

    @property
    def year_earlier(self) -> "Period":
        """The same months of the year before."""
        return Period(year_before(self.start), year_before(self.end))


@dataclass(frozen=True)
class Selection:
    """One question: what is counted, when, where, by which measure, from which source.

    Exactly one of ``definition`` (the id of a definition of serious violence) and ``crime_types`` is given.
    No ``districts`` means the whole area. ``reading`` asks for a definition's offence-code form, with the option chosen of
    each switch (one left out stands at its default); None is its open-data form. ``per`` is what a rate is set against: residents
    or the id of another denominator of the dataset.

    Raises
    ------
    ValueError
        In words, where the choices contradict each other.
    """

    period: Period
    definition: str | None = None
    crime_types: tuple[str, ...] = ()
    districts: tuple[str, ...] = ()
    measure: Measure = "count"
    source: str = POLICE_UK
    reading: tuple[tuple[str, str], ...] | None = None
    per: str = RESIDENTS

    def __post_init__(self) -> None:
        if bool(self.definition) == bool(self.crime_types):
            raise ValueError("Choose either a definition or at least one crime type, and not both.")
        if self.crime_types:
            check_crime_types(self.crime_types)
        if self.measure not in MEASURES:
            raise ValueError(f"The measure is {self.measure!r}. Choose one of {', '.join(MEASURES)}.")
        if self.reading is not None and not self.definition:
            raise ValueError("Crime types have no readings. Choose a definition.")
        if not self.source:
            raise ValueError("The selection names no source. Choose one source of incidents.")


def check_crime_types(crime_types: Iterable[str]) -> None:
    """Refuse an empty choice, and ASB together with offences: the two are never added up.

    Raises
    ------
    ValueError
    """
    if isinstance(crime_types, str):
        raise ValueError(f"The crime types are the single text {crime_types!r}. Give a list of crime types.")
    chosen = set(crime_types)
    if not chosen:
        raise ValueError("No crime type is chosen. Choose at least one.")
    if ASB in chosen and len(chosen) > 1:
        raise ValueError(
            f"{ASB} is chosen together with offences. The two are never added up: choose one or the other."
        )


def month_name(month: str) -> str:
    """A month in words: "2025-01" is "January 2025"."""
    _check_month(month)
    return f"{_MONTH_NAMES[int(month[5:]) - 1]} {month[:4]}"


def year_before(month: str) -> str:
    """The same month of the year before."""
    _check_month(month)
    return _written(_number(month) - 12)


def default_period(months_present: Iterable[str]) -> Period:
    """The latest 12 consecutive months present; failing that, the latest unbroken run.

    Raises
    ------
    ValueError
        Where no month is present.
    """
    present = set(months_present)
    return _latest(_runs(present), 12) or latest_run(present)


def latest_run(months_present: Iterable[str]) -> Period:
    """The latest unbroken run of months present, however long.

    Raises
    ------
    ValueError
        Where no month is present.
    """
    runs = _runs(months_present)
    if not runs:
        raise ValueError("No month is present in the data. Load at least one month of incidents.")
    return Period(_written(runs[-1][0]), _written(runs[-1][-1]))


def presets(months_present: Iterable[str]) -> dict[str, Period]:
    """The periods to offer, by code (the keys of ``PRESET_NAMES``): each only where all its months are present.

    "all" spans the first to the last month present, gaps included. No month present: nothing to offer.
    """
    runs = _runs(months_present)
    if not runs:
        return {}
    offered = {
        "latest-12-months": _latest(runs, 12),
        "latest-quarter": _latest(runs, 3),
        "year-to-march": _latest(runs, 12, last_month=3),
        "calendar-year": _latest(runs, 12, last_month=12),
        "all": Period(_written(runs[0][0]), _written(runs[-1][-1])),
    }
    return {code: period for code, period in offered.items() if period is not None}


def _latest(runs: list[list[int]], length: int, last_month: int | None = None) -> Period | None:
    """The latest ``length`` consecutive months, ending in calendar month ``last_month`` where one is given."""
    for run in reversed(runs):
        for end in reversed(run[length - 1 :]):
            if last_month is None or end % 12 + 1 == last_month:
                return Period(_written(end - length + 1), _written(end))
    return None


def _runs(months: Iterable[str]) -> list[list[int]]:
    """Unbroken runs of months, as numbers, earliest first."""
    present = set(months)
    for month in present:
        _check_month(month)
    runs: list[list[int]] = []
    for number in sorted(_number(month) for month in present):
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return runs


def _check_month(month: str) -> None:
    if not (isinstance(month, str) and MONTH.fullmatch(month)):
        raise ValueError(f"The month {month!r} is not written as YYYY-MM, such as 2025-01.")


def _number(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:]) - 1


def _written(number: int) -> str:
    return f"{number // 12:04d}-{number % 12 + 1:02d}"
