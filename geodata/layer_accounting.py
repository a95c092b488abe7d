"""What became of each row or feature of a layer: kept, or left out for one named reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd

# How far outside the area a feature is still kept: within a walk of a place at its border.
MARGIN_M = 400.0

LEFT_OUT = {
    "empty_geometry": "no geometry, or an empty one",
    "no_coordinates": "no coordinates",
    "invalid_coordinates": "coordinates that are not numbers, or no place on earth",
    "outside_area": f"a place more than {MARGIN_M:.0f} m outside the area",
    "no_code": "no code",
    "unknown_code": "a code of no place in this area",
}


@dataclass(frozen=True)
class Accounting:
    """``read`` = ``kept`` + each of ``left_out`` (a key of ``LEFT_OUT``: how many)."""

    read: int
    kept: int
    left_out: dict[str, int]

    @property
    def sentence(self) -> str:
        """'120 read, 117 kept; left out: 3 with no coordinates'."""
        why = ", ".join(f"{count:,} with {LEFT_OUT[reason]}" for reason, count in self.left_out.items())
        return f"{self.read:,} read, {self.kept:,} kept" + (f"; left out: {why}" if why else "")


class Content(NamedTuple):
    """What a reader of layers gives: the rows kept, their accounting, and what to mind, a sentence each."""

    frame: pd.DataFrame
    accounting: Accounting
    notes: tuple[str, ...]


def account(reasons: Sequence[str | None]) -> Accounting:
    """From the reason of each row, None where it was kept; in the order of ``LEFT_OUT``."""
    counts = {reason: sum(one == reason for one in reasons) for reason in LEFT_OUT}
    left_out = {reason: count for reason, count in counts.items() if count}
    return Accounting(len(reasons), len(reasons) - sum(left_out.values()), left_out)
