"""Getting better or worse: steady trends by LSOA, and the history of hot neighbourhoods."""

from dataclasses import dataclass
from typing import Final, Literal

import pandas as pd
import streamlit as st

from geodata.dataset import Dataset
from hotspots.counts import monthly_counts
from hotspots.emerging import HOT_CLASSES, EmergingHotSpots, emerging_hot_spots
from hotspots.narrative import capital, trend_title
from hotspots.selection import Period, Selection, latest_run
from hotspots.significance import neighbours
from hotspots.table import areas_in
from hotspots.trend import FEWEST_YEARS, monthly_trends
from pages.shared import data, large, maps, subject, text
from pages.shared.classes import EMERGING, TRENDS, LegendEntry
from pages.shared.frame import Frame
from pages.shared.views import parts

_NO_TREND: Final = (
    "No steady trend found is not the same as no change: few places change so evenly that monthly counts can show it"
)
_NONE_CALLED: Final = "No LSOA rises or falls so steadily that chance is unlikely, over all that were tested together"
_SAID: Final = 6  # LSOAs that fit beside the map
VIEWS: Final = ("Steady trends", "Hot spots by their history")


@dataclass(frozen=True)
class Change:
    """Trends and classes over the latest unbroken run of months; ``trends`` by lsoa_code, with a ``reading`` where refused."""

    period: Period
    seasonal: bool
    trends: pd.DataFrame
    emerging: EmergingHotSpots


def show(frame: Frame) -> None:
    """Title, the map of trends or of emerging classes, the places that change most."""
    found = data.kept(change, frame.dataset, frame.selection)
    st.title(trend_title(found.trends, subject.subject(frame.selection)), anchor=False)
    more = [] if frame.large else [frame.area_names, subject.source(frame)]
    text.caption(f"{found.period.label}, the latest unbroken months", subject.counted(frame.selection), *more)
    subject.notes(frame, data.table(frame.dataset, frame.selection), _NO_TREND)
    if frame.large:
        _in_large(frame, found)
        return
    left, right = st.columns(2, gap="small")
    with right:
        which = parts.choice("Shown", VIEWS, key="change_view")
    refusal = _refusal(found, which)
    if refusal:
        with right:
            text.paragraph(text.sentence(capital(refusal)))
    else:
        with left:
            _map(frame, found, which)
        with right:
            _table(frame, found, which)
    parts.worked_out("trend", "emerging")


def _in_large(frame: Frame, found: Change) -> None:
    """The map of steady trends, and the places that change most in words."""
    refusal = _refusal(found, VIEWS[0])
    if refusal:
        text.paragraph(text.sentence(capital(refusal)))
        return
    picture, beside = large.finding()
    with picture:
        _map(frame, found, VIEWS[0])
    with beside:
        names = data.places(frame.dataset)
        said = [
            f"{names[code]}: {slope:+.2f} {_step(found)}" for code, slope in _called(found)["slope"].head(_SAID).items()
        ]
        large.say([*(said or [_NONE_CALLED]), _NO_TREND])


def _called(found: Change) -> pd.DataFrame:
    """The LSOAs that rise or fall steadily, the most rising first."""
    return found.trends[found.trends["trend"].isin(["up", "down"])].sort_values("slope", ascending=False)


def _step(found: Change) -> str:
    return "a year" if found.seasonal else "a month"


def change(dataset: Dataset, selection: Selection) -> Change:
    """Mann-Kendall of each LSOA (seasonal from three complete years) and emerging hot spots of the latest run of months."""
    areas = areas_in(dataset.areas, selection.districts)
    presence = dataset.presence(selection.source)
    own = presence.reindex(index=areas["force"].dropna().unique(), fill_value=False)
    period = latest_run([str(month) for month in own.columns[own.all(axis=0)]] or [str(presence.columns[-1])])
    cells = data.cells(dataset, selection)
    monthly = monthly_counts(cells, areas, presence, period.months, data.crime_types(selection))
    seasonal = len(period.months) >= 12 * FEWEST_YEARS
    trends = monthly_trends(monthly, 12 if seasonal else None)
    return Change(period, seasonal, trends, emerging_hot_spots(monthly, neighbours(areas)))


def _refusal(found: Change, which: str) -> str:
    if which == VIEWS[1]:
        return found.emerging.reading if found.emerging.classes is None else ""
    readings = found.trends["reading"]
    return str(readings.iloc[0]) if (readings != "").all() else ""


def _map(frame: Frame, found: Change, which: str) -> None:
    inside = pd.Index(frame.dataset.areas["lsoa_code"]).isin(found.trends.index)
    if which == VIEWS[0]:
        colours, words = TRENDS[frame.theme], {"none": "No steady trend", "up": "Rising", "down": "Falling"}
        category, values, kind = found.trends["trend"], found.trends["slope"], _slope_kind(found)
        title = "Trend by Mann-Kendall, 5 % after FDR"
    else:
        colours = EMERGING[frame.theme]
        words = {"none": "Not hot", **{f"{name} hot spot": name.capitalize() for name in HOT_CLASSES}}
        # Cold histories are shown as none: quiet places are quiet, and that is no finding.
        classes, _, z = _histories(found)
        category = classes.map(lambda name: name if pd.isna(name) or name in words else "none")
        values, kind = z.iloc[:, -1], maps.ValueKind.GI_STAR
        title = f"Hot spots by history, {found.period.label}"
    on_map = parts.on_every_area(frame, category)
    codes = parts.outside(parts.class_codes(on_map, list(words)), inside)
    palette = [colours[name] for name in words]
    there = set(on_map.dropna())
    entries = [LegendEntry(colours[name], label, "class") for name, label in words.items() if name in there]
    parts.draw_map(frame, codes, palette, parts.on_every_area(frame, values), kind, title, entries)


def _histories(found: Change) -> tuple[pd.Series, pd.DataFrame, pd.DataFrame]:
    emerging = found.emerging
    if emerging.classes is None or emerging.state is None or emerging.z is None:
        raise ValueError(emerging.reading)  # the page has refused before it comes here
    return emerging.classes, emerging.state, emerging.z


def _slope_kind(found: Change) -> maps.ValueKind:
    return maps.ValueKind.SLOPE_YEAR if found.seasonal else maps.ValueKind.SLOPE_MONTH


def _table(frame: Frame, found: Change, which: str) -> None:
    step = _step(found)
    if which == VIEWS[0]:
        called = _called(found)
        if called.empty:
            text.paragraph(text.sentence(_NONE_CALLED))
            called = found.trends.sort_values("p").head(10)
            text.caption("The ten nearest to a trend, none of them called one:", key="note_nearest")
        shown = pd.DataFrame(
            {
                "LSOA": data.places(frame.dataset).reindex(called.index).to_numpy(),
                f"Change {step}": called["slope"].to_numpy(),
                "p": [_probability(p) for p in called["p"]],
                "p after FDR": [_probability(p) for p in called["p_adjusted"]],
            }
        )
        settings = {f"Change {step}": st.column_config.NumberColumn(format="%+.2f")}
    else:
        classes, state, _ = _histories(found)
        hot = classes[classes.str.endswith("hot spot", na=False)]
        states = state.reindex(hot.index)
        shown = pd.DataFrame(
            {
                "LSOA": data.places(frame.dataset).reindex(hot.index).to_numpy(),
                "History": [name.removesuffix(" hot spot").capitalize() for name in hot],
                "Hot months": (states == 1).sum(axis=1).to_numpy(),
                "of": states.shape[1],
            }
        ).sort_values(["Hot months", "LSOA"], ascending=[False, True])
        settings = {}
    height: Literal["stretch", "content"] = "content" if len(shown) <= 10 else "stretch"
    st.dataframe(shown, hide_index=True, row_height=30, height=height, column_config=settings)
    if which == VIEWS[1]:
        there = set(shown["History"])
        lines = [f"{name.capitalize()}: {words}." for name, words in HOT_CLASSES.items() if name.capitalize() in there]
        text.caption("\n".join(lines) or "No LSOA's neighbourhood was hot.", key="note_histories")


def _probability(p: float) -> str:
    return "" if pd.isna(p) else "under 0.001" if p < 0.001 else f"{p:.3f}"
