"""What goes wrong at the far side, by seed: the same things happen to the same message at the same attempt."""

from __future__ import annotations

from random import Random

ANSWER = "answer"
REFUSE = "refuse"
CUT = "cut"
LATE = "late"
FORGET = "forget"
TWICE = "twice"
NONSENSE = "nonsense"
FAULTS = (REFUSE, CUT, LATE, FORGET, TWICE, NONSENSE)
"""REFUSE: 500 or 503, CUT: the connection breaks; both before anything is stored. After it was stored: LATE: the answer
comes when nobody waits for it any more, FORGET: never, TWICE: twice on one connection, NONSENSE: it is a web page."""


def what_happens(seed: int, share: float, id: str, attempt: int) -> str:
    """To the attempt number `attempt` to deliver `id`: ANSWER or one of FAULTS, which make up `share` of all."""
    chance = Random(f"{seed}:{id}:{attempt}")
    return chance.choice(FAULTS) if chance.random() < share else ANSWER


def status(seed: int, id: str, attempt: int) -> int:
    """With which a refusal is answered."""
    return Random(f"status:{seed}:{id}:{attempt}").choice((500, 503))


def served(seed: int, older: list[dict], newer: list[dict], time: int) -> list[dict]:
    """A page of orders as this far side serves it the `time`-th time: with some that it has served before, and in no
    order."""
    chance = Random(f"orders:{seed}:{time}")
    page = chance.sample(older, min(3, len(older))) + newer
    chance.shuffle(page)
    return page
