"""Expected incidents by LSOA, month and crime type, and the counts drawn from them."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import ndtri
from scipy.stats import rankdata

from sample_data.geography import SETTLEMENTS, County, Floats, Ints
from sample_data.people import remoteness, smooth

MONTHS = [f"{year}-{month:02d}" for year in (2023, 2024, 2025) for month in range(1, 13)]
ROWS_PER_YEAR = 32_900  # inside the county, 2025: half of Norfolk's
YEAR_LEVEL = (0.98, 1.03, 1.0)
SEASIDE = ("Sallowmouth", "Merehaven", "Sandlewick")
ASB = "Anti-social behaviour"
SERIOUS = ("Violence and sexual offences", "Robbery", "Possession of weapons")


class Kind(NamedTuple):
    """A crime type: its share of all rows, what it follows, how unequal it is (sigma, tail), its dispersion."""

    share: float
    deprived: float
    central: float
    urban: float
    retail: float
    own: float
    sigma: float
    tail: float
    dispersion: float


KINDS = {
    "Violence and sexual offences": Kind(0.4169, 0.51, 0.50, 0.20, 0.00, 0.50, 0.80, 0.19, 1.66),
    ASB: Kind(0.1291, 0.34, 0.52, 0.25, 0.05, 0.56, 0.93, 0.23, 1.22),
    "Criminal damage and arson": Kind(0.0904, 0.52, 0.34, 0.20, 0.05, 0.55, 0.72, 0.14, 1.45),
    "Shoplifting": Kind(0.0881, 0.05, 0.45, 0.20, 1.00, 0.45, 1.85, 0.05, 2.60),
    "Public order": Kind(0.0694, 0.42, 0.54, 0.22, 0.08, 0.50, 0.89, 0.18, 1.55),
    "Other theft": Kind(0.0618, 0.25, 0.52, 0.20, 0.30, 0.50, 0.78, 0.13, 1.50),
    "Other crime": Kind(0.0296, 0.40, 0.38, 0.10, 0.00, 0.60, 0.74, 0.48, 1.50),
    "Burglary": Kind(0.0288, 0.30, 0.25, 0.15, 0.10, 0.75, 0.65, 0.03, 1.35),
    "Drugs": Kind(0.0264, 0.42, 0.55, 0.20, 0.05, 0.50, 1.12, 0.24, 1.40),
    "Vehicle crime": Kind(0.0235, 0.25, 0.20, 0.25, 0.10, 0.75, 0.72, 0.02, 1.40),
    "Possession of weapons": Kind(0.0119, 0.42, 0.52, 0.25, 0.05, 0.45, 0.90, 0.22, 1.05),
    "Bicycle theft": Kind(0.0118, 0.10, 0.60, 0.55, 0.10, 0.50, 1.45, 0.05, 1.10),
    "Robbery": Kind(0.0066, 0.45, 0.65, 0.40, 0.10, 0.40, 1.42, 0.18, 1.05),
    "Theft from the person": Kind(0.0058, 0.10, 0.85, 0.35, 0.25, 0.35, 1.70, 0.10, 1.05),
}
TYPES = tuple(KINDS)
# Relative level by calendar month, after Norfolk's 2025, smoothed.
_SEASON = {
    ASB: (0.86, 0.88, 1.04, 1.09, 1.13, 1.14, 1.20, 1.14, 0.97, 0.95, 0.81, 0.79),
    "Shoplifting": (1.04, 1.01, 1.06, 1.02, 0.98, 0.95, 0.93, 1.00, 1.02, 1.06, 1.06, 0.87),
    "Violence and sexual offences": (0.94, 0.86, 0.97, 0.97, 1.06, 1.06, 1.15, 1.06, 1.03, 1.03, 0.94, 0.93),
}
_OTHERS = (0.97, 0.90, 1.01, 0.98, 1.03, 1.05, 1.06, 1.04, 1.01, 1.02, 0.98, 0.95)


class Setting(NamedTuple):
    """What incidents follow, one value per LSOA, each with mean 0 and standard deviation 1."""

    deprived: Floats
    central: Floats
    urban: Floats
    retail: Floats
    shared: Floats


def setting(county: County, deprived: Floats, rng: np.random.Generator) -> Setting:
    """Town centres, town and country, shops, and what makes a place troubled for no known reason."""
    lsoas = county.lsoas
    size = lsoas["settlement"].map({t.name: t.lsoas for t in SETTLEMENTS}).fillna(2).to_numpy()
    in_town = (lsoas["settlement"] != "").to_numpy()
    near = np.where(in_town, np.exp(-((lsoas["distance"].to_numpy() / 0.30) ** 2)), 0.0)
    central = size**0.8 * near + 0.25 * rng.random(len(lsoas))
    shops = 0.8 * _standard(central) + 2.2 * (rng.random(len(lsoas)) < 0.10) + 0.5 * rng.normal(size=len(lsoas))
    troubled = smooth(county, rng.normal(size=len(lsoas)), rounds=1) + 1.5 * rng.normal(size=len(lsoas))
    urban = -remoteness(county)
    return Setting(deprived, _standard(central), urban, _standard(shops), _standard(troubled))


def _standard(values: Floats) -> Floats:
    return (values - values.mean()) / values.std()


def expected_per_year(place: Setting, residents: Ints, rng: np.random.Generator) -> pd.DataFrame:
    """Expected incidents a year at the level of 2025: one row per LSOA, one column per crime type.

    Places are ordered by what the type follows; the size of the k-th is that of a lognormal with a heavier tail.
    """
    people = _standard(np.log(residents))
    out = {}
    for name, kind in KINDS.items():
        latent = (
            kind.deprived * place.deprived
            + kind.central * place.central
            + kind.urban * place.urban
            + kind.retail * place.retail
            + kind.own * (0.90 * place.shared + 0.42 * rng.normal(size=len(people)))
            + 0.15 * people
        )
        z = ndtri((rankdata(latent) - 0.5) / len(latent))
        size = np.exp(kind.sigma * z + kind.tail * np.clip(z - 1.3, 0, None) ** 2)
        out[name] = kind.share * ROWS_PER_YEAR * size / size.sum()
    return pd.DataFrame(out)


def expected_per_month(yearly: pd.DataFrame, county: County, settled: set[int], rng: np.random.Generator) -> Floats:
    """Expected incidents by type, LSOA and month: level of the year, season, and a slow drift of each LSOA.

    The LSOAs in ``settled`` do not drift, so that what is planted in them is all that changes there.
    """
    lsoas, years = len(yearly), len(MONTHS) // 12
    season = np.array([_SEASON.get(t, _OTHERS) for t in TYPES])
    season = season / season.mean(axis=1, keepdims=True)
    level = np.repeat(YEAR_LEVEL, 12)
    month = np.arange(len(MONTHS))
    seaside = county.lsoas["settlement"].isin(SEASIDE).to_numpy()
    summer = 1 + 0.18 * seaside[:, None] * np.cos(2 * np.pi * (month - 6.5) / 12)
    walk = np.cumsum(rng.normal(0, 0.12, (lsoas, years)), axis=1)
    walk -= walk.mean(axis=1, keepdims=True)
    walk[sorted(settled)] = 0
    drift = np.exp([np.interp(month, np.arange(years) * 12 + 5.5, w) for w in walk])
    base = yearly.to_numpy().T[:, :, None] / 12
    return base * np.tile(season, years)[:, None, :] * (level * summer * drift)[None]


def draw(expected: Floats, rng: np.random.Generator, types: Sequence[str] = TYPES) -> Ints:
    """Counts with variance = dispersion x mean: negative binomial, type by type along the first axis."""
    counts = np.empty(expected.shape, dtype=np.int64)
    for i, name in enumerate(types):
        dispersion = KINDS[name].dispersion
        size = np.maximum(expected[i], 1e-12) / (dispersion - 1)
        counts[i] = rng.negative_binomial(size, 1 / dispersion)
    return counts
