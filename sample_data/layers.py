"""Context layers of the fictional county, each with its description: ``python -m sample_data.layers``.

Made from the published files by a generator of its own, so that nothing else changes.
"""

import argparse
import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer

import sample_data as files
from geodata.columns import BRITISH_GRID, WGS84

SEED = 20260116

_PREMISES: Final = {"on": 0.55, "off": 0.33, "late": 0.12}
_PHASES: Final = {"primary": 0.75, "secondary": 0.25}
_NAMES: Final = ("Anchor", "Bell", "Crown", "Dolphin", "Fleece", "Lamb", "Plough", "Ship", "Star", "Wheatsheaf")
_MONTHS: Final = [f"{year}-{month:02d}" for year in (2023, 2024, 2025) for month in range(1, 13)]
_SUPPRESSED_UP_TO = 4

_HEAD = """\
title = "{title}"
source = "{source} (fictional county)"
date = "{date}"
licence = "{licence}"
marking = "{marking}"
kind = "{kind}"
colour = "{colour}"
"""


def generate(out: Path, published: Path = files.PUBLISHED) -> None:
    """Write every layer into the folder ``out``."""
    out.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(SEED)
    county = _County(published)

    premises = county.points(rng, 260, county.busy**1.6)
    premises.insert(0, "type", rng.choice(list(_PREMISES), len(premises), p=list(_PREMISES.values())))
    premises.insert(0, "premises", [f"The {rng.choice(_NAMES)} {number}" for number in range(1, len(premises) + 1)])
    _csv(out / "licensed-premises.csv", premises.round({"longitude": 6, "latitude": 6}))
    _toml(
        out / "licensed-premises.toml",
        ("Licensed premises", "Licensing register", "2025-09-30", "open", "points", "#d55e00"),
        'name = "premises"\nclass = "type"\n'
        + _classes({"on": "alcohol drunk there", "off": "alcohol taken away", "late": "open after midnight"}),
    )

    schools = county.points(rng, 120, county.residents)
    phase = rng.choice(list(_PHASES), len(schools), p=list(_PHASES.values()))
    said = [
        {"school": f"{place} {one} School", "phase": one} for place, one in zip(schools["place"], phase, strict=True)
    ]
    _geojson(out / "schools.geojson", said, shapely.points(schools[["longitude", "latitude"]].to_numpy().round(6)))
    _toml(
        out / "schools.toml",
        ("Schools", "Register of schools", "2025-09", "open", "points", "#009e73"),
        'name = "school"\nclass = "phase"\n' + _classes({"primary": "ages 4 to 11", "secondary": "ages 11 and over"}),
    )

    stops = county.points(rng, 700, county.residents)
    metres = np.round(county.to_metres(stops[["longitude", "latitude"]].to_numpy())).astype(int)
    _csv(out / "bus-stops.csv", pd.DataFrame({"Easting": metres[:, 0], "Northing": metres[:, 1]}))
    _toml(out / "bus-stops.toml", ("Bus stops", "Register of stops", "2025-12", "open", "points", "#0072b2"), "")

    lsoas = county.lsoas
    treated = lsoas.assign(deprived=county.deprived).groupby(lsoas["LSOA21NM"].str[:-1])["deprived"].mean()
    rate = np.round(4 * np.exp(0.45 * treated + 0.2 * rng.normal(size=len(treated))), 1).astype(str)
    rate[rng.random(len(rate)) < 0.06] = "[c]"
    column = "Adults in treatment per 1,000"
    _csv(out / "substance-misuse-msoa.csv", pd.DataFrame({"MSOA21NM": treated.index, column: rate}))
    _toml(
        out / "substance-misuse-msoa.toml",
        ("Drug and alcohol treatment", "Treatment services", "2025-03", "open", "areas", "#cc79a7"),
        _places("msoa", "MSOA21NM", 2021)
        + _value(
            column, "Adults in treatment", "per 1,000 adults", "adults in treatment for drugs or alcohol in 2024/25"
        ),
    )

    share = np.clip(np.round(9 + 2.2 * county.deprived + rng.normal(0, 1.3, len(lsoas)), 1), 1, None)
    column = "Patients with depression (%)"
    _csv(out / "mental-health-lsoa.csv", pd.DataFrame({"LSOA21CD": lsoas["LSOA21CD"], column: share}))
    _toml(
        out / "mental-health-lsoa.toml",
        ("Depression", "Registers of general practices", "2025-03", "open", "areas", "#56b4e9"),
        _places("lsoa", "LSOA21CD", 2021)
        + _value(column, "Patients with depression", "per cent", "adults on a practice's register of depression"),
    )

    _csv(out / "knife-admissions-monthly.csv", _admissions(county, rng))
    _toml(
        out / "knife-admissions-monthly.toml",
        (
            "Admissions after assault with a sharp object",
            "Hospital trust, small numbers suppressed",
            "2026-01",
            "open",
            "monthly",
            "#e69f00",
        ),
        _places("district", "LAD24CD", 2024)
        + f'month = "Month"\ncount = "Admissions"\nmeasure = "knife-admissions"\nsuppressed_up_to = {_SUPPRESSED_UP_TO}\n',
    )

    centres = county.to_metres(county.middles[np.argsort(-county.busy)[[0, 5, 10]]])
    shapes = shapely.transform(
        shapely.buffer(shapely.points(centres), [450, 380, 300], quad_segs=6), lambda xy: county.to_degrees(xy).round(6)
    )
    said = [{"order": f"Order {number}", "forbids": "alcohol"} for number in (1, 2, 3)]
    _geojson(out / "public-space-protection-orders.geojson", said, shapes)
    _toml(
        out / "public-space-protection-orders.toml",
        ("Public space protection orders", "District councils", "2025-10-01", "open", "polygons", "#999999"),
        'name = "order"\nclass = "forbids"\n' + _classes({"alcohol": "drinking may be stopped there"}),
    )


class _County:
    """What the published files say of each LSOA, in the order of the boundaries."""

    def __init__(self, published: Path) -> None:
        self._degrees = Transformer.from_crs(BRITISH_GRID, WGS84, always_xy=True)
        self._metres = Transformer.from_crs(WGS84, BRITISH_GRID, always_xy=True)
        features = json.loads((published / files.BOUNDARIES).read_text(encoding="utf-8"))["features"]
        self.polygons = np.array([shapely.geometry.shape(one["geometry"]) for one in features])
        self.middles = shapely.get_coordinates(shapely.point_on_surface(self.polygons))
        codes = [one["properties"]["LSOA21CD"] for one in features]
        self.lsoas = pd.read_csv(published / files.WARDS).set_index("LSOA21CD").loc[codes].reset_index()
        names = pd.read_csv(published / files.NAMES).set_index("LSOA21CD")["name"]
        self.names = names.reindex(codes).fillna("County").to_numpy()
        workday = pd.read_csv(published / files.WORKDAY).set_index("geography code").iloc[:, -1]
        people = pd.read_csv(published / files.POPULATION).set_index("geography code").iloc[:, -1]
        self.residents = people.loc[codes].to_numpy(dtype="float64")
        self.busy = workday.loc[codes].to_numpy() / self.residents
        deprivation = pd.read_csv(published / files.DEPRIVATION).set_index("LSOA code (2021)")
        score = -np.log(deprivation["Index of Multiple Deprivation (IMD) Rank (where 1 is most deprived)"].loc[codes])
        self.deprived = ((score - score.mean()) / score.std()).to_numpy()

    def to_degrees(self, xy: np.ndarray) -> np.ndarray:
        """Metres to longitude and latitude."""
        return np.column_stack(self._degrees.transform(xy[:, 0], xy[:, 1]))

    def to_metres(self, xy: np.ndarray) -> np.ndarray:
        """Longitude and latitude to metres."""
        return np.column_stack(self._metres.transform(xy[:, 0], xy[:, 1]))

    def points(self, rng: np.random.Generator, number: int, weight: np.ndarray) -> pd.DataFrame:
        """So many points within LSOAs drawn by weight: place (the LSOA's name), longitude, latitude."""
        chosen = rng.choice(len(weight), number, p=weight / weight.sum())
        found = []
        for one in chosen:
            west, south, east, north = self.polygons[one].bounds
            some = rng.uniform([west, south], [east, north], (60, 2))
            inside = some[shapely.contains_xy(self.polygons[one], some)]
            found.append([*inside, self.middles[one]][0])
        xy = np.array(found)
        return pd.DataFrame({"place": self.names[chosen], "longitude": xy[:, 0], "latitude": xy[:, 1]})


def _admissions(county: _County, rng: np.random.Generator) -> pd.DataFrame:
    """By district and month, small numbers marked; one district's return of three months was never made."""
    people = pd.Series(county.residents).groupby(county.lsoas["LAD24CD"]).sum()
    rows = []
    for place, number in enumerate(people):
        # fell by a quarter in the third year
        expected = [6.0 * number / people.mean() * (0.75 if month >= "2025" else 1.0) for month in _MONTHS]
        counts = rng.poisson(expected)
        rows += [
            (people.index[place], month, "*" if 0 < count <= _SUPPRESSED_UP_TO else count)
            for month, count in zip(_MONTHS, counts, strict=True)
            if not (place == 1 and "2024-06" <= month <= "2024-08")
        ]
    return pd.DataFrame(rows, columns=["LAD24CD", "Month", "Admissions"])


def _csv(path: Path, frame: pd.DataFrame) -> None:
    frame.drop(columns="place", errors="ignore").to_csv(path, index=False, lineterminator="\n", encoding="utf-8")


def _geojson(path: Path, said: list[dict[str, Any]], shapes: np.ndarray) -> None:
    features = [
        json.dumps({"type": "Feature", "properties": one, "geometry": shapely.geometry.mapping(shape)})
        for one, shape in zip(said, shapes, strict=True)
    ]
    text = '{"type": "FeatureCollection", "features": [\n' + ",\n".join(features) + "\n]}\n"
    path.write_text(text, encoding="utf-8", newline="\n")


def _toml(path: Path, head: tuple[str, ...], rest: str) -> None:
    keys = ("title", "source", "date", "marking", "kind", "colour")
    said = dict(zip(keys, head, strict=True))
    licence = "Open Government Licence v3.0" if said["marking"] == "open" else "information sharing agreement"
    text = _HEAD.format(licence=licence, **said) + rest
    path.write_text(text, encoding="utf-8", newline="\n")


def _classes(means: dict[str, str]) -> str:
    return "".join(f'\n[[classes]]\nvalue = "{value}"\nmeans = "{text}"\n' for value, text in means.items())


def _places(level: str, code: str, vintage: int) -> str:
    return f'level = "{level}"\nvintage = {vintage}\ncode = "{code}"\n'


def _value(column: str, title: str, unit: str, counts: str) -> str:
    return f'\n[[values]]\ncolumn = "{column}"\ntitle = "{title}"\nunit = "{unit}"\ncounts = "{counts}"\n'


def main() -> None:
    """Parse the command line and generate."""
    parser = argparse.ArgumentParser(description="Generate the context layers of the fictional county.")
    parser.add_argument("--out", type=Path, default=files.LAYERS, help="folder for the layers")
    generate(parser.parse_args().out)


if __name__ == "__main__":
    main()
