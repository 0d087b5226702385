"""Alarms: when they are due, whom they go to, when they are over. The hall is told what happened, event by event."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hub.core import applying, events, hall
from hub.core.hall import MINUTE_MS, AlarmRule, Hall, Shift, TicketClass
from hub.core.lines import for_clerk, for_window
from hub.core.state import State
from hub.core.watching import changes
from tests.hub.halls import names, small_hall

MIDNIGHT_MS = 1_767_542_400_000
NINE = 9 * 60


def rule(kind: str, minutes: int = 10, **more) -> AlarmRule:
    return AlarmRule(kind, names(kind), kind, minutes, to=("zhao", "qian"), **more)


class Watched:
    """A hall with alarms that is told what happens; `minute` is the time."""

    def __init__(self, *rules: AlarmRule, **more):
        self.state = State(epoch=7)
        self.minute = NINE
        self.visits = 0
        self.tell(events.HallConfigured(hall.to_dict(replace(small_hall(), alarms=rules, **more))))
        self.tell(events.DayOpened("2026-01-05", "workday", MIDNIGHT_MS))

    @property
    def ms(self) -> int:
        return MIDNIGHT_MS + self.minute * MINUTE_MS

    def tell(self, *happened: events.Event) -> None:
        for event in happened:
            applying.apply(self.state, self.state.seq + 1, self.ms, event)

    def draw(self, service: str = "a", **more) -> str:
        self.visits += 1
        visit = f"v{self.visits}"
        number = f"{service.upper()}{self.visits:03}"
        self.tell(events.TicketDrawn(visit, "2026-01-05", service, self.visits, number, "kiosk:k", **more))
        return visit

    def look(self, after_min: int = 0) -> list[events.Event]:
        self.minute += after_min
        found = changes(self.state, self.ms)
        self.tell(*found)
        return found

    def raised(self, after_min: int = 0) -> list[tuple[str, int, str]]:
        """(alarm, level, person) of what was raised after so many minutes."""
        return [(e.alarm, e.level, e.to) for e in self.look(after_min) if isinstance(e, events.AlarmRaised)]


def test_a_wait_over_the_limit_is_told_to_the_first_person_once():
    hall = Watched(rule("wait"))
    hall.draw()
    assert hall.raised(9) == []
    assert hall.look(1) == [events.AlarmRaised("wait a", "wait", "a", 0, "zhao", {"minutes": 10, "waiting": 1})]
    assert hall.look(1) == []


def test_the_next_person_is_told_when_it_still_lasts_and_after_the_last_one_nobody():
    hall = Watched(rule("wait", next_after_min=5))
    hall.draw()
    assert hall.raised(10) == [("wait a", 0, "zhao")]
    assert hall.raised(4) == []
    assert hall.raised(1) == [("wait a", 1, "qian")]
    assert hall.raised(60) == []


def test_an_alarm_is_over_when_the_person_was_called():
    hall = Watched(rule("wait"))
    visit = hall.draw()
    hall.raised(10)
    hall.tell(events.ClerkSignedIn("li", "1"), events.TicketCalled(visit, "1", "li", "hub"))
    assert hall.look() == [events.AlarmCleared("wait a")]
    assert hall.state.alarms == {}


def test_a_line_that_hovers_about_the_limit_is_one_alarm():
    hall = Watched(rule("wait", 20))
    first = hall.draw()
    hall.minute += 1
    second = hall.draw()
    hall.minute += 10
    hall.draw()
    assert hall.raised(9) == [("wait a", 0, "zhao")]
    hall.tell(events.ClerkSignedIn("li", "1"), events.TicketCalled(first, "1", "li", "hub"))
    assert hall.look() == [], "the next one waits 19 minutes: nearly as long"
    hall.tell(events.TicketCalled(second, "2", "wang", "hub"))
    assert hall.look() == [events.AlarmCleared("wait a")], "the next one waits 9 minutes"


def test_the_longest_wait_counts_not_the_head_that_has_credit():
    vip = TicketClass("vip", names("vip"), 60)
    hall = Watched(rule("wait"), classes={"vip": vip})
    hall.draw()
    hall.minute += 9
    hall.draw(klass="vip", credit_ms=60 * MINUTE_MS)
    assert hall.raised(1) == [("wait a", 0, "zhao")]


def test_who_came_before_the_time_of_the_appointment_does_not_wait_yet():
    hall = Watched(rule("wait"))
    hall.draw(due_ms=hall.ms + 30 * MINUTE_MS)
    assert hall.raised(39) == []
    assert hall.raised(1) == [("wait a", 0, "zhao")]


def test_a_taken_back_call_does_not_make_the_wait_shorter():
    hall = Watched(rule("wait"))
    visit = hall.draw()
    hall.minute += 9
    hall.tell(events.ClerkSignedIn("li", "1"), events.TicketCalled(visit, "1", "li", "hub"))
    hall.tell(events.CallTakenBack(visit, "1", "clerk:li"))
    assert hall.raised(1) == [("wait a", 0, "zhao")]


def test_a_rule_is_about_its_services():
    hall = Watched(rule("wait", services=("b",)))
    hall.draw("a")
    assert hall.raised(60) == []


def test_instant_business_over_its_limit_is_told_for_each_visit():
    hall = Watched(rule("service", 30, services=("a",)))
    hall.tell(events.ClerkSignedIn("li", "1"), events.ClerkSignedIn("wang", "2"))
    slow, other = hall.draw(), hall.draw("b")
    hall.tell(events.TicketCalled(slow, "1", "li", "hub"), events.TicketCalled(other, "2", "wang", "hub"))
    hall.minute += 5
    hall.tell(events.ServiceStarted(slow, "1", "clerk:li"))
    assert hall.raised(29) == []
    assert hall.look(1) == [
        events.AlarmRaised(f"service {slow}", "service", slow, 0, "zhao", {"minutes": 30, "waiting": 0})
    ]
    hall.tell(events.TicketFinished(slow, "1", "clerk:li", False))
    assert hall.look() == [events.AlarmCleared(f"service {slow}")]


def test_without_a_press_of_start_a_visit_takes_from_its_first_call_on():
    hall = Watched(rule("service", 30))
    visit = hall.draw()
    hall.tell(events.ClerkSignedIn("li", "1"), events.TicketCalled(visit, "1", "li", "hub"))
    hall.minute += 20
    hall.tell(events.TicketRecalled(visit, "1", "clerk:li"))
    assert hall.raised(10) == [(f"service {visit}", 0, "zhao")]


def order(service: str) -> events.ReviewOpened:
    """One that is to be answered within two hours."""
    due_ms = MIDNIGHT_MS + (NINE + 120) * MINUTE_MS
    return events.ReviewOpened("R.1", "question", "", "", -1, "", "", service, 0, False, due_ms, due_ms, order="X-1")


@pytest.mark.parametrize(("service", "is_told"), [("b", True), ("a", False), ("", True)])
def test_an_order_that_names_no_service_is_everybodys(service: str, is_told: bool):
    """Else nobody would be told of it."""
    hall = Watched(rule("answer", 60, services=("b",)))
    hall.tell(order(service))
    assert hall.raised(60) == ([("answer R.1", 0, "zhao")] if is_told else [])


def test_people_wait_and_nobody_takes_them():
    hall = Watched(rule("unstaffed"))
    hall.draw("b")
    hall.draw("b")
    assert hall.raised(9) == []
    assert hall.look(1) == [
        events.AlarmRaised("unstaffed b", "unstaffed", "b", 0, "zhao", {"minutes": 10, "waiting": 2})
    ]
    hall.tell(events.ClerkSignedIn("li", "3"))
    assert hall.look() == [events.AlarmCleared("unstaffed b")]


def test_a_long_line_with_a_clerk_is_not_unstaffed_and_when_the_clerk_goes_it_counts_from_then():
    hall = Watched(rule("unstaffed"))
    hall.tell(events.ClerkSignedIn("li", "1"))
    hall.draw()
    assert hall.raised(120) == []
    hall.tell(events.WindowPaused("1", "li", "lunch"))
    assert hall.raised(9) == []
    assert hall.raised(1) == [("unstaffed a", 0, "zhao")]


def test_a_clerk_whose_shift_takes_other_services_takes_nobody_and_it_counts_from_the_turn():
    noon = Shift(("*",), 690, 780, ("1",), services=("b",))
    hall = Watched(rule("unstaffed"), shifts=(noon,))
    hall.minute = 680
    hall.tell(events.ClerkSignedIn("li", "1"))
    hall.draw("a")
    assert hall.raised(10) == []
    assert hall.raised(9) == []
    assert hall.raised(1) == [("unstaffed a", 0, "zhao")]


def test_a_reserved_window_takes_only_its_classes():
    windows = small_hall().windows
    reserved = {"1": replace(windows["1"], only=("vip",))}
    hall = Watched(rule("unstaffed"), windows=reserved, classes={"vip": TicketClass("vip", names("vip"), 60)})
    hall.tell(events.ClerkSignedIn("li", "1"))
    hall.draw(klass="vip")
    assert hall.raised(30) == []
    hall.draw()
    assert hall.raised(30) == [("unstaffed a", 0, "zhao")]


@pytest.mark.parametrize(
    ("line", "clerk", "window"), [(for_window("2"), "wang", "2"), (for_clerk("wang"), "wang", "1")]
)
def test_who_was_sent_to_a_window_or_a_clerk_waits_for_that_one(line: str, clerk: str, window: str):
    hall = Watched(rule("unstaffed"))
    visit = hall.draw()
    hall.tell(events.ClerkSignedIn("li", "3"), events.TicketCalled(visit, "3", "li", "hub"))
    hall.tell(events.TicketTransferred(visit, "3", line, "a", hall.ms, "clerk:li"))
    assert hall.raised(10) == [("unstaffed a", 0, "zhao")]
    hall.tell(events.ClerkSignedIn(clerk, window))
    assert hall.look() == [events.AlarmCleared("unstaffed a")]


def test_who_waits_before_the_door_waits_for_room_not_for_a_window():
    hall = Watched(rule("unstaffed"), rule("wait"))
    hall.draw(outside=True)
    assert hall.raised(10) == [("wait a", 0, "zhao")]


def test_a_free_window_that_could_call_somebody_is_idle():
    hall = Watched(rule("idle", 5))
    hall.tell(events.ClerkSignedIn("li", "1"))
    assert hall.raised(60) == [], "nobody waits"
    visit = hall.draw()
    assert hall.raised(4) == [], "somebody waits for four minutes"
    assert hall.look(1) == [events.AlarmRaised("idle 1", "idle", "1", 0, "zhao", {"minutes": 5, "waiting": 1})]
    hall.tell(events.TicketCalled(visit, "1", "li", "hub"))
    assert hall.look() == [events.AlarmCleared("idle 1")]


def test_a_window_that_pauses_is_not_idle():
    hall = Watched(rule("idle", 5))
    hall.tell(events.ClerkSignedIn("li", "1"), events.WindowPaused("1", "li", "lunch"))
    hall.draw()
    assert hall.raised(60) == []


def test_a_closed_hall_in_which_nobody_waits_is_quiet():
    hall = Watched(rule("wait"), rule("service"), rule("unstaffed"), rule("idle"))
    assert hall.raised(12 * 60) == []


def test_a_clock_that_is_set_back_raises_nothing_and_makes_no_negative_wait():
    hall = Watched(rule("wait"), rule("service"), rule("unstaffed"), rule("idle", 0))
    hall.tell(events.ClerkSignedIn("li", "1"))
    hall.draw()
    assert hall.look(-60) == [events.AlarmRaised("idle 1", "idle", "1", 0, "zhao", {"minutes": 0, "waiting": 1})]


def test_an_alarm_whose_rule_is_gone_is_over():
    watched = Watched(rule("wait"))
    watched.draw()
    watched.raised(10)
    watched.tell(events.HallConfigured(hall.to_dict(small_hall())))
    assert watched.look() == [events.AlarmCleared("wait a")]


def test_a_rule_that_names_nobody_is_only_shown():
    hall = Watched(replace(rule("wait"), to=()))
    hall.draw()
    assert hall.raised(10) == [("wait a", 0, "")]
    assert hall.raised(60) == []


def test_nothing_is_due_before_a_hall_and_a_day_are_there():
    assert changes(State(), 1) == []


def test_a_new_day_begins_without_alarms():
    hall = Watched(rule("wait"))
    visit = hall.draw()
    hall.raised(10)
    hall.tell(events.TicketExpired(visit), events.DayOpened("2026-01-06", "workday", MIDNIGHT_MS + 1440 * MINUTE_MS))
    assert hall.state.alarms == {}
    assert hall.look() == []


def big_hall() -> Hall:
    """222 windows and 200 services, each window with ten of them."""
    small = small_hall()
    services = {f"s{n}": replace(small.services["a"], id=f"s{n}", prefix=f"S{n}") for n in range(200)}
    windows = {
        f"w{n}": replace(small.windows["1"], id=f"w{n}", services=tuple(f"s{(n + k) % 200}" for k in range(10)))
        for n in range(222)
    }
    return replace(small, services=services, windows=windows)


def test_a_look_costs_the_same_however_many_wait():
    """It looks at no more tickets than there are heads and windows."""
    big = big_hall()
    hall = Watched(rule("wait"), rule("service"), rule("unstaffed"), services=big.services, windows=big.windows)
    hall.tell(*(events.ClerkSignedIn(f"c{n}", f"w{n}") for n in range(222)))
    for n in range(2000):
        hall.draw(f"s{n % 200}")
    hall.minute += 30

    class Counted(dict):
        looks = 0

        def __getitem__(self, key):
            Counted.looks += 1
            return super().__getitem__(key)

    hall.state.tickets = Counted(hall.state.tickets)
    assert len(hall.look()) == 200
    assert Counted.looks <= 200 + 222
