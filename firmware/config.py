"""A device's `config.json`: read once at start, checked, and refused with the key and what would be right.

{"hall": "hall-1", "device": "pad-3", "role": "rating_pad", "window": "w3", "host": "192.0.2.7", "port": 8883,
 "user": "pad-3", "password": "...", "client_id": "pad-3", "language": "zh-Hans", "keys": 5, "rev": 0,
 "wifi": {"ssid": "...", "password": "..."}, "tls": {"ca": "ca.der", "server_name": "hub.example"}}

`rev` counts settings that the hub has pushed (protocol/settings.py).

A device of a zone has `zone` in place of `window`. A call pad may have `verbs`, those of protocol.verbs in the order of
its keys from the left. A hall board may have `arrows`, where the windows are from it: {"←": "1 2 3", "→": "4 5"}.
An announcer may have `volume`, 0 to 30, and `quiet`, the hours in which it is silent: ["20:00", "08:30"].
A kiosk may have `paper`, 58 or 80 mm, `baud` of its printer, and `layout`, what each of its keys is, in their order: a
digit, "more", "back", "ok", "service:ID", or "" for a key that is nothing.
"""

from collections import namedtuple

from protocol import codec, topics
from protocol.downward import LANGUAGES
from protocol.errors import ProtocolError
from protocol.limits import REVISION_MAX

ROLES = ("window_display", "rating_pad", "call_pad", "hall_board", "announcer", "kiosk")
OF_ZONE = ("hall_board", "announcer", "kiosk")
"""Roles that belong to a zone; the others belong to a window."""

ARROWS_CHARS = 900
"""The windows that one arrow points to: as many as CONFIG_BYTES has room for."""

VOLUME = 20
VOLUME_MAX = 30
"""The steps of the DFPlayer, and one that is well heard at three metres."""

KEYS_MAX = 16
"""Keys of a kiosk."""

LAYOUT = ("1", "2", "3", "more", "back")
"""The keys of a kiosk for which nothing else is configured."""

LAYOUT_WORDS = ("more", "back", "ok", "")

CONFIG_BYTES = 2048
"""A longer file is not a configuration."""

NAME_CHARS = 64
"""Host names, users, passwords, paths."""


class ConfigError(ValueError):
    """The file cannot be used; the text names the key and says what would be right. Shown on the glass and logged."""


class Wifi(namedtuple("Wifi", ("ssid", "password"))):
    """The network of a board; a virtual device has none."""


class Tls(namedtuple("Tls", ("ca", "server_name"))):
    """`ca` is the path of a DER certificate in the device's folder; the broker must show `server_name`."""


class Config(
    namedtuple(
        "Config",
        (
            "hall",
            "device",
            "role",
            "window",
            "zone",
            "host",
            "port",
            "user",
            "password",
            "client_id",
            "language",
            "keys",
            "verbs",
            "arrows",
            "quiet",
            "volume",
            "layout",
            "paper",
            "baud",
            "rev",
            "wifi",
            "tls",
        ),
    )
):
    """Everything that differs between two devices with one firmware. Either `window` or `zone` is empty. `wifi` and
    `tls` may be None."""


def load(folder: str) -> Config:
    """The configuration in `folder`. Raises ConfigError."""
    path = folder + "/config.json"
    try:
        with open(path, "rb") as file:
            data = file.read(CONFIG_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error}")
    return parse(data)


def parse(data: bytes) -> Config:
    """The configuration in the bytes of a `config.json`. Raises ConfigError."""
    try:
        return _parse(codec.decode(data, CONFIG_BYTES))
    except ProtocolError as error:
        raise ConfigError(f"config.json: {error}")


def _parse(found: dict) -> Config:
    role = codec.choice(found, "role", ROLES)
    return Config(
        topics.checked_id(found.get("hall"), "hall"),
        topics.checked_id(found.get("device"), "device"),
        role,
        "" if role in OF_ZONE else topics.checked_id(found.get("window"), "window"),
        topics.checked_id(found.get("zone"), "zone") if role in OF_ZONE else "",
        _required(found, "host"),
        codec.integer(found, "port", 1, 65535),
        codec.text(found, "user", NAME_CHARS),
        codec.text(found, "password", NAME_CHARS),
        _required(found, "client_id"),
        codec.choice(found, "language", LANGUAGES) if "language" in found else LANGUAGES[0],
        _keys(found) if "keys" in found else 5,
        _verbs(found) if role == "call_pad" else (),
        _arrows(found.get("arrows", {})),
        _quiet(found),
        codec.integer(found, "volume", 0, VOLUME_MAX) if "volume" in found else VOLUME,
        _layout(found) if role == "kiosk" else (),
        _paper(found),
        codec.checked_integer(found.get("baud", 9600), "baud", 1200, 921_600),
        codec.checked_integer(found.get("rev", 0), "rev", 0, REVISION_MAX),
        Wifi(*_pair(found["wifi"], "wifi", "ssid", "password")) if "wifi" in found else None,
        _tls(found["tls"]) if "tls" in found else None,
    )


def _required(found: dict, key: str) -> str:
    value = codec.text(found, key, NAME_CHARS)
    if not value:
        raise ProtocolError(key, "is missing")
    return value


def _keys(found: dict) -> int:
    from protocol import ratings  # of no use to the other roles

    return codec.integer(found, "keys", min(ratings.KEYS), max(ratings.KEYS))


def _verbs(found: dict) -> tuple:
    from protocol.verbs import KEYPAD, KEYS_MAX, VERBS

    verbs = codec.items(found, "verbs", KEYS_MAX)
    for verb in verbs:
        if verb not in VERBS:
            raise ProtocolError("verbs", "must be of " + ", ".join(VERBS))
    return tuple(verbs) or KEYPAD


def _paper(found: dict) -> int:
    paper = codec.checked_integer(found.get("paper", 58), "paper", 58, 80)
    if 58 < paper < 80:
        raise ProtocolError("paper", "must be 58 or 80")
    return paper


def _layout(found: dict) -> tuple:
    layout = codec.items(found, "layout", KEYS_MAX)
    for word in layout:
        is_text = type(word) is str
        if word not in LAYOUT_WORDS and not (
            is_text and (word[:8] == "service:" or (word.isdigit() and len(word) == 1))
        ):
            raise ProtocolError("layout", "must be of 0 to 9, more, back, ok, service:ID, or empty")
    return tuple(layout) or LAYOUT


def _arrows(found) -> dict:
    if type(found) is not dict:
        raise ProtocolError("arrows", "must be an object of arrow: windows")
    return {arrow: codec.checked_text(windows, "arrows", ARROWS_CHARS) for arrow, windows in found.items()}


def _quiet(found: dict) -> tuple:
    """(begin, end) in minutes since midnight, or () for none."""
    hours = codec.items(found, "quiet", 2)
    try:
        minutes = tuple(int(text[:2]) * 60 + int(text[3:]) for text in hours if text[2] == ":" and len(text) == 5)
    except (TypeError, ValueError, IndexError):
        minutes = ()
    if len(minutes) not in (0, 2) or len(minutes) < len(hours) or max(minutes, default=0) > 1440:
        raise ProtocolError("quiet", 'must be two times of the day, such as ["20:00", "08:30"]')
    return minutes


def _tls(found) -> Tls:
    """Without a name to compare, any certificate of the authority would do: it must be given."""
    ca, server_name = _pair(found, "tls", "ca", "server_name")
    if not server_name:
        raise ProtocolError("server_name", "is missing")
    return Tls(ca, server_name)


def _pair(found, name: str, first: str, second: str) -> tuple[str, str]:
    if type(found) is not dict:
        raise ProtocolError(name, f"must be an object with {first} and {second}")
    return _required(found, first), codec.text(found, second, NAME_CHARS)
