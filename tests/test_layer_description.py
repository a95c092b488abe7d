"""The TOML beside a layer: what it says is kept, what is wrong is refused with its line."""

from pathlib import Path

import pytest

from geodata.errors import InputError
from geodata.layer_description import Class, Description, Value, read_description
from tests.fixtures import assert_plain, write

HEAD = """\
title = "Pubs <b>{{7*7}}</b>"
source = "Register"
date = 2025-09-30
licence = "OGL v3.0"
marking = "open"
"""
POINTS = HEAD + 'kind = "points"\n'
AREAS = (
    HEAD
    + 'kind = "areas"\nlevel = "msoa"\nvintage = 2021\ncode = "MSOA21NM"\n'
    + '[[values]]\ncolumn = "Rate"\ntitle = "In treatment"\nunit = "per 1,000"\ncounts = "adults"\n'
)


def read(folder: Path, text: str) -> Description:
    return read_description(write(folder / "l.toml", text))


def test_points(tmp_path: Path) -> None:
    more = 'colour = "#d55e00"\nname = "n"\nclass = "type"\n[[classes]]\nvalue = "on"\nmeans = "drunk\tthere"\n'
    said = read(tmp_path, POINTS + more + '[[classes]]\nvalue = "off"\nmeans = "taken away"\ncolour = "#000000"\n')
    assert said.title == "Pubs <b>{{7*7}}</b>"
    assert (said.date, said.marking, said.name, said.class_column) == ("2025-09-30", "open", "n", "type")
    assert said.classes == (Class("on", "drunk there", "#d55e00"), Class("off", "taken away", "#000000"))


def test_areas_and_monthly(tmp_path: Path) -> None:
    said = read(tmp_path, AREAS)
    assert (said.level, said.vintage, said.code) == ("msoa", 2021, "MSOA21NM")
    assert said.value_columns == (Value("Rate", "In treatment", "per 1,000", "adults"),)
    monthly = 'kind = "monthly"\nlevel = "district"\nvintage = 2024\ncode = "c"\nmonth = "m"\ncount = "n"\n'
    said = read(tmp_path, HEAD + monthly + 'measure = "homicide"\nsuppressed_up_to = 7\n')
    assert (said.month, said.count, said.measure, said.suppressed_up_to) == ("m", "n", "homicide", 7)


@pytest.mark.parametrize(
    ("date", "is_one"), [("2025", True), ('"2025-09"', True), ('"30/09/2025"', False), ("25", False)]
)
def test_dates(tmp_path: Path, date: str, is_one: bool) -> None:
    text = POINTS.replace("2025-09-30", date)
    if is_one:
        assert read(tmp_path, text).date == date.strip('"')
    else:
        with pytest.raises(InputError, match=r"line 3\).*write it as 2025"):
            read(tmp_path, text)


@pytest.mark.parametrize("unit", ["per cent", "Percent of adults", "%"])
def test_percentages_are_known_by_their_unit(unit: str) -> None:
    assert Value("a", "b", unit, "c").is_percentage
    assert not Value("a", "b", "per 1,000", "c").is_percentage


BAD = {
    "no TOML": (POINTS + "colour = #fff\n", "(at line 7"),
    "no quotes": (POINTS.replace('"OGL v3.0"', "OGL"), "(at line 4"),
    "an unknown key": (POINTS + 'titel = "x"\n', "(line 7) has 'titel', which a layer of points does not have"),
    "a key of another kind": (POINTS + 'level = "lsoa"\n', "(line 7) has 'level'"),
    "a key missing": (POINTS.replace('source = "Register"\n', ""), "lacks source: a layer of points needs it"),
    "two keys missing": (AREAS.replace("vintage = 2021\ncode", "x"), "has 'x'"),
    "an unknown kind": (HEAD + 'kind = "dots"\n', "(line 6) has 'dots' as kind: choose one of points"),
    "no kind": (HEAD, "has no text as kind"),
    "a number as title": (POINTS.replace('"Register"', "7"), "(line 2) has no text as source"),
    "an empty title": (POINTS.replace('"Register"', '" "'), "(line 2) has no text as source"),
    "another marking": (POINTS.replace('"open"', '"secret"'), "(line 5) has 'secret' as marking"),
    "a long title": (POINTS.replace("Register", "x" * 301), "shorten it"),
    "a control character": (POINTS.replace("Register", "x\\u001b[31m"), "control characters"),
    "a colour that is code": (POINTS + 'colour = "red;}"\n', "(line 7) has 'red;}' as colour"),
    "a vintage in quotes": (AREAS.replace("= 2021", '= "2021"'), "(line 8) has '2021' as vintage"),
    "a class column alone": (POINTS + 'class = "type"\n', "only one of 'class'"),
    "values as text": (AREAS[: AREAS.index("[[")] + 'values = "x"\n', "(line 10) has 'values' as no table"),
    "a value without unit": (AREAS.replace('unit = "per 1,000"\n', ""), "([[values]] in line 10) lacks unit"),
    "a value with another key": (AREAS + 'n = "x"\n', "([[values]] in line 10) has 'n'"),
    "one column twice": (AREAS + AREAS[AREAS.index("[[") :], "describes the same thing twice in [[values]]"),
    "one title twice": (
        AREAS + AREAS[AREAS.index("[[") :].replace('"Rate"', '"Rate 2"'),
        "describes the same thing twice in [[values]]",
    ),
    "a title that the page needs": (
        AREAS.replace('"In treatment"', '"Not shown"'),
        "has 'Not shown' as a title in [[values]], which the table of the page has as a column of its own",
    ),
    "the level as title": (AREAS.replace('"In treatment"', '"MSOA"'), "has 'MSOA' as a title in [[values]]"),
    "a long number": (AREAS.replace("= 2021", "= " + "9" * 5_000), "cannot be read as TOML"),
    "a long hexadecimal": (AREAS.replace("= 2021", "= 0x" + "f" * 5_000), "has 'a very large number' as vintage"),
    "depth": (POINTS + "x = " + "[" * 5_000, "line 7|nested too deeply"),
}


@pytest.mark.parametrize(("text", "says"), BAD.values(), ids=BAD)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(InputError) as error:
        read(tmp_path, text)
    assert any(one in assert_plain(str(error.value)) for one in says.split("|"))


def test_another_encoding(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"not UTF-8 text \(line 2\)"):
        read_description(write(tmp_path / "l.toml", b'title = "x"\nsource = "caf\xe9"\n'))
