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
from geodata.layer_description import SPATIAL
from hotspots.definitions import Definition, load_definitions
from hotspots.locations import Location
from hotspots.register import RegisterError
from hotspots.selection import (
    MEASURES,
    PRESET_NAMES,
    RESIDENTS,
    Period,
    Selection,
    default_period,
    month_name,
    presets,
)  # fmt: skip
from pages.shared import access, coded, context, data, large, maps, opening, registered, text
from pages.shared.classes import THEMES, ThemeName

APP: Final = "Places and Spaces"
PAGES: Final = {
    "app.py": "Overview",
    "pages/1_Concentration.py": "Concentration",
    "pages/2_Deprivation.py": "Deprivation",
    "pages/3_Displacement.py": "Displacement",
    "pages/4_Locations.py": "Priority locations",
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
    "source", "period", "from", "to", "count", *READINGS.values(), "types", "measure", "per", "district", "area", "location", "places", "question", "view",
    "move", "intervention", "since", "length", "compare", "before_from", "before_to", "after_from", "after_to", "step", "large", "deprivation", "index", "by", "crime_domain",
    "duty_place", "duty_starts", "duty_baseline", "duty_by",
    "layers", "layer", "column", "listed", "class_list", "exceptions_list",
)  # fmt: skip
SOURCE_NAMES: Final = {POLICE_UK: "police.uk (open data)", EXTRACT: "The force's own extract"}
CHOSEN_MONTHS: Final = "chosen-months"
CHOSEN_TYPES: Final = "chosen-types"
PERIOD_NAMES: Final = PRESET_NAMES | {CHOSEN_MONTHS: "Chosen months"}
UNBROKEN: Final = "Latest unbroken months"  # in place of the latest 12 where there are not so many
MEASURE_NAMES: Final = {"count": "Number", "rate": "Rate", "density": "Density", "severity": "Severity"}
_STYLE = text.style(Path(__file__).with_name("style.css"))


@dataclass(frozen=True)
class Frame:
    """An opened page."""

    dataset: Dataset
    selection: Selection
    served: maps.ServedAddresses
    theme: ThemeName
    location: Location | None = None
    locations: tuple[Location, ...] = ()
    large: bool = False
    layers: tuple[str, ...] = ()

    @property
    def area_names(self) -> str:
        """The chosen districts, or the whole area's name; text from data."""
        return ", ".join(self.selection.districts) or str(self.dataset.manifest["area"])

    @property
    def selected(self) -> str | None:
        """The code of the selected LSOA."""
        return cast("str | None", st.session_state.get("area"))


def open_page(title: str, *, filters: bool = True, own_measure: bool = False) -> Frame:
    """Set the page up and read the filters; ``filters=False`` folds them away on a page that has no use for them.

    ``own_measure`` for a page that chooses its own: the filter stays, for the link and the other pages, but is greyed out.
    """
    st.set_page_config(page_title=f"{title} – {APP}", layout="wide", initial_sidebar_state=260, menu_items={})
    st.html(_STYLE)
    large.style()
    dataset = _dataset_or_stop()
    asked = {key: st.query_params.get_all(key) for key in FILTERS if key in st.query_params}
    served = maps.serve_assets(dataset.path / "display", dataset.manifest["display"])
    _keep_filters()
    with st.sidebar:
        _navigation()
        if filters:
            selection = _filters(dataset, own_measure)
        else:
            with st.expander("Filters of the other pages"):
                selection = _filters(dataset)
        location, every = _location(dataset)
        layers = _layers(dataset)
        large.switch()
    _banner(dataset)
    _say_what_the_link_could_not(dataset, asked)
    theme = st.context.theme.type
    return Frame(
        dataset, selection, served, theme if theme in THEMES else "light", location, every, large.is_on(), layers
    )


def _dataset_or_stop() -> Dataset:
    place = st.empty()

    def show(stage: str, done: float) -> None:
        place.progress(done, f"Preparing the sample county, once: {text.escaped(stage.lower())}")

    try:
        dataset = opening.current_dataset(show)
    except InputError as error:
        place.empty()
        st.title("No data can be shown")
        text.paragraph(str(error))
        st.stop()
    place.empty()
    if reason := access.refusal(dataset):
        maps.stop_serving(dataset.path / "display")
        st.title("No data can be shown")
        text.paragraph(reason)
        st.stop()
    return dataset


def _keep_filters() -> None:
    """Carry the filters over a change of page, and write those of a freshly opened link back into the address.

    Streamlit forgets a bound widget's value when a page without it is shown, and after a cold link the first change of
    page unless the browser itself has asked for one rerun.
    """
    for key in FILTERS:
        if key in st.session_state:
            st.session_state[key] = st.session_state[key]
    if not st.session_state.get("link_seen"):  # a second run, whatever asked for it, is the one that is needed
        _settle_link()


@st.fragment(run_every=0.5)
def _settle_link() -> None:
    if st.session_state.get("link_seen"):
        st.rerun()
    st.session_state["link_seen"] = True


def _say_what_the_link_could_not(dataset: Dataset, asked: dict[str, list[str]]) -> None:
    """A link that asks for what is not here opens on something else, and must say so: Streamlit drops it in silence.

    It says so until the next choice. A value that is the default is dropped too, and is what was asked for.
    """
    now = st.query_params.to_dict()
    if "link_opened" not in st.session_state:
        gone = {key: values for key, values in asked.items() if key not in st.query_params}
        st.session_state["link_unmet"] = [
            v for key, values in gone.items() for v in values if v not in _said(dataset, key)
        ]
        st.session_state["link_opened"] = now
    unmet = st.session_state["link_unmet"]
    if unmet and st.session_state["link_opened"] == now:
        text.caption(
            f"The link asked for “{'”, “'.join(unmet)}”, which is not in this dataset; what is shown is not what it meant.",
            key="note_link",
        )


def _said(dataset: Dataset, key: str) -> set[str]:
    """How the link may write what the filter stands at: by its code or by its label."""
    value = st.session_state.get(key)
    if isinstance(value, bool):
        return {str(value).lower()}
    names = {
        "source": SOURCE_NAMES,
        "measure": MEASURE_NAMES,
        "period": PERIOD_NAMES,
        "count": _count_names(),
        "per": _titles(dataset),
        **{
            READINGS[one.id, switch.id]: dict(switch.options)
            for one in data.definitions().values()
            for switch in one.switches
        },
    }
    said = {str(value), UNBROKEN if value == "latest-12-months" else "", str(names.get(key, {}).get(str(value)))}
    return said | ({month_name(str(value))} if key in ("from", "to") and value else set())


def _navigation() -> None:
    st.markdown(f"**{APP}**")
    for page, label in PAGES.items():
        st.page_link(page, label=label)


def _banner(dataset: Dataset) -> None:
    with st.container(key="banner", horizontal=True, vertical_alignment="center"):
        st.text(f"{dataset.marking}  ·  {dataset.manifest['area']}", width="stretch")
        large.controls(dataset)


def _filters(dataset: Dataset, own_measure: bool = False) -> Selection:
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
        help="Number in the period; rate per 1,000 residents a year, or per 1,000 of another number that the dataset was built with "
        "(the option --denominator); density per square kilometre a year; severity by offence code (the option --weights).",
        disabled=own_measure,
    )  # fmt: skip
    if own_measure:
        st.caption("This page has a measure of its own.")
    per = _per(dataset, own_measure) if measure == "rate" else RESIDENTS
    districts = st.multiselect(
        "Districts", data.districts(dataset), key="district", bind="query-params",
        placeholder="All districts",
    )  # fmt: skip
    _look_up(dataset, districts)
    return Selection(period, definition, types, tuple(districts), measure, source, reading, per)


def _per(dataset: Dataset, disabled: bool) -> str:
    """What a rate is set against; offered only where there is something beside residents."""
    titles = _titles(dataset)
    if len(titles) == 1:
        return RESIDENTS
    return str(
        st.selectbox(
            "Per 1,000 of", list(titles), format_func=lambda one: titles.get(one, str(one)), key="per", bind="query-params",
            filter_mode=None, disabled=disabled,
        )
    )  # fmt: skip


def _titles(dataset: Dataset) -> dict[str, str]:
    """What a rate can be set against, as it is called."""
    return {RESIDENTS: RESIDENTS.capitalize()} | dataset.denominators


def _source(dataset: Dataset) -> str:
    if len(dataset.sources) == 1:
        return dataset.sources[0]
    return str(
        st.radio(
            "Source", dataset.sources, format_func=lambda name: SOURCE_NAMES.get(name, name), key="source",
            bind="query-params", help="Two records of the same incidents: shown one at a time, never added up.",
        )
    )  # fmt: skip


def reading_of(definition: Definition) -> tuple[tuple[str, str], ...] | None:
    """How a definition is read that is not the one chosen: as it was chosen before, else by its defaults."""
    if not definition.offences:
        return None
    chosen = {switch.id: st.session_state.get(READINGS[definition.id, switch.id]) for switch in definition.switches}
    return tuple(
        (switch.id, str(chosen[switch.id]) if chosen[switch.id] in dict(switch.options) else switch.default)
        for switch in definition.switches
    )


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
        names["latest-12-months"] = UNBROKEN
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
    names = _count_names()
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


def _count_names() -> dict[str, str]:
    known = {code: f"{_titled(code)}: {definition.subject}" for code, definition in data.definitions().items()}
    return known | {ASB: ASB, CHOSEN_TYPES: "Chosen crime types"}


def _titled(code: str) -> str:
    return " ".join(word if word == "and" else word.capitalize() for word in code.split("-"))


def _location(dataset: Dataset) -> tuple[Location | None, tuple[Location, ...]]:
    """The chosen priority location, and all. The link carries its code, never its name: a hidden field holds it."""
    try:
        every = registered.locations(dataset)
    except RegisterError as error:
        text.caption(str(error), key="note_register")
        every = ()
    known = {one.id: one for one in every}
    if "just_made" in st.session_state:
        st.session_state["location"] = st.session_state["just_made"]
    code = st.text_input("Code of the location", key="location", bind="query-params", label_visibility="collapsed")
    if code and code not in known:
        text.caption(
            "The location that the link asked for is not in this register, or lies elsewhere.", key="note_gone"
        )
        code = ""
    if not known:
        return None, every
    st.session_state["location_name"] = code or None
    st.selectbox(
        "Priority location", list(known), index=None, format_func=lambda one: known[one].name if one in known else "",
        key="location_name", on_change=_choose_location, placeholder="All of the area", filter_mode=None,
    )  # fmt: skip
    return known.get(code), every


def _layers(dataset: Dataset) -> tuple[str, ...]:
    """The layers drawn over every map, by id; nothing to choose where the dataset holds none that can be."""
    titles = context.titles(dataset, SPATIAL)
    if not titles:
        return ()
    return coded.several("Layers on the map", "layers", titles, placeholder="None")


def _choose_location() -> None:
    st.session_state["location"] = st.session_state["location_name"] or ""


def _look_up(dataset: Dataset, districts: Sequence[str]) -> None:
    label = data.labels(dataset, tuple(districts))
    if "area" not in st.session_state and st.query_params.get("area") in label:
        # a link may give the code, of which the bound box knows the label alone
        st.session_state["area"] = st.query_params["area"]
        del st.query_params["area"]
    if st.session_state.get("area") not in label:
        st.session_state["area"] = None
    st.selectbox(
        "Selected LSOA", list(label), index=None, format_func=lambda code: label.get(code, str(code)), key="area",
        bind="query-params", placeholder="Type a ward, place or LSOA",
    )  # fmt: skip
