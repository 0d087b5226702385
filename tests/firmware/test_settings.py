"""Settings that the hub pushes: checked, written, tried, and taken back if they cut the device off."""

import json

from firmware import config as configuration
from firmware import files
from firmware.roles.vocabulary import LinkChanged
from firmware.settings import take
from firmware.settings_trial import BACK, BEFORE, PATIENCE_MS, STARTS, TRIES, open_settings_trial, rescue
from protocol.downward import HubOnline
from protocol.errors import ProtocolError
from protocol.settings import encode_push, known
from tests.firmware.fakes import Folder

CONFIG = {
    "hall": "h1",
    "device": "p1",
    "role": "rating_pad",
    "window": "w3",
    "host": "192.0.2.7",
    "port": 8883,
    "client_id": "p1-5",
    "password": "secret",
}


class Device:
    """What settings touch of a device. `keys`: those that the board has; `restarts`: how often it started anew."""

    def __init__(self, folder, keys=5, **more):
        self.folder = folder
        self.hal = self
        self.keys = keys
        self.restarts = 0
        with open(folder + "/config.json", "w") as file:
            file.write(json.dumps(dict(CONFIG, **more)))

    def prepare(self, folder, config):
        if config.keys > self.keys:
            raise ValueError("board.json: keys: has " + str(self.keys))

    def restart(self, error):
        self.restarts += 1

    def push(self, rev, **changes):
        return take(self, encode_push("c1", rev, changes), [])

    @property
    def config(self):
        return configuration.load(self.folder)

    def start(self):
        """As firmware/assembly.py: the trial, or None."""
        rev = self.config.rev
        if rev and files.exists(self.folder + BEFORE + str(rev)):
            return open_settings_trial(self.folder, rev, None, 0)
        return None


class Link:
    def __init__(self, trial):
        self.trial = trial


def wait(device, trial, ms, *heard):
    """What the link still has on trial after that time."""
    link = Link(trial)
    for event in heard:
        trial.heard(event)
    for now_ms in range(0, ms + 1, 1000):
        if link.trial:
            link.trial.turn(link, device, now_ms)
        if device.restarts:
            break
    return link.trial


def test_settings_are_taken_with_the_next_revision_and_what_is_not_named_stays():
    with Folder("settings") as folder:
        device = Device(folder, volume=7)
        assert device.push(1, language="en", keys=4) == ("c1", "")
        assert (device.config.language, device.config.keys, device.config.rev) == ("en", 4, 1)
        assert (device.config.password, device.config.volume) == ("secret", 7)
        assert device.push(2, keys=None) == ("c1", "")
        assert (device.config.keys, device.config.language, device.config.rev) == (5, "en", 2)


def test_a_push_that_comes_again_is_answered_as_before_and_done_once():
    with Folder("settings") as folder:
        device, done = Device(folder), []
        for _ in range(2):
            assert take(device, encode_push("c1", 1, {"language": "en"}), done) == ("c1", "")
        assert device.config.rev == 1
        assert "must be 2" in take(device, encode_push("c2", 1, {"language": "en"}), done)[1]


def test_what_is_wrong_is_refused_with_the_reason_and_changes_nothing():
    with Folder("settings") as folder:
        device = Device(folder, keys=4)
        for rev, changes, why in (
            (2, {"language": "en"}, "rev: must be 1"),
            (1, {"language": "fr"}, "language: must be one of"),
            (1, {"keys": 9}, "keys: must be a whole number"),
            (1, {"keys": 5, "language": "en"}, "board.json: keys: has 4"),
            (1, {"role": "call_pad"}, "role: is no setting of a rating_pad"),
            (1, {"password": "x"}, "password: is no setting"),
            (1, {"device": "x"}, "device: is no setting"),
            (1, {"volume": 3}, "volume: is no setting of a rating_pad"),
            (1, {"host": ""}, "host: is missing"),
            (1, {"wifi": "hall"}, "wifi: must be an object"),
        ):
            id, error = device.push(rev, **changes)
            assert id == "c1" and why in error, (changes, error)
        assert (device.config.rev, device.config.language, device.start()) == (0, "zh-Hans", None)
        try:
            take(device, b'{"id":"c1","rev":1,"set":[]}', [])
        except ProtocolError as error:
            assert error.where == "set"
        else:
            raise AssertionError("no push was taken for one")


def test_a_device_moves_to_another_window():
    with Folder("settings") as folder:
        device = Device(folder)
        assert device.push(1, window="w4") == ("c1", "") and device.config.window == "w4"
        assert "window" not in known("rating_pad"), "only with the rights for it"


def test_settings_with_which_the_hub_is_heard_stay():
    with Folder("settings") as folder:
        device = Device(folder)
        device.push(1, language="en")
        trial = device.start()
        assert wait(device, trial, 10_000, LinkChanged(True), HubOnline(1, 5)) is None
        assert device.start() is None and device.config.language == "en"
        assert not files.exists(folder + BACK)


def test_settings_without_a_hub_are_taken_back_after_five_minutes_and_not_before():
    with Folder("settings") as folder:
        device = Device(folder)
        device.push(1, host="192.0.2.99")
        trial = device.start()
        assert wait(device, trial, PATIENCE_MS - 1000, LinkChanged(True), HubOnline(0, 5)) is trial
        wait(device, trial, PATIENCE_MS)
        assert (device.restarts, device.config.host, device.config.rev) == (1, "192.0.2.7", 0)
        assert files.exists(folder + BACK) and device.start() is None
        assert device.push(1, host="192.0.2.8") == ("c1", "") and not files.exists(folder + BACK)


def test_a_device_that_starts_again_and_again_takes_its_settings_back():
    with Folder("settings") as folder:
        device = Device(folder)
        device.push(1, host="192.0.2.99")
        assert all(device.start() for _ in range(STARTS))
        try:
            device.start()
        except ValueError as error:
            assert "settings 1" in str(error)
        else:
            raise AssertionError("it was tried for ever")
        assert device.config.host == "192.0.2.7" and rescue(folder), "and starts once more"


def test_a_start_that_fails_takes_them_back_at_once():
    with Folder("settings") as folder:
        device = Device(folder)
        assert not rescue(folder), "without new settings another start is of no use"
        device.push(1, keys=4)
        assert rescue(folder) and device.config.keys == 5
        assert not rescue(folder)


class Version:
    """A version of the firmware that is on trial too, until `turns` are over."""

    def __init__(self, turns):
        self.turns = turns
        self.events = []

    def heard(self, event):
        self.events.append(event)

    def turn(self, link, device, now_ms):
        self.turns -= 1
        if not self.turns:
            link.trial = None


def test_a_version_on_trial_goes_on_being_tried():
    for turns in (3, 30):
        with Folder("settings") as folder:
            device = Device(folder)
            device.push(1, language="en")
            version = Version(turns)
            link = Link(open_settings_trial(folder, 1, version, 0))
            for turn in range(1, 60):
                if turn == 10:
                    link.trial.heard(HubOnline(1, 5))
                if link.trial:
                    link.trial.turn(link, device, turn * 1000)
            assert link.trial is None and version.turns == 0 and device.start() is None
            assert len(version.events) == (1 if turns == 30 else 0)


def test_the_tries_of_earlier_settings_do_not_count():
    with Folder("settings") as folder:
        device = Device(folder)
        for rev in range(1, 4):
            device.push(rev, keys=rev + 1)
            for _ in range(STARTS):
                assert device.start()
        assert files.exists(folder + TRIES)
