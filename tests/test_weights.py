"""Severity weights by offence code, as a user gives them."""

from pathlib import Path

import pytest

from geodata.errors import InputError
from geodata.weights import read_weights
from tests.fixtures import assert_plain, write


def sentence(*paths: Path) -> str:
    with pytest.raises(InputError) as caught:
        read_weights(paths)
    return assert_plain(str(caught.value))


@pytest.mark.parametrize(
    ("header", "name", "title"),
    [
        ("offence_code,weight", "crime-severity-score.csv", "Crime severity score"),
        ("Offence Code,CSS weight 2021", "x.csv", "CSS weight 2021"),
        ("HO code,Cambridge Crime Harm Index", "x.csv", "Cambridge Crime Harm Index"),
        ("code,score", "our_weights.csv", "Our weights"),
    ],
)
def test_two_columns_and_a_title(header: str, name: str, title: str, tmp_path: Path) -> None:
    found = read_weights([write(tmp_path / name, f'{header}\n8N,10\n1/1,"7,979"\n')])
    assert found.by_code == {"8N": 10.0, "1/1": 7979.0}
    assert (found.title, found.file) == (title, name)


def test_headings_between_the_rows_and_missing_weights_are_passed_over(tmp_path: Path) -> None:
    text = "offence,offence_code,weight\nViolence,,\nGBH,5D,1500\nNo weight,9A,\nFree,44,0\n"
    assert read_weights([write(tmp_path / "w.csv", text)]).by_code == {"5D": 1500.0, "44": 0.0}


BAD = {
    "no code": ("a,weight\n8N,1\n", "has no column for the offence code"),
    "no weight": ("offence_code,b\n8N,1\n", "has no column for the weight"),
    "below zero": ("offence_code,weight\n8N,-1\n", "has '-1' as a weight in row 2"),
    "text": ("offence_code,weight\n8N,high\n", "has 'high' as a weight in row 2"),
    "two weights": ("offence_code,weight\n8N,1\n8N,2\n", "gives the offence code '8N' two weights"),
    "none": ("offence_code,weight\n8N,\n", "has no row with an offence code and a weight"),
}


@pytest.mark.parametrize(("text", "says"), BAD.values(), ids=BAD)
def test_a_file_that_cannot_be_used(text: str, says: str, tmp_path: Path) -> None:
    assert says in sentence(write(tmp_path / "w.csv", text))


def test_two_sets_of_weights_are_not_mixed(tmp_path: Path) -> None:
    one, two = (write(tmp_path / name, "code,weight\n8N,1\n") for name in ("1.csv", "2.csv"))
    assert "two sets of weights cannot be mixed" in sentence(one, two)
