"""What goes wrong, and when: drawn before the run, so that a run can be had again without some of it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from hub.core import commands
from hub.core.hall import Hall, Service, Window
from tools.simulate.flash import TAILS, Cut
from tools.simulate.network import HUB

if TYPE_CHECKING:
    from tools.simulate.board import Board
    from tools.simulate.world import World

FAULTS = 44
"""In each run."""

RECORD_BYTES = 86
"""Of the firmware's journal: where in a record the power goes is drawn from so many."""

JUMPS_MS = (5_000, -5_000, 60_000, -90_000, 3_600_000, -3_600_000, 86_400_000, -86_400_000)
"""By how much somebody sets a clock."""

PROVISION_AGAIN_S = 3
"""Until a technician tries once more to give a board another window."""


@dataclass(frozen=True, slots=True)
class Fault:
    """`kind` happens at `at_s` to `target` (a board, or the hub), with `values`."""

    at_s: float
    kind: str
    target: str
    values: tuple[Any, ...] = ()

    def __str__(self) -> str:
        values = " ".join(str(value) for value in self.values)
        return " ".join(filter(None, (f"{self.at_s:6.2f} s", self.kind, self.target, values)))


def draw(seed: int, boards: list[str], until_s: float, count: int = FAULTS) -> list[Fault]:
    """The faults of a run, in the order in which they happen."""
    chance = random.Random(f"{seed}:faults")
    kinds = [kind for kind, (share, _, _) in KINDS.items() for _ in range(share)]
    faults = [_one(chance, chance.choice(kinds), boards, until_s) for _ in range(count)]
    return sorted(faults, key=lambda fault: fault.at_s)


def _one(chance: random.Random, kind: str, boards: list[str], until_s: float) -> Fault:
    _, values, _ = KINDS[kind]
    targets = [board for board in boards if board.startswith("rating-pad")] if kind in OF_RATING_PADS else boards
    target = HUB if kind in OF_THE_HUB else chance.choice(targets)
    return Fault(round(chance.uniform(2, until_s), 3), kind, target, values(chance))


def happen(world: World, fault: Fault) -> None:
    world.happened[fault.kind] += 1
    world.note("fault", fault.kind, fault.target, fault.values)
    world.tell("FAULT", str(fault))
    KINDS[fault.kind][2](world, fault.target, *fault.values)


# Boards


def _power(world: World, board: str, back_s: float) -> None:
    world.boards[board].power_off(back_s)


def _cut_write(world: World, board: str, size: int, tail: str) -> None:
    world.boards[board].flash.cut = Cut("write", size, tail)


def _cut_rename(world: World, board: str, where: str) -> None:
    world.boards[board].flash.cut = Cut(where)


def _set_board_clock(world: World, board: str, jump_ms: int) -> None:
    world.boards[board].wall_ms += jump_ms


def _reset(world: World, board: str) -> None:
    world.broker.break_wire(board)


def _reflash(world: World, name: str) -> None:
    """All is erased, and the board gets a new secret. That is not done while presses wait in the journal, nor before
    the pad has met the present hub, which may have been restored and need again what the pad keeps."""
    _provision(world, world.boards[name], world.boards[name].window, erase=True)


def _move(world: World, name: str, window: str) -> None:
    """The pad gets another window and a new secret; its journal stays as it is."""
    _provision(world, world.boards[name], window, erase=False)


def _provision(world: World, board: Board, window: str, erase: bool) -> None:
    """A technician registers the board at the hub, again and again until it answers, and writes its configuration."""

    async def provision() -> None:
        while world.is_bad and (not erase or _has_nothing_left(world, board)):
            client_id = await world.office.register(board.name, board.role, window)
            if not client_id:
                await asyncio.sleep(PROVISION_AGAIN_S)
                continue
            if erase and not _has_nothing_left(world, board):
                continue  # somebody pressed meanwhile
            board.power_off(1)
            if erase:
                world.happened["erased"] += 1
                board.flash.erase()
                world.ledger.erased(board.name)
            board.provision(client_id, window)
            return

    world.loop.create_task(provision())


def _has_nothing_left(world: World, board: Board) -> bool:
    service = world.office.service
    return bool(service and board.on and not board.pending and board.met_hub == service.state.epoch)


# Network and broker


def _partition(world: World, end: str, long_s: float, resets: bool) -> None:
    world.network.cut_off(end)

    def join() -> None:
        if world.is_bad and world.network.join(end):
            if end == HUB:
                world.broker.break_hub()  # TCP would not lose what was sent meanwhile: it breaks
            elif resets:
                world.broker.break_wire(end)

    world.loop.call_later(long_s, join)


def _kill_broker(world: World, _: str, forgets: bool, back_s: float) -> None:
    world.broker.kill(forgets, back_s)


def _kill_broker_in_publish(world: World, _: str, forgets: bool, back_s: float) -> None:
    world.broker.die_in_publish(forgets, back_s)


# Hub


def _kill_hub(world: World, _: str, back_s: float) -> None:
    world.office.kill(back_s, power=False)


def _cut_hub(world: World, _: str, back_s: float) -> None:
    world.office.kill(back_s, power=True)


def _kill_in_commit(world: World, _: str, where: str, power: bool, back_s: float) -> None:
    world.arm(where, power, back_s)


def _set_hub_clock(world: World, _: str, jump_ms: int) -> None:
    world.wall_jump_ms += jump_ms
    world.clock_was_set = True
    world.ledger.set_back_ms += max(0, -jump_ms)


def _fill_disk(world: World, _: str, long_s: float) -> None:
    world.disk.full = True
    world.loop.call_later(long_s, setattr, world.disk, "full", False)


def _restore(world: World, _: str, ago_s: float, back_s: float) -> None:
    """Somebody puts the backup of `ago_s` ago in the hub's place."""
    world.office.kill(back_s, power=False)
    world.ledger.set_back_ms += max(0, world.wall_jump_ms)
    world.wall_jump_ms = 0  # hub epochs are times: who restores looks at the clock first
    lost = world.disk.restore(ago_s, world.wall_ns() // 1_000_000_000)
    world.happened["commits-lost-by-restore"] += lost
    world.ledger.forget_lost(world.disk)
    world.ledger.rewound(world.disk)


def _configure(world: World, _: str, variant: int) -> None:
    """The hall file changes while people wait."""
    world.admin(commands.ConfigureHall(f"hall/{world.new_number()}", variants(world.hall)[variant], by="admin:a"))


def variants(hall: Hall) -> list[Hall]:
    """The hall as it is, with a service more, with a window more, and with another order of services."""
    third = Service("c", dict.fromkeys(hall.names, "C"), "C", 1, 999, 1, 3)
    annex = Window("3", dict.fromkeys(hall.names, "3"), "annex", ("a",))
    turned = {key: replace(window, services=window.services[::-1]) for key, window in hall.windows.items()}
    return [
        hall,
        replace(hall, services={**hall.services, "c": third}),
        replace(hall, windows={**hall.windows, "3": annex}),
        replace(hall, windows=turned, slip_guard_ms=500),
    ]


def _back_s(chance: random.Random) -> float:
    """Mostly soon, sometimes late: what never works breaks nothing."""
    return round(0.1 + min(8, chance.expovariate(1)), 3)


Draw = Callable[[random.Random], tuple[Any, ...]]

KINDS: dict[str, tuple[int, Draw, Callable[..., None]]] = {
    "cut-in-write": (8, lambda c: (c.randrange(RECORD_BYTES + 1), c.choice(TAILS)), _cut_write),
    "cut-in-rename": (3, lambda c: (c.choice(("before-rename", "after-rename")),), _cut_rename),
    "power": (4, lambda c: (_back_s(c),), _power),
    "clock": (2, lambda c: (c.choice(JUMPS_MS),), _set_board_clock),
    "reset": (3, lambda c: (), _reset),
    "reflash": (2, lambda c: (), _reflash),
    "move": (1, lambda c: (c.choice(("1", "2")),), _move),
    "partition": (4, lambda c: (round(c.uniform(1, 20), 3), c.random() < 0.5), _partition),
    "hub-partition": (2, lambda c: (round(c.uniform(0.5, 6), 3), True), _partition),
    "broker-kill": (3, lambda c: (c.random() < 0.3, _back_s(c)), _kill_broker),
    "broker-kill-in-publish": (2, lambda c: (c.random() < 0.3, _back_s(c)), _kill_broker_in_publish),
    "hub-kill": (2, lambda c: (_back_s(c),), _kill_hub),
    "hub-power": (2, lambda c: (_back_s(c),), _cut_hub),
    "hub-kill-in-commit": (
        4,
        lambda c: (c.choice(("before", "after")), c.random() < 0.5, _back_s(c)),
        _kill_in_commit,
    ),
    "hub-clock": (2, lambda c: (c.choice(JUMPS_MS),), _set_hub_clock),
    "disk-full": (1, lambda c: (round(c.uniform(0.5, 5), 3),), _fill_disk),
    "restore": (1, lambda c: (round(c.uniform(1, 25), 3), _back_s(c)), _restore),
    "configure": (2, lambda c: (c.randrange(4),), _configure),
}
"""Kind -> (how many shares of all faults, what is drawn with it, what it does)."""

OF_THE_HUB = frozenset(kind for kind in KINDS if kind.startswith(("hub-", "broker-"))) | {
    "disk-full",
    "restore",
    "configure",
}
OF_RATING_PADS = frozenset(("reflash", "move"))
