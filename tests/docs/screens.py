"""What each role shows in each of its states, in every language, on every glass: docs/screens.md and its pictures.

`python -m tests.docs.screens` writes them; a test compares. A state is a list of events for the real role; what it
shows goes through the real glass and driver, and is read back from the bytes on the wires. A role is added by listing
its states.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image

from firmware import prompts
from firmware.assembly import make_role
from firmware.glass import PAD, Glass
from firmware.hal.drivers import tft as driver
from firmware.hal.drivers.max7219 import DIM, INTENSITY, Max7219
from firmware.hal.drivers.ssd1306 import Ssd1306
from firmware.roles import call_pad, kiosk, rating_pad
from firmware.roles import vocabulary as v
from firmware.text import code_points
from hub import texts
from hub.devices.telling_rating_codes import qr_code, short_link
from protocol.board import BoardState
from protocol.downward import LANGUAGES, HubOnline, WindowState
from protocol.kiosk import Offers, Ticket, entry
from protocol.rating_code import RatingCode
from protocol.verbs import KEYPAD
from protocol.waiting import Waiting
from tests.firmware.conversation import EPOCH, config
from tests.firmware.test_board import LedChain, OledMemory, machine
from tests.firmware.test_tft import GREY, Panel, Tft

DOCS = Path(__file__).parent.parent.parent / "docs"
GLYPHS = str(DOCS.parent / "firmware" / "glyphs")

GAP = 8
CAPTION_PX = 20
BACK, FRAME, INK = (246, 245, 242), (60, 60, 58), (30, 30, 30)


class Drawn(NamedTuple):
    """A glass as it is seen: rows in MONO_HLSB, whether it is dimmed."""

    size: tuple[int, int]
    rows: bytes
    is_dim: bool


# Glasses


def led(show: v.Show) -> Drawn:
    """192x32 LEDs over a window."""
    glass = _painted((192, 32), show)
    display = Max7219(machine.SPI(2), machine.Pin(5), 192, 32)
    display.show(glass.rows, bool(show.mark))
    chain = LedChain(96)
    for data in _wires("spi"):
        chain.hear(data)
    return Drawn((192, 32), bytes(chain.rows(192, 32)), chain.registers[0][INTENSITY] == DIM)


def oled(show: v.Show) -> Drawn:
    """128x64 dots at hand."""
    glass = _painted(PAD, show)
    display = Ssd1306(machine.I2C(0), *PAD)
    display.show(glass.rows, bool(show.mark))
    memory = OledMemory()
    for data in _wires("i2c"):
        memory.hear(data)
    return Drawn(PAD, bytes(memory.rows(*PAD)), memory.settings[0x81] == [0x10])


def tft(show: v.Show) -> Drawn:
    """320x240 dots in colour, of which 192 rows are used."""
    return _tft(show, "ili9341", (320, 240), 90, 192)


def upright(show: v.Show) -> Drawn:
    """The same, upright: 256 of 320 rows are used."""
    return _tft(show, "st7789", (240, 320), 0, 256)


def _tft(show: v.Show, model: str, size: tuple[int, int], rotation: int, rows_px: int) -> Drawn:
    glass = _painted((size[0], rows_px), show)
    display = Tft(machine.SPI(2), machine.Pin(5), machine.Pin(4), model, size, rotation, rows_px)
    display.show(glass.rows, bool(show.mark))
    panel = Panel(*size)
    panel.hear(machine.wires)
    bits = "".join("1" if pixel else "0" for pixel in panel.pixels)
    return Drawn(size, int(bits, 2).to_bytes(len(bits) // 8, "big"), GREY in panel.pixels)


def _painted(size: tuple[int, int], show: v.Show) -> Glass:
    machine.wires.clear()
    driver.sleep = lambda _: None  # a panel needs it, we do not
    glass = Glass(*size, GLYPHS)
    glass.paint(show)
    assert glass.font.missing == set() or "龘" in glass.font.missing, glass.font.missing
    return glass


def _wires(kind: str) -> list[bytes]:
    return [data for what, _, data in machine.wires if what == kind]


# States

ON = [v.LinkChanged(True), HubOnline(1, EPOCH)]
OFF = v.LinkChanged(False)
SERVICE = {"zh-Hans": "社保医保", "zh-Hant": "社保醫保", "en": "Insurance"}
WINDOW = {"zh-Hans": "3号窗口", "zh-Hant": "3號窗口", "en": "Window 3"}
NUMBER = dict.fromkeys(LANGUAGES, "A012")


def window(mode: str, said: str, number: str = "", rate: str = "", revision: int = 11, **words: Any) -> WindowState:
    """The state of a window, in the words that the hub has for it."""
    told = texts.say_all(f"window.{said}", number=NUMBER, window=WINDOW, **words)
    clerk = texts.say_all("window.clerk", number=dict.fromkeys(LANGUAGES, "007"))
    about = {it: f"{SERVICE[it] if number else ''} {clerk[it]}".strip() for it in LANGUAGES}
    return WindowState((EPOCH, revision), "w3", mode, number, 1, told, rate, "", {} if mode == "closed" else about)


CALLED = window("called", "call", "A012")
SERVING = window("serving", "serving", "A012", "v1", 12)
OPEN = window("open", "open")
LEFT = window("open", "open", rate="v1", revision=13)
LINK = qr_code(short_link("https://hall.example", "VPHPQWK4CUQT"))
MEAL = {"zh-Hans": "用餐", "zh-Hant": "用餐", "en": "meal"}
PAUSED = window("closed", "paused", reason=MEAL)
CLOSED = window("closed", "closed")
BEFORE = BoardState((EPOCH, 10), "east", [])
CALLS = BoardState((EPOCH, 11), "east", [("A012", "3", 1), ("B107", "12", 1), ("A011", "5", 2), ("C003", "8", 1)])
EARLIER = CALLS._replace(version=(EPOCH, 10), calls=CALLS.calls[1:])
STALE = CALLED._replace(version=(EPOCH - 1, 11))
RARE = CALLED._replace(version=(EPOCH, 13), texts=dict.fromkeys(LANGUAGES, "A012 户籍龘"))
REFUSED = texts.say_all("refusal.nobody-waiting")
WALK_IN = entry("walk-in", "", {"zh-Hans": "普通", "zh-Hant": "普通", "en": "Walk-in"})
ELDERLY = entry("elderly", "", {"zh-Hans": "老年人", "zh-Hant": "長者", "en": "Elderly"})
SERVICES = [
    entry("social", "", SERVICE),
    entry("permits", "", {"zh-Hans": "许可审批", "zh-Hant": "許可審批", "en": "Permits"}),
    entry("house", "", {"zh-Hans": "不动产登记", "zh-Hant": "不動產登記", "en": "Real estate"}),
    entry("company", "", {"zh-Hans": "企业登记", "zh-Hant": "企業登記", "en": "Companies"}),
]
OFFERS = Offers((EPOCH, 10), "east", {}, [WALK_IN], SERVICES)
CLASSES = Offers((EPOCH, 10), "east", {}, [WALK_IN, ELDERLY], SERVICES)
SHUT = Offers((EPOCH, 10), "east", texts.say_all("refusal.closed"), [], [])
TICKET = Ticket((1, 1), "A012", ["社保医保", "前面3人"], b"slip")
NO_SLIP = kiosk.Done("print", "paper out")
"""In the hub's words, which come in the language of who pressed."""

STATES: dict[str, list[tuple[str, list[Any]]]] = {
    "window_display": [
        ("starting, and no broker yet", [v.Tick()]),
        ("broker there, hub unknown", [v.LinkChanged(True), CALLED, 9000]),
        ("the state is of another hub", [*ON, STALE, 10_000]),
        ("closed", [*ON, CLOSED]),
        ("pauses, and why", [*ON, PAUSED]),
        ("free", [*ON, OPEN]),
        ("called, flashing at first", [*ON, CALLED]),
        ("called", [*ON, CALLED, 10_000]),
        ("being served", [*ON, SERVING]),
        ("free, and whoever was served may rate", [*ON, LEFT, RatingCode(LEFT.version, LINK)]),
        ("offline", [*ON, CALLED, 10_000, OFF]),
        ("characters that are small, or in no file", [*ON, RARE, 10_000]),
    ],
    "rating_pad": [
        ("starting", [v.Tick()]),
        ("nobody was served yet", [*ON, OPEN]),
        ("please rate: all lights are on", [*ON, SERVING]),
        ("please rate, here or by phone", [*ON, SERVING, RatingCode(SERVING.version, LINK)]),
        ("thank you: it is on flash", [*ON, SERVING, v.KeyPressed(0), rating_pad.Recorded(1, "v1", 5)]),
        (
            "out of service: flash did not take the press",
            [*ON, SERVING, v.KeyPressed(0), rating_pad.Recorded(0, "", 0)],
        ),
        ("offline: a press is kept", [*ON, SERVING, OFF]),
    ],
    "call_pad": [
        ("starting", [v.Tick()]),
        ("free, and who waits", [*ON, OPEN, Waiting(12)]),
        ("a press is on its way", [*ON, OPEN, Waiting(12), v.KeyPressed(0)]),
        ("called", [*ON, CALLED, Waiting(11)]),
        ("being served", [*ON, SERVING, Waiting(11)]),
        ("refused, in the rule's words", [*ON, OPEN, v.KeyPressed(0), call_pad.CallSettled(1, "nobody", REFUSED)]),
        ("no answer within three seconds", [*ON, OPEN, v.KeyPressed(0), 3000]),
        ("offline: nothing is sent", [*ON, OPEN, OFF, v.KeyPressed(0)]),
        ("closed", [*ON, CLOSED]),
    ],
    "hall_board": [
        ("starting", [v.Tick()]),
        ("nobody was called yet", [*ON, BEFORE]),
        ("the last calls, with arrows", [*ON, CALLS]),
        ("the newest flashes", [*ON, EARLIER, CALLS, 500]),
        ("offline", [*ON, CALLS, OFF]),
    ],
    "announcer": [
        ("starting", [v.Tick()]),
        ("silent", [*ON, BEFORE]),
        ("says a number", [*ON, BEFORE, CALLS]),
        ("offline", [*ON, BEFORE, OFF]),
    ],
    "kiosk": [
        ("starting", [v.Tick()]),
        ("what one can come for", [*ON, OFFERS]),
        ("the next lines", [*ON, OFFERS, v.KeyPressed(3)]),
        ("a class, if there are several", [*ON, CLASSES, v.KeyPressed(0)]),
        ("the hub is asked", [*ON, OFFERS, v.KeyPressed(0)]),
        ("it is printed", [*ON, OFFERS, v.KeyPressed(0), TICKET]),
        ("the slip is there", [*ON, OFFERS, v.KeyPressed(0), TICKET, kiosk.Done("print", "")]),
        ("the slip did not come out", [*ON, OFFERS, v.KeyPressed(0), TICKET, NO_SLIP]),
        ("and in turns with that", [*ON, OFFERS, v.KeyPressed(0), TICKET, NO_SLIP, kiosk.TURN_MS]),
        ("without paper", [*ON, OFFERS, kiosk.Done("printer", "paper out")]),
        ("no paper, and a number is wanted", [*ON, OFFERS, kiosk.Done("printer", "paper out"), v.KeyPressed(0)]),
        ("the hall gives no numbers", [*ON, SHUT]),
        ("no answer", [*ON, OFFERS, v.KeyPressed(0), kiosk.ANSWER_MS]),
        ("offline", [*ON, OFFERS, OFF]),
    ],
}
"""Role -> its states: what it is, and the events that lead there; a number is a wait in ms."""

PLACES: list[tuple[str, Callable[[v.Show], Drawn], tuple[int, int, int]]] = [
    ("window_display", led, (255, 176, 32)),
    ("window_display", tft, (255, 255, 255)),
    ("window_display", upright, (255, 255, 255)),
    ("hall_board", led, (255, 176, 32)),
    ("hall_board", tft, (255, 255, 255)),
    ("rating_pad", oled, (180, 220, 255)),
    ("call_pad", oled, (180, 220, 255)),
    ("announcer", oled, (180, 220, 255)),
    ("kiosk", oled, (180, 220, 255)),
]
"""Role, glass, and its colour."""


class Screen(NamedTuple):
    """What a role has on its glass and lights at the end of a state."""

    show: v.Show
    lights: tuple[int, ...]


def screen(role: str, language: str, events: list[Any]) -> Screen:
    """What the role wants seen after the events."""
    of_zone = role in ("hall_board", "announcer", "kiosk")
    place = {"window": "" if of_zone else "w3", "zone": "east" if of_zone else ""}
    layout = ("1", "2", "3", "more", "back") if role == "kiosk" else ()
    arrows = {"←": "3 5", "→": "12", "↑": "8"}
    about = config(role, **place, language=language, layout=layout, arrows=arrows, verbs=KEYPAD)
    made = make_role(about, prompts.load(role, language), 0)
    now_ms, show, lights = 0, None, ()
    for event in events:
        if type(event) is int:
            now_ms += event
        for effect in made.handle(v.Tick() if type(event) is int else event, now_ms):
            if type(effect) is v.Show:
                show = effect
            elif type(effect) is v.Leds:
                lights = effect.values
    assert show is not None, (role, events)
    return Screen(show, lights)


# Pictures


def sheet(role: str, glass: Callable[[v.Show], Drawn], ink: tuple[int, int, int]) -> Image.Image:
    """The states of a role on a glass, a row each, in every language."""
    rows = [
        [(glass(found.show), found.lights) for found in (screen(role, language, events) for language in LANGUAGES)]
        for _, events in STATES[role]
    ]
    width, height = rows[0][0][0].size
    lamps = 16 if any(lights for row in rows for _, lights in row) else 0
    step = CAPTION_PX + height + lamps + 2 * GAP
    image = Image.new("RGB", (GAP + len(LANGUAGES) * (width + GAP), step * len(rows)), BACK)
    for index, ((title, _), row) in enumerate(zip(STATES[role], rows, strict=True)):
        top = index * step + GAP // 2
        image.paste(_text(f"{index + 1}  {title}", image.width - GAP), (GAP, top))
        for column, (drawn, lights) in enumerate(row):
            left = GAP + column * (width + GAP)
            image.paste(_picture(drawn, ink), (left, top + CAPTION_PX))
            for place, light in enumerate(lights):
                at = left + (2 * place + 1) * width // (2 * len(lights)) - 5, top + CAPTION_PX + height + 3
                image.paste(FRAME, (*at, at[0] + 10, at[1] + 10))
                image.paste((90, 200, 90) if light else BACK, (at[0] + 2, at[1] + 2, at[0] + 8, at[1] + 8))
    return image


def _picture(drawn: Drawn, ink: tuple[int, int, int]) -> Image.Image:
    bits = Image.frombytes("1", drawn.size, drawn.rows)
    lit = tuple(part // 3 for part in ink) if drawn.is_dim else ink
    found = Image.new("RGB", drawn.size, (0, 0, 0))
    found.paste(lit, (0, 0, *drawn.size), bits.convert("L"))
    return found


def _text(text: str, width: int) -> Image.Image:
    """A caption, in our own glyphs."""
    glass = Glass(width // 8 * 8, 16, GLYPHS)
    glass.font.draw(glass._canvas, code_points(text), 0, 0)
    found = Image.new("RGB", (glass.width, 16), BACK)
    found.paste(INK, (0, 0, glass.width, 16), Image.frombytes("1", (glass.width, 16), bytes(glass.rows)).convert("L"))
    return found


def name_of(role: str, glass: Callable[[v.Show], Drawn]) -> str:
    """Of the picture in docs/images."""
    return f"screens-{role.replace('_', '-')}-{glass.__name__}.png"


def pictures() -> Iterator[tuple[str, Image.Image]]:
    """(name of the file in docs/images, picture)."""
    for role, glass, ink in PLACES:
        yield name_of(role, glass), sheet(role, glass, ink)


def page() -> str:
    """docs/screens.md."""
    parts = []
    for role, glass, _ in PLACES:
        about = (glass.__doc__ or "").strip().rstrip(".")
        parts.append(f"## `{role}`: {about}\n\n![All screens of {role}, {about}](images/{name_of(role, glass)})\n")
    return f"""# What boards show

Every screen of every role, in simplified Chinese, traditional Chinese and English, as a driver puts it on its wires.
Made by `python -m tests.docs.screens`; a test compares. What is dimmed may not be true. Squares below a glass are the
lights of the keys.

{chr(10).join(parts)}"""


def main() -> None:
    (DOCS / "screens.md").write_text(page(), "utf-8")
    for name, image in pictures():
        image.save(DOCS / "images" / name, optimize=True)


if __name__ == "__main__":
    main()
