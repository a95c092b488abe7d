"""Rows of several files as one frame in one order, whichever kind of file they come from."""

import re
from collections.abc import Iterable

import numpy as np
import pandas as pd

from geodata.columns import CRIME_TYPES
from geodata.errors import quoted

_PUBLISHED = {name.casefold(): name for name in CRIME_TYPES}


def csv_fault(message: str) -> str:
    """What pyarrow found wrong with a CSV file, in words."""
    ragged = re.search(r"(Row #\d+: )?Expected (\d+) columns, got (\d+)", message)
    if ragged:
        row = (ragged.group(1) or "a row").rstrip(": ").replace("Row #", "row ")
        return f"{row} has {ragged.group(3)} cells where its header has {ragged.group(2)}"
    return quoted(message.split("\n")[0])


def published_type(text: str) -> str | None:
    """The crime type of ``columns.CRIME_TYPES`` that ``text`` names, letter case and spaces aside; None for another."""
    return _PUBLISHED.get(" ".join(text.split()).casefold())


def recoded(column: pd.Series, values: Iterable[str | None]) -> pd.Series:
    """A categorical column with each category replaced by another text or by null; several may become one."""
    new = list(values)
    categories = pd.Index(sorted({value for value in new if value is not None}), dtype="object")
    position = np.append(categories.get_indexer(pd.Index(new, dtype="object")), -1)
    return pd.Series(pd.Categorical.from_codes(position[column.cat.codes.to_numpy()], categories), column.index)


def together(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """Frames of the same columns one below the other; categories are united and sorted."""
    united = {}
    for name in frames[0].columns:
        columns = [frame[name] for frame in frames]
        united[name] = (
            pd.Categorical.from_codes(*_united(columns))
            if isinstance(columns[0].dtype, pd.CategoricalDtype)
            else pd.concat(columns, ignore_index=True)
        )
    return pd.DataFrame(united)


def _united(columns: list[pd.Series]) -> tuple[np.ndarray, pd.Index]:
    every = pd.Index(sorted({value for column in columns for value in column.cat.categories.tolist()}), dtype="object")
    codes = []
    for column in columns:
        position = np.append(every.get_indexer(column.cat.categories), -1)
        codes.append(position[column.cat.codes])
    return np.concatenate(codes).astype("int32"), every


def canonical_order(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows by month, force and content, so that the order of the files leaves no trace."""
    keys = (
        rows["row_hash"].to_numpy(),
        rows["force"].cat.codes.to_numpy(),
        rows["month"].cat.codes.to_numpy(),
    )
    return rows.iloc[np.lexsort(keys)].reset_index(drop=True)
