"""A visit's way through the hall, and back: hold, transfer, plan, missed and returned, split, steps taken back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hub.core import commands, events, tickets
from hub.core.hall import Calls, Hall
from hub.core.refusals import Refusal
from tests.hub.halls import PRIORITY, Play, names, refused, small_hall

MINUTE = 60_000


def at(play: Play, visit: str) -> str:
    return play.state.tickets[visit].state


def order(play: Play, window: str = "1", most: int = 10) -> list[str]:
    """The numbers that the window would call, one after the other."""
    called = []
    while len(called) < most and not refused(play.press("next", window)):
        called.append(play.number_at(window))
    return called


def serve(play: Play, window: str = "1") -> str:
    """Calls and starts; the visit."""
    play.press("next", window)
    play.press("start", window)
    return play.state.windows[window].visit


def two_windows() -> Play:
    play = Play()
    play.sign_in("1", "li")
    play.sign_in("2", "wang")
    return play


def test_a_held_visit_leaves_the_window_free_and_is_taken_back_by_number():
    play = two_windows()
    first, _ = play.draw(), play.draw()
    serve(play)
    play.press("hold", reason="fetches a copy")
    assert (at(play, first), play.state.windows["1"].visit) == (tickets.ON_HOLD, "")
    play.press("next", "1")
    play.press("finish", "1")
    assert not refused(play.press("pick", "2", visit=first, reason=""))
    assert play.number_at("2") == "A001"
    assert play.state.tickets[first].stops[-1].why["kind"] == "resumed"


def test_back_from_hold_counts_as_come_the_hold_credit_ago():
    play = two_windows()
    first = play.draw()
    serve(play)
    play.press("hold")
    play.draw()
    play.ms += 20 * MINUTE
    play.draw()
    play.do(commands.ReturnTicket("", first, "clerk:li"))
    assert order(play) == ["A002", "A001", "A003"]  # 15 minutes of credit: before who came just now


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("first", ["B001", "A001", "A002", "A003"]),
        ("keep", ["A001", "B001", "A002", "A003"]),
        ("credit", ["A001", "B001", "A002", "A003"]),
        ("last", ["A001", "A002", "A003", "B001"]),
    ],
)
def test_a_transferred_visit_gets_the_place_that_was_asked_for(place, expected):
    play = two_windows()
    play.draw("b")
    serve(play)
    for minutes in (0, 5, 5):
        play.ms += minutes * MINUTE
        play.draw("a")
    play.ms += 6 * MINUTE if place in ("credit", "keep") else 0
    assert not refused(play.press("transfer", service="a", place=place))
    assert order(play, "2") == expected


def test_no_place_after_a_transfer_is_worth_more_than_the_largest_credit():
    play = Play(replace(small_hall(), classes={"priority": PRIORITY}))
    play.sign_in()
    visit = play.draw("b")
    serve(play)
    play.ms += 300 * MINUTE
    play.press("transfer", service="a", place="keep")
    assert play.state.tickets[visit].place_ms == play.ms - 30 * MINUTE


def test_a_visit_sent_to_a_window_or_a_clerk_is_called_only_there():
    play = two_windows()
    visit = play.draw("a")
    serve(play)
    play.press("transfer", to_clerk="wang")
    assert refused(play.press("next", "1")) == "nobody-waiting"
    play.press("next", "2")
    assert play.state.windows["2"].visit == visit
    play.press("transfer", "2", to_window="1")
    assert refused(play.press("next", "2")) == "nobody-waiting"
    play.press("next", "1")
    assert play.state.windows["1"].visit == visit


def test_who_was_sent_to_a_clerk_who_leaves_waits_for_the_service_again():
    play = two_windows()
    visit = play.draw("a")
    serve(play)
    play.press("transfer", to_clerk="wang")
    play.do(commands.SignOut("", "2", "clerk:wang"))
    play.press("next", "1")
    assert play.state.windows["1"].visit == visit


@pytest.mark.parametrize(
    ("whereto", "reason"),
    [
        ({}, "transfer-whereto"),
        ({"service": "b", "to_window": "2"}, "transfer-whereto"),
        ({"service": "a"}, "to-itself"),
        ({"to_window": "1"}, "to-itself"),
        ({"to_clerk": "li"}, "to-itself"),
        ({"service": "nothing"}, "unknown-service"),
        ({"to_window": "nowhere"}, "unknown-window"),
        ({"to_window": "3"}, "nobody-signed-in"),
        ({"to_clerk": "zhao"}, "clerk-not-here"),
        ({"service": "b", "place": "middle"}, "unknown-place"),
    ],
)
def test_nobody_is_transferred_to_where_nobody_is(whereto, reason):
    play = two_windows()
    visit = play.draw("a")
    serve(play)
    assert refused(play.press("transfer", **whereto)) == reason
    assert at(play, visit) == tickets.SERVING


def test_several_services_in_one_visit_with_one_number():
    play = two_windows()
    play.sign_in("3", "zhao")
    visit = play.draw("a", plan=("b",))
    serve(play)
    decision = play.press("finish")
    assert isinstance(decision, list) and isinstance(decision[0], events.TicketTransferred)
    assert (at(play, visit), play.state.tickets[visit].service) == (tickets.WAITING, "b")
    serve(play, "3")
    play.press("finish", "3")
    assert at(play, visit) == tickets.DONE
    stops = play.state.tickets[visit].stops
    assert [(stop.window, stop.clerk, stop.service) for stop in stops] == [("1", "li", "a"), ("3", "zhao", "b")]


def test_a_service_can_be_added_to_a_visit_once():
    play = two_windows()
    visit = play.draw("a")
    assert not refused(play.do(commands.AddService("", visit, "b", "clerk:li")))
    assert refused(play.do(commands.AddService("", visit, "b", "clerk:li"))) == "to-itself"
    assert refused(play.do(commands.AddService("", visit, "nothing", "clerk:li"))) == "unknown-service"
    serve(play)
    play.press("finish")
    assert play.state.tickets[visit].line == "b"


def test_each_stop_of_a_visit_can_be_rated_once():
    play = two_windows()
    visit = play.draw("a", plan=("b",))
    serve(play)
    play.press("finish")
    serve(play, "2")
    presses = [play.rate(visit, 5, 1, "1"), play.rate(visit, 1, 2, "1"), play.rate(visit, 4, 3, "2")]
    rated = [press[0] for press in presses if isinstance(press, list)]
    assert [(event.clerk, event.service, event.standing) for event in rated] == [
        ("li", "a", "counted"),
        ("li", "a", "correction"),
        ("wang", "b", "counted"),
    ]


def test_missed_needs_the_calls_and_the_patience_that_the_hall_asks_for():
    play = Play(replace(small_hall(), calls=Calls(min_calls=2, min_s=30)))
    play.sign_in()
    visit = play.draw()
    play.press("next")
    assert refused(play.press("missed")) == "call-again"
    play.press("recall")
    assert play.press("missed") == Refusal("wait-for-them", {"number": "A001", "seconds": "30"})
    play.ms += 30_000
    assert not refused(play.press("missed"))
    assert at(play, visit) == tickets.MISSED


def test_who_missed_the_call_comes_after_so_many_others():
    play = two_windows()
    late = play.draw()
    play.press("next")
    for _ in range(4):
        play.ms += 1000
        play.draw()
    play.press("missed")
    play.do(commands.ReturnTicket("", late, "kiosk:k"))
    assert order(play) == ["A002", "A003", "A004", "A001", "A005"]


def test_who_missed_the_call_comes_last_when_there_are_fewer_others():
    play = two_windows()
    late = play.draw()
    play.press("next")
    play.draw()
    play.press("missed")
    play.do(commands.ReturnTicket("", late, "kiosk:k"))
    assert order(play) == ["A002", "A001"]


def test_step_back_1_the_call():
    play = two_windows()
    visit = play.draw()
    play.draw()
    place = play.state.tickets[visit].place
    since_ms = play.state.tickets[visit].since_ms
    play.ms += 5 * MINUTE
    play.press("next")
    assert not refused(play.press("take-back-call"))
    assert (at(play, visit), play.state.tickets[visit].place) == (tickets.WAITING, place)
    assert play.state.tickets[visit].since_ms == since_ms
    assert play.state.boards["main"].visits == [] and play.state.tickets[visit].stops == []
    assert order(play, "2") == ["A001", "A002"]


def test_step_back_2_the_start():
    play = two_windows()
    visit = play.draw()
    serve(play)
    assert not refused(play.press("take-back-start"))
    assert at(play, visit) == tickets.CALLED
    assert refused(play.press("take-back-start")) == "not-possible-now"


def test_step_back_3_the_finish():
    play = two_windows()
    visit = play.draw()
    serve(play)
    play.press("finish")
    assert not refused(play.press("take-back-finish"))
    assert (at(play, visit), play.state.windows["1"].visit) == (tickets.SERVING, visit)


def test_a_finish_that_is_taken_back_is_no_short_visit():
    play = two_windows()
    for _ in range(2):
        play.draw()
        serve(play)
        play.ms += 10 * MINUTE
        play.press("finish")
    before = play.state.pace["a"].recent_ms.copy()
    play.draw()
    serve(play)
    play.press("finish")
    assert not refused(play.press("take-back-finish"))
    assert play.state.pace["a"].recent_ms == before
    play.ms += 7 * MINUTE
    play.press("finish")
    assert play.state.pace["a"].recent_ms[:-1] == before and play.state.pace["a"].recent_ms[-1] >= 7 * MINUTE


def test_step_back_4_missed():
    play = two_windows()
    visit = play.draw()
    play.press("next")
    play.press("missed")
    assert not refused(play.press("take-back-missed"))
    assert (at(play, visit), play.state.windows["1"].visit) == (tickets.CALLED, visit)


def test_an_end_is_taken_back_only_while_nobody_came_after():
    play = two_windows()
    play.draw()
    play.draw()
    serve(play)
    play.press("next")
    assert refused(play.press("take-back-finish")) == "nothing-to-take-back"
    play.press("take-back-call")
    assert not refused(play.press("take-back-finish"))
    assert play.number_at() == "A001"


def test_a_chosen_ticket_needs_a_reason_and_the_window_s_service():
    play = two_windows()
    play.sign_in("3", "zhao")
    play.draw()
    visit = play.draw()
    assert refused(play.press("pick", visit=visit, reason=" ")) == "reason-needed"
    assert refused(play.press("pick", "3", visit=visit, reason="ill")) == "not-served-here"
    assert refused(play.press("pick", visit="nobody", reason="ill")) == "unknown-ticket"
    assert not refused(play.press("pick", visit=visit, reason="ill"))
    why = play.state.tickets[visit].stops[-1].why
    assert (why["kind"], why["reason"], why["first"]) == ("picked", "ill", "A001")
    assert refused(play.press("pick", "2", visit=visit, reason="ill")) == "not-possible-now"


def test_a_cancelled_visit_is_called_by_nobody():
    play = two_windows()
    visit = play.draw()
    play.do(commands.CancelTicket("", visit, "visitor"))
    assert refused(play.press("next")) == "nobody-waiting"
    assert refused(play.do(commands.CancelTicket("", visit, "visitor"))) == "not-possible-now"


def test_ten_more_minutes_lets_those_ten_minutes_behind_go_first():
    play = two_windows()
    visit = play.draw()
    for minutes in (5, 6):
        play.ms += minutes * MINUTE
        play.draw()
    play.do(commands.PostponeTicket("", visit, 10, "visitor"))
    assert order(play) == ["A002", "A001", "A003"]
    assert refused(play.do(commands.PostponeTicket("", visit, 0, "visitor"))) == "minutes-out-of-range"


def test_who_let_others_go_first_is_said_to_have_waited_since_they_came():
    play = two_windows()
    visit = play.draw()
    play.ms += 5 * MINUTE
    play.do(commands.PostponeTicket("", visit, 10, "visitor"))
    play.ms += 20 * MINUTE
    play.press("next")
    assert play.state.tickets[visit].stops[-1].why["waited_ms"] == 25 * MINUTE


def test_a_moved_ticket_waits_in_the_other_line_with_its_place():
    play = two_windows()
    visit = play.draw("a")
    play.ms += 5 * MINUTE
    play.draw("b")
    assert not refused(play.do(commands.MoveTicket("", visit, "b", "admin:boss")))
    play.sign_in("3", "zhao")
    assert order(play, "3") == ["A001", "B001"]


def test_a_group_is_split_and_its_people_are_called_one_after_the_other():
    play = two_windows()
    group = play.draw("a", party=5)
    play.ms += 1000
    play.draw("a")
    assert not refused(play.do(commands.SplitTicket("", group, ("x", "y"), (2, 1), "clerk:li")))
    assert [play.state.tickets[visit].party for visit in (group, "x", "y")] == [2, 2, 1]
    assert play.state.inside == 6
    assert order(play) == ["A001", "A003", "A004", "A002"]
    assert play.state.inside == 1  # the last one is at the window, the others are done
    assert refused(play.do(commands.SplitTicket("", "x", ("z",), (1,), "clerk:li"))) == "not-possible-now"


@pytest.mark.parametrize("parties", [(5,), (0,), (-1,), ()])
def test_a_group_is_not_split_into_nothing(parties):
    play = two_windows()
    group = play.draw("a", party=5)
    visits = tuple(f"part-{index}" for index in range(len(parties)))
    assert refused(play.do(commands.SplitTicket("", group, visits, parties, "clerk:li"))) == "bad-split"


def test_a_case_number_from_outside_is_kept_with_the_visit():
    play = two_windows()
    visit = play.draw()
    assert not refused(play.do(commands.NoteCase("", visit, " GD-2026-77 ", "clerk:li")))
    assert play.state.tickets[visit].case == "GD-2026-77"
    for bad in ("", "x" * 65, "a\x07b"):
        assert refused(play.do(commands.NoteCase("", visit, bad, "clerk:li"))) == "bad-case"


@pytest.mark.parametrize("bad", ["x" * 65, "a\u202eb"])
def test_a_ticket_is_not_drawn_with_a_case_that_none_has(bad: str):
    play = two_windows()
    assert refused(play.do(commands.DrawTicket("", "v", "a", "kiosk:k", case=bad))) == "bad-case"


def test_a_changed_service_is_reported_under_the_new_one():
    play = two_windows()
    visit = play.draw("a")
    serve(play)
    assert not refused(play.press("change-service", service="b"))
    play.press("finish")
    assert play.state.tickets[visit].stops[-1].service == "b"


def test_a_paused_window_calls_nobody_until_it_resumes():
    play = Play(replace(small_hall(), pauses={"tea": {}}))
    play.sign_in()
    play.draw()
    assert refused(play.do(commands.PauseWindow("", "1", "sleep", "clerk:li"))) == "unknown-pause"
    assert not refused(play.do(commands.PauseWindow("", "1", "tea", "clerk:li")))
    assert refused(play.press("next")) == "paused"
    assert not refused(play.do(commands.ResumeWindow("", "1", "clerk:li")))
    assert not refused(play.press("next"))
    assert refused(play.do(commands.PauseWindow("", "1", "tea", "clerk:li"))) == "window-busy"


def test_an_automatic_window_calls_by_itself():
    play = two_windows()
    play.do(commands.SetAutomatic("", "1", True, "clerk:li"))
    first = play.draw()
    assert play.state.windows["1"].visit == first
    second = play.draw()
    play.press("start")
    play.press("finish")
    assert play.state.windows["1"].visit == second


def test_a_clerk_moves_to_another_window_in_one_step():
    play = two_windows()
    assert refused(play.do(commands.SignIn("", "li", "3", "clerk:li"))) == "clerk-elsewhere"
    assert not refused(play.do(commands.SignIn("", "li", "3", "clerk:li", move=True)))
    assert (play.state.windows["1"].clerk, play.state.windows["3"].clerk) == ("", "li")
    play.draw("b")
    play.press("next", "3")
    assert refused(play.do(commands.SignIn("", "li", "1", "clerk:li", move=True))) == "window-busy"


def test_who_was_sent_to_a_clerk_who_left_meanwhile_comes_back_from_hold_into_the_line_of_the_service():
    play = two_windows()
    visit = play.draw()
    serve(play)
    play.press("transfer", to_clerk="wang")
    serve(play, "2")
    play.press("hold", "2")
    play.do(commands.SignOut("", "2", "hub"))
    play.do(commands.ReturnTicket("", visit, "kiosk:k"))
    assert order(play) == ["A001"]


def test_who_was_sent_to_a_clerk_who_left_meanwhile_waits_for_the_service_when_the_call_elsewhere_is_taken_back():
    play = two_windows()
    visit = play.draw()
    serve(play)
    play.press("transfer", to_window="2")
    play.press("pick", visit=visit, reason="ill")
    play.do(commands.SignOut("", "2", "hub"))
    play.press("take-back-call")
    assert order(play) == ["A001"]


def test_who_turned_out_to_be_here_for_something_else_comes_back_from_hold_for_that():
    play = two_windows()
    play.sign_in("3", "zhao")
    visit = play.draw("a")
    serve(play)
    play.press("change-service", service="b")
    play.press("hold")
    play.do(commands.ReturnTicket("", visit, "kiosk:k"))
    assert order(play, "3") == ["A001"]


def test_a_person_is_sent_to_no_service_of_the_plan_twice():
    play = two_windows()
    visit = play.draw("a", plan=("b",))
    serve(play)
    play.press("transfer", service="b")
    serve(play)
    play.press("finish")
    assert (at(play, visit), play.state.tickets[visit].plan) == (tickets.DONE, ())


def test_a_call_out_of_hold_that_is_taken_back_leaves_the_visit_on_hold():
    play = two_windows()
    visit = play.draw()
    serve(play)
    play.press("hold")
    play.draw()
    play.press("pick", visit=visit, reason="")
    assert not refused(play.press("take-back-call"))
    assert (at(play, visit), play.state.windows["1"].visit) == (tickets.ON_HOLD, "")
    assert play.state.boards["main"].visits == [], "nobody is to come to the window"
    assert order(play) == ["A002"]


def test_who_was_served_and_is_put_on_hold_stays_among_the_last_calls():
    play = two_windows()
    visit = play.draw()
    serve(play)
    play.press("hold")
    assert play.state.boards["main"].visits == [visit]


def test_who_is_on_hold_is_taken_back_at_a_window_that_does_not_take_the_service_otherwise():
    play = two_windows()
    play.sign_in("3", "zhao")
    visit = play.draw("a")
    serve(play)
    play.press("transfer", to_window="3")
    serve(play, "3")
    play.press("hold", "3")
    assert not refused(play.press("pick", "3", visit=visit, reason=""))


def test_an_automatic_window_does_not_call_again_whose_call_was_taken_back():
    play = two_windows()
    visit = play.draw()
    play.do(commands.SetAutomatic("", "1", True, "hub"))
    assert play.number_at() == "A001"
    assert not refused(play.press("take-back-call"))
    assert (at(play, visit), play.state.windows["1"].automatic) == (tickets.WAITING, False)


def test_nothing_is_taken_back_at_a_window_that_pauses():
    play = Play(replace(small_hall(), pauses={"lunch": names("lunch")}))
    play.sign_in()
    play.draw()
    serve(play)
    play.press("finish")
    play.do(commands.PauseWindow("", "1", "lunch", "hub"))
    assert refused(play.press("take-back-finish")) == "paused"
    play.do(commands.ResumeWindow("", "1", "hub"))
    assert not refused(play.press("take-back-finish"))


def test_the_parts_of_a_group_have_the_place_that_the_group_has_now():
    play = two_windows()
    group = play.draw(party=2)
    play.press("next")
    for _ in range(4):
        play.ms += 1000
        play.draw()
    play.press("missed")
    play.do(commands.ReturnTicket("", group, "kiosk:k"))
    play.do(commands.SplitTicket("", group, ("part",), (1,), "clerk:li"))
    assert order(play) == ["A002", "A003", "A004", "A001", "A006", "A005"]


def test_more_can_be_added_to_the_visit_of_somebody_who_missed_the_call_and_is_back():
    play = two_windows()
    visit = play.draw()
    play.press("next")
    play.press("missed")
    play.do(commands.ReturnTicket("", visit, "kiosk:k"))
    assert not refused(play.do(commands.AddService("", visit, "b", "clerk:li")))


@pytest.mark.parametrize("back", ["return", "take-back-missed"])
def test_nobody_comes_back_for_a_service_that_is_gone(back):
    play = two_windows()
    visit = play.draw("b")
    play.press("next")
    play.press("missed")
    assert not refused(play.do(commands.ConfigureHall("", without_b())))
    tried = play.do(commands.ReturnTicket("", visit, "kiosk:k")) if back == "return" else play.press(back)
    assert refused(tried) == "unknown-service"


def test_a_service_stays_while_somebody_waits_for_it_who_missed_a_call():
    play = two_windows()
    visit = play.draw("b")
    play.press("next")
    play.press("missed")
    play.do(commands.ReturnTicket("", visit, "kiosk:k"))
    assert refused(play.do(commands.ConfigureHall("", without_b()))) == "service-has-waiting"


def without_b() -> Hall:
    """The small hall, in which nobody takes b any more."""
    hall = small_hall()
    windows = {key: replace(window, services=("a",)) for key, window in hall.windows.items()}
    return replace(hall, services={"a": hall.services["a"]}, windows=windows)
