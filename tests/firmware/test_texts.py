"""Text on the glass: glyphs out of the file, lines, and the glass's own layout."""

from firmware import prompts
from firmware.glass import Glass
from firmware.roles.vocabulary import Show
from firmware.text import MONO_HLSB, Font, FontError, FrameBuffer
from protocol.downward import LANGUAGES

GLYPHS = "firmware/glyphs/unifont16.qf"


def show(texts, mark, inverted):
    return Show(texts, mark, inverted, (5, 1), "open", "")


def picture(rows, width):
    """The rows as text: # for a lit pixel."""
    lines = []
    for start in range(0, len(rows), width // 8):
        bits = "".join(f"{byte:08b}" for byte in rows[start : start + width // 8])
        lines.append(bits.replace("0", ".").replace("1", "#"))
    return lines


def drawn(text, width):
    font = Font(GLYPHS)
    rows = bytearray(width * 2)
    font.draw(FrameBuffer(rows, width, 16, MONO_HLSB), text, 0, 0)
    return picture(rows, width)


def test_a_letter_is_half_as_wide_as_a_chinese_character():
    font = Font(GLYPHS)
    assert (font.width("A"), font.width("号"), font.width("请A012号到3号窗口")) == (8, 16, 136)


def test_a_glyph_looks_as_unifont_drew_it():
    assert drawn("A", 8) == [
        "........",
        "........",
        "........",
        "........",
        "...##...",
        "..#..#..",
        "..#..#..",
        ".#....#.",
        ".#....#.",
        ".######.",
        ".#....#.",
        ".#....#.",
        ".#....#.",
        ".#....#.",
        "........",
        "........",
    ]


def test_characters_stand_side_by_side():
    both = drawn("口A", 24)
    assert [line[:16] for line in both] == drawn("口", 16)
    assert [line[16:] for line in both] == drawn("A", 8)


def test_a_character_without_a_glyph_is_a_box_and_is_named():
    font = Font(GLYPHS)
    rows = bytearray(32)
    assert font.draw(FrameBuffer(rows, 16, 16, MONO_HLSB), "\U0001f600", 0, 0) == 16
    assert font.missing == {"\U0001f600"}
    assert picture(rows, 16)[1] == ".##############."
    assert font.width("\U0001f600") == 16


ROLES = ("window_display", "rating_pad", "call_pad")


def test_every_prompt_can_be_drawn():
    font = Font(GLYPHS)
    for role in ROLES:
        for language in LANGUAGES:
            for text in prompts.load(role, language).values():
                font.draw(FrameBuffer(bytearray(1024), 512, 16, MONO_HLSB), text, 0, 0)
    assert font.missing == set()


def test_every_language_has_every_prompt():
    for role in ROLES:
        keys = [set(prompts.load(role, language)) for language in LANGUAGES]
        assert keys[0] == keys[1] == keys[2]
    said = [prompts.load("rating_pad", language)["offline"] for language in LANGUAGES]
    assert said == ["离线", "離線", "offline"]


def test_a_role_has_only_its_own_prompts():
    assert set(prompts.load("window_display", "en")) == {"offline", "starting", "unconfirmed"}
    assert "sending" not in prompts.load("rating_pad", "en") and "thanks" not in prompts.load("call_pad", "en")


def test_a_long_chinese_text_breaks_anywhere():
    assert Font(GLYPHS).wrap("请到窗口请到窗口", 64) == ["请到窗口", "请到窗口"]
    assert Font(GLYPHS).wrap("请到窗口请到窗", 64) == ["请到窗口", "请到窗"]


def test_no_character_stands_alone_in_the_last_line():
    font = Font(GLYPHS)
    assert font.wrap("请A004号到2号窗口", 128) == ["请A004号", "到2号窗口"]
    assert font.wrap("请到窗口请", 64) == ["请到窗", "口请"]
    assert font.wrap("Now A012 window 3", 128) == ["Now A012", "window 3"]
    assert font.wrap("Now A0123 window 3", 128) == ["Now A0123", "window 3"]


def test_english_breaks_at_spaces():
    assert Font(GLYPHS).wrap("Thank you for your rating", 128) == ["Thank you for", "your rating"]


def test_a_word_that_is_too_long_breaks_all_the_same():
    assert Font(GLYPHS).wrap("abcdefgh", 32) == ["abcd", "efgh"]
    assert Font(GLYPHS).wrap("a", 4) == ["a"]
    assert Font(GLYPHS).wrap("", 64) == []


def test_a_file_that_is_missing_or_no_glyph_file_is_refused():
    for path in ("nothing-here", "tests/firmware/test_texts.py"):
        try:
            Font(path)
        except FontError as error:
            assert path in str(error)
        else:
            raise AssertionError("it was accepted")


def test_text_is_centred_and_the_mark_is_in_the_corner():
    glass = Glass(64, 32, GLYPHS)
    glass.paint(show(("口",), "?", False))
    lines = picture(glass.rows, 64)
    assert [line[24:40] for line in lines[:16]] == drawn("口", 16)
    assert [line[56:] for line in lines[16:]] == drawn("?", 8)


def test_without_a_mark_the_text_is_in_the_middle():
    glass = Glass(64, 32, GLYPHS)
    glass.paint(show(("口",), "", False))
    assert [line[24:40] for line in picture(glass.rows, 64)[8:24]] == drawn("口", 16)


def test_inverted_is_black_on_white():
    glass = Glass(64, 32, GLYPHS)
    glass.paint(show(("口",), "", False))
    plain = bytes(glass.rows)
    glass.paint(show(("口",), "", True))
    assert bytes(glass.rows) == bytes(byte ^ 0xFF for byte in plain)


def test_what_does_not_fit_the_height_is_left_out_from_the_end():
    glass = Glass(64, 32, GLYPHS)
    glass.paint(show(("请请请请", "口口口口", "到到到到"), "", False))
    lines = picture(glass.rows, 64)
    assert [line[:16] for line in lines[:16]] == drawn("请", 16)
    assert [line[:16] for line in lines[16:]] == drawn("口", 16)
