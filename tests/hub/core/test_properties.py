"""For any sequence of commands, with every rule on, the promises hold after each step:

no number twice, nobody at two windows or lost, only legal transitions, nobody waits beyond the bound, never more people
inside than fit, no quota exceeded; and the log alone gives the same state again.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from random import Random

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from hub.core import applying, calling, commands, events, tickets
from hub.core.commands import Moment
from hub.core.deciding import decide, places
from hub.core.hall import MINUTE_MS, Admission
from hub.core.lines import DOOR, for_clerk, for_window
from hub.core.refusals import CODES, Refusal
from hub.core.state import BOOKED, KEPT, State
from tests.hub import answers
from tests.hub.halls import MIDNIGHT_MS, Play, full_hall, replay

WINDOWS = st.sampled_from(["1", "2", "3", "4", "nowhere"])
CLERKS = st.sampled_from(["li", "wang", "chen", "zhao"])
SERVICES = st.sampled_from(["a", "a", "b", "b", "c", "d", "nothing"])
CLASSES = st.sampled_from(["walk-in", "walk-in", "priority", "green", "appointment", "nothing"])
VISITS = st.integers(0, 30)
"""How far back the visit that is meant was drawn."""

DAY_MS = 86_400_000
QUOTA = 3
IN_A_ROW, CYCLE = 2, 3
"""Of the full hall: calls in a row that its condition may take, and the calls of one cycle of its ratio."""


class Watched(Play):
    """A hall in which every call is held against the bound of waiting before it happens.

    `passed` counts, for a place in line and a window, the calls there that went to somebody else; `before` collects who
    was before it in the order. A call that is taken back was none: `last` is who was passed by the last one, by window.
    """

    def __init__(self):
        self.passed: Counter[tuple] = Counter()
        self.before: dict[tuple, set] = {}
        self.last: dict[str, list[tuple]] = {}
        super().__init__(full_hall())

    def _apply(self, decided: list[events.Event]) -> None:
        for event in decided:
            if isinstance(event, events.TicketCalled):
                self.last[event.window] = []
                if event.why["kind"] not in (calling.PICKED, calling.RESUMED):
                    self._hold_against_bound(event)
            elif isinstance(event, events.CallTakenBack):
                self.passed.subtract(self.last.pop(event.window, []))
            super()._apply([event])

    def _hold_against_bound(self, event: events.TicketCalled) -> None:
        state = self.state
        assert state.hall is not None
        window = state.hall.windows[event.window]
        if window.only:
            return  # the bound is promised at windows that are not kept for others
        line = {
            (place.seq, place.visit): place.ms - window.prefer.get(name, 0) * MINUTE_MS
            for name in calling.lines_at(state, event.window, self.ms)
            for _, place in state.lines.of(name)
        }
        for key, place_ms in line.items():
            if key[1] == event.visit:
                continue
            here = (*key, event.window)
            self.passed[here] += 1
            self.last[event.window].append(here)
            before = self.before.setdefault(here, set())
            before |= {other for other, ms in line.items() if (ms, other) < (place_ms, key)}
            assert self.passed[here] <= (IN_A_ROW + 1) * CYCLE * (len(before) + 1), "somebody waits beyond the bound"


class AnyDay(RuleBasedStateMachine):
    """Whatever is pressed, drawn, booked and moved, in whatever order, at whatever time."""

    def __init__(self):
        super().__init__()
        self.play = Watched()
        self.tokens = 0
        self.everybody_sits_down()

    def everybody_sits_down(self) -> None:
        """So that more than refusals is tried."""
        for window, clerk in zip("1234", ("li", "wang", "chen", "zhao"), strict=True):
            self.play.sign_in(window, clerk)

    def do(self, command: commands.Command) -> None:
        decision = self.play.do(command)
        if isinstance(decision, Refusal):
            assert decision.code in CODES

    def token(self) -> str:
        self.tokens += 1
        return f"token-{self.tokens}"

    def visit(self, back: int) -> str:
        visits = list(self.play.state.tickets)
        return visits[-1 - back] if back < len(visits) else "nobody"

    @rule(service=SERVICES, klass=CLASSES, party=st.integers(0, 5), by=st.sampled_from(["kiosk:k", "clerk:li"]))
    def draw(self, service, klass, party, by):
        checks = [key for key, check in self.play.state.checks.items() if not check.used]
        check = checks[-1] if checks and service == "c" else ""
        self.do(commands.DrawTicket("", self.token(), service, by, klass, party, check=check))

    @rule(
        people=st.lists(
            st.tuples(st.sampled_from("abd"), st.sampled_from(["walk-in", "walk-in", "priority"])), max_size=6
        )
    )
    def people_come(self, people):
        for service, klass in people:
            plan = ("b",) if service == "a" and self.tokens % 3 == 0 else ()
            self.do(commands.DrawTicket("", self.token(), service, "clerk:li", klass, plan=plan))
            self.play.ms += MINUTE_MS

    @rule(windows=st.text("1234", max_size=6), end=st.sampled_from(["finish", "finish", "next", "missed", "hold"]))
    def windows_work(self, windows, end):
        for window in windows:
            self._press(commands.CallNext, window)
            self.play.ms += MINUTE_MS
            if end == "missed":
                self._press(commands.Recall, window)
                self.play.ms += MINUTE_MS
            else:
                self._press(commands.StartService, window)
                self.play.ms += 5 * MINUTE_MS
            self._press(commands.PAGE_VERBS[end], window)

    @rule(windows=st.text("1234", max_size=4))
    def windows_call(self, windows):
        for window in windows:
            self._press(commands.CallNext, window)
            self.play.ms += 2000

    @rule(window=WINDOWS, clerk=CLERKS, move=st.booleans())
    def sign_in(self, window, clerk, move):
        self.do(commands.SignIn("", clerk, window, "hub", move))

    @rule(window=WINDOWS)
    def sign_out(self, window):
        self.do(commands.SignOut("", window, "hub"))

    @rule(window=WINDOWS, on=st.booleans())
    def pause_or_resume(self, window, on):
        self.do(commands.PauseWindow("", window, "break", "hub") if on else commands.ResumeWindow("", window, "hub"))

    @rule(window=WINDOWS, on=st.booleans())
    def automatic(self, window, on):
        self.do(commands.SetAutomatic("", window, on, "hub"))

    @rule(window=WINDOWS, verb=st.sampled_from(sorted(commands.VERBS)), behind=st.integers(0, 2))
    def press(self, window, verb, behind):
        self._press(commands.VERBS[verb], window, behind)

    @rule(window=WINDOWS, verb=st.sampled_from(["next", "next", "start", "finish"]))
    def serve(self, window, verb):
        self._press(commands.VERBS[verb], window)

    @rule(window=WINDOWS, verb=st.sampled_from([verb for verb in commands.PAGE_VERBS if verb.startswith("take-back")]))
    def take_back(self, window, verb):
        self._press(commands.PAGE_VERBS[verb], window)

    @rule(window=WINDOWS)
    def hold(self, window):
        self._press(commands.HoldTicket, window)

    @rule(window=WINDOWS, to=st.sampled_from(["service", "to_window", "to_clerk"]), data=st.data())
    def transfer(self, window, to, data):
        what = {"service": SERVICES, "to_window": WINDOWS, "to_clerk": CLERKS}[to]
        place = data.draw(st.sampled_from(["credit", "first", "last", "keep", "middle"]))
        self._press(commands.TransferTicket, window, **{to: data.draw(what), "place": place})

    @rule(window=WINDOWS, service=SERVICES)
    def change_service(self, window, service):
        self._press(commands.ChangeService, window, service=service)

    @rule(window=WINDOWS, back=VISITS, reason=st.sampled_from(["", "ill"]))
    def pick(self, window, back, reason):
        self._press(commands.PickTicket, window, visit=self.visit(back), reason=reason)

    def _press(self, verb, window: str, behind: int = 0, **more) -> None:
        state = self.play.state
        epoch, revision = state.version(window) if window in state.windows else (7, 0)
        self.do(verb("", window, (epoch, max(0, revision - behind)), "device:pad", **more))

    @rule(back=VISITS)
    def cancel(self, back):
        self.do(commands.CancelTicket("", self.visit(back), "visitor"))

    @rule(back=VISITS)
    def come_back_to_a_full_hall(self, back):
        """Families come until one has to wait before the door."""
        for _ in range(16):
            if DOOR in self.play.state.lines.counts:
                break
            self.do(commands.DrawTicket("", self.token(), "a", "clerk:li", party=4))
        missed = [ticket.visit for ticket in self.play.state.tickets.values() if ticket.state == tickets.MISSED]
        self.do(commands.ReturnTicket("", missed[-1 - back % len(missed)] if missed else "nobody", "clerk:li"))

    @rule(back=VISITS)
    def come_back(self, back):
        self.do(commands.ReturnTicket("", self.visit(back), "kiosk:k"))

    @rule(back=VISITS, minutes=st.sampled_from([0, 5, 10, 61]))
    def postpone(self, back, minutes):
        self.do(commands.PostponeTicket("", self.visit(back), minutes, "visitor"))

    @rule(back=VISITS, service=SERVICES, add=st.booleans())
    def move_or_add(self, back, service, add):
        kind = commands.AddService if add else commands.MoveTicket
        self.do(kind("", self.visit(back), service, "admin:boss"))

    @rule(back=VISITS, parties=st.lists(st.integers(0, 2), max_size=2))
    def split(self, back, parties):
        visits = tuple(self.token() for _ in parties)
        self.do(commands.SplitTicket("", self.visit(back), visits, tuple(parties), "clerk:li"))

    @rule(day=st.sampled_from([4, 5, 5, 6, 10]), minute=st.sampled_from([540, 600, 615, 630]), party=st.integers(1, 3))
    def book(self, day, minute, party):
        token, kind = self.token(), "restday" if day in (4, 10) else "workday"
        command = commands.BookAppointment
        self.do(command("", token, token, f"2026-01-{day:02}", minute, "d", party, token, kind, "clerk:li"))

    @rule(back=st.integers(0, 5), cancel=st.booleans())
    def keep_or_cancel_booking(self, back, cancel):
        bookings = list(self.play.state.bookings)
        booking = bookings[-1 - back] if back < len(bookings) else "none"
        keep = commands.CheckIn("", self.token(), booking, "kiosk:k")
        self.do(commands.CancelBooking("", booking, "clerk:li") if cancel else keep)

    @rule(missing=st.sampled_from([(), ("id",), ("nothing",)]))
    def pre_check(self, missing):
        self.do(commands.RecordPreCheck("", self.token(), "c", missing, "clerk:li"))

    @rule(back=VISITS, level=st.integers(1, 5), window=WINDOWS)
    def rate(self, back, level, window):
        self.play.rate(self.visit(back), level, seq=len(self.play.log), window=window)

    @rule(seed=st.integers(0, 1000))
    def answer(self, seed):
        answers.something(self.play, Random(seed))

    @rule(window=WINDOWS, behind=st.integers(0, 2))
    def shown(self, window, behind):
        self.do(commands.ConfirmShown("", "display", window, (7, self.play.state.seq - behind)))

    @rule(minutes=st.sampled_from([0, 1, 1, 5, 20, -60]))
    def wait(self, minutes):
        self.play.ms += minutes * MINUTE_MS
        self.do(commands.LookAround(""))

    @rule(days=st.sampled_from([-1, *[0] * 8, 1]))
    def open_day(self, days):
        day = f"2026-01-{int(self.play.state.day[-2:]) + days:02}"
        midnight_ms = MIDNIGHT_MS + (int(day[-2:]) - 5) * DAY_MS
        before = self.play.state.day
        self.do(commands.OpenDay("", day, "workday", midnight_ms))
        if self.play.state.day != before:
            self.play.ms = midnight_ms + 600 * MINUTE_MS
            self.everybody_sits_down()

    @rule(end=st.sampled_from([5, 40, 40, 40]), without=st.sampled_from(["", "", "", "b", "4"]))
    def configure(self, end, without):
        hall = full_hall()
        windows = {key: window for key, window in hall.windows.items() if key != without}
        taken = {service for window in windows.values() for service in window.services} - {without}
        services = {key: replace(service, end=end) for key, service in hall.services.items() if key in taken}
        windows = {
            key: replace(window, services=tuple(service for service in window.services if service in services))
            for key, window in windows.items()
        }
        self.do(commands.ConfigureHall("", replace(hall, services=services, windows=windows)))

    @invariant()
    def nobody_is_lost_and_nobody_is_twice(self):
        state = self.play.state
        held = [window.visit for window in state.windows.values() if window.visit]
        clerks = [window.clerk for window in state.windows.values() if window.clerk]
        waiting = [place.visit for name in state.lines.names() for _, place in state.lines.of(name) if name != DOOR]
        outside = [place.visit for _, place in state.lines.of(DOOR)]
        assert len(clerks) == len(set(clerks)), "a clerk sits at two windows"
        for where, of in ((held, tickets.AT_WINDOW), (waiting, (tickets.WAITING,)), (outside, (tickets.OUTSIDE,))):
            assert Counter(where) == Counter(v for v, ticket in state.tickets.items() if ticket.state in of)

    @invariant()
    def every_line_is_called_from(self):
        state = self.play.state
        assert state.hall is not None
        called_from = {service for window in state.hall.windows.values() for service in window.services} | {DOOR}
        for window, now in state.windows.items():
            called_from |= {for_window(window), for_clerk(now.clerk)} if now.clerk else set()
        assert called_from.issuperset(state.lines.names()), "somebody waits for nobody"

    @invariant()
    def no_more_people_inside_than_fit(self):
        state = self.play.state
        assert state.inside == sum(t.party for t in state.tickets.values() if t.state in tickets.INSIDE)

    @invariant()
    def no_slot_has_more_people_than_its_quota(self):
        state = self.play.state
        booked: Counter[str] = Counter()
        for booking in state.bookings.values():
            if booking.state in (BOOKED, KEPT):
                booked[booking.slot] += booking.party
        assert all(people <= QUOTA for people in booked.values())

    @invariant()
    def decide_touches_nothing(self):
        state = self.play.state
        if len(self.play.log) % 7:  # a copy for each step would be most of the time
            return
        before = replay(self.play)
        for verb in commands.VERBS.values():
            decide(state, verb("", "1", state.version("1"), "hub"), Moment(self.play.ms, state.day))
        assert state == before

    def teardown(self):
        assert replay(self.play) == self.play.state
        check_log(self.play)


def check_log(play: Play) -> None:
    """What the whole log must say."""
    log = [event for _, _, event in play.log]
    drawn = [(event.day, event.number) for event in log if isinstance(event, events.TicketDrawn)]
    assert len(drawn) == len(set(drawn)), "a number was given twice in a day"
    state = State(epoch=play.state.epoch)
    for seq, at_ms, event in play.log:
        visit = getattr(event, "visit", "")
        before = state.tickets[visit].state if visit in state.tickets else ""
        applying.apply(state, seq, at_ms, event)
        if type(event) in MOVES and not isinstance(event, events.TicketDrawn):
            assert state.tickets[visit].state == tickets.TRANSITIONS[before, type(event)]
        if isinstance(event, BOUNDED) and not getattr(event, "origin", ""):  # the parts of a group share its place
            most_ms = state.hall.most_credit_ms if state.hall else 0
            assert state.tickets[visit].place_ms >= at_ms - most_ms, "somebody got more than the largest credit"
    counted = Counter(
        (e.visit, e.window, e.clerk) for e in log if isinstance(e, events.RatingRecorded) and e.standing == "counted"
    )
    stops = Counter((e.visit, e.window, e.clerk) for e in log if isinstance(e, events.TicketCalled))
    assert all(count <= stops[key] for key, count in counted.items()), "a stop was counted twice"
    for event in log:
        assert events.from_record(*events.to_record(event)) == event


MOVES = {event for _, event in tickets.TRANSITIONS}
BOUNDED = (events.TicketDrawn, events.TicketTransferred, events.TicketReturned, events.TicketQueuedOutside)

AnyDay.TestCase.settings = settings(max_examples=100, stateful_step_count=100, deadline=None)
TestAnyDay = AnyDay.TestCase
"""10,000 short steps, made small when one breaks a promise."""


BUSY = replace(
    full_hall(),
    slip_guard_ms=0,
    services={key: replace(service, end=9999) for key, service in full_hall().services.items()},
    admission=(Admission(("*",), capacity=60),),
)


def any_step(day: AnyDay, chance: Random) -> None:
    """One step of a busy hall, with the weights of one: mostly people come and windows work."""
    window, service, back = chance.choice("1234"), chance.choice("abd"), chance.randrange(40)
    klass = chance.choice(("walk-in", "walk-in", "priority", "green"))
    commons = (
        lambda: day.draw(service, klass, chance.choice((1, 1, 3)), "clerk:li"),
        lambda: day.people_come([(service, klass)] * chance.randrange(3)),
        lambda: day.windows_work(window, chance.choice(("finish", "finish", "next", "missed", "hold"))),
        lambda: day.serve(window, chance.choice(("next", "start", "start", "finish"))),
        lambda: day.wait(chance.choice((0, 1, 2))),
    )
    rares = (
        lambda: day.take_back(window, chance.choice([verb for verb in commands.PAGE_VERBS if "take-back" in verb])),
        lambda: day.press(window, chance.choice(sorted(commands.VERBS)), chance.randrange(2)),
        lambda: day.hold(window),
        lambda: day._press(commands.TransferTicket, window, service=service, place=chance.choice(places.PLACES)),
        lambda: day._press(commands.TransferTicket, window, to_window=chance.choice("1234")),
        lambda: day._press(commands.TransferTicket, window, to_clerk=chance.choice(("li", "wang"))),
        lambda: day.change_service(window, service),
        lambda: day.pick(window, back, "ill"),
        lambda: day.cancel(back),
        lambda: day.come_back(back),
        lambda: day.postpone(back, 5),
        lambda: day.move_or_add(back, service, chance.random() < 0.5),
        lambda: day.split(back, [1]),
        lambda: day.book(chance.choice((5, 6)), chance.choice((600, 630, 660)), 1),
        lambda: day.keep_or_cancel_booking(chance.randrange(3), chance.random() < 0.2),
        lambda: day.pre_check(()),
        lambda: day.draw("c", "walk-in", 1, "clerk:li"),
        lambda: day.rate(back, chance.randint(1, 5), window),
        lambda: answers.something(day.play, chance),
        lambda: day.pause_or_resume(window, chance.random() < 0.3),
        lambda: day.automatic(window, chance.random() < 0.2),
        lambda: day.sign_out(window),
        lambda: day.everybody_sits_down(),
        lambda: day.do(commands.ConfigureHall("", BUSY)),
    )
    chance.choice(commons if chance.random() < 0.5 else rares)()


def long_walk() -> AnyDay:
    """10,000 steps in one hall, with many people in it; the invariants hold all along."""
    day, chance = AnyDay(), Random(3)
    day.do(commands.ConfigureHall("", BUSY))
    for step in range(10_000):
        any_step(day, chance)
        if step % 2500 == 2400:
            day.come_back_to_a_full_hall(0)
        if step % 2500 == 2499:
            day.open_day(1)
        if step % 20 == 0:
            day.nobody_is_lost_and_nobody_is_twice()
            day.every_line_is_called_from()
            day.no_more_people_inside_than_fit()
            day.no_slot_has_more_people_than_its_quota()
    return day


def test_a_long_walk_through_a_busy_hall():
    day = long_walk()
    day.teardown()
    happened = Counter(type(event) for _, _, event in day.play.log)
    reasons = Counter(event.why["kind"] for _, _, event in day.play.log if isinstance(event, events.TicketCalled))
    assert set(happened) >= MOVES, "some way of a ticket was never tried"
    assert set(reasons) == set(calling.KINDS), "some rule was never tried"
