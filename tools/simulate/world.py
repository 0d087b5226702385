"""One run: a hall with six boards, a hub, a broker, people and faults, and then peace, in which all must come right."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import Callable, Sequence
from hashlib import blake2b

from hub import views
from hub.core import applying, commands, snapshots
from hub.core.hall import Hall, Service, TicketClass, Window
from hub.core.state import State
from hub.ports import Commit
from hub.service import HallService
from protocol import board as boards
from protocol import topics
from protocol.downward import LANGUAGES, encode
from tools.simulate import faults as kinds
from tools.simulate.board import Board
from tools.simulate.broker import Broker
from tools.simulate.disk import Disk
from tools.simulate.faults import Fault
from tools.simulate.flash import Files
from tools.simulate.ledger import Ledger
from tools.simulate.loop import PowerCut, VirtualLoop
from tools.simulate.network import Network
from tools.simulate.office import Office
from tools.simulate.people import CALL_KEYS, Clerk, Desk, Finger, Kiosk

BAD_S = 60
"""How long everything goes wrong, in seconds of virtual time."""

PEACE_S = 120
"""How long it may take after that until all is right; the longest pause of the firmware is 30 s."""

LOOK_S = 0.5
"""How often it is looked whether all is right."""

BEGIN_MS = 1_767_578_400_000
"""2026-01-05 10:00 in Shanghai."""

CLERKS = {"1": "li", "2": "wang"}
ROLES = ("window_display", "rating_pad", "call_pad")


class Broken(BaseException):
    """Something that must be true is not; ends the run at once. Nothing may catch it."""


def hall() -> Hall:
    """Two windows that take two services; some come first."""
    services = {key: Service(key, _names(key), key.upper(), 1, 999, 1, 3) for key in ("a", "b")}
    windows = {key: Window(key, _names(key), "main", ("a", "b")) for key in CLERKS}
    classes = {"elder": TicketClass("elder", _names("elder"), 1)}
    pauses = {"break": _names("break")}
    return Hall("sim", _names("sim"), "Asia/Shanghai", "04:00", 0, services, windows, pauses=pauses, classes=classes)


def _names(text: str) -> dict[str, str]:
    return dict.fromkeys(LANGUAGES, text)


class World:
    """Everything that a run is made of. `say` gets each step in words, if somebody listens. `violation`: what broke."""

    def __init__(self, seed: int, say: Callable[[str], None] | None = None):
        self.seed = seed
        self.chance = random.Random(f"{seed}:world")
        self.hall = hall()
        self.violation = ""
        self.happened: Counter[str] = Counter()
        self.is_bad = True
        self.wall_jump_ms = 0
        self.clock_was_set = False
        self._is_over = False
        self._say = say
        self._hash = blake2b(digest_size=8)
        self._armed: tuple[str, bool, float] | None = None
        self._numbers = 0
        self.loop = VirtualLoop(lambda: (self.chance.randrange(1, 40) / 1000, self.chance.randrange(0, 3) / 1000))
        self.ledger = Ledger(self.fail, self.loop.time)
        self.network = Network(self.loop, f"{seed}:network")
        self.broker = Broker(self.loop, self.network, random.Random(f"{seed}:broker"), self._saw)
        self.disk = Disk(self.loop.time, self._before_commit, self._after_commit)
        self.office = Office(self)
        self.boards = {
            board.name: board
            for window in CLERKS
            for role in ROLES
            for board in [Board(self, f"{role.replace('_', '-')}-{window}", role, window)]
        }
        self.files = Files({name: board.flash for name, board in self.boards.items()})

    # What a run writes down

    def note(self, *what: object) -> None:
        """A step of the run; two runs are the same when their steps are."""
        if self._is_over:
            return
        self._hash.update(repr((round(self.loop.now, 6), what)).encode())
        if self._say:
            self.tell(*what)

    def tell(self, *what: object) -> None:
        """A step for people only."""
        if self._say:
            self._say(f"{self.loop.now:8.3f}  " + " ".join(str(part) for part in what))

    @property
    def trace(self) -> str:
        return self._hash.hexdigest()

    def fail(self, words: str) -> None:
        """What must be true is not."""
        if self._is_over:
            return
        if not self.violation:
            self.violation = words
            self.tell("BROKEN", words)
        self.loop.stopped = True
        raise Broken(words)

    # Time

    def wall_ns(self) -> int:
        """The hub machine's wall clock."""
        return (BEGIN_MS + self.wall_jump_ms) * 1_000_000 + self.steady_ns()

    def steady_ns(self) -> int:
        return round(self.loop.now * 1e9)

    # The hub's disk

    def arm(self, where: str, power: bool, back_s: float) -> None:
        self._armed = where, power, back_s

    def _before_commit(self, commits: Sequence[Commit]) -> None:
        if self._armed and self._armed[0] == "before":
            (_, power, back_s), self._armed = self._armed, None
            self.office.kill(back_s, power)
            raise PowerCut

    def _after_commit(self, commits: Sequence[Commit]) -> None:
        for commit in commits:
            kinds_of = [type(entry.event).__name__ for entry in commit.entries]
            first = commit.entries[0].seq if commit.entries else 0
            self.note("commit", first, commit.command_id, commit.outcome.refused, *kinds_of)
            if "HubRestored" in kinds_of and self.clock_was_set:
                self.ledger.given.clear()  # how much time is lost cannot be known, so a number may be given twice
        assert self.office.service
        self.ledger.committed(commits, self.office.service.state)
        if self._armed:
            (_, power, back_s), self._armed = self._armed, None
            self.office.kill(back_s, power)

    def _saw(self, topic: str, payload: bytes) -> None:
        """Every message that the broker takes: what the hub acknowledges, a board may forget."""
        self.note("message", topic, len(payload))
        if topic.endswith("/state"):
            epoch, revision = json.loads(payload)["v"]
            if epoch == self.disk.present_epoch and revision > self.disk.last_seq:
                self.fail(f"{topic} says what is not on disk: position {revision}")
        if topic.endswith("/down/ack"):
            ack = json.loads(payload)
            self.ledger.acks(f"{topic.split('/')[3]}:{ack['epoch']}:{seq}" for seq in ack["ok"])

    # What happens

    def admin(self, command: commands.Command) -> None:
        self.loop.create_task(self.office.ask(command))

    def new_number(self) -> int:
        self._numbers += 1
        return self._numbers

    def run(self, plan: Sequence[Fault]) -> None:
        """Plays the run to its end or to what breaks. Look at `violation`."""
        try:
            self._open()
            for fault in plan:
                self.loop.call_at(fault.at_s, kinds.happen, self, fault)
            self.loop.run(BAD_S)
            self._calm()
            self._wait_for_peace()
            self.ledger.check_durable(self.disk)
            self.ledger.check_counted()
        except Broken:
            pass
        finally:
            self._close()

    def _open(self) -> None:
        self.office.power_on()
        for name, board in self.boards.items():
            self.loop.create_task(self._install(board, f"{name}-id"))
        self._people()
        self.loop.run(0.9)

    async def _install(self, board: Board, client_id: str) -> None:
        while not await self.office.register(board.name, board.role, board.window):
            pass
        board.provision(client_id, board.window)
        board.power_on()

    def _people(self) -> None:
        people = [Kiosk(self, "kiosk"), Desk(self, "desk")]
        people += [Clerk(self, window, clerk, f"page-{window}") for window, clerk in CLERKS.items()]
        people += [Clerk(self, "1", CLERKS["1"], "tablet-1")]  # a second page for one window
        for board in self.boards.values():
            if board.role == "rating_pad":
                people.append(Finger(self, board, (0, 1, 2, 3, 4), 0.5, 6))
            elif board.role == "call_pad":
                people.append(Finger(self, board, CALL_KEYS, 0.7, 5))
        self._living = [self.loop.create_task(person.run(BAD_S)) for person in people]

    def _calm(self) -> None:
        """Nothing goes wrong any more."""
        self.note("peace")
        self.is_bad = False
        self._armed = None
        self.disk.full = False
        self.broker.calm()
        self.network.calm()
        for board in self.boards.values():
            board.flash.cut = None

    def _wait_for_peace(self) -> None:
        while (left := self._not_right()) and self.loop.now < BAD_S + PEACE_S and not self.violation:
            self.loop.run(self.loop.now + LOOK_S)
            self._check_errors()
        if left:
            self.fail(f"{PEACE_S} s after the last fault {left}")

    def _not_right(self) -> str:
        """What is not as it should be at rest, or empty."""
        service = self.office.service
        if service is None or not self.broker.up or not self.broker.hub:
            return "the hub is not connected"
        for name, board in self.boards.items():
            if not board.on:
                return f"{name} is not on"
            if board.pending:
                return f"{board.pending} presses wait in the journal of {name}"
            window = service.state.windows[board.window]
            ticket = service.state.tickets.get(window.visit)
            wanted = service.state.version(board.window), ticket.number if ticket else ""
            if (board.version, board.number) != wanted:
                return f"{name} shows {(board.version, board.number)}, and the hub says {wanted}"
            if board.mark:
                return f"{name} says {board.mark!r}"
        return "something is still asked" if service.queued else self._not_as_the_log_says(service)

    def _not_as_the_log_says(self, service: HallService) -> str:
        """The hub's state, and what the broker keeps for everybody, are what the whole log comes to."""
        state = State(epoch=service.state.epoch)
        for entry in self.disk.entries:
            applying.apply(state, entry.seq, entry.at_ms, entry.event)
        by_log, now = snapshots.to_dict(state), snapshots.to_dict(service.state)
        if other := [name for name in by_log if name != "seq" and by_log[name] != now[name]]:
            return f"the hub's {other[0]} is {now[other[0]]}, and by its log {by_log[other[0]]}"
        hall = self.hall.id
        kept = {topics.window_state(hall, it): encode(views.window_state(state, it)) for it in state.windows}
        kept |= {boards.board_state(hall, zone): boards.encode(views.board_state(state, zone)) for zone in state.boards}
        wrong = [topic for topic, said in kept.items() if self.broker.retained.get(topic) != said]
        return f"the broker keeps another {wrong[0]} than the log says" if wrong else ""

    def _check_errors(self) -> None:
        errors = [person.exception() for person in self._living if person.done()]
        for error in [*self.loop.errors, *errors]:
            if error is not None:
                self.fail(f"a task failed, and nobody looked: {error!r}")

    def _close(self) -> None:
        """Ends everything that still runs; what that does is no part of the run."""
        self._is_over = True
        self._say = None
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self.loop.stopped = False
        self.loop.run(self.loop.now)
