"""The busiest map points of each area, and what its rank would be without the busiest.

Published points are anonymised: an incident lies "on or near" one of about 750,000 map points, of which some are
police stations, hospitals and prisons, where offences are recorded that happened elsewhere.
"""

import re
from typing import Final

import numpy as np
import pandas as pd

from hotspots.ranking import MEASURE_COLUMNS
from hotspots.selection import Measure

# A single point with more than this share of an area's incidents is pointed out.
FLAG_SHARE: Final = 0.25

# The kinds of place that are pointed out by name, by code. "Hospital Road" is a road: the name ends with the place.
FLAG_PLACES: Final = {
    "police-station": re.compile(r"(.*\b)?police station", re.IGNORECASE),
    "hospital": re.compile(r"(.*\b)?hospital", re.IGNORECASE),
    "prison": re.compile(r"(.*\b)?prison|hm(p| prison)\b.*", re.IGNORECASE),
}
FLAG_BY_SHARE: Final = "share"

ON_OR_NEAR: Final = "On or near "
_UNNAMED: Final = "an unnamed point"

# Six decimals of a degree, as published; the product stays far inside 64 bits.
_DECIMALS: Final = 1_000_000
_LATITUDES: Final = 400_000_000


def busiest_points(incidents: pd.DataFrame) -> pd.DataFrame:
    """The busiest map point of each area.

    Parameters
    ----------
    incidents
        One row per incident: lsoa_code, longitude, latitude, location. Text columns may be categorical.

    Returns
    -------
    DataFrame
        Indexed by lsoa_code (areas with a located incident): ``top_point`` ("On or near ..."), ``top_longitude``,
        ``top_latitude``, ``top_point_count``, ``top_point_share`` of all the area's incidents. Equally busy points:
        the first by name, then by longitude and latitude.
    """
    points = _map_points(incidents, busiest_only=True)
    first = points[~points["lsoa_code"].duplicated()]
    per_area = incidents["lsoa_code"].value_counts()
    count = first["count"].to_numpy()
    return pd.DataFrame(
        {
            "top_point": [on_or_near(name) for name in first["name"]],
            "top_longitude": first["longitude"].to_numpy(),
            "top_latitude": first["latitude"].to_numpy(),
            "top_point_count": count,
            "top_point_share": count / per_area.reindex(first["lsoa_code"]).to_numpy(),
        },
        index=pd.Index(first["lsoa_code"].to_numpy(), name="lsoa_code"),
    )


def points_of(incidents: pd.DataFrame, lsoa_code: str, n: int = 10) -> pd.DataFrame:
    """The ``n`` busiest map points of one area, busiest first: ``point``, ``longitude``, ``latitude``, ``count``,
    ``share`` of the area's incidents. Empty where the area has none."""
    inside = incidents[(incidents["lsoa_code"] == lsoa_code).to_numpy()]
    points = _map_points(inside).head(n).reset_index(drop=True)
    return pd.DataFrame(
        {
            "point": pd.Series([on_or_near(name) for name in points["name"]], dtype="str"),
            "longitude": points["longitude"],
            "latitude": points["latitude"],
            "count": points["count"],
            "share": points["count"] / max(len(inside), 1),
        }
    )


def flag_points(ranked: pd.DataFrame, busiest: pd.DataFrame, order: Measure = "count") -> pd.DataFrame:
    """Set the busiest point beside each ranked area, and point out those that make its rank.

    Parameters
    ----------
    ranked
        From ``rank_areas`` by the same ``order``.
    busiest
        From ``busiest_points`` on the very incidents that were counted.

    Returns
    -------
    DataFrame
        ``ranked`` with the columns of ``busiest``, ``point_flag`` (a key of ``FLAG_PLACES``, else "share" where the
        point holds more than 25 %, else null) and, where flagged, ``rank_without_point``: the rank the area would
        have without that point's incidents, all others unchanged; not known by severity.
    """
    flagged = ranked.join(busiest.astype({"top_point_count": "Int64"}))
    flag = [_flag(point, share) for point, share in zip(flagged["top_point"], flagged["top_point_share"], strict=True)]
    value = flagged[MEASURE_COLUMNS[order]].astype("Float64").to_numpy(dtype="float64", na_value=np.nan)
    count, at_point = (
        flagged[column].astype("Float64").to_numpy(dtype="float64", na_value=np.nan)
        for column in ("count", "top_point_count")
    )
    # every measure but severity is proportional to the count; by count itself the numbers stay whole
    with np.errstate(divide="ignore", invalid="ignore"):
        without = count - at_point if order == "count" else value * (count - at_point) / count
    ascending = np.sort(value[~np.isnan(value)])
    higher = len(ascending) - np.searchsorted(ascending, without, side="right") - (value > without)
    known = np.array([code is not None for code in flag], dtype=bool) & ~np.isnan(without) & (order != "severity")
    return flagged.assign(
        point_flag=pd.Series(flag, index=flagged.index, dtype="str"),
        rank_without_point=pd.arrays.IntegerArray((higher + 1).astype("int64"), ~known),
    )


def on_or_near(name: object) -> str:
    """A published location as it is always shown: "On or near ..."."""
    place = place_name(name)
    return ON_OR_NEAR + (place or _UNNAMED)


def place_name(name: object) -> str:
    """The bare name of a published location, without "On or near"; empty where there is none."""
    text = name.strip() if isinstance(name, str) else ""
    if text.casefold().startswith(ON_OR_NEAR.strip().casefold()):
        text = text[len(ON_OR_NEAR.strip()) :].strip()
    return text


def _flag(point: object, share: float) -> str | None:
    name = place_name(point)
    for code, pattern in FLAG_PLACES.items():
        if pattern.fullmatch(name):
            return code
    return FLAG_BY_SHARE if share > FLAG_SHARE else None


def _map_points(incidents: pd.DataFrame, *, busiest_only: bool = False) -> pd.DataFrame:
    """The map points of every area, by area and then busiest first: lsoa_code, name, longitude, latitude, count.

    All of them, or only those that no other of the same area exceeds.

    Whole-number keys throughout, since a groupby on text and floats takes a hundred times as long.
    """
    located = (incidents["longitude"].notna() & incidents["latitude"].notna()).to_numpy()
    if not located.all():
        incidents = incidents[located]
    area, areas = _sorted_codes(incidents["lsoa_code"])
    name, names = _sorted_codes(incidents["location"])
    longitude, latitude = (
        np.rint(incidents[column].to_numpy(dtype="float64") * _DECIMALS).astype("int64")
        for column in ("longitude", "latitude")
    )
    place, _ = pd.factorize(longitude * _LATITUDES + latitude)
    point, keys = pd.factorize(place * max(len(areas), 1) + area)
    first_row = np.zeros(len(keys), dtype="int64")
    first_row[point[::-1]] = np.arange(len(point))[::-1]
    count = np.bincount(point, minlength=len(keys))
    shown = np.arange(len(keys))
    if busiest_only:
        most = np.zeros(len(areas), dtype="int64")
        np.maximum.at(most, area[first_row], count)
        shown = np.flatnonzero(count == most[area[first_row]])
    row = first_row[shown]
    found = pd.DataFrame(
        {
            "area": area[row],
            "name": _commonest(point, name, len(keys))[shown],
            "longitude": longitude[row],
            "latitude": latitude[row],
            "count": count[shown],
        }
    )
    order = np.lexsort((found["latitude"], found["longitude"], found["name"], -found["count"], found["area"]))
    found = found.iloc[order]
    return pd.DataFrame(
        {
            "lsoa_code": areas[found["area"].to_numpy()],
            # the last is the name of no name
            "name": np.append(names, np.array([None]))[found["name"].to_numpy()],
            "longitude": found["longitude"].to_numpy() / _DECIMALS,
            "latitude": found["latitude"].to_numpy() / _DECIMALS,
            "count": found["count"].to_numpy(),
        }
    )


def _commonest(point: np.ndarray, name: np.ndarray, points: int) -> np.ndarray:
    """The commonest name at each point, the first in the alphabet among equals."""
    width = int(name.max(initial=0)) + 1
    pair, pairs = pd.factorize(point * width + name)
    of_point, of_name = pairs // width, pairs % width
    order = np.lexsort((of_name, -np.bincount(pair, minlength=len(pairs)), of_point))
    _, first = np.unique(of_point[order], return_index=True)
    return of_name[order][first] if points else of_name


def _sorted_codes(values: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Each value's position among the sorted distinct values, and those; a null's position is one past the last."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        codes, texts = values.cat.codes.to_numpy(), values.cat.categories.to_numpy(dtype=object)
    else:
        codes, uniques = pd.factorize(values)
        texts = np.asarray(uniques, dtype=object)
    order = np.argsort(texts)
    position = np.empty(len(texts) + 1, dtype="int64")
    position[order] = np.arange(len(texts))
    position[-1] = len(texts)
    return position[codes], texts[order]
