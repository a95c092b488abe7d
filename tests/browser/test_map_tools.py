"""Drawing, picking and stepping through months on the map, with nobody else to be reached."""

import json
import re
import shutil
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import geopandas as gpd
import pytest
import shapely
from playwright.sync_api import Browser, Route

from tests.browser.conftest import LAPTOP, OpenTab, Server, Start, Visit
from tests.browser.test_sample import VIEW

MONTH_MS, MONTHS_BYTES = 50, 60_000
SQUARE = [(-80, -60), (80, -60), (80, 60), (-80, 60)]  # pixels from the map's middle

COLOURS = "() => Object.values(map._layers).filter((l) => 'areaIndex' in l).map((l) => String(l.options.fillColor))"


@pytest.fixture(scope="module")
def alone(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with a map and nothing else as its first page."""
    folder = tmp_path_factory.mktemp("map") / "app"
    shutil.copytree(checkout, folder)
    shutil.copy(Path(__file__).parent / "map_page.py", folder / "app.py")
    return folder


@pytest.fixture(scope="module")
def county(alone: Path, checkout: Path, sample: Server, start: Start) -> Server:
    return start(checkout / "sample_data" / "dataset", alone)


def opened(visit: Visit, mode: str) -> Visit:
    visit.page.goto(f"{visit.server.url}/?mode={mode}")
    visit.pixels()
    visit.quiet()
    return visit


def said(visit: Visit, what: str) -> str:
    """What the page says the server holds: "Shape", "Areas", "Refused"."""
    return visit.page.get_by_text(re.compile(rf"^{what}:")).inner_text().removeprefix(f"{what}:").strip()


def reports(visit: Visit) -> int:
    return int(visit.page.get_by_text(re.compile(r"^\d+ reports$")).inner_text().split()[0])


def corners(visit: Visit) -> list[tuple[float, float]]:
    return [tuple(map(float, pair.split(","))) for pair in said(visit, "Shape").split()]  # type: ignore[misc]


def spot(visit: Visit, x: float, y: float) -> tuple[float, float]:
    """A place on the screen, in pixels from the middle of the map."""
    box = visit.page.locator('iframe[title*="st_folium"]').bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2 + x, box["y"] + box["height"] / 2 + y


def click(visit: Visit, x: float, y: float) -> None:
    visit.page.mouse.click(*spot(visit, x, y))


def degrees(visit: Visit, x: float, y: float) -> tuple[float, float]:
    lat, lng = visit.map.evaluate(
        "([x, y]) => { const p = map.containerPointToLatLng(map.getSize().divideBy(2).add([x, y])); return [p.lat, p.lng] }",
        [x, y],
    )
    return lng, lat


def pixels(visit: Visit, point: shapely.Point) -> tuple[float, float]:
    """The other way: where a point in degrees is, from the middle of the map."""
    x, y = visit.map.evaluate(
        "([lng, lat]) => { const p = map.latLngToContainerPoint([lat, lng]).subtract(map.getSize().divideBy(2)); return [p.x, p.y] }",
        [point.x, point.y],
    )
    return x, y


def button(visit: Visit, name: str) -> Any:
    return visit.map.get_by_role("button", name=name, exact=True)


def draw(visit: Visit, places: Sequence[tuple[float, float]]) -> None:
    button(visit, "Draw").click()
    for place in places:
        click(visit, *place)


def note(visit: Visit) -> str:
    return str(visit.map.locator(".places-note").inner_text())


def hovered(visit: Visit, x: float, y: float) -> str:
    """The map's note with the pointer there, which a busy browser may not have seen arrive."""
    visit.page.mouse.move(*spot(visit, x, y), steps=3)
    return note(visit)


def assert_shape(visit: Visit, places: Sequence[tuple[float, float]]) -> None:
    wanted = [degrees(visit, *place) for place in places]
    visit.until(lambda: len(corners(visit)) == len(wanted), f"{len(wanted)} corners")
    for found, sought in zip(corners(visit), wanted, strict=True):
        assert found == pytest.approx(sought, abs=2e-3)


# -- drawing


def close_with_button(visit: Visit) -> None:
    button(visit, "Close").click()


def close_with_enter(visit: Visit) -> None:
    visit.page.keyboard.press("Enter")


def close_on_first(visit: Visit) -> None:
    click(visit, *SQUARE[0])


@pytest.mark.parametrize("finish", [close_with_button, close_with_enter, close_on_first])
def test_a_shape_is_drawn_and_reported_once(finish: Callable[[Visit], None], county: Server, tab: OpenTab) -> None:
    visit = opened(tab(county), "shape")
    runs = visit.runs()
    draw(visit, SQUARE)
    assert visit.map.locator(".places-corner").count() == 4
    visit.quiet()
    assert visit.runs() == runs, "no corner and no area is reported while drawing"
    assert visit.rerun(lambda: finish(visit)) == 1
    assert reports(visit) == 1
    assert_shape(visit, SQUARE)
    assert said(visit, "Areas") == ""


def test_corners_are_taken_back_and_a_drawing_is_cancelled(county: Server, tab: OpenTab) -> None:
    visit = opened(tab(county), "shape")
    assert all(button(visit, name).is_disabled() for name in ("Take back", "Close", "Cancel"))
    draw(visit, [*SQUARE, (0, 0)])
    visit.page.keyboard.press("Backspace")
    assert visit.map.locator(".places-corner").count() == 4
    button(visit, "Take back").click()
    assert visit.rerun(lambda: button(visit, "Close").click()) == 1
    assert_shape(visit, SQUARE[:3])
    draw(visit, [(10, 10), (40, 10)])
    assert button(visit, "Close").is_disabled()
    visit.page.keyboard.press("Enter")
    assert visit.map.locator(".places-corner").count() == 2, "two corners close nothing"
    visit.page.keyboard.press("Escape")
    assert visit.map.locator(".places-corner").count() == 3, "the shape from before is back"
    visit.quiet()
    assert reports(visit) == 1


def test_a_corner_is_dragged_and_moved_by_keyboard(county: Server, tab: OpenTab) -> None:
    visit = opened(tab(county), "shape")
    draw(visit, SQUARE)
    visit.rerun(lambda: button(visit, "Close").click())

    def drag() -> None:
        visit.page.mouse.move(*spot(visit, *SQUARE[2]))
        visit.page.mouse.down()
        visit.page.mouse.move(*spot(visit, 100, 90), steps=4)
        visit.page.mouse.up()

    assert visit.rerun(drag) == 1
    assert_shape(visit, [*SQUARE[:2], (100, 90), SQUARE[3]])
    handles = visit.map.locator(".places-corner")
    handles.nth(0).focus()
    visit.page.keyboard.press("Tab")
    assert visit.map.evaluate("() => document.activeElement.getAttribute('aria-label')") == "Corner 2 of 4"

    def arrows() -> None:
        for _ in range(5):
            visit.page.keyboard.press("ArrowUp")

    assert visit.rerun(arrows) == 1
    assert_shape(visit, [SQUARE[0], (80, -100), (100, 90), SQUARE[3]])
    focused = visit.map.evaluate("() => document.activeElement.getAttribute('aria-label')")
    assert focused == "Corner 2 of 4", "the focus stays"
    assert reports(visit) == 3


def test_the_map_keeps_still_while_somebody_draws(county: Server, tab: OpenTab) -> None:
    visit = opened(tab(county), "shape")
    draw(visit, SQUARE[:1])
    view = visit.map.evaluate("() => [map.getZoom(), map.getCenter().lat, map.getCenter().lng]")
    visit.map.evaluate("""() => {
        const note = document.querySelector('.places-note');
        note.textContent = 'a warning of many words '.repeat(20);
        note.style.width = '160px';
    }""")
    visit.page.wait_for_timeout(300)
    assert visit.map.evaluate("() => document.querySelector('.places-note').offsetHeight") > 100
    assert visit.map.evaluate("() => [map.getZoom(), map.getCenter().lat, map.getCenter().lng]") == view


def test_a_drawing_survives_a_rerun(county: Server, tab: OpenTab) -> None:
    visit = opened(tab(county), "shape")
    draw(visit, SQUARE[:3])
    before = visit.pixels()
    visit.rerun(lambda: visit.page.get_by_text("Another measure").click())
    visit.repainted(before)
    assert visit.map.locator(".places-corner").count() == 3, "a drawing in hand"
    click(visit, *SQUARE[3])
    visit.rerun(lambda: button(visit, "Close").click())
    visit.rerun(lambda: visit.page.get_by_text("Another measure").click())
    assert visit.map.locator(".places-corner").count() == 4
    assert_shape(visit, SQUARE)
    visit.rerun(lambda: visit.page.get_by_role("button", name="Forget").click())
    assert visit.map.locator(".places-corner").count() == 0, "what the server lets go is gone"


def test_sides_that_cross_are_said_at_once_and_refused_by_the_server(county: Server, tab: OpenTab) -> None:
    visit = opened(tab(county), "shape")
    draw(visit, [SQUARE[0], SQUARE[2], SQUARE[1]])
    assert "sides cross" not in note(visit)
    visit.until(lambda: "sides cross" in hovered(visit, *SQUARE[3]), "the warning, before the click")
    visit.until(lambda: "sides cross" not in hovered(visit, 0, -90), "no warning where nothing crosses")
    click(visit, *SQUARE[3])
    assert visit.rerun(lambda: button(visit, "Close").click()) == 1
    assert "sides cross" in note(visit)
    assert "cross" in said(visit, "Refused")
    assert said(visit, "Shape") == ""
    assert visit.map.locator(".places-corner").count() == 4, "it can be mended"


def test_an_area_is_named_below_a_shape(county: Server, tab: OpenTab) -> None:
    visit = opened(tab(county), "shape")
    draw(visit, SQUARE)
    visit.rerun(lambda: button(visit, "Close").click())
    visit.page.mouse.move(*spot(visit, 5, 5))
    visit.page.mouse.move(*spot(visit, 8, 8))
    visit.until(lambda: visit.map.locator(".places-tooltip").inner_text() != "", "the area's name")
    assert visit.rerun(lambda: click(visit, 8, 8)) == 1
    assert re.fullmatch(r"[EW]\d{8}", said(visit, "Areas")), "and is chosen by a click"


def test_a_point_is_reported_wherever_it_is_clicked(county: Server, tab: OpenTab) -> None:
    visit = opened(tab(county), "point")
    assert not button(visit, "Draw").is_visible()
    for place in ((30, -20), (-300, 0)):
        assert visit.rerun(lambda place=place: click(visit, *place)) == 1  # type: ignore[misc]
        assert_shape(visit, [place])
        assert visit.map.locator(".places-corner").count() == 1
    assert said(visit, "Areas") == ""


# -- picking


def test_clicks_pick_areas(county: Server, tab: OpenTab, checkout: Path) -> None:
    visit = opened(tab(county), "picking")
    areas = gpd.read_parquet(checkout / "sample_data" / "dataset" / "areas.parquet").to_crs(4326)
    expected: set[str] = set()
    first, second = (
        areas[areas.contains(shapely.Point(degrees(visit, *place)))].iloc[0] for place in ((0, 0), (60, 20))
    )
    for area in (first, second, first):
        expected ^= {area["lsoa_code"]}
        # well inside: the boundaries on the screen are simplified ones
        place = pixels(visit, area.geometry.representative_point())
        assert visit.rerun(lambda place=place: click(visit, *place)) == 1  # type: ignore[misc]
        assert set(said(visit, "Areas").split()) == expected
        visit.page.wait_for_timeout(600)  # a second click too soon would be half of a double click
    assert len(expected) == 1
    x, y = pixels(visit, second.geometry.representative_point())
    visit.page.mouse.move(*spot(visit, x - 1, y))
    visit.until(lambda: "Chosen" in visit.map.locator(".places-tooltip").inner_text(), "the tooltip to say so")


# -- loading


def test_a_map_says_that_it_loads_until_it_is_drawn(county: Server, tab: OpenTab) -> None:
    visit = tab(county)
    held: list[Route] = []
    visit.page.route("**/areas-*.geojson", lambda route: held.append(route))
    visit.page.goto(f"{visit.server.url}/?mode=roles")
    loading = visit.map.get_by_text("Loading the map …", exact=True)
    loading.wait_for()
    visit.until(lambda: bool(held), "the boundaries to be asked for")
    assert loading.get_attribute("role") == "status"
    held[0].continue_()
    visit.pixels()
    assert not loading.is_visible()
    assert len(held) == 1, "no more requests than before"


# -- months


def month(visit: Visit) -> str:
    return str(visit.map.locator(".places-month span").inner_text())


def steps_timed(visit: Visit) -> list[float]:
    """Milliseconds from a step to the frame with it on the canvas, for each step back to the first."""
    times: list[float] = visit.map.evaluate("""async () => {
        const previous = [...document.querySelectorAll('.places-months button')].find((b) => b.textContent === 'Previous');
        const times = [];
        while (!previous.disabled) {
          await new Promise(requestAnimationFrame); // so that a step begins with a frame, not in its middle
          const began = performance.now();
          previous.click();
          await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
          times.push(performance.now() - began);
        }
        return times;
    }""")
    return times


def test_months_are_stepped_through_with_nothing_sent(county: Server, tab: OpenTab) -> None:
    visit = tab(county)
    sent: list[object] = []
    visit.page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
    opened(visit, "months")
    place, latest = visit.map.evaluate(VIEW), month(visit)
    assert re.fullmatch("[A-Z][a-z]+ 20[0-9]{2}", latest)
    assert button(visit, "Next").is_disabled()
    panel = visit.map.locator(".places-months").bounding_box()
    assert panel
    assert (panel["width"] <= 320, panel["height"] <= 70) == (True, True), "it leaves the map its room"
    visit.quiet()
    before, colours = visit.pixels(), visit.map.evaluate(COLOURS)
    runs, talk, received = visit.runs(), len(sent), len(visit.received)
    button(visit, "Previous").click()
    assert visit.map.locator(".places-absent").inner_text() == "No data"
    visit.repainted(before)
    slider = visit.map.get_by_role("slider", name="Month")
    slider.focus()
    empty = visit.pixels()
    visit.page.keyboard.press("ArrowLeft")
    visit.repainted(empty)
    assert visit.map.locator(".places-absent").inner_text() == ""
    assert slider.get_attribute("aria-valuetext") == month(visit)
    visit.page.keyboard.press("End")
    visit.until(lambda: month(visit) == latest, "the latest month")
    assert visit.map.evaluate(COLOURS) == colours
    steps_timed(visit)
    visit.quiet()
    assert (visit.runs(), len(sent), len(visit.received)) == (runs, talk, received)
    assert visit.map.evaluate(VIEW) == place
    first = month(visit)
    button(visit, "Next").click()
    second = month(visit)
    assert second != first
    visit.rerun(lambda: visit.page.get_by_text("Another measure").click())
    assert month(visit) == second, "the step is kept"


def test_play_runs_to_the_end_and_stops(county: Server, tab: OpenTab) -> None:
    visit = opened(tab(county), "months")
    latest = month(visit)
    slider = visit.map.get_by_role("slider", name="Month")
    slider.fill(str(int(slider.get_attribute("max") or 0) - 3))
    # the page itself notes each step: a busy machine may look too late to see one
    visit.map.evaluate("""() => {
        const name = document.querySelector('.places-month span');
        window.seen = [];
        new MutationObserver(() => window.seen.push(name.textContent)).observe(name, { childList: true });
    }""")
    button(visit, "Play").click()
    assert button(visit, "Pause").is_visible()
    visit.until(lambda: month(visit) == latest, "the last month")
    button(visit, "Play").wait_for()
    seen = visit.map.evaluate("() => window.seen")
    assert len(seen) == len(set(seen)) == 4, "where it stood and three steps"


def test_who_asked_for_less_motion_sees_a_step_a_second(county: Server, chromium: Browser) -> None:
    context = chromium.new_context(viewport=LAPTOP, reduced_motion="reduce")  # type: ignore[arg-type]
    visit = opened(Visit(context.new_page(), county), "months")
    visit.map.get_by_role("slider", name="Month").fill("0")
    times = visit.map.evaluate("""() => new Promise((done) => {
        const times = [performance.now()], name = document.querySelector('.places-month span');
        new MutationObserver(() => {
          times.push(performance.now());
          if (times.length === 3) done(times);
        }).observe(name, { childList: true });
        [...document.querySelectorAll('.places-months button')].find((b) => b.textContent === 'Play').click();
    })""")
    assert all(b - a >= 900 for a, b in pairwise(times[1:]))
    visit.sound()
    context.close()


def test_a_quarter_has_its_months_in_its_name(county: Server, tab: OpenTab) -> None:
    visit = opened(tab(county), "quarters")
    assert re.fullmatch("[A-Z][a-z]+ to [A-Z][a-z]+ 20[0-9]{2}", month(visit))


def test_a_month_of_a_real_county_is_painted_at_once(
    alone: Path, norfolk_dataset: Path, start: Start, tab: OpenTab
) -> None:
    visit = opened(tab(start(norfolk_dataset, alone)), "months")
    sizes = [
        len(json.loads(message.delta.new_element.component_instance.json_args)["feature_group"])
        for message in visit.messages()
        if message.WhichOneof("type") == "delta"
        and message.delta.new_element.WhichOneof("type") == "component_instance"
        and "st_folium" in message.delta.new_element.component_instance.component_name
    ]
    times = steps_timed(visit)
    assert len(times) == 35
    assert max(sizes) < MONTHS_BYTES
    assert median(times) <= MONTH_MS, times


# -- large type


def test_type_on_a_large_screen(county: Server, tab: OpenTab) -> None:
    visit = opened(tab(county), "large")
    visit.page.mouse.move(*spot(visit, 5, 5))
    visit.page.mouse.move(*spot(visit, 8, 8))
    visit.map.locator(".places-tooltip strong").wait_for()
    small = visit.map.evaluate("""() => [...document.querySelectorAll('#map_div *')]
        .filter((e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()) && e.getClientRects().length)
        .map((e) => [e.className, e.textContent, parseFloat(getComputedStyle(e).fontSize)])
        .filter(([name, , size]) => size > 0 && size < 20)""")
    assert small == []
    chart = visit.map
    chart.evaluate("() => { window.mark = 'still here' }")
    visit.rerun(lambda: visit.page.get_by_text("roles", exact=True).click())
    assert chart.evaluate("() => window.mark") == "still here", "the same map"
    sizes = chart.evaluate(
        "() => [...document.querySelectorAll('.places-label span')].map((e) => parseFloat(getComputedStyle(e).fontSize))"
    )
    assert sizes
    assert max(sizes) < 20
