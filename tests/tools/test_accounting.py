"""What was promised against what the hub knows: planted losses and doubles are found, nothing else is."""

from dataclasses import replace

import pytest

from tools.demo.accounting import Call, Promise, Rating, Record, Shown, Ticket, Witness, figures, percentile, without

PRESS = ("rate-1", 77, 1)
PROMISE = Promise(PRESS, 5, "v1")
RATING = Rating(PRESS, "v1", "1", "clerk-1", 5, "counted")
CALL = Call("v1", "1", "clerk-1", shown=True, stop=7, at_ms=1000, ended_ms=9000)
DAY = "2026-01-05"


def witness(**changes):
    seen = Witness(
        tickets=[("v1", "A001"), ("v2", "A002")],
        promises={PRESS: PROMISE},
        calls={"1": {("call-1", 9, 1)}},
        press_to_display_ms={"1": [30.0]},
        glass={"1": Shown("A001", (1, 5))},
    )
    return replace(seen, **changes)


def record(**changes):
    known = Record(
        tickets=[Ticket("v1", "A001", DAY), Ticket("v2", "A002", DAY)],
        calls=[CALL],
        ratings=[RATING],
        glass={"1": Shown("A001", (1, 5)), "2": Shown("", (1, 1))},
    )
    return replace(known, **changes)


def test_a_run_in_which_nothing_went_wrong():
    found = figures(witness(), record())
    assert (found.drawn, found.called, found.shown, found.rated) == (2, 1, 1, 1)
    assert found.is_good


def test_a_ticket_that_the_hub_lacks_is_lost():
    assert len(figures(witness(), record(tickets=[Ticket("v1", "A001", DAY)])).lost) == 1


def test_a_ticket_with_another_number_than_was_handed_out_is_lost():
    tickets = [Ticket("v1", "A001", DAY), Ticket("v2", "A009", DAY)]
    assert len(figures(witness(), record(tickets=tickets)).lost) == 1


@pytest.mark.parametrize("kept", [[], [RATING._replace(level=1)], [RATING._replace(visit="v2")]])
def test_a_thank_you_without_its_rating_is_lost(kept):
    assert len(figures(witness(), record(ratings=kept)).lost) == 1


def test_a_rating_without_a_visit_is_not_lost():
    press = ("rate-1", 77, 2)
    seen = witness(promises={PRESS: PROMISE, press: Promise(press, 3, "")})
    kept = [RATING, Rating(press, "", "1", "", 3, "no-visit")]
    assert figures(seen, record(ratings=kept)).is_good


def test_a_call_that_was_confirmed_to_the_pad_and_is_not_there_is_lost():
    seen = witness(calls={"1": {("call-1", 9, 1), ("call-1", 9, 2)}, "2": {("call-2", 9, 1)}})
    assert len(figures(seen, record()).lost) == 2


def test_a_call_from_the_clerks_page_is_nothing_that_a_pad_knows():
    assert figures(witness(calls={}), record()).is_good


def test_a_recall_is_no_second_call():
    found = figures(witness(), record(calls=[CALL, CALL]))
    assert found.is_good and found.called == 1


def test_a_number_that_was_given_twice_is_doubled():
    tickets = [Ticket("v1", "A001", DAY), Ticket("v2", "A002", DAY), Ticket("v3", "A002", DAY)]
    assert len(figures(witness(), record(tickets=tickets)).doubled) == 1


def test_the_same_number_on_the_next_day_is_not_doubled():
    tickets = [Ticket("v1", "A001", DAY), Ticket("v2", "A002", DAY), Ticket("v3", "A002", "2026-01-06")]
    assert figures(witness(), record(tickets=tickets)).is_good


def test_one_ticket_in_two_hands_is_doubled():
    seen = witness(tickets=[("v1", "A001"), ("v2", "A002"), ("v2", "A002")])
    assert len(figures(seen, record()).doubled) == 1


@pytest.mark.parametrize("ended_ms", [None, 9000])
def test_a_visit_that_was_called_to_two_windows_at_once_is_doubled(ended_ms):
    calls = [CALL._replace(ended_ms=ended_ms), CALL._replace(window="2", clerk="clerk-2", stop=8, at_ms=5000)]
    assert len(figures(witness(), record(calls=calls)).doubled) == 1


def test_a_visit_for_two_services_is_called_twice_and_may_count_twice():
    calls = [CALL, CALL._replace(stop=8, at_ms=9000, ended_ms=None)]
    ratings = [RATING, RATING._replace(press=("rate-1", 77, 2))]
    seen = witness(calls={"1": {("call-1", 9, 1), ("call-1", 9, 2)}})
    assert figures(seen, record(calls=calls, ratings=ratings)).is_good


def test_a_press_that_is_there_twice_is_doubled():
    again = RATING._replace(standing="repeat")
    assert len(figures(witness(), record(ratings=[RATING, again])).doubled) == 1


def test_a_visit_that_counts_twice_by_two_presses_is_doubled():
    again = RATING._replace(press=("rate-1", 77, 2))
    assert len(figures(witness(), record(ratings=[RATING, again])).doubled) == 1
    assert figures(witness(), record(ratings=[RATING, again._replace(standing="repeat")])).is_good


@pytest.mark.parametrize("glass", [None, Shown("A009", (1, 5)), Shown("A001", (1, 4))])
def test_a_display_that_shows_something_else_differs(glass):
    found = figures(witness(glass={"1": glass}), record())
    assert len(found.differing) == 1 and not found.is_good


def test_a_call_that_no_display_reported_is_called_but_not_shown():
    found = figures(witness(), record(calls=[CALL._replace(shown=False)]))
    assert (found.called, found.shown) == (1, 0)


def test_what_an_earlier_run_left_in_the_folder_does_not_count():
    earlier = record(tickets=[Ticket("v0", "A000", DAY)], calls=[CALL._replace(visit="v0")], ratings=[])
    both = record(tickets=[*earlier.tickets, *record().tickets], calls=[*earlier.calls, CALL])
    assert without(both, earlier) == record()


@pytest.mark.parametrize(("share", "value"), [(0.5, 50), (0.99, 99), (0.01, 1), (1.0, 100)])
def test_percentiles_are_by_nearest_rank(share, value):
    assert percentile(list(range(1, 101)), share) == value


def test_nothing_has_no_percentile():
    assert percentile([], 0.5) is None
    assert percentile([7.0], 0.99) == 7.0
