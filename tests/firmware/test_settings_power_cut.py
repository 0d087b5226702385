"""Settings on a real littlefs whose power is cut after every operation on the flash: while they are pushed, while they
stay, and while they are taken back. The device always has the old or the new ones, whole; if they are the new ones and
nobody has heard the hub yet, they are on trial."""

import sys

ONLY = "micropython"
WHY = "it needs MicroPython's VfsLfs2"

if sys.implementation.name == "micropython":
    from tests.firmware.flash import Flash, Mounted, cuts, formatted

from firmware import files  # noqa: E402 - after what only MicroPython has
from firmware.settings_trial import BEFORE, STARTS, take_back  # noqa: E402
from protocol.downward import HubOnline  # noqa: E402
from tests.firmware.test_settings import Device, Link  # noqa: E402

ROOT = "/flash"


def push(device):
    assert device.push(1, language="en", keys=4) == ("c1", "")


def stay(device):
    trial = device.start()
    trial.heard(HubOnline(1, 5))
    trial.turn(Link(trial), device, 0)


def give_up(device):
    take_back(ROOT, 1)


def look(device):
    """("old" or "new", whether they are on trial)."""
    config = device.config
    found = {("zh-Hans", 5, 0): "old", ("en", 4, 1): "new"}[config.language, config.keys, config.rev]
    return found, bool(config.rev) and files.exists(ROOT + BEFORE + "1")


def after_each_cut(before, do, allowed):
    """Cut off `do` on a flash on which `before` were done."""
    flash = formatted()
    with Mounted(flash):
        device = Device(ROOT)
        for step in before:
            step(device)
    start = bytes(flash.data)
    flash.operations = []
    with Mounted(flash):
        do(device)
    seen = set()
    for torn in (False, True):
        for done, left in cuts(start, flash.operations, torn):
            with Mounted(Flash(left)):
                state = look(device)
                assert state in allowed, (done, torn, state)
                seen.add(state)
    assert len(seen) > 1, "it was never cut in between"
    return len(flash.operations)


def test_a_push_that_is_cut_off_leaves_the_old_ones_or_new_ones_on_trial():
    assert after_each_cut([], push, {("old", False), ("new", True)}) > 4


def test_a_confirmation_that_is_cut_off_leaves_the_new_ones():
    after_each_cut([push], stay, {("new", True), ("new", False)})


def test_taking_back_that_is_cut_off_leaves_new_ones_on_trial_or_the_old_ones():
    after_each_cut([push], give_up, {("new", True), ("old", False)})


def test_a_push_after_one_that_was_taken_back():
    def push_again(device):
        give_up(device)
        push(device)

    after_each_cut([push], push_again, {("new", True), ("old", False)})
    assert STARTS > 1
