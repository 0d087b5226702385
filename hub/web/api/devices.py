"""Devices: letting a board in, with its config.json; how they are; throwing one out."""

from __future__ import annotations

from typing import Literal

from fastapi import Request
from pydantic import BaseModel

from hub.core.personal import masked
from hub.ports import BrokerError
from hub.web.accounts import Facts
from hub.web.api import new_router
from hub.web.api.fields import Body, Id, address_of
from hub.web.context import TheWeb, Web, WhoAsks
from hub.web.problems import Problem
from protocol.errors import ProtocolError

router = new_router()


class NewDevice(Body):
    id: Id
    role: Id
    window: Id
    language: Literal["zh-Hans", "zh-Hant", "en"] = "zh-Hans"


class DeviceTls(BaseModel):
    """`ca`: name of the file beside config.json with the authority's certificate, which jiaohao broker init made."""

    ca: str = "ca.der"
    server_name: str


class DeviceConfig(BaseModel):
    """The board's config.json. The password is told here once. Without `tls` the board speaks plain text."""

    hall: str
    device: str
    role: str
    window: str
    host: str
    port: int
    user: str
    password: str
    client_id: str
    language: str
    tls: DeviceTls | None = None


class DeviceNow(BaseModel):
    """`shown`: version that its glass shows; `boot`: its starts, as it counts them; `revoked`: thrown out; `clone`:
    another board passes for it; `locked_out`: the broker does not know its secret. Registering it anew ends the last
    two."""

    id: str
    role: str
    window: str
    online: bool
    shown: tuple[int, int]
    error: str
    boot: int
    revoked: bool
    clone: bool
    locked_out: bool


@router.post("/devices", status_code=201, response_model_exclude_none=True)
async def register(body: NewDevice, request: Request, caller: WhoAsks, web: TheWeb) -> DeviceConfig:
    """Lets a board in. A known id gets a new secret, and the board that had the old one is out."""
    hall = web.picture.hall
    if hall is None or body.window not in hall.windows:
        raise Problem(422, "invalid", where="window", reason=f"there is no window {body.window!r}")
    before = _rights(web, body.id)
    try:
        login = await web.devices.register(body.id, body.role, body.window)
    except ProtocolError as error:
        raise Problem(422, "invalid", where=error.where, reason=error.reason) from error
    except BrokerError as error:
        raise Problem(503, "broker", words=str(error)) from error
    after = _rights(web, body.id)
    await web.accounts.note(caller, address_of(request), "device registered", body.id, before, after)
    bound, port = web.broker_address
    host = broker_host(bound, request.url.hostname or bound)
    return DeviceConfig(
        hall=hall.id,
        device=login.device,
        role=body.role,
        window=login.window,
        host=host,
        port=port,
        user=login.device,
        password=login.password,
        client_id=login.client_id,
        language=body.language,
        tls=_tls(host, web.broker_names),
    )


def _tls(host: str, names: tuple[str, ...]) -> DeviceTls | None:
    """The board compares the name in the certificate: that by which it connects, if it has that one."""
    return DeviceTls(server_name=host if host in names else names[0]) if names else None


def _rights(web: Web, device: str) -> Facts:
    """What the audit says of a device; nothing of one that may not speak."""
    found = web.devices.devices.get(device)
    return {"role": found.role, "window": found.window} if found and not found.revoked_ms else {}


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
            id=device.id,
            role=device.role,
            window=device.window,
            online=seen[device.id].online,
            shown=seen[device.id].shown,
            error=masked(seen[device.id].error),
            boot=seen[device.id].session[0],
            revoked=bool(device.revoked_ms),
            clone=seen[device.id].has_clone,
            locked_out=seen[device.id].is_locked_out,
        )
        for device in found
    ]


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
