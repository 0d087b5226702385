"""What became of a command, as an answer. A refusal comes with its words, and with the window as it is now."""

from __future__ import annotations

from fastapi import Response

from hub.ports import Outcome
from hub.views import refusal_words
from hub.web.context import Web
from hub.web.problems import encode

_MISSING = (
    "unknown-service",
    "unknown-window",
    "unknown-ticket",
    "unknown-booking",
    "unknown-code",
    "unknown-check",
    "unknown-review",
    "unknown-mark",
)
_STATUS = {"busy": 503, "link-expired": 410, **dict.fromkeys(_MISSING, 404)}


def refused(web: Web, outcome: Outcome, window: str = "") -> Response:
    """409, or 404 for what does not exist, 410 for a link that is over, or 503 when too many ask at once."""
    detail = outcome.detail or {}
    message = refusal_words(outcome.refused, detail, web.picture.hall)
    body = encode({"code": outcome.refused, "message": message, "detail": detail})
    if window in web.picture:
        body = b'%b,"window":%b}' % (body[:-1], web.picture.window(window, staff=True))
    return Response(body, _STATUS.get(outcome.refused, 409), media_type="application/json")
