"""The display over a window, as a conversation."""

from firmware.roles import vocabulary as v
from firmware.roles.vocabulary import FLASH_MS, FLASHES
from firmware.roles.window_display import WindowDisplay
from protocol.downward import HubOnline, WindowState
from tests.firmware.conversation import Talk, config


def display(**changes):
    return Talk(WindowDisplay, config("window_display", **changes))


def online_display(**changes):
    talk = display(**changes)
    talk.hear(v.Tick())
    talk.online()
    return talk


def test_before_any_state_it_says_that_it_starts_and_that_it_is_offline():
    talk = display()
    talk.hear(v.Tick())
    assert talk.texts == ("正在启动",)
    assert talk.mark == "离线"
    assert talk.shown.version == (0, 0)


def test_it_shows_the_state_and_which_version_that_is():
    talk = online_display()
    talk.state(11, "called", "A012", 1, "请A012号到3号窗口")
    assert talk.texts == ("请A012号到3号窗口",)
    assert (talk.shown.version, talk.shown.mode, talk.shown.number) == ((5, 11), "called", "A012")
    assert talk.mark == ""


def test_an_older_state_is_never_shown():
    talk = online_display()
    talk.state(11, "called", "A012", 1)
    assert talk.state(10, "called", "A011", 1) == []
    assert talk.state(999, "called", "Z999", 1, epoch=4) == []
    assert talk.shown.number == "A012"


def test_a_repeat_is_no_news():
    talk = online_display()
    talk.state(11, "called", "A012", 1)
    assert talk.state(11, "called", "A012", 1) == []


def test_a_new_call_flashes_and_beeps_and_ends_as_it_began():
    talk = online_display()
    talk.state(10, "open")
    talk.state(11, "called", "A012", 1)
    assert len(talk.of(v.Beep)) == 1
    assert talk.shown.inverted
    shows = [effect.inverted for effect in talk.wait(FLASH_MS * FLASHES + 200) if type(effect) is v.Show]
    assert shows == [False, True, False, True, False]
    assert not talk.shown.inverted
    assert talk.wait(10_000) == []


def test_the_same_number_called_once_more_flashes_again():
    talk = online_display()
    talk.state(11, "called", "A012", 1)
    talk.wait(5000)
    talk.state(12, "called", "A012", 2)
    assert talk.of(v.Beep) and talk.shown.inverted


def test_a_change_that_calls_nobody_is_quiet():
    talk = online_display()
    talk.state(11, "called", "A012", 1)
    talk.wait(5000)
    for revision, mode in ((12, "called"), (13, "serving"), (14, "open"), (15, "closed")):
        talk.state(revision, mode, "A012" if mode in ("called", "serving") else "", 1)
        assert not talk.of(v.Beep) and not talk.shown.inverted, mode


def test_without_the_broker_it_is_offline_at_once():
    talk = online_display()
    talk.state(11)
    talk.hear(v.LinkChanged(False))
    assert talk.mark == "离线"
    assert talk.texts == ("open",)


def test_a_hub_that_restarts_quickly_is_not_noticed():
    talk = online_display()
    talk.state(11)
    talk.hear(HubOnline(0, 5))
    talk.wait(9900)
    assert talk.mark == ""
    talk.hear(HubOnline(1, 5))
    talk.wait(20_000)
    assert talk.mark == ""


def test_a_hub_that_stays_away_is():
    talk = online_display()
    talk.state(11)
    talk.hear(HubOnline(0, 5))
    talk.wait(10_100)
    assert talk.mark == "离线"


def test_a_hub_that_never_came_is_missed_ten_seconds_after_the_broker_did():
    talk = display()
    talk.wait(60_000)
    talk.hear(v.LinkChanged(True))
    talk.state(11)
    assert talk.mark == "？"
    talk.wait(10_100)
    assert talk.mark == "离线"


def test_a_state_is_not_believed_until_the_hub_of_its_epoch_was_seen():
    talk = display()
    talk.hear(v.LinkChanged(True))
    talk.state(11, "called", "A012", 1)
    assert talk.mark == "？"
    talk.hear(HubOnline(1, 5))
    assert talk.mark == ""


def test_a_state_of_a_hub_that_was_replaced_is_marked():
    talk = online_display()
    talk.state(11, "called", "A012", 1)
    talk.hear(HubOnline(1, 6))
    assert talk.mark == "？"
    talk.state(1, "open", epoch=6)
    assert talk.mark == "" and talk.shown.number == ""


def test_it_speaks_its_own_language_or_the_default_one():
    talk = online_display(language="en")
    talk.state(11, "called", "A012", 1)
    assert talk.texts == ("en A012",)
    talk = online_display(language="zh-Hant")
    talk.state(11, "called", "A012", 1)
    assert talk.texts == ("calledA012",)


def test_below_the_call_it_tells_what_is_served_and_by_whom():
    talk = online_display()
    talk.state(11, "called", "A012", 1, about="社保 工号08")
    assert talk.texts == ("calledA012", "社保 工号08")
    talk.state(12, "closed")
    assert talk.texts == ("closed",)


def test_a_state_of_another_window_is_not_shown():
    talk = online_display()
    talk.state(11)
    theirs = WindowState((5, 12), "w4", "called", "A012", 1, {}, "", "", {})
    assert talk.hear(theirs) == []


def test_it_has_no_keys():
    talk = online_display()
    assert talk.press(0) == []
