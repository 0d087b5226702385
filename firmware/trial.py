"""Whether a new version may stay. Loaded only by a version that is on trial (firmware/slots.py).

    trial = open_trial(device)               None for a version that is not on trial
    trial.heard(event)                       LinkChanged of the client, HubOnline of the hub
    trial.turn(link, device, now_ms)         call it each turn of the link's loop

It stays when for five minutes nothing broke it, and it then has the Wi-Fi, the broker and the hub, and is `sound`:
glass and keys could be opened, or it would not get here, and the journal can be read. One that raises or hangs restarts
the board, and has slots.TRIES starts. One that finds no broker for ten minutes gives itself up: the version before may
do better. If that finds none either, the network is away, and nothing is lost: the new version's files stay on the
board, and when the hub offers it again it needs nothing but leave to start.

A version that the broker lets in, and that hears there that the hub is away, has shown all that it can: it waits for
the hub, all night if need be. One that hears nothing at all is deaf, and gives itself up as if there were no broker.
"""

from firmware import slots
from firmware.roles.vocabulary import LinkChanged
from protocol.upward import Hello

GOOD_MS = 300_000
PATIENCE_MS = 600_000

CONFIRMED = "confirmed"
REJECTED = "rejected"

MARK = ".trial"
"""What the version that a board says ends with while it is on trial."""


class Trial:
    """`root` is the folder above `slots`, `folder` that of the version that runs."""

    def __init__(self, root: str, folder: str, now_ms: int):
        self._root = root
        self._folder = folder
        self._good_ms = now_ms + GOOD_MS
        self._patient_ms = now_ms + PATIENCE_MS
        self._hub = None  # 1: it is there, 0: it is away, None: nothing heard on this connection

    def heard(self, event) -> None:
        self._hub = None if type(event) is LinkChanged else event.on

    def turn(self, link, device, now_ms: int) -> None:
        """Carries out what `decide` says."""
        try:
            decided = self.decide(device, now_ms)
        except OSError:  # the flash: asked again at the next turn
            return
        if decided == REJECTED:
            device.restart(RuntimeError("the new version finds no hub, or is not sound"))
        elif decided:
            link.trial = None
            about = list(link.about)
            about[3] = about[3].replace(MARK, "")
            link.about = Hello(*about)
            link.announced = False  # say it anew

    def decide(self, device, now_ms: int) -> str:
        """CONFIRMED, REJECTED, or "" to go on. Raises OSError when the flash fails."""
        if self._hub == 0:
            self._patient_ms = now_ms + PATIENCE_MS
        if self._hub and now_ms >= self._good_ms and is_sound(device):
            slots.confirm(self._root, self._folder)
            return CONFIRMED
        if now_ms >= self._patient_ms:
            slots.reject(self._root, self._folder)
            return REJECTED
        return ""


def is_sound(device) -> bool:
    """Whether the parts work, as far as a board can tell by itself."""
    return not device.hal.test() and not (device.sender and device.sender.error)


def open_trial(device):
    """The trial of the version that runs on the device; None if it is on none."""
    root = device.folder[: device.folder.rindex("/")]
    folder = __file__[: __file__.rindex("firmware/")].rstrip("/")
    return Trial(root, folder, device.uptime_ms()) if slots.on_trial(root, folder) else None
