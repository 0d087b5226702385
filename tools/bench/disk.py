"""Where a benchmark writes."""

from __future__ import annotations

import psutil


def real_disk() -> str | None:
    """A folder on a real disk: /tmp is memory on some machines, and an fsync there costs nothing."""
    return "." if psutil.disk_partitions(all=True) and _is_memory("/tmp") else None


def _is_memory(folder: str) -> bool:
    return any(part.mountpoint == folder and part.fstype == "tmpfs" for part in psutil.disk_partitions(all=True))
