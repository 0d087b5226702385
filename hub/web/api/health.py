"""GET /health: whether the hall can be served, for people and monitors."""

from __future__ import annotations

from pydantic import BaseModel

from hub.web.api import new_router
from hub.web.context import TheWeb

router = new_router()


class BrokerHealth(BaseModel):
    connected: bool
    error: str


class Health(BaseModel):
    """`ok`: there is a hall and devices can be reached. `quarantined`: messages that could not be read since start."""

    ok: bool
    hall: str
    epoch: int
    day: str
    broker: BrokerHealth
    quarantined: int


@router.get("/health")
async def health(web: TheWeb) -> Health:
    state = web.service.state
    return Health(
        ok=state.hall is not None and web.broker.connected,
        hall=state.hall.id if state.hall else "",
        epoch=state.epoch,
        day=state.day,
        broker=BrokerHealth(connected=web.broker.connected, error=web.broker.last_error),
        quarantined=web.inbox.quarantined,
    )
