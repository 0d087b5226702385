"""The time of a board that uses TLS: certificates have dates, and a board's clock does not survive a power cut.

At start the clock is set to the day on which the firmware was made, or to the time that was saved last if that is
later, whatever it shows: after a power cut it shows the year 2000. The broker's certificate is good from before any
board was made, so a clock that lags lets the board in. Then the hub tells the time, on a connection whose certificate
was checked; that is taken over, but never anything before the firmware was made.

A time is saved about once a day, and only one by which a connection was made: a hub whose own clock is wrong for an
hour must not lock its boards out until somebody erases their flash. After an attempt that failed the clock goes back
to what was saved, for the same reason.
"""

from firmware import files
from firmware.built import BUILT_S
from firmware.mqtt import dial
from protocol.hub_time import hub_time, read_hub_time

DAY_S = 86_400

STEP_S = 2
"""A message takes less; a smaller difference is none."""


class Clock:
    """`set_clock(s)` sets the board's clock to so many seconds since 1970; `uptime_ms()` never goes back."""

    def __init__(self, folder: str, set_clock, uptime_ms, built_s: int = BUILT_S):
        self._path = folder + "/clock"
        self._set_clock = set_clock
        self._uptime_ms = uptime_ms
        self._built_s = built_s
        self._known_s = max(built_s, _saved(self._path))
        self._begun_s = 0
        self._failed = False
        self._proven = False
        self._take(self._known_s)

    def join(self, client, hall: str) -> None:
        """Goes with a Client: hears the hub through it, and has a word before each attempt to connect."""
        topic, others = hub_time(hall), client.on_message
        is_heard = (topic, 0) in client.topics  # by an announcer, which has quiet hours

        def on_message(name, payload):
            if name == topic:
                self.hear(payload)
            if name != topic or is_heard:
                others(name, payload)

        if not is_heard:
            client.topics.append((topic, 0))
        client.on_message = on_message
        client.dial = self.dial

    def now_s(self) -> int:
        """Seconds since 1970."""
        return self._begun_s + self._uptime_ms() // 1000

    async def dial(self, settings):
        """(reader, writer), as firmware.mqtt.dial."""
        if self._failed:
            self._take(self._known_s)
        self._failed = self._proven = True
        return await dial(settings)

    def hear(self, payload: bytes) -> None:
        """What the hub says, so the attempt did not fail. Raises ProtocolError."""
        self._failed = False
        told_s = max(self._built_s, read_hub_time(payload).s)
        step_s = abs(told_s - self.now_s())
        if step_s > STEP_S:
            self._take(told_s)
        if step_s > DAY_S:
            self._proven = False
        if self._proven and abs(told_s - self._known_s) >= DAY_S:
            self._save(told_s)

    def _take(self, now_s: int) -> None:
        self._begun_s = now_s - self._uptime_ms() // 1000
        if now_s:
            self._set_clock(now_s)

    def _save(self, now_s: int) -> None:
        self._known_s = now_s
        try:
            files.replace(self._path, str(now_s).encode())
        except OSError:  # a full flash: the day of the firmware is enough to come back
            pass


def _saved(path: str) -> int:
    try:
        with open(path) as file:
            return int(file.read(12))
    except (OSError, ValueError):  # the first start, or a file that nobody can read
        return 0
