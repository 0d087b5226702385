"""The audit: who did what to what, when, and from where."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import Query
from pydantic import BaseModel

from hub.web.api import new_router
from hub.web.context import TheWeb

router = new_router()

NEWEST = 2**53
"""Above every id that there will be."""


class Line(BaseModel):
    """`before` and `after`: what was changed, as JSON; empty where there was, or is, nothing."""

    id: int
    at_ms: int
    who: str
    address: str
    action: str
    subject: str
    before: str
    after: str


@router.get("/audit")
async def audit(
    web: TheWeb,
    before: Annotated[int, Query(ge=1, le=NEWEST)] = NEWEST,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> list[Line]:
    """The newest lines, newest first. For older ones ask with `before` the last id that you have."""
    return [Line(id=key, **asdict(deed)) for key, deed in await web.accounts.audit(before, limit)]
