"""Many people at once: raw websockets that speak Streamlit's protocol, without the cost of as many browsers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

from tests.bench.bench import Row, bench
from tests.bench.web_process import weight
from tests.browser.app_server import AppServer

SESSIONS = 100


@bench
def sessions() -> Iterator[Row]:
    """Opens sessions at once, waits until the last one has its first page, and weighs the process while all are open."""
    with AppServer() as server:
        server.warm()
        asyncio.run(_open_all(server, 1))
        seconds, rows = asyncio.run(_open_all(server, SESSIONS))
    yield Row(f"{SESSIONS} sessions opened at once, until the last is ready", seconds, "s", 3)
    yield from rows


async def _open_all(server: AppServer, count: int) -> tuple[float, list[Row]]:
    began = time.monotonic()
    sockets = await asyncio.gather(*(_open(server.port) for _ in range(count)))
    seconds = time.monotonic() - began
    rows = list(weight(server.process, f"{count} sessions open"))
    await asyncio.gather(*(socket.close() for socket in sockets))
    return seconds, rows


async def _open(port: int) -> ClientConnection:
    """A session whose first script run has finished."""
    socket = await connect(
        f"ws://127.0.0.1:{port}/_stcore/stream",
        origin=f"http://127.0.0.1:{port}",
        subprotocols=["streamlit"],
        max_size=None,
        open_timeout=60,
    )
    start = BackMsg()
    start.rerun_script.query_string = ""
    await socket.send(start.SerializeToString())
    while True:
        message = ForwardMsg.FromString(await socket.recv())
        if message.WhichOneof("type") == "script_finished":
            if message.script_finished != ForwardMsg.FINISHED_SUCCESSFULLY:
                raise RuntimeError(f"The page ended with {ForwardMsg.ScriptFinishedStatus.Name(message.script_finished)}.")
            return socket
