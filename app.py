"""Overview: the area, the period, the headlines, and where to look next. Run: streamlit run app.py"""

from pages.shared import overview
from pages.shared.frame import open_page

frame = open_page("Overview")
table = overview.ranked(frame)
overview.heading(frame, table)
if frame.large:
    overview.in_large(frame, table)
else:
    overview.headlines(frame, table)
    overview.series(frame)
    overview.where_next(frame, table)
    overview.vintages(frame)
