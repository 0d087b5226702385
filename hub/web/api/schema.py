"""GET /openapi.json: this API, described for programs."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import JSONResponse

from hub.web.api import new_router

router = new_router()


@router.get("/openapi.json", include_in_schema=False)
async def schema(request: Request) -> JSONResponse:
    return JSONResponse(request.app.openapi())
