"""The Duty's three measures on the page: figures recomputed from the files, three states told apart, what is not loaded named."""

import dataclasses
import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from scipy import stats
from streamlit.testing.v1 import AppTest

import sample_data
from geodata.build import build
from geodata.inputs import Inputs
from hotspots.selection import Period
from pages.shared import opening
from tests import fixtures
from tests.fixtures import DISTRICTS, recorded, write
from tests.test_pages import ROWS, made, visit, words

PAGE = "pages/2_Deprivation.py"
VIEW = "Duty's three measures"
EAST, WEST = DISTRICTS["Eastham"], DISTRICTS["Westham"]
YEARS = Period("2023-01", "2025-12").months
TITLES = (
    "Hospital admissions after assault with a knife or sharp object",
    "Knife-enabled serious violence recorded by the police",
    "Homicide recorded by the police",
)

Open = Callable[..., AppTest]
Cells = dict[tuple[str, str], object]


@pytest.fixture
def on(monkeypatch: pytest.MonkeyPatch) -> Open:
    def opened(dataset: Path, **link: str | list[str]) -> AppTest:
        monkeypatch.setenv(opening.DATASET, str(dataset))
        return visit(PAGE, deprivation=VIEW, **link)

    return opened


def layer(
    folder: Path, measure: str, rows: Iterable[dict[str, object]], level: str = "district", **said: str
) -> tuple[Path, Path]:
    """A monthly table of rows of code, month and n, with its description."""
    about = {
        "title": "A table",
        "source": "Somebody",
        "date": "2026-01",
        "licence": "Open Government Licence v3.0",
    } | said
    lines = [f"{key} = {json.dumps(value)}" for key, value in about.items()]
    text = "\n".join(
        [*lines, 'marking = "open"', 'kind = "monthly"', f'level = "{level}"', "vintage = 2024", 'code = "code"', 'month = "month"', 'count = "n"', *([f'measure = "{measure}"'] if measure else [])]
    )  # fmt: skip
    file = about["title"].split()[-1].lower() + measure
    csv = write(folder / f"{file}.csv", fixtures.table(rows))
    return csv, write(folder / f"{file}.toml", text + "\n")


def rows(east: int, west: int, cells: Cells | None = None, months: Iterable[str] = YEARS) -> list[dict[str, object]]:
    """So many every month in each district, but for ``cells`` by code and month; None leaves the row out."""
    plain: Cells = {(code, month): n for code, n in ((EAST, east), (WEST, west)) for month in months}
    every = plain | (cells or {})
    return [{"code": code, "month": month, "n": n} for (code, month), n in every.items() if n is not None]


def county(folder: Path, *layers: tuple[Path, Path], **changed: Any) -> Path:
    inputs = dataclasses.replace(fixtures.county(folder, ROWS), layers=tuple(one for pair in layers for one in pair))
    return made(folder, dataclasses.replace(inputs, **changed), "Testshire")


def frames(app: AppTest) -> list[pd.DataFrame]:
    """The tables of figures, without the list of offence classes."""
    return [table.value for table in app.dataframe if "Class" not in table.value]


def charts(app: AppTest) -> list[dict[str, Any]]:
    """Each chart's specification."""
    return [
        json.loads(node.proto.spec) for kind in ("vega_lite_chart", "arrow_vega_lite_chart") for node in app.get(kind)
    ]


def year_limits(n: int) -> str:
    """95 % limits of a count from 10 up, by Byar's approximation."""
    z = stats.norm.ppf(0.975)
    low = n * (1 - 1 / (9 * n) - z / (3 * n**0.5)) ** 3
    high = (n + 1) * (1 - 1 / (9 * (n + 1)) + z / (3 * (n + 1) ** 0.5)) ** 3
    return f"{low:.0f} to {high:.0f}"


# -- nothing loaded


@pytest.mark.parametrize("without", [{}, {"deprivation": ()}], ids=["deprivation", "no deprivation"])
def test_what_is_not_loaded_names_the_file(on: Open, tmp_path: Path, without: dict[str, Any]) -> None:
    app = on(county(tmp_path, **without))
    said = words(app)
    assert app.title[0].value == "None of the Duty's three measures is loaded"
    assert "--deprivation" not in said, "these measures need no deprivation"
    for title, measure in zip(TITLES, ("knife-admissions", "knife-offences", "homicide"), strict=True):
        assert re.search(rf"{title} is not loaded: it needs .*monthly counts by district", said)
        assert f'"{measure}"' in re.search(r"For the analyst: .*measure = (.*); an extract", said)[1]  # type: ignore[index]
    assert frames(app) == charts(app) == []


# -- a table of counts


def test_the_finding_and_the_table_are_those_of_the_file(on: Open, tmp_path: Path) -> None:
    given = rows(5, 2, {(EAST, f"2023-{m:02d}"): 9 for m in range(1, 13)})
    table = pd.DataFrame(given).astype({"n": "int64"})
    app = on(county(tmp_path, layer(tmp_path, "knife-admissions", given)))
    by_year = table.groupby(table["month"].str[:4])["n"].sum()
    before, now = by_year["2023"], by_year["2025"]
    assert stats.binomtest(int(now), int(now + before)).pvalue < 0.05
    assert app.title[0].value == (
        f"{now} knife-assault admissions in 2025, {before} in 2023: fewer than chance alone would make of it "
        f"(down {100 * (before - now) / before:.0f} %)"
    )
    (shown,) = frames(app)
    assert shown["Year"].tolist() == ["2023 (baseline)", "2024", "2025"]
    assert shown["Number"].tolist() == [str(n) for n in by_year]
    assert shown["95 % interval"].tolist() == [year_limits(n) for n in by_year]
    assert shown[["Suppressed", "Missing"]].to_numpy().sum() == 0
    said = words(app)
    assert "period, districts and what is counted, chosen in the sidebar, do not apply here" in said
    assert "A table (Somebody, 2026-01)" in said
    assert not re.search("suppressed|Grey ground|Hollow", said.split(TITLES[1])[0]), (
        "only marks that are there are explained"
    )


def test_a_chosen_district_baseline_and_years_from_april(on: Open, tmp_path: Path) -> None:
    given = rows(5, 2, {(WEST, "2024-07"): 30})
    dataset = county(tmp_path, layer(tmp_path, "knife-admissions", given))
    link = {"duty_place": "Westham", "duty_starts": "April", "duty_baseline": "2023/24"}
    app = on(dataset, **link)
    assert app.title[0].value.startswith(
        "In the chosen district: 52 knife-assault admissions in 2024/25, 24 in 2023/24: more than"
    )
    (shown,) = frames(app)
    assert shown["Year"].tolist() == ["2022/23 (part)", "2023/24 (baseline)", "2024/25", "2025/26 (part)"]
    assert shown["Missing"].tolist() == [9, 0, 0, 3]
    assert "Westham  ·  baseline 2023/24" in words(app)
    earlier = on(dataset, duty_starts="April", duty_baseline="2022/23")
    assert earlier.title[0].value.startswith(
        "In the 3 months present in both: 21 knife-assault admissions in 2024/25, 21 in 2022/23"
    )
    for key in link:
        assert on(dataset, **{key: "{{7*7}}"}).title[0].value == on(dataset).title[0].value


def test_each_district_beside_the_whole(on: Open, tmp_path: Path) -> None:
    given = rows(5, 2, {(EAST, f"2025-{m:02d}"): 12 for m in range(1, 13)})
    app = on(county(tmp_path, layer(tmp_path, "knife-admissions", given)), duty_place="Each district")
    assert len(charts(app)) == 2
    (shown,) = frames(app)
    assert shown["District"].tolist() == ["Eastham", "Westham", "Whole area"]
    assert shown["2025"].tolist() == ["144", "24", "168"]
    assert shown["Against 2023"].tolist() == [
        "more (144, was 60)",
        "chance could make it (24, was 24)",
        "more (168, was 84)",
    ]


def test_small_counts_have_no_percentage_and_say_so(on: Open, tmp_path: Path) -> None:
    given = rows(0, 0, {(EAST, f"2023-{m:02d}"): 1 for m in range(1, 13)})
    app = on(county(tmp_path, layer(tmp_path, "homicide", given)))
    assert app.title[0].value == "No homicides in 2025, 12 in 2023: fewer than chance alone would make of it"
    assert "Fewer than 20 in each year: only a large change would show" in words(app)
    (shown,) = frames(app)
    assert shown["Number"].tolist() == ["12", "0", "0"]
    assert shown["95 % interval"].tolist()[2] == f"0 to {stats.chi2.ppf(0.975, 2) / 2:.0f}"


# -- suppressed, missing, none


@pytest.fixture(scope="module")
def three_states(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """2024 of Eastham suppressed, February 2025 of Westham missing; Westham has none in 2023."""
    folder = tmp_path_factory.mktemp("states")
    cells: Cells = {(EAST, f"2024-{m:02d}"): "<5" for m in range(1, 13)}
    cells |= {(WEST, f"2023-{m:02d}"): 0 for m in range(1, 13)} | {(WEST, "2025-02"): None, (EAST, "2025-03"): "*"}
    return county(folder, layer(folder, "knife-admissions", rows(6, 3, cells)))


def test_a_suppressed_year_is_a_range_a_missing_month_a_gap_and_none_is_zero(on: Open, three_states: Path) -> None:
    (east,) = frames(on(three_states, duty_place="Eastham"))
    assert east["Number"].tolist() == ["72", "0 to 48", "at least 66"]
    assert east["Suppressed"].tolist() == [0, 12, 1]
    assert east["95 % interval"].tolist()[1:] == [
        f"0 to {year_limits(48).split()[-1]}",
        f"from {year_limits(66).split()[0]}",
    ]
    (west,) = frames(on(three_states, duty_place="Westham"))
    assert west["Number"].tolist() == ["0", "36", "33"]
    assert west["Missing"].tolist() == [0, 0, 1]
    (whole,) = frames(on(three_states))
    assert whole["Number"].tolist() == ["72", "36 to 84", "at least 93"], "the month that Westham lacks is in neither"


def test_the_states_are_told_apart_in_the_chart_and_in_words(on: Open, three_states: Path) -> None:
    app = on(three_states, duty_place="Eastham")
    said = words(app)
    assert "Hollow bar: months are suppressed, and the number lies within the bar" in said
    assert "A bar to the top: how much is suppressed is not known" in said
    assert "13 of 72 district months are suppressed" in said
    assert "1 of 72 district months are missing" in said
    monthly = on(three_states, duty_place="Westham", duty_by="Month")
    assert "Grey ground: no data, which is not zero" in words(monthly)
    assert "Hollow bar" not in words(monthly), "nothing of this district is suppressed"
    (shown,) = frames(monthly)
    assert len(shown) == 36
    assert shown.set_index("Month").loc["February 2025", ["Number", "Known as"]].tolist() == ["no data", "missing"]
    assert shown["Known as"].value_counts().to_dict() == {"count": 35, "missing": 1}
    # a line of counts breaks where one is not known
    lines = [one for one in charts(monthly)[0]["layer"] if one["mark"]["type"] == "line"]
    assert [one["mark"]["invalid"] for one in lines] == ["break-paths-show-domains"]


def test_a_change_with_suppressed_months_is_not_tested(on: Open, three_states: Path) -> None:
    title = on(three_states, duty_place="Eastham", duty_baseline="2024").title[0].value
    assert title == (
        "In the chosen district: at least 66 knife-assault admissions in 2025, between 0 and 48 in 2024: months are suppressed, so that the "
        "change cannot be tested"
    )


def test_only_one_year_is_no_change(on: Open, tmp_path: Path) -> None:
    months = Period("2025-01", "2025-12").months
    app = on(county(tmp_path, layer(tmp_path, "homicide", rows(1, 1, months=months))))
    assert app.title[0].value == f"24 homicides in 2025 (95 % interval {year_limits(24)})"
    assert "2025 is the baseline year itself, so no change can be given" in words(app)


def test_other_monthly_counts_stand_below_the_three(on: Open, tmp_path: Path) -> None:
    calls = layer(
        tmp_path,
        "",
        rows(20, 10, {(EAST, "2025-03"): "*"}),
        title="Ambulance calls {{7*7}} ![x](http://a.example/x.png)",
    )
    app = on(county(tmp_path, calls))
    said = words(app)
    for title in TITLES:
        assert f"{title} is not loaded" in said
    plain = app.title[0].value.replace("\\", "")
    assert (
        plain
        == "at least 340 cases in 2025, 360 in 2023: months are suppressed, so that the change cannot be tested".capitalize()
    )
    (heading,) = [one.value for one in app.subheader if "Ambulance" in one.value]
    assert "![" not in heading, "a heading takes markdown: every sign of a title is escaped"
    assert "Ambulance calls" in said
    (table,) = [one for one in frames(app) if "Suppressed" in one]
    assert table["Suppressed"].tolist() == [0, 0, 1]


def test_a_district_without_rows_leaves_no_whole(on: Open, tmp_path: Path) -> None:
    given = [row for row in rows(5, 2) if row["code"] == EAST]
    dataset = county(tmp_path, layer(tmp_path, "knife-admissions", given))
    app = on(dataset)
    assert app.title[0].value == f"{TITLES[0]}: no figure can be given"
    assert "No month is there for every district, so no figure can be given for the whole area" in words(app)
    assert on(dataset, duty_place="Eastham").title[0].value.startswith("In the chosen district: 60 knife-assault")
    west = on(dataset, duty_place="Westham")
    assert "The file has no row of this district" in words(west)
    assert frames(west) == []
    (each,) = frames(on(dataset, duty_place="Each district"))
    assert each["2025"].tolist() == ["60", "no data"]


def test_another_level_shows_the_whole_only(on: Open, tmp_path: Path) -> None:
    wards = [f"E0500000{n}" for n in range(3)]
    given = [{"code": ward, "month": month, "n": 2} for ward in wards for month in YEARS]
    app = on(county(tmp_path, layer(tmp_path, "knife-admissions", given, level="ward")), duty_place="Westham")
    assert app.title[0].value.startswith("72 knife-assault admissions in 2025, 72 in 2023")
    assert "It was given by ward, so only the whole area is shown" in words(app)
    assert "whole area  ·  baseline" in words(app)


# -- changes in recording, large screen, text from data


def test_changes_in_recording_are_marked_where_they_touch(on: Open, tmp_path: Path) -> None:
    long = Period("2019-01", "2025-12").months
    both = [layer(tmp_path, name, rows(5, 2, months=long)) for name in ("knife-admissions", "knife-offences")]
    app = on(county(tmp_path, *both))
    said = words(app)
    assert said.count("Recording changed in ") == 2
    assert "Recording changed in April 2020: harassment by a former partner" in said
    admissions, offences = charts(app)
    dashed = [one for one in offences["layer"] if one["mark"].get("strokeDash")]
    assert len(dashed) == 1
    assert not [one for one in admissions["layer"] if one["mark"].get("strokeDash")]


def test_the_large_screen_has_one_measure_and_its_chart(on: Open, tmp_path: Path) -> None:
    both = [layer(tmp_path, name, rows(5, 2)) for name in ("knife-admissions", "homicide")]
    app = on(county(tmp_path, *both), large="true")
    assert app.title[0].value.startswith("84 knife-assault admissions in 2025")
    assert len(charts(app)) == 1
    assert len(app.dataframe) == len(app.subheader) == 0


def test_text_from_data_stays_text(on: Open, tmp_path: Path) -> None:
    hostile = "[x](http://e.org) {{7*7}} <b> table"
    app = on(county(tmp_path, layer(tmp_path, "homicide", rows(1, 1), title=hostile)))
    assert hostile in words(app)
    assert hostile not in "".join(
        one.value for one in (*app.title, *app.subheader, *app.markdown, *app.caption)
    ) + json.dumps(charts(app))


# -- a force's own extract


def test_an_extract_gives_offences_by_code_and_flag(on: Open, tmp_path: Path) -> None:
    violence = {"crime_type": "Violence and sexual offences"}
    incidents = [
        *(recorded(500, 500, offence_code="34B") for _ in range(4)),
        recorded(500, 500, offence_code="34B", flag_knife="false"),
        recorded(500, 500, offence_code="34B", flag_knife=""),
        recorded(2500, 2500, offence_code="8/6", **violence),
        recorded(2500, 2500, offence_code="8P", **violence),
        recorded(2500, 2500, offence_code="1/1", flag_knife="false", **violence),
        recorded(500, 500, offence_code="", **violence),
        recorded(500, 500, offence_code="105A", **violence),
    ]
    own = write(tmp_path / "own.csv", fixtures.extract_csv(incidents))
    app = on(county(tmp_path, incidents=(own,)), duty_by="Month")
    knives, homicides = (table.set_index("Month")["Number"].to_dict() for table in frames(app))
    assert knives["January 2025"] == "6"
    assert homicides["January 2025"] == "1"
    said = words(app)
    assert "1 of 11 offences have no offence code and are not counted" in said
    assert "For 1 of 9 offences of the kinds meant it is not recorded whether a knife was used" in said
    assert "1 of 6 offences counted are of classes of which it is not confirmed that they count" in said
    assert f"{TITLES[0]} is not loaded" in said
    assert app.title[0].value.startswith(
        "6 knife-enabled offences in 2025 (95 % interval 2 to 13); 11 months are missing"
    )


def test_of_an_extract_a_district_is_told_by_full_years_only(on: Open, tmp_path: Path) -> None:
    """Thirteen months: what is left of 2024 is one month of one district, and may be one person's."""
    months = [f"2024-{month:02d}" for month in (12,)] + [f"2025-{month:02d}" for month in range(1, 13)]
    incidents = [recorded(500, 500, offence_code="1/1", date=f"{month}-05") for month in months]
    own = write(tmp_path / "own.csv", fixtures.extract_csv(incidents))
    dataset = county(tmp_path, incidents=(own,), police=())
    app = on(dataset, duty_place="Eastham", duty_baseline="2024", duty_by="Month")
    shown = frames(app)[-1].set_index("Year")
    assert shown.loc["2024 (baseline, part)", ["Number", "95 % interval"]].tolist() == ["not shown", ""]
    assert shown.loc["2025", "Number"] == "12"
    assert any("By full years only" in one.value for one in app.caption)
    assert (
        "1 of 12 months are there in both 2024 and 2025, and a district's are compared over all twelve only"
        in words(app)
    )
    assert "not shown: what a district's year that lacks months has left may be one person's" in words(app).lower()
    whole = on(dataset, duty_by="Month")
    assert frames(whole)[-1]["Number"].tolist() == ["1"] * 13, "of the whole area months may be told"


def test_where_there_is_one_district_the_whole_area_is_that_district(on: Open, tmp_path: Path) -> None:
    own = write(tmp_path / "own.csv", fixtures.extract_csv([recorded(500, 500, offence_code="1/1")]))
    inputs = fixtures.county(tmp_path, ROWS)
    one = fixtures.wards_csv().replace("Westham", "Eastham").replace("E07000902", "E07000901")
    lookup = tuple(path for path in inputs.lookup if "ward" not in path.name)
    wards = write(tmp_path / "one" / "wards.csv", one)
    dataset = made(tmp_path, dataclasses.replace(inputs, incidents=(own,), lookup=(*lookup, wards)), "Testshire")
    app = on(dataset, duty_by="Month")
    assert all("Month" not in table for table in frames(app))
    assert any("By full years only" in one.value for one in app.caption)


def test_a_table_is_not_added_to_the_extract(on: Open, tmp_path: Path) -> None:
    own = write(tmp_path / "own.csv", fixtures.extract_csv([recorded(500, 500, offence_code="34B")]))
    dataset = county(tmp_path, layer(tmp_path, "knife-offences", rows(1, 1)), incidents=(own,))
    assert on(dataset).title[0].value.startswith("24 knife-enabled offences in 2025, 24 in 2023")


def test_the_classes_that_are_counted_are_listed(on: Open, tmp_path: Path) -> None:
    (classes,) = (table.value for table in on(county(tmp_path)).dataframe)
    listed = classes.set_index("Class")
    assert listed.loc["8N", "Name"] == "Assault with injury"
    assert listed.index[listed["Collected nationally"] != "yes"].tolist() == ["8P", "8S"]


# -- the fictional county


def test_the_sample_shows_its_admissions(on: Open, tmp_path: Path) -> None:
    inputs = {kind: tuple(paths) for kind, paths in sample_data.inputs().items()}
    build(Inputs(**inputs), tmp_path / "dataset", sample_data.AREA_NAME)
    app = on(tmp_path / "dataset")
    (shown,) = frames(app)
    published = pd.read_csv(sample_data.LAYERS / "knife-admissions-monthly.csv", dtype="str")
    counts = pd.to_numeric(published["Admissions"], errors="coerce")
    complete = published.groupby("Month")["LAD24CD"].transform("nunique") == published["LAD24CD"].nunique()
    year = published["Month"].str[:4][complete]
    low, hidden = counts[complete].fillna(0).groupby(year).sum(), counts[complete].isna().groupby(year).sum()
    assert shown["Number"].tolist() == [f"{low[y]:.0f} to {low[y] + 4 * hidden[y]:.0f}" for y in low.index]
    assert words(app).count("is not loaded: it needs") == 2
