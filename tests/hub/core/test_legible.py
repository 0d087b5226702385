"""Letters that can be read across a hall."""

from __future__ import annotations

from math import atan, degrees

import pytest
from hypothesis import given
from hypothesis import strategies as some

from hub.core import legible


def test_a_capital_is_seen_under_seven_tenths_of_a_degree():
    assert degrees(atan(legible.capital_mm(10) / 10_000)) == pytest.approx(0.7, abs=0.005)


@given(distance_m=some.integers(1, 60))
def test_a_screen_that_is_wide_enough_has_room_for_a_line(distance_m: int):
    width_mm = legible.least_width_mm(distance_m)
    assert legible.type_share(distance_m, width_mm) * legible.LINE_EM <= legible.ROOM
    assert legible.type_share(distance_m, width_mm - 1) * legible.LINE_EM > legible.ROOM * 0.999
