"""One location as the page shows it: the question, the answer or why there is none, and what every view says of it."""

from dataclasses import dataclass, replace

import pandas as pd
import streamlit as st

from geodata.columns import WGS84
from geodata.dataset import Dataset
from hotspots.displacement import Difference
from hotspots.evaluation import Evaluation
from hotspots.location_figures import geometry_of
from hotspots.locations import Location
from hotspots.placebos import PLACEBOS
from hotspots.register import RegisterError
from hotspots.selection import Selection
from hotspots.verdict import whole
from hotspots.windows import recording_changes
from pages.shared import data, evaluations, locations, maps, registered, subject, text
from pages.shared.classes import Breaks, OutlineKind, classify
from pages.shared.evaluations import Settings
from pages.shared.frame import Frame

RECORDING = "recording changed"
BY_ROLE: dict[str, OutlineKind] = {"ring": "ring", "control": "control", "ring_control": "ring_control"}
NAMES = {"target": "Target", "control": "Control", "ring": "Ring (next door)", "ring_control": "Ring control"}
PARTS = {"local": "Target", "displacement": "Ring (next door)", "total": "Both together"}


@dataclass(frozen=True)
class Case:
    """``frame`` goes by number and by the whole area; ``found`` is None where the comparison is refused."""

    frame: Frame
    location: Location
    settings: Settings
    found: Evaluation | None
    refusal: str = ""

    @property
    def kinds(self) -> tuple[str, ...]:
        """The crime types that are counted."""
        return data.crime_types(self.frame.selection)

    @property
    def asked(self) -> tuple[Dataset, Selection, Location]:
        """What ``evaluations`` are asked with."""
        return self.frame.dataset, self.frame.selection, self.location


def examined(frame: Frame, location: Location, settings: Settings) -> Case:
    """The location, evaluated; a refusal is kept in words."""
    plain = replace(frame, selection=evaluations.question(frame.dataset, frame.selection))
    try:
        with st.spinner(f"Trying up to {PLACEBOS} untreated places, once"):
            found = evaluations.evaluate_location(
                frame.dataset, frame.selection, location, settings, noun=subject.noun(frame.selection)
            )
    except ValueError as error:
        return Case(plain, location, settings, None, str(error))
    return Case(plain, location, settings, found)


def nothing(frame: Frame, *, of_all: bool) -> str:
    """Why there is nothing to compare, and where to go; empty where there is something."""
    try:
        known = registered.locations(frame.dataset)
    except RegisterError as error:
        return str(error)
    if not known:
        return (
            "No priority location has been made in this area yet. Make one on the page Priority locations: from the ranking, "
            "on the map or by drawing."
        )
    if frame.location is None and not of_all:
        return "Choose a priority location in the sidebar, or open one from the view “All locations”."
    return ""


def heading(case: Case, title: str, *notes: str) -> None:
    """The finding; then the place, the windows, what is counted and where from; then what to mind, which on a large screen stands
    beside the picture. Only the caption and the notes hold text of users.
    """
    st.title(title, anchor=False)
    frame, found = case.frame, case.found
    tried = (
        "with other controls, tried here and not saved" if case.settings.controls or case.settings.ring_controls else ""
    )
    parts = [case.location.name, found.windows.label if found else "", tried, subject.counted(frame.selection)]
    if frame.large:
        text.caption(*parts)
        return
    text.caption(*parts, str(frame.dataset.manifest["area"]), subject.source(frame))
    said = [what_was_done(case), *notes, *subject.coverage(frame)]
    text.caption("\n".join(text.sentence(note) for note in said if note), key="note_warnings")


def what_was_done(case: Case) -> str:
    """In the words of whoever recorded it; empty where nothing is."""
    done = evaluations.intervention_of(case.location, case.settings)
    return f"What was done: {done.label}" if done else ""


def limits(difference: Difference | None) -> str:
    """ "−12 (−30 to 6)", for a table or a chart."""
    if difference is None:
        return "no ring"
    if difference.lower is None or difference.upper is None:
        return "nothing counted"
    estimate = whole(difference.estimate)
    sign = "" if estimate == "0" or difference.estimate < 0 else "+"
    return f"{sign}{estimate} ({whole(difference.lower)} to {whole(difference.upper)})"


def outlines(case: Case) -> tuple[tuple[maps.Outline, ...], tuple[maps.Shape, ...]]:
    """The location and, where it was compared, all that it was compared with."""
    lines, shapes = locations.drawn(case.frame.dataset, [case.location], ["target"])
    if case.found is None:
        return lines, shapes
    codes = pd.Index(case.frame.dataset.areas["lsoa_code"])
    gap = evaluations.ring_of(case.frame.dataset, case.location).gap if "ring" in case.found.groups else ()
    groups = [("gap", gap), *((kind, case.found.groups.get(name, ())) for name, kind in BY_ROLE.items())]
    roles = [maps.Outline(kind, tuple(int(i) for i in codes.get_indexer(list(of)))) for kind, of in groups if of]
    return (*lines, *roles), shapes


def near(case: Case) -> tuple[tuple[maps.Outline, ...], tuple[maps.Shape, ...]]:
    """As ``outlines``, without the controls."""
    lines, shapes = outlines(case)
    return tuple(line for line in lines if line.kind in ("target", "ring", "gap")), shapes


def surroundings(dataset: Dataset, location: Location) -> tuple[float, float, float, float]:
    """West, south, east and north of the place and all that is next door, in degrees."""
    try:
        codes = evaluations.ring_of(dataset, location).codes
    except ValueError:
        codes = ()
    near = dataset.areas.loc[dataset.areas["lsoa_code"].isin(codes), "geometry"]
    ground = type(near)([*near, geometry_of(location, dataset.areas)], crs=dataset.areas.crs)
    west, south, east, north = ground.to_crs(WGS84).total_bounds
    across, up = (east - west) / 10, (north - south) / 10
    return float(west - across), float(south - up), float(east + across), float(north + up)


def before_classes(
    dataset: Dataset, selection: Selection, kinds: tuple[str, ...], months: tuple[str, ...]
) -> tuple[Breaks, pd.Series]:
    """Each area's count in these months, in the order of the areas, and its class on the map."""
    counts = data.all_months(dataset, selection, kinds)[list(months)].sum(axis=1, skipna=False)
    values = counts.reindex(pd.Index(dataset.areas["lsoa_code"]))
    return classify(values), values


def marks(case: Case) -> pd.DataFrame:
    """What happened when: ``month`` and ``what``, which is never a user's text."""
    start, end = evaluations.span(case.location, case.settings)
    rows = [(start, "begun"), (end, "ended")]
    touching = [change for change in recording_changes() if set(change.crime_types) & set(case.kinds)]
    rows += [(change.month, RECORDING) for change in touching]
    months = case.frame.dataset.presence(case.frame.selection.source).columns
    there = [(month, what) for month, what in rows if month is not None and months[0] <= month <= months[-1]]
    return pd.DataFrame(there, columns=["month", "what"])
