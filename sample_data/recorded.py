"""The fictional force's own extract: the same incidents as it records them, with time, offence code and flags."""

from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from geodata.columns import FLAGS
from sample_data.geography import County, Floats, to_degrees, to_metres
from sample_data.incidents import ASB, MONTHS, TYPES

YEAR: Final = "2025"
SPREAD_METRES: Final = 40.0  # of the true places about the map point that stands for them
NO_CODE: Final = 0.03  # of the offences
NO_HOUR: Final = 0.06

# Home Office codes as a police system writes them, and their share of the crime type, per cent.
CODES: Final[dict[str, dict[str, float]]] = {
    "Violence and sexual offences": {
        "105/1": 31, "8/6": 21, "195/94": 13, "8/72": 12, "8/65": 5.5, "104/23": 2.5, "20/3": 2.5, "19/8": 2.2, "8/1": 2,
        "3/1": 2, "8/67": 1.5, "8/20": 1.2, "5/1": 1.1, "11/2": 0.9, "22/18": 0.6, "36/1": 0.4, "17/13": 0.35, "106/1": 0.15,
        "2": 0.06, "1/1": 0.04,
    },
    "Criminal damage and arson": {"58B": 33, "58C": 29, "58D": 20, "58A": 12, "56/2": 4.5, "56/1": 1.1, "57/1": 0.4},
    "Shoplifting": {"46": 100},
    "Public order": {"125/11": 38, "125/12": 34, "125/9": 14, "8/55": 9, "66/91": 4.5, "62A": 0.5},
    "Other theft": {"49/10": 68, "40/1": 14, "49A": 12, "41/1": 3, "35/1": 3},
    "Other crime": {"99/15": 40, "95/17": 20, "79/1": 12, "54/1": 10, "83/1": 8, "33": 10},
    "Burglary": {"28E": 62, "30C": 36, "29A": 1.5, "31A": 0.5},
    "Drugs": {"92E": 68, "92D": 17, "92A": 15},
    "Vehicle crime": {"45/10": 54, "48/1": 33, "126/1": 9, "37.2": 4},
    "Possession of weapons": {"8/26": 52, "8/11": 27, "8/27": 6, "90/1": 6, "81/1": 5, "8/13": 4},
    "Bicycle theft": {"44": 100},
    "Robbery": {"34/1": 91, "34/2": 9},
    "Theft from the person": {"39/1": 100},
}  # fmt: skip

# Share of a crime type's incidents that carry a flag; types that are not named have the first.
FLAGGED: Final[dict[str, tuple[float, dict[str, float]]]] = {
    "flag_domestic_abuse": (0.01, {"Violence and sexual offences": 0.38, "Criminal damage and arson": 0.15,
                                   "Public order": 0.08, "Other crime": 0.10, "Burglary": 0.03}),
    "flag_hate": (0.005, {"Public order": 0.11, "Violence and sexual offences": 0.02}),
    "flag_knife": (0.0, {"Possession of weapons": 0.62, "Robbery": 0.21, "Violence and sexual offences": 0.022}),
    "flag_alcohol": (0.03, {"Violence and sexual offences": 0.19, "Public order": 0.18, ASB: 0.12}),
    "flag_drugs": (0.01, {"Drugs": 0.95, "Possession of weapons": 0.12, "Violence and sexual offences": 0.03}),
    "flag_county_lines": (0.0005, {"Drugs": 0.05, "Possession of weapons": 0.02, "Robbery": 0.01}),
    "flag_under_25": (0.12, {"Violence and sexual offences": 0.33, "Robbery": 0.45, "Possession of weapons": 0.40}),
    "flag_public_space": (0.30, {"Violence and sexual offences": 0.37, "Robbery": 0.86, "Possession of weapons": 0.78,
                                 "Public order": 0.80, "Burglary": 0.0}),
}  # fmt: skip
# Share of the incidents for which a flag is not recorded.
NOT_RECORDED: Final = {
    "flag_alcohol": 0.20,
    "flag_county_lines": 0.30,
    "flag_under_25": 0.10,
    "flag_public_space": 0.15,
}

# Relative frequency of the hours from midnight on.
_NIGHT = (
    7.0,
    6.0,
    4.5,
    3.0,
    1.6,
    1.0,
    0.9,
    1.2,
    2.0,
    2.6,
    3.0,
    3.2,
    3.6,
    3.6,
    3.8,
    4.4,
    4.6,
    4.8,
    5.0,
    5.2,
    5.4,
    5.8,
    6.6,
    7.2,
)
_DAY = (
    0.4,
    0.3,
    0.2,
    0.1,
    0.1,
    0.2,
    0.5,
    1.5,
    4.0,
    6.5,
    8.0,
    9.0,
    9.5,
    9.5,
    9.0,
    9.0,
    8.5,
    7.5,
    6.0,
    4.5,
    3.0,
    2.0,
    1.0,
    0.6,
)
_EVENING = (
    2.2,
    1.4,
    0.9,
    0.6,
    0.4,
    0.4,
    0.7,
    1.3,
    2.0,
    2.5,
    3.0,
    3.4,
    3.8,
    4.0,
    4.6,
    5.8,
    6.8,
    7.6,
    8.4,
    8.8,
    8.2,
    6.8,
    5.0,
    3.4,
)
_HOURS = dict.fromkeys(("Shoplifting", "Theft from the person", "Bicycle theft", "Other theft", "Other crime"), _DAY)
_HOURS |= dict.fromkeys((ASB, "Drugs", "Criminal damage and arson", "Vehicle crime"), _EVENING)
_WEEKEND = 1.35  # of a Friday, Saturday or Sunday over other days, for what happens at night


def extract_rows(county: County, street: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """The force's street rows of the year as it records them itself, in the canonical columns, by date and hour.

    An incident lies in the LSOA that is recorded with it, about the map point that stands for it; without location
    or beyond the border it stays so.
    """
    rows = street[street["Month"].str.startswith(YEAR)].reset_index(drop=True)
    longitude, latitude = _true_places(county, rows, rng)
    kind = rows["Crime type"].to_numpy(dtype=object)
    out = pd.DataFrame(
        {
            "date": _dates(rows["Month"], kind, rng),
            "hour": _hours(kind, rng),
            "longitude": longitude,
            "latitude": latitude,
            "crime_type": kind,
            "offence_code": _codes(kind, rng),
        }
    )
    for flag in FLAGS:
        usual, shares = FLAGGED[flag]
        truth = rng.random(len(out)) < np.array([shares.get(k, usual) for k in TYPES])[_types(kind)]
        unknown = rng.random(len(out)) < NOT_RECORDED.get(flag, 0.0)
        out[flag] = pd.Series(truth, dtype="boolean").mask(pd.Series(unknown))
    order = np.lexsort((rng.random(len(out)), out["hour"].fillna(24).to_numpy(dtype="int64"), out["date"]))
    return out.iloc[order].reset_index(drop=True)


def write_extract(path: Path, rows: pd.DataFrame) -> None:
    """The rows as Parquet with plain types, without pandas' own notes."""
    schema = pa.schema(
        [("date", pa.date32()), ("hour", pa.int8()), ("longitude", pa.float64()), ("latitude", pa.float64()),
         ("crime_type", pa.string()), ("offence_code", pa.string()), *((flag, pa.bool_()) for flag in FLAGS)]
    )  # fmt: skip
    typed = rows.assign(date=pd.to_datetime(rows["date"]).dt.date)
    table = pa.Table.from_pandas(typed, schema, preserve_index=False).replace_schema_metadata(None)
    pq.write_table(table, path, compression="zstd", compression_level=19)


def truth(rows: pd.DataFrame) -> dict[str, Any]:
    """What is in the extract, as ``truth.json`` holds it."""
    offences = rows[rows["crime_type"] != ASB]
    return {
        "reading": "the police rows of the year, unsnapped, with time, Home Office code and flags",
        "rows": len(rows),
        "months": [f"{YEAR}-01", f"{YEAR}-12"],
        "no_location": int(rows["longitude"].isna().sum()),
        "no_hour": int(rows["hour"].isna().sum()),
        "offences_without_code": int(offences["offence_code"].isna().sum()),
        "by_crime_type": {str(k): int(n) for k, n in rows["crime_type"].value_counts().sort_index().items()},
        "by_offence_code": {str(k): int(n) for k, n in rows["offence_code"].value_counts().sort_index().items()},
        "flags": {
            flag: {"true": int(rows[flag].sum()), "not_recorded": int(rows[flag].isna().sum())} for flag in FLAGS
        },
    }


def _types(kind: np.ndarray) -> np.ndarray:
    return pd.Index(TYPES).get_indexer(kind)


def _true_places(county: County, rows: pd.DataFrame, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Longitude and latitude, each in the polygon of the recorded LSOA wherever the map point is not far from it."""
    degrees = rows[["Longitude", "Latitude"]].apply(pd.to_numeric).to_numpy(dtype="float64", copy=True)
    there = np.flatnonzero(np.isfinite(degrees[:, 0]))
    metres = to_metres(degrees[there])
    lsoa = pd.Index(county.lsoas["code"]).get_indexer(rows["LSOA code"].iloc[there])
    polygons = county.polygons[lsoa]
    held = (lsoa >= 0) & (shapely.distance(polygons, shapely.points(metres)) < 30)
    place = metres + rng.normal(0, SPREAD_METRES, metres.shape)
    for _ in range(12):
        astray = np.flatnonzero(held & ~shapely.contains_xy(polygons, place))
        place[astray] = metres[astray] + rng.normal(0, SPREAD_METRES, (len(astray), 2))
    for at in np.flatnonzero(held & ~shapely.contains_xy(polygons, place)):
        place[at] = np.array(shapely.point_on_surface(polygons[at]).coords[0])
    degrees[there] = to_degrees(place)
    return degrees[:, 0], degrees[:, 1]


def _dates(month: pd.Series, kind: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    at_night = np.array([_HOURS.get(k, _NIGHT) is _NIGHT for k in kind])
    out = np.empty(len(month), dtype=object)
    for name in MONTHS:
        first = np.datetime64(name, "D")
        days = np.arange(first, np.datetime64(name, "M") + 1, dtype="datetime64[D]")
        weekend = np.isin((days.astype("int64") + 3) % 7, (4, 5, 6))  # day 0 was a Thursday
        for night in (False, True):
            rows = np.flatnonzero((month == name).to_numpy() & (at_night == night))
            weight = np.where(weekend & night, _WEEKEND, 1.0)
            out[rows] = rng.choice(days, len(rows), p=weight / weight.sum()).astype(str)
    return out


def _hours(kind: np.ndarray, rng: np.random.Generator) -> pd.Series:
    hours = np.empty(len(kind), dtype="int64")
    for name in TYPES:
        rows = np.flatnonzero(kind == name)
        weight = np.array(_HOURS.get(name, _NIGHT))
        hours[rows] = rng.choice(24, len(rows), p=weight / weight.sum())
    return pd.Series(hours, dtype="Int8").mask(pd.Series(rng.random(len(kind)) < NO_HOUR))


def _codes(kind: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    out = np.full(len(kind), None, dtype=object)
    for name in TYPES:
        rows = np.flatnonzero(kind == name)
        if name in CODES:
            share = np.array(list(CODES[name].values()), dtype=float)
            out[rows] = np.array(list(CODES[name]), dtype=object)[
                rng.choice(len(share), len(rows), p=share / share.sum())
            ]
    out[rng.random(len(kind)) < NO_CODE] = None
    return out
