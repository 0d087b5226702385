"""A keep-alive HTTP client that costs almost nothing, so that a benchmark measures the hub and not its client.

It knows just what our hub answers: HTTP/1.1 with a Content-Length, one request at a time on a connection.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any


class Connection:
    """One kept connection. `token` is sent as a bearer token."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: str):
        self._reader = reader
        self._writer = writer
        self._head = head

    @classmethod
    async def open(cls, host: str, port: int, token: str = "") -> Connection:
        reader, writer = await asyncio.open_connection(host, port)
        bearer = f"Authorization: Bearer {token}\r\n" if token else ""
        return cls(reader, writer, f"Host: {host}:{port}\r\nContent-Type: application/json\r\n{bearer}")

    async def post(self, path: str, body: dict[str, Any], key: str = "") -> tuple[int, Any]:
        """(status, decoded answer). `key` is sent as the Idempotency-Key."""
        payload = json.dumps(body, separators=(",", ":"))
        idempotency = f"Idempotency-Key: {key}\r\n" if key else ""
        return await self._ask(f"POST {path}", f"{idempotency}Content-Length: {len(payload)}\r\n\r\n{payload}")

    async def get(self, path: str) -> tuple[int, Any]:
        return await self._ask(f"GET {path}", "\r\n")

    async def _ask(self, what: str, rest: str) -> tuple[int, Any]:
        self._writer.write(f"{what} HTTP/1.1\r\n{self._head}{rest}".encode())
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = int(head.partition("content-length:")[2].partition("\r\n")[0] or 0)
        body = await self._reader.readexactly(length)
        return int(head.split(" ", 2)[1]), json.loads(body) if body else None

    async def close(self) -> None:
        self._writer.close()
        await self._writer.wait_closed()
