"""The parts of the Overview page."""

from dataclasses import dataclass
from typing import Final

import pandas as pd
import streamlit as st

from geodata.columns import ASB
from geodata.forces import name_of
from geodata.summary import denominator_in_words, months_in_words, weights_in_words
from hotspots.concentration import share_held
from hotspots.counts import change_on_year_before, not_placed, total
from hotspots.narrative import change_sentence, concentration_headline, not_placed_sentence, number, per_thousand
from hotspots.rates import overall_rate_per_1000_year
from hotspots.selection import RESIDENTS
from hotspots.table import areas_in
from pages.shared import charts, data, large, opening, subject, tables, text
from pages.shared.frame import Frame

_TABLE: Final = "busiest"
_NEXT: Final = 5


@dataclass(frozen=True)
class _Kind:
    """What a headline counts: its ``title``, its ``column`` of the ranked table, its crime types, what one of it is called."""

    title: str
    column: str
    crime_types: tuple[str, ...]
    noun: str


def ranked(frame: Frame) -> pd.DataFrame:
    """The ranked table of the selection, as on the Concentration page."""
    return data.table(frame.dataset, frame.selection)


def heading(frame: Frame, table: pd.DataFrame) -> None:
    """The finding, and what it is made of."""
    held = share_held(table["count"], table["residents"], 0.5)
    st.title(
        concentration_headline(held, subject.subject(frame.selection), subject.where(frame.selection)), anchor=False
    )
    text.caption(subject.caption(frame))
    subject.notes(frame, table)


def headlines(frame: Frame, table: pd.DataFrame) -> None:
    """What is counted and ASB, side by side and never added up, each with its change on the year before."""
    for column, one in zip(st.columns(2), _kinds(frame), strict=False):
        with column.container(border=True):
            st.metric(one.title, _total(table, one))
            if rates := _rates(frame, table, one.column):
                text.paragraph("\n".join(rates))
            said = [_change(frame, one), _left_out(frame, one)]
            text.caption(*(text.sentence(line) for line in said if line), key=f"note_change_{one.column}")


def in_large(frame: Frame, table: pd.DataFrame) -> None:
    """The months as the picture, the headlines beside them."""
    picture, beside = large.finding()
    with picture:
        series(frame)
    with beside:
        for one in _kinds(frame):
            large.say(
                [
                    "; ".join([f"{one.title}: {_total(table, one)}", *_rates(frame, table, one.column, "95 %:")]),
                    _change(frame, one, brief=True),
                ]
            )
        large.say([_left_out(frame, _kinds(frame)[0])])


def _kinds(frame: Frame) -> list[_Kind]:
    """What is counted and, where that is not ASB, ASB beside it."""
    chosen = frame.selection
    kinds = [_Kind(subject.nouns(chosen), "count", data.crime_types(chosen), subject.noun(chosen))]
    if not subject.is_asb(chosen):
        kinds.append(_Kind("Anti-social behaviour reports", "asb_count", (ASB,), "ASB report"))
    return kinds


def _total(table: pd.DataFrame, one: _Kind) -> str:
    events = total(table[one.column])
    return "No data" if events is None else number(events)


def _change(frame: Frame, one: _Kind, *, brief: bool = False) -> str:
    change = change_on_year_before(
        data.cells(frame.dataset, frame.selection),
        areas_in(frame.dataset.areas, frame.selection.districts),
        frame.dataset.presence(frame.selection.source),
        frame.selection.period,
        one.crime_types,
    )
    return change_sentence(change, one.noun, brief=brief)


def _left_out(frame: Frame, one: _Kind) -> str:
    """How many recorded rows of the kind and the months lie in no LSOA; empty where that cannot be known.

    By offence code it cannot: rows that could not be placed are counted by crime type alone.
    """
    chosen, dataset = frame.selection, frame.dataset
    if chosen.reading is not None and one.crime_types != (ASB,):
        return ""
    rows = not_placed(
        opening.accounting(dataset), dataset.manifest["territorial_forces"], chosen.source, chosen.period.months, one.crime_types
    )  # fmt: skip
    said = not_placed_sentence(rows)
    return f"{said}; in all districts together" if said and chosen.districts else said


def _rates(frame: Frame, table: pd.DataFrame, name: str, interval: str = "95 % interval") -> list[str]:
    """The rate of the whole area by residents and, where it is chosen, by another denominator; none where none is known."""
    titles = {"residents": RESIDENTS}
    if frame.selection.per != RESIDENTS:
        titles["denominator"] = subject.denominator(frame)
    lines = []
    for column, title in titles.items():
        rate = overall_rate_per_1000_year(table[name], table[column], table["months"]).iloc[0]
        if pd.notna(rate["rate"]):
            limits = f"{interval} {rate['rate_low']:.1f} to {rate['rate_high']:.1f}"
            lines.append(f"{rate['rate']:.1f} {per_thousand(title)} ({limits})")
    return lines


def series(frame: Frame) -> None:
    """Counts by month over everything that was loaded."""
    st.subheader(f"{subject.nouns(frame.selection)} by month", anchor=False)
    counts = data.monthly(frame.dataset, frame.selection, data.crime_types(frame.selection), None)
    nouns = subject.nouns(frame.selection)
    charts.monthly_series(counts, frame.selection.period, nouns, frame.theme, height=170, large=frame.large)
    charts.key(counts, "note_series")


def where_next(frame: Frame, table: pd.DataFrame) -> None:
    """The first few LSOAs; a picked row opens on the Concentration page."""
    st.subheader("Where to look next", anchor=False)
    reason = subject.empty_state(frame, table)
    if reason:
        text.paragraph(reason)
        return
    shown = data.ranked_rows(frame.dataset, frame.selection).head(_NEXT)
    tables.ranked_table(
        shown, subject.nouns(frame.selection), None, key=_TABLE, height=31 * (len(shown) + 1) + 8,
        on_select=lambda: _open(shown), **subject.table_columns(frame),
    )  # fmt: skip
    text.caption("Tick a row to open the LSOA on the Concentration page.", key="note_next")
    if st.session_state.pop("open_concentration", False):
        # Left to itself, Streamlit clears the address first, and refuses to where a filter stands in it.
        st.switch_page("pages/1_Concentration.py", query_params={})


def vintages(frame: Frame) -> None:
    """How old each layer is and what is missing."""
    manifest = frame.dataset.manifest
    st.subheader("What this is built on", anchor=False)
    population, deprivation = manifest["population"], manifest["deprivation"]
    lines = [
        f"Boundaries: {len(frame.dataset.areas):,} LSOAs (lower layer super output areas, neighbourhoods of about 1,500 "
        f"residents) of {manifest['vintage']}",
        f"Residents: {population['kind']}" if population else "Residents: not loaded, so no rate is shown",
        *(f"Rates can also be per: {denominator_in_words(one)}" for one in manifest.get("denominators", [])),
        *([f"Severity weights: {weights_in_words(manifest['weights'])}"] if manifest.get("weights") else []),
        f"Deprivation: Indices of Deprivation {deprivation['year']}" if deprivation else "Deprivation: not loaded",
        *(
            f"{name_of(force)}: {months_in_words(months)}"
            for force, months in manifest["coverage"][frame.selection.source].items()
        ),
        f"Built {manifest['built_at'][:10]}, dataset {frame.dataset.hash}",
    ]
    text.paragraph("\n".join(lines))


def _open(shown: pd.DataFrame) -> None:
    code = tables.picked_row(shown, _TABLE)
    if code is not None:
        st.session_state["area"] = code
        st.session_state["open_concentration"] = True
