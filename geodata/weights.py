"""Severity weights by Home Office offence code, as the user gives them."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from geodata.errors import InputError, listed, quoted
from geodata.sources import file_name
from geodata.tables import numbers, plain_title, read_table, require_column

CODE = r"((home office|ho)[ _])?(offence|crime)?[ _]?(class(ification)?)?[ _]?code.*|code"
WEIGHT = r".*\bweight(ing)?s?\b.*|.*[ _]weight|weight[ _].*|.*\b(score|harm index|CSS|CCHI)\b.*"


@dataclass(frozen=True)
class Weights:
    """``by_code``: weight by offence code as written in the file; ``title``: whose weights they are."""

    title: str
    by_code: dict[str, float]
    file: str


def read_weights(paths: Sequence[Path]) -> Weights:
    """Read one CSV with a column of offence codes and one of weights; rows without either are passed over.

    The layouts in which the ONS Crime Severity Score and the Cambridge Crime Harm Index are published are workbooks
    with notes around the table: saved as CSV with these two columns they can be read.

    Raises InputError for several files, a missing column, a weight that is no number from 0 up, or a code with two weights.
    """
    if len(paths) > 1:
        raise InputError(
            f"The weights are {len(paths)} files ({listed(path.name for path in paths)}): give one, since two sets of weights "
            "cannot be mixed."
        )
    path = paths[0]
    table, where = read_table(path), quoted(path.name)
    code = require_column(table, CODE, "the offence code ('offence_code')", where)
    weight = require_column(table.drop(columns=code), WEIGHT, "the weight ('weight')", where)
    values = numbers(table[weight], "a weight", where)
    by_code: dict[str, float] = {}
    for one, value in zip(table[code], values, strict=True):
        if not isinstance(one, str) or value is None or not isinstance(value, float) or math.isnan(value):
            continue
        if by_code.setdefault(one, value) != value:
            raise InputError(f"{where} gives the offence code {quoted(one)} two weights: give one row per code.")
    if not by_code:
        raise InputError(f"{where} has no row with an offence code and a weight: check that both columns are filled.")
    return Weights(_title(weight, path), by_code, file_name(path))


def _title(header: str, path: Path) -> str:
    """What the column is called, where it says whose weights they are; else what the file is called."""
    plain = re.fullmatch(r"(offence |severity )?(weight(ing)?s?|score)", header.strip(), re.IGNORECASE)
    return plain_title(re.sub(r"[-_.]+", " ", path.stem) if plain else header) or "not named"
