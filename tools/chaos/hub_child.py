"""The hub as a child of the harness: `jiaohao hub`, on a leash and with a wall clock that jumps."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from tools.chaos import clock

if __name__ == "__main__":
    clock.take_over(Path(os.environ[clock.VARIABLE]))
    from hub.cli.serve import hub
    from tools.demo.hub_child import stop_with_the_leash

    threading.Thread(target=stop_with_the_leash, daemon=True).start()
    hub.main(prog_name="jiaohao hub")
