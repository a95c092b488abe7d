"""Every page without a browser: it runs, says what it shows, and passes on nothing from the data but plain text."""

import dataclasses
import io
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from streamlit.delta_generator import DeltaGenerator
from streamlit.testing.v1 import AppTest

from geodata.build import build
from geodata.columns import ASB
from geodata.inputs import Inputs
from hotspots.definitions import load_definitions
from hotspots.selection import Period, Selection
from pages.shared import data, frame, maps, opening
from pages.shared.views import how_sure, where
from tests import fixtures
from tests.fixtures import CODES, incident, write

ROOT = Path(__file__).parent.parent
PAGES = ["app.py", *(f"pages/{path.name}" for path in sorted((ROOT / "pages").glob("*.py")))]
MAP_PAGE, EXPORT_PAGE, DATA_PAGE = "pages/1_Concentration.py", "pages/6_Export.py", "pages/7_Data.py"

ROWS = (
    *(incident(500, 500, Crime_ID=f"r{n}") for n in range(6)),
    *(incident(1500, 500, Crime_ID=f"s{n}", Crime_type="Violence and sexual offences") for n in range(3)),
    incident(2500, 2500, Crime_ID="t1"),
    *(incident(500, 1500, Crime_type=ASB) for _ in range(4)),
    incident(1500, 1500, Crime_ID="u1", Month="2025-02", Crime_type="Burglary"),
    incident(500, 500, Crime_ID="u2", Month="2025-02"),
)


# -- datasets, and pages opened on them


def made(folder: Path, inputs: Inputs, area: str | None = None) -> Path:
    build(inputs, folder / "dataset", area)
    return folder / "dataset"


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Nine areas, two months, two districts."""
    folder = tmp_path_factory.mktemp("small")
    return made(folder, fixtures.county(folder, ROWS), "Testshire")


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh checkout without data, into which the sample is built at the first start."""
    folder = tmp_path_factory.mktemp("checkout")
    (folder / "sample_data").mkdir()
    return folder


@pytest.fixture
def sample(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No dataset of one's own, so that the fictional county opens."""
    monkeypatch.delenv(opening.DATASET, raising=False)
    monkeypatch.setattr(opening, "_ROOT", checkout)


Open = Callable[..., AppTest]


@pytest.fixture
def on(monkeypatch: pytest.MonkeyPatch) -> Open:
    """``on(dataset, page, **link)``: the page as it opens on a dataset folder with these filters in its link."""

    def opened(dataset: Path, page: str = MAP_PAGE, **link: str | list[str]) -> AppTest:
        monkeypatch.setenv(opening.DATASET, str(dataset))
        return visit(page, **link)

    return opened


def visit(page: str, **link: str | list[str]) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    if page != "app.py":
        app.switch_page(page)
    for key, value in link.items():
        app.query_params[key.rstrip("_")] = value
    return sound(app.run())


def sound(app: AppTest) -> AppTest:
    assert [error.value for error in app.exception] == []
    return app


def words(app: AppTest) -> str:
    """All plain text of a page."""
    return "\n".join([*(title.value for title in app.title), *(text.value for text in app.text)])


def arguments(app: AppTest) -> dict[str, Any]:
    """What the map's component is given."""
    (component,) = app.get("component_instance")
    given: dict[str, Any] = json.loads(component.proto.json_args)
    return given


def payload(app: AppTest) -> dict[str, Any]:
    """What our script is given."""
    found = re.search(r"placesMap\.update\(map_div, (\{.*\})\);", arguments(app)["feature_group"])
    assert found is not None
    view: dict[str, Any] = json.loads(found[1])
    return view


# -- every page


def test_the_way_between_the_pages_names_each_of_them() -> None:
    assert list(frame.PAGES) == PAGES
    assert len(PAGES) >= 4


@pytest.mark.parametrize("page", PAGES)
def test_a_page_runs(page: str, on: Open, small: Path) -> None:
    app = on(small, page)
    assert len(app.title) == 1
    assert "Open data" in app.text[0].value
    assert "Testshire" in app.text[0].value
    assert "fictional" not in words(app).lower()


@pytest.mark.parametrize("page", PAGES)
def test_a_page_of_the_sample_is_marked_and_says_that_it_is_fictional(page: str, sample: None) -> None:
    banner = visit(page).text[0].value
    assert "Open data" in banner
    assert "fictional" in banner.lower()
    assert "no place, offence or person in it is real" in banner


@pytest.mark.usefixtures("sample")
def test_the_map_of_the_sample_is_credited_as_fictional() -> None:
    assert payload(visit(MAP_PAGE))["credit"] == "fictional"


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("fault", ["absent", "empty", "damaged", "a file"])
def test_what_is_no_dataset_is_said_in_a_sentence(page: str, fault: str, on: Open, small: Path, tmp_path: Path) -> None:
    place = tmp_path / "mine"
    if fault == "a file":
        place.write_text("not a folder", encoding="utf-8")
    elif fault != "absent":
        place.mkdir()
    if fault == "damaged":
        write(place / "manifest.json", (small / "manifest.json").read_bytes())
    app = on(place, page)
    assert app.title[0].value == "No data can be shown"
    (said,) = [text.value for text in app.text]
    assert "'mine'" in said
    assert said.endswith(".")
    assert str(tmp_path) not in said
    assert not app.get("component_instance")


def test_a_rebuilt_dataset_is_shown_on_the_next_run(on: Open, tmp_path: Path) -> None:
    inputs = fixtures.county(tmp_path, ROWS)
    app = on(made(tmp_path, inputs, "Before"))
    assert "Before" in words(app)
    build(inputs, tmp_path / "dataset", "Afterwards")
    assert "Afterwards" in words(sound(app.run()))


# -- filters and the map

CHANGES: dict[str, Callable[[AppTest], Any]] = {
    "period": lambda app: app.selectbox(key="period").set_value("chosen-months"),
    "count": lambda app: app.selectbox(key="count").set_value(ASB),
    "measure": lambda app: app.radio(key="measure").set_value("density"),
    "district": lambda app: app.multiselect(key="district").set_value(["Westham"]),
    "area": lambda app: app.selectbox(key="area").set_value(CODES[1]),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_filter_changes_what_the_map_shows_and_not_the_map(name: str, on: Open, small: Path) -> None:
    app = on(small)
    if name == "period":
        app.selectbox(key="period").set_value("chosen-months").run()
        app.selectbox(key="from").set_value("2025-01").run()
    before, shown = arguments(app), payload(app)
    identity = app.get("component_instance")[0].proto.id
    sound((app.selectbox(key="to").set_value("2025-01") if name == "period" else CHANGES[name](app)).run())
    after = arguments(app)
    assert payload(app) != shown
    for part in ("script", "html", "header", "js_links", "css_links", "zoom", "center", "key", "height"):
        assert after[part] == before[part], part
    assert app.get("component_instance")[0].proto.id == identity, "another identity mounts the map anew"


@pytest.mark.parametrize("page", PAGES)
def test_nothing_is_asked_of_another_server(page: str, on: Open, small: Path) -> None:
    for node in on(small, page, area="The Quay (Eastham 001A)"):
        said = getattr(node, "proto", None)
        assert b"http:" not in serialised(said), node.type
        assert b"https:" not in serialised(said).replace(b"https://vega.github.io/schema/", b""), node.type


def test_the_maps_links_are_files_of_this_server(on: Open, small: Path) -> None:
    given = arguments(on(small))
    links = given["js_links"] + given["css_links"]
    assert len(links) == 3 + len(maps.SCRIPTS)
    assert all(re.fullmatch(r"\.\./[\w.]+/[\w.]+(\?v=[0-9a-f]+)?", link) for link in links)
    addresses = [payload(on(small))[layer] for layer in ("areas", "districts", "places")]
    assert all(re.fullmatch(r"\.\./[\w.]+/[a-z]+-[0-9a-f]+\.geojson", address) for address in addresses)


def test_the_map_shows_the_ranked_table(on: Open, small: Path) -> None:
    view = payload(on(small, period="All months"))
    assert view["values"] == [7, 3, 0, 0, 0, 0, 0, 0, 1]
    assert view["hotspots"] == [0]
    assert view["kind"] == "offences"
    assert payload(on(small, district=["Westham"]))["classes"].startswith("xxxxxx")


def test_the_selected_area_is_shown_in_detail(on: Open, small: Path) -> None:
    app = on(small, period="All months", area="The Quay (Eastham 001A)")
    assert payload(app)["selected"] == 0
    assert payload(app)["points"][0][2:] == [7, 1]
    for fact in ("The Quay (Eastham 001A)", "1st of 9", "Residents: 1,000", "decile 1 of 10"):
        assert fact in words(app), fact
    assert "joint 4th of 9" in words(on(small, period="All months", area=label_of(small, CODES[3])))


# -- the link

LINK: dict[str, tuple[str, Any, Any]] = {
    "period": ("Chosen months", "chosen-months", "latest-12-months"),
    "from": ("February 2025", "2025-02", "2025-01"),
    "to": ("January 2025", "2025-01", "2025-02"),
    "count": ("Chosen crime types", "chosen-types", "norfolk"),
    "types": ("Robbery", ["Robbery"], []),
    "measure": ("Density", "density", "count"),
    "district": ("Westham", ["Westham"], []),
    "area": ("Westham 001A", CODES[6], None),
    "view": ("How sure", "How sure", "Where"),
}
# What is only offered where a force's own extract was read, with its offence codes.
EXTRACT_LINK = {"source": ("The force's own extract", "extract", "police.uk")} | {
    frame.READINGS[one.id, switch.id]: (option[1], option[0], switch.default)
    for one in load_definitions().values()
    for switch in one.switches
    for option in [next(option for option in switch.options if option[0] != switch.default)]
}
NEEDS = {"from": "period", "to": "period", "types": "count"}


def test_every_filter_is_tested() -> None:
    from tests.test_displacement_page import LINK as OF_DISPLACEMENT

    elsewhere = {
        "per", "location", "places", "question", "deprivation", "index", "by", "crime_domain",
        "duty_place", "duty_starts", "duty_baseline", "duty_by", "layers", "layer", "column", "listed", "class_list", "exceptions_list",
    }  # fmt: skip
    assert {*LINK, *EXTRACT_LINK, *OF_DISPLACEMENT, *elsewhere} == set(frame.FILTERS)


@pytest.mark.parametrize("page", PAGES)
def test_a_link_restores_every_filter(page: str, on: Open, small: Path) -> None:
    label = label_of(small, CODES[6])
    here = [key for key in LINK if key != "view" or page == MAP_PAGE]  # only one page has views
    said = {key: LINK[key][0] for key in here} | {"area": label}
    app = on(small, page, **said)
    assert {key: app.session_state[key] for key in here} == {key: LINK[key][1] for key in here}


@pytest.mark.parametrize("key", LINK)
def test_what_a_link_cannot_mean_falls_back(key: str, on: Open, small: Path) -> None:
    others = {NEEDS[key]: LINK[NEEDS[key]][0]} if key in NEEDS else {}
    app = on(small, MAP_PAGE, **others, **{key: "{{7*7}}"})
    assert app.session_state[key] == LINK[key][2]


@pytest.mark.parametrize(
    "link",
    [
        {"measure": "Number"},
        {"count": "Norfolk: serious violence"},
        {"period": "Latest unbroken months"},
        {"period": "Chosen months", "from_": "January 2025", "to": "February 2025"},
        {"large": "false"},
    ],
    ids=str,
)
def test_a_link_that_asks_for_the_default_is_told_nothing(link: dict[str, str], on: Open, small: Path) -> None:
    assert "The link asked for" not in words(on(small, MAP_PAGE, **link))


def test_a_link_may_give_the_code_of_an_lsoa(on: Open, small: Path) -> None:
    app = on(small, MAP_PAGE, area=CODES[6])
    assert app.session_state["area"] == CODES[6]
    assert "The link asked for" not in words(app)
    assert "The link asked for “E01999999”" in words(on(small, MAP_PAGE, area="E01999999"))


def test_what_the_link_could_not_is_said_until_the_next_choice(on: Open, small: Path) -> None:
    app = on(small, MAP_PAGE, district="Atlantis")
    assert "The link asked for “Atlantis”" in words(app)
    assert "The link asked for" in words(app.run())
    app.radio(key="measure").set_value("rate").run()
    assert "The link asked for" not in words(app)


def test_the_link_holds_what_was_chosen_over_a_change_of_page(on: Open, small: Path) -> None:
    app = on(small)
    for key, (_, value, _) in LINK.items():
        if key not in ("from", "view"):
            widget = {"measure": app.radio, "types": app.multiselect, "district": app.multiselect}.get(
                key, app.selectbox
            )
            sound(widget(key=key).set_value(value).run())
    before = dict(app.query_params)
    assert set(before) >= {"period", "count", "types", "measure", "district", "area"}
    for page in (EXPORT_PAGE, "app.py", MAP_PAGE):
        sound(app.switch_page(page).run())
        assert dict(app.query_params) == before, page


def test_a_month_to_that_lies_before_from_is_said(on: Open, small: Path) -> None:
    app = on(small, period="Chosen months", from_="February 2025", to="January 2025")
    assert any("lies before" in caption.value for caption in app.caption)
    assert "February 2025" in words(app)


def label_of(dataset: Path, code: str) -> str:
    areas = pd.read_parquet(dataset / "areas.parquet", columns=["lsoa_code", "label"])
    return str(areas.set_index("lsoa_code").loc[code, "label"])


# -- nothing there, said in words


def test_none_recorded_is_said(on: Open, small: Path) -> None:
    app = on(
        small,
        period="Chosen months",
        from_="January 2025",
        to="January 2025",
        count="Chosen crime types",
        types="Burglary",
    )
    assert "None recorded" in words(app)
    assert "No data" not in words(app)
    assert not app.get("component_instance")


def test_no_data_is_said_and_is_not_zero(on: Open, tmp_path: Path) -> None:
    """Suffolk's own force supplied January only; Westham is Suffolk's."""
    inputs = fixtures.county(tmp_path)
    westham = fixtures.districts_csv().splitlines()
    lines = [line.replace("Norfolk", "Suffolk") if line.startswith("E07000902") else line for line in westham]
    write(tmp_path / "districts.csv", "\n".join(lines) + "\n")
    suffolk = {"Reported_by": "Suffolk Constabulary", "Falls_within": "Suffolk Constabulary"}
    write(tmp_path / "police.csv", fixtures.street_csv([*ROWS, incident(2500, 2500, Crime_ID="v1", **suffolk)]))
    app = on(
        made(tmp_path, inputs), period="Chosen months", from_="February 2025", to="February 2025", district=["Westham"]
    )
    assert "No data: " in words(app)
    assert "This is not zero" in words(app)
    assert "None recorded" not in words(app)
    assert not app.get("component_instance")
    both = on(tmp_path / "dataset", period="Chosen months", from_="February 2025", to="February 2025")
    assert payload(both)["classes"].endswith("---")
    assert payload(both)["values"][-3:] == [None, None, None]
    assert "3 of 9 LSOAs have no data in this period, which is not zero" in words(both)


@pytest.mark.parametrize(
    ("link", "title", "first"),
    [
        ({}, "1 of 9 LSOAs holds", "7 offences."),
        ({"measure": "Rate"}, "By number, 1 of 9 LSOAs holds", "per 1,000 residents a year."),
        ({"measure": "Density"}, "By number, 1 of 9 LSOAs holds", "per km² a year."),
        ({"count": ASB}, "1 of 9 LSOAs holds", "4 ASB reports."),
    ],
    ids=str,
)
def test_a_large_screen_keeps_what_bends_the_list(
    link: dict[str, str], title: str, first: str, on: Open, small: Path
) -> None:
    app = on(small, MAP_PAGE, large="true", period="All months", **link)
    assert app.title[0].value.startswith(title)
    assert app.title[0].value.endswith(f"; listed here by {link.get('measure', '').lower()}") == ("measure" in link)
    said = words(app).splitlines()
    (row,) = [line for line in said if line.startswith("1st (")]
    assert "without its busiest point): " in row
    assert row.endswith(first)
    assert any("hotspot" in line and "on one map point" in line for line in said)
    assert ("Includes domestic, online and harassment offences, which open data cannot separate." in said) == (
        "count" not in link
    )


def test_as_many_places_stand_beside_the_map_of_a_large_screen_as_fit() -> None:
    assert where._that_fit(["short"] * 8, 12) == ["short"] * 8
    assert len(where._that_fit(["long " * 15] * 8, 12)) == 5
    assert len(where._that_fit(["long " * 40] * 8, 3)) == 2, "the first two always stand"


def test_the_overview_says_how_sure_a_change_is_and_what_is_not_counted(on: Open, tmp_path: Path) -> None:
    january = [(500, 500)] * 18 + [(1500, 500)] * 9 + [(2500, 2500)] * 3  # three times as many, where they were in 2025
    before = [incident(*at, Crime_ID=f"y{n}", Month="2024-01") for n, at in enumerate(january)]
    lost = [incident(Crime_ID="l1"), incident(9500, 9500, Crime_ID="l2"), incident(Crime_ID="l3", Month="2024-01")]
    other = [incident(Crime_ID="l4", Crime_type="Burglary"), incident(Crime_type=ASB)]
    dataset = made(tmp_path, fixtures.county(tmp_path, [*ROWS, *before, *lost, *other]))
    link = {"period": "Chosen months", "from_": "January 2025", "to": "February 2025"}
    said = words(on(dataset, "app.py", **link))
    assert "Over the 1 of 2 months that can be compared (January 2025), 10 offences, 30 in the same month" in said
    assert "down 20, more than chance usually makes." in said
    assert "Not counted: 1 recorded without a location and 1 outside the area." in said
    assert "Not counted: 1 recorded without a location." in said, "that of ASB"
    chosen = words(on(dataset, "app.py", **link, district="Eastham"))
    assert "Not counted: 1 recorded without a location and 1 outside the area; in all districts together." in chosen
    large = words(on(dataset, "app.py", **link, large="true"))
    assert (
        "Against the year before, over 1 of 2 months (January 2025): down 20, more than chance usually makes." in large
    )
    assert "Not counted: 1 recorded without a location and 1 outside the area." in large


def test_a_tie_for_the_last_hotspot_is_told_where_the_fewest_are_counted(on: Open, tmp_path: Path) -> None:
    """Four LSOAs of one offence each: the fewest that hold a quarter are one, and all four are hotspots."""
    rows = [incident(500 + 1000 * n, 500, Crime_ID=f"q{n}") for n in range(3)] + [incident(500, 1500, Crime_ID="q3")]
    app = on(made(tmp_path, fixtures.county(tmp_path, rows)), view="How concentrated", period="All months")
    held = app.dataframe[0].value
    assert held["LSOAs"].tolist() == ["1 (4 with the tie)", "2", "4"]
    assert held["of residents"].iloc[0].count("%") == 2
    assert on(tmp_path / "dataset", period="All months").title[0].value.startswith("4 of 9 LSOAs hold 100 %")


def test_limits_of_rates_that_are_not_widened_say_so(on: Open, small: Path) -> None:
    app = on(small, view="How sure", period="All months")
    app.segmented_control(key="sure_shape").set_value(how_sure.SHAPES[1])
    table = sound(app.run()).dataframe[0].value
    assert list(table.columns[5:8]) == ["Rate", "low (chance)", "high (chance)"]
    assert "95 % intervals of ranks" in words(app)


def test_no_rate_without_residents_is_said(on: Open, tmp_path: Path) -> None:
    inputs = dataclasses.replace(fixtures.county(tmp_path, ROWS), population=())
    app = on(made(tmp_path, inputs), measure="Rate")
    assert "No rate can be given" in words(app)
    assert not app.get("component_instance")
    for page in PAGES:
        sound(on(tmp_path / "dataset", page))


@pytest.mark.parametrize("page", ["app.py", MAP_PAGE, EXPORT_PAGE])
def test_a_period_with_missing_months_says_so(page: str, on: Open, tmp_path: Path) -> None:
    rows = [*ROWS, incident(500, 500, Crime_ID="w1", Month="2025-05")]
    app = on(made(tmp_path, fixtures.county(tmp_path, rows)), page, period="All months")
    assert "2 of 5 months are missing: March to April 2025" in words(app)


def test_a_month_that_is_missing_is_never_offered_as_there(on: Open, tmp_path: Path) -> None:
    rows = [*ROWS, incident(500, 500, Crime_ID="w1", Month="2025-05")]
    app = on(made(tmp_path, fixtures.county(tmp_path, rows)), period="Chosen months")
    assert app.selectbox(key="from").options == ["January 2025", "February 2025", "May 2025"]


# -- text from data

HOSTILE = ("{{7*7}}", "<img src=x onerror=alert(1)>", "=1+1", "![x](http://example.org/x.png)")
# Elements that show text as it is. Anything else reads markdown or HTML.
PLAIN = {
    "text",
    "dataframe",
    "arrow_data_frame",
    "selectbox",
    "multiselect",
    "vega_lite_chart",
    "arrow_vega_lite_chart",
}


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every name is one that some program would run."""
    folder = tmp_path_factory.mktemp("hostile")
    names = [f"{HOSTILE[i % 4]} {i}" for i in range(9)]
    rows = [
        incident(500, 500, Crime_ID=f"x{i}", Location=text, Last_outcome_category=text)
        for i, text in enumerate(HOSTILE)
    ]
    rows += [incident(1500, 500, Crime_ID=f"y{i}", Crime_type=text) for i, text in enumerate(HOSTILE)]
    rows += [
        incident(2500, 500, Crime_ID=f"z{i}", Reported_by=text, Falls_within=text) for i, text in enumerate(HOSTILE)
    ]
    inputs = fixtures.county(folder, [*ROWS, *rows])
    lookup = fixtures.wards_csv()
    for i, name in enumerate(fixtures.NAMES):
        lookup = lookup.replace(name, names[i])
    for plain, text in zip(("Harbour", "Market", ",Eastham,", ",Westham,"), HOSTILE, strict=True):
        lookup = lookup.replace(plain, f",{text} district," if plain.startswith(",") else text)
    shapes = fixtures.grid().assign(LSOA21NM=names)
    called = fixtures.table([{"LSOA21CD": code, "name": text} for code, text in zip(CODES, HOSTILE, strict=False)])
    inputs = dataclasses.replace(
        inputs,
        boundaries=(fixtures.write_boundaries(folder / "named.gpkg", shapes).rename(folder / "{{7-7}}.gpkg"),),
        police=(inputs.police[0].rename(folder / "![x](y) {{7-7}}.csv"),),
        lookup=(write(folder / "=1+1.csv", lookup), *inputs.lookup[1:]),
        names=(write(folder / "{{7-7}}.csv", called),),
    )
    return made(folder, inputs, " ".join(HOSTILE))


def serialised(proto: Any) -> bytes:
    return bytes(proto.SerializeToString()) if proto is not None else b""


def nodes(app: AppTest) -> Iterator[Any]:
    yield from app


def assert_plain(app: AppTest) -> None:
    """Nothing but text elements, tables and options holds what came from data."""
    assert any(text in words(app) for text in HOSTILE), "the names must reach the page for this test to mean anything"
    for node in nodes(app):
        if node.type not in PLAIN:
            said = serialised(getattr(node, "proto", None))
            for text in (*HOSTILE, "{{7", "![x]", "onerror", "example.org", "&lt;img"):
                assert text.encode() not in said, f"{text} in {node.type}"


@pytest.mark.parametrize("page", PAGES)
def test_text_from_data_is_plain_text(page: str, on: Open, hostile: Path) -> None:
    app = on(hostile, page, period="All months", area=label_of(hostile, CODES[0]))
    assert app.session_state["area"] == CODES[0]
    assert_plain(app)
    districts = app.multiselect(key="district").options
    assert [name for name in districts if any(text in name for text in HOSTILE)] == districts
    assert_plain(sound(app.multiselect(key="district").set_value(districts[:1]).run()))
    assert_plain(sound(app.selectbox(key="count").set_value("chosen-types").run()))


def test_no_name_reaches_the_map(on: Open, hostile: Path) -> None:
    app = on(hostile, MAP_PAGE, area=label_of(hostile, CODES[0]))
    rest = {name: given for name, given in arguments(app).items() if name != "feature_group"}
    plain = re.sub(r"[0-9a-f]{12,}", "HASH", json.dumps(rest))
    for text in (*HOSTILE, "7*7", "49", "onerror", "example.org"):
        assert text not in plain, text
    shown = json.dumps(
        {k: v for k, v in payload(app).items() if isinstance(v, str) and k not in {"areas", "districts", "places"}}
    )
    assert not any(text in shown for text in HOSTILE)


# -- what is taken away


def taken(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """The files that the page's buttons hand out, by name."""
    files: dict[str, bytes] = {}

    def keep(_self: DeltaGenerator, _label: str, content: Callable[[], bytes], name: str, *_: Any, **__: Any) -> None:
        files[name] = content()

    with monkeypatch.context() as patch:
        patch.setattr(DeltaGenerator, "download_button", keep)
        sound(page.run())
    return files


@pytest.mark.parametrize("link", [{}, {"measure": "Rate"}, {"count": ASB, "district": ["Eastham"]}], ids=str)
def test_the_files_hold_the_rows_of_the_page(
    link: dict[str, Any], on: Open, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ranked = on(small, MAP_PAGE, period="All months", **link)
    sound(ranked.toggle(key="all_rows").set_value(True).run())
    table = ranked.dataframe[0].value.reset_index(drop=True)
    files = taken(on(small, EXPORT_PAGE, period="All months", **link), monkeypatch)
    assert len(files) == 2
    (csv,) = [content for name, content in files.items() if name.endswith(".csv")]
    (geojson,) = [content for name, content in files.items() if name.endswith(".geojson")]
    listed = pd.read_csv(io.BytesIO(csv))
    assert len(listed) == len(table) == (6 if "district" in link else 9)
    for column in ("rank", "district", "count", "asb_count", "imd_decile"):
        assert list(listed[column]) == list(table[column]), column
    assert all(short.split()[-1] in label for short, label in zip(table["place"], listed["label"], strict=True))
    assert list(listed["share"]) == pytest.approx(list(table["share"].astype(float) / 100), abs=1e-4)
    assert list(listed["rate_per_1000_year"]) == pytest.approx(
        list(table["rate_per_1000_year"].astype(float)), abs=0.01
    )
    assert set(listed["marking"]) == {"Open data"}
    assert set(listed["share_of"]) == {", ".join(link.get("district", ["Testshire"]))}
    assert set(listed["period"]) == {"2025-01 to 2025-02"}
    features = json.loads(geojson)["features"]
    assert [one["properties"]["lsoa_code"] for one in features] == list(listed["lsoa_code"])


def test_only_the_hotspots_on_demand(on: Open, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = on(small, EXPORT_PAGE, period="All months")
    sound(app.toggle(key="only_hotspots").set_value(True).run())
    files = taken(app, monkeypatch)
    name = "testshire-hotspots-norfolk-definition-by-number-2025-01-to-2025-02.csv"
    assert name in files
    listed = pd.read_csv(io.BytesIO(files[name]))
    assert list(listed["lsoa_code"]) == [CODES[0]]
    assert "1 LSOA" in words(app)


def test_a_file_runs_no_formula(on: Open, hostile: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = taken(on(hostile, EXPORT_PAGE, period="All months"), monkeypatch)
    (name,) = [name for name in files if name.endswith(".csv")]
    assert re.fullmatch(r"[a-z0-9.-]+", name)
    cells = pd.read_csv(io.BytesIO(files[name]), dtype=str).fillna("").to_numpy().ravel()
    assert [cell for cell in cells if cell.startswith("=")] == []
    assert any(cell.startswith("'=1+1") for cell in cells)


# -- the accounting


@pytest.mark.parametrize("by", ["Force", "Month", "Crime type"])
def test_the_accounting_adds_up_however_it_is_cut(by: str, on: Open, small: Path) -> None:
    app = on(small, DATA_PAGE)
    app.session_state["accounting_by"] = by
    sound(app.run())
    reasons, cut = app.dataframe[0].value, app.dataframe[1].value
    assert reasons["Rows"].iloc[:-1].sum() == reasons["Rows"].iloc[-1] == len(ROWS)
    assert by in cut.columns
    assert cut["Rows read"].sum() == len(ROWS)
    assert cut.drop(columns=[by, "Rows read"]).sum(axis=1).tolist() == cut["Rows read"].tolist()


# -- a force's own extract


@pytest.fixture(scope="session")
def both(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small county with an extract beside police.uk: six robberies by code, violent disorder, a knife flag."""
    folder = tmp_path_factory.mktemp("both")
    rows = [
        *(fixtures.recorded(500 + n, 500) for n in range(6)),
        *(
            fixtures.recorded(1500, 1500, crime_type="Public order", offence_code="62A", flag_knife="")
            for _ in range(3)
        ),
        fixtures.recorded(1500, 1500, crime_type="Public order", offence_code="9A", flag_knife=""),
        fixtures.recorded(2500, 2500, crime_type="Violence and sexual offences", offence_code="", flag_knife=""),
        *(fixtures.recorded(500, 1500, crime_type=ASB, offence_code="") for _ in range(4)),
    ]
    own = write(folder / "own.csv", fixtures.extract_csv(rows))
    return made(folder, dataclasses.replace(fixtures.county(folder, ROWS), incidents=(own,)), "Testshire")


def counted(app: AppTest) -> dict[str, int]:
    """The ranked table's numbers above zero, by place."""
    table = app.dataframe[0].value
    return {str(row["place"]): int(row["count"]) for _, row in table.iterrows() if row["count"]}


@pytest.mark.parametrize("page", PAGES)
def test_a_page_with_an_extract_is_marked_whatever_the_source(page: str, on: Open, both: Path) -> None:
    for source in ("police.uk (open data)", "The force's own extract"):
        assert "OFFICIAL-SENSITIVE: partner use only" in on(both, page, source=source).text[0].value


def test_one_source_offers_no_choice(on: Open, small: Path) -> None:
    assert [radio.key for radio in on(small).radio] == ["measure"]


def test_the_chosen_source_is_counted_and_its_definition_by_code(on: Open, both: Path, small: Path) -> None:
    assert counted(on(both)) == counted(on(small)), "police.uk is what opens, as if there were no extract"
    app = on(both, source="The force's own extract")
    assert sorted(counted(app).values()) == [3, 6]
    said = words(app)
    assert "Norfolk's definition (by offence code)" in said
    assert "open-data form" not in said
    assert "The offence-code form counts by Home Office offence codes" in said
    assert "1 of 11 offences have no offence code and are not counted by code" in said
    assert "the force's own extract, joined to 2021 LSOAs" in said


def test_a_reading_changes_what_the_codes_count(on: Open, both: Path) -> None:
    app = on(both, source="The force's own extract")
    sound(app.selectbox(key="norfolk-selected").set_value("all").run())
    assert sorted(counted(app).values()) == [4, 6]
    assert "every public order and every miscellaneous offence" in words(app)
    sound(app.radio(key="source").set_value("police.uk").run())
    assert "norfolk-selected" not in [box.key for box in app.selectbox], "open data have no codes to read"
    assert "open-data form" in words(app)


@pytest.mark.parametrize("key", EXTRACT_LINK)
def test_a_link_restores_source_and_readings(key: str, on: Open, both: Path) -> None:
    shown, value, usual = EXTRACT_LINK[key]
    definition = next((one for (one, _), its in frame.READINGS.items() if its == key), "norfolk")
    name = next(
        option for option in on(both).selectbox(key="count").options if option.lower().startswith(definition[:4])
    )
    others = {"source": "The force's own extract", "count": name}
    assert on(both, **(others | {key: shown})).session_state[key] == value
    assert on(both, **(others | {key: "{{7*7}}"})).session_state[key] == usual


@pytest.mark.parametrize("view", ["Where", "How sure", "How concentrated", "Will it last", "Better or worse"])
def test_every_view_shows_an_extract(view: str, on: Open, both: Path) -> None:
    on(both, source="The force's own extract", view=view)


def test_no_point_of_an_extract_is_shown_or_exported(on: Open, both: Path) -> None:
    place = label_of(both, CODES[0])
    assert payload(on(both, area=place))["points"], "points of police.uk are shown"
    app = on(both, area=place, source="The force's own extract")
    assert not payload(app)["points"]
    assert "Points of a force's own extract may be addresses: they are not shown" in words(app)
    longitude, latitude = (f"{float(text):.4f}" for text in fixtures.at(500, 500))
    assert longitude not in json.dumps(arguments(app)) or latitude not in json.dumps(arguments(app))
    listed = on(both, EXPORT_PAGE, source="The force's own extract").dataframe[0].value
    assert listed[["top_point", "top_point_share"]].isna().all(axis=None)
    assert set(listed["source"]) == {"extract"}
    assert set(listed["marking"]) == {"OFFICIAL-SENSITIVE: partner use only"}


def test_a_source_with_fewer_months_takes_the_chosen_ones_that_it_has(on: Open, both: Path) -> None:
    app = on(both, period="Chosen months", from_="February 2025")
    sound(app.radio(key="source").set_value("extract").run())
    assert app.session_state["from"] == "2025-01"


def test_the_data_page_tells_the_sources_apart(on: Open, both: Path) -> None:
    said = words(on(both, DATA_PAGE))
    assert "Points of police.uk are anonymised" in said
    assert "Points of the force's own extract may be addresses" in said
    assert "Recorded in the extract, of 15 joined incidents: hour 100%" in said
    assert "(extract): 1 of 1 months present" in said


def test_the_codes_of_another_definition_do_not_disturb(on: Open, both: Path) -> None:
    app = on(
        both,
        source="The force's own extract",
        **{"norfolk-selected": "every public order and every miscellaneous offence"},
    )
    sound(app.selectbox(key="count").set_value("suffolk").run())
    assert "Suffolk" in words(app)
    chosen = Selection(Period("2025-01", "2025-01"), "suffolk", source="extract", reading=(("selected", "all"),))
    assert data._read(chosen)[1] == {}


# -- the views of the Concentration page

VIEWS = re.findall(r'^    "([^"]+)": \w+\.show,$', (ROOT / MAP_PAGE).read_text(encoding="utf-8"), re.MULTILINE)
IN_JANUARY = {"period": "Chosen months", "from_": "January 2025", "to": "January 2025"}


def show(app: AppTest, key: str, value: str) -> AppTest:
    """Another way to show a view."""
    app.session_state[key] = value
    return sound(app.run())


def one_area(folder: Path) -> Inputs:
    """A county of a single LSOA."""
    shape = fixtures.write_boundaries(folder / "LSOA_one.gpkg", fixtures.grid().iloc[:1])
    return dataclasses.replace(fixtures.county(folder, ROWS), boundaries=(shape,))


def without_residents(folder: Path) -> Inputs:
    """The busiest area has no residents, of another none are known."""
    residents = dict.fromkeys(CODES[2:], 1_000) | {CODES[0]: 0}
    census = write(folder / "census.csv", fixtures.ts001_csv(residents))
    return dataclasses.replace(fixtures.county(folder, ROWS), population=(census,))


def test_every_view_is_tested() -> None:
    assert len(VIEWS) == 8


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize(
    "link", [{}, {"measure": "Rate"}, {"count": ASB}, {"district": ["Westham"]}, IN_JANUARY], ids=str
)
def test_a_view_states_its_finding(view: str, link: dict[str, Any], on: Open, small: Path) -> None:
    app = on(small, view=view, **{"period": "All months", **link})
    (title,) = app.title
    assert len(title.value) > 20
    assert not re.search(r"\bnan\b|None of 0|<NA>|\binf\b", words(app)), words(app)
    assert app.expander[0].label == "How this was worked out" or app.expander[-1].label == "How this was worked out"


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_of_the_sample(view: str, sample: None) -> None:
    app = visit(MAP_PAGE, view=view)
    assert len(app.title) == 1
    assert "cannot be said" not in app.title[0].value
    assert app.dataframe or app.get("component_instance") or view == "Definitions"


@pytest.mark.parametrize("view", VIEWS)
def test_an_empty_view_says_why(view: str, on: Open, small: Path, tmp_path: Path) -> None:
    empty = on(small, view=view, **IN_JANUARY, count="Chosen crime types", types="Burglary")
    assert "None recorded" in words(empty)
    inputs = dataclasses.replace(fixtures.county(tmp_path, ROWS), population=())
    assert "No rate can be given" in words(on(made(tmp_path, inputs), view=view, measure="Rate"))


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_without_data_is_not_zero(view: str, on: Open, tmp_path: Path) -> None:
    """Suffolk's own force supplied January only; Westham is Suffolk's."""
    inputs = fixtures.county(tmp_path)
    westham = fixtures.districts_csv().splitlines()
    lines = [line.replace("Norfolk", "Suffolk") if line.startswith("E07000902") else line for line in westham]
    write(tmp_path / "districts.csv", "\n".join(lines) + "\n")
    suffolk = {"Reported_by": "Suffolk Constabulary", "Falls_within": "Suffolk Constabulary"}
    write(tmp_path / "police.csv", fixtures.street_csv([*ROWS, incident(2500, 2500, Crime_ID="v1", **suffolk)]))
    february = {"period": "Chosen months", "from_": "February 2025", "to": "February 2025"}
    dataset = made(tmp_path, inputs)
    assert "This is not zero" in words(on(dataset, view=view, **february, district=["Westham"]))
    both = on(dataset, view=view, **february)
    if both.get("component_instance") and view != "Better or worse":  # which takes the latest unbroken months
        assert payload(both)["classes"].endswith("---")


@pytest.mark.parametrize("measure", ["Number", "Rate", "Density"])
@pytest.mark.parametrize("view", VIEWS)
def test_a_view_of_one_area(view: str, measure: str, on: Open, tmp_path: Path) -> None:
    app = on(made(tmp_path, one_area(tmp_path)), view=view, period="All months", measure=measure)
    said = {
        "How sure": "One LSOA alone",
        "Will it last": "cannot be said",
        "Better or worse": "cannot be said",
        "With ASB": "at least three LSOAs",
        "Crime groups": "One LSOA alone",
    }
    assert said.get(view, "LSOA") in words(app)


@pytest.mark.parametrize("measure", ["Number", "Rate"])
@pytest.mark.parametrize("view", VIEWS)
def test_a_view_of_an_area_without_residents(view: str, measure: str, on: Open, tmp_path: Path) -> None:
    app = on(made(tmp_path, without_residents(tmp_path)), view=view, period="All months", measure=measure)
    assert len(app.title) == 1
    if view == "Where" and measure == "Rate":
        assert payload(app)["classes"].startswith("--")
        assert "no data or no residents" in "".join(node.proto.body for node in app.get("html"))


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_of_a_definition_that_matches_nothing(view: str, on: Open, tmp_path: Path) -> None:
    rows = [incident(500, 500, Crime_ID="a1", Crime_type="Burglary"), incident(1500, 500, Crime_type=ASB)]
    dataset = made(tmp_path, fixtures.county(tmp_path, rows))
    assert "None recorded" in words(on(dataset, view=view))
    app = on(dataset, view=view, count="Chosen crime types")
    assert len(app.title) == 1
    if view == "Definitions":
        assert "cannot differ" in app.title[0].value


def test_asb_beside_itself_is_refused(on: Open, small: Path) -> None:
    app = on(small, view="With ASB", count=ASB)
    assert app.title[0].value == "This view needs offences beside ASB"
    assert "Choose a definition or crime types" in words(app)
    assert not app.get("component_instance")


def test_the_nine_classes_are_those_of_both_counts(on: Open, small: Path) -> None:
    """Offences 7, 3, 1 and six times 0; ASB 4 in the fourth area only: no middle third in either."""
    app = on(small, view="With ASB", period="All months")
    assert payload(app)["classes"] == "660200006"
    assert payload(app)["values"] == [7, 3, 0, 0, 0, 0, 0, 0, 1]
    assert "High violence, low ASB" in "".join(node.proto.body for node in app.get("html"))
    assert list(show(app, "asb_list", "ASB only").dataframe[0].value["ASB"]) == [4]
    assert "at least 20 areas" in words(app)


def test_crime_groups_in_three_ways(on: Open, small: Path) -> None:
    """Area 1: 7 robberies of 8; area 2: 3 of violence; area 4: 4 of ASB; area 5: 1 burglary; area 9: 1 robbery."""
    app = on(small, view="Crime groups", period="All months")
    assert payload(app)["values"] == [1, 1, 0, 1, 1, 0, 0, 0, 0]
    assert app.title[0].value.startswith("No LSOA is a hotspot of three or more of 11 crime groups")
    matrix = show(app, "groups_view", "LSOA by group").dataframe[0].value
    assert (matrix == "hotspot").sum().sum() == 4
    assert len(matrix) == 4
    app = show(app, "groups_view", "Two groups together")
    assert "No LSOA is a hotspot of both Violence and sexual and ASB" in words(app)
    assert payload(app)["classes"] == "010200000"
    app.selectbox(key="group_second").set_value("Violence and sexual")
    assert "chosen twice" in words(sound(app.run()))


@pytest.fixture
def burglary(monkeypatch: pytest.MonkeyPatch) -> None:
    """A definition of its own that counts burglary."""
    known = data.definitions()
    own = dataclasses.replace(known["norfolk"], id="of-burglary", crime_types=("Burglary",))
    monkeypatch.setattr(data, "definitions", lambda: {**known, own.id: own})


def test_definitions_of_the_same_form_cannot_differ(on: Open, small: Path) -> None:
    app = on(small, view="Definitions", period="All months")
    assert "cannot differ" in app.title[0].value
    assert words(app).count("The open-data form includes") == 2
    assert not app.dataframe
    app.selectbox(key="definition_second").set_value("norfolk")
    assert "chosen twice" in sound(app.run()).title[0].value


@pytest.mark.usefixtures("burglary")
def test_definitions_that_differ_say_which_areas_enter_and_leave(on: Open, small: Path) -> None:
    app = on(small, view="Definitions", period="All months")
    app.selectbox(key="definition_second").set_value("of-burglary")
    sound(app.run())
    assert app.title[0].value == "Of 1 hotspot by “Norfolk”, none stays by “Of Burglary”, 1 leaves and 1 enters"
    table = app.dataframe[0].value
    assert list(table["By Of Burglary"]) == ["enters", "leaves"]
    assert list(table["Offences, Norfolk"]) == [0, 7]
    assert list(table["Rank, Of Burglary"]) == [1, 2]


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_holds_names_as_plain_text(view: str, on: Open, hostile: Path) -> None:
    app = on(hostile, view=view, period="All months", area=label_of(hostile, CODES[0]))
    assert_plain(app)
    for key, value in (("groups_view", "LSOA by group"), ("sure_shape", "Ranks and rates as a table")):
        assert_plain(show(app, key, value))


def test_sums_of_matrices_take_one_thread_beside_other_sessions() -> None:
    import threadpoolctl

    pools = [pool["num_threads"] for pool in threadpoolctl.threadpool_info() if pool["user_api"] == "blas"]
    assert pools
    assert set(pools) == {1}


# -- rates per something other than residents, severity, definitions by offence code

EXTRACT_NAME = "The force's own extract"
QUAY = "The Quay (Eastham 001A)"


@pytest.fixture(scope="session")
def measured(tmp_path_factory: pytest.TempPathFactory, both: Path) -> Path:
    """The county with an extract, a town centre where 9,000 are on a workday, and weights: 34B ten, 62A a hundred."""
    folder = tmp_path_factory.mktemp("measured")
    workday = {CODES[0]: 9_000} | dict.fromkeys(CODES[1:8], 300) | {CODES[8]: 0}
    numbers = write(folder / "workday-population-2021.csv", fixtures.denominator_csv(workday, "Total"))
    weights = write(folder / "our weights.csv", "offence_code,weight\n34B,10\n62A,100\n9A,7\n")
    inputs = dataclasses.replace(
        fixtures.county(folder, ROWS),
        incidents=(both.parent / "own.csv",),
        denominator=(numbers,),
        weights=(weights,),
    )
    return made(folder, inputs, "Testshire")


def keys(app: AppTest) -> set[str | None]:
    return {box.key for box in app.selectbox}


def test_what_a_rate_is_per_is_asked_only_of_a_rate_and_where_there_is_a_choice(
    on: Open, small: Path, measured: Path
) -> None:
    assert "per" in keys(on(measured, measure="Rate"))
    for dataset, measure in ((measured, "Number"), (measured, "Density"), (small, "Rate")):
        assert "per" not in keys(on(dataset, measure=measure))
    assert "--denominator" in on(small).radio(key="measure").help


def test_a_link_restores_what_a_rate_is_per(on: Open, measured: Path) -> None:
    for page in (MAP_PAGE, EXPORT_PAGE, "app.py"):
        assert on(measured, page, measure="Rate", per="Workday population").session_state["per"] == "workday_population"
    assert on(measured, measure="Rate", per="{{7*7}}").session_state["per"] == "residents"


def test_a_rate_per_another_number_stands_beside_that_of_residents(on: Open, measured: Path) -> None:
    app = on(measured, period="All months", measure="Rate", per="Workday population", area=QUAY)
    table = app.dataframe[0].value
    assert list(table["place"])[:2] == ["Harbour 001B", "The Quay 001A"]
    assert table.loc[CODES[0], ["rate_per_1000_year", "residents_rate"]].tolist() == pytest.approx([7 * 6 / 9, 7 * 6])
    said = words(app)
    assert "Offences per 1,000 workday population a year" in said
    assert "Workday population, 2021" in said
    assert "Rank by rate per 1,000 workday population a year: 2nd of 8" in said
    assert "Rate: 4.7 per 1,000 workday population a year" in said
    assert "Rate: 42.0 per 1,000 residents a year" in said
    assert "Workday population: 9,000" in said
    assert (
        "it has far more workday population to a resident than that area, so the order by residents misleads." in said
    )
    legend = "".join(node.proto.body for node in app.get("html"))
    assert "Offences per 1,000 workday population a year" in legend
    assert "No rate: no data or no number to set it against" in legend
    assert payload(app)["kind"] == "offence_rate_other"
    assert payload(app)["classes"].endswith("-")


def test_by_residents_a_place_where_that_misleads_is_pointed_out(on: Open, measured: Path) -> None:
    chosen = {"period": "All months", "measure": "Rate"}
    assert "so the order by residents misleads" in words(on(measured, **chosen, area=QUAY))
    assert "misleads" not in words(on(measured, **chosen, area=label_of(measured, CODES[1])))
    assert "misleads" not in words(on(measured, period="All months", area=QUAY)), "by number there is no such order"


def test_what_a_rate_is_per_is_said_wherever_it_is_shown(on: Open, measured: Path) -> None:
    chosen = {"period": "All months", "measure": "Rate", "per": "Workday population"}
    overview = words(on(measured, "app.py", **chosen))
    assert "per 1,000 workday population a year (95 % interval" in overview
    assert "per 1,000 residents a year (95 % interval" in overview
    assert "Rates can also be per: Workday population, 2021 (9 areas); 1 area with none" in overview
    assert "Rates can also be per: Workday population, 2021 (9 areas)" in words(on(measured, DATA_PAGE))
    assert "both per 1,000 workday population a year" in words(on(measured, view="With ASB", **chosen))
    listed = on(measured, EXPORT_PAGE, **chosen).dataframe[0].value.set_index("lsoa_code")
    assert listed.loc[CODES[0], "rate_per_1000_year"] == 42, "the file's rate stays that by residents"
    assert listed.loc[CODES[0], ["denominator", "denominator_count"]].tolist() == ["Workday population", 9000]
    assert "denominator" not in on(measured, EXPORT_PAGE, measure="Rate").dataframe[0].value


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_by_another_denominator_and_by_severity(view: str, on: Open, measured: Path) -> None:
    on(measured, view=view, period="All months", measure="Rate", per="Workday population")
    app = on(measured, view=view, measure="Severity", source=EXTRACT_NAME)
    assert not re.search(r"\bnan\b|<NA>|\binf\b", words(app)), words(app)


def test_by_severity_the_gravest_come_first(on: Open, measured: Path) -> None:
    app = on(measured, measure="Severity", source=EXTRACT_NAME)
    assert list(app.dataframe[0].value["severity"])[:2] == [300, 60]
    assert list(app.dataframe[0].value["count"])[:2] == [3, 6]
    assert "Severity (weights: Our weights)" in words(app)
    assert payload(app)["kind"] == "severity"
    assert payload(app)["values"][4] == 300
    assert "Severity (weights: Our weights)" in "".join(node.proto.body for node in app.get("html"))
    listed = on(measured, EXPORT_PAGE, measure="Severity", source=EXTRACT_NAME).dataframe[0].value
    assert listed["severity"].tolist()[:2] == [300, 60]
    assert set(listed["severity_weights"]) == {"Our weights"}
    assert listed["rank_low"].isna().all()


def test_no_interval_is_claimed_for_severity_and_none_is_set_beside_asb(on: Open, measured: Path) -> None:
    app = on(measured, view="How sure", measure="Severity", source=EXTRACT_NAME)
    assert app.title[0].value == "How sure a ranking by severity is cannot be said"
    assert "No interval is given for severity" in words(app)
    assert "95 % intervals" not in words(app)
    assert on(measured, view="With ASB", measure="Severity", source=EXTRACT_NAME).title[0].value == (
        "Severity cannot be set beside ASB"
    )


REFUSED = {
    "open data": ({}, "these incidents carry no offence codes"),
    "ASB": ({"source": EXTRACT_NAME, "count": ASB}, "ASB has no offence code, and so no severity"),
    "a code that is missing": (
        {"source": EXTRACT_NAME, "count": "Chosen crime types"},
        "1 of 11 offences have no offence code, and left out they would count as harmless",
    ),
}


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize(("link", "says"), REFUSED.values(), ids=REFUSED)
def test_severity_is_refused_with_the_reason_alone(
    link: dict[str, str], says: str, view: str, on: Open, measured: Path
) -> None:
    app = on(measured, view=view, measure="Severity", **link)
    assert app.title[0].value == "Nothing can be ranked for this choice"
    assert says in words(app)
    assert not app.dataframe
    assert not app.get("component_instance")


def test_severity_without_weights_or_with_a_code_that_has_none_is_refused(
    on: Open, both: Path, measured: Path, tmp_path: Path
) -> None:
    chosen = {"measure": "Severity", "source": EXTRACT_NAME}
    assert "this dataset has no weights. Build it with --weights" in words(on(both, **chosen))
    some = write(tmp_path / "w.csv", "offence_code,weight\n34B,10\n")
    inputs = dataclasses.replace(fixtures.county(tmp_path, ROWS), incidents=(both.parent / "own.csv",), weights=(some,))
    assert "1 offence code has no weight (3 offences): 62A (3). Add their weights." in words(
        on(made(tmp_path, inputs), **chosen)
    )
    for page in ("app.py", EXPORT_PAGE, DATA_PAGE):
        sound(on(tmp_path / "dataset", page, **chosen))


def test_definitions_of_a_source_with_codes_are_compared_by_code(on: Open, both: Path) -> None:
    app = on(both, view="Definitions", source=EXTRACT_NAME)
    assert "cannot differ" not in app.title[0].value
    assert words(app).count("The offence-code form counts by Home Office offence codes") == 2
    assert "The open-data form includes" not in words(app)
    table = app.dataframe[0].value
    assert table["Offences, Norfolk"].max() == 6
    assert "cannot differ" in on(both, view="Definitions").title[0].value, "by police.uk the open-data forms"


def test_a_definition_is_compared_as_it_was_read(on: Open, both: Path) -> None:
    widest = {"norfolk-selected": "every public order and every miscellaneous offence"}
    app = on(both, view="Definitions", source=EXTRACT_NAME, **widest)
    assert "every public order and every miscellaneous offence" in words(app)
    app.selectbox(key="count").set_value("suffolk")
    app.selectbox(key="definition_first").set_value("norfolk")
    assert "every public order and every miscellaneous offence" in words(sound(app.run()))


def test_a_link_that_names_a_default_by_its_label_is_told_nothing(on: Open, measured: Path) -> None:
    own = {"source": "The force's own extract"}
    definition = load_definitions()["norfolk"]
    usual = {
        frame.READINGS[definition.id, switch.id]: dict(switch.options)[switch.default] for switch in definition.switches
    }
    assert usual
    assert "The link asked for" not in words(on(measured, **own, **usual))
    assert "The link asked for" not in words(on(measured, measure="Rate", per="Residents"))


def test_the_overview_does_not_guess_how_many_of_some_offence_codes_were_not_placed(on: Open, tmp_path: Path) -> None:
    own = write(
        tmp_path / "own.csv",
        fixtures.extract_csv(
            [fixtures.recorded(500, 500, offence_code="34B"), fixtures.recorded(9500, 9500, offence_code="34B")]
        ),
    )
    dataset = made(tmp_path, dataclasses.replace(fixtures.county(tmp_path, ROWS), incidents=(own,)))
    link = {"source": "The force's own extract", "period": "All months"}
    assert "Not counted" not in words(on(dataset, "app.py", **link))
    by_type = words(on(dataset, "app.py", **link, count="Chosen crime types", types="Robbery"))
    assert "Not counted: 1 outside the area." in by_type
