"""Talks with the platform of a province: JSON over HTTPS, signed, each thing under a name that stays the same.

    POST URL/ratings, URL/order-states   {"id": "HALL/ID", "hall": "HALL", "kind": …, "data": what the map makes}
    GET  URL/orders?after=CURSOR         {"orders": [as the map reads them …], "cursor": "…"}

    X-Jiaohao-Delivery   the id, as in the body; the same at every attempt
    X-Jiaohao-Timestamp  seconds since 1970, of this attempt
    X-Jiaohao-Signature  "sha256=" and the hex HMAC-SHA256 over TIMESTAMP "." BODY; of a GET over what is behind the "?"

200 to 299, and 409 for what it had already, with a receipt {"order_no": …, "state": …}: the far side has it. 400 and
more: it is wrong for good, except for the codes of LATER. All else, also an answer that is no receipt: not now.
"""

from __future__ import annotations

import json
from http.client import HTTPException
from typing import Any, NamedTuple
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, build_opener

from hub.adapters.transport import is_private
from hub.adapters.webhook import NoRedirect, signature
from hub.core.exchange import ORDER_STATE, RATING

TIMEOUT_S = 10
"""How long the far side may say nothing."""

ANSWER_BYTES = 1_000_000
"""Of an answer: a page of orders with their texts."""

RECEIPT_CHARS = 100
"""Of each value in a receipt."""

TOLD_CHARS = 300
"""Of what the far side says to a refusal."""

HAD_IT = 409
LATER = (401, 403, 408, 425, 429)
"""They say something of who asks or of the moment, nothing of what was sent: a wrong secret refuses no rating."""

_PATHS = {RATING: "ratings", ORDER_STATE: "order-states"}


class NotNowError(Exception):
    """It could not be delivered now. The text says why."""


class RefusedError(Exception):
    """It is wrong for good. The text says why."""


class Page(NamedTuple):
    """Some orders of the far side, and what to ask with for those behind them."""

    orders: list[Any]
    cursor: str


class Province:
    """The far side at `url`, spoken to for the hall `hall`. Raises ValueError for a url over which anybody could read
    along. Its methods may take seconds."""

    def __init__(self, url: str, hall: str, secret: bytes, timeout_s: float = TIMEOUT_S):
        if not is_private(url):
            raise ValueError(f"{url!r} must begin with https://: what people wrote is in what is sent")
        self._url = url.rstrip("/")
        self._hall = hall
        self._secret = secret
        self._timeout_s = timeout_s
        self._opener = build_opener(NoRedirect)

    def send(self, kind: str, id: str, data: dict[str, Any], now_ms: int) -> dict[str, str]:
        """Delivers `data`; the receipt. Raises NotNowError and RefusedError."""
        name = f"{self._hall}/{id}"
        body = json.dumps({"id": name, "hall": self._hall, "kind": kind, "data": data}, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json; charset=utf-8", "X-Jiaohao-Delivery": quote(name, safe="/:")}
        request = Request(f"{self._url}/{_PATHS[kind]}", body, headers | self._signed(body, now_ms), method="POST")
        return _receipt(self._answer(request))

    def orders(self, after: str, now_ms: int) -> Page:
        """The next orders behind the cursor `after`; empty: the first. Raises NotNowError and RefusedError."""
        query = f"after={quote(after, safe='')}"
        request = Request(f"{self._url}/orders?{query}", headers=self._signed(query.encode(), now_ms))
        return _page(self._answer(request))

    def _signed(self, body: bytes, now_ms: int) -> dict[str, str]:
        timestamp = str(now_ms // 1000)
        return {
            "User-Agent": "jiaohao",
            "X-Jiaohao-Timestamp": timestamp,
            "X-Jiaohao-Signature": signature(self._secret, timestamp, body),
        }

    def _answer(self, request: Request) -> bytes:
        try:
            with self._opener.open(request, timeout=self._timeout_s) as answer:
                return answer.read(ANSWER_BYTES + 1)
        except HTTPError as error:
            with error:
                return _refusal(error)
        except (OSError, HTTPException, ValueError) as error:
            raise NotNowError(str(error) or repr(error)) from error


def _refusal(error: HTTPError) -> bytes:
    """The answer of one that is none; else it raises."""
    try:
        told = error.read(ANSWER_BYTES + 1)
    except (OSError, HTTPException) as broken:
        raise NotNowError(f"answered {error.code} and broke off: {broken}") from broken
    if error.code == HAD_IT:
        return told
    words = f"answered {error.code}: {told.decode(errors='replace')[:TOLD_CHARS]}"
    if 400 <= error.code < 500 and error.code not in LATER:
        raise RefusedError(words)
    raise NotNowError(words)


def _receipt(answer: bytes) -> dict[str, str]:
    found = _object(answer)
    values = {key: found.get(key) for key in ("order_no", "state")}
    receipt = {
        key: value for key, value in values.items() if isinstance(value, str) and 0 < len(value) <= RECEIPT_CHARS
    }
    if len(receipt) < len(values):
        raise NotNowError('its answer is no receipt: it must have "order_no" and "state"')
    return receipt


def _page(answer: bytes) -> Page:
    found = _object(answer)
    orders, cursor = found.get("orders"), found.get("cursor")
    if not isinstance(orders, list) or not isinstance(cursor, str) or len(cursor) > RECEIPT_CHARS:
        raise NotNowError('its answer has no orders: it must have a list "orders" and a text "cursor"')
    return Page(orders, cursor)


def _object(answer: bytes) -> dict[str, Any]:
    if len(answer) > ANSWER_BYTES:
        raise NotNowError(f"its answer has more than {ANSWER_BYTES:,} bytes")
    try:
        halves = json.dumps(json.loads(answer), ensure_ascii=False)  # "\ud83d" is valid JSON, and no character
        found = json.loads(halves.encode("utf-8", "replace"))
    except (ValueError, RecursionError):
        raise NotNowError("its answer is not JSON") from None
    if not isinstance(found, dict):
        raise NotNowError("its answer is no JSON object")
    return found
