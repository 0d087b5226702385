"""A rating belongs to visit, stop, window, clerk and case; it counts once; what comes later is kept beside it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from hub.core import commands, ratings
from hub.core.events import RatingRecorded
from hub.core.hall import Hall
from hub.core.ratings import RatingRules, Reason, Words, cleaned
from hub.core.refusals import Refusal
from tests.hub.core.test_days import next_day
from tests.hub.halls import Play, names, refused, small_hall

SLOW = Reason("slow", names("慢"), (2, 1))


def served(play: Play, clerk: str = "li", window: str = "1") -> str:
    if not play.state.windows[window].clerk:
        play.sign_in(window, clerk)
    visit = play.draw()
    for verb in ("next", "start", "finish"):
        play.press(verb, window)
    return visit


def rated_hall() -> Hall:
    return replace(small_hall(), ratings=RatingRules(reasons_version="1", reasons=(SLOW,)))


def press(play: Play, visit: str, level: int = 5, **more: Any) -> RatingRecorded:
    """What became of a press on the pad."""
    (event, *_) = play.rate(visit, level, **more)
    return event


def by_phone(play: Play, visit: str, level: int = 5, **more: Any):
    said = {"channel": "phone", "stop": 0, **more}
    identity = said.pop("id", f"phone-{level}")
    command = commands.RecordRating(identity, "", 0, 0, "", visit, level, play.ms, play.ms, **said)
    return play.do(command)


def test_a_press_belongs_to_the_clerk_who_served():
    play = Play()
    event = press(play, served(play), level=2)
    assert (event.window, event.clerk, event.service, event.level, event.standing) == ("1", "li", "a", 2, "counted")


def test_a_clerk_who_signed_out_before_the_press_is_rated_all_the_same():
    play = Play()
    visit = served(play)
    play.do(commands.SignOut("", "1", "clerk:li"))
    play.sign_in("1", "wang")
    assert press(play, visit).clerk == "li"


def test_a_second_press_within_the_correction_time_counts_in_the_place_of_the_first():
    play = Play()
    visit = served(play)
    first = press(play, visit, 2)
    play.ms += 59_000
    second = press(play, visit, 5, seq=2)
    assert (second.standing, second.replaces, second.attempt) == ("correction", first.rating, 2)
    assert [given.level for given in play.state.given[visit]] == [5]


def test_the_correction_time_is_that_of_the_first_word_however_often_it_was_corrected():
    play = Play()
    visit = served(play)
    standings = []
    for seq, level in enumerate((5, 4, 5), start=1):
        standings.append(press(play, visit, level, seq=seq).standing)
        play.ms += 40_000
    assert standings == ["counted", "correction", "remark"]


def test_a_later_press_is_a_remark():
    play = Play()
    visit = served(play)
    press(play, visit)
    play.ms += 61_000
    assert press(play, visit, 1, seq=2).standing == "remark"
    assert [given.level for given in play.state.given[visit]] == [5]


def test_a_press_that_was_made_before_what_counts_is_a_remark():
    """A pad without network delivers when its applicant has rated by phone."""
    play = Play()
    visit = served(play)
    by_phone(play, visit, 4)
    late = play.do(commands.RecordRating("", "pad", 9, 1, "1", visit, 5, play.ms - 9000, play.ms - 9000))
    assert isinstance(late, list) and late[0].standing == "remark"


def test_nobody_knows_when_a_restarted_pad_was_pressed_so_it_corrects_nothing():
    play = Play()
    visit = served(play)
    press(play, visit, 4)
    late = play.do(commands.RecordRating("", "pad", 9, 2, "1", visit, 5, play.ms - 100_000, play.ms))
    assert isinstance(late, list) and late[0].standing == "remark"


def test_a_press_without_a_visit_is_kept_apart_with_who_sat_there():
    play = Play()
    play.sign_in("2", "wang")
    event = press(play, "", window="2")
    assert (event.window, event.clerk, event.sitting, event.standing) == ("2", "", "wang", "no-visit")


def test_a_press_for_somebody_who_was_never_called_is_no_visit():
    play = Play()
    assert press(play, play.draw()).standing == "no-visit"


def test_a_press_at_a_window_where_the_person_was_not_is_nobodys():
    """After a restore the log may have lost that they were there: another window's clerk has nothing to do with it."""
    play = Play()
    event = press(play, served(play), window="3")
    assert (event.window, event.clerk, event.standing) == ("3", "", "no-visit")


def test_a_visit_that_was_sent_on_is_rated_at_each_of_its_windows():
    play = Play()
    play.sign_in("1", "li")
    play.sign_in("2", "wang")
    visit = play.draw()
    play.press("next")
    play.press("start")
    play.press("transfer", to_window="2")
    play.press("next", "2")
    play.press("start", "2")
    at = [press(play, visit, level, seq=level, window=window) for window, level in (("1", 4), ("2", 5))]
    assert [(event.clerk, event.level, event.standing) for event in at] == [
        ("li", 4, "counted"),
        ("wang", 5, "counted"),
    ]


def test_two_cases_in_one_visit_are_rated_one_after_the_other():
    """The clerk notes the second case when it begins; a press is about the case that was noted last."""
    play = Play()
    play.sign_in()
    visit = play.draw(case="X-1")
    play.press("next")
    play.press("start")
    first = press(play, visit, 5)
    play.do(commands.NoteCase("", visit, "X-2", "clerk:li"))
    second = press(play, visit, 2, seq=2)
    assert [(event.case, event.standing) for event in (first, second)] == [("X-1", "counted"), ("X-2", "counted")]


def test_by_phone_one_can_say_which_case_is_meant():
    play = Play()
    play.sign_in()
    visit = play.draw(case="X-1")
    play.press("next")
    play.press("start")
    play.do(commands.NoteCase("", visit, "X-2", "clerk:li"))
    (event,) = by_phone(play, visit, 5, case="X-1")
    assert event.case == "X-1"
    assert refused(by_phone(play, visit, 5, case="X-3", id="b")) == "unknown-case"


def test_a_rating_of_yesterday_arrives_today():
    play = Play()
    visit = served(play)
    next_day(play)
    event = press(play, visit)
    assert (event.clerk, event.standing) == ("li", "counted")


def test_a_case_of_yesterday_is_still_known():
    play = Play()
    play.sign_in()
    visit = play.draw(case="X-1")
    play.press("next")
    play.press("finish")
    next_day(play)
    assert press(play, visit).case == "X-1"


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"level": 0}, "bad-level"),
        ({"level": 6}, "bad-level"),
        ({"level": 5, "reasons": ("slow",)}, "unknown-reason"),
        ({"level": 1, "reasons": ("nonsense",)}, "unknown-reason"),
        ({"words": Words("长" * 10_000)}, "text-too-long"),
        ({"words": Words("", "名" * 41)}, "text-too-long"),
        ({"stop": 1}, "not-served-yet"),
    ],
)
def test_what_is_typed_wrongly_is_refused_and_nothing_is_kept(more, reason):
    play = Play(rated_hall())
    visit = served(play)
    assert refused(by_phone(play, visit, **more)) == reason
    assert not play.state.given


def test_a_link_of_a_visit_that_nobody_knows_or_that_is_too_long_ago_is_refused():
    play = Play(replace(small_hall(), ratings=RatingRules(link_days=1)))
    visit = served(play)
    assert refused(by_phone(play, "guessed")) == "unknown-ticket"
    next_day(play)
    next_day(play, "2026-01-07")
    assert refused(by_phone(play, visit)) == "link-expired"


def test_who_waits_has_nothing_to_rate_yet():
    play = Play()
    assert refused(by_phone(play, play.draw())) == "not-served-yet"


def test_staff_enter_what_somebody_said_and_never_about_themselves():
    play = Play()
    visit = served(play)
    assert refused(by_phone(play, visit, channel="staff", by="clerk:li")) == "own-rating"
    (event,) = by_phone(play, visit, channel="staff", by="clerk:wang")
    assert (event.channel, event.by, event.standing) == ("staff", "clerk:wang", "counted")


def test_reasons_are_kept_with_the_version_of_their_list():
    play = Play(rated_hall())
    (event, _) = by_phone(play, served(play), 1, reasons=("slow", "slow"))
    assert (event.reasons, event.reasons_version) == (("slow",), "1")


def test_words_are_never_in_the_event():
    play = Play()
    (event,) = by_phone(play, served(play), words=Words("谢谢 13800138000", "王", "13800138000"))
    assert event.words and event.named
    assert "138" not in repr(event)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("好\x00\x07\x1b[31m", "好[31m"),
        ("a\nb\tc", "a\nb\tc"),
        ("\u202egnp.exe", "gnp.exe"),
        ("\ud800", ""),
        ("  \x00 ", ""),
        ("=1+1", "=1+1"),
        ("<script>", "<script>"),
    ],
)
def test_what_cannot_be_seen_is_taken_out_and_nothing_else(typed, kept):
    assert cleaned(Words(typed)).text == kept


def test_a_contact_is_left_for_a_visit_of_today():
    play = Play()
    visit = served(play)
    command = commands.LeaveContact("", visit, Words(contact="13800138000"), "clerk:li")
    assert refused(play.do(replace(command, words=Words()))) == "contact-needed"
    assert refused(play.do(replace(command, visit="nobody"))) == "unknown-ticket"
    assert not isinstance(play.do(command), Refusal)
    assert visit in play.state.contacts
    press(play, visit)
    assert visit not in play.state.contacts, "who rated need not be asked"


def test_standing_needs_to_know_that_the_second_word_was_soon():
    given = ratings.Given("r", 0, "", 5, 1000)
    spans = {(1000, 1000): "correction", (2000, 61_000): "correction", (2000, 61_001): "remark", (999, 1000): "remark"}
    assert {span: ratings.standing(given, *span, 60_000) for span in spans} == spans
