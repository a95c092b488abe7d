"""Priority locations in a browser: drawn, picked, uploaded, saved, reopened by link, saved by two people at once; the
profile on one screen."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from geodata.dataset import Dataset, open_dataset
from hotspots.locations import Action, Intervention, Location, Origin, from_drawn
from hotspots.register import Register
from tests.browser.conftest import LAPTOP, OpenTab, Server, Start, Visit
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


def centre(checkout: Path) -> tuple[Dataset, tuple[str, ...], shapely.Polygon]:
    """The sample, the LSOAs of the place where something was planted, and a box round them in degrees."""
    dataset = open_dataset(checkout / "sample_data" / "dataset")
    truth = json.loads((checkout / "sample_data" / "truth.json").read_text(encoding="utf-8"))
    codes = tuple(truth["intervention"]["target"])
    own = dataset.areas[dataset.areas["lsoa_code"].isin(codes).to_numpy()]
    return dataset, codes, shapely.box(*own.to_crs(4326).total_bounds)


def test_a_file_is_uploaded_and_becomes_a_location(
    county: Server, checkout: Path, tab: OpenTab, tmp_path: Path
) -> None:
    visit = tab(county).open(PAGE, places="New")
    _, _, box = centre(checkout)
    path = tmp_path / "town {{7*7}}.geojson"
    path.write_text(gpd.GeoSeries([box], crs=4326).to_json(), encoding="utf-8")
    visit.press("File")
    visit.rerun(lambda: visit.page.locator("input[type=file]").set_input_files(path))
    says(visit, "It touches")
    save(visit, "Uploaded town")
    says(visit, "Uploaded town")
    (place,) = Register(county.register).locations()
    assert (place.made, place.made_from) == ("uploaded", path.name)
    assert place.id in visit.page.url
    assert "This location holds" in visit.page.locator("h1").inner_text()
    says(visit, "A shape has no rank among LSOAs")
    assert visit.pixels()[1] > 0


@pytest.mark.parametrize("drawn", [False, True])
def test_a_profile_is_read_on_one_screen(county: Server, checkout: Path, tab: OpenTab, drawn: bool) -> None:
    dataset, codes, box = centre(checkout)
    origin = Origin("Ana Lyst", dataset.hash, str(dataset.manifest["area"]), 2021)
    place = (
        from_drawn("Round the square", list(box.exterior.coords)[:-1], dataset.areas, origin)
        if drawn
        else Location("Haverstow centre", "ranking", origin, codes)
    )
    register = Register(county.register)
    register.save(Location("Beside it", "ranking", origin, codes[:1]), 0, "Ana")
    done = (Intervention("Patrols on Friday and Saturday nights", "2025-01", None, "Market Street"),)
    kept = register.save(replace(place, interventions=done, actions=(Action("Mend the lights", "Council"),)), 0, "Ana")
    visit = tab(county).open(PAGE, places="Profile", location=kept.id)
    visit.pixels()
    says(visit, "Did it move?")
    edges = visit.page.locator(".st-key-profile").bounding_box()
    assert edges is not None
    assert edges["y"] + edges["height"] <= LAPTOP["height"], "nothing below the edge"
    for question in (
        "How concentrated",
        "What kind, and what else is there",
        "Getting better or worse",
        "What was done",
    ):
        assert visit.page.get_by_role("heading", name=question).is_visible()
