"""What the browser may fetch: boundaries simplified as one coverage, district outlines and place names. Never
incidents.

File names carry a hash of their content, so that a browser may keep them for good.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.columns import WGS84

# Square root of the area (m²) of the corners that simplification removes: about a pixel on a county-wide map.
TOLERANCE_M = 30.0
_DEGREES = 5  # decimals: about a metre


def write_display(
    areas: gpd.GeoDataFrame, folder: Path, levels: Mapping[str, pd.Series] | None = None
) -> dict[str, str]:
    """Write ``areas-``, ``districts-`` and ``places-HASH.geojson`` (EPSG:4326) and return {kind: file name}.

    Feature order of ``areas`` is the row order of the frame. Neighbours keep sharing their edges. For each of ``levels``, the place of
    each LSOA by lsoa_code, ``level-NAME`` holds the boundaries of those places, in the order of their codes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    simple = areas.set_geometry(
        gpd.GeoSeries(shapely.coverage_simplify(areas.geometry.to_numpy(), TOLERANCE_M), crs=areas.crs)
    )
    districts = simple.dropna(subset="district").dissolve("district", sort=True).reset_index()
    layers = {
        "areas": [
            _feature(shape, code=code, label=label)
            for shape, code, label in zip(_degrees(simple), simple.lsoa_code, simple.label, strict=True)
        ],
        "districts": [
            _feature(shape, name=name) for shape, name in zip(_degrees(districts), districts.district, strict=True)
        ],
        "places": _places(simple, districts),
    }
    layers |= {f"level-{name}": _places_at(simple, places, name) for name, places in (levels or {}).items()}
    return {kind: write_features(folder, kind, features) for kind, features in layers.items()}


def _places_at(simple: gpd.GeoDataFrame, places: pd.Series, level: str) -> list[str]:
    """Labelled as people know them: an MSOA's place is its name already."""
    named = simple.assign(code=simple["lsoa_code"].map(places))
    named["name"] = named[level] if level in named else named["code"]
    merged = named.dropna(subset="code").dissolve("code", sort=True).reset_index()
    return [
        _feature(shape, code=code, label=label)
        for shape, code, label in zip(
            _degrees(merged), merged["code"], merged["name"].fillna(merged["code"]), strict=True
        )
    ]


def _places(simple: gpd.GeoDataFrame, districts: gpd.GeoDataFrame) -> list[str]:
    named = simple.dropna(subset="place")[["place", "district", "geometry"]]
    merged = named.dissolve(["place", "district"], sort=True, dropna=False).reset_index()
    both = [(districts, "district", "district"), (merged, "place", "place")]
    return [
        _feature(point, name=name, kind=kind)
        for frame, column, kind in both
        for point, name in zip(_degrees(frame.set_geometry(frame.representative_point())), frame[column], strict=True)
    ]


def _degrees(frame: gpd.GeoDataFrame) -> np.ndarray:
    shapes = frame.geometry.to_crs(WGS84).to_numpy()
    return shapely.transform(shapes, lambda xy: np.round(xy, _DEGREES))


def _feature(shape: shapely.Geometry, **properties: object) -> str:
    plain = json.dumps({name: value if isinstance(value, str) else None for name, value in properties.items()})
    return f'{{"type":"Feature","properties":{plain},"geometry":{shapely.to_geojson(shape)}}}'


def write_features(folder: Path, kind: str, features: Sequence[str], head: Mapping[str, Any] | None = None) -> str:
    """Write features, each as JSON, and what ``head`` says of them all; returns the file's name, ``KIND-HASH.geojson``."""
    said = "".join(f"{json.dumps(key)}:{json.dumps(value)}," for key, value in (head or {}).items())
    data = (f'{{"type":"FeatureCollection",{said}"features":[\n' + ",\n".join(features) + "\n]}\n").encode("utf-8")
    name = f"{kind}-{hashlib.sha256(data).hexdigest()[:12]}.geojson"
    (folder / name).write_bytes(data)
    return name
