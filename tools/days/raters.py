"""Who rates how: applicants on the pad after a while, some on their phones, and those who only pretend.

Nothing here draws chance: how long somebody takes, and with what, comes from their visit. So a day is the same day with
and without cheats.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from zlib import crc32

from hub.core import commands, events
from hub.core.limits import Moments
from hub.core.refusals import Refusal
from protocol.ratings import BAD, LEVELS
from tools.days.stage import Stage

SOONEST_MS, LATEST_MS = 2000, 30_000
"""From the end of a visit to the press of an applicant."""

PHONE_MS = 1_200_000
"""By phone they rate on the way home."""

NO_VISIT = "no-visit"
RHYTHM = "rhythm"
EVERYBODY = "everybody"
OVERPRESSED = "overpressed"
IN_A_ROW = "in-a-row"
BURST = "burst"
CHEATS = (NO_VISIT, RHYTHM, EVERYBODY, OVERPRESSED, IN_A_ROW, BURST)


@dataclass(frozen=True, slots=True)
class Cheat:
    """Somebody who presses at the pad of `window` for others, between two minutes of the day. NO_VISIT: six times while
    nobody is there; RHYTHM: the clerk presses the best two seconds after each visit; EVERYBODY: and for each who went
    without pressing; OVERPRESSED: over each bad rating; IN_A_ROW: for five who went, at once; BURST: somebody else
    presses the worst after each visit."""

    kind: str
    window: str
    begins_min: int = 0
    ends_min: int = 24 * 60


class Raters:
    """`phones`: the share of those who rate that do it by phone. `false`: ratings that no applicant gave."""

    def __init__(self, stage: Stage, day: str, midnight_ms: int, cheats: Sequence[Cheat] = (), phones: float = 0.0):
        self._stage, self._day, self._midnight_ms = stage, day, midnight_ms
        self._phones = phones
        self._pads: Counter[str] = Counter()
        self.false: list[str] = []
        for cheat in cheats:
            self._plant(cheat)

    def served(self, event: events.TicketCalled, level: int) -> None:
        """The visit has ended; `level`: what its holder thinks, 0: says nothing."""
        if not level:
            return
        if _share(event.visit, "how") < self._phones:
            after_ms = SOONEST_MS + int(_share(event.visit, "when") * PHONE_MS)
            self._stage.after(after_ms, self._by_phone, event.visit, event.window, level)
            return
        after_ms = SOONEST_MS + int(_share(event.visit, "when") * (LATEST_MS - SOONEST_MS))
        self._stage.after(after_ms, self._press, event.window, event.visit, level)

    def _press(self, window: str, visit: str, level: int) -> str:
        """The name of the rating."""
        self._pads[window] += 1
        now_ms, count = self._stage.now_ms, self._pads[window]
        pad = f"pad-{self._day}-{window}"
        press = commands.RecordRating("", pad, 1, count, window, visit, level, now_ms, now_ms, limits=_limits(now_ms))
        self._stage.do(press)
        return f"{pad}:1:{count}"

    def _by_phone(self, visit: str, window: str, level: int) -> None:
        ticket, now_ms = self._stage.state.tickets[visit], self._stage.now_ms
        stop = next(number for number, stop in enumerate(ticket.stops) if stop.window == window)
        said = commands.RecordRating(
            f"phone-{visit}-{stop}", "", 0, 0, "", visit, level, now_ms, now_ms, "phone", stop, limits=_limits(now_ms)
        )
        assert not isinstance(self._stage.do(said), Refusal)

    # Those who pretend

    def _plant(self, cheat: Cheat) -> None:
        begins_ms = self._midnight_ms + cheat.begins_min * 60_000
        if cheat.kind == NO_VISIT:
            for number in range(6):
                self._stage.at(begins_ms + number * 40_000, self._lie, cheat.window, "", LEVELS[0])
        elif cheat.kind == IN_A_ROW:
            self._stage.at(begins_ms, self._press_for_those_who_went, cheat.window)
        elif cheat.kind == OVERPRESSED:
            self._stage.on(events.RatingRecorded, self._when(cheat, self._press_over))
        else:
            self._stage.on(events.TicketFinished, self._when(cheat, _AFTER_A_VISIT[cheat.kind], self))

    def _when(self, cheat: Cheat, act: Callable[..., None], *given: object) -> Callable[[events.Event], None]:
        """`act` for what happens at the cheat's window in the cheat's time."""

        def listener(event: events.TicketFinished | events.RatingRecorded) -> None:
            minute = (self._stage.now_ms - self._midnight_ms) / 60_000
            if event.window == cheat.window and cheat.begins_min <= minute < cheat.ends_min:
                act(*given, event)

        return listener  # type: ignore[return-value]

    def _lie(self, window: str, visit: str, level: int) -> None:
        self.false.append(self._press(window, visit, level))

    def _lie_if_silent(self, window: str, visit: str) -> None:
        if not self._stage.state.given.get(visit):
            self._lie(window, visit, LEVELS[0])

    def _press_over(self, event: events.RatingRecorded) -> None:
        if event.level in BAD and event.channel == "pad" and event.visit:
            self._stage.after(8000, self._lie, event.window, event.visit, LEVELS[0])

    def _press_for_those_who_went(self, window: str) -> None:
        state = self._stage.state
        went = [ticket.visit for ticket in state.tickets.values() if ticket.window == window and ticket.state == "done"]
        silent = [visit for visit in went if visit not in state.given][-5:]
        for number, visit in enumerate(silent):
            self._stage.after(number * 9000, self._lie, window, visit, LEVELS[0])

    def in_rhythm(self, event: events.TicketFinished) -> None:
        after_ms = 1900 + int(_share(event.visit, "rhythm") * 700)
        self._stage.after(after_ms, self._lie, event.window, event.visit, LEVELS[0])

    def for_everybody(self, event: events.TicketFinished) -> None:
        after_ms = LATEST_MS + int(_share(event.visit, "late") * 60_000)
        self._stage.after(after_ms, self._lie_if_silent, event.window, event.visit)

    def the_worst(self, event: events.TicketFinished) -> None:
        after_ms = LATEST_MS + int(_share(event.visit, "angry") * 20_000)
        self._stage.after(after_ms, self._lie, event.window, event.visit, LEVELS[-1])


_AFTER_A_VISIT: dict[str, Callable[[Raters, events.TicketFinished], None]] = {
    RHYTHM: Raters.in_rhythm,
    EVERYBODY: Raters.for_everybody,
    BURST: Raters.the_worst,
}


def _share(visit: str, what: str) -> float:
    """From 0 to 1, the same each time."""
    return crc32(f"{visit} {what}".encode()) / 2**32


def _limits(now_ms: int) -> Moments:
    """Days instead of working days: what is due when is of no matter here."""
    return tuple(now_ms + days * 86_400_000 for days in range(61))
