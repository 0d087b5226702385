"""Serves the twin on loopback, in the loop of whoever asks for it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import uvicorn

from tools.demo.opening import People
from tools.demo.place import LOOPBACK, Place
from tools.demo.stage import Stage
from tools.demo.supervisor import Draw
from tools.demo.supervisor import Twin as Serve
from tools.twin import views
from tools.twin.app import Twin

STOP_S = 2
"""How long an open request may take at the end."""


class _Server(uvicorn.Server):
    """Leaves the signals to the supervisor."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def twin_server(speed: float, runtime: str) -> Serve:
    """What the supervisor enters to have the twin served; `speed` and `runtime` are shown on the page."""

    @asynccontextmanager
    async def serve(stage: Stage, place: Place, people: People, draw: Draw) -> AsyncIterator[None]:
        links = {name: f"{place.hub_url}/{name}" for name in ("board", "clerk", "admin")}
        hosts = [f"{name}:{place.twin}" for name in (LOOPBACK, "localhost")]
        twin = Twin(stage, views.scene(stage, people, links, speed, runtime), draw, hosts)
        config = uvicorn.Config(
            twin.app, log_level="warning", access_log=False, lifespan="off", timeout_graceful_shutdown=STOP_S
        )
        server = _Server(config)
        with socket.create_server((LOOPBACK, place.twin)) as listener:
            serving = asyncio.create_task(server.serve(sockets=[listener]))
            try:
                yield
            finally:
                twin.close()
                server.should_exit = True
                await serving

    return serve
