"""Lets requests in, by the table of hub.permissions.

Every route of the app is in it, or the app does not start (`GuardedRoute` looks itself up when it is made). A request
shows who asks by the cookie of a login or by `Authorization: Bearer TOKEN`; it is let in before its body is read.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from inspect import signature
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from hub.permissions import APPLICANT, NEIGHBOUR, PASSER_BY, ROUTES, Roles
from hub.web.accounts import Caller
from hub.web.context import Web, web_of
from hub.web.guesses import LOGIN, SETUP, TICKET
from hub.web.problems import Problem

SAFE = ("GET", "HEAD")
"""Methods that change nothing, so that it does not matter which site's page asked."""

AT_ONCE = frozenset({"GET /api/v1/health", "GET /api/v1/live", "GET /healthz", "GET /metrics"})
"""What is answered without waiting for the disk: it is asked when the disk is stuck, or, as the live page, shows only
what is stored."""

HERE = ("127.0.0.1", "::1", "[::1]", "localhost")
"""What this machine is called by itself."""

PROXIED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")
"""Headers by which proxies say that they ask for somebody else."""

BODY_BYTES = 16_384
"""Largest body of a request. The largest that means something, a new user, has less than 1,000 bytes."""

HALL_FILE_BYTES = 262_144
"""The same for a hall file; one with 222 windows has about 40,000 bytes."""

HALL_FILE_ROUTE = "POST /api/v1/hall/config"
"""The one route that takes a file, as JSON or as it is."""

TYPED_BODY_BYTES = 131_072
"""Of a rating: 20,000 characters, so that who wrote too much is told so in words."""

WRONG = (401, 403, 404)
"""What a wrong password, a wrong link and a ticket that is not there are answered with."""

RELEASE_ROUTE = "POST /api/v1/releases"
RELEASE_BODY_BYTES = 2_200_000
"""A release of the firmware in base64: at most 1.5 MB of files (protocol/update.py)."""

LARGER_BODIES = {
    HALL_FILE_ROUTE: HALL_FILE_BYTES,
    RELEASE_ROUTE: RELEASE_BODY_BYTES,
    **dict.fromkeys(
        (
            "POST /api/v1/ratings/by-link/{token}",
            "POST /api/v1/tickets/{visit}/rating",
            "POST /api/v1/reviews",
            "POST /api/v1/reviews/{review}/{verb}",
            "POST /api/v1/marks/{mark}/{verb}",
        ),
        TYPED_BODY_BYTES,
    ),
}
"""Route -> its largest body, where that is more than BODY_BYTES."""

POLL = "x-poll"
"""Header of what a page asks again and again while nobody touches it."""

LIVE = "/api/v1/live"

COOKIE = "jiaohao_session"


def cookie_name(secure: bool) -> str:
    """With TLS the name binds the cookie to this very host; browsers refuse that name without TLS."""
    return f"__Host-{COOKIE}" if secure else COOKIE


class GuardedRoute(APIRoute):
    """A route that asks the table first. Raises KeyError when it is made and is not in the table.

    An endpoint that takes nothing but the request is called directly: there is nothing for FastAPI to prepare.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        is_bare = list(signature(self.endpoint).parameters) == ["request"]
        handle = self.endpoint if is_bare else super().get_route_handler()
        method = min(self.methods or ())
        route = f"{method} {self.path_format}"
        roles, takes_file = ROUTES[route], route == HALL_FILE_ROUTE
        most_bytes = LARGER_BODIES.get(route, BODY_BYTES)

        async def guarded(request: Request) -> Response:
            caller = await admit(request, roles, takes_file=takes_file, most_bytes=most_bytes)
            request.scope["caller"] = caller
            if method not in SAFE:
                await _read_whole(request, caller)
            answer = await handle(request) if caller.digest else await _watched(request, route, handle)
            if method in SAFE and route not in AT_ONCE:
                await web_of(request).service.settled()  # what it shows must not be undone by a crash
            return answer

        return guarded


async def _read_whole(request: Request, caller: Caller) -> None:
    """Reads the body, for which a slow sender takes as long as they like. Raises Problem when they were thrown out
    meanwhile."""
    await request.body()
    if caller.digest and not web_of(request).accounts.is_still_good(caller):
        raise Problem(401, "not-logged-in")


async def _watched(
    request: Request, route: str, handle: Callable[[Request], Coroutine[Any, Any, Response]]
) -> Response:
    """The answer to somebody without a login, who may not look for what there is."""
    kind = _tried(route)
    if not kind:
        return await handle(request)
    web, address = web_of(request), request.client.host if request.client else ""
    web.guesses.begin_stranger(kind, address, web.clock.now().ms)
    is_wrong = False
    try:
        return await handle(request)
    except Problem as problem:
        is_wrong = problem.status in WRONG
        raise
    finally:
        if not is_wrong:
            web.guesses.stranger_was_right(kind, address)


def _tried(route: str) -> str:
    """What somebody without a login could find out by trying the route often; empty: nothing."""
    if "{visit}" in route or "{token}" in route:
        return TICKET
    if route.endswith("/setup"):
        return SETUP
    return LOGIN if route == "POST /api/v1/login" else ""


async def admit(request: Request, roles: Roles, *, takes_file: bool = False, most_bytes: int = BODY_BYTES) -> Caller:
    """Who asks, if they may. Raises Problem."""
    web = web_of(request)
    caller, by_cookie = await _caller(request, web)
    if caller is None or caller.role not in roles:
        anonymous = _anonymous(request, web, roles)
        if anonymous not in roles:
            raise Problem(401, "not-logged-in") if caller is None else Problem(403, "forbidden")
        caller = caller or Caller("", anonymous)
    if request.method not in SAFE or "origin" in request.headers:
        _check_intended(request, by_cookie, web.secure)
    if request.method not in SAFE:
        _check_type(request, takes_file)
        _check_size(request, most_bytes)
    return caller


def _anonymous(request: Request, web: Web, roles: Roles) -> str:
    """What somebody without a login is."""
    if NEIGHBOUR in roles and _is_neighbour(request):
        return NEIGHBOUR
    return PASSER_BY if web.open_board else APPLICANT


def _is_neighbour(request: Request) -> bool:
    """Whether it comes from this machine and means it. A proxy on this machine asks for others, and says so; a page
    whose name was made to point here has another name for us."""
    host = request.headers.get("host", "")
    means_here = host in HERE or host.rpartition(":")[0] in HERE
    is_passed_on = any(header in request.headers for header in PROXIED)
    return request.client is not None and request.client.host in HERE and means_here and not is_passed_on


async def _caller(request: Request, web: Web) -> tuple[Caller | None, bool]:
    """(who asks or None, whether a browser's cookie said so). Pages that look again by themselves do not keep a login
    alive: they say so, but for the live page, which cannot."""
    is_use = POLL not in request.headers and request.url.path != LIVE
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return await web.accounts.admit(bearer.strip(), is_use), False
    token = request.cookies.get(cookie_name(web.secure))
    return (await web.accounts.admit(token, is_use), True) if token else (None, False)


def _check_intended(request: Request, by_cookie: bool, secure: bool) -> None:
    """Refuses what another site's page made a browser send. A program that sends its token itself has no Origin."""
    origin = request.headers.get("origin")
    if origin is not None or by_cookie:
        scheme, _, host = (origin or "").partition("://")
        if host != request.headers.get("host") or scheme not in (("https",) if secure else ("http", "https")):
            raise Problem(403, "wrong-origin")


def _check_type(request: Request, takes_file: bool) -> None:
    """JSON only: a form of another site cannot send that."""
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if request.method == "POST" and given != "application/json" and not (takes_file and given == "text/plain"):
        raise Problem(415, "not-json")


def _check_size(request: Request, most_bytes: int) -> None:
    """Refuses a body that is too large, or that does not say how large it is: it is read as a whole."""
    if "transfer-encoding" in request.headers or int(request.headers.get("content-length", 0)) > most_bytes:
        raise Problem(413, "too-large", limit=most_bytes)
