"""The Deprivation page without a browser: what it finds on the fictional county, what it refuses, what its link holds."""

import dataclasses
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

import sample_data
from geodata.build import build
from geodata.columns import ASB
from geodata.dataset import open_dataset
from geodata.inputs import Inputs
from hotspots.composite import WEIGHTS, composite
from hotspots.locations import Location, Origin
from hotspots.register import Register, default_path
from hotspots.selection import Period, Selection
from pages.shared import data, opening
from pages.shared.deprivation_views import by_decile, domains, exceptions, index, together
from tests import fixtures
from tests.fixtures import CODES, deprivation_csv, exact_fit_csv, write
from tests.test_pages import ROWS, made, nodes, payload, sound, visit, words

PAGE = "pages/2_Deprivation.py"
VIEWS = ("Together", "By decile", "Domains side by side", "Exceptions")
YEAR = Selection(Period("2025-01", "2025-12"), definition="norfolk", measure="rate")
CAVEAT = "Areas are not people"

Open = Callable[..., AppTest]


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The fictional county."""
    folder = tmp_path_factory.mktemp("county") / "dataset"
    build(Inputs(**{kind: tuple(paths) for kind, paths in sample_data.inputs().items()}), folder, sample_data.AREA_NAME)
    return folder


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Nine areas, two months, two districts."""
    folder = tmp_path_factory.mktemp("small")
    return made(folder, fixtures.county(folder, ROWS), "Testshire")


@pytest.fixture
def on(monkeypatch: pytest.MonkeyPatch) -> Open:
    def opened(dataset: Path, **link: str | list[str]) -> AppTest:
        monkeypatch.setenv(opening.DATASET, str(dataset))
        return visit(PAGE, **link)

    return opened


def frames(app: AppTest) -> list[pd.DataFrame]:
    return [table.value for table in app.dataframe]


# -- what each view says


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_names_its_comparison_its_index_and_its_caveat(view: str, on: Open, county: Path) -> None:
    app = on(county, deprivation=view)
    said = words(app)
    assert "national comparison" in said if view == "By decile" else "local comparison" in said
    assert "Indices of Deprivation 2025, on 2021 LSOAs" in said
    assert CAVEAT in said
    assert "January to December 2025" in said
    assert len(app.title) == 1


def test_the_finding_is_the_ratio_of_local_fifths(on: Open, county: Path) -> None:
    app = on(county)
    assert re.fullmatch(
        r"The most deprived local fifth of LSOAs has (\d\.\d) times the rate of serious violence of the least deprived "
        r"\(95 % interval \d\.\d to \d\.\d\)",
        app.title[0].value,
    )
    assert re.search(r"Without the 5 busiest LSOAs it is \d\.\d times", words(app))
    assert "One of the index's seven domains is crime" in words(app)
    assert "counts nearly the same thing" not in words(on(county, index="Income"))


def test_the_legend_says_that_grey_is_for_want_of_an_index(on: Open, tmp_path: Path) -> None:
    inputs = {kind: tuple(paths) for kind, paths in sample_data.inputs().items()}
    rows = inputs["deprivation"][0].read_text(encoding="utf-8").splitlines()
    fewer = write(tmp_path / sample_data.DEPRIVATION, "\n".join(rows[:-1]) + "\n")
    folder = tmp_path / "dataset"
    build(Inputs(**{**inputs, "deprivation": (fewer,), "layers": ()}), folder, sample_data.AREA_NAME)
    for link, words_of in (
        ({}, "No index, or no rate"),
        ({"by": "Number"}, "No index, or no number"),
        ({"deprivation": "Exceptions"}, "No index, or no rate"),
    ):
        app = on(folder, **link)
        assert "-" in payload(app)["classes"]
        legend = "".join(node.proto.body for node in app.get("html"))
        assert f"{words_of}</span>" in legend
        assert "no residents" not in legend


def test_the_map_shows_nine_classes_and_the_legend_how_many_in_each(on: Open, county: Path) -> None:
    app = on(county)
    classes = payload(app)["classes"]
    assert set(classes) <= set("012345678-")
    legend = next(node.proto.body for node in app.get("html") if "bivariate" in node.proto.body)
    shown = [int(n.replace(",", "")) for n in re.findall(r"<td[^>]*>([\d,]+)</td>", legend)]
    assert shown == [classes.count(str(n)) for n in (6, 7, 8, 3, 4, 5, 0, 1, 2)]
    for name in (
        "High rate of violence",
        "Middle rate of violence",
        "Low rate of violence",
        "Least deprived",
        "Most deprived",
    ):
        assert name in legend
    options = app.selectbox(key="class_list").options
    assert options[0] == "High, most deprived third", (
        "the same whatever is counted, so that the box shows what was chosen"
    )
    assert len(options) == len(set(options)) == 9
    app.selectbox(key="class_list").set_value(0).run()
    (listed,) = frames(app)
    assert len(listed) == classes.count("0")


@pytest.mark.parametrize(
    ("view", "says"),
    [
        ("Together", r": (low|middle|high) rate of violence, (least deprived|middle|most deprived) third"),
        ("By decile", r": national tenth \d+, \d+\.\d per 1,000 residents a year"),
        (
            "Domains side by side",
            r": Whole index: decile \d+; Income: decile \d+; .*\(national, 1 is the most deprived\)",
        ),
        ("Exceptions", r": \d+, \d+ expected \(\d+ to \d+\)"),
    ],
)
def test_the_selected_lsoa_is_answered(view: str, says: str, on: Open, county: Path) -> None:
    label = next(iter(data.labels(open_dataset(county)).values()))
    place = data.places(open_dataset(county))[on(county, area=label).session_state["area"]]
    assert re.search(re.escape(place) + says, words(on(county, deprivation=view, area=label)))
    assert not re.search(re.escape(place) + says, words(on(county, deprivation=view)))


def test_both_measures_can_be_switched(on: Open, county: Path) -> None:
    rate, number = on(county), on(county, by="Number", index="Living environment")
    assert payload(rate)["classes"] != payload(number)["classes"]
    assert "High number of offences" in "".join(node.proto.body for node in number.get("html"))
    assert (
        "most deprived in living environment" in number.title[0].value
        or "in living environment" in number.title[0].value
    )
    asb = on(county, count=ASB)
    assert "High rate of ASB" in "".join(node.proto.body for node in asb.get("html"))
    assert "anti-social behaviour" in asb.title[0].value


def test_totals_over_deciles_are_the_whole(on: Open, county: Path) -> None:
    (shown,) = frames(on(county, deprivation="By decile"))
    *rows, whole = shown.to_dict("records")
    for column in ("LSOAs", "Residents", "Number"):
        assert sum(row[column] for row in rows) == whole[column]
    assert (len(rows), whole["LSOAs"]) == (10, len(open_dataset(county).areas))


def test_the_index_without_crime_has_local_fifths_only(on: Open, county: Path) -> None:
    app = on(county, deprivation="By decile", index=index.NAMES[index.WITHOUT_CRIME])
    (shown,) = frames(app)
    assert len(shown) == 6
    assert "no national deciles" in words(app)
    assert "local comparison" in words(app)


def test_the_crime_domain_is_off_until_it_is_asked_for(on: Open, county: Path) -> None:
    app = on(county, deprivation="Domains side by side")
    (shown,) = frames(app)
    assert shown["Deprivation by"].tolist() == [name for key, name in index.NAMES.items() if key != index.CRIME]
    app.toggle(key="crime_domain").set_value(True).run()
    assert frames(app)[0]["Deprivation by"].tolist()[-1] == "Crime (counts nearly the same thing)"
    assert "of 6 domains" in app.title[0].value, "the finding does not count crime against crime"


def test_the_exceptions_are_listed_with_town_centres_apart(on: Open, county: Path) -> None:
    app = on(county, deprivation="Exceptions")
    said = words(app)
    assert "A description, not a cause" in said
    assert "twice as many people by day as residents (Workday population)" in said
    assert re.search(r"so about 2\d would lie outside their own 95 % prediction interval by chance", said)
    (more,) = frames(app)
    assert {"Expected", "Interval", "Times", "Reading", exceptions.POINT} <= set(more)
    assert set(more["Reading"]) <= {"clear", "unsure"}
    assert (more["Reading"] == "clear").sum() == int(app.title[0].value.split()[0])
    for name in ("Deprived, with little", "Not tested"):
        app.get("button_group")
        listed = app.session_state
        listed["exceptions_list"] = name
        sound(app.run())
        (shown,) = frames(app)
        assert len(shown)
        assert not set(shown["LSOA"]) & set(more["LSOA"])


# -- the figures behind the page are those of the frames


def test_what_is_kept_agrees_with_the_frames(county: Path) -> None:
    dataset = open_dataset(county)
    areas = dataset.areas.set_index("lsoa_code")
    found = index.index(dataset, YEAR, index.WITHOUT_CRIME)
    ranks = pd.DataFrame({domain: areas[f"{domain}_rank"] for domain in WEIGHTS})
    assert found.depth.equals(composite(ranks, 33_755, without=["crime"]))
    assert found.decile.isna().all()
    by = by_decile.by_decile(dataset, YEAR, index.IMD)
    counts = index.table(dataset, YEAR)["count"].groupby(areas["imd_decile"]).sum()
    assert by.rates["count"].tolist() == counts.tolist()
    pairs = together.together(dataset, YEAR, index.IMD).pairs
    thirds = pairs["class"] % 3
    most = areas["imd_rank"].nsmallest(int((thirds == 2).sum())).index
    assert set(thirds.index[thirds == 2]) == set(most), "the right column is the most deprived third"
    assert set(domains.domains(dataset, YEAR).found) == set(index.NAMES)
    places = exceptions.places(dataset, YEAR)
    assert places.by_day == "Workday population"
    apart = areas.index[areas["per_workday_population"] >= 2 * areas["residents"]]
    assert set(places.found.places.index[places.found.places["kind"] == "apart"]) == set(apart)


# -- the link


def test_a_link_reopens_the_view(on: Open, county: Path) -> None:
    link = {"deprivation": "Together", "index": "Income", "by": "Number"}
    app = on(county, **link)
    assert (app.session_state["deprivation"], app.session_state["index"], app.session_state["by"]) == (
        "Together",
        "income",
        "Number",
    )
    other = on(county, deprivation="Domains side by side", crime_domain="true")
    assert other.session_state["crime_domain"] is True
    for key in link:
        assert on(county, **{key: "{{7*7}}"}).title[0].value == on(county).title[0].value


def test_the_measure_of_the_other_pages_is_kept_and_does_not_count(on: Open, county: Path) -> None:
    app = on(county, measure="Density")
    assert app.radio(key="measure").disabled
    assert app.session_state["measure"] == "density"
    assert app.title[0].value == on(county).title[0].value


# -- nothing there, said in words


def changed(folder: Path, **given: Any) -> Path:
    return made(folder, dataclasses.replace(fixtures.county(folder, ROWS), **given))


@pytest.mark.parametrize("view", VIEWS)
def test_without_deprivation_the_build_option_is_named(view: str, on: Open, tmp_path: Path) -> None:
    app = on(changed(tmp_path, deprivation=()), deprivation=view)
    assert "Build it with --deprivation, File 7 of the English Indices of Deprivation" in words(app)


def test_without_residents_numbers_can_still_be_seen(on: Open, tmp_path: Path) -> None:
    dataset = changed(tmp_path, population=())
    for view in VIEWS:
        assert "this dataset has no residents. Build it with --population" in words(
            on(dataset, deprivation=view, period="All months")
        )
    app = on(dataset, by="Number", period="All months")
    assert app.title[0].value == (
        "How far serious violence follows deprivation cannot be said here: fifths need at least 25 LSOAs with an index, 5 to each"
    )
    assert "High number of offences" in "".join(node.proto.body for node in app.get("html"))


@pytest.mark.parametrize("view", VIEWS)
def test_nothing_recorded_is_said(view: str, on: Open, small: Path) -> None:
    app = on(small, deprivation=view, period="Chosen months", from_="January 2025", to="January 2025", count="Chosen crime types", types="Burglary")  # fmt: skip
    assert "None recorded" in words(app)


def test_a_small_county_says_what_it_is_too_small_for(on: Open, small: Path) -> None:
    link = {"period": "All months", "count": "Chosen crime types", "types": "Violence and sexual offences"}
    said = {view: words(on(small, deprivation=view, **link)) for view in VIEWS}
    assert "cannot be said here: fifths need at least 25 LSOAs with an index, 5 to each" in said["Together"]
    assert "Slopes need at least 55 LSOAs with an index" in said["Domains side by side"]
    assert "it takes 30 LSOAs beside town centres" in said["Exceptions"]
    (shown,) = frames(on(small, deprivation="By decile", period="All months"))
    limits = shown["95 % interval"].tolist()
    assert set(limits[:-1]) == {"no LSOA here", "too few LSOAs"}, "nine areas leave a tenth empty"
    assert re.fullmatch(r"\d+\.\d to \d+\.\d", limits[-1]), "that of all LSOAs stands for no others"


def test_one_lsoa(on: Open, tmp_path: Path) -> None:
    grid = fixtures.grid().head(1)
    folder = tmp_path / "one"
    inputs = fixtures.county(folder, ROWS)
    one = dataclasses.replace(inputs, boundaries=(fixtures.write_boundaries(folder / "one.gpkg", grid),))
    dataset = made(folder, one)
    assert "fifths need at least 25 LSOAs" in words(on(dataset, period="All months"))
    assert "Thirds need at least three LSOAs with both numbers; one has" in words(on(dataset, period="All months"))
    app = on(dataset, deprivation="By decile", period="All months")
    assert app.title[0].value.startswith("All LSOAs shown lie in one national tenth (1)")
    for view in VIEWS:
        sound(on(dataset, deprivation=view, period="All months"))


def test_an_lsoa_without_an_index_is_counted_and_named(on: Open, tmp_path: Path) -> None:
    ranks = {code: 1 + 4_000 * place for place, code in enumerate(CODES[:-1])}
    hostile = "[x](http://e.org) {{7*7}} <b>"
    names = fixtures.table([{"LSOA21CD": CODES[-1], "name": hostile}])
    dataset = changed(
        tmp_path,
        deprivation=(write(tmp_path / "own" / "IoD2025.csv", deprivation_csv(2025, ranks)),),
        names=(write(tmp_path / "own" / "names.csv", names),),
    )
    app = on(dataset, deprivation="By decile", period="All months")
    assert f"1 LSOA without an index is in no group: {hostile}" in words(app)
    (shown,) = frames(app)
    rows = shown.set_index("National tenth")["LSOAs"]
    assert rows["No index"] == 1
    assert rows["All LSOAs shown"] == 9
    assert hostile not in "".join(one.value for one in (*app.title, *app.markdown, *app.caption))
    assert payload(on(dataset, period="All months"))["classes"][-1] == "-"


def test_an_index_carried_over_says_whom_it_touches(on: Open, tmp_path: Path) -> None:
    old = [f"E0101{n:04d}" for n in range(10)]
    # the first area was two, the last is an irregular fit
    links = [
        (old[0], CODES[0], "M"),
        (old[9], CODES[0], "M"),
        *((old[n], CODES[n], "U") for n in range(1, 8)),
        (old[8], CODES[8], "X"),
    ]
    ranks = {code: 1 + 3_000 * place for place, code in enumerate(old)}
    inputs = fixtures.county(tmp_path, ROWS)
    dataset = made(
        tmp_path,
        dataclasses.replace(
            inputs,
            deprivation=(write(tmp_path / "IoD2019_File_7.csv", deprivation_csv(2019, ranks)),),
            lookup=(*inputs.lookup, write(tmp_path / "fit.csv", exact_fit_csv(links))),
        ),
    )
    said = words(on(dataset, deprivation="By decile", period="All months"))
    assert "Indices of Deprivation 2019, on 2011 LSOAs, carried over to 2021 ones" in said
    residents = np.array([1_000 + 100 * place for place in range(9)])
    assert f"ranks are estimated in 1 LSOA with {100 * residents[0] / residents.sum():.1f} % of residents" in said
    assert f"none is known in 1 LSOA with {100 * residents[8] / residents.sum():.0f} % of residents" in said


def test_the_table_is_narrowed_to_the_chosen_location(
    on: Open, county: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PLACES_REGISTER", str(tmp_path / "register.sqlite"))
    dataset = open_dataset(county)
    codes = tuple(dataset.areas["lsoa_code"].iloc[:2])
    place = Location("Market", "ranking", Origin("Ana", dataset.hash, "Testshire", 2021), codes)
    Register(default_path()).save(place, 0, "Ana")
    app = on(county, location=place.id)
    (table,) = frames(app)
    assert len(table) == 2
    assert table["Class"].str.contains("third").all()
    assert "narrowed to Market" in words(app)


@pytest.fixture
def market(county: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Location:
    """A location of the busiest LSOA and two more."""
    monkeypatch.setenv("PLACES_REGISTER", str(tmp_path / "register.sqlite"))
    dataset = open_dataset(county)
    busiest = dataset.source_cells().groupby("lsoa_code", observed=True)["count"].sum().idxmax()
    codes = (str(busiest), *dataset.areas.loc[dataset.areas["lsoa_code"] != busiest, "lsoa_code"].iloc[:2])
    place = Location("Market", "ranking", Origin("Ana", dataset.hash, "Testshire", 2021), codes)
    return Register(default_path()).save(place, 0, "Ana")


def specs(app: AppTest) -> str:
    return "".join(node.proto.spec for node in nodes(app) if "vega_lite_chart" in node.type)


def test_by_decile_marks_and_lists_the_location(on: Open, county: Path, market: Location) -> None:
    areas = open_dataset(county).areas.set_index("lsoa_code").loc[list(market.lsoa_codes)]
    app = on(county, deprivation="By decile", location=market.id)
    _, listed = frames(app)
    assert listed["National tenth"].tolist() == sorted(areas["imd_decile"])
    assert "Marked and listed is Market: its LSOAs; the rates are those of all LSOAs shown" in words(app)
    assert "Diamonds: how many of the chosen LSOAs lie there" in words(app)
    assert "diamond" in specs(app)
    plain = on(county, deprivation="By decile")
    assert len(frames(plain)) == 1
    assert "diamond" not in specs(plain)
    fifths = on(county, deprivation="By decile", index=index.NAMES[index.WITHOUT_CRIME], location=market.id)
    assert frames(fifths)[1]["Local fifth"].between(1, 5).all()


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0.25, 5.8, [0.3, 0.5, 1, 2, 3, 5]),
        (0.8, 1.3, [0.8, 0.9, 1, 1.2]),
        (1, 2.1, [1, 1.2, 1.5, 2]),
        (0.004, 30, [0.01, 0.1, 1, 10]),
        (1, 1, [1]),
    ],
)
def test_the_axis_of_the_domains_names_no_difference(low: float, high: float, ticks: list[float]) -> None:
    assert domains._ticks(low, high) == ticks


@pytest.mark.parametrize("size", [{}, {"large": "true"}])
def test_the_chart_of_the_domains_takes_those_ticks(size: dict[str, str], on: Open, county: Path) -> None:
    app = on(county, deprivation="Domains side by side", **size)
    (spec,) = [json.loads(node.proto.spec) for node in nodes(app) if "vega_lite_chart" in node.type]
    axes = [layer["encoding"]["x"]["axis"] for layer in spec["layer"] if "axis" in layer["encoding"].get("x", {})]
    assert axes
    assert all(1 in axis["values"] and axis["labelOverlap"] is False for axis in axes)


def test_domains_list_the_location_s_deciles(on: Open, county: Path, market: Location) -> None:
    areas = open_dataset(county).areas.set_index("lsoa_code").loc[list(market.lsoa_codes)]
    app = on(county, deprivation="Domains side by side", location=market.id)
    _, listed = frames(app)
    for domain in ("income", "employment", "education", "health", "housing", "environment"):
        assert sorted(listed[domain.capitalize()]) == sorted(areas[f"{domain}_decile"]), domain
    assert sorted(listed["Whole index"]) == sorted(areas["imd_decile"])
    assert "Crime" not in listed
    assert "Listed is Market: its LSOAs; the slopes are those of all LSOAs shown" in words(app)
    assert len(frames(on(county, deprivation="Domains side by side"))) == 1


def test_exceptions_list_the_location_s_lsoas_with_what_is_expected(on: Open, county: Path, market: Location) -> None:
    app = on(county, deprivation="Exceptions", location=market.id)
    (listed,) = frames(app)
    found = exceptions.places(open_dataset(county), YEAR).found.places.loc[list(market.lsoa_codes)]
    known = found.dropna(subset=["expected"])
    assert sorted(listed["Offences"]) == sorted(known["observed"])
    assert sorted(listed["Expected"]) == pytest.approx(sorted(known["expected"]))
    assert listed["Times"].is_monotonic_decreasing
    assert "narrowed to Market: its LSOAs; what is expected comes from all LSOAs shown" in words(app)


@pytest.mark.parametrize("view", VIEWS)
def test_a_large_screen_shows_one_finding(view: str, on: Open, county: Path, market: Location) -> None:
    for link in ({}, {"location": market.id}):
        app = on(county, deprivation=view, large="true", **link)
        assert len(app.title) == 1
        assert len(app.get("component_instance")) + sum("vega_lite_chart" in node.type for node in nodes(app)) == 1
        assert not app.dataframe, "a table's type does not grow"
        assert not app.expander
        assert CAVEAT in words(app) or "A description, not a cause" in words(app)
        assert "Norfolk's definition (open-data form)" in words(app)
