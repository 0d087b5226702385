"""What no single value can tell: unknown ids, and rows that contradict themselves or one another."""

from __future__ import annotations

import pytest

from hub.config import read_hall
from hub.core.hall import Board
from tests.hub.config.files import CONTACT, GOOD, NAME, problems_of, replaced, row

MORNING = ('days = ["*"]', 'begins = "08:00"', 'ends = "12:00"')
CLERKS = "\n[clerks.li]\n[clerks.wang]\n"
CONDITION = ('id = "late"', NAME, "waits_over_min = 60")
SHARES = 'shares = [{ count = 2, classes = ["walk-in"] }, { count = 1 }]'
ALARM = ('id = "slow"', NAME, 'kind = "wait"', "minutes = 30")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (replaced('prefix = "A"', 'prefix = "A"\ngroup = "firms"'), 'services.tax.group: there is no group "firms"'),
        (replaced('services = ["*"]', 'services = ["*"]\nzone = "east"'), 'windows.1.zone: there is no zone "east"'),
        (
            replaced('services = ["land"]', 'services = ["land"]\nonly = ["green"]'),
            'windows.2.only: there is no class "green"; allowed: "walk-in"',
        ),
        (
            replaced('services = ["land"]', 'services = ["land"]\nprefer = { tax = 5 }'),
            'windows.2.prefer.tax: the window does not take the service "tax"; it takes "land"',
        ),
        (row("[[conditions]]", *CONDITION, 'windows = ["1-3"]'), 'conditions #1.windows: there is no window "3"'),
        (row("[[conditions]]", *CONDITION, 'services = ["x"]'), 'conditions #1.services: there is no service "x"'),
        (row("[[conditions]]", *CONDITION, 'classes = ["x"]'), 'conditions #1.classes: there is no class "x"'),
        (row("[[ratios]]", 'id = "r"', NAME, SHARES, 'windows = ["9"]'), 'ratios #1.windows: there is no window "9"'),
        (
            row("[[ratios]]", 'id = "r"', NAME, SHARES.replace("walk-in", "x")),
            'ratios #1.shares #1.classes: there is no class "x"; allowed: "walk-in", "*"',
        ),
        (row("[[shifts]]", *MORNING, 'windows = ["7"]'), 'shifts #1.windows: there is no window "7"'),
        (row("[[shifts]]", *MORNING, 'windows = ["1"]', 'services = ["x"]'), "shifts #1.services: there is no service"),
        (
            row("[[shifts]]", *MORNING, 'windows = ["1"]', 'clerks = { 1 = "li" }'),
            'shifts #1.clerks: there is no clerk "li"; the file has none',
        ),
        (
            row("[[shifts]]", *MORNING, 'windows = ["1"]', 'clerks = { 2 = "li" }', CLERKS),
            'shifts #1.clerks: window "2" is not among the windows of this shift: "1"',
        ),
        (row("[clerks.li]", 'services = ["x"]'), 'clerks.li.services: there is no service "x"'),
        (row("[boards.door]", 'zone = "east"'), 'boards.door.zone: there is no zone "east"'),
        (row("[boards.door]", 'left = ["1", "7"]'), 'boards.door.left: there is no window "7"'),
        (row("[boards.door]", 'ahead = ["*"]'), 'boards.door.ahead: there is no window "*"'),
        (row("[boards.door]", 'left = ["1-2"]', 'right = ["2"]'), 'boards.door.right: window "2" is left already'),
        (row("[boards.door]", "distance_m = 8"), "boards.door.width_mm: is needed beside distance_m"),
        (row("[boards.door]", "width_mm = 1430"), "boards.door.distance_m: is needed beside width_mm"),
        (
            row("[boards.door]", "distance_m = 12", "width_mm = 1430"),
            "boards.door.width_mm: must be at least 1762: from 12 m letters are 146 mm tall",
        ),
        (row("[[slots]]", *MORNING, "every_min = 30", "quota = 2", 'services = ["x"]'), 'there is no service "x"'),
        (row("[[alarms]]", *ALARM, 'to = ["li"]'), 'alarms #1.to: there is no contact "li"; the file has none'),
        (row("[[alarms]]", *ALARM, 'to = ["wu"]', CONTACT), 'alarms #1.to: there is no contact "wu"; allowed: "li"'),
        (row("[[alarms]]", *ALARM, 'to = ["li"]', 'services = ["x"]', CONTACT), 'there is no service "x"'),
    ],
)
def test_ids_that_are_not_in_the_file(text, problem):
    (said,) = problems_of(text)
    assert problem in said


def test_a_board_knows_where_its_windows_are_and_a_clerk_has_a_number():
    hall = read_hall(row("[boards.door]", 'left = ["1-2"]') + '\n[clerks.li]\nnumber = "08"\n[clerks.wang]\n')
    assert hall.boards == {"door": Board("main", {"←": ("1", "2")})}
    assert hall.clerk_numbers == {"li": "08"}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (replaced('prefix = "A"', 'prefix = "A"\nend = 10\nper_day = 11'), "per_day: there are only 10 numbers"),
        (replaced('prefix = "A"', 'prefix = "A"\npre_check = true'), "tax.pre_check: papers are what a pre-check"),
        (replaced("[windows.1]", '[windows."4-5"]'), "windows.4-5.name: the names of a range must have {n}"),
        (replaced('services = ["*"]', 'services = ["*"]\nelse_any = true'), 'else_any: has a meaning only with "only"'),
        (
            replaced('services = ["*"]', 'services = ["*"]\nonly = ["walk-in"]\nelse_any = true'),
            'line 6: services.tax: no window without "only" takes it: somebody who waits for it might never be called',
        ),
        (row("[classes.walk-in]", NAME, "credit_min = 5"), "classes.walk-in.credit_min: must be 0"),
        (row("[[conditions]]", 'id = "late"', NAME), "conditions #1: asks nothing; give waits_over_min"),
        (
            row("[[conditions]]", *CONDITION, 'begins = "10:00"', 'ends = "09:00"'),
            "conditions #1.ends: ends at 09:00, but begins at 10:00",
        ),
        (
            row("[[conditions]]", *CONDITION, "[[ratios]]", 'id = "late"', NAME, SHARES),
            'ratios #1.id: "late" is the id of another rule already',
        ),
        (
            row("[[ratios]]", 'id = "r"', NAME, "shares = [{ count = 2 }, { count = 1 }]"),
            "ratios #1.shares #1: a share without classes and services is for all others; it must be the last",
        ),
        (
            row("[[ratios]]", 'id = "r"', NAME, SHARES, "[[ratios]]", 'id = "s"', NAME, SHARES, 'windows = ["1-2"]'),
            'ratios #2.windows: the ratio "r" holds at window 1 already; a window has one',
        ),
        (row("[[opening]]", 'days = ["*"]', 'begins = "12:00"', 'ends = "12:00"'), "opening #1.ends: ends at 12:00"),
        (
            row("[[shifts]]", 'days = ["*"]', 'begins = "17:00"', 'ends = "08:00"', 'windows = ["*"]'),
            "line 24: shifts #1.ends: ends at 08:00, but begins at 17:00; it must end later on the same day",
        ),
        (row("[[opening]]", 'days = ["*"]', 'begins = "03:00"', 'ends = "12:00"'), "before the business day starts"),
        (
            row("[[slots]]", *MORNING, "every_min = 50", "quota = 5"),
            "line 25: slots #1.every_min: slots of 50 minutes do not fit between 08:00 and 12:00; "
            "ends would be 11:20 or 12:10",
        ),
        (row("[[slots]]", *MORNING, "every_min = 300", "quota = 5"), "do not fit between 08:00 and 12:00; ends"),
        (row("[[admission]]", 'days = ["*"]', 'mode = "mixed"'), 'admission #1.mode: "mixed" needs appointments'),
        (row("[[admission]]", 'days = ["*"]', "overtime_min = 5"), "overtime_min: counts only with servable = true"),
        (
            row("[[admission]]", 'days = ["*"]', "[[admission]]", 'days = ["sat"]'),
            'admission #1.days: the first row that matches counts, so the rows after "*" never do',
        ),
        (
            row("[[shifts]]", *MORNING, 'windows = ["*"]', 'clerks = { 1 = "li", 2 = "li" }', CLERKS),
            'shifts #1.clerks: "li" is at the windows 1 and 2 at once',
        ),
        (
            row(
                "[[shifts]]",
                *MORNING,
                'windows = ["1"]',
                'clerks = { 1 = "li" }',
                "[[shifts]]",
                *MORNING,
                'windows = ["2"]',
                'clerks = { 2 = "li" }',
                CLERKS,
            ),
            'shifts #2.clerks: "li" sits at another window then, by shifts #1',
        ),
        (
            row("[[alarms]]", *ALARM, 'to = ["li"]', "[[alarms]]", *ALARM, 'to = ["li"]', CONTACT),
            'alarms #2.id: "slow" is the id of another alarm already',
        ),
        (row("[contacts.li]", 'name = "Li"'), "contacts.li: cannot be told of anything; give email, webhook or both"),
        ('contacts.li = { name = "Li", email = "a@b" }\n' + GOOD, "contacts: must be tables of their own"),
    ],
)
def test_contradictions(text, problem):
    (said,) = problems_of(text)
    assert problem in said


def test_a_window_that_two_ranges_make():
    named = 'name = { zh-Hans = "{n}", zh-Hant = "{n}", en = "{n}" }\nservices = ["*"]\n'
    (said,) = problems_of(f'{GOOD}[windows."5-9"]\n{named}[windows."8-12"]\n{named}')
    assert said == "line 24: windows.8-12: window 8 is in windows.5-9 already"


OPENING = '[[opening]]\ndays = ["workday"]\nbegins = "09:00"\nends = "17:00"\n'


@pytest.mark.parametrize(
    ("days", "problem"),
    [
        ("workday", "slots #1: not within the opening hours on mon: 09:00-17:00"),
        ("sat", "slots #1: not within the opening hours on sat: closed"),
        ("2026-02-17", "slots #1: not within the opening hours on 2026-02-17: 09:00-17:00"),
        ("holiday", "slots #1: not within the opening hours on holidays: closed"),
    ],
)
def test_slots_while_the_hall_is_closed(days, problem):
    slots = f'[[slots]]\ndays = ["{days}"]\nbegins = "08:00"\nends = "10:00"\nevery_min = 30\nquota = 2\n'
    (said,) = problems_of(GOOD + slots + OPENING)
    assert problem in said


def test_slots_within_the_opening_hours_of_each_day_are_good():
    slots = '[[slots]]\ndays = ["workday"]\nbegins = "09:00"\nends = "10:00"\nevery_min = 30\nquota = 2\n'
    assert read_hall(GOOD + slots + OPENING).slots[0].quota == 2


def test_a_service_that_the_plan_never_offers():
    text = row("[[shifts]]", *MORNING, 'windows = ["*"]', 'services = ["tax"]')
    (said,) = problems_of(text)
    assert said.startswith("line 10: services.land: no window ever takes it while the hall is open")


def test_a_planned_clerk_who_can_serve_nothing_there():
    clerks = '[clerks.li]\nservices = ["tax"]\n'
    (said,) = problems_of(row("[[shifts]]", *MORNING, 'windows = ["1-2"]', 'clerks = { 2 = "li" }', clerks))
    assert said == 'line 26: shifts #1.clerks: "li" can serve nothing at window 2; it takes "land"'
