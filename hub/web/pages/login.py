"""GET /login, and GET /, which leads to the page of one's role."""

from __future__ import annotations

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from hub.permissions import BOARD, CLERK, KIOSK, MANAGER, OFFICE, PASSER_BY
from hub.web.context import WhoAsks
from hub.web.pages import new_router, render

HOME = {
    **dict.fromkeys(OFFICE, "/admin"),
    MANAGER: "/manager",
    CLERK: "/clerk",
    BOARD: "/board",
    KIOSK: "/kiosk",
    PASSER_BY: "/board",
}
"""Role -> its page."""

AFTER_LOGIN = frozenset({*HOME.values(), "/desk", "/hall"})
"""Where a login may lead to."""

router = new_router()


@router.get("/")
async def home(caller: WhoAsks) -> Response:
    return RedirectResponse(HOME.get(caller.role, "/login"), 303)


@router.get("/login")
async def login(request: Request, caller: WhoAsks, next: str = "") -> Response:
    return render(request, "login", caller, data={"next": safe_path(next), "home": HOME})


def safe_path(path: str) -> str:
    """`path` if it is one of this hub's pages: a link to the login must not lead to somebody else's."""
    return path if path in AFTER_LOGIN else ""
