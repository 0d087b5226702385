"""A rating belongs to visit, window and clerk; a press without a visit is kept apart."""

from __future__ import annotations

from tests.hub.halls import Play


def served(play: Play, clerk: str = "li") -> str:
    play.sign_in("1", clerk)
    visit = play.draw()
    play.press("next")
    play.press("start")
    play.press("finish")
    return visit


def test_a_press_belongs_to_the_clerk_who_served():
    play = Play()
    (event,) = play.rate(served(play), level=2)
    assert (event.window, event.clerk, event.service, event.level, event.standing) == ("1", "li", "a", 2, "counted")


def test_a_second_press_is_kept_but_not_counted():
    play = Play()
    visit = served(play)
    play.rate(visit)
    (event,) = play.rate(visit, level=1, seq=2)
    assert event.standing == "repeat"


def test_a_press_without_a_visit_is_kept_apart_with_its_window():
    play = Play()
    (event,) = play.rate("", window="2")
    assert (event.window, event.clerk, event.standing) == ("2", "", "no-visit")


def test_a_press_for_somebody_who_was_never_called_is_no_visit():
    play = Play()
    (event,) = play.rate(play.draw())
    assert event.standing == "no-visit"


def test_a_press_at_a_window_where_the_person_was_not_is_nobodys():
    """After a restore the log may have lost that they were there: another window's clerk has nothing to do with it."""
    play = Play()
    (event,) = play.rate(served(play), window="3")
    assert (event.window, event.clerk, event.standing) == ("3", "", "no-visit")
