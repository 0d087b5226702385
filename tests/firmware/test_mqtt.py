"""The MQTT client in conversation with a broker that misbehaves in every way that was seen, and some more."""

import asyncio

from firmware import mqtt, packets
from firmware.mqtt import Client, Outbox, Settings
from firmware.packets import Will
from tests.firmware.fakes import Broker, Clock, run, until

KEEPALIVE_S = 1


class Device:
    """A client with its broker, clock and what was heard."""

    def __init__(self, topics=(("t", 0),), keepalive_s=KEEPALIVE_S, user="", password=""):
        self.broker = Broker()
        self.clock = Clock()
        self.messages = []
        self.links = []
        settings = Settings("host", 1883, "c", user, password, keepalive_s, None, None)
        self.client = Client(
            settings, list(topics), self.hear, self.links.append, self.will, self.clock, self.chance, self.broker.dial
        )

    def hear(self, topic, payload):
        if payload == b"bug":
            raise KeyError("bug")
        self.messages.append((topic, payload))

    def will(self, connection):
        return Will("will", b"%d" % connection)

    def chance(self):
        return 0.0


def talk(conversation, **settings):
    """Run `conversation(device)` while the client runs; short time-outs, so that tests are."""

    async def both():
        device = Device(**settings)
        running = asyncio.create_task(device.client.run())
        try:
            await conversation(device)
        finally:
            running.cancel()
            await asyncio.sleep(0)

    before = mqtt.ANSWER_TIMEOUT_S, mqtt.CONNECT_TIMEOUT_S, mqtt.PAUSE_MIN_S
    mqtt.ANSWER_TIMEOUT_S, mqtt.CONNECT_TIMEOUT_S, mqtt.PAUSE_MIN_S = 0.05, 0.05, 0.05
    try:
        run(both())
    finally:
        mqtt.ANSWER_TIMEOUT_S, mqtt.CONNECT_TIMEOUT_S, mqtt.PAUSE_MIN_S = before


async def connected(device, times=1):
    await until(lambda: device.client.connected and device.client.connections >= times)


def test_it_connects_subscribes_and_hears():
    async def conversation(device):
        await connected(device)
        device.broker.publish("t", b"hello")
        await until(lambda: device.messages == [("t", b"hello")])
        assert len(device.broker.of_kind(packets.SUBSCRIBE)) == 1
        assert device.links == [True]

    talk(conversation)


def test_it_comes_back_and_subscribes_again():
    async def conversation(device):
        await connected(device)
        device.broker.wires[-1].hang_up()
        await until(lambda: device.links == [True, False, True])
        await until(lambda: len(device.broker.of_kind(packets.SUBSCRIBE)) == 2)

    talk(conversation)


def test_the_will_names_the_connection():
    async def conversation(device):
        await connected(device)
        device.broker.wires[-1].hang_up()
        await connected(device, 2)
        first, second = device.broker.of_kind(packets.CONNECT)
        assert first.endswith(b"\x00\x04will\x00\x011")
        assert second.endswith(b"\x00\x04will\x00\x012")

    talk(conversation)


def test_a_broker_that_is_not_there_is_tried_again():
    async def conversation(device):
        device.broker.there = False
        await until(lambda: device.client.connections >= 3)
        assert not device.client.connected and device.client.last_error
        device.broker.there = True
        await connected(device)
        assert device.client.last_error == ""

    talk(conversation)


def test_a_wrong_password_is_named():
    async def conversation(device):
        device.broker.connack = 4
        await until(lambda: "wrong user name or password" in device.client.last_error)
        device.broker.connack = 5
        await until(lambda: "not authorised" in device.client.last_error)
        assert not device.client.connected and device.links == []

    talk(conversation, user="u", password="p")


def test_a_broker_that_never_answers_connect_is_left():
    async def conversation(device):
        device.broker.answers_connect = False
        await until(lambda: len(device.broker.wires) >= 2)
        assert device.broker.wires[0].closed

    talk(conversation)


def test_a_write_that_hangs_ends_the_connection():
    async def conversation(device):
        await connected(device)
        device.broker.stalled = True
        assert not await device.client.publish("a", b"x")
        await until(lambda: False in device.links)
        device.broker.stalled = False
        await connected(device, 2)

    talk(conversation)


def test_it_pings_at_half_the_keepalive_and_leaves_after_one_and_a_half_of_silence():
    async def conversation(device):
        await connected(device)
        await until(lambda: len(device.broker.of_kind(0xC0)) == 1)
        device.broker.answers_ping = False
        await asyncio.sleep(0.05)  # the answer to the first ping is heard before time passes
        device.clock.now_ms += 1501
        await until(lambda: False in device.links)
        assert device.client.connections >= 1

    talk(conversation)


def test_a_broker_that_never_answers_the_subscriptions_is_left():
    async def conversation(device):
        device.broker.answers_subscribe = False
        await connected(device)
        device.clock.now_ms += 60
        await until(lambda: False in device.links)

    talk(conversation)


def test_a_refused_subscription_is_named():
    async def conversation(device):
        device.broker.suback = 0x80
        await until(lambda: device.client.last_error == "the broker refused to subscribe t")
        assert device.client.connected

    talk(conversation)


def test_what_was_not_acknowledged_is_sent_again_and_marked():
    async def conversation(device):
        device.broker.acknowledges = False
        await connected(device)
        assert await device.client.publish("a", b"x", 1)
        device.broker.wires[-1].hang_up()
        await connected(device, 2)
        await until(lambda: len(device.broker.published()) == 2)
        assert device.broker.published() == [("a", b"x", False), ("a", b"x", True)]
        assert device.client.waiting == 1

    talk(conversation)


def test_what_was_acknowledged_is_forgotten():
    async def conversation(device):
        await connected(device)
        assert await device.client.publish("a", b"x", 1)
        await until(lambda: device.client.waiting == 0)

    talk(conversation)


def test_what_is_published_while_offline_is_sent_at_the_next_connect_unmarked():
    async def conversation(device):
        device.broker.there = False
        await until(lambda: device.client.connections >= 1)
        assert await device.client.publish("a", b"x", 1)
        assert not await device.client.publish("a", b"y")
        device.broker.there = True
        await connected(device)
        await until(lambda: device.broker.published() == [("a", b"x", False)])

    talk(conversation)


def test_what_is_past_its_time_to_live_is_never_sent():
    async def conversation(device):
        device.broker.there = False
        await until(lambda: device.client.connections >= 1)
        await device.client.publish("call", b"next", 1, False, 3000)
        await device.client.publish("other", b"x", 1)
        device.clock.now_ms += 3000
        device.broker.there = True
        await connected(device)
        # `other` follows in the queue: when it has come, `call` was left out.
        await device.client.publish("last", b"z", 1)
        await until(lambda: ("last", b"z", False) in device.broker.published())
        assert "call" not in [topic for topic, _, _ in device.broker.published()]

    talk(conversation)


def test_of_retained_messages_only_the_last_counts():
    outbox = Outbox()
    assert outbox.add("online", b"1", True, None)
    assert outbox.add("events", b"e", False, None)
    assert outbox.add("online", b"2", True, None)
    assert [entry.topic for entry in outbox.entries] == ["events", "online"]


def test_the_outbox_is_bounded():
    outbox = Outbox()
    for number in range(mqtt.OUTBOX_ENTRIES):
        assert outbox.add(f"t{number}", b"", False, None)
    assert not outbox.add("more", b"", False, None)
    outbox.acknowledge(outbox.entries[3].packet_id)
    assert outbox.add("more", b"", False, None)


def test_packet_ids_go_round_and_are_never_0():
    outbox = Outbox()
    assert all(outbox.next_packet_id() == number for number in range(1, 65_536))
    assert outbox.next_packet_id() == 1


def test_puback_comes_after_the_handler_and_not_if_it_failed():
    async def conversation(device):
        await connected(device)
        device.broker.publish("t", b"bug", 1, 5)
        device.broker.publish("t", b"good", 1, 6)
        await until(lambda: device.broker.of_kind(packets.PUBACK))
        assert device.broker.of_kind(packets.PUBACK) == [b"\x40\x02\x00\x06"]
        assert device.client.failed == 1 and "bug" in device.client.last_error
        assert device.client.connected

    talk(conversation)


def test_an_oversized_packet_is_skipped_in_pieces_and_the_connection_lives():
    async def conversation(device):
        await connected(device)
        device.broker.largest_read = 0
        device.broker.publish("t", b"x" * 100_000)
        device.broker.publish("t", b"after")
        await until(lambda: device.messages == [("t", b"after")])
        assert device.client.oversized == 1 and device.client.connections == 1
        assert device.broker.largest_read <= mqtt.SKIP_BYTES

    talk(conversation)


def test_an_oversized_packet_at_qos_1_is_acknowledged_or_it_would_come_for_ever():
    async def conversation(device):
        await connected(device)
        device.broker.publish("t", b"x" * 5000, 1, 9)
        await until(lambda: device.broker.of_kind(packets.PUBACK) == [b"\x40\x02\x00\x09"])
        assert device.messages == []

    talk(conversation)


def test_rubbish_ends_the_connection_and_nothing_more():
    for rubbish in (
        b"\xff\xff\xff\xff\xff",
        b"\x30\x01\x00",
        b"\x34\x05\x00\x01a\x00\x01",
        b"\x90\x03\xff\xff\x00",
        b"\xf0\x00",
    ):

        async def conversation(device, rubbish=rubbish):
            await connected(device)
            device.broker.wires[-1].send(rubbish)
            await connected(device, 2)

        talk(conversation)


def test_the_pause_doubles_up_to_ten_seconds_and_is_never_nothing():
    pauses = []

    async def sleep(seconds, real=asyncio.sleep):
        pauses.append(seconds)
        await real(0)

    async def conversation():
        device = Device()
        device.broker.there = False
        running = asyncio.create_task(device.client.run())
        while len(pauses) < 7:
            await real_sleep(0)
        running.cancel()

    real_sleep = asyncio.sleep
    asyncio.sleep = sleep
    try:
        run(conversation())
    finally:
        asyncio.sleep = real_sleep
    assert [round(pause, 1) for pause in pauses[:7]] == [0.3, 0.6, 1.2, 2.4, 3.0, 3.0, 3.0]  # chance says 0


def test_two_writers_do_not_mix():
    async def conversation(device):
        await connected(device)
        await asyncio.gather(*(device.client.publish(f"t{number}", b"x" * 50, number % 2) for number in range(8)))
        assert len(device.broker.published()) == 8

    talk(conversation)
