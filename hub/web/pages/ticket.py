"""GET /t/{visit}: a ticket on its holder's phone, by the secret in the link; nobody's name is on it.

It works without a script, which only makes it look again sooner, and brings the buttons. The link is good for the day.
"""

from __future__ import annotations

import io

import segno
from fastapi import Request, Response

from hub.core import tickets
from hub.core.state import Ticket
from hub.web import expected, minutes, visits
from hub.web.accounts import Caller
from hub.web.api.services import hall_of
from hub.web.context import TheWeb, Web, WhoAsks
from hub.web.language import language_of
from hub.web.pages import new_router, render
from hub.web.problems import Problem

POSTPONE_MIN = (5, 10, 15, 30)
"""What the holder can choose; the rules have the last word."""

LASTS = (tickets.OUTSIDE, tickets.WAITING, tickets.CALLED, tickets.SERVING, tickets.ON_HOLD, tickets.MISSED)
"""States after which something more can come, so that the page looks again."""

CANCELS = (tickets.OUTSIDE, tickets.WAITING, tickets.ON_HOLD)
"""States in which the holder can go without being served."""

RATES = (tickets.SERVING, tickets.DONE)
"""States in which the holder is asked how it is."""

router = new_router()


@router.get("/t/{visit}")
async def ticket(visit: str, request: Request, web: TheWeb, caller: WhoAsks) -> Response:
    hall, spoken = hall_of(web), language_of(request)
    found = _found(web, caller, visit)
    before, promised = expected.of(web, found)
    service, window = hall.services.get(found.service), hall.windows.get(found.window)
    return render(
        request,
        "ticket",
        caller,
        hall_name=hall.names[spoken],
        number=found.number,
        service=service.names[spoken] if service else "",
        window=window.names[spoken] if window else "",
        state=found.state,
        due=visits.due_time(web.service.state, found),
        before=before,
        minutes=minutes.of_promise(promised),
        lasts=found.state in LASTS,
        may_cancel=found.state in CANCELS,
        postpone=POSTPONE_MIN if found.state == tickets.WAITING else (),
        rating=web.handles.rating_token(visit) if found.state in RATES else "",
    )


@router.get("/t/{visit}/code.svg")
async def code(visit: str, web: TheWeb, caller: WhoAsks) -> Response:
    """A QR code of the page's address, for the screen on which somebody drew."""
    _found(web, caller, visit)
    if not web.public_url:
        raise Problem(404, "not-found")
    drawing = io.BytesIO()
    segno.make_qr(f"{web.public_url}/t/{visit}", error="M").save(drawing, kind="svg", scale=4, border=4, light="#fff")
    return Response(drawing.getvalue(), media_type="image/svg+xml")


def _found(web: Web, caller: Caller, visit: str) -> Ticket:
    try:
        return visits.found(web.service.state, caller, visit)
    except Problem as problem:
        raise Problem(404, "no-ticket") from problem
