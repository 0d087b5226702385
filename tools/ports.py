"""Free ports on loopback, for whatever starts servers of its own: the demo, benchmarks, tests."""

from __future__ import annotations

import socket


def free_port() -> int:
    """A port on loopback that nobody listens on now."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return trial.getsockname()[1]
