"""The API, one file for each thing it is about. `ROUTERS` has them all.

Every path starts with /api/v1. Who may is in `hub.web.access`; what can go wrong is a Problem.
"""

from fastapi import APIRouter

from hub.web.access import GuardedRoute

PREFIX = "/api/v1"


def new_router() -> APIRouter:
    """A router whose routes ask who may."""
    return APIRouter(prefix=PREFIX, route_class=GuardedRoute)
