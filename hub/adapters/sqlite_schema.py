"""The tables, as recorded migrations. A migration is never changed once it was released; a new one is added."""

from __future__ import annotations

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

migrations = Migrations("jiaohao")


@migrations()
def log_and_commands(database: Database) -> None:
    database.table("log").create(
        {"seq": int, "at_ms": int, "command_id": str, "kind": str, "body": str},
        pk="seq",
        not_null={"at_ms", "command_id", "kind", "body"},
    )
    database.table("commands").create(
        {"id": str, "at_ms": int, "first": int, "last": int, "refused": str, "detail": str},
        pk="id",
        not_null={"at_ms", "first", "last", "refused", "detail"},
    )
    database.table("meta").create({"key": str, "value": str}, pk="key")
    database.table("devices").create(
        {"id": str, "role": str, "window": str, "client_id": str, "registered_ms": int, "revoked_ms": int},
        pk="id",
        not_null={"role", "window", "client_id", "registered_ms"},
    )
    database.table("quarantine").create(
        {"id": int, "at_ms": int, "topic": str, "payload": bytes, "reason": str}, pk="id"
    )


@migrations()
def projections(database: Database) -> None:
    database.table("tickets").create(
        {
            "visit": str,
            "day": str,
            "number": str,
            "service": str,
            "state": str,
            "window": str,
            "clerk": str,
            "drawn_ms": int,
            "called_ms": int,
            "started_ms": int,
            "finished_ms": int,
        },
        pk="visit",
        not_null={"day", "number", "service", "state"},
    )
    # The rule that a number is given once a day holds in the database too, whatever the code above it does.
    database.table("tickets").create_index(["day", "number"], unique=True)
    database.table("calls").create(
        {
            "revision": int,
            "visit": str,
            "window": str,
            "clerk": str,
            "by": str,
            "at_ms": int,
            "shown_ms": int,
            "device": str,
        },
        pk="revision",
        not_null={"visit", "window", "at_ms"},
    )
    database.table("ratings").create(
        {
            "device": str,
            "epoch": int,
            "seq": int,
            "visit": str,
            "window": str,
            "clerk": str,
            "service": str,
            "level": int,
            "earliest_ms": int,
            "latest_ms": int,
            "at_ms": int,
            "standing": str,
        },
        pk=("device", "epoch", "seq"),
        not_null={"window", "level", "standing"},
    )
    database.table("ratings").create_index(["visit"])


@migrations()
def accounts(database: Database) -> None:
    database.table("users").create(
        {"name": str, "role": str, "display": str, "password": str},
        pk="name",
        not_null={"role", "display", "password"},
    )
    database.table("tokens").create(
        {"digest": str, "kind": str, "name": str, "role": str, "expires_ms": int, "used_ms": int},
        pk="digest",
        not_null={"kind", "name", "role", "expires_ms", "used_ms"},
    )
    database.table("deeds").create(
        {"id": int, "at_ms": int, "who": str, "address": str, "action": str, "subject": str}, pk="id"
    )
    # The audit is only ever added to, whatever the code above it does.
    for verb in ("update", "delete"):
        database.execute(
            f"create trigger deeds_no_{verb} before {verb} on deeds "
            "begin select raise(abort, 'the audit is append-only'); end"
        )
    # The day's figures look for the calls of a visit; without it they would read every call there ever was.
    database.table("calls").create_index(["visit"])


@migrations()
def snapshots(database: Database) -> None:
    database.table("snapshots").create({"seq": int, "shape": str, "body": bytes}, pk="seq", not_null={"shape", "body"})
