"""A disk whose power can be cut under the real SQLite: what was written and not yet synced may be lost, or half there.

The very library that `sqlite3` uses gets another default VFS, which is the usual one with three of its methods noted on
the way: write, truncate and sync (and deletions). Nothing of the hub is replaced. Each operation is kept in order, and
the disk that a cut after any of them leaves is made from that: all that was synced, and of the rest what chance says.
"""

from __future__ import annotations

import _sqlite3
import ctypes
import random
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_int, c_int64, c_void_p
from pathlib import Path
from typing import Any

SECTOR_BYTES = 512
"""A torn write ends at a multiple of this."""

SQLITE = ctypes.CDLL(_sqlite3.__file__)  # and what it is linked to
SQLITE.sqlite3_vfs_find.restype = c_void_p

OPEN = CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, c_void_p)
DELETE = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int)
WRITE = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
TRUNCATE = CFUNCTYPE(c_int, c_void_p, c_int64)
SYNC = CFUNCTYPE(c_int, c_void_p, c_int)


class Vfs(Structure):
    """sqlite3_vfs, as far as version 3."""

    _fields_ = (
        ("version", c_int),
        ("file_bytes", c_int),
        ("path_bytes", c_int),
        ("next", c_void_p),
        ("name", c_char_p),
        ("data", c_void_p),
        ("open", OPEN),
        ("delete", DELETE),
        ("others", c_void_p * 16),
    )


class Methods(Structure):
    """sqlite3_io_methods, as far as version 3."""

    _fields_ = (
        ("version", c_int),
        ("close", c_void_p),
        ("read", c_void_p),
        ("write", WRITE),
        ("truncate", TRUNCATE),
        ("sync", SYNC),
        ("others", c_void_p * 13),
    )


class OpenFile(Structure):
    """sqlite3_file."""

    _fields_ = (("methods", POINTER(Methods)),)


class Disk:
    """What happened to the files in `folder`, in order: (name, what, ...); what is write, truncate, sync or gone."""

    def __init__(self, folder: Path):
        self._folder = str(folder) + "/"
        self.operations: list[tuple[Any, ...]] = []

    def note(self, path: str, *operation: Any) -> None:
        if path.startswith(self._folder):
            self.operations.append((path.removeprefix(self._folder), *operation))


@contextmanager
def watched(folder: Path) -> Iterator[Disk]:
    """Every connection that is opened within is on this disk. They must be closed when it ends."""
    disk = Disk(folder)
    usual = Vfs.from_address(SQLITE.sqlite3_vfs_find(None))
    ours = Vfs.from_buffer_copy(usual)
    ours.name = b"power"
    keep: list[Any] = [ours]
    names: dict[int, str] = {}
    tables: dict[int, Methods] = {}

    def methods_of(address: int) -> Methods:
        """The usual methods at `address` with ours in their places, made once: there are few."""
        if address in tables:
            return tables[address]
        plain = Methods.from_address(address)
        table = tables[address] = Methods.from_buffer_copy(plain)

        def write(file: int, data: int, size: int, place: int) -> int:
            disk.note(names[file], "write", place, ctypes.string_at(data, size))
            return plain.write(file, data, size, place)

        def truncate(file: int, size: int) -> int:
            disk.note(names[file], "truncate", size)
            return plain.truncate(file, size)

        def sync(file: int, flags: int) -> int:
            done = plain.sync(file, flags)
            disk.note(names[file], "sync")
            return done

        table.write, table.truncate, table.sync = WRITE(write), TRUNCATE(truncate), SYNC(sync)
        return table

    def open_file(vfs: int, name: int, file: int, flags: int, out: int) -> int:
        done = usual.open(vfs, name, file, flags, out)
        opened = OpenFile.from_address(file)
        if done == 0 and name and opened.methods:
            names[file] = ctypes.string_at(name).decode()
            opened.methods = ctypes.pointer(methods_of(ctypes.addressof(opened.methods.contents)))
        return done

    def delete(vfs: int, name: int, sync_folder: int) -> int:
        disk.note(ctypes.string_at(name).decode(), "gone")
        return usual.delete(vfs, name, sync_folder)

    ours.open, ours.delete = OPEN(open_file), DELETE(delete)
    SQLITE.sqlite3_vfs_register(ctypes.byref(ours), 1)
    try:
        yield disk
    finally:
        SQLITE.sqlite3_vfs_register(ctypes.byref(usual), 1)
        SQLITE.sqlite3_vfs_unregister(ctypes.byref(ours))
        del keep


class Platter:
    """The disk as the operations come in, and what a power cut leaves of it."""

    def __init__(self) -> None:
        self._synced: dict[str, bytearray] = {}
        self._waiting: dict[str, list[tuple[Any, ...]]] = {}

    def take(self, name: str, what: str, *how: Any) -> None:
        if what == "gone":
            self._synced.pop(name, None)
            self._waiting.pop(name, None)
        elif what == "sync":
            file = self._synced.setdefault(name, bytearray())
            for operation in self._waiting.pop(name, ()):
                _carry_out(file, *operation)
        else:
            self._waiting.setdefault(name, []).append((what, *how))

    def cut(self, folder: Path, chance: random.Random) -> None:
        """Writes to `folder` what is there after the cut. The index of the write-ahead log is memory, never a file."""
        for name in sorted(self._synced.keys() | self._waiting.keys()):
            file = bytearray(self._synced.get(name, b""))
            for operation in self._waiting.get(name, ()):
                fate = chance.random()
                if fate < 0.5:
                    _carry_out(file, *operation)
                elif fate < 0.6 and operation[0] == "write":
                    _, place, data = operation
                    _carry_out(file, "write", place, data[: chance.randrange(len(data)) // SECTOR_BYTES * SECTOR_BYTES])
            if not name.endswith("-shm") and (name in self._synced or file):
                (folder / name).write_bytes(file)


def _carry_out(file: bytearray, what: str, *how: Any) -> None:
    if what == "truncate":
        del file[how[0] :]
        return
    place, data = how
    file.extend(bytes(max(0, place - len(file))))
    file[place : place + len(data)] = data
