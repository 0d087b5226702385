"""Leaves out of a failing run the faults that it does not need: delta debugging over the list of faults."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from tools.simulate.faults import Fault


def kind_of(violation: str) -> list[str]:
    """What was broken, whoever it was: its words without names, numbers and versions. Empty: nothing broke."""
    return re.findall(r"\b[a-zA-Z]{2,}\b", violation)


def shrink(plan: Sequence[Fault], fails: Callable[[Sequence[Fault]], bool]) -> list[Fault]:
    """A part of `plan` that still fails, and no longer does when any one fault of it is left out."""
    plan, pieces = list(plan), 2
    while plan:
        size = max(1, len(plan) // pieces)
        for start in range(0, len(plan), size):
            rest = plan[:start] + plan[start + size :]
            if fails(rest):
                plan, pieces = rest, max(pieces - 1, 2)
                break
        else:
            if size == 1:
                break
            pieces = min(len(plan), pieces * 2)
    return plan
