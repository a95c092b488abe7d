"""How a file, a row and a lookup each name a force, and which forces border on which."""

import pytest

from geodata.forces import TRANSPORT_POLICE, _forces, absent_along_border, name_of, slug_of


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Norfolk Constabulary", "norfolk"),
        ("Norfolk", "norfolk"),
        ("  norfolk   CONSTABULARY ", "norfolk"),
        ("British Transport Police", "btp"),
        ("Devon & Cornwall Police", "devon-and-cornwall"),
        ("Devon and Cornwall", "devon-and-cornwall"),
        ("London, City of", "city-of-london"),
        ("Metropolitan Police Service", "metropolitan"),
        ("Wendshire Constabulary (fictional)", "wendshire-constabulary"),
        ("<b>{{7*7}}</b>", "b-7-7-b"),
        ("", "unknown"),
        ("***", "unknown"),
    ],
)
def test_a_force_has_one_slug_however_it_is_named(name: str, slug: str) -> None:
    assert slug_of(name) == slug


def test_a_slug_has_its_published_name_or_itself_in_words() -> None:
    assert name_of("avon-and-somerset") == "Avon and Somerset Constabulary"
    assert name_of("wendshire") == "Wendshire"


def test_the_list_holds_the_43_territorial_forces_and_the_transport_police() -> None:
    slugs = set(_forces().index)
    assert len(slugs) == 44
    assert TRANSPORT_POLICE in slugs
    assert _forces()["reported_by"].is_unique


def test_neighbours_are_mutual_and_known() -> None:
    neighbours = {slug: set(text.split()) for slug, text in _forces()["neighbours"].items()}
    assert all(others <= set(neighbours) for others in neighbours.values())
    assert [(a, b) for a in neighbours for b in neighbours[a] if a not in neighbours[b]] == []
    assert all(slug not in others for slug, others in neighbours.items())


def test_absent_forces_are_the_neighbours_that_were_not_loaded() -> None:
    assert absent_along_border(["norfolk"], ["norfolk"]) == ["btp", "cambridgeshire", "lincolnshire", "suffolk"]
    assert absent_along_border(["norfolk", "suffolk"], ["norfolk", "suffolk", "btp"]) == [
        "cambridgeshire",
        "essex",
        "lincolnshire",
    ]
    assert absent_along_border(["wendshire"], []) == ["btp"]
