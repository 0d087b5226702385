"""The hub's API for hall versions, asked with a machine's key.

It needs nothing but the standard library, follows no redirects (the key would go along) and uses no proxy: a hub is in
the house.
"""

from __future__ import annotations

import json
import secrets
import urllib.error
import urllib.request
from http.client import HTTPException
from pathlib import Path
from typing import Any

from hub.config import Problem

ASK_S = 30
"""Longest that one answer may take; the hub answers within milliseconds, or its disk is stuck."""

ANSWER_BYTES = 4 << 20
"""More is no answer of a hub: a hall file of 1,000 windows has about 200 kB."""

API = "/api/v1/hall"


class HubError(Exception):
    """The hub could not be asked, or said no. The text says what, where, and what would be right."""


class FileRefused(Exception):
    """The hub found problems in the hall file."""

    def __init__(self, problems: list[Problem]):
        super().__init__(f"{len(problems)} problems")
        self.problems = problems


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, req: Any, fp: Any, code: Any, msg: Any, headers: Any, newurl: Any) -> None:
        """Goes nowhere."""


class HallApi:
    """The versions of the hall at the hub `url`, such as http://127.0.0.1:8000. All raise HubError."""

    def __init__(self, url: str, key_file: Path | None):
        if not url.startswith(("http://", "https://")):
            raise HubError(f"{url!r} is no address of a hub; it must be such as http://127.0.0.1:8000")
        self._url = url.rstrip("/")
        self._key = _read_key(key_file)
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect)

    def present(self) -> dict[str, Any]:
        """The version in force: {version, source, at_ms, by, note}."""
        return self._ask("GET", "/config")

    def version(self, version: int) -> dict[str, Any]:
        """One version, like `present`."""
        return self._ask("GET", f"/versions/{version}")

    def versions(self) -> list[dict[str, Any]]:
        """All versions without their sources, the newest first."""
        return self._ask("GET", "/versions")

    def apply(self, source: str, note: str, *, dry: bool) -> dict[str, Any]:
        """Makes the file `source` the hall; with `dry` only asks whether that would be possible. Raises FileRefused."""
        return self._ask("POST", "/config?dry=1" if dry else "/config", {"source": source, "note": note})

    def revert(self, version: int) -> dict[str, Any]:
        """Makes an earlier version the hall again, as a new version."""
        return self._ask("POST", "/revert", {"version": version})

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        headers = {"Authorization": f"Bearer {self._key}", "Accept": "application/json"}
        if body is not None:
            headers |= {"Content-Type": "application/json", "Idempotency-Key": secrets.token_hex(8)}
        data = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        request = urllib.request.Request(self._url + API + path, data, headers, method=method)
        try:
            with self._opener.open(request, timeout=ASK_S) as answer:
                return _read(answer.read(ANSWER_BYTES), self._url)
        except urllib.error.HTTPError as error:
            raise self._refusal(error.code, error.read(ANSWER_BYTES)) from error
        except (urllib.error.URLError, HTTPException, OSError, ValueError) as error:
            why = getattr(error, "reason", error)
            raise HubError(f"no hub answers at {self._url}: {why}; is it running? Give its address by --hub") from error

    def _refusal(self, status: int, body: bytes) -> HubError | FileRefused:
        said = _json(body)
        if status == 401:
            return HubError(f"the hub at {self._url} does not know this key; an admin makes one at {self._url}/admin")
        if status == 403:
            return HubError(f"this key may not do that at {self._url}; it needs a key with the role admin")
        if problems := said.get("problems") or (said.get("detail") or {}).get("problems"):
            return FileRefused([Problem(one["line"], one["where"], one["reason"]) for one in problems])
        message = said.get("message") or {}
        return HubError(f"the hub at {self._url} says no: {message.get('en') or f'status {status}'}")


def _read_key(file: Path | None) -> str:
    if file is None:
        raise HubError("which key? Give --key-file, or JIAOHAO_KEY_FILE; an admin makes a key on the hub's admin page")
    try:
        key = file.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise HubError(f"cannot read the key file {file}: {error}") from error
    if not key or not key.isprintable() or " " in key:
        raise HubError(f"the key file {file} must have one line with the key")
    return key


def _read(body: bytes, url: str) -> Any:
    try:
        return json.loads(body)
    except ValueError as error:
        raise HubError(f"what answers at {url} is no hub") from error


def _json(body: bytes) -> dict[str, Any]:
    """What a refusal says; nothing when it is not the hub's own words."""
    try:
        said = json.loads(body)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
