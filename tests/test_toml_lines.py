import pytest

from hotspots.toml_lines import line_of

TEXT = """\
id = "x"
[open_data]
crime_types = [
    "Robbery",
    "Drugs",
]
[[offences]]
name = "one"
[[offences]]
name = "two"
[offences.when]
switch = "a"
"""


@pytest.mark.parametrize(
    ("table", "number", "key", "value", "line"),
    [
        ("", 0, "id", "", 1),
        ("", 0, "missing", "", 1),
        ("open_data", 0, "", "", 2),
        ("open_data", 0, "crime_types", "Drugs", 5),
        ("offences", 0, "name", "", 8),
        ("offences", 1, "name", "", 10),
        ("offences", 1, "switch", "", 12),
        ("elsewhere", 0, "", "", 1),
    ],
)
def test_the_line_of_a_key_or_value(table: str, number: int, key: str, value: str, line: int) -> None:
    assert line_of(TEXT, table, number, key, value) == line


def test_an_empty_text_has_one_line() -> None:
    assert line_of("") == 1
