"""Who lives there: residents, deprivation and its seven domains, the rural urban class."""

from typing import NamedTuple

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree
from scipy.special import ndtr

from sample_data.geography import ORIGIN, SETTLEMENTS, County, Floats, Ints

NATIONAL_LSOAS = 33_755  # in the English Indices of Deprivation 2025


class Domain(NamedTuple):
    """One domain: how it hangs together with what is drawn below, and the national score at given ranks."""

    header: str
    score_header: str
    weight: float  # in the IMD, per cent
    common: float  # loading on general deprivation
    rural: float  # loading on remoteness
    own: float  # size of what is the domain's own
    mean: float  # of the national position in standard deviations, positive = more deprived
    spread: float
    scores: tuple[float, ...]  # at SCORE_RANKS


SCORE_RANKS = (1, 400, 1700, 4000, 8000, 12000, 16000, 20000, 24000, 28000, 31000, 33000, NATIONAL_LSOAS)
DOMAINS = (
    Domain("Income", "Income Score (rate)", 22.5, 0.93, -0.06, 0.32, 0.02, 0.72,
           (0.90, 0.66, 0.53, 0.44, 0.334, 0.255, 0.194, 0.151, 0.115, 0.085, 0.056, 0.033, 0.010)),
    Domain("Employment", "Employment Score (rate)", 22.5, 0.94, -0.06, 0.28, 0.12, 0.68,
           (0.60, 0.40, 0.31, 0.245, 0.184, 0.144, 0.115, 0.093, 0.0755, 0.060, 0.044, 0.028, 0.005)),
    Domain("Education, Skills and Training", "Education, Skills and Training Score", 13.5, 0.85, 0.05, 0.50,
           0.35, 0.85, (98.0, 76.0, 59.0, 46.0, 32.2, 24.0, 17.7, 12.8, 8.7, 5.2, 2.7, 0.85, 0.01)),
    Domain("Health Deprivation and Disability", "Health Deprivation and Disability Score", 13.5, 0.88, -0.10,
           0.42, 0.05, 0.68, (3.3, 2.0, 1.48, 1.08, 0.65, 0.31, 0.028, -0.243, -0.52, -0.845, -1.22, -1.72, -3.3)),
    Domain("Crime", "Crime Score", 9.3, 0.70, -0.30, 0.45, -0.35, 0.95,
           (3.2, 1.95, 1.42, 1.01, 0.62, 0.327, 0.055, -0.222, -0.505, -0.83, -1.17, -1.63, -3.3)),
    Domain("Barriers to Housing and Services", "Barriers to Housing and Services Score", 9.3, 0.25, 0.70, 0.70,
           0.30, 1.05, (72.0, 51.0, 41.5, 34.9, 28.2, 24.0, 20.8, 17.9, 15.1, 12.0, 9.0, 5.6, 0.5)),
    Domain("Living Environment", "Living Environment Score", 9.3, 0.35, 0.40, 0.80,
           0.15, 1.0, (92.0, 66.0, 52.5, 43.0, 32.6, 25.1, 19.0, 14.0, 9.8, 6.2, 3.6, 1.3, 0.02)),
)  # fmt: skip


def residents(county: County, rng: np.random.Generator) -> Ints:
    """Usual residents: LSOAs are made to hold 1,000 to 3,000, most of them under 2,400."""
    drawn = 1000 + 660 * rng.gamma(4.4, 1 / 4.4, len(county.lsoas))
    return np.clip(np.round(drawn), 1003, 3200).astype(np.int64)


def smooth(county: County, values: Floats, near: int = 7, rounds: int = 2) -> Floats:
    """Values spread over the nearest LSOAs, back at mean 0 and standard deviation 1."""
    around = cKDTree(county.lsoas[["x", "y"]]).query(county.lsoas[["x", "y"]], k=near)[1]
    for _ in range(rounds):
        values = values[around].mean(axis=1)
    return (values - values.mean()) / values.std()


def deprivation(county: County, rng: np.random.Generator) -> Floats:
    """General deprivation, mean 0 and standard deviation 1: by town, by quarter, and each LSOA's own part."""
    lsoas = county.lsoas
    town = lsoas["settlement"].map({t.name: t.deprivation for t in SETTLEMENTS}).fillna(-0.45).to_numpy()
    inner = np.where(lsoas["settlement"] != "", 0.5 - 0.9 * lsoas["distance"].clip(0, 1), 0.0)
    quarter = smooth(county, rng.normal(size=len(lsoas)), near=6)
    own = rng.normal(size=len(lsoas))
    total = town + inner + 0.75 * quarter + 0.42 * own
    return (total - total.mean()) / total.std()


def remoteness(county: County) -> Floats:
    """Distance from the nearest town, from 0 in its centre, mean 0 and standard deviation 1."""
    lsoas = county.lsoas
    far = np.log1p(lsoas["distance"].to_numpy()) + 0.8 * (lsoas["settlement"] == "")
    return ((far - far.mean()) / far.std()).to_numpy()


def deprivation_table(county: County, general: Floats, crime: Floats, rng: np.random.Generator) -> pd.DataFrame:
    """The published File 7: national ranks, deciles and scores of the IMD and its seven domains.

    The IMD score is built from the domain ranks as the technical report of the Indices does. ``crime`` is the
    expected level of offences (mean 0, standard deviation 1), which the crime domain follows in part.
    """
    lsoas = county.lsoas
    table = pd.DataFrame(
        {
            "LSOA code (2021)": lsoas["code"],
            "LSOA name (2021)": lsoas["name"],
            "Local Authority District code (2024)": lsoas["district_code"],
            "Local Authority District name (2024)": lsoas["district"],
        }
    )
    remote = remoteness(county)
    imd = np.zeros(len(lsoas))
    columns: dict[str, Floats | Ints] = {}
    for domain in DOMAINS:
        own = smooth(county, rng.normal(size=len(lsoas)), rounds=1) + rng.normal(size=len(lsoas))
        latent = domain.common * general + domain.rural * remote + domain.own * own / np.sqrt(2)
        if domain.header == "Crime":
            latent += 0.30 * crime
        latent = (latent - latent.mean()) / latent.std()
        rank = _distinct(NATIONAL_LSOAS * ndtr(-domain.mean - domain.spread * latent))
        imd += domain.weight / 100 * _transformed(rank)
        columns |= _columns(domain.header, domain.score_header, rank, domain.scores)
    # National IMD scores at SCORE_RANKS, most deprived first.
    national = (92.0, 66.5, 52.5, 42.3, 30.6, 23.7, 18.4, 14.35, 10.8, 7.55, 4.9, 2.7, 0.4)
    rank = _distinct(np.interp(-imd, -np.array(national), SCORE_RANKS))
    header = "Index of Multiple Deprivation (IMD)"
    first = _columns(header, f"{header} Score", rank, national)
    first[f"{header} Score"] = np.round(imd, 3)
    return pd.concat([table, pd.DataFrame(first | columns)], axis=1)


def _transformed(rank: Ints) -> Floats:
    """The exponential transformation of a domain rank: X = -23 ln(1 - R(1 - exp(-100/23)))."""
    r = 1 - (rank - 1) / NATIONAL_LSOAS
    return -23 * np.log(1 - r * (1 - np.exp(-100 / 23)))


def _distinct(rank: Floats) -> Ints:
    """Whole ranks in the same order without ties, within the national range."""
    order = np.argsort(rank, kind="stable")
    up = np.clip(np.ceil(rank[order]), 1, NATIONAL_LSOAS).astype(np.int64)
    up = np.maximum.accumulate(up - np.arange(len(up))) + np.arange(len(up))
    up = np.minimum(up, NATIONAL_LSOAS - np.arange(len(up))[::-1])
    out = np.empty_like(up)
    out[order] = up
    return out


def _columns(header: str, score_header: str, rank: Ints, scores: tuple[float, ...]) -> dict[str, Floats | Ints]:
    return {
        score_header: np.round(np.interp(rank, SCORE_RANKS, scores), 3),
        f"{header} Rank (where 1 is most deprived)": rank,
        f"{header} Decile (where 1 is most deprived 10% of LSOAs)": np.ceil(rank * 10 / NATIONAL_LSOAS).astype(int),
    }


def rural_urban(county: County) -> pd.DataFrame:
    """The Rural Urban Classification 2021, by settlement and by distance from the city."""
    lsoas = county.lsoas
    city = next(t for t in SETTLEMENTS if t.name == "Wendminster")
    from_city = np.hypot(lsoas["x"] - ORIGIN[0] - 1000 * city.x, lsoas["y"] - ORIGIN[1] - 1000 * city.y)
    nearer = np.where(from_city < 17_000, "N", "F")
    lsoas_of = {t.name: t.lsoas for t in SETTLEMENTS}
    size = lsoas["settlement"].map(lsoas_of).fillna(0)
    compact = shapely.area(county.polygons) < 5_000_000
    kind = np.select([size >= 12, (size > 0) | compact], ["U", "RL"], "RS")
    words = {"U": "Urban", "RL": "Larger rural", "RS": "Smaller rural", "N": "Nearer to", "F": "Further from"}
    return pd.DataFrame(
        {
            "LSOA21CD": lsoas["code"],
            "RUC21CD": [f"{k}{n}1" for k, n in zip(kind, nearer, strict=True)],
            "RUC21NM": [f"{words[k]}: {words[n]} a major town or city" for k, n in zip(kind, nearer, strict=True)],
            "Urban_rural_flag": np.where(kind == "U", "Urban", "Rural"),
        }
    )
