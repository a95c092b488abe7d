"""Invented names: settlements, quarters, villages, streets. None of the districts and towns is a real place."""

from collections.abc import Iterator

import numpy as np

COUNTY = "Wendshire"
FORCE = "Wendshire Constabulary (fictional)"
SLUG = "wendshire"
NEIGHBOUR = "Marlshire (fictional)"

CITY_QUARTERS = (
    "Lanthorn Gate", "Saltergate", "Bellfounders", "Tanners Reach", "Coldharrow", "Minster Close", "Drapers Yard",
    "Osmund Hill", "Weaverlode", "Quarry Lodes", "Pell Wharf", "Easter Fields", "Ludmer Park", "Hallowfield",
    "Old Glebe", "Kiln Meadows", "Fuller Road", "Ropery", "Sessions Green", "Thackley Rise", "Wendside",
    "Orchard Lodes", "Mereholme", "Bishopsale", "Larkhurst", "Ferrers Croft", "Oakmere Lodes", "Gasworks Road",
    "Novers Bank", "Tollgate", "Saxon Rise", "Harrier Heath", "Paddock Holme", "Eastmoor Lane", "Cobden Fields",
    "Abbots Lodes", "Racecourse", "Windpump Hill", "Ninestones Road", "Hospital Lane",
)  # fmt: skip
PORT_QUARTERS = (
    "Custom House", "Gull Road", "Jetty Row", "Herring Market", "Netlofts", "Curlew Bank", "Pilots Hill",
    "Marine Parade", "Ferry Road", "Gantry", "Ballast Quay", "Lighthouse Road", "Cordage Street", "Sailmakers",
    "Saltpans", "Barley Road", "South Sands", "Signal Hill", "Breydale", "Staithe Road", "Victory Fields",
    "Shingle Bank Estate", "Coopers Row", "Harbour Lodes", "Sanctuary Close", "West Parade", "Hythe Cross",
)  # fmt: skip
TOWN_QUARTERS = (
    "Market", "Priory", "Castle", "Northgate", "Eastfield", "Westgate", "Southfield", "Station", "Riverside",
    "Abbey", "Church Hill", "Mill Common", "Heath", "St Wendreth", "Barrack Road", "Highfield",
)  # fmt: skip

_STEMS = (
    "Ablow", "Arkle", "Bessen", "Berrow", "Bickle", "Brenna", "Cald", "Corven", "Crathe", "Cullen", "Dunnel",
    "Edder", "Elsken", "Falla", "Fenner", "Garvel", "Gunnal", "Hespel", "Ickel", "Jessen", "Kelda", "Kettel",
    "Lammer", "Lindle", "Marren", "Mossel", "Nettle", "Olver", "Orle", "Pellen", "Quenna", "Rendle", "Ruddle",
    "Sallen", "Scarle", "Tesken", "Thurle", "Ubber", "Venna", "Wessel", "Whinna", "Yarle",
)  # fmt: skip
_SUFFIXES = ("by", "ham", "wick", "thorpe", "stead", "ley", "field", "mere", "worth", "ingham", "toft", "ton")
_BEFORE = ("Great", "Little", "Upper", "Nether", "St Osmund's", "North", "South")
_AFTER = ("Green", "St Wendreth", "Staithe", "Magna", "Parva", "Heath", "Common")

_STREET_STEMS = (
    "Adelaide", "Alder", "Anchor", "Ash", "Barnard", "Beech", "Bell", "Bessemer", "Blyth", "Bramble", "Brewery",
    "Bridge", "Cedar", "Chapel", "Cherry Tree", "Clover", "Coronation", "Curlew", "Dunlin",
    "Elder", "Farrier", "Field", "Foundry", "Garnet", "Glebe", "Goldfinch", "Granary", "Hawthorn", "Hazel",
    "Heron", "Hollow", "Jubilee", "Kestrel", "Lapwing", "Lark", "Laurel", "Linnet", "Lodge", "Maltings", "Maple",
    "Marl Pit", "Meadow", "Mill", "Nelson", "Nursery", "Oak", "Old Hall", "Orchard", "Osmund", "Paddock", "Park",
    "Pell", "Pightle", "Plover", "Poplar", "Priory", "Queen's", "Rectory", "Rowan", "Royal", "Sandpit", "School",
    "Smithy", "Spinney", "Stanley", "Sycamore", "Teal", "Thistle", "Turnpike", "Vicarage", "Victoria", "Walnut",
    "Warren", "Waterloo", "Wheelwright", "Willow", "Windmill", "Wren", "Yew Tree",
)  # fmt: skip
_TOWN_ENDS = ("Road", "Street", "Close", "Avenue", "Drive", "Way", "Crescent", "Gardens", "Place", "Court", "Grove")
_VILLAGE_ENDS = ("Road", "Lane", "Close", "Loke", "Drift", "Way", "Row", "Green", "Common", "Hill")
_TOWN_STAPLES = ("Station Road", "London Road", "High Street", "Church Street", "Market Place", "Mill Road")
_VILLAGE_STAPLES = ("The Street", "Church Lane", "Mill Lane", "Back Lane", "Low Road", "The Green", "School Road")


def village_names(rng: np.random.Generator) -> Iterator[str]:
    """Village names without end, none of them twice."""
    bare = [stem + suffix for stem in _STEMS for suffix in _SUFFIXES]
    for i in rng.permutation(len(bare)):
        kind = rng.random()
        if kind < 0.14:
            yield f"{_BEFORE[rng.integers(len(_BEFORE))]} {bare[i]}"
        elif kind < 0.22:
            yield f"{bare[i]} {_AFTER[rng.integers(len(_AFTER))]}"
        else:
            yield bare[i]


def street_name(rng: np.random.Generator, town: bool) -> str:
    """One street name, of a town or of a village."""
    staples, ends = (_TOWN_STAPLES, _TOWN_ENDS) if town else (_VILLAGE_STAPLES, _VILLAGE_ENDS)
    if rng.random() < (0.06 if town else 0.3):
        return staples[rng.integers(len(staples))]
    return f"{_STREET_STEMS[rng.integers(len(_STREET_STEMS))]} {ends[rng.integers(len(ends))]}"
