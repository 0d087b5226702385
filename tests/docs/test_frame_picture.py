"""docs/images/frame.png is what a display shows: a frame of the real firmware on the real MicroPython.

`JIAOHAO_UPDATE_PICTURES=1 pytest tests/docs` writes it anew.
"""

import os
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from tests.virtual import MICROPYTHON, STATE, SocketBroker, pixels, start, write_config
from tools import bundle

PICTURE = Path(__file__).parent.parent.parent / "docs/images/frame.png"
SCALE = 5
LIT = (255, 176, 32)
DARK = (24, 22, 20)


def image(frame: dict) -> Image.Image:
    """The frame as LEDs: a dot per pixel."""
    found = Image.new("RGB", (frame["w"] * SCALE, frame["h"] * SCALE), (12, 11, 10))
    for y, row in enumerate(pixels(frame)):
        for x, pixel in enumerate(row):
            found.paste(LIT if pixel == "#" else DARK, (x * SCALE, y * SCALE, (x + 1) * SCALE - 1, (y + 1) * SCALE - 1))
    return found


async def steady_frame(folder: Path) -> dict:
    """The frame after the flashing."""
    broker = SocketBroker()
    write_config(folder / "device", "window_display", await broker.listen())
    bundle.build(folder / "bundle")
    device = await start(folder / "device", folder / "bundle")
    try:
        await device.until(lambda: len(_of_state(device)) >= 6)
        shown = _of_state(device)
    finally:
        await device.end()
        broker.close()
    return shown[-1]


def _of_state(device) -> list[dict]:
    return [frame for frame in device.said("frame") if frame["version"] == STATE["v"]]


async def test_the_picture_in_the_docs_is_what_a_display_shows(tmp_path):
    if not MICROPYTHON.exists():
        pytest.skip("NO MICROPYTHON HERE: its package has no wheel for this machine")
    drawn = image(await steady_frame(tmp_path))
    if os.environ.get("JIAOHAO_UPDATE_PICTURES"):
        drawn.save(PICTURE, optimize=True)
    with Image.open(PICTURE) as committed:
        assert ImageChops.difference(committed.convert("RGB"), drawn).getbbox() is None, (
            "the display shows something else: look at it, then JIAOHAO_UPDATE_PICTURES=1"
        )
