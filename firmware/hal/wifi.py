"""Keeps a board in its wireless network. Pure but for the `wlan` that it is given (MicroPython's network.WLAN)."""

RETRY_MIN_MS = 5_000
RETRY_MAX_MS = 60_000
"""An access point that was switched on needs half a minute; one that is off should not cost the radio's heat."""

WHY = {
    200: "the access point fell silent",
    201: "no such network",
    202: "wrong password",
    203: "the access point refuses",
    204: "wrong password",
}
"""Values of WLAN.status() on an ESP32: STAT_BEACON_TIMEOUT, STAT_NO_AP_FOUND, STAT_WRONG_PASSWORD, STAT_ASSOC_FAIL,
STAT_HANDSHAKE_TIMEOUT, which is what most access points make of a wrong password."""


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

    def tick(self, now_ms: int) -> str:
        """What is wrong, for the log, when it was tried in vain; else empty."""
        if self._wlan.isconnected():
            self._retry_ms = RETRY_MIN_MS
            self._due_ms = now_ms + RETRY_MIN_MS
            return ""
        if now_ms < self._due_ms:
            return ""
        wrong = ""
        if self._begun:
            wrong = "wifi: " + WHY.get(self._wlan.status(), "no connection")
            self._wlan.disconnect()
        self._begun = True
        self._wlan.connect(self._ssid, self._password)
        self._due_ms = now_ms + self._retry_ms
        self._retry_ms = min(RETRY_MAX_MS, 2 * self._retry_ms)
        return wrong
