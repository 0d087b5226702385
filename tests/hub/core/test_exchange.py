"""Records in the words of another platform: what is converted how, and what is told of a record that does not fit."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.exchange import CHANNELS, ORDER_STATE, ExchangeMap, Field, apply_map
from tests.hub.exchange import RATED_MS, given_map, order_state, rating


def made(field: Field, **record: Any) -> Any:
    """What becomes of a rating with one field: its value, or the problem as text."""
    result = apply_map(ExchangeMap("m", 480, {"rating": (field,)}), rating(**record))
    return str(result[0]) if isinstance(result, list) else result.get(field.name)


def test_a_flat_map():
    bad = rating(level=1, case="", reasons=["slow", "dirty"], text="等" * 600, named=True, channel="kiosk", attempt=2)
    assert apply_map(given_map(), bad) == {
        "evaluateId": "rating-pad-1:7:3",
        "projectNo": "无",
        "taskCode": "440125001000",
        "taskName": "企业开办",
        "serviceStep": "1",
        "channel": "4",
        "satisfaction": "5",
        "evaDetail": "501,599",
        "evaContent": "等" * 500,
        "evaTime": "2026-03-04 09:15:00",
        "workerNo": "012",
        "workerName": "李敏",
        "windowNo": "3",
        "deptCode": "4401",
        "areaCode": "441900",
        "isAnonymous": "0",
        "evaTimes": "2",
        "sourceSystem": "hall-queue",
    }


def test_a_map_of_another_shape():
    assert apply_map(given_map("nested-like"), rating(reasons=["slow"], channel="sms")) == {
        "score": 5,
        "scoredAt": RATED_MS,
        "source": {"id": "rating-pad-1:7:3", "terminal": "REMOTE", "revision": 1},
        "matter": {"code": "440125001000", "name": "企业开办", "case": "440125-0815", "step": 1},
        "organ": {"department": "4401", "district": "441900", "window": "3", "clerk": "012"},
        "words": {"tags": ["slow"], "realName": False},
    }


def test_the_state_of_an_order():
    assert apply_map(given_map(), order_state(), ORDER_STATE) == {
        "workOrderNo": "W-1",
        "handleState": "90",
        "handleResult": "已整改",
        "handleTime": "2026-03-04 09:15:00",
    }


def test_a_kind_that_the_map_has_not():
    (problem,) = apply_map(ExchangeMap("m", 480, {}), order_state(), ORDER_STATE)
    assert str(problem) == "order-state: the map has no fields for it; it must have [[order-state]]"


@pytest.mark.parametrize(
    ("field", "record", "value"),
    [
        (Field("a", constant=True), {}, True),
        (Field("a", "level"), {}, 5),
        (Field("a", "level", as_text=True), {}, "5"),
        (Field("a", "level", codes={"5": 1, "*": 0}), {"level": 2}, 0),
        (Field("a", "named", codes={"true": "Y", "false": "N"}), {}, "N"),
        (Field("a", "named"), {}, False),
        (Field("a", "step"), {"step": 0}, 0),
        (Field("a", "reasons"), {"reasons": ("x", "y")}, ["x", "y"]),
        (Field("a", "reasons", join=""), {"reasons": ["x", "y"]}, "xy"),
        (Field("a", "reasons", codes={"x": 7, "y": 8}, join="|"), {"reasons": ["x", "y"]}, "7|8"),
        (Field("a", "reasons"), {}, None),
        (Field("a", "reasons", otherwise="none", join=","), {}, "none"),
        (Field("a", "text"), {}, None),
        (Field("a", "rated_ms", time="ms"), {"rated_ms": 0}, None),
        (Field("a", "rated_ms", time="s", as_text=True), {}, "1772586900"),
        (Field("a", "text", most=2, cut=True), {"text": "𠮷野家"}, "𠮷野"),
        (Field("a", "text", most=3), {"text": "𠮷野家"}, "𠮷野家"),
    ],
)
def test_a_value_is_converted(field: Field, record: dict, value: Any):
    assert made(field, **record) == value


@pytest.mark.parametrize(
    ("field", "record", "told"),
    [
        (
            Field("a", "case", required=True),
            {"case": ""},
            "a: case is empty; it must have a value, or the map says what else is sent",
        ),
        (Field("a", "case", most=5), {"case": "123456"}, "a: case has 6 characters; it may have 5"),
        (Field("a", "level"), {"level": 6}, "a: level is 6; it must be one of 1, 2, 3, 4, 5"),
        (Field("a", "level"), {"level": True}, "a: level is bool; it must be number"),
        (Field("a", "level"), {"level": "5"}, "a: level is str; it must be number"),
        (Field("a", "level"), {"level": None}, "a: level is NoneType; it must be number"),
        (Field("a", "channel"), {"channel": "fax"}, f"a: channel is fax; it must be one of {', '.join(CHANNELS)}"),
        (
            Field("a", "reasons", codes={"x": "1"}),
            {"reasons": ["x", "z"]},
            "a: there is no code for reasons z; the map has codes for x",
        ),
        (
            Field("a", "rated_ms", time="plain"),
            {"rated_ms": 10**17},
            "a: 100000000000000000 is no moment of the calendar; it must be ms since 1970",
        ),
        (
            Field("a", "reasons", join=",", most=3),
            {"reasons": ["x", "yz"]},
            "a: reasons has 4 characters; it may have 3",
        ),
    ],
)
def test_a_value_that_does_not_fit_is_told_with_what_would_be_right(field: Field, record: dict, told: str):
    assert made(field, **record) == told


def test_all_problems_are_told_and_nothing_is_sent_half():
    problems = apply_map(given_map(), rating(level=0, item_code="", department_code=""))
    assert isinstance(problems, list)
    assert [problem.field for problem in problems] == ["taskCode", "satisfaction", "deptCode"]


@given(st.text(max_size=700), st.sampled_from(CHANNELS), st.integers(1, 5), st.lists(st.text(max_size=9), max_size=5))
def test_whatever_people_write_it_fits_or_is_told(text: str, channel: str, level: int, reasons: list[str]):
    record = rating(text=text, channel=channel, level=level, reasons=reasons)
    for name in ("guangdong-like", "nested-like"):
        sent = apply_map(given_map(name), record)
        assert isinstance(sent, dict), sent
        assert json.loads(json.dumps(sent)) == sent
