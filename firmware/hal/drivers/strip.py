"""LED strip screens (条屏) on RS-485: they draw by themselves and are sent a line of text in GBK. One class for a line,
and for each maker a codec: a function (text in GBK, how many half widths fit, address) -> frame.

`plain` is for screens whose maker lets the frame be configured, and for a first try with a terminal:

    02, address, length of the text (2 bytes, high first), text, sum of all bytes before (1 byte), 03

`bx5` is the dynamic area of Onbon's BX-5 controllers, the most common on such screens in China. It was written from
memory of Onbon's "BX-5K 通讯协议" and not compared with the document: confirm it with the maker's before use.
"""

import struct

UNKNOWN = b"?"

START, START_ESCAPE, END, END_ESCAPE = 0xA5, 0xA6, 0x5A, 0x5B
FRAME_STARTS = 8
BROADCAST = 0xFFFE
HOST = 0x8000
CONTROLLER = 0xFE  # any of the series
VERSION = 0x02
STATIC, LEFT = 0x01, 0x03  # stands, or runs to the left without end
SPEED = 2
FOR_EVER_S = 0


def plain(text: bytes, units: int, address: int) -> bytes:
    """What is too long is cut at a whole character."""
    body = struct.pack(">BBH", 0x02, address, len(cut(text, units))) + cut(text, units)
    return body + bytes((sum(body) & 0xFF, 0x03))


def bx5(text: bytes, units: int, address: int) -> bytes:
    """What is too long runs to the left."""
    moves = LEFT if len(text) > units else STATIC
    # Type, x and y, width and height in px (x and width in bytes), place 0, gap, plays always, time-out, one line.
    area = struct.pack("<BHHHHBBBHBBBBB", 0, 0, 0, units, 16, 0, 0, 0, FOR_EVER_S, 0, 0, 0, 1, 1)
    area += struct.pack("<BBBBI", moves, 0, SPEED, 0, len(text)) + text
    order = struct.pack("<BBBBBBBH", 0xA3, 0x06, 0x02, 0, 0, 0, 1, len(area)) + area
    head = struct.pack("<HHBBBBBBBBH", address or BROADCAST, HOST, 0, 0, 0, 0, 0, 0, CONTROLLER, VERSION, len(order))
    body = head + order
    body += struct.pack("<H", crc16(body))
    escaped = b"".join(_ESCAPES.get(byte, bytes((byte,))) for byte in body)
    return bytes((START,)) * FRAME_STARTS + escaped + bytes((END,))


_ESCAPES = {
    START: bytes((START_ESCAPE, 0x02)),
    START_ESCAPE: bytes((START_ESCAPE, 0x01)),
    END: bytes((END_ESCAPE, 0x02)),
    END_ESCAPE: bytes((END_ESCAPE, 0x01)),
}


def crc16(data: bytes) -> int:
    """CRC-16/ARC: polynomial 8005 reflected, from 0."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc


def cut(text: bytes, units: int) -> bytes:
    """At most so many bytes of GBK, in which a Chinese character has two: of none only the half."""
    place = 0
    while place < len(text):
        after = place + (2 if text[place] > 0x7F else 1)
        if after > units:
            break
        place = after
    return text[:place]


class Strip:
    """A strip of `units` half widths at `address`, on `uart`, with the pin `enable` high while it is sent to. `table`:
    path of the characters in GBK, which tools/fonts.py makes. `missing` has each character that is not there."""

    def __init__(self, uart, enable, codec, units: int, address: int, table: str):
        self._uart = uart
        self._enable = enable
        self._codec = codec
        self._units = units
        self._address = address
        self._table = table
        self._sent = None
        self.missing = set()
        enable.value(0)

    def write(self, show) -> None:
        """Send the texts of the effect `show` in one line, the mark behind them. Black on white is not for strips."""
        text = " ".join([text.strip() for text in show.texts] + ([show.mark] if show.mark else []))
        if text == self._sent:
            return
        self._sent = text
        frame = self._codec(self._in_gbk(text), self._units, self._address)
        self._enable.value(1)
        self._uart.write(frame)
        self._uart.flush()  # the last bit is on the wire before the line is given free
        self._enable.value(0)

    def _in_gbk(self, text: str) -> bytes:
        found = b""
        with open(self._table, "rb") as file:
            count = file.seek(0, 2) // 4
            for character in text:
                found += character.encode() if character < "\x7f" else self._look_up(file, count, character)
        return found

    def _look_up(self, file, count: int, character: str) -> bytes:
        """By halves: the file has (code point, GBK) of each character, sorted, two bytes each."""
        low, high = 0, count
        while low < high:
            middle = (low + high) // 2
            file.seek(4 * middle)
            entry = file.read(4)
            code = struct.unpack("<H", entry[:2])[0]
            if code == ord(character):
                return entry[2:]
            if code < ord(character):
                low = middle + 1
            else:
                high = middle
        self.missing.add(character)
        return UNKNOWN
