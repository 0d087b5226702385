"""`bench core`: what *next* costs with many waiting, beside sorting them; and what a day of 10,000 visits costs.

The hall has 200 services and 222 windows, classes with credits, a condition and a ratio. *Next* is `decide` and `apply`
at a window that takes every service, the worst that there is; between two measured calls somebody finishes and somebody
new draws, so that as many wait at the end as at the beginning. Sorting is what a list that is ordered anew at each call
would pay at least.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from importlib import resources
from random import Random
from statistics import median

from hub.config import read_hall
from hub.core import applying, commands, deciding
from hub.core.commands import Moment
from hub.core.hall import Condition, Hall, Names, Ratio, Service, Share, TicketClass, Window
from hub.core.refusals import Refusal
from hub.core.state import State
from tools.days.generator import make
from tools.days.player import Played, play
from tools.days.profiles import PROFILES

SERVICES = 200
WINDOWS = 222
WAITING = (100, 1_000, 10_000, 100_000)
CALLS = 300
"""Measured calls for each row; the median is shown, since one in many meets the garbage collector."""

SORTS = 20
START_MS = 1_800_000_000_000
DAY = "2027-01-15"
HALL = "zengcheng"
"""The hall whose day is played: 10,000 visits at 222 windows."""


def run(counts: Sequence[int] = WAITING) -> list[dict]:
    """One row for *next* with each of `counts` people waiting."""
    return [_next(waiting) for waiting in counts]


def run_day() -> list[dict]:
    """A day of 10,000 visits: played from arrivals on, and replayed from its log, `apply` only."""
    hall = read_hall(resources.files("hub.halls").joinpath(f"{HALL}.toml").read_text("utf-8"))
    day = make(hall, PROFILES[HALL], "2026-03-04")
    began_s = time.perf_counter()
    played = play(hall, day)
    played_s = time.perf_counter() - began_s
    began_s = time.perf_counter()
    _replay(played)
    replayed_s = time.perf_counter() - began_s
    row = {"visits": len(played.state.tickets), "events": len(played.log)}
    return [{**row, "played_s": round(played_s, 2), "replayed_s": round(replayed_s, 2)}]


def _replay(played: Played) -> None:
    state = State(epoch=1)
    for entry in played.log:
        applying.apply(state, entry.seq, entry.at_ms, entry.event)


def _names(text: str) -> Names:
    return dict.fromkeys(("zh-Hans", "zh-Hant", "en"), text)


def big_hall() -> Hall:
    """200 services and 222 windows; every second window takes everything, the others seven services."""
    ids = [f"s{number}" for number in range(SERVICES)]
    services = {key: Service(key, _names(key), f"{number:03d}-", 1, 999_999, 1, 6) for number, key in enumerate(ids)}
    offered = [tuple(ids) if number % 2 else tuple(ids[number % 29 :: 29]) for number in range(1, WINDOWS + 1)]
    windows = {str(i): Window(str(i), _names(str(i)), f"z{i % 8}", of) for i, of in enumerate(offered, 1)}
    classes = {
        "priority": TicketClass("priority", _names("priority"), 20),
        "green": TicketClass("green", _names("green"), 45),
    }
    condition = Condition("long", _names("long"), classes=("green",), waits_over_min=600, at_most=3)
    ratio = Ratio("share", _names("share"), (Share(2, ("walk-in", "green")), Share(1, ("priority",))))
    return Hall(
        "big",
        _names("big"),
        "Asia/Shanghai",
        "04:00",
        0,
        services,
        windows,
        classes=classes,
        conditions=(condition,),
        ratios=(ratio,),
    )


class BenchHall:
    """A hall in which people wait; `now_ms` goes on by a second for each of them."""

    def __init__(self) -> None:
        self.state = State(epoch=1)
        self.now_ms = START_MS
        self._chance = Random(1)
        self._services = [f"s{number}" for number in range(SERVICES)]
        self._count = 0
        self.do(commands.ConfigureHall("", big_hall()))
        self.do(commands.OpenDay("", DAY, "workday", START_MS))
        self.do(commands.SignIn("", "li", "1", "hub"))

    def do(self, command: commands.Command) -> None:
        decision = deciding.decide(self.state, command, Moment(self.now_ms, DAY))
        assert not isinstance(decision, Refusal), decision
        for event in decision:
            applying.apply(self.state, self.state.seq + 1, self.now_ms, event)

    def draw(self) -> None:
        self._count += 1
        self.now_ms += 1000
        klass = self._chance.choices(("walk-in", "priority", "green"), (88, 10, 2))[0]
        self.do(commands.DrawTicket("", f"v{self._count}", self._chance.choice(self._services), "hub", klass))

    def next(self) -> None:
        self.do(commands.CallNext("", "1", self.state.version("1"), "hub"))

    def finish(self) -> None:
        self.do(commands.FinishService("", "1", self.state.version("1"), "hub"))


def _next(waiting: int) -> dict:
    hall = BenchHall()
    for _ in range(waiting):
        hall.draw()
    times_s = []
    for _ in range(CALLS):
        began_s = time.perf_counter()
        hall.next()
        times_s.append(time.perf_counter() - began_s)
        hall.finish()
        hall.draw()
    return {"waiting": waiting, "next_us": _us(times_s), "sort_us": _us(_sorts_s(hall.state))}


def _sorts_s(state: State) -> list[float]:
    """Times to sort the places of all who wait, in the order in which they came."""
    places = [ticket.place for ticket in state.tickets.values() if ticket.state == "waiting"]
    times_s = []
    for _ in range(SORTS):
        began_s = time.perf_counter()
        sorted(places)
        times_s.append(time.perf_counter() - began_s)
    return times_s


def _us(times_s: list[float]) -> float:
    return round(median(times_s) * 1e6, 1)
