"""Together: what is counted and deprivation on one map, in thirds of both, and the most against the least deprived fifth."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

import pandas as pd
import streamlit as st

from geodata.dataset import Dataset
from hotspots.bivariate import Thirds, bivariate_classes, no_thirds, thirds
from hotspots.inequality import FEWEST_AREAS, FIFTHS, RateRatio, group_rates, local_groups, rate_ratio, ratio_sentence
from hotspots.narrative import lsoas, number
from hotspots.ranking import MEASURE_COLUMNS
from hotspots.selection import Selection
from pages.shared import data, large, locations, subject, text
from pages.shared.classes import BIVARIATE
from pages.shared.deprivation_views import index
from pages.shared.frame import Frame
from pages.shared.views import parts

_SAID: Final = 2  # LSOAs that fit beside the map
_LEVELS: Final = ("Low", "Middle", "High")
_DEPRIVED: Final = ("Least deprived", "Middle", "Most deprived")
# The nine classes as a list of places names them, the most of both first.
CLASSES: Final = {
    3 * level + deprived: f"{_LEVELS[level]}, {_DEPRIVED[deprived].lower()} third"
    for level in (2, 1, 0)
    for deprived in (2, 1, 0)
}


@dataclass(frozen=True)
class Together:
    """``pairs`` by lsoa_code: ``counted`` by the chosen measure, ``depth`` of deprivation, ``residents``, the ``class`` of both
    (null where either is). ``ratio`` of the most to the least deprived local fifth, and ``rest`` without the busiest LSOAs."""

    pairs: pd.DataFrame
    counted: Thirds
    ratio: RateRatio
    rest: RateRatio


def show(frame: Frame, which: str) -> None:
    """Title, the map of nine classes with its legend, the nine classes by name and the LSOAs in one."""
    found = data.kept(together, frame.dataset, frame.selection, which)
    st.title(
        ratio_sentence(found.ratio, subject.subject(frame.selection), index.in_what(which))
        + index.hangs_on_the_busiest(found.ratio, found.rest),
        anchor=False,
    )
    index.caption(frame, which, f"local comparison: fifths and thirds of the {lsoas(len(found.pairs))} shown")
    index.notes(
        frame,
        index.without_busiest(found.ratio, found.rest),
        index.crime_note(which),
        index.INTERVALS,
        locations.narrowing(frame),
    )
    refusal = no_thirds(found.pairs, {"counted": "of what is counted", "depth": "for its deprivation"})
    if refusal:
        text.paragraph(refusal)
    elif frame.large:
        picture, beside = large.finding()
        with picture:
            _map(frame, found)
        with beside:
            _legend(frame, found)
            rest = [index.without_busiest(found.ratio, found.rest), _without_crime(frame, which)]
            large.say([*(_in_words(frame, found) or rest), index.CAVEAT])
        return
    else:
        left, right = st.columns(2, gap="small")
        with left:
            _map(frame, found)
            index.say_selected(frame, _in_words(frame, found))
        with right:
            _legend(frame, found)
            _table(frame, found, which)
    parts.worked_out("bivariate", "fifths", "composite", "rate")


def _without_crime(frame: Frame, which: str) -> str:
    """What a wall, on which no other index can be chosen, says of the crime domain: the ratio without it."""
    if which != index.IMD:
        return index.crime_note(which)
    ratio = data.kept(together, frame.dataset, frame.selection, index.WITHOUT_CRIME).ratio
    return index.with_limits(ratio, "Without the index's own crime domain")


def together(dataset: Dataset, selection: Selection, which: str) -> Together:
    """What is counted by the chosen measure and deprivation, their thirds, and the ratio of the local fifths."""
    table = index.table(dataset, selection)
    depth = data.kept(index.index, dataset, selection, which).depth
    pairs = pd.DataFrame({"counted": table[MEASURE_COLUMNS[selection.measure]], "depth": depth}).astype("Float64")
    known = pairs.where(pairs.notna().all(axis=1))
    counted = thirds(known["counted"])
    classes = bivariate_classes(counted.third, thirds(known["depth"]).third)
    spread = data.kept(index.dispersion, dataset, selection)
    busiest = index.busiest(table)
    return Together(
        pairs=known.assign(residents=table["residents"], **{"class": classes}),
        counted=counted,
        ratio=_ratio(table, depth, spread),
        rest=_ratio(table.drop(busiest), depth.drop(busiest), spread),
    )


def _ratio(table: pd.DataFrame, depth: pd.Series, spread: float) -> RateRatio:
    """Of local fifths; parting them takes five LSOAs to each."""
    fewest = FIFTHS * FEWEST_AREAS
    if depth.notna().sum() < fewest:
        return RateRatio(None, None, None, f"fifths need at least {fewest} LSOAs with an index, {FEWEST_AREAS} to each")
    return rate_ratio(group_rates(table, local_groups(depth, FIFTHS), FIFTHS, spread))


def _map(frame: Frame, found: Together) -> None:
    classes = parts.on_every_area(frame, found.pairs["class"])
    codes = parts.outside(parts.class_codes(classes, [str(n) for n in range(9)]), classes.index.isin(found.pairs.index))
    values = parts.on_every_area(frame, found.pairs["counted"])
    missing = f"No index, or no {'rate' if frame.selection.measure == 'rate' else 'number'}"
    parts.draw_map(
        frame, codes, BIVARIATE[frame.theme], values, subject.value_kind(frame.selection), "", [], missing=missing
    )


def _names(frame: Frame) -> list[str]:
    """The nine classes in words, in the order of their numbers."""
    what = _what(frame)
    return [f"{level} {what}, {deprived.lower()} third" for level in _LEVELS for deprived in _DEPRIVED]


def _what(frame: Frame) -> str:
    if frame.selection.measure == "count":
        return f"number of {subject.noun(frame.selection)}s"
    return f"rate of {'ASB' if subject.is_asb(frame.selection) else 'violence' if frame.selection.definition else 'offences'}"


def _legend(frame: Frame, found: Together) -> None:
    """The nine colours as a table whose heads name them, with the LSOAs in each; every word and colour in it is ours."""
    sizes = found.pairs["class"].value_counts()
    names, what = _names(frame), _what(frame)
    rows = []
    for level in (2, 1, 0):
        cells = "".join(
            f'<td style="background:{escape(colour)};color:{_ink(colour)}" title="{escape(names[place])}">'
            f"{number(int(sizes.get(place, 0)))}</td>"
            for place in range(3 * level, 3 * level + 3)
            for colour in [BIVARIATE[frame.theme][place]]
        )
        rows.append(f"<tr><th>{_LEVELS[level]} {escape(what)}</th>{cells}</tr>")
    heads = "".join(f"<th>{deprived}</th>" for deprived in _DEPRIVED)
    st.html(
        f'<table class="bivariate"><caption>{escape(_thirds(frame))}; in it, how many LSOAs</caption>'
        f"<tbody>{''.join(rows)}</tbody><tfoot><tr><th></th>{heads}</tr></tfoot></table>"
    )


def _thirds(frame: Frame) -> str:
    """What the nine colours are made of."""
    return f"Each colour: a third by {_what(frame)}, a third by deprivation"


def _ink(colour: str) -> str:
    """Black or white, whichever reads better on the colour (WCAG 2 relative luminance)."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    light = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return "#000000" if 0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2] > 0.179 else "#ffffff"


def _in_words(frame: Frame, found: Together) -> list[str]:
    """The chosen location's LSOAs, or the selected one, and their classes; nothing where none is chosen."""
    names, places = _names(frame), data.places(frame.dataset)
    own = index.chosen(frame, found.pairs)["class"].dropna().astype("int64")
    return [f"{places[code]}: {names[of][0].lower()}{names[of][1:]}" for code, of in own.head(_SAID).items()]


def _table(frame: Frame, found: Together, which: str) -> None:
    if frame.location is not None:
        _rows(frame, locations.narrowed(frame, found.pairs), which, _names(frame))
        return
    # labels that stay the same whatever is counted: the box keeps showing the one that was chosen
    chosen = st.selectbox(
        "LSOAs of one class", list(CLASSES), format_func=CLASSES.__getitem__, key="class_list", bind="query-params",
        filter_mode=None, label_visibility="collapsed",
    )  # fmt: skip
    rows = found.pairs[(found.pairs["class"] == (8 if chosen is None else chosen)).fillna(False)]
    _rows(frame, rows, which)


def _rows(frame: Frame, rows: pd.DataFrame, which: str, names: Sequence[str] = ()) -> None:
    """LSOAs with what is counted and their deprivation; with ``names``, each with its class in words."""
    rows = rows.sort_values(["counted", "depth"], ascending=False, kind="stable")
    classes = {"Class": ["" if pd.isna(n) else names[int(n)] for n in rows["class"]]} if names else {}
    measure = subject.nouns(frame.selection) if frame.selection.measure == "count" else "Rate"
    # the index without crime has no national decile of its own
    published = index.IMD if which == index.WITHOUT_CRIME else which
    head = "IMD decile" if published == index.IMD else "Decile"
    st.dataframe(
        pd.DataFrame(
            {
                "LSOA": data.places(frame.dataset).reindex(rows.index),
                measure: rows["counted"],
                "Residents": rows["residents"],
                head: frame.dataset.areas.set_index("lsoa_code")[f"{published}_decile"].reindex(rows.index),
                **classes,
            }
        ),
        hide_index=True, row_height=30, height="stretch", placeholder="",
        column_config={
            measure: st.column_config.NumberColumn(format="localized" if frame.selection.measure == "count" else "%.1f", help=subject.measure(frame)),
            "Residents": st.column_config.NumberColumn(format="localized"),
            head: st.column_config.NumberColumn(help=f"National decile, {index.NAMES[published]}: 1 is the most deprived tenth of all LSOAs in England"),
        },
    )  # fmt: skip
