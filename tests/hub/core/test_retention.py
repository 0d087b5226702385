"""What is due when, by the table; and the hall file that says otherwise."""

from __future__ import annotations

import pytest

from hub.config import HallFileError, read_hall
from hub.core import retention
from hub.core.retention import DAY_MS, Retention, due
from tests.hub.config.files import GOOD

NOW_MS = 400 * DAY_MS


def test_each_kind_is_due_after_its_days_and_logins_when_they_are_over():
    up_to = due(Retention(commands_days=30, quarantine_days=7, outbox_days=90), NOW_MS)
    days = {kind: (NOW_MS - at_ms) // DAY_MS for kind, at_ms in up_to.items()}
    assert days == {"commands": 30, "quarantine": 7, "outbox": 90, "texts": 730, "people": 180, "sessions": 0}


def test_every_choice_has_its_default_within_its_limits():
    for kind, days in retention.CHOSEN.items():
        assert days.least <= days.default == Retention().days(kind) <= days.most


@pytest.mark.parametrize(("key", "value"), [("commands_days", 10), ("quarantine_days", 0), ("outbox_days", 401)])
def test_a_number_beyond_the_limits_is_refused_with_its_line_and_why(key: str, value: int):
    text = f"{GOOD}\n[retention]\n{key} = {value}\n"
    with pytest.raises(HallFileError) as refused:
        read_hall(text)
    (problem,) = refused.value.problems
    kind = key.removesuffix("_days")
    assert (problem.line, problem.where) == (len(text.splitlines()), f"retention.{key}")
    assert retention.CHOSEN[kind].because in problem.reason


def test_a_hall_without_a_choice_has_the_defaults():
    assert read_hall(GOOD).retention == Retention()
    assert read_hall(f"{GOOD}\n[retention]\nquarantine_days = 3\n").retention == Retention(quarantine_days=3)


@pytest.mark.parametrize("line", ["# ask Li, 138 1234 5678", "# li@hall.example"])
def test_a_hall_file_with_somebodys_number_outside_the_contacts_is_refused(line: str):
    text = f"{line}\n{GOOD}"
    with pytest.raises(HallFileError) as refused:
        read_hall(text)
    (problem,) = refused.value.problems
    assert problem.line == 1 and "contacts" in problem.reason and "138" not in str(refused.value)
