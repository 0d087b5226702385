"""A hundred thousand messages that no hub sends, and ten thousand packets that no broker sends, at a device: nothing
is raised or grows, honest ones still count.

The device is the real one but for its hardware; the broker is at the other end of a wire in memory.
"""

import asyncio
import gc
import sys

from firmware import mqtt, packets, prompts
from firmware.assembly import make_role
from firmware.journal import Journal
from firmware.link import Link
from firmware.ratings_out import RatingsOut
from firmware.roles.vocabulary import KeyPressed
from firmware.runner import Device
from protocol.downward import Ack, HubOnline, WindowState, encode, read_window_state
from protocol.limits import EPOCH_MAX, REVISION_MAX
from protocol.upward import Hello
from tests.firmware.conversation import config
from tests.firmware.fakes import Broker, Folder, run
from tests.firmware.linked import ACK
from tests.firmware.rubbish import Rubbish, samples

KINDS = (packets.PUBLISH, packets.PUBLISH | 2, packets.PUBLISH | 2, packets.PUBACK, packets.SUBACK, packets.PINGRESP)
MICROPYTHON = sys.implementation.name == "micropython"
MESSAGES = 100_000
PACKETS = 10_000
HEAP_BYTES = 60_000
"""What may be left over of it all: a journal's map and what the collector does not see at once."""

DOWN = ("window_state", "board_state", "hub_online", "ack")
STATE = "q1/h1/w/w3/state"
ONLINE = "q1/h1/hub/online"
TOPICS = (STATE, ONLINE, ACK, STATE, ACK, "q1/h1/w/w4/state", "", "#", "q1/h1/d/d1/down/code", "x" * 200)


class Glassless:
    """A rating pad's hardware, of which nobody sees anything."""

    stopped = False
    font = None

    def heap_free(self):
        return 1

    def show(self, effect):
        self.shown = effect.version

    def nothing(self, *_):
        """Lamps, sound, the console."""

    leds = beep = log = promised = nothing


class Pad:
    """A rating pad's real device, link, sender, journal and role."""

    def __init__(self, folder):
        self.hal = Glassless()
        self.device = Device(self.hal, folder, "d1")
        self.journal = Journal(folder, lambda: 99)
        sender = RatingsOut(self.journal, self.hal, self.device.deliver)
        settings = config("rating_pad")
        about = Hello("rating_pad", "w3", "virtual", "0.1", "core", 7, "power-on", 0)
        heard = {"q1/h1/w/w3/state": read_window_state}
        self.link = Link(settings, about, heard, sender, self.device, lambda: 0.0)
        self.broker = Broker()
        self.link.client.dial = self.broker.dial
        role = make_role(settings, prompts.load("rating_pad", "zh-Hans"), self.device.uptime_ms())
        self.device.join(role, sender, self.link)

    def hears(self, topic, message):
        self.link._on_message(topic, encode(message))


def used():
    gc.collect()
    return gc.mem_alloc() if MICROPYTHON else 0


def press_is_kept_and_settled(pad):
    """Whatever was said of the hub's epoch: after another one all that the journal kept is sent again."""
    seq = pad.journal.append("w3", "visit", 5, 0)
    sent = []
    while waiting := [rating.seq for rating in pad.journal.oldest(16, 0)]:
        assert not any(number in sent for number in waiting), "acknowledged, and sent again"
        sent += waiting
        pad.hears(ACK, Ack(99, waiting, [], pad.journal.hub, {}))
    assert seq in sent


def test_rubbish_raises_nothing_and_an_honest_message_still_counts():
    with Folder("rubbish") as folder:
        pad = Pad(folder)
        rubbish = Rubbish(1, samples(DOWN))
        pad.hears(ONLINE, HubOnline(1, 5))
        press_is_kept_and_settled(pad)
        before = used()
        for number in range(MESSAGES):
            pad.link._on_message(TOPICS[rubbish.chance(len(TOPICS))], rubbish.payload())
            if number % 1000 == 500:
                press_is_kept_and_settled(pad)
            if number % 1000 == 700:  # whatever was last said of the window, a key may be pressed
                pad.device.deliver(KeyPressed(number // 1000 % 5))
        assert pad.link._rejected > MESSAGES // 2
        assert used() - before < HEAP_BYTES, used() - before
        newest = WindowState((EPOCH_MAX, REVISION_MAX), "w3", "open", "", 0, {}, "", "", {})
        pad.hears(STATE, newest)
        assert pad.hal.shown == newest.version


def test_a_key_may_be_pressed_whatever_visit_the_hub_named():
    for visit in ("\\ud800", "号" * 32, "x" * 32):
        with Folder("rubbish") as folder:
            pad = Pad(folder)
            message = '{"v":[1,1],"w":"w3","mode":"serving","number":"A1","calls":1,"rate":"' + visit + '"}'
            pad.link._on_message(STATE, message.encode())
            for key in range(5):
                pad.device.deliver(KeyPressed(key))
            press_is_kept_and_settled(pad)


def packet(rubbish):
    """Half of them are of a kind that a broker sends, most say how long they are."""
    body = rubbish.payload()
    if rubbish.chance(2):
        topic = TOPICS[rubbish.chance(len(TOPICS))].encode()
        body = len(topic).to_bytes(2, "big") + topic + body
    kind = KINDS[rubbish.chance(len(KINDS))] if rubbish.chance(2) else rubbish.chance(256)
    size = len(body) if rubbish.chance(4) else (0, 1, 127, 2208, 2209, 2**21)[rubbish.chance(6)]
    return bytes((kind,)) + packets._length(size) + body


async def soon(condition):
    """Wait for `condition()` without a pause between two looks."""
    for _ in range(100_000):
        if condition():
            return
        await asyncio.sleep(0)
    raise AssertionError("it did not happen soon")


def test_rubbish_in_place_of_packets_only_costs_the_connection():
    async def conversation(pad, rubbish):
        client = pad.link.client
        running = asyncio.create_task(client.run())
        sent = 0
        while sent < PACKETS:
            await soon(lambda: client.connected)
            wire, count = pad.broker.wires[-1], client.connections
            for _ in range(20):  # a packet that says a wrong length may swallow many
                wire.send(packet(rubbish))
                sent += 1
                await asyncio.sleep(0)
                if client._broken.is_set():
                    break
            wire.hang_up()
            await soon(lambda count=count: client.connections > count)
            del pad.broker.wires[:-1]
            del pad.broker.packets[:]
        running.cancel()

    before = mqtt.PAUSE_MIN_S, mqtt.PAUSE_MAX_S
    mqtt.PAUSE_MIN_S = mqtt.PAUSE_MAX_S = 0
    if not MICROPYTHON:
        gc.freeze()  # the client collects at each connect, and here the tests of everybody are in memory
    try:
        with Folder("rubbish") as folder:
            pad = Pad(folder)
            run(conversation(pad, Rubbish(2, samples(DOWN))))
            assert pad.link.client.failed == 0, pad.link.client.last_error
            press_is_kept_and_settled(pad)
    finally:
        mqtt.PAUSE_MIN_S, mqtt.PAUSE_MAX_S = before
        if not MICROPYTHON:
            gc.unfreeze()
