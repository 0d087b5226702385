"""The hall's one writer: command -> decide -> commit -> apply -> publish.

Commands queue up; the writer takes all that wait, decides and applies them one after the other, and commits them in one
transaction (group commit: one fsync for many presses). Only then are they answered and published. When the commit
fails, nothing of the batch has happened: the state is read back from the log and each asker is told.

When a day has begun, a snapshot of the state is kept in another thread: the next start reads that and the day's log.
"""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import Callable, Iterable, Set
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from hub import history, views
from hub.core import applying, commands, deciding, events, schedule, snapshots
from hub.core.commands import Moment
from hub.core.hall import MINUTE_MS
from hub.core.limits import Moments, moments
from hub.core.ratings import NO_WORDS, cleaned
from hub.core.refusals import Refusal
from hub.core.state import State
from hub.measures import Measures
from hub.ports import Clock, Commit, Entry, EventStore, Outcome, Publisher, StoreError
from hub.waiting import Waiting
from protocol import board, downward, topics
from protocol.ratings import BAD

BATCH = 500
"""Commands in one transaction: bounds how long the first of them waits for the last."""

QUEUE = 10_000
"""Commands that may wait; more would wait longer than anybody stands before a pad."""

TICK_S = 10
"""How often the hub looks around by itself: an alarm may come that much later."""

log = logging.getLogger(__name__)

Change = tuple[frozenset[str], frozenset[str]]
"""What a batch changed: ids of windows, ids of zones."""

Answer = Outcome | StoreError
_Job = tuple[commands.Command, "asyncio.Future[Answer]", float]
"""What is asked, who waits for the answer, and since when by the clock of the event loop, in seconds."""


class HallService:
    """One hall. `state` is for reading only; `waiting` tells waiting times, `measures` how it works.

    `handle` may be called from many tasks of the loop that runs `run`.
    """

    def __init__(self, store: EventStore, publisher: Publisher, clock: Clock, epoch: int):
        self.state = State(epoch=epoch)
        self.waiting = Waiting(lambda: self.state)
        self.measures = Measures()
        self._epoch = epoch
        self._store = store
        self._publisher = publisher
        self._clock = clock
        self._jobs: asyncio.Queue[_Job] = asyncio.Queue(QUEUE)
        self._committer = ThreadPoolExecutor(1, "commit")
        self._keeper = ThreadPoolExecutor(1, "snapshot")
        self._watchers: list[Callable[[Change], None]] = []
        # Topic -> what was last committed. `state` runs ahead of the disk, and nobody may be shown what a crash undoes.
        self._committed: dict[str, bytes] = {}
        self._on_its_way: asyncio.Future[None] | None = None  # to the disk: what `state` shows already
        self._over = False
        self._taken_back: State | None = None  # a copy of what the last taking back gave: the next one begins there
        self._replay()

    def _replay(self) -> None:
        copy, self._taken_back = self._taken_back, None
        self.state = state = history.restore(self._store, self._epoch, copy)
        self._renew(state.windows.keys(), state.boards.keys())

    def _take_back(self) -> None:
        """The state as it is on disk. Positions that were tried are left out of the log for good: a page may have
        looked in between, and one version must never mean two things. A full disk lets each press fail, and the hall
        stands still meanwhile: so the day's log is read once for that, not each time."""
        tried = self.state.seq
        self._replay()
        self._taken_back = snapshots.copy_of(self.state)
        self.state.seq = tried

    def watch(self, watcher: Callable[[Change], None]) -> Callable[[], None]:
        """Calls `watcher` after each commit that changed a window, a zone or a line; returns how to stop that."""
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher)

    async def handle(self, command: commands.Command) -> Outcome:
        """What became of `command`, once it is on disk. Raises StoreError when it could not be stored."""
        if self._over:
            raise StoreError(_STOPPING)
        if self._jobs.full():
            return Outcome(0, 0, "busy")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Answer] = loop.create_future()
        self._jobs.put_nowait((command, future, loop.time()))
        answer = await future
        if isinstance(answer, StoreError):
            raise answer
        return answer

    async def settled(self) -> None:
        """Returns when everything that `state` shows now is on disk. Raises StoreError when that failed."""
        if batch := self._on_its_way:
            await asyncio.wait([batch])
            if batch.cancelled():
                raise StoreError("the hub is stopping")
            batch.result()

    @property
    def is_over(self) -> bool:
        """Whether the writer has ended."""
        return self._over

    @property
    def queued(self) -> int:
        """Commands that wait for the writer."""
        return self._jobs.qsize()

    async def tick(self, alive: Callable[[], None] = lambda: None) -> None:
        """Lets what is due by itself happen (a new day, alarms, appointments nobody kept). Runs until cancelled;
        `alive` is called whenever the writer has answered."""
        while True:
            try:
                # With an id it is written down: so a disk that has room again is noticed when nobody presses.
                await self.handle(
                    commands.LookAround(f"look:{self._clock.now().ms}" if self.measures.store_fails else "")
                )
            except StoreError as error:
                log.error("%s; trying again in %s s", error, TICK_S)
            alive()
            await asyncio.sleep(TICK_S)

    async def drain(self) -> None:
        """Returns when all that was asked before is answered, and a snapshot is kept for the next start. Nobody may ask
        any more; for the end of the hub."""
        if self._over:
            return
        loop = asyncio.get_running_loop()
        asked: asyncio.Future[Answer] = loop.create_future()
        await self._jobs.put((commands.LookAround(""), asked, loop.time()))  # the last in line
        await asked
        newest = next(iter(self._store.snapshots()), None)
        if newest is None or newest.seq < self.state.seq:
            await loop.run_in_executor(self._keeper, history.keep, self._store, self.state)

    async def run(self) -> None:
        """Serves commands until cancelled; what is queued is then answered with a StoreError, never left hanging."""
        jobs: list[_Job] = []
        try:
            while True:
                jobs = [await self._jobs.get()]
                # A batch ends with a new configuration: the first one lets the day begin.
                while len(jobs) < BATCH and not self._jobs.empty() and not _configures(jobs[-1]):
                    jobs.append(self._jobs.get_nowait())
                self.measures.busy_since_s = asyncio.get_running_loop().time()
                await self._serve(jobs)
                self.measures.busy_since_s = 0.0
        finally:
            self._over = True
            self._committer.shutdown(wait=True)
            self._keeper.shutdown(wait=True)
            while not self._jobs.empty():
                jobs.append(self._jobs.get_nowait())
            for job in jobs:
                _settle(job, StoreError(_STOPPING))

    async def _serve(self, jobs: list[_Job]) -> None:
        """Decides, commits and answers one batch. What nobody foresaw is told to who asked for it: nobody else may
        suffer, and a device that sends it again and again must not stop the hall."""
        try:
            commits, answers, day_begun = await self._store_all(jobs)
        except StoreError as error:
            self.measures.store_errors += 1
            self.measures.store_fails = True
            self._take_back()
            for job in jobs:
                _settle(job, error)
            return
        except Exception:
            self._take_back()
            if len(jobs) > 1:
                for job in jobs:
                    await self._serve([job])
                return
            log.exception(_FAILED, type(jobs[0][0]).__name__, jobs[0][0].id)
            _settle(jobs[0], StoreError(_MISTAKE))
            return
        self._publish([entry for commit in commits for entry in commit.entries])
        for job, answer in zip(jobs, answers, strict=True):
            _settle(job, answer)
        self._measure(jobs, commits)
        if day_begun:
            self._taken_back = None
            asyncio.get_running_loop().run_in_executor(self._keeper, history.keep, self._store, day_begun)
            gc.collect()  # yesterday is gone, and nobody waits: the one hour at which a pause disturbs nobody

    async def _store_all(self, jobs: list[_Job]) -> tuple[list[Commit], list[Answer], State | None]:
        """What the batch wrote, its answers, and the state before it if it began a day."""
        commits = self._open_day_if_new()
        day_begun = snapshots.copy_of(self.state) if commits else None
        answers: list[Answer] = []
        known: dict[str, Outcome] = {}
        for command, _, _ in jobs:
            outcome = known.get(command.id) or self._store.outcome(command.id) if command.id else None
            if outcome is None:
                try:
                    commit = self._decide(command)
                except _UndecidedError:
                    log.exception(_FAILED, type(command).__name__, command.id)
                    answers.append(StoreError(_MISTAKE))
                    continue
                outcome = commit.outcome
                if commit.command_id or commit.entries:
                    commits.append(commit)
                    if command.id:
                        known[command.id] = outcome
            answers.append(outcome)
        if commits:
            await self._commit(commits)
        return commits, answers, day_begun

    def _measure(self, jobs: list[_Job], commits: list[Commit]) -> None:
        """How long the batch took whom."""
        measures = self.measures
        measures.batch.observe(len(jobs))
        now_s = asyncio.get_running_loop().time()
        for _, _, asked_s in jobs:
            measures.command_s.observe(now_s - asked_s)
        if commits:
            measures.store_fails = False
            now_ms = self._clock.now().ms
            for entry in (entry for commit in commits for entry in commit.entries):
                _observe(measures, self.state, entry, now_ms)

    async def _commit(self, commits: list[Commit]) -> None:
        loop = asyncio.get_running_loop()
        self._on_its_way = loop.run_in_executor(self._committer, self._store.append, commits)
        try:
            await self._on_its_way
        finally:
            self._on_its_way = None

    def _open_day_if_new(self) -> list[Commit]:
        day = self._clock.now().day
        if self.state.hall is None or day <= self.state.day:
            return []
        kind, midnight_ms = self._clock.kind(day), self._clock.midnight_ms(day)
        return [self._decide(commands.OpenDay(f"day:{day}", day, kind, midnight_ms))]

    def _decide(self, command: commands.Command) -> Commit:
        """The command's share of the transaction. Its events are applied at once: the next command must see them.
        Raises _UndecidedError; then the state is what it was."""
        now = self._clock.now()
        try:
            if isinstance(command, commands.DrawTicket | commands.CheckIn) and command.promise is None:
                command = replace(command, promise=self.waiting.promise(command, now.ms))
            if isinstance(command, commands.Limited) and not command.limits and _is_limited(command):
                command = replace(command, limits=self._limits(now))
            decision = deciding.decide(self.state, command, now)
        except Exception as error:
            raise _UndecidedError from error
        if isinstance(decision, Refusal):
            return Commit(command.id, now.ms, Outcome(0, 0, decision.code, dict(decision.detail)), ())
        first = self.state.seq + 1
        happened = self._apply(decision, command.id, now.ms)
        outcome = Outcome(first, self.state.seq, detail=_detail(decision))
        while followed := deciding.follow(self.state, now):
            happened += self._apply(followed, command.id, now.ms)
        words = cleaned(command.words) if isinstance(command, commands.Worded) else NO_WORDS
        return Commit(command.id, now.ms, outcome, tuple(happened), words)

    def _limits(self, now: Moment) -> Moments:
        """When limits in working days end that begin now."""
        hall = self.state.hall
        if hall is None:
            return ()

        def is_worked(day: str) -> bool:
            return schedule.kind_of(hall, day, self._clock.kind(day)) == schedule.WORKDAY

        def closes_ms(day: str) -> int:
            minute = schedule.closing(hall, day, schedule.WORKDAY) or schedule.DAY_MINUTES
            return self._clock.midnight_ms(day) + minute * MINUTE_MS

        return moments(is_worked, closes_ms, now.day, now.ms)

    def _apply(self, decided: list[events.Event], command_id: str, at_ms: int) -> list[Entry]:
        first = self.state.seq + 1
        entries = [Entry(first + i, at_ms, command_id, event) for i, event in enumerate(decided)]
        for entry in entries:
            applying.apply(self.state, entry.seq, at_ms, entry.event)
        return entries

    def _publish(self, entries: Iterable[Entry]) -> None:
        windows: set[str] = set()
        zones: set[str] = set()
        for entry in entries:
            if isinstance(entry.event, events.HallConfigured):
                self._committed.clear()  # a window may be gone
                self._follow_hall()
            if isinstance(entry.event, events.HubRestored):
                self._epoch = self.state.epoch
            _collect_touched(self.state, entry.event, windows, zones)
        self._send(self._renew(windows, zones))
        change = (frozenset(windows), frozenset(zones))
        for watcher in tuple(self._watchers):
            watcher(change)

    def _follow_hall(self) -> None:
        """The hall's place in time may have changed with its configuration."""
        if hall := self.state.hall:
            self._clock.configure(hall.timezone, hall.day_starts, hall.country)

    def _renew(self, windows: Set[str], zones: Set[str]) -> list[str]:
        """Encodes the states of windows and zones, which must be on disk; the topics they belong to."""
        if self.state.hall is None:
            return []
        hall = self.state.hall.id
        known = sorted(windows & self.state.windows.keys())  # one may be gone since
        zones_known = sorted(zones & self.state.boards.keys())
        state = self.state
        said = {topics.window_state(hall, it): downward.encode(views.window_state(state, it)) for it in known}
        said |= {board.board_state(hall, zone): board.encode(views.board_state(state, zone)) for zone in zones_known}
        self._committed.update(said)
        return list(said)

    def publish_all(self) -> None:
        """Publishes every state again: at start, at each connect to the broker."""
        self._send(self._committed)

    def publish_again(self, windows: Set[str], zones: Set[str]) -> None:
        """Publishes the states of `windows` and `zones` again, for devices that show another revision."""
        if self.state.hall is not None:
            hall = self.state.hall.id
            self._send(topics.window_state(hall, window) for window in sorted(windows))
            self._send(board.board_state(hall, zone) for zone in sorted(zones))

    def _send(self, wanted: Iterable[str]) -> None:
        for topic in wanted:
            if payload := self._committed.get(topic):
                self._publisher.publish(topic, payload, retain=True)


_STOPPING = "the hub is stopping; ask again with the same id"


def _is_limited(command: commands.Limited) -> bool:
    """Whether a limit may begin: nobody waits for an answer to a rating that is not bad, and these are many."""
    return not isinstance(command, commands.RecordRating) or command.level in BAD


_FAILED = "a mistake in the hub: %s %r could not be carried out"
_MISTAKE = "a mistake in the hub: this could not be carried out, and nothing of it was; the hub's log has the details"


class _UndecidedError(Exception):
    """A mistake in what only looks at the state."""


def _observe(measures: Measures, state: State, entry: Entry, now_ms: int) -> None:
    """What people felt: from the press on the pad to the disk, where the pad knows when; from the call to the glass."""
    event = entry.event
    if type(event) is events.RatingRecorded and event.earliest_ms == event.latest_ms:
        measures.rating_s.observe((now_ms - event.latest_ms) / 1000)
    elif type(event) is events.NumberShown:
        ticket = state.tickets.get(event.visit)
        if ticket and ticket.revision == event.revision:  # not called again since
            measures.shown_s.observe((now_ms - ticket.called_ms) / 1000)


def _configures(job: _Job) -> bool:
    return isinstance(job[0], commands.ConfigureHall)


def _settle(job: _Job, answer: Answer) -> None:
    if not job[1].done():  # the asker may have gone: a page was closed, a connection was cut
        job[1].set_result(answer)


_ON_GLASS = frozenset(
    (
        events.ClerkSignedIn,
        events.ClerkSignedOut,
        events.WindowPaused,
        events.WindowResumed,
        events.AutomaticSet,
        events.TicketCalled,
        events.TicketRecalled,
        events.ServiceStarted,
        events.ServiceChanged,
        events.TicketFinished,
        events.TicketMissed,
        events.TicketHeld,
        events.TicketTransferred,
        events.CallTakenBack,
        events.StartTakenBack,
        events.FinishTakenBack,
        events.MissTakenBack,
    )
)
_ON_BOARD = frozenset((events.TicketCalled, events.TicketRecalled, events.TicketHeld, events.CallTakenBack))


def _collect_touched(state: State, event: Any, windows: set[str], zones: set[str]) -> None:
    """Adds what `event` changed on glass and boards."""
    if type(event) in (events.DayOpened, events.HallConfigured, events.HubRestored):
        windows.update(state.windows)
        zones.update(state.boards)
    elif type(event) in _ON_GLASS and event.window in state.windows:  # one may be gone since
        windows.add(event.window)
        if state.hall and type(event) in _ON_BOARD:
            zones.add(state.hall.windows[event.window].zone)


def _detail(decided: list[events.Event]) -> dict[str, str] | None:
    """What the asker needs to know and could not ask twice: the ticket that was drawn or called, what a rating counts
    for, the name of a review."""
    for event in reversed(decided):
        if isinstance(event, events.TicketDrawn):
            return {"visit": event.visit, "number": event.number}
        if isinstance(event, events.TicketCalled):
            return {"visit": event.visit}
        if isinstance(event, events.RatingRecorded) and not event.device:
            return {"rating": event.rating, "standing": event.standing}
        if isinstance(event, events.ReviewOpened) and event.order:
            return {"review": event.review}
    return None
