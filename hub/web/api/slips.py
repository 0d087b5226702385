"""Slips: the one of a ticket, printed beside the kiosk that asks."""

from __future__ import annotations

import logging
from typing import Literal

from pydantic import BaseModel

from hub.ports import NotPrinted
from hub.web import visits
from hub.web.api import new_router
from hub.web.api.fields import Body
from hub.web.context import TheWeb, WhoAsks
from hub.web.problems import Problem

log = logging.getLogger(__name__)

router = new_router()


class Print(Body):
    """`language`: of the slip."""

    language: Literal["zh-Hans", "zh-Hant", "en"]


class Printed(BaseModel):
    """The number that is on the slip."""

    number: str


@router.post("/tickets/{visit}/slip")
async def print_slip(visit: str, body: Print, web: TheWeb, caller: WhoAsks) -> Printed:
    """The slip is out. 409 `no-printer`: none stands there; 503: `printer-silent`, `printer-paper`. The ticket is good
    all the same, and may be printed again."""
    found = visits.found(web.service.state, caller, visit)
    try:
        await web.slips.print(caller.name, found.visit, found.number, body.language)
    except NotPrinted as reason:
        if reason.code == "none":
            raise Problem(409, "no-printer") from reason
        log.warning("the printer of %s does not print: %s", caller.name, reason.code)
        raise Problem(503, f"printer-{reason.code}") from reason
    return Printed(number=found.number)
