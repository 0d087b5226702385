"""The other side of the outbox: a web server and a mail server on loopback that refuse, stall and accept as told."""

from __future__ import annotations

import contextlib
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import StreamRequestHandler, ThreadingTCPServer

ACCEPT = 204
STALL = 0
"""Says nothing until the test is over."""


class Received:
    """What came to a server. `answers`: what it does with the next ones, before it accepts all."""

    def __init__(self, *answers: int):
        self.answers = list(answers)
        self.messages: list[tuple[dict[str, str], bytes]] = []
        self.over = threading.Event()
        self.url = ""
        self.port = 0

    def answer(self, headers: dict[str, str], body: bytes) -> int:
        self.messages.append((headers, body))
        answer = self.answers.pop(0) if self.answers else ACCEPT
        if answer == STALL:
            self.over.wait()
        return answer or ACCEPT


@contextlib.contextmanager
def web_server(*answers: int) -> Iterator[Received]:
    """A web server; `answers` are status codes, or STALL."""
    received = Received(*answers)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = received.answer(dict(self.headers), body)
            with contextlib.suppress(OSError):  # who stalled for too long has lost its client
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", received.url)
                self.send_header("Content-Length", "0")
                self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        received.port = server.server_port
        received.url = f"http://127.0.0.1:{received.port}/alarms"
        with _serving(server, received):
            yield received


@contextlib.contextmanager
def mail_server(*answers: int, security: str = "none", context: ssl.SSLContext | None = None) -> Iterator[Received]:
    """A mail server; `answers` are replies to a mail's text (451: later), or STALL. With `context` it speaks TLS from
    the first byte on ("tls"), or when asked ("starttls") and takes nothing before."""
    received = Received(*answers)

    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            with contextlib.suppress(OSError):  # who stalled for too long has lost its client
                if security == "tls":
                    self._encrypt()
                self.wfile.write(b"220 here\r\n")
                while line := self.rfile.readline().strip().upper():
                    if line == b"STARTTLS":
                        self.wfile.write(b"220 go on\r\n")
                        self._encrypt()
                        continue
                    if line.startswith(b"EHLO") and security == "starttls" and not self._is_encrypted:
                        self.wfile.write(b"250-here\r\n250 STARTTLS\r\n")
                        continue
                    if security == "starttls" and not self._is_encrypted:
                        self.wfile.write(b"530 TLS first\r\n")
                        continue
                    self.wfile.write(b"354 go on\r\n" if line == b"DATA" else b"250 ok\r\n")
                    if line == b"DATA":
                        status = received.answer({}, b"".join(iter(self.rfile.readline, b".\r\n")))
                        self.wfile.write(b"250 taken\r\n" if status == ACCEPT else b"%d not now\r\n" % status)

        _is_encrypted = False

        def _encrypt(self) -> None:
            assert context is not None
            self.request = context.wrap_socket(self.request, server_side=True)
            self._is_encrypted = True
            self.rfile, self.wfile = self.request.makefile("rb"), self.request.makefile("wb", buffering=0)

    with ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        received.port = server.server_address[1]
        with _serving(server, received):
            yield received


@contextlib.contextmanager
def _serving(server: ThreadingTCPServer, received: Received) -> Iterator[None]:
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield
    finally:
        received.over.set()
        server.shutdown()
        thread.join()
