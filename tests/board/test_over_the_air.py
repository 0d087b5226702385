"""A board at work is updated over the air: a real hub with its broker, real MicroPython, littlefs and programs.

Versions differ from the present one in the patience of a trial, which takes minutes in a hall, and in what is wrong
with them."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest
from edge_brokers import until

from tests.board.fake_board import WATCHDOG, FakeBoard
from tests.board.test_flash import Desk, only
from tools.bench.hall import bench_hub
from tools.demo import runtime
from tools.release import keys
from tools.release.build import build

pytestmark = pytest.mark.skipif(
    runtime.find_micropython() is None, reason="NO MICROPYTHON HERE: no wheel for this machine"
)

PATIENCE_S = 60
GOOD_S = 3

HASTY = {
    "GOOD_MS = 300_000": f"GOOD_MS = {GOOD_S}_000",
    "PATIENCE_MS = 600_000": "PATIENCE_MS = 4_000",
}
"""What is changed in firmware/trial.py."""


class Releases:
    """Whoever builds releases, and the hub that they are given to."""

    def __init__(self, desk: Desk):
        self.desk = desk
        self.folder = desk.folder / "builder"
        keys.make_keys(self.folder, b"")
        (desk.folder / "data" / keys.PUBLIC).write_bytes((self.folder / keys.PUBLIC).read_bytes())
        self.public = str(self.folder / keys.PUBLIC)
        self._sign = partial(keys.sign, keys.load_private(self.folder / keys.PRIVATE, b""))
        self._made = int(time.time())

    async def push(self, path: str = "", before: str = "", after: str = "", back_to: int = 0) -> dict:
        """Builds a release, in whose file `path` the text `before` is another one, and has the hub roll it out. Boards
        may go back from it to `back_to`."""
        self._made += 1

        def change(texts: dict[str, str]) -> dict[str, str]:
            trial = texts["firmware/trial.py"]
            for present, hasty in HASTY.items():
                assert present in trial
                trial = trial.replace(present, hasty)
            changed = {**texts, "firmware/trial.py": trial}
            assert not path or before in changed[path]
            return {**changed, path: changed[path].replace(before, after)} if path else changed

        packed = await asyncio.to_thread(build, self._sign, self._made, back_to or self._made, 0, change)
        file = self.folder / f"{self._made}.release"
        file.write_bytes(packed)
        return await self.ask("push", str(file))

    async def ask(self, *words: str) -> dict:
        return json.loads((await self.desk.run("release", *words, "--json")).stdout)

    async def ended(self) -> dict:
        """How the roll-out ended."""
        for _ in range(PATIENCE_S * 2):
            found = await self.ask("status")
            if found["state"] != "running":
                return found
            await asyncio.sleep(0.5)
        raise AssertionError(found)


@pytest.fixture
async def desk(tmp_path: Path):
    async with bench_hub(tmp_path, 3) as hub:
        with ExitStack() as stack:
            yield Desk(tmp_path, hub, stack)


async def pad_at_work(desk: Desk, releases: Releases) -> tuple[FakeBoard, str]:
    """A rating pad that was flashed and is online, and its device."""
    pad = desk.board(1)
    done = await desk.flash(pad, "rating_pad", "1", "--release-pub", releases.public)
    assert done.exit_code == 0, done.output
    return pad, only(done)["device"]


async def test_a_pad_at_work_is_updated_and_still_rates(desk: Desk):
    releases = Releases(desk)
    pad, _ = await pad_at_work(desk, releases)
    await releases.push()
    found = await releases.ended()
    assert (found["state"], found["boards"]["done"]) == ("done", 1), (found, pad.console()[-2000:])
    pad.press(0)
    await until(lambda: len(desk.ratings("1")) == 1, PATIENCE_S)


RELEASES_THAT_FAIL = {
    "finds no broker": ("firmware/mqtt.py", "(settings.host, settings.port)", "(settings.host, 1)"),
    "raises": ("firmware/link.py", "self._news.clear()", "self._news.clear(0)"),
    "hangs": ("firmware/trial.py", "decided = self.decide(device, now_ms)", "while 1: pass"),
}


@pytest.mark.parametrize("wrong", RELEASES_THAT_FAIL)
async def test_a_pad_goes_back_from_a_release_that(desk: Desk, wrong: str):
    releases = Releases(desk)
    pad, name = await pad_at_work(desk, releases)
    await releases.push(*RELEASES_THAT_FAIL[wrong])
    found = await releases.ended()
    assert found["state"] == "stopped" and "went back" in found["failed"][name], (found, pad.console()[-2000:])
    assert (WATCHDOG in pad.starts()) == (wrong == "hangs")
    pad.press(0)
    await until(lambda: len(desk.ratings("1")) == 1, PATIENCE_S)


async def test_whoever_rolls_out_pauses_goes_on_and_goes_back(desk: Desk):
    releases = Releases(desk)
    desk.http.post("/devices", json={"id": "pad-1", "role": "rating_pad", "window": "1"}).raise_for_status()
    assert "nothing was ever rolled out" in (await desk.run("release", "status")).output
    first = await releases.push()
    assert (first["state"], first["boards"]["waits"]) == ("running", 1)
    assert (await releases.ask("pause"))["state"] == "stopped"
    paused = await desk.run("release", "status")
    assert paused.exit_code == 1 and f"release {first['release']}" in paused.output and "paused" in paused.output
    assert (await releases.ask("resume"))["state"] == "running"
    second = await releases.push()
    refused = await desk.run("release", "rollback")
    assert refused.exit_code == 2 and f"do not go back from {second['release']}" in refused.output
    third = await releases.push(back_to=second["release"])
    assert third["release"] > second["release"]
    assert (await releases.ask("rollback"))["release"] == second["release"]
