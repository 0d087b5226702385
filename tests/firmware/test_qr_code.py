"""A code for rating by phone, from the hub's message to the pixels of the glass."""

from binascii import b2a_base64

from firmware.glass import Glass
from firmware.qr_code import QUIET, QUIET_LEAST, SIDES
from firmware.roles.rating_pad import LOCK_MS, RATING_GRACE_MS, JournalRoom, RatingPad, Recorded
from firmware.roles.vocabulary import LinkChanged, Show
from firmware.roles.window_display import WindowDisplay
from firmware.text import MONO_HLSB, FrameBuffer
from protocol.downward import HubOnline
from protocol.rating_code import NO_CODE, RatingCode
from tests.firmware.conversation import EPOCH, Talk, config

GLYPHS = "firmware/glyphs"
BYTES = {side: count for count, side in SIDES.items()}


def code_of(side):
    """Modules in no order that a mirrored, turned or shifted picture would have too; corners dark."""
    modules = [[(x * y + x // 3 + y // 2) % 2 for x in range(side)] for y in range(side)]
    for x, y in ((0, 0), (side - 1, 0), (0, side - 1), (side - 1, side - 1)):
        modules[y][x] = 1
    code = bytearray(BYTES[side])
    for y in range(side):
        for x in range(side):
            code[(y * side + x) // 8] |= modules[y][x] << 7 - (y * side + x) % 8
    return modules, b2a_base64(code).decode().strip()


def painted(size, texts, code, about="", mark=""):
    """Pixels of the glass, rows from the top."""
    glass = Glass(size[0], size[1], GLYPHS)
    glass.paint(Show(texts, mark, False, (5, 1), "open", "", (code, about) if code else None))
    pixels = FrameBuffer(glass.rows, size[0], size[1], MONO_HLSB)
    return [[pixels.pixel(x, y) for x in range(size[0])] for y in range(size[1])]


def found(pixels, side, px):
    """The modules in the light field at the right edge and how many pixels are around them: the field is as wide as
    high, in the middle of the edge, and has nothing but the modules, each of px * px pixels."""
    height, width = len(pixels), len(pixels[0])
    top = next(y for y in range(height) if pixels[y][width - 1])
    field = sum(row[width - 1] for row in pixels)
    left = width - field
    assert all(pixels[y][width - 1] == (top <= y < top + field) for y in range(height))
    quiet = (field - side * px) // 2
    modules = [[1 - pixels[top + quiet + y * px][left + quiet + x * px] for x in range(side)] for y in range(side)]
    for y in range(field):
        for x in range(field):
            row, column = (y - quiet) // px, (x - quiet) // px
            is_dark = 0 <= row < side and 0 <= column < side and modules[row][column]
            assert pixels[top + y][left + x] == (0 if is_dark else 1), (x, y)
    return modules, quiet


def test_every_code_is_drawn_module_by_module_with_light_around_it():
    for size, side, px in (
        ((128, 64), 25, 2),
        ((128, 64), 21, 2),
        ((320, 192), 21, 5),
        ((320, 192), 25, 4),
        ((320, 192), 33, 3),
        ((240, 256), 29, 3),
        ((192, 128), 33, 2),
    ):
        modules, code = code_of(side)
        drawn, quiet = found(painted(size, ("请",), code), side, px)
        assert drawn == modules, (size, side)
        least = QUIET_LEAST if size[1] < (side + 2 * QUIET) * px else QUIET
        assert quiet >= least * px, (size, side, quiet)


def test_the_texts_stand_beside_the_code():
    pixels = painted((128, 64), ("请为本次服务评价", "社保医保 工号007"), code_of(25)[1])
    words = painted((64, 64), ("请为本次服务评价", "社保医保 工号007"), "")
    assert [row[:64] for row in pixels] == words


def test_what_is_about_the_code_is_said_with_it_only():
    pixels = painted((128, 64), ("空闲",), code_of(25)[1], "扫码评价")
    assert [row[:64] for row in pixels] == painted((64, 64), ("空闲", "扫码评价"), "")
    texts = ("3号窗口 空闲",)
    assert painted((192, 32), texts, code_of(25)[1], "扫码评价") == painted((192, 32), texts, "")


def test_the_code_is_left_out_rather_than_cut_or_cutting_the_first_text():
    for size, side, texts in (
        ((128, 64), 29, ("请",)),
        ((192, 32), 21, ("请",)),
        ((128, 64), 25, ("请请请请" * 4 + "请",)),
        ((128, 64), 25, ("satisfied",)),
    ):
        assert painted(size, texts, code_of(side)[1]) == painted(size, texts, ""), (size, side)


def test_what_is_no_code_is_left_out():
    for code in ("AAAA", "A" * 75, "A" * 184, "?"):
        assert painted((320, 192), ("请",), code) == painted((320, 192), ("请",), ""), code


def test_other_texts_make_room_for_it():
    pixels = painted((128, 64), ("请为本次服务评价", "不动产登记与交易 工号007"), code_of(25)[1])
    assert [row[:64] for row in pixels] == painted((64, 64), ("请为本次服务评价",), "")


CODE = code_of(25)[1]


def display():
    talk = Talk(WindowDisplay, config("window_display"))
    talk.online()
    talk.state(11, "serving", "A012", 1, rate="v12")
    talk.hear(RatingCode((EPOCH, 11), CODE))
    return talk


def test_a_display_shows_the_code_when_the_visit_is_over_until_the_next_call():
    talk = display()
    assert talk.shown.code is None
    talk.state(12, "open", rate="v12")
    assert talk.shown.code is None, "the code is of the state before"
    talk.hear(RatingCode((EPOCH, 12), CODE))
    assert talk.shown.code == (CODE, "扫码评价")
    talk.state(13, "called", "A013", 1, rate="v13", before="v12")
    assert talk.shown.code is None


def test_a_code_that_comes_before_its_state_waits_for_it():
    talk = display()
    talk.hear(RatingCode((EPOCH, 12), CODE))
    assert talk.shown.code is None
    talk.state(12, "open", rate="v12")
    assert talk.shown.code == (CODE, "扫码评价")


def test_it_goes_when_somebody_rated_and_while_the_hub_is_away():
    talk = display()
    talk.state(12, "open", rate="v12")
    talk.hear(RatingCode((EPOCH, 12), CODE))
    talk.hear(LinkChanged(False))
    assert talk.mark and talk.shown.code is None
    talk.hear(LinkChanged(True))
    talk.hear(HubOnline(1, EPOCH))
    assert talk.shown.code
    talk.hear(NO_CODE)
    assert talk.shown.code is None


def test_a_pad_shows_it_while_it_asks():
    talk = Talk(RatingPad, config("rating_pad"))
    talk.hear(JournalRoom(True))
    talk.online()
    talk.state(11, "serving", "A012", 1, rate="v12")
    talk.hear(RatingCode((EPOCH, 11), CODE))
    assert talk.shown.code == (CODE, "")
    talk.press(0)
    talk.hear(Recorded(1, "v12", 5))
    assert talk.shown.code is None
    talk.hear(NO_CODE)
    talk.wait(LOCK_MS + 100)
    assert talk.texts == ("请为本次服务评价",) and talk.shown.code is None


def test_a_pad_shows_none_of_the_next_visit_beside_the_question_about_the_one_before():
    talk = Talk(RatingPad, config("rating_pad"))
    talk.online()
    talk.state(12, "called", "A013", 1, rate="v13", before="v12")
    talk.hear(RatingCode((EPOCH, 12), CODE))
    assert talk.shown.code is None
    talk.wait(RATING_GRACE_MS + 100)
    assert talk.shown.code == (CODE, "")
