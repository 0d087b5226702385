"""Colours: every pair that text and ground come together in can be read, in each look that can be chosen.

The figures are those of WCAG 2.2: 4.5:1 for text (1.4.3), 3:1 for edges of what can be used (1.4.11), and 7:1 (1.4.6)
for whoever asks for more contrast.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hub.web.appearance import CHOICES, Look, options, parse, sheets

CSS = Path(__file__).parents[3] / "hub/web/static/css"

STATES = ("good", "warn", "bad", "off")
TEXT = [
    *((text, ground) for text in ("ink", "soft", "accent") for ground in ("ground", "card", "sunk")),
    *((state, ground) for state in STATES for ground in ("card", f"{state}-soft")),
    *(("ink", f"{state}-soft") for state in STATES),
    ("ink", "accent-soft"),
    ("accent", "accent-soft"),
    ("accent-ink", "accent"),
    ("accent-ink", "accent-hover"),
    ("bad-ink", "bad"),
]
EDGES = [("edge", "card"), ("edge", "ground"), ("focus", "card"), ("focus", "ground")]

LOOKS = [Look(theme, contrast) for theme in ("light", "dark") for contrast in ("auto", "more")]


def colours(look: Look) -> dict[str, str]:
    """Token -> its colour, as a browser that wants nothing of its own works it out."""
    found: dict[str, str] = {}
    for name in ("tokens", *(sheet for sheet, media in sheets(look) if not media)):
        found |= re.findall(r"--([\w-]+): (#[0-9a-f]{6});", (CSS / f"{name}.css").read_text("utf-8"))
    return found


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2), 0 to 1."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_what_the_standard_says_it_is():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_text_can_be_read(look: Look):
    found, least = colours(look), 7 if look.contrast == "more" else 4.5
    low = {pair: round(contrast(found[pair[0]], found[pair[1]]), 2) for pair in TEXT}
    assert {pair: ratio for pair, ratio in low.items() if ratio < least} == {}


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_edges_and_focus_can_be_seen(look: Look):
    found = colours(look)
    low = {pair: round(contrast(found[pair[0]], found[pair[1]]), 2) for pair in EDGES}
    assert {pair: ratio for pair, ratio in low.items() if ratio < 3} == {}


def test_every_sheet_of_colours_names_only_tokens_that_there_are():
    known = set(re.findall(r"--([\w-]+):", (CSS / "tokens.css").read_text("utf-8")))
    for name in ("dark", "contrast", "contrast-dark"):
        assert set(re.findall(r"--([\w-]+):", (CSS / f"{name}.css").read_text("utf-8"))) <= known, name


SIGNS = r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\("
OWN = {
    "board.css": "a hall's screen is dark whatever a reader chose; test_board measures it",
    "tokens.css": "",
    "dark.css": "",
    "contrast.css": "",
    "contrast-dark.css": "",
    "base.css": "paper is white, whatever the screen is",
    "components.css": "the ground of a dialog, and a QR code, which is dark on light for cameras",
}


def test_pages_have_no_colours_of_their_own():
    found = {file.name for file in CSS.glob("*.css") if re.search(SIGNS, file.read_text("utf-8"))}
    assert found - set(OWN) == set()


def test_every_token_that_is_taken_is_there():
    made: set[str] = set()
    taken: set[str] = set()
    for file in CSS.glob("*.css"):
        text = file.read_text("utf-8")
        made |= set(re.findall(r"--([\w-]+):", text))
        taken |= set(re.findall(r"var\(--([\w-]+)", text))
    assert taken - made == set()
    assert made - taken == set()


def test_a_look_is_written_and_read_back():
    for _, choices in options(Look()):
        assert [parse(str(look)) for _, look in choices] == [look for _, look in choices]
    for wrong in ("", "dark", "dark.auto", "dark.auto.normal.more", "pink.auto.normal", "light.auto.huge", ".."):
        assert parse(wrong) is None


def test_who_chooses_nothing_gets_what_the_browser_wants():
    assert Look() == Look(*(choices[0] for choices in CHOICES.values()))
    assert dict(sheets(Look())) == {
        "dark": "(prefers-color-scheme: dark)",
        "contrast": "(prefers-contrast: more)",
        "contrast-dark": "(prefers-color-scheme: dark) and (prefers-contrast: more)",
    }
    assert dict(sheets(Look("light", "more"))) == {"contrast": ""}
    assert dict(sheets(Look("dark", "more"))) == {"dark": "", "contrast": "", "contrast-dark": ""}
