"""An update, from its offer to the slot that starts next: what is refused, what is asked for, and what is not."""

import os

from firmware import fetch, slots
from firmware.signature import is_signed
from firmware.update import FAILED, READY, WORKS, Updater
from protocol.errors import ProtocolError
from protocol.update import PIECE_BYTES, Line, encode_line, read_line
from tests.firmware.fakes import Folder
from tests.firmware.releases import KEY, MADE, Release, carry_out, lines, sign


def version(name):
    """path -> bytes of the files of a version: one of several pieces, an empty one, a small one."""
    return {
        "firmware/hal/a.mpy": name.encode(),
        "firmware/main.mpy": name.encode() * 900,
        "protocol/topics.mpy": b"",
    }


def make(root, here="", hardware="virtual", oldest=MADE - 5, key=KEY, now_s=0):
    return Updater(root, here or root + "/none", hardware, oldest, key, lambda: now_s, None)


def take(root, release, **options):
    updater = make(root, **options)
    updater.take("update", release.offer)
    carry_out(updater, release)
    return updater


def content(folder):
    with open(folder + "/firmware/hal/a.mpy", "rb") as file:
        return file.read().decode()


def no_leave(release):
    """Answers with pieces, and never with leave to start."""
    return lambda want: release.answer(want) if want.file < 4 else None


def check_refused(release, said, **options):
    """Nothing was written but, at most, the list."""
    with Folder("update") as root:
        updater = take(root, release, **options)
        assert updater.state == FAILED and said in updater.error, (said, updater.error)
        assert slots.enter(root) == ""
        if "slots" in os.listdir(root):
            assert "firmware" not in os.listdir(root + "/slots/a")


def test_a_release_is_taken_and_starts_next():
    with Folder("update") as root:
        updater = take(root, Release(version("one")))
        assert updater.state == READY, updater.error
        folder = slots.enter(root)
        assert content(folder) == "one" and slots.on_trial(root, folder)


def test_each_piece_is_asked_for_once_and_fits_a_message():
    release = Release(version("one"))
    with Folder("update") as root:
        updater = make(root)
        updater.take("update", release.offer)
        asked = carry_out(updater, release)
        assert [(want.file, want.at) for want in asked] == [(0, 0), (1, 0), (2, 0), (2, 1024), (2, 2048), (4, 0)]
        assert {want.made for want in asked} == {MADE}
        assert all(len(release.answer(want)) <= PIECE_BYTES + 10 for want in asked)


def test_a_signature_is_checked_as_a_whole():
    message = b"a release"
    signature = sign(message)
    assert is_signed(message, signature, KEY)
    assert not is_signed(b"b release", signature, KEY)
    assert not is_signed(message, signature[:-1], KEY)
    assert not is_signed(message, signature + b"\0", KEY)
    assert not is_signed(message, bytes(384), KEY)
    assert not is_signed(message, b"\xff" * 384, KEY)
    assert not is_signed(message, signature, KEY[:-1] + bytes((KEY[-1] ^ 2,)))
    assert not is_signed(message, signature, b"")
    assert not is_signed(message, signature, bytes(383) + b"\1")


def test_any_flipped_bit_of_an_offer_is_refused():
    release = Release(version("one"))
    for place in range(0, len(release.offer), 11):
        spoiled = bytearray(release.offer)
        spoiled[place] ^= 1 << place % 8
        assert not is_signed(bytes(spoiled[384:]), bytes(spoiled[:384]), KEY), place
    release.offer = bytes(spoiled)
    check_refused(release, "signature")


def test_what_is_signed_by_another_key_or_by_none_is_refused():
    check_refused(Release(version("one")), "signature", key=KEY[:-1] + bytes((KEY[-1] ^ 2,)))
    check_refused(Release(version("one")), "signature", key=b"")


def test_a_truncated_offer_is_refused():
    for size in (1, 383, 384, 385, -1):
        release = Release(version("one"))
        release.offer = release.offer[:size]
        check_refused(release, "signature")


def test_a_manifest_that_says_too_little_or_nonsense_is_refused():
    for changes in (
        {"files": 0},
        {"files": True},
        {"bytes": -1},
        {"list": 10**9},
        {"version": 5},
        {"hardware": "esp32"},
    ):
        check_refused(Release(version("one"), **changes), "must")


def test_a_release_for_other_hardware_is_refused():
    check_refused(Release(version("one"), hardware=["esp32"]), "not for virtual")


def test_a_board_goes_back_to_no_release_that_the_one_that_runs_does_not_allow():
    check_refused(Release(version("one")), "older", oldest=MADE + 1)
    with Folder("update") as root:
        assert take(root, Release(version("one")), oldest=MADE).state == READY


def test_a_release_expires_when_the_time_is_known():
    check_refused(Release(version("one"), expires=MADE), "expired", now_s=MADE + 1)
    for now_s in (0, MADE):
        with Folder("update") as root:
            assert take(root, Release(version("one"), expires=MADE), now_s=now_s).state == READY


def test_a_list_that_does_not_keep_to_its_folder_or_to_the_manifest_is_refused():
    files = version("one")
    good = lines(files)
    for path in ("../x", "/x", "firmware/../../main.py", "a" * 65, "Main.py"):
        check_refused(Release(files, [Line(1, "0" * 64, path)]), "a path must have")
    check_refused(Release(files, good[::-1]), "out of order")
    check_refused(Release(files, good + good[-1:]), "out of order")
    check_refused(Release(files, good, files=2), "does not add up")
    check_refused(Release(files, good, files=4), "does not add up")
    check_refused(Release(files, good, bytes=5), "does not add up")
    check_refused(Release(files, good, digest="0" * 64), "again and again")


def test_a_path_stays_in_its_folder():
    bad = ("../x", "/x", "a//b", "a/../b", ".", "a/.", "", "A.py", "a\\b", "x" * 65, "a/\0", "a b")
    good = ("main.py", "firmware/hal/esp32.mpy", "firmware/__init__.mpy")
    for path in bad + good:
        line = encode_line(Line(5, "0" * 64, path))
        try:
            assert read_line(line) == Line(5, "0" * 64, path) and path in good, path
        except ProtocolError:
            assert path in bad, path


def test_a_release_that_does_not_fit_is_refused_before_anything_of_it_is_written():
    spare, fetch.SPARE_BYTES = fetch.SPARE_BYTES, 1 << 60
    try:
        check_refused(Release(version("one")), "no room")
    finally:
        fetch.SPARE_BYTES = spare


def test_a_file_that_comes_out_wrong_is_fetched_again_and_then_given_up():
    release, other = Release(version("one")), Release(version("two"))
    with Folder("update") as root:
        updater = make(root)
        updater.take("update", release.offer)
        times = [0]

        def spoil(want):
            times[0] += want.file == 1
            return other.answer(want) if want.file == 1 and times[0] < spoiled else release.answer(want)

        spoiled = 3
        carry_out(updater, release, answer=spoil)
        assert updater.state == READY
    with Folder("update") as root:
        updater = make(root)
        updater.take("update", release.offer)
        times, spoiled = [0], 9
        asked = carry_out(updater, release, answer=spoil)
        assert updater.state == FAILED and "again and again" in updater.error
        assert asked[-1].error == updater.error
        assert slots.enter(root) == ""


def test_pieces_that_were_not_asked_for_are_left():
    release, other = Release(version("one")), Release(version("two"), made=MADE + 1)
    with Folder("update") as root:
        updater = make(root)
        updater.take("piece", b"")
        updater.take("update", release.offer)

        def answer(want):
            for wrong in (b"", b"x", other.answer(want), release.answer(want)[:-1], release.answer(want) + b"x"):
                if want.file < 4 or wrong == b"x":
                    updater.take("piece", wrong)
            return release.answer(want)

        carry_out(updater, release, answer=answer)
        assert updater.state == READY, updater.error


def test_what_is_not_answered_is_asked_again_after_a_while():
    release = Release(version("one"))
    with Folder("update") as root:
        updater = make(root)
        updater.take("update", release.offer)
        first = [now_ms for now_ms in range(0, 10_000, 100) if updater.want(now_ms)]
        assert first == [0, 3000, 6000, 9000], first
        updater.take("update", release.offer)  # again, because the hub thinks that it got lost
        assert updater.want(9_900) is None and updater.state == WORKS


def test_a_board_that_has_all_waits_for_leave_to_start():
    release = Release(version("one"))
    with Folder("update") as root:
        updater = make(root)
        updater.take("update", release.offer)
        carry_out(updater, release, 50, no_leave(release))
        assert updater.state == WORKS and slots.enter(root) == ""
        carry_out(updater, release)
        assert updater.state == READY


def test_an_update_goes_on_where_a_restart_stopped_it():
    release = Release(version("one"))
    for steps in range(1, 14):
        with Folder("update") as root:
            updater = make(root)
            updater.take("update", release.offer)
            before = carry_out(updater, release, steps, no_leave(release))
            updater = make(root)  # all that was in memory is gone
            updater.take("update", release.offer)
            after = carry_out(updater, release)
            assert updater.state == READY, updater.error
            twice = {(want.file, want.at) for want in before[:-1]} & {(want.file, want.at) for want in after}
            assert not twice - {(4, 0)}, twice


def test_another_release_begins_with_an_empty_slot():
    one, two = Release(version("one")), Release(version("two"), made=MADE + 1)
    with Folder("update") as root:
        updater = make(root)
        updater.take("update", one.offer)
        carry_out(updater, one, 6)
        updater.take("update", two.offer)
        carry_out(updater, two)
        assert updater.state == READY and content(slots.enter(root)) == "two"


def test_files_that_the_running_version_has_are_copied_and_not_sent():
    with Folder("update") as root:
        take(root, Release(version("one")))
        one = slots.enter(root)
        slots.confirm(root, one)
        changed = version("one")
        changed["firmware/hal/a.mpy"] = b"two"
        release = Release(changed, made=MADE + 1)
        updater = make(root, here=one)
        updater.take("update", release.offer)
        asked = carry_out(updater, release)
        assert updater.state == READY
        assert {want.file for want in asked} == {0, 1, 4}
        assert content(slots.enter(root)) == "two"


def test_a_version_that_was_rejected_and_is_offered_again_needs_nothing_sent():
    release = Release(version("one"))
    with Folder("update") as root:
        take(root, release)
        slots.reject(root, slots.enter(root))
        updater = make(root)
        updater.take("update", release.offer)
        assert [(want.file, want.at) for want in carry_out(updater, release)] == [(4, 0)]
        assert content(slots.enter(root)) == "one"


def test_a_file_that_was_spoiled_meanwhile_is_fetched_anew():
    release = Release(version("one"))
    with Folder("update") as root:
        updater = make(root)
        updater.take("update", release.offer)
        carry_out(updater, release, 20, no_leave(release))
        with open(root + "/slots/a/firmware/hal/a.mpy", "wb") as file:
            file.write(b"eno")
        updater = make(root)
        updater.take("update", release.offer)
        carry_out(updater, release)
        assert updater.state == READY and content(slots.enter(root)) == "one"


def test_an_empty_offer_stops_what_is_being_done():
    release = Release(version("one"))
    with Folder("update") as root:
        updater = make(root)
        updater.take("update", release.offer)
        carry_out(updater, release, 5)
        updater.take("update", b"")
        assert updater.want(10**6) is None and updater.state == 0


def test_no_update_is_taken_while_one_is_on_trial():
    with Folder("update") as root:
        take(root, Release(version("one")))
        one = slots.enter(root)
        updater = take(root, Release(version("two"), made=MADE + 1), here=one)
        assert updater.state == FAILED and "not confirmed" in updater.error
