"""A whole update, from its offer to its confirmation, on a real littlefs whose power is cut after every operation, with
whole and with torn writes. After each cut the board starts a version that is whole; the update goes on when it is
offered again, and ends with the new version."""

import sys

ONLY = "micropython"
WHY = "it needs MicroPython's VfsLfs2"

if sys.implementation.name == "micropython":
    from tests.firmware.flash import Flash, Mounted, cuts, formatted

from firmware import fetch, slots  # noqa: E402 - after what only MicroPython has
from firmware.update import READY, Updater  # noqa: E402
from tests.firmware.releases import KEY, MADE, Release, carry_out, lines  # noqa: E402

ROOT = "/flash"


def version(name):
    """One file is the same in each version, and copied; one has several pieces; one is empty."""
    return {
        "firmware/main.mpy": name.encode() * 800,
        "firmware/same.mpy": b"the same in each" * 40,
        "protocol/name.mpy": name.encode(),
        "protocol/topics.mpy": b"",
    }


ONE, TWO = Release(version("one")), Release(version("two"), made=MADE + 1)


def running(folder):
    """Which version is whole in `folder`; "flashed" for none."""
    if not folder:
        return "flashed"
    with open(folder + "/protocol/name.mpy") as file:
        name = file.read()
    slots.verify(folder, lines(version(name)))
    return name


def take(release, here):
    updater = Updater(ROOT, here, "virtual", MADE, KEY, lambda: 0, None)
    updater.take("update", release.offer)
    carry_out(updater, release)
    assert updater.state == READY, updater.error


def cut_everywhere(torn):
    fetch.SPARE_BYTES = 0
    flash = formatted()
    with Mounted(flash):
        take(ONE, "")
        one = slots.enter(ROOT)
        slots.confirm(ROOT, one)
        before = bytes(flash.data)
        flash.operations = []
        take(TWO, one)
        switched = len(flash.operations)
        two = slots.enter(ROOT)
        started = len(flash.operations)
        slots.confirm(ROOT, two)
        assert running(two) == "two"
    found = {"one": 0, "two": 0}
    for done, left in cuts(before, flash.operations, torn):
        with Mounted(Flash(left)):
            name = check(done, switched, started, len(flash.operations))
            found[name] += 1
    assert found["one"] > 40 and found["two"] > 4, found


def check(done, switched, started, confirmed):
    """After the power came back; the version that starts."""
    folder = slots.enter(ROOT)
    name = running(folder)
    if done >= switched:
        assert name == "two", (done, switched)
    if done >= confirmed:
        assert not slots.on_trial(ROOT, folder)
    if name == "one" and done % 4 == 0:
        take(TWO, folder)
        folder = slots.enter(ROOT)
        assert running(folder) == "two"
    slots.confirm(ROOT, folder)
    assert running(slots.enter(ROOT)) == running(folder)
    return name


def test_power_cut_after_every_operation_of_a_whole_update():
    cut_everywhere(False)


def test_power_cut_in_the_middle_of_every_write_of_a_whole_update():
    cut_everywhere(True)
