"""``geodata build`` of real Norfolk against the plain way over the same files: time and peak memory."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.setting import BOUNDARIES, POLICE, ROOT, Figure, Report, build_command

_PLAIN = Path(__file__).with_name("plain_build.py")


@dataclass(frozen=True)
class Run:
    """One finished command: wall clock, processor time, and the most memory that it held."""

    seconds: float
    cpu_seconds: float
    peak_mb: float


def measure(scratch: Path, repeat: int) -> Report:
    """Run both ``repeat`` times, in turn, each in a fresh process, after one run of each that is not counted."""
    ours: list[Run] = []
    plain: list[Run] = []
    plain_command = [sys.executable, str(_PLAIN), str(POLICE), str(BOUNDARIES), str(scratch / "counts.csv")]
    for number in range(repeat + 1):
        for command, runs in ((build_command(scratch / "built"), ours), (plain_command, plain)):
            done = _run(command)
            if number:
                runs.append(done)
    lines = [
        f"`python -m geodata build` of Norfolk (120,264 rows, 552 LSOAs, with deprivation, residents and lookups) against "
        f"`read_csv`, `sjoin` and `groupby` in one script ([plain_build.py](plain_build.py)); medians of {repeat} runs in turn. "
        "Ours also accounts for every row, joins to the nearest area, draws the display boundaries, hashes inputs and outputs, and writes the dataset.",
        "",
        "| | ours | plain | ratio |",
        "|---|---|---|---|",
    ]
    ratios = {}
    for what, name, unit in (
        ("Wall clock", "seconds", " s"),
        ("Processor time", "cpu_seconds", " s"),
        ("Peak memory", "peak_mb", " MB"),
    ):
        a, b = (statistics.median(getattr(run, name) for run in runs) for runs in (ours, plain))
        ratios[name] = a / b
        digits = 0 if unit == " MB" else 2
        lines.append(f"| {what} | {a:.{digits}f}{unit} | {b:.{digits}f}{unit} | {a / b:.2f} |")
    return Report(
        tuple(lines),
        (
            Figure("build, wall clock, ratio to the plain way", 1.5, ratios["seconds"]),
            Figure("build, peak memory, ratio to the plain way", 1.0, ratios["peak_mb"]),
        ),
    )


def _run(command: Sequence[str]) -> Run:
    start = time.perf_counter()
    running = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    cpu, peak = _ended(running)
    seconds = time.perf_counter() - start
    said = running.stderr.read().decode("utf-8", "replace") if running.stderr else ""
    if running.returncode:
        raise SystemExit(f"'{' '.join(command)}' failed: {said.strip().splitlines()[-1:] or running.returncode}")
    return Run(seconds, cpu, peak / 1024**2)


def _ended(running: subprocess.Popen[bytes]) -> tuple[float, int]:
    """Wait; processor seconds and the peak of resident memory in bytes, as the system kept them."""
    if sys.platform != "win32":
        _, status, usage = os.wait4(running.pid, 0)
        running.returncode = os.waitstatus_to_exitcode(status)
        unit = 1 if sys.platform == "darwin" else 1024
        return usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit
    cpu, peak = 0.0, 0
    process = psutil.Process(running.pid)
    while running.poll() is None:
        try:
            times = process.cpu_times()
            cpu, peak = times.user + times.system, process.memory_info().peak_wset
        except psutil.NoSuchProcess:
            break
        time.sleep(0.02)
    running.wait()
    return cpu, peak
