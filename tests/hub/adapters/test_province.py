"""What the connector takes for delivered, for wrong for good, and for not now; and that it signs what it says."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from hub.adapters.province import ANSWER_BYTES, LATER, NotNowError, Page, Province, RefusedError
from hub.adapters.webhook import signature
from hub.core.exchange import ORDER_STATE, RATING

NOW_MS = 1_772_586_900_000
SECRET = b"a secret of both"
RECEIPT = {"order_no": "PJ1", "state": "accepted"}
GOOD = json.dumps(RECEIPT).encode()


class Far:
    """A far side that says `body` with `status`; status 0: it hangs up, -1: it says nothing for a while."""

    def __init__(self, status: int, body: bytes):
        self.status, self.body = status, body
        self.asked: list[tuple[str, dict[str, str], bytes]] = []
        self.over = threading.Event()
        self.url = ""

    def province(self, timeout_s: float = 5) -> Province:
        return Province(f"{self.url}/api/", "hall", SECRET, timeout_s)


@contextlib.contextmanager
def far_side(status: int = 200, body: bytes = GOOD) -> Iterator[Far]:
    far = Far(status, body)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            far.asked.append((self.path, dict(self.headers), sent))
            if far.status == -1:
                far.over.wait()
            if far.status <= 0:
                return
            self.send_response(far.status)
            self.send_header("Content-Length", str(len(far.body)))
            self.send_header("Location", far.url)
            self.end_headers()
            with contextlib.suppress(OSError):
                self.wfile.write(far.body)

        do_GET = do_POST

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        far.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield far
        finally:
            far.over.set()
            server.shutdown()
            thread.join()


def send(far: Far, kind: str = RATING, id: str = "r:1", **more: Any) -> dict[str, str]:
    return far.province(**more).send(kind, id, {"satisfaction": "1", "evaContent": "好"}, NOW_MS)


def test_what_is_sent_is_signed_and_has_its_id_in_header_and_body():
    with far_side() as far:
        assert send(far) == RECEIPT
        send(far, ORDER_STATE, "order W/1")
    (path, headers, body), (other_path, other_headers, other_body) = far.asked
    assert (path, other_path) == ("/api/ratings", "/api/order-states")
    assert json.loads(body) == {
        "id": "hall/r:1",
        "hall": "hall",
        "kind": "rating",
        "data": {"satisfaction": "1", "evaContent": "好"},
    }
    assert headers["X-Jiaohao-Delivery"] == "hall/r:1"
    assert headers["X-Jiaohao-Timestamp"] == str(NOW_MS // 1000)
    assert headers["X-Jiaohao-Signature"] == signature(SECRET, headers["X-Jiaohao-Timestamp"], body)
    assert (
        other_headers["X-Jiaohao-Delivery"] == "hall/order%20W/1" and json.loads(other_body)["id"] == "hall/order W/1"
    )


@pytest.mark.parametrize("status", [200, 201, 409])
def test_it_is_delivered(status: int):
    with far_side(status, json.dumps({**RECEIPT, "more": 1}).encode()) as far:
        assert send(far) == RECEIPT


@pytest.mark.parametrize("status", [400, 404, 410, 413, 422, 451])
def test_it_is_wrong_for_good(status: int):
    with far_side(status, "没有这个事项".encode()) as far, pytest.raises(RefusedError, match=f"{status}: 没有这个事项"):
        send(far)


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (500, b"", "answered 500"),
        (503, b"maintenance", "answered 503: maintenance"),
        (302, b"", "answered 302"),
        *((status, b"", f"answered {status}") for status in LATER),
        (0, b"", "closed"),
        (200, b"", "not JSON"),
        (204, b"", "not JSON"),
        (200, b"<html>", "not JSON"),
        (200, b"[]", "no JSON object"),
        (200, b"[" * 5000, "not JSON"),
        (200, b'{"order_no": "1"}', "no receipt"),
        (200, b'{"order_no": 1, "state": "x"}', "no receipt"),
        (200, b'{"order_no": "", "state": "x"}', "no receipt"),
        (409, b"{}", "no receipt"),
        (200, b" " * (ANSWER_BYTES + 1), "bytes"),
    ],
)
def test_it_is_not_now(status: int, body: bytes, told: str):
    with far_side(status, body) as far, pytest.raises(NotNowError, match=told):
        send(far)


def test_silence_is_not_now():
    with far_side(-1) as far, pytest.raises(NotNowError, match="timed out"):
        send(far, timeout_s=0.1)


def test_nobody_there_is_not_now():
    with far_side() as far:
        pass
    with pytest.raises(NotNowError, match="refused"):
        send(far)


def test_orders_are_asked_for_behind_the_cursor_and_signed():
    with far_side(200, b'{"orders": [{"no": 1}, "\\ud83d"], "cursor": "a b"}') as far:
        assert far.province().orders("x&y", NOW_MS) == Page([{"no": 1}, "?"], "a b")
    path, headers, _ = far.asked[0]
    assert path == "/api/orders?after=x%26y"
    assert headers["X-Jiaohao-Signature"] == signature(SECRET, headers["X-Jiaohao-Timestamp"], b"after=x%26y")


@pytest.mark.parametrize("body", [b"{}", b'{"orders": {}, "cursor": ""}', b'{"orders": [], "cursor": 5}'])
def test_an_answer_without_orders_is_not_now(body: bytes):
    with far_side(200, body) as far, pytest.raises(NotNowError, match="no orders"):
        far.province().orders("", NOW_MS)


@pytest.mark.parametrize("url", ["http://province.example/api", "ftp://127.0.0.1", "province.example", ""])
def test_nobody_may_read_along(url: str):
    with pytest.raises(ValueError, match="https"):
        Province(url, "hall", SECRET)


def test_what_is_encrypted_or_stays_on_the_machine_may_go():
    for url in ("https://province.example/api", "http://localhost:1", "http://[::1]:1"):
        Province(url, "hall", SECRET)
