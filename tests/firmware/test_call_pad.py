"""The clerk's call pad, as a conversation."""

from firmware.roles import vocabulary as v
from firmware.roles.call_pad import NOTICE_MS, RESEND_MS, SLIP_MS, CallEnded, CallPad, CallSettled, SendCall
from protocol.limits import CALL_VALID_MS
from protocol.waiting import Waiting
from tests.firmware.conversation import Talk, config

NEXT, RECALL, START, FINISH, MISSED = range(5)
WORDS = {"zh-Hans": "没有人在等候", "en": "Nobody is waiting."}


def pad(**changes):
    """A pad whose window is free."""
    talk = Talk(CallPad, config("call_pad", **changes))
    talk.online()
    talk.state(10, "open")
    return talk


def sent(talk):
    calls = talk.of(SendCall)
    return calls[0] if calls else None


def test_a_press_is_sent_with_the_version_that_the_clerk_saw():
    talk = pad()
    talk.press(NEXT)
    assert sent(talk) == SendCall(1, "next", (5, 10), 0)
    assert talk.lit == (1, 0, 0, 0, 0) and talk.texts == ("open", "正在发送")


def test_the_keys_are_the_verbs():
    for key, verb in enumerate(("next", "recall", "start", "finish", "missed")):
        talk = pad()
        talk.press(key)
        assert sent(talk).verb == verb
    talk = pad()
    assert talk.press(5) == []


def test_which_key_is_which_verb_is_configured():
    talk = pad(verbs=("pause", "hold", "next", "resume", "take-back-call", "next"))
    for key, verb in enumerate(("pause", "hold", "next", "resume", "take-back-call", "next")):
        talk.press(key)
        assert sent(talk).verb == verb
        assert talk.lit == tuple(1 if other == verb else 0 for other in talk.role._verbs)
        talk.hear(CallSettled(key + 1, "", {}))
        talk.wait(400)


def test_one_press_at_a_time():
    talk = pad()
    talk.press(NEXT)
    talk.wait(400)
    talk.press(RECALL)
    assert sent(talk) is None


def test_a_settled_press_frees_the_keys_and_the_next_has_the_next_number():
    talk = pad()
    talk.press(NEXT)
    talk.hear(CallSettled(1, "", {}))
    assert talk.of(CallEnded) == [CallEnded(1, "")]
    assert talk.lit == (0, 0, 0, 0, 0) and talk.texts == ("open",)
    talk.wait(400)
    talk.press(RECALL)
    assert sent(talk).seq == 2


def test_an_answer_to_another_press_is_ignored():
    talk = pad()
    talk.press(NEXT)
    assert talk.hear(CallSettled(9, "", {})) == []


def test_a_refusal_shows_its_reason_for_a_while():
    talk = pad()
    talk.press(NEXT)
    talk.hear(CallSettled(1, "nobody-waiting", WORDS))
    assert talk.of(CallEnded) == [CallEnded(1, "nobody-waiting")]
    assert talk.texts == ("open", "没有人在等候")
    talk.wait(NOTICE_MS + 100)
    assert talk.texts == ("open",)


def test_a_hub_that_does_not_say_the_reason_in_words_still_says_no():
    talk = pad()
    talk.press(NEXT)
    talk.hear(CallSettled(1, "reason-of-next-year", {}))
    assert talk.texts == ("open", "现在不能这样操作")


def test_without_an_answer_it_is_sent_again_the_same_and_then_given_up():
    talk = pad()
    talk.press(NEXT)
    first = sent(talk)
    talk.wait(CALL_VALID_MS + 100)
    again = talk.of(SendCall)
    assert again == [first] * (CALL_VALID_MS // RESEND_MS)
    assert talk.of(CallEnded) == [CallEnded(1, "no-answer")]
    assert talk.texts == ("open", "没有回应，请看清后再按")
    assert talk.wait(60_000, 1000) and not talk.of(SendCall)


def test_offline_nothing_is_sent_nor_kept():
    talk = pad()
    talk.hear(v.LinkChanged(False))
    talk.press(NEXT)
    assert sent(talk) is None and talk.texts == ("open", "离线，按键无效")
    talk.online()
    talk.wait(10_000)
    assert not talk.of(SendCall)


def test_before_it_knows_its_window_nothing_is_sent():
    talk = Talk(CallPad, config("call_pad"))
    talk.online()
    talk.press(NEXT)
    assert sent(talk) is None


def test_a_bouncing_key_is_one_press():
    talk = pad()
    talk.press(NEXT)
    talk.hear(CallSettled(1, "nobody-waiting", WORDS))
    talk.wait(200)
    assert talk.press(NEXT) == []
    talk.wait(200)
    talk.press(NEXT)
    assert sent(talk).seq == 2


def test_next_just_after_a_call_was_a_slip_of_the_finger():
    talk = pad()
    talk.state(11, "called", "A012", 1)
    talk.wait(SLIP_MS - 100)
    assert talk.press(NEXT) == []
    talk.wait(200)
    talk.press(NEXT)
    assert sent(talk).version == (5, 11)


def test_other_keys_may_follow_a_call_at_once():
    talk = pad()
    talk.state(11, "called", "A012", 1)
    talk.press(START)
    assert sent(talk).verb == "start"


def test_a_press_that_was_sent_keeps_its_version_when_the_window_changes():
    talk = pad()
    talk.press(NEXT)
    talk.state(11, "called", "A012", 1)
    talk.wait(RESEND_MS)
    assert sent(talk).version == (5, 10)


def test_it_tells_how_many_wait_as_long_as_it_is_online():
    talk = pad()
    talk.hear(Waiting(17))
    assert talk.texts == ("open", "等候人数 17")
    talk.press(NEXT)
    assert talk.texts == ("open", "正在发送", "等候人数 17")
    talk.hear(Waiting(16))
    assert talk.texts[-1] == "等候人数 16"
    talk.hear(v.LinkChanged(False))
    assert talk.texts == ("open", "正在发送")


def test_it_never_shows_an_older_state():
    talk = pad()
    talk.state(9, "closed")
    assert talk.texts == ("open",)
