"""Zengcheng answers as its hotline (12345) does: questions within one working day, all else within ten. A real hub is
played from Friday 18 September 2026 over the Mid-Autumn break (25 to 27 September), the National Day break (1 to 7
October) and the weekends that are worked for these (Sunday 20 September, Saturday 10 October), with its clock in the
test's hand. Who is told of what and when, and what the month's report names, was worked out by hand:

    case  what, in which hall              begins        first contact  answer
    R.1   a question of the hotline, B     18 Sep 10:00  18 Sep         Sun 20 Sep, which is worked
    R.2   a complaint, B                   24 Sep 10:00  28 Sep         15 Oct
    R.3   a bad rating with a name, A      24 Sep 11:00  28 Sep         15 Oct
    R.4   a question, nobody knows where   26 Sep 11:00  28 Sep         28 Sep
    R.5   a question, A                    30 Sep 16:00  30 Sep         8 Oct
    R.6   a bad rating from the pad, B     30 Sep 17:00  8 Oct          20 Oct

All limits end at 17:30, when the hall closes.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from hub.adapters.calendar import Calendar
from hub.adapters.memory import MemoryPublisher, SetClock
from hub.adapters.sqlite_answers import SqliteAnswers
from hub.adapters.sqlite_figures import SqliteFigures
from hub.adapters.sqlite_store import SqliteStore
from hub.core import commands, events
from hub.core.commands import Moment
from hub.core.ratings import Words
from hub.ports import Outcome
from hub.reports.gather import gather
from hub.reports.model import Report
from hub.reports.periods import read_period
from hub.reports.words import answered_lines
from hub.service import HallService
from tests.halls.days import the_hall

HALL, CHINA, ZONE = the_hall("zengcheng"), Calendar("CN"), ZoneInfo("Asia/Shanghai")
LOOKS_MS = 10 * 60_000
"""How often the hub looks around here; else it is every few seconds."""
NIGHT_MS = 4 * 3_600_000
"""A business day begins so long after midnight."""

MORE: dict[str, dict[str, Any]] = {
    "contact": {"how": "phone"},
    "answer": {"how": "phone"},
    "visit": {"how": "face-to-face"},
}
NAMED = Words("等了太久", "王芳", "13800138000")

TOLD = [
    ("09-20 09:30", "answer-b R.1", "lead-b"),
    ("09-28 09:30", "answer-a R.4", "lead-a"),
    ("09-28 09:30", "answer-b R.4", "lead-b"),
    ("09-28 15:30", "contact-a R.3", "lead-a"),
    ("09-28 17:30", "contact-a R.3", "manager"),
    ("09-30 16:10", "contact-a R.5", "lead-a"),
    ("09-30 18:10", "contact-a R.5", "manager"),
    ("10-08 09:30", "answer-a R.5", "lead-a"),
    ("10-08 17:30", "answer-a R.5", "manager"),
    ("10-15 09:30", "answer-b R.2", "lead-b"),
    ("10-15 17:30", "answer-b R.2", "manager"),
    ("10-20 09:30", "answer-b R.6", "lead-b"),
]
"""Each of them once, whatever nights and breaks are between."""


class ChinasClock(SetClock):
    def kind(self, day: str) -> str:
        return CHINA.kind(day)


def ms_of(when: str) -> int:
    """Of "MM-DD HH:MM" in 2026."""
    return round(datetime.strptime(f"2026-{when}", "%Y-%m-%d %H:%M").replace(tzinfo=ZONE).timestamp() * 1000)


def read_ms(ms: int, form: str = "%m-%d %H:%M") -> str:
    return datetime.fromtimestamp(ms / 1000, ZONE).strftime(form)


class Centre:
    """The hub of the centre, and what is done there."""

    def __init__(self, file: Path):
        self.file = file
        self.clock = ChinasClock()
        self._set(ms_of("09-18 08:00"))
        self.store = SqliteStore(file)
        self.service = HallService(self.store, MemoryPublisher(), self.clock, 1)
        self.asked = 0

    def _set(self, ms: int) -> None:
        self.clock.moment = Moment(ms, read_ms(ms - NIGHT_MS, "%Y-%m-%d"))

    async def until(self, when: str) -> None:
        """Time passes; the hub looks around."""
        end_ms = ms_of(when)
        while (now_ms := self.clock.now().ms) < end_ms:
            self._set(min(end_ms, now_ms + LOOKS_MS))
            await self.do(commands.LookAround(""))

    async def do(self, command: commands.Command) -> Outcome:
        outcome = await self.service.handle(command)
        assert not outcome.refused, (command, outcome)
        return outcome

    async def order(self, kind: str, named: bool, service: str = "") -> None:
        """One from the hotline."""
        self.asked += 1
        name = f"12345-{self.asked}"
        await self.do(
            commands.OpenReview(name, name, kind, named, "exchange", service=service, words=Words("为什么？"))
        )

    async def rated_badly(self, window: str, service: str, **more: Any) -> None:
        """Somebody was served at the window, and says how it was."""
        self.asked += 1
        visit = f"visit-{self.asked}"
        await self.do(commands.DrawTicket("", visit, service, "kiosk:k"))
        await self.do(commands.SignIn("", f"clerk-{window}", window, "hub"))
        for verb in ("next", "start", "finish"):
            press: Any = commands.PAGE_VERBS[verb]
            await self.do(press("", window, self.service.state.version(window), "device:pad"))
        now_ms = self.clock.now().ms
        await self.do(commands.RecordRating(visit, "", 0, 0, window, visit, 1, now_ms, now_ms, **more))

    async def act(self, review: str, *verbs: str) -> None:
        """The reviewer takes the steps."""
        for verb in verbs:
            seen = self.service.state.reviews[review].seen
            step = commands.REVIEW_VERBS[verb]
            await self.do(step("", review, seen, "reviewer:anna", Words("说明"), **MORE.get(verb, {})))

    def told(self) -> list[tuple[str, str, str]]:
        """(when, alarm, person) of whoever was told of a limit, as the log has it."""
        log = ((entry.at_ms, entry.event) for entry in self.store.load())
        return [(read_ms(at_ms), it.alarm, it.to) for at_ms, it in log if isinstance(it, events.AlarmRaised)]

    def report(self) -> Report:
        answers, figures = SqliteAnswers(self.file), SqliteFigures(self.file)
        return gather(figures, answers, HALL, read_period("2026-09"), self.clock.now())


@asynccontextmanager
async def opened(file: Path) -> AsyncIterator[Centre]:
    centre = Centre(file)
    running = asyncio.create_task(centre.service.run())
    await centre.do(commands.ConfigureHall("", HALL))
    yield centre
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    centre.store.close()


async def open_september(centre: Centre) -> None:
    """Up to the evening before the National Day break."""
    await centre.until("09-18 10:00")
    await centre.order("question", True, "social")
    await centre.until("09-18 11:00")
    await centre.act("R.1", "verify", "contact")
    await centre.until("09-20 11:00")
    await centre.act("R.1", "explain", "answer", "visit", "close")
    await centre.until("09-24 10:00")
    await centre.order("complaint", True, "social")
    await centre.until("09-24 11:00")
    await centre.rated_badly("3", "registration", channel="phone", words=NAMED)
    await centre.until("09-26 11:00")
    await centre.order("question", False)
    await centre.until("09-28 09:00")
    await centre.act("R.2", "verify", "contact")
    await centre.until("09-28 10:30")
    await centre.act("R.4", "verify", "explain", "answer", "close")
    await centre.until("09-29 09:00")
    await centre.act("R.3", "contact", "verify", "rectify")
    await centre.until("09-30 16:00")
    await centre.order("question", True, "permit")
    await centre.until("09-30 17:00")
    await centre.rated_badly("44", "social", channel="pad")


async def answer_in_october(centre: Centre) -> None:
    """After the break; what is left then is left on purpose."""
    await centre.until("10-08 09:00")
    await centre.act("R.5", "contact", "verify")
    await centre.act("R.6", "contact", "verify", "rectify")
    await centre.until("10-09 09:00")
    await centre.act("R.3", "answer", "visit", "close")
    await centre.act("R.5", "explain", "answer")
    await centre.until("10-20 10:00")
    await centre.act("R.6", "close")
    await centre.until("10-21 09:00")


def due(centre: Centre) -> dict[str, tuple[str, str]]:
    reviews = centre.service.state.reviews.values()
    return {it.review: (read_ms(it.contact_due_ms), read_ms(it.answer_due_ms)) for it in reviews}


async def test_limits_alarms_and_the_report_over_two_breaks(tmp_path: Path):
    async with opened(tmp_path / "hall.db") as centre:
        await open_september(centre)
        assert due(centre) == {
            "R.1": ("09-18 17:30", "09-20 17:30"),
            "R.2": ("09-28 17:30", "10-15 17:30"),
            "R.3": ("09-28 17:30", "10-15 17:30"),
            "R.4": ("09-28 17:30", "09-28 17:30"),
            "R.5": ("09-30 17:30", "10-08 17:30"),
            "R.6": ("10-08 17:30", "10-20 17:30"),
        }
        await answer_in_october(centre)
        assert centre.told() == TOLD

        report = centre.report()
        assert (report.unclosed, report.missing) == (["R.5", "R.2"], ["R.5", "R.2"])
        assert (report.reviews["opened"], report.reviews["ended"], report.reviews["named"]) == (6, 4, 4)
        assert (report.reviews["contacted_late"], report.reviews["answered_late"]) == (2, 1)
        assert is_shown(report, "66.6 %", "50.0 %", "R.5, R.2")

        await centre.act("R.2", "rectify", "answer", "visit", "close")
        await centre.act("R.5", "visit", "close")
        report = centre.report()
        assert (report.unclosed, report.missing) == ([], []) and report.reviews["answered_late"] == 2
        assert is_shown(report, "100.0 %", "100.0 %", "")
        assert centre.told() == TOLD


def is_shown(report: Report, closed: str, named: str, left: str) -> bool:
    """Whether the report says so in every language: the share of all that are over, that of the named ones, and by name
    which are not."""
    return all(
        closed in (lines := answered_lines(report, language))[0]
        and named in lines[1]
        and (any(left in line for line in lines[3:]) if left else len(lines) == 3)
        for language in ("zh-Hans", "zh-Hant", "en")
    )
