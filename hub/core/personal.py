"""What a text gives away of a person: Chinese mobile numbers, resident ID numbers, e-mail addresses.

For two uses: what people type into the hall's fields must not carry it into the log, which is kept; and the scan of
files says where it lies. A name cannot be known by its form; nothing here looks for names.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

MOBILE = "mobile number"
ID_NUMBER = "ID number"
EMAIL = "e-mail address"

_MOBILE = re.compile(rb"(?<![0-9A-Za-z])(?:(?:\+|00)?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?![0-9A-Za-z])")
_ID_NUMBER = re.compile(
    rb"(?<![0-9A-Za-z])[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?![0-9A-Za-z])"
)
_EMAIL = re.compile(
    rb"(?<![0-9A-Za-z._%+-])[0-9A-Za-z][0-9A-Za-z._%+-]{1,63}@(?:[0-9A-Za-z-]{2,63}\.)+[A-Za-z]{2,24}(?![0-9A-Za-z])"
)

_RUN = re.compile(rb"\d[\d -]{9,}")
"""Where a number may be. The patterns above are slow, and files are large; most of a file has no such place."""

LOCAL, DOMAIN = 64, 256
"""How far before and after its @ an address may reach."""

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = b"10X98765432"
"""GB 11643: the last character of an ID number, by the weighted sum of the others modulo 11."""


class Found(NamedTuple):
    """Something of a person: its `kind`, where it begins in the bytes, and itself."""

    kind: str
    at: int
    value: bytes


def is_id_number(digits: bytes) -> bool:
    """Whether the last of 18 characters is the check of the others."""
    total = sum(weight * (digit - 48) for weight, digit in zip(_WEIGHTS, digits, strict=False))
    return digits[17:18].upper() == _CHECKS[total % 11 : total % 11 + 1]


def find(content: bytes) -> Iterator[Found]:
    """All of it in `content`, which may be text in UTF-8 or the raw bytes of a file. A run of digits that goes on into
    letters is none: hashes and tokens have such runs by chance."""
    for run in _RUN.finditer(content):
        region = (max(0, run.start() - 1), run.end() + 2)
        yield from (Found(MOBILE, match.start(), match[0]) for match in _MOBILE.finditer(content, *region))
        for match in _ID_NUMBER.finditer(content, *region):
            if is_id_number(match[0]):
                yield Found(ID_NUMBER, match.start(), match[0])
    at = content.find(b"@")
    while at >= 0:
        for match in _EMAIL.finditer(content, max(0, at - LOCAL), at + DOMAIN):
            if match.start() < at < match.end():
                yield Found(EMAIL, match.start(), match[0])
        at = content.find(b"@", at + 1)


def kind_in(text: str) -> str:
    """What `text`, typed by somebody, gives away; empty: nothing. Wide digits, and spaces anywhere, do not hide it."""
    plain = unicodedata.normalize("NFKC", text)
    for each in (plain, "".join(plain.split())):
        if found := next(find(each.encode("utf-8", "replace")), None):
            return found.kind
    return ""


def masked(text: str) -> str:
    """`text`, which came from elsewhere, as it may be shown: with a hint in the place of whatever is a person's."""
    content, shown, end = text.encode("utf-8", "replace"), b"", 0
    for found in sorted(find(content), key=lambda each: (each.at, -len(each.value))):
        if found.at >= end:  # a number may be part of an address
            shown += content[end : found.at] + hinted(found.value).encode()
            end = found.at + len(found.value)
    return (shown + content[end:]).decode()


def hinted(value: bytes) -> str:
    """Enough of a value to know it again, and not the value: its first and last two characters."""
    text = value.decode("utf-8", "replace")
    return f"{text[:2]}…{text[-2:]}" if len(text) > 6 else "…"
