"""Asking a device: who answers for whom, what is put together, what is kept."""

import asyncio

import pytest

from hub.devices import orders as module
from hub.devices.orders import NOTE_AGAIN_MS, Orders
from hub.ports import LINES_KEPT, NoAnswer
from protocol import settings, upkeep
from protocol.errors import ProtocolError
from protocol.upkeep import Answer, Frame, Log


class Wire:
    """A publisher with devices at its other end: each is a function of the command that says what they send."""

    def __init__(self):
        self.devices = {}
        self.asked = []
        self.now_ms = 0

    def publish(self, topic, payload, *, retain):
        device, name = topic.split("/")[3], topic.split("/")[5]
        command = upkeep.read_command(payload)
        self.asked.append((device, name, command.verb, command.s, retain))
        for speaker, kind, said in self.devices.get(device, lambda _: [])(command):
            self.orders.heard(speaker, kind, said)


@pytest.fixture
def wire():
    wire = Wire()
    ids = iter(f"c{number}" for number in range(99))
    wire.orders = Orders(wire, "small", lambda: next(ids), lambda: wire.now_ms)
    return wire


def done(command, **facts):
    return upkeep.encode_answer(Answer(command.id, "", facts))


async def test_a_device_is_asked_and_answers(wire):
    wire.devices["d1"] = lambda command: [("d1", "answer", done(command, heap=5, glass="answers"))]
    answer, _ = await wire.orders.ask("d1", "self-test", 3)
    assert answer.facts == {"heap": 5, "glass": "answers"}
    assert wire.asked == [("d1", "command", "self-test", 3, False)]


async def test_a_glass_is_put_together_of_its_strips(wire):
    def strips(command):
        for at in (0, 2):
            yield "d1", "frame", upkeep.encode_frame(Frame(command.id, 8, 4, at, bytes((at, at + 1))))
        yield "d1", "answer", done(command)

    wire.devices["d1"] = strips
    _, glass = await wire.orders.ask("d1", "frame")
    assert (glass.width, glass.height, bytes(glass.rows)) == (8, 4, bytes((0, 1, 2, 3)))


@pytest.mark.parametrize("frame", [Frame("c0", 8, 4, 1, b"x"), Frame("c0", 8, 1, 0, b"xy")])
async def test_a_strip_that_does_not_fit_is_refused(wire, frame):
    asking = asyncio.create_task(wire.orders.ask("d1", "frame"))
    await asyncio.sleep(0)
    with pytest.raises(ProtocolError):
        wire.orders.heard("d1", "frame", upkeep.encode_frame(frame))
    asking.cancel()


async def test_nobody_answers_for_another_nor_twice_nor_late(wire, monkeypatch):
    monkeypatch.setattr(module, "ANSWER_S", 0.05)
    wire.devices["d1"] = lambda command: [("liar", "answer", done(command))]
    with pytest.raises(NoAnswer, match="d1 has not answered"):
        await wire.orders.ask("d1", "reboot")
    wire.orders.heard("d1", "answer", upkeep.encode_answer(Answer("c0", "", {})))
    wire.devices["d1"] = lambda command: [("d1", "answer", done(command, n=n)) for n in (1, 2)]
    assert (await wire.orders.ask("d1", "self-test"))[0].facts == {"n": 1}


async def test_a_device_that_cannot_says_why(wire):
    said = upkeep.encode_answer(Answer("c0", "it has no glass that can be read", {}))
    wire.devices["d1"] = lambda _: [("d1", "answer", said)]
    with pytest.raises(NoAnswer, match="no glass"):
        await wire.orders.ask("d1", "frame")


def test_a_log_is_kept_for_a_while_and_a_crash_until_the_next(wire):
    for number in range(LINES_KEPT + 1):
        wire.orders.heard("d1", "log", upkeep.encode_log(Log([f"line {number}"], [])))
    wire.orders.heard("d1", "log", upkeep.encode_log(Log([], ["Traceback", "ValueError: x"])))
    diary = wire.orders.diaries["d1"]
    assert (diary.lines[0], diary.lines[-1]) == ((2, "line 1"), (LINES_KEPT + 1, f"line {LINES_KEPT}"))
    assert diary.crash == ["Traceback", "ValueError: x"]


def test_no_board_fills_the_hubs_log_with_what_it_fell_over(wire, caplog):
    for number in range(100):
        wire.orders.heard("d1", "log", upkeep.encode_log(Log([], [f"ValueError: {number}"])))
    wire.now_ms += NOTE_AGAIN_MS
    wire.orders.heard("d1", "log", upkeep.encode_log(Log([], ["MemoryError"])))
    assert [record.getMessage().rpartition(" after ")[2] for record in caplog.records] == [
        "ValueError: 0",
        "MemoryError",
    ]
    assert wire.orders.diaries["d1"].crash == ["MemoryError"]


@pytest.mark.parametrize("kind", ["answer", "frame", "log"])
@pytest.mark.parametrize(
    "payload", [b"", b"\xff", b"[]", b'{"id": 5, "lines": 5}', b'{"lines": [1], "rows": "\xe5", "facts": 7}']
)
def test_rubbish_is_refused(wire, kind, payload):
    with pytest.raises(ProtocolError):
        wire.orders.heard("d1", kind, payload)


def test_what_nobody_reads_is_refused(wire):
    with pytest.raises(ProtocolError):
        wire.orders.heard("d1", "anything", b"{}")


class CutOff:
    """A device whose connection breaks when its rights change: it hears the `heard`th push, as all others that come."""

    def __init__(self, heard):
        self.left = heard
        self.pushed = []

    def publish(self, topic, payload, *, retain):
        assert topic.endswith("/d1/down/settings") and not retain
        self.pushed.append(settings.read_push(payload))
        self.left -= 1
        if self.left <= 0:
            self.orders.heard("d1", "answer", upkeep.encode_answer(Answer(self.pushed[-1][0], "", {})))


@pytest.mark.parametrize("heard", [1, module.PUSHES, module.PUSHES + 1])
async def test_settings_are_pushed_again_under_the_same_id_until_they_are_answered(monkeypatch, heard):
    monkeypatch.setattr(module, "ANSWER_S", 0.05)
    wire = CutOff(heard)
    wire.orders = Orders(wire, "small", lambda: "c1", lambda: 0)
    if heard > module.PUSHES:
        with pytest.raises(NoAnswer, match="d1 has not answered"):
            await wire.orders.push("d1", 5, {"keys": 4})
    else:
        await wire.orders.push("d1", 5, {"keys": 4})
    assert wire.pushed == [("c1", 5, {"keys": 4})] * min(heard, module.PUSHES)
