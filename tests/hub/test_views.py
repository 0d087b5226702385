"""What is sent to displays, from the state."""

from __future__ import annotations

from dataclasses import replace

from hub import views
from hub.core import commands
from protocol.downward import LANGUAGES, encode, read_window_state
from tests.hub.halls import Play, small_hall


def paused_text(window: str, reason: str) -> str:
    hall = small_hall()
    named = replace(hall.windows["1"], names=dict.fromkeys(LANGUAGES, window))
    pauses = {"tea": dict.fromkeys(LANGUAGES, reason)}
    play = Play(replace(hall, windows={**hall.windows, "1": named}, pauses=pauses))
    play.do(commands.SignIn("", "li", "1", "clerk:li"))
    play.do(commands.PauseWindow("", "1", "tea", "clerk:li"))
    return read_window_state(encode(views.window_state(play.state, "1"))).texts["en"]


def test_a_pause_tells_its_reason():
    assert paused_text("Window 1", "tea") == "Window 1 pauses: tea"


def test_a_reason_that_no_display_has_room_for_is_left_out():
    assert paused_text("W" * 32, "r" * 32) == "W" * 32 + " is closed"
