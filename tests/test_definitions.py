from importlib import resources
from pathlib import Path

import pytest

from geodata.columns import ASB
from hotspots.definitions import DEFAULT, crime_types_of, load_definitions
from hotspots.selection import Period, Selection

PERIOD = Period("2025-01", "2025-12")
NORFOLK = (resources.files("hotspots") / "definitions" / "norfolk.toml").read_text(encoding="utf-8")


def write(folder: Path, text: str, name: str = "mine.toml") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_the_default_is_norfolks_open_data_form() -> None:
    norfolk = load_definitions()[DEFAULT]
    assert norfolk.id == "norfolk"
    assert set(norfolk.crime_types) == {"Violence and sexual offences", "Robbery", "Possession of weapons"}
    assert norfolk.subject == "serious violence"


def test_the_coverage_is_said_as_a_range_with_where_it_was_measured() -> None:
    norfolk = load_definitions()[DEFAULT]
    assert norfolk.caught == (0.77, 0.99)
    sentence = norfolk.coverage_sentence
    for part in (
        "includes domestic, online and harassment offences, which open data cannot separate from street violence; "
        "catches 77 to 99 % of the definition, depending on which public order and miscellaneous offences the "
        "partnership selects",
        "force-wide",
        "2017/18",
    ):
        assert part in sentence


def test_words_that_are_not_a_quotation_say_so() -> None:
    for definition in load_definitions().values():
        assert definition.published_is in ("quotation", "paraphrase")
        assert definition.published_by


def test_no_definition_counts_asb() -> None:
    assert all(ASB not in definition.crime_types for definition in load_definitions().values())


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('"Robbery"', f'"{ASB}"', "never part of a definition"),
        ('"Robbery"', '"Robery"', "'Robery' is not a crime type"),
        ('"Robbery"', '"Possession of weapons"', "listed twice"),
        ('version = "1"', "", '"version" is missing'),
        ('version = "1"', "version = 1", '"version" is not a text'),
        ('version = "1"', 'version = ""', '"version" is empty'),
        ('version = "1"', 'version = "1"\ncolour = "red"', '"colour" is not a known key'),
        ("date = 2026-11-20", 'date = "November"', '"date" is not a date'),
        ("date = 2026-11-20", "date = 2026-11-20T10:00:00", '"date" is not a date'),
        ("[0.77, 0.99]", "[77, 99]", "not two shares between 0 and 1"),
        ("[0.77, 0.99]", "[0.99, 0.77]", "the least first"),
        ('"paraphrase"', '"verse"', "neither"),
        ("[open_data]", "[open_data", "not readable TOML"),
    ],
)
def test_a_bad_file_is_refused_with_its_name_and_the_reason(tmp_path: Path, old: str, new: str, reason: str) -> None:
    assert old in NORFOLK
    with pytest.raises(ValueError, match=r"^The definition mine\.toml cannot be used: ") as refusal:
        load_definitions(write(tmp_path, NORFOLK.replace(old, new)))
    assert reason in str(refusal.value)


def test_not_utf_8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_bytes(b'name = "\xff"')
    with pytest.raises(ValueError, match=r"mine\.toml"):
        load_definitions(tmp_path)


def test_the_same_id_twice_is_refused(tmp_path: Path) -> None:
    write(tmp_path, NORFOLK, "a.toml")
    with pytest.raises(ValueError, match=r"b\.toml cannot be used: the id 'norfolk' is already used"):
        load_definitions(write(tmp_path, NORFOLK, "b.toml"))


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="No definition"):
        load_definitions(tmp_path)


def test_crime_types_of_a_selection() -> None:
    definitions = load_definitions()
    assert crime_types_of(Selection(PERIOD, definition="norfolk"), definitions) == definitions["norfolk"].crime_types
    assert crime_types_of(Selection(PERIOD, crime_types=("Drugs",)), definitions) == ("Drugs",)
    with pytest.raises(ValueError, match="no definition 'atlantis'"):
        crime_types_of(Selection(PERIOD, definition="atlantis"), definitions)
