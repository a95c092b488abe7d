"""Layers that lie over the map: a data file and a small TOML of the same name beside it.

Points, lines, polygons, area tables, and monthly counts by place. Each stays at the level and place that it came with.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd

from geodata.errors import InputError, quoted
from geodata.health import read_monthly
from geodata.layer_accounting import Accounting
from geodata.layer_description import OPEN, SPATIAL, Description, read_description
from geodata.layer_features import read_features
from geodata.layer_tables import read_area_table
from geodata.lookups import Lookups
from geodata.sources import LITTER, file_name

LONGEST_ID = 60  # it is part of the name of a file
MOST_LAYERS = 30  # in one dataset: more could not be told apart in a legend


@dataclass(frozen=True)
class Layer:
    """One layer. ``id``: from its file's name; ``frame``: as ``layer_features``, ``layer_tables`` or ``health`` describe it, by kind;
    ``accounting``: rows read = kept + each reason; ``notes``: what to mind, a sentence each.
    """

    id: str
    about: Description
    frame: pd.DataFrame
    accounting: Accounting
    notes: tuple[str, ...]
    file: str

    @property
    def is_open(self) -> bool:
        """Whether everyone may see it; any other layer marks every page and file."""
        return self.about.marking == OPEN


def read_layer(path: Path, areas: gpd.GeoDataFrame, vintage: int, lookups: Lookups | None = None) -> Layer:
    """The layer in the data file at ``path``, described by the file of the same name ending in ``.toml``.

    Parameters
    ----------
    areas
        lsoa_code, lsoa_name, ward_code, district_code and geometry in EPSG:27700, sorted by lsoa_code.
    vintage
        Of their LSOAs, 2011 or 2021.
    lookups
        By which LSOA codes of both vintages in one table, and codes of MSOAs, are told.

    Raises
    ------
    InputError
        One sentence: what was found, where, what to do.
    """
    about = read_description(path.with_suffix(".toml"))
    if about.kind in SPATIAL:
        content = read_features(path, about, areas)
    elif about.kind == "areas":
        content = read_area_table(path, about, areas, vintage, lookups)
    else:
        content = read_monthly(path, about, areas, vintage, lookups)
    return Layer(_slug(path), about, content.frame, content.accounting, content.notes, file_name(path))


def read_layers(
    paths: Sequence[Path], areas: gpd.GeoDataFrame, vintage: int, lookups: Lookups | None = None
) -> list[Layer]:
    """The layers of files and folders, by id; a ``.toml`` among them is read with its data file.

    Raises InputError as ``read_layer``, for two files of one name, and for more than 30.
    """
    data = [one for one in layer_files(paths) if one.suffix.lower() != ".toml"]
    if len(data) > MOST_LAYERS:
        raise InputError(
            f"{len(data)} layers are given, more than {MOST_LAYERS}: give those that the partnership uses."
        )
    slugs = [_slug(path) for path in data]
    twice = next((path for path, slug in zip(data, slugs, strict=True) if slugs.count(slug) > 1), None)
    if twice is not None:
        raise InputError(f"Two layers have the name {quoted(twice.stem)}: give each file a name of its own.")
    layers = [read_layer(path, areas, vintage, lookups) for path in data]
    return sorted(layers, key=lambda layer: layer.id)


def layer_files(paths: Sequence[Path]) -> list[Path]:
    """The files of layers that paths and folders name, each with its description beside it where there is one.

    Of a folder, its sub-folders and what file managers and open workbooks leave in it are skipped. Raises InputError for a path
    that is not there, and for a description without its file.
    """
    files = {one for path in paths for one in (_of_folder(path) if path.is_dir() else [path])}
    for path in sorted(files):
        if not path.is_file():
            raise InputError(f"{quoted(path.name)} was not found: check the path of the layer.")
        alone = not any(one.stem == path.stem and one != path for one in _of_folder(path.parent))
        if path.suffix.lower() == ".toml" and alone:
            raise InputError(f"{quoted(path.name)} describes a layer whose file is not beside it: add that file.")
    return sorted(files | {one.with_suffix(".toml") for one in files if one.with_suffix(".toml").is_file()})


def _of_folder(folder: Path) -> list[Path]:
    """The files in a folder, without litter, hidden ones and those that mark an open workbook."""
    return [
        one
        for one in folder.iterdir()
        if one.is_file() and not one.name.startswith((".", "~$")) and one.name not in LITTER
    ]


def _slug(path: Path) -> str:
    slug = re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-")
    if not slug or len(slug) > LONGEST_ID:
        what = "a name without letters or digits" if not slug else f"a name of more than {LONGEST_ID} letters"
        raise InputError(f"{quoted(path.name)} has {what}: give the layer's file a short name.")
    return slug
