"""The register of methods: what each figure is, its formula, its source and what it cannot say.

The texts are data in ``methods.toml``. Thresholds are read from the code that uses them, so that no page can state another.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import import_module, resources
from typing import Any, Final

_KEYS: Final = ("title", "says", "formula", "source", "caveat")


@dataclass(frozen=True)
class Method:
    """One entry. ``functions`` and ``thresholds`` are dotted names in this project; ``formula`` may be empty."""

    name: str
    title: str
    says: str
    formula: str
    source: str
    caveat: str
    functions: tuple[str, ...]
    thresholds: tuple[tuple[str, str], ...]

    def lines(self) -> list[str]:
        """The entry in words, for a page: what it says, formula, thresholds in force, source, caveat."""
        stated = [f"{words}: {shown(value(where))}" for words, where in self.thresholds]
        return [
            self.says,
            *([f"Formula: {self.formula}"] if self.formula else []),
            *([f"Thresholds: {'; '.join(stated)}."] if stated else []),
            f"Source: {self.source}",
            f"Mind: {self.caveat}",
        ]


@cache
def load_methods() -> dict[str, Method]:
    """Every method by its name, in the order of the file."""
    text = (resources.files("hotspots") / "methods.toml").read_text(encoding="utf-8")
    return {name: _method(name, entry) for name, entry in tomllib.loads(text).items()}


def value(where: str) -> Any:
    """The constant that a dotted name such as ``hotspots.ranking.HOTSPOT_SHARE`` stands for."""
    module, _, name = where.rpartition(".")
    return getattr(import_module(module), name)


def shown(number: object) -> str:
    """A threshold as a person writes it: shares in per cent."""
    if isinstance(number, float) and 0 < number < 1:
        return f"{100 * number:.3g} %"
    return f"{number:g}" if isinstance(number, float) else str(number)


def _method(name: str, entry: dict[str, Any]) -> Method:
    texts = {key: str(entry.get(key, "")) for key in _KEYS}
    return Method(
        name=name,
        **texts,
        functions=tuple(entry.get("functions", ())),
        thresholds=tuple(entry.get("thresholds", {}).items()),
    )
