"""The process that runs it all: `python -m tools.chaos.harness OPTIONS`. It ends cleanly when its standard input does,
so that nothing outlives the command that started it."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
from pathlib import Path

from tools.chaos import mistake, report
from tools.chaos.options import Options
from tools.chaos.run import Result, run
from tools.demo import runtime
from tools.demo.hub_api import HubIsGone, HubSaysNo
from tools.demo.hub_child import stop_with_the_leash
from tools.demo.place import StartFailed
from tools.demo.stops import Stops

CANNOT_START = 2
STOPPED = 130
"""Exit status; 1 is for a run in which something was wrong."""


async def run_all(options: Options) -> list[Result]:
    """A result for each broker; fewer when it was told to stop. Raises what `run` raises, and RuntimeProblem."""
    folder = Path(options.folder)
    devices = mistake.make(options.mistake, folder / "devices") if options.mistake else runtime.find()
    results: list[Result] = []
    began_s = time.monotonic()

    def say(line: str) -> None:
        print(f"{time.monotonic() - began_s:7.1f}  {line}", file=sys.stderr, flush=True)

    async def each() -> None:
        shares = len(options.brokers)
        for number, broker in enumerate(options.brokers):
            own = folder / broker
            own.mkdir(mode=0o700)
            count = (options.faults + number) // shares
            results.append(await run(options, broker, count, own, devices, say))

    await Stops().first(each())
    return results


def main() -> int:
    options = Options.from_json(sys.argv[1])
    threading.Thread(target=stop_with_the_leash, daemon=True).start()
    try:
        results = asyncio.run(run_all(options))
    except (StartFailed, runtime.RuntimeProblem, HubSaysNo, HubIsGone) as error:
        print(f"error: {error}", file=sys.stderr)
        return CANNOT_START
    if results:
        print(report.as_json(options, results) if options.as_json else report.as_table(options, results), flush=True)
    if len(results) < len(options.brokers):
        print("stopped before the end", file=sys.stderr)
        return STOPPED
    return 0 if all(result.is_good for result in results) else 1


if __name__ == "__main__":
    # Not sys.exit: the leash's thread waits in a read that nothing ends.
    status = main()
    sys.stdout.flush()
    os._exit(status)
