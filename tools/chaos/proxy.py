"""The wire where no namespace is allowed: a proxy of ours between the devices and the broker.

TCP hides lost packets, so what an application sees of them is done here: pieces that come late, connections that break
in the middle of a packet. A black hole is a connection that is accepted and in which nothing moves.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Iterable

from tools.chaos.wire import LOSS_PERCENT
from tools.demo.place import LOOPBACK
from tools.ports import free_port

PIECE_BYTES = 1024
LATE_S = (0.2, 1.2)
"""A lost packet is sent again after 0.2 s, a packet that is lost twice after 0.6 s, and so on."""

BREAK_PERCENT = 2
"""Of the pieces under loss: the connection is cut after half of the piece."""

LOOK_S = 0.05


class ProxyWire:
    """A Wire; `port` is the broker's, `device_port` ours."""

    def __init__(self, port: int, seed: int):
        self.device_port = free_port()
        self._broker_port = port
        self._chance = random.Random(f"{seed}:proxy")
        self._losing = self._black_hole = False
        self._half_open: set[int] = set()
        self._server: asyncio.Server | None = None
        self._pipes: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._take, LOOPBACK, self.device_port)

    async def close(self) -> None:
        if self._server:
            self._server.close()
        for pipe in self._pipes:
            pipe.cancel()
        await asyncio.gather(*self._pipes, return_exceptions=True)

    async def set(self, losing: bool, black_hole: bool) -> None:
        self._losing, self._black_hole = losing, black_hole

    async def half_open(self, ports: Iterable[int]) -> None:
        self._half_open.update(ports)

    async def heal(self) -> None:
        await self.set(False, False)

    def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        pipe = asyncio.create_task(self._serve(reader, writer))
        self._pipes.add(pipe)
        pipe.add_done_callback(self._pipes.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        port: int = writer.get_extra_info("peername")[1]
        self._half_open.discard(port)  # a port that is used anew is another connection
        far: asyncio.StreamWriter | None = None
        try:
            await self._passes(port)
            back, far = await asyncio.open_connection(LOOPBACK, self._broker_port)
            async with asyncio.TaskGroup() as ways:
                ways.create_task(self._carry(port, reader, far))
                ways.create_task(self._carry(port, back, writer))
        except* (OSError, EOFError):
            pass  # either side has hung up: so do we, to both
        finally:
            for each in (writer, far):
                if each:
                    each.transport.abort()

    async def _carry(self, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carries one direction until the connection ends, which is always an exception."""
        while piece := await reader.read(PIECE_BYTES):
            await self._passes(port)
            if self._losing:
                piece = await self._mistreated(piece, writer)
            writer.write(piece)
            await writer.drain()
        raise EOFError

    async def _passes(self, port: int) -> None:
        """Returns when something may pass."""
        while self._black_hole or port in self._half_open:
            await asyncio.sleep(LOOK_S)

    async def _mistreated(self, piece: bytes, writer: asyncio.StreamWriter) -> bytes:
        """`piece`, perhaps late. Raises EOFError when half of it was the last that passed."""
        throw = self._chance.uniform(0, 100)
        if throw < BREAK_PERCENT:
            writer.write(piece[: len(piece) // 2])
            with contextlib.suppress(OSError):
                await writer.drain()
            raise EOFError
        if throw < LOSS_PERCENT:
            await asyncio.sleep(self._chance.uniform(*LATE_S))
        return piece
