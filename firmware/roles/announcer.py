"""The announcer of a zone: says who is called and where to go, in Mandarin and English, one after the other.

Calls that come meanwhile wait; a number that waits already is not said twice, and of more than WAITING_MAX the oldest
are left out, for they stand on the displays and people are there by now. In quiet hours nobody is called aloud. What
the time is the hub says; as long as it is not known, calls are spoken.
"""

from collections import namedtuple

from firmware.roles.place import Place
from firmware.roles.vocabulary import LinkChanged
from protocol.board import BoardState
from protocol.hub_time import HubTime
from protocol.speech import announcement, length_ms

Play = namedtuple("Play", ("clips",))
"""An effect: play these clips, then say so by Silent."""

Silent = namedtuple("Silent", ())
"""An event: the player is done. One that cannot tell costs pauses: then the longest that the clips may take counts."""

LeftOut = namedtuple("LeftOut", ("number",))
"""An effect: this number was not called aloud; to be noted."""

WAITING_MAX = 5
"""An announcement takes some 20 s: more than this would be about people who are served already."""

LATE_MS = 30_000
"""After so long without the broker, what was called meanwhile is too old to be said."""

CATCH_UP_MS = 3000
"""What the broker kept for a device that is back comes within this."""

DAY_MIN = 1440


class Announcer:
    """A role: `handle(event, now_ms)` gives effects."""

    def __init__(self, config, texts, now_ms: int):
        self._quiet = config.quiet
        self._texts = texts
        self._place = Place(BoardState, config.zone, config, texts, now_ms)
        self._said = None  # the calls of the state that was looked at last; None: what is there then is old
        self._seen = None
        self._waiting = []  # (number, window)
        self._until_ms = now_ms
        self._lost_ms = None
        self._old_until_ms = now_ms
        self._time = None  # (minute of the day, when it was that)
        self._now_said = ""
        self._shown = None

    def handle(self, event, now_ms: int) -> list:
        kind = type(event)
        if kind is LinkChanged and not event.up:
            self._lost_ms = now_ms
        elif kind is LinkChanged:
            if self._lost_ms is not None and now_ms - self._lost_ms > LATE_MS:
                self._old_until_ms = now_ms + CATCH_UP_MS
        elif kind is HubTime:
            self._time = (event.minute, now_ms) if event.minute >= 0 else None
        elif kind is Silent:
            self._until_ms = now_ms
        self._place.follow(event, now_ms)
        effects = self._look(now_ms) + self._speak(now_ms)
        show = self._place.show(self._lines(now_ms), False, now_ms)
        if show != self._shown:
            self._shown = show
            effects.append(show)
        return effects

    def _look(self, now_ms: int) -> list:
        """Take who is newly called, once the hub vouches for it."""
        state = self._place.state
        if not state or state.version == self._seen or not self._place.vouched:
            return []
        is_old = self._said is None or now_ms < self._old_until_ms
        fresh = [] if is_old else [call for call in state.calls if call not in self._said]
        self._seen, self._said = state.version, state.calls
        for number, window, _ in reversed(fresh):  # the one who was called first is said first
            places = [index for index, waiting in enumerate(self._waiting) if waiting[0] == number]
            if places:
                self._waiting[places[0]] = number, window
            else:
                self._waiting.append((number, window))
        late, self._waiting = self._waiting[:-WAITING_MAX], self._waiting[-WAITING_MAX:]
        return [LeftOut(number) for number, _ in late]

    def _speak(self, now_ms: int) -> list:
        if now_ms < self._until_ms or not self._waiting:
            return []
        if self._is_quiet(now_ms):
            self._waiting = []
            return []
        number, window = self._waiting.pop(0)
        self._now_said = f"{number}  {window}"
        clips = announcement(number, window)
        self._until_ms = now_ms + length_ms(clips)
        return [Play(clips)]

    def _is_quiet(self, now_ms: int) -> bool:
        if not self._quiet or not self._time:
            return False
        minute, told_ms = self._time
        minute = (minute + (now_ms - told_ms) // 60_000) % DAY_MIN
        begins, ends = self._quiet
        if begins < ends:
            return begins <= minute < ends
        return minute >= begins or minute < ends  # over midnight

    def _lines(self, now_ms: int) -> tuple:
        """What is being said, for an announcer that has a glass, and for the hub, which wants to know what it heard."""
        if not self._place.state:
            return ()
        if self._is_quiet(now_ms):
            return (self._texts["quiet"],)
        return (self._now_said if now_ms < self._until_ms else self._texts["silent"],)
