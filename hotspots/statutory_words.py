"""A statutory measure in words: numbers, ranges and intervals of a year or month, and its change, without claiming more than it carries."""

import pandas as pd

from hotspots.change import FEWEST_FOR_PERCENT
from hotspots.narrative import capital, counted, number, percent
from hotspots.significance import LEVEL
from hotspots.statutory import Change


def number_words(row: pd.Series) -> str:
    """ "57", "21 to 31", "at least 22", "no data", "not shown": what is known of a year or month, a row of ``yearly`` or ``monthly``."""
    if row.get("withheld", False):
        return "not shown"
    return "no data" if pd.isna(row["low"]) else range_words(_limits(row))


def range_words(limits: tuple[int, int | None]) -> str:
    """ "57", "21 to 31", "at least 22": (low, high), high None where not known."""
    low, high = limits
    if high is None:
        return f"at least {number(low)}"
    return number(low) if low == high else f"{number(low)} to {number(high)}"


def interval_words(row: pd.Series) -> str:
    """ "43 to 74"; "from 43" where the upper limit is not known; empty without data."""
    if pd.isna(row["low"]):
        return ""
    if pd.isna(row["upper"]):
        return f"from {number(round(row['lower']))}"
    return f"{number(round(row['lower']))} to {number(round(row['upper']))}"


def year_sentence(row: pd.Series, year: str, noun: str) -> str:
    """ "57 admissions in 2025 (95 % interval 43 to 74)"; a range where months are suppressed; how many months are missing.

    ``row`` as of ``yearly``.
    """
    if row.get("withheld", False):
        return f"{capital(noun)}s of {year} are not shown: {_months(row['missing'])} missing, and what is left may be one person's"
    if pd.isna(row["low"]):
        return f"No {noun}s are known for {year}: all its months are missing"
    if row["suppressed"]:
        between = capital(_range(_limits(row)))
        said = (
            f"{between} {noun}s in {year}: {_months(row['suppressed'])} suppressed, so that only a range can be given"
        )
    else:
        said = f"{capital(counted(int(row['count']), noun))} in {year} (95 % interval {interval_words(row)})"
    return said + (f"; {_months(row['missing'])} missing, so that it is no full year" if row["missing"] else "")


def change_sentence(change: Change, noun: str) -> str:
    """ "57 admissions in 2025, 80 in 2023: fewer than chance alone would make of it (down 29 %)".

    Where months are suppressed both as ranges, and that the change cannot be tested.
    """
    months = "1 month" if change.months == 1 else f"{change.months} months"
    over = "" if change.months == 12 else f"in the {months} present in both: "
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


def change_words(change: Change) -> str:
    """What the test says of a change, for a table: "more", "fewer", "chance could make it", "cannot be tested"."""
    if change.p is None:
        return "cannot be tested"
    if change.p > LEVEL:
        return "chance could make it"
    return "more" if change.now > change.before else "fewer"


def _limits(row: pd.Series) -> tuple[int, int | None]:
    return int(row["low"]), None if pd.isna(row["high"]) else int(row["high"])


def _range(limits: tuple[int, int | None]) -> str:
    low, high = limits
    if high is None:
        return f"at least {number(low)}"
    return number(low) if low == high else f"between {number(low)} and {number(high)}"


def _months(n: float) -> str:
    return "1 month is" if n == 1 else f"{n:.0f} months are"
