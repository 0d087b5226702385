"""Keys in a matrix, and LEDs in a chain, as they are wired."""

from firmware.hal.drivers.matrix_keys import MatrixKeys
from firmware.hal.drivers.pixels import LEVEL, Pixels


class Matrix:
    """Four rows and columns of contacts without diodes; `down` has the keys that are pressed."""

    def __init__(self):
        self.down = set()
        self.low = set()
        self.keys = MatrixKeys([Row(self, row) for row in range(4)], [Column(self, column) for column in range(4)])

    def scan(self, times):
        return [key for key in (self.keys.take() for _ in range(times)) if key >= 0]


class Row:
    def __init__(self, matrix, number):
        self.matrix, self.number = matrix, number

    def value(self, level):
        (self.matrix.low.discard if level else self.matrix.low.add)(self.number)


class Column:
    def __init__(self, matrix, number):
        self.matrix, self.number = matrix, number

    def value(self):
        """Low, if a way of pressed keys leads from it to a row that is low."""
        rows, columns = set(), {self.number}
        for _ in range(8):
            rows |= {key // 4 for key in self.matrix.down if key % 4 in columns}
            columns |= {key % 4 for key in self.matrix.down if key // 4 in rows}
        return 0 if rows & self.matrix.low else 1


def test_each_of_the_sixteen_keys_is_one_press_however_long_it_is_held():
    for key in range(16):
        matrix = Matrix()
        matrix.down = {key}
        assert matrix.scan(50) == [key]
        matrix.down = set()
        matrix.scan(1)
        matrix.down = {key}
        assert matrix.scan(5) == [key]
        assert not matrix.low, "no row is left low"


def test_a_contact_that_bounces_is_no_press_before_it_is_steady():
    matrix = Matrix()
    for _ in range(5):
        matrix.down = {6}
        assert matrix.scan(1) == []
        matrix.down = set()
        assert matrix.scan(1) == []


def test_two_keys_are_told_apart_and_a_ghost_is_not_believed():
    matrix = Matrix()
    matrix.down = {0}
    assert matrix.scan(3) == [0]
    matrix.down = {0, 5}
    assert matrix.scan(3) == [5]
    matrix.down = {0, 1, 4}
    assert matrix.scan(5) == [], "5 seems down too"


def test_leds_of_a_chain_are_lit_or_dark():
    sent = []
    pixels = Pixels("pin", 3, lambda pin, encoding, timing, data: sent.append((pin, encoding, timing, bytes(data))))
    pixels.show((1, 0, 1, 1))
    pixels.show((0, 1, 0))
    lit, dark = bytes((LEVEL,) * 3), bytes(3)
    assert [data for _, _, _, data in sent] == [lit + dark + lit, dark + lit + dark]
    assert sent[0][:3] == ("pin", 0, (400, 850, 800, 450))
