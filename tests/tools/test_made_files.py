"""Files that a tool makes and the repository keeps are what the tool makes today."""

import struct
from pathlib import Path

import pytest

from tools import bundle, fonts, prompts


def test_the_prompts_are_those_of_the_catalogue():
    for path, source in prompts.generate().items():
        assert path.read_text("utf-8") == source, f"{path.name} is old: python -m tools.prompts"


def test_the_glyph_files_have_the_glyphs_of_todays_texts():
    for name, made in fonts.files().items():
        assert made == (fonts.FOLDER / name).read_bytes(), f"{name}: a text has changed: python -m tools.fonts"
    assert {Path(name).name for name in bundle.GLYPHS} == set(fonts.files())


def test_the_vocabulary_has_what_a_hall_always_needs():
    assert set("请A012号到3号窗口") <= set(fonts.vocabulary())
    assert fonts.vocabulary() == "".join(sorted(set(fonts.vocabulary())))


def test_a_glyph_file_has_its_size_an_index_and_the_bitmaps():
    glyphs = {"A": b"a" * 16, "号": b"h" * 32}
    data = fonts.build(16, "A号", lambda character, px: glyphs[character])
    assert data == b"QF2\0" + struct.pack("<HHHHHH", 16, 1, 2, ord("A"), ord("A"), ord("号")) + b"a" * 16 + b"h" * 32


@pytest.mark.parametrize("font", [fonts.unifont, fonts.noto])
def test_a_character_that_a_font_lacks_is_named(font):
    with pytest.raises(ValueError, match=r"no glyph at (16|32) px for \uffff \(U\+FFFF\)"):
        fonts.build(16 if font is fonts.unifont else 32, "\uffff", font())


@pytest.mark.parametrize(("font", "name"), [(fonts.unifont, "UNIFONT"), (fonts.noto, "NOTO")])
def test_a_missing_font_says_what_to_install(font, name, tmp_path, monkeypatch):
    monkeypatch.setattr(fonts, name, tmp_path / "nothing")
    with pytest.raises(FileNotFoundError, match=r"apt-get install (unifont|fonts-noto-cjk)"):
        font()
