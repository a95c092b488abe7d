"""Priority locations: places that a partnership agreed on, with all that was agreed about them.

A location consists of LSOAs, or is a shape that touches some. All of it is frozen; what a user typed is kept as typed, but
for control characters and outer spaces, which are taken out, and is refused where it is too long.
"""

import re
import secrets
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Final, Literal

import geopandas as gpd
import pandas as pd
import shapely

from geodata.columns import LSOA_CODE
from hotspots.controls import RingRule
from hotspots.narrative import lsoas
from hotspots.selection import Period, Selection, month_name
from hotspots.shapes import Shape, circle, drawn, uploaded

Made = Literal["ranking", "clicked", "circle", "drawn", "postcodes", "uploaded"]
MADE_WORDS: Final[dict[Made, str]] = {
    "ranking": "chosen from the ranking",
    "clicked": "chosen on the map",
    "circle": "a circle round a point",
    "drawn": "drawn on the map",
    "postcodes": "from postcodes",
    "uploaded": "an uploaded shape",
}

# How long a text may be, and how many items a list of them may have.
MOST_LETTERS: Final = {"name": 80, "line": 200, "text": 2_000, "notes": 10_000}
MOST_ITEMS: Final = 200

_ID: Final = re.compile(r"[a-z0-9]{10}")
# Controls but for tab and line end, halves of characters, and marks that turn the direction of what follows, so that a
# name would read as another.
_TAKEN_OUT: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)


@dataclass(frozen=True)
class Intervention:
    """What was done, from which month to which (None: it goes on), and where."""

    what: str
    start: str
    end: str | None = None
    where: str = ""

    def __post_init__(self) -> None:
        _clean(self, "what", "An intervention's description", "text", needed=True)
        _clean(self, "where", "An intervention's place", "line")
        if self.end is not None:
            Period(self.start, self.end)
        month_name(self.start)

    @property
    def label(self) -> str:
        """In words, such as "Patrols, April to June 2025, Market Place"."""
        when = f"from {month_name(self.start)}" if self.end is None else Period(self.start, self.end).label
        return ", ".join(part for part in (self.what, when, self.where) if part)


@dataclass(frozen=True)
class Action:
    """What was agreed to be done, by whom, when it is looked at again, and by what it is judged."""

    text: str
    owner: str = ""
    review: date | None = None
    outcome: str = ""

    def __post_init__(self) -> None:
        _clean(self, "text", "An action's text", "text", needed=True)
        _clean(self, "owner", "An action's owner", "line")
        _clean(self, "outcome", "An action's outcome measure", "text")

    @property
    def label(self) -> str:
        """In words, such as "Mend the lights, by the council, review on 2026-03-01, judged by robberies"."""
        parts = (
            self.text,
            self.owner and f"by {self.owner}",
            self.review and f"review on {self.review.isoformat()}",
            self.outcome and f"judged by {self.outcome}",
        )
        return ", ".join(part for part in parts if part)


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


@dataclass(frozen=True)
class Origin:
    """By whom a location was made (as typed), when (UTC), and from which dataset (content hash, area, vintage of the LSOAs).

    ``chosen`` is the selection in which it was found: its period is the window that the place was chosen from, in which
    it may have peaked by chance. None where it was not chosen by looking at offences.
    """

    by: str
    dataset: str
    area: str
    vintage: int
    chosen: Selection | None = None
    at: datetime = field(default_factory=_now)

    def __post_init__(self) -> None:
        _clean(self, "by", "The name of who made the location", "line", needed=True)
        for name in ("dataset", "area"):
            _clean(self, name, f"The {name} of the location", "line")
        if self.at.tzinfo is None:
            raise ValueError("The time at which a location was made has no time zone. Give it in UTC.")
        _put(self, "at", self.at.astimezone(UTC))


@dataclass(frozen=True)
class Location:
    """One priority location.

    ``id`` stands in links, and so is made of chance alone and says nothing. ``made`` and ``made_from`` say how it was
    defined. ``lsoa_codes`` are what it consists of, or what its ``shape`` (WKT, EPSG:27700) touches. ``ring_codes``,
    ``controls`` and ``ring_controls`` are chosen by hand; empty: by the ``ring`` rule, as suggested. ``version`` and ``archived`` are the register's; version 0 was never saved.

    Raises
    ------
    ValueError
        In words: no name or LSOA, a text that is too long, a code that is none, a shape that is none.
    """

    name: str
    made: Made
    origin: Origin
    lsoa_codes: tuple[str, ...]
    made_from: str = ""
    shape: str | None = None
    ring: RingRule = field(default_factory=RingRule)
    ring_codes: tuple[str, ...] = ()
    controls: tuple[str, ...] = ()
    ring_controls: tuple[str, ...] = ()
    interventions: tuple[Intervention, ...] = ()
    actions: tuple[Action, ...] = ()
    notes: str = ""
    id: str = field(default_factory=lambda: secrets.token_hex(5))
    version: int = 0
    archived: bool = False

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            raise ValueError(f"The code {self.id!r} of a location is not ten small letters and digits.")
        if self.made not in MADE_WORDS:
            raise ValueError(f"The location was made by {self.made!r}. Choose one of {', '.join(MADE_WORDS)}.")
        _clean(self, "name", "The name", "name", needed=True)
        _clean(self, "made_from", "What the location was made from", "text")
        _clean(self, "notes", "The notes", "notes")
        for name in ("lsoa_codes", "ring_codes", "controls", "ring_controls"):
            _codes(self, name)
        if not self.lsoa_codes:
            raise ValueError("The location has no LSOA. Choose at least one.")
        for name in ("interventions", "actions"):
            if len(getattr(self, name)) > MOST_ITEMS:
                raise ValueError(f"The location has more than {MOST_ITEMS} {name}. Put some of them together.")
        if self.shape is not None and not _is_polygon(self.shape):
            raise ValueError("The shape of the location is not a polygon. Draw or upload it again.")

    @property
    def window(self) -> Period | None:
        """The period that the place was chosen from; None where it was not chosen by its offences."""
        return self.origin.chosen.period if self.origin.chosen else None

    @property
    def is_shape(self) -> bool:
        """Whether it is a shape: no rank among LSOAs, and residents only approximate."""
        return self.shape is not None

    @property
    def polygon(self) -> shapely.Geometry:
        """Its shape in metres (EPSG:27700)."""
        if self.shape is None:
            raise ValueError(f"{self.name!r} consists of LSOAs and has no shape of its own.")
        return shapely.from_wkt(self.shape)


def from_lsoas(
    name: str, codes: Collection[str], areas: pd.DataFrame, origin: Origin, made: Made = "clicked", made_from: str = ""
) -> Location:
    """A location that consists of LSOAs of the dataset.

    Raises
    ------
    ValueError
        In words, as of every function here: no LSOA, one that is not in ``areas``, or all of them.
    """
    known = set(areas["lsoa_code"])
    unknown = sorted(set(codes) - known)
    if unknown:
        raise ValueError(
            f"{lsoas(len(unknown))} of the location {'is' if len(unknown) == 1 else 'are'} not in this dataset, "
            f"such as {unknown[0]!r}. Choose LSOAs that it holds."
        )
    if len(known) > 1 and known == set(codes):
        raise ValueError("The location covers the whole area, so that nothing is left to compare it with. Choose less.")
    return Location(name, made, origin, tuple(codes), made_from)


def from_circle(
    name: str, longitude: float, latitude: float, radius_m: float, areas: gpd.GeoDataFrame, origin: Origin
) -> Location:
    """A location within ``radius_m`` metres of a point in degrees."""
    shape = circle(longitude, latitude, radius_m, areas)
    centre = f"centre at longitude {longitude:.5f}, latitude {latitude:.5f}, radius {radius_m:,.0f} metres"
    return _from_shape(name, shape, origin, "circle", centre)


def from_drawn(name: str, corners: Sequence[Sequence[float]], areas: gpd.GeoDataFrame, origin: Origin) -> Location:
    """A location within a ring of corners, each (longitude, latitude)."""
    return _from_shape(name, drawn(corners, areas), origin, "drawn", f"{len(corners):,} corners")


def from_postcodes(
    name: str, postcodes: Sequence[str], codes: Collection[str], areas: pd.DataFrame, origin: Origin
) -> Location:
    """A location of the LSOAs in which postcodes lie, as ``geodata.postcodes`` found them."""
    shown = [*postcodes[:100], *(["and more"] if len(postcodes) > 100 else [])]
    return from_lsoas(name, codes, areas, origin, "postcodes", ", ".join(shown))


def from_upload(
    name: str, polygons: gpd.GeoSeries, areas: gpd.GeoDataFrame, origin: Origin, file_name: str
) -> Location:
    """A location within the polygons of a file, as ``geodata.shape_files`` read them, all together one shape."""
    return _from_shape(name, uploaded(polygons, areas), origin, "uploaded", file_name[:100])


def differences(old: Location, new: Location) -> tuple[str, ...]:
    """What the change from ``old`` to ``new`` means, a sentence for each field that differs. Texts stand as typed."""
    return tuple(
        f"{words}: {_change(name, getattr(old, name), getattr(new, name))}."
        for name, words in _FIELDS.items()
        if getattr(old, name) != getattr(new, name)
    )


def name_key(name: str) -> str:
    """By what two names are the same: letter case, spaces and ways of writing a letter aside."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


_FIELDS: Final = {
    "name": "Name", "made": "How it was defined", "made_from": "What it was made from", "origin": "Where it comes from",
    "lsoa_codes": "LSOAs", "shape": "Shape", "ring": "Ring", "ring_codes": "LSOAs of the ring chosen by hand",
    "controls": "Controls", "ring_controls": "Controls of the ring",
    "interventions": "Interventions", "actions": "Actions", "notes": "Notes", "archived": "Archived",
}  # fmt: skip


def _from_shape(name: str, shape: Shape, origin: Origin, made: Made, made_from: str) -> Location:
    said = ". ".join([made_from, *(note.rstrip(".") for note in shape.notes)])
    return Location(name, made, origin, shape.lsoa_codes, said, shapely.to_wkt(shape.polygon, rounding_precision=2))


def _is_polygon(wkt: str) -> bool:
    shape = shapely.from_wkt(wkt, on_invalid="ignore")
    return shape is not None and shape.geom_type in ("Polygon", "MultiPolygon") and not shape.is_empty


def _put(item: Any, name: str, value: Any) -> None:
    object.__setattr__(item, name, value)  # frozen from here on


def _clean(item: Any, name: str, what: str, kind: str, *, needed: bool = False) -> None:
    """Take control characters and outer spaces out of a text; only texts and notes keep their lines."""
    text = _TAKEN_OUT.sub("", getattr(item, name).replace("\r\n", "\n").replace("\r", "\n")).strip()
    if kind in ("name", "line"):
        text = " ".join(text.split())
    if needed and not text:
        raise ValueError(f"{what} is missing. Type it.")
    if len(text) > MOST_LETTERS[kind]:
        raise ValueError(f"{what} has {len(text):,} characters. Shorten it to {MOST_LETTERS[kind]:,}.")
    _put(item, name, text)


def _codes(item: Any, name: str) -> None:
    codes = tuple(sorted(set(getattr(item, name))))
    wrong = [code for code in codes if not LSOA_CODE.fullmatch(code)]
    if wrong:
        raise ValueError(f"{wrong[0]!r} is no LSOA code. A code is a letter and eight digits.")
    _put(item, name, codes)


def _change(name: str, old: Any, new: Any) -> str:
    if isinstance(old, tuple):
        gone, come = [one for one in old if one not in new], [one for one in new if one not in old]
        parts = [f"{_items(some)} {verb}" for some, verb in ((come, "added"), (gone, "taken away")) if some]
        return "; ".join(parts) or "in another order"
    if isinstance(old, bool):
        return f"{_yes(old)} became {_yes(new)}"
    if isinstance(old, Origin) or name == "shape":
        return "changed"
    if name == "made":
        old, new = MADE_WORDS[old], MADE_WORDS[new]
    return f"{_quoted(old)} became {_quoted(new)}"


def _items(items: Iterable[Any]) -> str:
    shown = [item if isinstance(item, str) else f"'{item.label}'" for item in items]
    return ", ".join(shown[:5]) + (f" and {len(shown) - 5:,} more" if len(shown) > 5 else "")


def _quoted(value: Any) -> str:
    text = value.label if isinstance(value, RingRule) else value
    return f"'{text}'" if text else "nothing"


def _yes(value: bool) -> str:
    return "yes" if value else "no"
