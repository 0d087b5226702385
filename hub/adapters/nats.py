"""The embedded broker: nats-server from its wheel, as a child process that the hub starts, watches and stops.

The folder holds all of it: the configuration (nats.conf), who may log in (logins.json: the hub's password, and of the
devices only hashes), the server's store, log and process id. A restart needs nothing else.

    start    take the folder's lock -> write the configuration -> adopt a server that a killed hub left behind, or
             start one -> log in as the probe, which proves that this very configuration is in force
    grant    change logins.json -> write the configuration -> SIGHUP -> log in as the probe. Grants that come while
             one is under way share the next
    watch    a server that dies is started again, after a pause that doubles from 0.2 s to 5 s; one that could not
             write its store (the disk was full) is ended first, because it would never write there again
    stop     SIGTERM, wait, SIGKILL

A reload checks the login of every connection again, so a revoked device is cut and the others stay.

The server cannot tie a client id to a user, and a second login with the same client id throws the first one out. So
devices have client ids that carry random characters: whoever has a credential does not know the ids of the others.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import psutil

from hub import ports
from hub.adapters import nats_process
from hub.adapters.ca import Files, client_context
from hub.adapters.mqtt import BrokerLogin
from hub.adapters.mqtt_probe import may_log_in
from hub.adapters.nats_config import HUB_USER, PROBE_USER, Device, Place, render
from hub.adapters.nats_logins import PASSWORD_MOST_BYTES, Logins, draw_password, hash_password, write_private
from hub.ports import BrokerError, DeviceLogin

log = logging.getLogger(__name__)

READY_S = 10
"""How long a start or a reload may take. It takes 0.1 s; a slow disk with a large store takes longer."""

PROBE_EVERY_S = 0.02
RELOAD_AGAIN_S = 2
"""A SIGHUP that comes while the server is still starting is lost, so it is sent again."""

WATCH_EVERY_S = 0.1
"""How long a dead server goes unnoticed. Asking costs one system call."""

RESTART_FIRST_S = 0.2
RESTART_MOST_S = 5.0
"""Pauses before a start double up to this: a server that cannot run must not take the processor away."""

STABLE_S = 60
"""A server that lived this long is not the one that cannot run: the pauses begin anew."""


def stop_orphan(folder: Path) -> bool:
    """Ends the server that a killed hub left behind in `folder`; whether there was one. A live hub's is left alone."""
    place = Place(folder.resolve(), "", 0)
    process = nats_process.find(place)
    if process is None:
        return False
    try:
        lock = nats_process.lock(place)
    except BrokerError:
        return False
    try:
        nats_process.end(process)
    finally:
        os.close(lock)
    return True


class EmbeddedBroker:
    """The broker of one hall, kept in `folder`; devices connect to host:port, with `tls` over TLS only. It is a Broker.

    For a health page: `pid`, and `restarts`, how often the server had to be started again.
    """

    def __init__(
        self, folder: Path, hall: str, host: str = "127.0.0.1", port: int = 1883, tls: Files | None = None
    ) -> None:
        self._place = Place(folder.resolve(), host, port, tls.broker if tls else None)
        self._trusted = str(tls.trusted) if tls else None
        self._hall = hall
        self._lock: int | None = None
        self._logins = Logins(self._place.folder / "logins.json")
        self._process: psutil.Process | None = None
        self._watch: asyncio.Task[None] | None = None
        self._reloading = asyncio.Lock()
        self._wanted = 0
        self._in_force = 0
        self.restarts = 0

    @property
    def pid(self) -> int | None:
        """The server's process id, while it runs."""
        return self._process.pid if self._process is not None and self._alive() else None

    @property
    def hub_login(self) -> BrokerLogin:
        """How the hub itself logs in; there is one after start()."""
        where, logins = _reachable(self._place.host), self._logins
        tls = self._trusted is not None
        return BrokerLogin(where, self._place.port, HUB_USER, logins.password, logins.client_id, tls, self._trusted)

    async def start(self) -> None:
        """Starts the server, or takes over the one that a killed hub left behind. Raises BrokerError."""
        self._lock = nats_process.open_folder(self._place)
        try:
            self._logins.load()
            if not await self._adopt():
                await self._start_new()
        except BaseException:
            await self._end()
            raise
        self._watch = asyncio.create_task(self._keep_running(), name="nats-server watch")

    async def stop(self) -> None:
        """Ends the server."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
        await self._end()

    async def grant(self, login: DeviceLogin) -> None:
        """Lets the device in with this login, and no longer with the one before. Raises BrokerError."""
        if len(login.password.encode()) > PASSWORD_MOST_BYTES:
            raise BrokerError(f"device {login.device}: a password has at most {PASSWORD_MOST_BYTES} bytes")
        self._check_running()
        self._logins.devices[login.device] = Device(
            login.window, hash_password(login.password), login.client_id, login.zone
        )
        await self._apply()

    async def revoke(self, device: str) -> None:
        """Takes the device's login away and cuts its connection. Raises BrokerError."""
        self._check_running()
        if self._logins.devices.pop(device, None) is not None:
            await self._apply()

    async def reconcile(self, devices: Sequence[ports.Device]) -> set[str]:
        """Lets in `devices` and nobody else; answers whose secret it does not know. Raises BrokerError."""
        self._check_running()
        known = self._logins.devices
        kept = {
            device.id: replace(known[device.id], window=device.window, client_id=device.client_id, zone=device.zone)
            for device in devices
            if device.id in known and known[device.id].client_id in ("", device.client_id)
        }
        if kept != known:
            self._logins.devices = kept
            await self._apply()
        return {device.id for device in devices} - set(kept)

    async def reload(self) -> None:
        """Has the server read its certificate again; connections stay. Raises BrokerError."""
        self._check_running()
        await self._apply()

    def _check_running(self) -> None:
        """Before start() the logins of the devices are not read yet, and writing would forget them."""
        if self._process is None:
            raise BrokerError("the broker is not started: start it before letting devices in or throwing them out")

    async def _apply(self) -> None:
        """Brings the logins into force. Those who wait meanwhile find theirs done by whoever comes first."""
        self._wanted += 1
        mine = self._wanted
        async with self._reloading:
            if self._in_force >= mine:
                return
            newest = self._wanted
            password = self._write_config()
            if not await self._reload(password):
                raise BrokerError(f"nats-server did not take over the new logins: see {self._place.log}")
            self._in_force = newest

    def _write_config(self) -> str:
        """Writes logins and configuration; returns the password of the probe that goes with it."""
        password = draw_password()
        logins = self._logins
        text = render(self._place, self._hall, hash_password(logins.password), hash_password(password), logins.devices)
        try:
            logins.save()
            write_private(self._place.config, text)
        except OSError as error:
            raise nats_process.not_writable(self._place.folder, error) from error
        return password

    async def _adopt(self) -> bool:
        """Whether a server was left behind that serves this configuration now. One that does not is ended."""
        process = nats_process.find(self._place)
        if process is None:
            return False
        self._process = process
        # After an update the old program still runs: then it is replaced. So is one on another port.
        if nats_process.is_current(process) and await self._reload(self._write_config(), RELOAD_AGAIN_S):
            log.info("took over nats-server (process %d), which the last hub left running", process.pid)
            return True
        await asyncio.to_thread(nats_process.end, process)
        self._process = None
        return False

    async def _start_new(self) -> None:
        nats_process.check_port_free(self._place)
        password = self._write_config()
        self._process = nats_process.start(self._place)
        if not await self._serves(password, READY_S):
            words = nats_process.last_words(self._place)
            raise BrokerError(f"nats-server did not start on {self._place.address}: {words}")

    async def _reload(self, password: str, within_s: float = READY_S) -> bool:
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            if self._process is not None:
                with contextlib.suppress(psutil.NoSuchProcess):
                    self._process.send_signal(signal.SIGHUP)
            if await self._serves(password, RELOAD_AGAIN_S):
                return True
        return False

    async def _serves(self, password: str, within_s: float) -> bool:
        """Whether the configuration with this probe is in force within that time. A dead server is a no at once."""
        context = client_context(self._trusted) if self._trusted else None
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            await asyncio.sleep(PROBE_EVERY_S)
            if not self._alive():
                return False
            if await may_log_in(_reachable(self._place.host), self._place.port, PROBE_USER, password, context):
                return True
        return False

    async def _keep_running(self) -> None:
        pause_s = RESTART_FIRST_S
        while True:
            since = time.monotonic()
            store = nats_process.StoreWatch(self._place)
            while self._alive():  # the end of a process that is not our child has no event
                await asyncio.sleep(WATCH_EVERY_S)
                if store.failed():
                    await self._end_for_want_of_room()
            if time.monotonic() - since > STABLE_S:
                pause_s = RESTART_FIRST_S
            log.warning("nats-server ended; starting it again in %.1f s (see %s)", pause_s, self._place.log)
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, RESTART_MOST_S)
            self._start_again()

    async def _end_for_want_of_room(self) -> None:
        log.error("nats-server could not write its store: is the disk full? It is ended, to be started again")
        if self._process is not None:
            await asyncio.to_thread(nats_process.end, self._process)

    def _start_again(self) -> None:
        self.restarts += 1
        try:
            self._process = nats_process.start(self._place)
        except (OSError, BrokerError) as error:  # no memory, package just being replaced: the next turn tries again
            log.error("nats-server cannot be started: %s", error)

    def _alive(self) -> bool:
        return self._process is not None and nats_process.is_alive(self._process)

    async def _end(self) -> None:
        if self._process is not None:
            await asyncio.to_thread(nats_process.end, self._process)
        self._process = self._watch = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def _reachable(host: str) -> str:
    """Where the hub itself finds a broker that listens on `host`, which may mean all addresses."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
