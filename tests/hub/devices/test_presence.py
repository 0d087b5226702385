"""Which word about a board's presence counts: the newest session's, whatever comes late or twice."""

from hub.adapters.memory import MemoryStore
from hub.devices.registry import Registry, Seen
from hub.ports import Device
from protocol.upward import Online
from tests.talk.hall import NoBroker

HERE, AWAY = 1, 0


def seen(*words: tuple[int, int, int, int]) -> Seen:
    """What is known after (here or away, boot, connection, run)."""
    store = MemoryStore()
    store.keep_device(Device("pad", "rating_pad", "1", "c", 1))
    registry = Registry(store, NoBroker(), lambda: 1)
    for word in words:
        registry.saw_online("pad", Online(*word))
    return registry.seen["pad"]


def test_a_will_of_an_older_session_that_comes_late_is_ignored():
    assert seen((HERE, 5, 1, 11), (HERE, 5, 2, 11), (AWAY, 5, 1, 11)).online
    assert seen((HERE, 5, 9, 11), (HERE, 6, 1, 22), (AWAY, 5, 9, 11)).online
    assert not seen((HERE, 5, 1, 11), (HERE, 5, 2, 11), (AWAY, 5, 2, 11)).online


def test_firmware_that_says_no_run_is_known_by_its_counts():
    assert seen((HERE, 5, 1, 0), (HERE, 5, 2, 0), (AWAY, 5, 1, 0)).online
    assert not seen((HERE, 5, 1, 0), (AWAY, 5, 1, 0), (HERE, 4, 1, 0)).online


ERASED = ((HERE, 57, 3, 11), (AWAY, 57, 3, 11), (HERE, 1, 1, 22))
"""A board whose flash was erased counts its starts from one again."""


def test_a_board_that_counts_anew_is_there_and_goes_away():
    assert seen(*ERASED).online and seen(*ERASED).session == (1, 1)
    assert seen(*ERASED, (HERE, 1, 2, 22)).session == (1, 2)
    assert not seen(*ERASED, (AWAY, 1, 1, 22)).online
    assert seen(*ERASED, (AWAY, 1, 1, 22), (HERE, 2, 1, 33)).online


def test_a_killed_broker_hands_out_what_the_board_said_before_it_was_erased():
    for stale in ((AWAY, 57, 3, 11), (HERE, 57, 3, 11)):
        assert seen(*ERASED, stale).online
        assert seen(*ERASED, stale, (AWAY, 1, 1, 22), stale, (HERE, 1, 2, 22)).session == (1, 2)
        assert not seen(*ERASED, stale, (AWAY, 1, 1, 22), stale).online


def test_a_killed_broker_hands_out_an_older_start_of_a_board_that_is_there():
    assert seen((HERE, 5, 1, 11), (HERE, 4, 1, 99)).session == (5, 1)
