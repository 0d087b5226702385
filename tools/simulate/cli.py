"""`jiaohao simulate`: many seeds, one seed step by step, or the planted mistakes."""

from __future__ import annotations

import json
import multiprocessing
import time
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import click

from tools.simulate import run as runs
from tools.simulate.faults import KINDS
from tools.simulate.mistakes import MISTAKES
from tools.simulate.run import Result
from tools.simulate.shrink import kind_of, shrink

ALL = "all"


class Found(NamedTuple):
    """The first of `seeds` runs with the mistake `name` that broke something; None: it was not found."""

    name: str
    seeds: int
    result: Result | None


def play(first: int, seeds: int, jobs: int) -> Iterator[Result]:
    """The runs of `seeds` seeds from `first` on, in order, in `jobs` processes."""
    if jobs == 1:
        yield from map(runs.run, range(first, first + seeds))
        return
    with multiprocessing.get_context("spawn").Pool(jobs) as pool:
        yield from pool.imap(runs.run, range(first, first + seeds), chunksize=4)


def find_all(names: list[str], first: int, seeds: int, jobs: int) -> Iterator[Found]:
    """Each mistake with the first seed that finds it."""
    asked = [(name, first, seeds) for name in names]
    if jobs == 1 or len(names) == 1:
        yield from map(find, asked)
        return
    with multiprocessing.get_context("spawn").Pool(jobs) as pool:
        yield from pool.imap(find, asked)


def find(asked: tuple[str, int, int]) -> Found:
    name, first, seeds = asked
    for seed in range(first, first + seeds):
        result = runs.run(seed, mistake=MISTAKES[name])
        if result.violation:
            return Found(name, seed - first + 1, result)
    return Found(name, seeds, None)


@click.command()
@click.option("--seeds", type=click.IntRange(1), default=20, show_default=True, help="How many runs.")
@click.option("--first", type=click.IntRange(0), default=0, show_default=True, metavar="SEED", help="The first seed.")
@click.option("--trace", is_flag=True, help="Tell every step, of one seed.")
@click.option("--mistake", type=click.Choice([*MISTAKES, ALL]), help="Plant a mistake, and look which seed finds it.")
@click.option("--shrink", "shrinks", is_flag=True, help="Leave out the faults that a failing run does not need.")
@click.option("--jobs", type=click.IntRange(1), default=2, show_default=True, help="Processes side by side.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of words.")
def simulate(seeds: int, first: int, trace: bool, mistake: str | None, shrinks: bool, jobs: int, as_json: bool) -> None:
    """Run devices, broker and hub in virtual time while everything fails, and check every promise."""
    if trace:
        if seeds != 1:
            raise click.UsageError("--trace tells one seed: add --seeds 1, and the seed with --first")
        _tell_trace(first, mistake, shrinks)
        return
    if mistake:
        _tell_mistakes([*MISTAKES] if mistake == ALL else [mistake], first, seeds, jobs, shrinks, as_json)
        return
    _tell_runs(first, seeds, jobs, shrinks, as_json)


def _tell_trace(seed: int, mistake: str | None, shrinks: bool) -> None:
    if mistake == ALL:
        raise click.UsageError("--trace tells one mistake: give its name")
    planted = MISTAKES[mistake] if mistake else None
    plan = None
    if shrinks:
        result = runs.run(seed, mistake=planted)
        plan = _smallest(result, mistake) if result.violation else None
    result = runs.run(seed, plan, planted, click.echo)
    click.echo(f"seed {seed}, trace {result.trace}: {result.violation or 'nothing broke'}")
    if result.violation:
        raise SystemExit(1)


def _tell_runs(first: int, seeds: int, jobs: int, shrinks: bool, as_json: bool) -> None:
    began_s = time.perf_counter()
    sums: Counter[str] = Counter()
    broken: list[Result] = []
    for result in play(first, seeds, jobs):
        sums.update(result.counts)
        if result.violation:
            broken.append(result)
            if not as_json:
                _tell_broken(result, None, shrinks)
    took_s = round(time.perf_counter() - began_s, 1)
    if as_json:
        violations = [{"seed": result.seed, "violation": result.violation} for result in broken]
        click.echo(json.dumps({"seeds": seeds, "took_s": took_s, "violations": violations, "counts": dict(sums)}))
    else:
        faults = ", ".join(f"{sums[kind]:,} {kind}" for kind in KINDS)
        rest = ", ".join(f"{count:,} {what}" for what, count in sums.items() if what not in (*KINDS, "faults"))
        click.echo(f"{seeds:,} seeds with {sums['faults']:,} faults in {took_s} s: {len(broken)} broke something")
        click.echo(f"faults: {faults}")
        click.echo(f"in all: {rest}")
    if broken:
        raise SystemExit(1)


def _tell_mistakes(names: list[str], first: int, seeds: int, jobs: int, shrinks: bool, as_json: bool) -> None:
    missed = 0
    told = []
    for found in find_all(names, first, seeds, jobs):
        missed += found.result is None
        seed = found.result.seed if found.result else None
        told.append({"mistake": found.name, "seed": seed, "violation": found.result.violation if found.result else ""})
        if as_json:
            continue
        if found.result is None:
            click.echo(f"{found.name:35} NOT FOUND in {seeds} seeds")
        else:
            click.echo(f"{found.name:35} found by seed {seed}: {found.result.violation}")
            if shrinks:
                _tell_smallest(found.result, found.name)
    if as_json:
        click.echo(json.dumps(told))
    if missed:
        raise SystemExit(1)


def _tell_broken(result: Result, mistake: str | None, shrinks: bool) -> None:
    click.echo(f"seed {result.seed}: {result.violation}")
    click.echo(f"  see it: jiaohao simulate --first {result.seed} --seeds 1 --trace")
    if shrinks:
        _tell_smallest(result, mistake)


def _tell_smallest(result: Result, mistake: str | None) -> None:
    plan = _smallest(result, mistake)
    click.echo(f"  {len(plan)} of {len(result.plan)} faults are enough:")
    for fault in plan:
        click.echo(f"    {fault}")


def _smallest(result: Result, mistake: str | None):
    planted = MISTAKES[mistake] if mistake else None
    kind = kind_of(result.violation)
    return shrink(result.plan, lambda plan: kind_of(runs.run(result.seed, plan, planted).violation) == kind)
