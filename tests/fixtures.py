"""Small files in the formats that publishers use, and a 3 x 3 grid of areas whose answers can be checked by hand.

The grid, south-west corner at 600 km east and 300 km north, one square to a kilometre::

    7   8  |9      a sliver 20 m wide runs between the second and the third column
    4   5  |6
    1   2  |3

Corners and middles of edges are vertices, placed on coordinates that six decimals of a degree express exactly, as
data.police.uk writes them: a point given by ``at`` on one of them lies on the border to the last bit.
"""

import csv
import hashlib
import io
import json
import os
import sys
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyproj
import shapely

from geodata.inputs import KINDS, Inputs

EAST, NORTH = 600_000, 300_000
SIDE, SLIVER = 1_000, 20
WESTS = (0, SIDE, 2 * SIDE + SLIVER)
SOUTHS = (0, SIDE, 2 * SIDE)
CODES = tuple(f"E0100010{number}" for number in range(1, 10))
NAMES = (
    "Eastham 001A", "Eastham 001B", "Eastham 001C",
    "Eastham 002A", "Eastham 002B", "Eastham 002C",
    "Westham 001A", "Westham 001B", "Westham 001C",
)  # fmt: skip
DISTRICTS = {"Eastham": "E07000901", "Westham": "E07000902"}

STREET_HEADER = (
    "Crime ID", "Month", "Reported by", "Falls within", "Longitude", "Latitude", "Location", "LSOA code", "LSOA name",
    "Crime type", "Last outcome category", "Context",
)  # fmt: skip
EXTRACT_HEADER = (
    "date", "hour", "longitude", "latitude", "crime_type", "offence_code", "flag_domestic_abuse", "flag_hate", "flag_knife",
    "flag_alcohol", "flag_drugs", "flag_county_lines", "flag_under_25", "flag_public_space",
)  # fmt: skip
RANKED = (
    "Index of Multiple Deprivation (IMD)", "Income", "Employment", "Education, Skills and Training",
    "Health Deprivation and Disability", "Crime", "Barriers to Housing and Services", "Living Environment",
)  # fmt: skip
SCORES = {"Income": "Income Score (rate)", "Employment": "Employment Score (rate)"}

# A file name that no publisher gives, and how a message shows it; only some file systems allow all of it.
ODD_NAME = "=1+1{{7*7}}" + ("" if os.name == "nt" else "<b>\n\x1b[31m") + ("\udcff" if sys.platform == "linux" else "")
ODD_TEXT = ODD_NAME.replace("\udcff", "?")
ODD_SHOWN = ODD_TEXT.replace("\n", "\\n").replace("\x1b", "\\x1b")

_TO_DEGREES = pyproj.Transformer.from_crs(27700, 4326, always_xy=True)
_TO_METRES = pyproj.Transformer.from_crs(4326, 27700, always_xy=True)


def at(east: float, north: float) -> tuple[str, str]:
    """Longitude and latitude, six decimals, of a place so many metres east and north of the grid's corner."""
    longitude, latitude = _TO_DEGREES.transform(EAST + east, NORTH + north)
    return f"{longitude:.6f}", f"{latitude:.6f}"


def metres(longitude: str, latitude: str) -> tuple[float, float]:
    """EPSG:27700 of a place given as text."""
    east, north = _TO_METRES.transform(float(longitude), float(latitude))
    return east, north


def square(west: float, south: float) -> shapely.Polygon:
    """A square of one kilometre with its eight vertices on coordinates that six decimals express."""
    half = SIDE / 2
    steps = ((0, 0), (1, 0), (2, 0), (2, 1), (2, 2), (1, 2), (0, 2), (0, 1))
    return shapely.Polygon([metres(*at(west + x * half, south + y * half)) for x, y in steps])


def grid(vintage: int = 2021) -> gpd.GeoDataFrame:
    """The grid as ONS publishes boundaries: LSOA21CD, LSOA21NM, geometry in EPSG:27700."""
    short = vintage % 100
    shapes = [square(west, south) for south in SOUTHS for west in WESTS]
    return gpd.GeoDataFrame({f"LSOA{short}CD": CODES, f"LSOA{short}NM": NAMES}, geometry=shapes, crs=27700)


def areas(frame: gpd.GeoDataFrame | None = None) -> gpd.GeoDataFrame:
    """The grid as the join takes it: lsoa_code, geometry."""
    plain = grid() if frame is None else frame
    return plain.rename(columns={"LSOA21CD": "lsoa_code", "LSOA21NM": "lsoa_name"})


def write_boundaries(path: Path, frame: gpd.GeoDataFrame, crs: int | None = None) -> Path:
    """``frame`` as GeoJSON, GeoPackage or zipped Shapefile, by the ending of ``path``."""
    shown = frame.to_crs(crs) if crs else frame
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".zip":
        folder = path.with_suffix("")
        folder.mkdir()
        shown.to_file(folder / f"{path.stem}.shp")
        return write_zip(path, {part.name: part.read_bytes() for part in sorted(folder.iterdir())})
    shown.to_file(path, driver={".geojson": "GeoJSON", ".gpkg": "GPKG"}[path.suffix])
    return path


def geojson(features: Sequence[tuple[Mapping[str, Any], Any]], crs: str | None = None) -> str:
    """A FeatureCollection of (properties, geometry as a mapping or None); ``crs`` as ``EPSG:27700``."""
    member = {"crs": {"type": "name", "properties": {"name": crs}}} if crs else {}
    every = [{"type": "Feature", "properties": dict(said), "geometry": shape} for said, shape in features]
    return json.dumps({"type": "FeatureCollection", **member, "features": every})


def incident(east: float | None = None, north: float | None = None, **said: str) -> dict[str, str]:
    """One row of a street file so many metres into the grid (None = no location); ``said`` by published header,
    spaces as underscores.
    """
    longitude, latitude = at(east, north) if east is not None and north is not None else ("", "")
    row = dict.fromkeys(STREET_HEADER, "") | {
        "Month": "2025-01",
        "Reported by": "Norfolk Constabulary",
        "Falls within": "Norfolk Constabulary",
        "Longitude": longitude,
        "Latitude": latitude,
        "Location": "On or near Test Street",
        "Crime type": "Robbery",
        "Last outcome category": "Under investigation",
    }
    return row | {name.replace("_", " "): value for name, value in said.items()}


def table(rows: Iterable[Mapping[str, Any]], header: Sequence[str] | None = None) -> str:
    """CSV text of ``rows``; the header is that of the first row unless given."""
    rows = list(rows)
    text = io.StringIO()
    writer = csv.DictWriter(text, header or list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def street_csv(rows: Iterable[Mapping[str, str]]) -> str:
    """The text of a street file."""
    return table(rows, STREET_HEADER)


def recorded(east: float | None = None, north: float | None = None, **said: str) -> dict[str, str]:
    """One row of a force's own extract so many metres into the grid (None = no location)."""
    longitude, latitude = at(east, north) if east is not None and north is not None else ("", "")
    row = dict.fromkeys(EXTRACT_HEADER, "") | {
        "date": "2025-01-07",
        "hour": "23",
        "longitude": longitude,
        "latitude": latitude,
        "crime_type": "Robbery",
        "offence_code": "34B",
        "flag_knife": "true",
        "flag_hate": "false",
    }
    return row | said


def extract_csv(rows: Iterable[Mapping[str, str]], header: Sequence[str] = EXTRACT_HEADER) -> str:
    """The text of a force's own extract."""
    return table(rows, header)


def write(path: Path, text: str | bytes) -> Path:
    """Write a file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode("utf-8") if isinstance(text, str) else text)
    return path


def write_zip(path: Path, members: Mapping[str, str | bytes]) -> Path:
    """A ZIP archive with fixed time stamps."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return path


def deprivation_csv(
    year: int, ranks: Mapping[str, int], scores: bool = False, people: Mapping[str, int] | None = None
) -> str:
    """File 7 of the Indices of Deprivation: one rank per LSOA, the same in every domain."""
    vintage, districts, national = (2011, 2019, 32_844) if year == 2019 else (2021, 2024, 33_755)
    rows = []
    for code, rank in ranks.items():
        row: dict[str, Any] = {
            f"LSOA code ({vintage})": code,
            f"LSOA name ({vintage})": f"Testham {code[-4:]}",
            f"Local Authority District code ({districts})": "E07000901",
            f"Local Authority District name ({districts})": "Eastham",
        }
        for title in RANKED:
            if scores:
                row[SCORES.get(title, f"{title} Score")] = round(100 - rank / 400, 3)
            row[f"{title} Rank (where 1 is most deprived)"] = rank
            row[f"{title} Decile (where 1 is most deprived 10% of LSOAs)"] = -(-rank * 10 // national)
        if people:
            row["Total population: mid 2015 (excluding prisoners)"] = people[code]
        rows.append(row)
    return table(rows)


def ts001_csv(residents: Mapping[str, int]) -> str:
    """Census 2021 TS001 as Nomis offers it."""
    return table(
        {
            "date": 2021,
            "geography": f"Testham {code}",
            "geography code": code,
            "Residence type: Total; measures: Value": n,
        }
        for code, n in residents.items()
    )


def mid_year_csv(residents: Mapping[str, int], code: str = "LSOA 2021 Code", total: str = "Total") -> str:
    """A mid-year estimate by LSOA, its first ages only."""
    return table(
        {code: key, "LSOA Name": f"Testham {key}", total: f"{n:,}", "F0": 1, "M0": 2} for key, n in residents.items()
    )


def denominator_csv(numbers: Mapping[str, Any], header: str = "Workday population", code: str = "LSOA21CD") -> str:
    """A table of one number by LSOA."""
    return table({code: key, "LSOA21NM": f"Testham {key}", header: number} for key, number in numbers.items())


def exact_fit_csv(links: Iterable[tuple[str, str, str]]) -> str:
    """ONS LSOA (2011) to LSOA (2021) exact fit: (2011 code, 2021 code, U, S, M or X)."""
    return table(
        {"LSOA11CD": old, "LSOA11NM": old, "LSOA21CD": new, "LSOA21NM": new, "CHGIND": change, "LAD22CD": "E07000901"}
        for old, new, change in links
    )


def wards_csv() -> str:
    """LSOA (2021) to ward and district (2024) for the grid: one ward to a row of squares."""
    wards = ("Harbour", "Market", "Priory")
    return table(
        {
            "LSOA21NM": name, "LSOA21CD": code, "WD24NM": wards[place // 3], "WD24CD": f"E0500000{place // 3}",
            "LAD24NM": name.split()[0], "LAD24CD": DISTRICTS[name.split()[0]],
        }
        for place, (code, name) in enumerate(zip(CODES, NAMES, strict=True))
    )  # fmt: skip


def districts_csv(eastham: Sequence[str] = ("Eastham",), force: str = "Norfolk") -> str:
    """District to CSP and police force area; ``eastham`` are the partnerships of that district."""
    return table(
        {
            "LAD24CD": DISTRICTS[district], "LAD24NM": district, "CSP24CD": "E22000001", "CSP24NM": csp,
            "PFA24CD": "E23000024", "PFA24NM": force,
        }
        for district, partnerships in (("Eastham", eastham), ("Westham", ("Westham",)))
        for csp in partnerships
    )  # fmt: skip


def rural_urban_csv() -> str:
    """Rural-urban classification of the grid."""
    return table(
        {"LSOA21CD": code, "RUC21CD": "UN1", "RUC21NM": "Urban: Nearer to a major town or city"} for code in CODES
    )


# What becomes of each row of the small county: 12 read, 8 joined, 2 of them to the nearest.
COUNTY_ROWS = (
    incident(500, 500, Crime_ID="a1", LSOA_code=CODES[0]),
    incident(500, 500, Crime_type="Anti-social behaviour"),
    incident(500, 500, Crime_type="Anti-social behaviour"),
    incident(1000, 500, Crime_ID="a2", LSOA_code=CODES[1]),  # on the border of 1 and 2: 1
    incident(1000, 1000, Crime_ID="a3", LSOA_code=CODES[4]),  # the corner of 1, 2, 4 and 5: 1
    incident(2005, 500, Crime_ID="a4", LSOA_code="E01999999"),  # in the sliver, 5 m from 2: 2
    incident(2500, 2980, Crime_ID="a5", Month="2025-02"),
    incident(2500, 3020, Crime_ID="a6", Month="2025-02"),  # 20 m beyond the grid: 9
    incident(2500, 3030, Crime_ID="a7", Month="2025-02"),  # 30 m beyond it
    incident(None, None, Crime_ID="a8", Month="2025-02"),
    incident(500, 500, Crime_ID="a1", Month="2025-02"),  # the first row again, a month later
    incident(500, 500, Crime_ID="a9", Month="2025-02", Crime_type=""),
)


def county(folder: Path, rows: Sequence[Mapping[str, str]] = COUNTY_ROWS) -> Inputs:
    """The grid with every kind of file, incidents in one CSV."""
    residents = {code: 1_000 + 100 * place for place, code in enumerate(CODES)}
    ranks = {code: 1 + 4_000 * place for place, code in enumerate(CODES)}
    names = table([{"LSOA21CD": CODES[0], "name": "The Quay"}])
    return Inputs(
        boundaries=(write_boundaries(folder / "LSOA_2021.gpkg", grid()),),
        police=(write(folder / "police.csv", street_csv(rows)),),
        deprivation=(write(folder / "IoD2025_File_7.csv", deprivation_csv(2025, ranks, scores=True)),),
        population=(write(folder / "census2021-ts001-lsoa.csv", ts001_csv(residents)),),
        lookup=(
            write(folder / "wards.csv", wards_csv()),
            write(folder / "districts.csv", districts_csv()),
            write(folder / "ruc.csv", rural_urban_csv()),
        ),
        names=(write(folder / "names.csv", names),),
    )


def arguments(inputs: Inputs, out: Path) -> list[str]:
    """The command line of a build of ``inputs``."""
    words = ["build", "--out", str(out)]
    for kind in KINDS:
        if getattr(inputs, kind):
            words += [f"--{kind}", *map(str, getattr(inputs, kind))]
    return words


def hashes(folder: Path) -> dict[str, str]:
    """SHA-256 of every file below ``folder``."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def assert_plain(sentence: str) -> str:
    """``sentence``, if it is one: a single printable line that says what was found and what to do."""
    assert sentence.isprintable(), repr(sentence)
    assert "Traceback" not in sentence
    assert sentence.endswith(".")
    assert 30 < len(sentence) < 700, sentence
    return sentence
