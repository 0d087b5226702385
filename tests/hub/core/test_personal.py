"""What gives a person away is found in text and bytes, and what only looks like it is not."""

from __future__ import annotations

import hashlib
from collections import Counter
from random import Random

import pytest

from hub.core import personal
from hub.core.personal import EMAIL, ID_NUMBER, MOBILE, find, hinted, kind_in, masked

ID = "440101199001011233"
MOBILE_NUMBER = "13812345678"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (MOBILE_NUMBER, MOBILE),
        ("电话13812345678。", MOBILE),
        ("138 1234 5678", MOBILE),
        ("138-1234-5678", MOBILE),
        ("+86 138 1234 5678", MOBILE),
        ("１３８１２３４５６７８", MOBILE),
        ("1 3 8 1 2 3 4 5 6 7 8", MOBILE),
        (ID, ID_NUMBER),
        ("11010519491231002X", ID_NUMBER),
        ("11010519491231002x", ID_NUMBER),
        ("440101 19900101 1233", ID_NUMBER),
        ("write to li.min@hall.example", EMAIL),
        ("", ""),
        ("A012", ""),
        ("440101199001011234", ""),  # the check digit is wrong
        ("110105194913310023", ""),  # no such month
        ("12812345678", ""),
        ("138123456789", ""),
        ("2026-000138123456780", ""),
        ("粤办〔2026〕1381 号", ""),
        ("1772553600000", ""),  # a moment in ms
        ("0755-12345678", ""),
        ("a@b", ""),
    ],
)
def test_what_somebody_types(text: str, kind: str):
    assert kind_in(text) == kind


def test_where_it_is_in_the_bytes_of_a_file():
    content = b'\x00\x81{"case":"13812345678"}\xff' + ID.encode() + b"\x00"
    assert [(found.kind, found.at) for found in find(content)] == [(MOBILE, 11), (ID_NUMBER, 25)]


def test_hashes_and_tokens_are_not_taken_for_numbers():
    hashes = "\n".join(hashlib.sha256(b"%d" % each).hexdigest() for each in range(20_000))
    assert list(find(hashes.encode())) == []


def test_what_is_shown_has_hints_in_its_place():
    text = f"电话{MOBILE_NUMBER}，13812345678@mail.example, {ID}."
    assert masked(text) == "电话13…78，13…le, 44…33."
    assert masked("A012 到 3 号窗口") == "A012 到 3 号窗口"


def test_what_is_looked_at_first_passes_over_nothing():
    chance = Random(1)
    pieces = (
        MOBILE_NUMBER,
        ID,
        "11010519491231002X",
        "+86",
        "0086 ",
        "86",
        " ",
        "-",
        "a",
        "1",
        "9",
        "@",
        "b.cn",
        "li@",
        "号",
    )
    found = Counter()
    for _ in range(20_000):
        content = "".join(chance.choices(pieces, k=chance.randrange(1, 7))).encode()
        plain = [(MOBILE, each.start()) for each in personal._MOBILE.finditer(content)]
        plain += [(ID_NUMBER, e.start()) for e in personal._ID_NUMBER.finditer(content) if personal.is_id_number(e[0])]
        plain += [(EMAIL, each.start()) for each in personal._EMAIL.finditer(content)]
        assert sorted((each.kind, each.at) for each in find(content)) == sorted(plain), content
        found.update(kind for kind, _ in plain)
    assert min(found[kind] for kind in (MOBILE, ID_NUMBER, EMAIL)) > 100


def test_a_hint_is_not_the_value():
    assert hinted(MOBILE_NUMBER.encode()) == "13…78"
    assert hinted(b"abc") == "…"


def test_the_check_digit_is_that_of_the_standard():
    assert personal.is_id_number(b"11010519491231002X")
    assert not personal.is_id_number(b"110105194912310021")
