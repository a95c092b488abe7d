"""A browser's half of the conversation with a Streamlit server, without the browser.

Opens a page over the websocket, lets it settle, changes a radio and waits until the script has finished.
"""

import time
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

_DONE = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)


@dataclass(frozen=True)
class Answer:
    """How long one change took until the script had finished, and the bytes that came: in all, and for the map alone."""

    seconds: float
    received: int
    map_received: int


class Client:
    """One session on the page named ``page`` (empty: the first page) of the server at ``port``."""

    def __init__(self, port: int, page: str) -> None:
        self._address = f"ws://localhost:{port}/_stcore/stream"
        self._page = page
        self._query = ""
        self._page_hash = ""
        self._fragments: list[str] = []
        self._radios: dict[str, tuple[str, list[str], str]] = {}  # label: widget id, options, key in the link
        self._socket: ClientConnection | None = None

    async def __aenter__(self) -> Self:
        self._socket = await connect(self._address, subprotocols=None, max_size=None, ping_interval=None)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._socket is not None:
            await self._socket.close()

    async def open(self) -> None:
        """Load the page, then run each fragment that asked to be run again, as a browser does."""
        await self._run(ClientState(page_name=self._page))
        for fragment in tuple(self._fragments):
            await self._run(ClientState(page_script_hash=self._page_hash, fragment_id=fragment, is_auto_rerun=True))

    async def choose(self, label: str, option: str) -> Answer:
        """Pick ``option`` of the radio ``label`` and wait until the script has finished."""
        widget, options, link_key = self._radios[label]
        if option not in options:
            raise ValueError(f"the radio {label!r} has no option {option!r}: it has {', '.join(options)}")
        if link_key:
            self._query = f"{link_key}={option}"
        state = ClientState(page_script_hash=self._page_hash, query_string=self._query)
        state.widget_states.widgets.add(id=widget, string_value=option)
        start = time.perf_counter()
        received, of_map = await self._run(state)
        return Answer(time.perf_counter() - start, received, of_map)

    async def _run(self, state: ClientState) -> tuple[int, int]:
        """Ask for a run and read until it is done; a run that asks for another ends early and is followed by it."""
        assert self._socket is not None
        message = BackMsg()
        message.rerun_script.CopyFrom(state)
        await self._socket.send(message.SerializeToString())
        received = of_map = 0
        while True:
            data = await self._socket.recv(decode=False)
            received += len(data)
            answer = ForwardMsg.FromString(bytes(data))
            kind = answer.WhichOneof("type")
            if kind == "script_finished" and answer.script_finished in _DONE:
                return received, of_map
            if kind == "script_finished" and answer.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                raise RuntimeError("the page could not be compiled")
            if kind == "delta" and answer.delta.new_element.HasField("component_instance"):
                of_map += len(data)
            self._note(kind, answer)

    def _note(self, kind: str | None, answer: ForwardMsg) -> None:
        if kind == "navigation":
            self._page_hash = answer.navigation.page_script_hash
        elif kind == "auto_rerun":
            self._fragments.append(answer.auto_rerun.fragment_id)
        elif kind == "delta" and answer.delta.HasField("new_element"):
            element = answer.delta.new_element
            if element.HasField("radio"):
                radio = element.radio
                self._radios[radio.label] = (radio.id, list(radio.options), radio.query_param_key)
            elif element.HasField("exception"):
                raise RuntimeError(f"the page shows an error: {element.exception.message}")
