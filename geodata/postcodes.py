"""Postcodes that a user types, placed by a published file of postcodes: which LSOA each lies in, by its coordinates.

Read are the ONS Postcode Directory, the National Statistics Postcode Lookup and OS Code-Point Open (whose files have no header).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyproj

from geodata.columns import BRITISH_GRID, WGS84
from geodata.errors import InputError, listed, quoted
from geodata.join import join_points

MOST_POSTCODES = 1_000
MAX_BYTES = 4 * 1024**3  # the directory of all of the United Kingdom has 1.3 GB

# Royal Mail's format: one or two letters, a digit, perhaps a digit or letter; then a digit and two letters.
_POSTCODE = re.compile(r"([A-Z]{1,2}[0-9][A-Z0-9]?)\s*([0-9][A-Z]{2})")
_ALONE = re.compile(rf"(?<!\S){_POSTCODE.pattern}(?!\S)")
# The columns by which each file names a postcode and its place, newest names first.
_OF_POSTCODE = ("pcds", "pcd8", "pcd7", "pcd2", "pcd", "postcode")
_OF_DEGREES = (("long", "lat"), ("longitude", "latitude"))
_OF_METRES = (("east1m", "north1m"), ("oseast1m", "osnrth1m"), ("eastings", "northings"))
_CODE_POINT = ["postcode", "quality", "eastings", "northings", *(f"code{place}" for place in range(6))]


@dataclass(frozen=True)
class Found:
    """What became of the postcodes typed: ``lsoa_codes`` of those found in the area, ``postcodes`` of these as they are
    written, and the others by name: ``outside`` the area, ``unknown`` to the file (or without a place in it), ``malformed``.
    """

    lsoa_codes: tuple[str, ...]
    postcodes: tuple[str, ...]
    outside: tuple[str, ...]
    unknown: tuple[str, ...]
    malformed: tuple[str, ...]

    @property
    def lines(self) -> list[str]:
        """A sentence for each kind of postcode that was not found."""
        return [
            f"{listed(names)} {'is' if len(names) == 1 else 'are'} {why}."
            for names, why in (
                (self.outside, "outside the area of this dataset"),
                (self.unknown, "not in the file of postcodes, or without a place in it"),
                (self.malformed, "not written as a postcode, such as NR1 3DH"),
            )
            if names
        ]


def read_postcodes(path: Path) -> pd.DataFrame:
    """The file's postcodes: longitude and latitude (NaN where it gives no place) by ``postcode`` as "NR1 3DH".

    Raises InputError for a file that is missing, no CSV, or without columns of postcodes and coordinates.
    """
    where = quoted(path.name)
    header, has_header = _header(path, where)
    lower = [name.strip().casefold() for name in header]
    postcode = next((name for name in _OF_POSTCODE if name in lower), None)
    place = next((pair for pair in (*_OF_DEGREES, *_OF_METRES) if set(pair) <= set(lower)), None)
    if postcode is None or place is None:
        lacks = "postcodes (pcds)" if postcode is None else "coordinates (lat and long, or east1m and north1m)"
        raise InputError(f"{where} has no column of {lacks}: it has {listed(header, 8)}.")
    try:
        table = pyarrow.csv.read_csv(
            path,
            read_options=pyarrow.csv.ReadOptions(column_names=lower, skip_rows=int(has_header)),
            convert_options=pyarrow.csv.ConvertOptions(
                include_columns=[postcode, *place], column_types=dict.fromkeys([postcode, *place], pa.string())
            ),
        )
    except (pa.ArrowException, OSError):
        raise InputError(f"{where} cannot be read as CSV: give the file as it was downloaded.") from None
    frame = table.to_pandas()
    x, y = (pd.to_numeric(frame[name], errors="coerce").to_numpy(dtype="float64", na_value=np.nan) for name in place)
    longitude, latitude = _degrees(x, y) if place in _OF_METRES else (x, y)
    nowhere = ~((longitude >= -180) & (longitude <= 180) & (latitude > -90) & (latitude < 90))  # ONS: 99.999999
    places = pd.DataFrame(
        {"longitude": np.where(nowhere, np.nan, longitude), "latitude": np.where(nowhere, np.nan, latitude)},
        index=pd.Index(_written(frame[postcode]), name="postcode"),
    )
    return places[~places.index.duplicated()]


def find_postcodes(typed: str, places: pd.DataFrame, areas: gpd.GeoDataFrame) -> Found:
    """The LSOAs in which the postcodes of a text lie.

    Postcodes may be in any letter case, with or without spaces, set apart by commas, semicolons, lines or spaces.
    ``areas`` as for ``join.join_points``, whose rule places them, so a postcode's LSOA is of the vintage of ``areas``.
    Raises InputError where nothing is typed, or more than 1,000 postcodes.
    """
    good, malformed = _parsed(typed)
    if not good and not malformed:
        raise InputError("No postcode is typed: type one or more, such as NR1 3DH.")
    if len(good) > MOST_POSTCODES:
        raise InputError(f"{len(good):,} postcodes are typed: type {MOST_POSTCODES:,} at most.")
    there = places.reindex(pd.Index(good, dtype="object")).dropna()
    joined = join_points(there["longitude"].to_numpy(), there["latitude"].to_numpy(), areas)["area"].to_numpy()
    within = there.index[joined >= 0]
    return Found(
        lsoa_codes=tuple(sorted(set(areas["lsoa_code"].to_numpy()[joined[joined >= 0]]))),
        postcodes=tuple(within),
        outside=tuple(there.index[joined < 0]),
        unknown=tuple(name for name in good if name not in there.index),
        malformed=tuple(malformed),
    )


def _parsed(typed: str) -> tuple[list[str], list[str]]:
    """The postcodes of a text as they are written, and the pieces that are none; each once, in the order typed."""
    good: list[str] = []
    malformed: list[str] = []
    for piece in re.split(r"[,;\n\r\t]+", typed.upper()):
        alone = _POSTCODE.fullmatch("".join(piece.split()))
        found = [alone] if alone else list(_ALONE.finditer(piece))
        good += [f"{match[1]} {match[2]}" for match in found]
        malformed += [] if alone else _ALONE.sub(" ", piece).split()
    return list(dict.fromkeys(good)), list(dict.fromkeys(malformed))


def _header(path: Path, where: str) -> tuple[list[str], bool]:
    """The names of the columns, and whether they stand in the file."""
    if not path.is_file():
        raise InputError(f"{where} was not found: check the path.")
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InputError(f"{where} is larger than {MAX_BYTES // 1024**3} GB: give the file of postcodes as CSV.")
        with path.open(encoding="utf-8-sig", newline="") as file:
            first = file.readline(100_000)
    except OSError as error:
        raise InputError(f"{where} cannot be opened ({error.strerror}): check that you may read it.") from None
    except UnicodeDecodeError:
        raise InputError(f"{where} is not UTF-8 text: give the CSV file as it was downloaded.") from None
    cells = [cell.strip().strip('"') for cell in first.split(",")]
    if len(cells) == len(_CODE_POINT) and _POSTCODE.fullmatch("".join(cells[0].split())):
        return _CODE_POINT, False
    return cells, True


def _written(postcodes: Iterable[str]) -> pd.Series:
    bare = pd.Series(postcodes).str.replace(" ", "").str.upper()
    return bare.str[:-3] + " " + bare.str[-3:]


def _degrees(east: np.ndarray, north: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """To longitude and latitude; Code-Point Open writes 0, 0 where it has no place."""
    somewhere = (east > 0) & (north > 0)
    grid = pyproj.Transformer.from_crs(BRITISH_GRID, WGS84, always_xy=True)
    return grid.transform(np.where(somewhere, east, np.nan), np.where(somewhere, north, np.nan))
