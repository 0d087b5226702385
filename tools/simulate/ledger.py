"""What people did and saw, kept outside the system, and what must therefore be true of the system.

`Follower` reads the hub's log as an outsider would and knows nothing of the hub's code: who is where. It is read again
from the start when the log was cut or restored. Each broken rule is told by `fail`, and ends the run.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from hub.core import events
from hub.core.state import State
from hub.ports import Commit, Entry, Outcome
from protocol.ratings import KEYS
from tools.simulate.board import Press
from tools.simulate.disk import Disk

Fail = Callable[[str], None]

TIME_SLACK_MS = 8_000
"""What the time of a press may be off by: a delay of 3 s to the broker, as much in the outbox, and the hub's own."""

KEEP = 5
"""Acknowledged presses that a pad keeps, in place of 500: with more no journal would be compacted in a minute. Those
before them are lost when a restore goes back behind them."""

KEYS_OF_A_PAD = KEYS[5]


@dataclass(slots=True)
class Where:
    """Where a drawn ticket is. `place`: "waiting", "held", "missed", "ended", or the id of a window."""

    number: str
    klass: str = ""
    place: str = "waiting"


@dataclass(slots=True)
class Seen:
    """A press on a call pad or a page: at which window, which number stood there for who pressed, and the clerk whose
    page it is (empty: a pad of the window)."""

    window: str
    saw: str
    clerk: str


@dataclass(slots=True)
class Follower:
    """The hall as its log tells it."""

    fail: Fail
    day: str = ""
    tickets: dict[str, Where] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)
    windows: dict[str, str] = field(default_factory=lambda: defaultdict(str))
    clerks: dict[str, str] = field(default_factory=lambda: defaultdict(str))
    paused: dict[str, str] = field(default_factory=lambda: defaultdict(str))
    called_by: dict[str, str] = field(default_factory=dict)
    ratings: dict[str, events.RatingRecorded] = field(default_factory=dict)

    def read(self, entry: Entry) -> None:
        take = _READ.get(type(entry.event))
        if take:
            take(self, entry, entry.event)

    def drawn(self, entry: Entry, event: events.TicketDrawn) -> None:
        if event.visit in self.tickets:
            self.fail(f"visit {event.visit} was drawn twice")
        if event.number in self.numbers:
            self.fail(f"number {event.number} was given to {self.numbers[event.number]} and to {event.visit}")
        self.numbers[event.number] = event.visit
        self.tickets[event.visit] = Where(event.number, event.klass)

    def called(self, entry: Entry, event: events.TicketCalled) -> None:
        ticket = self._known(event.visit)
        if ticket.place not in ("waiting", "held"):
            self.fail(f"{ticket.number} was called to {event.window} while {ticket.place}")
        if self.windows[event.window]:
            self.fail(f"{ticket.number} was called to {event.window}, where {self.windows[event.window]} is")
        if not self.clerks[event.window] or self.paused[event.window]:
            self.fail(f"{ticket.number} was called to {event.window}, which nobody sits at, or which pauses")
        if entry.command_id and entry.command_id in self.called_by:
            self.fail(f"one press, {entry.command_id}, called {self.called_by[entry.command_id]} and {event.visit}")
        self.called_by[entry.command_id] = event.visit
        self._come(ticket, event)

    def came_back(self, entry: Entry, event: Any) -> None:
        self._come(self._known(event.visit), event)

    def _come(self, ticket: Where, event: Any) -> None:
        ticket.place = event.window
        self.windows[event.window] = event.visit

    def left(self, entry: Entry, event: Any) -> None:
        ticket = self._known(event.visit)
        if self.windows[event.window] != event.visit or ticket.place != event.window:
            self.fail(f"{ticket.number} left {event.window}, where it was not, but {ticket.place}")
        self.windows[event.window] = ""
        ticket.place = _LEFT[type(event)]

    def signed_in(self, entry: Entry, event: events.ClerkSignedIn) -> None:
        self.clerks[event.window], self.paused[event.window] = event.clerk, ""

    def signed_out(self, entry: Entry, event: events.ClerkSignedOut) -> None:
        self.clerks[event.window] = self.paused[event.window] = ""

    def pauses(self, entry: Entry, event: events.WindowPaused) -> None:
        self.paused[event.window] = event.reason

    def resumes(self, entry: Entry, event: events.WindowResumed) -> None:
        self.paused[event.window] = ""

    def returned(self, entry: Entry, event: events.TicketReturned) -> None:
        self._known(event.visit).place = "waiting"

    def ended(self, entry: Entry, event: events.TicketCancelled | events.TicketExpired) -> None:
        self._known(event.visit).place = "ended"

    def opened(self, entry: Entry, event: events.DayOpened) -> None:
        for visit, ticket in self.tickets.items():
            if ticket.place not in ("ended", "missed"):
                self.fail(f"the day ended, and {ticket.number} ({visit}) was {ticket.place}")
        self.day = event.day
        self.tickets, self.numbers = {}, {}
        self.windows.clear()

    def rated(self, entry: Entry, event: events.RatingRecorded) -> None:
        identity = f"{event.device}:{event.epoch}:{event.seq}"
        if identity in self.ratings:
            self.fail(f"the press {identity} is counted twice")
        self.ratings[identity] = event

    def _known(self, visit: str) -> Where:
        if visit not in self.tickets:
            self.fail(f"something happened to {visit}, which nobody drew")
            return Where("")
        return self.tickets[visit]

    def number_at(self, window: str) -> str:
        ticket = self.tickets.get(self.windows[window])
        return ticket.number if ticket else ""


_LEFT = {
    events.TicketFinished: "ended",
    events.TicketMissed: "missed",
    events.TicketHeld: "held",
    events.TicketTransferred: "waiting",
    events.CallTakenBack: "waiting",
}
_READ: dict[type, Callable[[Follower, Entry, Any], None]] = {
    events.TicketDrawn: Follower.drawn,
    events.ClerkSignedIn: Follower.signed_in,
    events.ClerkSignedOut: Follower.signed_out,
    events.WindowPaused: Follower.pauses,
    events.WindowResumed: Follower.resumes,
    events.TicketCalled: Follower.called,
    events.FinishTakenBack: Follower.came_back,
    events.MissTakenBack: Follower.came_back,
    **dict.fromkeys(_LEFT, Follower.left),
    events.TicketReturned: Follower.returned,
    events.TicketCancelled: Follower.ended,
    events.TicketExpired: Follower.ended,
    events.DayOpened: Follower.opened,
    events.RatingRecorded: Follower.rated,
}


class Ledger:
    """`attempts`: board -> presses of its keys. `answered`: command -> outcome that somebody was told. `acknowledged`:
    presses that a board may forget. `set_back_ms`: by how much the hub's clock was set back in all."""

    def __init__(self, fail: Fail, time_s: Callable[[], float]):
        self._fail = fail
        self._time_s = time_s
        self.attempts: dict[str, list[Press]] = defaultdict(list)
        self.promises: dict[str, Press] = {}
        self.visits: dict[str, str] = {}  # visit -> id of the command that draws it
        self.seen: dict[str, Seen] = {}
        self.answered: dict[str, Outcome] = {}
        self.acknowledged: dict[str, None] = {}
        self.given: dict[tuple[str, str], str] = {}  # (day, number) that somebody holds -> visit
        self.set_back_ms = 0
        self.follower = Follower(fail)
        self._only_at_hub: dict[str, None] = {}
        self._not_kept: dict[str, None] = {}
        self._again: Counter[str] = Counter()  # journal -> presses that were acknowledged before a restore
        self._excused: dict[str, None] = {}  # neither hub nor pad must have them any more
        self._matched: dict[int, str] = {}  # a press that was never promised -> as what it was stored

    # What people do and see

    def promised(self, press: Press, identity: str, level: int, visit: str) -> None:
        if identity in self.promises:
            self._fail(f"two presses were promised under one name, {identity}")
        press.identity, press.level, press.visit, press.fate = identity, level, visit, "promised"
        self.promises[identity] = press

    def draws(self, command: str, visit: str) -> None:
        self.visits[visit] = command

    def pressed(self, command: str, window: str, saw: str, clerk: str = "") -> None:
        """A clerk pressed something that acts at a window; a press is sent many times."""
        self.seen.setdefault(command, Seen(window, saw, clerk))

    def hears(self, command: str, outcome: Outcome) -> None:
        before = self.answered.setdefault(command, outcome)
        if (before.first, before.refused) != (outcome.first, outcome.refused):
            self._fail(f"{command} was answered twice, and not the same")
        if outcome.detail and "number" in outcome.detail and "visit" in outcome.detail and not outcome.refused:
            self._hold(outcome.detail["number"], outcome.detail["visit"])

    def _hold(self, number: str, visit: str) -> None:
        if self.follower.numbers.get(number) != visit:
            return  # of a day that is over, or of a log that was set back
        holder = self.given.setdefault((self.follower.day, number), visit)
        if holder != visit:
            self._fail(f"{holder} and {visit} both hold the number {number}")

    def acks(self, identities: Iterable[str]) -> None:
        self.acknowledged.update(dict.fromkeys(identities))

    # What the hub writes

    def committed(self, commits: Sequence[Commit], state: State) -> None:
        for commit in commits:
            self._check_sight(commit)
            for entry in commit.entries:
                self.follower.read(entry)
                if isinstance(entry.event, events.RatingRecorded):
                    self._check_rating(entry, entry.event)
                elif isinstance(entry.event, events.TicketDrawn) and entry.event.visit not in self.visits:
                    self._fail(f"{entry.event.visit} was drawn, and nobody asked for it")
        self.check_state(state)

    def _check_sight(self, commit: Commit) -> None:
        """Who pressed saw the window as it was."""
        seen = self.seen.get(commit.command_id)
        if seen and not commit.outcome.refused and seen.saw != self.follower.number_at(seen.window):
            there = self.follower.number_at(seen.window)
            self._fail(f"{commit.command_id} saw {seen.saw!r} at {seen.window}, and acted on {there!r}")
        if seen and not commit.outcome.refused and seen.clerk not in ("", self.follower.clerks[seen.window]):
            self._fail(f"{commit.command_id}: {seen.clerk} acted at {seen.window}, and does not sit there")

    def _check_rating(self, entry: Entry, event: events.RatingRecorded) -> None:
        identity = f"{event.device}:{event.epoch}:{event.seq}"
        press = self.promises.get(identity) or self._unpromised(identity, entry, event)
        if press is None:
            self._fail(f"a rating from nowhere: {identity}, level {event.level}, window {event.window}")
            return
        visit = press.visit if press.identity else event.visit
        if (event.level, event.window, event.visit) != (KEYS_OF_A_PAD[press.key], press.window, visit):
            said = (KEYS_OF_A_PAD[press.key], press.window, visit)
            self._fail(f"{identity} was altered from {said} to {(event.level, event.window, event.visit)}")
        if off_ms := self._off_ms(press, entry, event):
            self._fail(f"the time of {identity} is off by {off_ms} ms")

    def _off_ms(self, press: Press, entry: Entry, event: events.RatingRecorded) -> int:
        """By how much the press was made before or after what the rating says; 0: it says the truth."""
        at_ms = entry.at_ms - round((self._time_s() - press.at_s) * 1000)
        # An interval may begin when the board was registered, by a clock that was set back since.
        set_back_ms = self.set_back_ms if event.earliest_ms < event.latest_ms else 0
        before = at_ms - (event.earliest_ms - set_back_ms - TIME_SLACK_MS)
        return min(0, before) + max(0, at_ms - (event.latest_ms + TIME_SLACK_MS))

    def _unpromised(self, identity: str, entry: Entry, event: events.RatingRecorded) -> Press | None:
        """A press during which the power went: it may have landed on the flash without a thank-you. Of several with the
        same key the one that was made when the rating says so."""
        for press in self.attempts[event.device]:
            fits = press.fate == "cut" and (KEYS_OF_A_PAD[press.key], press.window) == (event.level, event.window)
            fits = fits and not self._off_ms(press, entry, event)
            if fits and self._matched.setdefault(id(press), identity) == identity:
                return press
        return None

    def check_state(self, state: State) -> None:
        """The hub's state says of each ticket what its log says, and who waits stands in a line."""
        waiting = {place.visit: klass for line in state.lines.names() for klass, place in state.lines.of(line)}
        for visit, ticket in self.follower.tickets.items():
            now = state.tickets.get(visit)
            if now is None:
                self._fail(f"{ticket.number} ({visit}) was {ticket.place} and vanished")
                return
            place = _place(now.state, now.window)
            if place != ticket.place:
                self._fail(f"{ticket.number} ({visit}) is {place} for the hub, and {ticket.place} by its log")
            if (visit in waiting) != (place == "waiting"):
                self._fail(f"{ticket.number} ({visit}) is {place}, and {'' if visit in waiting else 'not '}in a line")
            if waiting.get(visit, ticket.klass) != ticket.klass:
                self._fail(f"{ticket.number} ({visit}) waits as {waiting[visit]!r}, and was drawn as {ticket.klass!r}")
        for window, now in state.windows.items():
            if now.visit != self.follower.windows[window]:
                self._fail(f"{now.visit!r} is at {window} for the hub, {self.follower.windows[window]!r} by its log")
            sits = self.follower.clerks[window], self.follower.paused[window]
            if (now.clerk, now.paused) != sits:
                self._fail(f"{now.clerk!r} sits at {window}, pause {now.paused!r}, for the hub, and {sits} by its log")

    # Crashes

    def rewound(self, disk: Disk) -> None:
        """The log was cut or set back: what is left is read again."""
        follower = Follower(self._fail)
        for entry in disk.entries:
            follower.read(entry)
        self.follower = follower

    def erased(self, board: str) -> None:
        """A board was flashed anew, which may be done when the hub has all of its presses: from now on only the hub."""
        self._only_at_hub.update({key: None for key, press in self.promises.items() if press.board == board})

    def forget_lost(self, disk: Disk) -> None:
        """A backup was restored: what came after it is lost by agreement, but for presses that pads still have."""
        self._not_kept.update(dict.fromkeys(self._no_longer_kept()))
        self._excused.update({key: None for key in self._not_kept if disk.outcome(key) is None})
        lost = {key for key in self._only_at_hub if disk.outcome(key) is None}
        self.promises = {key: press for key, press in self.promises.items() if key not in lost}
        self.answered = {key: outcome for key, outcome in self.answered.items() if disk.outcome(key)}
        self._again.update(key.rpartition(":")[0] for key in self.acknowledged)
        self.acknowledged = {key: None for key in self.acknowledged if disk.outcome(key)}

    def _no_longer_kept(self) -> list[str]:
        """Acknowledged presses that their pad may have forgotten: all but its newest. Those that wait once more, for a
        restored hub, take their room."""
        journals: dict[str, list[int]] = defaultdict(list)
        for identity in self.acknowledged:
            name, _, seq = identity.rpartition(":")
            journals[name].append(int(seq))
        return [
            f"{name}:{seq}"
            for name, seqs in journals.items()
            for seq in sorted(seqs, reverse=True)[max(0, KEEP - self._again[name]) :]
        ]

    def check_durable(self, disk: Disk) -> None:
        """What was answered or acknowledged before a crash is still there after it."""
        for command, outcome in self.answered.items():
            if command and disk.outcome(command) != outcome:
                self._fail(f"{command} was answered {outcome}, and after the crash it is {disk.outcome(command)}")
        for identity in self.acknowledged:
            if disk.outcome(identity) is None and identity not in self.follower.ratings:
                self._fail(f"the press {identity} was acknowledged and is not on disk")

    def check_counted(self) -> None:
        """At rest: each promise is kept, exactly once."""
        for identity in self.promises:
            if identity not in self.follower.ratings and identity not in self._excused:
                self._fail(f"the press {identity} was promised and is not counted")


def _place(state: str, window: str) -> str:
    """A ticket's state in the words of `Where`."""
    if state in ("called", "serving"):
        return window
    return {"waiting": "waiting", "outside": "waiting", "on-hold": "held", "missed": "missed"}.get(state, "ended")
