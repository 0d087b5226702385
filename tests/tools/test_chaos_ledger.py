"""The verdict of a chaos run: whatever is planted in the database is found, and nothing else; read with SQL."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlite_utils import Database

from hub.adapters.sqlite_schema import migrations
from tools.chaos.ledger import Book, judge, read
from tools.demo.accounting import Call, Promise, Rating, Record, Shown, Ticket, Witness

PRESS = ("rate-1", 77, 1)
CALL_PRESS = ("call-1", 9, 1)
SHOWN = Shown("A001", (1, 5))
WINDOW_OF = {"rate-1": "1", "call-1": "1"}
RATING = Rating(PRESS, "v1", "1", "clerk-1", 5, "counted")
CALL = Call("v1", "1", "clerk-1", shown=True, stop=7, at_ms=1000, ended_ms=9000)


def witness() -> Witness:
    return Witness(
        tickets=[("v1", "A001"), ("v2", "A002")],
        promises={PRESS: Promise(PRESS, 5, "v1")},
        calls={"1": {CALL_PRESS}},
        glass={"1": SHOWN},
    )


def book(**changes) -> Book:
    day = "2026-01-05"
    record = Record([Ticket("v1", "A001", day), Ticket("v2", "A002", day)], [CALL], [RATING], {"1": SHOWN})
    called_by = changes.pop("called_by", [("call-1:9:1", "v1")])
    return Book(replace(record, **changes), called_by)


def test_a_run_in_which_nothing_went_wrong():
    verdict = judge(witness(), WINDOW_OF, book())
    assert verdict.wrong == ()
    assert (verdict.promised, verdict.tickets, verdict.called, verdict.unthanked) == (1, 2, 1, 0)


@pytest.mark.parametrize(
    ("changes", "lost", "doubled", "altered", "differing"),
    [
        ({"ratings": []}, 1, 0, 0, 0),
        ({"ratings": [RATING._replace(level=1)]}, 0, 0, 1, 0),
        ({"ratings": [RATING._replace(visit="v2")]}, 0, 0, 1, 0),
        ({"ratings": [RATING._replace(window="2")]}, 0, 0, 1, 0),
        ({"ratings": [RATING, RATING]}, 0, 2, 0, 0),
        ({"tickets": [Ticket("v1", "A001", "2026-01-05")]}, 1, 0, 0, 0),
        ({"called_by": []}, 1, 0, 0, 0),
        ({"called_by": [("call-1:9:1", "v1"), ("call-1:9:1", "v2")]}, 0, 1, 0, 0),
        ({"calls": [CALL, CALL._replace(window="2", stop=8, at_ms=2000)]}, 0, 1, 0, 0),
        ({"glass": {"1": Shown("A001", (1, 6))}}, 0, 0, 0, 1),
    ],
)
def test_what_is_wrong_is_found(changes, lost, doubled, altered, differing):
    found = judge(witness(), WINDOW_OF, book(**changes))
    assert tuple(map(len, (found.lost, found.doubled, found.altered, found.differing))) == (
        *(lost, doubled, altered, differing),
    ), found


def test_a_press_whose_pad_died_before_it_said_thank_you_is_allowed():
    verdict = judge(witness(), WINDOW_OF, book(ratings=[RATING, RATING._replace(press=("rate-1", 77, 2), visit="v2")]))
    assert verdict.wrong == () and verdict.unthanked == 1


def test_the_book_is_read_from_the_hubs_own_tables(tmp_path):
    """The tables as the hub makes them, so that a change of theirs cannot go unnoticed."""
    file = tmp_path / "hall.db"
    database = Database(file)
    migrations.apply(database)
    database["tickets"].insert({"visit": "v1", "day": "d", "number": "A001", "service": "a", "state": "called"})
    database["calls"].insert(
        {"revision": 7, "visit": "v1", "window": "1", "clerk": "li", "at_ms": 5, "shown_ms": 6, "stop": 7}
    )
    rating = {"device": "rate-1", "epoch": 77, "seq": 1, "visit": "v1", "window": "1", "clerk": "li", "level": 5}
    stands = {"standing": "counted", "replaced_by": "", "struck": 0, "excluded": 0}
    database["ratings"].insert({"rating": "rate-1:77:1", "day": "d", **rating, **stands})
    called = {"seq": 7, "at_ms": 5, "command_id": "call-1:9:1", "kind": "TicketCalled", "body": '{"visit": "v1"}'}
    database["log"].insert(called)
    database.conn.commit()
    found = read(file, {"1": SHOWN})
    assert found.record.tickets == [Ticket("v1", "A001", "d")]
    assert found.record.calls == [Call("v1", "1", "li", True, 7, 5, None)]
    assert found.record.ratings == [Rating(PRESS, "v1", "1", "li", 5, "counted")]
    assert found.called_by == [("call-1:9:1", "v1")] and found.damage == ""
