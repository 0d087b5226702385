"""Headers that every answer has: what a browser may do with it, and that nothing of it is kept.

No search engine lists any of it. Pages load from this hub alone: no script, style, font or picture from elsewhere, none
written into a page. An answer that needs another policy than that brings its own: a report, which may do even less.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

_ALWAYS = [
    (b"content-security-policy", _POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"x-robots-tag", b"noindex, nofollow"),
]
_NOT_KEPT = (b"cache-control", b"no-store")
_ASK_AGAIN = (b"cache-control", b"no-cache")
"""Static files may be kept, but are asked for again: a hub that was updated must not meet the scripts of before."""

_TLS_ONLY = (b"strict-transport-security", b"max-age=31536000")


class Headers:
    """ASGI middleware. `secure`: pages are reached over TLS, and never without."""

    def __init__(self, app: ASGIApp, secure: bool):
        self._app = app
        always = [*_ALWAYS, _TLS_ONLY] if secure else _ALWAYS
        self._dynamic = [*always, _NOT_KEPT]
        self._static = [*always, _ASK_AGAIN]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        extra = self._static if scope["path"].startswith("/static/") else self._dynamic

        async def send_with(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = message.get("headers", ())
                names = {name.lower() for name, _ in own}
                message["headers"] = [*own, *((name, value) for name, value in extra if name not in names)]
            await send(message)

        await self._app(scope, receive, send_with)
