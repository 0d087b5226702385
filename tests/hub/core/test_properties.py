"""For any sequence of commands: no number twice, nobody at two windows, nobody lost, and the log alone says it all."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from hub.core import commands, events, tickets
from hub.core.deciding import decide
from hub.core.refusals import CODES, Refusal
from tests.hub.halls import Play, replay, small_hall

WINDOWS = st.sampled_from(["1", "2", "3", "nowhere"])
STEPS = st.one_of(
    st.tuples(st.just("draw"), st.sampled_from(["a", "b", "nothing"])),
    st.tuples(st.just("draw"), st.sampled_from(["a", "b"])),
    st.tuples(st.just("sign-in"), WINDOWS, st.sampled_from(["li", "wang", "chen"])),
    st.tuples(st.just("sign-out"), WINDOWS),
    st.tuples(st.sampled_from(sorted(commands.VERBS)), WINDOWS, st.integers(0, 3)),
    st.tuples(st.just("next"), WINDOWS, st.just(0)),
    st.tuples(st.just("rate"), st.integers(0, 20), st.integers(1, 5)),
    st.tuples(st.just("shown"), WINDOWS, st.integers(0, 2)),
    st.tuples(st.just("wait"), st.integers(-5000, 5000)),
    st.tuples(st.just("new-day"), st.integers(5, 9)),
    st.tuples(st.just("configure"), st.integers(1, 4)),
)


def step(play: Play, kind: str, *words) -> list[events.Event] | Refusal | None:
    """One thing that somebody does, sensible or not."""
    if kind == "draw":
        play.visits += 1
        return play.do(commands.DrawTicket("", f"visit-{play.visits}", words[0], "kiosk:k"))
    if kind == "sign-in":
        return play.sign_in(words[0], words[1])
    if kind == "sign-out":
        return play.do(commands.SignOut("", words[0], "hub"))
    if kind == "rate":
        return play.rate(f"visit-{words[0]}", words[1], seq=len(play.log))
    if kind == "shown":
        return play.do(commands.ConfirmShown("", "display", words[0], (7, play.state.seq - words[1])))
    if kind == "new-day":
        return play.do(commands.OpenDay("", f"2026-01-{words[0]:02}"))
    if kind == "configure":
        return play.do(commands.ConfigureHall("", small_hall(slip_guard_ms=1000, end=words[0])))
    if kind == "wait":
        play.ms += words[0]
        return None
    window, behind = words
    epoch, revision = play.state.version(window) if window in play.state.windows else (7, 0)
    return play.press(kind, window, seen=(epoch, max(0, revision - behind)))


def check_now(play: Play) -> None:
    """What holds after every single step."""
    state = play.state
    held = [window.visit for window in state.windows.values() if window.visit]
    clerks = [window.clerk for window in state.windows.values() if window.clerk]
    waiting = [visit for line in state.waiting.values() for visit in line]
    assert len(held) == len(set(held)), "somebody is at two windows"
    assert len(clerks) == len(set(clerks)), "a clerk sits at two windows"
    assert Counter(waiting) == Counter(v for v, t in state.tickets.items() if t.state == tickets.WAITING)
    assert Counter(held) == Counter(v for v, t in state.tickets.items() if t.state in tickets.AT_WINDOW)


def check_log(play: Play) -> None:
    """What the whole log must say."""
    log = [event for _, _, event in play.log]
    drawn = [(event.day, event.number) for event in log if isinstance(event, events.TicketDrawn)]
    assert len(drawn) == len(set(drawn)), "a number was given twice in a day"
    called = [event.visit for event in log if isinstance(event, events.TicketCalled)]
    assert len(called) == len(set(called)), "somebody was called anew from the line twice"
    counted = [e.visit for e in log if isinstance(e, events.RatingRecorded) and e.standing == "counted"]
    assert len(counted) == len(set(counted)), "a visit was counted twice"


@settings(max_examples=300, deadline=None)
@given(st.lists(STEPS, max_size=60))
def test_whatever_is_pressed_in_whatever_order(steps):
    play = Play(small_hall(slip_guard_ms=1000))
    for words in steps:
        decision = step(play, *words)
        if isinstance(decision, Refusal):
            assert decision.code in CODES
        check_now(play)
    check_log(play)
    assert replay(play) == play.state


@settings(max_examples=100, deadline=None)
@given(st.lists(STEPS, max_size=40))
def test_decide_touches_nothing(steps):
    play = Play()
    for words in steps:
        step(play, *words)
        before = replay(play)
        for verb in commands.VERBS.values():
            decide(play.state, verb("", "1", play.state.version("1"), "hub"), commands.Moment(play.ms, play.state.day))
        assert play.state == before


@given(st.lists(STEPS, max_size=40))
def test_every_event_survives_the_log(steps):
    play = Play()
    for words in steps:
        step(play, *words)
    for _, _, event in play.log:
        assert events.from_record(*events.to_record(event)) == event
