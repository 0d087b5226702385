"""Two boards with one name take turns; one board alone, whatever happens to it, never does."""

from hub.devices.clones import WITHIN_MS, Turns


def found(*heard: tuple[int, int]) -> bool:
    """Whether two are found; `heard` are (number, seconds)."""
    turns = Turns()
    return any(turns.are_two(number, seconds * 1000) for number, seconds in heard)


def test_two_that_push_each_other_off():
    assert found(*[(11 if second % 2 else 22, second) for second in range(6)])


def test_three_of_them():
    assert found(*[(11 * (1 + second % 3), second) for second in range(9)])


def test_a_board_that_is_restarted_again_and_again():
    assert not found(*[(number, number) for number in range(1, 100)])


def test_a_board_that_connects_again_and_again():
    assert not found(*[(7, second) for second in range(100)])


def test_firmware_that_says_none():
    assert not found(*[(second % 2, second) for second in range(100)])


def test_a_killed_broker_that_hands_out_what_was_before():
    assert not found((11, 0), (22, 1), (11, 2), (22, 3), (22, 4))


def test_the_same_once_a_day():
    heard = []
    for day in range(5):
        heard += [(11, day * 86_400), (22, day * 86_400 + 1)]
    assert not found(*heard)


def test_it_is_noticed_within_a_minute_of_slow_turns():
    assert WITHIN_MS == 60_000
    assert found(*[(11 if turn % 2 else 22, turn * 10) for turn in range(6)])
