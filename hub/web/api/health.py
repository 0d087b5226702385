"""GET /health: whether the hall can be served, for people and monitors."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from pydantic import BaseModel

from hub.permissions import READS_HEALTH
from hub.ports import BackupState
from hub.web.api import new_router
from hub.web.context import TheWeb, WhoAsks
from hub.web.vitals import posts_of

router = new_router()


SET_MIN = 10
"""Less than this the hub's clock makes up for by itself (see hub.adapters.clock)."""


class BrokerHealth(BaseModel):
    """`error`: null for all but people with a login and monitors; it has addresses."""

    connected: bool
    error: str | None


class BackupHealth(BaseModel):
    """Times in ms since 1970; 0: not yet."""

    last_good_ms: int
    tail_ms: int
    tested_ms: int
    failing: bool


class OutboxHealth(BaseModel):
    """Messages to people: that wait to be delivered, and that were given up."""

    waiting: int
    given_up: int


class ExchangeHealth(BaseModel):
    """What waits for a province, what a person must look at, and since when the oldest of the first waits, in ms since
    1970; 0: nothing does."""

    waiting: int
    refused: int
    oldest_ms: int


class Health(BaseModel):
    """`ok`: there is a hall and devices can be reached. `clock_set_min`: by how many minutes the machine's clock was
    set while the hub runs, which does not follow; 0: no. `set_back_ms`: when a display was found to show what the log
    does not have; 0: never. `backup`: null without any.

    Null for all but people with a login and monitors, or an attacker could see how it goes: `quarantined`, messages
    that could not be read since start; `clones`, devices that another board passes for; `locked_out`, those whose
    secret the broker does not know; `outbox` (alarms), `invitations` (to rate) and `exchange`, which are null too while
    the disk does not tell.
    """

    ok: bool
    hall: str
    epoch: int
    day: str
    broker: BrokerHealth
    quarantined: int | None
    clock_set_min: int
    set_back_ms: int
    clones: int | None
    locked_out: int | None
    backup: BackupHealth | None
    outbox: OutboxHealth | None
    invitations: OutboxHealth | None
    exchange: ExchangeHealth | None


@router.get("/health")
async def health(web: TheWeb, caller: WhoAsks) -> Health:
    state = web.service.state
    is_told = caller.role in READS_HEALTH
    seen = web.devices.seen.values()
    minutes = round(web.clock.drift_ms / 60_000)
    posts = await asyncio.to_thread(posts_of, web.reports) if is_told else None
    return Health(
        ok=state.hall is not None and web.broker.connected,
        hall=state.hall.id if state.hall else "",
        epoch=state.epoch,
        day=state.day,
        broker=BrokerHealth(connected=web.broker.connected, error=web.broker.last_error if is_told else None),
        quarantined=web.inbox.quarantined if is_told else None,
        clock_set_min=minutes if abs(minutes) >= SET_MIN else 0,
        set_back_ms=web.inbox.set_back_ms,
        clones=sum(device.has_clone for device in seen) if is_told else None,
        locked_out=sum(device.is_locked_out for device in seen) if is_told else None,
        backup=_backup(web.backups),
        outbox=_told(posts.outbox) if posts else None,
        invitations=_told(posts.invitations) if posts else None,
        exchange=ExchangeHealth(**posts.exchange) if posts else None,
    )


def _told(counts: Mapping[str, int]) -> OutboxHealth:
    return OutboxHealth(waiting=counts["waiting"], given_up=counts["given-up"])


def _backup(state: BackupState | None) -> BackupHealth | None:
    if state is None:
        return None
    return BackupHealth(
        last_good_ms=state.last_good_ms,
        tail_ms=state.tail_ms,
        tested_ms=state.tested_ms,
        failing=bool(state.last_error),
    )
