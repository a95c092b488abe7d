"""Place every row that was read: joined, joined to the nearest area, or set aside for one named reason."""

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata.columns import EXTRACT, INCIDENTS, MONTH, OF_EXTRACT, POLICE_UK, REJECT_REASONS
from geodata.errors import InputError, quoted
from geodata.join import join_points
from geodata.rows import together

REJECTS = (
    "incident_id", "crime_id", "force", "source", "month", "crime_type", "recorded_lsoa_code", "longitude_text",
    "latitude_text", "location", "outcome", "file", "row", "reason",
)  # fmt: skip
# What lies where in England and Wales; used only to say what a column seems to hold instead.
_LONGITUDES, _LATITUDES = (-9.0, 3.0), (49.0, 61.0)


@dataclass(frozen=True)
class Placed:
    """``incidents``: one row per joined incident (``columns.INCIDENTS``, of an extract ``columns.OF_EXTRACT`` too);
    ``rejects``: every other row, with its ``reason``.
    """

    incidents: pd.DataFrame
    rejects: pd.DataFrame


def place_rows(rows: pd.DataFrame, areas: gpd.GeoDataFrame, source: str = POLICE_UK) -> Placed:
    """Join each row by its coordinates, or give the first reason of ``REJECT_REASONS`` that applies.

    Parameters
    ----------
    rows : as ``police_uk.StreetRows.rows`` or ``incidents.ExtractRows.rows``, in canonical order
    areas : lsoa_code and geometry in EPSG:27700, sorted by lsoa_code

    Raises
    ------
    InputError
        Where most coordinates of a file cannot be longitude and latitude, or no row lies within the boundaries.
    """
    point, longitude, latitude = _distinct_points(rows)
    _refuse_odd_coordinates(rows, point, longitude, latitude)
    good = np.isfinite(longitude) & np.isfinite(latitude) & (abs(longitude) <= 180) & (abs(latitude) <= 90)
    found = pd.DataFrame(
        {"area": np.full(len(longitude), -1), "joined_by": np.full(len(longitude), None, dtype=object)}
    )
    if good.any():
        found.loc[good] = join_points(longitude[good], latitude[good], areas).to_numpy()

    area = np.append(found["area"].to_numpy(dtype="int64"), -1)[point]
    reason = np.full(len(rows), -1, dtype="int8")
    is_month = _is_month(rows["month"])
    names = list(REJECT_REASONS)
    for name, applies in {
        "outside_area": area < 0,
        "invalid_coordinates": ~np.append(good, True)[point],
        "no_location": _is_empty(rows["longitude_text"]) | _is_empty(rows["latitude_text"]),
        "no_crime_type": _is_empty(rows["crime_type"]),
        "invalid_month": ~is_month,
        "repeated_crime_id": _repeats(rows["crime_id"], is_month),
    }.items():  # the last to be written wins, so the order is that of REJECT_REASONS backwards
        reason[applies] = names.index(name)

    base = rows.assign(incident_id=_incident_ids(rows["row_hash"].to_numpy()), source=_constant(source, len(rows)))
    joined = reason < 0
    if len(rows) and not joined.any():
        raise InputError(_nothing_joined(reason, names, source))
    incidents = base[joined].assign(
        lsoa_code=pd.Categorical.from_codes(area[joined], areas["lsoa_code"].to_numpy(dtype=object)),
        joined_by=pd.Categorical(found["joined_by"].to_numpy()[point[joined]], ["polygon", "nearest"]),
        longitude=longitude[point[joined]],
        latitude=latitude[point[joined]],
    )
    rejects = base[~joined].assign(reason=pd.Categorical.from_codes(reason[~joined], names))
    return Placed(
        incidents[[*INCIDENTS, *(name for name in OF_EXTRACT if name in rows)]].reset_index(drop=True),
        rejects[list(REJECTS)].reset_index(drop=True),
    )


def side_by_side(parts: Sequence[Placed]) -> Placed:
    """The rows of several sources, one below the other; what only an extract records is null in the others."""
    if len(parts) == 1:
        return parts[0]
    extras = next(part.incidents[list(OF_EXTRACT)] for part in parts if OF_EXTRACT[0] in part.incidents)
    incidents = [
        part.incidents
        if OF_EXTRACT[0] in part.incidents
        else part.incidents.join(extras[:0].reindex(part.incidents.index))
        for part in parts
    ]
    return Placed(together(incidents), together([part.rejects for part in parts]))


def account(placed: Placed) -> dict[str, object]:
    """``rows_read``, ``joined``, ``joined_nearest`` (part of joined) and ``rejected`` by reason; the parts add up
    to the rows read.
    """
    rejected = placed.rejects["reason"].value_counts().reindex(list(REJECT_REASONS), fill_value=0)
    joined = len(placed.incidents)
    return {
        "rows_read": joined + len(placed.rejects),
        "joined": joined,
        "joined_nearest": int((placed.incidents["joined_by"] == "nearest").sum()),
        "rejected": {reason: int(count) for reason, count in rejected.items() if count},
    }


def account_by(placed: Placed) -> pd.DataFrame:
    """Rows by source, force, month, crime_type and ``outcome`` (joined, joined_nearest or a reason); sums to the
    rows read.
    """
    keys = ["source", "force", "month", "crime_type"]
    by = placed.incidents["joined_by"].cat.rename_categories({"polygon": "joined", "nearest": "joined_nearest"})
    parts = [placed.incidents[keys].assign(outcome=by), placed.rejects[keys].assign(outcome=placed.rejects["reason"])]
    # Counted before the categories become text, which is many times faster.
    rows = [
        part.groupby([*keys, "outcome"], observed=True, dropna=False).size().reset_index(name="rows") for part in parts
    ]
    every = pd.concat([part.astype(dict.fromkeys([*keys, "outcome"], "str")) for part in rows])
    return every.sort_values([*keys, "outcome"], ignore_index=True)


def agreement(incidents: pd.DataFrame, boundary_codes: pd.Series, exact_fit: pd.DataFrame) -> dict[str, int]:
    """How the recorded LSOA code compares with the joined one, over all joined rows.

    ``same``; ``same_by_lookup`` (a code of the other vintage that became, or came from, the joined area);
    ``different`` (another area
    of these boundaries); ``unknown_code`` (no area of these boundaries, nor by lookup); ``none_recorded``.
    """
    recorded = incidents["recorded_lsoa_code"].astype("str")
    joined = incidents["lsoa_code"].astype("str")
    same = recorded == joined
    by_lookup = pd.Series(False, incidents.index)
    if len(exact_fit):
        pairs = exact_fit["lsoa11"] + exact_fit["lsoa21"]
        by_lookup = ~same & ((recorded + joined).isin(pairs) | (joined + recorded).isin(pairs))
    none = recorded.isna()
    known = recorded.isin(boundary_codes)
    return {
        "same": int(same.sum()),
        "same_by_lookup": int((by_lookup & ~same).sum()),
        "different": int((known & ~same & ~by_lookup).sum()),
        "unknown_code": int((~known & ~same & ~by_lookup & ~none).sum()),
        "none_recorded": int(none.sum()),
    }


def count_cells(incidents: pd.DataFrame) -> pd.DataFrame:
    """The non-zero cells of lsoa_code x month x crime_type x force x source, sorted, with their ``count``."""
    keys = ["lsoa_code", "month", "crime_type", "force", "source"]
    return incidents.groupby(keys, observed=True, sort=True).size().rename("count").astype("int32").reset_index()


def _distinct_points(rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Position of each row among the distinct points (-1 = a coordinate is missing), and the points' degrees."""
    lon, lat = rows["longitude_text"].cat, rows["latitude_text"].cat
    lon_code, lat_code = lon.codes.to_numpy(dtype="int64"), lat.codes.to_numpy(dtype="int64")
    there = (lon_code >= 0) & (lat_code >= 0)
    keys, position = np.unique(lon_code[there] * max(len(lat.categories), 1) + lat_code[there], return_inverse=True)
    point = np.full(len(rows), -1)
    point[there] = position
    if not len(keys):
        return point, np.empty(0), np.empty(0)
    pick_lon, pick_lat = np.divmod(keys, len(lat.categories))
    return point, _degrees(lon.categories)[pick_lon], _degrees(lat.categories)[pick_lat]


def _degrees(texts: pd.Index) -> np.ndarray:
    return pd.to_numeric(pd.Series(texts, dtype="object"), errors="coerce").to_numpy(dtype="float64")


def _refuse_odd_coordinates(rows: pd.DataFrame, point: np.ndarray, longitude: np.ndarray, latitude: np.ndarray) -> None:
    """Swapped or metric columns join nothing without an error; say so when most of a file's points are of that kind."""

    def within(values: np.ndarray, limits: tuple[float, float]) -> np.ndarray:
        return (values >= limits[0]) & (values <= limits[1])

    swapped = within(longitude, _LATITUDES) & within(latitude, _LONGITUDES)
    metric = np.isfinite(longitude) & np.isfinite(latitude) & ((abs(longitude) > 180) | (abs(latitude) > 90))
    located = point >= 0
    file = rows["file"].cat.codes.to_numpy()[located]
    total = np.bincount(file, minlength=len(rows["file"].cat.categories))
    for odd, found, remedy in (
        (
            swapped,
            "latitudes in the Longitude column and longitudes in the Latitude column",
            "swap the two columns",
        ),
        (
            metric,
            "numbers too large for degrees (they look like eastings and northings in metres)",
            "convert them to longitude and latitude (EPSG:4326)",
        ),
    ):
        bad = np.bincount(file, weights=odd[point[located]], minlength=len(total))
        worst = np.flatnonzero((bad > 0) & (bad * 2 > total))
        if len(worst):
            name = rows["file"].cat.categories[worst[0]]
            raise InputError(
                f"{quoted(name)} has {found} in {int(bad[worst[0]]):,} of {total[worst[0]]:,} rows: {remedy} and build again."
            )


def _nothing_joined(reason: np.ndarray, names: list[str], source: str) -> str:
    most = names[int(np.bincount(reason).argmax())]
    files, remedy = ("police files", "give the files as they were downloaded")
    if source == EXTRACT:
        files, remedy = ("files of the extract", "write them in the canonical columns")
    if most == "outside_area":
        return (
            f"None of the {len(reason):,} rows lies within the boundaries: check that the {files} and the boundaries "
            "are of the same area."
        )
    return (
        f"None of the {len(reason):,} rows of the {files} can be joined; most often because {REJECT_REASONS[most]}: "
        f"{remedy}."
    )


def _is_month(month: pd.Series) -> np.ndarray:
    good = np.array([bool(MONTH.fullmatch(str(text))) for text in month.cat.categories] + [False])
    return good[month.cat.codes.to_numpy()]


def _is_empty(text: pd.Series) -> np.ndarray:
    empty = np.array([not str(value).strip() for value in text.cat.categories] + [True])
    return empty[text.cat.codes.to_numpy()]


def _repeats(crime_id: pd.Series, is_month: np.ndarray) -> np.ndarray:
    """A row whose month cannot be read is no one's first month, and so takes no other row's place."""
    dated = crime_id.where(is_month)
    return (dated.notna() & dated.duplicated(keep="first")).to_numpy()


def _incident_ids(row_hash: np.ndarray) -> np.ndarray:
    """Hash of the row and its occurrence number, so that equal rows stay distinct and a rebuild gives the same ids."""
    occurrence = pd.Series(row_hash).groupby(row_hash).cumcount().to_numpy(dtype="uint64")
    both = pd.DataFrame({"row": row_hash, "occurrence": occurrence})
    digits = pd.util.hash_pandas_object(both, index=False).to_numpy().astype(">u8").tobytes().hex()
    return np.array([digits[at : at + 16] for at in range(0, len(digits), 16)], dtype=object)


def _constant(text: str, length: int) -> pd.Categorical:
    return pd.Categorical.from_codes(np.zeros(length, dtype="int8"), [text])
