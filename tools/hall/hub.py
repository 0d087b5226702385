"""The versions of the hall at a running hub."""

from __future__ import annotations

from typing import Any

from hub.config import Problem
from tools.hub_client import HubClient


class FileRefused(Exception):
    """The hub found problems in the hall file."""

    def __init__(self, problems: list[Problem]):
        super().__init__(f"{len(problems)} problems")
        self.problems = problems


class HallApi(HubClient):
    """All raise HubError."""

    def present(self) -> dict[str, Any]:
        """The version in force: {version, source, at_ms, by, note}."""
        return self.ask("GET", "/hall/config")

    def version(self, version: int) -> dict[str, Any]:
        """One version, like `present`."""
        return self.ask("GET", f"/hall/versions/{version}")

    def versions(self) -> list[dict[str, Any]]:
        """All versions without their sources, the newest first."""
        return self.ask("GET", "/hall/versions")

    def apply(self, source: str, note: str, *, dry: bool) -> dict[str, Any]:
        """Makes the file `source` the hall; with `dry` only asks whether that would be possible. Raises FileRefused."""
        path = "/hall/config?dry=1" if dry else "/hall/config"
        return self.ask("POST", path, {"source": source, "note": note})

    def revert(self, version: int) -> dict[str, Any]:
        """Makes an earlier version the hall again, as a new version."""
        return self.ask("POST", "/hall/revert", {"version": version})

    def _refusal(self, status: int, said: dict[str, Any]) -> Exception:
        problems = said.get("problems") or (said.get("detail") or {}).get("problems")
        if problems and status not in (401, 403):
            return FileRefused([Problem(one["line"], one["where"], one["reason"]) for one in problems])
        return super()._refusal(status, said)
