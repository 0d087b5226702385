"""Tells by webhook: a JSON POST that the other side can check.

    X-Jiaohao-Delivery   name of the delivery; the same at every attempt
    X-Jiaohao-Timestamp  seconds since 1970, of this attempt
    X-Jiaohao-Signature  "sha256=" and the hex HMAC-SHA256 over TIMESTAMP "." BODY, with the secret of the data folder

An answer of 200 to 299 takes it; all else is an error, a redirect too: a signed message goes nowhere else.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from hub.adapters.outbox import DeliveryError, Letter
from hub.adapters.secret_file import write_private
from hub.config import Contact
from hub.ports import StoreError

TIMEOUT_S = 10
"""How long the other side may say nothing."""

SECRET_BYTES = 32
"""As long as the hash: more would not make a forgery harder."""


def signing_secret(file: Path) -> bytes:
    """The secret with which messages are signed, as it stands in `file`, for an admin to copy to the other side, or to
    put there what the other side gave; drawn when there is none yet. Raises StoreError."""
    try:
        if not file.exists():
            write_private(file, secrets.token_hex(SECRET_BYTES) + "\n")
        return file.read_text("utf-8").strip().encode()
    except OSError as error:
        raise StoreError(f"cannot use the secret {file}: {error.strerror}") from error


def signature(secret: bytes, timestamp: str, body: bytes) -> str:
    return "sha256=" + hmac.new(secret, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


class NoRedirect(HTTPRedirectHandler):
    """A redirect is an answer like any other."""

    def redirect_request(self, req, fp, code, msg, headers, newurl) -> None:
        return None


class Webhook:
    """Connector to the address in `Contact.webhook`."""

    def __init__(self, secret: bytes, timeout_s: float = TIMEOUT_S):
        self._secret = secret
        self._timeout_s = timeout_s
        self._opener = build_opener(NoRedirect)

    def address(self, contact: Contact) -> str:
        return contact.webhook

    def send(self, letter: Letter) -> None:
        try:
            with self._opener.open(self._request(letter), timeout=self._timeout_s):
                pass
        except HTTPError as error:
            error.close()
            raise DeliveryError(f"answered {error.code}") from error
        except (OSError, HTTPException, ValueError) as error:
            raise DeliveryError(str(error) or repr(error)) from error

    def _request(self, letter: Letter) -> Request:
        if not letter.to.webhook.startswith(("http://", "https://")):
            raise DeliveryError(f"not an address of a webhook: {letter.to.webhook}")
        told = {"id": letter.delivery, "hall": letter.hall, "to": letter.to.id, **letter.facts}
        body = json.dumps(told | {"title": letter.title, "text": letter.text}, ensure_ascii=False).encode()
        timestamp = str(letter.now_ms // 1000)
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "jiaohao",
            "X-Jiaohao-Delivery": letter.delivery,
            "X-Jiaohao-Timestamp": timestamp,
            "X-Jiaohao-Signature": signature(self._secret, timestamp, body),
        }
        return Request(letter.to.webhook, body, headers, method="POST")
