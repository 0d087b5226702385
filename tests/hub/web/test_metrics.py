"""GET /metrics and GET /healthz: who may, what they say, and how much of it."""

from __future__ import annotations

import asyncio
import time
import timeit
from dataclasses import replace
from pathlib import Path

import pytest

from hub.adapters import sqlite_exchange
from hub.core import commands
from hub.core.hall import Hall
from hub.measures import SECONDS, Histogram
from hub.ports import StoreError
from hub.web import vitals
from tests.hub.halls import small_hall
from tests.hub.web.web_hall import WebHall, web_hall
from tests.promql import firing

SERIES_MOST = 500
WAITING = (
    "outbox_waiting",
    "outbox_given_up",
    "invitations_waiting",
    "invitations_given_up",
    "exchange_waiting",
    "exchange_refused",
)
HERE = {"address": "127.0.0.1", "Host": "127.0.0.1:8000"}


async def told(hall: WebHall) -> dict[str, float]:
    answer = (await hall.visitor(**HERE).get("/metrics")).raise_for_status()
    assert answer.headers["content-type"].startswith("text/plain; version=")
    lines = [line for line in answer.text.splitlines() if line[0] != "#"]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {"Host": "127.0.0.1:8000"}, 200),
        ("::1", {"Host": "[::1]:8000"}, 200),
        ("127.0.0.1", {"Host": "localhost"}, 200),
        ("10.0.0.7", {"Host": "127.0.0.1:8000"}, 401),
        ("127.0.0.1", {"Host": "hall.example"}, 401),
        ("127.0.0.1", {"Host": "127.0.0.1.evil.example"}, 401),
        ("127.0.0.1", {"Host": "127.0.0.1", "X-Forwarded-For": "10.0.0.7"}, 401),
        ("127.0.0.1", {"Host": "127.0.0.1", "X-Real-IP": "127.0.0.1"}, 401),
        ("127.0.0.1", {"Host": "127.0.0.1", "Via": "1.1 proxy"}, 401),
        ("127.0.0.1", {"Host": "127.0.0.1", "Forwarded": "for=10.0.0.7"}, 401),
    ],
)
async def test_neighbours_need_no_key_and_whoever_a_proxy_asks_for_does(
    hall: WebHall, address: str, headers: dict[str, str], status: int
):
    assert (await hall.visitor(address, **headers).get("/metrics")).status_code == status


async def test_a_monitor_may_read_the_metrics_and_nothing_else_of_the_hall(hall: WebHall):
    monitor = await hall.machine("monitor")
    assert (await monitor.get("/metrics")).status_code == 200
    for path in ("hall", "services", "figures", "devices", "users", "live"):
        assert (await monitor.get(f"/api/v1/{path}")).status_code == 403
    for role in ("clerk", "kiosk", "board"):
        assert (await (await hall.machine(role)).get("/metrics")).status_code == 403


async def test_what_happened_is_counted(hall: WebHall):
    clerk = await hall.logged_in("clerk")
    before = await told(hall)
    assert (await clerk.post("/api/v1/tickets", json={"service": "a"})).status_code == 201
    now = await told(hall)
    assert now["jiaohao_people_waiting"] == before["jiaohao_people_waiting"] + 1
    counted = 'jiaohao_command_to_commit_seconds_bucket{le="+Inf"}'
    assert now[counted] == now["jiaohao_command_to_commit_seconds_count"] == before[counted] + 1
    assert now["jiaohao_batch_commands_sum"] == before["jiaohao_batch_commands_sum"] + 1


async def test_a_press_counts_from_the_press_where_the_pad_knows_it(hall: WebHall):
    now_ms = hall.clock.now().ms
    for seq, (earliest_ms, latest_ms) in enumerate([(now_ms - 3000, now_ms - 3000), (now_ms - 60_000, now_ms)]):
        await hall.service.handle(commands.RecordRating(f"{seq}", "pad", 1, seq, "1", "", 4, earliest_ms, latest_ms))
    counts = await told(hall)
    assert counts['jiaohao_rating_to_commit_seconds_bucket{le="2.0"}'] == 0
    assert counts["jiaohao_rating_to_commit_seconds_count"] == 1
    assert counts["jiaohao_rating_to_commit_seconds_sum"] == 3


async def test_a_call_counts_until_the_glass_shows_it(hall: WebHall):
    clerk = await hall.logged_in("clerk")
    await clerk.post("/api/v1/tickets", json={"service": "a"})
    await hall.service.handle(commands.SignIn("s", "clerk", "1", "clerk"))
    await hall.service.handle(commands.CallNext("n", "1", hall.service.state.version("1"), "device:pad"))
    version = hall.service.state.version("1")
    hall.clock.advance(400)
    for turn in range(2):  # said twice, shown once
        await hall.service.handle(commands.ConfirmShown(f"c{turn}", "d", "1", version))
    counts = await told(hall)
    assert counts["jiaohao_call_to_shown_seconds_count"] == 1
    assert counts["jiaohao_call_to_shown_seconds_sum"] == pytest.approx(0.4)


async def test_a_large_hall_has_few_series_and_none_names_anybody(tmp_path: Path):
    async with web_hall(tmp_path, rules=large_hall()) as hall:
        for number in range(700):
            role = ("window_display", "rating_pad", "call_pad")[number % 3]
            await hall.app.state.web.devices.register(f"device{number}", role, f"{number % 222 + 1}")
        counts = await told(hall)
        assert len(counts) <= SERIES_MOST
        assert counts['jiaohao_devices_registered{role="call_pad"}'] == 233
        labels = {name.partition("{")[2].partition("=")[0] for name in counts} - {""}
        assert labels == {"le", "role", "python"}  # the first of each; that of the build has the version too


def large_hall() -> Hall:
    hall = small_hall()
    return replace(hall, windows={f"{n}": replace(hall.windows["1"], id=f"{n}") for n in range(1, 223)})


async def test_boards_that_the_broker_does_not_know_are_counted_and_told_until_they_are_thrown_out(hall: WebHall):
    devices = hall.app.state.web.devices
    for device in ("pad", "glass"):
        await devices.register(device, "rating_pad", "1")
    up = {'up{job="jiaohao"}': 1.0}
    silent = up | await told(hall)
    for device in ("pad", "glass"):
        devices.seen[device].is_locked_out = True  # as reconcile() finds it
    counts = up | await told(hall)
    assert counts["jiaohao_devices_locked_out"] == 2
    assert firing(counts, silent) - firing(silent, silent) == {"JiaohaoBoardLockedOut"}
    await devices.register("pad", "rating_pad", "1")
    await devices.revoke("glass")
    assert (await told(hall))["jiaohao_devices_locked_out"] == 0


async def test_what_waits_for_others_is_counted_and_told_apart(hall: WebHall):
    office = await hall.logged_in("admin")
    up = {'up{job="jiaohao"}': 1.0, "jiaohao_backup_last_good_timestamp_seconds": time.time()}
    silent = await told(hall) | up
    now_ms = int(time.time() * 1000)
    lines = (("1", "webhook", "waiting"), ("2", "invitation", "waiting"), ("3", "invitation", "given-up"))
    with hall.store._writer.atomic():
        execute = hall.store._writer.conn.execute
        for delivery, channel, state in lines:
            row = (delivery, channel, state)
            execute("insert into outbox values (?, ?, '', '', 'v', 0, '{}', 0, ?, 0, 0, null, '')", row)
        for number in range(3):
            sqlite_exchange.post(execute, "rating", f"r{number}", f"v{number}", {}, now_ms - 86_401_000 - number)
        sqlite_exchange.refused(hall.store._writer.conn, "r2", "no such item")
    counts = await told(hall) | up
    found = {name: counts[f"jiaohao_{name}"] for name in WAITING}
    assert found == dict(zip(WAITING, (1, 0, 1, 1, 2, 1), strict=True))
    assert counts["jiaohao_exchange_oldest_timestamp_seconds"] == pytest.approx((now_ms - 86_401_001) / 1000)
    assert firing(counts, silent) - firing(silent, silent) == {"JiaohaoExchangeRefused", "JiaohaoExchangeLate"}
    health = (await office.get("/api/v1/health")).json()
    assert (health["outbox"], health["invitations"]) == (
        {"waiting": 1, "given_up": 0},
        {"waiting": 1, "given_up": 1},
    )
    assert health["exchange"] == {"waiting": 2, "refused": 1, "oldest_ms": now_ms - 86_401_001}
    stranger = (await hall.visitor().get("/api/v1/health")).json()
    assert stranger["outbox"] is stranger["invitations"] is stranger["exchange"] is None


async def test_counts_that_the_disk_does_not_tell_are_left_out(hall: WebHall, monkeypatch: pytest.MonkeyPatch):
    def unread(*_: object) -> None:
        raise StoreError("disk gone")

    office = await hall.logged_in("admin")
    monkeypatch.setattr(hall.app.state.web.reports, "exchange", unread)
    counts = await told(hall)
    assert not {f"jiaohao_{name}" for name in WAITING} & counts.keys() and "jiaohao_people_waiting" in counts
    assert (await office.get("/api/v1/health")).json()["exchange"] is None


async def test_healthz_is_short_and_names_what_fails(hall: WebHall):
    visitor = hall.visitor()
    well = await visitor.get("/healthz")
    assert (well.status_code, well.json()) == (200, {"ok": True, "failing": []})
    hall.broker.connected = False
    hall.broker.last_error = "no connection to the broker at 10.0.0.5:1883"
    ill = await visitor.get("/healthz")
    assert (ill.status_code, ill.json()) == (503, {"ok": False, "failing": ["broker"]})


async def test_a_disk_that_takes_nothing_fails_until_it_takes_something(hall: WebHall, monkeypatch: pytest.MonkeyPatch):
    def full(*_: object) -> None:
        raise StoreError("disk full")

    with monkeypatch.context() as broken:
        broken.setattr(hall.store, "append", full)
        with pytest.raises(StoreError):
            await hall.service.handle(commands.SignIn("s", "clerk", "1", "clerk"))
        assert (await hall.visitor().get("/healthz")).json()["failing"] == ["disk"]
        assert (await told(hall))["jiaohao_store_errors_total"] == 1
    looking = asyncio.create_task(hall.service.tick())  # nobody presses: the hub tries by itself
    async with asyncio.timeout(5):
        while (await hall.visitor().get("/healthz")).status_code != 200:
            await asyncio.sleep(0.01)
    looking.cancel()


async def test_a_disk_without_room_fails_before_it_refuses(hall: WebHall, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(vitals, "ROOM_BYTES", 2**80)
    assert (await hall.visitor().get("/healthz")).json()["failing"] == ["disk"]


async def test_a_writer_that_hangs_fails(hall: WebHall):
    hall.service.measures.busy_since_s = asyncio.get_running_loop().time() - vitals.STUCK_S - 1
    assert (await hall.visitor().get("/healthz")).json()["failing"] == ["writer"]
    hall.service.measures.busy_since_s = 0.0


def test_a_histogram_counts_what_is_not_above_each_bound():
    seen = Histogram((1, 5))
    for value in (0, 1, 1.5, 5, 100):
        seen.observe(value)
    assert seen.buckets() == [("1", 2), ("5", 4), ("+Inf", 5)]
    assert seen.total == 107.5


def test_counting_costs_a_press_next_to_nothing():
    """A commit takes a millisecond and more; generous, for a machine that is busy with something else."""
    seen = Histogram(SECONDS)
    assert min(timeit.repeat(lambda: seen.observe(0.003), number=1000, repeat=5)) / 1000 < 50e-6
