"""A robot at its window: what it sees decides what it presses, and time is only an argument."""

from itertools import repeat

from protocol.verbs import KEYPAD
from tools.demo.crowd import Visit
from tools.demo.robot import AFTER_REFUSAL_S, PRESS_AGAIN_S, RATE_TRIES, Glass, Press, Robot

ORDINARY = Visit(
    pause_s=1, walk_s=2, service_s=3, absent_s=4, rate_s=0.5, comes=True, recalled=False, double_press=False, level=5
)


def changed(**changes):
    return Visit(**{name: changes.get(name, getattr(ORDINARY, name)) for name in Visit.__slots__})


def robot(visit=ORDINARY, speed=1.0):
    return Robot(repeat(visit), speed)


def key(verb):
    return Press("call_pad", KEYPAD.index(verb))


OPEN = Glass("open", "", (1, 10))
CALLED = Glass("called", "A001", (1, 11))
CALLED_AGAIN = Glass("called", "A001", (1, 12))
SERVING = Glass("serving", "A001", (1, 13))
DONE = Glass("open", "", (1, 14))


def test_presses_next_after_the_pause_and_not_before():
    clerk = robot()
    assert clerk.step(0, OPEN) == []
    assert clerk.step(0.9, OPEN) == []
    assert clerk.step(1.0, OPEN) == [key("next")]
    assert clerk.step(1.1, OPEN) == []


def test_a_slip_of_the_finger_presses_next_twice():
    clerk = robot(changed(double_press=True))
    clerk.step(0, OPEN)
    assert clerk.step(1, OPEN) == [key("next"), key("next")]


def test_starts_when_the_applicant_has_walked_and_finishes_after_the_service():
    clerk = robot()
    clerk.step(0, CALLED)
    assert clerk.step(1.9, CALLED) == []
    assert clerk.step(2, CALLED) == [key("start")]
    clerk.step(2.1, SERVING)
    assert clerk.step(5.2, SERVING) == [key("finish")]


def test_the_applicant_rates_once_after_the_service():
    clerk = robot()
    clerk.step(0, SERVING)
    clerk.step(3, DONE)
    assert clerk.step(3.5, DONE) == [Press("rating_pad", 0)]
    clerk.thanked()
    assert Press("rating_pad", 0) not in clerk.step(3.6 + PRESS_AGAIN_S, DONE)


def test_an_applicant_who_is_not_thanked_presses_again_and_then_gives_up():
    clerk = robot(changed(pause_s=1000))
    clerk.step(0, SERVING)
    clerk.step(3, DONE)
    presses = [press for tenth in range(30, 500) for press in clerk.step(tenth / 10, DONE)]
    assert presses == [Press("rating_pad", 0)] * RATE_TRIES


def test_who_does_not_rate_presses_nothing():
    clerk = robot(changed(level=None, pause_s=1000))
    clerk.step(0, SERVING)
    clerk.step(3, DONE)
    assert [press for second in range(4, 50) for press in clerk.step(second, DONE)] == []


def test_who_does_not_come_is_called_again_and_then_missed():
    clerk = robot(changed(comes=False))
    clerk.step(0, CALLED)
    assert clerk.step(4, CALLED) == [key("recall")]
    clerk.step(4.1, CALLED_AGAIN)
    assert clerk.step(8.2, CALLED_AGAIN) == [key("missed")]


def test_a_hall_may_ask_for_more_calls_before_somebody_is_missed():
    clerk = Robot(repeat(changed(comes=False)), 1, min_calls=3)
    pressed = []
    for version in (11, 12, 13):
        called = Glass("called", "A001", (1, version))
        clerk.step(10 * version, called)
        pressed += clerk.step(10 * version + 5, called)
    assert pressed == [key("recall"), key("recall"), key("missed")]


def test_nobody_rates_who_was_not_served():
    clerk = robot(changed(comes=False))
    clerk.step(0, CALLED)
    clerk.step(1, DONE)
    assert clerk.step(1.9, DONE) == []


def test_who_missed_the_first_call_comes_after_the_second():
    clerk = robot(changed(recalled=True))
    clerk.step(0, CALLED)
    assert clerk.step(4, CALLED) == [key("recall")]
    clerk.step(4.1, CALLED_AGAIN)
    assert clerk.step(6.2, CALLED_AGAIN) == [key("start")]


def test_a_display_that_was_restarted_is_no_second_call():
    clerk = robot(changed(comes=False))
    clerk.step(0, CALLED)
    clerk.step(1, Glass("", "", (0, 0)))
    clerk.step(2, CALLED)
    assert clerk.step(6.1, CALLED) == [key("recall")]


def test_a_press_that_changes_nothing_is_made_again():
    clerk = robot()
    clerk.step(0, OPEN)
    clerk.step(1, OPEN)
    assert clerk.step(0.9 + PRESS_AGAIN_S, OPEN) == []
    assert clerk.step(1.1 + PRESS_AGAIN_S, OPEN) == [key("next")]


def test_a_refusal_is_followed_by_another_try_soon():
    clerk = robot()
    clerk.step(0, OPEN)
    clerk.step(1, OPEN)
    clerk.refused(1.1)
    assert clerk.step(1.2 + AFTER_REFUSAL_S, OPEN) == [key("next")]


def test_nothing_is_pressed_before_a_closed_window_or_an_unknown_sign():
    clerk = robot()
    for mode in ("closed", "", "maintenance"):
        glass = Glass(mode, "", (1, 1))
        assert [press for second in range(100) for press in clerk.step(second, glass)] == []


def test_at_double_speed_everything_takes_half_as_long():
    clerk = robot(speed=2.0)
    clerk.step(0, OPEN)
    assert clerk.step(0.5, OPEN) == [key("next")]


def test_each_number_has_a_visit_of_its_own():
    visits = iter([changed(walk_s=1), changed(walk_s=2), changed(walk_s=3), ORDINARY])
    clerk = Robot(visits, 1.0)
    clerk.step(0, CALLED)
    assert clerk.step(1, CALLED) == [key("start")]
    later = Glass("called", "A002", (1, 20))
    clerk.step(10, later)
    assert clerk.step(11.9, later) == []
    assert clerk.step(12, later) == [key("start")]
