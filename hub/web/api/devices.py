"""Devices: letting a board in, with its config.json; how they are; throwing one out."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import Request
from pydantic import BaseModel, Field

from hub.core.hall import Hall
from hub.core.personal import masked
from hub.ports import OF_ZONE, BrokerError, Device, DeviceSeen
from hub.views import wanted_version
from hub.web.accounts import Facts
from hub.web.api import new_router
from hub.web.api.fields import Body, Id, address_of
from hub.web.context import TheWeb, Web, WhoAsks
from hub.web.problems import Problem
from protocol.errors import ProtocolError
from protocol.freshness import NOTHING

router = new_router()


class NewDevice(Body):
    """With a `window` or a `zone`, by its role. `board`: MAC address of the hardware. `client_id`: that of the board's
    config.json, if it has one; a board that is let in already, just as is asked for, keeps its secret."""

    id: Id
    role: Id
    window: Id | Literal[""] = ""
    zone: Id | Literal[""] = ""
    language: Literal["zh-Hans", "zh-Hant", "en"] = "zh-Hans"
    board: str = Field("", pattern=r"^([0-9a-f]{2}(:[0-9a-f]{2}){5})?$")
    client_id: str = Field("", max_length=64)


class DeviceTls(BaseModel):
    """`ca`: name of the file beside config.json with the authority's certificate, which jiaohao broker init made."""

    ca: str = "ca.der"
    server_name: str


class DeviceConfig(BaseModel):
    """The board's config.json, with a window or a zone; `arrows` of a hall board: arrow -> windows, as the hall file
    has them under [boards.ID]. The password is told here once, and left out for a board that keeps it. Without `tls`
    the board speaks plain text."""

    hall: str
    device: str
    role: str
    window: str | None = None
    zone: str | None = None
    arrows: dict[str, str] | None = None
    host: str
    port: int
    user: str
    password: str | None = None
    client_id: str
    language: str
    tls: DeviceTls | None = None


class DeviceNow(BaseModel):
    """`shown`: version that its glass shows; `wanted`: the one that it should; (0, 0): it belongs to nothing that the
    hall has today. `boot`: its starts, as it counts them; `reset`: why it started last. `revoked`: thrown out; `clone`:
    another board passes for it; `locked_out`: the broker does not know its secret. Registering it anew ends these two.
    `board`: MAC address of its hardware, if known. `pending`: presses in its journal, and `heap`: bytes of memory that
    were free, when it last said so, `flash`: bytes of its flash, `writes`: how often its journal wrote there since the
    start. `settings`: how often settings were pushed to it."""

    id: str
    role: str
    window: str
    zone: str
    online: bool
    shown: tuple[int, int]
    error: str
    boot: int
    revoked: bool
    clone: bool
    locked_out: bool
    board: str
    language: str
    pending: int
    wanted: tuple[int, int]
    model: str
    firmware: str
    core: str
    reset: str
    heap: int
    flash: int
    writes: int
    settings: int


@router.post("/devices", status_code=201, response_model_exclude_none=True)
async def register(body: NewDevice, request: Request, caller: WhoAsks, web: TheWeb) -> DeviceConfig:
    """Lets a board in. A known id gets a new secret, and the board that had the old one is out; unless it is the very
    board that asks, which keeps its own."""
    _check_place(body, web.picture.hall)
    asked = Device(body.id, body.role, body.window, body.client_id, 0, 0, body.board, body.language, body.zone)
    if web.devices.lets_in(asked):
        return _config(web, request, body, body.client_id, None)
    before = _rights(web, body.id)
    try:
        login = await web.devices.register(body.id, body.role, body.window, body.board, body.language, body.zone)
    except ProtocolError as error:
        raise Problem(422, "invalid", where=error.where, reason=error.reason) from error
    except BrokerError as error:
        raise Problem(503, "broker", words=str(error)) from error
    after = _rights(web, body.id)
    await web.accounts.note(caller, address_of(request), "device registered", body.id, before, after)
    return _config(web, request, body, login.client_id, login.password)


def _check_place(body: NewDevice, hall: Hall | None) -> None:
    """Raises Problem unless there is the window, or the zone, that the device will belong to."""
    kind, other = ("zone", "window") if body.role in OF_ZONE else ("window", "zone")
    place = getattr(body, kind)
    if hall is None or place not in (hall.zones if kind == "zone" else hall.windows):
        raise Problem(422, "invalid", where=kind, reason=f"there is no {kind} {place!r}")
    if getattr(body, other):
        raise Problem(422, "invalid", where=other, reason=f"a {body.role} belongs to a {kind}")
    hung = hall.boards.get(body.id)
    if hung and body.zone != hung.zone:
        raise Problem(422, "invalid", where=kind, reason=f"the hall file has {body.id} in zone {hung.zone!r}")


def _config(web: Web, request: Request, body: NewDevice, client_id: str, password: str | None) -> DeviceConfig:
    hall = web.picture.hall
    assert hall
    hung = hall.boards.get(body.id) if body.role == "hall_board" else None
    bound, port = web.broker_address
    host = broker_host(bound, request.url.hostname or bound)
    return DeviceConfig(
        hall=hall.id,
        device=body.id,
        role=body.role,
        window=body.window or None,
        zone=body.zone or None,
        arrows={arrow: " ".join(windows) for arrow, windows in hung.arrows.items()} if hung else None,
        host=host,
        port=port,
        user=body.id,
        password=password,
        client_id=client_id,
        language=body.language,
        tls=_tls(host, web.broker_names),
    )


def _tls(host: str, names: tuple[str, ...]) -> DeviceTls | None:
    """The board compares the name in the certificate: that by which it connects, if it has that one."""
    return DeviceTls(server_name=host if host in names else names[0]) if names else None


def _rights(web: Web, device: str) -> Facts:
    """What the audit says of a device; nothing of one that may not speak."""
    found = web.devices.devices.get(device)
    if not found or found.revoked_ms:
        return {}
    return {"role": found.role, **({"zone": found.zone} if found.zone else {"window": found.window})}


def broker_host(bound: str, asked: str) -> str:
    """Where a board finds the broker: where it listens, or, if that is everywhere, the name by which the admin has just
    reached this hub."""
    return asked if bound in ("0.0.0.0", "::") else bound


@router.get("/devices")
async def devices(web: TheWeb) -> list[DeviceNow]:
    return devices_now(web)


def devices_now(web: Web) -> list[DeviceNow]:
    """Every device that was ever let in, by id."""
    found = sorted(web.devices.devices.values(), key=lambda device: device.id)
    seen = web.devices.seen
    return [
        DeviceNow(
            **_of_itself(seen[device.id]),
            wanted=wanted_version(web.service.state, device.window, device.zone, device.role) or NOTHING,
            id=device.id,
            role=device.role,
            window=device.window,
            zone=device.zone,
            online=seen[device.id].online,
            shown=seen[device.id].shown,
            error=masked(seen[device.id].error),
            boot=seen[device.id].session[0],
            revoked=bool(device.revoked_ms),
            clone=seen[device.id].has_clone,
            locked_out=seen[device.id].is_locked_out,
            board=device.board,
            language=device.language,
            pending=seen[device.id].pending,
        )
        for device in found
    ]


def _of_itself(seen: DeviceSeen) -> dict[str, Any]:
    """What a device said of itself."""
    hello, telemetry = seen.hello, seen.telemetry
    names = ("model", "firmware", "core", "reset")
    told = {name: masked(getattr(hello, name)) if hello else "" for name in names}
    measured = {"heap": "heap_free", "flash": "flash_free", "writes": "flash_writes"}
    counts = {name: getattr(telemetry, field) if telemetry else 0 for name, field in measured.items()}
    return {**told, **counts, "settings": hello.rev if hello else 0}


@router.delete("/devices/{device}", status_code=204)
async def revoke(device: str, request: Request, caller: WhoAsks, web: TheWeb) -> None:
    """Throws the board out at once; its history stays. 503 `broker-later`: the hub does not listen to it any more, and
    the broker cuts its line as soon as it answers again."""
    if device not in web.devices.devices:
        raise Problem(404, "not-found")
    before = _rights(web, device)
    try:
        await web.devices.revoke(device)
    except BrokerError as error:
        raise Problem(503, "broker-later", words=str(error)) from error
    finally:
        if before and not _rights(web, device):
            await web.accounts.note(caller, address_of(request), "device revoked", device, before)
