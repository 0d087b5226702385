"""What goes wrong in a hall has a defined answer, in words that a clerk or an admin can read in each language.

Clocks that are set, and daylight saving, are in tests/hub/adapters/test_clock.py and tests/hub/web/test_hall.py.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from hub.config import HallFileError, read_hall
from hub.core import commands
from hub.core.refusals import Refusal
from hub.texts import say
from hub.waiting import Waiting
from protocol.downward import LANGUAGES
from tests.hub.config.files import GOOD
from tests.hub.halls import Play, full_hall, small_hall

DAY = "2026-01-05"


def booking(day: str, kind: str = "workday") -> commands.BookAppointment:
    return commands.BookAppointment("", "b", "c", day, 600, "d", 1, "", kind, "clerk:li")


def without_b(play: Play) -> commands.ConfigureHall:
    hall = small_hall()
    services = {"a": hall.services["a"]}
    windows = {key: replace(window, services=("a",)) for key, window in hall.windows.items()}
    return commands.ConfigureHall("", replace(hall, services=services, windows=windows))


def busy_play() -> Play:
    """Somebody waits for b; li serves somebody at window 1; window 2 is staffed."""
    play = Play()
    play.sign_in("1", "li")
    play.sign_in("2", "wang")
    play.draw("a")
    play.press("next")
    play.press("start")
    play.draw("b")
    return play


@pytest.mark.parametrize(
    ("play", "command", "code"),
    [
        (busy_play, lambda play: commands.OpenDay("", DAY), "day-over"),
        (busy_play, lambda play: commands.OpenDay("", "2026-01-04"), "day-over"),
        (busy_play, without_b, "service-has-waiting"),
        (busy_play, lambda play: commands.SignIn("", "li", "3", "clerk:li"), "clerk-elsewhere"),
        (lambda: Play(full_hall()), lambda play: booking("2026-01-02"), "day-past"),
        (lambda: Play(full_hall()), lambda play: booking("2026-01-10", "restday"), "day-closed"),
        (lambda: Play(full_hall()), lambda play: booking("2026-02-30"), "no-such-day"),
        (
            busy_play,
            lambda play: commands.TransferTicket("", "1", play.state.version("1"), "clerk:li", to_window="1"),
            "to-itself",
        ),
        (
            busy_play,
            lambda play: commands.TransferTicket("", "1", play.state.version("1"), "clerk:li", to_clerk="li"),
            "to-itself",
        ),
    ],
)
def test_the_answer_is_defined_and_can_be_read(play, command, code):
    played = play()
    before = played.state.seq
    refusal = played.do(command(played))
    assert isinstance(refusal, Refusal) and refusal.code == code
    assert played.state.seq == before, "a refused command changed something"
    for language in LANGUAGES:
        words = say(f"refusal.{code}", language, **refusal.detail)
        assert words and "{" not in words


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ('[[shifts]]\ndays = ["mon"]\nbegins = "13:00"\nends = "12:00"\nwindows = ["*"]', "ends"),
        ('[[slots]]\ndays = ["mon"]\nbegins = "09:00"\nends = "12:00"\nevery_min = 30\nquota = 0', "quota"),
    ],
)
def test_a_hall_file_that_contradicts_itself_is_refused_with_the_line(table, told):
    with pytest.raises(HallFileError) as raised:
        read_hall(f"{GOOD}\n{table}\n")
    assert any(problem.line > 0 and told in problem.where for problem in raised.value.problems), raised.value


def test_ten_thousand_wait_and_everything_goes_on():
    hall = small_hall()
    wide = {key: replace(service, end=99_999) for key, service in hall.services.items()}
    play = Play(replace(hall, services=wide))
    play.sign_in()
    for _ in range(10_000):
        play.draw("a")
        play.ms += 1000
    before, promise = Waiting(lambda: play.state).for_newcomer("a", "walk-in", play.ms) or (0, None)
    assert before == 10_000 and promise is not None
    play.press("next")
    assert play.number_at() == "A001"
