"""The names that frames, files and reasons carry: one place, no logic."""

import re
from typing import Final

LSOA_CODE: Final = re.compile(r"[A-Z][0-9]{8}")
MONTH: Final = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")  # street-level data begin in December 2010

POLICE_UK: Final = "police.uk"  # the open street files
EXTRACT: Final = "extract"  # a force's own incident extract, in the canonical columns

BRITISH_GRID: Final = 27700
WGS84: Final = 4326

ASB: Final = "Anti-social behaviour"

# data.police.uk, "About": the categories of street-level data, in the order of the published list.
CRIME_TYPES: Final = (
    ASB,
    "Bicycle theft",
    "Burglary",
    "Criminal damage and arson",
    "Drugs",
    "Other crime",
    "Other theft",
    "Possession of weapons",
    "Public order",
    "Robbery",
    "Shoplifting",
    "Theft from the person",
    "Vehicle crime",
    "Violence and sexual offences",
)

# The columns of a dataset's frames. Counts hold non-zero cells only, one source at a time, never summed over sources.
COUNTS: Final = ("lsoa_code", "month", "crime_type", "force", "source", "count")
INCIDENTS: Final = (
    "incident_id", "crime_id", "force", "source", "month", "crime_type", "lsoa_code", "joined_by",
    "recorded_lsoa_code", "longitude", "latitude", "location", "outcome",
)  # fmt: skip
FLAGS: Final = (
    "flag_domestic_abuse", "flag_hate", "flag_knife", "flag_alcohol", "flag_drugs", "flag_county_lines", "flag_under_25",
    "flag_public_space",
)  # fmt: skip
# What the incidents of a dataset carry besides, where an extract was read; null = not recorded.
OF_EXTRACT: Final = ("date", "hour", "offence_code", *FLAGS)

# A column of areas.parquet that holds what rates can be per beside residents, such as per_workday_population.
DENOMINATOR_PREFIX: Final = "per_"

# Why a row was not joined. First match wins, in this order, so that each row ends in exactly one place.
REJECT_REASONS: Final = {
    "repeated_crime_id": "an earlier row has the same Crime ID; an offence is counted once, in its first month",
    "invalid_month": (
        "the month is missing or is not written as YYYY-MM (in an extract: the date, as YYYY-MM-DD), or is not the month "
        "of its file"
    ),
    "no_crime_type": "the crime type is empty",
    "no_location": "no coordinates were published for it",
    "invalid_coordinates": "the coordinates are not numbers, not finite, or not a place on earth",
    "outside_area": "the point lies more than 25 m outside every boundary",
}
