"""The map's payload and its rules, without a browser."""

import ast
import dataclasses
import json
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import folium
import pandas as pd
import pytest
import shapely
import streamlit_folium
from streamlit.testing.v1 import AppTest

from pages.shared import maps
from pages.shared.classes import OUTLINES, THEMES, OutlineKind, Theme, ThemeName
from pages.shared.map_view import MOST_CORNERS
from pages.shared.maps import Basemap, Credit, MapView, Months, Outline, ServedAddresses, Shape, ValueKind

ROOT = Path(__file__).parent.parent
SCRIPT = (maps.ASSETS / "map.js").read_text(encoding="utf-8")
SCRIPTS = {name: (maps.ASSETS / name).read_text(encoding="utf-8") for name in maps.SCRIPTS}
STYLE = (maps.ASSETS / "map.css").read_text(encoding="utf-8")
AREAS = "../pages.shared.maps.display_0123456789ab/areas-0123abcd.geojson"
VIEW = MapView(
    areas=AREAS,
    districts=AREAS.replace("areas", "districts"),
    places=AREAS.replace("areas", "places"),
    classes="01-sx",
    colours=("#edf8b1", "#081d58"),
    values=(0.0, 12.3456, None, None, 7.0),
    kind=ValueKind.OFFENCE_RATE,
    hotspots=(1,),
    selected=1,
    points=((1.2967001, 52.6303, 91, 1),),
    bounds=(0.15, 52.36, 1.75, 52.98),
)
TRIANGLE = ((1.25, 52.6), (1.3, 52.6), (1.3, 52.65))
FULL = dataclasses.replace(
    VIEW,
    outlines=(Outline("target", (0, 1), 1), Outline("ring_control", (4,))),
    shapes=(Shape("other", ((TRIANGLE,),), 2),),
    picking=True,
    picked=(3,),
    drawing="shape",
    drawn=TRIANGLE,
    months=Months(("2024-11/2025-01", "2024-12/2025-02"), ("01-sx", "-----"), ((0, 35, 36, None, 1234), (None,) * 5)),
    large=True,
    layers=(AREAS.replace("areas", "layer-licensed-premises-2025"), AREAS.replace("areas", "layer-a")),
    marks=(3, 0),
)


# -- the view


def test_payload_holds_what_was_given() -> None:
    payload = json.loads(VIEW.payload())
    assert payload["classes"] == "01-sx"
    assert payload["values"] == [0, 12.35, None, None, 7]
    assert payload["points"] == [[1.2967, 52.6303, 91, 1]]
    assert (payload["selected"], payload["hotspots"]) == (1, [1])
    assert payload["ink"]["background"] == THEMES["light"].background
    assert payload["basemap"] is None


def test_payload_holds_the_tools() -> None:
    payload = json.loads(FULL.payload())
    assert payload["outlines"] == [["target", [0, 1], 1], ["ring_control", [4], None]]
    assert payload["shapes"] == [["other", [[[list(corner) for corner in TRIANGLE]]], 2]]
    assert (payload["picking"], payload["picked"]) == (True, [3])
    assert (payload["drawing"], payload["drawn"]) == ("shape", [list(corner) for corner in TRIANGLE])
    assert payload["months"]["labels"] == ["2024-11/2025-01", "2024-12/2025-02"]
    assert payload["months"]["values"] == ["0z(36)-(1234)", "-----"]
    assert payload["large"] is True
    assert payload["layers"] == list(FULL.layers), "in the order given"
    assert payload["marks"] == [3, 0]
    assert json.loads(VIEW.payload())["layers"] == []
    assert set(payload["lines"]) == {"target", "ring_control", "other"}, "only what is drawn"
    assert payload["lines"]["ring_control"]["dash"]
    assert json.loads(VIEW.payload())["lines"] == {}


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("view", [VIEW, FULL], ids=["plain", "full"])
def test_payload_is_numbers_colours_and_codes(view: MapView, theme: ThemeName) -> None:
    """Any text in it is an address of this server, a colour, a class string, a row of counts, a month or a word of a fixed list."""
    allowed = re.compile(
        r"\.\./[\w.]+/[a-z0-9-]+-[0-9a-f]+\.geojson|#[0-9a-f]{6}|[0-8sx-]+|light|dark|[\d/-]+|([0-9a-z-]|\(\d+\)){5}"
    )
    words = {*ValueKind, *Credit, *OUTLINES[theme], "shape"}

    def texts(part: Any) -> list[str]:
        if isinstance(part, dict):
            return [t for value in part.values() for t in texts(value)]
        if isinstance(part, list):
            return [t for value in part for t in texts(value)]
        return [part] if isinstance(part, str) else []

    payload = json.loads(dataclasses.replace(view, theme=theme).payload())
    assert len(texts(payload)) > 10
    assert [t for t in texts(payload) if not allowed.fullmatch(t) and t not in words] == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"areas": "https://example.org/areas-0123abcd.geojson"}, "file of this server"),
        ({"areas": "../a/../../areas-0123abcd.geojson"}, "file of this server"),
        ({"districts": AREAS + "\n"}, "file of this server"),
        ({"places": '../x/places-0123abcd.geojson");alert("'}, "file of this server"),
        ({"areas": AREAS.replace("areas", "level-parish")}, "file of this server"),
        ({"areas": AREAS.replace("areas", "layer-ward")}, "file of this server"),
        ({"layers": ("https://example.org/layer-a-0123abcd.geojson",)}, "files of this server"),
        ({"layers": ("//example.org/layer-a-0123abcd.geojson",)}, "files of this server"),
        ({"layers": ("../x/../../layer-a-0123abcd.geojson",)}, "files of this server"),
        ({"layers": ("../x/layer-{{7*7}}-0123abcd.geojson",)}, "files of this server"),
        ({"layers": ("../x/layer-A-0123abcd.geojson",)}, "files of this server"),
        ({"layers": ("../x/layer-a-0123abcd.geojson\n",)}, "files of this server"),
        ({"layers": ("../x/layer-a-0123abcd.geojson?to=1",)}, "files of this server"),
        ({"layers": (f"../x/layer-{'a' * 61}-0123abcd.geojson",)}, "files of this server"),
        ({"layers": ("../x/layer-a-0123.geojson",)}, "files of this server"),
        ({"layers": (AREAS,)}, "files of this server"),
        ({"layers": ("../x/layer-a-0123abcd.geojson",) * 2}, "each once"),
        ({"layers": ("../x/layer-a-0123abcd.geojson",)}, "first mark"),
        ({"layers": ("../x/layer-a-0123abcd.geojson",), "marks": (-1,)}, "number of a mark"),
        ({"classes": "01-s"}, "5 values were given for 4 areas"),
        ({"classes": "01-s9"}, "a class is one of"),
        ({"classes": "{{7*7"}, "a class is one of"),
        ({"classes": "02-sx"}, "class 2 has no colour"),
        ({"colours": ("#edf8b1", "red")}, "#rrggbb"),
        ({"colours": ("#edf8b1", "#081d58\n")}, "#rrggbb"),
        ({"values": (0.0, math.nan, None, None, 7.0)}, "finite"),
        ({"values": (0.0, math.inf, None, None, 7.0)}, "finite"),
        ({"hotspots": (5,)}, "between 0 and 4"),
        ({"selected": -1}, "between 0 and 4"),
        ({"points": ((200.0, 52.0, 1, 1),)}, "longitude and a latitude"),
        ({"points": ((math.nan, 52.0, 1, 1),)}, "longitude and a latitude"),
        ({"points": ((1.0, 52.0, -1, 1),)}, "count and a rank"),
        ({"points": ((1.0, 52.0, 1, 0),)}, "count and a rank"),
        ({"bounds": (1.75, 52.36, 0.15, 52.98)}, "west to east"),
        ({"bounds": (0.15, 52.36, 1.75, math.nan)}, "degrees"),
        ({"kind": "{{7*7}}"}, "ValueKind"),
        ({"credit": "{{7*7}}"}, "Credit"),
        ({"theme": "{{7*7}}"}, "light or dark"),
        ({"outlines": (Outline("target", (5,)),)}, "between 0 and 4"),
        ({"picked": (-1,)}, "between 0 and 4"),
        ({"drawing": "circle"}, "a shape or a point"),
        ({"drawn": ((1.0, 91.0),)}, "longitude and a latitude"),
        ({"drawn": ((1.0, math.nan),)}, "longitude and a latitude"),
        ({"drawn": ((1.0, 52.0),) * (MOST_CORNERS + 1)}, "too many corners"),
        ({"drawing": "point", "drawn": TRIANGLE}, "too many corners"),
        ({"months": Months(("2025-01",), ("01-s9",))}, "a class is one of"),
        ({"months": Months(("2025-01",), ("01-s2",))}, "class 2 has no colour"),
        ({"months": Months(("2025-01",), ("01-s",))}, "each of 5 areas"),
        ({"months": Months(("2025-01",), ("01-sx",), ((1, 2),))}, "each of 5 areas"),
    ],
)
def test_what_does_not_fit_is_refused(change: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        dataclasses.replace(VIEW, **change)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Outline("hotspot", (1,)), "an outline's kind"),  # type: ignore[arg-type]
        (lambda: Outline("target", (1,), 0), "between 1 and 99"),
        (lambda: Shape("{{7*7}}", ()), "an outline's kind"),  # type: ignore[arg-type]
        (lambda: Shape("target", ((TRIANGLE[:2],),)), "3 corners"),
        (lambda: Shape("target", (((*TRIANGLE, (1.0, math.inf)),),)), "longitude and latitude"),
        (lambda: Months((), ()), "one step or more"),
        (lambda: Months(("2025-13",), ("0",)), "2025-03"),
        (lambda: Months(("{{7*7}}",), ("0",)), "2025-03"),
        (lambda: Months(("2025-02", "2025-01"), ("0", "0")), "in order"),
        (lambda: Months(("2025-01", "2025-01"), ("0", "0")), "each once"),
        (lambda: Months(("2025-01",), ()), "has its classes"),
        (lambda: Months(("2025-01",), ("0",), ()), "has its values"),
        (lambda: Months(("2025-01",), ("0",), ((-1,),)), "counts"),
        (lambda: Months(("2025-01",), ("0",), ((1.5,),)), "counts"),  # type: ignore[arg-type]
    ],
)
def test_a_tool_that_does_not_fit_is_refused(make: Callable[[], object], words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        make()


def test_a_shape_is_made_of_all_polygons_with_their_holes() -> None:
    ring = shapely.box(0, 50, 1, 51).difference(shapely.box(0.4, 50.4, 0.6, 50.6))
    shape = Shape.of("target", shapely.union(ring, shapely.box(2, 50, 3, 51)), 3)
    assert sorted([len(ring) for ring in polygon] for polygon in shape.polygons) == [[4], [4, 4]]
    assert Shape.of("target", shapely.Polygon()).polygons == ()


def test_an_area_without_hotspot_selection_or_points_is_enough() -> None:
    assert json.loads(MapView(AREAS, "", (), (), ValueKind.ASB).payload())["values"] == []


def test_tooltip_values_keep_missing_apart_from_zero() -> None:
    assert maps.tooltip_values(pd.Series([0, None, 3], dtype="Int64")) == (0.0, None, 3.0)
    assert maps.tooltip_values(pd.Series([0.5, float("nan")])) == (0.5, None)


# -- the files it serves


def test_addresses_differ_between_datasets(tmp_path: Path) -> None:
    served = []
    for name in ("one", "two"):
        display = tmp_path / name / "display"
        display.mkdir(parents=True)
        (display / "areas-0123abcd.geojson").write_text("{}", encoding="utf-8")
        served.append(maps.serve_assets(display, {"areas": "areas-0123abcd.geojson"}))
    assert served[0].areas != served[1].areas
    assert (served[0].districts, served[0].places) == (None, None)
    assert (served[0].layers, served[0].levels) == ({}, {})
    dataclasses.replace(VIEW, areas=served[0].areas)  # is accepted
    assert str(tmp_path) not in served[0].areas


def test_layers_and_coarser_areas_have_addresses_of_their_own(tmp_path: Path) -> None:
    names = ("areas", "layer-cctv", "layer-level-crossings", "level-msoa", "level-ward", "level-district")
    served = maps.serve_assets(tmp_path, {name: f"{name}-0123abcd.geojson" for name in names})
    assert list(served.layers) == ["cctv", "level-crossings"]
    assert list(served.levels) == ["msoa", "ward", "district"]
    for level in served.levels.values():
        dataclasses.replace(VIEW, areas=level, layers=tuple(served.layers.values()), marks=(0, 1))  # is accepted


def test_a_dataset_without_boundaries_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no boundaries to show"):
        maps.serve_assets(tmp_path, {})


# -- what reaches the browser

PAGE = """
from pathlib import Path
import dataclasses
import streamlit as st
from pages.shared import maps
from tests.test_maps import VIEW

display = Path(st.session_state["display"])
served = maps.serve_assets(display, {"areas": next(display.glob("areas-*.geojson")).name})
selected = st.selectbox("Area", [0, 1, 2], key="area")
view = dataclasses.replace(VIEW, areas=served.areas, districts=None, places=None, selected=selected)
maps.area_map(view, key="map", height=400, on_change=lambda: None)
"""


def sent(app: AppTest) -> dict[str, Any]:
    (component,) = app.get("component_instance")
    return json.loads(component.proto.json_args)


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.syspath_prepend(str(ROOT))
    (tmp_path / "areas-0123abcd.geojson").write_text("{}", encoding="utf-8")
    app = AppTest.from_string(PAGE, default_timeout=30)
    app.session_state["display"] = str(tmp_path)
    return app.run()


def test_a_rerun_changes_the_values_and_not_the_map(page: AppTest) -> None:
    assert not page.exception
    before, before_id = sent(page), page.get("component_instance")[0].proto.id
    page.selectbox(key="area").select(2).run()
    after, after_id = sent(page), page.get("component_instance")[0].proto.id
    assert before["feature_group"] != after["feature_group"]
    for part in ("script", "html", "js_links", "css_links"):
        assert before[part] == after[part], part
    assert before_id == after_id, "another identity would mount the map anew and lose the zoom"


def test_nothing_is_asked_of_another_server(page: AppTest) -> None:
    arguments = sent(page)
    links = arguments["js_links"] + arguments["css_links"]
    assert len(links) == 3 + len(maps.SCRIPTS)
    assert all(
        re.fullmatch(
            r"\.\./[\w.]+/(leaflet|map|names|picker|overlays|draw|months|layer_\w+|layers)\.(js|css)(\?v=[0-9a-f]{12})?",
            link,
        )
        for link in links
    )
    assert re.findall(r"https?:|//[a-z0-9-]+\.[a-z]", json.dumps(arguments)) == []


def test_only_a_choice_comes_back(page: AppTest) -> None:
    """With the view among them, each pan would rerun the page."""
    names = ["last_object_clicked_count", "last_object_clicked_tooltip", "last_active_drawing"]
    assert sent(page)["returned_objects"] == names
    assert sent(page)["default"] == dict.fromkeys(names)


@pytest.fixture
def component(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What streamlit-folium hands to its component."""
    caught: dict[str, Any] = {}
    monkeypatch.setattr(streamlit_folium, "_component_func", lambda **given: caught.update(given))
    return caught


def test_a_change_of_a_county_sends_little(component: dict[str, Any]) -> None:
    county = dataclasses.replace(
        VIEW, classes="01" * 276, values=tuple(i * 1.37 for i in range(552)), hotspots=tuple(range(31))
    )
    maps.area_map(county, key="map", height=500, on_change=lambda: None)
    size = len(json.dumps({k: v for k, v in component.items() if k != "on_change"}))
    assert 3_000 < size < 10_000


def test_the_payload_arrives_as_it_was_written(component: dict[str, Any]) -> None:
    maps.area_map(VIEW, key="map", height=500, on_change=lambda: None)
    call = re.search(r"placesMap\.update\(map_div, (.*)\);", component["feature_group"])
    assert call is not None
    assert json.loads(call[1]) == json.loads(VIEW.payload())
    assert "placesMap.start(map_div);" in component["script"]


def test_no_argument_is_run_as_a_template(component: dict[str, Any]) -> None:
    group = folium.FeatureGroup(control=False)
    group.add_child(maps._Script("f({{ this.argument }});", '"{{7*7}}"'))
    streamlit_folium.st_folium(maps._local_map(), feature_group_to_add=group)
    assert 'f("{{7*7}}");' in component["feature_group"]
    # folium's own rendering would take what the first pass wrote for a template, and run it.
    assert 'f("49")' not in group.get_root().render()


# -- what comes back


@pytest.mark.parametrize(
    ("returned", "code"),
    [
        ({"last_object_clicked_tooltip": "E01026793"}, "E01026793"),
        ({"last_object_clicked_tooltip": "E01026793 "}, None),
        ({"last_object_clicked_tooltip": "Norwich 007"}, None),
        ({"last_object_clicked_tooltip": "{{7*7}}"}, None),
        ({"last_object_clicked_tooltip": 7}, None),
        ({"last_object_clicked_tooltip": None}, None),
        ({}, None),
        (None, None),
        ("E01026793", None),
    ],
)
def test_the_area_chosen(returned: object, code: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maps.st, "session_state", {"map": returned})
    assert maps.clicked_area("map") == code
    assert maps.clicked_area("another") is None


def polygon(*corners: object) -> dict[str, object]:
    return {"last_active_drawing": {"type": "Polygon", "coordinates": [[*corners]]}}


CORNERS = [list(corner) for corner in TRIANGLE]


@pytest.mark.parametrize(
    ("returned", "shape"),
    [
        (polygon(*CORNERS, CORNERS[0]), TRIANGLE),
        (polygon(*CORNERS), None),
        (polygon(*CORNERS[:2], CORNERS[0]), None),
        (polygon(*CORNERS, [1.0], CORNERS[0]), None),
        (polygon(*CORNERS, [1.0, 91.0], CORNERS[0]), None),
        (polygon(*CORNERS, [1.0, math.nan], CORNERS[0]), None),
        (polygon(*CORNERS, ["1", "52"], CORNERS[0]), None),
        (polygon(*CORNERS, None, CORNERS[0]), None),
        (polygon(*CORNERS * MOST_CORNERS, CORNERS[0]), None),
        ({"last_active_drawing": {"type": "Polygon", "coordinates": []}}, None),
        ({"last_active_drawing": {"type": "Polygon", "coordinates": "{{7*7}}"}}, None),
        ({"last_active_drawing": {"type": "Point", "coordinates": [1.0, 52.0]}}, None),
        ({"last_active_drawing": [1]}, None),
        ({"last_active_drawing": None}, None),
        ("E01026793", None),
    ],
)
def test_the_shape_drawn(returned: object, shape: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maps.st, "session_state", {"map": returned})
    assert maps.drawn_shape("map") == shape
    assert maps.drawn_shape("another") is None


@pytest.mark.parametrize(
    ("place", "point"),
    [
        ([1.25, 52], (1.25, 52.0)),
        ([181, 52], None),
        ([1.25], None),
        (["1", "52"], None),
        (None, None),
        ("{{7*7}}", None),
    ],
)
def test_the_point_clicked(place: object, point: object, monkeypatch: pytest.MonkeyPatch) -> None:
    returned = {"last_active_drawing": {"type": "Point", "coordinates": place}}
    monkeypatch.setattr(maps.st, "session_state", {"map": returned})
    assert maps.clicked_point("map") == point
    assert maps.drawn_shape("map") is None
    assert maps.clicked_area("map") is None


# -- the street map


def environment(url: str, credit: str = "© The map's makers") -> dict[str, str]:
    return {"PLACES_BASEMAP_URL": url, "PLACES_BASEMAP_ATTRIBUTION": credit}


def test_there_is_no_street_map_unless_configured() -> None:
    assert maps.basemap_from_environment({}) is None
    assert maps.basemap_from_environment(environment("")) is None


@pytest.mark.parametrize(
    "url",
    ["https://tiles.example.org/{z}/{x}/{y}.png", "http://localhost:8080/a-b_c/{z}/{y}/{x}?style=os&key=12ab%20"],
)
def test_a_street_map_is_sent_as_configured(url: str) -> None:
    payload = json.loads(VIEW.payload(maps.basemap_from_environment(environment(url))))
    assert payload["basemap"] == {"url": url, "attribution": "© The map's makers"}


@pytest.mark.parametrize(
    "url",
    [
        "https://tiles.example.org/{z}/{x}.png",
        "https://tiles.example.org/{z}/{x}/{y}/{y}.png",
        "https://{s}.example.org/{z}/{x}/{y}.png",
        "https://tiles.example.org/{{7*7}}/{z}/{x}/{y}.png",
        "ftp://tiles.example.org/{z}/{x}/{y}.png",
        "javascript:alert(1)//{z}/{x}/{y}",
        'https://tiles.example.org/{z}/{x}/{y}.png"',
        "https://name@tiles.example.org/{z}/{x}/{y}.png",
        "/{z}/{x}/{y}.png",
    ],
)
def test_a_street_map_of_another_form_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="PLACES_BASEMAP_URL must"):
        maps.basemap_from_environment(environment(url))


@pytest.mark.parametrize("credit", ["", "{{7*7}}", "<b>x</b>", "a\nb", "x" * 201])
def test_an_attribution_is_plain_text(credit: str) -> None:
    with pytest.raises(ValueError, match="PLACES_BASEMAP_ATTRIBUTION must"):
        Basemap("https://tiles.example.org/{z}/{x}/{y}.png", credit)


def test_a_wrong_street_map_leaves_the_map(component: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    for name, value in environment("nowhere").items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(maps.st, "caption", said.append)
    maps.area_map(VIEW, key="map", height=500, on_change=lambda: None)
    assert '"basemap":null' in component["feature_group"]
    assert said[0].startswith("The map is drawn without streets: PLACES_BASEMAP_URL must")
    assert "nowhere" not in said[0]


# -- rules on our own files


def test_folium_is_used_in_one_place() -> None:
    def imports(file: Path) -> set[str]:
        names: set[str] = set()
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                names.add(node.module.split(".")[0])
        return names

    ours = [ROOT / "app.py", *(f for room in ("pages", "geodata", "hotspots") for f in (ROOT / room).rglob("*.py"))]
    users = {
        f.relative_to(ROOT).as_posix()
        for f in ours
        if f.exists() and imports(f) & {"folium", "streamlit_folium", "branca"}
    }
    assert users == {"pages/shared/maps.py"}


def test_the_script_knows_every_word_python_may_send() -> None:
    def keys(table: str) -> set[str]:
        found = re.search(rf"const {table} = {{(.*?)\n  }};", SCRIPT, re.DOTALL)
        assert found is not None
        return set(re.findall(r"^    (\w+):", found[1], re.MULTILINE))

    assert keys("KINDS") == {str(k) for k in ValueKind}
    assert keys("CREDITS") == {str(c) for c in Credit}
    roles = re.search(r"const ROLES = {(.*?)};", SCRIPTS["overlays.js"], re.DOTALL)
    assert roles is not None
    assert re.findall(r"(\w+): ", roles[1]) == list(OUTLINES["light"]) == list(get_args(OutlineKind))
    assert f"const MOST_CORNERS = {MOST_CORNERS};" in SCRIPTS["draw.js"]


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
def test_a_script_writes_text_as_text(script: str) -> None:
    ways = r"innerHTML\s*\+?=|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|bindPopup|bindTooltip|setContent"
    assert re.findall(ways, script) == []
    icons = re.findall(r"divIcon\(\{ html: (\w+)", script)
    assert script.count("divIcon") == len(icons)
    assert set(icons) <= {"node"}, "a label's icon is an element, never a string"


@pytest.mark.parametrize("text", [*SCRIPTS.values(), STYLE], ids=[*SCRIPTS, "map.css"])
def test_the_assets_name_no_other_server(text: str) -> None:
    assert re.findall(r"https?:|//[a-z0-9-]+\.[a-z]|@import|url\(", text) == []


def test_the_style_uses_colours_that_python_sends() -> None:
    used = set(re.findall(r"var\(--map-([a-z-]+)\)", STYLE))
    assert used <= {field.name.replace("_", "-") for field in dataclasses.fields(Theme)}
    assert len(used) > 4


def test_each_colour_of_a_theme_is_a_colour() -> None:
    assert all(
        re.fullmatch(r"#[0-9a-f]{6}", c) for theme in THEMES.values() for c in dataclasses.asdict(theme).values()
    )


def test_served_addresses_and_callbacks_are_public() -> None:
    names: list[Callable[..., Any] | type] = [maps.serve_assets, maps.area_map, maps.clicked_area, ServedAddresses]
    assert all(thing.__doc__ for thing in names)
