"""How the screen speaks of what is counted, by which measure, where and when: one wording for every page and file."""

from dataclasses import replace
from typing import Any, Final

import pandas as pd

from geodata.columns import ASB, EXTRACT, POLICE_UK
from geodata.dataset import Dataset
from hotspots.narrative import gap_sentence, per_thousand, unequal_months_sentence
from hotspots.ranking import MEASURE_COLUMNS
from hotspots.selection import RESIDENTS, Selection
from pages.shared import data, tables, text
from pages.shared.frame import Frame
from pages.shared.maps import ValueKind

_OPEN_FORM: Final = " (open-data form)"
SOURCES: Final = {POLICE_UK: "police.uk", EXTRACT: "the force's own extract"}
_NAMED: Final = 2  # crime types that fit the name of a file
_KINDS: Final = {
    (False, "count"): ValueKind.OFFENCES,
    (False, "rate"): ValueKind.OFFENCE_RATE,
    (False, "density"): ValueKind.OFFENCE_DENSITY,
    (False, "severity"): ValueKind.SEVERITY,
    (True, "severity"): ValueKind.SEVERITY,
    (True, "count"): ValueKind.ASB,
    (True, "rate"): ValueKind.ASB_RATE,
    (True, "density"): ValueKind.ASB_DENSITY,
}


def is_asb(selection: Selection) -> bool:
    """Whether anti-social behaviour is counted, which is never called an offence."""
    return selection.crime_types == (ASB,)


def noun(selection: Selection) -> str:
    """What one incident is called: "offence" or "ASB report"."""
    return "ASB report" if is_asb(selection) else "offence"


def nouns(selection: Selection) -> str:
    """The plural with a capital, for a column or an axis."""
    return "ASB reports" if is_asb(selection) else "Offences"


def subject(selection: Selection) -> str:
    """What a finding speaks of: "serious violence", "anti-social behaviour", "robbery", "crime of the chosen types"."""
    if selection.definition:
        return data.definitions()[selection.definition].subject
    if len(selection.crime_types) == 1:
        return selection.crime_types[0].lower()
    return "crime of the chosen types"


def where(selection: Selection) -> str:
    """For a title, which may not hold names from data: empty for the whole area."""
    chosen = len(selection.districts)
    return "" if not chosen else "in the chosen district" if chosen == 1 else f"in the {chosen} chosen districts"


def counted(selection: Selection) -> str:
    """The definition's name or the crime types, in full, for a caption or a file."""
    if selection.definition:
        name = data.definitions()[selection.definition].name
        return name if selection.reading is None else f"{name.removesuffix(_OPEN_FORM)} (by offence code)"
    return ", ".join(selection.crime_types)


def counted_in_a_name(selection: Selection) -> str:
    """What is counted, short enough for the name of a file: "norfolk-definition", "Robbery", "5-crime-types"."""
    if selection.definition:
        return f"{selection.definition}-definition{'' if selection.reading is None else '-by-offence-code'}"
    types = selection.crime_types
    return "ASB" if is_asb(selection) else " ".join(types) if len(types) <= _NAMED else f"{len(types)} crime types"


def measure_in_a_name(frame: Frame) -> str:
    """The measure, short enough for the name of a file: "number", "rate", "rate per workday population"."""
    chosen = frame.selection
    if chosen.measure == "rate" and chosen.per != RESIDENTS:
        return f"rate per {denominator(frame)}"
    return "number" if chosen.measure == "count" else chosen.measure


def denominator(frame: Frame) -> str:
    """What rates are per: "residents", or the title of another denominator; text from data."""
    return str(frame.dataset.denominators.get(frame.selection.per, RESIDENTS))


def weights(frame: Frame) -> str:
    """Whose severity weights the dataset holds, empty where it holds none; text from data."""
    return str((frame.dataset.manifest.get("weights") or {}).get("title", ""))


def measure(frame: Frame) -> str:
    """The measure with its unit: "Offences", "Offences per 1,000 residents a year"; may hold text from data."""
    chosen = frame.selection
    if chosen.measure == "severity":
        return f"Severity (weights: {weights(frame)})" if weights(frame) else "Severity"
    if chosen.measure == "rate":
        return f"{nouns(chosen)} {per_thousand(denominator(frame))}"
    return nouns(chosen) + (" per km² a year" if chosen.measure == "density" else "")


def table_columns(frame: Frame) -> dict[str, Any]:
    """What the ranked table shows beside the count, as ``tables.ranked_table`` takes it."""
    shown = tables.by(frame.selection)
    return {"shown": shown, "of": weights(frame) if shown == "severity" else denominator(frame)}


def value_kind(selection: Selection) -> ValueKind:
    """The wording of a number on the map."""
    if selection.measure == "rate" and selection.per != RESIDENTS:
        return ValueKind.ASB_RATE_OTHER if is_asb(selection) else ValueKind.OFFENCE_RATE_OTHER
    return _KINDS[is_asb(selection), selection.measure]


def caption(frame: Frame, *, by_number: bool = False) -> str:
    """Measure, what is counted, period, area and source, as every view must state; on a large screen, whose banner names the
    area, what does not go without saying in one line.

    ``by_number`` for a view that goes by number whichever measure is chosen.
    """
    chosen = frame.selection
    what = nouns(chosen) if by_number else measure(frame)
    if frame.large:
        return "  ·  ".join(
            part for part in (what, counted(chosen), chosen.period.label, ", ".join(chosen.districts)) if part
        )
    of_whom = "" if by_number else _of_whom(frame)
    parts = (what, counted(chosen), chosen.period.label, frame.area_names, of_whom, source(frame))
    return "  ·  ".join(part for part in parts if part)


def _of_whom(frame: Frame) -> str:
    """Who is counted in the denominator of a rate, and when."""
    chosen, manifest = frame.selection, frame.dataset.manifest
    if chosen.measure != "rate":
        return ""
    for one in manifest.get("denominators", []):
        if one["id"] == chosen.per:
            return str(one["kind"])
    return f"residents: {manifest['population']['kind']}" if manifest["population"] else ""


def source(frame: Frame) -> str:
    """Where the incidents come from, and by what they lie in an area."""
    return f"{SOURCES.get(frame.selection.source, frame.selection.source)}, joined to {frame.dataset.manifest['vintage']} LSOAs by coordinates"


def coverage(frame: Frame) -> tuple[str, ...]:
    """What the definition includes and catches in its open-data form, or counts by code; empty without a definition."""
    chosen = frame.selection
    if not chosen.definition:
        return ()
    if chosen.reading is not None:
        return data.code_notes(frame.dataset, chosen)
    return (data.definitions()[chosen.definition].coverage_sentence,)


def open_form(frame: Frame) -> tuple[str, ...]:
    """What the open-data form counts beside what is meant, short enough for a wall; empty where it is not what is counted."""
    chosen = frame.selection
    if not chosen.definition or chosen.reading is not None:
        return ()
    return (data.definitions()[chosen.definition].includes_sentence,)


def gaps(frame: Frame) -> str:
    """Which months of the period no territorial force supplied; empty where none is missing."""
    return str(data.kept(_gaps, frame.dataset, frame.selection))


def _gaps(dataset: Dataset, selection: Selection) -> str:
    presence = dataset.presence(selection.source)
    own = presence.reindex(index=dataset.manifest["territorial_forces"], fill_value=False)
    there = set(own.columns[own.any(axis=0)])
    months = selection.period.months
    return gap_sentence(months, [month for month in months if month not in there])


def notes(frame: Frame, table: pd.DataFrame, *more: str) -> None:
    """What the definition cannot see, which months are missing, and what a view adds; always in sight.

    On a large screen only what bends the finding, and of the open-data form what it includes.
    """
    bent = [gaps(frame), unequal_months_sentence(table["months"])]
    form = open_form(frame) if frame.large else coverage(frame)
    said = [note for note in [*form, *bent, *(() if frame.large else more)] if note]
    if said:
        text.caption(*(text.sentence(note) for note in said), key="note_coverage")


def countable(frame: Frame) -> Frame:
    """The frame by number where the chosen measure cannot be given, for pages that rank nothing."""
    if frame.selection.measure != "count" and empty_state(frame, data.table(frame.dataset, frame.selection)):
        return replace(frame, selection=replace(frame.selection, measure="count"))
    return frame


def empty_state(frame: Frame, table: pd.DataFrame) -> str:
    """Why there is nothing to rank, in words; empty where there is something."""
    if table["count"].isna().all():
        return "No data: the police force of this area supplied none of these months. This is not zero. Choose another period."
    if not table["count"].sum():
        return (
            "None recorded: the months are there, and hold nothing of what is counted. Choose other crime types or a longer "
            "period."
        )
    if frame.selection.measure == "severity":
        return data.severity(frame.dataset, frame.selection).refusal
    if table[MEASURE_COLUMNS[frame.selection.measure]].isna().all():
        if frame.selection.per != RESIDENTS:
            return f"No rate {per_thousand(denominator(frame))} can be given: no LSOA shown has such a number. Choose other districts."
        return "No rate can be given: this dataset has no residents. Build it with --population, or choose another measure."
    return ""
