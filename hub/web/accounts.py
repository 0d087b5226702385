"""Who is known: users with their logins, machines with their keys. The rules; the book keeps it on disk.

Everything is held in memory too, so that letting a request in costs a hash and a look-up. Tokens are 256 random bits
and only their SHA-256 is kept. A person's login lasts 12 hours, and all but a clerk's end after 30 minutes without use;
a kiosk or a board stays logged in for 400 days; the key of a machine is good until it is deleted.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import secrets
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from hub.permissions import CLERK, PEOPLE
from hub.ports import AccountBook, Clock, Deed, StoreError, Token, User
from hub.web import passwords
from hub.web.problems import Problem

TOKEN_BYTES = 32
"""256 random bits."""

HOUR_MS = 3_600_000
LASTS_MS = dict.fromkeys(PEOPLE, 12 * HOUR_MS)
"""How long a login lasts, by role. A shift is shorter than 12 hours; who forgot to log out is out the next morning."""

MACHINE_LASTS_MS = 400 * 24 * HOUR_MS
"""A kiosk or a board has nobody to log it in each morning; browsers keep no cookie for longer than 400 days."""

IDLE_MS = dict.fromkeys(PEOPLE - {CLERK}, HOUR_MS // 2)
"""How long a login may lie unused, by role: an office's screen is left alone more easily than a counter."""

TOUCH_MS = 60_000
"""How old the stored `used_ms` may become: a write for each request would cost more than the request."""

NAME_CHARS = 32
REFUSALS_AN_HOUR = 60
"""Wrong passwords that the audit has: it is kept for long, and whoever guesses must not fill the disk. All are in the
hub's log."""

USERS = 1000
KEYS = 1000
"""Far more than any hall has; a limit, so that all of it fits memory."""

Facts = Mapping[str, str | int]
"""What the audit says of a thing before or after it was changed. Never a secret, nothing of applicants."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. `digest` is of the token that let them in; empty: nobody we know."""

    name: str
    role: str
    digest: str = ""

    @property
    def by(self) -> str:
        """How the log calls them."""
        return f"{self.role}:{self.name}"


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class Accounts:
    """All methods run on the loop; what waits for the disk does so in a thread. They raise StoreError and Problem."""

    def __init__(self, book: AccountBook, clock: Clock):
        self._book = book
        self._clock = clock
        self._pauses = passwords.Pauses()
        self._refused_ms: deque[int] = deque(maxlen=REFUSALS_AN_HOUR)
        self._users = {user.name: user for user in book.users()}
        self._tokens = {token.digest: token for token in book.tokens()}
        self._used_ms = {token.digest: token.used_ms for token in self._tokens.values()}
        self._changing = asyncio.Lock()  # one change of who is known after the other: what was checked still holds

    # -- letting in

    async def admit(self, secret: str, is_use: bool = True) -> Caller | None:
        """Whose token it is, if it is good. `is_use`: somebody did something with it, which keeps it alive."""
        token = self._good(digest_of(secret))
        if token is None:
            return None
        now_ms = self._clock.now().ms
        if is_use and now_ms - self._used_ms[token.digest] > TOUCH_MS:
            await self._touch(token.digest, now_ms)
        return Caller(token.name, token.role, token.digest)

    def is_still_good(self, caller: Caller) -> bool:
        """Whether who was let in before would be let in now. Does not count as use."""
        return self._good(caller.digest) is not None

    def _good(self, digest: str) -> Token | None:
        token = self._tokens.get(digest)
        if token is None:
            return None
        now_ms = self._clock.now().ms
        idle_ms = IDLE_MS.get(token.role, 0) if token.kind == "session" else 0
        over = token.expires_ms and now_ms >= token.expires_ms
        if over or (idle_ms and now_ms - self._used_ms[digest] > idle_ms):
            return None
        return token

    async def _touch(self, digest: str, now_ms: int) -> None:
        self._used_ms[digest] = now_ms
        try:
            await asyncio.to_thread(self._book.touch, digest, now_ms)
        except StoreError as error:  # with a full disk an admin must still be able to look
            log.warning("%s", error)

    # -- logins

    async def log_in(self, name: str, password: str, address: str, before: Caller | None = None) -> tuple[User, str]:
        """The user and the secret of a new session, which ends that of `before`. Raises Problem when the password is
        wrong or comes too soon."""
        now_ms = self._clock.now().ms
        if wait_ms := self._pauses.wait_ms(name, address, now_ms):
            wait_s = -(-wait_ms // 1000)
            raise Problem(429, "wait", headers={"Retry-After": str(wait_s)}, seconds=wait_s)
        self._pauses.begin(name, address, now_ms)
        user = self._users.get(name)
        if not await passwords.is_right(user.password if user else None, password) or user is None:
            # People type all sorts of things into this field, their password for one.
            log.warning("wrong password for %s from %s", repr(name) if user else "an unknown name", address)
            await self._note_refused(name if user else "", address, now_ms)
            raise Problem(401, "wrong-password")
        async with self._changing:
            if self._users.get(name) is not user:  # deleted, or written anew, while the password was looked at
                raise Problem(401, "wrong-password")
            self._pauses.was_right(name, address)
            lasts_ms = LASTS_MS.get(user.role, MACHINE_LASTS_MS)
            ended = self._tokens.get(before.digest) if before else None
            over = ended if ended and ended.kind == "session" else None
            deed = self._deed(user.name, address, "login", over.name if over else "")
            secret = await self._issue("session", user.name, user.role, lasts_ms, deed, over.digest if over else "")
            return user, secret

    async def _note_refused(self, name: str, address: str, now_ms: int) -> None:
        """A line of the audit for a wrong password, while there are not too many. A name that nobody has is not in it,
        but the line is: the time it takes would tell which names there are."""
        if len(self._refused_ms) < REFUSALS_AN_HOUR or now_ms - self._refused_ms[0] > HOUR_MS:
            self._refused_ms.append(now_ms)
            await asyncio.to_thread(self._book.note, self._deed(name, address, "login refused"))

    async def log_out(self, caller: Caller, address: str) -> None:
        """Ends the caller's session. A machine's key stays good: an admin deletes it."""
        token = self._tokens.get(caller.digest)
        if token and token.kind == "session":
            await self._drop(caller.digest, self._deed(caller.by, address, "logout"))

    async def _issue(self, kind: str, name: str, role: str, lasts_ms: int, deed: Deed, instead_of: str = "") -> str:
        secret = secrets.token_urlsafe(TOKEN_BYTES)
        expires_ms = deed.at_ms + lasts_ms if lasts_ms else 0
        token = Token(digest_of(secret), kind, name, role, expires_ms, deed.at_ms)
        await asyncio.to_thread(self._book.keep_token, token, deed, instead_of)
        self._forget(instead_of)
        self._forget_expired(deed.at_ms)
        self._tokens[token.digest] = token
        self._used_ms[token.digest] = deed.at_ms
        return secret

    def _forget_expired(self, now_ms: int) -> None:
        for token in list(self._tokens.values()):
            if token.expires_ms and token.expires_ms <= now_ms:
                self._forget(token.digest)

    def _forget(self, digest: str) -> None:
        self._tokens.pop(digest, None)
        self._used_ms.pop(digest, None)

    async def _drop(self, digest: str, deed: Deed) -> None:
        await asyncio.to_thread(self._book.drop_token, digest, deed)
        self._forget(digest)

    # -- users

    def users(self) -> list[User]:
        return sorted(self._users.values(), key=lambda user: user.name)

    def user(self, name: str) -> User | None:
        return self._users.get(name)

    async def set_up(self, token: str, name: str, password: str, address: str) -> None:
        """Makes the first admin. Raises Problem: 410 when there is one, 403 when the token is wrong."""
        self._check_no_admin()
        if not await asyncio.to_thread(self._book.is_setup_token, token):
            raise Problem(403, "wrong-setup-token")
        user = User(name, "admin", name, await passwords.hash_password(password))
        made = await asyncio.to_thread(self._book.use_setup_token, token, user, self._deed(name, address, "setup"))
        self._check_no_admin()
        if not made:
            raise Problem(403, "wrong-setup-token")
        self._users[name] = user

    async def is_setup_token(self, token: str) -> bool:
        """Whether `token` makes the first admin. Raises Problem(410) when there is one."""
        self._check_no_admin()
        return await asyncio.to_thread(self._book.is_setup_token, token)

    def _check_no_admin(self) -> None:
        if any(user.role == "admin" for user in self._users.values()):
            raise Problem(410, "setup-done")

    async def keep_user(self, name: str, role: str, display: str, password: str, caller: Caller, address: str) -> bool:
        """Adds a user, or writes one anew and ends its logins; whether it is new. Raises Problem."""
        hashed = await passwords.hash_password(password)
        async with self._changing:
            is_new = name not in self._users
            if name in self._key_names():
                raise Problem(409, "name-taken", name=name)
            if is_new and len(self._users) >= USERS:
                raise Problem(409, "too-many", limit=USERS)
            if role != "admin":
                self._check_not_last_admin(name)
            user = User(name, role, display, hashed)
            deed = self._deed(
                caller.by,
                address,
                "user added" if is_new else "user changed",
                name,
                before=_about(self._users.get(name)),
                after={**_about(user), "password": "changed"},
            )
            await asyncio.to_thread(self._book.keep_user, user, deed)
            self._users[name] = user
            self._end_sessions(name)
            return is_new

    async def drop_user(self, name: str, caller: Caller, address: str) -> None:
        async with self._changing:
            if name not in self._users:
                raise Problem(404, "not-found")
            self._check_not_last_admin(name)
            deed = self._deed(caller.by, address, "user deleted", name, before=_about(self._users[name]))
            await asyncio.to_thread(self._book.drop_user, name, deed)
            self._users.pop(name, None)
            self._end_sessions(name)

    def _check_not_last_admin(self, name: str) -> None:
        admins = [user.name for user in self._users.values() if user.role == "admin"]
        if admins == [name]:
            raise Problem(409, "last-admin")

    def _end_sessions(self, name: str) -> None:
        for token in list(self._tokens.values()):
            if token.kind == "session" and token.name == name:
                self._forget(token.digest)

    # -- machine keys

    def machine_keys(self) -> list[Token]:
        found = [token for token in self._tokens.values() if token.kind == "key"]
        return sorted(found, key=lambda token: token.name)

    def _key_names(self) -> set[str]:
        return {token.name for token in self.machine_keys()}

    async def add_key(self, label: str, role: str, caller: Caller, address: str) -> str:
        """The secret of a new key, which is told once. Raises Problem when the label names somebody already."""
        async with self._changing:
            if label in self._users or label in self._key_names():
                raise Problem(409, "name-taken", name=label)
            if len(self.machine_keys()) >= KEYS:
                raise Problem(409, "too-many", limit=KEYS)
            deed = self._deed(caller.by, address, "key added", label, after={"role": role})
            return await self._issue("key", label, role, 0, deed)

    async def drop_key(self, label: str, caller: Caller, address: str) -> None:
        async with self._changing:
            for token in self.machine_keys():
                if token.name == label:
                    deed = self._deed(caller.by, address, "key deleted", label, before={"role": token.role})
                    return await self._drop(token.digest, deed)
            raise Problem(404, "not-found")

    # -- the audit

    async def note(
        self,
        caller: Caller,
        address: str,
        action: str,
        subject: str,
        before: Facts | None = None,
        after: Facts | None = None,
    ) -> None:
        """A line of the audit for something that was changed elsewhere."""
        deed = self._deed(caller.by, address, action, subject, before=before, after=after)
        await asyncio.to_thread(self._book.note, deed)

    async def audit(self, before_id: int, limit: int) -> list[tuple[int, Deed]]:
        """(id, line) of the newest lines whose id is below `before_id`, newest first."""
        return await asyncio.to_thread(self._book.deeds, before_id, limit)

    def _deed(
        self,
        who: str,
        address: str,
        action: str,
        subject: str = "",
        *,
        before: Facts | None = None,
        after: Facts | None = None,
    ) -> Deed:
        return Deed(self._clock.now().ms, who, address, action, subject, _written(before), _written(after))


def _about(user: User | None) -> Facts:
    """What the audit says of a user; nothing of nobody."""
    return {"role": user.role, "display": user.display} if user else {}


def _written(facts: Facts | None) -> str:
    return json.dumps(facts, ensure_ascii=False) if facts else ""
