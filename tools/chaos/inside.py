"""The first process in namespaces of our own: `python -m tools.chaos.inside COMMAND ...`.

It brings loopback up, runs the command, and takes up what is orphaned, as the first process of a machine does: a broker
whose hub was killed must not stay a zombie. When it ends, the kernel ends everything inside.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys

from tools.chaos.netns import program


def main() -> int:
    """The exit status of the command."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # the command ends by itself, and then we do
    subprocess.run([program("ip"), "link", "set", "lo", "up"], check=True)
    command = subprocess.Popen(sys.argv[1:])
    while True:
        ended, status = os.wait()
        if ended == command.pid:
            return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(main())
