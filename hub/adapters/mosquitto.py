"""An outside broker: a mosquitto with its dynamic security plugin, which somebody else starts and looks after.

Logins are made and taken away while it runs, by commands on `$CONTROL/dynamic-security/v1`. The hub's user is the
plugin's administrator. What it may read and write of the hall is in a role of its own (`jiaohao-HALL`); each device
has a role (`jiaohao-HALL-d-DEVICE`) with the rights that the embedded broker gives too, each topic by its exact name
where it writes. The client id is tied to the login, so one device's login cannot throw another device out.

Each batch of commands is one short connection. The broker answers on a topic; without an answer the hub's user has no
right to command, or the plugin is missing, and `start` says so.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from typing import Any
from urllib.parse import urlsplit

import aiomqtt

from hub.adapters.mqtt import BrokerLogin, LinkError, in_words, open_client, subscribe
from hub.ports import BrokerError, DeviceLogin
from protocol import topics
from protocol.limits import MAJOR

COMMANDS = "$CONTROL/dynamic-security/v1"
ANSWERS = COMMANDS + "/response"

ANSWER_S = 5
"""How long the plugin may take. It writes its file for each command, which takes milliseconds."""

PORTS = {"mqtt": 1883, "mqtts": 8883}
"""What may stand before :// in the broker's address, and the port that it means."""

MISSING = ("not found", "Role not found", "Client not found")
"""What the plugin says about something that was taken away already."""

Command = dict[str, Any]
"""One of the plugin's commands: its name under "command", and its arguments."""


class OutsideBroker:
    """The broker of one hall at `url` (mqtt://host:port or mqtts://host:port). It is a Broker.

    `user` must be an administrator of the dynamic security plugin; `ca_file` (PEM) is for mqtts. Raises BrokerError
    for an address that cannot be right. Halls that share a broker need device ids that differ.
    """

    def __init__(self, url: str, user: str, password: str, hall: str, ca_file: str | None = None) -> None:
        self._hall = hall
        self._turn = asyncio.Lock()
        host, port, tls = read_url(url)
        # Random, so that nobody who guesses it can throw the hub out: this user's client id is not tied to it.
        client_id = f"hub-{hall}-{secrets.token_hex(8)}"
        self.hub_login = BrokerLogin(host, port, user, password, client_id, tls, ca_file)

    async def start(self) -> None:
        """Checks address, password and rights, and gives the hub's user its role. Raises BrokerError."""
        defaults = await self._ask([{"command": "getDefaultACLAccess"}])
        _check_defaults(defaults[0], self.hub_login.where)
        role = f"jiaohao-{self._hall}"
        hall = f"{MAJOR}/{self._hall}/#"
        acls = [_allow(kind, hall) for kind in ("publishClientSend", "publishClientReceive", "subscribePattern")]
        user = self.hub_login.user
        await self._command([{"command": "deleteRole", "rolename": role}], tolerated=MISSING)
        await self._command([
            {"command": "createRole", "rolename": role, "acls": acls},
            {"command": "addClientRole", "username": user, "rolename": role},
        ])  # fmt: skip

    async def stop(self) -> None:
        """Nothing to stop: the broker is not ours."""

    async def grant(self, login: DeviceLogin) -> None:
        """Lets the device in with this login, and no longer with the one before. Raises BrokerError."""
        await self.revoke(login.device)
        role = self._role(login.device)
        await self._command([
            {"command": "createRole", "rolename": role, "acls": self._acls(login)},
            {
                "command": "createClient",
                "username": login.device,
                "password": login.password,
                "clientid": login.client_id,
                "roles": [{"rolename": role}],
            },
        ])  # fmt: skip

    async def revoke(self, device: str) -> None:
        """Takes the device's login away and cuts its connection. Raises BrokerError."""
        if device == self.hub_login.user:
            raise BrokerError(f"{device!r} is the hub's own user at the broker: give the device another id")
        await self._command(
            [
                {"command": "deleteClient", "username": device},
                {"command": "deleteRole", "rolename": self._role(device)},
            ],
            tolerated=MISSING,
        )

    def _role(self, device: str) -> str:
        return f"jiaohao-{self._hall}-d-{device}"

    def _acls(self, login: DeviceLogin) -> list[Command]:
        writes = [topics.up(self._hall, login.device, name) for name in topics.UP]
        reads = [
            topics.down(self._hall, login.device, "+"),
            topics.board_state(self._hall, "+"),
            topics.hub_online(self._hall),
        ]
        if login.window:
            reads.append(topics.window_state(self._hall, login.window))
        return (
            [_allow("publishClientSend", topic) for topic in writes]
            + [_allow("publishClientReceive", topic) for topic in reads]
            + [_allow("subscribePattern", topic) for topic in reads]
        )

    async def _command(self, commands: list[Command], tolerated: tuple[str, ...] = ()) -> None:
        """Has the commands carried out. Raises BrokerError for an error that is not tolerated."""
        for answer in await self._ask(commands):
            error = answer.get("error")
            if error and error not in tolerated:
                where = self.hub_login.where
                raise BrokerError(f"the broker at {where} refused the command {answer.get('command')}: {error}")

    async def _ask(self, commands: list[Command]) -> list[Command]:
        """The plugin's answers, in the order of the commands. Raises BrokerError."""
        login = self.hub_login
        try:
            async with self._turn, asyncio.timeout(2 * ANSWER_S):
                return await _exchange(login, json.dumps({"commands": commands}).encode())
        except LinkError as error:
            raise BrokerError(_no_rights(login)) from error
        except (aiomqtt.MqttError, OSError) as error:
            raise BrokerError(in_words(error, login)) from error
        except (TimeoutError, ValueError, KeyError, TypeError) as error:
            raise BrokerError(_no_rights(login)) from error


def read_url(url: str) -> tuple[str, int, bool]:
    """(host, port, whether with TLS) of mqtt://host:port. Raises BrokerError."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise BrokerError(f"the broker's address {url!r} is wrong ({error}): write mqtt://host:port") from error
    if parts.scheme not in PORTS or not parts.hostname:
        raise BrokerError(f"the broker's address {url!r} is wrong: write mqtt://host:port or mqtts://host:port")
    if parts.username or parts.password:
        raise BrokerError("the broker's address must not hold the user or the password: they have places of their own")
    return parts.hostname, port or PORTS[parts.scheme], parts.scheme == "mqtts"


async def _exchange(login: BrokerLogin, request: bytes) -> list[Command]:
    """Sends one batch and waits for its answer, which goes to this connection only."""
    async with open_client(_with_other_id(login)) as client:
        await subscribe(client, ANSWERS)
        await client.publish(COMMANDS, request, qos=1)
        async with asyncio.timeout(ANSWER_S):
            async for message in client.messages:
                return json.loads(bytes(message.payload))["responses"]  # pyright: ignore[reportArgumentType]
    raise LinkError("the connection ended before the answer")


def _with_other_id(login: BrokerLogin) -> BrokerLogin:
    """The same login under another client id: with the same one it would throw the hub's link out."""
    client_id = f"{login.client_id}-{secrets.token_hex(4)}"
    return BrokerLogin(login.host, login.port, login.user, login.password, client_id, login.tls, login.ca_file)


def _no_rights(login: BrokerLogin) -> str:
    return (
        f"the broker at {login.where} does not take commands from user {login.user!r}: load mosquitto's dynamic "
        "security plugin (mosquitto_ctrl dynsec init makes its file), and give this user the role 'admin'"
    )


def _check_defaults(answer: Command, where: str) -> None:
    """Raises BrokerError when the broker allows what no role mentions: then our roles would keep nobody out."""
    access = {acl["acltype"]: acl["allow"] for acl in answer["data"]["acls"]}
    for kind in ("publishClientSend", "subscribe"):
        if access.get(kind):
            raise BrokerError(
                f"the broker at {where} allows {kind} to everybody: run "
                f"mosquitto_ctrl dynsec setDefaultACLAccess {kind} deny"
            )


def _allow(kind: str, topic: str) -> Command:
    return {"acltype": kind, "topic": topic, "allow": True}
