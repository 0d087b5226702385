"""Runs: one seed, and many. The world's models are put in place of what the real code would use of the machine."""

from __future__ import annotations

import contextlib
import logging
import random
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from firmware import assembly, config, files, journal, journal_upkeep, link, runner
from firmware import mqtt as firmware_mqtt
from hub import service
from hub.adapters import mqtt
from hub.core import restoring
from hub.devices import registry
from tools.simulate import faults
from tools.simulate.broker import HubClient
from tools.simulate.faults import Fault
from tools.simulate.ledger import KEEP
from tools.simulate.patching import patched
from tools.simulate.world import BAD_S, World

COMPACT_SLOTS = 8
"""A board compacts its journal at 64 records; in a minute nobody presses that often."""

LINK_PAUSE_S = 1.0
"""How often the firmware's link looks for what only time makes due, in place of 0.2 s: what is new wakes it anyhow."""

HUB_IN_FLIGHT = 4
"""Senders of the hub's link, in place of 128: two windows need no more."""

PACE_PER_HOUR = 1800
PACE_MS = 10_000
"""How fast numbers are given after a restore, at least, and how long a day must be to tell it: the people here come
sixty times as fast as in a hall."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a run came to. `violation`: empty when nothing broke. `counts`: what happened how often."""

    seed: int
    violation: str
    trace: str
    plan: tuple[Fault, ...]
    counts: dict[str, int] = field(default_factory=dict)


def run(
    seed: int, plan: Sequence[Fault] | None = None, mistake: Any = None, say: Callable[[str], None] | None = None
) -> Result:
    """One run. `plan`: other faults than those of the seed. `mistake`: a planted one, see mistakes.MISTAKES."""
    logging.disable(logging.CRITICAL)
    world = World(seed, say)
    chosen = tuple(faults.draw(seed, list(world.boards), BAD_S) if plan is None else plan)
    try:
        with _in_place(world), mistake(world) if mistake else contextlib.nullcontext():
            world.run(chosen)
    finally:
        logging.disable(logging.NOTSET)
    return Result(seed, world.violation, world.trace, chosen, _counts(world))


def _counts(world: World) -> dict[str, int]:
    ledger = world.ledger
    called = sum(1 for entry in world.disk.entries if type(entry.event).__name__ == "TicketCalled")
    return {
        **world.happened,
        "faults": sum(world.happened[kind] for kind in faults.KINDS),
        "messages": world.network.sent,
        "messages lost": world.network.lost,
        "messages doubled": world.network.doubled,
        "starts of boards": sum(board.boots for board in world.boards.values()),
        "presses": sum(map(len, ledger.attempts.values())),
        "promised": len(ledger.promises),
        "answered": len(ledger.answered),
        "called": called,
        "virtual seconds": round(world.loop.now),
    }


def _in_place(world: World) -> AbstractContextManager[None]:
    """The firmware's flash and chance, and the hub's connection and chance, are the world's."""
    chance = random.Random(f"{world.seed}:firmware")
    hub_chance = random.Random(f"{world.seed}:hub")
    secrets = random.Random(f"{world.seed}:secrets")
    os = world.files
    flash = [(module, "open", os.open) for module in (config, files, journal, journal_upkeep)]
    flash += [(module, "os", os) for module in (files, journal, journal_upkeep)]

    def open_client(_, will) -> HubClient:
        return HubClient(world.broker, (will.topic, will.payload))

    def upkeep(of: journal.Journal, name: str) -> Any:
        world.happened["journals compacted"] += name == "write_compacted" and of.next_seq > 1
        return getattr(journal_upkeep, name)(of)

    def token(size: int) -> str:
        return secrets.randbytes(size).hex()

    return patched(
        *flash,
        # The firmware forgets this module after each use, to spare a board's memory.
        (journal.Journal, "_upkeep", upkeep),
        (journal, "COMPACT_SLOTS", COMPACT_SLOTS),
        (journal, "KEEP", KEEP),
        (runner, "os", SimpleNamespace(urandom=chance.randbytes)),
        # They tidy the memory up now and then, which would be most of the work here.
        *((module, "gc", SimpleNamespace(collect=int)) for module in (assembly, firmware_mqtt, service)),
        (link, "PAUSE_S", LINK_PAUSE_S),
        (restoring, "FLOOR_PER_HOUR", PACE_PER_HOUR),
        (restoring, "SHORT_MS", PACE_MS),
        (mqtt, "open_client", open_client),
        (mqtt, "RANDOM", hub_chance),
        (mqtt, "IN_FLIGHT", HUB_IN_FLIGHT),
        (registry, "secrets", SimpleNamespace(token_hex=token, token_urlsafe=token)),
    )
