"""How concentrated: the fewest LSOAs that hold a share, beside what residents alone would explain."""

from dataclasses import dataclass
from typing import Final

import pandas as pd
import streamlit as st

from geodata.dataset import Dataset
from hotspots.concentration import (
    ConcentrationInterval,
    Expected,
    ShareHeld,
    areas_for_share,
    by_district,
    concentration_interval,
    expected_by_residents,
    lorenz_curve,
    share_held,
)  # fmt: skip
from hotspots.narrative import expected_sentence, expected_title, gini_sentence, lsoas, number, percent
from hotspots.ranking import HOTSPOT_SHARE
from hotspots.selection import Selection
from pages.shared import charts, data, large, subject, text
from pages.shared.frame import Frame
from pages.shared.views import parts

SHARES: Final = (0.25, 0.5, 0.8)


@dataclass(frozen=True)
class Concentration:
    """Everything the view shows; ``hotspots`` the quarter with its tie, ``expected`` and ``expected_gini`` are None without residents, ``gini`` for a single LSOA."""

    held: tuple[ShareHeld, ...]
    hotspots: ShareHeld
    expected: tuple[Expected | None, ...]
    gini: ConcentrationInterval | None
    expected_gini: Expected | None
    by_areas: pd.DataFrame
    by_residents: pd.DataFrame | None
    districts: pd.DataFrame


def show(frame: Frame) -> None:
    """Title, Lorenz curves, the fewest LSOAs for a quarter, half and four fifths, districts side by side."""
    found = data.kept(concentration, frame.dataset, frame.selection)
    name = subject.subject(frame.selection)
    half = found.held[1]
    st.title(expected_title(half, found.expected[1], name), anchor=False)
    text.caption(subject.caption(frame, by_number=True))
    subject.notes(frame, data.table(frame.dataset, frame.selection))
    if frame.large:
        picture, beside = large.finding()
        with picture:
            charts.lorenz(found.by_areas, found.by_residents, frame.theme, large=True)
        with beside:
            text.paragraph("How much of what is counted lies in how few:")
            large.say(_in_words(found, held, by) for held, by in zip(found.held, found.expected, strict=True))
        return
    left, right = st.columns(2, gap="small")
    with left:
        st.subheader("Share of LSOAs, or of residents, against share of what is counted", anchor=False)
        charts.lorenz(found.by_areas, found.by_residents, frame.theme, height=430)
    with right:
        st.subheader("The fewest LSOAs that hold …", anchor=False)
        st.dataframe(_held(found), hide_index=True, row_height=30)
        text.caption(*(text.sentence(s) for s in _sentences(found)), key="note_gini")
        st.subheader("Districts side by side", anchor=False)
        st.dataframe(
            _districts(found, subject.nouns(frame.selection)), hide_index=True, row_height=30, column_config=_WIDTHS
        )
    parts.worked_out("concentration", "gini")


_WIDTHS: Final = {
    "District": st.column_config.TextColumn(width=183),
    "Share": st.column_config.TextColumn(width=50, help="Share of what is counted"),
    "Residents": st.column_config.TextColumn(width=72, help="Share of the residents"),
    "Hotspots": st.column_config.NumberColumn(width=64),
    "Half in": st.column_config.TextColumn(width=74, help="The fewest of the district's LSOAs that hold half of it"),
}


def concentration(dataset: Dataset, selection: Selection) -> Concentration:
    """Lorenz curves, shares, Gini with its interval, and the same by residents alone."""
    table = data.table(dataset, selection)
    count, residents = table["count"], table["residents"]
    known = bool((residents.fillna(0) > 0).any())
    several = int(count.notna().sum()) > 1

    def expected(share: float) -> Expected | None:
        return (
            expected_by_residents(count, residents, lambda row: float(areas_for_share(row, share))) if known else None
        )

    return Concentration(
        held=tuple(share_held(count, residents, share) for share in SHARES),
        hotspots=share_held(count, residents, HOTSPOT_SHARE, ties_in=True),
        expected=tuple(expected(share) for share in SHARES),
        gini=concentration_interval(count) if several else None,
        expected_gini=expected_by_residents(count, residents) if known else None,
        by_areas=lorenz_curve(count),
        by_residents=lorenz_curve(count, residents) if known else None,
        districts=by_district(count, residents, table["district"], table["hotspot"]),
    )


def _held(found: Concentration) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Share": [percent(held.share) for held in found.held],
            "LSOAs": [_with_tie(number(held.areas), _tied(found, held)) for held in found.held],
            "of": [held.of_areas for held in found.held],
            "of residents": [_residents(held, _tied(found, held)) for held in found.held],
            "By residents alone": ["" if e is None else f"{e.low:,.0f} to {e.high:,.0f} LSOAs" for e in found.expected],
        }
    )


def _tied(found: Concentration, held: ShareHeld) -> ShareHeld | None:
    """The hotspots, where a tie for the last place makes them more than the fewest that hold their share."""
    return found.hotspots if held.share == HOTSPOT_SHARE and held.areas != found.hotspots.areas else None


def _with_tie(areas: str, tied: ShareHeld | None) -> str:
    """ "31 (32 with the tie)": hotspots take in all that share the last place, so that no order decides."""
    return areas if tied is None else f"{areas} ({number(tied.areas)} with the tie)"


def _residents(held: ShareHeld, tied: ShareHeld | None) -> str:
    """ "6.5 % (6.7 %)" beside ``_with_tie``; empty where not known."""
    if held.residents is None:
        return ""
    beside = f" ({percent(tied.residents)})" if tied is not None and tied.residents is not None else ""
    return f"{percent(held.residents)}{beside}"


def _in_words(found: Concentration, held: ShareHeld, expected: Expected | None) -> str:
    home = "" if held.residents is None else f" with {percent(held.residents)} of residents"
    alone = "" if expected is None else f"; by residents alone it would be {expected.low:,.0f} to {expected.high:,.0f}"
    return f"{percent(held.share)} in {_with_tie(lsoas(held.areas), _tied(found, held))}{home}{alone}"


def _sentences(found: Concentration) -> list[str]:
    said = []
    if found.gini is not None:
        said.append(gini_sentence(found.gini))
    if found.expected_gini is not None:
        said.append(expected_sentence(found.expected_gini))
    return said


def _districts(found: Concentration, nouns: str) -> pd.DataFrame:
    table = found.districts.reset_index()
    return pd.DataFrame(
        {
            "District": table["district"],
            nouns: table["events"],
            "Share": [_percent(value) for value in table["share_of_events"]],
            "Residents": [_percent(value) for value in table["share_of_residents"]],
            "Hotspots": table["hotspots"],
            "Half in": [
                f"{n} of {of}" if pd.notna(n) else ""
                for n, of in zip(table["areas_for_half"], table["areas"], strict=True)
            ],
        }
    )


def _percent(value: object) -> str:
    return "" if pd.isna(value) else percent(float(value))  # type: ignore[arg-type]
