"""A receipt printer on its serial line: what it is sent, and what is made of its answers."""

from firmware.hal.drivers.escpos import ANSWER_MS, CHUNK_BYTES, END_MS, LOW, Printer, wrong
from tests.firmware.printers import ReceiptPrinter

SLIP = bytes(range(33, 127)) * 6
TURN_MS = 20


class Bench:
    """A driver with its printer, and what it said: of slips, and of the printer's state."""

    def __init__(self):
        self.printer = ReceiptPrinter()
        self.driver = Printer(self.printer)
        self.done = []
        self.heard = []
        self.driver.listener = self.heard.append
        self.now_ms = 1000

    def wait(self, ms):
        end_ms = self.now_ms + ms
        while self.now_ms < end_ms:
            self.now_ms += TURN_MS
            self.driver.tick(self.now_ms)

    def print(self, ms=END_MS + 5000):
        self.driver.print(SLIP, self.done.append)
        self.wait(ms)


def test_a_slip_is_printed_once_and_that_is_said_when_all_of_it_is_out():
    bench = Bench()
    bench.print(3000)
    assert bench.printer.paper == SLIP and bench.done == [""]
    bench.wait(60_000)
    assert bench.printer.paper == SLIP and bench.done == [""] and bench.printer.cleared == 0


def test_a_slip_of_nothing_is_done_at_once():
    bench = Bench()
    bench.driver.print(b"", bench.done.append)
    bench.wait(3000)
    assert bench.done == [""]


def test_a_slip_goes_out_in_pieces_that_a_slow_line_takes():
    bench = Bench()
    sizes = []
    write = bench.printer.write
    bench.printer.write = lambda data: sizes.append(len(data)) or write(data)
    bench.print()
    assert bench.printer.paper == SLIP and max(sizes) <= CHUNK_BYTES


def test_without_paper_nothing_is_sent_and_that_is_said():
    for name, words in (("out", "paper out"), ("open", "cover open"), ("failed", "printer failed")):
        bench = Bench()
        setattr(bench.printer, name, True)
        bench.print()
        assert (bench.printer.paper, bench.done, bench.printer.cleared) == (b"", [words], 0)


def test_a_printer_that_is_off_is_no_printer():
    bench = Bench()
    bench.printer.on = False
    bench.print(ANSWER_MS + 200)
    assert bench.done == ["no answer"] and bench.heard == ["no answer"]
    bench.printer.on = True
    bench.wait(5000)
    assert bench.heard == ["no answer", ""] and bench.driver.wrong == ""


def test_paper_that_ends_in_the_middle_is_noticed_and_the_rest_is_forgotten():
    bench = Bench()
    bench.printer.runs_out_after = 200
    bench.print()
    assert bench.done == ["paper out"] and len(bench.printer.paper) == 200 and bench.printer.cleared == 1


def test_a_printer_that_goes_off_in_the_middle_is_noticed():
    bench = Bench()
    bench.driver.print(SLIP, bench.done.append)
    bench.wait(200)
    assert bench.printer.paper
    bench.printer.on = False
    bench.wait(END_MS)
    assert bench.done == ["no answer"]


def test_a_printer_that_does_not_tell_when_it_is_through_is_believed_after_a_while():
    bench = Bench()
    bench.printer.sees_end = False
    bench.print(END_MS - 1000)
    assert bench.done == []
    bench.wait(5000)
    assert bench.done == [""] and bench.printer.paper == SLIP


def test_a_roll_that_is_nearly_over_is_told_and_printed_on():
    bench = Bench()
    bench.printer.near_end = True
    bench.print()
    assert bench.done == [""] and bench.heard == [LOW]


def test_what_is_wrong_is_told_when_it_changes_without_a_slip_too():
    bench = Bench()
    bench.wait(10_000)
    assert bench.heard == []
    bench.printer.out = True
    bench.wait(10_000)
    bench.printer.out = False
    bench.wait(10_000)
    assert bench.heard == ["paper out", ""]
    assert set(bench.printer.asked) == {2, 4}


def test_noise_on_the_line_does_not_stop_it():
    bench = Bench()
    bench.printer._answers = b"\xff\x00\x80"
    bench.wait(5000)
    bench.print()
    assert bench.done == [""] and bench.driver.wrong == ""


def test_what_is_wrong_is_read_from_the_two_answers():
    for offline, paper, words in (
        (0x12, 0x12, ""),
        (0x16, 0x12, "cover open"),
        (0x32, 0x12, "paper out"),
        (0x12, 0x72, "paper out"),
        (0x52, 0x12, "printer failed"),
        (0x12, 0x1E, "paper near end"),
        (0x36, 0x72, "cover open"),
        (-1, 0x12, "no answer"),
        (0x12, -1, "no answer"),
        (0x12, 0xFF, "no answer"),
    ):
        assert wrong(offline, paper) == words
