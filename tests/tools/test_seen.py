"""A device's lines: what they change on its face, and what they tell."""

import json

from tools.demo.accounting import Promise
from tools.demo.robot import Glass
from tools.demo.seen import LOG_LINES, Called, Drawn, Face, Promised, Settled, take

FRAME = {"frame": "AA==", "w": 8, "h": 1, "version": [3, 7], "mode": "called", "number": "A012"}


def hear(face, said):
    return take(face, "pad-1", json.dumps(said).encode() + b"\n")


def test_a_frame_is_on_the_face_and_is_told():
    face = Face()
    assert hear(face, FRAME) == Drawn(Glass("called", "A012", (3, 7)))
    assert (face.frame, face.width, face.height) == ("AA==", 8, 1)


def test_a_promise_has_the_name_of_its_press():
    assert hear(Face(), {"promised": [77, 4, 5, "v1"]}) == Promised(Promise(("pad-1", 77, 4), 5, "v1"))


def test_a_call_and_its_answer():
    face = Face()
    assert hear(face, {"call": [77, 4, "next"]}) == Called(("pad-1", 77, 4), "next")
    assert hear(face, {"settled": [77, 4, "stale"]}) == Settled(("pad-1", 77, 4), "stale")


def test_lights_and_beeps_are_seen_and_heard():
    face = Face()
    assert hear(face, {"leds": [1, 0]}) is None
    hear(face, {"beep": 100})
    hear(face, {"beep": 100})
    assert (face.leds, face.beeps) == ([1, 0], 2)


def test_a_line_that_was_torn_by_a_kill_is_no_event():
    face = Face()
    for line in (b'{"promised": [77, 4', b"\xff\xfe", b"[1]", b'{"frame": "AA=="}', b'{"promised": [1]}', b""):
        assert take(face, "pad-1", line) is None
    assert face.glass is None


def test_the_log_is_bounded():
    face = Face()
    for number in range(3 * LOG_LINES):
        hear(face, {"log": str(number)})
    assert len(face.log) == LOG_LINES and face.log[-1] == str(3 * LOG_LINES - 1)


def test_a_device_without_power_is_dark():
    face = Face(on=True)
    hear(face, FRAME)
    face.go_dark()
    assert (face.on, face.frame, face.glass) == (False, None, None)
