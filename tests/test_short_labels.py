"""How a place is called where there is little room: short, and never so that it could be another."""

import pandas as pd

from pages.shared.tables import short_labels


def test_the_district_stands_where_a_name_alone_could_be_in_two() -> None:
    labels = pd.Series(
        ["Mancroft (Norwich 017B)", "Nelson (Great Yarmouth 006E)", "Nelson (Norwich 016D)", "Nelson (Norwich 009A)"]
    )
    assert short_labels(labels).tolist() == [
        "Mancroft 017B", "Nelson 006E, Great Yarmouth", "Nelson 016D, Norwich", "Nelson 009A, Norwich",
    ]  # fmt: skip


def test_what_is_no_such_label_stays() -> None:
    labels = pd.Series(["Breckland 010A", "St. Mary (old) and South (Ely 001A)", "Mill (A)"], index=["x", "y", "z"])
    short = short_labels(labels)
    assert short.tolist() == ["Breckland 010A", "St. Mary (old) and South 001A", "Mill A"]
    assert short.index.tolist() == ["x", "y", "z"]


def test_two_that_would_be_the_same_stand_in_full() -> None:
    labels = pd.Series(["Mill (A 1)", "Mill 1"])
    assert short_labels(labels).tolist() == labels.tolist()
