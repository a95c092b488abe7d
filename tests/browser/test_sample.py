"""The dashboard in a real browser on the fictional county, with nobody else to be reached."""

import io
import json
import re
import shutil
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest

from pages.shared.classes import THEMES
from pages.shared.frame import PAGES
from tests.browser.conftest import OpenTab, Server, Start, Visit

ADDRESSES = ["" if path == "app.py" else path.partition("_")[2].removesuffix(".py") for path in PAGES]

# -- what stands on the map

VIEW = "() => [map.getZoom(), map.getCenter().lat, map.getCenter().lng]"


@pytest.fixture(scope="session")
def areas(checkout: Path, sample: Server) -> gpd.GeoDataFrame:
    """The county's areas with a point inside each, in degrees."""
    areas = gpd.read_parquet(checkout / "sample_data" / "dataset" / "areas.parquet").set_index("lsoa_code")
    areas["inside"] = areas.representative_point().to_crs(4326)
    return areas


def rgb(colour: str) -> str:
    """A colour as the browser reports it."""
    return "rgb({}, {}, {})".format(*(int(colour[i : i + 2], 16) for i in (1, 3, 5)))


def click_area(visit: Visit, point: Any) -> None:
    """A click on the map where this point lies."""
    spot = visit.map.evaluate(
        "([lat, lng]) => { const p = map.latLngToContainerPoint([lat, lng]); return [p.x, p.y] }", [point.y, point.x]
    )
    box = visit.page.locator('iframe[title*="st_folium"]').bounding_box()
    assert box is not None
    assert 0 < spot[0] < box["width"]
    assert 0 < spot[1] < box["height"]
    visit.page.mouse.click(box["x"] + spot[0], box["y"] + spot[1])


def selected(visit: Visit) -> str:
    """What the sidebar says is selected."""
    return visit.page.get_by_test_id("stSidebar").get_by_label("Selected LSOA").first.input_value()


def written(label: str) -> set[str]:
    """As tables may write "Nelson (Great Yarmouth 006E)": "Nelson 006E" or, of two Nelsons, "Nelson 006E, Great Yarmouth"."""
    parts = re.fullmatch(r"(.*)\s\((?:(.*)\s)?(\S+)\)", label)
    return {label, *((f"{parts[1]} {parts[3]}", f"{parts[1]} {parts[3]}, {parts[2]}") if parts else ())}


def same(one: str, other: str) -> bool:
    """Whether two names, in full or as a table writes them, are of one LSOA."""
    return not written(one).isdisjoint(written(other))


def ticked(visit: Visit) -> list[str]:
    """The names in the ticked rows of the first table."""
    rows = visit.table.locator('tr[aria-selected="true"] [id^="glide-cell-3-"]')
    return [str(text) for text in rows.all_text_contents()]


def assert_selected(visit: Visit, name: str) -> None:
    """The sidebar, the title of the detail and the ticked row of the table all say so."""
    detail = visit.page.locator(".st-key-detail_title")
    visit.until(lambda: same(selected(visit), name), f"{name} in the sidebar")
    visit.until(lambda: detail.inner_text() == selected(visit), f"{name} in detail")
    visit.until(lambda: [same(one, name) for one in ticked(visit)] == [True], f"the row of {name} to be ticked")


# -- the first start


def test_the_sample_is_built_at_the_first_start_with_progress(
    checkout: Path, start: Start, tab: OpenTab, tmp_path: Path
) -> None:
    fresh = tmp_path / "clone"
    shutil.copytree(checkout, fresh, ignore=shutil.ignore_patterns("dataset", "__pycache__"))
    server = start(None, fresh)
    visit = tab(server)
    visit.page.goto(server.url)
    visit.page.get_by_test_id("stProgress").wait_for()
    visit.page.locator("h1").wait_for()
    visit.quiet()
    assert "fictional" in visit.page.locator(".st-key-banner").inner_text().lower()
    assert visit.page.get_by_test_id("stProgress").count() == 0
    assert (fresh / "sample_data" / "dataset" / "manifest.json").is_file()
    server.stop()


# -- every page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("page", ADDRESSES)
def test_a_page_draws(page: str, scheme: str, sample: Server, tab: OpenTab) -> None:
    visit = tab(sample, scheme).open(page)
    assert visit.page.locator("h1").count() == 1
    assert visit.page.locator("h1").inner_text().strip()
    assert "fictional" in visit.page.locator(".st-key-banner").inner_text().lower()
    for name in ("Deploy", "Main menu"):
        assert visit.page.get_by_role("button", name=name).count() == 0, name
    assert not visit.page.get_by_test_id("stMainMenu").is_visible()
    ground = visit.page.get_by_test_id("stApp").evaluate("e => getComputedStyle(e).backgroundColor")
    assert ground == {"light": "rgb(255, 255, 255)", "dark": "rgb(21, 26, 33)"}[scheme]
    if page == "Concentration":
        assert visit.pixels()[1] > 10_000
        shown = visit.map.evaluate("() => getComputedStyle(map.getContainer()).backgroundColor")
        assert shown == rgb(THEMES["dark" if scheme == "dark" else "light"].background)


def test_map_legend_and_the_top_ten_are_visible_at_once(sample: Server, tab: OpenTab) -> None:
    assert_fits(tab(sample).open("Concentration"))


def assert_fits(visit: Visit) -> None:
    """Map, legend and ten rows within the window, unscrolled."""
    table = visit.table.bounding_box()
    assert table is not None
    boxes = {
        "the map": visit.page.locator('iframe[title*="st_folium"]').bounding_box(),
        "the legend": visit.page.locator(".legend").bounding_box(),
        "ten rows": table | {"height": 36 + 10 * 30},
    }
    assert table["height"] >= 36 + 10 * 30
    for name, box in boxes.items():
        assert box is not None, name
        assert box["y"] >= 0, name
        assert box["y"] + box["height"] <= 768, name
        assert box["x"] + box["width"] <= 1366, name


# -- a change of filter


def test_a_filter_repaints_the_map_where_it_stands(sample: Server, tab: OpenTab) -> None:
    visit = tab(sample).open("Concentration")
    chart = visit.map
    whole = chart.evaluate(VIEW)[0]
    chart.get_by_role("button", name="Zoom in").click()
    chart.wait_for_function("whole => map.getZoom() > whole && !map._animatingZoom", arg=whole)
    visit.quiet()
    view = chart.evaluate(VIEW)
    chart.evaluate("() => { window.mark = 'still here' }")
    steps = [
        lambda: visit.press("Rate"),
        lambda: visit.choose("Period", "Latest 3 months"),
        lambda: visit.choose("Districts", "Sallowmouth"),
        lambda: visit.choose("What is counted", "Anti-social behaviour"),
    ]
    for step in steps:
        before = visit.pixels()
        visit.page.keyboard.press("Escape")
        assert step() == 1
        visit.repainted(before)
        assert chart.evaluate(VIEW) == pytest.approx(view)
        assert chart.evaluate("() => window.mark") == "still here"


def test_the_view_survives_a_change_of_page(sample: Server, tab: OpenTab) -> None:
    visit = tab(sample).open("Concentration")
    visit.pixels()  # a view set before the map is placed would not be kept
    visit.map.evaluate(
        "() => { map.setView([map.getCenter().lat, map.getCenter().lng + 0.1], 11, { animate: false }) }"
    )
    view = visit.map.evaluate(VIEW)
    for page in ("Export", "Concentration"):
        visit.rerun(lambda page=page: visit.page.get_by_role("link", name=page).click())  # type: ignore[misc]
    assert visit.map.evaluate(VIEW) == pytest.approx(view, abs=0.002), "the same place, to the pixel"


# -- one selection, however it is made


def test_a_click_on_the_map_selects(sample: Server, tab: OpenTab, areas: gpd.GeoDataFrame) -> None:
    visit = tab(sample).open("Concentration")
    names = visit.table.locator('[id^="glide-cell-3-"]').all_text_contents()
    first, second = (areas[[same(label, name) for label in areas["label"]]].iloc[0] for name in (names[0], names[2]))
    before = visit.pixels()
    for area in (first, second, first):
        assert visit.rerun(lambda area=area: click_area(visit, area["inside"])) == 1  # type: ignore[misc]
        assert_selected(visit, area["label"])
    assert visit.pixels() == before, "a selection changes no class"
    # The same spot again, after another selection: it is news, though the click is the same.
    visit.row(4)
    assert_selected(visit, names[4])
    assert visit.rerun(lambda: click_area(visit, first["inside"])) == 1
    assert_selected(visit, first["label"])


def test_a_row_selects_on_the_map(sample: Server, tab: OpenTab) -> None:
    visit = tab(sample).open("Concentration")
    table = visit.table
    name = table.locator("#glide-cell-3-1").inner_text()
    chart = visit.map
    assert chart.get_by_role("button", name="Selected area").is_disabled()
    assert visit.row(1) == 1
    assert_selected(visit, name)
    assert chart.get_by_role("button", name="Selected area").is_enabled()
    assert visit.row(1) == 1
    visit.until(lambda: ticked(visit) == [], "no row to be ticked")
    assert chart.get_by_role("button", name="Selected area").is_disabled()


def test_the_keyboard_reaches_and_selects_areas(sample: Server, tab: OpenTab) -> None:
    visit = tab(sample).open("Concentration")
    chart = visit.map
    chart.locator("body").evaluate("() => window.focus()")
    chart.get_by_role("button", name="Zoom in").focus()
    for _ in range(8):
        visit.page.keyboard.press("Tab")
        if chart.evaluate("() => document.activeElement.getAttribute('role')") == "listbox":
            break
    assert chart.evaluate("() => document.activeElement.getAttribute('role')") == "listbox"
    option = chart.get_by_role("option")
    highest = option.inner_text()
    visit.page.keyboard.press("ArrowDown")
    assert option.inner_text() != highest
    visit.page.keyboard.press("Home")
    assert option.inner_text() == highest
    assert visit.rerun(lambda: visit.page.keyboard.press("Enter")) == 1
    assert highest.startswith(selected(visit))
    assert chart.evaluate("() => document.activeElement.getAttribute('role')") == "listbox", "the focus stays"


def test_a_row_of_the_overview_opens_the_area(sample: Server, tab: OpenTab) -> None:
    visit = tab(sample).open()
    table = visit.table
    name = table.locator("#glide-cell-3-2").inner_text()
    table.scroll_into_view_if_needed()
    visit.row(2)
    visit.until(lambda: "/Concentration" in visit.page.url, "the Concentration page")
    visit.quiet()
    assert_selected(visit, name)


# -- the link

FILTERS = {
    "period": "Chosen months", "from": "March 2024", "to": "June 2024", "count": "Chosen crime types",
    "types": ["Robbery", "Drugs"], "measure": "Density",
}  # fmt: skip


def test_a_link_opens_the_same_view_on_a_cold_server(
    checkout: Path, sample: Server, start: Start, tab: OpenTab, areas: gpd.GeoDataFrame
) -> None:
    area = areas[areas["district"] == "Thornwold"].iloc[3]
    link = FILTERS | {"district": ["Thornwold"], "area": area["label"]}
    cold = start(checkout / "sample_data" / "dataset", checkout)
    visit = tab(cold).open("Concentration", **link)

    def assert_restored() -> None:
        sidebar = visit.page.get_by_test_id("stSidebar")
        said = {
            label: sidebar.get_by_label(label, exact=True).first.input_value()
            for label in ("Period", "From", "To", "What is counted")
        }
        assert said == {
            "Period": "Chosen months",
            "From": "March 2024",
            "To": "June 2024",
            "What is counted": "Chosen crime types",
        }
        assert sidebar.get_by_role("radio", name="Density").is_checked()
        for tag in ("Robbery", "Drugs", "Thornwold"):
            assert sidebar.get_by_text(tag, exact=True).count() == 1, tag
        assert selected(visit) == area["label"]
        held = visit.page.evaluate("() => [...new URLSearchParams(location.search).entries()]")
        wanted = [(key, one) for key, value in link.items() for one in (value if isinstance(value, list) else [value])]
        assert sorted(map(tuple, held)) == sorted(wanted)

    assert_restored()
    assert "March to June 2024" in visit.page.locator(".st-key-caption").inner_text()
    assert visit.page.locator(".st-key-detail_title").inner_text() == area["label"]
    for page in ("Export", "Overview", "Concentration"):
        visit.rerun(lambda page=page: visit.page.get_by_role("link", name=page).click())  # type: ignore[misc]
        visit.quiet()
        assert_restored()
    assert visit.pixels()[1] > 1_000
    cold.stop()


# -- what is taken away


def test_the_files_arrive_and_can_be_read(sample: Server, tab: OpenTab) -> None:
    visit = tab(sample).open("Export")
    files = {}
    for name in ("Download as CSV", "Download as GeoJSON"):
        with visit.page.expect_download() as arriving:
            visit.page.get_by_role("button", name=name).click()
        files[arriving.value.suggested_filename] = Path(arriving.value.path()).read_bytes()
    start = "wendshire-fictional-ranked-lsoas-norfolk-definition-by-number-2025-01-to-2025-12"
    assert sorted(files) == [f"{start}.csv", f"{start}.geojson"]
    listed = pd.read_csv(io.BytesIO(files[f"{start}.csv"]))
    features = json.loads(files[f"{start}.geojson"])["features"]
    assert len(listed) == len(features) == 550
    assert [one["properties"]["lsoa_code"] for one in features] == list(listed["lsoa_code"])
    assert set(listed["marking"]) == {"Open data (fictional county: no place, offence or person in it is real)"}


# -- text from data


def test_text_from_data_is_shown_as_it_is_written(hostile: Server, tab: OpenTab) -> None:
    visit = tab(hostile).open("Concentration")
    chart = visit.map
    table = visit.table
    shown = table.locator('[id^="glide-cell-3-"]').all_text_contents()
    assert shown[0].startswith("{{7*7}}")
    box = visit.page.locator('iframe[title*="st_folium"]').bounding_box()
    assert box is not None
    said = set()
    for column in range(1, 6):
        for row in range(1, 6):
            visit.page.mouse.move(box["x"] + box["width"] * column / 6, box["y"] + box["height"] * row / 6)
            visit.page.wait_for_timeout(60)  # Leaflet looks below the pointer every 32 ms
            said.add(chart.locator(".places-tooltip").inner_text())
    assert any("{{7*7}}" in text for text in said)
    assert any("<b>bold</b>" in text for text in said)
    assert any("<img src=x" in text for text in said)
    assert not any("49" in text for text in said)
    assert "49" not in chart.locator("body").inner_text()
    assert chart.locator("img, b").count() == 0
    visit.row(0)
    assert_selected(visit, shown[0])
    assert visit.page.get_by_test_id("stMain").locator("img, b:not(.legend b)").count() == 0
    points = visit.page.get_by_test_id("stDataFrame").last
    assert "<b>bold</b>" in points.locator("table").inner_text()
