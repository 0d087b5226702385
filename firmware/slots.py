"""Two folders for programs, and the version that was flashed by cable: an update that is cut off, or that does not
work, leaves a board that starts.

Below `root`: `slots/a` and `slots/b` have one version of firmware/ and protocol/ each, `slots/pointer` says which one
starts. A board that never got an update has no `slots`, and starts what was flashed; so does a board whose pointer
cannot be read. The journal, the configuration and the count of starts are outside and belong to every version.

    begin(root)                   empty the slot that is not in use; its folder
    put(folder, path, chunks)     one file of the new version
    switch(root, manifest)        check all files, then let the new version be tried at the next starts
    enter(root)                   at start: the folder of the version that starts now, or "" for what was flashed
    confirm(root, folder)         the new version, which runs from that folder, works: it stays

`switch`, `enter` and `confirm` change one small file, which a power cut leaves old or new. A manifest is
{path: [size in bytes, SHA-256 in hex]} of every file of the version.
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

PATH_CHARS = 64


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


def check_path(path) -> None:
    """Raises SlotError unless `path` stays in its folder: names of a-z, 0-9, '_' and '.', joined by '/'."""
    if type(path) is not str or len(path) > PATH_CHARS:
        raise SlotError(f"a path is text of at most {PATH_CHARS} characters")
    for name in path.split("/"):
        if not name.strip(".") or name.strip("abcdefghijklmnopqrstuvwxyz0123456789_."):
            raise SlotError(f"{path}: a name has a-z, 0-9, '_' and '.', and not '.' only")


# On the flash; all but `enter` raise OSError when it fails


def read(root: str) -> Pointer:
    try:
        with open(_pointer(root), "rb") as file:
            return parse(file.read(CHUNK_BYTES))
    except OSError as error:
        if error.errno != files.MISSING:
            raise
        return FLASHED


def begin(root: str) -> str:
    """Empty the slot that nothing needs; its folder. Raises SlotError."""
    files.make_folder(root + "/slots")
    folder = _folder(root, spare(read(root)))
    if files.exists(folder):
        _empty(folder)
    else:
        os.mkdir(folder)
    return folder


def put(folder: str, path: str, chunks) -> None:
    """Write one file of the new version, out of pieces of bytes. Raises SlotError."""
    check_path(path)
    place = folder
    names = path.split("/")
    for name in names[:-1]:
        place += "/" + name
        files.make_folder(place)
    with open(place + "/" + names[-1], "wb") as file:
        for chunk in chunks:
            file.write(chunk)


def verify(folder: str, manifest: dict) -> None:
    """Raises SlotError unless `folder` has the files of the manifest, whole, and nothing else."""
    if not manifest:
        raise SlotError("the manifest names no file")
    for path, (size, digest) in manifest.items():
        check_path(path)
        if not files.exists(folder + "/" + path):
            raise SlotError(f"{path} is missing")
        if os.stat(folder + "/" + path)[6] != size or _digest(folder + "/" + path) != digest:
            raise SlotError(f"{path} is not as the manifest says")
    for path in _paths(folder, ""):
        if path not in manifest:
            raise SlotError(f"{path} is not in the manifest")


def switch(root: str, manifest: dict) -> None:
    """Let the version in the spare slot be tried at the next starts. Raises SlotError: then nothing has changed."""
    pointer = read(root)
    new = spare(pointer)
    verify(_folder(root, new), manifest)
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


def confirm(root: str, folder: str) -> None:
    """The version that runs, from the `folder` that `enter` gave, works. That changes nothing unless it is the one that
    is being tried: an update that still waits for its first start is not proven by the version before it."""
    pointer = read(root)
    if pointer.trying and folder == _folder(root, pointer.trying):
        _write(root, Pointer(pointer.trying, "", 0))


def _pointer(root: str) -> str:
    return root + "/slots/pointer"


def _folder(root: str, slot: str) -> str:
    return root + "/slots/" + slot


def _write(root: str, pointer: Pointer) -> None:
    files.replace(_pointer(root), json.dumps(list(pointer)).encode())


def _digest(path: str) -> str:
    found = sha256()
    with open(path, "rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            found.update(chunk)
    return hexlify(found.digest()).decode()


def _paths(folder: str, prefix: str) -> list[str]:
    found = []
    for name in os.listdir(folder + "/" + prefix):
        if _is_folder(folder + "/" + prefix + name):
            found += _paths(folder, prefix + name + "/")
        else:
            found.append(prefix + name)
    return found


def _empty(folder: str) -> None:
    for name in os.listdir(folder):
        path = folder + "/" + name
        if _is_folder(path):
            _empty(path)
            os.rmdir(path)
        else:
            os.remove(path)


def _is_folder(path: str) -> bool:
    return bool(os.stat(path)[0] & 0x4000)
