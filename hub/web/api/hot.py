"""The requests that come all day, drawing and pressing, are read by hand.

An endpoint that takes nothing but the request is called without FastAPI in between (`GuardedRoute`): that would cost a
quarter of the processor time of the whole request. So such an endpoint reads its body and its key with what is here,
and tells the description of the API what they are.
"""

from __future__ import annotations

from typing import Any, TypeVar

from fastapi import Request
from pydantic import ValidationError

from hub.web.api.fields import KEY_CHARS, Body
from hub.web.problems import Problem

B = TypeVar("B", bound=Body)


async def read(request: Request, kind: type[B]) -> B:
    """The body. Raises Problem with the first thing that is wrong."""
    try:
        return kind.model_validate_json(await request.body())
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in ("body", *first["loc"]))
        raise Problem(422, "invalid", where=where, reason=first["msg"]) from error


def idempotency_key(request: Request) -> str:
    """What makes asking twice happen once; empty: not given. Raises Problem."""
    key = request.headers.get("idempotency-key", "")
    if len(key) > KEY_CHARS:
        reason = f"must be at most {KEY_CHARS} characters"
        raise Problem(422, "invalid", where="header.Idempotency-Key", reason=reason)
    return key


def described(kind: type[Body], *path: str) -> dict[str, Any]:
    """Body, key and the names in the path, for the description of the API."""
    key = {"name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "maxLength": KEY_CHARS}}
    names = [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in path]
    body = {"required": True, "content": {"application/json": {"schema": kind.model_json_schema()}}}
    return {"parameters": [*names, key], "requestBody": body}
