"""Payloads that no honest side sends, from a seed, the same on both interpreters.

Most are real messages, spoiled in one way: cut, flipped, of wrong types, with huge numbers, doubled keys, bad UTF-8.
"""

import json

WRONG = (
    "null",
    "true",
    "-1",
    "1.5",
    "1e999",
    "NaN",
    "-Infinity",
    "1" + "0" * 400,
    "18446744073709551616",
    '""',
    '"' + "x" * 300 + '"',
    '"\\ud800"',
    '"\\u0000"',
    '"\\"><img src=x onerror=alert(1)>"',
    '"' + "号" * 32 + '"',
    "[]",
    "[[[[]]]]",
    "[null]",
    "{}",
    '{"a":{"b":[]}}',
    "[1,2,3,4,5,6]",
    '[[1,-1,"rate","w3","v",9]]',
    '[[1,0,"call","next",5,"x"]]',
)
"""JSON in place of a field's value."""


class Rubbish:
    """`payload()` gives the next one."""

    def __init__(self, seed, samples):
        self._state = seed * 2654435761 % 0x7FFFFFFF or 1
        self._samples = [sample.encode() for sample in samples]
        self._kinds = (
            self._noise,
            self._cut,
            self._flipped,
            self._flipped,
            self._nested,
            self._wrong,
            self._wrong,
            self._wrong,
            self._twice,
            self._no_text,
            self._long,
        )

    def chance(self, count):
        self._state = (self._state * 1103515245 + 12345) & 0x7FFFFFFF
        return (self._state >> 8) % count

    def payload(self):
        return self._kinds[self.chance(len(self._kinds))](self._samples[self.chance(len(self._samples))])

    def _noise(self, _):
        return bytes([self.chance(256) for _ in range(self.chance(40))])

    def _cut(self, sample):
        return sample[: self.chance(len(sample))]

    def _flipped(self, sample):
        data = bytearray(sample)
        for _ in range(1 + self.chance(3)):
            data[self.chance(len(data))] = self.chance(256) if self.chance(3) else 48 + self.chance(10)
        return bytes(data)

    def _nested(self, _):
        depth = (10, 50, 400, 1000, 2000, 5000)[self.chance(6)]
        return (b"[", b'{"a":', b'[{"v":')[self.chance(3)] * depth

    def _wrong(self, sample):
        """One field with a value that it must not have."""
        fields = ['"' + key + '":' + json.dumps(value) for key, value in json.loads(sample).items()]
        place = self.chance(len(fields))
        fields[place] = fields[place].split(":", 1)[0] + ":" + WRONG[self.chance(len(WRONG))]
        return ("{" + ",".join(fields) + "}").encode()

    def _twice(self, sample):
        """Each key of the sample, and one of them again."""
        other = self._wrong(sample)
        return sample[:-1] + b"," + other[1:]

    def _no_text(self, sample):
        place = self.chance(len(sample))
        return sample[:place] + (b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\x00")[self.chance(4)] + sample[place:]

    def _long(self, sample):
        return sample[:-1] + b" " * (1, 100, 2049, 4097)[self.chance(4)] + b"}"


def samples(read):
    """Payloads of the golden vectors for the named readers."""
    with open("tests/protocol/golden.json") as file:
        return [vector["payload"] for vector in json.load(file) if vector["read"] in read]
