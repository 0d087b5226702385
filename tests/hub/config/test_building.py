"""What a good hall file means: ranges, "*", the classes that are always there, times; and contacts kept apart."""

from __future__ import annotations

import pytest

from hub.config import Contact, HallFileError, read_contacts, read_hall, without_contacts
from hub.core.hall import Admission, Condition, Ratio, Share, Shift, Slots, from_dict, to_dict
from tests.hub.config.files import CONTACT, GOOD, NAME, replaced, row

NAMES = {"zh-Hans": "名", "zh-Hant": "名", "en": "Name"}
MORNING = ('days = ["mon", "2026-02-17"]', 'begins = "08:30"', 'ends = "24:00"')


def test_a_range_is_one_window_per_number_with_its_number_in_the_names():
    text = (
        GOOD
        + '[windows."101-103"]\nname = { zh-Hans = "{n}号", zh-Hant = "{n}號", en = "No. {n}" }\nservices = ["tax"]\n'
    )
    windows = read_hall(text).windows
    assert list(windows) == ["1", "2", "101", "102", "103"]
    assert windows["102"].names == {"zh-Hans": "102号", "zh-Hant": "102號", "en": "No. 102"}


def test_a_file_without_them_has_the_class_walk_in_and_no_other():
    classes = read_hall(GOOD).classes
    assert [(klass.id, klass.credit_min) for klass in classes.values()] == [("walk-in", 0)]


def test_a_file_with_slots_has_the_class_appointment_which_nobody_gives_by_hand():
    klass = read_hall(row("[[slots]]", *MORNING, "every_min = 30", "quota = 4")).classes["appointment"]
    assert (klass.credit_min, klass.by, klass.names["en"]) == (30, (), "Appointment")


def test_the_file_can_say_something_else_about_these_classes():
    slots = ("[[slots]]", *MORNING, "every_min = 30", "quota = 4")
    klass = read_hall(row("[classes.appointment]", NAME, "credit_min = 45", *slots)).classes["appointment"]
    assert (klass.names, klass.credit_min) == (NAMES, 45)


def test_rows_for_all_windows_and_services():
    hall = read_hall(row("[[shifts]]", *MORNING, 'windows = ["*"]'))
    assert hall.shifts == (Shift(("mon", "2026-02-17"), 510, 1440, ("1", "2")),)


def test_rules():
    condition = ("[[conditions]]", 'id = "late"', NAME, 'windows = ["1-2"]', 'services = ["tax"]', "waiting_over = 5")
    shares = 'shares = [{ count = 2, classes = ["walk-in"] }, { count = 1 }]'
    hall = read_hall(row("\n".join(condition), "[[ratios]]", 'id = "r"', NAME, shares))
    assert hall.conditions == (Condition("late", NAMES, ("1", "2"), ("tax",), waiting_over=5),)
    assert hall.ratios == (Ratio("r", NAMES, (Share(2, ("walk-in",)), Share(1))),)


def test_admission_and_slots():
    rules = ('days = ["sat"]', 'mode = "appointment-only"', "capacity = 9", 'late = "refuse"')
    slots = ("[[slots]]", *MORNING, "every_min = 30", "quota = 4", 'services = ["land"]')
    hall = read_hall(row("[[admission]]", *rules, *slots))
    assert hall.admission == (Admission(("sat",), "appointment-only", 9, late="refuse"),)
    assert hall.slots == (Slots(("mon", "2026-02-17"), 510, 1440, 30, 4, ("land",)),)


def test_a_clerk_without_a_list_serves_everything():
    assert read_hall(row("[clerks.li]", "[clerks.wang]", 'services = ["tax"]')).clerks == {
        "li": ("tax", "land"),
        "wang": ("tax",),
    }


def test_calendar_languages_and_papers():
    papers = 'prefix = "A"\npre_check = true\npapers = { form = { zh-Hans = "名", zh-Hant = "名", en = "Name" } }'
    text = replaced('prefix = "A"', papers).replace("[services", 'languages = ["en"]\n\n[services', 1)
    hall = read_hall(text + '[calendar]\ncountry = "CN"\nexceptions = { 2026-02-17 = "closed" }\n')
    assert (hall.languages, hall.country, hall.exceptions) == (("en",), "CN", {"2026-02-17": "closed"})
    assert (hall.services["tax"].pre_check, hall.services["tax"].papers) == (True, {"form": NAMES})


def test_a_hall_is_the_same_after_the_log():
    hall = read_hall(row("[[slots]]", *MORNING, "every_min = 30", "quota = 4"))
    assert from_dict(to_dict(hall)) == hall


ALARM = row("[[alarms]]", 'id = "slow"', NAME, 'kind = "wait"', "minutes = 30", 'to = ["li"]') + CONTACT


def test_contacts_are_read_apart():
    assert read_contacts(ALARM) == {"li": Contact("li", "Li", "li@hall.example")}


def test_contacts_are_not_in_the_hall():
    hall = read_hall(ALARM)
    assert hall.alarms[0].to == ("li",)
    assert "li@hall.example" not in str(to_dict(hall))


@pytest.mark.parametrize(
    "contacts",
    [CONTACT, CONTACT.replace("contacts", '"contacts"'), CONTACT.replace("[contacts.li]", "[ contacts . li ]  # who")],
)
def test_contacts_can_be_left_out_and_the_other_lines_keep_their_numbers(contacts):
    after = '\n[pauses.meal]\nname = "?"\n'
    kept = without_contacts(GOOD + contacts + after)
    assert "hall.example" not in kept
    assert kept.count("\n") == (GOOD + contacts + after).count("\n")
    with pytest.raises(HallFileError, match=r"line 27: pauses\.meal\.name"):
        read_hall(kept)
