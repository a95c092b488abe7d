"""The offence-code form of a definition: which incidents it counts, where they carry Home Office codes and flags."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from geodata.columns import ASB
from hotspots.definition import FLAGS, Definition, Offences, Reading
from hotspots.narrative import number
from hotspots.offence_codes import covers, is_listed, normalise, touches

_FLAG_WORDS = {flag: f"{words} flag" for flag, words in FLAGS.items()}


def has_codes(incidents: pd.DataFrame) -> bool:
    """Whether any incident carries an offence code, so that the offence-code form applies."""
    return "offence_code" in incidents and bool(incidents["offence_code"].notna().any())


def matches(definition: Definition, incidents: pd.DataFrame, reading: Reading | None = None) -> pd.Series:
    """Whether the definition, so read, counts each incident.

    Parameters
    ----------
    definition, reading
        What counts; a switch that ``reading`` leaves out stands at its default.
    incidents
        With ``crime_type`` and ``offence_code`` (text, null = no code), and ``flag_*`` columns (true, false, null = not
        recorded) where there are any.

    Returns
    -------
    Series
        True or False on the index of ``incidents``. ASB is never counted. An incident whose code is missing, not
        listed, or too broad to tell is not counted by code; a flag that is not recorded is not taken as true.
        ``code_statement`` says how many these are.

    Raises
    ------
    ValueError
        Where a column is missing, or the reading is not one of the definition's.
    """
    _check(incidents)
    codes, place = _codes(incidents)
    offences = definition.counted(reading)
    # together, since a code may lie in one of two classes that are listed apart
    counted = _covered(_listed(one for one in offences if one.by_code), codes)[place]
    for one in offences:
        if not one.by_code:
            of_code = _covered(one.listed, codes)[place] if one.listed else True
            counted |= of_code & _by_flags(one, incidents)
    for flag in definition.required(reading):
        counted &= _carries(incidents, flag)
    counted &= ~_is_asb(incidents)
    return pd.Series(counted, index=incidents.index, name=definition.id)


def code_statement(definition: Definition, incidents: pd.DataFrame, reading: Reading | None = None) -> tuple[str, ...]:
    """What stands beside results of the offence-code form, in place of the open-data form's statement.

    Raises
    ------
    ValueError
        As ``matches``.
    """
    _check(incidents)
    offences = incidents[~_is_asb(incidents)]
    total = len(offences)
    if not total:
        return ("The offence-code form has nothing to count: there is no offence in these incidents.",)
    codes, place = _codes(offences)
    missing = int(offences["offence_code"].isna().sum())
    unlisted = int(np.array([bool(code) and not is_listed(code) for code in codes], dtype=bool)[place].sum())
    counted = definition.counted(reading)
    listed = _listed(counted)
    broad = int(np.array([touches(listed, code) for code in codes], dtype=bool)[place].sum())
    flags = _flags_used(counted, definition.required(reading))
    by = "Home Office offence codes and flags" if flags else "Home Office offence codes"
    sentences = [
        f"The offence-code form counts by {by}; domestic and online offences count where their code is listed."
    ]
    if reading_sentence := definition.reading_sentence(reading):
        sentences.append(reading_sentence)
    for count, what in (
        (missing, "no offence code"),
        (unlisted, "a code that is not on the Home Office's list"),
        (broad, "a code too broad to tell whether the definition includes it"),
    ):
        if count:
            sentences.append(f"{number(count)} of {number(total)} offences have {what} and are not counted by code.")
    for flag in flags:
        unknown = total if flag not in offences else int(_flag(offences, flag).isna().sum())
        if unknown:
            how = "any offence" if unknown == total else f"{number(unknown)} of {number(total)} offences"
            sentences.append(f"The {_FLAG_WORDS[flag]} is not recorded for {how}: not known, so not counted by it.")
    return tuple(sentences)


def _check(incidents: pd.DataFrame) -> None:
    for column in ("crime_type", "offence_code"):
        if column not in incidents:
            raise ValueError(
                f"The incidents have no column {column!r}, so a definition cannot be applied by offence code. "
                "Use its open-data form."
            )


def _codes(incidents: pd.DataFrame) -> tuple[list[str], np.ndarray]:
    """The different codes, normalised, and for each incident which of them; "" last, for none."""
    place, codes = pd.factorize(incidents["offence_code"])
    return [*(normalise(code) for code in codes), ""], place


def _listed(offences: Iterable[Offences]) -> frozenset[str]:
    return frozenset[str]().union(*(one.listed for one in offences))


def _covered(listed: frozenset[str], codes: list[str]) -> np.ndarray:
    return np.array([covers(listed, code) for code in codes], dtype=bool)


def _by_flags(offences: Offences, incidents: pd.DataFrame) -> np.ndarray:
    found = np.ones(len(incidents), dtype=bool)
    for flag in offences.all_flags:
        found &= _carries(incidents, flag)
    if offences.any_flag:
        found &= np.logical_or.reduce([_carries(incidents, flag) for flag in offences.any_flag])
    return found


def _carries(incidents: pd.DataFrame, flag: str) -> np.ndarray:
    if flag not in incidents:
        return np.zeros(len(incidents), dtype=bool)
    return _flag(incidents, flag).fillna(False).to_numpy(dtype=bool)


def _flag(incidents: pd.DataFrame, flag: str) -> pd.Series:
    return incidents[flag].astype("boolean")


def _is_asb(incidents: pd.DataFrame) -> np.ndarray:
    return incidents["crime_type"].eq(ASB).fillna(False).to_numpy(dtype=bool)


def _flags_used(counted: tuple[Offences, ...], required: tuple[str, ...]) -> list[str]:
    used = {flag for one in counted for flag in (*one.any_flag, *one.all_flags)} | set(required)
    return [flag for flag in FLAGS if flag in used]
