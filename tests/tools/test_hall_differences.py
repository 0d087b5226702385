"""What is different between two hall files, in words that a manager reads before pressing yes."""

import pytest

from tests.tools.test_hall_command import SOURCE
from tools.hall.differences import as_diff, in_words

HOURS = '[[opening]]\ndays = ["mon"]\nbegins = "09:00"\nends = "17:00"\n'
OTHER_HOURS = HOURS.replace("mon", "tue")


def changed(old, new):
    assert old in SOURCE
    return in_words(SOURCE, SOURCE.replace(old, new))


def test_equal_files_have_no_differences():
    assert in_words(SOURCE, SOURCE) == [] and as_diff(SOURCE, SOURCE, "a", "b") == ""


def test_comments_and_the_order_of_keys_are_no_difference():
    assert in_words(SOURCE, "# better\n" + SOURCE) == []


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ('[services.visa]\nname = { en = "Visas" }\n', "service visa added: Visas"),
        ('[classes.old]\nname = { en = "Elderly" }\ncredit_min = 20\n', "class old added: Elderly"),
        ('[windows.9]\nservices = ["tax"]\n', "window 9 added"),
        ("[calls]\nmin_calls = 2\n", "calls: min_calls (not set) -> 2"),
        (HOURS, "opening hours added: days mon, begins 09:00, ends 17:00"),
        ('[[alarms]]\nid = "wait"\nname = { en = "Long wait" }\n', "alarm wait added: Long wait"),
    ],
)
def test_what_is_added_or_taken_away_is_told(more, words):
    assert in_words(SOURCE, SOURCE + more) == [words]
    (back,) = in_words(SOURCE + more, SOURCE)
    assert back != words and back.split()[:2] == words.split()[:2]


def test_what_changed_is_told_with_before_and_after():
    assert changed('prefix = "A"', 'prefix = "B"') == ["service tax changed: prefix A -> B"]
    assert changed('"Asia/Shanghai"', '"Asia/Tokyo"') == ["hall: timezone Asia/Shanghai -> Asia/Tokyo"]


def test_a_range_of_windows_is_told_as_one():
    assert changed("[windows.1-3]", "[windows.1-2]") == ["window 3 closed: it is no longer in the file"]
    assert changed("[windows.1-3]", "[windows.1-7]") == ["windows 4-7 added"]
    assert changed('services = ["*"]', 'services = ["tax"]') == ["windows 1-3 changed: services * -> tax"]


def test_rows_in_another_order_are_told():
    assert in_words(SOURCE + HOURS + OTHER_HOURS, SOURCE + OTHER_HOURS + HOURS) == [
        "opening hours: the order of the rows changed"
    ]


def test_a_long_value_is_told_in_short():
    (words,) = changed('en = "Taxes"', f'en = "{"Taxes " * 30}"')
    assert len(words) < 200 and words.endswith("…")
