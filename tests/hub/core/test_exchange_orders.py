"""Orders of another platform in our words: what is read, and what is told of one that cannot be."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.exchange_orders import ID_CHARS, TEXT_CHARS, Order, read_order
from tests.hub.exchange import RATED_MS, given_map

DAY_MS = 24 * 3600 * 1000


def raw(**more: Any) -> dict[str, Any]:
    return {
        "workOrderNo": "W-1",
        "orderType": "1",
        "evaluateId": "rating-pad-1:7:3",
        "projectNo": "440125-0815",
        "orderTitle": "差评",
        "orderContent": "等了两个小时",
        "isAnonymous": 0,
        "userName": "王",
        "userMobile": "020-12345",
        "createTime": "2026-03-04 09:15:00",
        "limitTime": "2026-03-05 09:15:00",
        "unknown": {"to": "us"},
        **more,
    }


def test_an_order_is_read():
    assert read_order(given_map(), raw()) == Order(
        "W-1",
        "bad-rating",
        "rating-pad-1:7:3",
        "440125-0815",
        "差评",
        "等了两个小时",
        True,
        "王",
        "020-12345",
        RATED_MS,
        RATED_MS + DAY_MS,
    )


def test_an_order_of_another_shape_is_read():
    given = {
        "ticket": {"id": 4711, "about": "r-1", "openedAt": RATED_MS, "deadline": "2026-03-05T01:15:00Z"},
        "body": {"text": "慢", "realName": True},
    }
    read = read_order(given_map("nested-like"), given)
    assert read == Order("4711", "bad-rating", "r-1", "", "", "慢", True, "", "", RATED_MS, RATED_MS + DAY_MS)


def test_what_need_not_be_there():
    given = {"workOrderNo": "W-1", "orderType": 3, "evaluateId": None, "limitTime": ""}
    assert read_order(given_map(), given) == Order("W-1", "complaint")


def test_a_long_text_is_cut():
    order = read_order(given_map(), raw(orderContent="长" * (TEXT_CHARS + 1)))
    assert isinstance(order, Order) and order.text == "长" * TEXT_CHARS


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"workOrderNo": ""}, "workOrderNo: is empty; it must be there: it is our order"),
        (
            {"workOrderNo": "W" * (ID_CHARS + 1)},
            f"workOrderNo: has {ID_CHARS + 1} characters; it may have {ID_CHARS}",
        ),
        ({"workOrderNo": ["W"]}, "workOrderNo: is list; it must be a text or a whole number"),
        ({"orderType": "9"}, "orderType: is 9, for which there is no code; the map has 1, 2, 3"),
        ({"createTime": "soon"}, "createTime: is soon; it must be a time such as 2026-03-04 09:15:00"),
        ({"limitTime": 1.5}, "limitTime: is float; it must be a text or a whole number"),
    ],
)
def test_what_cannot_be_read_is_told(more: dict, told: str):
    problems = read_order(given_map(), raw(**more))
    assert isinstance(problems, list) and [str(problem) for problem in problems] == [told]


def test_all_of_it_is_told():
    problems = read_order(given_map(), {"createTime": "x"})
    assert isinstance(problems, list)
    assert [problem.field for problem in problems] == ["workOrderNo", "orderType", "createTime"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*raw(), "ticket", "id"]), inner),
    max_leaves=12,
)


@given(JSON)
def test_whatever_comes_is_read_or_told(given: Any):
    for name in ("guangdong-like", "nested-like"):
        read = read_order(given_map(name), given)
        assert isinstance(read, Order) or (read and all(problem.right for problem in read))
