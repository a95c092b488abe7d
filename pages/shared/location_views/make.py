"""A new priority location: from the ranking, the map, a circle, a drawing, postcodes or a file."""

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import streamlit as st

from geodata.errors import InputError
from geodata.postcodes import find_postcodes
from geodata.shape_files import read_shape_file
from hotspots.location_figures import overlaps, residents_of
from hotspots.locations import Location, from_circle, from_drawn, from_lsoas, from_postcodes, from_upload
from hotspots.narrative import counted, lsoas, number
from hotspots.register import RegisterError
from hotspots.shapes import snapping
from pages.shared import data, locations, maps, opening, registered, subject, tables, text
from pages.shared.frame import Frame
from pages.shared.map_view import on_earth
from pages.shared.views import parts, where

POSTCODES: Final = "PLACES_POSTCODES"
_RANKED: Final = "ranked_to_pick"
_IN_HAND: Final = (
    "picked", "drawn_ring", "centre_longitude", "centre_latitude", "radius_m", "by_its_counts", "new_id", "new_at",
)  # fmt: skip
_UNNAMED: Final = "New location"


def show(frame: Frame) -> None:
    """The ways to make one, the map, what it would hold, its name."""
    for key in _IN_HAND:  # Streamlit forgets what a way's fields hold while another way is shown
        if key in st.session_state:
            st.session_state[key] = st.session_state[key]
    st.title("A new priority location", anchor=False)
    text.caption(subject.caption(frame))
    way = parts.choice("How it is made", list(_WAYS), key="way")
    left, right = st.columns(2, gap="small")
    with right:
        try:
            location = _WAYS[way](frame)
        except (InputError, ValueError) as error:
            text.paragraph(str(error))
            location = None
        if location is not None:
            _review(frame, _same(location))
    with left:
        _map(frame, way)


def _map(frame: Frame, way: str) -> None:
    """The map of what is counted, on which the chosen way's place is marked or drawn."""
    codes = pd.Index(frame.dataset.areas["lsoa_code"])
    tools: dict[str, dict[str, Any]] = {
        "Ranking": {"picking": True, "picked": _places(codes, _picked())},
        "Map": {"picking": True, "picked": _places(codes, _picked())},
        "Circle": {"drawing": "point", "drawn": _point()},
        "Drawing": {"drawing": "shape", "drawn": st.session_state.get("drawn_ring", ())},
    }
    others = frame.locations
    outlines, shapes = locations.drawn(frame.dataset, others, ["other"] * len(others))
    where.show_map(
        frame,
        outlines=outlines,
        shapes=shapes,
        on_change=_on_map,
        **tools.get(way, {}),
    )


def _same(location: Location) -> Location:
    """Of one code and time from run to run, so that what was worked out for it is found again."""
    known = (
        st.session_state.setdefault("new_id", location.id),
        st.session_state.setdefault("new_at", location.origin.at),
    )
    return replace(location, id=known[0], origin=replace(location.origin, at=known[1]))


def _on_map() -> None:
    """What was just done on the map: an area picked or put back, a shape drawn or moved, a point set."""
    ring, point, code = maps.drawn_shape(parts.MAP), maps.clicked_point(parts.MAP), maps.clicked_area(parts.MAP)
    if ring is not None:
        st.session_state["drawn_ring"] = ring
    elif point is not None:
        st.session_state["centre_longitude"], st.session_state["centre_latitude"] = point
    elif code is not None and st.session_state.get("way", "Ranking") in ("Ranking", "Map"):
        _toggle(code)


def _toggle(code: str) -> None:
    st.session_state["picked"] = sorted(set(_picked()) ^ {code})


def _picked() -> tuple[str, ...]:
    return tuple(st.session_state.get("picked", ()))


def _places(codes: pd.Index, picked: Sequence[str]) -> tuple[int, ...]:
    return tuple(int(i) for i in codes.get_indexer(list(picked)) if i >= 0)


def _point() -> tuple[tuple[float, float], ...]:
    x, y = st.session_state.get("centre_longitude"), st.session_state.get("centre_latitude")
    return () if x is None or y is None or not on_earth(x, y) else ((x, y),)


def _from_ranking(frame: Frame) -> Location | None:
    rows = data.ranked_rows(frame.dataset, frame.selection)
    shown = rows if st.session_state.get("all_rows", False) else rows.head(tables.FIRST_ROWS)
    at = [int(i) for i in shown.index.get_indexer(list(_picked())) if i >= 0]
    st.session_state[_RANKED] = {"selection": {"rows": at, "columns": [], "cells": []}}
    columns = {name: shown[name] for name in ("rank", "place", "count", "share", "district")}
    st.dataframe(
        pd.DataFrame(columns), hide_index=True, height=250, row_height=28, key=_RANKED, selection_mode="multi-row",
        on_select=lambda: _pick_rows(shown.index),
        column_config={k: v for k, v in tables.ranked_columns(subject.nouns(frame.selection)).items() if k in columns},
    )  # fmt: skip
    st.toggle(f"Show all {number(len(rows))} LSOAs", key="all_rows")
    return _of_picked(frame, "ranking")


def _pick_rows(shown: pd.Index) -> None:
    ticked = {str(shown[i]) for i in st.session_state[_RANKED]["selection"]["rows"]}
    out_of_sight = set(_picked()) - set(shown)
    st.session_state["picked"] = sorted(ticked | out_of_sight)


def _clicked(frame: Frame) -> Location | None:
    label = data.labels(frame.dataset)
    st.multiselect(
        "LSOAs picked on the map or by name", list(label), key="picked", format_func=lambda code: label.get(code, code),
        placeholder="Click on the map, or type a ward, place or LSOA",
    )  # fmt: skip
    return _of_picked(frame, "clicked")


def _of_picked(frame: Frame, made: Any) -> Location | None:
    if not _picked():
        text.paragraph("No LSOA is picked yet. Tick rows, or click LSOAs on the map; a second click puts one back.")
        return None
    return from_lsoas(_UNNAMED, _picked(), frame.dataset.areas, _origin(frame), made)


def _circle(frame: Frame) -> Location | None:
    longitude, latitude, radius = st.columns(3)
    # without limits of the fields, which would keep the former number and say nothing
    x = longitude.number_input("Longitude", value=None, format="%.5f", key="centre_longitude")
    y = latitude.number_input("Latitude", value=None, format="%.5f", key="centre_latitude")
    metres = radius.number_input("Radius in metres", value=400, step=50, key="radius_m")
    if x is None or y is None:
        text.paragraph("No centre is set yet. Click on the map, or type longitude and latitude in degrees.")
        return None
    return from_circle(_UNNAMED, x, y, metres, frame.dataset.areas, _origin(frame))


def _drawing(frame: Frame) -> Location | None:
    ring = st.session_state.get("drawn_ring", ())
    if not ring:
        text.paragraph(
            "Nothing is drawn yet. Choose “Draw” on the map, set the corners one by one, and close the shape on its "
            "first corner. Corners can be moved afterwards."
        )
        return None
    return from_drawn(_UNNAMED, ring, frame.dataset.areas, _origin(frame))


def _postcodes(frame: Frame) -> Location | None:
    path = os.environ.get(POSTCODES, "").strip()
    if not path:
        text.paragraph(
            f"No file of postcodes is given. Download the ONS Postcode Directory, the National Statistics Postcode Lookup or OS "
            f"Code-Point Open, and name the CSV file in the variable {POSTCODES} when the dashboard is started."
        )
        return None
    typed = st.text_area("Postcodes", key="postcodes", height=110, placeholder="NR1 3DH, NR2 1AB")
    if not typed.strip():
        return None
    found = find_postcodes(typed, opening.postcodes(path), frame.dataset.areas)
    locations.say(found.lines, "note_postcodes")
    if not found.lsoa_codes:
        return None
    return from_postcodes(_UNNAMED, found.postcodes, found.lsoa_codes, frame.dataset.areas, _origin(frame))


def _upload(frame: Frame) -> Location | None:
    file = st.file_uploader(
        "GeoJSON, GeoPackage or zipped Shapefile", type=["geojson", "json", "gpkg", "zip"], key="shape_file", max_upload_size=20
    )  # fmt: skip
    if file is None:
        return None
    polygons: gpd.GeoSeries = read_shape_file(file.name, file.getvalue())
    return from_upload(_UNNAMED, polygons, frame.dataset.areas, _origin(frame), file.name)


_WAYS: Final[dict[str, Callable[[Frame], Location | None]]] = {
    "Ranking": _from_ranking,
    "Map": _clicked,
    "Circle": _circle,
    "Drawing": _drawing,
    "Postcodes": _postcodes,
    "File": _upload,
}


def _origin(frame: Frame) -> Any:
    by = st.session_state.get("by", "").strip() or "nobody yet"
    return locations.origin(frame, by, by_its_counts=st.session_state.get("by_its_counts", True))


def _review(frame: Frame, location: Location) -> None:
    """What it would hold, in words, and the form that saves it."""
    for line in review_lines(frame, location):
        text.paragraph(text.sentence(line))
    st.session_state.setdefault("by_its_counts", True)
    st.checkbox(
        f"It is chosen for what was counted in {frame.selection.period.label}", key="by_its_counts",
        help="A place chosen because it was high may have been so by chance, and falls back by itself: results will say so.",
    )  # fmt: skip
    with st.form("new_location", border=False):
        name = st.text_input("Name of the location", max_chars=80, key="new_name")
        by = locations.name_field()
        if st.form_submit_button("Save", type="primary"):
            _save(frame, location, name, by)


def review_lines(frame: Frame, location: Location) -> list[str]:
    """LSOAs, residents, counts, what the points can carry, what it shares with others."""
    dataset, chosen = frame.dataset, frame.selection
    kinds = data.crime_types(chosen)
    months = registered.location_months(dataset, chosen, location, kinds)
    there = months.reindex(list(chosen.period.months))
    residents, approximate = residents_of(location, dataset.areas)
    home = (
        "residents not known"
        if residents is None
        else f"{'about ' if approximate else ''}{number(residents)} residents"
    )
    touched = "It touches" if location.is_shape else "It consists of"
    count = "no data in this period" if there.isna().all() else counted(int(there.sum()), subject.noun(chosen))
    count = registered.withheld(chosen, location, there.sum()) or count
    lines = [f"{touched} {lsoas(len(location.lsoa_codes))} ({home}); {count} in {chosen.period.label}"]
    if approximate:
        lines.append("Residents are those of every LSOA that the shape touches: more than live in it")
    if location.is_shape and data.shows_points(chosen):
        counted_here = data.counted_incidents(dataset, replace(chosen, districts=()))
        lines += snapping(location.polygon, counted_here, data.published(dataset, chosen)).lines
    lines += [
        one.reading
        for one in overlaps((*frame.locations, location), dataset.areas)
        if location in (one.first, one.second)
    ]
    return lines


def _save(frame: Frame, location: Location, name: str, by: str) -> None:
    try:
        named = replace(location, name=name, origin=replace(location.origin, by=by))
        kept = opening.register().save(named, 0, by)
    except (ValueError, RegisterError) as error:
        st.error(text.escaped(str(error)))
        return
    for key in _IN_HAND:
        st.session_state.pop(key, None)
    st.session_state["just_made"] = kept.id
    st.rerun()
