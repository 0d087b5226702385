"""The topics, and who writes them.

    q1/{hall}/d/{device}/up/{name}     the device writes: online, hello, events, reported, telemetry; log, frame, answer
                                       (upkeep.py), want (update.py)
    q1/{hall}/d/{device}/down/{name}   the hub writes: ack; command (upkeep.py); settings (settings.py); update, piece
                                       (update.py); ticket (kiosk.py)
    q1/{hall}/w/{window}/state         the hub writes, retained: the whole state of a window
    q1/{hall}/w/{window}/waiting       the hub writes, retained: how many people wait for it (waiting.py)
    q1/{hall}/w/{window}/rating        the hub writes, retained: the code for rating its last visit (rating_code.py)
    q1/{hall}/board/{zone}/state       the hub writes, retained: the zone's last calls (board.py)
    q1/{hall}/kiosk/{zone}/offers      the hub writes, retained: what kiosks offer (kiosk.py)
    q1/{hall}/hub/online               the hub writes, retained; also its last will
    q1/{hall}/hub/time                 the hub writes, each minute: what time it is (hub_time.py)

Ids are of [a-z0-9-], so that they are the same in MQTT, in a broker's permissions and in a file name.
"""

from protocol.errors import ProtocolError
from protocol.limits import ID_CHARS, MAJOR

UP = ("online", "hello", "events", "reported", "telemetry", "log", "frame", "answer", "want")
"""What a device writes under its own `up/`."""

ID_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789-"


def checked_id(value, where: str) -> str:
    """`value` if it can be a level of a topic: 1 to 32 of a-z, 0-9 and '-'."""
    if type(value) is not str or not 0 < len(value) <= ID_CHARS:
        raise ProtocolError(where, f"must be 1 to {ID_CHARS} characters")
    for character in value:
        if character not in ID_ALPHABET:
            raise ProtocolError(where, "may have a-z, 0-9 and '-' only")
    return value


def up(hall: str, device: str, name: str) -> str:
    """Where `device` writes; `name` is one of UP."""
    return f"{MAJOR}/{hall}/d/{device}/up/{name}"


def down(hall: str, device: str, name: str) -> str:
    """Where the hub writes to one device."""
    return f"{MAJOR}/{hall}/d/{device}/down/{name}"


def window_state(hall: str, window: str) -> str:
    """Where the hub keeps the whole state of a window."""
    return f"{MAJOR}/{hall}/w/{window}/state"


def hub_online(hall: str) -> str:
    """Where the hub says that it is there; its last will says that it is not."""
    return f"{MAJOR}/{hall}/hub/online"


def parse_up(topic: str, hall: str) -> tuple[str, str]:
    """(device, name) of a topic that a device wrote. Raises ProtocolError for anything else."""
    levels = topic.split("/")
    if len(levels) != 6 or levels[:3] != [MAJOR, hall, "d"] or levels[4] != "up":
        raise ProtocolError("topic", f"must be {MAJOR}/{hall}/d/DEVICE/up/NAME")
    if levels[5] not in UP:
        raise ProtocolError("topic", "must end with one of " + ", ".join(UP))
    return checked_id(levels[3], "topic"), levels[5]
