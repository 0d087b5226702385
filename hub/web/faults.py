"""Answers to what went wrong: a program gets JSON, a person gets a page, and a page that needs a login leads to it."""

from __future__ import annotations

import logging
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from hub.permissions import APPLICANT
from hub.ports import StoreError
from hub.web.accounts import Caller
from hub.web.language import language_of
from hub.web.pages import render
from hub.web.problems import Problem

log = logging.getLogger(__name__)

_CODES = {404: "not-found", 405: "not-found", 413: "too-large"}


def answer_faults(app: FastAPI) -> None:
    """Makes `app` answer Problems, what the framework finds wrong, and a store that cannot write."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _framework)
    app.add_exception_handler(StoreError, _store)
    app.add_exception_handler(ClientDisconnect, _gone)


async def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    if request.url.path.startswith(("/api/", "/metrics")):
        return error.answer()
    if error.status == 401:
        return RedirectResponse(f"/login?next={quote(request.url.path)}", 303)
    return _page(request, error)


def _page(request: Request, error: Problem) -> Response:
    words = error.message[language_of(request)]
    page = render(request, "problem", Caller("", APPLICANT), status=error.status, problem=words)
    page.headers.update(error.headers or {})
    return page


async def _invalid(request: Request, error: Exception) -> Response:
    """The first thing that is wrong, with its place. What was sent is not repeated: it may hold a password."""
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    return await _problem(request, Problem(422, "invalid", where=where, reason=first["msg"]))


async def _framework(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = _CODES.get(error.status_code, "invalid-request")
    return await _problem(request, Problem(error.status_code, code, headers=error.headers))


async def _store(request: Request, error: Exception) -> Response:
    """What the disk said is for the log: it names files of the hub's machine, and anybody may ask."""
    log.error("%s", error)
    return await _problem(request, Problem(503, "store"))


async def _gone(request: Request, error: Exception) -> Response:
    """For somebody who went while they were still sending. Nobody reads it, and it is no fault of the hub."""
    return Response(status_code=400)
