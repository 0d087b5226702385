"""Who may log in to the embedded broker, kept in a file that only the hub's user can read.

So a restart grants nothing anew. Of devices the file has hashes only. The hub's own password has to be there as it
is; whoever can read the file can read the hub's data anyway.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict
from pathlib import Path

import bcrypt

from hub.adapters.nats_config import Device
from hub.adapters.secret_file import write_private
from hub.ports import BrokerError

BCRYPT_ROUNDS = 4
"""bcrypt's least cost, about 1 ms. Its slowness protects weak passwords; ours are random and long, and a higher cost
would only make 700 logins slow, and each reload, which asks every connected client's password again."""

PASSWORD_BYTES = 24
"""192 random bits."""

PASSWORD_MOST_BYTES = 72
"""bcrypt cannot take more."""


def hash_password(password: str) -> str:
    """The bcrypt hash of at most 72 bytes."""
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(BCRYPT_ROUNDS)).decode()


def draw_password() -> str:
    """A new random password of PASSWORD_BYTES, as text for a URL or a configuration file."""
    return secrets.token_urlsafe(PASSWORD_BYTES)


class Logins:
    """The hub's own login and those of the devices, by name.

    The hub's client id stays the same, so that the server replaces the session that a killed hub left behind.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.password = ""
        self.client_id = ""
        self.devices: dict[str, Device] = {}

    def load(self) -> None:
        """Reads the file; without one the hub's login is drawn. Raises BrokerError."""
        try:
            kept = json.loads(self._path.read_text())
            self.password, self.client_id = kept["password"], kept["client_id"]
            self.devices = {name: Device(**device) for name, device in kept["devices"].items()}
        except FileNotFoundError:
            self.password = draw_password()
            self.client_id = "hub-" + secrets.token_hex(8)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise BrokerError(
                f"{self._path} cannot be read ({error!r}): restore it, or remove it and pair anew"
            ) from error

    def save(self) -> None:
        """Writes the file. Raises OSError."""
        devices = {name: asdict(device) for name, device in self.devices.items()}
        kept = {"password": self.password, "client_id": self.client_id, "devices": devices}
        write_private(self._path, json.dumps(kept, indent=1))
