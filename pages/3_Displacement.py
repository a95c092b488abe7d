"""Did it move? A location before and after something was done, against places like it."""

from typing import Final

import streamlit as st

from pages.shared import text
from pages.shared.displacement_views import all_locations, did_it_move, month_by_month, settings, what_changed
from pages.shared.displacement_views.case import examined, nothing
from pages.shared.frame import open_page

ALL: Final = "All locations"
VIEWS: Final = {
    all_locations.OPENS: did_it_move.show,
    "Month by month": month_by_month.show,
    "What changed where": what_changed.show,
}

frame = open_page("Displacement")
view = str(
    st.segmented_control(
        "View", [*VIEWS, ALL], default=all_locations.OPENS, required=True, key="move", bind="query-params",
        label_visibility="collapsed",
    )
)  # fmt: skip
reason = nothing(frame, of_all=view == ALL)
shown, below = st.container(), st.container()  # the choices are read first and stand last
if reason:
    with shown:
        st.title("Did it move? Nothing is chosen to compare yet", anchor=False)
        text.paragraph(reason)
        st.page_link("pages/4_Locations.py", label="Priority locations")
elif view == ALL or frame.location is None:
    with below:
        chosen = settings.ask(frame, None)
    with shown:
        all_locations.show(frame, chosen)
else:
    with below:
        chosen = settings.ask(frame, frame.location)
        if not frame.large:
            text.caption(
                "How hot neighbourhoods came and went: page Concentration, “Better or worse”.", key="note_emerging"
            )
    with shown:
        VIEWS[view](examined(frame, frame.location, chosen))
