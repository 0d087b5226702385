"""The simulation in CI: 250 seeds keep every promise, each planted mistake is found, and a seed is one run for ever."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter

import pytest

from tools.simulate.cli import find_all, play
from tools.simulate.mistakes import MISTAKES

SEEDS = 250
FAULTS = 10_000
SEEDS_FOR_A_MISTAKE = 200
JOBS = 2

HAPPENED = (
    "power gone in a write",
    "power gone in a rename",
    "erased",
    "journals compacted",
    "commits-lost-by-restore",
    "promised",
    "called",
)
"""A fault that never happens proves nothing."""


def test_no_seed_breaks_a_promise():
    sums: Counter[str] = Counter()
    broken = []
    for result in play(0, SEEDS, JOBS):
        sums.update(result.counts)
        if result.violation:
            broken.append(f"jiaohao simulate --first {result.seed} --seeds 1 --trace: {result.violation}")
    assert not broken, "\n".join(broken)
    assert sums["faults"] >= FAULTS
    assert min(sums[what] for what in HAPPENED) > 20, sums


def test_each_planted_mistake_is_found():
    found = list(find_all([*MISTAKES], 0, SEEDS_FOR_A_MISTAKE, JOBS))
    assert [each.name for each in found if each.result is None] == []
    assert len(found) >= 22


def test_a_planted_mistake_is_gone_after_its_run():
    """Each of them changes the real code: what comes after must be the real code again."""
    from tools.simulate.run import run

    before = run(3).trace
    for mistake in MISTAKES.values():
        run(3, plan=[], mistake=mistake)
    assert run(3).trace == before


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_a_seed_is_the_same_run_whatever_the_hash_seed(hash_seed):
    script = "from tools.simulate.run import run; print(*[run(seed).trace for seed in range(3)])"
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    told = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert told.stdout.split() == [result.trace for result in play(0, 3, 1)]
