"""`jiaohao figures`: three halls under one name, each played alone, and counted together."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from operator import le, lt
from pathlib import Path
from statistics import fmean, median

import pytest
from click.testing import CliRunner

from hub.adapters.sqlite_store import SqliteStore
from hub.core import commands
from hub.core.accuracy import outcomes
from hub.core.hall import MINUTE_MS
from hub.core.pace import is_at_once
from hub.core.tallies import wilson
from hub.ports import Entry
from tests.halls.days import WEDNESDAY, PlayedDay
from tests.hub.halls import MIDNIGHT_MS, Play, names, small_hall
from tests.tools.joint_days import VISITS, keep, played
from tools.cli import main
from tools.days.journeys import STEP, Span

DAY = "2026-01-05"
NEXT_DAY = "2026-01-06"


def tell(*arguments: object) -> str:
    shown = CliRunner().invoke(main, ["figures", *map(str, arguments)])
    assert shown.exit_code == 0, shown.output
    return shown.output


def asked(*folders: Path, by: str = "service", **options: str) -> dict:
    data = [each for folder in folders for each in ("--data", folder)]
    return json.loads(tell(*data, "--by", by, "--json", *(each for pair in options.items() for each in pair)))


def refused(*arguments: object) -> str:
    shown = CliRunner().invoke(main, ["figures", *map(str, arguments)])
    assert shown.exit_code != 0 and "Traceback" not in shown.output
    return shown.output


def one_hall(name: str, waits_min: list[int], level: int) -> Play:
    """A hall in which everybody comes alone, waits so long, is served for two minutes by li, and presses `level`."""
    play = Play(replace(small_hall(), id=name))
    play.sign_in("1", "li")
    serve(play, waits_min, level)
    return play


def serve(play: Play, waits_min: list[int], level: int) -> None:
    for minutes in waits_min:
        visit = play.draw("a", party=2)
        play.ms += minutes * MINUTE_MS
        play.press("next")
        play.press("start")
        play.ms += 2 * MINUTE_MS
        play.press("finish")
        play.rate(visit, level, seq=len(play.log))


def log_of(play: Play) -> list[Entry]:
    return [Entry(seq, at_ms, "", event) for seq, at_ms, event in play.log]


@pytest.fixture
def three(tmp_path) -> list[Path]:
    """Nine short waits in one hall, one long wait in the second, nobody in the third."""
    plays = {"main": ([1] * 9, 5), "north": ([50], 1), "south": ([], 5)}
    return [keep(log_of(one_hall(name, *given)), tmp_path / name) for name, given in plays.items()]


def test_halls_are_added_up_person_by_person(three):
    told = asked(*three)
    (row,) = told["rows"]
    assert (row["service"], row["drawn"], row["people"], row["served"]) == ("a", 10, 20, 10)
    # The mean of the halls' means would be 25.5 minutes, that of their percentiles too.
    assert (row["wait_mean_ms"], row["wait_p90_ms"]) == (354_000, 60_000)
    assert (row["wait_worst_ms"], row["serve_mean_ms"]) == (3_000_000, 120_000)
    assert (row["rated"], row["satisfied"], row["satisfied_range"]) == (10, 0.9, list(wilson(9, 10) or ()))
    assert told["days"] == {"main": [DAY], "north": [DAY], "south": [DAY]}


def test_each_hall_has_its_line_and_its_windows_and_clerks_are_its_own(three):
    halls = asked(*three, by="hall")["rows"]
    assert [(row["hall"], row["served"]) for row in halls] == [("main", 9), ("north", 1), ("south", 0)]
    for by, key in (("window", "1"), ("clerk", "li")):
        rows = asked(*three, by=by)["rows"]
        assert [(row["hall"], row[by], row["served"]) for row in rows] == [("main", key, 9), ("north", key, 1)]


def test_a_hall_that_was_closed_that_day_is_named_and_not_forgotten(three, tmp_path):
    play = one_hall("east", [3], 5)
    play.ms = MIDNIGHT_MS + 1440 * MINUTE_MS
    play.do(commands.OpenDay("", NEXT_DAY, "workday", play.ms))
    east = keep(log_of(play), tmp_path / "east")
    told = tell("--data", east, "--data", three[0])
    assert told.startswith(f"east: {NEXT_DAY}\n{three[0]}: no such day, not in the figures\n")


def test_several_days_are_added_up(three, tmp_path):
    play = one_hall("east", [3, 5], 5)
    play.ms = MIDNIGHT_MS + 1440 * MINUTE_MS
    play.do(commands.OpenDay("", NEXT_DAY, "workday", play.ms))
    play.ms += 600 * MINUTE_MS
    play.sign_in("1", "li")
    serve(play, [10], 5)
    east = keep(log_of(play), tmp_path / "east")
    both = asked(east, three[0], **{"--from": DAY, "--to": NEXT_DAY})
    assert (both["total"]["served"], both["days"]["east"]) == (12, [DAY, NEXT_DAY])
    assert asked(east, **{"--day": DAY})["total"]["wait_mean_ms"] == 4 * MINUTE_MS
    assert asked(east)["total"]["wait_mean_ms"] == 10 * MINUTE_MS


def test_what_was_renamed_is_called_what_it_is_called_now(tmp_path):
    play = one_hall("main", [1], 5)
    play.ms = MIDNIGHT_MS + 1440 * MINUTE_MS
    play.do(commands.OpenDay("", NEXT_DAY, "workday", play.ms))
    assert play.state.hall
    services = play.state.hall.services
    renamed = services | {"a": replace(services["a"], names=names("renamed"))}
    play.do(commands.ConfigureHall("", replace(play.state.hall, services=renamed)))
    play.draw("a")
    folder = keep(log_of(play), tmp_path / "main")
    (row,) = asked(folder, **{"--from": DAY, "--to": NEXT_DAY})["rows"]
    assert (row["drawn"], row["names"]) == (2, names("renamed"))


def test_the_tables_show_how_sure_the_share_of_satisfied_people_is(three):
    told = tell("--data", three[0], "--data", three[1])
    assert "10 of 10" in told
    assert "90.00 %" in told and "59.58 % - 98.21 %" in told


def test_names_are_told_in_the_language_that_was_asked_for(tmp_path):
    folder = keep(played("songshan-lake-south").played.log, tmp_path / "south")
    assert "企业" in tell("--data", folder, "--by", "group", "--language", "zh-Hans")
    assert "Companies" in tell("--data", folder, "--by", "group")


def test_window_2_comes_before_window_10(tmp_path):
    folder = keep(played("songshan-lake").played.log, tmp_path / "main")
    windows = [row["window"] for row in asked(folder, by="window")["rows"]]
    assert windows == sorted(windows, key=int) and len(windows) == 12


def test_folders_are_read_while_hubs_write(three):
    store = SqliteStore(three[2] / "hall.db")
    try:
        assert asked(*three)["total"]["served"] == 10
        assert sum(1 for _ in store.load()) == len(one_hall("south", [], 5).log)
    finally:
        store.close()


def test_what_would_be_counted_twice_or_cannot_be_read_is_refused(three, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "hall.db").write_bytes(b"no database" * 100)
    assert "would count twice" in refused("--data", three[0], "--data", three[0])
    assert "has no hall.db" in refused("--data", three[0], "--data", tmp_path / "empty")
    assert "cannot read the database" in refused("--data", tmp_path / "broken")
    assert not (tmp_path / "empty" / "hall.db").exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--day", "2025-01-01"], f"the newest is {DAY}"),
        (["--day", "yesterday"], "must be a day"),
        (["--day", DAY, "--to", DAY], "either --day"),
        (["--from", DAY], "the first and the last"),
        (["--from", NEXT_DAY, "--to", DAY], "the first and the last"),
    ],
)
def test_days_that_cannot_be_told_are_refused(options, words, three):
    assert words in refused("--data", three[0], *options)


@pytest.fixture(scope="module")
def lake(tmp_path_factory) -> tuple[list[PlayedDay], list[Path]]:
    """A day of Songshan Lake and its two branches, each played by the rules of its own hall file."""
    days = [played(name) for name in VISITS]
    folder = tmp_path_factory.mktemp("lake")
    return days, [keep(day.played.log, folder / day.hall.id) for day in days]


def stops_of(days: list[PlayedDay], service: str) -> list[Span]:
    spans = [span for day in days for journey in day.journeys for span in journey.calls]
    return [span for span in spans if service in ("", span.service)]


def is_served(span: Span) -> bool:
    return span.end in (STEP, "TicketFinished") or (span.end == "TicketTransferred" and span.started_ms > 0)


def counted(days: list[PlayedDay], service: str) -> dict:
    """The same figures in the plainest way, from what the player's log says; of all services if `service` is empty."""
    journeys = [j for day in days for j in day.journeys if service in ("", j.spans[0].service)]
    stops = stops_of(days, service)
    served = [span for span in stops if is_served(span)]
    waits = sorted(span.wait_ms for span in stops)
    serves = sorted(span.ended_ms - (span.started_ms or span.called_ms) for span in served)
    levels = Counter(span.level for span in stops if span.level)
    promised = [
        each
        for day in days
        for each in outcomes(day.played.log)
        if service in ("", each.service) and not is_at_once(each.promise)
    ]
    return {
        "drawn": len(journeys),
        "people": sum(journey.party for journey in journeys),
        "cancelled": sum(journey.state == "cancelled" for journey in journeys),
        "called": len(stops),
        "served": len(served),
        "missed": sum(span.end == "TicketMissed" for span in stops),
        "wait_mean_ms": round(fmean(waits)),
        "wait_p50_ms": int(median(waits)),
        "wait_worst_ms": waits[-1],
        "serve_mean_ms": round(fmean(serves)),
        "rated": levels.total(),
        "satisfied": (levels[5] + levels[4] + levels[3]) / levels.total(),
        "promised": len(promised),
        "held": sum(each.held for each in promised),
    }


def test_the_joint_table_is_what_a_count_by_hand_gives(lake):
    days, folders = lake
    told = asked(*folders)
    assert [row["service"] for row in told["rows"]] == ["company", "cross-city", "person", "social"]
    for row in [*told["rows"], told["total"]]:
        expected = counted(days, row.get("service", ""))
        assert {key: row[key] for key in expected} == expected
        waits = [span.wait_ms for span in stops_of(days, row.get("service", ""))]
        below, up_to = (sum(compare(wait, row["wait_p90_ms"]) for wait in waits) for compare in (lt, le))
        assert below < 0.9 * len(waits) <= up_to
    assert told["days"] == {name: [WEDNESDAY] for name in VISITS}


def test_companies_and_persons_of_all_three_halls_are_groups(lake):
    days, folders = lake
    told = {row["group"]: row for row in asked(*folders, by="group")["rows"]}
    by_service = {service: counted(days, service) for service in ("company", "cross-city", "person", "social")}
    for group, services in (("company", ("company", "cross-city")), ("person", ("person", "social"))):
        for key in ("drawn", "people", "served", "rated", "promised", "held"):
            assert told[group][key] == sum(by_service[service][key] for service in services)


def test_each_hall_of_the_three_is_what_it_is_alone(lake):
    days, folders = lake
    told = {row["names"]["en"]: row for row in asked(*folders, by="hall")["rows"]}
    for day in days:
        expected = counted([day], "")
        row = told[day.hall.names["en"]]
        assert {key: row[key] for key in expected} == expected
        assert row["overtime_ms"] == sum(period.overtime_ms for period in day.clerk_periods())
