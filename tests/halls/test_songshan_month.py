"""A month of Songshan Lake, about 11,000 cases, with pads, phones, silence, and people who press for others: the
figures are those that another way of counting finds in the log, and who cheats is marked, and who does not is not."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from hub.adapters.calendar import Calendar
from hub.adapters.sqlite_figures import SqliteFigures
from hub.adapters.sqlite_store import SqliteStore
from hub.core import commands, events
from hub.core.ratings import Words
from hub.core.state import State
from hub.ports import Commit, Entry, Outcome
from tests.halls.days import the_hall
from tools.days import raters
from tools.days.generator import make
from tools.days.player import play
from tools.days.profiles import PROFILES
from tools.days.raters import Cheat
from tools.days.stage import Stage

FIRST, DAYS = date(2026, 3, 2), 27
PROFILE = replace(
    PROFILES["songshan-lake"],
    visits={"workday": 545, "restday": 163},
    levels={5: 0.86, 4: 0.09, 3: 0.03, 2: 0.012, 1: 0.008},
)
CHEATS = {
    "2026-03-03": [Cheat(raters.NO_VISIT, "4", 12 * 60 + 30)],
    "2026-03-05": [Cheat(raters.RHYTHM, "2", 540, 1050)],
    "2026-03-10": [Cheat(raters.EVERYBODY, "3")],
    "2026-03-13": [Cheat(raters.IN_A_ROW, "6", 16 * 60)],
    "2026-03-18": [Cheat(raters.BURST, "5", 600, 700)],
}
OVERPRESSED = Cheat(raters.OVERPRESSED, "8")
"""All month long: whoever sits at window 8 does not let a bad rating stand."""


@dataclass
class Month:
    """`false`: ratings that no applicant gave. `file`: the database."""

    log: list[Entry]
    state: State
    false: set[str]
    file: Path

    @property
    def marked(self) -> Iterator[events.RatingsMarked]:
        return (entry.event for entry in self.log if isinstance(entry.event, events.RatingsMarked))


@pytest.fixture(scope="module")
def month(tmp_path_factory) -> Month:
    hall, calendar, state = the_hall("songshan-lake"), Calendar("CN"), State(epoch=1)
    log: list[Entry] = []
    false: set[str] = set()
    for number in range(DAYS):
        day = (FIRST + timedelta(days=number)).isoformat()
        made = make(hall, PROFILE, day, calendar.kind(day), seed=1)
        played = play(hall, made, state=state, cheats=(*CHEATS.get(day, ()), OVERPRESSED), phones=0.2)
        log += played.log
        false |= set(played.false)
    log += excluded(state, log[-1].at_ms)
    file = tmp_path_factory.mktemp("month") / "hall.db"
    store = SqliteStore(file)
    store.append([Commit("", entry.at_ms, Outcome(entry.seq, entry.seq), (entry,)) for entry in log])
    store.close()
    return Month(log, state, false, file)


def excluded(state: State, now_ms: int) -> list[Entry]:
    """Two people look at the marks, and exclude what the rhythm found; a struck rating is set aside too."""
    stage = Stage(state, now_ms)
    stage.do(commands.OpenDay("", (FIRST + timedelta(days=DAYS)).isoformat(), "restday", now_ms))
    mark = next(mark.mark for mark in state.marks.values() if mark.rule == "rhythm")
    stage.do(commands.ProposeExclusion("", mark, "reviewer:anna", Words("two seconds after each")))
    stage.do(commands.AgreeToExclusion("", mark, "manager:bo"))
    review = next(review for review in state.reviews.values() if review.state == "open")
    for verb, by in (("verify", "anna"), ("strike", "anna"), ("agree", "bo")):
        more = {"ground": "mistaken"} if verb == "strike" else {}
        seen = state.reviews[review.review].seen
        step = commands.REVIEW_VERBS[verb]("", review.review, seen, f"reviewer:{by}", Words("why"), **more)
        assert isinstance(stage.do(step), list)
    return stage.log


def test_it_is_a_month_of_eleven_thousand_cases(month: Month):
    served = sum(isinstance(entry.event, events.TicketFinished) for entry in month.log)
    assert 10_500 < served < 12_500


RECOUNT = """
with event as (
    select seq, kind, body, json_extract(body, '$.visit') visit, json_extract(body, '$.window') window,
           coalesce(json_extract(body, '$.clerk'), '') clerk
    from log
),
served as (
    select clerk, window, count(*) served from (
        select f.visit, f.window, json_extract(f.body, '$.step') step, f.kind,
               (select c.clerk from event c where c.kind = 'TicketCalled' and c.visit = f.visit and c.seq < f.seq
                order by c.seq desc limit 1) clerk,
               (select c.kind from event c where c.kind in ('TicketCalled', 'ServiceStarted') and c.visit = f.visit
                and c.seq < f.seq order by c.seq desc limit 1) before
        from event f where f.kind in ('TicketFinished', 'TicketTransferred')
    ) where kind = 'TicketFinished' or step or before = 'ServiceStarted' group by clerk, window
),
set_aside as (
    select each.value rating from event e, json_each(e.body, '$.ratings') each
    where e.kind = 'RatingsMarked' and json_extract(e.body, '$.mark') in (
        select json_extract(body, '$.mark') from log where kind = 'ExclusionAgreed')
    union select json_extract(opened.body, '$.rating') from log opened join log struck
    on struck.kind = 'StrikeAgreed' and json_extract(struck.body, '$.review') = json_extract(opened.body, '$.review')
    where opened.kind = 'ReviewOpened'
),
said as (
    select json_extract(body, '$.rating') rating, json_extract(body, '$.level') level, clerk, window,
           visit || ' ' || json_extract(body, '$.stop') stop, json_extract(body, '$.replaces') replaces
    from event where kind = 'RatingRecorded' and json_extract(body, '$.standing') in ('counted', 'correction')
),
rated as (
    select *, rating in set_aside aside from said
    where rating not in (select replaces from said where replaces is not null)
)
"""


def recount(month: Month, question: str) -> list[tuple]:
    with sqlite3.connect(month.file) as connection:
        return connection.execute(RECOUNT + question).fetchall()


@pytest.mark.parametrize("by", ["clerk", "window"])
def test_figures_are_those_of_a_recount_of_the_raw_log(month: Month, by: str):
    served = dict(recount(month, f"select {by}, sum(served) from served group by {by}"))
    levels = ", ".join(f"sum(level = {level} and not aside)" for level in (5, 4, 3, 2, 1))
    stops = (
        f"select {by}, count(distinct case when not aside then stop end), sum(aside), {levels} from rated group by 1"
    )
    told = {row[by]: row for row in all_figures(month, by)}
    assert {key: row["served"] for key, row in told.items()} == served
    counted = recount(month, stops)
    assert len(counted) == len(told)
    for key, rated_stops, aside, *of_levels in counted:
        row = told[key]
        assert (row["rated_stops"], row["set_aside"]) == (rated_stops, aside)
        assert list(row["levels"].values()) == of_levels
        assert row["active_share"] == pytest.approx(rated_stops / served[key])
        assert row["satisfied"] == pytest.approx(sum(of_levels[:3]) / sum(of_levels))
        assert row["silent"] == served[key] - rated_stops


def all_figures(month: Month, by: str) -> list[dict]:
    return SqliteFigures(month.file).rows(FIRST.isoformat(), (FIRST + timedelta(days=DAYS)).isoformat(), by)  # type: ignore[return-value]


def test_how_many_said_something_and_how_many_were_content_are_two_figures(month: Month):
    (hall,) = all_figures(month, "hall")
    assert 0.5 < hall["active_share"] < 0.7
    assert 0.96 < hall["satisfied"] < 0.99
    low, high = hall["satisfied_range"]
    assert low < hall["satisfied"] < high
    assert hall["set_aside"] > 10
    assert hall["satisfied"] != hall["satisfied_with_all"]


def test_each_cheat_is_marked_on_its_day_at_its_window(month: Month):
    marked = {(mark.mark[:10], mark.window): mark.rule for mark in month.marked}
    for day, cheats in CHEATS.items():
        for cheat in cheats:
            assert (day, cheat.window) in marked, cheat
    pressed_over = [mark for mark in month.marked if mark.rule == "overpressed" and mark.window == OVERPRESSED.window]
    false = {rating for rating in month.false if f"-{OVERPRESSED.window}:" in rating}
    assert false and {rating for mark in pressed_over for rating in mark.ratings} == false


def test_not_one_in_a_hundred_honest_presses_is_marked(month: Month):
    pressed = [entry.event for entry in month.log if isinstance(entry.event, events.RatingRecorded)]
    honest = {event.rating for event in pressed} - month.false
    marked = {rating for mark in month.marked for rating in mark.ratings}
    assert len(honest & marked) <= 0.01 * len(honest)


def test_pads_of_honest_days_are_not_marked(month: Month):
    """But for one now and then: a mark is a question, no verdict."""
    planted = {(day, cheat.window) for day, cheats in CHEATS.items() for cheat in cheats}
    marked = {(mark.mark[:10], mark.window) for mark in month.marked if mark.rule != "overpressed"}
    assert len(marked - planted) <= 3


def test_rebuilding_the_tables_changes_no_figure(month: Month):
    before = all_figures(month, "clerk")
    store = SqliteStore(month.file)
    assert store.rebuild_and_compare().differences == []
    store.close()
    assert all_figures(month, "clerk") == before


def test_every_bad_rating_has_its_review(month: Month):
    bad = {
        event.visit
        for entry in month.log
        if isinstance(event := entry.event, events.RatingRecorded) and event.level <= 2 and event.standing != "no-visit"
    }
    assert {review.visit for review in month.state.reviews.values()} == bad
