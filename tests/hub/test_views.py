"""What is sent to displays, from the state."""

from __future__ import annotations

from dataclasses import replace

from hub import views
from hub.core import commands
from hub.core.hall import Hall
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


def test_how_many_wait_counts_the_window_its_services_and_its_clerk():
    play = Play()
    play.do(commands.SignIn("", "li", "1", "clerk:li"))
    play.do(commands.SignIn("", "wang", "2", "clerk:wang"))
    assert views.waiting_at(play.state, "1") == 0
    for service in ("a", "b", "b"):
        play.draw(service)
    assert [views.waiting_at(play.state, window) for window in ("1", "2", "3")] == [3, 3, 2]
    play.press("next", "2")
    play.press("transfer", "2", to_window="1")
    assert [views.waiting_at(play.state, window) for window in ("1", "2", "3")] == [3, 2, 2]


def numbered_hall(service: str = "Tax", number: str = "08") -> Hall:
    hall = small_hall()
    services = {**hall.services, "a": replace(hall.services["a"], names=dict.fromkeys(LANGUAGES, service))}
    return replace(hall, services=services, clerk_numbers={"li": number} if number else {})


def about(hall: Hall, *verbs: str) -> dict[str, str]:
    """What displays tell beside the number, after these presses."""
    play = Play(hall)
    play.do(commands.SignIn("", "li", "1", "clerk:li"))
    play.draw("a")
    for verb in verbs:
        play.press(verb)
    return read_window_state(encode(views.window_state(play.state, "1"))).about


def test_a_display_tells_what_is_served_and_by_whom():
    assert about(numbered_hall()) == {"zh-Hans": "工号08", "zh-Hant": "工號08", "en": "Staff 08"}
    for verbs in (("next",), ("next", "start")):
        assert about(numbered_hall(), *verbs)["zh-Hans"] == "Tax 工号08"
    assert about(numbered_hall(), "next", "start", "finish")["en"] == "Staff 08"


def test_a_clerk_without_a_number_is_not_named():
    assert about(numbered_hall(number="")) == {}
    assert set(about(numbered_hall(number=""), "next").values()) == {"Tax"}


def test_the_longest_names_still_fit_what_a_board_takes():
    hall = numbered_hall("服" * 32, "A" * 8)
    hall = replace(
        hall, windows={**hall.windows, "1": replace(hall.windows["1"], names=dict.fromkeys(LANGUAGES, "窗" * 32))}
    )
    assert len(about(hall, "next")["zh-Hans"]) == 43
