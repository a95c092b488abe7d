"""By decile: the rate in each national tenth, with its interval, the LSOAs and the residents in it."""

from dataclasses import dataclass
from typing import Final

import altair as alt
import pandas as pd
import streamlit as st

from geodata.dataset import Dataset
from hotspots.inequality import (
    FEWEST_AREAS,
    FIFTHS,
    LOCAL,
    NATIONAL,
    TENTHS,
    RateRatio,
    decile_sentence,
    group_rates,
    local_groups,
    rate_ratio,
)
from hotspots.narrative import lsoas
from hotspots.rates import overall_rate_per_1000_year
from hotspots.selection import Selection
from pages.shared import charts, data, large, locations, subject, text
from pages.shared.classes import OUTLINES
from pages.shared.deprivation_views import index, together
from pages.shared.frame import Frame
from pages.shared.views import parts

_SAID: Final = 7  # LSOAs that fit beside the chart


@dataclass(frozen=True)
class ByDecile:
    """``rates`` by group as of ``group_rates``; ``without`` an index and ``every`` LSOA, a row each; the ends compared, and again as
    ``rest`` without the busiest LSOAs; the ``group`` of each LSOA by its code."""

    rates: pd.DataFrame
    without: pd.DataFrame
    every: pd.DataFrame
    ratio: RateRatio
    rest: RateRatio
    group: pd.Series


def show(frame: Frame, which: str) -> None:
    """Title, the rates as a chart, and the table that adds up to the whole."""
    found = data.kept(by_decile, frame.dataset, frame.selection, which)
    local = which == index.WITHOUT_CRIME
    noun = LOCAL if local else NATIONAL
    st.title(
        decile_sentence(found.rates, found.ratio, subject.subject(frame.selection), noun, index.in_what(which))
        + index.hangs_on_the_busiest(found.ratio, found.rest),
        anchor=False,
    )
    compared = (
        f"local comparison: fifths of the {lsoas(len(data.table(frame.dataset, frame.selection)))} shown"
        if local
        else "national comparison: tenths of all LSOAs in England"
    )
    index.caption(frame, which, compared)
    fifths = data.kept(together.together, frame.dataset, frame.selection, which).ratio
    why = "Without its crime domain the index has no national deciles, so local fifths are shown" if local else ""
    index.notes(
        frame, why, index.without_busiest(found.ratio, found.rest), "" if local else index.elsewhere(fifths, "Together", "Fifths of the LSOAs here"),
        index.crime_note(which), f"{index.INTERVALS}; that of all LSOAs shown, of chance only",
        locations.narrowing(frame, "Marked and listed is", "the rates are those of all LSOAs shown"),
    )  # fmt: skip
    own = _own(frame, found)
    if frame.large:
        picture, beside = large.finding()
        with picture:
            _chart(frame, found, noun, own)
        with beside:
            large.say([*_in_words(found, noun, own), index.crime_note(which), index.CAVEAT])
        return
    left, right = st.columns(2, gap="small")
    with left:
        _chart(frame, found, noun, own)
        index.say_selected(frame, _of_each(own, noun))
    with right:
        _table(found, noun)
        if frame.location is not None:
            _places(own, noun)
    parts.worked_out("fifths", "composite", "rate")


def by_decile(dataset: Dataset, selection: Selection, which: str) -> ByDecile:
    """Rates by national decile; by local fifth for the index without crime."""
    table, spread = index.table(dataset, selection), data.kept(index.dispersion, dataset, selection)
    of = data.kept(index.index, dataset, selection, which)
    local = which == index.WITHOUT_CRIME
    group, groups = (local_groups(of.depth, FIFTHS), FIFTHS) if local else (of.decile, TENTHS)
    one = pd.Series(1, table.index, dtype="Int64")
    # the whole area is all of its LSOAs and stands for no others: its limits are those of the Overview
    whole = overall_rate_per_1000_year(table["count"], table["residents"], table["months"])
    rates = group_rates(table, group, groups, spread)
    busiest = index.busiest(table)
    return ByDecile(
        rates=rates,
        without=group_rates(table, one.where(group.isna()), 1, spread),
        every=group_rates(table, one, 1, spread).assign(
            **{end: whole[end].to_numpy() for end in ("rate_low", "rate_high")}
        ),
        ratio=rate_ratio(rates),
        rest=rate_ratio(group_rates(table.drop(busiest), group.drop(busiest), groups, spread)),
        group=group,
    )


def _own(frame: Frame, found: ByDecile) -> pd.DataFrame:
    """The LSOAs of the chosen location, or the selected one, the most deprived first: ``place`` (text from data), ``group``, ``count``,
    ``rate``; no row where none is chosen."""
    table = data.table(frame.dataset, frame.selection).assign(group=found.group, place=data.places(frame.dataset))
    shown = index.chosen(frame, table)[["place", "group", "count", "rate_per_1000_year"]].rename(
        columns={"rate_per_1000_year": "rate"}
    )
    return shown.sort_values("group", kind="stable")


def _in_words(found: ByDecile, noun: str, own: pd.DataFrame) -> list[str]:
    """The location's LSOAs; without one the ends and the whole."""
    if len(own):
        return _of_each(own.head(_SAID), noun)
    most, least, every = found.rates.iloc[0], found.rates.iloc[-1], found.every.iloc[0]
    named = {f"Most deprived {noun}": most, f"Least deprived {noun}": least, "All LSOAs shown": every}
    return [f"{name}: {_rate(row['rate'])}, {lsoas(int(row['areas']))}" for name, row in named.items()]


def _of_each(own: pd.DataFrame, noun: str) -> list[str]:
    """Where each LSOA of ``own`` lies, and its rate."""
    return [
        f"{row.place}: {'no index' if pd.isna(row.group) else f'{noun} {row.group}'}, {_rate(row.rate)}"
        for row in own.itertuples()
    ]


def _rate(rate: float) -> str:
    return "no rate" if pd.isna(rate) else f"{rate:.1f} per 1,000 residents a year"


def _chart(frame: Frame, found: ByDecile, noun: str, own: pd.DataFrame) -> None:
    chosen, other, _, words = charts.INKS[frame.theme]
    rows = found.rates.reset_index().astype({"group": "str"})
    empty = rows[rows["rate"].isna()].assign(note="none here")
    x = alt.X(
        "group:N",
        sort=list(rows["group"]),
        title=f"{noun.capitalize()} (1: most deprived)",
        axis=alt.Axis(labelAngle=0),
    )
    base = alt.Chart(rows[rows["rate"].notna()]).encode(x=x)
    room = (
        alt.Scale(domainMin=0, domainMax=1.15 * float(rows[["rate", "rate_high"]].max().max()))
        if len(own)
        else alt.Scale(domainMin=0)
    )
    bars = base.mark_bar(color=other, size=26).encode(
        y=alt.Y("rate:Q", title="Per 1,000 residents a year", scale=room),
        tooltip=[
            alt.Tooltip("group:N", title=noun.capitalize()), alt.Tooltip("rate:Q", title="Rate", format=".1f"),
            alt.Tooltip("rate_low:Q", title="from", format=".1f"), alt.Tooltip("rate_high:Q", title="to", format=".1f"),
            alt.Tooltip("areas:Q", title="LSOAs"), alt.Tooltip("residents:Q", title="Residents", format=",d"),
        ],
    )  # fmt: skip
    limits = base.mark_rule(color=chosen, strokeWidth=2.5).encode(y="rate_low:Q", y2="rate_high:Q")
    named = alt.Chart(empty).mark_text(color=words, angle=270, align="left").encode(x=x, y=alt.value(parts.HEIGHT - 70), text="note:N")  # fmt: skip
    layers = [bars, limits, *([named] if len(empty) else [])]
    if len(own):
        mark = OUTLINES[frame.theme]["target"].colour
        held = own["group"].dropna().astype("str").value_counts().rename_axis("group").reset_index(name="areas")
        at = alt.Chart(held).encode(x=x, y=alt.value(8))
        layers.append(at.mark_point(shape="diamond", filled=True, size=170, color=mark, opacity=1))
        layers.append(at.mark_text(align="left", dx=10, color=words).encode(text="areas:Q"))
    charts.draw(alt.layer(*layers), frame.theme, parts.HEIGHT, large=frame.large)
    marked = " Diamonds: how many of the chosen LSOAs lie there." if len(own) else ""
    text.caption(
        f"Lines: 95 % interval; of fewer than {FEWEST_AREAS} LSOAs none can be given.{marked}", key="note_chart"
    )


def _table(found: ByDecile, noun: str) -> None:
    rows = pd.concat([found.rates, *([found.without] if found.without["areas"].iloc[0] else []), found.every])
    names = [str(group) for group in found.rates.index]
    names[0], names[-1] = f"{names[0]} (most deprived)", f"{names[-1]} (least deprived)"
    names += (["No index"] if found.without["areas"].iloc[0] else []) + ["All LSOAs shown"]
    limits = [
        "no LSOA here" if not row.areas
        else "no rate" if pd.isna(row.rate)
        else "too few LSOAs" if pd.isna(row.rate_low)
        else f"{row.rate_low:.1f} to {row.rate_high:.1f}"
        for row in rows.itertuples()
    ]  # fmt: skip
    st.dataframe(
        pd.DataFrame(
            {
                noun.capitalize(): names, "LSOAs": rows["areas"].to_numpy(), "Residents": rows["residents"].to_numpy(),
                "Number": rows["count"].to_numpy(), "Rate": rows["rate"].to_numpy(), "95 % interval": limits,
            }
        ),
        hide_index=True, row_height=30, height=40 + 30 * len(rows), placeholder="",
        column_config={
            noun.capitalize(): st.column_config.TextColumn(width=128),
            "Residents": st.column_config.NumberColumn(format="localized"),
            "Number": st.column_config.NumberColumn(format="localized", help="Of what is counted, in the period"),
            "Rate": st.column_config.NumberColumn(format="%.1f", help="Per 1,000 residents a year"),
        },
    )  # fmt: skip


def _places(own: pd.DataFrame, noun: str) -> None:
    """The chosen location's LSOAs, each in its group."""
    if own.empty:
        return
    st.dataframe(
        pd.DataFrame({"LSOA": own["place"], noun.capitalize(): own["group"], "Number": own["count"], "Rate": own["rate"]}),
        hide_index=True, row_height=30, placeholder="",
        column_config={
            "Number": st.column_config.NumberColumn(format="localized", help="Of what is counted, in the period"),
            "Rate": st.column_config.NumberColumn(format="%.1f", help="Per 1,000 residents a year"),
        },
    )  # fmt: skip
