"""Topics, ids, ticket numbers, levels and versions."""

from protocol import freshness, numbers, ratings, topics
from protocol.board import board_state
from protocol.errors import ProtocolError


def refused(function, *arguments):
    try:
        function(*arguments)
    except ProtocolError:
        return True
    return False


def test_an_id_is_safe_in_a_topic_and_in_a_file_name():
    for good in ("a", "window-3", "9", "a" * 32):
        assert topics.checked_id(good, "id") == good
    for bad in ("", "a" * 33, "A", "a/b", "a+", "#", "a b", "号", "a_b", "../a", None, 3):
        assert refused(topics.checked_id, bad, "id"), bad


def test_the_topics():
    assert topics.up("h", "d", "online") == "q1/h/d/d/up/online"
    assert topics.down("h", "d", "ack") == "q1/h/d/d/down/ack"
    assert topics.window_state("h", "w3") == "q1/h/w/w3/state"
    assert board_state("h", "z") == "q1/h/board/z/state"
    assert topics.hub_online("h") == "q1/h/hub/online"


def test_the_hub_reads_who_wrote_what():
    for name in topics.UP:
        assert topics.parse_up(topics.up("h", "pad-1", name), "h") == ("pad-1", name)


def test_another_topic_is_not_a_devices():
    for topic in (
        "q1/h/d/d/down/ack",
        "q1/h/d/d/up/shutdown",
        "q1/h/d/d/up",
        "q1/h/d/d/up/online/x",
        "q1/other/d/d/up/online",
        "q2/h/d/d/up/online",
        "q1/h/d/BAD/up/online",
        "q1/h/d//up/online",
        "",
    ):
        assert refused(topics.parse_up, topic, "h"), topic


def test_a_number_is_padded():
    assert numbers.format_number("A", 12, 3) == "A012"
    assert numbers.format_number("", 7, 1) == "7"
    assert numbers.format_number("B", 1234, 3) == "B1234"


def test_every_pad_maps_its_keys_to_levels_from_good_to_bad():
    for keys, levels in ratings.KEYS.items():
        assert len(levels) == keys
        assert list(levels) == sorted(levels, reverse=True)
        assert all(level in ratings.LEVELS for level in levels)
        assert [ratings.level_of_key(keys, key) for key in range(keys)] == list(levels)


def test_the_bad_levels_are_the_last_two():
    assert ratings.LEVELS[-2:] == ratings.BAD


def test_newer_is_a_higher_epoch_or_in_the_same_epoch_a_higher_revision():
    assert freshness.is_newer((1, 0), freshness.NOTHING)
    assert freshness.is_newer((1, 11), (1, 10))
    assert freshness.is_newer((2, 0), (1, 999))
    assert not freshness.is_newer((1, 10), (1, 10))
    assert not freshness.is_newer((1, 9), (1, 10))
    assert not freshness.is_newer((1, 999), (2, 0))


def test_a_version_is_two_whole_numbers():
    assert freshness.checked_version([5, 2**53], "v") == (5, 2**53)
    for bad in ([], [1], [1, 2, 3], [1.0, 2], [True, 2], [-1, 2], [1, 2**53 + 1], "12", None, [2**32 + 1, 0]):
        assert refused(freshness.checked_version, bad, "v"), bad
