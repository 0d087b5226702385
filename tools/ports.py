"""Free ports on loopback, for whatever starts servers of its own: the demo, benchmarks, tests."""

from __future__ import annotations

import random
import socket

RANGE = range(10_000, 32_000)
"""Below those that Linux gives to whoever asks for any port: between the look and the use nobody else is given one."""


def free_port() -> int:
    """A port on loopback that nobody listens on now."""
    while True:
        port = random.choice(RANGE)
        with socket.socket() as trial:
            try:
                trial.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
