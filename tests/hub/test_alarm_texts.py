"""What people read when the limit of a bad rating comes, or is over."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hub.core.hall import OF_REVIEWS
from hub.core.limits import KINDS
from hub.texts.alarms import Case, alarm_text
from tests.hub.core.test_alarms import rule
from tests.hub.halls import small_hall

HALL = replace(small_hall(), alarms=tuple(rule(kind) for kind in OF_REVIEWS))
BAD = Case("R.4", "bad-rating", "1", "A012")


def told(of: str, minutes: int, case: Case = BAD) -> dict[str, str]:
    return alarm_text(HALL, of, case.review, {"minutes": minutes, "waiting": 0}, case)


def test_before_the_limit_it_says_how_much_time_is_left():
    window = HALL.windows["1"].names
    assert told("contact", -120) == {
        "zh-Hans": f"差评R.4 · {window['zh-Hans']} · A012：距首次联系期限还有2小时0分钟",
        "zh-Hant": f"差評R.4 · {window['zh-Hant']} · A012：距首次聯絡期限還有2小時0分鐘",
        "en": f"Bad rating R.4 · {window['en']} · A012: 2 h 0 min left for the first contact",
    }


def test_after_it_how_long_it_has_been_over():
    assert told("answer", 45)["zh-Hans"].endswith("：答复期限已过45分钟")
    assert told("answer", 45)["en"].endswith(": the limit for the answer was 45 min ago")
    assert told("answer", 1441)["en"].endswith("24 h 1 min ago")


def test_at_the_limit_it_is_over():
    assert told("answer", 0)["en"].endswith("was 0 min ago")


@pytest.mark.parametrize(
    ("kind", "begins"), [*zip(KINDS, ("Bad rating R.4", "Question R.4", "Complaint R.4"), strict=True)]
)
def test_an_order_of_another_system_may_have_neither_window_nor_ticket(kind: str, begins: str):
    assert told("answer", -60, Case("R.4", kind, "", ""))["en"] == f"{begins}: 1 h 0 min left for the answer"


def test_a_window_that_is_not_there_any_more_keeps_its_id():
    assert " · 77 · " in told("answer", -60, BAD._replace(window="77"))["en"]


def test_a_rule_that_is_gone_still_tells_of_the_limit():
    assert told("gone", -30)["en"].endswith(": 30 min left for what is due")
