"""Layers: what else lies where: one layer beside what is counted, what it holds of each place, and of the place that is chosen."""

from dataclasses import dataclass, replace
from typing import Final

import geopandas as gpd
import pandas as pd
import streamlit as st

from geodata.columns import ASB
from geodata.dataset import Dataset
from geodata.layer_description import SPATIAL, Description, Value
from geodata.layer_store import classes_of
from geodata.layer_tables import NOUNS, places_of
from geodata.layers import Layer
from hotspots.association import FEWEST_AREAS, Association, association, partial_rank_correlation
from hotspots.context import ASSOCIATION_ONLY, WALK_M, busiest_sentence, co_occurrence_sentence, rates_at
from hotspots.location_figures import areas_of
from hotspots.narrative import number
from hotspots.selection import Selection
from hotspots.table import areas_in
from pages.shared import coded, context, data, large, locations, maps, opening, subject, tables, text
from pages.shared.classes import classify, legend_entries, ramp
from pages.shared.frame import Frame
from pages.shared.views import parts, where

PLACES: Final = "By place"
FEATURES: Final = "One by one"
NOT_PEOPLE: Final = "Areas are not people: this describes places, not those who live there"
# What is compared of a layer of each kind.
_MEASURE: Final = {
    "points": f"number per km² inside or within {WALK_M:.0f} m",
    "lines": "km per km²",
    "polygons": "share of ground",
}


def choose(frame: Frame) -> str:
    """The select box of layers, whose choice is in the link; empty where there is none to choose."""
    titles = context.titles(frame.dataset, (*SPATIAL, "areas"))
    if not titles:
        return ""
    return coded.one("Layer", "layer", titles, label_visibility="collapsed")


def show(frame: Frame, which: str) -> None:
    """The layer ``which``: its map, what it holds of each place, and what all of them say of the selected place."""
    if not which:
        st.title("No layer is loaded", anchor=False)
        text.paragraph(
            "Only monthly tables are loaded: they are in the view “Duty's three measures”. "
            if opening.layers(frame.dataset)
            else "Licensed premises, schools, routes, orders or tables of health can lie over the map: build the dataset with --layers. The "
            "README says how a layer is described."
        )
        return
    layer = context.layer(frame.dataset, which)
    value = _column(layer.about)
    first, busiest, asb = _together(frame, layer, value)
    st.title(text.escaped(first), anchor=False)
    text.caption(*_caption(frame, layer, value))
    if frame.large:
        picture, beside = large.finding()
        with picture:
            _map(frame, layer, value)
        with beside:
            large.say([busiest, ASSOCIATION_ONLY, asb, *layer.notes])
        return
    notes = [
        busiest,
        ASSOCIATION_ONLY,
        asb,
        *subject.coverage(frame),
        NOT_PEOPLE,
        *layer.notes,
        f"Of its file {layer.accounting.sentence}",
        locations.narrowing(frame),
    ]
    text.caption(*(text.sentence(one) for one in notes if one), key="note_layer")
    left, right = st.columns(2, gap="small")
    with left:
        _map(frame, layer, value)
    with right:
        _table(frame, layer, value)
    _place(frame)
    parts.worked_out("association", "context")


@dataclass(frozen=True)
class Together:
    """``result`` of the test, and the rank correlation with residents per square kilometre held, None where it cannot be told."""

    result: Association
    held: float | None


def _together(frame: Frame, layer: Layer, value: Value | None) -> tuple[str, str, str]:
    """Whether what is counted goes together with the layer, what the busiest leave of it, and the same of anti-social behaviour.

    Text from data."""
    title = value.title if value else layer.about.title
    said, rest = [], []
    for what, types in (
        (subject.subject(frame.selection), data.crime_types(frame.selection)),
        ("anti-social behaviour", (ASB,)),
    ):
        found = data.kept(together, frame.dataset, frame.selection, types, layer.id, value.column if value else "")
        kind, level = layer.about.kind, layer.about.level or "lsoa"
        said.append(co_occurrence_sentence(found.result, what, kind, level, title, found.held))
        rest.append(busiest_sentence(found.result))
    return said[0], rest[0], "" if subject.is_asb(frame.selection) else said[1]


def together(dataset: Dataset, selection: Selection, types: tuple[str, ...], layer_id: str, column: str) -> Together:
    """The rate by residents of ``types`` and what a layer holds, over LSOAs, or over the places of its own level."""
    layer, areas = context.layer(dataset, layer_id), areas_in(dataset.areas, selection.districts)
    months = data.all_months(dataset, selection, types).reindex(
        index=areas["lsoa_code"], columns=list(selection.period.months)
    )
    by_code = areas.set_index("lsoa_code")
    # of the months present: a missing one is not zero
    counted = pd.DataFrame({"count": months.mean(axis=1), "residents": by_code["residents"]})
    places, ground = places_of(areas, layer.about.level or "lsoa"), by_code
    if layer.about.level not in ("", "lsoa"):
        ground = areas.assign(place=areas["lsoa_code"].map(places)).dissolve("place")[["geometry"]]
    held = context.of_places(dataset, layer, column).reindex(ground.index)
    some = int((held > 0).sum())
    if layer.about.kind != "areas" and some < FEWEST_AREAS:
        reading = f"only {some} of {len(held)} LSOAs have any of it, and a comparison needs at least {FEWEST_AREAS}"
        return Together(Association(None, None, None, None, len(held), (), reading), None)
    rates = rates_at(counted, places).reindex(ground.index)
    busy, people = (
        counted[name].astype("Float64").groupby(places.reindex(counted.index)).sum(min_count=1).reindex(ground.index)
        for name in ("count", "residents")
    )
    return Together(
        association(rates, held, ground, busy), partial_rank_correlation(rates, held, people / (ground.area / 1e6))
    )


def _column(about: Description) -> Value | None:
    """The column of an area table that is looked at; none of another layer."""
    columns = {str(number): one for number, one in enumerate(about.value_columns, 1)}
    if len(columns) < 2:
        return next(iter(columns.values()), None)
    return columns[coded.one("Column", "column", {code: one.title for code, one in columns.items()})]


def _caption(frame: Frame, layer: Layer, value: Value | None) -> list[str]:
    about = layer.about
    what = f"{value.title}, {value.unit}: {value.counts}" if value else _MEASURE[about.kind]
    by = f"by {NOUNS[about.level or 'lsoa']}"
    return [about.title, what, by, f"{about.source}, {about.date}", about.licence, subject.caption(frame)]


def _map(frame: Frame, layer: Layer, value: Value | None) -> None:
    if value is None:
        drawn = (*(one for one in frame.layers if one != layer.id), layer.id)
        where.show_map(replace(frame, layers=drawn))
        return
    held = _values(frame, layer, value)
    if (held["value"] < 0).any():
        text.paragraph("Values below zero have no place in the classes of the map: they are in the table.")
        return
    inside = context.inside(frame.dataset, layer.about.level, frame.selection.districts)
    breaks = classify(
        held["value"], scheme="quantiles", outside=~held.index.isin(inside), suppressed=held["suppressed"]
    )
    parts.draw_map(
        frame, breaks.codes, ramp(frame.theme, len(breaks.labels)), held["value"], maps.ValueKind.LAYER,
        "In fifths of the places with a value, in the unit above", legend_entries(breaks, frame.theme), level=layer.about.level,
        missing="No data",
    )  # fmt: skip


def _values(frame: Frame, layer: Layer, value: Value) -> pd.DataFrame:
    """Of every place of the table's level, in the order of its boundaries: value and suppressed."""
    every = context.places_drawn(frame.dataset, layer.about.level)
    own = layer.frame[layer.frame["column"] == value.column].set_index("place")[["value", "suppressed"]].reindex(every)
    return own.assign(suppressed=own["suppressed"].eq(True))


def _table(frame: Frame, layer: Layer, value: Value | None) -> None:
    """The same as a table: of each place, and of a layer of features one by one."""
    if value is not None:
        _table_of_values(frame, layer, value)
        return
    listed = st.segmented_control(
        "Listed", [PLACES, FEATURES], default=PLACES, required=True, key="listed", bind="query-params",
        label_visibility="collapsed",
    )  # fmt: skip
    rows = _one_by_one(frame, layer) if listed == FEATURES else _by_place(frame, layer)
    every = len(rows)
    if not st.session_state.get("all_rows", False):
        rows = rows.head(tables.FIRST_ROWS)
    columns = {
        "LSOA": st.column_config.TextColumn(width=226),
        "Inside": st.column_config.NumberColumn(width=54),
        "Within 400 m": st.column_config.NumberColumn(width=94, help=f"Inside it or within {WALK_M:.0f} metres of it"),
        "Per km²": st.column_config.NumberColumn(
            format="%.1f", width=62, help=f"Inside or within {WALK_M:.0f} metres of it"
        ),
        "Share of ground": st.column_config.NumberColumn(format="percent"),
        _rate(frame): st.column_config.NumberColumn(format="%.1f", help=subject.measure(_by_rate(frame))),
    }
    st.dataframe(
        rows, hide_index=True, row_height=30, height="stretch", placeholder="",
        column_config={name: said for name, said in columns.items() if name in rows},
    )  # fmt: skip
    if every > tables.FIRST_ROWS:
        st.toggle(f"Show all {number(every)}", key="all_rows")


def _by_place(frame: Frame, layer: Layer) -> pd.DataFrame:
    held = data.kept(context.by_area, frame.dataset, layer.id)
    order, names = {
        "points": (
            ["inside", "nearby"],
            {"inside": "Inside", "nearby": "Within 400 m", "nearby_per_km2": "Per km²"},
        ),
        "lines": (["metres"], {"metres": "Metres", "km_per_km2": "km per km²"}),
        "polygons": (["covered"], {"covered": "Share of ground"}),
    }[layer.about.kind]
    by_rate = _by_rate(frame)
    rates = data.table(frame.dataset, by_rate.selection)["rate_per_1000_year"]
    rows = locations.narrowed(frame, held[held.index.isin(rates.index)])
    rows = rows.sort_values(order, ascending=False, kind="stable")
    shown = rows[list(names)].rename(columns=names).assign(**{_rate(frame): rates.reindex(rows.index)})
    shown.insert(0, "LSOA", data.places(frame.dataset).reindex(rows.index))
    return shown


def _rate(frame: Frame) -> str:
    """The head of the column of rates."""
    return "ASB rate" if subject.is_asb(frame.selection) else "Offence rate"


def _by_rate(frame: Frame) -> Frame:
    return replace(frame, selection=replace(frame.selection, measure="rate"))


def _one_by_one(frame: Frame, layer: Layer) -> pd.DataFrame:
    """Every feature of the chosen districts or location, as its file names it."""
    rows = data.kept(features, frame.dataset, layer.id)
    if frame.location is not None:
        areas = areas_of(frame.location, frame.dataset.areas)
    else:
        areas = areas_in(frame.dataset.areas, frame.selection.districts)
    if len(areas) < len(frame.dataset.areas):  # of the whole area also those within a walk of it
        rows = rows[~rows["areas"].map(set(areas["lsoa_code"]).isdisjoint).astype(bool)]
    return rows.drop(columns="areas").sort_values("Name", kind="stable")


def features(dataset: Dataset, layer_id: str) -> pd.DataFrame:
    """The features of a layer as a table shows them, with the ``areas``, codes of LSOAs, that each lies in."""
    layer = context.layer(dataset, layer_id)
    means = dict(enumerate(one.means for one in layer.about.classes))
    ground = gpd.GeoSeries(layer.frame.geometry)
    shown = pd.DataFrame({"Name": layer.frame["name"], "Kind": classes_of(layer).map(means)})
    if layer.about.kind == "points":
        codes = layer.frame["lsoa_code"]
        shown["LSOA"] = data.places(dataset).reindex(codes).to_numpy()
        return shown.assign(areas=[() if pd.isna(code) else (code,) for code in codes])
    size, name = (ground.length / 1000, "Km") if layer.about.kind == "lines" else (ground.area / 1e6, "Km²")
    of_feature, of_area = dataset.areas.sindex.query(ground.to_numpy(), predicate="intersects")
    touched = dataset.areas["lsoa_code"].iloc[of_area].groupby(of_feature).agg(tuple)
    none = pd.Series([()] * len(shown), shown.index)
    return shown.assign(**{name: size, "areas": touched.reindex(shown.index).fillna(none)})


def _table_of_values(frame: Frame, layer: Layer, value: Value) -> None:
    held = _values(frame, layer, value)
    inside = context.inside(frame.dataset, layer.about.level, frame.selection.districts)
    if frame.location is not None:
        inside = context.of_location(frame.dataset, layer.about.level, frame.location)
    held = held[held.index.isin(inside)].sort_values("value", ascending=False, kind="stable")
    state = held["suppressed"].map({True: "suppressed", False: ""}).where(held["value"].isna(), "")
    state = state.mask(held["value"].isna() & ~held["suppressed"], "no data")
    noun, table = NOUNS[layer.about.level], data.table(frame.dataset, _by_rate(frame).selection)
    weighed = table.assign(count=table["rate_per_1000_year"] * table["residents"])
    rates = rates_at(weighed, places_of(frame.dataset.areas, layer.about.level)).reindex(held.index)
    names = data.level_names(frame.dataset, layer.about.level).reindex(held.index)
    st.dataframe(
        pd.DataFrame({noun[0].upper() + noun[1:]: names.fillna(pd.Series(held.index, held.index)), value.title: held["value"], "Not shown": state, _rate(frame): rates}),
        hide_index=True, row_height=30, height="stretch", placeholder="",
        column_config={
            value.title: st.column_config.NumberColumn(format="%.1f", help=text.escaped(value.unit)),
            _rate(frame): st.column_config.NumberColumn(format="%.1f", help=subject.measure(_by_rate(frame))),
        },
    )  # fmt: skip


def _place(frame: Frame) -> None:
    """What every layer says of the selected LSOA or of the location, in sentences."""
    if frame.location is not None:
        locations.heading(frame.location)
        lines = data.kept(context.around_location, frame.dataset, frame.location)
    elif frame.selected is not None:
        with st.container(key="detail_title"):
            st.text(str(data.places(frame.dataset)[frame.selected]))
        lines = data.kept(context.around_area, frame.dataset, frame.selected)
    else:
        text.caption("Select an LSOA or a location to see what lies in it and within a walk of it.", key="note_detail")
        return
    text.paragraph("\n".join(lines))
