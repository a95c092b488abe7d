"""What one rerun shows on the map: numbers, colours and codes, checked here before they reach folium."""

import json
import math
import re
import string
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Final, Literal, get_args

import shapely

from pages.shared.classes import OUTLINES, THEMES, OutlineKind, ThemeName

BASEMAP_URL: Final = "PLACES_BASEMAP_URL"
BASEMAP_CREDIT: Final = "PLACES_BASEMAP_ATTRIBUTION"
MOST_CORNERS: Final = 500  # that the browser draws; draw.js holds the same
_GEOMETRY_URL = re.compile(
    r"\.\./[A-Za-z0-9_.]+/(?:areas|districts|places|level-(?:msoa|ward|district))-[0-9a-f]{6,64}\.geojson"
)
_LAYER_URL = re.compile(r"\.\./[A-Za-z0-9_.]+/layer-[a-z0-9-]{1,60}-[0-9a-f]{6,64}\.geojson")
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_CLASSES = re.compile(r"[0-8sx-]*")
_STEP = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])(?:/\d{4}-(?:0[1-9]|1[0-2]))?")
_TILES = re.compile(r"https?://[A-Za-z0-9.-]+(?::\d{1,5})?/[A-Za-z0-9._~/?&=%,:+@-]*")
_PLAIN = re.compile(r"[^<>{}\x00-\x1f\x7f]{1,200}")

Corner = tuple[float, float]
Ring = tuple[Corner, ...]


class ValueKind(StrEnum):
    """What the number in a tooltip counts; `map.js` holds the words."""

    OFFENCES = "offences"
    OFFENCE_RATE = "offence_rate"
    OFFENCE_RATE_OTHER = "offence_rate_other"
    OFFENCE_DENSITY = "offence_density"
    ASB = "asb"
    ASB_RATE = "asb_rate"
    ASB_RATE_OTHER = "asb_rate_other"
    ASB_DENSITY = "asb_density"
    SEVERITY = "severity"
    GI_STAR = "gi_star"
    SLOPE_MONTH = "slope_month"
    SLOPE_YEAR = "slope_year"
    LAYER = "layer"
    GROUPS = "groups"
    DIFFERENCE = "difference"


class Credit(StrEnum):
    """Whose data the map shows; `map.js` holds the words."""

    OPEN_DATA = "open_data"
    FORCE_EXTRACT = "force_extract"
    FICTIONAL = "fictional"


@dataclass(frozen=True)
class Basemap:
    """A street map of tiles from elsewhere: its address with {z}, {x}, {y}, and its attribution in plain text."""

    url: str
    attribution: str

    def __post_init__(self) -> None:
        bare = self.url
        for part in ("{z}", "{x}", "{y}"):
            _require(bare.count(part) == 1, f"{BASEMAP_URL} must hold {{z}}, {{x}} and {{y}} once each")
            bare = bare.replace(part, "0")
        _require(
            _TILES.fullmatch(bare) is not None,
            f"{BASEMAP_URL} must be an http or https address, such as https://tiles.example.org/{{z}}/{{x}}/{{y}}.png",
        )
        _require(
            _PLAIN.fullmatch(self.attribution) is not None,
            f"{BASEMAP_CREDIT} must be 1 to 200 characters of plain text without < > {{ }}",
        )


@dataclass(frozen=True)
class Outline:
    """One line round a group of areas, given by their numbers; `number` is written inside."""

    kind: OutlineKind
    areas: tuple[int, ...]
    number: int | None = None

    def __post_init__(self) -> None:
        _require_role(self.kind, self.number)


@dataclass(frozen=True)
class Shape:
    """A drawn shape: polygons, each its outer ring and its holes, of (longitude, latitude); `number` is written inside."""

    kind: OutlineKind
    polygons: tuple[tuple[Ring, ...], ...]
    number: int | None = None

    def __post_init__(self) -> None:
        _require_role(self.kind, self.number)
        for ring in (ring for polygon in self.polygons for ring in polygon):
            _require(len(ring) >= 3, "a ring of a shape has 3 corners or more")
            _require(all(on_earth(lon, lat) for lon, lat in ring), "a shape's corners are longitude and latitude")

    @classmethod
    def of(cls, kind: OutlineKind, geometry: shapely.Geometry, number: int | None = None) -> "Shape":
        """A polygon or multipolygon in degrees."""
        parts = [
            part for part in shapely.get_parts(geometry) if isinstance(part, shapely.Polygon) and not part.is_empty
        ]
        return cls(kind, tuple(tuple(map(_corners, (p.exterior, *p.interiors))) for p in parts), number)


@dataclass(frozen=True)
class Months:
    """The map at every step of time, all sent at once; the browser steps through them.

    Attributes
    ----------
    labels : "2025-03" for a month, "2025-01/2025-03" for a spell, in order. A step without data stays, all areas "-".
    classes : one string per step, as `MapView.classes`, in the same colours.
    values : counts per step and area for the tooltip, None where missing; without them it names the area only.
    """

    labels: tuple[str, ...]
    classes: tuple[str, ...]
    values: tuple[tuple[int | None, ...], ...] | None = None

    def __post_init__(self) -> None:
        _require(len(self.labels) > 0, "a map by month has one step or more")
        _require(all(_STEP.fullmatch(s) for s in self.labels), "a step is written 2025-03 or 2025-01/2025-03")
        _require(list(self.labels) == sorted(set(self.labels)), "steps are in order, each once")
        _require(len(self.classes) == len(self.labels), "each step has its classes")
        _require(self.values is None or len(self.values) == len(self.labels), "each step has its values")
        for row in self.values or ():
            _require(all(v is None or (isinstance(v, int) and v >= 0) for v in row), "values by month are counts")

    def content(self) -> dict[str, Any]:
        """For `months.js`. To stay small a count below 36 is one character, 0 to z; another stands in brackets."""
        short = dict(enumerate(string.digits + string.ascii_lowercase)) | {None: "-"}
        rows = self.values and ["".join(short.get(v) or f"({v})" for v in row) for row in self.values]
        return {"labels": self.labels, "classes": self.classes, "values": rows}


@dataclass(frozen=True)
class MapView:
    """What one rerun shows. Areas are numbered by their order in the boundary file.

    Attributes
    ----------
    areas, districts, places : addresses as `serve_assets` gives them; `areas` may be one of its levels.
    classes : one character per area: "0" to "8" its class, "-" missing, "s" suppressed, "x" outside the chosen area.
    colours : the classes' colours, "#rrggbb", lowest first.
    values : one number or None per area, for the tooltip, in the unit that `kind` names.
    hotspots : numbers of the areas with the hotspot outline.
    selected : number of the selected area.
    points : (longitude, latitude, count, rank) of the selected area's busiest map points.
    bounds : (west, south, east, north) that "Whole area" shows; without it, all areas.
    focus : code of the location that `bounds` are of: each has a view of its own, which the browser keeps.
    outlines, shapes : locations and the roles of areas around them.
    picking, picked : whether clicks collect areas, and the numbers of those collected, which get the target's outline.
    drawing : "shape" or "point": clicks make one, reported to `on_change` each time it is finished or moved.
    drawn : the corners of the shape, or the one point, that the server holds; the browser keeps its own while in hand.
    months : steps of time in place of `classes` and `values`.
    large : type for a large screen.
    layers : addresses of the layers of points, lines and polygons over the areas, in the legend's order.
    marks : the number of each layer's first mark, one for each of ``layers``; its classes take the following ones.
    """

    areas: str
    classes: str
    colours: tuple[str, ...]
    values: tuple[float | None, ...]
    kind: ValueKind
    districts: str | None = None
    places: str | None = None
    hotspots: tuple[int, ...] = ()
    selected: int | None = None
    points: tuple[tuple[float, float, int, int], ...] = ()
    bounds: tuple[float, float, float, float] | None = None
    theme: ThemeName = "light"
    credit: Credit = Credit.OPEN_DATA
    outlines: tuple[Outline, ...] = ()
    shapes: tuple[Shape, ...] = ()
    picking: bool = False
    picked: tuple[int, ...] = ()
    drawing: Literal["shape", "point"] | None = None
    drawn: Ring = ()
    months: Months | None = None
    large: bool = False
    focus: str | None = None
    layers: tuple[str, ...] = ()
    marks: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        for url in (self.areas, self.districts, self.places):
            _require(
                url is None or _GEOMETRY_URL.fullmatch(url) is not None,
                "a map's geometry is a file of this server: ../COMPONENT/areas-HASH.geojson",
            )
        _require(
            all(_LAYER_URL.fullmatch(url) for url in self.layers) and len(set(self.layers)) == len(self.layers),
            "a map's layers are files of this server, each once: ../COMPONENT/layer-ID-HASH.geojson",
        )
        _require(len(self.marks) == len(self.layers), "each layer has the number of its first mark")
        _require(all(0 <= mark <= 999 for mark in self.marks), "the number of a mark lies between 0 and 999")
        count = len(self.classes)
        steps = (self.classes, *(self.months.classes if self.months else ()))
        _require(all(_CLASSES.fullmatch(step) for step in steps), "a class is one of 0 to 8, -, s or x")
        _require(len(self.values) == count, f"{len(self.values)} values were given for {count} areas")
        _require(all(v is None or math.isfinite(v) for v in self.values), "a map's values are finite numbers")
        _require(all(_COLOUR.fullmatch(c) for c in self.colours), "a colour is written as #rrggbb")
        highest = max((int(c) for c in set("".join(steps)) if c.isdigit()), default=-1)
        _require(highest < len(self.colours), f"class {highest} has no colour")
        rows = (*steps, *((self.months and self.months.values) or ()))
        _require(all(len(row) == count for row in rows), f"each step has a class and a value for each of {count} areas")
        numbers = [*self.hotspots, *self.picked, *(i for outline in self.outlines for i in outline.areas)]
        numbers += [] if self.selected is None else [self.selected]
        _require(all(0 <= i < count for i in numbers), f"an area's number lies between 0 and {count - 1}")
        for lon, lat, events, rank in self.points:
            _require(on_earth(lon, lat), "a point has a longitude and a latitude in degrees")
            _require(events >= 0 and 1 <= rank <= 99, "a point has a count and a rank of 1 to 99")
        if self.bounds is not None:
            west, south, east, north = self.bounds
            _require(on_earth(west, south) and on_earth(east, north), "bounds are degrees: west, south, east, north")
            _require(west < east and south < north, "bounds run from west to east and from south to north")
        _require(self.drawing in (None, "shape", "point"), "a map draws a shape or a point")
        _require(len(self.drawn) <= (1 if self.drawing == "point" else MOST_CORNERS), "too many corners to draw")
        _require(all(on_earth(lon, lat) for lon, lat in self.drawn), "a corner has a longitude and a latitude")
        _require(
            self.focus is None or re.fullmatch(r"[a-z0-9]{10}", self.focus) is not None, "a focus is a location's code"
        )
        _require(self.theme in THEMES, "a theme is light or dark")
        ValueKind(self.kind)
        Credit(self.credit)

    def _kinds(self) -> set[OutlineKind]:
        """The kinds of outline that may be drawn: what is being drawn or picked is a target."""
        kinds: set[OutlineKind] = {outline.kind for outline in self.outlines} | {shape.kind for shape in self.shapes}
        return kinds | ({"target"} if self.picking or self.drawing else set())

    def payload(self, basemap: Basemap | None = None) -> str:
        """The view as JSON for `map.js`."""
        content: dict[str, Any] = {
            "areas": self.areas,
            "districts": self.districts,
            "places": self.places,
            "classes": self.classes,
            "colours": self.colours,
            "ink": asdict(THEMES[self.theme]),
            "theme": self.theme,
            "values": [None if v is None else _short(v) for v in self.values],
            "kind": str(self.kind),
            "hotspots": [int(i) for i in self.hotspots],
            "selected": None if self.selected is None else int(self.selected),
            "points": [(*_degrees(x, y), int(n), int(r)) for x, y, n, r in self.points],
            "focus": self.focus,
            "bounds": self.bounds and [round(float(b), 6) for b in self.bounds],
            "credit": str(self.credit),
            "basemap": basemap and asdict(basemap),
            "lines": {kind: asdict(line) for kind, line in OUTLINES[self.theme].items() if kind in self._kinds()},
            "outlines": [(o.kind, [int(i) for i in o.areas], o.number) for o in self.outlines],
            "shapes": [(s.kind, [[_ring(r) for r in p] for p in s.polygons], s.number) for s in self.shapes],
            "picking": bool(self.picking),
            "picked": [int(i) for i in self.picked],
            "drawing": self.drawing,
            "drawn": _ring(self.drawn),
            "months": self.months and self.months.content(),
            "large": bool(self.large),
            "layers": list(self.layers),
            "marks": [int(mark) for mark in self.marks],
        }
        return json.dumps(content, separators=(",", ":"), allow_nan=False)


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise ValueError(message)


def _require_role(kind: str, number: int | None) -> None:
    _require(
        kind in get_args(OutlineKind), "an outline's kind is one of target, ring, gap, control, ring_control, other"
    )
    _require(number is None or 1 <= number <= 99, "a location's number lies between 1 and 99")


def _corners(ring: shapely.LinearRing) -> Ring:
    return tuple((float(lon), float(lat)) for lon, lat in ring.coords[:-1])


def _ring(corners: Sequence[Corner]) -> list[Corner]:
    return [_degrees(*corner) for corner in corners]


def _degrees(lon: float, lat: float) -> Corner:
    """To a tenth of a metre, as `draw.js` reports them."""
    return round(float(lon), 6), round(float(lat), 6)


def on_earth(lon: float, lat: float) -> bool:
    return -180 <= lon <= 180 and -90 <= lat <= 90


def _short(value: float) -> float | int:
    rounded = round(float(value), 2)
    return int(rounded) if rounded.is_integer() else rounded
