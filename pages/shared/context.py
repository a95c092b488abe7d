"""The layers of a dataset on the screen: what each holds of every LSOA, and what lies in and around one place, in words."""

from collections.abc import Collection
from typing import cast

import geopandas as gpd
import pandas as pd
import shapely

from geodata.dataset import Dataset
from geodata.layer_description import KINDS, SPATIAL
from geodata.layer_store import classes_of
from geodata.layer_tables import NOUNS, places_of
from geodata.layers import Layer
from hotspots.context import (
    covered_by_area,
    covered_sentence,
    ground_within_a_walk,
    in_pieces,
    lengths_by_area,
    line_length,
    line_sentence,
    point_sentence,
    points_by_area,
    points_in_place,
    share_covered,
    table_sentence,
    table_values,
)
from hotspots.location_figures import areas_of, geometry_of
from hotspots.locations import Location
from hotspots.table import areas_in
from pages.shared import data, opening

_MOST_PLACES = 3  # of one table's sentences: more would fill the page


def titles(dataset: Dataset, kinds: Collection[str] = KINDS) -> dict[str, str]:
    """The title of each layer of these kinds by its id, with the id where two are called the same; text from data."""
    there = [one for one in dataset.manifest.get("layers", []) if one["about"]["kind"] in kinds]
    said = {one["id"]: str(one["about"]["title"]) for one in there}
    every = list(said.values())
    return {key: title if every.count(title) == 1 else f"{title} ({key})" for key, title in said.items()}


def layer(dataset: Dataset, layer_id: str) -> Layer:
    """The layer with that id. Raises KeyError."""
    return {one.id: one for one in opening.layers(dataset)}[layer_id]


def first_marks(dataset: Dataset) -> dict[str, int]:
    """The number of the first class's mark of each layer of points, lines or polygons, by its id.

    Every layer of a kind has numbers of its own, in the order of the ids, so that a mark means the same whichever are on.
    """
    found, so_far = {}, dict.fromkeys(SPATIAL, 0)
    for one in sorted(opening.layers(dataset), key=lambda layer: layer.id):
        if one.about.kind in so_far:
            found[one.id] = so_far[one.about.kind]
            classes = len(one.about.classes)
            unsaid = bool(classes) and bool((classes_of(one) == classes).any())  # is drawn as a class more
            so_far[one.about.kind] += max(classes, 1) + unsaid
    return found


def by_area(dataset: Dataset, layer_id: str) -> pd.DataFrame:
    """What a layer of points, lines or polygons holds of each LSOA, by lsoa_code.

    Points: as ``points_by_area``; lines: as ``lengths_by_area``; polygons: ``covered``, the share of its ground.
    """
    one = layer(dataset, layer_id)
    found = {
        "points": lambda: points_by_area(one.frame, dataset.areas, data.kept(_ground, dataset)),
        "lines": lambda: lengths_by_area(data.kept(pieces, dataset, one.id), dataset.areas),
        "polygons": lambda: covered_by_area(data.kept(pieces, dataset, one.id), dataset.areas).to_frame(),
    }
    return found[one.about.kind]()


def pieces(dataset: Dataset, layer_id: str) -> gpd.GeoSeries:
    """The lines or polygons of a layer, cut so that a place asks for those near it only."""
    return in_pieces(cast("gpd.GeoDataFrame", layer(dataset, layer_id).frame).geometry)


def _ground(dataset: Dataset) -> pd.Series:
    return ground_within_a_walk(dataset.areas)


def of_places(dataset: Dataset, one: Layer, column: str = "") -> pd.Series:
    """What is compared of a layer, by LSOA, or by place where it is a table: its ``column``, null where it is not known."""
    if one.about.kind == "areas":
        own = one.frame[one.frame["column"] == column]
        return own.set_index("place")["value"].astype("Float64")
    measured = {"points": "nearby_per_km2", "lines": "km_per_km2", "polygons": "covered"}
    return data.kept(by_area, dataset, one.id)[measured[one.about.kind]]


def places_drawn(dataset: Dataset, level: str) -> pd.Index:
    """The places of a level in the order of its boundary file."""
    return pd.Index(sorted(places_of(dataset.areas, level).dropna().unique()), name="place")


def inside(dataset: Dataset, level: str, districts: Collection[str]) -> set[str]:
    """The places of a level with an LSOA in the chosen districts."""
    return set(places_of(areas_in(dataset.areas, tuple(districts)), level).dropna())


def of_location(dataset: Dataset, level: str, location: Location) -> set[str]:
    """The places of a level that a priority location touches."""
    return set(places_of(areas_of(location, dataset.areas), level).dropna())


def around_area(dataset: Dataset, lsoa_code: str) -> tuple[str, ...]:
    """What every layer says of an LSOA and a walk around it, a sentence each; text from data."""
    ground = dataset.areas.set_index("lsoa_code").geometry[lsoa_code]
    return _around(dataset, ground, (lsoa_code,), (lsoa_code,))


def around_location(dataset: Dataset, location: Location) -> tuple[str, ...]:
    """As ``around_area`` of a priority location; a shape's area tables are those of the LSOAs that it touches."""
    codes = tuple(areas_of(location, dataset.areas)["lsoa_code"])
    return _around(dataset, geometry_of(location, dataset.areas), () if location.is_shape else codes, codes)


def _around(
    dataset: Dataset, ground: shapely.Geometry, consists_of: Collection[str], touches: Collection[str]
) -> tuple[str, ...]:
    said: list[str] = []
    for one in opening.layers(dataset):
        if one.about.kind == "areas":
            said += _of_table(dataset, one, touches)
        elif one.about.kind != "monthly":  # those have a view of their own, by district
            said.append(_of_features(dataset, one, ground, consists_of))
    return tuple(said)


def _of_features(dataset: Dataset, one: Layer, ground: shapely.Geometry, consists_of: Collection[str]) -> str:
    every, title = data.kept(by_area, dataset, one.id), one.about.title
    if one.about.kind == "points":
        points = cast("gpd.GeoDataFrame", one.frame)
        return point_sentence(points_in_place(points, ground, every, consists_of), title)
    if one.about.kind == "lines":
        metres = line_length(data.kept(pieces, dataset, one.id), ground)
        return line_sentence(metres, metres / 1000 / (shapely.area(ground) / 1e6), every, title)
    return covered_sentence(share_covered(data.kept(pieces, dataset, one.id), ground), every["covered"], title)


def _of_table(dataset: Dataset, one: Layer, touches: Collection[str]) -> list[str]:
    places, level = places_of(dataset.areas, one.about.level), one.about.level
    names = data.level_names(dataset, level)
    said = []
    for value in one.about.value_columns:
        rows = table_values(one.frame, places, touches, value.column)
        said += [
            table_sentence(str(names.get(place, place)), row, level, value.title, value.unit)
            for place, row in rows.head(_MOST_PLACES).iterrows()
        ]
        if len(rows) > _MOST_PLACES:
            more = len(rows) - _MOST_PLACES
            said.append(f"{value.title}: {more} more {NOUNS[level]}{'' if more == 1 else 's'}, in the view Layers")
    return said
