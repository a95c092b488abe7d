"""The map of areas: the only module that uses folium and streamlit-folium.

Leaflet, our script and the boundaries are files of this server; the browser fetches each once. A rerun sends numbers,
colours and codes only. No text from data passes through folium, which would run it as a template: names are
in the boundary files and reach the screen through `textContent` in `map_assets/map.js`.
"""

import functools
import hashlib
import importlib.util
import json
import math
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import folium
import pandas as pd
import streamlit as st
import streamlit.components.v1 as components
from folium.template import Template
from streamlit_folium import st_folium

from geodata.columns import LSOA_CODE
from pages.shared.classes import THEMES, ThemeName

ASSETS: Final = Path(__file__).parent / "map_assets"
BASEMAP_URL: Final = "PLACES_BASEMAP_URL"
BASEMAP_CREDIT: Final = "PLACES_BASEMAP_ATTRIBUTION"

_GEOMETRY_URL = re.compile(r"\.\./[A-Za-z0-9_.]+/(?:areas|districts|places)-[0-9a-f]{6,64}\.geojson")
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_CLASSES = re.compile(r"[0-8sx-]*")
_TILES = re.compile(r"https?://[A-Za-z0-9.-]+(?::\d{1,5})?/[A-Za-z0-9._~/?&=%,:+@-]*")
_PLAIN = re.compile(r"[^<>{}\x00-\x1f\x7f]{1,200}")


class ValueKind(StrEnum):
    """What the number in a tooltip counts; `map.js` holds the words."""

    OFFENCES = "offences"
    OFFENCE_RATE = "offence_rate"
    OFFENCE_DENSITY = "offence_density"
    ASB = "asb"
    ASB_RATE = "asb_rate"
    ASB_DENSITY = "asb_density"
    GI_STAR = "gi_star"
    SLOPE_MONTH = "slope_month"
    SLOPE_YEAR = "slope_year"
    GROUPS = "groups"


class Credit(StrEnum):
    """Whose data the map shows; `map.js` holds the words."""

    OPEN_DATA = "open_data"
    FORCE_EXTRACT = "force_extract"
    FICTIONAL = "fictional"


@dataclass(frozen=True)
class ServedAddresses:
    """The boundary files' addresses, relative to the map's frame, so that they hold under any base path."""

    areas: str
    districts: str | None
    places: str | None


@dataclass(frozen=True)
class Basemap:
    """A street map of tiles from elsewhere: its address with {z}, {x}, {y}, and its attribution in plain text."""

    url: str
    attribution: str

    def __post_init__(self) -> None:
        bare = self.url
        for part in ("{z}", "{x}", "{y}"):
            _require(bare.count(part) == 1, f"{BASEMAP_URL} must hold {{z}}, {{x}} and {{y}} once each")
            bare = bare.replace(part, "0")
        _require(
            _TILES.fullmatch(bare) is not None,
            f"{BASEMAP_URL} must be an http or https address, such as https://tiles.example.org/{{z}}/{{x}}/{{y}}.png",
        )
        _require(
            _PLAIN.fullmatch(self.attribution) is not None,
            f"{BASEMAP_CREDIT} must be 1 to 200 characters of plain text without < > {{ }}",
        )


@dataclass(frozen=True)
class MapView:
    """What one rerun shows. Areas are numbered by their order in the boundary file.

    Attributes
    ----------
    areas, districts, places : addresses as `serve_assets` gives them.
    classes : one character per area: "0" to "8" its class, "-" missing, "s" suppressed, "x" outside the chosen area.
    colours : the classes' colours, "#rrggbb", lowest first.
    values : one number or None per area, for the tooltip, in the unit that `kind` names.
    hotspots : numbers of the areas with the hotspot outline.
    selected : number of the selected area.
    points : (longitude, latitude, count, rank) of the selected area's busiest map points.
    bounds : (west, south, east, north) that "Whole area" shows; without it, all areas.
    """

    areas: str
    classes: str
    colours: tuple[str, ...]
    values: tuple[float | None, ...]
    kind: ValueKind
    districts: str | None = None
    places: str | None = None
    hotspots: tuple[int, ...] = ()
    selected: int | None = None
    points: tuple[tuple[float, float, int, int], ...] = ()
    bounds: tuple[float, float, float, float] | None = None
    theme: ThemeName = "light"
    credit: Credit = Credit.OPEN_DATA

    def __post_init__(self) -> None:
        for url in (self.areas, self.districts, self.places):
            _require(
                url is None or _GEOMETRY_URL.fullmatch(url) is not None,
                "a map's geometry is a file of this server: ../COMPONENT/areas-HASH.geojson",
            )
        count = len(self.classes)
        _require(_CLASSES.fullmatch(self.classes) is not None, "a class is one of 0 to 8, -, s or x")
        _require(len(self.values) == count, f"{len(self.values)} values were given for {count} areas")
        _require(all(v is None or math.isfinite(v) for v in self.values), "a map's values are finite numbers")
        _require(all(_COLOUR.fullmatch(c) for c in self.colours), "a colour is written as #rrggbb")
        highest = max((int(c) for c in set(self.classes) if c.isdigit()), default=-1)
        _require(highest < len(self.colours), f"class {highest} has no colour")
        numbers = (*self.hotspots, *(() if self.selected is None else (self.selected,)))
        _require(all(0 <= i < count for i in numbers), f"an area's number lies between 0 and {count - 1}")
        for lon, lat, events, rank in self.points:
            _require(_on_earth(lon, lat), "a point has a longitude and a latitude in degrees")
            _require(events >= 0 and 1 <= rank <= 99, "a point has a count and a rank of 1 to 99")
        if self.bounds is not None:
            west, south, east, north = self.bounds
            _require(_on_earth(west, south) and _on_earth(east, north), "bounds are degrees: west, south, east, north")
            _require(west < east and south < north, "bounds run from west to east and from south to north")
        _require(self.theme in THEMES, "a theme is light or dark")
        ValueKind(self.kind)
        Credit(self.credit)

    def payload(self, basemap: Basemap | None = None) -> str:
        """The view as JSON for `map.js`."""
        content: dict[str, Any] = {
            "areas": self.areas,
            "districts": self.districts,
            "places": self.places,
            "classes": self.classes,
            "colours": self.colours,
            "ink": asdict(THEMES[self.theme]),
            "theme": self.theme,
            "values": [None if v is None else _short(v) for v in self.values],
            "kind": str(self.kind),
            "hotspots": [int(i) for i in self.hotspots],
            "selected": None if self.selected is None else int(self.selected),
            "points": [(round(float(x), 6), round(float(y), 6), int(n), int(r)) for x, y, n, r in self.points],
            "bounds": self.bounds and [round(float(b), 6) for b in self.bounds],
            "credit": str(self.credit),
            "basemap": basemap and asdict(basemap),
        }
        return json.dumps(content, separators=(",", ":"), allow_nan=False)


def serve_assets(display_folder: Path, files: Mapping[str, str]) -> ServedAddresses:
    """Let the browser fetch Leaflet, our script and the dataset's `display` folder. Call it on every page's every run.

    `files` are the names in the opened dataset's manifest, by layer: after a rebuild they are gone, never another map. The
    folder's name is part of the address, so that two datasets never answer for each other.
    """
    _serve_own()
    folder = display_folder.resolve()
    digest = hashlib.sha256(str(folder).encode()).hexdigest()[:12]
    served = components.declare_component(f"display_{digest}", path=str(folder)).name
    if "areas" not in files:
        raise ValueError("the dataset has no boundaries to show: build it again")
    address = {layer: f"../{served}/{name}" for layer, name in files.items()}
    return ServedAddresses(address["areas"], address.get("districts"), address.get("places"))


def area_map(view: MapView, *, key: str, height: int, on_change: Callable[[], None]) -> None:
    """Draw the map. `on_change` is called once for each click on an area; read the area there with `clicked_area`."""
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
        returned_objects=["last_object_clicked_count", "last_object_clicked_tooltip"],
        on_change=on_change,
    )


def clicked_area(key: str) -> str | None:
    """The LSOA code of the area that was just chosen on the map with this key; only for use in its `on_change`.

    It comes from the browser: look it up among the dataset's areas before use.
    """
    returned = st.session_state.get(key)
    code = returned.get("last_object_clicked_tooltip") if isinstance(returned, Mapping) else None
    return code if isinstance(code, str) and LSOA_CODE.fullmatch(code) else None


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
            ("places_map", f"../{assets}/map.js?v={_digest('map.js')}"),
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


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise ValueError(message)


def _on_earth(lon: float, lat: float) -> bool:
    return -180 <= lon <= 180 and -90 <= lat <= 90


def _short(value: float) -> float | int:
    rounded = round(float(value), 2)
    return int(rounded) if rounded.is_integer() else rounded
