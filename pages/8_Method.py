"""How every figure is worked out, from the registers that the figures themselves use."""

import streamlit as st

from hotspots.methods import load_methods
from pages.shared import data, text
from pages.shared.frame import open_page

frame = open_page("Method", filters=False)
st.title("How every figure is worked out, and what it cannot say", anchor=False)
st.subheader("Definitions of serious violence", anchor=False)
for definition in data.definitions().values():
    with st.expander(text.escaped(definition.name)):
        text.paragraph("\n\n".join([
            f"{definition.published_by}, version {definition.version} of {definition.date:%d %B %Y} "
            f"({definition.published_is}): {definition.published}",
            f"Counted in open data: {', '.join(definition.crime_types)}.",
            *definition.statement,
        ]))  # fmt: skip
st.subheader("Measures, rules and tests", anchor=False)
for method in load_methods().values():
    with st.expander(text.escaped(method.title)):
        text.paragraph("\n\n".join(method.lines()))
