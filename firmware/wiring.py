"""What is connected to the pins of a board: its `board.json`, which is one of firmware/boards/ or the admin's own.

{"about": "for people", "module": "wroom",
 "display": {"kind": "ssd1306", "width": 128, "height": 64, "scl": 22, "sda": 21},
 "keys": [32, 33, 25, 26, 27], "leds": [13, 14, 16, 17, 4], "buzzer": 19}

The parts are in PARTS; of `keys` and `matrix`, and of `leds` and `pixels`, a board has one. Checked here before a board
is flashed and when it starts: a wrong pin is found by its name, and not by a board that does not start.

Sources for the pins: Espressif's ESP32 series data sheet 4.6, chapters 2.2 (pins) and 2.4 (strapping pins), and the
ESP32-WROVER-E data sheet 1.9, table 3, for 16 and 17.
"""

from protocol import codec
from protocol.errors import ProtocolError

WIRING_BYTES = 1024
"""A longer file is none."""

PARTS = ("display", "keys", "matrix", "leds", "pixels", "buzzer", "player", "printer")

KEYS_OF = {
    "display": ("kind", "width", "height", "rotation"),  # of pixels; and the pins of its kind
    "matrix": ("rows", "columns"),
    "pixels": ("pin", "count"),
    "player": ("tx", "rx"),
    "printer": ("tx", "rx"),
}
"""Of the parts that are objects."""

DISPLAYS = {
    "max7219": ("sck", "mosi", "select"),
    "ssd1306": ("scl", "sda"),
    "st7789": ("sck", "mosi", "select", "data"),
    "ili9341": ("sck", "mosi", "select", "data"),
    "strip": ("tx", "enable"),
}
"""Kind of display -> its pins."""

SIZES = {
    "ssd1306": ("128x64", "128x32"),
    "st7789": ("240x320", "320x240"),
    "ili9341": ("240x320", "320x240"),
}
"""As it is seen, after the rotation. The size of a chain of matrices is free."""

STRIP = ("kind", "codec", "units", "address", "baud")
CODECS = ("plain", "bx5")
"""What a strip screen on RS-485 has; see firmware/hal/drivers/strip.py. `units`: half widths in its line."""

MATRICES_MAX = 96
"""What a chain at 1 MHz takes in 2 ms, and a supply of 5 V and 4 A feeds."""

NEEDED = {
    "window_display": ("display",),
    "hall_board": ("display",),
    "announcer": ("player",),
    "rating_pad": ("display", "keys"),
    "call_pad": ("display", "keys"),
    "kiosk": ("display", "keys", "printer"),
}
"""Role -> parts without which it is of no use; a matrix has keys too."""

ANY_USE = (4, 13, 14, 16, 17, 18, 19, 21, 22, 23, 25, 26, 27, 32, 33)
SELECT = 5
"""Must be high when the board starts, which a chip-select pin is."""

INPUTS = (34, 35, 36, 37, 38, 39)
WROVER_RAM = (16, 17)
REASONS = (
    ((0,), "is read at start: low, the loader starts in place of the program"),
    ((1, 3), "is the serial console's, by which the board is flashed"),
    ((2,), "is read at start: high, the board cannot be flashed"),
    ((SELECT,), "is read at start: only what rests high, a `select`, may be there"),
    ((6, 7, 8, 9, 10, 11), "is the flash's: the board would not start"),
    ((12,), "is read at start: high, the flash gets too little voltage and the board does not start"),
    ((15,), "is read at start: low, the board says nothing of why it does not start"),
    (INPUTS, "is an input only, without a pull-up: fit for `rx` and nothing else"),
    (WROVER_RAM, "is the memory's on a WROVER"),
)
"""Why pins are not to be used."""


def keys_of(config) -> int:
    """How many keys the role of the configuration asks for."""
    return len(config.layout or config.verbs) or config.keys


def read(data: bytes, role: str, keys: int) -> dict:
    """The parts of a board for `role` with so many `keys`, out of the bytes of a board.json.

    Raises ProtocolError: where it is wrong, as `display.sck`, and what would be right.
    """
    found = codec.decode(data, WIRING_BYTES)
    _only(found, ("about", "module") + PARTS, "board.json")
    codec.text(found, "about", 120)
    is_wrover = codec.choice(found, "module", ("wroom", "wrover")) == "wrover"
    parts = {name: found[name] for name in PARTS if name in found}
    used = {}  # pin -> where it is used
    for name in PARTS:
        for where, pin in _pins(name, parts[name]) if name in parts else ():
            _check_pin(pin, where, used, is_wrover)
            used[pin] = where
    for one, other in (("keys", "matrix"), ("leds", "pixels")):
        if one in parts and other in parts:
            raise ProtocolError(other, f"a board has {one} or {other}, not both")
    _check_needed(parts, role, keys)
    return parts


def _pins(name: str, part) -> list:
    """(where, pin) of all pins of a part, whose form is checked."""
    if name == "buzzer":
        return [(name, part)]
    if name in ("keys", "leds"):
        return _row(name, part)
    if type(part) is not dict:
        raise ProtocolError(name, "must be an object")
    own = KEYS_OF[name]
    if name == "display":
        kind = codec.choice(part, "kind", tuple(sorted(DISPLAYS)))
        own = STRIP if kind == "strip" else own
        _only(part, own + DISPLAYS[kind], name)
        if kind == "strip":
            codec.choice(part, "codec", CODECS)
            codec.checked_integer(part.get("units"), "display.units", 8, 64)
            codec.checked_integer(part.get("address"), "display.address", 0, 255)
            codec.checked_integer(part.get("baud"), "display.baud", 1200, 115_200)
        else:
            _check_size(kind, part)
        own = DISPLAYS[kind]
    else:
        _only(part, own, name)
    if name == "pixels":
        codec.checked_integer(part.get("count"), "pixels.count", 1, 16)
        own = ("pin",)
    if name == "matrix":
        return _row("matrix.rows", part.get("rows")) + _row("matrix.columns", part.get("columns"))
    return [(name + "." + key, part.get(key)) for key in own]


def _row(where: str, pins) -> list:
    if type(pins) is not list or not 1 <= len(pins) <= 8:
        raise ProtocolError(where, "must be a list of 1 to 8 pins, from the left")
    return [(where, pin) for pin in pins]


def _only(found: dict, known: tuple, where: str) -> None:
    for key in sorted(found):
        if key not in known:
            raise ProtocolError(where, f"has no {key!r}; it may have " + ", ".join(known))


def _check_size(kind: str, display: dict) -> None:
    width = codec.checked_integer(display.get("width"), "display.width", 8, 320)
    height = codec.checked_integer(display.get("height"), "display.height", 16, 320)
    rotation = display.get("rotation", 0)
    if kind == "max7219":
        if width % 8 or height % 8 or width * height > 64 * MATRICES_MAX:
            raise ProtocolError("display", f"width and height must be made of at most {MATRICES_MAX} matrices of 8x8")
    elif f"{width}x{height}" not in SIZES[kind]:
        raise ProtocolError("display", f"a {kind} must be one of " + ", ".join(SIZES[kind]))
    if kind in ("max7219", "ssd1306"):
        if rotation:
            raise ProtocolError("display.rotation", f"a {kind} is not turned")
    elif rotation not in ((90, 270) if width > height else (0, 180)):
        raise ProtocolError("display.rotation", "must be 90 or 270 for 320x240, 0 or 180 for 240x320")


def _check_pin(pin, where: str, used: dict, is_wrover: bool) -> None:
    """Raises ProtocolError with what is wrong with the pin, and those that would do."""
    use = where.split(".")[-1]
    allowed = ANY_USE
    if use == "select":
        allowed += (SELECT,)
    elif use == "rx":
        allowed += INPUTS
    allowed = tuple(each for each in allowed if not (is_wrover and each in WROVER_RAM))
    if type(pin) is not int:
        why = "must be the number of a GPIO"
    elif pin in used:
        why = f"{pin} is taken by {used[pin]}"
    elif pin in allowed:
        return
    else:
        why = f"there is no pin {pin}"
        for pins, reason in REASONS:
            if pin in pins:
                why = f"{pin} {reason}"
    free = ", ".join(str(each) for each in allowed if each not in used)
    raise ProtocolError(where, f"{why}; free: {free or 'none'}")


def _check_needed(parts: dict, role: str, keys: int) -> None:
    matrix = parts.get("matrix")
    there = len(matrix["rows"]) * len(matrix["columns"]) if matrix else len(parts.get("keys", ()))
    for name in NEEDED[role]:
        if name == "keys" and there < max(1, keys):
            raise ProtocolError(name, f"a {role} with {keys} keys cannot use a board that has {there}")
        if name != "keys" and name not in parts:
            raise ProtocolError(name, f"is missing: the role {role} needs one")
