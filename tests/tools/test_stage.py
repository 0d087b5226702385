"""The stage: who pressed what, what was promised, and how long the glass took."""

import json
from itertools import repeat

import pytest

from tests.hub.halls import small_hall
from tests.tools.test_robot import CALLED, ORDINARY
from tests.tools.test_seen import FRAME
from tests.tools.test_twin_app import PEOPLE, FakeChild
from tools.demo.robot import Robot
from tools.demo.stage import ROLES, Desk, Stage, VirtualDevice

OPEN = {**FRAME, "mode": "open", "number": "", "version": [3, 6]}


class Play:
    """A stage with one window, played by hand; `now_s` is its clock."""

    def __init__(self, folder):
        self.now_s = 0.0
        self.devices = {role: VirtualDevice(role.replace("_", "-"), role, "1", folder) for role in ROLES}
        self.desk = Desk("1", PEOPLE.clerks["1"], Robot(repeat(ORDINARY), 1), self.devices)
        self.stage = Stage(small_hall(), {"1": self.desk}, lambda: self.now_s)
        for device in self.devices.values():
            device.child = FakeChild()
            self.stage.changed(device)

    def hear(self, role, said):
        self.stage.hear(self.devices[role], json.dumps(said).encode())

    def press(self, key, role="call_pad"):
        return self.stage.press(self.devices[role], key)

    def cut(self, role):
        self.devices[role].child.pull()
        self.stage.changed(self.devices[role])

    @property
    def times_ms(self):
        return self.stage.witness.press_to_display_ms.get("1", [])


@pytest.fixture
def play(tmp_path):
    return Play(tmp_path)


def test_the_time_from_the_press_to_the_glass_is_measured(play):
    play.hear("window_display", OPEN)
    play.press(0)
    play.now_s = 0.04
    play.hear("window_display", FRAME)
    assert play.times_ms == pytest.approx([40])


def test_a_double_press_is_measured_from_the_first_one(play):
    play.hear("window_display", OPEN)
    play.press(0)
    play.now_s = 0.01
    play.press(0)
    play.now_s = 0.04
    play.hear("window_display", FRAME)
    assert play.times_ms == pytest.approx([40])


def test_the_same_state_drawn_again_is_no_answer_to_a_press(play):
    play.hear("window_display", FRAME)
    play.press(0)
    play.hear("window_display", FRAME)
    assert play.times_ms == []


def test_a_refused_press_is_not_measured(play):
    play.hear("window_display", OPEN)
    play.press(0)
    play.hear("call_pad", {"call": [9, 1, "next"]})
    play.hear("call_pad", {"settled": [9, 1, "nobody-waiting"]})
    play.now_s = 5
    play.hear("window_display", FRAME)
    assert play.times_ms == []


def test_a_press_on_a_pad_that_was_killed_is_not_measured(play):
    play.hear("window_display", OPEN)
    play.press(0)
    play.cut("call_pad")
    play.hear("window_display", FRAME)
    assert play.times_ms == []


def test_calls_that_were_done_are_witnessed_and_refused_ones_are_not(play):
    for seq, verb, reason in ((1, "next", ""), (2, "next", "stale"), (3, "start", ""), (4, "next", "no-answer")):
        play.hear("call_pad", {"call": [9, seq, verb]})
        play.hear("call_pad", {"settled": [9, seq, reason]})
    assert play.stage.witness.calls == {"1": {("call-pad", 9, 1)}}


def test_a_call_is_under_way_until_it_is_settled_or_its_pad_is_dead(play):
    play.hear("call_pad", {"call": [9, 1, "next"]})
    play.hear("call_pad", {"call": [9, 1, "next"]})
    assert play.stage.calls_under_way == 1
    play.hear("call_pad", {"settled": [9, 1, ""]})
    assert play.stage.calls_under_way == 0
    play.hear("call_pad", {"call": [9, 2, "next"]})
    play.cut("call_pad")
    assert play.stage.calls_under_way == 0


def test_a_thank_you_is_witnessed_once_however_often_it_is_told(play):
    for _ in range(2):
        play.hear("rating_pad", {"promised": [77, 1, 5, "v1"]})
    assert len(play.stage.witness.promises) == 1


def test_nobody_presses_a_device_without_power(play):
    play.cut("call_pad")
    assert not play.press(0)
    assert play.devices["call_pad"].child.written == []


def test_the_robot_presses_what_is_due(play):
    play.hear("window_display", {**FRAME, "mode": CALLED.mode})
    play.stage.work()
    play.now_s = 2.5
    play.stage.work()
    assert play.devices["call_pad"].child.written == [{"key": 2}]


def test_a_robot_that_was_sent_away_presses_nothing(play):
    play.stage.set_robot(play.desk, on=False)
    play.hear("window_display", OPEN)
    for second in range(10):
        play.now_s = second
        play.stage.work()
    assert play.devices["call_pad"].child.written == []


def test_what_is_on_the_glass_is_written_down(play):
    play.hear("window_display", FRAME)
    play.stage.look()
    assert play.stage.witness.glass["1"] == ("A012", (3, 7))
    play.cut("window_display")
    play.stage.look()
    assert play.stage.witness.glass["1"] is None


def test_a_device_that_shares_a_process_has_no_plug(play):
    device = play.devices["window_display"]
    device.racked = True
    play.stage.pull(device)
    assert (device.face.plugged, device.child.pid) == (True, 1)
