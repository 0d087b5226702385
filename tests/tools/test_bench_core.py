"""`bench core` measures what it says: calls by all the rules, with as many waiting at the end as at the beginning."""

from __future__ import annotations

from collections import Counter

from tools.bench import core


def test_each_row_says_how_many_wait():
    rows = core.run((5, 50))
    assert [row["waiting"] for row in rows] == [5, 50]
    assert all(row["next_us"] > 0 and row["sort_us"] > 0 for row in rows)


def test_the_ratio_and_the_order_both_choose():
    hall = core.BenchHall()
    for _ in range(300):
        hall.draw()
    why: Counter[str] = Counter()
    for _ in range(90):
        hall.next()
        why[hall.state.tickets[hall.state.windows["1"].visit].stops[-1].why["kind"]] += 1
        hall.finish()
        hall.draw()
    assert {"order", "ratio"} <= why.keys()
    assert len(hall.state.lines) == 300
