"""The models that the simulation puts in the real world's place do what the real world may do."""

from __future__ import annotations

import asyncio
import errno
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from hub.core import events
from hub.ports import Commit, Entry, Outcome
from tools.cli import main
from tools.simulate import run as runs
from tools.simulate.disk import Disk
from tools.simulate.faults import Fault, draw
from tools.simulate.flash import Cut, Files, Flash
from tools.simulate.ledger import Follower, Ledger
from tools.simulate.loop import Life, PowerCut, VirtualLoop
from tools.simulate.mistakes import MISTAKES
from tools.simulate.network import KEEP, LOSE, Network
from tools.simulate.patching import patched
from tools.simulate.shrink import kind_of, shrink
from tools.simulate.world import Broken


class Stop(Exception):
    """What a ledger of these tests fails with."""


def fail(words: str) -> None:
    raise Stop(words)


# Loop


def test_time_passes_without_waiting_and_in_order():
    loop, seen = VirtualLoop(), []
    loop.call_later(3600, seen.append, "later")
    loop.call_later(1, seen.append, "soon").cancel()

    async def sleep() -> None:
        await asyncio.sleep(5)
        seen.append(loop.time())

    loop.create_task(sleep())
    loop.run(4000)
    assert seen == [5, "later"] and loop.now == 4000


def test_a_job_is_done_and_told_at_two_moments_and_a_machine_may_end_between():
    loop, done, told = VirtualLoop(lambda: (1.0, 1.0)), [], []
    life = Life(loop)

    async def ask() -> None:
        told.append(await loop.run_in_executor(None, lambda: done.append(loop.now) or "yes"))

    life.start(ask())
    loop.run(1.5)
    assert (done, told) == ([1.0], [])
    life.end()
    loop.run(5)
    assert told == []
    life = Life(loop)
    life.start(ask())
    life.end()
    loop.run(9)
    assert done == [1.0]


def test_what_a_machine_began_ends_with_it_and_nothing_else_does():
    loop, seen = VirtualLoop(), []

    async def live(name: str) -> None:
        await asyncio.sleep(1)
        seen.append(name)

    life = Life(loop)

    async def begin() -> None:
        await asyncio.gather(live("machine"), live("its part"))

    life.start(begin())
    loop.create_task(live("person"))
    loop.call_later(0.5, life.end)
    loop.run(2)
    assert seen == ["person"]


# Flash


def files(cut: Cut | None = None) -> tuple[Files, Flash]:
    def lose_power(_: Cut) -> None:
        flash.powered = False

    flash = Flash(lose_power)
    flash.files["a"] = b"old"
    flash.cut = cut
    return Files({"board": flash}), flash


def append(disk: Files, data: bytes) -> None:
    with disk.open("/flash/board/a", "ab") as file:
        file.write(data)


def test_files_are_written_read_renamed_and_missing():
    disk, flash = files()
    append(disk, b"+new")
    with disk.open("/flash/board/b", "wb") as file:
        file.write(b"other")
    disk.rename("/flash/board/b", "/flash/board/a")
    assert flash.files == {"a": b"other"}
    assert disk.stat("/flash/board/a")[6] == 5
    with pytest.raises(OSError) as error:
        disk.open("/flash/board/b", "rb")
    assert error.value.errno == errno.ENOENT


@pytest.mark.parametrize(
    ("tail", "left"),
    [("nothing", b"oldne"), ("erased", b"oldne\xff\xff"), ("rubbish", b"oldne" + bytes([ord("w") ^ 0x5A]))],
)
def test_a_power_cut_leaves_a_piece_and_what_stands_behind_it(tail, left):
    disk, flash = files(Cut("write", 2, tail))
    with pytest.raises(PowerCut):
        append(disk, b"new!")
    assert flash.files["a"] == left
    with pytest.raises(PowerCut):
        append(disk, b"more")


@pytest.mark.parametrize(("where", "left"), [("before-rename", b"old"), ("after-rename", b"new")])
def test_a_power_cut_at_a_rename_leaves_the_old_file_or_the_new_one(where, left):
    disk, flash = files(Cut(where))
    with disk.open("/flash/board/b", "wb") as file:
        file.write(b"new")
    with pytest.raises(PowerCut):
        disk.rename("/flash/board/b", "/flash/board/a")
    assert flash.files["a"] == left


# Disk


def entry(seq: int, event: events.Event, command: str = "") -> Commit:
    return Commit(command, 1000 + seq, Outcome(seq, seq), (Entry(seq, 1000 + seq, command, event),))


def a_disk() -> tuple[Disk, VirtualLoop]:
    loop = VirtualLoop()
    return Disk(loop.time, lambda _: None, lambda _: None), loop


def test_a_synced_commit_outlives_a_power_cut_and_a_lazy_one_does_not():
    disk, _ = a_disk()
    disk.append([entry(1, events.ClerkSignedIn("li", "1"), "one")])
    disk.lazy = True
    disk.append([entry(2, events.ClerkSignedOut("li", "1"), "two")])
    assert disk.cut_power() == 1
    assert disk.outcome("one") and not disk.outcome("two") and len(disk.entries) == 1


def test_a_restored_disk_is_as_it_was_and_has_a_higher_epoch():
    disk, loop = a_disk()
    first = disk.epoch(100)
    for seq in (1, 2, 3):
        disk.append([entry(seq, events.ClerkSignedIn("li", "1"), f"{seq}")])
        loop.run(loop.now + 10)
    assert disk.restore(15, 50) == 1
    assert (len(disk.entries), disk.epoch(0), disk.restored_ms()) == (2, first + 1, 1002)
    disk.append([entry(3, events.HubRestored(first + 1, 1002))])
    assert disk.restored_ms() is None


# Network


def test_what_a_cut_swallows_comes_late_or_never():
    loop = VirtualLoop()
    network, seen = Network(loop, "0"), []
    network.bad = False
    network.cut_off("board")
    network.carry("board", KEEP, seen.append, "state")
    network.carry("board", LOSE, seen.append, "press")
    network.carry("board", "", seen.append, "ping")
    loop.run(10)
    assert seen == []
    network.join("board")
    loop.run(20)
    assert seen == ["state"] and network.lost == 3


# Ledger


def follow(*happened: events.Event) -> Follower:
    follower = Follower(fail)
    for seq, event in enumerate(happened, 1):
        follower.read(Entry(seq, 1000, f"c{seq}", event))
    return follower


def drawn(visit: str, number: str) -> events.TicketDrawn:
    return events.TicketDrawn(visit, "2026-01-05", "a", 1, number, "kiosk:k")


CALLED = events.TicketCalled("v1", "1", "li", "clerk:li")
SITS = events.ClerkSignedIn("li", "1")


@pytest.mark.parametrize(
    ("happened", "words"),
    [
        ((drawn("v1", "A001"), drawn("v2", "A001")), "A001 was given to v1 and to v2"),
        ((CALLED,), "nobody drew"),
        ((SITS, drawn("v1", "A001"), CALLED, CALLED), "while 1"),
        ((SITS, drawn("v1", "A"), CALLED, drawn("v2", "B"), events.TicketCalled("v2", "1", "li", "x")), "where v1 is"),
        ((drawn("v1", "A001"), CALLED), "which nobody sits at"),
        ((drawn("v1", "A001"), events.TicketFinished("v1", "1", "x", False)), "where it was not"),
        ((drawn("v1", "A001"), events.DayOpened("2026-01-06")), "the day ended"),
    ],
)
def test_the_outsider_sees_what_cannot_be(happened, words):
    with pytest.raises(Stop, match=words):
        follow(*happened)


def test_an_answer_may_not_change_and_must_outlive_a_crash():
    disk, _ = a_disk()
    ledger = Ledger(fail, lambda: 0.0)
    ledger.hears("one", Outcome(1, 1))
    ledger.hears("one", Outcome(1, 1))
    with pytest.raises(Stop, match="not the same"):
        ledger.hears("one", Outcome(0, 0, "stale"))
    with pytest.raises(Stop, match="after the crash"):
        ledger.check_durable(disk)


# Runs


def test_shrinking_keeps_what_is_needed_and_nothing_else():
    plan = [Fault(float(second), "power", "board") for second in range(40)]
    needed = {plan[7], plan[31]}
    assert shrink(plan, lambda rest: needed <= set(rest)) == [plan[7], plan[31]]


def test_the_kind_of_a_violation_is_the_same_whoever_it_befell():
    kind = kind_of("the press rating-pad-1:3735928559:4 was promised and is not counted")
    assert kind == kind_of("the press rating-pad-2:77:12 was promised and is not counted")
    assert kind != kind_of("the press rating-pad-1:77:4 is counted twice")
    assert kind_of("") == []


def test_shrinking_does_not_slip_to_what_else_is_broken(monkeypatch):
    """Half of the faults break one promise; without them another one is broken."""

    def broken(self, plan) -> None:
        self.violation = "A003 was called twice" if len(plan) > 20 else "the press pad-1:7:9 is lost"

    monkeypatch.setattr("tools.simulate.world.World.run", broken)
    told = CliRunner().invoke(main, ["simulate", "--seeds", "1", "--jobs", "1", "--shrink"])
    assert "seed 0: A003 was called twice" in told.output and "21 of 44 faults are enough" in told.output


def test_faults_are_the_seeds_own_and_in_order():
    plan = draw(7, ["rating-pad-1", "window-display-1"], 60)
    assert plan == draw(7, ["rating-pad-1", "window-display-1"], 60) != draw(8, ["rating-pad-1"], 60)
    assert [fault.at_s for fault in plan] == sorted(fault.at_s for fault in plan)
    assert {fault.target for fault in plan if fault.kind in ("reflash", "move")} <= {"rating-pad-1"}


def test_a_patch_is_taken_back_also_where_there_was_nothing():
    class Thing:
        name = "before"

    with patched((Thing, "name", "after"), (Thing, "more", 1)):
        assert (Thing.name, Thing.more) == ("after", 1)  # pyright: ignore[reportAttributeAccessIssue]
    assert Thing.name == "before" and not hasattr(Thing, "more")


def test_what_breaks_is_told_with_how_to_see_it(monkeypatch):
    def broken(self, plan) -> None:
        self.violation = "a promise"

    monkeypatch.setattr("tools.simulate.world.World.run", broken)
    told = CliRunner().invoke(main, ["simulate", "--seeds", "1", "--first", "5", "--jobs", "1", "--shrink"])
    assert told.exit_code == 1
    assert "seed 5: a promise\n  see it: jiaohao simulate --first 5 --seeds 1 --trace\n  0 of 44 faults" in told.output


def test_a_trace_has_every_step_and_json_has_the_figures():
    told = CliRunner().invoke(main, ["simulate", "--seeds", "1", "--trace"])
    assert told.exit_code == 0 and "FAULT" in told.output and "TicketCalled" in told.output
    told = CliRunner().invoke(main, ["simulate", "--seeds", "1", "--jobs", "1", "--json"])
    figures = json.loads(told.output)
    assert figures["violations"] == [] and figures["counts"]["promised"] > 0


def test_a_mistake_that_is_not_found_is_told(monkeypatch):
    monkeypatch.setattr(runs.World, "run", lambda self, plan: None)
    told = CliRunner().invoke(main, ["simulate", "--seeds", "1", "--mistake", "no-crc"])
    assert told.exit_code == 1 and "NOT FOUND" in told.output


def test_nothing_catches_what_ends_a_run():
    assert not issubclass(Broken, Exception) and not issubclass(PowerCut, Exception)


def test_the_page_about_the_simulation_has_every_planted_mistake():
    page = (Path(__file__).parent.parent.parent / "docs" / "simulation.md").read_text("utf-8")
    assert [name for name, mistake in MISTAKES.items() if f"| `{name}` | {mistake.__doc__} |" not in page] == []
