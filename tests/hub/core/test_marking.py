"""Marks on ratings: what cheating looks like is marked, what honest people do is not, and two people exclude."""

from __future__ import annotations

from random import Random

import pytest

from hub.core import commands, events, marks
from hub.core.marking import Mark, marking_of
from hub.core.ratings import Words
from hub.core.state import Pressed
from tests.hub.core.test_days import next_day
from tests.hub.core.test_ratings import served
from tests.hub.halls import Play, refused

MINUTE_MS = 60_000
LEVELS = (5, 4, 3, 2, 1)
WEIGHTS = (70, 22, 5, 2, 1)


class Pads:
    """Presses of a day. `honest` fills other pads, so that there is something to compare with."""

    def __init__(self, seed: int = 1):
        self.chance = Random(seed)
        self.presses: list[Pressed] = []

    def press(self, window: str, minute: float, level: int, **more) -> None:
        number = len(self.presses)
        at_ms = round(minute * MINUTE_MS)
        said = {"standing": "counted", "left_ms": 0, "replaced": 0, "visit": f"v{number}", "clerk": "li", **more}
        channel = said.pop("channel", "pad")
        press = Pressed(f"r{number}", channel, f"pad-{window}", window, level=level, at_ms=at_ms, **said)
        self.presses.append(press)

    def honest(self, windows: int = 10, visits: int = 30) -> Pads:
        for window in range(windows):
            for visit in range(visits):
                left = 15 * visit + self.chance.uniform(0, 10)
                level = self.chance.choices(LEVELS, WEIGHTS)[0]
                after_ms = round(self.chance.uniform(1000, 30_000))
                self.press(f"h{window}", left + after_ms / MINUTE_MS, level, left_ms=round(left * MINUTE_MS))
        return self

    def found(self, window: str = "1", served: dict[str, int] | None = None) -> dict[str, Mark]:
        return {mark.rule: mark for mark in marking_of(self.presses, served or {}) if mark.window == window}


def test_honest_days_are_not_marked():
    marked = [mark for seed in range(60) for mark in marking_of(Pads(seed).honest().presses, {})]
    assert len(marked) <= 1, marked


def test_a_hall_where_nearly_all_press_the_best_is_not_marked_for_it():
    pads = Pads()
    for window in range(12):
        for visit in range(60):
            pads.press(f"h{window}", 8 * visit, 5 if pads.chance.random() < 0.99 else 4)
    assert not marking_of(pads.presses, {})


def test_presses_without_a_visit_are_marked_when_they_are_several():
    pads = Pads().honest()
    for minute in (10, 13, 19, 200):
        pads.press("1", minute, 5, standing="no-visit")
    mark = pads.found()["no-visit"]
    assert (len(mark.ratings), mark.evidence) == (3, {"presses": 3, "span_s": 540})


def test_a_bad_rating_that_was_pressed_over_is_marked():
    pads = Pads().honest()
    pads.press("1", 10, 5, standing="correction", replaced=1)
    pads.press("1", 30, 2, standing="correction", replaced=1)
    assert len(pads.found()["overpressed"].ratings) == 1


def test_a_pad_that_is_pressed_in_a_row_is_marked():
    pads = Pads().honest()
    for number in range(4):
        pads.press("1", 10 + number / 6, 5)
    assert pads.found()["in-a-row"].evidence == {"presses": 4, "span_s": 30}


def test_one_visit_that_is_corrected_in_a_row_is_one_person():
    pads = Pads().honest()
    for number in range(6):
        pads.press("1", 10 + number / 20, 4, visit="v", standing="correction" if number else "counted")
    assert not pads.found()


def test_a_fixed_rhythm_is_marked():
    pads = Pads().honest()
    for number in range(7):
        left_ms = round((10 + 9.3 * number) * MINUTE_MS)
        late_ms = 2000 + pads.chance.randrange(300)
        pads.press("1", (left_ms + late_ms) / MINUTE_MS, 5 - number % 2, left_ms=left_ms)
    assert len(pads.found()["rhythm"].ratings) == 7


def test_a_rhythm_is_found_among_honest_presses():
    pads = Pads().honest()
    for number in range(14):
        left_ms = round((10 + 9.3 * number) * MINUTE_MS)
        late_ms = 2000 + pads.chance.randrange(900) if number % 2 else pads.chance.randrange(4000, 30_000)
        pads.press("1", (left_ms + late_ms) / MINUTE_MS, 5, left_ms=left_ms)
    assert len(pads.found()["rhythm"].ratings) == 7


def test_always_the_same_level_is_a_mark_of_the_pad_and_of_no_rating():
    pads = Pads().honest()
    for number in range(45):
        pads.press("1", 10 * number, 5)
    found = pads.found()
    assert {"same-level", "unlike"} <= found.keys()
    assert found["same-level"].ratings == () == found["unlike"].ratings
    assert found["same-level"].evidence["presses"] == 45


def test_a_pad_where_everybody_presses_while_elsewhere_half_do_is_unlike_its_peers():
    pads = Pads()
    for window in range(11):
        for visit in range(30):
            pads.press(f"h{window}", 15 * visit, 5 if visit % 7 else 4)
    served = {f"h{window}": 60 for window in range(1, 11)}
    assert pads.found("h0", {**served, "h0": 31})["unlike"].evidence == {
        "rated": 30,
        "served": 31,
        "others_percent": 50,
    }
    assert not pads.found("h0", {**served, "h0": 55})


def test_a_burst_of_bad_ratings_is_marked():
    pads = Pads().honest()
    for number in range(5):
        pads.press("1", 100 + number * 12, 1)
    assert pads.found()["burst"].evidence == {"bad": 5, "of": 5, "span_s": 2880}


def test_a_bad_day_of_a_bad_hall_is_no_burst():
    pads = Pads()
    for window in range(10):
        for visit in range(40):
            pads.press(f"h{window}", 10 * visit, 1 if pads.chance.random() < 0.4 else 5)
    for number in range(4):
        pads.press("1", 100 + number * 2, 1)
    assert "burst" not in pads.found()


def test_phones_are_not_asked():
    pads = Pads().honest()
    for number in range(10):
        pads.press("1", 10 + number / 100, 5, channel="phone")
    assert not pads.found()


def marked_play() -> tuple[Play, str]:
    """Three presses without a visit yesterday, at the window of li; the name of their mark."""
    play = Play()
    served(play)
    for seq in range(3):
        play.rate("", seq=seq)
        play.ms += MINUTE_MS
    opened = next_day(play)
    (marked,) = [event for event in opened if isinstance(event, events.RatingsMarked)]
    return play, marked.mark


def test_the_day_that_is_over_is_looked_at_when_the_next_begins():
    play, mark = marked_play()
    found = play.state.marks[mark]
    assert (found.rule, found.window, found.clerk, found.state) == ("no-visit", "1", "li", marks.MARKED)
    assert found.ratings == ("pad:9:0", "pad:9:1", "pad:9:2")


def act(play: Play, verb: str, mark: str, by: str, text: str = "nobody was there"):
    return play.do(commands.MARK_VERBS[verb]("", mark, by, Words(text)))


def test_excluding_needs_two_people_of_whom_none_is_the_clerk():
    play, mark = marked_play()
    assert refused(act(play, "exclude", mark, "manager:li")) == "own-review"
    assert refused(act(play, "exclude", mark, "reviewer:anna", " ")) == "words-needed"
    assert refused(act(play, "agree", mark, "reviewer:anna")) == "mark-not-now"
    act(play, "exclude", mark, "reviewer:anna")
    assert refused(act(play, "agree", mark, "manager:anna")) == "second-person"
    act(play, "agree", mark, "manager:boss")
    assert play.state.marks[mark].state == marks.EXCLUDED


def test_every_line_of_the_table_happens_and_nothing_else():
    seen, took, todo = set(), set(), [[]]
    while todo:
        path = todo.pop()
        for verb in commands.MARK_VERBS:
            play, mark = marked_play()
            for number, step in enumerate(path):
                act(play, step, mark, f"reviewer:p{number}")
            state = play.state.marks[mark].state
            done = act(play, verb, mark, "reviewer:last")
            if isinstance(done, list):
                took.add((state, type(done[0])))
                if (state, verb) not in seen:
                    todo.append([*path, verb])
            else:
                assert done.code == "mark-not-now"
            seen.add((state, verb))
    assert took == marks.TRANSITIONS.keys()


@pytest.mark.parametrize("verb", commands.MARK_VERBS)
def test_a_mark_that_is_not_there(verb):
    assert refused(act(Play(), verb, "none", "reviewer:anna")) == "unknown-mark"


def test_a_mark_of_a_pad_excludes_nothing():
    play = Play()
    seq = play.state.seq
    play._apply([events.RatingsMarked("m", "unlike", "1", "li", ())])
    assert play.state.seq == seq + 1
    assert refused(act(play, "exclude", "m", "reviewer:anna")) == "mark-of-pad"
