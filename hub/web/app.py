"""The pages and the API of one hall, as an ASGI app.

    app = create_app(service=..., accounts=..., ...)
    end_streams(app)        # before the server stops: live pages never end by themselves

A request meets, in this order: the headers of every answer (`headers`), the table of who may (`access`), the endpoint
(`api/`, `pages/`), and, if something is wrong, `faults`, which makes an answer of it.
"""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.staticfiles import StaticFiles

from hub.ports import (
    AccountBook,
    Answers,
    BackupState,
    BrokerLink,
    Clock,
    DeviceDesk,
    Lines,
    ReleaseDesk,
    Reports,
    SlipDesk,
)
from hub.service import HallService
from hub.web.accounts import Accounts
from hub.web.api import (
    alarms,
    audit,
    bookings,
    checks,
    device_settings,
    hall,
    health,
    metrics,
    orders,
    period_reports,
    ratings,
    releases,
    reports,
    results,
    reviews,
    schema,
    services,
    sessions,
    tickets,
    users,
    versions,
    visits,
    why,
    windows,
)
from hub.web.api import devices as device_api
from hub.web.api import slips as slip_api
from hub.web.aside import Aside
from hub.web.context import Archive, CountsQuarantined, Web
from hub.web.faults import answer_faults
from hub.web.guesses import Guesses
from hub.web.handles import DayKeys, Handles
from hub.web.headers import Headers
from hub.web.live import Feed
from hub.web.pages import (
    admin,
    board,
    clerk,
    desk,
    index,
    kiosk,
    login,
    manager,
    open_templates,
    rate,
    report,
    setup,
    ticket,
)
from hub.web.pages import results as result_page
from hub.web.pages import reviews as review_pages
from hub.web.picture import Picture
from hub.web.proxy import BehindProxy
from hub.web.vitals import Vitals

API = (
    tickets,
    windows,
    visits,
    slip_api,
    services,
    bookings,
    checks,
    why,
    ratings,
    reviews,
    results,
    health,
    metrics,
    sessions,
    alarms,
    audit,
    users,
    hall,
    versions,
    reports,
    period_reports,
    device_api,
    orders,
    device_settings,
    releases,
    schema,
)
"""Routes are tried one after the other, so what a hall does all day comes first."""

OF_STAFF = (clerk, desk, manager, admin, review_pages, report)
PAGES = (login, setup, index, kiosk, board, ticket, rate, result_page, *OF_STAFF)


COMPRESSED_BYTES = 1024
"""What is smaller travels in one packet anyway. The live page is never compressed: its events must not wait."""


def create_app(
    *,
    service: HallService,
    accounts: AccountBook,
    figures: Reports,
    answers: Answers,
    lines: Lines,
    archive: Archive,
    secret: bytes,
    day_keys: DayKeys,
    devices: DeviceDesk,
    clock: Clock,
    broker: BrokerLink,
    inbox: CountsQuarantined,
    updates: ReleaseDesk,
    broker_address: tuple[str, int],
    vitals: Vitals,
    backups: BackupState | None = None,
    broker_names: tuple[str, ...] = (),
    open_board: bool = False,
    secure: bool = False,
    proxy: str = "",
    public_url: str = "",
    slips: SlipDesk,
) -> FastAPI:
    """The app. `secret` (32 random bytes that stay the same) and `day_keys`: see hub.web.handles. `open_board`: anybody
    may see the board. `secure`: pages are reached over TLS; `proxy`: through the proxy with this address only.
    `public_url`: where phones reach them; empty: nowhere."""
    app = FastAPI(
        title="jiaohao", openapi_url=None, docs_url=None, redoc_url=None
    )  # the documentation pages of FastAPI load from elsewhere; the description itself is at /api/v1/openapi.json
    picture = Picture(service)
    app.state.web = Web(
        service=service,
        picture=picture,
        feed=Feed(picture),
        accounts=Accounts(accounts, clock),
        reports=figures,
        answers=answers,
        lines=lines,
        archive=archive,
        aside=Aside(),
        handles=Handles(secret, day_keys),
        guesses=Guesses(),
        devices=devices,
        clock=clock,
        broker=broker,
        inbox=inbox,
        updates=updates,
        broker_address=broker_address,
        broker_names=broker_names,
        vitals=vitals,
        backups=backups,
        open_board=open_board,
        secure=secure,
        public_url=public_url,
        slips=slips,
    )
    app.state.templates = open_templates()
    for part in (*API, *PAGES):
        app.include_router(part.router)
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"), name="static")
    answer_faults(app)
    app.add_middleware(GZipMiddleware, minimum_size=COMPRESSED_BYTES, compresslevel=6)
    app.add_middleware(Headers, secure=secure)
    if proxy:
        app.add_middleware(BehindProxy, proxy=proxy)
    return app


def end_streams(app: FastAPI) -> None:
    """Ends every live page, so that a server that stops does not wait for them."""
    app.state.web.feed.close()
