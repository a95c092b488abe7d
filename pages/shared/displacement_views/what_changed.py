"""What changed where: every LSOA before and after, and which changes chance would seldom make."""

from typing import Final

import pandas as pd
import streamlit as st

from geodata.dataset import Dataset
from hotspots.change import FELL, NO_CHANGE, ROSE, change_map, change_sentence
from hotspots.narrative import number
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
_SAID: Final = 4  # LSOAs that fit beside the map
_TARGET, _NEXT_DOOR, _ELSEWHERE = "in the target", "next door", "elsewhere"
_NO_CONTROLS: Final = "Not against controls: what happened everywhere is in it"


def show(case: Case) -> None:
    """Title, the map of changes and the LSOAs that changed."""
    try:  # it needs no controls: what cannot be judged against others can be looked at all the same
        windows = evaluations.windows_of(*case.asked, case.settings, case.kinds)
    except ValueError:
        refused(case)
        return
    changes = data.kept(changed, *case.asked[:2], case.kinds, windows)
    label = [] if case.found else [windows.label]
    title = change_sentence(changes, subject.noun(case.frame.selection))
    heading(case, title, _by_role(case, changes), *label, *windows.warnings)
    if case.frame.large:
        picture, beside = large.finding()
        with picture:
            _map(case, changes)
        with beside:
            said = [_by_role(case, changes), _NO_CONTROLS, *_in_words(case, changes), what_was_done(case)]
            large.say(large.fitting([*said, *label, *windows.warnings, *subject.open_form(case.frame)], title))
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
    where = _roles(case, most.index)
    return [
        f"{name} ({role}): {before:,.0f} before, {after:,.0f} after"
        for name, role, before, after in zip(names, where, most["before"], most["after"], strict=True)
    ]


def _roles(case: Case, codes: pd.Index) -> pd.Series:
    """Where each LSOA lies: in the target, next door or elsewhere."""
    target = evaluations.codes_of(case.frame.dataset, case.location)
    try:
        ring = evaluations.ring_of(case.frame.dataset, case.location).codes
    except ValueError:
        ring = ()
    roles = pd.Series(_ELSEWHERE, codes)
    return roles.mask(codes.isin(ring), _NEXT_DOOR).mask(codes.isin(target), _TARGET)


def _by_role(case: Case, changes: pd.DataFrame) -> str:
    """ "Of these, in the target none; next door 1 fell; elsewhere 3 rose and 6 fell"; empty where none changed."""
    shown = _beyond_chance(changes)
    if shown.empty:
        return ""
    ways, said = shown["change"], []
    roles = _roles(case, shown.index)
    for role in (_TARGET, _NEXT_DOOR, _ELSEWHERE):
        rose, fell = (int(((roles == role) & (ways == way)).sum()) for way in (ROSE, FELL))
        each = [f"{number(n)} {way}" for n, way in ((rose, "rose"), (fell, "fell")) if n]
        said.append(f"{role} {text.joined(each) if each else 'none'}")
    return f"Of these, {'; '.join(said)}"


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
