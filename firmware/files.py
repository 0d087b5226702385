"""Small files that a power cut leaves old or new, never half: written beside, then renamed over."""

import os

MISSING = 2
"""errno ENOENT, the same number on every port."""


def exists(path: str) -> bool:
    """Whether there is something at `path`. Raises OSError when the file system cannot tell."""
    try:
        os.stat(path)
    except OSError as error:
        if error.errno != MISSING:
            raise
        return False
    return True


def make_folder(path: str) -> None:
    if not exists(path):
        os.mkdir(path)


def replace(path: str, data: bytes) -> None:
    """Put `data` at `path`; after a power cut there is the old file or the new one. Raises OSError."""
    with open(path + ".new", "wb") as file:
        file.write(data)
    os.rename(path + ".new", path)


def count_up(path: str) -> int:
    """Add one to the number in the file and give the result; a missing or spoiled file starts again at 1."""
    try:
        with open(path) as file:
            count = int(file.read(12)) + 1
    except (OSError, ValueError):  # the first start, or a file that nobody can read: there is nothing to go on from
        count = 1
    replace(path, str(count).encode())
    return count
