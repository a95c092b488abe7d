"""Severity-weighted offences: the sum of count x weight by Home Office offence code.

The weights are the user's, such as the ONS Crime Severity Score or the Cambridge Crime Harm Index. They exist by offence
code only; a police.uk category mixes offences whose weights differ a hundredfold.
"""

import math
from collections import Counter
from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from geodata.columns import ASB
from hotspots.narrative import counted, number
from hotspots.offence_codes import classes_of, normalise

_NAMED = 5
NO_INTERVAL: Final = (
    "No interval is given for severity: a few grave offences decide it, and no tested model stands behind one"
)


def severity(incidents: pd.DataFrame, weights: Mapping[str, float]) -> pd.Series:
    """The severity of each area's offences: sum of count x weight.

    Parameters
    ----------
    incidents
        With ``lsoa_code``, ``crime_type`` and ``offence_code``. ASB has no weight and is left out.
    weights
        Weight by offence code, written in any of the usual ways. A single offence ("8/1") without a weight of its own
        takes that of its class ("8N").

    Returns
    -------
    Series
        By lsoa_code, sorted; only areas with an offence. Its sum is the severity of all.

    Raises
    ------
    ValueError
        Where the source has no codes, an offence has none, a code has no weight, or a weight is not a number from 0 up.
    """
    known = _checked(weights)
    if "offence_code" not in incidents or not incidents["offence_code"].notna().any():
        raise ValueError(
            "Severity cannot be worked out: these incidents carry no offence codes, and on police.uk's broad violence "
            "category it says nothing. Load an extract with Home Office offence codes."
        )
    offences = incidents[~incidents["crime_type"].eq(ASB).fillna(False).to_numpy(dtype=bool)]
    without = int(offences["offence_code"].isna().sum())
    if without:
        raise ValueError(
            f"Severity cannot be worked out: {number(without)} of {number(len(offences))} offences have no offence code, "
            "and left out they would count as harmless. Complete the codes in the extract."
        )
    place, codes = pd.factorize(offences["offence_code"])
    each = [_weight(normalise(code), known) for code in codes]
    lacking = Counter(normalise(codes[n]) for n in place if each[n] is None)
    if lacking:
        raise ValueError(f"Severity cannot be worked out: {_lacking(lacking)}. Add their weights.")
    weighed = pd.Series(np.array(each, dtype="float64")[place], index=offences.index)
    return weighed.groupby(offences["lsoa_code"]).sum().rename("severity")


def _weight(code: str, weights: Mapping[str, float]) -> float | None:
    if code in weights:
        return weights[code]
    of_classes = {weights.get(one) for one in classes_of(code)}
    return of_classes.pop() if len(of_classes) == 1 else None


def _checked(weights: Mapping[str, float]) -> dict[str, float]:
    known: dict[str, float] = {}
    for code, weight in weights.items():
        if not (isinstance(weight, int | float | np.number) and math.isfinite(weight) and weight >= 0):
            raise ValueError(f"The weight of offence code {code!r} is {weight!r}. Give a number from 0 up.")
        plain = normalise(code)
        if known.get(plain, weight) != weight:
            raise ValueError(f"The offence code {plain} has two weights, {known[plain]} and {weight}. Give one.")
        known[plain] = float(weight)
    if not known:
        raise ValueError("There is no weight. Give a weight by offence code.")
    return known


def _lacking(counts: Counter[str]) -> str:
    named = [f"{code} ({number(n)})" for code, n in counts.most_common(_NAMED)]
    more = f" and {len(counts) - _NAMED:,} more" if len(counts) > _NAMED else ""
    codes = "offence code has" if len(counts) == 1 else "offence codes have"
    return f"{number(len(counts))} {codes} no weight ({counted(counts.total(), 'offence')}): {', '.join(named)}{more}"
