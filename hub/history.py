"""The state that the store knows: the newest snapshot that can be read, and the log after it.

A snapshot is only a shortcut: without one, or with all of them damaged or of another version of the program, the whole
log says the same.
"""

from __future__ import annotations

import json
import logging
import zlib

from hub.core import applying, snapshots
from hub.core.state import State
from hub.ports import EventStore, Snapshot, StoreError

LONG_TAIL = 100_000
"""Events after the last snapshot from which a new one is kept at once: about a second of reading."""

log = logging.getLogger(__name__)

# The encoder in C would not let go of the interpreter until it is done, and all presses would wait for it. This one is
# written in Python when it is asked for pieces.
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def restore(store: EventStore, epoch: int, copy: State | None = None) -> State:
    """The state after the last event of the log, for the hub's `epoch`. `copy`: one of an earlier position of this log
    (see snapshots.copy_of), which is used up; so the log before it need not be read."""
    state = snapshots.with_lines(copy) if copy else _newest_snapshot(store) or State()
    state.epoch = epoch
    begins = state.seq
    for entry in store.load(begins):
        applying.apply(state, entry.seq, entry.at_ms, entry.event)
    if state.seq - begins >= LONG_TAIL:
        keep(store, state)
    return state


def keep(store: EventStore, state: State) -> None:
    """Keeps a snapshot of `state`, which must be on disk and must not change meanwhile (see snapshots.copy_of). May run
    in a thread. A store that cannot is told in the hub's log, no more: the event log has it all."""
    text = "".join(_ENCODER.iterencode(snapshots.to_dict(state)))
    try:
        store.keep_snapshot(Snapshot(state.seq, snapshots.SHAPE, zlib.compress(text.encode(), level=1)))
    except StoreError as error:
        log.warning("no snapshot of the hall was kept, so the next start takes longer: %s", error)


def _newest_snapshot(store: EventStore) -> State | None:
    for snapshot in store.snapshots():
        if snapshot.shape != snapshots.SHAPE:
            log.info("the snapshot at position %s was made by another version and is passed over", snapshot.seq)
            continue
        try:
            return snapshots.from_dict(json.loads(zlib.decompress(snapshot.body)))
        except (zlib.error, ValueError, TypeError, LookupError, AttributeError) as error:
            log.warning("the snapshot at position %s is damaged and is passed over: %r", snapshot.seq, error)
    return None
