"""Takes an update from the hub, piece by piece, into the slot that is not in use. Loaded while an update runs only.

    updater = open_updater(device)      device: firmware.runner.Device
    updater.take(name, payload)         what came on down/update or down/piece
    updater.due(now_ms)                 call it each turn of the link's loop: [(name, payload)] to send on up/NAME
    updater.idle                        there is no more to do

Nothing is written before the offer's signature is checked, and nothing but the list of files, which is bounded, before
that is checked too: paths, sizes, room (`firmware/fetch.py`). The board asks for what it lacks, and asks again when no
answer comes. What it has is on the flash: after a power cut the sizes of the files say where to go on. One call of
`due` does one step, the longest is to check all files at the end, so a watchdog stays calm.

The heap has to hold one piece, and never the list. The numbers of a signature need the most of it, so all the rest is
loaded after they are gone.
"""

import gc
import sys
from binascii import crc32
from time import gmtime, time

from firmware.built import OLDEST_S
from protocol.errors import ProtocolError
from protocol.limits import TEXT_CHARS
from protocol.update import HEAD_BYTES, SIGNATURE_BYTES

WAITS, WORKS, FAILED, READY = 0, 1, 2, 3

AGAIN_MS = 3000
"""A piece that does not come within this is asked for again."""

LEAVE_AGAIN_MS = 15_000
"""Leave to start is given when nobody stands at the window, which can take an hour."""

EPOCH_S = 946_684_800
"""From 1970 to 2000, when a board begins to count."""


class Updater:
    """`root` is the folder above `slots` ("" on a board), `here` that of the version that runs, `hardware` the board's
    model, `oldest` what that version takes at the least (firmware/built.py), `key` the content of /device/release.key.
    `now_s()` gives seconds since 1970, or too few while nobody knows the time: then nothing has expired. `restart()`
    starts the new version. `state`: WAITS, WORKS, FAILED (`error` says why, and was sent), READY."""

    def __init__(self, root, here, hardware, oldest, key, now_s, restart):
        self._root = root
        self._here = here
        self._hardware = hardware
        self._oldest = oldest
        self._key = key
        self._now_s = now_s
        self._restart = restart
        self._taken = 0
        self._asked = ()
        self.piece = b""
        self.state = WAITS
        self.error = ""

    @property
    def idle(self) -> bool:
        return self.state in (WAITS, FAILED)

    def take(self, name: str, payload: bytes) -> None:
        """An offer that comes again while it is being taken changes nothing; an empty one stops what is being done. A
        piece that was not asked for, or came twice, is left."""
        if name == "update":
            mark = crc32(payload)
            if self.state != READY and (self.state != WORKS or mark != self._taken):
                self._taken = mark
                self._made = 0
                self._asked, self.piece = (), b""
                self._again_ms = 0
                self.state = WORKS if payload else WAITS
                self._steps = self._take(payload)
        elif self._asked:
            from protocol.update import piece_head

            if payload[:HEAD_BYTES] == piece_head(self._made, self._asked[0], self._asked[1]):
                self.piece = payload

    def due(self, now_ms: int) -> list:
        message = self.want(now_ms)
        if self.state == READY:
            self._restart()
        return [("want", message)] if message else []

    def want(self, now_ms: int):
        """Does the next step. Gives the message to send, or None."""
        if self.state != WORKS:
            return None
        if self._asked and not self.piece:
            if now_ms < self._again_ms:
                return None
        else:
            try:
                self._asked = next(self._steps) or ()
                self.piece = b""
            except StopIteration:
                self.state = READY
            except (OSError, ValueError, MemoryError, ProtocolError) as error:
                self.state, self.error = FAILED, str(error)[:TEXT_CHARS]
                self._asked = 0, 0, 0
            if self.state == READY or not self._asked:
                return None
        from protocol.update import Want, encode_want

        self._again_ms = now_ms + (AGAIN_MS if self._asked[2] else LEAVE_AGAIN_MS)
        return encode_want(Want(self._made, self._asked[0], self._asked[1], self.error))

    def _take(self, offer):
        """The steps of an update. Yields None, or (file, place in it, bytes wanted) and goes on once `piece` has them.
        Raises OSError, ValueError, MemoryError, ProtocolError."""
        self.error = ""
        gc.collect()
        from firmware.signature import is_signed

        if not is_signed(memoryview(offer)[SIGNATURE_BYTES:], offer[:SIGNATURE_BYTES], self._key):
            raise ValueError("the signature is not that of our key")
        import firmware

        del firmware.signature, sys.modules["firmware.signature"], is_signed  # pyright: ignore[reportAttributeAccessIssue]
        gc.collect()
        from firmware.fetch import check_manifest, fetch
        from protocol.update import read_manifest

        manifest = read_manifest(offer[SIGNATURE_BYTES:])
        self._made = manifest.made
        check_manifest(manifest, self._hardware, self._oldest, self._now_s())
        rest = fetch(self, self._root, self._here, offer, manifest)
        del offer
        yield from rest


def open_updater(device):
    """The updater of the version that runs on the device. One that has no key takes nothing."""
    folder = device.folder
    here = __file__[: __file__.rindex("firmware/")].rstrip("/")
    try:
        with open(folder + "/release.key", "rb") as file:
            key = file.read()
    except OSError:
        key = b""
    hal = device.hal
    root = folder[: folder.rindex("/")]
    return Updater(root, here, hal.model, OLDEST_S, key, _now_s, lambda: hal.restart("update"))


def _now_s():
    return int(time()) + (EPOCH_S if gmtime(0)[0] == 2000 else 0)
