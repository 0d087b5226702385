"""The kiosk at the entrance, as a conversation."""

from firmware import prompts
from firmware.roles.kiosk import (
    ANSWER_MS,
    HOLD_MS,
    IDLE_MS,
    KEY_LOCK_MS,
    READ_MS,
    TURN_MS,
    Ask,
    Do,
    Done,
    Kiosk,
)
from firmware.roles.vocabulary import Beep, LinkChanged, Show, Tick
from protocol.kiosk import Offers, Ticket, entry
from tests.firmware.conversation import EPOCH, Talk, config

FIVE = ("1", "2", "3", "more", "back")
SIXTEEN = ("1", "2", "3", "more", "4", "5", "6", "back", "7", "8", "9", "ok", "", "0", "", "service:house")
TICKET = Ticket((7, 1), "A012", ["企业登记", "前面3人"], b"slip")


def named(id, name, mark="", when=""):
    return entry(id, mark, {"zh-Hans": name, "zh-Hant": name, "en": id.upper()}, when)


WALK_IN = named("walk-in", "普通")
PRIORITY = named("priority", "优先")
SERVICES = [named("company", "企业登记"), named("social", "社保医保", when="13:00"), named("house", "不动产", "?")]


def offers(classes=(WALK_IN,), services=SERVICES, closed=None, s=100):
    return Offers((EPOCH, s), "east", closed or {}, list(classes), list(services))


class KioskTalk(Talk):
    """A kiosk that is online, and whose sender knows the languages."""

    def __init__(self, layout=FIVE, said=None):
        super().__init__(Kiosk, config("kiosk", window="", zone="east", layout=layout))
        self.hear(Tick())
        self.online()
        self.hear(said or offers())

    def hear(self, event):
        super().hear(event)
        for effect in self.of(Do):
            if effect.verb == "language":
                done = self.effects
                super().hear(Done("language", prompts.load("kiosk", effect.value)))
                self.effects = done + self.effects
        return self.effects

    def press(self, word):
        self.now_ms += KEY_LOCK_MS
        return self.hear_key(word)

    def hear_key(self, word):
        return super().press(self.role._layout.index(word))

    def type(self, words):
        for word in words:
            self.press(word)

    def asked(self, word="1"):
        self.press(word)
        return self.of(Ask)

    def does(self, *verbs):
        return [effect for effect in self.of(Do) if effect.verb in verbs]

    def step(self):
        return self.shown.mode


def test_a_press_is_asked_shown_printed_and_the_next_applicant_begins_anew():
    talk = KioskTalk()
    assert talk.texts == ("请选择 1/2", "1 企业登记", "2 社保医保 13:00", "3 不动产")
    assert talk.asked() == [Ask("company", "walk-in", "zh-Hans", "")]
    assert talk.texts == ("请稍候",)
    talk.hear(TICKET)
    assert talk.shown.number == "A012" and talk.texts == ("A012",)
    assert [type(effect) for effect in talk.effects] == [Show, Do]  # on the glass before it goes to the printer
    assert talk.of(Do) == [Do("print", b"slip")]
    talk.hear(Done("print", ""))
    assert talk.texts == ("A012", "请取走号票") and talk.of(Beep) and not talk.does("void", "keep")
    talk.wait(READ_MS)
    assert talk.step() == "choose" and talk.shown.number == ""


def test_the_keys_that_do_something_are_lit():
    talk = KioskTalk(SIXTEEN)
    assert talk.lit == (1, 1, 1, 1) + (0,) * 11 + (1,)
    talk.press("more")
    assert talk.lit == (1, 1, 1, 1) + (0,) * 11 + (1,)
    talk.press("1")
    assert talk.step() == "code" and talk.lit == tuple(1 if word else 0 for word in SIXTEEN)
    talk.press("back")
    talk.press("1")
    assert talk.step() == "wait" and not any(talk.lit)
    talk.hear(TICKET)
    talk.hear(Done("print", "paper out"))
    assert talk.lit == (1, 1) + (0,) * 14


def test_a_class_is_asked_for_when_there_is_one():
    talk = KioskTalk(said=offers([WALK_IN, PRIORITY]))
    assert talk.asked() == [] and talk.texts == ("请选择", "1 普通", "2 优先")
    assert talk.asked("2") == [Ask("company", "priority", "zh-Hans", "")]


def test_more_shows_the_next_lines_and_then_the_first_again():
    talk = KioskTalk()
    talk.press("more")
    assert talk.texts == ("请选择 2/2", "1 繁體中文", "2 English")
    talk.press("more")
    assert talk.texts[1] == "1 企业登记"


def test_a_line_that_is_not_there_and_a_key_that_is_nothing_do_nothing():
    talk = KioskTalk(SIXTEEN)
    talk.press("more")
    assert talk.press("4") == talk.effects and not talk.of(Ask)
    talk.press("")
    talk.hear(Tick())
    assert not talk.of(Ask) and talk.step() == "choose"


def test_another_language_is_for_this_applicant_only():
    talk = KioskTalk()
    talk.press("more")
    talk.press("2")
    assert talk.texts == ("Choose one 1/2", "1 COMPANY", "2 SOCIAL 13:00", "3 HOUSE")
    assert talk.asked() == [Ask("company", "walk-in", "en", "")]
    talk.hear(TICKET)
    talk.hear(Done("print", ""))
    assert talk.texts[1] == "Take your slip"
    talk.wait(READ_MS)
    assert talk.texts[0] == "请选择 1/2"


def test_who_does_nothing_has_gone():
    talk = KioskTalk(said=offers([WALK_IN, PRIORITY]))
    talk.press("1")
    talk.wait(IDLE_MS - 1000)
    assert talk.texts[1] == "1 普通"
    talk.wait(1000)
    assert talk.texts[1] == "1 企业登记"


def test_back_begins_anew():
    talk = KioskTalk(said=offers([WALK_IN, PRIORITY]))
    talk.press("1")
    talk.press("back")
    assert talk.texts[1] == "1 企业登记"


def test_a_finger_that_slips_chooses_one_line():
    talk = KioskTalk(said=offers([WALK_IN, PRIORITY]))
    talk.press("1")
    talk.hear_key("1")
    assert talk.texts[1] == "1 普通" and not talk.of(Ask)


def test_further_presses_while_the_hub_is_asked_do_nothing():
    talk = KioskTalk()
    talk.press("1")
    for word in FIVE:
        talk.press(word)
        assert talk.step() == "wait" and talk.of(Ask) == []


def test_an_appointment_needs_a_code_and_a_keypad():
    talk = KioskTalk(SIXTEEN)
    talk.press("more")
    assert talk.texts[1] == "1 预约取号"
    talk.press("1")
    talk.type("4721")
    talk.press("more")
    talk.type("1")
    assert talk.texts == ("请输入号码，按确定", "4721_")
    assert talk.asked("ok") == [Ask("", "walk-in", "zh-Hans", "4721")]


def test_a_service_with_a_pre_check_asks_for_its_code():
    talk = KioskTalk(SIXTEEN)
    talk.press("3")
    assert talk.step() == "code"
    assert talk.asked("ok") == []
    talk.type("90")
    assert talk.asked("ok") == [Ask("house", "walk-in", "zh-Hans", "90")]


def test_a_key_may_be_one_service():
    talk = KioskTalk(SIXTEEN)
    talk.press("service:house")
    assert talk.step() == "code"


def test_a_key_of_a_service_that_is_not_offered_does_nothing():
    talk = KioskTalk(SIXTEEN, offers(services=SERVICES[:1]))
    talk.press("service:house")
    assert talk.step() == "choose"


def test_a_hall_that_is_closed_says_why_and_gives_nothing():
    talk = KioskTalk(said=offers(closed={"zh-Hans": "今天不再发号", "en": "Closed"}))
    assert talk.texts == ("今天不再发号", "1 繁體中文", "2 English")
    talk.press("2")
    assert talk.texts[0] == "Closed"


def test_what_the_hub_refuses_it_says_in_its_words_and_the_draw_is_given_up():
    talk = KioskTalk()
    talk.press("1")
    talk.hear(Ticket((7, 1), "", ["今日号已发完"], b""))
    assert talk.texts == ("今日号已发完",) and talk.does("void") and not talk.does("print")


def test_a_flash_that_is_full_gives_no_number():
    talk = KioskTalk()
    talk.press("1")
    talk.hear(Ticket((7, 1), "", [], b""))
    assert talk.texts == ("现在不能取号，请稍后再试",)


def test_a_hub_that_does_not_answer_is_told_that_nobody_has_the_number():
    talk = KioskTalk()
    talk.press("1")
    talk.wait(ANSWER_MS)
    assert talk.does("void") and talk.texts == ("现在不能取号，请稍后再试",)
    talk.hear(TICKET)  # late
    assert not talk.does("print") and talk.step() == "said"


def test_offline_nobody_is_asked():
    talk = KioskTalk()
    talk.hear(LinkChanged(False))
    assert talk.mark == "离线"
    assert talk.asked() == [] and talk.step() == "said"


def test_a_number_that_was_not_printed_is_shown_and_void_after_a_minute():
    talk = KioskTalk()
    talk.press("1")
    talk.hear(TICKET)
    talk.hear(Done("print", "paper out"))
    assert talk.texts == ("A012 没有打印，一分钟后作废", "1 已记下号码", "2 再次打印")
    talk.press("back")
    talk.wait(HOLD_MS - KEY_LOCK_MS - 100)
    assert not talk.does("void", "keep") and talk.step() == "keep"
    talk.wait(500)
    assert talk.does("void") and talk.texts == ("A012", "号码已作废")


def test_a_number_that_was_not_printed_is_alone_on_the_glass_in_turns():
    talk = KioskTalk()
    talk.press("1")
    talk.hear(TICKET)
    talk.hear(Done("print", "paper out"))
    shown = [effect.texts for effect in talk.wait(4 * TURN_MS) if type(effect) is Show]
    assert len(shown) == 4 and shown[0] == shown[2] == ("A012",) and shown[1] == shown[3] != ("A012",)
    talk.wait(TURN_MS)
    talk.press("1")  # counts then too
    assert talk.does("keep")


def test_a_number_that_was_not_printed_may_be_kept():
    talk = KioskTalk()
    talk.press("1")
    talk.hear(TICKET)
    talk.hear(Done("print", "paper out"))
    talk.press("1")
    assert talk.does("keep") and talk.texts == ("A012", "请记住号码")
    talk.wait(HOLD_MS)
    assert not talk.does("void", "keep")


def test_a_number_that_was_not_printed_may_be_printed_again():
    talk = KioskTalk()
    talk.press("1")
    talk.hear(TICKET)
    talk.hear(Done("print", "cover open"))
    talk.press("2")
    assert talk.of(Do) == [Do("print", b"slip")]
    talk.wait(HOLD_MS)
    assert not talk.does("void", "keep")  # the printer has the last word
    talk.hear(Done("print", ""))
    assert talk.texts[1] == "请取走号票"


def test_without_paper_only_who_wants_it_so_gets_a_number():
    talk = KioskTalk()
    talk.hear(Done("printer", "paper out"))
    assert talk.texts[0] == "现在不能打印 1/2"
    assert talk.asked() == [] and talk.texts == ("现在不能打印", "1 只显示号码")
    talk.wait(IDLE_MS)
    assert talk.of(Ask) == []
    talk.press("1")
    assert talk.asked() == [Ask("company", "walk-in", "zh-Hans", "")]
    talk.hear(TICKET)
    assert not talk.does("print") and talk.step() == "keep"
    talk.press("1")
    assert talk.does("keep")


def test_paper_that_is_back_is_seen():
    talk = KioskTalk()
    talk.hear(Done("printer", "paper out"))
    talk.hear(Done("printer", ""))
    assert talk.texts[0] == "请选择 1/2"
    assert len(talk.asked()) == 1


def test_the_glass_is_drawn_when_something_is_new_only():
    talk = KioskTalk()
    assert talk.wait(5000) == []
    talk.hear(offers(s=101))
    assert len(talk.of(Show)) == 1
