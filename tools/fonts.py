"""Makes `firmware/glyphs/unifont16.qf`: the 16 px GNU Unifont glyphs that this product can show.

    python -m tools.fonts

The vocabulary is every character of hub/texts/*.toml and hub/halls/*.toml, printable ASCII, and the ALWAYS characters
below. The same texts give the same bytes; a test makes the file again and compares. Needs Debian's package `unifont`.

The file: magic "QF1\\0"; two little-endian u16, the numbers of half-width (8x16) and of full-width (16x16) glyphs;
their code points as u16, each group sorted; then the bitmaps in the same order, 16 or 32 bytes each, rows from the
top, most significant bit left (framebuf's MONO_HLSB).
"""

import struct
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
UNIFONT = Path("/usr/share/unifont/unifont.hex")
TARGET = ROOT / "firmware/glyphs/unifont16.qf"

MAGIC = b"QF1\0"
ASCII = "".join(map(chr, range(0x20, 0x7F)))
ALWAYS = "请号到窗口0123456789，。：；！？（）【】《》、·…—“”℃√×←↑→↓"
"""What a hall types first, before anybody writes a hall file."""

GLYPHS_MAX = 2000
"""The index is in a board's memory, 2 bytes a glyph: 4 KB. A larger vocabulary needs another format."""


def vocabulary() -> str:
    """All characters to draw, sorted."""
    folders = (ROOT / "hub/texts", ROOT / "hub/halls")
    texts = [path.read_text("utf-8") for folder in folders for path in sorted(folder.glob("*.toml"))]
    wanted = set(ASCII + ALWAYS).union(*texts)
    return "".join(sorted(character for character in wanted if character.isprintable() and ord(character) < 0x10000))


def read_unifont(path: Path = UNIFONT) -> dict[str, bytes]:
    """Character -> bitmap, 16 bytes (half width) or 32. Raises FileNotFoundError with what to install."""
    if not path.exists():
        raise FileNotFoundError(f"{path} is missing: apt-get install unifont")
    pairs = (line.split(":") for line in path.read_text("ascii").splitlines())
    return {chr(int(code, 16)): bytes.fromhex(bitmap) for code, bitmap in pairs}


def build(characters: str, glyphs: dict[str, bytes]) -> bytes:
    """The glyph file for `characters`. Raises ValueError for one that Unifont lacks, or for too many."""
    lacking = [character for character in characters if character not in glyphs]
    if lacking:
        raise ValueError(f"Unifont has no glyph for {lacking}")
    if len(characters) > GLYPHS_MAX:
        raise ValueError(f"{len(characters)} glyphs are more than {GLYPHS_MAX}")
    half = sorted(character for character in characters if len(glyphs[character]) == 16)
    full = sorted(character for character in characters if len(glyphs[character]) == 32)
    codes = [ord(character) for character in half + full]
    head = MAGIC + struct.pack(f"<HH{len(codes)}H", len(half), len(full), *codes)
    return head + b"".join(glyphs[character] for character in half + full)


def main() -> None:
    try:
        data = build(vocabulary(), read_unifont())
    except (FileNotFoundError, ValueError) as error:
        sys.exit(str(error))
    TARGET.write_bytes(data)
    print(f"wrote {TARGET.relative_to(ROOT)}: {len(data)} bytes")


if __name__ == "__main__":
    main()
