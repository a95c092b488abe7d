"""Will it last: what the list of an earlier window was worth in the same months a year later."""

from dataclasses import dataclass
from typing import Final

import pandas as pd
import streamlit as st

from geodata.dataset import Dataset
from hotspots.counts import area_counts, monthly_counts
from hotspots.narrative import lasting_title, number, percent
from hotspots.selection import Selection
from hotspots.stability import Stability, Windows, comparable_windows, rolling_hotspots, stability
from hotspots.table import areas_in
from pages.shared import charts, data, large, subject, text
from pages.shared.frame import Frame
from pages.shared.views import parts

_SAID: Final = 6  # places that fit beside the chart


@dataclass(frozen=True)
class Lasting:
    """The comparison and both windows' counts by LSOA; ``refusal`` in words where there is none."""

    windows: Windows | None
    result: Stability | None
    counts: pd.DataFrame
    rolling: pd.DataFrame | None
    refusal: str = ""


def show(frame: Frame) -> None:
    """Title, shares caught, best and chance; which places stayed; figures for analysts."""
    found = data.kept(lasting, frame.dataset, frame.selection)
    if found.windows is None or found.result is None:
        st.title("Whether the hotspots last cannot be said from these months", anchor=False)
        text.caption(subject.caption(frame))
        text.paragraph(found.refusal)
        parts.worked_out("stability")
        return
    result, windows = found.result, found.windows
    st.title(lasting_title(result, subject.subject(frame.selection)), anchor=False)
    more = [] if frame.large else [frame.area_names, subject.source(frame)]
    text.caption(windows.label, f"{len(windows.later)} months each", subject.counted(frame.selection), *more)
    subject.notes(frame, data.table(frame.dataset, frame.selection))
    if frame.large:
        picture, beside = large.finding()
        with picture:
            _shares(frame, result)
        with beside:
            large.say([_stayed(result), *_in_words(frame, found)])
        return
    left, right = st.columns(2, gap="medium")
    with left:
        st.subheader("Share of the later window's count that the list caught", anchor=False)
        _shares(frame, result)
        text.caption(
            f"{_stayed(result)}. The list is the fewest LSOAs that held 25 % of the earlier window.", key="note_lasting"
        )
    with right:
        st.subheader("Place by place", anchor=False)
        st.dataframe(
            _places(frame, found), hide_index=True, row_height=30, height=330, placeholder="",
            column_config={
                "Past windows": st.column_config.TextColumn(
                    help="In how many of the windows of 12 months it was a hotspot, each a month after the one before"
                )
            },
        )  # fmt: skip
    with st.expander("For analysts"):
        text.paragraph("\n".join(_analyst(result)))
    parts.worked_out("stability")


def _shares(frame: Frame, result: Stability) -> None:
    charts.shares(
        {
            f"The {number(result.hotspots)} earlier hotspots": result.caught,
            "Best possible list of that length": result.best,
            "By chance": result.chance,
        },
        frame.theme,
        large=frame.large,
    )


def _stayed(result: Stability) -> str:
    return f"{number(result.still_hotspots)} of the {number(result.hotspots)} are hotspots in the later window too"


def _in_words(frame: Frame, found: Lasting) -> list[str]:
    """The first places of the earlier window and what became of them."""
    first = _places(frame, found).head(_SAID)
    return [f"{row['LSOA']}: {row['Earlier']:,}, then {row['Later']:,}" for _, row in first.iterrows()]


def lasting(dataset: Dataset, selection: Selection) -> Lasting:
    """Two windows of the same months, the latest that can be compared, whatever the chosen period."""
    areas = areas_in(dataset.areas, selection.districts)
    cells, presence = data.cells(dataset, selection), dataset.presence(selection.source)
    own = presence.reindex(index=areas["force"].dropna().unique(), fill_value=False)
    types = data.crime_types(selection)
    try:
        windows = comparable_windows([str(month) for month in own.columns[own.all(axis=0)]])
        earlier = area_counts(cells, areas, presence, windows.earlier, types)["count"]
        later = area_counts(cells, areas, presence, windows.later, types)["count"]
        residents = areas.set_index("lsoa_code")["residents"].reindex(earlier.index)
        result = stability(earlier, later, residents=residents if residents.notna().any() else None)
    except ValueError as error:
        return Lasting(None, None, pd.DataFrame(), None, str(error))
    try:
        rolling = rolling_hotspots(monthly_counts(cells, areas, presence, tuple(presence.columns), types))
    except ValueError:
        rolling = None
    return Lasting(windows, result, pd.DataFrame({"earlier": earlier, "later": later}), rolling)


def _places(frame: Frame, found: Lasting) -> pd.DataFrame:
    counts = found.counts
    ranks = counts.rank(method="min", ascending=False).astype("Int64")
    first = ranks["earlier"].sort_values(kind="stable").index[: found.result.hotspots if found.result else 0]
    table = pd.DataFrame(
        {
            "LSOA": data.places(frame.dataset).reindex(first).to_numpy(),
            "Earlier": counts["earlier"].reindex(first).to_numpy(),
            "Rank": ranks["earlier"].reindex(first).to_numpy(),
            "Later": counts["later"].reindex(first).to_numpy(),
            "Later rank": ranks["later"].reindex(first).to_numpy(),
        }
    )
    if found.rolling is not None:
        rolling = found.rolling.reindex(first)
        table["Past windows"] = [
            "" if pd.isna(times) else f"{times} of {of}"
            for times, of in zip(rolling["hotspot_in"], rolling["windows"], strict=True)
        ]
    return table


def _analyst(result: Stability) -> list[str]:
    lines = [
        f"PAI {result.pai:.1f} and PEI {result.pei:.2f}, by number of LSOAs.",
    ]
    if result.pai_by_residents is not None and result.residents is not None:
        best = f" and PEI {result.pei_by_residents:.2f}" if result.pei_by_residents is not None else ""
        lines.append(
            f"PAI {result.pai_by_residents:.1f}{best}, by residents: the list is home to {percent(result.residents)} of them."
        )
    if result.spearman is not None:
        lines.append(f"Spearman's rank correlation over all {number(result.of_areas)} LSOAs: {result.spearman:.2f}.")
    return [*lines, f"Rank-biased overlap (persistence 0.98): {result.overlap:.2f}."]
