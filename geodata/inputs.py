"""The files of one build, by what they are."""

from dataclasses import dataclass
from pathlib import Path

from geodata.layers import layer_files

KINDS = (
    "boundaries", "police", "incidents", "deprivation", "population", "denominator", "weights", "lookup", "names", "layers",
)  # fmt: skip


@dataclass(frozen=True)
class Inputs:
    """The files of one build, by what they are; the order within a kind does not matter."""

    boundaries: tuple[Path, ...]
    police: tuple[Path, ...] = ()
    deprivation: tuple[Path, ...] = ()
    population: tuple[Path, ...] = ()
    lookup: tuple[Path, ...] = ()
    names: tuple[Path, ...] = ()
    incidents: tuple[Path, ...] = ()
    denominator: tuple[Path, ...] = ()
    weights: tuple[Path, ...] = ()
    layers: tuple[Path, ...] = ()

    def files(self) -> list[tuple[str, Path]]:
        """Every input file as (kind, path), the files of a folder one by one."""
        return [
            (kind, inner)
            for kind in KINDS
            for given in (layer_files(self.layers) if kind == "layers" else getattr(self, kind))
            for inner in ([given] if given.is_file() else sorted(p for p in given.rglob("*") if p.is_file()))
        ]
