"""How sure is the ranking: between which ranks each place lies, and which neighbourhoods stand out from chance."""

from typing import Final

import pandas as pd
import streamlit as st
from libpysal.graph import Graph

from geodata.dataset import Dataset
from hotspots.narrative import (
    capital,
    certainty_title,
    cluster_sentence,
    ordinal,
    per_thousand,
    rank_range,
    sentence_of_dispersion,
)
from hotspots.ranking import MEASURE_COLUMNS
from hotspots.selection import Selection
from hotspots.severity import NO_INTERVAL
from hotspots.significance import Correction, clusters, neighbours, neighbours_reading
from hotspots.table import areas_in
from pages.shared import charts, data, large, locations, maps, subject, text
from pages.shared.classes import CLUSTERS, LegendEntry
from pages.shared.frame import Frame
from pages.shared.views import parts

SHOWN: Final = 25
_SAID: Final = 6  # places that fit a large screen
_LOW: Final = "low (chance)"
_HIGH: Final = "high (chance)"
_NOT_WIDENED: Final = ", of chance in its count alone: not widened as the intervals of ranks are"
SHAPES: Final = ("Ranks as a chart", "Ranks and rates as a table")
CORRECTIONS: Final[dict[str, Correction]] = {
    "FDR by Benjamini-Hochberg": "bh",
    "by Benjamini-Yekutieli (cautious)": "by",
}


def show(frame: Frame) -> None:
    """Title, rank intervals of the first places, clusters on the map, the table of both."""
    table = data.table(frame.dataset, frame.selection)
    sure = data.certainty(frame.dataset, frame.selection)
    ranked = table.join(sure.ranks)
    severity = frame.selection.measure == "severity"
    st.title("How sure a ranking by severity is cannot be said" if severity else certainty_title(ranked), anchor=False)
    text.caption(
        subject.caption(frame),
        "" if severity or frame.large else f"95 % intervals of ranks, {sentence_of_dispersion(sure.dispersion)}",
    )
    subject.notes(frame, table, locations.narrowing(frame))
    own = locations.narrowed(frame, ranked)
    if frame.large:
        _in_large(frame, own, sure.dispersion)
        return
    left, right = st.columns(2, gap="small")
    with left:
        _clusters(frame, table)
    with right:
        if severity:
            text.paragraph(text.sentence(NO_INTERVAL))
        elif parts.choice("Shown", SHAPES, key="sure_shape") == SHAPES[0]:
            charts.rank_intervals(own.head(SHOWN).assign(label=data.places(frame.dataset)), frame.theme)
        else:
            _table(frame, own)
    more = ("severity",) if severity else ()
    parts.worked_out(*more, "rank-interval", "gi-star", "rate", "empirical-bayes")


def _in_large(frame: Frame, ranked: pd.DataFrame, dispersion: float) -> None:
    """The first places and between which ranks each lies; the same in words."""
    if frame.selection.measure == "severity":
        text.paragraph(text.sentence(NO_INTERVAL))
        return
    first = ranked.dropna(subset=["rank_low"]).head(_SAID).assign(label=data.places(frame.dataset))
    picture, beside = large.finding()
    with picture:
        charts.rank_intervals(first, frame.theme, large=True)
    with beside:
        large.say([locations.narrowing(frame, "Narrowed to", "ranks are those of the whole list")])
        large.say(_in_words(row) for _, row in first.iterrows())
        large.say([capital(sentence_of_dispersion(dispersion))])


def _in_words(row: pd.Series) -> str:
    """ "Gull Road 016B: 3rd, could be 3rd to 7th"; holds a name from data."""
    sure = row["rank_low"] == row["rank_high"]
    between = "" if sure else f", could be {rank_range(row['rank_low'], row['rank_high'])}"
    return f"{row['label']}: {ordinal(int(row['rank']))}{between}"


def _table(frame: Frame, ranked: pd.DataFrame) -> None:
    shown = ranked if st.session_state.get("all_rows") else ranked.head(SHOWN)
    number = st.column_config.NumberColumn
    unit = text.escaped(capital(per_thousand(subject.denominator(frame))))
    st.dataframe(
        pd.DataFrame(
            {
                "Rank": shown["rank"],
                "LSOA": data.places(frame.dataset).reindex(shown.index),
                subject.nouns(frame.selection): shown["count"],
                "Rank between": [rank_range(low, high) for low, high in zip(shown["rank_low"], shown["rank_high"], strict=True)],
                "Not told apart from": [_not_told_apart(before, after) for before, after in zip(shown["before"], shown["after"], strict=True)],
                "Rate": shown["rate_per_1000_year"],
                _LOW: shown["rate_low"],
                _HIGH: shown["rate_high"],
                "Drawn to mean": shown["empirical_bayes_rate"],
            }
        ),
        hide_index=True, row_height=30, height="stretch", placeholder="",
        column_config={
            "Rank": number(width=44), "LSOA": st.column_config.TextColumn(width=178),
            subject.nouns(frame.selection): number(width=66, format="localized"),
            "Rank between": st.column_config.TextColumn(width=94),
            "Not told apart from": st.column_config.TextColumn(width=142, help="How many places next to it in the list"),
            "Rate": number(width=52, format="%.1f", help=unit),
            _LOW: number(width=90, format="%.1f", help=f"Lower limit of the rate's 95 % interval{_NOT_WIDENED}"),
            _HIGH: number(width=94, format="%.1f", help=f"Upper limit of the rate's 95 % interval{_NOT_WIDENED}"),
            "Drawn to mean": number(format="%.1f", help=f"Empirical Bayes rate, {unit[0].lower()}{unit[1:]}"),
        },
    )  # fmt: skip
    st.toggle(f"Show all {len(ranked):,} LSOAs", key="all_rows")


def _not_told_apart(before: int | None, after: int | None) -> str:
    """ "3 before, 4 after": how many places next to it in the list; "none" where it can be told apart from both sides."""
    if pd.isna(before) or pd.isna(after):
        return ""
    return ", ".join(f"{n} {side}" for n, side in ((before, "before"), (after, "after")) if n) or "none"


def contiguity(dataset: Dataset, selection: Selection) -> Graph:
    """Which of the chosen LSOAs touch."""
    return neighbours(areas_in(dataset.areas, selection.districts))


def _clusters(frame: Frame, table: pd.DataFrame) -> None:
    drawn = st.container()
    correction = parts.choice("False discovery rate held by", list(CORRECTIONS), key="correction")
    with drawn:
        _cluster_map(frame, table, CORRECTIONS[correction])


def _cluster_map(frame: Frame, table: pd.DataFrame, correction: Correction) -> None:
    graph = data.kept(contiguity, frame.dataset, frame.selection)
    column = MEASURE_COLUMNS[frame.selection.measure]
    values = table[column].reindex(graph.unique_ids)
    try:
        found = clusters(values.astype("float64"), graph, correction)
    except ValueError as error:
        text.paragraph(str(error))
        return
    category = parts.on_every_area(frame, found["cluster"])
    colours = CLUSTERS[frame.theme]
    codes = parts.class_codes(category, list(colours))
    inside = table.index.get_indexer(pd.Index(frame.dataset.areas["lsoa_code"])) >= 0
    there = set(category.dropna())
    entries = [LegendEntry(colours[name], words, "class") for name, words in _WORDS.items() if name in there]
    parts.draw_map(
        frame,
        parts.outside(codes, inside),
        list(colours.values()),
        parts.on_every_area(frame, found["z"]),
        maps.ValueKind.GI_STAR,
        "Cluster by Gi*, 5 % after FDR",
        entries,
    )
    text.caption(
        text.sentence(cluster_sentence(found["cluster"])), text.sentence(neighbours_reading(graph).capitalize()),
        key="note_clusters",
    )  # fmt: skip


_WORDS: Final = {"none": "No cluster", "hot": "Cluster of high values", "cold": "Cluster of low values"}
