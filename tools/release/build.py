"""Builds a release out of the checkout. The same sources and the same SOURCE_DATE_EPOCH give the same bytes."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from firmware.assembly import VERSION
from hub.adapters.release_file import pack
from tools import bundle

Change = Callable[[dict[str, str]], dict[str, str]]

HARDWARE = ("esp32", "virtual")
"""The firmware is one; `model` of firmware/hal."""


def now_s() -> int:
    """Seconds since 1970, or SOURCE_DATE_EPOCH."""
    return int(os.environ.get("SOURCE_DATE_EPOCH") or time.time())


def build(sign: Callable[[bytes], bytes], made: int, oldest: int, expires: int, change: Change = dict) -> bytes:
    """A release. `made`, `oldest`, `expires`: seconds since 1970, see protocol/update.py; `change`: as for a bundle.
    Raises RuntimeError, ReleaseError."""
    about = {"made": made, "oldest": oldest, "version": VERSION, "hardware": list(HARDWARE), "expires": expires}

    def dated(texts: dict[str, str]) -> dict[str, str]:
        return change({**texts, "firmware/built.py": bundle.built(made, oldest)})

    with TemporaryDirectory() as folder:
        bundle.build(Path(folder), dated)
        return pack(_files(Path(folder)), about, sign)


def _files(folder: Path) -> dict[str, bytes]:
    """Path -> content of a bundle, without what is never updated: the two files in a board's root."""
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    return {path: file.read_bytes() for path, file in found.items() if "/" in path}
