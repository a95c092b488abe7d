"""The large screen in a real browser: every page and view that makes a finding fits it, in type that a room can read."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Frame, Page

from geodata.dataset import open_dataset
from hotspots.definitions import crime_types_of, load_definitions
from hotspots.locations import Intervention, Location, Origin
from hotspots.register import Register
from hotspots.selection import Period, Selection
from tests.browser.conftest import LAPTOP, OpenTab, Server, Visit, code

STAGE: Final = {"width": 1280, "height": 720}
WALL: Final = {"width": 1920, "height": 1080}
LEAST: Final = 20  # pixels
# Every piece of text that can be seen, also in charts, with its size, where that is less than wanted.
SMALL: Final = """(least) => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const inside = node.parentElement;
    const box = inside.getBoundingClientRect();
    const seen = node.textContent.trim() && box.width > 1 && box.height > 1 && inside.checkVisibility({ visibilityProperty: true });
    if (!seen || inside.closest("style, script")) continue;
    const size = parseFloat(getComputedStyle(inside).fontSize);
    if (size < least - 0.01) found.push([node.textContent.trim(), size]);
  }
  return found;
}"""
# How far to the right and down anything reaches that is to be read.
REACH: Final = """() => {
  const read = [...document.querySelectorAll('h1, [data-testid=stText], .legend, .nine, .bivariate, .stVegaLiteChart, iframe')];
  const boxes = read.filter((e) => e.checkVisibility()).map((e) => e.getBoundingClientRect()).filter((box) => box.width > 1);
  return [Math.max(...boxes.map((box) => box.right)), Math.max(...boxes.map((box) => box.bottom))];
}"""
CONCENTRATION: Final = (
    "Where", "How sure", "How concentrated", "Will it last", "Better or worse", "With ASB", "Crime groups", "Definitions",
)  # fmt: skip
# Every page that makes a finding, what its link holds, and the views that its buttons open.
PAGES: Final[dict[str, tuple[dict[str, str], tuple[str, ...]]]] = {
    "": ({}, ()),
    "Concentration": ({"view": "Where"}, CONCENTRATION),
    "Deprivation": (
        {"deprivation": "Together"}, ("Together", "By decile", "Domains side by side", "Exceptions", "Layers", "Duty's three measures"),
    ),
    "Displacement": ({"move": "All locations"}, ("All locations", "Did it move?", "Month by month", "What changed where")),
    "Locations": (
        {"places": "Profile"}, ("Where it is", "What kind", "Better or worse", "Did it move?", "All locations"),
    ),
}  # fmt: skip


def laid_out(visit: Visit) -> None:
    """Wait until the sidebar is gone and the picture, whichever it is, is drawn."""
    visit.until(lambda: not visit.page.get_by_test_id("stSidebar").is_visible(), "the sidebar to go")
    visit.page.locator("h1").wait_for()
    charts = visit.page.get_by_test_id("stVegaLiteChart")
    if charts.count():
        charts.locator("svg").first.wait_for()
    if visit.page.locator("iframe.stCustomComponentV1").count():
        visit.pixels()


def small_in(place: Page | Frame) -> object:
    return place.evaluate(SMALL, LEAST)


@pytest.mark.parametrize("name", PAGES, ids=[name or "Overview" for name in PAGES])
def test_all_type_is_large_and_nothing_lies_below_the_edge(located: Server, tab: OpenTab, name: str) -> None:
    link, views = PAGES[name]
    visit = tab(located, size=STAGE).open(name, large="true", location=code(located, "Haverstow centre"), **link)
    for place, view in enumerate(views or ("",)):
        if place:
            visit.view(view)
        fits(visit, view)


@pytest.fixture
def busy(located: Server, checkout: Path, request: pytest.FixtureRequest) -> Iterator[Location]:
    """A place with all there is to mind: among the busiest, chosen by the very count that judges it, with weak controls."""
    dataset, register = open_dataset(checkout / "sample_data" / "dataset"), Register(located.register)
    chosen = Selection(Period("2025-01", "2025-12"), definition="norfolk")
    cells = dataset.source_cells("police.uk")
    there = cells[
        cells["crime_type"].isin(crime_types_of(chosen, load_definitions())) & cells["month"].isin(chosen.period.months)
    ]
    busiest = there.groupby("lsoa_code", observed=True)["count"].sum().sort_values(ascending=False).index[2:9]
    origin = Origin("Ana Lyst", dataset.hash, str(dataset.manifest["area"]), 2021, chosen)
    done = (Intervention("Patrols", "2025-03"),)
    location = register.save(
        Location(f"Busy {request.node.name[-8:]}", "ranking", origin, tuple(busiest), interventions=done), 0, "Ana Lyst"
    )
    yield location
    register.archive(location.id, location.version, "Ana Lyst")


@pytest.mark.parametrize("size", [STAGE, LAPTOP, WALL], ids=["stage", "laptop", "wall"])
def test_the_longest_finding_fits_every_screen(
    located: Server, busy: Location, tab: OpenTab, size: dict[str, int]
) -> None:
    visit = tab(located, size=size)
    for name, views in (
        ("Displacement", ("Did it move?", "What changed where", "All locations")),
        ("Locations", ("Did it move?", "Better or worse")),
    ):
        link = {"move": views[0]} if name == "Displacement" else {"places": "Profile", "question": views[0]}
        visit.open(name, large="true", location=busy.id, **link)
        for place, view in enumerate(views):
            if place:
                visit.view(view)
            fits(visit, view, size)
            said = visit.page.get_by_test_id("stMain").inner_text()
            if view == "Did it move?":
                assert visit.page.locator("h1").inner_text().startswith("Chosen by this very count, "), name
                assert "would be missed more than one time in five" in said


def fits(visit: Visit, view: str, size: dict[str, int] = STAGE) -> None:
    """One finding, all of it in sight, in large type."""
    laid_out(visit)
    assert small_in(visit.page) == [], view
    if visit.page.locator("iframe.stCustomComponentV1").count():
        assert small_in(visit.map) == [], view
    assert not visit.page.get_by_test_id("stDataFrame").count(), f"a table's type does not grow: {view}"
    right, bottom = visit.page.evaluate(REACH)
    assert (right <= size["width"], bottom <= size["height"]) == (True, True), (view, right, bottom)


def test_a_larger_wall_shows_the_same_larger(located: Server, tab: OpenTab) -> None:
    visit = tab(located, size=WALL).open("Concentration", large="true")
    laid_out(visit)
    assert visit.page.evaluate("() => parseFloat(getComputedStyle(document.querySelector('h1')).fontSize)") >= 50
    right, bottom = visit.page.evaluate(REACH)
    assert (right <= WALL["width"], bottom <= WALL["height"]) == (True, True), (right, bottom)
    visit.view("How sure")
    laid_out(visit)
    assert visit.page.get_by_test_id("stVegaLiteChart").locator("svg text").count() > 5
    assert visit.page.evaluate(SMALL, 30) == [], "words in charts too"


def test_it_is_led_by_the_keyboard(located: Server, tab: OpenTab) -> None:
    visit = tab(located, size=STAGE).open("Displacement", location=code(located, "Haverstow centre"))
    visit.press("Large screen")
    visit.until(lambda: not visit.page.get_by_test_id("stSidebar").is_visible(), "the sidebar to go")
    assert "large=true" in visit.page.url
    visit.page.get_by_role("button", name="Next location").wait_for()
    visit.quiet()
    visit.rerun(lambda: visit.page.keyboard.press("PageDown"))
    visit.until(lambda: visit.caption().startswith("Nothing known"), "the next location")
    visit.rerun(lambda: visit.page.keyboard.press("PageUp"))
    visit.until(lambda: visit.caption().startswith("Haverstow centre"), "the one before")
    visit.page.mouse.click(2, 2)
    for _ in range(6):
        visit.page.keyboard.press("Tab")
        if visit.page.evaluate("() => document.activeElement.textContent").startswith("Next location"):
            break
    visit.rerun(lambda: visit.page.keyboard.press("Enter"))
    visit.until(lambda: visit.caption().startswith("Nothing known"), "the next location by Tab and Enter")
    visit.rerun(lambda: visit.page.get_by_role("button", name="Leave large screen").click())
    visit.until(lambda: visit.page.get_by_test_id("stSidebar").is_visible(), "the sidebar to come back")
    assert "large=true" not in visit.page.url
