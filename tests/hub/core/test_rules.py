"""Who is next by the rules, each rule on its own, and what is kept of why."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hub.core import commands
from hub.core.hall import Condition, Ratio, Share, Shift, TicketClass
from tests.hub.halls import PRIORITY, Play, full_hall, names, refused, small_hall

MINUTE = 60_000
CLASSES = {"priority": PRIORITY, "green": TicketClass("green", names("green"), 10)}


def play_of(**rules) -> Play:
    """A small hall with classes and more rules; a clerk at windows 1 and 3."""
    play = Play(replace(small_hall(), **({"classes": CLASSES} | rules)))
    play.sign_in("1", "li")
    play.sign_in("3", "zhao")
    return play


def come(play: Play, *people: str, every_min: int = 1) -> None:
    """People come one after the other: "a", or "a priority"."""
    for person in people:
        service, _, klass = person.partition(" ")
        play.draw(service, klass or "walk-in")
        play.ms += every_min * MINUTE


def order(play: Play, window: str = "1", most: int = 20) -> list[str]:
    called = []
    while len(called) < most and not refused(play.press("next", window)):
        called.append(play.number_at(window))
    return called


def why(play: Play, window: str = "1") -> dict:
    return play.state.tickets[play.state.windows[window].visit].stops[-1].why


def test_a_class_counts_as_come_its_credit_earlier():
    play = play_of()
    come(play, "a", every_min=31)
    come(play, "a", "a priority", "a green")
    assert order(play) == ["A001", "A003", "A004", "A002"]


def test_why_names_the_credit_and_who_came_earlier():
    play = play_of()
    come(play, "a", "a", "a priority")
    play.press("next")
    told = why(play)
    assert (told["kind"], told["credit_ms"], told["lead_ms"], told["waiting"]) == ("order", 30 * MINUTE, 30 * MINUTE, 3)
    assert told["passed"] == [["A001", "walk-in", 3 * MINUTE, 0]]
    play.press("next")
    assert why(play) == {"kind": "order", "waited_ms": 3 * MINUTE, "waiting": 2}


def test_a_window_prefers_a_service_by_minutes():
    hall = small_hall()
    windows = hall.windows | {"1": replace(hall.windows["1"], prefer={"b": 5})}
    play = play_of(windows=windows)
    come(play, "a", every_min=6)
    come(play, "a", "b")
    assert order(play) == ["A001", "B001", "A002"]


def test_a_reserved_window_calls_its_classes_and_others_only_if_it_may():
    hall = small_hall()
    for else_any, expected in ((False, ["A002"]), (True, ["A002", "A001"])):
        windows = hall.windows | {"1": replace(hall.windows["1"], only=("priority",), else_any=else_any)}
        play = play_of(windows=windows, classes={"priority": replace(PRIORITY, credit_min=0)})
        come(play, "a", "a priority")
        assert order(play) == expected


def test_a_reserved_window_still_serves_who_was_sent_there():
    hall = small_hall()
    windows = hall.windows | {"1": replace(hall.windows["1"], only=("priority",))}
    play = play_of(windows=windows)
    come(play, "b")
    play.press("next", "3")
    assert not refused(play.press("transfer", "3", to_window="1"))
    assert order(play) == ["B001"]


OLD_B = Condition("old-b", names("old"), services=("b",), waits_over_min=20, at_most=2)


def test_a_condition_puts_its_people_first_when_it_holds():
    play = play_of(conditions=(OLD_B,))
    come(play, "a priority", "b", "b", "b", "a priority")
    play.ms += 20 * MINUTE
    assert order(play) == ["B001", "B002", "A001", "B003", "A002"]  # at most two in a row


def test_why_names_the_rule_and_who_was_first_by_the_order():
    play = play_of(conditions=(OLD_B,))
    come(play, "a priority", "b")
    play.ms += 20 * MINUTE
    play.press("next")
    told = why(play)
    assert (told["kind"], told["rule"], told["first"], told["passed"][0][0]) == ("condition", "old-b", "A001", "A001")


def test_a_condition_that_does_not_hold_changes_nothing():
    play = play_of(conditions=(OLD_B,))
    come(play, "a priority", "b")
    assert order(play) == ["A001", "B001"]


@pytest.mark.parametrize(("waiting", "expected"), [(2, "A001"), (3, "B001")])
def test_a_condition_can_ask_how_many_wait(waiting, expected):
    play = play_of(conditions=(Condition("many", names("many"), services=("b",), waiting_over=2),))
    come(play, "a", *["b"] * waiting)
    play.press("next")
    assert play.number_at() == expected


@pytest.mark.parametrize(("begins", "ends", "expected"), [(0, 600, "A001"), (600, 720, "B001")])
def test_a_condition_can_ask_for_the_time_of_the_day(begins, ends, expected):
    play = play_of(conditions=(Condition("noon", names("noon"), services=("b",), begins=begins, ends=ends),))
    come(play, "a", "b")
    play.press("next")
    assert play.number_at() == expected


def test_a_condition_holds_at_its_windows_only():
    play = play_of(conditions=(replace(OLD_B, windows=("2",)),))
    come(play, "a", "b", every_min=30)
    assert order(play) == ["A001", "B001"]


TWO_TO_ONE = Ratio("2:1", names("2:1"), (Share(2, ("walk-in",)), Share(1, ("priority", "green"))))


def test_a_ratio_gives_every_group_its_share_of_a_cycle():
    play = play_of(ratios=(TWO_TO_ONE,))
    come(play, *["a priority"] * 4, *["a"] * 6)
    numbers = order(play)
    assert [number in ("A001", "A002", "A003", "A004") for number in numbers] == [
        *(True, False, False) * 3,
        True,
    ]


def test_a_share_that_nobody_needs_goes_to_the_others():
    play = play_of(ratios=(TWO_TO_ONE,))
    come(play, *["a"] * 5)
    assert order(play) == ["A001", "A002", "A003", "A004", "A005"]
    come(play, "a", "a priority")
    play.press("next")
    assert play.number_at() == "A007"


def test_between_groups_that_have_shares_left_the_window_s_preference_counts():
    hall = small_hall()
    windows = hall.windows | {"1": replace(hall.windows["1"], prefer={"b": 10})}
    shares = (Share(1, ("priority",)), Share(1, ("walk-in",), ("a",)), Share(1, ("walk-in",), ("b",)))
    play = play_of(windows=windows, ratios=(Ratio("three", names("three"), shares),))
    come(play, "a priority", "a priority", "a", "b")
    assert order(play, most=2) == ["A001", "B001"]


def test_a_call_that_is_taken_back_uses_up_no_share():
    play = play_of(ratios=(TWO_TO_ONE,))
    come(play, "a", "a", "a", "a priority", "a priority")
    play.press("next")
    assert play.number_at() == "A004"
    play.press("take-back-call")
    assert order(play, most=3) == ["A004", "A001", "A002"]


def test_why_names_the_ratio():
    play = play_of(ratios=(TWO_TO_ONE,))
    come(play, *["a priority"] * 2, *["a"] * 2)
    play.press("next")
    play.press("next")
    told = why(play)
    assert (told["kind"], told["rule"], told["first"]) == ("ratio", "2:1", "A002")


def test_over_noon_a_window_takes_what_its_shift_names():
    play = play_of(shifts=(Shift(("workday",), 690, 780, ("1",), services=("b",)),))
    come(play, "a", "b")
    play.ms += 95 * MINUTE  # 11:37
    assert order(play) == ["B001"]
    play.ms += 90 * MINUTE
    assert order(play) == ["A001"]


def test_a_clerk_serves_what_this_clerk_may():
    play = play_of(clerks={"li": ("b",)})
    come(play, "a", "b")
    assert order(play) == ["B001"]


def test_an_appointment_goes_by_its_time_and_an_early_bird_gains_nothing():
    play = Play(replace(full_hall(), slip_guard_ms=0))
    play.sign_in("2", "li")
    for code, minute in (("c1", 630), ("c2", 660)):
        book = commands.BookAppointment("", code, code, "2026-01-05", minute, "d", 1, code, "workday", "clerk:li")
        assert not refused(play.do(book))
    come(play, "d")  # 10:00, an ordinary one
    assert not refused(play.do(commands.CheckIn("", "v1", "c1", "kiosk:k")))  # due 10:30, as if come at 9:50
    play.ms += 30 * MINUTE
    come(play, "d")  # 10:31
    assert not refused(play.do(commands.CheckIn("", "v2", "c2", "kiosk:k")))  # due 11:00, as if come at 10:20
    assert order(play, "2") == ["D002", "D001", "D004", "D003"]


def test_what_was_worked_out_is_forgotten_when_the_plan_changes():
    hall = replace(small_hall(), shifts=(Shift(("workday",), 540, 780, ("1",), services=("b",)),))
    play = Play(hall)
    play.sign_in()
    come(play, "a")
    assert order(play) == []
    play.do(commands.ConfigureHall("", replace(hall, shifts=())))
    assert order(play) == ["A001"]
