"""The command line: one plain sentence and exit code 2 for what cannot be used, the earlier dataset untouched."""

import dataclasses
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import shapely

import sample_data
from geodata import __main__ as cli
from geodata.__main__ import main
from geodata.inputs import Inputs
from tests.conftest import Built
from tests.fixtures import (
    CODES,
    COUNTY_ROWS,
    ODD_NAME,
    ODD_SHOWN,
    arguments,
    assert_plain,
    at,
    deprivation_csv,
    extract_csv,
    geojson,
    grid,
    hashes,
    incident,
    mid_year_csv,
    recorded,
    street_csv,
    ts001_csv,
    wards_csv,
    write,
    write_boundaries,
    write_zip,
)

PROJECT = Path(__file__).parents[1]
STREET = street_csv(COUNTY_ROWS)


def command(*words: object) -> subprocess.CompletedProcess[str]:
    """The command line in a process of its own."""
    environment = {name: value for name, value in os.environ.items() if name != "GDAL_SKIP"}
    return subprocess.run(
        [sys.executable, "-m", "geodata", *map(str, words)],
        cwd=PROJECT,
        env=environment | {"PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


# --- success ---------------------------------------------------------------------------------------------------------


def test_build_check_and_their_output_in_a_process_of_its_own(inputs: Inputs, tmp_path: Path) -> None:
    built = command(*arguments(inputs, tmp_path / "out"), "--area", "Our county")
    assert (built.returncode, built.stderr) == (0, "")  # no progress bar where nobody is watching
    assert built.stdout.startswith("Our county: ")
    assert "rows read                  12" in built.stdout
    checked = command("check", tmp_path / "out")
    assert (checked.returncode, checked.stderr) == (0, "")
    assert checked.stdout == "'out' is sound: hashes, schema, accounting and counts agree.\n"


def test_json_of_a_build_is_the_manifest(
    inputs: Inputs, tmp_path: Path, capsys: pytest.CaptureFixture[str], built: Built
) -> None:
    assert main([*arguments(inputs, tmp_path / "out"), "--json"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    said = json.loads(out)
    assert said == json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert said["accounting"] == built.manifest["accounting"]


def test_json_of_a_check(built: Built, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(built.out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"dataset": "out", "sound": True, "faults": []}


def test_a_tampered_file_is_named(built: Built, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, content in {
        p.relative_to(built.out): p.read_bytes() for p in built.out.rglob("*") if p.is_file()
    }.items():
        write(tmp_path / "copy" / name, content + b" " * (name.name == "counts.parquet"))
    assert main(["check", str(tmp_path / "copy")]) == 2
    assert capsys.readouterr().out == "counts.parquet was changed after it was built.\n"
    assert main(["check", str(tmp_path / "copy"), "--json"]) == 2
    assert json.loads(capsys.readouterr().out) == {
        "dataset": "copy",
        "sound": False,
        "faults": ["counts.parquet was changed after it was built."],
    }


def test_sample_builds_what_the_sample_says(
    inputs: Inputs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sample_data, "inputs", lambda: {k: list(v) for k, v in dataclasses.asdict(inputs).items()})
    assert main(["sample", "--out", str(tmp_path / "out"), "--json"]) == 0
    manifest = json.loads(capsys.readouterr().out)
    assert manifest["area"] == sample_data.AREA_NAME
    assert "fictional" in manifest["area"]
    assert manifest["accounting"]["joined"] == 8


def test_several_files_and_repeated_options_add_up(
    inputs: Inputs, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = write(tmp_path / "btp.csv", street_csv([incident(500, 500, Reported_by="British Transport Police")]))
    assert main([*arguments(inputs, tmp_path / "out"), "--police", str(other), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["accounting"]["rows_read"] == 13


@pytest.mark.parametrize("words", [[], ["build"], ["check"], ["build", "--out", "x", "--police", "y"], ["bake"]])
def test_a_command_that_is_none_exits_with_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(words)
    assert stopped.value.code == 2
    assert "usage: python -m geodata" in capsys.readouterr().err


# --- bad input -------------------------------------------------------------------------------------------------------


def swapped(row: dict[str, str]) -> dict[str, str]:
    return row | {"Longitude": row["Latitude"], "Latitude": row["Longitude"]}


def encrypted(path: Path) -> Path:
    data = bytearray(write_zip(path, {"2025-01/2025-01-norfolk-street.csv": STREET}).read_bytes())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return write(path, bytes(data))


def no_crs(folder: Path) -> Path:
    shapes = [shape.__geo_interface__ for shape in grid().geometry]
    text = geojson([({"LSOA21CD": code}, shape) for code, shape in zip(CODES, shapes, strict=True)])
    return write(folder / "b.geojson", text.replace('{"type"', '{"crs": null, "type"', 1))


def not_a_number(shape: shapely.Polygon) -> str:
    ring = [[x, float("nan") if n == 3 else y] for n, (x, y) in enumerate(shape.exterior.coords)]
    return geojson([({"LSOA21CD": CODES[0]}, {"type": "Polygon", "coordinates": [ring]})])


BAD: dict[str, tuple[str, Callable[[Path], Path], tuple[str, ...]]] = {
    "police: a missing column": (
        "police",
        lambda f: write(f / "p.csv", STREET.replace("Longitude", "Lon")),
        ("'p.csv'", "no column 'Longitude'", "give a street-level file"),
    ),
    "police: not a zip": (
        "police",
        lambda f: write(f / "p.zip", STREET),
        ("'p.zip'", "not a ZIP file", "download the archive again"),
    ),
    "police: a damaged zip": (
        "police",
        lambda f: write(f / "p.zip", write_zip(f / "q.zip", {"2025-01-norfolk-street.csv": STREET}).read_bytes()[:-30]),
        ("'p.zip'", "damaged", "download the archive again"),
    ),
    "police: an encrypted zip": (
        "police",
        lambda f: encrypted(f / "p.zip"),
        ("'2025-01-norfolk-street.csv' in 'p.zip'", "encrypted", "give an archive without a password"),
    ),
    "police: a zip bomb": (
        "police",
        lambda f: write_zip(f / "p.zip", {"2025-01-norfolk-street.csv": bytes(11 * 1024**2)}),
        ("'p.zip'", "unpacks from 11 KB to 11 MB", "no street file"),
    ),
    "police: an empty file": ("police", lambda f: write(f / "p.csv", ""), ("'p.csv'", "empty", "as it was downloaded")),
    "police: a header alone": (
        "police",
        lambda f: write(f / "p.csv", street_csv([])),
        ("police files", "No street-level rows", "give the CSV or ZIP"),
    ),
    "police: UTF-16": (
        "police",
        lambda f: write(f / "p.csv", STREET.encode("utf-16")),
        ("'p.csv'", "not UTF-8 text", "save it as 'CSV UTF-8'"),
    ),
    "police: Windows-1252": (
        "police",
        lambda f: write(f / "p.csv", STREET.replace("Test", "Caf\xe9").encode("cp1252")),
        ("'p.csv'", "not UTF-8 text (line 2)", "save it as 'CSV UTF-8'"),
    ),
    "police: a workbook called CSV": (
        "police",
        lambda f: write_zip(f / "p.csv", {"[Content_Types].xml": "<x/>", "xl/workbook.xml": "<x/>"}),
        ("'p.csv'", "workbook", "save the sheet as 'CSV UTF-8'"),
    ),
    "police: a ragged row": (
        "police",
        lambda f: write(f / "p.csv", STREET + "1,2,3\n"),
        ("'p.csv'", "row 14 has 3 cells where its header has 12", "download it again"),
    ),
    "police: swapped latitude and longitude": (
        "police",
        lambda f: write(f / "p.csv", street_csv(map(swapped, COUNTY_ROWS))),
        ("'p.csv'", "latitudes in the Longitude column", "swap the two columns"),
    ),
    "police: eastings in the longitude column": (
        "police",
        lambda f: write(f / "p.csv", street_csv([incident(Longitude="600500", Latitude=at(500, 500)[1])])),
        ("'p.csv'", "eastings and northings in metres", "convert them to longitude and latitude"),
    ),
    "police: the same month twice": (
        "police",
        lambda f: write(f / "p" / "1.csv", STREET).parent
        if write(f / "p" / "2.csv", street_csv(COUNTY_ROWS[1:]))
        else f,
        ("'2.csv' and '1.csv'", "both hold 'norfolk' for 2025-01, with different rows (5 and 6)", "give only the newer"),
    ),
    "police: no overlap": (
        "police",
        lambda f: write(f / "p.csv", street_csv([incident(90_000, 500)] * 3)),
        ("None of the 3 rows", "lies within the boundaries", "check that the police files and the boundaries"),
    ),
    "incidents: a missing column": (
        "incidents",
        lambda f: write(f / "own.csv", "date,hour\n2025-01-01,3\n"),
        ("'own.csv'", "no column 'longitude', 'latitude', 'crime_type'", "canonical columns"),
    ),
    "incidents: swapped latitude and longitude": (
        "incidents",
        lambda f: write(
            f / "own.csv", extract_csv([recorded(5, 5, **dict(zip(("latitude", "longitude"), at(5, 5), strict=True)))])
        ),
        ("'own.csv'", "latitudes in the Longitude column", "swap the two columns"),
    ),
    "incidents: no overlap": (
        "incidents",
        lambda f: write(f / "own.csv", extract_csv([recorded(90_000, 500)] * 3)),
        ("None of the 3 rows", "the files of the extract and the boundaries are of the same area"),
    ),
    "police: not there": ("police", lambda f: f / "nowhere.zip", ("'nowhere.zip'", "not found", "check the path")),
    "boundaries: no CRS": ("boundaries", no_crs, ("'b.geojson'", "does not state its coordinate system", "export it")),
    "boundaries: metres that claim to be degrees": (
        "boundaries",
        lambda f: write(f / "b.geojson", no_crs(f / "x").read_text().replace('"crs": null, ', "")),
        ("'b.geojson'", "lie outside Great Britain", "export it again"),
    ),
    "boundaries: points": (
        "boundaries",
        lambda f: write_boundaries(f / "b.gpkg", grid().set_geometry(grid().centroid)),
        ("'b.gpkg'", "points or lines where a polygon was expected", "give the boundary polygons"),
    ),
    "boundaries: an empty polygon": (
        "boundaries",
        lambda f: write(f / "b.geojson", geojson([({"LSOA21CD": CODES[0]}, {"type": "Polygon", "coordinates": []})])),
        ("'b.geojson'", f"no polygon for '{CODES[0]}'", "download the boundaries again"),
    ),
    "boundaries: not a number": (
        "boundaries",
        lambda f: write(f / "b.geojson", not_a_number(grid().to_crs(4326).geometry.iloc[0])),
        ("'b.geojson'", f"not numbers for '{CODES[0]}'", "download the boundaries again"),
    ),
    "boundaries: one code twice": (
        "boundaries",
        lambda f: write_boundaries(f / "b.gpkg", grid().assign(LSOA21CD=CODES[0])),
        ("'b.gpkg'", f"more than one polygon for '{CODES[0]}'", "give one row per LSOA"),
    ),
    "boundaries: another table": (
        "boundaries",
        lambda f: write_boundaries(f / "b.gpkg", grid().rename(columns={"LSOA21CD": "MSOA21CD"})),
        ("'b.gpkg'", "no LSOA21CD or LSOA11CD property", "give the LSOA boundaries"),
    ),
    "boundaries: text that points elsewhere": (
        "boundaries",
        lambda f: write(f / "b.geojson", "<OGRVRTDataSource><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTDataSource>"),
        ("'b.geojson'", "is not GeoJSON, GeoPackage or a zipped Shapefile", "download the boundaries"),
    ),
    "deprivation: another vintage": (
        "deprivation",
        lambda f: write(f / "i.csv", deprivation_csv(2019, dict.fromkeys(CODES, 5))),
        ("deprivation table", "on 2011 LSOAs and the boundaries on 2021", "add ONS's exact-fit lookup"),
    ),
    "deprivation: elsewhere": (
        "deprivation",
        lambda f: write(f / "i.csv", deprivation_csv(2025, {"E01000999": 5})),
        ("'i.csv'", "None of the LSOA codes", "check that both are of the same area"),
    ),
    "deprivation: not a rank": (
        "deprivation",
        lambda f: write(f / "i.csv", deprivation_csv(2025, {CODES[0]: 99_999})),
        ("'i.csv'", "'99999' as a rank in row 2", "a whole number from 1 to 33,755 was expected"),
    ),
    "population: another vintage": (
        "population",
        lambda f: write(f / "p.csv", mid_year_csv({CODES[0]: 5, "E01000999": 6}, "LSOA11CD", "All Ages")),
        ("population", "on 2011 LSOAs and the boundaries on 2021", "give a population table on 2021 LSOAs"),
    ),
    "population: elsewhere": (
        "population",
        lambda f: write(f / "p.csv", ts001_csv({"E01000999": 5})),
        ("'p.csv'", "None of the LSOA codes", "check that both are of the same area"),
    ),
    "population: a header alone": (
        "population",
        lambda f: write(f / "p.csv", ts001_csv({CODES[0]: 5}).splitlines()[0]),
        ("'p.csv'", "has no rows", "give the file as it was downloaded"),
    ),
    "names: elsewhere": (
        "names",
        lambda f: write(f / "n.csv", "LSOA21CD,name\nE01000999,Elsewhere\n"),
        ("table of names", "no name for any area", "check that it is of this area"),
    ),
    "lookup: unknown": (
        "lookup",
        lambda f: write(f / "l.csv", "<b>,{{7*7}}\n1,2\n"),
        ("'l.csv'", "no lookup that is known here: it has '<b>', '{{7*7}}'", "known are"),
    ),
    "lookup: ragged": (
        "lookup",
        lambda f: write(f / "l.csv", wards_csv() + "1\n"),
        ("'l.csv'", "has 1 cells in row 11 where its header has 6", "give the file as it was downloaded"),
    ),
    "a hostile name": (
        "police",
        lambda f: write(f / f"{ODD_NAME}.csv", ""),
        (f"'{ODD_SHOWN}.csv'", "is empty", "give the file"),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "make", "says"), BAD.values(), ids=BAD)
def test_bad_input_is_one_sentence_and_leaves_the_earlier_dataset(
    inputs: Inputs,
    built: Built,
    tmp_path: Path,
    refused: Callable[..., str],
    kind: str,
    make: Callable[[Path], Path],
    says: tuple[str, ...],
) -> None:
    out = Path(shutil.copytree(built.out, tmp_path / "out"))
    before = hashes(out)
    changed = dataclasses.replace(inputs, **{kind: (make(tmp_path / "bad"),)})
    said = refused(*arguments(changed, out))
    for part in says:
        assert part in said
    assert hashes(out) == before
    assert {path.name for path in tmp_path.iterdir()} <= {"in", "out", "bad"}


@pytest.mark.parametrize("name", ["police: swapped latitude and longitude", "boundaries: text that points elsewhere"])
def test_bad_input_in_a_process_of_its_own(inputs: Inputs, tmp_path: Path, name: str) -> None:
    kind, make, says = BAD[name]
    changed = dataclasses.replace(inputs, **{kind: (make(tmp_path / "bad"),)})
    done = command(*arguments(changed, tmp_path / "out"))
    assert (done.returncode, done.stdout) == (2, "")
    said = assert_plain(done.stderr.removesuffix("\n"))
    assert all(part in said for part in says)
    assert not (tmp_path / "out").exists()


def test_json_of_a_refusal_is_on_stdout_and_the_sentence_on_stderr(inputs: Inputs, tmp_path: Path) -> None:
    write(tmp_path / "in" / "police.csv", "")
    done = command(*arguments(inputs, tmp_path / "out"), "--json")
    assert done.returncode == 2
    assert json.loads(done.stdout) == {"error": done.stderr.removesuffix("\n")}
    assert assert_plain(done.stderr.removesuffix("\n")).startswith("'police.csv' is empty")


def test_json_of_a_check_that_cannot_begin(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(tmp_path / "nowhere"), "--json"]) == 2
    out, err = capsys.readouterr()
    assert json.loads(out) == {"error": assert_plain(err.removesuffix("\n"))}


def test_too_little_memory_is_said_in_words(
    inputs: Inputs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(cli, "build", full)
    assert main([*arguments(inputs, tmp_path / "out"), "--json"]) == 2
    out, err = capsys.readouterr()
    assert json.loads(out) == {"error": assert_plain(err.removesuffix("\n"))}
    assert err.startswith("There is not enough memory for these files")


@pytest.mark.parametrize("kind", ["boundaries", "police", "deprivation", "names"])
def test_a_path_that_the_system_refuses_is_said(
    inputs: Inputs, tmp_path: Path, refused: Callable[..., str], kind: str
) -> None:
    odd = dataclasses.replace(inputs, **{kind: (tmp_path / ("x" * 300),)})
    said = refused(*arguments(odd, tmp_path / "out"))
    assert said.startswith(f"'{'x' * 80}…' ")
    assert "check the path" in said


def test_a_pipe_that_nobody_reads_is_no_bad_input(
    built: Built, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def closed(*_: object, **__: object) -> None:
        raise BrokenPipeError(32, "Broken pipe")

    monkeypatch.setattr(cli, "_print", closed)
    with pytest.raises(BrokenPipeError):
        main(["check", str(built.out)])
    assert capsys.readouterr().err == ""


def test_out_that_is_no_dataset_is_never_touched(inputs: Inputs, tmp_path: Path, refused: Callable[..., str]) -> None:
    write(tmp_path / "mine" / "manifest.json", '{"name": "my app"}')
    write(tmp_path / "mine" / "index.html", "<html>")
    before = hashes(tmp_path)
    assert refused(*arguments(inputs, tmp_path / "mine")) == (
        "'mine' exists and is no dataset folder: name a new folder for --out."
    )
    assert hashes(tmp_path) == before


def test_out_in_an_impossible_place_is_said(inputs: Inputs, tmp_path: Path, refused: Callable[..., str]) -> None:
    said = refused(*arguments(inputs, write(tmp_path / "file.txt", "mine") / "out"))
    assert said.startswith("The dataset cannot be written to 'out' (")


def test_the_progress_bar_carries_no_control_characters(
    inputs: Inputs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / f"{ODD_NAME}.csv", STREET)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert main(arguments(dataclasses.replace(inputs, police=(path,)), tmp_path / "out")) == 0
    shown = capsys.readouterr().err
    assert "100%" in shown
    assert f"Reading {ODD_SHOWN}" in shown
    assert "\x1b[31m" not in shown
    assert "\n" not in shown


def test_an_extract_is_summed_up_in_words_and_in_json(
    inputs: Inputs, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = write(tmp_path / "own.csv", extract_csv([recorded(500, 500), recorded(500, 500, hour="")]))
    words = [*arguments(inputs, tmp_path / "out"), "--incidents", str(own)]
    assert main(words) == 0
    said = capsys.readouterr().out
    assert "(extract): 1 of 1 months present, 2025-01 to 2025-01" in said
    assert "extract: recorded of 2 joined incidents: hour 50%, offence code 100%, domestic abuse flag 0%" in said
    assert main([*words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["recorded"]["hour"] == 1


def test_without_any_incidents_a_sentence_says_so(inputs: Inputs, tmp_path: Path, refused: Callable[..., str]) -> None:
    said = refused("build", "--boundaries", inputs.boundaries[0], "--out", tmp_path / "out")
    assert "--police" in said
    assert "--incidents" in said


def test_the_sample_can_be_built_with_its_extract(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sample", "--with-extract", "--json", "--out", str(tmp_path / "both")]) == 0
    manifest = json.loads(capsys.readouterr().out)
    assert list(manifest["coverage"]) == ["police.uk", "extract"]
    assert main(["check", str(tmp_path / "both")]) == 0
