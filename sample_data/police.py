"""The police archive in its published layout: street files of two forces, and files that a build passes over."""

import io
import zipfile
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from sample_data import names, places
from sample_data.geography import County, Ints, to_degrees
from sample_data.incidents import ASB, MONTHS, SERIOUS, TYPES

BTP = "British Transport Police"
STATION_TOWNS = ("Wendminster", "Sallowmouth", "Haverstow", "Quillbury", "Merehaven", "Dunnowby")
HEADER = [
    "Crime ID", "Month", "Reported by", "Falls within", "Longitude", "Latitude", "Location", "LSOA code",
    "LSOA name", "Crime type", "Last outcome category", "Context",
]  # fmt: skip
NO_LOCATION = 0.0205  # of all rows but ASB, where it is a tenth of that
OUTSIDE = 0.0092  # of all rows

_NO_SUSPECT, _UNABLE = "Investigation complete; no suspect identified", "Unable to prosecute suspect"
_OPEN = "Under investigation"
# Last outcome, per cent of a crime type, in round numbers.
_THEFT = {_NO_SUSPECT: 60, _UNABLE: 27, "Court result unavailable": 5, "Awaiting court outcome": 4,
          "Local resolution": 2, "Offender given a caution": 2}  # fmt: skip
_OUTCOMES = {
    "Violence and sexual offences": {
        _UNABLE: 69, _NO_SUSPECT: 9, "Court result unavailable": 7, "Local resolution": 4,
        "Action to be taken by another organisation": 5, "Awaiting court outcome": 4,
        "Offender given a caution": 1, "Further action is not in the public interest": 1},
    "Drugs": {"Local resolution": 33, "Court result unavailable": 28, _UNABLE: 14, "Awaiting court outcome": 10,
              "Offender given a caution": 10, _NO_SUSPECT: 5},
    "Shoplifting": {_NO_SUSPECT: 30, "Court result unavailable": 25, _UNABLE: 25, "Awaiting court outcome": 9,
                    "Local resolution": 6, "Suspect charged as part of another case": 5},
    "Criminal damage and arson": {_NO_SUSPECT: 48, _UNABLE: 37, "Court result unavailable": 6,
                                  "Local resolution": 5, "Awaiting court outcome": 4},
    "Public order": {_UNABLE: 59, _NO_SUSPECT: 16, "Court result unavailable": 10, "Local resolution": 8,
                     "Awaiting court outcome": 5, "Offender given a caution": 2},
    "Possession of weapons": {_UNABLE: 47, "Court result unavailable": 22, "Awaiting court outcome": 13,
                              "Local resolution": 6, _NO_SUSPECT: 6, "Offender given a caution": 6},
    "Robbery": {_UNABLE: 47, _NO_SUSPECT: 29, "Court result unavailable": 14, "Awaiting court outcome": 10},
    "Other crime": {_UNABLE: 48, _NO_SUSPECT: 14, "Further investigation is not in the public interest": 14,
                    "Court result unavailable": 12, "Awaiting court outcome": 7, "Local resolution": 5},
}  # fmt: skip


def located(counts: Ints, points: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """One row per incident: crime_type, month and point (row of ``points``), drawn by the pull of the points."""
    frames = []
    lsoa_of_point = points["lsoa"].to_numpy()
    for t, name in enumerate(TYPES):
        lsoa, month = (np.repeat(axis, counts[t].ravel()) for axis in map(np.ravel, np.indices(counts[t].shape)))
        total = np.concatenate([[0.0], np.cumsum(places.pulls(points, name, name in SERIOUS))])
        low = total[np.searchsorted(lsoa_of_point, lsoa, side="left")]
        high = total[np.searchsorted(lsoa_of_point, lsoa, side="right")]
        at = np.searchsorted(total, low + rng.random(len(lsoa)) * (high - low), side="right") - 1
        frames.append(pd.DataFrame({"crime_type": t, "month": month, "point": at}))
    return pd.concat(frames, ignore_index=True)


def street_rows(county: County, rows: pd.DataFrame, points: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Rows of the territorial force in the published columns: located, without location, and from next door."""
    at = points.loc[rows["point"]].reset_index(drop=True)
    inside = pd.DataFrame(
        {
            "month": rows["month"],
            "crime_type": rows["crime_type"],
            "Longitude": at["longitude"],
            "Latitude": at["latitude"],
            "Location": at["location"],
            "LSOA code": county.lsoas["code"].to_numpy()[at["lsoa"]],
            "LSOA name": county.lsoas["name"].to_numpy()[at["lsoa"]],
        }
    )
    chance = np.where(rows["crime_type"] == TYPES.index(ASB), NO_LOCATION / 10, NO_LOCATION)
    nowhere = inside[rng.random(len(inside)) < chance][["month", "crime_type"]].assign(Location="No Location")

    beyond = places.beyond_the_border(county, 70, rng)
    stamp = np.sort(rng.integers(1, 40, len(beyond)))
    street = [f"On or near {names.street_name(rng, town=False)}" for _ in beyond]
    outside = inside.iloc[rng.permutation(len(inside))[: round(OUTSIDE * len(inside))]][["month", "crime_type"]]
    where = np.minimum(rng.geometric(0.06, len(outside)) - 1, len(beyond) - 1)
    outside = outside.assign(
        Longitude=beyond[where, 0],
        Latitude=beyond[where, 1],
        Location=np.array(street, dtype=object)[where],
        **{
            "LSOA code": [f"E0199{stamp[w]:04d}" for w in where],
            "LSOA name": [f"Marlshire {stamp[w]:03d}A" for w in where],
        },
    )
    return _finished(pd.concat([inside, nowhere, outside], ignore_index=True), names.FORCE, rng)


def railway_rows(county: County, avoided: set[int], rng: np.random.Generator) -> pd.DataFrame:
    """Rows of the British Transport Police: few a month, at the railway stations."""
    stations = []
    for town in STATION_TOWNS:
        lsoas = county.lsoas[(county.lsoas["settlement"] == town) & ~county.lsoas.index.isin(sorted(avoided))]
        i = int((lsoas["distance"] - 0.35).abs().idxmin())
        spot = county.polygons[i].representative_point()
        stations.append((i, to_degrees(np.array([[spot.x + 15, spot.y + 10]]))[0], town))
    busy = np.array([0.42, 0.2, 0.14, 0.1, 0.08, 0.06])
    kinds = {"Violence and sexual offences": 30, "Public order": 20, "Other theft": 15, ASB: 12, "Bicycle theft": 10,
             "Criminal damage and arson": 7, "Theft from the person": 3, "Drugs": 2, "Robbery": 1}  # fmt: skip
    month = np.repeat(np.arange(len(MONTHS)), rng.poisson(9, len(MONTHS)) + 1)
    at = rng.choice(len(stations), size=len(month), p=busy)
    drawn = rng.choice(len(kinds), size=len(month), p=np.array(list(kinds.values())) / 100)
    where = np.array([s[0] for s in stations])[at]
    degrees = np.array([s[1] for s in stations])[at]
    rows = pd.DataFrame(
        {
            "month": month,
            "crime_type": np.array([TYPES.index(k) for k in kinds])[drawn],
            "Longitude": degrees[:, 0],
            "Latitude": degrees[:, 1],
            "Location": [f"On or near {stations[s][2]} (Railway Station)" for s in at],
            "LSOA code": county.lsoas["code"].to_numpy()[where],
            "LSOA name": county.lsoas["name"].to_numpy()[where],
        }
    )
    return _finished(rows, BTP, rng)


def _finished(rows: pd.DataFrame, force: str, rng: np.random.Generator) -> pd.DataFrame:
    """Rows with all published columns, in the published order: by month, by LSOA name, rows without one last."""
    rows = rows.assign(order=rng.random(len(rows)), asb=rows["crime_type"] == TYPES.index(ASB))
    rows = rows.sort_values(["month", "LSOA name", "asb", "order"], ascending=[True, True, False, True])
    digits = rng.bytes(32 * len(rows)).hex()
    crime_id = [digits[64 * i : 64 * i + 64] for i in range(len(rows))]
    rows["Crime ID"] = pd.Series(crime_id, index=rows.index).where(~rows["asb"], "")
    rows["Crime type"] = np.array(TYPES, dtype=object)[rows["crime_type"]]
    rows["Last outcome category"] = _outcomes(rows["crime_type"].to_numpy(), rows["month"].to_numpy(), rng)
    rows["Month"] = np.array(MONTHS, dtype=object)[rows["month"]]
    rows["Reported by"] = rows["Falls within"] = force
    rows["Context"] = ""
    return rows[HEADER].reset_index(drop=True)


def _outcomes(crime_type: Ints, month: Ints, rng: np.random.Generator) -> npt.NDArray[np.object_]:
    out = np.full(len(crime_type), "", dtype=object)
    for t, name in enumerate(TYPES):
        if name == ASB:
            continue
        rows = np.flatnonzero(crime_type == t)
        table = _OUTCOMES.get(name, _THEFT)
        share = np.array(list(table.values()), dtype=float)
        out[rows] = np.array(list(table), dtype=object)[rng.choice(len(table), len(rows), p=share / share.sum())]
    # The latest months are still being worked on.
    still_open = rng.random(len(out)) < np.clip(0.34 - 0.09 * (len(MONTHS) - 1 - month), 0.03, None)
    out[still_open & (crime_type != TYPES.index(ASB))] = _OPEN
    return out


def outcomes_file(street: pd.DataFrame) -> pd.DataFrame:
    """An outcomes file of the archive: another layout, the same crimes once more."""
    known = street[(street["Crime ID"] != "") & (street["Last outcome category"] != _OPEN)].iloc[:400]
    renamed = known.rename(columns={"Last outcome category": "Outcome type"})
    return renamed[[*HEADER[:9], "Outcome type"]]


def stop_and_search_file(points: pd.DataFrame, month: str, rng: np.random.Generator) -> pd.DataFrame:
    """A stop-and-search file of the archive: yet another layout."""
    at = points.iloc[rng.permutation(len(points))[:60]]
    day = np.sort(rng.integers(1, 29, len(at)))
    return pd.DataFrame(
        {
            "Type": "Person search",
            "Date": [
                f"{month}-{d:02d}T{h:02d}:00:00+00:00" for d, h in zip(day, rng.integers(0, 24, len(at)), strict=True)
            ],
            "Part of a policing operation": "False",
            "Policing operation": "",
            "Latitude": at["latitude"].to_numpy(),
            "Longitude": at["longitude"].to_numpy(),
            "Gender": "",
            "Age range": "",
            "Self-defined ethnicity": "",
            "Officer-defined ethnicity": "",
            "Legislation": "Misuse of Drugs Act 1971 (section 23)",
            "Object of search": "Controlled drugs",
            "Outcome": "A no further action disposal",
            "Outcome linked to object of search": "",
            "Removal of more than just outer clothing": "False",
        }
    )


def write_archive(path: Path, members: dict[str, pd.DataFrame]) -> None:
    """Write frames as CSV members of a ZIP, in order of name, with a fixed date, the same bytes every time."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(members):
            text = io.StringIO()
            members[name].to_csv(text, index=False, lineterminator="\n")
            member = zipfile.ZipInfo(name, date_time=(2026, 1, 15, 12, 0, 0))
            member.compress_type, member.create_system, member.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
            archive.writestr(member, text.getvalue(), compresslevel=9)
