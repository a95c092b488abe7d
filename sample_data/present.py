"""Who is there beside those who live there: the workday population, and residents by single year of age."""

import numpy as np
import pandas as pd

from sample_data.geography import County, Floats, Ints

AGES = 91  # 0 to 89, and 90 and over
_AT_HOME = (0.42, 0.62)  # of the residents, on a working day
_AWAY = 0.47  # of the residents leave for a place of work or study in the county


def workday(county: County, residents: Ints, central: Floats, rng: np.random.Generator) -> pd.DataFrame:
    """The workday population as Nomis offers it: those who stay at home, and those who work there.

    ``central`` is how much of a town centre an LSOA is (mean 0, standard deviation 1): most work is in a few of them.
    """
    stay = residents * rng.uniform(*_AT_HOME, len(residents))
    pull = (0.25 + np.clip(central, 0, None)) * rng.lognormal(-0.18, 0.6, len(residents))
    work = _AWAY * residents.sum() * pull / pull.sum()
    return pd.DataFrame(
        {
            "date": 2021,
            "geography": county.lsoas["name"],
            "geography code": county.lsoas["code"],
            "Sex: All persons; measures: Value": np.round(stay + work).astype(np.int64),
        }
    )


def single_years(county: County, residents: Ints, central: Floats, rng: np.random.Generator) -> pd.DataFrame:
    """Residents by sex and single year of age, as ONS publishes its mid-year estimates of small areas."""
    age = np.arange(AGES)
    usual = np.where(age < 55, 1.0, np.clip(1.25 - (age - 55) / 45, 0.05, 1.0))
    usual[-1] = 0.35
    students = np.exp(-(((age - 20.5) / 2.2) ** 2))
    young = np.clip(0.25 + 0.55 * central + 0.5 * rng.normal(size=len(residents)), 0, None)
    old = np.exp(0.006 * rng.normal(size=len(residents))[:, None] * (age - 40))
    weight = usual * old + young[:, None] * students
    share = weight / weight.sum(axis=1, keepdims=True)
    # a year and a half after the census a few more live there
    people = np.round(residents * rng.normal(1.008, 0.01, len(residents))).astype(np.int64)
    of_age = np.array([rng.multinomial(n, p) for n, p in zip(people, share, strict=True)])
    women = rng.binomial(of_age, 0.507)
    lsoas = county.lsoas
    columns = {"LAD 2021 Code": lsoas["district_code"], "LAD 2021 Name": lsoas["district"],
               "LSOA 2021 Code": lsoas["code"], "LSOA 2021 Name": lsoas["name"], "Total": people}  # fmt: skip
    columns |= {f"F{n}": women[:, n] for n in range(AGES)} | {f"M{n}": (of_age - women)[:, n] for n in range(AGES)}
    return pd.DataFrame(columns)
