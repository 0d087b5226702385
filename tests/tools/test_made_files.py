"""Files that a tool makes and the repository keeps are what the tool makes today."""

import struct

import pytest

from tools import fonts, prompts


def test_the_prompts_are_those_of_the_catalogue():
    for path, source in prompts.generate().items():
        assert path.read_text("utf-8") == source, f"{path.name} is old: python -m tools.prompts"


def test_the_glyph_file_has_the_glyphs_of_todays_texts():
    made = fonts.build(fonts.vocabulary(), fonts.read_unifont())
    assert made == fonts.TARGET.read_bytes(), "a text has changed: python -m tools.fonts"


def test_the_vocabulary_has_what_a_hall_always_needs():
    assert set("请A012号到3号窗口") <= set(fonts.vocabulary())
    assert fonts.vocabulary() == "".join(sorted(set(fonts.vocabulary())))


def test_a_glyph_file_is_sorted_within_each_width():
    glyphs = {"B": b"b" * 16, "A": b"a" * 16, "号": b"h" * 32}
    data = fonts.build("B号A", glyphs)
    assert (
        data
        == b"QF1\0" + struct.pack("<HHHHH", 2, 1, ord("A"), ord("B"), ord("号")) + b"a" * 16 + b"b" * 16 + b"h" * 32
    )


def test_a_character_that_unifont_lacks_is_named():
    with pytest.raises(ValueError, match="号"):
        fonts.build("号", {})


def test_a_missing_unifont_says_what_to_install(tmp_path):
    with pytest.raises(FileNotFoundError, match="apt-get install unifont"):
        fonts.read_unifont(tmp_path / "unifont.hex")
