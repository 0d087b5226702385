"""The wire in a network namespace of our own: nftables drops packets on its loopback.

Hub, broker, devices and harness are all inside, so nothing outside can be touched, and the kernel takes all of it away
when the last process ends. Packets are dropped where they arrive: who sends them learns nothing.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import Iterable
from functools import lru_cache

from tools.chaos.wire import LOSS_PERCENT

PROGRAMS = ("unshare", "ip", "nft", "mount")
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


def program(name: str) -> str:
    """The path of a system program; only its name where it is missing."""
    return shutil.which(name, path=PATH) or name


def enter() -> list[str]:
    """The command that runs what follows it in namespaces of its own; when it is killed, all inside are. Who is not
    root becomes it inside, where the kernel lets everybody have a user namespace."""
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    return [program("unshare"), *user, "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]


@lru_cache
def missing() -> str:
    """What keeps this machine from running it, in words; empty: nothing. Tried for real, in a namespace of its own."""
    absent = [name for name in PROGRAMS if shutil.which(name, path=PATH) is None]
    if absent:
        return f"missing programs: {', '.join(absent)} (Debian packages util-linux, iproute2, nftables)"
    trial = f"{program('ip')} link set lo up && {program('nft')} -f - && {program('mount')} -t tmpfs none /mnt"
    done = subprocess.run(
        [*enter(), "sh", "-c", trial], input=rules(1, True, True, [2]), text=True, capture_output=True, check=False
    )
    return "" if done.returncode == 0 else f"not allowed here: {done.stderr.strip() or 'unshare failed'}"


def rules(port: int, losing: bool, black_hole: bool, half_open: Iterable[int]) -> str:
    """What nft is told: all rules anew, in one step. `port` is the broker's."""
    lines = []
    ports = ", ".join(str(each) for each in sorted(half_open))
    for own, other in (("sport", "dport"), ("dport", "sport")):
        if ports:
            lines.append(f"tcp {own} {port} tcp {other} {{ {ports} }} drop")
        if black_hole:
            lines.append(f"tcp {own} {port} drop")
        elif losing:
            lines.append(f"tcp {own} {port} numgen random mod 100 < {LOSS_PERCENT} drop")
    body = "\n".join(f"    {line}" for line in lines)
    chain = f"  chain wire {{\n    type filter hook input priority 0;\n{body}\n  }}"
    return f"table inet chaos {{\n}}\ndelete table inet chaos\ntable inet chaos {{\n{chain}\n}}\n"


class NetnsWire:
    """A Wire; `port` is the broker's. Only inside the namespace."""

    def __init__(self, port: int):
        self.device_port = port
        self._half_open: set[int] = set()

    async def open(self) -> None:
        await self.heal()

    async def close(self) -> None:
        """The namespace goes, and with it the rules."""

    async def set(self, losing: bool, black_hole: bool) -> None:
        text = rules(self.device_port, losing, black_hole, self._half_open)
        process = await asyncio.create_subprocess_exec(
            program("nft"), "-f", "-", stdin=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        _, errors = await process.communicate(text.encode())
        if process.returncode:
            raise RuntimeError(f"nft did not take the rules: {errors.decode().strip()}\n{text}")

    async def half_open(self, ports: Iterable[int]) -> None:
        self._half_open.update(ports)

    async def heal(self) -> None:
        await self.set(False, False)
