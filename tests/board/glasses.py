"""What can be seen on a fake board: the bytes on its wires, decoded to the picture on its glass."""

from __future__ import annotations

from firmware import prompts
from firmware.assembly import make_role
from firmware.config import parse
from firmware.glass import DISPLAY, PAD, Glass
from firmware.roles.vocabulary import LinkChanged, Show
from protocol.downward import HubOnline, read_window_state
from tests.board.fake_board import ROOT, FakeBoard
from tests.firmware.test_board import LedChain, OledMemory

GLYPHS = str(ROOT / "firmware" / "glyphs")


def display_rows(board: FakeBoard) -> bytes:
    """The LED matrices of a window display, as MONO_HLSB rows."""
    width, height = DISPLAY
    chain = LedChain(width * height // 64)
    for data in board.sent("spi"):
        chain.hear(data)
    return bytes(chain.rows(width, height)) if all(1 in registers for registers in chain.registers) else b""


def pad_rows(board: FakeBoard) -> bytes:
    """The OLED of a pad."""
    memory = OledMemory()
    for data in board.sent("i2c"):
        memory.hear(data)
    return bytes(memory.rows(*PAD))


def drawn(config: bytes, state: bytes) -> bytes:
    """What the firmware draws on CPython, for a window's state as it is on the wire."""
    found = parse(config)
    role = make_role(found, prompts.load(found.role, found.language), 0)
    seen = read_window_state(state)
    effects = [
        effect
        for event in (LinkChanged(True), HubOnline(1, seen.version[0]), seen)
        for effect in role.handle(event, 1000)
    ]
    glass = Glass(*(DISPLAY if found.role == "window_display" else PAD), GLYPHS)
    glass.paint([effect for effect in effects if type(effect) is Show][-1])
    return bytes(glass.rows)
