"""Releases on their way to boards: real files, a real database, the board's own updater at the other end."""

from __future__ import annotations

import pytest

from firmware.update import FAILED, READY, Updater
from hub.adapters.release_file import board_key, pack
from hub.adapters.releases import KEPT, PUBLIC_KEY, ReleaseShelf
from hub.adapters.sqlite_rollout import SqliteRollout
from hub.adapters.sqlite_store import SqliteStore
from hub.devices.rollout import DONE, STARTED, TAKES, WAITS
from hub.devices.updates import PIECES_A_SECOND, Updates, running
from hub.ports import Device, ReleaseError
from protocol.update import Want, encode_want, read_want
from protocol.upward import Hello
from tools.release import keys

MADE = 1_800_000_000
FILES = {"firmware/a.mpy": b"a" * 3000, "firmware/b.mpy": b"", "protocol/c.mpy": b"c"}


class Seen:
    def __init__(self):
        self.online = True
        self.hello = None

    def says(self, firmware, boot):
        self.hello = Hello("rating_pad", "w1", "virtual", firmware, "micropython 1.28.0", boot, "", 0)


class Registry:
    def __init__(self, *devices):
        self.devices = {device.id: device for device in devices}
        self.seen = {device.id: Seen() for device in devices}


class Publisher:
    def __init__(self):
        self.sent = []

    def publish(self, topic, payload, *, retain):
        assert not retain
        self.sent.append((topic, payload))


class Rig:
    """A hub with two pads, and what hands out releases."""

    def __init__(self, folder):
        self.folder = folder
        if not (folder / "release.key").exists():
            keys.make_keys(folder, b"")
            SqliteStore(folder / "hall.db").close()
        private = keys.load_private(folder / "release.key", b"")
        self.key = board_key(private.public_key())
        self.sign = lambda message: keys.sign(private, message)
        self.shelf = ReleaseShelf(folder)
        self.pads = [Device(f"pad-{number}", "rating_pad", f"w{number}", "", 0) for number in (1, 2)]
        self.registry = Registry(*self.pads)
        self.publisher = Publisher()
        self.busy = set()
        self.now_ms = 1_000_000
        self.start()

    def start(self):
        self.book = SqliteRollout(self.folder / "hall.db")
        zone_of, is_busy = (lambda window: "z1"), (lambda window: window in self.busy)
        self.updates = Updates(
            self.shelf, self.book, self.registry, self.publisher, "h1", zone_of, is_busy, lambda: self.now_ms
        )

    def release(self, made=MADE, oldest=0, files=FILES):
        about = {"made": made, "oldest": oldest or made, "version": "9", "hardware": ["virtual"], "expires": 0}
        return pack(files, about, self.sign)

    async def turn(self, ms=100):
        self.now_ms += ms
        await self.updates.look()

    def take(self):
        sent, self.publisher.sent = self.publisher.sent, []
        return sent


@pytest.fixture
def rig(tmp_path):
    return Rig(tmp_path)


async def fetch(rig, pad, root, turns=60):
    """The board's updater, and the hub, in turns."""
    root.mkdir()
    updater = Updater(str(root), str(root / "none"), "virtual", 0, rig.key, lambda: 0, None)
    for _ in range(turns):
        await rig.turn()
        for topic, payload in rig.take():
            if topic.split("/")[3] == pad.id:
                updater.take(topic.split("/")[-1], payload)
        message = updater.want(rig.now_ms)
        if message:
            await rig.updates.want(pad, message)
    return updater


async def test_a_board_gets_the_release_and_leave_to_start_it_and_the_next_one_follows(rig, tmp_path):
    rig.shelf.add(rig.release())
    await rig.updates.begin(MADE)
    updater = await fetch(rig, rig.pads[0], tmp_path / "board")
    assert updater.state == READY, updater.error
    steps = rig.updates.rollout.steps
    assert [step.state for step in steps.values()] == [STARTED, WAITS]
    rig.registry.seen["pad-1"].says(f"9+{MADE}.trial", 2)
    await rig.turn()
    assert steps["pad-1"].state == STARTED
    rig.registry.seen["pad-1"].says(f"9+{MADE}", 2)
    await rig.turn()
    assert [step.state for step in steps.values()] == [DONE, TAKES]
    assert rig.updates.status()["state"] == "running"


async def test_no_leave_is_given_while_somebody_stands_at_the_window(rig, tmp_path):
    rig.shelf.add(rig.release())
    await rig.updates.begin(MADE)
    await rig.turn()
    rig.busy.add("w1")
    rig.take()
    await rig.updates.want(rig.pads[0], encode_want(Want(MADE, len(FILES) + 1, 0, "")))
    assert rig.take() == []
    rig.busy.clear()
    await rig.updates.want(rig.pads[0], encode_want(Want(MADE, len(FILES) + 1, 0, "")))
    assert len(rig.take()) == 1


async def test_a_hub_that_is_started_anew_goes_on(rig, tmp_path):
    rig.shelf.add(rig.release())
    await rig.updates.begin(MADE)
    await fetch(rig, rig.pads[0], tmp_path / "board")
    rig.start()
    await rig.updates.load()
    steps = rig.updates.rollout.steps
    assert [step.state for step in steps.values()] == [STARTED, WAITS] and steps["pad-1"].excused
    rig.registry.seen["pad-1"].says(f"9+{MADE}", 2)
    await rig.turn()
    await rig.turn()
    assert [step.state for step in steps.values()] == [DONE, TAKES]


async def test_a_hub_without_a_roll_out_says_nothing(rig):
    await rig.updates.load()
    await rig.turn()
    await rig.updates.want(rig.pads[0], encode_want(Want(MADE, 0, 0, "")))
    await rig.updates.stop()
    await rig.updates.resume()
    assert rig.take() == [] and rig.updates.rollout is None


async def test_pieces_are_handed_out_to_those_whose_turn_it_is_and_not_too_often(rig):
    rig.shelf.add(rig.release())
    await rig.updates.begin(MADE)
    await rig.turn()
    rig.take()
    for _ in range(PIECES_A_SECOND + 10):
        await rig.updates.want(rig.pads[0], encode_want(Want(MADE, 1, 0, "")))
    await rig.updates.want(rig.pads[1], encode_want(Want(MADE, 1, 0, "")))
    assert len(rig.take()) == PIECES_A_SECOND
    rig.now_ms += 1000
    await rig.updates.want(rig.pads[0], encode_want(Want(MADE + 1, 1, 0, "")))
    assert rig.take() == []


async def test_a_board_that_refuses_stops_the_first_wave(rig, tmp_path):
    rig.shelf.add(rig.release())
    rig.key = bytes(384)
    await rig.updates.begin(MADE)
    updater = await fetch(rig, rig.pads[0], tmp_path / "board")
    assert updater.state == FAILED
    said = rig.updates.status()
    assert said["state"] == "stopped" and "signature" in said["why"] and said["failed"].keys() == {"pad-1"}
    await rig.updates.resume()
    assert rig.updates.status()["state"] == "running"


async def test_going_back_needs_a_release_that_says_so(rig):
    for packed in (rig.release(), rig.release(MADE + 1), rig.release(MADE + 2, oldest=MADE)):
        rig.shelf.add(packed)
    await rig.updates.begin(MADE + 1)
    with pytest.raises(ReleaseError):
        await rig.updates.begin(MADE)
    await rig.updates.begin(MADE + 2)
    await rig.updates.begin(MADE)
    assert rig.updates.rollout.made == MADE


def test_the_shelf_takes_only_what_our_key_signed_and_keeps_the_newest(rig):
    with pytest.raises(ReleaseError):
        rig.shelf.add(rig.release()[:-1])
    for number in range(KEPT + 2):
        rig.shelf.add(rig.release(MADE + number))
    assert rig.shelf.list() == [MADE + number for number in range(KEPT + 1, 1, -1)]
    with pytest.raises(ReleaseError, match="cannot read"):
        rig.shelf.get(MADE)
    (rig.folder / PUBLIC_KEY).unlink()
    with pytest.raises(ReleaseError, match="jiaohao release init"):
        rig.shelf.add(rig.release())


def test_what_a_board_runs_is_read_from_its_version():
    seen = Seen()
    assert running(seen) == (0, False)
    for said, found in (
        ("0.1.0", (0, False)),
        ("0.1.0+5", (5, False)),
        ("0.1.0+5.trial", (5, True)),
        ("0.1.0+x", (0, False)),
        ("0.1.0+٣", (0, False)),
    ):
        seen.says(said, 1)
        assert running(seen) == found


async def test_what_a_board_asks_for_is_read_as_everything_it_says():
    assert read_want(encode_want(Want(1, 2, 3, "no room"))) == Want(1, 2, 3, "no room")
