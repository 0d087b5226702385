"""Behind a proxy that speaks TLS: real connections through a small one, and past it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn

from hub.web.proxy import BehindProxy
from tests.hub.web.web_hall import PASSWORD, web_hall
from tools.ports import free_port

PUBLIC = "hall.example"
VISITOR = "198.51.100.7"


@asynccontextmanager
async def served(app) -> AsyncIterator[int]:
    """The app on a loopback port."""
    config = uvicorn.Config(app, port=free_port(), log_config=None, lifespan="off", proxy_headers=False)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server._serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield config.port
    finally:
        server.should_exit = True
        await task


@asynccontextmanager
async def proxied(port: int, *more: bytes) -> AsyncIterator[int]:
    """What nginx does with our example, but for TLS: passes each request on and says for whom."""
    extra = b"".join(line + b"\r\n" for line in (b"X-Forwarded-For: " + VISITOR.encode(), *more))

    async def serve(reader, writer):
        upstream_reader, upstream = await asyncio.open_connection("127.0.0.1", port)
        head = await reader.readuntil(b"\r\n\r\n")
        first, _, rest = head.partition(b"\r\n")
        length = [line for line in rest.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        body = await reader.readexactly(int(length[0].partition(b":")[2])) if length else b""
        upstream.write(first + b"\r\n" + rest[:-2] + extra + b"Connection: close\r\n\r\n" + body)
        writer.write(await upstream_reader.read())
        writer.close()
        upstream.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def browser(port: int, origin: str = f"https://{PUBLIC}") -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers={"Host": PUBLIC, "Origin": origin})


async def test_cookie_headers_and_address_are_as_with_tls(tmp_path: Path):
    async with AsyncExitStack() as stack:
        hall = await stack.enter_async_context(web_hall(tmp_path, secure=True, proxy="127.0.0.1"))
        port = await stack.enter_async_context(served(hall.app))
        admin = await stack.enter_async_context(browser(await stack.enter_async_context(proxied(port))))
        answer = await admin.post("/api/v1/login", json={"name": "admin", "password": PASSWORD})
        assert answer.status_code == 200
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-jiaohao_session=") and "Secure" in cookie and "HttpOnly" in cookie
        assert "max-age" in answer.headers["strict-transport-security"]
        # httpx sends no Secure cookie over the plain line to our proxy; a browser has TLS there.
        session = {"Cookie": cookie.partition(";")[0]}
        assert (await admin.get("/api/v1/me", headers=session)).json()["name"] == "admin"
        made = await admin.post("/api/v1/keys", json={"label": "k", "role": "kiosk"}, headers=session)
        assert made.status_code == 201
        foreign = {**session, "Origin": f"http://{PUBLIC}"}
        refused = await admin.post("/api/v1/keys", json={"label": "l", "role": "kiosk"}, headers=foreign)
        assert refused.status_code == 403, "a page of the same name without TLS is another one"
        addresses = {deed.address for _, deed in hall.accounts.deeds(2**62, 100) if deed.who != "test"}
        assert addresses == {VISITOR}


@pytest.mark.parametrize("given", ["1.2.3.4, 198.51.100.7", "unknown, 198.51.100.7"])
async def test_what_a_visitor_claims_to_be_does_not_count(given: str):
    assert await seen_by(("192.0.2.9", 5), given) == ("198.51.100.7", "https")


@pytest.mark.parametrize("given", ["", "nobody", "198.51.100.7, nobody"])
async def test_a_proxy_that_names_nobody_is_who_asks(given: str):
    assert await seen_by(("192.0.2.9", 5), given) == ("192.0.2.9", "https")


async def test_the_hubs_own_machine_may_come_directly_and_claims_nothing():
    assert await seen_by(("127.0.0.1", 5), "198.51.100.7") == ("127.0.0.1", "http")


@pytest.mark.parametrize("peer", ["192.0.2.10", "", "localhost"])
async def test_nobody_else_comes_past_the_proxy(peer: str):
    assert await seen_by((peer, 5) if peer else None, "198.51.100.7") == 403


async def test_who_goes_while_still_sending_leaves_no_trace_in_the_log(tmp_path: Path, caplog):
    """Or whoever passes by could fill the disk with traces of errors."""
    async with web_hall(tmp_path) as hall, served(hall.app) as port:
        for path in (b"tickets/x/cancel", b"login"):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"POST /api/v1/%b HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n" % path)
            writer.write(b"Content-Length: 15\r\n\r\n{")
            await asyncio.sleep(0.1)
            writer.close()
            await asyncio.sleep(0.1)
        assert (await browser(port).get("/healthz")).status_code == 200
    assert not [record for record in caplog.records if record.levelname in ("WARNING", "ERROR")]


async def seen_by(peer: tuple[str, int] | None, forwarded: str):
    """(client, scheme) that the app sees of a request from `peer`, or the status with which it was refused."""
    found = []

    async def app(scope, receive, send):
        found.append((scope["client"][0], scope["scheme"]))

    async def send(message):
        found.append(message.get("status"))

    headers = [(b"x-forwarded-for", forwarded.encode())] if forwarded else []
    scope = {"type": "http", "client": peer, "scheme": "http", "headers": headers}
    await BehindProxy(app, "192.0.2.9")(scope, None, send)
    return found[0]
