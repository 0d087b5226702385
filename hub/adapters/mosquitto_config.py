"""A complete configuration for a mosquitto that lets nobody in but the hub and the devices that the hub lets in.

    mosquitto.conf           one listener, TLS, no anonymous logins, and limits
    dynamic-security.json    the plugin's file with one user, the hub's, who may let others in and do nothing else
    admin-password           that user's password, for `jiaohao hub --broker-password-file`

The limits are those of the embedded broker.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass
from pathlib import Path

from hub.adapters import ca
from hub.adapters.secret_file import write_private

ADMIN = "jiaohao"
PASSWORD_BYTES = 24
"""192 random bits."""

ROUNDS = 101
"""mosquitto's own number. Its slowness protects weak passwords; this one is random and long."""

SALT_BYTES = 12
HASH_BYTES = 64

PACKET_BYTES = 65_536
"""The largest packet: far above what is meant, so that the hub can still see the mistake."""

PLUGINS = ("/usr/lib", "/usr/lib64", "/usr/local/lib")
PLUGIN = "mosquitto_dynamic_security.so"

MANAGES = (
    {"acltype": "publishClientSend", "topic": "$CONTROL/dynamic-security/#", "allow": True},
    {"acltype": "publishClientReceive", "topic": "$CONTROL/dynamic-security/#", "allow": True},
    {"acltype": "subscribePattern", "topic": "$CONTROL/dynamic-security/#", "allow": True},
)


@dataclass(frozen=True, slots=True)
class Written:
    """Where the files are."""

    config: Path
    rights: Path
    password: Path


def write(folder: Path, listen: tuple[str, int], files: ca.Files, plugin: Path, user: str) -> Written:
    """Writes the three files into `folder`; a file of rights and a password that are there stay, since the broker keeps
    its users in the one. `user`: whom mosquitto becomes when root starts it; empty: its own choice. Raises OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = folder.resolve()
    written = Written(folder / "mosquitto.conf", folder / "dynamic-security.json", folder / "admin-password")
    if not written.rights.exists():
        password = secrets.token_urlsafe(PASSWORD_BYTES)
        write_private(written.password, password + "\n")
        write_private(written.rights, json.dumps(_rights(password), indent=1))
    write_private(written.config, _config(listen, files, plugin, written.rights, user))
    return written


def find_plugin() -> Path | None:
    """The dynamic security plugin of this machine's mosquitto."""
    for place in PLUGINS:
        for found in (*Path(place).glob(PLUGIN), *Path(place).glob(f"*/{PLUGIN}")):
            return found
    return None


def _config(listen: tuple[str, int], files: ca.Files, plugin: Path, rights: Path, user: str) -> str:
    host, port = listen
    lines = [
        "# Written by jiaohao broker mosquitto-config. Devices and their rights are made by the hub while it runs.",
        f"listener {port} {host}",
        f"certfile {files.broker}",
        f"keyfile {files.broker}",
        "tls_version tlsv1.2",
        "allow_anonymous false",
        f"plugin {plugin}",
        f"plugin_opt_config_file {rights}",
        f"max_packet_size {PACKET_BYTES}",
        "max_connections 4096",
        "max_keepalive 120",
        "max_inflight_messages 20",
        "max_queued_messages 1000",
        "max_queued_bytes 16777216",
        "memory_limit 268435456",
        "persistence false",  # the hub publishes every state again at each connect
        "set_tcp_nodelay true",
        "log_type error",
        "log_type warning",
        "log_type notice",
    ]
    if user:
        lines.append(f"user {user}")
    return "\n".join(lines) + "\n"


def _rights(password: str) -> dict[str, object]:
    salt = secrets.token_bytes(SALT_BYTES)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ROUNDS, HASH_BYTES)
    return {
        "defaultACLAccess": {
            "publishClientSend": False,
            "publishClientReceive": False,
            "subscribe": False,
            "unsubscribe": True,
        },
        "clients": [
            {
                "username": ADMIN,
                "textName": "the hub, which lets devices in",
                "roles": [{"rolename": "admin"}],
                "password": base64.b64encode(digest).decode(),
                "salt": base64.b64encode(salt).decode(),
                "iterations": ROUNDS,
            }
        ],
        "roles": [{"rolename": "admin", "acls": list(MANAGES)}],
    }
