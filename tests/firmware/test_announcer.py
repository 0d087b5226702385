"""The announcer of a zone, as a conversation."""

from firmware.roles import vocabulary as v
from firmware.roles.announcer import CATCH_UP_MS, LATE_MS, WAITING_MAX, Announcer, LeftOut, Play, Silent
from firmware.speaker import Speaker
from protocol.board import BoardState
from protocol.downward import HubOnline
from protocol.hub_time import HubTime
from protocol.speech import announcement, length_ms
from tests.firmware.conversation import Talk, config

OLD = ("A001", "1", 1)
NEW = ("A012", "3", 1)


def announcer(**changes):
    """One that knows that A001 was called."""
    talk = Talk(Announcer, config("announcer", window="", zone="east", **changes))
    talk.online()
    talk.hear(state(11, OLD))
    return talk


def state(revision, *calls, epoch=5, zone="east"):
    return BoardState((epoch, revision), zone, list(calls))


def played(talk):
    return [play.clips for play in talk.of(Play)]


def test_a_new_call_is_announced_once():
    talk = announcer()
    assert played(talk) == [], "what was called before it looked is old"
    talk.hear(state(12, NEW, OLD))
    assert played(talk) == [announcement("A012", "3")]
    talk.hear(state(12, NEW, OLD))
    talk.wait(120_000, 1000)
    assert played(talk) == []


def test_who_is_called_meanwhile_waits_for_silence_in_the_order_of_the_calls():
    talk = announcer()
    talk.hear(state(12, NEW, OLD))
    talk.hear(state(14, ("A014", "5", 1), ("A013", "4", 1), NEW))
    talk.wait(2000)
    assert played(talk) == []
    talk.hear(Silent())
    assert played(talk) == [announcement("A013", "4")]
    talk.hear(Silent())
    assert played(talk) == [announcement("A014", "5")]


def test_a_player_that_does_not_tell_gets_the_time_that_its_clips_may_take():
    talk = announcer()
    talk.hear(state(13, ("A013", "4", 1), NEW, OLD))
    talk.wait(length_ms(announcement("A012", "3")) - 100)
    assert played(talk) == []
    talk.wait(100)
    assert played(talk) == [announcement("A013", "4")]


def test_a_number_that_waits_already_is_not_said_twice_but_goes_to_its_newest_window():
    talk = announcer()
    talk.hear(state(12, NEW, OLD))
    talk.hear(state(13, ("A013", "4", 1), NEW, OLD))
    talk.hear(state(14, ("A013", "6", 2), NEW, OLD))
    talk.hear(Silent())
    assert played(talk) == [announcement("A013", "6")]
    talk.hear(Silent())
    assert played(talk) == []


def test_who_is_called_once_more_while_being_said_is_said_once_more():
    talk = announcer()
    talk.hear(state(12, NEW, OLD))
    talk.hear(state(13, ("A012", "3", 2), OLD))
    talk.hear(Silent())
    assert played(talk) == [announcement("A012", "3")]


def test_of_too_many_the_oldest_are_left_out_and_noted():
    talk = announcer()
    talk.hear(state(12, NEW))
    left_out = []
    for count in range(WAITING_MAX + 2):
        left_out += talk.hear(state(13 + count, (f"B{count}", "2", 1), NEW))
    assert [effect for effect in left_out if type(effect) is LeftOut] == [LeftOut("B0"), LeftOut("B1")]
    talk.hear(Silent())
    assert played(talk) == [announcement("B2", "2")]


def test_nothing_is_said_that_the_present_hub_does_not_vouch_for():
    talk = announcer()
    talk.hear(v.LinkChanged(False))
    talk.hear(v.LinkChanged(True))
    talk.hear(state(12, NEW, OLD))
    assert played(talk) == []
    talk.hear(HubOnline(1, 5))
    assert played(talk) == [announcement("A012", "3")]
    talk.hear(Silent())
    talk.hear(state(13, ("A999", "1", 1), epoch=4))
    assert played(talk) == []


def test_what_was_called_while_it_was_long_offline_is_too_late():
    talk = announcer()
    talk.hear(v.LinkChanged(False))
    talk.wait(LATE_MS + 100, 1000)
    talk.online()
    talk.wait(100)
    talk.hear(state(12, NEW, OLD))
    assert played(talk) == []
    talk.wait(CATCH_UP_MS)
    talk.hear(state(13, ("A013", "4", 1), NEW, OLD))
    assert played(talk) == [announcement("A013", "4")]


def test_what_is_called_after_it_was_long_offline_is_said_also_if_nothing_was_missed():
    talk = announcer()
    talk.hear(v.LinkChanged(False))
    talk.wait(LATE_MS + 100, 1000)
    talk.online()
    talk.hear(state(11, OLD))
    talk.wait(CATCH_UP_MS)
    talk.hear(state(12, NEW, OLD))
    assert played(talk) == [announcement("A012", "3")]


def test_what_was_called_while_it_was_offline_for_a_moment_is_said():
    talk = announcer()
    talk.hear(v.LinkChanged(False))
    talk.wait(LATE_MS - 100, 1000)
    talk.online()
    talk.hear(state(12, NEW, OLD))
    assert played(talk) == [announcement("A012", "3")]


def test_quiet_hours_over_midnight_by_the_time_that_the_hub_tells():
    talk = announcer(quiet=(1200, 510))
    talk.hear(state(12, NEW, OLD))
    assert played(talk), "as long as it does not know the time it speaks"
    talk.hear(Silent())
    talk.hear(HubTime(1_700_000_000, 1199))
    talk.wait(59_000, 1000)
    talk.hear(state(13, ("A013", "4", 1), NEW))
    assert played(talk)
    talk.hear(Silent())
    talk.wait(1000)
    assert talk.texts == ("静音时段",)
    talk.hear(state(14, ("A014", "4", 1), NEW))
    assert played(talk) == []
    talk.hear(HubTime(1_700_000_000, 510))
    talk.wait(1000)
    assert played(talk) == [], "what was called in quiet hours is not said later"
    talk.hear(state(15, ("A015", "4", 1), NEW))
    assert played(talk) == [announcement("A015", "4")]
    talk.hear(HubTime(1_700_000_000, -1))
    talk.hear(Silent())
    talk.hear(state(16, ("A016", "4", 1), NEW))
    assert played(talk)


def test_its_glass_tells_what_is_said_and_the_hub_which_state_it_heard():
    talk = announcer()
    assert (talk.texts, talk.shown.version, talk.mark) == (("语音叫号",), (5, 11), "")
    talk.hear(state(12, NEW, OLD))
    assert (talk.texts, talk.shown.version) == (("A012  3",), (5, 12))


class Player:
    """Hardware that plays and logs."""

    def __init__(self):
        self.played = []
        self.logged = []

    def play(self, clips, done):
        self.played.append(clips)
        done()

    def log(self, text):
        self.logged.append(text)


def test_the_speaker_plays_and_says_when_it_is_silent():
    player, heard = Player(), []
    speaker = Speaker(player, heard.append)
    speaker.begin()
    speaker.perform(Play((1, 2)), 0)
    assert player.played == [(1, 2)] and heard == [Silent()]
    speaker.perform(LeftOut("A013"), 0)
    assert player.logged == [speaker.error] == ["not called aloud: A013"]
    assert speaker.due(0) is None and not speaker.pending
