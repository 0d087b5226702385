"""Settings of a device at work, which it takes over the air: what it shows, what its keys are, where it belongs."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from pydantic import BaseModel, Field

from hub.ports import OF_ZONE, BrokerError, Device, NoAnswer
from hub.views import window_mode
from hub.web.api import new_router
from hub.web.api.fields import Body, address_of
from hub.web.context import TheWeb, Web, WhoAsks
from hub.web.problems import Problem
from protocol import settings

router = new_router()

SECRET = ("wifi",)
"""Settings of which the audit has only that they changed."""

Place = dict[str, str]


class Push(Body):
    """`set`: setting -> value in the form of config.json, or null for what a device is without it. `window` or `zone`
    moves it there. `force`: even while somebody is called to its window or served there."""

    set: dict[str, Any] = Field(min_length=1, max_length=16)
    force: bool = False


class Pushed(BaseModel):
    """The revision that the device says when it has started with them."""

    rev: int


@router.post("/devices/{device}/settings")
async def push(device: str, body: Push, request: Request, caller: WhoAsks, web: TheWeb) -> Pushed:
    """Has a device take settings and start again with them. It checks them itself; what it refuses changes nothing, and
    what cuts it off it takes back after five minutes. One that is away is not told later."""
    found = web.devices.active(device)
    if found is None:
        raise Problem(404, "not-found")
    _check(body.set, found, web)
    seen = web.devices.seen[device]
    if not seen.online or seen.hello is None:
        raise Problem(409, "device-away")
    if not body.force and _is_busy(web, found.window):
        raise Problem(409, "device-busy", window=found.window)
    before = _place(found)
    place = {key: str(value) for key, value in body.set.items() if key in settings.PLACES}
    rev = seen.hello.rev + 1
    try:
        if place:  # the rights come first: a device that starts at its new place must be able to hear of it
            await web.devices.settle(device, **place)
        await web.inbox.orders.push(device, rev, body.set)
        if "language" in body.set:
            await web.devices.settle(device, language=body.set["language"] or "")
    except BrokerError as error:
        raise Problem(503, "broker", words=str(error)) from error
    except NoAnswer as error:
        if place:
            await web.devices.settle(device, **before)
        raise Problem(504, "no-answer", words=str(error)) from error
    told = {key: "***" if key in SECRET else str(value) for key, value in body.set.items()}
    await web.accounts.note(caller, address_of(request), "device settings", device, {**before}, {**told})
    return Pushed(rev=rev)


def _check(changes: dict[str, Any], found: Device, web: Web) -> None:
    """Raises Problem for what no device of the role has, and for a place that is not there. Values are the device's
    matter."""
    kind = "zone" if found.role in OF_ZONE else "window"
    known = (*settings.known(found.role), kind)
    for key in changes:
        if key not in known:
            reason = f"is no setting of a {found.role}, which has {', '.join(known)}"
            raise Problem(422, "invalid", where=key, reason=reason)
    if kind not in changes:
        return
    hall = web.picture.hall
    if hall is None or changes[kind] not in (hall.zones if kind == "zone" else hall.windows):
        raise Problem(422, "invalid", where=kind, reason=f"there is no {kind} {changes[kind]!r}")
    hung = hall.boards.get(found.id)
    if hung and changes[kind] != hung.zone:
        raise Problem(422, "invalid", where=kind, reason=f"the hall file has {found.id} in zone {hung.zone!r}")


def _is_busy(web: Web, window: str) -> bool:
    now = web.service.state.windows.get(window)
    return now is not None and window_mode(web.service.state, now) in ("called", "serving")


def _place(found: Device) -> Place:
    return {"zone": found.zone} if found.zone else {"window": found.window}
