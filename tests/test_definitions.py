from importlib import resources
from itertools import product
from pathlib import Path

import pytest

from geodata.columns import ASB
from hotspots.definition import Definition
from hotspots.definitions import DEFAULT, crime_types_of, load_definitions
from hotspots.offence_codes import classes_in, is_listed
from hotspots.selection import Period, Selection

PERIOD = Period("2025-01", "2025-12")
OWN = resources.files("hotspots") / "definitions"
NORFOLK = (OWN / "norfolk.toml").read_text(encoding="utf-8").replace('id = "norfolk"', 'id = "mine"')
DEFINITIONS = load_definitions()
MINIMAL = """\
id = "mine"
name = "Ours"
subject = "serious violence"
version = "1"
date = 2026-01-31
published = "Robbery."
published_is = "paraphrase"
published_by = "Us"

[open_data]
crime_types = ["Robbery"]
includes = "robbery of shops"
misses = "nothing that is known"
cannot_tell = "robbery of shops from robbery of people"
part = "the definition"
measured_on = "nothing yet"
"""


def write(folder: Path, text: str, name: str = "mine.toml") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def test_the_default_is_norfolks_open_data_form_and_stands_first() -> None:
    assert next(iter(DEFINITIONS)) == DEFAULT == "norfolk"
    norfolk = DEFINITIONS[DEFAULT]
    assert norfolk.id == "norfolk"
    assert set(norfolk.crime_types) == {"Violence and sexual offences", "Robbery", "Possession of weapons"}
    assert norfolk.subject == "serious violence"


def test_every_file_loads_under_its_own_id() -> None:
    files = {file.name.removesuffix(".toml") for file in OWN.iterdir() if file.name.endswith(".toml")}
    assert set(DEFINITIONS) == files == {"norfolk", "avon-and-somerset", "suffolk", "nottinghamshire"}


def test_the_coverage_is_said_as_a_range_with_where_it_was_measured() -> None:
    assert DEFINITIONS[DEFAULT].coverage_sentence == (
        "The open-data form includes domestic, online and harassment offences, which open data cannot separate from "
        "street violence; catches 77 to 99 % of the definition, depending on which public order and miscellaneous "
        "offences the partnership selects (measured force-wide, on crimes recorded in 2017/18 by offence code; not "
        "known for any one place)."
    )


# Home Office recorded crime 2017/18 by offence code against police.uk categories: share of the definition that the
# three categories catch, share of what they count that is in it.
@pytest.mark.parametrize(
    ("definition", "reading", "caught", "precision"),
    [
        ("norfolk", {"selected": "fewest"}, 0.9915, 1),
        ("norfolk", {"selected": "all"}, 0.77, 1),
        ("avon-and-somerset", {"gbh": "intent"}, 1, 0.0607),
        ("avon-and-somerset", {"gbh": "with_8n"}, 1, 0.2962),
        ("suffolk", {"disorder": "violent"}, 0.9933, 0.77),
        ("suffolk", {"disorder": "all"}, 0.76, 0.77),
        ("nottinghamshire", {}, 1, 0.0300),
    ],
)
def test_shares_equal_what_was_measured(
    definition: str, reading: dict[str, str], caught: float, precision: float
) -> None:
    measured = DEFINITIONS[definition].measured(reading)
    assert measured is not None
    # to as many digits as the figure has
    assert measured[0] == pytest.approx(caught, abs=0.00005 if len(f"{caught}") > 4 else 0.005)
    assert measured[1] == pytest.approx(precision, abs=0.00005 if len(f"{precision}") > 4 else 0.005)


# The same source, robbery and possession of weapons alone.
@pytest.mark.parametrize(
    ("definition", "reading", "caught", "precision"),
    [
        ("norfolk", {}, 0.0387, 1.0),
        ("avon-and-somerset", {"gbh": "intent"}, 0.7247, 1.0),
        ("avon-and-somerset", {"gbh": "with_8n"}, 0.1485, 1.0),
        ("suffolk", {}, 0.0492, 1.0),
        ("nottinghamshire", {}, 0.9841, 0.4615),
    ],
)
def test_a_narrower_form_is_measured_the_same_way(
    definition: str, reading: dict[str, str], caught: float, precision: float
) -> None:
    measured = DEFINITIONS[definition].measured(reading, ("Robbery", "Possession of weapons"))
    assert measured == pytest.approx((caught, precision), abs=0.00005)


@pytest.mark.parametrize(
    ("definition", "parts"),
    [
        ("norfolk", ["catches 77 to 99 % of the definition"]),
        (
            "avon-and-somerset",
            ["catches all of the part", "of what it counts, 6 to 30 % is in the definition, depending"],
        ),
        ("suffolk", ["catches 76 to 99 % of the definition", "of what it counts, 77 % is in the definition (measured"]),
        ("nottinghamshire", ["catches all of the part", "of what it counts, 3 % is in the definition (measured"]),
    ],
)
def test_the_sentence_carries_the_measured_ranges_place_and_year(definition: str, parts: list[str]) -> None:
    sentence = DEFINITIONS[definition].coverage_sentence
    for part in [*parts, "which open data cannot separate", "force-wide", "2017/18", "not known for any one place"]:
        assert part in sentence


def test_a_chosen_reading_closes_the_range() -> None:
    norfolk = DEFINITIONS[DEFAULT]
    assert "catches 99 % of the definition (measured" in norfolk.coverage({"selected": "fewest"})
    assert "catches 77 % of the definition (measured" in norfolk.coverage({"selected": "all"})
    assert "catches 70 to 88 % of the definition, depending" in norfolk.coverage({"vehicle": "all"})
    assert "catches 70 % of the definition (" in norfolk.coverage({"vehicle": "all", "selected": "all"})


def test_the_statement_says_what_is_missed_and_what_another_reading_would_catch() -> None:
    coverage, missed, other = DEFINITIONS[DEFAULT].statement
    assert coverage == DEFINITIONS[DEFAULT].coverage_sentence
    assert missed.startswith("It misses arson and criminal damage endangering life")
    assert "cannot tell domestic abuse, hate, knife or county lines offences" in missed
    assert other.startswith("With the reading “every vehicle offence”, it catches 70 to 88 %")


def test_the_range_runs_over_every_reading_left_open_and_no_other() -> None:
    for definition in DEFINITIONS.values():
        assert definition.caught is not None
        free = [one for one in definition.switches if one.left_open]
        shares = []
        for options in product(*([(one.id, option) for option, _ in one.options] for one in free)):
            measured = definition.measured(dict(options))
            assert measured is not None
            shares.append(measured[0])
        assert definition.caught == (min(shares), max(shares))


def test_the_offence_codes_are_all_the_violent_sexual_robbery_and_weapon_codes_in_norfolk() -> None:
    norfolk = DEFINITIONS[DEFAULT]
    listed = frozenset[str]().union(*(one.listed for one in norfolk.counted()))
    # its precision of 1 holds because of this
    assert norfolk.precision_range() == (1, 1)
    for crime_type in norfolk.crime_types:
        assert classes_in(crime_type) <= listed


def test_every_code_is_on_the_home_offices_list() -> None:
    for definition in DEFINITIONS.values():
        assert definition.offences
        for offences in definition.offences:
            assert all(is_listed(code) for code in offences.codes), (definition.id, offences.name)


def test_a_reading_that_is_not_there_is_refused_in_words() -> None:
    norfolk = DEFINITIONS[DEFAULT]
    with pytest.raises(ValueError, match=r"no reading 'gbh' to choose. Choose one of selected, vehicle, themes"):
        norfolk.coverage({"gbh": "intent"})
    with pytest.raises(ValueError, match=r"vehicle = 'red'. Choose one of aggravated, all"):
        norfolk.settled({"vehicle": "red"})
    with pytest.raises(ValueError, match="It has no readings"):
        DEFINITIONS["nottinghamshire"].settled({"gbh": "intent"})


def test_words_that_are_not_a_quotation_say_so() -> None:
    for definition in DEFINITIONS.values():
        assert definition.published_is in ("quotation", "paraphrase")
        assert definition.published_by


def test_no_definition_counts_asb() -> None:
    assert all(ASB not in definition.crime_types for definition in DEFINITIONS.values())


def test_a_partnership_adds_its_own_in_a_folder_of_its_own(tmp_path: Path) -> None:
    loaded = load_definitions(write(tmp_path, MINIMAL))
    assert list(loaded) == [*DEFINITIONS, "mine"]
    mine: Definition = loaded["mine"]
    assert mine.crime_types == ("Robbery",)
    assert mine.caught is None
    assert mine.coverage_sentence == (
        "The open-data form includes robbery of shops; how much of the definition it catches has not been measured."
    )
    assert mine.reading_sentence() == ""


@pytest.mark.parametrize(
    ("old", "new", "reason", "on_line_of"),
    [
        ('"Robbery", "Possession', f'"{ASB}", "Possession', "never part of a definition", "crime_types ="),
        ('"Robbery", "Possession', '"Robery", "Possession', "'Robery' is not a crime type", "crime_types ="),
        ('"Robbery", "Poss', '"Possession of weapons", "Poss', "listed twice", "crime_types ="),
        ('version = "2"', "", '"version" is missing', "id ="),
        ('version = "2"', "version = 2", '"version" is not a text', "version ="),
        ('version = "2"', 'version = ""', '"version" is empty', "version ="),
        ('version = "2"', 'version = "1"\ncolour = "red"', '"colour" is not a known key', "colour ="),
        ('id = "mine"', 'id = "My Own"', "small letters", "id ="),
        ("date = 2026-11-20", 'date = "November"', '"date" is not a date', "date ="),
        ("date = 2026-11-20", "date = 2026-11-20T10:00:00", '"date" is not a date', "date ="),
        ('published_is = "quotation"', 'published_is = "verse"', "neither", "published_is ="),
        ('part = "the definition"\n', "", '"open_data.part" is missing', "[open_data]"),
        ('"Robbery" = 425', '"Robbery" = -1', "not a whole number", "force_recorded ="),
        ('"Robbery" = 425', '"Larceny" = 425', "'Larceny' is not a crime type", "force_recorded ="),
        ('default = "aggravated"', 'default = "none"', "'none', which is not an option", 'default = "none"'),
        ("left_open = true", 'left_open = "yes"', '"switch.left_open" is not true or false', "left_open ="),
        ('id = "vehicle"', 'id = "selected"', "two switches have the id 'selected'", 'id = "selected"\nquestion = "“Agg'),
        ('"3B",', '"3B", "5Z",', "'5Z' is not an offence code", '"5Z"'),
        ('"13", "14"', '"13", 14', "14 is not an offence code", '"13", 14'),
        ('"flag_hate"', '"flag_hat"', "'flag_hat' is not a flag", '"flag_hat"'),
        ("recorded = 38", "recorded = -38", "less than nothing", "recorded = -38"),
        ("recorded = 38", 'recorded = "38"', '"offences.recorded" is not a whole number', 'recorded = "38"'),
        ("recorded = 425\n", "recorded = 426\n", "more than the 425", "recorded = 426"),
        ('codes = ["56A", "57"]', 'codes = ["56A", "34A"]', "more than one police.uk category", "recorded = 38"),
        ('{ vehicle = "all" }', '{ vehicle = "red" }', "'red', which is not an option", 'vehicle = "red"'),
        ('{ vehicle = "all" }', '{ bus = "all" }', "'bus', which is not the id of a switch", "bus ="),
        ('codes = ["29A", "31A"]', 'codes = ["34A"]', "'34A' already counts above", '[[offences]]\nname = "aggravated burglary"'),
        ('codes = ["29A", "31A"]\nrecorded = 33', "recorded = 33", "all missing", '[[offences]]\nname = "aggravated burglary"'),
        ("[open_data]", "[open_data", "not readable TOML", ""),
    ],
)  # fmt: skip
def test_a_bad_file_is_refused_with_its_name_the_line_and_the_reason(
    tmp_path: Path, old: str, new: str, reason: str, on_line_of: str
) -> None:
    assert old in NORFOLK
    text = NORFOLK.replace(old, new, 1)
    with pytest.raises(ValueError, match=r"^The definition mine\.toml cannot be used: ") as refusal:
        load_definitions(write(tmp_path, text))
    assert reason in str(refusal.value)
    assert str(refusal.value).endswith("Correct or remove the file.")
    if on_line_of:
        assert f": line {line_of(text, on_line_of)}: " in str(refusal.value)
    else:
        assert "line " in str(refusal.value)


def test_not_utf_8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_bytes(b'name = "\xff"')
    with pytest.raises(ValueError, match=r"mine\.toml"):
        load_definitions(tmp_path)


def test_the_same_id_twice_is_refused(tmp_path: Path) -> None:
    write(tmp_path, MINIMAL, "a.toml")
    with pytest.raises(ValueError, match=r"b\.toml cannot be used: line 1: the id 'mine' is already used"):
        load_definitions(write(tmp_path, MINIMAL, "b.toml"))


def test_an_empty_folder_or_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="No definition"):
        load_definitions(tmp_path)
    with pytest.raises(ValueError, match="is not there"):
        load_definitions(tmp_path / "elsewhere")


def test_crime_types_of_a_selection() -> None:
    assert crime_types_of(Selection(PERIOD, definition="norfolk"), DEFINITIONS) == DEFINITIONS["norfolk"].crime_types
    assert crime_types_of(Selection(PERIOD, crime_types=("Drugs",)), DEFINITIONS) == ("Drugs",)
    with pytest.raises(ValueError, match="no definition 'atlantis'"):
        crime_types_of(Selection(PERIOD, definition="atlantis"), DEFINITIONS)


@pytest.mark.parametrize("definition", load_definitions().values(), ids=lambda one: one.id)
def test_what_the_open_form_includes_fits_one_line_of_a_large_screen(definition: Definition) -> None:
    said = definition.includes_sentence
    assert said.startswith("Includes ")
    assert said.endswith(", which open data cannot separate.")
    assert len(said) <= 125
    assert said.removeprefix("Includes ").removesuffix(".") in definition.coverage_sentence
