"""Every route of the app, tried by everybody: the table in hub/permissions.py is what happens."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from starlette.routing import Mount, Route

from hub.permissions import APPLICANT, ROLES, ROUTES
from hub.web.app import end_streams
from tests.hub.web.web_hall import WebHall, web_hall


def routes_of(app: FastAPI) -> Iterator[str]:
    """METHOD and path of everything that the app answers, out of the app itself."""
    for route in app.routes:
        for inner in getattr(getattr(route, "original_router", None), "routes", [route]):
            assert isinstance(inner, Route | Mount), inner
            for method in getattr(inner, "methods", None) or ("GET",):
                yield f"{method} {inner.path}"


def test_a_route_that_is_not_in_the_table_fails_and_no_entry_is_left_over(hall: WebHall):
    assert sorted(routes_of(hall.app)) == sorted(ROUTES)


async def visitors(hall: WebHall) -> dict[str, httpx.AsyncClient]:
    return {role: hall.visitor() if role == APPLICANT else await hall.machine(role) for role in (APPLICANT, *ROLES)}


async def ask(client: httpx.AsyncClient, route: str) -> int:
    """Status of the route, asked with a body that means nothing."""
    method, path = route.split(" ")
    path = path.replace("{window}", "1").replace("{verb}", "next").replace("/static", "/static/css/base.css")
    body = {"json": {"nothing": 1}} if method == "POST" else {}
    return (await client.request(method, path.replace("{", "").replace("}", ""), **body)).status_code


@pytest.mark.parametrize("open_board", [False, True])
async def test_who_may_gets_in_and_nobody_else(tmp_path: Path, open_board: bool):
    async with web_hall(tmp_path, open_board=open_board) as hall:
        end_streams(hall.app)  # a stream that is let in would not end
        for role, client in (await visitors(hall)).items():
            for route, may in ROUTES.items():
                allowed = role in may or (open_board and "passer-by" in may)
                status = await ask(client, route)
                refused = status in (401, 403) or (
                    status == 303 and not route.startswith("GET /api") and route != "GET /"
                )
                assert refused != allowed, f"{route} as {role}: {status}"


async def test_figures_and_ratings_are_not_for_clerks(hall: WebHall):
    clerk = await hall.logged_in("clerk")
    for path in ("figures", "ratings", "calls", "tickets"):
        assert (await clerk.get(f"/api/v1/{path}")).status_code == 403


async def test_without_a_login_the_answer_is_401_and_with_the_wrong_role_403(hall: WebHall):
    assert (await hall.visitor().get("/api/v1/users")).status_code == 401
    board = await hall.machine("board")
    assert (await board.get("/api/v1/users")).status_code == 403


async def test_a_wrong_token_is_no_login(hall: WebHall):
    liar = hall.visitor(Authorization="Bearer wrong")
    assert (await liar.get("/api/v1/hall")).status_code == 401
    assert (await liar.get("/api/v1/health")).status_code == 200


async def test_documentation_pages_that_load_from_elsewhere_do_not_exist(hall: WebHall):
    admin = await hall.logged_in("admin")
    for path in ("/docs", "/redoc", "/openapi.json"):
        assert (await admin.get(path)).status_code == 404
    assert "/api/v1/tickets" in (await admin.get("/api/v1/openapi.json")).json()["paths"]
