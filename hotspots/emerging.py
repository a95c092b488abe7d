"""How hot and cold spots came about: new, persistent, fading. Space-time Gi* and its trend, named by class."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, get_args

import numpy as np
import pandas as pd
from libpysal.graph import Graph

from hotspots.arrays import floats
from hotspots.significance import LEVEL, cluster_state, false_discovery, positions, self_included, two_sided_p
from hotspots.trend import FEWEST_MONTHS, Trend, check_consecutive, direction, score

NO_CLASS: Final = "none"

_TREND_LEVEL: Final = 0.05

# First match wins, so that the order decides; for cold spots the same with the signs turned.
HOT_CLASSES: Final = {
    "new": "hot in the last month only",
    "consecutive": "hot in one unbroken run of 2 or more months up to the last, never before, under 90 % of months",
    "intensifying": "hot in 90 % of months or more and in the last, and rising",
    "diminishing": "hot in 90 % of months or more and in the last, and falling",
    "persistent": "hot in 90 % of months or more and in the last, without a trend",
    "historical": "hot in 90 % of months or more, but not in the last",
    "oscillating": "hot in the last month, cold at least once before, hot in under 90 % of months",
    "sporadic": "hot in the last month, on and off before, never cold, hot in under 90 % of months",
}


@dataclass(frozen=True)
class EmergingHotSpots:
    """Space-time clusters of monthly counts and their class per area.

    ``z`` and ``state`` (1 hot, 0 neither, -1 cold) are areas by months, ``trend`` ("up", "down", "none") and
    ``classes`` per area, null for an area without every month. All None where refused: ``reading`` says why; else it
    says what was left out, or is empty.
    """

    classes: pd.Series | None
    trend: pd.Series | None
    state: pd.DataFrame | None
    z: pd.DataFrame | None
    reading: str = ""


def classify(state: Sequence[int], trend: Trend) -> str:
    """Name the history of one place: "new hot spot", "historical cold spot", ... or "none".

    Parameters
    ----------
    state
        Per step, in order: 1 hot, 0 neither, -1 cold.
    trend
        Of the place's z: "up", "down" or "none".

    Raises
    ------
    ValueError
        No step, a state that is not -1, 0 or 1, or an unknown trend.

    References
    ----------
    Esri, "How Emerging Hot Spot Analysis works" (the classes); the order in which they are tried is this project's.
    """
    steps = floats(state)
    if not len(steps):
        raise ValueError("The place has no steps. Give its state at each step.")
    if not np.isin(steps, (-1, 0, 1)).all():
        raise ValueError("A state is not -1 (cold), 0 (neither) or 1 (hot).")
    if trend not in get_args(Trend):
        raise ValueError(f'The trend is {trend!r}. Choose "up", "down" or "none".')
    return str(_classes(steps[np.newaxis], np.array([trend], dtype=object))[0])


def emerging_hot_spots(monthly: pd.DataFrame, graph: Graph, level: float = LEVEL) -> EmergingHotSpots:
    """Class of each area by its space-time Gi* over the months and by the trend of that.

    An area is hot or cold in a month where its space-time Gi*, after Benjamini-Hochberg over all areas and months, is
    at most ``level``; its trend is Mann-Kendall's of its z at p below 0.05. Areas without every month are left out,
    also as neighbours. Each month of z shares counts with the next, so that a trend is called in about 15 % of places
    that have none (552 areas, 12 months of even Poisson counts): it tells hot spots apart, it is not evidence by itself.

    Parameters
    ----------
    monthly
        Areas (rows, on the labels of the graph or in its order) by consecutive months, null where one is missing.
    graph
        As of ``neighbours``.

    Returns
    -------
    EmergingHotSpots
        Refused, with a ``reading``, on fewer than 10 months, across a gap, or where nothing can stand out.

    Raises
    ------
    ValueError
        Columns that are not consecutive months, or rows that are not the graph's areas.
    """
    check_consecutive(monthly.columns)
    x = monthly.to_numpy(dtype="float64", na_value=np.nan)
    complete = ~np.isnan(x).any(axis=1)
    refusal = _refusal(x, complete, monthly.columns)
    if refusal:
        return EmergingHotSpots(None, None, None, None, refusal)
    z = space_time_gi_star(monthly, graph)
    state = z.copy()
    state[:] = cluster_state(z.to_numpy(), false_discovery(two_sided_p(z)).to_numpy(), level)
    _, _, trend_z, trend_p, _ = score(z[complete].to_numpy())
    trend = direction(trend_z, trend_p < _TREND_LEVEL)
    index = monthly.index[complete]
    classes = pd.Series(_classes(state[complete].to_numpy(), trend), index=index, dtype="str")
    left_out = int((~complete).sum())
    be = "is" if left_out == 1 else "are"
    return EmergingHotSpots(
        classes.reindex(monthly.index),
        pd.Series(trend, index=index, dtype="str").reindex(monthly.index),
        state,
        z,
        f"{left_out:,} of {len(x):,} areas {be} left out, since months are missing there" if left_out else "",
    )


def space_time_gi_star(monthly: pd.DataFrame, graph: Graph) -> pd.DataFrame:
    """Gi* of each area and month, its neighbourhood the area and its neighbours in that month and the month before.

    Mean and spread are those of all areas and months together, so that a month high throughout is hot throughout.
    Rows and columns as ``monthly``; null throughout for an area without every month.

    References
    ----------
    Ord & Getis 1995 (equation 14); Esri, "How Emerging Hot Spot Analysis works": neighbourhood time step 1.
    """
    x = monthly.to_numpy(dtype="float64", na_value=np.nan)
    complete = ~np.isnan(x).any(axis=1)
    position = positions(monthly, graph.unique_ids)
    weights = self_included(graph)[position][:, position]
    n = complete.sum() * x.shape[1]
    deviation = np.where(complete[:, np.newaxis], x - x[complete].mean(), 0.0)
    now = weights @ deviation
    w = np.repeat((weights @ complete.astype(float))[:, np.newaxis], x.shape[1], axis=1)
    # the first month has none before it
    total = np.hstack([now[:, :1], now[:, 1:] + now[:, :-1]])
    w[:, 1:] *= 2
    z = total / (x[complete].std() * np.sqrt(w * (n - w) / (n - 1)))
    return pd.DataFrame(np.where(complete[:, np.newaxis], z, np.nan), index=monthly.index, columns=monthly.columns)


def _refusal(x: np.ndarray, complete: np.ndarray, months: pd.Index) -> str:
    if len(months) < FEWEST_MONTHS:
        return f"emerging hot spots need at least {FEWEST_MONTHS} consecutive months; there are {len(months)}"
    gaps = months[np.isnan(x).all(axis=0)]
    if len(gaps):
        be = "is" if len(gaps) == 1 else "are"
        return f"{len(gaps)} of {len(months)} months {be} missing, and emerging hot spots are not read across a gap"
    if complete.sum() < 2:
        return "emerging hot spots need at least 2 areas with data for every month"
    if x[complete].min() == x[complete].max():
        return f"every area has the same number ({x[complete][0, 0]:g}) in every month, so that none stands out"
    return ""


def _classes(state: np.ndarray, trend: np.ndarray) -> np.ndarray:
    """Class of each row of states by steps. New cold goes before historical hot: hot and cold mirror each other."""
    matches, names = [], []
    by_side = [
        (_hot(sign * state, trend, *directions), side)
        for sign, side, directions in ((1, "hot", ("up", "down")), (-1, "cold", ("down", "up")))
    ]
    for name in HOT_CLASSES:
        for match, side in by_side:
            matches.append(match[name])
            names.append(f"{name} {side} spot")
    return np.select(matches, names, NO_CLASS)


def _hot(state: np.ndarray, trend: np.ndarray, intensifying: str, diminishing: str) -> dict[str, np.ndarray]:
    steps = state.shape[1]
    hot = state == 1
    times, last, cold_once = hot.sum(axis=1), hot[:, -1], (state == -1).any(axis=1)
    # in whole numbers, since 0.9 is not one of the floats
    mostly = 10 * times >= 9 * steps
    run = np.cumprod(hot[:, ::-1], axis=1).sum(axis=1)
    return {
        "new": last & (times == 1),
        "consecutive": last & (run >= 2) & (run == times) & ~mostly,
        "intensifying": mostly & last & (trend == intensifying),
        "diminishing": mostly & last & (trend == diminishing),
        "persistent": mostly & last,
        "historical": mostly & ~last,
        "oscillating": last & cold_once & ~mostly,
        "sporadic": last & ~cold_once & ~mostly,
    }
