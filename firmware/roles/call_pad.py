"""The clerk's call pad: up to sixteen keys, one press at a time, never stored. Which key is which verb is configured.

A press carries the version of the window that the clerk saw; the hub carries it out only if that is still the version,
so a double press calls one person. It is sent again until the hub answered or CALL_VALID_MS passed. Offline, a press is
refused on the spot: a call that is carried out later would call somebody whom nobody expects. What a rule has against
a press is said in the hub's own words.
"""

from collections import namedtuple

from firmware.roles.place import Place
from firmware.roles.vocabulary import KeyPressed, Leds
from protocol.downward import WindowState
from protocol.limits import CALL_VALID_MS
from protocol.waiting import Waiting

CallSettled = namedtuple("CallSettled", ("seq", "reason", "words"))
"""An event: the hub's answer; the reason is empty if it was done, else `words` says it: language -> text."""

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
        self._verbs = config.verbs
        self._texts = texts
        self._place = Place(WindowState, config.window, config, texts, now_ms)
        self._waiting = None  # people, as far as the hub said
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
        kind = type(event)
        call = self._pending
        if self._place.follow(event, now_ms) and event.mode == "called":
            self._called_ms = now_ms
        if kind is Waiting:
            self._waiting = event.count
        if kind is KeyPressed:
            effects = self._press(event.key, now_ms)
        elif kind is CallSettled and call and event.seq == call.seq:
            words = self._place.pick(event.words) or self._texts["refused"]
            effects = self._end(call, event.reason, words if event.reason else "", now_ms)
        elif call and now_ms - call.pressed_ms >= CALL_VALID_MS:
            effects = self._end(call, "no-answer", self._texts["no-answer"], now_ms)
        elif call and now_ms - self._sent_ms >= RESEND_MS:
            self._sent_ms = now_ms
            effects = [call]
        else:
            effects = []
        return effects + self._draw(now_ms)

    def _press(self, key: int, now_ms: int) -> list:
        if self._pending or key >= len(self._verbs):
            return []
        verb = self._verbs[key]
        if self._pressed_ms is not None and now_ms - self._pressed_ms < KEY_LOCK_MS:
            return []
        if verb == "next" and self._called_ms is not None and now_ms - self._called_ms < SLIP_MS:
            return []
        self._pressed_ms = self._sent_ms = now_ms
        self._notice = self._texts["not-sent"]
        self._notice_until_ms = now_ms + NOTICE_MS
        if self._place.offline(now_ms) or not self._place.state:
            return []
        self._seq += 1
        self._pending = SendCall(self._seq, verb, self._place.version, now_ms)
        return [self._pending]

    def _end(self, call: SendCall, reason: str, notice: str, now_ms: int) -> list:
        """The press is settled, or given up."""
        self._pending = None
        self._notice = notice
        self._notice_until_ms = now_ms + NOTICE_MS
        return [CallEnded(call.seq, reason)]

    def _draw(self, now_ms: int) -> list:
        """What is new on the glass, below it what became of the last press and how many wait; and on the lights:
        that of the pressed key is on until it is answered."""
        state, call = self._place.state, self._pending
        texts = [self._place.pick(state.texts) or state.number] if state else [self._texts["starting"]]
        if call:
            texts.append(self._texts["sending"])
        elif self._notice and now_ms < self._notice_until_ms:
            texts.append(self._notice)
        if self._waiting is not None and not self._place.offline(now_ms):
            texts.append(self._texts["waiting"] + str(self._waiting))
        show = self._place.show(tuple(texts), False, now_ms)
        leds = Leds(tuple(1 if call and call.verb == verb else 0 for verb in self._verbs))
        news = [effect for effect in (show, leds) if effect not in (self._shown, self._lit)]
        self._shown, self._lit = show, leds
        return news
