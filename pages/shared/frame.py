"""What every page has: its title in the browser, the marking, the way to the other pages, the filters.

A page calls ``open_page`` first. It returns the dataset and the selection, or stops the page with a plain sentence.
"""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

import streamlit as st

from geodata.columns import ASB, CRIME_TYPES, EXTRACT, POLICE_UK
from geodata.dataset import Dataset
from geodata.errors import InputError
from hotspots.definitions import load_definitions
from hotspots.selection import (
    MEASURES,
    PRESET_NAMES,
    Period,
    Selection,
    default_period,
    month_name,
    presets,
)  # fmt: skip
from pages.shared import data, maps, text
from pages.shared.classes import THEMES, ThemeName

APP: Final = "Places and Spaces"
PAGES: Final = {
    "app.py": "Overview",
    "pages/1_Concentration.py": "Concentration",
    "pages/6_Export.py": "Export",
    "pages/7_Data.py": "Data",
    "pages/8_Method.py": "Method",
}
# A key for every switch of every definition, so that what is chosen for one does not touch another.
READINGS: Final = {
    (one.id, switch.id): f"{one.id}-{switch.id}" for one in load_definitions().values() for switch in one.switches
}
# The keys that stand in the link. Every page has the same, so that a change of page keeps them.
FILTERS: Final = (
    "source", "period", "from", "to", "count", *READINGS.values(), "types", "measure", "district", "area", "view",
)  # fmt: skip
SOURCE_NAMES: Final = {POLICE_UK: "police.uk (open data)", EXTRACT: "The force's own extract"}
CHOSEN_MONTHS: Final = "chosen-months"
CHOSEN_TYPES: Final = "chosen-types"
MEASURE_NAMES: Final = {"count": "Number", "rate": "Rate", "density": "Density"}
_STYLE = Path(__file__).with_name("style.css")


@dataclass(frozen=True)
class Frame:
    """An opened page."""

    dataset: Dataset
    selection: Selection
    served: maps.ServedAddresses
    theme: ThemeName

    @property
    def area_names(self) -> str:
        """The chosen districts, or the whole area's name; text from data."""
        return ", ".join(self.selection.districts) or str(self.dataset.manifest["area"])

    @property
    def selected(self) -> str | None:
        """The code of the selected LSOA."""
        return cast("str | None", st.session_state.get("area"))


def open_page(title: str, *, filters: bool = True) -> Frame:
    """Set the page up and read the filters; ``filters=False`` folds them away on a page that has no use for them."""
    st.set_page_config(page_title=f"{title} – {APP}", layout="wide", initial_sidebar_state=260, menu_items={})
    st.html(_STYLE)
    dataset = _dataset_or_stop()
    asked = {key: st.query_params.get_all(key) for key in FILTERS if key in st.query_params}
    served = maps.serve_assets(dataset.path / "display", dataset.manifest["display"])
    _keep_filters()
    with st.sidebar:
        _navigation()
        if filters:
            selection = _filters(dataset)
        else:
            with st.expander("Filters of the other pages"):
                selection = _filters(dataset)
    _banner(dataset)
    _say_what_the_link_could_not(asked)
    theme = st.context.theme.type
    return Frame(dataset, selection, served, theme if theme in THEMES else "light")


def _dataset_or_stop() -> Dataset:
    place = st.empty()

    def show(stage: str, done: float) -> None:
        place.progress(done, f"Preparing the sample county, once: {text.escaped(stage.lower())}")

    try:
        dataset = data.current_dataset(show)
    except InputError as error:
        place.empty()
        st.title("No data can be shown")
        text.paragraph(str(error))
        st.stop()
    place.empty()
    return dataset


def _keep_filters() -> None:
    """Carry the filters over a change of page, and write those of a freshly opened link back into the address.

    Streamlit forgets a bound widget's value when a page without it is shown, and after a cold link the first change of
    page unless the browser itself has asked for one rerun.
    """
    for key in FILTERS:
        if key in st.session_state:
            st.session_state[key] = st.session_state[key]
    if not st.session_state.get("link_settled"):
        _settle_link()


@st.fragment(run_every=0.5)
def _settle_link() -> None:
    if st.session_state.get("link_settled"):
        return
    if st.session_state.get("link_seen"):
        st.session_state["link_settled"] = True
        st.rerun()
    st.session_state["link_seen"] = True


def _say_what_the_link_could_not(asked: dict[str, list[str]]) -> None:
    """A link that asks for what is not here opens on something else, and must say so: Streamlit drops it in silence."""
    if not st.session_state.get("link_read"):
        st.session_state["link_read"] = True
        gone = [value for key, values in asked.items() if key not in st.query_params for value in values]
        st.session_state["link_unmet"] = [] if gone == [] else gone
    unmet = st.session_state["link_unmet"]
    if unmet:
        text.caption(
            f"The link asked for “{'”, “'.join(unmet)}”, which is not in this dataset; what is shown is not what it meant.",
            key="note_link",
        )


def _navigation() -> None:
    st.markdown(f"**{APP}**")
    for page, label in PAGES.items():
        st.page_link(page, label=label)


def _banner(dataset: Dataset) -> None:
    with st.container(key="banner"):
        st.text(f"{dataset.marking}  ·  {dataset.manifest['area']}")


def _filters(dataset: Dataset) -> Selection:
    source = _source(dataset)
    presence = dataset.presence(source)
    own = presence.reindex(index=dataset.manifest["territorial_forces"], fill_value=False)
    months = [str(month) for month in presence.columns[own.any(axis=0)]]
    if not months:
        st.title("No month of data can be shown")
        text.paragraph("None of the files that were read is of the police force whose area this is: see the Data page.")
        st.stop()
    period = _period(months)
    definition, types = _what_is_counted(dataset)
    reading = _reading(definition) if definition and data.has_codes(dataset, source) else None
    measure = st.radio(
        "Measure", MEASURES, format_func=MEASURE_NAMES.__getitem__, horizontal=True, key="measure", bind="query-params",
        help="Number in the period; rate per 1,000 residents a year; density per square kilometre a year.",
    )  # fmt: skip
    districts = st.multiselect(
        "Districts", data.districts(dataset), key="district", bind="query-params",
        placeholder="All districts",
    )  # fmt: skip
    _look_up(dataset, districts)
    return Selection(period, definition, types, tuple(districts), measure, source, reading)


def _source(dataset: Dataset) -> str:
    if len(dataset.sources) == 1:
        return dataset.sources[0]
    return str(
        st.radio(
            "Source", dataset.sources, format_func=lambda name: SOURCE_NAMES.get(name, name), key="source",
            bind="query-params", help="Two records of the same incidents: shown one at a time, never added up.",
        )
    )  # fmt: skip


def _reading(definition_id: str) -> tuple[tuple[str, str], ...] | None:
    """The option chosen of each switch, by which the offence codes are read; None where the definition lists no codes."""
    definition = data.definitions()[definition_id]
    if not definition.offences:
        return None
    chosen = []
    with st.expander("How the definition is read") if definition.switches else nullcontext():
        for switch in definition.switches:
            options = dict(switch.options)
            option = st.selectbox(
                text.escaped(switch.question), list(options), index=list(options).index(switch.default),
                format_func=options.__getitem__, key=READINGS[definition.id, switch.id], bind="query-params",
                filter_mode=None,
            )  # fmt: skip
            chosen.append((switch.id, str(option)))
    return tuple(chosen)


def _period(months: Sequence[str]) -> Period:
    offered = presets(months)
    names = dict(PRESET_NAMES)
    if "latest-12-months" not in offered:
        offered = {"latest-12-months": default_period(months), **offered}
        names["latest-12-months"] = "Latest unbroken months"
    choice = st.selectbox(
        "Period", [*offered, CHOSEN_MONTHS], format_func=lambda code: names.get(code, "Chosen months"),
        key="period", bind="query-params", filter_mode=None,
    )  # fmt: skip
    if choice != CHOSEN_MONTHS:
        period = offered[str(choice)]
        st.caption(period.label)
        return period
    start = st.selectbox("From", months, key="from", bind="query-params", format_func=month_name, filter_mode=None)
    later = st.selectbox(
        "To", months, index=len(months) - 1, key="to", bind="query-params", format_func=month_name, filter_mode=None
    )
    if later < start:
        st.caption(f"“To” lies before “From”, so {month_name(start)} alone is shown.")
        later = start
    return Period(start, later)


def _what_is_counted(dataset: Dataset) -> tuple[str | None, tuple[str, ...]]:
    known = data.definitions()
    names = {code: f"{_titled(code)}: {definition.subject}" for code, definition in known.items()} | {
        ASB: ASB,
        CHOSEN_TYPES: "Chosen crime types",
    }
    choice = st.selectbox(
        "What is counted",
        list(names),
        format_func=names.__getitem__,
        key="count",
        bind="query-params",
        filter_mode=None,
    )
    if choice == ASB:
        return None, (ASB,)
    if choice != CHOSEN_TYPES:
        return str(choice), ()
    offered = [kind for kind in CRIME_TYPES if kind != ASB and kind in dataset.manifest["crime_types"]]
    chosen = st.multiselect("Crime types", offered, key="types", bind="query-params", placeholder="Choose one or more")
    if not chosen:
        st.caption("No crime type is chosen yet, so all of them are counted. ASB is never among them.")
    return None, tuple(chosen or offered)


def _titled(code: str) -> str:
    return " ".join(word if word == "and" else word.capitalize() for word in code.split("-"))


def _look_up(dataset: Dataset, districts: Sequence[str]) -> None:
    label = data.labels(dataset, tuple(districts))
    if st.session_state.get("area") not in label:
        st.session_state["area"] = None
    st.selectbox(
        "Selected LSOA", list(label), index=None, format_func=lambda code: label.get(code, str(code)), key="area",
        bind="query-params", placeholder="Type a ward, place or LSOA",
    )  # fmt: skip
