"""How often promises held is worked out from the log alone, and agrees with what the state counts."""

from __future__ import annotations

from typing import NamedTuple

from hub.core import commands
from hub.core.accuracy import Row, accuracy
from hub.core.commands import Promise
from hub.core.events import Event
from hub.core.hall import MINUTE_MS
from tests.hub.halls import Play

MINUTE = MINUTE_MS


class Line(NamedTuple):
    at_ms: int
    event: Event


def draw(play: Play, visit: str, *minutes: int) -> None:
    promise = Promise(*(each * MINUTE for each in minutes)) if minutes else None
    play.do(commands.DrawTicket("", visit, "a", "kiosk:k", promise=promise))


def rows(play: Play) -> list[Row]:
    return accuracy(Line(at_ms, event) for _, at_ms, event in play.log)


def test_a_promise_comes_out_at_the_first_call():
    play = Play()
    play.sign_in()
    draw(play, "held", 5, 2, 8)
    draw(play, "too-late", 5, 2, 8)
    draw(play, "too-early", 30, 20, 40)
    draw(play, "at-once", 0, 0, 1)
    draw(play, "nothing-said")
    draw(play, "never-called", 5, 2, 8)
    for minutes in (3, 10, 1, 1, 1):
        play.ms += minutes * MINUTE
        play.press("next")
        play.press("recall")
    assert rows(play) == [Row(play.state.day, "a", 3, 1, 6 * MINUTE, 1, 0)]
    trust = play.state.trust["a"]
    assert (trust.made, trust.held, trust.at_once, trust.at_once_held) == (3, 1, 1, 0)


def test_days_are_apart():
    play = Play()
    play.sign_in()
    draw(play, "monday", 5, 0, 8)
    play.press("next")
    play.press("finish")
    play.do(commands.OpenDay("", "2026-01-06"))
    play.sign_in()
    draw(play, "tuesday", 5, 4, 8)
    play.press("next")
    assert [(row.day, row.held, row.share) for row in rows(play)] == [("2026-01-05", 1, 1.0), ("2026-01-06", 0, 0.0)]


def test_without_ranges_there_is_no_share():
    assert Row("2026-01-05", "a", 0, 0, 0, 4, 4).share is None
