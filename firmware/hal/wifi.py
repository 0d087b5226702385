"""Keeps a board in its wireless network. Pure but for the `wlan` that it is given (MicroPython's network.WLAN)."""

RETRY_MIN_MS = 5_000
RETRY_MAX_MS = 60_000
"""An access point that was switched on needs half a minute; one that is off should not cost the radio's heat."""


class Wifi:
    """`tick(now_ms)` from the main loop. The chip connects by itself; after a while in vain it is told again."""

    def __init__(self, wlan, ssid: str, password: str):
        self._wlan = wlan
        self._ssid = ssid
        self._password = password
        self._retry_ms = RETRY_MIN_MS
        self._due_ms = 0
        self._begun = False
        wlan.active(True)
        wlan.config(pm=0)  # PM_NONE: power saving delays a call by up to 300 ms

    def tick(self, now_ms: int) -> None:
        if self._wlan.isconnected():
            self._retry_ms = RETRY_MIN_MS
            self._due_ms = now_ms + RETRY_MIN_MS
            return
        if now_ms < self._due_ms:
            return
        if self._begun:
            self._wlan.disconnect()
        self._begun = True
        self._wlan.connect(self._ssid, self._password)
        self._due_ms = now_ms + self._retry_ms
        self._retry_ms = min(RETRY_MAX_MS, 2 * self._retry_ms)
