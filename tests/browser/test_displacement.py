"""The Displacement page in a real browser: months that play, a row that opens, the large screen, with nobody else to be reached."""

import json
from pathlib import Path

import pytest

from geodata.dataset import open_dataset
from hotspots.locations import Intervention, Location, Origin
from hotspots.register import Register
from tests.browser.conftest import OpenTab, Server, Start, Visit

STAGE = {"width": 1280, "height": 720}
LEAST = 20  # pixels
# Every piece of text that can be seen, with its size, where that is less than wanted.
SMALL = """(least) => {
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


@pytest.fixture(scope="module")
def county(checkout: Path, sample: Server, start: Start) -> Server:
    """The sample with three locations: the planted intervention, a quiet place, and one that cannot be judged."""
    folder = checkout / "sample_data" / "dataset"
    server = start(folder, checkout)
    dataset, register = open_dataset(folder), Register(server.register)
    target = json.loads((checkout / "sample_data" / "truth.json").read_text(encoding="utf-8"))["intervention"]["target"]
    origin = Origin("Ana Lyst", dataset.hash, str(dataset.manifest["area"]), 2021)
    for name, codes, month in (
        ("Haverstow centre", tuple(target), "2025-01"),
        ("Nothing known", ("E01900420",), "2022-01"),
        ("Other place", ("E01900300",), "2025-01"),
    ):
        done = (Intervention("Patrols", month),)
        register.save(Location(name, "ranking", origin, codes, interventions=done), 0, "Ana Lyst")
    return server


def code(server: Server, name: str) -> str:
    return next(one.id for one in Register(server.register).locations() if one.name == name)


def title(visit: Visit) -> str:
    return str(visit.page.locator("h1").inner_text())


def caption(visit: Visit) -> str:
    return str(visit.page.locator(".st-key-caption").inner_text())


def test_the_months_play_with_nothing_sent(county: Server, tab: OpenTab) -> None:
    visit = tab(county).open("Displacement", location=code(county, "Haverstow centre"), move="Month by month")
    shown = visit.map.locator(".places-month span").first
    assert shown.inner_text() == "December 2025"
    before, runs = visit.pixels(), visit.runs()
    heard = len(visit.received)
    visit.map.get_by_role("button", name="Previous").click()
    visit.repainted(before)
    assert shown.inner_text() == "November 2025"
    visit.map.get_by_role("slider").fill("0")
    assert shown.inner_text() == "January 2023"
    visit.map.get_by_role("button", name="Play").click()
    visit.until(lambda: shown.inner_text() == "March 2023", "the third month")
    visit.map.get_by_role("button", name="Pause").click()
    assert (visit.runs(), len(visit.received)) == (runs, heard)


def test_a_row_opens_its_location(county: Server, tab: OpenTab) -> None:
    visit = tab(county).open("Displacement", move="All locations")
    assert title(visit).startswith("Of 2 priority locations that can be judged, ")
    assert visit.row(0) == 1
    visit.until(lambda: title(visit).startswith("About "), "the finding")
    assert caption(visit).startswith("Haverstow centre")
    assert code(county, "Haverstow centre") in visit.page.url


@pytest.mark.parametrize("view", ["Did it move?", "Month by month", "What changed where", "All locations"])
def test_on_the_large_screen_all_type_is_large_and_the_finding_in_sight(
    county: Server, tab: OpenTab, view: str
) -> None:
    visit = tab(county, size=STAGE).open(
        "Displacement", location=code(county, "Haverstow centre"), move=view, large="true"
    )
    with_map = view in ("Month by month", "What changed where")
    last = "stVegaLiteChart" if view == "Did it move?" else "stText"
    lowest = visit.page.locator(".legend") if with_map else visit.page.get_by_test_id(last).last
    lowest.wait_for()
    visit.until(lambda: not visit.page.get_by_test_id("stSidebar").is_visible(), "the sidebar to go")
    visit.quiet()
    assert visit.page.evaluate(SMALL, LEAST) == []
    if with_map:
        visit.pixels()
        assert visit.map.evaluate(SMALL, LEAST) == []
    box = lowest.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= STAGE["height"], "nothing below the edge"


def test_the_large_screen_is_led_by_the_keyboard(county: Server, tab: OpenTab) -> None:
    visit = tab(county, size=STAGE).open("Displacement", location=code(county, "Haverstow centre"))
    visit.press("Large screen")
    visit.until(lambda: not visit.page.get_by_test_id("stSidebar").is_visible(), "the sidebar to go")
    assert "large=true" in visit.page.url
    visit.rerun(lambda: visit.page.keyboard.press("PageDown"))
    visit.until(lambda: caption(visit).startswith("Nothing known"), "the next location")
    visit.rerun(lambda: visit.page.keyboard.press("PageUp"))
    visit.until(lambda: caption(visit).startswith("Haverstow centre"), "the one before")
    visit.page.mouse.click(2, 2)
    for _ in range(6):
        visit.page.keyboard.press("Tab")
        if visit.page.evaluate("() => document.activeElement.textContent").startswith("Next location"):
            break
    visit.rerun(lambda: visit.page.keyboard.press("Enter"))
    visit.until(lambda: caption(visit).startswith("Nothing known"), "the next location by Tab and Enter")
    visit.rerun(lambda: visit.page.get_by_role("button", name="Leave large screen").click())
    visit.until(lambda: visit.page.get_by_test_id("stSidebar").is_visible(), "the sidebar to come back")
    assert "large=true" not in visit.page.url
