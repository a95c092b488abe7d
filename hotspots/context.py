"""What lies in and around a place: features of a layer inside it and within a walk, ground covered, values of area tables.

A description of surroundings: it does not say that what lies there causes anything.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hotspots.association import BUSIEST, Association
from hotspots.narrative import capital, lsoas, number, percent
from hotspots.significance import LEVEL

# A walk of five minutes at 1.3 metres a second.
WALK_M: Final = 400.0

ASSOCIATION_ONLY: Final = "Association only: it does not say that one brings the other"

# What places with more of one thing have of a layer, by its kind.
_HAVE: Final = {
    "points": ("more", "fewer", "“{}” per square kilometre in and around them"),
    "lines": ("more", "less", "of “{}” per square kilometre"),
    "polygons": ("more", "less", "of their ground in “{}”"),
    "areas": ("higher", "lower", "values of “{}”"),
}
HALF: Final = 0.5  # where less than this is left with density held, a correlation mostly follows where people live
_MOST_CORNERS: Final = 500  # of a piece
_MOST_HALVINGS: Final = 20
_NOUNS = {"lsoa": "LSOA", "msoa": "MSOA", "ward": "ward", "district": "district"}


@dataclass(frozen=True)
class PointContext:
    """Features in a place: ``inside`` it, and ``nearby``, inside or within 400 m of its edge; each per square kilometre of the
    ground meant; ``median_inside`` and ``median_nearby``, those densities in the median of ``areas`` LSOAs.
    """

    inside: int
    nearby: int
    inside_per_km2: float
    nearby_per_km2: float
    median_inside: float
    median_nearby: float
    areas: int


def ground_within_a_walk(areas: gpd.GeoDataFrame) -> pd.Series:
    """Square kilometres of each LSOA and the walk around it, by lsoa_code; areas as ``points_by_area`` takes them."""
    codes = pd.Index(areas["lsoa_code"].to_numpy(dtype=object), name="lsoa_code")
    return pd.Series(_km2(shapely.buffer(areas.geometry.to_numpy(), WALK_M)), codes, name="km2")


def points_by_area(points: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, ground: pd.Series | None = None) -> pd.DataFrame:
    """How many points each LSOA holds, and how many lie in it or within a walk of its edge.

    Parameters
    ----------
    points
        lsoa_code (null outside the area) and geometry in EPSG:27700, also those within a walk of the area.
    areas
        lsoa_code and geometry in EPSG:27700.
    ground
        ``ground_within_a_walk`` of the areas, where it is known already: it takes longer than the rest.

    Returns
    -------
    DataFrame
        By lsoa_code in the order of ``areas``: ``inside``, ``nearby`` (inside included), ``inside_per_km2``, ``nearby_per_km2``. A
        point near several LSOAs is nearby in each, so that only ``inside`` adds up.
    """
    polygons = areas.geometry.to_numpy()
    codes = pd.Index(areas["lsoa_code"].to_numpy(dtype=object), name="lsoa_code")
    shapely.prepare(polygons)
    of_area = shapely.STRtree(points.geometry.to_numpy()).query(polygons, predicate="dwithin", distance=WALK_M)[0]
    inside = points["lsoa_code"].value_counts().reindex(codes, fill_value=0).to_numpy()
    nearby = np.bincount(of_area, minlength=len(areas))
    ground = ground_within_a_walk(areas) if ground is None else ground
    return pd.DataFrame(
        {
            "inside": inside,
            "nearby": nearby,
            "inside_per_km2": inside / _km2(polygons),
            "nearby_per_km2": nearby / ground.reindex(codes).to_numpy(),
        },
        index=codes,
    )


def points_in_place(
    points: gpd.GeoDataFrame,
    ground: shapely.Geometry,
    by_area: pd.DataFrame,
    lsoa_codes: Collection[str] = (),
) -> PointContext:
    """Points in and around one place.

    Parameters
    ----------
    points, by_area
        As ``points_by_area`` takes and gives them.
    ground
        The place in EPSG:27700.
    lsoa_codes
        The LSOAs that it consists of, whose points are those joined to them; none for a shape, which holds the points in it or on
        its border.
    """
    away = shapely.distance(points.geometry.to_numpy(), ground)
    inside = points["lsoa_code"].isin(list(lsoa_codes)).to_numpy() if lsoa_codes else away == 0
    nearby = inside | (away <= WALK_M)
    return PointContext(
        inside=int(inside.sum()),
        nearby=int(nearby.sum()),
        inside_per_km2=float(inside.sum() / _km2(ground)),
        nearby_per_km2=float(nearby.sum() / _km2(ground.buffer(WALK_M))),
        median_inside=float(by_area["inside_per_km2"].median()),
        median_nearby=float(by_area["nearby_per_km2"].median()),
        areas=len(by_area),
    )


def point_sentence(found: PointContext, title: str) -> str:
    """ "Licensed premises: 7 inside, 12 within 400 metres of it or inside, 4.1 per square kilometre there; the median of 552
    LSOAs is 0.6"; ``title`` may be text from data."""
    start = f"{title}: {_some(found.inside)} inside, {_some(found.nearby)} inside or within {WALK_M:.0f} metres of it"
    density = f", {_plain(found.nearby_per_km2)} per square kilometre there" if found.nearby else ""
    return f"{start}{density}; {_median(found.areas, found.median_nearby, ' per square kilometre')}"


def in_pieces(shapes: gpd.GeoSeries) -> gpd.GeoSeries:
    """Lines or polygons cut into pieces of few corners, which together are the same: only those near a place are then looked at.

    A flood plain drawn as one shape would be cut anew, whole, for every LSOA. Pieces of polygons that overlap still do.
    """
    parts, done = shapely.get_parts(shapes.to_numpy()), []
    for _ in range(_MOST_HALVINGS):
        many = shapely.get_num_coordinates(parts) > _MOST_CORNERS
        done.append(parts[~many])
        if not many.any():
            break
        parts = _halved(parts[many])
    else:
        done.append(parts)
    return gpd.GeoSeries(np.concatenate(done), crs=shapes.crs)


def _halved(shapes: np.ndarray) -> np.ndarray:
    """Each cut in two across its longer side; what is left of a cut along a border has no extent and goes."""
    west, south, east, north = shapely.bounds(shapes).T
    wide = (east - west) > (north - south)
    x, y = np.where(wide, (west + east) / 2, east), np.where(wide, north, (south + north) / 2)
    first = shapely.intersection(shapes, shapely.box(west, south, x, y))
    second = shapely.intersection(shapes, shapely.box(np.where(wide, x, west), np.where(wide, south, y), east, north))
    parts = shapely.get_parts(np.concatenate([first, second]))
    dimension = shapely.get_dimensions(shapes).max()
    return parts[shapely.get_dimensions(parts) == dimension]


def line_length(lines: gpd.GeoSeries, ground: shapely.Geometry) -> float:
    """Metres of the lines, best ``in_pieces``, that lie in a place; ground in EPSG:27700."""
    near = lines.to_numpy()[lines.sindex.query(ground, predicate="intersects")]
    return float(shapely.length(shapely.intersection(near, ground)).sum())


def lengths_by_area(lines: gpd.GeoSeries, areas: gpd.GeoDataFrame) -> pd.DataFrame:
    """By lsoa_code: ``metres`` of the lines, best ``in_pieces``, in each LSOA, and ``km_per_km2`` of its ground.

    What runs along a border lies in the LSOA whose code comes first, as an incident there does.
    """
    codes = pd.Index(areas["lsoa_code"].to_numpy(dtype=object), name="lsoa_code")
    polygons, rest = areas.geometry.to_numpy(), lines.to_numpy().copy()
    of_line, of_area = shapely.STRtree(polygons).query(rest, predicate="intersects")
    order = np.lexsort((codes[of_area], of_line))
    of_line, of_area = of_line[order], of_area[order]
    turn = np.arange(len(of_line)) - np.searchsorted(of_line, of_line)  # its first area, its second, ...
    metres = np.zeros(len(codes))
    for now in range(int(turn.max(initial=-1)) + 1):
        line, area = of_line[turn == now], of_area[turn == now]
        np.add.at(metres, area, shapely.length(shapely.intersection(rest[line], polygons[area])))
        rest[line] = shapely.difference(rest[line], polygons[area])
    return pd.DataFrame({"metres": metres, "km_per_km2": metres / 1000 / _km2(polygons)}, index=codes)


def line_sentence(metres: float, km_per_km2: float, by_area: pd.DataFrame, title: str) -> str:
    """ "Patrol routes: 1.2 km, 0.4 km per square kilometre; the median of 552 LSOAs is 0.1"; ``title`` may be text from data."""
    start = (
        f"{title}: {_plain(metres / 1000)} km, {_plain(km_per_km2)} km per square kilometre"
        if metres
        else f"{title}: none"
    )
    return f"{start}; {_median(len(by_area), float(by_area['km_per_km2'].median()))}"


def share_covered(polygons: gpd.GeoSeries, ground: shapely.Geometry) -> float:
    """The share of a place's ground that lies in any of the polygons, best ``in_pieces``; where they overlap it counts once."""
    near = polygons.to_numpy()[polygons.sindex.query(ground, predicate="intersects")]
    covered = shapely.area(shapely.intersection(shapely.union_all(near), ground)) / shapely.area(ground)
    return round(float(covered), 9)  # the whole of it is 1, whatever is lost in cutting


def covered_by_area(polygons: gpd.GeoSeries, areas: gpd.GeoDataFrame) -> pd.Series:
    """``share_covered`` of each LSOA, by lsoa_code."""
    codes = pd.Index(areas["lsoa_code"].to_numpy(dtype=object), name="lsoa_code")
    return pd.Series([share_covered(polygons, one) for one in areas.geometry], codes, dtype="float64", name="covered")


def covered_sentence(share: float, by_area: pd.Series, title: str) -> str:
    """ "Public space protection orders: 38 % of its ground; in 12 of 552 LSOAs any"; ``title`` may be text from data.

    Most LSOAs have none of what polygons mark, so that how many have any says more than a median of nought.
    """
    start = f"{title}: {percent(share)} of its ground" if share > 0 else f"{title}: none of its ground"
    return f"{start}; {number(int((by_area > 0).sum()))} of {lsoas(len(by_area))} have any"


def table_values(table: pd.DataFrame, places: pd.Series, lsoa_codes: Collection[str], column: str) -> pd.DataFrame:
    """What an area table says of the places that a set of LSOAs lies in, at the table's own level.

    Nothing is added up, averaged or spread: a value is of the whole place, which may be larger than the LSOAs asked for.

    Parameters
    ----------
    table
        place, column, value (null where not known) and suppressed.
    places
        The place of each LSOA of the area at the table's level, by lsoa_code.

    Returns
    -------
    DataFrame
        By place: ``value``, ``suppressed``, ``lsoas`` asked for that lie in it, ``of_lsoas`` that it has, ``median`` and ``known``, of
        and how many of the places of the area with a value.
    """
    asked = places.reindex(list(lsoa_codes)).dropna().value_counts().sort_index()
    own = table[table["column"] == column].set_index("place").reindex(places.dropna().unique())
    found = own.reindex(asked.index)
    return pd.DataFrame(
        {
            "value": found["value"],
            "suppressed": found["suppressed"].eq(True),
            "lsoas": asked,
            "of_lsoas": places.value_counts().reindex(asked.index),
            "median": own["value"].median(),
            "known": int(own["value"].notna().sum()),
        },
        index=asked.index,
    )


def table_sentence(place: str, row: pd.Series, level: str, title: str, unit: str) -> str:
    """ "Adults in treatment: 12.3 per 1,000 adults in the MSOA Norwich 007, the median of 70 MSOAs is 8.1. It is for the whole MSOA
    of 5 LSOAs, 2 of which lie here"; ``place``, ``title`` and ``unit`` may be text from data."""
    noun = _NOUNS[level]
    where = f"the {noun} {place}"
    if pd.isna(row["value"]):
        return f"{title}: {'suppressed' if row['suppressed'] else 'not known'} in {where}"
    said = f"{title}: {_plain(row['value'])} {unit} in {where}; the median of {number(row['known'])} {noun}s is {_plain(row['median'])}"
    if level == "lsoa" or row["lsoas"] == row["of_lsoas"]:
        return said
    be = "lies" if row["lsoas"] == 1 else "lie"
    return f"{said}. It is for the whole {noun} of {lsoas(row['of_lsoas'])}, {number(row['lsoas'])} of which {be} here"


def rates_at(table: pd.DataFrame, places: pd.Series) -> pd.Series:
    """Events per person of the places of a coarser level: counts and residents of their LSOAs added up, never the values spread.

    Parameters
    ----------
    table
        By lsoa_code: ``count`` and ``residents``; an LSOA that lacks either is in no place.
    places
        The place of each LSOA, by lsoa_code.

    Returns
    -------
    Series
        By place; null where nobody lives there.
    """
    known = table[["count", "residents"]].astype("Float64").dropna()
    summed = known.groupby(places.reindex(known.index)).sum()
    return (summed["count"] / summed["residents"].where(summed["residents"] > 0)).rename("rate")


def co_occurrence_sentence(
    result: Association,
    subject: str,
    kind: str = "points",
    level: str = "lsoa",
    layer: str = "the layer",
    held: float | None = None,
) -> str:
    """What ``association.association`` of a layer with the rate of what is counted carries, stated as association only.

    "LSOAs with more serious violence have more of this layer in and around them, but hardly where people live equally close together:
    rank correlation 0.45, and 0.07 with residents per km² held". ``kind`` and ``level`` of the layer; ``layer`` may be text from data;
    ``held``: the correlation with residents per square kilometre held, None where it cannot be told.
    """
    if result.rho is None or result.p is None:
        return f"Whether {subject} and “{layer}” go together cannot be said here: {result.reading}"
    rho = _correlation(result.rho)
    if result.p > LEVEL:
        return f"{capital(subject)} and “{layer}” go together no more than clustered patterns do by chance: rank correlation {rho}"
    more, less, of = _HAVE[kind]
    have = f"{more if result.rho > 0 else less} {of.format(layer)}"
    start = f"{_NOUNS[level]}s with more {subject} have {have}"
    if result.rho_without is None or result.p_without is None:
        return f"{start}: rank correlation {rho}; without the {BUSIEST} busiest it cannot be said"
    if result.p_without > LEVEL or result.rho * result.rho_without <= 0:
        return f"{start}: rank correlation {rho}, but without the {BUSIEST} busiest it could be chance"
    if held is None:
        return f"{start}: rank correlation {rho}"
    left = "but hardly" if held / result.rho < HALF else "also"
    return (
        f"{start}, {left} where people live equally close together: rank correlation {rho}, and {_correlation(held)} with residents per "
        "km² held"
    )


def busiest_sentence(result: Association) -> str:
    """What is left of a correlation without the busiest places; empty where that cannot be told."""
    if result.rho_without is None:
        return ""
    return f"Without the {BUSIEST} busiest places the rank correlation is {_correlation(result.rho_without)}"


def _km2(shapes: np.ndarray | shapely.Geometry) -> np.ndarray:
    return shapely.area(shapes) / 1e6


def _median(areas: int, value: float, unit: str = "") -> str:
    return f"the median of {lsoas(areas)} is {f'{_plain(value)}{unit}' if value else 'none'}"


def _some(n: int) -> str:
    return number(n) if n else "none"


def _plain(value: float) -> str:
    """One decimal below 100, none where it is whole or above; never 0 where it is not."""
    if 0 < abs(value) < 0.05:
        return "under 0.1" if value > 0 else "just under 0"
    return f"{value:,.0f}" if abs(value) >= 99.95 else f"{value:,.1f}".removesuffix(".0")


def _correlation(rho: float) -> str:
    return f"{rho:.2f}".replace("-", "−")
