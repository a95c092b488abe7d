"""What changed where: every LSOA before and after, and which changes chance would seldom make."""

from typing import Final

import pandas as pd
import streamlit as st

from geodata.dataset import Dataset
from hotspots.change import FELL, NO_CHANGE, ROSE, change_map, change_sentence
from hotspots.selection import Selection
from hotspots.windows import BeforeAfter
from pages.shared import data, evaluations, large, maps, subject, text
from pages.shared.classes import TRENDS, LegendEntry
from pages.shared.displacement_views.case import Case, heading, near, surroundings, what_was_done
from pages.shared.displacement_views.did_it_move import refused
from pages.shared.views import parts

_WORDS: Final = {
    NO_CHANGE: "No change that chance would not make",
    ROSE: "Rose beyond chance",
    FELL: "Fell beyond chance",
}
_COLOURS: Final = {NO_CHANGE: "none", ROSE: "up", FELL: "down"}
_NEAREST: Final = 10
_SAID: Final = 5  # LSOAs that fit beside the map


def show(case: Case) -> None:
    """Title, the map of changes and the LSOAs that changed."""
    try:  # it needs no controls: what cannot be judged against others can be looked at all the same
        windows = evaluations.windows_of(*case.asked, case.settings, case.kinds)
    except ValueError:
        refused(case)
        return
    changes = data.kept(changed, *case.asked[:2], case.kinds, windows)
    label = [] if case.found else [windows.label]
    heading(case, change_sentence(changes, subject.noun(case.frame.selection)), *label, *windows.warnings)
    if case.frame.large:
        picture, beside = large.finding()
        with picture:
            _map(case, changes)
        with beside:
            large.say([*_in_words(case, changes), what_was_done(case), *label, *windows.warnings])
        return
    left, right = st.columns(2, gap="small")
    with left:
        _map(case, changes)
    with right:
        _table(case, changes)
    parts.worked_out("change-map")


def changed(dataset: Dataset, selection: Selection, kinds: tuple[str, ...], windows: BeforeAfter) -> pd.DataFrame:
    """The change of every area, in the order of the areas."""
    changes = change_map(data.all_months(dataset, selection, kinds), windows)
    return changes.reindex(pd.Index(dataset.areas["lsoa_code"]))


def _map(case: Case, changes: pd.DataFrame) -> None:
    frame = case.frame
    lines, shapes = near(case)
    colours = {name: TRENDS[frame.theme][_COLOURS[name]] for name in _WORDS}
    there = set(changes["change"].dropna())
    # what cannot be zoomed into from afar is shown close up
    close = data.kept(surroundings, frame.dataset, case.location) if frame.large else None
    parts.draw_map(
        frame, parts.class_codes(changes["change"], list(_WORDS)), list(colours.values()), changes["difference"],
        maps.ValueKind.DIFFERENCE, "5 % after FDR", [LegendEntry(colours[n], words, "class") for n, words in _WORDS.items() if n in there],
        outlines=lines, shapes=shapes, bounds=close,
    )  # fmt: skip


def _beyond_chance(changes: pd.DataFrame) -> pd.DataFrame:
    return changes[changes["change"].isin([ROSE, FELL])].sort_values(["difference"], ascending=False)


def _in_words(case: Case, changes: pd.DataFrame) -> list[str]:
    """The LSOAs that changed most of those that did beyond chance, either way."""
    shown = _beyond_chance(changes)
    most = shown.loc[shown["difference"].abs().sort_values(ascending=False, kind="stable").index[:_SAID]]
    names = data.places(case.frame.dataset).reindex(most.index)
    return [
        f"{name}: {before:,.0f} before, {after:,.0f} after"
        for name, before, after in zip(names, most["before"], most["after"], strict=True)
    ]


def _table(case: Case, changes: pd.DataFrame) -> None:
    shown = _beyond_chance(changes)
    if shown.empty:
        shown = changes.dropna(subset=["p"]).sort_values("p", kind="stable").head(_NEAREST)
        text.caption(f"The {len(shown)} nearest to a change, none of them called one:", key="note_nearest")
    st.dataframe(
        pd.DataFrame(
            {
                "LSOA": data.places(case.frame.dataset).reindex(shown.index).to_numpy(),
                "Before": shown["before"].to_numpy(),
                "After": shown["after"].to_numpy(),
                "Difference": [
                    f"{d:+,.0f} ({low:,.0f} to {high:,.0f})"
                    for d, low, high in shown[["difference", "lower", "upper"]].itertuples(index=False)
                ],
                "p after FDR": ["under 0.001" if p < 0.001 else f"{p:.3f}" for p in shown["p_adjusted"]],
            }
        ),
        hide_index=True, row_height=30, height="content" if len(shown) <= _NEAREST else "stretch",
    )  # fmt: skip
    text.caption(
        "Difference with its own 95 % limits; p by the exact test, adjusted over all LSOAs. Neither is against controls: "
        "what happened everywhere is in it.",
        key="note_table",
    )
