"""Fifty people change a filter at the same moment: how long each waits, ours against the plain map."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.client import Client
from benchmarks.map import MEASURE, PAGE, YEAR
from benchmarks.setting import Figure, Report, Server, our_server, plain_server, quantile

_OUR_OPTIONS = ("Number", "Rate", "Density")
_PLAIN_OPTIONS = ("2022", "2023", "2024")
_ROUNDS = 2
_PATIENCE_S = 300


@dataclass(frozen=True)
class Crowd:
    """All waits, round after round, in seconds; processor seconds per change; memory of the server at the end."""

    waits: tuple[tuple[float, ...], ...]
    cpu_per_change: float
    memory_mb: float

    def quantile(self, share: float) -> float:
        """Over the waits of all rounds."""
        return quantile([wait for round_ in self.waits for wait in round_], share)

    @property
    def worst_p95(self) -> float:
        """The 95th percentile of the slowest round."""
        return max(quantile(round_, 0.95) for round_ in self.waits)


def measure(dataset: Path, scratch: Path, repeat: int, people: int) -> Report:
    """Both in turn, ``repeat`` times, each time on a fresh server."""
    ours: list[Crowd] = []
    plain: list[Crowd] = []
    for _ in range(repeat):
        with our_server(dataset) as server:
            ours.append(_crowd(server, PAGE, MEASURE, _OUR_OPTIONS, people))
        with plain_server(scratch) as server:
            plain.append(_crowd(server, "", YEAR, _PLAIN_OPTIONS, people))
    a, b = _all(ours), _all(plain)
    lines = (
        f"{people} websocket sessions, each with the page open, change a filter at the same moment and wait until their script has finished: "
        f"the Measure of the Concentration page of Norfolk against the Year of the plain map. {_ROUNDS} rounds on each of {repeat} fresh servers "
        f"of each, in turn ({sum(map(len, a.waits)):,} waits each). The sessions run on the same two cores as the server, and so slow it down.",
        "",
        "| | ours | plain | ratio |",
        "|---|---|---|---|",
        _row("Wait, median", a.quantile(0.5), b.quantile(0.5), " s"),
        _row("Wait, 95th percentile", a.quantile(0.95), b.quantile(0.95), " s"),
        _row("Wait, 95th percentile of the slowest round", a.worst_p95, b.worst_p95, " s"),
        _row("Processor time of the server for a change", 1000 * a.cpu_per_change, 1000 * b.cpu_per_change, " ms"),
        _row("Memory of the server with all sessions", a.memory_mb, b.memory_mb, " MB"),
    )
    return Report(lines, (Figure(f"{people} sessions, 95th percentile of the wait", 2.5, a.quantile(0.95), " s"),))


def _all(crowds: Sequence[Crowd]) -> Crowd:
    def mean(of: Callable[[Crowd], float]) -> float:
        return sum(map(of, crowds)) / len(crowds)

    return Crowd(
        tuple(round_ for crowd in crowds for round_ in crowd.waits),
        mean(lambda crowd: crowd.cpu_per_change),
        mean(lambda crowd: crowd.memory_mb),
    )


def _crowd(server: Server, page: str, label: str, options: Sequence[str], people: int) -> Crowd:
    return asyncio.run(asyncio.wait_for(_together(server, page, label, options, people), _PATIENCE_S))


async def _together(server: Server, page: str, label: str, options: Sequence[str], people: int) -> Crowd:
    """Open one after the other, as people come; then all change at once, away from the first option and back to it."""
    async with contextlib.AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(Client(server.port, page)) for _ in range(people)]
        for client in clients:
            await client.open()
        waits = []
        before = server.cpu_seconds()
        for number in range(_ROUNDS):
            away = number % 2 == 0
            picks = [options[1 + place % (len(options) - 1)] if away else options[0] for place in range(people)]
            answers = await asyncio.gather(
                *(client.choose(label, pick) for client, pick in zip(clients, picks, strict=True))
            )
            waits.append(tuple(answer.seconds for answer in answers))
        cpu = (server.cpu_seconds() - before) / (_ROUNDS * people)
        return Crowd(tuple(waits), cpu, server.memory_mb())


def _row(what: str, ours: float, plain: float, unit: str) -> str:
    digits = 2 if unit == " s" else 0
    return f"| {what} | {ours:.{digits}f}{unit} | {plain:,.{digits}f}{unit} | {ours / plain:.2f} |"
