"""A server on a free port, and a browser that finds nobody but it."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode, urlparse

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Frame, Locator, Page, WebSocket, sync_playwright
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from geodata.build import build
from geodata.dataset import open_dataset
from geodata.inputs import Inputs
from hotspots.locations import Intervention, Location, Origin
from hotspots.register import Register
from tests import fixtures
from tests.test_pages import HOSTILE

ROOT = Path(__file__).parents[2]
ROOMS = ("pages", "geodata", "hotspots", "sample_data", ".streamlit")
NORFOLK = ROOT.parent / "shared" / "data" / "norfolk"
LAPTOP = {"width": 1366, "height": 768}
ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run", "--disable-component-update",
    "--disable-sync", "--disable-quic", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)  # fmt: skip
PATIENCE = 30_000  # milliseconds; generous, since no test is about speed

# A number for what is drawn of the areas, and how many pixels that is.
PIXELS = """() => {
  let hash = 0, inked = 0;
  for (const canvas of document.querySelectorAll('.leaflet-places-areas-pane canvas')) {
    const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
    for (let i = 0; i < data.length; i += 4) {
      hash = (hash * 31 + data[i] + 7 * data[i + 1] + 13 * data[i + 2] + 17 * data[i + 3]) | 0;
      inked += data[i + 3] > 0;
    }
  }
  return [hash, inked];
}"""


# -- servers


class Server:
    """``streamlit run app.py`` in a folder, on a dataset folder or, with none, on the sample."""

    def __init__(self, folder: Path, dataset: Path | None, log: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        settings = {key: value for key, value in os.environ.items() if not key.startswith(("PLACES_", "STREAMLIT_"))}
        if dataset:
            settings["PLACES_DATA"] = str(dataset)
        self.log = log
        self.register = settings["PLACES_REGISTER"] = str(log.with_name("register.sqlite"))
        with log.open("w", encoding="utf-8") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "streamlit", "run", "app.py", "--server.address", "127.0.0.1",
                 "--server.port", str(self.port)],
                cwd=folder, env=settings, stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip
        self._wait()

    def _wait(self) -> None:
        for _ in range(600):
            if self.process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=5):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        self.stop()
        pytest.fail(f"The server did not start:\n{self.log.read_text(encoding='utf-8')}")

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


Start = Callable[..., Server]


@pytest.fixture(scope="session")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """``start(dataset, folder=checkout)``: a server that has seen nobody yet."""
    servers: list[Server] = []

    def started(dataset: Path | None, folder: Path = ROOT) -> Server:
        servers.append(Server(folder, dataset, tmp_path_factory.mktemp("server") / "log.txt"))
        return servers[-1]

    yield started
    for server in servers:
        server.stop()


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project as a fresh clone has it: no dataset built."""
    folder = tmp_path_factory.mktemp("checkout")
    shutil.copy(ROOT / "app.py", folder)
    for room in ROOMS:
        shutil.copytree(
            ROOT / room, folder / room, ignore=shutil.ignore_patterns("__pycache__", "dataset", ".dataset*")
        )
    return folder


@pytest.fixture(scope="session")
def sample(checkout: Path, start: Start) -> Server:
    """A server on the sample, its dataset built before."""
    subprocess.run(
        [sys.executable, "-m", "geodata", "sample", "--out", str(checkout / "sample_data" / "dataset"), "--json"],
        cwd=checkout, check=True, capture_output=True,
    )  # fmt: skip
    return start(None, checkout)


@pytest.fixture(scope="session")
def norfolk_dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real county, built from the files as they are published."""
    if not NORFOLK.is_dir():
        pytest.skip("the real data of Norfolk are not beside the project, in shared/data/norfolk")
    folder = tmp_path_factory.mktemp("norfolk") / "dataset"
    inputs = Inputs(
        boundaries=(NORFOLK / "LSOA_2021_boundaries_BNG.gpkg",),
        police=(NORFOLK / "police-norfolk-2018-10_2025-12.zip",),
        deprivation=(NORFOLK / "IoD2025_File_7_all_ranks_deciles_scores.csv",),
        population=(NORFOLK / "census2021-ts001-lsoa.csv",),
        lookup=(
            NORFOLK / "LSOA_2021_to_ward_2024_to_LAD_2024_lookup.csv",
            NORFOLK / "LAD_2024_to_CSP_2024_to_PFA_2024_lookup.csv",
        ),
    )
    build(inputs, folder, "Norfolk")
    return folder


@pytest.fixture(scope="session")
def norfolk(norfolk_dataset: Path, start: Start) -> Server:
    return start(norfolk_dataset)


@pytest.fixture(scope="session")
def located(checkout: Path, sample: Server, start: Start) -> Server:
    """The sample with three locations: the planted intervention, a quiet place, and one that cannot be judged."""
    folder = checkout / "sample_data" / "dataset"
    server = start(folder, checkout)
    dataset, register = open_dataset(folder), Register(server.register)
    target = json.loads((checkout / "sample_data" / "truth.json").read_text(encoding="utf-8"))["intervention"]["target"]
    origin = Origin("Ana Lyst", dataset.hash, str(dataset.manifest["area"]), 2021)
    for name, codes, month in (
        ("Haverstow centre", tuple(target), "2025-01"),
        ("Nothing known", ("E01900420",), "2022-01"),
        ("Other place", ("E01900300",), "2025-01"),
    ):
        done = (Intervention("Patrols", month),)
        register.save(Location(name, "ranking", origin, codes, interventions=done), 0, "Ana Lyst")
    return server


def code(server: Server, name: str) -> str:
    """That of a location, as links carry it."""
    return next(one.id for one in Register(server.register).locations() if one.name == name)


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory, start: Start) -> Server:
    """Nine areas whose names and map points some program would run."""
    folder = tmp_path_factory.mktemp("hostile")
    texts = (*HOSTILE, "<b>bold</b>")
    names = [f"{texts[i % 5]} {i}" for i in range(9)]
    rows = [fixtures.incident(500 + 20 * (i % 5), 500, Crime_ID=f"a{i}", Location=texts[i % 5]) for i in range(60)]
    rows += [fixtures.incident(1500, 500, Crime_ID=f"b{i}", Location=texts[4]) for i in range(20)]
    boundaries = fixtures.write_boundaries(folder / "LSOA_2021.gpkg", fixtures.grid().assign(LSOA21NM=names))
    police = fixtures.write(folder / "police.csv", fixtures.street_csv(rows))
    places = fixtures.table(
        {"LSOA21CD": code, "LSOA21NM": name, "WD24NM": texts[0], "WD24CD": "E05000001", "LAD24NM": texts[1], "LAD24CD": "E07000901"}
        for code, name in zip(fixtures.CODES, names, strict=True)
    )  # fmt: skip
    lookup = (
        fixtures.write(folder / "wards.csv", places),
        fixtures.write(folder / "csp.csv", fixtures.districts_csv()),
    )
    build(Inputs(boundaries=(boundaries,), police=(police,), lookup=lookup), folder / "dataset", " ".join(texts))
    return start(folder / "dataset")


# -- the browser


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    names = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
    usual = Path("/usr/bin/chromium")
    path = str(usual) if usual.exists() else next((found for found in map(shutil.which, names) if found), None)
    if path is None:
        pytest.fail("The browser tests need Chromium: apt-get install chromium, or put Chrome on the PATH.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield browser
        browser.close()


class Visit:
    """One tab: what it asked for, what went wrong in it, and what the server sent it."""

    def __init__(self, page: Page, server: Server) -> None:
        self.page, self.server = page, server
        self.outside: list[str] = []
        self.errors: list[str] = []
        self.received: list[bytes] = []
        page.set_default_timeout(PATIENCE)
        page.on("request", lambda request: self._ask(request.url))
        page.on("websocket", self._listen)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._console)

    def open(self, path: str = "", **link: str | list[str]) -> "Visit":
        """Go to a page with filters in its link, and wait until the server has nothing more to say."""
        query = urlencode({key.rstrip("_"): value for key, value in link.items()}, doseq=True)
        self.received.clear()  # what an earlier page of this tab was told says nothing of this one
        self.page.goto(f"{self.server.url}/{path}" + (f"?{query}" if query else ""))
        self.until(self._settled, "the page and the run that settles its link")
        self.quiet()
        self.until(lambda: not self.page.get_by_test_id("stSpinner").count(), "what takes a while")
        self.quiet()
        return self

    def runs(self) -> int:
        """How many times the whole script has run to its end."""
        return sum(
            message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY
            for message in self.messages()
            if message.WhichOneof("type") == "script_finished"
        )

    def _settled(self) -> bool:
        """Whether the fragment that writes the link back has asked for its one rerun, and that has ended."""
        asked = whole = False
        for message in self.messages():
            kind = message.WhichOneof("type")
            if kind == "new_session":
                whole = False
            elif kind == "page_config_changed":
                whole = True
            elif kind == "script_finished" and not whole:
                asked = asked or message.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN
            elif kind == "script_finished" and asked:
                return bool(message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY)
        return False

    def messages(self) -> Iterator[ForwardMsg]:
        for frame in list(self.received):
            yield ForwardMsg.FromString(frame)

    def until(self, done: Callable[[], bool], what: str) -> None:
        for _ in range(PATIENCE // 25):
            if done():
                return
            self.page.wait_for_timeout(25)
        pytest.fail(f"waited in vain for {what}")

    def quiet(self) -> None:
        """Wait until nothing has come for a while and the browser has drawn what came."""
        heard = -1
        while heard != len(self.received):
            heard = len(self.received)
            self.page.wait_for_timeout(400)

    def rerun(self, act: Callable[[], object]) -> int:
        """Do something; wait for the rerun that it causes; return how many there were."""
        before = self.runs()
        act()
        self.until(lambda: self.runs() > before, "a rerun")
        self.quiet()
        return self.runs() - before

    def choose(self, label: str, option: str) -> int:
        """Pick an option of a select box in the sidebar; returns the number of reruns."""
        box = self.page.get_by_test_id("stSidebar").get_by_label(label, exact=True).first
        box.click()
        return self.rerun(lambda: self.page.get_by_role("option", name=option, exact=True).first.click())

    def view(self, name: str) -> int:
        """Open a view by its button; while a run goes on, that of the run before may still stand beside it."""
        button = self.page.get_by_role("radio", name=name, exact=True)
        self.until(lambda: button.count() == 1, f"one button for {name}")
        return self.rerun(button.click)

    def press(self, label: str) -> int:
        """Click on a radio option or a toggle."""
        return self.rerun(lambda: self.page.get_by_text(label, exact=True).first.click())

    @property
    def map(self) -> Frame:
        for _ in range(10):
            self.until(lambda: any("st_folium" in frame.url for frame in self.page.frames), "the map's frame")
            frame = next(frame for frame in self.page.frames if "st_folium" in frame.url)
            try:
                frame.wait_for_function("() => window.map && window.map._loaded && document.querySelector('canvas')")
            except Error as error:  # a run that had not yet ended put the map in another place of the page
                if "detached" not in str(error):
                    raise
                self.quiet()
            else:
                return frame
        pytest.fail("the map is put in another place again and again")

    def caption(self) -> str:
        """What stands below the title."""
        return str(self.page.locator(".st-key-caption").inner_text())

    def pixels(self) -> tuple[int, int]:
        """A number for what the map shows, once it shows anything, and how many pixels are drawn."""
        self.map.wait_for_function(f"() => ({PIXELS})()[1] > 0")
        number, drawn = self.map.evaluate(PIXELS)
        return number, drawn

    def repainted(self, before: tuple[int, int]) -> None:
        """Wait until the map shows something else."""
        self.until(lambda: self.pixels() != before, "the map to be painted anew")

    @property
    def table(self) -> Locator:
        """The first table, once its cells can be read."""
        table = self.page.get_by_test_id("stDataFrame").first
        table.locator("#glide-cell-3-0").wait_for(state="attached")
        return table

    def row(self, place: int) -> int:
        """Tick a row of the first table, 0 the first; returns the number of reruns."""
        return self.rerun(lambda: self.table.click(position={"x": 16, "y": 34 + 30 * place + 15}))

    def sound(self) -> None:
        """Nothing went wrong and nothing was asked of anybody else."""
        assert self.outside == []
        assert self.errors == []
        assert self.page.get_by_test_id("stException").count() == 0

    def _ask(self, url: str) -> None:
        to = urlparse(url)
        if to.scheme in {"http", "https", "ws", "wss", "ftp"} and to.netloc != f"127.0.0.1:{self.server.port}":
            self.outside.append(url)

    def _listen(self, socket: WebSocket) -> None:
        self._ask(socket.url)
        socket.on(
            "framereceived", lambda frame: self.received.append(frame if isinstance(frame, bytes) else frame.encode())
        )

    def _console(self, message: ConsoleMessage) -> None:
        if message.type != "error":
            return
        # Streamlit looks for its server below the page's own address first, on a link to a page other than the first.
        address = urlparse(message.location.get("url", "")).path.split("/")
        if len(address) == 4 and address[2:] in (["_stcore", "health"], ["_stcore", "host-config"]):
            return
        self.errors.append(f"{message.text} ({message.location.get('url')})")


OpenTab = Callable[..., Visit]


@pytest.fixture
def tab(chromium: Browser) -> Iterator[OpenTab]:
    """``tab(server)``: a new tab of a browser that has been nowhere; whatever the test, nothing may have gone wrong."""
    visits: list[Visit] = []
    contexts = []

    def opened(server: Server, scheme: str = "light", size: dict[str, int] = LAPTOP) -> Visit:
        context = chromium.new_context(viewport=size, color_scheme=scheme, accept_downloads=True)  # type: ignore[arg-type]
        contexts.append(context)
        visits.append(Visit(context.new_page(), server))
        return visits[-1]

    yield opened
    for visit in visits:
        visit.sound()
    for context in contexts:
        context.close()
