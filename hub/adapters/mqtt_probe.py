"""Asks a broker whether a login is good: one CONNECT, one CONNACK, and the connection is closed again.

A whole MQTT client for that question would take a hundred times the work, and a reload asks it many times.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl

ANSWER_S = 2
"""A broker on the same machine answers in milliseconds."""

PROBE = "probe"

CONNACK_ACCEPTED = b"\x20\x02\x00\x00"
DISCONNECT = b"\xe0\x00"
KEEPALIVE_S = 5
CLEAN = 0b10
WITH_LOGIN = 0b1100_0000


async def may_log_in(host: str, port: int, user: str, password: str, context: ssl.SSLContext | None = None) -> bool:
    """Whether the broker accepts the login, with a clean session. No broker there is a no, and so is one that
    `context`, if it is to be TLS, does not trust."""
    return await may_connect(host, port, (user, password), context)


async def may_connect(
    host: str, port: int, login: tuple[str, str] | None, context: ssl.SSLContext | None, client_id: str = PROBE
) -> bool:
    """The same; `login` None: one without a name. A broker that ties client ids to users refuses every other one, so
    only with the right `client_id` does a no say something of the password."""
    try:
        async with asyncio.timeout(ANSWER_S):
            return await _ask(host, port, connect_packet(client_id, login), context)
    except (OSError, TimeoutError, asyncio.IncompleteReadError):
        return False


async def _ask(host: str, port: int, packet: bytes, context: ssl.SSLContext | None) -> bool:
    reader, writer = await asyncio.open_connection(host, port, ssl=context)
    try:
        writer.write(packet)
        accepted = await reader.readexactly(len(CONNACK_ACCEPTED)) == CONNACK_ACCEPTED
        writer.write(DISCONNECT)
        return accepted
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


def connect_packet(client_id: str, login: tuple[str, str] | None) -> bytes:
    """CONNECT of MQTT 3.1.1 with a clean session; the texts together at most 100 bytes."""
    flags = WITH_LOGIN | CLEAN if login else CLEAN
    body = _text("MQTT") + bytes([4, flags]) + KEEPALIVE_S.to_bytes(2, "big")
    body += b"".join(_text(text) for text in (client_id, *(login or ())))
    return bytes([0x10, len(body)]) + body


def _text(value: str) -> bytes:
    raw = value.encode()
    return len(raw).to_bytes(2, "big") + raw
