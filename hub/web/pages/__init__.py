"""The pages, one file for each: what the server knows goes into a template, what changes comes by /api/v1/live.

A page is a template, its words (`page.NAME.*` in the catalogue) and a script of the same name under static/. The script
finds what it needs in one block of JSON: its words, the language, who is logged in, and what the page's file adds.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from hub import texts
from hub.permissions import may
from hub.web import appearance, language
from hub.web.access import GuardedRoute
from hub.web.accounts import Caller
from hub.web.context import web_of
from hub.web.pages.navigation import pages_for

BRAND = "叫号 jiaohao"
"""Over a page of a hub that has no hall yet."""

FRAME = ("nav-", "look")
"""How keys begin of words that only the frame says: no script needs them, so no phone has to fetch them."""


def new_router() -> APIRouter:
    """A router whose routes ask who may."""
    return APIRouter(route_class=GuardedRoute, include_in_schema=False)


def open_templates() -> Environment:
    """The templates. Everything that is put into one is escaped, and a name that is not there is an error."""
    return Environment(
        loader=PackageLoader("hub.web", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(request: Request, page: str, caller: Caller, *, status: int = 200, **given: Any) -> Response:
    """The page in the asker's language. `data` among `given` is for its script, all else for its template, which asks
    `may("GET /clerk")` before it shows what leads there."""
    spoken = language.language_of(request)
    words = {**words_of("common", spoken), **words_of(page, spoken)}
    said = {key: text for key, text in words.items() if not key.startswith(FRAME)}
    data = {"language": spoken, "name": caller.name, "role": caller.role, "words": said, **given.pop("data", {})}
    template = request.app.state.templates.get_template(f"{page}.html")
    look, hall = appearance.look_of(request), web_of(request).picture.hall
    html = template.render(
        page=page,
        pages=pages_for(caller),
        brand=hall.names[spoken] if hall else BRAND,
        language=spoken,
        languages=language.NAMES,
        look=look,
        looks=appearance.options(look),
        sheets=list(appearance.sheets(look)),
        here=_here(request),
        caller=caller,
        words=words,
        may=lambda route: may(caller.role, route),
        data=data,
        **given,
    )
    response = HTMLResponse(html, status)
    for cookie, asked in (
        (language.COOKIE, language.asked_for(request)),
        (appearance.COOKIE, appearance.asked_for(request)),
    ):
        if asked:
            response.set_cookie(cookie, str(asked), max_age=language.YEAR_S, httponly=True, samesite="lax")
    return response


def words_of(page: str, spoken: str) -> dict[str, str]:
    """The page's words in one language, by the last part of their keys."""
    start = f"page.{page}."
    return {key[len(start) :]: text[spoken] for key, text in texts.catalogue().items() if key.startswith(start)}


def _here(request: Request) -> Callable[..., str]:
    """Makes the address of this page with something else asked for: `here(lang="en")`."""
    asked = [pair for pair in request.query_params.multi_items() if pair[0] not in ("lang", "look")]
    return lambda **more: "?" + urlencode([*asked, *((name, str(value)) for name, value in more.items())])
