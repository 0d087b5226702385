"""The printer's commands, decoded as a printer does."""

from firmware.hal.drivers.escpos import DOTS, QR_BYTES, picture, qr_code, wrong


def functions(data):
    """(cn, fn, parameters) of each GS ( k."""
    found = []
    while data:
        assert data[:3] == b"\x1d(k"
        end = 5 + (data[3] | data[4] << 8)
        found.append((data[5], data[6], data[7:end]))
        data = data[end:]
    return found


def test_a_picture_says_its_size_and_then_its_dots():
    for dots in DOTS.values():
        rows = bytes(place & 0xFF for place in range(dots // 8 * 24))
        sent = picture(rows, dots)
        assert sent[:4] == b"\x1dv0\x00"
        assert (sent[4] | sent[5] << 8, sent[6] | sent[7] << 8) == (dots // 8, 24)
        assert sent[8:] == rows


def test_a_qr_code_is_chosen_sized_filled_and_printed_in_this_order():
    for text in ("http://hall/t/abc", "x" * QR_BYTES):
        assert functions(qr_code(text, 8)) == [
            (49, 65, b"\x32\x00"),
            (49, 67, b"\x08"),
            (49, 69, b"\x31"),
            (49, 80, b"0" + text.encode()),
            (49, 81, b"0"),
        ]


def test_a_text_that_is_too_long_for_a_code_is_refused():
    try:
        qr_code("号" * QR_BYTES)
    except ValueError as error:
        assert "500" in str(error)
    else:
        raise AssertionError("it was taken")


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
        (0x12, 0xFF, "no printer"),
    ):
        assert wrong(offline, paper) == words
