"""A snapshot of any state says all of it, and shares nothing with the state that goes on."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass, replace
from random import Random

import pytest

from hub.core import commands, snapshots
from hub.core.hall import Admission, AlarmRule, Slots, TicketClass
from hub.core.state import State
from tests.hub import answers
from tests.hub.halls import Play, names, replay, small_hall


def eventful_hall():
    """Every part of the state is used: a door queue, classes, appointments, pre-checks, numbers that go on."""
    hall = small_hall()
    services = {"a": replace(hall.services["a"], wrap=True), "b": replace(hall.services["b"], pre_check=True)}
    return replace(
        hall,
        services=services,
        classes={"old": TicketClass("old", names("老人"), 20)},
        admission=(Admission(("*",), mode="mixed", capacity=6),),
        slots=(Slots(("*",), 540, 700, 20, 2),),
        alarms=(AlarmRule("long", names("等久了"), "wait", 5, ("boss",)),),
    )


def eventful_play(seed: int, steps: int = 300) -> Play:
    """A few days of everything, drawn by chance."""
    chance, play = Random(seed), Play(eventful_hall())
    for number in range(steps):
        play.ms += chance.randrange(60_000)
        _something(play, chance, number)
    return play


def _something(play: Play, chance: Random, number: int) -> None:
    window, service = chance.choice("123"), chance.choice("ab")
    visit = chance.choice(list(play.state.tickets) or ["nobody"])
    code = chance.choice(list(play.state.codes) or ["none"])
    check = chance.choice(list(play.state.checks) or ["none"])
    minute, day = chance.randrange(540, 700, 20), f"2026-01-{chance.randrange(5, 12):02}"
    chance.choice(
        [
            lambda: play.draw(service),
            lambda: play.do(
                commands.DrawTicket(
                    "", f"v{number}", service, "admin:a", "old", chance.choice((1, 2)), promise=_promise()
                )
            ),
            lambda: play.sign_in(window, chance.choice(("li", "wang"))),
            lambda: play.press(chance.choice(("next", "next", "start", "finish", "missed", "hold")), window),
            lambda: play.press("transfer", window, service=service),
            lambda: play.do(commands.AddService("", visit, service, "clerk:li")),
            lambda: play.do(commands.SetAutomatic("", window, chance.random() < 0.3, "clerk:li")),
            lambda: play.do(commands.PauseWindow("", window, "", "clerk:li")),
            lambda: play.do(commands.ResumeWindow("", window, "clerk:li")),
            lambda: play.do(
                commands.BookAppointment(
                    "", f"b{number}", f"c{number}", day, minute, service, 1, f"h{number}", "workday", "hub"
                )
            ),
            lambda: play.do(commands.CheckIn("", f"v{number}", code, "kiosk:k")),
            lambda: play.do(
                commands.RecordPreCheck("", f"k{number}", service, chance.choice(((), ("id",))), "clerk:li")
            ),
            lambda: play.rate(
                chance.choice([*play.state.past, visit]), chance.randrange(1, 6), seq=number, window=window
            ),
            lambda: play.do(commands.NoteCase("", visit, f"X{chance.randrange(3)}", "hub")),
            lambda: answers.something(play, chance),
            lambda: answers.something(play, chance),
            lambda: answers.something(play, chance),
            lambda: play.do(commands.DrawTicket("", f"v{number}", "b", "kiosk:k", check=check)),
            lambda: play.do(commands.LookAround("")),
            lambda: play.do(_tomorrow(play)) if chance.random() < 0.2 else None,
        ]
    )()


def _promise() -> commands.Promise:
    return commands.Promise(60_000, 10_000, 300_000)


def _tomorrow(play: Play) -> commands.OpenDay:
    """At nine in the morning."""
    return commands.OpenDay("", f"2026-01-{int(play.state.day[-2:]) + 1:02}", "workday", play.ms - 540 * 60_000)


@pytest.mark.parametrize("seed", range(20))
def test_a_state_is_the_same_after_it_was_json(seed):
    state = eventful_play(seed).state
    assert snapshots.from_dict(json.loads(json.dumps(snapshots.to_dict(state)))) == state


def test_the_play_uses_every_part_of_the_state():
    """Else the test above would say less than it seems to."""
    plays = [eventful_play(seed).state for seed in range(30)]
    ever = {each.name for state in plays for each in fields(State) if getattr(state, each.name)}
    assert {each.name for each in fields(State)} - ever <= {"memo"}


@pytest.mark.parametrize("seed", range(5))
def test_a_copy_stays_as_it_was(seed):
    play = eventful_play(seed, 150)
    copy = snapshots.copy_of(play.state)
    before = replay(play)
    for number in range(1000, 1150):
        _something(play, Random(number), number)
    assert snapshots.from_dict(snapshots.to_dict(copy)) == before


def test_a_copy_shares_nothing_that_can_change():
    play = eventful_play(1)
    shared = _changeable(snapshots.copy_of(play.state)) & _changeable(play.state)
    assert not shared


def _changeable(value: object) -> set[int]:
    """Ids of all lists, dicts, sets and changeable dataclasses in `value`, without the hall, which never changes."""
    found: set[int] = set()
    if is_dataclass(value) and not isinstance(value, type):
        if not value.__dataclass_params__.frozen:  # type: ignore[attr-defined]
            found.add(id(value))
        parts = [getattr(value, each.name) for each in fields(value) if each.name not in ("hall", "memo")]
    elif isinstance(value, dict):
        found.add(id(value))
        parts = list(value.values())
    elif isinstance(value, (list, set)):
        found.add(id(value))
        parts = list(value)
    else:
        parts = list(value) if isinstance(value, tuple) else []
    return found.union(*(_changeable(part) for part in parts))


def test_another_meaning_makes_another_shape(monkeypatch):
    before = snapshots._shape()
    monkeypatch.setattr(snapshots, "MEANING", 2)
    assert snapshots._shape() != before == snapshots.SHAPE
