"""People at the door of the small hall: what the tests of drawing, booking and checking in share."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from itertools import count
from typing import Any

from hub.core import commands
from hub.core.events import Event
from hub.core.hall import Hall
from hub.core.refusals import CODES, Refusal
from hub.core.schedule import DAY_MINUTES
from hub.texts import catalogue
from tests.hub.halls import Play, small_hall

MONDAY, TUESDAY = "2026-01-05", "2026-01-06"
"""The day that Play opens, and the next one."""

KIOSK = "kiosk:k"
CLERK = "clerk:li"


def minutes(time: str) -> int:
    """Minutes since midnight of "HH:MM"."""
    hours, _, rest = time.partition(":")
    return int(hours) * 60 + int(rest)


def hall_with(a: dict[str, Any] | None = None, **rules: Any) -> Hall:
    """The small hall with other rules; `a`: what is special about service a."""
    hall = small_hall()
    services = hall.services | {"a": replace(hall.services["a"], **(a or {}))}
    return replace(hall, services=services, **rules)


class Door(Play):
    """Tokens are made up here: visits "v1", "v2" …, bookings "b1" …; the code of "b1" is "code-b1"."""

    def __init__(self, hall: Hall | None = None, time: str = "09:00"):
        super().__init__(hall)
        self.tokens = count(1)
        self.at(time)

    def do(self, command: commands.Command) -> list[Event] | Refusal:
        """As in any play; and every refusal has its words, with all that they name."""
        decision = super().do(command)
        if isinstance(decision, Refusal):
            assert decision.code in CODES
            words = catalogue()[f"refusal.{decision.code}"].values()
            assert not any(set(re.findall(r"{(\w+)}", line)) - decision.detail.keys() for line in words)
        return decision

    def at(self, time: str) -> Door:
        self.ms = self.state.midnight_ms + minutes(time) * 60_000
        return self

    def tomorrow(self, kind: str = "workday", time: str = "09:00") -> Door:
        """The next day of the calendar has opened."""
        day = (date.fromisoformat(self.state.day) + timedelta(days=1)).isoformat()
        self.do(commands.OpenDay("", day, kind, self.state.midnight_ms + DAY_MINUTES * 60_000))
        return self.at(time)

    def ask(self, service: str = "a", by: str = KIOSK, **more: Any) -> list[Event] | Refusal:
        return self.do(commands.DrawTicket("", f"v{next(self.tokens)}", service, by, **more))

    def book(
        self, time: str, service: str = "a", party: int = 1, holder: str = "", day: str = MONDAY, kind: str = "workday"
    ) -> list[Event] | Refusal:
        token = f"b{next(self.tokens)}"
        return self.do(
            commands.BookAppointment(
                "", token, f"code-{token}", day, minutes(time), service, party, holder, kind, "visitor"
            )
        )

    def check_in(self, code: str, by: str = KIOSK, **more: Any) -> list[Event] | Refusal:
        return self.do(commands.CheckIn("", f"v{next(self.tokens)}", code, by, **more))

    def pre_check(self, check: str, *missing: str, service: str = "a") -> list[Event] | Refusal:
        return self.do(commands.RecordPreCheck("", check, service, missing, CLERK))


def only(decision: list[Event] | Refusal) -> Any:
    """The one event that was decided."""
    assert not isinstance(decision, Refusal), decision
    (event,) = decision
    return event


def detail(decision: list[Event] | Refusal) -> dict[str, str]:
    """What the words of a refusal are filled with."""
    assert isinstance(decision, Refusal)
    return decision.detail
