"""The police forces of data.police.uk: how a file, a row and a lookup each name them, and which border on which."""

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path

import pandas as pd

TRANSPORT_POLICE = "btp"


@cache
def _forces() -> pd.DataFrame:
    table = pd.read_csv(Path(__file__).with_name("forces.csv"), dtype="str", keep_default_na=False)
    return table.set_index("slug")


@lru_cache(maxsize=1024)
def slug_of(name: str) -> str:
    """The data.police.uk slug of a force, from a 'Reported by' name or a police force area; made from the name if
    unknown.
    """
    wanted = _plain(name)
    for column in ("reported_by", "police_force_area"):
        known = _forces()[column].map(_plain)
        if wanted and (known == wanted).any():
            return str(known.index[known == wanted][0])
    return re.sub(r"[^a-z0-9]+", "-", wanted).strip("-") or "unknown"


def name_of(slug: str) -> str:
    """The force's published name; the slug in words where it is not in the list."""
    known = _forces()["reported_by"]
    return str(known[slug]) if slug in known.index else slug.replace("-", " ").title()


def absent_along_border(territorial: Iterable[str], loaded: Iterable[str]) -> list[str]:
    """Forces whose incidents may lie inside the area but whose files were not loaded: neighbours and British
    Transport Police.

    Slugs, sorted; an unknown territorial force has no known neighbours.
    """
    neighbours = _forces()["neighbours"].str.split()
    around = {n for slug in territorial if slug in neighbours.index for n in neighbours[slug]}
    return sorted((around | {TRANSPORT_POLICE}) - set(territorial) - set(loaded))


def _plain(name: str) -> str:
    return re.sub(r"\s+", " ", name.lower().replace("&", "and").replace("(fictional)", "")).strip()
