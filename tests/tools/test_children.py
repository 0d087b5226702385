"""Children: started again when they die, dark while their plug is pulled, gone at the end."""

import asyncio
import os
import signal
import sys
import time

import pytest

from tools.demo.children import AGAIN_FIRST_S, Child, Program

pytestmark = pytest.mark.edge

ECHO = "import sys; print('up', flush=True); [print(line.strip(), flush=True) for line in sys.stdin]"
DEAF = "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"


@pytest.fixture
async def child(tmp_path):
    made = []

    def make(script):
        heard = []
        program = Program((sys.executable, "-c", script), os.environ, tmp_path, tmp_path / "errors.log")
        made.append(Child(program, lambda line: heard.append(line.decode().strip()), lambda: None))
        made[-1].start()
        return made[-1], heard

    yield make
    for each in made:
        await each.end(0)


async def until(condition):
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


async def test_it_hears_and_is_heard(child):
    echo, heard = child(ECHO)
    await until(lambda: heard == ["up"])
    assert echo.write("hello")
    await until(lambda: heard == ["up", "hello"])


async def test_a_killed_child_is_started_again(child):
    echo, heard = child(ECHO)
    await until(lambda: heard)
    first = echo.pid
    os.kill(first, signal.SIGKILL)
    await until(lambda: heard == ["up", "up"])
    assert echo.pid != first and echo.starts == 2


async def test_a_pulled_child_stays_away_until_its_plug_is_in_again(child):
    echo, heard = child(ECHO)
    await until(lambda: heard)
    echo.pull()
    await until(lambda: echo.pid is None)
    await asyncio.sleep(2 * AGAIN_FIRST_S)
    assert echo.pid is None and not echo.write("hello")
    echo.plug()
    await until(lambda: heard == ["up", "up"])


async def test_the_end_of_its_input_ends_it(child):
    echo, heard = child(ECHO)
    await until(lambda: heard)
    since = time.monotonic()
    await echo.end(10)
    assert echo.pid is None and time.monotonic() - since < 5


async def test_who_does_not_listen_is_killed(child):
    deaf, heard = child(DEAF)
    await until(lambda: heard)
    await deaf.end(0.2, terminate=True)
    assert deaf.pid is None


async def test_ending_while_it_is_away_is_quick(child):
    echo, heard = child(ECHO)
    await until(lambda: heard)
    echo.pull()
    await until(lambda: echo.pid is None)
    await asyncio.wait_for(echo.end(10), 1)


async def test_a_program_that_is_not_there_is_tried_again_and_can_be_ended(tmp_path):
    program = Program((str(tmp_path / "nothing"),), {}, tmp_path, tmp_path / "errors.log")
    child = Child(program, lambda line: None, lambda: None)
    child.start()
    await until(lambda: (tmp_path / "errors.log").exists() and "cannot be started" in program.errors.read_text())
    await child.end(1)
    assert child.pid is None


async def test_a_line_without_end_is_the_end_of_the_child(child):
    broken, _ = child("import sys, time; sys.stdout.write('x' * 300000); sys.stdout.flush(); time.sleep(60)")
    await until(lambda: broken.starts >= 2)
