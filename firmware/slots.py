"""Two folders for programs, and the version that was flashed by cable: an update that is cut off, or that does not
work, leaves a board that starts.

Below `root`: `slots/a` and `slots/b` have one version of firmware/ and protocol/ each, `slots/pointer` says which one
starts. A board that never got an update has no `slots`, and starts what was flashed; so does a board whose pointer
cannot be read. The journal, the configuration and the count of starts are outside and belong to every version.

    spare_folder(root)            the folder of the slot that is not in use
    clear(folder)                 empty it, a file at each step
    place(folder, path)           where a file of the new version goes
    switch(root, files)           check all files, then let the new version be tried at the next starts
    enter(root)                   at start: the folder of the version that starts now, or "" for what was flashed
    on_trial(root, folder)        whether the version that runs from that folder is tried
    confirm(root, folder)         it works: it stays
    reject(root, folder)          it does not work: the version before starts next

`switch`, `enter`, `confirm` and `reject` change one small file, which a power cut leaves old or new. `files` are (size
in bytes, SHA-256 in hex, path) of every file of the version, in the order of the paths, which protocol/update.py has
checked.
"""

import json
import os
from binascii import hexlify
from collections import namedtuple
from hashlib import sha256

from firmware import files

SLOTS = ("a", "b")

TRIES = 3
"""Starts that a new version has to show that it works."""

CHUNK_BYTES = 512


class Pointer(namedtuple("Pointer", ("confirmed", "trying", "tries"))):
    """The slot of the version that works ("" for what was flashed), the slot of the new one ("" for none), and how many
    starts the new one has left."""


FLASHED = Pointer("", "", 0)


class SlotError(ValueError):
    """The update cannot be taken; the text says why."""


# What is right, without the flash


def chosen(pointer: Pointer) -> tuple[str, Pointer]:
    """The slot that starts now ("" for what was flashed), and what the pointer must say before it does."""
    if pointer.trying and pointer.tries:
        return pointer.trying, Pointer(pointer.confirmed, pointer.trying, pointer.tries - 1)
    return pointer.confirmed, Pointer(pointer.confirmed, "", 0)


def spare(pointer: Pointer) -> str:
    """The slot that nothing needs. Raises SlotError while a new version is being tried: it may be running."""
    if pointer.trying:
        raise SlotError("the last update is not confirmed yet")
    return SLOTS[1] if pointer.confirmed == SLOTS[0] else SLOTS[0]


def parse(data: bytes) -> Pointer:
    """The pointer in `data`; one that says nothing that can be meant is FLASHED."""
    try:
        confirmed, trying, tries = json.loads(data.decode())
    except (ValueError, TypeError):
        return FLASHED
    if confirmed not in ("",) + SLOTS or trying not in ("",) + SLOTS or tries not in range(TRIES + 1):
        return FLASHED
    return Pointer(confirmed, trying, tries)


# On the flash; all but `enter` raise OSError when it fails


def read(root: str) -> Pointer:
    try:
        with open(_pointer(root), "rb") as file:
            return parse(file.read(CHUNK_BYTES))
    except OSError as error:
        if error.errno != files.MISSING:
            raise
        return FLASHED


def spare_folder(root: str) -> str:
    """The folder of the slot that nothing needs, with what an earlier update left there. Raises SlotError."""
    files.make_folder(root + "/slots")
    folder = _folder(root, spare(read(root)))
    files.make_folder(folder)
    return folder


def clear(folder: str):
    """Empties the folder. A generator, which stops after each file: removing takes a board's flash some 0.1 s, and all
    of them together would take longer than its watchdog waits."""
    for name in os.listdir(folder):
        path = folder + "/" + name
        if _is_folder(path):
            yield from clear(path)
            os.rmdir(path)
        else:
            os.remove(path)
        yield


def place(folder: str, path: str) -> str:
    """Where the file `path` of a version is; the folders above it are made."""
    names = path.split("/")
    for name in names[:-1]:
        folder += "/" + name
        files.make_folder(folder)
    return folder + "/" + names[-1]


def verify(folder: str, listed) -> None:
    """Raises SlotError unless `folder` has the files that are `listed`, whole, and nothing else."""
    count, last = 0, ""
    for size, digest, path in listed:
        if path <= last:
            raise SlotError(f"{path} is out of order")
        if file_size(folder + "/" + path) != size or file_digest(folder + "/" + path) != digest:
            raise SlotError(f"{path} is not as it was signed")
        count, last = count + 1, path
    if not count or _count(folder) != count:
        raise SlotError("there are other files than those that were signed")


def switch(root: str, listed) -> None:
    """Let the version in the spare slot be tried at the next starts. Raises SlotError: then nothing has changed."""
    pointer = read(root)
    new = spare(pointer)
    verify(_folder(root, new), listed)
    _write(root, Pointer(pointer.confirmed, new, TRIES))


def enter(root: str) -> str:
    """The folder of the version that starts now, or "" for what was flashed. A start of a new version is counted first,
    so that one that hangs or falls over runs out of tries; what cannot be counted is not tried. A flash that fails
    must not keep a board from starting: this raises nothing."""
    try:
        pointer = read(root)
    except OSError:
        pointer = FLASHED
    slot, then = chosen(pointer)
    try:
        if then != pointer:
            _write(root, then)
    except OSError:
        slot = pointer.confirmed
    return _folder(root, slot) if slot else ""


def on_trial(root: str, folder: str) -> bool:
    """Whether the version that runs from the `folder` that `enter` gave is being tried. An update that still waits for
    its first start is not proven, or disproven, by the version before it."""
    trying = read(root).trying
    return bool(trying) and folder == _folder(root, trying)


def confirm(root: str, folder: str) -> None:
    """The version that runs from `folder` works. That changes nothing unless it is on trial."""
    if on_trial(root, folder):
        _write(root, Pointer(read(root).trying, "", 0))


def reject(root: str, folder: str) -> None:
    """The version that runs from `folder`, if it is on trial, does not work: the next start is of the version before.
    Its files stay until the room is needed: should it be offered again, nothing has to be sent."""
    if on_trial(root, folder):
        _write(root, Pointer(read(root).confirmed, "", 0))


def file_size(path: str) -> int:
    """In bytes; -1 when there is no such file."""
    return os.stat(path)[6] if files.exists(path) else -1


def file_digest(path: str) -> str:
    """SHA-256 in hex."""
    found = sha256()
    with open(path, "rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            found.update(chunk)
    return hexlify(found.digest()).decode()


def _pointer(root: str) -> str:
    return root + "/slots/pointer"


def _folder(root: str, slot: str) -> str:
    return root + "/slots/" + slot


def _write(root: str, pointer: Pointer) -> None:
    files.replace(_pointer(root), json.dumps(list(pointer)).encode())


def _count(folder: str) -> int:
    """Files in the folder and all below it."""
    count = 0
    for name in os.listdir(folder):
        path = folder + "/" + name
        count += _count(path) if _is_folder(path) else 1
    return count


def _is_folder(path: str) -> bool:
    return bool(os.stat(path)[0] & 0x4000)
