"""Names for visits, bookings and people that the hub makes up at its edge, out of secrets that only it has.

What belongs to a command is made from the command's id, so that asking again with the same key names the same thing.
The secret lies in the data folder and must be kept with the database, or a second booking is not recognised any more.
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import unicodedata
from collections.abc import Iterable
from typing import Protocol

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

CODE_DIGITS = 8
"""A code is typed in at a kiosk; a hundred million of them, and few tries (see hub.web.guesses)."""

TOKEN_BYTES = 16

DISPLAY_CODE_CHARS = 12
"""Short, or no pad has room for the QR code. It leads somewhere only while its visit is at a window or was the last
there, so whoever guesses has a few hundred right ones among 2**60, and few tries (see hub.web.guesses)."""


class DayKeys(Protocol):
    """A random key for each booked day, which is forgotten after that day. `key` may wait for a disk."""

    def key(self, day: str) -> bytes: ...


class Handles:
    """`secret` has 32 random bytes."""

    def __init__(self, secret: bytes, day_keys: DayKeys):
        self._secret = secret
        self._day_keys = day_keys
        # One block, never two alike: a cipher of single blocks is what is wanted here.
        self._cipher = Cipher(algorithms.AES(_mix(secret, "rating", "link")), modes.ECB())

    def token(self, asked: str) -> str:
        """128 bits for the command `asked`, as text."""
        return _packed(_mix(self._secret, "token", asked)[:TOKEN_BYTES])

    def code(self, asked: str) -> str:
        """Digits for the command `asked`, for people to type."""
        return f"{int.from_bytes(_mix(self._secret, 'code', asked), 'big') % 10**CODE_DIGITS:0{CODE_DIGITS}}"

    def key(self, given: str) -> str:
        """What stands for a key by which somebody asks twice: programs use what they have, such as an ID number."""
        return _mix(self._secret, "key", given).hex()[:32]

    def rating_token(self, visit: str) -> str:
        """What the link for rating `visit` ends with: the 16 bytes of its handle, enciphered, so that the link tells
        nobody the handle, with which the ticket could be given up. Empty for a visit whose handle is not of this form.
        """
        handle = _unpacked(visit)
        return _packed(self._cipher.encryptor().update(handle)) if handle else ""

    def rated_visit(self, token: str) -> str:
        """The visit of the link; empty when it is no link. One that was guessed names a visit that never was."""
        block = _unpacked(token)
        return _packed(self._cipher.decryptor().update(block)) if block else ""

    def display_code(self, visit: str) -> str:
        """What the link on displays ends with: 60 bits in characters of which a QR code needs the least."""
        return base64.b32encode(_mix(self._secret, "display", visit))[:DISPLAY_CODE_CHARS].decode()

    def displayed_visit(self, code: str, visits: Iterable[str]) -> str:
        """Which of `visits`, those that displays may show, is meant; empty: none."""
        shown = code.encode()
        return next((it for it in visits if it and hmac.compare_digest(self.display_code(it).encode(), shown)), "")

    async def holder(self, id_number: str, day: str) -> str:
        """What stands for a person on the booked `day` instead of the number of their papers; empty for none.

        Without the day's key the hundred million numbers that there may be cannot be tried out.
        """
        plain = "".join(unicodedata.normalize("NFKC", id_number).split()).upper()
        if not plain:
            return ""
        key = await asyncio.to_thread(self._day_keys.key, day)
        return _mix(key, "holder", plain).hex()[:32]


def _packed(block: bytes) -> str:
    return base64.urlsafe_b64encode(block).rstrip(b"=").decode()


def _unpacked(text: str) -> bytes:
    """The TOKEN_BYTES that `text` stands for; empty when it stands for something else."""
    try:
        block = base64.urlsafe_b64decode(f"{text}==")
    except ValueError:
        return b""
    return block if len(block) == TOKEN_BYTES and _packed(block) == text else b""


def _mix(secret: bytes, use: str, text: str) -> bytes:
    return hmac.digest(secret, f"{use}:{text}".encode(), "sha256")
