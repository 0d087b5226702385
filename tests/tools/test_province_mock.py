"""The far side that plays a province: it keeps what it got, knows what came again, and its bad days repeat by seed."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from hub.adapters.province import NotNowError, Province, RefusedError
from hub.adapters.webhook import signature
from hub.core.exchange import ORDER_STATE, RATING, apply_map
from hub.core.exchange_orders import Order, read_order
from tests.hub.exchange import given_map, order_state, rating
from tools.province.far_side import PAGE, FarSide
from tools.province.faults import ANSWER, FAULTS, served, what_happens
from tools.province.server import OLD_S, Server

SECRET = b"a secret of both"


def now_ms() -> int:
    return int(time.time() * 1000)


def data(**more) -> dict:
    made = apply_map(given_map(), rating(**more))
    assert isinstance(made, dict)
    return made


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    far = FarSide(tmp_path / "far.db", given_map())
    with Server(far, SECRET, 0, seed=1, share=0, late_s=0) as server, server.serving():
        yield server
    far.close()


def province(server: Server, secret: bytes = SECRET) -> Province:
    return Province(server.url, "hall", secret)


def test_it_stores_once_and_gives_the_same_receipt_again(server: Server):
    receipts = [province(server).send(RATING, "r1", data(), now_ms()) for _ in range(2)]
    assert receipts[0] == receipts[1] == {"order_no": "PJ00000001", "state": "accepted"}
    province(server).send(RATING, "r1", data(level=4), now_ms())
    made = apply_map(given_map(), order_state(), ORDER_STATE)
    assert isinstance(made, dict)
    province(server).send(ORDER_STATE, "o1", made, now_ms())
    assert server.far_side.ids() == ["hall/r1", "hall/o1"]
    with urlopen(server.url) as told:
        assert json.load(told) == {"stored": 2, "repeats": 2, "altered": 1, "orders": 0}


def test_it_remembers_after_its_own_restart(tmp_path: Path):
    for expected in (False, True):
        far = FarSide(tmp_path / "far.db", given_map())
        assert far.store("r1", RATING, data(level=1), 0).had == expected
        assert far.counts().orders == 1
        far.close()


def test_a_record_without_what_is_required_is_wrong_for_good(server: Server):
    with pytest.raises(RefusedError, match=r"422: .*missing: taskCode"):
        province(server).send(RATING, "r1", {**data(), "taskCode": ""}, now_ms())
    assert server.far_side.counts().stored == 0


@pytest.mark.parametrize(("secret", "old_s"), [(b"another", 0), (SECRET, OLD_S + 5), (SECRET, -OLD_S - 5)])
def test_nothing_without_the_right_signature_of_now(server: Server, secret: bytes, old_s: int):
    with pytest.raises(NotNowError, match="401"):
        province(server, secret).send(RATING, "r1", data(), now_ms() - old_s * 1000)
    with pytest.raises(NotNowError, match="401"):
        province(server, secret).orders("", now_ms() - old_s * 1000)
    assert server.far_side.counts().stored == 0


@pytest.mark.parametrize(
    ("path", "body", "delivery"),
    [
        ("/ratings", b"{", "r1"),
        ("/ratings", b"[]", "r1"),
        ("/ratings", b'{"id": "r1"}', "r1"),
        ("/ratings", b'{"id": "r1", "kind": "rating", "data": {}}', "r2"),
        ("/elsewhere", b"{}", "r1"),
    ],
)
def test_what_is_no_message(server: Server, path: str, body: bytes, delivery: str):
    stamp = str(now_ms() // 1000)
    headers = {
        "X-Jiaohao-Delivery": delivery,
        "X-Jiaohao-Timestamp": stamp,
        "X-Jiaohao-Signature": signature(SECRET, stamp, body),
    }
    with pytest.raises(HTTPError, match="400") as refused:
        urlopen(Request(f"{server.url}{path}", body, headers))
    refused.value.close()


def test_a_bad_rating_opens_an_order_that_the_hall_can_read(server: Server):
    for number in range(PAGE + 1):
        province(server).send(RATING, f"r{number}", data(rating=f"r{number}", level=2, text="慢", named=True), now_ms())
    first = province(server).orders("", now_ms())
    second = province(server).orders(first.cursor, now_ms())
    orders = [read_order(given_map(), raw) for raw in (*first.orders, *second.orders)]
    assert {order.rating for order in orders if isinstance(order, Order)} == {f"r{n}" for n in range(PAGE + 1)}
    assert len(orders) > PAGE + 1  # some of the first page came again with the second
    for order in orders:
        assert isinstance(order, Order) and (order.kind, order.text, order.named) == ("bad-rating", "慢", True)
        assert order.due_ms > order.received_ms > now_ms() - 60_000
    assert province(server).orders(second.cursor, now_ms()).cursor == second.cursor == str(PAGE + 1)


def test_the_same_seed_has_the_same_bad_days():
    met = [what_happens(5, 0.5, f"r{n}", 1) for n in range(400)]
    assert met == [what_happens(5, 0.5, f"r{n}", 1) for n in range(400)]
    assert met != [what_happens(6, 0.5, f"r{n}", 1) for n in range(400)]
    assert set(met) == {ANSWER, *FAULTS} and 150 < Counter(met)[ANSWER] < 250
    assert {what_happens(5, 0, f"r{n}", 1) for n in range(50)} == {ANSWER}


def test_orders_are_served_out_of_order_and_again():
    older, newer = [{"n": n} for n in range(9)], [{"n": n} for n in range(9, 20)]
    page = served(1, older, newer, 1)
    assert len(page) == len(newer) + 3 and page != sorted(page, key=lambda order: order["n"])
    assert all(order in page for order in newer)


def test_the_command_serves_until_it_is_interrupted(tmp_path: Path):
    secret = tmp_path / "province-secret"
    secret.write_text("the secret of the hall\n")
    asked = ["--secret", str(secret), "--port", "0", "--file", str(tmp_path / "far.db"), "--faults", "0"]
    command = [sys.executable, "-u", "-m", "tools.cli", "province-mock", *asked]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"})
    assert child.stdout
    try:
        url = re.findall(r"http://127\.0\.0\.1:\d+", child.stdout.readline())[0]
        Province(url, "hall", b"the secret of the hall").send(RATING, "r1", data(level=1), now_ms())
    finally:
        child.send_signal(signal.SIGINT)
        told, _ = child.communicate(timeout=30)
    assert json.loads(told) == {"stored": 1, "repeats": 0, "altered": 0, "orders": 1}
