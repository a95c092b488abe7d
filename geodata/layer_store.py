"""Layers inside a dataset folder: a table each, an entry in the manifest, and for the browser what can be drawn."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.columns import WGS84
from geodata.display import write_features
from geodata.layer_accounting import Accounting
from geodata.layer_description import SPATIAL, Class, Description, Value
from geodata.layers import Layer

FOLDER: Final = "layers"
# Corners of lines and polygons closer to the line than this are not drawn: under a pixel on a county-wide map.
_TOLERANCE_M = 10.0
_DEGREES = 6  # decimals: a tenth of a metre
_OTHER_COLOUR = "#555555"


def facts(layers: Sequence[Layer]) -> dict[str, Any]:
    """The manifest's entry, nothing where there is no layer."""
    said = [
        {
            "id": layer.id,
            "file": layer.file,
            "about": asdict(layer.about),
            "accounting": asdict(layer.accounting),
            "notes": list(layer.notes),
        }
        for layer in layers
    ]
    return {"layers": said} if said else {}


def tables(layers: Sequence[Layer]) -> dict[str, pd.DataFrame]:
    """The frames by the name of their file in the dataset folder, without its ending."""
    return {f"{FOLDER}/{layer.id}": layer.frame for layer in layers}


def levels(layers: Sequence[Layer]) -> list[str]:
    """The levels coarser than LSOAs that a table is on: each needs boundaries of its own to be drawn at."""
    tables = [layer.about for layer in layers if layer.about.kind == "areas"]
    return sorted({about.level for about in tables} - {"lsoa"})


def restored(said: Mapping[str, Any], folder: Path) -> Layer:
    """The layer of a manifest's entry, its frame read from the dataset folder."""
    file = folder / FOLDER / f"{said['id']}.parquet"
    about = description(said)
    frame = gpd.read_parquet(file) if about.kind in SPATIAL else pd.read_parquet(file)
    return Layer(said["id"], about, frame, Accounting(**said["accounting"]), tuple(said["notes"]), said["file"])


def description(said: Mapping[str, Any]) -> Description:
    """What a manifest's entry says of its layer."""
    about = dict(said["about"])
    about["classes"] = tuple(Class(**one) for one in about["classes"])
    about["value_columns"] = tuple(Value(**one) for one in about["value_columns"])
    return Description(**about)


def write_layer_display(layers: Sequence[Layer], folder: Path) -> dict[str, str]:
    """Write ``layer-ID-HASH.geojson`` (EPSG:4326) for each layer of points, lines or polygons; {"layer-ID": file name}.

    Beside its features, which carry ``n`` (name) and ``c`` (number of the class), a file holds title, source, date, kind, colour and
    classes, so that no text of a layer ever passes through the page.
    """
    return {
        f"layer-{layer.id}": write_features(folder, f"layer-{layer.id}", _features(layer), _head(layer.about, layer))
        for layer in layers
        if layer.about.kind in SPATIAL
    }


def classes_of(layer: Layer) -> pd.Series:
    """The number of each feature's class, in the order of the description; one more for a value that it does not explain."""
    order = {one.value: number for number, one in enumerate(layer.about.classes)}
    found = layer.frame["class"].map(order).astype("Int64")
    return found.fillna(len(order)) if order else found


def _head(about: Description, layer: Layer) -> dict[str, Any]:
    classes = [{"means": one.means, "colour": one.colour} for one in about.classes]
    if classes and (classes_of(layer) == len(classes)).any():
        classes.append({"means": "not said, or another", "colour": _OTHER_COLOUR})
    said = ("title", "source", "date", "kind", "colour")
    return {key: getattr(about, key) for key in said} | {"classes": classes}


def _features(layer: Layer) -> list[str]:
    shapes = layer.frame.geometry
    if layer.about.kind != "points":
        shapes = shapes.simplify(_TOLERANCE_M)
    degrees = shapely.transform(shapes.to_crs(WGS84).to_numpy(), lambda xy: np.round(xy, _DEGREES))
    return [
        f'{{"type":"Feature","properties":{_said(name, number)},"geometry":{shapely.to_geojson(shape)}}}'
        for shape, name, number in zip(degrees, layer.frame["name"], classes_of(layer), strict=True)
    ]


def _said(name: object, number: object) -> str:
    plain = {"n": None if pd.isna(name) else str(name), "c": None if pd.isna(number) else int(number)}  # type: ignore[call-overload]
    return json.dumps(plain, allow_nan=False)
