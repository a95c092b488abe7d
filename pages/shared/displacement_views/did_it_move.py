"""Did it move? One sentence, then what it rests on: counts, differences, placebos, map, months, crime types, controls."""

from typing import Final

import pandas as pd
import streamlit as st

from hotspots.displacement import Difference
from hotspots.evaluation import Evaluation
from hotspots.narrative import counted, lsoas, number
from hotspots.verdict import cautions, first_sentence, missed_sentence, placebo_sentence, turned_sentence, verdict
from pages.shared import data, evaluations, large, subject, text
from pages.shared.classes import legend_entries, ramp
from pages.shared.displacement_views import pictures, settings
from pages.shared.displacement_views.case import (
    NAMES,
    PARTS,
    Case,
    before_classes,
    heading,
    limits,
    outlines,
    surroundings,
    what_was_done,
)
from pages.shared.views import parts

_SMALL: Final = 20


def show(case: Case) -> None:
    """Title, warnings, counts; differences beside the map; then what is behind them."""
    found = case.found
    if found is None:
        refused(case)
        return
    heading(case, first_sentence(found), *cautions(found), *found.warnings)
    if case.frame.large:
        picture, beside = large.finding()
        with picture:
            pictures.differences(case, found)
        with beside:
            said = [what_was_done(case), missed_sentence(found), *cautions(found), *found.warnings]
            said += [*subject.open_form(case.frame), placebo_sentence(found)]
            large.say(large.fitting(said, first_sentence(found)))
        return
    _counts(found)
    left, right = st.columns(2, gap="medium")
    with left:
        _map(case, found)
    with right:
        _differences(case, found)
    _months(case, found)
    _by_type(case, found)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        _asb(case, found)
    with right:
        _harm(case, found)
    _balance(case, found)
    _analysts(found)
    parts.worked_out("did-it-move", "controls", "placebos", "before-and-after", "displacement-ratios")


def refused(case: Case) -> None:
    """Why nothing can be compared, and what to do."""
    heading(case, "This cannot be compared as it stands")
    text.paragraph(case.refusal)


def _counts(found: Evaluation) -> None:
    """A strip of numbers: each group's counts before and after."""
    with st.container(key="strip"):
        for column, (name, row) in zip(st.columns(4), found.counts.iterrows(), strict=False):
            size = "" if row["weight"] == 1 else f", {row['weight']:.1f} times its size"
            column.metric(
                f"{NAMES[str(name)]} ({lsoas(int(row['lsoas']))}{size})",
                f"{number(row['before'])} before, {number(row['after'])} after",
            )


def _map(case: Case, found: Evaluation) -> None:
    frame = case.frame
    breaks, values = data.kept(before_classes, *case.asked[:2], case.kinds, found.windows.before)
    lines, shapes = outlines(case)
    parts.draw_map(
        frame, breaks.codes, ramp(frame.theme, len(breaks.labels)), values, subject.value_kind(frame.selection),
        f"{subject.nouns(frame.selection)} before", legend_entries(breaks, frame.theme), outlines=lines, shapes=shapes,
        bounds=data.kept(surroundings, frame.dataset, case.location),
    )  # fmt: skip
    text.caption(f"{settings.said(found, case.location)} Zoom out to see all controls.", key="note_map")


def _differences(case: Case, found: Evaluation) -> None:
    pictures.differences(case, found)
    table = _table({PARTS[part]: getattr(found, part) for part in PARTS})
    st.dataframe(table, hide_index=True, row_height=28, height="content")
    text.paragraph("\n".join(text.sentence(said) for said in (missed_sentence(found), placebo_sentence(found)) if said))
    pictures.placebos(case, found)


def _table(differences: dict[str, Difference | None]) -> pd.DataFrame:
    there = {name: one for name, one in differences.items() if one is not None}
    return pd.DataFrame(
        {
            "Against what was expected": list(there),
            "Difference (95 % limits)": [limits(one) for one in there.values()],
            "": [_called(one) for one in there.values()],
        }
    )


def _called(one: Difference) -> str:
    return {-1: "fewer", 0: "chance could make it", 1: "more"}[one.called] if one.z is not None else ""


def _months(case: Case, found: Evaluation) -> None:
    st.subheader("Did target and control run alike before?", anchor=False)
    series = evaluations.group_months(*case.asked, found, case.kinds)
    pairs = [pair for pair in (("target", "control"), ("ring", "ring_control")) if pair[0] in series]
    for column, pair in zip(st.columns(2, gap="medium"), pairs, strict=False):
        with column:
            named = series[list(pair)].rename(columns=NAMES)
            pictures.by_month(case, found, named)
    gaps = " Grey: no data, which is not zero." if series.isna().to_numpy().any() else ""
    text.caption(
        f"{found.noun[0].upper()}{found.noun[1:]}s by month; the controls scaled to the size of what they are compared with.{gaps}",
        key="note_months",
    )


def _by_type(case: Case, found: Evaluation) -> None:
    st.subheader("By crime type", anchor=False)
    if len(case.kinds) < 2:
        text.paragraph("One crime type is counted: what is said above is all.")
        return
    with st.spinner("Trying untreated places for each crime type, once"):
        each = evaluations.by_type(*case.asked, case.settings, found)
    table = _side_by_side(each).assign(**{"In words": [verdict(one) for one in each.values()]})
    st.dataframe(table, row_height=28, height="content")
    small = table.index[table[["Before", "After"]].max(axis=1) < _SMALL]
    few = f"Fewer than {_SMALL} before and after, so that only a large change would show: {text.joined(small)}."
    all_types = (
        f"The same places and months for each, with up to {evaluations.FEWER} untreated places; of 20 types without a change "
        "about one is called changed by chance."
    )
    text.caption("\n".join([few, all_types] if len(small) else [all_types]), key="note_types")


def _side_by_side(each: dict[str, Evaluation]) -> pd.DataFrame:
    """Counts here and the three differences, by what was counted."""
    return pd.DataFrame(
        {
            "Before": [one.counts.loc["target", "before"] for one in each.values()],
            "After": [one.counts.loc["target", "after"] for one in each.values()],
            **{name: [limits(getattr(one, part)) for one in each.values()] for part, name in PARTS.items()},
        },
        index=pd.Index(list(each), name="Counted"),
    )


def _asb(case: Case, found: Evaluation) -> None:
    if subject.is_asb(case.frame.selection):
        return
    st.subheader("Did one turn into the other?", anchor=False)
    try:
        asb = evaluations.asb(*case.asked, case.settings, found)
    except ValueError as error:
        text.paragraph(str(error))
        return
    st.dataframe(_side_by_side({"Offences": found, "ASB reports": asb}), row_height=28, height="content")
    text.paragraph(text.sentence(turned_sentence(found, asb)))


def _harm(case: Case, found: Evaluation) -> None:
    st.subheader("Weighted by harm", anchor=False)
    try:
        weighed = evaluations.harm(*case.asked, found)
    except ValueError as error:
        text.paragraph(text.sentence(str(error)))
        return
    st.dataframe(
        _table({PARTS[part]: one for part, one in weighed.items()}), hide_index=True, row_height=28, height="content"
    )
    text.caption(
        f"In units of harm; weights: {subject.weights(case.frame)}. A few grave offences decide it.", key="note_harm"
    )


def _balance(case: Case, found: Evaluation) -> None:
    section = st.expander("Are the controls like it?", key="balance", on_change="rerun")
    if not section.open:
        return
    with section:
        if not found.matches:
            text.paragraph("The controls were chosen by hand: nothing was matched.")
        for name, match in found.matches.items():
            text.paragraph(
                f"{NAMES[name]}: {number(match.found)} of {counted(match.wanted, 'LSOA')} wanted were found."
            )
            balance = match.balance.rename_axis("Mean over the LSOAs").rename(columns=str.capitalize).reset_index()
            st.dataframe(
                balance,
                hide_index=True,
                row_height=28,
                height="content",
                column_config={"Not known": st.column_config.NumberColumn(format="%d")},
            )
        label = data.places(case.frame.dataset)
        for name in ("control", "ring_control"):
            if name in found.groups:
                text.caption(f"{NAMES[name]}: {', '.join(label.reindex(list(found.groups[name])))}", key=f"note_{name}")


def _analysts(found: Evaluation) -> None:
    section = st.expander("For analysts", key="analysts", on_change="rerun")
    if not section.open:
        return
    with section:
        rows = [
            {"": PARTS[part], "Estimate": one.estimate, "SE": one.se, "z": one.z, "Dispersion": found.dispersion[part], "Placebos at least as far": found.as_extreme(part)}
            for part in PARTS
            if (one := getattr(found, part)) is not None
        ]  # fmt: skip
        st.dataframe(pd.DataFrame(rows), hide_index=True, row_height=28, height="content", column_config={
            name: st.column_config.NumberColumn(format="%.2f") for name in ("Estimate", "SE", "z", "Dispersion")
        } | {"Placebos at least as far": st.column_config.NumberColumn(format="%.3f")})  # fmt: skip
        ratio, quotient = found.ratio, found.quotient
        lines = [
            f"Rate ratio {ratio.ratio:.2f} ({ratio.lower:.2f} to {ratio.upper:.2f}), SE of its logarithm {ratio.se:.3f}"
            if ratio.ratio is not None
            else f"Rate ratio {ratio.reading}"
        ]
        if quotient is not None:
            values = [
                ("Displacement quotient", quotient.quotient),
                ("success", quotient.success),
                ("total net effect", quotient.total_net_effect),
            ]
            lines.append(
                ", ".join(f"{name} {value:.3g}" for name, value in values if value is not None)
                + f" ({quotient.reading})"
            )
        text.paragraph("\n".join(text.sentence(line) for line in lines))
        text.caption(
            f"Smallest difference called a change: {found.smallest_called:.1f}; detected four times in five: {found.minimum_detectable:.1f}. "
            "SE and z are widened by the dispersion that the placebos show.",
            key="note_analysts",
        )
