"""With ASB: where what is counted and anti-social behaviour are high together, where only one is, and whether they agree."""

from dataclasses import dataclass
from html import escape
from typing import Final

import pandas as pd
import streamlit as st

from geodata.dataset import Dataset
from hotspots.association import Association, association
from hotspots.bivariate import Thirds, bivariate_classes, no_thirds, thirds
from hotspots.narrative import association_title, capital, lsoas, per_thousand
from hotspots.ranking import MEASURE_COLUMNS
from hotspots.rates import density, rate_per_1000_year
from hotspots.selection import Measure, Selection
from hotspots.table import areas_in
from pages.shared import data, large, subject, text
from pages.shared.classes import BIVARIATE
from pages.shared.frame import Frame
from pages.shared.views import parts

HIGH: Final = 2


@dataclass(frozen=True)
class Together:
    """``pairs`` by lsoa_code: ``counted`` and ``asb`` by the chosen measure, the ``class`` of both; null where either is."""

    pairs: pd.DataFrame
    counted: Thirds
    asb: Thirds
    result: Association


def show(frame: Frame) -> None:
    """Title, the map of nine classes, its legend as a grid, the LSOAs high in both and in one."""
    if subject.is_asb(frame.selection):
        st.title("This view needs offences beside ASB", anchor=False)
        text.caption(subject.caption(frame))
        text.paragraph(
            "Anti-social behaviour is what is counted now. Choose a definition or crime types under “What is counted” to see "
            "the two together."
        )
        parts.worked_out("association", "bivariate")
        return
    if frame.selection.measure == "severity":
        st.title("Severity cannot be set beside ASB", anchor=False)
        text.caption(subject.caption(frame))
        text.paragraph("ASB has no offence code, and so no severity. Choose Number, Rate or Density under “Measure”.")
        parts.worked_out("association", "bivariate")
        return
    found = data.kept(together, frame.dataset, frame.selection)
    st.title(association_title(found.result, subject.subject(frame.selection), frame.selection.measure), anchor=False)
    text.caption(subject.caption(frame))
    subject.notes(frame, data.table(frame.dataset, frame.selection))
    refusal = _refusal(found)
    if refusal:
        text.paragraph(refusal)
    elif frame.large:
        picture, beside = large.finding()
        with picture:
            _map(frame, found)
        with beside:
            _legend(frame)
            large.say(f"{name}: {lsoas(int(which.sum()))}" for name, which in _lists(frame, found).items())
            large.say([capital(found.result.reading)])
        return
    else:
        left, right = st.columns(2, gap="small")
        with left:
            _map(frame, found)
            _legend(frame)
        with right:
            _limits(frame, found)
            _table(frame, found)
    parts.worked_out("association", "bivariate")


def together(dataset: Dataset, selection: Selection) -> Together:
    """What is counted and ASB by the same measure, their thirds among the chosen LSOAs, and their association."""
    areas = areas_in(dataset.areas, selection.districts)
    table = data.table(dataset, selection).reindex(areas["lsoa_code"])
    reports = table["asb_count"]
    asb = {
        "count": lambda: reports,
        "rate": lambda: rate_per_1000_year(reports, table["denominator"], table["months"])["rate"],
        "density": lambda: density(reports, table["area_km2"], table["months"]),
    }[selection.measure]()
    values = pd.DataFrame({"counted": table[MEASURE_COLUMNS[selection.measure]], "asb": asb}).astype("Float64")
    values = values.where(values.notna().all(axis=1))
    first, second = thirds(values["counted"]), thirds(values["asb"])
    return Together(
        pairs=values.assign(**{"class": bivariate_classes(first.third, second.third)}),
        counted=first,
        asb=second,
        result=association(values["counted"], values["asb"], areas),
    )


def _refusal(found: Together) -> str:
    """Why there are no thirds to map, in words."""
    return no_thirds(found.pairs, {"counted": "of what is counted", "asb": "of anti-social behaviour"})


def _map(frame: Frame, found: Together) -> None:
    classes = parts.on_every_area(frame, found.pairs["class"])
    inside = classes.index.isin(found.pairs.index)
    codes = parts.outside(parts.class_codes(classes, [str(n) for n in range(9)]), inside)
    parts.draw_map(
        frame, codes, BIVARIATE[frame.theme], parts.on_every_area(frame, found.pairs["counted"]),
        subject.value_kind(frame.selection), "", [],
    )  # fmt: skip


def _legend(frame: Frame) -> None:
    """The nine colours as a grid, its corners in words; every word in it is ours."""
    name = "violence" if frame.selection.definition else "offences"
    colours = BIVARIATE[frame.theme]
    cells = "".join(
        f'<i style="background:{escape(colours[3 * row + column])}"></i>' for row in (2, 1, 0) for column in range(3)
    )
    st.html(
        f'<div class="nine"><span class="left">High {name}, low ASB</span><div class="cells">{cells}</div><span>High in both</span>'
        f'<span class="left">↑ more {name}</span><span></span>'
        f'<span class="left">Low in both</span><span>High ASB, low {name}</span>'
        '<span class="under">more ASB →</span></div>'
    )


def _limits(frame: Frame, found: Together) -> None:
    """What low and high stand for, and what the association carries."""
    measure = frame.selection.measure
    text.caption(
        f"Low, middle and high are thirds of the LSOAs shown. {subject.nouns(frame.selection)}: {_limit(found.counted, measure)}; "
        f"ASB: {_limit(found.asb, measure)}{_unit(frame)}. {text.sentence(capital(found.result.reading))}",
        key="note_thirds",
    )


def _limit(of: Thirds, measure: Measure) -> str:
    decimals = 0 if measure == "count" else 1
    low = [f"low to {of.low_to:,.{decimals}f}"] if of.low_to is not None else []
    return ", ".join([*low, f"high from {of.high_from:,.{decimals}f}" if of.high_from is not None else "none high"])


def _unit(frame: Frame) -> str:
    if frame.selection.measure == "rate":
        return f", both {per_thousand(subject.denominator(frame))}"
    return ", both per km² a year" if frame.selection.measure == "density" else ""


def _lists(frame: Frame, found: Together) -> dict[str, pd.Series]:
    """Whether each LSOA is in the high third of both, or of one only."""
    high = [(of.third == HIGH).fillna(False) for of in (found.counted, found.asb)]
    return {
        "High in both": high[0] & high[1],
        f"{subject.nouns(frame.selection)} only": high[0] & ~high[1],
        "ASB only": ~high[0] & high[1],
    }


def _table(frame: Frame, found: Together) -> None:
    lists, nouns = _lists(frame, found), subject.nouns(frame.selection)
    names = {name: f"{name} ({int(which.sum()):,})" for name, which in lists.items()}
    chosen = st.segmented_control(
        "Listed", list(lists), default="High in both", required=True, key="asb_list", format_func=names.__getitem__,
        label_visibility="collapsed",
    )  # fmt: skip
    values = found.pairs[lists.get(str(chosen), lists["High in both"])]
    values = values.sort_values(["counted", "asb"], ascending=False, kind="stable")
    number = "localized" if frame.selection.measure == "count" else "%.1f"
    columns = {nouns: values["counted"], "ASB": values["asb"]}
    st.dataframe(
        pd.DataFrame({"LSOA": data.places(frame.dataset).reindex(values.index), **columns}),
        hide_index=True, row_height=30, height="stretch", placeholder="",
        column_config={name: st.column_config.NumberColumn(format=number) for name in columns},
    )  # fmt: skip
