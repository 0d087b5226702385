"""The sentence at the end of a demo: about somebody with a reason, and about the one who passed most."""

import json

from hub.core.hall import Hall
from tests.hub.halls import PRIORITY, small_hall
from tools.demo.why import why_somebody_went_first

PASSED = [["A001", "walk-in", 600_000, 0]]


def ticket(visit, klass="priority"):
    return {"visit": visit, "klass": klass}


def call(visit, passed, number="A002"):
    why = {"kind": "order", "waited_ms": 60_000, "waiting": 3, "credit_ms": 1_800_000, "passed": passed}
    where = {"visit": visit, "number": number, "service": "a", "window": "1", "at_ms": 40_000_000}
    return {**where, "why": json.dumps(why)}


def why(tickets, calls):
    hall = small_hall()
    with_class = Hall(**{name: getattr(hall, name) for name in Hall.__slots__} | {"classes": {"priority": PRIORITY}})
    return why_somebody_went_first(with_class, tickets, calls, 0, "en")


def test_the_call_that_passed_most_is_told_with_whom_it_passed():
    calls = [call("v1", [], "A003"), call("v2", PASSED), call("v3", [*PASSED, ["A005", "walk-in", 500_000, 0]], "A004")]
    words = why([ticket("v1"), ticket("v2"), ticket("v3")], calls)
    assert "A004" in words and "A001" in words and "A005" in words


def test_without_anybody_who_went_first_nothing_is_told():
    assert why([ticket("v1", "walk-in")], [call("v1", PASSED)]) == ""
    assert why([ticket("v1")], [call("v1", []), {**call("v1", []), "why": ""}]) == ""
