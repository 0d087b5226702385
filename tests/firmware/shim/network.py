"""A board's `network` whose access point is there when a test says so."""

STA_IF = 0


class WLAN:
    def __init__(self, interface=STA_IF):
        self.calls = []
        self.up = False
        self.state = 1001  # STAT_CONNECTING

    def active(self, on):
        self.calls.append(("active", on))

    def config(self, **settings):
        self.calls.append(("config", settings))

    def connect(self, ssid, password):
        self.calls.append(("connect", ssid, password))

    def disconnect(self):
        self.calls.append(("disconnect",))

    def isconnected(self):
        return self.up

    def status(self):
        return self.state
