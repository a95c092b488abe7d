"""The Locations page without a browser: making, showing, changing priority locations, and two people at once."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

import hotspots.profile
from geodata.dataset import open_dataset
from hotspots.locations import Action, Intervention, Location, Origin, from_drawn
from hotspots.register import Register
from hotspots.selection import Period, Selection
from pages.shared import maps, opening
from pages.shared.location_views import make, profile
from tests import fixtures
from tests.fixtures import CODES
from tests.test_pages import MAP_PAGE, ROWS, arguments, both, made, sound, visit, words  # noqa: F401 - a fixture

PAGE = "pages/4_Locations.py"
HOSTILE = "{{7*7}} <b>bold</b> ![x](http://example.org/x.png)"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small")
    return made(folder, fixtures.county(folder, ROWS), "Testshire")


@pytest.fixture
def register(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Register:
    path = tmp_path / "register.sqlite"
    monkeypatch.setenv("PLACES_REGISTER", str(path))
    return Register(path)


Open = Callable[..., AppTest]


@pytest.fixture
def on(small: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    def opened(page: str = PAGE, **link: str) -> AppTest:
        monkeypatch.setenv(opening.DATASET, str(small))
        return visit(page, **link)

    return opened


def origin(dataset: Path, chosen: Selection | None = None) -> Origin:
    there = open_dataset(dataset)
    return Origin("Ana Lyst", there.hash, "Testshire", 2021, chosen)


def saved(register: Register, dataset: Path, name: str = "Market Place", **more: Any) -> Location:
    chosen = Selection(Period("2025-01", "2025-02"), definition="norfolk")
    made_ = Location(name, "ranking", origin(dataset, chosen), (CODES[0], CODES[1]), **more)
    return register.save(made_, 0, "Ana Lyst")


def test_without_a_register_the_list_says_where_to_make_one(
    on: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "not yet" / "register.sqlite"
    monkeypatch.setenv("PLACES_REGISTER", str(path))
    page = on()
    assert page.title[0].value == "No priority locations"
    assert "Make one under “New”" in words(page)
    assert not path.exists(), "looking at a page makes no file"


def test_the_list_counts_each_location(on: Open, register: Register, small: Path) -> None:
    saved(register, small)
    page = on()
    assert page.title[0].value == "1 priority location"
    (table,) = (frame.value for frame in page.dataframe)
    row = table.iloc[0]
    assert row["Location"] == "Market Place"
    # six robberies, one more in February, three of violence: by hand from ROWS
    assert row["Offences"] == 10
    assert row["Share"] == pytest.approx(100 * 10 / 11)


def test_the_link_carries_the_code_and_never_the_name(on: Open, register: Register, small: Path) -> None:
    place = saved(register, small)
    page = on()
    page.selectbox(key="location_name").set_value(place.id).run()
    sound(page)
    assert page.query_params["location"] == place.id
    assert "Market" not in json.dumps(dict(page.query_params))
    again = on(places="Profile", location=place.id)
    assert again.session_state["location"] == place.id
    assert "Market Place" in words(again)


def test_a_link_to_a_location_that_is_gone_opens_on_the_whole_area(on: Open, register: Register, small: Path) -> None:
    saved(register, small)
    page = on(MAP_PAGE, location="0123456789")
    assert "is not in this register" in words(page)
    assert "narrowed" not in words(page)


def test_the_profile_speaks_in_the_order_of_a_meeting(on: Open, register: Register, small: Path) -> None:
    place = saved(
        register, small, interventions=(Intervention("Patrols", "2025-02"),), actions=(Action("Mend the lights", "Council"),), notes="Seen in May",
    )  # fmt: skip
    page = on(places="Profile", location=place.id)
    assert page.title[0].value.startswith("This location holds 91 % of serious violence")
    titles = [one.value for one in page.subheader]
    assert titles.index("How concentrated") < titles.index("What kind, and what else is there")
    assert titles.index("Getting better or worse") < titles.index("What was done") < titles.index("Did it move?")
    said = words(page)
    for text in (
        "10 offences",
        "Patrols, from February 2025",
        "Mend the lights, by Council",
        "Seen in May",
        "Open data gives months only",
    ):
        assert text in said
    assert "no change can be given" in said, "there is no year before"


def test_the_profile_of_a_drawn_shape_tells_the_deprivation_of_what_it_touches(
    on: Open, register: Register, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(profile, "_carries", lambda _frame, _location: True)  # a county of few points carries no shape
    areas = open_dataset(small).areas
    west, south, east, north = areas[areas["lsoa_code"] == CODES[0]].to_crs(4326).total_bounds
    place = from_drawn("Square", ((west, south), (east, south), (east, north), (west, north)), areas, origin(small))
    register.save(place, 0, "Ana Lyst")
    page = on(places="Profile", location=place.id)
    deciles = areas.set_index("lsoa_code")["imd_decile"].reindex(list(place.lsoa_codes))
    said = words(page)
    assert "that it touches lie" in said
    assert "approximate, since more live there than in the shape" in said
    shown = next(one.value for one in page.dataframe if "Decile" in one.value)
    assert sorted(shown["Decile"]) == sorted(deciles)
    assert "Rank" not in shown, "a shape has none"


@pytest.mark.parametrize("question", ["Where it is", "What kind", "Better or worse", "Did it move?"])
def test_a_large_screen_shows_one_question_of_the_profile(
    question: str, on: Open, register: Register, small: Path
) -> None:
    place = saved(register, small, interventions=(Intervention("Patrols", "2025-02"),))
    page = on(places="Profile", location=place.id, question=question, large="true")
    assert page.session_state["question"] == question
    assert len(page.title) == 1
    assert not page.dataframe
    assert not page.expander
    assert "Market Place" in words(page)
    every_kind = question == "What kind"
    assert ("serious violence, " in words(page).lower()) != every_kind, "what is counted"
    assert ("Offences of every crime type" in words(page)) == every_kind


def test_the_profile_asks_for_a_location(on: Open, register: Register, small: Path) -> None:
    assert on(places="Profile").title[0].value == "Choose a location"


def test_a_location_is_made_from_ticked_rows(on: Open, register: Register, small: Path) -> None:
    page = on(places="New")
    assert "No LSOA is picked yet" in words(page)
    page.session_state["picked"] = [CODES[0]]
    sound(page.run())
    assert "It consists of 1 LSOA" in words(page)
    page.text_input(key="new_name").set_value("  Bus\x00 station ")
    page.text_input(key="by").set_value("Ana Lyst")
    page.button[0].click().run()
    sound(page)
    (place,) = register.locations()
    assert (place.name, place.lsoa_codes, place.made, place.origin.by) == (
        "Bus station",
        (CODES[0],),
        "ranking",
        "Ana Lyst",
    )
    assert place.window == Period("2025-01", "2025-02")
    assert page.session_state["location"] == place.id
    assert "Bus station" in words(page), "the profile of what was just made"


def test_what_was_not_chosen_for_its_counts_keeps_no_window(on: Open, register: Register, small: Path) -> None:
    page = on(places="New")
    page.session_state["picked"] = [CODES[0]]
    sound(page.run())
    page.checkbox(key="by_its_counts").uncheck().run()
    page.text_input(key="new_name").set_value("Square")
    page.text_input(key="by").set_value("Ana Lyst")
    page.button[0].click().run()
    assert register.locations()[0].window is None


@pytest.mark.parametrize(
    ("name", "by", "said"), [("", "Ana", "The name is missing"), ("Square", "", "who made the location"), ("MARKET  place", "Ana", "already called")]
)  # fmt: skip
def test_what_cannot_be_saved_says_why_and_keeps_what_was_picked(
    on: Open, register: Register, small: Path, name: str, by: str, said: str
) -> None:
    saved(register, small)
    page = on(places="New")
    page.session_state["picked"] = [CODES[2]]
    sound(page.run())
    page.text_input(key="new_name").set_value(name)
    page.text_input(key="by").set_value(by)
    page.button[0].click().run()
    sound(page)
    assert said in page.error[0].value.replace("\\", "")
    assert len(register.locations()) == 1
    assert page.session_state["picked"] == [CODES[2]]


def test_a_drawn_shape_is_counted_and_refused_in_words(on: Open, register: Register, small: Path) -> None:
    areas = open_dataset(small).areas
    west, south, east, north = areas[areas["lsoa_code"] == CODES[0]].to_crs(4326).total_bounds
    page = on(places="New")
    page.segmented_control(key="way").set_value("Drawing").run()
    assert "Nothing is drawn yet" in words(page)
    page.session_state["drawn_ring"] = ((west, south), (east, north), (east, south), (west, north))
    sound(page.run())
    assert "cross" in words(page)
    page.session_state["drawn_ring"] = ((west, south), (east, south), (east, north), (west, north))
    sound(page.run())
    assert "It touches" in words(page)
    assert "more than live in it" in words(page)


def test_a_circle_needs_its_centre(on: Open, register: Register, small: Path) -> None:
    page = on(places="New")
    page.segmented_control(key="way").set_value("Circle").run()
    assert "No centre is set yet" in words(page)
    areas = open_dataset(small).areas
    centre = areas[areas["lsoa_code"] == CODES[0]].geometry.representative_point().to_crs(4326).iloc[0]
    page.number_input(key="centre_longitude").set_value(centre.x)
    page.number_input(key="centre_latitude").set_value(centre.y)
    sound(page.run())
    assert "It touches" in words(page)


def test_a_radius_that_cannot_be_is_refused_and_not_replaced(on: Open, register: Register, small: Path) -> None:
    page = on(places="New")
    page.segmented_control(key="way").set_value("Circle").run()
    areas = open_dataset(small).areas
    centre = areas[areas["lsoa_code"] == CODES[0]].geometry.representative_point().to_crs(4326).iloc[0]
    page.number_input(key="centre_longitude").set_value(centre.x)
    page.number_input(key="centre_latitude").set_value(centre.y)
    page.number_input(key="radius_m").set_value(90_000)
    sound(page.run())
    assert page.number_input(key="radius_m").value == 90_000
    assert "The radius is 90000 metres. Give more than 0 and at most 50,000." in words(page)
    assert "It touches" not in words(page)
    page.number_input(key="centre_latitude").set_value(95.0)
    page.number_input(key="radius_m").set_value(400)
    sound(page.run())
    assert "Give longitude and latitude in degrees" in words(page)


def test_postcodes_need_their_file(
    on: Open, register: Register, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, small: Path
) -> None:
    monkeypatch.delenv(make.POSTCODES, raising=False)
    page = on(places="New")
    page.segmented_control(key="way").set_value("Postcodes").run()
    assert "No file of postcodes is given" in words(page)
    areas = open_dataset(small).areas
    centre = areas[areas["lsoa_code"] == CODES[0]].geometry.representative_point().to_crs(4326).iloc[0]
    path = tmp_path / "postcodes.csv"
    path.write_text(f"pcds,lat,long\nNR1 3DH,{centre.y},{centre.x}\n", encoding="utf-8")
    monkeypatch.setenv(make.POSTCODES, str(path))
    sound(page.run())
    page.text_area(key="postcodes").set_value("nr13dh, XX1 1XX").run()
    sound(page)
    assert "It consists of 1 LSOA" in words(page)
    assert "XX1 1XX" in words(page)


def test_what_a_click_on_the_map_does(monkeypatch: pytest.MonkeyPatch) -> None:
    state: dict[str, Any] = {}
    monkeypatch.setattr(make.st, "session_state", state)
    for name, value in (("drawn_shape", None), ("clicked_point", None), ("clicked_area", CODES[0])):
        monkeypatch.setattr(maps, name, lambda key, value=value: value)
    make._on_map()
    assert state["picked"] == [CODES[0]]
    make._on_map()
    assert state["picked"] == []
    monkeypatch.setattr(maps, "clicked_point", lambda key: (1.25, 52.5))
    make._on_map()
    assert (state["centre_longitude"], state["centre_latitude"]) == (1.25, 52.5)
    monkeypatch.setattr(maps, "drawn_shape", lambda key: ((1.0, 52.0), (1.1, 52.0), (1.0, 52.1)))
    make._on_map()
    assert state["drawn_ring"][0] == (1.0, 52.0)


def test_changes_are_kept_as_a_new_version(on: Open, register: Register, small: Path) -> None:
    place = saved(register, small)
    page = on(places="Change", location=place.id)
    page.text_area[0].set_value("Reviewed")
    page.text_input(key="by").set_value("Chair")
    page.button[0].click().run()
    sound(page)
    now = register.get(place.id)
    assert (now.version, now.notes) == (2, "Reviewed")
    assert [one.by for one in register.history(place.id)] == ["Chair", "Ana Lyst"]


def test_two_people_saving_at_once_see_the_difference_first(on: Open, register: Register, small: Path) -> None:
    place = saved(register, small)
    page = on(places="Change", location=place.id)
    register.save(replace(place, notes="Theirs"), 1, "Other")
    page.text_area[0].set_value("Mine")
    page.text_input(key="by").set_value("Chair")
    page.button[0].click().run()
    sound(page)
    assert register.get(place.id).notes == "Theirs", "nothing is overwritten unseen"
    said = words(page)
    assert "saved by 'Other'" in said
    assert "'Theirs' became 'Mine'" in said
    page.button(key="mine").click().run()
    sound(page)
    assert register.get(place.id).notes == "Mine"
    assert [one.location.notes for one in register.history(place.id)] == ["Mine", "Theirs", ""]


def test_keeping_theirs_changes_nothing(on: Open, register: Register, small: Path) -> None:
    place = saved(register, small)
    page = on(places="Change", location=place.id)
    register.save(replace(place, notes="Theirs"), 1, "Other")
    page.text_area[0].set_value("Mine")
    page.text_input(key="by").set_value("Chair")
    page.button[0].click().run()
    page.button(key="theirs").click().run()
    sound(page)
    assert register.get(place.id).version == 2
    assert page.text_area[0].value == "Theirs"


def test_a_location_is_taken_off_the_list_and_put_back(on: Open, register: Register, small: Path) -> None:
    place = saved(register, small)
    page = on(places="Change", location=place.id)
    page.text_input(key="by").set_value("Chair").run()
    page.button(key="archive").click().run()
    sound(page)
    assert register.locations() == ()
    assert register.locations(archived=True)[0].id == place.id


def test_hostile_names_are_plain_text(on: Open, register: Register, small: Path) -> None:
    place = saved(register, small, HOSTILE, notes=HOSTILE)
    for view in ("All locations", "Profile", "New", "Change"):
        page = on(places=view, location=place.id)
        shown = [*(one.value for one in page.title), *(one.value for one in page.markdown), *(one.value for one in page.subheader), *(one.value for one in page.caption)]  # fmt: skip
        assert not any("7*7" in text or "example.org" in text for text in shown), view
        if page.get("component_instance"):
            assert "7*7" not in json.dumps(arguments(page)), view


def test_other_pages_are_narrowed_to_the_location(on: Open, register: Register, small: Path) -> None:
    place = saved(register, small)
    for page in (MAP_PAGE, "pages/6_Export.py"):
        shown = on(page, location=place.id)
        assert "narrowed to Market Place" in words(shown), page
        assert len(shown.dataframe[0].value) == 2, page


def test_a_damaged_register_is_said_and_the_rest_works(on: Open, register: Register, small: Path) -> None:
    register.path.write_bytes(b"no database at all, but long enough to be read as a header of one" * 40)
    page = on(MAP_PAGE)
    assert "damaged" in words(page)
    assert "hold" in page.title[0].value


# -- what a district, an extract, another view or another person must not change unseen


def test_a_location_is_set_against_the_whole_area_whatever_district_is_chosen(
    on: Open, register: Register, small: Path
) -> None:
    place = saved(register, small)
    whole, district = (
        on(places="Profile", location=place.id),
        on(places="Profile", location=place.id, district="Westham"),
    )
    assert district.title[0].value == whole.title[0].value
    assert "Testshire" in words(district)
    assert district.dataframe[0].value.equals(whole.dataframe[0].value), "ranks are of the whole area"


def test_what_lies_outside_the_chosen_districts_is_said(on: Open, register: Register, small: Path) -> None:
    areas = open_dataset(small).areas
    elsewhere = areas.loc[~areas["district"].eq("Westham").to_numpy(), "lsoa_code"].iloc[0]
    place = Location("Elsewhere", "ranking", origin(small), (elsewhere,))
    register.save(place, 0, "Ana Lyst")
    assert "1 LSOA of it outside the chosen districts not shown" in words(
        on(MAP_PAGE, location=place.id, district="Westham")
    )


def test_unticking_survives_a_look_at_another_way(on: Open, register: Register, small: Path) -> None:
    page = on(places="New")
    page.session_state["picked"] = [CODES[0]]
    sound(page.run())
    page.checkbox(key="by_its_counts").uncheck().run()
    page.segmented_control(key="way").set_value("Circle").run()
    page.segmented_control(key="way").set_value("Ranking").run()
    assert page.checkbox(key="by_its_counts").value is False


def test_a_click_where_nothing_is_picked_collects_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    state: dict[str, Any] = {"way": "Postcodes"}
    monkeypatch.setattr(make.st, "session_state", state)
    for name, value in (("drawn_shape", None), ("clicked_point", None), ("clicked_area", CODES[0])):
        monkeypatch.setattr(maps, name, lambda key, value=value: value)
    make._on_map()
    assert "picked" not in state


def test_the_form_opens_on_what_is_saved_by_then(on: Open, register: Register, small: Path) -> None:
    place = saved(register, small)
    page = on(places="Change", location=place.id)
    page.segmented_control(key="places").set_value("Profile").run()
    register.save(replace(place, notes="Theirs"), 1, "Other")
    page.segmented_control(key="places").set_value("Change").run()
    assert page.text_area[0].value == "Theirs"


def test_theirs_can_be_opened_in_place_of_mine(on: Open, register: Register, small: Path) -> None:
    place = saved(register, small)
    page = on(places="Change", location=place.id)
    register.save(replace(place, notes="Theirs"), 1, "Other")
    page.run()
    page.button(key="open_theirs").click().run()
    sound(page)
    assert page.text_area[0].value == "Theirs"


def test_what_was_typed_outlives_a_register_that_cannot_be_read(on: Open, register: Register, small: Path) -> None:
    place = saved(register, small)
    page = on(places="Change", location=place.id)
    page.text_area[0].set_value("Long work")
    page.text_input(key="by").set_value("Chair")
    away = register.path.with_suffix(".away")
    register.path.rename(away)
    page.button[0].click().run()
    sound(page)
    assert page.text_area[0].value == "Long work"
    away.rename(register.path)
    page.button[0].click().run()
    sound(page)
    assert register.get(place.id).notes == "Long work"


def test_archiving_over_anothers_version_is_stopped(on: Open, register: Register, small: Path) -> None:
    place = saved(register, small)
    page = on(places="Change", location=place.id)
    page.text_input(key="by").set_value("Chair").run()
    register.save(replace(place, notes="Theirs"), 1, "Other")
    page.button(key="archive").click().run()
    sound(page)
    assert not register.get(place.id).archived
    assert "saved by 'Other'" in words(page)


@pytest.mark.parametrize("view", ["All locations", "Profile", "New", "Change"])
def test_a_damaged_register_is_a_sentence_in_every_view(view: str, on: Open, register: Register, small: Path) -> None:
    saved(register, small)
    register.path.write_bytes(b"no database at all, but long enough to be read as a header of one" * 40)
    assert "damaged" in words(on(places=view))


def test_a_small_shape_on_an_extract_shows_no_count(
    register: Register,
    both: Path,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(opening.DATASET, str(both))
    areas = open_dataset(both).areas
    west, south, east, north = areas[areas["lsoa_code"] == CODES[0]].to_crs(4326).total_bounds
    corners = ((west, south), (east, south), (east, north), (west, north))
    place = from_drawn("Square", corners, areas, origin(both))
    register.save(place, 0, "Ana Lyst")
    link = {"location": place.id, "source": "The force's own extract"}
    withheld = visit(PAGE, places="Profile", **link)
    assert withheld.title[0].value == "Too few to show for this shape"
    assert not any(one.value.startswith("6 ") for one in withheld.text)
    (table,) = (frame.value for frame in visit(PAGE, **link).dataframe)
    assert table["Offences"].isna().all()
    openly = visit(PAGE, places="Profile", location=place.id)
    assert openly.title[0].value == "This shape is too small to tell what happens in it", "one map point"
    assert "offences in" not in words(openly), "what anonymised points cannot tell is not told in full below"


HIDDEN = "groups of fewer than 20, or that would give those away, are not shown"
EXTRACT_LINK = {"places": "Profile", "source": "The force's own extract"}


@pytest.fixture(scope="module")
def addresses(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An extract of two squares. First: 25 robberies, 5 of public order, 4 reports of ASB; second: 30, 22 of drugs, 5, 21."""
    folder = tmp_path_factory.mktemp("addresses")
    public_order = {"crime_type": "Public order", "offence_code": "9A", "flag_knife": ""}
    drugs = {"crime_type": "Drugs", "offence_code": "92A", "flag_knife": ""}
    asb = {"crime_type": "Anti-social behaviour", "offence_code": "", "flag_knife": ""}
    rows = [
        fixtures.recorded(east, 500, **said)
        for east, number, said in (
            (500, 25, {}), (500, 5, public_order), (500, 4, asb),
            (1500, 30, {}), (1500, 22, drugs), (1500, 5, public_order), (1500, 21, asb),
        )
        for _ in range(number)
    ]  # fmt: skip
    own = fixtures.write(folder / "own.csv", fixtures.extract_csv(rows))
    return made(folder, replace(fixtures.county(folder, ROWS), incidents=(own,)), "Testshire")


def square(register: Register, dataset: Path, code: str) -> Location:
    areas = open_dataset(dataset).areas
    west, south, east, north = areas[areas["lsoa_code"] == code].to_crs(4326).total_bounds
    corners = ((west, south), (east, south), (east, north), (west, north))
    return register.save(from_drawn(f"Square {code}", corners, areas, origin(dataset)), 0, "Ana Lyst")


def test_a_shape_on_an_extract_tells_no_hours(
    register: Register, addresses: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(opening.DATASET, str(addresses))
    page = visit(PAGE, location=square(register, addresses, CODES[0]).id, **EXTRACT_LINK)
    assert "25 offences in" in words(page)
    assert "Hours are not shown for a drawn shape" in words(page)
    assert "with a day and an hour" not in words(page)
    assert not any(frame.value.index.name == "weekday" for frame in page.dataframe)
    whole = Location("Whole", "ranking", origin(addresses), (CODES[0],))
    openly = visit(PAGE, location=register.save(whole, 0, "Ana Lyst").id, **EXTRACT_LINK)
    assert "Fewer than 50 have a day and an hour: too few to show when" in words(openly)
    assert not any(frame.value.index.name == "weekday" for frame in openly.dataframe)
    monkeypatch.setattr(hotspots.profile, "FEWEST_WITH_HOURS", 25)
    enough = visit(PAGE, location=whole.id, **EXTRACT_LINK)
    assert "Of 25 with a day and an hour" in words(enough)
    assert any(frame.value.index.name == "weekday" for frame in enough.dataframe)


def test_small_groups_of_a_shape_on_an_extract_are_not_told_by_the_others(
    register: Register, addresses: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(opening.DATASET, str(addresses))
    none, one = (
        visit(PAGE, location=square(register, addresses, code).id, **EXTRACT_LINK) for code in (CODES[0], CODES[1])
    )
    assert f"No crime group can be shown here: {HIDDEN}" in words(none)
    assert "No offence of any kind" not in words(none)
    assert "Of anti-social behaviour fewer than 20 reports, not shown" in words(none)
    assert "Its reports are fewer than 20, not shown" in words(none), "nor month by month"
    assert f"Robbery is the largest crime group here, with 30 offences; {HIDDEN}" in words(one)
    (groups,) = (frame.value for frame in one.dataframe if "Crime group" in frame.value)
    assert sorted(groups["Crime group"]) == ["ASB", "Robbery"]
    assert "21 reports of anti-social behaviour" in words(one)
    assert "Its reports are" not in words(one)


def test_a_large_screen_says_in_words_that_no_group_can_be_shown(
    register: Register, addresses: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(opening.DATASET, str(addresses))
    place = square(register, addresses, CODES[0])
    page = visit(PAGE, location=place.id, question="What kind", large="true", **EXTRACT_LINK)
    assert page.title[0].value == f"No crime group can be shown here: {HIDDEN}"
    assert not page.get("vega_lite_chart")
    shown = visit(PAGE, location=square(register, addresses, CODES[1]).id, question="What kind", large="true", **EXTRACT_LINK)  # fmt: skip
    assert shown.get("vega_lite_chart")


@pytest.mark.parametrize("view", ["Where", "How sure"])
def test_a_large_screen_says_that_its_list_is_narrowed(view: str, on: Open, register: Register, small: Path) -> None:
    place = saved(register, small)
    said = words(on(MAP_PAGE, location=place.id, view=view, large="true"))
    assert "Narrowed to Market Place: its LSOAs; ranks are those of the whole list" in said
    first = "\n1st (3rd without its busiest point): " if view == "Where" else ": 1st"
    assert said.index("Narrowed to Market Place") < said.index(first)
    assert "Narrowed" not in words(on(MAP_PAGE, view=view, large="true"))
