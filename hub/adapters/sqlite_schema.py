"""The tables, as recorded migrations. A migration is never changed once it was released; a new one is added."""

from __future__ import annotations

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from hub.adapters import sqlite_chain

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


@migrations()
def visits_with_stops(database: Database) -> None:
    """The projections of the log's later events. What was projected before is made again from the log."""
    tickets = database.table("tickets")
    for column in ("klass", "booking", "origin", "case_number"):
        tickets.add_column(column, str, not_null_default="")
    for column in ("credit_ms", "due_ms", "since_ms"):
        tickets.add_column(column, int, not_null_default=0)
    tickets.add_column("party", int, not_null_default=1)
    tickets.add_column("stop", int)
    calls = database.table("calls")
    calls.add_column("service", str, not_null_default="")
    calls.add_column("stop", int)
    for column in ("waited_ms", "started_ms", "ended_ms"):
        calls.add_column(column, int)
    for column in ("ended", "why"):
        calls.add_column(column, str, not_null_default="")
    # A day's figures begin with its tickets; the unique index on (day, number) finds those.
    database.table("bookings").create(
        {
            "booking": str,
            "day": str,
            "minute": int,
            "service": str,
            "party": int,
            "by": str,
            "state": str,
            "visit": str,
            "booked_ms": int,
        },
        pk="booking",
        not_null={"day", "minute", "service", "party", "state", "visit", "booked_ms"},
    )
    database.table("bookings").create_index(["day"])
    database.table("alarms").create(
        {
            "seq": int,
            "alarm": str,
            "day": str,
            "rule": str,
            "subject": str,
            "level": int,
            "person": str,
            "figures": str,
            "raised_ms": int,
            "told_ms": int,
            "cleared_ms": int,
        },
        pk="seq",
        not_null={"alarm", "day", "rule", "subject", "level", "person", "figures", "raised_ms", "told_ms"},
    )
    database.execute("create index alarms_that_last on alarms (alarm) where cleared_ms is null")
    database.table("alarms").create_index(["day"])
    database.table("meta").insert({"key": "projections", "value": "old"}, replace=True)


@migrations()
def record_of_time(database: Database) -> None:
    """Days, and how their time was spent: written once, when the next day is opened."""
    database.table("days").create(
        {"day": str, "seq": int, "kind": str, "midnight_ms": int, "opened_ms": int},
        pk="day",
        not_null={"seq", "kind", "midnight_ms", "opened_ms"},
    )
    times = {"start_ms": int, "end_ms": int}
    visit = {"day": str, "visit": str, "number": str, "service": str, "klass": str}
    database.table("visit_periods").create(visit | {"state": str, "window": str, "clerk": str} | times)
    database.table("clerk_periods").create(
        {"day": str, "clerk": str, "window": str, "state": str, "reason": str} | times | {"overtime_ms": int}
    )
    database.table("promises").create(
        {"day": str, "service": str} | dict.fromkeys(("promised", "held", "width_ms", "at_once", "at_once_held"), int),
        pk=("day", "service"),
    )
    for table in ("visit_periods", "clerk_periods"):
        database.table(table).create_index(["day"])
    # A day is read with the hall that it began with, which may have been configured a year before.
    database.execute("create index log_halls on log (seq) where kind = 'HallConfigured'")


@migrations()
def outbox(database: Database) -> None:
    """What is to be told to people, once for each way of telling. Not made again from the log: it was told."""
    database.table("outbox").create(
        {
            "delivery": str,
            "channel": str,
            "person": str,
            "rule": str,
            "subject": str,
            "level": int,
            "figures": str,
            "raised_ms": int,
            "state": str,
            "attempts": int,
            "next_ms": int,
            "done_ms": int,
            "error": str,
        },
        pk=("delivery", "channel"),
        not_null={
            "person",
            "rule",
            "subject",
            "level",
            "figures",
            "raised_ms",
            "state",
            "attempts",
            "next_ms",
            "error",
        },
    )
    database.execute("create index outbox_waiting on outbox (next_ms) where state = 'waiting'")


@migrations()
def chain_of_the_log(database: Database) -> None:
    """Each row of the log is linked to the one before, those of earlier versions too."""
    database.table("log").add_column("link", bytes)
    sqlite_chain.chain_all(database.conn.execute, sqlite_chain.LOG)


@migrations()
def audit_with_before_and_after(database: Database) -> None:
    """Each line of the audit says what was and what is, and is linked to the one before."""
    deeds = database.table("deeds")
    for column in ("before", "after"):
        deeds.add_column(column, str, not_null_default="")
    deeds.add_column("link", bytes)
    forbidden = "create trigger deeds_no_update before update on deeds"
    database.execute("drop trigger deeds_no_update")  # for the moment in which the lines of before are linked
    sqlite_chain.chain_all(database.conn.execute, sqlite_chain.DEEDS)
    database.execute(f"{forbidden} begin select raise(abort, 'the audit is append-only'); end")


@migrations()
def devices_with_their_boards(database: Database) -> None:
    """The hardware of a device, so that a board keeps its name; and the language that its successor gets too."""
    for column in ("board", "language"):
        database.table("devices").add_column(column, str, not_null_default="")


@migrations()
def devices_of_zones(database: Database) -> None:
    """Boards and announcers belong to a zone, not to a window."""
    database.table("devices").add_column("zone", str, not_null_default="")


@migrations()
def rollout(database: Database) -> None:
    """How far the one roll-out of a release is, for the hub that is started anew."""
    database.table("rollout").create({"id": int, "body": str}, pk="id", not_null={"body"})


@migrations()
def ratings_and_reviews(database: Database) -> None:
    """Ratings by their own name and with all that is known of them, marks on them, and the reviews of bad ones; made
    again from the log. `words` is not: what people say is not in the log, and goes when its time is over."""
    database.table("ratings").drop()
    number, text = dict.fromkeys(("earliest_ms", "latest_ms", "at_ms"), int), str
    database.table("ratings").create(
        {
            "rating": text,
            "device": text,
            "epoch": int,
            "seq": int,
            "visit": text,
            "day": text,
            "stop": int,
            "stop_seq": int,
            "window": text,
            "clerk": text,
            "service": text,
            "case_number": text,
            "level": int,
            "channel": text,
            "standing": text,
            "attempt": int,
            "replaces": text,
            "replaced_by": text,
            "reasons": text,
            "reasons_version": text,
            "named": int,
            "words": int,
            "by": text,
            "sitting": text,
            **number,
            "struck": int,
            "excluded": int,
        },
        pk="rating",
        not_null={"window", "level", "standing", "day", "struck", "excluded", "replaced_by"},
    )
    for columns in (["visit"], ["day"], ["case_number"]):
        database.table("ratings").create_index(columns)
    database.table("marks").create(
        {
            "mark": text,
            "day": text,
            "rule": text,
            "window": text,
            "clerk": text,
            "ratings": int,
            "evidence": text,
            "marked_ms": int,
            "state": text,
            "proposed_by": text,
        },
        pk="mark",
    )
    database.table("marks").create_index(["day"])
    database.table("marked").create({"mark": text, "rating": text}, pk=("mark", "rating"))
    database.table("marked").create_index(["rating"])
    moments = ("opened_ms", "contact_due_ms", "answer_due_ms", "ledger_due_ms", "contacted_ms", "answered_ms")
    database.table("reviews").create(
        {
            "review": text,
            "day": text,
            **dict.fromkeys(("kind", "rating", "visit"), text),
            "stop": int,
            **dict.fromkeys(("window", "clerk", "service"), text),
            **dict.fromkeys(("level", "named", *moments, "visited_ms", "ended_ms", "seen", "struck", "published"), int),
            **dict.fromkeys(("orders", "state", "appeal", "taken_by", "proposed_by", "ground"), text),
        },
        pk="review",
    )
    for columns in (["day"], ["visit"]):
        database.table("reviews").create_index(columns)
    database.table("review_steps").create(
        {
            "seq": int,
            "review": text,
            "at_ms": int,
            "step": text,
            "by": text,
            "how": text,
            "ground": text,
            "due_ms": int,
            "rating": text,
            "words": int,
        },
        pk="seq",
    )
    database.table("review_steps").create_index(["review"])
    database.table("invitations").create(
        {"visit": text, "day": text, "left_ms": int, "invited_ms": int, "listed_ms": int}, pk="visit"
    )
    database.table("words").create(
        {"seq": int, "about": text, "at_ms": int, "text": text, "name": text, "contact": text},
        pk="seq",
        not_null={"about", "at_ms", "text", "name", "contact"},
    )
    database.table("words").create_index(["about"])
    calls = database.table("calls")
    calls.add_column("day", str, not_null_default="")
    calls.create_index(["day"])
    tickets = database.table("tickets")
    tickets.add_column("drawn_for", str, not_null_default="")
    tickets.create_index(["day", "drawn_for", "state", "party"])  # figures of a year read nothing else of a ticket
    database.table("seats").create(
        {"day": str, "window": str, "clerk": str, "overtime_ms": int, "idle_ms": int}, pk=("day", "window", "clerk")
    )
    database.table("meta").insert({"key": "projections", "value": "old"}, replace=True)


@migrations()
def exchange(database: Database) -> None:
    """What goes to another platform and what came from it, once by its id. Not made again from the log: it was sent."""
    required = {"id": str, "kind": str, "subject": str, "state": str, "attempts": int, "next_ms": int, "made_ms": int}
    texts = {"body": str, "receipt": str, "error": str}
    database.table("exchange").create(
        {"seq": int, **required, "done_ms": int, **texts}, pk="seq", not_null={*required, *texts}
    )
    database.table("exchange").create_index(["id"], unique=True)
    database.execute("create index exchange_waiting on exchange (next_ms, seq) where state = 'waiting'")
    database.execute("create index exchange_open on exchange (kind, subject, seq) where done_ms is null")


@migrations()
def marks_with_both_people(database: Database) -> None:
    """Who agreed to leave marked ratings out, or declined it. Marks of before are made again from the log."""
    database.table("marks").add_column("decided_by", str, not_null_default="")
    database.table("meta").insert({"key": "projections", "value": "old"}, replace=True)


@migrations()
def bindings_of_devices(database: Database) -> None:
    """What each device has been since when. Of those that are there already nobody knows since when, so they have been
    it ever since."""
    required = {"device": str, "role": str, "window": str, "board": str, "from_ms": int}
    database.table("bindings").create({"seq": int, **required}, pk="seq", not_null=required)
    database.table("bindings").create_index(["device"])
    database.execute(
        "insert into bindings (device, role, window, board, from_ms) "
        "select id, case revoked_ms when 0 then role else '' end, window, board, 0 from devices order by id"
    )
