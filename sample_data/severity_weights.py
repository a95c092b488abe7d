"""Severity weights for the codes of the extract: made up, in round numbers, and no one's published weights."""

from typing import Final

import pandas as pd

from sample_data.recorded import CODES

MADE_UP: Final[dict[str, float]] = {
    "1/1": 6000, "2": 4000, "3/1": 60, "5/1": 1500, "8/1": 200, "8/6": 40, "8/11": 60, "8/13": 60, "8/20": 60, "8/26": 60,
    "8/27": 60, "8/55": 15, "8/65": 30, "8/67": 60, "8/72": 30, "11/2": 40, "17/13": 600, "19/8": 3000, "20/3": 400,
    "22/18": 500, "36/1": 900, "104/23": 10, "105/1": 10, "106/1": 400, "195/94": 15,
    "56/1": 900, "56/2": 150, "57/1": 20, "58A": 8, "58B": 5, "58C": 5, "58D": 5,
    "46": 10, "62A": 150, "66/91": 15, "125/9": 20, "125/11": 8, "125/12": 8,
    "35/1": 100, "40/1": 15, "41/1": 25, "49/10": 15, "49A": 15,
    "33": 20, "54/1": 40, "79/1": 60, "83/1": 20, "95/17": 30, "99/15": 30,
    "28E": 400, "30C": 150, "29A": 1200, "31A": 700, "92A": 500, "92D": 10, "92E": 5,
    "37.2": 150, "45/10": 30, "48/1": 90, "126/1": 20, "81/1": 300, "90/1": 30, "44": 15,
    "34/1": 700, "34/2": 500, "39/1": 60,
}  # fmt: skip


def table() -> pd.DataFrame:
    """One row for every offence code of the extract."""
    codes = [code for of_type in CODES.values() for code in of_type]
    return pd.DataFrame({"offence_code": codes, "weight": [MADE_UP[code] for code in codes]})
