"""Receipt printers: what reaches them, and what is said when a slip is not out."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click import BadParameter

from hub.adapters import printers
from hub.adapters.printers import PORT, PrinterPlace, ReceiptPrinters
from hub.cli.options import Printer
from hub.ports import NotPrinted
from tests.talk.printer import NO_PAPER, NetworkPrinter

SLIP = b"\x1b@A012\n"


@pytest.fixture
def printer() -> Iterator[NetworkPrinter]:
    made = NetworkPrinter()
    yield made
    made.close()


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printers, "ANSWER_S", 0.3)


def beside(printer: NetworkPrinter) -> ReceiptPrinters:
    return ReceiptPrinters([PrinterPlace("k1", 80, host="127.0.0.1", port=printer.port)])


async def test_a_slip_reaches_the_printer_as_it_is(printer: NetworkPrinter):
    ours = beside(printer)
    assert (ours.paper("k1"), ours.paper("k2")) == (80, 0)
    await ours.print("k1", SLIP)
    await ours.print("k1", SLIP)
    assert printer.printed == SLIP * 2


async def test_nothing_is_sent_to_a_printer_without_paper(printer: NetworkPrinter):
    printer.says = NO_PAPER
    with pytest.raises(NotPrinted, match="paper"):
        await beside(printer).print("k1", SLIP)
    assert printer.printed == b""


async def test_a_printer_that_is_off_is_told_as_silent(printer: NetworkPrinter):
    printer.close()
    with pytest.raises(NotPrinted, match="silent"):
        await beside(printer).print("k1", SLIP)


async def test_one_that_never_answers_is_believed(printer: NetworkPrinter):
    printer.says = b""
    await beside(printer).print("k1", SLIP)
    assert printer.printed == SLIP


async def test_one_that_answered_and_then_says_nothing_hangs(printer: NetworkPrinter):
    ours = beside(printer)
    await ours.print("k1", SLIP)
    printer.hangs = True
    with pytest.raises(NotPrinted, match="silent"):
        await ours.print("k1", SLIP)


async def test_a_printer_at_the_usb_is_a_file(tmp_path: Path):
    place = tmp_path / "lp0"
    ours = ReceiptPrinters([PrinterPlace("k1", 58, file=str(place))])
    await ours.print("k1", SLIP)
    assert place.read_bytes() == SLIP
    ours = ReceiptPrinters([PrinterPlace("k1", 58, file=str(tmp_path / "no" / "lp0"))])
    with pytest.raises(NotPrinted, match="silent"):
        await ours.print("k1", SLIP)


def test_a_hub_without_a_printer_does_not_load_the_library(tmp_path: Path):
    made = "import sys, hub.cli.serve; from hub.adapters.printers import *; ReceiptPrinters([])"
    subprocess.run([sys.executable, "-c", f"{made}; assert 'escpos' not in sys.modules"], check=True)
    with_one = f"{made}; ReceiptPrinters([PrinterPlace('k1', 80, file='/x')]); assert 'escpos' in sys.modules"
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    subprocess.run([sys.executable, "-c", with_one], check=True, env=environment)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("k1=192.168.1.50", PrinterPlace("k1", 80, host="192.168.1.50", port=PORT)),
        ("k1=printer.hall:9200,58", PrinterPlace("k1", 58, host="printer.hall", port=9200)),
        ("k1=/dev/usb/lp0,58", PrinterPlace("k1", 58, file="/dev/usb/lp0")),
    ],
)
def test_a_place_is_written_like_this(text: str, place: PrinterPlace):
    assert Printer().convert(text, None, None) == place


@pytest.mark.parametrize("wrong", ["", "k1", "k1=", "=host", "k1=host,57", "k1=host:0", "k1=host:x", "k1=host:70000"])
def test_what_is_no_place_is_told(wrong: str):
    with pytest.raises(BadParameter, match="must be"):
        Printer().convert(wrong, None, None)
