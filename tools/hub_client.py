"""A hub's API, asked with a machine's key, and the options of commands that do so.

It needs nothing but the standard library, follows no redirects (the key would go along) and uses no proxy: a hub is in
the house.
"""

from __future__ import annotations

import functools
import json
import secrets
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path
from typing import Any, NoReturn

import click

HUB = "http://127.0.0.1:8000"

REFUSED = 2
"""Exit status when the hub could not be asked, or said no."""

ASK_S = 30
"""Longest that one answer may take; the hub answers within milliseconds, or its disk is stuck."""

ANSWER_BYTES = 4 << 20
"""More is no answer of a hub: a hall file of 1,000 windows has about 200 kB."""


class HubError(Exception):
    """The hub could not be asked, or said no. The text says what, where, and what would be right."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, req: Any, fp: Any, code: Any, msg: Any, headers: Any, newurl: Any) -> None:
        """Goes nowhere."""


class HubClient:
    """The hub at `url`, such as http://127.0.0.1:8000. `authority`: the one certificate (DER) by which it is known, in
    place of those that this machine trusts. All raise HubError."""

    def __init__(self, url: str, key_file: Path | None, authority: bytes = b""):
        if not url.startswith(("http://", "https://")):
            raise HubError(f"{url!r} is no address of a hub; it must be such as {HUB}")
        self.url = url.rstrip("/")
        self._key = _read_key(key_file)
        context = ssl.create_default_context(cadata=authority or None)
        handlers = urllib.request.ProxyHandler({}), _NoRedirect, urllib.request.HTTPSHandler(context=context)
        self._opener = urllib.request.build_opener(*handlers)

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """What the hub answers at `path`, below /api/v1; None when it has nothing to say."""
        headers = {"Authorization": f"Bearer {self._key}", "Accept": "application/json"}
        if body is not None:
            headers |= {"Content-Type": "application/json", "Idempotency-Key": secrets.token_hex(8)}
        data = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        request = urllib.request.Request(f"{self.url}/api/v1{path}", data, headers, method=method)
        try:
            with self._opener.open(request, timeout=ASK_S) as answer:
                return _read(answer.read(ANSWER_BYTES), self.url)
        except urllib.error.HTTPError as error:
            raise self._refusal(error.code, _json(error.read(ANSWER_BYTES))) from error
        except (urllib.error.URLError, HTTPException, OSError, ValueError) as error:
            why = getattr(error, "reason", error)
            raise HubError(f"no hub answers at {self.url}: {why}; is it running? Give its address by --hub") from error

    def _refusal(self, status: int, said: dict[str, Any]) -> Exception:
        """What is raised for an answer that is none of success."""
        if status == 401:
            return HubError(f"the hub at {self.url} does not know this key; an admin makes one at {self.url}/admin")
        if status == 403:
            return HubError(f"this key may not do that at {self.url}; it needs a key with the role admin")
        message = said.get("message") or {}
        return HubError(f"the hub at {self.url} says no: {message.get('en') or f'status {status}'}")


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
        return json.loads(body) if body else None
    except ValueError as error:
        raise HubError(f"what answers at {url} is no hub") from error


def _json(body: bytes) -> dict[str, Any]:
    """What a refusal says; nothing when it is not the hub's own words."""
    try:
        said = json.loads(body)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def hub_options(command: Callable[..., None]) -> Callable[..., None]:
    """--hub, --key-file and --json; the command gets `url`, `key_file` and `as_json`. HubError ends it in words."""

    @click.option("--hub", "url", default=HUB, envvar="JIAOHAO_HUB", show_default=True, help="Where the hub is.")
    @click.option(
        "--key-file",
        type=click.Path(path_type=Path),
        envvar="JIAOHAO_KEY_FILE",
        help="File with a machine's key; an admin makes one on the hub's admin page.",
    )
    @click.option("--json", "as_json", is_flag=True, help="Print one JSON value, and nothing else.")
    @functools.wraps(command)
    def asked(**given: Any) -> None:
        try:
            command(**given)
        except HubError as error:
            fail(str(error))

    return asked


def print_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False))


def fail(text: str) -> NoReturn:
    click.echo(f"error: {text}", err=True)
    raise SystemExit(REFUSED)
