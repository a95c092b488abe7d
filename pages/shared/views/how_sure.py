"""How sure is the ranking: between which ranks each place lies, and which neighbourhoods stand out from chance."""

from typing import Final

import pandas as pd
import streamlit as st
from libpysal.graph import Graph

from geodata.dataset import Dataset
from hotspots.narrative import certainty_title, cluster_sentence, rank_range, sentence_of_dispersion
from hotspots.ranking import MEASURE_COLUMNS
from hotspots.selection import Selection
from hotspots.significance import Correction, clusters, neighbours, neighbours_reading
from hotspots.table import areas_in
from pages.shared import charts, data, maps, subject, text
from pages.shared.classes import CLUSTERS, LegendEntry
from pages.shared.frame import Frame
from pages.shared.views import parts

SHOWN: Final = 25
CORRECTIONS: Final[dict[str, Correction]] = {
    "Benjamini-Hochberg": "bh",
    "Benjamini-Yekutieli (cautious)": "by",
}


def show(frame: Frame) -> None:
    """Title, rank intervals of the first places, clusters on the map, the table of both."""
    table = data.table(frame.dataset, frame.selection)
    sure = data.certainty(frame.dataset, frame.selection)
    ranked = table.join(sure.ranks)
    st.title(certainty_title(ranked), anchor=False)
    text.caption(subject.caption(frame), "95 % intervals", sentence_of_dispersion(sure.dispersion))
    subject.notes(frame, table)
    left, right = st.columns(2, gap="small")
    with left:
        _clusters(frame, table)
    with right:
        charts.rank_intervals(ranked.head(SHOWN), frame.theme)
    shown = ranked.head(SHOWN if not st.session_state.get("all_rows") else len(ranked))
    st.dataframe(
        pd.DataFrame(
            {
                "Rank": shown["rank"],
                "LSOA": shown["label"],
                subject.nouns(frame.selection): shown["count"],
                "Lies between": [rank_range(low, high) for low, high in zip(shown["rank_low"], shown["rank_high"], strict=True)],
                "In the list": shown["reading"].str.capitalize(),
                "Rate": shown["rate_per_1000_year"],
                "Rate, low": shown["rate_low"],
                "Rate, high": shown["rate_high"],
                "Rate, drawn to the mean": shown["empirical_bayes_rate"],
            }
        ),
        hide_index=True, row_height=30, height=360, placeholder="",
        column_config={name: st.column_config.NumberColumn(format="%.1f") for name in _RATES},
    )  # fmt: skip
    st.toggle(f"Show all {len(ranked):,} LSOAs", key="all_rows")
    parts.worked_out("rank-interval", "gi-star", "rate", "empirical-bayes")


_RATES: Final = ("Rate", "Rate, low", "Rate, high", "Rate, drawn to the mean")


def contiguity(dataset: Dataset, selection: Selection) -> Graph:
    """Which of the chosen LSOAs touch."""
    return neighbours(areas_in(dataset.areas, selection.districts))


def _clusters(frame: Frame, table: pd.DataFrame) -> None:
    correction = st.segmented_control(
        "False discovery rate held by", list(CORRECTIONS), default="Benjamini-Hochberg", required=True, key="correction"
    )
    graph = data.kept(contiguity, frame.dataset, frame.selection)
    column = MEASURE_COLUMNS[frame.selection.measure]
    values = table[column].reindex(graph.unique_ids)
    try:
        found = clusters(values.astype("float64"), graph, CORRECTIONS[str(correction)])
    except ValueError as error:
        text.paragraph(str(error))
        return
    category = parts.on_every_area(frame, found["cluster"])
    colours = CLUSTERS[frame.theme]
    codes = parts.class_codes(category, list(colours))
    inside = pd.Index(frame.dataset.areas["lsoa_code"]).isin(table.index)
    entries = [LegendEntry(colours[name], words, "class") for name, words in _WORDS.items()]
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


_WORDS: Final = {"none": "No cluster", "hot": "High among high neighbours", "cold": "Low among low neighbours"}
