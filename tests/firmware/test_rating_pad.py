"""The rating pad, as a conversation: the applicant presses, the journal answers, the pad thanks."""

from firmware.roles import vocabulary as v
from firmware.roles.rating_pad import LOCK_MS, RATING_GRACE_MS, JournalRoom, Promised, RatingPad, Record, Recorded
from tests.firmware.conversation import Talk, config

THANKS = ("谢谢您的评价",)
RATE = ("请为本次服务评价",)
WELCOME = ("欢迎光临",)
OUT_OF_SERVICE = ("评价器暂停使用，请告知工作人员",)


def pad(**changes):
    talk = Talk(RatingPad, config("rating_pad", **changes))
    talk.hear(JournalRoom(True))
    talk.online()
    return talk


def rated_pad(**changes):
    """A pad whose window serves visit v12."""
    talk = pad(**changes)
    talk.state(11, "serving", "A012", rate="v12")
    return talk


def recorded(talk, key):
    """What the pad wants recorded when the key is pressed, or None."""
    talk.press(key)
    records = talk.of(Record)
    return records[0] if records else None


def test_it_asks_when_there_is_a_visit_to_rate():
    talk = pad()
    assert talk.texts == WELCOME and talk.lit == (0, 0, 0, 0, 0)
    talk.state(11, "serving", "A012", rate="v12")
    assert talk.texts == RATE and talk.lit == (1, 1, 1, 1, 1)


def test_a_press_is_recorded_first_and_thanked_for_when_it_is_safe():
    talk = rated_pad()
    assert recorded(talk, 0) == Record("w3", "v12", 5)
    assert talk.texts == RATE, "no thanks before the journal has it"
    talk.hear(Recorded(1, "v12", 5))
    assert talk.texts == THANKS
    kinds = [type(effect) for effect in talk.effects]
    assert kinds.index(v.Show) < kinds.index(Promised)
    assert talk.of(Promised) == [Promised(1, "v12", 5)]


def test_nobody_can_read_the_choice():
    answers = []
    for key in range(5):
        talk = rated_pad()
        talk.press(key)
        seen = [effect for effect in talk.effects if type(effect) is not Record]
        talk.hear(Recorded(1, "v12", 5 - key))
        seen += [effect for effect in talk.effects if type(effect) is not Promised]
        answers.append(seen)
    assert all(answer == answers[0] for answer in answers)


def test_further_presses_are_ignored_while_it_stores_and_while_it_thanks():
    talk = rated_pad()
    talk.press(0)
    assert recorded(talk, 4) is None
    talk.hear(Recorded(1, "v12", 5))
    talk.wait(LOCK_MS - 100)
    assert recorded(talk, 4) is None
    talk.wait(200)
    assert talk.texts == RATE
    assert recorded(talk, 4) == Record("w3", "v12", 1)


def test_keys_map_to_levels():
    for keys, levels in ((2, (4, 2)), (3, (5, 3, 1)), (4, (5, 4, 2, 1)), (5, (5, 4, 3, 2, 1))):
        for key, level in enumerate(levels):
            assert recorded(rated_pad(keys=keys), key) == Record("w3", "v12", level)
        assert recorded(rated_pad(keys=keys), keys) is None


def test_a_press_without_a_visit_is_kept_apart():
    talk = pad()
    assert recorded(talk, 1) == Record("w3", "", 4)
    talk.hear(Recorded(1, "", 4))
    assert talk.texts == THANKS


def test_a_press_before_any_state_is_kept_too():
    talk = Talk(RatingPad, config("rating_pad"))
    assert recorded(talk, 1) == Record("w3", "", 4)


def test_just_after_the_next_call_a_press_belongs_to_the_visit_before():
    talk = rated_pad()
    talk.state(12, "called", "A013", 1, rate="v13", before="v12")
    talk.wait(RATING_GRACE_MS - 100)
    assert recorded(talk, 0) == Record("w3", "v12", 5)


def test_later_it_belongs_to_the_visit_that_is_served():
    talk = rated_pad()
    talk.state(12, "called", "A013", 1, rate="v13", before="v12")
    talk.wait(RATING_GRACE_MS + 100)
    assert recorded(talk, 0) == Record("w3", "v13", 5)


def test_calling_once_more_does_not_prolong_the_grace():
    talk = rated_pad()
    talk.state(12, "called", "A013", 1, rate="v13", before="v12")
    talk.wait(RATING_GRACE_MS - 1000)
    talk.state(13, "called", "A013", 2, rate="v13", before="v12")
    talk.wait(1100)
    assert recorded(talk, 0) == Record("w3", "v13", 5)


def test_it_tells_whose_service_is_meant_but_not_beside_the_visit_before():
    talk = pad()
    talk.state(11, "serving", "A012", rate="v12", about="社保 工号08")
    assert talk.texts == (RATE[0], "社保 工号08")
    talk.state(12, "called", "A013", 1, rate="v13", before="v12", about="户籍 工号08")
    assert talk.texts == RATE
    talk.wait(RATING_GRACE_MS + 100)
    assert talk.texts == (RATE[0], "户籍 工号08")
    talk.press(0)
    talk.hear(Recorded(1, "v13", 5))
    assert talk.texts == THANKS


def test_once_somebody_is_served_there_is_no_grace():
    talk = rated_pad()
    talk.state(12, "called", "A013", 1, rate="v13", before="v12")
    talk.state(13, "serving", "A013", 1, rate="v13", before="v12")
    assert recorded(talk, 0) == Record("w3", "v13", 5)


def test_a_full_journal_means_out_of_service_until_there_is_room():
    talk = rated_pad()
    talk.hear(JournalRoom(False))
    assert talk.texts == OUT_OF_SERVICE and talk.lit == (0, 0, 0, 0, 0)
    assert recorded(talk, 0) is None
    talk.wait(600_000, 60_000)
    assert talk.texts == OUT_OF_SERVICE
    talk.hear(JournalRoom(True))
    assert talk.texts == RATE


def test_the_last_press_that_fits_is_thanked_for():
    talk = rated_pad()
    talk.press(0)
    talk.hear(Recorded(1, "v12", 5))
    talk.hear(JournalRoom(False))
    assert talk.texts == THANKS
    talk.wait(LOCK_MS + 100)
    assert talk.texts == OUT_OF_SERVICE


def test_a_press_that_flash_refused_is_not_thanked_for_and_may_be_tried_again():
    talk = rated_pad()
    talk.press(0)
    talk.hear(Recorded(0, "v12", 5))
    assert talk.texts == OUT_OF_SERVICE and not talk.of(Promised)
    assert recorded(talk, 0) is None
    talk.wait(10_100)
    assert recorded(talk, 0) == Record("w3", "v12", 5)


def test_it_works_offline():
    talk = rated_pad()
    talk.hear(v.LinkChanged(False))
    assert talk.texts == RATE and talk.mark == "离线"
    assert recorded(talk, 2) == Record("w3", "v12", 3)


def test_it_never_takes_an_older_visit():
    talk = rated_pad()
    talk.state(10, "serving", "A011", rate="v11")
    assert recorded(talk, 0) == Record("w3", "v12", 5)


def test_it_says_which_version_it_follows_even_if_the_picture_is_the_same():
    talk = pad()
    talk.state(11, "serving", "A012", rate="v12")
    talk.state(12, "serving", "A012", rate="v12")
    assert [show.version for show in talk.of(v.Show)] == [(5, 12)]
    assert talk.state(10) == []
