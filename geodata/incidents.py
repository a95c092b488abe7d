"""A force's own incident extract in the canonical columns, as CSV or Parquet.

Its points may be real addresses and its rows carry no ID: nothing is de-duplicated within a file, and equal rows are as
many incidents. A copy of rows that another file holds is passed over.
"""

import csv
import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq
from numpy.typing import ArrayLike

from geodata.columns import CRIME_TYPES, FLAGS, MONTH
from geodata.errors import InputError, listed, quoted
from geodata.forces import name_of, slug_of
from geodata.rows import canonical_order, csv_fault, published_type, recoded, together
from geodata.sources import MAX_MEMBER_BYTES, MAX_RATIO, Member, by_name, members
from geodata.tables import decode, refuse_repeated

REQUIRED: Final = ("date", "longitude", "latitude", "crime_type")
RECORDED: Final = ("hour", "offence_code", *FLAGS)  # a file without one of these does not record it
OPTIONAL: Final = ("location", "force")
MAX_ROWS: Final = 10_000_000  # the largest force records about a million incidents a year
# Equal rows in two files: chance makes few, a newer version of the same extract makes most.
_SAME_ROWS: Final = 0.1
_FEW_ROWS: Final = 0.1  # of the usual month

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TEXT = pa.dictionary(pa.int32(), pa.string())
_TRUTH = {"true": True, "false": False}


@dataclass(frozen=True)
class ExtractRows:
    """Every row that was read, and what was passed over, as ``police_uk.StreetRows``.

    ``rows`` has ``columns.OF_EXTRACT`` besides: date (text, null where it is none), hour (Int8), offence_code (text) and
    the flags (boolean), null = not recorded. ``warnings``: what an analyst should know, one sentence each.
    """

    rows: pd.DataFrame
    files: pd.DataFrame
    units: dict[tuple[str, str], int]
    passed_over: dict[str, int]
    warnings: list[str]


def read_incidents(
    paths: Sequence[Path], forces: Sequence[str], progress: Callable[[str, float], None] | None = None
) -> ExtractRows:
    """Read CSV and Parquet files, also in folders and archives.

    Parameters
    ----------
    forces : slugs of the area's territorial forces; a row that names no force is of the only one

    Raises InputError for a file that cannot be one, a row that names no force where there are several, or two files
    with many equal rows.
    """
    passed_over: dict[str, int] = {}
    frames: list[pd.DataFrame] = []
    files: list[dict[str, object]] = []
    warnings: list[str] = []
    known: dict[tuple[str, str], list[tuple[str, np.ndarray]]] = {}
    wanted: list[Member] = []
    for member in members(paths):
        named = member.inside is None and member.container in paths
        if named or member.name.lower().endswith((".csv", ".parquet")):
            wanted.append(member)
        else:
            passed_over["other files"] = passed_over.get("other files", 0) + 1
    for member in by_name(wanted):
        if progress:
            progress(f"Reading {member.name}", min(0.9, len(files) / 10))
        table, notes = _table(member)
        frame = _frame(table, member, forces)
        files.append({"file": member.name, "given": member.container, "rows": len(frame)})
        frame, copies = _without_copies(frame, member, known)
        if copies:
            passed_over["a copy of rows already read"] = passed_over.get("a copy of rows already read", 0) + 1
        else:
            warnings += notes
        if len(frame):
            frames.append(frame)
    if not frames:
        raise InputError("No rows were found in the files of the extract: give a CSV or Parquet file with rows.")
    rows = canonical_order(together(frames))
    size = rows.groupby(["force", "month"], observed=True).size()
    units = {(str(force), str(month)): int(n) for (force, month), n in size.items() if MONTH.fullmatch(str(month))}
    return ExtractRows(rows, pd.DataFrame(files), units, passed_over, sorted(warnings) + _thin_months(units))


def _table(member: Member) -> tuple[pa.Table, list[str]]:
    """The canonical columns that the file has, as text, and what to say of those it lacks or has besides."""
    data = member.read()
    is_parquet = data[:4] == b"PAR1"
    try:
        # Text that repeats stays packed: written out, a small file could fill the memory.
        file = pq.ParquetFile(io.BytesIO(data), read_dictionary=_texts(data)) if is_parquet else None
    except (pa.ArrowException, OSError):
        raise InputError(f"{member.where} is a damaged Parquet file: write it again.") from None
    given = list(file.schema_arrow.names) if file else _header(data, member.where)
    header = [str(name).strip().lower() for name in given]
    refuse_repeated(header, member.where)
    missing = [name for name in REQUIRED if name not in header]
    if missing:
        raise InputError(
            f"{member.where} has no column {listed(missing)}: it has {listed(given, 6)}; write the extract in the "
            "canonical columns."
        )
    wanted: list[str] = [name for name in (*REQUIRED, *RECORDED, *OPTIONAL) if name in header]
    others = [name for name in header if name not in wanted]
    odd = [name for name in others if name.startswith("flag_")]
    if odd:
        raise InputError(
            f"{member.where} has the flag {listed(odd)}, which is not known: the flags are {listed(FLAGS, 8)}."
        )
    notes = []
    lacking = [name for name in RECORDED if name not in header]
    if lacking:
        notes.append(f"{member.where} has no column {listed(lacking, 12)}: not recorded for its rows.")
    if others:
        notes.append(f"Columns of {member.where} that were not read: {listed(others)}.")
    if file:
        return _parquet(file, member, dict(zip(header, given, strict=True)), wanted, len(data)), notes
    try:
        table = pa.csv.read_csv(
            io.BytesIO(data if b"\n" in data else data + b"\n"),  # a header without an end cannot be skipped
            read_options=pa.csv.ReadOptions(use_threads=False, column_names=header, skip_rows=1),
            parse_options=pa.csv.ParseOptions(newlines_in_values=True),
            convert_options=pa.csv.ConvertOptions(
                include_columns=wanted,
                column_types=dict.fromkeys(wanted, _TEXT),
                null_values=[""],
                strings_can_be_null=True,
            ),
        )
    except pa.ArrowInvalid as error:
        raise InputError(
            f"{member.where} cannot be read: {csv_fault(str(error))}; write it again, or give it as Parquet."
        ) from None
    return table, notes


def _texts(data: bytes) -> list[str]:
    schema = pq.read_schema(io.BytesIO(data))
    return [field.name for field in schema if pa.types.is_string(field.type) or pa.types.is_large_string(field.type)]


def _header(data: bytes, where: str) -> list[str]:
    first = decode(data, where).split("\n", 1)[0].rstrip("\r")
    return next(csv.reader([first]), [])


def _parquet(file: pq.ParquetFile, member: Member, given: dict[str, str], wanted: list[str], size: int) -> pa.Table:
    said = file.metadata
    unpacked = sum(said.row_group(group).total_byte_size for group in range(said.num_row_groups))
    if said.num_rows > MAX_ROWS or unpacked > MAX_MEMBER_BYTES or unpacked > max(MAX_RATIO * size, 10 * 1024**2):
        raise InputError(
            f"{member.where} unpacks to {said.num_rows:,} rows and {unpacked / 1024**2:,.0f} MB: give the incidents of "
            "this area only, split by year."
        )
    try:
        table = file.read(columns=[given[name] for name in wanted], use_threads=False)
        columns = [_as_text(name, table.column(given[name])) for name in wanted]
    except (pa.ArrowException, OSError, KeyError) as error:
        raise InputError(
            f"{member.where} cannot be read as an extract ({quoted(str(error).splitlines()[0] if str(error) else '')}): "
            "write its columns as text, numbers, dates, and true or false."
        ) from None
    return pa.table(columns, names=wanted)


def _as_text(name: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column as a CSV file would hold it."""
    if pa.types.is_dictionary(column.type):
        if pa.types.is_string(column.type.value_type) or pa.types.is_large_string(column.type.value_type):
            return column
        column = column.cast(column.type.value_type)
    if pa.types.is_timestamp(column.type):
        local = pc.local_timestamp(column) if column.type.tz else column
        column = local.cast(pa.date32(), safe=False)
    if pa.types.is_floating(column.type):
        column = pc.if_else(pc.is_nan(column), None, column)
    if pa.types.is_decimal(column.type):
        column = column.cast(pa.float64())
    return column.cast(pa.string()).dictionary_encode()


def _frame(table: pa.Table, member: Member, forces: Sequence[str]) -> pd.DataFrame:
    """The rows in the shape that ``place_rows`` takes."""
    if not table.num_rows:
        raise InputError(f"{member.where} has no rows: give a file with at least one incident.")
    if table.num_rows > MAX_ROWS:
        raise InputError(f"{member.where} has {table.num_rows:,} rows, more than {MAX_ROWS:,}: split it by year.")
    text = {name: _stripped(table.column(name).combine_chunks().to_pandas()) for name in table.column_names}
    none = pd.Series(pd.Categorical.from_codes(np.full(table.num_rows, -1), []))

    def column(name: str) -> pd.Series:
        return text.get(name, none)

    where = member.where
    day = column("date")
    days = [_is_date(value) for value in day.cat.categories]
    frame = pd.DataFrame(
        {
            "crime_id": pd.Series([None] * table.num_rows, dtype="str"),
            "month": recoded(day, [_month(value, good) for value, good in zip(day.cat.categories, days, strict=True)]),
            "force": _force(column("force"), forces, where),
            "longitude_text": _degrees(column("longitude")),
            "latitude_text": _degrees(column("latitude")),
            "location": column("location"),
            "recorded_lsoa_code": none,
            "crime_type": _crime_types(column("crime_type"), where),
            "outcome": none,
            "date": recoded(day, [v if good else None for v, good in zip(day.cat.categories, days, strict=True)]),
            "hour": _hours(column("hour"), where),
            "offence_code": column("offence_code"),
            **{flag: _flag(column(flag), flag, where) for flag in FLAGS},
        }
    )
    row_hash = pd.util.hash_pandas_object(frame, index=False).to_numpy()
    frame["file"] = pd.Categorical([member.name] * len(frame))
    frame["row"] = np.arange(2, len(frame) + 2, dtype="int32")
    frame["row_hash"] = row_hash
    return frame


def _stripped(column: pd.Series) -> pd.Series:
    return recoded(column, [str(value).strip() or None for value in column.cat.categories])


def _is_date(text: str) -> bool:
    try:
        return bool(_DATE.fullmatch(text)) and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _month(text: str, is_date: bool) -> str:
    """The month of a date; what is no date stays as it stands, and must not pass for a month."""
    return text[:7] if is_date else f"{text} (no day)" if MONTH.fullmatch(text) else text


def _degrees(column: pd.Series) -> pd.Series:
    """One way of writing the same number, so that a CSV file and its Parquet copy are seen to be the same."""
    texts = column.cat.categories
    numbers = pd.to_numeric(pd.Series(texts, dtype="object"), errors="coerce").to_numpy(dtype="float64")
    plain = [repr(float(n)) if np.isfinite(n) else text for n, text in zip(numbers, texts, strict=True)]
    return recoded(column, plain)


def _force(column: pd.Series, forces: Sequence[str], where: str) -> pd.Series:
    slugs = [slug_of(value) for value in column.cat.categories]
    if column.isna().any():
        if len(forces) != 1:
            of = f"the area has {len(forces)}" if forces else "the area's own is not known"
            raise InputError(
                f"{where} does not say in row {_first(column.isna()):,} which police force recorded it, and {of}: add a "
                "column 'force', or give ONS's lookup of districts to police force areas with --lookup."
            )
        column = column.cat.add_categories("\0").fillna("\0")
        slugs.append(forces[0])
    return recoded(column, slugs)


def _crime_types(column: pd.Series, where: str) -> pd.Series:
    known = [published_type(value) for value in column.cat.categories]
    for place, value in enumerate(column.cat.categories):
        if known[place] is None:
            raise InputError(
                f"{where} has the crime type {quoted(value)} in row {_first(column.cat.codes == place):,}: the crime types "
                f"are those of police.uk, {', '.join(CRIME_TYPES)}."
            )
    return recoded(column, known)


def _hours(column: pd.Series, where: str) -> pd.Series:
    hours = pd.to_numeric(pd.Series(column.cat.categories, dtype="object"), errors="coerce")
    wrong = ~((hours >= 0) & (hours <= 23) & (hours % 1 == 0))
    _refuse(column, wrong.to_numpy(), "the hour", "write a whole number from 0 to 23, or leave it empty", where)
    values = np.append(hours.to_numpy(dtype="float64"), np.nan)[column.cat.codes.to_numpy()]
    return pd.Series(values).astype("Int8")


def _flag(column: pd.Series, name: str, where: str) -> pd.Series:
    truths = [_TRUTH.get(value.casefold()) for value in column.cat.categories]
    wrong = np.array([truth is None for truth in truths], dtype=bool)
    _refuse(column, wrong, name, "write true or false, or leave it empty where it is not recorded", where)
    return pd.Series(np.array([*truths, None], dtype=object)[column.cat.codes.to_numpy()]).astype("boolean")


def _refuse(column: pd.Series, wrong: np.ndarray, meaning: str, remedy: str, where: str) -> None:
    rows = np.append(wrong, False)[column.cat.codes.to_numpy()]
    if rows.any():
        raise InputError(
            f"{where} has {quoted(column.iloc[rows.argmax()])} as {meaning} in row {_first(rows):,}: {remedy}."
        )


def _first(rows: ArrayLike) -> int:
    """The row of the file, the header being the first."""
    return int(np.asarray(rows).argmax()) + 2


def _without_copies(
    frame: pd.DataFrame, member: Member, known: dict[tuple[str, str], list[tuple[str, np.ndarray]]]
) -> tuple[pd.DataFrame, bool]:
    """Leave out a force and month that another file held with the same rows; refuse it with many of the same."""
    copies = []
    for key, index in frame.groupby(["force", "month"], observed=True, dropna=False).indices.items():
        unit = (str(key[0]), str(key[1]))
        rows = np.sort(frame["row_hash"].to_numpy()[index])
        for where, others in known.setdefault(unit, []):
            if np.array_equal(rows, others):
                copies.append(index)
                break
            same = int(np.isin(rows, others).sum())
            if same > _SAME_ROWS * min(len(rows), len(others)):
                raise InputError(
                    f"{member.where} and {where} both hold incidents of {quoted(unit[0])} for {quoted(unit[1])}, and "
                    f"{same:,} of {len(rows):,} are the same: give only the newer one."
                )
        else:
            known[unit].append((member.where, rows))
    if not copies:
        return frame, False
    keep = np.ones(len(frame), dtype=bool)
    keep[np.concatenate(copies)] = False
    return frame[keep], True


def _thin_months(units: dict[tuple[str, str], int]) -> list[str]:
    """Months with far fewer rows than usual: cut off, or dates that were mistyped."""
    said = []
    for force in sorted({force for force, _ in units}):
        months = {month: rows for (of, month), rows in sorted(units.items()) if of == force}
        usual = float(np.median(list(months.values())))
        for month, rows in months.items():
            if rows < _FEW_ROWS * usual:
                said.append(
                    f"The extract of {name_of(force)} has {rows:,} rows for {month}, where a usual month has {usual:,.0f}; "
                    "the month may not be complete."
                )
    return said
