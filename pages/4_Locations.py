"""Priority locations: all of them, one in profile, a new one, changes to one."""

from typing import Final

import streamlit as st

from pages.shared import subject
from pages.shared.frame import open_page
from pages.shared.location_views import change, listing, make, profile

VIEWS: Final = {
    "All locations": listing.show,
    "Profile": profile.show,
    "New": make.show,
    "Change": change.show,
}

frame = subject.countable(open_page("Priority locations"))
just_made = st.session_state.pop("just_made", False)
if just_made:
    st.session_state["places"] = "Profile"
view = st.segmented_control(
    "View", list(VIEWS), default="All locations", required=True, key="places", bind="query-params", label_visibility="collapsed"
)  # fmt: skip
st.session_state["by"] = st.session_state.get("by", "")  # kept while a view without the field is shown
VIEWS[str(view)](frame)
