"""The hub as a child of the demo: `jiaohao hub`, on a leash.

It stops cleanly when its standard input ends, so that no hub and no broker outlive a supervisor that was killed.
"""

from __future__ import annotations

import os
import signal
import threading

from hub.cli.serve import hub


def stop_with_the_leash() -> None:
    """Waits for the end of standard input, in a thread of its own."""
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    threading.Thread(target=stop_with_the_leash, daemon=True).start()
    hub.main(prog_name="jiaohao hub")
