"""Each role hears ten thousand states and is pressed a thousand times, on MicroPython with a board's heap."""

from __future__ import annotations

import pytest

from tests.virtual import MICROPYTHON
from tools.bench.device import ROLES
from tools.bench.soak import build, soak

STATES = 10_000

HEAP_MAX = 0.80
"""Share of the heap that may be in use: a board needs the rest for TLS."""

GROWTH_BYTES = 512
"""A pad keeps two bits for each press in its journal; nothing else may be more at the end than after the beginning."""

PIECE_BYTES = 8192
"""A board's heap is in pieces after a day: one that is larger may not be there."""


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    if not MICROPYTHON.exists():
        pytest.skip("NO MICROPYTHON HERE: its package has no wheel for this machine")
    target = tmp_path_factory.mktemp("soak")
    build(target)
    return target


@pytest.mark.parametrize("role", ROLES)
def test_a_role_does_not_grow(built, tmp_path, role: str):
    found = soak(built, MICROPYTHON, tmp_path, role, STATES)
    assert found.warm > 0 and found.end <= found.warm + GROWTH_BYTES, found
    assert found.end < HEAP_MAX * (found.end + found.free), found
    assert found.largest < PIECE_BYTES, found
