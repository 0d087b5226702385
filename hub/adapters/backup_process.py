"""Makes one backup in a process of its own, so that packing, hashing and encrypting take nothing from the hall.

    python -m hub.adapters.backup_process JSON        see `Order`

Says the path of the backup, or in a line on the standard error why there is none (status 1).
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from hub.adapters import backup_restore
from hub.adapters.backup_file import BackupError, read_recipients

NICE = 10
"""How far the process stands back behind the hub."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be made; see backup_restore.make. `hall_file` empty: none goes with it."""

    data: str
    folder: str
    recipients: list[str]
    now_ms: int
    hall_file: str
    thorough: bool

    @property
    def command(self) -> list[str]:
        """What runs it."""
        return [sys.executable, "-m", __name__, json.dumps(asdict(self))]


def main(order: Order) -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what it has unpacked is removed on the way out
    with contextlib.suppress(PermissionError):  # a hardened unit of systemd forbids it, and needs it less
        os.nice(NICE)
    try:
        made = backup_restore.make(
            Path(order.data),
            Path(order.folder),
            read_recipients(order.recipients),
            order.now_ms,
            Path(order.hall_file) if order.hall_file else None,
            order.thorough,
        )
    except BackupError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{made.file}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(Order(**json.loads(sys.argv[1]))))
