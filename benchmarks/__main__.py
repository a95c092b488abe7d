"""All measurements in one command: ``python -m benchmarks``; the figures go to ``benchmarks/README.md``."""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.setting import ROOT, ProcessorUse, Report, build_command, missing

MEASUREMENTS = ("build", "map", "deprivation", "sessions")
README = Path(__file__).with_name("README.md")
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


def main(argv: list[str] | None = None) -> int:
    """Run the chosen measurements; 0 when every required figure was met, 1 when one was not."""
    options = _parser().parse_args(argv)
    gone = missing()
    if gone:
        names = ", ".join(path.name for path in gone)
        print(f"The measurements need the real files of Norfolk, and these are not there: {names}.", file=sys.stderr)
        return 2
    met = True
    # On Windows a server that was just stopped may still hold a file.
    with tempfile.TemporaryDirectory(prefix="places-benchmarks-", ignore_cleanup_errors=True) as folder:
        scratch = Path(folder)
        for name in options.only or MEASUREMENTS:
            before = ProcessorUse.now()
            report = _measure(name, scratch, options)
            text = report.markdown(ProcessorUse.now().others_since(before))
            print(f"{name}\n{text}\n", flush=True)
            met &= all(figure.met for figure in report.figures)
            if not options.dry_run:
                README.write_text(_with_section(README.read_text(encoding="utf-8"), name, text), encoding="utf-8")
    return 0 if met else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    what = f"{', '.join(MEASUREMENTS)}; without any, all of them"
    parser.add_argument("only", nargs="*", type=_measurement, metavar="MEASUREMENT", help=what)
    parser.add_argument("--repeat", type=int, help="rounds of each measurement (build 5, the others 3)")
    parser.add_argument("--people", type=int, default=50, help="sessions at once")
    parser.add_argument("--chromium", default=_browser(), help="the browser's program file")
    parser.add_argument("--dry-run", action="store_true", help="print the figures, leave README.md as it is")
    return parser


def _measurement(name: str) -> str:
    if name not in MEASUREMENTS:
        raise argparse.ArgumentTypeError(f"{name!r} is none of {', '.join(MEASUREMENTS)}")
    return name


def _browser() -> str:
    return next((found for name in _BROWSERS if (found := shutil.which(name))), "chromium")


def _measure(name: str, scratch: Path, options: argparse.Namespace) -> Report:
    # Imported when needed: a child's peak memory starts at that of the process which started it.
    if name == "build":
        from benchmarks import build

        return build.measure(scratch, options.repeat or 5)
    if name == "deprivation":
        from benchmarks import deprivation

        return deprivation.measure(scratch, options.repeat or 3, options.chromium)
    dataset = scratch / "norfolk"
    if not dataset.exists():
        subprocess.run(build_command(dataset), cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
    if name == "map":
        from benchmarks import map as in_browser

        return in_browser.measure(dataset, scratch, options.repeat or 3, options.chromium)
    from benchmarks import sessions

    return sessions.measure(dataset, scratch, options.repeat or 3, options.people)


def _with_section(readme: str, name: str, text: str) -> str:
    """``readme`` with what stands between the marks of the measurement replaced."""
    section = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end of {name} -->)", re.DOTALL)
    if not section.search(readme):
        raise SystemExit(
            f"README.md has no place for {name}: it needs the lines <!-- {name} --> and <!-- end of {name} -->."
        )
    return section.sub(lambda found: f"{found[1]}{text}\n{found[2]}", readme)


if __name__ == "__main__":
    sys.exit(main())
