"""Takes an update from the hub, piece by piece, into the slot that is not in use. Loaded while an update runs only.

    updater = open_updater(device)      device: firmware.runner.Device
    updater.take(name, payload)         what came on down/update or down/piece
    updater.due(now_ms)                 call it each turn of the link's loop: [(name, payload)] to send on up/NAME
    updater.idle                        there is no more to do

Nothing is written before the offer's signature is checked, and nothing but the list of files, which is bounded, before
that is checked too: paths, sizes, room. The board asks for what it lacks, and asks again when no answer comes. What it
has is on the flash: after a power cut the sizes of the files say where to go on. A file that the version that runs has
too is copied. One call of `want` does one step, the longest is to check all files at the end, so a watchdog stays calm.
The heap has to hold one piece, and never the list.
"""

import os
from time import gmtime, time

from firmware import files, slots
from firmware.built import OLDEST_S
from firmware.signature import is_signed
from firmware.slots import SlotError
from protocol import update
from protocol.errors import ProtocolError
from protocol.limits import TEXT_CHARS
from protocol.update import HEAD_BYTES, PIECE_BYTES, SIGNATURE_BYTES, Want

WAITS, WORKS, FAILED, READY = 0, 1, 2, 3

AGAIN_MS = 3000
"""A piece that does not come within this is asked for again."""

LEAVE_AGAIN_MS = 15_000
"""Leave to start is given when nobody stands at the window, which can take an hour."""

ATTEMPTS = 3
"""How often a file is fetched that comes out wrong: every connection checks what it carries, so it should never be."""

SPARE_BYTES = 65_536
"""Room that an update leaves for the journal and for what littlefs keeps of its own."""

EPOCH_S = 946_684_800
"""From 1970 to 2000, when a board begins to count."""

BLOCK_BYTES = 4096
"""A file takes whole blocks of the flash."""


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
        self._offer = b""
        self._asked = ()
        self._piece = b""
        self.state = WAITS
        self.error = ""

    @property
    def idle(self) -> bool:
        return self.state in (WAITS, FAILED)

    def take(self, name: str, payload: bytes) -> None:
        self.offer(payload) if name == "update" else self.piece(payload)

    def due(self, now_ms: int) -> list:
        message = self.want(now_ms)
        if self.state == READY:
            self._restart()
        return [("want", message)] if message else []

    def offer(self, payload: bytes) -> None:
        """An offer that comes again while it is being taken changes nothing; an empty one stops what is being done.
        Whether it is taken is said by `want`."""
        if self.state == READY or (self.state == WORKS and payload == self._offer):
            return
        self._offer = payload
        self._made = 0
        self._asked, self._piece = (), b""
        self._again_ms = 0
        self.state = WORKS if payload else WAITS
        self._steps = self._take()

    def piece(self, payload) -> None:
        """One that was not asked for, or came twice, is left."""
        if self._asked and payload[:HEAD_BYTES] == update.piece_head(self._made, self._asked[0], self._asked[1]):
            self._piece = payload

    def want(self, now_ms: int):
        """Does the next step. Gives the message to send, or None."""
        if self.state != WORKS:
            return None
        if self._asked and not self._piece:
            if now_ms < self._again_ms:
                return None
        else:
            try:
                self._asked = next(self._steps) or ()
                self._piece = b""
            except StopIteration:
                self.state = READY
                return None
            except (OSError, SlotError, ProtocolError) as error:
                self.state, self.error = FAILED, str(error)[:TEXT_CHARS]
                return update.encode_want(Want(self._made, 0, 0, self.error))
            if not self._asked:
                return None
        self._again_ms = now_ms + (AGAIN_MS if self._asked[2] else LEAVE_AGAIN_MS)
        return update.encode_want(Want(self._made, self._asked[0], self._asked[1], ""))

    def _take(self):
        """The steps of an update. Yields None, or (file, place in it, bytes wanted) and goes on once the piece is
        there. Raises OSError, SlotError, ProtocolError."""
        manifest = self._checked()
        folder = slots.begin(self._root)
        noted, listed = folder + ".offer", folder + ".list"
        if slots.file_size(noted) != len(self._offer) or _read(noted) != self._offer:
            for path in (noted, listed):  # before anything else: without the note nobody believes what is in the slot
                if files.exists(path):
                    os.remove(path)
            for _ in slots.clear(folder):
                yield
            files.replace(noted, self._offer)
        yield from self._fetch(0, listed, manifest.list, manifest.digest)
        self._check_list(folder, listed, manifest)
        yield
        number = 0
        for size, digest, path in _lines(listed):
            number += 1
            target = slots.place(folder, path)
            ours = self._here + "/" + path
            if slots.file_size(target) == size and slots.file_digest(target) == digest:
                yield  # it was there before a power cut
            elif slots.file_size(ours) == size and slots.file_digest(ours) == digest:
                _copy(ours, target)
                yield
            else:
                yield from self._fetch(number, target, size, digest)
        yield number + 1, 0, 0  # leave to start
        try:
            slots.switch(self._root, _lines(listed))
        except SlotError:
            os.remove(noted)  # the next offer begins with an empty slot
            raise

    def _checked(self):
        """The offer's manifest, if this board may take it."""
        signed = self._offer[SIGNATURE_BYTES:]
        if not is_signed(signed, self._offer[:SIGNATURE_BYTES], self._key):
            raise SlotError("the signature is not that of our key")
        manifest = update.read_manifest(signed)
        self._made = manifest.made
        if self._hardware not in manifest.hardware:
            raise SlotError(f"it is not for {self._hardware}")
        if manifest.made < self._oldest:
            raise SlotError("it is older than what this board may go back to")
        if manifest.expires and self._now_s() > manifest.expires:
            raise SlotError("it has expired")
        return manifest

    def _check_list(self, folder, listed, manifest):
        """Paths, sizes and room, before any of the files is written."""
        count = total = needed = 0
        last = ""
        for size, _, path in _lines(listed):
            if path <= last:
                raise SlotError(f"{path} is out of order")
            count, total, last = count + 1, total + size, path
            needed += (size - max(0, slots.file_size(folder + "/" + path))) + BLOCK_BYTES
        if count != manifest.files or total != manifest.bytes:
            raise SlotError("the list does not add up")
        room = os.statvfs(self._root or "/")
        if room[0] * room[4] < needed + SPARE_BYTES:
            raise SlotError("there is no room for it")

    def _fetch(self, number, path, size, digest):
        """Ask for a file until it is there, whole."""
        for _ in range(ATTEMPTS):
            at = slots.file_size(path)
            if at < 0:
                with open(path, "wb"):
                    at = 0
            while at < size:
                wanted = min(PIECE_BYTES, size - at)
                yield number, at, wanted
                data = memoryview(self._piece)[HEAD_BYTES:]
                if len(data) == wanted:
                    with open(path, "ab") as file:
                        file.write(data)
                    at += len(data)
            if at == size and slots.file_digest(path) == digest:
                return
            os.remove(path)
        raise SlotError(f"file {number} comes out wrong again and again")


def open_updater(device):
    """The updater of the version that runs on the device. One that has no key takes nothing."""
    folder = device.folder
    here = __file__[: __file__.rindex("firmware/")].rstrip("/")
    key = _read(folder + "/release.key") if files.exists(folder + "/release.key") else b""
    hal = device.hal
    root = folder[: folder.rindex("/")]
    return Updater(root, here, hal.model, OLDEST_S, key, _now_s, lambda: hal.restart("update"))


def _now_s():
    return int(time()) + (EPOCH_S if gmtime(0)[0] == 2000 else 0)


def _lines(listed):
    """The lines of the list. No file is open between two of them: the update may be dropped there."""
    at = 0
    while True:
        with open(listed, "rb") as file:
            file.seek(at)
            line = file.readline()
        if not line:
            return
        at += len(line)
        yield update.read_line(line)


def _read(path):
    with open(path, "rb") as file:
        return file.read()


def _copy(source, target):
    with open(source, "rb") as old, open(target, "wb") as new:
        while chunk := old.read(slots.CHUNK_BYTES):
            new.write(chunk)
