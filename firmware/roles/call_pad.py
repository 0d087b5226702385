"""The clerk's call pad: five keys, one press at a time, never stored.

A press carries the version of the window that the clerk saw; the hub carries it out only if that is still the version,
so a double press calls one person. It is sent again until the hub answered or CALL_VALID_MS passed. Offline, a press is
refused on the spot: a call that is carried out later would call somebody whom nobody expects.
"""

from collections import namedtuple

from firmware.roles.vocabulary import KeyPressed, Leds, Show
from firmware.roles.window import Window
from protocol.limits import CALL_VALID_MS
from protocol.upward import VERBS

CallSettled = namedtuple("CallSettled", ("seq", "reason"))
"""An event: the hub's answer; the reason is empty if it was done."""

SendCall = namedtuple("SendCall", ("seq", "verb", "version", "pressed_ms"))
"""An effect: send, or send again, a call press."""

CallEnded = namedtuple("CallEnded", ("seq", "reason"))
"""An effect: a call press is settled or given up; do not send it again."""

KEY_LOCK_MS = 300
"""A key bounces, and a finger slips, for less than this."""

SLIP_MS = 1000
"""After a number was called, `next` within this was meant for the call that has just happened."""

RESEND_MS = 800
"""Between two sendings of one press: longer than the hub needs to answer, and three fit into CALL_VALID_MS."""

NOTICE_MS = 3000
"""How long a reason stays on the glass."""


class CallPad:
    """A role: `handle(event, now_ms)` gives effects."""

    def __init__(self, config, texts, now_ms: int):
        self._texts = texts
        self._window = Window(config.language, texts, now_ms)
        self._seq = 0
        self._pending = None  # the SendCall that waits for its answer
        self._sent_ms = now_ms
        self._pressed_ms = None
        self._called_ms = None
        self._notice = ""
        self._notice_until_ms = now_ms
        self._shown = None
        self._lit = None

    def handle(self, event, now_ms: int) -> list:
        fresh = self._window.follow(event, now_ms)
        if fresh and event.mode == "called":
            self._called_ms = now_ms
        return self._react(event, now_ms) + self._draw(now_ms)

    def _react(self, event, now_ms: int) -> list:
        if type(event) is KeyPressed:
            return self._press(event.key, now_ms)
        if type(event) is CallSettled and self._pending and event.seq == self._pending.seq:
            notice = self._refusal(event.reason) if event.reason else ""
            return self._end(self._pending, event.reason, notice, now_ms)
        return self._wait(now_ms)

    def _press(self, key: int, now_ms: int) -> list:
        if self._pending or key >= len(VERBS) or self._is_slip(VERBS[key], now_ms):
            return []
        self._pressed_ms = now_ms
        if self._window.presence.offline(now_ms) or not self._window.state:
            self._say(self._texts["not-sent"], now_ms)
            return []
        self._seq += 1
        self._pending = SendCall(self._seq, VERBS[key], self._window.version, now_ms)
        self._sent_ms = now_ms
        self._say("", now_ms)
        return [self._pending]

    def _is_slip(self, verb: str, now_ms: int) -> bool:
        if self._pressed_ms is not None and now_ms - self._pressed_ms < KEY_LOCK_MS:
            return True
        return verb == "next" and self._called_ms is not None and now_ms - self._called_ms < SLIP_MS

    def _wait(self, now_ms: int) -> list:
        """While a press has no answer: send it again, or give it up."""
        if not self._pending:
            return []
        if now_ms - self._pending.pressed_ms >= CALL_VALID_MS:
            return self._end(self._pending, "no-answer", self._texts["no-answer"], now_ms)
        if now_ms - self._sent_ms < RESEND_MS:
            return []
        self._sent_ms = now_ms
        return [self._pending]

    def _end(self, call: SendCall, reason: str, notice: str, now_ms: int) -> list:
        self._pending = None
        self._say(notice, now_ms)
        return [CallEnded(call.seq, reason)]

    def _refusal(self, reason: str) -> str:
        """The text for the hub's reason; a general one for a reason that this firmware does not know."""
        return self._texts.get("refused-" + reason) or self._texts["refused"]

    def _say(self, notice: str, now_ms: int) -> None:
        self._notice = notice
        self._notice_until_ms = now_ms + NOTICE_MS

    def _line(self, now_ms: int) -> str:
        """The lower text: what became of the last press."""
        if self._pending:
            return self._texts["sending"]
        return self._notice if now_ms < self._notice_until_ms else ""

    def _draw(self, now_ms: int) -> list:
        """What is new on the glass and on the lights: the light of the pressed key is on until it is answered."""
        line = self._line(now_ms)
        texts = (self._window.text(), line) if line else (self._window.text(),)
        show = Show(texts, self._window.mark(now_ms), False, *self._window.shown())
        leds = Leds(tuple(1 if self._pending and self._pending.verb == verb else 0 for verb in VERBS))
        news = [effect for effect in (show, leds) if effect not in (self._shown, self._lit)]
        self._shown, self._lit = show, leds
        return news
