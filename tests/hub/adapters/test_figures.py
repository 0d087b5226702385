"""Figures by service and by group: tickets where they were drawn, stops where they were."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hub.adapters.sqlite_figures import SqliteFigures
from hub.core import commands
from hub.core.commands import Promise
from hub.core.dimensions import BY
from hub.core.hall import MINUTE_MS, Hall
from hub.core.tallies import Tally, added
from hub.ports import Row
from tests.hub.adapters.test_projections import DAY, some_days, stored
from tests.hub.halls import MIDNIGHT_MS, Play, full_hall, names, refused, small_hall


def grouped() -> Hall:
    """Service a is in the group of companies, b in none."""
    hall = small_hall()
    services = hall.services | {"a": replace(hall.services["a"], group="company")}
    return replace(hall, services=services, groups={"company": names("Companies")})


def figures(play: Play, folder: Path) -> SqliteFigures:
    stored(play, folder / "hall.db").close()
    return SqliteFigures(folder / "hall.db")


def only(rows: list[Row], *keys: str) -> list[tuple]:
    return [tuple(row[key] for key in keys) for row in rows]


def wait(play: Play, minutes: int) -> None:
    play.ms += minutes * MINUTE_MS


def test_a_visit_for_two_services_is_one_ticket_and_served_twice(tmp_path):
    play = Play()
    play.sign_in("1", "li")
    play.draw("a", party=3, plan=("b",))
    for minutes in (2, 5):
        wait(play, minutes)
        play.press("next")
        play.press("start")
        wait(play, 4)
        play.press("finish")
    rows = figures(play, tmp_path).rows(DAY, DAY, "service")
    assert only(rows, "service", "drawn", "people", "called", "served") == [("a", 1, 3, 1, 1), ("b", 0, 0, 1, 1)]
    assert only(rows, "wait_mean_ms", "serve_mean_ms") == [(120_000, 240_000), (300_000, 240_000)]


def test_who_left_or_was_left_belongs_to_the_service_of_the_ticket(tmp_path):
    play = Play()
    moved, _ = play.draw("a"), play.draw("b")
    play.do(commands.MoveTicket("", moved, "b", "admin:x"))
    play.do(commands.CancelTicket("", moved, "visitor"))
    play.ms = MIDNIGHT_MS + 1440 * MINUTE_MS
    play.do(commands.OpenDay("", "2026-01-06", "workday", play.ms))
    rows = figures(play, tmp_path).rows(DAY, DAY, "service")
    assert only(rows, "service", "drawn", "cancelled", "expired") == [("a", 1, 1, 0), ("b", 1, 0, 1)]


def test_a_split_group_has_as_many_people_as_before(tmp_path):
    play = Play()
    visit = play.draw("a", party=5)
    play.do(commands.SplitTicket("", visit, ("half",), (2,), "admin:x"))
    assert only(figures(play, tmp_path).rows(DAY, DAY, "service"), "drawn", "people") == [(2, 5)]


def test_where_nobody_pressed_finish_nobody_knows_how_long_it_took(tmp_path):
    play = Play()
    play.sign_in()
    for _ in range(2):
        play.draw("a")
        play.press("next")
        wait(play, 6)
    play.ms = MIDNIGHT_MS + 1440 * MINUTE_MS
    play.do(commands.OpenDay("", "2026-01-06", "workday", play.ms))
    rows = figures(play, tmp_path).rows(DAY, DAY, "service")
    assert only(rows, "served", "serve_mean_ms", "serve_p90_ms") == [(2, 6 * MINUTE_MS, 6 * MINUTE_MS)]


def test_a_rating_belongs_to_the_service_of_its_stop(tmp_path):
    play = Play()
    play.sign_in("1", "li")
    play.sign_in("3", "wang")
    visit = play.draw("a", plan=("b",))
    for window in ("1", "3"):
        play.press("next", window)
        play.press("finish", window)
    play.rate(visit, 5, seq=1, window="1")
    play.rate(visit, 1, seq=2, window="3")
    rows = figures(play, tmp_path).rows(DAY, DAY, "service")
    assert only(rows, "service", "rated", "satisfied") == [("a", 1, 1.0), ("b", 1, 0.0)]


def test_groups_have_their_names_and_services_without_one_are_together(tmp_path):
    play = Play(grouped())
    play.draw("a")
    play.draw("a", party=2)
    play.draw("b")
    rows = figures(play, tmp_path).rows(DAY, DAY, "group")
    expected = [("", {}, 1, 1), ("company", names("Companies"), 2, 3)]
    assert only(rows, "group", "names", "drawn", "people") == expected


def test_a_service_that_was_taken_away_during_the_day_stays_in_its_group(tmp_path):
    play = Play(grouped())
    play.do(commands.CancelTicket("", play.draw("a"), "visitor"))
    without = {key: service for key, service in grouped().services.items() if key != "a"}
    windows = {key: replace(window, services=("b",)) for key, window in grouped().windows.items()}
    later = replace(grouped(), services=without, windows=windows, groups={})
    assert not refused(play.do(commands.ConfigureHall("", later)))
    assert only(figures(play, tmp_path).rows(DAY, DAY, "group"), "group", "names") == [("company", names("Companies"))]


def test_a_later_version_says_what_a_service_is_called_but_not_on_the_day_before(tmp_path):
    play = Play(grouped())
    play.draw("a")
    play.ms = MIDNIGHT_MS + 1440 * MINUTE_MS
    play.do(commands.OpenDay("", "2026-01-06", "workday", play.ms))
    services = grouped().services | {"a": replace(grouped().services["a"], names=names("new"), group="")}
    assert not refused(play.do(commands.ConfigureHall("", replace(grouped(), services=services))))
    play.draw("a")
    told = figures(play, tmp_path)
    assert only(told.rows(DAY, DAY, "service"), "names") == [(names("a"),)]
    assert only(told.rows("2026-01-06", "2026-01-06", "service"), "names") == [(names("new"),)]
    assert only(told.rows(DAY, DAY, "group"), "group") == [("company",)]


def test_promised_ranges_are_counted_for_the_service_of_the_ticket(tmp_path):
    play = Play()
    play.sign_in()
    for low_min in (1, 5):
        play.draw("a", promise=Promise(6 * MINUTE_MS, low_min * MINUTE_MS, 10 * MINUTE_MS))
    wait(play, 3)
    play.press("next")
    play.press("next")
    assert only(figures(play, tmp_path).rows(DAY, DAY, "service"), "promised", "held", "held_share") == [(2, 1, 0.5)]


def test_a_day_that_never_was_has_no_figures(tmp_path):
    told = figures(Play(), tmp_path)
    assert told.tables("2020-01-01", "2020-01-01", ("service", "group", "window")) == {
        "service": [],
        "group": [],
        "window": [],
    }


def test_a_day_on_which_nobody_came_is_a_day_of_the_hall(tmp_path):
    told = figures(Play(), tmp_path)
    assert (told.rows(DAY, DAY, "service"), told.tallies(DAY, DAY, "hall")) == ([], {"small": Tally()})


@pytest.mark.parametrize("seed", range(6))
def test_however_it_is_divided_it_comes_to_the_same(seed, tmp_path):
    """Of days with everything in them: the open one, and those that are over."""
    told = figures(some_days(seed, steps=150), tmp_path)
    for day in told.days():
        (hall,) = told.tallies(day, day, "hall").values()
        tickets = hall.drawn, hall.people, hall.cancelled, hall.expired, hall.promised, hall.held
        for by in ("service", "group", "department"):
            sums = summed(told, day, by)
            assert stops(sums) == stops(hall)
            assert (sums.drawn, sums.people, sums.cancelled, sums.expired, sums.promised, sums.held) == tickets
        for by in ("window", "clerk", "zone", "region", "hour", "day", "week", "month"):
            assert stops(summed(told, day, by)) == stops(hall)


def summed(told: SqliteFigures, day: str, by: str) -> Tally:
    total = Tally()
    for tally in told.tallies(day, day, by).values():
        total.add(tally)
    return total


def stops(tally: Tally) -> tuple:
    times = sorted(tally.waits_ms), sorted(tally.serves_ms)
    return tally.called, tally.served, tally.missed, *times, tally.levels


def test_every_ticket_of_such_a_day_is_counted_once(tmp_path):
    play = some_days(0, steps=150)
    told = figures(play, tmp_path)
    served = {row["service"] for day in told.days() for row in told.rows(day, day, "service")}
    assert full_hall().services.keys() >= served
    assert sum(summed(told, day, "service").drawn for day in told.days()) == sum(
        type(event).__name__ == "TicketDrawn" for _, _, event in play.log
    )


@pytest.mark.parametrize("by", BY)
def test_several_days_together_are_the_sum_of_each(by, tmp_path):
    told = figures(some_days(1, steps=150), tmp_path)
    first, *_, last = told.days()
    together = told.tallies(first, last, by)
    apart = added(each for day in told.days() for each in told.tallies(day, day, by).items())
    assert {key: stops(tally) for key, tally in together.items()} == {key: stops(tally) for key, tally in apart.items()}
    assert {key: tally.overtime_ms for key, tally in together.items()} == {
        key: tally.overtime_ms for key, tally in apart.items()
    }
