"""The benchmarks of a whole hall measure it: a small turn of each comes to its end with figures that can be."""

from tools.bench import latency, queue


async def test_a_press_takes_longer_than_nothing_and_so_does_the_raw_way():
    rows = await latency.run(windows=2, presses=3, progress=lambda _words: None)
    assert [row["way"] for row in rows] == ["press to state", "broker round trip + fsync"]
    assert all(row["presses"] == 3 and 0 < row["p50_ms"] <= row["p99_ms"] for row in rows)


async def test_numbers_are_drawn_and_called_and_none_twice():
    rows = await queue.run([1], 0.2)
    assert [row["operation"] for row in rows] == ["draw", "next", "bare"]
    assert all(row["per_s"] > 0 and not row["doubles"] for row in rows)
