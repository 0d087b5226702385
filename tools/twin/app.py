"""The twin's routes. It shows passwords and presses keys, so it answers this machine's own browser only.

The server listens on loopback; `Guard` refuses what another site's page makes that browser send: a Host that is not
ours (a name that was rebound to 127.0.0.1), and a POST whose Origin is not ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fastapi import FastAPI, HTTPException
from fastapi.responses import FileResponse, JSONResponse, Response, StreamingResponse
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel, ConfigDict, Field
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from protocol.limits import ID_CHARS
from tools.demo.hub_api import HubIsGone, HubSaysNo
from tools.demo.stage import Stage, VirtualDevice
from tools.demo.supervisor import Draw
from tools.twin.feed import Feed
from tools.twin.views import Json

STATIC = Path(__file__).parent / "static"

PAGES = 32
"""Pages that may be open at once; more is a mistake of some script, and each costs a connection."""

BODY_BYTES = 1024
"""Longest request body: an id and a number."""

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class Guard:
    """Lets through what our own page asks for, and puts the security headers on every answer."""

    def __init__(self, app: ASGIApp, hosts: Sequence[str]):
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] += [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
            await send(message)

        problem = self._problem(scope["method"], Headers(scope=scope))
        app = Response(problem, 403, media_type="text/plain") if problem else self._app
        await app(scope, receive, send_guarded)

    def _problem(self, method: str, headers: Headers) -> str:
        host = headers.get("host", "")
        if host not in self._hosts:
            return "this page is for the machine itself: ask for 127.0.0.1"
        if method in ("GET", "HEAD"):
            return ""
        if headers.get("origin") != f"http://{host}":
            return "this was not sent by the twin's own page"
        if not headers.get("content-length", "").isdigit() or int(headers["content-length"]) > BODY_BYTES:
            return f"a request has at most {BODY_BYTES} bytes"
        return ""


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Press(_Body):
    device: str = Field(max_length=2 * ID_CHARS)
    key: int = Field(ge=0, le=15)


class _Plug(_Body):
    device: str = Field(max_length=2 * ID_CHARS)
    plugged: bool


class _Robot(_Body):
    window: str = Field(max_length=ID_CHARS)
    on: bool


class _Ticket(_Body):
    service: str = Field(max_length=ID_CHARS)


class Twin:
    """The app and the pages that are open on it. `scene` is what views.scene gives."""

    def __init__(self, stage: Stage, scene: Json, draw: Draw, hosts: Sequence[str]):
        self._stage = stage
        self._scene = scene
        self._draw = draw
        self._feeds: set[Feed] = set()
        app = FastAPI(openapi_url=None)
        app.get("/")(self.page)
        app.get("/api/scene")(self.scene)
        app.get("/api/live")(self.live)
        app.post("/api/press", status_code=204)(self.press)
        app.post("/api/plug", status_code=204)(self.plug)
        app.post("/api/robot", status_code=204)(self.robot)
        app.post("/api/ticket")(self.ticket)
        app.mount("/static", StaticFiles(directory=STATIC))
        self.app = Guard(app, hosts)

    def close(self) -> None:
        """Lets all open pages go."""
        for feed in self._feeds:
            feed.close()

    async def page(self) -> FileResponse:
        return FileResponse(STATIC / "twin.html")

    async def scene(self) -> Response:
        return JSONResponse(self._scene)

    async def live(self) -> Response:
        """Server-sent events: hall, window and device, each the whole state of one."""
        if len(self._feeds) >= PAGES:
            raise HTTPException(503, f"at most {PAGES} pages at once")
        feed = Feed(self._stage)
        self._feeds.add(feed)

        async def lines():
            try:
                async for line in feed.lines():
                    yield line
            finally:
                self._feeds.discard(feed)

        return StreamingResponse(lines(), media_type="text/event-stream")

    async def press(self, body: _Press) -> None:
        """Presses a key. 409 when the device has no power, or the hall is not open."""
        self._check_open()
        if not self._stage.press(self._device(body.device), body.key):
            raise HTTPException(409, "the device is off")

    async def plug(self, body: _Plug) -> None:
        """Pulls a device's plug or puts it in."""
        self._check_open()
        device = self._device(body.device)
        if device.racked:
            raise HTTPException(409, "this device shares a process with others: it has no plug of its own")
        (self._stage.plug if body.plugged else self._stage.pull)(device)

    async def robot(self, body: _Robot) -> None:
        desk = self._stage.desks.get(body.window)
        if desk is None:
            raise HTTPException(404, "there is no such window")
        self._stage.set_robot(desk, body.on)

    async def ticket(self, body: _Ticket) -> dict[str, Any]:
        """Draws a ticket; its number, or the hub's reason in every language."""
        self._check_open()
        try:
            return {"number": await self._draw(body.service)}
        except HubSaysNo as no:
            raise HTTPException(409, no.message) from no
        except HubIsGone as gone:
            raise HTTPException(503, str(gone)) from gone

    def _check_open(self) -> None:
        """Before it opens nothing works yet; once it drains, what is under way is being counted."""
        if self._stage.phase != "open":
            raise HTTPException(409, "the hall is not open")

    def _device(self, name: str) -> VirtualDevice:
        device = self._stage.devices.get(name)
        if device is None:
            raise HTTPException(404, "there is no such device")
        return device
