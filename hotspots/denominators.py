"""Where a rate per resident misleads: how an LSOA stands by residents and by another denominator."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from hotspots.rates import overall_rate_per_1000_year, rate_per_1000_year

# An LSOA that stands this many times higher by residents than by the other denominator is pointed out.
MISLEADS_FROM: Final = 2.0


@dataclass(frozen=True)
class Standing:
    """How many times the rate of all areas together an area's own is, per resident and per the other denominator."""

    by_residents: float
    by_other: float

    @property
    def misleads(self) -> bool:
        """Whether the rate per resident makes the area look far higher than the other does."""
        return self.by_residents >= MISLEADS_FROM * self.by_other


def standing(table: pd.DataFrame, lsoa_code: str, other: pd.Series) -> Standing | None:
    """How one area of a ``hotspot_table`` stands by residents and by another denominator.

    The count cancels out of their ratio, which is that of the area's denominator to its residents, over the same of all
    areas: it says who is there, not how often something happens.

    Parameters
    ----------
    table
        With ``count``, ``residents`` and ``months``.
    other
        The denominator by lsoa_code.

    Returns
    -------
    Standing
        None where a rate is not known or nothing was counted.
    """
    times = []
    for denominator in (table["residents"], other.reindex(table.index)):
        overall = overall_rate_per_1000_year(table["count"], denominator, table["months"])["rate"].iloc[0]
        own = rate_per_1000_year(table["count"], denominator, table["months"])["rate"].loc[lsoa_code]
        times.append(float(own / overall) if overall > 0 else np.nan)
    return Standing(*times) if min(times) > 0 else None
