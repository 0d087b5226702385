"""The requests that come all day, drawing and pressing, are read by hand.

An endpoint that takes nothing but the request is called without FastAPI in between (`GuardedRoute`): that would cost a
quarter of the processor time of the whole request. So such an endpoint reads its body and its key with what is here,
and tells the description of the API what they are.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Any, TypeVar

from fastapi import Request
from pydantic import ValidationError

from hub.web.api.fields import KEY_CHARS, Body
from hub.web.context import caller_of, web_of
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


def command_id(request: Request, *about: str) -> str:
    """The command's id. A key counts for its owner and for what it is about (verb, window …) only; without one every
    request is its own. The id is in the log, so the key, which may be anything, is not. Raises Problem."""
    key = idempotency_key(request)
    if not key:
        return secrets.token_hex(16)
    return ":".join(("web", caller_of(request).by, *about, web_of(request).handles.key(key)))


def described(kind: type[Body], *path: str, others: Iterable[type[Body]] = ()) -> dict[str, Any]:
    """Body, key and the names in the path, for the description of the API. `others`: what the body may be instead."""
    key = {"name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "maxLength": KEY_CHARS}}
    names = [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in path]
    schemas = [each.model_json_schema() for each in (kind, *others)]
    schema = schemas[0] if len(schemas) == 1 else {"anyOf": schemas}
    body = {"required": True, "content": {"application/json": {"schema": schema}}}
    return {"parameters": [*names, key], "requestBody": body}
