"""Month by month: the map played, the strip of space and time, target, ring and controls one by one."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import shapely
import streamlit as st

from geodata.dataset import Dataset
from hotspots.location_figures import geometry_of
from hotspots.locations import Location
from hotspots.selection import Selection, month_name
from pages.shared import data, evaluations, large, maps, subject, text
from pages.shared.classes import LegendEntry, classify, ramp
from pages.shared.displacement_views import pictures
from pages.shared.displacement_views.case import NAMES, Case, heading, marks, near, surroundings, what_was_done
from pages.shared.views import parts

STEPS: Final = {"Each month": 1, "Three months, rolling": 3}
NEAREST: Final = 30
_PLAYER: Final = 0.3  # of the map's height


@dataclass(frozen=True)
class Played:
    """The map at each step, and what its classes mean, lowest first."""

    months: maps.Months
    labels: tuple[str, ...]
    classes: pd.DataFrame
    counts: pd.DataFrame


def show(case: Case) -> None:
    """Title, the map with its player; below it the strip and the groups."""
    notes = case.found.windows.warnings if case.found else (case.refusal,)
    heading(case, _title(case), *notes)
    chosen = st.segmented_control(
        "Step",
        list(STEPS),
        default="Each month",
        required=True,
        key="step",
        bind="query-params",
        label_visibility="collapsed",
    )
    steps = data.kept(played, *case.asked[:2], case.kinds, STEPS[str(chosen)])
    if case.frame.large:
        picture, beside = large.finding()
        with picture:
            _map(case, steps)
        with beside:
            large.say([what_was_done(case), *notes, *subject.open_form(case.frame)])
        return
    left, right = st.columns(2, gap="medium")
    with left:
        _map(case, steps)
    with right:
        _groups(case)
    _strip(case, data.kept(played, *case.asked[:2], case.kinds, 1))


def _title(case: Case) -> str:
    if case.found is None:
        return "Month by month"
    target = case.found.counts.loc["target"]
    here = f"Here {target['before']:,.0f} {case.found.noun}s before and {target['after']:,.0f} after"
    if "ring" not in case.found.counts.index:
        return here
    ring = case.found.counts.loc["ring"]
    return f"{here}; next door {ring['before']:,.0f} and {ring['after']:,.0f}"


def played(dataset: Dataset, selection: Selection, kinds: tuple[str, ...], spell: int) -> Played:
    """Counts of every area at every step, in classes made over all steps together, so that one scale holds for all."""
    monthly = data.all_months(dataset, selection, kinds).reindex(pd.Index(dataset.areas["lsoa_code"]))
    counts = monthly if spell == 1 else monthly.T.rolling(spell).sum().T.iloc[:, spell - 1 :]
    every = [str(month) for month in monthly.columns]
    labels = [month if spell == 1 else f"{every[i]}/{month}" for i, month in enumerate(every[spell - 1 :])]
    breaks = classify(pd.Series(counts.to_numpy().T.ravel()))
    rows = np.array(list(breaks.codes)).reshape(counts.shape[1], len(counts))
    numbers = tuple(tuple(None if np.isnan(v) else int(v) for v in column) for column in counts.to_numpy().T)
    months = maps.Months(tuple(labels), tuple("".join(row) for row in rows), numbers)
    return Played(months, breaks.labels, pd.DataFrame(rows.T, counts.index, labels), counts.set_axis(labels, axis=1))


def _map(case: Case, steps: Played) -> None:
    frame = case.frame
    colours = ramp(frame.theme, len(steps.labels))
    entries = [LegendEntry(colour, label, "class") for colour, label in zip(colours, steps.labels, strict=True)]
    lines, shapes = near(case)
    last = steps.months.classes[-1]
    parts.draw_map(
        frame, last, colours, steps.counts.iloc[:, -1], subject.value_kind(frame.selection),
        subject.nouns(frame.selection), entries, outlines=lines, shapes=shapes, months=steps.months,
        bounds=_above_the_player(data.kept(surroundings, frame.dataset, case.location)),
    )  # fmt: skip
    if frame.large:
        return
    text.caption(
        "Play, or step with the buttons. One scale of colours for all steps; a month that is missing is said, and is not zero.",
        key="note_play",
    )


def _above_the_player(bounds: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    """With so much more in the south as the player covers."""
    west, south, east, north = bounds
    return west, south - (north - south) * _PLAYER, east, north


def _groups(case: Case) -> None:
    """Target, ring and their controls, each by itself; what is compared has the same scale."""
    found = case.found
    if found is None:
        return
    series = evaluations.group_months(*case.asked, found, case.kinds)
    for pair in (("target", "control"), ("ring", "ring_control")):
        if pair[0] not in series:
            continue
        top = float(series[list(pair)].max().max())
        for column, name in zip(st.columns(2, gap="small"), pair, strict=True):
            with column:
                st.subheader(NAMES[name], anchor=False)
                pictures.by_month(case, found, series[[name]], small=top)
    happened = "; ".join(f"{row.what} {month_name(row.month)}" for row in marks(case).itertuples())
    text.caption(
        "The controls are scaled to the size of what they are compared with. Shaded: the months before and after. "
        f"Lines: {happened} (dashed: recording). Grey: no data.",
        key="note_groups",
    )


def _strip(case: Case, steps: Played) -> None:
    around = data.kept(nearest, case.frame.dataset, case.location)
    places = data.places(case.frame.dataset).reindex(around.index)
    ring = case.found.groups.get("ring", ()) if case.found else ()
    roles = (
        pd.Series("", around.index).mask(around.index.isin(ring), NAMES["ring"]).mask(around["inside"], NAMES["target"])
    )
    names = (roles + ": ").where(roles != "", "") + places
    names = names.where(~names.duplicated(keep=False), names + " " + around.index)
    st.subheader(f"The {len(around)} nearest LSOAs, month by month", anchor=False)
    classes, counts = (table.loc[around.index].T for table in (steps.classes, steps.counts))
    cells = pd.DataFrame(
        {
            "month": np.repeat(counts.index.to_numpy(), len(names)),
            "row": np.tile(names.to_numpy(), len(counts)),
            "count": counts.to_numpy().ravel(),
            "label": [steps.labels[int(c)] if c.isdigit() else pictures.NO_DATA for c in classes.to_numpy().ravel()],
        }
    )
    pictures.strip(case, cells, names.tolist(), steps.labels)
    windows = case.found.windows if case.found else None
    table = pd.DataFrame(
        {"LSOA": places.to_numpy(), "Role": roles.to_numpy(), "Kilometres": around["metres"].to_numpy() / 1000}
    )
    for name, months in (("Before", windows.before), ("After", windows.after)) if windows else ():
        table[name] = steps.counts.loc[around.index, list(months)].sum(axis=1, skipna=False).astype("Int64").to_numpy()
    st.dataframe(
        table,
        hide_index=True,
        row_height=28,
        height=300,
        column_config={"Kilometres": st.column_config.NumberColumn(format="%.1f")},
    )


def nearest(dataset: Dataset, location: Location) -> pd.DataFrame:
    """The LSOAs nearest to a location, by code: ``metres`` from it to a point inside each, whether ``inside``."""
    places, ground = data.geography(dataset), geometry_of(location, dataset.areas)
    own = evaluations.codes_of(dataset, location)
    table = pd.DataFrame(
        {"metres": shapely.distance(places.points, ground), "inside": places.codes.isin(own)}, index=places.codes
    )
    table.loc[table["inside"], "metres"] = 0.0
    return table.sort_values(["inside", "metres"], ascending=[False, True], kind="stable").head(max(NEAREST, len(own)))
