"""The clock, small files, and the configuration."""

from firmware import config, files
from firmware.config import ConfigError
from firmware.ticks import Uptime
from protocol import codec
from protocol.verbs import KEYPAD
from tests.firmware.fakes import Folder

GOOD = {
    "hall": "h1",
    "device": "pad-3",
    "role": "rating_pad",
    "window": "w3",
    "host": "127.0.0.1",
    "port": 1883,
    "user": "pad-3",
    "password": "secret",
    "client_id": "pad-3",
}


def test_the_clock_goes_on_where_the_boards_ticks_wrap():
    wrap = 1 << 30
    ticks = [wrap - 50]

    def diff(later, earlier):
        return (later - earlier + wrap // 2) % wrap - wrap // 2

    uptime = Uptime(lambda: ticks[0], diff)
    assert uptime() == 0
    ticks[0] = 30
    assert uptime() == 80
    ticks[0] = 1030
    assert uptime() == 1080


def test_the_clock_stands_still_when_the_ticks_are_set_back():
    ticks = [1000]
    uptime = Uptime(lambda: ticks[0], lambda later, earlier: later - earlier)
    ticks[0] = 1500
    assert uptime() == 500
    ticks[0] = 200
    assert uptime() == 500
    ticks[0] = 300
    assert uptime() == 600


def test_a_count_goes_up_and_begins_again_when_its_file_is_spoiled():
    with Folder("small") as folder:
        path = folder + "/starts"
        assert [files.count_up(path) for _ in range(3)] == [1, 2, 3]
        files.replace(path, b"rubbish")
        assert files.count_up(path) == 1


def test_a_file_is_replaced_whole():
    with Folder("small") as folder:
        path = folder + "/x"
        assert not files.exists(path)
        files.replace(path, b"one")
        files.replace(path, b"two")
        with open(path) as file:
            assert file.read() == "two"
        assert not files.exists(path + ".new")


def refusal(changes, without=()):
    """What is said about the good configuration with these changes, or None if it is taken."""
    values = dict(GOOD)
    values.update(changes)
    for key in without:
        del values[key]
    try:
        config.parse(codec.encode(values))
    except ConfigError as error:
        return str(error)
    return None


def test_a_configuration_is_read():
    found = config.parse(codec.encode(GOOD))
    assert (found.hall, found.device, found.role, found.window) == ("h1", "pad-3", "rating_pad", "w3")
    assert (found.host, found.port, found.user, found.password) == ("127.0.0.1", 1883, "pad-3", "secret")
    assert (found.language, found.keys, found.rev) == ("zh-Hans", 5, 0)
    assert found.tls is None and found.wifi is None


def test_what_is_wrong_is_named_with_what_would_be_right():
    assert refusal({"role": "toaster"}) == "config.json: role: must be one of " + ", ".join(config.ROLES)
    assert refusal({"port": 0}) == "config.json: port: must be a whole number from 1 to 65535"
    assert refusal({"hall": "Hall 1"}) == "config.json: hall: may have a-z, 0-9 and '-' only"
    assert refusal({"language": "fr"}) == "config.json: language: must be one of zh-Hans, zh-Hant, en"
    assert refusal({"keys": 6}) == "config.json: keys: must be a whole number from 2 to 5"
    assert refusal({}, ("host",)) == "config.json: host: is missing"
    assert refusal({"tls": True}) == "config.json: tls: must be an object with ca and server_name"
    assert refusal({"tls": {"ca": "ca.der"}}) == "config.json: server_name: is missing"
    assert refusal({"wifi": {"ssid": ""}}) == "config.json: ssid: is missing"


def test_a_device_of_a_zone_has_no_window():
    board = dict(GOOD, role="hall_board", zone="east", arrows={"←": "1 2", "→": "3"})
    found = config.parse(codec.encode(board))
    assert (found.window, found.zone, found.arrows) == ("", "east", {"←": "1 2", "→": "3"})
    assert config.parse(codec.encode(GOOD)).zone == ""
    assert refusal({"role": "hall_board"}) == "config.json: zone: must be 1 to 32 characters"
    for arrows in ([], {"←": 1}, {"←": "1" * 901}):
        assert "arrows" in refusal({"arrows": arrows})


def test_a_kiosk_may_say_what_its_keys_are_and_which_paper_it_has():
    kiosk = dict(GOOD, role="kiosk", zone="east")
    found = config.parse(codec.encode(kiosk))
    assert (found.layout, found.paper, found.baud) == (("1", "2", "3", "more", "back"), 58, 9600)
    layout = ["service:company", "0", "ok", ""]
    found = config.parse(codec.encode(dict(kiosk, layout=layout, paper=80, baud=115_200)))
    assert (found.layout, found.paper, found.baud) == (tuple(layout), 80, 115_200)
    wrong = (("layout", ["10"]), ("layout", [1]), ("layout", ["1"] * 17), ("paper", 60), ("paper", "58"), ("baud", 50))
    for key, value in wrong:
        assert key in refusal({"role": "kiosk", "zone": "east", key: value}), value


def test_a_call_pad_may_say_which_key_is_which_verb():
    assert config.parse(codec.encode(dict(GOOD, role="call_pad"))).verbs == KEYPAD
    found = config.parse(codec.encode(dict(GOOD, role="call_pad", verbs=["pause", "next"])))
    assert found.verbs == ("pause", "next")
    for verbs in ("next", ["jump"], [["next"]], ["next"] * 17):
        assert "verbs" in refusal({"role": "call_pad", "verbs": verbs})


def test_quiet_hours_are_two_times_of_the_day():
    announcer = dict(GOOD, role="announcer", zone="east")
    assert config.parse(codec.encode(announcer)).quiet == ()
    found = config.parse(codec.encode(dict(announcer, quiet=["20:00", "08:30"], volume=0)))
    assert (found.quiet, found.volume) == ((1200, 510), 0)
    for quiet in (
        ["20:00"],
        ["20:00", "8:30"],
        ["20:00", 8],
        ["20:00", "25:00"],
        ["20.00", "08:30"],
        "20:00",
        [[], []],
    ):
        assert "quiet" in refusal({"quiet": quiet}), quiet
    assert "volume" in refusal({"volume": 31})


def test_every_key_that_must_be_there_is_missed():
    for key in ("hall", "device", "role", "window", "host", "port", "client_id"):
        assert key in refusal({}, (key,))


def test_tls_needs_the_name_that_the_broker_must_show():
    found = config.parse(codec.encode(dict(GOOD, tls={"ca": "ca.der", "server_name": "hub"})))
    assert (found.tls.ca, found.tls.server_name) == ("ca.der", "hub")


def test_an_open_wifi_has_no_password():
    found = config.parse(codec.encode(dict(GOOD, wifi={"ssid": "hall"})))
    assert (found.wifi.ssid, found.wifi.password) == ("hall", "")


def test_a_file_that_is_no_configuration_is_refused_by_its_path():
    with Folder("small") as folder:
        for content in (None, b"", b"{", b"[]", b"x" * 3000):
            if content is not None:
                files.replace(folder + "/config.json", content)
            try:
                config.load(folder)
            except ConfigError as error:
                assert "config.json" in str(error)
            else:
                raise AssertionError(content)
