"""The Deprivation page in a real browser: a switch repaints where the map stands, is light, and fetches a layer once."""

import pytest

from tests.browser.conftest import OpenTab, Server, Visit
from tests.browser.test_map_layers import contrast
from tests.browser.test_norfolk import MAP_BYTES, PAGE_BYTES, weighed
from tests.browser.test_sample import VIEW


def zoomed(visit: Visit) -> tuple[float, ...]:
    """Zoom in once, mark this very map, and return its view."""
    chart = visit.map
    whole = chart.evaluate(VIEW)[0]
    chart.get_by_role("button", name="Zoom in").click()
    chart.wait_for_function("whole => map.getZoom() > whole && !map._animatingZoom", arg=whole)
    visit.quiet()
    chart.evaluate("() => { window.mark = 'still here' }")
    return tuple(chart.evaluate(VIEW))


def pick(visit: Visit, now: str, option: str) -> int:
    """Another option of a select box above the map, which stands at ``now``; returns the number of reruns."""
    visit.page.get_by_test_id("stMain").get_by_role("combobox").and_(
        visit.page.locator(f'[value="{now}"]')
    ).first.click()
    return visit.rerun(lambda: visit.page.get_by_role("option", name=option, exact=True).first.click())


def measure(visit: Visit, name: str) -> int:
    """The page's own measure; the one of the sidebar is greyed out."""
    return visit.rerun(lambda: visit.page.get_by_test_id("stMain").get_by_role("radio", name=name).click())


def test_switching_measure_and_domain_is_light_and_keeps_the_view(norfolk: Server, tab: OpenTab) -> None:
    visit = tab(norfolk).open("Deprivation")
    visit.pixels()
    view = zoomed(visit)
    for step in (
        lambda: measure(visit, "Number"),
        lambda: pick(visit, "Index of Multiple Deprivation", "Income"),
        lambda: measure(visit, "Rate"),
    ):
        before = visit.pixels()
        visit.received.clear()
        assert step() == 1
        visit.repainted(before)
        weight = weighed(visit)
        assert weight["maps"] == 1
        assert weight["map"] <= MAP_BYTES
        assert weight["page"] <= PAGE_BYTES
        assert visit.map.evaluate(VIEW) == pytest.approx(view)
        assert visit.map.evaluate("() => window.mark") == "still here"


def test_switching_layers_keeps_the_view_and_fetches_each_once(sample: Server, tab: OpenTab) -> None:
    visit = tab(sample)
    fetched: list[str] = []
    visit.page.on(
        "request",
        lambda asked: fetched.append(asked.url.rsplit("/", 1)[1].rsplit("-", 1)[0]) if "/layer-" in asked.url else None,
    )
    visit.open("Deprivation", deprivation="Layers", layer="licensed-premises")
    view = zoomed(visit)
    title = visit.page.locator("h1").inner_text()
    visit.received.clear()
    assert pick(visit, "Licensed premises", "Schools") == 1
    weight = weighed(visit)
    assert weight["map"] <= MAP_BYTES
    assert weight["page"] <= PAGE_BYTES
    assert visit.page.locator("h1").inner_text() != title
    assert pick(visit, "Schools", "Licensed premises") == 1
    assert visit.page.locator("h1").inner_text() == title
    assert visit.map.evaluate(VIEW) == pytest.approx(view)
    assert visit.map.evaluate("() => window.mark") == "still here"
    assert sorted(fetched) == ["layer-licensed-premises", "layer-schools"]


def test_a_table_is_drawn_at_its_own_level_and_the_view_stays(sample: Server, tab: OpenTab) -> None:
    visit = tab(sample).open("Deprivation", deprivation="Layers", layer="schools")
    view = zoomed(visit)
    before = visit.pixels()
    assert pick(visit, "Schools", "Drug and alcohol treatment") == 1
    visit.repainted(before)
    assert visit.map.evaluate(VIEW) == pytest.approx(view, abs=0.002)
    assert "MSOAs with more serious violence" in visit.page.locator("h1").inner_text()
    legend = visit.page.locator(".legend").inner_text()
    assert "Too few to show" in legend


def test_layers_of_the_sidebar_are_on_every_map_and_in_the_link(sample: Server, tab: OpenTab) -> None:
    chosen = ["Bus stops", "Licensed premises", "Public space protection orders", "Schools"]
    visit = tab(sample).open(
        "Concentration", layers="bus-stops,licensed-premises,public-space-protection-orders,schools"
    )
    visit.map.get_by_text("Layers (4)").click()
    said = visit.map.locator(".places-layers").inner_text()
    for title in chosen:
        assert title in said
    assert "Source: District councils (fictional county), 2025-10-01" in said
    assert visit.map.locator(".places-note").inner_text() == "", "nothing was lost"
    visit.rerun(lambda: visit.page.get_by_role("link", name="Deprivation").click())
    assert visit.map.get_by_text("Layers (4)").count() == 1
    assert visit.page.url.count("layers=bus-stops") == 1


# The colours of a text and of what it stands on, with what is see-through laid over the ground.
SEEN = """(node) => {
  const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
  let ground = null, shown = 1;
  for (let each = node; each && !ground; each = each.parentElement) {
    const style = getComputedStyle(each), colour = numbers(style.backgroundColor);
    shown *= Number(style.opacity);
    if (colour.length === 3 || colour[3] === 1) ground = colour.slice(0, 3);
  }
  const [r, g, b, own = 1] = numbers(getComputedStyle(node).color), over = shown * own;
  const ink = [r, g, b].map((part, i) => Math.round(over * part + (1 - over) * ground[i]));
  return [`rgb(${ink.join()})`, `rgb(${ground.join()})`];
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_captions_of_the_sidebar_can_be_read(scheme: str, sample: Server, tab: OpenTab) -> None:
    visit = tab(sample, scheme).open("Deprivation")
    for words in ("January to December 2025", "This page has a measure of its own."):
        caption = visit.page.get_by_test_id("stSidebar").get_by_text(words, exact=True)
        assert contrast(*caption.evaluate(SEEN)) >= 4.5, words
