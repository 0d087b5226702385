"""A roll-out in a hall of 700 boards that are simulated, and what holds for any hall and anything that happens."""

from __future__ import annotations

import json
import random

from hypothesis import given, settings
from hypothesis import strategies as st

from hub.devices.rollout import (
    AT_ONCE,
    DONE,
    FAILED,
    FAILURES,
    NO_ANSWER_MS,
    SILENT_MS,
    STARTED,
    TAKES,
    UNDER_WAY,
    Part,
    Rollout,
    Sight,
    plan,
)

OLD, NEW = 100, 200
STEP_MS = 30_000
FETCH_MS = 60_000
CONFIRM_MS = 300_000
BACK_MS = 600_000


class Board:
    """`good`: the new release works on it. It fetches for a minute, and is confirmed after five, or goes back."""

    def __init__(self, part, good=True):
        self.part, self.good = part, good
        self.online, self.busy = True, False
        self.made, self.on_trial, self.boot = OLD, False, 1
        self.offered_ms = self.started_ms = -1

    def sight(self):
        return Sight(self.part.window, self.online, self.made, self.on_trial, self.boot, self.busy)


class Hall:
    def __init__(self, parts, good=lambda part: True):
        self.boards = {part.id: Board(part, good(part)) for part in parts}
        self.rollout = Rollout.begin(NEW, parts)
        self.now_ms = 0

    def sights(self):
        return {device: board.sight() for device, board in self.boards.items()}

    def turn(self):
        self.now_ms += STEP_MS
        for device in self.rollout.look(self.sights(), self.now_ms):
            board = self.boards[device]
            board.offered_ms = self.now_ms if board.offered_ms < 0 else board.offered_ms
        for device, board in self.boards.items():
            if board.online:
                self.work(device, board)
        self.check()

    def work(self, device, board):
        if board.on_trial:
            since_ms = self.now_ms - board.started_ms
            if board.good and since_ms >= CONFIRM_MS:
                board.on_trial = False
            elif not board.good and since_ms >= BACK_MS:
                board.made, board.on_trial, board.boot = OLD, False, board.boot + 1
        elif board.offered_ms >= 0:
            self.rollout.asked(device, self.now_ms)
            if self.now_ms - board.offered_ms >= FETCH_MS and self.rollout.leave(device, board.sight(), self.now_ms):
                assert not board.busy
                board.offered_ms, board.started_ms = -1, self.now_ms
                board.made, board.on_trial, board.boot = NEW, True, board.boot + 1

    def check(self):
        under_way = [device for device, step in self.rollout.steps.items() if step.state in UNDER_WAY]
        windows = [self.boards[device].part.window for device in under_way if self.boards[device].part.window]
        assert len(set(windows)) == len(windows), "two boards of one window"
        assert len(under_way) <= AT_ONCE[self.rollout.wave]

    def run(self, hours=8):
        for _ in range(hours * 3_600_000 // STEP_MS):
            if self.rollout.stopped or self.rollout.is_done:
                break
            self.turn()
        return self.rollout


def parts(windows=222, kiosks=21):
    """Three boards at each window of four zones, some kiosks and hall boards without: 700."""
    found = []
    for number in range(1, windows + 1):
        for role in ("window_display", "rating_pad", "call_pad"):
            found.append(Part(f"{role}-{number}", f"w{number}", f"z{number % 4}", role))
    found += [Part(f"kiosk-{number}", "", "z1", "kiosk") for number in range(kiosks)]
    found += [Part(f"board-{number}", "", "z2", "hall_board") for number in range(700 - 3 * windows - kiosks)]
    return found


def test_a_good_release_reaches_all_700_boards_in_a_night():
    hall = Hall(parts())
    rollout = hall.run(hours=5)
    assert rollout.is_done and rollout.count(DONE) == 700 and not rollout.stopped
    assert all(board.made == NEW and not board.on_trial for board in hall.boards.values())


def test_a_release_that_is_bad_for_all_touches_one_board_which_heals_itself():
    hall = Hall(parts(), good=lambda part: False)
    rollout = hall.run()
    assert rollout.stopped and rollout.touched == 1
    assert all(board.made == OLD for board in hall.boards.values())


def test_a_release_that_is_bad_for_a_kind_which_is_3_percent_stops_in_the_second_wave():
    hall = Hall(parts(), good=lambda part: part.kind != "kiosk")
    rollout = hall.run()
    assert rollout.stopped and rollout.wave <= 1 and rollout.touched <= 10


def test_a_release_that_is_bad_for_3_percent_by_chance_harms_few():
    """Nobody can know it from ten boards, seven times in ten they are all good. It stops before all have it."""
    touched, harmed = [], []
    for seed in range(12):
        chance = random.Random(seed)
        hall = Hall(parts(), good=lambda part, chance=chance: chance.random() >= 0.03)
        rollout = hall.run()
        assert rollout.stopped and rollout.wave <= 3
        touched.append(rollout.touched)
        harmed.append(sum(not hall.boards[device].good for device, step in rollout.steps.items() if step.touched))
    touched.sort()
    assert touched[6] <= 120 and max(harmed) <= 10, (touched, harmed)


def test_the_plan_has_every_board_once_and_its_waves_grow():
    waves = plan(parts())
    assert [len(wave) for wave in waves] == [1, 34, 140, 525]
    assert len({device for wave in waves for device in wave}) == 700
    assert waves[0] == ["board-0"] and set(waves[1][:3]) == {"board-1", "kiosk-0", "kiosk-1"}


def test_a_board_begins_only_when_nobody_stands_at_its_window():
    hall = Hall(parts(windows=1, kiosks=0)[:3])
    for board in hall.boards.values():
        board.busy = True
    for _ in range(20):
        hall.turn()
    assert hall.rollout.count(TAKES) == 0
    for board in hall.boards.values():
        board.busy = False
    hall.turn()
    assert hall.rollout.count(TAKES) == 1
    for board in hall.boards.values():
        board.busy = True  # an applicant came while it fetched
    for _ in range(20):
        hall.turn()
    assert hall.rollout.touched == 0
    for board in hall.boards.values():
        board.busy = False
    assert hall.run().is_done


def test_what_is_stopped_starts_nothing_until_it_goes_on():
    hall = Hall(parts(windows=20, kiosks=0)[:60])
    hall.turn()
    hall.rollout.stop("somebody said so")
    for _ in range(60):
        hall.turn()
    assert hall.rollout.touched == 0
    hall.rollout.resume()
    assert hall.run().count(DONE) == 60


def test_a_release_that_failed_twice_can_go_on_when_somebody_says_so():
    hall = Hall(parts(windows=20, kiosks=0)[:60], good=lambda part: part.window not in ("w3", "w4"))
    assert hall.run().stopped
    for _ in range(6):
        hall.rollout.resume()
        hall.run()
    assert hall.rollout.is_done and hall.rollout.count(FAILED) == 6


def test_a_board_that_refuses_or_does_not_answer_or_falls_silent_counts_as_failed():
    def first():
        hall = Hall(parts(windows=1, kiosks=0)[:3])
        return hall, hall.rollout.look(hall.sights(), 1)[0]

    hall, device = first()
    hall.rollout.refused(device, "there is no room for it")
    assert hall.rollout.stopped == f"wave 1: {device} there is no room for it"
    hall, device = first()
    hall.rollout.look(hall.sights(), NO_ANSWER_MS + 2)
    assert "does not ask" in hall.rollout.stopped
    hall, device = first()
    assert hall.rollout.leave(device, hall.boards[device].sight(), 2)
    hall.boards[device].online = False
    hall.rollout.look(hall.sights(), SILENT_MS + 3)
    assert "fell silent" in hall.rollout.stopped


def test_boards_that_are_switched_off_are_reached_later_and_hold_nobody_up():
    hall = Hall(parts(windows=20, kiosks=0)[:60])
    away = [board for number, board in enumerate(hall.boards.values()) if number % 3 == 0]
    for board in away:
        board.online = False
    hall.run(hours=4)
    assert hall.rollout.count(DONE) == 40 and not hall.rollout.stopped
    for board in away:
        board.online = True
    assert hall.run().count(DONE) == 60


def test_nobody_is_blamed_for_what_happened_while_the_hub_was_deaf():
    hall = Hall(parts(windows=1, kiosks=0)[:3])
    device = hall.rollout.look(hall.sights(), 1)[0]
    assert hall.rollout.leave(device, hall.boards[device].sight(), 2)
    hall.boards[device].boot = 3  # it found no hub, and went back
    hall.rollout.was_deaf(SILENT_MS)
    hall.rollout.look(hall.sights(), SILENT_MS + 1)
    assert not hall.rollout.stopped and hall.rollout.steps[device].state == TAKES
    assert hall.run().is_done


def test_a_board_that_did_not_hear_that_it_may_start_is_told_again():
    hall = Hall(parts(windows=1, kiosks=0)[:3])
    device = hall.rollout.look(hall.sights(), 1)[0]
    sight = hall.boards[device].sight()
    assert hall.rollout.leave(device, sight, 2) and hall.rollout.leave(device, sight, 3)
    assert hall.rollout.steps[device].state == STARTED
    assert not hall.rollout.leave("stranger", sight, 3)


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_whatever_happens_few_fail_and_no_window_loses_both_boards(data):
    windows = data.draw(st.integers(1, 12))
    bad = data.draw(st.sets(st.integers(0, 3 * windows - 1)))
    found = parts(windows=windows, kiosks=0)[: 3 * windows]
    numbers = {part.id: number for number, part in enumerate(found)}
    hall = Hall(found, good=lambda part: numbers[part.id] not in bad)
    for _ in range(60):
        for device in data.draw(st.lists(st.sampled_from(sorted(hall.boards)), max_size=2)):
            board = hall.boards[device]
            change = data.draw(st.sampled_from(("online", "busy", "deaf", "stop", "resume", "restart")))
            if change in ("online", "busy"):
                setattr(board, change, not getattr(board, change))
            elif change == "deaf":
                hall.rollout.was_deaf(hall.now_ms)
            elif change == "stop":
                hall.rollout.stop("said so")
            elif change == "resume":
                hall.rollout.resume()
            else:  # the hub is started anew
                hall.rollout = Rollout.from_plain(json.loads(json.dumps(hall.rollout.plain())))
        before = {device for device, step in hall.rollout.steps.items() if step.touched}
        stopped = hall.rollout.stopped
        hall.turn()
        started = {device for device, step in hall.rollout.steps.items() if step.touched} - before
        assert not (stopped and started), "a roll-out that is stopped starts nothing"
        assert len(hall.rollout.failures) <= FAILURES + AT_ONCE[hall.rollout.wave]
        assert bool(hall.rollout.stopped) or len(hall.rollout.failures) < FAILURES
