"""Users, logins, machine keys and the audit, in the hall's database, over a connection of their own.

Secrets are kept as hashes only. Each change and its line of the audit are one transaction.
"""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple
from pathlib import Path

from hub.adapters import sqlite_chain
from hub.adapters.sqlite_schema import migrations
from hub.adapters.sqlite_store import connect
from hub.adapters.sqlite_transaction import transaction
from hub.core.chain import link
from hub.ports import Deed, StoreError, Token, User

SETUP_BYTES = 32
"""256 random bits: nobody guesses the way to the first admin."""

_SETUP = "setup-token"


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


class SqliteAccounts:
    """AccountBook on `file`. May be called from several threads; raises StoreError."""

    def __init__(self, file: Path):
        self._file = file
        self._using = threading.Lock()
        with self._told():
            self._database = connect(file)
            migrations.apply(self._database)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turns what the database says into a StoreError that says where."""
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise StoreError(f"cannot use the accounts in {self._file}: {error}") from error

    @contextmanager
    def _change(self) -> Iterator[sqlite3.Connection]:
        """One transaction, on disk when it ends. It takes the write lock at once: what it reads must still hold."""
        with self._using, self._told(), transaction(self._database.conn):
            yield self._database.conn

    def users(self) -> list[User]:
        with self._using, self._told():
            return [User(*row) for row in self._database.conn.execute("select * from users order by name")]

    def keep_user(self, user: User, deed: Deed) -> None:
        """Adds a user, or writes one anew; who was logged in under that name is logged out."""
        with self._change() as connection:
            connection.execute("insert or replace into users values (?, ?, ?, ?)", astuple(user))
            connection.execute("delete from tokens where kind = 'session' and name = ?", (user.name,))
            _write_deed(connection, deed)

    def drop_user(self, name: str, deed: Deed) -> None:
        """Forgets a user and every login; what was done under the name stays in log and audit."""
        with self._change() as connection:
            connection.execute("delete from users where name = ?", (name,))
            connection.execute("delete from tokens where kind = 'session' and name = ?", (name,))
            _write_deed(connection, deed)

    def note(self, deed: Deed) -> None:
        """Writes a line of the audit alone: for what was changed elsewhere."""
        with self._change() as connection:
            _write_deed(connection, deed)

    def deeds(self, before_id: int, limit: int) -> list[tuple[int, Deed]]:
        """(id, line) of the newest lines of the audit whose id is below `before_id`, newest first."""
        columns = "id, at_ms, who, address, action, subject, before, after"
        query = f"select {columns} from deeds where id < ? order by id desc limit ?"
        with self._using, self._told():
            rows = self._database.conn.execute(query, (before_id, limit))
            return [(row[0], Deed(*row[1:])) for row in rows]

    def tokens(self) -> list[Token]:
        with self._using, self._told():
            return [Token(*row) for row in self._database.conn.execute("select * from tokens")]

    def keep_token(self, token: Token, deed: Deed, instead_of: str = "") -> None:
        """Adds a token, and forgets the one whose digest is `instead_of`. Sessions that are over by then (`deed.at_ms`)
        are forgotten, so the table stays small."""
        with self._change() as connection:
            connection.execute("delete from tokens where expires_ms > 0 and expires_ms <= ?", (deed.at_ms,))
            connection.execute("delete from tokens where digest = ?", (instead_of,))
            connection.execute("insert into tokens values (?, ?, ?, ?, ?, ?)", astuple(token))
            _write_deed(connection, deed)

    def drop_token(self, digest: str, deed: Deed) -> None:
        with self._change() as connection:
            connection.execute("delete from tokens where digest = ?", (digest,))
            _write_deed(connection, deed)

    def touch(self, digest: str, used_ms: int) -> None:
        with self._change() as connection:
            connection.execute("update tokens set used_ms = ? where digest = ?", (used_ms, digest))

    def setup_token(self) -> str | None:
        """A fresh token for the first admin, shown once and kept as a hash; None when there is an admin."""
        with self._change() as connection:
            if _has_admin(connection):
                return None
            token = secrets.token_urlsafe(SETUP_BYTES)
            connection.execute("insert or replace into meta values (?, ?)", (_SETUP, _digest(token)))
        return token

    def is_setup_token(self, token: str) -> bool:
        """Whether `token` would make the first admin now."""
        with self._using, self._told():
            return not _has_admin(self._database.conn) and _is_setup(self._database.conn, token)

    def use_setup_token(self, token: str, user: User, deed: Deed) -> bool:
        """Makes `user` the first admin and forgets the token; False when it is wrong or there is an admin."""
        with self._change() as connection:
            if _has_admin(connection) or not _is_setup(connection, token):
                return False
            connection.execute("delete from meta where key = ?", (_SETUP,))
            connection.execute("insert into users values (?, ?, ?, ?)", astuple(user))
            _write_deed(connection, deed)
        return True

    def close(self) -> None:
        self._database.close()


def _write_deed(connection: sqlite3.Connection, deed: Deed) -> None:
    last = sqlite_chain.last(connection.execute, sqlite_chain.DEEDS)
    row = (last.key + 1, *astuple(deed))
    head = sqlite_chain.Head(row[0], link(last.link, *row))
    connection.execute("insert into deeds values (?, ?, ?, ?, ?, ?, ?, ?, ?)", (*row, head.link))
    sqlite_chain.keep_head(connection.execute, sqlite_chain.DEEDS, head)


def _has_admin(connection: sqlite3.Connection) -> bool:
    return connection.execute("select 1 from users where role = 'admin' limit 1").fetchone() is not None


def _is_setup(connection: sqlite3.Connection, token: str) -> bool:
    row = connection.execute("select value from meta where key = ?", (_SETUP,)).fetchone()
    return row is not None and secrets.compare_digest(row[0], _digest(token))
