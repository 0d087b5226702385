"""What systemd is told of the hub: a datagram to the socket that it names in NOTIFY_SOCKET. Without one: nothing."""

from __future__ import annotations

import contextlib
import os
import socket

READY = "READY=1"
STOPPING = "STOPPING=1"
ALIVE = "WATCHDOG=1"


def notify(state: str) -> None:
    """Tells `state`. A manager that does not listen is no reason to fail a hall."""
    if address := os.environ.get("NOTIFY_SOCKET"):
        place = "\0" + address[1:] if address.startswith("@") else address  # @: no file, a name of the kernel's
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to:
            to.setblocking(False)
            to.sendto(state.encode(), place)
