"""Passwords: argon2id in threads, and growing pauses between wrong ones.

After a wrong password the next one for the same name from the same address is not looked at for 1, 2, 4 … 60 s. Nobody
is locked out: the owner of the name comes from another address, and there the count is another one.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

AT_LEAST_CHARS = 8
AT_MOST_CHARS = 128
"""Longer than any phrase that people type, short enough to hash."""

AT_ONCE = 2
"""Hashes at a time: each takes 64 MiB and a core for a while, and the queue must go on."""

PAUSE_MOST_S = 60
REMEMBERED = 10_000
"""(name, address) pairs whose wrong tries are counted; the one that was quiet for longest is forgotten first."""

_HASHER = PasswordHasher()  # argon2id with the library's recommended cost
_turns = asyncio.Semaphore(AT_ONCE)


async def hash_password(password: str) -> str:
    async with _turns:
        return await asyncio.to_thread(_HASHER.hash, password)


async def is_right(hashed: str | None, password: str) -> bool:
    """Whether `password` is the one. Without a hash (no such user) it takes as long, and is wrong."""
    async with _turns:
        return await asyncio.to_thread(_verify, hashed, password)


def _verify(hashed: str | None, password: str) -> bool:
    if hashed is None:
        _HASHER.hash(password)
        return False
    try:
        return _HASHER.verify(hashed, password)
    except VerificationError:
        return False


class Pauses:
    """Counts wrong tries. Times in ms."""

    def __init__(self) -> None:
        self._tries: OrderedDict[tuple[str, str], tuple[int, int]] = OrderedDict()

    def wait_ms(self, name: str, address: str, now_ms: int) -> int:
        """How long until the next try is looked at; 0: now."""
        _, until_ms = self._tries.get((name, address), (0, 0))
        return max(0, until_ms - now_ms)

    def begin(self, name: str, address: str, now_ms: int) -> None:
        """Counts a try as wrong before its password is looked at, so that many at once do not slip through."""
        wrong, _ = self._tries.pop((name, address), (0, 0))
        pause_s = min(2 ** min(wrong, 6), PAUSE_MOST_S)
        self._tries[name, address] = (wrong + 1, now_ms + 1000 * pause_s)
        if len(self._tries) > REMEMBERED:
            self._tries.popitem(last=False)

    def was_right(self, name: str, address: str) -> None:
        self._tries.pop((name, address), None)
