"""GET /metrics and GET /healthz: for programs that watch the hub. People have GET /api/v1/health."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST

from hub.web import vitals
from hub.web.access import GuardedRoute
from hub.web.context import web_of
from hub.web.problems import json_answer

router = APIRouter(route_class=GuardedRoute, include_in_schema=False)


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """Everything, in the format of Prometheus. What the disk does not tell is left out."""
    web = web_of(request)
    posts = await asyncio.to_thread(vitals.posts_of, web.reports)
    body = vitals.exposition(web, asyncio.get_running_loop().time(), posts)
    return Response(body, media_type=CONTENT_TYPE_LATEST)


@router.get("/healthz")
async def healthz(request: Request) -> Response:
    """200 while the hall can be served; else 503 with the names of the parts that fail. No more: anybody may ask."""
    failing = vitals.failing(web_of(request), asyncio.get_running_loop().time())
    return json_answer({"ok": not failing, "failing": failing}, 503 if failing else 200)
