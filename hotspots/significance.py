"""Which clusters of high or low values chance alone would seldom make: neighbours, Gi*, false discovery rate."""

from typing import Any, Final, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from libpysal.graph import Graph
from scipy import sparse, stats

from geodata.columns import BRITISH_GRID
from hotspots.arrays import floats, like

Correction = Literal["bh", "by"]
HOT: Final = "hot"
COLD: Final = "cold"
NO_CLUSTER: Final = "none"

# The level at which a cluster is called one, after the correction.
LEVEL: Final = 0.05


def neighbours(areas: gpd.GeoDataFrame, tolerance: float = 1.0) -> Graph:
    """Queen contiguity that survives boundaries without a common vertex: polygons within ``tolerance`` are neighbours.

    Parameters
    ----------
    areas
        Polygons, one per area. Degrees are projected to EPSG:27700; without a CRS the coordinates are taken as metres.
    tolerance
        Metres; 0 asks that polygons touch or overlap.

    Returns
    -------
    Graph
        Symmetric, binary, without self, in the order of ``areas``: labelled by its column lsoa_code, or by its index
        where it has none. An area without neighbours is among the graph's ``isolates``.

    Raises
    ------
    ValueError
        No area, an area twice, or a negative tolerance.
    """
    if not (tolerance >= 0 and np.isfinite(tolerance)):
        raise ValueError(f"The tolerance is {tolerance}. Give a distance in metres, 0 or more.")
    ids = labels(areas)
    shapes = in_metres(areas).to_numpy()
    area, neighbour = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=tolerance)
    two = area != neighbour
    # a graph holds an area alone as a link to itself of weight 0
    alone = np.setdiff1d(np.arange(len(ids)), area[two])
    focal, other = np.append(area[two], alone), np.append(neighbour[two], alone)
    order = np.lexsort((other, focal))
    focal, other = focal[order], other[order]
    return Graph.from_arrays(ids[focal], ids[other], (focal != other).astype(int))


def neighbours_reading(graph: Graph) -> str:
    """What is worth knowing of the contiguity: "552 areas in 2 separate parts; 1 has no neighbour"."""
    parts, alone = int(graph.n_components), len(graph.isolates)
    areas = f"{graph.n:,} area{'' if graph.n == 1 else 's'}"
    joined = "all connected" if parts == 1 and graph.n > 1 else f"in {parts:,} separate parts"
    without = "every one has a neighbour"
    if alone:
        have = "has" if alone == 1 else "have"
        without = f"{alone:,} {have} no neighbour within reach and {'is' if alone == 1 else 'are'} judged alone"
    return f"{areas} {joined}; {without}" if graph.n > 1 else f"{areas}, without a neighbour"


def getis_ord_gi_star(values: Any, graph: Graph) -> Any:
    """The local statistic Gi* as a z score: how far the sum over an area and its neighbours lies from chance.

    ``z = (sum w x - mean W) / (S sqrt((n S1 - W^2) / (n - 1)))`` with binary weights, the area itself among its
    neighbours, ``W = S1`` the number of neighbours with itself, ``S`` the population standard deviation.

    Parameters
    ----------
    values
        One number per area of the graph: a Series on the graph's labels (in any order), or without labels in the
        graph's order. A frame or two-dimensional array of areas by months is judged month by month.
    graph
        Any weights but 0 count as 1; a self weight may be there or not.

    Returns
    -------
    Series or DataFrame on its own index, else array
        Null where the value is null (the area is then no one's neighbour), where an area and its neighbours are all
        the areas there are, and, in a frame, in months where all areas are equal.

    Raises
    ------
    ValueError
        Where no z can be given at all: one area, or values that are all equal.

    References
    ----------
    Ord & Getis 1995, Local spatial autocorrelation statistics, Geographical Analysis 27, equation 14.
    """
    table = _table(values)
    order = positions(values, graph.unique_ids)
    x = np.empty_like(table)
    x[order] = table
    if np.isinf(x).any():
        raise ValueError("A value is infinite. Give numbers, and null where a value is not known.")
    known = ~np.isnan(x)
    n = known.sum(axis=0)
    if not (n > 1).any():
        raise ValueError(
            f"Clusters need two or more areas with a value; there {'is' if n.max() == 1 else 'are'} {n.max()}."
        )
    weights = self_included(graph)
    with np.errstate(divide="ignore", invalid="ignore"):
        deviation = np.where(known, x - np.nansum(x, axis=0) / n, 0.0)
        s = np.sqrt((deviation**2).sum(axis=0) / n)
        w = weights @ known.astype(float)
        spread = s * np.sqrt(w * (n - w) / (n - 1))
        estimable = known & (w < n) & varies(x)
        z = np.where(estimable, (weights @ deviation) / spread, np.nan)
    if not varies(x).any():
        raise ValueError(f"All areas have the same value ({np.nanmax(x):g}), so that no place stands out as a cluster.")
    return _reshape(values, z[order])


def two_sided_p(z: Any) -> Any:
    """The probability of a z score at least as far from 0, under the normal distribution; null stays null."""
    return _reshape(z, 2 * stats.norm.sf(np.abs(_table(z))))


def false_discovery(p: Any, method: Correction = "bh") -> Any:
    """P values adjusted so that, of those called at 5 %, about 5 % are expected to be false.

    Parameters
    ----------
    p
        All the tests that are shown, together: a list, array or Series, or a frame of areas by months. Nulls were
        not tested: they do not count and stay null.
    method
        "bh" Benjamini-Hochberg; "by" Benjamini-Yekutieli, cautious, valid under any dependence.

    Raises
    ------
    ValueError
        A p value outside 0 to 1, or an unknown method.

    References
    ----------
    Benjamini & Hochberg 1995, J. Royal Statistical Society B 57; Benjamini & Yekutieli 2001, Annals of Statistics 29.
    """
    if method not in ("bh", "by"):
        raise ValueError(f'The method is {method!r}. Choose "bh" or "by".')
    table = _table(p)
    tested = ~np.isnan(table)
    outside = table[tested & ((table < 0) | (table > 1))]
    if outside.size:
        raise ValueError(f"A p value is {outside[0]:g}. Give numbers from 0 to 1.")
    adjusted = np.full(table.shape, np.nan)
    if tested.any():
        adjusted[tested] = stats.false_discovery_control(table[tested], method=method)
    return _reshape(p, adjusted)


def clusters(values: Any, graph: Graph, method: Correction | None = "bh", level: float = LEVEL) -> pd.DataFrame:
    """Gi* of each area with its label: "hot" or "cold" where its adjusted p is at most ``level``, else "none".

    Parameters
    ----------
    values, graph
        As for ``getis_ord_gi_star``, one number per area.
    method
        As for ``false_discovery``; None leaves the p values as they are.

    Returns
    -------
    DataFrame
        ``z``, ``p`` (two-sided), ``p_adjusted``, ``cluster`` on the index of ``values``, else on the graph's labels.
        All four are null where no z can be given.

    Raises
    ------
    ValueError
        As ``getis_ord_gi_star``.
    """
    z = getis_ord_gi_star(values, graph)
    if np.ndim(z) != 1:
        raise ValueError("The values have several columns. Give one number per area.")
    index = values.index if isinstance(values, pd.Series) else graph.unique_ids
    p = two_sided_p(np.asarray(z))
    adjusted = p if method is None else false_discovery(p, method)
    state = cluster_state(np.asarray(z), adjusted, level)
    cluster = pd.Series(state, index=index).map({1.0: HOT, 0.0: NO_CLUSTER, -1.0: COLD})
    return pd.DataFrame({"z": np.asarray(z), "p": p, "p_adjusted": adjusted, "cluster": cluster}, index=index)


def cluster_state(z: np.ndarray, p: np.ndarray, level: float = LEVEL) -> np.ndarray:
    """1 hot, -1 cold, 0 neither, NaN where not tested."""
    if not 0 < level < 1:
        raise ValueError(f"The level is {level}. Give one between 0 and 1, such as 0.05.")
    return np.where(np.isnan(p), np.nan, np.where(p <= level, np.sign(z), 0.0))


def self_included(graph: Graph) -> Any:
    """The graph's links as a sparse matrix of ones, each area among its own neighbours."""
    return (graph.sparse != 0).astype(float).maximum(sparse.eye_array(graph.n)).tocsr()


def labels(areas: gpd.GeoDataFrame) -> pd.Index:
    """What the areas are called: their column lsoa_code, or their index where they have none.

    Raises
    ------
    ValueError
        No area, or one twice.
    """
    ids = pd.Index(areas.get("lsoa_code", areas.index))
    if ids.empty:
        raise ValueError("There is no area. Choose at least one.")
    if not ids.is_unique:
        raise ValueError(f"The area {ids[ids.duplicated()][0]} is listed twice. Keep it once.")
    return ids


def in_metres(areas: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """The shapes of the areas, projected to EPSG:27700 from degrees; as they are without a CRS."""
    geometry = areas.geometry
    if geometry.crs is not None and geometry.crs.is_geographic:
        return geometry.to_crs(BRITISH_GRID)
    return geometry


def positions(values: Any, ids: pd.Index) -> np.ndarray:
    """Each value's position among the labelled areas: by its label, or in order where the values have no labels.

    Raises
    ------
    ValueError
        More or fewer values than areas, or other labels.
    """
    if len(values) != len(ids):
        raise ValueError(f"There are {len(values)} values for {len(ids)} areas. Give one per area.")
    in_order = np.arange(len(ids))
    if not isinstance(values, (pd.Series, pd.DataFrame)):
        return in_order
    position = ids.get_indexer(values.index) if values.index.is_unique else np.empty(0)
    if np.array_equal(np.sort(position), in_order):
        return position
    if values.index.equals(pd.RangeIndex(len(ids))):
        return in_order
    raise ValueError("The values are not on the labels of the areas. Set the same codes as the index of both.")


def varies(x: np.ndarray) -> np.ndarray:
    """Per column, whether its known values differ: asked of the values, as a variance is rarely exactly 0."""
    known = ~np.isnan(x)
    return np.where(known, x, -np.inf).max(axis=0) > np.where(known, x, np.inf).min(axis=0)


def _table(values: Any) -> np.ndarray:
    if isinstance(values, pd.DataFrame):
        return values.to_numpy(dtype="float64", na_value=np.nan, copy=True)
    if np.ndim(values) == 2:
        return np.array(values, dtype="float64")
    return floats(values)


def _reshape(values: Any, result: np.ndarray) -> Any:
    if isinstance(values, pd.DataFrame):
        return pd.DataFrame(result, index=values.index, columns=values.columns)
    return result if result.ndim == 2 else like(values, result)
