"""An outside mosquitto: what the hub says when it cannot use it."""

import pytest
from edge_brokers import HALL, Mosquitto, device_login

from hub.adapters.mosquitto import OutsideBroker
from hub.ports import BrokerError
from tools.ports import free_port


@pytest.fixture
async def mosquitto(tmp_path):
    running = Mosquitto(tmp_path)
    try:
        await running.start()
        yield running
    finally:
        await running.stop()


def outside(mosquitto, user: str, password: str) -> OutsideBroker:
    return OutsideBroker(f"mqtt://127.0.0.1:{mosquitto.port}", user, password, HALL)


async def test_a_wrong_password_is_said_without_saying_it(mosquitto):
    with pytest.raises(BrokerError, match=r"127\.0\.0\.1:\d+ refuses user 'admin'.*Check user and password") as raised:
        await outside(mosquitto, "admin", "a secret").start()
    assert "secret" not in str(raised.value)


async def test_no_broker_is_said():
    port = free_port()
    with pytest.raises(BrokerError, match=f"no connection to the broker at 127.0.0.1:{port}"):
        await OutsideBroker(f"mqtt://127.0.0.1:{port}", "admin", "x", HALL).start()


async def test_a_user_without_the_right_to_command_is_told_what_to_do(mosquitto):
    await mosquitto.adapter._command([{"command": "createClient", "username": "guest", "password": "x"}])
    with pytest.raises(BrokerError, match="does not take commands from user 'guest': load mosquitto's dynamic"):
        await outside(mosquitto, "guest", "x").start()


async def test_a_broker_that_allows_everything_by_default_is_refused(mosquitto):
    acls = [{"acltype": "subscribe", "allow": True}]
    await mosquitto.adapter._command([{"command": "setDefaultACLAccess", "acls": acls}])
    with pytest.raises(BrokerError, match="allows subscribe to everybody: run mosquitto_ctrl dynsec setDefault"):
        await mosquitto.adapter.start()


async def test_a_device_with_the_administrators_name_is_refused(mosquitto):
    for change in (mosquitto.adapter.grant(device_login("admin")), mosquitto.adapter.revoke("admin")):
        with pytest.raises(BrokerError, match="'admin' is the hub's own user"):
            await change
    await mosquitto.adapter.start()


async def test_the_hub_can_start_again_and_again(mosquitto):
    await mosquitto.adapter.start()
    await mosquitto.adapter.stop()
    await mosquitto.adapter.start()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("localhost:1883", "write mqtt://host:port"),
        ("http://localhost", "write mqtt://host:port"),
        ("mqtt://", "write mqtt://host:port"),
        ("mqtt://host:port", "write mqtt://host:port"),
        ("mqtt://admin:x@host", "must not hold the user or the password"),
    ],
)
def test_an_address_that_cannot_be_right_is_said(url, said):
    with pytest.raises(BrokerError, match=said):
        OutsideBroker(url, "admin", "x", HALL)


def test_the_port_may_be_left_out():
    assert OutsideBroker("mqtt://broker.local", "admin", "x", HALL).hub_login.where == "broker.local:1883"
    assert OutsideBroker("mqtts://broker.local", "admin", "x", HALL).hub_login.where == "broker.local:8883"
