"""What lies over it: deprivation beside what is counted, and the places that are otherwise than it would suggest."""

from dataclasses import replace
from typing import Final

import streamlit as st

from hotspots.selection import RESIDENTS, Measure
from pages.shared import subject, text
from pages.shared.deprivation_views import by_decile, domains, exceptions, index, layers, statutory, together
from pages.shared.frame import open_page

TOGETHER: Final = "Together"
BY_DECILE: Final = "By decile"
LAYERS: Final = "Layers"
DUTY: Final = "Duty's three measures"
VIEWS: Final = {
    TOGETHER: together.show,
    BY_DECILE: by_decile.show,
    "Domains side by side": domains.show,
    "Exceptions": exceptions.show,
    LAYERS: layers.show,
    DUTY: statutory.show,
}
NUMBER: Final = "Number"

frame = open_page("Deprivation", own_measure=True)
which, by = index.IMD, "Rate"
with st.container(horizontal=True):
    view = str(
        st.segmented_control(
            "View", list(VIEWS), default=TOGETHER, required=True, key="deprivation", bind="query-params",
            label_visibility="collapsed",
        )
    )  # fmt: skip
    if view in (TOGETHER, BY_DECILE):
        which = index.choose()
    elif view == LAYERS:
        which = layers.choose(frame)
    if view == TOGETHER:  # the other views give rates, and numbers beside them
        by = str(
            st.segmented_control(
                "Measure on the map", ["Rate", NUMBER], default="Rate", required=True, key="by", bind="query-params",
                label_visibility="collapsed",
            )
        )  # fmt: skip
measure: Measure = "count" if by == NUMBER else "rate"
frame = replace(frame, selection=replace(frame.selection, measure=measure, per=RESIDENTS))
reason = "" if view in (LAYERS, DUTY) else index.nothing(frame)
if reason:
    st.title("Nothing can be set beside deprivation for this choice", anchor=False)
    text.caption(subject.caption(frame))
    text.paragraph(reason)
else:
    VIEWS[view](frame, which)
