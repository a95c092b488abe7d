"""Street-level files of data.police.uk: offences and anti-social behaviour by month, as published.

A file with a published name is of the one force and month that its name says; a row of another month is kept out.
A ``Crime ID`` names one offence: where it comes back, the first month counts. ASB rows never have one, and rows that
are equal in every column may all be real, so ASB is never de-duplicated.
"""

import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv

from geodata.columns import MONTH
from geodata.errors import InputError, listed, quoted
from geodata.forces import slug_of
from geodata.rows import canonical_order, csv_fault, published_type, recoded, together
from geodata.sources import Member, by_name, members
from geodata.tables import decode, refuse_repeated

STREET = re.compile(r"([0-9]{4}-[0-9]{2})-([a-z0-9-]+)-street\.csv", re.IGNORECASE)
PASSED_OVER = re.compile(r"\d{4}-\d{2}-.+-(outcomes|stop-and-search)\.csv", re.IGNORECASE)

# Published header -> our name. The first eight must be there; police.uk leaves Context empty.
COLUMNS = {
    "Crime ID": "crime_id",
    "Month": "month",
    "Reported by": "reported_by",
    "Longitude": "longitude_text",
    "Latitude": "latitude_text",
    "Location": "location",
    "LSOA code": "recorded_lsoa_code",
    "Crime type": "crime_type",
    "Last outcome category": "outcome",
}
REQUIRED = tuple(COLUMNS)[:8]
_PLAIN = pa.string()
_REPEATED = pa.dictionary(pa.int32(), pa.string())
_TYPES = {name: _PLAIN if name == "Crime ID" else _REPEATED for name in COLUMNS}


@dataclass(frozen=True)
class StreetRows:
    """Every row that was read, and what was passed over.

    ``rows``: crime_id, month, force, longitude_text, latitude_text, location, recorded_lsoa_code, crime_type, outcome
    (text as published, null = empty; a crime type in the published letter case and spacing), file, row (in the file,
    header = 1), row_hash (of the published text); in one canonical order whatever the order of the files.
    ``files``: file, the path ``given`` that it was read from, rows (copies too). ``units``: (force, month) -> rows.
    ``passed_over``: kind -> number of files.
    """

    rows: pd.DataFrame
    files: pd.DataFrame
    units: dict[tuple[str, str], int]
    passed_over: dict[str, int]


def read_street(paths: Sequence[Path], progress: Callable[[str, float], None] | None = None) -> StreetRows:
    """Read street files from files, folders and archives of one or more forces.

    Raises InputError for a file that cannot be one, the same force and month twice with different rows, or no rows at
    all.
    """
    passed_over: dict[str, int] = {}
    wanted: list[Member] = []
    for member in members(paths):
        kind = _kind(member)
        if kind == "street":
            wanted.append(member)
        else:
            passed_over[kind] = passed_over.get(kind, 0) + 1
    frames: list[pd.DataFrame] = []
    units: dict[tuple[str, str], tuple[int, int, str]] = {}
    files: list[dict[str, object]] = []
    for number, member in enumerate(by_name(wanted)):
        if progress:
            progress(f"Reading {member.name}", number / len(wanted))
        frame = _read(member)
        named = STREET.fullmatch(member.name)
        files.append({"file": member.name, "given": member.container, "rows": len(frame)})
        if named and not (frame["month"] == named.group(1)).any():
            units.setdefault((named.group(2).lower(), named.group(1)), (0, 0, member.where))
        frame, copies = _without_known_units(frame, member, units)
        if copies:
            passed_over["a copy of rows already read"] = passed_over.get("a copy of rows already read", 0) + 1
        if len(frame):
            frames.append(frame)
    if not frames:
        raise InputError(
            "No street-level rows were found in the police files: give the CSV or ZIP from data.police.uk "
            "(YYYY-MM/YYYY-MM-force-street.csv)."
        )
    rows = canonical_order(together(frames))
    return StreetRows(rows, pd.DataFrame(files), {unit: n for unit, (n, _, _) in units.items()}, passed_over)


def _kind(member: Member) -> str:
    if STREET.fullmatch(member.name):
        return "street"
    other = PASSED_OVER.fullmatch(member.name)
    if other:
        return f"{other.group(1).lower()} files"
    in_plain_sight = member.inside is None and not member.name.startswith("._")  # macOS keeps its notes in ._ files
    if in_plain_sight and member.name.lower().endswith(".csv"):
        return "street"
    return "other files"


def _read(member: Member) -> pd.DataFrame:
    data = member.read()
    header = _header(data, member.where)
    missing = [name for name in REQUIRED if name not in header]
    if missing:
        raise InputError(
            f"{member.where} has no column {listed(missing)}: it has {listed(header, 6)}; give a street-level file "
            "from data.police.uk with its columns as published."
        )
    refuse_repeated(header, member.where)
    names = [name for name in COLUMNS if name in header]
    try:
        table = pa.csv.read_csv(
            io.BytesIO(data if b"\n" in data else data + b"\n"),  # a header without an end cannot be skipped
            read_options=pa.csv.ReadOptions(use_threads=False, column_names=header, skip_rows=1),
            parse_options=pa.csv.ParseOptions(newlines_in_values=False),
            convert_options=pa.csv.ConvertOptions(
                include_columns=names, column_types=_TYPES, null_values=[""], strings_can_be_null=True
            ),
        )
    except pa.ArrowInvalid as error:
        raise InputError(f"{member.where} cannot be read: {csv_fault(str(error))}; download it again.") from None
    frame = table.rename_columns([COLUMNS[name] for name in names]).combine_chunks().to_pandas()
    for name in COLUMNS.values():
        if name not in frame:
            frame[name] = pd.Categorical([None] * len(frame), categories=[])
    named = STREET.fullmatch(member.name)
    reported = frame.pop("reported_by")
    frame["force"] = pd.Categorical([named.group(2).lower()] * len(frame)) if named else _slugs(reported)
    frame["file"] = pd.Categorical([member.name] * len(frame))
    frame["row"] = np.arange(2, len(frame) + 2, dtype="int32")
    frame["row_hash"] = _row_hash(frame)
    types = frame["crime_type"].cat.categories
    frame["crime_type"] = recoded(frame["crime_type"], [published_type(text) or text for text in types])
    if named:
        months = frame["month"].cat.categories
        frame["month"] = recoded(frame["month"], [_month_in_file(month, named.group(1)) for month in months])
    return frame


def _month_in_file(month: str, of_file: str) -> str:
    """A row of another month than its file's must not pass for a month."""
    return f"{month} (in the file of {of_file})" if month != of_file and MONTH.fullmatch(month) else month


def _header(data: bytes, where: str) -> list[str]:
    text = decode(data, where)
    first = text.split("\n", 1)[0].rstrip("\r")
    return [name.strip().strip('"') for name in first.split(",")]


def _slugs(reported: pd.Series) -> pd.Categorical:
    slugs = [*map(slug_of, reported.cat.categories), slug_of("")]  # the last is that of an empty cell, whose code is -1
    return pd.Categorical(np.array(slugs, dtype=object)[reported.cat.codes.to_numpy()])


def _row_hash(frame: pd.DataFrame) -> np.ndarray:
    """64-bit hash of a row's published text; equal rows have equal hashes."""
    text = frame[["force", *(name for name in COLUMNS.values() if name != "reported_by")]]
    return pd.util.hash_pandas_object(text, index=False).to_numpy()


def _without_known_units(
    frame: pd.DataFrame, member: Member, units: dict[tuple[str, str], tuple[int, int, str]]
) -> tuple[pd.DataFrame, bool]:
    """Leave out a force and month that another file held with the same rows; refuse it with different ones."""
    copies = []
    for (force, month), index in frame.groupby(["force", "month"], observed=True).indices.items():
        if not MONTH.fullmatch(str(month)):
            continue
        with np.errstate(over="ignore"):
            digest = int(np.sum(frame["row_hash"].to_numpy()[index], dtype="uint64"))
        known = units.get((force, month))
        if known is None or known[0] == 0:
            units[force, month] = (len(index), digest, member.where)
        elif known[:2] == (len(index), digest):
            copies.append(index)
        else:
            raise InputError(
                f"{member.where} and {known[2]} both hold {quoted(force)} for {month}, with different rows "
                f"({len(index):,} and {known[0]:,}): give only the newer one."
            )
    if not copies:
        return frame, False
    keep = np.ones(len(frame), dtype=bool)
    keep[np.concatenate(copies)] = False
    return frame[keep], True
