"""The parts of the Data page: every row accounted for, by reason, force, month and crime type."""

from typing import Final

import pandas as pd
import streamlit as st

from geodata.columns import EXTRACT, POLICE_UK, REJECT_REASONS
from geodata.forces import name_of
from geodata.summary import (
    agreement_in_words,
    denominator_in_words,
    layer_in_words,
    months_in_words,
    recorded_in_words,
    weights_in_words,
)
from hotspots.narrative import number, percent
from pages.shared import opening, text
from pages.shared.frame import Frame

_POINTS: Final = {
    POLICE_UK: "Points of police.uk are anonymised to about 750,000 map points in England and Wales: “on or near”, never an "
    "address; months only, no day or hour.",
    EXTRACT: "Points of the force's own extract may be addresses, and are never shown. It is another record of the same "
    "incidents, never added to those of police.uk.",
}
_REASONS: Final = {
    "joined": "Joined: the point lies in an LSOA",
    "joined_nearest": "Joined to the nearest LSOA, within 25 m",
} | {code: f"Not joined: {words}" for code, words in REJECT_REASONS.items()}


def heading(frame: Frame) -> None:
    """How many rows were read and how many of them are on the map."""
    rows = frame.dataset.manifest["accounting"]
    share = percent(rows["joined"] / rows["rows_read"])
    st.title(f"{share} of the {number(rows['rows_read'])} rows that were read are on the map", anchor=False)
    manifest = frame.dataset.manifest
    text.caption(
        str(manifest["area"]),
        f"{len(frame.dataset.areas):,} LSOAs of {manifest['vintage']}",
        f"built {manifest['built_at'][:16].replace('T', ' ')} UTC",
        f"dataset {frame.dataset.hash}",
    )


def rows(frame: Frame) -> None:
    """The accounting by reason, then by force, month or crime type as chosen."""
    by = opening.accounting(frame.dataset)
    st.subheader("Every row ends in exactly one place", anchor=False)
    totals = by.groupby("outcome")["rows"].sum().reindex(list(_REASONS)).dropna().astype("int64")
    reasons = pd.DataFrame(
        {"What became of it": [_REASONS[code] for code in totals.index], "Rows": totals.to_numpy(),
         "Share": 100 * totals.to_numpy() / totals.sum()}
    )  # fmt: skip
    everything = pd.DataFrame({"What became of it": ["All rows read"], "Rows": [totals.sum()], "Share": [100.0]})
    st.dataframe(pd.concat([reasons, everything]), hide_index=True, row_height=28, column_config=_numbers("Rows"))
    columns = {"Force": "force", "Month": "month", "Crime type": "crime_type"}
    if len(frame.dataset.sources) > 1:
        columns = {"Source": "source", **columns}
    choice = st.segmented_control(
        "The same rows by", list(columns), default="Crime type", required=True, key="accounting_by"
    )
    column = columns[str(choice)]
    table = by.pivot_table(index=column, columns="outcome", values="rows", aggfunc="sum", fill_value=0, dropna=False)
    table = table[[code for code in _REASONS if code in table]]
    table.insert(0, "Rows read", table.sum(axis=1))
    table.index = [
        "(empty)" if pd.isna(key) else name_of(str(key)) if column == "force" else str(key) for key in table.index
    ]
    table = table.rename(columns={code: code.replace("_", " ").capitalize() for code in table.columns})
    st.dataframe(
        table.rename_axis(str(choice)).reset_index(),
        hide_index=True,
        row_height=28,
        height=280,
        column_config={name: st.column_config.NumberColumn(format="localized") for name in table.columns},
    )
    text.caption(
        "A row counts once: a repeated Crime ID counts in its first month; anti-social behaviour has no ID and is never thinned "
        "out. A point on a border belongs to the touching LSOA with the lowest code.",
        key="note_rules",
    )


def months(frame: Frame) -> None:
    """Which force supplied which month."""
    st.subheader("Months present and missing", anchor=False)
    for source, forces in frame.dataset.manifest["coverage"].items():
        lines = [f"{name_of(force)} ({source}): {months_in_words(of_force)}" for force, of_force in forces.items()]
        text.paragraph("\n".join(lines))
    text.caption(
        "A missing month is never counted as zero: rates are over the months present, and lines break.",
        key="note_months",
    )


def layers(frame: Frame) -> None:
    """Each layer that lies over the map: whose it is, and what became of its rows; nothing where there is none."""
    given = frame.dataset.manifest.get("layers", [])
    if given:
        st.subheader("Layers over the map", anchor=False)
        text.paragraph("\n".join(f"{one['about']['source']}: {layer_in_words(one)}" for one in given))


def limits(frame: Frame) -> None:
    """What the data cannot show, and warnings of the build."""
    manifest = frame.dataset.manifest
    st.subheader("What these data cannot show", anchor=False)
    absent, recorded = manifest["forces_absent"], manifest.get("recorded")
    lines = [
        f"Recorded and joined LSOA codes: {agreement_in_words(manifest['agreement'])}.",
        *(_POINTS[source] for source in frame.dataset.sources),
    ]
    if recorded:
        lines.append(f"Recorded in the extract, of {recorded_in_words(recorded)}.")
    if absent:
        names = text.joined(name_of(force) for force in absent)
        lines.append(f"Not loaded, though they may hold incidents inside the area: {names}.")
    if manifest["population"] is None:
        lines.append("No residents were loaded, so there are no rates.")
    for what, words in (("population", "residents"), ("deprivation", "deprivation")):
        missing = (manifest[what] or {}).get("areas_without", 0)
        if missing:
            lines.append(
                f"{number(missing)} of {number(len(frame.dataset.areas))} LSOAs have no {words} in the table that was given."
            )
    lines += [f"Rates can also be per: {denominator_in_words(one)}." for one in manifest.get("denominators", [])]
    if manifest.get("weights"):
        lines.append(f"Severity weights: {weights_in_words(manifest['weights'])}.")
    lines += manifest["warnings"]
    text.paragraph("\n".join(lines))


def files(frame: Frame) -> None:
    """What the dataset was built from."""
    st.subheader("The files it was built from", anchor=False)
    given = pd.DataFrame(frame.dataset.manifest["inputs"])
    table = given.rename(columns={"kind": "What", "file": "File", "rows": "Rows", "sha256": "SHA-256"})
    st.dataframe(table, hide_index=True, row_height=28, height=250)
    passed = frame.dataset.manifest["passed_over"]
    if passed:
        text.caption(
            "Passed over: " + text.joined(f"{number(count)} {kind}" for kind, count in passed.items()) + ".",
            key="note_passed",
        )


def _numbers(name: str) -> dict:
    return {
        name: st.column_config.NumberColumn(format="localized"),
        "Share": st.column_config.NumberColumn(format="%.2f %%"),
    }
