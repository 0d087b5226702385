"""The composition root: the only place that knows every part. Builds one hall's hub, runs it, takes it down again.

    async with open_hub(settings) as hub: ...

At the end it drains: pages and devices are heard no more, what was asked is committed and answered, devices are told
that the hub is gone, a snapshot is kept for the next start, and our own broker ends.

Everything that is wrong at the start (hall file, data folder, port, broker) is a StartError with words for an admin.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI

from hub.adapters.backup_file import BackupError
from hub.adapters.backups import Backups
from hub.adapters.ca import CaError
from hub.adapters.clock import HallClock
from hub.adapters.contact_file import ContactFile
from hub.adapters.day_keys import DayKeys
from hub.adapters.exchange import Exchange
from hub.adapters.invitations import Invitations
from hub.adapters.mail import Mail, MailServer
from hub.adapters.mosquitto import OutsideBroker
from hub.adapters.mqtt import MqttLink
from hub.adapters.nats import EmbeddedBroker
from hub.adapters.outbox import Connector, Outbox
from hub.adapters.printers import PrinterPlace, ReceiptPrinters
from hub.adapters.province import Province
from hub.adapters.releases import ReleaseShelf
from hub.adapters.report_folder import ReportFolder
from hub.adapters.secret_file import keep_secret
from hub.adapters.sqlite_accounts import SqliteAccounts
from hub.adapters.sqlite_answers import SqliteAnswers
from hub.adapters.sqlite_archive import SqliteArchive
from hub.adapters.sqlite_figures import SqliteFigures
from hub.adapters.sqlite_lines import SqliteLines
from hub.adapters.sqlite_outbox import EMAIL, WEBHOOK
from hub.adapters.sqlite_retention import RetentionJob
from hub.adapters.sqlite_rollout import SqliteRollout
from hub.adapters.sqlite_store import SqliteStore
from hub.adapters.systemd import ALIVE, READY, STOPPING, notify
from hub.adapters.transport import Transport, is_loopback
from hub.adapters.webhook import Webhook, signing_secret
from hub.core import commands, restoring
from hub.core.exchange import ExchangeMap
from hub.core.exchange_orders import Order
from hub.core.hall import Hall
from hub.core.ratings import CONTACT_CHARS, NAME_CHARS, Words
from hub.devices.inbox import Inbox
from hub.devices.registry import Registry
from hub.devices.slips import SlipCounter, SlipWriter
from hub.devices.telling_offers import tell_offers
from hub.devices.telling_rating_codes import short_link, tell_rating_codes
from hub.devices.telling_time import tell_time
from hub.devices.telling_waiting import tell_waiting
from hub.devices.updates import Updates
from hub.ports import BrokerError, StoreError
from hub.service import HallService
from hub.starting import (
    StartError,
    clock_warning,
    configure,
    listening,
    note_restored,
    only_hub_of,
    read_hall_file,
    setup_link,
)
from hub.views import window_mode
from hub.web.app import create_app
from hub.web.handles import Handles
from hub.web.serving import PageServer
from hub.web.vitals import Vitals

log = logging.getLogger(__name__)

DRAIN_S = 10
"""How long the last commits and the snapshot may take. A disk that does not answer is not waited for."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How the hub is started. `broker_url` empty: the embedded broker, listening on `mqtt`. `broker_ca`: PEM file that
    the outside broker's certificate is checked with, None: the system's. `proxy`: address of a proxy that speaks TLS
    for the pages; what may be plain text and what not is for hub.adapters.transport to say. `public_url`: where phones
    reach the pages; empty: where they are served, unless that is this machine only. `clock_shift_ms`: by how
    much the hall's clock is before the machine's, for a demo. Without `mail` nobody is told by mail, without `backup`
    (a folder) there are no backups; `backup_recipients`: public age keys for which they are encrypted. `exchange`:
    address of the province's platform, and the map of its fields. `invitations`: webhook of the gateway over which
    people are invited by message to rate; empty: by mail only. `reports`: folder for reports; None: in the data folder.
    `printers`: those beside kiosks whose page is in a browser.
    """

    hall_file: Path
    data: Path
    listen: tuple[str, int]
    mqtt: tuple[str, int]
    broker_url: str = ""
    broker_user: str = ""
    broker_password: str = ""
    broker_ca: str | None = None
    proxy: str = ""
    public_url: str = ""
    open_board: bool = False
    clock_shift_ms: int = 0
    mail: MailServer | None = None
    backup: Path | None = None
    backup_recipients: tuple[str, ...] = ()
    exchange: tuple[str, ExchangeMap] | None = None
    reports: Path | None = None
    invitations: str = ""
    printers: tuple[PrinterPlace, ...] = ()


@dataclass(slots=True)
class Hub:
    """The running hub, for whoever started it. `setup_link` is empty once there is an admin. `hint`: what the admin may
    not expect; or empty. `warning`: what is wrong with the machine's clock; or empty.

    `failed` is set when a part ended by itself: a hub that has lost its writer must stop, not look alive.
    """

    url: str
    setup_link: str
    hint: str
    warning: str
    failed: asyncio.Event


@asynccontextmanager
async def open_hub(settings: Settings) -> AsyncIterator[Hub]:
    """A hub that serves. Raises StartError before it does; stops broker, pages and writer at the end."""
    source, hall = read_hall_file(settings.hall_file)
    async with AsyncExitStack() as stack:
        try:
            hub = await _build(settings, source, hall, stack)
            notify(READY)
            stack.callback(notify, STOPPING)
            yield hub
        except (StoreError, BrokerError, BackupError, CaError) as error:
            raise StartError(str(error)) from error


async def _build(settings: Settings, source: str, hall: Hall, stack: AsyncExitStack) -> Hub:
    """Every part, in the order in which the later ones need the earlier; the stack takes them down backwards."""
    failed = asyncio.Event()
    stack.enter_context(only_hub_of(settings.data))
    transport = Transport(settings.data, settings.listen, settings.mqtt, settings.broker_url, settings.proxy)
    listener = stack.enter_context(listening(settings.listen))
    store = SqliteStore(settings.data / "hall.db", exchanges=settings.exchange is not None)
    stack.callback(store.close)
    broker = _broker(settings, hall, transport)
    await broker.start()
    stack.push_async_callback(broker.stop)

    url = f"{'https' if transport.pages else 'http'}://{transport.host}:{listener.getsockname()[1]}"
    is_seen_from_outside = not (settings.proxy or is_loopback(transport.host))
    pages = settings.public_url or (url if is_seen_from_outside else "")
    parts = _Parts(hall, store, broker, settings, pages)
    await parts.registry.reconcile()
    backups = _backups(settings, parts, hall)
    if backups:
        stack.callback(backups.stop)
    _in_background(stack, failed, parts.service.run(), "the writer")
    stack.push_async_callback(_drain, parts.service)
    await note_restored(parts.service, store)
    warning = clock_warning(store.last_ms(), parts.clock.now().ms, hall.timezone)
    hint = await configure(parts.service, parts.clock, store, settings.hall_file, source, hall)
    if backups:
        backups.start()
    _in_background(stack, failed, parts.service.tick(alive=lambda: notify(ALIVE)), "looking around")
    _in_background(stack, failed, _outbox(settings, parts).run(), "the outbox")
    _in_background(stack, failed, _invitations(settings, parts, pages).run(), "inviting to rate")
    if settings.exchange:
        _in_background(stack, failed, _exchange(settings.exchange, settings.data, parts).run(), "the exchange")
    await parts.updates.load()
    await stack.enter_async_context(parts.link)
    telling = tell_time(parts.link, hall.id, time.time, lambda: parts.service.state.minute(parts.clock.now().ms) % 1440)
    _in_background(stack, failed, telling, "telling the time")
    counting = tell_waiting(parts.link, parts.service, parts.registry)
    _in_background(stack, failed, counting, "telling how many wait")
    coding = tell_rating_codes(parts.link, parts.service, parts.registry, _display_link(settings, parts, pages))
    _in_background(stack, failed, coding, "telling codes for rating")
    offering = tell_offers(parts.link, parts.service, parts.registry, parts.clock)
    _in_background(stack, failed, offering, "telling what kiosks offer")
    _in_background(stack, failed, parts.inbox.heal(), "healing")
    _in_background(stack, failed, parts.updates.run(), "rolling out")
    _in_background(stack, failed, parts.registry.keep_telling(), "telling the broker who is revoked")

    accounts = SqliteAccounts(settings.data / "hall.db")
    stack.callback(accounts.close)
    _in_background(stack, failed, _retention(settings, parts, accounts).run(), "deleting what was kept")
    _in_background(stack, failed, _reports(settings, parts).run(), "making reports")
    app = _pages(settings, parts, broker, accounts, backups, transport, pages)
    server = PageServer(app, transport.pages)
    _in_background(stack, failed, transport.look_after(broker, server.config.ssl), "looking after certificates")
    _in_background(stack, failed, server.serve_on(listener), "the pages")
    while not server.started and not failed.is_set():
        await asyncio.sleep(0.01)
    return Hub(url, setup_link(settings.data, url, accounts.setup_token()), hint, warning, failed)


async def _drain(service: HallService) -> None:
    try:
        await asyncio.wait_for(service.drain(), DRAIN_S)
    except TimeoutError:
        log.error("the disk has not answered for %s s: the hub stops without it", DRAIN_S)


class _Parts:
    """The parts that know each other: the link hands messages to the inbox, which hands commands to the service, which
    publishes through the link."""

    def __init__(
        self, hall: Hall, store: SqliteStore, broker: EmbeddedBroker | OutsideBroker, settings: Settings, pages: str
    ):
        self.hall = hall
        shift_ms = settings.clock_shift_ms
        self.clock = HallClock(hall.timezone, hall.day_starts, hall.country, shift_ms=shift_ms)
        self.day_keys = DayKeys(settings.data / "day-keys")
        epoch = store.epoch(self.clock.now().ms // 1000)
        self.link = MqttLink(
            broker.hub_login,
            hall.id,
            epoch,
            inbox=lambda topic, payload: self.inbox(topic, payload),
            on_connected=self._on_connected,
        )
        self.service = HallService(store, self.link, self.clock, epoch)
        self._last_ms = store.last_ms()
        self.registry = Registry(store, broker, lambda: self.clock.now().ms)
        self.inbox = Inbox(self.service, self.registry, self.link, store, self.clock, hall.id, self._set_back, pages)
        self.updates = Updates(
            ReleaseShelf(settings.data),
            SqliteRollout(settings.data / "hall.db"),
            self.registry,
            self.link,
            hall.id,
            self._zone_of,
            self._is_busy,
            lambda: self.clock.now().ms,
        )
        self.inbox.hand_to("want", self.updates.want)

    async def take_order(self, order: Order) -> None:
        """An order of the province becomes a review, once; raises StoreError to be given it again."""
        words = Words(f"{order.title}\n{order.text}".strip(), order.name[:NAME_CHARS], order.contact[:CONTACT_CHARS])
        command = commands.OpenReview(
            f"order:{order.order}",
            order.order,
            order.kind,
            order.named,
            "exchange",
            rating=order.rating,
            words=words,
            due_ms=order.due_ms,
        )
        outcome = await self.service.handle(command)
        if outcome.refused not in ("", "order-known"):
            raise StoreError(f"the order {order.order} was refused: {outcome.refused}")

    def _zone_of(self, window: str) -> str:
        hall = self.service.state.hall
        return hall.windows[window].zone if hall and window in hall.windows else ""

    def _is_busy(self, window: str) -> bool:
        """Whether somebody is called to the window, or served there."""
        state = self.service.state
        return window in state.windows and window_mode(state, state.windows[window]) in ("called", "serving")

    async def _set_back(self, epoch: int) -> None:
        """The log is older than what displays show: somebody put the data folder back. The hub goes on as after a
        restore, from the moment at which it was started."""
        pace = restoring.per_hour(self.service.state, self._last_ms)
        await self.service.handle(commands.NoteRestored(f"set-back:{epoch}", epoch, self._last_ms, pace))
        self.link.use_epoch(self.service.state.epoch)

    def _on_connected(self) -> None:
        """What was published, or was to be cleared, while the broker was away did not get there."""
        self.service.publish_all()
        self.inbox.clear_revoked()
        self.updates.was_deaf()


def _pages(
    settings: Settings,
    parts: _Parts,
    broker: EmbeddedBroker | OutsideBroker,
    accounts: SqliteAccounts,
    backups: Backups | None,
    transport: Transport,
    public_url: str,
) -> FastAPI:
    login = broker.hub_login
    return create_app(
        service=parts.service,
        accounts=accounts,
        figures=SqliteFigures(settings.data / "hall.db"),
        answers=SqliteAnswers(settings.data / "hall.db"),
        lines=SqliteLines(settings.data / "hall.db"),
        archive=SqliteArchive(settings.data / "hall.db"),
        secret=keep_secret(settings.data / "secret"),
        day_keys=parts.day_keys,
        devices=parts.registry,
        clock=parts.clock,
        broker=parts.link,
        inbox=parts.inbox,
        updates=parts.updates,
        broker_address=(login.host, login.port) if settings.broker_url else settings.mqtt,
        vitals=Vitals(
            settings.data,
            parts.link,
            lambda: broker.restarts if isinstance(broker, EmbeddedBroker) else 0,
            lambda: backups.last_good_ms if backups else 0,
        ),
        backups=backups,
        broker_names=transport.names,
        open_board=settings.open_board,
        secure=transport.secure,
        proxy=settings.proxy,
        public_url=public_url,
        slips=SlipCounter(SlipWriter(parts.service, parts.clock, public_url), ReceiptPrinters(settings.printers)),
    )


def _backups(settings: Settings, parts: _Parts, hall: Hall) -> Backups | None:
    if settings.backup is None:
        return None
    where = (settings.data, settings.backup, settings.backup_recipients)
    return Backups(*where, hall.id, settings.hall_file, parts.clock.now)


def _outbox(settings: Settings, parts: _Parts) -> Outbox:
    connectors = {WEBHOOK: Webhook(signing_secret(settings.data / "webhook-secret")), **_mails(settings)}
    return Outbox(
        settings.data / "hall.db",
        connectors,
        contacts=ContactFile(settings.hall_file).contacts,
        hall=lambda: parts.service.state.hall,
        now_ms=lambda: parts.clock.now().ms,
    )


def _invitations(settings: Settings, parts: _Parts, pages: str) -> Invitations:
    """Raises StartError for an address over which anybody could read along, or without one for the link."""
    gateway = settings.invitations
    if gateway and not pages:
        raise StartError("--invitations-webhook needs --public-url: whoever is invited gets a link to the hall's pages")
    connectors: dict[str, Connector] = _mails(settings)
    if gateway:
        connectors[WEBHOOK] = Webhook(signing_secret(settings.data / "invitations-secret"))
    handles = Handles(keep_secret(settings.data / "secret"), parts.day_keys)

    def link(visit: str) -> str:
        token = handles.rating_token(visit)
        return f"{pages}/r/{token}" if pages and token else ""

    try:
        return Invitations(
            settings.data / "hall.db",
            connectors,
            gateway,
            link,
            hall=lambda: parts.service.state.hall,
            now_ms=lambda: parts.clock.now().ms,
        )
    except ValueError as error:
        raise StartError(str(error)) from error


def _display_link(settings: Settings, parts: _Parts, pages: str) -> Callable[[str], str]:
    """Visit -> the link in the code on displays; empty where phones reach no pages."""
    handles = Handles(keep_secret(settings.data / "secret"), parts.day_keys)

    def link(visit: str) -> str:
        return short_link(pages, handles.display_code(visit)) if pages else ""

    return link


def _mails(settings: Settings) -> dict[str, Connector]:
    return {EMAIL: Mail(settings.mail)} if settings.mail else {}


def _exchange(with_whom: tuple[str, ExchangeMap], data: Path, parts: _Parts) -> Exchange:
    """Raises StartError for an address over which anybody could read along."""
    url, fields = with_whom
    try:
        province = Province(url, parts.hall.id, signing_secret(data / "province-secret"))
    except ValueError as error:
        raise StartError(str(error)) from error
    now_ms = lambda: parts.clock.now().ms  # noqa: E731
    return Exchange(data / "hall.db", province, fields, parts.take_order, now_ms, random.random)


def _reports(settings: Settings, parts: _Parts) -> ReportFolder:
    figures = SqliteFigures(settings.data / "hall.db")
    return ReportFolder(
        settings.reports or settings.data / "reports",
        figures,
        SqliteAnswers(settings.data / "hall.db"),
        days=figures.days,
        hall=lambda: parts.service.state.hall,
        now=parts.clock.now,
    )


def _retention(settings: Settings, parts: _Parts, accounts: SqliteAccounts) -> RetentionJob:
    return RetentionJob(
        settings.data / "hall.db",
        parts.day_keys,
        now=parts.clock.now,
        chosen=lambda: parts.service.state.hall and parts.service.state.hall.retention,
        note=accounts.note,
        clear_devices=parts.inbox.clear_revoked,
    )


def _broker(settings: Settings, hall: Hall, transport: Transport) -> EmbeddedBroker | OutsideBroker:
    if settings.broker_url:
        login = (settings.broker_url, settings.broker_user, settings.broker_password)
        return OutsideBroker(*login, hall.id, settings.broker_ca)
    return EmbeddedBroker(settings.data / "broker", hall.id, *settings.mqtt, transport.files)


def _in_background(stack: AsyncExitStack, failed: asyncio.Event, work: Coroutine, name: str) -> None:
    """Runs `work` until the stack closes; sets `failed` when it ends before that."""
    task = asyncio.create_task(work, name=name)

    def ended(done: asyncio.Task) -> None:
        if not done.cancelled():
            log.critical("%s stopped by itself: the hub stops", name, exc_info=done.exception())
            failed.set()

    async def stop() -> None:
        task.remove_done_callback(ended)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    task.add_done_callback(ended)
    stack.push_async_callback(stop)
