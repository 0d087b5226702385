"""The pages' words: none is missing, none is left over."""

from __future__ import annotations

import re
from itertools import chain
from pathlib import Path

import pytest

from hub.core.deciding.places import PLACES
from hub.core.state import BOOKED, CANCELLED, KEPT, LAPSED
from hub.core.tickets import STATES
from hub.permissions import ROLES
from hub.ports import DEVICE_ROLES
from hub.texts import catalogue
from hub.web import overview, pages
from hub.web.pages.clerk import KEYS, MORE
from protocol.downward import MODES
from protocol.ratings import LEVELS

WEB = Path(pages.__file__).parents[1]
SCRIPTS = {"clerk": ("clerk", "line", "questions"), "admin": ("admin", "versions"), "board": ("board", "sound")}
"""Page -> its scripts, where they are not one of the same name."""

MADE = {
    "clerk": [
        *(f"mode-{mode}" for mode in (*MODES, "paused")),
        *(f"place-{place}" for place in PLACES),
        *(f"ask-{verb}" for verb in ("pick", "pause", *MORE)),
        *(f"take-back-{step}" for step in ("call", "start", "finish", "missed")),
        *KEYS,
    ],
    "desk": [
        *(f"booking-{state}" for state in (BOOKED, KEPT, CANCELLED, LAPSED)),
        *(f"for-{standing}" for standing in ("counted", "correction", "remark")),
    ],
    "admin": [
        *(f"level-{level}" for level in LEVELS),
        *(f"role-{role}" for role in ROLES),
        *(f"by-{key}" for key in ("clerk", "window", "service", "group")),
        "group",
        *(f"untold-{state}" for state in ("waiting", "given-up", "no-address")),
        *(f"backup-{state}" for state in ("none", "good", "bad")),
        *DEVICE_ROLES,
    ],
    "board": [*MODES],
    "manager": [f"is-{state}" for state in overview.STATES],
    "ticket": [f"state-{state}" for state in STATES],
    "rate": [
        *(f"level-{level}" for level in LEVELS),
        *(f"thanks-{standing}" for standing in ("counted", "correction", "remark")),
    ],
}
"""Keys that are put together out of parts."""

PAGES = sorted({key.split(".")[1] for key in catalogue() if key.startswith("page.")} - {"problem", "common"})


def text_of(page: str) -> str:
    """Templates and scripts of a page."""
    scripts = [WEB / "static" / f"{name}.js" for name in SCRIPTS.get(page, (page,))]
    files = [WEB / "templates" / "base.html", WEB / "templates" / f"{page}.html", *scripts]
    return "\n".join(file.read_text("utf-8") for file in files if file.exists())


def keys_of(page: str) -> set[str]:
    return {key.split(".", 2)[2] for key in catalogue() if key.startswith(f"page.{page}.")}


@pytest.mark.parametrize("page", PAGES)
def test_no_word_is_left_over(page: str):
    used = {*re.findall(r"[\w-]+", text_of(page)), *MADE.get(page, ())}
    assert keys_of(page) - used == set()


@pytest.mark.parametrize("page", PAGES)
def test_no_word_is_missing(page: str):
    text = text_of(page)
    asked = chain(
        re.findall(r'\bsay\("([\w-]+)"', text),
        re.findall(r'words\["([\w-]+)"\]', text),
        re.findall(r"words\.(\w+)", text),
        MADE.get(page, ()),
    )
    missing = set(asked) - keys_of(page) - keys_of("common")
    assert missing == set()
