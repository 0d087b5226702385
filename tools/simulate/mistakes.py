"""Planted mistakes: each is a small change of the real code that somebody could make. The simulation must find each.

A mistake is a function of the world that gives what is changed while the run lasts. Its docstring is what it is.
"""

from __future__ import annotations

import itertools
import struct
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from firmware import assembly, journal, journal_upkeep, mqtt, runner
from firmware.journal import Journal
from firmware.ratings_out import RatingsOut
from firmware.roles import place
from firmware.roles.rating_pad import Promised, Recorded
from hub import history, service
from hub.core import applying, events
from hub.core.applying import halls
from hub.core.applying import serving as at_windows
from hub.core.deciding import serving
from hub.core.lines import Lines
from hub.core.state import State
from hub.devices import inbox
from hub.devices.inbox import Inbox
from hub.service import HallService
from protocol.downward import Ack
from protocol.limits import EVENTS_PER_BATCH
from tools.simulate.disk import Disk
from tools.simulate.patching import patched

if TYPE_CHECKING:
    from tools.simulate.world import World

Patch = AbstractContextManager[None]


def erase_on_puback(world: World) -> Patch:
    """A press leaves the journal when the broker has acknowledged it, not the hub."""
    before = RatingsOut.due
    acknowledge = mqtt.Outbox.acknowledge
    sent: dict[tuple[int, int], tuple[RatingsOut, list[int]]] = {}
    last: list[Any] = []

    def due(self: RatingsOut, now_ms: int):
        found = before(self, now_ms)
        if found:
            last[:] = [self, list(self._journal.offered)]
        return found

    add = mqtt.Outbox.add

    def added(self: mqtt.Outbox, topic: str, payload: bytes, retain: bool, expires_ms: int | None) -> bool:
        room = add(self, topic, payload, retain, expires_ms)
        if room and last and topic.endswith("events"):
            sent[id(self), self.entries[-1].packet_id] = last[0], last[1]
            last.clear()
        return room

    def acknowledged(self: mqtt.Outbox, packet_id: int) -> None:
        acknowledge(self, packet_id)
        if pair := sent.pop((id(self), packet_id), None):
            sender, seqs = pair
            sender._journal.settle(seqs)

    return patched((RatingsOut, "due", due), (mqtt.Outbox, "add", added), (mqtt.Outbox, "acknowledge", acknowledged))


def ack_before_commit(world: World) -> Patch:
    """The hub acknowledges presses when they arrive, and writes them afterwards."""
    settle = Inbox._settle

    async def at_once(self: Inbox, device, epoch: int, press, payload: bytes):
        if type(press).__name__ == "Rating":
            task = world.loop.create_task(settle(self, device, epoch, press, payload))
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
            return press.seq, ""
        return await settle(self, device, epoch, press, payload)

    return patched((Inbox, "_settle", at_once))


def no_dedup(world: World) -> Patch:
    """A press that arrives twice is counted twice."""
    rating, count = Inbox._rating, itertools.count()

    def unique(self: Inbox, device, epoch: int, press):
        command = rating(self, device, epoch, press)
        return replace(command, id=f"{command.id}+{next(count)}")

    return patched((Inbox, "_rating", unique))


def boot_count_as_identity(world: World) -> Patch:
    """A journal has no random epoch, only its own counter, which begins again when the board is flashed."""
    return patched((assembly, "random32", lambda: 1))


def lazy_disk(world: World) -> Patch:
    """The database does not sync each commit (`synchronous=NORMAL`)."""
    world.disk.lazy = True
    return patched()


def display_takes_any_revision(world: World) -> Patch:
    """A display shows whatever state comes last."""
    return patched((place, "is_newer", lambda version, shown: version != shown))


def revision_in_ram(world: World) -> Patch:
    """The hub counts revisions in memory, from 1 at each start."""
    replay = service.HallService._replay
    counted: dict[str, dict[int, int]] = {}

    def anew(self: service.HallService) -> None:
        counted.clear()
        replay(self)

    def version(self: State, window: str) -> tuple[int, int]:
        known = counted.setdefault(window, {})
        return self.epoch, known.setdefault(self.windows[window].revision, len(known) + 1)

    return patched((service.HallService, "_replay", anew), (State, "version", version))


def blind_call(world: World) -> Patch:
    """A press at a window is carried out whatever stood there when it was pressed."""
    not_allowed = serving._not_allowed

    def blind(state: State, command):
        if command.window in state.windows:
            return not_allowed(state, replace(command, seen=state.version(command.window)))
        return not_allowed(state, command)

    return patched((serving, "_not_allowed", blind))


def no_crc(world: World) -> Patch:
    """A record of the journal is believed without looking at its checksum."""

    def unpack(record: bytes):
        if len(record) != journal.RECORD_BYTES:
            return None
        return struct.unpack(journal.BODY, record[: journal.HEAD_BYTES])

    return patched((journal, "unpack", unpack), (journal_upkeep, "unpack", unpack))


def thanks_before_flash(world: World) -> Patch:
    """The pad says thank you, and then writes the press down."""

    def record(self: RatingsOut, press, now_ms: int) -> None:
        seq = self._journal.next_seq
        self._hal.promised(self._journal.epoch, seq, press.level, press.visit)
        self._journal.append(press.window, press.visit, press.level, now_ms)
        self._deliver(Recorded(seq, press.visit, press.level))
        self.hurry()

    perform = RatingsOut.perform

    def said_before(self: RatingsOut, effect, now_ms: int) -> None:
        if type(effect) is not Promised:
            perform(self, effect, now_ms)

    return patched((RatingsOut, "_record", record), (RatingsOut, "perform", said_before))


def seq_reused_after_compaction(world: World) -> Patch:
    """The mark at the start of a compacted journal does not say which number comes next, and nothing is kept."""
    pack, init = journal_upkeep.pack, Journal.__init__

    def forgetful(kind: int, level: int, epoch: int, seq: int, at_ms: int, payload: bytes) -> bytes:
        return pack(kind, level, epoch, 1 if kind == journal.MARK else seq, at_ms, payload)

    def keeps_nothing(self: Journal, folder: str, random32, capacity: int = 2000) -> None:
        self.keep = 0
        init(self, folder, random32, capacity)
        self.keep = 0

    return patched((journal_upkeep, "pack", forgetful), (Journal, "__init__", keeps_nothing))


def wall_clock_times(world: World) -> Patch:
    """A board tells the age of a press by its wall clock, which people and NTP set."""

    class WallClock:
        def __init__(self, ticks_ms, ticks_diff):
            self._board = ticks_ms.__self__._board

        def __call__(self) -> int:
            return 200_000_000 + self._board.wall_ms + round(world.loop.now * 1000)

    return patched((runner, "Uptime", WallClock))


def no_self_heal(world: World) -> Patch:
    """The hub does not look whether displays show what it wants."""
    return patched((Inbox, "_unhealed", lambda self: set()))


def cumulative_ack(world: World) -> Patch:
    """An acknowledgement is taken for all that wait, not for the presses that it lists."""
    settle = Journal.settle

    def everything(self: Journal, seqs: list[int], hub: int = 0) -> int:
        self.oldest(EVENTS_PER_BATCH, 0)
        return settle(self, list(self.offered), hub)

    return patched((Journal, "settle", everything))


def config_drops_tickets(world: World) -> Patch:
    """A changed hall file begins with empty lines."""
    apply = halls._hall_configured

    def emptied(state: State, seq: int, at_ms: int, event: events.HallConfigured) -> None:
        apply(state, seq, at_ms, event)
        state.lines = Lines()
        state.tickets = {visit: ticket for visit, ticket in state.tickets.items() if ticket.state != "waiting"}

    return _applied(events.HallConfigured, emptied)


def transfer_forgets(world: World) -> Patch:
    """Who is sent to another line leaves the window and stands nowhere."""
    return patched((at_windows, "take_place", lambda state, ticket, seq, place_ms: None))


def moving_a_pad_moves_ratings(world: World) -> Patch:
    """A press counts for the window where its pad is now, not where it was pressed."""
    rating = Inbox._rating

    def moved(self: Inbox, device, epoch: int, press):
        return rating(self, device, epoch, press._replace(window=device.window))

    return patched((Inbox, "_rating", moved))


def restore_keeps_epoch(world: World) -> Patch:
    """A restored hub goes on under the epoch of before, and does not look what displays show."""

    def same(self: Disk, now_s: int) -> None:
        self._restored_ms = self.last_ms()

    return patched((Disk, "set_back", same), (Inbox, "_is_ahead", lambda self, shown: False))


def settled_presses_not_offered_again(world: World) -> Patch:
    """A pad does not care which hub acknowledged a press."""
    follow = Journal.follow

    def same(self: Journal, hub: int) -> None:
        if not self.hub:
            follow(self, hub)

    return patched((Journal, "follow", same), (Journal, "meet", lambda self, hub: None), (inbox, "Ack", _hubless))


def shown_before_commit(world: World) -> Patch:
    """States are published when they are decided, not when they are on disk."""
    commit = HallService._commit

    async def early(self: HallService, commits: list) -> None:
        self._publish([entry for each in commits for entry in each.entries])
        await commit(self, commits)

    return patched((HallService, "_commit", early))


def call_while_paused(world: World) -> Patch:
    """*Next* at a window that pauses calls somebody."""
    return patched((serving, "_not_ready", lambda state, command, now: None))


def replay_leaves_out(world: World) -> Patch:
    """What the log says of ratings is passed over when a hub starts."""

    def part(state: State, seq: int, at_ms: int, event: Any) -> None:
        if type(event) is events.RatingRecorded:
            state.seq = seq
        else:
            applying.apply(state, seq, at_ms, event)

    return patched((history, "applying", SimpleNamespace(apply=part)))


def _hubless(epoch: int, stored: list, refused: list, hub: int, words: dict[str, str]) -> Ack:
    return Ack(epoch, stored, refused, 0, words)


def _applied(kind: type, function: Callable) -> Patch:
    """`function` in place of what applies events of `kind`."""
    return patched((applying, "_APPLY", {**applying._APPLY, kind: function}))


MISTAKES: dict[str, Callable[[World], Patch]] = {
    function.__name__.replace("_", "-"): function
    for function in (
        erase_on_puback,
        ack_before_commit,
        no_dedup,
        boot_count_as_identity,
        lazy_disk,
        display_takes_any_revision,
        revision_in_ram,
        blind_call,
        no_crc,
        thanks_before_flash,
        seq_reused_after_compaction,
        wall_clock_times,
        no_self_heal,
        cumulative_ack,
        config_drops_tickets,
        transfer_forgets,
        moving_a_pad_moves_ratings,
        restore_keeps_epoch,
        settled_presses_not_offered_again,
        shown_before_commit,
        call_while_paused,
        replay_leaves_out,
    )
}
"""Name -> the mistake."""
