"""Call presses to the hub, and the hub's answer."""

from firmware.calls_out import CallsOut
from firmware.roles.call_pad import CallEnded, CallSettled, SendCall
from firmware.roles.vocabulary import LinkChanged
from protocol.downward import Ack
from protocol.limits import CALL_VALID_MS
from tests.firmware.fakes import until
from tests.firmware.linked import ACK, talk

CALL_EPOCH = 4711


def sender(pad):
    return CallsOut(CALL_EPOCH, pad, pad.deliver)


def test_a_call_press_is_sent_with_its_age_and_its_answer_reaches_the_role():
    async def conversation(pad):
        pad.does(SendCall(3, "next", (5, 10), pad.uptime_ms() - 250))
        await until(lambda: len(pad.batches()) == 1)
        assert pad.batches()[0] == (CALL_EPOCH, [(3, 250, "next", (5, 10))])
        words = {"en": "Look again"}
        pad.hub_says(ACK, Ack(CALL_EPOCH, [3], [(4, "stale")], 0, words))
        await until(lambda: pad.events[1:] == [CallSettled(3, "", words), CallSettled(4, "stale", words)])

    talk(conversation, sender)


def test_a_call_press_that_is_too_old_is_never_sent():
    async def conversation(pad):
        pad.does(SendCall(3, "next", (5, 10), pad.uptime_ms() - CALL_VALID_MS))
        pad.link.report((5, 11))
        await until(lambda: pad.said("reported"))
        assert pad.batches() == []

    talk(conversation, sender)


def test_a_call_press_that_met_a_dead_broker_is_not_sent_later():
    async def conversation(pad):
        await until(lambda: pad.said("telemetry"))
        pad.broker.acknowledges = False
        pad.broker.there = False
        pad.broker.wires[-1].hang_up()
        pad.does(SendCall(3, "next", (5, 10), pad.uptime_ms()))
        await until(lambda: LinkChanged(False) in pad.events)
        pad.uptime_ms.now_ms += CALL_VALID_MS
        pad.broker.there = True
        await until(lambda: pad.events.count(LinkChanged(True)) == 2)
        await until(lambda: len(pad.said("online")) >= 2)
        assert pad.batches() == []

    talk(conversation, sender)


def test_a_call_press_that_ended_is_not_sent():
    async def conversation(pad):
        pad.sender.perform(SendCall(3, "next", (5, 10), pad.uptime_ms()), 0)
        pad.does(CallEnded(3, "no-answer"))
        pad.link.report((5, 11))
        await until(lambda: pad.said("reported"))
        assert pad.batches() == []
        assert pad.told == [(CALL_EPOCH, 3, "next"), (CALL_EPOCH, 3, "no-answer")]

    talk(conversation, sender)
