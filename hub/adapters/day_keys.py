"""A random key for each booked day, in a folder of its own; when the key is gone, nobody can tell any more who booked.

One file per day, readable by its owner only. The folder is no part of a backup: a key that is in a backup is not gone.
"""

from __future__ import annotations

import logging
import os
import secrets
import threading
from pathlib import Path

log = logging.getLogger(__name__)

KEY_BYTES = 32

KEYS = 1000
"""Days for which there is a key at the same time. Nobody books three years ahead; who asks for every day that the
calendar has must not fill the folder."""


class DayKeys:
    """The keys in `folder`. May be called from several threads.

    Nothing that goes wrong here stops anybody from booking: without a file the key is in memory, and after a restart
    two appointments of one person on that day are no longer seen as such.
    """

    def __init__(self, folder: Path):
        self._folder = folder
        self._using = threading.Lock()
        self._keys: dict[str, bytes] = {}

    def key(self, day: str) -> bytes:
        """The key of `day` (YYYY-MM-DD), made when there is none yet."""
        with self._using:
            if day not in self._keys:
                key = self._kept(day)
                if len(self._keys) >= KEYS:
                    return key
                self._keys[day] = key
            return self._keys[day]

    def forget(self, today: str) -> int:
        """Deletes the keys of all days before `today`; how many. Raises OSError."""
        with self._using:
            self._keys = {day: key for day, key in self._keys.items() if day >= today}
            over = [file for file in self._files() if file.name < today]
            for file in over:
                _destroy(file)
            return len(over)

    def _files(self) -> list[Path]:
        return sorted(self._folder.iterdir()) if self._folder.exists() else []

    def _kept(self, day: str) -> bytes:
        """What the file of the day has. One that cannot be read, or was half written, is made anew."""
        file = self._folder / day
        try:
            if file.exists() and len(key := file.read_bytes()) == KEY_BYTES:
                return key
            key = secrets.token_bytes(KEY_BYTES)
            if len(self._files()) < KEYS:
                self._write(file, key)
        except OSError as error:
            log.warning("the key of %s cannot be kept in %s: %s", day, self._folder, error.strerror)
            key = secrets.token_bytes(KEY_BYTES)
        return key

    def _write(self, file: Path, key: bytes) -> None:
        self._folder.mkdir(mode=0o700, exist_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            out.write(key)
            out.flush()
            os.fsync(out.fileno())


def _destroy(file: Path) -> None:
    """Writes over the file before it goes. Disks that move what is written keep old blocks for a while all the same."""
    with file.open("r+b") as out:
        out.write(bytes(KEY_BYTES))
        out.flush()
        os.fsync(out.fileno())
    file.unlink()
