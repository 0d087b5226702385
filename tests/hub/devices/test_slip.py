"""Slips, read back from the bytes that a printer is sent."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.devices.slip import DOTS, QR_BYTES, Slip, escpos
from protocol.limits import DOWN_BYTES
from tools.receipt import SHEET, Code, Cut, Text, picture, read, samples

LINK = "https://hall.example/t/3q2-7w_bQxV0hZr1mK9fTA"
SLIP = Slip("松山湖政务服务中心", "A012", "企业登记", ["前面3人"], LINK, "扫码查看排队进度", ["A区", "09:41"])


def test_a_slip_has_the_number_large_the_code_and_a_cut_at_the_end():
    for paper in DOTS:
        printed = read(escpos(SLIP, paper))
        assert printed[:4] == [Text("松山湖政务服务中心"), Text("A012", 4), Text("企业登记", 2), Text("前面3人")]
        assert [it.text for it in printed if isinstance(it, Code)] == [LINK]
        assert printed[-3:] == [Text("A区"), Text("09:41"), Cut(3)]


def test_without_a_link_there_is_no_code_and_nobody_is_invited_to_scan():
    for link in ("", "https://" + "x" * QR_BYTES):
        printed = read(escpos(replace(SLIP, link=link), 58))
        assert not [it for it in printed if isinstance(it, Code)] and Text("扫码查看排队进度") not in printed


def test_traditional_characters_are_printed_and_what_no_printer_has_is_a_question_mark():
    printed = read(escpos(replace(SLIP, title="東莞市民服務中心 🎫"), 58))
    assert printed[0] == Text("東莞市民服務中心 ?")


def test_long_names_are_broken_at_words_and_chinese_anywhere():
    printed = read(escpos(replace(SLIP, title="Songshan Lake Government Service Centre", service="不" * 20), 58))
    assert printed[:2] == [Text("Songshan Lake Government Service"), Text("Centre")]
    assert [it.text for it in printed if isinstance(it, Text) and it.times == 2] == ["不" * 8, "不" * 8, "不" * 4]


@settings(max_examples=30)
@given(st.text(st.characters(codec="gbk", exclude_categories=("Cc",)), max_size=64), st.sampled_from([*DOTS]))
def test_any_texts_fit_the_paper_and_the_message(text, paper):
    slip = Slip(text, "ABC12345", text, [text, text], LINK, text, [text, text])
    data = escpos(slip, paper)
    assert len(data) < DOWN_BYTES - 400
    assert picture(data, paper).width == DOTS[paper]  # no line is wider


def test_a_command_that_the_reader_does_not_know_is_seen():
    with pytest.raises(ValueError, match="unknown command: 1b 7a"):
        read(b"\x1bz")


def test_the_sheet_of_the_documents_is_what_is_printed(tmp_path):
    assert SHEET.exists() and all(picture(escpos(slip, paper), paper).width == DOTS[paper] for paper, slip in samples())
