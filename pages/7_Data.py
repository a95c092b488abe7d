"""Which data this is, what became of every row, and what is missing."""

from pages.shared import accounting
from pages.shared.frame import open_page

frame = open_page("Data", filters=False)
accounting.heading(frame)
accounting.rows(frame)
accounting.months(frame)
accounting.layers(frame)
accounting.limits(frame)
accounting.files(frame)
