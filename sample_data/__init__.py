"""A fictional county in the files that publishers offer: where they are, and which build option takes which."""

from pathlib import Path

AREA_NAME = "Wendshire (fictional)"
PUBLISHED = Path(__file__).resolve().parent / "published"
TRUTH = Path(__file__).resolve().parent / "truth.json"

BOUNDARIES = "LSOA_2021_boundaries_WGS84.geojson"
POLICE = "police-wendshire-2023-01_2025-12.zip"
DEPRIVATION = "IoD2025_File_7_all_ranks_deciles_scores.csv"
POPULATION = "census2021-ts001-lsoa.csv"
WORKDAY = "workday-population-2021-lsoa.csv"
AGES = "mid-2022-population-estimates-lsoa21-single-year-of-age.csv"
WARDS = "LSOA_2021_to_ward_2024_to_LAD_2024_lookup.csv"
DISTRICTS = "LAD_2024_to_CSP_2024_to_PFA_2024_lookup.csv"
RURAL_URBAN = "Rural_Urban_Classification_2021_LSOA.csv"
NAMES = "area-names.csv"
EXTRACT = "wendshire-incidents-2025.parquet"
LAYERS = PUBLISHED.with_name("published_layers")
WEIGHTS = "made-up-severity-weights.csv"


def inputs(folder: Path = PUBLISHED) -> dict[str, list[Path]]:
    """The published files of the county by the name of the ``geodata build`` option that takes them."""
    return {
        "boundaries": [folder / BOUNDARIES],
        "police": [folder / POLICE],
        "deprivation": [folder / DEPRIVATION],
        "population": [folder / POPULATION],
        "denominator": [folder / WORKDAY, folder / AGES],
        "lookup": [folder / WARDS, folder / DISTRICTS, folder / RURAL_URBAN],
        "names": [folder / NAMES],
        "layers": sorted(LAYERS.iterdir()),
    }


def extract(folder: Path = PUBLISHED) -> list[Path]:
    """The fictional force's own extract, for ``geodata build --incidents``; not among ``inputs``, which are open data."""
    return [folder / EXTRACT]


def weights(folder: Path = PUBLISHED) -> list[Path]:
    """Severity weights for the codes of the extract, made up, for ``geodata build --weights``."""
    return [folder / WEIGHTS]
