"""Hall files: every problem is named with its line and with what would be right."""

from __future__ import annotations

import pytest

from hub.config import read_hall
from tests.hub.config.files import GOOD, problems_of, replaced, row


def problems(old: str, new: str) -> list[str]:
    return problems_of(replaced(old, new))


def test_a_good_file_is_a_hall():
    hall = read_hall(GOOD)
    assert hall.windows["1"].services == ("tax", "land")
    assert hall.windows["2"].services == ("land",)
    assert (hall.day_starts, hall.slip_guard_ms, hall.zones) == ("04:00", 1500, ["main"])


def test_an_unknown_key():
    assert problems('prefix = "A"', 'prefix = "A"\nprefx = "C"') == [
        "line 9: services.tax.prefx: unknown key; allowed here: name, prefix, start, end, step, width, wrap, group, "
        "minutes, per_day, party_max, pre_check, papers, department, item_code"
    ]


def test_an_unknown_table():
    (problem,) = problems("[windows.1]", "[windos.1]")
    assert problem.startswith("line 14: windos: unknown key; allowed here: hall, calendar, services, groups, zones")


def test_a_prefix_used_twice():
    assert problems('prefix = "B"', 'prefix = "A"') == [
        'line 12: services.land.prefix: "A" is the prefix of services.tax already; each service needs its own'
    ]


def test_a_window_with_an_unknown_service():
    assert problems('services = ["land"]', 'services = ["lnad"]') == [
        'line 20: windows.2.services: there is no service "lnad"; allowed: "tax", "land", "*"'
    ]


def test_several_problems_are_told_at_once_in_order():
    found = problems('timezone = "Asia/Shanghai"', 'timezone = "Moon"\nday_starts = "4 Uhr"')
    assert found == [
        'line 4: hall.timezone: must be a time zone such as "Asia/Shanghai"',
        'line 5: hall.day_starts: must be a time such as "04:00"',
    ]


def test_broken_toml_is_told_with_its_line():
    (problem,) = problems("[services.land]", "[services.land")
    assert problem.startswith("line 10: TOML: ")


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ('id = "hall"', 'id = "Hall/1"', "hall.id"),
        ('id = "hall"', "", "hall.id"),
        ('prefix = "A"', 'prefix = "a"', "services.tax.prefix"),
        ('prefix = "A"', 'prefix = "A"\nend = 0', "services.tax.end"),
        ('prefix = "A"', 'prefix = "A"\nstart = 5\nend = 4', "services.tax.end"),
        ('prefix = "A"', 'prefix = "AAA"\nend = 999999', "services.tax.end"),
        ('prefix = "A"', 'prefix = "A"\nstep = "1"', "services.tax.step"),
        ('services = ["*"]', "services = []", "windows.1.services"),
        ('en = "1"', 'en = ""', "windows.1.name.en"),
        ("[windows.1]", '[windows."Eins!"]', "windows.Eins!"),
        ("[windows.1]", '[windows."9-5"]', "windows.9-5: a range runs from the lower to the higher"),
        ("[windows.1]", '[windows."1-9999"]', "1000 at most"),
        (
            'name = { zh-Hans = "税", zh-Hant = "稅", en = "Tax" }',
            'name = "Tax"',
            "a table with the keys zh-Hans, zh-Hant",
        ),
        ('prefix = "A"', 'prefix = "A"\nwrap = 1', "services.tax.wrap: must be true or false"),
        ('prefix = "A"', "prefix = 5", "services.tax.prefix: must be text in quotes"),
        ('prefix = "A"', 'prefix = "A"\nend = "5"', "services.tax.end: must be a whole number, without quotes"),
        ('services = ["*"]', 'services = "*"', 'windows.1.services: must be a list, such as ["one", "two"]'),
        ('services = ["*"]', 'services = ["tax", "tax"]', '"tax" is in the list twice'),
        ('services = ["*"]', 'services = ["*"]\nprefer = { tax = 61 }', "windows.1.prefer.tax: must be less than"),
    ],
)
def test_what_else_is_refused(old, new, where):
    (problem, *_) = problems(old, new)
    assert where in problem


def test_a_problem_in_a_row_is_told_with_the_line_and_number_of_the_row():
    opening = '[[opening]]\ndays = ["*"]\nbegins = "08:00"\nends = "12:00"\n'
    wrong = '\n[[opening]]\ndays = ["*"]\nbegins = "8 Uhr"\nends = "24:01"\n'
    assert problems_of(GOOD + opening + wrong) == [
        'line 28: opening #2.begins: must be a time such as "08:30", "24:00" at the latest',
        'line 29: opening #2.ends: must be a time such as "08:30", "24:00" at the latest',
    ]


def test_a_problem_in_a_table_of_a_row_is_told_with_its_line():
    clerks = ('days = ["*"]', 'begins = "08:00"', 'ends = "12:00"', 'windows = ["1"]', "[shifts.clerks]", '1 = "Li!"')
    (problem,) = problems_of(row("[[shifts]]", *clerks))
    assert problem == "line 27: shifts #1.clerks.1: may have a-z, 0-9 and '-' only"


@pytest.mark.parametrize(
    ("days", "reason"),
    [
        ('["someday"]', 'must be a date such as "2026-02-17", or one of "*", "mon"'),
        ('["2026-02-30"]', '"2026-02-30" is no date of the calendar'),
        ('["20260217"]', '"20260217" is no date of the calendar'),
        ("[2026-02-17]", "must be text in quotes"),
        ("[]", "must have at least 1 item"),
        ('["mon", "mon"]', '"mon" is in the list twice'),
    ],
)
def test_days_that_do_not_exist(days, reason):
    (problem, *_) = problems_of(row("[[opening]]", f"days = {days}", 'begins = "08:00"', 'ends = "12:00"'))
    assert problem.startswith("line 22: opening #1.days")
    assert reason in problem


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ('"2026-02-30" = "closed"', '"2026-02-30" is no date of the calendar'),
        ('"2026-02-17" = "shut"', "must be 'workday', 'restday', 'holiday' or 'closed'"),
    ],
)
def test_exceptions_of_the_calendar(lines, reason):
    (problem,) = problems_of(row("[calendar.exceptions]", lines))
    assert problem.startswith("line 22: calendar.exceptions.")
    assert reason in problem


def test_a_quota_of_nobody():
    times = ('days = ["*"]', 'begins = "08:00"', 'ends = "12:00"', "every_min = 30")
    (problem,) = problems_of(row("[[slots]]", *times, "quota = 0"))
    assert problem == "line 26: slots #1.quota: must be 1 or more; leave the row out to close it"


@pytest.mark.parametrize(
    ("table", "lines", "where"),
    [
        ("[classes.green]", ["credit_min = 241"], "classes.green.credit_min"),
        ("[classes.green]", ['by = ["robot"]'], "classes.green.by"),
        ("[[conditions]]", ["at_most = 11"], "conditions #1.at_most"),
        ("[[conditions]]", ["at_most = 0"], "conditions #1.at_most"),
        ("[[alarms]]", ['kind = "fire"'], "alarms #1.kind"),
        ("[[admission]]", ['mode = "nobody"'], "admission #1.mode"),
        ("[calls]", ["min_calls = 0"], "calls.min_calls"),
        ("[calendar]", ['country = "china"'], "calendar.country: must be two capital letters"),
        ("[contacts.li]", ['email = "li"'], "contacts.li.email: must be an address, such as"),
        ("[contacts.li]", ['webhook = "ftp://x"'], "contacts.li.webhook"),
    ],
)
def test_values_out_of_bounds(table, lines, where):
    assert any(problem.startswith(f"line 22: {where}") for problem in problems_of(row(table, *lines)))
