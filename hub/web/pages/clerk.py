"""GET /clerk: what a clerk works with all day, by keyboard alone."""

from __future__ import annotations

from fastapi import Request, Response

from hub.web.context import TheWeb, WhoAsks
from hub.web.pages import new_router, render

KEYS = {"next": "N", "recall": "R", "start": "S", "finish": "F", "missed": "M"}
"""Verb -> the key that means it. The same letters in every language: they are printed on the keyboard."""

router = new_router()


@router.get("/clerk")
async def clerk(request: Request, web: TheWeb, caller: WhoAsks) -> Response:
    user = web.accounts.user(caller.name)
    display = user.display if user else caller.name
    return render(request, "clerk", caller, display=display, keys=KEYS, data={"keys": KEYS})
