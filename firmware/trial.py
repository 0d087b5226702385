"""Whether a new version may stay. Loaded only by a version that is on trial (firmware/slots.py).

    trial = Trial(root, folder, now_ms)      folder: that of the version that runs
    trial.heard(event)                       LinkChanged of the client, HubOnline of the hub
    trial.decide(sound, now_ms)              call it each second; "" go on, CONFIRMED, or REJECTED: restart the board

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

GOOD_MS = 300_000
PATIENCE_MS = 600_000

CONFIRMED = "confirmed"
REJECTED = "rejected"


class Trial:
    def __init__(self, root: str, folder: str, now_ms: int):
        self._root = root
        self._folder = folder
        self._good_ms = now_ms + GOOD_MS
        self._patient_ms = now_ms + PATIENCE_MS
        self._hub = None  # 1: it is there, 0: it is away, None: nothing heard on this connection

    def heard(self, event) -> None:
        self._hub = None if type(event) is LinkChanged else event.on

    def decide(self, sound: bool, now_ms: int) -> str:
        """Raises OSError when the flash fails; ask again."""
        if self._hub == 0:
            self._patient_ms = now_ms + PATIENCE_MS
        if self._hub and sound and now_ms >= self._good_ms:
            slots.confirm(self._root, self._folder)
            return CONFIRMED
        if now_ms >= self._patient_ms:
            slots.reject(self._root, self._folder)
            return REJECTED
        return ""
