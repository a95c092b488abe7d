from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.columns import ASB, CRIME_TYPES
from hotspots.code_form import code_statement, has_codes, matches
from hotspots.definition import FLAGS, Offences
from hotspots.definitions import load_definitions

DEFINITIONS = load_definitions()
VIOLENCE = "Violence and sexual offences"


def incidents(*rows: tuple[str, str | None], **flags: list[bool | None]) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows), columns=["crime_type", "offence_code"])
    for flag, values in flags.items():
        frame[flag] = pd.array(values, dtype="boolean")
    return frame


def counted(definition: str, frame: pd.DataFrame, **reading: str) -> list[bool]:
    return matches(DEFINITIONS[definition], frame, reading).tolist()


def test_norfolk_counts_by_code_in_either_way_of_writing() -> None:
    frame = incidents(
        (VIOLENCE, "8N"), (VIOLENCE, "008/06"), (VIOLENCE, "19C"), ("Robbery", "34/1"), ("Drugs", "92D"),
        ("Criminal damage and arson", "56A"), ("Criminal damage and arson", "56B"), ("Burglary", "29"), ("Burglary", "28E"),
    )  # fmt: skip
    assert counted("norfolk", frame) == [True, True, True, True, False, True, False, True, False]


@pytest.mark.parametrize(
    ("code", "crime_type", "reading", "expected"),
    [
        ("65", "Public order", {}, True),
        ("125/9", "Public order", {}, False),
        ("125/9", "Public order", {"selected": "all"}, True),
        ("99/1", "Other crime", {"selected": "all"}, True),
        ("37/2", "Vehicle crime", {}, True),
        ("48/1", "Vehicle crime", {}, False),
        ("48/1", "Vehicle crime", {"vehicle": "all"}, True),
        ("37/2", "Vehicle crime", {"vehicle": "all"}, True),
    ],
)
def test_norfolks_readings_switch_what_counts(
    code: str, crime_type: str, reading: dict[str, str], expected: bool
) -> None:
    assert counted("norfolk", incidents((crime_type, code)), **reading) == [expected]


def test_grievous_bodily_harm_is_read_in_two_ways() -> None:
    frame = incidents((VIOLENCE, "5D"), (VIOLENCE, "5/9"), (VIOLENCE, "8/1"), (VIOLENCE, "105A"))
    assert counted("avon-and-somerset", frame) == [True, True, False, False]
    assert counted("avon-and-somerset", frame, gbh="with_8n") == [True, True, True, False]


def test_a_flag_adds_an_offence_of_another_code_and_unknown_adds_none() -> None:
    frame = incidents(
        ("Public order", "9A"), ("Public order", "9A"), ("Public order", "9A"), flag_knife=[True, False, None]
    )
    assert counted("nottinghamshire", frame) == [True, False, False]
    assert counted("nottinghamshire", frame.drop(columns="flag_knife")) == [False, False, False]


def test_a_flag_beside_codes_needs_both() -> None:
    frame = incidents((VIOLENCE, "105A"), (VIOLENCE, "105A"), ("Drugs", "92D"), flag_alcohol=[True, None, True])
    assert counted("avon-and-somerset", frame) == [True, False, False]


def test_a_strict_focus_asks_for_both_flags() -> None:
    frame = incidents(
        ("Robbery", "34B"), ("Robbery", "34B"), ("Robbery", "34B"),
        flag_public_space=[True, True, None], flag_under_25=[True, False, True],
    )  # fmt: skip
    assert counted("avon-and-somerset", frame) == [True, True, True]
    assert counted("avon-and-somerset", frame, focus="strict") == [True, False, False]


def test_what_cannot_be_told_is_not_counted() -> None:
    frame = incidents((VIOLENCE, None), (VIOLENCE, "5Z"), (VIOLENCE, ""), (VIOLENCE, "44774"))
    assert counted("norfolk", frame) == [False] * 4


def test_asb_is_never_counted_whatever_it_carries() -> None:
    frame = incidents((ASB, "8N"), (ASB, None), flag_knife=[True, True])
    for definition in DEFINITIONS:
        assert counted(definition, frame) == [False, False]


def test_the_result_is_on_the_callers_index_and_nothing_is_changed() -> None:
    frame = incidents((VIOLENCE, "8N"), (VIOLENCE, None)).set_axis([7, 7])
    before = frame.copy(deep=True)
    result = matches(DEFINITIONS["norfolk"], frame)
    assert result.index.equals(frame.index)
    assert result.dtype == bool
    pd.testing.assert_frame_equal(frame, before)


def test_no_incidents_give_none() -> None:
    empty = incidents()
    assert matches(DEFINITIONS["norfolk"], empty).empty
    assert "nothing to count" in code_statement(DEFINITIONS["norfolk"], empty)[0]


def test_a_source_without_codes_is_told_apart_and_refused() -> None:
    assert not has_codes(pd.DataFrame({"crime_type": ["Robbery"]}))
    assert not has_codes(incidents(("Robbery", None)))
    assert has_codes(incidents(("Robbery", None), ("Robbery", "34B")))
    with pytest.raises(ValueError, match="no column 'offence_code'"):
        matches(DEFINITIONS["norfolk"], pd.DataFrame({"crime_type": ["Robbery"]}))


def test_the_statement_counts_what_is_not_known() -> None:
    frame = incidents(
        (VIOLENCE, "8N"), (VIOLENCE, None), ("Other crime", "5Z"), ("Public order", "8N"), (ASB, None),
        flag_knife=[True, None, False, None, None],
    )  # fmt: skip
    sentences = code_statement(DEFINITIONS["nottinghamshire"], frame)
    assert "by Home Office offence codes and flags" in sentences[0]
    assert "1 of 4 offences have no offence code and are not counted by code." in sentences
    assert "1 of 4 offences have a code that is not on the Home Office's list and are not counted by code." in sentences
    assert "The knife flag is not recorded for 2 of 4 offences: not known, so not counted by it." in sentences
    assert "The county lines flag is not recorded for any offence: not known, so not counted by it." in sentences
    assert len(sentences) == 5


def test_the_statement_says_how_it_was_read_and_names_no_flag_that_is_not_used() -> None:
    sentences = code_statement(DEFINITIONS["norfolk"], incidents((VIOLENCE, "8N")), {"vehicle": "all"})
    assert len(sentences) == 2
    assert "every vehicle offence" in sentences[1]
    assert "flags" not in sentences[0]


def test_a_code_too_broad_to_tell_is_not_counted_and_said() -> None:
    wounding = Offences("section 20 wounding", frozenset({"8/1"}), (), (), (), None, ())
    definition = replace(DEFINITIONS["nottinghamshire"], offences=(wounding,))
    frame = incidents((VIOLENCE, "8/1"), (VIOLENCE, "8/6"), (VIOLENCE, "8N"))
    assert matches(definition, frame).tolist() == [True, False, False]
    said = (
        "1 of 3 offences have a code too broad to tell whether the definition includes it and are not counted by code."
    )
    assert said in code_statement(definition, frame)


CODES = st.sampled_from(
    ["8N", "8/1", "5D", "105A", "34/1", "10D", "106", "9A", "92D", "37/2", "48/1", "5Z", "19C", None]
)


@st.composite
def frames(draw: st.DrawFn) -> pd.DataFrame:
    size = draw(st.integers(0, 12))
    each = st.lists(st.sampled_from(CRIME_TYPES), min_size=size, max_size=size)
    codes = st.lists(CODES, min_size=size, max_size=size)
    frame = pd.DataFrame({"crime_type": draw(each), "offence_code": pd.Series(draw(codes), dtype="object")})
    for flag in FLAGS:
        if draw(st.booleans()):
            values = draw(st.lists(st.sampled_from([True, False, None]), min_size=size, max_size=size))
            frame[flag] = pd.array(values, dtype="boolean")
    return frame


def readings(definition: str) -> st.SearchStrategy[dict[str, str]]:
    switches = DEFINITIONS[definition].switches
    return st.fixed_dictionaries(
        {}, optional={one.id: st.sampled_from([option for option, _ in one.options]) for one in switches}
    )


@given(frames(), st.sampled_from(sorted(DEFINITIONS)), st.data())
@settings(max_examples=150, deadline=None)
def test_invariants(frame: pd.DataFrame, definition: str, data: st.DataObject) -> None:
    one = DEFINITIONS[definition]
    reading: dict[str, Any] = data.draw(readings(definition))
    result = matches(one, frame, reading)
    assert not result[frame["crime_type"].eq(ASB)].any()
    # row by row, so that no incident depends on another
    order = data.draw(st.permutations(range(len(frame))))
    pd.testing.assert_series_equal(matches(one, frame.iloc[order], reading), result.iloc[order])
    # a default spelled out is the default
    pd.testing.assert_series_equal(matches(one, frame, one.settled(reading)), result)
    # a flag known to be false says no more than one that is not recorded
    known = frame.assign(**{flag: frame[flag].fillna(False) for flag in FLAGS if flag in frame})
    pd.testing.assert_series_equal(matches(one, known, reading), result)
    # setting a flag adds offences and takes none away
    flag = data.draw(st.sampled_from(sorted(FLAGS)))
    assert (matches(one, frame.assign(**{flag: True}), reading) >= result).all()
    assert len(code_statement(one, frame, reading)) >= 1


@given(frames())
@settings(max_examples=60, deadline=None)
def test_the_wider_reading_counts_all_that_the_narrower_counts(frame: pd.DataFrame) -> None:
    for definition, wider in (
        ("norfolk", {"selected": "all"}), ("norfolk", {"vehicle": "all"}), ("norfolk", {"themes": "flagged"}),
        ("avon-and-somerset", {"gbh": "with_8n"}), ("avon-and-somerset", {"commitment": "wider"}), ("suffolk", {"disorder": "all"}),
    ):  # fmt: skip
        assert (matches(DEFINITIONS[definition], frame, wider) >= matches(DEFINITIONS[definition], frame)).all()
