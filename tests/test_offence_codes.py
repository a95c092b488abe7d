import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.columns import ASB, CRIME_TYPES
from hotspots.offence_codes import classes_in, classes_of, covers, crime_type_of, is_listed, normalise, touches


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("8/6", "8/6"), ("008/06", "8/6"), ("00806", "8/6"), (" 8n ", "8N"), ("4.10", "4/10"), ("37.2", "37/2"),
        ("105A", "105A"), ("002/00", "2"), ("15/00", "15"), (2, "2"), ("1/4.1/4.10/4.2", "1/4.1/4.10/4.2"),
        ("not a code", "NOT A CODE"),
    ],
)  # fmt: skip
def test_every_way_of_writing_a_code_is_one_code(written: object, code: str) -> None:
    assert normalise(written) == code


# data.police.uk's list of offences by category (2022).
@pytest.mark.parametrize(
    ("code", "crime_type"),
    [
        ("1/1", "Violence and sexual offences"), ("8/6", "Violence and sexual offences"),
        ("8/11", "Possession of weapons"), ("8/55", "Public order"), ("8/72", "Violence and sexual offences"),
        ("28/3", "Burglary"), ("37/1", "Violence and sexual offences"), ("37/2", "Vehicle crime"),
        ("45/11", "Other theft"), ("53/25", "Other theft"), ("53/43", "Other crime"), ("125/68", "Violence and sexual offences"),
        ("130/2", "Other theft"), ("66/1", "Public order"), ("81/91", "Possession of weapons"), ("195/12", "Violence and sexual offences"),
        ("825/6", "Vehicle crime"), ("92/1", "Drugs"), ("34/1", "Robbery"),
    ],
)  # fmt: skip
def test_the_category_is_police_uks(code: str, crime_type: str) -> None:
    assert crime_type_of(code) == crime_type


def test_every_category_but_asb_has_codes_and_no_other_exists() -> None:
    assert not classes_in(ASB)
    for crime_type in CRIME_TYPES[1:]:
        assert classes_in(crime_type), crime_type
        for code in classes_in(crime_type):
            assert crime_type_of(code) == crime_type
            assert classes_of(code) == {code}


def test_an_offence_belongs_to_its_class() -> None:
    assert classes_of("8/1") == {"8N"}
    assert classes_of("5/1") == {"5D"}
    assert classes_of("5/9") == classes_of("6/1") == {"5E"}
    assert classes_of("4/1") == classes_of("1") == {"1/4.1/4.10/4.2"}
    assert classes_of("29") == {"29A"}
    assert classes_of("34/1") == {"34A", "34B"}
    assert not is_listed("44774")
    assert classes_of("5Z") == frozenset()


def test_a_list_covers_what_it_surely_includes() -> None:
    assert covers({"8N"}, "8/1")
    assert covers({"8/1"}, "8/1")
    assert covers({"34A", "34B"}, "34/1")
    assert not covers({"34A"}, "34/1")
    assert not covers({"8/1"}, "8N")
    assert not covers({"8N"}, "")
    assert not covers(set(), "8N")


def test_a_list_touches_what_it_may_include() -> None:
    assert touches({"34A"}, "34/1")
    assert touches({"8/1"}, "8N")
    assert not touches({"8N"}, "8/1")
    assert not touches({"8N"}, "5D")


@given(st.integers(1, 999), st.integers(1, 99))
def test_zeros_before_a_code_change_nothing(number: int, part: int) -> None:
    code = f"{number}/{part}"
    assert normalise(code) == normalise(f"{number:03d}/{part:02d}") == normalise(f"{number:03d}{part:02d}") == code
    assert normalise(normalise(code)) == code
