"""Versions in slots: what is checked, what starts, and who has the last word."""

import os
from binascii import hexlify
from hashlib import sha256

from firmware import slots
from firmware.slots import FLASHED, Pointer, SlotError
from tests.firmware.fakes import Folder


def version(name):
    """path -> bytes of the files of a version."""
    return {"firmware/main.mpy": name.encode() * 400, "protocol/topics.mpy": b"", "firmware/hal/a.mpy": name.encode()}


def listed(found):
    """(size, SHA-256, path) of each file, in the order of the paths."""
    return [(len(found[path]), hexlify(sha256(found[path]).digest()).decode(), path) for path in sorted(found)]


def put(folder, path, data):
    with open(slots.place(folder, path), "wb") as file:
        file.write(data)


def stage(root, found):
    folder = slots.spare_folder(root)
    for _ in slots.clear(folder):
        pass
    for path, data in found.items():
        put(folder, path, data)
    return folder


def update(root, found):
    stage(root, found)
    slots.switch(root, listed(found))


def refused(do, *arguments):
    try:
        do(*arguments)
    except SlotError as error:
        return str(error)
    raise AssertionError("it was not refused")


def content(folder):
    with open(folder + "/firmware/hal/a.mpy", "rb") as file:
        return file.read().decode()


def test_a_board_without_slots_starts_what_was_flashed_and_writes_nothing():
    with Folder("slots") as root:
        assert slots.enter(root) == ""
        slots.confirm(root, "")
        assert os.listdir(root) == []


def test_a_new_version_starts_and_stays_when_it_is_confirmed():
    with Folder("slots") as root:
        update(root, version("one"))
        folder = slots.enter(root)
        assert content(folder) == "one"
        slots.confirm(root, folder)
        for _ in range(5):
            assert content(slots.enter(root)) == "one"


def test_a_version_that_is_never_confirmed_has_three_tries():
    with Folder("slots") as root:
        update(root, version("one"))
        slots.confirm(root, slots.enter(root))
        update(root, version("two"))
        assert [content(slots.enter(root)) for _ in range(5)] == ["two", "two", "two", "one", "one"]
        assert slots.read(root) == Pointer("a", "", 0)


def test_a_version_does_not_confirm_the_one_that_waits_for_its_first_start():
    with Folder("slots") as root:
        update(root, version("one"))
        flashed = ""
        slots.confirm(root, flashed)
        one = slots.enter(root)
        slots.confirm(root, one)
        update(root, version("two"))
        slots.confirm(root, one)
        assert slots.read(root) == Pointer("a", "b", slots.TRIES)


def test_a_first_update_that_fails_goes_back_to_what_was_flashed():
    with Folder("slots") as root:
        update(root, version("one"))
        assert [bool(slots.enter(root)) for _ in range(4)] == [True, True, True, False]


def test_an_update_is_not_begun_while_the_last_one_is_tried():
    with Folder("slots") as root:
        update(root, version("one"))
        for _ in range(3):
            slots.enter(root)
            assert "not confirmed" in refused(slots.spare_folder, root)
        slots.enter(root)
        update(root, version("two"))


def test_a_version_that_is_not_as_its_list_says_is_not_tried():
    found = version("one")
    for spoil, said in (
        (lambda folder: put(folder, "firmware/hal/a.mpy", b"0ne"), "is not as it was signed"),
        (lambda folder: put(folder, "firmware/hal/a.mpy", b"one and more"), "is not as it was signed"),
        (lambda folder: put(folder, "firmware/extra.mpy", b""), "other files"),
        (lambda folder: os.remove(folder + "/protocol/topics.mpy"), "is not as it was signed"),
    ):
        with Folder("slots") as root:
            spoil(stage(root, found))
            assert said in refused(slots.switch, root, listed(found))
            assert slots.enter(root) == ""


def test_a_list_that_is_empty_or_names_a_file_twice_is_refused():
    with Folder("slots") as root:
        stage(root, {})
        assert "other files" in refused(slots.switch, root, [])
        stage(root, {"a.mpy": b"1", "b.mpy": b"2"})
        twice = listed({"a.mpy": b"1"}) * 2
        assert "out of order" in refused(slots.switch, root, twice)


def test_what_an_earlier_try_left_in_the_slot_is_gone():
    with Folder("slots") as root:
        put(slots.spare_folder(root), "firmware/left.mpy", b"over")
        update(root, version("one"))
        assert content(slots.enter(root)) == "one"


def test_a_version_that_is_rejected_does_not_start_again():
    with Folder("slots") as root:
        update(root, version("one"))
        one = slots.enter(root)
        assert slots.on_trial(root, one)
        slots.confirm(root, one)
        update(root, version("two"))
        slots.reject(root, one)  # the version before has no say in this
        two = slots.enter(root)
        assert slots.on_trial(root, two) and not slots.on_trial(root, one)
        slots.reject(root, two)
        assert content(slots.enter(root)) == "one"
        assert slots.read(root) == Pointer("a", "", 0)


def test_a_flash_that_fails_leaves_a_board_that_starts():
    with Folder("slots") as root:
        update(root, version("one"))
        slots.confirm(root, slots.enter(root))
        update(root, version("two"))
        os.mkdir(root + "/slots/pointer.new")  # so the start cannot be counted
        assert content(slots.enter(root)) == "one"
        os.rmdir(root + "/slots/pointer.new")
        os.remove(root + "/slots/pointer")
        os.mkdir(root + "/slots/pointer")  # so it cannot be read
        assert slots.enter(root) == ""


def test_a_pointer_that_cannot_be_meant_starts_what_was_flashed():
    for data in (
        b"",
        b"[",
        b"{}",
        b"5",
        b'["a"]',
        b'["c","",0]',
        b'["a","x",1]',
        b'["a","b",4]',
        b'["a","b","1"]',
        b"\xff",
    ):
        assert slots.parse(data) == FLASHED, data
    assert slots.parse(b'["a","b",2]') == Pointer("a", "b", 2)
