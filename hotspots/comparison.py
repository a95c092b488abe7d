"""Two definitions on the same data: which areas enter the hotspots, which leave, which stay."""

from dataclasses import dataclass

import pandas as pd

from hotspots.narrative import number


@dataclass(frozen=True)
class Comparison:
    """Hotspots under a first and a second definition, by LSOA code, each in rank order."""

    enter: tuple[str, ...]  # only under the second, by its rank
    leave: tuple[str, ...]  # only under the first, by its rank
    stay: tuple[str, ...]  # under both, by the second's rank
    areas: int

    def sentence(self, first: str, second: str) -> str:
        """ "Of 31 hotspots by A, 28 stay by B, 3 leave and 5 enter"; the names of the definitions in words."""
        before = len(self.stay) + len(self.leave)
        if not before and not self.enter:
            return f"Neither {first} nor {second} finds a hotspot"
        if not self.enter and not self.leave:
            same = "The one hotspot is" if before == 1 else f"The {number(before)} hotspots are"
            return f"{same} the same by {first} and by {second}"
        if not before:
            return f"No hotspot by {first}, {_lsoas(len(self.enter))} by {second}"
        hotspots = "hotspot" if before == 1 else "hotspots"
        return (
            f"Of {number(before)} {hotspots} by {first}, {_verb(len(self.stay), 'stay')} by {second}, "
            f"{_verb(len(self.leave), 'leave')} and {_verb(len(self.enter), 'enter')}"
        )


def compare_hotspots(first: pd.DataFrame, second: pd.DataFrame) -> Comparison:
    """What changes from one ranked table to another.

    Parameters
    ----------
    first, second
        As ``table.hotspot_table`` returns them: same areas, same months, each in its own rank order.

    Raises
    ------
    ValueError
        Where the tables are not of the same areas, or were counted over different months.
    """
    for table in (first, second):
        if "hotspot" not in table:
            raise ValueError("A table has no column 'hotspot'. Give two ranked tables of hotspots.")
        if not table.index.is_unique:
            raise ValueError("A table names an LSOA twice. Give two ranked tables with one row per LSOA.")
    other = first.index.symmetric_difference(second.index)
    if len(other):
        raise ValueError(
            f"The two tables are not of the same LSOAs: {number(len(other))} stand in one only, such as {other[0]}. "
            "Compare two definitions on the same area."
        )
    if "months" in first and "months" in second and not first["months"].equals(second["months"].reindex(first.index)):
        raise ValueError(
            "The two tables were counted over different months. Compare two definitions on the same period and source."
        )
    before, after = _hotspots(first), _hotspots(second)
    return Comparison(
        enter=tuple(code for code in after if code not in set(before)),
        leave=tuple(code for code in before if code not in set(after)),
        stay=tuple(code for code in after if code in set(before)),
        areas=len(first),
    )


def _hotspots(table: pd.DataFrame) -> list[str]:
    return [str(code) for code in table.index[table["hotspot"].fillna(False).to_numpy(dtype=bool)]]


def _verb(n: int, verb: str) -> str:
    return f"{number(n) if n else 'none'} {verb}{'' if n > 1 else 's'}"


def _lsoas(n: int) -> str:
    return "1 LSOA" if n == 1 else f"{number(n)} LSOAs"
