"""A small hall, and how to play in it: what the core's and the service's tests share."""

from __future__ import annotations

from hub.core import applying, commands, deciding
from hub.core.commands import Moment
from hub.core.events import Event
from hub.core.hall import Hall, Service, Window
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


class Play:
    """A hall that is played by hand: `do` decides and applies, and keeps the log."""

    def __init__(self, hall: Hall | None = None):
        self.state = State(epoch=7)
        self.log: list[tuple[int, int, Event]] = []
        self.ms = 1_000_000
        self.visits = 0
        self.do(commands.ConfigureHall("", hall or small_hall()))
        self.do(commands.OpenDay("", "2026-01-05"))

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

    def draw(self, service: str = "a") -> str:
        """Draws a ticket; its visit token."""
        self.visits += 1
        visit = f"visit-{self.visits}"
        self.do(commands.DrawTicket("", visit, service, "kiosk:k"))
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
