"""The drill: the database is deleted while the hall works, and restored from a copy of the backups that is older.

What happened after that copy is lost to the hub, and not to the people: pads hand in again what had been acknowledged,
numbers that are in people's hands are not given again, displays follow a log that is behind what they showed.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import shutil
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx

from hub.adapters.nats import stop_orphan
from tools.bench.hall import write_hall
from tools.ports import free_port

PATIENCE_S = 60
WINDOWS = ("1", "2", "3")
DRAWN_AFTER = 40


class Pads:
    """The devices of all windows in one process, with the firmware that a board runs; they stay on all the time."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.promised: dict[tuple[str, int, int], int] = {}
        self.shown: dict[str, tuple[int, int]] = {}

    async def start(self, configs: dict[str, dict]) -> None:
        folders = []
        for name, config in configs.items():
            folders.append(self.folder / name)
            folders[-1].mkdir(parents=True)
            (folders[-1] / "config.json").write_text(json.dumps(config))
        (self.folder / "list.txt").write_text("".join(f"{folder}\n" for folder in folders))
        command = [sys.executable, "-m", "tools.demo.rack_child", str(self.folder / "list.txt")]
        pipe = asyncio.subprocess.PIPE
        self._process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        assert self._process.stdout
        while line := await self._process.stdout.readline():
            name, _, text = line.decode().partition(" ")
            said = json.loads(text)
            if "frame" in said:
                self.shown[name] = tuple(said["version"])
            if "promised" in said:
                epoch, seq, level, _ = said["promised"]
                self.promised[name, epoch, seq] = level

    def press(self, window: str, key: int) -> None:
        assert self._process.stdin
        self._process.stdin.write(f'pad-{window} {{"key": {key}}}\n'.encode())

    def thanked(self, window: str) -> int:
        return sum(device == f"pad-{window}" for device, _, _ in self.promised)

    async def stop(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        await self._process.wait()
        await self._reading


class Drill:
    """A hub with backups, its devices, and people who draw, are called and rate."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.data, self.backups, self.copy = folder / "data", folder / "backups", folder / "copy"
        self.port, self.mqtt = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.pads = Pads(folder / "devices")
        self.numbers: list[str] = []
        self.hub: asyncio.subprocess.Process | None = None
        self.client = httpx.AsyncClient(base_url=f"{self.url}/api/v1", headers={"Origin": self.url})
        self._chance = random.Random(4)
        write_hall(folder / "hall.toml", len(WINDOWS))

    async def start_hub(self) -> None:
        where = ["--hall", str(self.folder / "hall.toml"), "--data", str(self.data), "--backup", str(self.backups)]
        addresses = ["--listen", f"127.0.0.1:{self.port}", "--mqtt", f"127.0.0.1:{self.mqtt}"]
        command = [sys.executable, "-m", "tools.cli", "hub", *where, *addresses]
        self.hub = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        assert self.hub.stdout
        while not (await self.hub.stdout.readline()).startswith(b"ready"):
            assert self.hub.returncode is None

    async def open(self) -> None:
        await self.start_hub()
        token = (self.data / "setup-link").read_text().strip().partition("token=")[2]
        await self.post("/setup", token=token, name="admin", password=token)
        await self.post("/login", name="admin", password=token)
        key = (await self.post("/keys", label="drill", role="admin"))["token"]
        await self.client.aclose()
        self.client = httpx.AsyncClient(base_url=f"{self.url}/api/v1", headers={"Authorization": f"Bearer {key}"})
        configs = {}
        for window in WINDOWS:
            await self.post(f"/windows/{window}/sign-in", clerk=f"clerk-{window}")
            for name, role in ((f"pad-{window}", "rating_pad"), (f"display-{window}", "window_display")):
                configs[name] = await self.post("/devices", id=name, role=role, window=window)
        await self.pads.start(configs)

    async def post(self, path: str, **body) -> dict:
        answer = await self.client.post(path, json=body)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else {}

    async def draw(self) -> None:
        self.numbers.append((await self.post("/tickets", service=self._chance.choice("ab")))["number"])

    async def serve(self, window: str) -> None:
        """Somebody draws, is called, and rates."""
        await self.draw()
        seen = await self.versions()
        await self.post(f"/windows/{window}/next", seen=seen[window])
        await self.rate(window)

    async def rate(self, window: str) -> None:
        """Somebody presses until the pad says thank you: it must be ready again after the one before."""
        before = self.pads.thanked(window)
        async with asyncio.timeout(PATIENCE_S):
            while self.pads.thanked(window) == before:
                self.pads.press(window, self._chance.randrange(5))
                await asyncio.sleep(0.3)

    async def serve_all(self, times: int) -> None:
        """So many people at each window, side by side."""
        for _ in range(times):
            await asyncio.gather(*(self.serve(window) for window in WINDOWS))

    async def all_shown(self) -> None:
        """Waits until every display shows what the hub says now."""
        wanted = await self.versions()
        await until(lambda: all(self.pads.shown[f"display-{window}"] == wanted[window] for window in WINDOWS))

    async def versions(self) -> dict[str, tuple[int, int]]:
        windows = (await self.client.get("/hall")).json()["windows"]
        return {window["id"]: tuple(window["state"]["version"]) for window in windows}

    def rows(self, query: str, file: Path | None = None) -> list[tuple]:
        with contextlib.closing(sqlite3.connect(f"file:{file or self.data / 'hall.db'}?mode=ro", uri=True)) as database:
            return database.execute(query).fetchall()

    def ratings(self, file: Path | None = None) -> dict[tuple[str, int, int], int]:
        """Press -> level; the hub must never have one twice."""
        in_log = "select count(*) from log where kind = 'RatingRecorded'"  # in one look: the hub may write meanwhile
        rows = self.rows(f"select device, epoch, seq, level, ({in_log}) from ratings", file)
        assert len({row[:3] for row in rows}) == len(rows)
        assert all(row[4] == len(rows) for row in rows)
        return {(device, epoch, seq): level for device, epoch, seq, level, _ in rows}

    async def command(self, *arguments: str) -> str:
        pipe = asyncio.subprocess.PIPE
        done = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tools.cli", *arguments, stdout=pipe, stderr=asyncio.subprocess.STDOUT
        )
        said = (await done.communicate())[0].decode()
        assert done.returncode == 0, said
        return said

    async def lose_the_database(self) -> None:
        """kill -9, and the database is gone. What is left of the folder is moved away, as the guide says."""
        assert self.hub
        self.hub.kill()
        await self.hub.wait()
        shutil.copy(self.data / "hall.db", self.folder / "lost.db")
        if (self.data / "hall.db-wal").exists():
            shutil.copy(self.data / "hall.db-wal", self.folder / "lost.db-wal")
        for file in self.data.glob("hall.db*"):
            file.unlink()
        stop_orphan(self.data / "broker")
        self.data.rename(self.folder / "data.broken")

    async def close(self) -> None:
        await self.pads.stop()
        if self.hub and self.hub.returncode is None:
            self.hub.terminate()
            await self.hub.wait()
        await self.client.aclose()
        for data in (self.data, self.folder / "data.broken"):
            stop_orphan(data / "broker")


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():
            await asyncio.sleep(0.05)


@contextlib.asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Drill]:
    drill = Drill(folder)
    try:
        await drill.open()
        yield drill
    finally:
        await drill.close()


async def test_nothing_promised_is_lost_when_the_database_is_deleted_under_load(tmp_path: Path):
    async with opened(tmp_path) as drill:
        await drill.serve_all(2)
        # The copy in another place: a backup and its tail, with some of the ratings in it.
        await until(lambda: any(file.stat().st_size > 3000 for file in drill.backups.glob("*.tail")))
        shutil.copytree(drill.backups, drill.copy)
        before = len(drill.pads.promised)
        await drill.serve_all(2)
        await until(lambda: len(drill.ratings()) == len(drill.pads.promised))  # all of it was acknowledged
        await drill.lose_the_database()
        await asyncio.gather(*(drill.rate(window) for window in WINDOWS))  # without a hub, and without a broker

        said = await drill.command("restore", "--from", str(drill.copy), "--data", str(drill.data))
        known = drill.ratings()
        lost = drill.pads.promised.keys() - known.keys()
        assert known and len(lost) >= len(drill.pads.promised) - before >= 3 * len(WINDOWS), said
        await drill.start_hub()
        await until(lambda: len(drill.ratings()) == len(drill.pads.promised))
        assert drill.ratings() == drill.pads.promised

        given = set(drill.numbers)
        for _ in range(DRAWN_AFTER):
            await drill.draw()
        assert len(set(drill.numbers)) == len(drill.numbers) == len(given) + DRAWN_AFTER

        await drill.serve_all(1)
        await drill.all_shown()
        await until(lambda: drill.ratings() == drill.pads.promised)
        assert (await drill.client.get("/health")).json()["set_back_ms"] == 0
        await drill.command("verify", "--data", str(drill.data))
        drill.hub.terminate()
        await drill.hub.wait()
        await drill.command("rebuild", "--check", "--data", str(drill.data))


async def test_a_folder_that_was_put_back_by_hand_is_noticed_by_what_displays_show(tmp_path: Path):
    """As with the snapshot of a virtual machine: nobody ran a restore, and the epoch is the old one."""
    async with opened(tmp_path) as drill:
        await drill.serve("1")
        drill.hub.terminate()
        await drill.hub.wait()
        shutil.copytree(drill.data, tmp_path / "snapshot")
        await drill.start_hub()
        await drill.serve_all(1)
        await drill.all_shown()
        shown = dict(drill.pads.shown)
        drill.hub.terminate()
        await drill.hub.wait()
        shutil.rmtree(drill.data)
        shutil.copytree(tmp_path / "snapshot", drill.data)
        await drill.start_hub()
        await until(lambda: all(drill.pads.shown[f"display-{w}"][0] > shown["display-1"][0] for w in WINDOWS))
        await until(lambda: drill.ratings() == drill.pads.promised)
        assert (await drill.client.get("/health")).json()["set_back_ms"] > 0
        for _ in range(5):
            await drill.draw()
        assert len(set(drill.numbers)) == len(drill.numbers)
