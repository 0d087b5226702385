"""Presses from the journal to the hub, and the hub's answer."""

import asyncio

from firmware.journal import Journal
from firmware.ratings_out import RatingsOut
from firmware.roles.rating_pad import JournalRoom, Promised, Record, Recorded
from protocol.downward import Ack, HubOnline
from tests.firmware.fakes import Folder, until
from tests.firmware.linked import ACK, talk

EPOCH = 99


def with_journal(conversation, capacity=2000, pause_s=0.01):
    with Folder("link") as folder:
        talk(
            conversation,
            lambda pad: RatingsOut(Journal(folder, lambda: EPOCH, capacity), pad, pad.deliver),
            pause_s,
        )


def journal(pad):
    return pad.sender._journal


async def acknowledge(pad, seqs):
    pending = pad.sender.pending
    pad.hub_says(ACK, Ack(EPOCH, seqs, [], 0, {}))
    await until(lambda: pad.sender.pending < pending)


def test_a_press_is_recorded_then_promised_under_its_number():
    async def conversation(pad):
        pad.sender.begin()
        pad.does(Record("w3", "v12", 5))
        pad.does(Promised(1, "v12", 5))
        found = [event for event in pad.events if type(event) in (JournalRoom, Recorded)]
        assert found == [JournalRoom(True), Recorded(1, "v12", 5)]
        assert pad.told == [(EPOCH, 1, 5, "v12")]

    with_journal(conversation)


def test_a_full_journal_is_said_before_and_after_a_press_too_many():
    async def conversation(pad):
        pad.does(Record("w3", "v12", 5))
        assert pad.events[-2:] == [Recorded(1, "v12", 5), JournalRoom(False)]
        pad.does(Record("w3", "v12", 5))
        assert pad.events[-2:] == [Recorded(0, "v12", 5), JournalRoom(False)]
        assert pad.told == ["the journal is full"]

    with_journal(conversation, 1)


def test_a_press_does_not_wait_for_the_links_pause():
    async def conversation(pad):
        await until(lambda: pad.said("telemetry"))
        pad.does(Record("w3", "v12", 5))
        await until(lambda: len(pad.batches()) == 1)

    with_journal(conversation, pause_s=3600)


def test_a_press_leaves_the_journal_only_when_the_hub_has_it():
    async def conversation(pad):
        pad.does(Record("w3", "v12", 5))
        await until(lambda: len(pad.batches()) == 1)
        await until(lambda: pad.link.client.waiting == 0)  # the broker has it, which is not enough
        assert journal(pad).pending == 1
        await acknowledge(pad, [1])
        assert JournalRoom(True) in pad.events

    with_journal(conversation)


def test_an_acknowledgement_of_another_journal_changes_nothing():
    async def conversation(pad):
        pad.does(Record("w3", "v12", 5))
        await until(lambda: len(pad.batches()) == 1)
        pad.hub_says(ACK, Ack(98, [1], [], 0, {}))
        pad.hub_says("q1/h1/hub/online", HubOnline(1, 5))
        await until(lambda: HubOnline(1, 5) in pad.events)
        assert journal(pad).pending == 1

    with_journal(conversation)


def test_without_an_answer_it_is_sent_again_after_2_4_8_16_30_seconds():
    async def conversation(pad):
        pad.does(Record("w3", "v12", 5))
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
        pad.does(Record("w3", "v12", 5))
        await until(lambda: len(pad.batches()) == 1)
        pad.uptime_ms.now_ms += 2000
        await until(lambda: len(pad.batches()) == 2)
        assert [batch.presses[0].age_ms for batch in pad.batches()] == [0, 2000]

    with_journal(conversation)


def test_ages_do_not_wait_in_the_outbox_until_they_are_wrong():
    async def conversation(pad):
        pad.does(Record("w3", "v12", 5))
        for _ in range(5):
            _, ttl_ms = pad.sender.due(pad.uptime_ms())
            assert ttl_ms == 2000
            pad.uptime_ms.now_ms += 30_000

    with_journal(conversation, pause_s=3600)


def test_a_long_journal_goes_in_batches_one_after_the_other():
    async def conversation(pad):
        for _ in range(40):
            pad.does(Record("w3", "v12", 5))
        for count, size in ((1, 16), (2, 16), (3, 8)):
            await until(lambda count=count: len(pad.batches()) == count)
            seqs = [press.seq for press in pad.batches()[-1].presses]
            assert len(seqs) == size
            await acknowledge(pad, seqs)
        assert journal(pad).pending == 0

    with_journal(conversation)


def test_a_hub_that_comes_back_is_told_at_once():
    async def conversation(pad):
        pad.does(Record("w3", "v12", 5))
        await until(lambda: len(pad.batches()) == 1)
        pad.hub_says("q1/h1/hub/online", HubOnline(1, 6))
        await until(lambda: len(pad.batches()) == 2)

    with_journal(conversation)


def test_a_hub_of_a_higher_epoch_gets_again_what_the_earlier_one_had():
    async def conversation(pad):
        pad.hub_says("q1/h1/hub/online", HubOnline(1, 6))
        pad.does(Record("w3", "v12", 5))
        await until(lambda: len(pad.batches()) == 1)
        pad.hub_says(ACK, Ack(EPOCH, [1], [], 6, {}))
        await until(lambda: not pad.sender.pending)
        pad.hub_says("q1/h1/hub/online", HubOnline(0, 7))  # a will: nobody is there
        pad.hub_says("q1/h1/hub/online", HubOnline(1, 6))
        await until(lambda: pad.events.count(HubOnline(1, 6)) == 2)
        assert not pad.sender.pending
        pad.hub_says("q1/h1/hub/online", HubOnline(1, 7))
        await until(lambda: len(pad.batches()) == 2)
        assert pad.batches()[0].presses[0].seq == pad.batches()[1].presses[0].seq == 1
        pad.hub_says(ACK, Ack(EPOCH, [1], [], 7, {}))
        await until(lambda: not pad.sender.pending)

    with_journal(conversation)
