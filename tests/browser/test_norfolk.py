"""The dashboard in a real browser on a real county: what it weighs, and whether it fits."""

import json

import pytest

from pages.shared.frame import PAGES
from tests.browser.conftest import OpenTab, Server, Visit
from tests.browser.test_sample import assert_fits, assert_selected

ADDRESSES = ["" if path == "app.py" else path.partition("_")[2].removesuffix(".py") for path in PAGES]
PAGE_BYTES, MAP_BYTES = 60 * 1024, 20 * 1024
LSOAS = 552


def weighed(visit: Visit) -> dict[str, int]:
    """Bytes that came over the websocket: all of them, and those that are the map's arguments."""
    maps = [
        len(message.delta.new_element.component_instance.json_args.encode())
        for message in visit.messages()
        if message.WhichOneof("type") == "delta"
        and message.delta.new_element.WhichOneof("type") == "component_instance"
        and "st_folium" in message.delta.new_element.component_instance.component_name
    ]
    return {"page": sum(map(len, visit.received)), "map": sum(maps), "maps": len(maps)}


@pytest.mark.parametrize("page", ADDRESSES)
def test_a_page_draws(page: str, norfolk: Server, tab: OpenTab) -> None:
    visit = tab(norfolk).open(page)
    assert visit.page.locator("h1").inner_text().strip()
    banner = visit.page.locator(".st-key-banner").inner_text()
    assert "Open data" in banner
    assert "Norfolk" in banner
    assert "fictional" not in visit.page.locator("body").inner_text().lower()


def test_map_legend_and_the_top_ten_are_visible_at_once(norfolk: Server, tab: OpenTab) -> None:
    visit = tab(norfolk).open("Concentration")
    assert visit.pixels()[1] > 10_000
    assert_fits(visit)


def test_a_change_of_filter_is_light(norfolk: Server, tab: OpenTab) -> None:
    visit = tab(norfolk).open("Concentration")
    visit.pixels()
    steps = {
        "measure": lambda: visit.press("Rate"),
        "period": lambda: visit.choose("Period", "All months"),
        "count": lambda: visit.choose("What is counted", "Anti-social behaviour"),
        "district": lambda: visit.choose("Districts", "Norwich"),
        "with an area in detail": lambda: visit.press("Density"),
    }
    for name, step in steps.items():
        if "detail" in name:
            visit.row(0)
        visit.received.clear()
        before = visit.pixels()
        assert step() == 1, name
        weight = weighed(visit)
        assert weight["maps"] == 1, name
        assert LSOAS < weight["map"] <= MAP_BYTES, (name, weight)
        assert weight["map"] < weight["page"] <= PAGE_BYTES, (name, weight)
        visit.repainted(before)
        visit.page.keyboard.press("Escape")


def test_a_selection_is_light(norfolk: Server, tab: OpenTab) -> None:
    visit = tab(norfolk).open("Concentration")
    name = visit.table.locator("#glide-cell-3-0").inner_text()
    visit.received.clear()
    assert visit.row(0) == 1
    assert_selected(visit, name)
    assert LSOAS < weighed(visit)["map"] <= MAP_BYTES
    assert weighed(visit)["page"] <= PAGE_BYTES


def test_the_boundaries_are_fetched_once_and_hold_no_incident(norfolk: Server, tab: OpenTab) -> None:
    visit = tab(norfolk)
    fetched: list[tuple[str, bytes]] = []
    visit.page.on(
        "response", lambda answer: fetched.append((answer.url, answer.body())) if ".geojson" in answer.url else None
    )
    visit.open("Concentration")
    visit.pixels()
    visit.press("Rate")
    names = [url.rsplit("/", 1)[1].split("-")[0] for url, _ in fetched]
    assert sorted(names) == ["areas", "districts", "places"]
    (areas,) = [json.loads(body) for url, body in fetched if "/areas-" in url]
    assert len(areas["features"]) == LSOAS
    assert {key for feature in areas["features"] for key in feature["properties"]} == {"code", "label"}
