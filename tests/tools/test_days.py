"""Days of a hall: the same seed gives the same day, nobody is lost, and a recorded one plays again as it was."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise

import pytest
from click.testing import CliRunner

from hub.adapters.sqlite_store import SqliteStore
from hub.core import events
from hub.core.hall import Hall, Opening, Service, Shift, Window
from hub.ports import Commit, Entry, Outcome
from tests.halls.days import SATURDAY, WEDNESDAY, PlayedDay, a_day, the_hall
from tests.hub.halls import names
from tools.cli import main
from tools.days.compare import NotComparable, compare
from tools.days.facts import TOTAL, measure
from tools.days.journeys import Happened
from tools.days.people import HOLD, MISSED, TRANSFER, Day, Person, Sitting, Turn
from tools.days.player import play
from tools.days.recorded import NoSuchDay, day_of, read
from tools.days.staff import planned

MINUTE = 60_000
NINE = 9 * 60 * MINUTE


def small(windows: int = 2) -> Hall:
    """Services a and b at each window, open 9:00 to 17:00."""
    services = {key: Service(key, names(key), key.upper(), 1, 999, 1, 3) for key in "ab"}
    places = {str(n): Window(str(n), names(str(n)), "main", ("a", "b")) for n in range(1, windows + 1)}
    opening = (Opening(("*",), 540, 1020),)
    return Hall("small", names("小厅"), "Asia/Shanghai", "04:00", 0, services, places, opening=opening)


def of(people: list[Person], hall: Hall, *staff: Sitting) -> Day:
    sitting = staff or planned(hall, WEDNESDAY, "workday")
    return Day(WEDNESDAY, "workday", 1_772_553_600_000, tuple(people), sitting, 0)


def someone(name: str, minute: float, *turns: Turn, **more) -> Person:
    return Person(name, int(NINE + minute * MINUTE), turns or (Turn("a", 10 * MINUTE, 0),), **more)


def journeys(hall: Hall, day: Day):
    return Happened(play(hall, day).log).journeys


def test_the_same_seed_gives_the_same_day_and_the_same_log():
    hall = the_hall("binhai-bay")
    assert a_day(hall) == a_day(hall) != a_day(hall, seed=5)
    assert play(hall, a_day(hall)).log == play(hall, a_day(hall)).log


@pytest.mark.parametrize("name", ["changchun-jingkai", "dongguan-citizens", "songshan-lake", "binhai-bay"])
def test_nobody_is_lost(name):
    played = PlayedDay(the_hall(name), a_day(the_hall(name)))
    without = {person.id for person in played.day.people} - {journey.visit for journey in played.journeys}
    assert without == played.played.away.keys()
    assert not [journey for journey in played.journeys if journey.state in ("waiting", "outside", "called", "serving")]


def test_the_log_alone_gives_the_same_state():
    hall = the_hall("binhai-bay")
    played = PlayedDay(hall, a_day(hall))
    state = played.replayed()
    assert (state.tickets, state.windows, state.bookings) == (
        played.played.state.tickets,
        played.played.state.windows,
        played.played.state.bookings,
    )


def test_a_window_and_a_clerk_have_one_person_at_a_time():
    played = PlayedDay(the_hall("songshan-lake"), a_day(the_hall("songshan-lake")))
    for key in ("window", "clerk"):
        times = sorted((getattr(s, key), s.called_ms, s.ended_ms) for j in played.journeys for s in j.calls)
        assert all(now[2] <= after[1] for now, after in pairwise(times) if now[0] == after[0])


def test_who_does_not_come_is_called_again_missed_and_comes_back():
    absent = someone("x", 0, Turn("a", 0, 0, MISSED, 5 * MINUTE), Turn("a", 4 * MINUTE, 0))
    spans = journeys(small(1), of([absent], small(1)))["x"].spans
    assert [span.end for span in spans] == ["TicketMissed", "TicketFinished"]
    assert spans[1].since_ms - spans[0].ended_ms == 5 * MINUTE


def test_a_hold_frees_the_window_and_a_transfer_goes_to_the_other_service():
    held = someone("x", 0, Turn("a", 2 * MINUTE, 0, HOLD, 20 * MINUTE), Turn("a", 3 * MINUTE, 0))
    sent = someone("y", 1, Turn("a", MINUTE, 0, TRANSFER, line="b"), Turn("b", 6 * MINUTE, 0))
    both = journeys(small(1), of([held, sent], small(1)))
    assert [span.service for span in both["y"].spans] == ["a", "b"]
    assert both["x"].spans[0].ended_ms <= both["y"].spans[0].called_ms < both["x"].spans[1].called_ms


def test_a_plan_is_followed_with_one_ticket():
    spans = journeys(small(), of([someone("x", 0, Turn("a", MINUTE, 0), Turn("b", MINUTE, 0))], small()))["x"].spans
    assert [(span.service, span.end) for span in spans] == [("a", "step"), ("b", "TicketFinished")]


def test_impatient_people_leave():
    people = [someone("x", 0), someone("y", 1, patience_ms=3 * MINUTE)]
    assert journeys(small(1), of(people, small(1)))["y"].state == "cancelled"


def test_a_clerk_leaves_at_the_end_of_a_shift_but_drains_the_line_after_the_last_one():
    hall = small(1)
    staff = (Sitting("li", "1", NINE, NINE + 15 * MINUTE), Sitting("wu", "1", NINE + 60 * MINUTE, NINE + 75 * MINUTE))
    happened = Happened(play(hall, of([someone(str(n), n) for n in range(5)], hall, *staff)).log)
    clerks = [journey.calls[0].clerk for journey in happened.journeys.values()]
    assert clerks == ["li", "li", "wu", "wu", "wu"]
    assert [(sat.clerk, (sat.to_ms - sat.from_ms) / MINUTE) for sat in happened.sat] == [("li", 20), ("wu", 30)]


def test_a_clerk_who_is_busy_elsewhere_moves_when_that_is_done():
    hall = small()
    staff = (Sitting("li", "1", NINE, NINE + 5 * MINUTE), Sitting("li", "2", NINE + 5 * MINUTE, NINE + 60 * MINUTE))
    both = journeys(hall, of([someone("x", 0), someone("y", 1)], hall, *staff))
    assert [both[key].calls[0].window for key in "xy"] == ["1", "2"]
    assert both["y"].calls[0].called_ms == both["x"].calls[0].ended_ms


def test_a_named_row_of_the_plan_counts_before_one_without_names():
    shifts = (Shift(("*",), 540, 720, ("1",)), Shift(("*",), 600, 660, ("1",), clerks={"1": "li"}))
    sittings = planned(replace(small(1), shifts=shifts), WEDNESDAY, "workday")
    assert [(each.clerk, each.begins_ms // MINUTE) for each in sittings] == [
        ("clerk-1", 540),
        ("li", 600),
        ("clerk-1", 660),
    ]


def test_waiting_overtime_and_idle_add_up():
    hall, people = small(1), [someone("x", 0), someone("y", 5), someone("z", 475)]
    day = of(people, hall)
    facts = measure(hall, day.day, "workday", day.midnight_ms, Happened(play(hall, day).log))
    total = facts.total
    assert (total.service, total.calls, total.worst_min, total.overtime_min) == (TOTAL, 3, 5, 5)
    assert total.idle_min == 480 - 25


# Recorded days


def record(folder, log: list[Entry]) -> None:
    """Writes a played day as the hub would."""
    store = SqliteStore(folder / "hall.db")
    store.append([Commit("", entry.at_ms, Outcome(entry.seq, entry.seq), (entry,)) for entry in log])
    store.close()


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """The data folder of a hub of Songshan Lake, with one Wednesday in it."""
    folder = tmp_path_factory.mktemp("recorded")
    hall = the_hall("songshan-lake")
    record(folder, play(hall, a_day(hall)).log)
    return folder


def replay(*arguments: str):
    return CliRunner().invoke(main, ["replay", *arguments])


def test_a_recorded_day_plays_again_as_it_was(recorded):
    day = read(recorded, WEDNESDAY)
    comparison = compare(day, day.hall, by_plan=False)
    was, again = comparison.recorded.total, comparison.before.total
    assert again == comparison.after.total
    assert again.calls == was.calls and abs(again.mean_min - was.mean_min) < 0.3
    assert abs(again.worst_min - was.worst_min) < 3


@pytest.mark.parametrize("name", ["changchun-jingkai", "dongguan-citizens", "binhai-bay"])
def test_what_was_special_about_people_is_kept(name, tmp_path):
    """Appointments, pre-checks, groups that were split, classes and who did not come."""
    hall = the_hall(name)
    played = PlayedDay(hall, a_day(hall))
    record(tmp_path, played.played.log)
    day = read(tmp_path, WEDNESDAY)
    again = PlayedDay(hall, day_of(day, "workday"))

    def kinds(of: PlayedDay) -> list[tuple]:
        return sorted((j.klass, j.party, bool(j.booking), bool(j.check), j.state, len(j.calls)) for j in of.journeys)

    assert kinds(again) == kinds(played)


def test_one_more_window_makes_waits_shorter(recorded):
    day = read(recorded, WEDNESDAY)
    extra = replace(day.hall.windows["1"], id="13")
    rows = tuple(replace(row, windows=(*row.windows, "13")) for row in day.hall.shifts)
    new = replace(day.hall, windows={**day.hall.windows, "13": extra}, shifts=rows)
    comparison = compare(day, new, by_plan=True)
    assert comparison.after.total.mean_min < comparison.before.total.mean_min


def test_the_command_shows_tables_a_plot_and_how_far_it_is_off(recorded):
    shown = replay("--hall", "songshan-lake", "--day", WEDNESDAY, "--data", str(recorded))
    assert shown.exit_code == 0, shown.output
    assert "cross-city" in shown.output and "recorded were" in shown.output and "mean wait in minutes" in shown.output


def test_the_command_answers_in_json(recorded):
    shown = replay("--hall", "songshan-lake", "--day", WEDNESDAY, "--data", str(recorded), "--json")
    answer = json.loads(shown.output)
    assert answer["day"] == WEDNESDAY and answer["before"] == answer["after"]


def test_a_running_hub_is_not_disturbed(recorded):
    """Its database is open, and something was just written that only the write-ahead log holds."""
    store = SqliteStore(recorded / "hall.db")
    try:
        before = list(store.load())
        last = before[-1]
        added = Entry(last.seq + 1, last.at_ms, "", events.AutomaticSet("1", True))
        store.append([Commit("", last.at_ms, Outcome(added.seq, added.seq), (added,))])
        assert read(recorded, WEDNESDAY).entries[-1] == added
        assert list(store.load()) == [*before, added]
    finally:
        store.close()


def test_people_for_a_service_that_the_new_file_lacks_are_named(recorded):
    shown = replay("--hall", "zengcheng", "--day", WEDNESDAY, "--data", str(recorded))
    assert shown.exit_code == 1 and "company, cross-city, person, which the new file does not have" in shown.output


def test_a_day_that_is_not_recorded_says_which_are(recorded, tmp_path):
    shown = replay("--hall", "songshan-lake", "--day", SATURDAY, "--data", str(recorded))
    assert shown.exit_code == 1 and f"the last days in it: {WEDNESDAY}" in shown.output
    with pytest.raises(NoSuchDay, match=r"no hall\.db"):
        read(tmp_path, WEDNESDAY)


def test_a_day_without_people_cannot_be_compared(tmp_path):
    hall = small()
    record(tmp_path, play(hall, of([], hall)).log)
    with pytest.raises(NotComparable, match="nobody came"):
        compare(read(tmp_path, WEDNESDAY), hall, by_plan=False)
