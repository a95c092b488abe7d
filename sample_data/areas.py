"""What the land is divided into: districts, wards and places, with their codes and names."""

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from sample_data import names
from sample_data.geography import ORIGIN, SETTLEMENTS, County, Floats, Ints, draw_land

# District: centre in kilometres. Wendminster is its own town alone; elsewhere the nearest centre decides.
DISTRICTS = {
    "Hethermarsh": (48.0, 42.0),
    "Sallowmouth": (68.0, 20.0),
    "Thornwold": (11.0, 29.0),
    "Vale of Sallow": (36.0, 14.0),
    "Wendminster": (38.0, 25.5),
}


def make_county(rng: np.random.Generator) -> County:
    """Draw the land and give it districts, wards, places, codes and names."""
    land = draw_land(rng)
    centre, group, polygons = land.centre, land.settlement, land.polygons
    frame = pd.DataFrame({"x": centre[:, 0], "y": centre[:, 1]})
    frame["settlement"] = [SETTLEMENTS[g].name if g >= 0 else "" for g in group]
    towns = ORIGIN + 1000 * np.array([[t.x, t.y] for t in SETTLEMENTS])
    radius = 1000 * np.array([t.radius for t in SETTLEMENTS])
    apart = np.hypot(*(centre[:, None] - towns).transpose(2, 0, 1)) / radius
    frame["distance"] = np.where(group >= 0, apart[np.arange(len(group)), group], apart.min(axis=1))
    frame["district"] = _districts(frame)
    frame["place_number"], frame["ward_number"], frame["msoa"] = _areas(frame)
    frame["place"], frame["ward"] = _place_names(frame, rng)

    order = frame.sort_values(["district", "msoa", "y", "x"], ascending=[True, True, False, True]).index
    frame, polygons = frame.loc[order].reset_index(drop=True), polygons[order]
    letter = frame.groupby(["district", "msoa"]).cumcount()
    frame["code"] = [f"E019{i + 1:05d}" for i in range(len(frame))]
    frame["name"] = [
        f"{d} {m:03d}{chr(65 + n)}" for d, m, n in zip(frame["district"], frame["msoa"], letter, strict=True)
    ]
    frame["district_code"] = "E079" + (frame["district"].rank(method="dense").astype(int)).map("{:05d}".format)
    wards = frame[["district", "ward"]].drop_duplicates().sort_values(["district", "ward"])
    wards["ward_code"] = [f"E059{i + 1:05d}" for i in range(len(wards))]
    frame = frame.merge(wards, on=["district", "ward"], how="left", validate="many_to_one")
    return County(frame.drop(columns=["place_number", "ward_number"]), polygons, land.outline)


def _districts(frame: pd.DataFrame) -> list[str]:
    """District of each LSOA; a town lies in one district whole."""
    others = [d for d in DISTRICTS if d != "Wendminster"]
    centres = ORIGIN + 1000 * np.array([DISTRICTS[d] for d in others])
    nearest = cKDTree(centres).query(frame[["x", "y"]])[1]
    chosen = np.array(others, dtype=object)[nearest]
    for town in SETTLEMENTS:
        inside = frame["settlement"] == town.name
        home = others[int(cKDTree(centres).query(ORIGIN + 1000 * np.array([town.x, town.y]))[1])]
        chosen[inside] = "Wendminster" if town.name == "Wendminster" else home
    return list(chosen)


def _split(points: Floats, k: int) -> Ints:
    """Group number of each point: k compact groups of equal size, by halving across the longer side."""
    label = np.zeros(len(points), dtype=np.int64)
    if k > 1:
        axis = int(np.argmax(np.ptp(points, axis=0)))
        order = np.argsort(points[:, axis], kind="stable")
        cut = round(len(points) * (k // 2) / k)
        low, high = order[:cut], order[cut:]
        label[low] = _split(points[low], k // 2)
        label[high] = k // 2 + _split(points[high], k - k // 2)
    return label


def _areas(frame: pd.DataFrame) -> tuple[Ints, Ints, Ints]:
    """Place, ward and MSOA numbers: LSOAs make places, places of a district make wards; MSOAs run from north."""
    place, ward, msoa = (np.zeros(len(frame), dtype=np.int64) for _ in range(3))
    xy = frame[["x", "y"]].to_numpy()
    next_place = next_ward = 0
    for (_, town), rows in frame.groupby(["district", "settlement"]).indices.items():
        place[rows] = next_place + _split(xy[rows], max(1, round(len(rows) / (2.5 if town else 1.7))))
        centres = frame.iloc[rows].groupby(place[rows])[["x", "y"]].mean()
        k = max(1, round(len(rows) / (6.0 if len(rows) > 60 and town else 4.5)))
        of_place = _split(centres.to_numpy(), min(k, len(centres)))
        ward[rows] = next_ward + of_place[np.searchsorted(centres.index, place[rows])]
        next_place, next_ward = int(place[rows].max()) + 1, int(ward[rows].max()) + 1
    for _, rows in frame.groupby("district").indices.items():
        part = _split(xy[rows], round(len(rows) / 4.6))
        north = pd.Series(xy[rows, 1]).groupby(part).mean().rank(ascending=False).astype(int)
        msoa[rows] = north.to_numpy()[part]
    return place, ward, msoa


def _place_names(frame: pd.DataFrame, rng: np.random.Generator) -> tuple[list[str], list[str]]:
    villages = names.village_names(rng)
    place: dict[int, str] = {}
    for town, rows in frame.groupby("settlement"):
        centre = rows.groupby("place_number")["distance"].mean().sort_values()
        quarters = {"Wendminster": names.CITY_QUARTERS, "Sallowmouth": names.PORT_QUARTERS}.get(str(town))
        for i, number in enumerate(centre.index):
            if not town:
                place[number] = next(villages)
            elif quarters:
                place[number] = quarters[i]
            else:
                place[number] = f"{town} {names.TOWN_QUARTERS[i]}"
    ward: dict[int, str] = {}
    for number, rows in frame.groupby("ward_number"):
        inside = rows["place_number"].value_counts(sort=False)
        biggest = [place[n] for n in inside.sort_values(ascending=False, kind="stable").index[:2]]
        pair = len(biggest) == 2 and not rows["settlement"].iloc[0] and rng.random() < 0.4
        ward[number] = " & ".join(biggest) if pair else biggest[0]
    return [place[n] for n in frame["place_number"]], [ward[n] for n in frame["ward_number"]]
