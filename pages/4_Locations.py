"""Priority locations: all of them, one in profile, a new one, changes to one."""

from dataclasses import replace
from typing import Final

import streamlit as st

from hotspots.register import RegisterError
from pages.shared import subject, text
from pages.shared.frame import open_page
from pages.shared.location_views import change, listing, make, profile

PROFILE: Final = "Profile"
VIEWS: Final = {
    "All locations": listing.show,
    PROFILE: profile.show,
    "New": make.show,
    "Change": change.show,
}

frame = subject.countable(open_page("Priority locations"))
whole = replace(frame, selection=replace(frame.selection, districts=()))  # a location is set against the whole area
just_made = st.session_state.pop("just_made", False)
if just_made:
    st.session_state["places"] = PROFILE
with st.container(horizontal=True):
    view = st.segmented_control(
        "View", list(VIEWS), default="All locations", required=True, key="places", bind="query-params", label_visibility="collapsed"
    )  # fmt: skip
    if frame.large and view == PROFILE:
        profile.ask()
st.session_state["by"] = st.session_state.get("by", "")  # kept while a view without the field is shown
if view != "Change":
    st.session_state.pop("base", None)  # the form opens on what is saved by then
try:
    VIEWS[str(view)](frame if view == "New" else whole)
except RegisterError as error:
    text.paragraph(str(error))
