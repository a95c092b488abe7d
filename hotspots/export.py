"""The hotspot list as files: the same rows as CSV and as GeoJSON, each carrying where it came from.

Text from the data reaches a spreadsheet here. A cell that starts like a formula is written with a leading
apostrophe, which spreadsheets take as "this is text".
"""

import csv
import io
import json
import re
import unicodedata
from itertools import takewhile
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely

from geodata.columns import WGS84
from hotspots.ranking import HOTSPOT_SHARE
from hotspots.selection import Measure, Period

COLUMNS: Final = (
    "rank", "lsoa_code", "label", "ward", "district", "count", "share", "cumulative_share", "residents",
    "rate_per_1000_year", "rate_low", "rate_high", "asb_count", "imd_decile", "top_point_share", "top_point", "hotspot",
    "definition", "period", "source", "marking", "dataset_hash", "rank_low", "rank_high",
    "rank_without_point", "ranked_by", "share_of", "residents_source", "imd_year", "rate_interval", "rank_interval",
    "hotspot_rule",
)  # fmt: skip

# After them, where the list is by what needs them; ``rate_per_1000_year`` stays that by residents.
PER_COLUMNS: Final = (
    "denominator", "denominator_count", "rate_per_1000_denominator", "denominator_rate_low", "denominator_rate_high",
)  # fmt: skip
SEVERITY_COLUMNS: Final = ("severity", "severity_weights")

# What a reader of the file alone must know of its rate_low, rate_high and hotspot, in every row.
RATE_INTERVAL: Final = "95 %, of chance in the count alone"
HOTSPOT_RULE: Final = (
    f"one of the fewest LSOAs that hold {100 * HOTSPOT_SHARE:g} % of the count, ties in, whatever the list is ranked by"
)

_ROUNDED: Final = {
    "share": 4, "cumulative_share": 4, "top_point_share": 4, "rate_per_1000_year": 2, "rate_low": 2, "rate_high": 2,
    "rate_per_1000_denominator": 2, "denominator_rate_low": 2, "denominator_rate_high": 2, "severity": 2,
}  # fmt: skip

_FORMULA_STARTS: Final = ("=", "+", "-", "\N{MINUS SIGN}", "@")
_CELL_BREAKS: Final = ("\t", "\r", "\n")
_NAME_LENGTH: Final = 60


def hotspot_list(
    table: pd.DataFrame,
    *,
    definition: str,
    period: Period,
    source: str,
    marking: str,
    dataset_hash: str,
    ranked_by: Measure = "count",
    share_of: str = "",
    denominator: str = "",
    weights: str = "",
    residents_source: str = "",
    imd_year: str = "",
    dispersion: float | None = None,
) -> pd.DataFrame:
    """The rows to hand out, from ``hotspot_table`` with the ranks of ``certainty``, with exactly ``COLUMNS``.

    ``share_of`` names the area that ranks and shares are of: the chosen districts, or all.
    Where the table's rates are per another ``denominator`` than residents (its title) or it is ranked by severity
    (``weights``: their title), ``PER_COLUMNS`` or ``SEVERITY_COLUMNS`` follow.
    ``residents_source`` says which estimate of residents it is, ``imd_year`` of which year the deciles are, ``dispersion`` by how much
    the intervals of ranks are widened; where ranks have no interval, None.
    Shares are rounded to 4 decimals and rates to 2: finer digits say nothing.
    """
    columns = list(COLUMNS)
    if "residents_rate" in table:
        table = _by_residents(table).assign(denominator=denominator)
        columns += PER_COLUMNS
    if "severity" in table:
        table = table.assign(severity_weights=weights)
        columns += SEVERITY_COLUMNS
    listed = table.reset_index().assign(
        definition=definition,
        period=str(period),
        source=source,
        marking=marking,
        dataset_hash=dataset_hash,
        ranked_by=ranked_by,
        share_of=share_of,
        residents_source=residents_source,
        imd_year=imd_year,
        rate_interval=RATE_INTERVAL,
        rank_interval=_rank_interval(dispersion),
        hotspot_rule=HOTSPOT_RULE,
    )
    return listed[columns].round({name: digits for name, digits in _ROUNDED.items() if name in columns})


def _rank_interval(dispersion: float | None) -> str:
    return (
        ""
        if dispersion is None
        else f"95 %, counts taken to scatter with {dispersion:.1f} times the variance of chance"
    )


def _by_residents(table: pd.DataFrame) -> pd.DataFrame:
    """Every rate under the name by which the file knows it."""
    names = {
        "denominator": "denominator_count",
        "rate_per_1000_year": "rate_per_1000_denominator",
        "rate_low": "denominator_rate_low",
        "rate_high": "denominator_rate_high",
        "residents_rate": "rate_per_1000_year",
        "residents_rate_low": "rate_low",
        "residents_rate_high": "rate_high",
    }
    return table.rename(columns=names)


def to_csv_bytes(frame: pd.DataFrame) -> bytes:
    """A CSV file (RFC 4180) of the frame without its index, safe to open in a spreadsheet.

    It starts with a byte order mark, without which Excel reads UTF-8 as Windows-1252 and spoils names; readers of
    UTF-8 drop it. Text that could start a formula gets a leading apostrophe, headers too; numbers are left alone;
    missing is an empty cell.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([_safe(str(name)) for name in frame.columns])
    for row in _rows(frame):
        writer.writerow([_cell(value) for value in row])
    return text.getvalue().encode("utf-8-sig", errors="replace")


def to_geojson_bytes(frame: pd.DataFrame, areas: Any) -> bytes:
    """A GeoJSON file (RFC 7946): WGS 84 in 6 decimals, outer rings counterclockwise, one feature per row.

    Parameters
    ----------
    frame
        With ``lsoa_code``; its columns become the properties, missing ones null. Text is as in the data, since no
        program runs it here.
    areas
        GeoDataFrame with ``lsoa_code``, in any reference system.

    Raises
    ------
    ValueError
        Where the areas have no reference system.
    """
    if areas.crs is None:
        raise ValueError("The areas have no coordinate reference system. Set it before exporting.")
    outlines = dict(zip(areas["lsoa_code"], _outlines(areas.geometry.to_crs(WGS84).to_numpy()), strict=True))
    names = [str(name) for name in frame.columns]
    features = [
        {"type": "Feature", "geometry": outlines.get(code), "properties": dict(zip(names, row, strict=True))}
        for code, row in zip(frame["lsoa_code"], _rows(frame), strict=True)
    ]
    collection = {"type": "FeatureCollection", "features": features}
    # surrogates that no encoding knows become question marks, as in the CSV
    text = json.dumps(collection, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode("utf-8", errors="replace")


def file_name(area: str, kind: str, period: Period, ext: str, *, counted: str = "", measure: str = "") -> str:
    """A name that every system accepts: "norfolk-hotspots-2025-01-to-2025-12.csv"; with what is counted and the measure, where given:
    "norfolk-hotspots-serious-violence-by-rate-2025-01-to-2025-12.csv"."""
    start = _slug(area) or "area"
    parts = [
        start,
        _slug(kind) or "file",
        _slug(counted),
        f"by-{_slug(measure)}" if _slug(measure) else "",
        _slug(str(period)),
    ]
    return f"{'-'.join(part for part in parts if part)}.{_slug(ext)}"


def _rows(frame: pd.DataFrame) -> list[list[Any]]:
    """The frame as plain Python values, None where missing or not finite."""
    columns = [[_plain(value) for value in frame.iloc[:, i].tolist()] for i in range(frame.shape[1])]
    return [list(row) for row in zip(*columns, strict=True)]


def _plain(value: Any) -> Any:
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return value if np.isfinite(value) else None
    return value if isinstance(value, bool | int) else str(value)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else _safe(value)


def _safe(text: str) -> str:
    """The text, with a leading apostrophe where a spreadsheet might read a formula (CWE-1236).

    Spreadsheets pass over blanks and invisible characters, and some take full-width signs for plain ones.
    """
    seen = unicodedata.normalize("NFKC", text)
    # Z: separators, C: control and format characters
    hidden = list(takewhile(lambda c: c.isspace() or unicodedata.category(c)[0] in "ZC", seen))
    visible = seen[len(hidden) : len(hidden) + 1]
    risky = visible in _FORMULA_STARTS if visible else False
    return f"'{text}" if risky or not set(hidden).isdisjoint(_CELL_BREAKS) else text


def _outlines(geometries: np.ndarray) -> list[dict[str, Any] | None]:
    """Geometries as GeoJSON objects, None where there is none."""
    rounded = shapely.transform(geometries, lambda xy: np.round(xy, 6))
    # corners closer than 10 cm fall together
    plain = shapely.orient_polygons(shapely.remove_repeated_points(rounded))
    return [None if text is None else json.loads(text) for text in shapely.to_geojson(plain)]


def _slug(text: str) -> str:
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", errors="ignore").decode("ascii").lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_text).strip("-")[:_NAME_LENGTH].strip("-")
