"""Generate the fictional county: ``python -m sample_data.generate --out sample_data/published``.

The same seed gives the same files. ``truth.json``, what was planted, is written beside the folder.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

import sample_data as files
from sample_data import (
    areas,
    geography,
    incidents,
    names,
    people,
    places,
    plants,
    police,
    present,
    recorded,
    severity_weights,
)

SEED = 20260115


def generate(out: Path, truth: Path) -> dict[str, Any]:
    """Write the published files into the folder ``out`` and what was planted into the file ``truth``."""
    out.mkdir(parents=True, exist_ok=True)
    draws = [np.random.default_rng([SEED, part]) for part in range(9)]

    county = areas.make_county(draws[0])
    residents = people.residents(county, draws[1])
    deprived = people.deprivation(county, draws[1])

    place = incidents.setting(county, deprived, draws[2])
    yearly = incidents.expected_per_year(place, residents, draws[2])
    plan = plants.choose(county, yearly)
    busiest = yearly[list(incidents.SERIOUS)].sum(axis=1)
    slivers = [int(i) for i in busiest.sort_values().index[-6:] if i not in plan.settled][-3:]
    county, gaps = places.cut_slivers(county, slivers)

    points = pd.concat(
        [
            places.map_points(county, place.central, plan.settled, draws[3]),
            places.seafront(county, incidents.SEASIDE, 3, draws[3]),
            gaps,
            plants.busy_points(county, plan),
        ],
        ignore_index=True,
    )
    points = places.published_points(points)

    yearly = plants.with_busy_points(yearly, plan)
    expected = incidents.expected_per_month(yearly, county, plan.settled, draws[4])
    expected = plants.with_trends(expected, plan)
    drawn = plants.with_peak(incidents.draw(expected, draws[4]), expected, plan, draws[4])
    counts, intervention = plants.intervene(drawn, expected, plan, draws[4])

    located = police.located(counts, points, draws[5])
    street = police.street_rows(county, located, points, draws[5])
    railway = police.railway_rows(county, plan.settled, draws[6])
    _write_police(out / files.POLICE, street, railway, points, draws[7])
    extract = recorded.extract_rows(county, street, draws[8])
    recorded.write_extract(out / files.EXTRACT, extract)
    _write_boundaries(out / files.BOUNDARIES, county)
    crime = np.log(yearly.sum(axis=1).to_numpy())
    table = people.deprivation_table(county, deprived, (crime - crime.mean()) / crime.std(), draws[1])
    _write_csv(out / files.DEPRIVATION, table)
    _write_tables(out, county, residents)
    # A generator of its own, so that what was drawn before stays as it was.
    later = np.random.default_rng([SEED, len(draws)])
    _write_csv(out / files.WORKDAY, present.workday(county, residents, place.central, later))
    _write_csv(out / files.AGES, present.single_years(county, residents, place.central, later))
    _write_csv(out / files.WEIGHTS, severity_weights.table())

    planted = {
        "county": files.AREA_NAME,
        "seed": SEED,
        "rows": _account(street, railway, points["kind"].to_numpy()[located["point"]]),
        **plants.truth(county, plan, expected, counts, intervention),
        "extract": {"file": files.EXTRACT, **recorded.truth(extract)},
    }
    truth.write_text(json.dumps(planted, indent=2) + "\n", encoding="utf-8", newline="\n")
    return planted


def _account(street: pd.DataFrame, railway: pd.DataFrame, kind: np.ndarray) -> dict[str, int]:
    """How many rows there are, and how many of them the polygons do not hold, by the reason."""
    pier = int((kind == "pier").sum())
    return {
        "street": len(street),
        "british_transport_police": len(railway),
        "no_location": int((street["Location"] == "No Location").sum()),
        "outside_area": int(street["LSOA name"].str.startswith("Marlshire").sum()) + pier,
        "within_25_metres": int(np.isin(kind, ["seafront", "sliver"]).sum()),
    }


def _write_csv(path: Path, frame: pd.DataFrame) -> None:
    frame.to_csv(path, index=False, lineterminator="\n", encoding="utf-8")


def _write_police(
    path: Path, street: pd.DataFrame, railway: pd.DataFrame, points: pd.DataFrame, rng: np.random.Generator
) -> None:
    members = {}
    for month in incidents.MONTHS:
        for slug, rows in ((names.SLUG, street), ("btp", railway)):
            members[f"{month}/{month}-{slug}-street.csv"] = rows[rows["Month"] == month]
    for month in incidents.MONTHS[-2:]:
        in_month = street[street["Month"] == month]
        members[f"{month}/{month}-{names.SLUG}-outcomes.csv"] = police.outcomes_file(in_month)
    search = police.stop_and_search_file(points, incidents.MONTHS[-1], rng)
    members[f"{incidents.MONTHS[-1]}/{incidents.MONTHS[-1]}-{names.SLUG}-stop-and-search.csv"] = search
    police.write_archive(path, members)


def _write_boundaries(path: Path, county: geography.County) -> None:
    """One feature a line, WGS84, six decimals."""
    degrees = shapely.transform(county.polygons, geography.to_degrees)
    head = {
        "type": "FeatureCollection",
        "name": path.stem,
        "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}},
    }
    features = [
        json.dumps(
            {
                "type": "Feature",
                "properties": {"LSOA21CD": code, "LSOA21NM": name},
                "geometry": shapely.geometry.mapping(polygon),
            }
        )
        for code, name, polygon in zip(county.lsoas["code"], county.lsoas["name"], degrees, strict=True)
    ]
    text = json.dumps(head)[:-1] + ', "features": [\n' + ",\n".join(features) + "\n]}\n"
    path.write_text(text, encoding="utf-8", newline="\n")


def _write_tables(out: Path, county: geography.County, residents: np.ndarray) -> None:
    lsoas = county.lsoas
    _write_csv(
        out / files.POPULATION,
        pd.DataFrame(
            {
                "date": 2021,
                "geography": lsoas["name"],
                "geography code": lsoas["code"],
                "Residence type: Total; measures: Value": residents,
            }
        ),
    )
    columns = {"name": "LSOA21NM", "code": "LSOA21CD", "ward": "WD24NM", "ward_code": "WD24CD",
               "district": "LAD24NM", "district_code": "LAD24CD"}  # fmt: skip
    wards = lsoas.rename(columns=columns)[list(columns.values())]
    _write_csv(out / files.WARDS, wards)
    districts = wards[["LAD24CD", "LAD24NM"]].drop_duplicates().sort_values("LAD24CD")
    districts["CSP24CD"] = districts["LAD24CD"].str.replace("E079", "E229")
    districts["CSP24NM"] = districts["LAD24NM"]
    districts["PFA24CD"], districts["PFA24NM"] = "E23900001", files.AREA_NAME
    _write_csv(out / files.DISTRICTS, districts)
    _write_csv(out / files.RURAL_URBAN, people.rural_urban(county))
    _write_csv(out / files.NAMES, lsoas[["code", "place"]].set_axis(["LSOA21CD", "name"], axis=1))


def main() -> None:
    """Parse the command line and generate."""
    parser = argparse.ArgumentParser(description="Generate the fictional county in the published formats.")
    parser.add_argument("--out", type=Path, default=files.PUBLISHED, help="folder for the published files")
    out: Path = parser.parse_args().out
    planted = generate(out, out.parent / files.TRUTH.name)
    print(f"{planted['county']}: {sum(planted['rows'].values()):,} police rows in {out}")


if __name__ == "__main__":
    main()
