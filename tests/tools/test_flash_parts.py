"""What `jiaohao flash` and `jiaohao fleet` are made of, as far as it needs no board: tests/board has the whole."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from firmware.config import ROLES, Config
from firmware.journal import Journal
from hub.adapters import ca
from protocol import settings as settings_of
from tools.cli import main
from tools.flash import label, micropython, settings
from tools.flash.board import About, BoardError
from tools.flash.changes import changes, digest, wrong
from tools.flash.journal import count_pending
from tools.flash.progress import drawn
from tools.fleet import pushing, shown
from tools.release.keys import make_keys

WANTED = {"boot.py": b"1", "firmware/a.mpy": b"2", "main.py": b"3", "device/config.json": b"4"}
MAC = "24:0a:c4:0b:11:22"
HUB_SAYS = {
    "hall": "h1",
    "device": "pad-3",
    "role": "rating_pad",
    "window": "3",
    "host": "127.0.0.1",
    "port": 1883,
    "user": "pad-3",
    "client_id": "pad-3-1",
    "language": "en",
}
WIFI = settings.Wifi("hall", "secret")


def on_board(**changed: bytes | None) -> dict[str, str]:
    """What a board has that has all of WANTED, but for what is `changed`."""
    files = WANTED | {path.replace("__", "/").replace("_dot_", "."): data for path, data in changed.items()}
    return {path: digest(data) for path, data in files.items() if data is not None}


def test_an_empty_board_gets_everything_and_its_start_last():
    planned = changes(WANTED, {})
    assert planned.remove == () and sorted(planned.copy) == sorted(WANTED) and planned.copy[-1] == "main.py"


def test_a_board_that_has_everything_gets_nothing():
    planned = changes(WANTED, on_board())
    assert (planned.remove, planned.copy) == ((), ())


def test_a_board_with_half_of_a_new_version_does_not_start_it():
    planned = changes(WANTED, on_board(firmware__a_dot_mpy=b"old"))
    assert planned.remove == ("main.py",) and planned.copy == ("firmware/a.mpy", "main.py")


def test_settings_change_without_touching_the_start():
    planned = changes(WANTED, on_board(device__config_dot_json=b"old"))
    assert (planned.remove, planned.copy) == ((), ("device/config.json",))


def test_other_programs_go_and_what_is_the_boards_own_stays():
    found = on_board() | dict.fromkeys(
        ("firmware/old.mpy", "slots/a/firmware/a.mpy", "device/starts", "notes.txt"), "x"
    )
    planned = changes(WANTED, found)
    assert planned.remove == ("main.py", "firmware/old.mpy", "slots/a/firmware/a.mpy") and planned.copy == ("main.py",)


def test_what_was_not_written_as_it_should_be_is_named():
    assert wrong(WANTED, on_board(boot_dot_py=b"spoiled", main_dot_py=None)) == ["boot.py", "main.py"]


def device(**given: object) -> dict:
    return {"id": "pad-7", "board": MAC, "revoked": False, **given}


@pytest.mark.parametrize(
    ("devices", "old", "name"),
    [
        ([], {}, "rating-pad-3-0b1122"),
        ([device()], {}, "pad-7"),
        ([device(revoked=True)], {}, "rating-pad-3-0b1122"),
        ([device(board="")], {"device": "pad-7"}, "pad-7"),
        ([device(id="pad-6", board=""), device()], {"device": "pad-6"}, "pad-7"),
        ([device(board="24:0a:c4:00:00:01")], {"device": "pad-7"}, "rating-pad-3-0b1122"),
    ],
)
def test_a_board_keeps_the_name_that_is_its_own(devices, old, name):
    assert settings.name_of("rating_pad", "3", MAC, devices, old) == name


def test_a_long_window_still_gives_a_name_that_can_be_used():
    name = settings.name_of("window_display", "w" * 32, MAC, [], {})
    assert len(name) == 32 and name.endswith("-0b1122")


def test_a_new_board_gets_a_config_that_its_firmware_takes():
    made = json.loads(settings.config_file({**HUB_SAYS, "password": "p"}, {}, settings.network_of({}, WIFI)))
    assert made == {**HUB_SAYS, "password": "p", "wifi": {"ssid": "hall", "password": "secret"}}


def test_a_board_keeps_its_secret_and_its_network_but_not_yesterdays_tls():
    old = {**HUB_SAYS, "password": "p", "wifi": {"ssid": "x", "password": "y"}, "keys": 3, "tls": {"ca": "ca.der"}}
    made = json.loads(settings.config_file(HUB_SAYS, old, settings.network_of(old, None)))
    assert (made["password"], made["wifi"]["ssid"], made["keys"]) == ("p", "x", 3) and "tls" not in made


def test_a_config_that_no_board_could_use_is_not_made():
    with pytest.raises(settings.SettingsError, match="which Wi-Fi"):
        settings.network_of({}, None)
    with pytest.raises(settings.SettingsError, match="a board would not take what the hub says"):
        settings.config_file({**HUB_SAYS, "role": "toaster"}, {}, settings.network_of({}, WIFI))


def test_wifi_is_read_from_a_file_and_what_is_missing_is_named(tmp_path: Path):
    file = tmp_path / "wifi.toml"
    file.write_text('ssid = "大厅"\npassword = "secret"\n')
    assert settings.read_wifi(file) == settings.Wifi("大厅", "secret")
    file.write_text('ssid = "hall"\n')
    with pytest.raises(settings.SettingsError, match="'password' is missing"):
        settings.read_wifi(file)
    with pytest.raises(settings.SettingsError, match="cannot read"):
        settings.read_wifi(tmp_path / "none")


def test_the_authority_may_be_pem_or_der(tmp_path: Path):
    files = ca.init(tmp_path, ["hall.example"], datetime.now(UTC)).files
    assert settings.read_authority(files.trusted) == settings.read_authority(files.for_boards)
    assert settings.read_authority(files.for_boards) == files.for_boards.read_bytes()
    files.for_boards.write_bytes(b"no certificate")
    with pytest.raises(settings.SettingsError, match="is no certificate"):
        settings.read_authority(files.for_boards)


def test_the_key_of_updates_is_what_boards_compare_with(tmp_path: Path):
    public = make_keys(tmp_path, b"")
    assert settings.read_release_key(tmp_path / "release.pub") == public.public_numbers().n.to_bytes(384, "big")
    with pytest.raises(settings.SettingsError, match="public key"):
        settings.read_release_key(tmp_path / "release.key")


def test_presses_in_a_journal_are_counted_as_the_firmware_does(tmp_path: Path):
    journal = Journal(str(tmp_path), lambda: 7)
    for _ in range(3):
        journal.append("1", "", 5, 0)
    journal.oldest(2, 0)
    journal.settle([1], 9)
    assert count_pending((tmp_path / "presses").read_bytes()) == 2
    assert count_pending(b"") == 0


def test_a_bar_says_how_much_and_how_long():
    assert drawn("/dev/ttyUSB0", 25_000, 100_000, 2.0) == (
        "/dev/ttyUSB0  [######..................]  25%  25,000 of 100,000 bytes  6 s left"
    )
    assert "..." in drawn("p", 0, 100, 1.0) and "100%" in drawn("p", 0, 0, 0.0)


@pytest.mark.parametrize(
    ("version", "mpy", "does"), [((1, 26, 1), 6, True), ((1, 20, 0), 6, False), ((1, 30, 0), 7, False)]
)
def test_a_micropython_that_cannot_load_the_programs_is_known(version, mpy, does):
    about = About(MAC, "Generic ESP32 module with ESP32", version, mpy, 0)
    assert micropython.loads(about, {"a.mpy": b"M\x06\x00\x1f", "main.py": b"import x"}) is does


@pytest.fixture
def image(tmp_path: Path) -> Path:
    file = tmp_path / "ESP32_GENERIC.bin"
    file.write_bytes(b"an image")
    (tmp_path / "SHA256SUMS").write_text(f"{hashlib.sha256(b'an image').hexdigest()}  {file.name}\n")
    return file


def test_an_image_is_taken_when_its_sum_is_right(image: Path):
    assert micropython.checked_image(image) == micropython.checked_image(image.parent) == image


def test_an_image_that_was_changed_is_refused(image: Path):
    image.write_bytes(b"another image")
    with pytest.raises(BoardError, match="it was changed"):
        micropython.checked_image(image)


def test_an_image_that_nobody_vouches_for_is_refused(image: Path):
    (image.parent / "SHA256SUMS").write_text("")
    with pytest.raises(BoardError, match="does not name ESP32_GENERIC"):
        micropython.checked_image(image)
    (image.parent / "SHA256SUMS").unlink()
    with pytest.raises(BoardError, match="https://micropython"):
        micropython.checked_image(image)
    image.unlink()
    with pytest.raises(BoardError, match="no images"):
        micropython.checked_image(image.parent)


def test_a_label_says_which_device_it_is(tmp_path: Path):
    text = label.as_text("h1", "pad-3", "rating_pad", label.place("3", ""))
    assert "pad-3\nwindow 3 - rating pad - h1\n" in text and "█" in text
    png, svg = label.write(tmp_path / "labels", "h1", "pad-3")
    assert png.read_bytes().startswith(b"\x89PNG") and "<svg" in svg.read_text()


def seen(**given: object) -> dict:
    base = dict.fromkeys(("online", "revoked", "clone", "locked_out"), False)
    return {"id": "pad-1", "role": "rating_pad", "window": "1", "zone": "", "shown": [0, 0], "error": "", "boot": 3} | {
        **base,
        "board": MAC,
        "language": "en",
        "pending": 2,
        "settings": 0,
        **given,
    }


def test_the_worst_about_a_device_is_said():
    said = [shown.state(seen(**{what: True})) for what in ("online", "revoked", "clone", "locked_out")]
    assert said == ["online", "revoked", "clone", "locked out"] and shown.state(seen()) == "away"


def test_revoked_devices_are_listed_last():
    lines = shown.table([seen(id="a", revoked=True), seen(id="b")])
    assert [line.split()[0] for line in lines] == ["DEVICE", "b", "a"]
    assert lines[1].split()[2:4] == ["window", "1"] and lines[1].split()[4:] == ["away", MAC, "-", "2"]
    assert "board     24:0a:c4:0b:11:22" in shown.details(seen())


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("keys=4", 4),
        ("language=en", "en"),
        ("verbs=next,recall", ["next", "recall"]),
        ("quiet=20:00-08:30", ["20:00", "08:30"]),
        ('arrows={"←": "1 2"}', {"←": "1 2"}),
        ("host=192.0.2.7", "192.0.2.7"),
        ("keys=", None),
    ],
)
def test_a_setting_is_read_in_the_form_of_config_json(word: str, value):
    assert pushing._read(word) == (word.partition("=")[0], value)


def test_the_password_of_a_network_comes_out_of_a_file(tmp_path: Path):
    (tmp_path / "wifi.toml").write_text('ssid = "hall"\npassword = "secret"\n')
    assert pushing._read(f"wifi={tmp_path}/wifi.toml") == ("wifi", {"ssid": "hall", "password": "secret"})


def test_devices_are_chosen_by_name_or_by_what_they_are():
    devices = [seen(id="a", zone=""), seen(id="b", role="announcer", zone="east"), seen(id="c", zone="")]

    def chosen(names=(), role=None, zone=None):
        return [it["id"] for it in devices if pushing._is_chosen(it, set(names), role, zone)]

    assert chosen(["a", "b"]) == ["a", "b"] and chosen() == []
    assert chosen(role="rating_pad") == ["a", "c"] and chosen(zone="east") == ["b"]
    assert chosen(role="rating_pad", zone="east") == []


def test_every_role_has_settings_and_no_setting_is_unknown_to_the_firmware():
    assert set(settings_of.OF_ROLE) == set(ROLES)
    for key in {key for keys in settings_of.OF_ROLE.values() for key in keys} | set(settings_of.OF_ALL):
        assert key in Config._fields, key


def run(*words: str) -> Result:
    return CliRunner().invoke(main, words, env={"JIAOHAO_HUB": "http://127.0.0.1:9", "JIAOHAO_KEY_FILE": ""})


PAD = ("flash", "--role", "rating_pad")


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ((*PAD, "--window", "1"), "no board is plugged in"),
        ((*PAD, "--window", "1", "--port", "a", "--port", "a"), "a port is given twice"),
        ((*PAD, "--window", "1", "--window", "2", "--port", "a"), "2 places for 1 boards"),
        ((*PAD, "--window", "1", "--port", "a"), "which key"),
        ((*PAD, "--zone", "a", "--port", "a"), "a rating_pad belongs to a window"),
        (("flash", "--role", "hall_board", "--window", "1", "--port", "a"), "a hall_board belongs to a zone"),
        ((*PAD, "--window", "1", "--port", "a", "--port", "b", "--name", "pad-1"), "one name for 2 boards"),
        (("fleet", "list"), "which key"),
        (("flash", "--role", "toaster", "--window", "1"), "'toaster' is not one of"),
    ],
)
def test_what_cannot_be_done_is_said_before_a_board_is_touched(words, error, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tools.flash.cli.ports", list)
    shown = run(*words)
    assert shown.exit_code == 2 and error in shown.stderr
