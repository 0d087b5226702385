"""`jiaohao why`: an answer for somebody who has never seen the rules, from a real database."""

from __future__ import annotations

from dataclasses import replace

import pytest
from click.testing import CliRunner

from hub.adapters.sqlite_store import SqliteStore
from hub.core import commands
from hub.ports import Commit, Entry, Outcome
from tests.hub.halls import Play, full_hall
from tools.cli import main

MINUTE = 60_000


@pytest.fixture
def data(tmp_path):
    """A morning with an appointment at 10:30 that goes before somebody who came earlier."""
    play = Play(replace(full_hall(), slip_guard_ms=0))
    play.sign_in("2", "li")
    book = commands.BookAppointment("", "b", "4711", "2026-01-05", 630, "d", 1, "", "workday", "clerk:li")
    play.do(book)
    play.draw("d")
    play.ms += 5 * MINUTE
    play.do(commands.CheckIn("", "v1", "4711", "kiosk:k"))
    play.draw("d")
    play.ms += 2 * MINUTE
    play.press("next", "2")
    play.press("next", "2")
    store = SqliteStore(tmp_path / "hall.db")
    for seq, at_ms, event in play.log:
        store.append([Commit("", at_ms, Outcome(seq, seq), (Entry(seq, at_ms, "", event),))])
    store.close()
    return tmp_path


def ask(data, *words: str) -> str:
    result = CliRunner().invoke(main, ["why", *words, "--data", str(data), "--language", "en"])
    return result.output if result.exit_code == 0 else f"{result.exit_code}: {result.output}"


def test_an_appointment_that_goes_first_is_explained(data):
    assert ask(data, "D002") == (
        "D002 was called to 2 at 10:07, after 2 min, out of 3 who could be called there. "
        "D002 has an appointment at 10:30. An appointment is placed in line as if the person had come 40 minutes "
        "before it, at 09:50; that made it first. "
        "Came earlier and still waited: D001 (walk-in, came at 10:00, waited 7 min). "
        "Nobody is overtaken for ever: in the order, whoever comes more than 40 minutes after you is behind you.\n"
    )


def test_two_numbers_are_compared(data):
    assert ask(data, "D002", "--before", "D001").splitlines()[1] == (
        "D001 (walk-in) came at 10:00 and is placed at 10:00; D002 (appointment) came at 10:05 and is placed at 09:50: "
        "so D002 is before D001."
    )


def test_first_come_first_served_says_so(data):
    assert "First come, first served: D001 was first in line." in ask(data, "D001")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["D003"], "2: error: D003 was not called on 2026-01-05"),
        (["X001"], "2: error: there was no ticket X001 on 2026-01-05"),
        (["D001", "--before", "X001"], "2: error: there was no ticket X001 on 2026-01-05"),
        (["D001", "--day", "2020-01-01"], "2: error: there was no ticket D001 on 2020-01-01"),
    ],
)
def test_what_cannot_be_answered_is_said(data, words, told):
    assert ask(data, *words).startswith(told)
