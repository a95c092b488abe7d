"""Areas in order, ties stated, with the share they hold and the stated hotspot rule."""

from typing import Final

import numpy as np
import pandas as pd

from hotspots.concentration import areas_for_share
from hotspots.selection import Measure

# The stated rule: a hotspot is one of the fewest LSOAs that together hold this share of the definition's offences.
HOTSPOT_SHARE: Final = 0.25

MEASURE_COLUMNS: Final[dict[Measure, str]] = {
    "count": "count",
    "rate": "rate_per_1000_year",
    "density": "density",
    "severity": "severity",
}


def rank_areas(frame: pd.DataFrame, order: Measure = "count") -> pd.DataFrame:
    """Rank areas from the highest down, and mark the hotspots.

    Parameters
    ----------
    frame
        One row per area, indexed by lsoa_code, with ``count`` and the column of the measure.
    order
        The measure to rank by. Hotspots and shares are by count whatever the order.

    Returns
    -------
    DataFrame
        A new frame in rank order (equal ranks by code, unranked last) with ``rank`` (ties share the best), ``tied``
        (how many share it, 1 = alone), ``share`` of the total count, ``cumulative_share`` of all areas ranked the
        same or better, ``hotspot`` (the fewest that hold 25 %, ties in). Rank and shares are null where not known.

    Raises
    ------
    ValueError
        An unknown measure, or a frame without its column.
    """
    if order not in MEASURE_COLUMNS:
        raise ValueError(f"The order is {order!r}. Choose one of {', '.join(MEASURE_COLUMNS)}.")
    for column in ("count", MEASURE_COLUMNS[order]):
        if column not in frame:
            raise ValueError(f"The areas cannot be ranked by {order}: the column {column!r} is missing.")
    ranked = frame.sort_index()
    rank = ranked[MEASURE_COLUMNS[order]].rank(method="min", ascending=False).astype("Int64")
    ranked = ranked.assign(rank=rank).sort_values("rank", kind="stable", na_position="last")
    by_rank = ranked.groupby("rank", dropna=True)
    count = ranked["count"].astype("Float64").to_numpy(dtype="float64", na_value=np.nan)
    total = np.nansum(count)
    share = pd.Series(count / total if total else np.nan, index=ranked.index)
    return ranked.assign(
        tied=by_rank["rank"].transform("size").astype("Int64"),
        share=share,
        cumulative_share=share.cumsum().groupby(ranked["rank"], dropna=True).transform("max"),
        hotspot=_hotspots(count),
    )


def _hotspots(count: np.ndarray) -> np.ndarray:
    known = count[~np.isnan(count)]
    needed = areas_for_share(known, HOTSPOT_SHARE)
    if not needed:
        return np.zeros(len(count), dtype=bool)
    return count >= np.sort(known)[-needed]
