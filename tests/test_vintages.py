"""The vintage of a table whose headers do not say."""

import pandas as pd
import pytest

from geodata.vintages import looks_like_other, made_in_2021

KEPT, SPLIT, NEW = ["E01000001", "E01000002"], ["E01000003"], ["E01034001", "E01034002"]


def index(*parts: list[str]) -> pd.Index:
    return pd.Index([code for part in parts for code in part])


def test_codes_made_in_2021_follow_the_last_of_2011_in_each_country() -> None:
    codes = ["E01033768", "E01033769", "W01001958", "W01001959", "E02099999", "S01999999"]
    assert list(made_in_2021(pd.Index(codes))) == ["E01033769", "W01001959"]
    assert list(made_in_2021(pd.Index([], dtype="str"))) == []


@pytest.mark.parametrize(
    ("table", "boundaries", "vintage", "other"),
    [
        (index(KEPT, NEW), index(KEPT, NEW), 2021, False),
        (index(KEPT, SPLIT), index(KEPT, NEW), 2021, True),
        (index(KEPT, NEW), index(KEPT, SPLIT), 2011, True),
        (index(KEPT, SPLIT), index(KEPT, SPLIT), 2011, False),
        (index(KEPT), index(KEPT), 2021, False),
        (index(KEPT), index(KEPT, SPLIT), 2011, False),
        (index(["E01099001"]), index(KEPT, NEW), 2021, False),
        (index(["E02000001"]), index(KEPT, SPLIT), 2011, False),
        (index(KEPT, SPLIT, NEW), index(KEPT, NEW), 2021, False),
        (index(KEPT, SPLIT, NEW), index(KEPT, SPLIT), 2011, False),
    ],
    ids=[
        "the same",
        "2011 table on 2021 boundaries",
        "2021 table on 2011 boundaries",
        "the same of 2011",
        "nothing changed here",
        "a table with a gap",
        "another area altogether",
        "no LSOA codes at all",
        "a table of both",
        "a table of both on 2011 boundaries",
    ],
)
def test_a_table_of_the_other_vintage_is_told_by_its_codes(
    table: pd.Index, boundaries: pd.Index, vintage: int, other: bool
) -> None:
    assert looks_like_other(table, boundaries, vintage) is other
