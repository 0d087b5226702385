"""How much of firmware/ the tests reach on the boards' interpreter: the unit tests, and each role as a process."""

from __future__ import annotations

import asyncio
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from firmware.config import ROLES
from tests import covered, virtual
from tests.test_both_interpreters import FILES
from tests.test_both_interpreters import HEAP as TESTS_HEAP

REACHED_MIN = 0.90

HEAP = "1000wK"
"""Sources with a call before each statement do not fit in a board's memory; how much they need is not asked here."""


def test_nine_in_ten_statements_of_the_firmware_are_reached(tmp_path):
    if not virtual.MICROPYTHON.exists():
        pytest.skip("NO MICROPYTHON HERE: its package has no wheel for this machine")
    covered.copy(tmp_path)
    with ThreadPoolExecutor(2) as pool:
        for done in pool.map(lambda file: run_tests(tmp_path, file), FILES):
            assert done.returncode == 0, done.stdout + done.stderr
    asyncio.run(run_roles(tmp_path))
    found = covered.counted(tmp_path)
    statements = sum(of_file.statements for of_file in found.values())
    reached = sum(of_file.statements - len(of_file.missed) for of_file in found.values())
    table = "\n".join(f"{name}: not reached {of_file.missed}" for name, of_file in found.items() if of_file.missed)
    assert reached > REACHED_MIN * statements, f"{reached} of {statements} statements\n{table}"


def run_tests(tree: Path, file: str) -> subprocess.CompletedProcess:
    command = [virtual.MICROPYTHON, "-X", f"heapsize={TESTS_HEAP}", "tests/runner.py", file]
    environment = {"MICROPYPATH": f"{tree}:.frozen"}
    return subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, timeout=240)


async def run_roles(tree: Path) -> None:
    """Each role in a language of its own, shows what the hub says and has its first two keys pressed."""
    await asyncio.gather(*[run_role(tree, role, index) for index, role in enumerate(ROLES)])


async def run_role(tree: Path, role: str, index: int) -> None:
    broker = virtual.SocketBroker()
    folder = tree / "flash" / role
    virtual.write_config(folder, role, await broker.listen(), language=("zh-Hans", "zh-Hant", "en")[index % 3])
    device = await virtual.start(folder, tree, HEAP)
    try:
        await device.until(lambda: virtual.is_at_work(device))
        for key in (0, 1):
            device.tell({"key": key})
        await device.until(lambda: any(topic.endswith("/up/telemetry") for topic, _, _ in broker.published()))
        assert await device.end() == 0
    finally:
        if device.process.returncode is None:
            device.process.kill()
        await device.process.wait()
        broker.close()
