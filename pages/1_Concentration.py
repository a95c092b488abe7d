"""Where it concentrates: the ranked map and table, and one LSOA in detail."""

import streamlit as st

from pages.shared import concentration
from pages.shared.frame import open_page

frame = open_page("Concentration")
table = concentration.ranked(frame)
concentration.heading(frame, table)
if concentration.has_something(frame, table):
    left, right = st.columns(2, gap="small")
    with left:
        concentration.show_map(frame, table)
    with right:
        concentration.show_table(frame, table)
    concentration.show_detail(frame, table)
