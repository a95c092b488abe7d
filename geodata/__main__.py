"""The command line: ``python -m geodata build | check | sample``."""

import argparse
import glob
import json
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tqdm import tqdm

from geodata.build import build
from geodata.checks import check_dataset
from geodata.errors import InputError, printable, quoted
from geodata.inputs import Inputs
from geodata.summary import summary

BAD_INPUT = 2


def main(argv: list[str] | None = None) -> int:
    """Run one command; 0 when it is done, 2 with one plain sentence when the input cannot be used."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a Windows console may lack a character
    options = _parser().parse_args(argv)
    try:
        return int(options.run(options))
    except InputError as error:
        sentence = str(error)
    except OSError as error:
        if error.filename is None:  # not about a file: nobody reads what is printed
            raise
        where = quoted(Path(os.fsdecode(error.filename)).name)
        sentence = f"{where} cannot be used ({error.strerror}): check the path, and that you may read it."
    except MemoryError:
        sentence = "There is not enough memory for these files: give fewer months at a time."
    if options.json:
        print(json.dumps({"error": sentence}, ensure_ascii=False))
    print(sentence, file=sys.stderr)
    return BAD_INPUT


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m geodata", description="Build and check a dataset folder.")
    commands = parser.add_subparsers(required=True, metavar="build | check | sample")
    make = commands.add_parser("build", help="read, check and join the files into a dataset folder")
    for name, what, needed in (
        ("boundaries", "LSOA boundaries: GeoJSON, GeoPackage or zipped Shapefile", True),
        ("police", "data.police.uk street files: CSV, folder or ZIP", False),
        ("incidents", "a force's own extract in the canonical columns: CSV or Parquet", False),
        ("deprivation", "English Indices of Deprivation, File 7", False),
        ("population", "Census TS001 or a mid-year estimate by LSOA", False),
        ("denominator", "what rates can be per beside residents, by LSOA: workday population, footfall, ages", False),
        ("weights", "severity weights by Home Office offence code", False),
        ("lookup", "ONS lookups: exact fit, ward, district, CSP, police force area, rural-urban", False),
        ("names", "names that people use for areas", False),
        (
            "layers",
            "what lies over the map: files or folders, each file with a description of the same name (.toml)",
            False,
        ),
    ):
        make.add_argument(
            f"--{name}",
            nargs="+",
            action="extend",
            type=Path,
            default=None,
            metavar="FILE",
            required=needed,
            help=what,
        )
    make.add_argument("--area", help="what the area is called on every page")
    make.set_defaults(run=_build)
    check = commands.add_parser("check", help="re-verify a dataset folder")
    check.add_argument("folder", type=Path, metavar="DIR")
    check.set_defaults(run=_check)
    sample = commands.add_parser("sample", help="build the fictional county")
    sample.add_argument("--with-extract", action="store_true", help="with the extract of its fictional force")
    sample.set_defaults(run=_sample)
    for command in (make, sample):
        command.add_argument("--out", type=Path, required=True, metavar="DIR", help="the dataset folder to write")
    for command in (make, check, sample):
        command.add_argument("--json", action="store_true", help="print the result as JSON")
    return parser


def _build(options: argparse.Namespace) -> int:
    given = {name: tuple(_expanded(getattr(options, name) or ())) for name in Inputs.__dataclass_fields__}
    return _built(Inputs(**given), options.out, options.area, options.json)


def _expanded(paths: Iterable[Path]) -> Iterator[Path]:
    """The files that a pattern such as ``lookups/*.csv`` names: Windows shells hand it over as it is."""
    for path in paths:
        found = [] if path.exists() else sorted(glob.glob(str(path)))
        yield from map(Path, found) if found else [path]


def _sample(options: argparse.Namespace) -> int:
    # The fictional county stands beside this package; its own module says which file is which.
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    from sample_data import AREA_NAME, extract, inputs, weights

    given = {kind: tuple(paths) for kind, paths in inputs().items()}
    if options.with_extract:
        given |= {"incidents": tuple(extract()), "weights": tuple(weights())}
    return _built(Inputs(**given), options.out, AREA_NAME, options.json)


def _built(inputs: Inputs, out: Path, area: str | None, as_json: bool) -> int:
    shape = "{desc:<42.42} {bar} {percentage:3.0f}%"
    with tqdm(total=100, bar_format=shape, leave=False, file=sys.stderr, disable=None) as bar:  # none in a log file

        def show(stage: str, done: float) -> None:
            bar.n = round(done * 100)
            bar.set_description_str(printable(stage))

        manifest = build(inputs, out, area, show)
    _print(manifest, summary(manifest), as_json)
    return 0


def _check(options: argparse.Namespace) -> int:
    faults = check_dataset(options.folder)
    verdict = {"dataset": options.folder.name, "sound": not faults, "faults": faults}
    lines = faults or [f"{quoted(options.folder.name)} is sound: hashes, schema, accounting and counts agree."]
    _print(verdict, "\n".join(lines), options.json)
    return BAD_INPUT if faults else 0


def _print(result: dict[str, Any], text: str, as_json: bool) -> None:
    print(json.dumps(result, indent=1, ensure_ascii=False) if as_json else text)


if __name__ == "__main__":
    sys.exit(main())
