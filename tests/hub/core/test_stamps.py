"""Moments of other systems: each form as its example says, there and back, and nothing else is taken for one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.stamps import FORMS, read_stamp, stamp

MOMENT_MS = 1_772_586_900_000
BEIJING = 480


@pytest.mark.parametrize(("form", "example"), FORMS.items())
def test_the_examples_are_one_moment(form: str, example: str):
    assert str(stamp(MOMENT_MS, form, BEIJING)) == example
    assert read_stamp(example, form, BEIJING) == MOMENT_MS


@given(
    st.integers(0, 4_102_444_800).map(lambda seconds: seconds * 1000),
    st.sampled_from(list(FORMS)),
    st.integers(-720, 840),
)
def test_there_and_back(ms: int, form: str, offset_min: int):
    assert read_stamp(str(stamp(ms, form, offset_min)), form, offset_min) == ms


def test_an_offset_in_the_text_counts_before_the_maps():
    assert read_stamp("2026-03-04T01:15:00Z", "iso", BEIJING) == MOMENT_MS
    assert read_stamp("2026-03-03T20:15:00-05:00", "iso", BEIJING) == MOMENT_MS
    assert read_stamp("2026-03-04T09:15:00.123+08:00", "iso", 0) == MOMENT_MS


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("2026-02-30 09:15:00", "plain"),
        ("2026-03-04 24:00:00", "plain"),
        ("2026-03-04 09:60:00", "plain"),
        ("2026-03-04", "plain"),
        ("2026-03-04 09:15:00", "iso"),
        ("2026-03-04 09:15:00 ", "plain"),
        ("２０２６0304091500", "compact"),
        ("-5", "ms"),
        ("1e9", "s"),
        ("", "s"),
    ],
)
def test_what_is_no_moment(text: str, form: str):
    with pytest.raises(ValueError):
        read_stamp(text, form, BEIJING)


def test_beyond_the_calendar():
    with pytest.raises(OverflowError):
        stamp(10**17, "plain", 0)
