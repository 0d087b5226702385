"""Ratings on a board that no hub has acknowledged yet: flashing a board must not lose what its pad thanked for."""

from __future__ import annotations

import tempfile
from pathlib import Path

from firmware.journal import Journal


def count_pending(presses: bytes) -> int:
    """How many presses wait in a journal's file, by the firmware's own reading of it. Raises OSError."""
    if not presses:
        return 0
    with tempfile.TemporaryDirectory(prefix="jiaohao-journal-") as folder:
        (Path(folder) / "presses").write_bytes(presses)
        return Journal(folder, lambda: 1).pending
