"""Who may say and hear what, tried by delivery: a broker may grant a forbidden subscription and deliver nothing.

What is right comes from the table of hub.permissions, what is tried is every topic of the tree and every greedy filter.
"""

import asyncio
import contextlib
from dataclasses import replace

import aiomqtt
import pytest
from edge_brokers import HALL, Device, device_login, lets_in, until

from hub.adapters import mosquitto, nats_config
from hub.adapters.mqtt_probe import may_log_in
from hub.devices.registry import ROLES
from hub.permissions import DOWN, TopicRights, device_topics, hub_topics
from hub.ports import OF_ZONE
from protocol import topics
from protocol.board import board_state
from protocol.hub_time import hub_time
from protocol.rating_code import rating_code_topic
from protocol.waiting import waiting_topic

SEATS = {role.replace("_", "-"): ("", f"z{n}") if role in OF_ZONE else (f"w{n}", "") for n, role in enumerate(ROLES, 1)}
"""A device of each role, by its id, with its window and its zone."""

SPY = "spy"
"""A device that may read every topic of the tree, so that a lie is seen wherever it arrives."""

OF_DEVICES = [topics.up(HALL, device, name) for device in SEATS for name in topics.UP]
OF_THE_HUB = [
    *(topics.down(HALL, device, name) for device in SEATS for name in DOWN),
    *(topics.window_state(HALL, window) for window, _ in SEATS.values() if window),
    *(waiting_topic(HALL, window) for window, _ in SEATS.values() if window),
    *(rating_code_topic(HALL, window) for window, _ in SEATS.values() if window),
    *(board_state(HALL, zone) for _, zone in SEATS.values() if zone),
    topics.hub_online(HALL),
    hub_time(HALL),
]
OF_NOBODY = [
    f"q1/{HALL}/d/rating-pad/up/anything",
    f"q1/{HALL}/d/rating-pad/down/anything",
    f"q1/{HALL}/d/rating-pad/up/events/deeper",
    f"q1/{HALL}/d/up/up/deeper",
    f"q1/{HALL}/d/rating-pad/up",
    f"q1/{HALL}/hub/anything",
    f"q1/{HALL}/w/w1/anything",
    "q1/south/d/rating-pad/up/events",
    "q1/south/hub/online",
    "anything",
]
TREE = [*OF_DEVICES, *OF_THE_HUB, *OF_NOBODY]
GREEDY = (
    "#",
    "+",
    "+/#",
    "q1/#",
    "q1/+/#",
    f"q1/{HALL}/#",
    f"q1/{HALL}/+/+",
    f"q1/{HALL}/d/+/down/+",
    f"q1/{HALL}/d/+/up/+",
    f"q1/{HALL}/d/#",
    f"q1/{HALL}/w/+/state",
    "$share/all/q1/#",
)
NATS_INTERNAL = ("$MQTT/sub/#", "$MQTT/#", "$MQTT/+/#", "$JS/#", "$SYS/#", "_INBOX/#")


def may(rights: tuple[str, ...], topic: str) -> bool:
    return any(aiomqtt.Topic(topic).matches(aiomqtt.Wildcard(right)) for right in rights)


@pytest.fixture
async def logins(broker):
    """Of each role, let in."""
    found = {device: device_login(device, *place) for device, place in SEATS.items()}
    for login in found.values():
        await broker.adapter.grant(login)
    return found


@pytest.fixture
async def spy(broker, monkeypatch):
    """Connected, with all of the tree subscribed; `got` has what was delivered at all."""

    def rights(hall, device, *place):
        return TopicRights((), tuple(TREE)) if device == SPY else device_topics(hall, device, *place)

    for module in (nats_config, mosquitto):
        monkeypatch.setattr(module, "device_topics", rights)
    login = device_login(SPY)
    await broker.adapter.grant(login)
    async with Device(broker.port, login) as device:
        for topic in TREE:
            assert await device.subscribe(topic), topic  # at QoS 1 NATS takes 63 of one client, and there are more
        yield device


@pytest.fixture
async def pads(broker):
    """pad-1 at window w1 and pad-2 at w2."""
    logins = device_login("pad-1", "w1"), device_login("pad-2", "w2")
    for login in logins:
        await broker.adapter.grant(login)
    return logins


async def test_everybody_writes_what_the_table_says_and_nothing_else(broker, logins, spy):
    rights = {device: device_topics(HALL, device, *place).writes for device, place in SEATS.items()}
    for name, writes in {**rights, "hub": hub_topics(HALL).writes}.items():
        async with Device(broker.port, logins.get(name) or broker.adapter.hub_login) as writer:
            for topic in TREE:
                await writer.try_publish(topic, f"{name} writes".encode(), retain=topic in OF_NOBODY)
            allowed = {topic for topic in TREE if may(writes, topic)}
            assert allowed and allowed < set(TREE)
            for topic in allowed:
                await writer.try_publish(topic, f"{name} ends".encode())
                await spy.gets(topic, f"{name} ends".encode())
        arrived = {topic for topic, payloads in spy.got.items() if f"{name} writes".encode() in payloads}
        assert arrived == allowed, f"{name} writes elsewhere, or not where it may"


@pytest.mark.parametrize("qos", [0, 1])
async def test_everybody_hears_what_the_table_says_whatever_they_subscribe_to(broker, hub, logins, qos):
    tried = [topic for topic in TREE if topic not in OF_NOBODY]
    for topic in tried:
        hub.link.publish(topic, b"kept", retain=True)  # a retained message must not leak at subscribing either
    await until(lambda: hub.link.published >= len(tried))
    async with contextlib.AsyncExitStack() as stack:
        devices = {name: await stack.enter_async_context(Device(broker.port, login)) for name, login in logins.items()}
        for device in devices.values():
            for topic in (*TREE, *GREEDY, *NATS_INTERNAL):
                await device.subscribe(topic, qos)
        for topic in tried:
            hub.link.publish(topic, b"news", retain=False)
        for name, device in devices.items():
            reads = {topic for topic in tried if may(device_topics(HALL, name, *SEATS[name]).reads, topic)}
            for topic in reads:
                await device.gets(topic, b"news")
            hub.link.publish(topics.down(HALL, name, "ack"), b"end", retain=False)
            await device.gets(topics.down(HALL, name, "ack"), b"end")
            assert set(device.got) == reads, name
    await until(lambda: {topic for topic, payload in hub.heard if payload == b"news"} == set(OF_DEVICES))


async def test_who_is_bound_to_no_window_reads_no_window(broker, hub):
    login = device_login("spare", "")
    await broker.adapter.grant(login)
    async with Device(broker.port, login) as device:
        for topic in (*TREE, topics.down(HALL, "spare", "ack")):
            await device.subscribe(topic)
        for window, zone in SEATS.values():
            topic = topics.window_state(HALL, window) if window else board_state(HALL, zone)
            hub.link.publish(topic, b"news", retain=True)
        hub.link.publish(topics.down(HALL, "spare", "ack"), b"end", retain=False)
        await device.gets(topics.down(HALL, "spare", "ack"), b"end")
        assert not [topic for topic in device.got if "/w/" in topic or "/board/" in topic]


async def test_a_will_has_no_more_rights_than_its_device(broker, hub, pads):
    for topic, payload in (
        (topics.up(HALL, "pad-2", "online"), b"a lie"),
        (topics.up(HALL, "pad-1", "online"), b"gone"),
    ):
        with contextlib.suppress(aiomqtt.MqttError):  # a broker may refuse such a will at the door
            async with Device(broker.port, pads[0], will=aiomqtt.Will(topic, payload, qos=1, retain=True)) as pad:
                pad.vanish()
                await pad.cut.wait()
    await hub.hears(b"gone")
    assert b"a lie" not in [payload for _topic, payload in hub.heard]


async def test_nobody_gets_in_without_a_name_or_with_a_wrong_password(broker, pads):
    assert not await lets_in(broker.port, replace(pads[0], password="wrong"))
    assert await lets_in(broker.port, pads[0]), "the same with the right one"
    assert await may_log_in("127.0.0.1", broker.port, "", "") is False
    with pytest.raises(aiomqtt.MqttError):
        async with aiomqtt.Client("127.0.0.1", broker.port, timeout=2):
            pass


async def test_a_revoked_device_is_cut_at_once_and_the_others_stay(broker, hub, pads):
    async with Device(broker.port, pads[0]) as pad, Device(broker.port, pads[1]) as other:
        await broker.adapter.revoke("pad-1")
        await pad.cut.wait()
        await other.client.publish(topics.up(HALL, "pad-2", "events"), b"still here", qos=1)
        await hub.hears(b"still here")
        assert not other.cut.is_set()
    assert hub.greetings == 1
    assert not await lets_in(broker.port, pads[0])


async def test_revoking_twice_or_an_unknown_device_is_no_error(broker):
    await broker.adapter.revoke("nobody")
    await broker.adapter.revoke("nobody")


async def test_a_new_login_ends_the_old_one(broker, pads):
    async with Device(broker.port, pads[0]) as pad:
        new = device_login("pad-1")
        await broker.adapter.grant(new)
        await pad.cut.wait()
    with pytest.raises(aiomqtt.MqttError):
        await Device(broker.port, pads[0]).__aenter__()
    async with Device(broker.port, new):
        pass


async def test_a_device_cannot_throw_another_out_by_taking_its_name(broker, hub, pads):
    async with Device(broker.port, pads[1]) as victim:
        try:
            async with Device(broker.port, pads[0], client_id="pad-2"):
                pass
        except aiomqtt.MqttError:
            pass  # mosquitto ties the client id to the login
        await victim.client.publish(topics.up(HALL, "pad-2", "events"), b"undisturbed", qos=1)
        await hub.hears(b"undisturbed")
        assert not victim.cut.is_set()


async def test_many_devices_can_be_let_in_at_the_same_time(broker):
    logins = [device_login(f"pad-{number}") for number in range(30)]
    await asyncio.gather(*(broker.adapter.grant(login) for login in logins))
    devices = [Device(broker.port, login) for login in logins]
    await asyncio.gather(*(device.__aenter__() for device in devices))
    await asyncio.gather(*(device.__aexit__() for device in devices))
