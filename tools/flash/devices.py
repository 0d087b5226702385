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
