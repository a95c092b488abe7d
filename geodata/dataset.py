"""A dataset folder: written whole or not at all, opened whole or refused.

It is made beside its place and renamed into it, so that a reader sees the old one or the new one, never half.
"""

import contextlib
import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata.columns import COUNTS, POLICE_UK
from geodata.errors import InputError, quoted
from geodata.layer_description import OPEN
from geodata.layer_store import FOLDER as LAYERS
from geodata.layer_store import restored
from geodata.layers import Layer
from geodata.sources import LITTER

FORMAT_VERSION = 2
OPEN_DATA = "Open data"
FICTIONAL = "fictional county: no place, offence or person in it is real"
PARTNER_USE = "OFFICIAL-SENSITIVE: partner use only"
TABLES = ("incidents", "counts", "areas", "rejects", "accounting")
_CONTENT = {"manifest.json", "display", LAYERS, *(f"{name}.parquet" for name in TABLES)}


@dataclass(frozen=True)
class Dataset:
    """An opened dataset folder. Frames are shared between callers: never change one in place."""

    path: Path
    manifest: dict[str, Any]
    areas: gpd.GeoDataFrame
    cells: pd.DataFrame

    @property
    def hash(self) -> str:
        """Content hash of the whole folder: the same inputs give the same hash."""
        return str(self.manifest["dataset_hash"])

    @property
    def sources(self) -> list[str]:
        """The sources of incidents, in the manifest's order."""
        return list(self.manifest["coverage"])

    @property
    def marking(self) -> str:
        """What stands on every page and file: a made-up county is no place."""
        marking = OPEN_DATA if self.is_open else PARTNER_USE
        return f"{marking} ({FICTIONAL})" if self.is_fictional else marking

    @property
    def is_open(self) -> bool:
        """Whether everyone may see all of it: a force's own extract is not open, nor is a layer that is not marked so."""
        layers = self.manifest.get("layers", [])
        return set(self.sources) <= {POLICE_UK} and all(one["about"].get("marking") == OPEN for one in layers)

    @property
    def is_fictional(self) -> bool:
        """Whether the area's name says that it does not exist."""
        return "fictional" in str(self.manifest["area"]).lower()

    @property
    def denominators(self) -> dict[str, str]:
        """What rates can be per beside residents: title by id; the numbers stand in ``areas``, as ``per_ID``."""
        return {one["id"]: one["title"] for one in self.manifest.get("denominators", [])}

    def presence(self, source: str | None = None) -> pd.DataFrame:
        """Which force supplied which month: bool, index force, columns every month from the first to the last."""
        coverage = self.manifest["coverage"][self._source(source)]
        months = pd.Index(next(iter(coverage.values())), name="month")
        there = np.array([[of_force[month] == "present" for month in months] for of_force in coverage.values()])
        return pd.DataFrame(there, pd.Index(coverage, name="force"), months)

    def source_cells(self, source: str | None = None) -> pd.DataFrame:
        """The non-zero cells of one source: lsoa_code, month, crime_type, force, source, count."""
        return self.cells[self.cells["source"] == self._source(source)]

    def counts(self, source: str | None = None) -> pd.DataFrame:
        """Every cell of one source (by default police.uk where there is one): lsoa_code, month, crime_type, force,
        source, count.

        Zero-filled where the area's territorial force supplied the month, null where it did not; another force's
        cells stand beside as they are. A large frame: areas x months x crime types.
        """
        name = self._source(source)
        cells, present = self.source_cells(name), self.presence(name)
        types = self.manifest["crime_types"]
        grid = pd.MultiIndex.from_product(
            [self.areas["lsoa_code"], present.columns, types], names=["lsoa_code", "month", "crime_type"]
        ).to_frame(index=False)
        grid["force"] = grid["lsoa_code"].map(self.areas.set_index("lsoa_code")["force"])
        grid["source"] = name
        plain = cells.astype(dict.fromkeys(COUNTS[:-1], "str"))
        full = grid.merge(plain, on=list(COUNTS[:-1]), how="outer")
        full["count"] = full["count"].astype("Int64")
        supplied = present.stack()
        there = supplied.reindex(pd.MultiIndex.from_frame(full[["force", "month"]]), fill_value=False).to_numpy()
        full.loc[full["count"].isna() & there, "count"] = 0
        return full[list(COUNTS)].sort_values(list(COUNTS[:-1]), ignore_index=True)

    def incidents(self) -> pd.DataFrame:
        """One row per joined incident."""
        return self._table("incidents")

    def rejects(self) -> pd.DataFrame:
        """One row per row that was not joined, with its reason."""
        return self._table("rejects")

    def accounting(self) -> pd.DataFrame:
        """Rows by source, force, month, crime_type and outcome; their sum is the number of rows read."""
        return self._table("accounting")

    def layers(self) -> tuple[Layer, ...]:
        """The layers that lie over the map, by id."""
        try:
            layers = tuple(restored(one, self.path) for one in self.manifest.get("layers", []))
            if read_manifest(self.path)["dataset_hash"] == self.hash:
                return layers
        except (OSError, ValueError):
            pass  # renamed or changed under the reader
        raise self._changed()

    @cached_property
    def display(self) -> dict[str, Path]:
        """The files that a browser may fetch: areas, districts, places."""
        return {kind: self.path / "display" / name for kind, name in self.manifest["display"].items()}

    def _table(self, name: str) -> pd.DataFrame:
        try:
            table = pd.read_parquet(self.path / f"{name}.parquet")
            if read_manifest(self.path)["dataset_hash"] == self.hash:
                return table
        except (OSError, ValueError):
            pass  # renamed or changed under the reader
        raise self._changed()

    def _changed(self) -> InputError:
        return InputError(f"The dataset {quoted(self.path.name)} was changed while it was open: open it again.")

    def _source(self, source: str | None) -> str:
        if source is None:
            return POLICE_UK if POLICE_UK in self.sources else self.sources[0]
        if source not in self.sources:
            raise InputError(f"This dataset has no source {quoted(source)}: it has {', '.join(self.sources)}.")
        return source


def open_dataset(path: str | Path) -> Dataset:
    """Open the dataset folder at ``path``; InputError in words where it is none, or of another format version."""
    folder = Path(path)
    for _ in range(3):
        before = read_manifest(folder)
        try:
            areas = gpd.read_parquet(folder / "areas.parquet")
            cells = pd.read_parquet(folder / "counts.parquet")
        except (OSError, ValueError):
            time.sleep(0.2)  # renamed between the two reads
            continue
        if read_manifest(folder)["dataset_hash"] == before["dataset_hash"]:
            return Dataset(folder, before, areas, cells)
    raise InputError(
        f"The dataset {quoted(folder.name)} is damaged: build it again, or run 'python -m geodata check' on it."
    )


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a dataset folder; InputError where there is none or it is of another format version."""
    for attempt in range(3):
        try:
            manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
            break
        except FileNotFoundError:
            if attempt == 2:
                raise InputError(
                    f"{quoted(folder.name)} is no dataset folder (it has no manifest.json): "
                    "give the folder that 'python -m geodata build' wrote."
                ) from None
            time.sleep(0.1)  # between the two renames of a rebuild
        except (OSError, ValueError):
            raise InputError(
                f"The manifest of {quoted(folder.name)} cannot be read: build the dataset again."
            ) from None
    if not isinstance(manifest, dict) or not {"format_version", "files", "dataset_hash"} <= manifest.keys():
        raise InputError(f"The manifest of {quoted(folder.name)} is not that of a dataset: build the dataset again.")
    if manifest["format_version"] != FORMAT_VERSION:
        raise InputError(
            f"The dataset {quoted(folder.name)} is of format {quoted(manifest['format_version'])}, "
            f"and this version reads format {FORMAT_VERSION}: build it again."
        )
    return manifest


@contextlib.contextmanager
def written_whole(out: Path) -> Iterator[Path]:
    """A folder to write into, renamed to ``out`` when the block ends and removed when it fails.

    Raises InputError where ``out`` is something other than a dataset folder or cannot be replaced: nothing of the
    user's is ever overwritten.
    """
    try:
        out = out.resolve()  # the folder itself where a link leads to it
        if out.exists() and not _may_be_replaced(out):
            raise InputError(f"{quoted(out.name)} exists and is no dataset folder: name a new folder for --out.")
        scratch = out.with_name(f".{out.name}.building-{os.getpid()}")
        earlier = out.with_name(f".{out.name}.replaced-{os.getpid()}")
        with _cleared(scratch, earlier, out):
            scratch.mkdir(parents=True)
            yield scratch
            if out.exists():
                out.rename(earlier)
            scratch.rename(out)
    except OSError as error:
        raise InputError(
            f"The dataset cannot be written to {quoted(out.name)} ({error.strerror or type(error).__name__}): "
            "close what has it open, or name another folder."
        ) from None


def _may_be_replaced(out: Path) -> bool:
    """An empty folder, or one that holds a dataset and nothing that somebody else put there."""
    if not out.is_dir():
        return False
    found = {entry.name for entry in out.iterdir()}
    return not found or (
        "manifest.json" in found and found <= _CONTENT | LITTER and _is_manifest(out / "manifest.json")
    )


def _is_manifest(file: Path) -> bool:
    try:
        return "format_version" in json.loads(file.read_text(encoding="utf-8"))
    except (ValueError, TypeError):
        return True  # a damaged one, with nothing beside it but the files of a dataset


@contextlib.contextmanager
def _cleared(scratch: Path, earlier: Path, out: Path) -> Iterator[None]:
    """Leave nothing beside ``out``, and ``out`` as it was where the new folder did not take its place."""
    shutil.rmtree(scratch, ignore_errors=True)
    try:
        yield
    finally:
        if earlier.exists() and not out.exists():
            earlier.rename(out)
        shutil.rmtree(scratch, ignore_errors=True)
        shutil.rmtree(earlier, ignore_errors=True)


def write_dataset(
    folder: Path,
    tables: dict[str, pd.DataFrame],
    display: dict[str, str],
    facts: dict[str, Any],
    built_at: str,
) -> dict[str, Any]:
    """Write the tables (``TABLES`` and those of layers) and the manifest into ``folder``, which holds ``display/`` already.

    Returns the manifest.
    """
    files = {}
    for name, table in tables.items():
        file = folder / f"{name}.parquet"
        file.parent.mkdir(exist_ok=True)
        table.to_parquet(file, compression="zstd", index=False)
        files[f"{name}.parquet"] = sha256_of(file)
    files |= {f"display/{name}": sha256_of(folder / "display" / name) for name in sorted(display.values())}
    manifest = {"format_version": FORMAT_VERSION, **facts, "display": display, "files": files}
    manifest["dataset_hash"] = content_hash(manifest)
    manifest["built_at"] = built_at
    text = json.dumps(manifest, indent=1, ensure_ascii=False, sort_keys=False)
    (folder / "manifest.json").write_text(text + "\n", encoding="utf-8")
    return manifest


def content_hash(manifest: dict[str, Any]) -> str:
    """Hash of everything a manifest says but when and by what release it was built."""
    said = {key: value for key, value in manifest.items() if key not in {"dataset_hash", "built_at", "tool_version"}}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:16]


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
