"""The devices of a running hub."""

from __future__ import annotations

from typing import Any

from tools.hub_client import HubClient, HubError


class DeviceApi(HubClient):
    """All raise HubError."""

    def hall(self) -> str:
        """The hall's id."""
        return self.ask("GET", "/hall")["id"]

    def devices(self) -> list[dict[str, Any]]:
        """Every device that was ever let in: {id, role, window, board, online, boot, revoked, pending, ...}."""
        return self.ask("GET", "/devices")

    def device(self, name: str) -> dict[str, Any]:
        """The one of that name."""
        for device in self.devices():
            if device["id"] == name:
                return device
        raise HubError(f"the hub at {self.url} has no device {name!r}; jiaohao fleet list shows those it has")

    def register(self, asked: dict[str, str]) -> dict[str, Any]:
        """Lets a device in; its config.json, without password if it keeps the one that it has."""
        return self.ask("POST", "/devices", asked)

    def revoke(self, name: str) -> None:
        """Throws the device out."""
        self.ask("DELETE", f"/devices/{name}")

    def command(self, name: str, verb: str, seconds: int = 10) -> dict[str, Any]:
        """Has the device do it now; {facts, glass}."""
        return self.ask("POST", f"/devices/{name}/commands", {"verb": verb, "s": seconds})

    def push(self, name: str, changes: dict[str, Any], force: bool) -> int:
        """Has the device take settings; the revision that it starts again with."""
        return self.ask("POST", f"/devices/{name}/settings", {"set": changes, "force": force})["rev"]

    def log(self, name: str, after: int) -> dict[str, Any]:
        """{lines, crash}: lines with a number above `after`."""
        return self.ask("GET", f"/devices/{name}/log?after={after}")

    def health(self) -> dict[str, Any]:
        """How the hub is."""
        return self.ask("GET", "/health")
