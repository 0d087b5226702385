"""The people of a day on their way to a window: they book, show papers, check in or draw, lose patience, come back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from hub.core import commands, events, schedule
from hub.core.commands import Promise
from hub.core.hall import MINUTE_MS, WALK_IN
from hub.core.refusals import Refusal
from hub.core.state import State
from hub.core.tickets import OUTSIDE, WAITING
from tools.days.people import Day, Person, Turn
from tools.days.stage import Stage

DESK = "clerk:desk"
KIOSK = "kiosk:day"

PAPERS = "papers"
NO_SHOW = "no-show"
"""Beside the codes of refusals: why somebody was not there or got no ticket."""

COME_LATER = ("closed-until", "not-offered-until")
"""Refusals that say when to come again: people do."""

Asked = commands.DrawTicket | commands.CheckIn
Promises = Callable[[State, Asked, int], Promise | None]
"""(state, command, now in ms) -> the waiting time that is told with the ticket."""


class Arrivals:
    """`away`: person -> why no ticket. `turns`: visit -> the turns that are still ahead of it."""

    def __init__(self, stage: Stage, day: Day, promises: Promises | None):
        self._stage, self._day, self._promises = stage, day, promises
        self.away: dict[str, str] = {}
        self.turns: dict[str, list[Turn]] = {}

    def begin(self) -> None:
        """Books all appointments, in order of time, and lets people come."""
        for person in self._day.people:
            if person.booked is None or self._book(person, person.booked):
                self._stage.at(self._day.midnight_ms + self._arrives_ms(person), self._arrive, person)

    def _arrives_ms(self, person: Person) -> int:
        """Who is too early for the appointment waits outside until they may check in."""
        state = self._stage.state
        if person.booked is None or state.hall is None:
            return person.arrives_ms
        early_min = schedule.admission(state.hall, state.day, state.kind).early_min
        return max(person.arrives_ms, (person.booked - early_min) * MINUTE_MS)

    def _book(self, person: Person, minute: int) -> bool:
        """Whether the person has an appointment, and comes."""
        decision = self._stage.do(
            commands.BookAppointment(
                "",
                f"booking-{person.id}",
                person.id,
                self._day.day,
                minute,
                person.service,
                person.party,
                f"holder-{person.id}",
                self._day.kind,
                DESK,
            )
        )
        if isinstance(decision, Refusal):
            self.away[person.id] = decision.code
        elif not person.shows:
            self.away[person.id] = NO_SHOW
        return person.id not in self.away

    def _arrive(self, person: Person) -> None:
        hall = self._stage.state.hall
        assert hall is not None
        if person.booked is not None:
            self._take(person, commands.CheckIn("", person.id, person.id, KIOSK))
        elif hall.services[person.service].pre_check:
            self._show_papers(person, person.checks or ((),))
        else:
            self._draw(person, "")

    def _show_papers(self, person: Person, checks: tuple[tuple[str, ...], ...]) -> None:
        """With papers missing the person leaves with the list, and comes again if there is another try."""
        check = f"check-{person.id}-{len(checks)}"
        decision = self._stage.do(commands.RecordPreCheck("", check, person.service, checks[0], DESK))
        if isinstance(decision, Refusal):
            self.away[person.id] = decision.code
        elif not checks[0]:
            self._draw(person, check)
        else:
            self.away[person.id] = PAPERS
            if checks[1:]:
                self._stage.after(person.mend_ms, self._show_papers, person, checks[1:])

    def _draw(self, person: Person, check: str) -> None:
        hall = self._stage.state.hall
        assert hall is not None
        klass = hall.classes.get(person.klass)
        by = KIOSK if klass is None or "kiosk" in klass.by else DESK
        command = commands.DrawTicket(
            "",
            person.id,
            person.service,
            by,
            klass.id if klass else WALK_IN,
            person.party,
            person.plan,
            check,
        )
        self._take(person, command)

    def _take(self, person: Person, command: Asked) -> None:
        """Takes the ticket; a group is divided at once."""
        self.turns[person.id] = list(person.turns)
        if self._promises:
            promise = self._promises(self._stage.state, command, self._stage.now_ms)
            command = replace(command, promise=promise)
        decision = self._stage.do(command)
        if isinstance(decision, Refusal):
            self.away[person.id] = decision.code
            if decision.code in COME_LATER:
                self._stage.at(self._ms(decision.detail["from"]), self._take, person, command)
            return
        self.away.pop(person.id, None)
        if isinstance(command, commands.CheckIn):
            for service in person.plan:
                self._stage.do(commands.AddService("", person.id, service, DESK))
        if person.splits:
            self._split(person)
        if person.patience_ms:
            self._stage.after(person.patience_ms, self._lose_patience, person.id)

    def _ms(self, clock: str) -> int:
        """The moment of "HH:MM" today."""
        hours, _, minutes = clock.partition(":")
        return self._day.midnight_ms + (int(hours) * 60 + int(minutes)) * MINUTE_MS

    def _split(self, person: Person) -> None:
        visits = tuple(f"{person.id}-{number}" for number in range(2, len(person.splits) + 2))
        share = person.party // (len(visits) + 1)
        for visit, turns in zip(visits, person.splits, strict=True):
            self.turns[visit] = list(turns)
        self._stage.do(commands.SplitTicket("", person.id, visits, (share,) * len(visits), DESK))

    def _lose_patience(self, visit: str) -> None:
        ticket = self._stage.state.tickets[visit]
        if ticket.state in (WAITING, OUTSIDE) and not ticket.stops:
            self._stage.do(commands.CancelTicket("", visit, "visitor"))

    def come_back(self, visit: str, away_ms: int) -> None:
        """Later, from being missed or from a hold; 0: never."""
        if away_ms:
            self._stage.after(away_ms, self._return, visit)

    def _return(self, visit: str) -> None:
        self._stage.do(commands.ReturnTicket("", visit, DESK))

    def next_turn(self, event: events.TicketCalled) -> Turn:
        """What happens at this call; a visit that is called more often than it knew of is finished quickly."""
        ahead = self.turns[event.visit]
        return ahead.pop(0) if ahead else Turn(self._stage.state.tickets[event.visit].service, MINUTE_MS, 0)
