"""What must hold before a hub runs, and what it takes over from the run before: each problem in an admin's words."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import socket
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from hub.adapters.clock import FOLLOWED_MS, HallClock
from hub.adapters.sqlite_store import SqliteStore
from hub.config import HallFileError, read_hall, without_contacts
from hub.core import commands, restoring
from hub.core.hall import Hall
from hub.service import HallService
from hub.texts import say

log = logging.getLogger(__name__)


class StartError(Exception):
    """The hub cannot start. The text says what, where, and what would be right; one problem per line."""


@contextlib.contextmanager
def only_hub_of(data: Path):
    """Makes the data folder and holds its lock: a hall has one writer."""
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(data / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StartError(f"cannot use the data folder {data}: {error.strerror}; it must be writable") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise StartError(f"another hub uses the data folder {data}; stop it, or give another --data") from error
    try:
        yield
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def listening(address: tuple[str, int]):
    """A listening socket, made before anything else starts: a port in use is told at once."""
    listener = socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
    except OSError as error:
        listener.close()
        where = f"{address[0]}:{address[1]}"
        raise StartError(f"cannot listen on {where}: {error.strerror}; give another --listen") from error
    with listener:
        yield listener


def read_hall_file(file: Path) -> tuple[str, Hall]:
    """The text without contacts, as the log may have it, and the hall."""
    try:
        text = file.read_text("utf-8")
        return without_contacts(text), read_hall(text)
    except HallFileError as error:
        raise StartError("\n".join(f"{file}: {problem}" for problem in error.problems)) from error
    except (OSError, UnicodeDecodeError) as error:
        raise StartError(f"cannot read the hall file {file}: {error}") from error


def clock_warning(last_ms: int, now_ms: int, timezone: str) -> str:
    """What to say of a machine's clock that is far behind the hall's log; empty: it is not. The hall starts all the
    same, because people can be called without a clock."""
    if last_ms - now_ms < FOLLOWED_MS:
        return ""
    zone = ZoneInfo(timezone)
    now, last = (datetime.fromtimestamp(ms / 1000, zone).strftime("%Y-%m-%d %H:%M") for ms in (now_ms, last_ms))
    warning = (
        f"the clock of this machine says {now}, but the hall's log goes on until {last}: was the clock set back, or is "
        "its battery empty? Until it is right no new day begins, and times and figures of today are wrong; set it, and "
        "start the hub again"
    )
    log.warning("%s", warning)
    return warning


async def note_restored(service: HallService, store: SqliteStore) -> None:
    """Writes down that the log was restored, before anything else happens: numbers go on behind those that are lost."""
    since_ms, state = store.restored_ms(), service.state
    if since_ms is not None:
        pace = restoring.per_hour(state, since_ms)
        await service.handle(commands.NoteRestored("", state.epoch, since_ms, pace))


async def configure(
    service: HallService, clock: HallClock, store: SqliteStore, file: Path, source: str, hall: Hall
) -> str:
    """Puts the hall file in force if this very text never was: what was applied or taken back at the running hub stays.
    Returns a hint when something else than the file is in force. A data folder belongs to one hall for ever."""
    before = service.state.hall
    if before and before.id != hall.id:
        raise StartError(f"this data folder belongs to the hall {before.id!r}, not {hall.id!r}; give another --data")
    sources = list(store.hall_sources())
    hint = ""
    if source not in sources:
        outcome = await service.handle(commands.ConfigureHall("", hall, source))
        if outcome.refused:
            raise StartError("the hall file: " + say(f"refusal.{outcome.refused}", "en", **(outcome.detail or {})))
    elif source != sources[0]:
        hint = (
            f"{file} was in force before, and another version is now: it stays. See the difference with "
            f"`jiaohao hall diff {file}`; put the file in force with `jiaohao hall apply {file}`"
        )
    now = service.state.hall or hall
    clock.configure(now.timezone, now.day_starts, now.country)
    return hint


def setup_link(data: Path, url: str, token: str | None) -> str:
    """The one-time link that makes the first admin; also kept in a file that only the owner of the folder can read."""
    file = data / "setup-link"
    if token is None:
        file.unlink(missing_ok=True)
        return ""
    link = f"{url}/setup?token={token}"
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as out:
        out.write(link + "\n")
    return link
