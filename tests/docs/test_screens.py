"""The sheet of all screens is what boards show today, and every text has its place on the glass.

`python -m tests.docs.screens` writes the sheet anew: look at it then.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from firmware.config import ROLES
from firmware.glass import CALLS_PX, PAD, SIZES
from firmware.text import LINE_PX, Font, code_points, wrap
from hub.texts import catalogue
from protocol.downward import LANGUAGES
from tests.docs import screens
from tools import fonts

REMEDY = "boards show something else: python -m tests.docs.screens, and look at it"
SIZES_OF = {screens.led: (192, 32), screens.oled: PAD, screens.tft: (320, 192), screens.upright: (240, 256)}
HALLS = sorted((screens.DOCS.parent / "hub" / "halls").glob("*.toml"))


def test_the_page_has_every_role():
    assert (screens.DOCS / "screens.md").read_text("utf-8") == screens.page(), REMEDY
    assert set(screens.STATES) == set(ROLES) == {role for role, _, _ in screens.PLACES}


@pytest.mark.parametrize("place", screens.PLACES, ids=lambda place: f"{place[0]}-{place[1].__name__}")
def test_the_sheet_is_what_boards_show(place):
    role, glass, _ = place
    with Image.open(screens.DOCS / "images" / screens.name_of(role, glass)) as committed:
        drawn = screens.sheet(*place)
        assert committed.size == drawn.size, REMEDY
        assert ImageChops.difference(committed.convert("RGB"), drawn).getbbox() is None, REMEDY


def names(path: Path) -> list[str]:
    """Every text of a hall file that devices may show: names, in every language."""
    found: list[str] = []

    def collect(table: dict) -> None:
        for value in table.values():
            if isinstance(value, dict):
                found.extend(str(value[language]) for language in LANGUAGES if language in value)
                collect(value)

    collect(tomllib.loads(path.read_text("utf-8")))
    return found


@pytest.mark.parametrize("px", SIZES)
def test_every_text_has_all_its_glyphs_in_every_size(px: int):
    font = Font(screens.GLYPHS)
    font.use(px)
    texts = {key: text for key, text in catalogue().items() if key.startswith(fonts.ON_BOARDS)}
    said = [(key, text) for key, of_key in texts.items() for text in of_key.values()]
    said += [(path.name, text) for path in HALLS for text in names(path)]
    if px == CALLS_PX:  # this size is for calls: protocol and hall fill in numbers and windows
        said = [(key, text) for key, text in said if key.startswith("window.")]
    wrong = {key: text for key, text in said if not font.has(code_points(text.replace("\n", "")))}
    assert said and wrong == {}


def test_every_usual_character_has_a_glyph_in_the_smallest_size():
    assert len(fonts.usual()) == 3755 and Font(screens.GLYPHS).has(code_points(fonts.usual()))


def test_every_prompt_has_room_on_the_smallest_glass_that_shows_it():
    for key, of_key in catalogue().items():
        if not key.startswith("device."):
            continue
        for language, text in of_key.items():
            width, height = (192, 32) if ".window_display." in key or ".hall_board." in key else PAD
            assert len(wrap(code_points(text), width * 2 // LINE_PX)) <= height // LINE_PX, (key, language)


@pytest.mark.parametrize("role", screens.STATES)
def test_no_line_of_a_state_is_lost(role: str):
    """But for the calls of a hall board, of which there is room for as many as there is."""
    for _, glass, _ in [place for place in screens.PLACES if place[0] == role and role != "hall_board"]:
        for title, events in screens.STATES[role]:
            for language in LANGUAGES:
                show = screens.screen(role, language, events).show
                width, height = SIZES_OF[glass]
                lines = sum(len(wrap(code_points(text), width * 2 // LINE_PX)) for text in show.texts)
                assert lines <= height // LINE_PX, (role, glass.__name__, title, language, show.texts)
