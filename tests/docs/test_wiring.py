"""docs/wiring.md has the pins that the firmware opens."""

import ast
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs/wiring.md").read_text("utf-8")
FREE = {*range(6, 12), *range(34, 40), 0, 2, 12, 15, 1, 3}


def pins() -> dict:
    """Name -> pin or pins, of the constants in firmware/hal/esp32.py, which only a board can import."""
    names = ("SCL, SDA", "SCK, MOSI, SELECT", "KEYS", "LEDS", "BUZZER", "TO_PLAYER, FROM_PLAYER")
    tree = ast.parse((ROOT / "firmware/hal/esp32.py").read_text("utf-8"))
    made = [node for node in tree.body if isinstance(node, ast.Assign)]
    found = {ast.unparse(node.targets[0]).strip("()"): node.value for node in made}
    return {name: ast.literal_eval(found[name]) for name in names}


def test_the_page_names_the_pins_of_the_firmware():
    found = pins()
    for name in ("SCL, SDA", "KEYS", "LEDS"):
        assert f"| {', '.join(map(str, found[name]))} |" in PAGE, name
    for label, pin in zip(("CLK", "DIN", "CS"), found["SCK, MOSI, SELECT"], strict=True):
        assert f"| {label} | {pin} |" in PAGE
    assert f"buzzer, to GND | {found['BUZZER']} |" in PAGE
    to_player, from_player = found["TO_PLAYER, FROM_PLAYER"]
    assert f"{to_player} to its RX" in PAGE and f"{from_player} from its TX" in PAGE


def test_no_part_is_on_a_pin_that_must_stay_free():
    used = [pin for value in pins().values() for pin in (value if isinstance(value, tuple) else (value,))]
    assert not FREE & set(used)
