"""The board of a zone, as a conversation."""

from firmware.roles import vocabulary as v
from firmware.roles.hall_board import HallBoard
from firmware.roles.vocabulary import FLASH_MS, FLASHES
from protocol.board import BoardState
from protocol.downward import HubOnline
from tests.firmware.conversation import Talk, config

ARROWS = {"←": "1 2 3", "→": "10"}
OLD = ("A011", "10", 1)
NEW = ("A012", "3", 1)


def board(**changes):
    talk = Talk(HallBoard, config("hall_board", window="", zone="east", arrows=ARROWS, **changes))
    talk.online()
    return talk


def state(revision, *calls, epoch=5, zone="east"):
    return BoardState((epoch, revision), zone, list(calls))


def test_it_shows_the_newest_call_on_top_and_where_to_go():
    talk = board()
    talk.hear(state(11, NEW, OLD))
    assert talk.texts == ("A012 ← 3", "A011 → 10")
    assert (talk.shown.version, talk.mark, talk.shown.inverted) == ((5, 11), "", False)


def test_a_window_that_nobody_said_where_it_is_has_no_arrow():
    talk = board()
    talk.hear(state(11, ("A012", "1", 1), ("A013", "11", 1)))
    assert talk.texts == ("A012 ← 1", "A013  11")


def test_who_was_just_called_flashes_and_the_others_stand_still():
    talk = board()
    talk.hear(state(11, OLD))
    assert talk.wait(1000) == [], "what was called before the board looked does not flash"
    talk.hear(state(12, NEW, OLD))
    assert talk.texts == ("A012 ← 3", "A011 → 10")
    tops = [effect.texts for effect in talk.wait(FLASH_MS * FLASHES + 200)]
    assert [top for top, _ in tops] == [" " * 8, "A012 ← 3"] * (FLASHES // 2)
    assert {below for _, below in tops} == {"A011 → 10"}
    assert talk.wait(10_000) == []


def test_who_is_called_once_more_flashes_again():
    talk = board()
    talk.hear(state(11, NEW, OLD))
    talk.hear(state(12, ("A011", "10", 2), NEW))
    talk.wait(FLASH_MS)
    assert talk.texts == (" " * 9, "A012 ← 3")


def test_an_older_state_or_that_of_another_zone_is_never_shown():
    talk = board()
    talk.hear(state(11, NEW))
    for other in (state(10, OLD), state(99, OLD, epoch=4), state(12, OLD, zone="west"), state(11, OLD)):
        assert talk.hear(other) == []
    assert talk.texts == ("A012 ← 3",)


def test_before_anything_is_known_it_starts_and_before_anybody_is_called_it_asks_for_patience():
    talk = Talk(HallBoard, config("hall_board", window="", zone="east"))
    talk.hear(v.Tick())
    assert (talk.texts, talk.mark) == (("正在启动",), "离线")
    talk.online()
    talk.hear(state(1))
    assert (talk.texts, talk.mark) == (("请留意叫号",), "")


def test_it_says_when_what_it_shows_may_not_be_true():
    talk = board()
    talk.hear(state(11, NEW))
    talk.hear(HubOnline(1, 6))
    assert talk.mark == "？"
    talk.hear(v.LinkChanged(False))
    assert talk.mark == "离线" and talk.texts == ("A012 ← 3",)
