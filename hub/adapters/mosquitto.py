"""An outside broker: a mosquitto with its dynamic security plugin, which somebody else starts and looks after.

Logins are made and taken away while it runs, by commands on `$CONTROL/dynamic-security/v1`. The configured user is an
administrator of the plugin and does nothing else. The hub's link has a user of its own, made anew with a random
password at each start, so nothing has to be kept; and each device has one. Both have the rights of hub.permissions, as
they have at the embedded broker. The client id is tied to the login, so one device's login cannot throw another out.

Each batch of commands is one short connection. The broker answers on a topic; without an answer the hub's user has no
right to command, or the plugin is missing, and `start` says so.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import aiomqtt

from hub.adapters.mqtt import BrokerLogin, LinkError, in_words, open_client, subscribe
from hub.permissions import TopicRights, device_topics, hub_topics
from hub.ports import BrokerError, Device, DeviceLogin

COMMANDS = "$CONTROL/dynamic-security/v1"
ANSWERS = COMMANDS + "/response"

PASSWORD_BYTES = 24
"""192 random bits for the hub's own login."""

ANSWER_S = 5
"""How long the plugin may take. It writes its file for each command, which takes milliseconds."""

PORTS = {"mqtt": 1883, "mqtts": 8883}
"""What may stand before :// in the broker's address, and the port that it means."""

MISSING = ("Role not found", "Client not found")
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
        self._admin = BrokerLogin(host, port, user, password, "", tls, ca_file)
        # No device can have this name, since an id has no underscore.
        self.hub_login = replace(
            self._admin,
            user=f"_hub-{hall}",
            password=secrets.token_urlsafe(PASSWORD_BYTES),
            client_id=f"hub-{hall}",
        )

    async def start(self) -> None:
        """Checks address, password and rights, and makes the hub's login. Raises BrokerError."""
        await self.check_rights()
        login = self.hub_login
        await self._replace(login.user, login.password, login.client_id, hub_topics(self._hall))

    async def check_rights(self) -> None:
        """Raises BrokerError when the configured user may not command, or everybody may do what no role mentions."""
        defaults = await self._ask([{"command": "getDefaultACLAccess"}])
        _check_defaults(defaults[0], self._admin.where)

    async def stop(self) -> None:
        """Nothing to stop: the broker is not ours."""

    async def grant(self, login: DeviceLogin) -> None:
        """Lets the device in with this login, and no longer with the one before. Raises BrokerError."""
        self._check_not_ours(login.device)
        rights = device_topics(self._hall, login.device, login.window, login.zone)
        await self._replace(login.device, login.password, login.client_id, rights)

    async def revoke(self, device: str) -> None:
        """Takes the device's login away and cuts its connection. Raises BrokerError."""
        self._check_not_ours(device)
        await self._command(self._removal(device))

    async def reconcile(self, devices: Sequence[Device]) -> set[str]:
        """Lets in `devices` and nobody else of this hall; answers whose secret it does not know. Raises BrokerError."""
        listed = await self._ask([
            {"command": "listClients", "verbose": True},
            {"command": "listRoles", "verbose": True},
        ])  # fmt: skip
        clients = {client["username"]: client for client in listed[0]["data"]["clients"]}
        roles = {role["rolename"]: role["acls"] for role in listed[1]["data"]["roles"]}
        mine = {user for user in clients if self._role(user) in roles and user != self.hub_login.user}
        known = {it.id: it for it in devices if it.id in mine and clients[it.id].get("clientid") == it.client_id}
        commands = [command for user in mine - set(known) for command in self._removal(user)]
        for device in known.values():
            rights = device_topics(self._hall, device.id, device.window, device.zone)
            role, acls = self._role(device.id), _acls(rights)
            if _plain(roles[role]) != _plain(acls):
                commands.append({"command": "modifyRole", "rolename": role, "acls": acls})
        if commands:
            await self._command(commands)
        return {device.id for device in devices} - set(known)

    def _check_not_ours(self, device: str) -> None:
        if device == self._admin.user:
            raise BrokerError(f"{device!r} is the hub's own user at the broker: give the device another id")

    async def _replace(self, user: str, password: str, client_id: str, rights: TopicRights) -> None:
        role = self._role(user)
        client = {"username": user, "password": password, "clientid": client_id, "roles": [{"rolename": role}]}
        await self._command([
            *self._removal(user),
            {"command": "createRole", "rolename": role, "acls": _acls(rights)},
            {"command": "createClient", **client},
        ])  # fmt: skip

    def _removal(self, user: str) -> list[Command]:
        return [
            {"command": "deleteClient", "username": user},
            {"command": "deleteRole", "rolename": self._role(user)},
        ]

    def _role(self, user: str) -> str:
        return f"jiaohao-{self._hall}-{user}"

    async def _command(self, commands: list[Command]) -> None:
        """Has the commands carried out; to remove what is missing is no error. Raises BrokerError."""
        for answer in await self._ask(commands):
            error = answer.get("error")
            if error and error not in MISSING:
                where = self._admin.where
                raise BrokerError(f"the broker at {where} refused the command {answer.get('command')}: {error}")

    async def _ask(self, commands: list[Command]) -> list[Command]:
        """The plugin's answers, in the order of the commands. Raises BrokerError."""
        # Random, so that nobody who guesses it can throw us out: this user's client id is not tied to it.
        login = replace(self._admin, client_id=f"hub-{self._hall}-{secrets.token_hex(8)}")
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
    async with open_client(login) as client:
        await subscribe(client, ANSWERS)
        # QoS 0: the answer is all we wait for. A PUBACK would come 40 ms after it, held back by Nagle's algorithm.
        await client.publish(COMMANDS, request, qos=0)
        async with asyncio.timeout(ANSWER_S):
            async for message in client.messages:
                return json.loads(bytes(message.payload))["responses"]  # pyright: ignore[reportArgumentType]
    raise LinkError("the connection ended before the answer")


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


def _acls(rights: TopicRights) -> list[Command]:
    """The plugin asks three times: may the client send this, subscribe to that, and be sent this."""
    return (
        [_allow("publishClientSend", topic) for topic in rights.writes]
        + [_allow("publishClientReceive", topic) for topic in rights.reads]
        + [_allow("subscribePattern", topic) for topic in rights.reads]
    )


def _plain(acls: list[Command]) -> set[tuple[str, str, bool]]:
    """Rights to compare: the plugin adds priorities, and has an order of its own."""
    return {(acl["acltype"], acl["topic"], acl["allow"]) for acl in acls}


def _allow(kind: str, topic: str) -> Command:
    return {"acltype": kind, "topic": topic, "allow": True}
