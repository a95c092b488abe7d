"""Layers over the map and areas of a coarser level, with nobody else to be reached."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely
from playwright.sync_api import Route

from tests.browser.conftest import OpenTab, Server, Start, Visit
from tests.browser.test_map_tools import opened, said, spot
from tests.browser.test_sample import VIEW

HOSTILE = '{{7*7}}<img src=x onerror="window.hit = 1">'
MANY = 20_000
LOST = "The layer could not be loaded; the rest is complete."

# How many pixels are drawn of a kind of layer.
INK = """(kind) => [...document.querySelectorAll(`.leaflet-places-layer-${kind}-pane canvas`)]
  .flatMap((canvas) => [...canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data])
  .filter((value, i) => i % 4 === 3 && value > 0).length"""
# How many points the marks and boxes on the map stand for.
COUNTED = """() => Object.values(map._layers).find((layer) => layer.options.kind === 'points').items
  .reduce((sum, { item }) => sum + (item.text ? Number(item.text.replace(',', '')) : 1), 0)"""


def feature(shape: shapely.Geometry, name: str | None = None, number: int | None = None) -> dict[str, Any]:
    return {"type": "Feature", "properties": {"n": name, "c": number}, "geometry": shapely.geometry.mapping(shape)}


def spread(areas: gpd.GeoSeries, count: int) -> list[shapely.Point]:
    """Points in the areas in turn, the later the further from the first there."""
    inside = areas.representative_point()
    return [
        shapely.Point(inside.iloc[i % len(inside)].x + i * 5e-7, inside.iloc[i % len(inside)].y) for i in range(count)
    ]


def collections(areas: gpd.GeoDataFrame) -> dict[str, dict[str, Any]]:
    degrees = areas.to_crs(4326).geometry
    points = list(degrees.representative_point())
    middle = degrees.union_all().centroid
    wrong: list[Any] = [
        None,
        {"type": "Feature", "properties": None, "geometry": None},
        {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": ["1", "52"]}},
        {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [1, 91]}},
        {"type": "Feature", "properties": {}, "geometry": {"type": "LineString", "coordinates": [[1, 52], [2, 52]]}},
        {"type": "Feature", "properties": {}, "geometry": {"type": "__proto__", "coordinates": []}},
    ]
    one_colour = [{"means": means, "colour": "#0072b2"} for means in (HOSTILE, "Club", "Shop", "Bar")]
    wards = areas.dissolve("ward_code").reset_index().to_crs(4326)
    return {
        "layer-venues": {
            "title": f"Venues {HOSTILE}", "source": f"Licensing register {HOSTILE}", "date": "2025-09-30", "kind": "points",
            "colour": "#0072b2", "classes": one_colour,
            "features": [*wrong, feature(points[0], f"Corner {HOSTILE}", 0), feature(points[-1], None, 1)],
        },
        "layer-lamps": {
            "title": "Lamps", "source": "County council", "date": "2025", "kind": "points", "colour": "red;}", "classes": [],
            "features": [feature(point) for point in spread(degrees, MANY)],
        },
        "layer-routes": {
            "title": "Routes", "source": "Operators", "date": "2025-10", "kind": "lines", "colour": "#cc79a7", "classes": [],
            "features": [feature(shapely.LineString([points[0], middle, points[-1]]), "Route 7")],
        },
        "layer-orders": {
            "title": "Orders", "source": "Districts", "date": "2025-06", "kind": "polygons", "colour": "#7b3294", "classes": [],
            "features": [feature(middle.buffer(0.05), "Order 1")],
        },
        "level-ward": {
            "features": [
                {"type": "Feature", "properties": {"code": code, "label": f"Ward {code}"}, "geometry": shapely.geometry.mapping(shape)}
                for code, shape in zip(wards["ward_code"], wards.geometry, strict=True)
            ],
        },
    }  # fmt: skip


@pytest.fixture(scope="module")
def county(checkout: Path, sample: Server, start: Start, tmp_path_factory: pytest.TempPathFactory) -> Server:
    """A map and nothing else, on the sample with layers beside its boundaries."""
    folder = tmp_path_factory.mktemp("layers")
    shutil.copytree(checkout, folder / "app")
    shutil.copy(Path(__file__).parent / "map_page.py", folder / "app" / "app.py")
    dataset = shutil.copytree(checkout / "sample_data" / "dataset", folder / "dataset")
    for name, content in collections(gpd.read_parquet(dataset / "areas.parquet")).items():
        text = json.dumps({"type": "FeatureCollection"} | content)
        (dataset / "display" / f"{name}-0123abcd.geojson").write_text(text, encoding="utf-8")
    return start(dataset, folder / "app")


def switch(visit: Visit, *names: str) -> None:
    for name in names:
        visit.rerun(lambda name=name: visit.page.get_by_text(name, exact=True).click())  # type: ignore[misc]


def inked(visit: Visit, kind: str) -> int:
    return int(visit.map.evaluate(INK, kind))


def unfold(visit: Visit) -> None:
    """Open the legend, which is closed until somebody asks."""
    visit.map.locator(".places-layers summary").click()
    visit.until(lambda: visit.map.locator(".places-layers details[open]").count() == 1, "the legend to open")


def legend(visit: Visit) -> str:
    return str(visit.map.locator(".places-layers").inner_text())


def hover(visit: Visit, place: shapely.Point, wanted: str) -> list[str]:
    """The lines of the tooltip with the pointer there, once they hold what is wanted."""
    x, y = visit.map.evaluate(
        "([lat, lng]) => { const p = map.latLngToContainerPoint([lat, lng]).subtract(map.getSize().divideBy(2)); return [p.x, p.y] }",
        [place.y, place.x],
    )
    tooltip = visit.map.locator(".places-tooltip")

    def there() -> bool:
        visit.page.mouse.move(*spot(visit, x, y), steps=3)
        return wanted in tooltip.inner_text()

    visit.until(there, f"{wanted} in the tooltip")
    return list(tooltip.inner_text().splitlines())


@pytest.fixture(scope="module")
def areas(checkout: Path, sample: Server) -> gpd.GeoSeries:
    return gpd.read_parquet(checkout / "sample_data" / "dataset" / "areas.parquet").to_crs(4326).geometry


# -- drawing


def test_a_layer_is_drawn_where_the_map_stands(county: Server, tab: OpenTab) -> None:
    visit = tab(county)
    asked: list[str] = []
    visit.page.on("request", lambda request: asked.append(request.url))
    opened(visit, "layers")
    visit.map.evaluate("() => { map.setView(map.getCenter(), map.getZoom() + 0.5, { animate: false }) }")
    place, below, mark = visit.map.evaluate(VIEW), visit.pixels(), "() => window.mark"
    visit.map.evaluate("() => { window.mark = 'still here' }")
    assert not visit.map.locator(".places-layers").is_visible()
    for name, kind in (("orders", "polygons"), ("routes", "lines"), ("venues", "points")):
        assert inked(visit, kind) == 0
        switch(visit, name)
        visit.until(lambda kind=kind: inked(visit, kind) > 100, f"the {kind}")  # type: ignore[misc]
    assert visit.map.evaluate(VIEW) == place
    assert visit.map.evaluate(mark) == "still here", "the same map"
    assert visit.pixels() == below, "the areas are not painted anew"
    switch(visit, "routes")
    visit.until(lambda: inked(visit, "lines") == 0, "the lines to go")
    switch(visit, "routes")
    visit.until(lambda: inked(visit, "lines") > 100, "the lines to be back")
    assert len([url for url in asked if "layer-routes" in url]) == 1, "fetched once"
    unfold(visit)
    assert visit.map.locator(".places-layer strong").all_inner_texts()[:2] == ["Orders", "Routes"], (
        "in the page's order"
    )
    assert LOST not in visit.map.locator(".places-note").inner_text()


def test_text_of_a_layer_is_shown_as_text(county: Server, tab: OpenTab, areas: gpd.GeoSeries) -> None:
    visit = opened(tab(county), "layers")
    switch(visit, "venues")
    unfold(visit)
    visit.until(lambda: HOSTILE in legend(visit), "the legend")
    for words in (f"Venues {HOSTILE}", f"Source: Licensing register {HOSTILE}, 2025-09-30", HOSTILE, "Club"):
        assert words in legend(visit)
    point = areas.representative_point().iloc[0]
    shown = hover(visit, point, f"Corner {HOSTILE}")
    assert shown[:3] == [f"Corner {HOSTILE}", HOSTILE, f"Venues {HOSTILE}"]
    assert len(shown) > 3, "and the area below"
    assert visit.map.evaluate("() => [window.hit, document.images.length]") == [None, 0]


def test_malformed_features_are_left_out(county: Server, tab: OpenTab) -> None:
    visit = opened(tab(county), "layers")
    switch(visit, "venues")
    visit.until(lambda: inked(visit, "points") > 0, "the points")
    assert visit.map.evaluate(COUNTED) == 2


def test_classes_of_one_colour_differ_in_shape(county: Server, tab: OpenTab) -> None:
    visit = opened(tab(county), "layers")
    switch(visit, "venues")
    unfold(visit)
    visit.map.locator(".places-layer li").first.wait_for()
    shapes = visit.map.evaluate(
        "() => [...document.querySelectorAll('.places-layer canvas')].map((c) => c.toDataURL())"
    )
    assert len(shapes) == len(set(shapes)) == 4


def test_many_points_are_drawn_and_counted(county: Server, tab: OpenTab) -> None:
    visit = opened(tab(county), "layers")
    switch(visit, "lamps")
    visit.until(lambda: inked(visit, "points") > 0, "the points")
    assert visit.map.evaluate(COUNTED) == MANY
    assert "not offences" in legend(visit)
    visit.map.evaluate("() => { map.setZoom(17, { animate: false }) }")
    assert "not offences" not in legend(visit), "every point by itself"


# -- the legend


def test_a_layer_is_hidden_by_keyboard_in_this_browser_only(county: Server, tab: OpenTab) -> None:
    visit = opened(tab(county), "layers")
    switch(visit, "routes", "venues")
    visit.until(lambda: inked(visit, "points") > 0, "the points")
    tick = visit.map.get_by_role("checkbox", name=re.compile("Venues"))
    runs = visit.runs()
    visit.map.locator(".places-layers summary").focus()
    visit.page.keyboard.press("Enter")
    for _ in range(2):
        visit.page.keyboard.press("Tab")
    assert tick.evaluate("node => node === document.activeElement")
    visit.page.keyboard.press("Space")
    assert not tick.is_checked()
    assert inked(visit, "points") == 0
    assert inked(visit, "lines") > 0
    visit.quiet()
    assert visit.runs() == runs, "the server is not asked"
    switch(visit, "Another measure")
    assert inked(visit, "points") == 0, "it stays hidden"
    opened(visit, "layers")
    switch(visit, "venues")
    visit.until(lambda: inked(visit, "points") > 0, "a layer switched on again to be seen")


def test_the_legend_is_closed_and_opened_by_keyboard(county: Server, tab: OpenTab) -> None:
    visit = opened(tab(county), "layers")
    switch(visit, "routes")
    summary = visit.map.locator(".places-layers summary")
    summary.wait_for()
    assert not visit.map.get_by_text("Source: Operators").is_visible(), "closed until somebody asks"
    summary.focus()
    visit.page.keyboard.press("Enter")
    visit.map.get_by_text("Source: Operators, 2025-10").wait_for()
    visit.page.keyboard.press("Enter")
    assert not visit.map.get_by_text("Source: Operators").is_visible()
    switch(visit, "orders")
    assert legend(visit).split() == ["Layers", "(2)", "Orders", "Routes"], "closed, it names them"
    assert not visit.map.get_by_text("Source: Operators").is_visible(), "it stays closed"


def test_a_class_keeps_its_mark_whatever_else_is_on(county: Server, tab: OpenTab) -> None:
    visit = opened(tab(county), "layers")
    switch(visit, "venues")
    marks = """() => [...document.querySelectorAll('.places-brief canvas')].slice(-4).map((c) => c.toDataURL())"""
    visit.until(lambda: len(visit.map.evaluate(marks)) == 4, "the marks of four classes")
    alone = visit.map.evaluate(marks)
    switch(visit, "lamps")
    visit.until(lambda: "Layers (2)" in legend(visit), "the other layer")
    assert visit.map.evaluate(marks) == alone
    every = visit.map.evaluate("() => [...document.querySelectorAll('.places-brief canvas')].map((c) => c.toDataURL())")
    assert len(set(every)) == 5


FOOT = """() => {
  const boxes = [...document.querySelectorAll('.leaflet-bottom > *:not(.leaflet-control-scale)')].map((e) => e.getBoundingClientRect())
    .filter((box) => box.height > 0);
  const bounds = Object.values(map._layers).filter((l) => 'areaIndex' in l).map((l) => l.getBounds().getSouth());
  return [map.latLngToContainerPoint([Math.min(...bounds), map.getCenter().lng]).y, Math.min(...boxes.map((box) => box.top))];
}"""


@pytest.mark.parametrize("mode", ["layers", "months", "large"])
def test_the_whole_area_stands_clear_of_what_is_written_at_its_foot(mode: str, county: Server, tab: OpenTab) -> None:
    visit = opened(tab(county), mode)
    switch(visit, "venues", "lamps", "routes")
    visit.until(lambda: "Layers (3)" in legend(visit), "the layers")
    visit.quiet()
    south, top = visit.map.evaluate(FOOT)
    assert south <= top
    closed = visit.map.evaluate(VIEW)
    unfold(visit)
    visit.quiet()
    assert visit.map.evaluate(VIEW) == closed, "a look at the legend moves nothing"
    visit.map.evaluate("() => { map.setZoom(12, { animate: false }) }")
    visit.map.get_by_role("button", name="Whole area").click()
    assert visit.map.evaluate(VIEW) == pytest.approx(closed, abs=0.003), "to the pixel"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_legend_can_be_read(scheme: str, county: Server, tab: OpenTab) -> None:
    visit = opened(tab(county, scheme), "layers")
    switch(visit, "venues")
    unfold(visit)
    small = visit.map.locator(".places-layer small")
    ink = small.evaluate("node => getComputedStyle(node).color")
    ground = visit.map.locator(".places-layers").evaluate("node => getComputedStyle(node).backgroundColor")
    assert contrast(ink, ground) >= 7
    waiting = visit.map.get_by_role("button", name="Selected area")
    assert waiting.is_disabled()
    colours = waiting.evaluate("node => [getComputedStyle(node).color, getComputedStyle(node).backgroundColor]")
    assert contrast(*colours) >= 4.5


def contrast(*colours: str) -> float:
    """Of two colours as the browser reports them, after WCAG 2.2."""
    bright = []
    for colour in colours:
        parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        bright.append(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2])
    return (max(bright) + 0.05) / (min(bright) + 0.05)


def test_the_legend_is_large_on_a_large_screen(county: Server, tab: OpenTab) -> None:
    visit = opened(tab(county), "large")
    switch(visit, "venues", "lamps")
    unfold(visit)
    visit.map.locator(".places-layer li").first.wait_for()
    sizes = visit.map.evaluate("""() => [...document.querySelectorAll('.places-layers *')]
        .filter((node) => [...node.childNodes].some((child) => child.nodeType === 3))
        .map((node) => parseFloat(getComputedStyle(node).fontSize))""")
    assert len(sizes) > 8
    assert min(sizes) >= 20


# -- what lies below and beside


def test_a_click_on_a_mark_selects_the_area_below(county: Server, tab: OpenTab) -> None:
    visit = opened(tab(county), "layers")
    switch(visit, "orders", "routes", "lamps")
    visit.until(lambda: inked(visit, "points") > 0, "the points")
    assert visit.rerun(lambda: visit.page.mouse.click(*spot(visit, 0, 0))) == 1
    assert re.fullmatch(r"[EW]\d{8}", said(visit, "Areas"))


def test_lines_and_polygons_are_named(county: Server, tab: OpenTab, areas: gpd.GeoSeries) -> None:
    visit = opened(tab(county), "layers")
    switch(visit, "orders", "routes")
    middle = areas.union_all().centroid
    assert hover(visit, middle, "Route 7")[:4] == ["Route 7", "Routes", "Order 1", "Orders"]
    visit.page.mouse.move(0, 0)
    assert "Route 7" not in hover(visit, shapely.Point(middle.x, middle.y + 0.045), "Order 1")


def test_a_layer_that_cannot_be_loaded_leaves_the_rest(county: Server, tab: OpenTab) -> None:
    visit = tab(county)
    lost = [True]

    def answer(route: Route) -> None:
        if lost[0]:
            route.fulfill(status=200, body="no layer")
        else:
            route.continue_()

    visit.page.route("**/layer-routes-*", answer)
    opened(visit, "layers")
    switch(visit, "routes", "orders")
    visit.until(lambda: visit.map.locator(".places-note").inner_text() == LOST, "the note")
    visit.until(lambda: inked(visit, "polygons") > 0, "the other layer")
    before = visit.pixels()
    switch(visit, "Another measure")
    visit.repainted(before)
    lost[0] = False
    switch(visit, "Another measure")
    visit.until(lambda: inked(visit, "lines") > 0, "the layer, asked for again")
    assert visit.map.locator(".places-note").inner_text() == ""


# -- areas of a coarser level


def test_a_coarser_level_is_painted_where_the_map_stands(county: Server, tab: OpenTab) -> None:
    visit = opened(tab(county), "layers")
    assert visit.rerun(lambda: visit.page.mouse.click(*spot(visit, 0, 0))) == 1
    chosen = said(visit, "Areas")
    visit.map.evaluate("() => { map.setView(map.getCenter(), map.getZoom() + 1, { animate: false }) }")
    place, fine = visit.map.evaluate(VIEW), visit.pixels()
    number = "() => Object.values(map._layers).filter((layer) => 'areaIndex' in layer).length"
    lsoas = visit.map.evaluate(number)
    switch(visit, "By ward")
    visit.repainted(fine)
    assert 1 < visit.map.evaluate(number) < lsoas
    assert visit.map.evaluate(VIEW) == place
    visit.page.mouse.move(*spot(visit, 40, 40))
    visit.page.mouse.move(*spot(visit, 44, 44), steps=2)
    visit.until(lambda: "Ward E" in visit.map.locator(".places-tooltip").inner_text(), "the ward's name")
    runs = visit.runs()
    visit.page.mouse.click(*spot(visit, 44, 44))
    visit.quiet()
    assert (visit.runs(), said(visit, "Areas")) == (runs, chosen), "a ward is not selected"
    coarse = visit.pixels()
    switch(visit, "By ward")
    visit.repainted(coarse)
    assert visit.map.evaluate(number) == lsoas
    assert visit.map.evaluate(VIEW) == place
    assert visit.map.locator(".places-note").inner_text() == ""
