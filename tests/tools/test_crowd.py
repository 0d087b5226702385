"""The crowd: the same seed brings the same people, enough of them for every window, in the ways that the hall has."""

from collections import Counter
from itertools import islice, takewhile

import pytest

from hub.config import read_hall
from hub.core.hall import WALK_IN
from tests.tools.halls import source_of
from tests.tools.test_plan import start
from tools.demo import crowd
from tools.demo.crowd import Ways

WINDOWS = Ways({"1": ("a", "b"), "2": ("a",), "3": ("c",)})


def first_minute(seed, ways=WINDOWS):
    return list(takewhile(lambda arrival: arrival.at_s < 60, crowd.arrivals(seed, ways)))


def people(ways, count=1000):
    return list(islice(crowd.arrivals(7, ways), count))


def ways_of(name, windows=6):
    hall = read_hall(source_of(name))
    return crowd.ways(hall, start(hall, windows))


def test_the_same_seed_brings_the_same_people():
    assert first_minute(7) == first_minute(7)
    assert list(islice(crowd.visits(7, "1"), 50)) == list(islice(crowd.visits(7, "1"), 50))


def test_another_seed_brings_other_people():
    assert first_minute(7) != first_minute(8)
    assert list(islice(crowd.visits(7, "1"), 50)) != list(islice(crowd.visits(8, "1"), 50))


def test_windows_have_people_of_their_own():
    assert list(islice(crowd.visits(7, "1"), 50)) != list(islice(crowd.visits(7, "2"), 50))


def test_every_window_has_somebody_to_call_when_the_hall_opens():
    early = [arrival.service for arrival in crowd.arrivals_at_opening(7, WINDOWS)]
    assert len(early) == crowd.FIRST_PER_WINDOW * 3
    assert all(any(service in services for service in early) for services in WINDOWS.services.values())


def test_people_arrive_in_order():
    times = [arrival.at_s for arrival in first_minute(7)]
    assert times == sorted(times)


def test_people_come_a_little_faster_than_they_are_served():
    ten_windows = Ways({str(number): ("a",) for number in range(10)})
    later = [arrival for arrival in first_minute(7, ten_windows) if arrival.at_s]
    served = 60 / crowd.CYCLE_S * 10
    assert served < len(later) < 1.5 * served


def test_each_service_gets_as_many_people_as_its_windows_can_serve():
    services = Counter(arrival.service for arrival in people(WINDOWS, 3000))
    assert services["a"] > services["c"] > services["b"]


def test_nobody_comes_to_a_hall_without_windows():
    assert list(crowd.arrivals(7, Ways({}))) == []


def test_without_rules_everybody_just_draws():
    assert {(each.klass, each.party, each.plan, each.booked, each.missing) for each in people(WINDOWS)} == {
        (WALK_IN, 1, (), False, None)
    }


def test_where_only_appointments_are_let_in_everybody_has_one():
    assert all(each.booked for each in people(ways_of("dongguan-citizens")))


def test_where_both_is_possible_some_have_an_appointment():
    booked = sum(each.booked for each in people(ways_of("binhai-bay")))
    assert 200 < booked < 400


def test_papers_are_looked_at_first_where_the_service_asks_for_it():
    hall = read_hall(source_of("changchun-jingkai"))
    for each in people(ways_of("changchun-jingkai")):
        assert (each.missing is not None) == hall.services[each.service].pre_check
        assert not any(hall.services[service].pre_check for service in each.plan)


def test_some_have_to_fetch_a_paper_that_the_hall_knows():
    hall = read_hall(source_of("changchun-jingkai"))
    missing = [(each.service, each.missing[0]) for each in people(ways_of("changchun-jingkai")) if each.missing]
    assert missing and all(paper in hall.services[service].papers for service, paper in missing)


@pytest.mark.parametrize("name", ["songshan-lake", "zengcheng", "changchun-jingkai"])
def test_some_have_priority(name):
    classes = Counter(each.klass for each in people(ways_of(name)))
    assert set(classes) == {WALK_IN, "priority"} and 0.05 < classes["priority"] / 1000 < 0.3


def test_a_window_that_is_kept_for_some_gets_those():
    ways = Ways({"1": ("a",)}, only={"1": ("green",)}, classes=("priority", "green"))
    assert {each.klass for each in people(ways)} == {"green"}


def test_some_come_together_and_some_for_two_services_of_their_group():
    hall = read_hall(source_of("zengcheng"))
    everybody = people(ways_of("zengcheng", 222))
    assert {each.party for each in everybody} == {1, 2, 3, 4}
    plans = [(each.service, each.plan[0]) for each in everybody if each.plan]
    assert plans and all(hall.services[one].group == hall.services[other].group for one, other in plans)


def test_the_first_visitor_of_each_window_comes_and_rates():
    for seed in range(50):
        visit = next(crowd.visits(seed, "1"))
        assert visit.comes and not visit.recalled and visit.level is not None


def test_the_crowd_has_people_of_every_kind():
    visits = list(islice(crowd.visits(7, "1"), 500))
    assert {visit.level for visit in visits} == {None, 1, 2, 3, 4, 5}
    assert {visit.comes for visit in visits} == {visit.recalled for visit in visits} == {True, False}
    assert 0.85 < sum(visit.level is not None for visit in visits) / len(visits) < 0.95


def test_a_rating_is_pressed_before_the_next_number_is_called():
    assert all(visit.rate_s < crowd.PAUSE_S[0] for visit in islice(crowd.visits(7, "1"), 500))


def test_the_average_cycle_is_what_it_is_said_to_be():
    visits = list(islice(crowd.visits(7, "1"), 2000))
    average = sum(visit.pause_s + visit.walk_s + visit.service_s for visit in visits) / len(visits)
    assert abs(average - crowd.CYCLE_S) < 1


def test_a_full_hall_turns_people_away():
    assert not crowd.goes_away(crowd.QUEUE_PER_WINDOW * 4 - 1, windows=4)
    assert crowd.goes_away(crowd.QUEUE_PER_WINDOW * 4, windows=4)
