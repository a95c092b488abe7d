"""Imports point one way, modules say what they are, and pages stay thin."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("geodata", "hotspots", "pages", "sample_data")
MODULES = {
    path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
    for path in sorted([ROOT / "app.py", *(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))])
}
OURS = (*ROOMS, "app", "tests", "benchmarks")
SCREEN = {"streamlit", "folium", "streamlit_folium", "branca", "altair"}
LONGEST_PAGE = 60


def imported(tree: ast.Module) -> set[str]:
    """Every module that is imported anywhere in the file, with full dotted names."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute, so that this test can read them"
            # A module may be named on either side: from pages.shared import maps, from pages.shared.maps import ...
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def of_ours(name: str) -> set[str]:
    """What a file imports of this project."""
    return {other for other in imported(MODULES[name]) if other.split(".")[0] in OURS}


def within(rooms: tuple[str, ...], name: str) -> bool:
    return any(name == room or name.startswith(f"{room}.") for room in rooms)


def in_room(room: str) -> list[str]:
    found = [name for name in MODULES if name.startswith(f"{room}/")]
    assert found, f"{room} holds no module: the test looks in the wrong place"
    return found


def is_page(name: str) -> bool:
    return name == "app.py" or (name.startswith("pages/") and name.count("/") == 1)


@pytest.mark.parametrize("name", in_room("geodata"))
def test_geodata_stands_alone(name: str) -> None:
    allowed = ("geodata", "sample_data") if name == "geodata/__main__.py" else ("geodata",)
    assert {other for other in of_ours(name) if not within(allowed, other)} == set()


@pytest.mark.parametrize("name", in_room("hotspots"))
def test_hotspots_knows_of_geodata_only_the_columns(name: str) -> None:
    assert {other for other in of_ours(name) if not within(("hotspots", "geodata.columns"), other)} == set()


@pytest.mark.parametrize("name", in_room("sample_data"))
def test_the_sample_knows_of_geodata_only_the_columns(name: str) -> None:
    assert {other for other in of_ours(name) if not within(("sample_data", "geodata.columns"), other)} == set()


@pytest.mark.parametrize("name", in_room("pages/shared"))
def test_what_pages_share_imports_no_page(name: str) -> None:
    allowed = ("pages.shared", "hotspots", "geodata", "sample_data")
    assert {other for other in of_ours(name) if not within(allowed, other)} == set()


@pytest.mark.parametrize("name", [name for name in MODULES if is_page(name)])
def test_a_page_imports_no_other_page(name: str) -> None:
    allowed = ("pages.shared", "hotspots", "geodata", "sample_data")
    assert {other for other in of_ours(name) if not within(allowed, other)} == set()


@pytest.mark.parametrize("name", [*in_room("geodata"), *in_room("hotspots"), *in_room("sample_data")])
def test_no_screen_below_the_pages(name: str) -> None:
    assert {other.split(".")[0] for other in imported(MODULES[name])} & SCREEN == set()


def test_folium_is_in_one_module() -> None:
    users = {
        name
        for name, tree in MODULES.items()
        if {o.split(".")[0] for o in imported(tree)} & {"folium", "streamlit_folium", "branca"}
    }
    assert users == {"pages/shared/maps.py"}


def test_the_caches_are_in_two_modules() -> None:
    """Of what is open, and of what is computed from it; `st.cache_...` anywhere else would be keyed by other rules."""
    users = {
        name
        for name, tree in MODULES.items()
        if any(isinstance(node, ast.Attribute) and node.attr.startswith("cache_") for node in ast.walk(tree))
    }
    assert users == {"pages/shared/data.py", "pages/shared/opening.py"}


@pytest.mark.parametrize("name", MODULES)
def test_a_module_says_what_it_is(name: str) -> None:
    said = ast.get_docstring(MODULES[name])
    assert said
    assert len(said) > 20


@pytest.mark.parametrize("name", [name for name in MODULES if is_page(name)])
def test_a_page_is_thin(name: str) -> None:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    assert len(lines) <= LONGEST_PAGE
    defined = [node for node in MODULES[name].body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    assert len(defined) <= 2, "what a page is made of stands in pages/shared"
