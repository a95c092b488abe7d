"""Switching measure, domain and layer on the Deprivation page against a change of the map as most Streamlit apps draw it."""

import contextlib
import runpy
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlencode, urlparse

import geopandas as gpd
import numpy as np
from playwright.sync_api import Browser, Error, Page, WebSocket, sync_playwright
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.setting import BOUNDARIES, MAP_TIMING, ROOT, Figure, Report, build_command, our_server, plain_server

# Repaint, in seconds, and kilobytes sent: those of the Concentration map.
_REPAINT_S, _PAGE_KB, _MAP_KB, _TIMES = 0.25, 60, 20, 4
_ROUNDS: Final = 3
_PATIENCE_S: Final = 20
# As the shared tool starts it, so that nothing of the browser's own leaves the machine.
_ARGUMENTS: Final = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
_LAYERS: Final = {"First": 800, "Second": 3_000}
_DESCRIPTION: Final = """title = "{}"
source = "Made up for this measurement"
date = "2025-09-30"
licence = "none"
marking = "open"
kind = "points"
"""


@dataclass
class Seen:
    """What the browser saw of one kind of switch, over all rounds."""

    seconds: list[float] = field(default_factory=list)
    page: list[int] = field(default_factory=list)
    map: list[int] = field(default_factory=list)

    @property
    def median(self) -> float:
        """Seconds from the click to the last changed pixel."""
        return statistics.median(self.seconds)


@dataclass(frozen=True)
class Step:
    """One switch: what is clicked, and before the clock starts, what opens the list that it is in."""

    click: Callable[[Page], object]
    before: Callable[[Page], object] = lambda page: None


class Watch:
    """A page whose map is looked at until its pixels have changed and stayed for 0.3 s, as the shared tool does it."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.page = browser.new_page(viewport={"width": 1600, "height": 1000})
        self.outside: set[str] = set()
        self._fingerprint = runpy.run_path(str(MAP_TIMING))["FINGERPRINT"]
        self._received: list[bytes] = []
        self.page.on("websocket", self._listen)
        self.page.on("request", lambda asked: self._ask(asked.url))
        start = time.perf_counter()
        self.page.goto(url)
        self._settle(start, None)
        self.page.wait_for_timeout(2500)

    def step(self, step: Step, seen: Seen) -> None:
        """Do it, and note how long and how much; a change that never showed is an error, not a gap."""
        step.before(self.page)
        self.page.wait_for_timeout(800)
        self._received.clear()
        before, start = self._look(), time.perf_counter()
        step.click(self.page)
        seen.seconds.append(self._settle(start, before))
        seen.page.append(sum(map(len, self._received)))
        seen.map.append(sum(len(frame) for frame in self._received if _of_map(frame)))

    def _settle(self, start: float, last: str | None) -> float:
        changed = None
        while time.perf_counter() - start < _PATIENCE_S:
            now = self._look()
            at = time.perf_counter()
            if now is not None and now != last:
                changed, last = at, now
            elif changed is not None and at - changed > 0.3:
                return changed - start
            self.page.wait_for_timeout(15)
        raise SystemExit(f"The map at {self.page.url} did not change.")

    def _look(self) -> str | None:
        for frame in self.page.frames:
            with contextlib.suppress(Error):  # a frame that went while it was asked
                if seen := frame.evaluate(self._fingerprint):
                    return str(seen)
        return None

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framereceived", lambda got: self._received.append(got if isinstance(got, bytes) else got.encode()))

    def _ask(self, url: str) -> None:
        to = urlparse(url)
        if to.scheme.startswith("http") and to.hostname not in ("localhost", "127.0.0.1"):
            self.outside.add(url)


def _of_map(frame: bytes) -> bool:
    message = ForwardMsg.FromString(frame)
    return message.WhichOneof("type") == "delta" and message.delta.new_element.HasField("component_instance")


def _measure(name: str) -> Step:
    return Step(lambda page: page.get_by_test_id("stMain").get_by_role("radio", name=name).click())


def _option(now: str, then: str) -> Step:
    return Step(
        lambda page: page.get_by_role("option", name=then, exact=True).first.click(),
        lambda page: (
            page.get_by_test_id("stMain").get_by_role("combobox").and_(page.locator(f'[value="{now}"]')).first.click()
        ),
    )


def _text(text: str) -> Step:
    return Step(lambda page: page.get_by_text(text, exact=True).first.click())


_IMD, _INCOME, _WITHOUT = "Index of Multiple Deprivation", "Income", "The index without its crime domain"
_SWITCHES: Final = {
    "measure": ({}, [_measure("Number"), _measure("Rate")]),
    "domain": ({}, [_option(_IMD, _INCOME), _option(_INCOME, _WITHOUT), _option(_WITHOUT, _IMD)]),
    "layer": (
        {"deprivation": "Layers", "layer": "first"},
        [_option("First", "Second"), _option("Second", "First")],
    ),
}
_PLAIN: Final = [_text(year) for year in ("2023", "2024", "2025", "2022")]


def measure(scratch: Path, repeat: int, chromium: str) -> Report:
    """Time all in turn, ``repeat`` rounds, each round a fresh page of its own browser."""
    dataset = scratch / "norfolk-with-layers"
    command = [*build_command(dataset), "--layers", str(_layers(scratch / "layers"))]
    subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
    ours, plain, outside = {name: Seen() for name in _SWITCHES}, Seen(), set[str]()
    with our_server(dataset) as our, plain_server(scratch) as peer:
        for browser in _browsers(chromium, repeat):
            for name, (link, steps) in _SWITCHES.items():
                watch = Watch(browser, f"{our.url}/Deprivation?{urlencode(link)}")
                for step in steps * _ROUNDS:
                    watch.step(step, ours[name])
                outside |= watch.outside
                watch.page.close()
            watch = Watch(browser, peer.url)
            for step in _PLAIN:
                watch.step(step, plain)
            watch.page.close()
    lines = [
        "The Deprivation page of Norfolk (552 LSOAs; two made-up layers of 800 and 3,000 points) against a page with nothing but "
        "`folium.Choropleth` in `st_folium`; from the click to the last changed pixel in Chromium, "
        f"{', '.join(f'{len(seen.seconds)} of {name}' for name, seen in ours.items())}, {len(plain.seconds)} of the plain map, {repeat} browsers, in turn.",
        "",
        "| switch | ours, median | fastest to slowest | plain, median | ratio | page sent, most | map sent, most |",
        "|---|---|---|---|---|---|---|",
        *(
            f"| {name} | {seen.median:.2f} s | {min(seen.seconds):.2f} to {max(seen.seconds):.2f} s | {plain.median:.2f} s | {seen.median / plain.median:.2f} | "
            f"{max(seen.page) / 1024:.0f} KB | {max(seen.map) / 1024:.0f} KB |"
            for name, seen in ours.items()
        ),
    ]
    figures = [Figure(f"{name}: repaint, median", _REPAINT_S, seen.median, " s") for name, seen in ours.items()]
    slowest = max(seen.median for seen in ours.values())
    figures += [
        Figure("slowest kind, times faster than the plain map", _TIMES, plain.median / slowest, at_least=True),
        Figure("the map's part of any change", _MAP_KB, max(max(seen.map) for seen in ours.values()) / 1024, " KB"),
        Figure("the whole page's change", _PAGE_KB, max(max(seen.page) for seen in ours.values()) / 1024, " KB"),
        Figure("requests that left the machine", 0, len(outside)),
    ]
    return Report(tuple(lines), tuple(figures))


def _browsers(chromium: str, repeat: int) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        for _ in range(repeat):
            browser = playwright.chromium.launch(executable_path=chromium, args=list(_ARGUMENTS))
            yield browser
            browser.close()


def _layers(folder: Path) -> Path:
    """Points about the middles of LSOAs, 150 m off on average; there is no open layer among the real files."""
    folder.mkdir()
    middles = gpd.read_file(BOUNDARIES).to_crs(27700).representative_point()
    rng = np.random.default_rng(552)
    for title, number in _LAYERS.items():
        about = middles.iloc[rng.integers(0, len(middles), number)]
        x, y = about.x + rng.normal(0, 150, number), about.y + rng.normal(0, 150, number)
        points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(x, y), crs=27700).to_crs(4326)
        (folder / f"{title.lower()}.geojson").write_text(points.to_json(), encoding="utf-8")
        (folder / f"{title.lower()}.toml").write_text(_DESCRIPTION.format(title), encoding="utf-8")
    return folder
