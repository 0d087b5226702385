"""Every limit of the wire, with its unit and its reason. Nothing here may be exceeded by either side."""

MAJOR = "q1"
"""The protocol's major version, the first level of every topic."""

DOWN_BYTES = 2048
"""Largest payload that the hub sends to a device: it must fit one receive buffer of a board with 56 KB of heap."""

UP_BYTES = 4096
"""Largest payload that the hub reads from a device: 16 events of at most 200 bytes, with room for growth."""

ID_CHARS = 32
"""Longest id of a hall, device, window, zone or service. It is a topic level and an MQTT user name."""

TEXT_CHARS = 64
"""Longest text for the glass: four lines of a 128x64 display at 16 px are 32 Chinese characters."""

NUMBER_CHARS = 8
"""Longest ticket number: three letters and five digits."""

ASCII = 126
"""Last character of a text that has as many bytes as characters, as those that go into a board's records must."""

VISIT_CHARS = 32
"""Longest visit token: 22 characters are 128 random bits in base64."""

EVENTS_PER_BATCH = 16
"""Presses in one message: more would make the message, and the memory for it, larger than a press needs."""

BOARD_CALLS = 6
"""Calls on a hall board: what people across the room can read at one glance."""

CALL_VALID_MS = 3000
"""How long a press on a call pad is tried again. Later the clerk has seen 'offline' and means something else."""

REVISION_MAX = 2**53
"""Revisions are positions in the hub's log; JSON numbers are exact up to here in every language."""

EPOCH_MAX = 2**32
"""Hub epochs are seconds since 1970 at most; journal epochs are 32 random bits."""

AGE_MAX_MS = 400 * 86_400_000
"""A press older than 400 days is not believed; its age is then 'unknown'."""
