"""A small hall, and how to play in it: what the core's and the service's tests share."""

from __future__ import annotations

from typing import Any

from hub.core import applying, commands, deciding
from hub.core.commands import Moment
from hub.core.events import Event
from hub.core.hall import (
    Admission,
    Calls,
    Condition,
    Hall,
    Opening,
    Ratio,
    Service,
    Share,
    Shift,
    Slots,
    TicketClass,
    Window,
)
from hub.core.refusals import Refusal
from hub.core.state import State


def names(text: str) -> dict[str, str]:
    return dict.fromkeys(("zh-Hans", "zh-Hant", "en"), text)


def small_hall(slip_guard_ms: int = 0, end: int = 999) -> Hall:
    """Services a and b; windows 1 (both), 2 (both), 3 (b only, in another zone)."""
    services = {key: Service(key, names(key), prefix, 1, end, 1, 3) for key, prefix in (("a", "A"), ("b", "B"))}
    windows = {
        "1": Window("1", names("1号窗口"), "main", ("a", "b")),
        "2": Window("2", names("2号窗口"), "main", ("a", "b")),
        "3": Window("3", names("3号窗口"), "annex", ("b",)),
    }
    return Hall("small", names("小厅"), "Asia/Shanghai", "04:00", slip_guard_ms, services, windows)


PRIORITY = TicketClass("priority", names("priority"), 30)
MIDNIGHT_MS = 1_767_542_400_000
"""2026-01-05 00:00 in Shanghai."""


def full_hall() -> Hall:
    """Every rule at once. Services a, b; c after a pre-check; d by appointment too. Windows 1, 2 (prefers a), 3 (kept
    for priority), 4 (c and d, in the annex). Open 9:00 to 17:00; over noon windows 1 and 4 for a and c; ten people
    inside."""
    services = {
        key: Service(key, names(key), prefix, 1, 40, 1, 3, party_max=4, pre_check=key == "c", papers=papers)
        for key, prefix, papers in (("a", "A", {}), ("b", "B", {}), ("c", "C", {"id": names("id")}), ("d", "D", {}))
    }
    windows = {
        "1": Window("1", names("1"), "main", ("a", "b")),
        "2": Window("2", names("2"), "main", ("a", "b", "d"), prefer={"a": 5}),
        "3": Window("3", names("3"), "main", ("a", "b"), only=("priority",), else_any=True),
        "4": Window("4", names("4"), "annex", ("c", "d")),
    }
    return Hall(
        "full",
        names("full"),
        "Asia/Shanghai",
        "04:00",
        1000,
        services,
        windows,
        classes={
            "walk-in": TicketClass("walk-in", names("walk-in")),
            "priority": PRIORITY,
            "appointment": TicketClass("appointment", names("appointment"), 40),
            "green": TicketClass("green", names("green"), 20, by=("clerk", "admin")),
        },
        conditions=(Condition("old-wait", names("old"), services=("b",), waits_over_min=20, at_most=2),),
        ratios=(Ratio("turns", names("turns"), (Share(2, ("walk-in",)), Share(1, ("priority", "green")))),),
        calls=Calls(min_calls=2, min_s=10, return_after=2),
        opening=(Opening(("workday",), 540, 1020),),
        shifts=(
            Shift(("workday",), 540, 690, ("1", "2", "3", "4")),
            Shift(("workday",), 690, 780, ("1", "4"), services=("a", "c")),
            Shift(("workday",), 780, 1020, ("1", "2", "3", "4")),
        ),
        admission=(Admission(("*",), "mixed", capacity=10, cut_off_min=10, early_min=30, late_min=10),),
        slots=(Slots(("workday",), 540, 1020, 30, 3, ("d",)),),
        pauses={"break": names("break")},
    )


class Play:
    """A hall that is played by hand: `do` decides and applies, and keeps the log."""

    def __init__(self, hall: Hall | None = None):
        self.state = State(epoch=7)
        self.log: list[tuple[int, int, Event]] = []
        self.ms = MIDNIGHT_MS + 600 * 60_000
        self.visits = 0
        self.do(commands.ConfigureHall("", hall or small_hall()))
        self.do(commands.OpenDay("", "2026-01-05", "workday", MIDNIGHT_MS))

    def do(self, command: commands.Command) -> list[Event] | Refusal:
        decision = deciding.decide(self.state, command, Moment(self.ms, self.state.day))
        if isinstance(decision, Refusal):
            return decision
        self._apply(decision)
        while followed := deciding.follow(self.state, Moment(self.ms, self.state.day)):
            self._apply(followed)
        return decision

    def _apply(self, decided: list[Event]) -> None:
        for event in decided:
            self.log.append((self.state.seq + 1, self.ms, event))
            applying.apply(self.state, *self.log[-1])

    def draw(self, service: str = "a", klass: str = "walk-in", **more: Any) -> str:
        """Draws a ticket; its visit token."""
        self.visits += 1
        visit = f"visit-{self.visits}"
        self.do(commands.DrawTicket("", visit, service, more.pop("by", "kiosk:k"), klass, **more))
        return visit

    def sign_in(self, window: str = "1", clerk: str = "li") -> list[Event] | Refusal:
        return self.do(commands.SignIn("", clerk, window, "hub"))

    def press(
        self, verb: str, window: str = "1", seen: tuple[int, int] | None = None, by: str = "device:pad", **more: str
    ):
        """A press at the window, by somebody who saw it as it is, or `seen`; `more` is what the page says with it."""
        version = seen or (self.state.version(window) if window in self.state.windows else (0, 0))
        return self.do(commands.PAGE_VERBS[verb]("", window, version, by, **more))

    def number_at(self, window: str = "1") -> str:
        ticket = self.state.tickets.get(self.state.windows[window].visit)
        return ticket.number if ticket else ""

    def rate(self, visit: str, level: int = 5, seq: int = 1, window: str = "1") -> list[Event] | Refusal:
        return self.do(commands.RecordRating("", "pad", 9, seq, window, visit, level, self.ms, self.ms))


def replay(play: Play) -> State:
    """The state that the log alone gives."""
    state = State(epoch=play.state.epoch)
    for entry in play.log:
        applying.apply(state, *entry)
    return state


def refused(decision: list[Event] | Refusal) -> str:
    """The reason of a refusal, or empty."""
    return decision.code if isinstance(decision, Refusal) else ""
