"""Each alert of docs/monitoring/alerts.yml, by a real fault of a real hub: silent before, firing with it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psutil
import pytest
from edge_brokers import until
from whole_hub import WholeHub, board, whole_hub

from protocol.upward import Events, Online, Rating, Reported, Telemetry, encode
from tests.promql import firing, rules

UP = 'up{job="jiaohao"}'
DISK_MB = 120

# A disk of its own, that is really full later: a tmpfs that only the hub (and whoever goes through /proc) sees.
ON_SMALL_DISK = (
    *("unshare", "--user", "--map-root-user", "--mount", "sh", "-c"),
    f'mkdir -p "$4" && mount -t tmpfs -o size={DISK_MB}m none "$4" && exec "$0" -m tools.cli hub "$@"',
    sys.executable,
)


CANNOT = subprocess.run(["unshare", "--user", "--map-root-user", "--mount", "true"], capture_output=True).returncode


def seen(hub: WholeHub) -> dict[str, float]:
    """What Prometheus would have."""
    try:
        return {UP: 1.0, **hub.metrics()}
    except httpx.TransportError:
        return {UP: 0.0}


def fires(hub: WholeHub, before: dict[str, float], alert: str):
    return lambda: alert in firing(seen(hub), before)


def failing(hub: WholeHub) -> list[str]:
    return httpx.get(f"{hub.url}/healthz").json()["failing"]


def fill(hub: WholeHub, leave_mb: int) -> Path:
    """Fills the hub's disk; deleting the file makes room again."""
    space = os.statvfs(hub.data)
    filling = hub.data / "filling"
    with filling.open("wb") as out:
        try:
            for _ in range(space.f_bavail * space.f_frsize // 65536 - leave_mb * 16 + (leave_mb == 0)):
                out.write(bytes(65536))
        except OSError:
            assert leave_mb == 0
    return filling


@pytest.mark.skipif(CANNOT != 0, reason="nobody may make a disk of their own here (unshare): NO ALERT IS TRIED")
async def test_each_alert_fires_for_its_fault_and_only_then(tmp_path: Path):
    async with whole_hub(tmp_path, command=ON_SMALL_DISK) as hub:
        silent = seen(hub)
        assert firing(silent, silent) == {"JiaohaoBackupOld"}  # nobody has made one
        assert failing(hub) == []

        async with (
            board(hub.register("glass1", "window_display")) as glass,
            board(hub.register("pad1", "rating_pad")) as pad,
        ):
            for each in (glass, pad):
                await each.say("online", encode(Online(1, 1, 1, 0)))
            await glass.say("reported", encode(Reported((1, 1), "", 0)))  # what the hub never wanted it to show
            wrong_since_s = time.monotonic()

            await pad.say("telemetry", encode(Telemetry(60, 20_000, 300, 0, 0)))
            await until(fires(hub, silent, "JiaohaoJournalDeep"), 60)
            await pad.say("telemetry", encode(Telemetry(90, 20_000, 0, 0, 0)))

            async with board(hub.register("pad2", "rating_pad")) as pad2:
                for run in (1, 2) * 4:  # as two boards with one login, that take turns
                    await pad2.say("online", encode(Online(1, 1, 1, run)))
                await until(fires(hub, silent, "JiaohaoBoardCloned"), 60)
            hub.register("pad2", "rating_pad")
            assert not fires(hub, silent, "JiaohaoBoardCloned")()

            await pad.say("events", encode(Events(7, [Rating(1, 30_000, "1", "", 4)])))
            await until(fires(hub, silent, "JiaohaoRatingSlow"), 60)

            filling = fill(hub, leave_mb=10)
            await until(fires(hub, silent, "JiaohaoDiskNearlyFull"), 60)
            filling.unlink()

            filling = fill(hub, leave_mb=0)
            with hub.client(hub.admin) as admin:
                answers = [admin.post("/api/v1/tickets", json={"service": "a"}).status_code for _ in range(200)]
            assert answers[-1] == 503
            assert fires(hub, silent, "JiaohaoStoreErrors")() and "disk" in failing(hub)
            filling.unlink()

            await until(fires(hub, silent, "JiaohaoDisplaysStale"), 60)
            assert time.monotonic() - wrong_since_s > 10
            for each in (glass, pad):
                await each.say("reported", encode(Reported(shown(hub), "", 0)))
            await until(lambda: "JiaohaoDisplaysStale" not in firing(seen(hub), silent), 60)
            await until(lambda: "disk" not in failing(hub), 30)

        await until(lambda: kills_broker(hub) and fires(hub, silent, "JiaohaoBrokerAway")(), 60)
        await until(lambda: "JiaohaoBrokerAway" not in firing(seen(hub), silent), 30)

        children = psutil.Process(hub.process.pid).children()
        hub.process.kill()
        hub.process.wait()
        assert UP in rules()["JiaohaoHubDown"]["expr"] and "JiaohaoHubDown" in firing({**silent, **seen(hub)}, silent)
        for child in children:
            child.kill()


def kills_broker(hub: WholeHub) -> bool:
    """Kills the broker, as often as the hub starts it again: true, so that it can stand in a condition."""
    for child in psutil.Process(hub.process.pid).children():
        if "nats" in child.name():
            child.kill()
    return True


def shown(hub: WholeHub) -> tuple[int, int]:
    """What the glass of window 1 should show."""
    with hub.client(hub.admin) as admin:
        (window,) = admin.get("/api/v1/hall").json()["windows"]
    return tuple(window["state"]["version"])
