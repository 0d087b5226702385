"""What all roles hear and ask for. A role is `handle(event, now_ms) -> list of effects` and does nothing itself: it has
no clock, no flash, no network and no glass, so every rule of a device is tested as a conversation.

What the hub says is heard as it was read: WindowState, of this device's window and maybe an old one, and HubOnline.
What only one role knows stands at the top of its file, so that only that role loads it.
"""

from collections import namedtuple

# Events: what happened.

KeyPressed = namedtuple("KeyPressed", ("key",))  # the key's number, from 0 at the left
LinkChanged = namedtuple("LinkChanged", ("up",))  # the broker is there, or not
Tick = namedtuple("Tick", ())  # about ten times a second

# Effects: what should be done.

Leds = namedtuple("Leds", ("values",))  # one 0 or 1 per key
Beep = namedtuple("Beep", ("ms",))

Show = namedtuple("Show", ("texts", "mark", "inverted", "version", "mode", "number", "code"))
"""Put this on the glass: texts from the top, each wrapped; a small mark in the lower right corner; black on white. With
a mark the whole glass is dimmed, as far as it can: what it says may not be true. `code`: (a QR code, what to
say about it), for a glass that has room for both beside the first text; or None. The rest says which state that is,
for the hub and for tests."""

FLASH_MS = 500
"""Half a period of a flashing: quick enough to be seen, slow enough to be read."""

FLASHES = 6
"""Half periods of a flash: three seconds, the time of a spoken call. Even, so that it ends as it began."""
