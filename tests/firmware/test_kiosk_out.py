"""A kiosk's draws to the hub, and what its flash has of them."""

from firmware.kiosk_out import RESEND_MS, KioskOut
from firmware.roles.kiosk import Ask, Do, Done
from protocol.downward import Ack
from protocol.kiosk import Draw, Ticket, Unprinted, encode_ticket
from protocol.limits import EVENTS_PER_BATCH
from protocol.upward import read_events
from tests.firmware.conversation import config
from tests.firmware.fakes import Folder

RANDOM = 4711
ASK = Ask("company", "walk-in", "en", "")


class PrinterOfTest:
    """What the sender asks of a printer; `wrong` is what the next slips meet."""

    def __init__(self, flash):
        self._flash = flash
        self.wrong = ""
        self.printed = []
        self.flash_then = []  # what was on flash when each began

    def print(self, slip, done):
        self.printed.append(slip)
        self.flash_then.append(self._flash())
        done(self.wrong)


class Sender:
    """A kiosk's sender on a flash, which may be switched off and on."""

    def __init__(self, folder):
        self.path = folder + "/draws"
        self.printer = PrinterOfTest(self.flash)
        self.start()

    def start(self):
        self.events = []
        self.out = KioskOut(self.path, config("kiosk", zone="east", paper=80), self, self.events.append, lambda: RANDOM)
        self.out.begin()

    def flash(self):
        with open(self.path) as file:
            return file.read()

    def said(self, now_ms):
        due = self.out.due(now_ms)
        return read_events(due[0]) if due else None

    def hub_answers(self, seq=1, number="A012", epoch=RANDOM):
        return self.out.read(encode_ticket(Ticket((epoch, seq), number, ["a"], b"slip\n\x1b")))


def sender(test):
    with Folder("kiosk") as folder:
        test(Sender(folder))


def test_a_draw_is_on_flash_and_then_sent_until_it_is_answered():
    def test(kiosk):
        kiosk.out.perform(ASK, 1000)
        assert kiosk.flash() == "4711 1 1" and kiosk.out.pending == 1
        assert kiosk.said(1250) == (RANDOM, [Draw(1, 250, "company", "walk-in", "en", "", 80)])
        assert kiosk.said(1300) is None
        assert kiosk.said(1250 + RESEND_MS).presses[0].seq == 1
        ticket = kiosk.hub_answers()
        assert ticket.number == "A012" and ticket.slip == b"slip\n\x1b"
        assert kiosk.said(9000) is None
        assert kiosk.hub_answers() is None  # the role hears it once

    sender(test)


def test_a_draw_that_is_younger_than_the_clock_that_was_looked_at_has_no_age():
    def test(kiosk):
        kiosk.out.perform(ASK, 1000)
        assert kiosk.said(998).presses[0].age_ms == 0

    sender(test)


def test_the_draw_at_work_stays_open_whatever_is_acknowledged():
    """A hub that cannot read a draw acknowledges it, as it does with each press."""

    def test(kiosk):
        kiosk.out.perform(ASK, 0)
        kiosk.out.take_ack(Ack(RANDOM, [1], [], 0, {}))
        assert kiosk.flash() == "4711 1 1"

    sender(test)


def test_an_answer_to_another_draw_is_not_taken():
    def test(kiosk):
        kiosk.out.perform(ASK, 0)
        assert kiosk.hub_answers(seq=2) is None and kiosk.hub_answers(epoch=RANDOM + 1) is None
        assert kiosk.hub_answers().number == "A012"

    sender(test)


def test_what_goes_to_the_printer_is_not_open_any_more():
    def test(kiosk):
        kiosk.out.perform(ASK, 0)
        kiosk.hub_answers()
        kiosk.out.perform(Do("print", b"slip"), 0)
        assert kiosk.printer.flash_then == ["4711 1"]
        assert kiosk.events == [Done("print", "")] and kiosk.flash() == "4711 1"
        kiosk.start()
        assert kiosk.said(1000) is None

    sender(test)


def test_what_was_not_printed_is_open_again_and_told_when_it_is_given_up():
    def test(kiosk):
        kiosk.printer.wrong = "paper out"
        kiosk.out.perform(ASK, 0)
        kiosk.hub_answers()
        kiosk.out.perform(Do("print", b"slip"), 0)
        assert kiosk.events == [Done("print", "paper out")] and kiosk.flash() == "4711 1 1"
        assert kiosk.said(5000) is None  # the applicant stands there
        kiosk.out.perform(Do("void", ""), 6000)
        assert kiosk.said(6000) == (RANDOM, [Unprinted(1, -1)])
        assert kiosk.said(6100) is None and kiosk.said(6000 + RESEND_MS)
        kiosk.out.take_ack(Ack(RANDOM + 1, [1], [], 0, {}))
        assert kiosk.flash() == "4711 1 1"
        kiosk.out.take_ack(Ack(RANDOM, [1], [], 0, {}))
        assert kiosk.flash() == "4711 1" and kiosk.out.pending == 0 and kiosk.said(60_000) is None

    sender(test)


def test_what_is_kept_without_paper_is_not_told():
    def test(kiosk):
        kiosk.out.perform(ASK, 0)
        kiosk.hub_answers()
        kiosk.out.perform(Do("keep", ""), 0)
        assert kiosk.flash() == "4711 1" and kiosk.said(60_000) is None

    sender(test)


def test_after_a_power_cut_what_was_open_is_told_and_numbers_go_on():
    def test(kiosk):
        kiosk.out.perform(ASK, 0)
        kiosk.start()
        assert kiosk.said(0) == (RANDOM, [Unprinted(1, -1)])
        kiosk.out.perform(ASK, 0)
        assert kiosk.said(0).presses == [Draw(2, 0, "company", "walk-in", "en", "", 80)]
        assert [kiosk.said(RESEND_MS).presses[0].seq for _ in range(2)] == [2, 1]
        assert kiosk.flash() == "4711 2 1 2"

    sender(test)


def test_a_file_that_nobody_can_read_begins_another_epoch():
    def test(kiosk):
        with open(kiosk.path, "w") as file:
            file.write("4711 x")
        kiosk.start()
        kiosk.out.perform(ASK, 0)
        assert kiosk.flash() == "4711 1 1"

    sender(test)


def test_a_flash_that_takes_nothing_asks_and_prints_nothing():
    def test(kiosk):
        kiosk.out.perform(ASK, 0)
        kiosk.hub_answers()
        kiosk.out._path = "build/there/is/no/such/folder"
        kiosk.out.perform(Do("print", b"slip"), 0)
        assert kiosk.printer.printed == [] and kiosk.events[0].value == kiosk.out.error != ""
        kiosk.out.perform(Do("void", ""), 0)
        kiosk.out.perform(ASK, 0)
        assert kiosk.events[-1] == Ticket((RANDOM, 2), "", [], b"")
        assert kiosk.said(0).presses == [Unprinted(1, -1)]  # the draw that was sent; the other one was not

    sender(test)


def test_with_too_many_open_nobody_is_asked():
    def test(kiosk):
        for _ in range(EVENTS_PER_BATCH + 3):
            kiosk.out.perform(ASK, 0)
            kiosk.out.perform(Do("void", ""), 0)
        assert [type(event) for event in kiosk.events] == [Ticket] * 3
        assert len(kiosk.said(0).presses) == EVENTS_PER_BATCH

    sender(test)


def test_the_printer_is_told_of_to_the_role_and_the_hub():
    def test(kiosk):
        for wrong in ("paper out", "paper near end", ""):
            kiosk.printer.listener(wrong)
            assert kiosk.out.error == wrong
        assert kiosk.events == [Done("printer", "paper out"), Done("printer", ""), Done("printer", "")]

    sender(test)


def test_texts_of_another_language_are_handed_over():
    def test(kiosk):
        kiosk.out.perform(Do("language", "en"), 0)
        assert kiosk.events[0].verb == "language" and kiosk.events[0].value["wait"] == "Please wait"

    sender(test)
