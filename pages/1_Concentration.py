"""Where it concentrates, by how much, how sure that is, whether it lasts, and what else lies there."""

from typing import Final

import streamlit as st

from pages.shared import data, subject, text
from pages.shared.frame import open_page
from pages.shared.views import (
    better_or_worse,
    crime_groups,
    definitions_compared,
    how_concentrated,
    how_sure,
    where,
    will_it_last,
    with_asb,
)  # fmt: skip

VIEWS: Final = {
    "Where": where.show,
    "How sure": how_sure.show,
    "How concentrated": how_concentrated.show,
    "Will it last": will_it_last.show,
    "Better or worse": better_or_worse.show,
    "With ASB": with_asb.show,
    "Crime groups": crime_groups.show,
    "Definitions": definitions_compared.show,
}

frame = open_page("Concentration")
view = st.segmented_control(
    "View", list(VIEWS), default="Where", required=True, key="view", bind="query-params", label_visibility="collapsed"
)
reason = subject.empty_state(frame, data.table(frame.dataset, frame.selection))
if reason:
    st.title("Nothing can be ranked for this choice", anchor=False)
    text.caption(subject.caption(frame))
    text.paragraph(reason)
else:
    VIEWS[str(view)](frame)
