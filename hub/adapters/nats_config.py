"""What nats-server is told: the users, what each may do, and the limits. Pure: values in, configuration text out.

The server reads JSON as well as its own format, so the text is a dict that was written out, and no file name or id can
break out of its quotes. MQTT's `/` between levels is `.` in the rights.

Who may publish and read what is in hub.permissions; a device publishes each topic by its exact name, since retained
messages lie on the hub's disk and their number must be bounded too. On top come `$MQTT.sub.>`, the address at which the
server hands out subscriptions of QoS 1. A device cannot subscribe to another's address there: the server refuses such
filters itself (tests/edge tries it).

The users of our own have names that no device can have, since an id has no underscore.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hub.permissions import TopicRights, device_topics, hub_topics
from protocol.limits import UP_BYTES

HUB_USER = "_hub"
PROBE_USER = "_probe"
"""May do nothing but log in; its password changes with each configuration, so a login proves which one is in force."""

LOGIN_S = 3
"""A connection that has not logged in by then is closed: half-open ones would pile up."""

PAYLOAD_BYTES = 16 * UP_BYTES
"""The server cuts a connection that sends more. Far above what is meant, so that the hub can still see the mistake."""

PENDING_BYTES = 16 * 1024 * 1024
"""What may wait for a slow reader before it is cut: 4,096 messages of UP_BYTES on their way to the hub."""

CONNECTIONS = 4096
"""Five times the largest hall that we know of (700 devices), below the usual limit of open files."""

STORE_BYTES = 1024**3
"""Retained messages are at most PAYLOAD_BYTES for each topic, 9 topics for each device: 410 MB for 700 devices."""

HANDSHAKE_S = 5
"""A board takes 1 to 2 s for a TLS handshake."""

SUBSCRIPTIONS = "$MQTT.sub.>"

MEMORY_BYTES = 64 * 1024 * 1024
"""JetStream's memory store; MQTT uses files only."""

LOG_BYTES = 4 * 1024 * 1024
LOG_FILES = 2
"""The log is the present file and one before it."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the server lives: its folder, and the address at which devices connect; with `certificate`, a PEM file with
    key and chain, over TLS only."""

    folder: Path
    host: str
    port: int
    certificate: Path | None = None

    @property
    def config(self) -> Path:
        """The configuration; its absolute path is also how our server is told from others."""
        return self.folder / "nats.conf"

    @property
    def pid_file(self) -> Path:
        return self.folder / "nats.pid"

    @property
    def log(self) -> Path:
        return self.folder / "nats.log"

    @property
    def address(self) -> str:
        """host:port, with brackets around an IPv6 address."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Device:
    """What the server must know of a device: the hash of its password, and the window or the zone that it may read, or
    ''. By the client id we know which of a device's secrets it is; '': written down by an earlier version."""

    window: str
    password_hash: str
    client_id: str = ""
    zone: str = ""


def render(place: Place, hall: str, hub_hash: str, probe_hash: str, devices: Mapping[str, Device]) -> str:
    """The configuration file. The hashes are bcrypt."""
    config = {
        "server_name": f"jiaohao-{hall}",
        # The server insists on a port for its own protocol. Nobody may log in there: all users are MQTT users.
        "listen": "127.0.0.1:-1",
        "pid_file": str(place.pid_file),
        "log_file": str(place.log),
        "logfile_size_limit": LOG_BYTES,
        "logfile_max_num": LOG_FILES,
        "max_payload": PAYLOAD_BYTES,
        "max_pending": PENDING_BYTES,
        "max_connections": CONNECTIONS,
        "jetstream": _jetstream(place),
        # A session that was left behind by a kill is forgotten after an hour; ours are all clean ones.
        "mqtt": {"listen": place.address, "ack_wait": "10s", "consumer_inactive_threshold": "1h", **_tls(place)},
        "authorization": {"timeout": LOGIN_S, "users": _users(hall, hub_hash, probe_hash, devices)},
    }
    return json.dumps(config, ensure_ascii=False, indent=1)


def _tls(place: Place) -> dict[str, object]:
    if place.certificate is None:
        return {}
    file = str(place.certificate)
    return {"tls": {"cert_file": file, "key_file": file, "min_version": "1.2", "timeout": HANDSHAKE_S}}


def _jetstream(place: Place) -> dict[str, object]:
    return {
        "store_dir": str(place.folder / "store"),
        "max_file_store": STORE_BYTES,
        "max_memory_store": MEMORY_BYTES,
        # Each subscription at QoS 1 is a consumer. The default of 1,000 refuses a hall that subscribes that way.
        "limits": {"default_max_consumers": -1},
    }


def _users(hall: str, hub_hash: str, probe_hash: str, devices: Mapping[str, Device]) -> list[dict[str, object]]:
    users = [
        _user(HUB_USER, hub_hash, hub_topics(hall)),
        _user(PROBE_USER, probe_hash, TopicRights((), ())),
    ]
    users += [
        _user(name, it.password_hash, device_topics(hall, name, it.window, it.zone)) for name, it in devices.items()
    ]
    return users


def _user(name: str, password_hash: str, rights: TopicRights) -> dict[str, object]:
    publish = [_subject(topic) for topic in rights.writes]
    subscribe = [*(_subject(topic) for topic in rights.reads), SUBSCRIPTIONS] if rights.reads else []
    return {
        "user": name,
        "password": password_hash,
        "allowed_connection_types": ["MQTT"],
        # An empty list would mean "all", so nothing is said by denying all.
        "permissions": {
            "publish": publish or {"deny": [">"]},
            "subscribe": subscribe or {"deny": [">"]},
        },
    }


def _subject(topic: str) -> str:
    return topic.replace("/", ".").replace("+", "*")
