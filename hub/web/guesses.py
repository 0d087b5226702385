"""Few tries for whoever guesses: codes are short, and secrets must not be looked for at all.

Nobody is locked out by somebody else: a try counts for the asker who made it, and is forgotten after SPAN_MS.
"""

from __future__ import annotations

import ipaddress
from collections import OrderedDict, deque

from hub.web.accounts import Caller
from hub.web.problems import Problem

CODES_WRONG = 10
"""Wrong codes from one login or key within SPAN_MS; a kiosk in a full hall has one now and then."""

STRANGER_WRONG = 60
"""Wrong tries of one kind from one address (see `asker_at`) within SPAN_MS. Behind one address there may be a hall of
phones whose tickets are from yesterday; the secret of a ticket has 128 bits, that of the first admin 256, and the
passwords of each name have pauses of their own. A hash of a password costs a twentieth of a second: this bounds what
strangers cost."""

TICKET = "ticket"
SETUP = "setup"
LOGIN = "login"
KINDS = {TICKET: "wait-ticket", SETUP: "wait-setup", LOGIN: "wait-login"}
"""What strangers try -> what they are told. Each kind is counted for itself: whoever looks for tickets on a network
that everybody shares keeps nobody from logging in."""

SPAN_MS = 60_000

REMEMBERED = 10_000
"""Askers whose tries are counted; the one that was quiet for longest is forgotten first."""

CODES = frozenset({"unknown-code", "unknown-check"})
"""Refusals that say that a code was wrong."""


class Tries:
    """The wrong tries of each asker, `most` of them within SPAN_MS."""

    def __init__(self, most: int):
        self._most = most
        self._wrong_ms: OrderedDict[str, deque[int]] = OrderedDict()

    def check(self, asker: str, now_ms: int, code: str) -> None:
        """Raises Problem with `code` when the asker had too many lately."""
        wrong_ms = self._wrong_ms.get(asker)
        if wrong_ms and len(wrong_ms) == self._most and now_ms - wrong_ms[0] < SPAN_MS:
            wait_s = -(-(SPAN_MS - (now_ms - wrong_ms[0])) // 1000)
            raise Problem(429, code, headers={"Retry-After": str(wait_s)}, seconds=wait_s)

    def count(self, asker: str, now_ms: int) -> None:
        self._wrong_ms.setdefault(asker, deque(maxlen=self._most)).append(now_ms)
        self._wrong_ms.move_to_end(asker)
        if len(self._wrong_ms) > REMEMBERED:
            self._wrong_ms.popitem(last=False)

    def take_back(self, asker: str) -> None:
        """The last try of the asker was right."""
        if wrong_ms := self._wrong_ms.get(asker):
            wrong_ms.pop()


class Guesses:
    """Codes of appointments and pre-checks, by login or key; what is tried without a login, by kind and address."""

    def __init__(self) -> None:
        self._codes = Tries(CODES_WRONG)
        self._strangers = {kind: Tries(STRANGER_WRONG) for kind in KINDS}

    def begin(self, caller: Caller, now_ms: int) -> None:
        """Counts a code as wrong before it is looked at, so that many at once do not slip through. Raises Problem when
        the caller had too many lately."""
        self._codes.check(caller.by, now_ms, "wait-code")
        self._codes.count(caller.by, now_ms)

    def end(self, caller: Caller, refused: str) -> None:
        """What became of the code that was begun; one that was right does not count."""
        if refused not in CODES:
            self._codes.take_back(caller.by)

    def begin_stranger(self, kind: str, address: str, now_ms: int) -> None:
        """Counts what somebody without a login tries as wrong before it is looked at. Raises Problem when the address
        was wrong too often lately."""
        tries, asker = self._strangers[kind], asker_at(address)
        tries.check(asker, now_ms, KINDS[kind])
        tries.count(asker, now_ms)

    def stranger_was_right(self, kind: str, address: str) -> None:
        self._strangers[kind].take_back(asker_at(address))


def asker_at(address: str) -> str:
    """Whose tries those from `address` are. Of IPv6 it is the network of 64 bits: whoever has one address in it has
    them all, and would have sixty tries with each."""
    try:
        given = ipaddress.IPv6Address(address)
    except ValueError:
        return address
    return str(given.ipv4_mapped or int(given) >> 64)
