"""The network between devices, broker and hub, and what can be done to it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from typing import Protocol

import psutil

LOSS_PERCENT = 30


class Wire(Protocol):
    """Faults of the same kind may overlap: each is begun and ended as often as it comes."""

    device_port: int
    """Where devices find the broker."""

    async def open(self) -> None:
        """Makes it ready; nothing is lost yet."""
        ...

    async def close(self) -> None: ...

    async def set(self, losing: bool, black_hole: bool) -> None:
        """LOSS_PERCENT of all packets are lost each way from now on; nothing arrives at all."""
        ...

    async def half_open(self, ports: Iterable[int]) -> None:
        """Connections whose client has one of these ports: nothing arrives any more, and neither side is told."""
        ...

    async def heal(self) -> None:
        """Everything arrives again, except on connections that are half-open."""
        ...


def client_ports(pid: int, server_port: int) -> list[int]:
    """The local ports of the process's connections to `server_port`; none when it is gone."""
    with contextlib.suppress(psutil.Error):
        connections = psutil.Process(pid).net_connections("tcp4")
        return [each.laddr.port for each in connections if each.raddr and each.raddr.port == server_port]
    return []
