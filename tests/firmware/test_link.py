"""What every role's link says and hears."""

import json

from firmware import link as module
from firmware.roles.vocabulary import LinkChanged
from protocol.downward import HubOnline
from protocol.upward import read_hello, read_online, read_reported, read_telemetry
from tests.firmware.conversation import state
from tests.firmware.fakes import until
from tests.firmware.linked import talk


def test_it_says_who_and_that_it_is_there_at_every_connect():
    async def conversation(pad):
        await until(lambda: len(pad.said("hello")) == 1)
        pad.broker.wires[-1].hang_up()
        await until(lambda: len(pad.said("hello")) == 2)
        assert [read_online(payload) for payload in pad.said("online")] == [(1, 7, 1, 1), (1, 7, 2, 1)]
        assert read_hello(pad.said("hello")[0]).model == "virtual"

    talk(conversation)


def test_it_reports_what_the_glass_shows_once_per_change_and_connect():
    """Also that it shows nothing yet: the broker may still tell the hub what was shown before the last start."""

    async def conversation(pad):
        await until(lambda: len(pad.said("reported")) == 1)
        pad.link.report((5, 11))
        await until(lambda: len(pad.said("reported")) == 2)
        pad.link.report((5, 11))
        pad.link.report((5, 12))
        await until(lambda: len(pad.said("reported")) == 3)
        pad.broker.wires[-1].hang_up()
        await until(lambda: len(pad.said("reported")) == 4)
        shown = [read_reported(payload).shown for payload in pad.said("reported")]
        assert shown == [(0, 0), (5, 11), (5, 12), (5, 12)]

    talk(conversation)


def test_states_and_the_hubs_presence_reach_the_role():
    async def conversation(pad):
        pad.hub_says("q1/h1/hub/online", HubOnline(1, 5))
        pad.hub_says("q1/h1/w/w3/state", state(11))
        await until(lambda: len(pad.events) == 3)
        assert pad.events == [LinkChanged(True), HubOnline(1, 5), state(11)]

    talk(conversation)


def test_what_cannot_be_read_is_counted_reported_and_harmless():
    async def conversation(pad):
        pad.link.report((5, 11))
        pad.broker.publish("q1/h1/w/w3/state", b"{")
        pad.broker.publish("q1/elsewhere", b"{}")
        await until(lambda: pad.said("reported") and read_reported(pad.said("reported")[-1]).rejected == 2)
        assert read_reported(pad.said("reported")[-1]).error == "topic: was not subscribed"
        assert pad.link.client.connections == 1 and pad.events == [LinkChanged(True)]

    talk(conversation)


def test_a_heartbeat_each_thirty_seconds():
    async def conversation(pad):
        await until(lambda: len(pad.said("telemetry")) == 1)
        pad.uptime_ms.now_ms += module.TELEMETRY_MS
        await until(lambda: len(pad.said("telemetry")) == 2)
        assert read_telemetry(pad.said("telemetry")[1]) == (31, 12_345, 0, 98_304, 0)

    talk(conversation)


def test_what_is_said_is_json():
    async def conversation(pad):
        await until(lambda: pad.said("telemetry"))
        for _, payload, _ in pad.broker.published():
            json.loads(payload.decode())

    talk(conversation)


def test_what_is_new_does_not_wait_for_the_links_pause():
    async def conversation(pad):
        await until(lambda: pad.said("telemetry"))
        pad.link.report((5, 11))
        await until(lambda: len(pad.said("reported")) == 2)

    talk(conversation, pause_s=3600)


def test_a_report_for_which_there_was_no_room_is_made_when_there_is():
    """Else the hub would think for ever that the glass shows something old."""

    async def conversation(pad):
        await until(lambda: pad.said("telemetry"))
        publish, turned_away = pad.link.client.publish, []

        async def no_room(*message):
            turned_away.append(message)
            return False

        pad.link.client.publish = no_room
        pad.link.report((5, 11))
        await until(lambda: turned_away)
        pad.link.client.publish = publish
        await until(lambda: len(pad.said("reported")) == 2)
        assert read_reported(pad.said("reported")[1]).shown == (5, 11)

    talk(conversation)
