"""A real hub and a real browser. Each test has a hub of its own; it starts in a second."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.e2e.real_hub import RealHub, chromium


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[RealHub]:
    made = RealHub(tmp_path)
    made.start()
    try:
        made.set_up(li="clerk", wang="clerk")
        yield made
    finally:
        made.stop()


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as made:
        yield made
