"""A device's link in conversation with a hub, through a broker at the end of a wire in memory."""

import asyncio
import json

from firmware import link as module
from firmware.journal import Journal
from firmware.link import Link
from firmware.roles import vocabulary as v
from protocol.downward import Ack, HubOnline, encode
from protocol.limits import CALL_VALID_MS
from protocol.upward import Hello, read_events, read_hello, read_online, read_reported, read_telemetry
from tests.firmware.conversation import config, state
from tests.firmware.fakes import Broker, Clock, Folder, run, until

UP = "q1/h1/d/d1/up/"
CALL_EPOCH = 4711


class Pad:
    """A link with its journal, broker and clock; `events` has what the role would hear."""

    heap = 12_345

    def __init__(self, journal=None):
        self.broker = Broker()
        self.uptime_ms = Clock()
        self.journal = journal
        self.events = []
        about = Hello("rating_pad", "w3", "virtual", "0.1", "core", 7, "power-on")
        settings = config("rating_pad")
        self.link = Link(settings, about, journal, CALL_EPOCH, self.events.append, self, lambda: 0.0)
        self.link.client._dial = self.broker.dial

    def heap_free(self):
        return self.heap

    def hub_says(self, topic, message):
        self.broker.publish(topic, encode(message))

    def said(self, name):
        """The payloads that the device published under `name`."""
        return [payload for topic, payload, _ in self.broker.published() if topic == UP + name]

    def batches(self):
        return [read_events(payload) for payload in self.said("events")]

    async def acknowledges(self, epoch, seqs):
        pending = self.journal.pending
        self.hub_says("q1/h1/d/d1/down/ack", Ack(epoch, seqs, []))
        await until(lambda: self.journal.pending < pending)


def talk(conversation, journal=None):
    """Run `conversation(pad)` while link and client run."""

    async def all_three():
        pad = Pad(journal)
        tasks = [asyncio.create_task(pad.link.client.run()), asyncio.create_task(pad.link.run())]
        try:
            await until(lambda: pad.link.client.connected)
            await conversation(pad)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.sleep(0)

    before, module.PUMP_S = module.PUMP_S, 0.01
    try:
        run(all_three())
    finally:
        module.PUMP_S = before


def with_journal(conversation):
    with Folder("link") as folder:
        talk(conversation, Journal(folder, lambda: 99))


def test_it_says_who_and_that_it_is_there_at_every_connect():
    async def conversation(pad):
        await until(lambda: len(pad.said("hello")) == 1)
        pad.broker.wires[-1].hang_up()
        await until(lambda: len(pad.said("hello")) == 2)
        assert [read_online(payload) for payload in pad.said("online")] == [(1, 7, 1), (1, 7, 2)]
        assert read_hello(pad.said("hello")[0]).model == "virtual"

    talk(conversation)


def test_it_reports_what_the_glass_shows_once_per_change_and_connect():
    async def conversation(pad):
        pad.link.report((5, 11))
        await until(lambda: len(pad.said("reported")) == 1)
        pad.link.report((5, 11))
        pad.link.report((5, 12))
        await until(lambda: len(pad.said("reported")) == 2)
        pad.broker.wires[-1].hang_up()
        await until(lambda: len(pad.said("reported")) == 3)
        assert [read_reported(payload).shown for payload in pad.said("reported")] == [(5, 11), (5, 12), (5, 12)]

    talk(conversation)


def test_states_and_the_hubs_presence_reach_the_role():
    async def conversation(pad):
        pad.hub_says("q1/h1/hub/online", HubOnline(1, 5))
        pad.hub_says("q1/h1/w/w3/state", state(11))
        await until(lambda: len(pad.events) == 3)
        assert pad.events == [v.LinkChanged(True), v.HubChanged(1, 5), v.StateArrived(state(11))]

    talk(conversation)


def test_what_cannot_be_read_is_counted_reported_and_harmless():
    async def conversation(pad):
        pad.link.report((5, 11))
        pad.broker.publish("q1/h1/w/w3/state", b"{")
        pad.broker.publish("q1/h1/w/w3/state", encode(state(11)).replace(b'"w3"', b'"w4"'))
        pad.broker.publish("q1/elsewhere", b"{}")
        await until(lambda: pad.said("reported") and read_reported(pad.said("reported")[-1]).rejected == 3)
        assert read_reported(pad.said("reported")[-1]).error == "topic: was not subscribed"
        assert pad.link.client.connections == 1 and pad.events == [v.LinkChanged(True)]

    talk(conversation)


def test_a_heartbeat_each_thirty_seconds():
    async def conversation(pad):
        await until(lambda: len(pad.said("telemetry")) == 1)
        pad.uptime_ms.now_ms += module.TELEMETRY_MS
        await until(lambda: len(pad.said("telemetry")) == 2)
        assert read_telemetry(pad.said("telemetry")[1]) == (31, 12_345, 0)

    talk(conversation)


def test_a_press_leaves_the_journal_only_when_the_hub_has_it():
    async def conversation(pad):
        pad.journal.append("w3", "v12", 5, 1000)
        pad.link.press_stored()
        await until(lambda: len(pad.batches()) == 1)
        await until(lambda: pad.link.client.waiting == 0)  # the broker has it, which is not enough
        assert pad.journal.pending == 1
        await pad.acknowledges(99, [1])
        assert v.JournalRoom(True) in pad.events

    with_journal(conversation)


def test_an_acknowledgement_of_another_journal_changes_nothing():
    async def conversation(pad):
        pad.journal.append("w3", "v12", 5, 1000)
        await until(lambda: len(pad.batches()) == 1)
        pad.hub_says("q1/h1/d/d1/down/ack", Ack(98, [1], []))
        pad.hub_says("q1/h1/hub/online", HubOnline(1, 5))
        await until(lambda: v.HubChanged(1, 5) in pad.events)
        assert pad.journal.pending == 1

    with_journal(conversation)


def test_without_an_answer_it_is_sent_again_after_2_4_8_16_30_seconds():
    async def conversation(pad):
        pad.journal.append("w3", "v12", 5, 1000)
        await until(lambda: len(pad.batches()) == 1)
        for count, pause_ms in enumerate((2000, 4000, 8000, 16_000, 30_000, 30_000)):
            pad.uptime_ms.now_ms += pause_ms - 1
            await asyncio.sleep(0.03)
            assert len(pad.batches()) == count + 1
            pad.uptime_ms.now_ms += 1
            await until(lambda count=count: len(pad.batches()) == count + 2)

    with_journal(conversation)


def test_the_age_of_a_press_grows_while_it_waits():
    async def conversation(pad):
        pad.journal.append("w3", "v12", 5, pad.uptime_ms())
        await until(lambda: len(pad.batches()) == 1)
        pad.uptime_ms.now_ms += 2000
        await until(lambda: len(pad.batches()) == 2)
        assert [batch.presses[0].age_ms for batch in pad.batches()] == [0, 2000]

    with_journal(conversation)


def test_a_long_journal_goes_in_batches_one_after_the_other():
    async def conversation(pad):
        for _ in range(40):
            pad.journal.append("w3", "v12", 5, 1000)
        for count, size in ((1, 16), (2, 16), (3, 8)):
            await until(lambda count=count: len(pad.batches()) == count)
            seqs = [press.seq for press in pad.batches()[-1].presses]
            assert len(seqs) == size
            await pad.acknowledges(99, seqs)
        assert pad.journal.pending == 0

    with_journal(conversation)


def test_a_hub_that_comes_back_is_told_at_once():
    async def conversation(pad):
        pad.journal.append("w3", "v12", 5, 1000)
        await until(lambda: len(pad.batches()) == 1)
        pad.hub_says("q1/h1/hub/online", HubOnline(1, 6))
        await until(lambda: len(pad.batches()) == 2)

    with_journal(conversation)


def test_a_call_press_is_sent_with_its_age_and_its_answer_reaches_the_role():
    async def conversation(pad):
        pad.link.send_call(v.SendCall(3, "next", (5, 10), pad.uptime_ms() - 250))
        await until(lambda: len(pad.batches()) == 1)
        assert pad.batches()[0] == (CALL_EPOCH, [(3, 250, "next", (5, 10))])
        pad.hub_says("q1/h1/d/d1/down/ack", Ack(CALL_EPOCH, [3], [(4, "stale")]))
        await until(lambda: pad.events[1:] == [v.CallSettled(3, ""), v.CallSettled(4, "stale")])

    talk(conversation)


def test_a_call_press_that_is_too_old_is_never_sent():
    async def conversation(pad):
        pad.link.send_call(v.SendCall(3, "next", (5, 10), pad.uptime_ms() - CALL_VALID_MS))
        pad.link.report((5, 11))
        await until(lambda: pad.said("reported"))
        assert pad.batches() == []

    talk(conversation)


def test_a_call_press_that_met_a_dead_broker_is_not_sent_later():
    async def conversation(pad):
        await until(lambda: pad.said("telemetry"))
        pad.broker.acknowledges = False
        pad.broker.there = False
        pad.broker.wires[-1].hang_up()
        pad.link.send_call(v.SendCall(3, "next", (5, 10), pad.uptime_ms()))
        await until(lambda: v.LinkChanged(False) in pad.events)
        pad.uptime_ms.now_ms += CALL_VALID_MS
        pad.broker.there = True
        await until(lambda: pad.events.count(v.LinkChanged(True)) == 2)
        await until(lambda: len(pad.said("online")) >= 2)
        assert pad.batches() == []

    talk(conversation)


def test_what_is_said_is_json():
    async def conversation(pad):
        await until(lambda: pad.said("telemetry"))
        for _, payload, _ in pad.broker.published():
            json.loads(payload.decode())

    talk(conversation)
