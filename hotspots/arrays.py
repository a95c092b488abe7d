"""What every measure accepts and gives back: numbers, lists, arrays and Series, nulls as NaN."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

Numbers = ArrayLike | Sequence[float | None]


def floats(values: Any) -> np.ndarray:
    """A new one-dimensional float array, NaN where null."""
    if pd.api.types.is_scalar(values):
        values = [values]
    return pd.Series(values).to_numpy(dtype="float64", na_value=np.nan, copy=True)


def like(values: Any, result: np.ndarray) -> Any:
    """The result in the shape in which ``values`` came: Series on its own index, number as number, else array."""
    if isinstance(values, pd.Series):
        return pd.Series(result, index=values.index)
    return float(result[0]) if pd.api.types.is_scalar(values) else result


def check_aligned(*columns: Any) -> None:
    """Refuse columns of different lengths, and Series whose index is not the same: rows would be mixed up.

    Single numbers go with any length.

    Raises
    ------
    ValueError
    """
    several = [column for column in columns if not pd.api.types.is_scalar(column)]
    lengths = {len(column) for column in several}
    if len(lengths) > 1:
        raise ValueError(
            f"The columns have {' and '.join(str(n) for n in sorted(lengths))} rows. Give one value per area in each."
        )
    indexes = [column.index for column in several if isinstance(column, pd.Series)]
    if any(not index.equals(indexes[0]) for index in indexes[1:]):
        raise ValueError("The columns are not on the same index. Set the same index on each, in the same order.")


def check_not_negative(values: np.ndarray, what: str) -> None:
    """Refuse negative numbers, naming what they are.

    Raises
    ------
    ValueError
    """
    if (values < 0).any():
        raise ValueError(f"A {what} is negative ({np.nanmin(values):g}). Give 0 or more.")
