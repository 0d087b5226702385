"""The pages behind a proxy that speaks TLS: who asks is whom the proxy names, and nobody else may come past it."""

from __future__ import annotations

import ipaddress

from starlette.types import ASGIApp, Receive, Scope, Send

REFUSED = b"this hub is reached through its proxy only\n"


class BehindProxy:
    """ASGI middleware. `proxy` is the address of the proxy; programs on the hub's own machine may come directly."""

    def __init__(self, app: ASGIApp, proxy: str):
        self._app = app
        self._proxy = proxy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        peer = scope["client"][0] if scope.get("client") else ""
        if peer == self._proxy:
            asked_for = _asked_for(scope["headers"])
            passed_on = {"client": (asked_for, 0)} if asked_for else {}
            await self._app({**scope, "scheme": "https", **passed_on}, receive, send)
        elif _is_loopback(peer):
            await self._app(scope, receive, send)
        else:
            head = [(b"content-type", b"text/plain"), (b"content-length", str(len(REFUSED)).encode())]
            await send({"type": "http.response.start", "status": 403, "headers": head})
            await send({"type": "http.response.body", "body": REFUSED})


def _asked_for(headers: list[tuple[bytes, bytes]]) -> str:
    """The address that the proxy saw, which it put last; empty when it named none. What is before it may be made up."""
    given = b",".join(value for name, value in headers if name == b"x-forwarded-for")
    last = given.rpartition(b",")[2].strip().decode("latin-1")
    try:
        return str(ipaddress.ip_address(last))
    except ValueError:
        return ""


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
