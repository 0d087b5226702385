"""A board's TLS in a process of its own, on either interpreter: connects once, by the firmware, and says how it went.

    INTERPRETER board_over_tls.py FOLDER PORT SERVER_NAME BUILT_S CLOCK_FILE

FOLDER has ca.der and, once it was saved, the time. CLOCK_FILE is what libfaketime reads: to write it sets the clock of
this process, as a board sets its own. An empty one: the clock cannot be set.
"""

import asyncio
import sys
import time

from firmware.assembly import tls_context
from firmware.clock import Clock
from firmware.config import Tls
from firmware.mqtt import Client, Settings
from firmware.ticks import Uptime


class Config:
    tls = Tls("ca.der", "")


def setter(file):
    def set_clock(s):
        if file:
            year, month, day, hour, minute, second = time.gmtime(s)[:6]
            with open(file, "w") as out:
                out.write(f"@{year:04d}-{month:02d}-{day:02d} {hour:02d}:{minute:02d}:{second:02d}\n")

    return set_clock


async def main(folder, port, server_name, built_s, clock_file):
    went = []
    uptime_ms = Uptime()
    clock = Clock(folder, setter(clock_file), uptime_ms, int(built_s))
    context = tls_context(folder, Config)
    settings = Settings("127.0.0.1", int(port), "d1", "", "", 10, context, server_name)
    client = Client(settings, [], None, went.append, lambda _: None, uptime_ms, lambda: 0.0, clock.dial)
    task = asyncio.create_task(client.run())
    while not went and not client.last_error:
        await asyncio.sleep(0.01)
    task.cancel()
    sys.stdout.write("connected" if went else "refused: " + client.last_error.strip().replace("\n", " "))


asyncio.run(main(*sys.argv[1:]))
