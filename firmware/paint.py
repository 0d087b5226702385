"""Puts a Screen on a canvas (`framebuf`): texts in lines, centred, and the mark in the lower right corner."""

from firmware.text import LINE_PX


def paint(canvas, width: int, height: int, font, screen) -> None:
    """Draw all of `screen`. Lines that do not fit the height are left out, from the end."""
    canvas.fill(0)
    lines = []
    for text in screen.texts:
        lines += font.wrap(text, width)
    lines = lines[: height // LINE_PX]
    y = _top(len(lines), height, bool(screen.mark))
    for line in lines:
        font.draw(canvas, line, (width - font.width(line)) // 2, y)
        y += LINE_PX
    if screen.mark:
        _mark(canvas, width, height, font, screen.mark)


def _top(lines: int, height: int, has_mark: bool) -> int:
    """Where the first line begins: in the middle, but above the mark if there is room."""
    free = height - lines * LINE_PX
    return max(0, free - LINE_PX) // 2 if has_mark else free // 2


def _mark(canvas, width: int, height: int, font, mark: str) -> None:
    mark_width = font.width(mark)
    canvas.fill_rect(width - mark_width - 2, height - LINE_PX, mark_width + 2, LINE_PX, 0)
    font.draw(canvas, mark, width - mark_width, height - LINE_PX)
