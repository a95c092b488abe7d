"""What every measurement needs: the real files, a dataset of them, a server to measure, and how to put figures in words."""

import contextlib
import importlib.metadata
import math
import os
import platform
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import psutil

ROOT = Path(__file__).resolve().parent.parent
_SHARED = ROOT.parent / "shared"
_DATA = _SHARED / "data" / "norfolk"
POLICE = _DATA / "police-norfolk-2018-10_2025-12.zip"
BOUNDARIES = _DATA / "LSOA_2021_boundaries_WGS84.geojson"
_DEPRIVATION = _DATA / "IoD2025_File_7_all_ranks_deciles_scores.csv"
_POPULATION = _DATA / "census2021-ts001-lsoa.csv"
_LOOKUPS = (
    _DATA / "LSOA_2011_to_LSOA_2021_exact_fit_lookup.csv",
    _DATA / "LSOA_2021_to_ward_2024_to_LAD_2024_lookup.csv",
    _DATA / "LAD_2024_to_CSP_2024_to_PFA_2024_lookup.csv",
    _DATA / "Rural_Urban_Classification_2021_LSOA.csv",
)
MAP_TIMING = _SHARED / "tools" / "map_timing.py"
PLAIN_MAP = _SHARED / "tools" / "plain_map.py"
_NEEDED = (POLICE, BOUNDARIES, _DEPRIVATION, _POPULATION, *_LOOKUPS, MAP_TIMING, PLAIN_MAP)
_VERSIONS = ("streamlit", "streamlit-folium", "geopandas", "pandas", "shapely", "pyarrow")
_START_S = 60


@dataclass(frozen=True)
class Figure:
    """One required figure: what it is, the most it may be (or the least), and what was measured."""

    what: str
    limit: float
    measured: float
    unit: str = ""
    at_least: bool = False

    @property
    def met(self) -> bool:
        """Whether the measured figure keeps to the limit."""
        return self.measured >= self.limit if self.at_least else self.measured <= self.limit

    def __str__(self) -> str:
        bound = "at least" if self.at_least else "at most"
        return f"| {self.what} | {bound} {self.limit:g}{self.unit} | {self.measured:.3g}{self.unit} | {'yes' if self.met else 'NO'} |"


@dataclass(frozen=True)
class Report:
    """What one measurement found: Markdown ``lines`` and the required ``figures``."""

    lines: tuple[str, ...]
    figures: tuple[Figure, ...]

    def markdown(self, others: float) -> str:
        """The text for the README, with when and on what it was measured; ``others``: the share of the processor that
        other programs took meanwhile.
        """
        required = ["| required | limit | measured | met |", "|---|---|---|---|", *map(str, self.figures)]
        return "\n".join([*self.lines, "", *required, "", _circumstances(others)])


def missing() -> list[Path]:
    """The real files and tools that are not there."""
    return [path for path in _NEEDED if not path.is_file()]


def build_command(out: Path) -> list[str]:
    """The command that builds Norfolk into ``out``, with every table that goes with it."""
    given = {
        "--boundaries": [BOUNDARIES],
        "--police": [POLICE],
        "--deprivation": [_DEPRIVATION],
        "--population": [_POPULATION],
        "--lookup": list(_LOOKUPS),
        "--out": [out],
    }
    options = [text for option, paths in given.items() for text in (option, *map(str, paths))]
    return [sys.executable, "-m", "geodata", "build", *options, "--json"]


@dataclass(frozen=True)
class Server:
    """A running Streamlit server."""

    port: int
    process: psutil.Process

    @property
    def url(self) -> str:
        """Where its first page is."""
        return f"http://localhost:{self.port}"

    def cpu_seconds(self) -> float:
        """Processor time that it has used so far."""
        times = self.process.cpu_times()
        return times.user + times.system

    def memory_mb(self) -> float:
        """Memory that it holds now."""
        return self.process.memory_info().rss / 1024**2


@contextlib.contextmanager
def our_server(dataset: Path) -> Iterator[Server]:
    """The dashboard on ``dataset``."""
    with _server(["app.py"], ROOT, {"PLACES_DATA": str(dataset)}) as server:
        yield server


@contextlib.contextmanager
def plain_server(folder: Path) -> Iterator[Server]:
    """The same map as most Streamlit apps draw it, started in ``folder`` so that our settings do not apply to it."""
    options = ["--browser.gatherUsageStats", "false", "--server.fileWatcherType", "none"]
    with _server([str(PLAIN_MAP), *options, "--", str(BOUNDARIES)], folder, {}) as server:
        yield server


@contextlib.contextmanager
def _server(arguments: Sequence[str], folder: Path, environment: dict[str, str]) -> Iterator[Server]:
    port = _free_port()
    script, *rest = arguments
    command = [sys.executable, "-m", "streamlit", "run", script]
    command += ["--server.port", str(port), "--server.headless", "true", *rest]
    running = subprocess.Popen(
        command, cwd=folder, env=os.environ | environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        server = Server(port, psutil.Process(running.pid))
        _wait_until_healthy(server, running)
        yield server
    finally:
        running.terminate()
        try:
            running.wait(10)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


def _free_port() -> int:
    with socket.socket() as any_port:
        any_port.bind(("127.0.0.1", 0))
        return int(any_port.getsockname()[1])


def _wait_until_healthy(server: Server, running: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _START_S
    while time.monotonic() < end and running.poll() is None:
        try:
            with urllib.request.urlopen(f"{server.url}/_stcore/health", timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise SystemExit("The Streamlit server did not start: run 'python -m streamlit run app.py' to see why.")


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least ``share`` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


@dataclass(frozen=True)
class ProcessorUse:
    """Seconds up to now: by the clock, of all cores in use, and in use by this program and what it started."""

    clock: float
    machine: float
    own: float

    @classmethod
    def now(cls) -> Self:
        """As the system keeps them; what was started counts once it has ended, a browser's helpers never."""
        every = psutil.cpu_times()
        own = psutil.Process().cpu_times()
        mine = own.user + own.system + getattr(own, "children_user", 0.0) + getattr(own, "children_system", 0.0)
        return cls(time.monotonic(), sum(every) - every.idle - getattr(every, "iowait", 0.0), mine)

    def others_since(self, earlier: Self) -> float:
        """The share of all cores that other programs took since ``earlier``, at most."""
        cores = psutil.cpu_count() or 1
        taken = (self.machine - earlier.machine) - (self.own - earlier.own)
        return max(0.0, taken / (cores * (self.clock - earlier.clock)))


def _circumstances(others: float) -> str:
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in _VERSIONS)
    # Windows does not keep what a program's children took, so that others cannot be told from them.
    noise = "" if sys.platform == "win32" else f", at most {others:.0%} of their time taken by other programs"
    python = platform.python_version()
    return f"Measured {datetime.now(UTC):%Y-%m-%d} on {psutil.cpu_count()} cores{noise}; Python {python}, {versions}."
