"""Names for visits, bookings and people that the hub makes up at its edge, out of a secret that only it has.

What belongs to a command is made from the command's id, so that asking again with the same key names the same thing.
The secret lies in the data folder and must be kept with the database, or a second booking is not recognised any more.
"""

from __future__ import annotations

import base64
import hmac
import unicodedata

CODE_DIGITS = 8
"""A code is typed in at a kiosk; a hundred million of them, and few tries (see hub.web.guesses)."""

TOKEN_BYTES = 16


class Handles:
    """`secret` has 32 random bytes."""

    def __init__(self, secret: bytes):
        self._secret = secret

    def token(self, asked: str) -> str:
        """128 bits for the command `asked`, as text."""
        return base64.urlsafe_b64encode(self._mix("token", asked)[:TOKEN_BYTES]).rstrip(b"=").decode()

    def code(self, asked: str) -> str:
        """Digits for the command `asked`, for people to type."""
        return f"{int.from_bytes(self._mix('code', asked), 'big') % 10**CODE_DIGITS:0{CODE_DIGITS}}"

    def holder(self, id_number: str) -> str:
        """What stands for a person instead of the number of their papers; empty for none.

        Without the secret the hundred million numbers that there may be cannot be tried out.
        """
        plain = "".join(unicodedata.normalize("NFKC", id_number).split()).upper()
        return self._mix("holder", plain).hex()[:32] if plain else ""

    def _mix(self, use: str, text: str) -> bytes:
        return hmac.digest(self._secret, f"{use}:{text}".encode(), "sha256")
