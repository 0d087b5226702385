"""What an admin asks of a device, over a link, and what is kept of a crash."""

import os
import sys

from firmware import crash
from protocol import upkeep
from protocol.upkeep import Command, read_answer, read_frame, read_log
from tests.firmware.fakes import Folder, until
from tests.firmware.linked import talk

COMMAND = "q1/h1/d/d1/down/command"


class Glass:
    width, height = 192, 128
    rows = bytes(range(256)) * 12


class Hal:
    """Hardware that notes what it is asked."""

    stopped = False
    listener = None
    glass = Glass()
    wrong = ""

    def __init__(self):
        self.done = []

    def show(self, effect):
        self.done.append(("show", effect.texts, effect.inverted))

    def leds(self, values):
        self.done.append(("leds", values))

    def beep(self, ms):
        self.done.append(("beep", ms))

    def log(self, text):
        if self.listener:
            self.listener(text)

    def test(self):
        return self.wrong

    def restart(self, error):
        self.done.append(("restart", error))

    def heap_free(self):
        return 12_345


def asked(conversation, folder="."):
    """Run `conversation(pad, ask)`; `ask(id, verb, s)` sends a command."""

    async def all_of_it(pad):
        pad.hal = Hal()
        pad.folder, pad.name = folder, "d1"

        def ask(id, verb, s=0):
            pad.broker.publish(COMMAND, upkeep.encode_command(Command(id, verb, s)))

        await conversation(pad, ask)

    talk(all_of_it)


def answers(pad):
    return [read_answer(payload) for payload in pad.said("answer")]


def test_a_device_looks_whether_its_parts_work_and_forgets_how():
    async def conversation(pad, ask):
        ask("c1", "self-test")
        await until(lambda: answers(pad))
        answer = answers(pad)[0]
        assert (answer.id, answer.error) == ("c1", "")
        assert answer.facts["heap"] == 12_345 and answer.facts["flash"] > 0 and answer.facts["glass"] == "answers"
        await until(lambda: "firmware.upkeep" not in sys.modules)
        pad.hal.wrong = "display: no cable"
        ask("c2", "self-test")
        await until(lambda: len(answers(pad)) == 2)
        assert answers(pad)[1].facts["glass"] == "display: no cable"

    asked(conversation)


def test_its_glass_comes_in_strips_before_the_answer():
    async def conversation(pad, ask):
        ask("c1", "frame")
        await until(lambda: answers(pad))
        frames = [read_frame(payload) for payload in pad.said("frame")]
        assert b"".join(frame.rows for frame in frames) == bytes(Glass.rows)
        assert [(frame.id, frame.width, frame.height, frame.at) for frame in frames] == [
            ("c1", 192, 128, 0), ("c1", 192, 128, 1024), ("c1", 192, 128, 2048)
        ]  # fmt: skip
        pad.hal.glass = None
        ask("c2", "frame")
        await until(lambda: len(answers(pad)) == 2)
        assert "no glass" in answers(pad)[1].error

    asked(conversation)


def test_a_command_that_comes_again_is_not_carried_out_again():
    async def conversation(pad, ask):
        ask("c1", "reboot")
        ask("c1", "reboot")
        ask("c2", "self-test")
        await until(lambda: len(answers(pad)) == 2)
        assert [answer.id for answer in answers(pad)] == ["c1", "c2"]
        assert pad.hal.done == [], "the answer is sent first"
        pad.uptime_ms.now_ms += 2000
        await until(lambda: pad.hal.done)
        assert pad.hal.done[0] == ("restart", None)

    asked(conversation)


def test_it_shows_who_it_is_and_then_what_it_should():
    async def conversation(pad, ask):
        pad.redraw = lambda: pad.hal.done.append("redrawn")
        ask("c1", "identify", 2)
        for _ in range(4):
            before = len(pad.hal.done)
            await until(lambda: len(pad.hal.done) > before)  # noqa: B023
            pad.uptime_ms.now_ms += 500
        await until(lambda: "redrawn" in pad.hal.done)
        shown = [done for done in pad.hal.done if done[0] == "show"]
        assert shown[0][1] == ("d1",) and {done[2] for done in shown} == {True, False}
        assert pad.hal.done[-1] == "redrawn" and ("beep", 100) in pad.hal.done

    asked(conversation)


def test_its_log_is_heard_while_somebody_reads_along():
    async def conversation(pad, ask):
        pad.hal.log("nobody hears this")
        ask("c1", "logs", 10)
        await until(lambda: answers(pad))
        pad.hal.log("a line")
        await until(lambda: pad.said("log"))
        for number in range(20):
            pad.hal.log("flood " + str(number))
        await until(lambda: len(pad.said("log")) == 2)
        lines = [line for payload in pad.said("log") for line in read_log(payload).lines]
        assert lines[0] == "a line" and len(lines) == 1 + upkeep.LINES
        pad.uptime_ms.now_ms += 11_000
        await until(lambda: pad.hal.listener is None)

    asked(conversation)


def test_rubbish_is_counted_and_the_link_goes_on():
    async def conversation(pad, ask):
        pad.broker.publish(COMMAND, b'{"id": "c1", "verb": "explode"}')
        pad.broker.publish("q1/h1/d/d1/down/anything", b"\xff")
        ask("c2", "self-test")
        await until(lambda: answers(pad))
        assert [answer.id for answer in answers(pad)] == ["c2"]
        await until(lambda: b'"rejected":1' in pad.said("reported")[-1])

    asked(conversation)


def test_a_crash_is_told_once():
    with Folder("crash") as folder:
        try:
            raise ValueError("it was\t\u53eb\u53f7")
        except ValueError as error:
            crash.keep(folder, error)

        async def conversation(pad, ask):
            pad.link.orders.append(("crash", b""))
            await until(lambda: pad.said("log"))
            lines = read_log(pad.said("log")[0]).crash
            assert "ValueError" in lines[-1] and "it was" in lines[-1]
            assert "crash" not in os.listdir(folder)

        asked(conversation, folder)


def test_a_crash_that_cannot_be_read_is_told_as_an_error_and_the_link_goes_on():
    async def conversation(pad, ask):
        pad.link.orders.append(("crash", b""))
        ask("c1", "self-test")
        await until(lambda: answers(pad))
        await until(lambda: b'"rejected":1' in pad.said("reported")[-1])

    asked(conversation)


def test_a_crash_that_cannot_be_kept_does_not_make_it_worse():
    crash.keep("/no/such/folder", ValueError("x"))
