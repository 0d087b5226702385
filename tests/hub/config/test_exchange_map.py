"""Field maps: every problem is named with its line and with what would be right."""

from __future__ import annotations

import pytest

from hub.config import HallFileError
from hub.config.exchange_map import read_map
from hub.core.exchange import RECORDS
from tests.hub.exchange import MAPS, given_map

GOOD = """\
[map]
id = "small"

[[rating]]
name = "score"
from = "level"

[[rating]]
name = "at"
from = "rated_ms"
time = "iso"

[[order]]
to = "order"
name = "no"

[[order]]
to = "kind"
constant = "bad-rating"
"""


def problems(old: str, new: str) -> list[str]:
    assert old in GOOD
    with pytest.raises(HallFileError) as caught:
        read_map(GOOD.replace(old, new, 1))
    return [str(problem) for problem in caught.value.problems]


LEVEL = 'from = "level"'
ISO = 'time = "iso"'


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (LEVEL, "from = 5", 'line 6: rating #1.from: must be text in quotes, such as "text"'),
        (LEVEL, 'fom = "level"', "line 6: rating #1.fom: unknown key; allowed here: name, from, constant, otherwise"),
        (LEVEL, 'from = "levl"', 'line 6: rating #1.from: our record has no "levl"; allowed: "rating", "case"'),
        (LEVEL, "", "line 4: rating #1: must have either from (a key of our record) or constant"),
        (LEVEL, f"{LEVEL}\nconstant = 1", "line 4: rating #1: must have either from"),
        (LEVEL, "constant = 1.5", "line 6: rating #1.constant: must be text in quotes, a whole number, or true or"),
        (LEVEL, "constant = 1\nmax = 5", "line 7: rating #1.max: has no meaning for a constant; leave it out"),
        (LEVEL, f'{LEVEL}\ntime = "iso"', "line 7: rating #1.time: has a meaning only for a moment"),
        (LEVEL, f'{LEVEL}\njoin = ","', 'line 7: rating #1.join: has a meaning only for a list; "level" is a number'),
        (LEVEL, f"{LEVEL}\ncut = true", "line 7: rating #1.cut: needs max"),
        (LEVEL, f"{LEVEL}\nmax = -1", "line 7: rating #1.max: must be greater than or equal to 0"),
        (LEVEL, 'from = "reasons"\nmax = 9', "line 7: rating #1.max: has no meaning for a list; add join, or"),
        (
            LEVEL,
            f"{LEVEL}\nrequired = true\notherwise = 1",
            "line 7: rating #1.required: never counts beside otherwise",
        ),
        (
            LEVEL,
            f"{LEVEL}\ncodes = {{ 5 = 1, 4 = 2, 3 = 3 }}",
            'line 7: rating #1.codes: there is no code for "1", "2"; add them, or "*" for all others',
        ),
        (
            LEVEL,
            f'{LEVEL}\ncodes = {{ 6 = 1, "*" = 2 }}',
            'line 7: rating #1.codes: level is never "6"; allowed: "1", "2", "3", "4", "5" and "*"',
        ),
        (LEVEL, f"{LEVEL}\ncodes = {{ 5 = [] }}", "line 7: rating #1.codes.5: must be text in quotes, a whole number"),
        (
            LEVEL,
            f'{LEVEL}\nmax = 1\ncodes = {{ "*" = "12" }}',
            'line 8: rating #1.codes: the code of "*" has 2 characters, max is 1',
        ),
        (
            ISO,
            "",
            'line 8: rating #2: must have time: how a moment is written, one of "iso" (2026-03-04T09:15:00+08:00)',
        ),
        (ISO, 'time = "english"', "line 11: rating #2.time: must be '', 'iso', 'plain', 'compact', 's' or 'ms'"),
        (ISO, f"{ISO}\ncodes = {{ 1 = 2 }}", "line 12: rating #2.codes: has no meaning for a moment; leave it out"),
        ('"at"', '"score"', 'line 9: rating #2.name: "score" is filled by row #1 ("score") already'),
        ('"at"', '"score.at"', 'line 9: rating #2.name: "score.at" is filled by row #1 ("score") already'),
        ('"at"', '"a..b"', "line 9: rating #2.name: "),
        ('to = "order"', 'to = "ordr"', 'line 14: order #1.to: an order of ours has no "ordr"; allowed: "order"'),
        ('to = "order"', 'to = "kind"', 'line 18: order #2.to: "kind" is filled by row #1 already'),
        ('to = "order"', 'to = "case"', 'order: there must be a row to "order"'),
        ('name = "no"', "", "line 13: order #1: must have either name (a field of theirs) or constant"),
        ('to = "order"', 'to = "due_ms"', "line 13: order #1: must have time: how a moment is written"),
        (
            'constant = "bad-rating"',
            'constant = "good"',
            'line 19: order #2.constant: there is no "good" of ours; allowed: "bad-rating", "question", "complaint"',
        ),
        (
            'constant = "bad-rating"',
            'name = "type"\ncodes = { 1 = "good" }',
            'line 20: order #2.codes: there is no "good" of ours',
        ),
        (
            'constant = "bad-rating"',
            'constant = "question"\ncodes = { 1 = 2 }',
            "line 20: order #2.codes: has no meaning",
        ),
        ('id = "small"', 'id = "a b"', "line 2: map.id: "),
        ('id = "small"', 'id = "small', "line 2: TOML: "),
    ],
)
def test_a_mistake_is_told_with_its_line(old: str, new: str, told: str):
    found = problems(old, new)
    assert any(problem.startswith(told) for problem in found), found


def test_a_map_needs_a_rating():
    with pytest.raises(HallFileError, match="rating: is missing"):
        read_map('[map]\nid = "small"\n')


def test_all_mistakes_are_told_in_the_order_of_the_lines():
    found = problems('from = "level"\n', 'from = "levl"\n\n[[rating]]\nname = "score"\nfrom = "x"\n')
    assert [problem.split(":")[0] for problem in found] == ["line 6", "line 9", "line 10"]


@pytest.mark.parametrize("file", sorted(MAPS.glob("*.toml")), ids=lambda file: file.stem)
def test_the_maps_that_come_along_are_good_and_say_that_they_are_invented(file):
    read = given_map(file.stem)
    assert read.id == file.stem and set(read.records) == set(RECORDS) and read.orders
    assert "invented" in file.read_text("utf-8").splitlines()[0]
