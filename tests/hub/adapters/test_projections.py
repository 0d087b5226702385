"""The tables say what the log says: live, made again, and counted by hand from the log."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

import pytest

from hub.adapters import sqlite_projections
from hub.adapters.sqlite_figures import SqliteFigures
from hub.adapters.sqlite_lines import SqliteLines
from hub.adapters.sqlite_store import SqliteStore
from hub.core import commands, events, tickets
from hub.core.accuracy import accuracy
from hub.core.commands import Promise
from hub.core.hall import MINUTE_MS, from_dict
from hub.core.lines import DOOR
from hub.core.marks import EXCLUDED
from hub.core.periods import DayFold
from hub.core.ratings import RatingRules
from hub.ports import Commit, Entry, Outcome
from tests.hub import answers
from tests.hub.core.test_alarms import rule
from tests.hub.core.test_properties import long_walk
from tests.hub.halls import MIDNIGHT_MS, Play, full_hall, small_hall

DAY = "2026-01-05"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "hall.db"


def entries(play: Play) -> list[Entry]:
    return [Entry(seq, at_ms, "", event) for seq, at_ms, event in play.log]


def stored(play: Play, file: Path) -> SqliteStore:
    """The play's log, as the hub would have written it."""
    store = SqliteStore(file)
    store.append([Commit("", entry.at_ms, Outcome(entry.seq, entry.seq), (entry,)) for entry in entries(play)])
    return store


def dump(file: Path) -> dict[str, list[tuple]]:
    with sqlite3.connect(file) as connection:
        return {
            table: connection.execute(f"select * from {table} order by rowid").fetchall()
            for table in sqlite_projections.TABLES
        }


def test_two_stops_of_a_visit_count_at_both_windows(file: Path):
    play = Play()
    play.sign_in("1", "li")
    play.sign_in("3", "wang")
    visit = play.draw("a", plan=("b",))
    play.ms += 60_000
    play.press("next")
    play.press("start")
    play.ms += 60_000
    play.press("finish")
    play.ms += 120_000
    play.press("next", "3")
    play.press("finish", "3")
    play.rate(visit, 4, seq=1, window="1")
    play.rate(visit, 2, seq=2, window="3")
    stored(play, file).close()
    one, three = SqliteFigures(file).rows(DAY, DAY, "window")
    assert (one["window"], one["called"], one["served"], one["wait_p50_ms"]) == ("1", 1, 1, 60_000)
    assert (three["window"], three["called"], three["served"], three["wait_p50_ms"]) == ("3", 1, 1, 120_000)
    assert (one["mean"], three["mean"]) == (4, 2)
    assert [row["clerk"] for row in SqliteFigures(file).rows(DAY, DAY, "clerk")] == ["li", "wang"]


def test_a_call_that_was_taken_back_is_no_call_but_can_be_seen(file: Path):
    play = Play()
    play.sign_in()
    play.draw()
    play.press("next")
    play.press("take-back-call")
    play.ms += 60_000
    play.press("next")
    stored(play, file).close()
    figures = SqliteFigures(file)
    assert [(row["called"], row["wait_p50_ms"]) for row in figures.rows(DAY, DAY, "window")] == [(1, 60_000)]
    assert [row["ended"] for row in SqliteLines(file).lines("calls", DAY, DAY)] == ["taken-back", ""]


def test_why_somebody_was_called_is_kept_with_the_call(file: Path):
    play = Play()
    play.sign_in()
    play.draw()
    play.press("next")
    stored(play, file).close()
    assert '"kind":"order"' in str(next(SqliteLines(file).lines("calls", DAY, DAY))["why"])


def test_overtime_is_told_of_the_open_day_and_of_a_finished_one(file: Path):
    play = Play(full_hall())
    play.ms = MIDNIGHT_MS + 1000 * MINUTE_MS
    play.sign_in("1", "li")
    play.draw("a")
    play.ms = MIDNIGHT_MS + 1010 * MINUTE_MS
    play.press("next")
    play.press("start")
    play.ms = MIDNIGHT_MS + 1032 * MINUTE_MS
    play.press("finish")
    play.do(commands.SignOut("", "1", "hub"))
    store = stored(play, file)
    figures = SqliteFigures(file)
    assert [row["overtime_ms"] for row in figures.rows(DAY, DAY, "window")] == [12 * MINUTE_MS]
    play.log.clear()
    play.ms = MIDNIGHT_MS + 1440 * MINUTE_MS
    play.do(commands.OpenDay("", "2026-01-06", "workday", play.ms))
    store.append([Commit("", entry.at_ms, Outcome(entry.seq, entry.seq), (entry,)) for entry in entries(play)])
    store.close()
    assert [row["overtime_ms"] for row in figures.rows(DAY, DAY, "clerk")] == [12 * MINUTE_MS]


def test_a_database_of_an_older_version_gets_its_new_columns_from_the_log(file: Path):
    play = Play()
    play.sign_in()
    play.draw()
    play.press("next")
    stored(play, file).close()
    before = dump(file)
    with sqlite3.connect(file) as connection:
        connection.execute("update tickets set klass = '', stop = null")
        connection.execute("insert into meta values ('projections', 'old')")
    SqliteStore(file).close()
    assert dump(file) == before


def test_an_alarm_has_one_line_for_all_who_were_told(file: Path):
    raised = [
        events.AlarmRaised("wait a", "wait", "a", level, to, {"minutes": 10 + level})
        for level, to in ((0, "zhao"), (1, "qian"))
    ]
    play = Play(small_hall())
    for event in (*raised, events.AlarmCleared("wait a")):
        play.ms += 1000
        play._apply([event])
    stored(play, file).close()
    row = SqliteFigures(file).alarms(DAY)[0]
    assert (row["level"], row["person"], row["figures"]) == (1, "qian", {"minutes": 11})
    assert (row["told_ms"], row["cleared_ms"]) == (play.ms - 1000, play.ms)


WINDOWS = ("1", "2", "3", "4")
VERBS = (*sorted(commands.PAGE_VERBS), "next", "start", "recall", "recall", "missed")
ON_VISIT = ("cancel", "return", "return", "move", "case", "split", "add", "postpone")


def some_step(chance: Random) -> tuple[str, Any, Any]:
    """(kind, who or where, what)"""
    kinds: list[tuple[int, str, Sequence[Any], Sequence[Any]]] = [
        (5, "draw", "aabbd", range(4)),
        (2, "sign-in", WINDOWS, ("li", "wang", "chen", "zhou")),
        (20, "press", WINDOWS, VERBS),
        (3, "visit", range(12), ON_VISIT),
        (1, "window", WINDOWS, ("pause", "resume", "resume", "out", "automatic")),
        (1, "book", range(4), ("", "cancel", "come")),
        (2, "rate", range(12), range(1, 6)),
        (2, "wait", range(-3, 20), (0,)),
        (3, "look", (0,), (0,)),
    ]
    _, kind, one, two = chance.choices(kinds, [each[0] for each in kinds])[0]
    return kind, chance.choice(one), chance.choice(two)


def step(play: Play, kind: str, one, two) -> None:
    """Something that somebody does, sensible or not."""
    if kind == "draw":
        promise = Promise(600_000, 300_000, 900_000) if two else None
        plan = ("b",) if two == 2 else ()
        play.draw(one, "priority" if two == 1 else "walk-in", party=1 + two, plan=plan, promise=promise)
    elif kind == "sign-in":
        play.do(commands.SignIn("", two, one, "hub", move=True))
    elif kind == "press":
        press(play, one, two)
    elif kind == "visit":
        on_visit(play, f"visit-{play.visits - one}", two)
    elif kind == "window":
        on_window(play, one, two)
    elif kind == "book":
        book(play, one, two)
    elif kind == "rate":
        play.rate(f"visit-{play.visits - one}", two, seq=len(play.log))
    elif kind == "wait":
        play.ms += one * MINUTE_MS
    elif kind == "look":
        play.do(commands.LookAround(""))
    play.ms += 6_000  # so that a press is no slip of the finger


def press(play: Play, window: str, verb: str) -> None:
    words: dict[str, dict[str, str]] = {
        "pick": {"visit": f"visit-{play.visits}", "reason": "asked"},
        "transfer": {"service": "b"},
        "change-service": {"service": "b"},
    }
    play.press(verb, window, **words.get(verb, {}))


def on_visit(play: Play, visit: str, what: str) -> None:
    made: dict[str, commands.Command] = {
        "cancel": commands.CancelTicket("", visit, "visitor"),
        "return": commands.ReturnTicket("", visit, "admin:x"),
        "move": commands.MoveTicket("", visit, "b", "admin:x"),
        "case": commands.NoteCase("", visit, "2026-1", "admin:x"),
        "split": commands.SplitTicket("", visit, (f"{visit}-half",), (1,), "admin:x"),
        "add": commands.AddService("", visit, "b", "admin:x"),
        "postpone": commands.PostponeTicket("", visit, 2, "visitor"),
    }
    play.do(made[what])


def on_window(play: Play, window: str, what: str) -> None:
    made: dict[str, commands.Command] = {
        "pause": commands.PauseWindow("", window, "break", "hub"),
        "resume": commands.ResumeWindow("", window, "hub"),
        "out": commands.SignOut("", window, "hub"),
        "automatic": commands.SetAutomatic("", window, True, "hub"),
    }
    play.do(made[what])


def book(play: Play, slot: int, then: str) -> None:
    key = str(len(play.log))
    play.do(commands.BookAppointment("", key, key, play.state.day, 600 + 30 * slot, "d", 1, key, "workday", "admin:x"))
    if then == "cancel":
        play.do(commands.CancelBooking("", key, "admin:x"))
    elif then == "come":
        play.visits += 1
        play.do(commands.CheckIn("", f"visit-{play.visits}", key, "kiosk:k"))


def some_days(seed: int, steps: int) -> Play:
    """Three days of a hall with every rule and every alarm."""
    kinds = {"wait": 5, "service": 20, "unstaffed": 5, "idle": 3, "contact": 600, "answer": 600}
    alarms = tuple(rule(kind, minutes) for kind, minutes in kinds.items())
    play = Play(replace(full_hall(), alarms=alarms, ratings=RatingRules(list_after_days=1)))
    chance = Random(seed)
    for day in range(3):
        if day:
            midnight_ms = MIDNIGHT_MS + day * 1440 * MINUTE_MS
            play.ms = midnight_ms + 570 * MINUTE_MS
            play.do(commands.OpenDay("", f"2026-01-{5 + day:02}", "workday", midnight_ms))
        for _ in range(steps):
            step(play, *some_step(chance))
            if chance.random() < 0.4:
                answers.something(play, chance)
        come_back_to_a_full_hall(play)
    return play


def come_back_to_a_full_hall(play: Play) -> None:
    """Whoever missed a call does, and some of those before the door are let in again; a clerk is back from a break."""
    paused = next((name for name, window in play.state.windows.items() if window.paused), None)
    if paused is not None:
        on_window(play, paused, "resume")
    missed = [ticket for ticket in play.state.tickets.values() if ticket.state == tickets.MISSED]
    while DOOR not in play.state.lines.counts and play.state.tickets.get(play.draw(by="clerk:li", party=4)):
        pass
    for ticket in missed:
        play.do(commands.ReturnTicket("", ticket.visit, "admin:x"))
    for ticket in list(play.state.tickets.values())[-6:]:
        play.do(commands.CancelTicket("", ticket.visit, "visitor"))


@pytest.mark.parametrize("seed", range(12))
def test_live_made_again_and_counted_by_hand_are_the_same(seed: int, file: Path):
    check_everything(some_days(seed, steps=200), file)


def test_the_same_after_ten_thousand_steps_with_every_rule(file: Path):
    check_everything(long_walk().play, file)


def check_everything(play: Play, file: Path) -> None:
    store = stored(play, file)
    live = dump(file)
    assert store.rebuild() == len(play.log)
    assert dump(file) == live
    store.close()
    check_tickets(play, file)
    check_ratings(play, file)
    check_figures(play, SqliteFigures(file))
    check_time(play, SqliteFigures(file))


def test_those_days_have_everything_in_them_that_can_happen():
    happened = {type(event) for seed in range(12) for _, _, event in some_days(seed, steps=200).log}
    not_here = {events.PreCheckPassed, events.PreCheckFailed, events.NumberShown, events.HubRestored}
    assert set(events.KINDS.values()) - happened == not_here


def check_tickets(play: Play, file: Path) -> None:
    """Where each visit of today is, and the alarms that last, as the state has it."""
    with sqlite3.connect(file) as connection:
        columns = "number, service, state, coalesce(window, ''), coalesce(clerk, ''), klass, party, booking, origin, "
        rows = connection.execute(
            f"select visit, {columns} case_number, coalesce(started_ms, 0) from tickets where day = ?",
            (play.state.day,),
        ).fetchall()
        lasting = connection.execute("select alarm, level from alarms where cleared_ms is null").fetchall()
        booked = connection.execute("select booking, state from bookings where day >= ?", (play.state.day,)).fetchall()
    assert {row[0]: row[1:] for row in rows} == {
        key: (
            t.number,
            t.service,
            t.state,
            t.window,
            t.clerk,
            t.klass,
            t.party,
            t.booking,
            t.origin,
            t.case,
            t.started_ms,
        )
        for key, t in play.state.tickets.items()
    }
    assert dict(lasting) == {alarm.alarm: alarm.level for alarm in play.state.alarms.values()}
    assert dict(booked) == {booking.booking: booking.state for booking in play.state.bookings.values()}


def check_ratings(play: Play, file: Path) -> None:
    """What counts of each visit that can still be rated, every review and every mark, as the state has them."""
    counts = "standing in ('counted', 'correction') and replaced_by = ''"
    with sqlite3.connect(file) as connection:
        rows = connection.execute(
            f"select visit, rating, stop, case_number, level, attempt from ratings where {counts}"
        ).fetchall()
        reviews = connection.execute(
            "select review, rating, level, named, state, appeal, struck, orders, contacted_ms, answered_ms, "
            "answer_due_ms, seen from reviews"
        ).fetchall()
        marks = connection.execute("select mark, state, proposed_by, decided_by, ratings from marks").fetchall()
        not_counting = set(connection.execute("select rating, struck, excluded from ratings where struck or excluded"))
    given = {(visit, *each[:4], each.attempt) for visit, all in play.state.given.items() for each in all}
    assert given <= set(rows)
    assert {row for row in rows if row[0] in play.state.tickets} <= given
    of_state = {
        (
            it.review,
            it.rating,
            it.level,
            it.named,
            it.state,
            it.appeal,
            it.struck,
            json.dumps(it.orders),
            it.contacted_ms,
            it.answered_ms,
            it.answer_due_ms,
            it.seen,
        )
        for it in play.state.reviews.values()
    }
    assert of_state == set(reviews)
    of_marks = {(it.mark, it.state, it.proposed_by, it.decided_by, len(it.ratings)) for it in play.state.marks.values()}
    assert of_marks == set(marks)
    struck = {it.rating for it in play.state.reviews.values() if it.struck}
    excluded = {rating for it in play.state.marks.values() if it.state == EXCLUDED for rating in it.ratings}
    assert struck <= {rating for rating, is_struck, _ in not_counting if is_struck}
    assert {rating for rating, _, is_excluded in not_counting if is_excluded} == excluded


def check_figures(play: Play, figures: SqliteFigures) -> None:
    for day, counted in counted_by_hand(play).items():
        rows = figures.rows(day, day, "window")
        assert {r["window"]: (r["called"], r["served"], r["missed"], r["wait_p50_ms"]) for r in rows} == counted


def counted_by_hand(play: Play) -> dict[str, dict[str, tuple]]:  # noqa: C901  one plain case for each event
    """Day -> window -> (called, served, missed, median wait), in the plainest way."""
    days: dict[str, dict[str, list[dict]]] = {}
    now: dict[str, dict] = {}
    waits: dict[str, tuple[int, int]] = {}
    on_hold: set[str] = set()
    day = ""
    for _, at_ms, event in play.log:
        match event:
            case events.DayOpened():
                day = event.day
                days[day] = defaultdict(list)
            case events.TicketDrawn():
                waits[event.visit] = (event.arrival_ms or at_ms, event.due_ms)
            case events.TicketReturned() | events.TicketQueuedOutside():
                on_hold.discard(event.visit)
                waits[event.visit] = (at_ms, waits[event.visit][1])
            case events.TicketCalled():
                held = event.visit in on_hold
                on_hold.discard(event.visit)
                stop = {
                    "ended": "",
                    "started": False,
                    "wait": None if held else max(0, at_ms - max(waits[event.visit])),
                }
                if held:
                    waits[event.visit] = (at_ms, waits[event.visit][1])
                now[event.visit] = stop
                days[day][event.window].append(stop)
            case events.ServiceStarted():
                now[event.visit]["started"] = True
            case events.StartTakenBack():
                now[event.visit]["started"] = False
            case events.CallTakenBack():
                days[day][event.window].remove(now.pop(event.visit))
            case events.TicketFinished():
                now[event.visit]["ended"] = "served"
            case events.TicketMissed():
                now[event.visit]["ended"] = "missed"
            case events.TicketHeld():
                now[event.visit]["ended"] = "held"
                on_hold.add(event.visit)
            case events.FinishTakenBack():
                now[event.visit] |= {"ended": "", "started": True}
            case events.MissTakenBack():
                now[event.visit]["ended"] = ""
            case events.TicketTransferred():
                now[event.visit]["ended"] = "served" if event.step or now[event.visit]["started"] else "sent"
                waits[event.visit] = (at_ms, waits[event.visit][1])
    return {day: {window: _sums(stops) for window, stops in windows.items() if stops} for day, windows in days.items()}


def _sums(stops: list[dict]) -> tuple:
    ended = [stop["ended"] for stop in stops]
    waited = [stop["wait"] for stop in stops if stop["wait"] is not None]
    return len(stops), ended.count("served"), ended.count("missed"), int(median(waited)) if waited else None


def check_time(play: Play, figures: SqliteFigures) -> None:
    """Periods and promises: those of finished days out of the tables, those of the open day folded on demand."""
    folds: list[DayFold] = []
    hall = None
    for _, at_ms, event in play.log:
        if isinstance(event, events.DayOpened):
            if folds:
                check_day(folds[-1], figures, at_ms, is_over=True)
            folds.append(DayFold(hall))
        if isinstance(event, events.HallConfigured):
            hall = from_dict(event.hall)
        if folds:
            folds[-1].tell(at_ms, event)
    check_day(folds[-1], figures, play.ms, is_over=False)
    promises = [row for fold in folds for row in figures.promises(fold.day)]
    assert promises == [row._asdict() for row in accuracy(entries(play))]


def check_day(fold: DayFold, figures: SqliteFigures, end_ms: int, is_over: bool) -> None:
    visits = [row._asdict() for row in fold.visit_periods(end_ms, is_over)]
    clerks = [row._asdict() for row in fold.clerk_periods(end_ms, is_over)]
    assert figures.visit_periods(fold.day, end_ms) == visits
    assert figures.clerk_periods(fold.day, end_ms) == clerks
