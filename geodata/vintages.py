"""Which vintage of LSOAs a table is on, where its headers do not say: told by its codes."""

import pandas as pd

# The last code of 2011 in England and in Wales; the codes that ONS made in 2021 continue after them.
_LAST_OF_2011 = {"E01": "E01033768", "W01": "W01001958"}


def made_in_2021(codes: pd.Index) -> pd.Index:
    """Those of ``codes`` that first exist in the 2021 vintage."""
    text = codes.astype("str")
    after = [code > _LAST_OF_2011.get(code[:3], "Z") for code in text]
    return text[after]


def looks_like_other(table: pd.Index, boundaries: pd.Index, vintage: int) -> bool:
    """Whether a table of unstated vintage is of the other one than ``boundaries`` (of ``vintage``).

    Unchanged LSOAs keep their code, so only a table that lacks boundary codes can be of another vintage.
    """
    if boundaries.isin(table).all():
        return False
    if vintage == 2021:
        new = made_in_2021(boundaries)
        return bool(len(new) > 0 and not new.isin(table).any() and boundaries.isin(table).any())
    return len(made_in_2021(table)) > 0
