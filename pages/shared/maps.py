"""The map of areas: the only module that uses folium and streamlit-folium.

Leaflet, our script and the boundaries are files of this server; the browser fetches each once. A rerun sends numbers,
colours and codes only. No text from data passes through folium, which would run it as a template: names are
in the boundary files and reach the screen through `textContent` in `map_assets/map.js`.
"""

import functools
import hashlib
import importlib.util
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import folium
import pandas as pd
import streamlit as st
import streamlit.components.v1 as components
from folium.template import Template
from streamlit_folium import st_folium

from geodata.columns import LSOA_CODE
from pages.shared.map_view import (
    BASEMAP_CREDIT,
    BASEMAP_URL,
    MOST_CORNERS,
    Basemap,
    Corner,
    Credit,
    MapView,
    Months,
    Outline,
    Ring,
    Shape,
    ValueKind,
    on_earth,
)

__all__ = [
    "Basemap", "Credit", "MapView", "Months", "Outline", "Ring", "ServedAddresses", "Shape", "ValueKind", "area_map",
    "basemap_from_environment", "clicked_area", "clicked_point", "drawn_shape", "serve_assets", "stop_serving", "tooltip_values",
]  # fmt: skip

ASSETS: Final = Path(__file__).parent / "map_assets"
SCRIPTS: Final = (
    "map.js",
    "names.js",
    "picker.js",
    "overlays.js",
    "draw.js",
    "months.js",
    "layer_marks.js",
    "layer_points.js",
    "layer_legend.js",
    "layers.js",
)  # map.js first: the others join it

_RETURNED: Final = ("last_object_clicked_count", "last_object_clicked_tooltip", "last_active_drawing")


@dataclass(frozen=True)
class ServedAddresses:
    """The display files' addresses, relative to the map's frame, so that they hold under any base path.

    Attributes
    ----------
    layers : address of each layer of points, lines or polygons, by its id.
    levels : address of coarser areas, which may stand in for `areas`, by level: msoa, ward, district.
    """

    areas: str
    districts: str | None
    places: str | None
    layers: Mapping[str, str]
    levels: Mapping[str, str]


def serve_assets(display_folder: Path, files: Mapping[str, str]) -> ServedAddresses:
    """Let the browser fetch Leaflet, our script and the dataset's `display` folder. Call it on every page's every run.

    `files` are the names in the opened dataset's manifest, by what they hold: after a rebuild they are gone, never another
    map. The folder's name is part of the address, so that two datasets never answer for each other.
    """
    _serve_own()
    folder = display_folder.resolve()
    served = components.declare_component(_component(folder), path=str(folder)).name
    if "areas" not in files:
        raise ValueError("the dataset has no boundaries to show: build it again")
    address = {kind: f"../{served}/{name}" for kind, name in files.items()}
    return ServedAddresses(
        address["areas"],
        address.get("districts"),
        address.get("places"),
        _below(address, "layer-"),
        _below(address, "level-"),
    )


def area_map(view: MapView, *, key: str, height: int, on_change: Callable[[], None]) -> None:
    """Draw the map. `on_change` is called once for each area, shape or point that is chosen, drawn or moved.

    Read it there with `clicked_area`, `drawn_shape` or `clicked_point`: what did not just happen is None.
    """
    try:
        basemap = basemap_from_environment()
    except ValueError as error:
        basemap = None
        st.caption(f"The map is drawn without streets: {error}.")
    values = folium.FeatureGroup(control=False)
    values.add_child(_Script("placesMap.update(map_div, {{ this.argument }});", view.payload(basemap)))
    st_folium(
        _local_map(),
        key=key,
        height=height,
        use_container_width=True,
        feature_group_to_add=values,
        returned_objects=list(_RETURNED),
        on_change=on_change,
    )


def clicked_area(key: str) -> str | None:
    """The LSOA code of the area that was just chosen on the map with this key; only for use in its `on_change`.

    It comes from the browser: look it up among the dataset's areas before use.
    """
    code = _returned(key, "last_object_clicked_tooltip")
    return code if isinstance(code, str) and LSOA_CODE.fullmatch(code) else None


def drawn_shape(key: str) -> Ring | None:
    """The corners, (longitude, latitude), of the shape that was just drawn or moved; only for use in `on_change`.

    The ring is not closed, and its sides may cross: `hotspots.shapes.drawn` says so in words.
    """
    match _returned(key, "last_active_drawing"):
        case {"type": "Polygon", "coordinates": [list(ring)]} if 4 <= len(ring) <= MOST_CORNERS + 1:
            corners = [_corner(each) for each in ring]
            return tuple(c for c in corners[:-1] if c) if all(corners) and corners[0] == corners[-1] else None
    return None


def clicked_point(key: str) -> Corner | None:
    """The (longitude, latitude) that was just clicked or moved, where the map draws a point; only for `on_change`."""
    match _returned(key, "last_active_drawing"):
        case {"type": "Point", "coordinates": place}:
            return _corner(place)
    return None


def tooltip_values(values: pd.Series) -> tuple[float | None, ...]:
    """A measure as `MapView.values`: plain numbers, None where missing."""
    return tuple(None if pd.isna(v) else float(v) for v in values)


def basemap_from_environment(environment: Mapping[str, str] = os.environ) -> Basemap | None:
    """The street map that whoever runs the server chose, or None. Raises ValueError if it is not written as it must."""
    url = environment.get(BASEMAP_URL, "").strip()
    return Basemap(url, environment.get(BASEMAP_CREDIT, "").strip()) if url else None


class _LocalMap(folium.Map):
    """A folium map that asks this server, and nobody else, for its script and style."""

    def __init__(self, leaflet: str, assets: str) -> None:
        # Whatever stands here is part of the map's identity in the browser: a change would lose the zoom.
        super().__init__(location=[52.8, -1.5], zoom_start=6, tiles=None, prefer_canvas=True,
                         min_zoom=4, max_zoom=18, zoom_snap=0.25)  # fmt: skip
        self.options |= {"min_zoom": 4, "max_zoom": 18}
        self.default_js = [
            ("leaflet", f"../{leaflet}/leaflet.js"),
            *((f"places_{name}", f"../{assets}/{name}?v={_digest(name)}") for name in SCRIPTS),
        ]
        self.default_css = [
            ("leaflet_css", f"../{leaflet}/leaflet.css"),
            ("places_map_css", f"../{assets}/map.css?v={_digest('map.css')}"),
        ]
        self.add_child(_Script("placesMap.start(map_div);"))


class _Script(folium.MacroElement):
    """One call of our script."""

    def __init__(self, call: str, argument: str = "") -> None:
        super().__init__()
        self._name = "Script"
        self.argument = argument
        self._template = _call_template(call)

    def render(self, **kwargs: object) -> str:
        """Nothing: streamlit-folium reads the template itself, and rendering would compile the argument as another."""
        return ""


@functools.cache
def _call_template(call: str) -> Template:
    return Template("{% macro script(this, kwargs) %}" + call + "{% endmacro %}")


def _local_map() -> _LocalMap:
    return _LocalMap(*_serve_own())


def _serve_own() -> tuple[str, str]:
    return (
        components.declare_component("leaflet", path=str(_leaflet())).name,
        components.declare_component("map_assets", path=str(ASSETS)).name,
    )


@functools.cache
def _leaflet() -> Path:
    spec = importlib.util.find_spec("xstatic.pkg.leaflet")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("XStatic-Leaflet is not installed: see requirements.txt")
    return Path(spec.submodule_search_locations[0]) / "data"


@functools.cache
def _digest(asset: str) -> str:
    return hashlib.sha256((ASSETS / asset).read_bytes()).hexdigest()[:12]


def stop_serving(display_folder: Path) -> None:
    """Let the browser fetch nothing more of a folder that was served before: its address leads to our own files instead."""
    folder = display_folder.resolve()
    components.declare_component(_component(folder), path=str(ASSETS))


def _component(folder: Path) -> str:
    return f"display_{hashlib.sha256(str(folder).encode()).hexdigest()[:12]}"


def _below(address: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {kind.removeprefix(prefix): url for kind, url in address.items() if kind.startswith(prefix)}


def _returned(key: str, name: str) -> object:
    returned = st.session_state.get(key)
    return returned.get(name) if isinstance(returned, Mapping) else None


def _corner(pair: object) -> Corner | None:
    """What the browser sent, if it is a place on earth."""
    match pair:
        case [int() | float() as lon, int() | float() as lat] if on_earth(lon, lat):
            return float(lon), float(lat)
    return None
