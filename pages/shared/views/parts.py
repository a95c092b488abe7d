"""What the views share: the map with its legend, the worked-out section, one place's label."""

from collections.abc import Callable, Sequence
from html import escape
from typing import Any, Final

import pandas as pd
import streamlit as st

from geodata.columns import EXTRACT
from hotspots.methods import load_methods
from hotspots.selection import RESIDENTS
from pages.shared import context, data, locations, maps, text
from pages.shared.classes import (
    MISSING,
    OUTLINES,
    OUTSIDE,
    LegendEntry,
    Line,
    missing_entry,
    outline_entries,
    point_entry,
)
from pages.shared.frame import Frame

MAP: Final = "map"
HEIGHT: Final = 408
# As makePatterns of map.js draws them.
_PATTERNS: Final = {
    "missing": "repeating-linear-gradient(135deg,INK 0 1.2px,transparent 1.2px 5.66px)",
    "suppressed": "radial-gradient(circle at 2px 2px,INK 1.1px,transparent 1.5px) 0 0/8px 8px,"
    "radial-gradient(circle at 6px 6px,INK 1.1px,transparent 1.5px) 0 0/8px 8px",
}


def draw_map(
    frame: Frame,
    classes: str,
    colours: Sequence[str],
    values: pd.Series,
    kind: maps.ValueKind,
    title: str,
    legend: Sequence[LegendEntry],
    *,
    hotspots: Sequence[int] = (),
    points: tuple[tuple[float, float, int, int], ...] = (),
    outlines: tuple[maps.Outline, ...] = (),
    shapes: tuple[maps.Shape, ...] = (),
    bounds: tuple[float, float, float, float] | None = None,
    level: str = "lsoa",
    missing: str | None = None,
    on_change: Callable[[], None] | None = None,
    **more: Any,
) -> None:
    """The map of all areas in the order of the dataset, and its legend in words below; a click selects.

    One key for every view, so that the map keeps its zoom from one to the next. The chosen location is outlined where nothing
    else is, the chosen layers lie over it. ``level``: of places coarser than LSOAs, which cannot be selected. ``missing``: why an area
    has no class, where that is not for want of data or residents. ``bounds`` and ``more`` as of ``maps.MapView``.
    """
    of_lsoas = level == "lsoa"
    if frame.location and of_lsoas and not outlines and not shapes:
        outlines, shapes = locations.drawn(frame.dataset, [frame.location], ["target"])
        bounds = bounds or data.kept(locations.surroundings, frame.dataset, frame.location)
    codes = pd.Index(frame.dataset.areas["lsoa_code"])
    marks = data.kept(context.first_marks, frame.dataset) if frame.layers else {}
    view = maps.MapView(
        areas=frame.served.areas if of_lsoas else frame.served.levels[level],
        districts=frame.served.districts,
        places=frame.served.places,
        classes=classes,
        colours=tuple(colours),
        values=maps.tooltip_values(values),
        kind=kind,
        hotspots=tuple(hotspots),
        selected=int(codes.get_loc(frame.selected)) if of_lsoas and frame.selected in codes else None,
        points=points,
        bounds=bounds or data.bounds(frame.dataset, frame.selection),
        focus=frame.location.id if bounds and frame.location else None,
        theme=frame.theme,
        credit=_credit(frame),
        outlines=outlines,
        shapes=shapes,
        large=frame.large,
        layers=tuple(frame.served.layers[one] for one in frame.layers),
        marks=tuple(marks[one] for one in frame.layers),
        **more,
    )
    maps.area_map(view, key=MAP, height=HEIGHT, on_change=on_change or _select_on_map)
    shown = [entry for entry in legend if entry.kind != "missing"]
    roles = [*(line.kind for line in outlines), *(shape.kind for shape in shapes)]
    shown += outline_entries(roles, frame.theme)
    if MISSING in classes:
        shown.append(missing_entry(missing or _missing(frame), frame.theme))
    if points:
        shown.append(point_entry(len(points), frame.theme))
    _legend(title, shown, outside=OUTSIDE in classes)


def _missing(frame: Frame) -> str:
    if frame.selection.measure != "rate":
        return "No data"
    return f"No rate: no data or no {'residents' if frame.selection.per == RESIDENTS else 'number to set it against'}"


def _credit(frame: Frame) -> maps.Credit:
    if frame.dataset.is_fictional:
        return maps.Credit.FICTIONAL
    return maps.Credit.FORCE_EXTRACT if frame.selection.source == EXTRACT else maps.Credit.OPEN_DATA


def worked_out(*names: str) -> None:
    """How the figures of a view were worked out: formula, source and caveat, from the registry that the Method page shows."""
    methods = load_methods()
    section = st.expander("How this was worked out", key="worked_out", on_change="rerun")
    if not section.open:  # the texts are sent when somebody opens them, not with every change of a filter
        return
    with section:
        for name in names:
            method = methods[name]
            st.markdown(f"**{text.escaped(method.title)}**")
            text.paragraph("\n".join(method.lines()))


def class_codes(categories: pd.Series, order: Sequence[str]) -> str:
    """One class character per area from its category: its place in ``order``, "-" where it has none."""
    place = {name: str(i) for i, name in enumerate(order)}
    return "".join("-" if pd.isna(name) else place[str(name)] for name in categories)


def outside(codes: str, inside: Sequence[bool]) -> str:
    """``codes`` with "x" for every area that is not among the chosen."""
    return "".join(code if within else OUTSIDE for code, within in zip(codes, inside, strict=True))


def on_every_area(frame: Frame, values: pd.Series) -> pd.Series:
    """``values`` by lsoa_code in the order of the dataset's areas; null outside the chosen ones."""
    return values.reindex(pd.Index(frame.dataset.areas["lsoa_code"]))


def choice(label: str, options: Sequence[str], *, key: str) -> str:
    """One of a few ways to show the view: a line of buttons. ``label`` is for screen readers."""
    chosen = st.segmented_control(
        label, options, default=options[0], required=True, key=key, label_visibility="collapsed"
    )
    return str(chosen)


def _legend(title: str, entries: Sequence[LegendEntry], *, outside: bool) -> None:
    """Every word and colour in it is ours: class limits, fixed labels, registered colours. Empty where there is nothing to say."""
    parts = [_legend_line(entry) for entry in entries]
    if outside:
        parts.append("<span>No colour: outside the chosen districts</span>")
    if title or parts:
        heading = f"<b>{escape(title)}</b>" if title else ""
        st.html(f'<div class="legend">{heading}{"".join(parts)}</div>')


def _legend_line(entry: LegendEntry) -> str:
    colour = escape(entry.colour)
    if entry.kind == "hotspot":
        return f'<span><i style="border-color:{colour}" class="hotspot"></i>Hotspot, by number (the fewest LSOAs that hold 25 %, ties in)</span>'
    if entry.kind == "point":
        style = f"background:{colour};color:{escape(entry.ground)}"
        return f'<span><i style="{style}" class="point">1</i>{escape(entry.label)}</span>'
    if entry.kind in _PATTERNS:
        pattern = _PATTERNS[entry.kind].replace("INK", colour)
        return f'<span><i style="background:{pattern} {escape(entry.ground)}" class="{entry.kind}"></i>{escape(entry.label)}</span>'
    if entry.kind in OUTLINES["light"]:
        return f"<span>{_stroke(OUTLINES['light'][entry.kind], colour)}{escape(entry.label)}</span>"
    return f'<span><i style="background:{colour}" class="{entry.kind}"></i>{escape(entry.label)}</span>'


def _stroke(line: Line, colour: str) -> str:
    """A sample of an outline with the weight and the dashes it has on the map."""
    stops, at = [], 0
    for i, length in enumerate(line.dash or (1,)):
        stops.append(f"{'transparent' if i % 2 else colour} {at}px {at + length}px")
        at += length
    return f'<i class="outline" style="height:{line.weight:g}px;background:repeating-linear-gradient(90deg,{",".join(stops)})"></i>'


def _select_on_map() -> None:
    code = maps.clicked_area(MAP)
    if code is not None:
        st.session_state["area"] = code
