"""The Concentration page's map in Chromium against the map as most Streamlit apps draw it: repaint and bytes."""

import asyncio
import json
import statistics
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.client import Answer, Client
from benchmarks.setting import MAP_TIMING, Figure, Report, Server, our_server, plain_server

PAGE = "Concentration"
MEASURE, RATE, NUMBER = "Measure", "Rate", "Number"
YEAR, YEARS = "Year", ("2023", "2024", "2025", "2022")
_TIMEOUT_S = 300


@dataclass
class Seen:
    """What the browser saw of one app, over all rounds."""

    first: list[float] = field(default_factory=list)
    repaints: list[float] = field(default_factory=list)
    sent_kb: list[int] = field(default_factory=list)
    outside: set[str] = field(default_factory=set)

    def add(self, timing: dict[str, Any]) -> None:
        """Take in one run of the timing tool; a change that never showed is an error, not a gap."""
        times = [change["s"] for change in timing["repaints"]]
        if timing["first_paint_s"] is None or None in times:
            raise SystemExit(f"The map at {timing['url']} did not change: {timing['page_errors'] or 'no error shown'}.")
        self.first.append(timing["first_paint_s"])
        self.repaints += times
        self.sent_kb += [change["ws_kb"] for change in timing["repaints"]]
        self.outside |= set(timing["outside"])


def measure(dataset: Path, scratch: Path, repeat: int, chromium: str) -> Report:
    """Time both in turn, ``repeat`` rounds, each round a fresh browser."""
    ours, plain = Seen(), Seen()
    with our_server(dataset) as our, plain_server(scratch) as peer:
        for _ in range(repeat):
            ours.add(_timed(f"{our.url}/{PAGE}", (RATE, NUMBER), 4, chromium))
            plain.add(_timed(peer.url, YEARS, 2, chromium))
        our_bytes = asyncio.run(_bytes_sent(our, PAGE, MEASURE, RATE))
        plain_bytes = asyncio.run(_bytes_sent(peer, "", YEAR, YEARS[0]))
    a, b = statistics.median(ours.repaints), statistics.median(plain.repaints)
    lines = (
        "The Concentration page of Norfolk (552 LSOAs, with table, legend and filters) against a page with nothing but `folium.Choropleth` in "
        f"`st_folium`; from the click to the last changed pixel in Chromium, {len(ours.repaints)} changes of ours and {len(plain.repaints)} of the plain map, "
        f"{repeat} browsers each, in turn.",
        "",
        "| | ours | plain | ratio |",
        "|---|---|---|---|",
        f"| Repaint after a change, median | {a:.2f} s | {b:.2f} s | {a / b:.2f} |",
        f"| Repaint, fastest to slowest | {_span(ours.repaints)} | {_span(plain.repaints)} | |",
        f"| First paint, median | {statistics.median(ours.first):.2f} s | {statistics.median(plain.first):.2f} s | |",
        _kilobytes("Sent for a change, whole page", our_bytes.received, plain_bytes.received),
        _kilobytes("Sent for a change, the map's part", our_bytes.map_received, plain_bytes.map_received),
        f"| Sent in the browser, median (it keeps parts that it had before) | {statistics.median(ours.sent_kb):.0f} KB | {statistics.median(plain.sent_kb):.0f} KB | |",
        f"| Requests that left the machine | {len(ours.outside)} | {len(plain.outside)} | |",
    )
    return Report(
        lines,
        (
            Figure("repaint, median", 0.25, a, " s"),
            Figure("times faster than the plain map", 4, b / a, at_least=True),
            Figure("the map's part of a change", 20, our_bytes.map_received / 1024, " KB"),
            Figure("the whole page's change", 60, our_bytes.received / 1024, " KB"),
            Figure("requests that left the machine", 0, len(ours.outside)),
        ),
    )


def _timed(url: str, clicks: tuple[str, ...], rounds: int, chromium: str) -> dict[str, Any]:
    command = [sys.executable, str(MAP_TIMING), url, "--repeat", str(rounds), "--chromium", chromium]
    for text in clicks:
        command += ["--click", text]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False)
    if done.returncode:
        raise SystemExit(f"The browser could not be timed: {done.stderr.strip().splitlines()[-1]}")
    return dict(json.loads(done.stdout))


async def _bytes_sent(server: Server, page: str, label: str, option: str) -> Answer:
    async with Client(server.port, page) as client:
        await client.open()
        return await client.choose(label, option)


def _span(values: list[float]) -> str:
    return f"{min(values):.2f} to {max(values):.2f} s"


def _kilobytes(what: str, ours: int, plain: int) -> str:
    return f"| {what} | {ours / 1024:.0f} KB | {plain / 1024:,.0f} KB | {ours / plain:.3f} |"
