"""What GDAL may open: told in a fresh process, since the list is read when pyogrio is first imported."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from geodata.gdal_limits import ALLOWED, SKIPPED
from tests.fixtures import CODES, NAMES, grid, write, write_boundaries

PROJECT = Path(__file__).parents[1]


def python(code: str, *words: str) -> str:
    fresh = {name: value for name, value in os.environ.items() if name != "GDAL_SKIP"}
    done = subprocess.run(
        [sys.executable, "-c", code, *words],
        cwd=PROJECT,
        env=fresh,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout.strip()


def test_after_geodata_only_the_four_boundary_formats_are_left() -> None:
    said = python("import geodata, pyogrio, json; print(json.dumps(sorted(pyogrio.list_drivers())))")
    assert set(json.loads(said)) == set(ALLOWED)
    assert set(ALLOWED) == {"ESRI Shapefile", "FlatGeobuf", "GPKG", "GeoJSON"}


def test_every_driver_of_this_gdal_is_either_allowed_or_skipped() -> None:
    every = set(json.loads(python("import pyogrio, json; print(json.dumps(list(pyogrio.list_drivers())))")))
    assert every - set(ALLOWED) - set(SKIPPED) == set()
    assert every & set(SKIPPED), "without geodata the skipped drivers are there, so the test can tell"


def test_importing_any_module_of_geodata_is_enough() -> None:
    said = python("from geodata.join import join_points; import pyogrio; print(len(pyogrio.list_drivers()))")
    assert said == "4"


def hostile(folder: Path) -> dict[str, Path]:
    secret = write_boundaries(folder / "secret.geojson", grid(), 4326)
    fields = "".join(f'<Field name="{name}" src="{name}"/>' for name in ("LSOA21CD", "LSOA21NM"))
    vrt = (
        f'<OGRVRTDataSource><OGRVRTLayer name="secret"><SrcDataSource>{secret}</SrcDataSource>{fields}'
        "</OGRVRTLayer></OGRVRTDataSource>"
    )
    command = {"type": "gdal_streamed_alg", "command_line": f"gdal vector read {secret}"}
    rows = "\n".join(f"{code},{name}" for code, name in zip(CODES, NAMES, strict=True))
    return {
        "VRT": write(folder / "vrt.geojson", vrt),
        "VRT named GPKG": write(folder / "vrt.gpkg", vrt),
        "GDALG": write(folder / "gdalg.geojson", json.dumps(command)),
        "GDALG that says FeatureCollection": write(
            folder / "gdalg2.geojson", json.dumps(command | {"name": "FeatureCollection", "features": []})
        ),
        "CSV": write(folder / "csv.geojson", f"LSOA21CD,LSOA21NM\n{rows}\n"),
        "an address": write(folder / "address.geojson", "http://127.0.0.1:9/x.geojson"),
        "a path": write(folder / "path.geojson", str(secret)),
    }


@pytest.fixture(scope="module")
def refusals(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What a fresh process says to each hostile file."""
    files = hostile(tmp_path_factory.mktemp("hostile"))
    code = (
        "import sys, json; from pathlib import Path; from geodata.boundaries import read_boundaries\n"
        "from geodata.errors import InputError\n"
        "said = []\n"
        "for path in sys.argv[1:]:\n"
        "    try: said.append('READ %d areas' % len(read_boundaries([Path(path)]).areas))\n"
        "    except InputError as error: said.append(str(error))\n"
        "print(json.dumps(said))"
    )
    return dict(zip(files, json.loads(python(code, *map(str, files.values()))), strict=True))


@pytest.mark.parametrize("kind", ["VRT", "VRT named GPKG", "CSV", "an address", "a path"])
def test_text_that_points_elsewhere_is_refused(refusals: dict[str, str], kind: str) -> None:
    assert "is not GeoJSON, GeoPackage or a zipped Shapefile: download the boundaries" in refusals[kind]


@pytest.mark.parametrize("kind", ["GDALG", "GDALG that says FeatureCollection"])
def test_json_that_commands_gdal_is_refused(refusals: dict[str, str], kind: str) -> None:
    assert "is not a GeoJSON FeatureCollection: download the boundaries as GeoJSON" in refusals[kind]
