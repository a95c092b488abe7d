"""A page with a map and nothing else, for the tests of drawing, picking, months and layers: the switches choose what it does."""

import json
import os
from pathlib import Path
from typing import Literal

import geopandas as gpd
import pandas as pd
import streamlit as st

from geodata.dataset import Dataset, open_dataset
from hotspots.counts import monthly_counts
from hotspots.shapes import drawn
from pages.shared import maps
from pages.shared.classes import OutlineKind, classify, outline_entries, ramp
from pages.shared.views import parts

MODES = ("roles", "shape", "point", "picking", "months", "quarters", "large", "layers")
MARKS = {"lamps": 0, "orders": 0, "routes": 0, "venues": 1}
ROLES: tuple[OutlineKind, ...] = ("target", "gap", "ring", "control", "ring_control", "other")


@st.cache_resource
def dataset() -> Dataset:
    return open_dataset(os.environ["PLACES_DATA"])


@st.cache_data
def by_month() -> pd.DataFrame:
    """Violence and sexual offences by LSOA and month, the latest 36; the last but one is taken out."""
    data, presence = dataset(), dataset().presence()
    months = list(presence.columns[-36:])
    counts = monthly_counts(data.source_cells(), data.areas, presence, months, ["Violence and sexual offences"])
    return counts.assign(**{months[-2]: float("nan")})


def steps(length: int) -> maps.Months:
    """Each month, or each spell of so many, as one map; the classes are those of all together."""
    counts = by_month()
    rolled = counts.T.rolling(length).sum().T.iloc[:, length - 1 :]
    spells = [a if a == b else f"{a}/{b}" for a, b in zip(counts, rolled, strict=False)]
    classes = classify(rolled.T.stack(future_stack=True)).codes
    return maps.Months(
        tuple(spells),
        tuple(classes[i : i + len(counts)] for i in range(0, len(classes), len(counts))),
        tuple(tuple(None if pd.isna(v) else int(v) for v in rolled[m]) for m in rolled),
    )


def roles() -> tuple[maps.Outline, ...]:
    """The middlemost area, its neighbours and theirs, and areas far from it."""
    areas = dataset().areas
    where = areas.geometry.distance(areas.geometry.union_all().centroid).sort_values(kind="stable").index
    groups: dict[OutlineKind, list[int]] = {
        "target": list(where[:5]), "gap": list(where[5:14]), "ring": list(where[14:40]), "control": list(where[120:126]),
        "ring_control": list(where[160:175]), "other": list(where[220:224]),
    }  # fmt: skip
    return tuple(maps.Outline(kind, tuple(map(int, groups[kind])), 1 if kind == "target" else None) for kind in ROLES)


def told() -> None:
    """What a page does with a report: keep it, and refuse what cannot be."""
    st.session_state["reports"] = st.session_state.get("reports", 0) + 1
    st.session_state["refused"] = ""
    code, shape, point = maps.clicked_area("map"), maps.drawn_shape("map"), maps.clicked_point("map")
    if code:
        st.session_state["codes"] = set(st.session_state.get("codes", set())) ^ {code}
    if shape:
        try:
            drawn(shape, dataset().areas)
            st.session_state["shape"] = shape
        except ValueError as error:
            st.session_state["refused"] = str(error)
    if point:
        st.session_state["shape"] = (point,)


st.set_page_config(layout="wide")
st.html(Path(maps.__file__).parent / "style.css")
data = dataset()
display = data.path / "display"
# What a test puts there, it may show.
files = {file.stem.rpartition("-")[0]: file.name for file in sorted(display.glob("l*-*.geojson"))}
served = maps.serve_assets(display, data.manifest["display"] | files)
mode = st.segmented_control("Mode", MODES, default=st.query_params.get("mode", "roles"), key="mode") or "roles"
st.toggle("Another measure", key="other")
shown = [name for name in served.layers if st.toggle(name, key=f"layer-{name}")]
by_ward = "ward" in served.levels and st.toggle("By ward")
st.button("Forget", on_click=lambda: st.session_state.pop("shape", None))
theme = st.context.theme.type or "light"
last = by_month().iloc[:, 0 if st.session_state["other"] else -1]
breaks = classify(last)
shape = st.session_state.get("shape", ())
months = steps(3 if mode == "quarters" else 1) if mode in ("months", "quarters", "large") else None
drawing: Literal["shape", "point"] | None = "shape" if mode == "shape" else "point" if mode == "point" else None
circle = data.areas.geometry.union_all().centroid.buffer(9000)
location = maps.Shape.of("other", gpd.GeoSeries([circle], crs=27700).to_crs(4326).iloc[0], 2)
if by_ward:
    wards = json.loads((display / Path(served.levels["ward"]).name).read_text(encoding="utf-8"))["features"]
    last = pd.Series(range(len(wards)), dtype="Int64")
    breaks = classify(last)
picked = tuple(i for i, c in enumerate(data.areas["lsoa_code"]) if c in st.session_state.get("codes", set()))
view = maps.MapView(
    areas=served.levels["ward"] if by_ward else served.areas, districts=served.districts, places=served.places, classes=breaks.codes,
    colours=ramp(theme, 5), values=maps.tooltip_values(last), kind=maps.ValueKind.OFFENCES, theme=theme,
    outlines=roles() if mode in ("roles", "large") else (), shapes=(location,) if mode == "roles" else (), drawing=drawing,
    drawn=shape if drawing else (), picking=mode == "picking",
    picked=picked if mode == "picking" else (),
    months=months, large=mode == "large", credit=maps.Credit.FICTIONAL, layers=tuple(served.layers[name] for name in shown),
    marks=tuple(MARKS[name] for name in shown),
)  # fmt: skip
maps.area_map(view, key="map", height=480, on_change=told)
parts._legend("", outline_entries(ROLES, theme), outside=False)
st.text(f"{st.session_state.get('reports', 0)} reports")
st.text("Shape: " + " ".join(f"{lon:.6f},{lat:.6f}" for lon, lat in shape))
st.text("Areas: " + " ".join(sorted(st.session_state.get("codes", set()))))
st.text("Refused: " + st.session_state.get("refused", ""))
st.text(f"Payload: {len(view.payload())}")
