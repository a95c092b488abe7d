"""The Displacement page in a real browser: months that play, a row that opens, with nobody else to be reached."""

from tests.browser.conftest import OpenTab, Server, Visit, code


def title(visit: Visit) -> str:
    return str(visit.page.locator("h1").inner_text())


def test_the_months_play_with_nothing_sent(located: Server, tab: OpenTab) -> None:
    visit = tab(located).open("Displacement", location=code(located, "Haverstow centre"), move="Month by month")
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


def test_a_row_opens_its_location(located: Server, tab: OpenTab) -> None:
    visit = tab(located).open("Displacement", move="All locations")
    assert title(visit).startswith("Of 2 priority locations that can be judged, ")
    assert visit.row(0) == 1
    visit.until(lambda: title(visit).startswith("About "), "the finding")
    assert visit.caption().startswith("Haverstow centre")
    assert code(located, "Haverstow centre") in visit.page.url
