"""The API, one file for each thing it is about. `ROUTERS` has them all.

Every path starts with /api/v1. Who may is in `hub.permissions`; what can go wrong is a Problem.
"""

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from hub.web.access import GuardedRoute

PREFIX = "/api/v1"


class ProblemBody(BaseModel):
    """Every answer that is not what was asked for: `message` in each language, `detail` for programs."""

    code: str
    message: dict[str, str]
    detail: dict[str, Any]


def new_router() -> APIRouter:
    """A router whose routes ask who may, and are described with what can go wrong."""
    problem = {"model": ProblemBody, "description": "What is wrong"}
    return APIRouter(prefix=PREFIX, route_class=GuardedRoute, responses={"default": problem})
