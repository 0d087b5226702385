"""What roles hear and what they ask for. A role is `handle(event, now_ms) -> list of effects` and does nothing itself:
it has no clock, no flash, no network and no glass, so every rule of a device is tested as a conversation.
"""

from collections import namedtuple

# Events: what happened.

StateArrived = namedtuple("StateArrived", ("state",))  # a WindowState of this device's window; it may be an old one
KeyPressed = namedtuple("KeyPressed", ("key",))  # the key's number, from 0 at the left
LinkChanged = namedtuple("LinkChanged", ("up",))  # the broker is there, or not
HubChanged = namedtuple("HubChanged", ("on", "epoch"))  # what the hub, or its last will, says
CallSettled = namedtuple("CallSettled", ("seq", "reason"))  # the hub's answer; the reason is empty if it was done
PressStored = namedtuple("PressStored", ("seq", "visit", "level"))  # the journal has the press safe on flash
PressRefused = namedtuple("PressRefused", ("reason",))  # the journal could not store it
JournalRoom = namedtuple("JournalRoom", ("free",))  # whether the journal can take a press; at start and on changes
Tick = namedtuple("Tick", ())  # about ten times a second

# Effects: what should be done.

Show = namedtuple("Show", ("screen", "version", "mode", "number"))  # put this on the glass
Report = namedtuple("Report", ("version",))  # tell the hub which version is on the glass
Leds = namedtuple("Leds", ("values",))  # one 0 or 1 per key
Beep = namedtuple("Beep", ("ms",))
Record = namedtuple("Record", ("window", "visit", "level"))  # append a press to the journal, then say how it went
Promised = namedtuple("Promised", ("seq", "visit", "level"))  # the thank-you is on the glass now
SendCall = namedtuple("SendCall", ("seq", "verb", "version", "pressed_ms"))  # send, or send again, a call press
CallEnded = namedtuple("CallEnded", ("seq", "reason"))  # a call press is settled or given up: do not send it again

Screen = namedtuple("Screen", ("texts", "mark", "inverted"))
"""What the glass shows: texts from the top, each wrapped; a small mark in the lower right corner; black on white."""
