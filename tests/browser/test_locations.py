"""Priority locations in a browser: drawn, picked, saved, reopened by link, saved by two people at once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hotspots.register import Register
from tests.browser.conftest import OpenTab, Server, Start, Visit
from tests.browser.test_map_tools import SQUARE, button, click, draw

PAGE = "Locations"


@pytest.fixture
def county(checkout: Path, sample: Server, start: Start) -> Iterator[Server]:
    """The sample with an empty register of its own."""
    server = start(None, checkout)
    yield server
    server.stop()


def typed(visit: Visit, label: str, text: str) -> None:
    field = visit.page.get_by_label(label, exact=True).first
    field.fill(text)
    field.press("Tab")
    visit.quiet()


def save(visit: Visit, name: str | None = None, by: str = "Ana Lyst") -> None:
    if name is not None:
        typed(visit, "Name of the location", name)
    typed(visit, "Your name", by)
    visit.rerun(lambda: visit.page.get_by_role("button", name="Save", exact=True).click())


def says(visit: Visit, text: str) -> None:
    visit.page.get_by_text(text).first.wait_for(state="visible")


def test_a_shape_is_drawn_saved_and_reopened_by_its_link(county: Server, tab: OpenTab) -> None:
    visit = tab(county).open(PAGE, places="New")
    visit.press("Drawing")
    visit.pixels()
    says(visit, "Nothing is drawn yet")
    runs = visit.runs()
    draw(visit, SQUARE)
    assert visit.runs() == runs, "corners are no business of the server's"
    visit.rerun(lambda: button(visit, "Close").click())
    says(visit, "It touches")
    save(visit, "Market {{7*7}} square")
    says(visit, "Market {{7*7}} square")
    (place,) = Register(county.register).locations()
    assert place.made == "drawn"
    assert place.is_shape
    link = visit.page.url
    assert place.id in link
    assert "Market" not in link

    again = tab(county)
    again.page.goto(link)
    again.until(again._settled, "the page")
    again.quiet()
    says(again, "Market {{7*7}} square")
    says(again, "A shape has no rank among LSOAs")


def test_areas_are_picked_on_the_map_and_put_back(county: Server, tab: OpenTab) -> None:
    visit = tab(county).open(PAGE, places="New")
    visit.press("Map")
    before = visit.pixels()
    assert before[1] > 0
    says(visit, "No LSOA is picked yet")
    visit.rerun(lambda: click(visit, 0, 0))
    says(visit, "It consists of 1 LSOA")
    visit.page.wait_for_timeout(700)  # a second click at once would be a double click
    visit.rerun(lambda: click(visit, 0, 0))
    says(visit, "No LSOA is picked yet")
    visit.page.wait_for_timeout(700)
    visit.rerun(lambda: click(visit, 0, 0))
    save(visit, "Picked")
    (place,) = Register(county.register).locations()
    assert (place.made, len(place.lsoa_codes), place.window is not None) == ("clicked", 1, True)


def test_a_second_saver_is_shown_the_difference(county: Server, tab: OpenTab) -> None:
    visit = tab(county).open(PAGE, places="New")
    visit.press("Map")
    visit.pixels()
    visit.rerun(lambda: click(visit, 0, 0))
    save(visit, "Square")
    (place,) = Register(county.register).locations()
    first = tab(county).open(PAGE, places="Change", location=place.id)
    second = tab(county).open(PAGE, places="Change", location=place.id)
    first.page.get_by_label("Notes", exact=True).fill("First")
    save(first, by="One")
    second.page.get_by_label("Notes", exact=True).fill("Second")
    save(second, by="Two")
    says(second, "saved by 'One'")
    says(second, "'First' became 'Second'")
    assert Register(county.register).get(place.id).notes == "First"
    second.rerun(lambda: second.page.get_by_role("button", name="Save mine over it").click())
    assert [one.location.notes for one in Register(county.register).history(place.id)] == ["Second", "First", ""]
