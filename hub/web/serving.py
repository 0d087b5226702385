"""The web server of the pages: an open page does not keep the hub from stopping."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from hub.web.app import end_streams

STOP_S = 3
"""How long open pages may keep the hub from stopping. A live page never ends by itself."""


class PageServer(uvicorn.Server):
    """Serves `app`, over TLS when there is a `certificate`: a PEM file with its key.

    Leaves signals to whoever runs the hub: pages end first when it stops, and not only they.
    """

    def __init__(self, app: FastAPI, certificate: Path | None):
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            proxy_headers=False,
            timeout_graceful_shutdown=STOP_S,
            lifespan="off",
            ssl_certfile=certificate,
        )
        config.load()
        if config.ssl:
            config.ssl.minimum_version = ssl.TLSVersion.TLSv1_2
        super().__init__(config)
        self._app = app

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def serve_on(self, listener: socket.socket) -> None:
        """Serves until cancelled; then ends the live pages and lets other requests end, for STOP_S at most."""
        serving = asyncio.create_task(self.serve(sockets=[listener]))
        try:
            await asyncio.shield(serving)
        except asyncio.CancelledError:
            end_streams(self._app)
            self.should_exit = True
            await serving
            raise
