"""How large letters must be to be read across a hall: pure figures.

A capital is to be seen under 0.7 degrees of arc, which is 12.2 mm for each metre: about three times what good eyes
need, for many who come are old.
"""

from __future__ import annotations

from math import ceil

CAPITAL_MM_PER_M = 12.2
"""tan(0.7 degrees) of a metre."""

CAPITAL_EM = 0.7
"""Height of a capital in sizes of type; the least of the fonts that pages name (Noto Sans CJK has 0.73)."""

LINE_EM = 8
"""What a line of the hall board takes: a number of four, an arrow, the name of a window, and room between them."""

ROOM = 0.95
"""Of the screen's width, without its edges."""


def capital_mm(distance_m: float) -> float:
    """Height of a capital for who stands so far away."""
    return CAPITAL_MM_PER_M * distance_m


def type_share(distance_m: float, width_mm: float) -> float:
    """Size of type as a share of the screen's width."""
    return capital_mm(distance_m) / CAPITAL_EM / width_mm


def least_width_mm(distance_m: float) -> int:
    """Of a screen on which a line has room."""
    return ceil(capital_mm(distance_m) / CAPITAL_EM * LINE_EM / ROOM)
