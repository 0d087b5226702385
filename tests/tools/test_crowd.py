"""The crowd: the same seed brings the same people, and enough of them for every window."""

from collections import Counter
from itertools import islice, takewhile

from tools.demo import crowd

WINDOWS = {"1": ("a", "b"), "2": ("a",), "3": ("c",)}


def first_minute(seed, windows=WINDOWS):
    return list(takewhile(lambda arrival: arrival.at_s < 60, crowd.arrivals(seed, windows)))


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
    assert len(early) == crowd.FIRST_PER_WINDOW * len(WINDOWS)
    assert all(any(service in services for service in early) for services in WINDOWS.values())


def test_people_arrive_in_order():
    times = [arrival.at_s for arrival in first_minute(7)]
    assert times == sorted(times)


def test_people_come_a_little_faster_than_they_are_served():
    ten_windows = {str(number): ("a",) for number in range(10)}
    later = [arrival for arrival in first_minute(7, ten_windows) if arrival.at_s]
    served = 60 / crowd.CYCLE_S * len(ten_windows)
    assert served < len(later) < 1.5 * served


def test_each_service_gets_as_many_people_as_its_windows_can_serve():
    services = Counter(arrival.service for arrival in islice(crowd.arrivals(7, WINDOWS), 3000))
    assert services["a"] > services["c"] > services["b"]


def test_nobody_comes_to_a_hall_without_windows():
    assert list(crowd.arrivals(7, {})) == []


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
