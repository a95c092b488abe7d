"""Domains side by side: how steeply what is counted rises with each kind of deprivation."""

from dataclasses import dataclass
from typing import Final

import altair as alt
import pandas as pd
import streamlit as st

from geodata.dataset import Dataset
from hotspots.association import BUSIEST
from hotspots.inequality import FEWEST_AREAS, TENTHS, Inequality, group_rates, inequality, local_groups, slopes_sentence
from hotspots.narrative import lsoas
from hotspots.selection import Selection
from pages.shared import charts, data, large, locations, subject, text
from pages.shared.deprivation_views import index
from pages.shared.frame import Frame
from pages.shared.views import parts

_HOW_MANY: Final = "How many times the rate the line through all tenths has at the most deprived end, over the least"
_CLEAR: Final = f"Clear is what the interval carries with the {BUSIEST} busiest LSOAs and without; crime is not among the domains counted in the title"
_OVERLAP: Final = "Domains overlap: the same places are deprived in many, so their slopes do not add up"


@dataclass(frozen=True)
class Domains:
    """Slope and relative index by index or domain, and again as ``rest`` without the busiest LSOAs; ``refusal`` in words where no tenths
    can be parted."""

    found: dict[str, Inequality]
    rest: dict[str, Inequality]
    refusal: str


def show(frame: Frame, _: str) -> None:
    """Title, the relative indices as a chart, both indices as a table; the crime domain on demand."""
    result = data.kept(domains, frame.dataset, frame.selection)
    shown = {name: one for name, one in result.found.items() if name != index.CRIME}
    own, rest = (
        {
            index.NAMES[name]: one
            for name, one in of.items()
            if name not in (index.IMD, index.WITHOUT_CRIME, index.CRIME)
        }
        for of in (result.found, result.rest)
    )
    st.title(slopes_sentence(own, subject.subject(frame.selection), rest), anchor=False)
    number = len(data.table(frame.dataset, frame.selection))
    more = [index.vintage(frame), f"local comparison: tenths of the {lsoas(number)} shown, by residents"]
    text.caption(subject.caption(frame), *([] if frame.large else more))
    index.notes(
        frame,
        _CLEAR,
        _OVERLAP,
        index.INTERVALS,
        locations.narrowing(frame, "Listed is", "the slopes are those of all LSOAs shown"),
    )
    if result.refusal:
        text.paragraph(result.refusal)
    elif frame.large:
        picture, beside = large.finding()
        with picture:
            _chart(frame, shown)
        with beside:
            large.say([_HOW_MANY, *_in_words(frame, shown), index.CAVEAT])
        return
    else:
        if st.toggle(
            "Show the crime domain too, which counts nearly the same thing", key="crime_domain", bind="query-params"
        ):
            shown = result.found
        left, right = st.columns(2, gap="small")
        with left:
            _chart(frame, shown)
            index.say_selected(frame, _in_words(frame, shown))
        with right:
            _table(shown)
            if frame.location is not None:
                _places(frame, shown)
    parts.worked_out("inequality", "composite", "rate")


def domains(dataset: Dataset, selection: Selection) -> Domains:
    """Slope and relative index of inequality over local tenths, by the index, the index without crime and each domain."""
    table, spread = index.table(dataset, selection), data.kept(index.dispersion, dataset, selection)
    depths = {name: data.kept(index.index, dataset, selection, name).depth for name in index.NAMES}
    fewest = TENTHS * FEWEST_AREAS + BUSIEST  # which are left out once
    if depths[index.IMD].notna().sum() < fewest:
        each = f"{FEWEST_AREAS} to each tenth without the {BUSIEST} busiest"
        return Domains({}, {}, f"Slopes need at least {fewest} LSOAs with an index, {each}. Choose more districts.")
    busiest = index.busiest(table)

    def slopes(rows: pd.DataFrame) -> dict[str, Inequality]:
        groups = {name: local_groups(depth.reindex(rows.index), TENTHS) for name, depth in depths.items()}
        return {name: inequality(group_rates(rows, groups[name], TENTHS, spread)) for name in index.NAMES}

    found, rest = slopes(table), slopes(table.drop(busiest))
    readings = {one.reading for one in found.values()}
    refused = all(one.sii is None for one in found.values())
    return Domains(found, rest, text.sentence(f"No slope can be given: {sorted(readings)[-1]}") if refused else "")


def _own(frame: Frame, shown: dict[str, Inequality]) -> pd.DataFrame:
    """National decile of the chosen location's LSOAs, or of the selected one, by the index and each domain; no row where none is chosen."""
    rows = index.chosen(frame, frame.dataset.areas.set_index("lsoa_code"))
    return pd.DataFrame({name: rows[f"{name}_decile"] for name in shown if name != index.WITHOUT_CRIME})


def _in_words(frame: Frame, shown: dict[str, Inequality]) -> list[str]:
    """In which deciles the location's LSOAs lie; nothing where none is chosen."""
    own = _own(frame, shown)
    known = {name: sorted(own[name].dropna().unique()) for name in own}
    said = [f"{_short(name)}: decile {text.joined(map(str, deciles))}" for name, deciles in known.items() if deciles]
    if frame.location is None and said:
        return [f"{data.places(frame.dataset)[frame.selected]}: {'; '.join(said)} (national, 1 is the most deprived)"]
    return said


def _short(name: str) -> str:
    return "Whole index" if name == index.IMD else name.capitalize()


def _places(frame: Frame, shown: dict[str, Inequality]) -> None:
    own = _own(frame, shown)
    if own.empty:
        return
    st.dataframe(
        pd.DataFrame({"LSOA": data.places(frame.dataset).reindex(own.index)}).join(own.rename(columns=_short)),
        hide_index=True, row_height=30, placeholder="",
    )  # fmt: skip
    text.caption("National deciles, 1 the most deprived tenth.", key="note_places")


def _chart(frame: Frame, shown: dict[str, Inequality]) -> None:
    chosen, other, _, words = charts.INKS[frame.theme]
    rows = pd.DataFrame(
        [(index.NAMES[name], one.rii, one.rii_low, one.rii_high) for name, one in shown.items() if one.rii is not None],
        columns=["name", "rii", "low", "high"],
    )
    ends = rows[["rii", "low", "high"]].astype("float64")
    low, high = min(1.0, float(ends.min().min())), max(1.0, float(ends.max().max()))
    y = alt.Y(
        "name:N",
        sort=None,
        title=None,
        axis=alt.Axis(labelLimit=charts.on_wall(400) if frame.large else 240, ticks=False, domain=False),
    )
    x = alt.X(
        "low:Q",
        title="Relative index, 95 % interval"
        if frame.large
        else "Relative index (1: no difference) with 95 % interval",
        scale=alt.Scale(type="log", nice=False, padding=30),
        axis=alt.Axis(values=_ticks(low, high), format="~g", labelOverlap=False, labelFlush=False),
    )
    base = alt.Chart(rows).encode(y=y)
    bars = base.mark_rule(strokeWidth=5, color=other).encode(x=x, x2="high:Q")
    dots = base.mark_tick(thickness=2.5, size=16, color=chosen).encode(
        x="rii:Q",
        tooltip=[
            alt.Tooltip("name:N", title="By"), alt.Tooltip("rii:Q", title="Relative index", format=".2f"),
            alt.Tooltip("low:Q", title="from", format=".2f"), alt.Tooltip("high:Q", title="to", format=".2f"),
        ],
    )  # fmt: skip
    one = alt.Chart(pd.DataFrame({"x": [1.0]})).mark_rule(color=other, strokeDash=[4, 4]).encode(x="x:Q")
    if frame.large:
        figures = base.mark_text(dy=charts.on_wall(-20), color=words).encode(
            x="rii:Q", text=alt.Text("rii:Q", format=".1f")
        )
        charts.draw(alt.layer(one, bars, dots, figures), frame.theme, parts.HEIGHT, large=True)
        return
    charts.draw(alt.layer(one, bars, dots), frame.theme, parts.HEIGHT - 60)
    text.caption(f"{_HOW_MANY}. Left of 1: less where deprivation is greater.", key="note_chart")


def _ticks(low: float, high: float) -> list[float]:
    """Ticks of a logarithmic axis, few enough to name each; 1, where there is no difference, is among them."""
    if high / low < 4:
        steps: tuple[float, ...] = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0)
    else:
        steps = (1.0, 2.0, 3.0, 5.0) if high / low < 100 else (1.0,)
    return [tick for power in range(-9, 10) for step in steps if low <= (tick := round(step * 10**power, 12)) <= high]


def _table(shown: dict[str, Inequality]) -> None:
    st.dataframe(
        pd.DataFrame(
            {
                "Deprivation by": [index.NAMES[name] for name in shown],
                "Gap": [one.sii for one in shown.values()],
                "95 % interval": [_limits(one.sii_low, one.sii_high, 1, one.reading) for one in shown.values()],
                "Times": [one.rii for one in shown.values()],
                "95 % interval ": [_limits(one.rii_low, one.rii_high, 2) for one in shown.values()],
            }
        ),
        hide_index=True, row_height=30, height=40 + 30 * len(shown), placeholder="",
        column_config={
            "Gap": st.column_config.NumberColumn(format="%.1f", help="Slope index of inequality (SII): more per 1,000 residents a year at the most deprived end than at the least"),
            "Times": st.column_config.NumberColumn(format="%.2f", help="Relative index of inequality (RII): how many times the rate of the least deprived end"),
        },
    )  # fmt: skip


def _limits(low: float | None, high: float | None, decimals: int, reading: str = "") -> str:
    return f"{low:.{decimals}f} to {high:.{decimals}f}" if low is not None and high is not None else reading
