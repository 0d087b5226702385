"""docs/wiring.md, out of firmware/boards and the rules for pins: `python -m tools.guides` writes it; a test compares."""

# ruff: noqa: E501

from __future__ import annotations

import json
from typing import Any

from firmware import wiring
from tools.flash.wiring import GIVEN, OF_ROLE

GLASS_BITS = 7680 * 8
"""Of firmware/parts.py, which only a board can load."""

_BOARDS = ("window", "strip", "pad", "call", "hall", "announcer", "kiosk")
_TITLES = {
    "window": "Over a window",
    "strip": "Over a window, or in the hall: LED strip screen on RS-485",
    "pad": "On a desk: rating pad, or call pad with five keys",
    "call": "On a clerk's desk: call pad with sixteen keys",
    "hall": "In the hall: colour display",
    "announcer": "At the loudspeaker",
    "kiosk": "At the entrance",
}

_PART = {
    "keys": "keys from the left, each between its pin and GND",
    "leds": "lights of the keys from the left, each LED with 330 Ω in line to GND",
    "buzzer": "passive piezo buzzer, the other wire to GND",
    "matrix.rows": "matrix of keys: rows, from the top",
    "matrix.columns": "matrix of keys: columns, from the left",
    "pixels.pin": "chain of WS2812, DIN through 330 Ω; 5 V and GND from the supply",
    "player.tx": "DFPlayer Mini at 5 V: its RX, through 1 kΩ",
    "player.rx": "its TX",
    "printer.tx": "printer: RXD of a MAX3232 between, on its RS-232 side to the printer's RXD; a printer with TTL level: its RX",
    "printer.rx": "the printer's TXD, through the same MAX3232; from a printer with 5 V TTL through 1 kΩ and 2 kΩ to GND",
    "display.scl": "SCL",
    "display.sda": "SDA",
    "display.sck": "CLK, SCK",
    "display.mosi": "DIN, MOSI, SDI",
    "display.select": "CS",
    "display.data": "DC, RS",
    "display.tx": "DI of a MAX3485 at 3V3, whose A and B go to those of the screen, with 120 Ω between them at its end",
    "display.enable": "DE and RE of the MAX3485, together",
}

_DISPLAY = {
    "max7219": "{count} matrices of 8x8 LEDs with a MAX7219 make {width}x{height} dots: {bands} rows of {across}. The chain runs along the "
    "top row from the right to the left, then along the next row, again from the right. They have a supply of 5 V of their "
    "own, 4 A, whose ground also goes to GND of the board; keep the wire to the first matrix under a metre.",
    "ssd1306": "OLED of {width}x{height} dots with an SSD1306, its VCC at 3V3.",
    "st7789": "Colour display of {width}x{height} dots with an ST7789, its VCC and BL at 3V3, RST at 3V3 through 10 kΩ. The middle {rows} rows are used.",
    "ili9341": "Colour display of {width}x{height} dots with an ILI9341, its VCC and LED at 3V3, RESET at 3V3 through 10 kΩ. The middle {rows} rows are used.",
}

_STRIP = """A screen that draws by itself, of {units} half widths, told in GBK by the codec `{codec}` at {baud} baud; its
address is {address}. `bx5` is for controllers of Onbon's BX-5 series and was written from memory: compare a frame with the
maker's document before you buy more than one. `plain` is described in `firmware/hal/drivers/strip.py`, where another
maker's takes some twenty lines. A text that is too long runs to the left (`bx5`) or is cut (`plain`)."""

_LIGHTS = """## What the lights mean

| board | lit | dark |
|---|---|---|
| rating pad: all at once, the same for each level | you may rate now | press nothing: not open, or thank you, or out of service |
| call pad: the one of the key | your press is on its way | done, or refused: the glass says why |
| kiosk: those of the keys that do something now | press one of these | the glass says why not |
| any glass, dimmed | what it shows may not be true: see the mark in its corner | |
"""

_SHOPPING = """## What to buy

Typical retail prices of 2025 in China and in Europe, for one piece, without postage: estimates, for a first budget. A
hall with ten windows and one entrance needs ten sets for windows, ten pads, and one kiosk.

| part | CNY | EUR | for |
|---|---|---|---|
| ESP32-DevKitC with ESP32-WROOM-32E, 4 MB | 25 | 9 | each board |
| USB supply 5 V 2 A, cable | 20 | 9 | each board |
| OLED 128x64, 1.3 inch, SSD1306, I2C | 18 | 7 | pad, announcer, kiosk |
| MAX7219 8x32 module (4 matrices) | 22 | 7 | window: 24 of them |
| supply 5 V 4 A for LED matrices | 35 | 14 | window |
| ILI9341 320x240, 2.8 inch, SPI | 45 | 14 | hall, small |
| key, 30 mm, with LED | 6 | 3 | pad: 5, kiosk: 5 |
| matrix of 4x4 keys | 8 | 4 | call pad |
| WS2812 on a strip, 16 | 12 | 6 | call pad |
| passive piezo buzzer | 1 | 1 | window, pad, kiosk |
| DFPlayer Mini, microSD 4 GB | 25 | 10 | announcer |
| amplifier 2x20 W and loudspeaker | 150 | 50 | announcer |
| thermal printer 58 mm, ESC/POS, serial, cutter | 220 | 70 | kiosk |
| the same, 80 mm | 380 | 120 | kiosk, in place of 58 mm |
| MAX3232 module | 4 | 3 | kiosk |
| LED strip screen, one line of 12 characters, RS-485 | 280 | 110 | window or hall, in place of matrices |
| MAX3485 module | 5 | 3 | strip screen |
| case, printed or acrylic | 25 | 15 | each board |
"""


def wiring_page() -> str:
    """docs/wiring.md."""
    boards = "\n".join(_board(name) for name in _BOARDS)
    roles = "\n".join(f"| `{role}` | `{board}` |" for role, board in OF_ROLE.items())
    kept = "\n".join(f"| {', '.join(map(str, pins))} | {why.replace('`', '')} |" for pins, why in wiring.REASONS)
    return f"""# Wiring

Made by `python -m tools.guides` from `firmware/boards/*.json`, which is what boards themselves read. All are a plain
ESP32-DevKit with an ESP32-WROOM-32 (4 MB of flash). Numbers are those of the GPIO, as they are printed on the board.
The drivers are tested by the bytes on their wires; they have not yet been run on the parts themselves.

`jiaohao flash` gives a board the description that goes with its role, or the one that `--board` names: another of these,
or a file of your own, made by copying one. It is checked before anything is written, and again when the board starts.

| role | board |
|---|---|
{roles}

{boards}
{_LIGHTS}
{_SHOPPING}
## Which pins may be used

Any part may be on {_listed(wiring.ANY_USE)}. The others are kept for themselves:

| pins | why |
|---|---|
{kept}
"""


def _board(name: str) -> str:
    found = json.loads((GIVEN / f"{name}.json").read_bytes())
    rows = "\n".join(f"| {_PART[where]} | {_listed(pins)} |" for where, pins in _pins(found))
    return f"""## {_TITLES[name]}: `{name}`

{_display(found["display"])}

| wire | pin of the board |
|---|---|
{rows}
"""


def _pins(found: dict[str, Any]) -> list[tuple[str, list[int]]]:
    """(where it is in the file, pins) of all parts."""
    places: list[tuple[str, list[int]]] = []
    for part in wiring.PARTS:
        value = found.get(part)
        if isinstance(value, dict):
            own = wiring.DISPLAYS[value["kind"]] if part == "display" else wiring.KEYS_OF[part]
            places += [(f"{part}.{key}", _as_list(value[key])) for key in own if key != "count"]
        elif value is not None:
            places.append((part, _as_list(value)))
    return places


def _as_list(value: int | list[int]) -> list[int]:
    return value if isinstance(value, list) else [value]


def _display(display: dict[str, Any]) -> str:
    if display["kind"] == "strip":
        return _STRIP.format(**display)
    width, height = display["width"], display["height"]
    count = width * height // 64
    return _DISPLAY[display["kind"]].format(
        width=width, height=height, count=count, bands=height // 8, across=width // 8, rows=GLASS_BITS // width
    )


def _listed(pins: tuple[int, ...] | list[int]) -> str:
    return ", ".join(map(str, pins))
