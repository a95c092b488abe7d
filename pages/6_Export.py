"""Take the hotspot list away: as a spreadsheet table and as a map layer, the same rows as on the Concentration page."""

import streamlit as st

from hotspots.export import file_name, hotspot_list, to_csv_bytes, to_geojson_bytes
from hotspots.narrative import number
from pages.shared import data, locations, subject, text
from pages.shared.frame import open_page

frame = open_page("Export")
chosen = frame.selection
sure = data.certainty(frame.dataset, chosen)
table = data.table(frame.dataset, chosen).join(sure.ranks)
hotspots_only = st.session_state.get("only_hotspots", False)
here = locations.narrowed(frame, table)
rows = here[here["hotspot"]] if hotspots_only else here
manifest = frame.dataset.manifest
listed = hotspot_list(
    rows, definition=subject.counted(chosen), period=chosen.period, source=chosen.source, marking=frame.dataset.marking,
    dataset_hash=frame.dataset.hash, ranked_by=chosen.measure, share_of=frame.area_names,
    denominator=subject.denominator(frame), weights=subject.weights(frame),
    residents_source=str((manifest["population"] or {}).get("kind", "")),
    imd_year=str((manifest["deprivation"] or {}).get("year", "")),
    dispersion=None if chosen.measure == "severity" else sure.dispersion,
)  # fmt: skip
reason = subject.empty_state(frame, table)
st.title(
    "Nothing can be ranked for this choice" if reason else f"{number(len(listed))} LSOAs, ranked, to take away",
    anchor=False,
)
text.caption(subject.caption(frame))
subject.notes(frame, table, locations.narrowing(frame))
if reason:
    text.paragraph(reason)
    st.stop()
st.toggle(f"Only the {number(here['hotspot'].sum())} hotspots", key="only_hotspots")
kind = "hotspots" if hotspots_only else "ranked-lsoas"
where = frame.location.name if frame.location else frame.area_names
files = st.container(horizontal=True)
what = {"counted": subject.counted_in_a_name(chosen), "measure": subject.measure_in_a_name(frame)}
csv, geojson = (file_name(where, kind, chosen.period, ending, **what) for ending in ("csv", "geojson"))
files.download_button("Download as CSV", lambda: to_csv_bytes(listed), csv, "text/csv", on_click="ignore")
files.download_button(
    "Download as GeoJSON", lambda: to_geojson_bytes(listed, frame.dataset.areas), geojson, "application/geo+json",
    on_click="ignore",
)  # fmt: skip
st.dataframe(listed, hide_index=True, height=430, row_height=28)
text.caption(
    "CSV for spreadsheets: text that could be taken for a formula starts with an apostrophe. GeoJSON for map programs: the "
    "boundaries in longitude and latitude. Each row carries its definition, period, source, marking and the dataset's hash, whose "
    "residents and which year's deciles it holds, what its intervals cover and the rule for hotspots.",
    key="note_files",
)
