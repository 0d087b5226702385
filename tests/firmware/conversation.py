"""Talks with a role: events go in, what it asks for comes out, and the clock is the test's."""

from firmware import prompts
from firmware.config import Config
from firmware.roles import vocabulary as v
from protocol.downward import HubOnline, WindowState
from protocol.verbs import KEYPAD

EPOCH = 5


def config(role, **changes):
    values = {
        "hall": "h1",
        "device": "d1",
        "role": role,
        "window": "w3",
        "zone": "",
        "host": "127.0.0.1",
        "port": 1883,
        "user": "",
        "password": "",
        "client_id": "d1",
        "language": "zh-Hans",
        "keys": 5,
        "verbs": KEYPAD,
        "arrows": {},
        "quiet": (),
        "volume": 20,
        "layout": (),
        "paper": 58,
        "baud": 9600,
        "rev": 0,
        "wifi": None,
        "tls": None,
    }
    values.update(changes)
    return Config(**values)


def state(revision, mode="open", number="", calls=0, text="", rate="", before="", epoch=EPOCH, about=""):
    texts = {"zh-Hans": text or mode + number, "en": "en " + number}
    served = {"zh-Hans": about} if about else {}
    return WindowState((epoch, revision), "w3", mode, number, calls, texts, rate, before, served)


class Talk:
    """A role, built at 0 ms. `effects` has what the last event brought."""

    def __init__(self, role, config):
        self.now_ms = 0
        self.role = role(config, prompts.load(config.role, config.language), 0)
        self.effects = []
        self.shown = None
        self.lit = None

    def hear(self, event):
        self.effects = self.role.handle(event, self.now_ms)
        for effect in self.effects:
            if type(effect) is v.Show:
                self.shown = effect
            elif type(effect) is v.Leds:
                self.lit = effect.values
        return self.effects

    def online(self, epoch=EPOCH):
        """The broker is there, and the hub."""
        self.hear(v.LinkChanged(True))
        return self.hear(HubOnline(1, epoch))

    def state(self, *arguments, **named):
        return self.hear(state(*arguments, **named))

    def press(self, key):
        return self.hear(v.KeyPressed(key))

    def wait(self, ms, step_ms=100):
        """Time passes, with the ticks that a device has."""
        end_ms = self.now_ms + ms
        found = []
        while self.now_ms < end_ms:
            self.now_ms = min(end_ms, self.now_ms + step_ms)
            found += self.hear(v.Tick())
        self.effects = found
        return found

    def of(self, kind):
        """The effects of that kind that the last event brought."""
        return [effect for effect in self.effects if type(effect) is kind]

    @property
    def texts(self):
        return self.shown.texts

    @property
    def mark(self):
        return self.shown.mark
