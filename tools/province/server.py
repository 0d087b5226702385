"""The far side over real HTTP on loopback: checks signatures, and does by seed what far sides do on bad days."""

from __future__ import annotations

import contextlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from hub.adapters.webhook import signature
from tools.province import faults
from tools.province.far_side import FarSide

LOOPBACK = "127.0.0.1"
OLD_S = 300
"""A message that was signed longer ago may be a copy that somebody kept."""

BODY_BYTES = 100_000
PATHS = ("/ratings", "/order-states")


class Server(ThreadingHTTPServer):
    """`share` of all messages meet with a fault, by `seed`; an answer that is late comes after `late_s`."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, far_side: FarSide, secret: bytes, port: int, seed: int, share: float, late_s: float):
        super().__init__((LOOPBACK, port), _Handler)
        self.far_side = far_side
        self.secret = secret
        self.seed = seed
        self.share = share
        self.late_s = late_s
        self.stopping = threading.Event()

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.server_port}"

    @contextlib.contextmanager
    def serving(self) -> Iterator[None]:
        """Serves in a thread of its own."""
        thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield
        finally:
            self.stopping.set()
            self.shutdown()
            thread.join()
            self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that has gone is one of the faults."""


class _Handler(BaseHTTPRequestHandler):
    @property
    def _mine(self) -> Server:
        assert isinstance(self.server, Server)
        return self.server

    def do_POST(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        if urlsplit(self.path).path not in PATHS or not 0 < size <= BODY_BYTES:
            return self._say(400, {"error": "not a message of ours"})
        body = self.rfile.read(size)
        if not self._is_signed(body):
            return self._say(401, {"error": "wrong signature, or too old"})
        try:
            message = json.loads(body)
            id, kind, data = message["id"], message["kind"], message["data"]
        except (ValueError, LookupError, TypeError):
            return self._say(400, {"error": "not a message of ours"})
        if unquote(self.headers.get("X-Jiaohao-Delivery", "")) != id:
            return self._say(400, {"error": "the id of the header is not that of the body"})
        return self._meet(id, kind, data)

    def _meet(self, id: str, kind: str, data: Any) -> None:
        far_side, seed = self._mine.far_side, self._mine.seed
        attempt = far_side.attempt(id)
        fault = faults.what_happens(seed, self._mine.share, id, attempt)
        if fault == faults.REFUSE:
            return self._say(faults.status(seed, id, attempt), {"error": "later"})
        if fault == faults.CUT:
            return self._hang_up()
        stored = far_side.store(id, kind, data, int(time.time() * 1000))
        if stored.receipt is None:
            return self._say(422, {"error": stored.wrong})
        return self._answer(fault, 409 if stored.had else 200, stored.receipt)

    def _answer(self, fault: str, code: int, receipt: dict[str, str]) -> None:
        if fault == faults.FORGET:
            return self._hang_up()
        if fault == faults.NONSENSE:
            return self._send(200, "text/html", b"<html>maintenance</html>")
        if fault == faults.LATE:
            self._mine.stopping.wait(self._mine.late_s)
        if fault == faults.TWICE:
            self._say(code, receipt)
        return self._say(code, receipt)

    def do_GET(self) -> None:
        found = urlsplit(self.path)
        if found.path == "/":
            return self._say(200, self._mine.far_side.counts()._asdict())
        if found.path != "/orders":
            return self._say(404, {"error": "there are /ratings, /order-states, /orders and /"})
        if not self._is_signed(found.query.encode()):
            return self._say(401, {"error": "wrong signature, or too old"})
        return self._serve_orders(parse_qs(found.query).get("after", [""])[0])

    def _serve_orders(self, after: str) -> None:
        far_side, seed = self._mine.far_side, self._mine.seed
        attempt = far_side.attempt("orders")
        if faults.what_happens(seed, self._mine.share, "orders", attempt) in (faults.REFUSE, faults.CUT):
            return self._hang_up()
        older, newer, last = far_side.orders(int(after) if after.isdecimal() else 0)
        return self._say(200, {"orders": faults.served(seed, older, newer, attempt), "cursor": str(last)})

    def _is_signed(self, signed: bytes) -> bool:
        timestamp = self.headers.get("X-Jiaohao-Timestamp", "")
        is_now = timestamp.isdecimal() and abs(time.time() - int(timestamp)) < OLD_S
        made = signature(self._mine.secret, timestamp, signed)
        return is_now and hmac.compare_digest(made.encode(), self.headers.get("X-Jiaohao-Signature", "").encode())

    def _say(self, code: int, told: dict[str, Any]) -> None:
        self._send(code, "application/json", json.dumps(told, ensure_ascii=False).encode())

    def _send(self, code: int, kind: str, body: bytes) -> None:
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _hang_up(self) -> None:
        """Without a word."""
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """What was sent is nobody's to read in a log."""
