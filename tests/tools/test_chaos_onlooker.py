"""Whoever stands before the devices of a chaos run sees what must not be seen, and nothing else."""

from __future__ import annotations

import pytest

from tests.hub.halls import small_hall
from tests.tools.test_seen import FRAME
from tests.tools.test_stage import Play
from tools.chaos.onlooker import WatchedStage
from tools.demo.accounting import Shown

MEANT = {"1": Shown("A012", (3, 7))}
THANKS = [{"beep": 100}, {"promised": [77, 1, 4, "v1"]}]


class Watched(Play):
    def __init__(self, folder):
        super().__init__(folder)
        self.stage = WatchedStage(small_hall(), {"1": self.desk}, lambda: self.now_s)
        for role in self.devices:
            self.hear(role, FRAME)


@pytest.fixture
def play(tmp_path):
    return Watched(tmp_path)


def said(play, *lines):
    for line in lines:
        play.hear("rating_pad", line)
    return play.stage.wrong


def test_a_press_that_is_thanked_for_as_it_was_made(play):
    for key in (0, 3, 1):  # the first is ignored, the last comes while the pad says thank you
        play.press(key, "rating_pad")
    assert said(play, *THANKS, {"leds": [0] * 5}) == [] and list(play.stage.unlike(MEANT)) == []


@pytest.mark.parametrize("keys", [(), (2,), (4, 0)])
def test_a_thank_you_for_a_level_that_nobody_pressed(play, keys):
    for key in keys:
        play.press(key, "rating_pad")
    (words,) = said(play, *THANKS)
    assert "level 4" in words


def test_a_thank_you_that_names_no_press(play):
    play.press(3, "rating_pad")
    (words,) = said(play, THANKS[0], {"leds": [0] * 5})
    assert "no press" in words


def test_a_pad_that_loses_its_power_while_it_says_thank_you(play):
    play.press(3, "rating_pad")
    said(play, THANKS[0])
    play.cut("rating_pad")
    assert said(play, {"leds": [0] * 5}) == []


def test_a_glass_that_goes_back(play):
    play.hear("window_display", {**FRAME, "version": [3, 6]})
    (words,) = play.stage.wrong
    assert "window-display went back" in words


def test_a_glass_may_begin_anew_when_the_power_was_gone(play):
    play.cut("window_display")
    play.hear("window_display", {**FRAME, "version": [3, 6]})
    assert play.stage.wrong == []


@pytest.mark.parametrize("role", ["window_display", "call_pad", "rating_pad"])
@pytest.mark.parametrize("change", [{"version": [3, 8]}, {"number": "A013"}, {"mark": "offline"}])
def test_every_glass_is_compared_and_its_mark(play, role, change):
    play.hear(role, {**FRAME, **change})
    (words,) = play.stage.unlike(MEANT)
    assert role.replace("_", "-") in words


def test_a_dark_glass_and_a_hub_that_does_not_answer(play):
    assert len(list(play.stage.unlike({}))) == 3
    play.cut("call_pad")
    (words,) = play.stage.unlike(MEANT)
    assert "call-pad shows None" in words
