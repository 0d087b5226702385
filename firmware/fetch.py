"""The files of an update, from the list of them to the switch: the steps of `firmware/update.py` after the signature
was found good. Loaded then."""

import os

from firmware import files, slots
from firmware.slots import CHUNK_BYTES
from protocol.update import HEAD_BYTES, PIECE_BYTES, read_line

ATTEMPTS = 3
"""How often a file is fetched that comes out wrong: every connection checks what it carries, so it should never be."""

SPARE_BYTES = 65_536
"""Room that an update leaves for the journal and for what littlefs keeps of its own."""

BLOCK_BYTES = 4096
"""A file takes whole blocks of the flash."""


def check_manifest(manifest, hardware, oldest, now_s):
    """Raises ValueError unless this board may take the release."""
    if hardware not in manifest.hardware:
        raise ValueError("it is not for " + hardware)
    if manifest.made < oldest:
        raise ValueError("it is older than what this board may go back to")
    if manifest.expires and now_s > manifest.expires:
        raise ValueError("it has expired")


def fetch(updater, root, here, offer, manifest):
    """The steps. A file that the version that runs, at `here`, has too is copied. Yields None, or (file, place, bytes
    wanted) and goes on once `updater.piece` has them. Raises OSError, ValueError, ProtocolError."""
    folder = slots.spare_folder(root)
    noted, listed = folder + ".offer", folder + ".list"
    if not _is_noted(noted, offer):
        for path in (noted, listed):  # before anything else: without the note nobody believes what is in the slot
            if files.exists(path):
                os.remove(path)
        for _ in slots.clear(folder):
            yield
        files.replace(noted, offer)
    del offer
    yield from _pull(updater, 0, listed, manifest.list, manifest.digest)
    _check_list(root, folder, listed, manifest)
    yield
    number = 0
    for size, digest, path in _lines(listed):
        number += 1
        target = slots.place(folder, path)
        ours = here + "/" + path
        if slots.file_size(target) == size and slots.file_digest(target) == digest:
            yield  # it was there before a power cut
        elif slots.file_size(ours) == size and slots.file_digest(ours) == digest:
            with open(ours, "rb") as old, open(target, "wb") as new:
                while chunk := old.read(CHUNK_BYTES):
                    new.write(chunk)
            yield
        else:
            yield from _pull(updater, number, target, size, digest)
    yield number + 1, 0, 0  # leave to start
    try:
        slots.switch(root, _lines(listed))
    except ValueError:
        os.remove(noted)  # the next offer begins with an empty slot
        raise


def _is_noted(path, offer):
    if slots.file_size(path) != len(offer):
        return False
    with open(path, "rb") as file:
        return file.read() == offer


def _check_list(root, folder, listed, manifest):
    """Paths, sizes and room, before any of the files is written."""
    count = total = needed = 0
    last = ""
    for size, _, path in _lines(listed):
        if path <= last:
            raise ValueError(path + " is out of order")
        count, total, last = count + 1, total + size, path
        needed += (size - max(0, slots.file_size(folder + "/" + path))) + BLOCK_BYTES
    if count != manifest.files or total != manifest.bytes:
        raise ValueError("the list does not add up")
    room = os.statvfs(root or "/")
    if room[0] * room[4] < needed + SPARE_BYTES:
        raise ValueError("there is no room for it")


def _pull(updater, number, path, size, digest):
    """Ask for a file until it is there, whole."""
    for _ in range(ATTEMPTS):
        at = slots.file_size(path)
        if at < 0:
            with open(path, "wb"):
                at = 0
        while at < size:
            wanted = min(PIECE_BYTES, size - at)
            yield number, at, wanted
            data = memoryview(updater.piece)[HEAD_BYTES:]
            if len(data) == wanted:
                with open(path, "ab") as file:
                    file.write(data)
                at += len(data)
        if at == size and slots.file_digest(path) == digest:
            return
        os.remove(path)
    raise ValueError(f"file {number} comes out wrong again and again")


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
        yield read_line(line)
