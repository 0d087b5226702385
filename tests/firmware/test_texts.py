"""Text on the glass: glyphs out of the file, lines, and the glass's own layout."""

from firmware import prompts
from firmware.glass import Glass
from firmware.roles.vocabulary import Show
from firmware.text import MONO_HLSB, Font, FontError, FrameBuffer, code_points
from firmware.text import units as units_of
from firmware.text import wrap as wrap_codes
from protocol.downward import LANGUAGES

GLYPHS = "firmware/glyphs"


def units(text):
    return units_of(code_points(text))


def wrap(text, limit):
    return ["".join(map(chr, line)) for line in wrap_codes(code_points(text), limit)]


def test_code_points_are_those_of_the_text():
    for text in ("", "A012", "é·×—…℃←", "请A012号", "\U0001f600龘"):
        assert "".join(map(chr, code_points(text))) == text


def show(texts, mark, inverted):
    return Show(texts, mark, inverted, (5, 1), "open", "", None)


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
    font.draw(FrameBuffer(rows, width, 16, MONO_HLSB), code_points(text), 0, 0)
    return picture(rows, width)


def test_a_letter_is_half_as_wide_as_a_chinese_character():
    font = Font(GLYPHS)
    assert (units("A"), units("号"), units("请A012号到3号窗口")) == (1, 2, 17)
    rows = FrameBuffer(bytearray(8 * 48 * 2), 128, 48, MONO_HLSB)
    for px in (16, 24, 32, 48):
        font.use(px)
        assert font.draw(rows, code_points("A号"), 0, 0) == px // 2 + px


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
    assert font.draw(FrameBuffer(rows, 16, 16, MONO_HLSB), code_points("\U0001f600"), 0, 0) == 16
    assert font.missing == {"\U0001f600"}
    assert picture(rows, 16)[1] == ".##############."
    assert units("\U0001f600") == 2


ROLES = ("window_display", "rating_pad", "call_pad")


def test_every_prompt_can_be_drawn():
    font = Font(GLYPHS)
    for role in ROLES:
        for language in LANGUAGES:
            for text in prompts.load(role, language).values():
                font.draw(FrameBuffer(bytearray(1024), 512, 16, MONO_HLSB), code_points(text), 0, 0)
    assert font.missing == set()


def test_every_language_has_every_prompt():
    for role in ROLES:
        keys = [set(prompts.load(role, language)) for language in LANGUAGES]
        assert keys[0] == keys[1] == keys[2]
    said = [prompts.load("rating_pad", language)["offline"] for language in LANGUAGES]
    assert said == ["离线", "離線", "offline"]


def test_a_role_has_only_its_own_prompts():
    assert set(prompts.load("window_display", "en")) == {"offline", "scan", "starting", "unconfirmed"}
    assert "sending" not in prompts.load("rating_pad", "en") and "thanks" not in prompts.load("call_pad", "en")


def test_a_long_chinese_text_breaks_anywhere():
    assert wrap("请到窗口请到窗口", 8) == ["请到窗口", "请到窗口"]
    assert wrap("请到窗口请到窗", 8) == ["请到窗口", "请到窗"]


def test_no_character_stands_alone_in_the_last_line():
    assert wrap("请A004号到2号窗口", 16) == ["请A004号", "到2号窗口"]
    assert wrap("请到窗口请", 8) == ["请到窗", "口请"]
    assert wrap("Now A012 window 3", 16) == ["Now A012", "window 3"]
    assert wrap("Now A0123 window 3", 16) == ["Now A0123", "window 3"]


def test_a_number_is_not_broken_and_no_word_for_the_sake_of_equal_lines():
    assert wrap("请到A0123号", 7) == ["请到", "A0123号"]
    assert wrap("Identity cards", 13) == ["Identity", "cards"]


def test_chinese_breaks_at_a_space_that_is_far_enough():
    assert wrap("3号窗口 暂停服务", 13) == ["3号窗口", "暂停服务"]
    assert wrap("号 窗口暂停服务", 9) == ["号 窗口暂", "停服务"]


def test_english_breaks_at_spaces():
    assert wrap("Thank you for your rating", 16) == ["Thank you for", "your rating"]


def test_a_word_that_is_too_long_breaks_all_the_same():
    assert wrap("abcdefgh", 4) == ["abcd", "efgh"]
    assert wrap("a", 1) == ["a"]
    assert wrap("", 8) == []


def test_a_file_that_is_missing_or_no_glyph_file_is_refused():
    for path in ("nothing-here", "tests/firmware/test_texts.py"):
        try:
            Font(path)
        except FontError as error:
            assert path in str(error)
        else:
            raise AssertionError("it was accepted")


def large(text, px):
    """As `drawn`, in that size."""
    font = Font(GLYPHS)
    font.use(px)
    width = (units(text) * px // 2 + 7) // 8 * 8
    rows = bytearray(width * px // 8)
    font.draw(FrameBuffer(rows, width, px, MONO_HLSB), code_points(text), 0, 0)
    return [line[: units(text) * px // 2] for line in picture(rows, width)]


def painted(size, texts, mark="", inverted=False):
    glass = Glass(size[0], size[1], GLYPHS)
    glass.paint(show(texts, mark, inverted))
    assert glass.font.missing == set()
    return picture(glass.rows, size[0])


def cut(lines, x, y, width, height):
    return [line[x : x + width] for line in lines[y : y + height]]


def test_text_is_centred_and_the_mark_is_in_the_corner():
    lines = painted((64, 32), ("口",), "?")
    assert cut(lines, 24, 0, 16, 16) == drawn("口", 16)
    assert cut(lines, 56, 16, 8, 16) == drawn("?", 8)


def test_text_is_as_large_as_it_fits_in_the_middle():
    assert cut(painted((64, 32), ("口",)), 16, 0, 32, 32) == large("口", 32)
    assert cut(painted((72, 32), ("口口口",)), 0, 4, 72, 24) == large("口口口", 24)
    assert cut(painted((64, 32), ("口口口口",)), 0, 8, 64, 16) == drawn("口口口口", 64)
    assert cut(painted((128, 128), ("口",)), 40, 40, 48, 48) == large("口", 48)


def test_two_texts_have_one_size():
    lines = painted((128, 64), ("口", "请到窗口"))
    assert cut(lines, 48, 0, 32, 32) == large("口", 32) and cut(lines, 0, 32, 128, 32) == large("请到窗口", 32)
    lines = painted((128, 64), ("口", "A012 A012"))
    assert cut(lines, 52, 8, 24, 24) == large("口", 24) and cut(lines, 10, 32, 108, 24) == large("A012 A012", 24)


def test_a_text_is_broken_to_be_twice_as_large_or_if_it_is_broken_anyway():
    lines = painted((128, 64), ("请到窗口请到窗口",))
    assert cut(lines, 0, 0, 128, 32) == large("请到窗口", 32) == cut(lines, 0, 32, 128, 32)
    lines = painted((128, 32), ("请到窗口请到窗口",))
    assert cut(lines, 0, 8, 128, 16) == drawn("请到窗口请到窗口", 128)
    lines = painted((128, 64), ("请A012号到3号窗口",))
    assert cut(lines, 4, 8, 120, 24) == large("请A012号到", 24)


def test_a_word_is_not_broken_to_be_larger():
    lines = painted((128, 64), ("certificates",))
    assert cut(lines, 16, 24, 96, 16) == drawn("certificates", 96)


def test_the_largest_size_is_for_what_it_has_and_for_large_glasses():
    assert cut(painted((192, 128), ("A012",)), 48, 40, 96, 48) == large("A012", 48)
    assert cut(painted((192, 128), ("谢谢",)), 64, 48, 64, 32) == large("谢谢", 32)
    assert cut(painted((192, 64), ("A012",)), 64, 16, 64, 32) == large("A012", 32)


def test_inverted_is_black_on_white():
    plain, inverted = painted((64, 32), ("口",)), painted((64, 32), ("口",), "", True)
    assert ["".join("#" if bit == "." else "." for bit in line) for line in plain] == inverted


def test_what_does_not_fit_is_left_out_from_the_end_and_a_text_that_is_cut_says_so():
    lines = painted((64, 32), ("请请请请", "口口口口", "到到到到"))
    assert lines[:16] == drawn("请请请请", 64) and lines[16:] == drawn("口口口口", 64)
    lines = painted((64, 32), ("请请请请", "口口口口到到到到"))
    assert lines[:16] == drawn("请请请请", 64) and cut(lines, 4, 16, 56, 16) == drawn("口口口…", 56)
