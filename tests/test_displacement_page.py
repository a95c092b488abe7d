"""The Displacement page without a browser: what it finds on the fictional county, what it refuses, what its link holds."""

import json
import math
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import sample_data
from geodata.build import build
from geodata.columns import ASB
from geodata.dataset import Dataset, open_dataset
from geodata.inputs import Inputs
from hotspots.definitions import crime_types_of, load_definitions
from hotspots.locations import Intervention, Location, Origin, from_circle
from hotspots.register import Register
from hotspots.selection import Period, Selection
from hotspots.shapes import inside
from hotspots.verdict import PEAK
from pages.shared import data, evaluations, frame, opening
from pages.shared.displacement_views import all_locations, month_by_month
from pages.shared.displacement_views.case import examined
from pages.shared.large import fitting
from pages.shared.location_views.figures import everywhere, profile
from tests import fixtures
from tests.fixtures import incident
from tests.test_pages import HOSTILE, PLAIN, made, nodes, payload, serialised, sound, visit, words

CHARTS = ("vega_lite_chart", "arrow_vega_lite_chart")
PAGE = "pages/3_Displacement.py"
TRUTH = json.loads(sample_data.TRUTH.read_text(encoding="utf-8"))
TARGET = tuple(TRUTH["intervention"]["target"])
EXTRACT = "The force's own extract"
KINDS = crime_types_of(Selection(Period("2025-01", "2025-01"), definition="norfolk"), load_definitions())


@pytest.fixture(scope="session")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The fictional county with its own extract and made-up weights."""
    folder = tmp_path_factory.mktemp("county") / "dataset"
    given = {name: tuple(paths) for name, paths in sample_data.inputs().items()}
    more = {"incidents": tuple(sample_data.extract()), "weights": tuple(sample_data.weights())}
    build(Inputs(**given, **more), folder, sample_data.AREA_NAME)
    return folder


@pytest.fixture(scope="session")
def dataset(county: Path) -> Dataset:
    return open_dataset(county)


@pytest.fixture
def register(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, county: Path) -> Register:
    monkeypatch.setenv("PLACES_REGISTER", str(tmp_path / "register.sqlite"))
    monkeypatch.setenv(opening.DATASET, str(county))
    return Register(tmp_path / "register.sqlite")


@pytest.fixture
def opened(register: Register) -> Dataset:
    """The county as pages have it, with everything in memory."""
    return opening.current_dataset(lambda stage, done: None)


Save = Callable[..., Location]


@pytest.fixture
def save(register: Register, dataset: Dataset) -> Save:
    """``save(name, codes, start, chosen=...)``: a location in the register."""

    def saved(
        name: str,
        codes: tuple[str, ...] = TARGET,
        start: str | None = "2025-01",
        chosen: Period | None = None,
        **more: Any,
    ) -> Location:
        found = Selection(chosen, definition="norfolk") if chosen else None
        done = (Intervention("Patrols", start),) if start else ()
        origin = Origin("Ana Lyst", dataset.hash, sample_data.AREA_NAME, 2021, found)
        return register.save(Location(name, "ranking", origin, codes, interventions=done, **more), 0, "Ana Lyst")

    return saved


@pytest.fixture
def quiet(dataset: Dataset) -> tuple[str, ...]:
    """An LSOA of middling counts where nothing was planted."""
    cells = dataset.source_cells("police.uk")
    yearly = cells[cells["crime_type"].isin(KINDS)].groupby("lsoa_code", observed=True)["count"].sum()
    planted = {*TARGET, *TRUTH["intervention"]["ring"], TRUTH["peak"]["lsoa"]}
    planted |= {one["lsoa"] for way in TRUTH["trends"].values() for one in way}
    free = yearly[~yearly.index.isin(planted)]
    return (str(free.sort_values().index[len(free) // 2]),)


def show(location: Location | None = None, **link: str) -> AppTest:
    return visit(PAGE, **({"location": location.id} if location else {}), **link)


def title(page: AppTest) -> str:
    (said,) = page.title
    return str(said.value)


def interval(said: str) -> tuple[float, float, float]:
    """ "−144 (−216 to −72)" in numbers."""
    found = re.fullmatch(r"([+−]?[\d,.]+) \((−?[\d,.]+) to (−?[\d,.]+)\)", said)
    assert found is not None, said
    estimate, low, high = (float(part.replace(",", "").replace("−", "-")) for part in found.groups())
    return estimate, low, high


def charts(page: AppTest) -> list[dict[str, Any]]:
    """What each chart is drawn from."""
    return [json.loads(node.proto.spec) for node in nodes(page) if node.type in CHARTS]


# -- nothing to compare


def test_without_a_location_it_says_where_to_make_one(register: Register) -> None:
    page = show()
    assert "Nothing is chosen to compare yet" in title(page)
    assert "No priority location has been made" in words(page)
    assert "on the page Priority locations" in words(page)
    assert not page.get("component_instance")


def test_with_locations_and_none_chosen_it_says_how_to_choose(save: Save) -> None:
    save("Centre")
    assert "Choose a priority location in the sidebar" in words(show())


def test_a_register_that_cannot_be_read_is_said(register: Register, tmp_path: Path) -> None:
    (tmp_path / "register.sqlite").write_bytes(b"not a database at all")
    page = show()
    assert "is damaged" in words(page)
    assert str(tmp_path) not in words(page)


# -- what was planted is found


def test_the_planted_intervention_is_found(save: Save) -> None:
    page = show(save("Centre"))
    assert re.match(r"About \d+ fewer offences than expected \(could be \d+ to \d+\); ", title(page))
    assert "no sign that they moved next door (as many" not in title(page)
    table = page.dataframe[0].value.set_index("Against what was expected")["Difference (95 % limits)"]
    drawn = TRUTH["intervention"]["drawn_offences"]
    estimate, low, high = interval(table["Target"])
    assert low <= -drawn["cut_in_target"] <= high < 0
    estimate, low, high = interval(table["Ring (next door)"])
    assert estimate > 0
    assert low <= drawn["displaced_into_ring"] <= high
    estimate, low, high = interval(table["Both together"])
    assert low <= -drawn["avoided_net"] <= high
    said = words(page)
    assert "A true change smaller than" in said
    assert "Of 400 untreated places tried in the same way, none lay as far from what was expected" in said
    assert "January to December 2024 against January to December 2025" in said


def test_the_strip_counts_as_plain_pandas_does(save: Save, dataset: Dataset) -> None:
    page = show(save("Centre"))
    cells = dataset.source_cells("police.uk")
    own = cells[cells["lsoa_code"].isin(TARGET) & cells["crime_type"].isin(KINDS)]
    before, after = (own.loc[own["month"].str.startswith(year), "count"].sum() for year in ("2024", "2025"))
    assert page.metric[0].label == "Target (4 LSOAs)"
    assert page.metric[0].value == f"{before} before, {after} after"
    assert [one.label.split(" (")[0] for one in page.metric] == ["Target", "Control", "Ring", "Ring control"]


def test_a_place_where_nothing_was_done_shows_nothing(save: Save, quiet: tuple[str, ...]) -> None:
    assert title(show(save("Quiet", quiet))).startswith("No clear change in offences (")


def test_a_place_chosen_at_its_peak_is_flagged_first_and_claimed_nowhere(save: Save) -> None:
    peak = save("Peak", (TRUTH["peak"]["lsoa"],), chosen=Period(*TRUTH["peak"]["months"]))
    assert title(show(peak)).startswith("Chosen at its peak, which makes part of the fall: ")
    assert PEAK in words(show(peak))
    everywhere = show(move="All locations")
    assert title(everywhere) == "Of 1 priority location that can be judged, 1 fell after being chosen at its peak"
    assert PEAK in words(everywhere)
    assert "fewer here" not in everywhere.dataframe[0].value.loc[peak.id, "In words"]


def test_the_map_outlines_each_role(save: Save, dataset: Dataset) -> None:
    page = show(save("Centre"))
    kinds = {kind: numbers for kind, numbers, _ in payload(page)["outlines"]}
    assert set(kinds) == {"target", "ring", "control", "ring_control"}
    assert set(dataset.areas["lsoa_code"].iloc[kinds["target"]]) == set(TARGET)
    assert set(dataset.areas["lsoa_code"].iloc[kinds["ring"]]) == set(TRUTH["intervention"]["ring"])
    legend = "".join(node.proto.body for node in page.get("html"))
    for word in ("Target", "Ring", "Control", "Ring control", "Offences before"):
        assert word in legend
    west, _, east, _ = payload(page)["bounds"]
    assert east - west < 0.5, "close up"


def test_crime_types_and_asb_stand_beside_it(save: Save) -> None:
    page = show(save("Centre"))
    kinds, asb = page.dataframe[1].value, page.dataframe[2].value
    assert set(kinds.index) == set(KINDS)
    assert kinds["Before"].sum() == asb.loc["Offences", "Before"]
    assert "too few to tell" in set(kinds["In words"])
    assert "Fewer than 20 before and after" in words(page)
    assert list(asb.index) == ["Offences", "ASB reports"]
    assert "No sign that offences and ASB reports turned into one another." in words(page)
    assert "carry no offence codes" in words(page), "why nothing is weighted by harm"
    (only,) = show(save("Again", start="2025-02"), count=ASB).metric[:1]
    assert "Did one turn into the other" not in words(show(count=ASB))
    assert only.value.endswith("after")


def test_harm_is_weighed_where_there_are_codes_and_weights(save: Save) -> None:
    page = show(
        save("Centre", start="2025-07"), source=EXTRACT, length="6 months", compare="Months directly before and after"
    )
    assert "In units of harm; weights: Made up severity weights" in words(page)
    harm = page.dataframe[3].value.set_index("Against what was expected")["Difference (95 % limits)"]
    assert list(harm.index) == ["Target", "Ring (next door)"]
    for said in harm:
        interval(said)


def test_harm_of_equal_weights_is_the_count(opened: Dataset, save: Save, monkeypatch: pytest.MonkeyPatch) -> None:
    location = save("Centre", start="2025-07")
    chosen = Selection(Period("2025-01", "2025-12"), definition="norfolk", source="extract", reading=())
    settings = evaluations.Settings(length=6, same_months=False)
    found = evaluations.evaluate_location(opened, chosen, location, settings)
    weights = dict.fromkeys(opened.manifest["weights"]["by_code"], 1.0)
    alike = replace(opened, manifest=opened.manifest | {"weights": {"title": "ones", "by_code": weights}})
    known = (found.groups, found.counts["weight"], found.dispersion)
    weighed = evaluations._harm(
        alike, evaluations.question(opened, chosen), location, found.windows, *(tuple(one.items()) for one in known)
    )
    for part in ("local", "displacement"):
        whole = getattr(found, part)
        assert weighed[part].estimate == pytest.approx(whole.estimate)
        assert weighed[part].se == pytest.approx(whole.se)


def test_analysts_find_ratios_in_a_closed_section_and_nowhere_else(save: Save) -> None:
    location = save("Centre")
    closed = show(location)
    assert "quotient" not in words(closed)
    assert "Rate ratio" not in words(closed)
    app = AppTest.from_file(str(Path(__file__).parent.parent / "app.py"), default_timeout=120)
    app.switch_page(PAGE)
    app.query_params["location"] = location.id
    app.session_state["analysts"] = app.session_state["balance"] = True
    open_ = sound(app.run())
    assert "Displacement quotient" in words(open_)
    assert "Rate ratio" in words(open_)
    assert any("z" in frame.value for frame in open_.dataframe)
    assert any("Mean over the LSOAs" in frame.value for frame in open_.dataframe)


# -- settings


@pytest.mark.parametrize(
    ("start", "link", "why"),
    [
        ("2022-01", {}, "there is no before"),
        ("2031-01", {}, "there is no month after"),
        (None, {}, "Record an intervention under Priority locations"),
        (
            "2025-01",
            {"compare": "Months chosen by hand", "before_from": "January 2025", "before_to": "June 2025"},
            "The two windows overlap",
        ),
        (
            "2025-01",
            {"compare": "Months chosen by hand", "before_from": "December 2024", "before_to": "January 2024"},
            "The before window has 1 month",
        ),
    ],
)
def test_what_cannot_be_compared_is_refused_in_words(
    save: Save, start: str | None, link: dict[str, str], why: str
) -> None:
    location = save("Centre", start=start)
    for view in ("Did it move?", "What changed where"):
        page = show(location, move=view, **link)
        assert title(page) == "This cannot be compared as it stands"
        assert why in words(page)
    still = show(location, move="Month by month", **link)
    assert why in words(still)
    assert payload(still)["months"] is not None, "the months can be looked at all the same"


def test_a_place_like_no_other_cannot_be_judged_and_its_changes_are_shown(save: Save, dataset: Dataset) -> None:
    cells = dataset.source_cells("police.uk")
    busiest = str(cells[cells["crime_type"].isin(KINDS)].groupby("lsoa_code", observed=True)["count"].sum().idxmax())
    location = save("Busiest", (busiest,))
    refused = show(location)
    assert title(refused) == "This cannot be compared as it stands"
    assert "There is no control" in words(refused)
    changes = show(location, move="What changed where")
    assert "than chance explains" in title(changes)
    assert "January to December 2024 against January to December 2025" in words(changes)


def test_a_location_without_an_intervention_takes_a_month(save: Save) -> None:
    location = save("Centre", start=None)
    page = show(location, since="January 2025")
    assert "fewer offences than expected" in title(page)
    assert "No intervention is recorded" in words(page)


LINK: dict[str, tuple[str, Any]] = {
    "length": ("6 months", 6),
    "compare": ("Months chosen by hand", "by-hand"),
    "before_from": ("March 2024", "2024-03"),
    "before_to": ("August 2024", "2024-08"),
    "after_from": ("March 2025", "2025-03"),
    "after_to": ("August 2025", "2025-08"),
    "intervention": ("2, from February 2025", "2"),
    "since": ("January 2025", "2025-01"),
    "move": ("Month by month", "Month by month"),
    "step": ("Three months, rolling", "Three months, rolling"),
    "large": ("true", True),
}


@pytest.mark.parametrize("large", ["true", "false"])
def test_a_link_reopens_exactly_this_view(save: Save, register: Register, large: str) -> None:
    two = (Intervention("First", "2025-01"), Intervention("Second", "2025-02"))
    location = save("Centre", start=None)
    location = register.save(replace(location, interventions=two), 1, "Ana Lyst")
    held = {key: said for key, (said, _) in LINK.items() if key != "since"} | {"large": large}
    page = show(location, **held)
    assert "March to August 2024 against March to August 2025" in words(page)
    assert "Second" in words(page)
    for key, (_, value) in LINK.items():
        if key in held and key != "large":
            assert page.session_state[key] == value, key
    assert page.session_state["large"] is (large == "true")
    kept = {key: [value] if isinstance(value, str) else value for key, value in page.query_params.items()}
    assert {key: kept[key] for key in held if key != "large"} == {
        key: [said] for key, said in held.items() if key != "large"
    }
    assert kept["location"] == [location.id]
    assert "Centre" not in str(kept)
    assert {*LINK} < set(frame.FILTERS)


@pytest.mark.parametrize("key", [key for key in LINK if key not in ("since", "large")])
def test_what_a_link_cannot_mean_falls_back(save: Save, key: str) -> None:
    needs = {"compare": "Months chosen by hand"} if key.startswith(("before", "after")) else {}
    view = {"move": "Month by month"} if key == "step" else {}
    page = show(save("Centre"), **needs, **view, **{key: "{{7*7}}"})
    assert page.session_state[key] != "{{7*7}}"


def test_other_controls_are_tried_and_not_saved(save: Save, register: Register, dataset: Dataset) -> None:
    location = save("Centre")
    page = show(location)
    sound(page.toggle(key="try_others").set_value(True).run())
    held = dict(page.query_params)
    codes = [code for code in dataset.areas["lsoa_code"].iloc[:400:40] if code not in TARGET][:6]
    sound(page.multiselect(key=f"try_controls_{location.id}").set_value(codes).run())
    assert "with other controls, tried here and not saved" in words(page)
    assert page.metric[1].label.startswith("Control (6 LSOAs")
    assert dict(page.query_params) == held
    assert register.get(location.id) == location
    sound(page.multiselect(key=f"try_controls_{location.id}").set_value([TRUTH["intervention"]["ring"][0]]).run())
    assert "is in the control and in the ring" in words(page)


# -- month by month, what changed where, all locations


def test_months_are_sent_once_in_one_scale(save: Save, dataset: Dataset) -> None:
    page = show(save("Centre"), move="Month by month")
    months = payload(page)["months"]
    assert len(months["labels"]) == 36
    assert all(len(row) == len(dataset.areas) for row in months["classes"])
    assert payload(page)["classes"] == months["classes"][-1]
    quarters = payload(show(save("Again", start="2025-02"), move="Month by month", step="Three months, rolling"))[
        "months"
    ]
    assert quarters["labels"][0] == "2023-01/2023-03"
    assert len(quarters["labels"]) == 34
    target = words(page)
    assert "Here 312 offences before and 169 after" in target
    around = page.dataframe[0].value
    assert list(around["Role"][:4]) == ["Target"] * 4
    assert around["Kilometres"].is_monotonic_increasing
    assert around.loc[:3, "Before"].sum() == 312


def test_a_step_is_what_plain_pandas_counts(opened: Dataset) -> None:
    chosen = evaluations.question(opened, Selection(Period("2025-01", "2025-12"), definition="norfolk"))
    steps = month_by_month.played(opened, chosen, KINDS, 3)
    cells = opened.source_cells("police.uk")
    there = cells[cells["crime_type"].isin(KINDS) & cells["month"].isin(["2024-05", "2024-06", "2024-07"])]
    counted = there.groupby("lsoa_code", observed=True)["count"].sum().reindex(opened.areas["lsoa_code"], fill_value=0)
    at = steps.months.labels.index("2024-05/2024-07")
    assert steps.months.values is not None
    np.testing.assert_array_equal(steps.months.values[at], counted.to_numpy())


def test_a_month_without_data_is_no_data_in_every_step_that_holds_it(tmp_path: Path) -> None:
    rows = [incident(500, 500, Crime_ID=f"a{n}", Month=f"2025-{n:02}") for n in (1, 2, 3, 5, 6, 7)]
    small = open_dataset(made(tmp_path, fixtures.county(tmp_path, rows), "Testshire"))
    chosen = Selection(Period("2025-01", "2025-07"), crime_types=("Robbery",))
    single = month_by_month.played(small, chosen, ("Robbery",), 1)
    missing = {
        label for label, row in zip(single.months.labels, single.months.classes, strict=True) if set(row) == {"-"}
    }
    assert missing == {"2025-04"}
    three = month_by_month.played(small, chosen, ("Robbery",), 3).months
    assert [set(row) == {"-"} for row in three.classes] == [False, True, True, True, False]
    assert three.values is not None
    assert three.values[1][0] is None


def test_what_changed_where_names_only_what_chance_would_not_make(save: Save) -> None:
    page = show(save("Centre"), move="What changed where")
    said = re.match(r"(\d+) of 550 LSOAs had more offences than chance explains, (\d+) had fewer", title(page))
    assert said is not None
    view, table = payload(page), page.dataframe[0].value
    assert (view["classes"].count("1"), view["classes"].count("2")) == (int(said[1]), int(said[2]))
    assert len(table) == int(said[1]) + int(said[2])
    assert view["kind"] == "difference"
    assert "%" not in "".join(table["Difference"])
    assert any(name.endswith(" 009D") for name in table["LSOA"]), "one of the target's"


def test_where_the_changes_lie_is_said_and_that_no_control_stands_behind_them(save: Save) -> None:
    location = save("Centre")
    table = show(location, move="What changed where")
    found = re.search(r"Of these, in the target (.*?); next door (.*?); elsewhere (.*?)\.", words(table))
    assert found is not None
    numbers = [int(n) for n in re.findall(r"\d+", " ".join(found.groups()))]
    assert sum(numbers) == len(table.dataframe[0].value)
    assert re.fullmatch(r"\d fell", found[1]), "what was planted"
    wall = words(show(location, move="What changed where", large="true"))
    assert found[0] in wall
    assert "Not against controls: what happened everywhere is in it." in wall
    assert re.search(r"\((in the target|next door|elsewhere)\): [\d,]+ before, ", wall)


def test_all_locations_stand_by_name_with_verdict_or_reason(save: Save, quiet: tuple[str, ...]) -> None:
    centre, calm, early = save("Centre"), save("Calm", quiet), save("Too early", ("E01900300",), start="2022-01")
    page = show(move="All locations")
    assert (
        title(page)
        == "Of 2 priority locations that can be judged, 1 had fewer offences than expected; in 1 no clear change can be told"
    )
    table = page.dataframe[0].value
    assert list(table["Location"]) == ["Calm", "Centre", "Too early"]
    assert table.loc[centre.id, "In words"].startswith("fewer")
    assert interval(table.loc[centre.id, "Here"])[2] < 0
    assert table.loc[calm.id, "In words"] in ("no clear change", "too few to tell")
    assert table.loc[early.id, "In words"] == "cannot be judged: see below"
    assert "Too early: The intervention of January 2022" in words(page)
    assert "about one is called changed by chance; here are 2" in words(page)
    assert "January to December 2024 against January to December 2025" in words(page)
    assert "Before and after" not in table, "the windows that all share stand above"
    save("Later", quiet, start="2025-07")
    assert "July to December 2025" in " ".join(show(move="All locations").dataframe[0].value["Before and after"])


def test_that_nothing_is_found_is_no_finding(save: Save, quiet: tuple[str, ...]) -> None:
    save("Calm", quiet)
    for large in ("false", "true"):
        page = show(move="All locations", large=large)
        assert title(page) == "No clear change can be told in the 1 priority location that can be judged"
        assert re.search(r"missed more than one time in five if smaller than [\d.]+ in Calm\.", words(page))
        assert "January to December 2024 against January to December 2025" in words(page)
    assert re.search(r": \d+ (fewer|more) than expected, could be \d+ fewer to \d+ more", words(page))


def test_a_rise_in_a_place_chosen_by_it_is_told_apart() -> None:
    def case(called: int, **more: Any) -> Any:
        return SimpleNamespace(
            found=SimpleNamespace(
                local=SimpleNamespace(called=called), **{"at_peak": False, "chosen_after": False, **more}
            )
        )

    def said(*cases: Any) -> str:
        return all_locations.title(list(cases), "offences")

    rose, picked, calm = case(1), case(1, chosen_after=True), case(0, chosen_after=True)
    assert said(rose, calm) == (
        "Of 2 priority locations that can be judged, 1 had more offences than expected; in 1 no clear change can be told"
    )
    assert said(picked, case(-1), rose) == (
        "Of 3 priority locations that can be judged, 1 had fewer offences than expected; 1 had more; 1 had more, but was chosen "
        "by this very count"
    )
    assert said(calm, calm) == "No clear change can be told in any of the 2 priority locations that can be judged"


# -- what is worked out


def test_nothing_is_worked_out_twice(opened: Dataset, save: Save) -> None:
    location = save("Centre")
    chosen = Selection(Period("2025-01", "2025-12"), definition="norfolk")
    first = evaluations.evaluate_location(opened, chosen, location)
    other = replace(chosen, period=Period("2025-03", "2025-03"), districts=("Thornwold",), measure="rate")
    assert evaluations.evaluate_location(opened, other, location) is first
    assert evaluations.evaluate_location(opened, chosen, location, evaluations.Settings(length=6)) is not first


def test_the_profile_judges_a_change_as_this_page_does(opened: Dataset, save: Save, quiet: tuple[str, ...]) -> None:
    chosen = Selection(Period("2025-01", "2025-12"), definition="norfolk")
    for location, differs in ((save("Centre"), True), (save("Calm", quiet), False)):
        judged = evaluations.evaluate_location(opened, chosen, location)
        others = evaluations.others_of(opened, location)
        years = data.kept(profile, opened, everywhere(chosen), location, others).years
        assert years is not None
        assert judged.local.z is not None
        own, matched = (years.loc[name] for name in ("the location", "matched places"))
        assert own[["before", "now"]].tolist() == judged.counts.loc["target", ["before", "after"]].tolist()
        assert matched[["before", "now"]].tolist() == judged.counts.loc["control", ["before", "after"]].tolist()
        assert matched["p_against"] == pytest.approx(math.erfc(abs(judged.local.z) / math.sqrt(2)))
        assert (judged.local.called != 0) == (matched["p_against"] <= 0.05) == differs


def test_another_location_is_no_control(opened: Dataset, save: Save) -> None:
    location = save("Centre")
    chosen = Selection(Period("2025-01", "2025-12"), definition="norfolk")
    first = evaluations.evaluate_location(opened, chosen, location)
    taken = first.groups["control"][:1]
    save("Another", taken)
    again = evaluations.evaluate_location(opened, chosen, location)
    assert again is not first
    assert not set(taken) & set(again.groups["control"])


def test_a_drawn_location_counts_the_incidents_inside_it(opened: Dataset, save: Save, register: Register) -> None:
    origin = save("Centre").origin
    middle = opened.areas.to_crs(4326).set_index("lsoa_code").loc[TARGET[0], "geometry"].representative_point()
    circle = replace(
        from_circle("Circle", middle.x, middle.y, 900, opened.areas, origin),
        interventions=(Intervention("Patrols", "2025-01"),),
    )
    location = register.save(circle, 0, "Ana Lyst")
    chosen = Selection(Period("2025-01", "2025-12"), definition="norfolk")
    found = evaluations.evaluate_location(opened, chosen, location)
    incidents = opened.incidents()
    there = incidents[(incidents["source"] == "police.uk") & incidents["crime_type"].isin(KINDS)]
    there = there[inside(location.polygon, there)]
    assert found.counts.loc["target", ["before", "after"]].tolist() == [
        int(there["month"].str.startswith(year).sum()) for year in ("2024", "2025")
    ]
    assert {kind for kind, *_ in payload(show(location))["shapes"]} == {"target"}


def test_hand_picked_ring_and_controls_are_taken(opened: Dataset, save: Save) -> None:
    ring = tuple(TRUTH["intervention"]["ring"][:3])
    far = tuple(code for code in opened.areas["lsoa_code"].iloc[:500:50] if code not in {*TARGET, *ring})[:5]
    location = save("Centre", ring_codes=(*ring, TARGET[0]), controls=far)
    found = evaluations.evaluate_location(
        opened, Selection(Period("2025-01", "2025-12"), definition="norfolk"), location
    )
    assert set(found.groups["ring"]) == set(ring), "what is in the target is not next door"
    assert set(found.groups["control"]) == set(far)
    assert "control" not in found.matches


def test_a_place_whose_ring_is_all_taken_is_judged_by_itself(opened: Dataset, save: Save) -> None:
    location = save("Centre")
    save("All round", tuple(TRUTH["intervention"]["ring"]), start=None)
    page = show(location)
    assert "without a ring, nothing can be said of the places next door" in title(page)
    assert "The ring is empty" in words(page)
    assert {kind for kind, *_ in payload(page)["outlines"]} == {"target", "control"}


def test_a_control_that_itself_changed_is_pointed_out(save: Save, opened: Dataset) -> None:
    monthly = data.all_months(opened, Selection(Period("2025-01", "2025-12"), definition="norfolk"), KINDS)
    before, after = (monthly[list(Period(f"{year}-01", f"{year}-12").months)].sum(axis=1) for year in (2024, 2025))
    apart = {*TARGET, *TRUTH["intervention"]["ring"]}
    rose = (after - before).drop(list(apart)).idxmax()
    place = save("Centre", controls=(str(rose),))
    for large in ("false", "true"):
        assert "Of the 1 LSOA of the control, 1 rose itself by more than chance makes" in words(
            show(place, large=large)
        )


# -- the large screen


def test_what_has_no_room_on_a_wall_is_counted_and_not_below_the_edge() -> None:
    short, long = "Short.", "word " * 50
    assert fitting([short, "", long], "Title") == [short, long]
    many = [short, long, long, long, short]
    assert fitting(many, "Title") == [short, long, long, short, "1 more to mind: leave the large screen"]
    assert fitting(many, "T" * 200) == [short, long, short, "2 more to mind: leave the large screen"]
    assert fitting([long, long], "T" * 200) == [long, long]
    assert fitting([long, long], "T" * 200, below_questions=True) == [long, "1 more to mind: leave the large screen"]


@pytest.mark.parametrize("view", ["Did it move?", "Month by month", "What changed where", "All locations"])
def test_the_large_screen_shows_one_finding(save: Save, view: str) -> None:
    page = show(save("Centre"), move=view, large="true")
    assert len(page.title) == 1
    assert len(page.get("component_instance")) + len(charts(page)) == (view != "All locations")
    assert not page.dataframe, "a table's type does not grow"
    assert any("font-size: 20px" in node.proto.body for node in page.get("html"))
    if page.get("component_instance"):
        assert payload(page)["large"] is True
    if view == "All locations":
        assert "fewer" in words(page)


def test_the_large_screen_steps_through_locations_and_is_left(save: Save, quiet: tuple[str, ...]) -> None:
    first, second = save("A centre"), save("B calm", quiet)
    page = show(first, large="true")
    labels = [button.label for button in page.button]
    assert labels == ["Previous location", "Next location", "Leave large screen"]
    for step, then in ((1, second), (1, first), (0, second)):
        sound(page.button[step].click().run())
        assert page.session_state["location"] == then.id
        assert then.name in words(page)
    sound(page.button[2].click().run())
    assert not page.button
    assert page.session_state["large"] is False
    assert page.metric


# -- text of users


def test_names_and_texts_of_users_are_plain_text(save: Save, register: Register, quiet: tuple[str, ...]) -> None:
    hostile = " ".join(HOSTILE)[:80]
    location = save(hostile, start=None)
    location = register.save(replace(location, interventions=(Intervention(" ".join(HOSTILE), "2025-01"),)), 1, "Ana")
    save(f"A {HOSTILE[0]}", quiet, start="2022-01")
    for view in ("Did it move?", "Month by month", "What changed where", "All locations"):
        for large in ("true", "false"):
            page = show(location, move=view, large=large)
            assert hostile in words(page) or view == "All locations"
            for node in nodes(page):
                if node.type not in PLAIN:
                    said = serialised(getattr(node, "proto", None))
                    for text in (*HOSTILE, "{{7", "![x]", "onerror", "example.org"):
                        assert text.encode() not in said, f"{text} in {node.type} of {view}"


def test_a_row_opens_its_location(opened: Dataset, save: Save, monkeypatch: pytest.MonkeyPatch) -> None:
    location = save("Centre")
    shown = frame.Frame(opened, Selection(Period("2025-01", "2025-12"), definition="norfolk"), None, "light")  # type: ignore[arg-type]
    table = all_locations.rows([examined(shown, location, evaluations.Settings())])
    state: dict[str, Any] = {all_locations.TABLE: {"selection": {"rows": [0]}}}
    monkeypatch.setattr(all_locations.st, "session_state", state)
    all_locations._open(table)
    assert (state["location"], state["move"]) == (location.id, all_locations.OPENS)


def test_a_chart_stands_for_each_claim(save: Save) -> None:
    page = show(save("Centre"))
    differences, placebos, target, ring = charts(page)
    assert differences["height"] > placebos["height"]
    for chart in (target, ring):
        marks = {layer["mark"]["type"] for layer in chart["layer"]}
        assert {"line", "rule", "rect"} <= marks, "the counts, what happened when, the two windows"
    assert "Did target and control run alike before?" in [heading.value for heading in page.subheader]
