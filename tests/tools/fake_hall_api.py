"""The hub's routes for hall versions, on a real port and with versions in memory, for the tests of `jiaohao hall`."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from hub.config import HallFileError, read_hall, without_contacts

KEY = "a-good-key"


class FakeHall:
    """`versions` has (source, note), the first version being 1; `requests` what was asked for."""

    def __init__(self, source: str):
        self.versions = [(source, "")]
        self.requests: list[str] = []
        self.url = ""

    def answer(self, method: str, path: str, body: dict) -> tuple[int, object]:
        self.requests.append(f"{method} {path}")
        where, _, query = path.removeprefix("/api/v1/hall/").partition("?")
        if method == "POST":
            return self._change(where, body, dry=query == "dry=1")
        if where == "versions":
            return 200, [self._about(number) for number in range(len(self.versions), 0, -1)]
        number = len(self.versions) if where == "config" else int(where.removeprefix("versions/"))
        if not 0 < number <= len(self.versions):
            return 404, {"code": "not-found", "message": {"en": "There is nothing here."}}
        return 200, {**self._about(number), "source": self.versions[number - 1][0]}

    def _about(self, number: int) -> dict:
        return {"version": number, "at_ms": 1_700_000_000_000, "by": "admin:li", "note": self.versions[number - 1][1]}

    def _change(self, where: str, body: dict, *, dry: bool) -> tuple[int, object]:
        source = self.versions[body["version"] - 1][0] if where == "revert" else body["source"]
        try:
            read_hall(source)
        except HallFileError as error:
            problems = [{"line": one.line, "where": one.where, "reason": one.reason} for one in error.problems]
            return 422, {"code": "hall-file", "message": {"en": "The hall file has problems."}, "problems": problems}
        if not dry:
            self.versions.append((without_contacts(source), body.get("note", "")))
        return 200, {"version": len(self.versions)}


@contextmanager
def serving(hall: FakeHall) -> Iterator[FakeHall]:
    """Serves `hall` at its `url`, to whoever has KEY."""

    class Handler(BaseHTTPRequestHandler):
        def _handle(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
            status, answer = 401, {"code": "login-needed", "message": {"en": "Log in first."}}
            if self.headers["Authorization"] == f"Bearer {KEY}":
                status, answer = hall.answer(self.command, self.path, body)
            data = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = _handle

        def log_message(self, *_arguments: object) -> None:
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        hall.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield hall
        finally:
            server.shutdown()
            thread.join()
