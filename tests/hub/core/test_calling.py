"""Calling: one press, one person; the rules as a clerk meets them."""

from __future__ import annotations

from hub.core import commands, events
from tests.hub.halls import Play, refused, small_hall


def test_the_first_to_come_is_the_first_to_be_called_across_services():
    play = Play()
    play.sign_in()
    for service in ("b", "a", "b"):
        play.draw(service)
    called = []
    for _ in range(3):
        play.press("next")
        called.append(play.number_at())
    assert called == ["B001", "A001", "B002"]


def test_a_window_calls_only_its_services():
    play = Play()
    play.sign_in("3")
    play.draw("a")
    assert refused(play.press("next", "3")) == "nobody-waiting"
    play.draw("b")
    play.press("next", "3")
    assert play.number_at("3") == "B001"


def test_a_second_press_for_the_same_version_calls_nobody():
    play = Play()
    play.sign_in()
    play.draw()
    play.draw()
    seen = play.state.version("1")
    play.press("next", seen=seen)
    assert refused(play.press("next", seen=seen)) == "stale"
    assert play.number_at() == "A001"


def test_a_press_of_an_older_hub_epoch_is_stale():
    play = Play()
    play.sign_in()
    play.draw()
    epoch, revision = play.state.version("1")
    assert refused(play.press("next", seen=(epoch - 1, revision))) == "stale"


def test_next_right_after_a_call_is_a_slip_of_the_finger():
    play = Play(small_hall(slip_guard_ms=1500))
    play.sign_in()
    play.draw()
    play.draw()
    play.press("next")
    play.ms += 1499
    assert refused(play.press("next")) == "slip"
    play.ms += 1
    assert not refused(play.press("next"))


def test_a_clock_set_back_does_not_block_the_window():
    play = Play(small_hall(slip_guard_ms=1500))
    play.sign_in()
    play.draw()
    play.draw()
    play.press("next")
    play.ms -= 3_600_000
    assert not refused(play.press("next"))


def test_next_finishes_whom_the_window_held():
    play = Play()
    play.sign_in()
    first = play.draw()
    play.draw()
    play.press("next")
    decision = play.press("next")
    assert isinstance(decision, list)
    assert decision[0] == events.TicketFinished(first, "1", "device:pad", implicit=True)
    assert play.state.tickets[first].state == "done"


def test_next_with_nobody_waiting_keeps_the_window_as_it_is():
    play = Play()
    play.sign_in()
    play.draw()
    play.press("next")
    assert refused(play.press("next")) == "nobody-waiting"
    assert play.number_at() == "A001"


def test_nobody_is_called_to_a_window_without_a_clerk():
    play = Play()
    play.draw()
    assert refused(play.press("next")) == "nobody-signed-in"


def test_recall_keeps_the_number_and_counts():
    play = Play()
    play.sign_in()
    visit = play.draw()
    play.press("next")
    play.press("recall")
    ticket = play.state.tickets[visit]
    assert (ticket.state, ticket.calls, play.number_at()) == ("called", 2, "A001")


def test_the_life_of_a_ticket():
    play = Play()
    play.sign_in()
    visit = play.draw()
    states = [play.state.tickets[visit].state]
    for verb in ("next", "start", "finish"):
        play.press(verb)
        states.append(play.state.tickets[visit].state)
    assert states == ["waiting", "called", "serving", "done"]


def test_who_does_not_come_is_missed_and_the_window_is_free():
    play = Play()
    play.sign_in()
    visit = play.draw()
    play.press("next")
    play.press("missed")
    assert play.state.tickets[visit].state == "missed"
    assert play.number_at() == ""


def test_what_the_table_does_not_allow_is_refused():
    play = Play()
    play.sign_in()
    play.draw()
    assert refused(play.press("start")) == "nothing-called"
    play.press("next")
    play.press("start")
    assert refused(play.press("start")) == "not-possible-now"
    assert refused(play.press("missed")) == "not-possible-now"


def test_an_unknown_window_is_refused_with_its_name():
    play = Play()
    assert refused(play.press("next", "99")) == "unknown-window"


def test_a_clerk_presses_only_for_the_own_window():
    play = Play()
    play.sign_in("1", "li")
    play.draw()
    assert refused(play.press("next", by="clerk:wang")) == "not-your-window"
    assert not refused(play.press("next", by="clerk:li"))


def test_a_clerk_sits_at_one_window():
    play = Play()
    play.sign_in("1", "li")
    assert refused(play.sign_in("2", "li")) == "clerk-elsewhere"
    assert refused(play.sign_in("1", "wang")) == "window-taken"
    assert refused(play.sign_in("9", "wang")) == "unknown-window"


def test_a_clerk_does_not_leave_somebody_behind():
    play = Play()
    play.sign_in()
    play.draw()
    play.press("next")
    assert refused(play.do(commands.SignOut("", "1", "clerk:li"))) == "window-busy"
    play.press("finish")
    assert not refused(play.do(commands.SignOut("", "1", "clerk:li")))


def test_numbers_end_where_the_hall_file_says():
    play = Play(small_hall(end=2))
    play.draw()
    play.draw()
    assert refused(play.do(commands.DrawTicket("", "v", "a", "kiosk:k"))) == "numbers-used-up"
    assert refused(play.do(commands.DrawTicket("", "v", "nothing", "kiosk:k"))) == "unknown-service"


def test_a_display_that_reports_the_call_confirms_it_once():
    play = Play()
    play.sign_in()
    visit = play.draw()
    play.press("next")
    version = play.state.version("1")
    shown = commands.ConfirmShown("", "display", "1", version)
    assert play.do(shown) == [events.NumberShown(visit, "1", "display", version[1])]
    assert refused(play.do(shown)) == "already-shown"
    assert play.state.version("1") == version


def test_a_report_that_comes_after_the_service_ended_still_counts():
    play = Play()
    play.sign_in()
    play.draw()
    play.press("next")
    version = play.state.version("1")
    play.press("start")
    play.press("finish")
    assert not refused(play.do(commands.ConfirmShown("", "display", "1", version)))


def test_a_report_of_another_version_confirms_nothing():
    play = Play()
    play.sign_in()
    play.draw()
    play.press("next")
    assert refused(play.do(commands.ConfirmShown("", "display", "1", (7, 1)))) == "too-late"
    assert refused(play.do(commands.ConfirmShown("", "display", "nowhere", (7, 1)))) == "too-late"
