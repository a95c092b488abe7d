"""Which index of deprivation is looked at, what is known of it, and what every view must say of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd
import streamlit as st

from geodata.dataset import Dataset
from geodata.deprivation import NATIONAL_LSOAS
from hotspots.association import BUSIEST
from hotspots.composite import WEIGHTS, composite
from hotspots.counts import monthly_counts
from hotspots.inequality import RateRatio, times
from hotspots.narrative import lsoas, number, percent
from hotspots.selection import Selection
from hotspots.table import areas_in
from hotspots.uncertainty import overdispersion
from pages.shared import data, locations, subject, text
from pages.shared.frame import Frame

IMD: Final = "imd"
WITHOUT_CRIME: Final = "imd-without-crime"
CRIME: Final = "crime"
NAMES: Final = {
    IMD: "Index of Multiple Deprivation",
    WITHOUT_CRIME: "The index without its crime domain",
    "income": "Income",
    "employment": "Employment",
    "education": "Education, skills and training",
    "health": "Health and disability",
    "housing": "Barriers to housing and services",
    "environment": "Living environment",
    CRIME: "Crime (counts nearly the same thing)",
}
# For a sentence: "the most deprived fifth", "the fifth most deprived in income".
_IN_WHAT: Final = {
    IMD: "",
    WITHOUT_CRIME: "",
    "income": "in income",
    "employment": "in employment",
    "education": "in education",
    "health": "in health",
    "housing": "in housing and services",
    "environment": "in living environment",
    CRIME: "in crime",
}
CAVEAT: Final = "Areas are not people: this describes places, not those who live there, and not why it is so"
INTERVALS: Final = "Intervals hold chance in the counts and how unlike the LSOAs of a group are"


@dataclass(frozen=True)
class Index:
    """``depth`` by lsoa_code of the chosen areas, higher is more deprived, and the published national ``decile`` (1 = most
    deprived; null throughout where none is published)."""

    depth: pd.Series
    decile: pd.Series


def choose() -> str:
    """The select box of indices; its choice is in the link."""
    chosen = st.selectbox(
        "Deprivation by", list(NAMES), format_func=lambda one: NAMES.get(one, str(one)), key="index", bind="query-params",
        filter_mode=None, label_visibility="collapsed",
    )  # fmt: skip
    return chosen if chosen in NAMES else IMD


def index(dataset: Dataset, selection: Selection, which: str) -> Index:
    """How deprived each chosen area is, by the index or a domain."""
    areas = areas_in(dataset.areas, selection.districts).set_index("lsoa_code")
    national = NATIONAL_LSOAS[int(dataset.manifest["deprivation"]["year"])]
    if which == WITHOUT_CRIME:
        ranks = pd.DataFrame({domain: areas[f"{domain}_rank"] for domain in WEIGHTS})
        return Index(composite(ranks, national, without=[CRIME]), pd.Series(pd.NA, areas.index, dtype="Int64"))
    # the higher, the more deprived
    return Index(national + 1 - areas[f"{which}_rank"].astype("Float64"), areas[f"{which}_decile"])


def dispersion(dataset: Dataset, selection: Selection) -> float:
    """How much more than Poisson the counts scatter over the chosen months; 1 where that cannot be seen."""
    areas, presence = areas_in(dataset.areas, selection.districts), dataset.presence(selection.source)
    monthly = monthly_counts(
        data.cells(dataset, selection), areas, presence, selection.period.months, data.crime_types(selection)
    )
    try:
        return overdispersion(monthly.loc[:, monthly.notna().any()])
    except ValueError:  # too few months to see how far they scatter
        return 1.0


def table(dataset: Dataset, selection: Selection) -> pd.DataFrame:
    """The ranked table in the order of the chosen areas."""
    areas = areas_in(dataset.areas, selection.districts)
    return data.table(dataset, selection).reindex(pd.Index(areas["lsoa_code"]))


def busiest(table: pd.DataFrame) -> pd.Index:
    """The few LSOAs with the most of what is counted, without which a finding is looked at again."""
    return table["count"].astype("float64").nlargest(BUSIEST).index


def nothing(frame: Frame) -> str:
    """Why there is nothing to set beside each other, in words; empty where there is something."""
    if not frame.dataset.manifest["deprivation"]:
        return (
            "This dataset holds no deprivation. Build it with --deprivation, File 7 of the English Indices of Deprivation 2025 (or "
            "2019 with ONS's exact-fit lookup of LSOAs)."
        )
    reason = subject.empty_state(frame, data.table(frame.dataset, frame.selection))
    if reason:
        return reason
    if data.kept(index, frame.dataset, frame.selection, IMD).depth.isna().all():
        return "None of the LSOAs shown has a place in the Index of Multiple Deprivation. Choose other districts."
    return ""


def in_what(which: str) -> str:
    """For a sentence: "in income", empty for the index."""
    return _IN_WHAT[which]


def caption(frame: Frame, which: str, comparison: str) -> None:
    """Measure, what is counted, period, area, source; then the index with its year and vintage, and what it is compared with."""
    if frame.large:  # the title says by which measure
        text.caption(subject.counted(frame.selection), frame.selection.period.label, NAMES[which])
    else:
        text.caption(subject.caption(frame), NAMES[which], vintage(frame), comparison)


def vintage(frame: Frame) -> str:
    """ "Indices of Deprivation 2025, on 2021 LSOAs"; says where it was carried over."""
    note, of_map = frame.dataset.manifest["deprivation"], frame.dataset.manifest["vintage"]
    on = 2021 if note["year"] == 2025 else 2011
    carried = f", carried over to {of_map} ones" if note["bridged"] else ""
    return f"Indices of Deprivation {note['year']}, on {on} LSOAs{carried}"


def notes(frame: Frame, *more: str) -> None:
    """What areas cannot say of people, LSOAs without an index, how it was carried over, and what a view adds.

    On a large screen what matters of it stands beside the picture.
    """
    shown = data.table(frame.dataset, frame.selection)
    if frame.large:
        subject.notes(frame, shown)
        return
    known = data.kept(index, frame.dataset, frame.selection, IMD).depth
    said = [*more, without_sentence(frame, known), data.kept(bridge_sentence, frame.dataset, frame.selection), CAVEAT]
    text.caption(*(text.sentence(one) for one in said if one), key="note_deprivation")
    subject.notes(frame, shown)


def without_sentence(frame: Frame, known: pd.Series) -> str:
    """How many LSOAs have no index, and which; text from data."""
    missing = known.index[known.isna()]
    if not len(missing):
        return ""
    names = data.places(frame.dataset).reindex(missing)
    named = ", ".join(str(name) for name in names.iloc[:5])
    more = f" and {number(len(names) - 5)} more" if len(names) > 5 else ""
    return f"{lsoas(len(missing))} without an index {'is' if len(missing) == 1 else 'are'} in no group: {named}{more}"


def bridge_sentence(dataset: Dataset, selection: Selection) -> str:
    """What carrying the index over to other LSOAs did, with the residents it touches; empty where it was not carried over."""
    if not dataset.manifest["deprivation"]["bridged"]:
        return ""
    areas = areas_in(dataset.areas, selection.districts)
    estimated, none = areas["imd_estimated"].fillna(False), areas["imd_rank"].isna()
    people = areas["residents"].astype("Float64")

    def share(which: pd.Series) -> str:
        if not people.sum():
            return lsoas(int(which.sum()))
        return f"{lsoas(int(which.sum()))} with {percent(float(people[which].sum() / people.sum()))} of residents"

    return (
        f"The index was carried over by ONS's exact-fit lookup: ranks are estimated in {share(estimated.astype(bool))}, none "
        f"is known in {share(none)}; all others keep the rank of their former LSOA"
    )


def crime_note(which: str) -> str:
    """What the crime domain does to a comparison with crime; empty where it is not in the index looked at."""
    if which == IMD:
        return "One of the index's seven domains is crime, which counts nearly the same thing: compare the index without it"
    if which == CRIME:
        return "The crime domain is made from recorded crime: this comparison is one of crime with itself"
    return ""


def without_busiest(ratio: RateRatio, rest: RateRatio) -> str:
    """How the ratio stands when the busiest LSOAs are left out; empty where either cannot be given."""
    return with_limits(rest, f"Without the {BUSIEST} busiest LSOAs") if ratio.ratio is not None else ""


def with_limits(ratio: RateRatio, of: str) -> str:
    """ "Without the 5 busiest LSOAs it is 3.0 times (2.5 to 3.7)"; empty where it cannot be given."""
    return f"{of} it is {_times(ratio)}" if ratio.ratio is not None else ""


def hangs_on_the_busiest(ratio: RateRatio, rest: RateRatio) -> str:
    """For the end of a title: the ratio without the busiest LSOAs where it lies outside the limits with them; else empty."""
    if None in (ratio.lower, ratio.upper, rest.ratio) or ratio.lower <= rest.ratio <= ratio.upper:  # type: ignore[operator]
        return ""
    return f"; without the {BUSIEST} busiest LSOAs {_times(rest)}"


def elsewhere(ratio: RateRatio, view: str, groups: str) -> str:
    """Why another view gives another ratio of the same two; empty where it gives none."""
    return f"{groups}, in the view {view}, give {_times(ratio)}" if ratio.ratio is not None else ""


def _times(found: RateRatio) -> str:
    assert found.ratio is not None
    assert found.lower is not None
    assert found.upper is not None
    return f"{times(found.ratio)} times ({times(found.lower)} to {times(found.upper)})"


def chosen(frame: Frame, table: pd.DataFrame) -> pd.DataFrame:
    """The rows of what is chosen: of the location, else of the selected LSOA, else none. ``table`` by lsoa_code."""
    if frame.location is not None:
        return locations.narrowed(frame, table)
    return table[table.index == frame.selected]


def say_selected(frame: Frame, lines: Sequence[str]) -> None:
    """What a view says of the selected LSOA; a location has a table of its own."""
    if frame.location is None and frame.selected is not None:
        said = list(lines) or [
            f"{data.places(frame.dataset)[frame.selected]}: outside the chosen districts, or not known here"
        ]
        with st.container(key="note_selected"):
            text.paragraph("\n".join(text.sentence(line) for line in said))
