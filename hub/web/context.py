"""What every endpoint can reach: one object, made once by `create_app`, and who is asking."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Protocol

from fastapi import Depends, Request

from hub.core.hall import Hall
from hub.explain import Called
from hub.ports import (
    Answers,
    BackupState,
    BrokerLink,
    Clock,
    DeviceDesk,
    DeviceOrders,
    Lines,
    ReleaseDesk,
    Reports,
    Row,
    SlipDesk,
)
from hub.service import HallService
from hub.web.accounts import Accounts, Caller
from hub.web.aside import Aside
from hub.web.guesses import Guesses
from hub.web.handles import Handles
from hub.web.live import Feed
from hub.web.picture import Picture
from hub.web.vitals import Vitals


class CountsQuarantined(Protocol):
    """Whoever reads the messages of devices, knows how many could not be read, and asks devices."""

    @property
    def quarantined(self) -> int: ...
    @property
    def set_back_ms(self) -> int: ...
    @property
    def orders(self) -> DeviceOrders: ...


class Archive(Protocol):
    """What the log has beyond today. All raise StoreError.

    `versions`: those of the hall file, newest first, as {version, at_ms, by, note}; `version` has its `source` too, and
    is None for one that is not there, as `hall` is, the rules of a version; `hall_at`: the rules of a moment. `called`:
    every call of the ticket `number` of `day`, oldest first.
    """

    def versions(self) -> list[Row]: ...
    def version(self, version: int) -> Row | None: ...
    def hall(self, version: int) -> Hall | None: ...
    def hall_at(self, at_ms: int) -> Hall | None: ...
    def called(self, day: str, number: str) -> list[Called]: ...


@dataclass(frozen=True, slots=True)
class Web:
    """The parts. `broker_address` is (host, port) where devices connect, over TLS if the broker has `broker_names` to
    show; `secure`: pages are reached over TLS; `public_url`: where phones reach them, empty: nowhere."""

    service: HallService
    picture: Picture
    feed: Feed
    accounts: Accounts
    reports: Reports
    answers: Answers
    lines: Lines
    archive: Archive
    aside: Aside
    handles: Handles
    guesses: Guesses
    devices: DeviceDesk
    clock: Clock
    broker: BrokerLink
    inbox: CountsQuarantined
    updates: ReleaseDesk
    broker_address: tuple[str, int]
    broker_names: tuple[str, ...]
    vitals: Vitals
    backups: BackupState | None
    open_board: bool
    secure: bool
    public_url: str
    slips: SlipDesk


def web_of(request: Request) -> Web:
    return request.app.state.web


async def _the_web(request: Request) -> Web:
    return web_of(request)


def caller_of(request: Request) -> Caller:
    """Who was let in by `GuardedRoute`."""
    return request.scope["caller"]


async def _the_caller(request: Request) -> Caller:
    return caller_of(request)


TheWeb = Annotated[Web, Depends(_the_web)]
WhoAsks = Annotated[Caller, Depends(_the_caller)]
