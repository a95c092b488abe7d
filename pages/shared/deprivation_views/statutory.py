"""The three measures of the Serious Violence Duty as series, by district and for the whole area, against a baseline year.

A suppressed month makes a range and a missing one a gap; neither is zero.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd
import streamlit as st

from geodata.dataset import Dataset
from hotspots.change import FEWEST_FOR_PERCENT
from hotspots.selection import month_name
from hotspots.statutory import (
    STATUTORY,
    WHOLE,
    StatutoryMeasure,
    compare_years,
    counted_classes,
    latest_year,
    markers,
    monthly,
    not_loaded_sentence,
    withhold_part_years,
    yearly,
)
from hotspots.statutory_words import (
    change_sentence,
    change_words,
    interval_words,
    number_words,
    range_words,
    year_sentence,
)
from pages.shared import charts, data, large, text
from pages.shared.deprivation_views.statutory_chart import Size, chart
from pages.shared.deprivation_views.statutory_series import Series, measures, series
from pages.shared.frame import Frame
from pages.shared.views import parts

EACH: Final = "each district"
STARTS: Final = {"January": 1, "April": 4}
BY_YEAR: Final = "Year"
BY_MONTH: Final = "Month"
_ACROSS: Final = 4
_ROOM: Final = 1.3  # above the highest limit, for words
_ROOMY: Final = 5  # years that leave room for more than a number
_MOST_ROWS: Final = 9
_MONTHS: Final = {
    name: st.column_config.NumberColumn(
        help=f"Months of the year that are {name.lower()}; of the whole area those in which any district is"
    )
    for name in ("Suppressed", "Missing")
}


@dataclass(frozen=True)
class Asked:
    """``place``: a district's code, the whole area or each district; ``baseline``: the year that others are set against, as it is
    called; ``starts``: the month that years start in. Data that are not open are told of a district by full years only."""

    place: str
    baseline: str
    starts: int
    by_month: bool
    fewest: int  # months in which a district's years are compared


@dataclass(frozen=True)
class Block:
    """One measure as it is shown: ``years`` and ``rows`` (years or months) by place, ``place`` the one spoken of."""

    measure: StatutoryMeasure
    months: pd.DataFrame
    years: pd.DataFrame
    rows: pd.DataFrame
    place: str
    asked: Asked


def show(frame: Frame, _which: str) -> None:
    """Title, choices, and a block for each measure; what is not loaded says which file it needs."""
    known = measures(frame.dataset)
    every = {name: data.kept(series, frame.dataset, name) for name in known}
    months = {name: found.months for name, found in every.items() if found.months is not None}
    names = _districts(frame.dataset)
    heading = st.container()  # the choices are read first and stand below
    blocks: dict[str, Block] = {}
    if months:
        asked = _ask(names, list(months.values()), is_open=frame.dataset.is_open)
        blocks = {name: _block(known[name], one, every[name].districts, asked) for name, one in months.items()}
    first = next(iter(blocks), None)
    with heading:
        st.title(
            _markdown(blocks[first], _finding(blocks[first])[0])
            if first
            else "None of the Duty's three measures is loaded",
            anchor=False,
        )
        text.caption(
            str(frame.dataset.manifest["area"]),
            "All months that were loaded: period, districts and what is counted, chosen in the sidebar, do not apply here",
        )
    if first and frame.large:
        _large(frame, blocks[first], every[first], names)
        return
    for name, block in blocks.items():
        _show(frame, block, every[name], names, first=name == first)
    absent = [name for name in STATUTORY if name not in blocks]
    for name in absent:
        measure = STATUTORY[name]
        text.paragraph("\n".join(text.sentence(one) for one in (not_loaded_sentence(measure), *every[name].notes)))
    if absent:
        text.caption(_how_to_load(absent), key="note_load")
    if not frame.large:
        _definitions()
        parts.worked_out("statutory-measures")


def _how_to_load(absent: Sequence[str]) -> str:
    """For whoever loads the data; the names of the option and its keys are ours."""
    names = " or ".join(f'"{name}"' for name in absent)
    return (
        f'For the analyst: monthly counts are a layer (build --layers) whose description has kind = "monthly" and measure = {names}; an extract '
        "is given with build --incidents, with the columns offence_code and flag_knife. The README shows both."
    )


def _districts(dataset: Dataset) -> dict[str, str]:
    """Names by code, in alphabetical order; text from data."""
    areas = dataset.areas.dropna(subset="district_code").drop_duplicates("district_code").sort_values("district")
    return dict(zip(areas["district_code"], areas["district"], strict=True))


def _ask(names: dict[str, str], loaded: Sequence[pd.DataFrame], *, is_open: bool) -> Asked:
    """The choices, which stand in the link."""
    places = {WHOLE: "Whole area"} | ({EACH: "Each district"} if len(names) > 1 else {}) | names
    with st.container(horizontal=True, key="settings"):
        place = st.selectbox(
            "Place", list(places), format_func=lambda one: places.get(one, str(one)), key="duty_place", bind="query-params",
            filter_mode=None, width=230,
        )  # fmt: skip
        started = st.segmented_control(
            "Years start in", list(STARTS), default="January", required=True, key="duty_starts", bind="query-params"
        )
        starts = STARTS[str(started)]
        # known by the calendar year that they start in, so that a choice holds for both kinds of year
        tables = [yearly(one, starts) for one in loaded]
        called = {year[:4]: year for table in tables for year in sorted(table.index.unique("year"))}
        offered = sorted(called)
        full = tables[0].index[tables[0]["missing"] == 0].get_level_values("year")
        usual = offered.index(min(full)[:4]) if len(full) else 0
        baseline = st.selectbox(
            "Baseline year", offered, index=usual, format_func=lambda one: called.get(one, str(one)), key="duty_baseline",
            bind="query-params", filter_mode=None, width=130,
        )  # fmt: skip
        # of data that are not open, a district's single month may be one person's
        by = BY_YEAR
        if is_open or (place == WHOLE and len(names) > 1):
            by = st.segmented_control(
                "Show by", [BY_YEAR, BY_MONTH], default=BY_YEAR, required=True, key="duty_by", bind="query-params"
            )
        else:
            st.caption("By full years only: what a district has in a month may be one person's.", width=260)
    return Asked(str(place), called[str(baseline)], starts, by == BY_MONTH, fewest=1 if is_open else 12)


def _block(measure: StatutoryMeasure, months: pd.DataFrame, districts: bool, asked: Asked) -> Block:
    years = yearly(months, asked.starts)
    if asked.fewest > 1:
        years = withhold_part_years(years)
    place = WHOLE if asked.place == EACH or not districts else asked.place
    return Block(measure, months, years, monthly(months) if asked.by_month else years, place, asked)


def _finding(block: Block) -> tuple[str, tuple[str, ...]]:
    """The change against the baseline in a sentence, and what to mind of it. Without names from data, as a title needs."""
    measure, place, asked = block.measure, block.place, block.asked
    where = "" if place == WHOLE else "In the chosen district: "
    if place not in block.years.index.unique("place"):
        return f"{where}{_lowered(measure.title)} are not known", ("The file has no row of this district",)
    year = latest_year(block.years.loc[place])
    if year is None:
        return f"{measure.title}: no figure can be given", ()
    plain, notes = year_sentence(block.years.loc[(place, year)], year, measure.noun), []
    if year == asked.baseline:
        notes.append(f"{year} is the baseline year itself, so no change can be given")
    else:
        try:
            change = compare_years(
                block.months, place, year, asked.baseline, asked.starts, fewest=1 if place == WHOLE else asked.fewest
            )
            plain = change_sentence(change, measure.noun)
            if change.p is not None and max(change.before[0], change.now[0]) < FEWEST_FOR_PERCENT:
                notes.append(f"Fewer than {FEWEST_FOR_PERCENT} in each year: only a large change would show")
        except ValueError as error:
            notes.append(str(error))
    return (f"{where}{_lowered(plain)}" if where else plain), tuple(notes)


def _markdown(block: Block, words: str) -> str:
    """For a heading, which takes markdown: the title of a layer is text from data."""
    return words if block.measure.id in STATUTORY else text.escaped(words)


def _lowered(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:]


def _large(frame: Frame, block: Block, found: Series, names: dict[str, str]) -> None:
    _of_what(block, found, names, block.measure.title)
    picture, beside = large.finding()
    with picture:
        _chart(frame, block, block.place, "large")
    with beside:
        large.say([*_finding(block)[1], _key(block), *found.notes])


def _show(frame: Frame, block: Block, found: Series, names: dict[str, str], *, first: bool) -> None:
    """One measure: its finding (the page's title has that of the first), charts and table, and what to mind."""
    finding, minded = _finding(block)
    st.subheader(_markdown(block, block.measure.title if first else finding), anchor=False)
    _of_what(block, found, names, "" if first else block.measure.title)
    there = block.rows.index.unique("place")
    if block.asked.place == EACH and found.districts:
        places = [code for code in names if code in there]
        for start in range(0, len(places), _ACROSS):
            for column, code in zip(st.columns(_ACROSS, gap="small"), places[start : start + _ACROSS], strict=False):
                with column:
                    text.paragraph(names[code])
                    _chart(frame, block, code, "small")
        _each(block, {code: names[code] for code in places})
    elif block.place in there:
        left, right = st.columns([5, 4], gap="medium")
        with left:
            _chart(frame, block, block.place, "plain")
        with right:
            _table(block)
    name = block.measure.id
    text.caption(_key(block), key=f"note_key_{name}")
    notes = [*minded, *found.notes, *_marked(block)]
    if notes:
        text.caption(" ".join(text.sentence(note) for note in notes), key=f"note_mind_{name}")


def _of_what(block: Block, found: Series, names: dict[str, str], title: str) -> None:
    text.caption(
        title,
        names.get(block.place, "each district" if block.asked.place == EACH and found.districts else "whole area"),
        f"baseline {block.asked.baseline}",
        found.source,
        key=f"note_of_{block.measure.id}",
    )


def _chart(frame: Frame, block: Block, place: str, size: Size) -> None:
    rows = block.rows.loc[place]
    of_year = rows.index.name == "year"
    numbers = rows.apply(number_words, axis=1)
    if of_year:
        says = [year_sentence(row, str(year), block.measure.noun) for year, row in rows.iterrows()]
    else:
        limits = rows.apply(interval_words, axis=1)
        says = [f"{month_name(str(m))}: {n}" + (f" (95 % interval {w})" if w else "") for m, n, w in zip(rows.index, numbers, limits, strict=True)]  # fmt: skip
    shown = block.rows.drop(WHOLE) if size == "small" else rows
    top = _ROOM * float(shown[["upper", "high", "low"]].astype("float64").max().max(skipna=True))
    first, last = (str(month) for month in (block.months["month"].min(), block.months["month"].max()))
    changes = tuple(change.month for change in markers(block.measure, (first, last)))
    asked = block.asked
    told = rows.assign(says=says, shown=_beside(rows, numbers, size))
    spec = data.kept(chart, frame.dataset, told, asked.starts, asked.baseline, changes, top if top > 0 else 1.0, frame.theme, size)  # fmt: skip
    charts.show(spec, large=size == "large")


def _beside(rows: pd.DataFrame, numbers: pd.Series, size: Size) -> pd.Series:
    """What stands beside each mark: nothing in small charts, only a plain number where years are many."""
    known = numbers.where(rows["low"].notna() & (size != "small"), "")
    return known.where(rows["count"].notna(), "") if len(rows) > _ROOMY and size != "large" else known


def _table(block: Block) -> None:
    """The figures behind the chart of one place."""
    rows = block.rows.loc[block.place]
    told = {
        "Number": rows.apply(number_words, axis=1).tolist(),
        "95 % interval": rows.apply(interval_words, axis=1).tolist(),
    }
    if block.asked.by_month:
        names = {"Month": [month_name(str(month)) for month in rows.index]}
        states = (
            pd.Series("count", rows.index)
            .mask(rows["suppressed"] > 0, "suppressed")
            .mask(rows["missing"] > 0, "missing")
        )
        more = {"Known as": states.tolist()}
    else:
        names = {"Year": [_year(block, str(year), int(lacks)) for year, lacks in rows["missing"].items()]}
        more = {"Suppressed": rows["suppressed"].tolist(), "Missing": rows["missing"].tolist()}
    st.dataframe(
        pd.DataFrame(names | told | more), hide_index=True, row_height=28,
        height="content" if len(rows) < _MOST_ROWS else 28 * _MOST_ROWS, column_config=_MONTHS,
    )  # fmt: skip


def _year(block: Block, year: str, lacks: int) -> str:
    """A year as the table names it: no full one is to be read for one."""
    said = [word for word, so in (("baseline", year == block.asked.baseline), ("part", 0 < lacks < 12)) if so]
    return f"{year} ({', '.join(said)})" if said else year


def _each(block: Block, names: dict[str, str]) -> None:
    """Each district's latest year of all beside the baseline, over the months that both have."""
    asked = block.asked
    known = [year for code in (WHOLE, *names) if (year := latest_year(block.years.loc[code]))]
    latest = next(iter(known), asked.baseline)
    rows = []
    for code, name in (names | {WHOLE: "Whole area"}).items():
        of_year = block.years.loc[(code, latest)]
        suppressed, missing = of_year[["suppressed", "missing"]].astype("int64")
        rows.append(
            {
                "District": name, latest: number_words(of_year), "95 % interval": interval_words(of_year),
                "Suppressed": suppressed, "Missing": missing, f"Against {asked.baseline}": _against(block, code, latest),
            }
        )  # fmt: skip
    st.dataframe(pd.DataFrame(rows), hide_index=True, row_height=28, height="content", column_config=_MONTHS)


def _against(block: Block, code: str, year: str) -> str:
    """A year against the baseline, short enough for a table."""
    asked = block.asked
    if year == asked.baseline:
        return "the baseline year itself"
    try:
        change = compare_years(
            block.months, code, year, asked.baseline, asked.starts, fewest=1 if code == WHOLE else asked.fewest
        )
    except ValueError:
        return "cannot be compared"
    months = "" if change.months == 12 else f" over {change.months} months"
    return f"{change_words(change)} ({range_words(change.now)}, was {range_words(change.before)}{months})"


def _key(block: Block) -> str:
    """What the marks of the charts mean, those that are there."""
    rows = block.rows
    if block.asked.place != EACH:
        rows = rows[rows.index.get_level_values("place") == block.place]
    said = ["Dot: a number; line: its 95 % interval."]
    if (rows["suppressed"] > 0).any():
        said.append("Hollow bar: months are suppressed, and the number lies within the bar.")
        if rows["high"].isna().eq(rows["low"].notna()).any():
            said.append("A bar to the top: how much is suppressed is not known.")
    withheld = rows.get("withheld", pd.Series(False, rows.index))
    if withheld.any():
        said.append("Not shown: what a district's year that lacks months has left may be one person's.")
    if (rows["low"].isna() & ~withheld).any():
        said.append("Grey ground: no data, which is not zero.")
    if rows.index.names[-1] == "year" and (rows["missing"].gt(0) & rows["low"].notna()).any():
        said.append(
            "Not a full year: a district lacks months, so its number, in the table, is of fewer months and is not drawn."
        )
    return " ".join(said)


def _marked(block: Block) -> list[str]:
    """What the dashed lines mark, and what no line can."""
    months = block.months["month"]
    changes = markers(block.measure, (str(months.min()), str(months.max())))
    said = [f"Recording changed in {month_name(change.month)}: {change.says}" for change in changes]
    if changes:
        said.append(
            "These changes concern all violence or robbery; how far they touch the offences counted here is not known"
        )
    if block.measure.flag:
        said.append(
            "Forces went over to having knives flagged by computer at different times, which no line marks: ask the force"
        )
    return said


def _definitions() -> None:
    """What the measures take for granted, and the classes of offences that are counted in an extract."""
    text.caption(
        "The Duty leaves it to each partnership to define serious violence; these measures stand beside that definition.",
        "Which ages its guidance means could not be checked: all ages are counted, unless the title of a file says otherwise.",
        key="note_duty",
    )
    with st.expander("Which offence classes are counted"):
        text.paragraph(
            "From a force's own extract these classes are counted: those of homicide for homicide, and all of them, where a knife or sharp "
            "instrument was flagged, for knife-enabled serious violence. The seven kinds are those in which the Home Office collects "
            "knife use (its answer to Parliament with figures to 2012/13; Office for National Statistics, violent crime 2013/14). Its "
            "coverage was revised since, and the revised list could not be read. A monthly table counts what its source says."
        )
        classes = counted_classes(STATUTORY["knife-offences"])
        st.dataframe(
            pd.DataFrame(
                {
                    "Class": classes["code"], "Name": classes["name"], "Kind": classes["kind"],
                    "Collected nationally": classes["confirmed"].map({True: "yes", False: "by its name; not confirmed"}),
                }
            ),
            hide_index=True, row_height=28, height="content",
        )  # fmt: skip
