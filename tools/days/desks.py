"""The clerks of a day: they sit down, move, call, wait for people to come, serve them, and go home.

A clerk whose shift is over finishes the visit at the window and leaves. After the window's last shift of the day they
stay while somebody waits whom they can call, and the last one who takes a service stays while anybody in the house
still needs it.
"""

from __future__ import annotations

from collections import defaultdict

from hub.core import commands, events, schedule
from hub.core.lines import DOOR, for_clerk, for_window
from hub.core.refusals import Refusal
from hub.core.tickets import ON_HOLD, OUTSIDE, WAITING
from tools.days.arriving import Arrivals
from tools.days.people import FINISH, HOLD, MISSED, TRANSFER, Day, Sitting, Turn
from tools.days.raters import Raters
from tools.days.stage import Stage

RECALL_MS = 30_000
"""Between two calls of somebody who does not come, where the hall asks for no longer time."""

Frees = events.TicketFinished | events.TicketMissed | events.TicketHeld | events.TicketTransferred
"""What leaves a window free."""

Waits = (
    events.TicketDrawn | events.TicketAdmitted | events.TicketReturned | events.TicketTransferred | events.TicketMoved
)
"""What makes somebody wait who did not."""


class Desks:
    """Who sits where (`_seat`: clerk -> window), which windows are idle (the longest first), who stays after hours."""

    def __init__(self, stage: Stage, day: Day, arrivals: Arrivals, raters: Raters):
        self._stage, self._day, self._arrivals, self._raters = stage, day, arrivals, raters
        self._sittings: defaultdict[str, list[Sitting]] = defaultdict(list)
        self._windows_of: defaultdict[str, set[str]] = defaultdict(set)
        self._seat: dict[str, str] = {}
        self._idle: dict[str, None] = {}
        self._staying: set[str] = set()

    def begin(self) -> None:
        """Plans everybody's day."""
        hall = self._stage.state.hall
        assert hall is not None
        for window in hall.windows.values():
            for service in window.services:
                self._windows_of[service].add(window.id)
        edges: set[int] = {row.begins * 60_000 for row in hall.shifts} | {row.ends * 60_000 for row in hall.shifts}
        for sitting in self._day.staff:
            if sitting.window in hall.windows:
                self._sittings[sitting.window].append(sitting)
                edges |= {sitting.begins_ms, sitting.ends_ms}
        for edge_ms in sorted(edges):
            self._stage.at(self._day.midnight_ms + edge_ms, self._look_everywhere)
        for frees in Frees.__args__:
            self._stage.on(frees, self._window_freed)
        for waits in Waits.__args__:
            self._stage.on(waits, self._somebody_waits)
        self._stage.on(events.TicketCalled, self._called)

    # Sitting down and leaving

    def _look_everywhere(self) -> None:
        """A shift begins or ends somewhere: who is free looks at the plan again, those who leave first."""
        windows = sorted(self._sittings, key=lambda window: self._due(window) is not None)
        for window in windows:
            self._look(window)

    def _due(self, window: str) -> Sitting | None:
        """Who should sit at `window` now."""
        now_ms = self._stage.now_ms - self._day.midnight_ms
        return next((each for each in self._sittings[window] if each.begins_ms <= now_ms < each.ends_ms), None)

    def _look(self, window: str) -> None:
        """What the clerk at a free window does now, or who sits down there."""
        now = self._stage.state.windows[window]
        if now.visit:
            return
        due = self._due(window)
        if now.clerk and (due is None or due.clerk != now.clerk):
            self._leave_or_stay(window, now.clerk)
        if not now.clerk and due:
            self._sit_down(due)
        if now.clerk and not now.visit:
            self._call(window)

    def _sit_down(self, sitting: Sitting) -> None:
        """A clerk who is still busy elsewhere comes when that is done."""
        elsewhere = self._seat.get(sitting.clerk)
        if elsewhere and self._stage.state.windows[elsewhere].visit:
            return
        command = commands.SignIn("", sitting.clerk, sitting.window, f"clerk:{sitting.clerk}", move=bool(elsewhere))
        if not isinstance(self._stage.do(command), Refusal):
            if elsewhere:
                self._idle.pop(elsewhere, None)
            self._seat[sitting.clerk] = sitting.window

    def _leave_or_stay(self, window: str, clerk: str) -> None:
        if self._is_last_shift(window, clerk):
            self._call(window)
            if self._stage.state.windows[window].visit or self._is_needed(window, clerk):
                self._staying.add(window)
                return
        if isinstance(self._stage.do(commands.SignOut("", window, f"clerk:{clerk}")), Refusal):
            return
        self._staying.discard(window)
        self._idle.pop(window, None)
        self._seat.pop(clerk, None)
        for other in self._sittings:
            due = self._due(other)
            if due and due.clerk == clerk:
                self._look(other)

    def _is_last_shift(self, window: str, clerk: str) -> bool:
        """Nobody sits at the window later today, nor this clerk elsewhere."""
        now_ms = self._stage.now_ms - self._day.midnight_ms
        later = [each for rows in self._sittings.values() for each in rows if each.ends_ms > now_ms]
        return all(each.window != window and each.clerk != clerk for each in later)

    def _is_needed(self, window: str, clerk: str) -> bool:
        """Whether somebody in the house needs a service that nobody else who sits here takes."""
        others = {service for other in self._seat.values() if other != window for service in self._offered(other)}
        mine = set(self._offered(window)) - others
        return bool(mine) and any(
            mine.intersection((ticket.service, *ticket.plan))
            for ticket in self._stage.state.tickets.values()
            if ticket.state in (OUTSIDE, WAITING, ON_HOLD) or (ticket.plan and ticket.window and not ticket.finished_ms)
        )

    def _offered(self, window: str) -> tuple[str, ...]:
        state = self._stage.state
        assert state.hall is not None
        minute = state.minute(self._stage.now_ms)
        return schedule.offered(state.hall, window, state.windows[window].clerk, state.day, state.kind, minute)

    # Calling

    def _call(self, window: str) -> None:
        """The next one, or the window is idle until somebody comes."""
        state = self._stage.state
        now = state.windows[window]
        command = commands.CallNext("", window, state.version(window), f"clerk:{now.clerk}")
        self._idle.pop(window, None)
        if isinstance(self._stage.do(command), Refusal):
            self._idle[window] = None

    def _somebody_waits(self, event: Waits) -> None:
        self._stage.after(0, self._wake, event.visit)

    def _wake(self, visit: str) -> None:
        """The window that has been idle longest and may call the visit does so."""
        ticket = self._stage.state.tickets[visit]
        if ticket.state != WAITING:
            return
        able = self._able(ticket.line, ticket.service)
        for window in [window for window in self._idle if window in able]:
            self._look(window)
            if ticket.state != WAITING:
                return

    def _able(self, line: str, service: str) -> set[str]:
        state = self._stage.state
        if line.startswith("@") and line != DOOR:
            return {
                window for window, now in state.windows.items() if line in (for_window(window), for_clerk(now.clerk))
            }
        return set(self._windows_of[service])

    # Serving

    def _called(self, event: events.TicketCalled) -> None:
        self._idle.pop(event.window, None)
        turn = self._arrivals.next_turn(event)
        if turn.end == MISSED:
            self._stage.after(self._recall_ms(), self._wait_for, event, turn)
        else:
            self._stage.after(turn.walk_ms, self._start, event, turn)

    def _recall_ms(self) -> int:
        hall = self._stage.state.hall
        assert hall is not None
        return max(hall.calls.min_s * 1000, RECALL_MS)

    def _wait_for(self, event: events.TicketCalled, turn: Turn) -> None:
        """Nobody comes: calls again as often as the hall asks, then marks the person missed."""
        state = self._stage.state
        assert state.hall is not None
        seen, by = state.version(event.window), f"clerk:{event.clerk}"
        if state.tickets[event.visit].calls < state.hall.calls.min_calls:
            self._stage.do(commands.Recall("", event.window, seen, by))
            self._stage.after(self._recall_ms(), self._wait_for, event, turn)
            return
        self._stage.do(commands.MarkMissed("", event.window, seen, by))
        self._arrivals.come_back(event.visit, turn.away_ms)

    def _start(self, event: events.TicketCalled, turn: Turn) -> None:
        seen = self._stage.state.version(event.window)
        self._stage.do(commands.StartService("", event.window, seen, f"clerk:{event.clerk}"))
        self._stage.after(turn.serve_ms, self._end, event, turn)

    def _end(self, event: events.TicketCalled, turn: Turn) -> None:
        """Ends the turn as it should; where the hall refuses that, the visit is done."""
        command = self._ending(event, turn)
        if isinstance(self._stage.do(command), Refusal):
            self._arrivals.turns[event.visit].clear()
            self._stage.do(self._ending(event, Turn(turn.service, 0, 0, FINISH)))
        elif turn.end == HOLD:
            self._arrivals.come_back(event.visit, turn.away_ms)
        self._raters.served(event, turn.level)

    def _ending(self, event: events.TicketCalled, turn: Turn) -> commands.Command:
        window, seen, by = event.window, self._stage.state.version(event.window), f"clerk:{event.clerk}"
        if turn.end == HOLD:
            return commands.HoldTicket("", window, seen, by)
        if turn.end == TRANSFER:
            kind, _, to = turn.line.partition(":")
            to_window, to_clerk = (to, "") if kind == "@window" else ("", to)
            service = "" if to else turn.line
            return commands.TransferTicket("", window, seen, by, service, to_window, to_clerk)
        return commands.FinishService("", window, seen, by)

    def _window_freed(self, event: Frees) -> None:
        self._stage.after(self._day.press_ms, self._look, event.window)
        for staying in sorted(self._staying - {event.window}):
            self._stage.after(self._day.press_ms, self._look, staying)
