"""How a release reaches the boards of a hall: in waves, watched, and stopped at once when it does harm. Pure.

    rollout = Rollout.begin(made, parts)     made: which release
    rollout.look(sights, now_ms)             call it every few seconds; the boards to offer it to
    rollout.asked(device, now_ms)            it took the offer and asks for pieces
    rollout.leave(device, sight, now_ms)     it has all: whether it may start it now
    rollout.refused(device, why)             it does not take it
    rollout.was_deaf(now_ms)                 hub or broker were away: nobody is blamed for his silence meanwhile
    rollout.stop(why), rollout.resume()

Waves are made once: one board; two of each kind, up to 5 %; 25 %; all. The rarest kinds come first, since what is wrong
with a release is most often wrong with a kind of board; then it goes zone by zone. A board begins when nobody stands at
its window, and starts the new version when nobody does; two boards of one window are never under way together. A wave
ends when those of its boards that are there have the release and were confirmed, and stops the roll-out when FAILURES
of them went back, refused or fell silent: a board alone in its wave stops it by itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from itertools import accumulate
from typing import Any

FAILURES = 2
"""Boards that fail in a wave before it stops. One may be broken by itself; 2 % of a wave would be as few or more."""

SHARES = (0, 5, 25, 100)
"""Percent of all boards that have the release after each wave; the first wave is one board."""

AT_ONCE = (1, 4, 16, 64)
"""Boards under way together in each wave: they take some seven minutes each."""

PROVEN_SHARE = 2
"""One in so many boards of a wave must have proven the release before the next wave, however many are switched off."""

OFFER_AGAIN_MS = 30_000
NO_ANSWER_MS = 600_000
"""A board that is there and asks for nothing for this long does not know how to update, or cannot."""

SILENT_MS = 1_200_000
"""After the start: five minutes until it is confirmed, or ten until it gives up, and a start or three."""

WAITS, TAKES, STARTED, DONE, FAILED = "waits", "takes", "started", "done", "failed"
UNDER_WAY = (TAKES, STARTED)


@dataclass(frozen=True, slots=True)
class Part:
    """A board, for the plan. `kind`: what boards that fail alike have in common."""

    id: str
    window: str
    zone: str
    kind: str


@dataclass(frozen=True, slots=True)
class Sight:
    """What is seen of a board now. `made`: the release that it runs, `boot`: its starts, as it counts them; `is_busy`:
    somebody is called to its window, or served there."""

    window: str
    online: bool
    made: int
    on_trial: bool
    boot: int
    is_busy: bool


@dataclass(slots=True)
class Step:
    """How far a board is. `since_ms`: when that began, or it was heard; `boot`: at its start; `touched`: it was let
    start the release; `excused`: the hub was deaf since then."""

    state: str = WAITS
    since_ms: int = 0
    offered_ms: int = 0
    boot: int = 0
    touched: bool = False
    excused: bool = False
    why: str = ""


@dataclass(slots=True)
class Rollout:
    """`stopped`: why it does not go on, or empty. `failures`: boards that failed in this wave since it last went on."""

    made: int
    waves: list[list[str]]
    steps: dict[str, Step]
    wave: int = 0
    failures: list[str] = field(default_factory=list)
    stopped: str = ""

    @classmethod
    def begin(cls, made: int, parts: Iterable[Part]) -> Rollout:
        waves = plan(parts)
        return cls(made, waves, {device: Step() for wave in waves for device in wave})

    def look(self, sights: Mapping[str, Sight], now_ms: int) -> list[str]:
        """Takes in what is seen of each board and goes on; the boards to which the release is to be offered now."""
        for device, step in self.steps.items():
            if device in sights:
                self._judge(device, step, sights[device], now_ms)
        if self.stopped:
            return []
        while self._is_over(sights):
            self.wave += 1
            self.failures = []
        self._start(sights, now_ms)
        return self._offers(sights, now_ms)

    def asked(self, device: str, now_ms: int) -> None:
        step = self.steps.get(device)
        if step and step.state == TAKES:
            step.since_ms = now_ms

    def leave(self, device: str, sight: Sight, now_ms: int) -> bool:
        """Whether a board that has the whole release may start it. One that asks again did not hear the answer."""
        self.asked(device, now_ms)
        step = self.steps.get(device)
        if step is None or step.state not in UNDER_WAY or (step.state == TAKES and (self.stopped or sight.is_busy)):
            return False
        if step.state == TAKES:
            self.steps[device] = Step(STARTED, now_ms, boot=sight.boot, touched=True)
        return True

    def refused(self, device: str, why: str) -> None:
        if device in self.steps and self.steps[device].state == TAKES:
            self._fail(device, why)

    def was_deaf(self, now_ms: int) -> None:
        """A version that looks for hub or broker in vain gives itself up, and need not be bad."""
        for step in self.steps.values():
            if step.state in UNDER_WAY:
                step.since_ms, step.excused = now_ms, True

    def stop(self, why: str) -> None:
        self.stopped = self.stopped or why

    def resume(self) -> None:
        """In spite of what failed so far."""
        self.stopped = ""
        self.failures = []

    @property
    def is_done(self) -> bool:
        return all(step.state in (DONE, FAILED) for step in self.steps.values())

    def count(self, state: str) -> int:
        return sum(step.state == state for step in self.steps.values())

    @property
    def touched(self) -> int:
        """Boards that were let start the release, whatever became of it."""
        return sum(step.touched for step in self.steps.values())

    def plain(self) -> dict[str, Any]:
        """As JSON can say it."""
        return asdict(self)

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Rollout:
        return cls(**{**plain, "steps": {device: Step(**step) for device, step in plain["steps"].items()}})

    def _judge(self, device: str, step: Step, sight: Sight, now_ms: int) -> None:
        if sight.made == self.made and not sight.on_trial and sight.online and step.state != FAILED:
            step.state = DONE
        elif step.state == TAKES and not sight.online:
            step.state = WAITS
        elif step.state == TAKES and now_ms - step.since_ms > NO_ANSWER_MS:
            self._fail(device, "does not ask for it")
        elif step.state == STARTED and sight.online and sight.made != self.made and sight.boot > step.boot:
            self._went_back(device, step)
        elif step.state == STARTED and now_ms - step.since_ms > SILENT_MS:
            self._fail(device, "fell silent" if not sight.online else "was not confirmed")

    def _went_back(self, device: str, step: Step) -> None:
        if step.excused:
            self.steps[device] = Step(touched=True)
        else:
            self._fail(device, "went back to the version before")

    def _fail(self, device: str, why: str) -> None:
        step = self.steps[device]
        step.state, step.why = FAILED, why
        self.failures.append(device)
        if len(self.failures) >= min(FAILURES, len(self.waves[self.wave])):
            self.stop(f"wave {self.wave + 1}: " + ", ".join(f"{name} {self.steps[name].why}" for name in self.failures))

    def _is_over(self, sights: Mapping[str, Sight]) -> bool:
        """Whether the next wave may begin."""
        if self.wave + 1 == len(self.waves):
            return False
        for device in self._begun():
            step, sight = self.steps[device], sights.get(device)
            if step.state in UNDER_WAY or (step.state == WAITS and sight and sight.online):
                return False
        wave = self.waves[self.wave]
        return PROVEN_SHARE * sum(self.steps[device].state == DONE for device in wave) >= len(wave)

    def _begun(self) -> Iterable[str]:
        """The boards of this wave and of those before, some of which were switched off then."""
        return (device for wave in self.waves[: self.wave + 1] for device in wave)

    def _start(self, sights: Mapping[str, Sight], now_ms: int) -> None:
        under_way = [device for device, step in self.steps.items() if step.state in UNDER_WAY]
        taken = {sights[device].window for device in under_way if device in sights} - {""}
        room = AT_ONCE[self.wave] - len(under_way)
        for device in self._begun():
            sight = sights.get(device)
            if room <= 0:
                return
            if self.steps[device].state != WAITS or not sight or not sight.online or sight.is_busy:
                continue
            if sight.window not in taken:
                self.steps[device] = Step(TAKES, now_ms, touched=self.steps[device].touched)
                taken |= {sight.window} - {""}
                room -= 1

    def _offers(self, sights: Mapping[str, Sight], now_ms: int) -> list[str]:
        offers = []
        for device, step in self.steps.items():
            quiet_ms = now_ms - max(step.offered_ms, step.since_ms if step.offered_ms else 0)
            if step.state == TAKES and device in sights and (not step.offered_ms or quiet_ms >= OFFER_AGAIN_MS):
                step.offered_ms = now_ms
                offers.append(device)
        return offers


def plan(parts: Iterable[Part]) -> list[list[str]]:
    """The boards in waves: two of each kind first, the rarest kinds before the others, then by zone and window."""
    kinds: dict[str, list[Part]] = defaultdict(list)
    for part in sorted(parts, key=lambda part: (part.zone, part.window, part.id)):
        kinds[part.kind].append(part)
    rarest_first = sorted(kinds.values(), key=lambda found: (len(found), found[0].kind))
    first = [part for found in rarest_first for part in found[:FAILURES]]
    chosen = {part.id for part in first}
    rest = [part for found in kinds.values() for part in found if part.id not in chosen]
    ordered = [part.id for part in first + sorted(rest, key=lambda part: (part.zone, part.window, part.id))]
    ends = [max(1, len(ordered) * share // 100) for share in SHARES]
    ends[1] = max(ends[1], len(first))
    ends = list(accumulate(ends, max))
    starts = [0, *ends[:-1]]
    return [ordered[start:end] for start, end in zip(starts, ends, strict=True) if start < end]
