"""What a priority location is, and what it refuses to be."""

from dataclasses import FrozenInstanceError, fields, replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import geopandas as gpd
import pytest

from hotspots.controls import RingRule
from hotspots.locations import (
    MOST_ITEMS,
    MOST_LETTERS,
    Action,
    Intervention,
    Location,
    Origin,
    differences,
    from_circle,
    from_drawn,
    from_lsoas,
    from_postcodes,
    from_upload,
    name_key,
)
from hotspots.selection import Period, Selection
from tests.fixtures import CODES, areas, assert_plain, at, grid

AREAS = areas()
ORIGIN = Origin("Ann", "0123456789abcdef", "Testshire", 2021)
CORNERS = [tuple(map(float, at(x, y))) for x, y in ((200, 200), (1200, 200), (1200, 800))]


def location(**said: Any) -> Location:
    return Location(**{"name": "Market Place", "made": "clicked", "origin": ORIGIN, "lsoa_codes": CODES[:2], **said})


def refusal(**said: Any) -> str:
    with pytest.raises(ValueError, match=r"\.$") as error:
        location(**said)
    return assert_plain(str(error.value))


def test_a_location_is_frozen_and_its_code_says_nothing() -> None:
    one, other = location(), location()
    with pytest.raises(FrozenInstanceError):
        one.name = "x"  # type: ignore[misc]
    assert one.id != other.id
    assert len(one.id) == 10
    assert one.id.isalnum()
    assert one.id == one.id.lower()
    assert (one.version, one.archived, one.is_shape, one.window) == (0, False, False, None)


def test_the_window_that_a_place_was_chosen_from_is_kept() -> None:
    chosen = Selection(Period("2024-01", "2024-04"), definition="open", measure="rate")
    kept = location(origin=replace(ORIGIN, chosen=chosen))
    assert kept.window == Period("2024-01", "2024-04")
    assert kept.origin.chosen == chosen


def test_the_time_is_kept_in_utc() -> None:
    summer = datetime(2025, 7, 1, 12, tzinfo=timezone(timedelta(hours=1)))
    assert replace(ORIGIN, at=summer).at == datetime(2025, 7, 1, 11, tzinfo=UTC)
    assert replace(ORIGIN, at=summer).at.tzinfo is UTC
    assert abs(datetime.now(UTC) - ORIGIN.at) < timedelta(hours=1)
    with pytest.raises(ValueError, match="no time zone"):
        replace(ORIGIN, at=datetime(2025, 7, 1))


# -- texts -------------------------------------------------------------------------------------------------------------

HOSTILE = [
    "{{7*7}}",
    "=1+1",
    "<b>bold</b>",
    "' OR 1=1 --",
    '"quoted"',
    "![x](http://localhost/)",
    "Ünïcödé \U0001f693 \U0001f469\u200d\U0001f469\u200d\U0001f467",
    "+44",
    "@SUM(A1)",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_what_it_is(text: str) -> None:
    assert location(name=text, notes=text).name == text
    assert location(name=text, notes=text).notes == text
    assert Intervention(text, "2025-01").what == text


def test_control_characters_are_taken_out() -> None:
    assert location(name=" a\x00b\x07 \n c\x1b[31m\t").name == "ab c[31m"
    assert location(name="\u202eevil\ud800").name == "evil"
    assert location(notes=" one\r\ntwo\rthree\tfour\x85 ").notes == "one\ntwo\nthree\tfour"


LONG: dict[str, dict[str, Any]] = {
    "name": {"name": "x" * (MOST_LETTERS["name"] + 1)},
    "notes": {"notes": "x" * (MOST_LETTERS["notes"] + 1)},
    "made from": {"made_from": "x" * (MOST_LETTERS["text"] + 1)},
}


@pytest.mark.parametrize("said", LONG.values(), ids=LONG)
def test_text_is_bounded(said: dict[str, str]) -> None:
    assert "characters. Shorten it to" in refusal(**said)
    ((name, text),) = said.items()
    assert getattr(location(**{name: text[:-1]}), name) == text[:-1]


@pytest.mark.parametrize("name", ["", "  ", "\x00\u202e\n"])
def test_a_name_is_needed(name: str) -> None:
    with pytest.raises(ValueError, match=r"^The name is missing\. Type it\.$"):
        location(name=name)
    with pytest.raises(ValueError, match="The name of who made the location is missing"):
        replace(ORIGIN, by=name)


def test_names_are_the_same_whatever_their_case_and_spaces() -> None:
    assert name_key("Market  PLACE") == name_key("market place") == name_key("Ｍarket Place")
    assert name_key("Straße") == name_key("STRASSE")
    assert name_key("Market Place 2") != name_key("Market Place")


# -- other fields ------------------------------------------------------------------------------------------------------


def test_codes_are_sorted_and_each_there_once() -> None:
    assert location(lsoa_codes=(CODES[1], CODES[0], CODES[1])).lsoa_codes == CODES[:2]


@pytest.mark.parametrize("field", ["lsoa_codes", "ring_codes", "controls", "ring_controls"])
def test_what_is_no_code_is_refused(field: str) -> None:
    assert "'{{7*7}}' is no LSOA code" in refusal(**{field: ("{{7*7}}", CODES[0])})


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no LSOA": ({"lsoa_codes": ()}, "has no LSOA"),
    "made by nothing": ({"made": "magic"}, "Choose one of ranking"),
    "a code in a link": ({"id": "../../etc"}, "ten small letters"),
    "no polygon": ({"shape": "POINT (1 1)"}, "not a polygon"),
    "no WKT": ({"shape": "{{7*7}}"}, "not a polygon"),
    "nothing": ({"shape": "POLYGON EMPTY"}, "not a polygon"),
    "many actions": ({"actions": (Action("x"),) * (MOST_ITEMS + 1)}, "more than 200 actions"),
}


@pytest.mark.parametrize(("said", "says"), WRONG.values(), ids=WRONG)
def test_what_a_location_cannot_be(said: dict[str, Any], says: str) -> None:
    assert says in refusal(**said)


def test_an_intervention_in_words() -> None:
    assert (
        Intervention("Patrols", "2025-04", "2025-06", "Market Place").label
        == "Patrols, April to June 2025, Market Place"
    )
    assert Intervention("CCTV", "2025-04").label == "CCTV, from April 2025"
    with pytest.raises(ValueError, match="not written as YYYY-MM"):
        Intervention("CCTV", "April")
    with pytest.raises(ValueError, match="before it starts"):
        Intervention("CCTV", "2025-04", "2025-03")
    with pytest.raises(ValueError, match="description is missing"):
        Intervention(" ", "2025-04")


def test_an_action_in_words() -> None:
    said = Action("Mend the lights", "the council", date(2026, 3, 1), "robberies").label
    assert said == "Mend the lights, by the council, review on 2026-03-01, judged by robberies"
    assert Action("Mend the lights").label == "Mend the lights"


# -- constructors ------------------------------------------------------------------------------------------------------


def test_from_lsoas() -> None:
    made = from_lsoas("Market", CODES[:3], AREAS, ORIGIN, "ranking")
    assert (made.lsoa_codes, made.made, made.shape) == (CODES[:3], "ranking", None)
    with pytest.raises(ValueError, match="1 LSOA of the location is not in this dataset, such as 'E01999999'"):
        from_lsoas("Market", [CODES[0], "E01999999"], AREAS, ORIGIN)
    with pytest.raises(ValueError, match="has no LSOA"):
        from_lsoas("Market", [], AREAS, ORIGIN)
    with pytest.raises(ValueError, match="covers the whole area"):
        from_lsoas("Market", CODES, AREAS, ORIGIN)


def test_from_circle() -> None:
    longitude, latitude = map(float, at(1000, 500))
    made = from_circle("Market", longitude, latitude, 300, AREAS, ORIGIN)
    assert made.is_shape
    assert made.lsoa_codes == CODES[:2]
    assert made.made_from == f"centre at longitude {longitude:.5f}, latitude {latitude:.5f}, radius 300 metres"
    assert made.polygon.area == pytest.approx(3.14159 * 300**2, rel=0.01)


def test_from_drawn() -> None:
    made = from_drawn("Market", CORNERS, AREAS, ORIGIN)
    assert (made.made, made.made_from, made.lsoa_codes) == ("drawn", "3 corners", CODES[:2])
    assert made.shape is not None
    assert made.shape.startswith("POLYGON ((600200")
    assert made.polygon.is_valid
    with pytest.raises(ValueError, match="has no shape"):
        _ = location().polygon


def test_from_postcodes() -> None:
    made = from_postcodes("Market", ("NR1 1AA", "NR1 1AB"), CODES[:2], AREAS, ORIGIN)
    assert (made.made, made.made_from, made.lsoa_codes) == ("postcodes", "NR1 1AA, NR1 1AB", CODES[:2])
    many = from_postcodes("Market", ["NR14 1AA"] * 1_000, CODES[:2], AREAS, ORIGIN)
    assert many.made_from.count("NR14 1AA") == 100
    assert many.made_from.endswith(", and more")


def test_from_upload_says_what_was_repaired() -> None:
    shapes = gpd.GeoSeries([grid().geometry.iloc[0], grid().geometry.iloc[1].buffer(-1)], crs=27700)
    made = from_upload("Market", shapes, AREAS, ORIGIN, "b.gpkg\x00")
    assert (made.made, made.lsoa_codes, made.made_from) == ("uploaded", CODES[:2], "b.gpkg")
    beyond = from_upload("Market", grid().geometry.iloc[:1].translate(-500), AREAS, ORIGIN, "b.gpkg")
    assert beyond.made_from.startswith("b.gpkg. 50 % of the shape lies outside the area")


# -- differences -------------------------------------------------------------------------------------------------------


def test_no_difference() -> None:
    one = location()
    assert differences(one, one) == ()
    assert differences(one, replace(one, version=3)) == ()


CHANGES: dict[str, tuple[Any, str]] = {
    "name": ("High Street", "Name: 'Market Place' became 'High Street'."),
    "made": ("ranking", "How it was defined: 'chosen on the map' became 'chosen from the ranking'."),
    "made_from": ("x", "What it was made from: nothing became 'x'."),
    "origin": (replace(ORIGIN, by="Bob"), "Where it comes from: changed."),
    "lsoa_codes": (CODES[1:3], f"LSOAs: {CODES[2]} added; {CODES[0]} taken away."),
    "shape": ("POLYGON ((0 0, 1 0, 1 1, 0 0))", "Shape: changed."),
    "ring": (RingRule(500, 100, in_metres=True), "Ring: 'next to the target' became 'within 500 m of the target, beyond 100 m'."),
    "ring_codes": (CODES[2:3], f"LSOAs of the ring chosen by hand: {CODES[2]} added."),
    "controls": (CODES[2:9], f"Controls: {', '.join(CODES[2:7])} and 2 more added."),
    "ring_controls": (CODES[8:], f"Controls of the ring: {CODES[8]} added."),
    "interventions": ((Intervention("CCTV", "2025-04"),), "Interventions: 'CCTV, from April 2025' added."),
    "actions": ((Action("{{7*7}}"),), "Actions: '{{7*7}}' added."),
    "notes": ("=1+1", "Notes: nothing became '=1+1'."),
    "archived": (True, "Archived: no became yes."),
}  # fmt: skip


@pytest.mark.parametrize(("name", "change"), CHANGES.items(), ids=CHANGES)
def test_every_difference_is_said(name: str, change: tuple[Any, str]) -> None:
    value, said = change
    one = location()
    assert differences(one, replace(one, **{name: value})) == (said,)


def test_no_field_is_forgotten() -> None:
    assert {one.name for one in fields(Location)} == set(CHANGES) | {"id", "version"}


def test_another_order_is_a_difference() -> None:
    two = (Action("a"), Action("b"))
    one = location(actions=two)
    assert differences(one, replace(one, actions=two[::-1])) == ("Actions: in another order.",)
