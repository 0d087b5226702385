"""From an empty flash to a hall at work, with stock parts: MicroPython and littlefs, a real hub with its broker.

The boards' programs are the real ones, `firmware.hal.esp32` included; only what is under them is a stand-in.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import shutil
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import aiomqtt
import httpx
import pytest
import pytest_asyncio
from click.testing import CliRunner, Result
from edge_brokers import until

from firmware.journal import Journal
from protocol import topics
from tests.board import fake_esptool
from tests.board.fake_board import FakeBoard, fake_board
from tests.board.glasses import display_rows, drawn
from tools import bundle
from tools.bench.hall import BenchHub, bench_hub
from tools.cli import main
from tools.demo import runtime
from tools.flash import micropython
from tools.flash.board import Board
from tools.flash.progress import Progress

pytestmark = [
    pytest.mark.skipif(runtime.find_micropython() is None, reason="NO MICROPYTHON HERE: no wheel for this machine"),
    pytest.mark.asyncio(loop_scope="module"),  # that of the hub, which all tests share
]

PATIENCE_S = 30


class Desk:
    """An admin's machine: boards at its ports, a hub in the house."""

    def __init__(self, folder: Path, hub: BenchHub, stack: ExitStack):
        self.folder = folder
        self.hub = hub
        self._stack = stack
        self.url = f"http://127.0.0.1:{hub.port}"
        (folder / "key").write_text(hub.admin)
        (folder / "wifi.toml").write_text('ssid = "hall"\npassword = "secret"\n')
        self.http = stack.enter_context(
            httpx.Client(base_url=f"{self.url}/api/v1", headers={"Authorization": f"Bearer {hub.admin}"})
        )

    def board(self, number: int, **more: bool) -> FakeBoard:
        return self._stack.enter_context(fake_board(self.folder / f"board-{number}", number, **more))

    async def run(self, *words: str) -> Result:
        """`jiaohao WORDS`."""
        environment = {"JIAOHAO_HUB": self.url, "JIAOHAO_KEY_FILE": str(self.folder / "key")}
        return await asyncio.to_thread(CliRunner().invoke, main, words, env=environment)

    async def flash(self, board: FakeBoard, role: str, window: str, *more: str) -> Result:
        wifi = str(self.folder / "wifi.toml")
        words = ("--port", board.port, "--role", role, "--window", window, "--wifi", wifi, "--wait", str(PATIENCE_S))
        return await self.run("flash", *words, "--json", *more)

    def registered(self, name: str) -> int:
        """How often the device got a secret."""
        lines = self.http.get("/audit").raise_for_status().json()
        return sum(line["action"] == "device registered" and line["subject"] == name for line in lines)

    def device(self, name: str) -> dict:
        return next(device for device in self.http.get("/devices").json() if device["id"] == name)

    def ratings(self, window: str) -> list[dict]:
        """Of today, at the window."""
        return [line for line in self.http.get("/ratings").raise_for_status().json() if line["window"] == window]

    def call(self, window: str) -> None:
        """Somebody draws a ticket and is called."""
        self.http.post("/tickets", json={"service": "a"}).raise_for_status()
        hall = self.http.get("/hall").json()
        seen = next(each for each in hall["windows"] if each["id"] == window)["state"]["version"]
        self.http.post(f"/windows/{window}/next", json={"seen": seen}).raise_for_status()

    async def state(self, window: str) -> bytes:
        """The state of the window as it is on the wire."""
        eye = self.http.post("/devices", json={"id": "eye", "role": "window_display", "window": window}).json()
        login = {"username": eye["user"], "password": eye["password"], "identifier": eye["client_id"]}
        async with aiomqtt.Client(eye["host"], eye["port"], **login) as client:
            await client.subscribe(topics.window_state(eye["hall"], window))
            async for message in client.messages:
                return bytes(message.payload)
        raise AssertionError("no state")


def only(done: Result) -> dict:
    """What is said of the one board."""
    (found,) = json.loads(done.stdout)
    return found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub(tmp_path_factory: pytest.TempPathFactory):
    async with bench_hub(tmp_path_factory.mktemp("hub"), 3) as running:
        yield running


@pytest.fixture
def desk(tmp_path: Path, hub: BenchHub, monkeypatch: pytest.MonkeyPatch):
    built = Path(runtime.find().environment["MICROPYPATH"].partition(":")[0])  # compiled once for many tests
    monkeypatch.setattr(bundle, "build", lambda folder: shutil.copytree(built, folder, dirs_exist_ok=True))
    with ExitStack() as stack:
        yield Desk(tmp_path, hub, stack)


async def test_a_box_of_boards_becomes_a_hall(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    display, second, pad = (desk.board(number) for number in (1, 2, 3))

    # Two boards at once
    done = await desk.flash(display, "window_display", "1", "--port", second.port, "--window", "2")
    assert done.exit_code == 0, done.output
    found = {each["window"]: each for each in json.loads(done.stdout)}
    assert [found[window]["device"] for window in "12"] == ["window-display-1-000001", "window-display-2-000002"]
    assert all(each["online"] and each["copied_bytes"] > 50_000 for each in found.values())

    # One is pulled in the middle, plugged in again, and gets the rest
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(Progress, "add", pulling(pad, after=30_000))
        pulled = await desk.flash(pad, "rating_pad", "1")
    assert pulled.exit_code == 1 and "plug it in and run the same command again" in only(pulled)["error"]
    pad.plug()
    resumed = await desk.flash(pad, "rating_pad", "1")
    assert resumed.exit_code == 0, resumed.output
    assert only(resumed)["copied_bytes"] < only(pulled)["copied_bytes"] - 20_000
    assert "main.py" in only(resumed)["copied"] and "device/config.json" not in only(resumed)["copied"]

    # Once more: nothing to copy, and no new secret
    again = await desk.flash(pad, "rating_pad", "1")
    assert again.exit_code == 0, again.output
    assert (only(again)["copied"], only(again)["removed"], only(again)["online"]) == ([], [], True)
    assert desk.registered("rating-pad-1-000003") == 1

    # A call is on the glass, and a press is counted
    desk.call("1")
    state = await desk.state("1")
    await until(lambda: display_rows(display) == drawn(config_of(found["1"]), state), PATIENCE_S)
    assert any(display_rows(display))
    pad.press(0)
    await until(lambda: len(desk.ratings("1")) == 1, PATIENCE_S)
    assert desk.ratings("1")[0]["device"] == only(again)["device"]

    # Another board takes the pad's place, whose history stays with the window
    spare = desk.board(4)
    old = only(again)["device"]
    wifi = str(desk.folder / "wifi.toml")
    replaced = await desk.run("fleet", "replace", old, "--port", spare.port, "--wifi", wifi, "--json")
    assert replaced.exit_code == 0, replaced.output
    new = only(replaced)
    assert (new["device"], new["window"], new["role"], new["replaced"]) == (
        "rating-pad-1-000004",
        "1",
        "rating_pad",
        old,
    )
    assert desk.device(old)["revoked"] and desk.device(new["device"])["online"]
    await until(lambda: "broker: " in pad.console(), PATIENCE_S)
    spare.press(1)
    await until(lambda: {rating["device"] for rating in desk.ratings("1")} == {old, new["device"]}, PATIENCE_S)

    # What is asked of the fleet
    listed = (await desk.run("fleet", "list")).stdout.splitlines()
    assert [line.split()[4] for line in listed if "rating-pad" in line] == ["online", "revoked"]
    assert "24:0a:c4:00:00:04" in (await desk.run("fleet", "show", new["device"])).stdout
    assert new["device"] in (await desk.run("fleet", "label", new["device"], "--labels", str(desk.folder))).stdout
    assert (desk.folder / f"{new['device']}.png").read_bytes().startswith(b"\x89PNG")
    assert (await desk.run("fleet", "revoke", new["device"])).exit_code == 0
    assert desk.device(new["device"])["revoked"]
    unknown = await desk.run("fleet", "show", "pad-99")
    assert unknown.exit_code == 2 and "jiaohao fleet list" in unknown.stderr


async def test_ratings_that_are_not_delivered_are_not_lost_unawares(desk: Desk):
    board = desk.board(5)
    plant(board, desk.folder, 2)
    refused = await desk.flash(board, "rating_pad", "3")
    assert refused.exit_code == 1 and "2 ratings in its journal are LOST" in only(refused)["error"]
    assert desk.registered("rating-pad-3-000005") == 0
    done = await desk.flash(board, "rating_pad", "3", "--force")
    assert done.exit_code == 0, done.output
    plant(board, desk.folder, 3)
    refused = await desk.flash(board, "rating_pad", "3")
    assert refused.exit_code == 1 and "3 ratings in its journal will stay there" in only(refused)["error"]
    await until(lambda: len(desk.ratings("3")) == 3, PATIENCE_S)  # it was let go on, and delivered them
    changed = await desk.flash(board, "call_pad", "3")  # and may become something else
    assert changed.exit_code == 0 and only(changed)["device"] == only(done)["device"], changed.output
    look = Board(board.port)
    assert not any(path.startswith("device/journal") for path in look.files())
    look.close()


async def test_a_chip_without_micropython_gets_it(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(micropython, "ESPTOOL", (sys.executable, str(Path(fake_esptool.__file__))))
    monkeypatch.setattr("tools.flash.board.PROMPT_S", 0.2)
    board = desk.board(6, blank=True)
    without = await desk.flash(board, "call_pad", "2")
    assert without.exit_code == 1 and "https://micropython.org/download" in only(without)["error"]
    images = desk.folder / "images"
    images.mkdir()
    image = images / "ESP32_GENERIC-v1.26.1.bin"
    image.write_bytes(b"an image")
    (images / "SHA256SUMS").write_text(f"{hashlib.sha256(b'an image').hexdigest()} *{image.name}\n")
    done = await desk.flash(board, "call_pad", "2", "--image", str(images))
    assert done.exit_code == 0, done.output
    assert (board.folder / "micropython").read_bytes() == b"an image"


def plant(board: FakeBoard, folder: Path, presses: int) -> None:
    """A journal with so many presses that no hub has, on a board that is left at its prompt."""
    made = folder / f"journal-{presses}"
    made.mkdir()
    journal = Journal(str(made), lambda: 77 + presses)
    for _ in range(presses):
        assert journal.append("3", "", 5, 0)
    there = Board(board.port)
    there.write("device/journal/presses", (made / "presses").read_bytes(), lambda _: None)
    there._at_prompt = False
    there.close()


def config_of(result: dict) -> bytes:
    """A config.json by which the same is drawn."""
    about = {"hall": result["hall"], "device": result["device"], "role": result["role"], "window": result["window"]}
    return json.dumps({**about, "host": "127.0.0.1", "port": 1883, "client_id": "x", "language": "zh-Hans"}).encode()


def pulling(board: FakeBoard, after: int) -> Callable:
    """A `Progress.add` by which somebody pulls the board when so much is copied."""
    add, copied = Progress.add, 0

    def pull(self: Progress, port: str, count: int) -> None:
        nonlocal copied
        add(self, port, count)
        before, copied = copied, copied + count
        if before < after <= copied:
            board.unplug()

    return pull


async def test_settings_and_place_of_a_board_at_work_change_over_the_air(desk: Desk):
    pad = desk.board(8)
    done = await desk.flash(pad, "rating_pad", "2")
    assert done.exit_code == 0, done.output
    name = only(done)["device"]

    done = await desk.run("fleet", "set", name, "language=en", "keys=3", "--json")
    assert done.exit_code == 0, done.output + pad.console()[-300:]
    assert only(done) == {"device": name, "rev": 1, "error": ""}
    found = desk.device(name)
    assert (found["language"], found["settings"], found["online"]) == ("en", 1, True)

    # What the board has not got is refused by the board, and what cannot be is not even sent
    refused = await desk.run("fleet", "set", name, "keys=7")
    assert refused.exit_code == 2 and "keys: must be a whole number from 2 to 5" in refused.output
    refused = await desk.run("fleet", "set", name, "volume=3")
    assert refused.exit_code == 2 and "which has no volume" in refused.output

    before = len(desk.ratings("3"))
    done = await desk.run("fleet", "bind", name, "3")
    assert done.exit_code == 0, done.output + pad.console()[-300:]
    assert desk.device(name)["window"] == "3"
    pad.press(4)  # it has three keys now
    pad.press(0)
    await until(lambda: len(desk.ratings("3")) == before + 1, PATIENCE_S)
    assert "there is no window '9'" in (await desk.run("fleet", "bind", name, "9")).output
    assert desk.device(name)["window"] == "3"
