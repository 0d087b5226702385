"""The hub as its HTTP interface shows it. A question that finds no hub is asked again, with the same id.

Whoever draws a ticket while the hub is being killed does not know whether it was drawn; the same Idempotency-Key asked
again gets the same ticket, and never a second one.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from tools.demo.accounting import Call, Rating, Record, Shown, Ticket

RETRY_S = 30.0
"""How long a question is asked again: a killed hub is back after two seconds, on a busy machine after ten."""

RETRY_PAUSE_S = 0.2
ASK_S = 10.0
"""Longest that one question may take. The hub answers within milliseconds."""

AWAY = (502, 503, 504)
"""Answers of a hub that is starting, stopping, or cannot write just now."""


class HubSaysNo(Exception):
    """The hub refused; `code` is its reason, or the HTTP status; `message` says it to people, by language."""

    def __init__(self, code: str, text: str, message: Mapping[str, str]):
        super().__init__(text)
        self.code = code
        self.message = message


class HubIsGone(Exception):
    """No answer for RETRY_S."""


class HubApi:
    """Asks the hub at `url` (scheme, host and port), over the network or another `transport`."""

    def __init__(self, url: str, transport: httpx.AsyncBaseTransport | None = None):
        headers = {"Origin": url}
        self._http = httpx.AsyncClient(
            base_url=f"{url}/api/v1", timeout=ASK_S, headers=headers, transport=transport, trust_env=False
        )

    async def close(self) -> None:
        await self._http.aclose()

    def use_key(self, token: str) -> None:
        """From now on asks with this key, and no longer with the session of the set-up."""
        self._http.cookies.clear()
        self._http.headers["Authorization"] = f"Bearer {token}"

    async def get(self, path: str, **query: str) -> Any:
        """The JSON at `path`. Raises HubSaysNo, HubIsGone."""
        return await self._ask("GET", path, None, query)

    async def post(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """What the hub answers to `body`; asked again, it happens once. Raises HubSaysNo, HubIsGone."""
        return await self._ask("POST", path, body or {}, {})

    async def _ask(self, method: str, path: str, body: Mapping[str, Any] | None, query: dict[str, str]) -> Any:
        deadline = time.monotonic() + RETRY_S
        headers = {"Idempotency-Key": secrets.token_hex(8)} if method == "POST" else {}
        while True:
            try:
                answer = await self._http.request(method, path, json=body, params=query, headers=headers)
                if answer.status_code not in AWAY:
                    return _read(answer)
                problem = f"status {answer.status_code}"
            except httpx.TransportError as error:
                problem = repr(error)
            if time.monotonic() > deadline:
                raise HubIsGone(f"the hub has not answered {method} {path} for {RETRY_S:.0f} s: {problem}")
            await asyncio.sleep(RETRY_PAUSE_S)


def _read(answer: httpx.Response) -> Any:
    if answer.is_success:
        return answer.json() if answer.content else None
    try:
        said = answer.json()
    except ValueError:  # not the hub's own words, but those of a server in trouble
        said = {}
    where = f"{answer.request.method} {answer.request.url.path}"
    message = said.get("message") or {"en": answer.text}
    raise HubSaysNo(str(said.get("code", answer.status_code)), f"{where}: {message['en']}", message)


def read_setup_token(data: Path) -> str:
    """The one-time token out of the link that the hub wrote into its data folder at its first start."""
    link = httpx.URL((data / "setup-link").read_text("utf-8").strip())
    return link.params["token"]


async def fetch_record(api: HubApi, days: list[str]) -> Record:
    """What the hub knows of these business days, and what its windows should show."""
    tickets, calls, ratings = [], [], []
    for day in days:
        tickets += [Ticket(row["visit"], row["number"], day) for row in await api.get("/tickets", day=day)]
        calls += [_call(row) for row in await api.get("/calls", day=day)]
        ratings += [_rating(row) for row in await api.get("/ratings", day=day)]
    hall = await api.get("/hall")
    glass = {window["id"]: shown(window["state"]) for window in hall["windows"]}
    return Record(tickets, calls, ratings, glass)


def shown(state: dict[str, Any]) -> Shown:
    """What a display shows of this state."""
    epoch, revision = state["version"]
    return Shown(state["number"], (epoch, revision))


def _call(row: dict[str, Any]) -> Call:
    shown = bool(row["shown_ms"])
    return Call(row["visit"], row["window"], row["clerk"], shown, row["stop"], row["at_ms"], row["ended_ms"])


def _rating(row: dict[str, Any]) -> Rating:
    press = (row["device"], row["epoch"], row["seq"])
    return Rating(press, row["visit"], row["window"], row["clerk"], row["level"], row["standing"])
