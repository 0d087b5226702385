"""`jiaohao release`: keys, a release that can be made again byte for byte, and what is refused of a spoiled one."""

from __future__ import annotations

import json
import stat

import pytest
from click.testing import CliRunner

from hub.adapters.release_file import board_key, open_release, read_key, read_release
from hub.ports import ReleaseError
from protocol import update
from tools.cli import main
from tools.release import keys
from tools.release.build import build

MADE = 1_800_000_000


def run(*arguments, **options):
    return CliRunner().invoke(main, ["release", *map(str, arguments)], **options)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder with keys and a release."""
    folder = tmp_path_factory.mktemp("release")
    assert run("init", "--to", folder, "--no-passphrase").exit_code == 0
    done = run("build", "--key", folder / "release.key", "--to", folder, env={"SOURCE_DATE_EPOCH": str(MADE)})
    assert done.exit_code == 0, done.output
    return folder


@pytest.fixture(scope="module")
def public(made):
    return read_key((made / "release.pub").read_bytes())


def test_the_private_key_is_its_owners_and_is_not_made_again(made):
    assert stat.S_IMODE((made / "release.key").stat().st_mode) == 0o600
    done = run("init", "--to", made, "--no-passphrase")
    assert done.exit_code == 2 and "has a key already" in done.output


def test_a_passphrase_is_asked_for_and_can_come_from_a_file(tmp_path):
    assert run("init", "--to", tmp_path, input="abc\nabc\n").exit_code == 0
    assert keys.is_encrypted(tmp_path / "release.key")
    (tmp_path / "wrong").write_text("abd")
    done = run("build", "--key", tmp_path / "release.key", "--to", tmp_path, "--passphrase-file", tmp_path / "wrong")
    assert done.exit_code == 2 and "passphrase is wrong" in done.output
    keys.load_private(tmp_path / "release.key", b"abc")


def test_the_same_sources_give_the_same_bytes(made):
    again = build(
        lambda message: keys.sign(keys.load_private(made / "release.key", b""), message),
        MADE,
        MADE,
        MADE + 365 * 86_400,
    )
    assert again == (made / f"{MADE}.release").read_bytes()


def test_a_release_has_what_a_board_runs_and_not_what_is_never_updated(made):
    done = run("show", made / f"{MADE}.release", "--key", made / "release.pub", "--json")
    found = json.loads(done.output)
    paths = [line["path"] for line in found["contents"]]
    assert {"firmware/hal/esp32.mpy", "firmware/glyphs/16.qf", "firmware/slots.mpy"} <= set(paths)
    assert not {"main.py", "boot.py"} & set(paths)
    assert (found["made"], found["oldest"], found["files"]) == (MADE, MADE, len(paths))
    words = run("show", made / f"{MADE}.release", "--key", made / "release.pub").output
    assert "made 2027-01-15" in words and "firmware/slots.mpy" in words


def test_the_manifest_says_that_boards_may_go_back_to_an_earlier_release(made, public):
    options = ("--key", made / "release.key", "--to", made, "--back-to", made / f"{MADE}.release")
    assert run("build", *options, env={"SOURCE_DATE_EPOCH": str(MADE + 9)}).exit_code == 0
    assert open_release(made / f"{MADE + 9}.release", public).manifest.oldest == MADE


def test_the_pieces_of_a_release_are_its_files(made, public):
    release = open_release(made / f"{MADE}.release", public)
    for number, line in enumerate(release.lines, 1):
        got = b"".join(release.piece(number, at)[update.HEAD_BYTES :] for at in range(0, line.size, update.PIECE_BYTES))
        assert len(got) == line.size
    for file, at in ((0, release.manifest.list), (1, release.lines[0].size), (len(release.lines) + 1, 0)):
        with pytest.raises(update.ProtocolError):
            release.piece(file, at)


def test_any_flipped_bit_and_any_cut_of_a_release_is_refused(made, public):
    packed = (made / f"{MADE}.release").read_bytes()
    for place in [*range(0, 2000, 13), *range(2000, len(packed), 997)]:
        spoiled = bytearray(packed)
        spoiled[place] ^= 1 << place % 8
        with pytest.raises(ReleaseError):
            read_release(bytes(spoiled), public)
    for size in (0, 10, 30, 500, 2000, len(packed) - 1):
        with pytest.raises(ReleaseError):
            read_release(packed[:size], public)
    with pytest.raises(ReleaseError, match="more in the file"):
        read_release(packed + b"\0", public)


def test_what_another_key_signed_is_refused(made, tmp_path):
    keys.make_keys(tmp_path, b"")
    done = run("show", made / f"{MADE}.release", "--key", tmp_path / "release.pub")
    assert done.exit_code == 2 and "not that of our key" in done.output


def test_a_board_checks_the_signature_with_the_key_that_it_was_given(made, public):
    from firmware.signature import is_signed

    offer = open_release(made / f"{MADE}.release", public).offer
    assert is_signed(offer[384:], offer[:384], board_key(public))
    assert not is_signed(offer[384:] + b" ", offer[:384], board_key(public))
