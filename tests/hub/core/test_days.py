"""A new business day: numbers start again, and nothing of yesterday is lost."""

from __future__ import annotations

from dataclasses import replace

from hub.core import commands
from tests.hub.halls import Play, refused, small_hall


def next_day(play: Play, day: str = "2026-01-06"):
    return play.do(commands.OpenDay("", day))


def test_numbers_start_again_and_who_waited_has_expired():
    play = Play()
    play.draw()
    play.draw()
    events = next_day(play)
    assert isinstance(events, list)
    assert [type(event).__name__ for event in events] == ["TicketExpired", "TicketExpired", "DayOpened"]
    visit = play.draw()
    assert play.state.tickets[visit].number == "A001"


def test_who_is_being_served_is_done_and_clerks_are_signed_out():
    play = Play()
    play.sign_in()
    visit = play.draw()
    play.press("next")
    next_day(play)
    assert play.state.past[visit].stops[0].clerk == "li"
    assert play.state.windows["1"].clerk == ""


def test_a_day_does_not_open_twice_nor_backwards():
    play = Play()
    assert refused(next_day(play, "2026-01-05")) == "day-over"
    assert refused(next_day(play, "2026-01-04")) == "day-over"


def test_a_rating_of_yesterday_still_finds_its_clerk():
    play = Play()
    play.sign_in()
    visit = play.draw()
    play.press("next")
    play.press("finish")
    next_day(play)
    (event,) = play.rate(visit)
    assert (event.clerk, event.window, event.standing) == ("li", "1", "counted")
    (again,) = play.rate(visit, seq=2)
    assert again.standing == "correction"


def test_visits_are_forgotten_after_their_days():
    play = Play()
    play.sign_in()
    visit = play.draw()
    play.press("next")
    next_day(play, "2026-01-06")
    next_day(play, "2026-01-15")
    assert visit in play.state.past
    next_day(play, "2026-01-16")
    assert visit not in play.state.past


def test_a_changed_hall_keeps_its_people():
    play = Play()
    play.draw("a")
    hall = small_hall(end=5)
    assert not refused(play.do(commands.ConfigureHall("", hall)))
    assert play.state.lines.counts["a"] == 1


def test_a_service_with_people_waiting_is_not_removed():
    play = Play()
    play.draw("b")
    hall = small_hall()
    del hall.services["b"]
    assert refused(play.do(commands.ConfigureHall("", hall))) == "service-has-waiting"


def test_a_window_in_use_is_not_removed():
    play = Play()
    play.sign_in("2")
    hall = small_hall()
    del hall.windows["2"]
    assert refused(play.do(commands.ConfigureHall("", hall))) == "window-in-use"


def test_an_exception_for_today_holds_at_once_and_those_who_wait_are_still_called():
    play = Play()
    play.sign_in()
    visit = play.draw()
    play.do(commands.ConfigureHall("", replace(small_hall(), exceptions={play.state.day: "closed"})))
    assert refused(play.do(commands.DrawTicket("", "late", "a", "kiosk:k"))) == "closed"
    play.press("next")
    assert play.state.windows["1"].visit == visit
