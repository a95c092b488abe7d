"""The register of methods names every public measure and threshold of the code, and nothing that is not there."""

import ast
import inspect
import pkgutil
from importlib import import_module
from types import ModuleType

import pytest

import hotspots
from hotspots.methods import Method, load_methods, shown, value

# Modules that hold no measure, rule or test of their own: choices, data, words, files, plumbing.
NO_MEASURES = {
    "arrays", "selection", "definition", "definitions", "offence_codes", "toml_lines", "narrative", "export", "table", "methods", "locations", "register", "verdict",
}  # fmt: skip
# What a measure needs but no page states: checks, lookups, labels, conversions.
NO_STATEMENT = {
    "hotspots.counts.check_months_agree", "hotspots.groups.group_counts",
    "hotspots.points.on_or_near", "hotspots.points.place_name",
    "hotspots.significance.cluster_state", "hotspots.significance.self_included", "hotspots.significance.labels",
    "hotspots.significance.in_metres", "hotspots.significance.positions", "hotspots.significance.varies",
    "hotspots.code_form.has_codes",
    "hotspots.controls.joined", "hotspots.controls.reaches", "hotspots.controls.target_positions", "hotspots.placebos.pieces",
    "hotspots.shapes.circle", "hotspots.shapes.drawn", "hotspots.shapes.uploaded", "hotspots.shapes.touched",
    "hotspots.location_figures.areas_of", "hotspots.location_figures.geometry_of", "hotspots.location_figures.is_here",
}  # fmt: skip
NO_THRESHOLD = {
    "hotspots.uncertainty.SEED", "hotspots.placebos.SEED", "hotspots.placebos.TRIES", "hotspots.placebos.BLOCKS_EACH",
    "hotspots.placebos.MOST_BLOCKS", "hotspots.inequality.SEED", "hotspots.exceptions.SEED",
}  # fmt: skip

METHODS = load_methods()


def modules() -> list[ModuleType]:
    names = [module.name for module in pkgutil.iter_modules(hotspots.__path__)]
    return [import_module(f"hotspots.{name}") for name in names if name not in NO_MEASURES]


def public_functions() -> set[str]:
    return {
        f"{module.__name__}.{name}"
        for module in modules()
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_")
    }


def numeric_constants() -> set[str]:
    found = set()
    for module in modules():
        for node in ast.parse(inspect.getsource(module)).body:
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                name = node.target.id
                if not name.startswith("_") and type(getattr(module, name)) in (int, float):
                    found.add(f"{module.__name__}.{name}")
    return found


def test_every_public_function_has_an_entry() -> None:
    stated = {name for method in METHODS.values() for name in method.functions}
    assert public_functions() - stated - NO_STATEMENT == set()


def test_every_threshold_has_an_entry() -> None:
    stated = {where for method in METHODS.values() for _, where in method.thresholds}
    assert numeric_constants() - stated - NO_THRESHOLD == set()


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_an_entry_names_what_is_there_and_says_everything(method: Method) -> None:
    assert method.title
    assert method.says
    assert method.source
    assert method.caveat
    for name in method.functions:
        assert callable(value(name)), name
    for _, where in method.thresholds:
        assert isinstance(value(where), int | float), where
    assert any(method.caveat in line for line in method.lines())


def test_thresholds_are_those_of_the_code() -> None:
    assert "share that hotspots hold: 25 %" in " ".join(METHODS["ranking"].lines())
    assert "nearest LSOA within, in metres: 25" in " ".join(METHODS["join"].lines())
    assert [shown(number) for number in (0.05, 25.0, 2000, 0.98)] == ["5 %", "25", "2000", "98 %"]
