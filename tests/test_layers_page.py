"""The view Layers without a browser: what lies where, and whether it goes together with what is counted."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from scipy import stats
from streamlit.testing.v1 import AppTest

import sample_data
from geodata.build import build
from geodata.columns import ASB
from geodata.dataset import PARTNER_USE, open_dataset
from geodata.inputs import Inputs
from hotspots.definitions import load_definitions
from hotspots.locations import Location, Origin
from hotspots.register import Register, default_path
from pages.shared import access, context, data, opening
from pages.shared.classes import THEMES
from tests import fixtures
from tests.fixtures import CODES
from tests.test_layer_store import HOSTILE, pubs, wards
from tests.test_pages import ROWS, label_of, made, payload, sound, visit, words

PAGE = "pages/2_Deprivation.py"
YEAR = [f"2025-{month:02d}" for month in range(1, 13)]

Open = Callable[..., AppTest]


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The fictional county with its layers."""
    folder = tmp_path_factory.mktemp("county") / "dataset"
    build(Inputs(**{kind: tuple(paths) for kind, paths in sample_data.inputs().items()}), folder, sample_data.AREA_NAME)
    return folder


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Nine areas, with premises that are not open and called as an attacker would, and a table by ward."""
    folder = tmp_path_factory.mktemp("small")
    (folder / "layers").mkdir()
    layers = (pubs(folder / "layers", "partner"), wards(folder / "layers"))
    return made(folder, dataclasses.replace(fixtures.county(folder, ROWS), layers=layers), "Testshire")


@pytest.fixture
def on(monkeypatch: pytest.MonkeyPatch) -> Open:
    def opened(dataset: Path, page: str = PAGE, **link: str | list[str]) -> AppTest:
        monkeypatch.setenv(opening.DATASET, str(dataset))
        return visit(page, **({"deprivation": "Layers", **link} if page == PAGE else link))

    return opened


def listed(app: AppTest) -> pd.DataFrame:
    """The table, every row of it."""
    if any(one.key == "all_rows" for one in app.toggle):
        app.toggle(key="all_rows").set_value(True).run()
    (table,) = [one.value for one in app.dataframe]
    return table


def rates(dataset: Path, types: list[str]) -> pd.DataFrame:
    """By lsoa_code, from the incidents alone."""
    opened = open_dataset(dataset)
    incidents = opened.incidents()
    of_year = incidents[incidents["month"].isin(YEAR) & incidents["crime_type"].isin(types)]
    areas = opened.areas.set_index("lsoa_code")
    counts = of_year.groupby(of_year["lsoa_code"].astype("str")).size().reindex(areas.index, fill_value=0)
    return pd.DataFrame({"count": counts, "residents": areas["residents"].astype(float)})


def drawn(app: AppTest) -> list[str]:
    return [url.rsplit("/", 1)[1].rsplit("-", 1)[0] for url in payload(app)["layers"]]


# -- the figures, again and by other means


def test_premises_in_and_around_each_lsoa(on: Open, county: Path) -> None:
    shown = listed(on(county, layer="licensed-premises"))
    opened = open_dataset(county)
    premises = gpd.read_parquet(county / "layers" / "licensed-premises.parquet")
    areas = opened.areas
    inside = premises.groupby("lsoa_code").size().reindex(areas["lsoa_code"], fill_value=0)
    around = areas.set_geometry(areas.buffer(400, quad_segs=64))
    nearby = gpd.sjoin(around[["lsoa_code", "geometry"]], premises[["geometry"]]).groupby("lsoa_code").size()
    nearby = nearby.reindex(areas["lsoa_code"], fill_value=0)
    places = data.places(opened)
    again = pd.DataFrame({"Inside": inside, "Within 400 m": nearby}).rename(index=places)
    mine = shown.set_index("LSOA")
    pd.testing.assert_series_equal(mine["Inside"].sort_index(), again["Inside"].sort_index(), check_names=False)
    # a circle drawn as a polygon lies within the circle
    apart = (mine["Within 400 m"].sort_index() - again["Within 400 m"].sort_index()).to_numpy()
    assert ((apart >= 0) & (apart <= 1)).all()
    assert mine["Inside"].sum() == len(premises) == 260
    density = nearby / (areas.set_index("lsoa_code").buffer(400).area / 1e6)
    assert mine["Per km²"].max() == pytest.approx(density.max(), rel=0.03)


def test_the_correlation_of_violence_and_premises(on: Open, county: Path) -> None:
    app = on(county, layer="licensed-premises")
    kinds = list(load_definitions()["norfolk"].crime_types)
    opened = open_dataset(county)
    held = data.kept(context.by_area, opened, "licensed-premises")["nearby_per_km2"]
    found = rates(county, kinds)
    rho = stats.spearmanr(found["count"] / found["residents"], held.reindex(found.index)).statistic
    assert (
        app.title[0]
        .value.replace("\\", "")
        .startswith("LSOAs with more serious violence have more “Licensed premises” per square kilometre")
    )
    assert f"rank correlation {rho:.2f}" in app.title[0].value.replace("\\", "")
    of_asb = rates(county, [ASB])
    rho = stats.spearmanr(of_asb["count"] / of_asb["residents"], held.reindex(of_asb.index)).statistic
    assert (
        "LSOAs with more anti-social behaviour have more “Licensed premises” per square kilometre in and around them"
        in words(app)
    )
    assert f"rank correlation {rho:.2f}" in words(app)
    assert "Association only: it does not say that one brings the other." in words(app)


def test_a_table_by_msoa_is_compared_and_drawn_at_that_level(on: Open, county: Path) -> None:
    app = on(county, layer="substance-misuse-msoa")
    frame = pd.read_csv(sample_data.LAYERS / "substance-misuse-msoa.csv", index_col=0).iloc[:, 0]
    values = pd.to_numeric(frame, errors="coerce")
    shown = listed(app).set_index("MSOA")
    pd.testing.assert_series_equal(
        shown["Adults in treatment"].astype(float).sort_index(), values.sort_index(), check_names=False
    )
    assert (shown["Not shown"] == "suppressed").sum() == values.isna().sum() > 0
    view = payload(app)
    assert "/level-msoa-" in view["areas"]
    assert len(view["classes"]) == len(values)
    assert view["classes"].count("s") == values.isna().sum()
    assert view["selected"] is None
    found = rates(county, list(load_definitions()["norfolk"].crime_types))
    msoa = open_dataset(county).areas.set_index("lsoa_code")["lsoa_name"].str[:-1]
    summed = found.groupby(msoa).sum()
    rho = stats.spearmanr(
        summed["count"] / summed["residents"], values.reindex(summed.index), nan_policy="omit"
    ).statistic
    assert (
        app.title[0]
        .value.replace("\\", "")
        .startswith("MSOAs with more serious violence have higher values of “Adults in treatment”")
    )
    assert f"rank correlation {rho:.2f}" in app.title[0].value.replace("\\", "")
    assert "4 values of 'Adults in treatment' are suppressed." in words(app)


def test_ground_under_an_order(on: Open, county: Path) -> None:
    app = on(county, layer="public-space-protection-orders")
    orders = gpd.read_parquet(county / "layers" / "public-space-protection-orders.parquet")
    opened = open_dataset(county)
    together = orders.union_all()
    covered = opened.areas.intersection(together).area / opened.areas.area
    again = pd.Series(covered.to_numpy(), opened.areas["lsoa_code"]).rename(index=data.places(opened)).sort_values()
    mine = listed(app).set_index("LSOA")["Share of ground"]
    assert mine.iloc[0] == pytest.approx(again.iloc[-1])
    assert mine.sum() == pytest.approx(again.sum())
    one_by_one = listed(on(county, layer="public-space-protection-orders", listed="One by one"))
    assert one_by_one["Km²"].tolist() == pytest.approx((orders.area / 1e6).tolist())


# -- the place that is chosen


def test_what_lies_around_the_selected_lsoa(on: Open, county: Path) -> None:
    premises = gpd.read_parquet(county / "layers" / "licensed-premises.parquet")
    busiest = str(premises["lsoa_code"].mode()[0])
    opened = open_dataset(county)
    ground = opened.areas.set_index("lsoa_code").geometry[busiest]
    inside = int((premises["lsoa_code"] == busiest).sum())
    nearby = int((premises.distance(ground) <= 400).sum())
    said = words(on(county, area=label_of(county, busiest)))
    assert f"Licensed premises: {inside} inside, {nearby} inside or within 400 metres of it" in said
    assert "the median of 550 LSOAs is" in said
    assert "It is for the whole MSOA" in said, "a figure of an MSOA is said to be of the whole of it"


def test_what_lies_around_a_drawn_location(
    on: Open, county: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = open_dataset(county)
    order = gpd.read_parquet(county / "layers" / "public-space-protection-orders.parquet").geometry.iloc[0]
    monkeypatch.setenv("PLACES_REGISTER", str(tmp_path / "register.sqlite"))
    touched = opened.areas.loc[opened.areas.intersects(order), "lsoa_code"]
    origin = Origin("Ana", opened.hash, "Wendshire", 2021)
    location = Location("Centre", "drawn", origin, tuple(touched), shape=order.wkt)
    Register(default_path()).save(location, 0, "Ana")
    app = on(county, location=location.id)
    assert "Public space protection orders: 100 % of its ground" in words(app)


# -- what is drawn


def test_the_layer_looked_at_and_those_of_the_sidebar_are_drawn(on: Open, county: Path) -> None:
    assert drawn(on(county, layer="schools")) == ["layer-schools"]
    both = on(county, layer="schools", layers="bus-stops,schools")
    assert drawn(both) == ["layer-bus-stops", "layer-schools"]
    other = on(county, page="pages/1_Concentration.py", layers="bus-stops")
    assert drawn(other) == ["layer-bus-stops"]
    assert drawn(on(county, page="pages/1_Concentration.py")) == []


def test_a_class_keeps_its_mark_whatever_else_is_on(on: Open, county: Path) -> None:
    def marks(app: AppTest) -> dict[str, int]:
        return dict(zip(drawn(app), payload(app)["marks"], strict=True))

    every = ["bus-stops", "licensed-premises", "public-space-protection-orders", "schools"]
    together = marks(on(county, page="pages/1_Concentration.py", layers=",".join(every)))
    points = {"layer-bus-stops": 1, "layer-licensed-premises": 3, "layer-schools": 2}  # how many marks each takes
    taken = [together[name] + i for name, count in points.items() for i in range(count)]
    assert taken == list(range(6)), "no two alike"
    for layer in every:
        alone = marks(on(county, layer=layer))
        assert alone.items() <= together.items()
    assert marks(on(county, layer="schools", layers="bus-stops")).items() <= together.items()


def test_what_a_description_does_not_explain_takes_a_mark_too(tmp_path: Path) -> None:
    folder = tmp_path / "layers"
    folder.mkdir()
    first = pubs(folder)  # one class, and a feature of another
    later = fixtures.write(folder / "quays.csv", first.read_text(encoding="utf-8"))
    fixtures.write(later.with_suffix(".toml"), first.with_suffix(".toml").read_text(encoding="utf-8"))
    dataset = made(tmp_path, dataclasses.replace(fixtures.county(tmp_path, ROWS), layers=(later, first)), "Testshire")
    assert context.first_marks(open_dataset(dataset)) == {"pubs": 0, "quays": 2}


def test_the_legend_of_a_table_says_what_the_map_shows(on: Open, county: Path) -> None:
    app = on(county, layer="substance-misuse-msoa")
    legend = next(node.proto.body for node in app.get("html") if "Too few to show" in node.proto.body)
    ink = THEMES["light"]
    for part in ("radial-gradient", ink.suppressed, ink.suppressed_ground):
        assert part in legend.split("Too few to show")[0].rsplit("<span>", 1)[1], "the dots of the map"
    assert "residents" not in legend


def test_places_without_a_value_have_no_data_not_no_residents(on: Open, tmp_path: Path) -> None:
    path = wards(tmp_path)  # two of three wards
    app = on(made(tmp_path, dataclasses.replace(fixtures.county(tmp_path, ROWS), layers=(path,)), "Testshire"))
    assert "-" in payload(app)["classes"]
    legend = "".join(node.proto.body for node in app.get("html"))
    assert "No data</span>" in legend
    assert "residents" not in legend


def test_the_numbered_points_are_explained_where_they_are_drawn(on: Open, county: Path) -> None:
    opened = open_dataset(county)
    app = on(county, layer="schools", area=label_of(county, str(opened.areas["lsoa_code"].iloc[50])))
    count = len(payload(app)["points"])
    assert count > 1
    legend = "".join(node.proto.body for node in app.get("html"))
    assert f"1 to {count}: the selected LSOA&#x27;s busiest map points" in legend
    assert "busiest map point" not in "".join(node.proto.body for node in on(county, layer="schools").get("html"))


def test_one_by_one_where_nothing_lies_and_where_nothing_has_a_name(on: Open, small: Path, county: Path) -> None:
    assert listed(on(small, layer="pubs", listed="One by one", district="Westham")).empty
    stops = listed(on(county, layer="bus-stops", listed="One by one"))
    assert len(stops) == 700
    assert stops["Name"].isna().all()


def test_a_unit_is_no_markdown(on: Open, tmp_path: Path) -> None:
    path = wards(tmp_path)
    about = (
        path.with_suffix(".toml").read_text(encoding="utf-8").replace('"per 1,000"', '"![x](http://example.org/x.png)"')
    )
    fixtures.write(path.with_suffix(".toml"), about)
    app = on(made(tmp_path, dataclasses.replace(fixtures.county(tmp_path, ROWS), layers=(path,)), "Testshire"))
    assert "![x](" not in str(app.dataframe[0].proto)
    assert "![x](http://example.org/x.png)" in words(app), "it is shown as text"


def test_a_link_opens_the_same_view(on: Open, small: Path) -> None:
    app = on(small, layer="pubs", layers="pubs", listed="One by one", area=label_of(small, CODES[0]))
    assert app.session_state["layer"] == "pubs"
    assert app.session_state["layers_shown"] == ["pubs"]
    assert listed(app)["Name"].tolist() == ["Bell", HOSTILE]
    assert app.session_state["area"] == CODES[0]
    app.selectbox(key="layer_shown").set_value("pubs").run()
    assert HOSTILE not in str(app.query_params), "what a layer is called stands in no link"


def test_a_layer_that_is_not_here_is_said_to_be_gone(on: Open, small: Path) -> None:
    app = on(small, layer="prisons", layers="pubs,prisons")
    assert app.session_state["layers_shown"] == ["pubs"]
    for label in ("Layer", "Layers on the map"):
        assert f"{label}: not all that the link asked for is in this dataset" in words(app)


def test_a_table_of_two_columns_offers_both_and_the_link_holds_the_choice(on: Open, tmp_path: Path) -> None:
    path = wards(tmp_path)
    about = path.with_suffix(".toml")
    more = '[[values]]\ncolumn = "m"\ntitle = "Children"\nunit = "per cent"\ncounts = "children"\n'
    fixtures.write(about, about.read_text(encoding="utf-8") + more)
    fixtures.write(path, "WD24CD,n,m\nE05000001,4.5,10\nE05000002,*,20\n")
    dataset = made(tmp_path, dataclasses.replace(fixtures.county(tmp_path, ROWS), layers=(path,)), "Testshire")
    assert listed(on(dataset))["Adults"].tolist()[0] == 4.5
    other = on(dataset, column="2")
    assert listed(other)["Children"].tolist()[:2] == [20, 10]
    assert other.session_state["column_shown"] == "2"


def test_a_dataset_without_layers_says_how_to_load_them(on: Open, tmp_path: Path) -> None:
    app = on(made(tmp_path, fixtures.county(tmp_path, ROWS), "Testshire"))
    assert app.title[0].value == "No layer is loaded"
    assert "--layers" in words(app)
    assert not [one for one in app.sidebar.multiselect if one.label == "Layers on the map"]


# -- what is not open, and what is hostile


def test_a_partner_layer_marks_every_page(on: Open, small: Path) -> None:
    for page in (
        "app.py",
        PAGE,
        "pages/1_Concentration.py",
        "pages/6_Export.py",
        "pages/7_Data.py",
        "pages/8_Method.py",
    ):
        assert PARTNER_USE in words(on(small, page=page)), page


def test_partner_data_are_not_shown_beyond_this_machine(on: Open, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "is_loopback", lambda address: False)
    app = on(small, page="pages/1_Concentration.py")
    assert app.title[0].value == "No data can be shown"
    assert "listens beyond this machine" in words(app)
    assert not app.get("component_instance"), "no map, and so no file of it, is served"


def test_the_data_page_accounts_for_every_row_of_a_layer(on: Open, small: Path, county: Path) -> None:
    assert "3 read, 2 kept; left out: 1 with a place more than 400 m outside the area" in words(
        on(small, page="pages/7_Data.py")
    )
    assert "Licensing register (fictional county): Licensed premises (2025-09-30, open): 260 read, 260 kept." in words(
        on(county, page="pages/7_Data.py")
    )


def test_names_of_layers_are_never_code(on: Open, small: Path) -> None:
    app = on(small, listed="One by one", area=label_of(small, CODES[0]))
    sound(app)
    said = json.dumps(payload(app))
    assert "7*7" not in said, "the map is told addresses only"
    assert HOSTILE in listed(app)["Name"].tolist()
    assert "{{7" not in app.title[0].value.replace("\\{\\{", ""), "a title takes markdown: every sign is escaped"


def test_totals_of_the_small_county(on: Open, small: Path) -> None:
    shown = listed(on(small, layer="treatment"))
    assert shown["Ward"].tolist() == ["Market", "Harbour", "Priory"]
    assert shown["Not shown"].tolist() == ["", "no data", "suppressed"]
