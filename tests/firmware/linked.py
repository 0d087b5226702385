"""A device's link in conversation with a hub, through a broker at the end of a wire in memory."""

import asyncio

from firmware import link as module
from firmware.link import Link
from protocol.downward import encode, read_window_state
from protocol.upward import Hello, read_events
from tests.firmware.conversation import config
from tests.firmware.fakes import Broker, Clock, run, until

UP = "q1/h1/d/d1/up/"
ACK = "q1/h1/d/d1/down/ack"


class Linked:
    """A link with its broker and clock; it is the sender's hardware too. `events` has what the role would hear."""

    heap = 12_345

    def __init__(self, make_sender):
        self.broker = Broker()
        self.uptime_ms = Clock()
        self.events = []
        self.told = []
        self.sender = make_sender(self) if make_sender else None
        about = Hello("rating_pad", "w3", "virtual", "0.1", "core", 7, "power-on", 0)
        heard = {"q1/h1/w/w3/state": read_window_state}
        self.link = Link(config("rating_pad"), about, heard, self.sender, self, lambda: 0.0)
        self.link.client.dial = self.broker.dial

    def deliver(self, event):
        self.events.append(event)

    def heap_free(self):
        return self.heap

    def flash_free(self):
        return 98_304

    def log(self, text):
        self.told.append(text)

    def promised(self, *press):
        self.told.append(press)

    def called(self, *press):
        self.told.append(press)

    def settled(self, *press):
        self.told.append(press)

    def does(self, effect):
        """What the role asks of its sender."""
        self.sender.perform(effect, self.uptime_ms())
        self.link.wake()

    def hub_says(self, topic, message):
        self.broker.publish(topic, encode(message))

    def said(self, name):
        """The payloads that the device published under `name`."""
        return [payload for topic, payload, _ in self.broker.published() if topic == UP + name]

    def batches(self):
        return [read_events(payload) for payload in self.said("events")]


def talk(conversation, make_sender=None, pause_s=0.01):
    """Run `conversation(pad)` while link and client run. `make_sender(pad)`: for a role that has one."""

    async def all_three():
        pad = Linked(make_sender)
        tasks = [asyncio.create_task(pad.link.client.run()), asyncio.create_task(pad.link.run())]
        try:
            await until(lambda: pad.link.client.connected)
            await conversation(pad)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.sleep(0)

    before, module.PAUSE_S = module.PAUSE_S, pause_s
    try:
        run(all_three())
    finally:
        module.PAUSE_S = before
