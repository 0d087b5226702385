"""Which ratings look as if no applicant had pressed them: rules over the ratings of one day, and their evidence.

A mark accuses nobody: it says which rule found what, in figures, and two people look at it (hub.core.marks). Each rule
asks for something that honest people rarely do, measured against what the hall's other pads had that day, so that a
hall where nearly everybody is content does not mark the content.

    not-its-pad  presses that came from a board which was not the rating pad of that window when they were made: one is
                 enough
    no-visit     presses while nobody was being served: NO_VISITS and more on one pad within NO_VISIT_MS
    overpressed  a bad rating that was corrected to the best on the same pad: whoever sits nearest could have done that
    in-a-row     the pad was pressed for RUN visits and more, each within RUSH_MS of the one before
    rhythm       so many presses came after the same time, but for RHYTHM_MS, after the visit had ended that, by how
                 long people take at the other pads, it happens less than once in 1 / CHANCE times
    same-level   so many visits in a row with the same level that, by the share of this level on all other pads, it
                 happens less than once in 1 / CHANCE runs
    burst        BURST bad ratings and more on one pad within BURST_MS, which by the share of bad ratings on the other
                 pads happens less than once in 1 / CHANCE times
    unlike       a pad with UNLIKE ratings and more of which so many are the best, or bad, or at which so many of those
                 who were served pressed, that it would be so on less than CHANCE of pads if its people were like those
                 of the other pads

The rules *same-level* and *unlike* say something of a pad and of none of its ratings: nobody can tell which of the many
are false. So these marks name no rating, and nothing can be excluded by them. Presses count by when they were pressed,
not by when they arrived.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from math import comb
from typing import NamedTuple

from hub.core.ratings import CORRECTION, COUNTS, NO_VISIT, PAD
from hub.core.state import Pressed
from protocol.ratings import BAD, LEVELS

BEST = LEVELS[0]

CHANCE = 1e-4
"""How rarely something must happen by itself to be marked. A hall with 200 pads asks a few such questions of each, each
day: at one in ten thousand it marks an honest pad about once a month."""

NO_VISITS = 3
NO_VISIT_MS = 10 * 60_000
"""One press may be a child's; three in ten minutes are somebody's."""

RUN = 4
RUSH_MS = 20_000
"""Four visits that end within a minute: nobody is served so fast."""

RHYTHM = 6
RHYTHM_MS = 700
"""People take between one and thirty seconds to press, and few of them the same second and a half."""

RHYTHM_LEAST = 0.05
"""With few other pads nobody knows how long people take; then one in twenty is taken to press in any such span."""

BURST = 4
BURST_MS = 60 * 60_000
"""Each visit is rated once, so it takes an hour until four people have been angry at one pad."""

UNLIKE = 20
"""With fewer ratings a pad says nothing of itself."""

NEVER = 0.005
"""A level that nobody else pressed today has this share all the same: there are few pads and few people."""

TOP = 0.98
"""And one that everybody else presses has at most this: nobody may be sure."""


OF_PADS = ("same-level", "unlike")
"""Rules that say something of a pad, and of none of its ratings."""


class Mark(NamedTuple):
    """What the rule `rule` found at a window: `ratings`, or none for OF_PADS. `clerk`: who served most of those that it
    looked at. `evidence`: figures."""

    rule: str
    window: str
    clerk: str
    ratings: tuple[str, ...]
    evidence: dict[str, int]


class _Pad(NamedTuple):
    """The presses at one window, in the order in which they were pressed; of these those that `count`, one for each
    rated stop; and of all `others` those that count. `served`: stops here, and at the others; 0: not known."""

    window: str
    presses: list[Pressed]
    counted: list[Pressed]
    others: list[Pressed]
    served: tuple[int, int]

    def share(self, like: Callable[[Pressed], bool]) -> float:
        """How many of the others are so, never quite none or all."""
        found = sum(map(like, self.others)) / len(self.others) if self.others else 0.5
        return min(TOP, max(NEVER, found))

    def share_of(self, levels: Sequence[int]) -> float:
        """The share of `levels` on the other pads."""
        return self.share(lambda press: press.level in levels)


def marking_of(pressed: Sequence[Pressed], served: Mapping[str, int]) -> list[Mark]:
    """What the rules find in the ratings of a day; only pads are asked, phones are held by those who were served.
    `served`: window -> stops of the day."""
    windows: defaultdict[str, list[Pressed]] = defaultdict(list)
    for press in sorted(pressed, key=lambda press: press.at_ms):
        if press.channel == PAD:
            windows[press.window].append(press)
    counted = {window: _counted(presses) for window, presses in windows.items()}
    found: list[Mark] = []
    for window, presses in sorted(windows.items()):
        others = [press for other, counts in counted.items() if other != window for press in counts]
        here = served.get(window, 0)
        pad = _Pad(window, presses, counted[window], others, (here, sum(served.values()) - here))
        for rule, look in RULES.items():
            for found_here, evidence in look(pad):
                ratings = () if rule in OF_PADS else tuple(press.rating for press in found_here)
                clerk = Counter(press.clerk for press in found_here).most_common(1)[0][0]
                found.append(Mark(rule, window, clerk, ratings, evidence))
    return found


def _counted(presses: Sequence[Pressed]) -> list[Pressed]:
    """One for each rated stop: the last word that counts, where the first one stood."""
    corrected = {press.visit for press in presses if press.standing == CORRECTION}
    last: dict[str, Pressed] = {}
    for press in presses:
        if press.standing in COUNTS:
            last[press.visit if press.visit in corrected else press.rating] = press
    return sorted(last.values(), key=lambda press: press.at_ms)


Found = tuple[list[Pressed], dict[str, int]]


def _not_its_pad(pad: _Pad) -> Iterator[Found]:
    by_board: defaultdict[str, list[Pressed]] = defaultdict(list)
    for press in pad.presses:
        if press.sender:
            by_board[press.device].append(press)
    for _, group in sorted(by_board.items()):
        yield group, {"presses": len(group)}


def _no_visit(pad: _Pad) -> Iterator[Found]:
    apart = [press for press in pad.presses if press.standing == NO_VISIT]
    for group in _close(apart, NO_VISIT_MS, NO_VISITS):
        yield group, {"presses": len(group), "span_s": _span_s(group)}


def _overpressed(pad: _Pad) -> Iterator[Found]:
    for press in pad.presses:
        if press.replaced in BAD and press.level == BEST:
            yield [press], {"before": press.replaced, "after": press.level}


def _in_a_row(pad: _Pad) -> Iterator[Found]:
    for group in _runs(pad.counted, lambda one, next_: next_.at_ms - one.at_ms <= RUSH_MS, RUN):
        yield group, {"presses": len(group), "span_s": _span_s(group)}


def _rhythm(pad: _Pad) -> Iterator[Found]:
    """The most that lie within twice the tolerance; of each such place it might have been."""
    late = sorted((press for press in pad.counted if 0 < press.left_ms <= press.at_ms), key=_delay_ms)
    most: list[Pressed] = []
    first = 0
    for last, press in enumerate(late):
        while _delay_ms(press) - _delay_ms(late[first]) > 2 * RHYTHM_MS:
            first += 1
        if last - first >= len(most):
            most = late[first : last + 1]
    if len(most) >= RHYTHM:
        least_ms, most_ms = _delay_ms(most[0]), _delay_ms(most[0]) + 2 * RHYTHM_MS
        share = pad.share(lambda press: press.left_ms > 0 and least_ms <= _delay_ms(press) <= most_ms)
        if _at_least(len(most), len(late), max(share, RHYTHM_LEAST)) * len(late) < CHANCE:
            yield most, {"presses": len(most), "of": len(late), "delay_ms": least_ms}


def _delay_ms(press: Pressed) -> int:
    """From the end of the visit to the press."""
    return press.at_ms - press.left_ms


def _same_level(pad: _Pad) -> Iterator[Found]:
    for group in _runs(pad.counted, lambda one, next_: one.level == next_.level, 2):
        level = group[0].level
        starts = max(1, len(pad.counted) - len(group) + 1)  # places at which such a run could have begun
        if pad.share_of([level]) ** len(group) * starts < CHANCE:
            yield group, {"presses": len(group), "level": level, "others_percent": _percent(pad.share_of([level]))}


def _burst(pad: _Pad) -> Iterator[Found]:
    bad = [press for press in pad.counted if press.level in BAD]
    for group in _close(bad, BURST_MS, BURST):
        between = [press for press in pad.counted if group[0].at_ms <= press.at_ms <= group[-1].at_ms]
        if _at_least(len(group), len(between), pad.share_of(BAD)) * len(pad.counted) < CHANCE:
            yield group, {"bad": len(group), "of": len(between), "span_s": _span_s(group)}


def _unlike(pad: _Pad) -> Iterator[Found]:
    count = len(pad.counted)
    if count < UNLIKE:
        return
    for levels in ((BEST,), BAD):
        found = [press for press in pad.counted if press.level in levels]
        if found and _at_least(len(found), count, pad.share_of(levels)) < CHANCE:
            share = _percent(pad.share_of(levels))
            yield found, {"presses": len(found), "of": count, "level": levels[0], "others_percent": share}
    here, elsewhere = pad.served
    if here and elsewhere:
        share = min(TOP, max(NEVER, len(pad.others) / elsewhere))
        if _at_least(min(count, here), here, share) < CHANCE:
            yield pad.counted, {"rated": count, "served": here, "others_percent": _percent(share)}


RULES: dict[str, Callable[[_Pad], Iterator[Found]]] = {
    "not-its-pad": _not_its_pad,
    "no-visit": _no_visit,
    "overpressed": _overpressed,
    "in-a-row": _in_a_row,
    "rhythm": _rhythm,
    "same-level": _same_level,
    "burst": _burst,
    "unlike": _unlike,
}
"""Rule -> what it finds on a pad: groups of presses, with the evidence."""


def _runs(
    presses: Sequence[Pressed], belongs: Callable[[Pressed, Pressed], bool], least: int
) -> Iterator[list[Pressed]]:
    """The longest runs in which each belongs to the one before, of `least` and more."""
    run: list[Pressed] = []
    for press in presses:
        if run and not belongs(run[-1], press):
            if len(run) >= least:
                yield run
            run = []
        run.append(press)
    if len(run) >= least:
        yield run


def _close(presses: Sequence[Pressed], within_ms: int, least: int) -> Iterator[list[Pressed]]:
    """Groups of `least` and more that lie within `within_ms`, each press in one of them; a group goes on as long as
    its last ones are that close."""
    group: list[Pressed] = []
    for press in presses:
        if len(group) >= least and press.at_ms - group[-least + 1].at_ms > within_ms:
            yield group
            group = []
        while group and len(group) < least and press.at_ms - group[0].at_ms > within_ms:
            group.pop(0)
        group.append(press)
    if len(group) >= least:
        yield group


def _at_least(found: int, count: int, share: float) -> float:
    """The probability of `found` or more of `count` when each has it with `share` (binomial)."""
    return sum(comb(count, n) * share**n * (1 - share) ** (count - n) for n in range(found, count + 1))


def _span_s(group: Sequence[Pressed]) -> int:
    return (group[-1].at_ms - group[0].at_ms) // 1000


def _percent(share: float) -> int:
    return round(100 * share)
