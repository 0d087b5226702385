"""Makes `firmware/glyphs/*.qf`: the characters that this product can show, at 16, 24, 32 and 48 px.

    python -m tools.fonts

16 px is GNU Unifont, which is drawn for that size; the larger ones are Noto Sans CJK Bold, whose strokes are seen from
afar. The vocabulary is every character of the texts of hub/texts that are ON_BOARDS and of hub/halls/*.toml, printable
ASCII, and the ALWAYS characters below. At 16 px there are the 3,755 most usual characters besides, for the names of
services and pauses in a hall's own file; at 48 px only what calls are made of, since who reads that from ten metres
reads a number. The same texts give the same bytes; a test makes the files again and compares. Needs Debian's `unifont`
and `fonts-noto-cjk`.

A file: magic "QF2\\0"; three little-endian u16: height in px, number of glyphs below FULL_FROM, number of all; every
STEPth code point as u16, then all of them, sorted; then the bitmaps in the same order, rows from the top, most
significant bit left, each row whole bytes (framebuf's MONO_HLSB). A glyph below FULL_FROM is half as wide as high, the
others are square.
"""

import struct
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from firmware.text import FULL_FROM, MAGIC, STEP
from hub.texts import catalogue

ROOT = Path(__file__).parent.parent
UNIFONT = Path("/usr/share/unifont/unifont.hex")
NOTO = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc")
MONO_SC = 7
"""The face in that collection whose Latin letters are half as wide as high: Noto Sans Mono CJK SC."""

EM, BASELINE = 0.94, 0.79
"""Size of the letters and place of their baseline from the top, in heights of a line: so the foot of a `g` and the head
of a Chinese character are both inside."""

FOLDER = ROOT / "firmware/glyphs"
UNIFONT_PX = 16
NOTO_PX = (24, 32)
CALLS_PX = 48
GBK = "gbk.table"

ASCII = "".join(map(chr, range(0x20, 0x7F)))
ALWAYS = "请号到窗口0123456789，。：；！？（）【】《》、·…—“”℃√×←↑→↓"
"""What a hall types first, before anybody writes a hall file."""

ON_BOARDS = ("device.", "window.", "refusal.", "slip.", "page.ticket.", "page.common.range")
"""Beginnings of the keys of texts that are on a board's glass, or on a kiosk's slip; the others are on pages only."""

CALLS = ("window",)
"""Parts of hub/texts/hub.toml that are on displays in the moment of a call."""

Drawer = Callable[[str, int], bytes]
"""(character, height in px) -> bitmap, empty if the font lacks it."""


def vocabulary() -> str:
    """All characters to draw, sorted."""
    halls = [path.read_text("utf-8") for path in sorted((ROOT / "hub/halls").glob("*.toml"))]
    texts = [text for key, of_key in catalogue().items() if key.startswith(ON_BOARDS) for text in of_key.values()]
    wanted = set(ASCII + ALWAYS).union(*halls, *texts)
    return "".join(sorted(character for character in wanted if character.isprintable() and ord(character) < 0x10000))


def usual() -> str:
    """The characters of level 1 of GB 2312, the usual ones, by its rows 16 to 55."""
    rows = (bytes((0xA0 + row, 0xA0 + cell)) for row in range(16, 56) for cell in range(1, 95))
    return "".join(code.decode("gb2312", "ignore") for code in rows)


def words_of_calls() -> str:
    """Those of them that are on a display when somebody is called, sorted."""
    found = tomllib.loads((ROOT / "hub/texts/hub.toml").read_text("utf-8"))
    said = "".join(str(found[part]) for part in CALLS)
    return "".join(character for character in vocabulary() if character in set(ASCII + ALWAYS + said))


def width_of(character: str, px: int) -> int:
    """Pixels that a character takes."""
    return px if ord(character) >= FULL_FROM else px // 2


def unifont() -> Drawer:
    """Raises FileNotFoundError with what to install."""
    if not UNIFONT.exists():
        raise FileNotFoundError(f"{UNIFONT} is missing: apt-get install unifont")
    pairs = (line.split(":") for line in UNIFONT.read_text("ascii").splitlines())
    glyphs = {chr(int(code, 16)): bytes.fromhex(bitmap) for code, bitmap in pairs}

    def draw(character: str, px: int) -> bytes:
        glyph = glyphs.get(character, b"")
        return glyph if len(glyph) == px * width_of(character, px) // 8 else b""

    return draw


def noto() -> Drawer:
    """Raises FileNotFoundError with what to install."""
    if not NOTO.exists():
        raise FileNotFoundError(f"{NOTO} is missing: apt-get install fonts-noto-cjk")
    faces = {px: ImageFont.truetype(NOTO, round(EM * px), index=MONO_SC) for px in (*NOTO_PX, CALLS_PX)}

    def bitmap(character: str, px: int) -> bytes:
        width = width_of(character, px)
        natural = px if faces[px].getlength(character) > width else width  # arrows, dashes and quotes are square
        image = Image.new("L", (natural, px))
        ImageDraw.Draw(image).text((natural / 2, round(BASELINE * px)), character, 255, faces[px], anchor="ms")
        image = image.resize((width, px), Image.Resampling.LANCZOS) if natural > width else image
        return image.point([0] * 128 + [255] * 128).convert("1").tobytes()

    lacking = {px: bitmap("\uffff", px) for px in faces}  # what the font draws for all that it has not got

    def draw(character: str, px: int) -> bytes:
        drawn = bitmap(character, px)
        return b"" if drawn == lacking[px] else drawn

    return draw


def build(px: int, characters: str, draw: Drawer) -> bytes:
    """The glyph file for `characters`. Raises ValueError for those that the font lacks."""
    bitmaps = [draw(character, px) for character in characters]
    lacking = [
        f"{character} (U+{ord(character):04X})"
        for character, bitmap in zip(characters, bitmaps, strict=True)
        if not bitmap
    ]
    if lacking:
        raise ValueError(f"the font has no glyph at {px} px for {', '.join(lacking)}")
    codes = [ord(character) for character in characters]
    half = sum(code < FULL_FROM for code in codes)
    index = [*codes[::STEP], *codes]
    return MAGIC + struct.pack(f"<HHH{len(index)}H", px, half, len(codes), *index) + b"".join(bitmaps)


def gbk_table(characters: str) -> bytes:
    """(code point, GBK) of all that GBK has beside ASCII, for screens that draw by themselves; sorted, two bytes each,
    the code point with its low byte first, GBK as it is sent."""
    pairs = [(character, character.encode("gbk", "ignore")) for character in sorted(characters) if character > "\x7e"]
    return b"".join(struct.pack("<H", ord(character)) + code for character, code in pairs if len(code) == 2)


def files() -> dict[str, bytes]:
    """Name -> content of all. Raises FileNotFoundError, ValueError."""
    all_of_it, in_noto = vocabulary(), noto()
    with_usual = "".join(sorted({*all_of_it, *usual()}))
    made = {f"{UNIFONT_PX}.qf": build(UNIFONT_PX, with_usual, unifont())}
    made |= {f"{px}.qf": build(px, all_of_it, in_noto) for px in NOTO_PX}
    made[GBK] = gbk_table(with_usual)
    return made | {f"{CALLS_PX}.qf": build(CALLS_PX, words_of_calls(), in_noto)}


def main() -> None:
    try:
        made = files()
    except (FileNotFoundError, ValueError) as error:
        sys.exit(str(error))
    for name, data in made.items():
        (FOLDER / name).write_bytes(data)
        print(f"wrote {name}: {len(data)} bytes")


if __name__ == "__main__":
    main()
