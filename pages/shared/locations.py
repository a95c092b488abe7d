"""Priority locations on the screen: where they lie on the map, how a page speaks of them."""

from collections.abc import Sequence

import geopandas as gpd
import pandas as pd
import shapely
import streamlit as st

from geodata.columns import BRITISH_GRID, WGS84
from geodata.dataset import Dataset
from hotspots.location_figures import areas_of, geometry_of
from hotspots.locations import Location, Origin
from hotspots.narrative import lsoas
from pages.shared import maps, text
from pages.shared.classes import OutlineKind
from pages.shared.frame import Frame

NONE_YET = "No priority location has been made in this area yet. Make one under “New”."


def drawn(
    dataset: Dataset, locations: Sequence[Location], kinds: Sequence[OutlineKind], *, numbered: bool = False
) -> tuple[tuple[maps.Outline, ...], tuple[maps.Shape, ...]]:
    """The outlines of locations of LSOAs and the shapes of the others, each of its kind."""
    codes = pd.Index(dataset.areas["lsoa_code"])
    outlines, shapes = [], []
    for number, (location, kind) in enumerate(zip(locations, kinds, strict=True), 1):
        shown = number if numbered and number <= 99 else None
        if location.is_shape:
            degrees = gpd.GeoSeries([location.polygon], crs=BRITISH_GRID).to_crs(WGS84).iloc[0]
            shapes.append(maps.Shape.of(kind, degrees, shown))
        else:
            at = codes.get_indexer(list(areas_of(location, dataset.areas)["lsoa_code"]))
            outlines.append(maps.Outline(kind, tuple(int(i) for i in at), shown))
    return tuple(outlines), tuple(shapes)


def surroundings(dataset: Dataset, location: Location) -> tuple[float, float, float, float]:
    """West, south, east and north, in degrees, of a location and as much again around it."""
    west, south, east, north = geometry_of(location, dataset.areas).bounds
    margin = max(east - west, north - south)
    box = shapely.box(west - margin, south - margin, east + margin, north + margin)
    return tuple(gpd.GeoSeries([box], crs=BRITISH_GRID).to_crs(WGS84).total_bounds.tolist())


def narrowed(frame: Frame, table: pd.DataFrame) -> pd.DataFrame:
    """The rows of the chosen location's LSOAs, ranks as they were; all rows where none is chosen."""
    if frame.location is None:
        return table
    codes = areas_of(frame.location, frame.dataset.areas)["lsoa_code"]
    return table[table.index.isin(list(codes))]


def narrowing(
    frame: Frame,
    what: str = "The table is narrowed to",
    but: str = "ranks and hotspots are those of the whole list",
) -> str:
    """What a page says that is narrowed to a location, and what is not; empty where none is chosen."""
    if frame.location is None:
        return ""
    touched = "the LSOAs that it touches" if frame.location.is_shape else "its LSOAs"
    said = f"{what} {frame.location.name}: {touched}; {but}"
    own = areas_of(frame.location, frame.dataset.areas)
    chosen = frame.selection.districts
    outside = int((~own["district"].isin(list(chosen))).sum()) if chosen else 0
    return f"{said}. {lsoas(outside)} of it outside the chosen districts not shown" if outside else said


def name_field(label: str = "Your name") -> str:
    """Who saves, as typed; kept from one form to the next."""
    return st.text_input(label, key="by", max_chars=200, help="Kept with the version that you save.")


def origin(frame: Frame, by: str, *, by_its_counts: bool) -> Origin:
    """Where a new location comes from; ``by_its_counts``: chosen for what was counted in the period that is shown."""
    manifest = frame.dataset.manifest
    return Origin(
        by,
        frame.dataset.hash,
        str(manifest["area"]),
        int(manifest["vintage"]),
        frame.selection if by_its_counts else None,
    )


def heading(location: Location) -> None:
    """A location's name, as text: it is a user's."""
    with st.container(key="place_name"):
        st.text(location.name)


def say(lines: Sequence[str], key: str) -> None:
    """Small print, each line a sentence."""
    if lines:
        text.caption(*(text.sentence(line) for line in lines), key=key)
